/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-filter-ast.h"

G_BEGIN_DECLS

/* The explanation's inside, shared by its two files. */

/* Characters of a value. */
#define SHOWN_MAX 80

typedef struct
{
  const FluoFilterTree *tree;
  FluoSentence         *out;
  guint                 left;    /* clauses that may still be said */
  gboolean              root;    /* say that the request is the root's: others could be meant */
  const char           *subject; /* of the last clause, untranslated; NULL: some other */
  gboolean              comma;   /* one is due before what follows, unless that brings its own */
} FluoExplainer;

/* Appends @template; "%s" and "%1$s" are the arguments, which are no templates. */
void     fluo_say                    (FluoExplainer *self, const char *template, const char *first,
                                      const char *second);
/* With its subject, where it is about the trace. */
void     fluo_explainer_say_compare  (FluoExplainer *self, const FluoFilterNode *node,
                                      gboolean negated);
/* Can the negation be said by the predicate itself? */
gboolean fluo_explainer_has_negation (const FluoFilterNode *node);
/* ">= 5 AND <= 8" of one time, and that in words. */
gboolean fluo_explainer_is_range     (const FluoFilterNode *a, const FluoFilterNode *b);
void     fluo_explainer_say_range    (FluoExplainer *self, const FluoFilterNode *a,
                                      const FluoFilterNode *b);
/* Of failures and times people mean any service, and the language means the entry. */
gboolean fluo_explainer_needs_root   (const FluoFilterTree *tree);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter-complete.h"
#include "fluo-filter-ast.h"
#include "fluo-filter-vocabulary-private.h"

G_BEGIN_DECLS

/* The place that is completed, and what has been found for it. */
typedef struct
{
  const char                 *text;
  guint                       length;
  guint                       cursor;
  const FluoFilterVocabulary *vocabulary; /* or NULL */
  guint                       max;        /* of each source; G_MAXUINT: all */
  FluoFilterTree             *tree;       /* of what stands before the place */
  FluoFilterWanted            wanted;
  FluoFilterRange             range;      /* what is being written, to be replaced */
  char                       *typed;      /* of it, up to the cursor; of strings what they mean */
  char                       *folded;     /* ASCII lower case */
  gboolean                    in_string;
  GArray                     *ranks;      /* FluoProposalRank, beside the proposals */
  GHashTable                 *inserts;    /* so that nothing is proposed twice */
  FluoFilterCompletion       *out;
} FluoCompleter;

typedef struct
{
  FluoFilterProposal *proposal;
  guint               match; /* smaller is better */
  guint               group;
  guint               order;
} FluoProposalRank;

#define FLUO_MATCH_NONE G_MAXUINT

/* How well @name fits what was typed: 0 begins with it, 1 a part does, 2 contains it, or
 * FLUO_MATCH_NONE. */
guint fluo_completer_match (const FluoCompleter *self, const char *name);
/* Counts it as possible; NULL when it does not match @name or is there already. Takes @insert.
 * @group orders proposals that match alike. */
FluoFilterProposal *fluo_completer_add (FluoCompleter *self, FluoProposalKind kind, guint group,
                                        const char *name, char *insert);
/* The same whatever was typed. */
FluoFilterProposal *fluo_completer_add_matched (FluoCompleter *self, FluoProposalKind kind,
                                                guint group, guint match, const char *name,
                                                char *insert);
/* What matches alike stands in this order. */
typedef enum
{
  GROUP_OPERATOR,
  GROUP_VALUE,
  GROUP_KEYWORD,
  GROUP_ANNOTATION,
  GROUP_JOIN,
  GROUP_FORM,
  GROUP_PUNCTUATION,
  GROUP_IMPLICIT
} FluoProposalGroup;

/* @insert with a space before it where one is needed. */
char *fluo_completer_spaced   (const FluoCompleter *self, const char *insert);
void  fluo_completer_set_help (FluoFilterProposal *proposal, const char *help);
/* Type, count, help and the first values of an annotation. */
void  fluo_completer_set_annotation      (const FluoCompleter *self, FluoFilterProposal *proposal,
                                          const FluoVocabularyAnnotation *row);
/* "|" in @insert is where the cursor goes on. */
void  fluo_completer_form                (FluoCompleter *self, FluoProposalKind kind, guint group,
                                          const char *label, const char *insert, const char *help);
/* @implicit: side by side with what stands before, which is AND as well. */
void  fluo_completer_propose_conditions  (FluoCompleter *self, FluoFilterScope scope,
                                          gboolean implicit);
FluoFilterType fluo_completer_annotation_type (FluoValueType type);
/* All that the grammar wants. */
void fluo_completer_propose (FluoCompleter *self);
/* Whole conditions for a bare value, and a trace for its id. */
void fluo_completer_propose_for_value (FluoCompleter *self);
/* Fields of values, by word; FLUO_N_VOCABULARIES for none. */
FluoVocabularyKind fluo_completer_field_of (FluoFilterWord word, FluoFilterScope scope);
const char        *fluo_completer_type_word (FluoFilterType type);

G_END_DECLS

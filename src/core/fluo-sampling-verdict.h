/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-sampling-rule.h"

G_BEGIN_DECLS

/* Which sampling rule a request would hit, and why none before it. The one evaluation: the
 * collector answers with it, and where there is only a list of rules (AWS) it is asked of that. */

typedef struct
{
  char    *rule;
  gint32   priority;
  gboolean matches;
  char    *field;   /* the first that doesn't match: "HTTPMethod", "Attributes"; else NULL */
  char    *key;     /* of the attribute, or NULL */
  char    *pattern; /* what the rule wants there, and what was given; or NULL */
  char    *value;
  char    *reason;  /* a sentence without its full stop; NULL when it matches */
} FluoSamplingStep;

typedef struct
{
  GPtrArray        *steps;      /* FluoSamplingStep in the order tried, the one that matches last */
  FluoSamplingRule *rule;       /* NULL: none matches, which happens with incomplete lists only */
  double            boost_rate; /* 0 = none holds, or not known */
  GPtrArray        *assumed;    /* char *: fields that the rule looks at and nobody gave */
} FluoSamplingVerdict;

/* @rules: FluoSamplingRule in the order they are tried. */
FluoSamplingVerdict *fluo_sampling_verdict_new  (GPtrArray *rules,
                                                 const FluoSamplingQuestion *question);
/* From the collector's answer; NULL when it is none. */
FluoSamplingVerdict *fluo_sampling_verdict_read (const FluoJsonTape *tape);
void                 fluo_sampling_verdict_free (FluoSamplingVerdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSamplingVerdict, fluo_sampling_verdict_free)
/* What happens to such a request: a sentence without its full stop. Newly allocated. */
char  *fluo_sampling_verdict_dup_words (const FluoSamplingVerdict *self);
/* As docs/api.md has it. */
void   fluo_sampling_verdict_write     (const FluoSamplingVerdict *self, FluoJsonWriter *writer);

/* The question as that operation takes it. */
void fluo_sampling_question_write (const FluoSamplingQuestion *self, FluoJsonWriter *writer);

G_END_DECLS

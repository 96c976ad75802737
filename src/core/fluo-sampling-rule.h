/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"

G_BEGIN_DECLS

/* One sampling rule, and whether a request hits it: the same for the collector, which keeps rules,
 * and for whoever asks about them. Immutable once it is shared; atomic reference count. */

/* What a rule looks at, in the order in which its answer is explained. */
typedef enum
{
  FLUO_RULE_SERVICE_NAME,
  FLUO_RULE_SERVICE_TYPE,
  FLUO_RULE_HOST,
  FLUO_RULE_METHOD,
  FLUO_RULE_PATH,
  FLUO_RULE_ARN,
  FLUO_N_RULE_FIELDS,
  FLUO_RULE_ATTRIBUTES = FLUO_N_RULE_FIELDS,
  FLUO_RULE_MATCHES
} FluoRuleField;

#define FLUO_DEFAULT_RULE "Default"
#define FLUO_DEFAULT_RULE_PRIORITY 10000
#define FLUO_N_RULE_ATTRIBUTES_MAX 5

typedef struct
{
  int     ref_count;
  char   *name;
  char   *arn; /* or NULL */
  char   *fields[FLUO_N_RULE_FIELDS]; /* wildcard patterns */
  gint32  priority;
  gint32  reservoir;  /* requests per second, shared by all clients */
  double  rate;       /* 0 to 1, of what the reservoir doesn't take */
  char   *keys[FLUO_N_RULE_ATTRIBUTES_MAX + 1]; /* patterns, NULL-terminated */
  char   *values[FLUO_N_RULE_ATTRIBUTES_MAX + 1];
  gboolean has_boost;
  double   boost_max;
  gint32   cooldown_min;
  gint64   created_s, modified_s;
} FluoSamplingRule;

/* NULL = the asker doesn't know: counts as matching, as X-Ray's SDKs do. */
typedef struct
{
  const char *fields[FLUO_N_RULE_FIELDS];
  GHashTable *attributes; /* NULL = none are looked at, and rules with attributes don't match */
} FluoSamplingQuestion;

/* Matches everything, keeps nothing. */
FluoSamplingRule *fluo_sampling_rule_new        (const char *name, const char *arn);
/* From a SamplingRule of an answer; NULL when it has no name. Its times are not in it. */
FluoSamplingRule *fluo_sampling_rule_read       (const FluoJsonTape *tape, guint32 node);
FluoSamplingRule *fluo_sampling_rule_copy       (const FluoSamplingRule *self);
FluoSamplingRule *fluo_sampling_rule_ref        (FluoSamplingRule *self);
void              fluo_sampling_rule_unref      (FluoSamplingRule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSamplingRule, fluo_sampling_rule_unref)
/* "FixedRate", "Host" …: the model's name. */
const char       *fluo_sampling_rule_field_name (FluoRuleField field);
gboolean          fluo_sampling_rule_is_default (const FluoSamplingRule *self);
/* Takes over what @node has, a SamplingRule or SamplingRuleUpdate, but not name and ARN. NULL, or
 * why it can't be, static. */
const char       *fluo_sampling_rule_apply      (FluoSamplingRule *self, const FluoJsonTape *tape,
                                                 guint32 node);
/* The SamplingRule as X-Ray answers it. */
void fluo_sampling_rule_write (const FluoSamplingRule *self, FluoJsonWriter *writer);
/* FLUO_RULE_MATCHES, or the first field that doesn't; @ret_key (may be NULL) is the attribute
 * then. */
FluoRuleField     fluo_sampling_rule_match      (const FluoSamplingRule *self,
                                                 const FluoSamplingQuestion *question,
                                                 const char **ret_key);
/* By priority, then by name. For g_ptr_array_sort(). */
int               fluo_sampling_rule_compare    (gconstpointer a, gconstpointer b);
/* '*' any run, '?' one character, whole text, letters of either case. Time grows with the product
 * of the lengths at most. */
gboolean          fluo_wildcard_matches         (const char *pattern, const char *text);

G_END_DECLS

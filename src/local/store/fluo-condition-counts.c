/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-condition-counts.h"

typedef struct
{
  FluoFilter        *filter;
  GHashTable        *chunks;  /* that may have a match; NULL = all */
  FluoFilterMatcher *matcher; /* of the part that is looked at */
  guint64            after, alone, without;
} Condition;

struct _FluoConditionCounts
{
  GArray *conditions; /* Condition */
};

static void
condition_clear (gpointer data)
{
  Condition *self = data;

  g_clear_pointer (&self->filter, fluo_filter_unref);
  g_clear_pointer (&self->chunks, g_hash_table_unref);
  g_clear_pointer (&self->matcher, fluo_filter_matcher_free);
}

FluoConditionCounts *
fluo_condition_counts_new (void)
{
  FluoConditionCounts *self = g_new0 (FluoConditionCounts, 1);

  self->conditions = g_array_new (FALSE, FALSE, sizeof (Condition));
  g_array_set_clear_func (self->conditions, condition_clear);
  return self;
}

void
fluo_condition_counts_free (FluoConditionCounts *self)
{
  g_array_unref (self->conditions);
  g_free (self);
}

gboolean
fluo_condition_counts_add (FluoConditionCounts *self, FluoFilter *filter)
{
  Condition condition = { fluo_filter_ref (filter) };

  if (self->conditions->len >= FLUO_CONDITION_COUNTS_MAX)
    {
      fluo_filter_unref (filter);
      return FALSE;
    }
  g_array_append_val (self->conditions, condition);
  return TRUE;
}

static guint
chunks_of (const Condition *condition, gint64 block)
{
  if (!condition->chunks || block == 0)
    return FLUO_BLOCK_ALL_FACTS;
  return GPOINTER_TO_UINT (g_hash_table_lookup (condition->chunks, &block));
}

static guint
wanted_chunks (gint64 block, gpointer data)
{
  FluoConditionCounts *self = data;
  guint chunks = 0;

  for (guint i = 0; i < self->conditions->len; i++)
    chunks |= chunks_of (&g_array_index (self->conditions, Condition, i), block);
  return chunks;
}

/* The same for all traces with this mask: bit i says that condition i holds. */
static void
count_mask (FluoConditionCounts *self, guint64 mask, guint64 n)
{
  guint n_conditions = self->conditions->len;
  guint64 all = n_conditions == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << n_conditions) - 1;

  for (guint i = 0; i < n_conditions; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);
      guint64 bit = G_GUINT64_CONSTANT (1) << i, before = bit - 1;

      condition->after += (mask & (before | bit)) == (before | bit) ? n : 0;
      condition->alone += mask & bit ? n : 0;
      condition->without += (mask | bit) == all ? n : 0;
    }
}

static void
count_part (const FluoSurveyPart *part, gpointer data)
{
  FluoConditionCounts *self = data;

  if (!part->facts)
    {
      count_mask (self, 0, part->n);
      return;
    }
  for (guint i = 0; i < self->conditions->len; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);

      if (chunks_of (condition, part->block) & 1u << part->chunk)
        condition->matcher = fluo_filter_matcher_new (condition->filter, part->facts);
    }
  for (guint t = 0; t < part->n; t++)
    {
      guint64 mask = 0;

      for (guint i = 0; i < self->conditions->len; i++)
        {
          FluoFilterMatcher *matcher = g_array_index (self->conditions, Condition, i).matcher;

          if (matcher && fluo_filter_matcher_matches (matcher, part->traces[t]))
            mask |= G_GUINT64_CONSTANT (1) << i;
        }
      count_mask (self, mask, 1);
    }
  for (guint i = 0; i < self->conditions->len; i++)
    g_clear_pointer (&g_array_index (self->conditions, Condition, i).matcher,
                     fluo_filter_matcher_free);
}

gboolean
fluo_condition_counts_run (FluoConditionCounts *self, FluoConnection *reader, FluoTimeSpan span,
                           gint64 budget_usec, FluoSurveyResult *ret_result, GError **error)
{
  FluoSurvey survey = { span, budget_usec, wanted_chunks, count_part, self };

  for (guint i = 0; i < self->conditions->len; i++)
    {
      Condition *condition = &g_array_index (self->conditions, Condition, i);

      condition->after = condition->alone = condition->without = 0;
      g_clear_pointer (&condition->chunks, g_hash_table_unref);
      if (!fluo_survey_find_chunks (reader, span, condition->filter, &condition->chunks, error))
        return FALSE;
    }
  return fluo_survey_run (reader, &survey, ret_result, error);
}

guint
fluo_condition_counts_get_n (const FluoConditionCounts *self)
{
  return self->conditions->len;
}

FluoConditionResult
fluo_condition_counts_get (const FluoConditionCounts *self, guint i)
{
  const Condition *condition = &g_array_index (self->conditions, Condition, i);

  return (FluoConditionResult) { condition->filter, condition->after, condition->alone,
                                 condition->without };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-survey.h"

G_BEGIN_DECLS

/* How many traces of a range are left after each of several conditions, each alone, and each left
 * out. One thread. */
typedef struct _FluoConditionCounts FluoConditionCounts;

/* One bit of a trace's mask each. */
#define FLUO_CONDITION_COUNTS_MAX 64

FluoConditionCounts *fluo_condition_counts_new  (void);
void                 fluo_condition_counts_free (FluoConditionCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoConditionCounts, fluo_condition_counts_free)
/* FALSE when there are FLUO_CONDITION_COUNTS_MAX already. Its groups are resolved. */
gboolean fluo_condition_counts_add (FluoConditionCounts *self, FluoFilter *filter);
gboolean fluo_condition_counts_run (FluoConditionCounts *self, FluoConnection *reader,
                                    FluoTimeSpan span, gint64 budget_usec,
                                    FluoSurveyResult *ret_result, GError **error);

typedef struct
{
  const FluoFilter *filter;
  guint64 after, alone, without;
} FluoConditionResult;

guint    fluo_condition_counts_get_n (const FluoConditionCounts *self);
FluoConditionResult fluo_condition_counts_get (const FluoConditionCounts *self, guint i);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/fluo-cohort.h"

G_BEGIN_DECLS

/* Terms of summaries in words and in the filter language, and conditions put into a filter and
 * taken out again. All strings are newly allocated. */

/* "tier", "http.status", "service": what a value is of. */
char    *fluo_cohort_dup_field_words (FluoField field, const char *key);
char    *fluo_cohort_dup_value_words (const FluoTerm *term);
/* Safe to show: "annotation.tier = "gold"". NULL where the language has no word for it: times. */
char    *fluo_cohort_dup_expression  (const FluoTerm *term);

/* A time, and the span begins or ends there: it is what narrowed it. */
gboolean fluo_cohort_term_bounds      (const FluoTerm *term, FluoTimeSpan span);

/* Is one of the conditions that the filter joins by AND. Compared as the language does. */
gboolean fluo_filter_has_condition    (const char *filter, const char *condition);
char    *fluo_filter_add_condition    (const char *filter, const char *condition);
char    *fluo_filter_remove_condition (const char *filter, const char *condition);

G_END_DECLS

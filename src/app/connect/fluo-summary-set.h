/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"
#include "core/fluo-trace-summary.h"

G_BEGIN_DECLS

/* Arrays of FluoTraceSummary, newest first, one per trace id. An array is never changed once it is
 * shared: merging makes a new one, so that whoever still holds the old one keeps a consistent list.
 */

GPtrArray *fluo_summary_set_new    (void);
/* Everything of @old and @read that starts in @span; of two with one id the one of @read.
 * @ret_n_new (nullable): how many ids were not there before. Linear in @old, n log n in @read. */
GPtrArray *fluo_summary_set_merge (GPtrArray *old, GPtrArray *read, FluoTimeSpan span,
                                   guint *ret_n_new);
/* The matches @old after a live read in which the traces @changed were seen again, of which those
 * in @matching match: what doesn't any more goes. Else as merging. */
GPtrArray *fluo_summary_set_update (GPtrArray *old, GPtrArray *changed, GPtrArray *matching,
                                    FluoTimeSpan span, guint *ret_n_new);
/* Median time of the traces whose request is @title, 0 when there are fewer than @n_min. */
gint64     fluo_summary_set_median (GPtrArray *set, const char *title, guint n_min);

/* The successful trace with that request, other than @but, whose time is nearest to their median;
 * borrowed, NULL when there is none. @ret_n gets how many there are with that request. */
FluoTraceSummary *fluo_summary_set_find_usual (GPtrArray *set, const char *title,
                                               const FluoTraceId *but, guint *ret_n);

G_END_DECLS

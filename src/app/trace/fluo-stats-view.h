/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-trace-stats.h"

G_BEGIN_DECLS

/* A trace's calls by kind as a table that sorts by any column. Signals: "selected" (guint span),
 * the slowest of the kind; "activated" (guint span, const char *words) when a kind is to be seen in
 * the trace: words that find its calls, or "". Main thread; counts in a worker. */
#define FLUO_TYPE_STATS_VIEW (fluo_stats_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoStatsView, fluo_stats_view, FLUO, STATS_VIEW, GtkWidget)

GtkWidget  *fluo_stats_view_new       (void);
void        fluo_stats_view_set_trace (FluoStatsView *self, FluoTrace *trace, FluoTraceStatsBy by);
GListModel *fluo_stats_view_get_rows  (FluoStatsView *self); /* as sorted; borrowed */

G_END_DECLS

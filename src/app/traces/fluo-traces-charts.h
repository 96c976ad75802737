/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-trace-summary.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* The two charts above the table with their brush. Signals: "brush-changed" (gboolean done: FALSE
 * while it is being dragged), "point-picked" (guint: place in the summaries), "add-to-filter"
 * (). */
#define FLUO_TYPE_TRACES_CHARTS (fluo_traces_charts_get_type ())
G_DECLARE_FINAL_TYPE (FluoTracesCharts, fluo_traces_charts, FLUO, TRACES_CHARTS, GtkWidget)

GtkWidget *fluo_traces_charts_new      (void);
/* @summaries is never changed afterwards; takes a reference. @span is the time axis. */
void       fluo_traces_charts_set_data (FluoTracesCharts *self, GPtrArray *summaries,
                                        FluoTimeSpan span);
/* The points of the data: FluoScatterPoint, one a summary and in their order. Borrowed. */
GArray    *fluo_traces_charts_get_points (FluoTracesCharts *self);
FluoBrush  fluo_traces_charts_get_brush (FluoTracesCharts *self);
void       fluo_traces_charts_set_brush (FluoTracesCharts *self, const FluoBrush *brush);
/* How many traces the brush holds, all when there is none; by status. */
guint      fluo_traces_charts_count    (FluoTracesCharts *self,
                                        guint ret_statuses[FLUO_N_STATUSES]);
/* The trace with the ring; NULL: none. */
void       fluo_traces_charts_set_selected (FluoTracesCharts *self, const FluoTraceId *id);
/* Trouble began then; 0: none. */
void       fluo_traces_charts_set_insight (FluoTracesCharts *self, gint64 begin_ns);
/* Lower charts; a head with room for one text. */
void       fluo_traces_charts_set_small (FluoTracesCharts *self, gboolean small, gboolean narrow);
/* Back to the whole axis; FALSE when it was. */
gboolean   fluo_traces_charts_unzoom   (FluoTracesCharts *self);
FluoScatter *fluo_traces_charts_get_scatter (FluoTracesCharts *self); /* borrowed */
GtkWidget *fluo_traces_charts_get_canvas (FluoTracesCharts *self);


G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/traces/fluo-traces-charts.h"

G_BEGIN_DECLS

struct _FluoTracesCharts
{
  GtkWidget parent_instance;

  GPtrArray *summaries;
  GArray *points;
  FluoTimeSpan span;
  FluoScatter *scatter;
  FluoScatterState state;
  FluoScatterAxis axis;
  gint64 low_ns, high_ns;   /* zoomed; high_ns <= low_ns: not */
  FluoTraceId selected_id;
  gboolean has_selected;

  /* what is being dragged */
  FluoScatterPart drag;
  FluoBrush drag_brush;
  FluoScatterHit drag_hit;
  double drag_x, drag_y;
  gboolean moved;

  GtkWidget *title_row; /* above the plot */
  GtkWidget *count_row; /* above the histogram */
  GtkWidget *title;
  gboolean narrow;
  GtkWidget *brush_box;
  GtkLabel *brush_label;
  GtkLabel *count_title;
  GtkWidget *menu;
  GtkWidget *canvas;
  GSimpleActionGroup *actions;
};

/* fluo-traces-charts.c */
/* The layout for the canvas as it is. */
void fluo_traces_charts_layout (FluoTracesCharts *self);
void fluo_traces_charts_take_brush (FluoTracesCharts *self, const FluoBrush *brush, gboolean done);
void fluo_traces_charts_zoom (FluoTracesCharts *self, gint64 low_ns, gint64 high_ns);

/* fluo-traces-charts-input.c */
void fluo_traces_charts_add_input (FluoTracesCharts *self);

G_END_DECLS

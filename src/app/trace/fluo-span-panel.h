/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-trace-lines.h"
#include "draw/fluo-waterfall.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* Everything about one span, in tabs. Signals: "jump" (guint span) when a link to another span was
 * followed, "close" () and "move" () for its two buttons. Main thread. */
#define FLUO_TYPE_SPAN_PANEL (fluo_span_panel_get_type ())
G_DECLARE_FINAL_TYPE (FluoSpanPanel, fluo_span_panel, FLUO, SPAN_PANEL, GtkWidget)

GtkWidget  *fluo_span_panel_new      (void);
/* FLUO_SPAN_NONE empties it. */
void        fluo_span_panel_set_span (FluoSpanPanel *self, FluoWaterfallRows *rows, guint32 span);
/* What the call is compared with; NULL = nothing. Counts from the next span on. */
void        fluo_span_panel_set_graph (FluoSpanPanel *self, FluoServiceGraph *graph);
/* What the trace's programs wrote; NULL: not known. Their spans are those of the trace shown. */
void        fluo_span_panel_set_lines (FluoSpanPanel *self, FluoTraceLines *lines);
/* The rows have others. */
void        fluo_span_panel_update_colors (FluoSpanPanel *self);
guint32     fluo_span_panel_get_span (FluoSpanPanel *self);
/* Which tab is in front: "overview", "annotations", "metadata", "exception", "sql", "logs" or
 * "raw". */
const char *fluo_span_panel_get_tab  (FluoSpanPanel *self);
void        fluo_span_panel_set_tab  (FluoSpanPanel *self, const char *name);
/* Tells which way its move button leads: to the bottom, or back to the right. */
void        fluo_span_panel_set_at_bottom (FluoSpanPanel *self, gboolean at_bottom);
/* The span's own document, pretty-printed and whole. Newly allocated, NULL without a span. */
char       *fluo_span_panel_dup_json (FluoSpanPanel *self);

G_END_DECLS

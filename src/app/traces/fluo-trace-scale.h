/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* What the drawn cells of one table share: painter, colours, the scale of the duration bars and
 * which service has which place in the services column. Places are given once and kept, so that a
 * column of dots can be compared down the table. Signal: "changed" (): what is drawn by it is to be
 * drawn again. */
#define FLUO_TYPE_TRACE_SCALE (fluo_trace_scale_get_type ())
G_DECLARE_FINAL_TYPE (FluoTraceScale, fluo_trace_scale, FLUO, TRACE_SCALE, GObject)

#define FLUO_TRACE_SCALE_PLACES 13 /* what fits the column */

FluoTraceScale *fluo_trace_scale_new       (FluoExplorer *explorer);
/* Gives places to services that have none yet: along the calls of the graph, from its entry. */
void            fluo_trace_scale_update    (FluoTraceScale *self);
void            fluo_trace_scale_set_max   (FluoTraceScale *self, gint64 max_ns);
gint64          fluo_trace_scale_get_max   (FluoTraceScale *self);
FluoKept       *fluo_trace_scale_get_kept  (FluoTraceScale *self);
FluoPainter    *fluo_trace_scale_get_painter (FluoTraceScale *self);
guint           fluo_trace_scale_get_color (FluoTraceScale *self, const char *name,
                                            const char *type);
/* The middle of a service's place; FALSE: it has none. */
gboolean        fluo_trace_scale_get_place (FluoTraceScale *self, const char *name, double *ret_x);

/* The services' icons in their places: what stands above a column of dots. */
GtkWidget      *fluo_trace_scale_make_head (FluoTraceScale *self);

G_END_DECLS

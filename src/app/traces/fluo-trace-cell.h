/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* What the drawn cells of one table share: painter, colours, the scale of the duration bars and
 * which service has which place in the services column. Places are given once and kept, so that a
 * column of dots can be compared down the table. */
#define FLUO_TYPE_TRACE_SCALE (fluo_trace_scale_get_type ())
G_DECLARE_FINAL_TYPE (FluoTraceScale, fluo_trace_scale, FLUO, TRACE_SCALE, GObject)

#define FLUO_TRACE_SCALE_PLACES 13 /* what fits the column */

FluoTraceScale *fluo_trace_scale_new       (FluoExplorer *explorer);
/* Gives places to services that have none yet: along the calls of the graph, from its entry. */
void            fluo_trace_scale_update    (FluoTraceScale *self);
void            fluo_trace_scale_set_max   (FluoTraceScale *self, gint64 max_ns);
FluoPainter    *fluo_trace_scale_get_painter (FluoTraceScale *self);

typedef enum
{
  FLUO_TRACE_CELL_STATUS,
  FLUO_TRACE_CELL_DURATION,
  FLUO_TRACE_CELL_REQUEST,
  FLUO_TRACE_CELL_SERVICES,
  FLUO_TRACE_CELL_ANNOTATIONS
} FluoTraceCellKind;

/* One drawn cell of the table. */
#define FLUO_TYPE_TRACE_CELL (fluo_trace_cell_get_type ())
G_DECLARE_FINAL_TYPE (FluoTraceCell, fluo_trace_cell, FLUO, TRACE_CELL, GtkWidget)

GtkWidget *fluo_trace_cell_new         (FluoTraceScale *scale, FluoTraceCellKind kind);
void fluo_trace_cell_set_summary (FluoTraceCell *self,
                                  FluoTraceSummary *summary); /* NULL = empty */

G_END_DECLS

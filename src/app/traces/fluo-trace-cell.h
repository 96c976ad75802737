/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "fluo-trace-scale.h"

G_BEGIN_DECLS

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

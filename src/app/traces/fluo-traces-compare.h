/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-cohort.h"
#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* The strip of cards under the charts: what the selected traces share that the others don't.
 * Worked out in a thread; while one runs, newer questions wait and only the last is asked. Signals:
 * "term-clicked" (FluoTerm *: add the condition, or take it away when it is there), "more" (). */
#define FLUO_TYPE_TRACES_COMPARE (fluo_traces_compare_get_type ())
G_DECLARE_FINAL_TYPE (FluoTracesCompare, fluo_traces_compare, FLUO, TRACES_COMPARE, GtkWidget)

GtkWidget  *fluo_traces_compare_new      (void);
/* @summaries and @points (FluoScatterPoint, as many) are never changed afterwards. */
void        fluo_traces_compare_set_data (FluoTracesCompare *self, GPtrArray *summaries,
                                          GArray *points, const FluoBrush *brush);
/* What is asked for now: cards of its conditions are marked. */
void        fluo_traces_compare_set_filter (FluoTracesCompare *self, const char *filter);
/* The range: a time that it begins or ends at is marked, when it was taken from a card. */
void        fluo_traces_compare_set_span (FluoTracesCompare *self, FluoTimeSpan span);
/* The head keeps to its title. */
void        fluo_traces_compare_set_narrow (FluoTracesCompare *self, gboolean narrow);
/* The last answer, borrowed; NULL before the first. */
FluoCohort *fluo_traces_compare_get_cohort (FluoTracesCompare *self);
gboolean    fluo_traces_compare_is_busy  (FluoTracesCompare *self);

/* Fills @sides by the brush; without one the slowest tenth is set A. Returns the size of A. */
guint       fluo_brush_fill_sides        (const FluoBrush *brush, GArray *points, guint8 *sides);

G_END_DECLS

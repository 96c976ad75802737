/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-waterfall.h"

G_BEGIN_DECLS

/* The waterfall as a widget. Signals: "selection-changed" () when another span is selected,
 * "view-changed" () for zoom, visible time, colouring and clock, "found-changed" () for the search.
 * Main thread. */
#define FLUO_TYPE_WATERFALL_VIEW (fluo_waterfall_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoWaterfallView, fluo_waterfall_view, FLUO, WATERFALL_VIEW, GtkWidget)

GtkWidget         *fluo_waterfall_view_new          (void);
/* Takes the rows, which a worker may have made; NULL empties it. Those of a newer reading of the
 * same trace keep the selection, what is collapsed and the visible time. */
void fluo_waterfall_view_take_rows (FluoWaterfallView *self, FluoWaterfallRows *rows,
                                    FluoServiceColors *colors);
/* The user chose others. */
void               fluo_waterfall_view_update_colors (FluoWaterfallView *self);
FluoWaterfallRows *fluo_waterfall_view_get_rows (FluoWaterfallView *self); /* borrowed or NULL */
const FluoWaterfallLayout *fluo_waterfall_view_get_layout (FluoWaterfallView *self);

guint32            fluo_waterfall_view_get_selected (FluoWaterfallView *self);
/* Opens what hides the span and scrolls to it. */
void               fluo_waterfall_view_select       (FluoWaterfallView *self, guint32 span);
void               fluo_waterfall_view_select_fault (FluoWaterfallView *self, gboolean forward);
void               fluo_waterfall_view_select_parent (FluoWaterfallView *self);

FluoTimeSpan       fluo_waterfall_view_get_visible  (FluoWaterfallView *self);
void fluo_waterfall_view_set_visible (FluoWaterfallView *self, FluoTimeSpan visible); /* clamped */
double fluo_waterfall_view_get_zoom (FluoWaterfallView *self);          /* 1 = the whole trace */
void fluo_waterfall_view_zoom (FluoWaterfallView *self, double factor); /* about the middle */
void               fluo_waterfall_view_fit          (FluoWaterfallView *self);
void               fluo_waterfall_view_zoom_to_selection (FluoWaterfallView *self);

gboolean           fluo_waterfall_view_get_critical (FluoWaterfallView *self);
void               fluo_waterfall_view_set_critical (FluoWaterfallView *self, gboolean critical);
gboolean           fluo_waterfall_view_get_fold     (FluoWaterfallView *self);
void               fluo_waterfall_view_set_fold     (FluoWaterfallView *self, gboolean fold);
void fluo_waterfall_view_set_color (FluoWaterfallView *self, FluoWaterfallColor color);
/* Metrics above the rows, FluoWaterfallLane, or NULL; a low view leaves them out. */
void fluo_waterfall_view_set_lanes (FluoWaterfallView *self, GPtrArray *lanes);
void fluo_waterfall_view_set_clock (FluoWaterfallView *self, FluoWaterfallClock clock);

/* Searching: marks what matches and selects the first match at or after the selection. */
void               fluo_waterfall_view_set_find     (FluoWaterfallView *self, const char *text);
void               fluo_waterfall_view_find_step    (FluoWaterfallView *self, int step);
/* Position from 1 and number of matches; position 0 when the selection is no match. */
void fluo_waterfall_view_get_found (FluoWaterfallView *self, guint *ret_position, guint *ret_n);

/* Lines of the programs, that are searched too; NULL: none. */
void fluo_waterfall_view_set_lines (FluoWaterfallView *self, FluoTraceLines *lines);

/* FluoWaterfallFound; borrowed until the search or the trace changes. */
GArray *fluo_waterfall_view_get_matches (FluoWaterfallView *self);

G_END_DECLS

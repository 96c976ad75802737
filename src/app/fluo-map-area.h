/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-canvas.h"
#include "draw/fluo-map.h"

G_BEGIN_DECLS

/* The service map as a widget: pans, zooms, selects, shows a card on what is pointed at, and is
 * walked along by the arrow keys. Layout runs in a worker; meanwhile the last picture stays. As
 * long as the set of nodes and edges is the same, nothing moves. Main thread.
 *
 * Signals: "selection-changed" (), "inspect" () when the user asks for details of the selection
 * (Enter), "view-changed" () when what the map shows moved or changed. */
#define FLUO_TYPE_MAP_AREA (fluo_map_area_get_type ())
G_DECLARE_FINAL_TYPE (FluoMapArea, fluo_map_area, FLUO, MAP_AREA, FluoCanvas)

GtkWidget        *fluo_map_area_new             (void);
/* @graph (nullable) is kept as it is: it must not change any more. */
void fluo_map_area_set_graph (FluoMapArea *self, FluoServiceGraph *graph, FluoTimeSpan span,
                              FluoServiceColors *colors);
/* The graph on screen: an older one while a layout runs. Borrowed or NULL. */
FluoServiceGraph *fluo_map_area_get_graph       (FluoMapArea *self);
FluoTimeSpan      fluo_map_area_get_span        (FluoMapArea *self);
/* Boxes of what is on screen, or NULL. Borrowed until the next change. */
const FluoMap    *fluo_map_area_get_map         (FluoMapArea *self);
gboolean          fluo_map_area_is_arranging    (FluoMapArea *self);

/* Indexes in the graph or FLUO_MAP_NONE. */
guint             fluo_map_area_get_node        (FluoMapArea *self);
guint             fluo_map_area_get_edge        (FluoMapArea *self);
/* Remembered by name, so that the node is selected as soon as it appears. NULL clears. */
void fluo_map_area_select_node (FluoMapArea *self, const char *name, const char *type);

void fluo_map_area_zoom (FluoMapArea *self, double factor); /* about the middle */
void              fluo_map_area_fit             (FluoMapArea *self);
/* Brings a point of the picture to the middle. */
void              fluo_map_area_center_on       (FluoMapArea *self, double x, double y);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "graph/fluo-graph-difference.h"

G_BEGIN_DECLS

/* The map as a list, for screen readers and for those who like lists: a tree of the services on the
 * map with their numbers, and below each its calls and callers. Main thread.
 *
 * Signals: "selected" (node, edge): the user chose a row, indexes in the graph, one of them
 * FLUO_MAP_NONE or both; "inspect" (): and wants its details (Enter). */
#define FLUO_TYPE_MAP_LIST (fluo_map_list_get_type ())
G_DECLARE_FINAL_TYPE (FluoMapList, fluo_map_list, FLUO, MAP_LIST, GtkWidget)

GtkWidget     *fluo_map_list_new       (void);
/* @graph (nullable) must not change any more. @change (nullable) is of its nodes and edges: what is
 * said in a column of its own, which is called @title. @alarms (nullable, taken): of each node the
 * names of the alarms that ring for it, safe to lay out, or NULL. */
void           fluo_map_list_set_graph (FluoMapList *self, FluoServiceGraph *graph,
                                        FluoTimeSpan span, const FluoGraphDifference *change,
                                        const char *title, GPtrArray *alarms);
/* Selects, opens what it is in and scrolls there; tells nobody. */
void           fluo_map_list_select    (FluoMapList *self, guint node, guint edge);
/* How wide it is: columns that would not fit go. */
void           fluo_map_list_set_width (FluoMapList *self, int width);

G_END_DECLS

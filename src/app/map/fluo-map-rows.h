/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* The service graph as rows of a tree: services, and below each what it calls and who calls it.
 * Rows stay the same objects from one graph to the next, so that what is open, selected or focused
 * stays; what is new comes at the end. Main thread. */

typedef enum
{
  FLUO_MAP_ROW_SERVICE,
  FLUO_MAP_ROW_CALL,  /* of the service above it */
  FLUO_MAP_ROW_CALLER
} FluoMapRowKind;

#define FLUO_TYPE_MAP_ROW (fluo_map_row_get_type ())
G_DECLARE_FINAL_TYPE (FluoMapRow, fluo_map_row, FLUO, MAP_ROW, GObject)

FluoMapRowKind fluo_map_row_get_kind  (FluoMapRow *self);
/* Of the node, or of the edge, in the graph that was set last. */
guint          fluo_map_row_get_index (FluoMapRow *self);

typedef struct _FluoMapRows FluoMapRows;

FluoMapRows      *fluo_map_rows_new       (void);
void              fluo_map_rows_free      (FluoMapRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMapRows, fluo_map_rows_free)
/* Of GtkTreeListRow with FluoMapRow. Borrowed. */
GtkTreeListModel *fluo_map_rows_get_tree  (FluoMapRows *self);
/* @graph (nullable) must not change any more. */
void              fluo_map_rows_set_graph (FluoMapRows *self, FluoServiceGraph *graph);
FluoServiceGraph *fluo_map_rows_get_graph (FluoMapRows *self); /* or NULL */
/* How many services call the node, and how many it calls. */
guint             fluo_map_rows_n_callers (FluoMapRows *self, guint node);
guint             fluo_map_rows_n_calls   (FluoMapRows *self, guint node);

G_END_DECLS

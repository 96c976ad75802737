/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-service-graph.h"

G_BEGIN_DECLS

#define FLUO_GRAPH_CLIENT_TYPE "client"

static inline FluoGraphNode *
fluo_graph_node_at (const FluoServiceGraph *self,
                    guint                   index)
{
  return g_ptr_array_index (self->nodes, index);
}

static inline FluoGraphEdge *
fluo_graph_edge_at (const FluoServiceGraph *self,
                    guint                   index)
{
  return g_ptr_array_index (self->edges, index);
}

static inline gboolean
fluo_graph_node_is_client (const FluoGraphNode *node)
{
  return g_strcmp0 (node->type, FLUO_GRAPH_CLIENT_TYPE) == 0;
}

/* Index of the node of that identity; makes it, as an inferred one, when @create. G_MAXUINT when it
 * is not there, or the graph is full. */
guint          fluo_service_graph_take_node (FluoServiceGraph *self,
                                             const char       *name,
                                             const char       *type,
                                             const char       *account,
                                             gboolean          create);
FluoGraphEdge *fluo_service_graph_take_edge (FluoServiceGraph *self,
                                             guint             from,
                                             guint             to,
                                             gboolean          linked,
                                             gboolean          create);
/* Of several aliases the first in byte order stays, so that the order of merging does not
 * matter. */
void           fluo_graph_edge_add_alias    (FluoGraphEdge    *self,
                                             const char       *alias,
                                             const char       *type);
/* Widens the times of the node and of the graph. */
void           fluo_service_graph_add_times (FluoServiceGraph *self,
                                             FluoGraphNode    *node,
                                             gint64            first_ns,
                                             gint64            last_ns);
/* Adds node @index of @other, without its statistics. G_MAXUINT when the graph is full. */
guint          fluo_service_graph_add_node  (FluoServiceGraph    *self,
                                             const FluoGraphNode *node);
void           fluo_call_stats_init         (FluoCallStats       *self);
void           fluo_call_stats_clear        (FluoCallStats       *self);
void           fluo_call_stats_count        (FluoCallStats       *self,
                                             FluoStatus           status,
                                             gint64               n);
void           fluo_call_stats_merge        (FluoCallStats       *self,
                                             const FluoCallStats *other);

G_END_DECLS

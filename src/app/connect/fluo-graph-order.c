/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-graph-order.h"

/* Adds what @at calls, the first call on top of the stack. */
static void
push_calls (const FluoServiceGraph *graph, guint at, const gboolean *seen, GArray *stack)
{
  for (guint i = graph->edges->len; i-- > 0;)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == at && !seen[edge->to])
        g_array_append_val (stack, edge->to);
    }
}

GArray *
fluo_graph_order_new (const FluoServiceGraph *graph)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree gboolean *seen = g_new0 (gboolean, MAX (graph->nodes->len, 1));

  /* Whatever no entry reaches comes last. */
  for (guint i = graph->nodes->len; i-- > 0;)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      if (!node->root && g_strcmp0 (node->type, "client") != 0)
        g_array_append_val (stack, i);
    }
  for (guint i = graph->nodes->len; i-- > 0;)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      if (node->root || g_strcmp0 (node->type, "client") == 0)
        g_array_append_val (stack, i);
    }
  while (stack->len > 0)
    {
      guint at = g_array_index (stack, guint, stack->len - 1);
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, at);

      g_array_set_size (stack, stack->len - 1);
      if (seen[at])
        continue;
      seen[at] = TRUE;
      if (g_strcmp0 (node->type, "client") != 0)
        g_array_append_val (order, at);
      push_calls (graph, at, seen, stack);
    }
  return order;
}

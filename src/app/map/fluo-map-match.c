/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-match.h"

#include "graph/fluo-graph-difference.h"

#define NOT_THERE G_MAXUINT

/* "name\ntype" -> index + 1; and "name" alone, for the map folds Lambda's two entries. */
static GHashTable *
index_nodes (const FluoServiceGraph *graph)
{
  GHashTable *nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = graph->nodes->len; i-- > 0;)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      if (g_strcmp0 (node->type, "client") == 0)
        continue;
      g_hash_table_insert (nodes, g_strdup (node->name ? node->name : ""),
                           GUINT_TO_POINTER (i + 1));
      g_hash_table_insert (nodes,
                           g_strdup_printf ("%s\n%s", node->name ? node->name : "",
                                            node->type ? node->type : ""),
                           GUINT_TO_POINTER (i + 1));
    }
  return nodes;
}

static guint
find_node (GHashTable               *nodes,
           const FluoSummaryService *service)
{
  g_autofree char *key = g_strdup_printf ("%s\n%s", service->name ? service->name : "",
                                          service->type ? service->type : "");
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (nodes, key));

  if (found == 0)
    found = GPOINTER_TO_UINT (g_hash_table_lookup (nodes, service->name ? service->name : ""));
  return found - 1;
}

static void
count (FluoCallStats *stats,
       FluoStatus     status)
{
  if (status == FLUO_STATUS_FAULT)
    stats->fault++;
  else if (status == FLUO_STATUS_THROTTLE)
    stats->throttle++;
  else if (status == FLUO_STATUS_ERROR)
    stats->error++;
  else
    stats->ok++;
}

static void
count_trace (FluoServiceGraph       *self,
             GHashTable             *nodes,
             const FluoTraceSummary *summary,
             guint                  *seen,
             guint                   number)
{
  guint entry = NOT_THERE;

  for (guint i = 0; summary->services && i < summary->services->len; i++)
    {
      const FluoSummaryService *service = &g_array_index (summary->services, FluoSummaryService, i);
      const guint node = find_node (nodes, service);

      if (node >= self->nodes->len || seen[node] == number)
        continue;
      seen[node] = number;
      if (entry == NOT_THERE)
        entry = node;
      count (&((FluoGraphNode *) g_ptr_array_index (self->nodes, node))->stats, service->status);
    }
  for (guint i = 0; i < self->edges->len; i++)
    {
      FluoGraphEdge *edge = g_ptr_array_index (self->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (self->nodes, edge->from);
      const gboolean enters = g_strcmp0 (from->type, "client") == 0 && edge->to == entry;

      if (enters || (seen[edge->from] == number && seen[edge->to] == number))
        count (&edge->stats, enters ? summary->status : FLUO_STATUS_OK);
    }
}

FluoServiceGraph *
fluo_map_match_graph (const FluoServiceGraph *graph,
                      GPtrArray              *matches)
{
  g_autoptr (FluoServiceGraph) all = NULL;
  g_autoptr (FluoGraphRules) rules = fluo_graph_rules_new ();
  g_autoptr (GHashTable) nodes = NULL;
  g_autofree guint *seen = NULL;
  g_autofree gboolean *calls = NULL;

  g_return_val_if_fail (graph != NULL, NULL);

  all = fluo_service_graph_copy_empty (graph);
  nodes = index_nodes (all);
  seen = g_new0 (guint, all->nodes->len + 1);
  calls = g_new0 (gboolean, all->nodes->len + 1);
  for (guint i = 0; matches && i < matches->len; i++)
    count_trace (all, nodes, g_ptr_array_index (matches, i), seen, i + 1);
  for (guint i = all->edges->len; i-- > 0;)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (all->edges, i);

      /* A call that no match made is none of theirs. */
      if (fluo_call_stats_total (&edge->stats) == 0)
        g_ptr_array_remove_index (all->edges, i);
      else
        calls[edge->from] = TRUE;
    }
  for (guint i = 0; i < all->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (all->nodes, i);

      if (fluo_call_stats_total (&node->stats) == 0 && !calls[i])
        g_ptr_array_add (rules->hidden, fluo_graph_node_dup_key (node));
    }
  return fluo_service_graph_reduce (all, rules, NULL);
}

GHashTable *
fluo_map_match_keys (const FluoServiceGraph *graph,
                     GPtrArray              *matches)
{
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (FluoServiceGraph) left = fluo_map_match_graph (graph, matches);

  for (guint i = 0; i < left->nodes->len; i++)
    g_hash_table_add (keys, fluo_graph_node_dup_key (g_ptr_array_index (left->nodes, i)));
  return keys;
}

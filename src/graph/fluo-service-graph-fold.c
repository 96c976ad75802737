/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"

#define LAMBDA_SERVICE "AWS::Lambda"
#define LAMBDA_FUNCTION "AWS::Lambda::Function"
#define CLIENTS_NAME "Clients"

/* The function's node for the entry that Lambda itself reports of it; G_MAXUINT for any other
 * node. */
static guint
find_function (const FluoServiceGraph *self,
               const FluoGraphNode    *node)
{
  if (g_strcmp0 (node->type, LAMBDA_SERVICE) != 0)
    return G_MAXUINT;
  return fluo_service_graph_take_node ((FluoServiceGraph *) self, node->name, LAMBDA_FUNCTION,
                                       node->account, FALSE);
}

static guint
fold_node (const FluoServiceGraph *self,
           FluoServiceGraph       *result,
           const FluoGraphNode    *node)
{
  FluoGraphNode folded = *node;
  guint function = find_function (self, node), i;

  if (function != G_MAXUINT)
    {
      folded.type = (char *) LAMBDA_FUNCTION;
      folded.inferred = fluo_graph_node_at (self, function)->inferred;
    }
  else if (fluo_graph_node_is_client (node))
    {
      folded.name = (char *) CLIENTS_NAME;
      folded.account = NULL;
    }
  i = fluo_service_graph_add_node (result, &folded);
  if (i != G_MAXUINT && function == G_MAXUINT)
    fluo_call_stats_merge (&fluo_graph_node_at (result, i)->stats, &node->stats);
  return i;
}

FluoServiceGraph *
fluo_service_graph_fold (const FluoServiceGraph *self)
{
  FluoServiceGraph *result;
  g_autofree guint *map = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  result = fluo_service_graph_new ();
  map = g_new (guint, MAX (self->nodes->len, 1));
  for (guint i = 0; i < self->nodes->len; i++)
    map[i] = fold_node (self, result, fluo_graph_node_at (self, i));
  for (guint i = 0; i < self->edges->len; i++)
    {
      const FluoGraphEdge *edge = fluo_graph_edge_at (self, i);
      FluoGraphEdge *mine;

      /* What ran between the two entries of one function is inside the node now; a function that
       * calls itself stays. */
      if (map[edge->from] == G_MAXUINT || map[edge->to] == G_MAXUINT
          || (map[edge->from] == map[edge->to] && edge->from != edge->to))
        continue;
      mine =
        fluo_service_graph_take_edge (result, map[edge->from], map[edge->to], edge->linked, TRUE);
      fluo_graph_edge_add_alias (mine, edge->alias, edge->alias_type);
      fluo_call_stats_merge (&mine->stats, &edge->stats);
    }
  return result;
}

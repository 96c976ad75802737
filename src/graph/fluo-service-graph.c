/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"

#include <string.h>

/* From these shares on a node or an edge is drawn in the colour of what went wrong. */
#define WORST_FAULT_SHARE 0.01
#define WORST_ERROR_SHARE 0.02

G_DEFINE_QUARK (fluo-graph-error, fluo_graph_error)

/* --- Statistics ----------------------------------------------------------- */

void
fluo_call_stats_init (FluoCallStats *self)
{
  *self = (FluoCallStats) { 0 };
  fluo_histogram_init (&self->histogram);
}

void
fluo_call_stats_clear (FluoCallStats *self)
{
  fluo_histogram_clear (&self->histogram);
}

void
fluo_call_stats_count (FluoCallStats *self,
                       FluoStatus     status,
                       gint64         n)
{
  switch (status)
    {
    case FLUO_STATUS_ERROR:
      self->error += n;
      break;
    case FLUO_STATUS_THROTTLE:
      self->throttle += n;
      break;
    case FLUO_STATUS_FAULT:
      self->fault += n;
      break;
    case FLUO_STATUS_OK:
    case FLUO_STATUS_RUNNING:
    case FLUO_N_STATUSES:
    default:
      self->ok += n;
      break;
    }
}

void
fluo_call_stats_merge (FluoCallStats       *self,
                       const FluoCallStats *other)
{
  self->ok += other->ok;
  self->error += other->error;
  self->throttle += other->throttle;
  self->fault += other->fault;
  fluo_histogram_merge (&self->histogram, &other->histogram, 1);
}

gint64
fluo_call_stats_total (const FluoCallStats *self)
{
  return self->ok + self->error + self->throttle + self->fault;
}

double
fluo_call_stats_fault_rate (const FluoCallStats *self)
{
  gint64 total = fluo_call_stats_total (self);

  return total > 0 ? (double) self->fault / total : 0;
}

double
fluo_call_stats_error_rate (const FluoCallStats *self)
{
  gint64 total = fluo_call_stats_total (self);

  return total > 0 ? (double) (self->error + self->throttle) / total : 0;
}

FluoStatus
fluo_call_stats_worst (const FluoCallStats *self)
{
  if (fluo_call_stats_fault_rate (self) >= WORST_FAULT_SHARE)
    return FLUO_STATUS_FAULT;
  if (fluo_call_stats_error_rate (self) >= WORST_ERROR_SHARE)
    return FLUO_STATUS_ERROR;
  return FLUO_STATUS_OK;
}

/* --- Nodes and edges ------------------------------------------------------ */

static guint
hash_text (const char *text)
{
  return text != NULL ? g_str_hash (text) : 0;
}

static guint
node_hash (gconstpointer key)
{
  const FluoGraphNode *node = key;

  return (hash_text (node->name) * 31 + hash_text (node->type)) * 31 + hash_text (node->account);
}

static gboolean
node_equal (gconstpointer a,
            gconstpointer b)
{
  const FluoGraphNode *x = a, *y = b;

  return g_strcmp0 (x->name, y->name) == 0 && g_strcmp0 (x->type, y->type) == 0
         && g_strcmp0 (x->account, y->account) == 0;
}

static guint
edge_hash (gconstpointer key)
{
  const FluoGraphEdge *edge = key;

  return (edge->from * 2654435761u) ^ (edge->to * 40503u) ^ (edge->linked ? 1u << 31 : 0);
}

static gboolean
edge_equal (gconstpointer a,
            gconstpointer b)
{
  const FluoGraphEdge *x = a, *y = b;

  return x->from == y->from && x->to == y->to && !x->linked == !y->linked;
}

static void
node_free (gpointer data)
{
  FluoGraphNode *node = data;

  g_free (node->name);
  g_free (node->type);
  g_free (node->account);
  fluo_call_stats_clear (&node->stats);
  g_free (node);
}

static void
edge_free (gpointer data)
{
  FluoGraphEdge *edge = data;

  g_free (edge->alias);
  g_free (edge->alias_type);
  fluo_call_stats_clear (&edge->stats);
  g_free (edge);
}

guint
fluo_service_graph_take_node (FluoServiceGraph *self,
                              const char       *name,
                              const char       *type,
                              const char       *account,
                              gboolean          create)
{
  FluoGraphNode key = { .name = (char *) name, .type = (char *) type, .account = (char *) account };
  FluoGraphNode *node;
  gpointer found;

  if (g_hash_table_lookup_extended (self->node_index, &key, NULL, &found))
    return GPOINTER_TO_UINT (found);
  if (!create || self->nodes->len >= FLUO_GRAPH_NODES_MAX)
    return G_MAXUINT;
  node = g_new0 (FluoGraphNode, 1);
  node->name = g_strdup (name);
  node->type = g_strdup (type);
  node->account = g_strdup (account);
  node->inferred = !fluo_graph_node_is_client (node);
  fluo_call_stats_init (&node->stats);
  g_hash_table_insert (self->node_index, node, GUINT_TO_POINTER (self->nodes->len));
  g_ptr_array_add (self->nodes, node);
  return self->nodes->len - 1;
}

FluoGraphEdge *
fluo_service_graph_take_edge (FluoServiceGraph *self,
                              guint             from,
                              guint             to,
                              gboolean          linked,
                              gboolean          create)
{
  FluoGraphEdge key = { .from = from, .to = to, .linked = linked };
  FluoGraphEdge *edge = g_hash_table_lookup (self->edge_index, &key);

  if (edge != NULL || !create)
    return edge;
  edge = g_new0 (FluoGraphEdge, 1);
  edge->from = from;
  edge->to = to;
  edge->linked = linked;
  fluo_call_stats_init (&edge->stats);
  g_hash_table_add (self->edge_index, edge);
  g_ptr_array_add (self->edges, edge);
  return edge;
}

void
fluo_graph_edge_add_alias (FluoGraphEdge *self,
                           const char    *alias,
                           const char    *type)
{
  int order;

  if (alias == NULL)
    return;
  order = self->alias != NULL ? strcmp (alias, self->alias) : -1;
  if (order > 0 || (order == 0 && g_strcmp0 (type, self->alias_type) >= 0))
    return;
  g_free (self->alias);
  g_free (self->alias_type);
  self->alias = g_strdup (alias);
  self->alias_type = g_strdup (type);
}

/* The second a time lies in; rounds down for times before 1970 too. */
static gint64
floor_second (gint64 time_ns)
{
  gint64 rest = time_ns % FLUO_NSEC_PER_SEC;

  return time_ns - rest - (rest < 0 ? FLUO_NSEC_PER_SEC : 0);
}

static void
widen_span (FluoServiceGraph *self,
            gint64            first_ns,
            gint64            last_ns)
{
  gint64 begin = floor_second (first_ns), end = floor_second (last_ns) + FLUO_NSEC_PER_SEC;
  gboolean empty = self->span.end_ns == 0 && self->span.begin_ns == 0;

  self->span.begin_ns = empty ? begin : MIN (self->span.begin_ns, begin);
  self->span.end_ns = empty ? end : MAX (self->span.end_ns, end);
}

void
fluo_service_graph_add_times (FluoServiceGraph *self,
                              FluoGraphNode    *node,
                              gint64            first_ns,
                              gint64            last_ns)
{
  gboolean fresh = node->first_ns == 0 && node->last_ns == 0;

  if (first_ns == 0 && last_ns == 0)
    return;
  node->first_ns = fresh ? first_ns : MIN (node->first_ns, first_ns);
  node->last_ns = fresh ? last_ns : MAX (node->last_ns, last_ns);
  widen_span (self, first_ns, last_ns);
}

guint
fluo_service_graph_add_node (FluoServiceGraph    *self,
                             const FluoGraphNode *node)
{
  guint i = fluo_service_graph_take_node (self, node->name, node->type, node->account, TRUE);
  FluoGraphNode *mine;

  if (i == G_MAXUINT)
    return i;
  mine = fluo_graph_node_at (self, i);
  mine->root |= node->root;
  mine->inferred &= node->inferred;
  fluo_service_graph_add_times (self, mine, node->first_ns, node->last_ns);
  return i;
}

/* --- Public --------------------------------------------------------------- */

FluoServiceGraph *
fluo_service_graph_new (void)
{
  FluoServiceGraph *self = g_new0 (FluoServiceGraph, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->edges = g_ptr_array_new_with_free_func (edge_free);
  self->node_index = g_hash_table_new (node_hash, node_equal);
  self->edge_index = g_hash_table_new (edge_hash, edge_equal);
  return self;
}

FluoServiceGraph *
fluo_service_graph_ref (FluoServiceGraph *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_service_graph_unref (FluoServiceGraph *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->node_index);
  g_hash_table_unref (self->edge_index);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->edges);
  g_free (self);
}

void
fluo_service_graph_merge (FluoServiceGraph       *self,
                          const FluoServiceGraph *other)
{
  g_autofree guint *map = NULL;

  g_return_if_fail (self != NULL && other != NULL && self != other);

  map = g_new (guint, MAX (other->nodes->len, 1));
  for (guint i = 0; i < other->nodes->len; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (other, i);

      map[i] = fluo_service_graph_add_node (self, node);
      if (map[i] != G_MAXUINT)
        fluo_call_stats_merge (&fluo_graph_node_at (self, map[i])->stats, &node->stats);
    }
  for (guint i = 0; i < other->edges->len; i++)
    {
      const FluoGraphEdge *edge = fluo_graph_edge_at (other, i);
      FluoGraphEdge *mine;

      if (map[edge->from] == G_MAXUINT || map[edge->to] == G_MAXUINT)
        continue;
      mine =
        fluo_service_graph_take_edge (self, map[edge->from], map[edge->to], edge->linked, TRUE);
      fluo_graph_edge_add_alias (mine, edge->alias, edge->alias_type);
      fluo_call_stats_merge (&mine->stats, &edge->stats);
    }
}

/* Takes empty edges out; marks the nodes that edges still reach. An entry whose last client went is
 * none any more. */
static void
prune_edges (FluoServiceGraph *self,
             guint8           *used,
             guint8           *entered)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func (edge_free);

  g_hash_table_remove_all (self->edge_index);
  for (guint i = 0; i < self->edges->len; i++)
    {
      FluoGraphEdge *edge = fluo_graph_edge_at (self, i);
      gboolean client = fluo_graph_node_is_client (fluo_graph_node_at (self, edge->from));

      if (fluo_call_stats_total (&edge->stats) == 0)
        {
          entered[edge->to] |= client ? 1 : 0;
          edge_free (edge);
          continue;
        }
      entered[edge->to] |= client ? 2 : 0;
      used[edge->from] = used[edge->to] = TRUE;
      g_ptr_array_add (kept, edge);
    }
  g_ptr_array_set_free_func (self->edges, NULL);
  g_ptr_array_unref (self->edges);
  self->edges = kept;
}

void
fluo_service_graph_prune (FluoServiceGraph *self)
{
  g_autofree guint8 *used = NULL, *entered = NULL;
  g_autofree guint *map = NULL;
  guint n = 0;

  g_return_if_fail (self != NULL);

  used = g_new0 (guint8, self->nodes->len + 1);
  entered = g_new0 (guint8, self->nodes->len + 1);
  map = g_new (guint, self->nodes->len + 1);
  prune_edges (self, used, entered);
  g_hash_table_remove_all (self->node_index);
  self->span = (FluoTimeSpan) { 0, 0 };
  for (guint i = 0; i < self->nodes->len; i++)
    {
      FluoGraphNode *node = fluo_graph_node_at (self, i);

      if (!used[i] && fluo_call_stats_total (&node->stats) == 0)
        {
          node_free (node);
          continue;
        }
      if (entered[i] == 1)
        node->root = FALSE;
      if (node->first_ns != 0 || node->last_ns != 0)
        widen_span (self, node->first_ns, node->last_ns);
      map[i] = n;
      self->nodes->pdata[n] = node;
      g_hash_table_insert (self->node_index, node, GUINT_TO_POINTER (n++));
    }
  /* The places behind hold nodes that moved or are freed. */
  for (guint i = n; i < self->nodes->len; i++)
    self->nodes->pdata[i] = NULL;
  g_ptr_array_set_free_func (self->nodes, NULL);
  g_ptr_array_set_size (self->nodes, n);
  g_ptr_array_set_free_func (self->nodes, node_free);

  for (guint i = 0; i < self->edges->len; i++)
    {
      FluoGraphEdge *edge = fluo_graph_edge_at (self, i);

      edge->from = map[edge->from];
      edge->to = map[edge->to];
      g_hash_table_add (self->edge_index, edge);
    }
}

/* The node of that name and type; with @type NULL the node without a type, or else the first of
 * that name. */
guint
fluo_service_graph_find (const FluoServiceGraph *self,
                         const char             *name,
                         const char             *type)
{
  guint named = G_MAXUINT;

  g_return_val_if_fail (self != NULL, G_MAXUINT);

  for (guint i = 0; i < self->nodes->len; i++)
    {
      const FluoGraphNode *node = fluo_graph_node_at (self, i);

      if (g_strcmp0 (node->name, name) != 0)
        continue;
      if (g_strcmp0 (node->type, type) == 0)
        return i;
      if (type == NULL && named == G_MAXUINT && !fluo_graph_node_is_client (node))
        named = i;
    }
  return named;
}

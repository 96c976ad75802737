/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-rows.h"

#include "app/connect/fluo-graph-order.h"

struct _FluoMapRow
{
  GObject parent_instance;

  FluoMapRowKind kind;
  guint          index;
  char          *key;      /* what it is known by among its siblings */
  GListStore    *children; /* of a service that was looked into, or NULL */
};

G_DEFINE_FINAL_TYPE (FluoMapRow, fluo_map_row, G_TYPE_OBJECT)

/* Edges of each node: those from first[node] up to first[node + 1]. */
typedef struct
{
  guint *first;
  guint *edges;
} Adjacency;

struct _FluoMapRows
{
  FluoServiceGraph *graph;
  GListStore       *services;
  GtkTreeListModel *tree;
  Adjacency         out, in;
};

/* --- A row ----------------------------------------------------------------------------------- */

static void
fluo_map_row_finalize (GObject *object)
{
  FluoMapRow *self = FLUO_MAP_ROW (object);

  g_clear_object (&self->children);
  g_free (self->key);
  G_OBJECT_CLASS (fluo_map_row_parent_class)->finalize (object);
}

static void
fluo_map_row_class_init (FluoMapRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_map_row_finalize;
}

static void
fluo_map_row_init (FluoMapRow *self)
{
}

FluoMapRowKind
fluo_map_row_get_kind (FluoMapRow *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_ROW (self), FLUO_MAP_ROW_SERVICE);

  return self->kind;
}

guint
fluo_map_row_get_index (FluoMapRow *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_ROW (self), G_MAXUINT);

  return self->index;
}

/* Takes @key. */
static FluoMapRow *
row_new (FluoMapRowKind kind,
         guint          index,
         char          *key)
{
  FluoMapRow *self = g_object_new (FLUO_TYPE_MAP_ROW, NULL);

  self->kind = kind;
  self->index = index;
  self->key = key;
  return self;
}

/* --- Following the graph --------------------------------------------------------------------- */

/* Makes @store hold @wanted (taken): rows that have the key of a wanted one stay and get its index,
 * others go, and what is new comes at the end. */
static void
follow (GListStore *store,
        GPtrArray  *wanted)
{
  g_autoptr (GHashTable) by_key = g_hash_table_new (g_str_hash, g_str_equal);
  const guint n_before = g_list_model_get_n_items (G_LIST_MODEL (store));
  g_autoptr (GPtrArray) fresh = g_ptr_array_new ();

  for (guint i = 0; i < wanted->len; i++)
    {
      FluoMapRow *row = g_ptr_array_index (wanted, i);

      g_hash_table_insert (by_key, row->key, row);
    }
  for (guint i = n_before; i-- > 0;)
    {
      g_autoptr (FluoMapRow) row = g_list_model_get_item (G_LIST_MODEL (store), i);
      FluoMapRow *now = g_hash_table_lookup (by_key, row->key);

      if (now)
        {
          row->index = now->index;
          g_hash_table_remove (by_key, row->key);
        }
      else
        g_list_store_remove (store, i);
    }
  for (guint i = 0; i < wanted->len; i++)
    {
      FluoMapRow *row = g_ptr_array_index (wanted, i);

      if (g_hash_table_lookup (by_key, row->key) == row)
        g_ptr_array_add (fresh, row);
    }
  if (fresh->len > 0)
    g_list_store_splice (store, g_list_model_get_n_items (G_LIST_MODEL (store)), 0, fresh->pdata,
                         fresh->len);
}

static void
add_edges (FluoMapRows     *self,
           GPtrArray       *rows,
           const Adjacency *adjacency,
           guint            node,
           FluoMapRowKind   kind)
{
  for (guint i = adjacency->first[node]; i < adjacency->first[node + 1]; i++)
    {
      const guint index = adjacency->edges[i];
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, index);
      const FluoGraphNode *other =
        g_ptr_array_index (self->graph->nodes, kind == FLUO_MAP_ROW_CALL ? edge->to : edge->from);
      g_autofree char *key = fluo_graph_node_dup_key (other);

      g_ptr_array_add (rows, row_new (kind, index, g_strdup_printf ("%d%d%s", (int) kind,
                                                                    edge->linked, key)));
    }
}

static void
follow_edges (FluoMapRows *self,
              FluoMapRow  *service)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  add_edges (self, rows, &self->out, service->index, FLUO_MAP_ROW_CALL);
  add_edges (self, rows, &self->in, service->index, FLUO_MAP_ROW_CALLER);
  follow (service->children, rows);
}

/* GTK asks for a service's rows to know whether it has any, and again to show them. */
static GListModel *
children_cb (gpointer item,
             gpointer user_data)
{
  FluoMapRow *row = item;

  if (row->kind != FLUO_MAP_ROW_SERVICE)
    return NULL;
  if (!row->children)
    {
      row->children = g_list_store_new (FLUO_TYPE_MAP_ROW);
      follow_edges (user_data, row);
    }
  return G_LIST_MODEL (g_object_ref (row->children));
}

static void
adjacency_clear (Adjacency *self)
{
  g_clear_pointer (&self->first, g_free);
  g_clear_pointer (&self->edges, g_free);
}

static void
adjacency_init (Adjacency              *self,
                const FluoServiceGraph *graph,
                gboolean                out)
{
  const guint n = graph->nodes->len;
  g_autofree guint *next = g_new0 (guint, n + 2);

  self->first = g_new0 (guint, n + 1);
  self->edges = g_new (guint, graph->edges->len + 1);
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      next[(out ? edge->from : edge->to) + 1]++;
    }
  for (guint i = 0; i < n; i++)
    {
      next[i + 1] += next[i];
      self->first[i + 1] = next[i + 1];
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      self->edges[next[out ? edge->from : edge->to]++] = i;
    }
}

static void
add_service (FluoMapRows *self,
             GPtrArray   *rows,
             guint        node)
{
  g_ptr_array_add (rows, row_new (FLUO_MAP_ROW_SERVICE, node,
                                  fluo_graph_node_dup_key (
                                    g_ptr_array_index (self->graph->nodes, node))));
}

/* Who calls first, and then along the calls. */
static void
follow_services (FluoMapRows *self)
{
  g_autoptr (GArray) order = fluo_graph_order_new (self->graph);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->graph->nodes->len; i++)
    if (g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->type,
                   "client") == 0)
      add_service (self, rows, i);
  for (guint i = 0; i < order->len; i++)
    add_service (self, rows, g_array_index (order, guint, i));
  follow (self->services, rows);
}

/* --- All of them ----------------------------------------------------------------------------- */

void
fluo_map_rows_set_graph (FluoMapRows      *self,
                         FluoServiceGraph *graph)
{
  g_return_if_fail (self != NULL);

  if (self->graph == graph)
    return;
  if (graph)
    fluo_service_graph_ref (graph);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  adjacency_clear (&self->out);
  adjacency_clear (&self->in);
  self->graph = graph;
  if (!graph)
    {
      g_list_store_remove_all (self->services);
      return;
    }
  adjacency_init (&self->out, graph, TRUE);
  adjacency_init (&self->in, graph, FALSE);
  follow_services (self);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->services)); i++)
    {
      g_autoptr (FluoMapRow) row = g_list_model_get_item (G_LIST_MODEL (self->services), i);

      if (row->children)
        follow_edges (self, row);
    }
}

FluoServiceGraph *
fluo_map_rows_get_graph (FluoMapRows *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->graph;
}

GtkTreeListModel *
fluo_map_rows_get_tree (FluoMapRows *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->tree;
}

guint
fluo_map_rows_n_callers (FluoMapRows *self,
                         guint        node)
{
  g_return_val_if_fail (self != NULL && self->graph && node < self->graph->nodes->len, 0);

  return self->in.first[node + 1] - self->in.first[node];
}

guint
fluo_map_rows_n_calls (FluoMapRows *self,
                       guint        node)
{
  g_return_val_if_fail (self != NULL && self->graph && node < self->graph->nodes->len, 0);

  return self->out.first[node + 1] - self->out.first[node];
}

FluoMapRows *
fluo_map_rows_new (void)
{
  FluoMapRows *self = g_new0 (FluoMapRows, 1);

  self->services = g_list_store_new (FLUO_TYPE_MAP_ROW);
  self->tree = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->services)), FALSE, FALSE,
                                        children_cb, self, NULL);
  return self;
}

void
fluo_map_rows_free (FluoMapRows *self)
{
  if (!self)
    return;
  g_object_unref (self->tree);
  g_object_unref (self->services);
  adjacency_clear (&self->out);
  adjacency_clear (&self->in);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-map-private.h"

/* When less than one of so many nodes was there before, it is another map: arranged anew. */
#define KNOWN_MIN 2

/* Control points of a makeshift edge, as a share of the way. */
#define CURVE 0.5

struct _FluoMapArrangement
{
  FluoMapTopology *topology;
  FluoMapTopology *before; /* whose layout previous is; or NULL */
  FluoGraphLayout *previous; /* or NULL */
  FluoLayoutHint  *hints;
  guint           *edges;    /* of previous, by rank */
  guint            n_known;
  gboolean         pinned;   /* any */
};

static guint
find_edge (GHashTable *known,
           guint       from,
           guint       to,
           guint       nth)
{
  gpointer found;
  gint64 key;

  if (from == G_MAXUINT || to == G_MAXUINT)
    return G_MAXUINT;
  key = ((gint64) from << 32 | to) * 4 + nth;
  if (!g_hash_table_lookup_extended (known, &key, NULL, &found))
    return G_MAXUINT;
  return GPOINTER_TO_UINT (found);
}

/* Edges between the same two nodes follow each other: told apart by their number. */
static guint
edge_number (const FluoMapTopology *topology,
             guint                  edge)
{
  guint nth = 0;

  while (edge > nth && nth < 3
         && topology->links[edge - nth - 1].from == topology->links[edge].from
         && topology->links[edge - nth - 1].to == topology->links[edge].to)
    nth++;
  return nth;
}

static void
find_known (FluoMapArrangement    *self,
            const FluoMapTopology *previous)
{
  const FluoMapTopology *topology = self->topology;
  g_autoptr (GHashTable) ranks = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) edges =
    g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < previous->n_nodes; i++)
    g_hash_table_insert (ranks, previous->keys[i], GUINT_TO_POINTER (i));
  for (guint i = 0; i < topology->n_nodes; i++)
    {
      gpointer found;

      if (!g_hash_table_lookup_extended (ranks, topology->keys[i], NULL, &found))
        continue;
      self->hints[i].node = GPOINTER_TO_UINT (found);
      self->n_known++;
    }
  for (guint i = 0; i < previous->n_edges; i++)
    {
      const gint64 key =
        ((gint64) previous->links[i].from << 32 | previous->links[i].to) * 4
        + edge_number (previous, i);

      g_hash_table_insert (edges, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (i));
    }
  for (guint i = 0; i < topology->n_edges; i++)
    self->edges[i] = find_edge (edges, self->hints[topology->links[i].from].node,
                                self->hints[topology->links[i].to].node,
                                edge_number (topology, i));
}

FluoMapArrangement *
fluo_map_arrangement_new (FluoMapTopology       *topology,
                          FluoMapTopology       *previous,
                          FluoGraphLayout       *layout,
                          GHashTable            *pins)
{
  FluoMapArrangement *self;

  g_return_val_if_fail (topology != NULL, NULL);

  self = g_new0 (FluoMapArrangement, 1);
  self->topology = topology;
  self->hints = g_new0 (FluoLayoutHint, topology->n_nodes + 1);
  self->edges = g_new (guint, topology->n_edges + 1);
  for (guint i = 0; i < topology->n_nodes; i++)
    {
      const FluoMapPin *pin = pins ? g_hash_table_lookup (pins, topology->keys[i]) : NULL;

      self->hints[i].node = G_MAXUINT;
      if (!pin)
        continue;
      self->hints[i].pinned = self->pinned = TRUE;
      self->hints[i].x = pin->x;
      self->hints[i].y = pin->y;
    }
  for (guint i = 0; i < topology->n_edges; i++)
    self->edges[i] = G_MAXUINT;
  if (previous && layout)
    {
      self->before = fluo_map_topology_ref (previous);
      self->previous = fluo_graph_layout_ref (layout);
    }
  return self;
}

void
fluo_map_arrangement_free (FluoMapArrangement *self)
{
  if (!self)
    return;
  fluo_map_topology_free (self->topology);
  g_clear_pointer (&self->before, fluo_map_topology_free);
  g_clear_pointer (&self->previous, fluo_graph_layout_free);
  g_free (self->hints);
  g_free (self->edges);
  g_free (self);
}

/* [worker] */
FluoGraphLayout *
fluo_map_arrangement_run (FluoMapArrangement *self)
{
  const FluoMapTopology *topology = self->topology;
  g_autofree FluoLayoutHint *hints = NULL;
  g_autofree guint *edges = NULL;
  FluoGraphLayout *ideal, *result = NULL;

  if (self->before)
    find_known (self, self->before);
  /* Too few are where they were. */
  if (self->before &&
      self->n_known * KNOWN_MIN < MAX (topology->n_nodes, self->before->n_nodes))
    g_clear_pointer (&self->previous, fluo_graph_layout_free);
  g_clear_pointer (&self->before, fluo_map_topology_free);
  if (self->previous)
    result = fluo_map_topology_follow (topology, self->previous, self->hints, self->edges);
  if (result)
    return result;
  ideal = fluo_map_topology_arrange (topology);
  if (!self->pinned)
    return ideal;
  hints = g_memdup2 (self->hints, (topology->n_nodes + 1) * sizeof (FluoLayoutHint));
  edges = g_new (guint, topology->n_edges + 1);
  for (guint i = 0; i < topology->n_nodes; i++)
    hints[i].node = i;
  for (guint i = 0; i < topology->n_edges; i++)
    edges[i] = i;
  result = fluo_map_topology_follow (topology, ideal, hints, edges);
  if (!result)
    return ideal;
  fluo_graph_layout_free (ideal);
  return result;
}

/* --- On the way ----------------------------------------------------------- */

static void
makeshift_route (const FluoMapTopology *topology,
                 FluoGraphLayout       *layout,
                 guint                  edge)
{
  const FluoLayoutPlace *from = &layout->places[topology->links[edge].from];
  const FluoLayoutPlace *to = &layout->places[topology->links[edge].to];
  const double dx = (to->x - from->x) * CURVE;
  const double loop = topology->links[edge].from == topology->links[edge].to ? 60 : 0;
  const double way[] = { from->x, from->y, from->x + dx + loop, from->y - loop,
                         to->x - dx - loop, to->y - loop, to->x, to->y };

  g_array_append_vals (layout->routes[edge].points, way, G_N_ELEMENTS (way));
}

static FluoGraphLayout *
layout_like (const FluoGraphLayout *other)
{
  FluoGraphLayout *self = fluo_graph_layout_alloc (other->n_nodes, other->n_edges);

  self->width = other->width;
  self->height = other->height;
  self->n_columns = other->n_columns;
  self->columns = g_memdup2 (other->columns, other->n_columns * sizeof (double));
  self->half_widths = g_memdup2 (other->half_widths, other->n_columns * sizeof (double));
  for (guint i = 0; i < other->n_nodes; i++)
    self->places[i] = other->places[i];
  for (guint i = 0; i < other->n_edges; i++)
    {
      self->routes[i].reversed = other->routes[i].reversed;
      self->routes[i].points = g_array_new (FALSE, FALSE, sizeof (double));
    }
  return self;
}

FluoGraphLayout *
fluo_map_blend (const FluoMapTopology *topology,
                const FluoGraphLayout *from,
                const FluoGraphLayout *to,
                double                 t)
{
  FluoGraphLayout *self;

  g_return_val_if_fail (from->n_nodes == to->n_nodes && from->n_edges == to->n_edges, NULL);

  self = layout_like (to);
  for (guint i = 0; i < to->n_nodes; i++)
    {
      self->places[i].x = from->places[i].x + (to->places[i].x - from->places[i].x) * t;
      self->places[i].y = from->places[i].y + (to->places[i].y - from->places[i].y) * t;
    }
  for (guint i = 0; i < to->n_edges; i++)
    {
      const GArray *a = from->routes[i].points, *b = to->routes[i].points;

      if (a->len != b->len)
        {
          makeshift_route (topology, self, i);
          continue;
        }
      for (guint k = 0; k < a->len; k++)
        {
          const double was = g_array_index (a, double, k);
          const double value = was + (g_array_index (b, double, k) - was) * t;

          g_array_append_val (self->routes[i].points, value);
        }
    }
  return self;
}

FluoGraphLayout *
fluo_map_drag (const FluoMapTopology *topology,
               const FluoGraphLayout *layout,
               guint                  rank,
               double                 x,
               double                 y)
{
  FluoGraphLayout *self;

  g_return_val_if_fail (rank < layout->n_nodes, NULL);

  self = layout_like (layout);
  self->places[rank].x = x;
  self->places[rank].y = y;
  for (guint i = 0; i < layout->n_edges; i++)
    if (topology->links[i].from == rank || topology->links[i].to == rank)
      makeshift_route (topology, self, i);
    else
      g_array_append_vals (self->routes[i].points, layout->routes[i].points->data,
                           layout->routes[i].points->len);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <math.h>
#include <string.h>

/* Nodes without any edge stand in rows of at least this many below the rest. */
#define LONE_COLUMNS_MIN 5

/* The gap between two columns grows with the edges beyond a few that have to share it. */
#define GAP_EDGES_FREE 6
#define GAP_PER_EDGE 3.0
#define GAP_EXTRA_MAX 90.0

typedef struct
{
  const FluoLayoutNode *nodes;
  guint                 n_nodes;
  const FluoLayoutEdge *edges;
  guint                 n_edges;
  FluoLayoutOptions     options;
  gboolean             *reversed;
  gboolean             *looped;   /* a node has a self edge */
  guint                *part_of;  /* part of a node; G_MAXUINT for nodes without edges */
  guint                *local;    /* a node's index within its part */
  guint                *link_of;  /* an edge's link within its part */
  GPtrArray            *parts;    /* FluoLayoutPart */
  double               *columns;
  double               *half_widths;
  guint                 n_columns;
} Layout;

static void
part_free (gpointer data)
{
  FluoLayoutPart *part = data;

  g_free (part->input);
  g_free (part->half_width);
  g_free (part->above);
  g_free (part->below);
  g_free (part->importance);
  g_free (part->links);
  g_free (part->segments);
  g_free (part->rank);
  g_free (part->layer);
  g_free (part->layer_start);
  g_free (part->pos);
  g_free (part->y);
  g_free (part->pieces);
  g_array_unref (part->wires);
  g_free (part);
}

/* --- Parts ---------------------------------------------------------------- */

static guint
find_root (guint *parent,
           guint  node)
{
  while (parent[node] != node)
    node = parent[node] = parent[parent[node]];
  return node;
}

static int
compare_part (gconstpointer a,
              gconstpointer b)
{
  const FluoLayoutPart *x = *(FluoLayoutPart *const *) a, *y = *(FluoLayoutPart *const *) b;
  double best_x = 0, best_y = 0;

  for (guint i = 0; i < x->n_real; i++)
    best_x = MAX (best_x, x->importance[i]);
  for (guint i = 0; i < y->n_real; i++)
    best_y = MAX (best_y, y->importance[i]);
  if (best_x != best_y)
    return best_x > best_y ? -1 : 1;
  if (x->n_real != y->n_real)
    return x->n_real > y->n_real ? -1 : 1;
  return x->input[0] < y->input[0] ? -1 : 1;
}

static FluoLayoutPart *
part_new (const Layout *self,
          guint         capacity)
{
  FluoLayoutPart *part = g_new0 (FluoLayoutPart, 1);

  part->input = g_new (guint, capacity);
  part->half_width = g_new (double, capacity);
  part->above = g_new (double, capacity);
  part->below = g_new (double, capacity);
  part->importance = g_new (double, capacity);
  part->wires = g_array_new (FALSE, FALSE, sizeof (FluoLayoutWire));
  return part;
}

static inline guint
layout_left_end (const Layout *self,
                 guint         edge)
{
  return self->reversed[edge] ? self->edges[edge].to : self->edges[edge].from;
}

static void
layout_find_parts (Layout *self)
{
  g_autofree guint *parent = g_new (guint, self->n_nodes);
  g_autofree guint *size = g_new0 (guint, self->n_nodes);
  g_autofree guint *part_of_root = g_new (guint, self->n_nodes);
  g_autofree guint *n_links = NULL; /* at most, of a part */

  for (guint i = 0; i < self->n_nodes; i++)
    parent[i] = i;
  for (guint i = 0; i < self->n_edges; i++)
    {
      guint a = find_root (parent, self->edges[i].from), b = find_root (parent, self->edges[i].to);

      parent[MAX (a, b)] = MIN (a, b);
    }
  for (guint i = 0; i < self->n_nodes; i++)
    size[find_root (parent, i)]++;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      guint root = find_root (parent, i);
      FluoLayoutPart *part;

      self->part_of[i] = G_MAXUINT;
      if (size[root] == 1)
        continue;
      if (root == i)
        {
          part_of_root[i] = self->parts->len;
          g_ptr_array_add (self->parts, part_new (self, size[i]));
        }
      part = g_ptr_array_index (self->parts, part_of_root[root]);
      self->local[i] = part->n_real;
      part->input[part->n_real] = i;
      part->half_width[part->n_real] = fluo_layout_box_half (&self->nodes[i]);
      part->above[part->n_real] = fluo_layout_box_above (&self->nodes[i], self->looped[i]);
      part->below[part->n_real] = fluo_layout_box_below (&self->nodes[i]);
      part->importance[part->n_real++] = self->nodes[i].importance;
    }
  g_ptr_array_sort (self->parts, compare_part);
  for (guint p = 0; p < self->parts->len; p++)
    {
      FluoLayoutPart *part = g_ptr_array_index (self->parts, p);

      for (guint i = 0; i < part->n_real; i++)
        self->part_of[part->input[i]] = p;
    }
  n_links = g_new0 (guint, self->parts->len + 1);
  for (guint i = 0; i < self->n_edges; i++)
    if (self->edges[i].from != self->edges[i].to)
      n_links[self->part_of[self->edges[i].from]]++;
  for (guint p = 0; p < self->parts->len; p++)
    ((FluoLayoutPart *) g_ptr_array_index (self->parts, p))->links =
      g_new (FluoLayoutLink, n_links[p]);
}

/* For every edge the first one between the same two nodes, in either direction. */
static guint *
layout_find_firsts (const Layout *self)
{
  g_autofree guint *start = g_new0 (guint, self->n_nodes + 2);
  g_autofree guint *sorted = g_new (guint, self->n_edges); /* by left end */
  g_autofree guint *seen = g_new (guint, self->n_nodes);   /* a right end: the first edge there */
  guint *firsts = g_new (guint, self->n_edges);

  for (guint i = 0; i < self->n_edges; i++)
    start[layout_left_end (self, i) + 2]++;
  for (guint i = 2; i < self->n_nodes + 2; i++)
    start[i] += start[i - 1];
  for (guint i = 0; i < self->n_edges; i++)
    sorted[start[layout_left_end (self, i) + 1]++] = i;
  memset (seen, 0xff, self->n_nodes * sizeof (guint));
  for (guint left = 0; left < self->n_nodes; left++)
    for (guint k = start[left]; k < start[left + 1]; k++)
      {
        guint right = self->edges[sorted[k]].from + self->edges[sorted[k]].to - left;

        if (seen[right] == G_MAXUINT || layout_left_end (self, seen[right]) != left)
          seen[right] = sorted[k];
        firsts[sorted[k]] = seen[right];
      }
  return firsts;
}

/* Edges between the same two nodes, in either direction, are one link. */
static void
layout_make_links (Layout *self)
{
  g_autofree guint *firsts = layout_find_firsts (self);

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];
      guint left = layout_left_end (self, i), right = edge->from + edge->to - left;
      FluoLayoutPart *part;

      self->link_of[i] = G_MAXUINT;
      if (left == right)
        continue;
      part = g_ptr_array_index (self->parts, self->part_of[left]);
      if (firsts[i] == i)
        {
          self->link_of[i] = part->n_links;
          part->links[part->n_links++] =
            (FluoLayoutLink) { .from = self->local[left], .to = self->local[right],
                               .weight = edge->weight, .n_edges = 1 };
          continue;
        }
      self->link_of[i] = self->link_of[firsts[i]];
      part->links[self->link_of[i]].weight += edge->weight;
      part->links[self->link_of[i]].n_edges++;
    }
}

/* --- Columns and rows ----------------------------------------------------- */

static guint
layout_count_lone (const Layout *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    n += self->part_of[i] == G_MAXUINT;
  return n;
}

/* Room between the boxes of every column and the next: more where many edges rise and fall in
 * it. */
static double *
layout_get_gaps (const Layout *self)
{
  double *gaps = g_new0 (double, self->n_columns + 1);
  g_autofree guint *here = g_new (guint, self->n_columns + 1);

  for (guint p = 0; p < self->parts->len; p++)
    {
      const FluoLayoutPart *part = g_ptr_array_index (self->parts, p);

      memset (here, 0, part->n_ranks * sizeof (guint));
      for (guint i = 0; i < part->n_segments; i++)
        here[part->rank[part->segments[i].from]]++;
      for (guint c = 0; c < part->n_ranks; c++)
        gaps[c] = MAX (gaps[c], here[c]);
    }
  for (guint c = 0; c < self->n_columns; c++)
    gaps[c] =
      FLUO_LAYOUT_COLUMN_GAP + CLAMP (GAP_PER_EDGE * (gaps[c] - GAP_EDGES_FREE), 0, GAP_EXTRA_MAX);
  return gaps;
}

/* All parts share the columns; one is wider when its labels need it. */
static void
layout_make_columns (Layout *self)
{
  guint lone = layout_count_lone (self), seen = 0;
  g_autofree double *gaps = NULL;

  for (guint p = 0; p < self->parts->len; p++)
    self->n_columns =
      MAX (self->n_columns, ((FluoLayoutPart *) g_ptr_array_index (self->parts, p))->n_ranks);
  /* Many nodes without edges fill a square rather than a line. */
  self->n_columns = MAX (self->n_columns, MIN (lone, MAX (LONE_COLUMNS_MIN, (guint) sqrt (lone))));
  self->columns = g_new0 (double, self->n_columns + 1);
  self->half_widths = g_new0 (double, self->n_columns + 1);
  gaps = layout_get_gaps (self);

  for (guint p = 0; p < self->parts->len; p++)
    {
      const FluoLayoutPart *part = g_ptr_array_index (self->parts, p);

      for (guint i = 0; i < part->n_real; i++)
        self->half_widths[part->rank[i]] =
          MAX (self->half_widths[part->rank[i]], part->half_width[i]);
    }
  for (guint i = 0; i < self->n_nodes; i++)
    if (self->part_of[i] == G_MAXUINT)
      {
        guint c = seen++ % self->n_columns;

        self->half_widths[c] = MAX (self->half_widths[c], fluo_layout_box_half (&self->nodes[i]));
      }
  for (guint c = 0; c < self->n_columns; c++)
    self->columns[c] = c == 0 ? self->half_widths[0]
                              : self->columns[c - 1] + MAX (self->options.column_pitch,
                                                            self->half_widths[c - 1] +
                                                              self->half_widths[c] + gaps[c - 1]);
}

static double
layout_place_lone (Layout          *self,
                   FluoGraphLayout *result,
                   double           top)
{
  guint seen = 0;
  double above = 0, below = 0, previous = -G_MAXDOUBLE, y = top;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      if (self->part_of[i] != G_MAXUINT)
        continue;
      if (seen % self->n_columns == 0)
        {
          /* The whole row is known only after looking ahead. */
          guint left = self->n_columns;

          above = 0;
          for (guint k = i; k < self->n_nodes && left > 0; k++)
            if (self->part_of[k] == G_MAXUINT)
              {
                above = MAX (above, fluo_layout_box_above (&self->nodes[k], self->looped[k]));
                left--;
              }
          y = MAX (top + above, previous + self->options.row_pitch);
          previous = y;
        }
      below = fluo_layout_box_below (&self->nodes[i]);
      result->places[i] =
        (FluoLayoutPlace){ self->columns[seen % self->n_columns], y, seen % self->n_columns };
      top = MAX (top, y + below + FLUO_LAYOUT_LANE_PITCH);
      seen++;
    }
  return top;
}

/* --- Routes --------------------------------------------------------------- */

static void
layout_make_routes (Layout          *self,
                    FluoGraphLayout *result,
                    const double    *tops)
{
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];
      FluoLayoutRoute *route = &result->routes[i];
      FluoLayoutWire wire = { .link = self->link_of[i], .edge = i };

      route->reversed = self->reversed[i];
      route->points = g_array_new (FALSE, FALSE, sizeof (double));
      if (wire.link == G_MAXUINT)
        fluo_layout_route_loop (result->places[edge->from].x, result->places[edge->from].y,
                                route->points);
      else
        g_array_append_val (
          ((FluoLayoutPart *) g_ptr_array_index (self->parts, self->part_of[edge->from]))->wires,
          wire);
    }
  for (guint p = 0; p < self->parts->len; p++)
    {
      FluoLayoutPart *part = g_ptr_array_index (self->parts, p);

      fluo_layout_spread_ports (part);
      fluo_layout_bend_wires (part, self->columns, self->half_widths);
      for (guint i = 0; i < part->wires->len; i++)
        {
          const FluoLayoutWire *wire = &g_array_index (part->wires, FluoLayoutWire, i);
          GArray *points = result->routes[wire->edge].points;

          fluo_layout_route_wire (part, wire, self->columns, tops[p], points);
          if (self->reversed[wire->edge])
            fluo_layout_reverse_points (points);
        }
    }
}

/* --- Public --------------------------------------------------------------- */

static void
layout_init (Layout                  *self,
             const FluoLayoutNode    *nodes,
             guint                    n_nodes,
             const FluoLayoutEdge    *edges,
             guint                    n_edges,
             const FluoLayoutOptions *options)
{
  *self = (Layout){
    .nodes = nodes, .n_nodes = n_nodes, .edges = edges, .n_edges = n_edges, .options = *options
  };
  self->reversed = g_new0 (gboolean, n_edges);
  self->looped = g_new0 (gboolean, n_nodes);
  self->part_of = g_new (guint, n_nodes);
  self->local = g_new0 (guint, n_nodes);
  self->link_of = g_new (guint, n_edges);
  self->parts = g_ptr_array_new_with_free_func (part_free);
  for (guint i = 0; i < n_edges; i++)
    if (edges[i].from == edges[i].to)
      self->looped[edges[i].from] = TRUE;
}

static void
layout_clear (Layout *self)
{
  g_free (self->reversed);
  g_free (self->looped);
  g_free (self->part_of);
  g_free (self->local);
  g_free (self->link_of);
  g_free (self->columns);
  g_free (self->half_widths);
  g_ptr_array_unref (self->parts);
}

static void
layout_fill_result (Layout          *self,
                    FluoGraphLayout *result)
{
  g_autofree double *tops = g_new (double, self->parts->len + 1);
  double top = 0;
  guint64 crossings = 0;

  for (guint p = 0; p < self->parts->len; p++)
    {
      const FluoLayoutPart *part = g_ptr_array_index (self->parts, p);

      for (guint i = 0; i < part->n_real; i++)
        result->places[part->input[i]] =
          (FluoLayoutPlace){ self->columns[part->rank[i]], top + part->y[i], part->rank[i] };
      tops[p] = top;
      top += part->height + 2 * FLUO_LAYOUT_LANE_PITCH;
      crossings += part->crossings;
    }
  top = layout_place_lone (self, result, top);
  result->crossings = MIN (crossings, G_MAXUINT);
  layout_make_routes (self, result, tops);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      result->width =
        MAX (result->width, result->places[i].x + self->half_widths[result->places[i].column]);
      result->height =
        MAX (result->height, result->places[i].y + fluo_layout_box_below (&self->nodes[i]));
    }
  for (guint p = 0; p < self->parts->len; p++)
    result->height = MAX (
      result->height, tops[p] + ((FluoLayoutPart *) g_ptr_array_index (self->parts, p))->height);
}

/**
 * fluo_graph_layout_new:
 * @edges: both ends must be below @n_nodes
 *
 * The box of a node reaches fluo_layout_node_above() over its place and the rest of its height
 * below it. Boxes never overlap, no route touches a box but those of its two ends, and everything
 * lies within width and
 * height. */
FluoGraphLayout *
fluo_graph_layout_new (const FluoLayoutNode    *nodes,
                       guint                    n_nodes,
                       const FluoLayoutEdge    *edges,
                       guint                    n_edges,
                       const FluoLayoutOptions *options)
{
  FluoGraphLayout *result = NULL;
  Layout layout;

  g_return_val_if_fail (n_nodes == 0 || nodes != NULL, NULL);
  g_return_val_if_fail (n_edges == 0 || edges != NULL, NULL);
  g_return_val_if_fail (options != NULL, NULL);
  for (guint i = 0; i < n_edges; i++)
    g_return_val_if_fail (edges[i].from < n_nodes && edges[i].to < n_nodes, NULL);

  result = fluo_graph_layout_alloc (n_nodes, n_edges);
  layout_init (&layout, nodes, n_nodes, edges, n_edges, options);
  if (n_nodes > 0)
    {
      fluo_layout_break_cycles (nodes, n_nodes, edges, n_edges, layout.reversed);
      layout_find_parts (&layout);
      layout_make_links (&layout);
      for (guint p = 0; p < layout.parts->len; p++)
        {
          FluoLayoutPart *part = g_ptr_array_index (layout.parts, p);

          fluo_layout_rank_part (part);
          fluo_layout_order_part (part);
          fluo_layout_place_part (part, options->row_pitch);
        }
      layout_make_columns (&layout);
      layout_fill_result (&layout, result);
      result->n_columns = layout.n_columns;
      result->columns = g_steal_pointer (&layout.columns);
      result->half_widths = g_steal_pointer (&layout.half_widths);
    }
  layout_clear (&layout);
  return result;
}

FluoGraphLayout *
fluo_graph_layout_alloc (guint n_nodes,
                         guint n_edges)
{
  FluoGraphLayout *self = g_new0 (FluoGraphLayout, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_nodes = n_nodes;
  self->n_edges = n_edges;
  self->places = g_new0 (FluoLayoutPlace, n_nodes);
  self->routes = g_new0 (FluoLayoutRoute, n_edges);
  return self;
}

FluoGraphLayout *
fluo_graph_layout_ref (FluoGraphLayout *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_graph_layout_free (FluoGraphLayout *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_edges; i++)
    g_clear_pointer (&self->routes[i].points, g_array_unref);
  g_free (self->places);
  g_free (self->routes);
  g_free (self->columns);
  g_free (self->half_widths);
  g_free (self);
}

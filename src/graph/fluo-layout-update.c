/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-private.h"

#include <math.h>
#include <string.h>

/* A layout that follows another: what was there stays, what is new finds room beside its callers,
 * what is pinned stands where it was put, and only edges that have to are led anew. Columns stay
 * columns, so that everything that holds for a layout made from nothing holds here. */

/* An edge that passes a column keeps this distance from boxes and, where there is room, from the
 * other edges there. */
#define LANE_CLEARANCE 6.0
#define LANE_APART 8.0
#define LANE_TRIES 6

#define ROUNDING .001

/* Points of a cubic that are compared with boxes. */
#define SAMPLES 16

typedef struct
{
  const FluoLayoutNode   *nodes;
  guint                   n_nodes;
  const FluoLayoutEdge   *edges;
  guint                   n_edges;
  FluoLayoutOptions       options;
  const FluoGraphLayout  *previous;
  const FluoLayoutHint   *hints;
  gboolean               *looped;
  gboolean               *placed;
  gboolean               *moved;   /* not where it was, or new */
  FluoLayoutPlace        *places;  /* of the result */
  GArray                 *columns; /* double */
  GArray                 *halves;  /* double */
  GPtrArray              *members; /* GArray of guint a column, by height */
  GPtrArray              *lanes;   /* GArray of double a column: heights that are taken */
} Update;

static double
update_above (const Update *self, guint node)
{
  return fluo_layout_box_above (&self->nodes[node], self->looped[node]);
}

static double
update_below (const Update *self, guint node)
{
  return fluo_layout_box_below (&self->nodes[node]);
}

static double
update_half (const Update *self, guint node)
{
  return fluo_layout_box_half (&self->nodes[node]);
}

static double
update_separation (const Update *self,
                   guint         upper,
                   guint         lower)
{
  return MAX (update_below (self, upper) + update_above (self, lower) + FLUO_LAYOUT_LANE_PITCH,
              self->options.row_pitch);
}

/* The free height in a column that is nearest to @wanted. */
static double
update_find_room (const Update *self,
                  guint         column,
                  guint         node,
                  double        wanted)
{
  const GArray *members = g_ptr_array_index (self->members, column);
  double best = 0, distance = G_MAXDOUBLE;

  for (guint i = 0; i <= members->len; i++)
    {
      double low = update_above (self, node), high = G_MAXDOUBLE, y;

      if (i > 0)
        {
          guint upper = g_array_index (members, guint, i - 1);

          low = self->places[upper].y + update_separation (self, upper, node);
        }
      if (i < members->len)
        {
          guint lower = g_array_index (members, guint, i);

          high = self->places[lower].y - update_separation (self, node, lower);
        }
      if (low > high + ROUNDING)
        continue;
      /* What stood there before fits there, whatever the sums say. */
      y = wanted >= low - ROUNDING && wanted <= high + ROUNDING ? wanted
                                                                : CLAMP (wanted, low, high);
      if (fabs (y - wanted) < distance)
        {
          distance = fabs (y - wanted);
          best = y;
        }
    }
  return best;
}

static void
update_put (Update *self,
            guint   node,
            guint   column,
            double  y)
{
  GArray *members = g_ptr_array_index (self->members, column);
  double *half = &g_array_index (self->halves, double, column);
  guint at = 0;

  while (at < members->len && self->places[g_array_index (members, guint, at)].y < y)
    at++;
  g_array_insert_val (members, at, node);
  self->places[node] = (FluoLayoutPlace) { g_array_index (self->columns, double, column), y,
                                           column };
  self->placed[node] = TRUE;
  *half = MAX (*half, update_half (self, node));
}

static void
update_add_column (Update *self,
                   double  half)
{
  guint n = self->columns->len;
  double x = half;

  if (n > 0)
    x = g_array_index (self->columns, double, n - 1)
        + MAX (self->options.column_pitch, g_array_index (self->halves, double, n - 1) + half
                                             + FLUO_LAYOUT_COLUMN_GAP);
  g_array_append_val (self->columns, x);
  g_array_append_val (self->halves, half);
  g_ptr_array_add (self->members, g_array_new (FALSE, FALSE, sizeof (guint)));
  g_ptr_array_add (self->lanes, g_array_new (FALSE, FALSE, sizeof (double)));
}

static guint
update_nearest_column (const Update *self,
                       double        x)
{
  guint best = 0;

  for (guint c = 1; c < self->columns->len; c++)
    if (fabs (g_array_index (self->columns, double, c) - x)
        < fabs (g_array_index (self->columns, double, best) - x))
      best = c;
  return best;
}

/* Pins first, for they are the user's word; then everything that was there. */
static void
update_place_known (Update *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoLayoutHint *hint = &self->hints[i];
      guint column;

      if (!hint->pinned)
        continue;
      while (hint->x > g_array_index (self->columns, double, self->columns->len - 1)
                         + self->options.column_pitch * .6
             && self->columns->len < self->n_nodes + self->previous->n_columns)
        update_add_column (self, update_half (self, i));
      column = update_nearest_column (self, hint->x);
      update_put (self, i, column, update_find_room (self, column, i, hint->y));
    }
  /* Those who can stay do; whoever a pin displaced finds room around them. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->n_nodes; i++)
      {
        const FluoLayoutHint *hint = &self->hints[i];
        const FluoLayoutPlace *was;
        double y;

        if (self->placed[i] || hint->node >= self->previous->n_nodes)
          continue;
        was = &self->previous->places[hint->node];
        y = update_find_room (self, was->column, i, was->y);
        if (pass == 1 || y == was->y)
          update_put (self, i, was->column, y);
      }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoLayoutPlace *was = self->hints[i].node < self->previous->n_nodes
                                     ? &self->previous->places[self->hints[i].node]
                                     : NULL;

      self->moved[i] = !self->placed[i] || !was || was->x != self->places[i].x
                       || was->y != self->places[i].y;
    }
}

/* A new node stands one column after its last caller, at the mean height of its callers; without
 * one that has a place, before what it calls. FALSE while neither has a place. */
static gboolean
update_place_new (Update *self,
                  guint   node)
{
  guint n_callers = 0, n_callees = 0, after = 0, before = G_MAXUINT, column;
  double callers = 0, callees = 0;

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];

      if (edge->to == node && edge->from != node && self->placed[edge->from])
        {
          callers += self->places[edge->from].y;
          after = MAX (after, self->places[edge->from].column + 1);
          n_callers++;
        }
      if (edge->from == node && edge->to != node && self->placed[edge->to])
        {
          callees += self->places[edge->to].y;
          before = MIN (before, self->places[edge->to].column);
          n_callees++;
        }
    }
  if (n_callers == 0 && n_callees == 0)
    return FALSE;
  column = n_callers > 0 ? after : before > 0 ? before - 1 : 0;
  if (column == self->columns->len)
    update_add_column (self, update_half (self, node));
  update_put (self, node, column,
              update_find_room (self, column, node,
                                n_callers > 0 ? callers / n_callers : callees / n_callees));
  return TRUE;
}

static void
update_place_rest (Update *self)
{
  gboolean any = TRUE;

  while (any)
    {
      gboolean found = FALSE;

      any = FALSE;
      for (guint i = 0; i < self->n_nodes; i++)
        if (!self->placed[i])
          {
            found |= update_place_new (self, i);
            any |= !self->placed[i];
          }
      if (!any || found)
        continue;
      /* Joined to nothing that is there: below it all, and the rest beside it. */
      for (guint i = 0; i < self->n_nodes; i++)
        if (!self->placed[i])
          {
            update_put (self, i, 0,
                        update_find_room (self, 0, i,
                                          self->previous->height + self->options.row_pitch / 2));
            break;
          }
    }
}

/* --- Routes --------------------------------------------------------------- */

static gboolean
update_touches (const Update *self,
                const GArray *points,
                guint         node)
{
  const double half = update_half (self, node);
  const double top = self->places[node].y - update_above (self, node) - 2;
  const double bottom = self->places[node].y + update_below (self, node) + 2;
  const double *p = (const double *) points->data;

  for (guint i = 0; i + 7 < points->len; i += 6)
    {
      if (MIN (p[i], p[i + 6]) > self->places[node].x + half
          || MAX (p[i], p[i + 6]) < self->places[node].x - half)
        continue;
      for (guint k = 0; k <= SAMPLES; k++)
        {
          double t = k / (double) SAMPLES, u = 1 - t;
          double a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
          double x = a * p[i] + b * p[i + 2] + c * p[i + 4] + d * p[i + 6];
          double y = a * p[i + 1] + b * p[i + 3] + c * p[i + 5] + d * p[i + 7];

          if (fabs (x - self->places[node].x) < half && y > top && y < bottom)
            return TRUE;
        }
    }
  return FALSE;
}

/* The route that the edge had, when it still serves. */
static const FluoLayoutRoute *
update_get_kept (const Update *self,
                 guint         edge,
                 const guint  *previous_edges)
{
  const FluoLayoutEdge *item = &self->edges[edge];
  const FluoLayoutRoute *route;

  if (!previous_edges || previous_edges[edge] >= self->previous->n_edges
      || self->moved[item->from] || self->moved[item->to])
    return NULL;
  route = &self->previous->routes[previous_edges[edge]];
  for (guint i = 0; i < self->n_nodes; i++)
    if (self->moved[i] && update_touches (self, route->points, i))
      return NULL;
  return route;
}

static gboolean
lane_is_free (const Update *self,
              guint         column,
              double        y)
{
  const GArray *members = g_ptr_array_index (self->members, column);

  if (y < FLUO_LAYOUT_LANE_SPAN / 2)
    return FALSE;
  for (guint i = 0; i < members->len; i++)
    {
      guint u = g_array_index (members, guint, i);

      if (y > self->places[u].y - update_above (self, u) - LANE_CLEARANCE
          && y < self->places[u].y + update_below (self, u) + LANE_CLEARANCE)
        return FALSE;
    }
  return TRUE;
}

static void
consider_lane (const Update *self,
               guint         column,
               double        y,
               double        from,
               double        to,
               double       *best,
               double       *least)
{
  /* Any height on the way costs the same; then the edge stays level as long as it can. */
  double cost = fabs (y - from) + fabs (y - to) + .01 * fabs (y - from);

  if (cost < *least && lane_is_free (self, column, y))
    {
      *least = cost;
      *best = y;
    }
}

/* A height at which an edge coming from @from on its way to @to may pass a column. */
static double
update_find_lane (Update *self,
                  guint   column,
                  double  from,
                  double  to)
{
  const GArray *members = g_ptr_array_index (self->members, column);
  GArray *taken = g_ptr_array_index (self->lanes, column);
  double best = from, least = G_MAXDOUBLE;

  consider_lane (self, column, from, from, to, &best, &least);
  consider_lane (self, column, to, from, to, &best, &least);
  for (guint i = 0; i < members->len; i++)
    {
      guint u = g_array_index (members, guint, i);
      double y = self->places[u].y;

      consider_lane (self, column, y - update_above (self, u) - LANE_CLEARANCE, from, to, &best,
                     &least);
      consider_lane (self, column, y + update_below (self, u) + LANE_CLEARANCE, from, to, &best,
                     &least);
    }
  for (guint k = 0; k < 2 * LANE_TRIES; k++)
    {
      double y = best + (k % 2 == 0 ? 1 : -1) * LANE_APART * (k / 2 + (k % 2));
      gboolean apart = lane_is_free (self, column, y);

      for (guint i = 0; apart && i < taken->len; i++)
        apart = fabs (g_array_index (taken, double, i) - y) >= LANE_APART - .01;
      if (apart)
        {
          best = y;
          break;
        }
    }
  g_array_append_val (taken, best);
  return best;
}

/* Within one column: out to the right, past what stands between, and back. */
static void
route_within_column (const Update *self,
                     guint         edge,
                     GArray       *points)
{
  const FluoLayoutPlace *from = &self->places[self->edges[edge].from];
  const FluoLayoutPlace *to = &self->places[self->edges[edge].to];
  double out = from->x + g_array_index (self->halves, double, from->column) + 2;
  double bend = out + FLUO_LAYOUT_COLUMN_GAP / 3;
  double third = (out - from->x) / 3;
  double way[] = { from->x, from->y,     from->x + third, from->y, out - third, from->y,
                   out,     from->y,     bend,            from->y, bend,        to->y,
                   out,     to->y,       out - third,     to->y,   to->x + third, to->y,
                   to->x,   to->y };

  g_array_append_vals (points, way, G_N_ELEMENTS (way));
}

/* The edges that are led anew, as a part whose lanes are found one after the other. */
static void
update_fill_part (Update          *self,
                  FluoGraphLayout *result,
                  FluoLayoutPart  *part)
{
  guint capacity = 0, lane = self->n_nodes;

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];
      guint a = self->places[edge->from].column, b = self->places[edge->to].column;
      gboolean backwards = a > b;
      guint left = backwards ? edge->to : edge->from, right = backwards ? edge->from : edge->to;
      FluoLayoutLink link = { .from = left, .to = right, .weight = edge->weight, .n_edges = 1,
                              .first_lane = lane };
      FluoLayoutWire wire = { .link = part->n_links, .edge = i };
      double y = self->places[left].y;

      if (result->routes[i].points->len > 0 || a == b)
        continue;
      result->routes[i].reversed = backwards;
      link.n_lanes = (backwards ? a - b : b - a) - 1;
      part->y = g_renew (double, part->y, lane + link.n_lanes + 1);
      for (guint k = 0; k < link.n_lanes; k++)
        part->y[lane + k] = y = update_find_lane (self, self->places[left].column + 1 + k, y,
                                                  self->places[right].y);
      lane += link.n_lanes;
      if (part->n_links == capacity)
        {
          capacity = MAX (16, 2 * capacity);
          part->links = g_renew (FluoLayoutLink, part->links, capacity);
        }
      part->links[part->n_links++] = link;
      g_array_append_val (part->wires, wire);
    }
  part->n = lane;
}

static void
update_init_part (Update         *self,
                  FluoLayoutPart *part)
{
  guint n = self->n_nodes, at = 0;

  *part = (FluoLayoutPart) { .n_real = n, .n = n, .n_ranks = self->columns->len };
  part->half_width = g_new (double, n + 1);
  part->above = g_new (double, n + 1);
  part->below = g_new (double, n + 1);
  part->y = g_new (double, n + 1);
  part->rank = g_new (guint, n + 1);
  part->layer = g_new (guint, n + 1);
  part->layer_start = g_new0 (guint, part->n_ranks + 1);
  part->wires = g_array_new (FALSE, FALSE, sizeof (FluoLayoutWire));
  for (guint i = 0; i < n; i++)
    {
      part->half_width[i] = update_half (self, i);
      part->above[i] = update_above (self, i);
      part->below[i] = update_below (self, i);
      part->y[i] = self->places[i].y;
      part->rank[i] = self->places[i].column;
    }
  for (guint c = 0; c < part->n_ranks; c++)
    {
      const GArray *members = g_ptr_array_index (self->members, c);

      for (guint i = 0; i < members->len; i++)
        part->layer[at++] = g_array_index (members, guint, i);
      part->layer_start[c + 1] = at;
    }
}

static void
update_clear_part (FluoLayoutPart *part)
{
  g_free (part->half_width);
  g_free (part->above);
  g_free (part->below);
  g_free (part->y);
  g_free (part->rank);
  g_free (part->layer);
  g_free (part->layer_start);
  g_free (part->links);
  g_free (part->pieces);
  g_array_unref (part->wires);
}

static void
update_route (Update          *self,
              FluoGraphLayout *result,
              const guint     *previous_edges)
{
  FluoLayoutPart part;

  update_init_part (self, &part);
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoLayoutEdge *edge = &self->edges[i];
      FluoLayoutRoute *route = &result->routes[i];
      const FluoLayoutRoute *kept = update_get_kept (self, i, previous_edges);

      route->points = g_array_new (FALSE, FALSE, sizeof (double));
      if (kept)
        {
          route->reversed = kept->reversed;
          g_array_append_vals (route->points, kept->points->data, kept->points->len);
        }
      else if (edge->from == edge->to)
        fluo_layout_route_loop (self->places[edge->from].x, self->places[edge->from].y,
                                route->points);
      else if (self->places[edge->from].column == self->places[edge->to].column)
        route_within_column (self, i, route->points);
    }
  update_fill_part (self, result, &part);
  fluo_layout_spread_ports (&part);
  fluo_layout_bend_wires (&part, (double *) self->columns->data, (double *) self->halves->data);
  for (guint i = 0; i < part.wires->len; i++)
    {
      const FluoLayoutWire *wire = &g_array_index (part.wires, FluoLayoutWire, i);
      GArray *points = result->routes[wire->edge].points;

      fluo_layout_route_wire (&part, wire, (double *) self->columns->data, 0, points);
      if (result->routes[wire->edge].reversed)
        fluo_layout_reverse_points (points);
    }
  update_clear_part (&part);
}

/* --- Public --------------------------------------------------------------- */

/* Wide boxes may leave no room between columns that were made for narrow ones. */
static gboolean
update_columns_fit (const Update *self)
{
  for (guint c = 0; c + 1 < self->columns->len; c++)
    if (g_array_index (self->columns, double, c + 1) - g_array_index (self->columns, double, c)
        < g_array_index (self->halves, double, c) + g_array_index (self->halves, double, c + 1)
            + FLUO_LAYOUT_COLUMN_GAP / 4)
      return FALSE;
  return TRUE;
}

static void
update_finish (Update          *self,
               FluoGraphLayout *result)
{
  result->n_columns = self->columns->len;
  result->columns = g_memdup2 (self->columns->data, result->n_columns * sizeof (double));
  result->half_widths = g_memdup2 (self->halves->data, result->n_columns * sizeof (double));
  result->crossings = self->previous->crossings;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      result->width = MAX (result->width, self->places[i].x + update_half (self, i));
      result->height = MAX (result->height, self->places[i].y + update_below (self, i));
    }
  for (guint i = 0; i < self->n_edges; i++)
    for (guint k = 0; k < result->routes[i].points->len; k += 2)
      {
        result->width = MAX (result->width, g_array_index (result->routes[i].points, double, k));
        result->height =
          MAX (result->height, g_array_index (result->routes[i].points, double, k + 1));
      }
}

/**
 * fluo_graph_layout_update:
 * @previous: a layout of another or the same graph
 * @hints: one a node: which node of @previous it was, and where the user put it
 * @previous_edges: (nullable): one an edge: which edge of @previous it was, or G_MAXUINT
 *
 * Every node that was in @previous stays exactly where it was, unless it is pinned elsewhere or
 * overlaps one that is. Any thread. Returns NULL when that can't be done: nothing was known, or
 * the columns have no room for wider boxes; then make a new one. */
FluoGraphLayout *
fluo_graph_layout_update (const FluoLayoutNode    *nodes,
                          guint                    n_nodes,
                          const FluoLayoutEdge    *edges,
                          guint                    n_edges,
                          const FluoLayoutOptions *options,
                          const FluoGraphLayout   *previous,
                          const FluoLayoutHint    *hints,
                          const guint             *previous_edges)
{
  FluoGraphLayout *result = NULL;
  Update self = { .nodes = nodes, .n_nodes = n_nodes, .edges = edges, .n_edges = n_edges,
                  .options = *options, .previous = previous, .hints = hints };

  g_return_val_if_fail (previous != NULL && hints != NULL, NULL);
  if (previous->n_columns == 0 || n_nodes == 0)
    return NULL;
  result = fluo_graph_layout_alloc (n_nodes, n_edges);
  self.places = result->places;
  self.looped = g_new0 (gboolean, n_nodes);
  self.placed = g_new0 (gboolean, n_nodes);
  self.moved = g_new0 (gboolean, n_nodes);
  self.columns = g_array_new (FALSE, FALSE, sizeof (double));
  self.halves = g_array_new (FALSE, FALSE, sizeof (double));
  self.members = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self.lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < n_edges; i++)
    self.looped[edges[i].from] |= edges[i].from == edges[i].to;
  for (guint c = 0; c < previous->n_columns; c++)
    {
      update_add_column (&self, previous->half_widths[c]);
      g_array_index (self.columns, double, c) = previous->columns[c];
    }
  update_place_known (&self);
  update_place_rest (&self);
  if (update_columns_fit (&self))
    {
      update_route (&self, result, previous_edges);
      update_finish (&self, result);
    }
  else
    g_clear_pointer (&result, fluo_graph_layout_free);
  g_free (self.looped);
  g_free (self.placed);
  g_free (self.moved);
  g_array_unref (self.columns);
  g_array_unref (self.halves);
  g_ptr_array_unref (self.members);
  g_ptr_array_unref (self.lanes);
  return result;
}

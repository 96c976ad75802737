/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-layout"

#include "fluo-layout-update-private.h"

#include <math.h>

/* An edge that passes a column keeps this distance from boxes and, where there is room, from the
 * other edges there. */
#define LANE_CLEARANCE 6.0
#define LANE_APART 8.0
#define LANE_TRIES 6

/* Points of a cubic that are compared with boxes. */
#define SAMPLES 16

static gboolean
update_touches (const FluoLayoutUpdate *self, const GArray *points, guint node)
{
  const double half = fluo_layout_update_half (self, node);
  const double top = self->places[node].y - fluo_layout_update_above (self, node) - 2;
  const double bottom = self->places[node].y + fluo_layout_update_below (self, node) + 2;
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
update_get_kept (const FluoLayoutUpdate *self, guint edge, const guint *previous_edges)
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
lane_is_free (const FluoLayoutUpdate *self, guint column, double y)
{
  const GArray *members = g_ptr_array_index (self->members, column);

  if (y < FLUO_LAYOUT_LANE_SPAN / 2)
    return FALSE;
  for (guint i = 0; i < members->len; i++)
    {
      guint u = g_array_index (members, guint, i);

      if (y > self->places[u].y - fluo_layout_update_above (self, u) - LANE_CLEARANCE
          && y < self->places[u].y + fluo_layout_update_below (self, u) + LANE_CLEARANCE)
        return FALSE;
    }
  return TRUE;
}

static void
consider_lane (const FluoLayoutUpdate *self, guint column, double y, double from, double to,
               double *best, double *least)
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
update_find_lane (FluoLayoutUpdate *self, guint column, double from, double to)
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

      consider_lane (self, column, y - fluo_layout_update_above (self, u) - LANE_CLEARANCE, from,
                     to, &best, &least);
      consider_lane (self, column, y + fluo_layout_update_below (self, u) + LANE_CLEARANCE, from,
                     to, &best, &least);
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
route_within_column (const FluoLayoutUpdate *self, guint edge, GArray *points)
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
update_fill_part (FluoLayoutUpdate *self, FluoGraphLayout *result, FluoLayoutPart *part)
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
update_init_part (FluoLayoutUpdate *self, FluoLayoutPart *part)
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
      part->half_width[i] = fluo_layout_update_half (self, i);
      part->above[i] = fluo_layout_update_above (self, i);
      part->below[i] = fluo_layout_update_below (self, i);
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

void
fluo_layout_update_route (FluoLayoutUpdate *self, FluoGraphLayout *result,
                          const guint *previous_edges)
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

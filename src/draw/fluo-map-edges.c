/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* Between ring and line; the arrow head stands in the second gap. */
#define START_GAP_PX 2.0
#define END_GAP_PX 8.0

/* Keeps the part of a curve from @t on (@rest) or up to it, after de Casteljau. */
static void
cut_curve (FluoMapPoint *p,
           double        t,
           gboolean      rest)
{
  FluoMapPoint a[3], b[2], c;

#define MIX(u, v) ((FluoMapPoint) { (u).x + ((v).x - (u).x) * t, (u).y + ((v).y - (u).y) * t })
  for (guint i = 0; i < 3; i++)
    a[i] = MIX (p[i], p[i + 1]);
  for (guint i = 0; i < 2; i++)
    b[i] = MIX (a[i], a[i + 1]);
  c = MIX (b[0], b[1]);
#undef MIX
  if (rest)
    {
      p[0] = c;
      p[1] = b[1];
      p[2] = a[2];
    }
  else
    {
      p[1] = a[0];
      p[2] = b[0];
      p[3] = c;
    }
}

static gboolean
inside_ring (FluoMapPoint p,
             FluoMapPoint centre,
             double       radius)
{
  return hypot (p.x - centre.x, p.y - centre.y) <= radius;
}

/* Cuts what lies inside a ring off the end of a curve whose other end is outside. */
static void
trim_curve (FluoMapPoint *curve,
            FluoMapPoint  centre,
            double        radius,
            gboolean      at_start)
{
  double inside = at_start ? 0 : 1;
  double outside = at_start ? 1 : 0;

  for (guint i = 0; i < 24; i++)
    {
      const double t = (inside + outside) / 2;

      if (inside_ring (fluo_map_bezier (curve, t), centre, radius))
        inside = t;
      else
        outside = t;
    }
  cut_curve (curve, outside, at_start);
}

/* Trims both ends of the @n curves at @p at the rings. Curves that lie inside a ring are left out:
 * returns the first one kept, and how many in @n. */
static FluoMapPoint *
trim_route (FluoMapPoint      *p,
            guint             *n,
            const FluoMapNode *from,
            const FluoMapNode *to,
            double             zoom)
{
  const FluoMapPoint start = { from->x, from->y };
  const FluoMapPoint end = { to->x, to->y };
  const double start_radius = from->radius + START_GAP_PX * zoom + .5;
  const double end_radius = to->radius + END_GAP_PX * zoom;

  while (*n > 1 && inside_ring (p[3], start, start_radius))
    {
      p += 3;
      (*n)--;
    }
  while (*n > 1 && inside_ring (p[3 * (*n - 1)], end, end_radius))
    (*n)--;
  if (!inside_ring (p[3], start, start_radius))
    trim_curve (p, start, start_radius, TRUE);
  if (!inside_ring (p[3 * (*n - 1)], end, end_radius))
    trim_curve (p + 3 * (*n - 1), end, end_radius, FALSE);
  return p;
}

static void
route_edge (FluoMap               *self,
            FluoMapEdge           *box,
            const FluoLayoutRoute *route)
{
  const FluoMapNode *from = &self->nodes[box->from];
  const FluoMapNode *to = &self->nodes[box->to];
  const double zoom = self->view.zoom;
  const guint length = route && route->points ? route->points->len / 2 : 0;
  g_autofree FluoMapPoint *points = NULL;
  FluoMapPoint *kept;

  box->n_curves = length >= 4 ? (length - 1) / 3 : 1;
  points = g_new (FluoMapPoint, 1 + 3 * box->n_curves);
  for (guint i = 0; i < 1 + 3 * box->n_curves; i++)
    {
      const double t = i / (3.0 * box->n_curves);

      /* Without a route: a straight line. */
      points[i] =
        (FluoMapPoint){ from->x + (to->x - from->x) * t, from->y + (to->y - from->y) * t };
      if (length >= 4 && isfinite (g_array_index (route->points, double, 2 * i)) &&
          isfinite (g_array_index (route->points, double, 2 * i + 1)))
        points[i] =
          (FluoMapPoint){ self->view.pan_x + g_array_index (route->points, double, 2 * i) * zoom,
                          self->view.pan_y +
                            g_array_index (route->points, double, 2 * i + 1) * zoom };
    }
  kept = trim_route (points, &box->n_curves, from, to, zoom);
  box->first_point = self->points->len;
  g_array_append_vals (self->points, kept, 1 + 3 * box->n_curves);
}

/* The point at half the length of @n curves. */
static FluoMapPoint
half_way (const FluoMapPoint *p,
          guint               n)
{
  double half = 0;
  FluoMapPoint last = p[0];

  /* Once to measure, once to stop at the half. */
  for (guint pass = 0; pass < 2; pass++)
    {
      double at = 0;

      last = p[0];
      for (guint i = 1; i <= n * FLUO_MAP_PIECES; i++)
        {
          const FluoMapPoint next =
            fluo_map_bezier (p + 3 * ((i - 1) / FLUO_MAP_PIECES),
                             ((i - 1) % FLUO_MAP_PIECES + 1) / (double) FLUO_MAP_PIECES);
          const double step = hypot (next.x - last.x, next.y - last.y);

          if (pass == 1 && at + step >= half)
            {
              const double t = step > 0 ? (half - at) / step : 0;

              return (FluoMapPoint){ last.x + (next.x - last.x) * t,
                                     last.y + (next.y - last.y) * t };
            }
          at += step;
          last = next;
        }
      half = at / 2;
    }
  return last;
}

static void
place_edge_marks (const FluoMap *self,
                  FluoMapEdge   *box)
{
  const FluoMapPoint *p = &g_array_index (self->points, FluoMapPoint, box->first_point);
  const FluoMapPoint middle = half_way (p, box->n_curves);
  double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;

  for (guint i = 0; i < 1 + 3 * box->n_curves; i++)
    {
      left = MIN (left, p[i].x);
      right = MAX (right, p[i].x);
      top = MIN (top, p[i].y);
      bottom = MAX (bottom, p[i].y);
    }
  box->middle_x = middle.x;
  box->middle_y = middle.y;
  p += 3 * box->n_curves;
  box->angle = atan2 (p[0].y - p[-1].y, p[0].x - p[-1].x);
  /* Glow, arrow head, and the labels half way. */
  box->bounds = (FluoMapBox) { left - 16, top - 28, right - left + 32, bottom - top + 56 };
  box->bounds =
    fluo_map_box_union (box->bounds, (FluoMapBox){ middle.x - 90, middle.y - 50, 220, 100 });
}

static int
compare_trouble (gconstpointer a,
                 gconstpointer b)
{
  const FluoMapEdge *one = a;
  const FluoMapEdge *other = b;

  if (one->status != other->status)
    return one->status < other->status ? -1 : 1;
  return one->edge < other->edge ? -1 : 1;
}

void
fluo_map_layout_edges (FluoMap                *self,
                       const FluoServiceGraph *graph,
                       const FluoMapTopology  *topology,
                       const FluoGraphLayout  *layout)
{
  const double minutes = fluo_map_span_minutes (graph, self->view.span);
  const double line_scale = CLAMP (self->view.zoom, .42, 1.5);

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, topology->edges[i]);
      const double rate = fluo_call_stats_total (&edge->stats) / minutes;
      FluoMapEdge *box = &self->edges[i];

      box->edge = topology->edges[i];
      box->from = edge->from;
      box->to = edge->to;
      box->linked = edge->linked;
      box->status = fluo_call_stats_worst (&edge->stats);
      box->width = (1.2 + 5.6 * sqrt (topology->links[i].weight)) * line_scale;
      box->dimmed = self->nodes[edge->from].dimmed || self->nodes[edge->to].dimmed;
      box->rate = fluo_map_dup_traffic (graph, self->view.span, rate);
      if (box->status == FLUO_STATUS_FAULT || box->status == FLUO_STATUS_ERROR)
        {
          const gboolean fault = box->status == FLUO_STATUS_FAULT;
          g_autofree char *share =
            fluo_format_share (fault ? fluo_call_stats_fault_rate (&edge->stats)
                                     : fluo_call_stats_error_rate (&edge->stats));

          box->trouble = g_strdup_printf (fault ? _("%s faults") : _("%s errors"), share);
        }
      if (self->view.difference)
        {
          box->change = &self->view.difference->edges[box->edge];
          fluo_map_layout_edge_change (box);
        }
      route_edge (self, box, i < layout->n_edges ? &layout->routes[i] : NULL);
      place_edge_marks (self, box);
      self->rate_min = i == 0 ? rate : MIN (self->rate_min, rate);
      self->rate_max = MAX (self->rate_max, rate);
    }
  if (self->n_edges > 1)
    qsort (self->edges, self->n_edges, sizeof (FluoMapEdge), compare_trouble);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-map-private.h"

#define EDGE_REACH_PX 6.0

FluoFont
fluo_map_font (const FluoMap *self,
               double         size,
               int            weight,
               gboolean       tabular)
{
  /* Steps of a quarter px keep the text cache warm while zooming. */
  return (FluoFont) { FLUO_FONT_SANS, round (size * self->text_scale * 4) / 4, weight, tabular };
}

FluoMapPoint
fluo_map_bezier (const FluoMapPoint *p,
                 double              t)
{
  const double u = 1 - t;
  const double a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;

  return (FluoMapPoint) { a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
                          a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y };
}

gboolean
fluo_map_box_overlaps (const FluoMapBox *a,
                       const FluoMapBox *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
         b->y < a->y + a->height;
}

FluoMapBox
fluo_map_box_union (FluoMapBox a,
                    FluoMapBox b)
{
  const double right = MAX (a.x + a.width, b.x + b.width);
  const double bottom = MAX (a.y + a.height, b.y + b.height);
  FluoMapBox box = { MIN (a.x, b.x), MIN (a.y, b.y), 0, 0 };

  if (b.width <= 0)
    return a;
  if (a.width <= 0)
    return b;
  box.width = right - box.x;
  box.height = bottom - box.y;
  return box;
}

gboolean
fluo_map_in_reach (const FluoMap    *self,
                   const FluoMapBox *box)
{
  const double margin = self->view.margin;
  const FluoMapBox reach = { -margin, -margin, self->view.width + 2 * margin,
                             self->view.height + 2 * margin };

  return !isfinite (margin) || fluo_map_box_overlaps (box, &reach);
}

/* --- Labels on edges, colours ------------------------------------------------ */

static gboolean
box_contains (const FluoMapBox *box,
              double            x,
              double            y,
              double            reach)
{
  return x >= box->x - reach && y >= box->y - reach && x < box->x + box->width + reach &&
         y < box->y + box->height + reach;
}

/* Outlined text costs ten times as much as plain text, so only labels that lie on a line get a
 * halo. */
static void
find_crossed_labels (FluoMap *self)
{
  const double margin = isfinite (self->view.margin) ? self->view.margin : 0;
  const FluoMapBox picture = { -margin, -margin, self->view.width + 2 * margin,
                               self->view.height + 2 * margin };
  g_autoptr (GArray) labelled = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n_nodes; i++)
    if (self->nodes[i].label.width > 0 && fluo_map_box_overlaps (&self->nodes[i].label, &picture))
      g_array_append_val (labelled, i);
  for (guint i = 0; labelled->len > 0 && i < self->n_edges; i++)
    {
      const FluoMapEdge *edge = &self->edges[i];
      FluoMapPoint samples[2 * FLUO_MAP_PIECES + 1];
      const guint n_samples = G_N_ELEMENTS (samples);
      const FluoMapPoint *p = &g_array_index (self->points, FluoMapPoint, edge->first_point);

      if (!fluo_map_box_overlaps (&edge->bounds, &picture))
        continue;
      for (guint k = 0; k < n_samples; k++)
        {
          const double at = k * edge->n_curves / (double) n_samples;
          const guint curve = (guint) at;

          samples[k] = fluo_map_bezier (p + 3 * curve, at - curve);
        }
      for (guint n = 0; n < labelled->len; n++)
        {
          FluoMapNode *node = &self->nodes[g_array_index (labelled, guint, n)];

          if (node->crossed || !fluo_map_box_overlaps (&edge->bounds, &node->label))
            continue;
          for (guint k = 0; k < n_samples && !node->crossed; k++)
            node->crossed = box_contains (&node->label, samples[k].x, samples[k].y, 10);
        }
    }
}

typedef struct
{
  guint  node;
  guint  rank;
  gint64 first_ns;
} Appearance;

static int
compare_appearance (gconstpointer a,
                    gconstpointer b)
{
  const Appearance *one = a;
  const Appearance *other = b;

  if (one->first_ns != other->first_ns)
    return one->first_ns < other->first_ns ? -1 : 1;
  return one->rank < other->rank ? -1 : one->rank > other->rank;
}

/* Whatever the order of the answer. */
void
fluo_map_register_colors (const FluoServiceGraph *graph,
                          const FluoMapTopology  *topology,
                          FluoServiceColors      *colors)
{
  g_autofree Appearance *order = g_new (Appearance, graph->nodes->len);

  for (guint i = 0; i < graph->nodes->len; i++)
    order[i] = (Appearance){ i, topology->ranks[i],
                             ((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->first_ns };
  qsort (order, graph->nodes->len, sizeof (Appearance), compare_appearance);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, order[i].node);

      if (g_strcmp0 (node->type, "client") != 0)
        fluo_service_colors_lookup (colors, node->name, node->type);
    }
}

/* --- Public --------------------------------------------------------------- */

FluoMap *
fluo_map_layout (FluoPainter            *painter,
                 const FluoServiceGraph *graph,
                 const FluoMapTopology  *topology,
                 const FluoGraphLayout  *layout,
                 FluoServiceColors      *colors,
                 const FluoMapView      *view)
{
  FluoMap *self;

  g_return_val_if_fail (painter && graph && topology && layout && view, NULL);
  g_return_val_if_fail (
    topology->n_nodes == graph->nodes->len && topology->n_edges == graph->edges->len, NULL);

  self = g_new0 (FluoMap, 1);
  self->view = *view;
  self->view.matching = NULL;
  self->view.alarmed = NULL;
  self->view.picked = NULL;
  self->view.difference = view->difference && view->difference->n_nodes == graph->nodes->len
                              && view->difference->n_edges == graph->edges->len
                            ? fluo_graph_difference_ref (view->difference)
                            : NULL;
  self->view.usual = view->usual && view->usual->n_nodes == graph->nodes->len
                       ? fluo_graph_difference_ref (view->usual) : NULL;
  self->detail = view->zoom < FLUO_MAP_ZOOM_NAMES     ? FLUO_MAP_DETAIL_DOTS
                 : view->zoom < FLUO_MAP_ZOOM_NUMBERS ? FLUO_MAP_DETAIL_NAMES
                                                      : FLUO_MAP_DETAIL_FULL;
  self->text_scale = CLAMP (view->zoom, .75, 2.0);
  self->points = g_array_new (FALSE, FALSE, sizeof (FluoMapPoint));
  self->n_nodes = graph->nodes->len;
  self->nodes = g_new0 (FluoMapNode, self->n_nodes);
  self->n_edges = graph->edges->len;
  self->edges = g_new0 (FluoMapEdge, self->n_edges);
  if (colors && self->n_nodes > 0)
    fluo_map_register_colors (graph, topology, colors);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      fluo_map_layout_node (self, painter, graph, topology, layout, colors, i);
      self->has_times |=
        ((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->stats.histogram.count > 0;
      self->nodes[i].dimmed = view->matching && !view->matching[i];
      self->nodes[i].picked = view->picked && view->picked[i];
      if (view->alarmed && view->alarmed[i])
        fluo_map_layout_bell (self, &self->nodes[i]);
      self->extent = fluo_map_box_union (self->extent, self->nodes[i].bounds);
    }
  if (self->detail == FLUO_MAP_DETAIL_DOTS)
    fluo_map_layout_names (self, painter, graph);
  fluo_map_layout_edges (self, graph, topology, layout);
  fluo_map_measure_legend (self, painter);
  find_crossed_labels (self);
  return self;
}

void
fluo_map_free (FluoMap *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_free (self->nodes[i].name);
      g_free (self->nodes[i].type);
      g_free (self->nodes[i].numbers);
      g_free (self->nodes[i].badge_text);
      g_free (self->nodes[i].sign_text);
    }
  for (guint i = 0; i < self->n_edges; i++)
    {
      g_free (self->edges[i].rate);
      g_free (self->edges[i].trouble);
    }
  fluo_graph_difference_unref (self->view.difference);
  fluo_graph_difference_unref (self->view.usual);
  g_free (self->nodes);
  g_free (self->edges);
  g_array_unref (self->points);
  g_free (self);
}

static void
box_translate (FluoMapBox *box,
               double      dx,
               double      dy)
{
  box->x += dx;
  box->y += dy;
}

void
fluo_map_translate (FluoMap *self,
                    double   dx,
                    double   dy)
{
  g_return_if_fail (self != NULL);

  self->view.pan_x += dx;
  self->view.pan_y += dy;
  box_translate (&self->extent, dx, dy);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      FluoMapNode *node = &self->nodes[i];

      node->x += dx;
      node->y += dy;
      box_translate (&node->bounds, dx, dy);
      box_translate (&node->label, dx, dy);
      box_translate (&node->badge, dx, dy);
      box_translate (&node->sign, dx, dy);
      box_translate (&node->bell, dx, dy);
    }
  for (guint i = 0; i < self->n_edges; i++)
    {
      self->edges[i].middle_x += dx;
      self->edges[i].middle_y += dy;
      box_translate (&self->edges[i].bounds, dx, dy);
    }
  for (guint i = 0; i < self->points->len; i++)
    {
      g_array_index (self->points, FluoMapPoint, i).x += dx;
      g_array_index (self->points, FluoMapPoint, i).y += dy;
    }
}

void
fluo_map_set_state (FluoMap           *self,
                    const FluoMapView *view)
{
  g_return_if_fail (self != NULL && view != NULL);

  self->view.selected_node = view->selected_node;
  self->view.selected_edge = view->selected_edge;
  self->view.focus_node = view->focus_node;
  self->view.hover_node = view->hover_node;
  self->view.hover_edge = view->hover_edge;
  self->view.inactive = view->inactive;
  if (self->view.picked_serial != view->picked_serial)
    for (guint i = 0; i < self->n_nodes; i++)
      self->nodes[i].picked = view->picked && view->picked[i];
  self->view.picked_serial = view->picked_serial;
}

static double
distance_to_piece (FluoMapPoint a,
                   FluoMapPoint b,
                   double       x,
                   double       y)
{
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double length = dx * dx + dy * dy;
  const double t = length > 0 ? CLAMP (((x - a.x) * dx + (y - a.y) * dy) / length, 0, 1) : 0;

  return hypot (x - a.x - t * dx, y - a.y - t * dy);
}

static double
distance_to_edge (const FluoMap     *self,
                  const FluoMapEdge *edge,
                  double             x,
                  double             y)
{
  double nearest = hypot (x - edge->middle_x, y - edge->middle_y) - 4;

  if (edge->status == FLUO_STATUS_OK)
    nearest = INFINITY;
  for (guint i = 0; i < edge->n_curves; i++)
    {
      const FluoMapPoint *p =
        &g_array_index (self->points, FluoMapPoint, edge->first_point + 3 * i);
      FluoMapPoint last = p[0];

      for (guint k = 1; k <= FLUO_MAP_PIECES; k++)
        {
          const FluoMapPoint next = fluo_map_bezier (p, k / (double) FLUO_MAP_PIECES);

          nearest = MIN (nearest, distance_to_piece (last, next, x, y));
          last = next;
        }
    }
  return nearest - edge->width / 2;
}

guint8 *
fluo_map_dup_nodes_in (const FluoMap    *self,
                       const FluoMapBox *box)
{
  guint8 *found;

  g_return_val_if_fail (self != NULL && box != NULL, NULL);

  found = g_new0 (guint8, self->n_nodes + 1);
  for (guint i = 0; i < self->n_nodes; i++)
    found[i] = box_contains (box, self->nodes[i].x, self->nodes[i].y, 0);
  return found;
}

FluoMapHit
fluo_map_hit (const FluoMap *self,
              double         x,
              double         y,
              guint         *ret_index)
{
  double nearest = EDGE_REACH_PX;
  guint found = FLUO_MAP_NONE;

  g_return_val_if_fail (self != NULL, FLUO_MAP_HIT_NOTHING);

  /* Nodes are drawn in order, so the last one is on top; rings win over labels. */
  for (guint pass = 0; pass < 2 && found == FLUO_MAP_NONE; pass++)
    for (guint i = self->n_nodes; i-- > 0 && found == FLUO_MAP_NONE;)
      {
        const FluoMapNode *node = &self->nodes[i];
        const gboolean on_ring = hypot (x - node->x, y - node->y) <= node->radius + 3;
        const gboolean on_label = (node->label.width > 0 && box_contains (&node->label, x, y, 0)) ||
                                  (node->badge.width > 0 && box_contains (&node->badge, x, y, 0)) ||
                                  (node->sign.width > 0 && box_contains (&node->sign, x, y, 0)) ||
                                  (node->bell.width > 0 && box_contains (&node->bell, x, y, 0));

        if (pass == 0 ? on_ring : on_label)
          found = i;
      }
  if (found != FLUO_MAP_NONE)
    {
      if (ret_index)
        *ret_index = found;
      return FLUO_MAP_HIT_NODE;
    }
  for (guint i = self->n_edges; i-- > 0;)
    {
      const FluoMapEdge *edge = &self->edges[i];
      double distance;

      if (!box_contains (&edge->bounds, x, y, EDGE_REACH_PX))
        continue;
      distance = distance_to_edge (self, edge, x, y);
      if (distance < nearest)
        {
          nearest = distance;
          found = edge->edge;
        }
    }
  if (found == FLUO_MAP_NONE)
    return FLUO_MAP_HIT_NOTHING;
  if (ret_index)
    *ret_index = found;
  return FLUO_MAP_HIT_EDGE;
}

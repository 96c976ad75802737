/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* Names wider than a column are cut in the middle: their ends tell services apart. */
#define NAME_CHARS_MAX 160
#define LABEL_WIDTH_PX 172.0
#define ARC_SHARE_MIN 0.018
#define BADGE_FAULT_RATE 0.01
#define BELL_PX 18.0
#define EDGE_REACH_PX 6.0
#define DOT_RADIUS_MIN_PX 5.0
#define DOT_RADIUS_MAX_PX 50.0

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

/* --- Nodes ---------------------------------------------------------------- */

static char *
ellipsize_middle (FluoPainter *painter,
                  const char  *text,
                  FluoFont     font,
                  double       max_width)
{
  g_autofree char *safe = fluo_format_untrusted (text ? text : "", NAME_CHARS_MAX);
  const glong length = g_utf8_strlen (safe, -1);
  glong low = 2;
  glong high = length - 1;
  char *best;

  if (length <= 3 || fluo_painter_measure (painter, safe, font) <= max_width)
    return g_steal_pointer (&safe);
  best = g_strdup ("…");
  while (low <= high)
    {
      const glong keep = (low + high) / 2;
      const char *head_end = g_utf8_offset_to_pointer (safe, (keep + 1) / 2);
      const char *tail = g_utf8_offset_to_pointer (safe, length - keep / 2);
      char *candidate = g_strdup_printf ("%.*s…%s", (int) (head_end - safe), safe, tail);

      if (fluo_painter_measure (painter, candidate, font) <= max_width)
        {
          g_free (best);
          best = candidate;
          low = keep + 1;
        }
      else
        {
          g_free (candidate);
          high = keep - 1;
        }
    }
  return best;
}

/* Shares of fault, throttle and error along the ring, none so small that it can't be seen. */
static void
fill_arcs (FluoMapNode         *box,
           const FluoCallStats *stats)
{
  const gint64 counts[3] = { stats->fault, stats->throttle, stats->error };
  const double total = fluo_call_stats_total (stats);
  double sum = 0;

  for (guint i = 0; i < 3; i++)
    {
      if (counts[i] > 0 && total > 0)
        box->arcs[i] = MAX (ARC_SHARE_MIN, counts[i] / total);
      sum += box->arcs[i];
    }
  for (guint i = 0; sum > 1 && i < 3; i++)
    box->arcs[i] /= sum;
}

static void
fill_texts (FluoMap                *self,
            FluoPainter            *painter,
            const FluoServiceGraph *graph,
            FluoMapNode            *box)
{
  const FluoGraphNode *node = g_ptr_array_index (graph->nodes, box->node);
  const double scale = self->text_scale;
  double width;

  box->name =
    ellipsize_middle (painter, fluo_kind_get_display_name (node->type, node->name),
                      fluo_map_font (self, 13, 700, FALSE), LABEL_WIDTH_PX * self->view.zoom);
  if (node->n_folded > 0)
    {
      g_autofree char *alone = g_steal_pointer (&box->name);

      box->name = g_strdup_printf ("%s ×%u", alone, node->n_folded);
    }
  width = fluo_painter_measure (painter, box->name, fluo_map_font (self, 13, 700, FALSE));
  if (self->detail == FLUO_MAP_DETAIL_FULL)
    {
      g_autofree char *rate =
        fluo_format_rate (fluo_map_node_rate (graph, box->node, self->view.span));
      /* All of a type bear its name already. */
      g_autofree char *type =
        node->n_folded > 0 && g_strcmp0 (node->type, node->name) == 0
          ? g_strdup_printf (
              g_dngettext (NULL, "%u service", "%u services", node->n_folded), node->n_folded)
          : fluo_kind_dup_label (node->type, node->name);

      box->type = ellipsize_middle (painter, type, fluo_map_font (self, 11, 400, FALSE),
                                    LABEL_WIDTH_PX * self->view.zoom);
      if (box->change)
        box->numbers = fluo_map_dup_change_numbers (box->change);
      else if (node->stats.histogram.count > 0)
        {
          g_autofree char *p50 =
            fluo_format_duration (fluo_histogram_quantile (&node->stats.histogram, .5));
          g_autofree char *p99 =
            fluo_format_duration (fluo_histogram_quantile (&node->stats.histogram, .99));

          box->numbers = g_strdup_printf ("%s · %s · %s", p50, p99, rate);
        }
      else
        box->numbers = g_strdup (rate);
      width = MAX (width,
                   fluo_painter_measure (painter, box->type, fluo_map_font (self, 11, 400, FALSE)));
      width = MAX (
        width, fluo_painter_measure (painter, box->numbers, fluo_map_font (self, 11.5, 400, TRUE)));
    }
  box->label = (FluoMapBox) { box->x - width / 2, box->y + box->radius + 5 * scale, width,
                              (self->detail == FLUO_MAP_DETAIL_FULL ? 49 : 18) * scale };
}

static void
fill_badge (FluoMap             *self,
            FluoPainter         *painter,
            const FluoCallStats *stats,
            FluoMapNode         *box)
{
  const double scale = self->text_scale;
  const double rate = fluo_call_stats_fault_rate (stats);

  if (rate < BADGE_FAULT_RATE || self->detail == FLUO_MAP_DETAIL_DOTS)
    return;
  box->badge_text = fluo_format_share (rate);
  box->badge = (FluoMapBox){ box->x + 14 * self->view.zoom, box->y - box->radius - 10 * scale,
                             fluo_painter_measure (painter, box->badge_text,
                                                   fluo_map_font (self, 11.5, 700, TRUE)) +
                               25 * scale,
                             18 * scale };
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

static void
layout_node (FluoMap                *self,
             FluoPainter            *painter,
             const FluoServiceGraph *graph,
             const FluoMapTopology  *topology,
             const FluoGraphLayout  *layout,
             FluoServiceColors      *colors,
             guint                   index)
{
  const FluoGraphNode *node = g_ptr_array_index (graph->nodes, index);
  const guint rank = topology->ranks[index];
  const double zoom = self->view.zoom;
  FluoMapNode *box = &self->nodes[index];
  double halo;

  box->node = index;
  box->change = self->view.difference ? &self->view.difference->nodes[index] : NULL;
  box->usual = self->view.usual ? &self->view.usual->nodes[index] : NULL;
  box->client = g_strcmp0 (node->type, "client") == 0;
  box->icon = fluo_kind_get_icon (fluo_kind_from_type (node->type, node->name));
  box->color =
    box->client || !colors ? 0 : fluo_service_colors_lookup (colors, node->name, node->type);
  if (rank < layout->n_nodes && isfinite (layout->places[rank].x) &&
      isfinite (layout->places[rank].y))
    {
      box->x = self->view.pan_x + layout->places[rank].x * zoom;
      box->y = self->view.pan_y + layout->places[rank].y * zoom;
    }
  /* Dots keep a size that can be seen, as long as they don't touch one another. */
  box->radius =
    MAX (FLUO_MAP_RADIUS_PX * zoom, MIN (DOT_RADIUS_MIN_PX, DOT_RADIUS_MAX_PX * zoom));
  fill_arcs (box, &node->stats);
  box->bounds = (FluoMapBox) { box->x - LABEL_WIDTH_PX * self->text_scale / 2,
                               box->y - box->radius - 10 * self->text_scale,
                               LABEL_WIDTH_PX * self->text_scale,
                               2 * box->radius + 60 * self->text_scale };
  if (fluo_map_in_reach (self, &box->bounds))
    {
      if (self->detail != FLUO_MAP_DETAIL_DOTS)
        fill_texts (self, painter, graph, box);
      fill_badge (self, painter, &node->stats, box);
      if (box->change)
        fluo_map_layout_node_change (self, painter, box);
      else if (box->usual && box->usual->pace > 0)
        fluo_map_layout_node_sign (self, painter, box, box->usual);
    }
  /* Halo, focus ring and line widths. */
  halo = box->radius + 14;
  box->bounds = (FluoMapBox) { box->x - halo, box->y - halo, 2 * halo, 2 * halo };
  box->bounds = fluo_map_box_union (box->bounds, box->label);
  box->bounds = fluo_map_box_union (box->bounds, box->badge);
  box->bounds = fluo_map_box_union (box->bounds, box->sign);
  /* A selected node's label moves down, and text has an outline. */
  box->bounds.x -= 3;
  box->bounds.width += 6;
  box->bounds.height += 9;
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

/* On the ring, at its lower right: the badge and what is slower stand above, the label below. */
static void
layout_bell (FluoMap     *self,
             FluoMapNode *box)
{
  const double size = BELL_PX * self->text_scale;
  const double away = box->radius * M_SQRT1_2 + 2 * self->view.zoom;

  box->bell = (FluoMapBox){ box->x + away - size / 2, box->y + away - size / 2, size, size };
  box->bounds = fluo_map_box_union (box->bounds, box->bell);
  self->n_alarmed++;
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
  self->detail = view->zoom < .4   ? FLUO_MAP_DETAIL_DOTS
                 : view->zoom < .6 ? FLUO_MAP_DETAIL_NAMES
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
      layout_node (self, painter, graph, topology, layout, colors, i);
      self->has_times |=
        ((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->stats.histogram.count > 0;
      self->nodes[i].dimmed = view->matching && !view->matching[i];
      self->nodes[i].picked = view->picked && view->picked[i];
      if (view->alarmed && view->alarmed[i])
        layout_bell (self, &self->nodes[i]);
      self->extent = fluo_map_box_union (self->extent, self->nodes[i].bounds);
    }
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

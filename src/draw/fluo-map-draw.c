/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "draw/fluo-map-private.h"

/* cairo drops lines whose ends lie far outside the surface; routes that leave this range are drawn
 * piece by piece. */
#define SAFE_COORDINATE_PX 20000.0
#define PIECES 48
#define DIMMED_ALPHA 0.32
#define SELECTED_LABEL_SHIFT_PX 5.0
/* Parts of a dot's radius: the ring of what went well, and of what did not. */
#define DOT_RING 0.28
#define DOT_ARC 0.6

static FluoColor
blend (FluoColor below,
       FluoColor above,
       double    alpha)
{
  const float a = (float) alpha * above.alpha;

  return (FluoColor){ below.red + (above.red - below.red) * a,
                      below.green + (above.green - below.green) * a,
                      below.blue + (above.blue - below.blue) * a, 1.f };
}

/* --- Edges ---------------------------------------------------------------- */

static gboolean
edge_selected (const FluoMap     *self,
               const FluoMapEdge *edge)
{
  return edge->edge == self->view.selected_edge || edge->from == self->view.selected_node;
}

static gboolean
edge_strong (const FluoMap     *self,
             const FluoMapEdge *edge)
{
  return edge->edge == self->view.hover_edge || edge->from == self->view.hover_node ||
         edge->to == self->view.hover_node || edge_selected (self, edge);
}

/* The halo of a selected node pushes the ends of its edges away. */
static FluoMapPoint
edge_point (const FluoMap     *self,
            const FluoMapEdge *edge,
            guint              i)
{
  FluoMapPoint p = g_array_index (self->points, FluoMapPoint, edge->first_point + i);
  const guint last = 3 * edge->n_curves;
  const FluoMapNode *node = NULL;

  if (i <= 1 && edge->from == self->view.selected_node)
    node = &self->nodes[edge->from];
  else if (i + 1 >= last && edge->to == self->view.selected_node)
    node = &self->nodes[edge->to];
  if (node && (i == 0 || i == last))
    {
      const double length = hypot (p.x - node->x, p.y - node->y);

      if (length > 0)
        {
          p.x += (p.x - node->x) / length * 7;
          p.y += (p.y - node->y) / length * 7;
        }
    }
  return p;
}

static void
edge_path (cairo_t           *cr,
           const FluoMap     *self,
           const FluoMapEdge *edge,
           const FluoMapBox  *clip)
{
  const FluoMapBox *b = &edge->bounds;
  const gboolean safe = fabs (b->x) < SAFE_COORDINATE_PX && fabs (b->y) < SAFE_COORDINATE_PX &&
                        b->width < SAFE_COORDINATE_PX && b->height < SAFE_COORDINATE_PX;

  cairo_new_path (cr);
  for (guint i = 0; i < edge->n_curves; i++)
    {
      FluoMapPoint p[4];

      for (guint k = 0; k < 4; k++)
        p[k] = edge_point (self, edge, 3 * i + k);
      if (safe)
        {
          if (i == 0)
            cairo_move_to (cr, p[0].x, p[0].y);
          cairo_curve_to (cr, p[1].x, p[1].y, p[2].x, p[2].y, p[3].x, p[3].y);
          continue;
        }
      for (guint k = 0; k < PIECES; k++)
        {
          const FluoMapPoint from = fluo_map_bezier (p, k / (double) PIECES);
          const FluoMapPoint to = fluo_map_bezier (p, (k + 1) / (double) PIECES);
          const FluoMapBox piece = { MIN (from.x, to.x) - 8, MIN (from.y, to.y) - 8,
                                     fabs (to.x - from.x) + 16, fabs (to.y - from.y) + 16 };

          if (!fluo_map_box_overlaps (&piece, clip))
            continue;
          cairo_move_to (cr, from.x, from.y);
          cairo_line_to (cr, to.x, to.y);
        }
    }
}

static void
draw_arrow (cairo_t           *cr,
            const FluoMap     *self,
            const FluoMapEdge *edge,
            double             width)
{
  const FluoMapPoint end = edge_point (self, edge, 3 * edge->n_curves);
  const double scale = CLAMP (self->view.zoom, .5, 1.5);
  const double half = 4.5 * scale + width / 4;

  cairo_save (cr);
  cairo_translate (cr, end.x, end.y);
  cairo_rotate (cr, edge->angle);
  cairo_new_path (cr);
  cairo_move_to (cr, -2 * scale, -half);
  cairo_line_to (cr, 5 * scale, 0);
  cairo_line_to (cr, -2 * scale, half);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_restore (cr);
}

static gboolean
edge_gone (const FluoMapEdge *edge)
{
  return edge->change && edge->change->presence == FLUO_GRAPH_GONE;
}

static FluoColor
edge_color (const FluoPalette *palette,
            const FluoMapEdge *edge)
{
  if (edge->dimmed)
    return palette->edge_dim;
  if (edge->change && edge->change->presence == FLUO_GRAPH_APPEARED)
    return palette->accent;
  return edge->status == FLUO_STATUS_OK || edge->status == FLUO_STATUS_RUNNING
           ? palette->edge
           : palette->status[edge->status].mark;
}

static void
draw_edge (FluoPainter       *painter,
           const FluoMap     *self,
           const FluoMapEdge *edge,
           const FluoMapBox  *clip)
{
  static const double dashes[] = { 5.0, 4.0 };
  static const double dots[] = { 2.0, 4.0 };
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color = edge_color (palette, edge);
  const gboolean bad = edge->status != FLUO_STATUS_OK;
  const gboolean strong = edge_strong (self, edge);
  const double width = edge->width + (edge->edge == self->view.hover_edge ? 1 : 0);

  cairo_save (cr);
  edge_path (cr, self, edge, clip);
  if (edge_selected (self, edge))
    {
      fluo_color_set_alpha (cr, self->view.inactive ? palette->fg3 : palette->accent, .35);
      cairo_set_line_width (cr, width + 7);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      cairo_stroke_preserve (cr);
    }
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_width (cr, width);
  if (edge_gone (edge))
    cairo_set_dash (cr, dots, 2, 0);
  else if (edge->linked)
    cairo_set_dash (cr, dashes, 2, 0);
  fluo_color_set_alpha (cr, color, strong ? 1 : bad ? .8 : .75);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_color_set_alpha (cr, color, strong ? 1 : bad ? .95 : .8);
  draw_arrow (cr, self, edge, width);
}

static void
draw_edge_trouble (FluoPainter       *painter,
                   const FluoMap     *self,
                   const FluoMapEdge *edge,
                   double             x,
                   double             y,
                   FluoAlign          align)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoFont font = fluo_map_font (self, 11.5, 700, TRUE);
  const double size = 13 * self->text_scale;
  const double width = fluo_painter_measure (painter, edge->trouble, font) + size + 5;

  if (align == FLUO_ALIGN_MIDDLE)
    x -= width / 2;
  fluo_painter_status (painter, edge->status, x, y - size * .85, size, palette->view);
  fluo_painter_text (painter, x + size + 5, y, edge->trouble, font,
                     palette->status[edge->status].text, FLUO_ALIGN_START, 0, &palette->view);
}

static gboolean
edge_level (const FluoMap     *self,
            const FluoMapEdge *edge)
{
  return fabs (self->nodes[edge->to].y - self->nodes[edge->from].y) < 24 * self->view.zoom;
}

/* Numbers stand at a call that is pointed at or selected. Of a selected node's calls only the level
 * ones have room for them: where many fan out, numbers would cover one another and the next
 * node. */
static gboolean
edge_has_numbers (const FluoMap     *self,
                  const FluoMapEdge *edge)
{
  return self->detail == FLUO_MAP_DETAIL_FULL &&
         (edge->edge == self->view.hover_edge || edge->edge == self->view.selected_edge ||
          (edge->from == self->view.selected_node && edge_level (self, edge)));
}

/* Above and below a level line; to the right of a sloping one, on the side it leaves free. */
static void
draw_edge_numbers (FluoPainter       *painter,
                   const FluoMap     *self,
                   const FluoMapEdge *edge)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double rise = self->nodes[edge->to].y - self->nodes[edge->from].y;
  const double scale = self->text_scale;
  const gboolean level = edge_level (self, edge);
  const double x = edge->middle_x + (level ? 0 : 14 * scale);
  const double rate_y = edge->middle_y + (level           ? -11
                                          : rise < 0      ? 14
                                          : edge->trouble ? -20
                                                          : -4) *
                                           scale;
  const FluoAlign align = level ? FLUO_ALIGN_MIDDLE : FLUO_ALIGN_START;

  fluo_painter_text (painter, x, rate_y, edge->rate, fluo_map_font (self, 11.5, 600, TRUE),
                     palette->fg, align, 0, &palette->view);
  if (edge->trouble)
    draw_edge_trouble (painter, self, edge, x, rate_y + (level ? 32 : 16) * scale, align);
}

/* What stands half way when there are no numbers: the status' shape, and what a dashed line
 * means. */
static void
draw_edge_marks (FluoPainter       *painter,
                 const FluoMap     *self,
                 const FluoMapEdge *edge)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = self->text_scale;
  const double x = edge->middle_x;
  const double y = edge->middle_y;

  if (edge_has_numbers (self, edge))
    return;
  if (edge->linked && self->detail == FLUO_MAP_DETAIL_FULL)
    fluo_painter_text (painter, x, y - 8 * scale, _("linked trace"),
                       fluo_map_font (self, 11, 400, FALSE), palette->fg3, FLUO_ALIGN_MIDDLE, 0,
                       &palette->view);
  if (edge->status != FLUO_STATUS_OK && !edge->dimmed)
    {
      const double size = 14 * scale;

      cairo_new_path (cr);
      cairo_arc (cr, x, y, 10 * scale, 0, 2 * G_PI);
      fluo_color_set (cr, palette->view);
      cairo_fill (cr);
      fluo_painter_status (painter, edge->status, x - size / 2, y - size / 2, size, palette->view);
    }
  fluo_map_draw_edge_sign (painter, self, edge);
}

/* --- Nodes ---------------------------------------------------------------- */

static void
circle (cairo_t *cr,
        double   x,
        double   y,
        double   radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, MAX (radius, 0), 0, 2 * G_PI);
}

static void
ring_sector (cairo_t *cr,
             double   x,
             double   y,
             double   radius,
             double   width,
             double   begin,
             double   end)
{
  if (end <= begin)
    return;
  cairo_new_path (cr);
  cairo_arc (cr, x, y, radius + width / 2, begin, end);
  cairo_arc_negative (cr, x, y, MAX (radius - width / 2, 0), end, begin);
  cairo_close_path (cr);
}

/* Clockwise from 12 o'clock: fault, throttle, error, then what went well. */
static void
draw_ring (FluoPainter       *painter,
           const FluoMap     *self,
           const FluoMapNode *node)
{
  static const FluoStatus order[3] = { FLUO_STATUS_FAULT, FLUO_STATUS_THROTTLE, FLUO_STATUS_ERROR };
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double zoom = self->view.zoom;
  const double radius = node->radius - zoom;
  const gboolean hover = node->node == self->view.hover_node;
  const gboolean dot = self->detail == FLUO_MAP_DETAIL_DOTS;
  const double thin = (hover ? 1.5 : 1) * (dot ? node->radius * DOT_RING : 3 * MAX (zoom, .6));
  const double thick = dot ? node->radius * DOT_ARC : 8 * MAX (zoom, .6);
  const double gap = .85 / FLUO_MAP_RADIUS_PX;
  const gboolean whole = node->arcs[0] + node->arcs[1] + node->arcs[2] <= 0;
  double at = 0;

  if (node->change && node->change->presence == FLUO_GRAPH_GONE)
    {
      static const double dashes[] = { 4.0, 4.0 };

      cairo_save (cr);
      fluo_color_set (cr, palette->fg3);
      cairo_new_path (cr);
      circle (cr, node->x, node->y, radius);
      cairo_set_line_width (cr, thin * 2 / 3);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_stroke (cr);
      cairo_restore (cr);
      return;
    }
  if (node->client || whole)
    {
      fluo_color_set (cr, node->client ? palette->line2 : palette->status[FLUO_STATUS_OK].mark);
      cairo_new_path (cr);
      circle (cr, node->x, node->y, radius);
      cairo_set_line_width (cr, node->client ? thin * 2 / 3 : thin);
      cairo_stroke (cr);
      return;
    }
  for (guint i = 0; i < 3; i++)
    {
      if (node->arcs[i] <= 0)
        continue;
      ring_sector (cr, node->x, node->y, radius, thick, at * 2 * G_PI - G_PI_2 + gap,
                   (at + node->arcs[i]) * 2 * G_PI - G_PI_2 - gap);
      fluo_painter_fill_status (painter, order[i]);
      at += node->arcs[i];
    }
  ring_sector (cr, node->x, node->y, radius, thin, at * 2 * G_PI - G_PI_2 + gap, 1.5 * G_PI - gap);
  fluo_color_set (cr, palette->status[FLUO_STATUS_OK].mark);
  cairo_fill (cr);
}

static void
draw_badge (FluoPainter       *painter,
            const FluoMap     *self,
            const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoMapBox *box = &node->badge;
  const double scale = self->text_scale;
  const FluoColor white = { 1, 1, 1, 1 };
  const FluoColor ink = palette->dark ? (FluoColor) { .165f, .024f, .024f, 1 } : white;

  cairo_new_path (cr);
  fluo_painter_rounded (painter, box->x, box->y, box->width, box->height, box->height / 2);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->view);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  fluo_painter_icon (painter, "status-fault", box->x + 4 * scale, box->y + 3.5 * scale, 11 * scale,
                     white);
  fluo_painter_text (painter, box->x + 18 * scale, box->y + 13 * scale, node->badge_text,
                     fluo_map_font (self, 11.5, 700, TRUE), ink, FLUO_ALIGN_START, 0, NULL);
}

static void
draw_label (FluoPainter       *painter,
            const FluoMap     *self,
            const FluoMapNode *node)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = self->text_scale;
  const FluoColor *halo = node->crossed ? &palette->view : NULL;
  double y = node->y + node->radius + 18 * scale;

  if (node->node == self->view.selected_node || node->node == self->view.focus_node)
    y += SELECTED_LABEL_SHIFT_PX;
  fluo_painter_text (painter, node->x, y, node->name, fluo_map_font (self, 13, 700, FALSE),
                     palette->fg, FLUO_ALIGN_MIDDLE, 0, halo);
  if (self->detail != FLUO_MAP_DETAIL_FULL)
    return;
  fluo_painter_text (painter, node->x, y + 15 * scale, node->type,
                     fluo_map_font (self, 11, 400, FALSE), palette->fg3, FLUO_ALIGN_MIDDLE, 0,
                     halo);
  fluo_painter_text (painter, node->x, y + 31 * scale, node->numbers,
                     fluo_map_font (self, 11.5, 400, TRUE), palette->fg, FLUO_ALIGN_MIDDLE, 0,
                     halo);
}

static void
draw_halo (FluoPainter       *painter,
           const FluoMap     *self,
           const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double radius = node->radius + 8;

  if (node->node == self->view.selected_node || node->picked)
    {
      cairo_new_path (cr);
      circle (cr, node->x, node->y, radius);
      fluo_color_set (cr, self->view.inactive ? palette->selected : palette->accent_soft);
      cairo_fill_preserve (cr);
      fluo_color_set (cr, self->view.inactive ? palette->fg3 : palette->accent);
      cairo_set_line_width (cr, 2.5);
      cairo_stroke (cr);
    }
  if (node->node == self->view.focus_node)
    {
      const gboolean both = node->node == self->view.selected_node || node->picked;

      cairo_new_path (cr);
      circle (cr, node->x, node->y, radius + (both ? 4 : 0));
      fluo_color_set (cr, palette->accent_mid);
      cairo_set_line_width (cr, 2);
      cairo_stroke (cr);
    }
}

static void
draw_dot (FluoPainter       *painter,
          const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color =
    node->client ? palette->fg3 : palette->service[node->color % FLUO_N_SERVICE_COLORS];

  cairo_new_path (cr);
  circle (cr, node->x, node->y, node->radius);
  fluo_color_set (cr, palette->view);
  cairo_fill (cr);
  circle (cr, node->x, node->y, node->radius * (1 - DOT_RING));
  fluo_color_set (cr, color);
  cairo_fill (cr);
}

static void
add_box (cairo_t          *cr,
         const FluoMapBox *box)
{
  if (box->width > 0)
    cairo_rectangle (cr, box->x - 3, box->y - 3, box->width + 6, box->height + 6);
}

/* Ground over what does not match: a group with an alpha for each would cost an image of the whole
 * map. */
static void
draw_veil (FluoPainter       *painter,
           const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_WINDING);
  cairo_new_path (cr);
  circle (cr, node->x, node->y, node->radius + 3);
  add_box (cr, &node->label);
  add_box (cr, &node->badge);
  add_box (cr, &node->sign);
  fluo_color_set_alpha (cr, fluo_painter_get_palette (painter)->view, 1 - DIMMED_ALPHA);
  cairo_fill (cr);
  cairo_restore (cr);
}

static void
draw_node (FluoPainter       *painter,
           const FluoMap     *self,
           const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color =
    node->client ? palette->fg3 : palette->service[node->color % FLUO_N_SERVICE_COLORS];
  const double icon = 20 * self->view.zoom;

  draw_halo (painter, self, node);
  if (self->detail == FLUO_MAP_DETAIL_DOTS && node->change)
    fluo_map_draw_change_dot (painter, node);
  else if (self->detail == FLUO_MAP_DETAIL_DOTS)
    {
      draw_dot (painter, node);
      draw_ring (painter, self, node);
    }
  else
    {
      cairo_new_path (cr);
      circle (cr, node->x, node->y, node->radius);
      fluo_color_set (cr, palette->view);
      cairo_fill (cr);
      circle (cr, node->x, node->y, node->radius - 5 * self->view.zoom);
      fluo_color_set (cr, blend (palette->view, color, .13));
      cairo_fill (cr);
      draw_ring (painter, self, node);
      fluo_painter_icon (painter, node->icon, node->x - icon / 2, node->y - icon / 2, icon,
                         node->client ? palette->fg2 : color);
      if (node->badge_text && node->change && node->change->faults < 0)
        fluo_map_draw_change_badge (painter, self, node);
      else if (node->badge_text)
        draw_badge (painter, self, node);
      fluo_map_draw_sign (painter, self, node);
      draw_label (painter, self, node);
    }
  if (node->dimmed)
    draw_veil (painter, node);
}

void
fluo_map_draw (FluoPainter      *painter,
               const FluoMap    *self,
               const FluoMapBox *clip)
{
  cairo_t *cr;
  FluoMapBox all;

  g_return_if_fail (painter != NULL && self != NULL);

  cr = fluo_painter_get_cr (painter);
  all = (FluoMapBox) { 0, 0, self->view.width, self->view.height };
  clip = clip ? clip : &all;
  cairo_save (cr);
  cairo_rectangle (cr, clip->x, clip->y, clip->width, clip->height);
  cairo_clip (cr);
  fluo_color_set (cr, fluo_painter_get_palette (painter)->view);
  cairo_paint (cr);
  for (guint i = 0; i < self->n_edges; i++)
    if (fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      draw_edge (painter, self, &self->edges[i], clip);
  for (guint i = 0; i < self->n_edges; i++)
    if (self->detail != FLUO_MAP_DETAIL_DOTS &&
        fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      draw_edge_marks (painter, self, &self->edges[i]);
  for (guint i = 0; i < self->n_nodes; i++)
    if (fluo_map_box_overlaps (&self->nodes[i].bounds, clip))
      draw_node (painter, self, &self->nodes[i]);
  for (guint i = 0; i < self->n_edges; i++)
    if (edge_has_numbers (self, &self->edges[i]) &&
        fluo_map_box_overlaps (&self->edges[i].bounds, clip))
      draw_edge_numbers (painter, self, &self->edges[i]);
  cairo_restore (cr);
}

/* Lines first, then the nodes that belong to them; their labels cover what they look like below. */
void
fluo_map_draw_overlay (FluoPainter   *painter,
                       const FluoMap *self,
                       gboolean       selection)
{
  const FluoMapBox clip = { 0, 0, self->view.width, self->view.height };

  g_return_if_fail (painter != NULL && self != NULL);

  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoMapEdge *edge = &self->edges[i];
      const gboolean hover = edge->edge == self->view.hover_edge ||
                             edge->from == self->view.hover_node ||
                             edge->to == self->view.hover_node;

      if ((hover || (selection && edge_selected (self, edge))) &&
          fluo_map_box_overlaps (&edge->bounds, &clip))
        {
          draw_edge (painter, self, edge, &clip);
          if (self->detail != FLUO_MAP_DETAIL_DOTS)
            draw_edge_marks (painter, self, edge);
        }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      FluoMapNode node = self->nodes[i];

      node.crossed = TRUE;
      if ((i == self->view.hover_node ||
           (selection &&
            (node.picked || i == self->view.selected_node || i == self->view.focus_node))) &&
          fluo_map_box_overlaps (&node.bounds, &clip))
        draw_node (painter, self, &node);
    }
  for (guint i = 0; i < self->n_edges; i++)
    if (edge_has_numbers (self, &self->edges[i]) &&
        (selection || self->edges[i].edge == self->view.hover_edge) &&
        fluo_map_box_overlaps (&self->edges[i].bounds, &clip))
      draw_edge_numbers (painter, self, &self->edges[i]);
}

void
fluo_map_draw_band (FluoPainter      *painter,
                    const FluoMapBox *box)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  g_return_if_fail (box != NULL);

  cairo_new_path (cr);
  cairo_rectangle (cr, floor (box->x) + .5, floor (box->y) + .5, floor (box->width),
                   floor (box->height));
  fluo_color_set (cr, palette->accent_soft);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

void
fluo_map_draw_pulse (FluoPainter   *painter,
                     const FluoMap *self,
                     guint          node,
                     double         t)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoMapNode *box;

  g_return_if_fail (self != NULL && node < self->n_nodes);

  box = &self->nodes[node];
  cairo_new_path (cr);
  circle (cr, box->x, box->y, box->radius + (2 + 14 * t) * MAX (self->view.zoom, .4));
  fluo_color_set_alpha (cr, palette->live, .8 * (1 - t));
  cairo_set_line_width (cr, 2.5 * (1 - t) + .5);
  cairo_stroke (cr);
}

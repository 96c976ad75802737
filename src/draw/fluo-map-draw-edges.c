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

/* Far away the calls lie side by side as one grey cloth: from here on they fade. */
#define CALM_ZOOM 0.3
#define CALM_OPACITY_MIN 0.6
#define ARROW_OPACITY 1.1

gboolean
fluo_map_edge_selected (const FluoMap     *self,
                        const FluoMapEdge *edge)
{
  return edge->edge == self->view.selected_edge || edge->from == self->view.selected_node;
}

static gboolean
edge_strong (const FluoMap     *self,
             const FluoMapEdge *edge)
{
  return edge->edge == self->view.hover_edge || edge->from == self->view.hover_node ||
         edge->to == self->view.hover_node || fluo_map_edge_selected (self, edge);
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

/* Among hundreds of calls those without news step back: services and trouble stand out. */
static double
edge_opacity (const FluoMap *self, const FluoMapEdge *edge, gboolean strong)
{
  if (strong)
    return 1;
  if (edge->status != FLUO_STATUS_OK || edge->change)
    return .8;
  return .75 * CLAMP (self->view.zoom / CALM_ZOOM, CALM_OPACITY_MIN, 1);
}

void
fluo_map_draw_edge (FluoPainter       *painter,
                    const FluoMap     *self,
                    const FluoMapEdge *edge,
                    const FluoMapBox  *clip)
{
  static const double dashes[] = { 5.0, 4.0 };
  static const double dots[] = { 2.0, 4.0 };
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color = edge_color (palette, edge);
  const double opacity = edge_opacity (self, edge, edge_strong (self, edge));
  const double width = edge->width + (edge->edge == self->view.hover_edge ? 1 : 0);

  cairo_save (cr);
  edge_path (cr, self, edge, clip);
  if (fluo_map_edge_selected (self, edge))
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
  fluo_color_set_alpha (cr, color, opacity);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_color_set_alpha (cr, color, MIN (opacity * ARROW_OPACITY, 1));
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
gboolean
fluo_map_edge_has_numbers (const FluoMap     *self,
                           const FluoMapEdge *edge)
{
  return self->detail == FLUO_MAP_DETAIL_FULL &&
         (edge->edge == self->view.hover_edge || edge->edge == self->view.selected_edge ||
          (edge->from == self->view.selected_node && edge_level (self, edge)));
}

/* Above and below a level line; to the right of a sloping one, on the side it leaves free. */
void
fluo_map_draw_edge_numbers (FluoPainter       *painter,
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
void
fluo_map_draw_edge_marks (FluoPainter       *painter,
                          const FluoMap     *self,
                          const FluoMapEdge *edge)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = self->text_scale;
  const double x = edge->middle_x;
  const double y = edge->middle_y;

  if (fluo_map_edge_has_numbers (self, edge))
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

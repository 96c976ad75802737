/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* Legend and minimap. */

#define PANEL_RADIUS_PX 10.0
/* The corner of a rectangle so far inside lies on the round one: 10 (1 - √½). */
#define PANEL_INSET_PX 3.0
/* So many lines of the minimap are whole ones. */
#define CALM_EDGES 120.0
/* Around the map inside the minimap. */
#define MINIMAP_MARGIN_PX 6.0
#define DOT_RADIUS_PX 3.5

static void
draw_panel (FluoPainter *painter,
            double       x,
            double       y,
            double       width,
            double       height)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  cairo_new_path (cr);
  fluo_painter_rounded (painter, x + .5, y + .5, width - 1, height - 1, PANEL_RADIUS_PX);
  fluo_color_set (cr, palette->popover);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->line);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static const struct
{
  FluoStatus  status;
  const char *text;
} legend_items[] = {
  { FLUO_STATUS_OK, N_("OK") },
  { FLUO_STATUS_ERROR, N_("Error 4xx") },
  { FLUO_STATUS_THROTTLE, N_("Throttled 429") },
  { FLUO_STATUS_FAULT, N_("Fault 5xx") },
};

#define LEGEND_ITEM_FONT FLUO_SANS (12, 400)
#define LEGEND_FONT FLUO_FIGURES (12, 400)
#define LEGEND_ITEM_GAP_PX 8

static double
measure_statuses (FluoPainter *painter)
{
  double used = 0;

  for (guint i = 0; i < G_N_ELEMENTS (legend_items); i++)
    used += 18 + fluo_painter_measure (painter, _(legend_items[i].text), LEGEND_ITEM_FONT);
  return used;
}

static void
legend_statuses (FluoPainter *painter,
                 double       x,
                 double       y,
                 double       width)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double used = measure_statuses (painter);

  for (guint i = 0; i < G_N_ELEMENTS (legend_items); i++)
    {
      fluo_painter_status (painter, legend_items[i].status, x, y - 11, 13, palette->popover);
      x += 18 + fluo_painter_text (painter, x + 18, y, _(legend_items[i].text), LEGEND_ITEM_FONT,
                                   palette->fg, FLUO_ALIGN_START, 0, NULL);
      x += MAX (4, (width - used) / (G_N_ELEMENTS (legend_items) - 1));
    }
}

/* "862" of "862/min". */
static char *
rate_number (double per_minute)
{
  char *text = fluo_format_rate (per_minute);
  char *slash = strrchr (text, '/');

  if (slash)
    *slash = '\0';
  return text;
}

/* Calls on the thinnest and on the thickest line; NULL when nothing was called. */
static char *
dup_calls (const FluoMap *self)
{
  g_autofree char *low = NULL;
  g_autofree char *high = NULL;

  if (self->rate_max <= 0)
    return NULL;
  low = rate_number (self->rate_min);
  high = rate_number (self->rate_max);
  return g_str_equal (low, high)
           ? g_strdup_printf (_("%s calls/min"), high)
           /* Translators: calls on the thinnest and on the thickest line, "50 to 900 calls/min". */
           : g_strdup_printf (_("%s to %s calls/min"), low, high);
}

void
fluo_map_measure_legend (FluoMap     *self,
                         FluoPainter *painter)
{
  g_autofree char *calls = dup_calls (self);
  const double statuses =
    measure_statuses (painter) + LEGEND_ITEM_GAP_PX * (G_N_ELEMENTS (legend_items) - 1);
  const double lines =
    51 + (calls ? fluo_painter_measure (painter, calls, LEGEND_FONT) : 0) + 46 +
    fluo_painter_measure (painter, _("linked traces"), LEGEND_FONT);

  self->legend_width = CLAMP (ceil (MAX (statuses, lines)) + 24, FLUO_MAP_LEGEND_WIDTH_PX,
                              FLUO_MAP_LEGEND_WIDEST_PX);
}

double
fluo_map_legend_width (const FluoMap *self)
{
  return self ? self->legend_width : FLUO_MAP_LEGEND_WIDTH_PX;
}

static gboolean
legend_tells_usual (const FluoMap *self)
{
  return self->view.usual && self->view.usual->n_slower > 0 && !self->view.difference;
}

static gboolean
legend_tells_alarms (const FluoMap *self)
{
  return self->n_alarmed > 0 && !self->view.difference;
}

double
fluo_map_legend_height (const FluoMap *self)
{
  g_return_val_if_fail (self != NULL, FLUO_MAP_LEGEND_HEIGHT_PX);

  return FLUO_MAP_LEGEND_HEIGHT_PX +
         FLUO_MAP_LEGEND_ROW_PX * (legend_tells_usual (self) + legend_tells_alarms (self));
}

static int
percent (double zoom)
{
  return (int) lround (100 * zoom);
}

char *
fluo_map_dup_numbers_legend (const FluoMap *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  switch (self->detail)
    {
    case FLUO_MAP_DETAIL_DOTS:
      /* Translators: how far to zoom in to see names, and numbers, on the map. */
      return g_strdup_printf (_("All names from a zoom of %d%%, numbers from %d%%"),
                              percent (FLUO_MAP_ZOOM_NAMES), percent (FLUO_MAP_ZOOM_NUMBERS));
    case FLUO_MAP_DETAIL_NAMES:
      return g_strdup_printf (_("Numbers under each name from a zoom of %d%%"),
                              percent (FLUO_MAP_ZOOM_NUMBERS));
    case FLUO_MAP_DETAIL_FULL:
    default:
      if (self->view.difference)
        return g_strdup (_("Change of p50 · p99 · requests per minute"));
      return g_strdup (self->has_times ? _("Under each name: p50 · p99 · requests per minute")
                                       : _("Under each name: requests per minute"));
    }
}

void
fluo_map_draw_legend (FluoPainter   *painter,
                      const FluoMap *self,
                      double         x,
                      double         y)
{
  static const double dashes[] = { 5.0, 4.0 };
  g_autofree char *calls = NULL;
  g_autofree char *numbers = NULL;
  const FluoFont font = LEGEND_FONT;
  const FluoPalette *palette;
  cairo_t *cr;
  double right, linked, row;

  g_return_if_fail (painter != NULL && self != NULL);

  cr = fluo_painter_get_cr (painter);
  palette = fluo_painter_get_palette (painter);
  draw_panel (painter, x, y, self->legend_width, fluo_map_legend_height (self));
  x += 12;
  right = x + self->legend_width - 24;
  numbers = fluo_map_dup_numbers_legend (self);
  fluo_painter_text (painter, x, y + 66, numbers, font, palette->fg2, FLUO_ALIGN_START, right - x,
                     NULL);
  if (self->view.difference)
    {
      fluo_map_draw_change_legend (painter, self, x, y, right - x);
      return;
    }
  legend_statuses (painter, x, y + 21, right - x);
  row = y + 66 + FLUO_MAP_LEGEND_ROW_PX;
  if (legend_tells_usual (self))
    {
      fluo_map_draw_slower_legend (painter, x, row, _("Slower than is usual for it"), font);
      row += FLUO_MAP_LEGEND_ROW_PX;
    }
  if (legend_tells_alarms (self))
    fluo_map_draw_alarm_legend (painter, x, row, _("An alarm of CloudWatch is in state ALARM"),
                                font);

  cairo_new_path (cr);
  cairo_move_to (cr, x, y + 39.4);
  cairo_line_to (cr, x + 44, y + 36.6);
  cairo_line_to (cr, x + 44, y + 43.4);
  cairo_line_to (cr, x, y + 40.6);
  cairo_close_path (cr);
  fluo_color_set (cr, palette->edge);
  cairo_fill (cr);
  linked = fluo_painter_text (painter, right, y + 44, _("linked traces"), font, palette->fg2,
                              FLUO_ALIGN_END, 0, NULL);
  calls = dup_calls (self);
  if (calls)
    fluo_painter_text (painter, x + 51, y + 44, calls, font, palette->fg2, FLUO_ALIGN_START,
                       right - linked - 38 - (x + 51), NULL);
  cairo_save (cr);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_set_line_width (cr, 2.5);
  fluo_color_set (cr, palette->edge);
  cairo_move_to (cr, right - linked - 33, y + 40);
  cairo_rel_line_to (cr, 26, 0);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* --- Minimap -------------------------------------------------------------- */

/* From the picture to the minimap, so that @box fills it: x * scale + dx. */
static void
minimap_fit (FluoMapBox box,
             double    *scale,
             double    *dx,
             double    *dy)
{
  const double width = MAX (box.width, 1);
  const double height = MAX (box.height, 1);

  *scale = MIN ((FLUO_MAP_MINIMAP_WIDTH_PX - 2 * MINIMAP_MARGIN_PX) / width,
                (FLUO_MAP_MINIMAP_HEIGHT_PX - 2 * MINIMAP_MARGIN_PX) / height);
  *dx = (FLUO_MAP_MINIMAP_WIDTH_PX - width * *scale) / 2 - box.x * *scale;
  *dy = (FLUO_MAP_MINIMAP_HEIGHT_PX - height * *scale) / 2 - box.y * *scale;
}

/* The map and the view: one may be the smaller one, or be partly outside of the other. */
static FluoMapBox
minimap_box (FluoMapBox         extent,
             const FluoMapView *view)
{
  return fluo_map_box_union (extent, (FluoMapBox){ 0, 0, view->width, view->height });
}

FluoMapPoint
fluo_map_minimap_point_in (FluoMapBox         extent,
                           const FluoMapView *view,
                           double             x,
                           double             y)
{
  double scale, dx, dy;

  minimap_fit (minimap_box (extent, view), &scale, &dx, &dy);
  return (FluoMapPoint) { CLAMP ((x - dx) / scale, extent.x, extent.x + extent.width),
                          CLAMP ((y - dy) / scale, extent.y, extent.y + extent.height) };
}

FluoMapPoint
fluo_map_minimap_point (const FluoMap *self,
                        double         x,
                        double         y)
{
  g_return_val_if_fail (self != NULL, ((FluoMapPoint) { 0, 0 }));

  return fluo_map_minimap_point_in (self->extent, &self->view, x, y);
}

/* Either those in trouble or all others, which get the thinner the more there are: where they were
 * one dark cloud, neither services nor the view would be seen. */
static void
minimap_edges (cairo_t           *cr,
               const FluoMap     *self,
               const FluoPalette *palette,
               gboolean           trouble,
               double             scale,
               double             dx,
               double             dy)
{
  cairo_set_line_width (cr, trouble ? 1 : CLAMP (CALM_EDGES / MAX (self->n_edges, 1), .2, 1));
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoMapEdge *edge = &self->edges[i];
      const FluoMapNode *from = &self->nodes[edge->from];
      const FluoMapNode *to = &self->nodes[edge->to];
      const double a = from->x * scale + dx, b = from->y * scale + dy;
      const double c = to->x * scale + dx, d = to->y * scale + dy;

      if ((edge->status != FLUO_STATUS_OK) != trouble)
        continue;
      cairo_new_path (cr);
      cairo_move_to (cr, a, b);
      cairo_curve_to (cr, (a + c) / 2, b, (a + c) / 2, d, c, d);
      fluo_color_set (cr, edge->status == FLUO_STATUS_OK ? palette->edge
                                                         : palette->status[edge->status].mark);
      cairo_stroke (cr);
    }
}

static void
minimap_dot (cairo_t           *cr,
             const FluoMapNode *node,
             double             zoom,
             double             scale,
             double             dx,
             double             dy)
{
  cairo_new_path (cr);
  cairo_arc (cr, node->x * scale + dx, node->y * scale + dy,
             CLAMP (FLUO_MAP_RADIUS_PX * zoom * scale * .9, 1.2, DOT_RADIUS_PX), 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
minimap_content (FluoPainter   *painter,
                 const FluoMap *self,
                 double         scale,
                 double         dx,
                 double         dy)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  minimap_edges (cr, self, palette, FALSE, scale, dx, dy);
  minimap_edges (cr, self, palette, TRUE, scale, dx, dy);
  fluo_color_set (cr, palette->fg3);
  for (guint i = 0; i < self->n_nodes; i++)
    minimap_dot (cr, &self->nodes[i], self->view.zoom, scale, dx, dy);
}

void
fluo_map_draw_minimap_content (FluoPainter   *painter,
                               const FluoMap *self)
{
  double scale, dx, dy;

  minimap_fit (self->extent, &scale, &dx, &dy);
  minimap_content (painter, self, scale, dx, dy);
}

/* The panel, and what is drawn from now on stays inside: in a rectangle that reaches into its round
 * corners. A round clip in the recording that GTK makes of a frame crashes cairo 1.16 where only
 * several other parts of the window are drawn anew (_cairo_clip_intersect_boxes() then writes to
 * its constant for "nothing"). */
static void
begin_minimap (FluoPainter *painter,
               double       x,
               double       y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  draw_panel (painter, x, y, FLUO_MAP_MINIMAP_WIDTH_PX, FLUO_MAP_MINIMAP_HEIGHT_PX);
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_new_path (cr);
  cairo_rectangle (cr, PANEL_INSET_PX, PANEL_INSET_PX,
                   FLUO_MAP_MINIMAP_WIDTH_PX - 2 * PANEL_INSET_PX,
                   FLUO_MAP_MINIMAP_HEIGHT_PX - 2 * PANEL_INSET_PX);
  cairo_clip (cr);
}

static void
end_minimap (FluoPainter       *painter,
             const FluoMapView *view,
             double             scale,
             double             dx,
             double             dy)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  cairo_new_path (cr);
  fluo_painter_rounded (painter, dx + .5, dy + .5, MAX (4, view->width * scale - 1),
                        MAX (4, view->height * scale - 1), 2.5);
  fluo_color_set_alpha (cr, palette->accent_soft, .3);
  cairo_fill_preserve (cr);
  /* On a crowded map the line alone would be lost. */
  fluo_color_set (cr, palette->popover);
  cairo_set_line_width (cr, 3.5);
  cairo_stroke_preserve (cr);
  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
fluo_map_draw_minimap (FluoPainter   *painter,
                       const FluoMap *self,
                       double         x,
                       double         y)
{
  double scale, dx, dy;

  g_return_if_fail (painter != NULL && self != NULL);

  begin_minimap (painter, x, y);
  minimap_fit (minimap_box (self->extent, &self->view), &scale, &dx, &dy);
  minimap_content (painter, self, scale, dx, dy);
  if (self->view.selected_node < self->n_nodes)
    {
      fluo_color_set (fluo_painter_get_cr (painter), fluo_painter_get_palette (painter)->accent);
      minimap_dot (fluo_painter_get_cr (painter), &self->nodes[self->view.selected_node],
                   self->view.zoom, scale, dx, dy);
    }
  end_minimap (painter, &self->view, scale, dx, dy);
}

void
fluo_map_draw_minimap_image (FluoPainter        *painter,
                             cairo_surface_t    *content,
                             FluoMapBox          extent,
                             const FluoMapView  *view,
                             const FluoMapPoint *selected)
{
  cairo_t *cr;
  double scale, dx, dy, own, own_dx, own_dy;

  g_return_if_fail (painter != NULL && content != NULL && view != NULL);

  cr = fluo_painter_get_cr (painter);
  begin_minimap (painter, 0, 0);
  minimap_fit (minimap_box (extent, view), &scale, &dx, &dy);
  /* The content fills the minimap with the map alone. */
  minimap_fit (extent, &own, &own_dx, &own_dy);
  cairo_save (cr);
  cairo_translate (cr, dx - own_dx * scale / own, dy - own_dy * scale / own);
  cairo_scale (cr, scale / own, scale / own);
  cairo_set_source_surface (cr, content, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
  if (selected)
    {
      cairo_new_path (cr);
      cairo_arc (cr, selected->x * scale + dx, selected->y * scale + dy, DOT_RADIUS_PX, 0,
                 2 * G_PI);
      fluo_color_set (cr, fluo_painter_get_palette (painter)->accent);
      cairo_fill (cr);
    }
  end_minimap (painter, view, scale, dx, dy);
}

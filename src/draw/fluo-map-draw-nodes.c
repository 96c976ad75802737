/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-map-private.h"

#define DIMMED_ALPHA 0.32
#define DOT_NAME_PX 220.0
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

/* Of what stands on the colour of a fault. */
static FluoColor
badge_ink (const FluoPalette *palette)
{
  return palette->dark ? (FluoColor){ .165f, .024f, .024f, 1 } : (FluoColor){ 1, 1, 1, 1 };
}

/* Solid where faults are or became more; where they became fewer, an outline with a tick. */
static void
draw_badge (FluoPainter       *painter,
            const FluoMap     *self,
            const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const gboolean fewer = node->change && node->change->faults < 0;
  const FluoMapBox *box = &node->badge;
  const double scale = self->text_scale;
  const double icon_x = box->x + 4 * scale, icon_y = box->y + 3.5 * scale;
  const FluoColor white = { 1, 1, 1, 1 };

  cairo_new_path (cr);
  fluo_painter_rounded (painter, box->x, box->y, box->width, box->height, box->height / 2);
  fluo_color_set (cr, fewer ? palette->view : palette->status[FLUO_STATUS_FAULT].mark);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, fewer ? palette->status[FLUO_STATUS_OK].mark : palette->view);
  cairo_set_line_width (cr, fewer ? 1.2 : 2);
  cairo_stroke (cr);
  if (fewer)
    fluo_painter_status (painter, FLUO_STATUS_OK, icon_x, icon_y, 11 * scale, palette->view);
  else
    fluo_painter_icon (painter, "status-fault", icon_x, icon_y, 11 * scale, white);
  fluo_painter_text (painter, box->x + 18 * scale, box->y + 13 * scale, node->badge_text,
                     fluo_map_font (self, 11.5, 700, TRUE),
                     fewer ? palette->status[FLUO_STATUS_OK].text : badge_ink (palette),
                     FLUO_ALIGN_START, 0, NULL);
}

/* Solid, as the badge is: the shape says that somebody is to be woken. */
static void
draw_bell (FluoPainter       *painter,
           const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoMapBox *box = &node->bell;
  const double icon = box->width * .62;

  cairo_new_path (cr);
  circle (cr, box->x + box->width / 2, box->y + box->height / 2, box->width / 2);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->view);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  fluo_painter_icon (painter, "bell", box->x + (box->width - icon) / 2,
                     box->y + (box->height - icon) / 2, icon, badge_ink (palette));
}

static void
draw_label (FluoPainter       *painter,
            const FluoMap     *self,
            const FluoMapNode *node)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = self->text_scale;
  const gboolean chosen = node->picked || node->node == self->view.selected_node ||
                          node->node == self->view.focus_node;
  /* A dot has none that lies among others until it is looked for. */
  const gboolean alone = node->label.width <= 0;
  const FluoColor *halo = node->crossed || alone ? &palette->view : NULL;
  double y = alone ? node->y + node->radius + 18 * scale : node->label.y + 13 * scale;

  if (!node->name || (alone && !chosen && node->node != self->view.hover_node))
    return;
  if (chosen)
    y += y > node->y ? SELECTED_LABEL_SHIFT_PX : -SELECTED_LABEL_SHIFT_PX;
  fluo_painter_text (painter, node->x, y, node->name, fluo_map_font (self, 13, 700, FALSE),
                     palette->fg, FLUO_ALIGN_MIDDLE, alone ? DOT_NAME_PX : 0, halo);
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
      fluo_color_set (cr, palette->accent);
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
  add_box (cr, &node->bell);
  fluo_color_set_alpha (cr, fluo_painter_get_palette (painter)->view, 1 - DIMMED_ALPHA);
  cairo_fill (cr);
  cairo_restore (cr);
}

void
fluo_map_draw_node (FluoPainter       *painter,
                    const FluoMap     *self,
                    const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color =
    node->client ? palette->fg3 : palette->service[node->color % FLUO_N_SERVICE_COLORS];
  const double icon = 20 * self->view.zoom;

  draw_halo (painter, self, node);
  if (self->detail == FLUO_MAP_DETAIL_DOTS)
    {
      if (node->change)
        fluo_map_draw_change_dot (painter, node);
      else
        {
          draw_dot (painter, node);
          draw_ring (painter, self, node);
        }
      draw_label (painter, self, node);
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
      if (node->badge_text)
        draw_badge (painter, self, node);
      fluo_map_draw_sign (painter, self, node);
      draw_label (painter, self, node);
    }
  if (node->bell.width > 0)
    draw_bell (painter, node);
  if (node->dimmed)
    draw_veil (painter, node);
}

void
fluo_map_draw_alarm_legend (FluoPainter *painter,
                            double       x,
                            double       y,
                            const char  *text,
                            FluoFont     font)
{
  const FluoMapNode node = { .bell = { x - 1, y - 13, 16, 16 } };

  draw_bell (painter, &node);
  fluo_painter_text (painter, x + 22, y, text, font, fluo_painter_get_palette (painter)->fg2,
                     FLUO_ALIGN_START, FLUO_MAP_LEGEND_WIDTH_PX - 46, NULL);
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

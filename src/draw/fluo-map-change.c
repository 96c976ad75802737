/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-map-private.h"

/* The map of a difference: what appeared, went, became slower or faster, fails more or less. A sign
 * and a number say it; colour only repeats them. */

#define SIGN_HEIGHT_PX 18.0
#define SIGN_PAD_PX 7.0
#define MARK_PX 8.0
#define EDGE_MARK_PX 15.0
/* A mark on less can't be told from another. */
#define DOT_MARK_MIN_PX 4.0

typedef enum
{
  SIGN_NONE,
  SIGN_NEW,
  SIGN_GONE,
  SIGN_SLOWER,
  SIGN_FASTER
} Sign;

static Sign
sign_of (const FluoGraphChange *change)
{
  if (change->presence == FLUO_GRAPH_APPEARED)
    return SIGN_NEW;
  if (change->presence == FLUO_GRAPH_GONE)
    return SIGN_GONE;
  return change->pace > 0 ? SIGN_SLOWER : change->pace < 0 ? SIGN_FASTER : SIGN_NONE;
}

/* --- Boxes ------------------------------------------------------------------ */

void
fluo_map_layout_node_sign (FluoMap               *self,
                           FluoPainter           *painter,
                           FluoMapNode           *box,
                           const FluoGraphChange *change)
{
  const double scale = self->text_scale;
  double width;

  if (self->detail == FLUO_MAP_DETAIL_DOTS || box->client)
    return;
  box->sign_text = fluo_map_dup_change_sign (change);
  if (!box->sign_text)
    return;
  width = fluo_painter_measure (painter, box->sign_text, fluo_map_font (self, 11.5, 700, TRUE)) +
          (2 * SIGN_PAD_PX + MARK_PX + 4) * scale;
  box->sign = (FluoMapBox){ box->x - 10 * self->view.zoom - width,
                            box->y - box->radius - 10 * scale, width, SIGN_HEIGHT_PX * scale };
}

void
fluo_map_layout_node_change (FluoMap     *self,
                             FluoPainter *painter,
                             FluoMapNode *box)
{
  const double scale = self->text_scale;
  const FluoFont font = fluo_map_font (self, 11.5, 700, TRUE);
  const FluoGraphChange *change = box->change;

  g_clear_pointer (&box->badge_text, g_free);
  box->badge = (FluoMapBox){ 0 };
  if (self->detail == FLUO_MAP_DETAIL_DOTS || box->client)
    return;
  if (change->faults != 0)
    {
      box->badge_text = fluo_map_format_points (change->after.faults - change->before.faults);
      box->badge =
        (FluoMapBox){ box->x + 14 * self->view.zoom, box->y - box->radius - 10 * scale,
                      fluo_painter_measure (painter, box->badge_text, font) + 25 * scale,
                      SIGN_HEIGHT_PX * scale };
    }
  fluo_map_layout_node_sign (self, painter, box, change);
}

void
fluo_map_layout_edge_change (FluoMapEdge *box)
{
  const FluoGraphChange *change = box->change;

  g_clear_pointer (&box->rate, g_free);
  g_clear_pointer (&box->trouble, g_free);
  box->rate = fluo_map_dup_change_numbers (change);
  box->status = change->presence != FLUO_GRAPH_STAYED ? FLUO_STATUS_OK
                : change->faults > 0                  ? FLUO_STATUS_FAULT
                : change->errors > 0                  ? FLUO_STATUS_ERROR
                                                      : FLUO_STATUS_OK;
  if (box->status != FLUO_STATUS_OK)
    {
      const gboolean fault = box->status == FLUO_STATUS_FAULT;
      g_autofree char *points =
        fluo_map_format_points (fault ? change->after.faults - change->before.faults
                                      : change->after.errors - change->before.errors);

      box->trouble = g_strdup_printf (fault ? _("%s faults") : _("%s errors"), points);
    }
}

/* --- Drawing ---------------------------------------------------------------- */

/* Plus, minus, and triangles up and down: told apart without colour. */
static void
draw_mark (cairo_t *cr,
           Sign     sign,
           double   x,
           double   y,
           double   size)
{
  const double half = size / 2;

  cairo_new_path (cr);
  if (sign == SIGN_SLOWER || sign == SIGN_FASTER)
    {
      const double up = sign == SIGN_SLOWER ? 1 : -1;

      cairo_move_to (cr, x - half, y + up * half * .8);
      cairo_line_to (cr, x + half, y + up * half * .8);
      cairo_line_to (cr, x, y - up * half * .9);
      cairo_close_path (cr);
      cairo_fill (cr);
      return;
    }
  cairo_move_to (cr, x - half, y);
  cairo_line_to (cr, x + half, y);
  if (sign == SIGN_NEW)
    {
      cairo_move_to (cr, x, y - half);
      cairo_line_to (cr, x, y + half);
    }
  cairo_set_line_width (cr, size * .26);
  cairo_stroke (cr);
}

/* Fill, line and ink of a sign. What is new and what became slower is solid; the rest is an
 * outline, dashed for what is not there any more. */
static void
sign_colors (const FluoPalette *palette,
             Sign               sign,
             FluoColor         *fill,
             FluoColor         *line,
             FluoColor         *ink)
{
  *fill = sign == SIGN_NEW      ? palette->accent_text
          : sign == SIGN_SLOWER ? palette->fg
                                : palette->view;
  *line = sign == SIGN_NEW || sign == SIGN_SLOWER ? palette->view : palette->fg3;
  *ink = sign == SIGN_NEW || sign == SIGN_SLOWER ? palette->view : palette->fg2;
}

static void
draw_chip (FluoPainter *painter,
           Sign         sign,
           FluoMapBox   box,
           double       scale,
           const char  *text,
           FluoFont     font)
{
  static const double dashes[] = { 3.0, 2.0 };
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoColor fill, line, ink;

  sign_colors (fluo_painter_get_palette (painter), sign, &fill, &line, &ink);
  cairo_save (cr);
  cairo_new_path (cr);
  fluo_painter_rounded (painter, box.x, box.y, box.width, box.height, box.height / 2);
  fluo_color_set (cr, fill);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, line);
  cairo_set_line_width (cr, 1.2);
  if (sign == SIGN_GONE)
    cairo_set_dash (cr, dashes, 2, 0);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_color_set (cr, ink);
  draw_mark (cr, sign, box.x + (SIGN_PAD_PX + MARK_PX / 2) * scale, box.y + box.height / 2,
             MARK_PX * scale);
  fluo_painter_text (painter, box.x + (SIGN_PAD_PX + MARK_PX + 4) * scale,
                     box.y + box.height * .72, text, font, ink, FLUO_ALIGN_START, 0, NULL);
}

void
fluo_map_draw_sign (FluoPainter       *painter,
                    const FluoMap     *self,
                    const FluoMapNode *node)
{
  if (node->sign_text)
    draw_chip (painter, sign_of (node->change ? node->change : node->usual), node->sign,
               self->text_scale, node->sign_text,
               fluo_map_font (self, 11.5, 700, TRUE));
}

void
fluo_map_draw_change_dot (FluoPainter       *painter,
                          const FluoMapNode *node)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const Sign sign = sign_of (node->change);
  const double radius = node->radius * (fluo_graph_change_is_change (node->change) ? 1.5 : .8);
  FluoColor fill, line, ink;

  sign_colors (palette, sign, &fill, &line, &ink);
  if (node->change->faults > 0)
    fill = palette->status[FLUO_STATUS_FAULT].mark;
  else if (sign == SIGN_NONE)
    fill = line = palette->line2;
  cairo_new_path (cr);
  cairo_arc (cr, node->x, node->y, radius, 0, 2 * G_PI);
  fluo_color_set (cr, fill);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, line);
  cairo_set_line_width (cr, MIN (1.2, radius / 3));
  cairo_stroke (cr);
  if (sign == SIGN_NONE || radius < DOT_MARK_MIN_PX)
    return;
  fluo_color_set (cr, node->change->faults > 0 ? palette->view : ink);
  draw_mark (cr, sign, node->x, node->y, radius);
}

void
fluo_map_draw_edge_sign (FluoPainter       *painter,
                         const FluoMap     *self,
                         const FluoMapEdge *edge)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double radius = EDGE_MARK_PX / 2 * self->text_scale;
  /* Beside the octagon of a call that fails more. */
  const double x = edge->middle_x + (edge->status == FLUO_STATUS_OK ? 0 : 2.4 * radius);
  Sign sign;
  FluoColor fill, line, ink;

  sign = edge->change ? sign_of (edge->change) : SIGN_NONE;
  if (sign == SIGN_NONE || edge->dimmed)
    return;
  sign_colors (palette, sign, &fill, &line, &ink);
  cairo_new_path (cr);
  cairo_arc (cr, x, edge->middle_y, radius + 2, 0, 2 * G_PI);
  fluo_color_set (cr, palette->view);
  cairo_fill (cr);
  cairo_arc (cr, x, edge->middle_y, radius, 0, 2 * G_PI);
  fluo_color_set (cr, fill);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, line);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
  fluo_color_set (cr, ink);
  draw_mark (cr, sign, x, edge->middle_y, MARK_PX * self->text_scale);
}

/* --- Legend ------------------------------------------------------------------ */

static void
draw_legend_mark (FluoPainter *painter,
                  Sign         sign,
                  double       x,
                  double       y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoColor fill, line, ink;

  sign_colors (fluo_painter_get_palette (painter), sign, &fill, &line, &ink);
  cairo_new_path (cr);
  cairo_arc (cr, x + 6.5, y - 4.5, 6.5, 0, 2 * G_PI);
  fluo_color_set (cr, fill);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, line);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  fluo_color_set (cr, ink);
  draw_mark (cr, sign, x + 6.5, y - 4.5, 7);
}

/* What is drawn and how often, in two rows. */
void
fluo_map_draw_change_legend (FluoPainter   *painter,
                             const FluoMap *self,
                             double         x,
                             double         y,
                             double         width)
{
  const FluoGraphDifference *difference = self->view.difference;
  const struct
  {
    Sign        sign; /* NONE: a status */
    FluoStatus  status;
    const char *text;
    guint       n;
  } items[] = {
    { SIGN_NEW, 0, _("new"), difference->n_appeared },
    { SIGN_GONE, 0, _("gone"), difference->n_gone },
    { SIGN_NONE, FLUO_STATUS_FAULT, _("more faults"), difference->n_more_faults },
    { SIGN_SLOWER, 0, _("slower"), difference->n_slower },
    { SIGN_FASTER, 0, _("faster"), difference->n_faster },
    { SIGN_NONE, FLUO_STATUS_OK, _("fewer faults"), difference->n_fewer_faults },
  };
  const FluoFont font = { FLUO_FONT_SANS, 12, 400, TRUE };
  const FluoFont bold = { FLUO_FONT_SANS, 12, 700, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      static const double columns[] = { 0, .3, .58 };
      const double left = x + columns[i % 3] * width;
      const double base = y + 21 + 22 * (i / 3);
      g_autofree char *n = g_strdup_printf ("%u", items[i].n);
      double at = left + 20;

      if (items[i].sign == SIGN_NONE)
        fluo_painter_status (painter, items[i].status, left, base - 11, 13, palette->popover);
      else
        draw_legend_mark (painter, items[i].sign, left, base);
      at += fluo_painter_text (painter, at, base, n, bold, items[i].n ? palette->fg : palette->fg3,
                               FLUO_ALIGN_START, 0, NULL);
      fluo_painter_text (painter, at + 5, base, items[i].text, font,
                         items[i].n ? palette->fg : palette->fg3, FLUO_ALIGN_START, 0, NULL);
    }
}

void
fluo_map_draw_slower_legend (FluoPainter *painter,
                             double       x,
                             double       y,
                             const char  *text,
                             FluoFont     font)
{
  draw_legend_mark (painter, SIGN_SLOWER, x, y);
  fluo_painter_text (painter, x + 20, y, text, font, fluo_painter_get_palette (painter)->fg2,
                     FLUO_ALIGN_START, 0, NULL);
}

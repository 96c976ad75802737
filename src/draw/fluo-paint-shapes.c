/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>
#include <string.h>

#include "draw/fluo-icon-table.h"
#include "draw/fluo-paint-private.h"

#define ICON_BOX_PX 16.0

/* --- Shapes -------------------------------------------------------------- */

static const FluoIconPath *
find_icon (const char *name)
{
  guint low = 0;
  guint high = fluo_icon_table_length;

  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      const int order = strcmp (name, fluo_icon_table[middle].name);

      if (order == 0)
        return &fluo_icon_table[middle];
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

void
fluo_painter_icon (FluoPainter *self,
                   const char  *name,
                   double       x,
                   double       y,
                   double       size,
                   FluoColor    color)
{
  const FluoIconPath *icon;
  const float *p;

  g_return_if_fail (self != NULL && self->cr != NULL);

  icon = name ? find_icon (name) : NULL;
  if (!icon)
    {
      g_warning ("there is no icon \"%s\"", name ? name : "");
      return;
    }
  cairo_save (self->cr);
  cairo_translate (self->cr, x, y);
  cairo_scale (self->cr, size / ICON_BOX_PX, size / ICON_BOX_PX);
  cairo_new_path (self->cr);
  p = icon->points;
  for (const char *command = icon->commands; *command; command++)
    switch (*command)
      {
      case 'M':
        cairo_move_to (self->cr, p[0], p[1]);
        p += 2;
        break;
      case 'L':
        cairo_line_to (self->cr, p[0], p[1]);
        p += 2;
        break;
      case 'C':
        cairo_curve_to (self->cr, p[0], p[1], p[2], p[3], p[4], p[5]);
        p += 6;
        break;
      default:
        cairo_close_path (self->cr);
        break;
      }
  fluo_color_set (self->cr, color);
  cairo_fill (self->cr);
  cairo_restore (self->cr);
}

static void
polygon (cairo_t      *cr,
         const double *points,
         guint         n)
{
  cairo_new_path (cr);
  for (guint i = 0; i < n; i++)
    cairo_line_to (cr, points[2 * i], points[2 * i + 1]);
  cairo_close_path (cr);
}

/* Filled and outlined in one colour, so that the corners are round. */
static void
solid (cairo_t      *cr,
       const double *points,
       guint         n,
       double        outline,
       FluoColor     mark)
{
  polygon (cr, points, n);
  fluo_color_set (cr, mark);
  cairo_set_line_width (cr, outline);
  cairo_fill_preserve (cr);
  cairo_stroke (cr);
}

static void
segment (cairo_t *cr,
         double   x1,
         double   y1,
         double   x2,
         double   y2)
{
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x2, y2);
}

static void
status_outline (cairo_t   *cr,
                FluoStatus status,
                FluoColor  mark)
{
  static const double dashes[] = { 2.6, 2.0 };

  fluo_color_set (cr, mark);
  cairo_set_line_width (cr, 1.6);
  cairo_new_path (cr);
  if (status == FLUO_STATUS_RUNNING)
    {
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_arc (cr, 8, 8, 5.8, 0, 2 * G_PI);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      segment (cr, 8, 4.8, 8, 8);
      cairo_line_to (cr, 10, 9.4);
    }
  else
    {
      cairo_arc (cr, 8, 8, 5.6, 0, 2 * G_PI);
      cairo_new_sub_path (cr);
      segment (cr, 5.3, 8.2, 7.2, 10.1);
      cairo_line_to (cr, 10.7, 6.3);
    }
  cairo_stroke (cr);
}

void
fluo_painter_status (FluoPainter *self,
                     FluoStatus   status,
                     double       x,
                     double       y,
                     double       size,
                     FluoColor    ink)
{
  static const double octagon[] = { 5, 1, 11, 1, 15, 5, 15, 11, 11, 15, 5, 15, 1, 11, 1, 5 };
  static const double triangle[] = { 8, 1.4, 15, 14.1, 1, 14.1 };
  static const double diamond[] = { 8, .8, 15.2, 8, 8, 15.2, .8, 8 };
  cairo_t *cr;
  FluoColor mark;

  g_return_if_fail (self != NULL && self->cr != NULL);
  g_return_if_fail (status < FLUO_N_STATUSES);

  cr = self->cr;
  mark = self->palette->status[status].mark;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, size / ICON_BOX_PX, size / ICON_BOX_PX);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  switch (status)
    {
    case FLUO_STATUS_ERROR:
      solid (cr, triangle, G_N_ELEMENTS (triangle) / 2, 1, mark);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.9);
      segment (cr, 8, 6, 8, 10);
      cairo_stroke (cr);
      cairo_arc (cr, 8, 12.2, 1.05, 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    case FLUO_STATUS_THROTTLE:
      solid (cr, diamond, G_N_ELEMENTS (diamond) / 2, .6, mark);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.8);
      segment (cr, 6.2, 5.5, 6.2, 10.5);
      segment (cr, 9.8, 5.5, 9.8, 10.5);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_FAULT:
      polygon (cr, octagon, G_N_ELEMENTS (octagon) / 2);
      fluo_color_set (cr, mark);
      cairo_fill (cr);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.9);
      segment (cr, 5.4, 5.4, 10.6, 10.6);
      segment (cr, 10.6, 5.4, 5.4, 10.6);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_OK:
    case FLUO_STATUS_RUNNING:
    case FLUO_N_STATUSES:
    default:
      status_outline (cr, status, mark);
      break;
    }
  cairo_restore (cr);
}

/* --- Fills --------------------------------------------------------------- */

/* Nothing clips to its shape: GTK keeps a frame as a recording, and where only several other
 * parts of the window are drawn anew, cairo 1.16 crashes when a clip that is no rectangle is played
 * again (_cairo_clip_intersect_boxes() then writes to its constant for "nothing"). */

/* Fills the current path with rising 45 degree lines, @width wide, each @period px (measured across
 * the lines). They continue in neighbouring shapes. */
static void
fill_diagonals (cairo_t  *cr,
                FluoColor ink,
                double    period,
                double    width)
{
  const double half = width / period / 2;
  const double ramp = .5 / period; /* half a px of smooth edge on either side */
  cairo_pattern_t *lines =
    cairo_pattern_create_linear (0, 0, period * G_SQRT2 / 2, period * G_SQRT2 / 2);
  const struct
  {
    double at, alpha;
  } stops[] = {
    { 0, 1 }, { half - ramp, 1 }, { half + ramp, 0 }, { 1 - half - ramp, 0 },
    { 1 - half + ramp, 1 }, { 1, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    cairo_pattern_add_color_stop_rgba (lines, CLAMP (stops[i].at, 0, 1), ink.red, ink.green,
                                       ink.blue, ink.alpha * stops[i].alpha);
  cairo_pattern_set_extend (lines, CAIRO_EXTEND_REPEAT);
  cairo_set_source (cr, lines);
  cairo_fill (cr);
  cairo_pattern_destroy (lines);
}

/* The dots of a grid whose middles lie in the current path. */
static void
fill_dots (cairo_t  *cr,
           FluoColor ink)
{
  const double period = 4.0;
  g_autoptr (GArray) middles = g_array_new (FALSE, FALSE, sizeof (double));
  double box[4];

  cairo_fill_extents (cr, &box[0], &box[1], &box[2], &box[3]);
  if (!(box[2] > box[0] && box[3] > box[1] && box[2] - box[0] < 1e4 && box[3] - box[1] < 1e4))
    return;
  for (double y = floor (box[1] / period) * period + 2; y < box[3]; y += period)
    for (double x = floor (box[0] / period) * period + 2; x < box[2]; x += period)
      if (cairo_in_fill (cr, x, y))
        {
          g_array_append_val (middles, x);
          g_array_append_val (middles, y);
        }
  cairo_new_path (cr);
  for (guint i = 0; i + 1 < middles->len; i += 2)
    {
      cairo_new_sub_path (cr);
      cairo_arc (cr, g_array_index (middles, double, i), g_array_index (middles, double, i + 1),
                 .95, 0, 2 * G_PI);
    }
  fluo_color_set (cr, ink);
  cairo_fill (cr);
}

void
fluo_painter_fill_status (FluoPainter *self,
                          FluoStatus   status)
{
  const FluoPalette *palette;
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);
  g_return_if_fail (status < FLUO_N_STATUSES);

  cr = self->cr;
  palette = self->palette;
  if (status == FLUO_STATUS_RUNNING)
    {
      fluo_painter_fill_hatch (self, palette->status[status].mark);
      return;
    }
  cairo_save (cr);
  fluo_color_set (cr, status == FLUO_STATUS_ERROR ? palette->error_fill
                                                  : palette->status[status].mark);
  cairo_fill_preserve (cr);
  if (status == FLUO_STATUS_ERROR)
    fill_diagonals (cr, palette->status[status].mark, 5.0, 2.0);
  else if (status == FLUO_STATUS_THROTTLE)
    fill_dots (cr, palette->view);
  cairo_restore (cr);
  cairo_new_path (cr);
}

void
fluo_painter_fill_hatch (FluoPainter *self,
                         FluoColor    color)
{
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);

  cr = self->cr;
  cairo_save (cr);
  fluo_color_set_alpha (cr, color, self->palette->wait_alpha);
  cairo_fill_preserve (cr);
  fill_diagonals (cr, color, 5.0, 2.0);
  cairo_restore (cr);
  cairo_new_path (cr);
}

void
fluo_painter_rounded (FluoPainter *self,
                      double       x,
                      double       y,
                      double       width,
                      double       height,
                      double       radius)
{
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);

  cr = self->cr;
  radius = CLAMP (radius, 0, MIN (width, height) / 2);
  cairo_new_sub_path (cr);
  if (radius <= 0)
    {
      cairo_rectangle (cr, x, y, width, height);
      return;
    }
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

/* The angle at which a corner of @radius is @distance away from its centre, sideways. */
static double
corner_angle (double distance, double radius)
{
  return acos (CLAMP (distance / radius, 0, 1));
}

void
fluo_painter_rounded_part (FluoPainter *self, double x, double y, double width, double height,
                           double radius, double from, double to)
{
  double r = CLAMP (radius, 0, MIN (width, height) / 2), left = x + r, right = x + width - r;
  double bottom = y + height, left_from, left_to, right_from, right_to;
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);

  cr = self->cr;
  from = MAX (from, x);
  to = MIN (to, x + width);
  if (from >= to)
    return;
  if (r <= 0 || (from >= left && to <= right))
    {
      cairo_rectangle (cr, from, y, to - from, height);
      return;
    }
  /* The angles where the part begins and ends, in the corners on the left and on the right. */
  left_from = corner_angle (left - from, r);
  left_to = corner_angle (left - to, r);
  right_from = corner_angle (from - right, r);
  right_to = corner_angle (to - right, r);
  cairo_new_sub_path (cr);
  if (from < left)
    cairo_arc (cr, left, y + r, r, G_PI + left_from, G_PI + left_to);
  else if (from <= right)
    cairo_move_to (cr, from, y);
  if (to > right)
    {
      cairo_arc (cr, right, y + r, r, 2 * G_PI - right_from, 2 * G_PI - right_to);
      cairo_arc (cr, right, bottom - r, r, right_to, right_from);
    }
  else if (to >= left)
    {
      cairo_line_to (cr, to, y);
      cairo_line_to (cr, to, bottom);
    }
  if (from < left)
    cairo_arc (cr, left, bottom - r, r, G_PI - left_to, G_PI - left_from);
  else if (from <= right)
    cairo_line_to (cr, from, bottom);
  cairo_close_path (cr);
}

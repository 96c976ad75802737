/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-scatter-private.h"

/* Points as an image. A shape is drawn by cairo once and its pixels are copied to every place:
 * filling 20,000 paths would cost many frames. */

#define STAMP_PX 11
#define DOT_PX 1.7
#define DOT_PICKED_PX 2.3
#define DOT_ALPHA .42
#define DOT_PICKED_ALPHA .85
/* The thinnest density that is still seen, and the step between one point and most. */
#define HEAT_ALPHA_MIN .16
#define HEAT_ALPHA_MAX .90
/* On the tint of the brush. */
#define HEAT_ALPHA_PICKED_MIN .45
/* So much of the chart may one status' shapes cover before they shrink, and how far: below that
 * they couldn't be told apart. */
#define SHAPE_PX2 24
#define CROWD_SHARE .02
#define CROWD_SCALE_MIN .62

/* --- Stamps ------------------------------------------------------------------------------ */

static void
draw_shape (cairo_t *cr, const FluoPalette *palette, FluoStatus status, gboolean picked)
{
  fluo_color_set (cr, palette->status[status].mark);
  switch (status)
    {
    case FLUO_STATUS_FAULT:
      cairo_set_line_width (cr, 1.7);
      cairo_move_to (cr, -2.8, -2.8);
      cairo_line_to (cr, 2.8, 2.8);
      cairo_move_to (cr, 2.8, -2.8);
      cairo_line_to (cr, -2.8, 2.8);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_ERROR:
      cairo_move_to (cr, 0, -3.6);
      cairo_line_to (cr, 3.6, 2.6);
      cairo_line_to (cr, -3.6, 2.6);
      cairo_fill (cr);
      break;
    case FLUO_STATUS_THROTTLE:
      cairo_move_to (cr, 0, -3.8);
      cairo_line_to (cr, 3.8, 0);
      cairo_line_to (cr, 0, 3.8);
      cairo_line_to (cr, -3.8, 0);
      cairo_fill (cr);
      break;
    case FLUO_STATUS_RUNNING:
      cairo_set_line_width (cr, 1.2);
      cairo_arc (cr, 0, 0, 2.6, 0, 2 * G_PI);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_OK:
    case FLUO_N_STATUSES:
    default:
      fluo_color_set_alpha (cr, picked ? palette->accent : palette->fg3,
                            picked ? DOT_PICKED_ALPHA : DOT_ALPHA);
      cairo_arc (cr, 0, 0, picked ? DOT_PICKED_PX : DOT_PX, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static cairo_surface_t *
make_stamp (const FluoPalette *palette, FluoStatus status, gboolean picked, double scale,
            double grow)
{
  const int size = (int) ceil (STAMP_PX * scale);
  cairo_surface_t *stamp = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cairo_t *cr = cairo_create (stamp);

  cairo_translate (cr, size / 2.0, size / 2.0);
  cairo_scale (cr, scale * grow, scale * grow);
  draw_shape (cr, palette, status, picked);
  cairo_destroy (cr);
  cairo_surface_flush (stamp);
  return stamp;
}

/* Premultiplied pixels, two channels at a time. */
static inline guint32
over (guint32 above, guint32 below)
{
  const guint32 rest = 255 - (above >> 24);
  const guint32 even = (below & 0xff00ff) * rest;
  const guint32 odd = (below >> 8 & 0xff00ff) * rest;

  return above + ((even + 0x800080 + (even >> 8 & 0xff00ff)) >> 8 & 0xff00ff)
         + ((odd + 0x800080 + (odd >> 8 & 0xff00ff)) & 0xff00ff00);
}

/* Lays @stamp over @image, its middle at @x and @y; outside is cut. */
static void
put_stamp (cairo_surface_t *image, cairo_surface_t *stamp, int x, int y)
{
  const int size = cairo_image_surface_get_width (stamp);
  const int width = cairo_image_surface_get_width (image);
  const int height = cairo_image_surface_get_height (image);
  const int from_stride = cairo_image_surface_get_stride (stamp) / 4;
  const int to_stride = cairo_image_surface_get_stride (image) / 4;
  const guint32 *from = (const guint32 *) (void *) cairo_image_surface_get_data (stamp);
  guint32 *to = (guint32 *) (void *) cairo_image_surface_get_data (image);
  const int left = x - size / 2;
  const int top = y - size / 2;

  for (int row = MAX (0, -top); row < MIN (size, height - top); row++)
    for (int column = MAX (0, -left); column < MIN (size, width - left); column++)
      {
        const guint32 above = from[row * from_stride + column];

        if (above)
          {
            guint32 *below = &to[(top + row) * to_stride + left + column];

            *below = over (above, *below);
          }
      }
}

/* --- Images ------------------------------------------------------------------------------ */

/* How many points a cell holds, as colour: from light to full by the logarithm. */
static void
draw_density (FluoScatter *self, cairo_surface_t *image, const FluoPalette *palette,
              gboolean picked, double scale)
{
  const FluoColor color = picked ? palette->accent : palette->bar_base;
  const double most = log (MAX (self->most, 2));
  const double least = picked ? HEAT_ALPHA_PICKED_MIN : HEAT_ALPHA_MIN;
  cairo_t *cr = cairo_create (image);

  cairo_scale (cr, scale, scale);
  for (guint i = 0; i < self->marks->len; i++)
    {
      const FluoScatterMark *mark = &g_array_index (self->marks, FluoScatterMark, i);

      fluo_color_set_alpha (cr, color,
                            least + (HEAT_ALPHA_MAX - least) * log (mark->count) / most);
      cairo_rectangle (cr, mark->column * self->cell, mark->row * self->cell, self->cell,
                       self->cell);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

/* Many shapes would hide what they lie on, and in low charts all of it. */
static double
get_shape_size (const FluoScatter *self, FluoStatus status)
{
  const double room = (self->right - self->left) * (self->bottom - self->top) * CROWD_SHARE;
  guint n = 0;

  if (status == FLUO_STATUS_OK)
    return 1;
  for (guint i = 0; i < self->marks->len; i++)
    n += g_array_index (self->marks, FluoScatterMark, i).status == status;
  return CLAMP (sqrt (room / (MAX (n, 1) * SHAPE_PX2)), CROWD_SCALE_MIN, 1);
}

/* The worse a status, the later it is drawn: nothing lies over a fault. */
static cairo_surface_t *
make_image (FluoScatter *self, const FluoPalette *palette, gboolean picked)
{
  const double scale = CLAMP (self->view.scale, 1, 4);
  const double half = self->cell / 2.0;
  cairo_surface_t *image = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, (int) ceil ((self->right - self->left + STAMP_PX) * scale),
      (int) ceil ((self->bottom - self->top + STAMP_PX) * scale));

  if (self->heat)
    {
      cairo_surface_set_device_offset (image, STAMP_PX / 2.0 * scale, STAMP_PX / 2.0 * scale);
      draw_density (self, image, palette, picked, scale);
      cairo_surface_set_device_offset (image, 0, 0);
    }
  cairo_surface_flush (image);
  for (guint status = self->heat ? FLUO_STATUS_ERROR : FLUO_STATUS_OK; status < FLUO_N_STATUSES;
       status++)
    {
      cairo_surface_t *stamp = make_stamp (palette, status, picked, scale,
                                           get_shape_size (self, status));

      for (guint i = 0; i < self->marks->len; i++)
        {
          const FluoScatterMark *mark = &g_array_index (self->marks, FluoScatterMark, i);

          if (mark->status == status)
            put_stamp (image, stamp,
                       (int) ((mark->column * self->cell + half + STAMP_PX / 2.0) * scale),
                       (int) ((mark->row * self->cell + half + STAMP_PX / 2.0) * scale));
        }
      cairo_surface_destroy (stamp);
    }
  cairo_surface_mark_dirty (image);
  cairo_surface_set_device_scale (image, scale, scale);
  return image;
}

void
fluo_scatter_draw_points (FluoPainter *painter, FluoScatter *self, gboolean picked)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (self->images_palette != palette)
    fluo_scatter_drop_images (self);
  self->images_palette = palette;
  if (!self->images[picked])
    self->images[picked] = make_image (self, palette, picked);
  cairo_set_source_surface (cr, self->images[picked], self->left - STAMP_PX / 2.0,
                            self->top - STAMP_PX / 2.0);
  cairo_paint (cr);
}

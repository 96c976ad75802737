/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-distribution.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "core/fluo-histogram.h"
#include "core/fluo-time-span.h"

#define TOP_PX 22.0
#define AXIS_PX 18.0
#define BIN_PITCH_PX 6.0
#define TICK_PITCH_PX 70.0
/* Slowest beyond so many medians: then by the logarithm. */
#define LOG_FACTOR 30

static double
share_of (const FluoDistribution *self, gint64 value_ns)
{
  const double low = self->low_ns;
  const double high = self->high_ns;

  if (self->log)
    return log (MAX (value_ns, 1) / low) / log (high / low);
  return (value_ns - low) / (high - low);
}

static gint64
value_at (const FluoDistribution *self, double share)
{
  if (self->log)
    return (gint64) (self->low_ns * pow (self->high_ns / (double) self->low_ns, share));
  return self->low_ns + (gint64) (share * (self->high_ns - self->low_ns));
}

static double
get_x (const FluoDistribution *self, gint64 value_ns)
{
  return CLAMP (share_of (self, value_ns), 0, 1) * self->width;
}

static void
make_axis (FluoDistribution *self, gint64 least, gint64 most, gint64 middle)
{
  self->log = most > LOG_FACTOR * MAX (middle, 1000);
  if (self->log)
    {
      self->low_ns = (gint64) pow (10, floor (log10 (MAX (least, 1000))));
      self->high_ns = MAX (most, 10 * self->low_ns);
      return;
    }
  self->low_ns = least < most / 4 ? 0 : least;
  self->high_ns = MAX (most, self->low_ns + 1000);
}

void
fluo_distribution_layout (FluoDistribution *self, const gint64 *a, guint n_a, const gint64 *b,
                          guint n_b, double width, double height)
{
  static const double shares[] = { .5, .9, .99 };
  const gint64 *values[] = { a, b };
  const guint n[] = { n_a, n_b };
  gint64 least = G_MAXINT64, most = 0, middle = 0;

  g_return_if_fail (self != NULL);

  *self = (FluoDistribution){ .width = MAX (width, 1), .height = height, .top = TOP_PX,
                              .base_y = MAX (height - AXIS_PX, TOP_PX + 1), .n = { n_a, n_b } };
  for (guint set = 0; set < 2; set++)
    {
      if (n[set] == 0)
        continue;
      for (guint i = 0; i < 3; i++)
        self->quantiles[set][i] = fluo_percentile (values[set], n[set], shares[i]);
      least = MIN (least, values[set][0]);
      most = MAX (most, values[set][n[set] - 1]);
      middle = MAX (middle, self->quantiles[set][0]);
    }
  make_axis (self, least == G_MAXINT64 ? 0 : MAX (least, 0), most, middle);
  self->n_bins = (guint) CLAMP (self->width / BIN_PITCH_PX, 1, FLUO_DISTRIBUTION_BINS_MAX);
  for (guint set = 0; set < 2; set++)
    {
      for (guint i = 0; i < n[set]; i++)
        {
          const double share = CLAMP (share_of (self, values[set][i]), 0, 1);

          self->share[set][MIN ((guint) (share * self->n_bins), self->n_bins - 1)] += 1;
        }
      for (guint bin = 0; bin < self->n_bins && n[set] > 0; bin++)
        {
          self->share[set][bin] /= n[set];
          self->most = MAX (self->most, self->share[set][bin]);
        }
    }
}

gboolean
fluo_distribution_hit (const FluoDistribution *self, double x, guint *ret_bin, gint64 *ret_from_ns,
                       gint64 *ret_to_ns)
{
  if (x < 0 || x >= self->width || self->n_bins == 0)
    return FALSE;
  *ret_bin = MIN ((guint) (x / self->width * self->n_bins), self->n_bins - 1);
  *ret_from_ns = value_at (self, *ret_bin / (double) self->n_bins);
  *ret_to_ns = value_at (self, (*ret_bin + 1) / (double) self->n_bins);
  return TRUE;
}

static double
bin_height (const FluoDistribution *self, guint set, guint bin)
{
  /* By the square root, or a long tail would be a line. */
  return self->most > 0 ? sqrt (self->share[set][bin] / self->most) * (self->base_y - self->top)
                        : 0;
}

static void
draw_sets (FluoPainter *painter, const FluoDistribution *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double pitch = self->width / self->n_bins;
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, palette->accent);
  for (guint bin = 0; bin < self->n_bins; bin++)
    {
      const double height = bin_height (self, 0, bin);

      cairo_rectangle (cr, bin * pitch + .5, self->base_y - height, pitch - 1, height);
    }
  cairo_fill (cr);
  for (guint pass = 0; pass < 2; pass++)
    {
      cairo_new_path (cr);
      cairo_move_to (cr, 0, self->base_y);
      for (guint bin = 0; bin < self->n_bins; bin++)
        {
          const double y = self->base_y - bin_height (self, 1, bin);

          cairo_line_to (cr, bin * pitch, y);
          cairo_line_to (cr, (bin + 1) * pitch, y);
        }
      cairo_line_to (cr, self->width, self->base_y);
      if (pass == 0)
        {
          cairo_close_path (cr);
          fluo_painter_fill_hatch (painter, palette->bar_rest);
          continue;
        }
      fluo_color_set (cr, palette->fg2);
      cairo_set_line_width (cr, 1.4);
      cairo_stroke (cr);
    }
}

static void
draw_axis (FluoPainter *painter, const FluoDistribution *self)
{
  const FluoFont font = { FLUO_FONT_SANS, 11, 400, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const gint64 step = fluo_format_axis_step (
      MAX ((gint64) ((self->high_ns - self->low_ns) * TICK_PITCH_PX / self->width), 1));
  cairo_t *cr = fluo_painter_get_cr (painter);
  double used = -1;
  double right = self->width;

  right -= fluo_painter_text (painter, self->width, self->height - 4,
                              self->log ? _("√ scale, log axis") : _("√ scale"), font,
                              palette->fg3, FLUO_ALIGN_END, 0, NULL)
           + 10;
  fluo_color_set (cr, palette->line2);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, self->base_y + .5);
  cairo_line_to (cr, self->width, self->base_y + .5);
  cairo_stroke (cr);
  for (gint64 at = self->log ? self->low_ns : (self->low_ns + step - 1) / step * step;
       at <= self->high_ns; at = self->log ? at * 10 : at + step)
    {
      g_autofree char *text = self->log ? fluo_format_duration (at) : fluo_format_axis (at, step);
      const double width = fluo_painter_measure (painter, text, font);
      const double x = MAX (get_x (self, at) - width / 2, 0);

      if (x < used || x + width > right)
        continue;
      fluo_painter_text (painter, x, self->height - 4, text, font, palette->fg3, FLUO_ALIGN_START,
                         0, NULL);
      used = x + width + 10;
    }
}

/* The medians: A's with its name above on the left, B's below it on the right. */
static void
draw_medians (FluoPainter *painter, const FluoDistribution *self, FluoColor background)
{
  static const double dashes[] = { 2.0, 2.0 };
  static const char *const names[] = { "A", "B" };
  const FluoFont font = { FLUO_FONT_SANS, 11, 600, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint set = 0; set < 2; set++)
    {
      const double x = floor (get_x (self, self->quantiles[set][0])) + .5;
      g_autofree char *value = fluo_format_duration (self->quantiles[set][0]);
      g_autofree char *text = g_strdup_printf ("%s p50 %s", names[set], value);
      const double width = fluo_painter_measure (painter, text, font);

      if (self->n[set] == 0)
        continue;
      cairo_save (cr);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_set_line_width (cr, 1);
      fluo_color_set (cr, set ? palette->fg2 : palette->accent_text);
      cairo_move_to (cr, x, set ? 14 : 2);
      cairo_line_to (cr, x, self->base_y);
      cairo_stroke (cr);
      cairo_restore (cr);
      fluo_painter_text (painter, x + 4 + width < self->width ? x + 4 : x - 4 - width,
                         set ? 21 : 9, text, font, set ? palette->fg2 : palette->accent_text,
                         FLUO_ALIGN_START, 0, &background);
    }
}

void
fluo_distribution_draw (FluoPainter *painter, const FluoDistribution *self, FluoColor background)
{
  g_return_if_fail (painter != NULL && self != NULL && self->n_bins > 0);

  cairo_new_path (fluo_painter_get_cr (painter));
  if (self->n[0] + self->n[1] > 0)
    draw_sets (painter, self);
  draw_axis (painter, self);
  draw_medians (painter, self, background);
}

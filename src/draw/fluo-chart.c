/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-chart.h"

#define AXIS_HEIGHT_PX 16.0
#define TOP_PX 14.0
#define AXIS_FONT_PX 10.5
/* At least this far apart. */
#define TICK_PITCH_PX 66.0
/* The axis ends a little behind p99, so that a few outliers don't squeeze everything else. */
#define AXIS_HEADROOM 1.1
#define SHARE_MIN_PX 5.0
#define SHARE_GAP_PX 1.5

/* --- Response times ------------------------------------------------------- */

/* The smallest round duration that is not under @value. */
static gint64
round_up (double        value,
          const double *steps,
          guint         n_steps)
{
  double unit = pow (10, floor (log10 (MAX (value, 1))));

  for (;; unit *= 10)
    for (guint i = 0; i < n_steps; i++)
      if (steps[i] * unit >= value * .999999)
        return (gint64) (steps[i] * unit);
}

/* A bucket covers a range that grows with the duration; its count is spread over the bins it
 * covers, or else round edges of bins would show as stripes. */
static void
spread_counts (const FluoHistogram *histogram,
               gint64               max_ns,
               double              *bins)
{
  const double half = exp2 (1 / 64.0);
  const double bin = max_ns / (double) FLUO_HISTOGRAM_CHART_BINS;

  for (guint i = 0; histogram->entries && i < histogram->entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (histogram->entries, FluoHistogramEntry, i);
      const double middle = fluo_histogram_bucket_ns (entry->bucket);
      const double low = middle / half / bin;
      const double high = MAX (middle * half / bin, low + 1e-9);
      const guint first = (guint) CLAMP (floor (low), 0, FLUO_HISTOGRAM_CHART_BINS - 1);
      const guint last = (guint) CLAMP (floor (high), 0, FLUO_HISTOGRAM_CHART_BINS - 1);

      for (guint k = first; k <= last; k++)
        {
          /* The last bin takes what lies behind the axis. */
          const double from = MAX (low, k);
          const double to = k == FLUO_HISTOGRAM_CHART_BINS - 1 ? high : MIN (high, k + 1);

          if (first == last)
            bins[k] += entry->count;
          else if (to > from)
            bins[k] += entry->count * (to - from) / (high - low);
        }
    }
}

void
fluo_histogram_chart_layout (FluoHistogramChart  *self,
                             const FluoHistogram *all,
                             const FluoHistogram *faults,
                             double               width,
                             double               height)
{
  static const double ends[] = { 1, 1.2, 1.5, 2, 2.4, 3, 4, 5, 6, 8, 10 };
  static const double ticks[] = { 1, 2, 5, 10 };
  static const double quantiles[] = { .5, .9, .99 };
  double bins[FLUO_HISTOGRAM_CHART_BINS] = { 0 };
  double failed[FLUO_HISTOGRAM_CHART_BINS] = { 0 };
  double most = 0;

  g_return_if_fail (self != NULL && all != NULL);

  *self =
    (FluoHistogramChart){ .width = width, .height = height, .base_y = height - AXIS_HEIGHT_PX };
  for (guint i = 0; i < 3; i++)
    self->quantiles[i] = all->count > 0 ? fluo_histogram_quantile (all, quantiles[i]) : 0;
  self->max_ns =
    round_up (MAX (self->quantiles[2], 1000) * AXIS_HEADROOM, ends, G_N_ELEMENTS (ends));
  self->tick_ns = round_up (self->max_ns * TICK_PITCH_PX / MAX (width, TICK_PITCH_PX), ticks,
                            G_N_ELEMENTS (ticks));
  spread_counts (all, self->max_ns, bins);
  if (faults)
    spread_counts (faults, self->max_ns, failed);
  for (guint i = 0; i < FLUO_HISTOGRAM_CHART_BINS; i++)
    most = MAX (most, bins[i]);
  for (guint i = 0; i < FLUO_HISTOGRAM_CHART_BINS && most > 0; i++)
    {
      self->bars[i] = sqrt (MAX (bins[i], 0) / most) * (self->base_y - TOP_PX);
      self->faults[i] = bins[i] > 0 ? self->bars[i] * CLAMP (failed[i] / bins[i], 0, 1) : 0;
    }
}

static double
duration_x (const FluoHistogramChart *self,
            gint64                    duration_ns)
{
  return CLAMP (duration_ns / (double) self->max_ns, 0, 1) * self->width;
}

gint64
fluo_histogram_chart_hit (const FluoHistogramChart *self,
                          double                    x)
{
  g_return_val_if_fail (self != NULL && self->width > 0, 0);

  return (gint64) (CLAMP (x / self->width, 0, 1) * self->max_ns);
}

static void
draw_handles (cairo_t           *cr,
              const FluoPalette *palette,
              FluoPainter       *painter,
              double             x,
              double             top,
              double             bottom)
{
  fluo_color_set (cr, palette->accent);
  cairo_rectangle (cr, x - .8, top, 1.6, bottom - top);
  cairo_fill (cr);
  fluo_painter_rounded (painter, x - 3, (top + bottom) / 2 - 8, 6, 16, 3);
  cairo_fill (cr);
}

/* Where a quantile's label goes: left of its line, else right of it, else nowhere. */
static void
draw_quantiles (FluoPainter              *painter,
                const FluoHistogramChart *self,
                FluoColor                 background)
{
  static const char *const names[] = { "p50", "p90", "p99" };
  static const double dashes[] = { 2.0, 2.0 };
  const FluoFont plain = { FLUO_FONT_SANS, AXIS_FONT_PX, 400, TRUE };
  const FluoFont bold = { FLUO_FONT_SANS, AXIS_FONT_PX, 600, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double used = 0;

  cairo_save (cr);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_set_line_width (cr, 1);
  fluo_color_set (cr, palette->fg);
  for (guint i = 0; i < 3; i++)
    {
      const double x = floor (duration_x (self, self->quantiles[i])) + .5;

      cairo_move_to (cr, x, 3);
      cairo_line_to (cr, x, self->base_y);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *value = fluo_format_duration (self->quantiles[i]);
      const double line = duration_x (self, self->quantiles[i]);
      const double next = i < 2 ? duration_x (self, self->quantiles[i + 1]) : self->width;
      const double name_width = fluo_painter_measure (painter, names[i], plain) + 3;
      const double width = name_width + fluo_painter_measure (painter, value, bold);
      double x = line - 3 - width;

      if (x < used)
        x = line + 4;
      /* It may lie on the next line only when it is the last. */
      if (x < used || x + width > self->width || (x > line && x + width > next && i < 2))
        continue;
      fluo_painter_text (painter, x, 9, names[i], plain, palette->fg3, FLUO_ALIGN_START, 0,
                         &background);
      fluo_painter_text (painter, x + name_width, 9, value, bold, palette->fg, FLUO_ALIGN_START, 0,
                         &background);
      used = x + width + 6;
    }
}

static void
draw_duration_axis (FluoPainter              *painter,
                    const FluoHistogramChart *self)
{
  const FluoFont font = { FLUO_FONT_SANS, AXIS_FONT_PX, 400, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double y = self->height - 3;
  cairo_t *cr = fluo_painter_get_cr (painter);
  double right;

  right = self->width -
          fluo_painter_text (painter, self->width, y, _("√ scale"), font, palette->fg3,
                             FLUO_ALIGN_END, 0, NULL) -
          8;
  for (gint64 value = 0; value <= self->max_ns && self->tick_ns > 0; value += self->tick_ns)
    {
      g_autofree char *text = fluo_format_axis (value, self->tick_ns);
      const double width = fluo_painter_measure (painter, text, font);
      const double x = value ? duration_x (self, value) - width / 2 : 0;

      if (x + width > right)
        break;
      fluo_painter_text (painter, x, y, text, font, palette->fg3, FLUO_ALIGN_START, 0, NULL);
    }
  fluo_color_set (cr, palette->line2);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, self->base_y + .5);
  cairo_line_to (cr, self->width, self->base_y + .5);
  cairo_stroke (cr);
}

void
fluo_histogram_chart_draw (FluoPainter              *painter,
                           const FluoHistogramChart *self,
                           FluoColor                 background)
{
  const double pitch = self->width / FLUO_HISTOGRAM_CHART_BINS;
  const gboolean brushed = self->brush_end_ns > self->brush_begin_ns;
  const double begin = duration_x (self, self->brush_begin_ns);
  const double end = duration_x (self, self->brush_end_ns);
  const FluoPalette *palette;
  cairo_t *cr;

  g_return_if_fail (painter != NULL && self->max_ns > 0);

  cr = fluo_painter_get_cr (painter);
  palette = fluo_painter_get_palette (painter);
  cairo_new_path (cr);
  if (brushed)
    {
      fluo_color_set (cr, palette->accent_soft);
      cairo_rectangle (cr, begin, 10, end - begin, self->base_y - 10);
      cairo_fill (cr);
    }
  for (guint i = 0; i < FLUO_HISTOGRAM_CHART_BINS; i++)
    {
      const double x = i * pitch;
      const gboolean inside = brushed && x + pitch / 2 >= begin && x + pitch / 2 < end;

      fluo_color_set (cr, inside ? palette->accent : palette->bar_base);
      cairo_rectangle (cr, x + .5, self->base_y - self->bars[i], pitch - 1,
                       self->bars[i] - self->faults[i]);
      cairo_fill (cr);
      fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
      cairo_rectangle (cr, x + .5, self->base_y - self->faults[i], pitch - 1, self->faults[i]);
      cairo_fill (cr);
    }
  if (brushed)
    {
      draw_handles (cr, palette, painter, begin, 10, self->base_y);
      draw_handles (cr, palette, painter, end, 10, self->base_y);
    }
  draw_duration_axis (painter, self);
  if (self->quantiles[2] > 0)
    draw_quantiles (painter, self, background);
}

/* --- Shares --------------------------------------------------------------- */

void
fluo_share_bar_layout (FluoShareBar *self,
                       double        width)
{
  double sum = 0;
  double room = width;
  double rest = 0;
  double x = 0;
  guint shown = 0;

  g_return_if_fail (self != NULL && self->n_parts <= FLUO_SHARE_BAR_PARTS_MAX);

  self->width = width;
  for (guint i = 0; i < self->n_parts; i++)
    {
      sum += MAX (self->parts[i].value, 0);
      shown += self->parts[i].value > 0;
    }
  room -= shown > 1 ? (shown - 1) * SHARE_GAP_PX : 0;
  /* Small parts take their least width from the large ones. */
  for (guint i = 0; i < self->n_parts; i++)
    {
      FluoSharePart *part = &self->parts[i];

      part->width = part->value > 0 ? MAX (SHARE_MIN_PX, part->value / sum * room) : 0;
      rest += part->width > SHARE_MIN_PX ? part->width - SHARE_MIN_PX : 0;
    }
  for (guint i = 0; i < self->n_parts; i++)
    {
      FluoSharePart *part = &self->parts[i];
      const double spare = room - shown * SHARE_MIN_PX;

      if (part->width > SHARE_MIN_PX && rest > 0)
        part->width = SHARE_MIN_PX + (part->width - SHARE_MIN_PX) * MAX (spare, 0) / rest;
      part->x = x;
      x += part->width > 0 ? part->width + SHARE_GAP_PX : 0;
    }
}

void
fluo_share_bar_draw (FluoPainter        *painter,
                     const FluoShareBar *self,
                     double              x,
                     double              y)
{
  cairo_t *cr;

  g_return_if_fail (painter != NULL && self != NULL);

  cr = fluo_painter_get_cr (painter);
  for (guint i = 0; i < self->n_parts; i++)
    {
      const FluoSharePart *part = &self->parts[i];
      const gboolean thin = !part->use_color && part->status == FLUO_STATUS_OK;

      if (part->width <= 0)
        continue;
      cairo_new_path (cr);
      fluo_painter_rounded (painter, x + part->x, y + (thin ? 1 : 0), part->width,
                            thin || part->use_color ? 8 : 10, thin || part->use_color ? 2 : 1);
      if (part->use_color)
        {
          fluo_color_set (cr, part->color);
          cairo_fill (cr);
        }
      else
        fluo_painter_fill_status (painter, part->status);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-metric-chart.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"

#define TEXT_Y 11.0
#define TOP_Y 17.0
#define BASE_Y 39.0
#define NAME_SHARE 0.66 /* of the width, at most */

char *
fluo_metric_dup_value (const char *unit, double value)
{
  if (!isfinite (value))
    return g_strdup ("–");
  if (g_strcmp0 (unit, "ms") == 0)
    return fluo_format_duration ((gint64) (CLAMP (value, 0, 1e12) * 1e6));
  if (g_strcmp0 (unit, "s") == 0)
    return fluo_format_duration ((gint64) (CLAMP (value, 0, 1e9) * 1e9));
  if (g_strcmp0 (unit, "%") == 0)
    return fluo_format_share (value / 100);
  if (g_strcmp0 (unit, "bytes") == 0)
    return fluo_format_bytes ((guint64) CLAMP (value, 0, 1e18));
  if (value < 10 && value != floor (value))
    return fluo_format_number (value, "%.1f");
  return fluo_format_count ((guint64) CLAMP (value + .5, 0, 1e18));
}

char *
fluo_metric_dup_name (const char *metric, const char *stat)
{
  return g_strdup_printf ("%s, %s", metric,
                          g_str_equal (stat, "Sum")       ? _("sum")
                          : g_str_equal (stat, "Maximum") ? _("largest")
                          : g_str_equal (stat, "Average") ? _("average")
                                                          : stat);
}

FluoMetricChart *
fluo_metric_chart_new (void)
{
  return g_new0 (FluoMetricChart, 1);
}

void
fluo_metric_chart_free (FluoMetricChart *self)
{
  g_clear_pointer (&self->steps, g_array_unref);
  g_free (self);
}

void
fluo_metric_chart_layout (FluoMetricChart *self, GArray *steps, gint64 period_ns,
                          FluoTimeSpan span, double width)
{
  g_return_if_fail (self != NULL);

  g_array_ref (steps);
  g_clear_pointer (&self->steps, g_array_unref);
  self->steps = steps;
  self->period_ns = MAX (period_ns, 1);
  self->span = span;
  self->width = MAX (width, 1);
  self->most = 0;
  for (guint i = 0; i < steps->len; i++)
    {
      const double value = g_array_index (steps, FluoMetricStep, i).value;

      /* What isn't finite has no place on an axis. */
      if (isfinite (value))
        self->most = MAX (self->most, value);
    }
}

static double
get_x (const FluoMetricChart *self, gint64 time_ns)
{
  const double length = (double) MAX (fluo_time_span_length (self->span), 1);

  return CLAMP ((double) (time_ns - self->span.begin_ns) / length, 0, 1) * self->width;
}

gint64
fluo_metric_chart_hit (const FluoMetricChart *self, double x)
{
  return self->span.begin_ns
         + (gint64) (CLAMP (x / self->width, 0, 1) * (double) fluo_time_span_length (self->span));
}

const FluoMetricStep *
fluo_metric_chart_find (const FluoMetricChart *self, gint64 time_ns)
{
  for (guint i = self->steps != NULL ? self->steps->len : 0; i-- > 0;)
    {
      const FluoMetricStep *step = &g_array_index (self->steps, FluoMetricStep, i);

      if (step->time_ns <= time_ns)
        return time_ns < step->time_ns + self->period_ns ? step : NULL;
    }
  return NULL;
}

static double
get_y (const FluoMetricChart *self, double value)
{
  const double share = self->most > 0 && isfinite (value) ? CLAMP (value / self->most, 0, 1) : 0;

  return BASE_Y - share * (BASE_Y - TOP_Y);
}

static void
draw_steps (FluoPainter *painter, const FluoMetricChart *self, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint i = 0; i < self->steps->len; i++)
    {
      const FluoMetricStep *step = &g_array_index (self->steps, FluoMetricStep, i);
      const double x0 = get_x (self, step->time_ns);
      const double x1 = get_x (self, step->time_ns + self->period_ns);
      const double top = y + get_y (self, step->value);

      if (x1 <= x0)
        continue;
      cairo_rectangle (cr, x0, top, x1 - x0, y + BASE_Y - top);
      fluo_color_set_alpha (cr, palette->metric, 0.16);
      cairo_fill (cr);
      cairo_rectangle (cr, x0, top - 0.75, x1 - x0, 1.5);
      fluo_color_set (cr, palette->metric);
      cairo_fill (cr);
    }
}

void
fluo_metric_chart_draw (FluoPainter *painter, const FluoMetricChart *self, double y,
                        const char *name, const char *value, gint64 mark_ns)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoFont font = { FLUO_FONT_SANS, 11.5, 400, TRUE };
  const FluoFont strong = { FLUO_FONT_SANS, 11.5, 700, TRUE };

  fluo_color_set (cr, palette->line2);
  cairo_rectangle (cr, 0, y + BASE_Y, self->width, 1);
  cairo_fill (cr);
  if (self->steps != NULL)
    draw_steps (painter, self, y);
  if (mark_ns != 0)
    {
      fluo_color_set (cr, palette->fg);
      cairo_rectangle (cr, floor (get_x (self, mark_ns)), y + TOP_Y - 2, 1,
                       BASE_Y - TOP_Y + 3);
      cairo_fill (cr);
    }
  fluo_painter_text (painter, 0, y + TEXT_Y, name, font, palette->fg2, FLUO_ALIGN_START,
                     NAME_SHARE * self->width, NULL);
  fluo_painter_text (painter, self->width, y + TEXT_Y, value, strong, palette->metric,
                     FLUO_ALIGN_END, 0, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-metric-chart.h"
#include "draw/fluo-waterfall-private.h"

/* Metrics of the services between the ruler and the rows, on the time axis of the bars: what went
 * on around the trace stands small beside the name. */

#define LEFT_PX 14
#define ICON_PX 13
#define SPARK_WIDTH 72
#define SPARK_TREE_MIN 300 /* narrower trees have no room for it */
#define VALUE_WIDTH 58
#define TOP_PX 5
#define BASE_PX 4
#define LABEL_PX_MIN 40
#define HEAD_ROOM 1.15 /* the highest value leaves its label room */

void
fluo_waterfall_lane_free (FluoWaterfallLane *self)
{
  g_clear_pointer (&self->steps, g_array_unref);
  g_free (self->service);
  g_free (self->metric);
  g_free (self->words);
  g_free (self);
}

double
fluo_waterfall_lanes_height (const FluoWaterfallViewport *view)
{
  return view->lanes != NULL ? view->lanes->len * FLUO_WATERFALL_LANE_PX * view->style->scale : 0;
}

static double
find_most (const FluoWaterfallLane *lane)
{
  double most = 0;

  for (guint i = 0; i < lane->steps->len; i++)
    {
      const double value = g_array_index (lane->steps, FluoMetricStep, i).value;

      if (isfinite (value))
        most = MAX (most, value);
    }

  return most;
}

static double
y_of (double scale, double top, double value, double most)
{
  const double height = FLUO_WATERFALL_LANE_PX * scale - TOP_PX - BASE_PX;
  const double share = most > 0 && isfinite (value) ? CLAMP (value / most / HEAD_ROOM, 0, 1) : 0;

  return top + TOP_PX + height * (1 - share);
}

/* Words stand where the line of the value is not. */
static double
baseline_of (double scale, double top, double y)
{
  return y - top > FLUO_WATERFALL_LANE_PX * scale / 2
           ? top + 13 * scale
           : top + (FLUO_WATERFALL_LANE_PX - 5) * scale;
}

/* The step that @time_ns is in, or NULL. */
static const FluoMetricStep *
find_step (const FluoWaterfallLane *lane, gint64 time_ns)
{
  for (guint i = lane->steps->len; i-- > 0;)
    {
      const FluoMetricStep *step = &g_array_index (lane->steps, FluoMetricStep, i);

      if (step->time_ns <= time_ns)
        return time_ns < step->time_ns + lane->period_ns ? step : NULL;
    }

  return NULL;
}

/* --- Beside the name -------------------------------------------------------------------------- */

static void
draw_spark (FluoPainter *painter, const FluoWaterfallLane *lane, double scale, double x,
            double top, gint64 mark_ns)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const double most = find_most (lane);
  const double length = (double) MAX (fluo_time_span_length (lane->range), 1);
  gboolean begun = FALSE;

  for (guint i = 0; i < lane->steps->len; i++)
    {
      const FluoMetricStep *step = &g_array_index (lane->steps, FluoMetricStep, i);
      const double middle = (double) (step->time_ns + lane->period_ns / 2 - lane->range.begin_ns);
      const double at = x + CLAMP (middle / length, 0, 1) * SPARK_WIDTH;

      if (!isfinite (step->value))
        continue;
      if (begun)
        cairo_line_to (cr, at, y_of (scale, top, step->value, most));
      else
        cairo_move_to (cr, at, y_of (scale, top, step->value, most));
      begun = TRUE;
    }
  fluo_color_set (cr, palette->metric);
  cairo_set_line_width (cr, 1.3);
  cairo_stroke (cr);
  fluo_waterfall_fill (painter,
                       floor (x + CLAMP ((double) (mark_ns - lane->range.begin_ns) / length, 0, 1) *
                                    SPARK_WIDTH),
                       top + TOP_PX, 1.5, FLUO_WATERFALL_LANE_PX * scale - 2 * TOP_PX, palette->fg);
}

static void
draw_name (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallLane *lane,
           double top)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = layout->view.style->scale;
  const double baseline = top + (FLUO_WATERFALL_LANE_PX / 2 + 4) * scale;
  const double right = layout->view.tree_width - layout->view.style->duration_right;
  const gint64 at = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (layout->rows));
  const FluoMetricStep *step = lane->steps != NULL ? find_step (lane, at) : NULL;
  g_autofree char *value =
    step != NULL ? fluo_metric_dup_value (lane->unit, step->value) : g_strdup ("–");
  double x = LEFT_PX, limit = right - VALUE_WIDTH * scale;

  fluo_painter_icon (painter, "chart", x, baseline - 11 * scale, ICON_PX * scale, palette->metric);
  x += ICON_PX * scale + 7;
  if (lane->steps != NULL && lane->steps->len > 0)
    {
      fluo_painter_text (painter, right, baseline, value, FLUO_FIGURES (12.5 * scale, 700),
                         palette->fg, FLUO_ALIGN_END, VALUE_WIDTH * scale - 4, NULL);
      if (layout->view.tree_width >= SPARK_TREE_MIN * scale)
        {
          limit -= SPARK_WIDTH;
          draw_spark (painter, lane, scale, limit, top, at);
          limit -= 10;
        }
    }
  x += fluo_painter_text (painter, x, baseline, lane->service, FLUO_SANS (12.5 * scale, 600),
                          palette->fg, FLUO_ALIGN_START, MAX (20, limit - x), NULL) +
       6;
  if (limit - x > 24)
    fluo_painter_text (painter, x, baseline, lane->metric, FLUO_SANS (12 * scale, 400),
                       palette->fg2, FLUO_ALIGN_START, limit - x, NULL);
}

/* --- On the time axis ------------------------------------------------------------------------- */

/* "one value for 14:31 to 14:32: 6; up to 9 from 14:17 to 14:32". */
static char *
dup_single (const FluoWaterfallLane *lane, const FluoMetricStep *step)
{
  const double most = find_most (lane);
  g_autofree char *from = fluo_format_clock (step->time_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *to =
    fluo_format_clock (step->time_ns + lane->period_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *value = fluo_metric_dup_value (lane->unit, step->value), *first = NULL,
                  *largest = NULL, *begin = NULL, *end = NULL;

  first = g_strdup_printf (_("one value for %s to %s: %s"), from, to, value);
  if (!(most > step->value))
    return g_steal_pointer (&first);
  largest = fluo_metric_dup_value (lane->unit, most);
  begin = fluo_format_clock (lane->range.begin_ns, FLUO_CLOCK_MINUTES, NULL);
  end = fluo_format_clock (lane->range.end_ns, FLUO_CLOCK_MINUTES, NULL);

  return g_strdup_printf (_("%s; up to %s from %s to %s"), first, largest, begin, end);
}

static void
draw_step (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallLane *lane,
           const FluoMetricStep *step, double top, double most)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = layout->view.style->scale;
  const double x0 =
    fluo_waterfall_clip_x (layout, fluo_waterfall_layout_x (layout, step->time_ns));
  const double x1 = fluo_waterfall_clip_x (
    layout, fluo_waterfall_layout_x (layout, step->time_ns + lane->period_ns));
  const double y = y_of (scale, top, step->value, most), base = y_of (scale, top, 0, most);

  if (x1 <= x0)
    return;
  cairo_rectangle (fluo_painter_get_cr (painter), x0, y, x1 - x0, base - y);
  fluo_color_set_alpha (fluo_painter_get_cr (painter), palette->metric, 0.16);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_waterfall_fill (painter, x0, y - 0.75, x1 - x0, 1.5, palette->metric);
}

static void
draw_steps (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallLane *lane,
            double top)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = layout->view.style->scale;
  const FluoFont font = FLUO_FIGURES (11 * scale, 600);
  const double most = find_most (lane);
  const FluoMetricStep *only = NULL;
  double clear = layout->time_x;
  guint n = 0;

  for (guint i = 0; i < lane->steps->len; i++)
    {
      const FluoMetricStep *step = &g_array_index (lane->steps, FluoMetricStep, i);
      g_autofree char *value = fluo_metric_dup_value (lane->unit, step->value);
      double x = fluo_waterfall_layout_x (layout, step->time_ns);

      if (step->time_ns >= layout->view.visible.end_ns ||
          step->time_ns + lane->period_ns <= layout->view.visible.begin_ns)
        continue;
      draw_step (painter, layout, lane, step, top, most);
      n++;
      only = step;
      x = MAX (x, layout->time_x) + 5;
      if (x < clear || lane->period_ns > fluo_time_span_length (layout->view.visible))
        continue;
      fluo_painter_text (painter, x,
                         baseline_of (scale, top, y_of (scale, top, step->value, most)), value,
                         font, palette->metric, FLUO_ALIGN_START, 0, NULL);
      clear = x + LABEL_PX_MIN;
    }

  if (n == 0)
    fluo_painter_text (painter, layout->time_x, top + (FLUO_WATERFALL_LANE_PX / 2 + 4) * scale,
                       _("no value at this time"), FLUO_FIGURES (11.5 * scale, 400), palette->fg2,
                       FLUO_ALIGN_START, 0, NULL);
  else if (lane->period_ns > fluo_time_span_length (layout->view.visible))
    {
      g_autofree char *words = dup_single (lane, only);

      fluo_painter_text (painter, layout->time_x + 5,
                         baseline_of (scale, top, y_of (scale, top, only->value, most)), words,
                         FLUO_FIGURES (11.5 * scale, 400), palette->fg2, FLUO_ALIGN_START,
                         layout->time_width - 10, NULL);
    }
}

void
fluo_waterfall_draw_lanes (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double scale = layout->view.style->scale;
  double top = layout->view.style->overview_height + layout->view.style->ruler_height;

  for (guint i = 0; layout->view.lanes != NULL && i < layout->view.lanes->len; i++)
    {
      const FluoWaterfallLane *lane = g_ptr_array_index (layout->view.lanes, i);

      draw_name (painter, layout, lane, top);
      if (lane->steps != NULL && lane->words == NULL)
        draw_steps (painter, layout, lane, top);
      else if (lane->words != NULL)
        fluo_painter_text (painter, layout->time_x, top + (FLUO_WATERFALL_LANE_PX / 2 + 4) * scale,
                           lane->words, FLUO_FIGURES (11.5 * scale, 400), palette->fg2,
                           FLUO_ALIGN_START, layout->time_width, NULL);
      top += FLUO_WATERFALL_LANE_PX * scale;
      fluo_waterfall_stroke (painter, 0, layout->view.width, top - 0.5, palette->line);
    }
}

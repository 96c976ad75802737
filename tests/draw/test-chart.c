/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "draw/fluo-chart.h"

#define MS(n) ((n) * FLUO_NSEC_PER_MSEC)
#define MINUTE (60 * FLUO_NSEC_PER_SEC)
#define START (G_GINT64_CONSTANT (1795094220) * FLUO_NSEC_PER_SEC)

static cairo_surface_t *
begin (FluoPainter *painter,
       int          width,
       int          height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);

  fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  cairo_destroy (cr);
  return surface;
}

static void
test_histogram (void)
{
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  FluoHistogramChart chart;
  FluoHistogram all, faults;
  cairo_surface_t *surface;

  fluo_histogram_init (&all);
  fluo_histogram_init (&faults);
  for (int i = 0; i < 1000; i++)
    fluo_histogram_add (&all, MS (1 + i % 100 * 10), 1);
  fluo_histogram_add (&all, MS (2000), 40);
  fluo_histogram_add (&faults, MS (2000), 40);
  fluo_histogram_chart_layout (&chart, &all, &faults, 332, 100);
  /* The axis ends a little behind p99, at a round duration. */
  g_assert_cmpint (chart.max_ns, >=, chart.quantiles[2]);
  g_assert_cmpint (chart.max_ns, <=, 2 * chart.quantiles[2]);
  g_assert_cmpint (chart.max_ns % MS (100), ==, 0);
  /* What failed is red, what did not is not. */
  g_assert_cmpfloat (chart.faults[(int) (MS (2000) * FLUO_HISTOGRAM_CHART_BINS / chart.max_ns)], >,
                     10);
  g_assert_cmpfloat (chart.faults[3], ==, 0);
  /* Even counts give even bars: no stripes where bins and buckets disagree. */
  for (guint i = 5; i < 15; i++)
    g_assert_cmpfloat_with_epsilon (chart.bars[i], chart.bars[i + 1], chart.bars[i] * .25);
  for (guint i = 0; i < FLUO_HISTOGRAM_CHART_BINS; i++)
    {
      g_assert_true (isfinite (chart.bars[i]));
      g_assert_cmpfloat (chart.bars[i], <=, 100);
      g_assert_cmpfloat (chart.faults[i], <=, chart.bars[i]);
    }
  g_assert_cmpint (fluo_histogram_chart_hit (&chart, -5), ==, 0);
  g_assert_cmpint (fluo_histogram_chart_hit (&chart, 166), ==, chart.max_ns / 2);
  g_assert_cmpint (fluo_histogram_chart_hit (&chart, 1e6), ==, chart.max_ns);
  chart.brush_begin_ns = MS (1200);
  chart.brush_end_ns = chart.max_ns;
  surface = begin (painter, 332, 100);
  fluo_histogram_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->sidebar);
  cairo_surface_destroy (surface);
  fluo_histogram_clear (&all);
  fluo_histogram_clear (&faults);
}

static void
test_histogram_odd (void)
{
  static const gint64 values[] = { 0, 1, 1000, MS (1), 3600 * FLUO_NSEC_PER_SEC, G_MAXINT64 / 8 };
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = begin (painter, 332, 100);
  FluoHistogramChart chart;
  FluoHistogram all;

  fluo_histogram_init (&all);
  fluo_histogram_chart_layout (&chart, &all, NULL, 332, 100);
  fluo_histogram_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->view);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      fluo_histogram_add (&all, values[i], 1);
      fluo_histogram_chart_layout (&chart, &all, NULL, 332, 100);
      g_assert_cmpint (chart.max_ns, >, 0);
      fluo_histogram_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->view);
    }
  g_assert_cmpint (cairo_status (fluo_painter_get_cr (painter)), ==, CAIRO_STATUS_SUCCESS);
  fluo_histogram_clear (&all);
  cairo_surface_destroy (surface);
}

static void
test_series (void)
{
  const FluoTimeSpan span = { START, START + 15 * MINUTE };
  FluoTimeSeries series;
  guint total = 0;
  guint faults = 0;

  fluo_time_series_init (&series, span, 64);
  g_assert_cmpint (series.step_ns, ==, 15 * FLUO_NSEC_PER_SEC);
  g_assert_cmpuint (series.n_buckets, ==, 60);
  g_assert_cmpint (series.span.begin_ns % series.step_ns, ==, 0);
  for (guint i = 0; i < 900; i++)
    fluo_time_series_add (&series, START + i * FLUO_NSEC_PER_SEC,
                          i % 90 ? FLUO_STATUS_OK : FLUO_STATUS_FAULT);
  fluo_time_series_add (&series, START - 1, FLUO_STATUS_FAULT);
  fluo_time_series_add (&series, START + 15 * MINUTE, FLUO_STATUS_FAULT);
  for (guint i = 0; i < series.n_buckets; i++)
    {
      g_assert_cmpuint (series.buckets[i].total, ==, 15);
      total += series.buckets[i].total;
      faults += series.buckets[i].fault;
    }
  g_assert_cmpuint (total, ==, 900);
  g_assert_cmpuint (faults, ==, 10);
  fluo_time_series_clear (&series);
  /* Never more than asked for, whatever the range. */
  for (gint64 length = 1; length > 0 && length < G_MAXINT64 / 4; length *= 7)
    {
      fluo_time_series_init (&series, (FluoTimeSpan) { START + 7, START + 7 + length }, 64);
      g_assert_cmpuint (series.n_buckets, >=, 1);
      g_assert_cmpuint (series.n_buckets, <=, 65);
      fluo_time_series_clear (&series);
    }
}

static void
test_time_chart (void)
{
  const FluoTimeSpan span = { START, START + 15 * MINUTE };
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = begin (painter, 1080, 64);
  FluoTimeSeries series;
  FluoTimeChart chart;
  gint64 time;

  fluo_time_series_init (&series, span, 64);
  for (guint i = 0; i < 900; i++)
    fluo_time_series_add (&series, START + i * FLUO_NSEC_PER_SEC,
                          i % 90 ? FLUO_STATUS_OK : FLUO_STATUS_FAULT);
  fluo_time_chart_layout (&chart, &series, span, &fluo_time_chart_strip, 1080, 64);
  /* Hit is the inverse of layout. */
  for (guint i = 0; i <= 15; i++)
    {
      const double x = fluo_time_chart_get_x (&chart, START + i * MINUTE);

      fluo_time_chart_hit (&chart, x, 30, &time);
      g_assert_cmpint (ABS (time - (START + i * MINUTE)), <, FLUO_NSEC_PER_MSEC);
    }
  g_assert_cmpint (fluo_time_chart_hit (&chart, 20, 30, NULL), ==, FLUO_CHART_HIT_NOTHING);
  g_assert_cmpint (fluo_time_chart_hit (&chart, 500, 30, NULL), ==, FLUO_CHART_HIT_PLOT);
  chart.brush = (FluoTimeSpan) { START + 3 * MINUTE, START + 6 * MINUTE };
  g_assert_cmpint (
    fluo_time_chart_hit (&chart, fluo_time_chart_get_x (&chart, START + 3 * MINUTE) + 3, 30, NULL),
    ==, FLUO_CHART_HIT_BRUSH_BEGIN);
  g_assert_cmpint (
    fluo_time_chart_hit (&chart, fluo_time_chart_get_x (&chart, START + 6 * MINUTE) + 3, 30, NULL),
    ==, FLUO_CHART_HIT_BRUSH_END);
  g_assert_cmpint (
    fluo_time_chart_hit (&chart, fluo_time_chart_get_x (&chart, START + 4 * MINUTE), 30, NULL), ==,
    FLUO_CHART_HIT_BRUSH);
  chart.style.live = TRUE;
  fluo_time_chart_draw (painter, &chart, fluo_painter_get_palette (painter)->window);
  g_assert_cmpint (cairo_status (fluo_painter_get_cr (painter)), ==, CAIRO_STATUS_SUCCESS);
  fluo_time_series_clear (&series);
  cairo_surface_destroy (surface);
}

static void
test_shares (void)
{
  FluoShareBar bar = { .n_parts = 4,
                       .parts = { { .value = 2771, .status = FLUO_STATUS_OK },
                                  { .value = 42, .status = FLUO_STATUS_ERROR },
                                  { .value = 9, .status = FLUO_STATUS_THROTTLE },
                                  { .value = 69, .status = FLUO_STATUS_FAULT } } };
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = begin (painter, 332, 10);

  fluo_share_bar_layout (&bar, 332);
  /* The smallest can still be seen, the sum fills the bar. */
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (bar.parts[i].width, >=, 5);
  g_assert_cmpfloat_with_epsilon (bar.parts[3].x + bar.parts[3].width, 332, .01);
  g_assert_cmpfloat (bar.parts[0].width, >, 290);
  fluo_share_bar_draw (painter, &bar, 0, 0);
  for (guint i = 0; i < 4; i++)
    bar.parts[i].value = 0;
  fluo_share_bar_layout (&bar, 332);
  fluo_share_bar_draw (painter, &bar, 0, 0);
  cairo_surface_destroy (surface);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chart/histogram", test_histogram);
  g_test_add_func ("/chart/histogram-odd", test_histogram_odd);
  g_test_add_func ("/chart/series", test_series);
  g_test_add_func ("/chart/time", test_time_chart);
  g_test_add_func ("/chart/shares", test_shares);
  return g_test_run ();
}

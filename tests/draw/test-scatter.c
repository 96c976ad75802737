/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "draw/fluo-scatter.h"

#define MS(n) ((n) * FLUO_NSEC_PER_MSEC)
#define START (G_GINT64_CONSTANT (1795094220) * FLUO_NSEC_PER_SEC)
#define LENGTH (15 * FLUO_NSEC_PER_MIN)
#define WIDTH 1080
#define HEIGHT 182

static const FluoScatterView usual = { .width = WIDTH, .height = HEIGHT, .scale = 1,
                                       .span = { START, START + LENGTH } };

static GArray *
make_points (guint n, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GArray *points = g_array_new (FALSE, FALSE, sizeof (FluoScatterPoint));

  for (guint i = 0; i < n; i++)
    {
      const double slow = g_rand_double (random);
      FluoScatterPoint point = { START + (gint64) (g_rand_double (random) * LENGTH),
                                 MS (400) + (gint64) (slow * slow * MS (2000)), FLUO_STATUS_OK };

      if (g_rand_int_range (random, 0, 50) == 0)
        point.status = g_rand_int_range (random, FLUO_STATUS_RUNNING, FLUO_N_STATUSES);
      g_array_append_val (points, point);
    }
  return points;
}

static FluoScatter *
make_scatter (GArray *points, const FluoScatterView *view)
{
  FluoScatter *scatter = fluo_scatter_new ();

  fluo_scatter_set_points (scatter, points);
  fluo_scatter_layout (scatter, view);
  return scatter;
}

/* Every point is in one mark and in one bar, and no fault hides behind something better. */
static void
test_nothing_lost (gconstpointer data)
{
  const guint n = GPOINTER_TO_UINT (data);
  g_autoptr (GArray) points = make_points (n, 7);
  g_autoptr (FluoScatter) scatter = make_scatter (points, &usual);
  g_autoptr (GHashTable) worst = g_hash_table_new (g_direct_hash, g_direct_equal);
  const FluoScatterMark *marks;
  const FluoScatterBar *bars;
  guint n_marks, n_bars, in_marks = 0, in_bars = 0, faults = 0, in_faults = 0;
  double left, right, top, bottom;

  marks = fluo_scatter_get_marks (scatter, &n_marks);
  bars = fluo_scatter_get_bars (scatter, &n_bars);
  fluo_scatter_get_plot (scatter, &left, &right, &top, &bottom);
  g_assert_cmpint (fluo_scatter_is_heat (scatter), ==, n > FLUO_SCATTER_HEAT_MIN);
  for (guint i = 0; i < n_marks; i++)
    {
      in_marks += marks[i].count;
      g_assert_cmpuint (marks[i].status, ==,
                        g_array_index (points, FluoScatterPoint, marks[i].point).status);
      g_hash_table_insert (worst, GUINT_TO_POINTER ((marks[i].row << 16 | marks[i].column) + 1),
                           GUINT_TO_POINTER (marks[i].status));
    }
  for (guint i = 0; i < n_bars; i++)
    {
      in_bars += bars[i].total;
      in_faults += bars[i].fault;
      g_assert_cmpuint (bars[i].fault + bars[i].error, <=, bars[i].total);
    }
  g_assert_cmpuint (in_marks, ==, n);
  g_assert_cmpuint (in_bars, ==, n);
  for (guint i = 0; i < n; i++)
    {
      const FluoScatterPoint *point = &g_array_index (points, FluoScatterPoint, i);
      const guint cell = fluo_scatter_is_heat (scatter) ? 4 : 1;
      const guint columns = (guint) ceil ((right - left) / cell);
      const guint rows = (guint) ceil ((bottom - top) / cell);
      gint64 low, high;
      guint column, row;

      faults += point->status == FLUO_STATUS_FAULT;
      /* The same by the plain rule of three. */
      fluo_scatter_get_axis (scatter, &low, &high);
      column = MIN ((guint) ((point->time_ns - START) * (columns / (double) LENGTH)), columns - 1);
      row = MIN ((guint) ((1 - (point->value_ns - low) / (double) (high - low)) * rows), rows - 1);
      g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (
                            worst, GUINT_TO_POINTER ((row << 16 | column) + 1))),
                        >=, point->status);
    }
  g_assert_cmpuint (in_faults, ==, faults);
}

/* What is pointed at is what was laid out there. */
static void
test_hit (void)
{
  g_autoptr (GArray) points = make_points (2000, 3);
  g_autoptr (FluoScatter) scatter = make_scatter (points, &usual);
  const FluoScatterMark *marks;
  FluoBrush none = FLUO_BRUSH_NONE;
  double left, right, top, bottom;
  FluoScatterHit hit;
  guint n;

  marks = fluo_scatter_get_marks (scatter, &n);
  fluo_scatter_get_plot (scatter, &left, &right, &top, &bottom);
  for (guint i = 0; i < n; i++)
    {
      fluo_scatter_hit (scatter, &none, left + marks[i].column + .5, top + marks[i].row + .5, &hit);
      g_assert_cmpint (hit.part, ==, FLUO_SCATTER_HIT_PLOT);
      g_assert_cmpuint (hit.point, ==, marks[i].point);
      g_assert_cmpuint (hit.count, ==, marks[i].count);
    }
  for (guint i = 0; i < points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (points, FluoScatterPoint, i);
      const double x = fluo_scatter_get_x (scatter, point->time_ns);
      const double y = fluo_scatter_get_y (scatter, point->value_ns);

      g_assert_cmpfloat_with_epsilon (fluo_scatter_get_time (scatter, x), point->time_ns,
                                      LENGTH / 1e6);
      g_assert_cmpfloat_with_epsilon (fluo_scatter_get_value (scatter, y), point->value_ns, 10);
    }
  fluo_scatter_hit (scatter, &none, 20, 60, &hit);
  g_assert_cmpint (hit.part, ==, FLUO_SCATTER_HIT_AXIS);
  fluo_scatter_hit (scatter, &none, WIDTH - 60, 60, &hit);
  g_assert_cmpint (hit.part, ==, FLUO_SCATTER_HIT_HISTOGRAM);
  fluo_scatter_hit (scatter, &none, right + 12, 60, &hit);
  g_assert_cmpint (hit.part, ==, FLUO_SCATTER_HIT_NOTHING);
}

static FluoScatterPart
part_at (FluoScatter *scatter, const FluoBrush *brush, double x, double y)
{
  FluoScatterHit hit;

  fluo_scatter_hit (scatter, brush, x, y, &hit);
  return hit.part;
}

static void
test_brush_parts (void)
{
  g_autoptr (GArray) points = make_points (500, 4);
  g_autoptr (FluoScatter) scatter = make_scatter (points, &usual);
  FluoBrush brush = { { START + LENGTH / 4, START + LENGTH / 2 }, MS (1000), MS (1500) };
  FluoBrush open = { { 0, 0 }, MS (1200), G_MAXINT64 };
  const double from = fluo_scatter_get_y (scatter, MS (1000));
  const double to = fluo_scatter_get_y (scatter, MS (1500));
  const double begin = fluo_scatter_get_x (scatter, brush.span.begin_ns);
  const double end = fluo_scatter_get_x (scatter, brush.span.end_ns);
  double left, right, bars_left, bars_right, top, bottom;

  fluo_scatter_get_plot (scatter, &left, &right, &top, &bottom);
  fluo_scatter_get_histogram (scatter, &bars_left, &bars_right);
  g_assert_cmpint (part_at (scatter, &brush, (begin + end) / 2, from + 3), ==,
                   FLUO_SCATTER_HIT_FROM);
  g_assert_cmpint (part_at (scatter, &brush, (begin + end) / 2, to - 3), ==, FLUO_SCATTER_HIT_TO);
  g_assert_cmpint (part_at (scatter, &brush, begin - 2, (from + to) / 2), ==,
                   FLUO_SCATTER_HIT_BEGIN);
  g_assert_cmpint (part_at (scatter, &brush, end + 2, (from + to) / 2), ==, FLUO_SCATTER_HIT_END);
  g_assert_cmpint (part_at (scatter, &brush, (begin + end) / 2, (from + to) / 2), ==,
                   FLUO_SCATTER_HIT_BRUSH);
  g_assert_cmpint (part_at (scatter, &brush, begin - 30, (from + to) / 2), ==,
                   FLUO_SCATTER_HIT_PLOT);
  /* Edges of values are the histogram's too, and an open end has none. */
  g_assert_cmpint (part_at (scatter, &brush, bars_left + 50, from), ==, FLUO_SCATTER_HIT_FROM);
  g_assert_cmpint (part_at (scatter, &open, left + 100, top + 1), ==, FLUO_SCATTER_HIT_BRUSH);
  g_assert_cmpint (part_at (scatter, &open, left + 100, fluo_scatter_get_y (scatter, MS (1200))),
                   ==, FLUO_SCATTER_HIT_FROM);
}

static void
test_count (void)
{
  g_autoptr (GArray) points = make_points (3000, 5);
  g_autoptr (FluoScatter) scatter = make_scatter (points, &usual);
  FluoBrush none = FLUO_BRUSH_NONE;
  FluoBrush brush = { { START + LENGTH / 3, START + LENGTH }, MS (1200), G_MAXINT64 };
  guint statuses[FLUO_N_STATUSES], plain[FLUO_N_STATUSES] = { 0 };
  guint sum = 0;

  g_assert_cmpuint (fluo_scatter_count (scatter, &none, statuses), ==, 3000);
  for (guint i = 0; i < points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (points, FluoScatterPoint, i);

      if (point->time_ns < START + LENGTH / 3 || point->value_ns < MS (1200))
        continue;
      plain[point->status]++;
      sum++;
    }
  g_assert_cmpuint (fluo_scatter_count (scatter, &brush, statuses), ==, sum);
  g_assert_cmpmem (statuses, sizeof statuses, plain, sizeof plain);
}

/* Axes: round, and never leaving a point out, whatever the values. */
static void
test_axes (void)
{
  static const gint64 values[][2] = { { 0, 0 },          { 1, 1 },
                                      { 1000, 1001 },    { MS (3), MS (400) },
                                      { MS (250), MS (250) },
                                      { MS (450), MS (2390) }, { 0, G_MAXINT64 / 64 },
                                      { MS (90), 3600 * FLUO_NSEC_PER_SEC } };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint axis = 0; axis < 3; axis++)
      {
        g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (FluoScatterPoint));
        FluoScatterView view = usual;
        g_autoptr (FluoScatter) scatter = NULL;
        guint n, sum = 0;
        gint64 low, high;
        const FluoScatterMark *marks;

        for (guint k = 0; k < 2; k++)
          {
            FluoScatterPoint point = { START + k, values[i][k], FLUO_STATUS_OK };

            g_array_append_val (points, point);
          }
        view.axis = axis;
        scatter = make_scatter (points, &view);
        fluo_scatter_get_axis (scatter, &low, &high);
        g_assert_cmpint (low, <, high);
        if (axis != FLUO_SCATTER_AXIS_LOG && !fluo_scatter_is_log (scatter))
          g_assert_cmpint (low, <=, values[i][0]);
        g_assert_cmpint (high, >=, values[i][1]);
        /* Ticks that are closer would all read the same. */
        g_assert_cmpint (high - low, >=, values[i][1] / 20);
        marks = fluo_scatter_get_marks (scatter, &n);
        for (guint k = 0; k < n; k++)
          sum += marks[k].count;
        g_assert_cmpuint (sum, ==, 2);
      }
}

/* An edge that was dragged says a round number, and still lies where it was dropped. */
static void
test_round (void)
{
  g_autoptr (GArray) points = make_points (500, 4);
  g_autoptr (FluoScatter) scatter = make_scatter (points, &usual);

  for (gint64 value = MS (500); value < MS (2300); value += MS (7))
    {
      const gint64 rounded = fluo_scatter_round_value (scatter, value);

      g_assert_cmpint (rounded % MS (10), ==, 0);
      g_assert_cmpfloat (fabs (fluo_scatter_get_y (scatter, rounded)
                               - fluo_scatter_get_y (scatter, value)), <, 1.5);
    }
}

static guint
count_red (cairo_surface_t *surface, double left, double right)
{
  const guchar *data = cairo_image_surface_get_data (surface);
  const int stride = cairo_image_surface_get_stride (surface);
  guint n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = (int) left; x < (int) right; x++)
      {
        const guint32 pixel = *(const guint32 *) (const void *) (data + y * stride + x * 4);

        /* The fault colour and its soft rims. */
        n += (pixel >> 16 & 255) > 150 && (pixel >> 8 & 255) < 90 && (pixel & 255) < 90;
      }
  return n;
}

static void
test_draw (void)
{
  g_autoptr (GArray) points = make_points (30000, 9);
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  g_autoptr (FluoScatter) scatter = fluo_scatter_new ();
  FluoScatterState state = { .hover = 3, .selected = 5 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  double left, right, top, bottom;

  for (guint i = 0; i < points->len; i++)
    g_array_index (points, FluoScatterPoint, i).status = FLUO_STATUS_OK;
  fluo_painter_begin (painter, cr, palette);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_scatter_set_points (scatter, points);
  fluo_scatter_layout (scatter, &usual);
  fluo_scatter_get_plot (scatter, &left, &right, &top, &bottom);
  fluo_scatter_draw (painter, scatter, &state, palette->view);
  g_assert_cmpuint (count_red (surface, left, right), ==, 0);
  /* One fault in the thick of 30,000 is seen, in the plot and in the bars. */
  g_array_index (points, FluoScatterPoint, 17).status = FLUO_STATUS_FAULT;
  fluo_scatter_set_points (scatter, points);
  fluo_scatter_layout (scatter, &usual);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  state.brush = (FluoBrush) { { 0, 0 }, MS (900), G_MAXINT64 };
  state.insight_ns = 0;
  fluo_scatter_draw (painter, scatter, &state, palette->view);
  g_assert_cmpuint (count_red (surface, left, right), >=, 8);
  g_assert_cmpuint (count_red (surface, right + 20, WIDTH), >=, 2);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Sizes that a window passes through. */
static void
test_small (void)
{
  g_autoptr (GArray) points = make_points (100, 2);
  g_autoptr (GArray) none = make_points (0, 2);
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  FluoScatterState state = { .hover = G_MAXUINT, .selected = G_MAXUINT, .focused = TRUE,
                             .insight_ns = START + 5 };

  fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_DARK));
  for (double width = 0; width < 1400; width += 117)
    for (double height = 0; height < 300; height += 60)
      for (guint empty = 0; empty < 2; empty++)
        {
          FluoScatterView view = usual;
          g_autoptr (FluoScatter) scatter = fluo_scatter_new ();

          view.width = width;
          view.height = height;
          view.axis = (guint) width % 3;
          fluo_scatter_set_points (scatter, empty ? none : points);
          fluo_scatter_layout (scatter, &view);
          fluo_scatter_draw (painter, scatter, &state, fluo_painter_get_palette (painter)->view);
        }
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/scatter/nothing-lost/dots", GUINT_TO_POINTER (5000), test_nothing_lost);
  g_test_add_data_func ("/scatter/nothing-lost/heat", GUINT_TO_POINTER (100000),
                        test_nothing_lost);
  g_test_add_func ("/scatter/hit", test_hit);
  g_test_add_func ("/scatter/brush-parts", test_brush_parts);
  g_test_add_func ("/scatter/count", test_count);
  g_test_add_func ("/scatter/axes", test_axes);
  g_test_add_func ("/scatter/round", test_round);
  g_test_add_func ("/scatter/draw", test_draw);
  g_test_add_func ("/scatter/small", test_small);
  return g_test_run ();
}

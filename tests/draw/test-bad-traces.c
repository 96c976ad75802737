/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "draw/fluo-export.h"
#include "draw/fluo-flame.h"
#include "draw/fluo-waterfall.h"

/* Traces that nobody should send and somebody will, through everything that is made of a trace:
 * rows, layout, overview, drawing, hit, find, flame graph and exports. What is measured in spans
 * must be linear, nothing may recurse, and every call can be seen and hit. */

#define TRACE_ID "1-6afefa44-946d071d87f412683d601dea"
#define WIDTH 900
#define HEIGHT 420
#define STACK_BYTES (512 * 1024)

typedef struct
{
  FluoTraceBuilder *builder;
  guint             n;
} Maker;

static void
add (Maker *maker, guint parent, const char *name, const char *begin, const char *end)
{
  g_autofree char *caller = parent > 0 ? g_strdup_printf ("\"parent_id\":\"%016x\",", parent)
                                       : g_strdup ("");
  char *text = g_strdup_printf ("{\"trace_id\":\"" TRACE_ID "\",\"id\":\"%016x\",%s\"name\":\"%s\","
                                "\"start_time\":%s,\"end_time\":%s}",
                                ++maker->n, caller, name, begin, end);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (maker->builder, bytes, &error);
  g_assert_no_error (error);
}

static void
make_chain (Maker *maker)
{
  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *begin = g_strdup_printf ("1600000000.%06u", i);
      g_autofree char *end = g_strdup_printf ("1600000001.%06u", 999999 - i);

      add (maker, i, "link", begin, end);
    }
}

static void
make_siblings (Maker *maker)
{
  add (maker, 0, "root", "1600000000", "1600000020");
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("call-%u", i);
      g_autofree char *begin = g_strdup_printf ("1600000001.%06u", i * 90);
      g_autofree char *end = g_strdup_printf ("1600000001.%06u", i * 90 + 60);

      add (maker, 1, name, begin, end);
    }
}

/* Three that call each other in a circle, one that calls itself, one whose caller is missing. */
static void
make_cycles (Maker *maker)
{
  add (maker, 3, "a", "1600000000", "1600000009");
  add (maker, 1, "b", "1600000001", "1600000008");
  add (maker, 2, "c", "1600000002", "1600000007");
  add (maker, 4, "self", "1600000003", "1600000004");
  add (maker, 99, "orphan", "1600000003", "1600000004");
}

static void
make_year (Maker *maker)
{
  add (maker, 0, "year", "1500000000", "1531536000");
  add (maker, 1, "microsecond", "1515000000", "1515000000.000001");
  add (maker, 1, "last", "1531535999.999999", "1531536000");
}

static void
make_nothing (Maker *maker)
{
  add (maker, 0, "nothing", "1600000000", "1600000000");
  add (maker, 1, "neither", "1600000000", "1600000000");
}

static void
make_negative (Maker *maker)
{
  add (maker, 0, "backwards", "1600000005", "1600000000");
  add (maker, 1, "before all time", "-1e30", "1600000001");
  add (maker, 1, "after all time", "1600000002", "1e300");
  add (maker, 1, "fine", "1600000005", "1600000006");
}

static char *
repeated (const char *piece, guint times)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < times; i++)
    g_string_append (text, piece);

  return g_string_free (text, FALSE);
}

/* Text that is no text: unbroken, of combining marks alone, that turns what follows around and
 * never turns it back, of joined signs, of what looks like markup and formats. */
static void
make_names (Maker *maker)
{
  const char *pieces[] = { "W", "\314\201", "\342\200\256", "\342\201\246",
                           "\360\237\221\250\342\200\215", "<b>&amp;&#0;%s%n", "\357\270\217",
                           "\\u001b[31m", "\\u0000", "\342\200\250" };

  add (maker, 0, "root", "1600000000", "1600000020");
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *name = repeated (pieces[i], (guint) (100 * 1024 / strlen (pieces[i])));

      add (maker, 1, name, "1600000001", "1600000002");
    }
}

typedef struct
{
  const char *name;
  void      (*make) (Maker *maker);
  guint       n_rows;
} Shape;

static const Shape shapes[] = {
  { "chain", make_chain, 100000 }, { "siblings", make_siblings, 10001 },
  { "cycles", make_cycles, 5 },    { "year", make_year, 3 },
  { "nothing", make_nothing, 2 },  { "negative", make_negative, 4 },
  { "names", make_names, 11 },
};

static FluoTrace *
make_trace (const Shape *shape)
{
  Maker maker = { fluo_trace_builder_new (NULL), 0 };

  shape->make (&maker);

  return fluo_trace_builder_end (maker.builder, 0);
}

/* Every box that is wholly seen is hit where it is drawn. */
static void
check_boxes (const FluoWaterfallLayout *layout, const FluoWaterfallStyle *style)
{
  g_assert_cmpuint (layout->boxes->len, >, 0);
  g_assert_cmpuint (layout->boxes->len, <=, (guint) (HEIGHT / style->row_height) + 2);
  g_assert_cmpuint (layout->ticks->len, <, 200);
  g_assert_cmpuint (layout->pieces->len, <=, layout->boxes->len * WIDTH);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
      double y = box->y + style->row_height / 2;
      FluoWaterfallHit hit;

      g_assert_true (isfinite (box->x0) && isfinite (box->x1) && isfinite (box->y));
      if (y < layout->body_y || y >= layout->body_y + layout->body_height)
        continue;
      hit = fluo_waterfall_hit (layout, layout->view.tree_width / 2, y);
      g_assert_cmpuint (hit.span, ==, box->span);
      g_assert_true (box->has_bar);
      g_assert_cmpfloat (box->x1 - box->x0, >=, style->bar_min - 0.01);
      hit = fluo_waterfall_hit (layout, (box->x0 + box->x1) / 2, y);
      g_assert_cmpuint (hit.span, ==, box->span);
      g_assert_cmpint (hit.part, ==, FLUO_WATERFALL_BAR);
    }
}

static void
test_waterfall (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (FluoTrace) trace = make_trace (shape);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, shape->n_rows);
  for (guint turn = 0; turn < 6; turn++)
    {
      g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
      FluoWaterfallViewport view = {
        .style = &fluo_waterfall_style_screen,
        .width = WIDTH,
        .height = HEIGHT,
        .tree_width = FLUO_WATERFALL_TREE_DEFAULT,
        .visible = fluo_waterfall_rows_get_extent (rows),
        .critical = TRUE,
        .fold = turn % 2 == 1,
        .scroll = turn / 2 * (shape->n_rows - 1) / 2.0,
        .selected = 0,
        .hover = shape->n_rows - 1,
        .find_current = FLUO_SPAN_NONE,
      };

      fluo_waterfall_layout_update (layout, rows, &view, painter);
      fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_DARK));
      fluo_waterfall_draw_highlight (painter, layout);
      fluo_waterfall_draw (painter, layout);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      check_boxes (layout, view.style);
    }
  g_array_unref (fluo_waterfall_find (trace, NULL, "link"));
  fluo_waterfall_rows_show_levels (rows, 1);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), <=, shape->n_rows);
  fluo_waterfall_rows_reveal (rows, shape->n_rows - 1);
  g_assert_cmpuint (fluo_waterfall_rows_find (rows, shape->n_rows - 1), !=, FLUO_SPAN_NONE);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_flame (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (FluoTrace) trace = make_trace (shape);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  FluoFlameLayout *layout = fluo_flame_layout_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  FluoFlame *flame = fluo_flame_new (trace);
  guint n;

  fluo_flame_get_frames (flame, &n);
  g_assert_cmpuint (n, >, 0);
  g_assert_true (isfinite (fluo_flame_get_work (flame)));
  for (guint turn = 0; turn < 3; turn++)
    {
      FluoFlameViewport view = { .width = WIDTH, .height = HEIGHT, .selected = 0, .hover = n - 1,
                                 .zoomed = turn == 2 ? n - 1 : FLUO_FLAME_NONE,
                                 .scroll = turn * (fluo_flame_get_n_levels (flame) - 1) / 2.0 };

      fluo_flame_layout_update (layout, flame, rows, &view);
      fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
      fluo_flame_draw (painter, layout);
      fluo_flame_draw_highlight (painter, layout);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      g_assert_cmpuint (layout->boxes->len, >, 0);
      for (guint i = 0; i < layout->boxes->len; i++)
        {
          const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);

          g_assert_true (isfinite (box->x0) && isfinite (box->x1) && box->x1 >= box->x0);
        }
    }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  fluo_flame_layout_free (layout);
  fluo_flame_free (flame);
}

static void
test_export (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (FluoTrace) trace = make_trace (shape);

  for (FluoExportFormat format = FLUO_EXPORT_PNG; format <= FLUO_EXPORT_MARKDOWN; format++)
    {
      FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      options.format = format;
      bytes = fluo_export_trace_to_bytes (trace, &options, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (bytes), >, 100);
      g_assert_cmpuint (fluo_export_count_pages (trace, &options), <=, 200);
    }
}

typedef struct
{
  void       (*func) (gconstpointer shape);
  const Shape *shape;
} Test;

static gpointer
run_thread (gpointer data)
{
  const Test *test = data;

  test->func (test->shape);

  return NULL;
}

/* On a stack that a recursion over 100,000 levels would not fit on. */
static void
run (gconstpointer data)
{
  pthread_attr_t attributes;
  pthread_t thread;

  g_assert_cmpint (pthread_attr_init (&attributes), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, STACK_BYTES), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, run_thread, (gpointer) data), ==, 0);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  pthread_attr_destroy (&attributes);
}

int
main (int argc, char **argv)
{
  static void (*const funcs[]) (gconstpointer) = { test_waterfall, test_flame, test_export };
  static const char *const names[] = { "waterfall", "flame", "export" };
  static Test tests[G_N_ELEMENTS (shapes)][G_N_ELEMENTS (funcs)];

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (funcs); k++)
      {
        g_autofree char *path = g_strdup_printf ("/bad-traces/%s/%s", names[k], shapes[i].name);

        tests[i][k] = (Test) { funcs[k], &shapes[i] };
        g_test_add_data_func (path, &tests[i][k], run);
      }

  return g_test_run ();
}

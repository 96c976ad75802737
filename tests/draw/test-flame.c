/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "draw/fluo-flame.h"
#include "fluo-trace-maker.h"

#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""

static FluoTrace *
build (const char *subsegments)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autofree char *text = g_strdup_printf (
    "{" TRACE ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000,"
    "\"end_time\":1600000010,\"subsegments\":[%s]}",
    subsegments);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);

  return fluo_trace_builder_end (builder, 0);
}

/* Two calls of "a", each with a "b" below, are one path; a third "b" elsewhere is another. */
static void
test_merge (void)
{
  g_autoptr (FluoTrace) trace =
    build ("{\"id\":\"0000000000000002\",\"name\":\"a\",\"start_time\":1600000001,"
           "\"end_time\":1600000003,\"subsegments\":[{\"id\":\"0000000000000003\",\"name\":\"b\","
           "\"start_time\":1600000001,\"end_time\":1600000002}]},"
           "{\"id\":\"0000000000000004\",\"name\":\"a\",\"start_time\":1600000003,"
           "\"end_time\":1600000007,\"fault\":true,\"subsegments\":[{\"id\":\"0000000000000005\","
           "\"name\":\"b\",\"start_time\":1600000003,\"end_time\":1600000004}]},"
           "{\"id\":\"0000000000000006\",\"name\":\"b\",\"start_time\":1600000008,"
           "\"end_time\":1600000009}");
  g_autoptr (FluoFlame) flame = fluo_flame_new (trace);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autofree char *words = NULL;
  const FluoFlameFrame *frames;
  guint n;

  frames = fluo_flame_get_frames (flame, &n);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (fluo_flame_get_n_levels (flame), ==, 3);
  g_assert_cmpint (frames[0].total_ns, ==, 10 * FLUO_NSEC_PER_SEC);
  g_assert_cmpint (frames[0].own_ns, ==, 3 * FLUO_NSEC_PER_SEC);
  g_assert_cmpuint (frames[0].n_children, ==, 2);
  /* Most work first. */
  g_assert_cmpuint (frames[1].count, ==, 2);
  g_assert_cmpuint (frames[1].failed, ==, 1);
  g_assert_cmpint (frames[1].total_ns, ==, 6 * FLUO_NSEC_PER_SEC);
  g_assert_cmpint (frames[1].own_ns, ==, 4 * FLUO_NSEC_PER_SEC);
  g_assert_cmpuint (frames[2].count, ==, 1);
  g_assert_cmpuint (frames[3].parent, ==, 1);
  g_assert_cmpuint (frames[3].count, ==, 2);
  g_assert_cmpfloat_with_epsilon (fluo_flame_get_work (flame), 10e9, 1);
  /* Its slowest call speaks for it, and both calls lead to it. */
  g_assert_cmpuint (fluo_flame_find (flame, frames[1].span), ==, 1);
  g_assert_cmpuint (fluo_flame_find (flame, 1), ==, 1);
  g_assert_cmpuint (fluo_flame_get_beside (flame, 1, 1), ==, 2);
  g_assert_cmpuint (fluo_flame_get_beside (flame, 2, 1), ==, FLUO_FLAME_NONE);
  g_assert_cmpuint (fluo_flame_next_failed (flame, 0, TRUE), ==, 1);
  words = fluo_flame_dup_description (flame, rows, 1);
  g_assert_cmpstr (words, ==,
                   "a, 2 calls, 6.00\302\240s together, own work 4.00\302\240s, 60% of all work, "
                   "1 failed");
}

static FluoFlameViewport
viewport (void)
{
  return (FluoFlameViewport) { .width = 900, .height = 500, .zoomed = FLUO_FLAME_NONE,
                               .selected = FLUO_FLAME_NONE, .hover = FLUO_FLAME_NONE };
}

/* Nothing is counted twice or lost, and what is called stands under its caller. */
static void
test_sums (void)
{
  for (guint seed = 1; seed <= 20; seed++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace_new (seed, 400);
      g_autoptr (FluoFlame) flame = fluo_flame_new (trace);
      const FluoSpan *spans;
      const FluoFlameFrame *frames;
      gint64 own = 0, own_of_spans = 0;
      guint n_spans, n, count = 0;

      spans = fluo_trace_get_spans (trace, &n_spans);
      frames = fluo_flame_get_frames (flame, &n);
      for (guint i = 0; i < n_spans; i++)
        own_of_spans += spans[i].self_ns;
      for (guint i = 0; i < n; i++)
        {
          const FluoFlameFrame *frame = &frames[i];

          own += frame->own_ns;
          count += frame->count;
          g_assert_cmpuint (fluo_flame_find (flame, frame->span), ==, i);
          if (frame->parent == FLUO_FLAME_NONE)
            continue;
          g_assert_cmpuint (frame->depth, ==, frames[frame->parent].depth + 1);
          g_assert_cmpuint (i - frames[frame->parent].first_child, <,
                            frames[frame->parent].n_children);
          g_assert_cmpfloat (frame->begin, >=, frames[frame->parent].begin - 1);
          g_assert_cmpfloat (frame->begin + frame->work, <=,
                             frames[frame->parent].begin + frames[frame->parent].work + 1);
        }
      g_assert_cmpint (own, ==, own_of_spans);
      g_assert_cmpuint (count, ==, n_spans);
    }
}

/* The box that a frame is in. */
static const FluoFlameBox *
find_box (FluoFlameLayout *layout, guint32 frame)
{
  const FluoFlameBox *found = NULL;

  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);

      if (frame - box->frame >= box->n)
        continue;
      g_assert_null (found);
      found = box;
    }

  return found;
}

/* Every visible frame is in one box; those of their own keep their width, those that share one
 * keep the worst of them; and a place inside a box finds it. */
static void
test_layout (void)
{
  g_autoptr (FluoFlameLayout) layout = fluo_flame_layout_new ();
  guint n_shared = 0;

  for (guint seed = 1; seed <= 12; seed++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace_new (seed, 3000);
      g_autoptr (FluoFlame) flame = fluo_flame_new (trace);
      g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
      FluoFlameViewport view = viewport ();
      const FluoFlameFrame *frames;
      guint n;

      view.begin = seed % 3 * fluo_flame_get_work (flame) / 7;
      view.length = seed % 3 > 0 ? fluo_flame_get_work (flame) / 5 : 0;
      view.scroll = seed % 4 * 1.5;
      fluo_flame_layout_update (layout, flame, rows, &view);
      frames = fluo_flame_get_frames (flame, &n);
      for (guint i = 0; i < n; i++)
        {
          double end = layout->view.begin + layout->view.length;
          const FluoFlameBox *box = find_box (layout, i);
          double y = layout->body_y + (frames[i].depth - layout->view.scroll) * layout->row_px;

          if (frames[i].begin + frames[i].work <= layout->view.begin || frames[i].begin >= end ||
              y <= layout->body_y - layout->row_px || y >= layout->body_y + layout->body_height)
            {
              g_assert_true (box == NULL || box->n > 1);
              continue;
            }
          g_assert_nonnull (box);
          g_assert_cmpfloat_with_epsilon (box->y, y, 1e-6);
          g_assert_cmpuint (box->worst, >=, frames[i].worst);
          if (frames[i].work * layout->px_per_work >= 1.5)
            g_assert_cmpuint (box->n, ==, 1);
        }
      for (guint i = 0; i < layout->boxes->len; i++)
        {
          const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);
          double y = MAX (box->y + 13, layout->body_y);
          guint8 worst = 0;

          for (guint k = 0; k < box->n; k++)
            worst = MAX (worst, frames[box->frame + k].worst);
          g_assert_cmpuint (box->worst, ==, worst);
          n_shared += box->n > 1;
          if (y < layout->body_y + layout->body_height && box->x1 - box->x0 > 1e-6)
            g_assert_true (fluo_flame_hit (layout, (box->x0 + box->x1) / 2, y) == box);
        }
      g_assert_null (fluo_flame_hit (layout, 5, 5));
    }
  g_assert_cmpuint (n_shared, >, 0);
}

static guint32
pixel (cairo_surface_t *surface, double x, double y)
{
  cairo_surface_flush (surface);

  return ((const guint32 *) (const void *) (cairo_image_surface_get_data (surface) +
                                            (gsize) y * (gsize) cairo_image_surface_get_stride (
                                                          surface)))[(gsize) x] &
         0xffffff;
}

static guint32
packed (FluoColor color)
{
  return (guint32) lround (color.red * 255) << 16 | (guint32) lround (color.green * 255) << 8 |
         (guint32) lround (color.blue * 255);
}

/* Own work is solid, what it calls tinted; what failed has a strip; a hit of the search is marked
 * and the rest steps back. */
static void
test_draw (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoFlame) flame = fluo_flame_new (trace);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoFlameLayout) layout = fluo_flame_layout_new ();
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 900, 500);
  cairo_t *cr = cairo_create (surface);
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  g_autoptr (GArray) found = fluo_waterfall_find (trace, NULL, "wait for answer");
  FluoFlameViewport view = viewport ();
  const FluoFlameBox *wait;
  guint32 frame, span;
  FluoColor solid;

  g_assert_cmpuint (found->len, ==, 1);
  span = g_array_index (found, FluoWaterfallFound, 0).span;
  frame = fluo_flame_find (flame, span);
  fluo_painter_begin (painter, cr, palette);
  fluo_flame_layout_update (layout, flame, rows, &view);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_flame_draw (painter, layout);
  wait = find_box (layout, frame);
  g_assert_nonnull (wait);
  g_assert_cmpuint (wait->worst, ==, FLUO_STATUS_FAULT);
  g_assert_cmpfloat_with_epsilon (wait->own_x, wait->x0, 1);
  solid = fluo_waterfall_get_color (
    palette,
    fluo_waterfall_rows_get_color (rows, fluo_trace_get_spans (trace, NULL)[span].service));
  g_assert_cmphex (pixel (surface, wait->x1 - 4, wait->y + 3), ==, packed (solid));
  g_assert_cmphex (pixel (surface, wait->x1 - 4, wait->y + 23), ==,
                   packed (palette->status[FLUO_STATUS_FAULT].mark));

  fluo_flame_set_found (flame, found);
  g_assert_cmpuint (fluo_flame_get_n_found (flame), ==, 1);
  view.searching = TRUE;
  /* Zoomed in, it is as wide as the picture. */
  view.begin = fluo_flame_get_frames (flame, NULL)[frame].begin;
  view.length = fluo_flame_get_frames (flame, NULL)[frame].work;
  view.zoomed = frame;
  fluo_flame_layout_update (layout, flame, rows, &view);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_flame_draw (painter, layout);
  wait = find_box (layout, frame);
  g_assert_cmpfloat (wait->x1 - wait->x0, >, 899);
  g_assert_cmphex (pixel (surface, 890, wait->y + 3), ==, packed (palette->found_now));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* With text of 200 % levels are twice as high, and are hit where they are drawn. */
static void
test_large_text (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoFlame) flame = fluo_flame_new (trace);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoFlameLayout) layout = fluo_flame_layout_new ();
  FluoFlameViewport view = viewport ();

  view.scale = 2;
  fluo_flame_layout_update (layout, flame, rows, &view);
  g_assert_cmpfloat (layout->row_px, ==, 2 * FLUO_FLAME_ROW_PX);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);

      g_assert_true (
        fluo_flame_hit (layout, (box->x0 + box->x1) / 2, box->y + layout->row_px - 2) == box);
    }
}

/* 100,000 deep, of no length at all: nothing recurses, and everything has a place. */
static void
test_deep (void)
{
  g_autoptr (FluoFlameLayout) layout = fluo_flame_layout_new ();
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  FluoFlameViewport view = viewport ();
  g_autoptr (FluoFlame) flame = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (FluoWaterfallRows) rows = NULL;

  for (guint i = 1; i <= 100000; i++)
    {
      g_autofree char *parent = g_strdup_printf (",\"parent_id\":\"%016x\"", i - 1);
      g_autofree char *text = g_strdup_printf (
        "{" TRACE ",\"id\":\"%016x\",\"name\":\"s\",\"start_time\":1600000000,"
        "\"end_time\":1600000000%s}",
        i, i > 1 ? parent : "");
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
    }
  trace = fluo_trace_builder_end (builder, 0);
  flame = fluo_flame_new (trace);
  rows = fluo_waterfall_rows_new (trace);
  g_assert_cmpuint (fluo_flame_get_n_levels (flame), ==, 100000);
  view.scroll = 1e9;
  fluo_flame_layout_update (layout, flame, rows, &view);
  g_assert_cmpuint (layout->boxes->len, >, 10);
  g_assert_cmpuint (
    g_array_index (layout->boxes, FluoFlameBox, layout->boxes->len - 1).frame, ==, 99999);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flame/merge", test_merge);
  g_test_add_func ("/flame/sums", test_sums);
  g_test_add_func ("/flame/layout", test_layout);
  g_test_add_func ("/flame/draw", test_draw);
  g_test_add_func ("/flame/deep", test_deep);
  g_test_add_func ("/flame/large-text", test_large_text);

  return g_test_run ();
}

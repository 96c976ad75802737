/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <string.h>

#include "draw/fluo-export.h"
#include "draw/fluo-waterfall.h"

#define TRACE_ID "1-6afefa44-946d071d87f412683d601dea"
#define WIDTH 1600
#define HEIGHT 1000
#define FRAME_MS (1000 / 60.0)

typedef struct
{
  FluoTrace             *trace;
  FluoWaterfallRows     *rows;
  FluoWaterfallLayout   *layout;
  FluoPainter           *painter;
  cairo_surface_t       *surface;
  FluoWaterfallViewport  view;
} Frame;

/* Segments that hang from each other at random, half of them near, so that there are deep and wide
 * parts. */
static FluoTrace *
make_trace (guint n_spans)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (n_spans);
  g_autofree double *begins = g_new (double, n_spans), *ends = g_new (double, n_spans);
  g_autoptr (GString) text = g_string_new (NULL);
  FluoTraceBuilder *builder;
  FluoTraceId id;

  fluo_trace_id_parse (TRACE_ID, -1, &id);
  builder = fluo_trace_builder_new (&id);
  for (guint i = 0; i < n_spans; i++)
    {
      guint parent = i == 0
                       ? 0
                       : (guint) g_rand_int_range (
                           random, (gint) (g_rand_boolean (random) ? i - MIN (i, 8) : 0), (gint) i);
      g_autoptr (GBytes) document = NULL;
      char begin[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE];

      begins[i] =
        i == 0 ? 1795095108.0
               : begins[parent] + (ends[parent] - begins[parent]) * g_rand_double (random) * 0.8;
      ends[i] =
        i == 0 ? 1795095118.0 : begins[i] + (ends[parent] - begins[i]) * g_rand_double (random);
      g_ascii_formatd (begin, sizeof begin, "%.6f", begins[i]);
      g_ascii_formatd (end, sizeof end, "%.6f", ends[i]);
      g_string_printf (
        text,
        "{\"trace_id\":\"" TRACE_ID
        "\",\"id\":\"%016x\",\"name\":\"service-%u\",\"start_time\":%s,\"end_time\":%s",
        i + 1, i % 17, begin, end);
      if (i > 0)
        g_string_append_printf (text, ",\"parent_id\":\"%016x\"", parent + 1);
      g_string_append (text, i % 50 == 7 ? ",\"fault\":true}" : "}");
      document = g_bytes_new (text->str, text->len);
      fluo_trace_builder_add (builder, document, NULL);
    }

  return fluo_trace_builder_end (builder, 0);
}

static double
run_rows (gpointer data)
{
  Frame *frame = data;
  double begin = fluo_bench_now ();
  FluoWaterfallRows *rows = fluo_waterfall_rows_new (frame->trace);
  double seconds = fluo_bench_now () - begin;

  fluo_waterfall_rows_free (rows);

  return seconds * 1000;
}

/* Scrolls on a little each time, as a wheel does: some texts are known, some are new. */
static double
run_frame (gpointer data)
{
  Frame *frame = data;
  cairo_t *cr = cairo_create (frame->surface);
  double begin = fluo_bench_now (), seconds;

  frame->view.scroll += 3;
  fluo_painter_begin (frame->painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  fluo_waterfall_layout_update (frame->layout, frame->rows, &frame->view, frame->painter);
  fluo_waterfall_draw_highlight (frame->painter, frame->layout);
  fluo_waterfall_draw (frame->painter, frame->layout);
  cairo_surface_flush (frame->surface);
  seconds = fluo_bench_now () - begin;
  cairo_destroy (cr);

  return seconds * 1000;
}

static double
run_layout (gpointer data)
{
  Frame *frame = data;
  double begin = fluo_bench_now ();

  frame->view.scroll += 3;
  fluo_waterfall_layout_update (frame->layout, frame->rows, &frame->view, frame->painter);

  return (fluo_bench_now () - begin) * 1000;
}

static double
run_pdf (gpointer data)
{
  Frame *frame = data;
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  double begin = fluo_bench_now ();
  GBytes *bytes;

  options.format = FLUO_EXPORT_PDF;
  bytes = fluo_export_trace_to_bytes (frame->trace, &options, NULL);
  g_bytes_unref (bytes);

  return (fluo_bench_now () - begin) * 1000;
}

static void
frame_init (Frame *frame, guint n_spans)
{
  memset (frame, 0, sizeof *frame);
  frame->trace = make_trace (n_spans);
  frame->rows = fluo_waterfall_rows_new (frame->trace);
  frame->layout = fluo_waterfall_layout_new ();
  frame->painter = fluo_painter_new ();
  frame->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  frame->view = (FluoWaterfallViewport) {
    .style = &fluo_waterfall_style_screen,
    .width = WIDTH,
    .height = HEIGHT,
    .tree_width = FLUO_WATERFALL_TREE_DEFAULT,
    .visible = fluo_waterfall_rows_get_extent (frame->rows),
    .scroll = n_spans / 2.0,
    .critical = TRUE,
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .find_current = FLUO_SPAN_NONE,
  };
}

static void
frame_clear (Frame *frame)
{
  cairo_surface_destroy (frame->surface);
  fluo_painter_free (frame->painter);
  fluo_waterfall_layout_free (frame->layout);
  fluo_waterfall_rows_free (frame->rows);
  fluo_trace_unref (frame->trace);
}

void
fluo_bench_waterfall (FluoBench *bench)
{
  double base, rows;
  Frame frame;

  frame_init (&frame, 10000);
  rows = fluo_bench_run_vs (bench, "waterfall/rows-10k", "ms", run_rows, &frame, FRAME_MS,
                            "a frame at 60 Hz");
  base = fluo_bench_run_vs (bench, "waterfall/frame-10k", "ms", run_frame, &frame, FRAME_MS,
                            "a frame at 60 Hz");
  fluo_bench_run_vs (bench, "waterfall/pdf-10k", "ms", run_pdf, &frame, base, "frame-10k");
  frame_clear (&frame);

  frame_init (&frame, 1000000);
  fluo_bench_run_vs (bench, "waterfall/rows-1m", "ms", run_rows, &frame, rows, "rows-10k");
  fluo_bench_run_vs (bench, "waterfall/layout-1m", "ms", run_layout, &frame, FRAME_MS,
                     "a frame at 60 Hz");
  fluo_bench_run_vs (bench, "waterfall/frame-1m", "ms", run_frame, &frame, base, "frame-10k");
  frame_clear (&frame);
}

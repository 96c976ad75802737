/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <json-glib/json-glib.h>
#include <malloc.h>
#include <string.h>

#include "core/fluo-json.h"
#include "core/fluo-trace-documents.h"
#include "draw/fluo-export.h"
#include "draw/fluo-flame.h"
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
  double begin = fluo_bench_work_ms ();
  FluoWaterfallRows *rows = fluo_waterfall_rows_new (frame->trace);
  double spent = fluo_bench_work_ms () - begin;

  fluo_waterfall_rows_free (rows);

  return spent;
}

static double
draw_frame (Frame *frame)
{
  cairo_t *cr = cairo_create (frame->surface);
  double begin = fluo_bench_work_ms (), spent;

  fluo_painter_begin (frame->painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  fluo_waterfall_layout_update (frame->layout, frame->rows, &frame->view, frame->painter);
  fluo_waterfall_draw_highlight (frame->painter, frame->layout);
  fluo_waterfall_draw (frame->painter, frame->layout);
  cairo_surface_flush (frame->surface);
  spent = fluo_bench_work_ms () - begin;
  cairo_destroy (cr);

  return spent;
}

#define FRAMES 40 /* a run is the mean of so many: one frame alone is mostly chance */

/* As a wheel does: some texts are known, some are new. */
static double
run_scroll (gpointer data)
{
  Frame *frame = data;
  double spent = 0;

  for (guint i = 0; i < FRAMES; i++)
    {
      frame->view.scroll += 3;
      spent += draw_frame (frame);
    }

  return spent / FRAMES;
}

/* In around the middle to a thousandth and out again. */
static double
run_zoom (gpointer data)
{
  Frame *frame = data;
  FluoTimeSpan extent = fluo_waterfall_rows_get_extent (frame->rows);
  double spent = 0;

  for (guint i = 0; i < FRAMES; i++)
    {
      double part = 1.0;

      for (guint k = 0; k < (i < FRAMES / 2 ? i : FRAMES - i); k++)
        part *= 0.7;
      frame->view.visible.begin_ns =
        extent.begin_ns +
        (gint64) ((double) fluo_time_span_length (extent) * (1 - part) * 0.4);
      frame->view.visible.end_ns =
        frame->view.visible.begin_ns + (gint64) ((double) fluo_time_span_length (extent) * part);
      spent += draw_frame (frame);
    }
  frame->view.visible = extent;

  return spent / FRAMES;
}

static double
run_find (gpointer data)
{
  Frame *frame = data;
  double begin = fluo_bench_work_ms ();

  g_array_unref (fluo_waterfall_find (frame->trace, NULL, "step-3"));

  return fluo_bench_work_ms () - begin;
}

static double
run_collapse (gpointer data)
{
  Frame *frame = data;
  double begin = fluo_bench_work_ms (), first;

  fluo_waterfall_rows_show_levels (frame->rows, 1);
  first = fluo_bench_work_ms () - begin;
  begin = fluo_bench_work_ms ();
  fluo_waterfall_rows_show_levels (frame->rows, G_MAXUINT);

  return MAX (first, fluo_bench_work_ms () - begin);
}

static double
run_flame_make (gpointer data)
{
  Frame *frame = data;
  double begin = fluo_bench_work_ms ();

  fluo_flame_free (fluo_flame_new (frame->trace));

  return fluo_bench_work_ms () - begin;
}

/* The flame graph from the whole into its first frames and down. */
static double
run_flame (gpointer data)
{
  Frame *frame = data;
  FluoFlameLayout *layout = fluo_flame_layout_new ();
  FluoFlame *flame = fluo_flame_new (frame->trace);
  double spent = 0, work = fluo_flame_get_work (flame);

  for (guint i = 0; i < FRAMES; i++)
    {
      FluoFlameViewport view = { .width = WIDTH, .height = HEIGHT, .zoomed = FLUO_FLAME_NONE,
                                 .selected = 1, .hover = FLUO_FLAME_NONE };
      cairo_t *cr = cairo_create (frame->surface);
      double begin = fluo_bench_work_ms ();

      view.length = work / (1 + i * i / 8.0);
      view.begin = i * work / 400;
      view.scroll = i % 10;
      fluo_painter_begin (frame->painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
      fluo_flame_layout_update (layout, flame, frame->rows, &view);
      fluo_flame_draw (frame->painter, layout);
      fluo_flame_draw_highlight (frame->painter, layout);
      cairo_surface_flush (frame->surface);
      spent += fluo_bench_work_ms () - begin;
      cairo_destroy (cr);
    }
  fluo_flame_free (flame);
  fluo_flame_layout_free (layout);

  return spent / FRAMES;
}

static double
run_pdf (gpointer data)
{
  Frame *frame = data;
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  double begin = fluo_bench_work_ms ();
  GBytes *bytes;

  options.format = FLUO_EXPORT_PDF;
  bytes = fluo_export_trace_to_bytes (frame->trace, &options, NULL);
  g_bytes_unref (bytes);

  return fluo_bench_work_ms () - begin;
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

/* --- From a file to the first picture --------------------------------------------------------- */

#define SPANS_A_DOCUMENT 50
#define JSON_GLIB_SPANS_MAX 10000 /* it needs gigabytes for a million */

typedef struct
{
  GBytes *file;
  Frame  *frame; /* for its painter and surface */
} Opening;

/* A file of segment documents as SDKs write them, @n_spans in all, in one array: requests with
 * calls, some of which lead to the next document. */
static GBytes *
make_file (guint n_spans)
{
  GString *text = g_string_new ("[");
  guint n_documents = n_spans / SPANS_A_DOCUMENT;

  for (guint i = 0; i < n_documents; i++)
    {
      guint base = i * SPANS_A_DOCUMENT + 1, second = i * 10 / n_documents, rest = i % 800000;

      g_string_append_printf (
        text,
        "%s{\"trace_id\":\"" TRACE_ID "\",\"id\":\"%016x\",\"name\":\"service-%u\","
        "\"start_time\":%u.%06u,\"end_time\":%u.%06u,\"origin\":\"AWS::ECS::Container\","
        "\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://shop.example.com/o/%u\"},"
        "\"response\":{\"status\":%d}},\"annotations\":{\"tier\":\"gold\",\"order\":%u},",
        i ? ",\n" : "", base, i % 23, 1795095108 + second, rest, 1795095119, rest, i % 5000,
        i % 90 ? 200 : 500, i);
      if (i > 0)
        g_string_append_printf (text, "\"parent_id\":\"%016x\",",
                                (i - 1) / 3 * SPANS_A_DOCUMENT + 2 + i % 40);
      g_string_append (text, "\"subsegments\":[");
      for (guint k = 1; k < SPANS_A_DOCUMENT; k++)
        g_string_append_printf (
          text,
          "%s{\"id\":\"%016x\",\"name\":\"step-%u\",\"start_time\":%u.%06u,"
          "\"end_time\":%u.%06u,\"namespace\":\"remote\",\"http\":{\"request\":{\"method\":\"GET\","
          "\"url\":\"https://h.example.com/a/%u?b=c\"},\"response\":{\"status\":200}}}",
          k > 1 ? "," : "", base + k, k % 7, 1795095108 + second, rest + k * 1000,
          1795095108 + second, rest + k * 1000 + 900, k);
      g_string_append (text, "]}");
    }
  g_string_append_c (text, ']');

  return g_string_free_to_bytes (text);
}

static double
run_scan_file (gpointer data)
{
  Opening *self = data;
  gsize length;
  const char *text = g_bytes_get_data (self->file, &length);
  double begin = fluo_bench_work_ms ();

  g_assert_true (fluo_json_validate (text, length, NULL));

  return fluo_bench_work_ms () - begin;
}

/* What others make of the same text: a tree of all values. */
static double
run_json_glib (gpointer data)
{
  Opening *self = data;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize length;
  const char *text = g_bytes_get_data (self->file, &length);
  double begin = fluo_bench_work_ms ();

  g_assert_true (json_parser_load_from_data (parser, text, (gssize) length, NULL));

  return fluo_bench_work_ms () - begin;
}

static double
parse_file (Opening *self, double (*clock_ms) (void))
{
  double begin = clock_ms (), spent;
  GPtrArray *traces = fluo_trace_documents_parse (self->file, 1, NULL, NULL);

  spent = clock_ms () - begin;
  g_ptr_array_unref (traces);

  return spent;
}

/* Other threads read their parts of the file meanwhile, which are no larger: where a processor is
 * free for each this is how long it takes. */
static double
run_parse_file (gpointer data)
{
  return parse_file (data, fluo_bench_work_ms);
}

static double
run_parse_file_all (gpointer data)
{
  return parse_file (data, fluo_bench_process_ms);
}

static double
run_open (gpointer data)
{
  Opening *self = data;
  Frame *frame = self->frame;
  double begin = fluo_bench_work_ms (), spent;
  GPtrArray *traces = fluo_trace_documents_parse (self->file, 1, NULL, NULL);

  frame->trace = g_ptr_array_index (traces, 0);
  frame->rows = fluo_waterfall_rows_new (frame->trace);
  frame->view.visible = fluo_waterfall_rows_get_extent (frame->rows);
  frame->view.scroll = 0;
  spent = fluo_bench_work_ms () - begin + draw_frame (frame);
  fluo_waterfall_rows_free (frame->rows);
  g_ptr_array_unref (traces);

  return spent;
}

static double
bytes_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (double) (info.uordblks + info.hblkhd);
}

static void
bench_opening (FluoBench *bench, guint n_spans, double budget_ms, const char *budget)
{
  Frame frame = { 0 };
  Opening opening = { make_file (n_spans), &frame };
  g_autofree char *scan_name = g_strdup_printf ("waterfall/scan-%u", n_spans);
  g_autofree char *parse_name = g_strdup_printf ("waterfall/parse-%u", n_spans);
  g_autofree char *all_name = g_strdup_printf ("waterfall/parse-all-threads-%u", n_spans);
  g_autofree char *glib_name = g_strdup_printf ("waterfall/json-glib-%u", n_spans);
  g_autofree char *open_name = g_strdup_printf ("waterfall/open-%u", n_spans);
  g_autofree char *memory_name = g_strdup_printf ("waterfall/memory-%u", n_spans);
  double scan, before, memory;
  FluoWaterfallRows *rows;
  GPtrArray *traces;

  frame_init (&frame, 10);
  fluo_waterfall_rows_free (frame.rows);
  fluo_trace_unref (frame.trace);

  scan = fluo_bench_run (bench, scan_name, "ms", run_scan_file, &opening);
  fluo_bench_run_vs (bench, parse_name, "ms", run_parse_file, &opening, scan, "scan alone");
  fluo_bench_run_vs (bench, all_name, "ms", run_parse_file_all, &opening, scan, "scan alone");
  if (n_spans <= JSON_GLIB_SPANS_MAX)
    fluo_bench_run_vs (bench, glib_name, "ms", run_json_glib, &opening, scan, "scan alone");
  fluo_bench_run_vs (bench, open_name, "ms", run_open, &opening, budget_ms, budget);

  before = bytes_in_use ();
  traces = fluo_trace_documents_parse (opening.file, 1, NULL, NULL);
  rows = fluo_waterfall_rows_new (g_ptr_array_index (traces, 0));
  memory = (bytes_in_use () - before) / n_spans;
  fluo_bench_figure (bench, memory_name, "bytes/span", &memory, 1, 150, "150 bytes");
  fluo_waterfall_rows_free (rows);

  frame.trace = fluo_trace_ref (g_ptr_array_index (traces, 0));
  frame.rows = fluo_waterfall_rows_new (frame.trace);
  g_ptr_array_unref (traces);
  frame_clear (&frame);
  g_bytes_unref (opening.file);
}

void
fluo_bench_waterfall (FluoBench *bench)
{
  double rows, scroll, zoom, flame;
  Frame frame;

  bench_opening (bench, 10000, 60, "60 ms");
  bench_opening (bench, 100000, 400, "400 ms");
  bench_opening (bench, 1000000, 4000, "4 s");

  frame_init (&frame, 10000);
  rows = fluo_bench_run (bench, "waterfall/rows-10k", "ms", run_rows, &frame);
  scroll = fluo_bench_run_vs (bench, "waterfall/scroll-10k", "ms", run_scroll, &frame, 4, "4 ms");
  zoom = fluo_bench_run_vs (bench, "waterfall/zoom-10k", "ms", run_zoom, &frame, 4, "4 ms");
  flame = fluo_bench_run_vs (bench, "waterfall/flame-10k", "ms", run_flame, &frame, 4, "4 ms");
  fluo_bench_run_vs (bench, "waterfall/pdf-10k", "ms", run_pdf, &frame, scroll, "scroll-10k");
  frame_clear (&frame);

  frame_init (&frame, 1000000);
  fluo_bench_run_vs (bench, "waterfall/rows-1m", "ms", run_rows, &frame, rows * 100,
                     "100 x rows-10k");
  fluo_bench_run_vs (bench, "waterfall/scroll-1m", "ms", run_scroll, &frame, scroll, "scroll-10k");
  fluo_bench_run_vs (bench, "waterfall/zoom-1m", "ms", run_zoom, &frame, zoom, "zoom-10k");
  fluo_bench_run_vs (bench, "waterfall/flame-1m", "ms", run_flame, &frame, flame, "flame-10k");
  fluo_bench_run_vs (bench, "waterfall/flame-make-1m", "ms", run_flame_make, &frame, rows * 100,
                     "100 x rows-10k");
  fluo_bench_run_vs (bench, "waterfall/find-1m", "ms", run_find, &frame, 150, "150 ms");
  fluo_bench_run_vs (bench, "waterfall/collapse-1m", "ms", run_collapse, &frame, 50, "50 ms");
  frame_clear (&frame);
}

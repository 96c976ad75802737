/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <malloc.h>
#include <string.h>

#include "core/fluo-cohort.h"
#include "draw/fluo-scatter.h"
#include "summary-service.h"

/* What the Traces page does with 100,000 rows, without its widgets; in the thread's own time, since
 * none of it waits for anybody. */

#define N_ROWS 100000
#define ANSWER_N 500
#define START (G_GINT64_CONSTANT (1795094220) * FLUO_NSEC_PER_SEC)
#define WIDTH 1440
#define HEIGHT 182
#define PAINT_MS 100.0
#define DRAG_MS 6.0
#define CARDS_MS 100.0
#define ROW_BYTES 600.0

typedef struct
{
  GPtrArray       *summaries;
  GBytes          *answer; /* of ANSWER_N summaries */
  GArray          *points;
  guint8          *sides;
  FluoScatter     *scatter;
  FluoPainter     *painter;
  cairo_surface_t *surface;
  FluoScatterState state;
  gint64           edge_ns;
} Page;

/* The summaries from @first on, as an answer has them. */
static GBytes *
make_answer (GRand *random, guint first, guint n)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < n; i++)
    {
      const guint number = first + i;

      if (i > 0)
        g_string_append_c (text, ',');
      summary_service_append (text, random, number, START + number * 9 * FLUO_NSEC_PER_MSEC);
    }
  g_string_append_c (text, ']');
  return g_string_free_to_bytes (text);
}

static void
read_answer (GPtrArray *all, GBytes *answer)
{
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (answer, NULL);

  for (guint32 node = fluo_json_tape_first (tape, 0); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, 0, node))
    {
      FluoTraceSummary *summary = fluo_trace_summary_read (tape, node, NULL);

      if (summary)
        g_ptr_array_add (all, summary);
    }
}

static GPtrArray *
summaries_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
}

static GPtrArray *
read_summaries (guint n)
{
  GPtrArray *all = summaries_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (n);

  /* In pages of a thousand, as they come. */
  for (guint page = 0; page < n / 1000; page++)
    {
      g_autoptr (GBytes) answer = make_answer (random, page * 1000, 1000);

      read_answer (all, answer);
    }
  return all;
}

static GArray *
make_points (GPtrArray *summaries)
{
  GArray *points = g_array_sized_new (FALSE, FALSE, sizeof (FluoScatterPoint), summaries->len);

  for (guint i = 0; i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      const FluoScatterPoint point = { summary->start_ns, fluo_trace_summary_get_time_ns (summary),
                                       summary->status };

      g_array_append_val (points, point);
    }
  return points;
}

static void
draw (Page *page)
{
  cairo_t *cr = cairo_create (page->surface);
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);

  fluo_painter_begin (page->painter, cr, palette);
  fluo_scatter_draw (page->painter, page->scatter, &page->state, palette->view);
  cairo_surface_flush (page->surface);
  cairo_destroy (cr);
}

static void
draw_first (Page *page)
{
  const FluoScatterView view = { .width = WIDTH, .height = HEIGHT, .scale = 1,
                                 .span = { START, START + 900 * FLUO_NSEC_PER_SEC } };
  g_autoptr (GArray) points = make_points (page->summaries);

  fluo_scatter_set_points (page->scatter, points);
  fluo_scatter_layout (page->scatter, &view);
  page->state.brush = FLUO_BRUSH_NONE;
  draw (page);
}

/* From the rows to the first picture. */
static double
run_first_paint (gpointer data)
{
  double begin = fluo_bench_work_ms ();

  draw_first (data);
  return fluo_bench_work_ms () - begin;
}

/* The first results of a question: from the bytes of an answer to the picture. What comes before,
 * asking and finding, is the store's. */
static double
run_first_answer (gpointer data)
{
  Page *page = data;
  double begin = fluo_bench_work_ms ();
  GPtrArray *all = page->summaries;

  page->summaries = summaries_new ();
  read_answer (page->summaries, page->answer);
  draw_first (page);
  g_ptr_array_unref (page->summaries);
  page->summaries = all;
  return fluo_bench_work_ms () - begin;
}

/* One frame of a drag: the edge moves, the head counts, the charts are drawn. */
static double
run_drag (gpointer data)
{
  Page *page = data;
  guint statuses[FLUO_N_STATUSES];
  double begin = fluo_bench_work_ms ();

  page->edge_ns += 10 * FLUO_NSEC_PER_MSEC;
  page->state.brush = (FluoBrush) { { 0, 0 }, page->edge_ns, G_MAXINT64 };
  fluo_scatter_count (page->scatter, &page->state.brush, statuses);
  draw (page);
  return fluo_bench_work_ms () - begin;
}

static double
run_cards (gpointer data)
{
  Page *page = data;
  double begin = fluo_bench_work_ms ();
  FluoCohort *cohort = fluo_cohort_new (page->summaries, page->sides, TRUE);
  double spent = fluo_bench_work_ms () - begin;

  fluo_cohort_unref (cohort);
  return spent;
}

static double
run_groups (gpointer data)
{
  Page *page = data;
  double begin = fluo_bench_work_ms ();
  FluoCohortGroups *groups = fluo_cohort_groups_new (page->summaries, NULL,
                                                     FLUO_FIELD_ANNOTATION, "tier");
  double spent = fluo_bench_work_ms () - begin;

  fluo_cohort_groups_free (groups);
  return spent;
}

void
fluo_bench_traces (FluoBench *bench)
{
  Page page = { .state = { .hover = G_MAXUINT, .selected = G_MAXUINT },
                .edge_ns = FLUO_NSEC_PER_SEC };
  g_autoptr (GRand) random = g_rand_new_with_seed (ANSWER_N);
  const gsize before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  double bytes;

  page.summaries = read_summaries (N_ROWS);
  page.points = make_points (page.summaries);
  bytes = (mallinfo2 ().uordblks + mallinfo2 ().hblkhd - before) / (double) N_ROWS;
  fluo_bench_figure (bench, "traces/row", "bytes", &bytes, 1, ROW_BYTES, "what a row may take");
  page.sides = g_new (guint8, page.summaries->len);
  for (guint i = 0; i < page.summaries->len; i++)
    page.sides[i] = g_array_index (page.points, FluoScatterPoint, i).value_ns > FLUO_NSEC_PER_SEC
                      ? FLUO_COHORT_A : FLUO_COHORT_B;
  page.answer = make_answer (random, 0, ANSWER_N);
  page.scatter = fluo_scatter_new ();
  page.painter = fluo_painter_new ();
  page.surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  fluo_bench_run_vs (bench, "traces/first-answer", "ms", run_first_answer, &page, PAINT_MS,
                     "what it may take");
  fluo_bench_run_vs (bench, "traces/first-paint-100k", "ms", run_first_paint, &page, PAINT_MS,
                     "what it may take");
  fluo_bench_run_vs (bench, "traces/brush-frame-100k", "ms", run_drag, &page, DRAG_MS,
                     "what it may take");
  fluo_bench_run_vs (bench, "traces/cards-100k", "ms", run_cards, &page, CARDS_MS,
                     "what they may take");
  fluo_bench_run (bench, "traces/groups-100k", "ms", run_groups, &page);
  cairo_surface_destroy (page.surface);
  fluo_painter_free (page.painter);
  fluo_scatter_free (page.scatter);
  g_bytes_unref (page.answer);
  g_free (page.sides);
  g_array_unref (page.points);
  g_ptr_array_unref (page.summaries);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/fluo-span-detail.h"
#include "draw/fluo-waterfall-private.h"
#include "fluo-trace-maker.h"

static FluoWaterfallViewport
viewport (FluoWaterfallRows *rows, double width, double height)
{
  return (FluoWaterfallViewport) {
    .style = &fluo_waterfall_style_screen,
    .width = width,
    .height = height,
    .tree_width = FLUO_WATERFALL_TREE_DEFAULT,
    .visible = fluo_waterfall_rows_get_extent (rows),
    .critical = TRUE,
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .find_current = FLUO_SPAN_NONE,
  };
}

static guint32
find_name (FluoWaterfallRows *rows, const char *name)
{
  for (guint i = 0; i < fluo_waterfall_rows_get_n (rows); i++)
    if (g_strcmp0 (fluo_waterfall_rows_get_name (rows, fluo_waterfall_rows_get_span (rows, i)),
                   name) == 0)
      return fluo_waterfall_rows_get_span (rows, i);

  return FLUO_SPAN_NONE;
}

static const FluoWaterfallBox *
find_box (FluoWaterfallLayout *layout, guint32 span)
{
  for (guint i = 0; i < layout->boxes->len; i++)
    if (g_array_index (layout->boxes, FluoWaterfallBox, i).span == span)
      return &g_array_index (layout->boxes, FluoWaterfallBox, i);

  return NULL;
}

static void
test_hero_rows (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  guint32 bank, payments, wait;
  gint64 pause;

  /* A call and its callee are one row: 26 spans, 5 calls. */
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 21);
  bank = find_name (rows, "bank.example.com");
  payments = find_name (rows, "payments");
  wait = find_name (rows, "wait for answer");
  g_assert_cmpuint (fluo_waterfall_rows_get_parent (rows, bank), ==, payments);
  g_assert_cmpuint (fluo_waterfall_rows_get_depth (rows, bank), ==, 3);
  g_assert_cmpuint (fluo_waterfall_rows_find (rows, payments - 1), ==,
                    fluo_waterfall_rows_find (rows, payments));
  g_assert_cmpstr (fluo_waterfall_rows_get_exception (rows, bank), ==, "TimeoutError");
  g_assert_cmpuint (find_name (rows, "emails"), !=, FLUO_SPAN_NONE);
  g_assert_cmpuint (fluo_waterfall_rows_get_try (rows, find_name (rows, "stock") + 1, &pause), ==,
                    2);
  g_assert_cmpint (pause, ==, 19 * FLUO_NSEC_PER_MSEC);

  fluo_waterfall_rows_set_collapsed (rows, payments, TRUE);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 15);
  g_assert_cmpuint (fluo_waterfall_rows_find (rows, wait), ==, FLUO_SPAN_NONE);
  g_assert_cmpuint (
    fluo_waterfall_rows_get_span (rows, fluo_waterfall_rows_find_nearest (rows, wait)), ==,
    payments);
  g_assert_true (fluo_waterfall_rows_reveal (rows, wait));
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 21);

  fluo_waterfall_rows_show_levels (rows, 1);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 2);
  fluo_waterfall_rows_set_branch_collapsed (rows, fluo_waterfall_rows_get_span (rows, 0), FALSE);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 20);
  g_assert_cmpuint (fluo_waterfall_rows_next_status (rows, bank, TRUE, FLUO_STATUS_FAULT), ==,
                    wait);
  g_assert_cmpuint (fluo_waterfall_rows_next_status (rows, wait, FALSE, FLUO_STATUS_FAULT), ==,
                    bank);
  g_assert_cmpuint (fluo_waterfall_rows_next_status (rows, wait, TRUE, FLUO_STATUS_FAULT), ==, 0);
}

static void
test_copy_state (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new (), again = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace),
                                newer = fluo_waterfall_rows_new (again);

  fluo_waterfall_rows_set_collapsed (rows, find_name (rows, "payments"), TRUE);
  fluo_waterfall_rows_copy_state (newer, rows);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (newer), ==, fluo_waterfall_rows_get_n (rows));
  g_assert_true (fluo_waterfall_rows_is_collapsed (newer, find_name (newer, "payments")));
}

static void
test_hero_layout (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1020, 44 + 24 + 26 * 21 + 28);
  const FluoWaterfallBox *box;
  const FluoWaterfallGap *gap;

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpuint (layout->boxes->len, ==, 21);
  g_assert_cmpuint (fluo_trace_get_n_running (trace), ==, 2);
  g_assert_cmpfloat_with_epsilon (layout->end_x, 372 + 10 + 2310.0 / 2700 * 624, 0.01);

  box = find_box (layout, find_name (rows, "bank.example.com"));
  g_assert_cmpstr (box->label, ==, "TimeoutError");
  g_assert_cmpint (box->label_place, ==, FLUO_LABEL_INSIDE);
  g_assert_cmpint (box->label_status, ==, FLUO_STATUS_FAULT);
  g_assert_cmpfloat_with_epsilon (box->x0, 382 + 86.0 / 2700 * 624, 0.01);
  g_assert_cmpfloat_with_epsilon (box->x1, 382 + 2211.0 / 2700 * 624, 0.01);
  box = find_box (layout, find_name (rows, "wait for answer"));
  g_assert_cmpstr (box->label, ==, "86.8% of the trace");
  g_assert_cmpstr (find_box (layout, find_name (rows, "price rules"))->label, ==,
                   "runs beside the calls below");
  g_assert_cmpstr (find_box (layout, find_name (rows, "petshop/prod"))->label, ==, "502");
  g_assert_true (find_box (layout, find_name (rows, "mailer"))->running);

  g_assert_cmpuint (layout->gaps->len, ==, 1);
  gap = &g_array_index (layout->gaps, FluoWaterfallGap, 0);
  g_assert_cmpstr (gap->label, ==, "in queue 116\302\240ms");
  g_assert_cmpuint (layout->ticks->len, ==, 6);
  g_assert_cmpstr (g_array_index (layout->ticks, FluoWaterfallTick, 0).label, ==, "0");
}

#define SENDER "1-5f84c7a5-0123456789abcdef01234567"
#define RECEIVER "1-5f84c7a5-ffff456789abcdef01234567"

static FluoTrace *
linked_trace_new (const char *sender_links, const char *receiver_links)
{
  g_autofree char *sender = g_strdup_printf (
    "{\"trace_id\":\"" SENDER "\",\"id\":\"0000000000000001\",\"name\":\"web\","
      "\"start_time\":1600000000,"
    "\"end_time\":1600000003,\"links\":[%s],\"subsegments\":[{\"id\":\"0000000000000002\","
      "\"name\":\"SQS\","
    "\"namespace\":\"aws\",\"start_time\":1600000001,\"end_time\":1600000001.1}]}", sender_links);
  g_autofree char *receiver = g_strdup_printf (
    "{\"trace_id\":\"" RECEIVER "\",\"id\":\"0000000000000003\",\"name\":\"mailer\","
      "\"start_time\":1600000002,"
    "\"end_time\":1600000004,\"links\":[%s]}", receiver_links);
  g_autoptr (GBytes) first = g_bytes_new (sender, strlen (sender));
  g_autoptr (GBytes) second = g_bytes_new (receiver, strlen (receiver));
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);

  g_assert_true (fluo_trace_builder_add (builder, first, NULL));
  g_assert_true (fluo_trace_builder_add_linked (builder, second, NULL));

  return fluo_trace_builder_end (builder, 0);
}

/* Whoever names the other, one arrow leads from the sender to the receiver and never back in
 * time. */
static void
test_arrows (void)
{
#define TO_CALL "{\"trace_id\":\"" SENDER "\",\"id\":\"0000000000000002\"}"
#define TO_RECEIVER "{\"trace_id\":\"" RECEIVER "\",\"id\":\"0000000000000003\"}"
  static const struct
  {
    const char *sender, *receiver, *label;
    guint n;
  } cases[] = {
    { "", TO_CALL, "in queue 900\302\240ms", 1 },
    { TO_RECEIVER, TO_CALL, "in queue 900\302\240ms", 1 },
    { TO_RECEIVER, "", NULL, 1 },
    { "", "{\"trace_id\":\"" RECEIVER "\",\"id\":\"0000000000000002\"}", NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FluoTrace) trace = linked_trace_new (cases[i].sender, cases[i].receiver);
      g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
      g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
      FluoWaterfallViewport view = viewport (rows, 1000, 300);
      const FluoWaterfallGap *gap;

      fluo_waterfall_layout_update (layout, rows, &view, NULL);
      g_assert_cmpuint (layout->gaps->len, ==, cases[i].n);
      if (cases[i].n == 0)
        continue;
      gap = &g_array_index (layout->gaps, FluoWaterfallGap, 0);
      g_assert_cmpstr (gap->label, ==, cases[i].label);
      g_assert_cmpfloat (gap->x0, <=, gap->x1);
      g_assert_cmpfloat_with_epsilon (
        gap->x1, find_box (layout, find_name (rows, "mailer"))->x0, 0.01);
    }
}

/* What an arrow shows can be followed, both ways; a trace that was not read can be asked for. */
static void
test_links (void)
{
  const char *elsewhere = "{\"trace_id\":\"1-5f84c7a5-eeee456789abcdef01234567\","
                          "\"id\":\"0000000000000009\"}";
  g_autoptr (FluoTrace) trace = linked_trace_new (TO_RECEIVER, TO_CALL);
  g_autoptr (FluoTrace) other = linked_trace_new (elsewhere, "");
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallRows) other_rows = fluo_waterfall_rows_new (other);
  const guint32 mailer = find_name (rows, "mailer"), web = find_name (rows, "web");
  const guint32 sender = fluo_waterfall_rows_get_sender (rows, mailer);
  g_autoptr (GArray) back = fluo_waterfall_rows_dup_links (rows, sender);
  g_autoptr (GArray) of_web = fluo_waterfall_rows_dup_links (rows, web);
  g_autoptr (GArray) unread = fluo_waterfall_rows_dup_links (other_rows, web);

  /* The call that sent, and not only the program. */
  g_assert_cmpstr (fluo_waterfall_rows_get_name (rows, sender), ==, "SQS");
  g_assert_cmpuint (back->len, ==, 1);
  g_assert_cmpuint (g_array_index (back, FluoWaterfallLink, 0).span, ==, mailer);
  g_assert_false (g_array_index (back, FluoWaterfallLink, 0).before);
  g_assert_cmpuint (of_web->len, ==, 0);
  g_assert_cmpuint (fluo_waterfall_rows_get_sender (rows, web), ==, FLUO_SPAN_NONE);
  g_assert_cmpuint (unread->len, ==, 1);
  g_assert_cmpuint (g_array_index (unread, FluoWaterfallLink, 0).span, ==, FLUO_SPAN_NONE);
}

/* Every box is found again where it was put, and nothing else is. */
static void
test_hit_inverse (void)
{
  for (guint32 seed = 1; seed <= 12; seed++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace_new (seed, 40 * seed);
      g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
      g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      FluoWaterfallViewport view = viewport (rows, 900 + 10 * seed, 620);

      for (guint i = 0; i < 8; i++)
        fluo_waterfall_rows_set_collapsed (
          rows, (guint32) g_rand_int_range (random, 1, (gint) (40 * seed)), TRUE);
      view.scroll = g_rand_double_range (random, 0, fluo_waterfall_rows_get_n (rows));
      view.visible.begin_ns += (gint64) (g_rand_double (random) * 5e9);
      view.visible.end_ns -= (gint64) (g_rand_double (random) * 4e9);
      fluo_waterfall_layout_update (layout, rows, &view, NULL);
      for (guint i = 0; i < layout->boxes->len; i++)
        {
          const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
          double y =
            CLAMP (box->y + 13, layout->body_y, layout->body_y + layout->body_height - 0.1);
          FluoWaterfallHit hit;

          if (y < box->y || y >= box->y + 26)
            continue;
          hit = fluo_waterfall_hit (layout, 300, y);
          g_assert_cmpint (hit.part, ==, FLUO_WATERFALL_TREE);
          g_assert_cmpuint (hit.span, ==, box->span);
          g_assert_cmpuint (hit.row, ==, box->row);
          if (!box->has_bar)
            continue;
          hit = fluo_waterfall_hit (layout, MAX ((box->x0 + box->x1) / 2, view.tree_width + 4), y);
          g_assert_cmpuint (hit.span, ==, box->span);
          g_assert_cmpint (hit.part, ==, FLUO_WATERFALL_BAR);
        }
      g_assert_cmpint (fluo_waterfall_hit (layout, layout->overview_x0 - 4, 20).part, ==,
                       FLUO_WATERFALL_OVERVIEW_BEGIN);
      g_assert_cmpint (fluo_waterfall_hit (layout, layout->overview_x1 + 4, 20).part, ==,
                       FLUO_WATERFALL_OVERVIEW_END);
      g_assert_cmpint (fluo_waterfall_hit (layout, 700, 50).part, ==, FLUO_WATERFALL_RULER);
      g_assert_cmpint (fluo_waterfall_hit (layout, 372, 300).part, ==, FLUO_WATERFALL_DIVIDER);
      g_assert_cmpint (fluo_waterfall_hit (layout, 100, 615).part, ==, FLUO_WATERFALL_NOTHING);
    }
}

/* A frame of a large trace makes boxes for what is seen, and the pieces of a bar are bounded by its
 * width. */
static void
test_large (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (7, 100000);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1600, 1000);

  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 100000);
  view.scroll = 50000.5;
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpuint (layout->boxes->len, <=, (guint) (1000 / 26) + 2);
  g_assert_cmpuint (layout->pieces->len, <=, layout->boxes->len * 1300);
  g_assert_cmpuint (layout->steps->len, <=, 2 * 1300);
  g_assert_cmpuint (layout->minis->len, <=, 20 * 1300);
  g_assert_cmpuint (g_array_index (layout->boxes, FluoWaterfallBox, 0).row, ==, 50000);

  view.scroll = 0;
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  /* The root's own time and waiting time add up to its bar. */
  {
    const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, 0);
    double last = box->x0;

    for (guint i = 0; i < box->n_pieces; i++)
      {
        const FluoWaterfallPiece *piece =
          &g_array_index (layout->pieces, FluoWaterfallPiece, box->first_piece + i);

        g_assert_cmpfloat (piece->x0, >=, last - 1.01);
        g_assert_cmpfloat (piece->x1, >, piece->x0);
        last = piece->x1;
      }
    g_assert_cmpfloat (last, <=, box->x1 + 0.01);
  }
}

static gboolean
is_covered (const FluoWaterfallLayout *layout, guint line, double x, guint least)
{
  for (guint m = 0; m < layout->minis->len; m++)
    {
      const FluoWaterfallMini *mini = &g_array_index (layout->minis, FluoWaterfallMini, m);

      if (fabs (mini->y - (5 + line * 1.65)) < 0.01 && mini->status >= least &&
          mini->x0 <= x + 1.5 && mini->x1 >= x - 1)
        return TRUE;
    }

  return FALSE;
}

/* The overview merges rows, but never so that the longest span or a failed one disappears. */
static void
test_overview_keeps (void)
{
  g_autoptr (FluoTrace) trace = fluo_random_trace_new (11, 5000);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1200, 700);
  const FluoSpan *spans;
  guint n, checked = 0;

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  spans = fluo_trace_get_spans (trace, &n);
  for (guint i = 0; i < n; i++)
    {
      double x = fluo_waterfall_layout_x (layout, spans[i].start_ns);
      gboolean covered = FALSE;

      if (spans[i].status != FLUO_STATUS_FAULT)
        continue;
      checked++;
      for (guint m = 0; m < layout->minis->len && !covered; m++)
        {
          const FluoWaterfallMini *mini = &g_array_index (layout->minis, FluoWaterfallMini, m);

          covered = mini->status == FLUO_STATUS_FAULT && mini->x0 <= x + 1 && mini->x1 >= x - 1;
        }
      g_assert_true (covered);
    }
  g_assert_cmpuint (checked, >, 20);

  /* On its line, each span is covered from its begin right up to its end, by itself or by what is
   * worse or as bad and longer. */
  for (guint i = 0; i < n; i++)
    {
      guint n_lines = 20, line = 0;
      const double begin = fluo_waterfall_layout_x (layout, spans[i].start_ns);
      const double end = fluo_waterfall_layout_x (layout, spans[i].end_ns) - 1.5;

      while (i >= (guint) ((guint64) n * (line + 1) / n_lines))
        line++;
      for (guint place = 0; place <= 4; place++)
        g_assert_true (
          is_covered (layout, line, begin + MAX (end - begin, 0) * place / 4, spans[i].status));
    }
}

static guint
hits_of (FluoWaterfallRows *rows, GArray *found, const char *name)
{
  guint32 span = find_name (rows, name);
  guint i = fluo_waterfall_found_from (found, span);

  g_assert_cmpuint (i, <, found->len);
  g_assert_cmpuint (g_array_index (found, FluoWaterfallFound, i).span, ==, span);
  return g_array_index (found, FluoWaterfallFound, i).hits;
}

static void
test_find (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (GArray) bank = fluo_waterfall_find (trace, NULL, "BANK"),
                     code = fluo_waterfall_find (trace, NULL, "504");
  g_autoptr (GArray) none = fluo_waterfall_find (trace, NULL, "no such thing"),
                     empty = fluo_waterfall_find (trace, NULL, "");

  /* By its annotation's name, its metadata and its own; what it calls has a row for it. */
  g_assert_cmpuint (bank->len, ==, 4);
  g_assert_cmpuint (hits_of (rows, bank, "payments"), ==, 3);
  g_assert_cmpuint (hits_of (rows, bank, "bank.example.com"), ==, 5);
  g_assert_cmpuint (hits_of (rows, bank, "connect"), ==, 1);
  g_assert_cmpuint (hits_of (rows, bank, "wait for answer"), ==, 1);
  g_assert_cmpuint (code->len, ==, 1);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (empty->len, ==, 0);
}

/* What is read of a log group is found as well. */
static void
test_find_lines (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoTraceLines) lines = fluo_trace_lines_new ();
  g_autoptr (GArray) without = fluo_waterfall_find (trace, NULL, "tariff"), with = NULL;
  FluoTraceLine *line = fluo_trace_lines_add (lines);

  line->span = find_name (rows, "write log");
  line->text = g_strdup ("the Tariff was 12");
  line = fluo_trace_lines_add (lines);
  line->span = FLUO_SPAN_NONE;
  line->text = g_strdup ("no call knows of this tariff");
  fluo_trace_lines_seal (lines);
  with = fluo_waterfall_find (trace, lines, "tariff");
  g_assert_cmpuint (without->len, ==, 0);
  g_assert_cmpuint (with->len, ==, 1);
  g_assert_cmpuint (hits_of (rows, with, "write log"), ==, 1);
}

/* How much of the tree's part of a row is drawn in this colour. */
static guint
count_color (FluoWaterfallLayout *layout, FluoPainter *painter, guint32 span, FluoColor color)
{
  const FluoWaterfallBox *box = find_box (layout, span);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1020, 700);
  cairo_t *cr = cairo_create (surface);
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  const guint32 wanted = (guint32) lround (color.red * 255) << 16 |
                         (guint32) lround (color.green * 255) << 8 |
                         (guint32) lround (color.blue * 255);
  guint count = 0;

  g_assert_nonnull (box);
  fluo_painter_begin (painter, cr, palette);
  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  fluo_waterfall_draw (painter, layout);
  cairo_surface_flush (surface);
  for (int y = (int) box->y; y < (int) box->y + 26; y++)
    for (int x = 0; x < FLUO_WATERFALL_TREE_DEFAULT; x++)
      count += (*(guint32 *) (gpointer) (cairo_image_surface_get_data (surface) +
                                         y * cairo_image_surface_get_stride (surface) + x * 4) &
                0xffffff) == wanted;
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  return count;
}

/* A row says how often it was found where it cannot show it; a closed one speaks for those
 * below. */
static void
test_find_badge (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  g_autoptr (GArray) found = fluo_waterfall_find (trace, NULL, "TimeoutError");
  const FluoColor color = fluo_palette_get (FLUO_PALETTE_LIGHT)->found;
  FluoWaterfallViewport view = viewport (rows, 1020, 700);
  guint32 bank = find_name (rows, "bank.example.com"), payments = find_name (rows, "payments");

  g_assert_cmpuint (hits_of (rows, found, "bank.example.com"), ==, 1);
  fluo_waterfall_layout_update (layout, rows, &view, painter);
  g_assert_cmpuint (count_color (layout, painter, bank, color), ==, 0);
  view.find = "TimeoutError";
  view.found = found;
  fluo_waterfall_layout_update (layout, rows, &view, painter);
  g_assert_cmpuint (count_color (layout, painter, bank, color), >, 100);
  g_assert_cmpuint (count_color (layout, painter, payments, color), ==, 0);
  fluo_waterfall_rows_set_collapsed (rows, payments, TRUE);
  fluo_waterfall_layout_update (layout, rows, &view, painter);
  g_assert_cmpuint (count_color (layout, painter, payments, color), >, 100);
}

static void
test_description (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autofree char *text =
    fluo_waterfall_dup_description (rows, find_name (rows, "wait for answer"));

  g_assert_cmpstr (text, ==,
                   "wait for answer, bank.example.com, fault, 2.00\302\240s, starts at "
                   "207\302\240ms, 86.8% of the trace, on the critical path");
}

/* The bank's bar is where the layout says, in the service's colour. */
static void
test_draw (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  FluoWaterfallViewport view = viewport (rows, 1020, 700);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1020, 700);
  cairo_t *cr = cairo_create (surface);
  const FluoWaterfallBox *box;
  FluoColor color;
  guint32 pixel;

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  fluo_painter_begin (painter, cr, palette);
  fluo_waterfall_layout_update (layout, rows, &view, painter);
  fluo_waterfall_draw_highlight (painter, layout);
  fluo_waterfall_draw (painter, layout);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_flush (surface);

  box = find_box (layout, find_name (rows, "wait for answer"));
  color = fluo_waterfall_get_color (
    palette,
    fluo_waterfall_rows_get_color (rows, fluo_trace_get_spans (trace, NULL)[box->span].service));
  pixel = ((guint32 *) (gpointer) (cairo_image_surface_get_data (surface) +
                                   (int) (box->y + 13) *
                                     cairo_image_surface_get_stride (surface)))[(int) box->x0 + 6];
  g_assert_cmpint (abs ((int) (pixel >> 16 & 0xff) - (int) lround (color.red * 255)), <=, 2);
  g_assert_cmpint (abs ((int) (pixel >> 8 & 0xff) - (int) lround (color.green * 255)), <=, 2);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* The picture of the design: 1.99 s of waiting for the bank take 132 px. */
static void
test_fold (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1020, 600);
  const FluoSpan *wait = &fluo_trace_get_spans (trace, NULL)[find_name (rows, "wait for answer")];
  const FluoWaterfallFold *fold;
  double last = -1e9;
  guint n_inside = 0;

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpuint (layout->folds->len, ==, 0);
  view.fold = TRUE;
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpuint (layout->folds->len, ==, 1);
  fold = &g_array_index (layout->folds, FluoWaterfallFold, 0);
  g_assert_cmpfloat_with_epsilon (fold->x1 - fold->x0, 132, 0.01);
  g_assert_cmpint (fold->begin_ns, >, wait->start_ns);
  g_assert_cmpint (fold->end_ns, <, wait->end_ns);
  g_assert_cmpint (fold->end_ns - fold->begin_ns, >, (wait->end_ns - wait->start_ns) * 95 / 100);
  /* No torn edge runs through a label within a bar. */
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
      double end;

      if (box->label == NULL || box->label_place != FLUO_LABEL_INSIDE)
        continue;
      end = box->label_x + fluo_waterfall_measure (NULL, box->label, view.style->label_px, 600);
      g_assert_true (end < fold->x0 || box->label_x > fold->x1 ||
                     (box->label_x > fold->x0 && end < fold->x1));
      n_inside++;
    }
  g_assert_cmpuint (n_inside, >, 0);
  /* The view keeps its ends, time only ever goes to the right, and back comes what went in. */
  g_assert_cmpfloat_with_epsilon (fluo_waterfall_layout_x (layout, view.visible.begin_ns),
                                  layout->time_x, 0.01);
  g_assert_cmpfloat_with_epsilon (fluo_waterfall_layout_x (layout, view.visible.end_ns),
                                  layout->time_x + layout->time_width, 0.01);
  for (guint i = 0; i <= 1000; i++)
    {
      gint64 time = view.visible.begin_ns + fluo_time_span_length (view.visible) / 1000 * i;
      double x = fluo_waterfall_layout_x (layout, time);

      g_assert_cmpfloat (x, >, last);
      g_assert_cmpint (ABS (fluo_waterfall_layout_time (layout, x) - time), <=,
                       FLUO_NSEC_PER_MSEC / 1000);
      last = x;
    }

  /* Within the wait there is nothing else, so all but its edges is folded; where much goes on
   * nothing is. */
  view.visible = (FluoTimeSpan) { wait->start_ns - 150 * FLUO_NSEC_PER_MSEC, wait->start_ns };
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  for (guint i = 0; i < layout->folds->len; i++)
    {
      fold = &g_array_index (layout->folds, FluoWaterfallFold, i);
      for (guint k = 0; k < fluo_waterfall_rows_get_n (rows); k++)
        {
          const FluoSpan *span =
            &fluo_trace_get_spans (trace, NULL)[fluo_waterfall_rows_get_span (rows, k)];

          g_assert_false (span->start_ns > fold->begin_ns && span->start_ns < fold->end_ns);
          g_assert_false (span->end_ns > fold->begin_ns && span->end_ns < fold->end_ns);
        }
    }
}

/* Whatever the trace and the view, nothing begins or ends within a fold. */
static void
test_fold_random (void)
{
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  guint n_folds = 0;

  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (FluoTrace) trace = fluo_random_trace_new (i, 2 + i);
      g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
      FluoWaterfallViewport view = viewport (rows, 1200, 500);
      gint64 length = fluo_time_span_length (view.visible);
      guint n_spans;
      const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);

      view.fold = TRUE;
      view.visible.begin_ns += (gint64) ((double) length * g_rand_double (random) * 0.5);
      view.visible.end_ns -= (gint64) ((double) length * g_rand_double (random) * 0.4);
      layout->quiet_of = NULL;
      fluo_waterfall_layout_update (layout, rows, &view, NULL);
      n_folds += layout->folds->len;
      for (guint k = 0; k < layout->folds->len; k++)
        for (guint s = 0; s < n_spans; s++)
          {
            const FluoWaterfallFold *fold = &g_array_index (layout->folds, FluoWaterfallFold, k);

            g_assert_false (spans[s].start_ns > fold->begin_ns && spans[s].start_ns < fold->end_ns);
            g_assert_false (spans[s].end_ns > fold->begin_ns && spans[s].end_ns < fold->end_ns);
          }
    }
  g_assert_cmpuint (n_folds, >, 10);
}

static FluoTrace *
loop_trace_new (guint n)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GString) text = g_string_new (
    "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\",\"name\":"
    "\"web\",\"start_time\":1600000000,\"end_time\":1600000010,\"subsegments\":[");
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text,
                            "%s{\"id\":\"%016x\",\"name\":\"db\",\"namespace\":\"remote\","
                            "\"start_time\":%.6f,\"end_time\":%.6f%s}",
                            i ? "," : "", i + 2, 1600000000 + i * 9.0 / n,
                            1600000000 + i * 9.0 / n + 0.0001 * (i % 3 + 1),
                            i == 2 ? ",\"fault\":true" : "");
  g_string_append (text, ",{\"id\":\"00000000ffffffff\",\"name\":\"render\",\"start_time\":"
                         "1600000009.5,\"end_time\":1600000010}]}");
  bytes = g_bytes_new (text->str, text->len);
  fluo_trace_builder_add (builder, bytes, NULL);

  return fluo_trace_builder_end (builder, 0);
}

/* A query in a loop is one row with its figures, opens, closes, and lets itself be found. */
static void
test_group (void)
{
  g_autoptr (FluoTrace) trace = loop_trace_new (10000);
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1000, 600);
  const FluoWaterfallGroup *group;
  const FluoWaterfallBox *box;

  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 3);
  group = fluo_waterfall_rows_get_group (rows, fluo_waterfall_rows_get_span (rows, 1));
  g_assert_nonnull (group);
  g_assert_cmpuint (group->count, ==, 10000);
  g_assert_cmpuint (group->worst, ==, FLUO_STATUS_FAULT);
  g_assert_cmpint (ABS (group->min_ns - 100000), <=, 1000);
  g_assert_cmpint (ABS (group->median_ns - 200000), <=, 1000);
  g_assert_cmpint (ABS (group->max_ns - 300000), <=, 1000);
  g_assert_cmpint (ABS (group->total_ns - 2000000000), <=, 10000000);
  g_assert_true (fluo_waterfall_rows_is_collapsed (rows, group->first));

  /* It costs px, not members. */
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  box = find_box (layout, group->first);
  g_assert_cmpuint (box->n_pieces, >, 100);
  g_assert_cmpuint (box->n_pieces, <=, (guint) layout->time_width);

  fluo_waterfall_rows_set_collapsed (rows, group->first, FALSE);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 10002);
  g_assert_cmpuint (fluo_waterfall_rows_close_group (rows, 5000), ==, group->first);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 3);
  g_assert_cmpuint (fluo_waterfall_rows_find (rows, 5000), ==, FLUO_SPAN_NONE);
  g_assert_true (fluo_waterfall_rows_reveal (rows, 5000));
  g_assert_cmpuint (fluo_waterfall_rows_get_span (
                      rows, fluo_waterfall_rows_find (rows, 5000)), ==, 5000);
  fluo_waterfall_rows_set_grouping (rows, FALSE);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 10002);
  fluo_waterfall_rows_show_levels (rows, 1);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 1);
}

/* What nobody should send and somebody will. */
static void
test_bad_shapes (void)
{
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 900, 400);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GString) marks = g_string_new (NULL), wide = g_string_new (NULL);

  for (guint i = 0; i < 50000; i++)
    {
      g_string_append (marks, "\314\201");
      g_string_append (wide, "W\342\200\256");
    }
  for (guint shape = 0; shape < 4; shape++)
    {
      FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
      g_autofree char *text = g_strdup_printf (
        "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\","
        "\"name\":\"a%s\",\"start_time\":1500000000,\"end_time\":%s,\"subsegments\":[{\"id\":"
        "\"0000000000000002\",\"name\":\"x\",\"start_time\":1515000000,\"end_time\":%s}]}",
        shape == 0 ? marks->str : shape == 1 ? wide->str : "",
        shape == 3 ? "1400000000" : "1531536000",
        shape == 2 ? "1515000000" : "1515000000.000001");
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      g_autoptr (FluoTrace) trace = NULL;
      g_autoptr (FluoWaterfallRows) rows = NULL;
      FluoWaterfallViewport view;

      fluo_trace_builder_add (builder, bytes, NULL);
      trace = fluo_trace_builder_end (builder, 0);
      rows = fluo_waterfall_rows_new (trace);
      view = viewport (rows, 900, 400);
      for (guint fold = 0; fold < 2; fold++)
        {
          view.fold = fold;
          layout->minis_of.trace = layout->quiet_of = NULL;
          fluo_waterfall_layout_update (layout, rows, &view, painter);
          fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_DARK));
          fluo_waterfall_draw (painter, layout);
          g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
          g_assert_cmpuint (layout->boxes->len, ==, 2);
          /* One microsecond of a year is still a mark one can see and hit. */
          for (guint i = 0; i < layout->boxes->len; i++)
            {
              const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);

              g_assert_true (box->has_bar);
              g_assert_cmpfloat (box->x1 - box->x0, >=, 2);
              g_assert_cmpuint (
                fluo_waterfall_hit (layout, (box->x0 + box->x1) / 2, box->y + 13).span, ==,
                box->span);
            }
          g_assert_cmpuint (layout->ticks->len, <, 200);
        }
    }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Marks for what happened in a call: those that meet are one, and a place on it finds it. */
static void
test_events (void)
{
  static const char document[] =
    "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\","
    "\"name\":\"s\",\"start_time\":1600000000,\"end_time\":1600000010,\"metadata\":{\"otel\":{"
    "\"events\":[{\"time\":1600000005,\"name\":\"retry\"},{\"time\":1600000001,\"name\":\"a\"},"
    "{\"time\":1600000001.01,\"name\":\"b\"},{\"time\":\"x\"},{\"time\":1e99},7]}}}";
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (document, strlen (document));
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  g_autoptr (FluoWaterfallRows) rows = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  const FluoWaterfallEvent *first, *second;
  FluoWaterfallViewport view;

  g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
  trace = fluo_trace_builder_end (builder, 0);
  rows = fluo_waterfall_rows_new (trace);
  g_assert_cmpuint (fluo_waterfall_rows_get_events (rows, 0)->len, ==, 3);
  view = viewport (rows, 1000, 300);
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpuint (layout->events->len, ==, 2);
  first = &g_array_index (layout->events, FluoWaterfallEvent, 0);
  second = &g_array_index (layout->events, FluoWaterfallEvent, 1);
  g_assert_cmpuint (first->n, ==, 2);
  g_assert_cmpfloat_with_epsilon (second->x, layout->time_x + layout->time_width / 2, 1);
  g_assert_true (fluo_waterfall_hit_event (layout, second->x, second->y) == second);
  g_assert_null (fluo_waterfall_hit_event (layout, second->x + 40, second->y));
}

/* What its programs wrote is marked on the bar of the call that ran then, which a caller's line is
 * not: its row is its callee's. What the bar says gives way to a mark. */
static void
test_lines (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  g_autoptr (FluoTraceLines) lines = fluo_trace_lines_new ();
  FluoWaterfallViewport view = viewport (rows, 1440, 816);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
  const FluoWaterfallBox *box = NULL;
  FluoTraceLine *line;
  GArray *marks;
  double middle;

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
      if (box->label_place == FLUO_LABEL_CENTER)
        break;
    }
  g_assert_cmpint (box->label_place, ==, FLUO_LABEL_CENTER);
  middle = (box->x0 + box->x1) / 2;

  line = fluo_trace_lines_add (lines);
  line->span = box->span;
  line->time_ns = (spans[box->span].start_ns + spans[box->span].end_ns) / 2;
  line->text = g_strdup ("no answer");
  line = fluo_trace_lines_add (lines);
  line->span = 100000;
  line->text = g_strdup ("of another trace");
  fluo_trace_lines_seal (lines);
  fluo_waterfall_rows_set_lines (rows, lines);
  marks = fluo_waterfall_rows_get_marks (rows, box->span);
  g_assert_cmpuint (marks->len, ==, 1);
  g_assert_cmpstr (g_array_index (marks, FluoSpanEvent, 0).name, ==, "no answer");

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  for (guint i = 0; i < layout->boxes->len; i++)
    if (g_array_index (layout->boxes, FluoWaterfallBox, i).label_place == FLUO_LABEL_CENTER)
      box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
  g_assert_nonnull (fluo_waterfall_hit_event (layout, middle, box->y + 13));
  g_assert_cmpfloat (box->label_x, <, middle - 40);
  fluo_waterfall_rows_set_lines (rows, NULL);
  g_assert_null (fluo_waterfall_rows_get_marks (rows, box->span));
}

/* With text of 200 % rows are twice as high, and are hit where they are drawn. */
static void
test_large_text (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows, 1400, 1400);
  FluoWaterfallStyle style = fluo_waterfall_style_scaled (&fluo_waterfall_style_screen, 2);

  view.style = &style;
  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  g_assert_cmpfloat (layout->body_y, ==, 2 * (44 + 24));
  g_assert_cmpuint (layout->boxes->len, >, 10);
  for (guint i = 1; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);
      double x = style.tree_left + fluo_waterfall_indent (layout, box->depth) + 12;

      g_assert_cmpfloat (box->y - box[-1].y, ==, 52);
      g_assert_cmpuint (fluo_waterfall_hit (layout, x, box->y + 26).span, ==, box->span);
      if (box->has_children)
        g_assert_cmpint (fluo_waterfall_hit (layout, x, box->y + 26).part, ==,
                         FLUO_WATERFALL_DISCLOSURE);
    }
}

static gboolean
is_same (FluoColor a, FluoColor b)
{
  return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

static const FluoWaterfallKey *
find_key (GArray *keys, const char *text)
{
  for (guint i = 0; i < keys->len; i++)
    if (g_strcmp0 (g_array_index (keys, FluoWaterfallKey, i).text, text) == 0)
      return &g_array_index (keys, FluoWaterfallKey, i);
  g_error ("no colour is said to be \"%s\"", text);
}

/* The key says what colours mean: each of another kind or version, and that of the bars. */
static void
test_colors (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (trace);
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  guint32 call = find_name (rows, "load card token");
  static const FluoWaterfallColor bys[] = { FLUO_WATERFALL_COLOR_KIND,
                                            FLUO_WATERFALL_COLOR_VERSION,
                                            FLUO_WATERFALL_COLOR_STATUS };
  static const char *const texts[] = { "Lambda function", "payments 1.42.0", "OK" };

  for (guint i = 0; i < G_N_ELEMENTS (bys); i++)
    {
      g_autoptr (GArray) keys = fluo_waterfall_list_colors (palette, rows, bys[i]);

      g_assert_true (is_same (find_key (keys, texts[i])->color,
                              fluo_waterfall_span_color (palette, rows, bys[i], call)));
      for (guint k = 1; k < keys->len; k++)
        for (guint j = 0; j < k; j++)
          g_assert_false (is_same (g_array_index (keys, FluoWaterfallKey, k).color,
                                   g_array_index (keys, FluoWaterfallKey, j).color));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/waterfall/rows", test_hero_rows);
  g_test_add_func ("/waterfall/copy-state", test_copy_state);
  g_test_add_func ("/waterfall/layout", test_hero_layout);
  g_test_add_func ("/waterfall/arrows", test_arrows);
  g_test_add_func ("/waterfall/hit-is-the-inverse-of-layout", test_hit_inverse);
  g_test_add_func ("/waterfall/large", test_large);
  g_test_add_func ("/waterfall/overview-keeps-longest-and-worst", test_overview_keeps);
  g_test_add_func ("/waterfall/find", test_find);
  g_test_add_func ("/waterfall/find-lines", test_find_lines);
  g_test_add_func ("/waterfall/find-badge", test_find_badge);
  g_test_add_func ("/waterfall/description", test_description);
  g_test_add_func ("/waterfall/draw", test_draw);
  g_test_add_func ("/waterfall/large-text", test_large_text);
  g_test_add_func ("/waterfall/colors", test_colors);
  g_test_add_func ("/waterfall/links", test_links);
  g_test_add_func ("/waterfall/events", test_events);
  g_test_add_func ("/waterfall/lines", test_lines);
  g_test_add_func ("/waterfall/fold", test_fold);
  g_test_add_func ("/waterfall/group", test_group);
  g_test_add_func ("/waterfall/bad-shapes", test_bad_shapes);
  g_test_add_func ("/waterfall/fold-random", test_fold_random);

  return g_test_run ();
}

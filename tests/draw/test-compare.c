/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "draw/fluo-compare.h"
#include "fluo-trace-maker.h"

/* Each is a trace of its own; without @end it is not told. */
static FluoTrace *
build (const char *subsegments, double end, const char *more)
{
  static guint n;
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autofree char *ended =
    end > 0 ? g_strdup_printf (",\"end_time\":%.3f", 1600000000 + end) : NULL;
  g_autofree char *text =
    g_strdup_printf ("{\"trace_id\":\"1-5f84c7a5-%024x\",\"id\":\"0000000000000001\",\"name\":"
                     "\"web\",\"start_time\":1600000000%s%s,\"subsegments\":[%s]}",
                     ++n, ended != NULL ? ended : "", more, subsegments);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
  return fluo_trace_builder_end (builder, 0);
}

static char *
call (guint id, const char *name, const char *path, double begin, double end)
{
  return g_strdup_printf (
    "{\"id\":\"%016x\",\"name\":\"%s\",\"namespace\":\"remote\",\"start_time\":%.3f,"
    "\"end_time\":%.3f,\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://x%s\"}}}",
    id, name, 1600000000 + begin, 1600000000 + end, path);
}

static FluoTrace *
build_calls (double end, const char *more, ...)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *joined = NULL;
  va_list list;
  char *part;

  va_start (list, more);
  while ((part = va_arg (list, char *)) != NULL)
    g_ptr_array_add (parts, part);
  va_end (list);
  g_ptr_array_add (parts, NULL);
  joined = g_strjoinv (",", (char **) parts->pdata);
  return build (joined, end, more);
}

/* "web:+500 stock:-10 mail:A pay:B", A and B for what only one has. */
static char *
outline (FluoTraceComparison *comparison)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < comparison->rows->len; i++)
    {
      const FluoCompareRow *row = &g_array_index (comparison->rows, FluoCompareRow, i);

      g_string_append_printf (out, "%s%s:", i ? " " : "",
                              fluo_trace_comparison_get_name (comparison, i));
      if (row->a == FLUO_SPAN_NONE || row->b == FLUO_SPAN_NONE)
        g_string_append_c (out, row->b == FLUO_SPAN_NONE ? 'A' : 'B');
      else
        g_string_append_printf (out, "%+d", (int) (row->difference_ns / FLUO_NSEC_PER_MSEC));
    }
  return g_string_free (out, FALSE);
}

static FluoTraceComparison *
compare_shop (void)
{
  g_autoptr (FluoTrace) a = build_calls (
    2, ",\"annotations\":{\"tier\":\"gold\",\"zone\":\"eu\"},\"service\":{\"version\":\"2\"}",
    call (2, "stock", "/items/17", 0.1, 0.2), call (3, "stock", "/items/99", 0.2, 0.3),
    call (4, "pay", "/pay", 0.3, 1.9), call (5, "mail", "/send", 1.9, 2), NULL);
  g_autoptr (FluoTrace) b = build_calls (
    0.5, ",\"annotations\":{\"tier\":\"silver\",\"zone\":\"eu\"},\"service\":{\"version\":\"1\"}",
    call (2, "stock", "/items/23", 0.1, 0.15), call (3, "cache", "/get", 0.15, 0.2),
    call (4, "pay", "/pay", 0.2, 0.4), NULL);

  return fluo_trace_comparison_new (a, b);
}

static void
test_rows (void)
{
  g_autoptr (FluoTraceComparison) comparison = compare_shop ();
  g_autoptr (FluoSentence) sentence = fluo_trace_comparison_dup_sentence (comparison);
  g_autofree char *text = outline (comparison);

  g_assert_cmpstr (text, ==, "web:+1500 stock:+50 stock:A cache:B pay:+1400 mail:A");
  g_assert_cmpstr (fluo_trace_comparison_get_name (comparison, comparison->main_row), ==, "pay");
  g_assert_cmpstr (sentence->text, ==,
                   "A took 1.50\302\240s longer. 93% of the difference is pay: 1.60\302\240s "
                   "instead of 200\302\240ms");
}

/* "tier=gold|silver;" of each. */
static char *
dup_facts (FluoTraceComparison *comparison)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < comparison->facts->len; i++)
    {
      const FluoCompareFact *fact = &g_array_index (comparison->facts, FluoCompareFact, i);

      g_string_append_printf (text, "%s=%s|%s;", fact->key, fact->a ? fact->a : "-",
                              fact->b ? fact->b : "-");
    }
  return g_string_free (text, FALSE);
}

static void
test_facts (void)
{
  g_autoptr (FluoTraceComparison) comparison = compare_shop ();
  g_autofree char *text = dup_facts (comparison);

  g_assert_cmpstr (text, ==,
                   "tier=gold|silver;web version=2|1;Calls only in A=stock GET /items/99, mail GET "
                   "/send|-;Calls only in B=-|cache GET /get;");
  g_assert_cmpuint (comparison->same->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (comparison->same, 0), ==, "zone");
}

static char *
failed (char *made, const char *how)
{
  char *text = g_strdup_printf ("%.*s,%s}", (int) strlen (made) - 1, made, how);

  g_free (made);
  return text;
}

/* A call that was tried again is told with what was wrong first, whichever had more of them. */
static void
test_tries (void)
{
  const char *throttled = "\"error\":true,\"throttle\":true";
  g_autoptr (FluoTrace) once = build_calls (1, "", call (2, "stock", "/items", 0.1, 0.2), NULL);
  g_autoptr (FluoTrace) thrice = build_calls (
    1, "", failed (call (2, "stock", "/items", 0.1, 0.2), throttled),
    failed (call (3, "stock", "/items", 0.3, 0.4), "\"fault\":true"),
    call (4, "stock", "/items", 0.5, 0.6), call (5, "stock", "/items", 0.7, 0.8), NULL);
  g_autoptr (FluoTraceComparison) more = fluo_trace_comparison_new (thrice, once);
  g_autoptr (FluoTraceComparison) less = fluo_trace_comparison_new (once, thrice);
  g_autoptr (FluoTraceComparison) same = fluo_trace_comparison_new (thrice, thrice);
  const FluoCompareFact *fact = &g_array_index (more->facts, FluoCompareFact, 0);

  g_assert_cmpstr (fact->key, ==, "Tries at stock");
  g_assert_cmpstr (fact->a, ==, "3, the first throttled");
  g_assert_cmpstr (fact->b, ==, "1");
  fact = &g_array_index (less->facts, FluoCompareFact, 0);
  g_assert_cmpstr (fact->a, ==, "1");
  g_assert_cmpstr (fact->b, ==, "3, the first throttled");
  g_assert_cmpuint (same->facts->len, ==, 0);
}

/* What a filter can ask for; and what differs in any two traces, being a number of something, comes
 * last. */
static void
test_fact_terms (void)
{
  g_autoptr (FluoTrace) a = build_calls (
    1,
    ",\"annotations\":{\"order\":\"84193\",\"tier\":\"gold\"},\"service\":{\"version\":\"2\"},"
    "\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://x/\"},"
    "\"response\":{\"status\":502}}",
    NULL);
  g_autoptr (FluoTrace) b = build_calls (
    1,
    ",\"annotations\":{\"late\":true,\"order\":\"81216\",\"tier\":\"silver\"},"
    "\"service\":{\"version\":\"1\"}",
    NULL);
  g_autoptr (FluoTraceComparison) comparison = fluo_trace_comparison_new (a, b);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < comparison->facts->len; i++)
    {
      FluoTerm term = { .field = FLUO_N_FIELDS };

      fluo_compare_fact_get_term (&g_array_index (comparison->facts, FluoCompareFact, i), &term);
      g_string_append_printf (text, "%d %s %s %d;", term.field, term.key ? term.key : "-",
                              term.value ? term.value : "-", term.http_status);
    }
  {
    g_autofree char *wanted = g_strdup_printf (
      "%d tier gold 0;%d - - 0;%d web 2 0;%d - 502 502;%d - http://x/ 0;%d order 84193 0;",
      FLUO_FIELD_ANNOTATION, FLUO_N_FIELDS, FLUO_FIELD_VERSION, FLUO_FIELD_HTTP_STATUS,
      FLUO_FIELD_URL, FLUO_FIELD_ANNOTATION);

    g_assert_cmpstr (text->str, ==, wanted);
  }
}

static void
check_order (FluoCompareTable *table, FluoCompareOrder order, const char *names)
{
  g_autoptr (GString) text = g_string_new (NULL);

  fluo_compare_table_set_order (table, order);
  for (guint i = 0; i < fluo_compare_table_get_n (table); i++)
    g_string_append_printf (text, "%s%s", i ? " " : "",
                            fluo_trace_comparison_get_name (
                              fluo_compare_table_get_comparison (table),
                              fluo_compare_table_get_row (table, i)));
  g_assert_cmpstr (text->str, ==, names);
}

static void
test_order (void)
{
  g_autoptr (FluoCompareTable) table = fluo_compare_table_new (compare_shop (), NULL);

  check_order (table, FLUO_COMPARE_BY_DIFFERENCE, "web pay stock mail stock cache");
  check_order (table, FLUO_COMPARE_BY_NAME, "web cache mail pay stock stock");
  check_order (table, FLUO_COMPARE_AS_CALLED, "web stock stock cache pay mail");
  fluo_compare_table_set_collapsed (table, 0, TRUE);
  check_order (table, FLUO_COMPARE_BY_DIFFERENCE, "web");
  /* Whatever hangs under whatever: every row once, and behind its caller. */
  for (guint seed = 0; seed < 20; seed++)
    {
      g_autoptr (FluoTrace) a = fluo_random_trace_new (seed, 1 + seed * 3);
      g_autoptr (FluoTrace) b = fluo_random_trace_new (seed + 1000, 90 - seed * 2);
      g_autoptr (FluoCompareTable) any =
        fluo_compare_table_new (fluo_trace_comparison_new (a, b), NULL);
      GArray *rows = fluo_compare_table_get_comparison (any)->rows;

      for (guint order = 0; order < FLUO_N_COMPARE_ORDERS; order++)
        {
          g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

          fluo_compare_table_set_order (any, order);
          g_assert_cmpuint (fluo_compare_table_get_n (any), ==, rows->len);
          for (guint i = 0; i < rows->len; i++)
            {
              guint32 row = fluo_compare_table_get_row (any, i);
              guint32 parent = g_array_index (rows, FluoCompareRow, row).parent;

              g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (row)));
              g_assert_true (parent == FLUO_SPAN_NONE ||
                             g_hash_table_contains (seen, GUINT_TO_POINTER (parent)));
            }
        }
    }
}

/* A call that has not ended has no length yet, and none to compare. */
static void
test_running (void)
{
  g_autoptr (FluoTrace) a = build_calls (
    2, "",
    g_strdup ("{\"id\":\"0000000000000002\",\"name\":\"pay\",\"namespace\":\"remote\","
              "\"start_time\":1600000000.5,\"in_progress\":true,"
              "\"http\":{\"request\":{\"method\":\"GET\",\"url\":"
              "\"http://x/pay\"}}}"),
    NULL);
  g_autoptr (FluoTrace) b = build_calls (2, "", call (2, "pay", "/pay", 0.5, 1), NULL);
  g_autoptr (FluoCompareTable) table =
    fluo_compare_table_new (fluo_trace_comparison_new (a, b), NULL);
  g_autofree char *text = fluo_compare_table_dup_description (table, 1);
  FluoExportOptions options = { .format = FLUO_EXPORT_MARKDOWN };
  g_autoptr (GBytes) markdown = fluo_compare_export_to_bytes (table, &options, NULL);

  g_assert_cmpstr (text, ==, "pay GET /pay, running, in B 500\302\240ms");
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (markdown, NULL),
                                  (gssize) g_bytes_get_size (markdown),
                                  "pay GET /pay | running | 500\302\240ms | – |"));
}

static void
check_sentence (FluoTrace *a, FluoTrace *b, const char *wanted)
{
  g_autoptr (FluoTraceComparison) comparison = fluo_trace_comparison_new (a, b);
  g_autoptr (FluoSentence) sentence = fluo_trace_comparison_dup_sentence (comparison);

  g_assert_cmpstr (sentence->text, ==, wanted);
}

#define NB "\302\240" /* between a figure and its unit */
#define REQUEST ",\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://x/%s\"}}"
#define RULES                                                                                      \
  "{\"id\":\"0000000000000002\",\"name\":\"rules\",\"start_time\":1600000000.1,\"end_time\":"

/* The time may have gone into the entry itself, or into a part of it; and nothing is claimed of
 * what has not ended, of two that are not of a kind, and of a trace beside itself. */
static void
test_sentence (void)
{
  g_autofree char *left = g_strdup_printf (REQUEST, "left");
  g_autofree char *right = g_strdup_printf (REQUEST, "right");
  g_autoptr (FluoTrace) slow = build ("", 2, "");
  g_autoptr (FluoTrace) fast = build ("", 1, "");
  g_autoptr (FluoTrace) rules_slow = build (RULES "1600000001.9}", 2, "");
  g_autoptr (FluoTrace) rules_fast = build (RULES "1600000000.9}", 1, "");
  g_autoptr (FluoTrace) to_left = build ("", 2, left);
  g_autoptr (FluoTrace) to_right = build ("", 1, right);
  g_autoptr (FluoTrace) open =
    build_calls (0, ",\"in_progress\":true", call (2, "pay", "/", 0, 0.5), NULL);

  check_sentence (slow, fast,
                  "A took 1.00" NB "s longer. 100% of the difference is inside web: 2.00" NB
                  "s instead of 1.00" NB "s");
  check_sentence (rules_slow, rules_fast,
                  "A took 1.00" NB "s longer. 100% of the difference is rules: 1.80" NB
                  "s instead of 800" NB "ms");
  check_sentence (to_left, to_right,
                  "A took 1.00" NB "s longer. They are different requests. 100% of the difference "
                  "is inside web: 2.00" NB "s instead of 1.00" NB "s");
  check_sentence (open, slow,
                  "A is still running. So far it took 500" NB "ms, and B 2.00" NB "s in all");
  check_sentence (slow, open,
                  "B is still running. So far it took 500" NB "ms, and A 2.00" NB "s in all");
  check_sentence (slow, slow, "A and B are the same trace.");
}

#define EXCEPTION                                                                                  \
  "\"cause\":{\"exceptions\":[{\"id\":\"0000000000000009\",\"type\":\"%s\",\"message\":\"%s\"}]}"
#define CART(items, request)                                                                       \
  ",\"metadata\":{\"default\":{\"cart\":{\"items\":" items ",\"cur\":\"EUR\"}," \
  "\"request\":\"r-" request "\"%s}}"
#define HOSTS "\"metadata\":{\"smtp\":{\"hosts\":[%s]}}"

/* What only the documents say: metadata of calls that both made, value by value, and errors that
 * only one of them had. */
static void
test_documents (void)
{
  g_autofree char *cart_a = g_strdup_printf (
    CART ("3", "84193"),
    "},\"otel\":{\"events\":[{\"time\":1600000000.1,\"name\":\"a\"}]");
  g_autofree char *cart_b = g_strdup_printf (CART ("4", "84194"), ",\"late\":true");
  g_autofree char *slow_a = g_strdup_printf (EXCEPTION, "TimeoutError", "no answer in 200 ms");
  g_autofree char *slow_b = g_strdup_printf (EXCEPTION, "TimeoutError", "no answer in 201 ms");
  g_autofree char *mail_a =
    g_strdup_printf (HOSTS "," EXCEPTION, "\"a\",\"b\"", "Refused", "by host");
  g_autofree char *mail_b = g_strdup_printf (HOSTS, "\"a\"");
  g_autoptr (FluoTrace) a =
    build_calls (1, cart_a, failed (call (2, "pay", "/pay", 0.1, 0.2), slow_a),
                 failed (call (3, "mail", "/send", 0.2, 0.3), mail_a), NULL);
  g_autoptr (FluoTrace) b =
    build_calls (1, cart_b, failed (call (2, "pay", "/pay", 0.1, 0.2), slow_b),
                 failed (call (3, "mail", "/send", 0.2, 0.3), mail_b), NULL);
  g_autoptr (FluoTraceComparison) comparison = fluo_trace_comparison_new (a, b);
  g_autofree char *text = dup_facts (comparison);

  g_assert_cmpstr (text, ==,
                   "Error only in A=Refused: by host|-;cart.items=3|4;late=-|true;"
                   "mail: smtp.hosts=[\"a\",\"b\"]|[\"a\"];request=r-84193|r-84194;");
}

/* A call is found by its span in either trace, and what has no row by its caller's. */
static void
test_find_row (void)
{
  g_autoptr (FluoTraceComparison) comparison = compare_shop ();

  for (guint i = 0; i < comparison->rows->len; i++)
    {
      const FluoCompareRow *row = &g_array_index (comparison->rows, FluoCompareRow, i);

      if (row->a != FLUO_SPAN_NONE)
        g_assert_cmpuint (fluo_trace_comparison_find_row (comparison, TRUE, row->a), ==, i);
      if (row->b != FLUO_SPAN_NONE)
        g_assert_cmpuint (fluo_trace_comparison_find_row (comparison, FALSE, row->b), ==, i);
    }
  g_assert_cmpuint (fluo_trace_comparison_find_row (comparison, TRUE, FLUO_SPAN_NONE), ==,
                    FLUO_SPAN_NONE);
}

/* Of any two traces every row is there once, in preorder; a trace beside itself differs in
 * nothing; and swapping them only turns the signs. */
static void
test_random (void)
{
  for (guint seed = 0; seed < 40; seed++)
    {
      g_autoptr (FluoTrace) a = fluo_random_trace_new (seed, 1 + seed * 3);
      g_autoptr (FluoTrace) b = fluo_random_trace_new (seed + 1000, 90 - seed * 2);
      g_autoptr (FluoTraceComparison) ab = fluo_trace_comparison_new (a, b);
      g_autoptr (FluoTraceComparison) ba = fluo_trace_comparison_new (b, a);
      g_autoptr (FluoTraceComparison) aa = fluo_trace_comparison_new (a, a);
      g_autoptr (GHashTable) seen_a = g_hash_table_new (NULL, NULL);
      g_autoptr (GHashTable) seen_b = g_hash_table_new (NULL, NULL);
      g_autoptr (FluoWaterfallRows) rows_a = fluo_waterfall_rows_new (a);
      g_autoptr (FluoWaterfallRows) rows_b = fluo_waterfall_rows_new (b);
      gint64 sum_ab = 0, sum_ba = 0;

      for (guint i = 0; i < ab->rows->len; i++)
        {
          const FluoCompareRow *row = &g_array_index (ab->rows, FluoCompareRow, i);

          g_assert_true (row->a != FLUO_SPAN_NONE || row->b != FLUO_SPAN_NONE);
          if (row->a != FLUO_SPAN_NONE)
            g_assert_true (g_hash_table_add (seen_a, GUINT_TO_POINTER (row->a)));
          if (row->b != FLUO_SPAN_NONE)
            g_assert_true (g_hash_table_add (seen_b, GUINT_TO_POINTER (row->b)));
          if (row->parent != FLUO_SPAN_NONE)
            {
              const FluoCompareRow *parent =
                &g_array_index (ab->rows, FluoCompareRow, row->parent);

              g_assert_cmpuint (row->parent, <, i);
              g_assert_cmpuint (parent->end, >=, row->end);
              g_assert_cmpuint (row->depth, ==, parent->depth + 1);
            }
          sum_ab += row->difference_ns;
        }
      g_assert_cmpuint (g_hash_table_size (seen_a), ==, fluo_waterfall_rows_get_n (rows_a));
      g_assert_cmpuint (g_hash_table_size (seen_b), ==, fluo_waterfall_rows_get_n (rows_b));
      for (guint i = 0; i < ba->rows->len; i++)
        sum_ba += g_array_index (ba->rows, FluoCompareRow, i).difference_ns;
      g_assert_cmpint (sum_ab, ==, -sum_ba);
      g_assert_cmpuint (ab->rows->len, ==, ba->rows->len);

      for (guint i = 0; i < aa->rows->len; i++)
        {
          const FluoCompareRow *row = &g_array_index (aa->rows, FluoCompareRow, i);

          g_assert_cmpint (row->difference_ns, ==, 0);
          g_assert_cmpuint (row->a, ==, row->b);
        }
      g_assert_cmpuint (aa->facts->len, ==, 0);
    }
}

static void
test_threshold (void)
{
  g_autoptr (FluoCompareTable) table = fluo_compare_table_new (compare_shop (), NULL);

  g_assert_cmpuint (fluo_compare_table_get_n (table), ==, 6);
  fluo_compare_table_set_threshold (table, 100 * FLUO_NSEC_PER_MSEC);
  /* The first call to stock goes; what only one of them called stays. */
  g_assert_cmpuint (fluo_compare_table_get_n (table), ==, 5);
  g_assert_cmpuint (fluo_compare_table_get_n_hidden (table), ==, 1);
  fluo_compare_table_set_collapsed (table, 0, TRUE);
  g_assert_cmpuint (fluo_compare_table_get_n (table), ==, 1);
}

static void
test_draw (void)
{
  g_autoptr (FluoCompareTable) table = fluo_compare_table_new (compare_shop (), NULL);
  g_autoptr (FluoCompareLayout) layout = fluo_compare_layout_new ();
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  FluoExportOptions options = { .format = FLUO_EXPORT_MARKDOWN };
  g_autoptr (GBytes) markdown = fluo_compare_export_to_bytes (table, &options, NULL);
  FluoCompareViewport view = { .width = 1000, .height = 400, .selected = 0,
                               .hover = FLUO_SPAN_NONE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1000, 400);
  cairo_t *cr = cairo_create (surface);
  gboolean disclosure;

  fluo_compare_layout_update (layout, table, &view);
  fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  fluo_compare_draw (painter, layout);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoCompareBox *box = &g_array_index (layout->boxes, FluoCompareBox, i);

      g_assert_cmpuint (fluo_compare_hit (layout, 600, box->y + 5, &disclosure), ==, box->row);
      g_assert_false (disclosure);
    }
  g_assert_cmpuint (fluo_compare_hit (layout, 16, FLUO_COMPARE_HEAD_PX + 16, &disclosure), ==, 0);
  g_assert_true (disclosure);
  g_assert_cmpuint (fluo_compare_hit (layout, 16, 10, NULL), ==, FLUO_SPAN_NONE);
  /* Lined up call by call, both bars of a row begin at the same place. */
  view.each_call = TRUE;
  fluo_compare_layout_update (layout, table, &view);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoCompareBox *box = &g_array_index (layout->boxes, FluoCompareBox, i);

      if (box->a_x1 > 0 && box->b_x1 > 0)
        g_assert_cmpfloat_with_epsilon (box->a_x0, box->b_x0, 0.01);
    }
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (markdown, NULL),
                                  (gssize) g_bytes_get_size (markdown),
                                  "| tier | gold | silver |"));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static gboolean
stop_cb (guint n_done, guint n_pages, gpointer user_data)
{
  *(guint *) user_data = n_pages;
  return n_done < 2;
}

static char *
dup_markdown (FluoCompareTable *table, FluoExportOptions options)
{
  g_autoptr (GBytes) bytes = NULL;

  options.format = FLUO_EXPORT_MARKDOWN;
  bytes = fluo_compare_export_to_bytes (table, &options, NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* What leaves the house: without secrets in names, values and errors, with what is hidden said. */
static void
test_export (void)
{
  const char *secret = ",\"annotations\":{\"auth\":\"token=abcdefghijklmnopqrstuvwxyz012345\"}";
  g_autoptr (FluoTrace) a = build_calls (
    2, secret, call (2, "stock", "/items", 0.1, 0.2),
    call (3, "pay", "/4111111111111111", 0.3, 1.9), NULL);
  g_autoptr (FluoTrace) b = build_calls (1, "", call (2, "stock", "/items", 0.1, 0.2), NULL);
  g_autoptr (FluoCompareTable) table =
    fluo_compare_table_new (fluo_trace_comparison_new (a, b), NULL);
  g_autoptr (FluoCompareTable) copy = NULL;
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autofree char *text = NULL, *closed = NULL;
  cairo_surface_t *preview;
  guint n_pages;

  fluo_compare_table_set_threshold (table, 5 * FLUO_NSEC_PER_MSEC);
  options.n_usual = 2085;
  text = dup_markdown (table, options);
  g_assert_nonnull (strstr (text, "# web: 2.00\302\240s compared with 1.00\302\240s\n"));
  g_assert_nonnull (strstr (text, "usual, p50 of 2,085"));
  g_assert_nonnull (strstr (text, "&nbsp;&nbsp;pay GET /"));
  g_assert_nonnull (strstr (text, "1 row hidden"));
  g_assert_null (strstr (text, "4111111111111111"));
  g_assert_null (strstr (text, "abcdefghijklm"));
  g_assert_nonnull (strstr (text, "Removed before export"));

  /* However long a request is called, the title tells how long both took. */
  {
    g_autofree char *path = g_strnfill (300, 'y');
    g_autofree char *request = g_strdup_printf (REQUEST, path);
    g_autoptr (FluoTrace) long_a = build ("", 2, request), long_b = build ("", 1, request);
    g_autoptr (FluoCompareTable) named =
      fluo_compare_table_new (fluo_trace_comparison_new (long_a, long_b), NULL);
    g_autofree char *told = dup_markdown (named, options);

    g_assert_nonnull (strstr (told, "2.00\302\240s compared with 1.00\302\240s\n"));
  }

  /* The copy stays as it was. */
  copy = fluo_compare_table_copy (table);
  fluo_compare_table_set_collapsed (table, 0, TRUE);
  closed = dup_markdown (table, options);
  g_assert_null (strstr (closed, "&nbsp;pay"));
  g_free (closed);
  closed = dup_markdown (copy, options);
  g_assert_cmpstr (closed, ==, text);

  preview = fluo_compare_export_preview (copy, &options, 400, &n_pages, NULL);
  g_assert_cmpint (cairo_image_surface_get_width (preview), ==, 400);
  g_assert_cmpuint (n_pages, ==, 1);
  cairo_surface_destroy (preview);
}

/* Many rows are many pages, which can be stopped; a picture says that it is not all. */
static void
test_export_many (void)
{
  g_autoptr (FluoTrace) a = fluo_random_trace_new (1, 2000);
  g_autoptr (FluoTrace) b = fluo_random_trace_new (2, 2000);
  g_autoptr (FluoCompareTable) table =
    fluo_compare_table_new (fluo_trace_comparison_new (a, b), NULL);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (GBytes) bytes = NULL, picture = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = dup_markdown (table, options);
  guint n_pages = 0;

  options.format = FLUO_EXPORT_PDF;
  options.progress = stop_cb;
  options.progress_data = &n_pages;
  bytes = fluo_compare_export_to_bytes (table, &options, &error);
  g_assert_null (bytes);
  g_assert_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_STOPPED);
  g_assert_cmpuint (n_pages, >, 50);
  options.progress = NULL;
  options.format = FLUO_EXPORT_SVG;
  picture = fluo_compare_export_to_bytes (table, &options, NULL);
  g_assert_nonnull (picture);
  g_assert_nonnull (strstr (text, "rows are left out"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/rows", test_rows);
  g_test_add_func ("/compare/facts", test_facts);
  g_test_add_func ("/compare/tries", test_tries);
  g_test_add_func ("/compare/fact-terms", test_fact_terms);
  g_test_add_func ("/compare/order", test_order);
  g_test_add_func ("/compare/running", test_running);
  g_test_add_func ("/compare/sentence", test_sentence);
  g_test_add_func ("/compare/documents", test_documents);
  g_test_add_func ("/compare/find-row", test_find_row);
  g_test_add_func ("/compare/random", test_random);
  g_test_add_func ("/compare/threshold", test_threshold);
  g_test_add_func ("/compare/draw", test_draw);
  g_test_add_func ("/compare/export", test_export);
  g_test_add_func ("/compare/export-many", test_export_many);
  return g_test_run ();
}

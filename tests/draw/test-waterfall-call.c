/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-trace.h"
#include "draw/fluo-waterfall.h"

/* Rows that two sides tell of: calls and their answers, messages and who takes them up. */

#define T "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define TIMES(begin, end) "\"start_time\":100" begin ",\"end_time\":100" end

/* The answer came, but not for the caller: it waited for a tenth of a second only. */
static const char *const late[] = {
  "{" T ",\"id\":\"0000000000000001\",\"name\":\"web\"," TIMES (".0", ".9") ",\"fault\":true,"
  "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"bookings\",\"namespace\":\"remote\","
  "\"fault\":true,\"cause\":{\"working_directory\":\"/\",\"exceptions\":[{"
  "\"id\":\"0000000000000007\",\"type\":\"ReadTimeout\",\"message\":\"no answer\"}]},"
  TIMES (".1", ".2") "},{\"id\":\"0000000000000004\",\"name\":\"users\","
  "\"namespace\":\"remote\"," TIMES (".3", ".4") "}]}",
  "{" T ",\"id\":\"0000000000000003\",\"parent_id\":\"0000000000000002\",\"name\":\"bookings\","
  "\"http\":{\"response\":{\"status\":200}}," TIMES (".12", ".8") "}",
  "{" T ",\"id\":\"0000000000000005\",\"parent_id\":\"0000000000000004\",\"name\":\"users\","
  "\"http\":{\"response\":{\"status\":404}},\"error\":true," TIMES (".32", ".38") "}",
};

enum
{
  WEB,
  CALL,
  BOOKINGS,
  CALL_USERS,
  USERS
};

/* A worker that took up two messages of earlier traces. */
static const char worker[] =
  "{" T ",\"id\":\"0000000000000010\",\"name\":\"worker\"," TIMES ("8", "9") ",\"links\":[{"
  "\"trace_id\":\"1-5f84c7a5-0123456789abcdef00000001\",\"id\":\"0000000000000011\"},{"
  "\"trace_id\":\"1-5f84c7a5-0123456789abcdef00000002\",\"id\":\"0000000000000012\"}]}";
static const char *const senders[] = {
  "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef00000001\",\"id\":\"0000000000000011\","
  "\"name\":\"orders\"," TIMES ("0", "1") "}",
  "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef00000002\",\"id\":\"0000000000000012\","
  "\"name\":\"bills\"," TIMES ("2", "3") "}",
};

static void
add (FluoTraceBuilder *builder, const char *document, gboolean linked)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (document, strlen (document));
  g_autoptr (GError) error = NULL;

  if (linked)
    fluo_trace_builder_add_linked (builder, bytes, &error);
  else
    fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
}

static FluoWaterfallViewport
viewport (FluoWaterfallRows *rows)
{
  return (FluoWaterfallViewport) {
    .style = &fluo_waterfall_style_screen,
    .width = 1400,
    .height = 400,
    .tree_width = FLUO_WATERFALL_TREE_DEFAULT,
    .visible = fluo_waterfall_rows_get_extent (rows),
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .find_current = FLUO_SPAN_NONE,
  };
}

static FluoWaterfallRows *
new_rows (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    add (builder, late[i], FALSE);
  trace = fluo_trace_builder_end (builder, 0);

  return fluo_waterfall_rows_new (trace);
}

/* The row tells what its caller saw: a fault and its exception, though the answer was good. */
static void
test_only_caller (void)
{
  g_autoptr (FluoWaterfallRows) rows = new_rows ();
  g_autofree char *text = fluo_waterfall_dup_description (rows, BOOKINGS);
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view = viewport (rows);
  FluoPainter *painter = fluo_painter_new ();
  const FluoWaterfallBox *box;

  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 3);
  g_assert_nonnull (strstr (text, ", fault,"));
  g_assert_cmpstr (fluo_waterfall_rows_get_exception (rows, BOOKINGS), ==, "ReadTimeout");
  g_assert_cmpuint (
    fluo_waterfall_rows_next_status (rows, WEB, TRUE, FLUO_STATUS_ERROR), ==, BOOKINGS);
  g_assert_cmpuint (
    fluo_waterfall_rows_next_status (rows, BOOKINGS, TRUE, FLUO_STATUS_ERROR), ==, USERS);

  fluo_waterfall_layout_update (layout, rows, &view, painter);
  box = &g_array_index (layout->boxes, FluoWaterfallBox, 1);
  g_assert_cmpuint (box->span, ==, BOOKINGS);
  g_assert_cmpstr (box->label, ==, "ReadTimeout");
  g_assert_cmpint (box->label_status, ==, FLUO_STATUS_FAULT);
  /* What the answer says counts where the caller knows no worse. */
  box = &g_array_index (layout->boxes, FluoWaterfallBox, 2);
  g_assert_cmpstr (box->label, ==, "404");
  g_assert_cmpint (box->label_status, ==, FLUO_STATUS_ERROR);
  fluo_painter_free (painter);
}

/* Times count from the trace's own beginning, and one says for all messages to a row how long they
 * were in the queue. */
static void
test_earlier (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (FluoWaterfallRows) rows = NULL;
  g_autoptr (FluoWaterfallLayout) layout = fluo_waterfall_layout_new ();
  FluoWaterfallViewport view;
  const char *label = NULL;
  gboolean negative = FALSE;

  add (builder, worker, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    add (builder, senders[i], TRUE);
  trace = fluo_trace_builder_end (builder, 0);
  rows = fluo_waterfall_rows_new (trace);
  view = viewport (rows);
  g_assert_cmpint (fluo_trace_get_start_ns (trace), ==,
                   fluo_trace_get_extent (trace).begin_ns + 8 * FLUO_NSEC_PER_SEC);

  fluo_waterfall_layout_update (layout, rows, &view, NULL);
  for (guint i = 0; i < layout->ticks->len; i++)
    {
      const FluoWaterfallTick *tick = &g_array_index (layout->ticks, FluoWaterfallTick, i);

      negative |= g_str_has_prefix (tick->label, "−");
      if (g_str_equal (tick->label, "0"))
        g_assert_cmpfloat_with_epsilon (
          tick->x, fluo_waterfall_layout_x (layout, fluo_trace_get_start_ns (trace)), 0.01);
    }
  g_assert_true (negative);

  g_assert_cmpuint (layout->gaps->len, ==, 2);
  for (guint i = 0; i < layout->gaps->len; i++)
    {
      const FluoWaterfallGap *gap = &g_array_index (layout->gaps, FluoWaterfallGap, i);

      g_assert_true (label == NULL || gap->label == NULL);
      label = gap->label != NULL ? gap->label : label;
    }
  g_assert_cmpstr (label, ==, "in queue 5.00\u00a0s to 7.00\u00a0s");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/waterfall-call/only-the-caller-failed", test_only_caller);
  g_test_add_func ("/waterfall-call/earlier-messages", test_earlier);

  return g_test_run ();
}

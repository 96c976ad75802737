/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-trace.h"
#include "draw/fluo-waterfall.h"

/* Calls whose answer came, but not for the caller: it waited for a second only. */

#define T "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define TIMES(begin, end) "\"start_time\":100" begin ",\"end_time\":100" end

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

static FluoWaterfallRows *
new_rows (void)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (late[i], strlen (late[i]));

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
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
  FluoWaterfallViewport view = {
    .style = &fluo_waterfall_style_screen,
    .width = 1400,
    .height = 400,
    .tree_width = FLUO_WATERFALL_TREE_DEFAULT,
    .visible = fluo_waterfall_rows_get_extent (rows),
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .find_current = FLUO_SPAN_NONE,
  };
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/waterfall-call/only-the-caller-failed", test_only_caller);

  return g_test_run ();
}

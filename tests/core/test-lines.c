/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-log-message.h"
#include "core/fluo-trace-lines.h"
#include "fluo-test-util.h"

/* What programs wrote, and which call of a trace they wrote it in. */

static void
check (const char *message, const char *expected, FluoLogLevel expected_level)
{
  FluoLogLevel level;
  g_autofree char *text = fluo_log_message_dup_text (message, &level);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (level, ==, expected_level);
}

static void
test_message (void)
{
  check ("stock throttled", "stock throttled", FLUO_LOG_PLAIN);
  /* As Lambda's runtimes write. */
  check ("2026-11-29T03:12:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tERROR\t"
         "read timed out\n",
         "read timed out", FLUO_LOG_ERROR);
  check ("[WARNING]\t2026-11-29T03:12:00.123Z\tc6af9ac6-7b61-11e6-9a41-93e8deadbeef\tno answer",
         "no answer", FLUO_LOG_WARNING);
  check ("2026-11-29 03:12:00,123 DEBUG pool of 4", "pool of 4", FLUO_LOG_DEBUG);
  check ("2026-11-29T03:12:00Z c6af9ac6-7b61-11e6-9a41-93e8deadbeef Task timed out after 3.00 "
         "seconds",
         "Task timed out after 3.00 seconds", FLUO_LOG_ERROR);
  check ("Traceback (most recent call last):\n  File \"bank.py\", line 88",
         "Traceback (most recent call last):", FLUO_LOG_ERROR);
  check ("time=\"2026-11-29T03:12:00Z\" level=warn msg=\"slow\"",
         "time=\"2026-11-29T03:12:00Z\" level=warn msg=\"slow\"", FLUO_LOG_WARNING);
  /* Records: the message, and the level under any of its names. */
  check ("{\"level\":\"error\",\"msg\":\"read timed out\",\"try\":2}", "read timed out",
         FLUO_LOG_ERROR);
  check ("{\"severity\":\"WARNING\",\"message\":\"slow\"}", "slow", FLUO_LOG_WARNING);
  check ("{\"level\":50,\"msg\":\"pino\"}", "pino", FLUO_LOG_ERROR);
  check ("{\"level\":20,\"msg\":\"pino\"}", "pino", FLUO_LOG_DEBUG);
  check ("{\"errorMessage\":\"boom\",\"errorType\":\"E\"}", "boom", FLUO_LOG_ERROR);
  check ("{\"answer\":42}", "{\"answer\":42}", FLUO_LOG_PLAIN);
  check ("{not json", "{not json", FLUO_LOG_PLAIN);
  /* Words for levels in sentences and names are none, and addresses are no times. */
  check ("no error so far", "no error so far", FLUO_LOG_PLAIN);
  check ("ERRORS_TOTAL 4", "ERRORS_TOTAL 4", FLUO_LOG_PLAIN);
  check ("10.10.20.30 GET /", "10.10.20.30 GET /", FLUO_LOG_PLAIN);
  check ("INFO", "INFO", FLUO_LOG_PLAIN);
  check ("", "", FLUO_LOG_PLAIN);
  check ("\n\n  ", "", FLUO_LOG_PLAIN);
}

/* A line of a megabyte is cut, and never within a character. */
static void
test_long (void)
{
  g_autoptr (GString) message = g_string_new ("x");
  g_autofree char *text = NULL;

  while (message->len < 1024 * 1024)
    g_string_append (message, "\xe2\x82\xac");
  text = fluo_log_message_dup_text (message->str, NULL);
  g_assert_cmpuint (strlen (text), <=, FLUO_LOG_TEXT_MAX);
  g_assert_cmpuint (strlen (text), >, FLUO_LOG_TEXT_MAX - 4);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static const char document[] =
  "{\"trace_id\":\"1-6a866ac0-0123456789abcdef01234567\",\"id\":\"00000000000000a1\","
  "\"name\":\"payments\",\"start_time\":1787220672.5,\"end_time\":1787220674.5,\"fault\":true,"
  "\"subsegments\":[{\"id\":\"00000000000000a2\",\"name\":\"bank\",\"start_time\":1787220673,"
  "\"end_time\":1787220674,\"fault\":true,\"cause\":{\"exceptions\":[{\"id\":\"00000000000000e1\","
  "\"type\":\"TimeoutError\",\"message\":\"no answer\",\"stack\":[{\"path\":\"bank.py\",\"line\":88"
  ",\"label\":\"charge\"}]}]},\"metadata\":{\"otel\":{\"events\":[{\"time\":1787220673.25,\"name\":"
  "\"connected\"},{\"time\":1787220673.75,\"name\":\"exception\"}]}}}]}";

static void
test_of_trace (void)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static (document, sizeof document - 1);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (FluoTraceLines) lines = NULL;
  g_autofree char *text = NULL, *json = NULL;
  const FluoTraceLine *first, *second;

  g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
  lines = fluo_trace_lines_new_of_trace (trace);
  g_assert_cmpuint (lines->lines->len, ==, 2);
  first = g_ptr_array_index (lines->lines, 0);
  second = g_ptr_array_index (lines->lines, 1);
  g_assert_cmpstr (first->text, ==, "connected");
  g_assert_cmpstr (second->text, ==, "TimeoutError: no answer");
  g_assert_cmpint (second->level, ==, FLUO_LOG_ERROR);
  /* The exception is told at its event, once. */
  g_assert_cmpint (second->time_ns, ==, G_GINT64_CONSTANT (1787220673750000000));
  g_assert_cmpuint (second->span, ==, 1);
  g_assert_nonnull (strstr (second->message, "bank.py:88  charge"));
  g_assert_cmpuint (fluo_trace_lines_count (lines, FLUO_LOG_ERROR), ==, 1);

  /* The call that ran then; outside it, the segment. */
  g_assert_cmpuint (
    fluo_trace_lines_find_call (trace, 0, G_GINT64_CONSTANT (1787220673500000000)), ==, 1);
  g_assert_cmpuint (
    fluo_trace_lines_find_call (trace, 0, G_GINT64_CONSTANT (1787220672600000000)), ==, 0);

  text = fluo_trace_lines_to_text (lines, NULL, trace);
  g_assert_nonnull (strstr (text, "ERROR\tpayments\tTimeoutError: no answer"));
  json = fluo_trace_lines_to_json (lines, NULL, trace);
  g_assert_nonnull (strstr (json, "\"level\":\"ERROR\""));
  g_assert_nonnull (strstr (json, "\"span\":\"00000000000000a2\""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/lines/message", test_message);
  g_test_add_func ("/core/lines/long", test_long);
  g_test_add_func ("/core/lines/of-trace", test_of_trace);
  return g_test_run ();
}

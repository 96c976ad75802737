/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment-private.h"
#include "fluo-test-util.h"

#define OK (-1)
#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define HEAD "\"name\":\"a\",\"id\":\"00000000000000aa\"," TRACE
#define TIMES "\"start_time\":1600000000.5,\"end_time\":1600000001"

/* What is refused and what is flagged: test-nasty.c. */

static void
check (const char *text, gsize length, int code, guint warnings, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  FluoSegmentHead head = { 0 };
  gboolean valid = fluo_segment_head_parse (text, length, &head, &found, &error);

  if (code == OK)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (head.warnings & ~(guint) FLUO_SEGMENT_WARNING_FUTURE, ==, warnings);
      g_assert_cmpint (head.end_ns, >=, head.start_ns);
      g_assert_cmpint (head.start_ns, >=, FLUO_TIME_MIN_NS);
      g_assert_cmpint (head.end_ns, <=, FLUO_TIME_MAX_NS);
    }
  else
    {
      g_assert_error (error, FLUO_SEGMENT_ERROR, code);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  g_assert_cmpint (valid, ==, code == OK);
  g_assert_cmpstr (found, ==, id);
}

static void
test_head (void)
{
  const char *text = "{\"parent_id\":\"00000000000000bb\"," HEAD "," TIMES "}";
  FluoSegmentHead head = { 0 };

  g_assert_true (fluo_segment_head_parse (text, strlen (text), &head, NULL, NULL));
  g_assert_cmphex (head.id, ==, 0xaa);
  g_assert_cmphex (head.parent_id, ==, 0xbb);
  g_assert_cmpint (head.start_ns, ==, G_GINT64_CONSTANT (1600000000500000000));
  g_assert_cmpint (head.end_ns, ==, G_GINT64_CONSTANT (1600000001000000000));
  g_assert_false (head.in_progress);
  g_assert_false (head.subsegment);
}

static void
test_future (void)
{
  const char *text = "{" HEAD ",\"start_time\":8000000000,\"end_time\":8000000001}";
  FluoSegmentHead head = { 0 };

  g_assert_true (fluo_segment_head_parse (text, strlen (text), &head, NULL, NULL));
  g_assert_cmpuint (head.warnings, ==, FLUO_SEGMENT_WARNING_FUTURE);
}

static void
test_code_names (void)
{
  g_assert_cmpstr (fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_PARSE), ==, "ParseError");
  g_assert_cmpstr (
    fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_IN_PROGRESS_SUBSEGMENT_HAS_END_TIME), ==,
    "InProgressSubsegmentHasEndTime");
  g_assert_cmpstr (fluo_segment_error_get_code (FLUO_SEGMENT_ERROR_INVALID), ==, "InvalidSegment");
}

static void
check_file (const char *name, guint expected)
{
  g_autofree char *relative = g_build_filename ("segments", name, NULL),
                  *path = fluo_test_data (relative);
  gsize length = 0;
  g_autofree char *text = fluo_test_read (path, &length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = 0;

  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (lines[i], strlen (lines[i]));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
      g_autofree char *document =
        fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "document"));

      g_assert_nonnull (document);
      check (document, strlen (document), OK, 0, NULL);
      n++;
    }
  g_assert_cmpuint (n, ==, expected);
}

static void
test_real_sdks (void)
{
  check_file ("sdk-node.jsonl", 48);
  check_file ("sdk-python.jsonl", 140);
}

/* Documents of one file are read with one scanner, which tries the keys that it met before. What it
 * finds must not depend on what came earlier: other orders, escaped keys, white space, keys that
 * begin like the expected one. */
static void
test_order_of_keys (void)
{
  static const char *const documents[] = {
    "{" HEAD "," TIMES "}",
    "{" TIMES "," HEAD ",\"http\":{\"response\":{\"status\":503},"
    "\"request\":{\"url\":\"u\"}}}",
    "{ \"name\" : \"b\" , \"id\":\"00000000000000ab\", " TRACE "," TIMES "}",
    "{\"names\":\"x\",\"n\\u0061me\":\"c\",\"id\":\"00000000000000ac\"," TRACE ","
    TIMES "}",
    "{" HEAD "," TIMES ",\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"v\"},"
    "\"response\":{\"status\":200}},\"subsegments\":["
    "{\"name\":\"d\",\"id\":\"00000000000000ad\"," TIMES ",\"aws\":{\"operation\":\"o\"}},"
    "{\"id\":\"00000000000000ae\",\"name\":\"e\"," TIMES "}]}",
    "{" HEAD "," TIMES ",\"cause\":{\"id\":\"f\"},\"links\":[{\"id\":\"00000000000000af\"}]}",
    "{\"id\":\"00000000000000a0\",\"id\":\"00000000000000a1\",\"name\":\"g\"," TRACE ","
    TIMES "}",
  };
  FluoSegmentScan used;

  fluo_segment_scan_init (&used);
  for (guint i = 0; i < G_N_ELEMENTS (documents) * G_N_ELEMENTS (documents); i++)
    {
      const char *before = documents[i / G_N_ELEMENTS (documents)];
      const char *text = documents[i % G_N_ELEMENTS (documents)];
      FluoSegmentScan fresh;

      fluo_segment_scan_init (&fresh);
      g_assert_true (fluo_segment_scan (&used, before, strlen (before), 0, NULL));
      g_assert_true (fluo_segment_scan (&used, text, strlen (text), 0, NULL));
      g_assert_true (fluo_segment_scan (&fresh, text, strlen (text), 0, NULL));
      g_assert_cmpuint (used.warnings, ==, fresh.warnings);
      g_assert_cmpmem (used.records->data, used.records->len * sizeof (FluoSegmentRecord),
                       fresh.records->data, fresh.records->len * sizeof (FluoSegmentRecord));
      fluo_segment_scan_clear (&fresh);
    }
  fluo_segment_scan_clear (&used);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segment/head", test_head);
  g_test_add_func ("/segment/future", test_future);
  g_test_add_func ("/segment/code-names", test_code_names);
  g_test_add_func ("/segment/real-sdks", test_real_sdks);
  g_test_add_func ("/segment/order-of-keys", test_order_of_keys);
  return g_test_run ();
}

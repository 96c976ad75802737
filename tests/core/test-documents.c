/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "core/fluo-span-detail.h"
#include "core/fluo-trace-documents.h"
#include "fluo-test-util.h"

#define A "1-5f84c7a5-0123456789abcdef01234567"
#define B "1-5f84c7a5-ffff456789abcdef01234567"

static GPtrArray *
parse (const char *text, guint *ret_refused, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return fluo_trace_documents_parse (bytes, 10, ret_refused, error);
}

static char *
document (const char *trace_id, guint id, const char *more)
{
  return g_strdup_printf ("{\"trace_id\":\"%s\",\"id\":\"%016x\",\"name\":\"n%u\",\"start_time\":"
                          "1600000000.5,\"end_time\":1600000001%s}",
                          trace_id, id, id, more);
}

/* Whatever the shape, the same two traces come out of it. */
static void
check_two (const char *text, guint expected_refused)
{
  g_autoptr (GError) error = NULL;
  guint refused = 99, n;
  g_autoptr (GPtrArray) traces = parse (text, &refused, &error);
  FluoTrace *first;
  FluoSpanDetail *detail;

  g_assert_no_error (error);
  g_assert_cmpuint (traces->len, ==, 2);
  g_assert_cmpuint (refused, ==, expected_refused);
  first = g_ptr_array_index (traces, 0);
  fluo_trace_get_spans (first, &n);
  g_assert_cmpuint (n, ==, 2);
  /* The raw slices are those of the documents, wherever these stand in the file. */
  detail = fluo_span_detail_new (first, fluo_trace_find (first, 2));
  g_assert_cmpstr (detail->name, ==, "n2");
  g_assert_cmpstr (detail->user, ==, "}\\\"{ ]");
  fluo_span_detail_free (detail);
  fluo_trace_get_spans (g_ptr_array_index (traces, 1), &n);
  g_assert_cmpuint (n, ==, 1);
}

static void
test_shapes (void)
{
  g_autofree char *one = document (A, 1, ""), *other = document (B, 3, "");
  g_autofree char *two =
    document (A, 2, ",\"parent_id\":\"0000000000000001\",\"user\":\"}\\\\\\\"{ ]\"");
  g_autofree char *array = g_strdup_printf (" [%s , %s,\n%s]\n", one, two, other);
  g_autofree char *broken =
    g_strdup_printf ("[%s,%s,{\"trace_id\":\"}\",\"id\":7,\"x\":{}},%s]", one, two, other);
  g_autofree char *cut = g_strdup_printf ("[%s,%s,%s,{\"trace_id\":\"1-5f", one, two, other);
  g_autofree char *lines = g_strdup_printf (
    "{\"format\": \"json\", \"version\": 1}\n%s\n\n%s\n%s", one, two, other);

  check_two (array, 0);
  check_two (broken, 1);
  /* What ends too early is told, and what stands before is kept. */
  check_two (cut, 2);
  check_two (lines, 0);
}

static void
test_answer (void)
{
  g_autofree char *escaped_text = document (A, 1, "");
  g_autofree char *escaped = g_strescape (escaped_text, NULL);
  g_autofree char *trace = g_strdup_printf (
    "{\"Id\":\"" A "\",\"Segments\":[{\"Id\":\"0000000000000001\",\"Document\":\"%s\"},"
    "{\"Document\":\"{\\\"id\\\":\\\"0000000000000002\\\",\\\"name\\\":\\\"bare\\\","
    "\\\"start_time\\\":1600000000.5,\\\"end_time\\\":1600000001}\"},{\"Document\":7}]}",
    escaped);
  g_autofree char *answer = g_strdup_printf ("{\"Traces\":[%s],\"NextToken\":null}", trace);
  const char *const texts[] = { trace, answer };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) traces = parse (texts[i], NULL, &error);
      guint n;

      g_assert_no_error (error);
      g_assert_cmpuint (traces->len, ==, 1);
      /* A document without trace_id belongs to the trace that it stands under. */
      fluo_trace_get_spans (g_ptr_array_index (traces, 0), &n);
      g_assert_cmpuint (n, ==, 2);
    }
}

static void
test_nothing (void)
{
  static const char *const texts[] = { "", " ", "[]", "[", "[1]", "{}", "nonsense", "{\"a\":",
                                       "\"\\\\\\", "{\"Traces\":[]}", "[{", "[{\"a\":\"\\" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (texts[i], NULL, &error));
      g_assert_nonnull (error);
    }
}

static void
test_limit (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *id = g_strdup_printf ("1-5f84c7a5-%024x", i);
      g_autofree char *one = document (id, i + 1, "");

      g_string_append_printf (text, "%s%s", i ? "," : "", one);
    }
  g_string_append_c (text, ']');
  bytes = g_bytes_new (text->str, text->len);
  traces = fluo_trace_documents_parse (bytes, 7, NULL, NULL);
  g_assert_cmpuint (traces->len, ==, 7);
}

/* Times in every form that JSON has for them. */
static void
test_times (void)
{
  static const struct { const char *text; gint64 ns; } times[] = {
    { "1600000000", 1600000000 * FLUO_NSEC_PER_SEC },
    { "1600000000.000000001", 1600000000 * FLUO_NSEC_PER_SEC + 1 },
    { "1600000000.25", 1600000000 * FLUO_NSEC_PER_SEC + 250000000 },
    { "1600000000.2500000004", 1600000000 * FLUO_NSEC_PER_SEC + 250000000 },
    { "1600000000.2500000005", 1600000000 * FLUO_NSEC_PER_SEC + 250000001 },
    { "1.6e9", 1600000000 * FLUO_NSEC_PER_SEC },
    { "160000000025e-2", 1600000000 * FLUO_NSEC_PER_SEC + 250000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *text = g_strdup_printf (
        "{\"trace_id\":\"" A "\",\"id\":\"0000000000000001\",\"name\":\"n\",\"start_time\":%s,"
        "\"end_time\":1600000009}",
        times[i].text);
      g_autoptr (GPtrArray) traces = parse (text, NULL, NULL);

      g_assert_nonnull (traces);
      g_assert_cmpint (
        fluo_trace_get_spans (g_ptr_array_index (traces, 0), NULL)->start_ns, ==, times[i].ns);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/documents/shapes", test_shapes);
  g_test_add_func ("/documents/answer", test_answer);
  g_test_add_func ("/documents/nothing", test_nothing);
  g_test_add_func ("/documents/limit", test_limit);
  g_test_add_func ("/documents/times", test_times);
  return g_test_run ();
}

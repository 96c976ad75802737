/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "core/fluo-span-detail.h"
#include "core/fluo-trace-documents.h"
#include "documents-outcome.h"
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

/* --- In parts ---------------------------------------------------------------- */

#define N_RANDOM_LISTS 400
#define N_LARGE_LISTS 3

/* A document with few ids (@n_ids), so that versions of one meet; some hold what looks like a
 * document, and some are none. */
static void
append_random_document (GString *text, GRand *random, gint n_ids, guint depth)
{
  static const char *const more[] = {
    "", ",\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://a/b\"}}",
    ",\"user\":\",{\\\"trace_id\\\":\\\"" A "\\\"}\"",
    ",\"namespace\":\"remote\"", ",\"service\":{\"version\":\"7\"}", ",\"fault\":true",
    ",\"metadata\":[1,{\"trace_id\":\"" A "\",\"id\":\"0000000000000001\",\"name\":\"in\","
    "\"start_time\":1,\"end_time\":2},{\"trace_id\":\"" B "\"}]",
    ",\"links\":[{\"trace_id\":\"" B "\",\"id\":\"0000000000000001\"}]", ",\"parent_id\":7",
    ",\"user\":\"\\", ",\"origin\":\"AWS::EC2::Instance\"",
  };
  guint id = (guint) g_rand_int_range (random, 1, n_ids + 1);

  g_string_append (text, "{");
  if (depth == 0 && g_rand_int_range (random, 0, 20) > 0)
    g_string_append_printf (text, "\"trace_id\":\"1-5f84c7a5-%024x\",",
                            g_rand_int_range (random, 0, 4));
  g_string_append_printf (text, "\"id\":\"%016x\",\"name\":\"n%u\",\"start_time\":16%08u", id,
                          id + depth, g_rand_int_range (random, 0, 9));
  g_string_append (text, g_rand_boolean (random) ? ",\"end_time\":1700000000"
                                                 : ",\"in_progress\":true");
  if (g_rand_boolean (random))
    g_string_append_printf (text, ",\"parent_id\":\"%016x\"",
                            g_rand_int_range (random, 1, n_ids + 1));
  g_string_append (text, more[g_rand_int_range (random, 0, G_N_ELEMENTS (more))]);
  if (depth < 3 && g_rand_boolean (random))
    {
      guint n = (guint) g_rand_int_range (random, 0, 4);

      g_string_append (text, ",\"subsegments\":[");
      for (guint i = 0; i < n; i++)
        {
          g_string_append (text, i ? "," : "");
          append_random_document (text, random, n_ids, depth + 1);
        }
      g_string_append (text, "]");
    }
  g_string_append (text, "}");
}

/* A list of @n documents, in one of its shapes, now and then one that ends too early. */
static GBytes *
make_random_list (guint seed, guint n, gint n_ids)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GString *text = g_string_new (seed % 3 ? "[" : "{\"format\":\"json\"}\n");

  for (guint i = 0; i < n; i++)
    {
      g_string_append (text, i == 0 ? "" : seed % 3 ? (seed % 2 ? ",\n" : ",") : "\n");
      append_random_document (text, random, n_ids, 0);
    }
  g_string_append (text, seed % 3 ? "]" : "");
  if (seed % 11 == 0)
    g_string_truncate (text, text->len / 3 * 2);
  return g_string_free_to_bytes (text);
}

/* In how many parts a list is read does not change what comes of it, whatever is in it. Returns
 * whether there are traces in it. */
static gboolean
check_parts (GBytes *bytes, guint traces_max)
{
  g_autofree char *expected = documents_outcome (bytes, traces_max, 1);

  for (guint n_parts = 2; n_parts <= 5; n_parts++)
    {
      g_autofree char *found = documents_outcome (bytes, traces_max, n_parts);

      g_assert_cmpstr (found, ==, expected);
    }
  return strstr (expected, "no error") != NULL;
}

static void
test_parts (void)
{
  guint n_with_traces = 0;

  for (guint seed = 0; seed < N_RANDOM_LISTS; seed++)
    {
      g_autoptr (GBytes) bytes = make_random_list (seed, seed % 30 + 1, 13);

      n_with_traces += check_parts (bytes, seed % 5 + 1);
    }
  g_assert_cmpuint (n_with_traces, >, N_RANDOM_LISTS / 2);
}

/* So many calls that what a part found is handed over instead of copied. In lines, since an array
 * ends with the first document that is none. */
static void
test_large_parts (void)
{
  for (guint seed = 1; seed <= N_LARGE_LISTS; seed++)
    {
      g_autoptr (GBytes) bytes = make_random_list (seed * 3, 6000, 30000);

      g_assert_true (check_parts (bytes, 4));
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
  g_test_add_func ("/documents/parts", test_parts);
  g_test_add_func ("/documents/large-parts", test_large_parts);
  return g_test_run ();
}

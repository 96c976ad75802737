/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment-split.h"
#include "core/fluo-segment.h"
#include "core/fluo-trace.h"
#include "fluo-test-util.h"

#define ID "1-6a86d2b0-51696fd2dd2b00ce5c4b5551"

static FluoTraceId
trace_id (void)
{
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  return id;
}

static void
add_subsegments (GString *text, guint depth, guint n, guint *next_id)
{
  g_string_append (text, ",\"subsegments\":[");
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (text,
                              "%s{\"id\":\"%016x\",\"name\":\"call %u of %u\",\"start_time\":"
                              "%u.%02u,"
                              "\"end_time\":1787220700,\"namespace\":\"remote\",\"annotations\":{"
                              "\"i\":%u,\"text\":\"\\u00fc \\\"quoted\\\"\"}",
                              i > 0 ? "," : "", (*next_id)++, i, depth, 1787220656 + depth, i % 100,
                              i);
      if (depth > 0)
        add_subsegments (text, depth - 1, n, next_id);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
}

/* As BatchGetTraces gives it: everything in one, without trace_id. */
static GBytes *
folded_segment (guint depth, guint n)
{
  GString *text = g_string_new ("{\"id\":\"00000000ffffffff\",\"name\":\"web\",\"start_time\":"
                                "1787220656,\"end_time\":1787220700,\"metadata\":{\"a\":{\"b\":[1,"
                                "2.50,\"x\"]}}");
  guint next_id = 1;

  add_subsegments (text, depth, n, &next_id);
  g_string_append_c (text, '}');
  return g_string_free_to_bytes (text);
}

static FluoTrace *
assemble (GPtrArray *documents)
{
  const FluoTraceId id = trace_id ();
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (&id);

  for (guint i = 0; i < documents->len; i++)
    {
      g_autoptr (GError) error = NULL;

      fluo_trace_builder_add (builder, g_ptr_array_index (documents, i), &error);
      g_assert_no_error (error);
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

/* Rows in the same order with the same names, times and depths are the same picture. */
static void
check_same (FluoTrace *whole, FluoTrace *parts)
{
  guint n_whole, n_parts;
  const FluoSpan *a = fluo_trace_get_spans (whole, &n_whole);
  const FluoSpan *b = fluo_trace_get_spans (parts, &n_parts);

  g_assert_cmpuint (n_parts, ==, n_whole);
  for (guint i = 0; i < n_whole; i++)
    {
      g_assert_cmphex (b[i].id, ==, a[i].id);
      g_assert_cmpint (b[i].start_ns, ==, a[i].start_ns);
      g_assert_cmpint (b[i].end_ns, ==, a[i].end_ns);
      g_assert_cmpuint (b[i].depth, ==, a[i].depth);
      g_assert_cmpuint (b[i].parent, ==, a[i].parent);
      g_assert_cmpstr (fluo_trace_get_string (parts, b[i].name), ==,
                       fluo_trace_get_string (whole, a[i].name));
      g_assert_cmphex (b[i].flags & FLUO_SPAN_HAS_ANNOTATIONS, ==,
                       a[i].flags & FLUO_SPAN_HAS_ANNOTATIONS);
    }
}

static void
test_large (void)
{
  const FluoTraceId id = trace_id ();

  for (guint depth = 0; depth < 4; depth++)
    {
      g_autoptr (GBytes) document = folded_segment (depth, depth == 0 ? 2000 : depth == 1 ? 40 : 7);
      g_autoptr (GPtrArray) parts = fluo_segment_split (document, &id, FLUO_DOCUMENT_SIZE_MAX);
      g_autoptr (GPtrArray) one = g_ptr_array_new ();
      g_autoptr (FluoTrace) whole = NULL, again = NULL;

      g_assert_cmpuint (g_bytes_get_size (document), >, FLUO_DOCUMENT_SIZE_MAX);
      g_assert_cmpuint (parts->len, >, 1);
      for (guint i = 0; i < parts->len; i++)
        {
          gsize length;
          const char *text = g_bytes_get_data (g_ptr_array_index (parts, i), &length);
          g_autofree char *found = NULL;
          g_autoptr (GError) error = NULL;
          FluoSegmentHead head;

          /* What X-Ray takes from an SDK, and small enough for it. */
          fluo_segment_head_parse (text, length, &head, &found, &error);
          g_assert_no_error (error);
        }
      g_ptr_array_add (one, document);
      whole = assemble (one);
      again = assemble (parts);
      check_same (whole, again);
    }
}

static void
test_small (void)
{
  const FluoTraceId id = trace_id ();
  g_autoptr (GBytes) document = folded_segment (0, 3);
  g_autoptr (GPtrArray) parts = fluo_segment_split (document, &id, FLUO_DOCUMENT_SIZE_MAX);
  const char *text;
  gsize length;

  g_assert_cmpuint (parts->len, ==, 1);
  text = g_bytes_get_data (g_ptr_array_index (parts, 0), &length);
  g_assert_true (g_str_has_prefix (text, "{\"trace_id\":\"" ID "\",\"id\":\"00000000ffffffff\""));
  /* Numbers keep the digits they came with. */
  g_assert_nonnull (g_strstr_len (text, (gssize) length, "2.50"));
}

static void
test_nonsense (void)
{
  static const char *const texts[] = { "", "[]", "{", "7", "{\"a\":1}x" };
  const FluoTraceId id = trace_id ();

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) document = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GPtrArray) parts = fluo_segment_split (document, &id, 100);

      g_assert_cmpuint (parts->len, ==, 0);
    }
  {
    /* What can't be made smaller ends, too. */
    g_autoptr (GBytes) document = folded_segment (2, 3);
    g_autoptr (GPtrArray) parts = fluo_segment_split (document, &id, 1);

    g_assert_cmpuint (parts->len, ==, 1 + 3 + 9 + 27);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/segment-split/large", test_large);
  g_test_add_func ("/core/segment-split/small", test_small);
  g_test_add_func ("/core/segment-split/nonsense", test_nonsense);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <string.h>

#include "core/fluo-segment.h"
#include "core/fluo-trace-private.h"
#include "core/fluo-trace-summary.h"

/* A trace as SDKs send it: services of 50 spans each, a remote call in each leading to the next;
 * documents of about 10 KB with http blocks, annotations and metadata. */
#define SPANS_A_DOCUMENT 50

typedef struct
{
  GPtrArray *documents; /* GBytes */
  gsize      bytes;
} Generated;

static char *
make_document (guint i)
{
  GString *text = g_string_new (NULL);
  guint base = i * SPANS_A_DOCUMENT + 1;

  g_string_append_printf (text,
                          "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"%016x\","
                          "\"name\":\"service-%u\","
                          "\"start_time\":1600000000.%06u,\"end_time\":1600000009.%06u,\"origin\":"
                          "\"AWS::ECS::Container\",",
                          base, i % 23, i, 999999 - i);
  if (i > 0)
    g_string_append_printf (text, "\"parent_id\":\"%016x\",", base - SPANS_A_DOCUMENT + 1 + i % 40);
  g_string_append_printf (
    text,
    "\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://service-%u.example.com/orders/"
    "%u\","
    "\"user_agent\":\"bench/1.0\"},\"response\":{\"status\":200,\"content_length\":1234}},"
    "\"annotations\":{\"tier\":\"gold\",\"order\":%u},\"metadata\":{\"default\":{\"note\":"
    "\"gr\303\274n and plain "
    "text of some length, as a program would put here\"}},\"subsegments\":[",
    i % 23, i, i);
  for (guint k = 1; k < SPANS_A_DOCUMENT; k++)
    g_string_append_printf (text,
                            "%s{\"id\":\"%016x\",\"name\":\"step-%u\",\"start_time\":1600000000.%"
                            "06u,\"end_time\":1600000000.%06u,"
                            "\"namespace\":\"remote\",\"http\":{\"request\":{\"method\":\"GET\","
                            "\"url\":\"https://h.example.com/a/%u?b=c\"},"
                            "\"response\":{\"status\":200}}}",
                            k > 1 ? "," : "", base + k, k % 7, i + k * 1000, i + k * 1000 + 900, k);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static Generated
generate (guint n_spans)
{
  Generated out = { g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref), 0 };

  for (guint i = 0; i < n_spans / SPANS_A_DOCUMENT; i++)
    {
      char *text = make_document (i);
      gsize length = strlen (text);

      out.bytes += length;
      g_ptr_array_add (out.documents, g_bytes_new_take (text, length));
    }
  return out;
}

static double
megabytes_a_second (const Generated *input, double since)
{
  return (double) input->bytes / 1e6 / (fluo_bench_now () - since);
}

static double
validate_utf8 (gpointer data)
{
  const Generated *input = data;
  double since = fluo_bench_now ();

  for (guint i = 0; i < input->documents->len; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (g_ptr_array_index (input->documents, i), &length);

      g_assert_true (g_utf8_validate (text, (gssize) length, NULL));
    }
  return megabytes_a_second (input, since);
}

static double
scan (gpointer data)
{
  const Generated *input = data;
  double since = fluo_bench_now ();

  for (guint i = 0; i < input->documents->len; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (g_ptr_array_index (input->documents, i), &length);

      g_assert_true (fluo_json_validate (text, length, NULL));
    }
  return megabytes_a_second (input, since);
}

static double
parse_heads (gpointer data)
{
  const Generated *input = data;
  double since = fluo_bench_now ();

  for (guint i = 0; i < input->documents->len; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (g_ptr_array_index (input->documents, i), &length);
      FluoSegmentHead head;

      g_assert_true (fluo_segment_head_parse (text, length, &head, NULL, NULL));
    }
  return megabytes_a_second (input, since);
}

static double
scan_ms (gpointer data)
{
  double since = fluo_bench_now ();

  scan (data);
  return (fluo_bench_now () - since) * 1000;
}

static FluoTrace *
assemble (const Generated *input)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; i < input->documents->len; i++)
    g_assert_true (fluo_trace_builder_add (builder, g_ptr_array_index (input->documents, i), NULL));
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static double
assemble_ms (gpointer data)
{
  double since = fluo_bench_now (), spent;
  FluoTrace *trace = assemble (data);

  spent = (fluo_bench_now () - since) * 1000;
  fluo_trace_unref (trace);
  return spent;
}

static double
summarize_ms (gpointer data)
{
  double since = fluo_bench_now ();

  fluo_trace_summary_unref (fluo_trace_summary_from_trace (data));
  return (fluo_bench_now () - since) * 1000;
}

static double
critical_ms (gpointer data)
{
  FluoTrace *trace = data;
  double since;

  g_clear_pointer (&trace->path, g_array_unref);
  since = fluo_bench_work_ms ();
  fluo_trace_compute_critical_path (trace);
  return fluo_bench_work_ms () - since;
}

/* A root that calls one after the other, and each of those two more: all of it is waited for. */
static FluoTrace *
make_waited_for (guint n_spans)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; i < n_spans; i++)
    {
      guint parent = i == 0 ? 0 : i % 3 == 1 ? 1 : i - (i - 1) % 3 + 1;
      guint begin = i == 0 ? 0 : i / 3 * 30 + (i % 3 == 1 ? 10 : i % 3 == 2 ? 12 : 22);
      guint end = i == 0 ? n_spans * 10 + 100 : begin + (i % 3 == 1 ? 28 : 9);
      char *text = g_strdup_printf (
        "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"%016x\",\"name\":\"a\","
        "\"start_time\":%u.%06u,\"end_time\":%u.%06u%s%016x\"}",
        i + 1, 1600000000 + begin / 1000000, begin % 1000000, 1600000000 + end / 1000000,
        end % 1000000, parent > 0 ? ",\"parent_id\":\"" : ",\"user\":\"", parent);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

/* The critical path costs ten times as much for ten times the spans. */
static void
bench_critical (FluoBench *bench)
{
  double base = 0;

  for (guint n = 10000; n <= 1000000; n *= 10)
    {
      g_autofree char *name = g_strdup_printf ("core/critical-%u-spans", n);
      g_autofree char *base_name = g_strdup_printf ("10 x critical-%u", n / 10);
      g_autoptr (FluoTrace) trace = make_waited_for (n);

      g_assert_cmpuint (trace->path->len, >=, n / 2);
      base = fluo_bench_run_vs (bench, name, "ms", critical_ms, trace, base * 10,
                                base > 0 ? base_name : NULL);
    }
}

static void
bench_trace (FluoBench *bench, guint n_spans)
{
  Generated input = generate (n_spans);
  g_autofree char *scan_name = g_strdup_printf ("core/scan-%u-spans", n_spans);
  g_autofree char *assemble_name = g_strdup_printf ("core/assemble-%u-spans", n_spans);
  g_autofree char *summary_name = g_strdup_printf ("core/summary-%u-spans", n_spans);
  g_autoptr (FluoTrace) trace = assemble (&input);
  double base;

  base = fluo_bench_run (bench, scan_name, "ms", scan_ms, &input);
  fluo_bench_run_vs (bench, assemble_name, "ms", assemble_ms, &input, base, "scan alone");
  fluo_bench_run_vs (bench, summary_name, "ms", summarize_ms, trace, base, "scan alone");
  g_ptr_array_unref (input.documents);
}

void
fluo_bench_core (FluoBench *bench)
{
  Generated input = generate (20000);
  double base;

  base = fluo_bench_run (bench, "core/g_utf8_validate", "MB/s", validate_utf8, &input);
  fluo_bench_run_vs (bench, "core/json-scan", "MB/s", scan, &input, base, "g_utf8_validate");
  fluo_bench_run_vs (bench, "core/segment-head", "MB/s", parse_heads, &input, base,
                     "g_utf8_validate");
  g_ptr_array_unref (input.documents);
  bench_trace (bench, 10000);
  bench_trace (bench, 100000);
  bench_critical (bench);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include "graph/fluo-service-graph.h"

#define MINUTES 360        /* the longest range that one service graph may cover */
#define TRACES_A_MINUTE 40
#define SERVICES 50

/* --- Service graph -------------------------------------------------------- */

/* One request through three services, with a table behind the last. */
static FluoTrace *
make_trace (guint i)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint k = 0; k < 3; k++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GBytes) bytes = NULL;
      const char *call = k < 2 ? "\"name\":\"next\",\"namespace\":\"remote\""
                               : "\"name\":\"DynamoDB\",\"namespace\":\"aws\",\"aws\":{"
                                 "\"operation\":\"Query\",\"table_name\":\"pets\"}";

      g_string_append_printf (text,
                              "{\"trace_id\":\"1-6553f100-0000000000000000000000%02x\",\"id\":\"%"
                              "016x\",\"name\":\"service-%u\","
                              "\"start_time\":%u.%03u,\"end_time\":%u.%03u,",
                              i % 256, 2 * k + 1, (i + k * 7) % SERVICES, 1700000000 + i, k,
                              1700000001 + i, (i * 37 + k * 11) % 1000);
      if (k > 0)
        g_string_append_printf (text, "\"parent_id\":\"%016x\",", 2 * k);
      g_string_append_printf (
        text, "\"subsegments\":[{\"id\":\"%016x\",%s,\"start_time\":%u.01,\"end_time\":%u.%03u}]}",
        2 * k + 2, call, 1700000000 + i, 1700000000 + i, 100 + (i * 31) % 900);
      bytes = g_bytes_new (text->str, text->len);
      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static double
add_us (gpointer data)
{
  GPtrArray *traces = data;
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  double since = fluo_bench_now ();

  for (guint i = 0; i < traces->len; i++)
    fluo_service_graph_add_trace (graph, g_ptr_array_index (traces, i), 1);
  return (fluo_bench_now () - since) * 1e6 / traces->len;
}

static double
read_ms (gpointer data)
{
  GPtrArray *minutes = data;
  double since = fluo_bench_now ();

  for (guint i = 0; i < minutes->len; i++)
    fluo_service_graph_unref (fluo_service_graph_from_bytes (g_ptr_array_index (minutes, i), NULL));
  return (fluo_bench_now () - since) * 1000;
}

static double
sum_ms (gpointer data)
{
  GPtrArray *minutes = data;
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  double since = fluo_bench_now ();

  for (guint i = 0; i < minutes->len; i++)
    {
      g_autoptr (FluoServiceGraph) part =
        fluo_service_graph_from_bytes (g_ptr_array_index (minutes, i), NULL);

      fluo_service_graph_merge (graph, part);
    }
  return (fluo_bench_now () - since) * 1000;
}

static void
bench_minutes (FluoBench *bench)
{
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_unref);
  g_autoptr (GPtrArray) minutes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  double base;

  for (guint i = 0; i < MINUTES * TRACES_A_MINUTE; i++)
    g_ptr_array_add (traces, make_trace (i));
  for (guint m = 0; m < MINUTES; m++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();

      for (guint i = 0; i < TRACES_A_MINUTE; i++)
        fluo_service_graph_add_trace (graph, g_ptr_array_index (traces, m * TRACES_A_MINUTE + i),
                                      1);
      g_ptr_array_add (minutes, fluo_service_graph_to_bytes (graph));
    }
  fluo_bench_run (bench, "graph/add-trace", "us", add_us, traces);
  base = fluo_bench_run_vs (bench, "graph/read-360-minutes", "ms", read_ms, minutes, 30,
                            "a target of 30 ms");
  fluo_bench_run_vs (bench, "graph/sum-360-minutes", "ms", sum_ms, minutes, base,
                     "reading them alone");
}

void
fluo_bench_graph (FluoBench *bench)
{
  bench_minutes (bench);
}

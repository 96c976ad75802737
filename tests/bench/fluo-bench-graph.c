/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <glib/gstdio.h>

#include "core/fluo-json.h"
#include "graph/fluo-graph-layout.h"
#include "graph/fluo-service-graph.h"

#define MINUTES 360        /* the longest range that one service graph may cover */
#define TRACES_A_MINUTE 40
#define SERVICES 50

/* --- Layout --------------------------------------------------------------- */

typedef struct
{
  GArray *nodes; /* FluoLayoutNode */
  GArray *edges; /* FluoLayoutEdge */
  char   *dot;   /* the same graph in Graphviz's language: a file */
} Drawing;

static GHashTable *
read_nodes (Drawing *self, const FluoJsonTape *tape, GString *dot)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint32 list = fluo_json_tape_get (tape, 0, "nodes");

  for (guint32 n = fluo_json_tape_first (tape, list); n != FLUO_JSON_NONE;
       n = fluo_json_tape_next (tape, list, n))
    {
      FluoLayoutNode node = { fluo_json_tape_double (tape, fluo_json_tape_get (tape, n, "w"), 0),
                              fluo_json_tape_double (tape, fluo_json_tape_get (tape, n, "h"), 0),
                              0 };

      g_hash_table_insert (ids, fluo_json_tape_dup (tape, fluo_json_tape_get (tape, n, "id")),
                           GUINT_TO_POINTER (self->nodes->len));
      g_string_append_printf (dot, "%u [width=%.2f,height=%.2f];\n", self->nodes->len,
                              node.width / 72, node.height / 72);
      g_array_append_val (self->nodes, node);
    }
  return ids;
}

static gboolean
drawing_load (Drawing *self, const char *name)
{
  g_autofree char *path = g_strconcat (FLUO_BENCH_DATA "/graphs/", name, ".json", NULL);
  g_autoptr (GHashTable) ids = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GString) dot =
    g_string_new ("digraph { rankdir=LR; node [shape=box,fixedsize=true,label=\"\"];\n");
  char *text;
  gsize length;
  guint32 list;
  int fd;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;
  bytes = g_bytes_new_take (text, length);
  tape = fluo_json_tape_new (bytes, NULL);
  self->nodes = g_array_new (FALSE, FALSE, sizeof (FluoLayoutNode));
  self->edges = g_array_new (FALSE, FALSE, sizeof (FluoLayoutEdge));
  ids = read_nodes (self, tape, dot);
  list = fluo_json_tape_get (tape, 0, "edges");
  for (guint32 e = fluo_json_tape_first (tape, list); e != FLUO_JSON_NONE;
       e = fluo_json_tape_next (tape, list, e))
    {
      g_autofree char *from = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, e, "from"));
      g_autofree char *to = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, e, "to"));
      FluoLayoutEdge edge = { GPOINTER_TO_UINT (g_hash_table_lookup (ids, from)),
                              GPOINTER_TO_UINT (g_hash_table_lookup (ids, to)), 1 };

      g_string_append_printf (dot, "%u -> %u;\n", edge.from, edge.to);
      g_array_append_val (self->edges, edge);
    }
  g_string_append (dot, "}\n");
  fd = g_file_open_tmp ("fluo-bench-XXXXXX.dot", &self->dot, NULL);
  return fd >= 0 && g_close (fd, NULL)
         && g_file_set_contents (self->dot, dot->str, (gssize) dot->len, NULL);
}

static void
drawing_clear (Drawing *self)
{
  if (self->dot)
    g_unlink (self->dot);
  g_clear_pointer (&self->dot, g_free);
  g_clear_pointer (&self->nodes, g_array_unref);
  g_clear_pointer (&self->edges, g_array_unref);
}

static FluoGraphLayout *
lay_out (const Drawing *drawing)
{
  static const FluoLayoutOptions options = { 180, 132 };

  return fluo_graph_layout_new ((const FluoLayoutNode *) drawing->nodes->data, drawing->nodes->len,
                                (const FluoLayoutEdge *) drawing->edges->data, drawing->edges->len,
                                &options);
}

static double
layout_ms (gpointer data)
{
  double since = fluo_bench_now (), spent;
  FluoGraphLayout *layout = lay_out (data);

  spent = (fluo_bench_now () - since) * 1000;
  fluo_graph_layout_free (layout);
  return spent;
}

static double
dot_ms (gpointer data)
{
  Drawing *drawing = data;
  const char *argv[] = { "dot", "-Tplain", drawing->dot, NULL };
  double since = fluo_bench_now ();

  g_spawn_sync (NULL, (char **) argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                NULL, NULL, NULL, NULL, NULL);
  return (fluo_bench_now () - since) * 1000;
}

static void
bench_layout (FluoBench *bench, const char *name, gboolean with_dot)
{
  g_autofree char *figure = g_strconcat ("graph/layout-", name, NULL);
  g_autofree char *dot_figure = g_strconcat ("graph/graphviz-dot-", name, NULL);
  g_autofree char *crossings_figure = g_strconcat ("graph/crossings-", name, NULL);
  g_autofree char *program = g_find_program_in_path ("dot");
  Drawing drawing = { 0 };

  if (drawing_load (&drawing, name))
    {
      g_autoptr (FluoGraphLayout) layout = lay_out (&drawing);
      double base =
        with_dot && program ? fluo_bench_run (bench, dot_figure, "ms", dot_ms, &drawing) : 0;
      double crossings = layout->crossings;

      /* A map of any size comes within a bounded time. */
      fluo_bench_run_vs (bench, figure, "ms", layout_ms, &drawing, base > 0 ? base : 2000,
                         base > 0 ? "graphviz dot" : "a limit of 2 s");
      fluo_bench_figure (bench, crossings_figure, "crossings", &crossings, 1, 0, NULL);
    }
  drawing_clear (&drawing);
}

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
  bench_layout (bench, "g30", TRUE);
  bench_layout (bench, "g100", TRUE);
  bench_layout (bench, "g300", TRUE);
  /* Graphviz takes seconds to minutes from here on. */
  bench_layout (bench, "g1000", FALSE);
  bench_layout (bench, "g2000", FALSE);
  bench_minutes (bench);
}

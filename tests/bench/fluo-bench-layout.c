/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

#include "../graph/fluo-drawn-crossings.h"
#include "core/fluo-json.h"
#include "graph/fluo-graph-layout.h"

/* The layout against Graphviz's dot on the same graphs in the same run: time that the processor
 * worked, and crossings counted on the drawn curves of both. Of dot it is the whole program, which
 * one would wait for otherwise, from its start to places and curves as plain text; what it takes
 * for a graph of one edge, which is nearly all its start, is a figure of its own. Its edges have no
 * heads: with them its curves end before the boxes, and what crosses there would not be counted. */

#define DOT_HEAD "digraph { rankdir=LR; node [shape=box,fixedsize=true,label=\"\"];" \
                 " edge [arrowhead=none];\n"

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

/* Writes the graph in Graphviz's language. */
static gboolean
drawing_finish (Drawing *self, GString *dot)
{
  int fd;

  for (guint i = 0; i < self->edges->len; i++)
    {
      const FluoLayoutEdge *edge = &g_array_index (self->edges, FluoLayoutEdge, i);

      g_string_append_printf (dot, "%u -> %u;\n", edge->from, edge->to);
    }
  g_string_append (dot, "}\n");
  fd = g_file_open_tmp ("fluo-bench-XXXXXX.dot", &self->dot, NULL);
  return fd >= 0 && g_close (fd, NULL)
         && g_file_set_contents (self->dot, dot->str, (gssize) dot->len, NULL);
}

static gboolean
drawing_load (Drawing *self, const char *name)
{
  g_autofree char *path = g_strconcat (FLUO_BENCH_DATA "/graphs/", name, ".json", NULL);
  g_autoptr (GHashTable) ids = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GString) dot =
    g_string_new (DOT_HEAD);
  char *text;
  gsize length;
  guint32 list;

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

      g_array_append_val (self->edges, edge);
    }
  return drawing_finish (self, dot);
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
  double since = fluo_bench_work_ms (), spent;
  FluoGraphLayout *layout = lay_out (data);

  spent = fluo_bench_work_ms () - since;
  fluo_graph_layout_free (layout);
  return spent;
}

static double
children_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_CHILDREN, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* Runs dot; @ret_plain (nullable) receives its answer. */
static double
run_dot (const Drawing *drawing, char **ret_plain)
{
  const char *argv[] = { "dot", "-Tplain", drawing->dot, NULL };
  double since = children_ms ();

  g_spawn_sync (NULL, (char **) argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL
                  | (ret_plain ? 0 : G_SPAWN_STDOUT_TO_DEV_NULL),
                NULL, NULL, ret_plain, NULL, NULL, NULL);
  return children_ms () - since;
}

static double
dot_ms (gpointer data)
{
  return run_dot (data, NULL);
}

/* "edge tail head n x1 y1 … xn yn …" in inches. */
static guint
count_dot_crossings (const char *plain)
{
  DrawnCurves curves;
  guint n;

  drawn_curves_init (&curves);
  for (const char *line = plain; line && *line; line = strchr (line, '\n') ? strchr (line, '\n') + 1
                                                                          : NULL)
    {
      g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
      char *at;
      guint64 n_points;

      if (!g_str_has_prefix (line, "edge "))
        continue;
      at = (char *) line + strlen ("edge ");
      g_ascii_strtoull (at, &at, 10);
      g_ascii_strtoull (at, &at, 10);
      n_points = g_ascii_strtoull (at, &at, 10);
      for (guint64 i = 0; i < 2 * n_points; i++)
        {
          double value = g_ascii_strtod (at, &at) * 72;

          g_array_append_val (points, value);
        }
      if (n_points >= 4)
        drawn_curves_add (&curves, (double *) points->data, (guint) n_points, 0);
    }
  n = drawn_curves_count (&curves);
  drawn_curves_clear (&curves);
  return n;
}

static guint
count_crossings (const FluoGraphLayout *layout)
{
  DrawnCurves curves;
  guint n;

  drawn_curves_init (&curves);
  for (guint i = 0; i < layout->n_edges; i++)
    drawn_curves_add (&curves, (double *) layout->routes[i].points->data,
                      layout->routes[i].points->len / 2, FLUO_LAYOUT_RING_RADIUS);
  n = drawn_curves_count (&curves);
  drawn_curves_clear (&curves);
  return n;
}

typedef enum
{
  DOT_NEVER,
  DOT_ONCE, /* it takes minutes */
  DOT_OFTEN
} DotRuns;

static void
bench_drawing (FluoBench *bench, Drawing *drawing, const char *name, double limit_ms, DotRuns dot)
{
  g_autofree char *figure = g_strconcat ("layout/", name, NULL);
  g_autofree char *limit_figure = g_strconcat ("layout/", name, "-limit", NULL);
  g_autofree char *dot_figure = g_strconcat ("layout/dot-", name, NULL);
  g_autofree char *crossings_figure = g_strconcat ("layout/crossings-", name, NULL);
  g_autofree char *dot_crossings_figure = g_strconcat ("layout/dot-crossings-", name, NULL);
  g_autofree char *program = g_find_program_in_path ("dot");
  g_autofree char *plain = NULL;
  g_autoptr (FluoGraphLayout) layout = lay_out (drawing);
  double crossings = count_crossings (layout), dot_crossings = 0, dot_time = 0, ours;

  if (dot != DOT_NEVER && program)
    {
      dot_time = run_dot (drawing, &plain);
      dot_crossings = count_dot_crossings (plain);
      dot_time = dot == DOT_OFTEN
                   ? fluo_bench_run (bench, dot_figure, "ms", dot_ms, drawing)
                   : fluo_bench_figure (bench, dot_figure, "ms", &dot_time, 1, 0, NULL);
      fluo_bench_figure (bench, dot_crossings_figure, "crossings", &dot_crossings, 1, 0, NULL);
    }
  ours = fluo_bench_run_vs (bench, limit_figure, "ms", layout_ms, drawing, limit_ms, "its limit");
  if (dot_time > 0)
    fluo_bench_figure (bench, figure, "ms", &ours, 1, dot_time, "graphviz dot");
  fluo_bench_figure (bench, crossings_figure, "crossings", &crossings, 1, dot_crossings,
                     dot_crossings > 0 ? "graphviz dot" : NULL);
}

static void
bench_file (FluoBench *bench, const char *name, double limit_ms, DotRuns dot)
{
  Drawing drawing = { 0 };

  if (drawing_load (&drawing, name))
    bench_drawing (bench, &drawing, name, limit_ms, dot);
  drawing_clear (&drawing);
}

/* @reach: how far ahead of a node those that it calls stand; @hubs of the nodes are called by
 * everyone. */
static void
bench_made (FluoBench *bench, const char *name, guint n, guint reach, guint hubs, double limit_ms)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (n + reach);
  g_autoptr (GString) dot = g_string_new (DOT_HEAD);
  Drawing drawing = { .nodes = g_array_new (FALSE, FALSE, sizeof (FluoLayoutNode)),
                      .edges = g_array_new (FALSE, FALSE, sizeof (FluoLayoutEdge)) };

  for (guint i = 0; i < n; i++)
    {
      FluoLayoutNode node = { 150, 112, 0 };

      g_string_append_printf (dot, "%u [width=%.2f,height=%.2f];\n", i, 150 / 72., 112 / 72.);
      g_array_append_val (drawing.nodes, node);
    }
  for (guint i = hubs; i + 1 < n; i++)
    for (guint k = 0; k < 2; k++)
      {
        guint hub = hubs > 0 ? (guint) g_rand_int_range (rand, 0, (gint32) hubs) : 0;
        guint ahead = i + 1 + (guint) g_rand_int_range (rand, 0, (gint32) reach);
        FluoLayoutEdge edge = { i, hubs > 0 && k == 1 ? hub : MIN (n - 1, ahead), 1 };

        g_array_append_val (drawing.edges, edge);
      }
  if (drawing_finish (&drawing, dot))
    bench_drawing (bench, &drawing, name, limit_ms, DOT_OFTEN);
  drawing_clear (&drawing);
}

/* Three of each are called by one; every seventh by two. */
static void
bench_tree (FluoBench *bench, const char *name, guint n, gboolean pure, double limit_ms)
{
  g_autoptr (GString) dot = g_string_new (DOT_HEAD);
  Drawing drawing = { .nodes = g_array_new (FALSE, FALSE, sizeof (FluoLayoutNode)),
                      .edges = g_array_new (FALSE, FALSE, sizeof (FluoLayoutEdge)) };

  for (guint i = 0; i < n; i++)
    {
      FluoLayoutNode node = { 150, 112, 0 };

      g_string_append_printf (dot, "%u [width=%.2f,height=%.2f];\n", i, 150 / 72., 112 / 72.);
      g_array_append_val (drawing.nodes, node);
      for (guint other = 0; i > 0 && other < (!pure && i % 7 == 3 ? 2u : 1u); other++)
        {
          guint caller = (i - 1) / 3;
          FluoLayoutEdge edge = { caller - MIN (other, caller), i, 1 };

          g_array_append_val (drawing.edges, edge);
        }
    }
  if (drawing_finish (&drawing, dot))
    bench_drawing (bench, &drawing, name, limit_ms, n > 300 ? DOT_NEVER : DOT_OFTEN);
  drawing_clear (&drawing);
}

/* What any run of dot takes. */
static void
bench_dot_start (FluoBench *bench)
{
  g_autoptr (GString) dot = g_string_new (DOT_HEAD);
  g_autofree char *program = g_find_program_in_path ("dot");
  Drawing drawing = { .nodes = g_array_new (FALSE, FALSE, sizeof (FluoLayoutNode)),
                      .edges = g_array_new (FALSE, FALSE, sizeof (FluoLayoutEdge)) };
  FluoLayoutEdge edge = { 0, 1, 1 };

  g_array_append_val (drawing.edges, edge);
  if (program && drawing_finish (&drawing, dot))
    fluo_bench_run (bench, "layout/dot-start", "ms", dot_ms, &drawing);
  drawing_clear (&drawing);
}

void
fluo_bench_layout (FluoBench *bench)
{
  bench_dot_start (bench);
  bench_file (bench, "g30", 5, DOT_OFTEN);
  bench_file (bench, "g100", 5, DOT_OFTEN);
  bench_file (bench, "g300", 20, DOT_OFTEN);
  bench_file (bench, "g1000", 100, DOT_NEVER);
  bench_file (bench, "g2000", 2000, DOT_NEVER);
  bench_made (bench, "deep-100", 100, 6, 0, 5);
  bench_made (bench, "shallow-100", 100, 90, 0, 5);
  bench_made (bench, "hubs-100", 100, 30, 4, 5);
  bench_made (bench, "deep-300", 300, 6, 0, 20);
  bench_made (bench, "shallow-300", 300, 270, 0, 20);
  bench_made (bench, "hubs-300", 300, 90, 8, 20);
  bench_made (bench, "deep-1000", 1000, 6, 0, 100);
  bench_tree (bench, "tree-300", 300, TRUE, 20);
  bench_tree (bench, "tree-1000", 1000, TRUE, 100);
  bench_tree (bench, "shared-300", 300, FALSE, 20);
  bench_tree (bench, "shared-1000", 1000, FALSE, 100);
}

/* Graphviz takes minutes for this one. */
void
fluo_bench_layout_1000 (FluoBench *bench)
{
  bench_file (bench, "g1000", 100, DOT_ONCE);
}

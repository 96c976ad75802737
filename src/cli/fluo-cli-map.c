/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>

#include "cli/fluo-cli-table.h"
#include "cli/fluo-cli.h"
#include "core/fluo-format.h"
#include "draw/fluo-map.h"

#define PNG_SCALE 2

static char *
dup_node_name (const FluoServiceGraph *graph, guint node)
{
  const FluoGraphNode *it = g_ptr_array_index (graph->nodes, node);

  return fluo_cli_dup_name (it->name, it->type);
}

static char *
dup_share (gint64 part, gint64 total)
{
  return fluo_format_share (total > 0 ? (double) part / (double) total : 0);
}

static void
add_stats (FluoCliTable *table, const FluoCallStats *stats)
{
  gint64 total = fluo_call_stats_total (stats);

  fluo_cli_table_add (table,
                      total > 0
                        ? fluo_format_duration (fluo_histogram_quantile (&stats->histogram, 0.5))
                        : g_strdup ("–"),
                      -1);
  fluo_cli_table_add (table,
                      total > 0
                        ? fluo_format_duration (fluo_histogram_quantile (&stats->histogram, 0.99))
                        : g_strdup ("–"),
                      -1);
  fluo_cli_table_add (table, dup_share (stats->error, total),
                      stats->error > 0 ? FLUO_STATUS_ERROR : -1);
  fluo_cli_table_add (table, dup_share (stats->throttle, total),
                      stats->throttle > 0 ? FLUO_STATUS_THROTTLE : -1);
  fluo_cli_table_add (table, dup_share (stats->fault, total),
                      stats->fault > 0 ? FLUO_STATUS_FAULT : -1);
}

/* --- Order ---------------------------------------------------------------- */

/* Where each node stands on the map: by column from the clients on, then from top to bottom. */
typedef struct
{
  guint  node;
  guint  column;
  double y;
} NodePlace;

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const NodePlace *x = a;
  const NodePlace *y = b;

  if (x->column != y->column)
    return x->column < y->column ? -1 : 1;
  if (x->y != y->y)
    return x->y < y->y ? -1 : 1;
  return x->node < y->node ? -1 : x->node > y->node;
}

static GArray *
order_nodes (const FluoServiceGraph *graph)
{
  g_autoptr (FluoMapTopology) topology = fluo_map_topology_new (graph);
  g_autoptr (FluoGraphLayout) layout = fluo_map_topology_arrange (topology);
  GArray *order = g_array_new (FALSE, FALSE, sizeof (NodePlace));

  for (guint rank = 0; rank < topology->n_nodes; rank++)
    {
      NodePlace place = { topology->nodes[rank], layout->places[rank].column,
                          layout->places[rank].y };

      g_array_append_val (order, place);
    }
  g_array_sort (order, compare_places);
  return order;
}

/* --- Tables --------------------------------------------------------------- */

static void
print_nodes (const FluoServiceGraph *graph, GArray *order, FluoTimeSpan span)
{
  const FluoCliColumn columns[] = {
    { _("Service"), FALSE, 16 }, { _("Type"), FALSE, 8 },     { _("Requests"), TRUE, 0 },
    { _("Rate"), TRUE, 0 },      { "p50", TRUE, 0 },           { "p99", TRUE, 0 },
    { _("Errors"), TRUE, 0 },    { _("Throttles"), TRUE, 0 }, { _("Faults"), TRUE, 0 },
  };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint row = 0; row < order->len; row++)
    {
      guint i = g_array_index (order, NodePlace, row).node;
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
      g_autofree char *type = fluo_kind_dup_label (node->type, node->name);
      gint64 total = fluo_call_stats_total (&node->stats);
      FluoStatus worst = fluo_call_stats_worst (&node->stats);

      fluo_cli_table_add (&table, dup_node_name (graph, i),
                          worst != FLUO_STATUS_OK ? (int) worst : -1);
      fluo_cli_table_add (&table, fluo_cli_dup_text (type), -1);
      fluo_cli_table_add (
        &table, g_strcmp0 (node->type, "client") == 0 ? g_strdup ("–") : fluo_format_count (total),
        -1);
      fluo_cli_table_add (&table, fluo_format_rate (fluo_map_node_rate (graph, i, span)), -1);
      add_stats (&table, &node->stats);
    }
  fluo_cli_table_print (&table);
}

static void
add_edge (FluoCliTable *table, const FluoServiceGraph *graph, const FluoGraphEdge *edge)
{
  FluoStatus worst = fluo_call_stats_worst (&edge->stats);

  fluo_cli_table_add (table, dup_node_name (graph, edge->from), -1);
  fluo_cli_table_add (table, dup_node_name (graph, edge->to),
                      worst != FLUO_STATUS_OK ? (int) worst : -1);
  fluo_cli_table_add (table, fluo_format_count (fluo_call_stats_total (&edge->stats)), -1);
  if (edge->linked)
    {
      /* A message says how long it waited, not how long it was answered. */
      for (guint i = 0; i < 5; i++)
        fluo_cli_table_add (table, g_strdup ("–"), -1);
    }
  else
    add_stats (table, &edge->stats);
  fluo_cli_table_add (table, g_strdup (edge->linked ? _("linked traces") : ""), -1);
}

static void
print_edges (const FluoServiceGraph *graph, GArray *order)
{
  const FluoCliColumn columns[] = {
    { _("From"), FALSE, 12 },    { _("To"), FALSE, 12 },   { _("Calls"), TRUE, 0 },
    { "p50", TRUE, 0 },          { "p99", TRUE, 0 },       { _("Errors"), TRUE, 0 },
    { _("Throttles"), TRUE, 0 }, { _("Faults"), TRUE, 0 }, { "", FALSE, 0 },
  };
  g_auto (FluoCliTable) table;

  fluo_cli_table_init (&table, columns, G_N_ELEMENTS (columns));
  for (guint row = 0; row < order->len; row++)
    for (guint i = 0; i < graph->edges->len; i++)
      {
        const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

        if (edge->from == g_array_index (order, NodePlace, row).node)
          add_edge (&table, graph, edge);
      }
  fluo_cli_table_print (&table);
}

void
fluo_cli_print_map (const FluoServiceGraph *graph, FluoTimeSpan span)
{
  g_autoptr (GArray) order = order_nodes (graph);

  print_nodes (graph, order, span);
  if (graph->edges->len == 0)
    return;
  g_print ("\n");
  print_edges (graph, order);
}

/* --- Picture -------------------------------------------------------------- */

gboolean
fluo_cli_write_map (const FluoServiceGraph *graph, FluoTimeSpan span, const char *path,
                    double scale, GError **error)
{
  g_autoptr (FluoMapTopology) topology = fluo_map_topology_new (graph);
  g_autoptr (FluoGraphLayout) layout = fluo_map_topology_arrange (topology);
  g_autoptr (FluoServiceColors) colors = fluo_service_colors_new ();

  const FluoMapExport map = { .graph = graph, .topology = topology, .layout = layout,
                              .colors = colors, .span = span };

  return fluo_map_export (&map, path, scale, error);
}

static void
print_json (const FluoServiceGraph *graph, FluoTimeSpan span)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "StartTime");
  fluo_json_writer_seconds (&writer, span.begin_ns);
  fluo_json_writer_key (&writer, "EndTime");
  fluo_json_writer_seconds (&writer, span.end_ns);
  fluo_json_writer_key (&writer, "Services");
  fluo_service_graph_write (graph, &writer, TRUE);
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

int
fluo_cli_map (FluoCli *self, int argc, char **argv)
{
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      N_("Write the map to this file instead: .png, .svg, .pdf or .md"), N_("FILE") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autoptr (FluoServiceGraph) folded = NULL;
  g_autoptr (GError) error = NULL;
  FluoTimeSpan span;
  FluoCliExit code;

  if (!fluo_cli_parse (self, argv[0], "", N_("Shows the services of a range, and who calls whom."),
                       entries, FLUO_CLI_PARSE_RANGE, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (!fluo_cli_get_span (self, &span))
    return FLUO_CLI_USAGE;
  code = fluo_cli_connect (self);
  if (code != FLUO_CLI_OK)
    return code;

  graph = fluo_cli_get_graph (self, span, &error);
  if (graph == NULL)
    return fluo_cli_report (self, error);
  if (self->json)
    print_json (graph, span);
  if (graph->nodes->len == 0)
    {
      g_autofree char *range = fluo_format_range (span, NULL);

      g_printerr (_("No services from %s. A longer range may have some: --last 6h.\n"), range);
      return output != NULL ? FLUO_CLI_NOT_FOUND : FLUO_CLI_OK;
    }
  folded = fluo_service_graph_fold (graph);
  if (output != NULL)
    {
      if (!fluo_cli_write_map (folded, span, output, PNG_SCALE, &error))
        return fluo_cli_report (self, error);
      g_printerr (_("Wrote %s\n"), output);
    }
  else if (!self->json)
    fluo_cli_print_map (folded, span);
  return FLUO_CLI_OK;
}

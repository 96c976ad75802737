/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"
#include "draw/fluo-export-private.h"
#include "draw/fluo-map-private.h"

/* The map as tables: services and calls, what fails most first; of a difference what changed. */

#define ROWS_MAX 200

typedef struct
{
  guint  index;
  double faults, rate;
} Place;

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const Place *one = a, *other = b;

  if (one->faults != other->faults)
    return one->faults > other->faults ? -1 : 1;
  if (one->rate != other->rate)
    return one->rate > other->rate ? -1 : 1;
  return one->index < other->index ? -1 : one->index > other->index;
}

static void
append_name (GString                *out,
             const FluoServiceGraph *graph,
             guint                   node)
{
  const FluoGraphNode *self = g_ptr_array_index (graph->nodes, node);

  fluo_markdown_append (out, fluo_kind_get_display_name (self->type, self->name));
}

static void
append_share (GString *out,
              gint64   count,
              gint64   total)
{
  g_autofree char *share = total > 0 ? fluo_format_share (count / (double) total) : g_strdup ("–");

  g_string_append_printf (out, " %s |", share);
}

static void
append_stats (GString             *out,
              const FluoCallStats *stats,
              double               rate)
{
  const gint64 total = fluo_call_stats_total (stats);
  g_autofree char *requests = fluo_format_rate (rate);

  g_string_append_printf (out, " | %s |", requests);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *time =
        stats->histogram.count > 0
          ? fluo_format_duration (fluo_histogram_quantile (&stats->histogram, i == 0 ? .5 : .99))
          : g_strdup ("–");

      g_string_append_printf (out, " %s |", time);
    }
  append_share (out, stats->error, total);
  append_share (out, stats->throttle, total);
  append_share (out, stats->fault, total);
  g_string_append_c (out, '\n');
}

static const FluoCallStats *
get_stats (const FluoServiceGraph *graph,
           gboolean                nodes,
           guint                   index)
{
  return nodes ? &((FluoGraphNode *) g_ptr_array_index (graph->nodes, index))->stats
               : &((FluoGraphEdge *) g_ptr_array_index (graph->edges, index))->stats;
}

static double
get_rate (const FluoServiceGraph *graph,
          gboolean                nodes,
          guint                   index,
          FluoTimeSpan            span)
{
  return nodes ? fluo_map_node_rate (graph, index, span) : fluo_map_edge_rate (graph, index, span);
}

static gboolean
is_pale (const FluoMapExport *self,
         gboolean             node,
         guint                index)
{
  const FluoGraphEdge *edge;

  if (node)
    return !self->matching[index];
  edge = g_ptr_array_index (self->graph->edges, index);
  return !self->matching[edge->from] || !self->matching[edge->to];
}

static GArray *
sort_places (const FluoMapExport *self,
             gboolean             nodes)
{
  const FluoServiceGraph *graph = self->graph;
  const FluoGraphDifference *difference = self->difference;
  const guint n = nodes ? graph->nodes->len : graph->edges->len;
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));

  for (guint i = 0; i < n; i++)
    {
      Place place = { i, fluo_call_stats_fault_rate (get_stats (graph, nodes, i)),
                      get_rate (graph, nodes, i, self->span) };

      /* Pale on the picture. */
      if (self->matching && is_pale (self, nodes, i))
        continue;
      if (difference == NULL
          || fluo_graph_change_is_change (nodes ? &difference->nodes[i] : &difference->edges[i]))
        g_array_append_val (places, place);
    }
  g_array_sort (places, compare_places);
  return places;
}

static void
append_what (GString                *out,
             const FluoServiceGraph *graph,
             gboolean                nodes,
             guint                   index)
{
  g_string_append (out, "| ");
  if (nodes)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, index);
      g_autofree char *type = fluo_kind_dup_label (node->type, node->name);

      append_name (out, graph, index);
      g_string_append (out, " | ");
      fluo_markdown_append (out, type);
    }
  else
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, index);

      append_name (out, graph, edge->from);
      g_string_append (out, " | ");
      append_name (out, graph, edge->to);
    }
}

static void
append_change (GString               *out,
               const FluoGraphChange *change)
{
  const FluoGraphFigures *sides[] = { &change->before, &change->after };
  g_autofree char *brief = fluo_map_dup_change_brief (change);

  g_string_append (out, " | ");
  fluo_markdown_append (out, brief);
  g_string_append (out, " |");
  for (guint i = 0; i < 3; i++)
    for (guint k = 0; k < 2; k++)
      {
        const FluoGraphFigures *side = sides[k];
        g_autofree char *text =
          side->total <= 0 ? g_strdup ("–")
          : i == 0         ? fluo_format_rate (side->rate)
          : i == 1         ? (side->p50_ns > 0 ? fluo_format_duration (side->p50_ns)
                                               : g_strdup ("–"))
                           : fluo_format_share (side->faults);

        g_string_append_printf (out, "%s%s%s", k == 0 ? " " : " → ", text, k == 1 ? " |" : "");
      }
  g_string_append_c (out, '\n');
}

static void
append_table (GString             *out,
              const FluoMapExport *self,
              gboolean             nodes)
{
  const FluoServiceGraph *graph = self->graph;
  const FluoGraphDifference *difference = self->difference;
  g_autoptr (GArray) places = sort_places (self, nodes);

  if (places->len == 0)
    return;
  g_string_append_printf (out, "\n| %s | %s |", nodes ? _("Service") : _("From"),
                          nodes ? _("Type") : _("To"));
  if (difference)
    g_string_append_printf (out, " %s | %s | p50 | %s |\n|---|---|---|---:|---:|---:|\n",
                            _("Change"), _("Requests"), _("Faults"));
  else
    g_string_append_printf (out, " %s | p50 | p99 | %s | %s | %s |\n"
                                 "|---|---|---:|---:|---:|---:|---:|---:|\n",
                            _("Requests"), _("Errors"), _("Throttled"), _("Faults"));
  for (guint i = 0; i < MIN (places->len, ROWS_MAX); i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      append_what (out, graph, nodes, place->index);
      if (difference)
        append_change (out, nodes ? &difference->nodes[place->index]
                                  : &difference->edges[place->index]);
      else
        append_stats (out, get_stats (graph, nodes, place->index), place->rate);
    }
  if (places->len > ROWS_MAX)
    {
      g_autofree char *count = fluo_format_count (places->len - ROWS_MAX);

      g_string_append_c (out, '\n');
      g_string_append_printf (out, _("The last %s rows are left out"), count);
      g_string_append_c (out, '\n');
    }
}

GBytes *
fluo_map_to_markdown (const FluoMapExport *self,
                      const char          *note)
{
  g_autofree char *title = fluo_map_export_dup_title (NULL, self->span);
  GString *out = g_string_new ("# ");
  gsize length;

  fluo_markdown_append (out, title);
  g_string_append_c (out, '\n');
  if (note)
    {
      g_string_append_c (out, '\n');
      fluo_markdown_append (out, note);
      g_string_append_c (out, '\n');
    }
  length = out->len;
  append_table (out, self, TRUE);
  append_table (out, self, FALSE);
  if (out->len == length)
    g_string_append_printf (out, "\n%s\n",
                            self->difference ? _("Nothing changed") : _("No services"));

  return g_string_free_to_bytes (out);
}

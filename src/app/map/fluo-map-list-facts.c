/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-list-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "draw/fluo-map.h"

/* What a row of the list says, in its cells and as a sentence. */

#define NAME_CHARS_MAX 80

void
fluo_map_list_read_facts (FluoMapList      *self,
                          FluoMapRow       *row,
                          FluoMapListFacts *facts)
{
  FluoServiceGraph *graph = fluo_map_rows_get_graph (self->rows);

  *facts = (FluoMapListFacts){ .kind = fluo_map_row_get_kind (row),
                               .index = fluo_map_row_get_index (row) };
  if (facts->kind == FLUO_MAP_ROW_SERVICE)
    {
      facts->node = g_ptr_array_index (graph->nodes, facts->index);
      facts->stats = &facts->node->stats;
      facts->rate = fluo_map_node_rate (graph, facts->index, self->span);
      if (self->alarms && facts->index < self->alarms->len)
        facts->alarms = g_ptr_array_index (self->alarms, facts->index);
      if (self->change && facts->index < self->change->n_nodes)
        facts->change = &self->change->nodes[facts->index];
      return;
    }
  facts->edge = g_ptr_array_index (graph->edges, facts->index);
  facts->node = g_ptr_array_index (
    graph->nodes, facts->kind == FLUO_MAP_ROW_CALL ? facts->edge->to : facts->edge->from);
  facts->stats = &facts->edge->stats;
  facts->rate = fluo_map_edge_rate (graph, facts->index, self->span);
  if (self->change && facts->index < self->change->n_edges)
    facts->change = &self->change->edges[facts->index];
}

FluoMapRow *
fluo_map_list_dup_row (GtkTreeListRow *row)
{
  return row ? FLUO_MAP_ROW (gtk_tree_list_row_get_item (row)) : NULL;
}

static char *
dup_share (gint64 count,
           gint64 total)
{
  return total > 0 ? fluo_format_share (count / (double) total) : g_strdup ("–");
}

static char *
dup_quantile (const FluoCallStats *stats,
              double               quantile)
{
  return stats->histogram.count > 0
           ? fluo_format_duration (fluo_histogram_quantile (&stats->histogram, quantile))
           : g_strdup ("–");
}

char *
fluo_map_list_dup_text (FluoMapList            *self,
                        const FluoMapListFacts *facts,
                        FluoMapListColumn       column)
{
  const FluoCallStats *stats = facts->stats;

  switch (column)
    {
    case COLUMN_NAME:
      return fluo_format_untrusted (
        fluo_kind_get_display_name (facts->node->type, facts->node->name), NAME_CHARS_MAX);
    case COLUMN_KIND:
      return fluo_kind_dup_label (facts->node->type, facts->node->name);
    case COLUMN_RATE:
      return fluo_format_rate (facts->rate);
    case COLUMN_P50:
      return dup_quantile (stats, .5);
    case COLUMN_P99:
      return dup_quantile (stats, .99);
    case COLUMN_ERRORS:
      return dup_share (stats->error + stats->throttle, fluo_call_stats_total (stats));
    case COLUMN_FAULTS:
      return dup_share (stats->fault, fluo_call_stats_total (stats));
    case COLUMN_CALLERS:
      return facts->edge
               ? g_strdup ("")
               : fluo_format_count (fluo_map_rows_n_callers (self->rows, facts->index));
    case COLUMN_CALLS:
      return facts->edge ? g_strdup ("")
                         : fluo_format_count (fluo_map_rows_n_calls (self->rows, facts->index));
    case COLUMN_CHANGE:
      return facts->change ? fluo_map_dup_change_brief (facts->change) : g_strdup ("");
    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

/* In a fixed order: what, numbers, what changed, how it is tied in. */
char *
fluo_map_list_dup_sentence (FluoMapList            *self,
                            const FluoMapListFacts *facts)
{
  FluoServiceGraph *graph = fluo_map_rows_get_graph (self->rows);
  g_autofree char *change = facts->change ? fluo_map_dup_change_sentence (facts->change) : NULL;
  g_autofree char *numbers = facts->edge
                               ? fluo_map_dup_edge_sentence (graph, facts->index, self->span)
                               : fluo_map_dup_node_sentence (graph, facts->index, self->span);
  GString *text = g_string_new (facts->kind == FLUO_MAP_ROW_CALL     ? _("Call: ")
                                : facts->kind == FLUO_MAP_ROW_CALLER ? _("Caller: ")
                                                                     : NULL);

  g_string_append (text, numbers);
  if (change)
    g_string_append_printf (text, ", %s", change);
  if (facts->alarms)
    {
      g_string_append (text, ", ");
      g_string_append_printf (text, _("alarm: %s"), facts->alarms);
    }
  if (!facts->edge)
    {
      const guint callers = fluo_map_rows_n_callers (self->rows, facts->index);
      const guint calls = fluo_map_rows_n_calls (self->rows, facts->index);

      g_string_append (text, ", ");
      g_string_append_printf (text, ngettext ("%u caller", "%u callers", callers), callers);
      g_string_append (text, ", ");
      g_string_append_printf (text, ngettext ("calls %u service", "calls %u services", calls),
                              calls);
    }
  return g_string_free (text, FALSE);
}

double
fluo_map_list_get_value (FluoMapList            *self,
                         const FluoMapListFacts *facts,
                         FluoMapListColumn       column)
{
  const FluoCallStats *stats = facts->stats;

  switch (column)
    {
    case COLUMN_RATE:
      return facts->rate;
    case COLUMN_P50:
      return (double) fluo_histogram_quantile (&stats->histogram, .5);
    case COLUMN_P99:
      return (double) fluo_histogram_quantile (&stats->histogram, .99);
    case COLUMN_ERRORS:
      return fluo_call_stats_error_rate (stats);
    case COLUMN_FAULTS:
      return fluo_call_stats_fault_rate (stats);
    case COLUMN_CALLERS:
      return facts->edge ? 0 : fluo_map_rows_n_callers (self->rows, facts->index);
    case COLUMN_CALLS:
      return facts->edge ? 0 : fluo_map_rows_n_calls (self->rows, facts->index);
    case COLUMN_CHANGE:
      return facts->change && facts->change->before.p50_ns > 0
               ? facts->change->after.p50_ns / (double) facts->change->before.p50_ns : 0;
    case COLUMN_NAME:
    case COLUMN_KIND:
    case N_COLUMNS:
    default:
      return 0;
    }
}

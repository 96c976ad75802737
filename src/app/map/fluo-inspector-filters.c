/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-data.h"

#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter.h"

/* Every figure leads to the traces behind it: their filter expressions. */

char *
fluo_inspector_dup_node_filter (const FluoServiceGraph *graph,
                                guint                   node)
{
  const FluoGraphNode *item;

  g_return_val_if_fail (graph != NULL && node < graph->nodes->len, NULL);

  item = g_ptr_array_index (graph->nodes, node);
  /* Clients send no segments, and what is folded has no name of its own. */
  if (!item->name || item->n_folded > 0 || g_strcmp0 (item->type, "client") == 0)
    return NULL;
  return fluo_filter_dup_service (item->name, item->type, NULL);
}

char *
fluo_inspector_dup_edge_filter (const FluoServiceGraph *graph,
                                guint                   edge)
{
  const FluoGraphEdge *item;
  const FluoGraphNode *from;
  const FluoGraphNode *to;
  g_autofree char *caller = NULL;
  g_autofree char *callee = NULL;

  g_return_val_if_fail (graph != NULL && edge < graph->edges->len, NULL);

  item = g_ptr_array_index (graph->edges, edge);
  from = g_ptr_array_index (graph->nodes, item->from);
  to = g_ptr_array_index (graph->nodes, item->to);
  caller = fluo_inspector_dup_node_filter (graph, item->from);
  callee = fluo_inspector_dup_node_filter (graph, item->to);
  /* No trace holds both ends of a link. */
  if (!caller || !callee || item->linked)
    return g_steal_pointer (&callee);
  return fluo_filter_dup_edge (from->name, from->type, to->name, to->type);
}

/* X-Ray flags what was throttled as an error, too; here every call counts in one class. */
static const char *const status_blocks[FLUO_N_STATUSES] = {
  [FLUO_STATUS_OK] = "ok",
  [FLUO_STATUS_ERROR] = "error AND !throttle",
  [FLUO_STATUS_THROTTLE] = "throttle",
  [FLUO_STATUS_FAULT] = "fault",
};

/* "a{…} OR b{…}"; NULL of none. */
static char *
dup_any (const GPtrArray *filters,
         const char      *block)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < filters->len; i++)
    g_string_append_printf (text, "%s%s%s", i > 0 ? " OR " : "",
                            (const char *) g_ptr_array_index (filters, i), block);
  return filters->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

char *
fluo_inspector_data_dup_filter (const FluoInspectorData *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return dup_any (self->filters, "");
}

char *
fluo_inspector_data_dup_status_filter (const FluoInspectorData *self,
                                       FluoStatus               status)
{
  g_autofree char *block = NULL;

  g_return_val_if_fail (self != NULL && status < FLUO_N_STATUSES, NULL);

  if (!status_blocks[status])
    return NULL;
  block = g_strdup_printf (" { %s }", status_blocks[status]);
  return dup_any (self->filters, block);
}

char *
fluo_inspector_data_dup_times_filter (const FluoInspectorData *self,
                                      gboolean                 other_side,
                                      gint64                   begin_ns,
                                      gint64                   end_ns)
{
  char begin[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *block = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  /* Microseconds, which is what a bucket of the histogram can tell apart at best. */
  g_ascii_formatd (begin, sizeof begin, "%.6g", (double) begin_ns / FLUO_NSEC_PER_SEC);
  g_ascii_formatd (end, sizeof end, "%.6g", (double) end_ns / FLUO_NSEC_PER_SEC);
  block = end_ns == G_MAXINT64
            ? g_strdup_printf (" { responsetime >= %s }", begin)
            : g_strdup_printf (" { responsetime >= %s AND responsetime < %s }", begin, end);
  return dup_any (other_side ? self->other_filters : self->filters, block);
}

static void
append_exception (GString    *text,
                  const char *operator,
                  FluoStatus  status,
                  const char *name)
{
  g_string_append_printf (text, "%srootcause.%s.exception { name = ", operator,
                          status == FLUO_STATUS_FAULT ? "fault" : "error");
  fluo_filter_print_string (text, name);
  g_string_append (text, " }");
}

/* Trouble without a name is what has none of the others' names. */
static void
append_other_names (const FluoInspectorData  *self,
                    const FluoInspectorCause *item,
                    GString                  *text)
{
  const gboolean any = item->untold || item->http_status > 0;

  for (guint i = 0; i < self->causes->len; i++)
    {
      const FluoInspectorCause *other = &g_array_index (self->causes, FluoInspectorCause, i);

      if (other == item || other->status != item->status)
        continue;
      if (other->name && (any || g_strcmp0 (other->from, item->from) == 0))
        append_exception (text, " AND !", item->status, other->name);
      else if (any && other->http_status > 0)
        g_string_append_printf (text, " AND !http.status = %d", other->http_status);
    }
}

char *
fluo_inspector_data_dup_cause_filter (const FluoInspectorData *self,
                                      guint                    cause)
{
  const FluoInspectorCause *item;
  GString *text;

  g_return_val_if_fail (self != NULL && cause < self->causes->len, NULL);

  item = &g_array_index (self->causes, FluoInspectorCause, cause);
  if (!self->filter || !status_blocks[item->status])
    return NULL;
  text = g_string_new (item->calls ? item->calls : self->filter);
  if (item->calls || (!item->name && !item->from))
    g_string_append_printf (text, " { %s }", status_blocks[item->status]);
  if (item->http_status > 0)
    g_string_append_printf (text, " AND http.status = %d", item->http_status);
  if (item->from && !item->calls)
    {
      g_autofree char *from =
        fluo_filter_dup_service (item->from, NULL, status_blocks[item->status]);

      g_string_append_printf (text, " AND %s", from);
    }
  if (item->name)
    append_exception (text, " AND ", item->status, item->name);
  else
    append_other_names (self, item, text);
  return g_string_free (text, FALSE);
}

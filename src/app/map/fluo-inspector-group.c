/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-data.h"

#include "core/fluo-format.h"
#include "core/fluo-kind.h"

#define NAME_CHARS_MAX 200

/* A group: what the services in it are, and the traces of all of them. */

GPtrArray *
fluo_inspector_dup_group_filters (const FluoServiceGraph *graph,
                                  const guint8           *members)
{
  GPtrArray *filters = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (graph != NULL && members != NULL, filters);

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      char *filter = members[i] ? fluo_inspector_dup_node_filter (graph, i) : NULL;

      if (filter)
        g_ptr_array_add (filters, filter);
    }
  /* Some of them would be other traces than those that were counted. */
  if (filters->len > FLUO_INSPECTOR_FILTERS_MAX)
    g_ptr_array_set_size (filters, 0);
  return filters;
}

static int
compare_members (gconstpointer a,
                 gconstpointer b)
{
  const FluoInspectorUrl *one = a;
  const FluoInspectorUrl *other = b;

  if (one->n_faults != other->n_faults)
    return one->n_faults < other->n_faults ? 1 : -1;
  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  return g_strcmp0 (one->request, other->request);
}

void
fluo_inspector_data_set_members (FluoInspectorData      *self,
                                 const FluoServiceGraph *graph,
                                 const guint8           *members)
{
  g_return_if_fail (self != NULL && graph != NULL && members != NULL);

  g_ptr_array_unref (self->filters);
  self->filters = fluo_inspector_dup_group_filters (graph, members);
  g_array_set_size (self->urls, 0);
  self->n_members = 0;
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
      const FluoHistogram *times = &node->stats.histogram;
      const FluoInspectorUrl item = {
        .request = members[i]
                     ? fluo_format_untrusted (fluo_kind_get_display_name (node->type, node->name),
                                              NAME_CHARS_MAX)
                     : NULL,
        .count = (guint) MAX (fluo_call_stats_total (&node->stats), 0),
        .n_faults = (guint) MAX (node->stats.fault, 0),
        .p50_ns = fluo_histogram_quantile (times, 0.5),
        .p99_ns = fluo_histogram_quantile (times, 0.99),
        .filter = members[i] ? fluo_inspector_dup_node_filter (graph, i) : NULL,
      };

      if (!members[i])
        continue;
      self->n_members++;
      g_array_append_val (self->urls, item);
    }
  g_array_sort (self->urls, compare_members);
  if (self->urls->len > FLUO_INSPECTOR_MEMBERS_MAX)
    g_array_set_size (self->urls, FLUO_INSPECTOR_MEMBERS_MAX);
}

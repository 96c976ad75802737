/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-causes.h"
#include "fluo-inspector-counts.h"

#include "draw/fluo-map.h"

#define BUCKETS_MAX 64

static void
clear_part (gpointer data)
{
  g_free (((FluoInspectorPart *) data)->name);
  g_free (((FluoInspectorPart *) data)->type);
  g_free (((FluoInspectorPart *) data)->filter);
}

static void
clear_url (gpointer data)
{
  g_free (((FluoInspectorUrl *) data)->request);
  g_free (((FluoInspectorUrl *) data)->filter);
}

static void
add_stats (FluoInspectorData   *self,
           const FluoCallStats *stats)
{
  fluo_histogram_merge (&self->histogram, &stats->histogram, 1);
  self->total += fluo_call_stats_total (stats);
  self->counts[FLUO_STATUS_OK] += stats->ok;
  self->counts[FLUO_STATUS_ERROR] += stats->error;
  self->counts[FLUO_STATUS_THROTTLE] += stats->throttle;
  self->counts[FLUO_STATUS_FAULT] += stats->fault;
}

static FluoInspectorData *
new_data (const FluoCallStats *stats,
          FluoTimeSpan         span)
{
  FluoInspectorData *self = g_new0 (FluoInspectorData, 1);

  self->span = span;
  self->parts = g_array_new (FALSE, TRUE, sizeof (FluoInspectorPart));
  self->causes = fluo_inspector_causes_array_new ();
  self->urls = g_array_new (FALSE, TRUE, sizeof (FluoInspectorUrl));
  self->instances = g_array_new (FALSE, TRUE, sizeof (FluoInspectorUrl));
  self->filters = g_ptr_array_new_with_free_func (g_free);
  self->other_filters = g_ptr_array_new_with_free_func (g_free);
  g_array_set_clear_func (self->instances, clear_url);
  g_array_set_clear_func (self->parts, clear_part);
  g_array_set_clear_func (self->urls, clear_url);
  fluo_histogram_init (&self->histogram);
  fluo_histogram_init (&self->faults);
  fluo_histogram_init (&self->callers);
  add_stats (self, stats);
  return self;
}

void
fluo_inspector_data_free (FluoInspectorData *self)
{
  if (!self)
    return;
  g_free (self->name);
  g_free (self->title);
  g_free (self->type);
  g_free (self->filter);
  fluo_histogram_clear (&self->histogram);
  fluo_histogram_clear (&self->faults);
  fluo_time_series_clear (&self->series);
  g_array_unref (self->parts);
  g_array_unref (self->causes);
  g_array_unref (self->urls);
  g_array_unref (self->instances);
  g_ptr_array_unref (self->filters);
  g_ptr_array_unref (self->other_filters);
  fluo_histogram_clear (&self->callers);
  g_free (self);
}

/* --- Where the time goes -------------------------------------------------- */

static int
compare_parts (gconstpointer a,
               gconstpointer b)
{
  const FluoInspectorPart *one = a;
  const FluoInspectorPart *other = b;

  return (one->share < other->share) - (one->share > other->share);
}

/* The time of calls against the node's own; calls side by side may take longer than the node
 * itself, and then shares are of their sum. */
static void
fill_parts (FluoInspectorData      *self,
            const FluoServiceGraph *graph,
            guint                   node)
{
  const double total =
    ((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->stats.histogram.sum_ns;
  double called = 0;
  double whole;
  FluoInspectorPart own = { 0 };

  if (total <= 0)
    return;
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *callee = g_ptr_array_index (graph->nodes, edge->to);
      FluoInspectorPart part = { 0 };

      if (edge->from != node || edge->to == node || edge->linked ||
          edge->stats.histogram.sum_ns <= 0)
        continue;
      part.name = g_strdup (callee->name);
      part.type = g_strdup (callee->type);
      part.share = edge->stats.histogram.sum_ns;
      part.filter = fluo_inspector_dup_edge_filter (graph, i);
      called += part.share;
      g_array_append_val (self->parts, part);
    }
  if (self->parts->len == 0)
    return;
  whole = MAX (total, called);
  own.share = MAX (0, total - called);
  own.filter = g_strdup (self->filter);
  if (own.share / whole >= .005)
    g_array_append_val (self->parts, own);
  for (guint i = 0; i < self->parts->len; i++)
    g_array_index (self->parts, FluoInspectorPart, i).share /= whole;
  g_array_sort (self->parts, compare_parts);
  if (self->parts->len > FLUO_INSPECTOR_PARTS_MAX)
    g_array_set_size (self->parts, FLUO_INSPECTOR_PARTS_MAX);
}

/* --- As the caller sees it -------------------------------------------------- */

/* Takes @filter, of what measured the other side's times; NULL where it has none. */
static void
add_other (FluoInspectorData *self,
           char              *filter)
{
  if (filter && self->other_filters->len < FLUO_INSPECTOR_FILTERS_MAX)
    g_ptr_array_add (self->other_filters, filter);
  else
    g_free (filter);
}

/* How long those who call the node wait for it: its own time, the network, and queues before it. */
static void
fill_callers (FluoInspectorData      *self,
              const FluoServiceGraph *graph,
              guint                   node)
{
  if (((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->inferred)
    return;
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);

      /* Clients don't report: their edge has the node's own time. */
      if (edge->to == node && edge->from != node && !edge->linked &&
          g_strcmp0 (from->type, "client") != 0)
        {
          fluo_histogram_merge (&self->callers, &edge->stats.histogram, 1);
          add_other (self, fluo_inspector_dup_edge_filter (graph, i));
        }
    }
}

static double
mean_ns (const FluoHistogram *histogram)
{
  return histogram->count > 0 ? histogram->sum_ns / (double) histogram->count : 0;
}

/* Of a call: the part in which the callee worked, and the rest. Only a callee that reports itself
 * can tell; of one with several callers it is the mean over all of them. */
static void
split_call (FluoInspectorData      *self,
            const FluoServiceGraph *graph,
            const FluoGraphEdge    *edge)
{
  const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);
  const FluoGraphNode *to = g_ptr_array_index (graph->nodes, edge->to);
  const double call = mean_ns (&edge->stats.histogram);
  const double server = MIN (mean_ns (&to->stats.histogram), call);
  FluoInspectorPart parts[2] = { { 0 } };

  /* Nobody but the caller knows of a callee that does not report; clients don't measure. */
  if (edge->linked || to->inferred || g_strcmp0 (from->type, "client") == 0)
    return;
  fluo_histogram_merge (&self->callers, &to->stats.histogram, 1);
  add_other (self, fluo_inspector_dup_node_filter (graph, edge->to));
  if (call <= 0 || server <= 0)
    return;
  parts[0].name = g_strdup (to->name);
  parts[0].type = g_strdup (to->type);
  parts[0].share = server / call;
  parts[0].filter = g_strdup (self->filter);
  parts[1].waiting = TRUE;
  parts[1].share = 1 - parts[0].share;
  g_array_append_vals (self->parts, parts, 2);
}

/* --- From the summaries --------------------------------------------------- */

static const FluoSummaryService *
find_service (const FluoTraceSummary *summary,
              const char             *name,
              const char             *type)
{
  const FluoSummaryService *by_name = NULL;

  for (guint i = 0; summary->services && i < summary->services->len; i++)
    {
      const FluoSummaryService *service = &g_array_index (summary->services, FluoSummaryService, i);

      if (g_strcmp0 (service->name, name) != 0)
        continue;
      if (g_strcmp0 (service->type, type) == 0)
        return service;
      /* The map folds Lambda's two entries into one node. */
      by_name = service;
    }
  return by_name;
}

/* A trace names the instances of all its services; those of a function or a table are others'. */
static gboolean
runs_on_instances (const char *type)
{
  return !type || g_str_has_prefix (type, "AWS::EC2::") ||
         g_str_has_prefix (type, "AWS::ElasticBeanstalk::") || strstr (type, "::Container");
}

GHashTable *
fluo_inspector_dup_instances (GPtrArray  *summaries,
                              const char *name,
                              const char *type)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; summaries && runs_on_instances (type) && i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      if (!summary->instances || !find_service (summary, name, type))
        continue;
      for (guint k = 0; k < summary->instances->len; k++)
        if (!g_hash_table_contains (ids, g_ptr_array_index (summary->instances, k)))
          g_hash_table_add (ids, g_strdup (g_ptr_array_index (summary->instances, k)));
    }
  return ids;
}

static void
read_summaries (FluoInspectorData   *self,
                GPtrArray           *summaries,
                FluoInspectorCauses *causes,
                gboolean             complete)
{
  FluoInspectorCounts *counts = fluo_inspector_counts_new ();

  fluo_time_series_init (&self->series, self->span, BUCKETS_MAX);
  for (guint i = 0; summaries && i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      const FluoSummaryService *service = find_service (summary, self->name, self->type);
      FluoStatus worst = FLUO_STATUS_OK;

      if (!service)
        continue;
      worst = fluo_inspector_causes_add (causes, summary);
      worst = MAX (worst, service->status);
      self->n_named++;
      if (g_strcmp0 (summary->entry_name, self->name) == 0)
        {
          worst = MAX (worst, summary->status);
          fluo_inspector_counts_add_request (counts, summary);
          if (summary->status == FLUO_STATUS_FAULT)
            fluo_histogram_add (&self->faults, fluo_trace_summary_get_time_ns (summary), 1);
        }
      if (runs_on_instances (self->type))
        fluo_inspector_counts_add_instances (counts, summary, worst == FLUO_STATUS_FAULT);
      fluo_time_series_add (&self->series, summary->start_ns, worst);
    }
  fluo_inspector_causes_fill (causes, self, complete);
  fluo_inspector_counts_fill (counts, self->filter, self->urls, self->instances);
  fluo_inspector_counts_free (counts);
}

/* Traces that name both ends; clients send nothing: theirs are those that begin at the callee. */
static void
read_edge_summaries (FluoInspectorData      *self,
                     const FluoServiceGraph *graph,
                     guint                   index,
                     GPtrArray              *summaries,
                     gboolean                complete)
{
  const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, index);
  const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);
  const FluoGraphNode *to = g_ptr_array_index (graph->nodes, edge->to);
  const gboolean entry = g_strcmp0 (from->type, "client") == 0;
  FluoInspectorCauses *causes;

  /* No trace holds both ends of a link, and none names a group. */
  if (edge->linked || from->n_folded > 0 || to->n_folded > 0)
    return;
  causes = entry ? fluo_inspector_causes_new (graph, edge->to, G_MAXUINT)
                 : fluo_inspector_causes_new (graph, edge->from, index);
  fluo_time_series_init (&self->series, self->span, BUCKETS_MAX);
  for (guint i = 0; summaries && i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      FluoStatus worst;

      if (!find_service (summary, to->name, to->type) ||
          !(entry ? g_strcmp0 (summary->entry_name, to->name) == 0
                  : find_service (summary, from->name, from->type) != NULL))
        continue;
      worst = fluo_inspector_causes_add (causes, summary);
      if (entry)
        worst = MAX (worst, summary->status);
      self->n_named++;
      fluo_time_series_add (&self->series, summary->start_ns, worst);
    }
  fluo_inspector_causes_fill (causes, self, complete);
  fluo_inspector_causes_free (causes);
}

/* --- Making -------------------------------------------------------------- */

/* Takes @filter, or NULL. */
static void
set_filter (FluoInspectorData *self,
            char              *filter)
{
  self->filter = filter;
  if (filter)
    g_ptr_array_add (self->filters, g_strdup (filter));
}

FluoInspectorData *
fluo_inspector_data_new (const FluoServiceGraph *graph,
                         guint                   node,
                         GPtrArray              *summaries,
                         gboolean                complete,
                         FluoTimeSpan            span)
{
  const FluoGraphNode *item;
  FluoInspectorData *self;
  FluoInspectorCauses *causes;

  g_return_val_if_fail (graph != NULL && node < graph->nodes->len, NULL);

  item = g_ptr_array_index (graph->nodes, node);
  self = new_data (&item->stats, span);
  self->name = g_strdup (item->name);
  self->title = g_strdup (fluo_kind_get_display_name (item->type, item->name));
  self->type = g_strdup (item->type);
  set_filter (self, fluo_inspector_dup_node_filter (graph, node));
  self->rate = fluo_map_node_rate (graph, node, span);
  /* Clients report nothing of their own; what they called says how they fared. */
  for (guint i = 0; fluo_call_stats_total (&item->stats) == 0 && i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == node && edge->to != node)
        add_stats (self, &edge->stats);
    }
  fill_callers (self, graph, node);
  fill_parts (self, graph, node);
  causes = fluo_inspector_causes_new (graph, node, G_MAXUINT);
  read_summaries (self, summaries, causes, complete);
  fluo_inspector_causes_free (causes);
  return self;
}

FluoInspectorData *
fluo_inspector_data_new_edge (const FluoServiceGraph *graph,
                              guint                   edge,
                              GPtrArray              *summaries,
                              gboolean                complete,
                              FluoTimeSpan            span)
{
  const FluoGraphEdge *item;
  const FluoGraphNode *from;
  const FluoGraphNode *to;
  FluoInspectorData *self;

  g_return_val_if_fail (graph != NULL && edge < graph->edges->len, NULL);

  item = g_ptr_array_index (graph->edges, edge);
  from = g_ptr_array_index (graph->nodes, item->from);
  to = g_ptr_array_index (graph->nodes, item->to);
  self = new_data (&item->stats, span);
  self->name = g_strdup_printf ("%s → %s", from->name, to->name);
  self->title = g_strdup_printf ("%s → %s", fluo_kind_get_display_name (from->type, from->name),
                                 fluo_kind_get_display_name (to->type, to->name));
  self->type = g_strdup (to->type);
  set_filter (self, fluo_inspector_dup_edge_filter (graph, edge));
  split_call (self, graph, item);
  read_edge_summaries (self, graph, edge, summaries, complete);
  self->rate = self->total /
               (MAX (fluo_time_span_length (span), FLUO_NSEC_PER_SEC) / (60.0 * FLUO_NSEC_PER_SEC));
  return self;
}

void
fluo_inspector_data_set_change (FluoInspectorData     *self,
                                const FluoGraphChange *change,
                                FluoTimeSpan           before,
                                gboolean               usual)
{
  g_return_if_fail (self != NULL && change != NULL);

  self->compared = TRUE;
  self->usual = usual;
  self->change = *change;
  self->before = before;
}

void
fluo_inspector_data_set_comparing (FluoInspectorData *self,
                                   FluoTimeSpan       before)
{
  g_return_if_fail (self != NULL);

  self->compared = TRUE;
  self->comparing = TRUE;
  self->before = before;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-data.h"

#include "draw/fluo-map.h"
#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter.h"

#define BUCKETS_MAX 64
/* Different requests that are counted; a site with more (ids in paths) only loses its rare ones. */
#define REQUESTS_MAX 2000
/* Response times kept per request: percentiles of more would not differ to the eye. */
#define TIMES_MAX 20000

static void
clear_part (gpointer data)
{
  g_free (((FluoInspectorPart *) data)->name);
  g_free (((FluoInspectorPart *) data)->type);
}

static void
clear_cause (gpointer data)
{
  g_free (((FluoInspectorCause *) data)->name);
  g_free (((FluoInspectorCause *) data)->from);
}

static void
clear_url (gpointer data)
{
  g_free (((FluoInspectorUrl *) data)->request);
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
  self->causes = g_array_new (FALSE, TRUE, sizeof (FluoInspectorCause));
  self->urls = g_array_new (FALSE, TRUE, sizeof (FluoInspectorUrl));
  g_array_set_clear_func (self->parts, clear_part);
  g_array_set_clear_func (self->causes, clear_cause);
  g_array_set_clear_func (self->urls, clear_url);
  fluo_histogram_init (&self->histogram);
  fluo_histogram_init (&self->faults);
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
      called += part.share;
      g_array_append_val (self->parts, part);
    }
  if (self->parts->len == 0)
    return;
  whole = MAX (total, called);
  own.share = MAX (0, total - called);
  if (own.share / whole >= .005)
    g_array_append_val (self->parts, own);
  for (guint i = 0; i < self->parts->len; i++)
    g_array_index (self->parts, FluoInspectorPart, i).share /= whole;
  g_array_sort (self->parts, compare_parts);
  if (self->parts->len > FLUO_INSPECTOR_PARTS_MAX)
    g_array_set_size (self->parts, FLUO_INSPECTOR_PARTS_MAX);
}

/* --- From the summaries --------------------------------------------------- */

typedef struct
{
  guint   count;
  guint   n_faults;
  GArray *times; /* gint64 */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_array_unref (request->times);
  g_free (request);
}

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

static void
count_cause (FluoInspectorData      *self,
             const FluoSummaryCause *cause,
             gboolean                own)
{
  const char *from = own ? NULL : cause->service;
  FluoInspectorCause item = { 0 };

  for (guint i = 0; i < self->causes->len; i++)
    {
      FluoInspectorCause *known = &g_array_index (self->causes, FluoInspectorCause, i);

      if (known->status == cause->status && g_strcmp0 (known->name, cause->exception) == 0 &&
          g_strcmp0 (known->from, from) == 0)
        {
          known->count++;
          return;
        }
    }
  if (self->causes->len >= REQUESTS_MAX)
    return;
  item.name = g_strdup (cause->exception);
  item.from = g_strdup (from);
  item.status = cause->status;
  item.count = 1;
  g_array_append_val (self->causes, item);
}

static void
count_request (GHashTable             *requests,
               const FluoTraceSummary *summary)
{
  g_autofree char *name = fluo_trace_summary_dup_request (summary);
  Request *request = g_hash_table_lookup (requests, name);

  if (!request)
    {
      if (g_hash_table_size (requests) >= REQUESTS_MAX)
        return;
      request = g_new0 (Request, 1);
      request->times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (requests, g_steal_pointer (&name), request);
    }
  request->count++;
  request->n_faults += summary->status == FLUO_STATUS_FAULT;
  if (request->times->len < TIMES_MAX)
    {
      const gint64 time = fluo_trace_summary_get_time_ns (summary);

      g_array_append_val (request->times, time);
    }
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 one = *(const gint64 *) a;
  const gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

static int
compare_causes (gconstpointer a,
                gconstpointer b)
{
  const FluoInspectorCause *one = a;
  const FluoInspectorCause *other = b;

  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  return (int) other->status - (int) one->status;
}

static int
compare_urls (gconstpointer a,
              gconstpointer b)
{
  const FluoInspectorUrl *one = a;
  const FluoInspectorUrl *other = b;

  if (one->count != other->count)
    return one->count < other->count ? 1 : -1;
  return strcmp (one->request, other->request);
}

static void
fill_urls (FluoInspectorData *self,
           GHashTable        *requests)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, requests);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Request *request = value;
      const FluoInspectorUrl url = { g_strdup (key), request->count, request->n_faults, 0, 0 };

      g_array_append_val (self->urls, url);
    }
  g_array_sort (self->urls, compare_urls);
  if (self->urls->len > FLUO_INSPECTOR_URLS_MAX)
    g_array_set_size (self->urls, FLUO_INSPECTOR_URLS_MAX);
  for (guint i = 0; i < self->urls->len; i++)
    {
      FluoInspectorUrl *url = &g_array_index (self->urls, FluoInspectorUrl, i);
      const Request *request = g_hash_table_lookup (requests, url->request);

      g_array_sort (request->times, compare_times);
      url->p50_ns =
        fluo_percentile ((const gint64 *) request->times->data, request->times->len, .5);
      url->p99_ns =
        fluo_percentile ((const gint64 *) request->times->data, request->times->len, .99);
    }
}

/* Names of what the node calls: trouble that began there is trouble of the node, too. */
static GHashTable *
callee_names (const FluoServiceGraph *graph,
              guint                   node)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *callee = g_ptr_array_index (graph->nodes, edge->to);

      if (edge->from == node && edge->to != node && !edge->linked && callee->name)
        g_hash_table_add (names, callee->name);
    }
  return names;
}

static void
read_summaries (FluoInspectorData *self,
                GPtrArray         *summaries,
                GHashTable        *callees)
{
  g_autoptr (GHashTable) requests =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, request_free);

  fluo_time_series_init (&self->series, self->span, BUCKETS_MAX);
  for (guint i = 0; summaries && i < summaries->len; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);
      const FluoSummaryService *service = find_service (summary, self->name, self->type);
      FluoStatus worst = FLUO_STATUS_OK;

      if (!service)
        continue;
      worst = service->status;
      for (guint k = 0; summary->causes && k < summary->causes->len; k++)
        {
          const FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, k);

          const gboolean own = g_strcmp0 (cause->service, self->name) == 0;

          if (!own && !(cause->service && g_hash_table_contains (callees, cause->service)))
            continue;
          count_cause (self, cause, own);
          worst = MAX (worst, cause->status);
        }
      self->n_named++;
      if (g_strcmp0 (summary->entry_name, self->name) == 0)
        {
          worst = MAX (worst, summary->status);
          count_request (requests, summary);
          if (summary->status == FLUO_STATUS_FAULT)
            fluo_histogram_add (&self->faults, fluo_trace_summary_get_time_ns (summary), 1);
        }
      fluo_time_series_add (&self->series, summary->start_ns, worst);
    }
  g_array_sort (self->causes, compare_causes);
  if (self->causes->len > FLUO_INSPECTOR_CAUSES_MAX)
    g_array_set_size (self->causes, FLUO_INSPECTOR_CAUSES_MAX);
  fill_urls (self, requests);
}

/* --- Filters -------------------------------------------------------------- */

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

char *
fluo_inspector_data_dup_status_filter (const FluoInspectorData *self,
                                       FluoStatus               status)
{
  g_return_val_if_fail (self != NULL && status < FLUO_N_STATUSES, NULL);

  if (!self->filter || !status_blocks[status])
    return NULL;
  return g_strdup_printf ("%s { %s }", self->filter, status_blocks[status]);
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
  if (!item->name && !item->from)
    return fluo_inspector_data_dup_status_filter (self, item->status);
  text = g_string_new (self->filter);
  if (item->from)
    {
      g_autofree char *from =
        fluo_filter_dup_service (item->from, NULL, status_blocks[item->status]);

      g_string_append_printf (text, " AND %s", from);
    }
  if (item->name)
    {
      g_string_append_printf (text, " AND rootcause.%s.exception { name = ",
                              item->status == FLUO_STATUS_FAULT ? "fault" : "error");
      fluo_filter_print_string (text, item->name);
      g_string_append (text, " }");
    }
  return g_string_free (text, FALSE);
}

FluoInspectorData *
fluo_inspector_data_new (const FluoServiceGraph *graph,
                         guint                   node,
                         GPtrArray              *summaries,
                         FluoTimeSpan            span)
{
  const FluoGraphNode *item;
  FluoInspectorData *self;
  g_autoptr (GHashTable) callees = NULL;

  g_return_val_if_fail (graph != NULL && node < graph->nodes->len, NULL);

  item = g_ptr_array_index (graph->nodes, node);
  self = new_data (&item->stats, span);
  self->name = g_strdup (item->name);
  self->title = g_strdup (fluo_kind_get_display_name (item->type, item->name));
  self->type = g_strdup (item->type);
  self->filter = fluo_inspector_dup_node_filter (graph, node);
  self->rate = fluo_map_node_rate (graph, node, span);
  /* Clients report nothing of their own; what they called says how they fared. */
  for (guint i = 0; fluo_call_stats_total (&item->stats) == 0 && i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (edge->from == node && edge->to != node)
        add_stats (self, &edge->stats);
    }
  fill_parts (self, graph, node);
  callees = callee_names (graph, node);
  read_summaries (self, summaries, callees);
  return self;
}

FluoInspectorData *
fluo_inspector_data_new_edge (const FluoServiceGraph *graph,
                              guint                   edge,
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
  self->filter = fluo_inspector_dup_edge_filter (graph, edge);
  self->rate = self->total /
               (MAX (fluo_time_span_length (span), FLUO_NSEC_PER_SEC) / (60.0 * FLUO_NSEC_PER_SEC));
  return self;
}

void
fluo_inspector_data_set_change (FluoInspectorData     *self,
                                const FluoGraphChange *change,
                                FluoTimeSpan           before)
{
  g_return_if_fail (self != NULL && change != NULL);

  self->compared = TRUE;
  self->change = *change;
  self->before = before;
}

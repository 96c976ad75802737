/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/trace/fluo-trace-page-private.h"
#include "aws/fluo-aws-service.h"
#include "aws/fluo-cloudwatch.h"
#include "core/fluo-format.h"
#include "core/fluo-span-detail.h"
#include "draw/fluo-metric-chart.h"

/* CloudWatch's metrics of the trace's services, as lanes above its rows. They are asked for when
 * the user wants them, as asking is paid for: one question for all of them. */

#define LANES_MAX 3
/* What is read around the trace; it begins long before, as that tells what is usual. */
#define BEFORE_NS (12 * 60 * FLUO_NSEC_PER_SEC)
#define AFTER_NS (3 * 60 * FLUO_NSEC_PER_SEC)

/* What made calls slow comes before how slow they were: that is what the bars show. */
static const char *const pressing[] = {
  "CPUUtilization", "pod_cpu_utilization", "Throttles", "ThrottledRequests",
  "ApproximateAgeOfOldestMessage",
  "GetRecords.IteratorAgeMilliseconds", "WriteProvisionedThroughputExceeded",
  "ConcurrentExecutions", "5XXError",
};

/* --- Which ------------------------------------------------------------------------------------ */

static guint
rank_of (const FluoMetric *metric)
{
  for (guint i = 0; i < G_N_ELEMENTS (pressing); i++)
    if (g_str_equal (pressing[i], metric->metric))
      return i;

  return G_N_ELEMENTS (pressing);
}

static int
by_rank (gconstpointer a, gconstpointer b)
{
  return (int) rank_of (*(FluoMetric *const *) a) - (int) rank_of (*(FluoMetric *const *) b);
}

/* The name under which CloudWatch keeps a service: that of an instance is its id. */
static char *
dup_resource (FluoTrace *trace, guint index)
{
  const FluoTraceService *service = &fluo_trace_get_services (trace, NULL)[index];
  const FluoSpan *spans;
  guint n, i = 0;

  if (g_strcmp0 (service->type, "AWS::EC2::Instance") != 0)
    return g_strdup (service->name);

  spans = fluo_trace_get_spans (trace, &n);
  while (i < n && (spans[i].service != index || !(spans[i].flags & FLUO_SPAN_SEGMENT)))
    i++;
  if (i < n)
    {
      g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (trace, i);

      for (guint k = 0; k < detail->aws->len; k++)
        {
          const FluoDetailField *field = &g_array_index (detail->aws, FluoDetailField, k);

          if (g_str_equal (field->key, "ec2.instance_id"))
            return g_strdup (field->value);
        }
    }

  return g_strdup (service->name);
}

static void
add_service (GArray *order, guint service, guint n_services)
{
  for (guint i = 0; i < order->len; i++)
    if (g_array_index (order, guint, i) == service)
      return;
  if (service < n_services)
    g_array_append_val (order, service);
}

/* Those that led to what went wrong come first, from there on up; then those in which most of the
 * critical path was. */
static GArray *
order_services (FluoTrace *trace)
{
  g_autoptr (GArray) shares = fluo_trace_dup_shares (trace);
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  const FluoSpan *spans;
  guint n, n_spans;

  fluo_trace_get_services (trace, &n);
  spans = fluo_trace_get_spans (trace, &n_spans);
  for (guint32 i = fluo_trace_get_cause_span (trace); i < n_spans; i = spans[i].parent)
    add_service (order, spans[i].service, n);
  for (guint i = 0; i < shares->len; i++)
    add_service (order, g_array_index (shares, FluoTraceShare, i).service, n);
  for (guint i = 0; i < n; i++)
    add_service (order, i, n);

  return order;
}

static void
add_lane (FluoTracePage *self, guint service, const FluoMetric *metric)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);
  FluoWaterfallLane *lane = g_new0 (FluoWaterfallLane, 1);

  lane->service = fluo_format_untrusted (
    fluo_kind_get_display_name (services[service].type, services[service].name), 80);
  lane->metric = fluo_metric_dup_name (metric->metric, metric->stat);
  lane->unit = metric->unit;
  g_ptr_array_add (self->metrics.lanes, lane);
}

/* A metric for each service in turn, as long as there is room, then another one. */
static void
choose (FluoTracePage *self)
{
  g_autoptr (GArray) order = order_services (self->trace);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  gboolean more = TRUE;

  self->metrics.wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_metric_free);
  self->metrics.lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_waterfall_lane_free);
  for (guint i = 0; i < order->len; i++)
    {
      guint service = g_array_index (order, guint, i);
      g_autofree char *resource = dup_resource (self->trace, service);
      const char *type = fluo_trace_get_services (self->trace, NULL)[service].type;
      GPtrArray *metrics = fluo_metrics_for_node (type, resource);

      g_ptr_array_sort (metrics, by_rank);
      g_ptr_array_add (all, metrics);
    }
  while (more && self->metrics.wanted->len < LANES_MAX)
    {
      more = FALSE;
      for (guint i = 0; i < order->len && self->metrics.wanted->len < LANES_MAX; i++)
        {
          GPtrArray *metrics = g_ptr_array_index (all, i);

          if (metrics->len == 0)
            continue;
          add_lane (self, g_array_index (order, guint, i), g_ptr_array_index (metrics, 0));
          g_ptr_array_add (self->metrics.wanted, g_ptr_array_steal_index (metrics, 0));
          more = TRUE;
        }
    }
}

/* --- Asking ----------------------------------------------------------------------------------- */

static FluoXrayClient *
get_client (FluoTracePage *self)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;

  return client != NULL && fluo_xray_client_has_service (client, FLUO_AWS_CLOUDWATCH) ? client
                                                                                        : NULL;
}

static char *
dup_failure (const GError *error)
{
  g_autofree char *reason = NULL;

  if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    return g_strdup (_("Metrics could pass this hour’s budget, so they were not asked for."));
  reason = fluo_error_dup_words (error);

  return g_strdup_printf (_("The metrics could not be read: %s."), reason);
}

static void
say (FluoWaterfallLane *lane, const char *words)
{
  g_free (lane->words);
  lane->words = g_strdup (words);
}

static void
fill_lane (FluoWaterfallLane *lane, const FluoMetricSeries *series)
{
  G_STATIC_ASSERT (sizeof (FluoMetricStep) == sizeof (FluoMetricPoint));
  lane->steps = g_array_ref (series->points);
  say (lane, series->forbidden         ? _("not allowed")
             : series->points->len == 0 ? _("no values")
                                        : NULL);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoTracePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) series =
    fluo_xray_client_get_metrics_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autofree char *failure = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->metrics.lanes == NULL)
    return;

  failure = error != NULL ? dup_failure (error) : NULL;
  for (guint i = 0; i < self->metrics.lanes->len; i++)
    {
      FluoWaterfallLane *lane = g_ptr_array_index (self->metrics.lanes, i);

      if (failure != NULL)
        say (lane, i == 0 ? failure : "");
      else
        fill_lane (lane, g_ptr_array_index (series, i));
    }
  fluo_waterfall_view_set_lanes (self->waterfall, self->metrics.lanes);
}

static void
read_lanes (FluoTracePage *self)
{
  const gint64 now_ns = g_get_real_time () * 1000;
  const FluoTimeSpan extent = fluo_trace_get_extent (self->trace);
  FluoTimeSpan range = { extent.begin_ns - BEFORE_NS,
                         MAX (MIN (extent.end_ns + AFTER_NS, now_ns), extent.end_ns) };
  guint period_s = fluo_metrics_period_s (range, now_ns);

  /* Whole periods: CloudWatch's begin at whole ones. */
  range.begin_ns -= range.begin_ns % ((gint64) period_s * FLUO_NSEC_PER_SEC);
  for (guint i = 0; i < self->metrics.lanes->len; i++)
    {
      FluoWaterfallLane *lane = g_ptr_array_index (self->metrics.lanes, i);

      lane->period_ns = (gint64) period_s * FLUO_NSEC_PER_SEC;
      lane->range = range;
      say (lane, _("asking CloudWatch"));
    }
  self->metrics.cancellable = g_cancellable_new ();
  fluo_xray_client_get_metrics_async (get_client (self), self->metrics.wanted, range, period_s,
                                      self->metrics.cancellable, answered_cb,
                                      g_object_ref (self));
}

/* --- The page --------------------------------------------------------------------------------- */

void
fluo_trace_page_drop_metrics (FluoTracePage *self)
{
  g_cancellable_cancel (self->metrics.cancellable);
  g_clear_object (&self->metrics.cancellable);
  g_clear_pointer (&self->metrics.wanted, g_ptr_array_unref);
  g_clear_pointer (&self->metrics.lanes, g_ptr_array_unref);
}

void
fluo_trace_page_update_metrics (FluoTracePage *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "metrics");
  gboolean can = get_client (self) != NULL && self->trace != NULL;

  /* A trace that grows keeps the lanes it has. */
  if (can && self->metrics.wanted == NULL)
    choose (self);
  can = can && self->metrics.wanted->len > 0;
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), can);
  self->metrics.some = can;
  if (can && self->metrics.on && self->metrics.cancellable == NULL)
    read_lanes (self);
  fluo_waterfall_view_set_lanes (self->waterfall,
                                 can && self->metrics.on ? self->metrics.lanes : NULL);
}

/* Switched off and on again they are asked for anew. */
void
fluo_trace_page_set_metrics (FluoTracePage *self, gboolean on)
{
  if (self->metrics.on == on)
    return;

  self->metrics.on = on;
  if (on)
    fluo_trace_page_drop_metrics (self);
  fluo_trace_page_update_metrics (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-cloudwatch.h"

#include <string.h>

#include "aws/fluo-xray-client-private.h"

#define METRICS_MAX 100
#define POINTS_WANTED 60
#define DAY_S (24 * 60 * 60)

static void
metric_series_free (FluoMetricSeries *self)
{
  g_array_unref (self->points);
  g_free (self);
}

guint
fluo_metrics_period_s (FluoTimeSpan span, gint64 now_ns)
{
  static const guint periods[] = { 60, 300, 900, 3600, 6 * 3600, DAY_S };
  const gint64 length_s = fluo_time_span_length (span) / FLUO_NSEC_PER_SEC;
  const gint64 age_s = (now_ns - span.begin_ns) / FLUO_NSEC_PER_SEC;
  /* One-minute values are kept for 15 days, those of five minutes for 63. */
  const guint kept = age_s > 63 * DAY_S ? 3600 : age_s > 15 * DAY_S ? 300 : 60;

  for (gsize i = 0; i < G_N_ELEMENTS (periods); i++)
    if (periods[i] >= kept && length_s / periods[i] <= POINTS_WANTED)
      return periods[i];
  return DAY_S;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void
write_metric (FluoJsonWriter *writer, const FluoMetric *metric, guint index, guint period_s)
{
  char id[16];

  g_snprintf (id, sizeof id, "m%u", index);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Id");
  fluo_json_writer_string (writer, id);
  if (metric->others)
    {
      g_autofree char *search = fluo_metric_dup_search (metric, period_s);

      fluo_json_writer_key (writer, "Expression");
      fluo_json_writer_string (writer, search);
      fluo_json_writer_end (writer, '}');
      return;
    }
  fluo_json_writer_key (writer, "MetricStat");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Metric");
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Namespace");
  fluo_json_writer_string (writer, metric->namespace_);
  fluo_json_writer_key (writer, "MetricName");
  fluo_json_writer_string (writer, metric->metric);
  fluo_json_writer_key (writer, "Dimensions");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < metric->n_dimensions; i++)
    {
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Name");
      fluo_json_writer_string (writer, metric->dimensions[i].name);
      fluo_json_writer_key (writer, "Value");
      fluo_json_writer_string (writer, metric->dimensions[i].value);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_key (writer, "Period");
  fluo_json_writer_int (writer, period_s);
  fluo_json_writer_key (writer, "Stat");
  fluo_json_writer_string (writer, metric->stat);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_end (writer, '}');
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  const FluoMetricPoint *left = a, *right = b;

  return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

/* Timestamps and Values are two lists of the same length; what one has more is nothing. */
static void
read_series (FluoMetricSeries *series, const FluoJsonTape *tape, guint32 result)
{
  const guint32 times = fluo_json_tape_get (tape, result, "Timestamps");
  const guint32 values = fluo_json_tape_get (tape, result, "Values");
  g_autofree char *status = fluo_json_tape_dup_member (tape, result, "StatusCode");
  guint32 time, value;

  series->forbidden |= g_strcmp0 (status, "Forbidden") == 0;
  if (fluo_json_tape_type (tape, times) != FLUO_JSON_ARRAY_BEGIN
      || fluo_json_tape_type (tape, values) != FLUO_JSON_ARRAY_BEGIN)
    return;
  time = fluo_json_tape_first (tape, times);
  value = fluo_json_tape_first (tape, values);
  while (time != FLUO_JSON_NONE && value != FLUO_JSON_NONE)
    {
      FluoMetricPoint point;

      if (fluo_json_tape_seconds (tape, time, &point.time_ns)
          && fluo_json_tape_type (tape, value) == FLUO_JSON_NUMBER)
        {
          point.value = fluo_json_tape_double (tape, value, 0);
          g_array_append_val (series->points, point);
        }
      time = fluo_json_tape_next (tape, times, time);
      value = fluo_json_tape_next (tape, values, value);
    }
}

/* [worker] */
static gboolean
read_page (const FluoJsonTape *tape, gpointer state, GError **error)
{
  const guint32 results = fluo_json_tape_get (tape, 0, "MetricDataResults");
  GPtrArray *all = state;

  if (fluo_json_tape_type (tape, results) != FLUO_JSON_ARRAY_BEGIN)
    return TRUE;
  for (guint32 node = fluo_json_tape_first (tape, results); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, results, node))
    {
      g_autofree char *id = NULL;
      guint64 index;

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      id = fluo_json_tape_dup_member (tape, node, "Id");
      if (id && id[0] == 'm'
          && g_ascii_string_to_unsigned (id + 1, 10, 0, all->len - 1, &index, NULL))
        read_series (g_ptr_array_index (all, index), tape, node);
    }
  return TRUE;
}

void
fluo_xray_client_get_metrics_async (FluoXrayClient *self, GPtrArray *metrics, FluoTimeSpan span,
                                    guint period_s, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GString) params = g_string_new (NULL);
  GPtrArray *all;
  FluoJsonWriter writer;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (metrics != NULL && metrics->len > 0 && metrics->len <= METRICS_MAX);

  all = g_ptr_array_new_with_free_func ((GDestroyNotify) metric_series_free);
  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "StartTime");
  fluo_json_writer_seconds (&writer, span.begin_ns);
  fluo_json_writer_key (&writer, "EndTime");
  fluo_json_writer_seconds (&writer, span.end_ns);
  fluo_json_writer_key (&writer, "ScanBy");
  fluo_json_writer_string (&writer, "TimestampAscending");
  fluo_json_writer_key (&writer, "MetricDataQueries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < metrics->len; i++)
    {
      FluoMetricSeries *series = g_new0 (FluoMetricSeries, 1);

      series->points = g_array_new (FALSE, FALSE, sizeof (FluoMetricPoint));
      g_ptr_array_add (all, series);
      write_metric (&writer, g_ptr_array_index (metrics, i), i, period_s);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_service_pages_async (self, FLUO_AWS_CLOUDWATCH, "GetMetricData", params->str, read_page,
                            NULL, all, (GDestroyNotify) g_ptr_array_unref, cancellable, callback,
                            user_data);
}

GPtrArray *
fluo_xray_client_get_metrics_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  GPtrArray *all = fluo_xray_pages_finish (self, result, error);

  for (guint i = 0; all && i < all->len; i++)
    g_array_sort (((FluoMetricSeries *) g_ptr_array_index (all, i))->points, by_time);
  return all;
}

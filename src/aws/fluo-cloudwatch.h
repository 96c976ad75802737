/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* CloudWatch's metrics of what stands on the service map, and the alarms on them. Main thread, as
 * the client. */

#define FLUO_METRIC_DIMENSIONS_MAX 3

/* One metric to ask for. Texts are the struct's own. */
typedef struct
{
  const char *namespace_; /* "AWS/Lambda"; static */
  const char *metric;     /* "Throttles"; static */
  const char *stat;       /* "Sum", "Average", "Maximum", "p90"; static */
  const char *unit;       /* "ms", "s", "%", "bytes" or "" for plain counts; static */
  const char *others;     /* further dimensions, of values that CloudWatch has to look for:
                             "ClusterName", or NULL; static */
  struct
  {
    const char *name;     /* static */
    char       *value;
  } dimensions[FLUO_METRIC_DIMENSIONS_MAX];
  guint n_dimensions;
} FluoMetric;

typedef struct
{
  gint64 time_ns; /* when its period begins */
  double value;
} FluoMetricPoint;

typedef struct
{
  GArray  *points;     /* FluoMetricPoint, oldest first; periods without a value are left out */
  gboolean forbidden;  /* the account doesn't let us see this one */
} FluoMetricSeries;

void fluo_metric_free        (FluoMetric *self);

/* The metrics worth seeing beside a node of the map: an array of FluoMetric, in the order to show
 * them; empty when CloudWatch keeps none under its name. @type is X-Ray's ("AWS::Lambda"), @name
 * the node's. */
GPtrArray *fluo_metrics_for_node (const char *type, const char *name) G_GNUC_WARN_UNUSED_RESULT;
/* The expression that looks for a metric with others; NULL for one without. */
char *fluo_metric_dup_search (const FluoMetric *self, guint period_s) G_GNUC_WARN_UNUSED_RESULT;
/* The period that gives a chart of @span about as many points as it has room for, and that
 * CloudWatch keeps for a range of that age: seconds. */
guint fluo_metrics_period_s (FluoTimeSpan span, gint64 now_ns);

/* GetMetricData for all of @metrics (FluoMetric; at most 100). The result: one FluoMetricSeries
 * for each, in the same order. */
void fluo_xray_client_get_metrics_async (FluoXrayClient *self, GPtrArray *metrics,
                                         FluoTimeSpan span, guint period_s,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
GPtrArray *fluo_xray_client_get_metrics_finish (FluoXrayClient *self, GAsyncResult *result,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- Alarms ---------------------------------------------------------------------------------- */

#define FLUO_ALARM_DIMENSIONS_MAX 30 /* CloudWatch's own limit */

/* A metric that an alarm watches, or computes with. */
typedef struct
{
  char *namespace_;
  struct
  {
    char *name, *value; /* may be NULL: what CloudWatch says is not to be trusted */
  } dimensions[FLUO_ALARM_DIMENSIONS_MAX];
  guint n_dimensions;
} FluoAlarmMetric;

/* One that is in state ALARM. Does not change once it is made. */
typedef struct
{
  char   *name;
  char   *reason;   /* CloudWatch's words, or NULL */
  gint64  since_ns; /* 0: not told */
  GArray *metrics;  /* FluoAlarmMetric */
} FluoAlarm;

FluoAlarm *fluo_alarm_ref   (FluoAlarm *self);
void       fluo_alarm_unref (FluoAlarm *self);
/* Whether it watches the resource that @metrics (FluoMetric), those of a node of the map, are of:
 * whichever of its metrics that is. */
gboolean   fluo_alarm_is_about (const FluoAlarm *self, GPtrArray *metrics);

/* DescribeAlarms, of those in state ALARM; at most a thousand. The result: an array of FluoAlarm.
 * Alarms made of other alarms (composite ones) watch nothing themselves and are left out. */
void fluo_xray_client_get_alarms_async (FluoXrayClient *self, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_xray_client_get_alarms_finish (FluoXrayClient *self, GAsyncResult *result,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

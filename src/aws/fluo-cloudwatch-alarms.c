/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-cloudwatch.h"

#include <string.h>

#include "aws/fluo-xray-client-private.h"

/* Which alarms there are, and what they watch. */

#define WATCHED_MAX 100 /* of one alarm: CloudWatch's own limit is lower */

static void
clear_watched (gpointer data)
{
  FluoAlarmMetric *self = data;

  g_free (self->namespace_);
  for (guint i = 0; i < self->n_dimensions; i++)
    {
      g_free (self->dimensions[i].name);
      g_free (self->dimensions[i].value);
    }
}

FluoAlarm *
fluo_alarm_ref (FluoAlarm *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_alarm (gpointer data)
{
  FluoAlarm *self = data;

  g_free (self->name);
  g_free (self->reason);
  g_array_unref (self->metrics);
}

void
fluo_alarm_unref (FluoAlarm *self)
{
  if (self)
    g_atomic_rc_box_release_full (self, clear_alarm);
}

/* --- What they watch ------------------------------------------------------------------------ */

static gboolean
has_dimension (const FluoAlarmMetric *watched, const char *name, const char *value)
{
  for (guint i = 0; i < watched->n_dimensions; i++)
    if (g_strcmp0 (watched->dimensions[i].name, name) == 0
        && g_strcmp0 (watched->dimensions[i].value, value) == 0)
      return TRUE;
  return FALSE;
}

/* Of the same resource, whichever of its metrics it is. */
static gboolean
is_of_resource (const FluoAlarmMetric *watched, const FluoMetric *metric)
{
  if (g_strcmp0 (watched->namespace_, metric->namespace_) != 0)
    return FALSE;
  for (guint i = 0; i < metric->n_dimensions; i++)
    if (!has_dimension (watched, metric->dimensions[i].name, metric->dimensions[i].value))
      return FALSE;
  return TRUE;
}

gboolean
fluo_alarm_is_about (const FluoAlarm *self, GPtrArray *metrics)
{
  g_return_val_if_fail (self != NULL && metrics != NULL, FALSE);

  for (guint i = 0; i < metrics->len; i++)
    for (guint k = 0; k < self->metrics->len; k++)
      if (is_of_resource (&g_array_index (self->metrics, FluoAlarmMetric, k),
                          g_ptr_array_index (metrics, i)))
        return TRUE;
  return FALSE;
}

/* --- Reading -------------------------------------------------------------------------------- */

/* @node: {Namespace, MetricName, Dimensions}, of an alarm or of a metric it computes with. */
static void
read_watched (FluoAlarm *self, const FluoJsonTape *tape, guint32 node)
{
  const guint32 dimensions = fluo_json_tape_get (tape, node, "Dimensions");
  FluoAlarmMetric watched = { 0 };

  watched.namespace_ = fluo_json_tape_dup_member (tape, node, "Namespace");
  if (!watched.namespace_ || self->metrics->len >= WATCHED_MAX)
    {
      g_free (watched.namespace_);
      return;
    }
  if (fluo_json_tape_type (tape, dimensions) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 item = fluo_json_tape_first (tape, dimensions);
         item != FLUO_JSON_NONE && watched.n_dimensions < FLUO_ALARM_DIMENSIONS_MAX;
         item = fluo_json_tape_next (tape, dimensions, item))
      {
        if (fluo_json_tape_type (tape, item) != FLUO_JSON_OBJECT_BEGIN)
          continue;
        watched.dimensions[watched.n_dimensions].name =
          fluo_json_tape_dup_member (tape, item, "Name");
        watched.dimensions[watched.n_dimensions++].value =
          fluo_json_tape_dup_member (tape, item, "Value");
      }
  g_array_append_val (self->metrics, watched);
}

static FluoAlarm *
read_alarm (const FluoJsonTape *tape, guint32 node)
{
  const guint32 metrics = fluo_json_tape_get (tape, node, "Metrics");
  FluoAlarm *self = g_atomic_rc_box_new0 (FluoAlarm);

  self->name = fluo_json_tape_dup_member (tape, node, "AlarmName");
  self->reason = fluo_json_tape_dup_member (tape, node, "StateReason");
  /* When the state became this; the other time moves with every new reason. */
  if (!fluo_json_tape_seconds (
        tape, fluo_json_tape_get (tape, node, "StateTransitionedTimestamp"), &self->since_ns))
    fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, "StateUpdatedTimestamp"),
                            &self->since_ns);
  self->metrics = g_array_new (FALSE, TRUE, sizeof (FluoAlarmMetric));
  g_array_set_clear_func (self->metrics, clear_watched);
  read_watched (self, tape, node);
  if (fluo_json_tape_type (tape, metrics) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 item = fluo_json_tape_first (tape, metrics); item != FLUO_JSON_NONE;
         item = fluo_json_tape_next (tape, metrics, item))
      {
        guint32 stat = fluo_json_tape_type (tape, item) == FLUO_JSON_OBJECT_BEGIN
                         ? fluo_json_tape_get (tape, item, "MetricStat")
                         : FLUO_JSON_NONE;
        guint32 metric = fluo_json_tape_type (tape, stat) == FLUO_JSON_OBJECT_BEGIN
                           ? fluo_json_tape_get (tape, stat, "Metric")
                           : FLUO_JSON_NONE;

        if (fluo_json_tape_type (tape, metric) == FLUO_JSON_OBJECT_BEGIN)
          read_watched (self, tape, metric);
      }
  return self;
}

/* [worker] */
static gboolean
read_page (const FluoJsonTape *tape, gpointer state, GError **error)
{
  const guint32 list = fluo_json_tape_get (tape, 0, "MetricAlarms");
  GPtrArray *alarms = state;

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return TRUE;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
      {
        FluoAlarm *alarm = read_alarm (tape, node);

        if (alarm->name)
          g_ptr_array_add (alarms, alarm);
        else
          fluo_alarm_unref (alarm);
      }
  return TRUE;
}

void
fluo_xray_client_get_alarms_async (FluoXrayClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  fluo_service_pages_async (self, FLUO_AWS_CLOUDWATCH, "DescribeAlarms",
                            "{\"StateValue\":\"ALARM\",\"MaxRecords\":100", read_page, NULL,
                            g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_alarm_unref),
                            (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

GPtrArray *
fluo_xray_client_get_alarms_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  return fluo_xray_pages_finish (self, result, error);
}

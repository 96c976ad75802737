/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-cloudwatch.h"

#include <string.h>

#include "aws/fluo-xray-client-private.h"

/* Which alarms there are, and what they watch. */

/* An account with more than a thousand alarms ringing has another problem. */
#define PAGES_MAX 10
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

  watched.namespace_ = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "Namespace"));
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
          fluo_json_tape_dup (tape, fluo_json_tape_get (tape, item, "Name"));
        watched.dimensions[watched.n_dimensions++].value =
          fluo_json_tape_dup (tape, fluo_json_tape_get (tape, item, "Value"));
      }
  g_array_append_val (self->metrics, watched);
}

static FluoAlarm *
read_alarm (const FluoJsonTape *tape, guint32 node)
{
  const guint32 metrics = fluo_json_tape_get (tape, node, "Metrics");
  FluoAlarm *self = g_atomic_rc_box_new0 (FluoAlarm);

  self->name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "AlarmName"));
  self->reason = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "StateReason"));
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

static void
read_page (GPtrArray *alarms, const FluoJsonTape *tape)
{
  const guint32 list = fluo_json_tape_get (tape, 0, "MetricAlarms");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
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
}

typedef struct
{
  GPtrArray *alarms;
  guint      n_pages;
} Read;

static void request_page (GTask *task, const char *token);

static void
read_free (gpointer data)
{
  Read *self = data;

  g_clear_pointer (&self->alarms, g_ptr_array_unref);
  g_free (self);
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Read *read = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_service_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autofree char *token = NULL;

  if (!tape)
    {
      g_task_return_error (task, error);
      return;
    }
  read_page (read->alarms, tape);
  token = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "NextToken"));
  if (token && *token != '\0' && ++read->n_pages < PAGES_MAX)
    request_page (g_steal_pointer (&task), token);
  else
    g_task_return_pointer (task, g_steal_pointer (&read->alarms),
                           (GDestroyNotify) g_ptr_array_unref);
}

/* Takes the reference on @task. */
static void
request_page (GTask *task, const char *token)
{
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "StateValue");
  fluo_json_writer_string (&writer, "ALARM");
  fluo_json_writer_key (&writer, "MaxRecords");
  fluo_json_writer_int (&writer, 100);
  if (token)
    {
      fluo_json_writer_key (&writer, "NextToken");
      fluo_json_writer_string (&writer, token);
    }
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_service_async (g_task_get_source_object (task), FLUO_AWS_CLOUDWATCH,
                                       "DescribeAlarms", body->str, g_task_get_cancellable (task),
                                       page_cb, task);
}

void
fluo_xray_client_get_alarms_async (FluoXrayClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Read *read;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  read = g_new0 (Read, 1);
  read->alarms = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_alarm_unref);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_alarms_async);
  g_task_set_task_data (task, read, read_free);
  request_page (task, NULL);
}

GPtrArray *
fluo_xray_client_get_alarms_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_alarms_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-xray-insights.h"

#include "aws/fluo-xray-client-private.h"

/* X-Ray has 25 groups at most; more than this is not asked for. */
#define GROUPS_MAX 100

/* Lives in the caller's context, but while the worker reads a page. */
typedef struct
{
  FluoInsightReport *report;
  GPtrArray         *arns; /* of the enabled groups that were not asked yet */
  FluoTimeSpan       span;
} Reading;

static void
service_clear (FluoInsightService *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->type, g_free);
}

static void
service_free (gpointer data)
{
  service_clear (data);
  g_free (data);
}

static void
insight_free (gpointer data)
{
  FluoInsight *self = data;

  g_free (self->id);
  g_free (self->group_name);
  g_free (self->summary);
  service_clear (&self->cause);
  g_ptr_array_unref (self->services);
  g_free (self);
}

void
fluo_insight_report_free (FluoInsightReport *self)
{
  g_ptr_array_unref (self->insights);
  g_free (self);
}

static void
reading_free (gpointer data)
{
  Reading *self = data;

  g_clear_pointer (&self->report, fluo_insight_report_free);
  g_ptr_array_unref (self->arns);
  g_free (self);
}

/* --- Pages [worker] ------------------------------------------------------- */

static gboolean
read_groups (const FluoJsonTape *tape, gpointer state, GError **error)
{
  Reading *self = state;
  guint32 list = fluo_json_tape_get (tape, 0, "Groups");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return TRUE;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      guint32 configuration = fluo_json_tape_get (tape, node, "InsightsConfiguration");
      gboolean enabled = fluo_json_tape_boolean (
        tape, fluo_json_tape_get (tape, configuration, "InsightsEnabled"), FALSE);
      g_autofree char *arn = fluo_json_tape_dup_member (tape, node, "GroupARN");

      self->report->n_groups++;
      if (!enabled || !arn || self->arns->len == GROUPS_MAX)
        continue;
      self->report->n_enabled++;
      g_ptr_array_add (self->arns, g_steal_pointer (&arn));
    }
  return TRUE;
}

static void
read_service (const FluoJsonTape *tape, guint32 node, FluoInsightService *ret_service)
{
  ret_service->name = fluo_json_tape_dup_member (tape, node, "Name");
  ret_service->type = fluo_json_tape_dup_member (tape, node, "Type");
}

static guint64
read_count (const FluoJsonTape *tape, guint32 statistics, const char *member)
{
  gint64 count = fluo_json_tape_int (tape, fluo_json_tape_get (tape, statistics, member), 0);

  return (guint64) MAX (count, 0);
}

static gint64
read_time (const FluoJsonTape *tape, guint32 node, const char *member)
{
  gint64 time_ns = 0;

  fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, member), &time_ns);
  return time_ns;
}

static FluoInsight *
read_insight (const FluoJsonTape *tape, guint32 node)
{
  FluoInsight *self = g_new0 (FluoInsight, 1);
  guint32 client = fluo_json_tape_get (tape, node, "ClientRequestImpactStatistics");
  guint32 cause = fluo_json_tape_get (tape, node, "RootCauseServiceRequestImpactStatistics");
  guint32 list = fluo_json_tape_get (tape, node, "TopAnomalousServices");
  g_autofree char *state = fluo_json_tape_dup_member (tape, node, "State");

  self->id = fluo_json_tape_dup_member (tape, node, "InsightId");
  self->group_name = fluo_json_tape_dup_member (tape, node, "GroupName");
  self->summary = fluo_json_tape_dup_member (tape, node, "Summary");
  self->active = g_strcmp0 (state, "ACTIVE") == 0;
  self->begin_ns = read_time (tape, node, "StartTime");
  self->end_ns = self->active ? 0 : read_time (tape, node, "EndTime");
  read_service (tape, fluo_json_tape_get (tape, node, "RootCauseServiceId"), &self->cause);
  self->client_faults = read_count (tape, client, "FaultCount");
  self->client_total = read_count (tape, client, "TotalCount");
  self->cause_faults = read_count (tape, cause, "FaultCount");
  self->cause_total = read_count (tape, cause, "TotalCount");
  self->services = g_ptr_array_new_with_free_func (service_free);
  if (fluo_json_tape_type (tape, list) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 item = fluo_json_tape_first (tape, list); item != FLUO_JSON_NONE;
         item = fluo_json_tape_next (tape, list, item))
      {
        FluoInsightService *service = g_new0 (FluoInsightService, 1);

        read_service (tape, fluo_json_tape_get (tape, item, "ServiceId"), service);
        if (service->name)
          g_ptr_array_add (self->services, service);
        else
          service_free (service);
      }
  return self;
}

/* One without an id or a beginning is no insight and is left out. */
static gboolean
read_insights (const FluoJsonTape *tape, gpointer state, GError **error)
{
  Reading *self = state;
  guint32 list = fluo_json_tape_get (tape, 0, "InsightSummaries");

  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return TRUE;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoInsight *insight = read_insight (tape, node);

      if (insight->id && insight->begin_ns > 0)
        g_ptr_array_add (self->report->insights, insight);
      else
        insight_free (insight);
    }
  return TRUE;
}

/* --- Calls ---------------------------------------------------------------- */

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const FluoInsight *left = *(FluoInsight *const *) a, *right = *(FluoInsight *const *) b;

  if (left->begin_ns != right->begin_ns)
    return left->begin_ns > right->begin_ns ? -1 : 1;
  return g_strcmp0 (left->id, right->id);
}

static void pages_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
ask_next (FluoXrayClient *client, Reading *self, GTask *task)
{
  g_autoptr (GString) params = g_string_new (NULL);
  FluoJsonWriter writer;

  if (self->arns->len == 0)
    {
      g_ptr_array_sort (self->report->insights, newest_first);
      g_task_return_pointer (task, g_steal_pointer (&self->report),
                             (GDestroyNotify) fluo_insight_report_free);
      reading_free (self);
      g_object_unref (task);
      return;
    }
  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "GroupARN");
  fluo_json_writer_string (&writer, g_ptr_array_index (self->arns, 0));
  fluo_json_writer_key (&writer, "StartTime");
  fluo_json_writer_seconds (&writer, self->span.begin_ns);
  fluo_json_writer_key (&writer, "EndTime");
  fluo_json_writer_seconds (&writer, self->span.end_ns);
  g_ptr_array_remove_index (self->arns, 0);
  fluo_xray_pages_async (client, "/InsightSummaries", params->str, read_insights, NULL, self,
                         reading_free, g_task_get_cancellable (task), pages_cb, task);
}

static void
pages_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  Reading *self = fluo_xray_pages_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (self)
    ask_next (FLUO_XRAY_CLIENT (source), self, task);
  else
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
}

void
fluo_xray_client_get_insights_async (FluoXrayClient *self, FluoTimeSpan span,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task;
  Reading *reading;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_insights_async);
  reading = g_new0 (Reading, 1);
  reading->report = g_new0 (FluoInsightReport, 1);
  reading->report->insights = g_ptr_array_new_with_free_func (insight_free);
  reading->arns = g_ptr_array_new_with_free_func (g_free);
  reading->span = span;
  fluo_xray_pages_async (self, "/Groups", "{", read_groups, NULL, reading, reading_free,
                         cancellable, pages_cb, task);
}

FluoInsightReport *
fluo_xray_client_get_insights_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_insights_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
updated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result,
                                                                &error);

  if (tape)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fluo_xray_client_set_default_insights_async (FluoXrayClient *self, gboolean enabled,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *body = g_strdup_printf (
    "{\"GroupName\":\"Default\",\"InsightsConfiguration\":{\"InsightsEnabled\":%s}}",
    enabled ? "true" : "false");
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_set_default_insights_async);
  fluo_xray_client_call_async (self, "/UpdateGroup", body, cancellable, updated_cb, task);
}

gboolean
fluo_xray_client_set_default_insights_finish (FluoXrayClient *self, GAsyncResult *result,
                                              GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (
    g_async_result_is_tagged (result, fluo_xray_client_set_default_insights_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

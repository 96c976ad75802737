/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include "aws/fluo-aws-service.h"
#include "aws/fluo-cloudwatch.h"

/* Which of CloudWatch's alarms ring for what is on the map. They are read with the graph, though
 * not with every one, as reading is paid for; a refusal is not tried again by itself. */

#define READ_AGAIN_USEC (60 * G_USEC_PER_SEC)

/* --- Which nodes they are about ------------------------------------------------------------- */

/* What CloudWatch knows the node as: of EC2 that is the instances on which the service runs. */
static GPtrArray *
node_metrics (FluoMapPage         *self,
              const FluoGraphNode *node)
{
  g_autoptr (GHashTable) instances = NULL;
  GPtrArray *metrics;
  GHashTableIter iter;
  gpointer id;

  if (g_strcmp0 (node->type, "AWS::EC2::Instance") != 0)
    return fluo_metrics_for_node (node->type, node->name ? node->name : "");
  metrics = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_metric_free);
  instances = fluo_inspector_dup_instances (fluo_explorer_get_summaries (self->explorer),
                                            node->name, node->type);
  g_hash_table_iter_init (&iter, instances);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_autoptr (GPtrArray) more = fluo_metrics_for_node (node->type, id);

      g_ptr_array_extend_and_steal (metrics, g_steal_pointer (&more));
    }
  return metrics;
}

/* NULL where none rings. */
static GPtrArray *
find_alarms (FluoMapPage         *self,
             const FluoGraphNode *node,
             FluoTimeSpan         span)
{
  g_autoptr (GPtrArray) metrics = node_metrics (self, node);
  GPtrArray *found = NULL;

  for (guint i = 0; i < self->alarms.list->len; i++)
    {
      FluoAlarm *alarm = g_ptr_array_index (self->alarms.list, i);

      /* What began after the range is none of its business. */
      if (alarm->since_ns >= span.end_ns || !fluo_alarm_is_about (alarm, metrics))
        continue;
      if (!found)
        found = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_alarm_unref);
      g_ptr_array_add (found, fluo_alarm_ref (alarm));
    }
  return found;
}

static void
show_alarms (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_explorer_get_graph (self->explorer);
  const FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  GHashTable *by_key = NULL;

  for (guint i = 0; self->alarms.list && self->alarms.list->len > 0 && graph
                    && i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
      GPtrArray *found = find_alarms (self, node, span);

      if (!found)
        continue;
      if (!by_key)
        by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_ptr_array_unref);
      g_hash_table_insert (by_key, fluo_graph_node_dup_key (node), found);
    }
  fluo_map_area_set_alarms (self->area, by_key);
}

/* --- Reading -------------------------------------------------------------------------------- */

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (FluoMapPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) alarms =
    fluo_xray_client_get_alarms_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->alarms.cancellable);
  g_clear_error (&self->alarms.error);
  self->alarms.error = g_steal_pointer (&error);
  /* What was known stays where it could not be read again. */
  if (alarms)
    {
      g_clear_pointer (&self->alarms.list, g_ptr_array_unref);
      self->alarms.list = g_steal_pointer (&alarms);
    }
  show_alarms (self);
  fluo_map_page_update_inspector (self);
}

void
fluo_map_page_stop_alarms (FluoMapPage *self)
{
  g_cancellable_cancel (self->alarms.cancellable);
  g_clear_object (&self->alarms.cancellable);
  g_clear_pointer (&self->alarms.list, g_ptr_array_unref);
  g_clear_error (&self->alarms.error);
  self->alarms.client = NULL;
}

static void
read_alarms (FluoMapPage *self)
{
  self->alarms.read_usec = g_get_monotonic_time ();
  self->alarms.cancellable = g_cancellable_new ();
  fluo_xray_client_get_alarms_async (self->alarms.client, self->alarms.cancellable, read_cb,
                                     g_object_ref (self));
}

void
fluo_map_page_read_alarms_cb (GtkWidget  *widget,
                              const char *action,
                              GVariant   *parameter)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);

  if (self->alarms.client && !self->alarms.cancellable)
    read_alarms (self);
}

/* By itself: nobody answered, or not now. */
static gboolean
may_pass (const GError *error)
{
  return g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE)
         || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_SERVICE)
         || g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_THROTTLED);
}

void
fluo_map_page_follow_alarms (FluoMapPage *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);

  if (client && !fluo_xray_client_has_service (client, FLUO_AWS_CLOUDWATCH))
    client = NULL;
  if (client != self->alarms.client)
    fluo_map_page_stop_alarms (self);
  show_alarms (self);
  if (!client || !fluo_explorer_get_graph (self->explorer) || self->alarms.cancellable)
    return;
  if (client == self->alarms.client
      && ((self->alarms.error && !may_pass (self->alarms.error))
          || g_get_monotonic_time () - self->alarms.read_usec < READ_AGAIN_USEC))
    return;
  self->alarms.client = client;
  read_alarms (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

#include "app/trace/fluo-color-file.h"
#include "fluo-graph-order.h"
#include "fluo-summary-set.h"

/* Live reads happen at most twice a second, however fast the store changes. */
#define UPDATE_INTERVAL_MS 500
/* The store's clock and commit order may differ a little from ours; repeated summaries merge by id.
 */
#define OVERLAP_NS (2 * FLUO_NSEC_PER_SEC)
/* AWS indexes traces late, so more is read twice. */
#define OVERLAP_REMOTE_NS (30 * FLUO_NSEC_PER_SEC)

static void
register_colors (FluoExplorer *self)
{
  g_autoptr (GArray) order = fluo_graph_order_new (self->graph);

  for (guint i = 0; i < order->len; i++)
    {
      FluoGraphNode *node = g_ptr_array_index (self->graph->nodes, g_array_index (order, guint, i));

      fluo_service_colors_lookup (self->colors, node->name, node->type);
    }
  fluo_color_file_keep (self->colors);
}

static void
read_done (FluoExplorer *self)
{
  g_return_if_fail (self->n_reading > 0);
  if (--self->n_reading > 0)
    return;
  if (self->state != FLUO_EXPLORER_RETRYING && self->state != FLUO_EXPLORER_FAILED)
    {
      fluo_explorer_set_state (self, FLUO_EXPLORER_CONNECTED);
      if (self->update_wanted)
        fluo_explorer_queue_update (self);
      else
        fluo_explorer_wait_for_change (self);
    }
  fluo_explorer_emit_state (self);
}

/* One answer less to wait for. @error (NULL: none) keeps what was shown, unless nobody wants to
 * know. */
static void
end_question (FluoExplorer *self, FluoQuestion *question, const GError *error)
{
  if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fluo_explorer_fail (self, g_error_copy (error));
  if (!fluo_question_is_late (question, self))
    read_done (self);
}

static void
graph_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoServiceGraph) graph =
    fluo_xray_client_get_service_graph_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);

  if (fluo_question_is_late (question, self))
    return;
  if (graph)
    {
      g_clear_pointer (&self->graph, fluo_service_graph_unref);
      self->graph = fluo_service_graph_fold (graph);
      register_colors (self);
      fluo_explorer_emit_graph (self);
    }
  end_question (self, question, error);
}

static void
summaries_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) read = fluo_xray_client_get_trace_summaries_finish (
      FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);

  if (fluo_question_is_late (question, self))
    return;
  if (read)
    {
      self->read_ns = question->begun_ns;
      g_clear_error (&self->error);
      fluo_explorer_update_summaries (self, read);
      fluo_explorer_update_matches (self);
    }
  end_question (self, question, error);
}

/* Of a live read: what matches of that which changed. */
static void
matches_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) read = fluo_xray_client_get_trace_summaries_finish (
    FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);

  if (fluo_question_is_late (question, self))
    return;
  /* Of another filter: that one is being read from the beginning. */
  if (question->asking == self->asking && read)
    {
      self->changed_matches = g_ptr_array_ref (read);
      fluo_explorer_update_matches (self);
    }
  end_question (self, question,
                g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE) ? error
                                                                                     : NULL);
}

/* What changed since the last read. */
static void
read_changes (FluoExplorer *self)
{
  FluoQuestion *question = fluo_question_new (self);
  FluoTimeSpan span;

  span.begin_ns = MAX (self->read_ns - (self->has_feed ? OVERLAP_NS : OVERLAP_REMOTE_NS), 0);
  span.end_ns = MAX (question->begun_ns, span.begin_ns) + FLUO_NSEC_PER_SEC;
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->changed_matches, g_ptr_array_unref);
  self->n_reading++;
  fluo_xray_client_get_trace_summaries_async (self->client, span, FLUO_TIME_RANGE_EVENT, NULL, NULL,
                                              NULL, self->cancellable, summaries_read_cb, question);
  if (!fluo_explorer_has_filter (self))
    return;
  self->n_reading++;
  fluo_xray_client_get_trace_summaries_async (self->client, span, FLUO_TIME_RANGE_EVENT,
                                              self->filter, NULL, NULL, self->cancellable,
                                              matches_read_cb, fluo_question_new (self));
}

/* Live reads go on while a long range is still being read: what changes from now on is theirs. */
void
fluo_explorer_read_range (FluoExplorer *self, gboolean all)
{
  FluoQuestion *question;

  self->update_wanted = FALSE;
  self->update_usec = g_get_monotonic_time ();
  if (all && self->relative_ns > 0)
    self->anchor_ns = fluo_time_now_ns ();
  question = fluo_question_new (self);
  self->n_reading = 1;
  fluo_xray_client_get_service_graph_async (self->client, question->span, self->cancellable,
                                            graph_read_cb, question);
  if (!all)
    {
      read_changes (self);
      return;
    }
  self->read_ns = question->begun_ns;
  fluo_explorer_ask (self);
  fluo_explorer_read_all (self);
}

static gboolean
update_cb (gpointer data)
{
  FluoExplorer *self = data;

  self->update_id = 0;
  if (self->n_reading > 0)
    {
      self->update_wanted = TRUE;
      return G_SOURCE_REMOVE;
    }
  if (self->has_feed)
    fluo_explorer_ask_status (self);
  fluo_explorer_read_range (self, FALSE);
  return G_SOURCE_REMOVE;
}

void
fluo_explorer_queue_update (FluoExplorer *self)
{
  gint64 since_ms = (g_get_monotonic_time () - self->update_usec) / 1000;

  /* Waking asks what has changed. */
  if (self->update_id == 0 && !self->resting)
    self->update_id = g_timeout_add (CLAMP (UPDATE_INTERVAL_MS - since_ms, 0, UPDATE_INTERVAL_MS),
                                     update_cb, self);
}

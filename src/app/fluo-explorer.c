/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer.h"

#include <glib/gi18n.h>

#include "fluo-color-file.h"
#include "fluo-graph-order.h"
#include "fluo-summary-set.h"

/* Live reads happen at most twice a second, however fast the store changes. */
#define UPDATE_INTERVAL_MS 500
/* What is not fluoroscoped has no feed of changes and is asked again this often. */
#define POLL_INTERVAL_S 15
/* The store's clock and commit order may differ a little from ours; repeated summaries merge by id.
 */
#define OVERLAP_NS (2 * FLUO_NSEC_PER_SEC)
/* AWS indexes traces late, so more is read twice. */
#define OVERLAP_REMOTE_NS (30 * FLUO_NSEC_PER_SEC)
/* Counters of an empty store are on screen (start page) and change without a commit. */
#define STATUS_INTERVAL_EMPTY_S 2
#define STATUS_INTERVAL_S 10
/* Between two tries to reach what went away, in seconds. */
#define RETRY_FIRST_S 1
#define RETRY_MAX_S 5
#define RETRY_MAX_REMOTE_S 30
/* A median of fewer says nothing about what is usual. */
#define USUAL_MIN_TRACES 20

struct _FluoExplorer
{
  GObject parent_instance;

  FluoXrayClient *client;
  char *name;
  char *detail;
  gboolean local;
  /* fluoroscoped: has status and the feed of changes. */
  gboolean has_feed;

  FluoExplorerState state;
  GError *error;
  FluoCollectorStatus *status;
  guint retry_seconds;
  guint retry_delay_s;

  gint64 relative_ns;
  FluoTimeSpan fixed;
  gint64 anchor_ns; /* where the moving range ends while live is off */
  gboolean live;

  FluoServiceGraph *graph;
  GPtrArray *summaries;
  FluoServiceColors *colors;
  guint n_colors; /* remembered in the file */
  GHashTable *usual; /* title -> gint64 *; emptied when summaries change */

  /* One generation per connection, one per question; late answers of older ones are dropped. */
  guint connection;
  guint question;
  GCancellable *connection_cancellable;
  GCancellable *cancellable;
  guint n_reading;
  gboolean reading_all;
  gboolean update_wanted;
  gboolean waiting_for_change;
  gint64 read_ns;      /* when the last summaries read began */
  gint64 update_usec;  /* monotonic, of the last live read */
  guint64 revision;
  guint64 paused_traces;

  guint update_id;
  guint retry_id;
  guint status_id;
  guint poll_id;
};

/* Does not keep the explorer alive: a long poll would, for ever. */
typedef struct
{
  GWeakRef explorer;
  guint connection;
  guint question;
  FluoTimeSpan span;
  gint64 begun_ns;
  gboolean all;
  gboolean streamed;
} Question;

enum
{
  SIGNAL_GRAPH_CHANGED,
  SIGNAL_SUMMARIES_CHANGED,
  SIGNAL_STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoExplorer, fluo_explorer, G_TYPE_OBJECT)

static void wait_for_change (FluoExplorer *self);
static gboolean status_tick_cb (gpointer data);
static void ask_status (FluoExplorer *self);
static void queue_update (FluoExplorer *self);
static void connect_now (FluoExplorer *self);

static Question *
question_new (FluoExplorer *self)
{
  Question *question = g_new0 (Question, 1);

  g_weak_ref_init (&question->explorer, self);
  question->connection = self->connection;
  question->question = self->question;
  question->span = fluo_explorer_get_span (self);
  question->begun_ns = fluo_time_now_ns ();
  return question;
}

static void
question_free (Question *question)
{
  g_weak_ref_clear (&question->explorer);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/* A reference on the explorer, or NULL when nobody waits for answers of that connection any more.
 */
static FluoExplorer *
question_dup_explorer (Question *question)
{
  FluoExplorer *self = g_weak_ref_get (&question->explorer);

  if (self && self->connection != question->connection)
    g_clear_object (&self);
  return self;
}

static gboolean
question_is_late (const Question *question, FluoExplorer *self)
{
  return !self || question->connection != self->connection || question->question != self->question;
}

static void
emit_state (FluoExplorer *self)
{
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

static void
set_state (FluoExplorer *self, FluoExplorerState state)
{
  self->state = state;
  if (state != FLUO_EXPLORER_RETRYING)
    {
      g_clear_handle_id (&self->retry_id, g_source_remove);
      self->retry_seconds = 0;
    }
  if (state == FLUO_EXPLORER_CONNECTED)
    self->retry_delay_s = 0;
}

static void
stop_timers (FluoExplorer *self)
{
  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->status_id, g_source_remove);
  g_clear_handle_id (&self->poll_id, g_source_remove);
}

/* Ends every read of the shown range; the connection itself goes on. */
static void
drop_questions (FluoExplorer *self)
{
  self->question++;
  self->n_reading = 0;
  self->reading_all = FALSE;
  self->update_wanted = FALSE;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
}

static void
drop_connection (FluoExplorer *self)
{
  self->connection++;
  self->waiting_for_change = FALSE;
  stop_timers (self);
  drop_questions (self);
  if (self->connection_cancellable)
    g_cancellable_cancel (self->connection_cancellable);
  g_clear_object (&self->connection_cancellable);
  self->connection_cancellable = g_cancellable_new ();
}

static gboolean
retry_tick_cb (gpointer data)
{
  FluoExplorer *self = data;

  if (self->retry_seconds > 1)
    {
      self->retry_seconds--;
      emit_state (self);
      return G_SOURCE_CONTINUE;
    }
  self->retry_id = 0;
  connect_now (self);
  return G_SOURCE_REMOVE;
}

/* Takes over @error. What was shown stays. */
static void
connection_failed (FluoExplorer *self, GError *error)
{
  gboolean gone = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE);

  g_clear_error (&self->error);
  self->error = error;
  if (!gone && self->state == FLUO_EXPLORER_CONNECTED)
    {
      emit_state (self);
      return;
    }
  drop_connection (self);
  if (gone || self->state == FLUO_EXPLORER_RETRYING)
    {
      guint max = self->local ? RETRY_MAX_S : RETRY_MAX_REMOTE_S;

      self->retry_delay_s = self->retry_delay_s == 0 ? RETRY_FIRST_S
                                                     : MIN (self->retry_delay_s * 2, max);
      set_state (self, FLUO_EXPLORER_RETRYING);
      self->retry_seconds = self->retry_delay_s;
      self->retry_id = g_timeout_add_seconds (1, retry_tick_cb, self);
    }
  else
    set_state (self, FLUO_EXPLORER_FAILED);
  emit_state (self);
}

static void
register_colors (FluoExplorer *self)
{
  g_autoptr (GArray) order = fluo_graph_order_new (self->graph);
  guint last = 0;

  for (guint i = 0; i < order->len; i++)
    {
      FluoGraphNode *node = g_ptr_array_index (self->graph->nodes, g_array_index (order, guint, i));

      last = MAX (last, fluo_service_colors_lookup (self->colors, node->name, node->type) + 1);
    }
  if (last > self->n_colors)
    {
      self->n_colors = last;
      fluo_color_file_save (self->colors, self->name);
    }
}

static void
take_summaries (FluoExplorer *self, GPtrArray *summaries, guint n_new)
{
  g_ptr_array_unref (self->summaries);
  self->summaries = summaries;
  g_hash_table_remove_all (self->usual);
  g_signal_emit (self, signals[SIGNAL_SUMMARIES_CHANGED], 0, n_new);
}

static void
read_done (FluoExplorer *self)
{
  g_return_if_fail (self->n_reading > 0);
  if (--self->n_reading > 0)
    return;
  self->reading_all = FALSE;
  if (self->state != FLUO_EXPLORER_RETRYING && self->state != FLUO_EXPLORER_FAILED)
    {
      set_state (self, FLUO_EXPLORER_CONNECTED);
      if (self->update_wanted)
        queue_update (self);
      else
        wait_for_change (self);
    }
  emit_state (self);
}

static void
graph_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoServiceGraph) graph =
    fluo_xray_client_get_service_graph_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);

  if (question_is_late (question, self))
    return;
  if (graph)
    {
      g_clear_pointer (&self->graph, fluo_service_graph_unref);
      self->graph = fluo_service_graph_fold (graph);
      register_colors (self);
      g_signal_emit (self, signals[SIGNAL_GRAPH_CHANGED], 0);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    connection_failed (self, g_steal_pointer (&error));
  if (!question_is_late (question, self))
    read_done (self);
}

static void
summaries_page_cb (GPtrArray *page, guint64 processed, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);
  guint n_new;

  /* The first pages of a long read are worth seeing at once; later reads swap the list when they
   * are complete. */
  if (question_is_late (question, self) || !question->all || page->len == 0
      || (self->summaries->len > 0 && !question->streamed))
    return;
  question->streamed = TRUE;
  take_summaries (self, fluo_summary_set_merge (self->summaries, page, question->span, &n_new), 0);
}

static void
summaries_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) read = fluo_xray_client_get_trace_summaries_finish (
      FLUO_XRAY_CLIENT (source), result, &error);
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);

  if (question_is_late (question, self))
    return;
  if (read)
    {
      g_autoptr (GPtrArray) none = g_ptr_array_new ();
      GPtrArray *merged;
      guint n_new = 0;

      self->read_ns = question->begun_ns;
      g_clear_error (&self->error);
      merged = fluo_summary_set_merge (question->all ? none : self->summaries, read,
                                       fluo_explorer_get_span (self), &n_new);
      take_summaries (self, merged, question->all ? 0 : n_new);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    connection_failed (self, g_steal_pointer (&error));
  if (!question_is_late (question, self))
    read_done (self);
}

/* @all: the whole range; otherwise only what changed since the last read. */
static void
read_range (FluoExplorer *self, gboolean all)
{
  Question *question;
  FluoTimeSpan span;

  self->update_wanted = FALSE;
  self->update_usec = g_get_monotonic_time ();
  if (all && self->relative_ns > 0)
    self->anchor_ns = fluo_time_now_ns ();
  self->reading_all = all;
  self->n_reading = 2;

  question = question_new (self);
  question->all = all;
  span = question->span;
  if (!all)
    {
      span.begin_ns = MAX (self->read_ns - (self->has_feed ? OVERLAP_NS : OVERLAP_REMOTE_NS), 0);
      span.end_ns = MAX (question->begun_ns, span.begin_ns) + FLUO_NSEC_PER_SEC;
    }
  fluo_xray_client_get_service_graph_async (self->client, question->span, self->cancellable,
                                            graph_read_cb, question_new (self));
  fluo_xray_client_get_trace_summaries_async (
      self->client, span, all ? FLUO_TIME_RANGE_TRACE_ID : FLUO_TIME_RANGE_EVENT, NULL,
      summaries_page_cb, question, self->cancellable, summaries_read_cb, question);
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
    ask_status (self);
  read_range (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
queue_update (FluoExplorer *self)
{
  gint64 since_ms = (g_get_monotonic_time () - self->update_usec) / 1000;

  if (self->update_id == 0)
    self->update_id = g_timeout_add (CLAMP (UPDATE_INTERVAL_MS - since_ms, 0, UPDATE_INTERVAL_MS),
                                     update_cb, self);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);
  guint64 revision = 0;
  gboolean ok = fluo_xray_client_wait_finish (FLUO_XRAY_CLIENT (source), result, &revision, &error);

  if (!self)
    return;
  self->waiting_for_change = FALSE;
  if (!ok)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        connection_failed (self, g_steal_pointer (&error));
      return;
    }
  if (revision == self->revision)
    {
      wait_for_change (self);
      return;
    }
  self->revision = revision;
  if (self->live && self->relative_ns > 0)
    {
      queue_update (self);
      return;
    }
  /* Only the count of waiting traces is shown. Waiting goes on when the answer is here. */
  g_clear_handle_id (&self->status_id, g_source_remove);
  self->status_id = g_timeout_add_seconds (1, status_tick_cb, self);
}

static void
wait_for_change (FluoExplorer *self)
{
  if (!self->has_feed || self->waiting_for_change || self->state != FLUO_EXPLORER_CONNECTED)
    return;
  self->waiting_for_change = TRUE;
  fluo_xray_client_wait_async (self->client, self->revision, self->connection_cancellable,
                               changed_cb, question_new (self));
}

/* The moving range has left its oldest trace behind. */
static gboolean
has_left_range (FluoExplorer *self)
{
  FluoTraceSummary *oldest;

  if (!self->live || self->relative_ns == 0 || self->summaries->len == 0)
    return FALSE;
  oldest = g_ptr_array_index (self->summaries, self->summaries->len - 1);
  return oldest->start_ns < fluo_explorer_get_span (self).begin_ns;
}

static gboolean
status_tick_cb (gpointer data)
{
  FluoExplorer *self = data;

  self->status_id = 0;
  ask_status (self);
  return G_SOURCE_REMOVE;
}

static void
status_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  FluoCollectorStatus *status = fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source),
                                                                    result, &error);
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);
  guint interval;

  if (!self)
    {
      g_clear_pointer (&status, fluo_collector_status_free);
      return;
    }
  if (!status)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        connection_failed (self, g_steal_pointer (&error));
      return;
    }
  g_clear_pointer (&self->status, fluo_collector_status_free);
  self->status = status;
  interval = status->traces == 0 ? STATUS_INTERVAL_EMPTY_S : STATUS_INTERVAL_S;
  g_clear_handle_id (&self->status_id, g_source_remove);
  self->status_id = g_timeout_add_seconds (interval, status_tick_cb, self);
  if (has_left_range (self))
    queue_update (self);
  else if (self->n_reading == 0 && self->update_id == 0)
    wait_for_change (self);
  emit_state (self);
}

static void
ask_status (FluoExplorer *self)
{
  fluo_xray_client_get_status_async (self->client, self->connection_cancellable, status_read_cb,
                                     question_new (self));
}

static gboolean
poll_cb (gpointer data)
{
  FluoExplorer *self = data;

  if (self->live && self->relative_ns > 0 && self->n_reading == 0
      && self->state == FLUO_EXPLORER_CONNECTED)
    read_range (self, FALSE);
  return G_SOURCE_CONTINUE;
}

/* Another server than the collector may say anything about a path that it does not know; whether it
 * speaks X-Ray shows when the range is read. */
static gboolean
answered (const GError *error)
{
  return error->domain == FLUO_XRAY_ERROR
         && !g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  FluoCollectorStatus *status = fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source),
                                                                    result, &error);
  g_autoptr (FluoExplorer) self = question_dup_explorer (question);

  if (!self)
    {
      g_clear_pointer (&status, fluo_collector_status_free);
      return;
    }
  if (status)
    {
      g_clear_pointer (&self->status, fluo_collector_status_free);
      self->status = status;
      self->revision = status->revision;
      self->paused_traces = status->traces;
      self->has_feed = TRUE;
      self->status_id = g_timeout_add_seconds (STATUS_INTERVAL_EMPTY_S, status_tick_cb, self);
    }
  else if (!answered (error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        connection_failed (self, g_steal_pointer (&error));
      return;
    }
  else
    self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_cb, self);
  g_clear_error (&self->error);
  set_state (self, FLUO_EXPLORER_CONNECTED);
  fluo_explorer_reload (self);
}

static void
connect_now (FluoExplorer *self)
{
  drop_connection (self);
  self->has_feed = FALSE;
  if (self->local)
    {
      fluo_xray_client_get_status_async (self->client, self->connection_cancellable, connected_cb,
                                         question_new (self));
      emit_state (self);
      return;
    }
  self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_cb, self);
  if (self->state == FLUO_EXPLORER_RETRYING)
    set_state (self, FLUO_EXPLORER_CONNECTING);
  read_range (self, TRUE);
  emit_state (self);
}

static void
fluo_explorer_dispose (GObject *object)
{
  FluoExplorer *self = FLUO_EXPLORER (object);

  drop_connection (self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (fluo_explorer_parent_class)->dispose (object);
}

static void
fluo_explorer_finalize (GObject *object)
{
  FluoExplorer *self = FLUO_EXPLORER (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection_cancellable);
  g_clear_pointer (&self->status, fluo_collector_status_free);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_pointer (&self->colors, fluo_service_colors_free);
  g_clear_pointer (&self->usual, g_hash_table_unref);
  g_clear_error (&self->error);
  g_free (self->name);
  g_free (self->detail);
  G_OBJECT_CLASS (fluo_explorer_parent_class)->finalize (object);
}

static void
fluo_explorer_class_init (FluoExplorerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = fluo_explorer_dispose;
  object_class->finalize = fluo_explorer_finalize;
  signals[SIGNAL_GRAPH_CHANGED] =
    g_signal_new ("graph-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SUMMARIES_CHANGED] = g_signal_new ("summaries-changed", type, G_SIGNAL_RUN_LAST, 0,
                                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_STATE_CHANGED] =
    g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_explorer_init (FluoExplorer *self)
{
  self->relative_ns = 15 * FLUO_NSEC_PER_MIN;
  self->anchor_ns = fluo_time_now_ns ();
  self->live = TRUE;
  self->summaries = fluo_summary_set_new ();
  self->colors = fluo_service_colors_new ();
  self->usual = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->name = g_strdup ("");
  self->detail = g_strdup ("");
  self->cancellable = g_cancellable_new ();
  self->connection_cancellable = g_cancellable_new ();
}

FluoExplorer *
fluo_explorer_new (void)
{
  return g_object_new (FLUO_TYPE_EXPLORER, NULL);
}

void
fluo_explorer_set_client (FluoExplorer *self, FluoXrayClient *client, const char *name,
                          const char *detail, gboolean local)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (client));

  drop_connection (self);
  g_set_object (&self->client, client);
  g_free (self->name);
  self->name = g_strdup (name);
  g_free (self->detail);
  self->detail = g_strdup (detail);
  self->local = local;
  g_clear_pointer (&self->status, fluo_collector_status_free);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->colors, fluo_service_colors_free);
  self->colors = fluo_service_colors_new ();
  self->n_colors = 0;
  fluo_color_file_load (self->colors, name);
  g_clear_error (&self->error);
  self->revision = 0;
  self->retry_delay_s = 0;
  set_state (self, FLUO_EXPLORER_CONNECTING);
  take_summaries (self, fluo_summary_set_new (), 0);
  g_signal_emit (self, signals[SIGNAL_GRAPH_CHANGED], 0);
  connect_now (self);
}

FluoXrayClient *
fluo_explorer_get_client (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->client;
}

const char *
fluo_explorer_get_name (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->name;
}

const char *
fluo_explorer_get_detail (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->detail;
}

gboolean
fluo_explorer_is_local (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->local;
}

FluoExplorerState
fluo_explorer_get_state (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FLUO_EXPLORER_FAILED);
  return self->state;
}

guint
fluo_explorer_get_retry_seconds (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  return self->retry_seconds;
}

gboolean
fluo_explorer_is_loading (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->reading_all || self->state == FLUO_EXPLORER_CONNECTING;
}

const GError *
fluo_explorer_get_error (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->error;
}

const FluoCollectorStatus *
fluo_explorer_get_status (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->status;
}

FluoTimeSpan
fluo_explorer_get_span (FluoExplorer *self)
{
  FluoTimeSpan none = { 0, 0 };
  gint64 end_ns;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), none);
  if (self->relative_ns == 0)
    return self->fixed;
  end_ns = self->live ? fluo_time_now_ns () : self->anchor_ns;
  return (FluoTimeSpan) { end_ns - self->relative_ns, end_ns };
}

gint64
fluo_explorer_get_relative_ns (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  return self->relative_ns;
}

void
fluo_explorer_set_relative (FluoExplorer *self, gint64 length_ns)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (length_ns > 0);
  if (self->relative_ns == length_ns)
    return;
  self->relative_ns = length_ns;
  fluo_explorer_reload (self);
}

void
fluo_explorer_set_span (FluoExplorer *self, FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  g_return_if_fail (span.begin_ns < span.end_ns);
  if (self->relative_ns == 0 && fluo_time_span_equal (self->fixed, span))
    return;
  self->relative_ns = 0;
  self->fixed = span;
  fluo_explorer_reload (self);
}

gboolean
fluo_explorer_get_live (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->live;
}

void
fluo_explorer_set_live (FluoExplorer *self, gboolean live)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  live = !!live;
  if (self->live == live)
    return;
  self->live = live;
  self->anchor_ns = fluo_time_now_ns ();
  self->paused_traces = self->status ? self->status->traces : 0;
  if (live && self->client)
    fluo_explorer_reload (self);
  else
    emit_state (self);
}

void
fluo_explorer_reload (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (!self->client)
    {
      emit_state (self);
      return;
    }
  if (self->state == FLUO_EXPLORER_RETRYING || self->state == FLUO_EXPLORER_FAILED)
    {
      fluo_explorer_retry (self);
      return;
    }
  /* The answer to the first question is still on its way and reads the range as it is then. */
  if (self->state == FLUO_EXPLORER_CONNECTING && self->local)
    {
      emit_state (self);
      return;
    }
  g_clear_handle_id (&self->update_id, g_source_remove);
  drop_questions (self);
  self->paused_traces = self->status ? self->status->traces : 0;
  read_range (self, TRUE);
  emit_state (self);
}

void
fluo_explorer_retry (FluoExplorer *self)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  if (!self->client)
    return;
  if (self->state == FLUO_EXPLORER_FAILED)
    set_state (self, FLUO_EXPLORER_CONNECTING);
  connect_now (self);
}

FluoServiceGraph *
fluo_explorer_get_graph (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->graph;
}

GPtrArray *
fluo_explorer_get_summaries (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->summaries;
}

FluoServiceColors *
fluo_explorer_get_colors (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), NULL);
  return self->colors;
}

gint64
fluo_explorer_get_usual_ns (FluoExplorer *self, const char *title)
{
  gint64 *known;

  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  g_return_val_if_fail (title != NULL, 0);
  known = g_hash_table_lookup (self->usual, title);
  if (!known)
    {
      known = g_new (gint64, 1);
      *known = fluo_summary_set_median (self->summaries, title, USUAL_MIN_TRACES);
      g_hash_table_insert (self->usual, g_strdup (title), known);
    }
  return *known;
}

gboolean
fluo_explorer_is_empty (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->local && self->summaries->len == 0 && self->status && self->status->traces == 0;
}

guint64
fluo_explorer_get_waiting (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), 0);
  if (self->live || !self->status || self->status->traces < self->paused_traces)
    return 0;
  return self->status->traces - self->paused_traces;
}

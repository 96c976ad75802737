/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-explorer"

#include "fluo-config.h"

#include "fluo-explorer-private.h"

/* What is not fluoroscoped has no feed of changes and is asked again this often. */
#define POLL_INTERVAL_S 15
/* Counters of an empty store are on screen (start page) and change without a commit. */
#define STATUS_INTERVAL_EMPTY_S 2
#define STATUS_INTERVAL_S 10
/* Between two tries to reach what went away, in seconds. */
#define RETRY_FIRST_S 1
#define RETRY_MAX_S 5
#define RETRY_MAX_REMOTE_S 30

static gboolean status_tick_cb (gpointer data);

FluoQuestion *
fluo_question_new (FluoExplorer *self)
{
  FluoQuestion *question = g_new0 (FluoQuestion, 1);

  g_weak_ref_init (&question->explorer, self);
  question->connection = self->connection;
  question->question = self->question;
  question->asking = self->asking;
  question->span = fluo_explorer_get_span (self);
  question->begun_ns = fluo_time_now_ns ();
  return question;
}

void
fluo_question_free (FluoQuestion *question)
{
  g_weak_ref_clear (&question->explorer);
  g_free (question);
}

FluoExplorer *
fluo_question_dup_explorer (FluoQuestion *question)
{
  FluoExplorer *self = g_weak_ref_get (&question->explorer);

  if (self && self->connection != question->connection)
    g_clear_object (&self);
  return self;
}

gboolean
fluo_question_is_late (const FluoQuestion *question, FluoExplorer *self)
{
  return !self || question->connection != self->connection || question->question != self->question;
}

void
fluo_explorer_set_state (FluoExplorer *self, FluoExplorerState state)
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

void
fluo_explorer_drop_questions (FluoExplorer *self)
{
  self->question++;
  self->n_reading = 0;
  self->update_wanted = FALSE;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  fluo_explorer_drop_lists (self);
}

void
fluo_explorer_drop_connection (FluoExplorer *self)
{
  self->connection++;
  self->waiting_for_change = FALSE;
  self->poll_s = 0;
  self->poll_cost = -1;
  stop_timers (self);
  fluo_explorer_drop_questions (self);
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
      fluo_explorer_emit_state (self);
      return G_SOURCE_CONTINUE;
    }
  self->retry_id = 0;
  fluo_explorer_connect (self);
  return G_SOURCE_REMOVE;
}

void
fluo_explorer_fail (FluoExplorer *self, GError *error)
{
  gboolean gone = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE);

  g_clear_error (&self->error);
  self->error = error;
  if (!gone && self->state == FLUO_EXPLORER_CONNECTED)
    {
      fluo_explorer_emit_state (self);
      return;
    }
  fluo_explorer_drop_connection (self);
  if (gone || self->state == FLUO_EXPLORER_RETRYING)
    {
      guint max = self->local ? RETRY_MAX_S : RETRY_MAX_REMOTE_S;

      self->retry_delay_s = self->retry_delay_s == 0 ? RETRY_FIRST_S
                                                     : MIN (self->retry_delay_s * 2, max);
      fluo_explorer_set_state (self, FLUO_EXPLORER_RETRYING);
      self->retry_seconds = self->retry_delay_s;
      if (!self->resting)
        self->retry_id = g_timeout_add_seconds (1, retry_tick_cb, self);
    }
  else
    fluo_explorer_set_state (self, FLUO_EXPLORER_FAILED);
  fluo_explorer_emit_state (self);
}

static void
ask_status_later (FluoExplorer *self, guint seconds)
{
  g_clear_handle_id (&self->status_id, g_source_remove);
  if (!self->resting)
    self->status_id = g_timeout_add_seconds (seconds, status_tick_cb, self);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);
  guint64 revision = 0;
  gboolean ok = fluo_xray_client_wait_finish (FLUO_XRAY_CLIENT (source), result, &revision, &error);

  if (!self)
    return;
  self->waiting_for_change = FALSE;
  /* That something has changed is found out when somebody looks. */
  if (ok && self->resting)
    return;
  if (!ok)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fluo_explorer_fail (self, g_steal_pointer (&error));
      return;
    }
  if (revision == self->revision)
    {
      fluo_explorer_wait_for_change (self);
      return;
    }
  self->revision = revision;
  if (self->live && self->relative_ns > 0)
    {
      fluo_explorer_queue_update (self);
      return;
    }
  /* Only the count of waiting traces is shown. Waiting goes on when the answer is here. */
  ask_status_later (self, 1);
}

void
fluo_explorer_wait_for_change (FluoExplorer *self)
{
  if (!self->has_feed || self->waiting_for_change || self->resting
      || self->state != FLUO_EXPLORER_CONNECTED)
    return;
  self->waiting_for_change = TRUE;
  fluo_xray_client_wait_async (self->client, self->revision, self->connection_cancellable,
                               changed_cb, fluo_question_new (self));
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
  fluo_explorer_ask_status (self);
  return G_SOURCE_REMOVE;
}

static void
status_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  FluoCollectorStatus *status = fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source),
                                                                    result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);
  guint interval;

  if (!self)
    {
      g_clear_pointer (&status, fluo_collector_status_free);
      return;
    }
  if (!status)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fluo_explorer_fail (self, g_steal_pointer (&error));
      return;
    }
  g_clear_pointer (&self->status, fluo_collector_status_free);
  self->status = status;
  interval = status->traces == 0 ? STATUS_INTERVAL_EMPTY_S : STATUS_INTERVAL_S;
  ask_status_later (self, interval);
  if (has_left_range (self))
    fluo_explorer_queue_update (self);
  else if (self->n_reading == 0 && self->update_id == 0)
    fluo_explorer_wait_for_change (self);
  fluo_explorer_emit_state (self);
}

void
fluo_explorer_ask_status (FluoExplorer *self)
{
  fluo_xray_client_get_status_async (self->client, self->connection_cancellable, status_read_cb,
                                     fluo_question_new (self));
}

static gboolean poll_cb (gpointer data);

static gint64
get_spent (FluoExplorer *self)
{
  FluoMeter *meter = fluo_xray_client_get_meter (self->client);

  return meter ? MAX (fluo_meter_get_all (meter).nanousd, 0) : 0;
}

/* What the last read cost says how often there may be one. */
static void
poll_later (FluoExplorer *self)
{
  FluoMeter *meter = fluo_xray_client_get_meter (self->client);
  gint64 spent = get_spent (self);
  guint seconds = POLL_INTERVAL_S, slowed_s;

  if (meter)
    seconds = fluo_meter_get_live_interval (meter, seconds, spent - self->poll_spent);
  self->poll_cost = spent - self->poll_spent;
  self->poll_spent = spent;
  if (!self->resting)
    self->poll_id = g_timeout_add_seconds (seconds, poll_cb, self);
  slowed_s = seconds > POLL_INTERVAL_S ? seconds : 0;
  if (self->poll_s == slowed_s)
    return;
  self->poll_s = slowed_s;
  fluo_explorer_emit_state (self);
}

static gboolean
poll_cb (gpointer data)
{
  FluoExplorer *self = data;

  self->poll_id = 0;
  if (self->live && self->relative_ns > 0 && self->n_reading == 0
      && self->state == FLUO_EXPLORER_CONNECTED)
    fluo_explorer_read_range (self, FALSE);
  if (self->poll_id == 0 && self->state < FLUO_EXPLORER_RETRYING)
    poll_later (self);
  return G_SOURCE_REMOVE;
}

/* What was spent meanwhile was for something else; what a live read costs, if there was one, is
 * known. */
static gboolean
poll_anew_cb (gpointer data)
{
  FluoExplorer *self = data;

  self->poll_spent = get_spent (self) - MAX (self->poll_cost, 0);
  return poll_cb (data);
}

/* The whole range is read first; what that costs is not what a live read costs. */
static void
begin_polling (FluoExplorer *self)
{
  if (!self->resting)
    self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_anew_cb, self);
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
  g_autoptr (FluoQuestion) question = user_data;
  g_autoptr (GError) error = NULL;
  FluoCollectorStatus *status = fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source),
                                                                    result, &error);
  g_autoptr (FluoExplorer) self = fluo_question_dup_explorer (question);

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
      fluo_kept_set_client (self->kept, self->client);
      ask_status_later (self, STATUS_INTERVAL_EMPTY_S);
    }
  else if (!answered (error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fluo_explorer_fail (self, g_steal_pointer (&error));
      return;
    }
  else
    begin_polling (self);
  g_clear_error (&self->error);
  fluo_explorer_set_state (self, FLUO_EXPLORER_CONNECTED);
  fluo_explorer_reload (self);
}

void
fluo_explorer_connect (FluoExplorer *self)
{
  fluo_explorer_drop_connection (self);
  self->connect_wanted = self->resting;
  if (self->resting)
    {
      fluo_explorer_emit_state (self);
      return;
    }
  self->has_feed = FALSE;
  if (self->local)
    {
      fluo_xray_client_get_status_async (self->client, self->connection_cancellable, connected_cb,
                                         fluo_question_new (self));
      fluo_explorer_emit_state (self);
      return;
    }
  begin_polling (self);
  if (self->state == FLUO_EXPLORER_RETRYING)
    fluo_explorer_set_state (self, FLUO_EXPLORER_CONNECTING);
  fluo_explorer_read_range (self, TRUE);
  fluo_explorer_emit_state (self);
}

/* --- While nobody looks ------------------------------------------------------------------ */

static void
wake (FluoExplorer *self)
{
  if (self->connect_wanted || self->state == FLUO_EXPLORER_RETRYING)
    fluo_explorer_connect (self);
  else if (self->state == FLUO_EXPLORER_CONNECTED && self->has_feed)
    fluo_explorer_ask_status (self);
  else if (self->state == FLUO_EXPLORER_CONNECTED)
    poll_anew_cb (self);
  else if (self->state == FLUO_EXPLORER_CONNECTING && !self->local)
    begin_polling (self);
}

void
fluo_explorer_set_resting (FluoExplorer *self, gboolean resting)
{
  g_return_if_fail (FLUO_IS_EXPLORER (self));
  resting = !!resting;
  if (self->resting == resting)
    return;
  self->resting = resting;
  if (resting)
    {
      stop_timers (self);
      if (self->client && self->poll_cost >= 0)
        self->poll_cost = MAX (self->poll_cost, get_spent (self) - self->poll_spent);
    }
  else if (self->client)
    wake (self);
  fluo_explorer_emit_state (self);
}

gboolean
fluo_explorer_is_resting (FluoExplorer *self)
{
  g_return_val_if_fail (FLUO_IS_EXPLORER (self), FALSE);
  return self->resting;
}

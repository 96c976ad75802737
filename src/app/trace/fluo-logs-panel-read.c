/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-logs-panel-private.h"
#include "aws/fluo-aws-service.h"

/* Asking: what the documents name is found out by a worker, then CloudWatch Logs is asked, and a
 * worker makes lines of what it says. */

#define LINES_MAX 10000
#define FOLLOW_S 15
/* The last lines of a range, not those of a trace. */
#define RANGE_QUERY "fields @timestamp, @message, @log, @logStream | sort @timestamp desc"

/* --- Lines out of an answer ------------------------------------------------------------------- */

typedef struct
{
  GWeakRef       panel;
  guint          generation;
  guint          join;
  FluoTrace     *trace;  /* or NULL */
  FluoLogResult *result;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_weak_ref_clear (&job->panel);
  g_clear_pointer (&job->trace, fluo_trace_unref);
  g_clear_pointer (&job->result, fluo_log_result_unref);
  g_free (job);
}

/* [worker] */
static void
join_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;

  g_task_return_pointer (task, fluo_logs_join (job->trace, job->result),
                         (GDestroyNotify) fluo_trace_lines_unref);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (FluoLogsPanel) self = g_weak_ref_get (&job->panel);
  g_autoptr (FluoTraceLines) lines = g_task_propagate_pointer (G_TASK (result), NULL);

  /* A partial answer that was made into lines after a later one is not wanted any more. */
  if (self == NULL || self->box == NULL || lines == NULL || job->generation != self->ask.generation
      || job->join < self->ask.shown_join)
    return;
  self->ask.shown_join = job->join;
  /* Nothing was found: then the trace's own words are better than none. */
  if (lines->lines->len == 0 && self->ask.own != NULL)
    fluo_logs_panel_take_lines (self, self->ask.own);
  else
    fluo_logs_panel_take_lines (self, lines);
}

static void
join (FluoLogsPanel *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job = g_new0 (Job, 1);

  g_weak_ref_init (&job->panel, self);
  job->generation = self->ask.generation;
  job->join = ++self->ask.n_joins;
  job->trace = self->trace != NULL ? fluo_trace_ref (self->trace) : NULL;
  job->result = fluo_log_result_ref (self->ask.result);
  task = g_task_new (NULL, NULL, joined_cb, NULL);
  g_task_set_source_tag (task, join);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, join_thread);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void
take_result (FluoLogsPanel *self, FluoLogResult *result)
{
  fluo_log_result_ref (result);
  g_clear_pointer (&self->ask.result, fluo_log_result_unref);
  self->ask.result = result;
}

/* Calls of a query that was given up end with an error, and no progress comes after that. */
static void
progress_cb (FluoLogResult *result, gpointer user_data)
{
  GWeakRef *ref = user_data;
  g_autoptr (FluoLogsPanel) self = g_weak_ref_get (ref);

  if (self == NULL || !self->ask.running)
    return;
  take_result (self, result);
  if (result->lines->len > 0)
    join (self);
  fluo_logs_panel_update_words (self);
}

typedef struct
{
  GWeakRef panel;
  guint    generation;
} Question;

static void
answered_cb (GObject *source, GAsyncResult *async, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (FluoLogsPanel) self = g_weak_ref_get (&question->panel);
  const guint generation = question->generation;
  GError *error = NULL;
  g_autoptr (FluoLogResult) result =
    fluo_xray_client_query_logs_finish (FLUO_XRAY_CLIENT (source), async, &error);

  g_weak_ref_clear (&question->panel);
  g_free (question);
  if (self == NULL || self->box == NULL || generation != self->ask.generation)
    {
      g_clear_error (&error);
      return;
    }
  self->ask.running = FALSE;
  self->ask.took_us = g_get_monotonic_time () - self->ask.began_us;
  g_clear_object (&self->ask.cancellable);
  g_clear_error (&self->ask.error);
  if (result != NULL)
    {
      take_result (self, result);
      join (self);
    }
  else
    self->ask.error = error;
  fluo_logs_panel_update_words (self);
  fluo_logs_panel_update_follow (self);
}

FluoTimeSpan
fluo_logs_panel_get_range (FluoLogsPanel *self)
{
  FluoTimeSpan range = self->ask.range;

  if (self->trace != NULL)
    {
      range = fluo_trace_get_extent (self->trace);
      range.begin_ns -= FLUO_LOG_SLACK_NS;
      range.end_ns += FLUO_LOG_SLACK_NS;
    }
  return range;
}

const char *
fluo_logs_panel_get_query (FluoLogsPanel *self)
{
  return self->ask.query != NULL ? self->ask.query : RANGE_QUERY;
}

gboolean
fluo_logs_panel_is_connected (FluoLogsPanel *self)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;

  return client != NULL && fluo_xray_client_has_service (client, FLUO_AWS_LOGS);
}

static void
ask (FluoLogsPanel *self)
{
  g_auto (GStrv) groups = fluo_logs_panel_dup_groups (self);
  Question *question;

  self->ask.wanted = FALSE;
  if (!fluo_logs_panel_is_connected (self) || groups[0] == NULL)
    {
      fluo_logs_panel_update_words (self);
      return;
    }
  fluo_logs_panel_stop (self);
  self->ask.generation++;
  self->ask.running = TRUE;
  self->ask.began_us = g_get_monotonic_time ();
  g_clear_error (&self->ask.error);
  g_clear_pointer (&self->ask.result, fluo_log_result_unref);
  self->ask.cancellable = g_cancellable_new ();
  question = g_new0 (Question, 1);
  g_weak_ref_init (&question->panel, self);
  question->generation = self->ask.generation;
  fluo_xray_client_query_logs_async (
    fluo_explorer_get_client (self->explorer), (const char *const *) groups,
    fluo_logs_panel_get_range (self), fluo_logs_panel_get_query (self), LINES_MAX, progress_cb,
    &question->panel, self->ask.cancellable, answered_cb, question);
  fluo_logs_panel_update_words (self);
}

void
fluo_logs_panel_read (FluoLogsPanel *self)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  self->ask.wanted = TRUE;
  if (self->ask.prepared)
    ask (self);
  else
    fluo_logs_panel_prepare (self);
}

void
fluo_logs_panel_stop (FluoLogsPanel *self)
{
  if (!self->ask.running)
    return;
  self->ask.running = FALSE;
  self->ask.generation++;
  self->ask.took_us = g_get_monotonic_time () - self->ask.began_us;
  g_cancellable_cancel (self->ask.cancellable);
  g_clear_object (&self->ask.cancellable);
  /* What came until then stays; lines may still be made of it. */
  if (self->ask.result != NULL)
    join (self);
}

void
fluo_logs_panel_forget (FluoLogsPanel *self)
{
  fluo_logs_panel_stop (self);
  self->ask.generation++;
  self->ask.prepared = FALSE;
  g_clear_error (&self->ask.error);
  g_clear_pointer (&self->ask.result, fluo_log_result_unref);
  g_clear_pointer (&self->ask.own, fluo_trace_lines_unref);
  g_clear_pointer (&self->ask.groups, g_strfreev);
  g_clear_pointer (&self->ask.query, g_free);
  g_clear_pointer (&self->ask.service, g_free);
}

/* --- What the documents say ------------------------------------------------------------------- */

typedef struct
{
  char          **groups;
  char           *query;
  FluoTraceLines *own;
} Known;

static void
known_free (gpointer data)
{
  Known *known = data;

  g_strfreev (known->groups);
  g_free (known->query);
  g_clear_pointer (&known->own, fluo_trace_lines_unref);
  g_free (known);
}

/* [worker] */
static void
prepare_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  Known *known = g_new0 (Known, 1);

  known->groups = fluo_logs_dup_groups (job->trace);
  known->query = fluo_logs_dup_query (job->trace);
  known->own = fluo_trace_lines_new_of_trace (job->trace);
  g_task_return_pointer (task, known, known_free);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (FluoLogsPanel) self = g_weak_ref_get (&job->panel);
  Known *known = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self == NULL || self->box == NULL || known == NULL || job->trace != self->trace)
    {
      g_clear_pointer (&known, known_free);
      return;
    }
  g_strfreev (self->ask.groups);
  g_free (self->ask.query);
  g_clear_pointer (&self->ask.own, fluo_trace_lines_unref);
  self->ask.groups = g_steal_pointer (&known->groups);
  self->ask.query = g_steal_pointer (&known->query);
  self->ask.own = g_steal_pointer (&known->own);
  known_free (known);
  self->ask.prepared = TRUE;
  fluo_logs_panel_update_groups (self);
  if (self->ask.result != NULL && self->ask.result->lines->len > 0)
    join (self);
  else
    fluo_logs_panel_take_lines (self, self->ask.own);
  if (self->ask.wanted)
    ask (self);
  else
    fluo_logs_panel_update_words (self);
}

void
fluo_logs_panel_prepare (FluoLogsPanel *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (self->trace == NULL)
    return;
  job = g_new0 (Job, 1);
  g_weak_ref_init (&job->panel, self);
  job->trace = fluo_trace_ref (self->trace);
  task = g_task_new (NULL, NULL, prepared_cb, NULL);
  g_task_set_source_tag (task, fluo_logs_panel_prepare);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, prepare_thread);
}

/* --- Following -------------------------------------------------------------------------------- */

static gboolean
follow_cb (gpointer user_data)
{
  FluoLogsPanel *self = user_data;

  self->ask.follow_source = 0;
  if (self->follow && !self->ask.running && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      if (self->trace == NULL)
        self->ask.range.end_ns = g_get_real_time () * 1000;
      ask (self);
    }
  fluo_logs_panel_update_follow (self);
  return G_SOURCE_REMOVE;
}

/* Again and again while it is on, as seldom as the budget wants; never after a refusal. */
void
fluo_logs_panel_update_follow (FluoLogsPanel *self)
{
  FluoXrayClient *client =
    self->explorer != NULL ? fluo_explorer_get_client (self->explorer) : NULL;
  FluoMeter *meter = client != NULL ? fluo_xray_client_get_meter (client) : NULL;
  gint64 cost = 0;
  guint interval_s = FOLLOW_S;

  g_clear_handle_id (&self->ask.follow_source, g_source_remove);
  if (!self->follow || self->ask.running || self->ask.error != NULL
      || !fluo_logs_panel_is_connected (self))
    return;
  if (meter != NULL)
    {
      if (self->ask.result != NULL)
        cost = fluo_meter_price_logs (meter, self->ask.result->bytes_scanned);
      interval_s = fluo_meter_get_live_interval (meter, FOLLOW_S, MAX (cost, 0));
    }
  self->ask.follow_source = g_timeout_add_seconds (interval_s, follow_cb, self);
}

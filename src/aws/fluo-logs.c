/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-logs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-xray-client-private.h"

#define LINES_MAX 10000 /* of one page of GetQueryResults, which is all that is read */
#define POLLS_MAX 600   /* CloudWatch gives up on a query after an hour; we do long before */

/* One query. The client is the task's source. */
typedef struct
{
  GPtrArray          *groups; /* char * */
  FluoTimeSpan        span;
  char               *query;
  guint               n_max;
  FluoLogProgressFunc progress;
  gpointer            progress_data;
  FluoLogResult      *result;
  char               *id; /* of the query, once it was begun */
  guint               n_polls;
} Query;

static void start (GTask *task);
static void poll_results (GTask *task);

static void
log_line_free (gpointer data)
{
  FluoLogLine *line = data;

  g_free (line->group);
  g_free (line->stream);
  g_free (line->message);
  g_free (line);
}

static void
log_result_clear (gpointer data)
{
  FluoLogResult *self = data;

  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->missing);
}

FluoLogResult *
fluo_log_result_ref (FluoLogResult *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
fluo_log_result_unref (FluoLogResult *self)
{
  g_atomic_rc_box_release_full (self, log_result_clear);
}

static void
query_free (gpointer data)
{
  Query *self = data;

  g_ptr_array_unref (self->groups);
  g_free (self->query);
  g_free (self->id);
  g_clear_pointer (&self->result, fluo_log_result_unref);
  g_free (self);
}

/* --- Reading an answer --------------------------------------------------------------------- */

/* "2026-11-28 14:03:21.123", in UTC. */
static gboolean
parse_time (const char *text, gint64 *ret_ns)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *iso = g_strdelimit (g_strdup (text), " ", 'T');
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (iso, utc);

  if (!time)
    return FALSE;
  *ret_ns = g_date_time_to_unix (time) * FLUO_NSEC_PER_SEC
            + (gint64) g_date_time_get_microsecond (time) * 1000;
  return TRUE;
}

/* The last of several values of one field. */
static void
take_text (char **place, const char *value)
{
  g_free (*place);
  *place = g_strdup (value);
}

/* A row is a list of {"field": …, "value": …}. NULL when it has no time or no message. */
static FluoLogLine *
read_line (const FluoJsonTape *tape, guint32 row)
{
  FluoLogLine *line = g_new0 (FluoLogLine, 1);
  gboolean has_time = FALSE;

  for (guint32 cell = fluo_json_tape_first (tape, row); cell != FLUO_JSON_NONE;
       cell = fluo_json_tape_next (tape, row, cell))
    {
      g_autofree char *field = NULL, *value = NULL;

      if (fluo_json_tape_type (tape, cell) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      field = fluo_json_tape_dup_member (tape, cell, "field");
      value = fluo_json_tape_dup_member (tape, cell, "value");
      if (!field || !value)
        continue;
      if (strcmp (field, "@timestamp") == 0)
        has_time = parse_time (value, &line->time_ns);
      else if (strcmp (field, "@message") == 0)
        take_text (&line->message, value);
      else if (strcmp (field, "@logStream") == 0)
        take_text (&line->stream, value);
      else if (strcmp (field, "@log") == 0)
        /* The account stands before the group's name. */
        take_text (&line->group, strchr (value, ':') ? strchr (value, ':') + 1 : value);
    }
  if (has_time && line->message)
    return line;
  log_line_free (line);
  return NULL;
}

static guint64
read_count (const FluoJsonTape *tape, guint32 statistics, const char *name)
{
  double value = fluo_json_tape_double (tape, fluo_json_tape_get (tape, statistics, name), 0);

  return value > 0 && value < 1e18 ? (guint64) value : 0;
}

static int
oldest_first (gconstpointer a, gconstpointer b)
{
  const FluoLogLine *left = *(FluoLogLine *const *) a, *right = *(FluoLogLine *const *) b;

  return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

static FluoLogResult *
result_new (GPtrArray *missing)
{
  FluoLogResult *self = g_atomic_rc_box_new0 (FluoLogResult);

  self->lines = g_ptr_array_new_with_free_func (log_line_free);
  self->missing = g_ptr_array_ref (missing);
  return self;
}

/* Every answer holds all that was found so far. */
static void
read_results (FluoXrayClient *client, Query *query, const FluoJsonTape *tape, gboolean is_complete)
{
  const guint32 rows = fluo_json_tape_get (tape, 0, "results");
  const guint32 statistics = fluo_json_tape_get (tape, 0, "statistics");
  FluoLogResult *result = result_new (query->result->missing);

  if (fluo_json_tape_type (tape, rows) == FLUO_JSON_ARRAY_BEGIN)
    for (guint32 row = fluo_json_tape_first (tape, rows); row != FLUO_JSON_NONE;
         row = fluo_json_tape_next (tape, rows, row))
      {
        FluoLogLine *line = NULL;

        if (fluo_json_tape_type (tape, row) == FLUO_JSON_ARRAY_BEGIN)
          line = read_line (tape, row);
        if (line)
          g_ptr_array_add (result->lines, line);
      }
  g_ptr_array_sort (result->lines, oldest_first);
  if (fluo_json_tape_type (tape, statistics) == FLUO_JSON_OBJECT_BEGIN)
    {
      result->n_scanned = read_count (tape, statistics, "recordsScanned");
      result->bytes_scanned = read_count (tape, statistics, "bytesScanned");
      result->is_cut =
        read_count (tape, statistics, "recordsMatched") > result->lines->len && is_complete
        && result->lines->len >= query->n_max;
    }
  result->is_complete = is_complete;
  if (client->meter && result->bytes_scanned > query->result->bytes_scanned)
    fluo_meter_add_logs (client->meter, result->bytes_scanned - query->result->bytes_scanned);
  fluo_log_result_unref (query->result);
  query->result = result;
}

/* --- Asking -------------------------------------------------------------------------------- */

static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* The query goes on, and is paid for, until it is told to stop. Nobody waits for the answer. */
static void
stop_query (FluoXrayClient *client, const Query *query)
{
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;

  if (!query->id)
    return;
  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "queryId");
  fluo_json_writer_string (&writer, query->id);
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_service_async (client, FLUO_AWS_LOGS, "StopQuery", body->str, NULL, NULL,
                                       NULL);
}

static void
give_up (GTask *task, GError *error)
{
  stop_query (g_task_get_source_object (task), g_task_get_task_data (task));
  fail (task, error);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (fluo_aws_wait_finish (result, &error))
    poll_results (task);
  else
    give_up (task, error);
}

/* What became of a query, by the service's word for it. */
static gboolean
has_ended (const char *status, GError **error)
{
  if (g_strcmp0 (status, "Complete") == 0)
    return TRUE;
  if (g_strcmp0 (status, "Scheduled") == 0 || g_strcmp0 (status, "Running") == 0)
    return FALSE;
  g_set_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
               g_strcmp0 (status, "Timeout") == 0
                 ? _("CloudWatch Logs took too long to look through the groups; ask for a shorter "
                     "time")
                 : _("CloudWatch Logs ended the query without a result; try again"));
  return FALSE;
}

static void
results_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = FLUO_XRAY_CLIENT (source);
  Query *query = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_service_finish (self, result, &error);
  g_autofree char *status = NULL;
  gboolean ended;

  if (!tape)
    {
      give_up (task, error);
      return;
    }
  status = fluo_json_tape_dup_member (tape, 0, "status");
  ended = has_ended (status, &error);
  if (error)
    {
      fail (task, error);
      return;
    }
  read_results (self, query, tape, ended);
  if (ended)
    {
      g_task_return_pointer (task, fluo_log_result_ref (query->result),
                             (GDestroyNotify) fluo_log_result_unref);
      g_object_unref (task);
      return;
    }
  if (query->progress)
    query->progress (query->result, query->progress_data);
  if (++query->n_polls >= POLLS_MAX)
    give_up (task, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                                        _("CloudWatch Logs has not ended the query after ten "
                                          "minutes; ask for a shorter time")));
  else
    fluo_aws_wait_async (self->poll_ms, g_task_get_cancellable (task), waited_cb, task);
}

/* Takes the reference on @task. */
static void
poll_results (GTask *task)
{
  const Query *query = g_task_get_task_data (task);
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "queryId");
  fluo_json_writer_string (&writer, query->id);
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_service_async (g_task_get_source_object (task), FLUO_AWS_LOGS,
                                       "GetQueryResults", body->str, g_task_get_cancellable (task),
                                       results_cb, task);
}

/* A group's ARN ends in its name. */
static const char *
group_name (const char *group)
{
  const char *mark = strstr (group, ":log-group:");

  return mark ? mark + strlen (":log-group:") : group;
}

/* The service refuses the whole query for one group that is not there, and names it. TRUE when that
 * one was left out and others remain. */
static gboolean
leave_out_missing (Query *query, const GError *error)
{
  if (!g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND))
    return FALSE;
  for (guint i = 0; i < query->groups->len; i++)
    {
      const char *group = g_ptr_array_index (query->groups, i);
      const char *at = strstr (error->message, group_name (group));

      /* "/a" is not what is missing when "/a/b" is named. */
      if (!at || strchr ("/-_.", at[strlen (group_name (group))])
          || g_ascii_isalnum (at[strlen (group_name (group))]))
        continue;
      g_ptr_array_add (query->result->missing, g_strdup (group_name (group)));
      g_ptr_array_remove_index (query->groups, i);
      return query->groups->len > 0;
    }
  return FALSE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Query *query = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_service_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (tape)
    query->id = fluo_json_tape_dup_member (tape, 0, "queryId");
  if (query->id)
    poll_results (task);
  else if (tape)
    fail (task, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                                     _("CloudWatch Logs began a query without telling its id")));
  else if (leave_out_missing (query, error))
    {
      g_clear_error (&error);
      start (task);
    }
  else
    fail (task, error);
}

/* Takes the reference on @task. */
static void
start (GTask *task)
{
  const Query *query = g_task_get_task_data (task);
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "logGroupIdentifiers");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < query->groups->len; i++)
    fluo_json_writer_string (&writer, g_ptr_array_index (query->groups, i));
  fluo_json_writer_end (&writer, ']');
  /* Whole seconds, both of them part of the range. */
  fluo_json_writer_key (&writer, "startTime");
  fluo_json_writer_int (&writer, query->span.begin_ns / FLUO_NSEC_PER_SEC);
  fluo_json_writer_key (&writer, "endTime");
  fluo_json_writer_int (&writer, query->span.end_ns / FLUO_NSEC_PER_SEC + 1);
  fluo_json_writer_key (&writer, "queryString");
  fluo_json_writer_string (&writer, query->query);
  fluo_json_writer_key (&writer, "limit");
  fluo_json_writer_int (&writer, query->n_max);
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_service_async (g_task_get_source_object (task), FLUO_AWS_LOGS, "StartQuery",
                                       body->str, g_task_get_cancellable (task), started_cb, task);
}

void
fluo_xray_client_query_logs_async (FluoXrayClient *self, const char *const *groups,
                                   FluoTimeSpan span, const char *query_string, guint n_max,
                                   FluoLogProgressFunc progress, gpointer progress_data,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  GTask *task;
  Query *query;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (groups != NULL && groups[0] != NULL);
  g_return_if_fail (query_string != NULL);

  query = g_new0 (Query, 1);
  query->groups = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < FLUO_LOG_GROUPS_MAX && groups[i]; i++)
    g_ptr_array_add (query->groups, g_strdup (groups[i]));
  query->span = span;
  query->query = g_strdup (query_string);
  query->n_max = MIN (n_max, LINES_MAX);
  query->progress = progress;
  query->progress_data = progress_data;
  query->result = result_new (missing);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_query_logs_async);
  g_task_set_task_data (task, query, query_free);
  start (task);
}

FluoLogResult *
fluo_xray_client_query_logs_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_query_logs_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

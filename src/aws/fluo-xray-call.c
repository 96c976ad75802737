/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-local-keys.h"
#include "aws/fluo-permission.h"
#include "aws/fluo-sigv4-message.h"
#include "aws/fluo-xray-client-private.h"
#include "aws/fluo-xray-error.h"
#include "core/fluo-format.h"

#define ATTEMPTS_MAX 3
#define LONG_POLL_MS 40000 /* the collector answers within 25 s even when nothing changes */
#define REASON_CHARS_MAX 300
#define SKEW_MIN_S 240     /* services refuse from 5 minutes on, and nothing below */

/* What a further attempt costs of the client's tokens, as AWS's own SDKs count since 2026: an
 * outage is not made worse by everybody's third attempt. A success pays back what the last attempt
 * cost, or one. */
#define RETRY_COST 14
#define RETRY_COST_THROTTLED 5
#define RETRY_AFTER_SLACK_MS 5000 /* more than this beyond our own pause nobody may ask for */

/* One operation: attempts, pauses between them, and the answer's parsing. */
typedef struct
{
  FluoAwsService service;
  char    *endpoint; /* of a service beside X-Ray */
  char    *path;     /* X-Ray's, or the operation's name */
  GBytes  *body;
  guint    n_attempts;
  guint    paid;     /* tokens, for the last attempt */
  gboolean skew_tried;
  gboolean keys_tried;
  gboolean renewal_tried;
  FluoMeter *held; /* counts this as under way, or NULL */
  gint64   sent_s; /* when the last attempt began, by our clock */
  gint64   skew_s; /* that it was signed with: other calls may have learned better since */
} Call;

static void start_attempt (GTask *task);

static void
call_free (gpointer data)
{
  Call *call = data;

  if (call->held)
    fluo_meter_release (call->held);
  g_clear_object (&call->held);
  g_free (call->endpoint);
  g_free (call->path);
  g_bytes_unref (call->body);
  g_free (call);
}

/* What only fluoroscoped has. */
static gboolean
is_local (const char *path)
{
  return g_str_has_prefix (path, FLUO_XRAY_LOCAL_PREFIX);
}

/* All of X-Ray's own operations take a body. */
static gboolean
is_get (const char *path)
{
  static const char *const with_body[] = { FLUO_XRAY_SIMULATE_PATH, FLUO_XRAY_COUNTS_PATH,
                                           FLUO_XRAY_VOCABULARY_PATH, FLUO_XRAY_PINS_PATH,
                                           NULL };

  return is_local (path) && !g_strv_contains (with_body, path);
}

/* All reads, and writes that have the same effect twice: only what makes a new thing must not be
 * sent again. */
static gboolean
is_repeatable (const char *path)
{
  path += *path == '/';
  return !g_str_has_prefix (path, "Create") && !g_str_has_prefix (path, "Start");
}

SoupMessage *
fluo_xray_message_new (FluoXrayClient *self, const char *path, GBytes *body)
{
  g_autofree char *url = g_strconcat (self->endpoint, path, NULL);
  SoupMessage *message = soup_message_new (is_get (path) ? SOUP_METHOD_GET : SOUP_METHOD_POST, url);

  if (!message)
    return NULL;
  /* Without the flag libsoup opens a new connection for every POST. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT
                                     | (is_repeatable (path) ? SOUP_MESSAGE_IDEMPOTENT : 0));
  if (!is_get (path))
    soup_message_set_request_body_from_bytes (message, "application/json", body);
  return message;
}

gboolean
fluo_xray_message_sign (FluoXrayClient *self, SoupMessage *message, GBytes *body,
                        const char *service, GError **error)
{
  if (fluo_sigv4_sign_message (message, body, service, self->region,
                               fluo_xray_client_get_keys (self),
                               self->clock (self->seam_data) + self->skew_s))
    return TRUE;
  g_set_error_literal (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                       _("the computer's clock is not set"));
  return FALSE;
}

/* [worker] */
static void
parse_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  FluoHttpResponse *response = task_data;
  g_autoptr (GError) error = NULL;
  FluoJsonTape *tape;

  tape = fluo_json_tape_new (response->body, &error);
  if (tape && fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    {
      g_clear_pointer (&tape, fluo_json_tape_free);
      g_task_return_error (task, fluo_xray_error_not_json (response, _("JSON, but no object")));
    }
  else if (tape)
    g_task_return_pointer (task, tape, (GDestroyNotify) fluo_json_tape_free);
  else
    g_task_return_error (task, fluo_xray_error_not_json (response, error->message));
}

/* What AWS charges for: traces that a question looked through, and those that came whole. */
static void
count (FluoXrayClient *self, const Call *call, const FluoJsonTape *tape)
{
  gint64 n_scanned = 0, n_retrieved = 0;
  guint32 metrics;

  if (!self->meter || is_local (call->path))
    return;
  if (strcmp (call->path, FLUO_XRAY_SUMMARIES_PATH) == 0)
    n_scanned = fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "TracesProcessedCount"), 0);
  else if (strcmp (call->path, FLUO_XRAY_TRACES_PATH) == 0)
    {
      guint32 list = fluo_json_tape_get (tape, 0, "Traces");

      if (fluo_json_tape_type (tape, list) == FLUO_JSON_ARRAY_BEGIN)
        for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
             node = fluo_json_tape_next (tape, list, node))
          n_retrieved++;
    }
  /* Logs are counted by what reads them: each answer holds the sum so far. */
  metrics = call->service == FLUO_AWS_CLOUDWATCH
              ? fluo_json_tape_get (tape, 0, "MetricDataResults")
              : FLUO_JSON_NONE;
  if (fluo_json_tape_type (tape, metrics) == FLUO_JSON_ARRAY_BEGIN)
    fluo_meter_add_metrics (self->meter, fluo_json_tape_count (tape, metrics));
  /* A page of alarms costs as much as a metric. */
  if (strcmp (call->path, "DescribeAlarms") == 0)
    fluo_meter_add_metrics (self->meter, 1);
  fluo_meter_add (self->meter, (guint64) CLAMP (n_scanned, 0, G_MAXINT32), (guint64) n_retrieved);
}

static void
parsed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoJsonTape *tape = g_task_propagate_pointer (G_TASK (result), &error);

  if (tape)
    {
      count (g_task_get_source_object (task), g_task_get_task_data (task), tape);
      g_task_return_pointer (task, tape, (GDestroyNotify) fluo_json_tape_free);
    }
  else
    g_task_return_error (task, error);
}

static void
parse (GTask *task, FluoHttpResponse *response)
{
  g_autoptr (GTask) worker = NULL;

  if (!fluo_http_response_is_json (response))
    {
      g_task_return_error (task, fluo_xray_error_not_json (response, _("not JSON")));
      fluo_http_response_free (response);
      g_object_unref (task);
      return;
    }
  /* Without a source object, so that the client is never finalized in a worker. */
  worker = g_task_new (NULL, g_task_get_cancellable (task), parsed_cb, task);
  g_task_set_source_tag (worker, parse);
  g_task_set_task_data (worker, response, (GDestroyNotify) fluo_http_response_free);
  g_task_set_return_on_cancel (worker, TRUE);
  g_task_run_in_thread (worker, parse_thread);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (fluo_aws_wait_finish (result, &error))
    {
      start_attempt (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* TRUE when the failure may come from our clock and another attempt with the service's time is
 * under way. A plain http answer from another computer is not trusted to set a clock. */
static gboolean
retry_with_their_clock (GTask *task, const FluoXrayFailure *failure,
                        const FluoHttpResponse *response)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  gint64 now_s = self->clock (self->seam_data), ahead_s;

  if (!failure->is_skew || call->skew_tried || response->date_s == 0
      || !fluo_xray_client_get_keys (self)
      || !(self->is_loopback || g_str_has_prefix (self->endpoint, "https:")))
    return FALSE;
  ahead_s = response->date_s - (call->sent_s + now_s) / 2;
  if (ABS (ahead_s - call->skew_s) < SKEW_MIN_S)
    return FALSE;
  self->skew_s = ahead_s;
  call->skew_tried = TRUE;
  call->n_attempts--;
  start_attempt (task);
  return TRUE;
}

/* TRUE when the collector told where its keys are, they could be read, and another attempt with
 * them is under way. They are read anew each time, because they may have been made anew. */
static gboolean
retry_with_local_keys (GTask *task, FluoXrayFailure *failure, const FluoHttpResponse *response)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (FluoCredentials) keys = NULL;
  g_autoptr (GError) error = NULL;

  if (self->credentials || self->provider || !self->is_loopback || !response->keys_path
      || call->keys_tried)
    return FALSE;
  keys = fluo_local_keys_load (response->keys_path, FLUO_ROLE_FULL, &error);
  if (!keys)
    {
      g_autofree char *reason = fluo_format_untrusted (error->message, REASON_CHARS_MAX);

      g_prefix_error (&failure->error, _("the collector's keys can't be read, %s: "), reason);
      return FALSE;
    }
  g_clear_pointer (&self->local_keys, fluo_credentials_unref);
  self->local_keys = g_steal_pointer (&keys);
  call->keys_tried = TRUE;
  call->n_attempts--;
  start_attempt (task);
  return TRUE;
}

/* TRUE when the keys have expired and another attempt with new ones is under way. */
static gboolean
retry_with_new_keys (GTask *task, const FluoXrayFailure *failure)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  if (!self->provider || call->renewal_tried
      || !g_error_matches (failure->error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_EXPIRED))
    return FALSE;
  fluo_credential_provider_refuse (self->provider, self->credentials);
  call->renewal_tried = TRUE;
  call->n_attempts--;
  start_attempt (task);
  return TRUE;
}

/* A refusal without words still is one of this operation. */
static void
name_action (const Call *call, FluoXrayFailure *failure)
{
  g_autofree char *action = NULL;

  if (!failure->is_denied || fluo_xray_error_get_action (failure->error))
    return;
  if (call->service == FLUO_AWS_XRAY)
    action = is_local (call->path) ? NULL : fluo_permission_dup_action (call->path);
  else
    action = g_strconcat (call->service == FLUO_AWS_LOGS ? "logs:" : "cloudwatch:", call->path,
                          NULL);
  fluo_xray_error_set_action (failure->error, action);
}

static void
explain (FluoXrayClient *self, const Call *call, FluoXrayFailure *failure,
         const FluoHttpResponse *response)
{
  if (ABS (call->skew_s) >= SKEW_MIN_S && failure->is_skew)
    g_prefix_error (&failure->error,
                    call->skew_s > 0 ? _("the computer's clock is %d minutes slow: ")
                                     : _("the computer's clock is %d minutes fast: "),
                    (int) (ABS (call->skew_s) / 60));
  /* Only fluoroscoped has these paths; others refuse them in their own ways. */
  if (is_local (call->path) && failure->error->domain == FLUO_XRAY_ERROR
      && !(response && fluo_http_response_is_ours (response))
      && (failure->error->code == FLUO_XRAY_ERROR_INVALID_REQUEST
          || failure->error->code == FLUO_XRAY_ERROR_ACCESS
          || failure->error->code == FLUO_XRAY_ERROR_FAILED))
    failure->error->code = FLUO_XRAY_ERROR_NOT_FOUND;
}

/* Whether there is another attempt, which is paid for then. What was refused for being too much was
 * not begun, so that even what makes a new thing may be sent again. */
static gboolean
may_repeat (FluoXrayClient *self, Call *call, const FluoXrayFailure *failure)
{
  const guint cost = failure->is_throttle ? RETRY_COST_THROTTLED : RETRY_COST;

  if (!failure->is_transient || call->n_attempts >= ATTEMPTS_MAX
      || !(failure->is_throttle || is_repeatable (call->path)) || self->retry_tokens < cost)
    return FALSE;
  self->retry_tokens -= cost;
  call->paid = cost;
  return TRUE;
}

static guint
pause_before_next (FluoXrayClient *self, const Call *call, const FluoXrayFailure *failure,
                   const FluoHttpResponse *response)
{
  const guint ours = self->pause (call->n_attempts + 1, failure->is_throttle, self->seam_data);
  const guint theirs = response ? response->retry_after_ms : 0;

  return CLAMP (theirs, ours, ours + RETRY_AFTER_SLACK_MS);
}

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FluoXrayClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoHttpResponse) response = fluo_http_exchange_finish (result, &error);
  FluoXrayFailure failure;

  if (response && response->status >= 200 && response->status < 300)
    {
      self->retry_tokens = MIN (self->retry_tokens + MAX (call->paid, 1),
                                FLUO_XRAY_RETRY_TOKENS_MAX);
      parse (task, g_steal_pointer (&response));
      return;
    }
  if (response)
    {
      fluo_xray_failure_from_response (&failure, response);
      if (retry_with_local_keys (task, &failure, response)
          || retry_with_their_clock (task, &failure, response)
          || retry_with_new_keys (task, &failure))
        {
          fluo_xray_failure_clear (&failure);
          return;
        }
    }
  else
    fluo_xray_failure_from_transport (&failure, error,
                                      call->endpoint ? call->endpoint : self->endpoint);

  if (self->meter && failure.is_throttle)
    fluo_meter_add_throttled (self->meter);
  if (may_repeat (self, call, &failure))
    {
      fluo_aws_wait_async (pause_before_next (self, call, &failure, response),
                           g_task_get_cancellable (task), waited_cb, task);
      fluo_xray_failure_clear (&failure);
      return;
    }
  name_action (call, &failure);
  explain (self, call, &failure, response);
  g_task_return_error (task, g_steal_pointer (&failure.error));
  g_object_unref (task);
}

/* Takes the reference on @task. */
static void
send_attempt (GTask *task)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  g_autoptr (SoupMessage) message = NULL;
  FluoHttpLimits limits = self->limits;
  GError *error = NULL;

  call->n_attempts++;
  call->sent_s = self->clock (self->seam_data);
  call->skew_s = self->skew_s;
  message = call->endpoint ? fluo_aws_service_message_new (call->endpoint, call->service,
                                                           call->path, call->body)
                           : fluo_xray_message_new (self, call->path, call->body);
  if (!message)
    error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED, _("\"%s%s\" is no URL"),
                         call->endpoint ? call->endpoint : self->endpoint, call->path);
  else if (fluo_xray_client_get_keys (self))
    fluo_xray_message_sign (self, message, call->body,
                            fluo_aws_service_get_signing_name (call->service), &error);
  if (error)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  if (g_str_has_prefix (call->path, FLUO_XRAY_CHANGES_PATH))
    limits.idle_ms = limits.total_ms = MAX (limits.idle_ms, LONG_POLL_MS);
  fluo_http_exchange_async (self->session, message, &limits, g_task_get_cancellable (task),
                            exchanged_cb, task);
}

static void
got_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (fluo_xray_client_wait_for_keys_finish (FLUO_XRAY_CLIENT (source), result, &error))
    {
      send_attempt (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Takes the reference on @task. */
static void
start_attempt (GTask *task)
{
  FluoXrayClient *self = g_task_get_source_object (task);

  if (fluo_xray_client_take_keys (self))
    send_attempt (task);
  else
    fluo_xray_client_wait_for_keys_async (self, g_task_get_cancellable (task), got_keys_cb, task);
}

static gboolean
is_charged (const char *path)
{
  static const char *const charged[] = { FLUO_XRAY_SUMMARIES_PATH, FLUO_XRAY_TRACES_PATH,
                                         "StartQuery", "GetMetricData", "DescribeAlarms", NULL };

  return g_strv_contains (charged, path);
}

/* What is known before anything is sent. */
static GError *
check_setup (FluoXrayClient *self, const char *path)
{
  if (self->setup_error)
    return g_error_copy (self->setup_error);
  if (self->is_aws && is_local (path))
    return g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                                _("AWS X-Ray doesn't offer this; only fluoroscoped does"));
  if (self->is_aws && !self->credentials && !self->provider)
    return g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS,
                                _("AWS X-Ray answers nobody without credentials; choose a profile "
                                  "or enter an access key"));
  return NULL;
}

/* Takes the reference on @task. */
static void
begin (GTask *task, FluoAwsService service, const char *path, const char *body)
{
  g_autoptr (GTask) owned = task;
  FluoXrayClient *self = g_task_get_source_object (task);
  g_autofree char *endpoint = NULL;
  FluoMeter *held = NULL;
  GError *error;
  Call *call;

  if (g_task_return_error_if_cancelled (task))
    return;
  error = check_setup (self, path);
  if (!error && service != FLUO_AWS_XRAY)
    endpoint = fluo_aws_service_dup_endpoint (self, service, &error);
  if (error)
    {
      g_task_return_error (task, error);
      return;
    }
  if (self->meter && is_charged (path))
    {
      if (!fluo_meter_hold (self->meter))
        {
          g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET,
                                   _("this could pass the hour's budget, so nothing was asked"));
          return;
        }
      held = g_object_ref (self->meter);
    }
  call = g_new0 (Call, 1);
  call->held = held;
  call->service = service;
  call->endpoint = g_steal_pointer (&endpoint);
  call->path = g_strdup (path);
  call->body = body ? g_bytes_new (body, strlen (body)) : g_bytes_new_static ("{}", 2);
  g_task_set_task_data (task, call, call_free);
  start_attempt (g_steal_pointer (&owned));
}

void
fluo_xray_client_call_async (FluoXrayClient *self, const char *path, const char *body,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (path != NULL && *path == '/');

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_call_async);
  begin (task, FLUO_AWS_XRAY, path, body);
}

void
fluo_xray_client_call_service_async (FluoXrayClient *self, FluoAwsService service,
                                     const char *action, const char *body,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (action != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_call_service_async);
  begin (task, service, action, body);
}

FluoJsonTape *
fluo_xray_client_call_service_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_call_service_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

FluoJsonTape *
fluo_xray_client_call_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_call_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

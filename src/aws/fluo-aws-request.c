/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-aws-request.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-sigv4-message.h"
#include "aws/fluo-sts.h"
#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-error.h"

#define ATTEMPTS_MAX 3
#define IDLE_MS 10000
#define TOTAL_MS 20000
#define BODY_MAX (1024 * 1024)
#define SKEW_MIN_S 240 /* services refuse from 5 minutes on, and nothing below */
#define IDLE_CONNECTION_S 5

typedef struct
{
  SoupSession     *session;
  char            *method;
  char            *url;
  char            *content_type;
  GBytes          *body;
  char           **headers;
  FluoCredentials *keys;
  char            *service;
  char            *region;
  guint            attempts_max;
  FluoHttpLimits   limits;
  FluoAwsSeams     seams;
  guint            n_attempts;
  gint64           sent_s;
  gint64           skew_s;
  gboolean         skew_tried;
  guint            status; /* of the last answer */
  char            *code;   /* of the last refusal, or NULL */
} Call;

static void start_attempt (GTask *task);

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->session);
  g_free (call->method);
  g_free (call->url);
  g_free (call->content_type);
  g_clear_pointer (&call->body, g_bytes_unref);
  for (guint i = 0; call->headers && call->headers[i]; i++)
    explicit_bzero (call->headers[i], strlen (call->headers[i]));
  g_strfreev (call->headers);
  g_clear_pointer (&call->keys, fluo_credentials_unref);
  g_free (call->service);
  g_free (call->region);
  g_free (call->code);
  g_free (call);
}

/* --- Seams -------------------------------------------------------------- */

static gint64
wall_clock (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static guint
random_pause (guint attempt, gboolean throttled, gpointer data)
{
  return fluo_aws_wait_pick (attempt, throttled);
}

void
fluo_aws_seams_complete (FluoAwsSeams *self)
{
  if (!self->clock)
    self->clock = wall_clock;
  if (!self->pause)
    self->pause = random_pause;
}

gint64
fluo_aws_seams_now (const FluoAwsSeams *self)
{
  return self->clock ? self->clock (self->data) : wall_clock (NULL);
}

/* --- Failures ----------------------------------------------------------- */

/* The name alone: what stands before it up to "#" and after it from ":" or "," is dropped. NULL for
 * what is no name, which is then not shown either. */
static char *
dup_bare_code (const char *text)
{
  const char *hash = text ? strrchr (text, '#') : NULL;
  gsize length;

  if (!text)
    return NULL;
  if (hash)
    text = hash + 1;
  length = strcspn (text, ":,");
  if (length == 0 || length > 100)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_' && text[i] != '.')
      return NULL;
  return g_strndup (text, length);
}

/* STS says it in XML, sign-in as OAuth does, the others as all of AWS's JSON does. */
static void
read_failure (FluoXrayFailure *failure, const FluoHttpResponse *response, char **ret_code)
{
  static const char *const code_keys[] = { "error", "__type", "code", "Code", NULL };
  static const char *const message_keys[] = { "error_description", "message", "Message", NULL };
  g_autofree char *code = NULL, *message = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;

  if (response->status >= 400 && fluo_sts_read_error (response->body, &code, &message))
    {
      fluo_xray_failure_from_code (failure, response, code, message);
      *ret_code = g_steal_pointer (&code);
      return;
    }
  tape = response->status >= 400 ? fluo_json_tape_new (response->body, NULL) : NULL;
  if (tape && fluo_json_tape_type (tape, 0) == FLUO_JSON_OBJECT_BEGIN)
    {
      code = fluo_json_tape_dup_first (tape, 0, code_keys);
      message = fluo_json_tape_dup_first (tape, 0, message_keys);
      *ret_code = dup_bare_code (code ? code : response->error_type);
    }
  /* The beginning of any other body is not shown: it may be a token. */
  if (response->status < 400)
    message = g_strdup (_("a redirect, which is not followed; check the endpoint"));
  else if (!message && g_bytes_get_size (response->body) > 0)
    message = g_strdup (_("the answer is not what the service sends"));
  fluo_xray_failure_from_code (failure, response, *ret_code, message);
}

/* As for X-Ray's own calls: an answer over https or from this computer may set the clock, once. */
static gboolean
take_their_clock (Call *call, const FluoXrayFailure *failure, const FluoHttpResponse *response)
{
  gint64 now_s = fluo_aws_seams_now (&call->seams), ahead_s;

  if (!call->keys || !failure->is_skew || call->skew_tried || response->date_s == 0
      || !(g_str_has_prefix (call->url, "https:") || fluo_endpoint_is_loopback (call->url)))
    return FALSE;
  ahead_s = response->date_s - (call->sent_s + now_s) / 2;
  if (ABS (ahead_s) < SKEW_MIN_S)
    return FALSE;
  call->skew_s = ahead_s;
  call->skew_tried = TRUE;
  call->n_attempts--;
  return TRUE;
}

/* --- Attempts ----------------------------------------------------------- */

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (fluo_aws_wait_finish (result, &error))
    start_attempt (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  FluoHttpResponse *response = fluo_http_exchange_finish (result, &error);
  FluoXrayFailure failure;

  call->status = response ? response->status : 0;
  g_clear_pointer (&call->code, g_free);
  if (response && response->status == 200)
    {
      g_task_return_pointer (task, response, (GDestroyNotify) fluo_aws_response_free);
      return;
    }
  if (response)
    read_failure (&failure, response, &call->code);
  else
    fluo_xray_failure_from_transport (&failure, error, call->url);
  if (response && take_their_clock (call, &failure, response))
    start_attempt (g_steal_pointer (&task));
  else if (failure.is_transient && call->n_attempts < call->attempts_max)
    fluo_aws_wait_async (
      call->seams.pause (call->n_attempts + 1, failure.is_throttle, call->seams.data),
      g_task_get_cancellable (task), waited_cb, g_object_ref (task));
  else
    g_task_return_error (task, g_steal_pointer (&failure.error));
  fluo_xray_failure_clear (&failure);
  g_clear_pointer (&response, fluo_aws_response_free);
}

/* Takes the reference on @task. */
static void
start_attempt (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  g_autoptr (SoupMessage) message = soup_message_new (call->method, call->url);

  call->n_attempts++;
  call->sent_s = fluo_aws_seams_now (&call->seams);
  if (message)
    {
      soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
      if (call->content_type)
        soup_message_set_request_body_from_bytes (message, call->content_type, call->body);
      for (guint i = 0; call->headers && call->headers[i]; i += 2)
        soup_message_headers_replace (soup_message_get_request_headers (message),
                                      call->headers[i], call->headers[i + 1]);
    }
  if (!message
      || (call->keys
          && !fluo_sigv4_sign_message (message, call->body, call->service, call->region,
                                       call->keys, call->sent_s + call->skew_s)))
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                               message ? _("the computer's clock is not set")
                                       : _("\"%s\" is no URL"),
                               call->url);
      g_object_unref (task);
      return;
    }
  fluo_http_exchange_async (call->session, message, &call->limits, g_task_get_cancellable (task),
                            exchanged_cb, task);
}

/* --- Sessions ------------------------------------------------------------ */

#define DIRECT_KEY "fluo-direct-session"

static SoupSession *
session_new (void)
{
  SoupSession *session =
    soup_session_new_with_options ("user-agent", "Fluoroscope/" FLUO_VERSION, "timeout", 0,
                                   "idle-timeout", IDLE_CONNECTION_S, NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  return session;
}

SoupSession *
fluo_aws_session_new (const char *proxy)
{
  SoupSession *session = session_new (), *direct = session_new ();

  soup_session_set_proxy_resolver (direct, NULL);
  g_object_set_data_full (G_OBJECT (session), DIRECT_KEY, direct, g_object_unref);
  if (proxy)
    {
      g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy, NULL);

      soup_session_set_proxy_resolver (session, resolver);
    }
  return session;
}

/* A machine's own addresses are reached without a proxy, whatever the desktop says. */
static SoupSession *
choose_session (SoupSession *session, const char *url)
{
  SoupSession *direct = g_object_get_data (G_OBJECT (session), DIRECT_KEY);

  return direct && (fluo_endpoint_is_loopback (url) || fluo_endpoint_is_link_local (url))
           ? direct
           : session;
}

/* --- Public ------------------------------------------------------------- */

void
fluo_aws_request_async (const FluoAwsRequest *request, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);
  guint total_ms = request->total_ms > 0 ? request->total_ms : TOTAL_MS;

  g_task_set_source_tag (task, fluo_aws_request_async);
  call->session = g_object_ref (choose_session (request->session, request->url));
  call->method = g_strdup (request->method ? request->method : SOUP_METHOD_POST);
  call->url = g_strdup (request->url);
  call->content_type = g_strdup (request->content_type);
  call->body = request->body ? g_bytes_ref (request->body) : NULL;
  call->headers = g_strdupv ((char **) request->headers);
  call->keys = request->keys ? fluo_credentials_ref (request->keys) : NULL;
  call->service = g_strdup (request->service);
  call->region = g_strdup (request->region);
  call->attempts_max = request->attempts > 0 ? request->attempts : ATTEMPTS_MAX;
  call->limits = (FluoHttpLimits) { MIN (total_ms, IDLE_MS), total_ms, BODY_MAX };
  call->seams = request->seams;
  fluo_aws_seams_complete (&call->seams);
  g_task_set_task_data (task, call, call_free);
  start_attempt (task);
}

FluoHttpResponse *
fluo_aws_request_finish (GAsyncResult *result, guint *ret_status, char **ret_code, GError **error)
{
  FluoHttpResponse *response;
  Call *call;

  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_aws_request_async), NULL);

  call = g_task_get_task_data (G_TASK (result));
  response = g_task_propagate_pointer (G_TASK (result), error);
  if (!response && ret_status)
    *ret_status = call->status;
  if (!response && ret_code)
    *ret_code = g_steal_pointer (&call->code);
  return response;
}

void
fluo_aws_response_free (FluoHttpResponse *self)
{
  gsize length;
  gconstpointer body = g_bytes_get_data (self->body, &length);

  if (length > 0)
    explicit_bzero ((gpointer) body, length);
  fluo_http_response_free (self);
}

FluoAwsAnswer *
fluo_aws_request_finish_json (GAsyncResult *result, guint *ret_status, char **ret_code,
                              GError **error)
{
  FluoHttpResponse *response = fluo_aws_request_finish (result, ret_status, ret_code, error);
  FluoAwsAnswer *answer;
  FluoJsonTape *tape;

  if (!response)
    return NULL;
  tape = fluo_json_tape_new (response->body, NULL);
  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    {
      /* Its beginning is not shown: it may be a token all the same. */
      g_set_error_literal (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                           _("the answer is not what the service sends: no JSON object"));
      g_clear_pointer (&tape, fluo_json_tape_free);
      fluo_aws_response_free (response);
      return NULL;
    }
  answer = g_new0 (FluoAwsAnswer, 1);
  answer->response = response;
  answer->tape = tape;
  return answer;
}

char *
fluo_aws_answer_dup (const FluoAwsAnswer *self, const char *name)
{
  return fluo_json_tape_dup_member (self->tape, 0, name);
}

void
fluo_aws_answer_free (FluoAwsAnswer *self)
{
  g_return_if_fail (self != NULL);

  fluo_json_tape_free (self->tape);
  fluo_aws_response_free (self->response);
  g_free (self);
}

static void
free_wiped (gpointer data)
{
  GString *text = data;

  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

GBytes *
fluo_aws_bytes_new_wiped (GString *text)
{
  return g_bytes_new_with_free_func (text->str, text->len, free_wiped, text);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-sts.h"

#include <string.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-sigv4-message.h"
#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-error.h"

#define SERVICE "sts"
#define VERSION "2011-06-15"
#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define ATTEMPTS_MAX 3
#define SKEW_MIN_S 240 /* services refuse from 5 minutes on, and nothing below */
#define SESSION_NAME_LEN_MAX 64

static const FluoHttpLimits limits = { 10000, 20000, 1024 * 1024 };

typedef struct
{
  SoupSession     *session;
  char            *endpoint;
  char            *region;
  FluoStsSeams     seams;
  FluoCredentials *source;
  char            *role;   /* to be named in messages */
  GBytes          *form;
  guint            n_attempts;
  gint64           sent_s;
  gint64           skew_s;
  gboolean         skew_tried;
} Call;

static void start_attempt (GTask *task);

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->session);
  g_free (call->endpoint);
  g_free (call->region);
  fluo_credentials_unref (call->source);
  g_free (call->role);
  g_bytes_unref (call->form);
  g_free (call);
}

static gint64
wall_clock (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Full jitter, as for X-Ray's own calls. */
static guint
random_pause (guint attempt, gboolean throttled, gpointer data)
{
  return (guint) g_random_int_range (0, (throttled ? 1000 : 50) << MIN (attempt - 2, 4u));
}

/* --- The form ----------------------------------------------------------- */

static void
append (GString *form, const char *key, const char *value)
{
  g_string_append_printf (form, "&%s=", key);
  fluo_sigv4_escape (form, value, strlen (value), FALSE);
}

/* Who it was, to be found in the account's own records; only letters that STS takes. */
static char *
make_session_name (gint64 now_s)
{
  g_autofree char *time = g_strdup_printf ("%" G_GINT64_FORMAT, now_s);
  g_autofree char *user = g_strdup (g_get_user_name ());
  int user_len_max = SESSION_NAME_LEN_MAX - (int) (strlen ("fluoroscope--") + strlen (time));

  g_strcanon (user, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_+=,.@-", '-');
  return g_strdup_printf ("fluoroscope-%.*s-%s", user_len_max, user, time);
}

char *
fluo_sts_write_assume_role (const FluoAwsRole *role, gint64 now_s)
{
  GString *form = g_string_new ("Action=AssumeRole&Version=" VERSION);
  g_autofree char *made_up = role->session_name ? NULL : make_session_name (now_s);

  append (form, "RoleArn", role->arn);
  append (form, "RoleSessionName", role->session_name ? role->session_name : made_up);
  if (role->external_id)
    append (form, "ExternalId", role->external_id);
  if (role->duration_s > 0)
    g_string_append_printf (form, "&DurationSeconds=%u", role->duration_s);
  return g_string_free (form, FALSE);
}

/* --- Attempts ----------------------------------------------------------- */

static void
read_failure (FluoXrayFailure *failure, const FluoHttpResponse *response)
{
  g_autofree char *code = NULL, *message = NULL;

  if (response->status >= 400 && fluo_sts_read_error (response->body, &code, &message))
    fluo_xray_failure_from_code (failure, response, code, message);
  else
    fluo_xray_failure_from_response (failure, response);
}

/* As for X-Ray's own calls: an answer over https or from this computer may set the clock, once. */
static gboolean
take_their_clock (Call *call, const FluoXrayFailure *failure, const FluoHttpResponse *response)
{
  gint64 now_s = call->seams.clock (call->seams.data), ahead_s;

  if (!failure->is_skew || call->skew_tried || response->date_s == 0
      || !(g_str_has_prefix (call->endpoint, "https:")
           || fluo_endpoint_is_loopback (call->endpoint)))
    return FALSE;
  ahead_s = response->date_s - (call->sent_s + now_s) / 2;
  if (ABS (ahead_s) < SKEW_MIN_S)
    return FALSE;
  call->skew_s = ahead_s;
  call->skew_tried = TRUE;
  call->n_attempts--;
  return TRUE;
}

static gboolean
paused_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    start_attempt (task);
  return G_SOURCE_REMOVE;
}

static void
attempt_later (GTask *task, gboolean throttled)
{
  Call *call = g_task_get_task_data (task);
  g_autoptr (GSource) source = g_timeout_source_new (
    call->seams.pause (call->n_attempts + 1, throttled, call->seams.data));

  g_source_set_callback (source, paused_cb, task, NULL);
  g_source_attach (source, g_task_get_context (task));
}

static void
succeed (GTask *task, const FluoHttpResponse *response)
{
  Call *call = g_task_get_task_data (task);
  g_autofree char *source = g_strdup_printf ("role %s, assumed with %s", call->role,
                                             fluo_credentials_get_source (call->source));
  GError *error = NULL;
  FluoCredentials *found = fluo_sts_read_assume_role (
    response->body, source, call->seams.clock (call->seams.data) + call->skew_s, &error);

  if (found)
    g_task_return_pointer (task, found, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoHttpResponse) response = fluo_http_exchange_finish (result, &error);
  FluoXrayFailure failure;

  if (response && response->status == 200)
    {
      succeed (task, response);
      return;
    }
  if (response)
    read_failure (&failure, response);
  else
    fluo_xray_failure_from_transport (&failure, error, call->endpoint);
  if (response && take_their_clock (call, &failure, response))
    start_attempt (g_steal_pointer (&task));
  else if (failure.is_transient && call->n_attempts < ATTEMPTS_MAX)
    attempt_later (g_steal_pointer (&task), failure.is_throttle);
  else
    {
      if (failure.error->domain == FLUO_XRAY_ERROR)
        g_prefix_error (&failure.error, "the role %s can't be assumed with %s: ", call->role,
                        fluo_credentials_get_source (call->source));
      g_task_return_error (task, g_steal_pointer (&failure.error));
    }
  fluo_xray_failure_clear (&failure);
}

/* Takes the reference on @task. */
static void
start_attempt (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  g_autofree char *url = g_strconcat (call->endpoint, "/", NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_POST, url);

  call->n_attempts++;
  call->sent_s = call->seams.clock (call->seams.data);
  if (message)
    {
      soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
      soup_message_set_request_body_from_bytes (message, FORM_TYPE, call->form);
    }
  if (!message
      || !fluo_sigv4_sign_message (message, call->form, SERVICE, call->region, call->source,
                                   call->sent_s + call->skew_s))
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED,
                               message ? "the computer's clock is not set" : "\"%s\" is no URL",
                               url);
      g_object_unref (task);
      return;
    }
  fluo_http_exchange_async (call->session, message, &limits, g_task_get_cancellable (task),
                            exchanged_cb, task);
}

void
fluo_sts_assume_role_async (const FluoSts *sts, const FluoAwsRole *role, FluoCredentials *source,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);
  char *form;

  g_task_set_source_tag (task, fluo_sts_assume_role_async);
  call->session = g_object_ref (sts->session);
  call->endpoint = g_strdup (sts->endpoint);
  call->region = g_strdup (sts->region);
  call->seams = sts->seams;
  if (!call->seams.clock)
    call->seams.clock = wall_clock;
  if (!call->seams.pause)
    call->seams.pause = random_pause;
  call->source = fluo_credentials_ref (source);
  call->role = g_strdup (role->arn);
  form = fluo_sts_write_assume_role (role, call->seams.clock (call->seams.data));
  call->form = g_bytes_new_take (form, strlen (form));
  g_task_set_task_data (task, call, call_free);
  start_attempt (task);
}

FluoCredentials *
fluo_sts_assume_role_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sts_assume_role_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

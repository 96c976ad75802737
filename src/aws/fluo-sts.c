/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-sts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-key-json.h"
#include "aws/fluo-sigv4.h"
#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-error.h"

#define VERSION "2011-06-15"
#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define SESSION_NAME_LEN_MAX 64
/* The service says so in words alone; the error's code is that of every refusal. */
#define CODE_REFUSED "MultiFactorAuthentication failed"

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

/* What both ways of assuming a role begin with. */
static GString *
begin_form (const char *action, const FluoAwsRole *role, gint64 now_s)
{
  GString *form = g_string_new (NULL);
  g_autofree char *made_up = role->session_name ? NULL : make_session_name (now_s);

  g_string_append_printf (form, "Action=%s&Version=" VERSION, action);
  append (form, "RoleArn", role->arn);
  append (form, "RoleSessionName", role->session_name ? role->session_name : made_up);
  return form;
}

char *
fluo_sts_write_assume_role (const FluoAwsRole *role, const char *code, gint64 now_s)
{
  GString *form = begin_form ("AssumeRole", role, now_s);

  if (role->external_id)
    append (form, "ExternalId", role->external_id);
  if (role->duration_s > 0)
    g_string_append_printf (form, "&DurationSeconds=%u", role->duration_s);
  if (role->mfa_serial && code)
    {
      append (form, "SerialNumber", role->mfa_serial);
      append (form, "TokenCode", code);
    }
  return g_string_free (form, FALSE);
}

/* --- Asking ----------------------------------------------------------------- */

typedef struct
{
  char        *role;   /* to be named in messages */
  char        *with;   /* what it is assumed with, in words */
  FluoAwsSeams seams;
  gboolean     has_code;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->role);
  g_free (call->with);
  g_free (call);
}

/* Takes @form and @task. */
static void
ask (GTask *task, const FluoSts *sts, FluoCredentials *keys, GString *form,
     GAsyncReadyCallback callback)
{
  g_autofree char *url = g_strconcat (sts->endpoint, "/", NULL);
  FluoAwsRequest request = { .session = sts->session, .url = url, .content_type = FORM_TYPE,
                             .body = fluo_aws_bytes_new_wiped (form), .keys = keys,
                             .service = "sts", .region = sts->region, .seams = sts->seams };

  fluo_aws_request_async (&request, g_task_get_cancellable (task), callback, task);
  g_bytes_unref (request.body);
}

static void
assumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autofree char *words = NULL;
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);
  FluoCredentials *found = NULL;

  if (response)
    {
      words = g_strdup_printf (_("role %s, assumed with %s"), call->role, call->with);
      found = fluo_sts_read_assume_role (response->body, words,
                                         fluo_aws_seams_now (&call->seams), &error);
      fluo_aws_response_free (response);
    }
  else if (call->has_code && strstr (error->message, CODE_REFUSED))
    {
      g_clear_error (&error);
      error = g_error_new (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_CODE,
                           _("the code for the role %s was not taken; wait for the device's next "
                             "one"),
                           call->role);
    }
  else if (error->domain == FLUO_XRAY_ERROR)
    {
      fluo_xray_error_set_resource (error, call->role);
      g_prefix_error (&error, _("the role %s can't be assumed with %s: "), call->role, call->with);
    }
  if (found)
    g_task_return_pointer (task, found, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

static GTask *
assume_task_new (const FluoSts *sts, const FluoAwsRole *role, const char *with,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  g_task_set_source_tag (task, fluo_sts_assume_role_async);
  call->role = g_strdup (role->arn);
  call->with = g_strdup (with);
  call->seams = sts->seams;
  g_task_set_task_data (task, call, call_free);
  return task;
}

void
fluo_sts_assume_role_async (const FluoSts *sts, const FluoAwsRole *role, const char *code,
                            FluoCredentials *source, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = assume_task_new (sts, role, fluo_credentials_get_source (source), cancellable,
                                 callback, user_data);
  char *form = fluo_sts_write_assume_role (role, code, fluo_aws_seams_now (&sts->seams));
  GString *text = g_string_new (form);

  ((Call *) g_task_get_task_data (task))->has_code = role->mfa_serial && code;
  fluo_key_text_clear (&form);
  ask (task, sts, source, text, assumed_cb);
}

void
fluo_sts_assume_role_with_web_identity_async (const FluoSts *sts, const FluoAwsRole *role,
                                              const char *token, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task =
    assume_task_new (sts, role, _("a web identity"), cancellable, callback, user_data);
  GString *form =
    begin_form ("AssumeRoleWithWebIdentity", role, fluo_aws_seams_now (&sts->seams));

  append (form, "WebIdentityToken", token);
  ask (task, sts, NULL, form, assumed_cb);
}

FluoCredentials *
fluo_sts_assume_role_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sts_assume_role_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
caller_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);

  if (response)
    g_task_return_pointer (task, response, (GDestroyNotify) fluo_aws_response_free);
  else
    g_task_return_error (task, error);
}

void
fluo_sts_get_caller_async (const FluoSts *sts, FluoCredentials *keys, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_sts_get_caller_async);
  ask (task, sts, keys, g_string_new ("Action=GetCallerIdentity&Version=" VERSION), caller_cb);
}

char *
fluo_sts_get_caller_finish (GAsyncResult *result, char **ret_account, GError **error)
{
  FluoHttpResponse *response;
  char *arn;

  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sts_get_caller_async), NULL);

  response = g_task_propagate_pointer (G_TASK (result), error);
  if (!response)
    return NULL;
  arn = fluo_sts_read_caller (response->body, ret_account, error);
  fluo_aws_response_free (response);
  return arn;
}

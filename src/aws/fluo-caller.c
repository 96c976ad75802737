/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-caller.h"

#include "aws/fluo-sts.h"

typedef struct
{
  SoupSession *session;
  char *sts;
  char *sts_region;
  char *arn;
  char *account;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->session);
  g_free (call->sts);
  g_free (call->sts_region);
  g_free (call->arn);
  g_free (call->account);
  g_free (call);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;

  call->arn = fluo_sts_get_caller_finish (result, &call->account, &error);
  if (call->arn)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Takes the reference on @task. */
static void
ask (GTask *task, FluoCredentials *keys)
{
  Call *call = g_task_get_task_data (task);
  const FluoSts sts = { call->session, call->sts, call->sts_region, { 0 } };

  fluo_sts_get_caller_async (&sts, keys, g_task_get_cancellable (task), answered_cb, task);
}

static void
got_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoCredentials) keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  if (keys)
    ask (g_steal_pointer (&task), keys);
  else
    g_task_return_error (task, error);
}

gboolean
fluo_caller_can_ask (const FluoOpenConnection *open)
{
  g_return_val_if_fail (open != NULL, FALSE);

  return open->sts != NULL && (open->provider || open->keys);
}

void
fluo_caller_ask_async (const FluoOpenConnection *open, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Call *call;

  g_return_if_fail (fluo_caller_can_ask (open));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_caller_ask_async);
  call = g_new0 (Call, 1);
  call->session = fluo_aws_session_new (NULL);
  call->sts = g_strdup (open->sts);
  call->sts_region = g_strdup (open->sts_region);
  g_task_set_task_data (task, call, call_free);
  if (open->provider)
    fluo_credential_provider_get_async (open->provider, cancellable, got_keys_cb, task);
  else
    ask (task, open->keys);
}

char *
fluo_caller_ask_finish (GAsyncResult *result, char **ret_account, GError **error)
{
  Call *call;

  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_caller_ask_async), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  call = g_task_get_task_data (G_TASK (result));
  if (ret_account)
    *ret_account = g_steal_pointer (&call->account);
  return g_steal_pointer (&call->arn);
}

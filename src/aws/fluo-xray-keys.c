/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-xray-client-private.h"

/* What requests are signed with, when it comes from a provider. */

static void
set_keys (FluoXrayClient *self, FluoCredentials *keys)
{
  if (keys == self->credentials)
    return;
  g_clear_pointer (&self->credentials, fluo_credentials_unref);
  self->credentials = fluo_credentials_ref (keys);
}

FluoCredentials *
fluo_xray_client_get_keys (FluoXrayClient *self)
{
  return self->credentials ? self->credentials : self->local_keys;
}

gboolean
fluo_xray_client_take_keys (FluoXrayClient *self)
{
  FluoCredentials *keys;

  if (!self->provider)
    return TRUE;
  keys = fluo_credential_provider_peek (self->provider);
  if (keys)
    set_keys (self, keys);
  return keys != NULL;
}

static void
got_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoCredentials) keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  if (!keys)
    {
      g_task_return_error (task, error);
      return;
    }
  set_keys (g_task_get_source_object (task), keys);
  g_task_return_boolean (task, TRUE);
}

void
fluo_xray_client_wait_for_keys_async (FluoXrayClient *self, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_xray_client_wait_for_keys_async);
  fluo_credential_provider_get_async (self->provider, cancellable, got_keys_cb, task);
}

gboolean
fluo_xray_client_wait_for_keys_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

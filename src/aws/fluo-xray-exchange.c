/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-exchange.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

#define SKEW_MIN_S 240 /* services refuse from 5 minutes on, and nothing below */

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoHttpResponse *response = fluo_http_exchange_finish (result, &error);

  if (response)
    g_task_return_pointer (task, response, (GDestroyNotify) fluo_http_response_free);
  else
    g_task_return_error (task, error);
}

/* What waits for keys. */
typedef struct
{
  char          *path;
  GBytes        *body;
  FluoHttpLimits limits;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->path);
  g_bytes_unref (request->body);
  g_free (request);
}

/* Takes the reference on @task. */
static void
send (GTask *task)
{
  FluoXrayClient *self = g_task_get_source_object (task);
  const Request *request = g_task_get_task_data (task);
  g_autoptr (SoupMessage) message = NULL;
  GError *error = NULL;

  if (self->setup_error)
    error = g_error_copy (self->setup_error);
  else if (!(message = fluo_xray_message_new (self, request->path, request->body)))
    error = g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_FAILED, _("\"%s%s\" is no URL"),
                         self->endpoint, request->path);
  else if (fluo_xray_client_get_keys (self))
    fluo_xray_message_sign (self, message, request->body, "xray", &error);
  if (error)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else
    fluo_http_exchange_async (self->session, message, &request->limits,
                              g_task_get_cancellable (task), exchanged_cb, task);
}

static void
got_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (fluo_xray_client_wait_for_keys_finish (FLUO_XRAY_CLIENT (source), result, &error))
    {
      send (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
fluo_xray_client_exchange_async (FluoXrayClient *self, const char *path, GBytes *body,
                                 const FluoHttpLimits *limits, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Request *request;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (path != NULL && *path == '/');

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_exchange_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  request = g_new0 (Request, 1);
  request->path = g_strdup (path);
  request->body = g_bytes_ref (body);
  request->limits = *limits;
  g_task_set_task_data (task, request, request_free);
  if (fluo_xray_client_take_keys (self))
    send (g_steal_pointer (&task));
  else
    fluo_xray_client_wait_for_keys_async (self, cancellable, got_keys_cb, g_steal_pointer (&task));
}

FluoHttpResponse *
fluo_xray_client_exchange_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_exchange_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
fluo_xray_client_take_their_clock (FluoXrayClient *self, const FluoXrayFailure *failure,
                                   const FluoHttpResponse *response)
{
  gint64 ahead_s;

  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), FALSE);

  /* A plain http answer from another computer is not trusted to set a clock. */
  if (!failure->is_skew || response->date_s == 0 || !fluo_xray_client_get_keys (self) ||
      !(self->is_loopback || g_str_has_prefix (self->endpoint, "https:")))
    return FALSE;
  ahead_s = response->date_s - self->clock (self->seam_data);
  if (ABS (ahead_s - self->skew_s) < SKEW_MIN_S)
    return FALSE;
  self->skew_s = ahead_s;
  return TRUE;
}

void
fluo_xray_client_set_proxy (FluoXrayClient *self, const char *url)
{
  g_autoptr (GProxyResolver) resolver = NULL;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  if (self->is_loopback)
    return;
  resolver = g_simple_proxy_resolver_new (url, NULL);
  soup_session_set_proxy_resolver (self->session, resolver);
}

const char *
fluo_xray_client_get_keys_source (FluoXrayClient *self)
{
  FluoCredentials *keys;

  g_return_val_if_fail (FLUO_IS_XRAY_CLIENT (self), NULL);

  keys = fluo_xray_client_get_keys (self);
  return keys ? fluo_credentials_get_source (keys) : NULL;
}

void
fluo_xray_client_refuse_keys (FluoXrayClient *self)
{
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  if (self->provider && self->credentials)
    fluo_credential_provider_refuse (self->provider, self->credentials);
}

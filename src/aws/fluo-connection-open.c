/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-connection-open.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-service.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-profile-provider.h"
#include "aws/fluo-secret-store.h"

/* What is asked for, and what the worker makes of it. */
typedef struct
{
  FluoConnection     *connection;
  FluoCredentials    *keys;
  FluoOpenConnection *open;
  char               *beside[FLUO_AWS_N_SERVICES]; /* URLs of services beside X-Ray; NULL: AWS's */
} Attempt;

void
fluo_open_connection_free (FluoOpenConnection *self)
{
  g_return_if_fail (self != NULL);
  g_clear_object (&self->client);
  g_clear_object (&self->provider);
  g_free (self->region);
  g_free (self->endpoint);
  g_free (self->sts);
  g_free (self->sts_region);
  g_clear_pointer (&self->keys, fluo_credentials_unref);
  g_free (self);
}

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  fluo_connection_free (attempt->connection);
  g_clear_pointer (&attempt->keys, fluo_credentials_unref);
  g_clear_pointer (&attempt->open, fluo_open_connection_free);
  for (gsize i = 0; i < G_N_ELEMENTS (attempt->beside); i++)
    g_free (attempt->beside[i]);
  g_free (attempt);
}

FluoSsoSession *
fluo_connection_dup_sso (const FluoConnection *connection, GError **error)
{
  return fluo_sso_session_find (*connection->sso_session ? connection->sso_session : NULL,
                                connection->sso_start_url, connection->sso_region, error);
}

/* Whose settings count besides the environment's; "" for nobody's. */
static const char *
get_profile (const FluoConnection *asked)
{
  return asked->kind == FLUO_CONNECTION_PROFILE ? asked->profile : "";
}

/* [worker] */
static char *
find_endpoint (const FluoConnection *asked, const char *region, GError **error)
{
  if (*asked->endpoint)
    return fluo_endpoint_normalize (asked->endpoint, error);
  if (asked->fips || asked->dual_stack)
    return fluo_endpoint_for_region (region, asked->fips, asked->dual_stack, error);
  return fluo_endpoint_resolve (get_profile (asked), region, error);
}

static const FluoAwsService beside_xray[] = { FLUO_AWS_CLOUDWATCH, FLUO_AWS_LOGS };

/* [worker] Metrics and logs are beside X-Ray at AWS; a profile or the environment may have them
 * elsewhere. */
static void
find_beside (Attempt *attempt)
{
  const char *profile = get_profile (attempt->connection);

  for (gsize i = 0; i < G_N_ELEMENTS (beside_xray); i++)
    {
      g_autofree char *url = fluo_endpoint_resolve_service (beside_xray[i], profile,
                                                            attempt->open->region, NULL, NULL);

      if (url && !fluo_endpoint_is_aws (url))
        attempt->beside[beside_xray[i]] = g_steal_pointer (&url);
    }
}

/* [worker] Keys of an endpoint that is not AWS's are nothing to AWS's STS. */
static void
find_sts (const FluoConnection *asked, FluoOpenConnection *open)
{
  g_autofree char *region = NULL, *url = NULL;

  if (asked->fips || asked->dual_stack)
    {
      url = fluo_endpoint_for_service (FLUO_AWS_STS, open->region, asked->fips, asked->dual_stack,
                                       NULL);
      region = g_strdup (open->region);
    }
  else
    url = fluo_endpoint_resolve_sts (get_profile (asked), open->region, &region, NULL);
  if (!url || (fluo_endpoint_is_aws (url) && !fluo_endpoint_is_aws (open->endpoint)))
    return;
  open->sts = g_steal_pointer (&url);
  open->sts_region = g_steal_pointer (&region);
}

/* [worker] */
static void
resolve_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Attempt *attempt = data;
  const FluoConnection *asked = attempt->connection;
  FluoOpenConnection *open = attempt->open;
  GError *error = NULL;
  g_autoptr (FluoSsoSession) sso =
    asked->kind == FLUO_CONNECTION_SSO ? fluo_connection_dup_sso (asked, &error) : NULL;
  const FluoCredentialQuestion question = {
    .profile = asked->kind == FLUO_CONNECTION_PROFILE ? asked->profile : NULL,
    .role_arn = *asked->role_arn ? asked->role_arn : NULL,
    .region = *asked->region ? asked->region : NULL,
    .keys = attempt->keys,
    .sso = sso,
    .sso_account = asked->sso_account,
    .sso_role = asked->sso_role,
  };

  if (!error && (asked->kind != FLUO_CONNECTION_KEYS || question.role_arn))
    open->provider = fluo_profile_provider_new_full (&question, NULL, &open->region, &error);
  if (!error && *asked->region)
    {
      g_free (open->region);
      open->region = g_strdup (asked->region);
    }
  if (!error && !open->region)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("the profile \"%s\" names no region; choose one"), asked->profile);
  if (!error)
    open->endpoint = find_endpoint (asked, open->region, &error);
  if (!error)
    {
      find_beside (attempt);
      find_sts (asked, open);
    }
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  FluoOpenConnection *open = attempt->open;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  open->client = fluo_xray_client_new (open->endpoint, open->region,
                                       open->provider ? NULL : attempt->keys);
  if (open->provider)
    fluo_xray_client_set_provider (open->client, open->provider);
  else if (attempt->keys)
    open->keys = fluo_credentials_ref (attempt->keys);
  for (gsize i = 0; i < G_N_ELEMENTS (beside_xray); i++)
    if (attempt->beside[beside_xray[i]])
      fluo_xray_client_set_service_endpoint (open->client, beside_xray[i],
                                             attempt->beside[beside_xray[i]]);
  g_task_return_pointer (task, g_steal_pointer (&attempt->open),
                         (GDestroyNotify) fluo_open_connection_free);
}

/* Takes the reference on @task. The worker has the attempt to itself until it is done. */
static void
resolve (GTask *task)
{
  g_autoptr (GTask) worker = g_task_new (NULL, NULL, resolved_cb, task);

  g_task_set_source_tag (worker, resolve);
  g_task_set_task_data (worker, g_task_get_task_data (task), NULL);
  g_task_run_in_thread (worker, resolve_thread);
}

static void
keys_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;

  attempt->keys = fluo_secret_store_lookup_finish (result, &error);
  if (attempt->keys)
    resolve (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
fluo_connection_open_async (const FluoConnection *connection, FluoCredentials *keys,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task;
  Attempt *attempt;

  g_return_if_fail (connection != NULL);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_connection_open_async);
  attempt = g_new0 (Attempt, 1);
  attempt->connection = fluo_connection_copy (connection);
  attempt->keys = keys ? fluo_credentials_ref (keys) : NULL;
  attempt->open = g_new0 (FluoOpenConnection, 1);
  g_task_set_task_data (task, attempt, attempt_free);
  if (connection->kind == FLUO_CONNECTION_KEYS && !keys)
    fluo_secret_store_lookup_async (connection->id, cancellable, keys_found_cb, task);
  else
    resolve (task);
}

FluoOpenConnection *
fluo_connection_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_connection_open_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

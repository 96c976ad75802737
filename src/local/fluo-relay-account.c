/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "local/fluo-relay-private.h"

/* Whose account it is. Keys are looked for when they are needed, and again whenever the service
 * refuses them: temporary ones in the shared files are renewed by other programs. */

/* The token is part of it: temporary keys may keep their name. */
static char *
dup_key (const FluoCredentials *credentials)
{
  const char *token = fluo_credentials_get_token (credentials);
  g_autofree char *all =
    g_strconcat (fluo_credentials_get_access_key (credentials), "\n",
                 fluo_credentials_get_secret (credentials), "\n", token ? token : "", NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

static void
set_client (FluoRelay *self, FluoCredentials *credentials, char *key)
{
  g_clear_object (&self->own.client);
  g_free (self->own.key);
  self->own.key = key;
  self->own.client = fluo_xray_client_new (self->endpoint, self->region, credentials);
  if (self->proxy)
    fluo_xray_client_set_proxy (self->own.client, self->proxy);
  g_mutex_lock (&self->shared.lock);
  g_free (self->shared.credentials);
  self->shared.credentials = g_strdup (fluo_credentials_get_source (credentials));
  g_mutex_unlock (&self->shared.lock);
}

gboolean
fluo_relay_ensure_client (FluoRelay *self, GError **error)
{
  g_autoptr (FluoCredentials) credentials = NULL;

  if (self->own.client)
    return TRUE;
  credentials = fluo_credentials_resolve (NULL, NULL, error);
  if (!credentials)
    return FALSE;
  set_client (self, credentials, dup_key (credentials));
  return TRUE;
}

gboolean
fluo_relay_renew_client (FluoRelay *self)
{
  g_autoptr (FluoCredentials) credentials = fluo_credentials_resolve (NULL, NULL, NULL);
  g_autofree char *key = credentials ? dup_key (credentials) : NULL;

  if (!credentials || g_strcmp0 (key, self->own.key) == 0)
    return FALSE;
  set_client (self, credentials, g_steal_pointer (&key));
  return TRUE;
}

void
fluo_relay_count_failure (FluoRelay *self, const FluoHttpResponse *response, const GError *error)
{
  FluoRelayFailureKind kind = FLUO_RELAY_FAILURE_OTHER;

  if (response && response->status >= 500)
    kind = FLUO_RELAY_FAILURE_5XX;
  else if (response && response->status >= 400)
    kind = FLUO_RELAY_FAILURE_4XX;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    kind = FLUO_RELAY_FAILURE_TIMEOUT;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    kind = FLUO_RELAY_FAILURE_REFUSED;
  else if (error && error->domain == G_RESOLVER_ERROR)
    kind = FLUO_RELAY_FAILURE_UNKNOWN_HOST;
  g_mutex_lock (&self->shared.lock);
  self->shared.failures[kind]++;
  g_mutex_unlock (&self->shared.lock);
}

void
fluo_relay_set_error (FluoRelay *self, const char *message)
{
  gboolean was_failing;

  g_mutex_lock (&self->shared.lock);
  was_failing = self->shared.last_error != NULL;
  g_free (self->shared.last_error);
  self->shared.last_error = g_strdup (message);
  g_mutex_unlock (&self->shared.lock);
  /* The log is told when it begins and when it is over, not at every attempt. */
  if (message && !was_failing)
    g_warning ("relay: %s", message);
  else if (!message && was_failing)
    g_message (_("relay: %s takes documents again"), self->endpoint);
}

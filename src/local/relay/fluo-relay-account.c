/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include <glib/gi18n-lib.h>

#include "local/relay/fluo-relay-private.h"

/* Whose account it is. Keys are looked for when they are needed, and again whenever the service
 * refuses them: temporary ones in the shared files are renewed by other programs, and those of a
 * role by ourselves. */

/* A service that refuses keys gets others at once, but not more often than this: a permission that
 * is missing looks the same. */
#define RENEWAL_NS (60 * G_GINT64_CONSTANT (1000000000))

void
fluo_relay_make_client (FluoRelay *self)
{
  const FluoCredentialQuestion question = { .role_arn = self->role_arn, .region = self->region };

  self->own.provider = fluo_profile_provider_new_later (&question, self->proxy);
  self->own.client = fluo_xray_client_new (self->endpoint, self->region, NULL);
  fluo_xray_client_set_provider (self->own.client, self->own.provider);
  if (self->proxy)
    fluo_xray_client_set_proxy (self->own.client, self->proxy);
}

static void
first_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoRelay *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  self->own.n_others--;
  if (!keys && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fluo_relay_set_error (self, error->message);
  else if (keys)
    fluo_relay_set_source (self, fluo_credentials_get_source (keys));
  fluo_relay_pump (self);
}

void
fluo_relay_look_for_keys (FluoRelay *self)
{
  self->own.n_others++;
  fluo_credential_provider_get_async (self->own.provider, self->own.cancellable, first_keys_cb,
                                      self);
}

void
fluo_relay_set_source (FluoRelay *self, const char *source)
{
  g_mutex_lock (&self->shared.lock);
  if (g_strcmp0 (self->shared.credentials, source) != 0)
    {
      g_free (self->shared.credentials);
      self->shared.credentials = g_strdup (source);
    }
  g_mutex_unlock (&self->shared.lock);
}

gboolean
fluo_relay_renew_keys (FluoRelay *self)
{
  gint64 now_ns = self->times.now_ns (self->times.data);
  gboolean at_once = self->own.renewed_ns == 0 || now_ns - self->own.renewed_ns >= RENEWAL_NS;

  fluo_xray_client_refuse_keys (self->own.client);
  if (at_once)
    self->own.renewed_ns = now_ns;
  return at_once;
}

gboolean
fluo_relay_is_about_keys (const GError *error)
{
  return error && (error->domain == FLUO_CREDENTIALS_ERROR || error->domain == FLUO_XRAY_ERROR);
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

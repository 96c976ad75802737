/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-profile-provider.h"
#include "aws/fluo-secret-store.h"

/* Data of one attempt to connect; an attempt that a later choice overtook is dropped. */
typedef struct
{
  FluoWindow *window;
  guint generation;
  char *profile;
  char *region;
} Attempt;

static Attempt *
attempt_new (FluoWindow *self, const char *profile, const char *region)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->window = g_object_ref (self);
  attempt->generation = ++self->connecting;
  attempt->profile = g_strdup (profile);
  attempt->region = g_strdup (region);
  return attempt;
}

static void
attempt_free (Attempt *attempt)
{
  g_object_unref (attempt->window);
  g_free (attempt->profile);
  g_free (attempt->region);
  g_free (attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

void
fluo_window_remember_connection (FluoWindow *self, const char *kind, const char *name,
                                 const char *region)
{
  g_free (self->connection_kind);
  self->connection_kind = g_strdup (kind);
  g_free (self->connection_name);
  self->connection_name = g_strdup (name);
  g_free (self->connection_region);
  self->connection_region = g_strdup (region);
}

/* --- This computer ----------------------------------------------------------------------- */

static void
collector_ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Attempt) attempt = user_data;
  g_autoptr (GError) error = NULL;
  FluoWindow *self = attempt->window;
  gboolean ok = fluo_collector_ensure_finish (FLUO_COLLECTOR (source), result, &error);
  const char *endpoint;
  g_autoptr (FluoXrayClient) client = NULL;

  if (attempt->generation != self->connecting)
    return;
  if (!ok)
    {
      g_autofree char *text = g_strdup_printf (_ ("No collector: %s"), error->message);

      fluo_window_toast (self, text);
    }
  /* Without one the usual address is tried again and again: somebody may start it by hand. */
  endpoint = fluo_collector_get_endpoint (self->collector);
  client = fluo_xray_client_new (endpoint ? endpoint : "http://127.0.0.1:2000", NULL, NULL);
  fluo_explorer_set_client (self->explorer, client, _ ("Local"), _ ("this computer"), TRUE);
  fluo_window_update (self);
}

/* The explorer tries again by itself; a collector that died and was not ours must be started first.
 */
static void
explorer_state_cb (FluoExplorer *explorer, FluoWindow *self)
{
  if (fluo_explorer_get_state (explorer) == FLUO_EXPLORER_RETRYING && self->collector
      && g_str_equal (self->connection_kind, "local")
      && fluo_explorer_get_retry_seconds (explorer) > 2)
    fluo_collector_ensure_async (self->collector, NULL, NULL, NULL);
}

void
fluo_window_connect_local (FluoWindow *self)
{
  g_return_if_fail (FLUO_IS_WINDOW (self));
  if (!self->collector)
    return;
  fluo_window_remember_connection (self, "local", "", "");
  g_signal_handlers_disconnect_by_func (self->explorer, explorer_state_cb, self);
  g_signal_connect_object (self->explorer, "state-changed", G_CALLBACK (explorer_state_cb), self,
                           0);
  fluo_collector_ensure_async (self->collector, NULL, collector_ready_cb,
                               attempt_new (self, NULL, NULL));
}

/* --- Elsewhere --------------------------------------------------------------------------- */

void
fluo_window_connect_endpoint (FluoWindow *self, const char *url)
{
  g_autoptr (FluoXrayClient) client = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *host;
  gboolean here;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  host = uri ? g_uri_get_host (uri) : NULL;
  if (!host)
    {
      g_autofree char *text = g_strdup_printf (_ ("“%s” is no address; try http://127.0.0.1:2000"),
                                               url);

      fluo_window_toast (self, text);
      return;
    }
  self->connecting++;
  fluo_window_remember_connection (self, "endpoint", url, "");
  client = fluo_xray_client_new (url, NULL, NULL);
  here = g_str_equal (host, "localhost") || g_str_has_prefix (host, "127.")
         || g_str_equal (host, "::1");
  fluo_explorer_set_client (self->explorer, client, here ? _ ("Local") : host,
                            here ? url + strlen (g_uri_get_scheme (uri)) + 3 : _ ("X-Ray endpoint"),
                            TRUE);
}

/* What was asked for and, after the worker, what the files and the environment say about it. */
typedef struct
{
  char *profile;
  FluoCredentialProvider *provider;
  char *region;   /* asked for, else the profile's own; NULL: none is named */
  char *endpoint; /* NULL without a region */
} Resolved;

static void
resolved_free (Resolved *resolved)
{
  g_clear_object (&resolved->provider);
  g_free (resolved->profile);
  g_free (resolved->region);
  g_free (resolved->endpoint);
  g_free (resolved);
}

/* [worker] */
static void
resolve_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Resolved *asked = data;
  Resolved *resolved = g_new0 (Resolved, 1);
  GError *error = NULL;

  resolved->provider = fluo_profile_provider_new (asked->profile, &resolved->region, &error);
  if (resolved->provider && asked->region)
    {
      g_free (resolved->region);
      resolved->region = g_strdup (asked->region);
    }
  if (resolved->provider && resolved->region)
    resolved->endpoint = fluo_endpoint_resolve (asked->profile, resolved->region, &error);
  if (!error)
    g_task_return_pointer (task, resolved, (GDestroyNotify) resolved_free);
  else
    {
      resolved_free (resolved);
      g_task_return_error (task, error);
    }
}

/* A profile may name an endpoint of its own: the name of that host stands where the region
 * would. */
static void
connect_at (FluoWindow *self, const Resolved *resolved, const char *profile)
{
  g_autoptr (FluoXrayClient) client = NULL;
  g_autoptr (GUri) uri = NULL;

  self->connecting++;
  fluo_window_remember_connection (self, "profile", profile, resolved->region);
  client = fluo_xray_client_new (resolved->endpoint, resolved->region, NULL);
  fluo_xray_client_set_provider (client, resolved->provider);
  if (!fluo_endpoint_is_aws (resolved->endpoint))
    uri = g_uri_parse (resolved->endpoint, G_URI_FLAGS_NONE, NULL);
  fluo_explorer_set_client (self->explorer, client, profile,
                            uri ? g_uri_get_host (uri) : resolved->region, FALSE);
}

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Attempt) attempt = user_data;
  g_autoptr (GError) error = NULL;
  FluoWindow *self = attempt->window;
  Resolved *resolved = g_task_propagate_pointer (G_TASK (result), &error);

  if (attempt->generation != self->connecting)
    {
      g_clear_pointer (&resolved, resolved_free);
      return;
    }
  if (!resolved)
    {
      g_autofree char *text = g_strdup_printf (_ ("“%s” can't be used: %s"), attempt->profile,
                                               error->message);

      fluo_window_toast (self, text);
      if (!fluo_explorer_get_client (self->explorer))
        fluo_window_connect_local (self);
      return;
    }
  if (resolved->region)
    connect_at (self, resolved, attempt->profile);
  else
    {
      g_autofree char *text = g_strdup_printf (
          _ ("“%s” names no region; choose one under Connect to AWS"), attempt->profile);

      fluo_window_toast (self, text);
    }
  resolved_free (resolved);
}

void
fluo_window_connect_profile (FluoWindow *self, const char *profile, const char *region)
{
  g_autoptr (GTask) task = NULL;
  Resolved *asked;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  asked = g_new0 (Resolved, 1);
  asked->profile = g_strdup (profile);
  asked->region = g_strdup (region);
  task = g_task_new (self, NULL, resolved_cb, attempt_new (self, profile, region));
  g_task_set_source_tag (task, fluo_window_connect_profile);
  g_task_set_task_data (task, asked, (GDestroyNotify) resolved_free);
  g_task_run_in_thread (task, resolve_thread);
}

void
fluo_window_connect_aws (FluoWindow *self, FluoCredentials *credentials, const char *name,
                         const char *region)
{
  g_autoptr (FluoXrayClient) client = NULL;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  self->connecting++;
  fluo_window_remember_connection (self, "keys", name, region);
  client = fluo_xray_client_new (NULL, region, credentials);
  fluo_explorer_set_client (self->explorer, client, name, region, FALSE);
}

static void
kept_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Attempt) attempt = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) credentials = fluo_secret_store_lookup_finish (result, &error);
  FluoWindow *self = attempt->window;

  if (attempt->generation != self->connecting)
    return;
  if (credentials)
    {
      fluo_window_connect_aws (self, credentials, attempt->profile, attempt->region);
      return;
    }
  g_debug ("no kept key pair: %s", error->message);
  fluo_window_connect_local (self);
}

void
fluo_window_connect_kept (FluoWindow *self, const char *access_key, const char *region)
{
  fluo_secret_store_lookup_async (access_key, NULL, kept_found_cb,
                                  attempt_new (self, access_key, region));
}

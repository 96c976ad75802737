/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "core/fluo-format.h"

/* The cockpit goes on saying it. */
#define VAULT_NOTICE_S 20

/* Data of one attempt to connect; an attempt that a later choice overtook is dropped. */
typedef struct
{
  FluoView *view;
  guint generation;
} Attempt;

static Attempt *
attempt_new (FluoView *self)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->view = g_object_ref (self);
  attempt->generation = ++self->connecting;
  return attempt;
}

static void
attempt_free (Attempt *attempt)
{
  g_object_unref (attempt->view);
  g_free (attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

static void
remember_connection (FluoView *self, const char *kind, const char *name, const char *region)
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
  FluoView *self = attempt->view;
  gboolean ok = fluo_collector_ensure_finish (FLUO_COLLECTOR (source), result, &error);
  const char *endpoint;
  g_autoptr (FluoXrayClient) client = NULL;

  if (attempt->generation != self->connecting)
    return;
  if (!ok)
    {
      g_autofree char *text = g_strdup_printf (_("No collector: %s"), error->message);

      fluo_view_toast (self, text);
    }
  /* Without one the usual address is tried again and again: somebody may start it by hand. */
  endpoint = fluo_collector_get_endpoint (self->collector);
  client = fluo_xray_client_new (endpoint ? endpoint : "http://127.0.0.1:2000", NULL, NULL);
  fluo_explorer_set_client (self->explorer, client, _("Local"), _("this computer"), TRUE);
  fluo_view_update (self);
}

/* The explorer tries again by itself; a collector that died and was not ours must be started first.
 */
static void
explorer_state_cb (FluoExplorer *explorer, FluoView *self)
{
  if (fluo_explorer_get_state (explorer) == FLUO_EXPLORER_RETRYING && self->collector
      && g_str_equal (self->connection_kind, "local")
      && fluo_explorer_get_retry_seconds (explorer) > 2)
    fluo_collector_ensure_async (self->collector, NULL, NULL, NULL);
}

void
fluo_view_connect_local (FluoView *self)
{
  g_return_if_fail (FLUO_IS_VIEW (self));
  if (!self->collector)
    return;
  fluo_session_leave (self->session);
  remember_connection (self, "local", "", "");
  g_signal_handlers_disconnect_by_func (self->explorer, explorer_state_cb, self);
  g_signal_connect_object (self->explorer, "state-changed", G_CALLBACK (explorer_state_cb), self,
                           0);
  fluo_collector_ensure_async (self->collector, NULL, collector_ready_cb,
                               attempt_new (self));
}

/* --- Elsewhere --------------------------------------------------------------------------- */

void
fluo_view_connect_endpoint (FluoView *self, const char *url)
{
  g_autoptr (FluoXrayClient) client = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *host;
  gboolean here;

  g_return_if_fail (FLUO_IS_VIEW (self));
  uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  host = uri ? g_uri_get_host (uri) : NULL;
  if (!host)
    {
      g_autofree char *text = g_strdup_printf (_("“%s” is no address; try http://127.0.0.1:2000"),
                                               url);

      fluo_view_toast (self, text);
      return;
    }
  self->connecting++;
  fluo_session_leave (self->session);
  remember_connection (self, "endpoint", url, "");
  client = fluo_xray_client_new (url, NULL, NULL);
  here = g_str_equal (host, "localhost") || g_str_has_prefix (host, "127.")
         || g_str_equal (host, "::1");
  fluo_explorer_set_client (self->explorer, client, here ? _("Local") : host,
                            here ? url + strlen (g_uri_get_scheme (uri)) + 3 : _("X-Ray endpoint"),
                            TRUE);
}

/* --- AWS --------------------------------------------------------------------------------- */

void
fluo_view_connect_connection (FluoView *self, const FluoConnection *connection,
                                FluoCredentials *keys)
{
  g_return_if_fail (FLUO_IS_VIEW (self));
  self->connecting++;
  fluo_session_open (self->session, connection, keys);
}

void
fluo_view_connect_profile (FluoView *self, const char *profile, const char *region)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  g_autofree char *id = g_strconcat ("profile ", profile, NULL);

  g_return_if_fail (FLUO_IS_VIEW (self));
  /* The same whenever it is opened, so that what it costs is counted in one place. */
  fluo_connection_set (&connection->id, id);
  fluo_connection_set (&connection->name, profile);
  fluo_connection_set (&connection->profile, profile);
  fluo_connection_set (&connection->region, region);
  fluo_view_connect_connection (self, connection, NULL);
}

/* A key pair of the time before there was a list of connections; it is kept under its access
 * key. */
void
fluo_view_connect_kept (FluoView *self, const char *access_key, const char *region)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_KEYS);

  fluo_connection_set (&connection->id, access_key);
  fluo_connection_set (&connection->name, access_key);
  fluo_connection_set (&connection->access_key, access_key);
  fluo_connection_set (&connection->region, region);
  fluo_view_connect_connection (self, connection, NULL);
}

static gboolean
is_stored (const FluoConnection *connection)
{
  return fluo_connection_list_find (fluo_connection_list_get_default (), connection->id) != NULL;
}

static void
dismiss_failed (FluoView *self)
{
  if (self->failed_toast)
    adw_toast_dismiss (self->failed_toast);
}

static void
opened_cb (FluoView *self)
{
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  const char *region = fluo_session_get_region (self->session);

  self->connecting++;
  dismiss_failed (self);
  if (is_stored (connection))
    remember_connection (self, "stored", connection->id, region);
  else if (connection->kind == FLUO_CONNECTION_PROFILE)
    remember_connection (self, "profile", connection->profile, region);
  else
    remember_connection (self, "keys", connection->access_key, region);
}

/* It says what to do first, which takes longer than a toast stays. */
static void
failed_cb (FluoSession *session, const char *id, const GError *error, FluoView *self)
{
  g_autofree char *text = g_strdup_printf (_("Can't connect: %s"), error->message);
  AdwToast *toast;

  dismiss_failed (self);
  toast = fluo_view_toast_long (self, text, 0);
  g_set_weak_pointer (&self->failed_toast, toast);
  if (fluo_connection_list_find (fluo_connection_list_get_default (), id))
    {
      /* The target first: the toast is on screen, and an action without one is none. */
      adw_toast_set_action_target (toast, "s", id);
      adw_toast_set_action_name (toast, "win.connect");
      adw_toast_set_button_label (toast, _("Try Again"));
    }
  if (!fluo_explorer_get_client (self->explorer))
    fluo_view_connect_local (self);
}

static void
vault_notice_cb (FluoSession *session, const char *words, FluoView *self)
{
  fluo_view_toast_long (self, words, VAULT_NOTICE_S);
}

static void
session_changed_cb (FluoView *self)
{
  const FluoConnection *connection = fluo_session_get_connection (self->session);

  fluo_accent_apply (GTK_WIDGET (self), connection ? connection->accent : FLUO_ACCENT_NONE);
  fluo_view_update_header (self);
  fluo_view_follow_link (self);
  fluo_view_tell (self);
}

/* What was changed about the one that is open shows at once; another target is opened anew. */
static void
list_changed_cb (FluoView *self)
{
  const FluoConnection *open = fluo_session_get_connection (self->session);
  const FluoConnection *now =
      open ? fluo_connection_list_find (fluo_connection_list_get_default (), open->id) : NULL;

  if (!now)
    return;
  if (fluo_connection_same_target (open, now))
    {
      fluo_session_update_connection (self->session, now);
      fluo_explorer_set_name (self->explorer, now->name);
    }
  else
    fluo_view_connect_connection (self, now, NULL);
}

void
fluo_view_follow_session (FluoView *self)
{
  g_signal_connect_object (self->session, "opened", G_CALLBACK (opened_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "failed", G_CALLBACK (failed_cb), self, 0);
  g_signal_connect_object (self->session, "vault-notice", G_CALLBACK (vault_notice_cb), self, 0);
  g_signal_connect_object (self->session, "changed", G_CALLBACK (session_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "raise", G_CALLBACK (fluo_view_raise), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fluo_connection_list_get_default (), "changed",
                           G_CALLBACK (list_changed_cb), self, G_CONNECT_SWAPPED);
}

/* --- What is said of it ------------------------------------------------------------------ */

char *
fluo_view_dup_title (FluoView *self)
{
  const FluoConnection *connection;
  g_autofree char *name = NULL, *badge = NULL;

  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  connection = fluo_session_get_connection (self->session);
  name = fluo_format_untrusted (connection ? connection->name
                                           : fluo_explorer_get_name (self->explorer),
                                60);
  if (!*name)
    return g_strdup (_("Local"));
  badge = connection ? fluo_format_untrusted (connection->badge, 12) : g_strdup ("");
  /* Translators: the badge of a connection, and its name. */
  return *badge ? g_strdup_printf (_("%s · %s"), badge, name) : g_steal_pointer (&name);
}

FluoAccent
fluo_view_get_accent (FluoView *self)
{
  const FluoConnection *connection;

  g_return_val_if_fail (FLUO_IS_VIEW (self), FLUO_ACCENT_NONE);
  connection = fluo_session_get_connection (self->session);
  return connection ? connection->accent : FLUO_ACCENT_NONE;
}

FluoViewTrouble
fluo_view_get_trouble (FluoView *self)
{
  FluoExplorerState state;

  g_return_val_if_fail (FLUO_IS_VIEW (self), FLUO_VIEW_TROUBLE_NONE);
  state = fluo_explorer_get_state (self->explorer);
  if (fluo_session_needs_sign_in (self->session))
    return FLUO_VIEW_TROUBLE_SIGNED_OUT;
  if (state == FLUO_EXPLORER_RETRYING)
    return FLUO_VIEW_TROUBLE_RETRYING;
  return fluo_explorer_get_error (self->explorer) ? FLUO_VIEW_TROUBLE_FAILED
                                                  : FLUO_VIEW_TROUBLE_NONE;
}

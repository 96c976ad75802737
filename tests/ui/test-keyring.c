/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <string.h>

#include "app/connect/fluo-connections-window.h"
#include "app/fluo-window.h"
#include "aws/fluo-secret-store.h"
#include "fluo-test-util.h"
#include "real-keyring.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* A real keyring that is locked, and whoever is asked for its password closes the prompt: the
 * window says so in words, goes on with what it had, and tries again when told. */

#define PATIENCE_MS UI_PATIENCE_MS
#define REGION "eu-central-1"
#define N_TRACES 10

static RealKeyring *keyring;

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  FluoConnection *typed; /* its key pair was typed in */
} Fixture;

static void
keep_keys (Fixture *self)
{
  g_autoptr (FluoCredentials) keys =
      fluo_credentials_new ("AKIDEXAMPLE", "CANARYSECRETKEY", NULL, "typed in");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fluo_secret_store_save_async (self->typed->id, keys, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  fluo_secret_store_save_finish (result, &error);
  g_assert_no_error (error);
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer is_gone)
{
  *(gboolean *) is_gone = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

/* Returns when whoever watches the service in this process knows, libsecret too, which began to
 * earlier. */
static void
stop_keyring (void)
{
  gboolean is_gone = FALSE;
  guint id;

  real_keyring_stop (keyring);
  id = g_bus_watch_name (G_BUS_TYPE_SESSION, "org.freedesktop.secrets", 0, NULL, vanished_cb,
                         &is_gone, NULL);
  g_assert_true (fluo_test_wait_until (is_true, &is_gone, PATIENCE_MS));
  g_bus_unwatch_name (id);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();

  xray_steps_forget_connections ();
  self->xray = fake_xray_new ();
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, N_TRACES, 600, 1);
  xray_steps_write_profile (fake_xray_get_endpoint (self->xray), REGION, "CANARYSECRETKEY");
  self->typed = fluo_connection_new (FLUO_CONNECTION_KEYS);
  fluo_connection_set (&self->typed->name, "Typed");
  fluo_connection_set (&self->typed->access_key, "AKIDEXAMPLE");
  fluo_connection_set (&self->typed->region, REGION);
  fluo_connection_set (&self->typed->endpoint, fake_xray_get_endpoint (self->xray));
  self->typed->vault_mb = 0;
  g_assert_true (fluo_connection_list_put (list, self->typed, -1, NULL));
  real_keyring_start (keyring, "password");
  keep_keys (self);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  stop_keyring ();
  fluo_connection_free (self->typed);
  fake_xray_free (self->xray);
}

static gboolean
is_connected (Fixture *self, const char *name)
{
  const FluoConnection *open =
      fluo_session_get_connection (fluo_window_get_session (self->window));

  return open && strcmp (open->name, name) == 0
         && xray_steps_has_all (fluo_window_get_explorer (self->window), self->xray);
}

static gboolean
is_connected_to_profile (gpointer data)
{
  return is_connected (data, "shop");
}

static gboolean
is_connected_to_typed (gpointer data)
{
  return is_connected (data, "Typed");
}

static gboolean
is_connected_to_first (gpointer data)
{
  return is_connected (data, "First");
}

static gboolean
is_connected_to_second (gpointer data)
{
  return is_connected (data, "Second");
}

static void
connect_profile (Fixture *self)
{
  fluo_window_connect_profile (self->window, "shop", NULL);
  g_assert_true (fluo_test_wait_until (is_connected_to_profile, self, PATIENCE_MS));
}

static void
open_again (Fixture *self)
{
  stop_keyring ();
  real_keyring_start (keyring, "password");
  keep_keys (self);
}

static void
test_dismissed (Fixture *self, gconstpointer data)
{
  guint n_asked = real_keyring_get_n_dismissed (keyring);

  connect_profile (self);
  real_keyring_lock (keyring);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connect", "s", self->typed->id);
  ui_assert_says (self->window,
                  "Can't connect: the keyring is locked; unlock it and try again");
  g_assert_cmpuint (real_keyring_get_n_dismissed (keyring), >, n_asked);
  g_assert_true (is_connected_to_profile (self));
  open_again (self);
  ui_click (self->window, "Try Again");
  g_assert_true (fluo_test_wait_until (is_connected_to_typed, self, PATIENCE_MS));
}

static void
test_gone (Fixture *self, gconstpointer data)
{
  connect_profile (self);
  stop_keyring ();
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connect", "s", self->typed->id);
  ui_assert_says (self->window, "Can't connect: no secret service is running");
  g_assert_true (is_connected_to_profile (self));
  real_keyring_start (keyring, "password");
  ui_click (self->window, "Try Again");
  g_assert_true (fluo_test_wait_until (is_connected_to_typed, self, PATIENCE_MS));
}

/* What is read is shown; that nothing of it is kept is told at once. */
static void
test_vault (Fixture *self, gconstpointer data)
{
  const FluoTraceId *id = fluo_trace_get_id (fake_xray_get_trace (self->xray, 0));
  FluoConnectionList *list = fluo_connection_list_get_default ();
  g_autoptr (FluoConnection) kept = fluo_connection_new (FLUO_CONNECTION_PROFILE);

  fluo_connection_set (&kept->name, "shop");
  fluo_connection_set (&kept->profile, "shop");
  kept->vault_mb = 250;
  g_assert_true (fluo_connection_list_put (list, kept, -1, NULL));
  real_keyring_lock (keyring);
  fluo_window_connect_connection (self->window, kept, NULL);
  g_assert_true (fluo_test_wait_until (is_connected_to_profile, self, PATIENCE_MS));
  fluo_window_open_trace (self->window, id, FALSE);
  ui_assert_says (self->window, "Compare");
  ui_assert_says (self->window,
                  "Nothing is kept: the keyring is locked; unlock it and try again");
}

static void
notice_cb (FluoSession *session, const char *words, guint *n_notices)
{
  (*n_notices)++;
}

static gboolean
keeps_nothing (gpointer data)
{
  FluoVault *vault = fluo_session_get_vault (fluo_window_get_session (data));

  return vault && fluo_vault_get_error (vault);
}

/* There is no secret service: it is told of the first connection, and not again of the next, whose
 * cockpit says it. */
static void
test_told_once (Fixture *self, gconstpointer data)
{
  const FluoTraceId *id = fluo_trace_get_id (fake_xray_get_trace (self->xray, 0));
  guint n_notices = 0;

  stop_keyring ();
  g_signal_connect (fluo_window_get_session (self->window), "vault-notice",
                    G_CALLBACK (notice_cb), &n_notices);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FluoConnection) kept = fluo_connection_new (FLUO_CONNECTION_PROFILE);

      fluo_connection_set (&kept->name, i == 0 ? "First" : "Second");
      fluo_connection_set (&kept->profile, "shop");
      kept->vault_mb = 250;
      fluo_window_connect_connection (self->window, kept, NULL);
      g_assert_true (fluo_test_wait_until (i == 0 ? is_connected_to_first : is_connected_to_second,
                                           self, PATIENCE_MS));
      fluo_window_open_trace (self->window, id, FALSE);
      g_assert_true (fluo_test_wait_until (keeps_nothing, self->window, PATIENCE_MS));
      g_assert_cmpuint (n_notices, ==, 1);
      gtk_widget_activate_action (GTK_WIDGET (self->window), "win.close-tab", NULL);
    }
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "Vault\nNothing is kept: no secret service is running");
  real_keyring_start (keyring, "password");
}

/* The copy of a connection has a key pair of its own, or says why not. */
static void
test_copy (Fixture *self, gconstpointer data)
{
  GtkWindow *list;

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connections", NULL);
  list = ui_wait_for_dialog (self->window);
  real_keyring_lock (keyring);
  gtk_widget_activate_action (GTK_WIDGET (list), "connections.duplicate", "s", self->typed->id);
  ui_assert_says (list, "Typed 2");
  ui_assert_says (list, "The copy has no key pair: the keyring is locked");
  gtk_window_close (list);
}

int
main (int argc, char **argv)
{
  char *home = fluo_test_dir_new ();
  g_autofree char *profiles = g_build_filename (home, "aws-config", NULL);
  int failed;

  keyring = real_keyring_new (home);
  real_keyring_dismiss_prompts (keyring);
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("AWS_CONFIG_FILE", profiles, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  if (!fake_ui_init (&argc, &argv))
    {
      real_keyring_free (keyring);
      fluo_test_dir_free (home);
      return 77;
    }
  g_test_add ("/keyring/dismissed", Fixture, NULL, set_up, test_dismissed, tear_down);
  g_test_add ("/keyring/gone", Fixture, NULL, set_up, test_gone, tear_down);
  g_test_add ("/keyring/vault", Fixture, NULL, set_up, test_vault, tear_down);
  g_test_add ("/keyring/told-once", Fixture, NULL, set_up, test_told_once, tear_down);
  g_test_add ("/keyring/copy", Fixture, NULL, set_up, test_copy, tear_down);
  failed = g_test_run ();
  real_keyring_free (keyring);
  fluo_test_dir_free (home);
  return failed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/connect/fluo-session.h"
#include "app/fluo-window.h"
#include "aws/fluo-connection.h"
#include "aws/fluo-secret-store.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* The vault as its user sees it: AWS is played, the collector that holds the vault and libsecret's
 * file keyring are real. A connection a test, so that each has a vault of its own. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define N_TRACES 20
#define REGION "eu-central-1"
/* Of the vault's file: a nonce, a page of SQLite, a tag. */
#define SEALED_PAGE (12 + 4096 + 16)

typedef struct
{
  FakeXray *aws;
  FluoWindow *window;
  FluoConnection *connection;
  FluoTraceId id; /* of one of its traces */
} Fixture;

static FluoExplorer *
get_explorer (Fixture *self)
{
  return fluo_window_get_explorer (self->window);
}

static FluoVault *
get_vault (Fixture *self)
{
  return fluo_session_get_vault (fluo_window_get_session (self->window));
}

/* --- Connecting ---------------------------------------------------------------------------- */

static gboolean
is_connected (gpointer data)
{
  Fixture *self = data;

  return get_vault (self)
         && fluo_explorer_get_state (get_explorer (self)) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (get_explorer (self))
         && fluo_explorer_get_summaries (get_explorer (self))->len
                == fake_xray_get_n_traces (self->aws);
}

static void
open_window (Fixture *self)
{
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
  fluo_window_connect_connection (self->window, self->connection, NULL);
  g_assert_true (fluo_test_wait_until (is_connected, self, PATIENCE_MS));
}

/* As if the program had ended and begun anew. */
static void
end_program (Fixture *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fluo_vault_stop_all ();
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->aws = fake_xray_new ();
  fake_xray_set_plain (self->aws, TRUE);
  fake_xray_add_traces (self->aws, N_TRACES, 600, 1);
  self->id = *fluo_trace_get_id (fake_xray_get_trace (self->aws, 3));
  xray_steps_write_profile (fake_xray_get_endpoint (self->aws), REGION, "CANARYSECRETKEY");
  self->connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  fluo_connection_set (&self->connection->name, "Shop");
  fluo_connection_set (&self->connection->profile, "shop");
  open_window (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  end_program (self);
  fake_xray_free (self->aws);
  fluo_connection_free (self->connection);
}

/* --- Steps --------------------------------------------------------------------------------- */

static gboolean
has_kept (gpointer data)
{
  return fluo_vault_get_n_kept (get_vault (data)) > 0;
}

/* Opens a trace, which is kept. */
static void
look_at_one (Fixture *self)
{
  fluo_window_open_trace (self->window, &self->id, FALSE);
  g_assert_true (fluo_test_wait_until (has_kept, self, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.close-tab", NULL);
}

static gboolean
is_in_vault (gpointer data)
{
  Fixture *self = data;

  return fluo_session_is_in_vault (fluo_window_get_session (self->window))
         && fluo_explorer_get_state (get_explorer (self)) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (get_explorer (self));
}

static gboolean
shows_one (gpointer data)
{
  return is_in_vault (data) && fluo_explorer_get_matches (get_explorer (data))->len >= 1
         && !fluo_explorer_get_progress (get_explorer (data))->stale;
}

static gboolean
shows_none (gpointer data)
{
  return is_in_vault (data) && fluo_explorer_get_matches (get_explorer (data))->len == 0
         && !fluo_explorer_get_progress (get_explorer (data))->stale;
}

static char *
dup_directory (Fixture *self)
{
  return g_build_filename (g_get_user_data_dir (), "fluoroscope", "vaults", self->connection->id,
                           NULL);
}

/* --- Offline ------------------------------------------------------------------------------- */

/* What AWS has dropped is still here, and says where it is from. */
static void
test_dropped (Fixture *self, gconstpointer data)
{
  look_at_one (self);
  fake_xray_forget (self->aws);
  fluo_window_open_trace (self->window, &self->id, FALSE);
  ui_assert_says (self->window, "from the vault");
}

/* AWS can't be reached: the bar offers the vault, which is searched with the filter language. */
static void
test_offline (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = get_explorer (self);
  g_autofree char *there = NULL;

  look_at_one (self);
  there = g_strdup_printf ("service(\"%s\")", "petshop/prod");
  fake_xray_stop (self->aws);
  fluo_explorer_reload (explorer);
  ui_assert_says (self->window, "Traces could not be read");
  ui_assert_says (self->window, "What was read before stays on screen.");
  ui_click (self->window, "Look in the Vault");
  g_assert_true (fluo_test_wait_until (shows_one, self, PATIENCE_MS));
  ui_assert_says (self->window, "from the vault");
  g_assert_true (fluo_explorer_set_filter (explorer, "service(\"nobody\")", NULL));
  g_assert_true (fluo_test_wait_until (shows_none, self, PATIENCE_MS));
  g_assert_true (fluo_explorer_set_filter (explorer, there, NULL));
  g_assert_true (fluo_test_wait_until (shows_one, self, PATIENCE_MS));
  /* And back, as soon as it can be reached. */
  g_assert_true (fluo_explorer_set_filter (explorer, "", NULL));
  fake_xray_start (self->aws);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.leave-vault", NULL);
  g_assert_true (fluo_test_wait_until (is_connected, self, PATIENCE_MS));
}

static gboolean
offers_no_vault (gpointer data)
{
  return !ui_find_button (((Fixture *) data)->window, "Look in the Vault");
}

/* AWS answers, and has dropped all: the empty list offers the vault, for a time that it knows. */
static void
test_emptied (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = get_explorer (self);
  const FluoTimeSpan span = fluo_explorer_get_span (explorer);
  const FluoTimeSpan before = { span.begin_ns - 180 * FLUO_NSEC_PER_MIN,
                                span.begin_ns - 120 * FLUO_NSEC_PER_MIN };

  look_at_one (self);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  g_assert_true (offers_no_vault (self));
  fake_xray_forget (self->aws);
  fluo_explorer_reload (explorer);
  ui_assert_says (self->window, "No traces in this time");
  ui_assert_says (self->window, "Look in the Vault");
  fluo_explorer_set_span (explorer, before);
  g_assert_true (fluo_test_wait_until (offers_no_vault, self, PATIENCE_MS));
  fluo_explorer_set_span (explorer, span);
  ui_click (self->window, "Look in the Vault");
  g_assert_true (fluo_test_wait_until (shows_one, self, PATIENCE_MS));
  g_assert_true (offers_no_vault (self));
}

static gboolean
is_kept (gpointer data)
{
  Fixture *self = data;

  return fluo_kept_has (fluo_explorer_get_kept (get_explorer (self)), &self->id);
}

/* What was never opened is read first, so that there is something to keep. */
static void
test_keep (Fixture *self, gconstpointer data)
{
  g_autofree char *text = fluo_trace_id_to_string (&self->id);
  const char *const ids[] = { text, NULL };

  g_assert_true (fluo_kept_can (fluo_explorer_get_kept (get_explorer (self))));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.keep-traces", "(^asb)", ids, TRUE);
  ui_assert_says (self->window, "1 trace is kept for good");
  g_assert_true (is_kept (self));
  fake_xray_forget (self->aws);
  fluo_window_open_trace (self->window, &self->id, FALSE);
  ui_assert_says (self->window, "from the vault");
  ui_assert_says (self->window, "Kept");
  /* It is known the next time, too. */
  end_program (self);
  open_window (self);
  g_assert_true (fluo_test_wait_until (is_kept, self, PATIENCE_MS));
  /* AWS does not have it: what can't be read can't be kept. */
  text[strlen (text) - 1] = text[strlen (text) - 1] == '0' ? '1' : '0';
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.keep-traces", "(^asb)", ids, TRUE);
  ui_assert_says (self->window, "Not kept:");
}

/* --- Clearing ------------------------------------------------------------------------------ */

static gboolean
is_cleared (gpointer data)
{
  return !fluo_vault_exists (((Fixture *) data)->connection->id);
}

static void
test_clear (Fixture *self, gconstpointer data)
{
  g_autofree char *size = NULL;
  GtkWindow *dialog;

  look_at_one (self);
  size = g_format_size (fluo_vault_get_bytes (get_vault (self)));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.clear-vault", NULL);
  dialog = ui_wait_for_dialog (self->window);
  ui_assert_says (dialog, "Clear the Vault?");
  ui_assert_says (dialog, size);
  ui_click (dialog, "_Cancel");
  ui_wait_no_dialog (self->window);
  g_assert_true (fluo_vault_exists (self->connection->id));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.clear-vault", NULL);
  ui_click (ui_wait_for_dialog (self->window), "C_lear");
  ui_assert_says (self->window, "The vault is empty");
  g_assert_true (fluo_test_wait_until (is_cleared, self, PATIENCE_MS));
  /* What is read after that is kept anew. */
  look_at_one (self);
  g_assert_true (fluo_vault_exists (self->connection->id));
}

/* --- How much ------------------------------------------------------------------------------ */

static void
set_size (Fixture *self, gint64 mb)
{
  self->connection->vault_mb = mb;
  fluo_session_update_connection (fluo_window_get_session (self->window), self->connection);
}

/* Who chooses that nothing is kept need not connect anew, and neither who chooses more. */
static void
test_size (Fixture *self, gconstpointer data)
{
  FluoVault *vault = get_vault (self);
  guint64 n_kept;

  look_at_one (self);
  n_kept = fluo_vault_get_n_kept (vault);
  set_size (self, 0);
  g_assert_null (get_vault (self));
  g_assert_false (fluo_kept_can (fluo_explorer_get_kept (get_explorer (self))));
  fluo_window_open_trace (self->window, fluo_trace_get_id (fake_xray_get_trace (self->aws, 5)),
                          FALSE);
  ui_assert_says (self->window, "Compare");
  g_assert_cmpuint (fluo_vault_get_n_kept (vault), ==, n_kept);
  set_size (self, 500);
  look_at_one (self);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "of 500.0\302\240MB, encrypted");
}

/* --- Bad days ------------------------------------------------------------------------------ */

static void
take_key_away (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fluo_secret_store_clear_vault_key_async (self->connection->id, NULL, fluo_test_result_cb,
                                           &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_true (fluo_secret_store_clear_vault_key_finish (result, &error));
  g_assert_no_error (error);
}

static void
make_another_key (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *key;

  take_key_away (self);
  fluo_secret_store_get_vault_key_async (self->connection->id, TRUE, NULL, fluo_test_result_cb,
                                         &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  key = fluo_secret_store_get_vault_key_finish (result, &error);
  g_assert_no_error (error);
  fluo_secret_store_key_free (key);
}

static gboolean
has_failed (gpointer data)
{
  return fluo_vault_get_error (get_vault (data)) != NULL;
}

static guint
count_files (Fixture *self, const char *with)
{
  g_autofree char *path = dup_directory (self);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir && (name = g_dir_read_name (dir)))
    n += strstr (name, with) != NULL;
  return n;
}

/* Without its key, or with another, the vault stays as it is; traces are read all the same, and the
 * cockpit says why nothing is kept. */
static void
test_key (Fixture *self, gconstpointer data)
{
  gboolean gone = GPOINTER_TO_INT (data);

  look_at_one (self);
  end_program (self);
  if (gone)
    take_key_away (self);
  else
    make_another_key (self);
  open_window (self);
  g_assert_true (fluo_test_wait_until (has_failed, self, PATIENCE_MS));
  fluo_window_open_trace (self->window, &self->id, FALSE);
  ui_assert_says (self->window, "Compare");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "Nothing is kept:");
  if (!gone)
    ui_assert_says (self->window, "the key does not open the store");
  g_assert_cmpuint (count_files (self, "damaged"), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-vault", NULL);
  ui_assert_says (self->window, "The vault does not open:");
}

/* A file that was hurt is moved aside, which is told as soon as the connection is open. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autofree char *path = dup_directory (self);
  g_autofree char *file = g_build_filename (path, "traces.db", NULL);
  g_autofree char *bytes = NULL, *page = NULL;
  gsize length;

  look_at_one (self);
  end_program (self);
  bytes = fluo_test_read (file, &length);
  /* Two pages exchanged: both are ours, neither is in its place. */
  g_assert_cmpuint (length, >, 2 * SEALED_PAGE);
  page = g_memdup2 (bytes, SEALED_PAGE);
  memcpy (bytes, bytes + SEALED_PAGE, SEALED_PAGE);
  memcpy (bytes + SEALED_PAGE, page, SEALED_PAGE);
  g_assert_true (g_file_set_contents (file, bytes, (gssize) length, NULL));
  open_window (self);
  ui_assert_says (self->window, "The vault: the store was damaged: it was moved to “traces.db.");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "encrypted\nThe vault: the store was damaged");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-vault", NULL);
  g_assert_true (fluo_test_wait_until (is_in_vault, self, PATIENCE_MS));
  g_assert_cmpuint (count_files (self, "damaged"), >, 0);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.leave-vault", NULL);
  g_assert_true (fluo_test_wait_until (is_connected, self, PATIENCE_MS));
  look_at_one (self);
}

/* libsecret itself would end the program over a keyring's file that was cut short. */
static void
test_keyring_cut_short (Fixture *self, gconstpointer data)
{
  const char *path = g_getenv ("SECRET_FILE_TEST_PATH");
  g_autoptr (FluoConnection) typed = fluo_connection_new (FLUO_CONNECTION_KEYS);
  g_autofree char *bytes = NULL;
  gsize length;

  look_at_one (self);
  end_program (self);
  bytes = fluo_test_read (path, &length);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length / 2, NULL));
  open_window (self);
  ui_assert_says (self->window, "Nothing is kept: the keyring's file");
  ui_assert_says (self->window, "is damaged; move it away and enter the key again");
  /* Nor does a connection whose key pair is in it. */
  fluo_connection_set (&typed->name, "Typed");
  fluo_connection_set (&typed->access_key, "AKIDEXAMPLE");
  fluo_connection_set (&typed->region, REGION);
  fluo_window_connect_connection (self->window, typed, NULL);
  ui_assert_says (self->window, "Can't connect: the keyring's file");
  g_assert_true (is_connected (self));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length, NULL));
}

/* libsecret's file keyring, chosen once for the process. */
static void
prepare (const char *home)
{
  g_autofree char *keyring = g_build_filename (home, "test.keyring", NULL);
  g_autofree char *profiles = g_build_filename (home, "aws-config", NULL);
  const char *const directories[] = { "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
                                      "XDG_RUNTIME_DIR" };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    g_setenv (directories[i], home, TRUE);
  /* The collector warns of a damaged store, and goes on. */
  g_unsetenv ("G_DEBUG");
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", keyring, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("AWS_CONFIG_FILE", profiles, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
}

int
main (int argc, char **argv)
{
  char *home = fluo_test_dir_new ();
  int failed;

  prepare (home);
  if (!fake_ui_init (&argc, &argv))
    {
      fluo_test_dir_free (home);
      return 77;
    }
  g_test_add ("/vault-window/dropped", Fixture, NULL, set_up, test_dropped, tear_down);
  g_test_add ("/vault-window/offline", Fixture, NULL, set_up, test_offline, tear_down);
  g_test_add ("/vault-window/emptied", Fixture, NULL, set_up, test_emptied, tear_down);
  g_test_add ("/vault-window/keep", Fixture, NULL, set_up, test_keep, tear_down);
  g_test_add ("/vault-window/clear", Fixture, NULL, set_up, test_clear, tear_down);
  g_test_add ("/vault-window/size", Fixture, NULL, set_up, test_size, tear_down);
  g_test_add ("/vault-window/key-gone", Fixture, GINT_TO_POINTER (TRUE), set_up, test_key,
              tear_down);
  g_test_add ("/vault-window/wrong-key", Fixture, GINT_TO_POINTER (FALSE), set_up, test_key,
              tear_down);
  g_test_add ("/vault-window/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/vault-window/keyring-cut-short", Fixture, NULL, set_up, test_keyring_cut_short,
              tear_down);
  failed = g_test_run ();
  fluo_test_dir_free (home);
  return failed;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/connect/fluo-connection-editor.h"
#include "app/connect/fluo-connections-window.h"
#include "app/connect/fluo-role-words.h"
#include "app/connect/fluo-sso-picker.h"
#include "app/fluo-window.h"
#include "aws/fluo-permission.h"
#include "fake-signin.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* Single sign-on, from a start URL or a profile without a role to traces on screen. */

#define N_ACCOUNTS 500
#define N_TRACES 12
#define RENEWAL \
  "POST /token {\"clientId\":\"client\",\"clientSecret\":\"CANARY-client\",\"grantType\":" \
  "\"refresh_token\""

static FakeSignin *fake;

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  xray_steps_forget_connections ();
  fake_signin_reset (fake, "");
  fake->now_s = g_get_real_time () / G_USEC_PER_SEC;
  fake->n_accounts = N_ACCOUNTS;
  self->xray = fake_xray_new ();
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, N_TRACES, 600, 1);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return !fluo_explorer_get_error (explorer) && xray_steps_has_all (explorer, self->xray);
}

static GtkWindow *
open_connections (Fixture *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connect-aws", NULL);
  return ui_wait_for_dialog (self->window);
}

/* An entry row by its title. */
static GtkWidget *
find_row (GtkWidget *root, const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (root) && gtk_widget_get_mapped (root)
      && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, title);

      if (found)
        return found;
    }
  return NULL;
}

static void
type_start_url (GtkWindow *list, const char *text)
{
  GtkWidget *row;

  ui_assert_says (list, "Your organisation’s page for signing in");
  row = find_row (GTK_WIDGET (list), "Start URL (https://….awsapps.com/start)");
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  ui_click (list, "Sign In");
}

/* Looks for it and takes what is found first. */
static void
search (GtkWindow *list, const char *words)
{
  GtkWidget *entry = fake_ui_find_mapped (GTK_WIDGET (list), GTK_TYPE_SEARCH_ENTRY);

  gtk_editable_set_text (GTK_EDITABLE (entry), words);
  g_signal_emit_by_name (entry, "activate");
}

/* The address is a fake's here; with AWS the region's own is right already. */
static void
connect_to_fake (Fixture *self, GtkWindow *list)
{
  GtkWidget *endpoint;

  ui_assert_says (list, "Connection to AWS");
  endpoint = find_row (GTK_WIDGET (list), "Endpoint, empty for the region’s own");
  gtk_editable_set_text (GTK_EDITABLE (endpoint), fake_xray_get_endpoint (self->xray));
  ui_click (list, "Save and C_onnect");
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
}

/* --- A new user ---------------------------------------------------------------------------- */

/* Nothing is configured. A word, a code compared, an account of five hundred, a role: traces. */
static void
test_new_user (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self), *dialog;
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "fluoroscope",
                                            "connections.ini", NULL);
  g_autofree char *kept = NULL, *config = NULL, *config_path = NULL;
  const FluoConnection *connection;

  ui_assert_says (list, "No connection yet");
  ui_click (list, "Sign In…");
  fake->n_pending = 1;
  type_start_url (list, "corp");
  dialog = ui_wait_for_dialog (list);
  ui_assert_says (dialog, "https://corp.awsapps.com/start");
  ui_assert_says (dialog, "ABCD-EFGH");
  /* All five pages are there, and the last is found by a number without blanks. */
  ui_assert_says (list, "Choose an Account");
  ui_wait_no_dialog (list);
  ui_assert_says (list, "shop 000");
  ui_assert_says (list, "4021 0000 0000 · aws+0@example.com");
  g_assert_cmpuint (fake_signin_count (fake, "GET /assignment/accounts"), ==, 5);
  search (list, "402100000499");
  ui_assert_says (list, "Choose a Role");
  ui_assert_says (list, "By its name: for reading");
  search (list, "Read");
  /* What is kept is said before it is kept. */
  ui_assert_says (list, "Read in 4021 0000 0499");
  ui_assert_says (list, "Kept are these names alone");
  connect_to_fake (self, list);
  connection = fluo_session_get_connection (fluo_window_get_session (self->window));
  g_assert_cmpstr (connection->name, ==, "shop 499");
  g_assert_cmpint (connection->kind, ==, FLUO_CONNECTION_SSO);
  kept = fluo_test_read (path, NULL);
  g_assert_nonnull (strstr (kept, "SsoAccount=402100000499"));
  g_assert_nonnull (strstr (kept, "SsoRole=Read"));
  g_assert_null (strstr (kept, "CANARY"));
  config_path = fake_signin_path (fake, ".aws/config");
  config = fluo_test_read (config_path, NULL);
  g_assert_cmpstr (config, ==, "");
  /* The cockpit says whose keys they are; there one signs in again, in place. */
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "4021 0000 0499");
  ui_assert_says (self->window, "Read");
  ui_click (self->window, "Sign In Again");
  ui_assert_says (self->window, "Signed in");
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
  g_assert_cmpuint (fake_signin_count (fake, "POST /device_authorization"), ==, 2);
  /* The second time nobody signs in, and what was chosen comes first. */
  list = open_connections (self);
  ui_assert_says (list, "Read in 4021 0000 0499");
  ui_click (list, "Choose a Role…");
  ui_assert_says (list, "shop 499");
  search (list, "");
  ui_assert_says (list, "By its name: for reading");
  g_assert_cmpuint (fake_signin_count (fake, "GET /assignment/roles?max_result=100&account_id="
                                             "402100000499"),
                    ==, 2);
  g_assert_cmpuint (fake_signin_count (fake, "POST /device_authorization"), ==, 2);
  gtk_window_close (list);
}

static gboolean
has_address (gpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *text = NULL;
  GdkClipboard *clipboard = gtk_widget_get_clipboard (data);

  gdk_clipboard_read_text_async (clipboard, NULL, fluo_test_result_cb, &result);
  if (!fluo_test_wait_result (&result, UI_PATIENCE_MS))
    return FALSE;
  text = gdk_clipboard_read_text_finish (clipboard, result, NULL);
  if (!text || !strstr (text, "/authorize?"))
    return FALSE;
  fake_signin_browse_url (fake, text);
  return TRUE;
}

/* "aws configure sso" left a profile without an account; the browser comes back by itself. */
static void
test_profile_without_role (Fixture *self, gconstpointer data)
{
  GtkWindow *list, *dialog;
  const FluoConnection *connection;

  fake_signin_write (fake, ".aws/config",
                     "[profile corp-user]\nsso_session = corp\nregion = eu-central-1\n"
                     "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
                     "sso_region = eu-west-1\n");
  list = open_connections (self);
  ui_assert_says (list, "corp-user");
  ui_assert_says (list, "https://corp.awsapps.com/start · eu-west-1 · Ireland");
  gtk_widget_activate_action (GTK_WIDGET (list), "connections.connect-profile", "s", "corp-user");
  dialog = ui_wait_for_dialog (list);
  ui_assert_says (dialog, "Sign in to corp in your browser");
  ui_click (dialog, "Copy Address");
  g_assert_true (fluo_test_wait_until (has_address, list, UI_PATIENCE_MS));
  ui_assert_says (list, "shop 000");
  search (list, "aws+7@");
  ui_assert_says (list, "Choose a Role");
  /* Back is one page back, and what was read is still there. */
  ui_assert_says (list, "By its name: may change things");
  g_signal_emit_by_name (fake_ui_find_button (GTK_WIDGET (list), "Back"), "clicked");
  ui_assert_says (list, "Choose an Account");
  ui_assert_says (list, "shop 000");
  g_assert_cmpuint (fake_signin_count (fake, "GET /assignment/accounts"), ==, 5);
  gtk_window_close (list);
  connection = fluo_session_get_connection (fluo_window_get_session (self->window));
  g_assert_null (connection);
}

/* --- What goes wrong ----------------------------------------------------------------------- */

static void
test_nothing_assigned (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self);

  ui_click (list, "Sign In…");
  fake->no_accounts = TRUE;
  type_start_url (list, "https://corp.awsapps.com/start");
  ui_assert_says (list, "no account is assigned to you");
  /* Once the administrator has done it, the same place goes on; the sign-in is still good. */
  fake->no_accounts = FALSE;
  fake->no_roles = TRUE;
  ui_click (list, "_Try Again");
  ui_assert_says (list, "shop 000");
  search (list, "shop 001");
  ui_assert_says (list, "No role in this account is assigned to you");
  fake->no_roles = FALSE;
  ui_click (list, "_Try Again");
  ui_assert_says (list, "By its name: may change things");
  g_assert_cmpuint (fake_signin_count (fake, "POST /device_authorization"), ==, 1);
  gtk_window_close (list);
}

/* The portal takes the token no more between the accounts and the roles: the user is asked anew,
 * and goes on where they were. */
static void
test_expired_between (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self);

  ui_click (list, "Sign In…");
  type_start_url (list, "corp");
  ui_assert_says (list, "shop 000");
  fake->good_token = "CANARY-access-renewed";
  search (list, "shop 002");
  ui_assert_says (list, "By its name: for reading");
  g_assert_cmpuint (fake_signin_count (fake, RENEWAL), ==, 1);
  gtk_window_close (list);
}

static void
test_given_up (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self);

  ui_click (list, "Sign In…");
  /* A mistake is said where it was made. */
  type_start_url (list, "ftp://x");
  ui_assert_says (list, "the SSO start URL is malformed");
  fake->n_pending = 1000;
  type_start_url (list, "corp");
  gtk_window_close (ui_wait_for_dialog (list));
  ui_assert_says (list, "Not signed in");
  ui_assert_says (list, "You closed the question before it was answered.");
  fake->n_pending = 0;
  ui_click (list, "_Try Again");
  ui_assert_says (list, "shop 000");
  gtk_window_close (list);
}

static gint64
clock_cb (gpointer data)
{
  return ((FakeSignin *) data)->now_s;
}

/* A live view whose session ends: what is on screen stays, a bar says so, and after the browser it
 * goes on where it stopped. */
static void
test_expired_while_live (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self), *dialog;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  g_autofree char *cache = fake_signin_path (fake, ".aws/sso/cache");
  g_autofree char *aside = fake_signin_path (fake, ".aws/sso/ended");

  ui_click (list, "Sign In…");
  type_start_url (list, "corp");
  ui_assert_says (list, "shop 000");
  search (list, "shop 003");
  ui_assert_says (list, "By its name: for reading");
  search (list, "Read");
  connect_to_fake (self, list);
  g_assert_true (fluo_explorer_get_live (explorer));
  /* Two hours later neither the keys nor the sign-in are good any more. */
  fluo_credential_provider_set_clock (
      fluo_session_get_provider (fluo_window_get_session (self->window)), clock_cb, fake);
  fake->now_s += 2 * 3600;
  fake_xray_set_error (self->xray, "ExpiredTokenException");
  g_assert_cmpint (g_rename (cache, aside), ==, 0);
  fluo_explorer_reload (explorer);
  ui_assert_says (self->window, "What was read before stays on screen.");
  g_assert_cmpuint (fluo_explorer_get_summaries (explorer)->len, ==, N_TRACES);
  fake_xray_set_error (self->xray, NULL);
  fake->n_pending = 1;
  ui_click (self->window, "Sign In");
  dialog = ui_wait_for_dialog (self->window);
  ui_assert_says (dialog, "ABCD-EFGH");
  ui_wait_no_dialog (self->window);
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
  g_assert_true (fluo_explorer_get_live (explorer));
}

#define MFA \
  "[default]\naws_access_key_id = AKID\naws_secret_access_key = CANARY-u\nregion = eu-west-1\n" \
  "[profile oncall]\nrole_arn = arn:aws:iam::444455556666:role/r\nsource_profile = default\n" \
  "mfa_serial = arn:aws:iam::111122223333:mfa/alice\nregion = eu-west-1\n"

static void
type_code (GtkWindow *dialog, const char *code)
{
  GtkWidget *entry = fake_ui_find (GTK_WIDGET (dialog), GTK_TYPE_ENTRY, "sign-in-code");

  gtk_editable_set_text (GTK_EDITABLE (entry), code);
  ui_click (dialog, "Sign In");
}

static GtkWindow *
sign_in_again (Fixture *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.sign-in", NULL);
  return ui_wait_for_dialog (self->window);
}

/* A role that takes a code of a device: a wrong one, the right one, and once more in place, which
 * may be given up without losing anything. */
static void
test_code (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  GtkWindow *dialog;

  fake_signin_write (fake, ".aws/config", MFA);
  fake->code = "123456";
  fluo_connection_set (&connection->name, "oncall");
  fluo_connection_set (&connection->profile, "oncall");
  fluo_connection_set (&connection->endpoint, fake_xray_get_endpoint (self->xray));
  connection->vault_mb = 0;
  connection->accent = FLUO_ACCENT_RED;
  fluo_window_connect_connection (self->window, connection, NULL);
  ui_assert_says (self->window, "You are not signed in to this account.");
  ui_click (self->window, "Sign In");
  dialog = ui_wait_for_dialog (self->window);
  ui_assert_says (dialog, "arn:aws:iam::111122223333:mfa/alice");
  /* Where one is, the dialog shows too; the list of all connections doesn't. */
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (dialog), "accent-red"));
  type_code (dialog, "111111");
  ui_assert_says (dialog, "That code was not taken.");
  type_code (dialog, "123 456");
  ui_wait_no_dialog (self->window);
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "4444 5555 6666");
  ui_assert_says (self->window, "r (me)");
  ui_assert_says (self->window, "Sign In Again");
  gtk_window_close (sign_in_again (self));
  ui_wait_no_dialog (self->window);
  g_assert_true (is_settled (self));
  dialog = open_connections (self);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (dialog), "accent-red"));
  gtk_window_close (dialog);
  ui_wait_no_dialog (self->window);
  g_assert_cmpuint (fake_signin_count (fake, "POST / Action=AssumeRole"), ==, 2);
  type_code (sign_in_again (self), "123456");
  ui_wait_no_dialog (self->window);
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
  g_assert_cmpuint (fake_signin_count (fake, "POST / Action=AssumeRole"), ==, 3);
}

/* In a phone's window: what happened stands above what can be done about it. */
static gboolean
is_readable (gpointer data)
{
  Fixture *self = data;
  GtkWidget *button = ui_find_button (self->window, "Copy IAM Statement");
  GtkWidget *label = button ? gtk_widget_get_prev_sibling (gtk_widget_get_parent (button)) : NULL;

  /* The X server may tell of the first size after another was asked for; GTK keeps the first. */
  if (gtk_widget_get_width (GTK_WIDGET (self->window)) > 400)
    gtk_window_set_default_size (GTK_WINDOW (self->window), 360, 640);
  return label && gtk_widget_get_width (GTK_WIDGET (self->window)) <= 400
         && gtk_widget_get_width (label) >= 200;
}

/* A role whose external id is another: what may be wrong is said, and what to ask for names the
 * role. Keys of a file say nobody's name, so STS is asked. */
static void
test_role_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  g_autofree char *statement = NULL;

  fake_signin_write (fake, ".aws/config", MFA "external_id = other\n[profile reader]\n"
                     "role_arn = arn:aws:iam::777788889999:role/reader\nsource_profile = default\n"
                     "external_id = other\nregion = eu-west-1\n");
  fake->external_id = "shop";
  fluo_connection_set (&connection->name, "reader");
  fluo_connection_set (&connection->profile, "reader");
  fluo_connection_set (&connection->endpoint, fake_xray_get_endpoint (self->xray));
  connection->vault_mb = 0;
  fluo_window_connect_connection (self->window, connection, NULL);
  ui_assert_says (self->window, "the role reader can’t be taken on: sts:AssumeRole is not allowed");
  g_assert_true (fluo_test_wait_until (is_readable, self, UI_PATIENCE_MS));
  statement = fluo_permission_dup_statement_of (
      fluo_explorer_get_error (fluo_window_get_explorer (self->window)));
  g_assert_nonnull (strstr (statement, "\"Resource\": \"arn:aws:iam::777788889999:role/reader\""));
  fluo_connection_set (&connection->name, "plain");
  fluo_connection_set (&connection->profile, "default");
  fluo_window_connect_connection (self->window, connection, NULL);
  g_assert_true (fluo_test_wait_until (is_settled, self, UI_PATIENCE_MS));
  g_assert_cmpuint (fake_signin_count (fake, "POST / Action=GetCallerIdentity"), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "1111 2222 3333");
  ui_assert_says (self->window, "alice");
  g_assert_cmpuint (fake_signin_count (fake, "POST / Action=GetCallerIdentity"), ==, 1);
}

/* Closing the window in the middle of it leaves nothing behind. */
static void
test_closed_meanwhile (Fixture *self, gconstpointer data)
{
  GtkWindow *list = open_connections (self);

  ui_click (list, "Sign In…");
  fake->n_pending = 1000;
  type_start_url (list, "corp");
  ui_assert_says (ui_wait_for_dialog (list), "ABCD-EFGH");
  gtk_window_destroy (list);
  ui_wait_no_dialog (self->window);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_start_url (void)
{
  static const char *const cases[][2] = {
    { "corp", "https://corp.awsapps.com/start" },
    { " d-1234567890.awsapps.com/start ", "https://d-1234567890.awsapps.com/start" },
    { "https://corp.app.aws", "https://corp.app.aws" },
    { "http://corp", "http://corp" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *url = fluo_sso_picker_dup_start_url (cases[i][0]);

      g_assert_cmpstr (url, ==, cases[i][1]);
    }
}

static void
test_role_words (void)
{
  g_assert_cmpstr (fluo_role_get_words ("AWSAdministratorAccess"), ==,
                   "May do everything, so take care");
  g_assert_cmpstr (fluo_role_get_words ("ReadOnlyAccess"), ==,
                   "Reads everything, traces too, and changes nothing");
  g_assert_cmpstr (fluo_role_get_words ("shop-AdminReadOnly"), ==, "By its name: for reading");
  g_assert_cmpstr (fluo_role_get_words ("Ömer"), ==, "A role of your organisation");
}

/* Addresses go to a program that does nothing with them. */
static void
forbid_browsers (const char *home)
{
  g_autofree char *dir = g_build_filename (home, "applications", NULL);
  g_autofree char *program = g_build_filename (dir, "nobody.desktop", NULL);
  g_autofree char *defaults = g_build_filename (home, "mimeapps.list", NULL);

  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (program, "[Desktop Entry]\nType=Application\nName=Nobody\n"
                                               "Exec=true %u\nMimeType=x-scheme-handler/https;"
                                               "x-scheme-handler/http;\n",
                                      -1, NULL));
  g_assert_true (g_file_set_contents (defaults,
                                      "[Default Applications]\nx-scheme-handler/https="
                                      "nobody.desktop\nx-scheme-handler/http=nobody.desktop\n",
                                      -1, NULL));
}

int
main (int argc, char **argv)
{
  int failed;
  const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/sign-on/new-user", test_new_user },
    { "/sign-on/profile-without-role", test_profile_without_role },
    { "/sign-on/nothing-assigned", test_nothing_assigned },
    { "/sign-on/expired-between", test_expired_between },
    { "/sign-on/given-up", test_given_up },
    { "/sign-on/expired-while-live", test_expired_while_live },
    { "/sign-on/code", test_code },
    { "/sign-on/role-refused", test_role_refused },
    { "/sign-on/closed-meanwhile", test_closed_meanwhile },
  };

  /* Before anything looks for a home. */
  fake = fake_signin_new ();
  g_setenv ("XDG_DATA_HOME", fake->dir, TRUE);
  g_setenv ("XDG_STATE_HOME", fake->dir, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fake->dir, TRUE);
  forbid_browsers (fake->dir);
  if (!fake_ui_init (&argc, &argv))
    {
      fake_signin_free (fake);
      return 77;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add_func ("/sign-on/start-url", test_start_url);
  g_test_add_func ("/sign-on/role-words", test_role_words);
  failed = g_test_run ();
  fake_signin_free (fake);
  return failed;
}

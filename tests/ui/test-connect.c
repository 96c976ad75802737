/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>

#include "app/connect/fluo-connection-editor.h"
#include "app/connect/fluo-connection-popover.h"
#include "app/connect/fluo-connections-window.h"
#include "app/connect/fluo-sign-in-dialog.h"
#include "app/fluo-window.h"
#include "aws/fluo-permission.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

#define PATIENCE_MS UI_PATIENCE_MS
#define REGION "eu-central-1"
#define N_TRACES 30

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
  char *profiles; /* file */
} Fixture;

/* --- Helpers ------------------------------------------------------------------------------ */

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  return fluo_session_get_connection (fluo_window_get_session (self->window))
         && !fluo_explorer_get_error (explorer) && xray_steps_has_all (explorer, self->xray);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;

  xray_steps_forget_connections ();
  self->xray = fake_xray_new ();
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, N_TRACES, 600, 1);
  text = g_strdup_printf ("[profile shop]\naws_access_key_id = AKIDEXAMPLE\n"
                          "aws_secret_access_key = CANARYSECRETKEY\nregion = " REGION "\n"
                          "endpoint_url = %s\n[profile nowhere]\naws_access_key_id = A\n"
                          "aws_secret_access_key = B\nthis line is wrong\n",
                          fake_xray_get_endpoint (self->xray));
  self->profiles = g_strdup (g_getenv ("AWS_CONFIG_FILE"));
  g_assert_true (g_file_set_contents (self->profiles, text, -1, NULL));
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
  g_free (self->profiles);
}

static void
connect_shop (Fixture *self)
{
  fluo_window_connect_profile (self->window, "shop", NULL);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

/* --- The list and the form ----------------------------------------------------------------- */

/* From nothing to somebody else's traces: one click on the start page, one in the list. */
static void
test_first_time (Fixture *self, gconstpointer data)
{
  FluoSession *session = fluo_window_get_session (self->window);
  GtkWindow *list;

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connect-aws", NULL);
  list = ui_wait_for_dialog (self->window);
  ui_assert_says (list, "shop");
  ui_assert_says (list, "nowhere");
  ui_assert_says (list, "no region");
  /* What is wrong with the files is told. */
  ui_assert_says (list, "Remarks on these files");
  {
    /* The first "Connect" is "nowhere", by name: it has no region, so the form opens. */
    ui_click (list, "Connect");
    ui_assert_says (list, "Connection to AWS");
    ui_click (list, "_Cancel");
  }
  gtk_widget_activate_action (GTK_WIDGET (list), "connections.connect-profile", "s", "shop");
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpstr (fluo_session_get_connection (session)->profile, ==, "shop");
  g_assert_cmpstr (fluo_session_get_region (session), ==, REGION);
  /* It is kept for the next time. */
  g_assert_cmpuint (fluo_connection_list_get_n (fluo_connection_list_get_default ()), ==, 1);
  ui_wait_no_dialog (self->window);
}

static void
test_form (Fixture *self, gconstpointer data)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  GtkWindow *window;
  GtkWidget *editor, *entry;
  const FluoConnection *saved;

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->profile, "shop");
  fluo_connection_set (&connection->badge, "PROD");
  connection->accent = FLUO_ACCENT_RED;
  g_assert_true (fluo_connection_list_put (list, connection, -1, NULL));
  fluo_window_connect_connection (self->window, connection, NULL);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  /* The mark shows in the window, and leaves it with the connection. */
  g_assert_true (gtk_widget_has_css_class (
      GTK_WIDGET (fluo_window_get_view (self->window)), "accent-red"));
  ui_assert_says (self->window, "PROD");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.edit-connection", NULL);
  window = ui_wait_for_dialog (self->window);
  editor = fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_CONNECTION_EDITOR, NULL);
  entry = fake_ui_find (editor, ADW_TYPE_ENTRY_ROW, NULL);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "Shop");
  gtk_editable_set_text (GTK_EDITABLE (entry), "Petshop");
  ui_click (window, "_Save");
  saved = fluo_connection_list_find (list, connection->id);
  g_assert_cmpstr (saved->name, ==, "Petshop");
  g_assert_cmpstr (saved->badge, ==, "PROD");
  /* The open window follows without reading anything anew. */
  g_assert_cmpstr (fluo_explorer_get_name (fluo_window_get_explorer (self->window)), ==,
                   "Petshop");
  /* Removing can be undone. */
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.remove", "s", connection->id);
  g_assert_cmpuint (fluo_connection_list_get_n (list), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.undo", NULL);
  g_assert_cmpuint (fluo_connection_list_get_n (list), ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.duplicate", "s", connection->id);
  g_assert_cmpuint (fluo_connection_list_get_n (list), ==, 2);
  g_assert_cmpstr (fluo_connection_list_get (list, 1)->name, ==, "Petshop 2");
  g_assert_cmpstr (gtk_widget_get_name (gtk_window_get_focus (window)), ==,
                   fluo_connection_list_get (list, 1)->id);
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.move-down", "s", connection->id);
  g_assert_cmpstr (fluo_connection_list_get (list, 0)->name, ==, "Petshop 2");
  gtk_window_close (window);
}

static void
add_shop (const char *name)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);

  fluo_connection_set (&connection->name, name);
  fluo_connection_set (&connection->profile, "shop");
  g_assert_true (
    fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1, NULL));
}

/* The offer to undo is that of what was removed last. */
static void
test_remove_two (Fixture *self, gconstpointer data)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const char *names[] = { "First", "Second" };
  g_autofree char *text = NULL;
  GtkWindow *window;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_shop (names[i]);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connections", NULL);
  window = ui_wait_for_dialog (self->window);
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.remove", "s",
                              fluo_connection_list_get (list, 0)->id);
  ui_assert_says (window, "“First” was removed");
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.remove", "s",
                              fluo_connection_list_get (list, 0)->id);
  text = fake_ui_dup_text (GTK_WIDGET (window));
  g_assert_null (strstr (text, "“First” was removed"));
  ui_assert_says (window, "“Second” was removed");
  ui_click (window, "_Undo");
  g_assert_cmpuint (fluo_connection_list_get_n (list), ==, 1);
  g_assert_cmpstr (fluo_connection_list_get (list, 0)->name, ==, "Second");
  gtk_window_close (window);
}

/* Delete again takes the next one, never one that lies elsewhere. */
static void
test_remove_focus (Fixture *self, gconstpointer data)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const char *names[] = { "Production", "Second", "Third" };
  GtkWindow *window;
  GtkWidget *focus;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_shop (names[i]);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connections", NULL);
  window = ui_wait_for_dialog (self->window);
  for (guint n = 2; n > 0; n--)
    {
      gtk_widget_activate_action (GTK_WIDGET (window), "connections.remove", "s",
                                  fluo_connection_list_get (list, 1)->id);
      focus = gtk_window_get_focus (window);
      g_assert_true (GTK_IS_LIST_BOX_ROW (focus));
      g_assert_cmpint (gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (focus)), ==, n - 1);
      g_assert_cmpstr (gtk_widget_get_name (focus), ==, fluo_connection_list_get (list, n - 1)->id);
    }
  gtk_window_close (window);
}

/* What is wrong with an endpoint is said while it is typed, and that one is not encrypted. */
static void
test_endpoint (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  static const struct
  {
    const char *endpoint, *words;
  } rows[] = {
    { "ftp://h", "expected a URL such as" },
    { "http://user:pw@h", "expected a URL such as" },
    { "http://169.254.169.254", "Requests to this endpoint are not encrypted" },
  };
  GtkWidget *editor;
  GtkWindow *window;

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->profile, "shop");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connections", NULL);
  window = ui_wait_for_dialog (self->window);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      fluo_connection_set (&connection->endpoint, rows[i].endpoint);
      fluo_connections_window_edit (FLUO_CONNECTIONS_WINDOW (window), connection);
      editor = fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_CONNECTION_EDITOR, NULL);
      ui_assert_says (editor, rows[i].words);
    }
  fluo_connection_set (&connection->endpoint, "http://127.0.0.1:2000");
  fluo_connections_window_edit (FLUO_CONNECTIONS_WINDOW (window), connection);
  {
    g_autofree char *text = fake_ui_dup_text (editor);

    g_assert_null (strstr (text, "not encrypted"));
  }
  gtk_window_close (window);
}

/* The X server gives the pointer to no popover of a window that it has not shown yet, which closes
 * the popover: it is opened until it stays. */
static gboolean
offers_connections (gpointer data)
{
  GtkWidget *popover = fake_ui_find_mapped (data, FLUO_TYPE_CONNECTION_POPOVER);

  if (!popover)
    gtk_widget_activate_action (data, "win.switch-connection", NULL);
  return popover != NULL;
}

/* Two windows: the list of the second leads to the first, whose title says how careful to be. */
static void
test_other_window (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  FluoWindow *second = FLUO_WINDOW (fluo_window_new (NULL, NULL));

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->profile, "shop");
  fluo_connection_set (&connection->badge, "PROD");
  g_assert_true (fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1,
                                           NULL));
  fluo_window_connect_connection (self->window, connection, NULL);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (self->window)), ==,
                   "PROD · Shop – Fluoroscope");
  gtk_window_present (GTK_WINDOW (second));
  g_assert_true (fluo_test_wait_until (offers_connections, second, PATIENCE_MS));
  ui_assert_says (second, "Connect to");
  g_assert_null (fluo_session_get_connection (fluo_window_get_session (second)));
  gtk_window_destroy (GTK_WINDOW (second));
}

/* Each right by itself; what is missing comes with what to ask for. */
static void
test_missing_right (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  GtkWindow *window;
  GtkWidget *editor;

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->profile, "shop");
  g_assert_true (fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1,
                                           NULL));
  fake_xray_deny (self->xray, "/Traces");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.connections", NULL);
  window = ui_wait_for_dialog (self->window);
  gtk_widget_activate_action (GTK_WIDGET (window), "connections.edit", "s", connection->id);
  editor = fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_CONNECTION_EDITOR, NULL);
  fluo_connection_editor_test (FLUO_CONNECTION_EDITOR (editor));
  ui_assert_says (editor, "Signed in");
  ui_assert_says (editor, "Traces can be found");
  ui_assert_says (editor, "The map can be read");
  ui_assert_says (editor, "Traces cannot be opened");
  ui_assert_says (editor, "The role is not allowed to do xray:BatchGetTraces");
  ui_click (editor, "Copy IAM Statement");
  gtk_window_close (window);
}

/* --- While it runs ------------------------------------------------------------------------- */

static gboolean
is_signed_out (gpointer data)
{
  return fluo_session_needs_sign_in (fluo_window_get_session (((Fixture *) data)->window));
}

/* What is on screen stays, a bar says so, and after signing in it goes on. */
static void
test_expired (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  connect_shop (self);
  fake_xray_set_error (self->xray, "ExpiredTokenException");
  fluo_explorer_reload (explorer);
  g_assert_true (fluo_test_wait_until (is_signed_out, self, PATIENCE_MS));
  ui_assert_says (self->window, "The sign-in has ended");
  ui_assert_says (self->window, "What was read before stays on screen.");
  g_assert_cmpuint (fluo_explorer_get_summaries (explorer)->len, ==, N_TRACES);
  fake_xray_set_error (self->xray, NULL);
  fake_xray_add_traces (self->xray, 3, 30, 2);
  ui_click (self->window, "Sign In");
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_summaries (explorer)->len, ==, N_TRACES + 3);
}

static gboolean
is_partly_answered (gpointer data)
{
  const FluoAskProgress *progress =
      fluo_explorer_get_progress (fluo_window_get_explorer (((Fixture *) data)->window));

  return progress->running && !progress->stale && progress->scanned_ns > 0;
}

static gboolean
is_answered (gpointer data)
{
  Fixture *self = data;
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  const FluoAskProgress *progress = fluo_explorer_get_progress (explorer);

  return !progress->running && !progress->error
         && fluo_explorer_get_matches (explorer)->len
                == fake_xray_count (self->xray, "duration >= 0");
}

/* The keys end in the middle of a long question: what came stays, and after signing in the rest
 * comes too. */
static void
test_expired_while_read (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  fake_xray_add_traces (self->xray, 300, 850, 3);
  connect_shop (self);
  fluo_explorer_set_live (explorer, FALSE);
  fake_xray_hold_reads (self->xray, fluo_time_now_ns () - 200 * FLUO_NSEC_PER_SEC);
  g_assert_true (fluo_explorer_set_filter (explorer, "duration >= 0", NULL));
  g_assert_true (fluo_test_wait_until (is_partly_answered, self, PATIENCE_MS));
  fake_xray_set_error (self->xray, "ExpiredTokenException");
  fake_xray_hold_reads (self->xray, 0);
  g_assert_true (fluo_test_wait_until (is_signed_out, self, PATIENCE_MS));
  ui_assert_says (self->window, "The sign-in has ended");
  ui_assert_says (self->window, "What was read before stays on screen.");
  g_assert_cmpuint (fluo_explorer_get_matches (explorer)->len, >, 0);
  fake_xray_set_error (self->xray, NULL);
  ui_click (self->window, "Sign In");
  g_assert_true (fluo_test_wait_until (is_answered, self, PATIENCE_MS));
}

static gboolean
is_denied (gpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (((Fixture *) data)->window);

  return fluo_permission_of_error (fluo_explorer_get_error (explorer)) != NULL;
}

static void
test_denied (Fixture *self, gconstpointer data)
{
  connect_shop (self);
  fake_xray_deny (self->xray, "/ServiceGraph");
  fluo_explorer_reload (fluo_window_get_explorer (self->window));
  g_assert_true (fluo_test_wait_until (is_denied, self, PATIENCE_MS));
  ui_assert_says (self->window, "the role is not allowed to do xray:GetServiceGraph");
  ui_click (self->window, "Copy IAM Statement");
}

static gboolean
is_over_budget (gpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (((Fixture *) data)->window);

  return g_error_matches (fluo_explorer_get_error (explorer), FLUO_XRAY_ERROR,
                          FLUO_XRAY_ERROR_BUDGET);
}

/* It asks before the budget is passed, and goes on when it may. */
static void
test_budget (Fixture *self, gconstpointer data)
{
  FluoMeter *meter;
  gint64 budget;

  connect_shop (self);
  meter = fluo_session_get_meter (fluo_window_get_session (self->window));
  g_assert_cmpuint (fluo_meter_get_hour (meter).n_scanned, >=, N_TRACES);
  budget = fluo_meter_get_hour (meter).nanousd + 1;
  fluo_meter_set_budget (meter, budget);
  fluo_explorer_reload (fluo_window_get_explorer (self->window));
  g_assert_true (fluo_test_wait_until (is_over_budget, self, PATIENCE_MS));
  g_assert_cmpint (fluo_meter_get_hour (meter).nanousd, <=, budget);
  ui_assert_says (self->window, "Reading on could pass this hour’s budget");
  ui_click (self->window, "Go On for This Hour");
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  fluo_meter_set_budget (meter, 0);
}

/* Live reads that come seldomer than usual say how often. */
static void
test_slowed (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);

  connect_shop (self);
  g_assert_true (fluo_explorer_get_live (explorer));
  g_assert_cmpuint (fluo_explorer_get_slowed_seconds (explorer), ==, 0);
  fluo_meter_add_throttled (fluo_session_get_meter (fluo_window_get_session (self->window)));
  fluo_explorer_set_resting (explorer, TRUE);
  fluo_explorer_set_resting (explorer, FALSE);
  ui_assert_says (self->window, "every 30 s");
}

static gboolean
has_three_more (gpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (((Fixture *) data)->window);

  return !fluo_explorer_is_loading (explorer)
         && fluo_explorer_get_summaries (explorer)->len == N_TRACES + 3;
}

/* A tab that was not looked at for a while still knows what a live read costs. */
static void
test_slowed_again (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  FluoMeter *meter;
  gint64 before, after;

  connect_shop (self);
  meter = fluo_session_get_meter (fluo_window_get_session (self->window));
  before = fluo_meter_get_hour (meter).nanousd;
  fake_xray_add_traces (self->xray, 3, 30, 2);
  fluo_explorer_set_resting (explorer, TRUE);
  fluo_explorer_set_resting (explorer, FALSE);
  g_assert_true (fluo_test_wait_until (has_three_more, self, PATIENCE_MS));
  after = fluo_meter_get_hour (meter).nanousd;
  g_assert_cmpint (after, >, before);
  fluo_meter_set_budget (meter, after + 20 * (after - before));
  fluo_explorer_set_resting (explorer, TRUE);
  fluo_explorer_set_resting (explorer, FALSE);
  ui_assert_says (self->window, "every 3 min");
  fluo_meter_set_budget (meter, 0);
}

/* --- Single sign-on ------------------------------------------------------------------------ */

/* IAM Identity Center, as far as a device needs it; the user has confirmed the code at once. */
static void
identity_center_cb (SoupServer *server, SoupServerMessage *message, const char *path,
                    GHashTable *query, gpointer data)
{
  g_autofree char *text = NULL;

  if (g_str_equal (path, "/client/register"))
    text = g_strdup ("{\"clientId\":\"c\",\"clientSecret\":\"s\",\"clientIdIssuedAt\":1,"
                     "\"clientSecretExpiresAt\":4102444800}");
  else if (g_str_equal (path, "/device_authorization"))
    text = g_strdup ("{\"deviceCode\":\"d\",\"userCode\":\"ABCD-EFGH\",\"verificationUri\":"
                     "\"https://device.sso.eu-central-1.amazonaws.com/\",\"expiresIn\":600,"
                     "\"interval\":1}");
  else if (g_str_equal (path, "/token"))
    text = g_strdup ("{\"accessToken\":\"t\",\"expiresIn\":28800,\"tokenType\":\"Bearer\"}");
  else
    text = g_strdup_printf ("{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\","
                            "\"secretAccessKey\":\"x\",\"sessionToken\":\"y\",\"expiration\":%"
                            G_GINT64_FORMAT "}}",
                            (g_get_real_time () / G_USEC_PER_SEC + 3600) * 1000);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

/* A new user with a profile of single sign-on: connect, sign in, see the code, see the traces. */
static void
test_single_sign_on (Fixture *self, gconstpointer data)
{
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  FluoSession *session = fluo_window_get_session (self->window);
  g_autoptr (FluoCredentialFacts) facts = NULL;
  g_autofree char *text = NULL, *url = NULL;
  GSList *uris;
  GtkWindow *dialog;

  soup_server_add_handler (server, NULL, identity_center_cb, self, NULL);
  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server);
  url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_setenv ("AWS_ENDPOINT_URL_SSO", url, TRUE);
  g_setenv ("AWS_ENDPOINT_URL_SSO_OIDC", url, TRUE);
  text = g_strdup_printf ("[profile corp]\nsso_start_url = https://corp.awsapps.com/start\n"
                          "sso_region = " REGION "\nsso_account_id = 402155889917\n"
                          "sso_role_name = oncall-read\nregion = " REGION "\nendpoint_url = %s\n",
                          fake_xray_get_endpoint (self->xray));
  g_assert_true (g_file_set_contents (self->profiles, text, -1, NULL));
  fluo_window_connect_profile (self->window, "corp", NULL);
  ui_assert_says (self->window, "You are not signed in to this account");
  ui_click (self->window, "Sign In");
  dialog = ui_wait_for_dialog (self->window);
  ui_assert_says (dialog, "ABCD-EFGH");
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  ui_wait_no_dialog (self->window);
  /* The cockpit says whose keys they are and how long they last. */
  facts = fluo_session_dup_facts (session);
  g_assert_cmpstr (facts->account, ==, "402155889917");
  g_assert_cmpint (facts->expires_s, >, 0);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  ui_assert_says (self->window, "4021 5588 9917");
  ui_assert_says (self->window, "single sign-on");
  g_unsetenv ("AWS_ENDPOINT_URL_SSO");
  g_unsetenv ("AWS_ENDPOINT_URL_SSO_OIDC");
}

/* --- Signing in ---------------------------------------------------------------------------- */

#define ASKING_TYPE_PROVIDER (asking_provider_get_type ())
G_DECLARE_FINAL_TYPE (AskingProvider, asking_provider, ASKING, PROVIDER, FluoCredentialProvider)

/* Keys that need the user: a code, typed in. */
struct _AskingProvider
{
  FluoCredentialProvider parent_instance;
  FluoSignInKind kind;
  FluoSignIn *sign_in;
  char *code;
};

G_DEFINE_FINAL_TYPE (AskingProvider, asking_provider, FLUO_TYPE_CREDENTIAL_PROVIDER)

static void
replied_cb (FluoSignInReply reply, const char *code, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AskingProvider *self = g_task_get_source_object (task);

  if (reply == FLUO_SIGN_IN_CANCELLED)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  else
    {
      self->code = g_strdup (code);
      fluo_sign_in_close (self->sign_in);
      g_task_return_pointer (task, fluo_credentials_new ("A", "B", NULL, "test"),
                             (GDestroyNotify) fluo_credentials_unref);
    }
}

static void
asking_provider_fetch_async (FluoCredentialProvider *provider, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  AskingProvider *self = ASKING_PROVIDER (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  gpointer data;
  FluoSignInFunc ask = fluo_credential_provider_get_ask (provider, &data);

  if (!ask)
    {
      g_task_return_new_error (task, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                               "sign in");
      g_object_unref (task);
      return;
    }
  g_clear_object (&self->sign_in);
  self->sign_in = fluo_sign_in_new (
      self->kind, "shop", "arn:aws:iam::402155889917:mfa/me",
      self->kind == FLUO_SIGN_IN_CODE ? NULL : "https://device.sso.eu-central-1.amazonaws.com/",
      self->kind == FLUO_SIGN_IN_DEVICE ? "WXYZ-1234" : NULL, 0, replied_cb, task);
  ask (self->sign_in, data);
}

static FluoCredentials *
asking_provider_fetch_finish (FluoCredentialProvider *provider, GAsyncResult *result,
                              GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
asking_provider_finalize (GObject *object)
{
  AskingProvider *self = ASKING_PROVIDER (object);

  g_clear_object (&self->sign_in);
  g_free (self->code);
  G_OBJECT_CLASS (asking_provider_parent_class)->finalize (object);
}

static void
asking_provider_class_init (AskingProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = asking_provider_finalize;
  FLUO_CREDENTIAL_PROVIDER_CLASS (klass)->fetch_async = asking_provider_fetch_async;
  FLUO_CREDENTIAL_PROVIDER_CLASS (klass)->fetch_finish = asking_provider_fetch_finish;
}

static void
asking_provider_init (AskingProvider *self)
{
}

typedef struct
{
  gboolean done;
  GError *error;
} Outcome;

static void
done_cb (const GError *error, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->done = TRUE;
  outcome->error = error ? g_error_copy (error) : NULL;
}

static gboolean
is_done (gpointer data)
{
  return ((Outcome *) data)->done;
}

static void
test_sign_in_code (Fixture *self, gconstpointer data)
{
  g_autoptr (AskingProvider) provider = g_object_new (ASKING_TYPE_PROVIDER, NULL);
  Outcome outcome = { 0 };
  GtkWindow *dialog;
  GtkWidget *entry;

  fluo_sign_in_run (FLUO_CREDENTIAL_PROVIDER (provider), GTK_WINDOW (self->window), done_cb,
                    &outcome, NULL);
  dialog = ui_wait_for_dialog (self->window);
  ui_assert_says (dialog, "arn:aws:iam::402155889917:mfa/me");
  entry = fake_ui_find (GTK_WIDGET (dialog), GTK_TYPE_ENTRY, "sign-in-code");
  gtk_editable_set_text (GTK_EDITABLE (entry), "12345");
  g_assert_false (gtk_widget_is_sensitive (ui_find_button (dialog, "Sign In")));
  gtk_editable_set_text (GTK_EDITABLE (entry), "123 456");
  ui_click (dialog, "Sign In");
  g_assert_true (fluo_test_wait_until (is_done, &outcome, PATIENCE_MS));
  g_assert_no_error (outcome.error);
  g_assert_cmpstr (provider->code, ==, "123456");
  ui_wait_no_dialog (self->window);
}

/* Closing the dialog is giving up. */
static void
test_sign_in_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (AskingProvider) provider = g_object_new (ASKING_TYPE_PROVIDER, NULL);
  Outcome outcome = { 0 };

  fluo_sign_in_run (FLUO_CREDENTIAL_PROVIDER (provider), GTK_WINDOW (self->window), done_cb,
                    &outcome, NULL);
  gtk_window_close (ui_wait_for_dialog (self->window));
  g_assert_true (fluo_test_wait_until (is_done, &outcome, PATIENCE_MS));
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&outcome.error);
  if (provider->sign_in && fluo_sign_in_is_open (provider->sign_in))
    fluo_sign_in_cancel (provider->sign_in);
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
                                               "Exec=true %u\nMimeType=x-scheme-handler/https;\n",
                                      -1, NULL));
  g_assert_true (g_file_set_contents (
      defaults, "[Default Applications]\nx-scheme-handler/https=nobody.desktop\n", -1, NULL));
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);
  const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/connect/first-time", test_first_time },
    { "/connect/form", test_form },
    { "/connect/remove-two", test_remove_two },
    { "/connect/remove-focus", test_remove_focus },
    { "/connect/endpoint", test_endpoint },
    { "/connect/other-window", test_other_window },
    { "/connect/missing-right", test_missing_right },
    { "/connect/expired", test_expired },
    { "/connect/expired-while-read", test_expired_while_read },
    { "/connect/denied", test_denied },
    { "/connect/budget", test_budget },
    { "/connect/slowed", test_slowed },
    { "/connect/slowed-again", test_slowed_again },
    { "/connect/single-sign-on", test_single_sign_on },
    { "/connect/sign-in/code", test_sign_in_code },
    { "/connect/sign-in/cancelled", test_sign_in_cancelled },
  };

  if (!home)
    return 77;
  forbid_browsers (home);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return fake_ui_run (home);
}

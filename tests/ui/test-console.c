/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/ask/fluo-query-bar.h"
#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "core/fluo-console-link.h"
#include "filter/fluo-filter.h"
#include "fluo-test-util.h"
#include "ui-steps.h"
#include "xray-steps.h"

/* Addresses of AWS's console, both ways. */

#define PATIENCE_MS UI_PATIENCE_MS
#define REGION "eu-central-1"
#define N_TRACES 30
#define CONSOLE "https://" REGION ".console.aws.amazon.com/cloudwatch/home?region=" REGION "#xray:"

static char *opened; /* the file with the address that was opened last */

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

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
  xray_steps_forget_connections ();
  self->xray = fake_xray_new ();
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, N_TRACES, 600, 1);
  xray_steps_write_profile (fake_xray_get_endpoint (self->xray), REGION, "SECRET");
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

static void
connect_shop (Fixture *self)
{
  fluo_window_connect_profile (self->window, "shop", NULL);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
test_link (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  g_autofree char *id = fluo_trace_id_to_string (
      fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));
  g_autofree char *trace = g_strconcat (CONSOLE "traces/", id, NULL);

  connect_shop (self);
  g_assert_false (fluo_window_open_console_link (self->window, "fault"));
  g_assert_true (fluo_window_open_console_link (
      self->window, CONSOLE "traces/query?~(query~(expression~'responsetime*20*3e*200)~context~("
                            "timeRange~(delta~3600000)))"));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  g_assert_cmpstr (fluo_explorer_get_filter (explorer), ==, "responsetime > 0");
  g_assert_cmpint (fluo_explorer_get_relative_ns (explorer), ==, 60 * FLUO_NSEC_PER_MIN);
  g_assert_true (fluo_window_open_console_link (self->window, CONSOLE "service-map/map"));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  g_assert_cmpstr (fluo_explorer_get_filter (explorer), ==, "");
  g_assert_true (fluo_window_open_console_link (self->window, trace));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, id);
}

static gboolean
is_opened (gpointer data)
{
  return g_file_test (opened, G_FILE_TEST_EXISTS);
}

/* What the action opens, read as anybody would who pastes it. */
static FluoConsoleLink *
open_in_console (Fixture *self, const char *action, const char *format, ...)
{
  g_autofree char *text = NULL;
  FluoConsoleLink *link;
  GVariant *parameter;
  va_list arguments;

  g_unlink (opened);
  va_start (arguments, format);
  parameter = format ? g_variant_new_va (format, NULL, &arguments) : NULL;
  g_assert_true (
    gtk_widget_activate_action_variant (GTK_WIDGET (self->window), action, parameter));
  va_end (arguments);
  g_assert_true (fluo_test_wait_until (is_opened, NULL, PATIENCE_MS));
  g_assert_true (g_file_get_contents (opened, &text, NULL, NULL));
  link = fluo_console_link_parse (text, NULL);
  g_assert_nonnull (link);
  g_assert_cmpstr (link->region, ==, REGION);
  return link;
}

static FluoMapPage *
get_map (Fixture *self)
{
  return FLUO_MAP_PAGE (fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_MAP_PAGE, NULL));
}

static gboolean
has_graph (gpointer data)
{
  const FluoServiceGraph *graph =
    fluo_explorer_get_graph (fluo_window_get_explorer (((Fixture *) data)->window));

  return graph && graph->nodes->len > 0;
}

static gboolean
is_selected (gpointer data)
{
  g_autofree char *name = NULL, *type = NULL;

  fluo_map_page_dup_selected (get_map (data), &name, &type);
  return name != NULL;
}

/* The selected service goes along to the console, and comes back from there; so do a group, and the
 * trace that a query of log lines is of. */
static void
test_node (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  const FluoGraphNode *node;
  g_autoptr (FluoConsoleLink) map = NULL, menu = NULL, logs = NULL;
  g_autofree char *id = fluo_trace_id_to_string (
    fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));
  g_autofree char *text = NULL, *name = NULL, *type = NULL, *wanted = NULL, *query = NULL;
  const char *const groups[] = { "/aws/lambda/shop", NULL };

  connect_shop (self);
  g_assert_true (fluo_test_wait_until (has_graph, self, PATIENCE_MS));
  node = g_ptr_array_index (fluo_explorer_get_graph (explorer)->nodes, 0);
  fluo_map_page_select_node (get_map (self), node->name, node->type);
  g_assert_true (fluo_test_wait_until (is_selected, self, PATIENCE_MS));
  fluo_map_page_dup_selected (get_map (self), &name, &type);
  map = open_in_console (self, "win.open-in-console", NULL);
  g_assert_cmpint (map->place, ==, FLUO_CONSOLE_MAP);
  g_assert_cmpstr (map->node, ==, name);
  g_assert_cmpstr (map->node_type, ==, type);
  menu = open_in_console (self, "win.open-node-in-console", "(ss)", "other", "");
  g_assert_cmpstr (menu->node, ==, "other");
  g_assert_null (menu->node_type);

  fluo_map_page_select_node (get_map (self), NULL, NULL);
  g_assert_false (is_selected (self));
  map->group = g_strdup ("Slow");
  map->filter = g_strdup ("error OR fault");
  text = fluo_console_link_dup_uri (map);
  g_assert_true (fluo_window_open_console_link (self->window, text));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  g_assert_cmpstr (fluo_explorer_get_filter (explorer), ==,
                   "(error OR fault) AND group.name = \"Slow\"");
  g_assert_true (fluo_test_wait_until (is_selected, self, PATIENCE_MS));

  g_clear_pointer (&text, g_free);
  map->place = FLUO_CONSOLE_TRACES;
  text = fluo_console_link_dup_uri (map);
  g_assert_true (fluo_window_open_console_link (self->window, text));
  wanted = fluo_filter_dup_service (name, type, NULL);
  g_assert_true (g_str_has_suffix (fluo_explorer_get_filter (explorer), wanted));

  query = g_strdup_printf ("filter @message like \"%s\"", id);
  logs = open_in_console (self, "win.open-logs-in-console", "(s^asxx)", query, groups,
                          1795097820 * FLUO_NSEC_PER_SEC, 1795097830 * FLUO_NSEC_PER_SEC);
  g_assert_cmpint (logs->place, ==, FLUO_CONSOLE_TRACE);
  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (opened, &text, NULL, NULL));
  g_assert_true (fluo_window_open_console_link (self->window, text));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, id);
}

/* An address typed into the query bar is gone to. */
static void
test_query_bar (Fixture *self, gconstpointer data)
{
  GtkWidget *bar = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_QUERY_BAR, NULL);

  GtkWidget *box = fake_ui_find (bar, GTK_TYPE_BOX, "query-field");
  GtkWidget *field = fake_ui_find (box, GTK_TYPE_TEXT, NULL);

  connect_shop (self);
  gtk_editable_set_text (GTK_EDITABLE (field),
                         CONSOLE "traces/query?~(query~(expression~'fault))");
  gtk_widget_activate_action (bar, "query.run", NULL);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  g_assert_cmpstr (fluo_explorer_get_filter (fluo_window_get_explorer (self->window)), ==, "fault");
}

static gboolean
is_followed (gpointer data)
{
  return g_str_equal (fluo_window_get_place (((Fixture *) data)->window), "traces");
}

/* Not connected yet: the connection that names the region is opened first. */
static void
test_connects (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);

  fluo_connection_set (&connection->name, "Shop");
  fluo_connection_set (&connection->profile, "shop");
  fluo_connection_set (&connection->region, REGION);
  g_assert_true (fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1,
                                           NULL));
  g_assert_true (fluo_window_open_console_link (self->window, CONSOLE "traces"));
  g_assert_true (fluo_test_wait_until (is_followed, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static gboolean
has_connection (gpointer data)
{
  return fluo_session_get_connection (fluo_window_get_session (data)) != NULL;
}

/* The address says which account it is of: the other one, in the same region, is not asked. */
static void
test_account (Fixture *self, gconstpointer data)
{
  static const char *const accounts[] = { "111122223333", "402155889917" };

  for (guint i = 0; i < G_N_ELEMENTS (accounts); i++)
    {
      g_autoptr (FluoConnection) connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
      g_autofree char *role = g_strdup_printf ("arn:aws:iam::%s:role/look", accounts[i]);

      fluo_connection_set (&connection->name, accounts[i]);
      fluo_connection_set (&connection->profile, "shop");
      fluo_connection_set (&connection->region, REGION);
      fluo_connection_set (&connection->role_arn, role);
      g_assert_true (fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1,
                                               NULL));
    }
  g_assert_true (fluo_window_open_console_link (
    self->window, "https://402155889917-abc12345." REGION
                  ".console.aws.amazon.com/cloudwatch/home?region=" REGION "#xray:traces"));
  g_assert_true (fluo_test_wait_until (has_connection, self->window, PATIENCE_MS));
  g_assert_cmpstr (
    fluo_session_get_connection (fluo_window_get_session (self->window))->name, ==, accounts[1]);
}

/* Addresses go to a program that writes the last of them down. */
static void
play_browser (const char *home)
{
  g_autofree char *dir = g_build_filename (home, "applications", NULL);
  g_autofree char *entry = g_build_filename (dir, "nobody.desktop", NULL);
  g_autofree char *defaults = g_build_filename (home, "mimeapps.list", NULL);
  g_autofree char *program = g_build_filename (home, "browser", NULL);
  g_autofree char *entry_text = g_strdup_printf (
    "[Desktop Entry]\nType=Application\nName=Nobody\nExec=%s %%u\n"
    "MimeType=x-scheme-handler/https;\n", program);
  g_autofree char *program_text = NULL;

  opened = g_build_filename (home, "opened", NULL);
  program_text = g_strdup_printf ("#!/bin/sh\nprintf %%s \"$1\" > '%s.new' && mv '%s.new' '%s'\n",
                                  opened, opened, opened);
  g_assert_true (g_file_set_contents_full (program, program_text, -1, G_FILE_SET_CONTENTS_NONE,
                                           0700, NULL));
  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (entry, entry_text, -1, NULL));
  g_assert_true (g_file_set_contents (
      defaults, "[Default Applications]\nx-scheme-handler/https=nobody.desktop\n", -1, NULL));
}

int
main (int argc, char **argv)
{
  char *home = fluo_test_dir_new ();
  g_autofree char *profiles = g_build_filename (home, "aws-config", NULL);
  int failed;
  const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/console/link", test_link },
    { "/console/node", test_node },
    { "/console/query-bar", test_query_bar },
    { "/console/connects", test_connects },
    { "/console/account", test_account },
  };

  g_setenv ("HOME", home, TRUE);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  play_browser (home);
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("AWS_CONFIG_FILE", profiles, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  if (!fake_ui_init (&argc, &argv))
    {
      fluo_test_dir_free (home);
      return 77;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  failed = g_test_run ();
  g_free (opened);
  fluo_test_dir_free (home);
  return failed;
}

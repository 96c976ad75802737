/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a window remembers until the next start. */
#include <adwaita.h>

#include "app/fluo-pages.h"
#include "app/fluo-settings.h"
#include "app/fluo-window.h"
#include "app/trace/fluo-span-panel.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define WIDTH_PX 1180
#define HEIGHT_PX 760

static gboolean
has_trace (gpointer data)
{
  GtkWidget *page = fake_ui_find_mapped (data, FLUO_TYPE_TRACE_PAGE);

  return page && fluo_trace_page_get_trace (FLUO_TRACE_PAGE (page));
}

static gboolean
has_panel (gpointer data)
{
  return fake_ui_find_mapped (data, FLUO_TYPE_SPAN_PANEL) != NULL;
}

static gboolean
has_no_panel (gpointer data)
{
  return !has_panel (data);
}

static FluoWindow *
start (FakeXray *xray)
{
  FluoWindow *window = FLUO_WINDOW (fluo_window_new (NULL, NULL));

  fluo_window_connect_endpoint (window, fake_xray_get_endpoint (xray));
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* As the user ends it. */
static void
end (FluoWindow *window)
{
  gtk_window_close (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_window (void)
{
  FakeXray *xray = fake_xray_new ();
  FluoWindow *window = start (xray);
  FluoExplorer *explorer = fluo_window_get_explorer (window);
  int width;
  int height;

  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH_PX, HEIGHT_PX);
  fluo_explorer_set_relative (explorer, 3 * 3600 * FLUO_NSEC_PER_SEC);
  fluo_explorer_set_live (explorer, FALSE);
  end (window);

  window = start (xray);
  explorer = fluo_window_get_explorer (window);
  gtk_window_get_default_size (GTK_WINDOW (window), &width, &height);
  g_assert_cmpint (width, ==, WIDTH_PX);
  g_assert_cmpint (height, ==, HEIGHT_PX);
  g_assert_cmpint (fluo_explorer_get_relative_ns (explorer), ==, 3 * 3600 * FLUO_NSEC_PER_SEC);
  g_assert_false (fluo_explorer_get_live (explorer));
  fluo_explorer_set_live (explorer, TRUE);
  fluo_explorer_set_relative (explorer, 900 * FLUO_NSEC_PER_SEC);
  end (window);
  fake_xray_free (xray);
}

static void
test_tabs (void)
{
  FakeXray *xray = fake_xray_new ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  FluoWindow *window;

  fake_xray_add_traces (xray, 5, 600, 1);
  first = fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (xray, 0)));
  second = fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (xray, 1)));
  window = start (xray);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-trace", "s", first);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-trace-background", "s", second);
  end (window);

  window = start (xray);
  fluo_window_restore (window, TRUE);
  g_assert_cmpuint (fluo_window_get_n_tabs (window), ==, 2);
  g_assert_cmpstr (fluo_window_get_place (window), ==, first);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-tab", NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-tab", NULL);
  end (window);
  fake_xray_free (xray);
}

/* Quitting with two windows: both come back, each with what it showed; closing one by one leaves
 * one. */
static void
test_session (void)
{
  FakeXray *xray = fake_xray_new ();
  g_autofree char *id = NULL;
  g_autoptr (GVariant) session = NULL, kept = NULL, none = NULL;
  FluoWindow *windows[2], *again[2];
  g_autoptr (GList) list = NULL;

  fake_xray_add_traces (xray, 3, 600, 1);
  id = fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (xray, 0)));
  for (guint i = 0; i < 2; i++)
    {
      windows[i] = start (xray);
      list = g_list_append (list, windows[i]);
    }
  fluo_window_show_page (windows[0], "traces");
  gtk_widget_activate_action (GTK_WIDGET (windows[1]), "win.open-trace", "s", id);
  session = fluo_window_dup_session (list);
  for (guint i = 0; i < 2; i++)
    end (windows[i]);
  none = fluo_settings_dup_value ("windows");
  g_assert_cmpuint (g_variant_n_children (none), ==, 0);
  fluo_settings_set_value ("windows", session);

  kept = fluo_settings_dup_value ("windows");
  g_assert_cmpuint (g_variant_n_children (kept), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GVariant) state = g_variant_get_child_value (kept, i);

      again[i] = start (xray);
      fluo_window_restore_state (again[i], state);
    }
  g_assert_cmpstr (fluo_window_get_place (again[0]), ==, "traces");
  g_assert_cmpuint (fluo_window_get_n_tabs (again[0]), ==, 0);
  g_assert_cmpstr (fluo_window_get_place (again[1]), ==, id);
  gtk_widget_activate_action (GTK_WIDGET (again[1]), "win.close-tab", NULL);
  for (guint i = 0; i < 2; i++)
    end (again[i]);
  fake_xray_free (xray);
}

static void
test_panel (void)
{
  FakeXray *xray = fake_xray_new ();
  g_autofree char *id = NULL;
  FluoWindow *window;

  fake_xray_add_traces (xray, 2, 600, 1);
  id = fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (xray, 0)));
  window = start (xray);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-trace", "s", id);
  g_assert_true (fluo_test_wait_until (has_trace, window, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_panel, window, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.toggle-panel", NULL);
  g_assert_true (fluo_test_wait_until (has_no_panel, window, PATIENCE_MS));
  end (window);

  window = start (xray);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-trace", "s", id);
  g_assert_true (fluo_test_wait_until (has_trace, window, PATIENCE_MS));
  g_assert_false (has_panel (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.toggle-panel", NULL);
  g_assert_true (fluo_test_wait_until (has_panel, window, PATIENCE_MS));
  end (window);
  fake_xray_free (xray);
}

static gboolean
has_table (gpointer data)
{
  GtkWidget *page = fake_ui_find_mapped (data, FLUO_TYPE_TRACES_PAGE);

  return page && fake_ui_find (page, GTK_TYPE_COLUMN_VIEW, NULL);
}

static FluoWindow *
start_on_traces (FakeXray *xray)
{
  FluoWindow *window = start (xray);

  fluo_window_show_page (window, "traces");
  g_assert_true (fluo_test_wait_until (has_table, window, PATIENCE_MS));
  return window;
}

static GtkColumnViewColumn *
find_column (FluoWindow *window, const char *title)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_TRACES_PAGE, NULL);
  GListModel *columns =
    gtk_column_view_get_columns (GTK_COLUMN_VIEW (fake_ui_find (table, GTK_TYPE_COLUMN_VIEW,
                                                                NULL)));

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (g_str_equal (gtk_column_view_column_get_title (column), title))
        return column; /* the view keeps it */
    }
  g_assert_not_reached ();
}

static void
press_columns (FluoWindow *window)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (window), FLUO_TYPE_TRACES_PAGE, NULL);
  GtkWidget *view = fake_ui_find (table, GTK_TYPE_COLUMN_VIEW, NULL);

  gtk_widget_activate_action (view, "columns.user", NULL);
  gtk_widget_activate_action (view, "columns.annotations", NULL);
}

static void
test_columns (void)
{
  FakeXray *xray = fake_xray_new ();
  FluoWindow *window = start_on_traces (xray);
  gboolean user = gtk_column_view_column_get_visible (find_column (window, "User"));
  gboolean notes = gtk_column_view_column_get_visible (find_column (window, "Annotations"));

  press_columns (window);
  end (window);

  window = start_on_traces (xray);
  g_assert_true (user != gtk_column_view_column_get_visible (find_column (window, "User")));
  g_assert_true (notes != gtk_column_view_column_get_visible (find_column (window, "Annotations")));
  press_columns (window);
  end (window);
  fake_xray_free (xray);
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_assert_nonnull (fluo_settings_get ());
  g_test_add_func ("/restart/window", test_window);
  g_test_add_func ("/restart/tabs", test_tabs);
  g_test_add_func ("/restart/session", test_session);
  g_test_add_func ("/restart/panel", test_panel);
  g_test_add_func ("/restart/columns", test_columns);
  return fake_ui_run (home);
}

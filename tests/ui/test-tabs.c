/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several connections in one window: a tab each, of which one is looked at. */
#include <adwaita.h>

#include "app/fluo-window.h"
#include "app/connect/fluo-connection-popover.h"
#include "fake-ui.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "real-input.h"
#include "ui-steps.h"

#define PATIENCE_MS 20000
#define HOUR_NS (60 * FLUO_NSEC_PER_MIN)

typedef struct
{
  FakeXray *xrays[2];
  FluoWindow *window;
  FluoView *views[2]; /* the second is in front */
} Fixture;

static GtkApplication *application;

/* --- Waiting -------------------------------------------------------------------------------- */

static gboolean
has_summaries (gpointer data)
{
  return fluo_explorer_get_summaries (fluo_view_get_explorer (data))->len > 0
         && !fluo_explorer_is_loading (fluo_view_get_explorer (data));
}

typedef struct
{
  FakeXray *xray;
  guint n;
} Count;

static gboolean
has_events (gpointer data)
{
  Count *count = data;

  return fake_xray_get_n_events (count->xray) >= count->n;
}

/* The Petshop has one trace with a known id, which comes again with more traces of one second. */
static gboolean
has_all (gpointer data)
{
  FluoView *view = ((gpointer *) data)[0];
  FakeXray *xray = ((gpointer *) data)[1];
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < fake_xray_get_n_traces (xray); i++)
    g_hash_table_add (ids, fluo_trace_id_to_string (
                             fluo_trace_get_id (fake_xray_get_trace (xray, i))));
  return fluo_explorer_get_summaries (fluo_view_get_explorer (view))->len
         == g_hash_table_size (ids);
}

static gboolean
is_in_front (gpointer data)
{
  FluoView *view = data;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (view));

  return FLUO_IS_WINDOW (root) && fluo_window_get_view (FLUO_WINDOW (root)) == view;
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data);
}

static gboolean
is_revealed (gpointer data)
{
  return adw_tab_bar_get_tabs_revealed (data);
}

static AdwTabBar *
find_bar (FluoWindow *window)
{
  return ADW_TAB_BAR (fake_ui_find (GTK_WIDGET (window), ADW_TYPE_TAB_BAR, NULL));
}

static AdwTabPage *
find_page (FluoView *view)
{
  GtkWidget *tabs = gtk_widget_get_ancestor (GTK_WIDGET (view), ADW_TYPE_TAB_VIEW);

  return adw_tab_view_get_page (ADW_TAB_VIEW (tabs), GTK_WIDGET (view));
}

static gboolean
is_unmapped (gpointer data)
{
  return !gtk_widget_get_mapped (data);
}

/* A new tab opens with the list of connections. */
static void
close_picker (FluoView *view)
{
  GtkWidget *popover = fake_ui_find (GTK_WIDGET (view), FLUO_TYPE_CONNECTION_POPOVER, NULL);

  g_assert_true (fluo_test_wait_until (is_mapped, popover, PATIENCE_MS));
  gtk_popover_popdown (GTK_POPOVER (popover));
  g_assert_true (fluo_test_wait_until (is_unmapped, popover, PATIENCE_MS));
}

/* --- Fixture -------------------------------------------------------------------------------- */

static void
set_up (Fixture *self, gconstpointer data)
{
  self->window = FLUO_WINDOW (fluo_window_new (application, NULL));
  gtk_window_present (GTK_WINDOW (self->window));
  for (guint i = 0; i < 2; i++)
    {
      self->xrays[i] = fake_xray_new ();
      fake_xray_add_traces (self->xrays[i], 20 + 10 * i, 600, i + 1);
      self->views[i] = i == 0 ? fluo_window_get_view (self->window)
                              : fluo_window_new_tab (self->window);
      if (i == 1)
        close_picker (self->views[i]);
      fluo_view_connect_endpoint (self->views[i], fake_xray_get_endpoint (self->xrays[i]));
      g_assert_true (fluo_test_wait_until (has_summaries, self->views[i], PATIENCE_MS));
    }
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->window)
    fake_ui_close (&self->window);
  for (guint i = 0; i < 2; i++)
    fake_xray_free (self->xrays[i]);
}

/* --- Tests ---------------------------------------------------------------------------------- */

/* Each has a range, a page and a query of its own, and what the window is asked goes to the one in
 * front. The bar is there with the second. */
static void
test_apart (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorers[2];
  GtkWidget *controls;

  for (guint i = 0; i < 2; i++)
    explorers[i] = fluo_view_get_explorer (self->views[i]);
  g_assert_cmpuint (fluo_window_get_n_views (self->window), ==, 2);
  g_assert_true (fluo_test_wait_until (is_revealed, find_bar (self->window), PATIENCE_MS));
  g_assert_true (fluo_window_get_explorer (self->window) == explorers[1]);
  fluo_explorer_set_relative (explorers[1], HOUR_NS);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.filter", "s", "fault");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  ui_assert_says (self->window, "Last hour");

  fluo_window_show_view (self->window, self->views[0]);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  g_assert_cmpstr (fluo_explorer_get_filter (explorers[0]), ==, "");
  g_assert_cmpint (fluo_explorer_get_relative_ns (explorers[0]), ==, 900 * FLUO_NSEC_PER_SEC);
  ui_assert_says (self->window, "Last 15 minutes");

  fluo_window_show_view (self->window, self->views[1]);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  g_assert_cmpstr (fluo_explorer_get_filter (explorers[1]), ==, "fault");

  controls = fake_ui_find (GTK_WIDGET (find_bar (self->window)), GTK_TYPE_WINDOW_CONTROLS, NULL);
  g_assert_true (gtk_widget_get_visible (controls));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.close-tab", NULL);
  g_assert_cmpuint (fluo_window_get_n_views (self->window), ==, 1);
  g_assert_true (fluo_window_get_view (self->window) == self->views[0]);
  /* The header bar has the buttons of the window from the first frame on. */
  g_assert_false (gtk_widget_get_visible (controls));
}

/* What is not looked at asks nothing, however much comes in; and has all of it when it is looked at
 * again. */
static void
test_rest (Fixture *self, gconstpointer data)
{
  gpointer first[2] = { self->views[0], self->xrays[0] };
  guint n_reads = fake_xray_get_n_reads (self->xrays[0]);
  guint n_events = fake_xray_get_n_events (self->xrays[0]);

  g_assert_true (
    fluo_explorer_is_resting (fluo_view_get_explorer (self->views[0])));
  /* In the time that the other one needs for three live reads this one would have read, too. */
  for (guint i = 0; i < 3; i++)
    {
      Count count = { self->xrays[1], fake_xray_get_n_events (self->xrays[1]) + 1 };

      fake_xray_add_traces (self->xrays[0], 2, 1, 10 + i);
      fake_xray_add_traces (self->xrays[1], 2, 1, 20 + i);
      g_assert_true (fluo_test_wait_until (has_events, &count, PATIENCE_MS));
    }
  g_assert_cmpuint (fake_xray_get_n_reads (self->xrays[0]), ==, n_reads);
  g_assert_cmpuint (fake_xray_get_n_events (self->xrays[0]), ==, n_events);
  g_assert_false (has_all (first));

  fluo_window_show_view (self->window, self->views[0]);
  g_assert_true (fluo_test_wait_until (has_all, first, PATIENCE_MS));
  /* Only what has changed was read. */
  g_assert_cmpuint (fake_xray_get_n_reads (self->xrays[0]), ==, n_reads);
  g_assert_true (
    fluo_explorer_is_resting (fluo_view_get_explorer (self->views[1])));
}

static gboolean
has_trouble (gpointer data)
{
  return fluo_view_get_trouble (data) != FLUO_VIEW_TROUBLE_NONE;
}

static gboolean
is_well (gpointer data)
{
  return !has_trouble (data);
}

/* A server that went away is seen from its tab, and forgotten when it is back. */
static void
test_trouble (Fixture *self, gconstpointer data)
{
  AdwTabPage *page = find_page (self->views[1]);

  g_assert_null (adw_tab_page_get_indicator_icon (page));
  fake_xray_stop (self->xrays[1]);
  fluo_explorer_reload (fluo_view_get_explorer (self->views[1]));
  g_assert_true (fluo_test_wait_until (has_trouble, self->views[1], PATIENCE_MS));
  g_assert_nonnull (adw_tab_page_get_indicator_icon (page));
  fluo_window_show_view (self->window, self->views[0]);
  g_assert_nonnull (adw_tab_page_get_indicator_icon (page));
  g_assert_null (adw_tab_page_get_indicator_icon (find_page (self->views[0])));

  fake_xray_start (self->xrays[1]);
  fluo_window_show_view (self->window, self->views[1]);
  g_assert_true (fluo_test_wait_until (is_well, self->views[1], PATIENCE_MS));
  g_assert_null (adw_tab_page_get_indicator_icon (page));
}

/* To a window of its own, which goes when the tab goes back; what it shows is the same. */
static void
test_move (Fixture *self, gconstpointer data)
{
  FluoWindow *other;
  gpointer second[2] = { self->views[1], self->xrays[1] };
  AdwTabView *tabs, *dragged_to = NULL;

  fluo_window_move_to_new_window (self->window, self->views[1]);
  other = FLUO_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->views[1])));
  g_assert_true (other != self->window);
  g_assert_cmpuint (fluo_window_get_n_views (self->window), ==, 1);
  g_assert_true (fluo_window_get_view (self->window) == self->views[0]);
  /* Both are looked at. */
  for (guint i = 0; i < 2; i++)
    g_assert_false (fluo_explorer_is_resting (fluo_view_get_explorer (self->views[i])));
  fake_xray_add_traces (self->xrays[1], 3, 1, 30);
  g_assert_true (fluo_test_wait_until (has_all, second, PATIENCE_MS));
  gtk_widget_activate_action (GTK_WIDGET (other), "win.page", "s", "traces");
  g_assert_cmpstr (fluo_view_get_place (self->views[1]), ==, "traces");
  g_assert_cmpstr (fluo_view_get_place (self->views[0]), ==, "map");

  g_object_add_weak_pointer (G_OBJECT (other), (gpointer *) &other);
  tabs = ADW_TAB_VIEW (gtk_widget_get_ancestor (GTK_WIDGET (self->views[0]), ADW_TYPE_TAB_VIEW));
  adw_tab_view_transfer_page (
    ADW_TAB_VIEW (gtk_widget_get_ancestor (GTK_WIDGET (self->views[1]), ADW_TYPE_TAB_VIEW)),
    find_page (self->views[1]), tabs, 1);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &other, PATIENCE_MS));
  g_assert_cmpuint (fluo_window_get_n_views (self->window), ==, 2);

  /* Dragged out: the bar asks for a window, and puts the tab there. */
  g_signal_emit_by_name (tabs, "create-window", &dragged_to);
  g_assert_true (gtk_widget_get_root (GTK_WIDGET (dragged_to))
                 != gtk_widget_get_root (GTK_WIDGET (tabs)));
  adw_tab_view_transfer_page (tabs, find_page (self->views[1]), dragged_to, 0);
  other = FLUO_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->views[1])));
  g_assert_true (fluo_window_get_view (other) == self->views[1]);
  g_assert_true (is_mapped (other));
  gtk_window_destroy (GTK_WINDOW (other));
}

/* A closed tab leaves nothing behind. */
static void
test_close (Fixture *self, gconstpointer data)
{
  FluoView *view = self->views[1];
  FluoExplorer *explorer = fluo_view_get_explorer (view);
  guint n = fluo_session_get_all ()->len;

  g_object_add_weak_pointer (G_OBJECT (view), (gpointer *) &view);
  g_object_add_weak_pointer (G_OBJECT (explorer), (gpointer *) &explorer);
  gtk_widget_activate_action (GTK_WIDGET (view), "win.close-tab", NULL);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &view, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &explorer, PATIENCE_MS));
  g_assert_cmpuint (fluo_session_get_all ()->len, ==, n - 1);
  /* The last one takes the window with it. */
  g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.close-tab", NULL);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &self->window, PATIENCE_MS));
}

/* What was open comes back as it was; what is behind is asked when it comes to the front. */
static void
test_restore (Fixture *self, gconstpointer data)
{
  GList list = { self->window, NULL, NULL };
  g_autoptr (GVariant) session = NULL, state = NULL;
  FluoWindow *again;
  FluoView *views[2];
  gpointer first[2];
  guint n_reads;

  fluo_explorer_set_relative (fluo_view_get_explorer (self->views[0]), HOUR_NS);
  gtk_widget_activate_action (GTK_WIDGET (self->views[0]), "win.page", "s", "traces");
  gtk_widget_activate_action (GTK_WIDGET (self->views[0]), "win.filter", "s", "fault");
  g_assert_true (fluo_test_wait_until (has_summaries, self->views[0], PATIENCE_MS));
  session = fluo_window_dup_session (&list);
  g_assert_cmpuint (g_variant_n_children (session), ==, 1);
  state = g_variant_get_child_value (session, 0);
  n_reads = fake_xray_get_n_reads (self->xrays[0]);

  again = FLUO_WINDOW (fluo_window_new (application, NULL));
  fluo_window_restore_state (again, state);
  gtk_window_present (GTK_WINDOW (again));
  g_assert_cmpuint (fluo_window_get_n_views (again), ==, 2);
  for (guint i = 0; i < 2; i++)
    views[i] = fluo_window_get_nth_view (again, i);
  g_assert_true (fluo_window_get_view (again) == views[1]);
  g_assert_true (fluo_test_wait_until (has_summaries, views[1], PATIENCE_MS));
  g_assert_cmpuint (fake_xray_get_n_reads (self->xrays[0]), ==, n_reads);
  g_assert_cmpuint (fluo_explorer_get_summaries (fluo_view_get_explorer (views[0]))->len, ==, 0);

  fluo_window_show_view (again, views[0]);
  first[0] = views[0];
  first[1] = self->xrays[0];
  g_assert_true (fluo_test_wait_until (has_all, first, PATIENCE_MS));
  g_assert_cmpstr (fluo_view_get_place (views[0]), ==, "traces");
  g_assert_cmpstr (fluo_explorer_get_filter (fluo_view_get_explorer (views[0])), ==, "fault");
  g_assert_cmpint (fluo_explorer_get_relative_ns (fluo_view_get_explorer (views[0])), ==,
                   HOUR_NS);
  gtk_window_destroy (GTK_WINDOW (again));
}

/* The list of connections has what other tabs look at, and leads there. */
static void
test_quick_switch (Fixture *self, gconstpointer data)
{
  GtkWidget *popover;
  GtkWidget *list;
  GtkListBoxRow *row;

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.switch-connection", NULL);
  popover = fake_ui_find (GTK_WIDGET (self->views[1]), FLUO_TYPE_CONNECTION_POPOVER, NULL);
  g_assert_true (fluo_test_wait_until (is_mapped, popover, PATIENCE_MS));
  ui_assert_says (popover, "Open");
  ui_assert_says (popover, "Connect to");
  list = fake_ui_find (popover, GTK_TYPE_LIST_BOX, NULL);
  row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0);
  g_signal_emit_by_name (list, "row-activated", row);
  g_assert_true (fluo_test_wait_until (is_in_front, self->views[0], PATIENCE_MS));
}

static gboolean
has_one_view (gpointer data)
{
  return fluo_window_get_n_views (data) == 1;
}

static gboolean
has_three_views (gpointer data)
{
  return fluo_window_get_n_views (data) == 3;
}

/* With real keys. */
static void
test_keys (Fixture *self, gconstpointer data)
{
  if (!real_input_is_there ())
    {
      g_test_skip ("no X server with xdotool");
      return;
    }
  real_focus (GTK_WINDOW (self->window));
  real_press_until ("ctrl+Page_Up", is_in_front, self->views[0]);
  real_press_until ("ctrl+Page_Down", is_in_front, self->views[1]);
  real_press_until ("alt+1", is_in_front, self->views[0]);
  real_press_until ("alt+2", is_in_front, self->views[1]);
  real_press_until ("ctrl+t", has_three_views, self->window);
  real_press ("Escape");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.close-tab", NULL);
  real_press_until ("ctrl+w", has_one_view, self->window);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "/tabs/apart", test_apart },     { "/tabs/rest", test_rest },
    { "/tabs/trouble", test_trouble }, { "/tabs/move", test_move },
    { "/tabs/close", test_close },     { "/tabs/restore", test_restore },
    { "/tabs/quick-switch", test_quick_switch }, { "/tabs/keys", test_keys },
  };
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  application = fake_ui_application_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].run, tear_down);
  return fake_ui_run (home);
}

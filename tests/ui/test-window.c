/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/fluo-pages.h"
#include "app/fluo-window.h"
#include "app/map/fluo-map-area-private.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-width-box.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray *xray;
  FluoWindow *window;
} Fixture;

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;

  return xray_steps_has_all (fluo_window_get_explorer (self->window), self->xray);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  if (GPOINTER_TO_UINT (data) > 0)
    fake_xray_add_traces (self->xray, GPOINTER_TO_UINT (data), 600, 1);
  self->window = FLUO_WINDOW (fluo_window_new (NULL, NULL));
  fluo_window_connect_endpoint (self->window, fake_xray_get_endpoint (self->xray));
  gtk_window_present (GTK_WINDOW (self->window));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->window)
    gtk_window_destroy (GTK_WINDOW (self->window));
  fake_xray_free (self->xray);
}

static void
act (Fixture *self, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), action, NULL));
}

static gboolean
on_map (gpointer data)
{
  return g_str_equal (fluo_window_get_place (((Fixture *) data)->window), "map");
}

static void
test_start_page_goes_away (Fixture *self, gconstpointer data)
{
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "start");
  fake_xray_add_traces (self->xray, 1, 3, 5);
  g_assert_true (fluo_test_wait_until (on_map, self, PATIENCE_MS));
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "map");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
}

static gboolean
has_trace (gpointer data)
{
  GtkWidget *stack = data;
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (stack));

  return FLUO_IS_TRACE_PAGE (page) && fluo_trace_page_get_trace (FLUO_TRACE_PAGE (page));
}

static void
test_tabs (Fixture *self, gconstpointer data)
{
  g_autofree char *first = fluo_trace_id_to_string (
      fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));
  g_autofree char *second = fluo_trace_id_to_string (
      fluo_trace_get_id (fake_xray_get_trace (self->xray, 1)));
  GtkWidget *overlay = fake_ui_find (GTK_WIDGET (self->window), ADW_TYPE_TOAST_OVERLAY, NULL);
  GtkWidget *stack = adw_toast_overlay_get_child (ADW_TOAST_OVERLAY (overlay));

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-trace", "s", first);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 1);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, first);
  g_assert_true (fluo_test_wait_until (has_trace, stack, PATIENCE_MS));
  /* The same again raises its tab. */
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-trace", "s", first);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-trace-background", "s", second);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 2);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, first);
  act (self, "win.next-tab");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, second);
  act (self, "win.next-tab");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  act (self, "win.previous-tab");
  act (self, "win.close-tab");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, first);
  act (self, "win.close-tab");
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 0);
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
}

static void
test_history (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fluo_trace_id_to_string (
      fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "map");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.show-node-traces", "(ss)", "payments",
                              "");
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-trace", "s", id);
  act (self, "win.back");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  /* What narrows the list stands in the query bar. */
  {
    GtkWidget *field = fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_BOX, "query-field");

    g_assert_cmpstr (
      gtk_editable_get_text (GTK_EDITABLE (fake_ui_find (field, GTK_TYPE_TEXT, NULL))), ==,
      "service(id(name: \"payments\"))");
  }
  act (self, "win.back");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
  act (self, "win.back");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "traces");
  act (self, "win.forward");
  act (self, "win.forward");
  act (self, "win.forward");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, id);
}

static gboolean
opened_tab (gpointer data)
{
  return fluo_window_get_n_tabs (((Fixture *) data)->window) == 1;
}

static void
test_pasted_id (Fixture *self, gconstpointer data)
{
  char id[FLUO_TRACE_ID_W3C_LEN + 1];
  GtkWidget *field = fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_BOX, "query-field");
  GtkWidget *search = fake_ui_find (field, GTK_TYPE_TEXT, NULL);

  fluo_trace_id_format_w3c (fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)), id);
  gtk_editable_set_text (GTK_EDITABLE (search), id);
  g_assert_true (fluo_test_wait_until (opened_tab, self, PATIENCE_MS));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (search)), ==, "");
}

static gboolean
opened_file (gpointer data)
{
  return fluo_window_get_n_tabs (((Fixture *) data)->window) > 0;
}

static void
test_file (Fixture *self, gconstpointer data)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "traces.json", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  const char *text =
      "[{\"trace_id\":\"1-6afefa44-946d071d87f412683d601dea\",\"id\":\"0123456789abcdef\","
      "\"name\":\"shop\",\"start_time\":1795479642.25,\"end_time\":1795479643.5}]";

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  fluo_window_open_file (self->window, file);
  g_assert_true (fluo_test_wait_until (opened_file, self, PATIENCE_MS));
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "1-6afefa44-946d071d87f412683d601dea");
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* One selected row is compared with the usual trace, two with each other; more are too many. */
static void
test_compare_rows (Fixture *self, gconstpointer data)
{
  GtkWidget *page;
  GtkSelectionModel *rows;

  fluo_window_show_page (self->window, "traces");
  page = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_TRACES_PAGE, NULL);
  rows = gtk_column_view_get_model (
    GTK_COLUMN_VIEW (fake_ui_find (page, GTK_TYPE_COLUMN_VIEW, NULL)));
  gtk_selection_model_select_range (rows, 0, 3, TRUE);
  gtk_widget_activate_action (page, "traces.compare-traces", NULL);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 0);
  gtk_selection_model_select_range (rows, 0, 2, TRUE);
  gtk_widget_activate_action (page, "traces.compare-traces", NULL);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 1);
  g_assert_true (g_str_has_prefix (fluo_window_get_place (self->window), "compare 1-"));
  g_assert_nonnull (strstr (fluo_window_get_place (self->window), " 1-"));
  fluo_window_show_page (self->window, "traces");
  gtk_selection_model_select_item (rows, 1, TRUE);
  gtk_widget_activate_action (page, "traces.compare-traces", NULL);
  g_assert_cmpuint (fluo_window_get_n_tabs (self->window), ==, 2);
}

static gboolean
is_folded (gpointer data)
{
  return gtk_widget_has_css_class (GTK_WIDGET (fluo_window_get_view (data)), "folded");
}

static gboolean
has_width (gpointer data)
{
  return fluo_width_box_get_width (FLUO_WIDTH_BOX (fake_ui_find (data, FLUO_TYPE_WIDTH_BOX, NULL)))
         > 0;
}

/* A size asked for while the window is being mapped may be overtaken by the first one. */
static void
make_narrow (Fixture *self)
{
  g_assert_true (fluo_test_wait_until (has_width, self->window, PATIENCE_MS));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 370, 600);
  g_assert_true (fluo_test_wait_until (is_folded, self->window, PATIENCE_MS));
}

static void
test_fold_start (Fixture *self, gconstpointer data)
{
  GtkWidget *box = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_WIDTH_BOX, NULL);
  int minimum;

  make_narrow (self);
  gtk_widget_measure (gtk_widget_get_first_child (box), GTK_ORIENTATION_HORIZONTAL, -1, &minimum,
                      NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
}

static void
test_fold (Fixture *self, gconstpointer data)
{
  GtkWidget *bottom;
  GtkWidget *box;
  int minimum;

  make_narrow (self);
  /* Nothing is cut off in the smallest window, on any page. */
  box = fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_WIDTH_BOX, NULL);
  gtk_widget_measure (gtk_widget_get_first_child (box), GTK_ORIENTATION_HORIZONTAL, -1, &minimum,
                      NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.page", "s", "traces");
  gtk_widget_measure (gtk_widget_get_first_child (box), GTK_ORIENTATION_HORIZONTAL, -1, &minimum,
                      NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  bottom = fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_BOX, "bottom-bar");
  g_assert_true (gtk_widget_get_visible (bottom));
}

static gboolean
header_fits (gpointer data)
{
  Fixture *self = data;
  GtkWidget *header = fake_ui_find (GTK_WIDGET (self->window), GTK_TYPE_WIDGET, "fluo-header");
  int minimum;

  gtk_widget_measure (header, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);

  return fluo_window_get_n_tabs (self->window) == 1 && minimum <= 360;
}

/* Nor with a trace and text of twice the size: the title, which its tab has too, gives way. */
static void
test_fold_large_text (Fixture *self, gconstpointer data)
{
  g_autofree char *id =
    fluo_trace_id_to_string (fluo_trace_get_id (fake_xray_get_trace (self->xray, 0)));

  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 98304, NULL);
  make_narrow (self);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.open-trace", "s", id);
  g_assert_true (fluo_test_wait_until (header_fits, self, PATIENCE_MS));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 98304, NULL);
}

/* A task may hold a dialog for longer than its window lives. */
static void
test_dialog_outlives (Fixture *self, gconstpointer data)
{
  GtkWindow *parent = GTK_WINDOW (gtk_window_new ());
  GtkWindow *dialog = GTK_WINDOW (gtk_window_new ());

  fluo_compat_set_parent (dialog, parent);
  gtk_window_present (parent);
  gtk_window_present (dialog);
  g_object_ref (dialog);
  gtk_window_destroy (dialog);
  g_assert_null (gtk_window_get_transient_for (dialog));
  g_object_add_weak_pointer (G_OBJECT (parent), (gpointer *) &parent);
  gtk_window_destroy (parent);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &parent, PATIENCE_MS));
  g_assert_finalize_object (dialog);
}

static GtkWindow *
find_dialog (Fixture *self)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (gtk_window_get_transient_for (window) == GTK_WINDOW (self->window))
        return window;
    }
  return NULL;
}

/* A dialog never stands alone. */
static void
test_dialog_closes (Fixture *self, gconstpointer data)
{
  GtkWindow *dialog;

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), "win.explain-missing", "s",
                                             ""));
  dialog = find_dialog (self);
  g_assert_nonnull (dialog);
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_destroy (GTK_WINDOW (self->window));
  self->window = NULL;
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, &dialog, PATIENCE_MS));
}

static gboolean
has_map (gpointer data)
{
  GtkWidget *area = fake_ui_find (data, FLUO_TYPE_MAP_AREA, NULL);

  return area && !fluo_map_area_is_arranging (FLUO_MAP_AREA (area))
         && fluo_map_area_get_map (FLUO_MAP_AREA (area));
}

/* An edge of the map has a menu, too; what it adds to the filter goes with what is there. */
static void
test_edge_menu (Fixture *self, gconstpointer data)
{
  FluoExplorer *explorer = fluo_window_get_explorer (self->window);
  FluoMapArea *area;
  FluoServiceGraph *graph;
  guint edge = 0;

  g_assert_true (fluo_test_wait_until (has_map, self->window, PATIENCE_MS));
  area = FLUO_MAP_AREA (fake_ui_find (GTK_WIDGET (self->window), FLUO_TYPE_MAP_AREA, NULL));
  graph = fluo_map_area_get_graph (area);
  for (; edge < graph->edges->len; edge++)
    {
      const FluoGraphEdge *item = g_ptr_array_index (graph->edges, edge);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, item->from);
      const FluoGraphNode *to = g_ptr_array_index (graph->nodes, item->to);

      if (g_str_equal (from->name, "payments") && g_str_equal (to->name, "bank.example.com"))
        break;
    }
  g_assert_cmpuint (edge, <, graph->edges->len);
  fluo_map_area_popup_edge_menu (area, edge, 100, 100);
  g_assert_true (gtk_widget_get_visible (area->menu));
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.filter", "s", "fault");
  gtk_widget_activate_action (GTK_WIDGET (area), "map.leave-out", NULL);
  g_assert_cmpstr (fluo_explorer_get_filter (explorer), ==,
                   "fault AND !edge(id(name: \"payments\", type: \"AWS::Lambda::Function\"), "
                   "id(name: \"bank.example.com\", type: \"remote\"))");
  g_assert_cmpstr (fluo_window_get_place (self->window), ==, "map");
}

int
main (int argc, char **argv)
{
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  g_test_add ("/window/start-page-goes-away", Fixture, GUINT_TO_POINTER (0), set_up,
              test_start_page_goes_away, tear_down);
  g_test_add ("/window/pages", Fixture, GUINT_TO_POINTER (20), set_up, test_pages, tear_down);
  g_test_add ("/window/tabs", Fixture, GUINT_TO_POINTER (20), set_up, test_tabs, tear_down);
  g_test_add ("/window/history", Fixture, GUINT_TO_POINTER (20), set_up, test_history, tear_down);
  g_test_add ("/window/pasted-id", Fixture, GUINT_TO_POINTER (5), set_up, test_pasted_id,
              tear_down);
  g_test_add ("/window/file", Fixture, GUINT_TO_POINTER (5), set_up, test_file, tear_down);
  g_test_add ("/window/compare-rows", Fixture, GUINT_TO_POINTER (30), set_up, test_compare_rows,
              tear_down);
  g_test_add ("/window/fold", Fixture, GUINT_TO_POINTER (5), set_up, test_fold, tear_down);
  g_test_add ("/window/fold-large-text", Fixture, GUINT_TO_POINTER (5), set_up,
              test_fold_large_text, tear_down);
  g_test_add ("/window/fold-start", Fixture, GUINT_TO_POINTER (0), set_up, test_fold_start,
              tear_down);
  g_test_add ("/window/edge-menu", Fixture, GUINT_TO_POINTER (20), set_up, test_edge_menu,
              tear_down);
  g_test_add ("/window/dialog-outlives", Fixture, GUINT_TO_POINTER (0), set_up,
              test_dialog_outlives, tear_down);
  g_test_add ("/window/dialog-closes", Fixture, GUINT_TO_POINTER (5), set_up, test_dialog_closes,
              tear_down);
  return fake_ui_run (home);
}

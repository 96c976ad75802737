/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/fluo-export-dialog.h"
#include "app/fluo-trace-page-private.h"
#include "fake-xray.h"
#include "fluo-test-util.h"
#include "fluo-trace-maker.h"

#define PATIENCE_MS 20000

static GtkWidget *
show (GtkWidget *page)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 816);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

static gboolean
is_laid_out (gpointer data)
{
  FluoTracePage *page = data;

  return gtk_widget_get_width (GTK_WIDGET (page->waterfall)) > 0 &&
         fluo_waterfall_view_get_layout (page->waterfall)->boxes->len > 0;
}

static const char *
selected_name (FluoTracePage *page)
{
  return fluo_waterfall_rows_get_name (fluo_waterfall_view_get_rows (page->waterfall),
                                       fluo_waterfall_view_get_selected (page->waterfall));
}

static gboolean
press (FluoTracePage *page, guint keyval, GdkModifierType state)
{
  g_autoptr (GListModel) controllers =
    gtk_widget_observe_controllers (GTK_WIDGET (page->waterfall));
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, state, &handled);
    }

  return handled;
}

static void
count_cb (guint *counter)
{
  (*counter)++;
}

static void
test_trace (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = show (GTK_WIDGET (page));
  guint position, n;

  g_assert_true (fluo_test_wait_until (is_laid_out, page, PATIENCE_MS));
  g_assert_cmpstr (fluo_trace_page_get_title (page), ==,
                   "POST /checkout · 2.31\302\240s · 13:31:48");
  g_assert_true (fluo_trace_page_get_trace (page) == trace);
  g_assert_cmpstr (gtk_label_get_text (page->sentence), ==,
                   "92% of 2.31\302\240s was spent waiting for bank.example.com from payments; "
                   "fault: TimeoutError");
  /* It opens on the cause, with its details. */
  g_assert_cmpstr (selected_name (page), ==, "bank.example.com");
  g_assert_cmpuint (fluo_span_panel_get_span (page->panel), ==,
                    fluo_waterfall_view_get_selected (page->waterfall));
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "overview");

  gtk_editable_set_text (GTK_EDITABLE (page->find), "stock");
  fluo_waterfall_view_get_found (page->waterfall, &position, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (selected_name (page), ==, "stock");
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "3 of 3");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.find-next", NULL);
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "1 of 3");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.find-previous", NULL);
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "3 of 3");
  gtk_editable_set_text (GTK_EDITABLE (page->find), "nothing such");
  g_assert_cmpstr (gtk_label_get_text (page->find_position), ==, "none");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_keys (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = show (GTK_WIDGET (page));
  FluoWaterfallRows *rows;
  guint n_changed = 0;
  FluoTimeSpan whole, visible;

  g_assert_true (fluo_test_wait_until (is_laid_out, page, PATIENCE_MS));
  rows = fluo_waterfall_view_get_rows (page->waterfall);
  g_signal_connect_swapped (page->waterfall, "selection-changed", G_CALLBACK (count_cb),
                            &n_changed);
  g_assert_true (press (page, GDK_KEY_Down, 0));
  g_assert_cmpstr (selected_name (page), ==, "connect");
  g_assert_cmpuint (n_changed, ==, 1);
  press (page, GDK_KEY_p, 0);
  g_assert_cmpstr (selected_name (page), ==, "bank.example.com");
  press (page, GDK_KEY_n, 0);
  g_assert_cmpstr (selected_name (page), ==, "wait for answer");
  press (page, GDK_KEY_N, GDK_SHIFT_MASK);
  g_assert_cmpstr (selected_name (page), ==, "bank.example.com");

  press (page, GDK_KEY_Left, 0);
  g_assert_cmpuint (fluo_waterfall_rows_get_n (rows), ==, 19);
  press (page, GDK_KEY_Left, 0);
  g_assert_cmpstr (selected_name (page), ==, "payments");
  press (page, GDK_KEY_End, 0);
  g_assert_cmpstr (selected_name (page), ==, "SES");
  press (page, GDK_KEY_Home, 0);
  g_assert_cmpstr (selected_name (page), ==, "petshop/prod");

  whole = fluo_waterfall_view_get_visible (page->waterfall);
  press (page, GDK_KEY_End, 0);
  press (page, GDK_KEY_z, 0);
  visible = fluo_waterfall_view_get_visible (page->waterfall);
  g_assert_cmpint (fluo_time_span_length (visible), <, fluo_time_span_length (whole) / 5);
  g_assert_cmpfloat (fluo_waterfall_view_get_zoom (page->waterfall), >, 5);
  press (page, GDK_KEY_Left, GDK_SHIFT_MASK);
  g_assert_cmpint (fluo_waterfall_view_get_visible (page->waterfall).begin_ns, <, visible.begin_ns);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.fit", NULL);
  g_assert_true (fluo_time_span_equal (fluo_waterfall_view_get_visible (page->waterfall), whole));
  for (guint i = 0; i < 60; i++)
    fluo_waterfall_view_zoom (page->waterfall, 2);
  g_assert_cmpint (fluo_time_span_length (fluo_waterfall_view_get_visible (page->waterfall)), ==,
                   FLUO_WATERFALL_ZOOM_MIN_NS);

  g_assert_true (fluo_waterfall_view_get_critical (page->waterfall));
  press (page, GDK_KEY_c, 0);
  g_assert_false (fluo_waterfall_view_get_critical (page->waterfall));
  g_assert_false (press (page, GDK_KEY_c, GDK_CONTROL_MASK));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_panel (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  FluoTracePage *page = FLUO_TRACE_PAGE (fluo_trace_page_new_for_trace (NULL, trace));
  GtkWidget *window = show (GTK_WIDGET (page));
  g_autofree char *json = NULL;

  g_assert_true (fluo_test_wait_until (is_laid_out, page, PATIENCE_MS));
  fluo_span_panel_set_tab (page->panel, "exception");
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "exception");
  json = fluo_span_panel_dup_json (page->panel);
  g_assert_nonnull (strstr (json, "\"bank.example.com\""));
  /* A span without exceptions shows its overview; the next one that has some shows them again. */
  press (page, GDK_KEY_Down, 0);
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "overview");
  press (page, GDK_KEY_Up, 0);
  g_assert_cmpstr (fluo_span_panel_get_tab (page->panel), ==, "exception");
  g_signal_emit_by_name (page->panel, "jump", 0);
  g_assert_cmpstr (selected_name (page), ==, "petshop/prod");

  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (page->panel)));
  fluo_trace_page_toggle_panel (page);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (page->panel)));
  fluo_trace_page_toggle_panel (page);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.move-panel", NULL);
  g_assert_cmpint (gtk_orientable_get_orientation (GTK_ORIENTABLE (page->split)), ==,
                   GTK_ORIENTATION_VERTICAL);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_failed (gpointer data)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (((FluoTracePage *) data)->stack), "failed") ==
         0;
}

static gboolean
has_trace (gpointer data)
{
  return fluo_trace_page_get_trace (data) != NULL;
}

static gboolean
has_error (gpointer data)
{
  return gtk_revealer_get_reveal_child (((FluoTracePage *) data)->error_revealer);
}

static gboolean
has_no_error (gpointer data)
{
  return !has_error (data);
}

static void
test_reading (void)
{
  FakeXray *xray = fake_xray_new ();
  FluoExplorer *explorer = fluo_explorer_new ();
  g_autoptr (FluoXrayClient) client =
    fluo_xray_client_new (fake_xray_get_endpoint (xray), NULL, NULL);
  FluoTracePage *page;
  GtkWidget *window;
  FluoTraceId id;

  fluo_explorer_set_client (explorer, client, "Local", "this computer", TRUE);
  g_assert_true (fluo_trace_id_parse ("1-00000001-000000000000000000000001", -1, &id));
  page = FLUO_TRACE_PAGE (fluo_trace_page_new (explorer, &id));
  window = show (GTK_WIDGET (page));
  g_assert_true (fluo_test_wait_until (has_failed, page, PATIENCE_MS));
  g_assert_cmpstr (gtk_label_get_text (page->failed_title), ==, "This trace is not here");
  gtk_window_destroy (GTK_WINDOW (window));

  fake_xray_add_traces (xray, 3, 60, 5);
  id = *fluo_trace_get_id (fake_xray_get_trace (xray, 1));
  page = FLUO_TRACE_PAGE (fluo_trace_page_new (explorer, &id));
  window = show (GTK_WIDGET (page));
  g_assert_true (fluo_test_wait_until (has_trace, page, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_laid_out, page, PATIENCE_MS));

  /* A reading that fails says so and takes nothing away. */
  fake_xray_set_error (xray, "InternalFailure");
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.reload", NULL);
  g_assert_true (fluo_test_wait_until (has_error, page, PATIENCE_MS));
  g_assert_nonnull (fluo_trace_page_get_trace (page));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (page->stack), ==, "content");
  fake_xray_set_error (xray, NULL);
  gtk_widget_activate_action (GTK_WIDGET (page), "trace.reload", NULL);
  g_assert_true (fluo_test_wait_until (has_no_error, page, PATIENCE_MS));

  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (explorer);
  fake_xray_free (xray);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static void
test_export (void)
{
  g_autoptr (FluoTrace) trace = fluo_hero_trace_new ();
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "trace.pdf", NULL),
                  *bytes = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog = fluo_export_dialog_new (NULL, trace, &options);

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  g_assert_cmpint (fluo_export_dialog_get_options (FLUO_EXPORT_DIALOG (dialog)).format, ==,
                   FLUO_EXPORT_PDF);
  g_assert_cmpuint (fluo_export_dialog_get_options (FLUO_EXPORT_DIALOG (dialog)).redact, ==,
                    FLUO_REDACT_DEFAULT);
  /* It closes when the file is there. */
  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  g_assert_true (fluo_test_wait_until (is_gone, &dialog, PATIENCE_MS));
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  if (!fake_ui_init (&argc, &argv))
    return 77;

  g_test_add_func ("/trace-page/trace", test_trace);
  g_test_add_func ("/trace-page/keys", test_keys);
  g_test_add_func ("/trace-page/panel", test_panel);
  g_test_add_func ("/trace-page/reading", test_reading);
  g_test_add_func ("/trace-page/export", test_export);

  return g_test_run ();
}

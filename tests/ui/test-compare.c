/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/trace/fluo-compare-page-private.h"
#include "app/trace/fluo-export-dialog.h"
#include "app/trace/fluo-logs-panel-private.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

/* The page of a comparison: its rows, the lines beside them, and what else differs. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define START "1600000000"

typedef struct
{
  FluoExplorer    *explorer;
  FluoComparePage *page;
  GtkWidget       *window;
  char            *condition; /* that was asked for */
  gboolean         matches;   /* and that its traces were */
} Fixture;

/* One call to stock and one to pay, which may fail. */
static FluoTrace *
build (const char *id, double pay_s, gboolean fails, const char *tier)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autofree char *text = g_strdup_printf (
    "{\"trace_id\":\"1-5f84c7a5-%s\",\"id\":\"0000000000000001\",\"name\":\"web\","
    "\"start_time\":" START ",\"end_time\":" START ".%03d,\"annotations\":{\"tier\":\"%s\"},"
    "\"subsegments\":["
    "{\"id\":\"0000000000000002\",\"name\":\"stock\",\"namespace\":\"remote\",\"start_time\":" START
    ".010,\"end_time\":" START ".050},"
    "{\"id\":\"0000000000000003\",\"name\":\"pay\",\"namespace\":\"remote\",\"start_time\":" START
    ".060,\"end_time\":" START ".%03d%s}]}",
    id, (int) (100 + pay_s * 1000), tier, (int) (60 + pay_s * 1000),
    fails ? ",\"fault\":true,\"cause\":{\"exceptions\":[{\"id\":\"0000000000000009\",\"type\":"
            "\"TimeoutError\",\"message\":\"no answer\"}]}"
          : "");
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
  return fluo_trace_builder_end (builder, 0);
}

static void
filter_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  Fixture *self = user_data;

  if (parameter != NULL)
    {
      g_free (self->condition);
      self->condition = g_variant_dup_string (parameter, NULL);
    }
  else
    self->matches = self->condition != NULL;
}

static void
add_action (Fixture *self, GSimpleActionGroup *group, const char *name, const GVariantType *type)
{
  g_autoptr (GSimpleAction) action = g_simple_action_new (name, type);

  g_signal_connect (action, "activate", G_CALLBACK (filter_cb), self);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
}

static gboolean
is_comparing (gpointer data)
{
  return ((Fixture *) data)->page->comparing;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoTrace) a = build ("0123456789abcdef01234567", 0.7, TRUE, "gold");
  g_autoptr (FluoTrace) b = build ("0123456789abcdef01234568", 0.1, FALSE, "silver");
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  self->explorer = fluo_explorer_new ();
  self->page = FLUO_COMPARE_PAGE (
    fluo_compare_page_new (self->explorer, fluo_trace_get_id (a), a, fluo_trace_get_id (b)));
  self->window = gtk_window_new ();
  add_action (self, group, "filter-add", G_VARIANT_TYPE_STRING);
  add_action (self, group, "show-matches", NULL);
  gtk_widget_insert_action_group (self->window, "win", G_ACTION_GROUP (group));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1440, 816);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  gtk_window_present (GTK_WINDOW (self->window));
  fluo_compare_page_take_trace (self->page, 1, b);
  g_assert_true (fluo_test_wait_until (is_comparing, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->explorer);
  g_free (self->condition);
}

static void
test_find (Fixture *self, gconstpointer data)
{
  GtkWidget *button = fake_ui_find_button (GTK_WIDGET (self->page), "Find traces with this");

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpstr (self->condition, ==, "annotation.tier = \"gold\"");
  g_assert_true (self->matches);
}

static guint32
row_at (Fixture *self, guint place)
{
  return fluo_compare_table_get_row (fluo_compare_view_get_table (self->page->view), place);
}

static void
test_order (Fixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_cmpuint (row_at (self, 1), ==, 2); /* stock is alike in both, and hidden */
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->page->threshold), FALSE);
  g_assert_cmpuint (row_at (self, 1), ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "compare.order", "s", "difference");
  g_assert_cmpuint (row_at (self, 1), ==, 2);
  text = fake_ui_dup_text (GTK_WIDGET (self->page));
  g_assert_nonnull (strstr (text, "by difference"));
  /* So it stays when both change places. */
  self->page->comparing = FALSE;
  g_signal_emit_by_name (fake_ui_find_button (GTK_WIDGET (self->page), "Swap A and B"), "clicked");
  g_assert_true (fluo_test_wait_until (is_comparing, self, PATIENCE_MS));
  g_assert_cmpuint (row_at (self, 1), ==, 2);
}

static void
told_cb (FluoComparePage *page, GParamSpec *pspec, gboolean *comparing)
{
  *comparing = fluo_compare_page_is_comparing (page);
}

/* A trace that was read again, or is on the other side now, is no reason to lose one's place. */
static void
test_place (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoTrace) grown = build ("0123456789abcdef01234568", 0.3, FALSE, "silver");
  gboolean comparing = FALSE;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->page->threshold), FALSE);
  fluo_compare_view_select (self->page->view, 1);
  /* The window makes exporting possible when it hears of the title. */
  g_signal_connect (self->page, "notify::title", G_CALLBACK (told_cb), &comparing);
  self->page->comparing = FALSE;
  fluo_compare_page_take_trace (self->page, 1, grown);
  g_assert_true (fluo_test_wait_until (is_comparing, self, PATIENCE_MS));
  g_assert_true (comparing);
  g_assert_cmpuint (fluo_compare_view_get_selected (self->page->view), ==, 1);
  fluo_compare_table_set_collapsed (fluo_compare_view_get_table (self->page->view), 0, TRUE);
  self->page->comparing = FALSE;
  g_signal_emit_by_name (fake_ui_find_button (GTK_WIDGET (self->page), "Swap A and B"), "clicked");
  g_assert_true (fluo_test_wait_until (is_comparing, self, PATIENCE_MS));
  g_assert_cmpuint (row_at (self, 1), ==, FLUO_SPAN_NONE);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* What is compared leaves the window as a file, by the button and by its action. */
static void
test_export (Fixture *self, gconstpointer data)
{
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "c.pdf", NULL);
  g_autofree char *bytes = NULL, *text = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *dialog;

  g_signal_emit_by_name (
    fake_ui_find_button (GTK_WIDGET (self->page), "Export this comparison (Ctrl+E)"), "clicked");
  dialog = GTK_WIDGET (fake_ui_find_dialog (GTK_WINDOW (self->window)));
  g_assert_nonnull (dialog);
  text = fake_ui_dup_text (dialog);
  g_assert_null (strstr (text, "Long waits"));
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  fluo_export_dialog_save (FLUO_EXPORT_DIALOG (dialog), file);
  g_assert_true (fluo_test_wait_until (is_gone, &dialog, PATIENCE_MS));
  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF"));
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* Nothing of its kind to compare with: the page says so, and where to go. */
static void
test_no_usual (void)
{
  g_autoptr (FluoExplorer) explorer = fluo_explorer_new ();
  g_autoptr (FluoTrace) a = build ("0123456789abcdef01234567", 0.7, TRUE, "gold");
  GtkWidget *page = fluo_compare_page_new (explorer, fluo_trace_get_id (a), a, NULL);
  GtkWidget *window = gtk_window_new ();
  g_autofree char *text = NULL;

  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  text = fake_ui_dup_text (page);
  g_assert_nonnull (strstr (text, "no other trace of this kind"));
  g_assert_nonnull (fake_ui_find_button (page, "Choose in the list"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_lines (gpointer data)
{
  FluoLogsPanel *panel = ((Fixture *) data)->page->logs.panel;

  return panel != NULL && panel->shown->len > 0;
}

/* A row's lines stand out, and a line's row is selected. */
static void
test_logs (Fixture *self, gconstpointer data)
{
  FluoCompareView *view = self->page->view;
  FluoLogsPanel *panel;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->page->threshold), FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->page->logs.toggle), TRUE);
  g_assert_true (fluo_test_wait_until (has_lines, self, PATIENCE_MS));
  panel = self->page->logs.panel;
  fluo_compare_view_select (view, 1);
  g_assert_cmpuint (panel->span, ==, 1);
  fluo_compare_view_select (view, 2);
  g_assert_cmpuint (panel->span, ==, 2);

  fluo_compare_view_select (view, 0);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (panel->selection), 0, TRUE);
  g_assert_cmpuint (fluo_compare_view_get_selected (view), ==, 2);
  /* Closed, its row is not seen: it opens. */
  fluo_compare_table_set_collapsed (fluo_compare_view_get_table (view), 0, TRUE);
  fluo_compare_view_select (view, 0);
  g_signal_emit_by_name (panel, "jump", 2);
  g_assert_cmpuint (fluo_compare_view_get_selected (view), ==, 2);
}

int
main (int argc, char *argv[])
{
  if (!fake_ui_init (&argc, &argv))
    return 77;
#define ADD(name, func) g_test_add ("/app/compare/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("find", test_find);
  ADD ("order", test_order);
  ADD ("place", test_place);
  ADD ("export", test_export);
  ADD ("logs", test_logs);
  g_test_add_func ("/app/compare/no-usual", test_no_usual);
  return g_test_run ();
}

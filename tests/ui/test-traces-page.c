/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <adwaita.h>

#include "app/traces/fluo-cohort-words.h"
#include "app/traces/fluo-compare-dialog.h"
#include "app/traces/fluo-compare-groups.h"
#include "app/traces/fluo-trace-list.h"
#include "app/traces/fluo-traces-compare.h"
#include "app/traces/fluo-traces-page.h"
#include "core/fluo-shared-string.h"
#include "filter/fluo-filter.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

#define PATIENCE_MS 20000

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  GtkWidget *window;
  FluoTracesPage *page;
  char *opened;
  guint n_opened;
} Fixture;

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  Fixture *self = user_data;

  g_free (self->opened);
  self->opened = g_variant_dup_string (parameter, NULL);
  self->n_opened++;
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  return g_list_model_get_n_items (fluo_traces_page_get_model (self->page))
         == fake_xray_get_n_traces (self->xray);
}

static gboolean
is_settled (gpointer data)
{
  Fixture *self = data;

  return fluo_explorer_get_state (self->explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (self->explorer)
         && fluo_explorer_get_summaries (self->explorer)->len
                == fake_xray_get_n_traces (self->xray);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FluoXrayClient) client = NULL;
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) open = g_simple_action_new ("open-trace", G_VARIANT_TYPE_STRING);

  self->xray = fake_xray_new ();
  fake_xray_add_traces (self->xray, data ? GPOINTER_TO_UINT (data) : 60, 600, 1);
  self->explorer = fluo_explorer_new ();
  self->window = gtk_window_new ();
  g_signal_connect (open, "activate", G_CALLBACK (open_cb), self);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (open));
  gtk_widget_insert_action_group (self->window, "win", G_ACTION_GROUP (group));
  self->page = FLUO_TRACES_PAGE (fluo_traces_page_new (self->explorer));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1300, 700);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  gtk_window_present (GTK_WINDOW (self->window));
  client = fluo_xray_client_new (fake_xray_get_endpoint (self->xray), NULL, NULL);
  fluo_explorer_set_client (self->explorer, client, "Local", "this computer", TRUE);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->explorer);
  fake_xray_free (self->xray);
  g_free (self->opened);
}

static FluoTraceSummary *
row_at (Fixture *self, guint position)
{
  g_autoptr (FluoTraceRow)
      row = g_list_model_get_item (fluo_traces_page_get_model (self->page), position);

  return fluo_trace_row_get_summary (row);
}

static guint
n_rows (Fixture *self)
{
  return g_list_model_get_n_items (fluo_traces_page_get_model (self->page));
}

static void
test_search (Fixture *self, gconstpointer data)
{
  guint all = n_rows (self);

  fluo_traces_page_set_search (self->page, "checkout");
  g_assert_cmpuint (n_rows (self), >, 0);
  g_assert_cmpuint (n_rows (self), <, all);
  g_assert_cmpuint (fluo_traces_page_get_n_matching (self->page), ==, n_rows (self));
  /* Words narrow further; letters match in any case. */
  fluo_traces_page_set_search (self->page, "/CHECKOUT gold");
  for (guint i = 0; i < n_rows (self); i++)
    g_assert_nonnull (strstr (row_at (self, i)->http_url, "checkout"));
  fluo_traces_page_set_search (self->page, "tier=gold");
  g_assert_cmpuint (n_rows (self), >, 0);
  fluo_traces_page_set_search (self->page, "no such thing");
  g_assert_cmpuint (n_rows (self), ==, 0);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (
                       GTK_STACK (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_STACK, "view"))),
                   ==, "empty");
  fluo_traces_page_set_search (self->page, "");
  g_assert_cmpuint (n_rows (self), ==, all);
}

static void
test_node (Fixture *self, gconstpointer data)
{
  guint all = n_rows (self);

  fluo_traces_page_set_node (self->page, "payments", NULL);
  g_assert_cmpuint (n_rows (self), >, 0);
  g_assert_cmpuint (n_rows (self), <, all);
  fluo_traces_page_set_node (self->page, NULL, NULL);
  g_assert_cmpuint (n_rows (self), ==, all);
}

/* The header of the n-th column is clicked. */
static void
click_header (Fixture *self, const char *title)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (table));

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (g_str_equal (gtk_column_view_column_get_title (column), title))
        {
          gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (table), NULL, GTK_SORT_ASCENDING);
          gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (table), column, GTK_SORT_DESCENDING);
          return;
        }
    }
  g_assert_not_reached ();
}

static void
test_sort (Fixture *self, gconstpointer data)
{
  click_header (self, "Duration");
  for (guint i = 1; i < n_rows (self); i++)
    g_assert_cmpint (fluo_trace_summary_get_time_ns (row_at (self, i - 1)), >=,
                     fluo_trace_summary_get_time_ns (row_at (self, i)));
  click_header (self, "Time");
  for (guint i = 1; i < n_rows (self); i++)
    g_assert_cmpint (row_at (self, i - 1)->start_ns, >=, row_at (self, i)->start_ns);
}

static gboolean
has_new_row (gpointer data)
{
  Fixture *self = data;

  return n_rows (self) == fake_xray_get_n_traces (self->xray);
}

static gboolean
pill_shows (gpointer data)
{
  Fixture *self = data;
  GtkWidget *pill = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill");

  return gtk_widget_get_visible (pill);
}

static void
test_live_at_top (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 1, 1, 77);
  g_assert_true (fluo_test_wait_until (has_new_row, self, PATIENCE_MS));
  g_assert_false (pill_shows (self));
}

static void
test_live_while_selected (Fixture *self, gconstpointer data)
{
  FluoTraceId id = row_at (self, 5)->id;
  guint before = n_rows (self);
  g_autofree char *wanted = fluo_trace_id_to_string (&id);
  g_autofree char *selected = NULL;
  g_autofree char *after = NULL;
  GtkWidget *pill;

  g_assert_true (fluo_traces_page_select (self->page, &id));
  fake_xray_add_traces (self->xray, 3, 1, 78);
  g_assert_true (fluo_test_wait_until (pill_shows, self, PATIENCE_MS));
  /* Nothing moved; the new ones wait. */
  g_assert_cmpuint (n_rows (self), ==, before);
  selected = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (selected, ==, wanted);
  pill = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (pill)), ==, "3 new");
  g_signal_emit_by_name (pill, "clicked");
  g_assert_cmpuint (n_rows (self), ==, before + 3);
  after = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (after, ==, wanted);
}

static gboolean
preview_has_sentence (gpointer data)
{
  Fixture *self = data;
  GtkWidget *box = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BOX, "sentence-box");

  return !gtk_widget_has_css_class (box, "plain");
}

static void
test_preview (Fixture *self, gconstpointer data)
{
  FluoTraceId first = row_at (self, 3)->id;
  FluoTraceId second = row_at (self, 4)->id;
  g_autofree char *shown = fluo_trace_id_to_string (&second);
  GtkWidget *preview = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_WIDGET, "side-panel");
  GtkWidget *id;
  GtkWidget *open;

  /* The answer about the first comes after the second was chosen, and is dropped. */
  fake_xray_hold_batches (self->xray, TRUE);
  g_assert_true (fluo_traces_page_select (self->page, &first));
  g_assert_true (fluo_traces_page_select (self->page, &second));
  fake_xray_hold_batches (self->xray, FALSE);
  g_assert_true (fluo_test_wait_until (preview_has_sentence, self, PATIENCE_MS));
  id = fake_ui_find (preview, GTK_TYPE_LABEL, "trace-id");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (id)), ==, shown);
  open = fake_ui_find (preview, GTK_TYPE_BUTTON, "suggested-action");
  g_signal_emit_by_name (open, "clicked");
  g_assert_cmpstr (self->opened, ==, shown);
}

static void
test_enter_opens (Fixture *self, gconstpointer data)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);
  g_autofree char *wanted = fluo_trace_id_to_string (&row_at (self, 2)->id);

  g_signal_emit_by_name (table, "activate", 2);
  g_assert_cmpstr (self->opened, ==, wanted);
  g_assert_cmpuint (self->n_opened, ==, 1);
}

static void
count_changed_cb (GListModel *model, guint position, guint removed, guint added, guint *counts)
{
  counts[0]++;
  counts[1] = position;
  counts[2] = removed;
  counts[3] = added;
}

/* How many rows took @from_ns or more, counted one by one. */
static guint
count_slow (Fixture *self, gint64 from_ns)
{
  GPtrArray *all = fluo_explorer_get_summaries (self->explorer);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    n += fluo_trace_summary_get_time_ns (g_ptr_array_index (all, i)) >= from_ns;
  return n;
}

static gint64
middle_time (Fixture *self)
{
  gint64 quantiles[3];

  fluo_scatter_get_quantiles (fluo_traces_charts_get_scatter (
                                  fluo_traces_page_get_charts (self->page)),
                              quantiles);
  return quantiles[0];
}

static void
test_brush (Fixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  guint all = n_rows (self);
  FluoBrush brush = { { 0, 0 }, middle_time (self), G_MAXINT64 };
  FluoBrush none = FLUO_BRUSH_NONE;
  FluoTraceId id;
  GtkWidget *words = fake_ui_find (GTK_WIDGET (charts), GTK_TYPE_LABEL, "brush-words");
  g_autofree char *selected = NULL;
  g_autofree char *wanted = NULL;

  click_header (self, "Duration");
  id = row_at (self, 0)->id;
  wanted = fluo_trace_id_to_string (&id);
  g_assert_true (fluo_traces_page_select (self->page, &id));
  fluo_traces_charts_set_brush (charts, &brush);
  g_assert_cmpuint (n_rows (self), ==, count_slow (self, brush.from_ns));
  g_assert_cmpuint (n_rows (self), <, all);
  g_assert_cmpuint (fluo_traces_page_count_selected (self->page), ==, n_rows (self));
  /* The header still counts what matches. */
  g_assert_cmpuint (fluo_traces_page_get_n_matching (self->page), ==, all);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (words)), " and up: "));
  /* What was selected stays so, wherever the row is now. */
  selected = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (selected, ==, wanted);
  /* A search narrows what is brushed, and the other way round. */
  fluo_traces_page_set_search (self->page, "checkout");
  g_assert_cmpuint (n_rows (self), <=, count_slow (self, brush.from_ns));
  for (guint i = 0; i < n_rows (self); i++)
    g_assert_cmpint (fluo_trace_summary_get_time_ns (row_at (self, i)), >=, brush.from_ns);
  fluo_traces_page_set_search (self->page, "");
  fluo_traces_charts_set_brush (charts, &none);
  g_assert_cmpuint (n_rows (self), ==, all);
}

static void
test_brush_of_times (Fixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  gint64 newest = row_at (self, 0)->start_ns;
  gint64 middle = row_at (self, n_rows (self) / 2)->start_ns;
  FluoBrush brush = { { middle, newest }, 0, 0 };

  fluo_traces_charts_set_brush (charts, &brush);
  g_assert_cmpuint (n_rows (self), >, 0);
  for (guint i = 0; i < n_rows (self); i++)
    {
      g_assert_cmpint (row_at (self, i)->start_ns, >=, middle);
      g_assert_cmpint (row_at (self, i)->start_ns, <, newest);
    }
}

/* While a row is selected, new traces wait; those that the brush leaves out do not count. */
static void
test_live_while_brushed (Fixture *self, gconstpointer data)
{
  FluoBrush brush = { { 0, 0 }, middle_time (self), G_MAXINT64 };
  FluoTraceId id;
  guint before;

  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  before = n_rows (self);
  id = row_at (self, before / 2)->id;
  g_assert_true (fluo_traces_page_select (self->page, &id));
  fake_xray_add_traces (self->xray, 20, 1, 91);
  g_assert_true (fluo_test_wait_until (pill_shows, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), ==, before);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill"),
                         "clicked");
  g_assert_cmpuint (n_rows (self), ==, count_slow (self, brush.from_ns));
}

static gboolean
has_cards (gpointer data)
{
  Fixture *self = data;
  GtkWidget *compare = fake_ui_find (GTK_WIDGET (self->page), FLUO_TYPE_TRACES_COMPARE, NULL);

  return !fluo_traces_compare_is_busy (FLUO_TRACES_COMPARE (compare))
         && fake_ui_find (compare, GTK_TYPE_BUTTON, "compare-card") != NULL;
}

static gboolean
has_taken_card (gpointer data)
{
  return fake_ui_find (GTK_WIDGET (((Fixture *) data)->page), GTK_TYPE_BUTTON, "taken") != NULL;
}

static gboolean
is_answered (gpointer data)
{
  Fixture *self = data;
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);

  return !progress->running && !progress->stale
         && n_rows (self) == fluo_explorer_get_matches (self->explorer)->len;
}

/* From slow traces to what they share: a click asks for it, the next click takes it back. */
static void
test_card (Fixture *self, gconstpointer data)
{
  FluoBrush brush = { { 0, 0 }, 0, G_MAXINT64 };
  FluoBrush none = FLUO_BRUSH_NONE;
  FluoCohort *cohort;
  const FluoCohortRow *rows;
  g_autofree char *condition = NULL;
  guint n;
  guint all = n_rows (self);

  brush.from_ns = middle_time (self) * 4;
  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  g_assert_true (fluo_test_wait_until (has_cards, self, PATIENCE_MS));
  cohort = fluo_traces_compare_get_cohort (FLUO_TRACES_COMPARE (
      fake_ui_find (GTK_WIDGET (self->page), FLUO_TYPE_TRACES_COMPARE, NULL)));
  rows = fluo_cohort_get_rows (cohort, &n);
  condition = fluo_cohort_dup_expression (&rows[0].term);
  g_assert_nonnull (condition);
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "compare-card"),
                         "clicked");
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, condition);
  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &none);
  g_assert_true (fluo_test_wait_until (is_answered, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), >, 0);
  g_assert_cmpuint (n_rows (self), <, all);
  g_assert_true (fluo_test_wait_until (has_taken_card, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "taken"),
                         "clicked");
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, "");
  g_assert_true (fluo_test_wait_until (is_answered, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), ==, all);
}

static void
test_add_to_filter (Fixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  FluoBrush brush = { { 0, 0 }, 100 * FLUO_NSEC_PER_MSEC, G_MAXINT64 };
  guint slow = count_slow (self, brush.from_ns);

  fluo_traces_charts_set_brush (charts, &brush);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "traces.add-to-filter", NULL);
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, "responsetime >= 0.1");
  brush = fluo_traces_charts_get_brush (charts);
  g_assert_true (fluo_brush_is_empty (&brush));
  g_assert_true (fluo_test_wait_until (is_answered, self, PATIENCE_MS));
  g_assert_cmpuint (n_rows (self), <=, slow);
}

static FluoCompareDialog *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (FLUO_IS_COMPARE_DIALOG (window))
        return FLUO_COMPARE_DIALOG (window);
    }
  return NULL;
}

static gboolean
is_compared (gpointer data)
{
  return !fluo_compare_dialog_is_busy (data) && fluo_compare_dialog_get_cohort (data) != NULL;
}

static guint
find_set (FluoCompareDialog *dialog, const char *words)
{
  GListModel *names = fluo_compare_dialog_get_sets (dialog);

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    {
      g_autoptr (GtkStringObject) name = g_list_model_get_item (names, i);

      if (g_str_equal (gtk_string_object_get_string (name), words))
        return i;
    }
  g_assert_not_reached ();
}

/* How many traces are of that tier; NULL: how many tiers there are. */
static guint
count_tier (Fixture *self, const char *tier)
{
  GPtrArray *all = fluo_explorer_get_matches (self->explorer);
  g_autoptr (GHashTable) tiers = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    {
      GArray *annotations = ((FluoTraceSummary *) g_ptr_array_index (all, i))->annotations;

      for (guint k = 0; k < annotations->len; k++)
        {
          FluoSummaryAnnotation *row = &g_array_index (annotations, FluoSummaryAnnotation, k);

          if (!g_str_equal (row->key, "tier"))
            continue;
          g_hash_table_add (tiers, row->value);
          n += g_strcmp0 (row->value, tier) == 0;
        }
    }
  return tier ? n : g_hash_table_size (tiers);
}

typedef struct
{
  GListModel *model;
  guint n;
} Wanted;

static gboolean
has_groups (gpointer data)
{
  Wanted *wanted = data;

  return g_list_model_get_n_items (wanted->model) == wanted->n;
}

/* The slowest against the rest, two values of a field, and groups of it. */
static void
test_compare (Fixture *self, gconstpointer data)
{
  FluoCompareDialog *dialog;
  FluoCohort *cohort;
  GtkWidget *groups;
  guint gold, basic;
  Wanted wanted;

  gtk_widget_activate_action (GTK_WIDGET (self->page), "traces.compare-fields", NULL);
  dialog = find_dialog ();
  g_assert_nonnull (dialog);
  g_assert_true (fluo_test_wait_until (is_compared, dialog, PATIENCE_MS));
  cohort = fluo_compare_dialog_get_cohort (dialog);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0) + fluo_cohort_get_size (cohort, 1), ==,
                    n_rows (self));
  g_assert_cmpuint (g_list_model_get_n_items (fluo_compare_dialog_get_rows (dialog)), >, 0);
  gold = find_set (dialog, "tier gold");
  basic = find_set (dialog, "tier basic");
  fluo_compare_dialog_set_sets (dialog, gold, basic);
  g_assert_true (fluo_test_wait_until (is_compared, dialog, PATIENCE_MS));
  cohort = fluo_compare_dialog_get_cohort (dialog);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0), ==, count_tier (self, "gold"));
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 1), ==, count_tier (self, "basic"));
  groups = fake_ui_find (GTK_WIDGET (dialog), FLUO_TYPE_COMPARE_GROUPS, NULL);
  fluo_compare_groups_select_field (FLUO_COMPARE_GROUPS (groups), FLUO_FIELD_ANNOTATION, "tier");
  wanted.model = fluo_compare_groups_get_model (FLUO_COMPARE_GROUPS (groups));
  wanted.n = count_tier (self, NULL);
  g_assert_true (fluo_test_wait_until (has_groups, &wanted, PATIENCE_MS));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static gboolean
is_written (gpointer data)
{
  return g_file_query_exists (data, NULL);
}

/* What is shown, and no more, goes into the file; a formula is none there. */
static void
test_export (Fixture *self, gconstpointer data)
{
  char *dir = fluo_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "list.csv", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  fluo_traces_page_set_search (self->page, "checkout");
  fluo_traces_page_export_to (self->page, file);
  g_assert_true (fluo_test_wait_until (is_written, file, PATIENCE_MS));
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, n_rows (self) + 2);
  fluo_test_dir_free (dir);
}

static void
test_list_as_text (void)
{
  g_autoptr (GPtrArray)
      rows = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  FluoTraceSummary *summary = fluo_trace_summary_new ();
  g_autofree char *csv = NULL;
  g_autofree char *json = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTraceSummary) read = NULL;

  summary->id.bytes[0] = 1;
  summary->response_ns = 1234 * FLUO_NSEC_PER_MSEC;
  summary->http_url = fluo_shared_string_new ("=cmd|' /C calc'!A0, \"quoted\"");
  g_ptr_array_add (rows, summary);
  csv = fluo_trace_list_dup_csv (rows);
  g_assert_nonnull (strstr (csv, ",\"'=cmd|' /C calc'!A0, \"\"quoted\"\"\","));
  g_assert_nonnull (strstr (csv, ",1.234,"));
  json = fluo_trace_list_dup_json (rows);
  bytes = g_bytes_new (json, strlen (json));
  tape = fluo_json_tape_new (bytes, &error);
  g_assert_no_error (error);
  read = fluo_trace_summary_read (tape, fluo_json_tape_first (tape, fluo_json_tape_get (
      tape, 0, "TraceSummaries")), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->http_url, ==, summary->http_url);
  g_assert_cmpint (read->response_ns, ==, summary->response_ns);
}

static GtkColumnViewColumn *
find_column (Fixture *self, const char *title)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (table));

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (g_str_equal (gtk_column_view_column_get_title (column), title))
        return column; /* the view keeps it */
    }
  g_assert_not_reached ();
}

static void
test_columns (Fixture *self, gconstpointer data)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);

  g_assert_false (gtk_column_view_column_get_visible (find_column (self, "User")));
  gtk_widget_activate_action (table, "columns.user", NULL);
  g_assert_true (gtk_column_view_column_get_visible (find_column (self, "User")));
  g_assert_true (gtk_column_view_column_get_visible (find_column (self, "Entry")));
  gtk_widget_activate_action (table, "columns.entry", NULL);
  g_assert_false (gtk_column_view_column_get_visible (find_column (self, "Entry")));
  /* Its room is the others'. */
  g_assert_cmpint (gtk_column_view_column_get_fixed_width (find_column (self, "Entry")), ==, 0);
  gtk_widget_activate_action (table, "columns.entry", NULL);
  g_assert_cmpint (gtk_column_view_column_get_fixed_width (find_column (self, "Entry")), ==, 108);
  gtk_widget_activate_action (table, "columns.user", NULL);
  g_assert_false (gtk_column_view_column_get_visible (find_column (self, "User")));
}

/* Every term can be asked for in the language, whatever its text. */
static void
test_expressions (void)
{
  static const FluoTerm terms[] = {
    { .field = FLUO_FIELD_STATUS, .status = FLUO_STATUS_FAULT },
    { .field = FLUO_FIELD_HTTP_STATUS, .http_status = 502 },
    { .field = FLUO_FIELD_METHOD, .value = "POST" },
    { .field = FLUO_FIELD_URL, .value = "http://a/\"b\"", .had_query = TRUE },
    { .field = FLUO_FIELD_USER, .value = "a\\\"\n" },
    { .field = FLUO_FIELD_AGENT, .value = "curl" },
    { .field = FLUO_FIELD_CLIENT, .value = "1.2.3.4" },
    { .field = FLUO_FIELD_ENTRY, .value = "petshop/prod" },
    { .field = FLUO_FIELD_SERVICE, .value = "\"" },
    { .field = FLUO_FIELD_SERVICE_STATUS, .value = "payments", .status = FLUO_STATUS_THROTTLE },
    { .field = FLUO_FIELD_INSTANCE, .value = "i-1" },
    { .field = FLUO_FIELD_ZONE, .value = "eu" },
    { .field = FLUO_FIELD_ARN, .value = "arn:x" },
    { .field = FLUO_FIELD_CAUSE, .key = "bank", .value = "E", .status = FLUO_STATUS_FAULT },
    { .field = FLUO_FIELD_CAUSE, .key = "bank", .status = FLUO_STATUS_ERROR },
    { .field = FLUO_FIELD_ANNOTATION, .key = "tier", .value = "gold" },
    { .field = FLUO_FIELD_ANNOTATION, .key = "a.b c", .value = "12", .type = FLUO_VALUE_NUMBER,
      .operator = FLUO_COHORT_AT_LEAST },
    { .field = FLUO_FIELD_ANNOTATION, .key = "ok", .value = "true", .type = FLUO_VALUE_BOOLEAN },
  };
  static const char *const filters[] = { "", "fault", "a OR", "http.status = 200 OR error",
                                         "service(\"x\") { fault AND responsetime > 1 } AND user",
                                         "ok\nAND responsetime > 1" };

  for (guint i = 0; i < G_N_ELEMENTS (terms); i++)
    {
      g_autofree char *condition = fluo_cohort_dup_expression (&terms[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoFilter) filter = fluo_filter_new (condition, -1, NULL, &error);

      g_assert_no_error (error);
      for (guint k = 0; k < G_N_ELEMENTS (filters); k++)
        {
          g_autoptr (FluoFilter) before = fluo_filter_new (filters[k], -1, NULL, NULL);
          g_autofree char *with = NULL;
          g_autofree char *without = NULL;
          g_autoptr (FluoFilter) after = NULL;

          /* Its own condition is not put in a second time. */
          if (!before || fluo_filter_has_condition (filters[k], condition))
            continue;
          with = fluo_filter_add_condition (filters[k], condition);
          g_assert_true (fluo_filter_has_condition (with, condition));
          without = fluo_filter_remove_condition (with, condition);
          after = fluo_filter_new (without, -1, NULL, &error);
          g_assert_no_error (error);
          g_assert_true (fluo_filter_equal (before, after));
        }
    }
}

static void
test_brush_words (void)
{
  static const struct
  {
    gint64 from_ns, to_ns;
    const char *expression;
  } rows[] = {
    { 1200 * FLUO_NSEC_PER_MSEC, G_MAXINT64, "responsetime >= 1.2" },
    { 0, 20 * FLUO_NSEC_PER_MSEC, "responsetime < 0.02" },
    { 2 * FLUO_NSEC_PER_SEC, 10 * FLUO_NSEC_PER_SEC,
      "responsetime >= 2 AND responsetime < 10" },
    { 100 * FLUO_NSEC_PER_SEC, G_MAXINT64, "responsetime >= 100" },
    { 1, 2, "responsetime >= 0.000000001 AND responsetime < 0.000000002" },
    { 0, 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FluoBrush brush = { { 0, 0 }, rows[i].from_ns, rows[i].to_ns };
      g_autofree char *expression = fluo_brush_dup_expression (&brush);

      g_assert_cmpstr (expression, ==, rows[i].expression);
    }
}

/* A list tells only what changed between its equal ends. */
static void
test_list_changes (void)
{
  g_autoptr (FluoTraceList) list = fluo_trace_list_new ();
  g_autoptr (GPtrArray)
      one = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_trace_summary_unref);
  g_autoptr (GPtrArray)
      two = g_ptr_array_new_with_free_func ((GDestroyNotify)fluo_trace_summary_unref);
  guint counts[4] = { 0 };

  for (guint i = 0; i < 4; i++)
    {
      FluoTraceSummary *summary = fluo_trace_summary_new ();

      summary->id.bytes[0] = i;
      g_ptr_array_add (one, summary);
    }
  g_ptr_array_add (two, fluo_trace_summary_new ());
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (two, fluo_trace_summary_ref (g_ptr_array_index (one, i)));
  fluo_trace_list_set_items (list, one);
  g_signal_connect (list, "items-changed", G_CALLBACK (count_changed_cb), counts);
  fluo_trace_list_set_items (list, two);
  g_assert_cmpuint (counts[0], ==, 1);
  g_assert_cmpuint (counts[1], ==, 0);
  g_assert_cmpuint (counts[2], ==, 0);
  g_assert_cmpuint (counts[3], ==, 1);
  fluo_trace_list_set_items (list, one);
  g_assert_cmpuint (counts[2], ==, 1);
  g_assert_cmpuint (counts[3], ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
    guint n_traces; /* 0: 60 */
  } tests[] = {
    { "/traces-page/search", test_search },
    { "/traces-page/node", test_node },
    { "/traces-page/sort", test_sort },
    { "/traces-page/live-at-top", test_live_at_top },
    { "/traces-page/live-while-selected", test_live_while_selected },
    { "/traces-page/preview", test_preview },
    { "/traces-page/enter-opens", test_enter_opens },
    { "/traces-page/brush", test_brush },
    { "/traces-page/brush-of-times", test_brush_of_times },
    { "/traces-page/live-while-brushed", test_live_while_brushed },
    { "/traces-page/card", test_card, 400 },
    { "/traces-page/add-to-filter", test_add_to_filter },
    { "/traces-page/compare", test_compare, 400 },
    { "/traces-page/export", test_export },
    { "/traces-page/columns", test_columns },
  };
  char *state = fluo_test_dir_new ();
  int failed;

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  if (!fake_ui_init (&argc, &argv))
    {
      fluo_test_dir_free (state);
      return 77;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, GUINT_TO_POINTER (tests[i].n_traces), set_up, tests[i].test,
                tear_down);
  g_test_add_func ("/trace-list/changes", test_list_changes);
  g_test_add_func ("/traces-page/brush-words", test_brush_words);
  g_test_add_func ("/traces-page/expressions", test_expressions);
  g_test_add_func ("/trace-list/as-text", test_list_as_text);
  failed = g_test_run ();
  fluo_test_dir_free (state);
  return failed;
}

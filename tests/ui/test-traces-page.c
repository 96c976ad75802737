/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/traces/fluo-trace-list.h"
#include "core/fluo-shared-string.h"
#include "fluo-test-util.h"
#include "traces-fixture.h"

static void
test_search (TracesFixture *self, gconstpointer data)
{
  guint all = traces_n_rows (self);

  fluo_traces_page_set_search (self->page, "checkout");
  g_assert_cmpuint (traces_n_rows (self), >, 0);
  g_assert_cmpuint (traces_n_rows (self), <, all);
  g_assert_cmpuint (fluo_traces_page_get_n_matching (self->page), ==, traces_n_rows (self));
  /* Words narrow further; letters match in any case. */
  fluo_traces_page_set_search (self->page, "/CHECKOUT gold");
  for (guint i = 0; i < traces_n_rows (self); i++)
    g_assert_nonnull (strstr (traces_row_at (self, i)->http_url, "checkout"));
  fluo_traces_page_set_search (self->page, "tier=gold");
  g_assert_cmpuint (traces_n_rows (self), >, 0);
  fluo_traces_page_set_search (self->page, "no such thing");
  g_assert_cmpuint (traces_n_rows (self), ==, 0);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (
                       GTK_STACK (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_STACK, "view"))),
                   ==, "empty");
  fluo_traces_page_set_search (self->page, "");
  g_assert_cmpuint (traces_n_rows (self), ==, all);
}

static void
test_sort (TracesFixture *self, gconstpointer data)
{
  traces_click_header (self, "Duration");
  for (guint i = 1; i < traces_n_rows (self); i++)
    g_assert_cmpint (fluo_trace_summary_get_time_ns (traces_row_at (self, i - 1)), >=,
                     fluo_trace_summary_get_time_ns (traces_row_at (self, i)));
  traces_click_header (self, "Time");
  for (guint i = 1; i < traces_n_rows (self); i++)
    g_assert_cmpint (traces_row_at (self, i - 1)->start_ns, >=, traces_row_at (self, i)->start_ns);
}

static gboolean
has_new_row (gpointer data)
{
  TracesFixture *self = data;

  return traces_n_rows (self) == fake_xray_get_n_traces (self->xray);
}

static void
test_live_at_top (TracesFixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 1, 1, 77);
  g_assert_true (fluo_test_wait_until (has_new_row, self, PATIENCE_MS));
  g_assert_false (traces_pill_shows (self));
}

typedef struct
{
  GtkAdjustment *adjustment;
  double upper;
} Grown;

static gboolean
has_grown_above (gpointer data)
{
  Grown *self = data;

  return gtk_adjustment_get_upper (self->adjustment) > self->upper
         && gtk_adjustment_get_value (self->adjustment) < 1;
}

static void
test_live_while_selected (TracesFixture *self, gconstpointer data)
{
  FluoTraceId id = traces_row_at (self, 5)->id;
  guint before = traces_n_rows (self);
  g_autofree char *wanted = fluo_trace_id_to_string (&id);
  g_autofree char *selected = NULL;
  g_autofree char *after = NULL;
  GtkWidget *pill;
  GtkWidget *scroller = gtk_widget_get_ancestor (
    fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL), GTK_TYPE_SCROLLED_WINDOW);
  Grown grown = { gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)) };

  g_assert_true (fluo_traces_page_select (self->page, &id));
  gtk_adjustment_set_value (grown.adjustment, 300);
  grown.upper = gtk_adjustment_get_upper (grown.adjustment);
  fake_xray_add_traces (self->xray, 3, 1, 78);
  g_assert_true (fluo_test_wait_until (traces_pill_shows, self, PATIENCE_MS));
  /* Nothing moved; the new ones wait. */
  g_assert_cmpuint (traces_n_rows (self), ==, before);
  selected = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (selected, ==, wanted);
  pill = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill");
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (pill)), ==, "3 new");
  g_signal_emit_by_name (pill, "clicked");
  g_assert_cmpuint (traces_n_rows (self), ==, before + 3);
  /* The newest are seen, above those that were there. */
  g_assert_true (fluo_test_wait_until (has_grown_above, &grown, PATIENCE_MS));
  after = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (after, ==, wanted);
}

static gboolean
is_partly_answered (gpointer data)
{
  const FluoAskProgress *progress =
    fluo_explorer_get_progress (((TracesFixture *) data)->explorer);

  return progress->running && !progress->stale && progress->scanned_ns > 0;
}

/* A row that is selected while the first part of an answer doesn't have it is selected again when
 * its part comes; the preview stays. */
static void
test_selected_while_read (TracesFixture *self, gconstpointer data)
{
  FluoTraceId id = traces_row_at (self, traces_n_rows (self) - 1)->id;
  g_autofree char *wanted = fluo_trace_id_to_string (&id);
  g_autofree char *gone = NULL;
  g_autofree char *selected = NULL;
  GtkWidget *preview = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_WIDGET, "side-panel");

  fake_xray_hold_reads (self->xray, fluo_time_now_ns () - 200 * FLUO_NSEC_PER_SEC);
  g_assert_true (fluo_explorer_set_filter (self->explorer, "duration >= 0", NULL));
  g_assert_true (fluo_traces_page_select (self->page, &id));
  g_assert_true (fluo_test_wait_until (is_partly_answered, self, PATIENCE_MS));
  gone = fluo_traces_page_dup_selected (self->page);
  g_assert_null (gone);
  g_assert_true (gtk_widget_get_mapped (preview));
  fake_xray_hold_reads (self->xray, 0);
  g_assert_true (fluo_test_wait_until (traces_are_answered, self, PATIENCE_MS));
  selected = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (selected, ==, wanted);
}

static GtkWidget *
find_continue (TracesFixture *self)
{
  GtkWidget *foot = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BOX, "table-foot");

  for (GtkWidget *child = gtk_widget_get_first_child (foot); child;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child) && gtk_button_get_label (GTK_BUTTON (child))
        && g_str_equal (gtk_button_get_label (GTK_BUTTON (child)), "Continue"))
      return child;
  g_assert_not_reached ();
}

/* A long search that was stopped says how much was looked at, and goes on where it was. */
static void
test_stop_and_continue (TracesFixture *self, gconstpointer data)
{
  GtkWidget *button = find_continue (self);
  guint n;

  g_assert_false (gtk_widget_get_visible (button));
  fake_xray_hold_reads (self->xray, fluo_time_now_ns () - 200 * FLUO_NSEC_PER_SEC);
  g_assert_true (fluo_explorer_set_filter (self->explorer, "duration >= 0", NULL));
  g_assert_true (fluo_test_wait_until (is_partly_answered, self, PATIENCE_MS));
  fluo_explorer_stop (self->explorer);
  n = traces_n_rows (self);
  g_assert_cmpuint (n, <, fake_xray_get_n_traces (self->xray));
  g_assert_true (gtk_widget_get_visible (button));
  fake_xray_hold_reads (self->xray, 0);
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (fluo_test_wait_until (traces_are_answered, self, PATIENCE_MS));
  g_assert_cmpuint (traces_n_rows (self), ==, fake_xray_count (self->xray, "duration >= 0"));
  g_assert_false (gtk_widget_get_visible (button));
}

/* Where little was looked at before it was stopped, nobody says that nothing matches. */
static void
test_stop_before_anything (TracesFixture *self, gconstpointer data)
{
  g_autofree char *text = NULL;

  fake_xray_hold_reads (self->xray, fluo_time_now_ns () - 200 * FLUO_NSEC_PER_SEC);
  g_assert_true (fluo_explorer_set_filter (self->explorer, "duration > 1000000", NULL));
  g_assert_true (fluo_test_wait_until (is_partly_answered, self, PATIENCE_MS));
  fluo_explorer_stop (self->explorer);
  text = fake_ui_dup_text (GTK_WIDGET (self->page));
  g_assert_nonnull (strstr (text, "Nothing found so far"));
  g_assert_null (strstr (text, "No traces match"));
  fake_xray_hold_reads (self->xray, 0);
}

/* What has the keyboard keeps it while nothing is there to be selected. */
static gboolean
is_empty (gpointer data)
{
  return traces_n_rows (data) == 0;
}

static gboolean
has_keyboard (gpointer data)
{
  TracesFixture *self = data;
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (table));

  return focus && gtk_widget_get_mapped (focus)
         && (focus == table || gtk_widget_is_ancestor (focus, table));
}

static void
test_keyboard_comes_back (TracesFixture *self, gconstpointer data)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);

  g_assert_true (gtk_widget_grab_focus (table));
  g_assert_true (has_keyboard (self));
  g_assert_true (fluo_explorer_set_filter (self->explorer, "http.status = 999", NULL));
  g_assert_true (fluo_test_wait_until (is_empty, self, PATIENCE_MS));
  g_assert_true (fluo_explorer_set_filter (self->explorer, "", NULL));
  g_assert_true (fluo_test_wait_until (has_keyboard, self, PATIENCE_MS));
}

static gboolean
preview_has_sentence (gpointer data)
{
  TracesFixture *self = data;
  GtkWidget *box = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BOX, "sentence-box");

  return !gtk_widget_has_css_class (box, "plain");
}

static void
test_preview (TracesFixture *self, gconstpointer data)
{
  FluoTraceId first = traces_row_at (self, 3)->id;
  FluoTraceId second = traces_row_at (self, 4)->id;
  g_autofree char *shown = fluo_trace_id_to_string (&second);
  GtkWidget *preview = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_WIDGET, "side-panel");
  GtkWidget *id;
  GtkWidget *open;

  /* The answer about the first comes after the second was chosen, and is dropped. */
  fake_xray_hold (self->xray, "/Traces");
  g_assert_true (fluo_traces_page_select (self->page, &first));
  g_assert_true (fluo_traces_page_select (self->page, &second));
  fake_xray_hold (self->xray, NULL);
  g_assert_true (fluo_test_wait_until (preview_has_sentence, self, PATIENCE_MS));
  id = fake_ui_find (preview, GTK_TYPE_LABEL, "trace-id");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (id)), ==, shown);
  open = fake_ui_find (preview, GTK_TYPE_BUTTON, "suggested-action");
  g_signal_emit_by_name (open, "clicked");
  g_assert_cmpstr (self->opened, ==, shown);
}

/* The same connection read from elsewhere, as from its vault, leaves what was chosen; another one
 * does not. */
static void
test_other_connection (TracesFixture *self, gconstpointer data)
{
  FluoTraceId id = traces_row_at (self, 3)->id;
  g_autoptr (FluoXrayClient) client = g_object_ref (fluo_explorer_get_client (self->explorer));
  g_autofree char *name = g_strdup (fluo_explorer_get_name (self->explorer));
  g_autofree char *chosen = NULL;

  g_assert_true (fluo_traces_page_select (self->page, &id));
  fluo_explorer_set_client (self->explorer, client, name, "from the vault", FALSE);
  g_assert_true (fluo_test_wait_until (traces_are_settled, self, PATIENCE_MS));
  chosen = fluo_traces_page_dup_selected (self->page);
  g_assert_nonnull (chosen);
  fluo_explorer_set_client (self->explorer, client, "other", "elsewhere", FALSE);
  g_assert_true (fluo_test_wait_until (traces_are_settled, self, PATIENCE_MS));
  g_clear_pointer (&chosen, g_free);
  chosen = fluo_traces_page_dup_selected (self->page);
  g_assert_null (chosen);
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (
    fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_REVEALER, NULL))));
}

static void
test_enter_opens (TracesFixture *self, gconstpointer data)
{
  GtkWidget *table = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_COLUMN_VIEW, NULL);
  g_autofree char *wanted = fluo_trace_id_to_string (&traces_row_at (self, 2)->id);

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

static gboolean
is_written (gpointer data)
{
  return g_file_query_exists (data, NULL);
}

/* What is shown, and no more, goes into the file; a formula is none there. */
static void
test_export (TracesFixture *self, gconstpointer data)
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
  g_assert_cmpuint (g_strv_length (lines), ==, traces_n_rows (self) + 2);
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
find_column (TracesFixture *self, const char *title)
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
test_columns (TracesFixture *self, gconstpointer data)
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

/* A copy of a list that hears of its changes alone. */
static void
follow_cb (GListModel *list, guint position, guint removed, guint added, GPtrArray *copy)
{
  if (removed > 0)
    g_ptr_array_remove_range (copy, position, removed);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (FluoTraceRow) row = g_list_model_get_item (list, position + i);

      g_ptr_array_insert (copy, (gint) (position + i), fluo_trace_row_get_summary (row));
    }
}

static void
assert_same_rows (FluoTraceList *list, GPtrArray *copy, GPtrArray *items, guint n_rows)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n_rows);
  g_assert_cmpuint (copy->len, ==, n_rows);
  for (guint i = 0; i < n_rows; i++)
    g_assert_true (copy->pdata[i] == items->pdata[i]);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), n_rows));
}

/* A window's rows are there at once, and few come at a time before all are; other items may come
 * meanwhile. */
static void
test_steps (void)
{
  g_autoptr (FluoTraceList) list = fluo_trace_list_new ();
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();
  GPtrArray *sets[3];
  guint n, n_steps = 0;

  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    {
      sets[s] = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
      for (guint i = 0; i < 1000; i++)
        g_ptr_array_add (sets[s], s == 1 && i < 30 ? fluo_trace_summary_ref (sets[0]->pdata[i])
                                                   : fluo_trace_summary_new ());
    }
  g_signal_connect (list, "items-changed", G_CALLBACK (follow_cb), copy);
  fluo_trace_list_set_items_slowly (list, sets[0]);
  n = g_list_model_get_n_items (G_LIST_MODEL (list));
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpuint (n, <, 100);
  assert_same_rows (list, copy, sets[0], n);
  /* What stays at the beginning stays, and the rest begins there. */
  fluo_trace_list_set_items_slowly (list, sets[1]);
  assert_same_rows (list, copy, sets[1], n + 30);
  while (copy->len < 1000)
    {
      n = copy->len;
      g_main_context_iteration (NULL, TRUE);
      g_assert_true (copy->len - n < 100 || n > 100);
      n_steps += copy->len != n;
    }
  g_assert_cmpuint (n_steps, >, 1);
  assert_same_rows (list, copy, sets[1], 1000);
  fluo_trace_list_set_items_slowly (list, sets[2]);
  fluo_trace_list_hurry (list);
  assert_same_rows (list, copy, sets[2], 1000);
  fluo_trace_list_set_items_slowly (list, sets[0]);
  fluo_trace_list_set_items (list, sets[1]);
  assert_same_rows (list, copy, sets[1], 1000);
  g_assert_false (g_main_context_pending (NULL));
  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    g_ptr_array_unref (sets[s]);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (TracesFixture *, gconstpointer);
    guint n_traces; /* 0: 60 */
  } tests[] = {
    { "/traces-page/search", test_search },
    { "/traces-page/sort", test_sort },
    { "/traces-page/live-at-top", test_live_at_top },
    { "/traces-page/live-while-selected", test_live_while_selected },
    { "/traces-page/selected-while-read", test_selected_while_read },
    { "/traces-page/keyboard-comes-back", test_keyboard_comes_back },
    { "/traces-page/stop-and-continue", test_stop_and_continue },
    { "/traces-page/stop-before-anything", test_stop_before_anything },
    { "/traces-page/preview", test_preview },
    { "/traces-page/other-connection", test_other_connection },
    { "/traces-page/enter-opens", test_enter_opens },
    { "/traces-page/export", test_export },
    { "/traces-page/columns", test_columns },
  };
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, TracesFixture, GUINT_TO_POINTER (tests[i].n_traces), traces_set_up,
                tests[i].test, traces_tear_down);
  g_test_add_func ("/trace-list/changes", test_list_changes);
  g_test_add_func ("/trace-list/as-text", test_list_as_text);
  g_test_add_func ("/trace-list/steps", test_steps);
  return fake_ui_run (home);
}

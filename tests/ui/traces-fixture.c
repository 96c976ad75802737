/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces-fixture.h"

#include "app/traces/fluo-trace-list.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  TracesFixture *self = user_data;

  g_free (self->opened);
  self->opened = g_variant_dup_string (parameter, NULL);
  self->n_opened++;
}

gboolean
traces_are_all (gpointer data)
{
  TracesFixture *self = data;

  return g_list_model_get_n_items (fluo_traces_page_get_model (self->page))
         == fake_xray_get_n_traces (self->xray);
}

gboolean
traces_are_settled (gpointer data)
{
  TracesFixture *self = data;

  return fluo_explorer_get_state (self->explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (self->explorer)
         && fluo_explorer_get_summaries (self->explorer)->len
                == fake_xray_get_n_traces (self->xray);
}

void
traces_set_up (TracesFixture *self, gconstpointer data)
{
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
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (traces_are_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (traces_are_settled, self, PATIENCE_MS));
}

void
traces_tear_down (TracesFixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->explorer);
  fake_xray_free (self->xray);
  g_free (self->opened);
}

/* All of them, none on its way into the table. */
static GListModel *
get_rows (TracesFixture *self)
{
  GListModel *rows = fluo_traces_page_get_model (self->page);

  fluo_trace_list_hurry (FLUO_TRACE_LIST (rows));
  return rows;
}

FluoTraceSummary *
traces_row_at (TracesFixture *self, guint position)
{
  g_autoptr (FluoTraceRow) row = g_list_model_get_item (get_rows (self), position);

  return fluo_trace_row_get_summary (row);
}

guint
traces_n_rows (TracesFixture *self)
{
  return g_list_model_get_n_items (get_rows (self));
}

/* The header of the n-th column is clicked. */
void
traces_click_header (TracesFixture *self, const char *title)
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

gboolean
traces_pill_shows (gpointer data)
{
  TracesFixture *self = data;
  GtkWidget *pill = fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill");

  return gtk_widget_get_visible (pill);
}

/* How many rows took @from_ns or more, counted one by one. */
guint
traces_count_slow (TracesFixture *self, gint64 from_ns)
{
  GPtrArray *all = fluo_explorer_get_summaries (self->explorer);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    n += fluo_trace_summary_get_time_ns (g_ptr_array_index (all, i)) >= from_ns;
  return n;
}

gint64
traces_get_middle_ns (TracesFixture *self)
{
  gint64 quantiles[3];

  fluo_scatter_get_quantiles (fluo_traces_charts_get_scatter (
                                  fluo_traces_page_get_charts (self->page)),
                              quantiles);
  return quantiles[0];
}

gboolean
traces_are_answered (gpointer data)
{
  TracesFixture *self = data;
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);

  return !progress->running && !progress->stale
         && traces_n_rows (self) == fluo_explorer_get_matches (self->explorer)->len;
}

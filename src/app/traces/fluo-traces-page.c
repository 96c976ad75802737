/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>

#include "app/ask/fluo-why-nothing-view.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-theme.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"
#include "fluo-trace-preview.h"
#include "fluo-traces-table.h"

#define PREVIEW_PX 360
/* Under this the preview lies over the table (design: narrower windows). */
#define OVERLAY_PX 1200
/* Widths of the table alone at which columns go. */
#define MEDIUM_PX 960
#define NARROW_PX 860 /* the other columns leave the request some room */
#define FOOT_RANGE_PX 700
#define TINY_PX 480
/* Lower pages have lower charts. */
#define LOW_PX 620

enum
{
  SIGNAL_COUNTS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTracesPage, fluo_traces_page, GTK_TYPE_WIDGET)

/* --- Selection --------------------------------------------------------------------------- */

void
fluo_traces_page_show_preview (FluoTracesPage *self, FluoTraceSummary *summary)
{
  fluo_trace_preview_set_summary (FLUO_TRACE_PREVIEW (self->preview), summary);
  fluo_traces_charts_set_selected (FLUO_TRACES_CHARTS (self->charts),
                                   summary ? &summary->id : NULL);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), summary != NULL);
  gtk_widget_set_can_target (self->revealer, summary != NULL);
}

static void
selection_changed_cb (FluoTracesPage *self)
{
  g_autoptr (GPtrArray) selected = NULL;

  if (self->refreshing)
    return;
  selected = fluo_traces_page_dup_selection (self);
  g_ptr_array_unref (self->chosen);
  self->chosen = g_ptr_array_ref (selected);
  if (selected->len == 1)
    fluo_traces_page_show_preview (self, g_ptr_array_index (selected, 0));
  else if (selected->len == 0)
    fluo_traces_page_show_preview (self, NULL);
  fluo_traces_page_update_width (self);
}

/* Selects the same traces again, wherever they are now. Those that are not there are waited for as
 * long as something is read. */
static void
restore_selection (FluoTracesPage *self)
{
  g_autoptr (GPtrArray) selected = g_ptr_array_ref (self->chosen);
  g_autoptr (GtkBitset) set = gtk_bitset_new_empty ();
  g_autoptr (GtkBitset) all = NULL;

  for (guint i = 0; i < selected->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (selected, i);
      guint position = fluo_trace_list_find (self->list, &summary->id);

      if (position != G_MAXUINT)
        gtk_bitset_add (set, position);
    }
  all = gtk_bitset_new_range (0, fluo_trace_list_get_items (self->list)->len);
  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (self->selection), set, all);
  if (gtk_bitset_get_size (set) < selected->len
      && !fluo_explorer_get_progress (self->explorer)->running
      && !fluo_explorer_is_loading (self->explorer))
    {
      g_ptr_array_unref (self->chosen);
      self->chosen = fluo_traces_page_dup_selection (self);
    }
  /* The preview follows a newer version of its trace and stays when the trace leaves the list. */
  if (selected->len == 1 && gtk_bitset_get_size (set) == 1)
    fluo_trace_preview_set_summary (
        FLUO_TRACE_PREVIEW (self->preview),
        fluo_trace_list_get_summary (self->list, gtk_bitset_get_minimum (set)));
}

/* --- Refresh ----------------------------------------------------------------------------- */

static void
update_pill (FluoTracesPage *self)
{
  g_autofree char *count = fluo_format_count (self->n_waiting);
  g_autofree char *text = g_strdup_printf (_("%s new"), count);

  gtk_button_set_label (GTK_BUTTON (self->pill), text);
  gtk_widget_set_visible (self->pill, self->n_waiting > 0);
}

/* The reader is in the middle of something that must not move away. */
static gboolean
must_not_move (FluoTracesPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (
      GTK_SCROLLED_WINDOW (self->scroller));
  g_autoptr (GtkBitset)
      set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  if (fluo_trace_list_get_items (self->list)->len == 0)
    return FALSE;
  return gtk_adjustment_get_value (adjustment) > 1 || !gtk_bitset_is_empty (set);
}

void
fluo_traces_page_refresh_table (FluoTracesPage *self)
{
  const FluoBrush brush = fluo_traces_charts_get_brush (FLUO_TRACES_CHARTS (self->charts));
  g_autoptr (GPtrArray) items = fluo_trace_list_narrow (self->matching, &brush, self->shown_only);

  g_clear_handle_id (&self->narrow_id, g_source_remove);
  self->refreshing = TRUE;
  if (self->chosen->len > 0 || must_not_move (self))
    fluo_trace_list_set_items (self->list, items);
  else
    fluo_trace_list_set_items_slowly (self->list, items);
  restore_selection (self);
  self->refreshing = FALSE;
  self->n_waiting = 0;
  if (self->shown_only)
    self->n_waiting = fluo_traces_page_count_selected (self) - items->len;
  fluo_traces_page_update_state (self);
  update_pill (self);
  g_signal_emit (self, signals[SIGNAL_COUNTS_CHANGED], 0);
}

void
fluo_traces_page_refresh (FluoTracesPage *self)
{
  FluoTraceQuery query = { .text = self->text,
                           .sort = self->sort,
                           .descending = self->descending };
  gint64 max_ns = 0;

  g_ptr_array_unref (self->matching);
  self->matching = fluo_trace_query_run (&query, fluo_explorer_get_matches (self->explorer));
  for (guint i = 0; i < self->matching->len; i++)
    max_ns = MAX (max_ns,
                  fluo_trace_summary_get_time_ns (g_ptr_array_index (self->matching, i)));
  fluo_trace_scale_set_max (self->scale, max_ns);
  fluo_traces_page_update_charts (self);
  fluo_traces_page_refresh_table (self);
}

void
fluo_traces_page_stop_holding (FluoTracesPage *self)
{
  g_clear_pointer (&self->shown_only, g_hash_table_unref);
  g_clear_pointer (&self->shown_keep, g_ptr_array_unref);
  self->n_waiting = 0;
}

/* From now on only what is in the list may be shown. */
static void
start_holding (FluoTracesPage *self, GPtrArray *summaries)
{
  self->shown_keep = g_ptr_array_ref (summaries);
  self->shown_only = g_hash_table_new (fluo_trace_id_hash, fluo_trace_id_equal);
  for (guint i = 0; i < summaries->len; i++)
    g_hash_table_add (self->shown_only,
                      &((FluoTraceSummary *)g_ptr_array_index (summaries, i))->id);
}

static void
matches_changed_cb (FluoExplorer *explorer, guint n_new, FluoTracesPage *self)
{
  fluo_trace_scale_update (self->scale);
  if (n_new == 0 && self->shown_only)
    {
      /* A reload of the range shows everything; a mere update of known traces does not. */
      if (fluo_explorer_is_loading (explorer))
        fluo_traces_page_stop_holding (self);
    }
  else if (n_new > 0 && !self->shown_only && must_not_move (self))
    start_holding (self,
                   self->shown_keep ? self->shown_keep : self->matching);
  fluo_traces_page_refresh (self);
}

static void query_changed (FluoTracesPage *self);

/* Another question: nothing waits for the old one's rows. */
static void
filter_changed_cb (FluoExplorer *explorer, FluoTracesPage *self)
{
  fluo_traces_compare_set_filter (FLUO_TRACES_COMPARE (self->compare),
                                  fluo_explorer_get_filter (explorer));
  query_changed (self);
}

static void
query_changed (FluoTracesPage *self)
{
  fluo_traces_page_stop_holding (self);
  fluo_traces_page_refresh (self);
}

/* --- Follow the explorer ----------------------------------------------------------------- */

/* What was selected is of another connection. A vault is the same one as what it is of. */
static void
forget_choice (FluoTracesPage *self)
{
  g_free (self->connection);
  self->connection = g_strdup (fluo_explorer_get_name (self->explorer));
  g_ptr_array_unref (self->chosen);
  self->chosen = g_ptr_array_new ();
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  fluo_traces_page_show_preview (self, NULL);
  fluo_traces_page_update_width (self);
}

static void
state_changed_cb (FluoExplorer *explorer, FluoTracesPage *self)
{
  if (g_strcmp0 (self->connection, fluo_explorer_get_name (explorer)) != 0)
    forget_choice (self);
  fluo_traces_page_update_state (self);
}

static void
graph_changed_cb (FluoExplorer *explorer, FluoTracesPage *self)
{
  fluo_trace_scale_update (self->scale);
  gtk_widget_queue_draw (self->table);
}

static void
sort_changed_cb (FluoTracesPage *self)
{
  FluoTraceSort sort = FLUO_TRACE_SORT_TIME;
  gboolean descending = TRUE;

  if (self->refreshing)
    return;
  fluo_traces_table_get_sort (self->table, &sort, &descending);
  if (sort == self->sort && descending == self->descending)
    return;
  self->sort = sort;
  self->descending = descending;
  query_changed (self);
}

/* --- Layout ------------------------------------------------------------------------------ */

void
fluo_traces_page_update_width (FluoTracesPage *self)
{
  int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->box));
  int height = fluo_width_box_get_height (FLUO_WIDTH_BOX (self->box));
  gboolean shown = gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer));
  gboolean beside = width >= OVERLAY_PX;
  int table = shown && beside ? width - PREVIEW_PX : width;
  const double scale = fluo_theme_get_text_scale (GTK_WIDGET (self));

  if (width == 0)
    return;
  /* Larger text leaves room for less. */
  table = (int) (table / scale);
  gtk_widget_set_margin_end (self->main, shown && beside ? PREVIEW_PX : 0);
  /* Shut it would still throw its shadow over the edge. */
  if (beside || !shown)
    gtk_widget_remove_css_class (self->preview, "floating");
  else
    gtk_widget_add_css_class (self->preview, "floating");
  fluo_traces_table_set_width (self->table, table < TINY_PX     ? FLUO_TRACES_TINY
                                            : table < NARROW_PX ? FLUO_TRACES_NARROW
                                            : table < MEDIUM_PX ? FLUO_TRACES_MEDIUM
                                                                : FLUO_TRACES_WIDE);
  gtk_widget_set_visible (GTK_WIDGET (self->foot_range), table >= FOOT_RANGE_PX);
  gtk_widget_set_visible (self->foot_export, table >= TINY_PX);
  fluo_traces_compare_set_narrow (FLUO_TRACES_COMPARE (self->compare), table < TINY_PX);
  fluo_traces_charts_set_small (FLUO_TRACES_CHARTS (self->charts), height / scale < LOW_PX,
                                table < TINY_PX);
}

static GtkWidget *
make_table (FluoTracesPage *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->selection = gtk_multi_selection_new (G_LIST_MODEL (g_object_ref (self->list)));
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb),
                           self, G_CONNECT_SWAPPED);
  self->table = fluo_traces_table_new (GTK_SELECTION_MODEL (self->selection), self->scale);
  g_signal_connect_object (self->table, "activate",
                           G_CALLBACK (fluo_traces_page_activated_cb), self, 0);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->table)), "changed",
                           G_CALLBACK (sort_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Traces"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->table);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->scroller);
  self->pill = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->pill, "pill");
  gtk_widget_add_css_class (self->pill, "suggested-action");
  gtk_widget_add_css_class (self->pill, "new-pill");
  gtk_widget_set_halign (self->pill, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->pill, GTK_ALIGN_START);
  gtk_widget_set_visible (self->pill, FALSE);
  g_signal_connect_object (self->pill, "clicked", G_CALLBACK (fluo_traces_page_show_new), self,
                           G_CONNECT_SWAPPED);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->pill);
  return overlay;
}

static void
build (FluoTracesPage *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->main = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->states = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->states), make_table (self), "table");
  gtk_stack_add_named (GTK_STACK (self->states), fluo_traces_page_make_empty (self), "empty");
  self->why = fluo_why_nothing_view_new (self->explorer);
  gtk_stack_add_named (GTK_STACK (self->states), self->why, "why");
  gtk_stack_add_named (GTK_STACK (self->states), fluo_traces_page_make_loading (self), "loading");
  gtk_widget_set_vexpand (self->states, TRUE);
  gtk_widget_add_css_class (self->states, "view");
  fluo_traces_page_make_charts (self);
  gtk_box_append (GTK_BOX (self->main), self->states);
  gtk_box_append (GTK_BOX (self->main), fluo_traces_page_make_foot (self));
  fluo_traces_page_add_gestures (self);

  self->preview = fluo_trace_preview_new (self->explorer);
  gtk_widget_set_size_request (self->preview, PREVIEW_PX, -1);
  g_signal_connect_object (self->preview, "closed",
                           G_CALLBACK (fluo_traces_page_close_preview), self, G_CONNECT_SWAPPED);
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (self->revealer),
                                    GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), self->preview);
  gtk_widget_set_halign (self->revealer, GTK_ALIGN_END);
  gtk_widget_set_can_target (self->revealer, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->main);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->revealer);

  self->box = fluo_width_box_new (overlay, PREVIEW_PX);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->box, "notify::width",
                           G_CALLBACK (fluo_traces_page_update_width), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->box, "notify::height",
                           G_CALLBACK (fluo_traces_page_update_width), self, G_CONNECT_SWAPPED);
}

static void
fluo_traces_page_dispose (GObject *object)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (object);

  g_clear_handle_id (&self->loading_id, g_source_remove);
  g_clear_handle_id (&self->narrow_id, g_source_remove);
  if (self->explorer)
    g_signal_handlers_disconnect_by_data (self->explorer, self);
  if (self->dialog)
    gtk_window_destroy (GTK_WINDOW (self->dialog));
  g_clear_weak_pointer (&self->dialog);
  g_clear_object (&self->chooser);
  fluo_traces_page_ask_vault (self, FALSE);
  /* The table lets go of its rows, which is no choice of the user's. */
  self->refreshing = TRUE;
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->columns, gtk_widget_unparent);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->list);
  g_clear_object (&self->scale);
  g_clear_object (&self->explorer);
  fluo_traces_page_stop_holding (self);
  G_OBJECT_CLASS (fluo_traces_page_parent_class)->dispose (object);
}

static void
fluo_traces_page_finalize (GObject *object)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (object);

  g_ptr_array_unref (self->matching);
  g_ptr_array_unref (self->chosen);
  g_free (self->connection);
  g_free (self->text);
  G_OBJECT_CLASS (fluo_traces_page_parent_class)->finalize (object);
}

static gboolean
fluo_traces_page_grab_focus (GtkWidget *widget)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);

  /* What takes it without rows is a head of a column. */
  self->awaits_rows = fluo_trace_list_get_items (self->list)->len == 0;
  self->keyboard |= self->awaits_rows;

  return (gtk_widget_get_mapped (self->table) && gtk_widget_grab_focus (self->table))
         || self->awaits_rows;
}

static void
fluo_traces_page_class_init (FluoTracesPageClass *klass)
{
  static const char *const comparisons[] = { "traces.compare-sets", "traces.compare-fields",
                                             "traces.group-by", "traces.show-as-table" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_traces_page_dispose;
  object_class->finalize = fluo_traces_page_finalize;
  widget_class->grab_focus = fluo_traces_page_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "traces.copy", NULL,
                                   fluo_traces_page_copy_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.add-to-filter", NULL,
                                   fluo_traces_page_add_to_filter_cb);
  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    gtk_widget_class_install_action (widget_class, comparisons[i], NULL,
                                     fluo_traces_page_compare_cb);
  gtk_widget_class_install_action (widget_class, "traces.copy-csv", NULL,
                                   fluo_traces_page_copy_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.copy-json", NULL,
                                   fluo_traces_page_copy_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.export", NULL,
                                   fluo_traces_page_export_cb);
  gtk_widget_class_install_action (widget_class, "traces.open", NULL,
                                   fluo_traces_page_open_selected_cb);
  gtk_widget_class_install_action (widget_class, "traces.compare-traces", NULL,
                                   fluo_traces_page_compare_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.keep", NULL,
                                   fluo_traces_page_keep_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.let-go", NULL,
                                   fluo_traces_page_keep_rows_cb);
  gtk_widget_class_install_action (widget_class, "traces.toggle-kept", NULL,
                                   fluo_traces_page_keep_rows_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_k, 0, "traces.toggle-kept", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_m, 0, "traces.compare-traces", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "traces.copy",
                                       NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0,
                                fluo_traces_page_close_preview_cb, NULL);
  signals[SIGNAL_COUNTS_CHANGED] = g_signal_new ("counts-changed", G_TYPE_FROM_CLASS (klass),
                                                 G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                 G_TYPE_NONE, 0);
}

static void
fluo_traces_page_init (FluoTracesPage *self)
{
  self->list = fluo_trace_list_new ();
  self->matching = g_ptr_array_ref (fluo_trace_list_get_items (self->list));
  self->chosen = g_ptr_array_new ();
  self->text = g_strdup ("");
  self->sort = FLUO_TRACE_SORT_TIME;
  self->descending = TRUE;
}

GtkWidget *
fluo_traces_page_new (FluoExplorer *explorer)
{
  FluoTracesPage *self = g_object_new (FLUO_TYPE_TRACES_PAGE, NULL);

  self->explorer = g_object_ref (explorer);
  self->scale = fluo_trace_scale_new (explorer);
  build (self);
  g_signal_connect_object (explorer, "matches-changed", G_CALLBACK (matches_changed_cb), self, 0);
  g_signal_connect_object (explorer, "filter-changed", G_CALLBACK (filter_changed_cb), self, 0);
  g_signal_connect_object (explorer, "progress-changed", G_CALLBACK (state_changed_cb), self, 0);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self, 0);
  g_signal_connect_object (explorer, "graph-changed", G_CALLBACK (graph_changed_cb), self, 0);
  g_signal_connect_object (fluo_explorer_get_kept (explorer), "changed",
                           G_CALLBACK (fluo_traces_page_update_kept), self, G_CONNECT_SWAPPED);
  /* Which is also when the vault opens. */
  g_signal_connect_object (fluo_explorer_get_kept (explorer), "changed",
                           G_CALLBACK (fluo_traces_page_update_state), self, G_CONNECT_SWAPPED);
  self->connection = g_strdup (fluo_explorer_get_name (explorer));
  fluo_traces_page_update_kept (self);
  fluo_traces_page_refresh (self);
  return GTK_WIDGET (self);
}

void
fluo_traces_page_set_search (FluoTracesPage *self, const char *text)
{
  g_return_if_fail (FLUO_IS_TRACES_PAGE (self));
  text = text ? text : "";
  if (g_str_equal (self->text, text))
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  query_changed (self);
}

guint
fluo_traces_page_get_n_matching (FluoTracesPage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), 0);
  return self->matching->len;
}

guint
fluo_traces_page_count_selected (FluoTracesPage *self)
{
  guint statuses[FLUO_N_STATUSES];

  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), 0);
  return fluo_traces_charts_count (FLUO_TRACES_CHARTS (self->charts), statuses);
}

FluoTracesCharts *
fluo_traces_page_get_charts (FluoTracesPage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), NULL);
  return FLUO_TRACES_CHARTS (self->charts);
}

char *
fluo_traces_page_dup_selected (FluoTracesPage *self)
{
  g_autoptr (GPtrArray) selected = NULL;

  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), NULL);
  selected = fluo_traces_page_dup_selection (self);
  if (selected->len == 0)
    return NULL;
  return fluo_trace_id_to_string (&((FluoTraceSummary *) g_ptr_array_index (selected, 0))->id);
}

gboolean
fluo_traces_page_select (FluoTracesPage *self, const FluoTraceId *id)
{
  guint position;

  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), FALSE);
  position = fluo_trace_list_find (self->list, id);
  if (position == G_MAXUINT)
    return FALSE;
  fluo_trace_list_hurry (self->list);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
  return TRUE;
}

GListModel *
fluo_traces_page_get_model (FluoTracesPage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_PAGE (self), NULL);
  return G_LIST_MODEL (self->list);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-context-menu.h"
#include "fluo-traces-table.h"

/* What the user does to the table and the preview. */

static void
open_position (FluoTracesPage *self, guint position, const char *action)
{
  FluoTraceSummary *summary = fluo_trace_list_get_summary (self->list, position);
  g_autofree char *id = summary ? fluo_trace_id_to_string (&summary->id) : NULL;

  if (id)
    gtk_widget_activate_action (GTK_WIDGET (self), action, "s", id);
}

void
fluo_traces_page_activated_cb (GtkColumnView *table, guint position, FluoTracesPage *self)
{
  open_position (self, position, "win.open-trace");
}

static void
middle_clicked_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoTracesPage *self)
{
  open_position (self, fluo_traces_table_pick (self->table, x, y), "win.open-trace-background");
}

/* @x and @y are the table's. */
static void
popup_at (FluoTracesPage *self, GtkWidget *popover, double x, double y)
{
  double main_x = x;
  double main_y = y;

  gtk_widget_translate_coordinates (self->table, self->main, x, y, &main_x, &main_y);
  fluo_context_menu_popup (popover, main_x, main_y);
}

static void
secondary_clicked_cb (GtkGestureClick *gesture, int n_press, double x, double y,
                      FluoTracesPage *self)
{
  guint position = fluo_traces_table_pick (self->table, x, y);

  /* On a header: which columns there are. */
  if (position == GTK_INVALID_LIST_POSITION && fluo_traces_table_is_header (self->table, y))
    popup_at (self, self->columns, x, y);
  if (position == GTK_INVALID_LIST_POSITION)
    return;
  if (!gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), position))
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
  fluo_traces_page_update_kept (self);
  popup_at (self, self->popover, x, y);
}

/* Once the rows that came have a height: until then the adjustment's 0 is the first of the old. */
static gboolean
scroll_to_top_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  gboolean *laid_out = data;

  if (!*laid_out)
    {
      *laid_out = TRUE;
      return G_SOURCE_CONTINUE;
    }
  gtk_adjustment_set_value (
    gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
  return G_SOURCE_REMOVE;
}

void
fluo_traces_page_show_new (FluoTracesPage *self)
{
  fluo_traces_page_stop_holding (self);
  fluo_traces_page_refresh (self);
  if (fluo_trace_list_get_items (self->list)->len > 0)
    fluo_compat_scroll_to_item (self->table, 0);
  gtk_widget_add_tick_callback (GTK_WIDGET (self), scroll_to_top_cb, g_new0 (gboolean, 1), g_free);
}

void
fluo_traces_page_close_preview (FluoTracesPage *self)
{
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  fluo_traces_page_show_preview (self, NULL);
  fluo_traces_page_update_width (self);
  gtk_widget_grab_focus (self->table);
}

/* Esc: what is open goes, then it is the next one's to take. */
gboolean
fluo_traces_page_close_preview_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);

  if (!gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer)))
    return GDK_EVENT_PROPAGATE;
  fluo_traces_page_close_preview (self);
  return GDK_EVENT_STOP;
}

void
fluo_traces_page_open_selected_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  g_autoptr (GtkBitset)
      set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  if (!gtk_bitset_is_empty (set))
    open_position (self, gtk_bitset_get_minimum (set), "win.open-trace");
}

static void
append_unless_disabled (GMenu *menu, const char *label, const char *action)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, action);

  g_menu_item_set_attribute (item, "hidden-when", "s", "action-disabled");
  g_menu_append_item (menu, item);
}

void
fluo_traces_page_add_gestures (FluoTracesPage *self)
{
  GtkGesture *middle = gtk_gesture_click_new ();
  GtkGesture *secondary = gtk_gesture_click_new ();
  GMenu *menu = g_menu_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (middle), GDK_BUTTON_MIDDLE);
  g_signal_connect_object (middle, "released", G_CALLBACK (middle_clicked_cb), self, 0);
  gtk_widget_add_controller (self->table, GTK_EVENT_CONTROLLER (middle));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (secondary, "pressed", G_CALLBACK (secondary_clicked_cb), self, 0);
  gtk_widget_add_controller (self->table, GTK_EVENT_CONTROLLER (secondary));
  g_menu_append (menu, _("Open trace"), "traces.open");
  append_unless_disabled (menu, _("Keep for good"), "traces.keep");
  append_unless_disabled (menu, _("Let go again"), "traces.let-go");
  g_menu_append (menu, _("Copy as text"), "traces.copy");
  g_menu_append (menu, _("Copy as CSV"), "traces.copy-csv");
  g_menu_append (menu, _("Copy as JSON"), "traces.copy-json");
  g_menu_append (menu, _("Copy trace ID"), "win.copy-trace-id");
  self->popover = fluo_context_menu_new (G_MENU_MODEL (menu), self->main);
  self->columns = fluo_context_menu_new (fluo_traces_table_make_menu (self->table), self->main);
  /* The menu hangs from here, its actions are the table's. */
  gtk_widget_insert_action_group (self->main, "columns",
                                  fluo_traces_table_get_actions (self->table));
  g_object_unref (menu);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace-page-fixture.h"

GtkWidget *
trace_page_show (GtkWidget *page)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 1440, 816);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

gboolean
trace_page_is_laid_out (gpointer data)
{
  FluoTracePage *page = data;

  return gtk_widget_get_width (GTK_WIDGET (page->waterfall)) > 0 &&
         fluo_waterfall_view_get_layout (page->waterfall)->boxes->len > 0;
}

const char *
trace_page_selected_name (FluoTracePage *page)
{
  return fluo_waterfall_rows_get_name (fluo_waterfall_view_get_rows (page->waterfall),
                                       fluo_waterfall_view_get_selected (page->waterfall));
}

gboolean
trace_page_press_on (GtkWidget *widget, guint keyval, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, state, &handled);
    }

  return handled;
}

gboolean
trace_page_press (FluoTracePage *page, guint keyval, GdkModifierType state)
{
  return trace_page_press_on (GTK_WIDGET (page->waterfall), keyval, state);
}

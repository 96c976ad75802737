/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

#include "app/ask/fluo-query-bar.h"
#include "app/traces/fluo-traces-page.h"
#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"

/* The smallest window. */
#define MIN_WIDTH_PX 360
#define MIN_HEIGHT_PX 480
#define LONG_TOAST_CHARS 50

G_DEFINE_FINAL_TYPE (FluoWindow, fluo_window, ADW_TYPE_APPLICATION_WINDOW)

static void
counts_changed_cb (FluoWindow *self)
{
  fluo_window_update_header (self);
}

GtkWidget *
fluo_window_ensure_traces (FluoWindow *self)
{
  if (!self->traces_page)
    {
      self->traces_page = fluo_traces_page_new (self->explorer);
      g_signal_connect_object (self->traces_page, "counts-changed", G_CALLBACK (counts_changed_cb),
                               self, G_CONNECT_SWAPPED);
      gtk_stack_add_named (GTK_STACK (self->explore), self->traces_page, "traces");
      fluo_window_mark_insight (self);
      fluo_traces_page_set_search (FLUO_TRACES_PAGE (self->traces_page),
                                   fluo_query_bar_get_words (FLUO_QUERY_BAR (self->query_bar)));
    }
  return self->traces_page;
}

static gboolean
shows_start (FluoWindow *self)
{
  FluoExplorerState state = fluo_explorer_get_state (self->explorer);

  if (fluo_explorer_is_empty (self->explorer)
      || (self->start_page && fluo_start_page_is_busy (FLUO_START_PAGE (self->start_page))))
    return TRUE;
  /* Local but not reached yet: the start page says what is being done about it. */
  return g_str_equal (self->connection_kind, "local") && fluo_explorer_is_local (self->explorer) &&
         !fluo_explorer_get_status (self->explorer) &&
         fluo_explorer_get_summaries (self->explorer)->len == 0 &&
         state != FLUO_EXPLORER_CONNECTED && state != FLUO_EXPLORER_CONNECTING;
}

void
fluo_window_update (FluoWindow *self)
{
  const char *child = self->page;

  if (shows_start (self))
    {
      if (!self->start_page)
        {
          self->start_page = fluo_start_page_new (self->explorer);
          g_signal_connect_object (self->start_page, "notify::busy",
                                   G_CALLBACK (fluo_window_update), self, G_CONNECT_SWAPPED);
          gtk_stack_add_named (GTK_STACK (self->explore), self->start_page, "start");
        }
      child = "start";
    }
  else if (g_str_equal (child, "traces"))
    fluo_window_ensure_traces (self);
  else if (g_str_equal (child, "insights"))
    fluo_window_ensure_insights (self);
  else if (!self->map_page)
    {
      self->map_page = fluo_map_page_new (self->explorer);
      fluo_map_page_set_insights (FLUO_MAP_PAGE (self->map_page), self->insights);
      gtk_stack_add_named (GTK_STACK (self->explore), self->map_page, "map");
    }
  if (g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->explore)), child) != 0)
    gtk_stack_set_visible_child_name (GTK_STACK (self->explore), child);
  fluo_window_update_header (self);
  fluo_window_update_actions (self);
}

static void
explorer_changed_cb (FluoWindow *self)
{
  fluo_window_update (self);
}

gboolean
fluo_window_has_page (const char *page)
{
  return g_str_equal (page, "map") || g_str_equal (page, "traces")
         || g_str_equal (page, "insights");
}

void
fluo_window_show_page (FluoWindow *self, const char *page)
{
  g_return_if_fail (FLUO_IS_WINDOW (self));
  g_return_if_fail (fluo_window_has_page (page));

  if (!g_str_equal (self->page, page))
    {
      g_free (self->page);
      self->page = g_strdup (page);
    }
  fluo_window_show_tab (self, NULL);
  fluo_window_update (self);
  fluo_window_visit (self);
}

void
fluo_window_set_search (FluoWindow *self, const char *text)
{
  fluo_query_bar_set_query (FLUO_QUERY_BAR (self->query_bar), text);
}

void
fluo_window_focus_search (FluoWindow *self)
{
  FluoTab *tab = fluo_window_get_tab (self);

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_find (FLUO_TRACE_PAGE (tab->page));
  else if (!tab)
    fluo_query_bar_focus (FLUO_QUERY_BAR (self->query_bar));
}

void
fluo_window_focus_page (FluoWindow *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->explore));
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  if (page && !(focus && gtk_widget_is_ancestor (focus, page)) && !gtk_widget_grab_focus (page))
    gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, FluoWindow *self)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *file = files; file; file = file->next)
    fluo_window_open_file (self, file->data);
  return files != NULL;
}

static gboolean
fluo_window_close_request (GtkWindow *window)
{
  fluo_window_save_state (FLUO_WINDOW (window));
  return GTK_WINDOW_CLASS (fluo_window_parent_class)->close_request (window);
}

static void
fluo_window_dispose (GObject *object)
{
  FluoWindow *self = FLUO_WINDOW (object);

  self->connecting++;
  g_clear_weak_pointer (&self->kept_toast);
  if (self->explorer)
    {
      g_signal_handlers_disconnect_by_data (self->explorer, self);
      g_signal_handlers_disconnect_by_data (self->insights, self);
      g_signal_handlers_disconnect_by_data (self->session, self);
    }
  G_OBJECT_CLASS (fluo_window_parent_class)->dispose (object);
  g_clear_object (&self->insights);
  g_clear_object (&self->session);
  g_clear_object (&self->explorer);
  g_clear_object (&self->collector);
}

static void
fluo_window_finalize (GObject *object)
{
  FluoWindow *self = FLUO_WINDOW (object);

  g_ptr_array_unref (self->tabs);
  g_ptr_array_unref (self->history);
  g_clear_pointer (&self->link, fluo_console_link_free);
  g_free (self->connection_kind);
  g_free (self->connection_name);
  g_free (self->connection_region);
  g_free (self->page);
  G_OBJECT_CLASS (fluo_window_parent_class)->finalize (object);
}

static void
fluo_window_class_init (FluoWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_window_dispose;
  object_class->finalize = fluo_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = fluo_window_close_request;
  fluo_window_install_actions (klass);
}

static void
width_changed_cb (FluoWindow *self)
{
  fluo_window_update_fold (self);
}

static void
build (FluoWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bars = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_add_css_class (bars, "fluo-bars");
  gtk_box_append (GTK_BOX (bars), fluo_window_make_header (self));
  gtk_box_append (GTK_BOX (bars), fluo_window_make_tab_bar (self));
  gtk_box_append (GTK_BOX (bars), fluo_window_make_query_bar (self));
  gtk_box_append (GTK_BOX (box), bars);
  gtk_box_append (GTK_BOX (box), fluo_window_make_error (self));

  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  self->explore = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->explore), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->explore), FALSE);
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_named (GTK_STACK (self->stack), self->explore, "explore");
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->stack);
  gtk_box_append (GTK_BOX (box), self->toasts);
  gtk_box_append (GTK_BOX (box), fluo_window_make_bottom (self));

  self->width_box = fluo_width_box_new (box, MIN_WIDTH_PX);
  g_signal_connect_object (self->width_box, "notify::width", G_CALLBACK (width_changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), self->width_box);
  g_signal_connect_object (drop, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

static void
fluo_window_init (FluoWindow *self)
{
  self->explorer = fluo_explorer_new ();
  self->session = fluo_session_new (self->explorer);
  fluo_window_add_insights (self);
  self->tabs = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tab_free);
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_place_free);
  self->connection_kind = g_strdup ("local");
  self->connection_name = g_strdup ("");
  self->connection_region = g_strdup ("");
  self->page = g_strdup ("map");
  gtk_window_set_title (GTK_WINDOW (self), _ ("Fluoroscope"));
  gtk_window_set_icon_name (GTK_WINDOW (self), FLUO_APP_ID);
  gtk_widget_set_size_request (GTK_WIDGET (self), MIN_WIDTH_PX, MIN_HEIGHT_PX);
  fluo_window_load_size (self);
  fluo_window_add_page_action (self);
  build (self);
  fluo_window_follow_session (self);
  g_signal_connect_object (self->explorer, "state-changed", G_CALLBACK (explorer_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "summaries-changed", G_CALLBACK (explorer_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "progress-changed", G_CALLBACK (counts_changed_cb), self,
                           G_CONNECT_SWAPPED);
  fluo_window_update (self);
}

GtkWidget *
fluo_window_new (GtkApplication *application, FluoCollector *collector)
{
  FluoWindow *self = g_object_new (FLUO_TYPE_WINDOW, "application", application, NULL);

  g_set_object (&self->collector, collector);
  return GTK_WIDGET (self);
}

FluoExplorer *
fluo_window_get_explorer (FluoWindow *self)
{
  g_return_val_if_fail (FLUO_IS_WINDOW (self), NULL);
  return self->explorer;
}

FluoSession *
fluo_window_get_session (FluoWindow *self)
{
  g_return_val_if_fail (FLUO_IS_WINDOW (self), NULL);
  return self->session;
}

void
fluo_window_toast (FluoWindow *self, const char *text)
{
  AdwToast *toast;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  toast = fluo_foreign_new_toast (text);
  /* One that stays goes on afterwards. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

AdwToast *
fluo_window_toast_long (FluoWindow *self, const char *text)
{
  AdwToast *toast = fluo_foreign_new_toast (text);
  GtkWidget *label = gtk_label_new (NULL);

  fluo_foreign_set_label (GTK_LABEL (label), text, FLUO_FOREIGN_TOAST_CHARS_MAX);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), LONG_TOAST_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  adw_toast_set_custom_title (toast, label);
  adw_toast_set_timeout (toast, 0);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
  return toast;
}

const char *
fluo_window_get_place (FluoWindow *self)
{
  FluoTab *tab;

  g_return_val_if_fail (FLUO_IS_WINDOW (self), NULL);
  tab = fluo_window_get_tab (self);
  return tab ? tab->id : gtk_stack_get_visible_child_name (GTK_STACK (self->explore));
}

guint
fluo_window_get_n_tabs (FluoWindow *self)
{
  g_return_val_if_fail (FLUO_IS_WINDOW (self), 0);
  return self->tabs->len;
}

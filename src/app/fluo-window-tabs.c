/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"

/* The tabs of a window: what they say of the connections, and what can be done with them. */

#define POPDOWN_MS 150

/* --- What a tab says ------------------------------------------------------------------------ */

static AdwTabPage *
get_page (FluoWindow *self, FluoView *view)
{
  return adw_tab_view_get_page (self->tabs, GTK_WIDGET (view));
}

static void
set_icon (AdwTabPage *page, FluoAccent accent)
{
  g_autoptr (GIcon) icon = NULL;

  if (accent != FLUO_ACCENT_NONE)
    {
      g_autofree char *name = g_strconcat ("fluoroscope-mark-", fluo_accent_get_name (accent),
                                           NULL);

      icon = g_themed_icon_new (name);
    }
  adw_tab_page_set_icon (page, icon);
}

static void
set_trouble (AdwTabPage *page, FluoViewTrouble trouble)
{
  const struct
  {
    const char *icon;
    const char *tooltip;
  } marks[] = {
    [FLUO_VIEW_TROUBLE_NONE] = { NULL, "" },
    [FLUO_VIEW_TROUBLE_RETRYING] = { "fluoroscope-refresh-symbolic",
                                     _("Does not answer; it is tried again") },
    [FLUO_VIEW_TROUBLE_FAILED] = { "fluoroscope-status-fault-symbolic",
                                   _("Traces could not be read") },
    [FLUO_VIEW_TROUBLE_SIGNED_OUT] = { "fluoroscope-key-symbolic", _("Signed out") },
  };
  g_autoptr (GIcon) icon = marks[trouble].icon ? g_themed_icon_new (marks[trouble].icon) : NULL;

  adw_tab_page_set_indicator_icon (page, icon);
  adw_tab_page_set_indicator_tooltip (page, marks[trouble].tooltip);
  adw_tab_page_set_needs_attention (page, trouble >= FLUO_VIEW_TROUBLE_FAILED
                                            && !adw_tab_page_get_selected (page));
}

static void
update_window_title (FluoWindow *self)
{
  FluoView *view = fluo_window_get_view (self);
  g_autofree char *name = view ? fluo_view_dup_title (view) : NULL;
  /* Translators: the title of a window: the name of a connection. */
  g_autofree char *title = name ? g_strdup_printf (_("%s – Fluoroscope"), name)
                                : g_strdup (_("Fluoroscope"));

  if (g_strcmp0 (gtk_window_get_title (GTK_WINDOW (self)), title) != 0)
    gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
view_changed_cb (FluoWindow *self, FluoView *view)
{
  AdwTabPage *page = get_page (self, view);
  FluoExplorer *explorer = fluo_view_get_explorer (view);
  g_autofree char *title = fluo_view_dup_title (view);
  g_autofree char *tooltip = g_markup_printf_escaped (
    "%s\n%s", title, fluo_explorer_get_detail (explorer));

  if (g_strcmp0 (adw_tab_page_get_title (page), title) != 0)
    adw_tab_page_set_title (page, title);
  adw_tab_page_set_tooltip (page, tooltip);
  adw_tab_page_set_loading (page, fluo_explorer_get_client (explorer)
                                    && !fluo_explorer_is_resting (explorer)
                                    && fluo_explorer_is_loading (explorer));
  set_icon (page, fluo_view_get_accent (view));
  set_trouble (page, fluo_view_get_trouble (view));
  if (view == fluo_window_get_view (self))
    update_window_title (self);
}

/* What is not seen rests. The header bar of the one in front, or the bar above it, has the buttons
 * of the window. */
static void
follow_front (FluoWindow *self)
{
  FluoView *front = fluo_window_get_view (self);
  guint n = fluo_window_get_n_views (self);

  for (guint i = 0; i < n; i++)
    {
      FluoView *view = fluo_window_get_nth_view (self, i);

      fluo_explorer_set_resting (fluo_view_get_explorer (view), view != front);
      fluo_view_show_title_buttons (view, !adw_tab_bar_get_tabs_revealed (self->bar));
    }
  if (front && front != self->front)
    view_changed_cb (self, front);
  self->front = front;
  update_window_title (self);
}

static void
selected_cb (FluoWindow *self)
{
  follow_front (self);
}

/* --- Views come and go ----------------------------------------------------------------------- */

static void
raise_cb (FluoWindow *self, FluoView *view)
{
  fluo_window_show_view (self, view);
  gtk_window_present (GTK_WINDOW (self));
}

/* The last one takes the window with it, which remembers what it showed. */
static void
close_cb (FluoWindow *self, FluoView *view)
{
  if (fluo_window_get_n_views (self) > 1)
    adw_tab_view_close_page (self->tabs, get_page (self, view));
  else
    gtk_window_close (GTK_WINDOW (self));
}

typedef struct
{
  AdwTabView *tabs;
  AdwTabPage *page;
} Closing;

static void
closing_free (Closing *closing)
{
  g_object_unref (closing->tabs);
  g_object_unref (closing->page);
  g_free (closing);
}

static gboolean
popped_down_cb (gpointer data)
{
  Closing *closing = data;

  /* It may have gone to another window, or with its own, meanwhile. */
  for (int i = 0; i < adw_tab_view_get_n_pages (closing->tabs); i++)
    if (adw_tab_view_get_nth_page (closing->tabs, i) == closing->page)
      adw_tab_view_close_page_finish (closing->tabs, closing->page, TRUE);
  return G_SOURCE_REMOVE;
}

/* GTK never lets go of a popover, and of the keyboard with it, whose parent ends while it is open.
 * The X server has to hear first that it is closed. */
static gboolean
close_page_cb (FluoWindow *self, AdwTabPage *page)
{
  Closing *closing;

  if (!fluo_compat_popdown_all (adw_tab_page_get_child (page)))
    return FALSE;
  closing = g_new (Closing, 1);
  *closing = (Closing) { g_object_ref (self->tabs), g_object_ref (page) };
  g_timeout_add_full (G_PRIORITY_DEFAULT, POPDOWN_MS, popped_down_cb, closing,
                      (GDestroyNotify) closing_free);
  return TRUE;
}

static void
apart_cb (FluoWindow *self, FluoView *other, gboolean window, FluoView *view)
{
  if (window)
    {
      FluoWindow *apart = fluo_window_new_empty (self);

      fluo_window_add_view (apart, other, TRUE);
      gtk_window_present (GTK_WINDOW (apart));
    }
  else
    fluo_window_add_view (self, other, TRUE);
}

static void
attached_cb (FluoWindow *self, AdwTabPage *page, int position)
{
  GtkWidget *view = adw_tab_page_get_child (page);

  g_signal_connect_object (view, "changed", G_CALLBACK (view_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "raise", G_CALLBACK (raise_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "close", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "apart", G_CALLBACK (apart_cb), self, G_CONNECT_SWAPPED);
  fluo_compat_name_tabs (self->bar);
  view_changed_cb (self, FLUO_VIEW (view));
  follow_front (self);
}

static void
detached_cb (FluoWindow *self, AdwTabPage *page, int position)
{
  g_signal_handlers_disconnect_by_data (adw_tab_page_get_child (page), self);
  if (self->menu_page == page)
    self->menu_page = NULL;
  if (self->front == FLUO_VIEW (adw_tab_page_get_child (page)))
    self->front = NULL;
  /* The last one went to another window. */
  if (adw_tab_view_get_n_pages (self->tabs) == 0)
    gtk_window_destroy (GTK_WINDOW (self));
}

static AdwTabView *
create_window_cb (FluoWindow *self)
{
  FluoWindow *window = fluo_window_new_empty (self);

  gtk_window_present (GTK_WINDOW (window));
  return window->tabs;
}

static void
indicator_cb (FluoWindow *self, AdwTabPage *page)
{
  FluoView *view = FLUO_VIEW (adw_tab_page_get_child (page));

  fluo_window_show_view (self, view);
  gtk_widget_activate_action (
    GTK_WIDGET (view),
    fluo_view_get_trouble (view) == FLUO_VIEW_TROUBLE_SIGNED_OUT ? "win.sign-in" : "win.reload",
    NULL);
}

/* --- What can be done with a tab ------------------------------------------------------------- */

static void
setup_menu_cb (FluoWindow *self, AdwTabPage *page)
{
  guint n = fluo_window_get_n_views (self);

  self->menu_page = page;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tab.move-to-window", n > 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tab.close-others", n > 1);
}

static AdwTabPage *
get_menu_page (FluoWindow *self)
{
  return self->menu_page ? self->menu_page : adw_tab_view_get_selected_page (self->tabs);
}

static void
new_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_new_tab (FLUO_WINDOW (widget));
}

static void
tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  AdwTabPage *page = get_menu_page (self);
  FluoView *view;

  if (!page)
    return;
  view = FLUO_VIEW (adw_tab_page_get_child (page));
  if (g_str_equal (name, "tab.move-to-window"))
    fluo_window_move_to_new_window (self, view);
  else if (g_str_equal (name, "tab.close-others"))
    adw_tab_view_close_other_pages (self->tabs, page);
  else if (g_str_equal (name, "tab.close"))
    close_cb (self, view);
  else
    {
      FluoView *other = FLUO_VIEW (fluo_view_new (self->collector));
      g_autoptr (GVariant) state = g_variant_ref_sink (fluo_view_make_state (view));

      adw_tab_view_set_selected_page (self->tabs, page);
      fluo_window_add_view (self, other, TRUE);
      fluo_view_restore_state (other, state);
    }
}

void
fluo_window_install_tab_actions (GtkWidgetClass *widget_class)
{
  static const char *const names[] = { "tab.move-to-window", "tab.duplicate", "tab.close-others",
                                       "tab.close" };

  gtk_widget_class_install_action (widget_class, "win.new-tab", NULL, new_tab_cb);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_class_install_action (widget_class, names[i], NULL, tab_cb);
}

static GMenuModel *
make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) first = g_menu_new ();
  g_autoptr (GMenu) last = g_menu_new ();

  g_menu_append (first, _("Move to New Window"), "tab.move-to-window");
  g_menu_append (first, _("Duplicate"), "tab.duplicate");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
  g_menu_append (last, _("Close Other Tabs"), "tab.close-others");
  g_menu_append (last, _("Close"), "tab.close");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (last));
  return G_MENU_MODEL (menu);
}

/* --- Making -------------------------------------------------------------------------------- */

static void
revealed_cb (FluoWindow *self)
{
  follow_front (self);
}

static GtkWidget *
make_new_tab_button (void)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("fluoroscope-plus-symbolic");

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.new-tab");
  gtk_widget_set_tooltip_text (button, _("New tab"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("New tab"), -1);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

/* They are in a header bar while this row slides away, and not twice. */
static GtkWidget *
make_controls (FluoWindow *self, GtkPackType side)
{
  GtkWidget *controls = gtk_window_controls_new (side);

  g_object_bind_property (self->bar, "tabs-revealed", controls, "visible", G_BINDING_SYNC_CREATE);
  return controls;
}

/* Above the header bars, as all that is in them belongs to one tab; so the buttons of the window
 * are here while it is shown. Only its end moves the window: a handle around the tabs would move
 * it while one of them is dragged. */
static GtkWidget *
make_bar (FluoWindow *self)
{
  GtkWidget *handle = gtk_window_handle_new ();
  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->bar = adw_tab_bar_new ();
  adw_tab_bar_set_view (self->bar, self->tabs);
  adw_tab_bar_set_expand_tabs (self->bar, FALSE);
  adw_tab_bar_set_start_action_widget (self->bar, make_controls (self, GTK_PACK_START));
  gtk_box_append (GTK_BOX (end), make_new_tab_button ());
  gtk_box_append (GTK_BOX (end), make_controls (self, GTK_PACK_END));
  gtk_window_handle_set_child (GTK_WINDOW_HANDLE (handle), end);
  adw_tab_bar_set_end_action_widget (self->bar, handle);
  gtk_widget_add_css_class (GTK_WIDGET (self->bar), "fluo-connections");
  g_signal_connect_object (self->bar, "notify::tabs-revealed", G_CALLBACK (revealed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self->bar);
}

GtkWidget *
fluo_window_make_tabs (FluoWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (GMenuModel) menu = make_menu ();

  self->tabs = adw_tab_view_new ();
  adw_tab_view_set_menu_model (self->tabs, menu);
  /* The others are keys of text fields, or go through the traces of a view. */
  adw_tab_view_set_shortcuts (self->tabs,
                              ADW_TAB_VIEW_SHORTCUT_CONTROL_PAGE_UP
                                | ADW_TAB_VIEW_SHORTCUT_CONTROL_PAGE_DOWN
                                | ADW_TAB_VIEW_SHORTCUT_CONTROL_SHIFT_PAGE_UP
                                | ADW_TAB_VIEW_SHORTCUT_CONTROL_SHIFT_PAGE_DOWN
                                | ADW_TAB_VIEW_SHORTCUT_ALT_DIGITS
                                | ADW_TAB_VIEW_SHORTCUT_ALT_ZERO);
  /* When the bar has its tab, too. */
  g_signal_connect_object (self->tabs, "page-attached", G_CALLBACK (attached_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->tabs, "page-detached", G_CALLBACK (detached_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tabs, "close-page", G_CALLBACK (close_page_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tabs, "create-window", G_CALLBACK (create_window_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tabs, "setup-menu", G_CALLBACK (setup_menu_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tabs, "indicator-activated", G_CALLBACK (indicator_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tabs, "notify::selected-page", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_vexpand (GTK_WIDGET (self->tabs), TRUE);
  gtk_box_append (GTK_BOX (box), make_bar (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->tabs));
  return box;
}

/* --- Public -------------------------------------------------------------------------------- */

guint
fluo_window_get_n_views (FluoWindow *self)
{
  g_return_val_if_fail (FLUO_IS_WINDOW (self), 0);
  return self->tabs ? (guint) adw_tab_view_get_n_pages (self->tabs) : 0;
}

FluoView *
fluo_window_get_nth_view (FluoWindow *self, guint index)
{
  g_return_val_if_fail (index < fluo_window_get_n_views (self), NULL);
  return FLUO_VIEW (adw_tab_page_get_child (adw_tab_view_get_nth_page (self->tabs, (int) index)));
}

void
fluo_window_add_view (FluoWindow *self, FluoView *view, gboolean front)
{
  AdwTabPage *page;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  /* Beside the one it was opened from; what is restored comes one after the other. */
  page = front ? adw_tab_view_add_page (self->tabs, GTK_WIDGET (view),
                                        adw_tab_view_get_selected_page (self->tabs))
               : adw_tab_view_append (self->tabs, GTK_WIDGET (view));
  adw_tab_page_set_indicator_activatable (page, TRUE);
  if (front)
    adw_tab_view_set_selected_page (self->tabs, page);
}

void
fluo_window_show_view (FluoWindow *self, FluoView *view)
{
  g_return_if_fail (FLUO_IS_WINDOW (self));
  adw_tab_view_set_selected_page (self->tabs, get_page (self, view));
}

FluoView *
fluo_window_new_tab (FluoWindow *self)
{
  FluoView *view;

  g_return_val_if_fail (FLUO_IS_WINDOW (self), NULL);
  view = FLUO_VIEW (fluo_view_new (self->collector));
  fluo_window_add_view (self, view, TRUE);
  fluo_view_connect_local (view);
  gtk_widget_activate_action (GTK_WIDGET (view), "win.switch-connection", NULL);
  return view;
}

void
fluo_window_move_to_new_window (FluoWindow *self, FluoView *view)
{
  FluoWindow *window;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  window = fluo_window_new_empty (self);
  adw_tab_view_transfer_page (self->tabs, get_page (self, view), window->tabs, 0);
  gtk_window_present (GTK_WINDOW (window));
}

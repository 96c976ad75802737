/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-context-menu.h"

/* @data: the parent. */
static gboolean
return_focus_cb (gpointer data)
{
  GtkRoot *root = gtk_widget_get_root (data);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, data) && !gtk_widget_get_mapped (focus))
    gtk_widget_grab_focus (data);
  return G_SOURCE_REMOVE;
}

/* GTK gives the focus back by itself, but forgets to when a submenu is open: going back to the
 * menu's first page, unseen, takes it once more. */
static void
closed_cb (GtkWidget *parent)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, return_focus_cb, g_object_ref (parent),
                   g_object_unref);
}

GtkWidget *
fluo_context_menu_new (GMenuModel *model, GtkWidget *parent)
{
  GtkWidget *menu = gtk_popover_menu_new_from_model (model);

  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  gtk_widget_set_parent (menu, parent);
  g_signal_connect_object (menu, "closed", G_CALLBACK (closed_cb), parent, G_CONNECT_SWAPPED);
  return menu;
}

void
fluo_context_menu_set_model (GtkWidget **menu, GMenuModel *model, GtkWidget *parent)
{
  if (*menu == NULL)
    *menu = fluo_context_menu_new (model, parent);
  else
    gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (*menu), model);
}

void
fluo_context_menu_popup (GtkWidget *menu, double x, double y)
{
  gtk_popover_set_pointing_to (GTK_POPOVER (menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (menu));
}

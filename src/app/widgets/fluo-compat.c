/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-compat.h"

#include <glib/gi18n.h>

/* Of the classes that say which connection one looks at. */
#define MARK "accent-"

static void
uri_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    g_message ("can't open a link: %s", error->message);
}

void
fluo_compat_open_uri (GtkWidget *parent, const char *uri)
{
  g_autoptr (GdkAppLaunchContext) context = NULL;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  context = gdk_display_get_app_launch_context (gtk_widget_get_display (parent));
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL, uri_opened_cb,
                                           NULL);
}

void
fluo_compat_scroll_to_item (GtkWidget *view, guint position)
{
  GtkWidget *list = view;

  g_return_if_fail (GTK_IS_WIDGET (view));
  /* The list inside a column view is its last child and is the one with the action. */
  if (GTK_IS_COLUMN_VIEW (view))
    list = gtk_widget_get_last_child (view);
  if (list)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", position);
}

/* GTK 4.8 has no word for a row's name, and would read its class. */
void
fluo_compat_name_row (GtkWidget *child, const char *name)
{
  GtkWidget *cell = gtk_widget_get_parent (child);
  GtkWidget *row = cell ? gtk_widget_get_parent (cell) : NULL;

  if (row)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* GTK 4.8 keeps room for the fixed width of a hidden column, which the others then lack. */
void
fluo_compat_show_column (GtkColumnViewColumn *column, gboolean visible)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW_COLUMN (column));

  if (visible)
    gtk_column_view_column_set_fixed_width (
        column, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), FLUO_COMPAT_WIDTH_KEY)));
  else
    {
      g_object_set_data (G_OBJECT (column), FLUO_COMPAT_WIDTH_KEY,
                         GINT_TO_POINTER (gtk_column_view_column_get_fixed_width (column)));
      gtk_column_view_column_set_fixed_width (column, 0);
    }
  gtk_column_view_column_set_visible (column, visible);
}

/* GTK 4.8 has no property for that. */
void
fluo_compat_align_titles (GtkColumnView *view, guint first)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (view));
  guint column = 0;

  for (GtkWidget *title = gtk_widget_get_first_child (header); title != NULL;
       title = gtk_widget_get_next_sibling (title), column++)
    if (column >= first && gtk_widget_get_first_child (title) != NULL)
      gtk_widget_set_halign (gtk_widget_get_first_child (title), GTK_ALIGN_END);
}

static void
dialog_unrealized_cb (GtkWindow *dialog)
{
  gtk_window_set_transient_for (dialog, NULL);
}

/* The view that is in front in @widget, or NULL. */
static GtkWidget *
find_view (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (g_str_equal (gtk_widget_get_css_name (widget), "fluoview"))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child))
      found = find_view (child);
  return found;
}

/* What marks @from marks @to as well. */
static void
copy_marks (GtkWidget *to, GtkWidget *from)
{
  g_auto (GStrv) classes = gtk_widget_get_css_classes (from);

  for (guint i = 0; classes[i]; i++)
    if (g_str_has_prefix (classes[i], MARK))
      gtk_widget_add_css_class (to, classes[i]);
}

void
fluo_compat_take_mark (GtkWindow *dialog, GtkWidget *from)
{
  g_auto (GStrv) old = NULL;
  GtkWidget *view;

  g_return_if_fail (GTK_IS_WINDOW (dialog));
  old = gtk_widget_get_css_classes (GTK_WIDGET (dialog));
  for (guint i = 0; old[i]; i++)
    if (g_str_has_prefix (old[i], MARK))
      gtk_widget_remove_css_class (GTK_WIDGET (dialog), old[i]);
  view = from ? find_view (from) : NULL;
  if (from)
    copy_marks (GTK_WIDGET (dialog), view ? view : from);
}

void
fluo_compat_set_parent (GtkWindow *dialog, GtkWindow *parent)
{
  g_return_if_fail (GTK_IS_WINDOW (dialog));
  g_return_if_fail (GTK_IS_WINDOW (parent));
  gtk_window_set_modal (dialog, TRUE);
  gtk_window_set_destroy_with_parent (dialog, TRUE);
  gtk_window_set_transient_for (dialog, parent);
  fluo_compat_take_mark (dialog, GTK_WIDGET (parent));
  g_signal_connect (dialog, "unrealize", G_CALLBACK (dialog_unrealized_cb), NULL);
}

static void
owner_destroyed_cb (GtkWindow *dialog)
{
  gtk_window_destroy (dialog);
}

void
fluo_compat_set_owner (GtkWindow *dialog, GtkWidget *owner)
{
  g_return_if_fail (GTK_IS_WIDGET (owner));
  fluo_compat_set_parent (dialog, GTK_WINDOW (gtk_widget_get_root (owner)));
  g_signal_connect_object (owner, "destroy", G_CALLBACK (owner_destroyed_cb), dialog,
                           G_CONNECT_SWAPPED);
}

gboolean
fluo_compat_popdown_all (GtkWidget *widget)
{
  gboolean found = GTK_IS_POPOVER (widget) && gtk_widget_get_mapped (widget);

  if (found)
    gtk_popover_popdown (GTK_POPOVER (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    found |= fluo_compat_popdown_all (child);
  return found;
}

static void
name_buttons (GtkWidget *widget)
{
  const char *name = gtk_widget_has_css_class (widget, "tab-close-button")  ? _("Close tab")
                     : gtk_widget_has_css_class (widget, "tab-indicator") ? _("What is wrong")
                                                                          : NULL;

  if (name)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    name_buttons (child);
}

void
fluo_compat_name_tabs (AdwTabBar *bar)
{
  g_return_if_fail (ADW_IS_TAB_BAR (bar));
  name_buttons (GTK_WIDGET (bar));
}

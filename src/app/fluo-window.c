/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

/* The smallest window. */
#define MIN_WIDTH_PX 360
#define MIN_HEIGHT_PX 480
#define ACTION_PREFIX "win."

G_DEFINE_FINAL_TYPE (FluoWindow, fluo_window, ADW_TYPE_APPLICATION_WINDOW)

FluoView *
fluo_window_get_view (FluoWindow *self)
{
  AdwTabPage *page;

  g_return_val_if_fail (FLUO_IS_WINDOW (self), NULL);
  page = self->tabs ? adw_tab_view_get_selected_page (self->tabs) : NULL;
  return page ? FLUO_VIEW (adw_tab_page_get_child (page)) : NULL;
}

/* Keys are the window's, and so are the actions of whoever knows the window alone. */
static void
forward_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *view = fluo_window_get_view (FLUO_WINDOW (widget));

  if (view)
    gtk_widget_activate_action_variant (GTK_WIDGET (view), name, parameter);
}

static void
install_forwards (GtkWidgetClass *widget_class)
{
  GtkWidgetClass *view_class = g_type_class_ref (FLUO_TYPE_VIEW);
  const GVariantType *type;
  const char *name;
  const char *property;
  GType owner;

  for (guint i = 0;
       gtk_widget_class_query_action (view_class, i, &owner, &name, &type, &property); i++)
    if (g_str_has_prefix (name, ACTION_PREFIX))
      {
        g_autofree char *text = type ? g_variant_type_dup_string (type) : NULL;

        gtk_widget_class_install_action (widget_class, name, text, forward_cb);
      }
  g_type_class_unref (view_class);
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

  if (self->tabs)
    g_signal_handlers_disconnect_by_data (self->tabs, self);
  self->front = NULL;
  self->tabs = NULL;
  G_OBJECT_CLASS (fluo_window_parent_class)->dispose (object);
  g_clear_object (&self->collector);
}

static void
fluo_window_class_init (FluoWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = fluo_window_close_request;
  install_forwards (widget_class);
  fluo_window_install_tab_actions (widget_class);
}

static void
fluo_window_init (FluoWindow *self)
{
  gtk_window_set_title (GTK_WINDOW (self), _("Fluoroscope"));
  gtk_window_set_icon_name (GTK_WINDOW (self), FLUO_APP_ID);
  gtk_widget_set_size_request (GTK_WIDGET (self), MIN_WIDTH_PX, MIN_HEIGHT_PX);
  fluo_window_load_size (self);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), fluo_window_make_tabs (self));
}

GtkWidget *
fluo_window_new (GtkApplication *application, FluoCollector *collector)
{
  FluoWindow *self = g_object_new (FLUO_TYPE_WINDOW, "application", application, NULL);

  g_set_object (&self->collector, collector);
  fluo_window_add_view (self, FLUO_VIEW (fluo_view_new (collector)), TRUE);
  return GTK_WIDGET (self);
}

FluoWindow *
fluo_window_new_empty (FluoWindow *beside)
{
  FluoWindow *self = g_object_new (FLUO_TYPE_WINDOW, "application",
                                   gtk_window_get_application (GTK_WINDOW (beside)), NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (beside));
  int height = gtk_widget_get_height (GTK_WIDGET (beside));

  g_set_object (&self->collector, beside->collector);
  if (width > 0 && height > 0)
    gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-button.h"

#include <glib/gi18n.h>

#include "fluo-connection-popover.h"
#include "fluo-connection-words.h"

/* Of a longer name at least so much stays readable. */
#define NAME_CHARS_MIN 4
#define NAME_CHARS_TINY 5

struct _FluoConnectionButton
{
  AdwBin parent_instance;

  FluoSession *session;
  GtkMenuButton *button;
  GtkWidget *dot;
  GtkWidget *badge;
  GtkLabel *name;
  GtkLabel *detail;
  gboolean narrow;
  gboolean tiny;
};

G_DEFINE_FINAL_TYPE (FluoConnectionButton, fluo_connection_button, ADW_TYPE_BIN)

static void
changed_cb (FluoConnectionButton *self)
{
  FluoExplorer *explorer = fluo_session_get_explorer (self->session);
  const FluoConnection *connection = fluo_session_get_connection (self->session);
  static const char *const classes[] = { "connecting", "connected", "retrying", "failed" };
  const char *words[] = { _("connecting"), _("connected"), _("trying again"),
                          _("not connected") };
  FluoExplorerState state = fluo_explorer_get_state (explorer);
  const char *name = fluo_explorer_get_name (explorer);
  const char *detail = fluo_explorer_get_detail (explorer);
  g_autofree char *after = g_strconcat ("· ", detail, NULL);
  gboolean signed_out = fluo_session_needs_sign_in (self->session);
  g_autofree char *spoken = g_strdup_printf (
      "%s%s%s, %s, %s", connection ? connection->badge : "",
      connection && *connection->badge ? " " : "", name, detail,
      signed_out ? _("signed out") : words[state]);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (self->dot, classes[i]);
  gtk_widget_add_css_class (self->dot, signed_out ? "failed" : classes[state]);
  fluo_badge_set (self->badge, connection);
  gtk_label_set_text (self->name, *name ? name : _("Connecting"));
  gtk_label_set_width_chars (
      self->name,
      MIN (g_utf8_strlen (gtk_label_get_text (self->name), -1),
           self->tiny ? NAME_CHARS_TINY : NAME_CHARS_MIN));
  gtk_label_set_text (self->detail, after);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), *detail && !self->narrow);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
}

static void
fluo_connection_button_dispose (GObject *object)
{
  FluoConnectionButton *self = FLUO_CONNECTION_BUTTON (object);

  self->button = NULL;
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fluo_connection_button_parent_class)->dispose (object);
}

static void
fluo_connection_button_class_init (FluoConnectionButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_connection_button_dispose;
}

static void
fluo_connection_button_init (FluoConnectionButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("fluoroscope-down-symbolic");

  self->dot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_valign (self->dot, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->dot, "state-dot");
  self->name = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->name), "strong");
  gtk_label_set_ellipsize (self->name, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->name, 22);
  self->detail = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "lite");
  gtk_label_set_ellipsize (self->detail, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->detail, 24);
  self->badge = fluo_badge_new ();
  gtk_box_append (GTK_BOX (box), self->dot);
  gtk_box_append (GTK_BOX (box), self->badge);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->detail));
  gtk_box_append (GTK_BOX (box), arrow);

  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_child (self->button, box);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "bar-button");
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}

GtkWidget *
fluo_connection_button_new (FluoSession *session)
{
  FluoConnectionButton *self = g_object_new (FLUO_TYPE_CONNECTION_BUTTON, NULL);

  self->session = g_object_ref (session);
  gtk_menu_button_set_popover (self->button, fluo_connection_popover_new (session));
  g_signal_connect_object (session, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  return GTK_WIDGET (self);
}

void
fluo_connection_button_set_narrow (FluoConnectionButton *self, gboolean narrow, gboolean tiny)
{
  g_return_if_fail (FLUO_IS_CONNECTION_BUTTON (self));
  self->narrow = narrow;
  self->tiny = tiny;
  changed_cb (self);
}

void
fluo_connection_button_popup (FluoConnectionButton *self)
{
  g_return_if_fail (FLUO_IS_CONNECTION_BUTTON (self));
  gtk_menu_button_popup (self->button);
}

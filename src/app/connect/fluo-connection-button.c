/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-button.h"

#include <glib/gi18n.h>

#include "aws/fluo-credentials.h"

/* More profiles than fit a menu are reached through the dialog. */
#define PROFILES_MAX 12
/* Of a longer name at least so much stays readable. */
#define NAME_CHARS_MIN 4
#define NAME_CHARS_TINY 5

struct _FluoConnectionButton
{
  AdwBin parent_instance;

  FluoExplorer *explorer;
  GtkMenuButton *button;
  GtkWidget *dot;
  GtkLabel *name;
  GtkLabel *detail;
  gboolean narrow;
  gboolean tiny;
};

G_DEFINE_FINAL_TYPE (FluoConnectionButton, fluo_connection_button, ADW_TYPE_BIN)

static void
append_item (GMenu *menu, const char *label, const char *action, GVariant *target)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target_value (item, action, target);
  g_menu_append_item (menu, item);
}

static GMenuModel *
make_menu (char **profiles)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) here = g_menu_new ();
  g_autoptr (GMenu) aws = g_menu_new ();

  append_item (here, _ ("Local, this computer"), "win.connect-local", NULL);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (here));
  for (guint i = 0; profiles && profiles[i] && i < PROFILES_MAX; i++)
    {
      /* An underscore would become a mnemonic. */
      g_auto (GStrv) parts = g_strsplit (profiles[i], "_", -1);
      g_autofree char *label = g_strjoinv ("__", parts);

      append_item (aws, label, "win.connect-profile", g_variant_new_string (profiles[i]));
    }
  append_item (aws, _ ("Connect to AWS…"), "win.connect-aws", NULL);
  g_menu_append_section (menu, _ ("AWS"), G_MENU_MODEL (aws));
  return G_MENU_MODEL (menu);
}

static void
profiles_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, fluo_credentials_list_profiles (), (GDestroyNotify) g_strfreev);
}

static void
profiles_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoConnectionButton *self = FLUO_CONNECTION_BUTTON (source);
  g_auto (GStrv) profiles = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GMenuModel) menu = make_menu (profiles);

  if (self->button)
    gtk_menu_button_set_menu_model (self->button, menu);
}

/* The files of profiles may have changed since the menu was last open. */
static void
list_profiles (FluoConnectionButton *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, profiles_listed_cb, NULL);

  g_task_set_source_tag (task, list_profiles);
  g_task_run_in_thread (task, profiles_thread);
}

static void
mapped_cb (GtkWidget *popover, FluoConnectionButton *self)
{
  list_profiles (self);
}

static void
state_changed_cb (FluoExplorer *explorer, FluoConnectionButton *self)
{
  static const char *const classes[] = { "connecting", "connected", "retrying", "failed" };
  const char *words[] = { _ ("connecting"), _ ("connected"), _ ("trying again"),
                          _ ("not connected") };
  FluoExplorerState state = fluo_explorer_get_state (explorer);
  const char *name = fluo_explorer_get_name (explorer);
  const char *detail = fluo_explorer_get_detail (explorer);
  g_autofree char *after = g_strconcat ("· ", detail, NULL);
  g_autofree char *spoken = g_strdup_printf ("%s, %s, %s", name, detail, words[state]);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (self->dot, classes[i]);
  gtk_widget_add_css_class (self->dot, classes[state]);
  gtk_label_set_text (self->name, *name ? name : _ ("Connecting"));
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
  g_clear_object (&self->explorer);
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
  g_autoptr (GMenuModel) menu = make_menu (NULL);

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
  gtk_box_append (GTK_BOX (box), self->dot);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->detail));
  gtk_box_append (GTK_BOX (box), arrow);

  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_child (self->button, box);
  gtk_menu_button_set_menu_model (self->button, menu);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "bar-button");
  g_signal_connect_object (gtk_menu_button_get_popover (self->button), "map",
                           G_CALLBACK (mapped_cb), self, 0);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
  list_profiles (self);
}

GtkWidget *
fluo_connection_button_new (FluoExplorer *explorer)
{
  FluoConnectionButton *self = g_object_new (FLUO_TYPE_CONNECTION_BUTTON, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self, 0);
  state_changed_cb (explorer, self);
  return GTK_WIDGET (self);
}

void
fluo_connection_button_set_narrow (FluoConnectionButton *self, gboolean narrow, gboolean tiny)
{
  g_return_if_fail (FLUO_IS_CONNECTION_BUTTON (self));
  self->narrow = narrow;
  self->tiny = tiny;
  state_changed_cb (self->explorer, self);
}

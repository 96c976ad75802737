/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/trace/fluo-log-groups.h"
#include "app/trace/fluo-logs-panel-private.h"
#include "core/fluo-format.h"

/* Which log groups are asked: those that the trace names, and what the user added to the
 * connection. */

#define NAME_CHARS_MAX 200
#define NAME_KEY "fluo-log-group"
#define POPOVER_WIDTH 360
#define LIST_HEIGHT 260

char **
fluo_logs_panel_dup_groups (FluoLogsPanel *self)
{
  g_auto (GStrv) all = fluo_log_groups_dup_all (fluo_logs_panel_get_connection (self),
                                                (const char *const *) self->ask.groups);
  g_autoptr (GStrvBuilder) own = NULL;

  if (self->ask.service == NULL)
    return g_steal_pointer (&all);
  /* What was added for other services is not this one's. */
  own = g_strv_builder_new ();
  for (guint i = 0; all[i] != NULL; i++)
    if (strstr (all[i], self->ask.service) != NULL
        || (self->ask.groups != NULL
            && g_strv_contains ((const char *const *) self->ask.groups, all[i])))
      g_strv_builder_add (own, all[i]);
  return g_strv_builder_end (own);
}

static void
changed (FluoLogsPanel *self)
{
  fluo_logs_panel_update_groups (self);
  fluo_logs_panel_read (self);
}

static void
remove_cb (GtkButton *button, FluoLogsPanel *self)
{
  fluo_log_groups_remove (fluo_logs_panel_get_connection (self),
                          g_object_get_data (G_OBJECT (button), NAME_KEY));
  changed (self);
}

static void
add_cb (FluoLogsPanel *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->group_entry)));

  if (*name == '\0')
    return;
  if (!fluo_log_groups_add (fluo_logs_panel_get_connection (self), name))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->group_entry), "error");
      return;
    }
  if (self->ask.service != NULL)
    {
      g_autoptr (GStrvBuilder) more = g_strv_builder_new ();

      g_strv_builder_addv (more, (const char **) self->ask.groups);
      g_strv_builder_add (more, name);
      g_strfreev (self->ask.groups);
      self->ask.groups = g_strv_builder_end (more);
    }
  gtk_editable_set_text (self->group_entry, "");
  changed (self);
}

static void
typed_cb (FluoLogsPanel *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self->group_entry), "error");
}

static GtkWidget *
new_row (FluoLogsPanel *self, const char *name, gboolean added)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *safe = fluo_format_untrusted (name, NAME_CHARS_MAX);
  GtkWidget *label = gtk_label_new (safe), *end;

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, safe);
  gtk_widget_add_css_class (label, "monospace");
  if (added)
    {
      g_autofree char *tip = g_strdup_printf (_("Do not ask %s any more"), safe);

      end = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");
      gtk_widget_add_css_class (end, "flat");
      gtk_widget_add_css_class (end, "small");
      gtk_widget_set_tooltip_text (end, tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (end), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
      g_object_set_data_full (G_OBJECT (end), NAME_KEY, g_strdup (name), g_free);
      g_signal_connect (end, "clicked", G_CALLBACK (remove_cb), self);
    }
  else
    {
      end = gtk_label_new (self->trace != NULL ? _("named by the trace") : _("of the service"));
      gtk_widget_add_css_class (end, "dim-label");
      gtk_widget_add_css_class (end, "caption");
    }
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), end);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

void
fluo_logs_panel_update_groups (FluoLogsPanel *self)
{
  g_auto (GStrv) all = fluo_logs_panel_dup_groups (self);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->groups_list))) != NULL)
    gtk_list_box_remove (self->groups_list, child);
  for (guint i = 0; all[i] != NULL; i++)
    {
      gboolean named = self->ask.groups != NULL
                       && g_strv_contains ((const char *const *) self->ask.groups, all[i]);

      gtk_list_box_append (self->groups_list, new_row (self, all[i], !named));
    }
  gtk_widget_set_visible (GTK_WIDGET (self->groups_list), all[0] != NULL);
}

static GtkWidget *
make_popover (FluoLogsPanel *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *scroll = gtk_scrolled_window_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *add = gtk_button_new_with_label (_("Add"));
  GtkWidget *note = gtk_label_new (_("Names that you add are remembered for this connection."));

  self->groups_list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->groups_list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->groups_list), "log-groups");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (self->groups_list));
  self->group_entry = GTK_EDITABLE (gtk_entry_new ());
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->group_entry), "/aws/lambda/checkout");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->group_entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Name or ARN of a log group"), -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->group_entry), TRUE);
  g_signal_connect_swapped (self->group_entry, "activate", G_CALLBACK (add_cb), self);
  g_signal_connect_swapped (self->group_entry, "changed", G_CALLBACK (typed_cb), self);
  g_signal_connect_swapped (add, "clicked", G_CALLBACK (add_cb), self);
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_widget_add_css_class (note, "dim-label");
  gtk_widget_add_css_class (note, "caption");
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->group_entry));
  gtk_box_append (GTK_BOX (line), add);
  gtk_box_append (GTK_BOX (box), scroll);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), note);
  gtk_widget_set_size_request (box, POPOVER_WIDTH, -1);
  /* The button stands at the window's edge. */
  gtk_widget_set_halign (popover, GTK_ALIGN_END);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

GtkWidget *
fluo_logs_panel_make_groups (FluoLogsPanel *self)
{
  self->groups_button = gtk_menu_button_new ();
  self->groups_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->groups_button),
                             GTK_WIDGET (self->groups_label));
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->groups_button), GTK_ARROW_UP);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->groups_button), make_popover (self));
  gtk_widget_add_css_class (self->groups_button, "flat");
  gtk_widget_add_css_class (self->groups_button, "logs-groups");
  gtk_widget_set_tooltip_text (self->groups_button, _("Which log groups are asked"));
  return self->groups_button;
}

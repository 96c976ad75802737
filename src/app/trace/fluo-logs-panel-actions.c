/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-logs-panel-private.h"

/* The panel's menu: how lines are shown, and where they go. */

static void
copy (FluoLogsPanel *self, gboolean json)
{
  g_autofree char *text = NULL;

  if (self->lines == NULL)
    return;
  text = json ? fluo_trace_lines_to_json (self->lines, self->shown, self->trace)
              : fluo_trace_lines_to_text (self->lines, self->shown, self->trace);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                              json ? _("JSON copied") : _("Lines copied"));
}

static void
copy_line (FluoLogsPanel *self)
{
  const guint32 line = fluo_logs_panel_get_selected_line (self);

  if (self->lines == NULL || line >= self->lines->lines->len)
    return;
  gdk_clipboard_set_text (
    gtk_widget_get_clipboard (GTK_WIDGET (self)),
    fluo_trace_line_get_message (g_ptr_array_index (self->lines->lines, line)));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Line copied"));
}

/* What is around a line is hidden by the search, the level or the call. */
static void
show_around (FluoLogsPanel *self)
{
  const guint32 line = fluo_logs_panel_get_selected_line (self);

  gtk_editable_set_text (self->search_entry, "");
  gtk_drop_down_set_selected (self->levels, 0);
  fluo_logs_panel_set_only_call (self, FALSE);
  fluo_logs_panel_filter (self);
  fluo_logs_panel_select_line (self, line);
}

/* The same question where its answer can be worked on. */
static void
open_in_console (FluoLogsPanel *self)
{
  g_auto (GStrv) groups = fluo_logs_panel_dup_groups (self);
  const FluoTimeSpan range = fluo_logs_panel_get_range (self);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-logs-in-console", "(s^asxx)",
                              fluo_logs_panel_get_query (self), groups, range.begin_ns,
                              range.end_ns);
}

static void
activate_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoLogsPanel *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));

  if (g_str_equal (name, "copy-text"))
    copy (self, FALSE);
  else if (g_str_equal (name, "copy-json"))
    copy (self, TRUE);
  else if (g_str_equal (name, "copy-line"))
    copy_line (self);
  else if (g_str_equal (name, "around"))
    show_around (self);
  else if (g_str_equal (name, "console"))
    open_in_console (self);
  else if (g_str_equal (name, "read"))
    fluo_logs_panel_read (self);
  else if (g_str_equal (name, "stop"))
    {
      fluo_logs_panel_stop (self);
      fluo_logs_panel_update_words (self);
    }
  else if (g_str_equal (name, "find"))
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
      gtk_editable_select_region (self->search_entry, 0, -1);
    }
}

static void
change_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoLogsPanel *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));
  const gboolean on = g_variant_get_boolean (value);

  g_simple_action_set_state (action, value);
  if (g_str_equal (name, "wrap"))
    {
      self->wrap = on;
      fluo_logs_panel_refresh_rows (self);
    }
  else if (g_str_equal (name, "only-call"))
    {
      self->only_call = on;
      fluo_logs_panel_filter (self);
    }
  else
    {
      self->follow = on;
      fluo_logs_panel_fill_list (self);
      fluo_logs_panel_update_follow (self);
    }
}

void
fluo_logs_panel_add_actions (FluoLogsPanel *self)
{
  static const GActionEntry entries[] = {
    { .name = "copy-text", .activate = activate_cb },
    { .name = "copy-json", .activate = activate_cb },
    { .name = "copy-line", .activate = activate_cb },
    { .name = "around", .activate = activate_cb },
    { .name = "console", .activate = activate_cb },
    { .name = "read", .activate = activate_cb },
    { .name = "stop", .activate = activate_cb },
    { .name = "find", .activate = activate_cb },
    { .name = "wrap", .state = "false", .change_state = change_cb },
    { .name = "only-call", .state = "false", .change_state = change_cb },
    { .name = "follow", .state = "false", .change_state = change_cb },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "logs", G_ACTION_GROUP (self->actions));
}

GtkWidget *
fluo_logs_panel_make_menu (FluoLogsPanel *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), show = g_menu_new (), out = g_menu_new ();

  g_menu_append (show, _("Only the Selected Call"), "logs.only-call");
  g_menu_append (show, _("Wrap Long Lines"), "logs.wrap");
  g_menu_append (show, _("Follow New Lines"), "logs.follow");
  g_menu_append (out, _("Copy Lines as Text"), "logs.copy-text");
  g_menu_append (out, _("Copy Lines as JSON"), "logs.copy-json");
  g_menu_append (out, _("Read Again"), "logs.read");
  g_menu_append (out, _("Open in Logs Insights"), "logs.console");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (show));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (out));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "fluoroscope-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _("More for these lines"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("More for these lines"), -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

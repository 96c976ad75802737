/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connections-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-region.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"

/* From so many rows on there is a field to search in. */
#define SEARCH_MIN 9
#define WARNINGS_MAX 20

static GMenuModel *
make_row_menu (const char *id)
{
  GMenu *menu = g_menu_new ();
  const struct
  {
    const char *label;
    const char *action;
  } items[] = {
    { _("Connect in a New Window"), "connections.apart" },
    { _("Edit…"), "connections.edit" },
    { _("Duplicate"), "connections.duplicate" },
    { _("Move Up"), "connections.move-up" },
    { _("Move Down"), "connections.move-down" },
    { _("Remove"), "connections.remove" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (items[i].label, NULL);

      g_menu_item_set_action_and_target_value (item, items[i].action, g_variant_new_string (id));
      g_menu_append_item (menu, item);
    }
  return G_MENU_MODEL (menu);
}

static GdkContentProvider *
drag_prepare_cb (GtkDragSource *source, double x, double y, FluoConnectionsWindow *self)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  const char *id = gtk_widget_get_name (row);

  g_free (self->dragged);
  self->dragged = g_strdup (id);
  return gdk_content_provider_new_typed (G_TYPE_STRING, id);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y,
         FluoConnectionsWindow *self)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  FluoConnectionList *list = fluo_connection_list_get_default ();
  int at = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
  g_autofree char *id = g_steal_pointer (&self->dragged);
  g_autoptr (GError) error = NULL;

  /* Only rows of this list. */
  if (!id || g_strcmp0 (g_value_get_string (value), id) != 0)
    return FALSE;
  if (!fluo_connection_list_move (list, id, (guint) MAX (at, 0), &error))
    fluo_connections_window_say_error (self, error);
  return TRUE;
}

static gboolean
row_key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
            FluoConnectionsWindow *self)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));

  if (key == GDK_KEY_Delete)
    fluo_connections_window_remove (self, gtk_widget_get_name (row));
  else if ((state & GDK_ALT_MASK) != 0 && (key == GDK_KEY_Up || key == GDK_KEY_Down))
    fluo_connections_window_move (self, gtk_widget_get_name (row), key == GDK_KEY_Up ? -1 : 1);
  else
    return FALSE;
  return TRUE;
}

char *
fluo_connections_window_dup_words (const char *text)
{
  char *words = g_utf8_casefold (text, -1);
  char *to = words;

  for (const char *from = words; *from; from++)
    if (*from != ' ')
      *to++ = *from;
  *to = '\0';
  return words;
}

static GtkWidget *
make_row (const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *words = NULL;

  /* Names are text, never markup. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  words = g_strconcat (title, "\n", subtitle, NULL);
  g_object_set_data_full (G_OBJECT (row), "fluo-words", fluo_connections_window_dup_words (words),
                          g_free);
  return row;
}

static GtkWidget *
make_verb (const char *label, const char *action, GVariant *target)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "small-button");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (button), target);
  return button;
}

static void
add_connection_row (FluoConnectionsWindow *self, const FluoConnection *connection)
{
  g_autofree char *name = fluo_format_untrusted (connection->name, FLUO_CONNECTION_NAME_MAX);
  g_autofree char *summary = fluo_connection_dup_summary (connection);
  g_autoptr (GMenuModel) menu = make_row_menu (connection->id);
  GtkWidget *row = make_row (name, summary);
  GtkWidget *more = gtk_menu_button_new ();
  GtkWidget *badge = fluo_badge_new ();
  GtkWidget *verb = make_verb (_("Connect"), "connections.connect",
                               g_variant_new_string (connection->id));
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_MOVE);
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_set_name (row, connection->id);
  fluo_badge_set (badge, connection);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (more), "fluoroscope-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (more), menu);
  gtk_widget_set_valign (more, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (more, _("More"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("More"), -1);
  gtk_widget_add_css_class (more, "flat");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), badge);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), verb);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), more);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), verb);
  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (drag_prepare_cb), self, 0);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, 0);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (row_key_cb), self, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
  gtk_widget_add_controller (row, keys);
  gtk_list_box_append (self->connections, row);
}

static void
add_profile_row (FluoConnectionsWindow *self, const FluoProfileInfo *info)
{
  g_autofree char *name = fluo_format_untrusted (info->name, FLUO_CONNECTION_NAME_MAX);
  g_autofree char *region = info->region ? fluo_region_dup_title (info->region)
                                         : g_strdup (_("no region"));
  g_autofree char *subtitle =
      g_strdup_printf ("%s · %s", fluo_profile_kind_get_words (info->kind), region);
  g_autofree char *safe = fluo_format_untrusted (subtitle, 120);
  GtkWidget *row = make_row (name, safe);
  /* A profile that names no account and no role is chosen for first. */
  GtkWidget *verb = make_verb (info->sso ? _("Choose a Role…") : _("Connect"),
                               "connections.connect-profile", g_variant_new_string (info->name));

  adw_action_row_add_suffix (ADW_ACTION_ROW (row), verb);
  if (!info->sso)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               make_verb (_("Set Up…"), "connections.add-profile",
                                          g_variant_new_string (info->name)));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), verb);
  gtk_list_box_append (self->profiles_list, row);
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))))
    gtk_list_box_remove (list, row);
}

static void
add_session (FluoConnectionsWindow *self, const FluoSsoSession *session)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (fluo_sso_session_equal (g_ptr_array_index (self->sessions, i), session))
      return;
  g_ptr_array_add (self->sessions, fluo_sso_session_copy (session));
}

static void
add_sso_row (FluoConnectionsWindow *self, const char *title, const char *subtitle,
             const char *label, guint place)
{
  g_autofree char *safe_title = fluo_format_untrusted (title, FLUO_CONNECTION_NAME_MAX);
  g_autofree char *safe = fluo_format_untrusted (subtitle, 120);
  GtkWidget *row = make_row (safe_title, safe);
  GtkWidget *verb = make_verb (label, "connections.sign-on", g_variant_new_uint32 (place));

  adw_action_row_add_suffix (ADW_ACTION_ROW (row), verb);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), verb);
  gtk_list_box_append (self->sso_list, row);
}

/* Where one can sign in: the sessions of the file, those that connections were made with, and any
 * other. */
static void
fill_sso (FluoConnectionsWindow *self, FluoConnectionList *list)
{
  g_ptr_array_set_size (self->sessions, 0);
  for (guint i = 0; self->profiles && i < self->profiles->sessions->len; i++)
    add_session (self, g_ptr_array_index (self->profiles->sessions, i));
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    {
      const FluoConnection *item = fluo_connection_list_get (list, i);
      const FluoSsoSession session = { .name = *item->sso_session ? item->sso_session : NULL,
                                       .start_url = item->sso_start_url,
                                       .region = item->sso_region };

      if (item->kind == FLUO_CONNECTION_SSO)
        add_session (self, &session);
    }
  clear_list (self->sso_list);
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const FluoSsoSession *session = g_ptr_array_index (self->sessions, i);
      g_autofree char *region = fluo_region_dup_title (session->region);
      g_autofree char *where = session->name
                                   ? g_strdup_printf ("%s · %s", session->start_url, region)
                                   : g_strdup (region);

      add_sso_row (self, fluo_sso_session_get_title (session), where, _("Choose a Role…"), i);
    }
  add_sso_row (self,
               self->sessions->len > 0 ? _("Somewhere else") : _("Your organisation’s page"),
               _("Sign in with a start URL, then choose an account and a role"), _("Sign In…"),
               self->sessions->len);
}

static gboolean
is_used (FluoConnectionList *list, const char *profile)
{
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    if (strcmp (fluo_connection_list_get (list, i)->profile, profile) == 0)
      return TRUE;
  return FALSE;
}

void
fluo_connections_window_fill (FluoConnectionsWindow *self)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  guint n = fluo_connection_list_get_n (list), n_profiles = 0;
  g_autoptr (GString) warnings = g_string_new (NULL);
  const GError *error = fluo_connection_list_get_error (list);

  clear_list (self->connections);
  clear_list (self->profiles_list);
  for (guint i = 0; i < n; i++)
    add_connection_row (self, fluo_connection_list_get (list, i));
  for (guint i = 0; self->profiles && i < self->profiles->profiles->len; i++)
    {
      const FluoProfileInfo *info = g_ptr_array_index (self->profiles->profiles, i);

      if (is_used (list, info->name))
        continue;
      add_profile_row (self, info);
      n_profiles++;
    }
  fill_sso (self, list);
  if (error)
    g_string_append_printf (warnings, "%s\n", error->message);
  for (guint i = 0; self->profiles && i < MIN (self->profiles->warnings->len, WARNINGS_MAX); i++)
    {
      g_autofree char *safe = fluo_format_untrusted (self->profiles->warnings->pdata[i], 300);

      g_string_append_printf (warnings, "%s\n", safe);
    }
  if (warnings->len > 0)
    g_string_truncate (warnings, warnings->len - 1);
  gtk_label_set_text (self->warnings_label, warnings->str);
  gtk_widget_set_visible (self->warnings, warnings->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->connections), n > 0);
  gtk_widget_set_visible (self->connections_title, n > 0);
  gtk_widget_set_visible (self->profiles_group, n_profiles > 0);
  gtk_widget_set_visible (self->empty, n == 0 && n_profiles == 0 && self->sessions->len == 0
                                           && self->profiles);
  gtk_widget_set_visible (self->sso_group, !gtk_widget_get_visible (self->empty));
  gtk_widget_set_visible (self->search, n + n_profiles >= SEARCH_MIN);
}

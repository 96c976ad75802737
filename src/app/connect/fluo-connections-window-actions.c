/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connections-window-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-foreign.h"
#include "aws/fluo-secret-store.h"
#include "core/fluo-format.h"

/* What has happened to it has to be seen beside it. */
#define TOAST_NAME_CHARS_MAX 30

/* --- What can be done with one ------------------------------------------------------------- */

static const FluoConnection *
find (GVariant *parameter)
{
  return fluo_connection_list_find (fluo_connection_list_get_default (),
                                    g_variant_get_string (parameter, NULL));
}

static void
connect_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoConnection *connection = find (parameter);

  if (connection)
    fluo_connections_window_connect (FLUO_CONNECTIONS_WINDOW (widget), connection, NULL);
}

static void
apart_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);

  if (self->owner && find (parameter))
    gtk_widget_activate_action (self->owner, "win.connect-apart", "(ss)",
                                "win.connect", g_variant_get_string (parameter, NULL));
}

static void
edit_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoConnection *connection = find (parameter);

  if (connection)
    fluo_connections_window_edit (FLUO_CONNECTIONS_WINDOW (widget), connection);
}

static void
focus_row (FluoConnectionsWindow *self, int at)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->connections, at);

  if (row)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
keys_copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (fluo_secret_store_copy_finish (result, &error) || !self->stack)
    return;
  text = g_strdup_printf (_("The copy has no key pair: %s"), error->message);
  fluo_connections_window_say (self, text);
}

/* A copy of a key pair's connection has a key pair of its own. */
static void
duplicate_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *connection = find (parameter);
  g_autoptr (FluoConnection) copy = NULL;
  g_autofree char *free_name = NULL, *id = NULL, *from = NULL;
  g_autoptr (GError) error = NULL;

  if (!connection)
    return;
  copy = fluo_connection_copy (connection);
  free_name = fluo_connection_list_dup_free_name (list, connection->name);
  id = g_uuid_string_random ();
  from = g_strdup (connection->id);
  fluo_connection_set (&copy->name, free_name);
  fluo_connection_set (&copy->id, id);
  if (!fluo_connection_list_put (list, copy, fluo_connection_list_index (list, from) + 1, &error))
    fluo_connections_window_say_error (self, error);
  else if (copy->kind == FLUO_CONNECTION_KEYS)
    fluo_secret_store_copy_async (from, id, NULL, keys_copied_cb, g_object_ref (self));
  focus_row (self, fluo_connection_list_index (list, id));
}

void
fluo_connections_window_move (FluoConnectionsWindow *self, const char *id, int step)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  int at = fluo_connection_list_index (list, id) + step;
  g_autofree char *moved = g_strdup (id);
  g_autoptr (GError) error = NULL;

  if (at < 0 || at >= (int) fluo_connection_list_get_n (list))
    return;
  if (!fluo_connection_list_move (list, moved, (guint) at, &error))
    fluo_connections_window_say_error (self, error);
  focus_row (self, at);
}

static void
move_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_connections_window_move (FLUO_CONNECTIONS_WINDOW (widget),
                                g_variant_get_string (parameter, NULL),
                                g_str_has_suffix (name, "up") ? -1 : 1);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!fluo_secret_store_clear_finish (result, &error))
    g_message ("a removed key pair may still be kept: %s", error->message);
}

static void
toast_gone_cb (FluoConnectionsWindow *self)
{
  g_clear_weak_pointer (&self->removed_toast);
}

/* The key pair stays until nothing can be undone any more. */
void
fluo_connections_window_forget_removed (FluoConnectionsWindow *self)
{
  if (self->removed && self->removed->kind == FLUO_CONNECTION_KEYS
      && !fluo_connection_list_find (fluo_connection_list_get_default (), self->removed->id))
    fluo_secret_store_clear_async (self->removed->id, NULL, cleared_cb, NULL);
  g_clear_pointer (&self->removed, fluo_connection_free);
  /* One that stayed would undo what was removed after it. */
  if (self->removed_toast)
    {
      g_autoptr (AdwToast) toast = g_object_ref (self->removed_toast);

      adw_toast_dismiss (toast);
    }
}

static void
undo_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);
  g_autoptr (GError) error = NULL;

  if (self->removed
      && !fluo_connection_list_put (fluo_connection_list_get_default (), self->removed,
                                    self->removed_at, &error))
    fluo_connections_window_say_error (self, error);
  g_clear_pointer (&self->removed, fluo_connection_free);
}

void
fluo_connections_window_remove (FluoConnectionsWindow *self, const char *id)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *connection = fluo_connection_list_find (list, id);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL, *text = NULL;
  AdwToast *toast;

  if (!connection)
    return;
  fluo_connections_window_forget_removed (self);
  self->removed = fluo_connection_copy (connection);
  self->removed_at = fluo_connection_list_index (list, id);
  if (!fluo_connection_list_remove (list, self->removed->id, &error))
    {
      g_clear_pointer (&self->removed, fluo_connection_free);
      fluo_connections_window_say_error (self, error);
      return;
    }
  /* The one that has come to its place; else the last one. */
  focus_row (self, (int) MIN ((guint) self->removed_at, fluo_connection_list_get_n (list) - 1));
  name = fluo_format_untrusted (self->removed->name, TOAST_NAME_CHARS_MAX);
  text = g_strdup_printf (_("“%s” was removed"), name);
  toast = fluo_foreign_new_toast (text);
  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_action_name (toast, "connections.undo");
  g_set_weak_pointer (&self->removed_toast, toast);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_gone_cb), self,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

static void
remove_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_connections_window_remove (FLUO_CONNECTIONS_WINDOW (widget),
                                  g_variant_get_string (parameter, NULL));
}

static void
toast_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_connections_window_say (FLUO_CONNECTIONS_WINDOW (widget),
                               g_variant_get_string (parameter, NULL));
}

/* --- Profiles and single sign-on ---------------------------------------------------------- */

/* Of a profile nothing else is known than its name. */
static FluoConnection *
connection_of_profile (FluoConnectionsWindow *self, const char *profile)
{
  FluoConnection *connection = fluo_connection_new (FLUO_CONNECTION_PROFILE);
  g_autofree char *name = g_utf8_substring (
      profile, 0, MIN (g_utf8_strlen (profile, -1), FLUO_CONNECTION_NAME_MAX));
  g_autofree char *free_name =
      fluo_connection_list_dup_free_name (fluo_connection_list_get_default (), name);

  fluo_connection_set (&connection->name, free_name);
  fluo_connection_set (&connection->profile, profile);
  return connection;
}

static void
connect_profile_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);
  const char *profile = g_variant_get_string (parameter, NULL);
  const FluoProfileInfo *info =
      self->profiles ? fluo_profile_list_find (self->profiles, profile) : NULL;
  g_autoptr (FluoConnection) connection = connection_of_profile (self, profile);
  g_autoptr (GError) error = NULL;

  if (info && info->sso)
    {
      fluo_connections_window_sign_on (self, info->sso, NULL);
      return;
    }
  /* Without a region nothing can be asked: the form is where one is chosen. */
  if (!info || !info->region)
    {
      fluo_connections_window_show_form (self, connection, TRUE);
      return;
    }
  if (!fluo_connection_list_put (fluo_connection_list_get_default (), connection, -1, &error))
    fluo_connections_window_say_error (self, error);
  else
    fluo_connections_window_connect (self, connection, NULL);
}

static void
add_profile_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);
  g_autoptr (FluoConnection) connection =
      connection_of_profile (self, g_variant_get_string (parameter, NULL));

  fluo_connections_window_show_form (self, connection, TRUE);
}

/* The place of a session in the list; none of it: another start URL. */
static void
sign_on_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *self = FLUO_CONNECTIONS_WINDOW (widget);
  guint32 place = g_variant_get_uint32 (parameter);

  fluo_connections_window_sign_on (
      self, place < self->sessions->len ? g_ptr_array_index (self->sessions, place) : NULL, NULL);
}

void
fluo_connections_window_install_actions (GtkWidgetClass *widget_class)
{
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "connections.connect", "s", connect_action_cb },
    { "connections.apart", "s", apart_action_cb },
    { "connections.edit", "s", edit_action_cb },
    { "connections.duplicate", "s", duplicate_action_cb },
    { "connections.move-up", "s", move_action_cb },
    { "connections.move-down", "s", move_action_cb },
    { "connections.remove", "s", remove_action_cb },
    { "connections.undo", NULL, undo_action_cb },
    { "connections.connect-profile", "s", connect_profile_cb },
    { "connections.add-profile", "s", add_profile_cb },
    { "connections.sign-on", "u", sign_on_cb },
    { "win.toast", "s", toast_action_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
}

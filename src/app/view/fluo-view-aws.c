/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-button.h"
#include "app/connect/fluo-sign-in-dialog.h"

/* Actions on connections of AWS. */

/* --- Connections ------------------------------------------------------------------------- */

static void
connect_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoConnection *connection = fluo_connection_list_find (
      fluo_connection_list_get_default (), g_variant_get_string (parameter, NULL));

  if (connection)
    fluo_view_connect_connection (FLUO_VIEW (widget), connection, NULL);
}

static void
connect_profile_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_connect_profile (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL), NULL);
}

/* Another view, with the same range; it is connected by an action. */
static void
connect_apart (FluoView *self, GVariant *parameter, gboolean window)
{
  FluoView *other = FLUO_VIEW (fluo_view_new (self->collector));
  const char *action;
  const char *target;

  fluo_view_place_apart (self, other, window);
  g_variant_get (parameter, "(&s&s)", &action, &target);
  fluo_explorer_set_relative (
    other->explorer, MAX (fluo_explorer_get_relative_ns (self->explorer), FLUO_NSEC_PER_MIN));
  if (*target)
    gtk_widget_activate_action (GTK_WIDGET (other), action, "s", target);
  else
    gtk_widget_activate_action (GTK_WIDGET (other), action, NULL);
}

/* (action, target): the same in a window of its own. */
static void
connect_apart_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  connect_apart (FLUO_VIEW (widget), parameter, TRUE);
}

static void
connect_in_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  connect_apart (FLUO_VIEW (widget), parameter, FALSE);
}

/* One of the list was chosen, or what was typed in just now. */
static void
chosen_cb (FluoView *self, const FluoConnection *connection, FluoCredentials *keys)
{
  fluo_view_connect_connection (self, connection, keys);
  fluo_view_raise (self);
}

FluoConnectionsWindow *
fluo_view_open_connections (FluoView *self)
{
  GtkWidget *window = fluo_connections_window_new (GTK_WIDGET (self));

  g_signal_connect_object (window, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
  return FLUO_CONNECTIONS_WINDOW (window);
}

static void
connections_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_open_connections (FLUO_VIEW (widget));
}

/* A profile of single sign-on that names no account and no role. */
static void
choose_role_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *window = fluo_view_open_connections (FLUO_VIEW (widget));

  fluo_connections_window_choose_for (window, g_variant_get_string (parameter, NULL));
}

static void
edit_connection_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const FluoConnection *connection = fluo_session_get_connection (self->session);

  if (connection)
    fluo_connections_window_edit (fluo_view_open_connections (self), connection);
}

static void
raise_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_raise (FLUO_VIEW (widget));
}

static void
switch_connection_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_connection_button_popup (FLUO_CONNECTION_BUTTON (FLUO_VIEW (widget)->connection));
}

/* --- Signing in, permissions, money ------------------------------------------------------ */

/* What was read before is still there; reading goes on where it stopped. */
static void
signed_in_cb (const GError *error, gpointer user_data)
{
  FluoView *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->session)
    return;
  if (error)
    {
      g_autofree char *text = g_strdup_printf (_("Not signed in: %s"), error->message);

      fluo_view_toast (self, text);
      return;
    }
  fluo_view_toast (self, _("Signed in"));
  fluo_explorer_reload (self->explorer);
}

static void
sign_in_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoCredentialProvider *provider = fluo_session_get_provider (self->session);

  if (provider)
    fluo_sign_in_run (provider, fluo_view_get_window (self), signed_in_cb, g_object_ref (self),
                      g_object_unref);
}

static void
allow_more_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoMeter *meter = fluo_session_get_meter (self->session);

  if (!meter)
    return;
  fluo_meter_allow_more (meter);
  fluo_explorer_reload (self->explorer);
}

void
fluo_view_install_aws_actions (GtkWidgetClass *widget_class)
{
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.connect", "s", connect_cb },
    { "win.connect-profile", "s", connect_profile_cb },
    { "win.connect-apart", "(ss)", connect_apart_cb },
    { "win.connect-in-tab", "(ss)", connect_in_tab_cb },
    { "win.choose-role", "s", choose_role_cb },
    { "win.connect-aws", NULL, connections_cb },
    { "win.connections", NULL, connections_cb },
    { "win.edit-connection", NULL, edit_connection_cb },
    { "win.raise", NULL, raise_cb },
    { "win.switch-connection", NULL, switch_connection_cb },
    { "win.sign-in", NULL, sign_in_cb },
    { "win.allow-more", NULL, allow_more_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
}

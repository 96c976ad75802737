/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-button.h"
#include "app/connect/fluo-connections-window.h"
#include "app/connect/fluo-sign-in-dialog.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-entry-dialog.h"
#include "core/fluo-format.h"

/* Actions on connections of AWS, and addresses of its console. */

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

static FluoConnectionsWindow *
open_connections (FluoView *self)
{
  GtkWidget *window = fluo_connections_window_new (GTK_WIDGET (self));

  g_signal_connect_object (window, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
  return FLUO_CONNECTIONS_WINDOW (window);
}

static void
connections_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_connections (FLUO_VIEW (widget));
}

/* A profile of single sign-on that names no account and no role. */
static void
choose_role_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *window = open_connections (FLUO_VIEW (widget));

  fluo_connections_window_choose_for (window, g_variant_get_string (parameter, NULL));
}

static void
edit_connection_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const FluoConnection *connection = fluo_session_get_connection (self->session);

  if (connection)
    fluo_connections_window_edit (open_connections (self), connection);
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
      g_autofree char *text = g_strdup_printf (_ ("Not signed in: %s"), error->message);
      g_autofree char *safe = fluo_format_untrusted (text, 300);

      fluo_view_toast (self, safe);
      return;
    }
  fluo_view_toast (self, _ ("Signed in"));
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

/* --- To the console ---------------------------------------------------------------------- */

static void
open_in_console_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoTab *tab = fluo_view_get_tab (self);
  FluoTraceId id;
  gboolean trace = tab && fluo_trace_id_parse (tab->id, -1, &id);
  g_autoptr (FluoConsoleLink) link = fluo_console_link_new (
      trace                                ? FLUO_CONSOLE_TRACE
      : g_str_equal (self->page, "traces") ? FLUO_CONSOLE_TRACES
                                           : FLUO_CONSOLE_MAP,
      fluo_session_get_region (self->session));
  g_autofree char *uri = NULL;

  if (trace)
    link->id = id;
  link->filter = g_strdup (fluo_explorer_get_filter (self->explorer));
  link->relative_ns = fluo_explorer_get_live (self->explorer)
                          ? fluo_explorer_get_relative_ns (self->explorer)
                          : 0;
  link->span = fluo_explorer_get_span (self->explorer);
  uri = fluo_console_link_dup_uri (link);
  if (uri)
    fluo_compat_open_uri (widget, uri);
}

/* --- From the console -------------------------------------------------------------------- */

void
fluo_view_follow_link (FluoView *self)
{
  g_autoptr (FluoConsoleLink) link = NULL;

  if (!self->link || !fluo_session_get_connection (self->session)
      || (self->link->region
          && g_strcmp0 (self->link->region, fluo_session_get_region (self->session)) != 0))
    return;
  link = g_steal_pointer (&self->link);
  if (link->relative_ns > 0)
    {
      fluo_explorer_set_live (self->explorer, TRUE);
      fluo_explorer_set_relative (self->explorer, link->relative_ns);
    }
  else if (link->span.begin_ns < link->span.end_ns)
    fluo_explorer_set_span (self->explorer, link->span);
  if (link->place == FLUO_CONSOLE_TRACE)
    {
      fluo_view_open_trace (self, &link->id, FALSE);
      return;
    }
  fluo_view_set_search (self, link->filter ? link->filter : "");
  fluo_view_show_page (self, link->place == FLUO_CONSOLE_MAP ? "map" : "traces");
}

/* The connection that reaches @region: the open one, the first of the list that names it, or the
 * open one asked elsewhere. FALSE when the user has to choose. */
static gboolean
connect_for (FluoView *self, const char *region)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *open = fluo_session_get_connection (self->session);
  g_autoptr (FluoConnection) elsewhere = NULL;

  for (guint i = 0; region && i < fluo_connection_list_get_n (list); i++)
    if (g_str_equal (fluo_connection_list_get (list, i)->region, region))
      {
        fluo_view_connect_connection (self, fluo_connection_list_get (list, i), NULL);
        return TRUE;
      }
  if (!open || *open->endpoint)
    return FALSE;
  elsewhere = fluo_connection_copy (open);
  fluo_connection_set (&elsewhere->region, region);
  {
    /* Not the one of the list any more. */
    g_autofree char *id = g_strdup_printf ("%s %s", open->id, region);

    fluo_connection_set (&elsewhere->id, id);
  }
  fluo_view_connect_connection (self, elsewhere, NULL);
  return TRUE;
}

gboolean
fluo_view_open_console_link (FluoView *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoConsoleLink) link = NULL;

  g_return_val_if_fail (FLUO_IS_VIEW (self), FALSE);
  if (!fluo_console_link_is_meant (text))
    return FALSE;
  link = fluo_console_link_parse (text, &error);
  if (!link)
    {
      fluo_view_toast (self, error->message);
      return TRUE;
    }
  g_clear_pointer (&self->link, fluo_console_link_free);
  self->link = g_steal_pointer (&link);
  fluo_view_follow_link (self);
  if (self->link && !connect_for (self, self->link->region))
    {
      g_autofree char *hint =
          self->link->region
              ? g_strdup_printf (_ ("Choose a connection for %s; the view follows"),
                                 self->link->region)
              : g_strdup (_ ("Choose a connection; the view follows"));

      /* Whichever is chosen: the user knows best. */
      g_clear_pointer (&self->link->region, g_free);
      fluo_view_toast (self, hint);
      open_connections (self);
    }
  return TRUE;
}

static void
open_console_address_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_open_console_link (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL));
}

static gboolean
check_address (const char *text, char **ret_problem)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (text, &error);

  if (!link && ret_problem)
    *ret_problem = g_strdup (error->code == FLUO_CONSOLE_LINK_ERROR_OTHER
                               ? _ ("This is no address of AWS’s console.")
                             : error->code == FLUO_CONSOLE_LINK_ERROR_PAGE
                               ? _ ("This page of the console shows no traces.")
                               : _ ("The address names a trace, but not by a trace’s ID."));
  return link != NULL;
}

static void
open_console_link_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static FluoEntryQuestion question = { .placeholder = "https://….console.aws.amazon.com/…",
                                        .length_max = FLUO_CONSOLE_LINK_LEN_MAX,
                                        .check = check_address,
                                        .action = "win.open-console-address" };

  question.title = _ ("Open a Console Address");
  question.body =
    _ ("A page of traces, a trace or a service map in the X-Ray or CloudWatch console.");
  fluo_entry_dialog_present (widget, &question, fluo_console_link_is_meant);
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
    { "win.open-in-console", NULL, open_in_console_cb },
    { "win.open-console-address", "s", open_console_address_cb },
    { "win.open-console-link", NULL, open_console_link_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
}

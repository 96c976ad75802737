/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-button.h"
#include "app/connect/fluo-connections-window.h"
#include "app/connect/fluo-sign-in-dialog.h"
#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "fluo-application.h"

/* Actions on connections of AWS, and addresses of its console. */

/* --- Connections ------------------------------------------------------------------------- */

static void
connect_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const FluoConnection *connection = fluo_connection_list_find (
      fluo_connection_list_get_default (), g_variant_get_string (parameter, NULL));

  if (connection)
    fluo_window_connect_connection (FLUO_WINDOW (widget), connection, NULL);
}

static void
connect_profile_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_connect_profile (FLUO_WINDOW (widget), g_variant_get_string (parameter, NULL), NULL);
}

/* (action, target): the same in a window of its own. */
static void
connect_apart_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  GtkWidget *window = fluo_window_new (application, self->collector);
  const char *action;
  const char *target;

  g_variant_get (parameter, "(&s&s)", &action, &target);
  fluo_explorer_set_relative (fluo_window_get_explorer (FLUO_WINDOW (window)),
                              MAX (fluo_explorer_get_relative_ns (self->explorer),
                                   FLUO_NSEC_PER_MIN));
  if (*target)
    gtk_widget_activate_action (window, action, "s", target);
  else
    gtk_widget_activate_action (window, action, NULL);
  gtk_window_present (GTK_WINDOW (window));
}

static FluoConnectionsWindow *
open_connections (FluoWindow *self)
{
  GtkWidget *window = fluo_connections_window_new (self);

  gtk_window_present (GTK_WINDOW (window));
  return FLUO_CONNECTIONS_WINDOW (window);
}

static void
connections_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_connections (FLUO_WINDOW (widget));
}

FluoWindow *
fluo_window_find_with (FluoWindow *self, const char *connection)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      const FluoConnection *open = FLUO_IS_WINDOW (window) && FLUO_WINDOW (window)->session
                                       ? fluo_session_get_connection (FLUO_WINDOW (window)->session)
                                       : NULL;

      if (open && window != GTK_WIDGET (self) && g_str_equal (open->id, connection))
        return FLUO_WINDOW (window); /* the list of windows holds it */
    }
  return NULL;
}

static void
go_to_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *id = g_variant_get_string (parameter, NULL);
  FluoWindow *other = fluo_window_find_with (FLUO_WINDOW (widget), id);

  /* It may have gone elsewhere since. */
  if (other)
    gtk_window_present (GTK_WINDOW (other));
  else
    gtk_widget_activate_action (widget, "win.connect", "s", id);
}

/* A profile of single sign-on that names no account and no role. */
static void
choose_role_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoConnectionsWindow *window = open_connections (FLUO_WINDOW (widget));

  fluo_connections_window_choose_for (window, g_variant_get_string (parameter, NULL));
}

static void
edit_connection_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  const FluoConnection *connection = fluo_session_get_connection (self->session);

  if (connection)
    fluo_connections_window_edit (open_connections (self), connection);
}

static void
switch_connection_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_connection_button_popup (FLUO_CONNECTION_BUTTON (FLUO_WINDOW (widget)->connection));
}

/* --- Signing in, permissions, money ------------------------------------------------------ */

/* What was read before is still there; reading goes on where it stopped. */
static void
signed_in_cb (const GError *error, gpointer user_data)
{
  FluoWindow *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->session)
    return;
  if (error)
    {
      g_autofree char *text = g_strdup_printf (_ ("Not signed in: %s"), error->message);
      g_autofree char *safe = fluo_format_untrusted (text, 300);

      fluo_window_toast (self, safe);
      return;
    }
  fluo_window_toast (self, _ ("Signed in"));
  fluo_explorer_reload (self->explorer);
}

static void
sign_in_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  FluoCredentialProvider *provider = fluo_session_get_provider (self->session);

  if (provider)
    fluo_sign_in_run (provider, GTK_WINDOW (self), signed_in_cb, g_object_ref (self),
                      g_object_unref);
}

static void
allow_more_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
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
  FluoWindow *self = FLUO_WINDOW (widget);
  FluoTab *tab = fluo_window_get_tab (self);
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
fluo_window_follow_link (FluoWindow *self)
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
      fluo_window_open_trace (self, &link->id, FALSE);
      return;
    }
  fluo_window_set_search (self, link->filter ? link->filter : "");
  fluo_window_show_page (self, link->place == FLUO_CONSOLE_MAP ? "map" : "traces");
}

/* The connection that reaches @region: the open one, the first of the list that names it, or the
 * open one asked elsewhere. FALSE when the user has to choose. */
static gboolean
connect_for (FluoWindow *self, const char *region)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *open = fluo_session_get_connection (self->session);
  g_autoptr (FluoConnection) elsewhere = NULL;

  for (guint i = 0; region && i < fluo_connection_list_get_n (list); i++)
    if (g_str_equal (fluo_connection_list_get (list, i)->region, region))
      {
        fluo_window_connect_connection (self, fluo_connection_list_get (list, i), NULL);
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
  fluo_window_connect_connection (self, elsewhere, NULL);
  return TRUE;
}

gboolean
fluo_window_open_console_link (FluoWindow *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoConsoleLink) link = NULL;

  g_return_val_if_fail (FLUO_IS_WINDOW (self), FALSE);
  if (!fluo_console_link_is_meant (text))
    return FALSE;
  link = fluo_console_link_parse (text, &error);
  if (!link)
    {
      fluo_window_toast (self, error->message);
      return TRUE;
    }
  g_clear_pointer (&self->link, fluo_console_link_free);
  self->link = g_steal_pointer (&link);
  fluo_window_follow_link (self);
  if (self->link && !connect_for (self, self->link->region))
    {
      g_autofree char *hint =
          self->link->region
              ? g_strdup_printf (_ ("Choose a connection for %s; the view follows"),
                                 self->link->region)
              : g_strdup (_ ("Choose a connection; the view follows"));

      /* Whichever is chosen: the user knows best. */
      g_clear_pointer (&self->link->region, g_free);
      fluo_window_toast (self, hint);
      open_connections (self);
    }
  return TRUE;
}

static void
open_console_address_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_open_console_link (FLUO_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
address_changed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  const char *text = gtk_editable_get_text (entry);
  GtkWidget *hint = gtk_widget_get_next_sibling (GTK_WIDGET (entry));
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoConsoleLink) link = fluo_console_link_parse (text, &error);
  const char *problem = "";

  if (error && *text)
    problem = error->code == FLUO_CONSOLE_LINK_ERROR_OTHER
                  ? _ ("This is no address of AWS’s console.")
              : error->code == FLUO_CONSOLE_LINK_ERROR_PAGE
                  ? _ ("This page of the console shows no traces.")
                  : _ ("The address names a trace, but not by a trace’s ID.");
  adw_message_dialog_set_response_enabled (dialog, "open", link != NULL);
  gtk_label_set_text (GTK_LABEL (hint), problem);
}

static void
address_response_cb (AdwMessageDialog *dialog, const char *response, FluoWindow *self)
{
  GtkWidget *entry = gtk_widget_get_first_child (adw_message_dialog_get_extra_child (dialog));

  if (g_str_equal (response, "open"))
    fluo_window_open_console_link (self, gtk_editable_get_text (GTK_EDITABLE (entry)));
}

/* What is on the clipboard already, if it is an address. */
static void
clipboard_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) entry = user_data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (text && gtk_widget_get_root (entry) && !*gtk_editable_get_text (GTK_EDITABLE (entry))
      && fluo_console_link_is_meant (text))
    gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static void
open_console_link_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (widget), _ ("Open a Console Address"),
      _ ("A page of traces, a trace or a service map in the X-Ray or CloudWatch console."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *hint = gtk_label_new (NULL);

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 38);
  gtk_entry_set_max_length (GTK_ENTRY (entry), FLUO_CONSOLE_LINK_LEN_MAX);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "https://….console.aws.amazon.com/…");
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_label_set_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), 44);
  gtk_widget_add_css_class (hint, "dense");
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), hint);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "open",
                                    _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "open", FALSE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (entry, "changed", G_CALLBACK (address_changed_cb), dialog);
  g_signal_connect_object (dialog, "response", G_CALLBACK (address_response_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (widget), NULL, clipboard_read_cb,
                                 g_object_ref (entry));
}

void
fluo_window_install_aws_actions (GtkWidgetClass *widget_class)
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
    { "win.choose-role", "s", choose_role_cb },
    { "win.go-to", "s", go_to_cb },
    { "win.connect-aws", NULL, connections_cb },
    { "win.connections", NULL, connections_cb },
    { "win.edit-connection", NULL, edit_connection_cb },
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

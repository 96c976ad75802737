/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-entry-dialog.h"
#include "aws/fluo-xray-change.h"
#include "filter/fluo-filter.h"

/* Addresses of AWS's console, both ways. */

/* --- To the console ---------------------------------------------------------------------- */

static void
open_link (FluoView *self, const FluoConsoleLink *link)
{
  g_autofree char *uri = fluo_console_link_dup_uri (link);

  if (uri)
    fluo_compat_open_uri (GTK_WIDGET (self), uri);
}

/* What all of it has: region, filter, range. */
static FluoConsoleLink *
make_link (FluoView *self, FluoConsolePlace place)
{
  FluoConsoleLink *link = fluo_console_link_new (place, fluo_session_get_region (self->session));

  link->filter = g_strdup (fluo_explorer_get_filter (self->explorer));
  link->relative_ns = fluo_explorer_get_live (self->explorer)
                          ? fluo_explorer_get_relative_ns (self->explorer)
                          : 0;
  link->span = fluo_explorer_get_span (self->explorer);
  return link;
}

static void
open_in_console_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoTab *tab = fluo_view_get_tab (self);
  FluoTraceId id;
  gboolean trace = tab && fluo_trace_id_parse (tab->id, -1, &id);
  gboolean map = !trace && !g_str_equal (self->page, "traces");
  g_autoptr (FluoConsoleLink) link = make_link (self, trace ? FLUO_CONSOLE_TRACE
                                                      : map ? FLUO_CONSOLE_MAP
                                                            : FLUO_CONSOLE_TRACES);

  if (trace)
    link->id = id;
  else if (map)
    fluo_map_page_dup_selected (FLUO_MAP_PAGE (self->map_page), &link->node, &link->node_type);
  open_link (self, link);
}

static void
open_node_in_console_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (FluoConsoleLink) link = make_link (FLUO_VIEW (widget), FLUO_CONSOLE_MAP);

  g_variant_get (parameter, "(ss)", &link->node, &link->node_type);
  if (!*link->node_type)
    g_clear_pointer (&link->node_type, g_free);
  open_link (FLUO_VIEW (widget), link);
}

/* A query of log lines, its groups and its range. */
static void
open_logs_in_console_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  g_autoptr (FluoConsoleLink) link =
    fluo_console_link_new (FLUO_CONSOLE_LOGS, fluo_session_get_region (self->session));

  g_variant_get (parameter, "(s^asxx)", &link->log_query, &link->log_groups, &link->span.begin_ns,
                 &link->span.end_ns);
  open_link (self, link);
}

/* --- From the console -------------------------------------------------------------------- */

/* The keys in use are known to be of another account than the one it shows. */
static gboolean
is_of_other_account (FluoView *self, const FluoConsoleLink *link)
{
  g_autoptr (FluoCredentialFacts) facts = fluo_session_dup_facts (self->session);

  return facts && facts->account && link->account
         && !g_str_equal (facts->account, link->account);
}

/* The filter that narrows as much as the page did: expression, group, and on the list of traces the
 * selected service. */
static char *
dup_filter (const FluoConsoleLink *link)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (link->filter)
    g_ptr_array_add (parts, g_strdup (link->filter));
  if (link->group && !fluo_xray_check_group_name (link->group))
    g_ptr_array_add (parts, g_strdup_printf ("group.name = \"%s\"", link->group));
  if (link->node && link->place == FLUO_CONSOLE_TRACES)
    g_ptr_array_add (parts, fluo_filter_dup_service (link->node, link->node_type, NULL));
  if (parts->len > 1 && link->filter)
    {
      g_free (parts->pdata[0]);
      parts->pdata[0] = g_strdup_printf ("(%s)", link->filter);
    }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" AND ", (char **) parts->pdata);
}

void
fluo_view_follow_link (FluoView *self)
{
  g_autofree char *filter = NULL;
  g_autoptr (FluoConsoleLink) link = NULL;

  if (!self->link || !fluo_session_get_connection (self->session)
      || is_of_other_account (self, self->link)
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
  filter = dup_filter (link);
  fluo_view_set_search (self, filter);
  fluo_view_show_page (self, link->place == FLUO_CONSOLE_MAP ? "map" : "traces");
  if (link->place == FLUO_CONSOLE_MAP && link->node)
    fluo_map_page_select_node (FLUO_MAP_PAGE (self->map_page), link->node, link->node_type);
}

/* Whose traces a connection shows, as far as it says so itself. */
static char *
dup_account (const FluoConnection *connection)
{
  if (*connection->role_arn)
    {
      g_auto (GStrv) parts = g_strsplit (connection->role_arn, ":", 6);

      if (g_strv_length (parts) == 6 && *parts[4])
        return g_strdup (parts[4]);
    }
  return *connection->sso_account ? g_strdup (connection->sso_account) : NULL;
}

/* It is known to be another account's. */
static gboolean
is_foreign (const char *account, const char *wanted)
{
  return account && wanted && !g_str_equal (account, wanted);
}

/* The best of the list: of that account and region, else of the account, else the first that names
 * the region and may be the account's. NULL when none is. */
static const FluoConnection *
find_for (const FluoConsoleLink *link, gboolean *ret_elsewhere)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *best = NULL;
  guint best_rank = 0;

  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    {
      const FluoConnection *connection = fluo_connection_list_get (list, i);
      g_autofree char *account = dup_account (connection);
      gboolean here = g_strcmp0 (connection->region, link->region) == 0;
      gboolean same = account && g_strcmp0 (account, link->account) == 0;
      guint rank = is_foreign (account, link->account) ? 0 : same * 2 + here;

      if (rank > best_rank)
        {
          best = connection;
          best_rank = rank;
          *ret_elsewhere = !here;
        }
    }
  return best;
}

/* Asks the same account in another region. */
static void
connect_elsewhere (FluoView *self, const FluoConnection *connection, const char *region)
{
  g_autoptr (FluoConnection) elsewhere = fluo_connection_copy (connection);
  /* Not the one of the list any more. */
  g_autofree char *id = g_strdup_printf ("%s %s", connection->id, region);

  fluo_connection_set (&elsewhere->region, region);
  fluo_connection_set (&elsewhere->id, id);
  fluo_view_connect_connection (self, elsewhere, NULL);
}

/* To the connection that reaches what the link shows: the best of the list, or the open one asked
 * elsewhere. FALSE when the user has to choose. */
static gboolean
connect_for (FluoView *self, const FluoConsoleLink *link)
{
  const FluoConnection *open = fluo_session_get_connection (self->session);
  gboolean elsewhere = FALSE;
  const FluoConnection *best = link->region ? find_for (link, &elsewhere) : NULL;

  if (best && !elsewhere)
    fluo_view_connect_connection (self, best, NULL);
  else if (best && !*best->endpoint)
    connect_elsewhere (self, best, link->region);
  else if (open && !*open->endpoint && link->region && !is_of_other_account (self, link))
    connect_elsewhere (self, open, link->region);
  else
    return FALSE;
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
  if (self->link && !connect_for (self, self->link))
    {
      g_autofree char *account = self->link->account ? fluo_account_dup_words (self->link->account)
                                                     : NULL;
      g_autofree char *hint =
        account && self->link->region
          /* Translators: an account, and a region. */
          ? g_strdup_printf (_("Choose a connection for %s in %s; the view follows"), account,
                             self->link->region)
        : self->link->region
          ? g_strdup_printf (_("Choose a connection for %s; the view follows"), self->link->region)
          : g_strdup (_("Choose a connection; the view follows"));

      /* Whichever is chosen: the user knows best. */
      g_clear_pointer (&self->link->region, g_free);
      g_clear_pointer (&self->link->account, g_free);
      fluo_view_toast (self, hint);
      fluo_view_open_connections (self);
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
                               ? _("This is no address of AWS’s console.")
                             : error->code == FLUO_CONSOLE_LINK_ERROR_PAGE
                               ? _("This page of the console shows no traces.")
                               : _("The address names a trace, but not by a trace’s ID."));
  return link != NULL;
}

static void
open_console_link_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static FluoEntryQuestion question = { .placeholder = "https://….console.aws.amazon.com/…",
                                        .length_max = FLUO_CONSOLE_LINK_LEN_MAX,
                                        .check = check_address,
                                        .action = "win.open-console-address" };

  question.title = _("Open a Console Address");
  question.body = _("A page of traces, a trace or a service map in the X-Ray or CloudWatch "
                    "console, or a query of a trace’s log lines.");
  fluo_entry_dialog_present (widget, &question, fluo_console_link_is_meant);
}

void
fluo_view_install_console_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.open-in-console", NULL, open_in_console_cb);
  gtk_widget_class_install_action (widget_class, "win.open-node-in-console", "(ss)",
                                   open_node_in_console_cb);
  gtk_widget_class_install_action (widget_class, "win.open-logs-in-console", "(sasxx)",
                                   open_logs_in_console_cb);
  gtk_widget_class_install_action (widget_class, "win.open-console-address", "s",
                                   open_console_address_cb);
  gtk_widget_class_install_action (widget_class, "win.open-console-link", NULL,
                                   open_console_link_cb);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/admin/fluo-admin-window.h"
#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-text.h"
#include "app/connect/fluo-missing-dialog.h"
#include "app/trace/fluo-compare-page.h"
#include "app/trace/fluo-logs-window.h"
#include "app/traces/fluo-trace-words.h"
#include "app/traces/fluo-traces-page.h"
#include "app/widgets/fluo-entry-dialog.h"
#include "core/fluo-trace-id-read.h"
#include "filter/fluo-filter.h"

#define PREFERENCES_TOAST_S 10

static void
find_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->explore));

  if (!fluo_view_get_tab (self) && page && FLUO_IS_MAP_PAGE (page))
    fluo_map_page_find (FLUO_MAP_PAGE (page));
  else
    fluo_view_focus_search (self);
}

static void
focus_query_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  if (fluo_view_get_tab (self))
    fluo_view_show_tab (self, NULL);
  fluo_view_focus_search (self);
}

static void
reload_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_kept_refresh (fluo_explorer_get_kept (FLUO_VIEW (widget)->explorer));
  fluo_explorer_reload (FLUO_VIEW (widget)->explorer);
}

static void
back_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_travel (FLUO_VIEW (widget), -1);
}

static void
forward_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_travel (FLUO_VIEW (widget), 1);
}

static void
live_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  fluo_explorer_set_live (self->explorer, !fluo_explorer_get_live (self->explorer));
}

static void
clear_search_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_set_search (FLUO_VIEW (widget), "");
}

/* What was looked for is in the table. */
static void
show_matches_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  fluo_view_show_page (self, "traces");
  fluo_view_focus_page (self);
}

static void
focus_page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_child_focus (FLUO_VIEW (widget)->explore, GTK_DIR_TAB_FORWARD);
}

/* Charts, map and cards ask for these. */
static void
filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  if (fluo_view_get_tab (self))
    fluo_view_show_tab (self, NULL);
  fluo_view_set_search (self, g_variant_get_string (parameter, NULL));
}

static void
filter_add_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const char *query = fluo_query_bar_get_query (FLUO_QUERY_BAR (self->query_bar));
  gboolean filter = fluo_query_text_get_kind (query, NULL) == FLUO_QUERY_EXPRESSION;
  g_autofree char *words = filter ? NULL
                                  : fluo_trace_words_dup_filter (
                                    query, fluo_explorer_get_summaries (self->explorer), NULL);
  g_autofree char *text = fluo_query_text_add (filter ? query : words,
                                               g_variant_get_string (parameter, NULL));

  if (fluo_view_get_tab (self))
    fluo_view_show_tab (self, NULL);
  fluo_view_set_search (self, text);
}

static void
save_filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);

  if (gtk_widget_get_mapped (self->query_bar))
    gtk_widget_activate_action (self->query_bar, "query.save-as", NULL);
}

static void
open_trace_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTraceId id;

  if (fluo_trace_id_parse (g_variant_get_string (parameter, NULL), -1, &id))
    fluo_view_open_trace (FLUO_VIEW (widget), &id, g_str_has_suffix (name, "background"));
}

/* With another trace, or with the usual one of its kind when that is "". */
static void
compare_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *text_a;
  const char *text_b;
  FluoTraceId a;
  FluoTraceId b;

  g_variant_get (parameter, "(&s&s)", &text_a, &text_b);
  if (!fluo_trace_id_parse (text_a, -1, &a))
    return;
  if (!*text_b)
    fluo_view_compare (FLUO_VIEW (widget), &a, NULL);
  else if (fluo_trace_id_parse (text_b, -1, &b))
    fluo_view_compare (FLUO_VIEW (widget), &a, &b);
}

/* With the trace that is selected in the list. */
static void
compare_with_selected_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  g_autofree char *selected = NULL;
  const char *text = g_variant_get_string (parameter, NULL);
  FluoTraceId a;
  FluoTraceId b;

  if (self->traces_page)
    selected = fluo_traces_page_dup_selected (FLUO_TRACES_PAGE (self->traces_page));
  if (!selected || g_str_equal (selected, text))
    fluo_view_toast (self, _("Select the other trace in the list first"));
  else if (fluo_trace_id_parse (text, -1, &a) && fluo_trace_id_parse (selected, -1, &b))
    fluo_view_compare (self, &a, &b);
}

static void
show_traces (FluoView *self, const char *filter)
{
  g_autoptr (GError) error = NULL;

  /* Filter and page are one step back. */
  self->travelling = TRUE;
  if (!fluo_explorer_set_filter (self->explorer, filter, &error))
    fluo_view_toast (self, error->message);
  fluo_view_show_page (self, "traces");
  self->travelling = FALSE;
  fluo_view_visit (self);
  fluo_view_focus_page (self);
}

static void
show_traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_traces (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL));
}

static void
show_node_traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *node_name;
  const char *node_type;
  g_autofree char *filter = NULL;

  g_variant_get (parameter, "(&s&s)", &node_name, &node_type);
  filter = fluo_filter_dup_service (node_name, *node_type ? node_type : NULL, NULL);
  show_traces (FLUO_VIEW (widget), filter);
}

/* The newest lines that a service wrote in the shown range. */
static void
show_node_logs_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const char *node_name;
  const char *node_type;

  g_variant_get (parameter, "(&s&s)", &node_name, &node_type);
  gtk_window_present (GTK_WINDOW (
      fluo_logs_window_new (widget, self->explorer, node_name, node_type)));
}

static void
toast_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_toast (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL));
}

static void
toast_long_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_toast_long (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL), 0);
}

/* About something that is to be set. It goes by itself, as another click brings it again. */
static void
toast_preferences_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwToast *toast =
    fluo_view_toast_long (FLUO_VIEW (widget), g_variant_get_string (parameter, NULL), 0);

  adw_toast_set_timeout (toast, PREFERENCES_TOAST_S);
  adw_toast_set_button_label (toast, _("Preferences"));
  adw_toast_set_action_name (toast, "app.preferences");
}

static void
close_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoTab *tab = fluo_view_get_tab (self);

  if (tab)
    fluo_view_close_tab (self, tab);
  else
    fluo_view_close (self);
}

static void
next_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_step_tab (FLUO_VIEW (widget), 1);
}

static void
previous_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_step_tab (FLUO_VIEW (widget), -1);
}

static gboolean
shows (FluoView *self, GtkWidget *page)
{
  return page && !fluo_view_get_tab (self) &&
         gtk_stack_get_visible_child (GTK_STACK (self->explore)) == page;
}

static void
export_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoTab *tab = fluo_view_get_tab (self);

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_export (FLUO_TRACE_PAGE (tab->page));
  else if (tab && FLUO_IS_COMPARE_PAGE (tab->page))
    fluo_compare_page_export (FLUO_COMPARE_PAGE (tab->page));
  else if (shows (self, self->map_page))
    fluo_map_page_export (FLUO_MAP_PAGE (self->map_page));
  else if (shows (self, self->traces_page))
    gtk_widget_activate_action (self->traces_page, "traces.export", NULL);
}

static void
toggle_panel_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTab *tab = fluo_view_get_tab (FLUO_VIEW (widget));

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_toggle_panel (FLUO_TRACE_PAGE (tab->page));
  else if (tab && FLUO_IS_COMPARE_PAGE (tab->page))
    fluo_compare_page_toggle_panel (FLUO_COMPARE_PAGE (tab->page));
}

static void
copy_trace_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  FluoTab *tab = fluo_view_get_tab (self);
  g_autofree char *selected = NULL;
  const char *id = tab ? tab->id : NULL;

  if (!id && self->traces_page)
    id = selected = fluo_traces_page_dup_selected (FLUO_TRACES_PAGE (self->traces_page));
  if (!id)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), id);
  fluo_view_toast (self, _("Trace ID copied"));
}

/* --- Open by ID -------------------------------------------------------------------------- */

static gboolean
check_id (const char *text, char **ret_problem)
{
  FluoTraceId id;

  return fluo_trace_id_read (text, &id, NULL, ret_problem);
}

/* Any of the forms that an ID is written in. */
static void
read_trace_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTraceId id;

  if (fluo_trace_id_read (g_variant_get_string (parameter, NULL), &id, NULL, NULL))
    fluo_view_open_trace (FLUO_VIEW (widget), &id, FALSE);
}

static void
open_by_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  static FluoEntryQuestion question = { .placeholder = "1-6afefa44-946d071d87f412683d601dea",
                                        .monospace = TRUE,
                                        .check = check_id,
                                        .action = "win.read-trace-id" };

  question.title = _("Open Trace by ID");
  question.body = _("X-Ray’s form (1-…), W3C’s 32 digits, or a header that has one.");
  fluo_entry_dialog_present (widget, &question, NULL);
}

static void
explain_missing_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (fluo_missing_dialog_new (
      widget, FLUO_VIEW (widget)->explorer, g_variant_get_string (parameter, NULL))));
}

/* With a group to be made of the filter, or as it is when that is "". */
static void
administration_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoAdminWindow *admin =
    fluo_admin_window_present (widget, FLUO_VIEW (widget)->explorer);
  const char *filter = g_variant_get_string (parameter, NULL);

  if (*filter)
    fluo_admin_window_add_group (admin, filter);
}

/* --- Connections ------------------------------------------------------------------------- */

static void
connect_local_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_view_connect_local (FLUO_VIEW (widget));
}

void
fluo_view_install_actions (FluoViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.find", NULL, find_cb },
    { "win.focus-query", NULL, focus_query_cb },
    { "win.reload", NULL, reload_cb },
    { "win.back", NULL, back_cb },
    { "win.forward", NULL, forward_cb },
    { "win.toggle-live", NULL, live_cb },
    { "win.clear-search", NULL, clear_search_cb },
    { "win.show-matches", NULL, show_matches_cb },
    { "win.focus-page", NULL, focus_page_cb },
    { "win.filter", "s", filter_cb },
    { "win.filter-add", "s", filter_add_cb },
    { "win.save-filter", NULL, save_filter_cb },
    { "win.open-trace", "s", open_trace_cb },
    { "win.open-trace-background", "s", open_trace_cb },
    { "win.compare", "(ss)", compare_cb },
    { "win.compare-with-selected", "s", compare_with_selected_cb },
    { "win.show-node-traces", "(ss)", show_node_traces_cb },
    { "win.show-node-logs", "(ss)", show_node_logs_cb },
    { "win.show-traces", "s", show_traces_cb },
    { "win.show-insight", "s", fluo_view_show_insight_cb },
    { "win.show-insight-traces", "s", fluo_view_show_insight_cb },
    { "win.toast", "s", toast_cb },
    { "win.toast-long", "s", toast_long_cb },
    { "win.toast-preferences", "s", toast_preferences_cb },
    { "win.close-tab", NULL, close_tab_cb },
    { "win.next-tab", NULL, next_tab_cb },
    { "win.previous-tab", NULL, previous_tab_cb },
    { "win.export", NULL, export_cb },
    { "win.toggle-panel", NULL, toggle_panel_cb },
    { "win.copy-trace-id", NULL, copy_trace_id_cb },
    { "win.open-file", NULL, fluo_view_choose_file_cb },
    { "win.open-trace-by-id", NULL, open_by_id_cb },
    { "win.read-trace-id", "s", read_trace_id_cb },
    { "win.explain-missing", "s", explain_missing_cb },
    { "win.administration", "s", administration_cb },
    { "win.connect-local", NULL, connect_local_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
  /* The one with a state, which the switchers follow. */
  gtk_widget_class_install_property_action (widget_class, "win.page", "page");
  fluo_view_install_aws_actions (widget_class);
  fluo_view_install_color_actions (widget_class);
  fluo_view_install_console_actions (widget_class);
  fluo_view_install_vault_actions (widget_class);
}

void
fluo_view_update_actions (FluoView *self)
{
  static const char *const of_console[] = { "win.open-in-console", "win.open-node-in-console",
                                            "win.open-logs-in-console" };
  GtkWidget *widget = GTK_WIDGET (self);
  FluoTab *tab = fluo_view_get_tab (self);
  gboolean traced = tab && fluo_tab_get_trace (tab);
  gboolean compared = tab && FLUO_IS_COMPARE_PAGE (tab->page)
                      && fluo_compare_page_is_comparing (FLUO_COMPARE_PAGE (tab->page));

  gtk_widget_action_set_enabled (
      widget, "win.page",
      g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->explore)), "start") != 0);
  gtk_widget_action_set_enabled (widget, "win.back", self->history_at > 0);
  gtk_widget_action_set_enabled (widget, "win.forward", self->history_at + 1 < self->history->len);
  gtk_widget_action_set_enabled (
      widget, "win.export",
      traced || compared || shows (self, self->map_page) || shows (self, self->traces_page));
  gtk_widget_action_set_enabled (widget, "win.toggle-panel",
                                 (tab && FLUO_IS_TRACE_PAGE (tab->page)) || compared);
  for (guint i = 0; i < G_N_ELEMENTS (of_console); i++)
    gtk_widget_action_set_enabled (widget, of_console[i],
                                   fluo_session_get_connection (self->session) != NULL);
  gtk_widget_action_set_enabled (widget, "win.toggle-live",
                                 fluo_explorer_get_relative_ns (self->explorer) > 0);
}

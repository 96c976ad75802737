/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

#include "app/admin/fluo-admin-window.h"
#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-text.h"
#include "app/traces/fluo-trace-words.h"
#include "app/connect/fluo-missing-dialog.h"
#include "app/trace/fluo-logs-window.h"
#include "app/trace/fluo-trace-file.h"
#include "app/traces/fluo-traces-page.h"
#include "core/fluo-trace-id-read.h"
#include "filter/fluo-filter.h"

static void
page_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *page = g_variant_get_string (parameter, NULL);

  if (fluo_window_has_page (page))
    {
      fluo_window_show_page (FLUO_WINDOW (user_data), page);
      fluo_window_focus_page (FLUO_WINDOW (user_data));
    }
}

static void
find_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->explore));

  if (!fluo_window_get_tab (self) && page && FLUO_IS_MAP_PAGE (page))
    fluo_map_page_find (FLUO_MAP_PAGE (page));
  else
    fluo_window_focus_search (self);
}

static void
focus_query_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);

  if (fluo_window_get_tab (self))
    fluo_window_show_tab (self, NULL);
  fluo_window_focus_search (self);
}

static void
reload_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_kept_refresh (fluo_explorer_get_kept (FLUO_WINDOW (widget)->explorer));
  fluo_explorer_reload (FLUO_WINDOW (widget)->explorer);
}

static void
back_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_travel (FLUO_WINDOW (widget), -1);
}

static void
forward_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_travel (FLUO_WINDOW (widget), 1);
}

static void
live_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);

  fluo_explorer_set_live (self->explorer, !fluo_explorer_get_live (self->explorer));
}

static void
clear_search_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_set_search (FLUO_WINDOW (widget), "");
}

/* What was looked for is in the table. */
static void
show_matches_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);

  fluo_window_show_page (self, "traces");
  fluo_window_focus_page (self);
}

static void
focus_page_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_child_focus (FLUO_WINDOW (widget)->explore, GTK_DIR_TAB_FORWARD);
}

/* Charts, map and cards ask for these. */
static void
filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);

  if (fluo_window_get_tab (self))
    fluo_window_show_tab (self, NULL);
  fluo_window_set_search (self, g_variant_get_string (parameter, NULL));
}

static void
filter_add_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  const char *query = fluo_query_bar_get_query (FLUO_QUERY_BAR (self->query_bar));
  gboolean filter = fluo_query_text_get_kind (query, NULL) == FLUO_QUERY_EXPRESSION;
  g_autofree char *words = filter ? NULL
                                  : fluo_trace_words_dup_filter (
                                    query, fluo_explorer_get_summaries (self->explorer), NULL);
  g_autofree char *text = fluo_query_text_add (filter ? query : words,
                                               g_variant_get_string (parameter, NULL));

  if (fluo_window_get_tab (self))
    fluo_window_show_tab (self, NULL);
  fluo_window_set_search (self, text);
}

static void
save_filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);

  if (gtk_widget_get_mapped (self->query_bar))
    gtk_widget_activate_action (self->query_bar, "query.save-as", NULL);
}

static void
open_trace_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTraceId id;

  if (fluo_trace_id_parse (g_variant_get_string (parameter, NULL), -1, &id))
    fluo_window_open_trace (FLUO_WINDOW (widget), &id, g_str_has_suffix (name, "background"));
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
    fluo_window_compare (FLUO_WINDOW (widget), &a, NULL);
  else if (fluo_trace_id_parse (text_b, -1, &b))
    fluo_window_compare (FLUO_WINDOW (widget), &a, &b);
}

/* With the trace that is selected in the list. */
static void
compare_with_selected_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  g_autofree char *selected = NULL;
  const char *text = g_variant_get_string (parameter, NULL);
  FluoTraceId a;
  FluoTraceId b;

  if (self->traces_page)
    selected = fluo_traces_page_dup_selected (FLUO_TRACES_PAGE (self->traces_page));
  if (!selected || g_str_equal (selected, text))
    fluo_window_toast (self, _ ("Select the other trace in the list first"));
  else if (fluo_trace_id_parse (text, -1, &a) && fluo_trace_id_parse (selected, -1, &b))
    fluo_window_compare (self, &a, &b);
}

static void
show_traces (FluoWindow *self, const char *filter)
{
  g_autoptr (GError) error = NULL;

  /* Filter and page are one step back. */
  self->travelling = TRUE;
  if (!fluo_explorer_set_filter (self->explorer, filter, &error))
    fluo_window_toast (self, error->message);
  fluo_window_show_page (self, "traces");
  self->travelling = FALSE;
  fluo_window_visit (self);
  fluo_window_focus_page (self);
}

static void
show_traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_traces (FLUO_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
show_node_traces_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *node_name;
  const char *node_type;
  g_autofree char *filter = NULL;

  g_variant_get (parameter, "(&s&s)", &node_name, &node_type);
  filter = fluo_filter_dup_service (node_name, *node_type ? node_type : NULL, NULL);
  show_traces (FLUO_WINDOW (widget), filter);
}

/* The newest lines that a service wrote in the shown range. */
static void
show_node_logs_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  const char *node_name;
  const char *node_type;

  g_variant_get (parameter, "(&s&s)", &node_name, &node_type);
  gtk_window_present (GTK_WINDOW (
      fluo_logs_window_new (GTK_WINDOW (self), self->explorer, node_name, node_type)));
}

static void
toast_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_toast (FLUO_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
close_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  FluoTab *tab = fluo_window_get_tab (self);

  if (tab)
    fluo_window_close_tab (self, tab);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
next_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_step_tab (FLUO_WINDOW (widget), 1);
}

static void
previous_tab_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_step_tab (FLUO_WINDOW (widget), -1);
}

static gboolean
shows_map (FluoWindow *self)
{
  return !fluo_window_get_tab (self) && self->map_page && g_strcmp0 (self->page, "map") == 0 &&
         gtk_stack_get_visible_child (GTK_STACK (self->explore)) == self->map_page;
}

static void
export_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  FluoTab *tab = fluo_window_get_tab (self);

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_export (FLUO_TRACE_PAGE (tab->page));
  else if (shows_map (self))
    fluo_map_page_export (FLUO_MAP_PAGE (self->map_page));
}

static void
toggle_panel_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTab *tab = fluo_window_get_tab (FLUO_WINDOW (widget));

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_toggle_panel (FLUO_TRACE_PAGE (tab->page));
}

static void
copy_trace_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoWindow *self = FLUO_WINDOW (widget);
  FluoTab *tab = fluo_window_get_tab (self);
  g_autofree char *selected = NULL;
  const char *id = tab ? tab->id : NULL;

  if (!id && self->traces_page)
    id = selected = fluo_traces_page_dup_selected (FLUO_TRACES_PAGE (self->traces_page));
  if (!id)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), id);
  fluo_window_toast (self, _ ("Trace ID copied"));
}

/* --- Files ------------------------------------------------------------------------------- */

static void
file_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  guint refused = 0;
  g_autoptr (GPtrArray)
      traces = fluo_trace_file_load_finish (G_FILE (source), result, &refused, &error);
  g_autofree char *base = g_file_get_basename (G_FILE (source));
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *text = NULL;

  if (!traces)
    {
      text = g_strdup_printf (_ ("“%s” could not be opened: %s"), name, error->message);
      fluo_window_toast (self, text);
      return;
    }
  for (guint i = 0; i < traces->len; i++)
    {
      FluoTrace *trace = g_ptr_array_index (traces, i);
      g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
      FluoTab *tab = fluo_window_find_tab (self, id);

      if (!tab)
        fluo_window_add_tab (self, fluo_trace_page_new_for_trace (self->explorer, trace), TRUE,
                             i > 0);
      else if (i == 0)
        fluo_window_show_tab (self, tab);
    }
  if (refused > 0)
    {
      text = g_strdup_printf (ngettext ("%u document of “%s” was refused",
                                        "%u documents of “%s” were refused", refused),
                              refused, name);
      fluo_window_toast (self, text);
    }
}

void
fluo_window_open_file (FluoWindow *self, GFile *file)
{
  g_return_if_fail (FLUO_IS_WINDOW (self));
  fluo_trace_file_load_async (file, NULL, file_loaded_cb, g_object_ref (self));
}

static void
file_chosen_cb (GtkNativeDialog *dialog, int response, FluoWindow *self)
{
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);

          fluo_window_open_file (self, file);
        }
    }
  g_object_unref (dialog);
}

static void
open_file_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Open Traces"), GTK_WINDOW (widget), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"),
      _ ("_Cancel"));
  g_autoptr (GtkFileFilter) json = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (json, _ ("Trace JSON"));
  gtk_file_filter_add_pattern (json, "*.json");
  gtk_file_filter_add_pattern (json, "*.jsonl");
  gtk_file_filter_add_pattern (json, "*.ndjson");
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), json);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- Open by ID -------------------------------------------------------------------------- */

static void
id_changed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  const char *text = gtk_editable_get_text (entry);
  GtkWidget *hint = gtk_widget_get_next_sibling (GTK_WIDGET (entry));
  g_autofree char *problem = NULL;
  FluoTraceId id;
  gboolean good = fluo_trace_id_read (text, &id, NULL, &problem);

  adw_message_dialog_set_response_enabled (dialog, "open", good);
  gtk_label_set_text (GTK_LABEL (hint), good || !*text ? "" : problem);
  if (good || !*text)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static void
id_response_cb (AdwMessageDialog *dialog, const char *response, FluoWindow *self)
{
  GtkWidget *entry =
      gtk_widget_get_first_child (adw_message_dialog_get_extra_child (dialog));
  FluoTraceId id;

  if (g_str_equal (response, "open") &&
      fluo_trace_id_read (gtk_editable_get_text (GTK_EDITABLE (entry)), &id, NULL, NULL))
    fluo_window_open_trace (self, &id, FALSE);
}

static void
open_by_id_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (widget), _ ("Open Trace by ID"),
                                              _ ("X-Ray’s form (1-…), W3C’s 32 digits, or a "
                                                 "header that has one."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *hint = gtk_label_new (NULL);

  gtk_widget_add_css_class (entry, "monospace");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 38);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "1-6afefa44-946d071d87f412683d601dea");
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  /* Room for two lines, so that the dialog doesn't jump. */
  gtk_label_set_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_lines (GTK_LABEL (hint), 2);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_label_set_yalign (GTK_LABEL (hint), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), 44);
  gtk_widget_set_size_request (hint, -1, 36);
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
  g_signal_connect (entry, "changed", G_CALLBACK (id_changed_cb), dialog);
  g_signal_connect_object (dialog, "response", G_CALLBACK (id_response_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
explain_missing_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (fluo_missing_dialog_new (
      FLUO_WINDOW (widget), g_variant_get_string (parameter, NULL))));
}

/* With a group to be made of the filter, or as it is when that is "". */
static void
administration_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoAdminWindow *admin =
      fluo_admin_window_present (GTK_WINDOW (widget), FLUO_WINDOW (widget)->explorer);
  const char *filter = g_variant_get_string (parameter, NULL);

  if (*filter)
    fluo_admin_window_add_group (admin, filter);
}

/* --- Connections ------------------------------------------------------------------------- */

static void
connect_local_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_window_connect_local (FLUO_WINDOW (widget));
}

void
fluo_window_install_actions (FluoWindowClass *klass)
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
    { "win.show-insight", "s", fluo_window_show_insight_cb },
    { "win.show-insight-traces", "s", fluo_window_show_insight_cb },
    { "win.toast", "s", toast_cb },
    { "win.close-tab", NULL, close_tab_cb },
    { "win.next-tab", NULL, next_tab_cb },
    { "win.previous-tab", NULL, previous_tab_cb },
    { "win.export", NULL, export_cb },
    { "win.toggle-panel", NULL, toggle_panel_cb },
    { "win.copy-trace-id", NULL, copy_trace_id_cb },
    { "win.open-file", NULL, open_file_cb },
    { "win.open-trace-by-id", NULL, open_by_id_cb },
    { "win.explain-missing", "s", explain_missing_cb },
    { "win.administration", "s", administration_cb },
    { "win.connect-local", NULL, connect_local_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
  fluo_window_install_aws_actions (widget_class);
  fluo_window_install_vault_actions (widget_class);
}

/* The page is the one action with a state; the view switchers follow it. */
void
fluo_window_add_page_action (FluoWindow *self)
{
  g_autoptr (GSimpleAction) action = g_simple_action_new_stateful (
      "page", G_VARIANT_TYPE_STRING, g_variant_new_string (self->page));

  g_signal_connect_object (action, "activate", G_CALLBACK (page_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

void
fluo_window_update_actions (FluoWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  FluoTab *tab = fluo_window_get_tab (self);
  gboolean traced = tab && fluo_tab_get_trace (tab);
  GSimpleAction *page = G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "page"));

  g_simple_action_set_state (page, g_variant_new_string (self->page));
  g_simple_action_set_enabled (
      page, g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->explore)), "start") != 0);
  gtk_widget_action_set_enabled (widget, "win.back", self->history_at > 0);
  gtk_widget_action_set_enabled (widget, "win.forward", self->history_at + 1 < self->history->len);
  gtk_widget_action_set_enabled (widget, "win.export", traced || shows_map (self));
  gtk_widget_action_set_enabled (widget, "win.toggle-panel",
                                 tab && FLUO_IS_TRACE_PAGE (tab->page));
  gtk_widget_action_set_enabled (widget, "win.toggle-live",
                                 fluo_explorer_get_relative_ns (self->explorer) > 0);
}

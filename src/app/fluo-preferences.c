/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-preferences.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-range-button.h"
#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "fluo-settings.h"

static const char *const style_values[] = { "follow", "light", "dark" };

static void
style_selected_cb (AdwComboRow *row, GParamSpec *pspec, gpointer data)
{
  guint selected = adw_combo_row_get_selected (row);

  if (selected < G_N_ELEMENTS (style_values))
    fluo_settings_set_string ("style", style_values[selected]);
}

static void
range_selected_cb (AdwComboRow *row, GParamSpec *pspec, gpointer data)
{
  guint selected = adw_combo_row_get_selected (row);

  if (selected < FLUO_N_RANGES)
    fluo_settings_set_int64 ("default-range", fluo_range_lengths_s[selected]);
}

static GtkWidget *
make_style_row (void)
{
  const char *const names[] = { _("Follow the desktop"), _("Light"), _("Dark"), NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (names);
  g_autofree char *style = fluo_settings_dup_string ("style", "follow");
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Style"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  for (guint i = 0; i < G_N_ELEMENTS (style_values); i++)
    if (g_str_equal (style, style_values[i]))
      adw_combo_row_set_selected (ADW_COMBO_ROW (row), i);
  g_signal_connect (row, "notify::selected", G_CALLBACK (style_selected_cb), NULL);
  return row;
}

static GtkWidget *
make_range_row (void)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  gint64 range_s = fluo_settings_get_int64 ("default-range", 15 * 60);
  GtkWidget *row = adw_combo_row_new ();

  for (guint i = 0; i < FLUO_N_RANGES; i++)
    gtk_string_list_take (list, fluo_range_dup_label (fluo_range_lengths_s[i] * FLUO_NSEC_PER_SEC));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Time range of a new window"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  for (guint i = 0; i < FLUO_N_RANGES; i++)
    if (fluo_range_lengths_s[i] == range_s)
      adw_combo_row_set_selected (ADW_COMBO_ROW (row), i);
  g_signal_connect (row, "notify::selected", G_CALLBACK (range_selected_cb), NULL);
  return row;
}

static void
command_changed_cb (GtkEditable *row, gpointer data)
{
  fluo_settings_set_string ("editor-command", gtk_editable_get_text (row));
}

static void
folders_changed_cb (GtkEditable *row, gpointer data)
{
  g_auto (GStrv) folders = g_strsplit (gtk_editable_get_text (row), G_SEARCHPATH_SEPARATOR_S, -1);

  fluo_settings_set_strv ("source-folders", (const char *const *) folders);
}

/* For the places of a stack trace. */
static GtkWidget *
make_editor_group (void)
{
  GtkWidget *group = adw_preferences_group_new (), *row;
  g_autofree char *command = fluo_settings_dup_string ("editor-command", "");
  g_auto (GStrv) folders = fluo_settings_dup_strv ("source-folders");
  g_autofree char *joined = g_strjoinv (G_SEARCHPATH_SEPARATOR_S, folders);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Open in editor"));
  adw_preferences_group_set_description (
    ADW_PREFERENCES_GROUP (group),
    _("A command such as “code --goto {file}:{line}”; without one the desktop's editor opens "
      "the file."));
  row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Command"));
  gtk_editable_set_text (GTK_EDITABLE (row), command);
  g_signal_connect (row, "changed", G_CALLBACK (command_changed_cb), NULL);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 _("Folders with sources, a colon between them"));
  gtk_editable_set_text (GTK_EDITABLE (row), joined);
  g_signal_connect (row, "changed", G_CALLBACK (folders_changed_cb), NULL);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);

  return group;
}

static void
add_fact (GtkWidget *group, const char *title, const char *value)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *label = gtk_label_new (value);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static GtkWidget *
make_data_group (FluoExplorer *explorer)
{
  const FluoCollectorStatus *status = fluo_explorer_get_status (explorer);
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Stored traces"));
  if (status)
    {
      g_autofree char *traces = fluo_format_count (status->traces);
      g_autofree char *size = fluo_format_bytes (status->store_bytes);
      g_autofree char *received = fluo_format_count (status->received);
      guint64 n_refused = 0;
      g_autofree char *refused = NULL;

      for (guint i = 0; i < status->refused->len; i++)
        n_refused += ((FluoRefusal *) g_ptr_array_index (status->refused, i))->count;
      refused = fluo_format_count (n_refused);
      adw_preferences_group_set_description (
          ADW_PREFERENCES_GROUP (group),
          _("How long traces are kept is set where the collector is started: "
            "fluoroscoped --retention and --max-size."));
      add_fact (group, _("Traces"), traces);
      add_fact (group, _("Size"), size);
      add_fact (group, _("Folder"), status->data_dir ? status->data_dir : "–");
      add_fact (group, _("Documents received"), received);
      add_fact (group, _("Documents refused"), refused);
      add_fact (group, _("Collector"), status->version ? status->version : "–");
    }
  else
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                           fluo_explorer_is_local (explorer)
                                             ? _("The collector does not answer.")
                                             : _("AWS X-Ray keeps traces for 30 days."));
  return group;
}

GtkWidget *
fluo_preferences_new (GtkWindow *parent, FluoExplorer *explorer)
{
  GtkWidget *preferences = adw_preferences_window_new ();
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_style_row ());
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_range_row ());
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (make_editor_group ()));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (make_data_group (explorer)));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (preferences), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (preferences), FALSE);
  fluo_compat_set_parent (GTK_WINDOW (preferences), parent);
  gtk_window_set_default_size (GTK_WINDOW (preferences), 560, 620);
  return preferences;
}

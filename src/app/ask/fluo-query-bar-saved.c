/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-foreign.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "filter/fluo-filter.h"
#include "fluo-query-file.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"
#include "fluo-saved-dialog.h"
#include "fluo-saved-queries.h"

/* What is taken of a filter for a name. */
#define NAME_CHARS_MAX 60

static GtkWindow *
get_window (FluoQueryBar *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
say_error (FluoQueryBar *self, const char *what, const GError *error)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", what, error->message);

  fluo_query_bar_say (self, text);
}

/* --- Saving ------------------------------------------------------------------------------ */

static void
saved_cb (FluoQueryBar *self, FluoSavedQuery *query)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!fluo_saved_queries_put (fluo_saved_queries_get_default (), query, &error))
    {
      say_error (self, _("The filter could not be saved"), error);
      return;
    }
  text = g_strdup_printf (_("“%s” is saved"), query->name);
  fluo_query_bar_say (self, text);
}

static void
show_dialog (FluoQueryBar *self, FluoSavedQuery *query, gboolean known)
{
  GtkWidget *dialog = fluo_saved_dialog_new (get_window (self), query, known,
                                             fluo_explorer_get_name (self->explorer));

  g_signal_connect_object (dialog, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
fluo_query_bar_save_as (FluoQueryBar *self)
{
  g_autofree char *draft = g_strstrip (fluo_query_bar_dup_draft (self));
  g_autofree char *folded = fluo_query_text_fold (draft);
  g_autofree char *name = NULL;
  g_autoptr (FluoSavedQuery) query = NULL;

  if (!*draft)
    {
      fluo_query_bar_say (self, _("There is no filter to save yet"));
      return;
    }
  name = g_utf8_substring (folded, 0, MIN (g_utf8_strlen (folded, -1), NAME_CHARS_MAX));
  query = fluo_saved_query_new (NULL, name, draft, "", FALSE);
  show_dialog (self, query, FALSE);
}

static void
save_group_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const char *name;
  const char *filter;
  g_autoptr (FluoSavedQuery) query = NULL;

  g_variant_get (parameter, "(&s&s)", &name, &filter);
  query = fluo_saved_query_new (NULL, name, filter, "", FALSE);
  show_dialog (FLUO_QUERY_BAR (widget), query, FALSE);
}

static FluoSavedQuery *
find_saved (GVariant *parameter)
{
  return fluo_saved_queries_find (fluo_saved_queries_get_default (),
                                  g_variant_get_string (parameter, NULL));
}

static void
edit_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoSavedQuery *query = find_saved (parameter);

  if (query)
    show_dialog (FLUO_QUERY_BAR (widget), query, TRUE);
}

static void
star_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoSavedQuery *query = find_saved (parameter);
  g_autoptr (FluoSavedQuery) changed = NULL;
  g_autoptr (GError) error = NULL;

  if (!query)
    return;
  changed = fluo_saved_query_new (query->id, query->name, query->text, query->connection,
                                  !query->starred);
  if (!fluo_saved_queries_put (fluo_saved_queries_get_default (), changed, &error))
    say_error (FLUO_QUERY_BAR (widget), _("The filter could not be saved"), error);
}

/* --- Removing, and having it back -------------------------------------------------------- */

typedef struct
{
  FluoSavedQuery *query;
  guint index;
} Removed;

static void
removed_free (gpointer data, GClosure *closure)
{
  Removed *removed = data;

  fluo_saved_query_unref (removed->query);
  g_free (removed);
}

static void
undo_cb (AdwToast *toast, Removed *removed)
{
  g_autoptr (GError) error = NULL;

  if (!fluo_saved_queries_insert (fluo_saved_queries_get_default (), removed->query,
                                  removed->index, &error))
    g_message ("a filter can't be put back: %s", error->message);
}

static void
remove_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  FluoSavedQuery *query = find_saved (parameter);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  AdwToast *toast;
  Removed *removed;

  if (!query)
    return;
  removed = g_new0 (Removed, 1);
  removed->query = fluo_saved_query_ref (query);
  if (!fluo_saved_queries_remove (fluo_saved_queries_get_default (), query->id, &removed->index,
                                  &error))
    {
      say_error (self, _("The filter could not be removed"), error);
      removed_free (removed, NULL);
      return;
    }
  name = fluo_format_untrusted (removed->query->name, NAME_CHARS_MAX);
  text = g_strdup_printf (_("“%s” was removed"), name);
  toast = fluo_foreign_new_toast (text);
  adw_toast_set_button_label (toast, _("Undo"));
  /* Not behind another one that is being read. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), removed, removed_free, 0);
  fluo_query_bar_toast (self, toast);
}

/* --- X-Ray's groups ---------------------------------------------------------------------- */

typedef struct
{
  FluoQueryBar *bar;
  char *name;
} Group;

static void
group_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Group *group = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result,
                                                                &error);
  g_autofree char *text = tape ? g_strdup_printf (_("The group “%s” was made"), group->name)
                               : NULL;

  if (tape)
    fluo_query_bar_say (group->bar, text);
  else
    say_error (group->bar, _("The group could not be made"), error);
  g_object_unref (group->bar);
  g_free (group->name);
  g_free (group);
}

static void
make_group (FluoQueryBar *self, const char *name, const char *filter)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;
  Group *group;

  if (!client)
    return;
  group = g_new0 (Group, 1);
  group->bar = g_object_ref (self);
  group->name = g_strdup (name);
  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "GroupName");
  fluo_json_writer_string (&writer, name);
  fluo_json_writer_key (&writer, "FilterExpression");
  fluo_json_writer_string (&writer, filter);
  fluo_json_writer_end (&writer, '}');
  fluo_xray_client_call_async (client, "/CreateGroup", body->str, NULL, group_made_cb, group);
}

static void
group_response_cb (AdwMessageDialog *dialog, const char *response, FluoQueryBar *self)
{
  GtkWidget *entry = adw_message_dialog_get_extra_child (dialog);

  if (g_str_equal (response, "make"))
    make_group (self, gtk_editable_get_text (GTK_EDITABLE (entry)),
                g_object_get_data (G_OBJECT (dialog), "filter"));
}

/* X-Ray takes 1 to 32 letters, digits, "-" and "_". */
static char *
dup_group_name (const char *name)
{
  GString *out = g_string_new (NULL);

  for (const char *at = name; *at && out->len < 32; at = g_utf8_next_char (at))
    if (g_ascii_isalnum (*at) || *at == '-' || *at == '_')
      g_string_append_c (out, g_ascii_tolower (*at));
    else if (out->len > 0 && out->str[out->len - 1] != '-')
      g_string_append_c (out, '-');
  while (out->len > 0 && out->str[out->len - 1] == '-')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

static void
group_name_changed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  const char *text = gtk_editable_get_text (entry);
  g_autofree char *clean = dup_group_name (text);

  adw_message_dialog_set_response_enabled (dialog, "make",
                                           *text && g_ascii_strcasecmp (text, clean) == 0);
}

static void
group_from_saved_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  FluoSavedQuery *query = find_saved (parameter);
  g_autoptr (FluoFilter) filter = query ? fluo_filter_new (query->text, -1, NULL, NULL) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *where = NULL;
  g_autofree char *body = NULL;
  GtkWidget *dialog;
  GtkWidget *entry;

  if (!query)
    return;
  if (!filter)
    {
      fluo_query_bar_say (self, _("Only a complete filter without parameters can be a group"));
      return;
    }
  where = fluo_format_untrusted (fluo_explorer_get_name (self->explorer), 40);
  body = g_strdup_printf (
      _("A group with this filter is made in %s, for everybody who uses it. Traces that come from "
        "now on belong to it when they match; older ones do not."),
      where);
  dialog = adw_message_dialog_new (NULL, _("Make an X-Ray Group?"), body);
  fluo_compat_set_parent (GTK_WINDOW (dialog), get_window (self));
  entry = gtk_entry_new ();
  name = dup_group_name (query->name);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Name of the group"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "make",
                                    _("_Make Group"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "make",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "make");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "filter", g_strdup (query->text), g_free);
  g_signal_connect (entry, "changed", G_CALLBACK (group_name_changed_cb), dialog);
  gtk_editable_set_text (GTK_EDITABLE (entry), name);
  group_name_changed_cb (GTK_EDITABLE (entry), ADW_MESSAGE_DIALOG (dialog));
  g_signal_connect_object (dialog, "response", G_CALLBACK (group_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Files ------------------------------------------------------------------------------- */

static void
add_file_filter (GtkFileChooserNative *dialog)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Saved filters"));
  gtk_file_filter_add_pattern (filter, "*.json");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
}

static void
import_bytes (FluoQueryBar *self, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint added = 0;
  guint replaced = 0;

  if (!fluo_saved_queries_import (fluo_saved_queries_get_default (), bytes, &added, &replaced,
                                  &error))
    {
      say_error (self, _("The filters could not be imported"), error);
      return;
    }
  text = g_strdup_printf (_("Imported: %u new, %u that were there before"), added, replaced);
  fluo_query_bar_say (self, text);
}

static void
import_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQueryBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (bytes)
    import_bytes (self, bytes);
  else
    say_error (self, _("The filters could not be imported"), error);
}

/* Looks before it reads: a wrong file may be of any size, or none that ends. */
static void
import_size_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQueryBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info && g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                         _("this is no regular file"));
  else if (info && g_file_info_get_size (info) > FLUO_QUERY_FILE_BYTES_MAX)
    g_set_error (&error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
                 _("the file is larger than %d MB"), FLUO_QUERY_FILE_BYTES_MAX / 1024 / 1024);
  if (error)
    say_error (self, _("The filters could not be imported"), error);
  else
    g_file_load_bytes_async (G_FILE (source), NULL, import_read_cb, g_object_ref (self));
}

static void
import_chosen_cb (GtkNativeDialog *dialog, int response, FluoQueryBar *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;

  if (file)
    g_file_query_info_async (
        file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
        G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, NULL, import_size_cb, g_object_ref (self));
  g_object_unref (dialog);
}

static void
import_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _("Import Filters"), get_window (self), GTK_FILE_CHOOSER_ACTION_OPEN, _("_Import"),
      _("_Cancel"));

  add_file_filter (dialog);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (import_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
export_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoQueryBar) self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    fluo_query_bar_say (self, _("The filters were exported"));
  else
    say_error (self, _("The filters could not be exported"), error);
}

static void
export_chosen_cb (GtkNativeDialog *dialog, int response, FluoQueryBar *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autoptr (GBytes) bytes = file ? fluo_saved_queries_export (fluo_saved_queries_get_default ())
                                  : NULL;

  if (file)
    g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                         export_written_cb, g_object_ref (self));
  g_object_unref (dialog);
}

static void
export_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _("Export Filters"), get_window (self), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"),
      _("_Cancel"));

  add_file_filter (dialog);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), "filters.json");
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (export_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
fluo_query_bar_install_saved (GtkWidgetClass *klass)
{
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "query.edit-saved", "s", edit_cb },
    { "query.star-saved", "s", star_cb },
    { "query.remove-saved", "s", remove_cb },
    { "query.group-from-saved", "s", group_from_saved_cb },
    { "query.save-group", "(ss)", save_group_cb },
    { "query.import", NULL, import_cb },
    { "query.export", NULL, export_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (klass, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-trace-file.h"
#include "app/widgets/fluo-foreign.h"

/* Traces from files: chosen, dropped or named at the start. A large one takes seconds, so it says
 * that it is being read, and can be stopped. */

#define TOLD_MS 300

typedef struct
{
  FluoView     *view;
  GCancellable *cancellable;
  char         *name;    /* of the file, for people */
  AdwToast     *toast;   /* weak: on screen while it is read */
  guint         tell_id;
} Reading;

static void
reading_free (Reading *self)
{
  g_clear_handle_id (&self->tell_id, g_source_remove);
  if (self->toast)
    adw_toast_dismiss (self->toast);
  g_clear_weak_pointer (&self->toast);
  g_object_unref (self->view);
  g_object_unref (self->cancellable);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static gboolean
tell_cb (gpointer user_data)
{
  Reading *self = user_data;
  g_autofree char *text = NULL;

  self->tell_id = 0;
  if (!self->view->session)
    {
      g_cancellable_cancel (self->cancellable);
      return G_SOURCE_REMOVE;
    }
  text = g_strdup_printf (_("Reading “%s”"), self->name);
  g_set_weak_pointer (&self->toast, fluo_view_toast (self->view, text));
  adw_toast_set_timeout (self->toast, 0);
  adw_toast_set_button_label (self->toast, _("Stop"));
  g_signal_connect_object (self->toast, "button-clicked", G_CALLBACK (g_cancellable_cancel),
                           self->cancellable, G_CONNECT_SWAPPED);
  return G_SOURCE_REMOVE;
}

static void
show_traces (FluoView *self, GPtrArray *traces)
{
  for (guint i = 0; i < traces->len; i++)
    {
      FluoTrace *trace = g_ptr_array_index (traces, i);
      g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
      FluoTab *tab = fluo_view_find_tab (self, id);

      if (!tab)
        fluo_view_add_tab (self, fluo_trace_page_new_for_trace (self->explorer, trace), TRUE,
                           i > 0);
      else if (i == 0)
        fluo_view_show_tab (self, tab);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reading) reading = user_data;
  FluoView *self = reading->view;
  g_autoptr (GError) error = NULL;
  guint refused = 0;
  g_autoptr (GPtrArray) traces =
    fluo_trace_file_load_finish (G_FILE (source), result, &refused, &error);
  g_autofree char *text = NULL;

  /* The view may be gone meanwhile. */
  if (!self->session || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!traces)
    {
      text = g_strdup_printf (_("“%s” could not be opened: %s"), reading->name, error->message);
      fluo_view_toast (self, text);
      return;
    }
  show_traces (self, traces);
  if (refused > 0)
    {
      text = g_strdup_printf (ngettext ("%u document of “%s” was refused",
                                        "%u documents of “%s” were refused", refused),
                              refused, reading->name);
      fluo_view_toast (self, text);
    }
}

void
fluo_view_open_file (FluoView *self, GFile *file)
{
  Reading *reading;
  g_autofree char *base = g_file_get_basename (file);

  g_return_if_fail (FLUO_IS_VIEW (self));

  reading = g_new0 (Reading, 1);
  reading->view = g_object_ref (self);
  reading->cancellable = g_cancellable_new ();
  reading->name = g_filename_display_name (base);
  reading->tell_id = g_timeout_add (TOLD_MS, tell_cb, reading);
  fluo_trace_file_load_async (file, reading->cancellable, loaded_cb, reading);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, FluoView *self)
{
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (files, i);

          fluo_view_open_file (self, file);
        }
    }
  g_object_unref (dialog);
}

void
fluo_view_choose_file_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _("Open Traces"), fluo_view_get_window (FLUO_VIEW (widget)), GTK_FILE_CHOOSER_ACTION_OPEN,
    _("_Open"), _("_Cancel"));
  g_autoptr (GtkFileFilter) json = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (json, _("Trace JSON"));
  gtk_file_filter_add_pattern (json, "*.json");
  gtk_file_filter_add_pattern (json, "*.jsonl");
  gtk_file_filter_add_pattern (json, "*.ndjson");
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), json);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

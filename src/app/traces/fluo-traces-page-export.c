/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"

typedef struct
{
  GPtrArray *rows;
  GFile *file;
} Job;

static void
job_free (gpointer data)
{
  Job *self = data;

  g_ptr_array_unref (self->rows);
  g_object_unref (self->file);
  g_free (self);
}

/* [worker] */
static void
write_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autofree char *name = g_file_get_basename (job->file);
  g_autofree char *text = name && g_str_has_suffix (name, ".json")
                            ? fluo_trace_list_dup_json (job->rows)
                            : fluo_trace_list_dup_csv (job->rows);
  GError *error = NULL;

  if (g_file_replace_contents (job->file, text, strlen (text), NULL, FALSE, G_FILE_CREATE_PRIVATE,
                               NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *count = fluo_format_count (job->rows->len);
  g_autofree char *said = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    said = g_strdup_printf (ngettext ("%s trace written", "%s traces written", job->rows->len),
                            count);
  else
    said = g_strdup_printf (_("The list could not be written: %s"), error->message);
  gtk_widget_activate_action (GTK_WIDGET (source), "win.toast", "s", said);
}

void
fluo_traces_page_export_to (FluoTracesPage *self, GFile *file)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, written_cb, NULL);
  Job *job = g_new0 (Job, 1);

  g_return_if_fail (FLUO_IS_TRACES_PAGE (self) && G_IS_FILE (file));
  job->rows = g_ptr_array_ref (fluo_trace_list_get_items (self->list));
  job->file = g_object_ref (file);
  g_task_set_source_tag (task, fluo_traces_page_export_to);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_cb);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, FluoTracesPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                             ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;

  if (file)
    fluo_traces_page_export_to (self, file);
  g_clear_object (&self->chooser);
}

void
fluo_traces_page_export_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  g_autoptr (GtkFileFilter) csv = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) json = gtk_file_filter_new ();

  if (self->chooser)
    return;
  self->chooser = gtk_file_chooser_native_new (
      _("Export list"), GTK_WINDOW (gtk_widget_get_root (widget)), GTK_FILE_CHOOSER_ACTION_SAVE,
      _("Export"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_filter_set_name (csv, _("CSV, for spreadsheets (.csv)"));
  gtk_file_filter_add_suffix (csv, "csv");
  gtk_file_filter_set_name (json, _("JSON, as X-Ray gives it (.json)"));
  gtk_file_filter_add_suffix (json, "json");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), csv);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), json);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "traces.csv");
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

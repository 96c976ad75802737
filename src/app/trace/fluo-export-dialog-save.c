/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-export-dialog-private.h"

#include <glib/gi18n.h>

#define PREVIEW_DELAY_MS 200
/* What takes no longer shows no progress. */
#define PROGRESS_MS 300

/* --- Job -------------------------------------------------------------------------------------- */

/* What a worker needs, owned by its task. Service colours are the main thread's, so the worker gets
 * the numbers only when it asks through its own table: a copy made from the saved form. */
typedef struct
{
  FluoTrace *trace;        /* or */
  FluoCompareTable *table; /* this */
  FluoExportOptions options;
  FluoServiceColors *colors;
  char *title, *event;
  guint n_pages;
  struct
  {
    GFile *file;
    gint n_done, n_pages, stopped; /* atomic */
  } saving;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->trace, fluo_trace_unref);
  g_clear_pointer (&job->table, fluo_compare_table_free);
  g_clear_object (&job->colors);
  g_clear_pointer (&job->options.trace_lines, fluo_trace_lines_unref);
  g_clear_object (&job->saving.file);
  g_free (job->title);
  g_free (job->event);
  g_free (job);
}

static Job *
job_new (FluoExportDialog *self)
{
  Job *job = g_new0 (Job, 1);

  if (self->table != NULL)
    job->table = fluo_compare_table_copy (self->table);
  else
    job->trace = fluo_trace_ref (self->trace);
  job->options = fluo_export_dialog_get_options (self);
  if (job->options.trace_lines != NULL)
    fluo_trace_lines_ref (job->options.trace_lines);
  job->title = g_strdup (job->options.title);
  job->event = g_strdup (job->options.event);
  job->options.title = job->title;
  job->options.event = job->event;
  job->colors = fluo_service_colors_copy (self->base.colors);
  job->options.colors = job->colors;

  return job;
}

/* --- Preview ---------------------------------------------------------------------------------- */

/* [worker] */
static void
preview_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;
  cairo_surface_t *surface;

  if (job->table != NULL)
    surface = fluo_compare_export_preview (job->table, &job->options,
                                           FLUO_EXPORT_PREVIEW_WIDTH * 2, &job->n_pages, &error);
  else
    {
      surface = fluo_export_trace_preview (job->trace, &job->options,
                                           FLUO_EXPORT_PREVIEW_WIDTH * 2, &error);
      job->n_pages = fluo_export_count_pages (job->trace, &job->options);
    }
  if (surface != NULL)
    g_task_return_pointer (task, surface, (GDestroyNotify) cairo_surface_destroy);
  else
    g_task_return_error (task, error);
}

static void
show_error (FluoExportDialog *self, const char *message)
{
  if (message != NULL)
    gtk_label_set_text (self->error, message);
  gtk_revealer_set_reveal_child (self->error_revealer, message != NULL);
}

static void
preview_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoExportDialog *self = FLUO_EXPORT_DIALOG (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *pages = NULL;
  cairo_surface_t *surface = g_task_propagate_pointer (G_TASK (result), &error);
  Job *job = g_task_get_task_data (G_TASK (result));
  int width, height, stride;

  if (surface == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_error (self, error->message);
      return;
    }
  /* An older answer than the newest question. */
  if (GPOINTER_TO_UINT (user_data) != self->generation || self->preview == NULL)
    {
      cairo_surface_destroy (surface);
      return;
    }

  cairo_surface_flush (surface);
  width = cairo_image_surface_get_width (surface);
  height = cairo_image_surface_get_height (surface);
  stride = cairo_image_surface_get_stride (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize) stride * (gsize) height,
                                      (GDestroyNotify) cairo_surface_destroy, surface);
  texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, (gsize) stride);
  gtk_picture_set_paintable (self->preview, GDK_PAINTABLE (texture));
  pages = job->n_pages == 1 ? g_strdup (_("One page"))
                            : g_strdup_printf (_("Page 1 of %u"), job->n_pages);
  gtk_label_set_text (self->pages, pages);
}

static gboolean
preview_cb (gpointer user_data)
{
  FluoExportDialog *self = user_data;
  g_autoptr (GTask) task = NULL;

  self->preview_source = 0;
  self->generation++;
  task = g_task_new (self, self->cancellable, preview_done_cb, GUINT_TO_POINTER (self->generation));
  g_task_set_source_tag (task, preview_cb);
  g_task_set_task_data (task, job_new (self), job_free);
  g_task_run_in_thread (task, preview_thread);

  return G_SOURCE_REMOVE;
}

void
fluo_export_dialog_preview (FluoExportDialog *self)
{
  show_error (self, NULL);
  g_clear_handle_id (&self->preview_source, g_source_remove);
  self->preview_source = g_timeout_add (PREVIEW_DELAY_MS, preview_cb, self);
}

/* --- Saving ----------------------------------------------------------------------------------- */

/* [worker] */
static gboolean
progress_cb (guint n_done, guint n_pages, gpointer user_data)
{
  Job *job = user_data;

  g_atomic_int_set (&job->saving.n_pages, (gint) n_pages);
  g_atomic_int_set (&job->saving.n_done, (gint) n_done);

  return !g_atomic_int_get (&job->saving.stopped);
}

/* [worker] A file system may be slow too. */
static gboolean
write_file (GFile *file, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL)
    return fluo_export_write (path, bytes, error);

  return g_file_replace_contents (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                  NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, NULL,
                                  error);
}

/* [worker] */
static void
save_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes =
    job->table != NULL ? fluo_compare_export_to_bytes (job->table, &job->options, &error)
                       : fluo_export_trace_to_bytes (job->trace, &job->options, &error);

  if (bytes != NULL && write_file (job->saving.file, bytes, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
show_progress_cb (gpointer user_data)
{
  FluoExportDialog *self = user_data;
  Job *job = g_task_get_task_data (self->saving);
  guint n_pages = (guint) g_atomic_int_get (&job->saving.n_pages);
  guint n_done = (guint) g_atomic_int_get (&job->saving.n_done);
  g_autofree char *text = NULL;

  gtk_revealer_set_reveal_child (self->progress_revealer, TRUE);
  if (n_pages <= 1)
    {
      gtk_progress_bar_pulse (self->progress);
      return G_SOURCE_CONTINUE;
    }
  text = n_done < n_pages ? g_strdup_printf (_("Page %u of %u"), n_done + 1, n_pages)
                          : g_strdup (_("Writing the file"));
  gtk_progress_bar_set_fraction (self->progress, (double) n_done / n_pages);
  gtk_progress_bar_set_text (self->progress, text);

  return G_SOURCE_CONTINUE;
}

static void
set_saving (FluoExportDialog *self, GTask *task)
{
  g_set_object (&self->saving, task);
  g_clear_handle_id (&self->progress_source, g_source_remove);
  if (task != NULL)
    self->progress_source = g_timeout_add (PROGRESS_MS, show_progress_cb, self);
  gtk_widget_set_sensitive (self->form, task == NULL);
  gtk_widget_set_visible (self->save, task == NULL);
  gtk_widget_set_visible (self->stop, task != NULL);
  gtk_widget_set_sensitive (self->stop, TRUE);
  /* The one that goes takes the keyboard's place with it. */
  gtk_widget_grab_focus (task == NULL ? self->save : self->stop);
  gtk_progress_bar_set_text (self->progress, _("Preparing the pages"));
  gtk_revealer_set_reveal_child (self->progress_revealer, FALSE);
}

void
fluo_export_dialog_stop (FluoExportDialog *self)
{
  if (self->saving == NULL)
    return;

  g_atomic_int_set (&((Job *) g_task_get_task_data (self->saving))->saving.stopped, TRUE);
  gtk_widget_set_sensitive (self->stop, FALSE);
}

static void
save_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoExportDialog *self = FLUO_EXPORT_DIALOG (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL, *shown = NULL, *text = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  /* Closed meanwhile. */
  if (self->saving == NULL)
    return;

  set_saving (self, NULL);
  if (g_error_matches (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_STOPPED))
    return;
  if (error != NULL)
    {
      show_error (self, error->message);
      return;
    }

  name = g_file_get_basename (job->saving.file);
  shown = g_filename_display_name (name);
  text = g_strdup_printf (_("Saved %s"), shown);
  if (self->parent != NULL)
    gtk_widget_activate_action (self->parent, "win.toast", "s", text);
  gtk_window_destroy (GTK_WINDOW (self));
}

void
fluo_export_dialog_save (FluoExportDialog *self, GFile *file)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  g_return_if_fail (FLUO_IS_EXPORT_DIALOG (self));

  if (self->saving != NULL)
    return;

  show_error (self, NULL);
  job = job_new (self);
  job->options.progress = progress_cb;
  job->options.progress_data = job;
  job->saving.file = g_object_ref (file);
  /* Stopped by its own flag: the answer tells whether there is a file. */
  task = g_task_new (self, NULL, save_done_cb, NULL);
  g_task_set_source_tag (task, fluo_export_dialog_save);
  g_task_set_task_data (task, job, job_free);
  set_saving (self, task);
  g_task_run_in_thread (task, save_thread);
}

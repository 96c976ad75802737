/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-file.h"

#include <glib/gi18n.h>

#include "core/fluo-trace-documents.h"

/* A million spans of 200 bytes; what is larger is no file to look at in one window. */
#define FILE_SIZE_MAX (256 * 1024 * 1024)

typedef struct
{
  guint refused;
} LoadResult;

/* [worker] */
static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LoadResult *outcome = data;
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;
  GPtrArray *traces = NULL;

  info = g_file_query_info (source,
                            G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                            G_FILE_QUERY_INFO_NONE, cancellable, &error);
  if (info && g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                         _("it is not a regular file"));
  else if (info && g_file_info_get_size (info) > FILE_SIZE_MAX)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, _("it is larger than %d MB"),
                 FILE_SIZE_MAX / 1024 / 1024);
  else if (info)
    bytes = g_file_load_bytes (source, cancellable, NULL, &error);
  if (bytes)
    traces = fluo_trace_documents_parse (bytes, FLUO_TRACE_FILE_TRACES_MAX, &outcome->refused,
                                         &error);
  if (traces)
    g_task_return_pointer (task, traces, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
fluo_trace_file_load_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_trace_file_load_async);
  g_task_set_task_data (task, g_new0 (LoadResult, 1), g_free);
  /* Who stops it need not wait until all is read. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, load_thread);
}

GPtrArray *
fluo_trace_file_load_finish (GFile *file, GAsyncResult *result, guint *ret_refused, GError **error)
{
  LoadResult *outcome;

  g_return_val_if_fail (g_task_is_valid (result, file), NULL);
  outcome = g_task_get_task_data (G_TASK (result));
  if (ret_refused)
    *ret_refused = outcome->refused;
  return g_task_propagate_pointer (G_TASK (result), error);
}

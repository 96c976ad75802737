/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-file.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-json.h"
#include "core/fluo-segment.h"

/* A million spans of 200 bytes; what is larger is no file to look at in one window. */
#define FILE_SIZE_MAX (256 * 1024 * 1024)

typedef struct
{
  GHashTable *builders; /* FluoTraceId -> FluoTraceBuilder */
  GPtrArray *order;     /* FluoTraceBuilder, borrowed; first seen first */
  guint refused;
  GError *first_error;
} Loader;

static void
loader_init (Loader *self)
{
  self->builders = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
  self->order = g_ptr_array_new ();
  self->refused = 0;
  self->first_error = NULL;
}

static void
loader_clear (Loader *self)
{
  g_hash_table_unref (self->builders);
  for (guint i = 0; i < self->order->len; i++)
    fluo_trace_builder_free (g_ptr_array_index (self->order, i));
  g_ptr_array_unref (self->order);
  g_clear_error (&self->first_error);
}

static void
loader_refuse (Loader *self, GError *error)
{
  self->refused++;
  if (self->first_error)
    g_error_free (error);
  else
    self->first_error = error;
}

static void
loader_add (Loader *self, GBytes *document)
{
  GError *error = NULL;
  FluoSegmentHead head;
  FluoTraceBuilder *builder;
  gsize length;
  const char *text = g_bytes_get_data (document, &length);

  if (!fluo_segment_head_parse (text, length, &head, NULL, &error))
    {
      loader_refuse (self, error);
      return;
    }
  builder = g_hash_table_lookup (self->builders, &head.trace_id);
  if (!builder)
    {
      if (self->order->len >= FLUO_TRACE_FILE_TRACES_MAX)
        return;
      builder = fluo_trace_builder_new (&head.trace_id);
      g_hash_table_insert (self->builders, g_memdup2 (&head.trace_id, sizeof head.trace_id),
                           builder);
      g_ptr_array_add (self->order, builder);
    }
  if (!fluo_trace_builder_add (builder, document, &error))
    loader_refuse (self, error);
}

static void
add_batch (Loader *self, const FluoJsonTape *tape, guint32 traces)
{
  for (guint32 trace = fluo_json_tape_first (tape, traces); trace != FLUO_JSON_NONE;
       trace = fluo_json_tape_next (tape, traces, trace))
    {
      guint32 segments = fluo_json_tape_get (tape, trace, "Segments");

      if (fluo_json_tape_type (tape, segments) != FLUO_JSON_ARRAY_BEGIN)
        continue;
      for (guint32 segment = fluo_json_tape_first (tape, segments); segment != FLUO_JSON_NONE;
           segment = fluo_json_tape_next (tape, segments, segment))
        {
          char *text = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, segment, "Document"));
          g_autoptr (GBytes) document = NULL;

          if (!text)
            continue;
          document = g_bytes_new_take (text, strlen (text));
          loader_add (self, document);
        }
    }
}

static void
add_value (Loader *self, GBytes *bytes, const FluoJsonTape *tape, guint32 node)
{
  g_autoptr (GBytes) document = NULL;
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, node, &length);
  const char *start = g_bytes_get_data (bytes, NULL);

  document = g_bytes_new_from_bytes (bytes, raw - start, length);
  loader_add (self, document);
}

static void
add_tape (Loader *self, GBytes *bytes, const FluoJsonTape *tape)
{
  guint32 traces = FLUO_JSON_NONE;

  if (fluo_json_tape_type (tape, 0) == FLUO_JSON_OBJECT_BEGIN)
    {
      traces = fluo_json_tape_get (tape, 0, "Traces");
      if (fluo_json_tape_type (tape, traces) == FLUO_JSON_ARRAY_BEGIN)
        add_batch (self, tape, traces);
      else
        add_value (self, bytes, tape, 0);
      return;
    }
  if (fluo_json_tape_type (tape, 0) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 node = fluo_json_tape_first (tape, 0); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, 0, node))
    add_value (self, bytes, tape, node);
}

/* One document a line; the collector's own header lines ("{"format": "json", "version": 1}") are
 * passed over. */
static void
add_lines (Loader *self, GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  gsize at = 0;

  while (at < length)
    {
      const char *end = memchr (text + at, '\n', length - at);
      gsize line = end ? (gsize) (end - (text + at)) : length - at;
      g_autoptr (GBytes) document = g_bytes_new_from_bytes (bytes, at, line);

      if (line > 1 && !(line < 80 && g_strstr_len (text + at, line, "\"format\"")))
        loader_add (self, document);
      at += line + 1;
    }
}

static GPtrArray *
loader_end (Loader *self, GError **error)
{
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_unref);

  for (guint i = 0; i < self->order->len; i++)
    {
      FluoTrace *trace = fluo_trace_builder_end (g_ptr_array_index (self->order, i), 0);

      if (trace)
        g_ptr_array_add (traces, trace);
    }
  g_ptr_array_set_size (self->order, 0);
  if (traces->len > 0)
    return g_steal_pointer (&traces);
  if (self->first_error)
    g_propagate_prefixed_error (error, g_steal_pointer (&self->first_error), "%s",
                                _ ("there is no trace in it: "));
  else
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        _ ("there is no trace in it; expected segment documents or the output of BatchGetTraces"));
  return NULL;
}

GPtrArray *
fluo_trace_file_parse (GBytes *bytes, guint *ret_refused, GError **error)
{
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GError) not_one_value = NULL;
  GPtrArray *traces;
  Loader loader;

  loader_init (&loader);
  tape = fluo_json_tape_new (bytes, &not_one_value);
  if (tape)
    add_tape (&loader, bytes, tape);
  else
    add_lines (&loader, bytes);
  traces = loader_end (&loader, error);
  if (traces && ret_refused)
    *ret_refused = loader.refused;
  loader_clear (&loader);
  return traces;
}

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
                         _ ("it is not a regular file"));
  else if (info && g_file_info_get_size (info) > FILE_SIZE_MAX)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("it is larger than %d MB"),
                 FILE_SIZE_MAX / 1024 / 1024);
  else if (info)
    bytes = g_file_load_bytes (source, cancellable, NULL, &error);
  if (bytes)
    traces = fluo_trace_file_parse (bytes, &outcome->refused, &error);
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

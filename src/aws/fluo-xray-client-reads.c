/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

/* GetTraceSummaries, GetServiceGraph and GetTraceGraph: lists of pages, read one by one in a
 * worker. */

static void
write_span (FluoJsonWriter *writer, FluoTimeSpan span)
{
  fluo_json_writer_key (writer, "StartTime");
  fluo_json_writer_seconds (writer, span.begin_ns);
  fluo_json_writer_key (writer, "EndTime");
  fluo_json_writer_seconds (writer, span.end_ns);
}

/* --- Summaries ------------------------------------------------------------------------------- */

typedef struct
{
  GHashTable         *by_id;     /* FluoTraceId -> FluoTraceSummary, the newest of each */
  GPtrArray          *page;      /* what the last page brought */
  guint64             processed;
  FluoSummaryPageFunc page_func;
  gpointer            page_data;
} Summaries;

static void
summaries_free (gpointer data)
{
  Summaries *self = data;

  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->page);
  g_free (self);
}

/* [worker] An element without a proper id is no summary and is left out. */
static gboolean
read_summaries (const FluoJsonTape *tape, gpointer state, GError **error)
{
  Summaries *self = state;
  guint32 list = fluo_json_tape_get (tape, 0, "TraceSummaries");
  gint64 processed;

  g_ptr_array_set_size (self->page, 0);
  processed = fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "TracesProcessedCount"), 0);
  self->processed += (guint64) MAX (processed, 0);
  if (fluo_json_tape_type (tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return TRUE;
  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoTraceSummary *summary = fluo_trace_summary_read (tape, node, NULL);

      if (!summary)
        continue;
      g_hash_table_replace (self->by_id, &summary->id, fluo_trace_summary_ref (summary));
      g_ptr_array_add (self->page, summary);
    }
  return TRUE;
}

static void
summaries_page_done (gpointer state)
{
  Summaries *self = state;

  if (self->page_func)
    self->page_func (self->page, self->processed, self->page_data);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const FluoTraceSummary *left = *(FluoTraceSummary *const *) a,
                         *right = *(FluoTraceSummary *const *) b;

  if (left->start_ns != right->start_ns)
    return left->start_ns > right->start_ns ? -1 : 1;
  return memcmp (left->id.bytes, right->id.bytes, sizeof left->id.bytes);
}

static void
summaries_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  Summaries *self = fluo_xray_pages_finish (FLUO_XRAY_CLIENT (source), result, &error);
  GPtrArray *all;
  GHashTableIter iter;
  gpointer summary;

  if (!self)
    {
      g_task_return_error (task, error);
      return;
    }
  all = g_ptr_array_new_full (g_hash_table_size (self->by_id),
                              (GDestroyNotify) fluo_trace_summary_unref);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &summary))
    g_ptr_array_add (all, fluo_trace_summary_ref (summary));
  g_ptr_array_sort (all, newest_first);
  summaries_free (self);
  g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
}

void
fluo_xray_client_get_trace_summaries_async (FluoXrayClient *self, FluoTimeSpan span,
                                            FluoTimeRangeType type, const char *filter,
                                            FluoSummaryPageFunc page_func, gpointer page_data,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data)
{
  g_autoptr (GString) params = g_string_new (NULL);
  FluoJsonWriter writer;
  Summaries *state;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  write_span (&writer, span);
  fluo_json_writer_key (&writer, "TimeRangeType");
  fluo_json_writer_string (&writer, type == FLUO_TIME_RANGE_EVENT ? "Event" : "TraceId");
  fluo_json_writer_key (&writer, "Sampling");
  fluo_json_writer_boolean (&writer, FALSE);
  if (filter && *filter != '\0')
    {
      fluo_json_writer_key (&writer, "FilterExpression");
      fluo_json_writer_string (&writer, filter);
    }

  state = g_new0 (Summaries, 1);
  state->by_id = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, NULL,
                                        (GDestroyNotify) fluo_trace_summary_unref);
  state->page = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  state->page_func = page_func;
  state->page_data = page_data;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_trace_summaries_async);
  fluo_xray_pages_async (self, FLUO_XRAY_SUMMARIES_PATH, params->str, read_summaries,
                         summaries_page_done, state, summaries_free, cancellable, summaries_cb,
                         task);
}

GPtrArray *
fluo_xray_client_get_trace_summaries_finish (FluoXrayClient *self, GAsyncResult *result,
                                             GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result,
                                                  fluo_xray_client_get_trace_summaries_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Graphs ---------------------------------------------------------------------------------- */

static void
graph_free (gpointer data)
{
  fluo_service_graph_unref (data);
}

/* [worker] */
static gboolean
read_graph (const FluoJsonTape *tape, gpointer state, GError **error)
{
  FluoServiceGraph *graph = state;
  guint32 services = fluo_json_tape_get (tape, 0, "Services");
  FluoTimeSpan span = { 0, 0 };

  if (fluo_json_tape_type (tape, services) == FLUO_JSON_ARRAY_BEGIN
      && !fluo_service_graph_read (graph, tape, services, error))
    return FALSE;
  if (fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, 0, "StartTime"), &span.begin_ns)
      && fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, 0, "EndTime"), &span.end_ns)
      && span.end_ns >= span.begin_ns)
    {
      if (fluo_time_span_length (graph->span) > 0)
        {
          span.begin_ns = MIN (span.begin_ns, graph->span.begin_ns);
          span.end_ns = MAX (span.end_ns, graph->span.end_ns);
        }
      graph->span = span;
    }
  return TRUE;
}

static void
graph_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  FluoServiceGraph *graph = fluo_xray_pages_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (graph)
    g_task_return_pointer (task, graph, graph_free);
  else if (error->domain == FLUO_XRAY_ERROR || error->domain == G_IO_ERROR
           || error->domain == FLUO_CREDENTIALS_ERROR)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                             _("the service graph can't be read: %s"), error->message);
}

void
fluo_xray_client_get_service_graph_async (FluoXrayClient *self, FluoTimeSpan span,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_autoptr (GString) params = g_string_new (NULL);
  FluoJsonWriter writer;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  fluo_json_writer_init (&writer, params);
  fluo_json_writer_begin (&writer, '{');
  write_span (&writer, span);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_service_graph_async);
  fluo_xray_pages_async (self, "/ServiceGraph", params->str, read_graph, NULL,
                         fluo_service_graph_new (), graph_free, cancellable, graph_cb, task);
}

FluoServiceGraph *
fluo_xray_client_get_service_graph_finish (FluoXrayClient *self, GAsyncResult *result,
                                           GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_service_graph_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fluo_xray_client_get_trace_graph_async (FluoXrayClient *self, const FluoTraceId *id,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autofree char *params = NULL;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (id != NULL);

  params = fluo_xray_trace_ids_params (id, 1);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_trace_graph_async);
  fluo_xray_pages_async (self, "/TraceGraph", params, read_graph, NULL, fluo_service_graph_new (),
                         graph_free, cancellable, graph_cb, task);
}

FluoServiceGraph *
fluo_xray_client_get_trace_graph_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_trace_graph_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

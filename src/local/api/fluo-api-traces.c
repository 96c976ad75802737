/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "local/store/fluo-fold.h"
#include "local/store/fluo-stored-trace.h"

/* X-Ray's own limits. */
#define N_PUT_MAX 50
#define N_BATCH_GET_MAX 5

/* --- PutTraceSegments --------------------------------------------------- */

static void
write_unprocessed (FluoJsonWriter *writer, const char *id, const char *code, const char *message)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Id");
  fluo_json_writer_string (writer, id);
  fluo_json_writer_key (writer, "ErrorCode");
  fluo_json_writer_string (writer, code);
  fluo_json_writer_key (writer, "Message");
  fluo_json_writer_string (writer, message);
  fluo_json_writer_end (writer, '}');
}

/* [writer] A second completed document is taken and ignored, as X-Ray does: the client is told
 * nothing of it. */
static void
put_done (FluoWriteJob *job, const GError *error)
{
  FluoApiCall *call = job->user_data;

  if (error)
    {
      fluo_api_call_store_failed (call, error);
    }
  else
    {
      FluoJsonWriter writer = { call->out, call->out->str[call->out->len - 1] != '[' };

      for (guint i = 0; i < job->documents->len; i++)
        {
          FluoIngestDocument *document = &g_array_index (job->documents, FluoIngestDocument, i);
          char id[FLUO_SPAN_ID_LEN + 1];

          if (document->result != FLUO_REFUSED_TRACE_TOO_LARGE)
            continue;
          fluo_span_id_format (document->head.id, id);
          write_unprocessed (&writer, id, "InvalidSegment",
                             "Trace Size Exceeded: the trace holds as much as one trace may");
        }
      g_string_append (call->out, "]}");
    }
  fluo_write_job_free (job);
  fluo_api_call_answer (call);
}

/* Into the job, or into the answer's list of what was not taken. */
static void
take_document (FluoApiCall *call, FluoWriteJob *job, FluoJsonWriter *writer, guint32 node)
{
  gsize length = 0;
  g_autofree char *text = fluo_json_tape_dup_exact (call->tape, node, &length);
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  FluoSegmentHead head;

  if (fluo_segment_head_parse (text, length, &head, &id, &error))
    {
      g_autoptr (GBytes) body = g_bytes_new_take (g_steal_pointer (&text), length);

      fluo_write_job_add (job, body, &head);
    }
  else
    {
      guint code =
        error->domain == FLUO_SEGMENT_ERROR ? (guint) error->code : FLUO_SEGMENT_ERROR_PARSE;
      FluoLoss loss = { call->origin, text, length, NULL, error->message };

      fluo_counters_refuse_one (call->context->counters, code, &loss);
      write_unprocessed (writer, id, fluo_segment_error_get_code (code), error->message);
    }
}

void
fluo_api_refuse_documents (FluoApiCall *call, guint32 list, const char *problem)
{
  FluoCounters *counters = call->context->counters;
  gboolean is_list = fluo_json_tape_type (call->tape, list) == FLUO_JSON_ARRAY_BEGIN;
  guint n = is_list ? fluo_json_tape_count (call->tape, list) : 0, n_shown = 0;

  for (guint32 i = is_list ? fluo_json_tape_first (call->tape, list) : FLUO_JSON_NONE;
       i != FLUO_JSON_NONE && n_shown < N_PUT_MAX; i = fluo_json_tape_next (call->tape, list, i))
    {
      FluoLoss loss = { .origin = call->origin, .problem = problem };
      g_autofree char *text = fluo_json_tape_dup_exact (call->tape, i, &loss.length);

      loss.text = text;
      fluo_counters_refuse_one (counters, FLUO_REFUSED_REQUEST, &loss);
      n_shown++;
    }
  /* A million empty strings fit into a request; they are counted and that is all. */
  if (n > n_shown)
    fluo_counters_refuse (counters, FLUO_REFUSED_REQUEST, n - n_shown);
}

/* FALSE when the list as a whole can't be taken; the call has failed then. */
static gboolean
check_documents (FluoApiCall *call, guint32 list)
{
  guint n = fluo_json_tape_count (call->tape, list);

  if (fluo_json_tape_type (call->tape, list) == FLUO_JSON_NULL)
    {
      fluo_api_call_missing (call, "traceSegmentDocuments");
      return FALSE;
    }
  if (fluo_json_tape_type (call->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    {
      fluo_api_call_fail (call, 400, "SerializationException",
                          "TraceSegmentDocuments must be a list of strings");
      return FALSE;
    }
  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    if (fluo_json_tape_type (call->tape, i) != FLUO_JSON_STRING)
      fluo_api_call_fail (call, 400, "SerializationException",
                          "each segment document must be a string");
  if (n == 0)
    fluo_api_call_invalid (call, "Segments can not be empty");
  else if (n > N_PUT_MAX)
    fluo_api_call_invalid (call, "Exceeding maximum segment count: %d", N_PUT_MAX);
  if (call->error_type)
    fluo_api_refuse_documents (call, list, "the request as a whole was refused");
  return !call->error_type;
}

/* TRUE when the writer has the call now and will answer it. */
static gboolean
put_trace_segments (FluoApiCall *call)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "TraceSegmentDocuments");
  FluoJsonWriter writer;
  FluoWriteJob *job;

  if (!check_documents (call, list))
    return FALSE;
  job = fluo_write_job_new ();
  job->origin = call->origin;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "UnprocessedTraceSegments");
  fluo_json_writer_begin (&writer, '[');
  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    take_document (call, job, &writer, i);
  if (job->documents->len == 0)
    {
      fluo_write_job_free (job);
      g_string_append (call->out, "]}");
      return FALSE;
    }
  job->urgent = TRUE;
  job->done = put_done;
  job->user_data = call;
  if (fluo_writer_submit (call->context->writer, job))
    return TRUE;
  fluo_write_job_free (job);
  fluo_api_call_fail (call, 503, "ServiceUnavailable",
                      _("more documents at once than can be written; try again"));
  call->retry_after = 1;
  return FALSE;
}

void
fluo_api_put_trace_segments (FluoApiCall *call)
{
  if (!call->tape || !put_trace_segments (call))
    fluo_api_call_answer (call);
}

/* --- BatchGetTraces ----------------------------------------------------- */

gboolean
fluo_api_call_get_trace_ids (FluoApiCall *call, guint n_max, GArray *ids, gboolean *ret_repeated)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "TraceIds");

  if (fluo_json_tape_type (call->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    {
      fluo_api_call_missing (call, "traceIds");
      return FALSE;
    }
  if (fluo_json_tape_count (call->tape, list) > n_max)
    {
      fluo_api_call_invalid (call, "Exceeding maximum query size: %u", n_max);
      return FALSE;
    }
  for (guint32 i = fluo_json_tape_first (call->tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (call->tape, list, i))
    {
      g_autofree char *text = fluo_json_tape_dup (call->tape, i);
      gboolean known = FALSE;
      FluoTraceId id;

      if (!text || !fluo_trace_id_parse (text, -1, &id))
        {
          fluo_api_call_invalid (call, "Invalid trace id %.64s: incorrect id format",
                                 text ? text : "");
          return FALSE;
        }
      for (guint k = 0; k < ids->len && !known; k++)
        known = fluo_trace_id_equal (&g_array_index (ids, FluoTraceId, k), &id);
      if (!known)
        g_array_append_val (ids, id);
      else if (ret_repeated)
        *ret_repeated = TRUE;
    }
  return TRUE;
}

static gboolean
read_different_ids (FluoApiCall *call, GArray *ids)
{
  gboolean repeated = FALSE;

  if (!fluo_api_call_get_trace_ids (call, N_BATCH_GET_MAX, ids, &repeated))
    return FALSE;
  if (repeated)
    fluo_api_call_invalid (call, "Containing duplicate trace ids");
  return !repeated;
}

static void
write_trace (FluoJsonWriter *writer, FluoStoredTrace *stored)
{
  g_autoptr (GArray) documents = fluo_fold_documents (stored);
  char trace_id[FLUO_TRACE_ID_XRAY_LEN + 1];

  fluo_trace_id_format_xray (&stored->id, trace_id);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Duration");
  fluo_json_writer_seconds (writer, stored->end_ns - stored->start_ns);
  fluo_json_writer_key (writer, "Id");
  fluo_json_writer_string (writer, trace_id);
  fluo_json_writer_key (writer, "LimitExceeded");
  fluo_json_writer_boolean (writer, FALSE);
  fluo_json_writer_key (writer, "Segments");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < documents->len; i++)
    {
      FluoFoldedDocument *document = &g_array_index (documents, FluoFoldedDocument, i);
      char id[FLUO_SPAN_ID_LEN + 1];

      fluo_span_id_format (document->id, id);
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Document");
      fluo_json_writer_strn (writer, g_bytes_get_data (document->body, NULL),
                             g_bytes_get_size (document->body));
      fluo_json_writer_key (writer, "Id");
      fluo_json_writer_string (writer, id);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_batch_get_traces (FluoApiCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;

  if (fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported") ||
      !read_different_ids (call, ids))
    return;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "Traces");
  fluo_json_writer_begin (&writer, '[');
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader && fluo_connection_run (reader, FLUO_SQL_BEGIN_READ, &error))
    for (guint i = 0; i < ids->len && !error; i++)
      {
        g_autoptr (FluoStoredTrace) stored =
          fluo_stored_trace_load (reader, &g_array_index (ids, FluoTraceId, i), &error);

        if (stored)
          write_trace (&writer, stored);
      }
  if (reader)
    fluo_store_release_reader (call->context->store, reader);
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "UnprocessedTraceIds");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

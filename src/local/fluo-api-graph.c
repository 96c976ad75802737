/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-api.h"

#include <string.h>

#include "local/fluo-rollup.h"
#include "local/fluo-stored-trace.h"

/* X-Ray's own limit of one question. */
#define RANGE_MAX_NS (6 * 60 * FLUO_NSEC_PER_MIN)

/* --- GetServiceGraph ---------------------------------------------------- */

static gint64
count_traces (FluoConnection *reader, gint64 begin_ns, gint64 end_ns, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (reader, FLUO_SQL_TRACE_RANGE_COUNT, error);
  gint64 n;

  if (!statement)
    return -1;
  sqlite3_bind_int64 (statement, 1, begin_ns);
  sqlite3_bind_int64 (statement, 2, end_ns);
  if (fluo_connection_step (reader, statement, error) != 1)
    return -1;
  n = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  return n;
}

/* Merges the stored minutes [begin, end). A damaged one is read from its traces; the writer will
 * mend it. */
static gboolean
merge_minutes (FluoConnection *reader, gint64 begin, gint64 end, FluoServiceGraph *graph,
               GError **error)
{
  g_autoptr (GArray) damaged = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *statement = fluo_connection_statement (reader, FLUO_SQL_MINUTE_RANGE, error);
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, begin);
  sqlite3_bind_int64 (statement, 2, end);
  while ((rc = fluo_connection_step (reader, statement, error)) == 1)
    {
      gint64 minute = sqlite3_column_int64 (statement, 0);
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 1),
                                              (gsize) sqlite3_column_bytes (statement, 1));
      g_autoptr (FluoServiceGraph) part = fluo_service_graph_from_bytes (bytes, NULL);

      if (part)
        fluo_service_graph_merge (graph, part);
      else
        g_array_append_val (damaged, minute);
    }
  for (guint i = 0; rc == 0 && i < damaged->len; i++)
    {
      gint64 minute = g_array_index (damaged, gint64, i);
      FluoTimeSpan span = { minute * FLUO_NSEC_PER_MIN, (minute + 1) * FLUO_NSEC_PER_MIN };

      if (!fluo_stored_traces_add_to_graph (reader, span, graph, 1, error))
        return FALSE;
    }
  return rc == 0;
}

/* Part of a minute: its traces one by one, or the whole minute less the others, whichever
 * is fewer. */
static gboolean
merge_part (FluoConnection *reader, FluoTimeSpan span, FluoServiceGraph *graph, GError **error)
{
  gint64 minute = fluo_rollup_minute (span.begin_ns);
  FluoTimeSpan before = { minute * FLUO_NSEC_PER_MIN, span.begin_ns };
  FluoTimeSpan after = { span.end_ns, (minute + 1) * FLUO_NSEC_PER_MIN };
  gint64 n_inside = count_traces (reader, span.begin_ns, span.end_ns, error);
  gint64 n_before = count_traces (reader, before.begin_ns, before.end_ns, error);
  gint64 n_after = count_traces (reader, after.begin_ns, after.end_ns, error);
  sqlite3_stmt *statement = fluo_connection_statement (reader, FLUO_SQL_TRACE_STALE, error);
  gboolean stale;

  if (n_inside < 0 || n_before < 0 || n_after < 0 || !statement)
    return FALSE;
  stale = fluo_connection_step (reader, statement, error) == 1;
  sqlite3_reset (statement);
  /* The rollup counts a put-off trace as it was; subtracting it as it is would not come
   * out even. */
  if (stale || n_inside <= n_before + n_after)
    return fluo_stored_traces_add_to_graph (reader, span, graph, 1, error);
  return merge_minutes (reader, minute, minute + 1, graph, error) &&
         fluo_stored_traces_add_to_graph (reader, before, graph, -1, error) &&
         fluo_stored_traces_add_to_graph (reader, after, graph, -1, error);
}

static gboolean
read_graph (FluoConnection *reader, FluoTimeSpan span, FluoServiceGraph *graph, GError **error)
{
  gint64 first =
    fluo_rollup_minute (span.begin_ns + FLUO_NSEC_PER_MIN - 1); /* the first whole minute */
  gint64 last = fluo_rollup_minute (span.end_ns);               /* the one after the last */

  if (!fluo_connection_run (reader, FLUO_SQL_BEGIN_READ, error))
    return FALSE;
  if (first > last)
    return merge_part (reader, span, graph, error);
  if (!merge_minutes (reader, first, last, graph, error))
    return FALSE;
  if (span.begin_ns < first * FLUO_NSEC_PER_MIN &&
      !merge_part (reader, (FluoTimeSpan){ span.begin_ns, first * FLUO_NSEC_PER_MIN }, graph,
                   error))
    return FALSE;
  return span.end_ns == last * FLUO_NSEC_PER_MIN ||
         merge_part (reader, (FluoTimeSpan){ last * FLUO_NSEC_PER_MIN, span.end_ns }, graph, error);
}

/* First and last second with data, null when there is none. */
static void
write_bound (FluoJsonWriter *writer, const char *key, FluoServiceGraph *graph, gint64 time_ns,
             gint64 extra_s)
{
  fluo_json_writer_key (writer, key);
  if (graph->nodes->len > 0)
    fluo_json_writer_int (writer, time_ns / FLUO_NSEC_PER_SEC + extra_s);
  else
    fluo_json_writer_null (writer);
}

/* FALSE when the call has failed: only the group everybody has is known. */
static gboolean
check_group (FluoApiCall *call)
{
  g_autofree char *name =
    fluo_json_tape_dup (call->tape, fluo_json_tape_get (call->tape, 0, "GroupName"));
  g_autofree char *arn =
    fluo_json_tape_dup (call->tape, fluo_json_tape_get (call->tape, 0, "GroupARN"));

  if ((name && strcmp (name, "Default") != 0) || (!name && arn && !strstr (arn, ":group/Default")))
    {
      fluo_api_call_invalid (call, "Group not found.");
      return FALSE;
    }
  return TRUE;
}

void
fluo_api_get_service_graph (FluoApiCall *call)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;
  FluoTimeSpan span;

  if (!fluo_api_call_get_time (call, "StartTime", &span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &span.end_ns) ||
      fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported") ||
      !check_group (call))
    return;
  if (span.end_ns < span.begin_ns)
    {
      fluo_api_call_invalid (call, "End time cannot be earlier than start time");
      return;
    }
  if (span.end_ns - span.begin_ns > RANGE_MAX_NS)
    {
      fluo_api_call_invalid (call, "Time range cannot be longer than 6 hours");
      return;
    }
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      read_graph (reader, span, graph, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  fluo_service_graph_prune (graph);

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "ContainsOldGroupVersions");
  fluo_json_writer_boolean (&writer, FALSE);
  write_bound (&writer, "EndTime", graph, graph->span.end_ns, 1);
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "Services");
  fluo_service_graph_write (graph, &writer, TRUE);
  write_bound (&writer, "StartTime", graph, graph->span.begin_ns, 0);
  fluo_json_writer_end (&writer, '}');
}

/* --- GetTraceGraph ------------------------------------------------------ */

static gboolean
read_one_id (FluoApiCall *call, FluoTraceId *id)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "TraceIds");
  guint n = fluo_json_tape_count (call->tape, list);
  g_autofree char *text = NULL;

  if (fluo_json_tape_type (call->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    fluo_api_call_missing (call, "traceIds");
  else if (n == 0)
    fluo_api_call_invalid (call, "Zero trace ids provided");
  else if (n > 1)
    fluo_api_call_invalid (call, "Currently only one trace Id is supported");
  else if (!(text = fluo_json_tape_dup (call->tape, fluo_json_tape_first (call->tape, list))) ||
           !fluo_trace_id_parse (text, -1, id))
    fluo_api_call_invalid (call, "Invalid traceId. ErrorCode: InvalidId");
  return !call->error_type;
}

void
fluo_api_get_trace_graph (FluoApiCall *call)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;
  FluoTraceId id;

  if (fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported") ||
      !read_one_id (call, &id))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      stored = fluo_stored_trace_load (reader, &id, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  if (!stored)
    {
      fluo_api_call_invalid (call, "Trace id not found");
      return;
    }
  trace = fluo_stored_trace_assemble (stored);
  if (trace)
    fluo_service_graph_add_trace (graph, trace, 1);

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_null (&writer);
  fluo_json_writer_key (&writer, "Services");
  fluo_service_graph_write (graph, &writer, FALSE);
  fluo_json_writer_end (&writer, '}');
}

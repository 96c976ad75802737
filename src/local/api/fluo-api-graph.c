/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

#include "local/store/fluo-linked.h"
#include "local/store/fluo-rollup.h"
#include "local/store/fluo-stored-trace.h"

/* X-Ray's own limit of one question. */
#define RANGE_MAX_NS (6 * 60 * FLUO_NSEC_PER_MIN)

/* --- GetServiceGraph ---------------------------------------------------- */

/* Traces of an edge minute that are looked at one by one. With more of them the minute counts as a
 * whole when its middle lies in the range, so that an answer never waits for thousands. */
#define N_EXACT_MAX 256

/* Adds the traces of one span one by one. FALSE without @error when there are too many. */
static gboolean
add_traces (FluoConnection *reader, guint32 group, FluoTimeSpan span, FluoServiceGraph *graph,
            int sign, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));

  return fluo_stored_traces_find (reader, span, group, N_EXACT_MAX + 1, entries, error) &&
         entries->len <= N_EXACT_MAX &&
         fluo_stored_traces_add_to_graph (reader, entries, graph, sign, error);
}

/* The whole minute less its traces outside of @span. */
static gboolean
take_outside (FluoConnection *reader, guint32 group, FluoTimeSpan span, FluoServiceGraph *graph,
              GError **error)
{
  gint64 minute = fluo_rollup_minute (span.begin_ns);
  FluoTimeSpan before = { minute * FLUO_NSEC_PER_MIN, span.begin_ns };
  FluoTimeSpan after = { span.end_ns, (minute + 1) * FLUO_NSEC_PER_MIN };

  return (before.begin_ns == before.end_ns ||
          add_traces (reader, group, before, graph, -1, error)) &&
         (after.begin_ns == after.end_ns || add_traces (reader, group, after, graph, -1, error));
}

/* Part of a minute: its traces, or the minute less the others, whichever are few. */
static gboolean
merge_part (FluoConnection *reader, guint32 group, FluoTimeSpan span, FluoServiceGraph *graph,
            GError **error)
{
  gint64 minute = fluo_rollup_minute (span.begin_ns);
  gint64 middle_ns = minute * FLUO_NSEC_PER_MIN + FLUO_NSEC_PER_MIN / 2;
  g_autoptr (FluoServiceGraph) part = fluo_service_graph_new ();
  g_autoptr (FluoServiceGraph) whole = fluo_service_graph_new ();
  g_autoptr (GError) local_error = NULL;

  if (span.begin_ns >= span.end_ns)
    return TRUE;
  if (add_traces (reader, group, span, part, 1, &local_error))
    {
      fluo_service_graph_merge (graph, part);
      return TRUE;
    }
  if (!local_error && fluo_rollup_sum (reader, group, minute, minute + 1, whole, &local_error))
    {
      g_autoptr (FluoServiceGraph) rest = fluo_service_graph_new ();

      fluo_service_graph_merge (rest, whole);
      if (take_outside (reader, group, span, rest, &local_error))
        fluo_service_graph_merge (graph, rest);
      else if (!local_error && fluo_time_span_contains (span, middle_ns))
        fluo_service_graph_merge (graph, whole);
    }
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return !local_error && !(error && *error);
}

static gboolean
read_graph (FluoConnection *reader, guint32 group, FluoTimeSpan span, FluoServiceGraph *graph,
            GError **error)
{
  gint64 first =
    fluo_rollup_minute (span.begin_ns + FLUO_NSEC_PER_MIN - 1); /* the first whole minute */
  gint64 last = fluo_rollup_minute (span.end_ns);               /* the one after the last */

  if (first > last)
    return merge_part (reader, group, span, graph, error);
  return fluo_rollup_sum (reader, group, first, last, graph, error) &&
         merge_part (reader, group,
                     (FluoTimeSpan){ span.begin_ns, first * FLUO_NSEC_PER_MIN }, graph, error) &&
         merge_part (reader, group, (FluoTimeSpan){ last * FLUO_NSEC_PER_MIN, span.end_ns }, graph,
                     error);
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

void
fluo_api_get_service_graph (FluoApiCall *call)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (FluoGroup) group = NULL;
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;
  FluoTimeSpan span;

  if (!fluo_api_call_get_time (call, "StartTime", &span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &span.end_ns) ||
      fluo_api_call_refuse (call, "NextToken", "NextToken is currently not supported") ||
      !(group = fluo_api_call_dup_group (call)))
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
      read_graph (reader, group->key, span, graph, &error);
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

/* Traces that link to the one asked for, and as many that it links to, whose edges are shown. */
#define N_LINKED_MAX 20

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
      if (stored)
        trace = fluo_linked_assemble (reader, stored, N_LINKED_MAX, &error);
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

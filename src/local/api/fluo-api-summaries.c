/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-ask-private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "local/store/fluo-query.h"

/* GetTraceSummaries. */

#define SUMMARY_PAGE 500

/* A question about everything ends its page after so long, found or not: the next page goes on. */
#define BUDGET_USEC (2500 * 1000)

typedef struct
{
  FluoQuery   query;
  FluoFilter *filter;
  guint       fingerprint; /* of everything that a page token must not be taken along to */
} Request;

static void
request_clear (Request *self)
{
  g_clear_pointer (&self->filter, fluo_filter_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

/* --- Page tokens ------------------------------------------------------------ */

/* Opaque to clients; holds where the next page begins and what question it belongs to. */
static char *
make_token (const Request *request)
{
  const FluoQuery *query = &request->query;
  g_autofree char *text = g_strdup_printf (
    "2 %u %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
    request->fingerprint, (int) query->time, query->span.begin_ns, query->span.end_ns,
    query->key_ns, query->row);

  return g_base64_encode ((const guchar *) text, strlen (text));
}

static gboolean
apply_token (Request *request, const char *token)
{
  FluoQuery *query = &request->query;
  FluoQuery next = { 0 };
  g_autofree char *text = NULL;
  guint fingerprint;
  gsize length;
  int by, end = -1;

  if (strlen (token) > 250 || strlen (token) % 4 != 0)
    return FALSE;
  text = (char *) g_base64_decode (token, &length);
  if (!text || memchr (text, '\0', length))
    return FALSE;
  text = g_realloc (text, length + 1);
  text[length] = '\0';
  if (sscanf (text,
              "2 %u %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
              " %" G_GINT64_FORMAT "%n",
              &fingerprint, &by, &next.span.begin_ns, &next.span.end_ns, &next.key_ns, &next.row,
              &end) != 6 ||
      end != (int) length || by != (int) query->time || fingerprint != request->fingerprint ||
      !fluo_time_span_equal (next.span, query->span))
    return FALSE;
  query->key_ns = next.key_ns;
  query->row = next.row;
  return TRUE;
}

/* --- The question ----------------------------------------------------------- */

static gboolean
read_range (FluoApiCall *call, FluoQuery *query)
{
  static const char *const types[] = { "TraceId", "Event", "Service" };
  g_autofree char *type = fluo_json_tape_dup_member (call->tape, 0, "TimeRangeType");
  guint i = 0;

  if (!fluo_api_call_get_time (call, "StartTime", &query->span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &query->span.end_ns))
    return FALSE;
  if (query->span.end_ns < query->span.begin_ns)
    {
      fluo_api_call_invalid (call, "End time cannot be earlier than start time");
      return FALSE;
    }
  while (type && i < G_N_ELEMENTS (types) && strcmp (type, types[i]) != 0)
    i++;
  if (i == G_N_ELEMENTS (types))
    {
      fluo_api_call_fail (
        call, 400, "ValidationException",
        "1 validation error detected: Value at 'timeRangeType' failed to satisfy "
        "constraint: Member must satisfy enum value set: [TraceId, Event, Service]");
      return FALSE;
    }
  query->time = (FluoQueryTime) i;
  query->key_ns = G_MAXINT64;
  query->row = G_MAXINT64;
  return TRUE;
}

static gboolean
read_filter (FluoApiCall *call, Request *request)
{
  g_autofree char *text = fluo_json_tape_dup_member (call->tape, 0, "FilterExpression");

  if (!text || !text[0])
    return TRUE;
  request->filter = fluo_api_call_parse_filter (call, text);
  if (!request->filter)
    return FALSE;
  request->query.filter = request->filter;
  request->fingerprint = g_str_hash (text);
  return TRUE;
}

/* A partial scan may leave out traces; this one never needs to. */
static gboolean
read_sampling (FluoApiCall *call, Request *request)
{
  guint32 strategy = fluo_json_tape_get (call->tape, 0, "SamplingStrategy");
  g_autofree char *name = fluo_json_tape_dup_member (call->tape, strategy, "Name");
  guint32 value = fluo_json_tape_get (call->tape, strategy, "Value");
  double rate = fluo_json_tape_double (call->tape, value, NAN);

  request->query.share = 1;
  if (fluo_json_tape_type (call->tape, fluo_json_tape_get (call->tape, 0, "Sampling")) !=
        FLUO_JSON_TRUE ||
      g_strcmp0 (name, "FixedRate") != 0)
    return TRUE;
  if (!(rate >= 0 && rate <= 1))
    fluo_api_call_invalid (
      call, "sampling rate must be specified and its value must be between [0, 1]");
  else if (request->query.time != FLUO_QUERY_UPDATED)
    fluo_api_call_invalid (call, "Cannot use FixedRate with input time range type: %s",
                           request->query.time == FLUO_QUERY_START ? "TraceId" : "Service");
  else
    {
      request->query.share = rate;
      request->fingerprint = request->fingerprint * 31 + (guint) (rate * 1000000);
    }
  return !call->error_type;
}

static gboolean
read_request (FluoApiCall *call, Request *request)
{
  g_autofree char *token = fluo_json_tape_dup_member (call->tape, 0, "NextToken");

  if (!read_range (call, &request->query) || !read_filter (call, request) ||
      !read_sampling (call, request))
    return FALSE;
  request->query.n_max = SUMMARY_PAGE;
  request->query.budget_usec = BUDGET_USEC;
  if (token && !apply_token (request, token))
    {
      fluo_api_call_invalid (call, "NextToken does not belong to this request");
      return FALSE;
    }
  return TRUE;
}

/* --- The answer ------------------------------------------------------------- */

static void
write_annotation (FluoJsonWriter *writer, const FluoTraceFacts *facts,
                  const FluoFactsAnnotation *annotation)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "BooleanValue");
  if (annotation->type == FLUO_VALUE_BOOLEAN)
    fluo_json_writer_boolean (writer, annotation->number != 0);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "NumberValue");
  if (annotation->type == FLUO_VALUE_NUMBER)
    fluo_json_writer_double (writer, annotation->number);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "StringValue");
  fluo_json_writer_string (writer, annotation->type == FLUO_VALUE_STRING
                                     ? (annotation->value ? facts->strings[annotation->value] : "")
                                     : NULL);
  fluo_json_writer_end (writer, '}');
}

/* Annotations of one segment: each key once, with all its values. */
static void
write_annotations (FluoJsonWriter *writer, const FluoTraceFacts *facts,
                   const FluoFactsEntity *entity)
{
  const FluoFactsAnnotation *first = facts->annotations + entity->first_annotation;

  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < entity->n_annotations; i++)
    {
      gboolean known = FALSE;

      for (guint k = 0; k < i && !known; k++)
        known = first[k].key == first[i].key;
      if (known)
        continue;
      fluo_json_writer_key (writer, facts->strings[first[i].key]);
      fluo_json_writer_begin (writer, '[');
      for (guint k = i; k < entity->n_annotations; k++)
        if (first[k].key == first[i].key)
          write_annotation (writer, facts, &first[k]);
      fluo_json_writer_end (writer, ']');
    }
  fluo_json_writer_end (writer, '}');
}

static char *
make_matched (const FluoTraceFacts *facts, guint32 flags, gint64 response_ns,
              const FluoFactsEntity *entity)
{
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Annotations");
  if (entity)
    write_annotations (&writer, facts, entity);
  else
    fluo_json_writer_raw (&writer, "{}", 2);
  fluo_json_writer_key (&writer, "HasError");
  fluo_json_writer_boolean (&writer, (flags & FLUO_FACTS_ERROR) != 0);
  fluo_json_writer_key (&writer, "HasFault");
  fluo_json_writer_boolean (&writer, (flags & FLUO_FACTS_FAULT) != 0);
  fluo_json_writer_key (&writer, "HasThrottle");
  fluo_json_writer_boolean (&writer, (flags & FLUO_FACTS_THROTTLE) != 0);
  fluo_json_writer_key (&writer, "ResponseTime");
  if (response_ns >= 0)
    fluo_json_writer_seconds (&writer, response_ns);
  else
    fluo_json_writer_null (&writer);
  fluo_json_writer_end (&writer, '}');
  return g_string_free (out, FALSE);
}

/* Puts @value in place of a member that the summary has as null. A quoted key can't stand inside a
 * JSON string, so the first match is the member. */
static void
replace_null (GString *json, const char *key, const char *value)
{
  g_autofree char *member = g_strdup_printf ("\"%s\":null", key);
  char *found = strstr (json->str, member);
  gssize at;

  if (!found)
    return;
  at = found - json->str + (gssize) strlen (member) - 4;
  g_string_erase (json, at, 4);
  g_string_insert (json, at, value);
}

static void
add_matched (const Request *request, const FluoTraceFacts *facts, GString *json)
{
  FluoFilterMatched matched;

  if (request->query.time != FLUO_QUERY_END || !request->filter ||
      !fluo_filter_is_scoped (request->filter))
    return;
  fluo_filter_find_matched (request->filter, facts, &matched);
  if (matched.edge != FLUO_FACTS_NONE)
    {
      const FluoFactsEdge *edge = &facts->edges[matched.edge];
      g_autofree char *value = make_matched (facts, edge->flags, edge->response_ns, NULL);

      replace_null (json, "MatchedEdge", value);
    }
  if (matched.entity != FLUO_FACTS_NONE)
    {
      const FluoFactsEntity *entity = &facts->entities[matched.entity];
      g_autofree char *value = make_matched (facts, entity->flags, entity->response_ns, entity);

      replace_null (json, "MatchedService", value);
    }
}

static void
append_hit (const Request *request, const FluoQueryHit *hit, GString *scratch, GString *out)
{
  g_autoptr (FluoTraceSummary) summary = NULL;
  FluoTraceFacts facts;
  FluoJsonWriter writer;

  fluo_facts_block_get (hit->facts, hit->index, &facts);
  summary = fluo_trace_summary_from_facts (&facts);
  summary->revision = hit->entry.revision;
  summary->updated_ns = request->query.time == FLUO_QUERY_START ? 0 : hit->entry.updated_ns;
  g_string_truncate (scratch, 0);
  fluo_json_writer_init (&writer, scratch);
  fluo_trace_summary_write (summary, &writer);
  add_matched (request, &facts, scratch);
  if (out->len > 1)
    g_string_append_c (out, ',');
  g_string_append_len (out, scratch->str, (gssize) scratch->len);
}

static void
write_answer (FluoApiCall *call, Request *request, GArray *hits, gboolean more, guint64 processed)
{
  g_autoptr (GString) page = g_string_new ("[");
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *token = more ? make_token (request) : NULL;
  const FluoQuery *query = &request->query;
  FluoJsonWriter writer;

  for (guint i = 0; i < hits->len; i++)
    append_hit (request, &g_array_index (hits, FluoQueryHit, i), scratch, page);
  g_string_append_c (page, ']');
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "ApproximateTime");
  fluo_json_writer_int (&writer, (more ? query->key_ns : query->span.begin_ns) / FLUO_NSEC_PER_SEC);
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_string (&writer, token);
  fluo_json_writer_key (&writer, "TracesProcessedCount");
  fluo_json_writer_int (&writer, (gint64) processed);
  fluo_json_writer_key (&writer, "TraceSummaries");
  fluo_json_writer_raw (&writer, page->str, page->len);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_get_trace_summaries (FluoApiCall *call)
{
  g_autoptr (GArray) hits = fluo_query_hits_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Request) request = { 0 };
  FluoConnection *reader;
  guint64 processed = 0;
  gboolean more = FALSE;

  if (!read_request (call, &request))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      fluo_query_run (reader, &request.query, hits, &more, &processed, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  write_answer (call, &request, hits, more, processed);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-xray.h"

#include <string.h>

#include <libsoup/soup.h>

#include "core/fluo-json.h"
#include "core/fluo-time-span.h"
#include "demo/fluo-demo.h"
#include "filter/fluo-filter.h"
#include "graph/fluo-service-graph.h"

typedef struct
{
  FluoTrace *trace;
  FluoTraceSummary *summary;
  FluoFactsBlock *facts;
  GPtrArray *documents;
  gint64 added_ns;
} Stored;

struct _FakeXray
{
  SoupServer *server;
  guint port;
  char *endpoint;
  GPtrArray *stored;
  GHashTable *pinned; /* ids */
  guint64 revision;
  GPtrArray *waiting; /* SoupServerMessage of the long poll */
  GPtrArray *held;    /* SoupServerMessage of that path */
  const char *hold;   /* or NULL */
  const char *role;
  guint n_reads, n_events, n_filtered, n_counts, n_vocabularies, n_batches, n_insights;
  gboolean plain;
  char *finding; /* kind of the one that "missing" answers */
  GPtrArray *late;    /* SoupServerMessage of GetTraceSummaries */
  gint64 hold_ns;     /* reads of what is older wait */
  FluoTimeSpan broken; /* reads of a part that ends in it fail */
  char *error;
  char *denied; /* path, or NULL */
  gboolean insights; /* the group Default looks for them */
  char *insight_cause;
  char *group; /* that was made last */
  gint64 insight_begin_ns;

  /* Transaction Search, or NULL. */
  const char *search_format;
  char *search_id;
  char **search_documents;
  guint n_retrievals, n_looks;
};

static void
stored_free (Stored *stored)
{
  fluo_trace_unref (stored->trace);
  fluo_trace_summary_unref (stored->summary);
  fluo_facts_block_unref (stored->facts);
  g_ptr_array_unref (stored->documents);
  g_free (stored);
}

/* Takes over @documents (char *). */
static Stored *
stored_new (GPtrArray *documents)
{
  Stored *stored = g_new0 (Stored, 1);
  FluoTraceBuilder *builder = NULL;

  stored->documents = documents;
  for (guint j = 0; j < documents->len; j++)
    {
      const char *text = g_ptr_array_index (documents, j);
      g_autoptr (GBytes) document = g_bytes_new (text, strlen (text));
      FluoTraceId id;

      if (!builder)
        {
          const char *at = strstr (text, "\"1-");

          g_assert_true (at && fluo_trace_id_parse (at + 1, FLUO_TRACE_ID_XRAY_LEN, &id));
          builder = fluo_trace_builder_new (&id);
        }
      /* Documents of a linked trace belong to another one. */
      fluo_trace_builder_add (builder, document, NULL);
    }
  stored->trace = fluo_trace_builder_end (builder, 0);
  stored->summary = fluo_trace_summary_from_trace (stored->trace);
  stored->facts = fluo_facts_block_from_trace (stored->trace);
  stored->added_ns = fluo_time_now_ns ();
  return stored;
}

static void
answer (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

static void
answer_status (FakeXray *self, SoupServerMessage *message)
{
  g_autofree char *text = g_strdup_printf (
      "{\"Version\":\"test\",\"Pid\":1,\"DataDir\":\"/"
      "nowhere\",\"StoreBytes\":0,\"Traces\":%u,\"Revision\":%" G_GUINT64_FORMAT
      ",\"Received\":0,\"Stored\":0,\"Refused\":{},\"Listeners\":["
      "{\"Protocol\":\"udp\",\"Address\":\"127.0.0.1:4242\",\"State\":\"listening\",\"Received\":0,"
      "\"LastReceived\":null,"
      "\"SamplingRequests\":0},"
      "{\"Protocol\":\"http\",\"Address\":\"127.0.0.1:%u\",\"State\":\"taken\",\"Detail\":\"held "
      "by xray-daemon (77)\","
      "\"Received\":0,\"LastReceived\":null,\"SamplingRequests\":0}],\"LastError\":null,"
      "\"Role\":\"%s\"}",
      self->stored->len, self->revision, self->port, self->role);

  answer (message, 200, text);
}

static void
answer_revision (FakeXray *self, SoupServerMessage *message)
{
  g_autofree char *text = g_strdup_printf ("{\"Revision\":%" G_GUINT64_FORMAT "}", self->revision);

  answer (message, 200, text);
}

/* NULL = everything; the message has been answered when the expression is bad. */
static gboolean
read_filter (SoupServerMessage *message, const FluoJsonTape *body, FluoFilter **ret_filter)
{
  g_autofree char *text =
    fluo_json_tape_dup (body, fluo_json_tape_get (body, 0, "FilterExpression"));

  *ret_filter = text ? fluo_filter_new (text, -1, NULL, NULL) : NULL;
  if (!text || *ret_filter)
    return TRUE;
  answer (message, 400, "{\"__type\":\"InvalidRequestException\",\"Message\":\"bad filter\"}");
  return FALSE;
}

static gboolean
matches (const Stored *stored, const FluoFilter *filter)
{
  FluoTraceFacts facts;

  if (!filter)
    return TRUE;
  fluo_facts_block_get (stored->facts, 0, &facts);
  return fluo_filter_matches (filter, &facts);
}

static void
pause_message (FakeXray *self, GPtrArray *list, SoupServerMessage *message)
{
  soup_server_message_pause (message);
  g_ptr_array_add (list, g_object_ref (message));
}

static void
answer_summaries (FakeXray *self, SoupServerMessage *message, const FluoJsonTape *body)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *type = fluo_json_tape_dup (body, fluo_json_tape_get (body, 0, "TimeRangeType"));
  gboolean event = g_strcmp0 (type, "Event") == 0;
  g_autoptr (FluoFilter) filter = NULL;
  FluoTimeSpan span;
  FluoJsonWriter writer;
  guint n = 0;

  g_assert_true (
      fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "StartTime"), &span.begin_ns));
  g_assert_true (
      fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "EndTime"), &span.end_ns));
  if (!read_filter (message, body, &filter))
    return;
  if (!event && span.end_ns <= self->hold_ns)
    {
      pause_message (self, self->late, message);
      return;
    }
  if (!event && span.end_ns > self->broken.begin_ns && span.end_ns <= self->broken.end_ns)
    {
      answer (message, 200, "no JSON");
      return;
    }
  if (filter)
    self->n_filtered++;
  else if (event)
    self->n_events++;
  else
    self->n_reads++;
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceSummaries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < self->stored->len; i++)
    {
      Stored *stored = g_ptr_array_index (self->stored, i);

      if (!fluo_time_span_contains (span, event ? stored->added_ns : stored->summary->start_ns))
        continue;
      n++;
      if (matches (stored, filter))
        fluo_trace_summary_write (stored->summary, &writer);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "TracesProcessedCount");
  fluo_json_writer_int (&writer, n);
  fluo_json_writer_end (&writer, '}');
  answer (message, 200, out->str);
}

static void
answer_graph (FakeXray *self, SoupServerMessage *message)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  for (guint i = 0; i < self->stored->len; i++)
    fluo_service_graph_add_trace (graph, ((Stored *)g_ptr_array_index (self->stored, i))->trace, 1);
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Services");
  fluo_service_graph_write (graph, &writer, TRUE);
  fluo_json_writer_end (&writer, '}');
  answer (message, 200, out->str);
}

static void
write_trace (const Stored *stored, FluoJsonWriter *writer)
{
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (stored->trace));

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Id");
  fluo_json_writer_string (writer, id);
  fluo_json_writer_key (writer, "Segments");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < stored->documents->len; i++)
    {
      fluo_json_writer_begin (writer, '{');
      fluo_json_writer_key (writer, "Id");
      fluo_json_writer_string (writer, "0000000000000001");
      fluo_json_writer_key (writer, "Document");
      fluo_json_writer_string (writer, g_ptr_array_index (stored->documents, i));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
  fluo_json_writer_end (writer, '}');
}

static void
answer_batch (FakeXray *self, SoupServerMessage *message, const FluoJsonTape *body)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint32 ids = fluo_json_tape_get (body, 0, "TraceIds");
  FluoJsonWriter writer;

  self->n_batches++;
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Traces");
  fluo_json_writer_begin (&writer, '[');
  for (guint32 node = fluo_json_tape_first (body, ids); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (body, ids, node))
    {
      g_autofree char *text = fluo_json_tape_dup (body, node);
      FluoTraceId id;

      g_assert_true (fluo_trace_id_parse (text, -1, &id));
      for (guint i = 0; i < self->stored->len; i++)
        {
          Stored *stored = g_ptr_array_index (self->stored, i);

          if (fluo_trace_id_equal (fluo_trace_get_id (stored->trace), &id))
            write_trace (stored, &writer);
        }
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "UnprocessedTraceIds");
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  answer (message, 200, out->str);
}

/* Its own traces are there; of all others a document was refused. */
static void
answer_missing (FakeXray *self, SoupServerMessage *message, GHashTable *query)
{
  const char *trace = query ? g_hash_table_lookup (query, "trace") : NULL;
  const char *key = query ? g_hash_table_lookup (query, "key") : NULL;
  g_autofree char *text = NULL;
  FluoTraceId id;

  if (self->error)
    {
      answer (message, 500, "{\"__type\":\"InternalFailure\",\"Message\":\"made up\"}");
      return;
    }
  if (self->finding)
    text = g_strdup_printf (
      "{\"TraceId\":null,\"Verdict\":\"maybe\",\"Summary\":\"x\",\"Stored\":null,"
      "\"Findings\":[{\"Kind\":\"%s\",\"Level\":\"problem\",\"Title\":\"x\","
      "\"Text\":\"x\",\"Advice\":null,\"Examples\":[]}]}", self->finding);
  else if (trace && fluo_trace_id_parse (trace, -1, &id))
    for (guint i = 0; i < self->stored->len; i++)
      {
        Stored *stored = g_ptr_array_index (self->stored, i);

        if (fluo_trace_id_equal (&stored->summary->id, &id))
          text = g_strdup_printf (
              "{\"TraceId\":\"%s\",\"Verdict\":\"stored\",\"Summary\":\"The trace is here.\","
              "\"Stored\":{\"StartTime\":%" G_GINT64_FORMAT "},\"Findings\":[]}",
              trace, stored->summary->start_ns / FLUO_NSEC_PER_SEC);
      }
  if (!text)
    text = g_strdup_printf (
        "{\"TraceId\":null,\"Verdict\":\"problem\",\"Summary\":\"It is <b>gone</b>.\","
        "\"Stored\":null,\"Findings\":[{\"Kind\":\"InvalidId\",\"Level\":\"problem\","
        "\"Title\":\"Refused & %%s\",\"Text\":\"asked for %s, %s\",\"Advice\":\"Do better\","
        "\"Examples\":[{\"Time\":1790000000,\"Source\":\"udp\",\"Sender\":\"python3 (process 7)\","
        "\"Problem\":\"no id\",\"Text\":\"{\\\"x\\\":1\",\"Bytes\":6}]}]}",
        trace ? trace : "nothing", key ? key : "no key");
  answer (message, 200, text);
}

/* As fluoroscoped counts. */
static void
answer_counts (FakeXray *self, SoupServerMessage *message, const FluoJsonTape *body)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GPtrArray) filters =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_filter_unref);
  guint32 list = fluo_json_tape_get (body, 0, "Conditions");
  guint after[64] = { 0 }, alone[64] = { 0 }, without[64] = { 0 }, n_traces = 0;
  FluoTimeSpan span;

  self->n_counts++;
  fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "StartTime"), &span.begin_ns);
  fluo_json_tape_seconds (body, fluo_json_tape_get (body, 0, "EndTime"), &span.end_ns);
  for (guint32 node = fluo_json_tape_first (body, list); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (body, list, node))
    {
      g_autofree char *text = fluo_json_tape_dup (body, node);

      g_ptr_array_add (filters, fluo_filter_new (text, -1, NULL, NULL));
      g_assert_nonnull (filters->pdata[filters->len - 1]);
    }
  for (guint t = 0; t < self->stored->len; t++)
    {
      Stored *stored = self->stored->pdata[t];
      guint n_not = 0, last_not = 0;

      if (!fluo_time_span_contains (span, stored->summary->start_ns))
        continue;
      n_traces++;
      for (guint i = 0; i < filters->len; i++)
        {
          gboolean yes = matches (stored, filters->pdata[i]);

          alone[i] += yes;
          last_not = yes ? last_not : i;
          n_not += !yes;
          after[i] += n_not == 0;
        }
      for (guint i = 0; i < filters->len; i++)
        without[i] += n_not == 0 || (n_not == 1 && last_not == i);
    }
  g_string_append_printf (
    out, "{\"Traces\":%u,\"Complete\":true,\"ScannedFrom\":1,\"TracesLeft\":0,\"Matching\":%u,"
         "\"Conditions\":[", n_traces, filters->len > 0 ? after[filters->len - 1] : n_traces);
  for (guint i = 0; i < filters->len; i++)
    g_string_append_printf (
      out, "%s{\"Expression\":\"x\",\"After\":%u,\"Alone\":%u,\"Without\":%u}", i ? "," : "",
      after[i], alone[i], without[i]);
  g_string_append (out, "]}");
  answer (message, 200, out->str);
}

static void
answer_vocabulary (FakeXray *self, SoupServerMessage *message, const FluoJsonTape *body)
{
  g_autofree char *filter =
    fluo_json_tape_dup (body, fluo_json_tape_get (body, 0, "FilterExpression"));
  g_autofree char *text = g_strdup_printf (
    "{\"Traces\":%u,\"Complete\":true,\"ScannedFrom\":1,\"TracesLeft\":0,\"Vocabulary\":{"
    "\"Traces\":%u,\"Users\":[{\"Value\":\"%s\",\"Count\":3}]}}",
    self->stored->len, self->stored->len, filter ? "of some" : "of all");

  self->n_vocabularies++;
  answer (message, 200, text);
}

static void
answer_groups (FakeXray *self, SoupServerMessage *message)
{
  g_autofree char *text = g_strdup_printf (
      "{\"Groups\":[{\"GroupName\":\"Default\",\"GroupARN\":\"arn:default\","
      "\"InsightsConfiguration\":{\"InsightsEnabled\":%s,\"NotificationsEnabled\":false}}]}",
      self->insights ? "true" : "false");

  answer (message, 200, text);
}

static void
answer_insights (FakeXray *self, SoupServerMessage *message)
{
  g_autofree char *text = NULL;

  self->n_insights++;
  if (!self->insight_cause)
    {
      answer (message, 200, "{\"InsightSummaries\":[]}");
      return;
    }
  text = g_strdup_printf (
      "{\"InsightSummaries\":[{\"InsightId\":\"i-1\",\"GroupName\":\"Default\","
      "\"RootCauseServiceId\":{\"Name\":\"%s\",\"Type\":\"remote\"},\"State\":\"ACTIVE\","
      "\"StartTime\":%" G_GINT64_FORMAT ",\"Summary\":\"More <b>faults</b>\","
      "\"ClientRequestImpactStatistics\":{\"FaultCount\":71,\"OkCount\":7,\"TotalCount\":7645},"
      "\"TopAnomalousServices\":[{\"ServiceId\":{\"Name\":\"%s\",\"Type\":\"remote\"}}]}]}",
      self->insight_cause, self->insight_begin_ns / FLUO_NSEC_PER_SEC, self->insight_cause);
  answer (message, 200, text);
}

void
fake_xray_set_insight (FakeXray *self, const char *cause, gint64 begin_ns)
{
  self->insights = TRUE;
  g_free (self->insight_cause);
  self->insight_cause = g_strdup (cause);
  self->insight_begin_ns = begin_ns;
}

/* One list of them, changed first when the question has ids. */
static void
answer_pins (FakeXray *self, SoupServerMessage *message, const FluoJsonTape *body)
{
  const guint32 ids = body ? fluo_json_tape_get (body, 0, "TraceIds") : FLUO_JSON_NONE;
  g_autoptr (GString) text = g_string_new ("{\"TraceIds\":[");
  gboolean pinned = body && fluo_json_tape_boolean (
                              body, fluo_json_tape_get (body, 0, "Pinned"), TRUE);
  GHashTableIter iter;
  gpointer key;

  for (guint32 node = ids == FLUO_JSON_NONE ? ids : fluo_json_tape_first (body, ids);
       node != FLUO_JSON_NONE; node = fluo_json_tape_next (body, ids, node))
    {
      char *id = fluo_json_tape_dup (body, node);

      g_hash_table_add (self->pinned, id);
      if (!pinned)
        g_hash_table_remove (self->pinned, id);
    }
  g_hash_table_iter_init (&iter, self->pinned);
  for (guint i = 0; g_hash_table_iter_next (&iter, &key, NULL); i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? "," : "", (const char *) key);
  g_string_append (text, "]}");
  answer (message, 200, text->str);
}

gboolean
fake_xray_is_pinned (FakeXray *self, const FluoTraceId *id)
{
  g_autofree char *text = fluo_trace_id_to_string (id);

  return g_hash_table_contains (self->pinned, text);
}

static void
handle_local (FakeXray *self, SoupServerMessage *message, const char *path, GHashTable *query,
              const FluoJsonTape *body)
{
  const char *after = query ? g_hash_table_lookup (query, "after") : NULL;

  if (self->plain)
    answer (message, 404, "{\"__type\":\"UnknownOperationException\"}");
  else if (g_str_has_suffix (path, "/status"))
    answer_status (self, message);
  else if (g_str_has_suffix (path, "/filter/counts"))
    answer_counts (self, message, body);
  else if (g_str_has_suffix (path, "/links"))
    answer (message, 200, "{\"TraceId\":\"\",\"LinkedFrom\":[],\"More\":false}");
  else if (g_str_has_suffix (path, "/vocabulary"))
    answer_vocabulary (self, message, body);
  else if (g_str_has_suffix (path, "/pinned") || g_str_has_suffix (path, "/pins"))
    answer_pins (self, message, body);
  else if (g_str_has_suffix (path, "/missing"))
    answer_missing (self, message, query);
  else if (after && g_ascii_strtoull (after, NULL, 10) < self->revision)
    answer_revision (self, message);
  else
    pause_message (self, self->waiting, message);
}

/* The first look at a retrieval comes too early. */
static void
answer_look (FakeXray *self, SoupServerMessage *message)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  if (self->n_looks++ == 0)
    {
      answer (message, 200, "{\"RetrievalStatus\":\"RUNNING\",\"Traces\":[]}");
      return;
    }
  g_string_printf (out,
                   "{\"RetrievalStatus\":\"COMPLETE\",\"TraceFormat\":\"%s\",\"Traces\":["
                   "{\"Id\":\"%s\",\"Spans\":[",
                   self->search_format, self->search_id);
  for (guint i = 0; self->search_documents[i]; i++)
    {
      g_string_append_printf (out, "%s{\"Id\":\"%u\",\"Document\":", i > 0 ? "," : "", i);
      fluo_json_writer_init (&writer, out);
      fluo_json_writer_string (&writer, self->search_documents[i]);
      g_string_append_c (out, '}');
    }
  g_string_append (out, "]}]}");
  answer (message, 200, out->str);
}

/* FALSE: none of Transaction Search's operations. */
static gboolean
handle_search (FakeXray *self, SoupServerMessage *message, const char *path)
{
  if (!self->search_format)
    return FALSE;
  if (g_str_equal (path, "/GetTraceSegmentDestination"))
    answer (message, 200, "{\"Destination\":\"CloudWatchLogs\",\"Status\":\"ACTIVE\"}");
  else if (g_str_equal (path, "/GetIndexingRules"))
    answer (message, 200,
            "{\"IndexingRules\":[{\"Name\":\"Default\",\"Rule\":{\"Probabilistic\":"
            "{\"DesiredSamplingPercentage\":1,\"ActualSamplingPercentage\":1}}}]}");
  else if (g_str_equal (path, "/StartTraceRetrieval"))
    {
      self->n_retrievals++;
      self->n_looks = 0;
      answer (message, 200, "{\"RetrievalToken\":\"r1\"}");
    }
  else if (g_str_equal (path, "/ListRetrievedTraces"))
    answer_look (self, message);
  else
    return FALSE;
  return TRUE;
}

static void
handler_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  FakeXray *self = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  if (g_strcmp0 (path, self->hold) == 0)
    pause_message (self, self->held, message);
  else if (g_str_has_prefix (path, "/fluoroscope/"))
    handle_local (self, message, path, query, tape);
  else if (g_strcmp0 (path, self->denied) == 0)
    answer (message, 403, "{\"__type\":\"AccessDeniedException\"}");
  else if (self->error)
    {
      g_autofree char *text = g_strdup_printf ("{\"__type\":\"%s\",\"Message\":\"made up\"}",
                                               self->error);

      answer (message, 400, text);
    }
  else if (handle_search (self, message, path))
    return;
  else if (g_str_equal (path, "/TraceSummaries"))
    answer_summaries (self, message, tape);
  else if (g_str_equal (path, "/ServiceGraph"))
    answer_graph (self, message);
  else if (g_str_equal (path, "/Groups"))
    answer_groups (self, message);
  else if (g_str_equal (path, "/InsightSummaries"))
    answer_insights (self, message);
  else if (g_str_equal (path, "/UpdateGroup"))
    {
      self->insights = TRUE;
      answer (message, 200, "{\"Group\":null}");
    }
  else if (g_str_equal (path, "/CreateGroup"))
    {
      g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "GroupName"));
      g_autofree char *filter = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0,
                                                                              "FilterExpression"));

      g_free (self->group);
      self->group = g_strdup_printf ("%s: %s", name, filter);
      answer (message, 200, "{\"Group\":null}");
    }
  else if (g_str_equal (path, "/Traces"))
    answer_batch (self, message, tape);
  else
    answer (message, 404, "{\"__type\":\"UnknownOperationException\"}");
}

void
fake_xray_set_search (FakeXray *self, const char *format, const char *id,
                      const char *const *documents)
{
  self->search_format = format;
  self->search_id = g_strdup (id);
  self->search_documents = g_strdupv ((char **) documents);
}

guint
fake_xray_get_n_retrievals (FakeXray *self)
{
  return self->n_retrievals;
}

const char *
fake_xray_get_group (FakeXray *self)
{
  return self->group;
}

void
fake_xray_start (FakeXray *self)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, handler_cb, self, NULL);
  soup_server_listen_local (self->server, self->port, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_free (self->endpoint);
  self->endpoint = g_strdup_printf ("http://127.0.0.1:%u", self->port);
}

void
fake_xray_stop (FakeXray *self)
{
  g_ptr_array_set_size (self->waiting, 0);
  g_ptr_array_set_size (self->held, 0);
  g_ptr_array_set_size (self->late, 0);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
}

FakeXray *
fake_xray_new (void)
{
  FakeXray *self = g_new0 (FakeXray, 1);

  self->stored = g_ptr_array_new_with_free_func ((GDestroyNotify) stored_free);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->late = g_ptr_array_new_with_free_func (g_object_unref);
  self->pinned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->revision = 1;
  self->role = "full";
  fake_xray_start (self);
  return self;
}

void
fake_xray_free (FakeXray *self)
{
  if (self->server)
    fake_xray_stop (self);
  g_ptr_array_unref (self->stored);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->held);
  g_ptr_array_unref (self->late);
  g_free (self->endpoint);
  g_free (self->error);
  g_free (self->denied);
  g_free (self->insight_cause);
  g_free (self->group);
  g_free (self->finding);
  g_hash_table_unref (self->pinned);
  g_free (self->search_id);
  g_strfreev (self->search_documents);
  g_free (self);
}

const char *
fake_xray_get_endpoint (FakeXray *self)
{
  return self->endpoint;
}

void
fake_xray_add_document (FakeXray *self, const char *document)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func (g_free);
  guint n;

  g_ptr_array_add (documents, g_strdup (document));
  g_ptr_array_add (self->stored, stored_new (documents));
  fluo_trace_get_spans (fake_xray_get_trace (self, self->stored->len - 1), &n);
  g_assert_cmpuint (n, >, 0);
}

void
fake_xray_add_traces (FakeXray *self, guint n, guint seconds, guint32 seed)
{
  gint64 now_ns = fluo_time_now_ns ();
  FluoDemoOptions options = { .seed = seed,
                              .n_traces = n,
                              .span = { now_ns - seconds * FLUO_NSEC_PER_SEC, now_ns } };
  g_autoptr (FluoDemo) demo = fluo_demo_new (&options);

  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    g_ptr_array_add (self->stored, stored_new (fluo_demo_dup_trace (demo, i)));
  self->revision++;
  for (guint i = 0; i < self->waiting->len; i++)
    {
      SoupServerMessage *message = g_ptr_array_index (self->waiting, i);

      answer_revision (self, message);
      soup_server_message_unpause (message);
    }
  g_ptr_array_set_size (self->waiting, 0);
}

void
fake_xray_put (FakeXray *self, const char *const *documents)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func (g_free);
  Stored *stored;

  for (guint i = 0; documents[i]; i++)
    g_ptr_array_add (copies, g_strdup (documents[i]));
  stored = stored_new (copies);
  for (guint i = self->stored->len; i > 0; i--)
    if (fluo_trace_id_equal (
            fluo_trace_get_id (((Stored *) g_ptr_array_index (self->stored, i - 1))->trace),
            fluo_trace_get_id (stored->trace)))
      g_ptr_array_remove_index (self->stored, i - 1);
  g_ptr_array_add (self->stored, stored);
  self->revision++;
}

guint
fake_xray_get_n_insights (FakeXray *self)
{
  return self->n_insights;
}

guint
fake_xray_get_n_batches (FakeXray *self)
{
  return self->n_batches;
}

void
fake_xray_forget (FakeXray *self)
{
  g_ptr_array_set_size (self->stored, 0);
  self->revision++;
}

guint
fake_xray_get_n_traces (FakeXray *self)
{
  return self->stored->len;
}

FluoTrace *
fake_xray_get_trace (FakeXray *self, guint index)
{
  return ((Stored *) g_ptr_array_index (self->stored, index))->trace;
}

guint
fake_xray_get_n_reads (FakeXray *self)
{
  return self->n_reads;
}

guint
fake_xray_get_n_events (FakeXray *self)
{
  return self->n_events;
}

guint
fake_xray_get_n_filtered (FakeXray *self)
{
  return self->n_filtered;
}

guint
fake_xray_get_n_counts (FakeXray *self)
{
  return self->n_counts;
}

guint
fake_xray_get_n_vocabularies (FakeXray *self)
{
  return self->n_vocabularies;
}

void
fake_xray_set_plain (FakeXray *self, gboolean plain)
{
  self->plain = plain;
}

guint
fake_xray_count (FakeXray *self, const char *expression)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (expression, -1, NULL, NULL);
  guint n = 0;

  g_assert_nonnull (filter);
  for (guint i = 0; i < self->stored->len; i++)
    n += matches (g_ptr_array_index (self->stored, i), filter);
  return n;
}

void
fake_xray_hold (FakeXray *self, const char *path)
{
  g_autoptr (GPtrArray) held = g_steal_pointer (&self->held);

  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->hold = path;
  for (guint i = 0; i < held->len; i++)
    {
      SoupServerMessage *message = held->pdata[i];

      handler_cb (self->server, message, g_uri_get_path (soup_server_message_get_uri (message)),
                  NULL, self);
      soup_server_message_unpause (message);
    }
}

void
fake_xray_set_role (FakeXray *self, const char *role)
{
  self->role = role;
}

void
fake_xray_hold_reads (FakeXray *self, gint64 older_than_ns)
{
  g_autoptr (GPtrArray) late = g_steal_pointer (&self->late);

  self->late = g_ptr_array_new_with_free_func (g_object_unref);
  self->hold_ns = older_than_ns;
  for (guint i = 0; i < late->len; i++)
    {
      SoupServerMessage *message = late->pdata[i];
      g_autoptr (GBytes) bytes =
        soup_message_body_flatten (soup_server_message_get_request_body (message));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

      answer_summaries (self, message, tape);
      soup_server_message_unpause (message);
    }
}

void
fake_xray_break_reads (FakeXray *self, FluoTimeSpan ends)
{
  self->broken = ends;
}

void
fake_xray_set_finding (FakeXray *self, const char *kind)
{
  g_free (self->finding);
  self->finding = g_strdup (kind);
}

void
fake_xray_deny (FakeXray *self, const char *path)
{
  g_free (self->denied);
  self->denied = g_strdup (path);
}

void
fake_xray_set_error (FakeXray *self, const char *type)
{
  g_free (self->error);
  self->error = g_strdup (type);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "graph/fluo-service-graph.h"
#include "otlp/fluo-otlp-export.h"
#include "otlp/fluo-otlp-map.h"
#include "fluo-test-util.h"

static FluoTrace *
build (char **documents)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (GError) error = NULL;

  for (char **document = documents; *document; document++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (*document, strlen (*document));

      if (**document)
        fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static FluoJsonTape *
parse (const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  FluoJsonTape *tape = fluo_json_tape_new (bytes, &error);

  g_assert_no_error (error);
  return tape;
}

/* The attribute's value with its type, "stringValue=x"; NULL when it isn't there. */
static char *
dup_attribute (FluoJsonTape *tape, guint32 list, const char *key)
{
  for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, list, i))
    {
      g_autofree char *found = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, i, "key"));
      guint32 value = fluo_json_tape_first (tape, fluo_json_tape_get (tape, i, "value"));
      g_autofree char *type = NULL;
      g_autofree char *text = NULL;
      gsize length;
      const char *raw;

      if (g_strcmp0 (found, key) != 0)
        continue;
      type = fluo_json_tape_dup_key (tape, value);
      text = fluo_json_tape_dup (tape, value);
      raw = fluo_json_tape_raw (tape, value, &length);
      return text ? g_strdup_printf ("%s=%s", type, text)
                  : g_strdup_printf ("%s=%.*s", type, (int) length, raw);
    }
  return NULL;
}

static void
check_attribute (FluoJsonTape *tape, guint32 object, const char *key, const char *expected)
{
  g_autofree char *found =
    dup_attribute (tape, fluo_json_tape_get (tape, object, "attributes"), key);

  g_assert_cmpstr (found, ==, expected);
}

static void
check_member (FluoJsonTape *tape, const char *key, const char *expected)
{
  gsize length;
  const char *raw = fluo_json_tape_raw (tape, fluo_json_tape_get (tape, 0, key), &length);
  g_autofree char *found = g_strndup (raw, length);

  g_assert_cmpstr (found, ==, expected);
}

#define TRACE "\"trace_id\":\"1-5b8efff7-98038103d269b633813fc60c\""

static const char segment_json[] =
  "{" TRACE ",\"id\":\"00000000000000a1\",\"name\":\"shop\",\"start_time\":1600000000.25,\"end_"
  "time\":1600000002,"
  "\"parent_id\":\"00000000000000ff\",\"origin\":\"AWS::ECS::Fargate\",\"user\":\"u1\",\"fault\":"
  "true,"
  "\"resource_arn\":\"arn:x\",\"service\":{\"version\":\"7\"},"
  "\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://a/"
  "b\",\"user_agent\":\"ua\",\"client_ip\":\"192.0.2.1\","
  "\"x_forwarded_for\":true},\"response\":{\"status\":500,\"content_length\":12}},"
  "\"aws\":{\"account_id\":\"42\",\"ecs\":{\"container\":\"c\"},\"xray\":{\"sdk\":\"X-Ray for "
  "Python\",\"sdk_version\":\"2\"}},"
  "\"annotations\":{\"tier\":\"gold\",\"n\":3,\"x\":1.5,\"ok\":true},\"metadata\":{\"default\":{"
  "\"a\":[1]},\"mine\":\"text\"},"
  "\"cause\":{\"exceptions\":[{\"id\":\"00000000000000e1\",\"type\":\"E\",\"message\":\"m\","
  "\"remote\":true,\"truncated\":2,"
  "\"skipped\":1,\"cause\":\"00000000000000e2\",\"stack\":[{\"path\":\"a.py\",\"line\":3,\"label\":"
  "\"f\"},"
  "{\"path\":\"b.py\",\"line\":4,\"label\":\"g\"}]}]},"
  "\"links\":[{\"trace_id\":\"1-5b8efff7-98038103d269b633813fc60d\",\"id\":\"00000000000000b9\","
  "\"attributes\":{\"k\":\"v\"}}],"
  "\"subsegments\":[{\"id\":\"00000000000000a2\",\"name\":\"DynamoDB\",\"namespace\":\"aws\","
  "\"start_time\":1600000000.5,"
  "\"end_time\":1600000001,\"aws\":{\"operation\":\"PutItem\",\"table_name\":\"t\",\"region\":"
  "\"r\",\"request_id\":\"q\","
  "\"account_id\":\"43\",\"retries\":2}},"
  "{\"id\":\"00000000000000a3\",\"name\":\"db@host\",\"namespace\":\"remote\",\"start_time\":"
  "1600000001,"
  "\"in_progress\":true,\"sql\":{\"database_type\":\"mysql\",\"url\":\"mysql://host/"
  "db\",\"sanitized_query\":\"SELECT\","
  "\"user\":\"u\"},\"traced\":true},"
  "{\"id\":\"00000000000000a4\",\"name\":\"work\",\"start_time\":1600000001.5,\"end_time\":"
  "1600000002,\"error\":true}]}";

static void
test_segment (void)
{
  char *documents[] = { (char *) segment_json, NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autoptr (GPtrArray) spans = fluo_otlp_dup_spans_json (trace);
  g_autoptr (FluoJsonTape) tape = NULL;
  guint32 resource, event, link;

  g_assert_cmpuint (spans->len, ==, 4);
  g_assert_cmpuint (((FluoOtlpSpanJson *) spans->pdata[0])->id, ==, 0xa1);
  tape = parse (((FluoOtlpSpanJson *) spans->pdata[0])->json);
  check_member (tape, "traceId", "\"5b8efff798038103d269b633813fc60c\"");
  check_member (tape, "spanId", "\"00000000000000a1\"");
  check_member (tape, "parentSpanId", "\"00000000000000ff\"");
  check_member (tape, "name", "\"shop\"");
  check_member (tape, "kind", "2");
  check_member (tape, "startTimeUnixNano", "\"1600000000250000000\"");
  check_member (tape, "endTimeUnixNano", "\"1600000002000000000\"");
  check_member (tape, "status", "{\"code\":2}");
  resource = fluo_json_tape_get (tape, 0, "resource");
  check_attribute (tape, resource, "service.name", "stringValue=shop");
  check_attribute (tape, resource, "service.version", "stringValue=7");
  check_attribute (tape, resource, "cloud.provider", "stringValue=aws");
  check_attribute (tape, resource, "cloud.platform", "stringValue=aws_ecs");
  check_attribute (tape, resource, "aws.ecs.launchtype", "stringValue=fargate");
  check_attribute (tape, resource, "cloud.account.id", "stringValue=42");
  check_attribute (tape, resource, "container.name", "stringValue=c");
  check_attribute (tape, resource, "telemetry.sdk.name", "stringValue=X-Ray");
  check_attribute (tape, resource, "telemetry.sdk.language", "stringValue=Python");
  check_attribute (tape, 0, "enduser.id", "stringValue=u1");
  check_attribute (tape, 0, "aws.xray.resource_arn", "stringValue=arn:x");
  check_attribute (tape, 0, "http.method", "stringValue=GET");
  check_attribute (tape, 0, "http.url", "stringValue=http://a/b");
  check_attribute (tape, 0, "http.user_agent", "stringValue=ua");
  check_attribute (tape, 0, "http.client_ip", "stringValue=192.0.2.1");
  check_attribute (tape, 0, "aws.xray.x_forwarded_for", "boolValue=true");
  check_attribute (tape, 0, "http.status_code", "intValue=500");
  check_attribute (tape, 0, "http.response_content_length", "intValue=12");
  check_attribute (tape, 0, "tier", "stringValue=gold");
  check_attribute (tape, 0, "n", "intValue=3");
  check_attribute (tape, 0, "x", "doubleValue=1.5");
  check_attribute (tape, 0, "ok", "boolValue=true");
  check_attribute (tape, 0, "aws.xray.annotations",
                   "arrayValue={\"values\":[{\"stringValue\":\"tier\"},{\"stringValue\":\"n\"},{"
                   "\"stringValue\":\"x\"},"
                   "{\"stringValue\":\"ok\"}]}");
  check_attribute (tape, 0, "aws.xray.metadata.default", "stringValue={\"a\":[1]}");
  check_attribute (tape, 0, "aws.xray.metadata.mine", "stringValue=\"text\"");
  event = fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "events"));
  check_attribute (tape, event, "exception.type", "stringValue=E");
  check_attribute (tape, event, "exception.message", "stringValue=m");
  check_attribute (tape, event, "exception.stacktrace",
                   "stringValue=Traceback (most recent call last):\n  File \"b.py\", line 4, in g\n"
                   "  File \"a.py\", line 3, in f\nE: m\n");
  check_attribute (tape, event, "aws.xray.exception.id", "stringValue=00000000000000e1");
  check_attribute (tape, event, "aws.xray.exception.remote", "boolValue=true");
  check_attribute (tape, event, "aws.xray.exception.truncated", "intValue=2");
  check_attribute (tape, event, "aws.xray.exception.skipped", "intValue=1");
  check_attribute (tape, event, "aws.xray.exception.cause", "stringValue=00000000000000e2");
  link = fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "links"));
  check_attribute (tape, link, "k", "stringValue=v");
}

static void
test_subsegments (void)
{
  char *documents[] = { (char *) segment_json, NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autoptr (GPtrArray) spans = fluo_otlp_dup_spans_json (trace);
  g_autoptr (FluoJsonTape) aws = parse (((FluoOtlpSpanJson *) spans->pdata[1])->json);
  g_autoptr (FluoJsonTape) sql = parse (((FluoOtlpSpanJson *) spans->pdata[2])->json);
  g_autoptr (FluoJsonTape) work = parse (((FluoOtlpSpanJson *) spans->pdata[3])->json);

  check_member (aws, "parentSpanId", "\"00000000000000a1\"");
  check_member (aws, "kind", "3");
  check_attribute (aws, fluo_json_tape_get (aws, 0, "resource"), "service.name",
                   "stringValue=shop");
  check_attribute (aws, 0, "aws.service", "stringValue=DynamoDB");
  check_attribute (aws, 0, "aws.operation", "stringValue=PutItem");
  check_attribute (aws, 0, "aws.table_name", "stringValue=t");
  check_attribute (aws, 0, "aws.region", "stringValue=r");
  check_attribute (aws, 0, "aws.request_id", "stringValue=q");
  check_attribute (aws, 0, "aws.account_id", "stringValue=43");
  check_attribute (aws, 0, "aws.xray.retries", "intValue=2");
  check_member (aws, "status", "{}");
  check_member (sql, "kind", "3");
  check_member (sql, "endTimeUnixNano", "\"1600000001000000000\"");
  check_attribute (sql, 0, "aws.xray.inprogress", "boolValue=true");
  check_attribute (sql, 0, "aws.xray.traced", "boolValue=true");
  check_attribute (sql, 0, "aws.service", NULL);
  check_attribute (sql, 0, "db.system", "stringValue=mysql");
  check_attribute (sql, 0, "db.connection_string", "stringValue=mysql://host/db");
  check_attribute (sql, 0, "db.statement", "stringValue=SELECT");
  check_attribute (sql, 0, "db.user", "stringValue=u");
  check_member (work, "kind", "1");
  check_member (work, "status", "{\"code\":2}");
}

/* --- There and back ----------------------------------------------------- */

typedef struct
{
  FluoOtlpMapper *mapper;
  GPtrArray      *documents;
} Back;

static void
emit (gpointer data, const GString *document)
{
  g_ptr_array_add (((Back *) data)->documents, g_strdup (document->str));
}

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (((Back *) data)->mapper, resource);
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (((Back *) data)->mapper, scope);
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  fluo_otlp_mapper_map (((Back *) data)->mapper, span);
}

static void
visit_refused (gpointer data, const char *reason)
{
  g_error ("%s", reason);
}

static FluoTrace *
there_and_back (FluoTrace *trace)
{
  static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };
  g_autoptr (GPtrArray) spans = fluo_otlp_dup_spans_json (trace);
  g_autoptr (GString) request = g_string_new ("{\"resourceSpans\":[");
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (g_free);
  Back back = { .documents = documents };
  g_autoptr (GError) error = NULL;

  /* A span tells its resource itself: it stands for both. */
  for (guint i = 0; i < spans->len; i++)
    {
      const char *span = ((FluoOtlpSpanJson *) spans->pdata[i])->json;

      g_string_append_printf (request, "%s%.*s,\"scopeSpans\":[{\"spans\":[%s]}]}",
                              i > 0 ? "," : "", (int) strlen (span) - 1, span, span);
    }
  g_string_append (request, "]}");
  body = g_bytes_new (request->str, request->len);
  back.mapper = fluo_otlp_mapper_new (FALSE, emit, &back);
  g_assert_true (fluo_otlp_decode_json (body, &visitor, &back, &error));
  g_assert_no_error (error);
  fluo_otlp_mapper_free (back.mapper);
  g_ptr_array_add (documents, NULL);
  return build ((char **) documents->pdata);
}

/* The whole graph, times and histograms included. */
static char *
graph_of (FluoTrace *trace)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  gconstpointer data;

  fluo_service_graph_add_trace (graph, trace, 1);
  bytes = fluo_service_graph_to_bytes (graph);
  data = g_bytes_get_data (bytes, &length);
  return g_base64_encode (data, length);
}

/* A row is a document, or has one in its member "document". */
static char *
dup_document (const char *row)
{
  g_autoptr (GBytes) bytes = g_bytes_new (row, strlen (row));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  char *document =
    tape ? fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "document")) : NULL;

  return document ? document : g_strdup (row);
}

/* The trace and its map stay what they were, whatever wrote them. */
static void
test_round_trip (gconstpointer file)
{
  g_autofree char *path = fluo_test_data (file);
  g_autofree char *text = fluo_test_read (path, NULL);
  g_auto (GStrv) rows = g_strsplit (text, "\n", -1);
  g_autoptr (GHashTable) traces =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  GHashTableIter iter;
  gpointer list;
  guint n = 0;

  for (char **row = rows; *row; row++)
    {
      g_autofree char *document = dup_document (*row);
      FluoSegmentHead head;
      char id[FLUO_TRACE_ID_XRAY_LEN + 1];
      GPtrArray *documents;

      if (!fluo_segment_head_parse (document, strlen (document), &head, NULL, NULL))
        continue;
      fluo_trace_id_format_xray (&head.trace_id, id);
      documents = g_hash_table_lookup (traces, id);
      if (!documents)
        {
          documents = g_ptr_array_new_with_free_func (g_free);
          g_hash_table_insert (traces, g_strdup (id), documents);
        }
      g_ptr_array_add (documents, g_steal_pointer (&document));
    }
  g_hash_table_iter_init (&iter, traces);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    {
      g_autoptr (FluoTrace) trace = NULL;
      g_autoptr (FluoTrace) again = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      guint n_before, n_after;

      g_ptr_array_add (list, NULL);
      trace = build ((char **) ((GPtrArray *) list)->pdata);
      again = there_and_back (trace);
      fluo_trace_get_spans (trace, &n_before);
      fluo_trace_get_spans (again, &n_after);
      g_test_message ("%s", (char *) ((GPtrArray *) list)->pdata[0]);
      g_assert_cmpuint (n_after, ==, n_before);
      g_assert_cmpstr (fluo_trace_get_title (again), ==, fluo_trace_get_title (trace));
      g_assert_cmpint (fluo_trace_get_status (again), ==, fluo_trace_get_status (trace));
      g_assert_cmpint (fluo_trace_get_response_ns (again), ==, fluo_trace_get_response_ns (trace));
      before = graph_of (trace);
      after = graph_of (again);
      g_assert_cmpstr (after, ==, before);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/otlp/export/segment", test_segment);
  g_test_add_func ("/otlp/export/subsegments", test_subsegments);
  g_test_add_data_func ("/otlp/export/round-trip/petshop", "segments/petshop-hero.jsonl",
                        test_round_trip);
  g_test_add_data_func ("/otlp/export/round-trip/node", "segments/sdk-node.jsonl", test_round_trip);
  g_test_add_data_func ("/otlp/export/round-trip/python", "segments/sdk-python.jsonl",
                        test_round_trip);
  return g_test_run ();
}

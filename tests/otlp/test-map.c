/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "otlp/fluo-otlp-map.h"
#include "fluo-test-util.h"

/* The mapping, row by row: spans go in as OTLP's JSON, segment documents come out. */

typedef struct
{
  FluoOtlpMapper *mapper;
  GPtrArray      *documents; /* char * */
  GPtrArray      *refused;   /* const char * */
} Result;

static void
emit (gpointer data, const GString *document)
{
  FluoSegmentHead head;
  g_autoptr (GError) error = NULL;

  fluo_segment_head_parse (document->str, document->len, &head, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (head.warnings & FLUO_SEGMENT_WARNING_DUPLICATE_KEY, ==, 0);
  g_ptr_array_add (((Result *) data)->documents, g_strdup (document->str));
}

static void
visit_resource (gpointer data, FluoOtlpResource *resource)
{
  fluo_otlp_mapper_set_resource (((Result *) data)->mapper, resource);
}

static void
visit_scope (gpointer data, const FluoOtlpScope *scope)
{
  fluo_otlp_mapper_set_scope (((Result *) data)->mapper, scope);
}

static void
visit_span (gpointer data, FluoOtlpSpan *span)
{
  fluo_otlp_mapper_map (((Result *) data)->mapper, span);
}

static void
visit_refused (gpointer data, const char *reason)
{
  g_ptr_array_add (((Result *) data)->refused, (gpointer) reason);
}

static const FluoOtlpVisitor visitor = { visit_resource, visit_scope, visit_span, visit_refused };

static Result *
result_new (gboolean index_all)
{
  Result *result = g_new0 (Result, 1);

  result->documents = g_ptr_array_new_with_free_func (g_free);
  result->refused = g_ptr_array_new ();
  result->mapper = fluo_otlp_mapper_new (index_all, emit, result);
  return result;
}

static void
result_free (Result *result)
{
  fluo_otlp_mapper_free (result->mapper);
  g_ptr_array_unref (result->documents);
  g_ptr_array_unref (result->refused);
  g_free (result);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Result, result_free)

/* {"a": "text", "b": 1} as OTLP's list of attributes. Newly allocated. */
static char *
attributes (const char *json)
{
  g_autoptr (GString) out = g_string_new ("[");
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);

  g_assert_no_error (error);
  for (guint32 i = fluo_json_tape_first (tape, 0); i != FLUO_JSON_NONE;
       i = fluo_json_tape_next (tape, 0, i))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, i);
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, i, &length);
      FluoJsonToken type = fluo_json_tape_type (tape, i);
      const char *member = type == FLUO_JSON_STRING ? "stringValue"
                           : type == FLUO_JSON_NUMBER && memchr (raw, '.', length) ? "doubleValue"
                           : type == FLUO_JSON_NUMBER ? "intValue"
                           : type == FLUO_JSON_ARRAY_BEGIN ? "arrayValue"
                                                           : "boolValue";

      g_string_append_printf (out, "%s{\"key\":\"%s\",\"value\":{\"%s\":", out->len > 1 ? "," : "",
                              key, member);
      if (type == FLUO_JSON_ARRAY_BEGIN)
        {
          g_string_append (out, "{\"values\":[");
          for (guint32 k = fluo_json_tape_first (tape, i); k != FLUO_JSON_NONE;
               k = fluo_json_tape_next (tape, i, k))
            {
              raw = fluo_json_tape_raw (tape, k, &length);
              g_string_append_printf (out, "%s{\"stringValue\":%.*s}",
                                      out->str[out->len - 1] == '[' ? "" : ",", (int) length, raw);
            }
          g_string_append (out, "]}");
        }
      else
        g_string_append_len (out, raw, (gssize) length);
      g_string_append (out, "}}");
    }
  g_string_append_c (out, ']');
  return g_string_free (g_steal_pointer (&out), FALSE);
}

#define SHOP "{\"service.name\":\"shop\"}"

/* One span of the kind; @more are further members, each with a comma before. */
static Result *
map_span (const char *resource, int kind, const char *parent, const char *span_attributes,
          const char *more, gboolean index_all)
{
  Result *result = result_new (index_all);
  g_autofree char *of_resource = attributes (resource);
  g_autofree char *of_span = attributes (span_attributes);
  g_autofree char *json = g_strdup_printf (
    "{\"resourceSpans\":[{\"resource\":{\"attributes\":%s},\"scopeSpans\":[{\"scope\":{\"name\":"
    "\"lib\"},\"spans\":[{"
    "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"EEE19B7EC3C1B174\","
    "\"parentSpanId\":\"%s\","
    "\"name\":\"the span\",\"kind\":%d,\"startTimeUnixNano\":\"1544712660000000001\","
    "\"endTimeUnixNano\":1544712661000000000,\"attributes\":%s%s}]}]}]}",
    of_resource, parent, kind, of_span, more);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;

  fluo_otlp_decode_json (body, &visitor, result, &error);
  g_assert_no_error (error);
  return result;
}

#define PARENT "eee19b7ec3c1b173"

/* The value at a path of keys and indices, "http/request/url", as text; NULL when it isn't
 * there. */
static char *
at (Result *result, guint document, const char *path)
{
  const char *json = result->documents->pdata[document];
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  g_auto (GStrv) keys = g_strsplit (path, "/", -1);
  guint32 node = 0;
  gsize length;
  const char *raw;

  for (char **key = keys; *key; key++)
    {
      guint32 next = FLUO_JSON_NONE;

      if (fluo_json_tape_type (tape, node) == FLUO_JSON_ARRAY_BEGIN)
        {
          next = fluo_json_tape_first (tape, node);
          for (guint64 i = g_ascii_strtoull (*key, NULL, 10); i > 0 && next != FLUO_JSON_NONE; i--)
            next = fluo_json_tape_next (tape, node, next);
        }
      else if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
        next = fluo_json_tape_get (tape, node, *key);
      if (next == FLUO_JSON_NONE)
        return NULL;
      node = next;
    }
  if (fluo_json_tape_type (tape, node) == FLUO_JSON_STRING)
    return fluo_json_tape_dup (tape, node);
  raw = fluo_json_tape_raw (tape, node, &length);
  return g_strndup (raw, length);
}

static void
check (Result *result, guint document, const char *path, const char *expected)
{
  g_autofree char *found = at (result, document, path);

  if (g_strcmp0 (found, expected) != 0)
    g_test_message ("%s in %s", path, (char *) result->documents->pdata[document]);
  g_assert_cmpstr (found, ==, expected);
}

/* One span, one expectation. */
static void
row (const char *resource, int kind, const char *parent, const char *span_attributes,
     const char *more, const char *path, const char *expected)
{
  g_autoptr (Result) result = map_span (resource, kind, parent, span_attributes, more, FALSE);

  g_assert_cmpuint (result->documents->len, ==, 1);
  check (result, 0, path, expected);
}

/* --- Rows --------------------------------------------------------------- */

static void
test_ids_and_times (void)
{
  g_autoptr (Result) result = map_span (SHOP, 2, PARENT, "{}", "", FALSE);

  check (result, 0, "trace_id", "1-5b8efff7-98038103d269b633813fc60c");
  check (result, 0, "id", "eee19b7ec3c1b174");
  check (result, 0, "parent_id", "eee19b7ec3c1b173");
  check (result, 0, "start_time", "1544712660.000000001");
  check (result, 0, "end_time", "1544712661");
  check (result, 0, "in_progress", NULL);
  check (result, 0, "metadata/otel/name", "the span");
  check (result, 0, "metadata/otel/scope", "lib");
}

static void
test_segment_or_subsegment (void)
{
  static const char remote[] = ",\"flags\":769", local[] = ",\"flags\":257";

  row (SHOP, 2, PARENT, "{}", "", "type", NULL);
  row (SHOP, 2, PARENT, "{}", local, "type", NULL);
  row (SHOP, 2, "", "{}", "", "parent_id", NULL);
  row (SHOP, 1, "", "{}", "", "type", NULL);
  row (SHOP, 1, "0000000000000000", "{}", "", "type", NULL);
  row (SHOP, 1, PARENT, "{}", local, "type", "subsegment");
  row (SHOP, 3, PARENT, "{}", "", "type", "subsegment");
  row (SHOP, 5, PARENT, "{}", "", "type", "subsegment");
  row (SHOP, 1, PARENT, "{}", "", "parent_id", PARENT);
  /* A parent in another process: this is where its service begins. */
  row (SHOP, 1, PARENT, "{}", remote, "type", NULL);
  row (SHOP, 1, PARENT, "{}", remote, "parent_id", PARENT);
  row (SHOP, 0, PARENT, "{}", remote, "name", "shop");
}

/* A span that begins its process's part with a call: the service, and the call inside it. */
static void
test_local_root_call (void)
{
  static const char *const more[] = {
    "", ",\"links\":[{\"traceId\":\"5b8efff798038103d269b633813fc60d\","
        "\"spanId\":\"eee19b7ec3c1b179\"}]"
  };

  for (int kind = 3; kind <= 5; kind++)
    for (guint i = 0; i < 2; i++)
      {
        g_autoptr (Result) result = map_span (
          SHOP, kind, i ? PARENT : "",
          "{\"peer.service\":\"bank\",\"aws.span.kind\":\"LOCAL_ROOT\",\"http.method\":\"GET\","
          "\"http.status_code\":500}",
          more[i], FALSE);
        g_autofree char *id = NULL;

        g_assert_cmpuint (result->documents->len, ==, 2);
        id = at (result, 0, "id");
        g_assert_cmpuint (strlen (id), ==, 16);
        g_assert_cmpstr (id, !=, "eee19b7ec3c1b174");
        check (result, 0, "name", "shop");
        check (result, 0, "type", NULL);
        check (result, 0, "parent_id", i ? PARENT : NULL);
        check (result, 0, "http", NULL);
        check (result, 0, "fault", "true");
        check (result, 0, "links/0/id", i && kind == 5 ? "eee19b7ec3c1b179" : NULL);
        check (result, 1, "id", "eee19b7ec3c1b174");
        check (result, 1, "parent_id", id);
        check (result, 1, "type", "subsegment");
        check (result, 1, "name", "bank");
        check (result, 1, "http/request/method", "GET");
        check (result, 1, "links/0/id", i && kind != 5 ? "eee19b7ec3c1b179" : NULL);
      }
  row ("{}", 3, "", "{\"peer.service\":\"bank\"}", "", "name", "bank");
}

static void
test_names (void)
{
  row (SHOP, 2, "", "{\"aws.local.service\":\"mine\",\"peer.service\":\"p\"}", "", "name", "mine");
  row (SHOP, 1, "", "{\"aws.local.service\":\"mine\"}", "", "name", "mine");
  row (SHOP, 3, PARENT, "{\"aws.remote.service\":\"theirs\",\"peer.service\":\"p\"}", "", "name",
       "theirs");
  row (SHOP, 3, PARENT, "{\"aws.remote.service\":\"AWS.SDK.DynamoDb\",\"rpc.system\":\"aws-api\"}",
       "", "name", "DynamoDB");
  row (SHOP, 3, PARENT, "{\"aws.remote.service\":\"AWS::Kinesis\",\"rpc.system\":\"aws-api\"}", "",
       "name", "Kinesis");
  row (SHOP, 3, PARENT, "{\"peer.service\":\"p\",\"aws.service\":\"S3\"}", "", "name", "p");
  row (SHOP, 3, PARENT, "{\"aws.service\":\"S3\",\"db.name\":\"d\"}", "", "name", "S3");
  row (SHOP, 3, PARENT, "{\"rpc.system\":\"aws-api\",\"rpc.service\":\"Sqs\",\"db.name\":\"d\"}",
       "", "name", "SQS");
  row (SHOP, 3, PARENT, "{\"rpc.system\":\"aws-api\",\"rpc.method\":\"Kinesis/PutRecord\"}", "",
       "name", "Kinesis");
  row (SHOP, 3, PARENT,
       "{\"db.name\":\"d\",\"db.connection_string\":\"jdbc:mysql://db.example.com:3306\"}", "",
       "name", "d@db.example.com");
  row (SHOP, 3, PARENT, "{\"db.namespace\":\"d\",\"server.address\":\"db2\"}", "", "name", "d@db2");
  row (SHOP, 3, PARENT, "{\"db.name\":\"d\"}", "", "name", "d");
  row (SHOP, 2, "", "{\"rpc.service\":\"r\"}", "", "name", "shop");
  row (SHOP, 3, PARENT, "{\"rpc.service\":\"r\",\"http.host\":\"h\"}", "", "name", "r");
  row (SHOP, 3, PARENT, "{\"http.host\":\"h\",\"net.peer.name\":\"n\"}", "", "name", "h");
  row (SHOP, 3, PARENT, "{\"net.peer.name\":\"n\"}", "", "name", "n");
  row (SHOP, 3, PARENT, "{\"server.address\":\"s\"}", "", "name", "s");
  row (SHOP, 1, PARENT, "{}", "", "name", "the span");
  row ("{\"service.name\":\"a<b>\\\"c\\u0007 \\u00fc(1)\"}", 2, "", "{}", "", "name",
       "abc \303\2741");
  row ("{\"service.name\":\"<>\"}", 2, "", "{}", "", "name", "span");
}

static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (300, 'x');
  g_autofree char *resource = g_strdup_printf ("{\"service.name\":\"%s\"}", name);

  name[200] = '\0';
  row (resource, 2, "", "{}", "", "name", name);
}

static void
test_namespace (void)
{
  row (SHOP, 3, PARENT, "{\"rpc.system\":\"aws-api\"}", "", "namespace", "aws");
  row (SHOP, 4, PARENT, "{\"aws.service\":\"SNS\"}", "", "namespace", "aws");
  row (SHOP, 3, PARENT, "{}", "", "namespace", "remote");
  row (SHOP, 4, PARENT, "{}", "", "namespace", NULL);
  row (SHOP, 1, PARENT, "{}", "", "namespace", NULL);
  row (SHOP, 2, PARENT, "{}", "", "namespace", NULL);
}

static void
origin_row (const char *platform, const char *launch, const char *expected)
{
  g_autofree char *resource =
    g_strdup_printf ("{\"service.name\":\"shop\",\"cloud.provider\":\"aws\",\"cloud.platform\":\"%"
                     "s\",\"aws.ecs.launchtype\":\"%s\"}",
                     platform, launch);

  row (resource, 2, "", "{}", "", "origin", expected);
}

static void
test_origin (void)
{
  origin_row ("aws_app_runner", "", "AWS::AppRunner::Service");
  origin_row ("aws_eks", "", "AWS::EKS::Container");
  origin_row ("aws_elastic_beanstalk", "", "AWS::ElasticBeanstalk::Environment");
  origin_row ("aws_ecs", "ec2", "AWS::ECS::EC2");
  origin_row ("aws_ecs", "fargate", "AWS::ECS::Fargate");
  origin_row ("aws_ecs", "", "AWS::ECS::Container");
  origin_row ("aws_ec2", "", "AWS::EC2::Instance");
  origin_row ("aws_lambda", "", "AWS::Lambda::Function");
  origin_row ("other", "", NULL);
  row ("{\"service.name\":\"shop\",\"cloud.provider\":\"gcp\",\"cloud.platform\":\"aws_ec2\"}", 2,
       "", "{}", "", "origin", NULL);
}

static void
test_user_and_service (void)
{
  row (SHOP, 2, "", "{\"enduser.id\":\"u1\"}", "", "user", "u1");
  row ("{\"service.name\":\"s\",\"service.version\":\"1\",\"container.image.tag\":\"2\"}", 2, "",
       "{}", "", "service/version", "1");
  row ("{\"service.name\":\"s\",\"container.image.tag\":\"2\"}", 2, "", "{}", "", "service/version",
       "2");
  row ("{\"service.name\":\"s\",\"container.image.tags\":[\"3\",\"4\"]}", 2, "", "{}", "",
       "service/version", "3");
  row ("{\"service.name\":\"s\",\"telemetry.sdk.name\":\"opentelemetry\",\"telemetry.sdk."
       "language\":\"java\"}",
       2, "", "{}", "", "aws/xray/sdk", "opentelemetry for java");
  row ("{\"telemetry.sdk.version\":\"1.2\"}", 2, "", "{}", "", "aws/xray/sdk_version", "1.2");
  row ("{\"telemetry.auto.version\":\"1.2\"}", 2, "", "{}", "", "aws/xray/auto_instrumentation",
       "true");
  row (SHOP, 2, "", "{}", "", "aws/xray/auto_instrumentation", "false");
}

static void
test_flags (void)
{
  static const char error[] = ",\"status\":{\"code\":2}";
  static const struct { int code; const char *status, *error, *fault, *throttle;
  } rows[] = {
    { 429, "", "true", NULL, "true" },
    { 404, "", "true", NULL, NULL },
    { 404, error, "true", NULL, NULL },
    { 503, "", NULL, "true", NULL },
    { 200, "", NULL, NULL, NULL },
    { 200, error, NULL, "true", NULL },
    { 0, error, NULL, "true", NULL },
    { 0, "", NULL, NULL, NULL },
    { 0, ",\"status\":{\"code\":\"STATUS_CODE_ERROR\"}", NULL, "true", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 2; k++)
      {
        g_autofree char *span = g_strdup_printf (
          "{\"%s\":%d}", k ? "http.status_code" : "http.response.status_code", rows[i].code);
        g_autoptr (Result) result =
          map_span (SHOP, 2, "", rows[i].code ? span : "{}", rows[i].status, FALSE);

        check (result, 0, "error", rows[i].error);
        check (result, 0, "fault", rows[i].fault);
        check (result, 0, "throttle", rows[i].throttle);
      }
}

static void
test_http (void)
{
  static const char new_server[] =
    "{\"http.request.method\":\"POST\",\"url.scheme\":\"https\",\"server.address\":\"h\",\"server."
    "port\":8443,"
    "\"url.path\":\"/"
    "a\",\"url.query\":\"b=c\",\"user_agent.original\":\"ua\",\"client.address\":\"192.0.2.1\","
    "\"http.response.status_code\":201,\"http.response.body.size\":7}";
  static const char old_server[] =
    "{\"http.method\":\"POST\",\"http.scheme\":\"https\",\"http.host\":\"h:8443\",\"http.target\":"
    "\"/a?b=c\","
    "\"http.user_agent\":\"ua\",\"http.client_ip\":\"192.0.2.1\",\"http.status_code\":201,"
    "\"http.response_content_length\":7}";
  const char *const both[] = { new_server, old_server };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Result) result = map_span (SHOP, 2, "", both[i], "", FALSE);

      check (result, 0, "http/request/method", "POST");
      check (result, 0, "http/request/url", "https://h:8443/a?b=c");
      check (result, 0, "http/request/user_agent", "ua");
      check (result, 0, "http/request/client_ip", "192.0.2.1");
      check (result, 0, "http/request/x_forwarded_for", "true");
      check (result, 0, "http/response/status", "201");
      check (result, 0, "http/response/content_length", "7");
      check (result, 0, "metadata/default/http.method", NULL);
    }
  row (SHOP, 3, PARENT, "{\"http.method\":\"GET\",\"http.url\":\"http://a/b\"}", "",
       "http/request/url", "http://a/b");
  row (SHOP, 3, PARENT, "{\"http.method\":\"GET\",\"url.full\":\"http://a/b\"}", "",
       "http/request/url", "http://a/b");
  row (
    SHOP, 3, PARENT,
    "{\"http.method\":\"GET\",\"net.peer.name\":\"n\",\"net.peer.port\":81,\"http.target\":\"/x\"}",
    "", "http/request/url", "http://n:81/x");
  row (SHOP, 2, "", "{\"http.method\":\"GET\",\"net.peer.ip\":\"192.0.2.9\"}", "",
       "http/request/client_ip", "192.0.2.9");
  row (SHOP, 2, "", "{\"http.method\":\"GET\",\"net.peer.ip\":\"192.0.2.9\"}", "",
       "http/request/x_forwarded_for", NULL);
  row (SHOP, 2, "", "{\"http.status_code\":200}",
       ",\"events\":[{\"name\":\"message\",\"attributes\":[{\"key\":\"message.type\",\"value\":{"
       "\"stringValue\":\"SENT\"}},"
       "{\"key\":\"message.uncompressed_size\",\"value\":{\"intValue\":\"99\"}}]}]",
       "http/response/content_length", "99");
  row (SHOP, 2, "", "{}", "", "http", NULL);
}

static void
test_sql (void)
{
  static const char old_names[] =
    "{\"db.system\":\"mysql\",\"db.name\":\"d\",\"db.user\":\"u\",\"db.statement\":\"SELECT ?\","
    "\"db.connection_string\":\"mysql://db:3306\"}";
  static const char new_names[] = "{\"db.system.name\":\"mysql\",\"db.namespace\":\"d\",\"db."
                                  "user\":\"u\",\"db.query.text\":\"SELECT ?\","
                                  "\"db.connection_string\":\"mysql://db:3306\"}";
  const char *const both[] = { old_names, new_names };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Result) result = map_span (SHOP, 3, PARENT, both[i], "", FALSE);

      check (result, 0, "name", "d@db");
      check (result, 0, "sql/database_type", "mysql");
      check (result, 0, "sql/user", "u");
      check (result, 0, "sql/sanitized_query", "SELECT ?");
      check (result, 0, "sql/url", "mysql://db:3306/d");
    }
  row (SHOP, 3, PARENT, "{\"db.system\":\"postgresql\",\"db.name\":\"d\"}", "", "sql/url",
       "localhost/d");
  row (SHOP, 3, PARENT, "{\"db.system\":\"postgresql\",\"db.name\":\"d\",\"server.address\":\"h\"}",
       "", "sql/url", "h/d");
  row (SHOP, 3, PARENT, "{\"db.system\":\"redis\"}", "", "sql", NULL);
  row (SHOP, 3, PARENT, "{\"db.system\":\"redis\"}", "", "metadata/default/db.system", "redis");
}

static void
aws_row (const char *span_attribute, const char *path, const char *expected)
{
  g_autofree char *all = g_strdup_printf ("{\"rpc.system\":\"aws-api\",%s}", span_attribute);

  row (SHOP, 3, PARENT, all, "", path, expected);
}

static void
test_aws_call (void)
{
  aws_row ("\"aws.operation\":\"PutItem\",\"rpc.method\":\"X\"", "aws/operation", "PutItem");
  aws_row ("\"rpc.method\":\"PutItem\"", "aws/operation", "PutItem");
  aws_row ("\"rpc.method\":\"DynamoDB/PutItem\"", "aws/operation", "PutItem");
  aws_row ("\"aws.account_id\":\"1\"", "aws/account_id", "1");
  aws_row ("\"aws.region\":\"eu-west-1\"", "aws/region", "eu-west-1");
  aws_row ("\"cloud.region\":\"eu-west-1\"", "aws/region", "eu-west-1");
  aws_row ("\"aws.request_id\":\"r\"", "aws/request_id", "r");
  aws_row ("\"aws.requestId\":\"r\"", "aws/request_id", "r");
  aws_row ("\"aws.queue_url\":\"q\"", "aws/queue_url", "q");
  aws_row ("\"aws.queue.url\":\"q\"", "aws/queue_url", "q");
  aws_row ("\"messaging.url\":\"q\"", "aws/queue_url", "q");
  aws_row ("\"aws.table_name\":\"t\"", "aws/table_name", "t");
  aws_row ("\"aws.table.name\":\"t\"", "aws/table_name", "t");
  aws_row ("\"aws.dynamodb.table_names\":[\"t\",\"u\"]", "aws/table_name", "t");
  aws_row ("\"aws.s3.bucket\":\"b\"", "aws/bucket_name", "b");
  aws_row ("\"rpc.service\":\"SNS\",\"messaging.destination.name\":\"arn:t\"", "aws/topic_arn",
           "arn:t");
  aws_row ("\"faas.invoked_name\":\"f\"", "aws/function_name", "f");
  aws_row ("\"aws.xray.retries\":2", "aws/retries", "2");
  row (SHOP, 3, PARENT, "{\"aws.region\":\"x\"}", "", "aws", NULL);
}

static void
place_row (const char *platform, const char *attribute, const char *path, const char *expected)
{
  g_autofree char *resource = g_strdup_printf (
    "{\"service.name\":\"shop\",\"cloud.provider\":\"aws\",\"cloud.platform\":\"%s\",%s}", platform,
    attribute);

  row (resource, 2, "", "{}", "", path, expected);
}

static void
test_aws_place (void)
{
  place_row ("aws_ec2", "\"cloud.account.id\":\"42\"", "aws/account_id", "42");
  place_row ("aws_ec2", "\"host.id\":\"i-1\",\"host.type\":\"t3\",\"host.image.id\":\"ami\"",
             "aws/ec2/instance_id", "i-1");
  place_row ("aws_ec2", "\"host.id\":\"i-1\",\"host.type\":\"t3\"", "aws/ec2/instance_size", "t3");
  place_row ("aws_ec2", "\"host.id\":\"i-1\",\"host.image.id\":\"ami\"", "aws/ec2/ami_id", "ami");
  place_row ("aws_ec2", "\"host.id\":\"i-1\",\"cloud.availability_zone\":\"a\"",
             "aws/ec2/availability_zone", "a");
  place_row ("aws_ecs", "\"container.name\":\"c\",\"aws.ecs.task.arn\":\"t\"", "aws/ecs/container",
             "c");
  place_row ("aws_ecs", "\"container.id\":\"c\",\"aws.ecs.task.arn\":\"t\"", "aws/ecs/task_arn",
             "t");
  place_row ("aws_ecs", "\"aws.ecs.task.family\":\"f\"", "aws/ecs/task_family", "f");
  place_row ("aws_ecs", "\"aws.ecs.cluster.arn\":\"f\"", "aws/ecs/cluster_arn", "f");
  place_row ("aws_eks", "\"k8s.cluster.name\":\"c\",\"k8s.pod.name\":\"p\"", "aws/eks/cluster_name",
             "c");
  place_row ("aws_eks", "\"k8s.cluster.name\":\"c\",\"k8s.pod.name\":\"p\"", "aws/eks/pod", "p");
  place_row ("aws_elastic_beanstalk", "\"service.namespace\":\"e\"",
             "aws/elastic_beanstalk/environment_name", "e");
  place_row ("aws_elastic_beanstalk", "\"service.instance.id\":\"23\"",
             "aws/elastic_beanstalk/deployment_id", "23");
  place_row ("aws_elastic_beanstalk", "\"service.version\":\"v\"",
             "aws/elastic_beanstalk/version_label", "v");
  place_row ("x", "\"aws.log.group.names\":[\"g\"]", "aws/cloudwatch_logs/0/log_group", "g");
  place_row (
    "x",
    "\"aws.log.group.names\":[\"g\"],\"aws.log.group.arns\":[\"arn:aws:logs:r:1:log-group:h:*\"]",
    "aws/cloudwatch_logs/0/log_group", "h");
  place_row ("x", "\"aws.log.group.arns\":[\"arn:aws:logs:r:1:log-group:h:*\"]",
             "aws/cloudwatch_logs/0/arn", "arn:aws:logs:r:1:log-group:h:*");
}

static void
test_links (void)
{
  static const char links[] =
    ",\"links\":[{\"traceId\":\"5b8efff798038103d269b633813fc60d\",\"spanId\":\"eee19b7ec3c1b179\","
    "\"attributes\":[{\"key\":\"k\",\"value\":{\"boolValue\":true}}]},{\"traceId\":\"broken\","
    "\"spanId\":\"1\"}]";

  row (SHOP, 2, "", "{}", links, "links/0/trace_id", "1-5b8efff7-98038103d269b633813fc60d");
  row (SHOP, 2, "", "{}", links, "links/0/attributes/k", "true");
  row (SHOP, 2, "", "{}", links, "links/1", NULL);
}

static void
test_annotations_and_metadata (void)
{
  static const char span[] = "{\"tier\":\"gold\",\"n\":3,\"x\":1.5,\"ok\":true,\"list\":[\"a\"],"
                             "\"with-dash\":\"1\",\"with_dash\":\"2\",\"a.b\":\"3\","
                             "\"http.status_code\":200}";
  g_autoptr (Result) plain = map_span (SHOP, 2, "", span, "", FALSE);
  g_autoptr (Result) all = map_span (SHOP, 2, "", span, "", TRUE);
  g_autoptr (Result) inner = map_span (SHOP, 1, PARENT, span, "", TRUE);

  check (plain, 0, "annotations", NULL);
  check (plain, 0, "metadata/default/tier", "gold");
  check (plain, 0, "metadata/default/n", "3");
  check (plain, 0, "metadata/default/list", "[\"a\"]");
  check (plain, 0, "metadata/default/otel.resource.service.name", "shop");
  check (plain, 0, "metadata/default/http.status_code", NULL);

  check (all, 0, "annotations/tier", "gold");
  check (all, 0, "annotations/n", "3");
  check (all, 0, "annotations/x", "1.5");
  check (all, 0, "annotations/ok", "true");
  check (all, 0, "annotations/a.b", "3");
  check (all, 0, "annotations/with_dash", "2");
  check (all, 0, "annotations/otel.resource.service.name", "shop");
  check (all, 0, "annotations/list", NULL);
  check (all, 0, "annotations/http.status_code", NULL);
  check (all, 0, "metadata/default/list", "[\"a\"]");
  check (all, 0, "metadata/default/with-dash", "1");
  check (all, 0, "metadata/default/tier", NULL);
  check (inner, 0, "annotations/otel.resource.service.name", NULL);

  row (SHOP, 2, "", "{\"aws.xray.annotations\":[\"tier\"],\"tier\":\"gold\",\"n\":3}", "",
       "annotations", "{\"tier\":\"gold\"}");
  row (SHOP, 2, "", "{\"aws.xray.annotations\":[\"tier\"],\"tier\":\"gold\",\"n\":3}", "",
       "metadata/default/n", "3");
  row (SHOP, 2, "", "{\"aws.xray.metadata.mine\":\"{\\\"a\\\":[1]}\"}", "", "metadata/mine/a/0",
       "1");
  row (SHOP, 2, "", "{\"aws.xray.metadata.default\":\"{\\\"a\\\":[1]}\",\"b\":2}", "",
       "metadata/default/a/0", "1");
  row (SHOP, 2, "", "{\"aws.xray.metadata.mine\":\"{broken\"}", "",
       "metadata/default/aws.xray.metadata.mine", "{broken");
}

static void
test_events (void)
{
  static const char events[] =
    ",\"droppedEventsCount\":2,\"events\":[{\"timeUnixNano\":\"1544712660300000000\",\"name\":"
    "\"retry\",\"attributes\":["
    "{\"key\":\"n\",\"value\":{\"intValue\":\"1\"}}]},{\"name\":\"exception\",\"attributes\":[{"
    "\"key\":\"exception.type\","
    "\"value\":{\"stringValue\":\"T\"}},{\"key\":\"exception.message\",\"value\":{\"stringValue\":"
    "\"m\"}}]},"
    "{\"name\":\"HTTP request "
    "failure\",\"timeUnixNano\":\"1544712660300000000\",\"attributes\":[{\"key\":"
    "\"http.response.status_code\",\"value\":{\"intValue\":503}},{\"key\":\"aws.http.error_"
    "message\",\"value\":"
    "{\"stringValue\":\"slow down\"}}]}]";

  row (SHOP, 2, "", "{}", events, "metadata/otel/events/0/name", "retry");
  row (SHOP, 2, "", "{}", events, "metadata/otel/events/0/time", "1544712660.3");
  row (SHOP, 2, "", "{}", events, "metadata/otel/events/0/attributes/n", "1");
  row (SHOP, 2, "", "{}", events, "metadata/otel/events/1", NULL);
  row (SHOP, 2, "", "{}", events, "metadata/otel/dropped", "2");
  row (SHOP, 2, "", "{}", events, "cause/exceptions/0/type", "T");
  row (SHOP, 2, "", "{}", events, "cause/exceptions/0/message", "m");
  row (SHOP, 2, "", "{}", events, "cause/exceptions/0/remote", NULL);
  row (SHOP, 3, PARENT, "{}", events, "cause/exceptions/0/remote", "true");
  row (SHOP, 4, PARENT, "{}", events, "cause/exceptions/0/remote", "true");
  row (SHOP, 2, "", "{}", events, "cause/exceptions/1/message", "503@1544712660.300000@slow down");
  row (SHOP, 2, "", "{}", ",\"status\":{\"code\":2,\"message\":\"why\"}",
       "cause/exceptions/0/message", "why");
  row (SHOP, 2, "", "{\"http.status_text\":\"Gone\"}", ",\"status\":{\"code\":2}",
       "cause/exceptions/0/message", "Gone");
  row (SHOP, 2, "", "{}", ",\"status\":{\"code\":2}", "cause", NULL);
  row (SHOP, 2, "", "{}", ",\"status\":{\"code\":1,\"message\":\"why\"}", "cause", NULL);
}

/* --- Stacks ------------------------------------------------------------- */

static Result *
map_stack (const char *language, const char *stack)
{
  g_autofree char *resource =
    g_strdup_printf ("{\"service.name\":\"shop\",\"telemetry.sdk.language\":\"%s\"}", language);
  g_autoptr (GString) more =
    g_string_new (",\"events\":[{\"name\":\"exception\",\"attributes\":[{\"key\":\"exception."
                  "type\",\"value\":{\"stringValue\":\"E\"}},"
                  "{\"key\":\"exception.stacktrace\",\"value\":{\"stringValue\":");
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, more);
  fluo_json_writer_string (&writer, stack);
  g_string_append (more, "}}]}]");
  return map_span (resource, 2, "", "{}", more->str, FALSE);
}

static void
check_frame (Result *result, guint exception, guint frame, const char *path, const char *line,
             const char *label)
{
  const char *const keys[] = { "path", "line", "label" };
  const char *const expected[] = { path, line, label };

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *where =
        g_strdup_printf ("cause/exceptions/%u/stack/%u/%s", exception, frame, keys[i]);

      check (result, 0, where, expected[i]);
    }
}

static void
test_stack_java (void)
{
  g_autoptr (Result) result =
    map_stack ("java", "java.lang.RuntimeException: outer\n\tat "
                       "com.shop.Cart.add(Cart.java:12)\n\tat com.shop.Main.main(Main.java)\n"
                       "\tat com.shop.Native.call(Native Method)\nCaused by: java.io.IOException: "
                       "inner: deep\n\tat com.shop.Db.read(Db.java:7)\n"
                       "\t... 2 more\n");
  g_autofree char *id = NULL;

  check_frame (result, 0, 0, "Cart.java", "12", "com.shop.Cart.add");
  check_frame (result, 0, 1, "Main.java", NULL, "com.shop.Main.main");
  check_frame (result, 0, 2, "Native Method", NULL, "com.shop.Native.call");
  check (result, 0, "cause/exceptions/1/type", "java.io.IOException");
  check (result, 0, "cause/exceptions/1/message", "inner: deep");
  check_frame (result, 1, 0, "Db.java", "7", "com.shop.Db.read");
  id = at (result, 0, "cause/exceptions/1/id");
  check (result, 0, "cause/exceptions/0/cause", id);
  check (result, 0, "cause/exceptions/1/cause", NULL);
}

static void
test_stack_python (void)
{
  g_autoptr (Result) result = map_stack (
    "python",
    "Traceback (most recent call last):\n  File \"/srv/db.py\", line 3, in read\n    x\nKeyError: "
    "'a'\n\n"
    "During handling of the above exception, another exception occurred:\n\n"
    "Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in <module>\n    main()\n"
    "  File \"/srv/app.py\", line 7, in main\n    read()\nValueError: bad\n");

  check (result, 0, "cause/exceptions/0/type", "E");
  check_frame (result, 0, 0, "/srv/app.py", "7", "main");
  check_frame (result, 0, 1, "/srv/app.py", "12", "<module>");
  check (result, 0, "cause/exceptions/1/type", "KeyError");
  check (result, 0, "cause/exceptions/1/message", "'a'");
  check_frame (result, 1, 0, "/srv/db.py", "3", "read");
  check (result, 0, "cause/exceptions/2", NULL);
}

static void
test_stack_others (void)
{
  g_autoptr (Result) node =
    map_stack ("nodejs", "Error: no\n    at go (/srv/app.js:10:32)\n    at /srv/app.js:12:72\n    "
                         "at async Promise.all (index 0)\n    at <anonymous>");
  g_autoptr (Result) dotnet =
    map_stack ("dotnet", "System.Exception: no\n   at Shop.Cart.Add(Item item) in "
                         "C:\\src\\Cart.cs:line 12\n   at Shop.Main()");
  g_autoptr (Result) go =
    map_stack ("go", "goroutine 1 [running]:\nmain.read(0x1)\n\t/srv/main.go:12 "
                     "+0x1d\nmain.main()\n\t/srv/main.go:20 +0x20\n");
  g_autoptr (Result) ruby = map_stack ("ruby", "app.rb:1:in `a'\n\napp.rb:2:in `b'");

  check_frame (node, 0, 0, "/srv/app.js", "10", "go");
  check_frame (node, 0, 1, "/srv/app.js", "12", "");
  check_frame (node, 0, 2, "index 0", NULL, "async Promise.all");
  check_frame (node, 0, 3, NULL, NULL, "<anonymous>");
  check_frame (dotnet, 0, 0, "C:\\src\\Cart.cs", "12", "Shop.Cart.Add(Item item)");
  check_frame (dotnet, 0, 1, NULL, NULL, "Shop.Main()");
  check_frame (go, 0, 0, "/srv/main.go", "12", "main.read(0x1)");
  check_frame (go, 0, 1, "/srv/main.go", "20", "main.main()");
  check_frame (ruby, 0, 0, NULL, NULL, "app.rb:1:in `a'");
  check_frame (ruby, 0, 1, NULL, NULL, "app.rb:2:in `b'");
}

/* The frames nearest to the failure stay, in every language. */
static void
test_stack_long (void)
{
  g_autoptr (GString) java = g_string_new ("E: x\n"), python = g_string_new ("Traceback\n");
  g_autoptr (Result) of_java = NULL;
  g_autoptr (Result) of_python = NULL;

  for (guint i = 1; i <= 80; i++)
    {
      g_string_append_printf (java, "\tat f%u(F.java:%u)\n", i, i);
      g_string_append_printf (python, "  File \"f.py\", line %u, in f%u\n", i, i);
    }
  of_java = map_stack ("java", java->str);
  of_python = map_stack ("python", python->str);
  check (of_java, 0, "cause/exceptions/0/truncated", "30");
  check (of_python, 0, "cause/exceptions/0/truncated", "30");
  check_frame (of_java, 0, 0, "F.java", "1", "f1");
  check_frame (of_java, 0, 49, "F.java", "50", "f50");
  check_frame (of_python, 0, 0, "f.py", "80", "f80");
  check_frame (of_python, 0, 49, "f.py", "31", "f31");
  check_frame (of_python, 0, 50, NULL, NULL, NULL);
}

static void
test_same_bytes (void)
{
  static const char more[] = ",\"events\":[{\"name\":\"exception\",\"attributes\":[]}]";
  g_autoptr (Result) first = map_span (SHOP, 3, "", "{\"b\":1,\"a\":2}", more, FALSE);
  g_autoptr (Result) again = map_span (SHOP, 3, "", "{\"a\":2,\"b\":1}", more, FALSE);

  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (first->documents->pdata[i], ==, again->documents->pdata[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/otlp/map/ids-and-times", test_ids_and_times);
  g_test_add_func ("/otlp/map/segment-or-subsegment", test_segment_or_subsegment);
  g_test_add_func ("/otlp/map/local-root-call", test_local_root_call);
  g_test_add_func ("/otlp/map/names", test_names);
  g_test_add_func ("/otlp/map/long-name", test_long_name);
  g_test_add_func ("/otlp/map/namespace", test_namespace);
  g_test_add_func ("/otlp/map/origin", test_origin);
  g_test_add_func ("/otlp/map/user-and-service", test_user_and_service);
  g_test_add_func ("/otlp/map/flags", test_flags);
  g_test_add_func ("/otlp/map/http", test_http);
  g_test_add_func ("/otlp/map/sql", test_sql);
  g_test_add_func ("/otlp/map/aws-call", test_aws_call);
  g_test_add_func ("/otlp/map/aws-place", test_aws_place);
  g_test_add_func ("/otlp/map/links", test_links);
  g_test_add_func ("/otlp/map/annotations-and-metadata", test_annotations_and_metadata);
  g_test_add_func ("/otlp/map/events", test_events);
  g_test_add_func ("/otlp/map/stack-java", test_stack_java);
  g_test_add_func ("/otlp/map/stack-python", test_stack_python);
  g_test_add_func ("/otlp/map/stack-others", test_stack_others);
  g_test_add_func ("/otlp/map/stack-long", test_stack_long);
  g_test_add_func ("/otlp/map/same-bytes", test_same_bytes);
  return g_test_run ();
}

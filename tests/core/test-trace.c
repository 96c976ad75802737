/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-json.h"
#include "core/fluo-segment.h"
#include "core/fluo-span-detail.h"
#include "core/fluo-trace.h"
#include "fluo-test-util.h"

#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define OTHER "\"trace_id\":\"1-5f84c7a5-ffff456789abcdef01234567\""
#define T0 G_GINT64_CONSTANT (1600000000000000000)
#define MS FLUO_NSEC_PER_MSEC

static void
add (FluoTraceBuilder *builder, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
}

static FluoTrace *
build (const char *const *documents)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; documents[i]; i++)
    add (builder, documents[i]);
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

/* The tree as text: "web{call{api{db}}}", with marks for what a row would show. */
static char *
outline (FluoTrace *trace)
{
  GString *text = g_string_new (NULL);
  guint n = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  guint depth = 0;

  for (guint i = 0; i < n; i++)
    {
      for (; depth > spans[i].depth; depth--)
        g_string_append_c (text, '}');
      if (spans[i].depth > depth)
        g_string_append_c (text, '{');
      else if (i > 0)
        g_string_append_c (text, ' ');
      depth = spans[i].depth;
      g_string_append (text, fluo_trace_get_string (trace, spans[i].name));
      if (spans[i].flags & FLUO_SPAN_ORPHAN)
        g_string_append_c (text, '?');
      if (spans[i].flags & FLUO_SPAN_CYCLE)
        g_string_append_c (text, '@');
      if (spans[i].flags & FLUO_SPAN_IN_PROGRESS)
        g_string_append_c (text, '+');
      if (spans[i].flags & FLUO_SPAN_LINKED)
        g_string_append_c (text, '~');
    }
  for (; depth > 0; depth--)
    g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

#define assert_outline(trace, expected) G_STMT_START { \
    g_autofree char *outline_ = outline (trace); \
    g_assert_cmpstr (outline_, ==, expected); \
  } G_STMT_END

#define SEGMENT(id, name, from, to, rest)                                                          \
  "{" TRACE ",\"id\":\"00000000000000" id "\",\"name\":\"" name                                    \
  "\",\"start_time\":1600000000." from ",\"end_time\":1600000000." to rest "}"
#define CHILD_OF(id) ",\"parent_id\":\"00000000000000" id "\""
#define SUB(id, name, from, to, rest)                                                              \
  "{\"id\":\"00000000000000" id "\",\"name\":\"" name "\",\"start_time\":1600000000." from         \
  ",\"end_time\":1600000000." to rest "}"

static const char web[] = SEGMENT ("01", "web", "000", "900", ",\"subsegments\":[" SUB ("02",
  "api", "100", "800", ",\"namespace\":\"remote\"") "]");
static const char api[] = SEGMENT ("03", "api", "120", "780", CHILD_OF ("02"));
static const char table[] = SEGMENT ("04", "DynamoDB", "200", "300", CHILD_OF ("03")
  ",\"type\":\"subsegment\",\"namespace\":\"aws\",\"aws\":{\"operation\":\"UpdateItem\","
    "\"table_name\":\"stock\"}");
static const char work[] = SEGMENT ("05", "work", "150", "190", CHILD_OF ("03")
  ",\"type\":\"subsegment\"");

static void
test_any_order (void)
{
  const char *documents[] = { web, api, table, work };
  guint order[] = { 0, 1, 2, 3 };

  /* All 24 orders of arrival give one tree. */
  for (guint round = 0; round < 24; round++)
    {
      const char *const shuffled[] = { documents[order[0]], documents[order[1]],
                                       documents[order[2]], documents[order[3]], NULL };
      g_autoptr (FluoTrace) trace = build (shuffled);
      guint i = 3, k = 3, swap;

      assert_outline (trace, "web{api{api{work DynamoDB}}}");
      g_assert_cmpint (fluo_trace_get_response_ns (trace), ==, 900 * MS);
      g_assert_false (fluo_trace_is_partial (trace));
      /* Next permutation. */
      while (i > 0 && order[i - 1] >= order[i])
        i--;
      if (i == 0)
        break;
      while (order[k] <= order[i - 1])
        k--;
      swap = order[i - 1], order[i - 1] = order[k], order[k] = swap;
      for (guint a = i, b = 3; a < b; a++, b--)
        swap = order[a], order[a] = order[b], order[b] = swap;
    }
}

static void
test_tree_shape (void)
{
  const char *const documents[] = { web, api, table, work, NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  guint n = 0, n_services = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  const FluoTraceService *services = fluo_trace_get_services (trace, &n_services);
  FluoTimeSpan extent = fluo_trace_get_extent (trace);

  g_assert_cmpuint (n, ==, 5);
  g_assert_cmpuint (spans[0].end_index, ==, 5);
  g_assert_cmpuint (spans[2].end_index, ==, 5);
  g_assert_cmpuint (spans[3].end_index, ==, 4);
  g_assert_cmpuint (spans[3].next_sibling, ==, 4);
  g_assert_cmpuint (spans[4].next_sibling, ==, FLUO_SPAN_NONE);
  g_assert_cmpuint (spans[2].first_child, ==, 3);
  g_assert_cmpuint (fluo_trace_find (trace, 5), ==, 3);
  g_assert_cmpuint (fluo_trace_find (trace, 77), ==, FLUO_SPAN_NONE);
  g_assert_cmpuint (fluo_trace_get_root (trace), ==, 0);
  g_assert_true (spans[0].flags & FLUO_SPAN_ROOT);
  g_assert_true (spans[1].flags & FLUO_SPAN_CALL);
  g_assert_true (spans[2].flags & FLUO_SPAN_CALLEE);
  g_assert_cmpint (extent.begin_ns, ==, T0);
  g_assert_cmpint (fluo_time_span_length (extent), ==, 900 * MS);
  /* Own time: 900 - 700; 700 - 660; 660 - 40 - 100; leaves have all of theirs. */
  g_assert_cmpint (spans[0].self_ns, ==, 200 * MS);
  g_assert_cmpint (spans[1].self_ns, ==, 40 * MS);
  g_assert_cmpint (spans[2].self_ns, ==, 520 * MS);
  g_assert_cmpint (spans[4].self_ns, ==, 100 * MS);
  /* The answered call belongs to the caller, local work to its segment, the table is named by its
   * resource. */
  g_assert_cmpuint (n_services, ==, 3);
  g_assert_cmpstr (services[spans[1].service].name, ==, "web");
  g_assert_cmpstr (services[spans[3].service].name, ==, "api");
  g_assert_cmpstr (services[spans[4].service].name, ==, "stock");
  g_assert_cmpstr (services[spans[4].service].type, ==, "AWS::DynamoDB::Table");
  g_assert_true (services[spans[4].service].inferred);
  g_assert_cmpstr (fluo_trace_get_string (trace, spans[4].detail), ==, "UpdateItem");
}

static void
test_self_time_overlap (void)
{
  const char *const documents[] = { SEGMENT ("01", "web", "000", "900", ",\"subsegments\":[" SUB
    ("02", "a", "100", "500", "") ","
    SUB ("03", "b", "200", "300", "") "," SUB ("04", "c", "400", "600", "") "," SUB ("05", "d",
      "800", "950", "") "]"), NULL };
  g_autoptr (FluoTrace) trace = build (documents);

  /* Children beside each other count once, and one that runs past the end only up to there. */
  g_assert_cmpint (fluo_trace_get_spans (trace, NULL)[0].self_ns, ==, 300 * MS);
}

static void
test_retried_call (void)
{
  const char *const documents[] = { web, api, SEGMENT ("06", "api", "500", "700", CHILD_OF ("02")),
    NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  /* Two answers to one call stay rows of their own. */
  assert_outline (trace, "web{api{api api}}");
  g_assert_false (spans[1].flags & FLUO_SPAN_CALL);
  g_assert_false (spans[2].flags & FLUO_SPAN_CALLEE);
}

static void
test_versions (void)
{
  const char *start =
    "{" TRACE
    ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000,\"in_progress\":true}";
  const char *second = SEGMENT ("01", "later", "000", "950", "");
  const char *const running[] = { start, work, NULL }, *const completed[] = { start, web, start,
                                                                              second, NULL };
  g_autoptr (FluoTrace) a = build (running), b = build (completed);

  /* A start, then its end: the first complete one stays whatever follows. */
  assert_outline (a, "web+ work?");
  g_assert_cmpint (fluo_trace_get_status (a), ==, FLUO_STATUS_RUNNING);
  g_assert_cmpuint (fluo_trace_get_n_running (a), ==, 1);
  g_assert_true (fluo_trace_is_partial (a));
  g_assert_cmpint (fluo_trace_get_response_ns (a), ==, 190 * MS);
  assert_outline (b, "web{api}");
  g_assert_cmpuint (fluo_trace_get_n_running (b), ==, 0);
}

static void
test_streamed_subsegment (void)
{
  /* The same subsegment inside its segment, still running, and on its own, finished; with a child
   * on either side. */
  const char *segment = SEGMENT ("01", "web", "000", "900", ","
    "\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"part\","
                                 "\"start_time\":1600000000.1,\"in_progress\":true,"
                                   "\"subsegments\":[" SUB ("08", "inner", "200", "300", "") "]}]");
  const char *alone = SEGMENT ("02", "part", "100", "500", CHILD_OF ("01")
    ",\"type\":\"subsegment\",\"subsegments\":["
                               SUB ("09", "own", "300", "400", "") "]");
  const char *const one[] = { segment, alone, NULL }, *const two[] = { alone, segment, NULL };
  g_autoptr (FluoTrace) a = build (one), b = build (two);

  assert_outline (a, "web{part{inner own}}");
  assert_outline (b, "web{part{inner own}}");
}

static void
test_broken_links (void)
{
  const char *const missing[] = { web, SEGMENT ("07", "lost", "300", "400", CHILD_OF ("77")), NULL
    };
  const char *const own[] = { SEGMENT ("01", "self", "000", "100", CHILD_OF ("01")), NULL };
  const char *const circle[] = { SEGMENT ("0b", "b", "100", "200", CHILD_OF ("0a")), SEGMENT ("0a",
    "a", "000", "300", CHILD_OF ("0c")),
                                 SEGMENT ("0c", "c", "050", "250", CHILD_OF ("0b")), NULL };
  const char *const same_id[] = { SEGMENT ("01", "web", "000", "900", ",\"subsegments\":[" SUB
    ("02", "x", "100", "200", "") ","
                                  SUB ("02", "y", "300", "400", "") "]"), NULL };
  g_autoptr (FluoTrace) a = build (missing), b = build (own), c = build (circle),
                        d = build (same_id);

  assert_outline (a, "web{api} lost?");
  g_assert_true (fluo_trace_is_partial (a));
  assert_outline (b, "self@");
  g_assert_cmpuint (fluo_trace_get_root (b), ==, FLUO_SPAN_NONE);
  assert_outline (c, "a@{b{c}}");
  assert_outline (d, "web{x y}");
}

static void
test_without_ids (void)
{
  const char *const documents[] = { SEGMENT ("01", "web", "000", "900",
    ",\"subsegments\":[{\"name\":\"a\",\"start_time\":1600000000.1,"
    "\"end_time\":1600000000.2},{\"name\":\"b\",\"start_time\":1600000000.3,"
      "\"end_time\":1600000000.4}]"), NULL };
  g_autoptr (FluoTrace) trace = build (documents);

  assert_outline (trace, "web{a b}");
}

static void
test_mirror (void)
{
  const char *queue = SEGMENT ("01", "web", "000", "900", ",\"subsegments\":[" SUB ("02", "SQS",
    "100", "200",
    ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"SendMessage\","
      "\"queue_url\":\"https://q/emails\"}") "]");
  const char *mirror = SEGMENT ("0a", "SQS", "100", "200", CHILD_OF ("02")
    ",\"inferred\":true,\"origin\":\"AWS::SQS::Queue\","
    "\"subsegments\":[" SUB ("0b", "QueueTime", "120", "180", "") "]");
  const char *const documents[] = { mirror, queue, NULL }, *const answered[] = { web, api, SEGMENT
    ("0a", "api", "100", "800",
    CHILD_OF ("02") ",\"inferred\":true"), NULL };
  g_autoptr (FluoTrace) trace = build (documents), real = build (answered);
  const FluoTraceService *services = fluo_trace_get_services (trace, NULL);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  assert_outline (trace, "web{SQS{QueueTime}}");
  g_assert_cmpstr (services[spans[1].service].name, ==, "https://q/emails");
  g_assert_cmpstr (services[spans[1].service].type, ==, "AWS::SQS::Queue");
  g_assert_cmpuint (fluo_trace_find (trace, 0x0a), ==, 1);
  /* Where the real one answered, the made-up one says nothing. */
  assert_outline (real, "web{api{api}}");
  spans = fluo_trace_get_spans (real, NULL);
  g_assert_true (spans[1].flags & FLUO_SPAN_CALL);
  g_assert_false (spans[1].flags & FLUO_SPAN_INFERRED);
}

static void
test_inferred_services (void)
{
  const struct { const char *rest, *name, *type, *detail;
  } rows[] = {
    { ",\"namespace\":\"remote\",\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://"
      "u:p@b.test/v2/pay?x=1#f\"}}",
      "sub", "remote", "POST /v2/pay" },
    { ",\"namespace\":\"remote\",\"sql\":{\"sanitized_query\":\"update  orders set a=?\"}", "sub",
      "Database::SQL", "update orders" },
    { ",\"sql\":{\"sanitized_query\":\"SELECT a, b FROM (orders) WHERE c\"}", "sub",
      "Database::SQL", "SELECT orders" },
    { ",\"sql\":{\"database_type\":\"PostgreSQL\"}", "sub", "Database::SQL", "PostgreSQL" },
    { ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"Get\",\"table_name\":\"t\"}", "sub",
      "AWS::sub", "Get" },
    { ",\"namespace\":\"aws\"", "sub", "AWS::sub", "" },
    { ",\"namespace\":\"local\"", "web", NULL, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strconcat (
        "{" TRACE ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000,"
        "\"end_time\":1600000001,\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"sub\","
        "\"start_time\":1600000000.1,"
        "\"end_time\":1600000000.2",
        rows[i].rest, ",\"subsegments\":[" SUB ("03", "inside", "100", "150", "") "]}]}", NULL);
      const char *const documents[] = { text, NULL };
      g_autoptr (FluoTrace) trace = build (documents);
      const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
      const FluoTraceService *service = &fluo_trace_get_services (trace, NULL)[spans[1].service];

      g_assert_cmpstr (service->name, ==, rows[i].name);
      g_assert_cmpstr (service->type, ==, rows[i].type);
      g_assert_cmpstr (fluo_trace_get_string (trace, spans[1].detail), ==, rows[i].detail);
      g_assert_cmpuint (spans[2].service, ==, spans[1].service);
    }
}

static void
test_times (void)
{
  const char *const broken[] = { web, SEGMENT ("07", "back", "500", "400", CHILD_OF ("01")),
    "{" TRACE ",\"id\":\"0000000000000008\",\"name\":\"zero\",\"start_time\":0,\"end_time\":0,"
      "\"parent_id\":\"0000000000000001\"}",
    "{" TRACE ",\"id\":\"0000000000000009\",\"name\":\"milli\",\"start_time\":1600000000000,"
      "\"end_time\":1600000000900,\"parent_id\":\"0000000000000001\"}", NULL };
  g_autoptr (FluoTrace) trace = build (broken);
  FluoTimeSpan extent = fluo_trace_get_extent (trace);
  guint n = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);

  /* Impossible times neither stretch the picture nor turn a bar round. */
  g_assert_cmpint (extent.begin_ns, ==, T0);
  g_assert_cmpint (extent.end_ns, ==, T0 + 900 * MS);
  for (guint i = 0; i < n; i++)
    {
      const char *name = fluo_trace_get_string (trace, spans[i].name);
      gboolean sane = strcmp (name, "web") == 0 || strcmp (name, "api") == 0;

      g_assert_cmpint (spans[i].end_ns, >=, spans[i].start_ns);
      g_assert_cmpint (spans[i].start_ns, >=, extent.begin_ns);
      g_assert_cmpint (spans[i].end_ns, <=, extent.end_ns);
      g_assert_cmpint (!(spans[i].flags & FLUO_SPAN_TIME_SUSPECT), ==, sane);
    }
}

static void
test_running_until_now (void)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;

  add (builder, "{" TRACE ",\"id\":\"0000000000000001\",\"name\":\"web\",\"start_time\":1600000000,"
                          "\"in_progress\":true}");
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), T0 + 5000 * MS);
  g_assert_cmpint (fluo_trace_get_response_ns (trace), ==, 5000 * MS);
  g_assert_cmpint (fluo_trace_get_extent (trace).end_ns, ==, T0 + 5000 * MS);
}

static void
test_linked (void)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GBytes) linked = NULL;
  g_autoptr (GError) error = NULL;
  const char *consumer = "{" OTHER ",\"id\":\"0000000000000001\",\"name\":\"mailer\",\"start_"
                                   "time\":1600000002,\"in_progress\":true}";
  const FluoTraceLink *links;
  guint n = 0;

  add (builder, SEGMENT ("01", "web", "000", "900", ","
    "\"links\":[{\"trace_id\":\"1-5f84c7a5-ffff456789abcdef01234567\","
                         "\"id\":\"0000000000000001\",\"attributes\":{\"a\":1}},7,"
                           "{\"id\":\"x\"}]"));
  linked = g_bytes_new (consumer, strlen (consumer));
  /* Another trace's document is refused unless it comes as a linked one. */
  g_assert_false (fluo_trace_builder_add (builder, linked, &error));
  g_assert_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID);
  g_assert_true (fluo_trace_builder_add_linked (builder, linked, NULL));
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
  assert_outline (trace, "web mailer+~");
  g_assert_cmpint (fluo_trace_get_status (trace), ==, FLUO_STATUS_OK);
  g_assert_cmpuint (fluo_trace_get_n_running (trace), ==, 1);
  g_assert_false (fluo_trace_is_partial (trace));
  links = fluo_trace_get_links (trace, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (links[0].span, ==, 0);
  g_assert_cmphex (links[0].id, ==, 1);
}

static void
test_raw (void)
{
  const char *const documents[] = { web, NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autofree char *part = NULL;
  gsize length = 0;
  const char *raw = fluo_trace_get_raw (trace, 0, &length);

  g_assert_cmpmem (raw, length, web, strlen (web));
  raw = fluo_trace_get_raw (trace, 1, &length);
  part = g_strndup (raw, length);
  g_assert_cmpstr (part, ==, SUB ("02", "api", "100", "800", ",\"namespace\":\"remote\""));
  g_assert_cmpstr (fluo_trace_get_title (trace), ==, "web");
}

static void
test_duplicate_key (void)
{
  const char *const documents[] = { SEGMENT ("01", "first", "000", "900",
    ",\"name\":\"second\",\"http\":{\"request\":{\"method\":\"GET\"}},"
    "\"http\":{\"response\":{\"status\":404}},\"annotations\":{\"k\":1,\"k\":2},\"subsegments\":["
      SUB ("02", "old", "100", "200",
    ",\"subsegments\":[" SUB ("03", "older", "100", "200", "") "]") "],\"subsegments\":[" SUB
      ("04", "new", "100", "200", "") "]"), NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (trace, 0);

  /* The last of two counts in the tree and in the details alike. */
  assert_outline (trace, "second{new}");
  g_assert_cmpint (fluo_trace_get_status (trace), ==, FLUO_STATUS_ERROR);
  g_assert_cmpstr (detail->name, ==, "second");
  g_assert_null (detail->http_method);
  g_assert_cmpint (detail->http_status, ==, 404);
  g_assert_cmpuint (detail->annotations->len, ==, 1);
  g_assert_cmpstr (g_array_index (detail->annotations, FluoAnnotation, 0).value, ==, "2");
}

static void
test_detail (void)
{
  const char *const documents[] = { SEGMENT ("01", "web", "000", "900",
    ",\"origin\":\"AWS::EC2::Instance\",\"user\":\"u\\u0000x\",\"resource_arn\":\"arn:x\","
      "\"service\":{\"version\":\"1.2\"},"
    "\"http\":{\"request\":{\"method\":\"POST\",\"url\":\"https://e.test/a?b\","
      "\"user_agent\":\"ua\",\"client_ip\":\"::1\"},"
    "\"response\":{\"status\":502,\"content_length\":\"12\"}},"
      "\"aws\":{\"ec2\":{\"instance_id\":\"i-1\"},\"xray\":{\"sdk\":\"s\"},\"tags\":[1,2]},"
    "\"annotations\":{\"n\":1.50,\"s\":\"x\",\"b\":true,\"bad\":{}},"
      "\"metadata\":{\"default\":{\"k\":[1]}},"
    "\"cause\":{\"working_directory\":\"/\",\"exceptions\":[{\"id\":\"00000000000000e1\","
      "\"type\":\"TimeoutError\",\"message\":\"No answer\","
    "\"truncated\":-1,\"skipped\":3,\"cause\":\"00000000000000e1\","
      "\"stack\":[{\"path\":\"bank.py\",\"line\":88,\"label\":\"charge\"},7]},null]}"), NULL };
  g_autoptr (FluoTrace) trace = build (documents);
  g_autofree char *metadata = NULL;
  g_autoptr (FluoSpanDetail) detail = fluo_span_detail_new (trace, 0);
  const FluoException *exception;
  const FluoAnnotation *annotations;

  g_assert_cmpstr (detail->origin, ==, "AWS::EC2::Instance");
  g_assert_cmpstr (detail->user, ==, "u\xef\xbf\xbdx");
  g_assert_cmpstr (detail->http_url, ==, "https://e.test/a?b");
  g_assert_cmpint (detail->http_status, ==, 502);
  g_assert_cmpint (detail->http_content_length, ==, 12);
  g_assert_cmpuint (detail->aws->len, ==, 3);
  g_assert_cmpstr (g_array_index (detail->aws, FluoDetailField, 0).key, ==, "ec2.instance_id");
  g_assert_cmpstr (g_array_index (detail->aws, FluoDetailField, 2).value, ==, "1, 2");
  annotations = (const FluoAnnotation *) (gpointer) detail->annotations->data;
  g_assert_cmpuint (detail->annotations->len, ==, 3);
  g_assert_cmpstr (annotations[0].value, ==, "1.50");
  g_assert_cmpint (annotations[2].type, ==, FLUO_VALUE_BOOLEAN);
  metadata = fluo_json_pretty (g_bytes_get_data (detail->metadata, NULL),
                               g_bytes_get_size (detail->metadata));
  g_assert_cmpstr (metadata, ==,
                   "{\n  \"default\": {\n    \"k\": [\n      1\n    ]\n  }\n}");
  g_assert_cmpuint (detail->exceptions->len, ==, 1);
  exception = &g_array_index (detail->exceptions, FluoException, 0);
  g_assert_cmpstr (exception->message, ==, "No answer");
  g_assert_cmpint (exception->truncated, ==, 0);
  g_assert_cmpint (exception->skipped, ==, 3);
  g_assert_cmpuint (exception->stack->len, ==, 1);
  g_assert_cmpint (g_array_index (exception->stack, FluoStackFrame, 0).line, ==, 88);
}

/* What stands before, between and after very many nested calls is the span's own, also where
 * their key came twice. */
static void
test_detail_of_many (void)
{
  static const char *const between[] = {
    "",
    "],\"user\":\"between\",\"subsegments\":[{\"id\":\"00000000000fffff\",\"name\":\"call\","
    "\"start_time\":2,\"end_time\":3}"
  };

  for (guint k = 0; k < G_N_ELEMENTS (between); k++)
    {
      FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
      g_autoptr (GString) text = g_string_new (
        "{\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\",\"id\":\"0000000000000001\","
        "\"name\":\"web\",\"start_time\":1,\"end_time\":9,\"annotations\":{\"k\":1},"
        "\"subsegments\":[");
      g_autoptr (FluoSpanDetail) detail = NULL, child = NULL;
      g_autoptr (FluoTrace) trace = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < 2000; i++)
        g_string_append_printf (text,
                                "%s%s{\"id\":\"%016x\",\"name\":\"call\",\"start_time\":2,"
                                "\"end_time\":3,\"annotations\":{\"n\":%u}}",
                                i == 1000 ? between[k] : "", i ? " , " : "", i + 2, i);
      g_string_append (text, "],\"metadata\":{\"default\":[]}}");
      bytes = g_bytes_new (text->str, text->len);
      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
      trace = fluo_trace_builder_end (builder, 0);
      detail = fluo_span_detail_new (trace, fluo_trace_find (trace, 1));
      g_assert_cmpuint (detail->annotations->len, ==, 1);
      g_assert_cmpstr (detail->user, ==, k == 1 ? "between" : NULL);
      g_assert_cmpmem (g_bytes_get_data (detail->metadata, NULL),
                       g_bytes_get_size (detail->metadata), "{\"default\":[]}", 14);
      child = fluo_span_detail_new (trace, fluo_trace_find (trace, 2001));
      g_assert_cmpstr (g_array_index (child->annotations, FluoAnnotation, 0).value, ==,
                       "1999");
    }
}

/* A chain as deep as a trace can be, and a fan as wide: every pass must be linear and none may
 * recurse. */
static void
test_big (void)
{
  const guint depth = 10000;
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;
  const FluoSpan *spans;
  guint n = 0;

  for (guint i = depth; i > 0; i--)
    {
      char text[300];

      g_snprintf (text, sizeof text,
                  "{" TRACE ",\"id\":\"%016x\",\"name\":\"s\",\"start_time\":1600000000,\"end_"
                            "time\":1600000001%s%016x\"}",
                  i, i > 1 ? ",\"parent_id\":\"" : ",\"x\":\"", i - 1);
      add (builder, text);
    }
  for (guint i = 0; i < 50000; i++)
    {
      char text[300];

      g_snprintf (
        text, sizeof text,
        "{" TRACE
        ",\"id\":\"%016x\",\"name\":\"w\",\"type\":\"subsegment\",\"start_time\":1600000000.%06u,"
        "\"end_time\":1600000000.%06u,\"parent_id\":\"0000000000000001\"}",
        100000 + i, i, i + 10);
      add (builder, text);
    }
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
  spans = fluo_trace_get_spans (trace, &n);
  g_assert_cmpuint (n, ==, depth + 50000);
  g_assert_cmpuint (spans[0].end_index, ==, n);
  g_assert_cmpuint (spans[depth - 1].depth, ==, depth - 1);
}

static void
test_nothing (void)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (GBytes) broken = g_bytes_new_static ("{", 1);
  g_autoptr (GError) error = NULL;

  g_assert_false (fluo_trace_builder_add (builder, broken, &error));
  g_assert_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_PARSE);
  g_assert_null (fluo_trace_builder_end (g_steal_pointer (&builder), 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/any-order", test_any_order);
  g_test_add_func ("/trace/tree-shape", test_tree_shape);
  g_test_add_func ("/trace/self-time-overlap", test_self_time_overlap);
  g_test_add_func ("/trace/retried-call", test_retried_call);
  g_test_add_func ("/trace/versions", test_versions);
  g_test_add_func ("/trace/streamed-subsegment", test_streamed_subsegment);
  g_test_add_func ("/trace/broken-links", test_broken_links);
  g_test_add_func ("/trace/without-ids", test_without_ids);
  g_test_add_func ("/trace/mirror", test_mirror);
  g_test_add_func ("/trace/inferred-services", test_inferred_services);
  g_test_add_func ("/trace/times", test_times);
  g_test_add_func ("/trace/running-until-now", test_running_until_now);
  g_test_add_func ("/trace/linked", test_linked);
  g_test_add_func ("/trace/raw", test_raw);
  g_test_add_func ("/trace/duplicate-key", test_duplicate_key);
  g_test_add_func ("/trace/detail", test_detail);
  g_test_add_func ("/trace/detail-of-many", test_detail_of_many);
  g_test_add_func ("/trace/big", test_big);
  g_test_add_func ("/trace/nothing", test_nothing);
  return g_test_run ();
}

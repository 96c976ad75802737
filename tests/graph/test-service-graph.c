/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-test-util.h"

#include "graph/fluo-service-graph.h"

#include <string.h>

#define TRACE "1-6553f100-000000000000000000000001"
#define QUEUE "https://sqs.eu-central-1.amazonaws.com/123456789012/emails"

/* A trace from documents; NULL ends the list. */
static FluoTrace *
trace_from (const char *first, ...)
{
  g_autoptr(FluoTraceBuilder) builder = NULL;
  FluoTraceId id;
  va_list args;

  g_assert_true (fluo_trace_id_parse (TRACE, -1, &id));
  builder = fluo_trace_builder_new (&id);
  va_start (args, first);
  for (const char *text = first; text != NULL; text = va_arg (args, const char *))
    {
      g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
      g_autoptr(GError) error = NULL;

      fluo_trace_builder_add (builder, bytes, &error);
      g_assert_no_error (error);
    }
  va_end (args);
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static FluoServiceGraph *
graph_from (FluoTrace *trace)
{
  FluoServiceGraph *graph = fluo_service_graph_new ();

  g_assert_nonnull (trace);
  fluo_service_graph_add_trace (graph, trace, 1);
  fluo_service_graph_prune (graph);
  fluo_trace_unref (trace);
  return graph;
}

static void
append_stats (GString *out, const FluoCallStats *stats)
{
  g_string_append_printf (out,
                          " %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                          "/%" G_GINT64_FORMAT " n=%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "ms",
                          stats->ok, stats->error, stats->throttle, stats->fault,
                          stats->histogram.count, stats->histogram.sum_ns / FLUO_NSEC_PER_MSEC);
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The whole graph as sorted lines, so that the order of nodes and edges does not matter:
 * "name|type [root] [inferred] ok/error/throttle/fault n=COUNT SUMms" and "a|type -> b|type [link]
 * [alias] …". */
static char *
describe (const FluoServiceGraph *graph)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
      GString *line = g_string_new (NULL);

      g_string_printf (line, "%s|%s%s%s", node->name, or_dash (node->type),
                       node->root ? " root" : "", node->inferred ? " inferred" : "");
      append_stats (line, &node->stats);
      g_ptr_array_add (lines, g_string_free (line, FALSE));
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);
      const FluoGraphNode *to = g_ptr_array_index (graph->nodes, edge->to);
      GString *line = g_string_new (NULL);

      g_string_printf (line, "%s|%s -> %s|%s%s", from->name, or_dash (from->type), to->name,
                       or_dash (to->type), edge->linked ? " link" : "");
      if (edge->alias != NULL)
        g_string_append_printf (line, " alias %s|%s", edge->alias, or_dash (edge->alias_type));
      append_stats (line, &edge->stats);
      g_ptr_array_add (lines, g_string_free (line, FALSE));
    }
  g_ptr_array_sort (lines, compare_text);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
assert_graph (const FluoServiceGraph *graph, const char *expected)
{
  g_autofree char *text = describe (graph);

  g_assert_cmpstr (text, ==, expected);
}

#define SEGMENT(id, parent, name, start, end, more)                                                \
  "{\"trace_id\":\"" TRACE "\",\"id\":\"00000000000000" id "\"," parent "\"name\":\"" name         \
  "\",\"start_time\":" start "," end more "}"
#define PARENT(id) "\"parent_id\":\"00000000000000" id "\","
#define END(t) "\"end_time\":" t
#define RUNNING "\"in_progress\":true"
#define SUB(id, name, start, end, more)                                                            \
  "{\"id\":\"00000000000000" id "\",\"name\":\"" name "\",\"start_time\":" start                   \
  ",\"end_time\":" end more "}"
#define SUBS(list) ",\"subsegments\":[" list "]"

/* --- From traces ---------------------------------------------------------- */

/* The recording of the reference: the edge says what the caller saw, the node what the callee
 * did. */
static void
test_recorded (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "front", "100", END ("102"),
             SUBS (SUB ("02", "back", "100.2", "101.7", ",\"namespace\":\"remote\","
               "\"fault\":true"))),
    SEGMENT ("03", PARENT ("02"), "back", "100.3", END ("106.8"), ",\"fault\":true"),
    "{\"trace_id\":\"" TRACE "\",\"type\":\"subsegment\",\"id\":\"0000000000000004\","
      "\"parent_id\":\"0000000000000003\","
    "\"name\":\"xyz-database\",\"namespace\":\"aws\",\"start_time\":101,\"end_time\":106,"
      "\"error\":true,\"throttle\":true,"
    "\"aws\":{\"operation\":\"GetItem\",\"table_name\":\"t\"},"
      "\"http\":{\"response\":{\"status\":429}}}", NULL));

  assert_graph (graph,
                "back|- -> xyz-database|AWS::xyz-database 0/0/1/0 n=1 5000ms\n"
                "back|- 0/0/0/1 n=1 6500ms\n"
                "front|- -> back|- alias back|remote 0/0/0/1 n=1 1500ms\n"
                "front|- root 1/0/0/0 n=1 2000ms\n"
                "front|client -> front|- 1/0/0/0 n=1 2000ms\n"
                "front|client 0/0/0/0 n=0 0ms\n"
                "xyz-database|AWS::xyz-database inferred 0/0/1/0 n=1 5000ms");
}

static void
test_identity (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "app", "100", END ("102"), ",\"origin\":\"AWS::ECS::Container\"" SUBS (
      SUB ("02", "db@host", "100", "100.1", ",\"namespace\":\"remote\","
        "\"sql\":{\"sanitized_query\":\"SELECT 1\"}") ","
      SUB ("03", "api.example.com", "100", "100.2", ",\"namespace\":\"remote\"") ","
      SUB ("04", "DynamoDB", "100", "100.3", ",\"namespace\":\"aws\","
        "\"aws\":{\"operation\":\"Query\",\"table_name\":\"pets\"}") ","
      SUB ("05", "DynamoDB", "100", "100.4", ",\"namespace\":\"aws\"") ","
      SUB ("06", "SQS", "100", "100.5", ",\"namespace\":\"aws\","
        "\"aws\":{\"operation\":\"SendMessage\",\"queue_url\":\"" QUEUE "\"}") ","
      SUB ("07", "local work", "100", "101",
           SUBS (SUB ("08", "S3", "100", "100.6", ",\"namespace\":\"aws\","
             "\"aws\":{\"operation\":\"GetObject\","
                "\"bucket_name\":\"photos\"}"))))),
    NULL));

  assert_graph (graph,
                "DynamoDB|AWS::DynamoDB inferred 1/0/0/0 n=1 400ms\n"
                "api.example.com|remote inferred 1/0/0/0 n=1 200ms\n"
                "app|AWS::ECS::Container -> DynamoDB|AWS::DynamoDB 1/0/0/0 n=1 400ms\n"
                "app|AWS::ECS::Container -> api.example.com|remote 1/0/0/0 n=1 200ms\n"
                "app|AWS::ECS::Container -> db@host|Database::SQL 1/0/0/0 n=1 100ms\n"
                "app|AWS::ECS::Container -> " QUEUE "|AWS::SQS::Queue 1/0/0/0 n=1 500ms\n"
                "app|AWS::ECS::Container -> pets|AWS::DynamoDB::Table 1/0/0/0 n=1 300ms\n"
                "app|AWS::ECS::Container -> photos|AWS::S3::Bucket 1/0/0/0 n=1 600ms\n"
                "app|AWS::ECS::Container root 1/0/0/0 n=1 2000ms\n"
                "app|client -> app|AWS::ECS::Container 1/0/0/0 n=1 2000ms\n"
                "app|client 0/0/0/0 n=0 0ms\n"
                "db@host|Database::SQL inferred 1/0/0/0 n=1 100ms\n"
                QUEUE "|AWS::SQS::Queue inferred 1/0/0/0 n=1 500ms\n"
                "pets|AWS::DynamoDB::Table inferred 1/0/0/0 n=1 300ms\n"
                "photos|AWS::S3::Bucket inferred 1/0/0/0 n=1 600ms");
}

static void
test_orphan (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", PARENT ("77"), "lost", "100", END ("101"), ""), NULL));

  assert_graph (graph, "lost|- 1/0/0/0 n=1 1000ms");
}

static void
test_in_progress (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "web", "100", RUNNING, ""),
    "{\"trace_id\":\"" TRACE "\",\"type\":\"subsegment\",\"id\":\"0000000000000002\","
      "\"parent_id\":\"0000000000000001\","
    "\"name\":\"api\",\"namespace\":\"remote\",\"start_time\":100,\"end_time\":101}", NULL));

  assert_graph (graph, "");
  g_assert_cmpint (graph->span.end_ns, ==, 0);
}

static void
test_self_edge (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "web", "100", END ("102"), SUBS (SUB ("02", "web", "100", "101",
      ",\"namespace\":\"remote\""))),
    SEGMENT ("03", PARENT ("02"), "web", "100", END ("100.9"), ""), NULL));

  assert_graph (graph,
                "web|- -> web|- alias web|remote 1/0/0/0 n=1 1000ms\n"
                "web|- root 2/0/0/0 n=2 2900ms\n"
                "web|client -> web|- 1/0/0/0 n=1 2000ms\n"
                "web|client 0/0/0/0 n=0 0ms");
}

#define LAMBDA_TRACE                                                                               \
  SEGMENT (                                                                                        \
    "01", "", "web", "100", END ("103"),                                                           \
    SUBS (SUB (                                                                                    \
      "02", "Lambda", "100", "102",                                                                \
      ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"Invoke\",\"function_name\":\"pay\"}"))),    \
    SEGMENT ("03", PARENT ("02"), "pay", "100.1", END ("101.9"), ",\"origin\":\"AWS::Lambda\""),   \
    SEGMENT ("04", PARENT ("03"), "pay", "100.3", END ("101.8"),                                   \
             ",\"origin\":\"AWS::Lambda::Function\",\"error\":true" SUBS (                         \
               SUB ("05", "bank", "100.4", "101.4", ",\"namespace\":\"remote\""))),                \
    NULL

static void
test_lambda_and_fold (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (LAMBDA_TRACE));
  g_autoptr(FluoServiceGraph) folded = fluo_service_graph_fold (graph);

  /* Two entries of one name; the call has the identity of the first, so that there is no alias. */
  assert_graph (graph,
                "bank|remote inferred 1/0/0/0 n=1 1000ms\n"
                "pay|AWS::Lambda -> pay|AWS::Lambda::Function 0/1/0/0 n=1 1500ms\n"
                "pay|AWS::Lambda 1/0/0/0 n=1 1800ms\n"
                "pay|AWS::Lambda::Function -> bank|remote 1/0/0/0 n=1 1000ms\n"
                "pay|AWS::Lambda::Function 0/1/0/0 n=1 1500ms\n"
                "web|- -> pay|AWS::Lambda 1/0/0/0 n=1 2000ms\n"
                "web|- root 1/0/0/0 n=1 3000ms\n"
                "web|client -> web|- 1/0/0/0 n=1 3000ms\n"
                "web|client 0/0/0/0 n=0 0ms");
  assert_graph (folded,
                "Clients|client -> web|- 1/0/0/0 n=1 3000ms\n"
                "Clients|client 0/0/0/0 n=0 0ms\n"
                "bank|remote inferred 1/0/0/0 n=1 1000ms\n"
                "pay|AWS::Lambda::Function -> bank|remote 1/0/0/0 n=1 1000ms\n"
                "pay|AWS::Lambda::Function 0/1/0/0 n=1 1500ms\n"
                "web|- -> pay|AWS::Lambda::Function 1/0/0/0 n=1 2000ms\n"
                "web|- root 1/0/0/0 n=1 3000ms");
}

#define LINKS                                                                                      \
  ",\"links\":[{\"trace_id\":\"1-6553f100-0000000000000000000000ff\",\"id\":\"00000000000000ee\"}" \
  "]"

/* The consumer's trace knows its queue only from what the consumer says; the two meet in the sum of
 * the traces. */
static void
test_queue (void)
{
  static const char *const consumers[] = {
    SEGMENT ("01", "", "mailer", "200", END ("201"), LINKS ",\"aws\":{\"queue_url\":\"" QUEUE
      "\"}"),
    SEGMENT ("01", "", "mailer", "200", END ("201"), LINKS ",\"annotations\":{\"queue_url\":\""
      QUEUE "\"}"),
    SEGMENT ("01", "", "mailer", "200", END ("201"), LINKS ","
      "\"resource_arn\":\"arn:aws:sqs:eu-central-1:123456789012:emails\""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (consumers); i++)
    {
      g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (consumers[i], NULL));
      g_autoptr(FluoServiceGraph) sender = graph_from (trace_from (
        SEGMENT ("01", "", "web", "100", END ("101"), SUBS (SUB ("02", "SQS", "100", "100.5",
                 ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"SendMessage\",\"queue_url\":\""
                   QUEUE "\"}"))), NULL));

      assert_graph (graph,
                    QUEUE "|AWS::SQS::Queue -> mailer|- link 1/0/0/0 n=0 0ms\n"
                    QUEUE "|AWS::SQS::Queue inferred 0/0/0/0 n=0 0ms\n"
                    "mailer|- 1/0/0/0 n=1 1000ms");
      fluo_service_graph_merge (graph, sender);
      assert_graph (graph,
                    QUEUE "|AWS::SQS::Queue -> mailer|- link 1/0/0/0 n=0 0ms\n"
                    QUEUE "|AWS::SQS::Queue inferred 1/0/0/0 n=1 500ms\n"
                    "mailer|- 1/0/0/0 n=1 1000ms\n"
                    "web|- -> " QUEUE "|AWS::SQS::Queue 1/0/0/0 n=1 500ms\n"
                    "web|- root 1/0/0/0 n=1 1000ms\n"
                    "web|client -> web|- 1/0/0/0 n=1 1000ms\n"
                    "web|client 0/0/0/0 n=0 0ms");
    }
}

/* A link to a span that is here: the edge begins at its node and knows how old the message was. */
static void
test_link_inside (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "web", "100", END ("101"), SUBS (SUB ("02", "SNS", "100", "100.5",
      ",\"namespace\":\"aws\""))),
    SEGMENT ("03", "", "worker", "102", END ("103"), ",\"links\":[{\"trace_id\":\"" TRACE
      "\",\"id\":\"0000000000000002\"}]"),
    NULL));

  assert_graph (graph,
                "SNS|AWS::SNS -> worker|- link 1/0/0/0 n=1 1500ms\n"
                "SNS|AWS::SNS inferred 1/0/0/0 n=1 500ms\n"
                "web|- -> SNS|AWS::SNS 1/0/0/0 n=1 500ms\n"
                "web|- root 1/0/0/0 n=1 1000ms\n"
                "web|client -> web|- 1/0/0/0 n=1 1000ms\n"
                "web|client 0/0/0/0 n=0 0ms\n"
                "worker|- 1/0/0/0 n=1 1000ms");
}

static void
test_rates (void)
{
  FluoCallStats stats = { .ok = 98, .error = 1, .throttle = 1 };

  g_assert_cmpint (fluo_call_stats_total (&stats), ==, 100);
  g_assert_cmpfloat (fluo_call_stats_error_rate (&stats), ==, 0.02);
  g_assert_cmpint (fluo_call_stats_worst (&stats), ==, FLUO_STATUS_ERROR);
  stats.ok = 97;
  stats.fault = 1;
  g_assert_cmpint (fluo_call_stats_worst (&stats), ==, FLUO_STATUS_FAULT);
  stats = (FluoCallStats) { .ok = 1000, .error = 19, .fault = 9 };
  g_assert_cmpint (fluo_call_stats_worst (&stats), ==, FLUO_STATUS_OK);
  stats = (FluoCallStats) { 0 };
  g_assert_cmpfloat (fluo_call_stats_fault_rate (&stats), ==, 0);
  g_assert_cmpint (fluo_call_stats_worst (&stats), ==, FLUO_STATUS_OK);
}

/* --- Random traces -------------------------------------------------------- */

static void
append_flags (GString *out, GRand *rand)
{
  static const char *const flags[] = { "",
                                       "",
                                       "",
                                       ",\"fault\":true",
                                       ",\"error\":true",
                                       ",\"throttle\":true,\"error\":true",
                                       ",\"http\":{\"response\":{\"status\":503}}" };

  g_string_append (out, flags[g_rand_int_range (rand, 0, G_N_ELEMENTS (flags))]);
}

static void
append_times (GString *out, GRand *rand, gint64 start_ms)
{
  char start[G_ASCII_DTOSTR_BUF_SIZE], end[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (start, sizeof start, "%.3f", start_ms / 1000.0);
  if (g_rand_int_range (rand, 0, 12) == 0)
    {
      g_string_append_printf (out, ",\"start_time\":%s,\"in_progress\":true", start);
      return;
    }
  g_ascii_formatd (end, sizeof end, "%.3f", (start_ms + g_rand_int_range (rand, 0, 9000)) / 1000.0);
  g_string_append_printf (out, ",\"start_time\":%s,\"end_time\":%s", start, end);
}

/* Segments of a few services that call each other through subsegments, some of them inferred, lost
 * or linked. */
static FluoTrace *
random_trace (GRand *rand)
{
  static const char *const calls[] = {
    "\"name\":\"s1\",\"namespace\":\"remote\"", "\"name\":\"other.example.com\","
      "\"namespace\":\"remote\"",
    "\"name\":\"DynamoDB\",\"namespace\":\"aws\",\"aws\":{\"operation\":\"Query\","
      "\"table_name\":\"t1\"}",
    "\"name\":\"Lambda\",\"namespace\":\"aws\",\"aws\":{\"operation\":\"Invoke\","
      "\"function_name\":\"s2\"}",
    "\"name\":\"db@h\",\"namespace\":\"remote\",\"sql\":{\"url\":\"x\"}", "\"name\":\"local\"",
  };
  static const char *const origins[] = { "", "", ",\"origin\":\"AWS::Lambda\"",
                                         ",\"origin\":\"AWS::EC2::Instance\"" };
  g_autoptr(FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  guint n = g_rand_int_range (rand, 1, 7), next = 1;
  gint64 now_ms = 1700000000000 + g_rand_int_range (rand, 0, 90000);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GString) text = g_string_new ("{\"trace_id\":\"" TRACE "\"");
      g_autoptr(GBytes) bytes = NULL;
      guint n_calls = g_rand_int_range (rand, 0, 4);
      guint parent = next > 1 ? g_rand_int_range (rand, 0, next + 2) : 0;

      g_string_append_printf (text, ",\"id\":\"%016x\",\"name\":\"s%d\"", next++,
                              g_rand_int_range (rand, 0, 4));
      if (parent > 0)
        g_string_append_printf (text, ",\"parent_id\":\"%016x\"", parent);
      append_times (text, rand, now_ms);
      append_flags (text, rand);
      g_string_append (text, origins[g_rand_int_range (rand, 0, G_N_ELEMENTS (origins))]);
      if (g_rand_int_range (rand, 0, 6) == 0)
        g_string_append_printf (text, ",\"links\":[{\"trace_id\":\"" TRACE "\",\"id\":\"%016x\"}]",
                                g_rand_int_range (rand, 1, 20));
      g_string_append (text, ",\"subsegments\":[");
      for (guint k = 0; k < n_calls; k++)
        {
          g_string_append_printf (text, "%s{\"id\":\"%016x\",%s", k > 0 ? "," : "", next++,
                                  calls[g_rand_int_range (rand, 0, G_N_ELEMENTS (calls))]);
          append_times (text, rand, now_ms + 10);
          append_flags (text, rand);
          g_string_append_c (text, '}');
        }
      g_string_append (text, "]}");
      bytes = g_bytes_new (text->str, text->len);
      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static void
test_subtract (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (11);

  for (guint round = 0; round < 60; round++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new (),
                                   kept = fluo_service_graph_new ();
      g_autoptr (GPtrArray) traces =
        g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_unref);
      g_autofree char *expected = NULL;

      for (guint i = 0; i < 20; i++)
        g_ptr_array_add (traces, random_trace (rand));
      for (guint i = 0; i < traces->len; i++)
        {
          fluo_service_graph_add_trace (graph, g_ptr_array_index (traces, i), 1);
          if (i % 2 == 1)
            fluo_service_graph_add_trace (kept, g_ptr_array_index (traces, i), 1);
        }
      /* In another order, and with a look at the store between. */
      for (guint i = traces->len - 2; i < traces->len; i -= 2)
        {
          g_autoptr(GBytes) bytes = NULL;

          fluo_service_graph_add_trace (graph, g_ptr_array_index (traces, i), -1);
          if (i == 8)
            {
              fluo_service_graph_prune (graph);
              bytes = fluo_service_graph_to_bytes (graph);
              fluo_service_graph_unref (graph);
              graph = fluo_service_graph_from_bytes (bytes, NULL);
              g_assert_nonnull (graph);
            }
        }
      fluo_service_graph_prune (graph);
      fluo_service_graph_prune (kept);
      for (guint i = 0; i < graph->nodes->len; i++)
        {
          /* What was once seen answering stays a real service, and an alias stays known: nothing
           * else may differ. */
          FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
          guint other = fluo_service_graph_find (kept, node->name, node->type);

          g_assert_cmpuint (other, !=, G_MAXUINT);
          node->inferred = ((FluoGraphNode *) g_ptr_array_index (kept->nodes, other))->inferred;
          node->root = ((FluoGraphNode *) g_ptr_array_index (kept->nodes, other))->root;
        }
      for (guint pass = 0; pass < 2; pass++)
        {
          GPtrArray *edges = pass == 0 ? graph->edges : kept->edges;

          for (guint i = 0; i < edges->len; i++)
            g_clear_pointer (&((FluoGraphEdge *) g_ptr_array_index (edges, i))->alias, g_free);
        }
      expected = describe (kept);
      assert_graph (graph, expected);
      for (guint i = 1; i < traces->len; i += 2)
        fluo_service_graph_add_trace (graph, g_ptr_array_index (traces, i), -1);
      fluo_service_graph_prune (graph);
      assert_graph (graph, "");
      g_assert_cmpint (graph->span.begin_ns, ==, 0);
    }
}

static void
test_merge_order (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (5);

  for (guint round = 0; round < 40; round++)
    {
      g_autoptr(FluoServiceGraph) a = fluo_service_graph_new (), b = fluo_service_graph_new ();
      g_autoptr(FluoServiceGraph) ab = fluo_service_graph_new (), ba = fluo_service_graph_new ();
      g_autoptr(FluoServiceGraph) all = fluo_service_graph_new ();
      g_autofree char *expected = NULL;

      for (guint i = 0; i < 12; i++)
        {
          g_autoptr(FluoTrace) trace = random_trace (rand);

          fluo_service_graph_add_trace (i % 2 == 0 ? a : b, trace, 1);
          fluo_service_graph_add_trace (all, trace, 1);
        }
      fluo_service_graph_merge (ab, a);
      fluo_service_graph_merge (ab, b);
      fluo_service_graph_merge (ba, b);
      fluo_service_graph_merge (ba, a);
      expected = describe (all);
      assert_graph (ab, expected);
      assert_graph (ba, expected);
      g_assert_true (fluo_time_span_equal (ab->span, all->span));
    }
}

/* --- Stored form ---------------------------------------------------------- */

static FluoServiceGraph *
random_graph (guint seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  FluoServiceGraph *graph = fluo_service_graph_new ();

  for (guint i = 0; i < 30; i++)
    {
      g_autoptr(FluoTrace) trace = random_trace (rand);

      fluo_service_graph_add_trace (graph, trace, 1);
    }
  fluo_service_graph_prune (graph);
  return graph;
}

static void
test_bytes (void)
{
  g_autoptr (FluoServiceGraph) graph = random_graph (1), empty = fluo_service_graph_new (),
                               read = NULL, none = NULL;
  g_autoptr(GBytes) bytes = fluo_service_graph_to_bytes (graph), again = NULL, nothing = NULL;
  g_autofree char *expected = describe (graph);
  g_autoptr(GError) error = NULL;

  read = fluo_service_graph_from_bytes (bytes, &error);
  g_assert_no_error (error);
  assert_graph (read, expected);
  g_assert_true (fluo_time_span_equal (read->span, graph->span));
  again = fluo_service_graph_to_bytes (read);
  g_assert_true (g_bytes_equal (bytes, again));
  nothing = fluo_service_graph_to_bytes (empty);
  none = fluo_service_graph_from_bytes (nothing, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->nodes->len, ==, 0);
}

static guint32
crc32_of (const guint8 *data, gsize size)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < size; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc & 1 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
    }
  return GUINT32_TO_LE (~crc);
}

static void
test_damaged_bytes (void)
{
  g_autoptr(FluoServiceGraph) graph = random_graph (2);
  g_autoptr(GBytes) bytes = fluo_service_graph_to_bytes (graph);
  g_autoptr(GRand) rand = g_rand_new_with_seed (9);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize length = 0; length < size; length++)
    {
      g_autoptr(GBytes) cut = g_bytes_new (data, length);
      g_autoptr(GError) error = NULL;

      g_assert_null (fluo_service_graph_from_bytes (cut, &error));
      g_assert_error (error, FLUO_GRAPH_ERROR, FLUO_GRAPH_ERROR_DAMAGED);
    }
  for (gsize bit = 0; bit < size * 8; bit++)
    {
      guint8 *copy = g_memdup2 (data, size);
      g_autoptr(GBytes) flipped = NULL;

      copy[bit / 8] ^= 1 << bit % 8;
      flipped = g_bytes_new_take (copy, size);
      g_assert_null (fluo_service_graph_from_bytes (flipped, NULL));
    }
  /* With the check sum put right, the reader itself is what stands between damage and the
   * program. */
  for (guint round = 0; round < 20000; round++)
    {
      gsize length =
        g_rand_int_range (rand, 0, 3) == 0 ? (gsize) g_rand_int_range (rand, 8, size + 1) : size;
      guint8 *copy = g_memdup2 (data, length);
      g_autoptr(GBytes) changed = NULL;
      g_autoptr(FluoServiceGraph) read = NULL;
      guint32 crc;

      for (guint i = g_rand_int_range (rand, 0, 4); i > 0; i--)
        copy[g_rand_int_range (rand, 4, length)] = g_rand_int_range (rand, 0, 256);
      crc = crc32_of (copy, length - 4);
      memcpy (copy + length - 4, &crc, 4);
      changed = g_bytes_new_take (copy, length);
      read = fluo_service_graph_from_bytes (changed, NULL);
      if (read != NULL)
        {
          g_autofree char *text = describe (read);
          g_autoptr(FluoServiceGraph) folded = fluo_service_graph_fold (read);

          fluo_service_graph_merge (folded, read);
          fluo_service_graph_prune (folded);
          g_assert_nonnull (text);
        }
    }
}

/* --- JSON ----------------------------------------------------------------- */

static FluoJsonTape *
tape_of (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;
  FluoJsonTape *tape = fluo_json_tape_new (bytes, &error);

  g_assert_no_error (error);
  return tape;
}

static char *
write_graph (const FluoServiceGraph *graph, gboolean times)
{
  GString *out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_service_graph_write (graph, &writer, times);
  return g_string_free (out, FALSE);
}

static void
test_write (void)
{
  g_autoptr(FluoServiceGraph) graph = graph_from (trace_from (
    SEGMENT ("01", "", "web", "1700000000.25", END ("1700000002.25"), ""), NULL));
  g_autofree char *text = write_graph (graph, TRUE);

  g_assert_cmpstr (text, ==,
    "[{\"AccountId\":null,\"DurationHistogram\":[{\"Count\":1,\"Value\":2}],\"Edges\":[],"
      "\"EndTime\":1700000001,\"HostedIn\":{},"
    "\"KeyAttributes\":{},\"Name\":\"web\",\"Names\":[\"web\"],\"ReferenceId\":0,\"Region\":null,"
    "\"ResponseTimeHistogram\":[{\"Count\":1,\"Value\":2}],\"Root\":true,"
      "\"StartTime\":1700000000,\"State\":\"active\","
    "\"SummaryStatistics\":{\"ErrorStatistics\":{\"OtherCount\":0,\"ThrottleCount\":0,"
      "\"TotalCount\":0},"
    "\"FaultStatistics\":{\"OtherCount\":0,\"TotalCount\":0},\"OkCount\":1,\"TotalCount\":1,"
      "\"TotalResponseTime\":2},"
    "\"Type\":null},"
    "{\"AccountId\":null,\"DurationHistogram\":null,\"Edges\":[{\"Aliases\":[],"
      "\"EndTime\":1700000001,\"ReferenceId\":0,"
    "\"ResponseTimeHistogram\":[{\"Count\":1,\"Value\":2}],\"StartTime\":1700000000,"
    "\"SummaryStatistics\":{\"ErrorStatistics\":{\"OtherCount\":0,\"ThrottleCount\":0,"
      "\"TotalCount\":0},"
    "\"FaultStatistics\":{\"OtherCount\":0,\"TotalCount\":0},\"OkCount\":1,\"TotalCount\":1,"
      "\"TotalResponseTime\":2}}],"
    "\"EndTime\":1700000001,\"HostedIn\":{},\"KeyAttributes\":{},\"Name\":\"web\","
      "\"Names\":[\"web\"],\"ReferenceId\":1,"
    "\"Region\":null,\"ResponseTimeHistogram\":null,\"Root\":null,\"StartTime\":1700000000,"
      "\"State\":\"unknown\","
    "\"SummaryStatistics\":null,\"Type\":\"client\"}]");
}

/* The service model as the client library reads it. */
typedef struct
{
  FluoJsonTape *model;
  guint32       shapes;
} Model;

static void
check_shape (const Model *model, const char *shape, const FluoJsonTape *tape, guint32 node)
{
  guint32 definition = fluo_json_tape_get (model->model, model->shapes, shape);
  g_autofree char *type =
    fluo_json_tape_dup (model->model, fluo_json_tape_get (model->model, definition, "type"));
  FluoJsonToken token = fluo_json_tape_type (tape, node);

  if (token == FLUO_JSON_NULL)
    return;
  if (strcmp (type, "structure") == 0)
    {
      guint32 members = fluo_json_tape_get (model->model, definition, "members");
      g_autofree char *last = g_strdup ("");

      g_assert_cmpint (token, ==, FLUO_JSON_OBJECT_BEGIN);
      for (guint32 v = fluo_json_tape_first (tape, node); v != FLUO_JSON_NONE;
           v = fluo_json_tape_next (tape, node, v))
        {
          g_autofree char *key = fluo_json_tape_dup_key (tape, v);
          guint32 member = fluo_json_tape_get (model->model, members, key);
          g_autofree char *target = NULL;

          g_assert_cmpint (strcmp (last, key), <, 0);
          g_free (last);
          last = g_strdup (key);
          /* The service itself sends these, though the model does not know them. */
          if (strcmp (key, "HostedIn") == 0 || strcmp (key, "KeyAttributes") == 0 ||
              strcmp (key, "Region") == 0)
            continue;
          if (member == FLUO_JSON_NONE)
            g_error ("%s has no member %s", shape, key);
          target =
            fluo_json_tape_dup (model->model, fluo_json_tape_get (model->model, member, "shape"));
          check_shape (model, target, tape, v);
        }
    }
  else if (strcmp (type, "list") == 0)
    {
      guint32 member = fluo_json_tape_get (model->model, definition, "member");
      g_autofree char *target =
        fluo_json_tape_dup (model->model, fluo_json_tape_get (model->model, member, "shape"));

      g_assert_cmpint (token, ==, FLUO_JSON_ARRAY_BEGIN);
      for (guint32 v = fluo_json_tape_first (tape, node); v != FLUO_JSON_NONE;
           v = fluo_json_tape_next (tape, node, v))
        check_shape (model, target, tape, v);
    }
  else if (strcmp (type, "string") == 0)
    g_assert_cmpint (token, ==, FLUO_JSON_STRING);
  else if (strcmp (type, "boolean") == 0)
    g_assert_true (token == FLUO_JSON_TRUE || token == FLUO_JSON_FALSE);
  else
    g_assert_cmpint (token, ==, FLUO_JSON_NUMBER);
}

static void
test_write_model (void)
{
  g_autofree char *path = fluo_test_data ("model/xray-service-2.json");
  g_autofree char *source = fluo_test_read (path, NULL);
  g_autoptr(FluoServiceGraph) graph = random_graph (4);
  g_autofree char *text = write_graph (graph, TRUE), *without = write_graph (graph, FALSE);
  g_autoptr(FluoJsonTape) tape = tape_of (text), model_tape = tape_of (source);
  Model model = { model_tape, fluo_json_tape_get (model_tape, 0, "shapes") };

  g_assert_cmpuint (fluo_json_tape_count (tape, 0), ==, graph->nodes->len);
  check_shape (&model, "ServiceList", tape, 0);
  g_assert_nonnull (strstr (text, "\"EdgeType\":\"link\""));
  g_assert_nonnull (strstr (text, "\"Root\":null"));
  g_assert_null (strstr (text, "\"Root\":false"));
  g_assert_nonnull (strstr (without, "\"EndTime\":null"));
  g_assert_null (strstr (without, "\"EndTime\":1"));
}

static void
test_read_back (void)
{
  for (guint seed = 20; seed < 30; seed++)
    {
      g_autoptr(FluoServiceGraph) graph = random_graph (seed), read = fluo_service_graph_new ();
      g_autofree char *text = write_graph (graph, TRUE), *expected = describe (graph);
      g_autoptr(FluoJsonTape) tape = tape_of (text);
      g_autoptr(GError) error = NULL;

      fluo_service_graph_read (read, tape, 0, &error);
      g_assert_no_error (error);
      assert_graph (read, expected);
      g_assert_true (fluo_time_span_equal (read->span, graph->span));
    }
}

/* Two pages whose ReferenceIds mean different things, members absent, unknown or of the wrong
 * type. */
static void
test_read_tolerant (void)
{
  g_autoptr(FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr(FluoJsonTape) first = tape_of (
    "[{\"Name\":\"web\",\"ReferenceId\":7,\"State\":\"active\",\"Root\":true,\"StartTime\":1.7E9,"
      "\"EndTime\":1.700000010E9,"
    "\"SummaryStatistics\":{\"OkCount\":2,\"TotalCount\":2,\"TotalResponseTime\":3.5},"
    "\"ResponseTimeHistogram\":[{\"Value\":1.0,\"Count\":2}],\"New\":[{}],"
    "\"Edges\":[{\"ReferenceId\":0,\"SummaryStatistics\":{\"OkCount\":1,"
      "\"FaultStatistics\":{\"TotalCount\":1}}},"
    "{\"ReferenceId\":99},{},null,{\"ReferenceId\":-1}]},"
    "{\"Name\":\"db\",\"Type\":\"Database::SQL\",\"ReferenceId\":0,\"State\":\"unknown\","
      "\"Edges\":null},"
    "{\"Name\":5,\"Names\":[\"named\"],\"Edges\":3,\"SummaryStatistics\":{\"OkCount\":-4}},7,"
      "null]");
  g_autoptr(FluoJsonTape) second = tape_of (
    "[{\"Name\":\"db\",\"Type\":\"Database::SQL\",\"ReferenceId\":1},{\"Name\":\"web\","
      "\"ReferenceId\":0,"
    "\"SummaryStatistics\":{\"ErrorStatistics\":{\"ThrottleCount\":1,\"OtherCount\":2,"
      "\"TotalCount\":3},\"TotalResponseTime\":1.25},"
    "\"Edges\":[{\"ReferenceId\":1,\"SummaryStatistics\":{\"OkCount\":5}}]}]");
  g_autoptr(FluoJsonTape) wrong = tape_of ("{\"Services\":{}}");
  g_autoptr(GError) error = NULL;

  g_assert_true (fluo_service_graph_read (graph, first, 0, NULL));
  g_assert_true (fluo_service_graph_read (graph, second, 0, NULL));
  assert_graph (graph,
                "db|Database::SQL inferred 0/0/0/0 n=0 0ms\n"
                "named|- inferred 0/0/0/0 n=0 0ms\n"
                "web|- -> db|Database::SQL 6/0/0/1 n=0 0ms\n"
                "web|- root 2/2/1/0 n=2 4750ms");
  g_assert_cmpint (graph->span.begin_ns, ==, 1700000000 * FLUO_NSEC_PER_SEC);
  g_assert_cmpint (graph->span.end_ns, ==, 1700000010 * FLUO_NSEC_PER_SEC);
  g_assert_false (
    fluo_service_graph_read (graph, wrong, fluo_json_tape_get (wrong, 0, "Services"), &error));
  g_assert_error (error, FLUO_GRAPH_ERROR, FLUO_GRAPH_ERROR_SHAPE);
}

/* --- What real SDKs sent -------------------------------------------------- */

static void
test_sdk_documents (gconstpointer name)
{
  g_autofree char *path = fluo_test_data (name);
  g_autofree char *source = fluo_test_read (path, NULL);
  g_auto(GStrv) lines = g_strsplit (source, "\n", -1);
  g_autoptr(FluoTraceBuilder) builder = NULL;
  g_autoptr(FluoServiceGraph) graph = fluo_service_graph_new (), read = fluo_service_graph_new ();
  g_autofree char *text = NULL, *expected = NULL;
  g_autoptr(FluoJsonTape) answer = NULL;
  guint n = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(FluoTraceBuilder) single = NULL;
      g_autoptr(FluoTrace) trace = NULL;
      g_autoptr(FluoJsonTape) tape = NULL;
      g_autoptr(GBytes) bytes = NULL;
      char *document;

      if (*lines[i] == '\0')
        continue;
      tape = tape_of (lines[i]);
      document = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, 0, "document"));
      g_assert_nonnull (document);
      bytes = g_bytes_new_take (document, strlen (document));
      single = fluo_trace_builder_new (NULL);
      if (!fluo_trace_builder_add (single, bytes, NULL))
        continue;
      trace = fluo_trace_builder_end (g_steal_pointer (&single), 0);
      if (trace == NULL)
        continue;
      fluo_service_graph_add_trace (graph, trace, 1);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
  fluo_service_graph_prune (graph);
  g_assert_cmpuint (graph->nodes->len, >, 0);
  text = write_graph (graph, TRUE);
  answer = tape_of (text);
  g_assert_true (fluo_service_graph_read (read, answer, 0, NULL));
  expected = describe (graph);
  assert_graph (read, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-graph/recorded", test_recorded);
  g_test_add_func ("/service-graph/identity", test_identity);
  g_test_add_func ("/service-graph/orphan", test_orphan);
  g_test_add_func ("/service-graph/in-progress", test_in_progress);
  g_test_add_func ("/service-graph/self-edge", test_self_edge);
  g_test_add_func ("/service-graph/lambda-and-fold", test_lambda_and_fold);
  g_test_add_func ("/service-graph/queue", test_queue);
  g_test_add_func ("/service-graph/link-inside", test_link_inside);
  g_test_add_func ("/service-graph/rates", test_rates);
  g_test_add_func ("/service-graph/subtract", test_subtract);
  g_test_add_func ("/service-graph/merge-order", test_merge_order);
  g_test_add_func ("/service-graph/bytes", test_bytes);
  g_test_add_func ("/service-graph/damaged-bytes", test_damaged_bytes);
  g_test_add_func ("/service-graph/write", test_write);
  g_test_add_func ("/service-graph/write-model", test_write_model);
  g_test_add_func ("/service-graph/read-back", test_read_back);
  g_test_add_func ("/service-graph/read-tolerant", test_read_tolerant);
  g_test_add_data_func ("/service-graph/sdk-node", "segments/sdk-node.jsonl", test_sdk_documents);
  g_test_add_data_func ("/service-graph/sdk-python", "segments/sdk-python.jsonl",
                        test_sdk_documents);
  return g_test_run ();
}

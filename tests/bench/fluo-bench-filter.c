/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <string.h>

#include "filter/fluo-filter-complete.h"
#include "filter/fluo-filter-edit.h"
#include "filter/fluo-filter-explain.h"
#include "filter/fluo-filter.h"

/* Blocks as a store keeps them: 1,024 traces of five segments and three calls that nobody
 * answers. */
#define TRACES 1024
#define SEGMENTS 5
/* What the work may take or must reach. */
#define PARSE_US 50.0
#define COMPLETE_MS 10.0
#define SUMMARIES_M 1.0

/* Seconds of this thread: nothing here waits for anybody, and what other programs do meanwhile is
 * not part of it. */
static double
now (void)
{
  return fluo_bench_work_ms () / 1e3;
}

static char *
make_segment (guint trace, guint i)
{
  GString *out = g_string_new (NULL);
  guint id = i * 16 + 1;

  g_string_append_printf (out,
                          "{\"trace_id\":\"1-5f84c7a5-%024x\",\"id\":\"%016x\",\"name\":"
                          "\"service-%u\",\"start_time\":1600000%03u.%03u,\"end_time\":"
                          "1600000%03u.%03u,\"origin\":\"AWS::ECS::Container\",",
                          trace, id, i, trace % 1000, i * 10, trace % 1000, 900 - i * 10);
  if (i > 0)
    g_string_append_printf (out, "\"parent_id\":\"%016x\",", id - 15);
  if (trace % 50 == 0 && i > 2)
    g_string_append (out, "\"fault\":true,\"cause\":{\"exceptions\":[{\"id\":\"00000000000000ff\","
                          "\"type\":\"TimeoutError\",\"message\":\"No answer\"}]},");
  g_string_append_printf (
    out,
    "\"user\":\"user-%u\",\"http\":{\"request\":{\"method\":\"POST\",\"url\":"
    "\"https://service-%u.example.com/orders/%u\",\"user_agent\":\"bench/1\"},"
    "\"response\":{\"status\":%u}},\"annotations\":{\"tier\":\"%s\",\"order\":"
    "%u},\"metadata\":{\"default\":{\"note\":\"some text that nobody asks for"
    "\"}},\"subsegments\":[",
    trace % 97, i, trace, trace % 50 ? 200 : 500, trace % 3 ? "gold" : "silver", trace);
  g_string_append_printf (
    out,
    "{\"id\":\"%016x\",\"name\":\"service-%u\",\"start_time\":1600000%03u.%03u,"
    "\"end_time\":1600000%03u.%03u,\"namespace\":\"remote\"}",
    id + 1, i + 1, trace % 1000, i * 10 + 5, trace % 1000, 895 - i * 10);
  if (i % 2 == 0)
    g_string_append_printf (
      out,
      ",{\"id\":\"%016x\",\"name\":\"DynamoDB\",\"namespace\":\"aws\",\"aws\":"
      "{\"operation\":\"GetItem\",\"table_name\":\"table-%u\"},\"start_time\":"
      "1600000%03u.1,\"end_time\":1600000%03u.2}",
      id + 2, i, trace % 1000, trace % 1000);
  g_string_append (out, "]}");
  return g_string_free (out, FALSE);
}

static FluoTrace *
make_trace (guint trace)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);

  for (guint i = 0; i < SEGMENTS; i++)
    {
      char *text = make_segment (trace, i);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      g_assert_true (fluo_trace_builder_add (builder, bytes, NULL));
    }
  return fluo_trace_builder_end (g_steal_pointer (&builder), 0);
}

static FluoFactsBlock *
make_block (void)
{
  g_autofree FluoTraceFacts *facts = g_new (FluoTraceFacts, TRACES);
  g_autoptr (GPtrArray) blocks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_facts_block_unref);

  for (guint i = 0; i < TRACES; i++)
    {
      g_autoptr (FluoTrace) trace = make_trace (i);
      FluoFactsBlock *block = fluo_facts_block_from_trace (trace);

      g_ptr_array_add (blocks, block);
      fluo_facts_block_get (block, 0, &facts[i]);
    }
  return fluo_facts_block_merge (facts, TRACES);
}

/* --- Facts ----------------------------------------------------------------- */

static double
facts_of_traces (gpointer data)
{
  FluoTrace *trace = data;
  double since = now ();

  for (guint i = 0; i < 200; i++)
    fluo_facts_block_unref (fluo_facts_block_from_trace (trace));
  return (now () - since) / 200 * 1e6;
}

static double
decode (gpointer data)
{
  double since = now ();

  for (guint i = 0; i < 20; i++)
    {
      FluoFactsBlock *block = fluo_facts_block_from_bytes (data, NULL);

      g_assert_nonnull (block);
      fluo_facts_block_unref (block);
    }
  return (now () - since) / 20 / TRACES * 1e9;
}

static double
copy (gpointer data)
{
  gsize size;
  const void *bytes = g_bytes_get_data (data, &size);
  double since = now ();

  for (guint i = 0; i < 20; i++)
    {
      char *twin = g_memdup2 (bytes, size);

      /* So that the copy is really made. */
      g_assert_true (twin[size / 2] == ((const char *) bytes)[size / 2]);
      g_free (twin);
    }
  return (now () - since) / 20 / TRACES * 1e9;
}

static void
add_term (guint64 term, gpointer data)
{
  *(guint64 *) data ^= term;
}

static double
terms (gpointer data)
{
  double since = now ();
  guint64 all = 0;

  for (guint i = 0; i < TRACES; i++)
    {
      FluoTraceFacts facts;

      fluo_facts_block_get (data, i, &facts);
      fluo_trace_facts_each_term (&facts, add_term, &all);
    }
  g_assert_true (all != 1);
  return (now () - since) / TRACES * 1e9;
}

/* --- Filters --------------------------------------------------------------- */

static const char expression[] =
  "service(\"service-2\") { fault = true OR responsetime > 2.5 } AND annotation.tier = \"gold\" "
  "AND "
  "http.url CONTAINS \"/orders/\" AND (duration >= 0.5 OR http.status != 200) AND !partial AND "
  "user BEGINSWITH \"us\"";

static double
parse (gpointer data)
{
  double since = now ();

  for (guint i = 0; i < 1000; i++)
    {
      FluoFilter *filter = fluo_filter_new (data, -1, NULL, NULL);

      g_assert_nonnull (filter);
      fluo_filter_unref (filter);
    }
  return (now () - since) / 1000 * 1e6;
}

typedef struct
{
  FluoFactsBlock *block;
  FluoFilter     *filter;
} Asking;

/* A matcher of its own each time, as for each block that a store reads. */
static double
evaluate (gpointer data)
{
  const Asking *self = data;
  double since = now ();
  guint found = 0;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (FluoFilterMatcher) matcher = fluo_filter_matcher_new (self->filter, self->block);

      for (guint k = 0; k < TRACES; k++)
        found += fluo_filter_matcher_matches (matcher, k);
    }
  g_assert_cmpuint (found, <=, 20 * TRACES);
  return 20 * TRACES / (now () - since) / 1e6;
}

static void
bench_evaluate (FluoBench *bench, FluoFactsBlock *block, const char *name, const char *text)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, NULL);
  Asking asking = { block, filter };

  g_assert_nonnull (filter);
  fluo_bench_run (bench, name, "M traces/s", evaluate, &asking);
}

/* --- Writing --------------------------------------------------------------- */

#define SUMMARIES 100000

/* As a list of 100,000 has them: few names, many orders and addresses. */
static GPtrArray *
make_summaries (void)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);

  for (guint i = 0; i < SUMMARIES; i++)
    {
      g_autofree char *json = g_strdup_printf (
        "{\"Id\":\"1-5f84c7a5-%024x\",\"Duration\":%u.5,\"ResponseTime\":%u.25,\"HasFault\":%s,"
        "\"HasError\":false,\"HasThrottle\":false,\"IsPartial\":false,\"Http\":{\"HttpURL\":"
        "\"https://shop.example.com/orders/%u\",\"HttpStatus\":%u,\"HttpMethod\":\"POST\"},"
        "\"Annotations\":{\"tier\":[{\"AnnotationValue\":{\"StringValue\":\"%s\"},\"ServiceIds\":[]"
        "}],\"order\":[{\"AnnotationValue\":{\"NumberValue\":%u},\"ServiceIds\":[]}]},\"Users\":[{"
        "\"UserName\":\"user-%u\",\"ServiceIds\":[]}],\"ServiceIds\":[{\"Name\":\"web\",\"Type\":"
        "\"AWS::ECS::Container\"},{\"Name\":\"service-%u\",\"Type\":\"remote\"},{\"Name\":"
        "\"table\",\"Type\":\"AWS::DynamoDB::Table\"}],\"EntryPoint\":{\"Name\":\"web\",\"Type\":"
        "\"AWS::ECS::Container\"}}",
        i, i % 5, i % 3, i % 50 ? "false" : "true", i, i % 50 ? 200 : 500,
        i % 3 ? "gold" : "silver", i, i % 997, i % 40);
      g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
      g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

      g_ptr_array_add (out, fluo_trace_summary_read (tape, 0, NULL));
    }
  return out;
}

typedef struct
{
  GPtrArray            *summaries;
  FluoFilter           *filter;
  FluoFilterVocabulary *vocabulary;
  const char           *text;
} Writing;

static double
match_summaries (gpointer data)
{
  const Writing *self = data;
  double since = now ();
  guint found = 0;

  for (guint i = 0; i < self->summaries->len; i++)
    found += fluo_filter_matches_summary (self->filter, self->summaries->pdata[i]) ==
             FLUO_FILTER_YES;
  g_assert_cmpuint (found, <=, self->summaries->len);
  return self->summaries->len / (now () - since) / 1e6;
}

static double
collect (gpointer data)
{
  const Writing *self = data;
  double since = now ();

  fluo_filter_vocabulary_unref (fluo_filter_vocabulary_new_from_summaries (self->summaries, NULL));
  return (now () - since) * 1e3;
}

static double
complete (gpointer data)
{
  const Writing *self = data;
  double since = now ();

  for (guint i = 0; i < 20; i++)
    fluo_filter_completion_free (fluo_filter_complete (self->text, -1, (guint) strlen (self->text),
                                                       self->vocabulary, 20));
  return (now () - since) / 20 * 1e3;
}

static double
explain (gpointer data)
{
  const Writing *self = data;
  double since = now ();

  for (guint i = 0; i < 1000; i++)
    fluo_sentence_free (fluo_filter_explain (self->filter));
  return (now () - since) / 1000 * 1e6;
}

static double
check (gpointer data)
{
  const Writing *self = data;
  double since = now ();

  for (guint i = 0; i < 1000; i++)
    fluo_filter_document_free (fluo_filter_document_new (self->text, -1, self->vocabulary));
  return (now () - since) / 1000 * 1e6;
}

static void
bench_writing (FluoBench *bench)
{
  static const struct { const char *name, *text; } places[] = {
    { "filter/complete-keyword", "fault AND re" },
    { "filter/complete-annotation-value", "annotation.order = 77" },
    { "filter/complete-url", "http.url = \"shop" },
    { "filter/complete-value-first", "fault AND 7777" },
  };
  g_autoptr (GPtrArray) summaries = make_summaries ();
  g_autoptr (FluoFilter) filter = fluo_filter_new (
    "service(\"web\") AND annotation.tier = \"gold\" AND http.url CONTAINS \"/orders/\" AND "
    "(duration >= 0.5 OR http.status != 200) AND !partial", -1, NULL, NULL);
  g_autoptr (FluoFilterVocabulary) vocabulary =
    fluo_filter_vocabulary_new_from_summaries (summaries, NULL);
  Writing writing = { summaries, filter, vocabulary, expression };

  fluo_bench_run_vs (bench, "filter/evaluate-summaries", "M summaries/s", match_summaries, &writing,
                     SUMMARIES_M, "what is wanted");
  fluo_bench_run (bench, "filter/vocabulary-of-100000", "ms", collect, &writing);
  fluo_bench_run_vs (bench, "filter/check-203-characters", "us", check, &writing, PARSE_US,
                     "what it may take");
  fluo_bench_run (bench, "filter/explain", "us", explain, &writing);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      writing.text = places[i].text;
      fluo_bench_run_vs (bench, places[i].name, "ms", complete, &writing, COMPLETE_MS,
                         "what it may take");
    }
}

void
fluo_bench_filter (FluoBench *bench)
{
  g_autoptr (FluoTrace) trace = make_trace (1);
  g_autoptr (FluoFactsBlock) block = make_block ();
  g_autoptr (GBytes) bytes = fluo_facts_block_to_bytes (block);
  double size = (double) fluo_facts_block_get_size (block) / TRACES;
  double packed = (double) g_bytes_get_size (bytes) / TRACES, base;

  fluo_bench_run (bench, "filter/facts-of-a-trace", "us", facts_of_traces, trace);
  fluo_bench_figure (bench, "filter/facts-memory", "bytes/trace", &size, 1, 0, NULL);
  fluo_bench_figure (bench, "filter/facts-bytes", "bytes/trace", &packed, 1, size, "memory");
  base = fluo_bench_run (bench, "filter/facts-copy", "ns/trace", copy, bytes);
  base = fluo_bench_run_vs (bench, "filter/facts-decode", "ns/trace", decode, bytes, base,
                     "copying the bytes");
  fluo_bench_figure (bench, "filter/facts-decode-target", "ns/trace", &base, 1, 300,
                     "a target of 300 ns");
  fluo_bench_run (bench, "filter/facts-terms", "ns/trace", terms, block);
  fluo_bench_run_vs (bench, "filter/parse-203-characters", "us", parse, (gpointer) expression,
                     PARSE_US, "what it may take");
  bench_evaluate (bench, block, "filter/evaluate-typical", expression);
  bench_evaluate (bench, block, "filter/evaluate-root", "fault OR responsetime > 2.5");
  bench_evaluate (bench, block, "filter/evaluate-annotation", "annotation.order = 512");
  bench_evaluate (bench, block, "filter/evaluate-edge",
                  "edge(\"service-1\", \"service-2\") { fault }");
  bench_writing (bench);
}

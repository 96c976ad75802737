/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench-documents.h"

#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "local/store/fluo-condition-counts.h"
#include "local/store/fluo-fold.h"
#include "local/store/fluo-lexicon.h"
#include "local/store/fluo-linked.h"
#include "local/store/fluo-query.h"
#include "local/store/fluo-rollup.h"
#include "local/store/fluo-stored-trace.h"
#include "local/store/fluo-writer.h"

/* The collector's store: what it takes in, what questions cost, with 100,000 traces (store) and
 * with a million (store-1m). Five segments of some 1.5 KB a trace, over 24 hours. */

#define N_JOB 50
#define N_CLIENTS 4
#define N_MEASURED_TRACES 40000

typedef struct
{
  char *dir;
  FluoStore *store;
  FluoCounters *counters;
  FluoWriter *writer;
  guint n_traces;
  gboolean random_ids;
  guint64 bytes; /* of JSON */
} Bench;

/* --- Taking in --- */

typedef struct
{
  Bench *bench;
  FluoBenchPlan plan;
  guint client;
  GMutex lock;
  GCond answered;
  gboolean is_answered;
} Client;

static void
job_done (FluoWriteJob *job, const GError *error)
{
  Client *client = job->user_data;

  g_assert_no_error (error);
  fluo_write_job_free (job);
  g_mutex_lock (&client->lock);
  client->is_answered = TRUE;
  g_cond_signal (&client->answered);
  g_mutex_unlock (&client->lock);
}

/* What a client of the HTTP address brings: scanned, filed, and waited for. */
static void
send_job (Client *client, GPtrArray *texts)
{
  FluoWriteJob *job = fluo_write_job_new ();

  for (guint i = 0; i < texts->len; i++)
    {
      char *text = g_strdup (texts->pdata[i]);
      gsize length = strlen (text);
      g_autoptr (GBytes) body = g_bytes_new_take (text, length);
      FluoSegmentHead head;

      g_assert_true (fluo_segment_head_parse (text, length, &head, NULL, NULL));
      fluo_write_job_add (job, body, &head);
    }
  job->urgent = TRUE;
  job->done = job_done;
  job->user_data = client;
  client->is_answered = FALSE;
  g_assert_true (fluo_writer_submit (client->bench->writer, job));
  g_mutex_lock (&client->lock);
  while (!client->is_answered)
    g_cond_wait (&client->answered, &client->lock);
  g_mutex_unlock (&client->lock);
}

static gpointer
client_thread (gpointer data)
{
  Client *client = data;
  guint per_job = N_JOB / FLUO_BENCH_N_DOCUMENTS;

  for (guint i = client->client * per_job; i < client->plan.n; i += N_CLIENTS * per_job)
    {
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

      for (guint t = i; t < MIN (i + per_job, client->plan.n); t++)
        for (guint k = 0; k < FLUO_BENCH_N_DOCUMENTS; k++)
          g_ptr_array_add (texts, fluo_bench_document (client->plan.first + t, k, &client->plan));
      send_job (client, texts);
    }
  return NULL;
}

/* Seconds until everything is acknowledged. */
static double
take_in (Bench *bench, const FluoBenchPlan *plan)
{
  Client clients[N_CLIENTS] = { 0 };
  GThread *threads[N_CLIENTS];
  double begin = fluo_bench_now ();

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i].bench = bench;
      clients[i].plan = *plan;
      clients[i].client = i;
      g_mutex_init (&clients[i].lock);
      g_cond_init (&clients[i].answered);
      threads[i] = g_thread_new ("client", client_thread, &clients[i]);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      g_thread_join (threads[i]);
      g_mutex_clear (&clients[i].lock);
      g_cond_clear (&clients[i].answered);
    }
  bench->n_traces += plan->n;
  return fluo_bench_now () - begin;
}

/* --- Memory and disk --- */

static double
resident_mib (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ||
      !(line = strstr (text, "VmRSS:")))
    return 0;
  return g_ascii_strtod (line + 6, NULL) / 1024;
}

static void
open_store (Bench *bench)
{
  FluoWriterLimits limits = { (gint64)365 * 24 * 3600 * FLUO_NSEC_PER_SEC, G_GUINT64_CONSTANT (64)
                                                                               << 30 };
  g_autoptr (GError) error = NULL;

  bench->store = fluo_store_open (bench->dir, &error);
  g_assert_no_error (error);
  bench->writer = fluo_writer_new (bench->store, bench->counters, &limits);
}

static void
close_store (Bench *bench)
{
  g_clear_pointer (&bench->writer, fluo_writer_free);
  g_clear_pointer (&bench->store, fluo_store_free);
}

/* --- Questions --- */

static double
run_filter (Bench *bench, const char *text, gboolean whole)
{
  g_autoptr (FluoFilter) filter = text ? fluo_filter_new (text, -1, NULL, NULL) : NULL;
  double begin = fluo_bench_now ();
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);
  FluoQuery query = {
    FLUO_QUERY_START, { 0, G_MAXINT64 }, filter, 1, 500, 0, G_MAXINT64, G_MAXINT64
  };
  gboolean more = TRUE;

  g_assert_nonnull (reader);
  while (more)
    {
      g_autoptr (GArray) hits = fluo_query_hits_new ();
      guint64 processed;

      g_assert_true (fluo_query_run (reader, &query, hits, &more, &processed, NULL));
      for (guint i = 0; i < hits->len; i++)
        {
          FluoQueryHit *hit = &g_array_index (hits, FluoQueryHit, i);
          g_autoptr (FluoTraceSummary) summary = NULL;
          FluoTraceFacts facts;

          fluo_facts_block_get (hit->facts, hit->index, &facts);
          summary = fluo_trace_summary_from_facts (&facts);
        }
      more = more && whole;
    }
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

static double
first_page (gpointer data)
{
  static guint n;
  g_autofree char *text = g_strdup_printf ("annotation.customer = \"c%u\"", n++ * 977 % 50000);

  return run_filter (data, text, FALSE);
}

static double
any_page (gpointer data)
{
  return run_filter (data, NULL, FALSE);
}

static double
full_evaluation (gpointer data)
{
  return run_filter (data, "responsetime > 10 OR duration > 20", TRUE);
}

static double
graph_6h (gpointer data)
{
  Bench *bench = data;
  double begin = fluo_bench_now ();
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  gint64 first = (FLUO_BENCH_BASE_S + 5 * 3600) / 60 + 17;
  FluoJsonWriter writer;

  g_assert_true (fluo_rollup_sum (reader, 0, first, first + 360, graph, NULL));
  fluo_service_graph_prune (graph);
  fluo_json_writer_init (&writer, out);
  fluo_service_graph_write (graph, &writer, TRUE);
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

static double
batch_get (gpointer data)
{
  static guint n;
  Bench *bench = data;
  FluoBenchPlan plan = { 0, bench->n_traces, bench->n_traces, bench->random_ids };
  double begin = fluo_bench_now ();
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *text = fluo_bench_document (
        (guint) (fluo_bench_mix (n++) % (bench->n_traces - N_MEASURED_TRACES)), 0, &plan);
      g_autoptr (FluoStoredTrace) stored = NULL;
      g_autoptr (GArray) folded = NULL;
      FluoSegmentHead head;

      g_assert_true (fluo_segment_head_parse (text, strlen (text), &head, NULL, NULL));
      stored = fluo_stored_trace_load (reader, &head.trace_id, NULL);
      g_assert_nonnull (stored);
      folded = fluo_fold_documents (stored);
    }
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

/* Questions about everything: without an end after two seconds. */
static const FluoTimeSpan always = { 0, G_MAXINT64 };

static double
count_conditions (Bench *bench, const char *const *texts, guint n)
{
  g_autoptr (FluoConditionCounts) counts = fluo_condition_counts_new ();
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);
  FluoSurveyResult result;
  double begin = fluo_bench_now ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FluoFilter) filter = fluo_filter_new (texts[i], -1, NULL, NULL);

      g_assert_nonnull (filter);
      fluo_condition_counts_add (counts, filter);
    }
  g_assert_true (
    fluo_condition_counts_run (counts, reader, always, G_MAXINT64 / 4, &result, NULL));
  g_assert_cmpuint (result.n_traces, ==, bench->n_traces);
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

static double
counts_everything (gpointer data)
{
  static const char *const texts[] = { "responsetime > 0.1", "fault OR error",
                                       "annotation.customer BEGINSWITH \"c1\"" };

  return count_conditions (data, texts, G_N_ELEMENTS (texts));
}

static double
counts_indexed (gpointer data)
{
  static const char *const texts[] = { "annotation.customer = \"c977\"",
                                       "user = \"nobody at all\"" };

  return count_conditions (data, texts, G_N_ELEMENTS (texts));
}

static void
add_words (const FluoSurveyPart *part, gpointer data)
{
  fluo_lexicon_add (data, part->facts, part->traces, part->n);
}

static double
vocabulary (gpointer data)
{
  Bench *bench = data;
  g_autoptr (FluoLexicon) lexicon = fluo_lexicon_new (NULL, FLUO_LEXICON_VALUES_MAX);
  FluoSurvey survey = { always, G_MAXINT64 / 4, NULL, add_words, lexicon };
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);
  FluoSurveyResult result;
  double begin = fluo_bench_now ();

  g_assert_true (fluo_survey_run (reader, &survey, &result, NULL));
  g_assert_cmpuint (result.n_traces, ==, bench->n_traces);
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

/* Who links to a trace that nobody links to: all blocks have to be ruled out. */
static double
linked_from (gpointer data)
{
  static guint n;
  Bench *bench = data;
  double begin = fluo_bench_now ();
  FluoConnection *reader = fluo_store_acquire_reader (bench->store, NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  guint64 random = fluo_bench_mix (n++);
  FluoTraceId id = { { 0 } };
  gboolean more;

  memcpy (id.bytes, &random, sizeof random);
  g_assert_true (fluo_linked_find_consumers (reader, &id, 100, ids, &more, NULL));
  fluo_store_release_reader (bench->store, reader);
  return (fluo_bench_now () - begin) * 1000;
}

/* --- Sections --- */

static void
figure (FluoBench *out, const char *section, const char *name, const char *unit, double value,
        double base, const char *base_name)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", section, name);

  fluo_bench_figure (out, full, unit, &value, 1, base, base_name);
}

static void
measure_questions (FluoBench *out, const char *section, Bench *bench)
{
  static const struct
  {
    const char *name;
    FluoBenchFunc func;
    double target_ms;
  } questions[] = { { "first-page-indexed", first_page, 30 },
                    { "first-page-all", any_page, 30 },
                    { "service-graph-6h-first", graph_6h, 30 },
                    { "evaluate-everything", full_evaluation, 2000 },
                    { "service-graph-6h", graph_6h, 30 },
                    { "batch-get-5", batch_get, 5 },
                    { "counts-everything", counts_everything, 2000 },
                    { "counts-indexed", counts_indexed, 100 },
                    { "vocabulary", vocabulary, 2000 },
                    { "linked-from", linked_from, 30 } };

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      const char *only = g_getenv ("FLUO_BENCH_ONLY");
      g_autofree char *name = g_strdup_printf ("%s/%s", section, questions[i].name);
      g_autofree char *target = g_strdup_printf ("a target of %g ms", questions[i].target_ms);

      if (!only || g_str_equal (only, questions[i].name))
        fluo_bench_run_vs (out, name, "ms", questions[i].func, bench, questions[i].target_ms,
                           target);
    }
}

/* Takes in @n_traces, of which the first and the last N_MEASURED_TRACES are timed. */
static void
measure (FluoBench *out, const char *section, guint n_traces, gboolean random_ids)
{
  const char *parent = g_getenv ("FLUO_BENCH_DIR");
  Bench bench = { 0 };
  FluoBenchPlan plan = { 0, N_MEASURED_TRACES, n_traces, random_ids };
  guint64 least_bytes;
  double least, making, first, last, begin, json;

  bench.dir = g_strdup_printf ("%s/fluo-bench-store-XXXXXX", parent ? parent : g_get_tmp_dir ());
  g_assert_nonnull (g_mkdtemp_full (bench.dir, 0700));
  bench.counters = fluo_counters_new ();
  bench.random_ids = random_ids;
  least = fluo_bench_least (bench.dir, &plan, &least_bytes, &making);
  json = (double)least_bytes / N_MEASURED_TRACES * n_traces;
  figure (out, section, "least-ingest", "docs/s",
          N_MEASURED_TRACES * FLUO_BENCH_N_DOCUMENTS / least, 0, NULL);
  open_store (&bench);
  first = take_in (&bench, &plan);
  figure (out, section, "ingest-empty", "docs/s",
          N_MEASURED_TRACES * FLUO_BENCH_N_DOCUMENTS / first,
          N_MEASURED_TRACES * FLUO_BENCH_N_DOCUMENTS / least, "least-ingest");
  plan.first = plan.n;
  plan.n = n_traces - 2 * N_MEASURED_TRACES;
  take_in (&bench, &plan);
  plan.first += plan.n;
  plan.n = N_MEASURED_TRACES;
  last = take_in (&bench, &plan);
  figure (out, section, "ingest-filled", "docs/s",
          N_MEASURED_TRACES * FLUO_BENCH_N_DOCUMENTS / last,
          N_MEASURED_TRACES * FLUO_BENCH_N_DOCUMENTS / first, "ingest-empty");
  figure (out, section, "memory-load", "MiB", resident_mib (), 200, "a target of 200 MiB");
  begin = fluo_bench_now ();
  close_store (&bench);
  figure (out, section, "stop", "ms", (fluo_bench_now () - begin) * 1000, 0, NULL);
  begin = fluo_bench_now ();
  open_store (&bench);
  any_page (&bench);
  figure (out, section, "start", "ms", (fluo_bench_now () - begin) * 1000, 300,
          "a target of 300 ms");
  g_assert_cmpuint (fluo_store_get_n_traces (bench.store), ==, n_traces);
  figure (out, section, "disk", "MiB", (double)fluo_store_get_bytes (bench.store) / 1048576,
          json / 1048576, "JSON");
  measure_questions (out, section, &bench);
  figure (out, section, "memory-asked", "MiB", resident_mib (), 0, NULL);
  close_store (&bench);
  fluo_counters_free (bench.counters);
  if (!g_getenv ("FLUO_BENCH_KEEP"))
    {
      g_autofree char *command = g_strdup_printf ("rm -rf '%s'", bench.dir);

      g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
    }
  g_free (bench.dir);
}

/* The questions alone, to a store of a million that an earlier run has left
 * (FLUO_BENCH_KEEP=1): FLUO_BENCH_STORE is its directory. */
void
fluo_bench_store_asked (FluoBench *out)
{
  Bench bench = { 0 };

  bench.dir = g_strdup (g_getenv ("FLUO_BENCH_STORE"));
  if (!bench.dir)
    {
      g_printerr ("store-asked: FLUO_BENCH_STORE must name the directory of a store\n");
      return;
    }
  bench.counters = fluo_counters_new ();
  open_store (&bench);
  bench.n_traces = (guint) fluo_store_get_n_traces (bench.store);
  measure_questions (out, "store-asked", &bench);
  close_store (&bench);
  fluo_counters_free (bench.counters);
  g_free (bench.dir);
}

void
fluo_bench_store (FluoBench *out)
{
  measure (out, "store", 100000, FALSE);
}

void
fluo_bench_store_1m (FluoBench *out)
{
  measure (out, "store-1m", 1000000, FALSE);
}

void
fluo_bench_store_1m_random (FluoBench *out)
{
  measure (out, "store-1m-w3c", 1000000, TRUE);
}

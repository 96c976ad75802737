/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/store/fluo-ingest.h"
#include "local/store/fluo-read-ahead.h"
#include "local/store/fluo-stored-trace.h"
#include "local/store/fluo-survey.h"
#include "fluo-test-util.h"

/* A survey sees every trace of its range once, whatever blocks the index rules out. */

#define N_TRACES 700
#define BEGIN_S 1790000000

typedef struct
{
  char *dir;
  FluoStore *store;
  FluoIngest *ingest;
  gint64 now_ns;
} Fixture;

static void
put (Fixture *fixture, guint trace, guint id)
{
  g_autofree char *json = g_strdup_printf (
    "{\"trace_id\":\"1-6b000000-%024x\",\"id\":\"%016x\",\"name\":\"service-%u\","
    "\"start_time\":%u,\"end_time\":%u.5,\"user\":\"u%u\",\"annotations\":{\"k\":%u}}",
    trace, trace * 16 + id, trace / 100, BEGIN_S + trace, BEGIN_S + trace, trace % 7, trace);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  FluoIngestDocument document = { body };
  FluoIngestDocument *list = &document;
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_segment_head_parse (json, strlen (json), &document.head, NULL, &error));
  fixture->now_ns += FLUO_NSEC_PER_MSEC;
  g_assert_true (fluo_ingest_apply (fixture->ingest, &list, 1, fixture->now_ns, &error));
  g_assert_true (
    fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, fixture->now_ns, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&document.packed, g_bytes_unref);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed;

  fixture->dir = fluo_test_dir_new ();
  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->ingest = fluo_ingest_new (fixture->store);
  fluo_ingest_set_limits (fixture->ingest, 30000, G_MAXINT64);
  fixture->now_ns = BEGIN_S * FLUO_NSEC_PER_SEC;
  for (guint i = 0; i < N_TRACES; i++)
    {
      put (fixture, i, 0);
      /* Brings a sealed trace back, which leaves a dead one behind. */
      if (i % 90 == 89)
        put (fixture, i - 80, 1);
      if (i % 150 == 149)
        g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, fixture->now_ns, &sealed, &error));
    }
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fluo_ingest_free (fixture->ingest);
  fluo_store_free (fixture->store);
  fluo_test_dir_free (fixture->dir);
}

typedef struct
{
  const FluoFilter *filter;
  GHashTable *chunks;
  guint n_traces, n_parts, n_unread, n_matching;
} Seen;

static guint
want (gint64 block, gpointer data)
{
  Seen *seen = data;

  return seen->chunks ? GPOINTER_TO_UINT (g_hash_table_lookup (seen->chunks, &block))
                      : FLUO_BLOCK_ALL_FACTS;
}

static void
see (const FluoSurveyPart *part, gpointer data)
{
  Seen *seen = data;

  seen->n_parts++;
  seen->n_traces += part->n;
  if (!part->facts)
    seen->n_unread += part->n;
  for (guint i = 0; part->facts && i < part->n; i++)
    {
      FluoTraceFacts facts;

      fluo_facts_block_get (part->facts, part->traces[i], &facts);
      seen->n_matching += fluo_filter_matches (seen->filter, &facts);
    }
}

static Seen
run (Fixture *fixture, const char *text, guint first_s, guint end_s, gint64 budget_usec,
     FluoSurveyResult *ret_result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, &error);
  FluoTimeSpan span = { (BEGIN_S + (gint64) first_s) * FLUO_NSEC_PER_SEC,
                        (BEGIN_S + (gint64) end_s) * FLUO_NSEC_PER_SEC };
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, &error);
  Seen seen = { filter };
  FluoSurvey survey = { span, budget_usec, want, see, &seen };

  g_assert_no_error (error);
  g_assert_true (fluo_survey_find_chunks (reader, span, filter, &seen.chunks, &error));
  g_assert_true (fluo_survey_run (reader, &survey, ret_result, &error));
  g_assert_no_error (error);
  fluo_store_release_reader (fixture->store, reader);
  g_clear_pointer (&seen.chunks, g_hash_table_unref);
  g_assert_cmpuint (seen.n_traces, ==, ret_result->n_traces);
  return seen;
}

static void
test_everything (Fixture *fixture, gconstpointer data)
{
  FluoSurveyResult result;
  Seen seen = run (fixture, "responsetime >= 0", 0, N_TRACES, G_MAXINT64 / 4, &result);

  g_assert_cmpuint (seen.n_traces, ==, N_TRACES);
  g_assert_cmpuint (seen.n_matching, ==, N_TRACES);
  g_assert_true (result.complete);
  g_assert_cmpuint (result.n_left, ==, 0);
  /* Half-open, and not at the ends of blocks. */
  seen = run (fixture, "responsetime >= 0", 33, 412, G_MAXINT64 / 4, &result);
  g_assert_cmpuint (seen.n_traces, ==, 379);
  g_assert_cmpuint (seen.n_matching, ==, 379);
}

static void
test_index (Fixture *fixture, gconstpointer data)
{
  FluoSurveyResult result;
  Seen seen = run (fixture, "service(\"service-2\")", 0, N_TRACES, G_MAXINT64 / 4, &result);

  g_assert_cmpuint (seen.n_traces, ==, N_TRACES);
  g_assert_cmpuint (seen.n_matching, ==, 100);
  g_assert_cmpuint (seen.n_unread, >, N_TRACES / 4);
  seen = run (fixture, "user = \"nobody\"", 10, 600, G_MAXINT64 / 4, &result);
  g_assert_cmpuint (seen.n_traces, ==, 590);
  g_assert_cmpuint (seen.n_matching, ==, 0);
}

static void
test_no_time (Fixture *fixture, gconstpointer data)
{
  FluoSurveyResult result;
  Seen seen = run (fixture, "responsetime >= 0", 0, N_TRACES, -1000000, &result);
  FluoSurveyResult rest;

  g_assert_false (result.complete);
  g_assert_cmpuint (seen.n_traces, >, 0);
  g_assert_cmpuint (seen.n_traces, <, N_TRACES);
  g_assert_cmpuint (seen.n_traces + result.n_left, ==, N_TRACES);
  /* Nothing is missing of what is said to have been looked at. */
  run (fixture, "responsetime >= 0",
       (guint) (result.from_ns / FLUO_NSEC_PER_SEC - BEGIN_S) + 1, N_TRACES, G_MAXINT64 / 4, &rest);
  g_assert_cmpuint (rest.n_traces, <=, seen.n_traces);
}

/* Two threads read, and nobody sees it: the blocks come in the order that was asked for, one that
 * is gone is gone, and whoever has enough may stop. */
static void
test_read_ahead (Fixture *fixture, gconstpointer data)
{
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, NULL);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (FluoWantedBlock));
  FluoLiveView *view = reader->view;

  g_assert_cmpuint (view->sealed->len, >, 3);
  for (guint i = 0; i < 60; i++)
    {
      FluoSealedBlock *sealed = view->sealed->pdata[i * 7 % view->sealed->len];
      FluoWantedBlock block = { i % 10 == 9 ? 123456 : sealed->number,
                                i % 3 ? FLUO_BLOCK_ALL_FACTS : FLUO_BLOCK_NO_FACTS };

      g_array_append_val (wanted, block);
    }
  for (guint n = 0; n <= wanted->len; n += 6)
    {
      g_autoptr (FluoReadAhead) ahead = fluo_read_ahead_new (reader, wanted);

      for (guint i = 0; i < n; i++)
        {
          FluoWantedBlock *block = &g_array_index (wanted, FluoWantedBlock, i);
          g_auto (FluoBlockContents) contents = { NULL }, expected = { NULL };
          g_autoptr (GError) error = NULL;
          gboolean there =
            fluo_block_read (reader, block->block, block->chunks, &expected, NULL);

          g_assert_cmpint (fluo_read_ahead_next (ahead, &contents, &error), ==, there);
          g_assert_no_error (error);
          g_assert_cmpint (there, ==, block->block != 123456);
          if (!there)
            continue;
          g_assert_cmpmem (contents.entries->data, contents.entries->len * sizeof (FluoTraceEntry),
                           expected.entries->data, expected.entries->len * sizeof (FluoTraceEntry));
          g_assert_cmpint (contents.facts[0] != NULL, ==, expected.facts[0] != NULL);
        }
    }
  fluo_store_release_reader (fixture->store, reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/survey/everything", Fixture, NULL, set_up, test_everything, tear_down);
  g_test_add ("/survey/index", Fixture, NULL, set_up, test_index, tear_down);
  g_test_add ("/survey/no-time", Fixture, NULL, set_up, test_no_time, tear_down);
  g_test_add ("/survey/read-ahead", Fixture, NULL, set_up, test_read_ahead, tear_down);
  return g_test_run ();
}

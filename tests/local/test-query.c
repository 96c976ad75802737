/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/store/fluo-ingest.h"
#include "local/store/fluo-query.h"
#include "local/store/fluo-stored-trace.h"
#include "fluo-test-util.h"

/* Questions over blocks, sealed and open, with traces that come late, change and go, give the same
 * as looking at every trace. */

#define N_TRACES 900
#define PAGE 37

typedef struct
{
  char *dir;
  FluoStore *store;
  FluoIngest *ingest;
  GRand *random;
  gint64 now_ns;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = fluo_test_dir_new ();
  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->ingest = fluo_ingest_new (fixture->store);
  fluo_ingest_set_limits (fixture->ingest, 30000, G_MAXINT64);
  fixture->random = g_rand_new_with_seed (11);
  fixture->now_ns = 1790000000 * FLUO_NSEC_PER_SEC;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fluo_ingest_free (fixture->ingest);
  fluo_store_free (fixture->store);
  g_rand_free (fixture->random);
  fluo_test_dir_free (fixture->dir);
}

static void
put (Fixture *fixture, guint trace, guint id)
{
  GRand *random = fixture->random;
  double start = 1790000000 + (double)trace + g_rand_double_range (random, -3, 3);
  g_autofree char *json = g_strdup_printf (
      "{\"trace_id\":\"1-6b000000-%024x\",\"id\":\"%016x\",\"name\":\"service-%d\",\"start_time\":%"
      ".6f,"
      "\"end_time\":%.6f,%s\"user\":\"u%d\",\"http\":{\"response\":{\"status\":%d}},"
      "\"annotations\":{\"k\":\"v%d\",\"n\":%d}}",
      trace, trace * 16 + id, g_rand_int_range (random, 0, 5), start,
      start + g_rand_double_range (random, 0.001, 4),
      g_rand_int_range (random, 0, 6) ? "" : "\"fault\":true,", g_rand_int_range (random, 0, 40),
      g_rand_boolean (random) ? 200 : 404, g_rand_int_range (random, 0, 60),
      g_rand_int_range (random, 0, 10));
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  FluoIngestDocument document = { body };
  FluoIngestDocument *list = &document;
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_segment_head_parse (json, strlen (json), &document.head, NULL, &error));
  fixture->now_ns += FLUO_NSEC_PER_MSEC;
  g_assert_true (fluo_ingest_apply (fixture->ingest, &list, 1, fixture->now_ns, &error));
  g_assert_no_error (error);
  g_clear_pointer (&document.packed, g_bytes_unref);
}

static void
fill (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed;
  guint n_deleted;

  for (guint i = 1; i <= N_TRACES; i++)
    {
      put (fixture, i, 0);
      /* Late, to traces that are sealed for the most part. */
      if (i % 3 == 0)
        put (fixture, (guint)g_rand_int_range (fixture->random, 1, (gint32)i + 1),
             (guint)g_rand_int_range (fixture->random, 1, 8));
      g_assert_true (
          fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, fixture->now_ns, NULL, &error));
      if (i % 150 == 149)
        g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, fixture->now_ns, &sealed, &error));
      if (i == 600)
        g_assert_true (fluo_ingest_expire (
            fixture->ingest, fixture->now_ns - 300 * FLUO_NSEC_PER_MSEC, &n_deleted, &error));
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n_deleted, >, 0);
}

static gint64
time_of (const FluoTraceEntry *entry, FluoQueryTime time)
{
  return time == FLUO_QUERY_START     ? entry->start_ns
         : time == FLUO_QUERY_UPDATED ? entry->updated_ns
                                      : entry->end_ns;
}

/* The ids of all that match, by looking at each trace's documents. */
static GHashTable *
look_at_all (FluoConnection *reader, const FluoFilter *filter, FluoQueryTime time,
             FluoTimeSpan span, guint *ret_in_range)
{
  GHashTable *found = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoTimeSpan everything = { 0, G_MAXINT64 };

  *ret_in_range = 0;
  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, NULL));
  for (guint i = 0; i < entries->len; i++)
    {
      FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);
      g_autoptr (FluoStoredTrace) stored =
          fluo_stored_trace_load_row (reader, &entry->id, entry->row, NULL);
      g_autoptr (FluoTrace) trace = fluo_stored_trace_assemble (stored);
      g_autoptr (FluoFactsBlock) block = fluo_facts_block_from_trace (trace);
      FluoTraceFacts facts;

      if (!fluo_time_span_contains (span, time_of (entry, time)))
        continue;
      ++*ret_in_range;
      fluo_facts_block_get (block, 0, &facts);
      if (!filter || fluo_filter_matches (filter, &facts))
        g_hash_table_add (found, g_memdup2 (&entry->id, sizeof entry->id));
    }
  return found;
}

static void
compare (Fixture *fixture, const char *text, FluoQueryTime time, FluoTimeSpan span)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilter) filter = text ? fluo_filter_new (text, -1, NULL, &error) : NULL;
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, &error);
  FluoQuery query = { time, span, filter, 1, PAGE, 0, G_MAXINT64, G_MAXINT64 };
  g_autoptr (GHashTable) expected = NULL;
  guint64 processed = 0;
  gint64 last_ns = G_MAXINT64;
  guint n_in_range;
  gboolean more = TRUE;

  g_assert_no_error (error);
  expected = look_at_all (reader, filter, time, span, &n_in_range);
  while (more)
    {
      g_autoptr (GArray) hits = fluo_query_hits_new ();
      guint64 n;

      g_assert_true (fluo_query_run (reader, &query, hits, &more, &n, &error));
      g_assert_cmpuint (hits->len, <=, PAGE);
      processed += n;
      for (guint i = 0; i < hits->len; i++)
        {
          FluoQueryHit *hit = &g_array_index (hits, FluoQueryHit, i);

          g_assert_cmpint (hit->key_ns, <=, last_ns);
          last_ns = hit->key_ns;
          /* Each once. */
          g_assert_true (g_hash_table_remove (expected, &hit->entry.id));
        }
    }
  g_assert_cmpuint (g_hash_table_size (expected), ==, 0);
  g_assert_cmpuint (processed, ==, n_in_range);
  fluo_store_release_reader (fixture->store, reader);
}

static void
test_same (Fixture *fixture, gconstpointer data)
{
  static const char *const filters[] = { NULL,
                                         "fault",
                                         "service(\"service-3\")",
                                         "annotation.k = \"v7\"",
                                         "user = \"u3\" OR annotation.n = 4",
                                         "http.status = 404 AND responsetime > 2",
                                         "!fault",
                                         "service(\"service-1\") { fault }",
                                         "annotation.k = \"nobody\"" };
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  gint64 begin_ns = 1790000000 * FLUO_NSEC_PER_SEC;

  fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    for (FluoQueryTime time = FLUO_QUERY_START; time <= FLUO_QUERY_UPDATED; time++)
      {
        gint64 unit = time == FLUO_QUERY_START ? FLUO_NSEC_PER_SEC : FLUO_NSEC_PER_MSEC;
        FluoTimeSpan part = { begin_ns + 250 * unit, begin_ns + 730 * unit };

        compare (fixture, filters[i], time, everything);
        compare (fixture, filters[i], time, part);
      }
  compare (fixture, "fault", FLUO_QUERY_END, everything);
}

/* What comes between two pages neither hides nor repeats what was there. */
static void
test_pages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
  FluoQuery query = {
    FLUO_QUERY_START, { 0, G_MAXINT64 }, NULL, 1, PAGE, 0, G_MAXINT64, G_MAXINT64
  };
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE, sealed;
  guint next = 5000;

  for (guint i = 1; i <= 300; i++)
    put (fixture, i, 0);
  g_assert_true (
      fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, fixture->now_ns, NULL, &error));
  while (more)
    {
      FluoConnection *reader = fluo_store_acquire_reader (fixture->store, &error);
      g_autoptr (GArray) hits = fluo_query_hits_new ();
      guint64 n;

      g_assert_true (fluo_query_run (reader, &query, hits, &more, &n, &error));
      for (guint i = 0; i < hits->len; i++)
        {
          FluoTraceId *id = &g_array_index (hits, FluoQueryHit, i).entry.id;

          g_assert_true (g_hash_table_add (seen, g_memdup2 (id, sizeof *id)));
        }
      fluo_store_release_reader (fixture->store, reader);
      put (fixture, next++, 0);
      g_assert_true (
          fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, fixture->now_ns, NULL, &error));
      g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, fixture->now_ns, &sealed, &error));
    }
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 300);
}

#define ADD(name, func) g_test_add ("/local/query/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("same", test_same);
  ADD ("pages", test_pages);
  return g_test_run ();
}

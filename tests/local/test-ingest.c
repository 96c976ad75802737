/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-test-util.h"
#include "local/fluo-ingest.h"
#include "local/fluo-rollup.h"
#include "local/fluo-stored-trace.h"

typedef struct
{
  char       *dir;
  FluoStore  *store;
  FluoIngest *ingest;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = fluo_test_dir_new ();
  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->ingest = fluo_ingest_new (fixture->store);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fluo_ingest_free (fixture->ingest);
  fluo_store_free (fixture->store);
  fluo_test_dir_free (fixture->dir);
}

/* Puts one document; its result. */
static guint
put (Fixture *fixture, const char *json)
{
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  FluoIngestDocument document = { body };
  FluoIngestDocument *list = &document;
  g_autoptr (GError) error = NULL;

  fluo_segment_head_parse (json, strlen (json), &document.head, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fluo_ingest_apply (fixture->ingest, &list, 1, 1, &error));
  g_assert_no_error (error);
  return document.result;
}

/* @seconds < 0: still in progress. */
static char *
make_segment (guint trace, guint id, double start, double seconds, const char *more)
{
  g_autofree char *end = seconds < 0 ? g_strdup ("\"in_progress\":true")
                                     : g_strdup_printf ("\"end_time\":%.3f", start + seconds);

  return g_strdup_printf ("{\"trace_id\":\"1-6b000000-%024x\",\"id\":\"%016x\",\"name\":\"service-%"
                          "u\",\"start_time\":%.3f,%s%s}",
                          trace, id, id % 3, start, end, more);
}

/* The rollups, summed, are what the stored traces make when counted from nothing. */
static void
check_rollups (Fixture *fixture)
{
  FluoConnection *connection = fluo_store_get_writer (fixture->store);
  g_autoptr (FluoServiceGraph) counted = fluo_service_graph_new ();
  g_autoptr (FluoServiceGraph) summed = fluo_service_graph_new ();
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *statement;

  /* On a slow machine any trace may be one that is put off. */
  if (fluo_ingest_has_stale (fixture->ingest))
    g_assert_true (fluo_ingest_settle (fixture->ingest, TRUE, 1, &error));
  g_assert_true (fluo_stored_traces_add_to_graph (connection, everything, counted, 1, &error));
  fluo_service_graph_prune (counted);
  statement = fluo_connection_statement (connection, FLUO_SQL_MINUTE_RANGE, &error);
  sqlite3_bind_int64 (statement, 1, 0);
  sqlite3_bind_int64 (statement, 2, G_MAXINT64);
  while (fluo_connection_step (connection, statement, &error) == 1)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 1),
                                              (gsize) sqlite3_column_bytes (statement, 1));
      g_autoptr (FluoServiceGraph) minute = fluo_service_graph_from_bytes (bytes, &error);

      g_assert_no_error (error);
      fluo_service_graph_merge (summed, minute);
    }
  fluo_service_graph_prune (summed);
  g_assert_cmpuint (summed->nodes->len, ==, counted->nodes->len);
  g_assert_cmpuint (summed->edges->len, ==, counted->edges->len);
  for (guint i = 0; i < counted->nodes->len; i++)
    {
      FluoGraphNode *expected = counted->nodes->pdata[i];
      guint found = fluo_service_graph_find (summed, expected->name, expected->type);
      FluoGraphNode *node;

      g_assert_cmpuint (found, !=, G_MAXUINT);
      node = summed->nodes->pdata[found];
      g_assert_cmpint (fluo_call_stats_total (&node->stats), ==,
                       fluo_call_stats_total (&expected->stats));
      g_assert_cmpint (node->stats.fault, ==, expected->stats.fault);
      g_assert_cmpint (node->stats.histogram.sum_ns, ==, expected->stats.histogram.sum_ns);
    }
}

static void
test_rollups (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 400; round++)
    {
      guint trace = g_rand_int_range (random, 1, 60);
      guint id = trace * 8 + g_rand_int_range (random, 0, 8);
      double start = 1790000000 + g_rand_double_range (random, 0, 300);
      double seconds =
        g_rand_int_range (random, 0, 4) ? g_rand_double_range (random, 0.001, 5) : -1;
      g_autofree char *parent =
        g_strdup_printf (",\"parent_id\":\"%016x\"", trace * 8 + g_rand_int_range (random, 0, 8));
      g_autofree char *more = g_strconcat (g_rand_boolean (random) ? parent : "",
                                           g_rand_boolean (random) ? ",\"fault\":true" : "", NULL);
      g_autofree char *json = make_segment (trace, id, start, seconds, more);

      put (fixture, json);
      /* Now and then from what is on the disk only. */
      if (round % 50 == 49)
        {
          check_rollups (fixture);
          fluo_ingest_reset (fixture->ingest);
        }
    }
  check_rollups (fixture);
  g_assert_cmpuint (fluo_store_get_n_traces (fixture->store), >, 30);
}

static void
test_expire (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_deleted = 0;

  for (guint i = 1; i <= 20; i++)
    {
      g_autofree char *json = make_segment (i, i, 1790000000 + i * 10, 1, "");

      put (fixture, json);
    }
  g_assert_true (fluo_ingest_expire (fixture->ingest, 1, 100, &n_deleted, &error));
  g_assert_cmpuint (n_deleted, ==, 0);
  g_assert_true (fluo_ingest_expire (fixture->ingest, 2, 5, &n_deleted, &error));
  g_assert_cmpuint (n_deleted, ==, 5);
  g_assert_cmpuint (fluo_store_get_n_traces (fixture->store), ==, 15);
  check_rollups (fixture);
  g_assert_true (fluo_ingest_expire (fixture->ingest, 2, 100, &n_deleted, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fluo_store_get_n_traces (fixture->store), ==, 0);
  check_rollups (fixture);
}

static void
test_replacement (Fixture *fixture, gconstpointer data)
{
  g_autofree char *running = make_segment (1, 1, 1790000000, -1, "");
  g_autofree char *later = make_segment (1, 1, 1790000000, -1, ",\"annotations\":{\"a\":1}");
  g_autofree char *done = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *other = make_segment (1, 1, 1790000000, 2, "");
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autoptr (GError) error = NULL;
  FluoTraceId id;

  g_assert_cmpuint (put (fixture, running), ==, FLUO_INGEST_STORED);
  g_assert_cmpuint (put (fixture, running), ==, FLUO_REFUSED_DUPLICATE);
  g_assert_cmpuint (put (fixture, later), ==, FLUO_INGEST_STORED);
  g_assert_cmpuint (put (fixture, done), ==, FLUO_INGEST_STORED);
  g_assert_cmpuint (put (fixture, later), ==, FLUO_REFUSED_DUPLICATE);
  fluo_ingest_reset (fixture->ingest);
  g_assert_cmpuint (put (fixture, other), ==, FLUO_REFUSED_DUPLICATE);

  g_assert_true (fluo_trace_id_parse ("1-6b000000-000000000000000000000001", -1, &id));
  stored = fluo_stored_trace_load (fluo_store_get_writer (fixture->store), &id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stored->documents->len, ==, 1);
  g_assert_cmpint (stored->end_ns - stored->start_ns, ==, FLUO_NSEC_PER_SEC);
  g_assert_cmpint (stored->revision, ==, 3);
  check_rollups (fixture);
}

/* A minute that can't be read is made anew, and what was lost with it is back. */
static void
test_damaged_minute (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *second = make_segment (2, 2, 1790000001, 1, "");
  g_autoptr (GError) error = NULL;

  put (fixture, first);
  g_assert_true (fluo_connection_execute (fluo_store_get_writer (fixture->store),
                                          "UPDATE graph_minutes SET graph = x'00'", &error));
  fluo_ingest_reset (fixture->ingest);
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*made anew*");
  put (fixture, second);
  g_test_assert_expected_messages ();
  check_rollups (fixture);
}

/* As a crash leaves it: documents are there that summary and rollup don't know. */
static void
test_stale (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *second = make_segment (2, 2, 1790000001, 1, "");
  g_autofree char *late = make_segment (1, 5, 1789999000, 1, "");
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;

  put (fixture, first);
  script = g_strdup_printf ("UPDATE traces SET stale = 1; INSERT INTO documents (trace, id, flags, "
                            "body) VALUES (1, 5, 0, CAST ('%s' AS BLOB))",
                            late);
  g_assert_true (fluo_connection_execute (fluo_store_get_writer (fixture->store), script, &error));
  g_assert_no_error (error);
  fluo_ingest_reset (fixture->ingest);
  put (fixture, second);
  check_rollups (fixture);
  g_assert_true (
    fluo_connection_execute (fluo_store_get_writer (fixture->store),
                             "CREATE TEMP TABLE check_stale (n CHECK (n = 0));"
                             "INSERT INTO check_stale SELECT count (*) FROM traces WHERE stale = 1",
                             &error));
}

/* A trace without end costs no more with every batch: assembling it is put off, and caught
 * up with. */
static void
test_endless (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autoptr (GError) error = NULL;
  gboolean was_stale = FALSE;
  FluoTraceId id;

  for (guint i = 1; i <= 6000; i++)
    {
      g_autofree char *json = make_segment (1, i, 1790000000 + i, 1, "");

      g_assert_cmpuint (put (fixture, json), ==, FLUO_INGEST_STORED);
      was_stale |= fluo_ingest_has_stale (fixture->ingest);
    }
  g_assert_true (was_stale);
  g_assert_true (fluo_ingest_settle (fixture->ingest, TRUE, 2, &error));
  g_assert_false (fluo_ingest_has_stale (fixture->ingest));
  check_rollups (fixture);
  g_assert_true (fluo_trace_id_parse ("1-6b000000-000000000000000000000001", -1, &id));
  stored = fluo_stored_trace_load (fluo_store_get_writer (fixture->store), &id, &error);
  g_assert_cmpuint (stored->documents->len, ==, 6000);
  g_assert_cmpint (stored->end_ns - stored->start_ns, ==, 6000 * FLUO_NSEC_PER_SEC);
}

static void
test_minute (void)
{
  g_assert_cmpint (fluo_rollup_minute (0), ==, 0);
  g_assert_cmpint (fluo_rollup_minute (FLUO_NSEC_PER_MIN - 1), ==, 0);
  g_assert_cmpint (fluo_rollup_minute (FLUO_NSEC_PER_MIN), ==, 1);
  g_assert_cmpint (fluo_rollup_minute (-1), ==, -1);
}

#define ADD(name, func) g_test_add ("/local/ingest/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/ingest/minute", test_minute);
  ADD ("rollups", test_rollups);
  ADD ("expire", test_expire);
  ADD ("replacement", test_replacement);
  ADD ("damaged-minute", test_damaged_minute);
  ADD ("stale", test_stale);
  ADD ("endless", test_endless);
  return g_test_run ();
}

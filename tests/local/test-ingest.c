/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/store/fluo-ingest.h"
#include "local/store/fluo-rollup.h"
#include "local/store/fluo-stored-trace.h"
#include "fluo-test-util.h"

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

/* Assembles everything that waits. */
static void
settle (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, 1, NULL, &error));
  g_assert_no_error (error);
}

/* Seals every open block. */
static void
seal (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed = TRUE;

  while (sealed)
    g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, 1, &sealed, &error));
  g_assert_no_error (error);
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
  g_clear_pointer (&document.packed, g_bytes_unref);
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

static void
add_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  fluo_service_graph_merge (data, graph);
}

static void
check_equal (FluoServiceGraph *summed, FluoServiceGraph *counted)
{
  fluo_service_graph_prune (counted);
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

/* The rollups, summed, are what the stored traces make when counted from nothing. Returns how many
 * traces there are. */
static guint
check_rollups (Fixture *fixture)
{
  g_autoptr (FluoServiceGraph) counted = fluo_service_graph_new ();
  g_autoptr (FluoServiceGraph) summed = fluo_service_graph_new ();
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;

  settle (fixture);
  reader = fluo_store_acquire_reader (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, &error));
  g_assert_true (fluo_stored_traces_add_to_graph (reader, entries, counted, 1, &error));
  g_assert_true (fluo_rollup_read (reader, 0, 0, FLUO_MINUTE_MAX, add_minute, summed, &error));
  g_assert_no_error (error);
  check_equal (summed, counted);
  fluo_store_release_reader (fixture->store, reader);
  g_assert_cmpuint (fluo_store_get_n_traces (fixture->store), ==, entries->len);
  return entries->len;
}

/* The trace as a reader has it. */
static FluoStoredTrace *
load_from (FluoConnection *reader, guint trace)
{
  g_autofree char *text = g_strdup_printf ("1-6b000000-%024x", trace);
  g_autoptr (GError) error = NULL;
  FluoStoredTrace *stored;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (text, -1, &id));
  stored = fluo_stored_trace_load (reader, &id, &error);
  g_assert_no_error (error);
  return stored;
}

/* The trace as the store has it. */
static FluoStoredTrace *
load (Fixture *fixture, guint trace)
{
  g_autoptr (GError) error = NULL;
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, &error);
  FluoStoredTrace *stored;

  g_assert_no_error (error);
  stored = load_from (reader, trace);
  fluo_store_release_reader (fixture->store, reader);
  return stored;
}

/* Its revision, as everybody sees it. */
static guint
revision_of (Fixture *fixture, guint trace)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  g_autofree char *text = g_strdup_printf ("1-6b000000-%024x", trace);
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, NULL);
  guint revision = 0;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (text, -1, &id));
  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, NULL));
  for (guint i = 0; i < entries->len; i++)
    if (fluo_trace_id_equal (&g_array_index (entries, FluoTraceEntry, i).id, &id))
      revision = g_array_index (entries, FluoTraceEntry, i).revision;
  fluo_store_release_reader (fixture->store, reader);
  return revision;
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
      if (round % 7 == 6)
        settle (fixture);
      /* Traces go on after they were sealed. */
      if (round % 40 == 39)
        seal (fixture);
      /* Now and then from what is on the disk only. */
      if (round % 50 == 49)
        {
          check_rollups (fixture);
          fluo_ingest_reset (fixture->ingest);
          g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
          check_rollups (fixture);
        }
    }
  seal (fixture);
  g_assert_cmpuint (check_rollups (fixture), >, 30);
}

/* Blocks go as a whole, the oldest first; nothing goes before its time. */
static void
test_expire (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_deleted = 0, n;

  fluo_ingest_set_limits (fixture->ingest, 1, 0);
  for (guint i = 1; i <= 20; i++)
    {
      g_autofree char *json = make_segment (i, i, 1790000000 + i * 10, 1, "");

      put (fixture, json);
      settle (fixture);
      if (i % 5 == 0)
        seal (fixture);
    }
  g_assert_true (fluo_ingest_expire (fixture->ingest, 1, &n_deleted, &error));
  g_assert_cmpuint (n_deleted, ==, 0);
  g_assert_true (fluo_ingest_expire (fixture->ingest, 2, &n_deleted, &error));
  g_assert_cmpuint (n_deleted, >, 0);
  n = 20 - n_deleted;
  g_assert_cmpuint (check_rollups (fixture), ==, n);
  while (n_deleted > 0)
    g_assert_true (fluo_ingest_expire (fixture->ingest, 2, &n_deleted, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (check_rollups (fixture), ==, 0);
}

/* What is pinned outlives its block, with its documents and what it adds to the graph. */
static void
test_pinned (Fixture *fixture, gconstpointer data)
{
  FluoConnection *writer = fluo_store_get_writer (fixture->store);
  g_autoptr (FluoStoredTrace) kept = NULL;
  g_autoptr (GError) error = NULL;
  guint n_deleted = 1;

  for (guint i = 1; i <= 10; i++)
    {
      g_autofree char *json = make_segment (i, i, 1790000000 + i * 10, 1, "");

      put (fixture, json);
    }
  settle (fixture);
  seal (fixture);
  g_assert_true (fluo_connection_execute (
    writer, "INSERT INTO pins VALUES (x'6b000000000000000000000000000004')", &error));
  while (n_deleted > 0)
    g_assert_true (fluo_ingest_expire (fixture->ingest, 2, &n_deleted, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (check_rollups (fixture), ==, 1);
  kept = load (fixture, 4);
  g_assert_cmpuint (kept->documents->len, ==, 1);
}

static void
test_replacement (Fixture *fixture, gconstpointer data)
{
  g_autofree char *running = make_segment (1, 1, 1790000000, -1, "");
  g_autofree char *later = make_segment (1, 1, 1790000000, -1, ",\"annotations\":{\"a\":1}");
  g_autofree char *done = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *other = make_segment (1, 1, 1790000000, 2, "");
  g_autoptr (FluoStoredTrace) stored = NULL;

  g_assert_cmpuint (put (fixture, running), ==, FLUO_INGEST_STORED);
  settle (fixture);
  g_assert_cmpuint (put (fixture, running), ==, FLUO_REFUSED_DUPLICATE);
  g_assert_cmpuint (put (fixture, later), ==, FLUO_INGEST_STORED);
  settle (fixture);
  seal (fixture);
  g_assert_cmpuint (put (fixture, later), ==, FLUO_REFUSED_DUPLICATE);
  g_assert_cmpuint (put (fixture, done), ==, FLUO_INGEST_STORED);
  settle (fixture);
  g_assert_cmpuint (revision_of (fixture, 1), ==, 3);
  g_assert_cmpuint (put (fixture, later), ==, FLUO_REFUSED_DUPLICATE);
  fluo_ingest_reset (fixture->ingest);
  g_assert_cmpuint (put (fixture, other), ==, FLUO_REFUSED_DUPLICATE);

  stored = load (fixture, 1);
  g_assert_cmpuint (stored->documents->len, ==, 1);
  g_assert_cmpint (stored->end_ns - stored->start_ns, ==, FLUO_NSEC_PER_SEC);
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
  settle (fixture);
  seal (fixture);
  g_assert_true (fluo_connection_execute (fluo_store_get_writer (fixture->store),
                                          "UPDATE graph_minutes SET graph = x'00'", &error));
  fluo_ingest_reset (fixture->ingest);
  put (fixture, second);
  settle (fixture);
  check_rollups (fixture);
  fluo_ingest_set_limits (fixture->ingest, 1, 0);
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*made anew*");
  seal (fixture);
  g_test_assert_expected_messages ();
  check_rollups (fixture);
}

/* As a crash leaves it: documents are there that nobody has assembled. */
static void
test_crash (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *second = make_segment (2, 2, 1790000001, 1, "");
  g_autofree char *late = make_segment (1, 5, 1789999000, 1, "");
  g_autoptr (FluoStoredTrace) stored = NULL;

  put (fixture, first);
  settle (fixture);
  seal (fixture);
  put (fixture, late);
  put (fixture, second);
  fluo_ingest_reset (fixture->ingest);
  g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
  g_assert_cmpuint (check_rollups (fixture), ==, 2);
  stored = load (fixture, 1);
  g_assert_cmpuint (stored->documents->len, ==, 2);
  g_assert_cmpuint (revision_of (fixture, 1), ==, 2);
}

/* A transaction that fails leaves nothing in memory that is not in the store. */
static void
test_rollback (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_segment (1, 1, 1790000000, 1, "");
  g_autofree char *late = make_segment (1, 5, 1789999000, 1, "");
  g_autofree char *other = make_segment (2, 2, 1790000001, 1, "");
  const char *texts[] = { late, other };
  FluoIngestDocument documents[2] = { 0 };
  FluoIngestDocument *list[] = { &documents[0], &documents[1] };
  FluoConnection *writer = fluo_store_get_writer (fixture->store);
  g_autoptr (GError) error = NULL;

  put (fixture, first);
  settle (fixture);
  for (guint sealed = 0; sealed < 2; sealed++)
    {
      for (guint i = 0; i < 2; i++)
        {
          g_clear_pointer (&documents[i].body, g_bytes_unref);
          g_clear_pointer (&documents[i].packed, g_bytes_unref);
          documents[i].body = g_bytes_new (texts[i], strlen (texts[i]));
          fluo_segment_head_parse (texts[i], strlen (texts[i]), &documents[i].head, NULL, NULL);
        }
      g_assert_true (fluo_connection_execute (
        writer,
        "CREATE TEMP TRIGGER fail BEFORE INSERT ON documents WHEN new.id = 2"
        " BEGIN SELECT RAISE (ABORT, 'no'); END",
        &error));
      g_assert_false (fluo_ingest_apply (fixture->ingest, list, 2, 1, &error));
      g_clear_error (&error);
      g_assert_true (fluo_connection_execute (writer, "DROP TRIGGER fail", &error));
      g_assert_cmpuint (check_rollups (fixture), ==, 1);
      seal (fixture);
    }
  g_assert_cmpuint (put (fixture, late), ==, FLUO_INGEST_STORED);
  g_assert_cmpuint (put (fixture, other), ==, FLUO_INGEST_STORED);
  g_assert_cmpuint (check_rollups (fixture), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_bytes_unref (documents[i].body);
      g_clear_pointer (&documents[i].packed, g_bytes_unref);
    }
}

/* A trace without end costs no more with every batch: assembling it is put off, and caught
 * up with. */
static void
test_endless (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FluoStoredTrace) stored = NULL;
  gint64 due_usec;
  gboolean rested = FALSE;

  for (guint i = 1; i <= 6000; i++)
    {
      g_autofree char *json = make_segment (1, i, 1790000000 + i, 1, "");

      g_assert_cmpuint (put (fixture, json), ==, FLUO_INGEST_STORED);
      g_assert_true (
        fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_READY, 0, 1, NULL, NULL));
      rested |= fluo_ingest_count_waiting (fixture->ingest, &due_usec) > 0;
    }
  g_assert_true (rested);
  settle (fixture);
  g_assert_cmpuint (fluo_ingest_count_waiting (fixture->ingest, &due_usec), ==, 0);
  check_rollups (fixture);
  stored = load (fixture, 1);
  g_assert_cmpuint (stored->documents->len, ==, 6000);
  g_assert_cmpint (stored->end_ns - stored->start_ns, ==, 6000 * FLUO_NSEC_PER_SEC);
}

/* The groups with these expressions, with keys 1, 2, …; NULL-terminated. */
static void
set_groups (Fixture *fixture, const char *first, const char *second)
{
  const char *expressions[] = { first, second };
  GPtrArray *list = g_ptr_array_new ();
  g_autoptr (FluoGroups) groups = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (expressions); i++)
    if (expressions[i])
      g_ptr_array_add (list, fluo_group_new (i + 1, 1, "g", "arn", expressions[i], NULL));
  groups = fluo_groups_new (list, fluo_group_new (0, 1, "Default", "arn", "", NULL));
  fluo_ingest_set_groups (fixture->ingest, groups);
}

static void
crash (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fluo_ingest_free (fixture->ingest);
  fluo_store_free (fixture->store);
  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->ingest = fluo_ingest_new (fixture->store);
}

/* How many traces belong to the group. */
static guint
count_group (Fixture *fixture, guint32 group)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, &error);

  g_assert_true (
    fluo_stored_traces_find (reader, everything, group, G_MAXUINT, entries, &error));
  g_assert_no_error (error);
  fluo_store_release_reader (fixture->store, reader);
  return entries->len;
}

/* A crash changes nothing of what a trace belongs to: the groups that were there when it was stored
 * count, not those of the restart, and what came after it had been decided doesn't. */
static void
test_groups (Fixture *fixture, gconstpointer data)
{
  g_autofree char *early = make_segment (1, 1, 1000, 1, "");
  g_autofree char *known = make_segment (2, 1, 1000, 1, "");
  g_autofree char *later = make_segment (2, 2, 1000.1, 0.1, ",\"fault\":true");
  g_autofree char *none = make_segment (3, 1, 1000, 1, "");
  g_autofree char *next = make_segment (4, 1, 1000, 1, "");

  set_groups (fixture, NULL, NULL);
  put (fixture, none);
  set_groups (fixture, "service(\"service-1\")", "service(\"service-2\")");
  put (fixture, known);
  settle (fixture);
  g_assert_cmpuint (count_group (fixture, 1), ==, 1);
  put (fixture, later);
  put (fixture, early);
  for (guint i = 0; i < 3; i++)
    {
      crash (fixture);
      set_groups (fixture, "service(\"nothing\")", "service(\"service-1\")");
      g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
      settle (fixture);
      g_assert_cmpuint (count_group (fixture, 0), ==, 3);
      g_assert_cmpuint (count_group (fixture, 1), ==, 2);
      g_assert_cmpuint (count_group (fixture, 2), ==, 0);
    }
  put (fixture, next);
  crash (fixture);
  set_groups (fixture, NULL, NULL);
  g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
  settle (fixture);
  seal (fixture);
  g_assert_cmpuint (count_group (fixture, 1), ==, 2);
  g_assert_cmpuint (count_group (fixture, 2), ==, 1);
  g_assert_cmpuint (check_rollups (fixture), ==, 4);
}

/* When it is due. */
static void
lend (Fixture *fixture, guint n, GQueue *lent)
{
  while (lent->length < n)
    g_assert_true (fluo_ingest_lend (fixture->ingest, n, lent, NULL));
}

static void
take_back (Fixture *fixture, GQueue *lent)
{
  for (GList *link = lent->head; link; link = link->next)
    fluo_assembly_run (link->data);
  g_assert_true (fluo_ingest_take_back (fixture->ingest, lent, 1, NULL));
  g_assert_cmpuint (lent->length, ==, 0);
}

/* What another thread assembles is what the writer would have; what the writer needs sooner it does
 * itself, once. */
static void
test_lent (Fixture *fixture, gconstpointer data)
{
  GQueue lent = G_QUEUE_INIT;

  set_groups (fixture, "service(\"service-1\")", NULL);
  for (guint round = 0; round < 2; round++)
    {
      for (guint trace = 1; trace <= 4; trace++)
        {
          g_autofree char *json = make_segment (trace + 4 * round, 1, 1790000000, 1, "");

          put (fixture, json);
        }
      lend (fixture, 4, &lent);
      if (round == 1)
        g_assert_cmpuint (check_rollups (fixture), ==, 8);
      take_back (fixture, &lent);
      g_assert_cmpuint (count_group (fixture, 1), ==, 4 * (round + 1));
      g_assert_cmpuint (revision_of (fixture, 1 + 4 * round), ==, 1);
    }
  g_assert_cmpuint (check_rollups (fixture), ==, 8);
}

/* Documents that come meanwhile: a trace's groups are found with all of them, as after a crash;
 * later what was lent is shown, and the trace waits again. */
static void
test_lent_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FluoStoredTrace) stored = NULL;
  g_autofree char *other = make_segment (2, 1, 1790000000, 1, "");
  GQueue lent = G_QUEUE_INIT;
  gint64 due_usec;

  set_groups (fixture, NULL, "fault = true");
  for (guint round = 0; round < 2; round++)
    {
      g_autofree char *first = make_segment (1, 2 * round + 1, 1790000000, 1, "");
      g_autofree char *second = make_segment (1, 2 * round + 2, 1790000000, 2, ",\"fault\":true");

      put (fixture, first);
      lend (fixture, 1, &lent);
      put (fixture, second);
      take_back (fixture, &lent);
      g_assert_cmpuint (count_group (fixture, 2), ==, 1);
      g_assert_cmpuint (fluo_ingest_count_waiting (fixture->ingest, &due_usec), ==, round);
    }
  g_assert_cmpuint (check_rollups (fixture), ==, 1);
  stored = load (fixture, 1);
  g_assert_cmpuint (stored->documents->len, ==, 4);
  put (fixture, other);
  lend (fixture, 1, &lent);
  fluo_ingest_reset (fixture->ingest);
  take_back (fixture, &lent);
  g_assert_cmpuint (check_rollups (fixture), ==, 2);
}

/* Whoever has begun to read finds every trace, in whichever block it was then and is now. */
static void
test_moment (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 3; round++)
    {
      FluoConnection *reader;

      for (guint trace = round * 3 + 1; trace <= round * 3 + 3; trace++)
        {
          g_autofree char *json = make_segment (trace, 1, 1790000000, 1, "");

          put (fixture, json);
        }
      settle (fixture);
      reader = fluo_store_acquire_reader (fixture->store, NULL);
      /* The open block becomes a sealed one, and is joined with the one of the round before. */
      seal (fixture);
      if (round == 2)
        {
          g_autofree char *late = make_segment (1, 2, 1790000000, 1, "");

          put (fixture, late);
        }
      for (guint trace = 1; trace <= round * 3 + 3; trace++)
        {
          g_autoptr (FluoStoredTrace) stored = load_from (reader, trace);

          g_assert_nonnull (stored);
          g_assert_cmpuint (stored->documents->len, ==, 1);
          g_assert_cmpint (stored->start_ns, ==, 1790000000 * FLUO_NSEC_PER_SEC);
        }
      g_assert_null (load_from (reader, 100));
      fluo_store_release_reader (fixture->store, reader);
    }
}

/* An hour that somebody asked for is summed when the house is kept, and the writer hears of it:
 * such work comes minutes after the last document, and its memory must be given back as well. */
static void
test_hours_are_work (Fixture *fixture, gconstpointer data)
{
  const gint64 now_ns = 1790000000 * FLUO_NSEC_PER_SEC;
  const gint64 first = fluo_rollup_minute (now_ns) / 60 * 60;
  g_autofree char *json = make_segment (1, 1, 1790000000, 1, "");
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GError) error = NULL;
  gboolean worked = FALSE;
  FluoConnection *reader;

  put (fixture, json);
  settle (fixture);
  seal (fixture);
  fluo_ingest_reset (fixture->ingest);
  g_assert_true (fluo_ingest_recover (fixture->ingest, &error));
  g_assert_true (fluo_ingest_keep_house (fixture->ingest, FALSE, now_ns, &worked, &error));
  g_assert_false (worked);

  reader = fluo_store_acquire_reader (fixture->store, &error);
  g_assert_true (fluo_rollup_sum (reader, 0, first, first + 60, graph, &error));
  g_assert_no_error (error);
  fluo_store_release_reader (fixture->store, reader);
  g_assert_cmpuint (graph->nodes->len, >, 0);
  for (guint i = 0; i < 2; i++)
    {
      worked = FALSE;
      g_assert_true (fluo_ingest_keep_house (fixture->ingest, FALSE,
                                             now_ns + 2 * 60 * FLUO_NSEC_PER_MIN, &worked, &error));
      g_assert_no_error (error);
      g_assert_cmpint (worked, ==, i == 0);
    }
}

static void
test_minute (void)
{
  g_assert_cmpint (fluo_rollup_minute (0), ==, 0);
  g_assert_cmpint (fluo_rollup_minute (FLUO_NSEC_PER_MIN - 1), ==, 0);
  g_assert_cmpint (fluo_rollup_minute (FLUO_NSEC_PER_MIN), ==, 1);
  g_assert_cmpint (fluo_rollup_minute (-1), ==, 0);
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
  ADD ("crash", test_crash);
  ADD ("groups", test_groups);
  ADD ("lent", test_lent);
  ADD ("lent-on", test_lent_on);
  ADD ("moment", test_moment);
  ADD ("rollback", test_rollback);
  ADD ("pinned", test_pinned);
  ADD ("endless", test_endless);
  ADD ("hours-are-work", test_hours_are_work);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter/fluo-filter.h"
#include "local/store/fluo-block.h"
#include "local/store/fluo-ingest.h"
#include "local/store/fluo-linked.h"
#include "local/store/fluo-rollup.h"
#include "local/store/fluo-stored-trace.h"
#include "fluo-test-util.h"

/* tests/data/store/format-1.db was written by the version with that format: 31 traces, 68
 * documents, one of them still in progress; the first trace was updated once. */
/* tests/data/store/format-2.db: 10 traces of one document each, the last four of them not sealed
 * because the program was killed. The group of "web" holds three of the six. */
/* tests/data/store/links-1.db: from before facts had links. 40 traces, every fourth of which links
 * to the one before it; the groups "odd" and "even". */
/* tests/data/store/versions-2.db: from before facts had versions of services. 12 traces of
 * "payments"; every third says no version, the others "2.0" and "2.1" in turns. */
#define N_TRACES 31
#define N_DOCUMENTS 68

typedef struct
{
  char *dir;
  FluoStore *store;
  FluoIngest *ingest;
} Fixture;

static void
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->ingest = fluo_ingest_new (fixture->store);
}

static void
close_store (Fixture *fixture)
{
  g_clear_pointer (&fixture->ingest, fluo_ingest_free);
  g_clear_pointer (&fixture->store, fluo_store_free);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *from = fluo_test_data (data ? data : "store/format-1.db");
  g_autofree char *to = NULL, *bytes = NULL;
  gsize length;

  fixture->dir = fluo_test_dir_new ();
  to = g_build_filename (fixture->dir, FLUO_STORE_FILE_NAME, NULL);
  bytes = fluo_test_read (from, &length);
  g_assert_true (g_file_set_contents (to, bytes, (gssize)length, NULL));
  open_store (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture);
  fluo_test_dir_free (fixture->dir);
}

static gint64
old_pages (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 n;

  g_assert_cmpint (
      sqlite3_prepare_v2 (fluo_store_get_writer (fixture->store)->db,
                          "SELECT count (*) FROM sqlite_schema WHERE name LIKE '%\\_1' ESCAPE '\\'",
                          -1, &statement, NULL),
      ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  n = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return n;
}

static void
migrate (Fixture *fixture, guint n_steps)
{
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;

  for (guint i = 0; i < n_steps && more; i++)
    g_assert_true (fluo_ingest_migrate (fixture->ingest, 4, &more, &error));
  g_assert_no_error (error);
}

static void
add_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  fluo_service_graph_merge (data, graph);
}

/* Everything is there: documents, times of update, revisions, the graph. */
static void
check (Fixture *fixture)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  guint n_documents = 0, n_updated = 0, web;
  FluoConnection *reader;

  g_assert_true (
      fluo_ingest_settle (fixture->ingest, FLUO_SETTLE_ALL, 0, fluo_time_now_ns (), NULL, &error));
  reader = fluo_store_acquire_reader (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, &error));
  g_assert_cmpuint (entries->len, ==, N_TRACES);
  for (guint i = 0; i < entries->len; i++)
    {
      FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);
      g_autoptr (FluoStoredTrace) stored = fluo_stored_trace_load (reader, &entry->id, &error);

      g_assert_no_error (error);
      n_documents += stored->documents->len;
      n_updated += entry->revision == 2;
      /* Not the time of the migration. */
      g_assert_cmpint (entry->updated_ns, <, fluo_time_now_ns () - 10 * FLUO_NSEC_PER_SEC);
    }
  g_assert_cmpuint (n_documents, ==, N_DOCUMENTS);
  g_assert_cmpuint (n_updated, >=, 1);
  g_assert_true (fluo_rollup_read (reader, 0, 0, FLUO_MINUTE_MAX, add_minute, graph, &error));
  web = fluo_service_graph_find (graph, "web", NULL);
  g_assert_cmpuint (web, !=, G_MAXUINT);
  g_assert_cmpint (fluo_call_stats_total (&((FluoGraphNode *)graph->nodes->pdata[web])->stats), ==,
                   30);
  fluo_store_release_reader (fixture->store, reader);
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  gboolean sealed = TRUE;

  migrate (fixture, 1000);
  check (fixture);
  g_assert_cmpint (old_pages (fixture), ==, 0);
  while (sealed)
    g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, fluo_time_now_ns (), &sealed, NULL));
  close_store (fixture);
  open_store (fixture);
  check (fixture);
}

/* The program ends in the middle, once right after traces were filed: nothing is lost or doubled.
 */
static void
test_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean more;

  migrate (fixture, 3);
  g_assert_cmpint (old_pages (fixture), >, 0);
  close_store (fixture);
  open_store (fixture);
  g_assert_true (fluo_connection_execute (fluo_store_get_writer (fixture->store),
                                          "CREATE TEMP TRIGGER stop BEFORE DELETE ON main.traces_1"
                                          " BEGIN SELECT RAISE (ABORT, 'stop'); END",
                                          &error));
  g_assert_false (fluo_ingest_migrate (fixture->ingest, 4, &more, NULL));
  close_store (fixture);
  open_store (fixture);
  migrate (fixture, 1000);
  g_assert_cmpint (old_pages (fixture), ==, 0);
  check (fixture);
}

/* Everything is there, in the groups it was in; what is in none yet takes those of now. */
static void
test_format_2 (Fixture *fixture, gconstpointer data)
{
  FluoConnection *reader;
  g_autoptr (GError) error = NULL;
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  guint n[2] = { 0 };
  gboolean sealed = TRUE;
  gint64 format;

  g_assert_true (fluo_connection_pragma (fluo_store_get_writer (fixture->store), "user_version",
                                         &format, NULL));
  g_assert_cmpint (format, ==, FLUO_STORE_FORMAT);
  g_assert_true (fluo_ingest_recover (fixture->ingest, &error));
  g_assert_no_error (error);
  while (sealed)
    g_assert_true (fluo_ingest_seal (fixture->ingest, TRUE, fluo_time_now_ns (), &sealed, NULL));
  reader = fluo_store_acquire_reader (fixture->store, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));

      g_assert_true (
        fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, &error));
      for (guint k = 0; k < entries->len; k++)
        n[i] += i == 0 || g_array_index (entries, FluoTraceEntry, k).n_groups == 1;
    }
  fluo_store_release_reader (fixture->store, reader);
  g_assert_cmpuint (n[0], ==, 10);
  g_assert_cmpuint (n[1], ==, 3);
}

#define ADD(name, func) g_test_add ("/local/migrate/" name, Fixture, NULL, set_up, func, tear_down)

/* Who links to the trace with this number. */
static guint
count_consumers (Fixture *fixture, guint trace)
{
  g_autofree char *text = g_strdup_printf ("1-6b000000-%024x", trace);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, NULL);
  FluoTraceId id;
  gboolean more;

  g_assert_true (fluo_trace_id_parse (text, -1, &id));
  g_assert_true (fluo_linked_find_consumers (reader, &id, 10, ids, &more, NULL));
  fluo_store_release_reader (fixture->store, reader);
  return ids->len;
}

/* Traces in a group, as it is stored with them. */
static guint
count_all (Fixture *fixture, gboolean in_groups)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, NULL);
  guint n = 0;

  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, NULL));
  for (guint i = 0; i < entries->len; i++)
    n += !in_groups || g_array_index (entries, FluoTraceEntry, i).n_groups > 0;
  fluo_store_release_reader (fixture->store, reader);
  return n;
}

/* What links to a trace is found in traces that were sealed before anybody noted it. */
static void
test_links (Fixture *fixture, gconstpointer data)
{
  gboolean more = TRUE;

  g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
  g_assert_cmpuint (count_all (fixture, FALSE), ==, 40);
  for (guint trace = 0; trace < 40; trace++)
    g_assert_cmpuint (count_consumers (fixture, trace), ==, 0);
  for (guint round = 0; round < 2; round++)
    {
      while (more)
        g_assert_true (fluo_ingest_renew_facts (fixture->ingest, &more, NULL));
      for (guint trace = 0; trace < 40; trace++)
        g_assert_cmpuint (count_consumers (fixture, trace), ==, trace % 4 == 2);
      g_assert_cmpuint (count_all (fixture, FALSE), ==, 40);
      g_assert_cmpuint (count_all (fixture, TRUE), ==, 40);
      close_store (fixture);
      open_store (fixture);
      g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
      more = TRUE;
    }
}

/* Traces whose payments run that version, as filters see them. */
static guint
count_version (Fixture *fixture, const char *version)
{
  g_autofree char *text = g_strdup_printf ("service(\"payments\") { version = \"%s\" }", version);
  g_autoptr (FluoFilter) filter = fluo_filter_new (text, -1, NULL, NULL);
  FluoConnection *reader = fluo_store_acquire_reader (fixture->store, NULL);
  guint n = 0, n_blocks = 0;

  g_assert_nonnull (filter);
  for (gint64 number = 1; number < 10; number++)
    {
      g_auto (FluoBlockContents) contents = { NULL };
      FluoTraceFacts facts;

      if (!fluo_block_read (reader, number, FLUO_BLOCK_ALL_FACTS, &contents, NULL))
        continue;
      n_blocks++;
      for (guint i = 0; i < contents.entries->len; i++)
        {
          fluo_facts_block_get (fluo_block_contents_get_facts (&contents, i), i % FLUO_CHUNK_N,
                                &facts);
          n += fluo_filter_matches (filter, &facts);
        }
    }
  g_assert_cmpuint (n_blocks, >, 0);
  fluo_store_release_reader (fixture->store, reader);
  return n;
}

/* Which version a service had is found in traces that were sealed before anybody noted it. */
static void
test_versions (Fixture *fixture, gconstpointer data)
{
  gboolean more = TRUE;

  g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
  g_assert_cmpuint (count_all (fixture, FALSE), ==, 12);
  g_assert_cmpuint (count_version (fixture, "2.0"), ==, 0);
  for (guint round = 0; round < 2; round++)
    {
      while (more)
        g_assert_true (fluo_ingest_renew_facts (fixture->ingest, &more, NULL));
      g_assert_cmpuint (count_version (fixture, "2.0"), ==, 4);
      g_assert_cmpuint (count_version (fixture, "2.1"), ==, 4);
      g_assert_cmpuint (count_all (fixture, FALSE), ==, 12);
      close_store (fixture);
      open_store (fixture);
      g_assert_true (fluo_ingest_recover (fixture->ingest, NULL));
      more = TRUE;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", test_whole);
  ADD ("interrupted", test_interrupted);
  g_test_add ("/local/migrate/links", Fixture, "store/links-1.db", set_up, test_links, tear_down);
  g_test_add ("/local/migrate/versions", Fixture, "store/versions-2.db", set_up, test_versions,
              tear_down);
  g_test_add ("/local/migrate/format-2", Fixture, "store/format-2.db", set_up, test_format_2,
              tear_down);
  return g_test_run ();
}

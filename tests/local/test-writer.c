/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local/store/fluo-rest.h"
#include "local/store/fluo-stored-trace.h"
#include "local/store/fluo-writer.h"
#include "fluo-test-util.h"

typedef struct
{
  char         *dir;
  FluoStore    *store;
  FluoCounters *counters;
  FluoWriter   *writer;
  GMutex        gate;
  int           n_done;   /* atomic */
  int           n_failed;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  FluoWriterLimits limits = { G_MAXINT64 / 2, G_MAXUINT64 };
  g_autoptr (GError) error = NULL;

  g_mutex_init (&fixture->gate);
  fixture->dir = fluo_test_dir_new ();
  fixture->store = fluo_store_open (fixture->dir, &error);
  g_assert_no_error (error);
  fixture->counters = fluo_counters_new ();
  fixture->writer = fluo_writer_new (fixture->store, fixture->counters, &limits);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->writer, fluo_writer_free);
  fluo_counters_free (fixture->counters);
  fluo_store_free (fixture->store);
  fluo_test_dir_free (fixture->dir);
  g_mutex_clear (&fixture->gate);
}

static void
done (FluoWriteJob *job, const GError *error)
{
  Fixture *fixture = job->user_data;

  if (error)
    g_atomic_int_inc (&fixture->n_failed);
  fluo_write_job_free (job);
  g_atomic_int_inc (&fixture->n_done);
}

static FluoWriteJob *
make_job (Fixture *fixture, guint number, gsize filler)
{
  FluoWriteJob *job = fluo_write_job_new ();
  g_autofree char *text = g_strnfill (filler, 'x');
  char *json = g_strdup_printf ("{\"trace_id\":\"1-6b000000-%024x\",\"id\":\"%016x\",\"name\":"
                                "\"a\",\"start_time\":1,\"end_time\":2,"
                                "\"metadata\":{\"x\":\"%s\"}}",
                                number, number, text);
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));
  g_autoptr (GError) error = NULL;
  FluoSegmentHead head;

  fluo_segment_head_parse (json, strlen (json), &head, NULL, &error);
  g_assert_no_error (error);
  fluo_write_job_add (job, body, &head);
  job->done = done;
  job->user_data = fixture;
  return job;
}

/* What was taken is in the store when the writer is gone. */
static void
test_drain (Fixture *fixture, gconstpointer data)
{
  FluoCountersValues values;

  for (guint i = 1; i <= 3000; i++)
    g_assert_true (fluo_writer_submit (fixture->writer, make_job (fixture, i, 0)));
  g_clear_pointer (&fixture->writer, fluo_writer_free);
  g_assert_cmpint (fixture->n_done, ==, 3000);
  g_assert_cmpint (fixture->n_failed, ==, 0);
  fluo_counters_read (fixture->counters, &values);
  g_assert_cmpuint (values.stored, ==, 3000);
  g_assert_cmpuint (fluo_store_get_n_traces (fixture->store), ==, 3000);
}

/* Keeps the writer busy until the gate opens. */
static void
gate_done (FluoWriteJob *job, const GError *error)
{
  Fixture *fixture = job->user_data;

  g_mutex_lock (&fixture->gate);
  g_mutex_unlock (&fixture->gate);
  done (job, error);
}

/* The queue ends somewhere; what doesn't fit is counted, and nothing else is hurt. */
static void
test_full_queue (Fixture *fixture, gconstpointer data)
{
  FluoWriteJob *gate = make_job (fixture, 1, 0);
  guint n_taken = 1, n_refused = 0;
  FluoCountersValues values;

  gate->done = gate_done;
  gate->urgent = TRUE;
  g_mutex_lock (&fixture->gate);
  g_assert_true (fluo_writer_submit (fixture->writer, gate));
  for (guint i = 2; n_refused < 10; i++)
    {
      FluoWriteJob *job = make_job (fixture, i, 50000);

      if (fluo_writer_submit (fixture->writer, job))
        n_taken++;
      else
        {
          n_refused++;
          fluo_write_job_free (job);
        }
      g_assert_cmpuint (n_taken, <, 100000);
    }
  g_mutex_unlock (&fixture->gate);
  g_clear_pointer (&fixture->writer, fluo_writer_free);
  fluo_counters_read (fixture->counters, &values);
  g_assert_cmpuint (values.refused[FLUO_REFUSED_QUEUE_FULL], ==, n_refused);
  g_assert_cmpuint (values.stored, ==, n_taken);
  g_assert_cmpint (fixture->n_done, ==, n_taken);
}

static void
committed (gpointer data)
{
  g_atomic_int_inc ((int *) data);
}

static gboolean
one_done (gpointer data)
{
  return g_atomic_int_get (&((Fixture *) data)->n_done) > 0;
}

static void
test_revision (Fixture *fixture, gconstpointer data)
{
  FluoWriteJob *job = make_job (fixture, 1, 0);
  guint64 before = fluo_store_get_revision (fixture->store);
  int n_commits = 0;

  fluo_writer_set_commit_func (fixture->writer, committed, &n_commits);
  job->urgent = TRUE;
  g_assert_true (fluo_writer_submit (fixture->writer, job));
  while (!one_done (fixture))
    g_usleep (1000);
  g_assert_cmpuint (fluo_store_get_revision (fixture->store), >, before);
  g_clear_pointer (&fixture->writer, fluo_writer_free);
  g_assert_cmpint (n_commits, ==, 1);
}

static guint
count_entries (FluoStore *store)
{
  FluoTimeSpan everything = { 0, G_MAXINT64 };
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoConnection *reader = fluo_store_acquire_reader (store, NULL);

  g_assert_true (fluo_stored_traces_find (reader, everything, 0, G_MAXUINT, entries, NULL));
  fluo_store_release_reader (store, reader);
  return entries->len;
}

/* Many traces at once are assembled by a thread of its own; who asks meanwhile gets them all, or
 * asks again: on a slow machine that takes longer than a reader waits. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  const guint n = 1500;

  for (guint round = 0; round < 3; round++)
    {
      const gint64 end_usec = g_get_monotonic_time () + FLUO_TEST_PATIENCE_MS * 1000;
      gboolean settled;
      guint found;

      for (guint i = 1; i <= n; i++)
        g_assert_true (
          fluo_writer_submit (fixture->writer, make_job (fixture, round * n + i, 0)));
      while (g_atomic_int_get (&fixture->n_done) < (int) ((round + 1) * n))
        g_usleep (1000);
      /* In the second round not before all is assembled of itself. */
      while (round == 1 && fluo_writer_count_waiting (fixture->writer) > 0)
        g_usleep (1000);
      do
        {
          settled = fluo_writer_count_waiting (fixture->writer) == 0;
          found = count_entries (fixture->store);
        }
      while (found < (round + 1) * n && !settled && g_get_monotonic_time () < end_usec);
      g_assert_cmpuint (found, ==, (round + 1) * n);
    }
}

/* After every work memory is given back once, however late the work came. */
static void
test_rest (void)
{
  FluoRest rest = { 0 };
  gint64 now = 1000 * G_USEC_PER_SEC;
  gboolean begins;

  for (guint i = 0; i < 3; i++)
    {
      fluo_rest_note_work (&rest, now);
      g_assert_false (fluo_rest_look (&rest, now + 1, &begins));
      g_assert_false (begins);
      /* More work puts it off. */
      now += FLUO_REST_USEC;
      fluo_rest_note_work (&rest, now);
      g_assert_false (fluo_rest_look (&rest, now + FLUO_REST_USEC, &begins));
      g_assert_false (begins);
      now += FLUO_REST_USEC + 1;
      g_assert_true (fluo_rest_look (&rest, now, &begins));
      g_assert_true (begins);
      g_assert_true (fluo_rest_look (&rest, now + 1, &begins));
      g_assert_false (begins);
      now += (gint64) 3600 * G_USEC_PER_SEC;
      g_assert_true (fluo_rest_look (&rest, now, &begins));
      g_assert_false (begins);
    }
}

/* What it does of its own accord does not keep it from doing more of that: only who brings work
 * does. */
static void
test_left_alone (void)
{
  FluoRest rest = { 0 };
  gint64 now = 1000 * G_USEC_PER_SEC;

  fluo_rest_note_asked (&rest, now);
  g_assert_false (fluo_rest_is_left_alone (&rest, now + 5, 5));
  g_assert_true (fluo_rest_is_left_alone (&rest, now + 6, 5));
  fluo_rest_note_work (&rest, now + 6);
  g_assert_true (fluo_rest_is_left_alone (&rest, now + 6, 5));
  fluo_rest_note_asked (&rest, now + 7);
  g_assert_false (fluo_rest_is_left_alone (&rest, now + 8, 5));
}

#define ADD(name, func) g_test_add ("/local/writer/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/writer/rest", test_rest);
  g_test_add_func ("/local/writer/left-alone", test_left_alone);
  ADD ("many", test_many);
  ADD ("drain", test_drain);
  ADD ("full-queue", test_full_queue);
  ADD ("revision", test_revision);
  return g_test_run ();
}

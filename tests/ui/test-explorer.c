/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/connect/fluo-explorer.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  guint n_graph, n_summaries, n_new;
} Fixture;

static void
graph_changed_cb (FluoExplorer *explorer, Fixture *self)
{
  self->n_graph++;
}

static void
summaries_changed_cb (FluoExplorer *explorer, guint n_new, Fixture *self)
{
  self->n_summaries++;
  self->n_new += n_new;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  self->explorer = fluo_explorer_new ();
  g_signal_connect (self->explorer, "graph-changed", G_CALLBACK (graph_changed_cb), self);
  g_signal_connect (self->explorer, "summaries-changed", G_CALLBACK (summaries_changed_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_finalize_object (self->explorer);
  fake_xray_free (self->xray);
}

static gboolean
is_settled (gpointer data)
{
  return xray_steps_is_settled (((Fixture *) data)->explorer);
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  return fluo_explorer_get_summaries (self->explorer)->len == fake_xray_get_n_traces (self->xray);
}

static gboolean
is_retrying (gpointer data)
{
  return fluo_explorer_get_state (((Fixture *) data)->explorer) == FLUO_EXPLORER_RETRYING;
}

static gboolean
has_error (gpointer data)
{
  return fluo_explorer_get_error (((Fixture *) data)->explorer) != NULL;
}

static gboolean
has_no_error (gpointer data)
{
  return !has_error (data) && is_settled (data);
}

static void
assert_newest_first (GPtrArray *summaries)
{
  for (guint i = 1; i < summaries->len; i++)
    g_assert_cmpint (((FluoTraceSummary *) g_ptr_array_index (summaries, i - 1))->start_ns, >=,
                     ((FluoTraceSummary *) g_ptr_array_index (summaries, i))->start_ns);
}

static void
test_reads (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 40, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  assert_newest_first (fluo_explorer_get_summaries (self->explorer));
  g_assert_nonnull (fluo_explorer_get_graph (self->explorer));
  g_assert_cmpuint (
      fluo_service_graph_find (fluo_explorer_get_graph (self->explorer), "Clients", "client"), !=,
      G_MAXUINT);
  g_assert_false (fluo_explorer_is_empty (self->explorer));
  g_assert_cmpuint (self->n_graph, >=, 1);
}

static void
test_empty (Fixture *self, gconstpointer data)
{
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_true (fluo_explorer_is_empty (self->explorer));
  fake_xray_add_traces (self->xray, 1, 5, 2);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_false (fluo_explorer_is_empty (self->explorer));
}

static void
test_live (Fixture *self, gconstpointer data)
{
  guint n_reads;

  fake_xray_add_traces (self->xray, 30, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  n_reads = fake_xray_get_n_reads (self->xray);
  self->n_new = 0;
  fake_xray_add_traces (self->xray, 3, 5, 9);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  /* Only what changed was read, and each new trace was told of once. */
  g_assert_cmpuint (fake_xray_get_n_reads (self->xray), ==, n_reads);
  g_assert_cmpuint (fake_xray_get_n_events (self->xray), >=, 1);
  g_assert_cmpuint (self->n_new, ==, 3);
  assert_newest_first (fluo_explorer_get_summaries (self->explorer));
}

static gboolean
has_waiting (gpointer data)
{
  return fluo_explorer_get_waiting (((Fixture *) data)->explorer) == 5;
}

static void
test_paused (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 10, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  fluo_explorer_set_live (self->explorer, FALSE);
  fake_xray_add_traces (self->xray, 5, 5, 3);
  g_assert_true (fluo_test_wait_until (has_waiting, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 10);
  fluo_explorer_set_live (self->explorer, TRUE);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_waiting (self->explorer), ==, 0);
}

static void
test_gone_and_back (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 10, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  fake_xray_stop (self->xray);
  g_assert_true (fluo_test_wait_until (is_retrying, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_retry_seconds (self->explorer), >=, 1);
  /* What was shown stays. */
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 10);
  g_assert_nonnull (fluo_explorer_get_graph (self->explorer));
  g_assert_nonnull (fluo_explorer_get_error (self->explorer));
  fake_xray_start (self->xray);
  fake_xray_add_traces (self->xray, 2, 5, 4);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_no_error, self, PATIENCE_MS));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 6, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  fake_xray_set_error (self->xray, "AccessDeniedException");
  fluo_explorer_reload (self->explorer);
  g_assert_true (fluo_test_wait_until (has_error, self, PATIENCE_MS));
  g_assert_error (fluo_explorer_get_error (self->explorer), FLUO_XRAY_ERROR,
                  FLUO_XRAY_ERROR_ACCESS);
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 6);
  fake_xray_set_error (self->xray, NULL);
  fluo_explorer_reload (self->explorer);
  g_assert_true (fluo_test_wait_until (has_no_error, self, PATIENCE_MS));
}

static void
test_range (Fixture *self, gconstpointer data)
{
  FluoTimeSpan span = { 100 * FLUO_NSEC_PER_SEC, 200 * FLUO_NSEC_PER_SEC };

  fake_xray_add_traces (self->xray, 6, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  fluo_explorer_set_span (self->explorer, span);
  g_assert_true (fluo_explorer_is_loading (self->explorer));
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 0);
  g_assert_cmpint (fluo_explorer_get_relative_ns (self->explorer), ==, 0);
  /* The store is not empty, only this range is. */
  g_assert_false (fluo_explorer_is_empty (self->explorer));
}

static void
test_usual (Fixture *self, gconstpointer data)
{
  FluoTraceSummary *first;
  g_autofree char *title = NULL;

  fake_xray_add_traces (self->xray, 200, 600, 1);
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  first = g_ptr_array_index (fluo_explorer_get_summaries (self->explorer), 0);
  title = fluo_trace_summary_dup_request (first);
  g_assert_cmpint (fluo_explorer_get_usual_ns (self->explorer, "GET /search"), >,
                   FLUO_NSEC_PER_MSEC);
  g_assert_cmpint (fluo_explorer_get_usual_ns (self->explorer, "GET /never-called"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/explorer/reads", test_reads },     { "/explorer/empty", test_empty },
    { "/explorer/live", test_live },       { "/explorer/paused", test_paused },
    { "/explorer/gone", test_gone_and_back }, { "/explorer/refused", test_refused },
    { "/explorer/range", test_range },     { "/explorer/usual", test_usual },
  };
  char *state = fluo_test_dir_new ();
  int failed;

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  failed = g_test_run ();
  fluo_test_dir_free (state);
  return failed;
}

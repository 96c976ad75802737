/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/connect/fluo-explorer.h"
#include "filter/fluo-filter.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

/* The explorer with a filter. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS
#define SLOW "responsetime > 0.3"

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  guint n_matches, n_new, n_progress;
} Fixture;

static void
matches_changed_cb (FluoExplorer *explorer, guint n_new, Fixture *self)
{
  self->n_matches++;
  self->n_new += n_new;
}

static void
progress_changed_cb (FluoExplorer *explorer, Fixture *self)
{
  self->n_progress++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  self->explorer = fluo_explorer_new ();
  g_signal_connect (self->explorer, "matches-changed", G_CALLBACK (matches_changed_cb), self);
  g_signal_connect (self->explorer, "progress-changed", G_CALLBACK (progress_changed_cb), self);
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

static void
connect_explorer (Fixture *self)
{
  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static void
ask (Fixture *self, const char *expression)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fluo_explorer_set_filter (self->explorer, expression, &error));
  g_assert_no_error (error);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
}

static guint
n_matches (Fixture *self)
{
  return fluo_explorer_get_matches (self->explorer)->len;
}

static void
test_filter (Fixture *self, gconstpointer data)
{
  const FluoAskProgress *progress;
  guint n;

  fake_xray_add_traces (self->xray, 60, 600, 1);
  connect_explorer (self);
  /* Without a filter everything matches. */
  g_assert_true (fluo_explorer_get_matches (self->explorer)
                 == fluo_explorer_get_summaries (self->explorer));
  ask (self, "  " SLOW "\n");
  n = fake_xray_count (self->xray, SLOW);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <, 60);
  g_assert_cmpuint (n_matches (self), ==, n);
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, SLOW);
  /* All traffic is there still. */
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 60);
  progress = fluo_explorer_get_progress (self->explorer);
  g_assert_cmpuint (progress->n_matching, ==, n);
  g_assert_cmpuint (progress->n_all, ==, 60);
  g_assert_cmpuint (progress->gaps->len, ==, 0);
  g_assert_cmpint (progress->scanned_ns, ==, fluo_time_span_length (progress->span));
  g_assert_null (progress->error);
  /* And without one again, at once. */
  g_assert_true (fluo_explorer_set_filter (self->explorer, "", NULL));
  g_assert_cmpuint (n_matches (self), ==, 60);
}

static void
test_bad_filter (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_xray_add_traces (self->xray, 20, 600, 1);
  connect_explorer (self);
  ask (self, SLOW);
  g_assert_false (fluo_explorer_set_filter (self->explorer, "responsetime >", &error));
  g_assert_error (error, FLUO_FILTER_ERROR, FLUO_FILTER_ERROR_SYNTAX);
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, SLOW);
  g_assert_cmpuint (n_matches (self), ==, fake_xray_count (self->xray, SLOW));
}

static void
test_filter_first (Fixture *self, gconstpointer data)
{
  /* A window that is restored has its filter before it has a connection. */
  fake_xray_add_traces (self->xray, 60, 600, 1);
  g_assert_true (fluo_explorer_set_filter (self->explorer, SLOW, NULL));
  connect_explorer (self);
  g_assert_cmpuint (n_matches (self), ==, fake_xray_count (self->xray, SLOW));
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 60);
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  return fluo_explorer_get_summaries (self->explorer)->len == fake_xray_get_n_traces (self->xray)
         && n_matches (self) == fake_xray_count (self->xray, SLOW);
}

static void
test_live (Fixture *self, gconstpointer data)
{
  guint before, n_reads;

  fake_xray_add_traces (self->xray, 40, 600, 1);
  connect_explorer (self);
  ask (self, SLOW);
  before = n_matches (self);
  n_reads = fake_xray_get_n_reads (self->xray);
  self->n_new = 0;
  fake_xray_add_traces (self->xray, 40, 5, 9);
  g_assert_cmpuint (fake_xray_count (self->xray, SLOW), >, before);
  g_assert_true (fluo_test_wait_until (has_all, self, PATIENCE_MS));
  /* Only what changed was read, and those that match were told of. */
  g_assert_cmpuint (fake_xray_get_n_reads (self->xray), ==, n_reads);
  g_assert_cmpuint (self->n_new, ==, n_matches (self) - before);
}

static void
test_range (Fixture *self, gconstpointer data)
{
  FluoTimeSpan span = { 100 * FLUO_NSEC_PER_SEC, 200 * FLUO_NSEC_PER_SEC };

  fake_xray_add_traces (self->xray, 40, 600, 1);
  connect_explorer (self);
  ask (self, SLOW);
  g_assert_cmpuint (n_matches (self), >, 0);
  fluo_explorer_set_span (self->explorer, span);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_cmpuint (n_matches (self), ==, 0);
  g_assert_cmpuint (fluo_explorer_get_progress (self->explorer)->n_all, ==, 0);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  fake_xray_add_traces (self->xray, 40, 600, 1);
  connect_explorer (self);
  fake_xray_set_error (self->xray, "InvalidRequestException");
  ask (self, SLOW);
  /* Nothing of another question is shown as this one's answer. */
  g_assert_cmpuint (n_matches (self), ==, 0);
  g_assert_error (fluo_explorer_get_progress (self->explorer)->error, FLUO_XRAY_ERROR,
                  FLUO_XRAY_ERROR_INVALID_REQUEST);
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 40);
  fake_xray_set_error (self->xray, NULL);
  fluo_explorer_resume (self->explorer);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_null (fluo_explorer_get_progress (self->explorer)->error);
  g_assert_cmpuint (n_matches (self), ==, fake_xray_count (self->xray, SLOW));
}

/* Everything but the oldest parts has come. */
static gboolean
has_newest (gpointer data)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (((Fixture *) data)->explorer);
  const FluoTimeSpan *gap = (FluoTimeSpan *) (void *) progress->gaps->data;

  return progress->running && !progress->stale && progress->gaps->len == 1
         && gap->end_ns < progress->span.end_ns
         && gap->begin_ns == progress->span.begin_ns && n_matches ((Fixture *) data) > 0;
}

static gboolean
is_idle (gpointer data)
{
  return !fluo_explorer_get_progress (((Fixture *) data)->explorer)->running;
}

static guint n_expected;

static gboolean
has_expected (gpointer data)
{
  return n_matches (data) == n_expected;
}

static gboolean
has_expected_or_more (gpointer data)
{
  return n_matches (data) >= n_expected;
}

/* The newest are there while the rest is read; live goes on; stopping keeps what came. */
static void
test_progressive (Fixture *self, gconstpointer data)
{
  const FluoAskProgress *progress;
  const char *filter = data, *everything = filter ? filter : "duration >= 0";
  gint64 old_ns = fluo_time_now_ns () - 200 * FLUO_NSEC_PER_SEC;
  gint64 scanned_ns;
  guint n;

  fake_xray_add_traces (self->xray, 300, 850, 1);
  if (filter)
    connect_explorer (self);
  fake_xray_hold_reads (self->xray, old_ns);
  if (filter)
    g_assert_true (fluo_explorer_set_filter (self->explorer, filter, NULL));
  else
    xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_test_wait_until (has_newest, self, PATIENCE_MS));
  n = fake_xray_count (self->xray, everything);
  g_assert_cmpuint (n_matches (self), <, n);
  n_expected = n_matches (self);
  fake_xray_add_traces (self->xray, 20, 2, 99);
  n_expected += fake_xray_count (self->xray, everything) - n;
  g_assert_cmpuint (n_expected, >, n_matches (self));
  /* The live read brings also what came shortly before. */
  g_assert_true (fluo_test_wait_until (has_expected_or_more, self, PATIENCE_MS));
  g_assert_true (fluo_explorer_get_progress (self->explorer)->running);

  n = n_matches (self);
  fluo_explorer_stop (self->explorer);
  progress = fluo_explorer_get_progress (self->explorer);
  g_assert_false (progress->running);
  g_assert_true (progress->stopped);
  g_assert_cmpuint (n_matches (self), ==, n);
  g_assert_cmpuint (progress->gaps->len, ==, 1);
  scanned_ns = progress->scanned_ns;
  g_assert_cmpint (scanned_ns, >, 0);
  g_assert_cmpint (scanned_ns, <, fluo_time_span_length (progress->span));

  fake_xray_hold_reads (self->xray, 0);
  fluo_explorer_resume (self->explorer);
  g_assert_true (fluo_explorer_get_progress (self->explorer)->running);
  g_assert_true (fluo_test_wait_until (is_idle, self, PATIENCE_MS));
  progress = fluo_explorer_get_progress (self->explorer);
  g_assert_false (progress->stopped);
  g_assert_cmpuint (progress->gaps->len, ==, 0);
  n_expected = fake_xray_count (self->xray, everything);
  fluo_test_wait_until (has_expected, self, PATIENCE_MS);
  g_assert_cmpuint (n_matches (self), ==, n_expected);
}

/* A part that can't be read costs that part alone, and may be tried again. */
static void
test_lost_part (Fixture *self, gconstpointer data)
{
  gint64 now_ns = fluo_time_now_ns ();
  const FluoAskProgress *progress;
  guint n;

  fake_xray_add_traces (self->xray, 300, 850, 1);
  connect_explorer (self);
  n = fake_xray_count (self->xray, SLOW);
  fake_xray_break_reads (self->xray, (FluoTimeSpan) { now_ns - 300 * FLUO_NSEC_PER_SEC,
                                                      now_ns - 60 * FLUO_NSEC_PER_SEC });
  ask (self, SLOW);
  progress = fluo_explorer_get_progress (self->explorer);
  g_assert_nonnull (progress->error);
  g_assert_true (progress->stopped);
  g_assert_cmpuint (progress->gaps->len, ==, 1);
  g_assert_cmpuint (n_matches (self), >, 0);
  g_assert_cmpuint (n_matches (self), <, n);
  /* All traffic was read before and is not touched. */
  g_assert_cmpuint (fluo_explorer_get_summaries (self->explorer)->len, ==, 300);
  fake_xray_break_reads (self->xray, (FluoTimeSpan) { 0, 0 });
  fluo_explorer_resume (self->explorer);
  g_assert_true (fluo_test_wait_until (is_idle, self, PATIENCE_MS));
  g_assert_null (fluo_explorer_get_progress (self->explorer)->error);
  g_assert_cmpuint (n_matches (self), ==, n);
}

static gboolean
has_word (gpointer data)
{
  FluoFilterVocabulary *words =
    fluo_explorer_get_vocabulary (((Fixture *) data)->explorer, NULL, NULL);

  return words != NULL;
}

static gboolean
has_narrow_word (gpointer data)
{
  FluoFilterVocabulary *words =
    fluo_explorer_get_vocabulary (((Fixture *) data)->explorer, SLOW, NULL);
  guint n;

  return words && fluo_filter_vocabulary_get (words, FLUO_VOCABULARY_USER, &n)
         && g_str_equal (fluo_filter_vocabulary_get (words, FLUO_VOCABULARY_USER, &n)->text,
                         "of some");
}

static void
test_vocabulary (Fixture *self, gconstpointer data)
{
  gboolean exact = FALSE;
  FluoFilterVocabulary *words;
  guint n;

  fake_xray_add_traces (self->xray, 40, 600, 1);
  connect_explorer (self);
  g_assert_true (fluo_test_wait_until (has_word, self, PATIENCE_MS));
  words = fluo_explorer_get_vocabulary (self->explorer, NULL, &exact);
  g_assert_true (exact);
  g_assert_false (fluo_filter_vocabulary_is_aws (words));
  g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (words), ==, 40);
  g_assert_cmpstr (fluo_filter_vocabulary_get (words, FLUO_VOCABULARY_USER, &n)->text, ==,
                   "of all");
  g_assert_true (fluo_test_wait_until (has_narrow_word, self, PATIENCE_MS));
  /* However often it is looked at, each was read once. */
  g_assert_cmpuint (fake_xray_get_n_vocabularies (self->xray), ==, 2);
}

static void
test_vocabulary_plain (Fixture *self, gconstpointer data)
{
  gboolean exact = TRUE;
  FluoFilterVocabulary *words;
  guint n;

  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, 40, 600, 1);
  connect_explorer (self);
  g_assert_true (fluo_test_wait_until (has_word, self, PATIENCE_MS));
  words = fluo_explorer_get_vocabulary (self->explorer, NULL, &exact);
  g_assert_false (exact);
  /* What X-Ray can't be asked is wrong here. */
  g_assert_true (fluo_filter_vocabulary_is_aws (words));
  g_assert_cmpuint (fluo_filter_vocabulary_get_n_traces (words), ==, 40);
  fluo_filter_vocabulary_get (words, FLUO_VOCABULARY_SERVICE, &n);
  g_assert_cmpuint (n, >, 3);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(FluoFilterCounts **) user_data =
    fluo_explorer_count_finish (FLUO_EXPLORER (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_counted (gpointer data)
{
  return *(FluoFilterCounts **) data != NULL;
}

static void
test_counts (Fixture *self, gconstpointer data)
{
  static const char *const conditions[] = { SLOW, "service(\"payments\")", "fault", NULL };
  guint alone[3];

  for (guint plain = 0; plain < 2; plain++)
    {
      g_autoptr (FluoFilterCounts) counts = NULL;

      fake_xray_set_plain (self->xray, plain == 1);
      if (plain == 0)
        fake_xray_add_traces (self->xray, 80, 600, 1);
      connect_explorer (self);
      fluo_explorer_count_async (self->explorer, conditions, NULL, NULL, counted_cb, &counts);
      g_assert_true (fluo_test_wait_until (is_counted, &counts, PATIENCE_MS));
      g_assert_cmpint (counts->exact, ==, plain == 0);
      g_assert_cmpuint (counts->n_traces, ==, 80);
      for (guint i = 0; i < 3; i++)
        {
          const FluoConditionCount *count =
            &g_array_index (counts->conditions, FluoConditionCount, i);

          if (plain == 0)
            alone[i] = count->alone;
          else
            g_assert_cmpuint (count->alone, ==, alone[i]);
          g_assert_cmpuint (count->alone, ==, fake_xray_count (self->xray, conditions[i]));
        }
      if (plain == 1)
        {
          FluoConditionCount *row = (FluoConditionCount *) (void *) counts->conditions->data;

          g_assert_cmpuint (row[1].after, ==,
                            fake_xray_count (self->xray, SLOW " service(\"payments\")"));
          g_assert_cmpuint (counts->n_matching, ==,
                            fake_xray_count (self->xray, SLOW " service(\"payments\") fault"));
          g_assert_cmpuint (row[0].without, ==,
                            fake_xray_count (self->xray, "service(\"payments\") fault"));
          g_assert_cmpuint (row[2].without, ==, row[1].after);
          g_assert_cmpuint (row[2].without, >, counts->n_matching);
          g_assert_true (counts->complete);
        }
    }
  g_assert_cmpuint (fake_xray_get_n_counts (self->xray), ==, 1);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/ask/filter", test_filter },       { "/ask/bad-filter", test_bad_filter },
    { "/ask/first", test_filter_first },  { "/ask/live", test_live },
    { "/ask/range", test_range },         { "/ask/refused", test_refused },
    { "/ask/lost-part", test_lost_part }, { "/ask/counts", test_counts },
    { "/ask/vocabulary", test_vocabulary },
    { "/ask/vocabulary-plain", test_vocabulary_plain },
  };
  char *state = fluo_test_dir_new ();
  int failed;

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add ("/ask/progressive", Fixture, NULL, set_up, test_progressive, tear_down);
  g_test_add ("/ask/progressive-filter", Fixture, SLOW, set_up, test_progressive, tear_down);
  failed = g_test_run ();
  fluo_test_dir_free (state);
  return failed;
}

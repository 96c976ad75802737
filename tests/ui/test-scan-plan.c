/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/connect/fluo-scan-plan.h"

#define HOUR (60 * FLUO_NSEC_PER_MIN)

static const FluoTimeSpan day = { 100 * HOUR, 124 * HOUR };

/* Parts follow each other from the newest on, overlap nowhere and leave nothing out. */
static void
test_covers (void)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (day, 4);
  gint64 end_ns = day.end_ns;
  FluoTimeSpan part;
  guint n = 0;

  while (!fluo_scan_plan_is_complete (plan))
    {
      g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));

      while (fluo_scan_plan_next (plan, &part))
        {
          g_assert_cmpint (part.end_ns, ==, end_ns);
          g_assert_cmpint (part.begin_ns, <, part.end_ns);
          end_ns = part.begin_ns;
          g_array_append_val (parts, part);
          n++;
        }
      g_assert_cmpuint (parts->len, >, 0);
      g_assert_cmpuint (parts->len, <=, 4);
      for (guint i = 0; i < parts->len; i++)
        fluo_scan_plan_done (plan, g_array_index (parts, FluoTimeSpan, i), 2000,
                             2 * G_USEC_PER_SEC);
    }
  g_assert_cmpint (end_ns, ==, day.begin_ns);
  g_assert_cmpuint (n, ==, 8);
  g_assert_cmpint (fluo_scan_plan_get_read_ns (plan), ==, fluo_time_span_length (day));
}

static guint
run (guint n_found, gint64 usec, FluoTimeSpan span)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (span, 1);
  FluoTimeSpan part;
  guint n = 0;

  while (fluo_scan_plan_next (plan, &part))
    {
      g_assert_cmpint (fluo_time_span_length (part), <=,
                       FLUO_SCAN_PART_MAX_NS + FLUO_SCAN_PART_MAX_NS / 4 + FLUO_NSEC_PER_SEC);
      fluo_scan_plan_done (plan, part, n_found, usec);
      g_assert_cmpuint (++n, <, 1000000);
    }
  g_assert_true (fluo_scan_plan_is_complete (plan));
  return n;
}

/* Little found: fewer requests. Much found: more, but never without end. */
static void
test_width (void)
{
  FluoTimeSpan quarter = { 0, 15 * FLUO_NSEC_PER_MIN };

  g_assert_cmpuint (run (10, 1000, day), <=, 6);
  g_assert_cmpuint (run (9000, 1000, quarter), >, 100);
  g_assert_cmpuint (run (9000, 1000, quarter), <=, 901);
  g_assert_cmpuint (run (10, 30 * G_USEC_PER_SEC, quarter), >, 100);
  g_assert_cmpuint (run (0, 0, (FluoTimeSpan) { 5, 6 }), ==, 1);
  g_assert_cmpuint (run (0, 0, (FluoTimeSpan) { 5, 5 }), ==, 0);
}

static void
assert_gaps (FluoScanPlan *plan, guint n, FluoTimeSpan first)
{
  g_autoptr (GArray) gaps = fluo_scan_plan_dup_gaps (plan);

  g_assert_cmpuint (gaps->len, ==, n);
  if (n > 0)
    g_assert_true (fluo_time_span_equal (g_array_index (gaps, FluoTimeSpan, 0), first));
}

/* A part that is lost is a gap, and is read when somebody tries again. */
static void
test_lost (void)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (day, 2);
  FluoTimeSpan first, second, part;

  assert_gaps (plan, 1, day);
  g_assert_true (fluo_scan_plan_next (plan, &first));
  g_assert_true (fluo_scan_plan_next (plan, &second));
  g_assert_false (fluo_scan_plan_next (plan, &part));
  fluo_scan_plan_failed (plan, first, FLUO_SCAN_LOST);
  fluo_scan_plan_done (plan, second, 1500, 0);
  assert_gaps (plan, 2, first);
  while (fluo_scan_plan_next (plan, &part))
    fluo_scan_plan_done (plan, part, 1500, 0);
  g_assert_false (fluo_scan_plan_is_complete (plan));
  assert_gaps (plan, 1, first);
  g_assert_cmpint (fluo_scan_plan_get_read_ns (plan), ==,
                   fluo_time_span_length (day) - fluo_time_span_length (first));
  fluo_scan_plan_retry (plan);
  while (fluo_scan_plan_next (plan, &part))
    fluo_scan_plan_done (plan, part, 1500, 0);
  g_assert_true (fluo_scan_plan_is_complete (plan));
}

/* What was called off is not read; its late answers change nothing. */
static void
test_stop (void)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (day, 4);
  FluoTimeSpan first, second, again;

  g_assert_true (fluo_scan_plan_next (plan, &first));
  g_assert_true (fluo_scan_plan_next (plan, &second));
  fluo_scan_plan_done (plan, first, 1500, 0);
  fluo_scan_plan_stop (plan);
  g_assert_cmpuint (fluo_scan_plan_get_n_reading (plan), ==, 0);
  fluo_scan_plan_done (plan, second, 1500, 0);
  assert_gaps (plan, 1, (FluoTimeSpan) { day.begin_ns, first.begin_ns });
  g_assert_true (fluo_scan_plan_next (plan, &again));
  g_assert_cmpint (again.end_ns, ==, first.begin_ns);
}

static void
test_too_much (void)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (day, 1);
  FluoTimeSpan first, half;

  g_assert_true (fluo_scan_plan_next (plan, &first));
  fluo_scan_plan_failed (plan, first, FLUO_SCAN_TOO_MUCH);
  g_assert_true (fluo_scan_plan_next (plan, &half));
  g_assert_cmpint (half.end_ns, ==, first.end_ns);
  g_assert_cmpint (fluo_time_span_length (half), ==, fluo_time_span_length (first) / 2);
  assert_gaps (plan, 1, day);
}

static void
test_busy (void)
{
  g_autoptr (FluoScanPlan) plan = fluo_scan_plan_new (day, 4);
  FluoTimeSpan part;

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (fluo_scan_plan_next (plan, &part));
      fluo_scan_plan_failed (plan, part, FLUO_SCAN_BUSY);
    }
  g_assert_cmpuint (fluo_scan_plan_get_n_parallel (plan), ==, 1);
  /* One at a time and still too much: that part is lost, and not asked for without end. */
  g_assert_true (fluo_scan_plan_next (plan, &part));
  fluo_scan_plan_failed (plan, part, FLUO_SCAN_BUSY);
  g_assert_cmpuint (fluo_scan_plan_get_n_reading (plan), ==, 0);
  assert_gaps (plan, 1, day);
  while (fluo_scan_plan_next (plan, &part))
    fluo_scan_plan_done (plan, part, 1500, 0);
  g_assert_false (fluo_scan_plan_is_complete (plan));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scan-plan/covers", test_covers);
  g_test_add_func ("/scan-plan/width", test_width);
  g_test_add_func ("/scan-plan/lost", test_lost);
  g_test_add_func ("/scan-plan/stop", test_stop);
  g_test_add_func ("/scan-plan/too-much", test_too_much);
  g_test_add_func ("/scan-plan/busy", test_busy);
  return g_test_run ();
}

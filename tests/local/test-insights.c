/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <string.h>

#include "demo/fluo-demo.h"
#include "graph/fluo-service-graph-private.h"
#include "local/api/fluo-insights.h"
#include "fluo-test-util.h"

/* Some minute of 2026. */
#define START 29834000

/* --- Graphs by hand ------------------------------------------------------- */

static void
count (FluoCallStats *stats, gint64 total, gint64 faults)
{
  fluo_call_stats_count (stats, FLUO_STATUS_OK, total - faults);
  fluo_call_stats_count (stats, FLUO_STATUS_FAULT, faults);
  fluo_histogram_add (&stats->histogram, FLUO_NSEC_PER_MSEC, (gint32) total);
}

/* @caller NULL: clients. */
static void
add_call (FluoServiceGraph *graph, const char *caller, const char *callee, gint64 total,
          gint64 faults)
{
  guint from = fluo_service_graph_take_node (graph, caller ? caller : callee,
                                             caller ? NULL : "client", NULL, TRUE);
  guint to = fluo_service_graph_take_node (graph, callee, NULL, NULL, TRUE);

  count (&fluo_service_graph_take_edge (graph, from, to, FALSE, TRUE)->stats, total, faults);
  count (&((FluoGraphNode *) graph->nodes->pdata[to])->stats, total, faults);
}

/* Clients ask web 100 times a minute, web asks pay, pay asks bank; @faults of the bank's calls
 * fail, and all above with them. */
static void
add_chain (FluoInsights *insights, gint64 minute, gint64 faults)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();

  add_call (graph, NULL, "web", 100, faults / 2);
  add_call (graph, "web", "pay", 80, faults);
  add_call (graph, "pay", "bank", 60, faults);
  add_call (graph, "web", "search", 50, 0);
  g_assert_true (fluo_insights_add (insights, minute, graph));
}

/* The bank fails from the 30th minute to the 40th. */
static FluoInsights *
make_chain (gint64 from, gint64 until)
{
  FluoInsights *insights = fluo_insights_new (7, "arn:group/shop");

  for (gint64 minute = from; minute < until; minute++)
    add_chain (insights, minute, minute >= START + 30 && minute < START + 40 ? 30 : 0);
  return insights;
}

static const char *
service_name (FluoInsights *insights, const FluoInsightEvent *event, guint i)
{
  return fluo_insights_get_service (insights, g_array_index (event->services, guint, i))->name;
}

/* --- The band ------------------------------------------------------------- */

static void
test_band (void)
{
  FluoFaultBaseline baseline = { 6000, 60, 60 };
  FluoFaultBand band = fluo_fault_baseline_get_band (&baseline, 100);

  /* 1 % of 100: 1.01 ± 3.02. */
  g_assert_true (band.known);
  g_assert_cmpint (band.low, ==, 0);
  g_assert_cmpint (band.high, ==, 4);
  /* 50 % of 1,000: 500 ± 3 √(250 · (1 + 1/6)). */
  baseline.fault = 3000;
  band = fluo_fault_baseline_get_band (&baseline, 1000);
  g_assert_cmpint (band.low, ==, 449);
  g_assert_cmpint (band.high, ==, 551);
  band = fluo_fault_baseline_get_band (&baseline, 0);
  g_assert_cmpint (band.high, ==, 0);
  /* Nothing is known of a service that was seen a few times. */
  baseline = (FluoFaultBaseline){ 29, 0, 10 };
  g_assert_false (fluo_fault_baseline_get_band (&baseline, 100).known);
  baseline = (FluoFaultBaseline){ 3000, 0, 4 };
  g_assert_false (fluo_fault_baseline_get_band (&baseline, 100).known);
}

static GArray *
judge (const guint *faults, guint n, guint total, gint64 now)
{
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  GArray *episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));

  for (guint i = 0; i < n; i++)
    {
      FluoFaultCount each = { START + i, total, total - faults[i], faults[i] };

      g_array_append_val (counts, each);
    }
  fluo_fault_counts_judge (counts, now, NULL, episodes);
  return episodes;
}

/* A minute alone is chance, two are not; a minute that isn't over is not judged. */
static void
test_two_windows (void)
{
  guint faults[40] = { 0 };
  g_autoptr (GArray) none = NULL, open = NULL, closed = NULL, early = NULL;
  FluoFaultEpisode *episode;

  faults[20] = 40;
  none = judge (faults, 40, 100, START + 40);
  g_assert_cmpuint (none->len, ==, 0);
  faults[21] = 40;
  early = judge (faults, 22, 100, START + 21);
  g_assert_cmpuint (early->len, ==, 0);
  open = judge (faults, 22, 100, START + 22);
  g_assert_cmpuint (open->len, ==, 1);
  episode = &g_array_index (open, FluoFaultEpisode, 0);
  g_assert_cmpint (episode->first_minute, ==, START + 20);
  g_assert_cmpint (episode->known_minute, ==, START + 21);
  g_assert_cmpint (episode->closed_minute, ==, 0);
  closed = judge (faults, 40, 100, START + 40);
  g_assert_cmpuint (closed->len, ==, 1);
  episode = &g_array_index (closed, FluoFaultEpisode, 0);
  g_assert_cmpint (episode->last_minute, ==, START + 21);
  g_assert_cmpint (episode->closed_minute, ==, START + 22 + FLUO_INSIGHT_QUIET_MINUTES);
}

/* Two with a good one between them are not one after the other. */
static void
test_every_other (void)
{
  guint faults[40] = { 0 };
  g_autoptr (GArray) episodes = NULL;

  for (guint i = 20; i < 40; i += 2)
    faults[i] = 40;
  episodes = judge (faults, 40, 100, START + 40);
  g_assert_cmpuint (episodes->len, ==, 0);
}

/* Two faults are no news, however rare they are; a service that never worked has no usual. */
static void
test_few (void)
{
  guint faults[40] = { 0 };
  g_autoptr (GArray) two = NULL, always = NULL;

  faults[20] = faults[21] = faults[22] = 2;
  two = judge (faults, 40, 1000, START + 40);
  g_assert_cmpuint (two->len, ==, 0);
  for (guint i = 0; i < 40; i++)
    faults[i] = 10;
  always = judge (faults, 40, 10, START + 40);
  g_assert_cmpuint (always->len, ==, 0);
}

/* Episodes of a service that is called once a minute, or less often: @pattern repeats; '.' is no
 * call, 'o' a good one, 'f' a fault, '3' three faults. The first hours are good. */
static GArray *
judge_pattern (const char *good, guint n_good, const char *bad, guint n_bad, gint64 *ret_end)
{
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  GArray *episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));
  guint minute = 0;

  for (guint i = 0; i < n_good + n_bad; i++)
    for (const char *p = i < n_good ? good : bad; *p; p++, minute++)
      {
        guint total = *p == '.' ? 0 : *p == '3' ? 3 : 1;
        guint fault = *p == 'f' ? 1 : *p == '3' ? 3 : 0;
        FluoFaultCount each = { START + minute, total, total - fault, fault };

        if (total > 0)
          g_array_append_val (counts, each);
      }
  fluo_fault_counts_judge (counts, START + minute, NULL, episodes);
  *ret_end = minute;
  return episodes;
}

static void
check_pattern (const char *good, guint n_good, const char *bad, guint n_bad, gint64 first,
               gint64 known)
{
  gint64 end;
  g_autoptr (GArray) episodes = judge_pattern (good, n_good, bad, n_bad, &end);
  FluoFaultEpisode *episode;

  g_test_message ("%s × %u, %s × %u", good, n_good, bad, n_bad);
  g_assert_cmpuint (episodes->len, ==, first >= 0 ? 1 : 0);
  if (first < 0)
    return;
  episode = &g_array_index (episodes, FluoFaultEpisode, 0);
  g_assert_cmpint (episode->first_minute - START, ==, first);
  g_assert_cmpint (episode->known_minute - START, ==, known);
  g_assert_cmpint (episode->closed_minute, ==, 0);
}

/* A service that is called once a minute, or once in five, fails too. */
static void
test_seldom (void)
{
  check_pattern ("o", 60, "f", 8, -1, 0);
  check_pattern ("o", 60, "f", 9, 60, 68);
  check_pattern ("o", 60, "f", 300, 60, 68);
  check_pattern ("o", 60, "fo", 50, 60, 76);
  check_pattern ("o....", 60, "f....", 9, 300, 340);
  check_pattern ("o....", 60, "f....", 100, 300, 340);
  check_pattern ("o", 60, "3", 2, 60, 61);
  /* Too few calls in six hours, and none that ever went well. */
  check_pattern ("o..............", 40, "f", 30, -1, 0);
  check_pattern ("f", 60, "f", 60, -1, 0);
  check_pattern ("fooo", 90, "fooo", 60, -1, 0);
}

/* … and is well again: it takes as long to believe that as it took to see the trouble. */
static void
test_seldom_closed (void)
{
  gint64 end;
  g_autoptr (GArray) open = judge_pattern ("o....", 60, "f....", 12, &end);
  g_autoptr (GArray) closed = judge_pattern (
    "o....", 60, "f....f....f....f....f....f....f....f....f....o....o....o....o....o....o....", 1,
    &end);
  FluoFaultEpisode *episode;

  g_assert_cmpint (g_array_index (open, FluoFaultEpisode, 0).closed_minute, ==, 0);
  g_assert_cmpuint (closed->len, ==, 1);
  episode = &g_array_index (closed, FluoFaultEpisode, 0);
  g_assert_cmpint (episode->last_minute, ==, START + 340);
  g_assert_cmpint (episode->closed_minute, ==, START + 341 + 2 * 11);
}

/* Wherever one begins to read, the same comes out. */
static void
test_anywhere (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (99);
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));
  const FluoFaultEpisode *last;

  for (guint i = 0; i < 40 * 60; i++)
    {
      gboolean fault = g_rand_double (random) < (i >= 2200 && i < 2260 ? 0.9 : 0.03);
      FluoFaultCount each = { START + i, 1, !fault, fault };

      g_array_append_val (counts, each);
    }
  fluo_fault_counts_judge (counts, START + 40 * 60, NULL, all);
  g_assert_cmpuint (all->len, >=, 1);
  last = &g_array_index (all, FluoFaultEpisode, all->len - 1);
  for (guint skip = 0; skip <= 1800; skip += 61)
    {
      g_autoptr (GArray) part = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
      g_autoptr (GArray) episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));

      g_array_append_vals (part, &g_array_index (counts, FluoFaultCount, skip), counts->len - skip);
      fluo_fault_counts_judge (part, START + 40 * 60, NULL, episodes);
      g_assert_cmpmem (last, sizeof *last,
                       &g_array_index (episodes, FluoFaultEpisode, episodes->len - 1),
                       sizeof *last);
    }
}

/* Faults by chance at a service that is seldom called: of a hundred days at most five have an
 * insight. */
static void
test_seldom_noise (void)
{
  static const struct
  {
    double calls, rate; /* a minute, of a call */
  } cases[] = { { 0.5, 0.02 }, { 1, 0.05 }, { 2, 0.3 }, { 5, 0.01 }, { 20, 0.01 } };
  g_autoptr (GRand) random = g_rand_new_with_seed (4712);

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      guint n_days = 100, n_episodes = 0;

      for (guint day = 0; day < n_days; day++)
        {
          g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
          g_autoptr (GArray) episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));

          for (guint i = 0; i < 24 * 60; i++)
            {
              FluoFaultCount each = { START + i, 0, 0, 0 };
              guint tries = cases[c].calls < 1 ? 1 : (guint) cases[c].calls;

              for (guint k = 0; k < tries; k++)
                if (cases[c].calls >= 1 || g_rand_double (random) < cases[c].calls)
                  {
                    gboolean fault = g_rand_double (random) < cases[c].rate;

                    each.total++;
                    each.fault += fault;
                    each.ok += !fault;
                  }
              if (each.total > 0)
                g_array_append_val (counts, each);
            }
          fluo_fault_counts_judge (counts, START + 24 * 60, NULL, episodes);
          n_episodes += episodes->len;
        }
      g_test_message ("%g calls a minute, %g %% faults: %u insights in %u days", cases[c].calls,
                      cases[c].rate * 100, n_episodes, n_days);
      g_assert_cmpuint (n_episodes, <=, n_days / 20);
    }
}

/* A day of faults by chance, at any rate, is no insight. */
static void
test_noise (void)
{
  static const double rates[] = { 0.002, 0.02, 0.1, 0.5 };
  g_autoptr (GRand) random = g_rand_new_with_seed (4711);
  guint faults[24 * 60];

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    {
      g_autoptr (GArray) episodes = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
        {
          faults[i] = 0;
          for (guint k = 0; k < 100; k++)
            faults[i] += g_rand_double (random) < rates[r];
        }
      episodes = judge (faults, G_N_ELEMENTS (faults), 100, START + 24 * 60);
      g_assert_cmpuint (episodes->len, ==, 0);
    }
}

/* What lasts for a day is what is usual from then on. */
static void
test_a_day (void)
{
  guint faults[40 * 60] = { 0 };
  g_autoptr (GArray) episodes = NULL;
  FluoFaultEpisode *episode;

  for (guint i = 60; i < G_N_ELEMENTS (faults); i++)
    faults[i] = 50;
  episodes = judge (faults, G_N_ELEMENTS (faults), 100, START + 40 * 60);
  g_assert_cmpuint (episodes->len, ==, 1);
  episode = &g_array_index (episodes, FluoFaultEpisode, 0);
  g_assert_cmpint (episode->closed_minute, ==, START + 60 + FLUO_INSIGHT_MINUTES_MAX);
}

/* --- Insights ------------------------------------------------------------- */

static void
test_cause (void)
{
  g_autoptr (FluoInsights) insights = make_chain (START, START + 35);
  GPtrArray *all = fluo_insights_find (insights, START + 35);
  FluoInsight *insight;

  g_assert_cmpuint (all->len, ==, 1);
  insight = all->pdata[0];
  g_assert_cmpint (insight->first_minute, ==, START + 30);
  g_assert_cmpint (insight->end_minute, ==, 0);
  /* Of three in trouble the one that calls none of the others. */
  g_assert_cmpuint (insight->now.services->len, ==, 3);
  g_assert_cmpstr (service_name (insights, &insight->now, 0), ==, "bank");
  g_assert_cmpstr (service_name (insights, &insight->now, 1), ==, "pay");
  g_assert_cmpstr (service_name (insights, &insight->now, 2), ==, "web");
  g_assert_cmpint (insight->now.cause.fault, ==, 5 * 30);
  g_assert_cmpint (insight->now.cause.total, ==, 5 * 60);
  g_assert_cmpint (insight->now.cause.ok, ==, 5 * 30);
  g_assert_cmpint (insight->now.client.fault, ==, 5 * 15);
  g_assert_cmpint (insight->now.client.total, ==, 5 * 100);
  g_assert_cmpstr (insight->now.summary, ==,
                   "More faults than usual. Likely cause: bank with faults in 150 of 300 calls "
                   "(50%). Clients saw faults in 75 of 500 calls (15%).");
}

/* It keeps its id while it goes on, while more is known, and when less of the past is there. */
static void
test_id (void)
{
  g_autofree char *id = NULL;
  gint64 minute;
  guint32 group;

  for (gint64 now = START + 25; now < START + 60; now++)
    {
      g_autoptr (FluoInsights) insights = make_chain (START + (now % 3) * 5, now);
      GPtrArray *all = fluo_insights_find (insights, now);
      FluoInsight *insight;

      g_assert_cmpuint (all->len, ==, now >= START + 32 ? 1 : 0);
      if (all->len == 0)
        continue;
      insight = all->pdata[0];
      if (!id)
        id = g_strdup (insight->id);
      g_assert_cmpstr (insight->id, ==, id);
      g_assert_cmpint (insight->end_minute, ==, now > START + 49 ? START + 40 : 0);
    }
  g_assert_true (g_regex_match_simple ("^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}"
                                       "-[0-9a-f]{12}$", id, 0, 0));
  g_assert_true (fluo_insight_id_parse (id, &group, &minute));
  g_assert_cmpuint (group, ==, 7);
  g_assert_cmpint (minute, ==, START + 30);
  g_assert_false (fluo_insight_id_parse ("", &group, &minute));
  g_assert_false (fluo_insight_id_parse ("01234567-89ab-1def-8123-456789abcdeg", &group, &minute));
  g_assert_false (fluo_insight_id_parse ("012345678-9ab-1def-8123-456789abcdef", &group, &minute));
}

static void
test_group_in_id (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0xfedc4321, "arn:group/other");
  gint64 minute;
  guint32 group;

  for (gint64 i = START; i < START + 40; i++)
    add_chain (insights, i, i >= START + 30 ? 30 : 0);
  g_assert_true (fluo_insight_id_parse (
    ((FluoInsight *) fluo_insights_find (insights, START + 40)->pdata[0])->id, &group, &minute));
  g_assert_cmphex (group, ==, 0xfedc4321);
}

/* Events tell the story in order, with what was known then. */
static void
test_events (void)
{
  g_autoptr (FluoInsights) insights = make_chain (START, START + 60);
  FluoInsight *insight = fluo_insights_find (insights, START + 60)->pdata[0];
  FluoInsightEvent *first = insight->events->pdata[0];
  FluoInsightEvent *last = insight->events->pdata[insight->events->len - 1];

  /* Opened after two minutes; clients' faults doubled twice; closed. */
  g_assert_cmpuint (insight->events->len, ==, 4);
  g_assert_cmpint (first->minute, ==, START + 32);
  g_assert_cmpint (first->client.fault, ==, 30);
  g_assert_cmpint (((FluoInsightEvent *) insight->events->pdata[1])->minute, ==, START + 34);
  g_assert_cmpint (((FluoInsightEvent *) insight->events->pdata[1])->client.fault, ==, 60);
  g_assert_cmpint (((FluoInsightEvent *) insight->events->pdata[2])->minute, ==, START + 38);
  g_assert_cmpint (last->minute, ==, START + 40 + FLUO_INSIGHT_QUIET_MINUTES);
  g_assert_cmpint (last->client.fault, ==, 150);
  g_assert_cmpint (last->client.total, ==, 1000);
  g_assert_true (g_str_has_prefix (last->summary, "Over: "));
  g_assert_cmpint (insight->now.client.total, ==, 1000);
}

/* Who is known later joins, and may turn out to be the cause. */
static void
test_joined (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");
  FluoInsight *insight;
  FluoInsightEvent *first, *second;
  GPtrArray *all;

  for (gint64 minute = START; minute < START + 40; minute++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();

      add_call (graph, NULL, "web", 100, minute >= START + 30 ? 50 : 0);
      add_call (graph, "web", "pay", 80, 0);
      add_call (graph, "pay", "bank", 60, minute >= START + 33 ? 20 : 0);
      g_assert_true (fluo_insights_add (insights, minute, graph));
    }
  all = fluo_insights_find (insights, START + 40);
  g_assert_cmpuint (all->len, ==, 1);
  insight = all->pdata[0];
  first = insight->events->pdata[0];
  g_assert_cmpstr (service_name (insights, first, 0), ==, "web");
  g_assert_cmpuint (first->services->len, ==, 1);
  for (guint i = 1;; i++)
    {
      second = insight->events->pdata[i];
      if (second->services->len == 2)
        break;
    }
  g_assert_cmpint (second->minute, ==, START + 35);
  g_assert_cmpstr (service_name (insights, second, 0), ==, "bank");
  g_assert_true (g_str_has_prefix (second->summary, "The likely cause is now bank "));
}

/* Services that don't call each other are in trouble for reasons of their own. */
static void
test_apart (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");
  GPtrArray *all;

  for (gint64 minute = START; minute < START + 40; minute++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
      gint64 faults = minute >= START + 30 ? 30 : 0;

      add_call (graph, NULL, "front", 100, 0);
      add_call (graph, "front", "mail", 50, faults);
      add_call (graph, "front", "stock", 50, faults);
      g_assert_true (fluo_insights_add (insights, minute, graph));
    }
  all = fluo_insights_find (insights, START + 40);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (((FluoInsight *) all->pdata[0])->id, !=, ((FluoInsight *) all->pdata[1])->id);
}

/* A message is no call; and who calls whom counts as it was known then: what is seen later joins
 * nothing that was told apart. */
static void
test_messages (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");

  for (gint64 minute = START; minute < START + 60; minute++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
      gint64 faults = minute >= START + 30 ? 30 : 0;
      FluoGraphEdge *message;

      add_call (graph, NULL, "shop", 100, faults);
      add_call (graph, NULL, "stock", 100, faults);
      add_call (graph, NULL, "mailer", 100, faults);
      message = fluo_service_graph_take_edge (graph, fluo_service_graph_find (graph, "shop", NULL),
                                              fluo_service_graph_find (graph, "mailer", NULL),
                                              TRUE, TRUE);
      count (&message->stats, 50, 0);
      if (minute >= START + 45)
        add_call (graph, "shop", "stock", 10, 0);
      g_assert_true (fluo_insights_add (insights, minute, graph));
    }
  g_assert_cmpuint (fluo_insights_find (insights, START + 60)->len, ==, 3);
}

/* Names without end are too much for one analysis, and it says so. */
static void
test_too_much (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  gint64 minute = START;

  for (guint i = 0; i < FLUO_GRAPH_NODES_MAX - 1; i++)
    {
      g_autofree char *name = g_strdup_printf ("/users/%u", i);
      guint node = fluo_service_graph_take_node (graph, name, "remote", NULL, TRUE);

      count (&((FluoGraphNode *) graph->nodes->pdata[node])->stats, 1, 1);
    }
  while (fluo_insights_add (insights, minute, graph))
    minute++;
  g_assert_cmpint (minute, ==, START + 1024 * 1024 / (FLUO_GRAPH_NODES_MAX - 1));
}

/* Services that call each other: the one with more faults. */
static void
test_ring (void)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");
  GPtrArray *all;

  for (gint64 minute = START; minute < START + 40; minute++)
    {
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
      gboolean bad = minute >= START + 30;

      add_call (graph, "a", "b", 100, bad ? 30 : 0);
      add_call (graph, "b", "c", 100, bad ? 60 : 0);
      add_call (graph, "c", "a", 100, bad ? 40 : 0);
      g_assert_true (fluo_insights_add (insights, minute, graph));
    }
  all = fluo_insights_find (insights, START + 40);
  g_assert_cmpuint (all->len, ==, 1);
  g_assert_cmpstr (service_name (insights, &((FluoInsight *) all->pdata[0])->now, 0), ==, "c");
  /* Nobody came from outside. */
  g_assert_cmpint (((FluoInsight *) all->pdata[0])->now.client.total, ==, 0);
}

/* The graph of each minute of a demo. */
static void
add_demo (FluoInsights *insights, FluoDemo *demo)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  gint64 minute = START;

  for (guint i = 0; i < fluo_demo_get_n_traces (demo); i++)
    {
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);
      FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
      g_autoptr (FluoTrace) trace = NULL;

      if (fluo_demo_get_start (demo, i) >= (minute + 1) * FLUO_NSEC_PER_MIN)
        {
          g_assert_true (fluo_insights_add (insights, minute++, graph));
          fluo_service_graph_unref (graph);
          graph = fluo_service_graph_new ();
        }
      for (guint k = 0; k < documents->len; k++)
        {
          g_autoptr (GBytes) bytes =
            g_bytes_new (documents->pdata[k], strlen (documents->pdata[k]));

          /* The mailer's document is of another trace. */
          fluo_trace_builder_add (builder, bytes, NULL);
        }
      trace = fluo_trace_builder_end (builder, 0);
      if (trace)
        fluo_service_graph_add_trace (graph, trace, 1);
    }
  g_assert_true (fluo_insights_add (insights, minute, graph));
}

/* The Petshop: the bank gets slow after two fifths, wherever in a minute that is. */
static void
test_petshop (void)
{
  for (guint second = 0; second < 60; second += 23)
    {
      gint64 begin_ns = START * FLUO_NSEC_PER_MIN + second * FLUO_NSEC_PER_SEC;
      FluoDemoOptions options = { 20261119 + second,
                                  { begin_ns, begin_ns + 15 * FLUO_NSEC_PER_MIN }, 12930 };
      g_autoptr (FluoDemo) demo = fluo_demo_new (&options);
      g_autoptr (FluoInsights) insights = fluo_insights_new (0, "arn:group/Default");
      FluoInsight *insight;
      GPtrArray *all;

      add_demo (insights, demo);
      all = fluo_insights_find (insights, START + 16);
      g_assert_cmpuint (all->len, ==, 1);
      insight = all->pdata[0];
      g_test_message ("%s", insight->now.summary);
      g_assert_cmpstr (service_name (insights, &insight->now, 0), ==, "bank.example.com");
      g_assert_cmpint (insight->first_minute, >=, START + 6);
      g_assert_cmpint (insight->now.client.fault, >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/insights/band", test_band);
  g_test_add_func ("/insights/two-windows", test_two_windows);
  g_test_add_func ("/insights/every-other", test_every_other);
  g_test_add_func ("/insights/few", test_few);
  g_test_add_func ("/insights/noise", test_noise);
  g_test_add_func ("/insights/seldom", test_seldom);
  g_test_add_func ("/insights/seldom-closed", test_seldom_closed);
  g_test_add_func ("/insights/anywhere", test_anywhere);
  g_test_add_func ("/insights/seldom-noise", test_seldom_noise);
  g_test_add_func ("/insights/a-day", test_a_day);
  g_test_add_func ("/insights/cause", test_cause);
  g_test_add_func ("/insights/id", test_id);
  g_test_add_func ("/insights/group-in-id", test_group_in_id);
  g_test_add_func ("/insights/events", test_events);
  g_test_add_func ("/insights/joined", test_joined);
  g_test_add_func ("/insights/apart", test_apart);
  g_test_add_func ("/insights/messages", test_messages);
  g_test_add_func ("/insights/too-much", test_too_much);
  g_test_add_func ("/insights/ring", test_ring);
  g_test_add_func ("/insights/petshop", test_petshop);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-insights.h"

#include <math.h>

/* Half-width of the band in standard deviations. */
#define SIGMAS 3.0
/* The minutes before a minute that say what is expected of it. */
#define BASELINE_MINUTES 60
/* With fewer calls, or in fewer minutes, nothing is known of a service. */
#define BASELINE_CALLS_MIN 30
#define BASELINE_WINDOWS_MIN 5
/* One or two faults are never news. */
#define FAULTS_MIN 3
/* One minute may be chance. */
#define WINDOWS_TO_OPEN 2

FluoFaultBand
fluo_fault_baseline_get_band (const FluoFaultBaseline *self, gint64 total)
{
  FluoFaultBand band = { FALSE, 0, 0 };
  double rate, mean, deviation;

  if (self->total < BASELINE_CALLS_MIN || self->n_windows < BASELINE_WINDOWS_MIN)
    return band;
  /* Half a fault more than were seen (Jeffreys' prior): none in thirty calls doesn't mean that
   * there are none. The last factor is what is not known of the rate itself. */
  rate = ((double) self->fault + 0.5) / ((double) self->total + 1);
  mean = (double) total * rate;
  deviation = sqrt (mean * (1 - rate) * (1 + (double) total / (double) self->total));
  band.known = TRUE;
  band.low = (gint64) MAX (0, ceil (mean - SIGMAS * deviation));
  band.high = (gint64) floor (mean + SIGMAS * deviation);
  return band;
}

/* Walks along the minutes of one service. */
typedef struct
{
  const GArray     *counts;   /* FluoFaultCount */
  GArray           *unusual;  /* gboolean of each: it says nothing of what is expected */
  guint             tail;     /* first one of the baseline */
  FluoFaultBaseline baseline; /* of the usual ones from tail on */
  FluoFaultBaseline frozen;   /* while an episode lasts: as it was when that began */
  FluoFaultEpisode  episode;
  guint             run;      /* windows beyond the band, one after the other */
  gboolean          open;
} Walk;

static void
count_window (Walk *walk, guint index, int sign)
{
  const FluoFaultCount *count = &g_array_index (walk->counts, FluoFaultCount, index);

  if (g_array_index (walk->unusual, gboolean, index))
    return;
  walk->baseline.total += sign * (gint64) count->total;
  walk->baseline.fault += sign * (gint64) count->fault;
  walk->baseline.n_windows += sign;
}

static void
end_episode (Walk *walk, gint64 minute, GArray *episodes)
{
  walk->episode.closed_minute = minute;
  g_array_append_val (episodes, walk->episode);
  walk->open = FALSE;
  walk->run = 0;
}

/* Ends the episode when it has been quiet for long enough before @minute, or has lasted so long
 * that its faults are what is expected now. */
static void
end_episode_before (Walk *walk, gint64 minute, guint index, GArray *episodes)
{
  if (!walk->open)
    return;
  if (minute > walk->episode.last_minute + FLUO_INSIGHT_QUIET_MINUTES)
    {
      end_episode (walk, walk->episode.last_minute + 1 + FLUO_INSIGHT_QUIET_MINUTES, episodes);
    }
  else if (minute >= walk->episode.first_minute + FLUO_INSIGHT_MINUTES_MAX)
    {
      end_episode (walk, minute, episodes);
      for (guint i = walk->tail; i < index; i++)
        if (g_array_index (walk->unusual, gboolean, i))
          {
            g_array_index (walk->unusual, gboolean, i) = FALSE;
            count_window (walk, i, 1);
          }
    }
}

/* A window beyond the band: part of the episode, or one more that may become one. */
static void
take_unusual (Walk *walk, gint64 minute)
{
  if (!walk->open)
    {
      if (walk->run > 0 && minute > walk->episode.last_minute + FLUO_INSIGHT_QUIET_MINUTES)
        walk->run = 0;
      if (walk->run++ == 0)
        {
          walk->frozen = walk->baseline;
          walk->episode = (FluoFaultEpisode) { .first_minute = minute };
        }
      if (walk->run >= WINDOWS_TO_OPEN)
        {
          walk->open = TRUE;
          walk->episode.known_minute = minute;
        }
    }
  walk->episode.last_minute = minute;
}

static void
judge_window (Walk *walk, guint index, gboolean whole, GArray *ret_baselines, GArray *episodes)
{
  const FluoFaultCount *count = &g_array_index (walk->counts, FluoFaultCount, index);
  gboolean unusual = FALSE;
  const FluoFaultBaseline *baseline;
  FluoFaultBand band;

  while (walk->tail < index &&
         (gint64) g_array_index (walk->counts, FluoFaultCount, walk->tail).minute +
             BASELINE_MINUTES < count->minute)
    count_window (walk, walk->tail++, -1);
  end_episode_before (walk, count->minute, index, episodes);
  baseline = walk->open ? &walk->frozen : &walk->baseline;
  if (ret_baselines)
    g_array_append_vals (ret_baselines, baseline, 1);
  band = fluo_fault_baseline_get_band (baseline, count->total);
  if (whole)
    {
      unusual = band.known && count->fault > band.high && count->fault >= FAULTS_MIN;
      if (unusual)
        take_unusual (walk, count->minute);
      else if (!walk->open)
        walk->run = 0;
    }
  g_array_append_val (walk->unusual, unusual);
  count_window (walk, index, 1);
}

void
fluo_fault_counts_judge (const GArray *counts, gint64 now_minute, GArray *ret_baselines,
                         GArray *ret_episodes)
{
  g_autoptr (GArray) unusual =
    g_array_sized_new (FALSE, FALSE, sizeof (gboolean), MAX (counts->len, 1));
  Walk walk = { .counts = counts, .unusual = unusual };

  for (guint i = 0; i < counts->len; i++)
    judge_window (&walk, i, g_array_index (counts, FluoFaultCount, i).minute < now_minute,
                  ret_baselines, ret_episodes);
  if (!walk.open)
    return;
  if (now_minute > walk.episode.last_minute + FLUO_INSIGHT_QUIET_MINUTES)
    walk.episode.closed_minute = walk.episode.last_minute + 1 + FLUO_INSIGHT_QUIET_MINUTES;
  g_array_append_val (ret_episodes, walk.episode);
}

void
fluo_fault_counts_add (GArray *counts, gint64 minute, const FluoCallStats *stats)
{
  FluoFaultCount *last;
  gint64 total = fluo_call_stats_total (stats);

  if (total <= 0)
    return;
  if (counts->len == 0 ||
      g_array_index (counts, FluoFaultCount, counts->len - 1).minute != minute)
    {
      FluoFaultCount count = { .minute = (guint32) minute };

      g_array_append_val (counts, count);
    }
  last = &g_array_index (counts, FluoFaultCount, counts->len - 1);
  last->total = (guint32) MIN (last->total + total, G_MAXUINT32);
  last->fault = (guint32) MIN (last->fault + MAX (stats->fault, 0), G_MAXUINT32);
  last->ok = (guint32) MIN (last->ok + MAX (stats->ok, 0), G_MAXUINT32);
}

void
fluo_fault_counts_sum (const GArray *counts, gint64 first_minute, gint64 last_minute,
                       FluoImpact *ret_sum)
{
  guint low = 0, high = counts->len;

  *ret_sum = (FluoImpact) { 0 };
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (counts, FluoFaultCount, middle).minute < first_minute)
        low = middle + 1;
      else
        high = middle;
    }
  for (; low < counts->len; low++)
    {
      const FluoFaultCount *count = &g_array_index (counts, FluoFaultCount, low);

      if (count->minute >= last_minute)
        break;
      ret_sum->total += count->total;
      ret_sum->ok += count->ok;
      ret_sum->fault += count->fault;
    }
}

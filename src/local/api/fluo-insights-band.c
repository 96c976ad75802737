/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-insights.h"

#include <math.h>

/* Half-width of the band in standard deviations. */
#define SIGMAS 3.0
/* The minutes before a minute that say what is expected of it; more of them, as long as they have
 * too few calls. */
#define BASELINE_MINUTES 60
/* With fewer calls, or in fewer minutes, nothing is known of a service. */
#define BASELINE_CALLS_MIN 30
#define BASELINE_WINDOWS_MIN 5
/* One or two faults are never news: minutes with so few are taken together with those before them,
 * as far as that makes three, */
#define FAULTS_MIN 3
/* … but not with longer ago ones. */
#define WINDOW_MINUTES_MAX 15
/* One minute may be chance. Where minutes are taken together there are many ways to do it, so two
 * such windows may be chance too. */
#define WINDOWS_TO_OPEN 2
#define WIDE_WINDOWS_TO_OPEN 3

static gboolean
is_known (const FluoFaultBaseline *baseline)
{
  return baseline->total >= BASELINE_CALLS_MIN && baseline->n_windows >= BASELINE_WINDOWS_MIN;
}

FluoFaultBand
fluo_fault_baseline_get_band (const FluoFaultBaseline *self, gint64 total)
{
  FluoFaultBand band = { FALSE, 0, 0 };
  double rate, mean, deviation;

  if (!is_known (self))
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

/* Minutes that are judged together, mostly one. */
typedef struct
{
  guint  first, last; /* indexes */
  gint64 total, fault;
  gint64 minutes;     /* from the first to the last, both included */
} Window;

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
  gboolean          wide;     /* one of them is longer than a minute */
  Window            latest;   /* of them */
  guint             begin;    /* first index that is in no window beyond the band yet */
  gboolean          open;
} Walk;

static const FluoFaultCount *
get_count (const Walk *walk, guint index)
{
  return &g_array_index (walk->counts, FluoFaultCount, index);
}

static void
count_minute (FluoFaultBaseline *baseline, const Walk *walk, guint index, int sign)
{
  const FluoFaultCount *count = get_count (walk, index);

  if (g_array_index (walk->unusual, gboolean, index))
    return;
  baseline->total += sign * (gint64) count->total;
  baseline->fault += sign * (gint64) count->fault;
  baseline->n_windows += sign;
}

/* Known, and known without the calls of a wide window too: where there are more calls in 15 minutes
 * than this leaves, there are enough in 60. */
static gboolean
is_well_known (const FluoFaultBaseline *baseline)
{
  return baseline->total >= 2 * BASELINE_CALLS_MIN
         && baseline->n_windows >= BASELINE_WINDOWS_MIN + WINDOW_MINUTES_MAX;
}

/* The baseline of a minute: 60 minutes, or as many more as it takes to know something. */
static void
move_tail (Walk *walk, guint index)
{
  gint64 minute = get_count (walk, index)->minute;

  while (walk->tail < index)
    {
      gint64 age = minute - (gint64) get_count (walk, walk->tail)->minute;
      FluoFaultBaseline less = walk->baseline;

      count_minute (&less, walk, walk->tail, -1);
      if (age <= BASELINE_MINUTES
          || (age <= FLUO_INSIGHT_BASELINE_MINUTES_MAX && !is_well_known (&less)))
        return;
      walk->baseline = less;
      walk->tail++;
    }
}

/* How long it has to be quiet after the latest unusual window: where faults are rare, longer. */
static gint64
get_quiet (const Walk *walk)
{
  return MAX (FLUO_INSIGHT_QUIET_MINUTES, 2 * walk->latest.minutes);
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
  if (minute > walk->episode.last_minute + get_quiet (walk))
    {
      end_episode (walk, walk->episode.last_minute + 1 + get_quiet (walk), episodes);
    }
  else if (minute >= walk->episode.first_minute + FLUO_INSIGHT_MINUTES_MAX)
    {
      end_episode (walk, minute, episodes);
      for (guint i = walk->tail; i < index; i++)
        if (g_array_index (walk->unusual, gboolean, i))
          {
            g_array_index (walk->unusual, gboolean, i) = FALSE;
            count_minute (&walk->baseline, walk, i, 1);
          }
    }
}

/* The shortest window that ends with @index and has enough faults. It begins and ends with one,
 * and depends on nothing before it, so that it is the same wherever one begins to read. FALSE when
 * there is none. */
static gboolean
find_window (const Walk *walk, guint index, Window *ret_window)
{
  gint64 minute = get_count (walk, index)->minute;
  Window window = { index, index, 0, 0, 1 };

  if (get_count (walk, index)->fault == 0)
    return FALSE;
  for (guint i = index + 1; i-- > walk->begin;)
    {
      const FluoFaultCount *count = get_count (walk, i);

      if ((gint64) count->minute <= minute - WINDOW_MINUTES_MAX)
        break;
      window.first = i;
      window.total += count->total;
      window.fault += count->fault;
      window.minutes = minute - (gint64) count->minute + 1;
      if (window.fault >= FAULTS_MIN)
        {
          *ret_window = window;
          return TRUE;
        }
    }
  return FALSE;
}

/* A minute is just there, but a wide window was chosen by the fault that it begins with: that one
 * proves nothing. What was usual is known without the window itself. */
static gboolean
is_unusual (const Walk *walk, const Window *window)
{
  FluoFaultBaseline baseline = walk->open ? walk->frozen : walk->baseline;
  FluoFaultBand band;

  for (guint i = window->first; !walk->open && i < window->last; i++)
    count_minute (&baseline, walk, i, -1);
  band = fluo_fault_baseline_get_band (&baseline, window->total);
  return band.known && window->fault - (window->minutes > 1 ? 1 : 0) > band.high;
}

/* Whether the window is one after the other with the latest: between them are fewer minutes with
 * calls than that one is long, none if it is a minute. */
static gboolean
follows (const Walk *walk, const Window *window)
{
  return walk->run > 0
         && (gint64) (window->first - walk->latest.last - 1) < walk->latest.minutes
         && (gint64) get_count (walk, window->first)->minute
              <= walk->episode.last_minute + get_quiet (walk);
}

/* A window beyond the band: part of the episode, or one more that may become one. */
static void
take_unusual (Walk *walk, const Window *window)
{
  gint64 minute = get_count (walk, window->last)->minute;

  for (guint i = window->first; i < window->last; i++)
    {
      count_minute (&walk->baseline, walk, i, -1);
      g_array_index (walk->unusual, gboolean, i) = TRUE;
    }
  if (!walk->open)
    {
      if (!follows (walk, window))
        {
          walk->run = 0;
          walk->wide = FALSE;
          walk->frozen = walk->baseline;
          walk->episode =
            (FluoFaultEpisode) { .first_minute = get_count (walk, window->first)->minute };
        }
      walk->run++;
      walk->wide |= window->minutes > 1;
      if (walk->run >= (walk->wide ? WIDE_WINDOWS_TO_OPEN : WINDOWS_TO_OPEN))
        {
          walk->open = TRUE;
          walk->episode.known_minute = minute;
        }
    }
  walk->latest = *window;
  walk->begin = window->last + 1;
  walk->episode.last_minute = minute;
}

static void
judge_minute (Walk *walk, guint index, gboolean whole, GArray *ret_baselines, GArray *episodes)
{
  gboolean unusual;
  Window window;

  move_tail (walk, index);
  end_episode_before (walk, get_count (walk, index)->minute, index, episodes);
  if (ret_baselines)
    g_array_append_vals (ret_baselines, walk->open ? &walk->frozen : &walk->baseline, 1);
  unusual = whole && find_window (walk, index, &window) && is_unusual (walk, &window);
  if (unusual)
    take_unusual (walk, &window);
  g_array_append_val (walk->unusual, unusual);
  count_minute (&walk->baseline, walk, index, 1);
}

void
fluo_fault_counts_judge (const GArray *counts, gint64 now_minute, GArray *ret_baselines,
                         GArray *ret_episodes)
{
  g_autoptr (GArray) unusual =
    g_array_sized_new (FALSE, FALSE, sizeof (gboolean), MAX (counts->len, 1));
  Walk walk = { .counts = counts, .unusual = unusual };

  for (guint i = 0; i < counts->len; i++)
    judge_minute (&walk, i, g_array_index (counts, FluoFaultCount, i).minute < now_minute,
                  ret_baselines, ret_episodes);
  if (!walk.open)
    return;
  if (now_minute > walk.episode.last_minute + get_quiet (&walk))
    walk.episode.closed_minute = walk.episode.last_minute + 1 + get_quiet (&walk);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-insights-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"

/* Requests of clients that failed: so many more, and twice as many as at the last event, are
 * worth one. */
#define GROWTH_MIN 10
/* Characters of a service's name in a sentence. */
#define NAME_CHARS_MAX 80

typedef enum
{
  CHANGE_OPENED  = 1 << 0,
  CHANGE_JOINED  = 1 << 1,
  CHANGE_CAUSE   = 1 << 2,
  CHANGE_GROWN   = 1 << 3,
  CHANGE_CLOSED  = 1 << 4
} Change;

typedef struct
{
  FluoInsights *insights;
  FluoInsight  *insight;
  GPtrArray    *members;       /* in the order they became known */
  gint64        closed_minute; /* 0 = it goes on */
  guint         n_known;       /* members at the time that is told of */
  guint         cause;         /* node */
  gint64        faults;        /* of clients, at the last event */
} Story;

/* --- Likely cause --------------------------------------------------------- */

static gint64
count_faults (Story *story, guint node, gint64 minute)
{
  FluoImpact impact;

  fluo_fault_counts_sum (fluo_insights_node (story->insights, node)->counts,
                         story->insight->first_minute, minute, &impact);
  return impact.fault;
}

/* Nothing in trouble lies further down: what it calls calls it as well. */
static gboolean
is_farthest (Story *story, guint index)
{
  const FluoInsightMember *member = story->members->pdata[index];

  for (guint i = 0; i < story->n_known; i++)
    {
      const FluoInsightMember *other = story->members->pdata[i];

      if (fluo_insight_member_reaches (member, other->node) &&
          !fluo_insight_member_reaches (other, member->node))
        return FALSE;
    }
  return TRUE;
}

/* Of several that are farthest downstream the one with the most faults, then the one known
 * first. */
static guint
find_cause (Story *story, gint64 minute)
{
  guint cause = ((FluoInsightMember *) story->members->pdata[0])->node;
  gint64 most = -1;

  for (guint i = 0; i < story->n_known; i++)
    if (is_farthest (story, i))
      {
        guint node = ((FluoInsightMember *) story->members->pdata[i])->node;
        gint64 faults = count_faults (story, node, minute);

        if (faults > most)
          {
            cause = node;
            most = faults;
          }
      }
  return cause;
}

typedef struct
{
  guint  node;
  gint64 faults;
} Rank;

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  const Rank *one = a, *two = b;

  if (one->faults != two->faults)
    return one->faults > two->faults ? -1 : 1;
  return one->node < two->node ? -1 : one->node > two->node;
}

/* The cause, then the others by their faults, each once. */
static GArray *
rank_services (Story *story, gint64 minute)
{
  GArray *services = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) ranks = g_array_new (FALSE, FALSE, sizeof (Rank));
  guint last = story->cause;

  for (guint i = 0; i < story->n_known; i++)
    {
      guint node = ((FluoInsightMember *) story->members->pdata[i])->node;
      Rank rank = { node, count_faults (story, node, minute) };

      if (node != story->cause)
        g_array_append_val (ranks, rank);
    }
  g_array_sort (ranks, compare_ranks);
  g_array_append_val (services, story->cause);
  for (guint i = 0; i < ranks->len && services->len < FLUO_INSIGHT_SERVICES_MAX; i++)
    {
      guint node = g_array_index (ranks, Rank, i).node;

      /* One that was in trouble twice stands beside itself: its faults are the same. */
      if (node != last)
        g_array_append_val (services, node);
      last = node;
    }
  return services;
}

/* --- Sentences ------------------------------------------------------------ */

static char *
dup_name (Story *story, guint node)
{
  const FluoInsightService *service = fluo_insights_get_service (story->insights, node);

  return fluo_format_untrusted (fluo_kind_get_display_name (service->type, service->name),
                                NAME_CHARS_MAX);
}

/* "120 of 400 calls (30%)" */
static char *
dup_part (const FluoImpact *impact)
{
  g_autofree char *faults = fluo_format_count ((guint64) impact->fault);
  g_autofree char *total = fluo_format_count ((guint64) impact->total);
  g_autofree char *share =
    fluo_format_share (impact->total > 0 ? (double) impact->fault / (double) impact->total : 0);

  /* Translators: faults, calls, share: "120 of 400 calls (30%)". */
  return g_strdup_printf (_("%s of %s calls (%s)"), faults, total, share);
}

static char *
tell (Story *story, Change change, guint joined, const FluoImpact *client, const FluoImpact *cause)
{
  g_autofree char *name = dup_name (story, story->cause);
  g_autofree char *part = dup_part (cause);
  g_autofree char *clients = dup_part (client);
  g_autofree char *other = dup_name (story, joined);

  if (change & CHANGE_CLOSED)
    return g_strdup_printf (_("Over: no more faults than usual. Likely cause: %s with faults in "
                              "%s. Clients saw faults in %s."),
                            name, part, clients);
  if (change & CHANGE_OPENED)
    return g_strdup_printf (_("More faults than usual. Likely cause: %s with faults in %s. "
                              "Clients saw faults in %s."),
                            name, part, clients);
  if (change & CHANGE_CAUSE)
    return g_strdup_printf (_("The likely cause is now %s with faults in %s. "
                              "Clients saw faults in %s."),
                            name, part, clients);
  if (change & CHANGE_JOINED)
    /* Translators: the service that got into trouble too, and the likely cause. */
    return g_strdup_printf (_("%s is affected too. Likely cause: %s with faults in %s. "
                              "Clients saw faults in %s."),
                            other, name, part, clients);
  return g_strdup_printf (_("Clients see more and more faults. Likely cause: %s with faults in %s. "
                            "Clients saw faults in %s."),
                          name, part, clients);
}

/* --- Events --------------------------------------------------------------- */

/* What there is to tell of the insight at the beginning of @minute. */
static void
describe (Story *story, gint64 minute, Change change, guint joined, FluoInsightEvent *event)
{
  FluoInsights *self = story->insights;
  gint64 first = story->insight->first_minute;
  gint64 end = story->insight->end_minute != 0 ? MIN (minute, story->insight->end_minute) : minute;
  guint cause = find_cause (story, end);

  if (story->insight->events->len > 0 && cause != story->cause)
    change |= CHANGE_CAUSE;
  story->cause = cause;
  event->minute = minute;
  event->services = rank_services (story, end);
  fluo_fault_counts_sum (self->clients, first, end, &event->client);
  fluo_fault_counts_sum (fluo_insights_node (self, cause)->counts, first, end, &event->cause);
  event->summary = tell (story, change, joined, &event->client, &event->cause);
}

static void
add_event (Story *story, gint64 minute, Change change, guint joined)
{
  FluoInsightEvent *event = g_new0 (FluoInsightEvent, 1);

  describe (story, minute, change, joined, event);
  story->faults = event->client.fault;
  g_ptr_array_add (story->insight->events, event);
}

/* Events between two others because more and more clients are affected. */
static void
add_growth (Story *story, gint64 from, gint64 until)
{
  const GArray *clients = story->insights->clients;
  FluoImpact sum;

  fluo_fault_counts_sum (clients, story->insight->first_minute, from, &sum);
  for (guint i = 0; i < clients->len; i++)
    {
      const FluoFaultCount *count = &g_array_index (clients, FluoFaultCount, i);

      if (count->minute < from)
        continue;
      if (count->minute + 1 >= until)
        return;
      sum.fault += count->fault;
      if (sum.fault >= 2 * story->faults && sum.fault - story->faults >= GROWTH_MIN)
        add_event (story, (gint64) count->minute + 1, CHANGE_GROWN, story->cause);
    }
}

void
fluo_insight_tell (FluoInsights *self, FluoInsight *insight, GPtrArray *members, gint64 now_minute)
{
  Story story = { .insights = self, .insight = insight, .members = members };
  gint64 told = insight->first_minute, end;

  for (guint i = 0; i < members->len && insight->end_minute != 0; i++)
    story.closed_minute =
      MAX (story.closed_minute, ((FluoInsightMember *) members->pdata[i])->episode.closed_minute);
  while (story.n_known < members->len)
    {
      FluoInsightMember *member = members->pdata[story.n_known];
      gint64 minute = member->episode.known_minute + 1;
      gboolean opened = story.n_known == 0;

      if (!opened)
        add_growth (&story, told, minute);
      /* All that became known in one minute is one event. */
      while (story.n_known < members->len &&
             ((FluoInsightMember *) members->pdata[story.n_known])->episode.known_minute + 1 ==
               minute)
        story.n_known++;
      add_event (&story, minute, opened ? CHANGE_OPENED : CHANGE_JOINED, member->node);
      told = minute;
    }
  end = story.closed_minute != 0 ? insight->end_minute + 1 : now_minute + 1;
  add_growth (&story, told, end);
  if (story.closed_minute != 0)
    add_event (&story, story.closed_minute, CHANGE_CLOSED, story.cause);
  describe (&story, story.closed_minute != 0 ? story.closed_minute : now_minute,
            story.closed_minute != 0 ? CHANGE_CLOSED : CHANGE_OPENED, story.cause, &insight->now);
}

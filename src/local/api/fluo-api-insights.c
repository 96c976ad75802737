/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <stdio.h>
#include <string.h>

#include "local/api/fluo-insights.h"
#include "local/store/fluo-rollup.h"

/* GetInsight, GetInsightEvents, GetInsightSummaries, GetInsightImpactGraph: found anew for each
 * question from the minute graphs, so that they are always true of what is stored. */

/* X-Ray's own limits. */
#define AGE_MAX_MINUTES (30 * 24 * 60)
#define IMPACT_RANGE_MAX_NS (6 * 60 * FLUO_NSEC_PER_MIN)
#define EVENTS_PAGE 50
#define SUMMARIES_PAGE 100

/* Calls above the services in trouble that an impact graph shows. */
#define N_ROUNDS_MAX 100

/* --- Finding -------------------------------------------------------------- */

typedef struct
{
  FluoInsights *insights;
  gboolean      full;
} Reading;

static void
take_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  Reading *reading = data;

  if (!reading->full && !fluo_insights_add (reading->insights, minute, graph))
    reading->full = TRUE;
}

/* What is known at the present minute of those that begin in [@first, @last) or before and may
 * still go on then. NULL when the call has failed. */
static FluoInsights *
analyze (FluoApiCall *call, const FluoGroup *group, gint64 first, gint64 last)
{
  g_autoptr (FluoInsights) insights = fluo_insights_new (group->key, group->arn);
  g_autoptr (GError) error = NULL;
  Reading reading = { insights, FALSE };
  FluoConnection *reader = fluo_store_acquire_reader (call->context->store, &error);

  if (reader)
    {
      fluo_rollup_read (reader, group->key, first - FLUO_INSIGHT_LOOKBACK_MINUTES, last,
                        take_minute, &reading, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    fluo_api_call_store_failed (call, error);
  else if (reading.full)
    fluo_api_call_invalid (call, "Too much to look through at once: ask for a shorter time range");
  return call->error_type ? NULL : g_steal_pointer (&insights);
}

static gint64
get_now_minute (FluoApiCall *call)
{
  return fluo_rollup_minute (fluo_settings_now_ns (call->context->settings));
}

/* The minute after the last one that has a say in an insight which began at @first. */
static gint64
get_horizon (gint64 first, gint64 now)
{
  return MIN (now, first + FLUO_INSIGHT_MINUTES_MAX + FLUO_INSIGHT_LOOKBACK_MINUTES);
}

static const FluoGroup *
find_group (FluoGroups *groups, guint32 key)
{
  const FluoGroup *all, *by_default = fluo_groups_get_default (groups);
  guint n;

  if (by_default->key == key)
    return by_default;
  all = fluo_groups_get (groups, &n);
  for (guint i = 0; i < n; i++)
    if (all[i].key == key)
      return &all[i];
  return NULL;
}

typedef struct
{
  FluoInsights *insights;
  FluoInsight  *insight; /* of insights */
  FluoGroup    *group;
} Found;

static void
found_clear (Found *self)
{
  g_clear_pointer (&self->insights, fluo_insights_free);
  g_clear_pointer (&self->group, fluo_group_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

/* The insight of the request's id. FALSE when the call has failed. */
static gboolean
find_insight (FluoApiCall *call, Found *ret_found)
{
  g_autofree char *id = fluo_api_call_dup (call, "InsightId");
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);
  const FluoGroup *group = NULL;
  gint64 first, now = get_now_minute (call);
  GPtrArray *all;
  guint32 key;

  if (id && fluo_insight_id_parse (id, &key, &first) && first < now)
    group = find_group (groups, key);
  if (group && group->insights)
    {
      ret_found->group = fluo_group_copy (group);
      ret_found->insights = analyze (call, group, first, get_horizon (first, now));
      if (!ret_found->insights)
        return FALSE;
      all = fluo_insights_find (ret_found->insights, now);
      for (guint i = 0; i < all->len; i++)
        if (g_ascii_strcasecmp (((FluoInsight *) all->pdata[i])->id, id) == 0)
          ret_found->insight = all->pdata[i];
    }
  if (!ret_found->insight)
    fluo_api_call_invalid (call, "Insight not found.");
  return ret_found->insight != NULL;
}

/* --- Writing -------------------------------------------------------------- */

static void
write_string (FluoJsonWriter *writer, const char *key, const char *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

static void
write_minute (FluoJsonWriter *writer, const char *key, gint64 minute)
{
  if (minute > 0)
    {
      fluo_api_write_time (writer, key, minute * 60);
      return;
    }
  fluo_json_writer_key (writer, key);
  fluo_json_writer_null (writer);
}

static void
write_impact (FluoJsonWriter *writer, const char *key, const FluoImpact *impact)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "FaultCount");
  fluo_json_writer_int (writer, impact->fault);
  fluo_json_writer_key (writer, "OkCount");
  fluo_json_writer_int (writer, impact->ok);
  fluo_json_writer_key (writer, "TotalCount");
  fluo_json_writer_int (writer, impact->total);
  fluo_json_writer_end (writer, '}');
}

static void
write_names (FluoJsonWriter *writer, const char *name)
{
  fluo_json_writer_key (writer, "Names");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, name);
  fluo_json_writer_end (writer, ']');
}

static void
write_service_id (FluoJsonWriter *writer, const char *key, const FluoInsightService *service)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  write_string (writer, "AccountId", service->account);
  write_string (writer, "Name", service->name);
  write_names (writer, service->name);
  write_string (writer, "Type", service->type);
  fluo_json_writer_end (writer, '}');
}

/* What insights and their events have in common. */
static void
write_state (FluoJsonWriter *writer, FluoInsights *insights, const FluoInsightEvent *event)
{
  write_impact (writer, "RootCauseServiceRequestImpactStatistics", &event->cause);
  write_string (writer, "Summary", event->summary);
  fluo_json_writer_key (writer, "TopAnomalousServices");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < event->services->len; i++)
    {
      guint service = g_array_index (event->services, guint, i);

      fluo_json_writer_begin (writer, '{');
      write_service_id (writer, "ServiceId", fluo_insights_get_service (insights, service));
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

static void
write_insight (FluoJsonWriter *writer, FluoInsights *insights, const FluoInsight *insight,
               const FluoGroup *group, gboolean summary)
{
  const FluoInsightEvent *last = insight->events->pdata[insight->events->len - 1];
  guint cause = g_array_index (insight->now.services, guint, 0);

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Categories");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, "FAULT");
  fluo_json_writer_end (writer, ']');
  write_impact (writer, "ClientRequestImpactStatistics", &insight->now.client);
  write_minute (writer, "EndTime", insight->end_minute);
  write_string (writer, "GroupARN", group->arn);
  write_string (writer, "GroupName", group->name);
  write_string (writer, "InsightId", insight->id);
  if (summary)
    write_minute (writer, "LastUpdateTime", last->minute);
  write_service_id (writer, "RootCauseServiceId", fluo_insights_get_service (insights, cause));
  write_minute (writer, "StartTime", insight->first_minute);
  write_string (writer, "State", insight->end_minute != 0 ? "CLOSED" : "ACTIVE");
  write_state (writer, insights, &insight->now);
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_get_insight (FluoApiCall *call)
{
  g_auto (Found) found = { 0 };
  FluoJsonWriter writer;

  if (!find_insight (call, &found))
    return;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Insight");
  write_insight (&writer, found.insights, found.insight, found.group, FALSE);
  fluo_json_writer_end (&writer, '}');
}

/* --- GetInsightEvents ----------------------------------------------------- */

static guint
get_page_size (FluoApiCall *call, guint most)
{
  return (guint) CLAMP (
    fluo_json_tape_int (call->tape, fluo_json_tape_get (call->tape, 0, "MaxResults"), most), 1,
    most);
}

/* Newest first. The token is the number of events that are left: it stays right when there are
 * new ones. */
void
fluo_api_get_insight_events (FluoApiCall *call)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken"), *next = NULL;
  guint size = get_page_size (call, EVENTS_PAGE), n, end;
  g_auto (Found) found = { 0 };
  FluoJsonWriter writer;
  guint64 left;

  if (!find_insight (call, &found))
    return;
  n = found.insight->events->len;
  if (token)
    {
      if (!g_ascii_string_to_unsigned (token, 10, 1, n, &left, NULL))
        {
          fluo_api_call_invalid (call, "Invalid NextToken");
          return;
        }
      n = (guint) left;
    }
  end = n - MIN (n, size);
  if (end > 0)
    next = g_strdup_printf ("%u", end);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "InsightEvents");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = n; i > end; i--)
    {
      const FluoInsightEvent *event = found.insight->events->pdata[i - 1];

      fluo_json_writer_begin (&writer, '{');
      write_impact (&writer, "ClientRequestImpactStatistics", &event->client);
      write_minute (&writer, "EventTime", event->minute);
      write_state (&writer, found.insights, event);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  write_string (&writer, "NextToken", next);
  fluo_json_writer_end (&writer, '}');
}

/* --- GetInsightSummaries -------------------------------------------------- */

static gboolean
read_span (FluoApiCall *call, FluoTimeSpan *ret_span)
{
  gint64 oldest_ns = (get_now_minute (call) - AGE_MAX_MINUTES) * FLUO_NSEC_PER_MIN;

  if (!fluo_api_call_get_time (call, "StartTime", &ret_span->begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &ret_span->end_ns))
    return FALSE;
  if (ret_span->end_ns < ret_span->begin_ns)
    fluo_api_call_invalid (call, "End time cannot be earlier than start time");
  else if (ret_span->begin_ns < oldest_ns)
    fluo_api_call_invalid (call, "Start time cannot be more than 30 days ago");
  return !call->error_type;
}

/* Newest first; those of one minute by id. */
static int
compare_insights (gconstpointer a, gconstpointer b)
{
  const FluoInsight *one = *(const FluoInsight *const *) a;
  const FluoInsight *two = *(const FluoInsight *const *) b;

  if (one->first_minute != two->first_minute)
    return one->first_minute > two->first_minute ? -1 : 1;
  return strcmp (one->id, two->id);
}

/* Those that go on in the time asked for, of the states asked for. Borrowed. */
static GPtrArray *
choose (FluoApiCall *call, FluoInsights *insights, FluoTimeSpan span)
{
  guint32 states = fluo_json_tape_get (call->tape, 0, "States");
  g_autofree char *state =
    fluo_json_tape_dup (call->tape, fluo_json_tape_first (call->tape, states));
  GPtrArray *all = fluo_insights_find (insights, get_now_minute (call));
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      FluoInsight *insight = all->pdata[i];
      gint64 end_ns =
        insight->end_minute != 0 ? insight->end_minute * FLUO_NSEC_PER_MIN : G_MAXINT64;

      if (insight->first_minute * FLUO_NSEC_PER_MIN < span.end_ns && end_ns > span.begin_ns &&
          (!state || strcmp (state, insight->end_minute != 0 ? "CLOSED" : "ACTIVE") == 0))
        g_ptr_array_add (chosen, insight);
    }
  g_ptr_array_sort (chosen, compare_insights);
  return chosen;
}

/* The token is the id of the last insight that was given: what comes after it is known even if it
 * is gone. */
static gboolean
read_summaries_token (FluoApiCall *call, const char *token, GPtrArray *chosen, guint *ret_first)
{
  FluoInsight last = { 0 };
  const FluoInsight *key = &last;
  guint32 group;
  guint i = 0;

  if (!token)
    return TRUE;
  if (!fluo_insight_id_parse (token, &group, &last.first_minute))
    {
      fluo_api_call_invalid (call, "Invalid NextToken");
      return FALSE;
    }
  g_strlcpy (last.id, token, sizeof last.id);
  while (i < chosen->len && compare_insights (&chosen->pdata[i], &key) <= 0)
    i++;
  *ret_first = i;
  return TRUE;
}

void
fluo_api_get_insight_summaries (FluoApiCall *call)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken");
  g_autoptr (FluoGroup) group = NULL;
  g_autoptr (FluoInsights) insights = NULL;
  g_autoptr (GPtrArray) chosen = NULL;
  guint first = 0, end, size = get_page_size (call, SUMMARIES_PAGE);
  gint64 now = get_now_minute (call);
  FluoJsonWriter writer;
  FluoTimeSpan span;

  if (!read_span (call, &span))
    return;
  if (fluo_json_tape_type (call->tape, fluo_json_tape_get (call->tape, 0, "GroupName")) ==
        FLUO_JSON_NULL &&
      fluo_json_tape_type (call->tape, fluo_json_tape_get (call->tape, 0, "GroupARN")) ==
        FLUO_JSON_NULL)
    {
      fluo_api_call_invalid (call, "Either GroupName or GroupARN must be given");
      return;
    }
  group = fluo_api_call_dup_group (call);
  if (!group)
    return;
  /* Of a group that nobody asked insights of there are none. */
  insights = group->insights
               ? analyze (call, group, fluo_rollup_minute (span.begin_ns),
                          get_horizon (fluo_rollup_minute (span.end_ns), now))
               : fluo_insights_new (group->key, group->arn);
  if (!insights)
    return;
  chosen = choose (call, insights, span);
  if (!read_summaries_token (call, token, chosen, &first))
    return;
  end = MIN (chosen->len, first + size);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "InsightSummaries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = first; i < end; i++)
    write_insight (&writer, insights, chosen->pdata[i], group, TRUE);
  fluo_json_writer_end (&writer, ']');
  write_string (&writer, "NextToken",
                end < chosen->len ? ((FluoInsight *) chosen->pdata[end - 1])->id : NULL);
  fluo_json_writer_end (&writer, '}');
}

/* --- GetInsightImpactGraph ------------------------------------------------ */

static gboolean
is_member (const Found *found, const FluoGraphNode *node)
{
  for (guint i = 0; i < found->insight->members->len; i++)
    {
      const FluoInsightService *service = fluo_insights_get_service (
        found->insights, g_array_index (found->insight->members, guint, i));

      if (strcmp (node->name, service->name) == 0 &&
          g_strcmp0 (node->type, service->type) == 0 &&
          g_strcmp0 (node->account, service->account) == 0)
        return TRUE;
    }
  return FALSE;
}

/* 1 + the number of each node that takes part: the services in trouble and who calls them, directly
 * or not, down from the clients. 0 for all others. */
static guint *
number_impacted (const Found *found, const FluoServiceGraph *graph)
{
  guint *numbers = g_new0 (guint, MAX (graph->nodes->len, 1));
  gboolean more = TRUE;
  guint n = 0;

  for (guint i = 0; i < graph->nodes->len; i++)
    numbers[i] = is_member (found, graph->nodes->pdata[i]);
  /* Each round goes one call up, or further; what is deeper than any real chain of calls may be
   * left out. */
  for (guint round = 0; more && round < N_ROUNDS_MAX; round++)
    {
      more = FALSE;
      for (guint i = 0; i < graph->edges->len; i++)
        {
          const FluoGraphEdge *edge = graph->edges->pdata[i];

          if (numbers[edge->to] != 0 && numbers[edge->from] == 0 && !edge->linked)
            {
              numbers[edge->from] = 1;
              more = TRUE;
            }
        }
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    if (numbers[i] != 0)
      numbers[i] = ++n;
  return numbers;
}

static void
write_impact_graph (FluoJsonWriter *writer, const Found *found, const FluoServiceGraph *graph)
{
  g_autofree guint *numbers = number_impacted (found, graph);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_ptr_array_add (out, g_array_new (FALSE, FALSE, sizeof (guint)));
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = graph->edges->pdata[i];

      if (numbers[edge->from] != 0 && numbers[edge->to] != 0)
        g_array_append_val (out->pdata[edge->from], numbers[edge->to]);
    }
  fluo_json_writer_key (writer, "Services");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = graph->nodes->pdata[i];
      const GArray *edges = out->pdata[i];

      if (numbers[i] == 0)
        continue;
      fluo_json_writer_begin (writer, '{');
      write_string (writer, "AccountId", node->account);
      fluo_json_writer_key (writer, "Edges");
      fluo_json_writer_begin (writer, '[');
      for (guint k = 0; k < edges->len; k++)
        {
          fluo_json_writer_begin (writer, '{');
          fluo_json_writer_key (writer, "ReferenceId");
          fluo_json_writer_int (writer, (gint64) g_array_index (edges, guint, k) - 1);
          fluo_json_writer_end (writer, '}');
        }
      fluo_json_writer_end (writer, ']');
      write_string (writer, "Name", node->name);
      write_names (writer, node->name);
      fluo_json_writer_key (writer, "ReferenceId");
      fluo_json_writer_int (writer, (gint64) numbers[i] - 1);
      write_string (writer, "Type", node->type);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

/* The minutes that the range touches, summed. NULL when the call has failed. */
static FluoServiceGraph *
sum_graph (FluoApiCall *call, const FluoGroup *group, FluoTimeSpan span)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  g_autoptr (GError) error = NULL;
  FluoConnection *reader = fluo_store_acquire_reader (call->context->store, &error);

  if (reader)
    {
      fluo_rollup_sum (reader, group->key, fluo_rollup_minute (span.begin_ns),
                       fluo_rollup_minute (span.end_ns + FLUO_NSEC_PER_MIN - 1), graph, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return NULL;
    }
  fluo_service_graph_prune (graph);
  return g_steal_pointer (&graph);
}

void
fluo_api_get_insight_impact_graph (FluoApiCall *call)
{
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_auto (Found) found = { 0 };
  FluoJsonWriter writer;
  FluoTimeSpan span;
  gboolean empty;

  if (fluo_api_call_refuse (call, "NextToken", "Invalid NextToken") || !read_span (call, &span))
    return;
  if (span.end_ns - span.begin_ns > IMPACT_RANGE_MAX_NS)
    {
      fluo_api_call_invalid (call, "Time range cannot be longer than 6 hours");
      return;
    }
  if (!find_insight (call, &found) || !(graph = sum_graph (call, found.group, span)))
    return;
  empty = graph->nodes->len == 0;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_api_write_time (&writer, "EndTime", span.end_ns / FLUO_NSEC_PER_SEC);
  write_string (&writer, "InsightId", found.insight->id);
  write_string (&writer, "NextToken", NULL);
  if (empty)
    write_string (&writer, "ServiceGraphEndTime", NULL);
  else
    fluo_api_write_time (&writer, "ServiceGraphEndTime",
                         graph->span.end_ns / FLUO_NSEC_PER_SEC + 1);
  if (empty)
    write_string (&writer, "ServiceGraphStartTime", NULL);
  else
    fluo_api_write_time (&writer, "ServiceGraphStartTime",
                         graph->span.begin_ns / FLUO_NSEC_PER_SEC);
  write_impact_graph (&writer, &found, graph);
  fluo_api_write_time (&writer, "StartTime", span.begin_ns / FLUO_NSEC_PER_SEC);
  fluo_json_writer_end (&writer, '}');
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <stdio.h>
#include <string.h>

#include "local/api/fluo-insights.h"
#include "local/store/fluo-rollup.h"

/* GetTimeSeriesServiceStatistics. A call counts in the minute its trace starts in. */

/* Values of one answer. */
#define PAGE_MAX 1440
/* Minutes that are read at once, newest first; more and more when there is nothing. */
#define CHUNK_MINUTES 1440

typedef struct
{
  FluoSelector     *selector;  /* NULL = what clients ask of the group */
  FluoGroup        *group;
  gint64            period;    /* minutes */
  gint64            first;     /* buckets, half-open */
  gint64            end;
  gboolean          forecast;
} Question;

/* One value of the answer. */
typedef struct
{
  gint64            number;    /* of the bucket, since 1970 */
  FluoCallStats     stats;     /* the histogram owned */
  FluoFaultBaseline baseline;
} Bucket;

static void
question_clear (Question *self)
{
  g_clear_pointer (&self->selector, fluo_selector_free);
  g_clear_pointer (&self->group, fluo_group_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

static void
bucket_clear (gpointer data)
{
  fluo_histogram_clear (&((Bucket *) data)->stats.histogram);
}

FluoGroup *
fluo_api_call_dup_group (FluoApiCall *call)
{
  g_autofree char *name = fluo_api_call_dup (call, "GroupName");
  g_autofree char *arn = fluo_api_call_dup (call, "GroupARN");
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (call->context->settings);
  const FluoGroup *group;

  if (!name && !arn)
    return fluo_group_copy (fluo_groups_get_default (groups));
  group = fluo_groups_find (groups, name, arn);
  if (!group)
    fluo_api_call_invalid (call, "Group not found.");
  return group ? fluo_group_copy (group) : NULL;
}

/* --- The question --------------------------------------------------------- */

static gint64
divide_up (gint64 value, gint64 by)
{
  return value / by + (value % by > 0);
}

static gboolean
read_times (FluoApiCall *call, Question *question)
{
  gint64 begin_ns, end_ns;
  gint64 period_s = fluo_json_tape_int (
    call->tape, fluo_json_tape_get (call->tape, 0, "Period"), 60);
  gint64 period_ns = period_s * FLUO_NSEC_PER_SEC;

  if (!fluo_api_call_get_time (call, "StartTime", &begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &end_ns))
    return FALSE;
  if (begin_ns % FLUO_NSEC_PER_SEC != 0 || end_ns % FLUO_NSEC_PER_SEC != 0)
    fluo_api_call_invalid (call, "Start and end time must be whole seconds");
  else if (end_ns < begin_ns)
    fluo_api_call_invalid (call, "End time cannot be earlier than start time");
  else if (period_s != 60 && period_s != 300)
    fluo_api_call_invalid (call, "Period must be 60 or 300");
  if (call->error_type)
    return FALSE;
  /* A value's time is the end of its bucket. */
  question->period = period_s / 60;
  question->first = MAX (divide_up (begin_ns, period_ns) - 1, 0);
  question->end = MAX (divide_up (end_ns, period_ns) - 1, 0);
  return TRUE;
}

/* The last bucket that was answered. */
static gboolean
read_token (FluoApiCall *call, Question *question)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken");
  gint64 end;
  int length = -1;

  if (!token)
    return TRUE;
  if (strlen (token) > 30 || sscanf (token, "1-%" G_GINT64_FORMAT "%n", &end, &length) != 1 ||
      length != (int) strlen (token) || end < question->first || end > question->end)
    {
      fluo_api_call_invalid (call, "Invalid NextToken");
      return FALSE;
    }
  question->end = end;
  return TRUE;
}

static gboolean
read_question (FluoApiCall *call, Question *question)
{
  g_autofree char *selector = fluo_api_call_dup (call, "EntitySelectorExpression");
  g_autoptr (GError) error = NULL;

  question->forecast = fluo_json_tape_boolean (
    call->tape, fluo_json_tape_get (call->tape, 0, "ForecastStatistics"), FALSE);
  if (!read_times (call, question) || !(question->group = fluo_api_call_dup_group (call)))
    return FALSE;
  if (selector && !(question->selector = fluo_selector_new (selector, -1, NULL, &error)))
    fluo_api_call_invalid (call, "Invalid EntitySelectorExpression: %s", error->message);
  else if (question->forecast && !selector)
    fluo_api_call_invalid (call, "ForecastStatistics needs an EntitySelectorExpression");
  else if (question->forecast && !question->group->insights)
    fluo_api_call_invalid (call, "ForecastStatistics needs a group with insights enabled");
  return !call->error_type && read_token (call, question);
}

/* --- Selecting ------------------------------------------------------------ */

/* As a filter expression would: a client has the name of what it calls, but who asks for a name
 * means that. */
static gboolean
node_is (const FluoGraphNode *node, const char *alias, const FluoNodePattern *pattern)
{
  if (g_strcmp0 (node->type, "client") == 0 && pattern->name && !pattern->type)
    return FALSE;
  return (!pattern->name || strcmp (node->name, pattern->name) == 0 ||
          g_strcmp0 (alias, pattern->name) == 0) &&
         (!pattern->type || g_strcmp0 (node->type, pattern->type) == 0) &&
         (!pattern->account || g_strcmp0 (node->account, pattern->account) == 0);
}

static gboolean
edge_is (const FluoServiceGraph *graph, const FluoGraphEdge *edge, const FluoSelector *selector)
{
  if (!selector)
    return !edge->linked &&
           g_strcmp0 (((FluoGraphNode *) graph->nodes->pdata[edge->from])->type, "client") == 0;
  return node_is (graph->nodes->pdata[edge->from], NULL, fluo_selector_get_source (selector)) &&
         node_is (graph->nodes->pdata[edge->to], edge->alias,
                  fluo_selector_get_destination (selector));
}

static void
add_stats (FluoCallStats *sum, const FluoCallStats *stats)
{
  sum->ok += stats->ok;
  sum->error += stats->error;
  sum->throttle += stats->throttle;
  sum->fault += stats->fault;
  fluo_histogram_merge (&sum->histogram, &stats->histogram, 1);
}

static void
select_stats (const FluoSelector *selector, const FluoServiceGraph *graph, FluoCallStats *sum)
{
  if (selector && !fluo_selector_is_edge (selector))
    {
      for (guint i = 0; i < graph->nodes->len; i++)
        {
          const FluoGraphNode *node = graph->nodes->pdata[i];

          if (node_is (node, NULL, fluo_selector_get_source (selector)))
            add_stats (sum, &node->stats);
        }
      return;
    }
  for (guint i = 0; i < graph->edges->len; i++)
    if (edge_is (graph, graph->edges->pdata[i], selector))
      add_stats (sum, &((FluoGraphEdge *) graph->edges->pdata[i])->stats);
}

/* --- Reading -------------------------------------------------------------- */

typedef struct
{
  const Question *question;
  GArray         *buckets; /* Bucket, of one chunk, oldest first */
} Chunk;

static void
take_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  Chunk *chunk = data;
  gint64 number = minute / chunk->question->period;
  Bucket *last = chunk->buckets->len > 0
                   ? &g_array_index (chunk->buckets, Bucket, chunk->buckets->len - 1)
                   : NULL;
  FluoCallStats stats = { 0 };

  fluo_histogram_init (&stats.histogram);
  select_stats (chunk->question->selector, graph, &stats);
  if (fluo_call_stats_total (&stats) > 0)
    {
      if (!last || last->number != number)
        {
          g_array_set_size (chunk->buckets, chunk->buckets->len + 1);
          last = &g_array_index (chunk->buckets, Bucket, chunk->buckets->len - 1);
          last->number = number;
          fluo_histogram_init (&last->stats.histogram);
        }
      add_stats (&last->stats, &stats);
    }
  fluo_histogram_clear (&stats.histogram);
}

static GArray *
new_buckets (void)
{
  GArray *buckets = g_array_new (FALSE, TRUE, sizeof (Bucket));

  g_array_set_clear_func (buckets, bucket_clear);
  return buckets;
}

/* Appends the newest of @question, newest first; @ret_end is the oldest that was looked for. */
static gboolean
read_buckets (FluoConnection *reader, const Question *question, GArray *page, gint64 *ret_end,
              GError **error)
{
  gint64 end = question->end, size = CHUNK_MINUTES / question->period;

  while (end > question->first && page->len < PAGE_MAX)
    {
      gint64 begin = MAX (question->first, end - size);
      g_autoptr (GArray) buckets = new_buckets ();
      Chunk chunk = { question, buckets };

      if (!fluo_rollup_read (reader, question->group->key, begin * question->period,
                             end * question->period, take_minute, &chunk, error))
        return FALSE;
      end = begin;
      for (guint i = buckets->len; i > 0 && page->len < PAGE_MAX; i--)
        {
          Bucket *bucket = &g_array_index (buckets, Bucket, i - 1);

          g_array_append_vals (page, bucket, 1);
          /* It has the histogram now. */
          fluo_histogram_init (&bucket->stats.histogram);
          if (page->len == PAGE_MAX)
            end = g_array_index (page, Bucket, page->len - 1).number;
        }
      if (buckets->len == 0 && size < FLUO_MINUTE_MAX)
        size *= 2;
    }
  *ret_end = end;
  return TRUE;
}

typedef struct
{
  const FluoSelector *selector;
  GArray             *counts; /* FluoFaultCount */
} Counting;

static void
count_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  Counting *counting = data;
  FluoCallStats stats = { 0 };

  fluo_histogram_init (&stats.histogram);
  select_stats (counting->selector, graph, &stats);
  fluo_fault_counts_add (counting->counts, minute, &stats);
  fluo_histogram_clear (&stats.histogram);
}

/* What was expected at the beginning of each bucket. */
static gboolean
read_baselines (FluoConnection *reader, const Question *question, gint64 now_ns, GArray *page,
                GError **error)
{
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  g_autoptr (GArray) baselines = g_array_new (FALSE, FALSE, sizeof (FluoFaultBaseline));
  g_autoptr (GArray) episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));
  Counting counting = { question->selector, counts };
  gint64 first, end;
  guint k;

  if (page->len == 0)
    return TRUE;
  first = g_array_index (page, Bucket, page->len - 1).number * question->period;
  end = (g_array_index (page, Bucket, 0).number + 1) * question->period;
  if (!fluo_rollup_read (reader, question->group->key, first - FLUO_INSIGHT_LOOKBACK_MINUTES, end,
                         count_minute, &counting, error))
    return FALSE;
  fluo_fault_counts_judge (counts, fluo_rollup_minute (now_ns), baselines, episodes);
  k = counts->len;
  for (guint i = 0; i < page->len; i++)
    {
      Bucket *bucket = &g_array_index (page, Bucket, i);

      while (k > 0 && g_array_index (counts, FluoFaultCount, k - 1).minute >=
                        bucket->number * question->period)
        k--;
      if (k < counts->len)
        bucket->baseline = g_array_index (baselines, FluoFaultBaseline, k);
    }
  return TRUE;
}

/* --- The answer ----------------------------------------------------------- */

static void
write_int (FluoJsonWriter *writer, const char *key, gint64 value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_int (writer, value);
}

static void
write_null (FluoJsonWriter *writer, const char *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_null (writer);
}

static void
write_bucket (FluoJsonWriter *writer, const Question *question, const Bucket *bucket)
{
  gboolean service = question->selector && !fluo_selector_is_edge (question->selector);
  FluoFaultBand band =
    fluo_fault_baseline_get_band (&bucket->baseline, fluo_call_stats_total (&bucket->stats));

  fluo_json_writer_begin (writer, '{');
  if (service)
    write_null (writer, "EdgeSummaryStatistics");
  else
    fluo_call_stats_write (&bucket->stats, writer, "EdgeSummaryStatistics");
  fluo_histogram_write (&bucket->stats.histogram, writer, "ResponseTimeHistogram");
  fluo_json_writer_key (writer, "ServiceForecastStatistics");
  fluo_json_writer_begin (writer, '{');
  if (question->forecast && band.known)
    {
      write_int (writer, "FaultCountHigh", band.high);
      write_int (writer, "FaultCountLow", band.low);
    }
  else
    {
      write_null (writer, "FaultCountHigh");
      write_null (writer, "FaultCountLow");
    }
  fluo_json_writer_end (writer, '}');
  if (service)
    fluo_call_stats_write (&bucket->stats, writer, "ServiceSummaryStatistics");
  else
    write_null (writer, "ServiceSummaryStatistics");
  fluo_api_write_time (writer, "Timestamp", (bucket->number + 1) * question->period * 60);
  fluo_json_writer_end (writer, '}');
}

void
fluo_api_get_time_series (FluoApiCall *call)
{
  g_auto (Question) question = { 0 };
  g_autoptr (GArray) page = new_buckets ();
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;
  gint64 end = 0;

  if (!read_question (call, &question))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      if (read_buckets (reader, &question, page, &end, &error) && question.forecast)
        read_baselines (reader, &question, fluo_settings_now_ns (call->context->settings), page,
                        &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  if (end > question.first)
    token = g_strdup_printf ("1-%" G_GINT64_FORMAT, end);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "ContainsOldGroupVersions");
  fluo_json_writer_boolean (&writer, FALSE);
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_string (&writer, token);
  fluo_json_writer_key (&writer, "TimeSeriesServiceStatistics");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < page->len; i++)
    write_bucket (&writer, &question, &g_array_index (page, Bucket, i));
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-stats.h"

#include <stdlib.h>

#include "fluo-histogram.h"
#include "fluo-span-detail.h"

/* What makes two spans of a kind, and how long each took. */
typedef struct
{
  guint32 service;
  guint32 name;
  guint32 detail;
  guint32 span;
  gint64  length_ns;
} Member;

static int
compare_members (const void *a, const void *b)
{
  const Member *x = a, *y = b;

  if (x->service != y->service)
    return x->service < y->service ? -1 : 1;
  if (x->name != y->name)
    return x->name < y->name ? -1 : 1;
  if (x->detail != y->detail)
    return x->detail < y->detail ? -1 : 1;
  if (x->length_ns != y->length_ns)
    return x->length_ns < y->length_ns ? -1 : 1;
  return x->span < y->span ? -1 : x->span > y->span;
}

static int
compare_stats (gconstpointer a, gconstpointer b)
{
  const FluoTraceStat *x = a, *y = b;

  if (x->own_ns != y->own_ns)
    return x->own_ns > y->own_ns ? -1 : 1;
  return x->span < y->span ? -1 : x->span > y->span;
}

static gboolean
is_alike (const Member *a, const Member *b)
{
  return a->service == b->service && a->name == b->name && a->detail == b->detail;
}

static FluoTraceStat
sum_up (const FluoSpan *spans, const Member *members, guint n)
{
  FluoTraceStat stat = { NULL, members[0].service, members[n - 1].span, n };
  g_autofree gint64 *lengths = g_new (gint64, n);

  for (guint i = 0; i < n; i++)
    {
      const FluoSpan *span = &spans[members[i].span];

      lengths[i] = members[i].length_ns;
      stat.total_ns += members[i].length_ns;
      stat.own_ns += span->self_ns;
      stat.faults +=
        spans[fluo_spans_failing (spans, members[i].span)].status >= FLUO_STATUS_ERROR;
    }
  stat.p50_ns = fluo_percentile (lengths, n, 0.5);
  stat.p90_ns = fluo_percentile (lengths, n, 0.9);
  stat.p99_ns = fluo_percentile (lengths, n, 0.99);
  stat.max_ns = lengths[n - 1];
  return stat;
}

static gboolean
counts (const FluoSpan *span)
{
  return !(span->flags & (FLUO_SPAN_CALL | FLUO_SPAN_IN_PROGRESS));
}

static void
stat_clear (gpointer data)
{
  g_free (((FluoTraceStat *) data)->label);
}

/* Annotations as numbers, in order of appearance; a call with several is a member of each. */
static GArray *
collect_annotations (FluoTrace *self, GPtrArray *labels)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (Member));
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  const FluoSpan *spans;
  guint n_spans, n_documents = 0;

  spans = fluo_trace_get_spans (self, &n_spans);
  for (guint32 i = 0; i < n_spans && n_documents < FLUO_TRACE_STATS_DOCUMENTS_MAX; i++)
    {
      g_autoptr (FluoSpanDetail) detail = NULL;

      if (!counts (&spans[i]) || !(spans[i].flags & FLUO_SPAN_HAS_ANNOTATIONS))
        continue;
      n_documents++;
      detail = fluo_span_detail_new (self, i);
      for (guint k = 0; k < detail->annotations->len; k++)
        {
          const FluoAnnotation *one = &g_array_index (detail->annotations, FluoAnnotation, k);
          char *label = g_strdup_printf ("%s = %s", one->key, one->value);
          guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, label));
          Member member = { 0, 0, 0, i, spans[i].end_ns - spans[i].start_ns };

          if (number == 0)
            {
              g_ptr_array_add (labels, label);
              number = labels->len;
              g_hash_table_insert (numbers, label, GUINT_TO_POINTER (number));
            }
          else
            g_free (label);
          member.name = number;
          g_array_append_val (members, member);
        }
    }

  return members;
}

static GArray *
collect_calls (FluoTrace *self, gboolean by_call)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (Member));
  const FluoSpan *spans;
  guint n_spans;

  spans = fluo_trace_get_spans (self, &n_spans);
  for (guint32 i = 0; i < n_spans; i++)
    {
      const FluoSpan *span = &spans[i];
      Member member = { span->service, by_call ? span->name : 0, by_call ? span->detail : 0, i,
                        span->end_ns - span->start_ns };

      if (counts (span))
        g_array_append_val (members, member);
    }

  return members;
}

GArray *
fluo_trace_dup_stats (FluoTrace *self, FluoTraceStatsBy by)
{
  GArray *stats = g_array_new (FALSE, FALSE, sizeof (FluoTraceStat));
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) found = by == FLUO_TRACE_STATS_ANNOTATION
                               ? collect_annotations (self, labels)
                               : collect_calls (self, by == FLUO_TRACE_STATS_CALL);
  const FluoSpan *spans = fluo_trace_get_spans (self, NULL);
  Member *members = (Member *) (void *) found->data;
  guint n = found->len;

  g_array_set_clear_func (stats, stat_clear);
  if (n > 0)
    qsort (members, n, sizeof *members, compare_members);
  for (guint first = 0, next; first < n; first = next)
    {
      FluoTraceStat stat;

      for (next = first + 1; next < n && is_alike (&members[first], &members[next]); next++)
        ;
      stat = sum_up (spans, members + first, next - first);
      if (by == FLUO_TRACE_STATS_ANNOTATION)
        {
          stat.label = g_strdup (g_ptr_array_index (labels, members[first].name - 1));
          stat.service = spans[stat.span].service;
        }
      g_array_append_val (stats, stat);
    }
  g_array_sort (stats, compare_stats);
  return stats;
}

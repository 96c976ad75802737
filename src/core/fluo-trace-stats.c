/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-stats.h"

#include <stdlib.h>

#include "fluo-histogram.h"

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
  FluoTraceStat stat = { members[0].service, members[n - 1].span, n };
  g_autofree gint64 *lengths = g_new (gint64, n);

  for (guint i = 0; i < n; i++)
    {
      const FluoSpan *span = &spans[members[i].span];

      lengths[i] = members[i].length_ns;
      stat.total_ns += members[i].length_ns;
      stat.own_ns += span->self_ns;
      stat.faults += span->status >= FLUO_STATUS_ERROR;
    }
  stat.p50_ns = fluo_percentile (lengths, n, 0.5);
  stat.p95_ns = fluo_percentile (lengths, n, 0.95);
  stat.max_ns = lengths[n - 1];
  return stat;
}

GArray *
fluo_trace_dup_stats (FluoTrace *self, gboolean by_call)
{
  GArray *stats = g_array_new (FALSE, FALSE, sizeof (FluoTraceStat));
  g_autofree Member *members = NULL;
  const FluoSpan *spans;
  guint n_spans, n = 0;

  spans = fluo_trace_get_spans (self, &n_spans);
  members = g_new (Member, n_spans);
  for (guint32 i = 0; i < n_spans; i++)
    {
      const FluoSpan *span = &spans[i];

      if (span->flags & (FLUO_SPAN_CALL | FLUO_SPAN_IN_PROGRESS))
        continue;
      members[n++] = (Member) { span->service, by_call ? span->name : 0, by_call ? span->detail : 0,
                                i, span->end_ns - span->start_ns };
    }
  qsort (members, n, sizeof *members, compare_members);
  for (guint first = 0, next; first < n; first = next)
    {
      FluoTraceStat stat;

      for (next = first + 1; next < n && is_alike (&members[first], &members[next]); next++)
        ;
      stat = sum_up (spans, members + first, next - first);
      g_array_append_val (stats, stat);
    }
  g_array_sort (stats, compare_stats);
  return stats;
}

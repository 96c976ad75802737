/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <stdlib.h>

#include "core/fluo-histogram.h"
#include "draw/fluo-waterfall-private.h"

/* Siblings that follow each other and are alike, such as the queries of a loop, folded into one
 * row: same service, name and detail. Found once, in one pass over the spans. */

#define GROUP_MIN 5 /* fewer are as easily read one by one */

struct _FluoWaterfallGroups
{
  const FluoSpan *spans;
  GArray         *groups;    /* FluoWaterfallGroup, ascending by begin */
};

static void
group_clear (gpointer data)
{
  FluoWaterfallGroup *group = data;

  g_clear_pointer (&group->busy, g_array_unref);
}

static inline guint32
row_span (const FluoSpan *spans, guint32 span)
{
  return (spans[span].flags & FLUO_SPAN_CALL) && spans[span].first_child != FLUO_SPAN_NONE
           ? spans[span].first_child
           : span;
}

static gboolean
alike (const FluoSpan *spans, guint32 a, guint32 b)
{
  const FluoSpan *x = &spans[row_span (spans, a)], *y = &spans[row_span (spans, b)];

  return x->name == y->name && x->detail == y->detail && x->service == y->service &&
         !((x->flags ^ y->flags) & (FLUO_SPAN_LINKED | FLUO_SPAN_CALLEE));
}

static void
add_group (FluoWaterfallGroups *self, guint32 first, guint count)
{
  const FluoSpan *spans = self->spans;
  FluoWaterfallGroup group = { row_span (spans, first), first };

  group.begin_ns = G_MAXINT64;
  group.end_ns = G_MININT64;
  group.min_ns = G_MAXINT64;
  group.median_ns = -1;
  group.count = count;
  for (guint32 c = first; count > 0; c = spans[c].next_sibling, count--)
    {
      const FluoSpan *span = &spans[row_span (spans, c)];
      gint64 length = span->end_ns - span->start_ns;

      group.end = spans[c].end_index;
      group.worst =
        MAX (group.worst, spans[fluo_spans_failing (spans, row_span (spans, c))].status);
      group.begin_ns = MIN (group.begin_ns, span->start_ns);
      group.end_ns = MAX (group.end_ns, span->end_ns);
      group.min_ns = MIN (group.min_ns, length);
      group.max_ns = MAX (group.max_ns, length);
      group.total_ns += length;
    }
  g_array_append_val (self->groups, group);
}

/* The run of children that begins at @first, which is mostly too short for a group; returns its
 * last member. */
static guint32
add_run (FluoWaterfallGroups *self, guint32 first)
{
  const FluoSpan *spans = self->spans;
  guint32 last = first, next;
  guint count = 1;

  for (; (next = spans[last].next_sibling) != FLUO_SPAN_NONE && alike (spans, first, next);
       last = next)
    count++;
  if (count >= GROUP_MIN)
    add_group (self, first, count);

  return last;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  guint32 x = ((const FluoWaterfallGroup *) a)->begin, y = ((const FluoWaterfallGroup *) b)->begin;

  return (x > y) - (x < y);
}

FluoWaterfallGroups *
fluo_waterfall_groups_new (FluoTrace *trace)
{
  FluoWaterfallGroups *self = g_new0 (FluoWaterfallGroups, 1);
  guint n;

  self->spans = fluo_trace_get_spans (trace, &n);
  self->groups = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallGroup));
  g_array_set_clear_func (self->groups, group_clear);
  for (guint32 i = 0; i < n; i++)
    for (guint32 c = self->spans[i].first_child; c != FLUO_SPAN_NONE;
         c = self->spans[c].next_sibling)
      c = add_run (self, c);
  g_array_sort (self->groups, compare_groups);

  return self;
}

void
fluo_waterfall_groups_free (FluoWaterfallGroups *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->groups);
  g_free (self);
}

guint
fluo_waterfall_groups_get_n (FluoWaterfallGroups *self)
{
  return self->groups->len;
}

FluoWaterfallGroup *
fluo_waterfall_groups_get (FluoWaterfallGroups *self, guint index)
{
  return &g_array_index (self->groups, FluoWaterfallGroup, index);
}

/* The group that is shown as the row of @span. */
FluoWaterfallGroup *
fluo_waterfall_groups_find (FluoWaterfallGroups *self, guint32 span)
{
  guint low = 0, high = self->groups->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (fluo_waterfall_groups_get (self, middle)->first <= span)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 && fluo_waterfall_groups_get (self, low - 1)->first == span
           ? fluo_waterfall_groups_get (self, low - 1)
           : NULL;
}

/* Opens every group in which @span is hidden. */
gboolean
fluo_waterfall_groups_reveal (FluoWaterfallGroups *self, guint32 span)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < self->groups->len; i++)
    {
      FluoWaterfallGroup *group = fluo_waterfall_groups_get (self, i);

      if (group->begin > span)
        break;
      if (!group->open && span < group->end && span != group->first && span != group->begin)
        {
          group->open = TRUE;
          changed = TRUE;
        }
    }

  return changed;
}

/* The open group that @span is a member of. */
FluoWaterfallGroup *
fluo_waterfall_groups_find_member (FluoWaterfallGroups *self, guint32 span)
{
  const FluoSpan *spans = self->spans;
  guint32 call = (spans[span].flags & FLUO_SPAN_CALLEE) ? spans[span].parent : span;

  for (guint i = 0; i < self->groups->len; i++)
    {
      FluoWaterfallGroup *group = fluo_waterfall_groups_get (self, i);

      if (group->begin > call)
        break;
      if (group->open && call < group->end && spans[group->begin].parent == spans[call].parent)
        return group;
    }

  return NULL;
}

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* What costs a pass over the members, once somebody sees the group. */
void
fluo_waterfall_groups_complete (FluoWaterfallGroups *self, FluoWaterfallGroup *group)
{
  g_autofree gint64 *lengths = NULL;
  guint32 c = group->begin;

  if (group->busy != NULL)
    return;

  lengths = g_new (gint64, group->count);
  group->busy = g_array_new (FALSE, FALSE, sizeof (FluoTimeSpan));
  for (guint i = 0; i < group->count; i++, c = self->spans[c].next_sibling)
    {
      const FluoSpan *span = &self->spans[row_span (self->spans, c)];
      FluoTimeSpan *last = group->busy->len > 0
                             ? &g_array_index (group->busy, FluoTimeSpan, group->busy->len - 1)
                             : NULL;
      FluoTimeSpan interval = { span->start_ns, span->end_ns };

      lengths[i] = span->end_ns - span->start_ns;
      if (last != NULL && interval.begin_ns <= last->end_ns)
        last->end_ns = MAX (last->end_ns, interval.end_ns);
      else
        g_array_append_val (group->busy, interval);
    }
  qsort (lengths, group->count, sizeof *lengths, compare_lengths);
  group->median_ns = fluo_percentile (lengths, group->count, 0.5);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "fluo-segment.h"
#include "fluo-trace-private.h"
#include "fluo-trace-skew.h"

/* A trace whose hosts' clocks are put right: spans are shifted, brought into order again, and what
 * follows from their times is computed anew. */

int
fluo_sibling_key_compare (const void *a, const void *b)
{
  const FluoSiblingKey *x = a, *y = b;

  if (x->start_ns != y->start_ns)
    return x->start_ns < y->start_ns ? -1 : 1;
  if (x->end_ns != y->end_ns)
    return x->end_ns > y->end_ns ? -1 : 1;
  if (x->id != y->id)
    return x->id < y->id ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static gint64
add (gint64 time_ns, gint64 shift_ns)
{
  gint64 sum;

  if (__builtin_add_overflow (time_ns, shift_ns, &sum))
    return time_ns;

  return CLAMP (sum, FLUO_TIME_MIN_NS, FLUO_TIME_MAX_NS);
}

/* The shift of a segment is that of all its subsegments, which follow it. */
static void
shift_spans (FluoTrace *self, GPtrArray *skews, FluoSpan *spans)
{
  g_autofree gint64 *shifts = g_new0 (gint64, self->n_spans + 1);

  for (guint k = 0; k < skews->len; k++)
    {
      const FluoTraceSkew *skew = g_ptr_array_index (skews, k);

      for (guint i = 0; i < skew->segments->len; i++)
        shifts[g_array_index (skew->segments, guint32, i)] = skew->shift_ns;
    }
  for (guint32 i = 0; i < self->n_spans; i++)
    {
      if (!(spans[i].flags & FLUO_SPAN_SEGMENT) && spans[i].parent < i)
        shifts[i] = shifts[spans[i].parent];
      spans[i].start_ns = add (spans[i].start_ns, shifts[i]);
      spans[i].end_ns = MAX (spans[i].start_ns, add (spans[i].end_ns, shifts[i]));
    }
}

/* Linked traces are not what is waited for: they stay as long as they were. */
static void
extend_spans (FluoTrace *self, gint64 now_ns, FluoSpan *spans)
{
  now_ns = CLAMP (now_ns, FLUO_TIME_MIN_NS, FLUO_TIME_MAX_NS);
  for (guint32 i = 0; i < self->n_spans; i++)
    if ((spans[i].flags & FLUO_SPAN_IN_PROGRESS) && !(spans[i].flags & FLUO_SPAN_LINKED))
      spans[i].end_ns = MAX (spans[i].end_ns, now_ns);
}

/* The children of one span, or the roots, by their new times: chains them. Returns the first. */
static guint32
chain (FluoSpan *spans, guint32 first, GArray *keys)
{
  g_array_set_size (keys, 0);
  for (guint32 i = first; i != FLUO_SPAN_NONE; i = spans[i].next_sibling)
    {
      FluoSiblingKey key = { spans[i].start_ns, spans[i].end_ns, spans[i].id, i };

      g_array_append_val (keys, key);
    }
  if (keys->len == 0)
    return FLUO_SPAN_NONE;
  qsort (keys->data, keys->len, sizeof (FluoSiblingKey), fluo_sibling_key_compare);
  for (guint k = 0; k < keys->len; k++)
    spans[g_array_index (keys, FluoSiblingKey, k).index].next_sibling =
      k + 1 < keys->len ? g_array_index (keys, FluoSiblingKey, k + 1).index : FLUO_SPAN_NONE;

  return g_array_index (keys, FluoSiblingKey, 0).index;
}

/* Preorder over the chains: where each old span goes. Roots keep their order, which is by more than
 * time. */
static guint32 *
order (const FluoSpan *spans, guint n)
{
  guint32 *new_of = g_new (guint32, n + 1);
  guint32 placed = 0;

  for (guint32 root = 0; root < n; root = spans[root].end_index)
    {
      guint32 at = root;

      while (at != FLUO_SPAN_NONE)
        {
          new_of[at] = placed++;
          if (spans[at].first_child != FLUO_SPAN_NONE)
            {
              at = spans[at].first_child;
              continue;
            }
          while (at != root && spans[at].next_sibling == FLUO_SPAN_NONE)
            at = spans[at].parent;
          at = at != root ? spans[at].next_sibling : FLUO_SPAN_NONE;
        }
    }
  g_assert (placed == n);

  return new_of;
}

static guint32
moved (const guint32 *new_of, guint32 span)
{
  return span != FLUO_SPAN_NONE ? new_of[span] : FLUO_SPAN_NONE;
}

static FluoSpan *
move_spans (FluoSpan *spans, guint n, const guint32 *new_of)
{
  FluoSpan *result = g_new (FluoSpan, n);

  for (guint32 i = 0; i < n; i++)
    {
      FluoSpan *span = &result[new_of[i]];

      *span = spans[i];
      span->parent = moved (new_of, span->parent);
      span->first_child = moved (new_of, span->first_child);
      span->next_sibling = moved (new_of, span->next_sibling);
      /* A subtree keeps its size. */
      span->end_index = new_of[i] + (spans[i].end_index - i);
    }

  return result;
}

/* Where a slot is depends on the id alone. */
static FluoSpanIndex
move_index (const FluoSpanIndex *self, const guint32 *new_of)
{
  FluoSpanIndex result = { NULL, self->mask, self->index_mask, { 0 } };

  if (self->slots != NULL)
    result.slots = g_memdup2 (self->slots, (self->mask + 1) * sizeof *self->slots);
  fluo_span_index_renumber (&result, new_of);
  for (gsize i = 0; self->aliases.values != NULL && i <= self->aliases.mask; i++)
    if (self->aliases.values[i] != FLUO_MAP_NONE)
      fluo_id_map_set (&result.aliases, self->aliases.keys[i],
                       moved (new_of, self->aliases.values[i]));

  return result;
}

/* The same trace with the times of these spans, which are in its order. */
static FluoTrace *
with_times (FluoTrace *self, FluoSpan *spans)
{
  FluoTrace *result = g_new0 (FluoTrace, 1);
  g_autofree guint32 *new_of = NULL;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (FluoSiblingKey));

  for (guint32 i = 0; i < self->n_spans; i++)
    {
      spans[i].flags &= ~(guint32) FLUO_SPAN_CRITICAL;
      spans[i].first_child = chain (spans, spans[i].first_child, keys);
    }
  new_of = order (spans, self->n_spans);

  g_atomic_ref_count_init (&result->ref_count);
  result->shares = fluo_trace_ref (self);
  result->id = self->id;
  result->n_spans = self->n_spans;
  result->spans = move_spans (spans, self->n_spans, new_of);
  result->services = g_array_ref (self->services);
  result->bytes = g_ptr_array_ref (self->bytes);
  result->documents = g_array_ref (self->documents);
  result->strings = self->strings;
  result->by_id = move_index (&self->by_id, new_of);
  result->linked_by_id = move_index (&self->linked_by_id, new_of);
  result->root = moved (new_of, self->root);
  result->n_running = self->n_running;
  result->partial = self->partial;
  result->title = g_strdup (self->title);
  result->links = g_array_copy (self->links);
  for (guint i = 0; i < result->links->len; i++)
    g_array_index (result->links, FluoTraceLink, i).span =
      moved (new_of, g_array_index (result->links, FluoTraceLink, i).span);
  result->extent = (FluoTimeSpan) { G_MAXINT64, G_MININT64 };
  for (guint32 i = 0; i < result->n_spans; i++)
    {
      result->extent.begin_ns = MIN (result->extent.begin_ns, result->spans[i].start_ns);
      result->extent.end_ns = MAX (result->extent.end_ns, result->spans[i].end_ns);
    }
  fluo_trace_find_start (result, TRUE);
  for (guint32 i = 0; i < result->n_spans; i++)
    fluo_span_compute_self_time (result->spans, i);
  fluo_trace_compute_critical_path (result);

  return result;
}

FluoTrace *
fluo_trace_shift (FluoTrace *self, GPtrArray *skews)
{
  g_autofree FluoSpan *spans = g_memdup2 (self->spans, self->n_spans * sizeof *self->spans);

  shift_spans (self, skews, spans);

  return with_times (self, spans);
}

FluoTrace *
fluo_trace_extend (FluoTrace *self, gint64 now_ns)
{
  g_autofree FluoSpan *spans = g_memdup2 (self->spans, self->n_spans * sizeof *self->spans);

  extend_spans (self, now_ns, spans);

  return with_times (self, spans);
}

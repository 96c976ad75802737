/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* From a builder's entries to a trace: settled times, spans in preorder, the table of ids. */

/* Open spans of an ordinary trace; deeper ones make the stack grow. */
#define STACK_USUAL 256
/* So many take a megabyte. */
#define N_SPANS_MANY 10000
#define AHEAD 12 /* entries for which memory is asked before they are looked at */

#define ENTRY(self, i) (fluo_entry_list_get (&(self)->entries, (i)))

/* Earliest start and latest end. Times out of range would stretch the picture over decades: they
 * count only when there is nothing else. */
static FluoTimeSpan
find_extent (FluoTraceBuilder *self, gboolean with_suspects)
{
  FluoTimeSpan extent = { G_MAXINT64, G_MININT64 };

  if (!self->has_odd_times && !self->has_dropped)
    return self->extent;
  for (guint32 i = 0; i < self->entries.n; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->dropped || (entry->suspect && !with_suspects))
        continue;
      extent.begin_ns = MIN (extent.begin_ns, entry->start_ns);
      extent.end_ns = MAX (extent.end_ns, entry->end_ns);
    }
  if (extent.end_ns < extent.begin_ns && !with_suspects)
    return find_extent (self, TRUE);
  return extent;
}

static FluoTimeSpan
settle_times (FluoTraceBuilder *self, gint64 now_ns)
{
  FluoTimeSpan extent = find_extent (self, FALSE);
  FluoTimeSpan drawn = extent;
  gint64 latest = now_ns > 0 ? CLAMP (now_ns, FLUO_TIME_MIN_NS, FLUO_TIME_MAX_NS) : extent.end_ns;

  for (guint32 i = 0; self->has_odd_times && i < self->entries.n; i++)
    {
      FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->suspect)
        {
          entry->start_ns = CLAMP (entry->start_ns, extent.begin_ns, extent.end_ns);
          entry->end_ns = CLAMP (entry->end_ns, entry->start_ns, extent.end_ns);
        }
      if (entry->flags & FLUO_SPAN_IN_PROGRESS)
        entry->end_ns = MAX (entry->start_ns, latest);
      if (!entry->dropped)
        drawn.end_ns = MAX (drawn.end_ns, entry->end_ns);
    }
  return drawn;
}

static FluoSiblingKey
sibling_key (FluoTraceBuilder *self, guint32 i)
{
  const FluoBuilderEntry *entry = ENTRY (self, i);

  return (FluoSiblingKey) { entry->start_ns, entry->end_ns, entry->id, i };
}

/* Siblings, in the order of arrival, to the order in which they are drawn. Mostly they are in it
 * already. */
static void
sort_siblings (FluoTraceBuilder *self, guint32 *siblings, guint n, GArray *keys)
{
  guint in_order = 1;

  for (; in_order < n; in_order++)
    {
      FluoSiblingKey a = sibling_key (self, siblings[in_order - 1]);
      FluoSiblingKey b = sibling_key (self, siblings[in_order]);

      if (fluo_sibling_key_compare (&a, &b) >= 0)
        break;
    }
  if (in_order >= n)
    return;
  g_array_set_size (keys, n);
  for (guint i = 0; i < n; i++)
    g_array_index (keys, FluoSiblingKey, i) = sibling_key (self, siblings[i]);
  qsort (keys->data, n, sizeof (FluoSiblingKey), fluo_sibling_key_compare);
  for (guint i = 0; i < n; i++)
    siblings[i] = g_array_index (keys, FluoSiblingKey, i).index;
}

/* 0: the trace's entries, 1: what hangs in the air, 2: linked traces. */
static guint
root_class (const FluoBuilderEntry *entry)
{
  if (entry->flags & FLUO_SPAN_LINKED)
    return 2;
  return (entry->flags & FLUO_SPAN_SEGMENT) && entry->parent_id == 0 ? 0 : 1;
}

/* Entries by what they hang from: those of list k are [first[k], first[k + 1]) of @entries. The
 * lists are those of the entries' children, and behind them one for each class of roots. */
typedef struct
{
  guint32 *list_of; /* by entry; FLUO_SPAN_NONE for what is dropped */
  guint32 *first;
  guint32 *entries;
  guint    n;
} Siblings;

static void
siblings_clear (Siblings *self)
{
  g_free (self->list_of);
  g_free (self->first);
  g_free (self->entries);
}

static void
gather_siblings (FluoTraceBuilder *self, Siblings *lists)
{
  guint n_entries = self->entries.n, n_lists = n_entries + 3, n = 0;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (FluoSiblingKey));

  lists->list_of = g_new (guint32, n_entries);
  lists->first = g_new0 (guint32, n_lists + 1);
  for (guint32 i = 0; i < n_entries; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, i);

      lists->list_of[i] = entry->dropped                    ? FLUO_SPAN_NONE
                          : entry->parent != FLUO_SPAN_NONE ? entry->parent
                                                            : n_entries + root_class (entry);
      if (entry->dropped)
        continue;
      lists->first[lists->list_of[i]]++;
      n++;
    }
  /* To where each list ends; filling from behind brings it to where it begins. */
  for (guint k = 1; k <= n_lists; k++)
    lists->first[k] += lists->first[k - 1];
  lists->entries = g_new (guint32, n);
  lists->n = n;
  for (guint32 i = n_entries; i > 0; i--)
    if (lists->list_of[i - 1] != FLUO_SPAN_NONE)
      lists->entries[--lists->first[lists->list_of[i - 1]]] = i - 1;
  for (guint k = 0; k < n_lists; k++)
    sort_siblings (self, lists->entries + lists->first[k], lists->first[k + 1] - lists->first[k],
                   keys);
}

/* The forest in preorder: span index to entry index. An explicit stack, since depth is data. */
static guint32 *
order_spans (FluoTraceBuilder *self, guint *ret_n)
{
  Siblings lists;
  guint32 *entry_of, *stack;
  guint placed = 0, depth = 0, size = STACK_USUAL, first_root;

  gather_siblings (self, &lists);
  entry_of = g_new (guint32, lists.n);
  stack = g_new (guint32, size);
  first_root = lists.first[self->entries.n];
  for (guint root = first_root; root < lists.n; root++)
    {
      /* What is stacked is a place in the lists: the next sibling waits under the child. */
      stack[depth++] = root;
      while (depth > 0)
        {
          guint32 at = stack[--depth], entry = lists.entries[at];

          entry_of[placed++] = entry;
          if (depth + 2 > size)
            stack = g_renew (guint32, stack, size *= 2);
          if (at < first_root && at + 1 < lists.first[lists.list_of[entry] + 1])
            stack[depth++] = at + 1;
          if (lists.first[entry] < lists.first[entry + 1])
            stack[depth++] = lists.first[entry];
        }
    }
  g_assert (placed == lists.n);
  *ret_n = placed;
  siblings_clear (&lists);
  g_free (stack);
  return entry_of;
}

static void
fill_span (FluoSpan *span, const FluoBuilderEntry *entry)
{
  span->id = entry->id;
  span->parent_id = entry->parent_id;
  span->start_ns = entry->start_ns;
  span->end_ns = entry->end_ns;
  span->parent = span->first_child = span->next_sibling = FLUO_SPAN_NONE;
  span->name = entry->name;
  span->detail = entry->detail;
  span->document = entry->document;
  span->offset = entry->offset;
  span->length = entry->length;
  span->flags = entry->flags;
  span->http_status = entry->http_status;
  if (entry->parent == FLUO_SPAN_NONE && root_class (entry) == 0)
    span->flags |= FLUO_SPAN_ROOT;
  if (entry->flags & FLUO_SPAN_IN_PROGRESS)
    span->status = FLUO_STATUS_RUNNING;
  else
    span->status = (guint8) fluo_status_classify (
        entry->flags & FLUO_SPAN_FAULT_FLAG, entry->flags & FLUO_SPAN_ERROR_FLAG,
        entry->flags & FLUO_SPAN_THROTTLE_FLAG, entry->http_status);
}

/* A calling subsegment and the one segment that answered it are shown as one row. */
static void
pair_call (FluoTrace *trace, FluoSpan *span)
{
  FluoSpan *child;

  if ((span->flags & FLUO_SPAN_SEGMENT) || !(span->flags & (FLUO_SPAN_REMOTE | FLUO_SPAN_AWS)) ||
      span->first_child == FLUO_SPAN_NONE)
    return;
  child = &trace->spans[span->first_child];
  if ((child->flags & FLUO_SPAN_SEGMENT) && child->next_sibling == FLUO_SPAN_NONE)
    {
      span->flags |= FLUO_SPAN_CALL;
      child->flags |= FLUO_SPAN_CALLEE;
    }
}

/* Whoever watches a trace waits for linked ones as well. A call and its answer count once. */
static gboolean
counts_as_running (const FluoTrace *trace, const FluoSpan *span)
{
  return span->status == FLUO_STATUS_RUNNING &&
         !((span->flags & FLUO_SPAN_CALL) &&
           trace->spans[span->first_child].status == FLUO_STATUS_RUNNING);
}

/* @span_of maps entries to spans. */
/* All of them are written soon, so that the system gives the pages of many at once, which takes
 * two thirds of the time that one after the other does. */
static FluoSpan *
new_spans (guint n)
{
  FluoSpan *spans = g_new0 (FluoSpan, n);
#ifdef MADV_POPULATE_WRITE
  const gsize page = (gsize) sysconf (_SC_PAGESIZE);
  const gsize begin = ((gsize) spans + page - 1) / page * page;
  const gsize end = (gsize) (spans + n) / page * page;

  if (n >= N_SPANS_MANY)
    madvise ((void *) begin, end - begin, MADV_POPULATE_WRITE);
#endif
  return spans;
}

static void
fill_spans (FluoTraceBuilder *self, FluoTrace *trace, const guint32 *entry_of,
            const guint32 *span_of, const guint32 *mirrors)
{
  FluoServiceRows services;

  fluo_service_rows_init (&services);
  trace->spans = new_spans (trace->n_spans);
  for (guint32 i = 0; i < trace->n_spans; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, entry_of[i]);
      FluoSpan *span = &trace->spans[i];
      guint32 mirror;

      if (i + AHEAD < trace->n_spans)
        __builtin_prefetch (ENTRY (self, entry_of[i + AHEAD]));
      fill_span (span, entry);
      span->end_index = i + 1;
      if (entry->parent != FLUO_SPAN_NONE)
        {
          span->parent = span_of[entry->parent];
          span->depth = (guint16) MIN (trace->spans[span->parent].depth + 1, G_MAXUINT16);
        }
      mirror = mirrors ? mirrors[entry_of[i]] : FLUO_SPAN_NONE;
      span->service = fluo_service_rows_name (&services, self, trace, span, entry,
                                              mirror != FLUO_SPAN_NONE ? ENTRY (self, mirror)
                                                                       : NULL);
      if (!(span->flags & FLUO_SPAN_LINKED))
        trace->partial =
            trace->partial || (span->flags & (FLUO_SPAN_ORPHAN | FLUO_SPAN_IN_PROGRESS));
      if ((span->flags & FLUO_SPAN_ROOT) && trace->root == FLUO_SPAN_NONE)
        trace->root = i;
    }
  fluo_service_rows_end (&services, self, trace);
  /* Backwards: a subtree is complete before its root, and pushing to the front keeps siblings in
   * order. */
  for (guint32 i = trace->n_spans; i > 0; i--)
    {
      FluoSpan *span = &trace->spans[i - 1], *parent;

      pair_call (trace, span);
      fluo_span_compute_self_time (trace->spans, i - 1);
      trace->n_running += counts_as_running (trace, span);
      if (span->parent == FLUO_SPAN_NONE)
        continue;
      parent = &trace->spans[span->parent];
      parent->end_index = MAX (parent->end_index, span->end_index);
      span->next_sibling = parent->first_child;
      parent->first_child = i - 1;
    }
}

static void
index_span (FluoSpanIndex *self, const FluoSpan *spans, guint32 span)
{
  FluoSpanPlace at = fluo_span_index_begin (self, spans[span].id);
  guint32 found = fluo_span_index_look (self, &at);

  while (found != FLUO_MAP_NONE && spans[found].id != spans[span].id)
    found = fluo_span_index_look_on (self, &at);
  if (found == FLUO_MAP_NONE)
    fluo_span_index_put (self, &at, span);
}

/* The entry that is shown for @i. */
static guint32
shown_for (FluoTraceBuilder *self, guint32 i)
{
  while (i != FLUO_SPAN_NONE && ENTRY (self, i)->dropped)
    i = ENTRY (self, i)->parent;
  return i;
}

/* Where entries are among the spans: of one that is dropped, where the one is that stands for
 * it. */
static guint32 *
number_spans (FluoTraceBuilder *self, const guint32 *entry_of, guint n_spans)
{
  guint32 *span_of = g_new (guint32, self->entries.n);

  for (guint32 i = 0; i < n_spans; i++)
    span_of[entry_of[i]] = i;
  for (guint32 i = 0; self->has_dropped && i < self->entries.n; i++)
    if (ENTRY (self, i)->dropped)
      {
        guint32 shown = shown_for (self, i);

        span_of[i] = shown != FLUO_SPAN_NONE ? span_of[shown] : FLUO_SPAN_NONE;
      }
  return span_of;
}

/* The table of entries becomes that of their spans. Of two calls with one id the first is found.
 * Ids of mirrors lead to the span that stands for them. */
static void
index_ids (FluoTraceBuilder *self, FluoTrace *trace, const guint32 *span_of, gboolean linked,
           FluoSpanIndex *index)
{
  guint32 flag = linked ? FLUO_SPAN_LINKED : 0;

  *index = self->by_id[linked];
  memset (&self->by_id[linked], 0, sizeof self->by_id[linked]);
  if (!index->slots)
    return;
  if (self->has_twins)
    {
      fluo_span_index_empty (index);
      for (guint32 i = 0; i < trace->n_spans; i++)
        if (trace->spans[i].id != 0 && (trace->spans[i].flags & FLUO_SPAN_LINKED) == flag)
          index_span (index, trace->spans, i);
    }
  else
    fluo_span_index_renumber (index, span_of);
  for (guint32 i = 0; self->has_dropped && i < self->entries.n; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->dropped && entry->id != 0 && (entry->flags & FLUO_SPAN_LINKED) == flag &&
          span_of[i] != FLUO_SPAN_NONE && trace->spans[span_of[i]].id != entry->id)
        fluo_id_map_set (&index->aliases, entry->id, span_of[i]);
    }
}

static void
set_title (FluoTrace *trace)
{
  const FluoSpan *span = &trace->spans[trace->root != FLUO_SPAN_NONE ? trace->root : 0];
  const char *detail = fluo_string_table_get (&trace->strings, span->detail);

  trace->title = g_strdup (*detail ? detail : fluo_string_table_get (&trace->strings, span->name));
}

FluoTrace *
fluo_trace_builder_end (FluoTraceBuilder *self, gint64 now_ns)
{
  FluoTrace *trace;
  g_autofree guint32 *mirrors = NULL, *entry_of = NULL, *span_of = NULL;
  guint n;

  if (self->entries.n == 0)
    {
      fluo_trace_builder_free (self);
      return NULL;
    }
  trace = g_new0 (FluoTrace, 1);
  g_atomic_ref_count_init (&trace->ref_count);
  trace->id = self->id;
  trace->root = FLUO_SPAN_NONE;
  mirrors = fluo_builder_link (self);
  trace->extent = settle_times (self, now_ns);
  entry_of = order_spans (self, &n);
  span_of = number_spans (self, entry_of, n);

  trace->n_spans = n;
  fill_spans (self, trace, entry_of, span_of, mirrors);
  index_ids (self, trace, span_of, FALSE, &trace->by_id);
  index_ids (self, trace, span_of, TRUE, &trace->linked_by_id);

  trace->links = g_array_new (FALSE, FALSE, sizeof (FluoTraceLink));
  for (guint i = 0; i < self->links->len; i++)
    {
      FluoTraceLink link = g_array_index (self->links, FluoTraceLink, i);

      if (ENTRY (self, link.span)->dropped)
        continue;
      link.span = span_of[link.span];
      g_array_append_val (trace->links, link);
    }
  fluo_trace_find_start (trace, self->n_linked > 0);
  trace->bytes = g_steal_pointer (&self->bytes);
  trace->documents = g_steal_pointer (&self->documents);
  /* The services' names point into the block, which moves along with it. */
  trace->strings = self->strings;
  memset (&self->strings, 0, sizeof self->strings);
  fluo_trace_builder_free (self);
  set_title (trace);
  fluo_trace_compute_critical_path (trace);
  return trace;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-waterfall-rows-private.h"

static inline gboolean
test_bit (const guint8 *bits, guint32 i)
{
  return (bits[i >> 3] >> (i & 7)) & 1;
}

static inline void
put_bit (guint8 *bits, guint32 i, gboolean value)
{
  if (value)
    bits[i >> 3] |= (guint8) (1u << (i & 7));
  else
    bits[i >> 3] &= (guint8) ~(1u << (i & 7));
}

/* The span whose row shows @span: the callee stands for the call. */
static inline guint32
row_span (FluoWaterfallRows *self, guint32 span)
{
  if ((self->spans[span].flags & FLUO_SPAN_CALL) && self->spans[span].first_child != FLUO_SPAN_NONE)
    return self->spans[span].first_child;

  return span;
}

static inline gboolean
is_row (FluoWaterfallRows *self, guint32 span)
{
  return row_span (self, span) == span;
}

static void
rebuild (FluoWaterfallRows *self)
{
  guint n_groups = self->grouping ? fluo_waterfall_groups_get_n (self->groups) : 0, g = 0;
  guint32 i = 0;

  if (self->subset)
    return;

  self->n_rows = 0;
  while (i < self->n_spans)
    {
      const FluoWaterfallGroup *group = NULL;

      /* Both ascend, so the next group is never far. */
      while (g < n_groups && fluo_waterfall_groups_get (self->groups, g)->begin < i)
        g++;
      if (g < n_groups)
        group = fluo_waterfall_groups_get (self->groups, g);
      if (group != NULL && group->begin == i && !group->open)
        {
          self->rows[self->n_rows++] = group->first;
          i = group->end;
          continue;
        }
      if (!is_row (self, i))
        {
          i++;
          continue;
        }

      self->rows[self->n_rows++] = i;
      /* max() guards against an end that does not move forward. */
      i = test_bit (self->collapsed, i) ? MAX (self->spans[i].end_index, i + 1) : i + 1;
    }
}

/* Depths as drawn, the extent of everything, and the children's merged intervals, in one pass each:
 * parents come before their children, and children are in order of their start. */
static void
measure_depths (FluoWaterfallRows *self)
{
  gint64 begin = G_MAXINT64, end = G_MININT64;

  for (guint32 i = 0; i < self->n_spans; i++)
    {
      const FluoSpan *span = &self->spans[i];
      guint32 parent = span->parent;

      begin = MIN (begin, span->start_ns);
      end = MAX (end, span->end_ns);

      if (parent == FLUO_SPAN_NONE || parent >= i)
        self->depths[i] = 0;
      else if (self->spans[parent].flags & FLUO_SPAN_CALL)
        self->depths[i] = self->depths[parent];
      else
        self->depths[i] = (guint16) MIN (self->depths[parent] + 1, G_MAXUINT16);
    }

  if (begin > end)
    begin = end = 0;

  self->extent.begin_ns = begin;
  self->extent.end_ns = MAX (end, begin + 1);
}

static void
merge_busy (FluoWaterfallRows *self)
{
  guint32 n = 0;

  /* Every span is a child at most once, so there are never more intervals than spans. */
  self->busy_first = g_new (guint32, self->n_spans + 1);
  self->busy = g_new (FluoTimeSpan, MAX (self->n_spans, 1));

  for (guint32 i = 0; i < self->n_spans; i++)
    {
      const FluoSpan *span = &self->spans[i];
      guint32 first = n;

      self->busy_first[i] = n;
      for (guint32 c = span->first_child; c != FLUO_SPAN_NONE; c = self->spans[c].next_sibling)
        {
          gint64 begin = MAX (self->spans[c].start_ns, span->start_ns);
          gint64 end = MIN (self->spans[c].end_ns, span->end_ns);

          if (end <= begin)
            continue;

          if (n > first && begin <= self->busy[n - 1].end_ns)
            self->busy[n - 1].end_ns = MAX (self->busy[n - 1].end_ns, end);
          else
            self->busy[n++] = (FluoTimeSpan) { begin, end };
        }
    }

  self->busy_first[self->n_spans] = n;
  self->busy = g_renew (FluoTimeSpan, self->busy, MAX (n, 1));
}

static FluoWaterfallRows *
rows_new (FluoTrace *trace)
{
  FluoWaterfallRows *self = g_new0 (FluoWaterfallRows, 1);
  guint32 root;

  self->refs = 1;
  self->trace = fluo_trace_ref (trace);
  self->spans = fluo_trace_get_spans (trace, &self->n_spans);
  self->collapsed = g_new0 (guint8, self->n_spans / 8 + 1);
  self->depths = g_new (guint16, MAX (self->n_spans, 1));
  self->rows = g_new (guint32, MAX (self->n_spans, 1));
  self->exceptions = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  measure_depths (self);
  merge_busy (self);

  fluo_trace_get_services (trace, &self->n_services);
  self->colors = g_new (guint, MAX (self->n_services, 1));
  for (guint i = 0; i < self->n_services; i++)
    self->colors[i] = i;
  fluo_waterfall_rows_number_colors (self);

  root = fluo_trace_get_root (trace);
  if (root < self->n_spans && !(self->spans[root].flags & FLUO_SPAN_IN_PROGRESS))
    self->end_ns = self->spans[root].end_ns;
  else
    self->end_ns = fluo_trace_get_extent (trace).end_ns;

  return self;
}

FluoWaterfallRows *
fluo_waterfall_rows_new (FluoTrace *trace)
{
  FluoWaterfallRows *self;

  g_return_val_if_fail (trace != NULL, NULL);

  self = rows_new (trace);
  self->groups = fluo_waterfall_groups_new (trace);
  self->grouping = TRUE;
  rebuild (self);

  return self;
}

FluoWaterfallRows *
fluo_waterfall_rows_new_subset (FluoTrace *trace, const guint32 *spans, guint n_spans)
{
  FluoWaterfallRows *self;

  g_return_val_if_fail (trace != NULL, NULL);

  self = rows_new (trace);
  self->subset = TRUE;
  fluo_waterfall_rows_set_subset (self, spans, n_spans);

  return self;
}

void
fluo_waterfall_rows_set_subset (FluoWaterfallRows *self, const guint32 *spans, guint n_spans)
{
  g_return_if_fail (self != NULL && self->subset);

  self->n_rows = 0;
  for (guint i = 0; i < n_spans && self->n_rows < self->n_spans; i++)
    if (spans[i] < self->n_spans)
      self->rows[self->n_rows++] = spans[i];
}

FluoWaterfallRows *
fluo_waterfall_rows_ref (FluoWaterfallRows *self)
{
  self->refs++;

  return self;
}

void
fluo_waterfall_rows_free (FluoWaterfallRows *self)
{
  if (self == NULL || --self->refs > 0)
    return;

  fluo_waterfall_groups_free (self->groups);
  g_free (self->collapsed);
  g_free (self->depths);
  g_free (self->rows);
  g_free (self->busy_first);
  g_free (self->busy);
  g_free (self->colors);
  g_free (self->versions);
  g_hash_table_unref (self->exceptions);
  g_clear_pointer (&self->clocks, g_hash_table_unref);
  g_clear_pointer (&self->marks, g_hash_table_unref);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->events, g_hash_table_unref);
  fluo_trace_unref (self->trace);
  g_free (self);
}

FluoTrace *
fluo_waterfall_rows_get_trace (FluoWaterfallRows *self)
{
  return self->trace;
}

guint
fluo_waterfall_rows_get_n (FluoWaterfallRows *self)
{
  return self->n_rows;
}

guint32
fluo_waterfall_rows_get_span (FluoWaterfallRows *self, guint row)
{
  return row < self->n_rows ? self->rows[row] : FLUO_SPAN_NONE;
}

/* How many rows show a span of at most @span: rows are ascending. */
static guint
upper_bound (FluoWaterfallRows *self, guint32 span)
{
  guint low = 0, high = self->n_rows;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->rows[middle] <= span)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

guint32
fluo_waterfall_rows_find (FluoWaterfallRows *self, guint32 span)
{
  guint bound;

  if (span >= self->n_spans)
    return FLUO_SPAN_NONE;

  span = row_span (self, span);
  bound = upper_bound (self, span);

  return bound > 0 && self->rows[bound - 1] == span ? bound - 1 : FLUO_SPAN_NONE;
}

guint32
fluo_waterfall_rows_find_nearest (FluoWaterfallRows *self, guint32 span)
{
  guint bound;

  if (span >= self->n_spans)
    return FLUO_SPAN_NONE;

  /* What is inside a collapsed span follows it directly, so the last row that is not after @span is
   * the one. */
  bound = upper_bound (self, row_span (self, span));

  return bound > 0 ? bound - 1 : FLUO_SPAN_NONE;
}

guint
fluo_waterfall_rows_get_depth (FluoWaterfallRows *self, guint32 span)
{
  return span < self->n_spans ? self->depths[span] : 0;
}

guint32
fluo_waterfall_rows_get_parent (FluoWaterfallRows *self, guint32 span)
{
  guint32 parent;

  if (span >= self->n_spans)
    return FLUO_SPAN_NONE;

  parent = self->spans[span].parent;
  if (parent != FLUO_SPAN_NONE && (self->spans[parent].flags & FLUO_SPAN_CALL))
    parent = self->spans[parent].parent;

  return parent;
}

guint32
fluo_waterfall_rows_get_shown (FluoWaterfallRows *self, guint32 span)
{
  if (span >= self->n_spans)
    return FLUO_SPAN_NONE;

  return (self->spans[span].flags & FLUO_SPAN_CALL) && self->spans[span].first_child == span + 1
           ? span + 1
           : span;
}

/* The group that is folded into the row of @span. */
static FluoWaterfallGroup *
folded_group (FluoWaterfallRows *self, guint32 span)
{
  FluoWaterfallGroup *group =
    self->grouping ? fluo_waterfall_groups_find (self->groups, span) : NULL;

  return group != NULL && !group->open ? group : NULL;
}

const FluoWaterfallGroup *
fluo_waterfall_rows_get_group (FluoWaterfallRows *self, guint32 span)
{
  FluoWaterfallGroup *group = folded_group (self, span);

  if (group != NULL)
    fluo_waterfall_groups_complete (self->groups, group);

  return group;
}

void
fluo_waterfall_rows_set_grouping (FluoWaterfallRows *self, gboolean grouping)
{
  if (self->groups == NULL)
    return;

  self->grouping = grouping;
  for (guint i = 0; i < fluo_waterfall_groups_get_n (self->groups); i++)
    fluo_waterfall_groups_get (self->groups, i)->open = FALSE;
  rebuild (self);
}

gboolean
fluo_waterfall_rows_get_grouping (FluoWaterfallRows *self)
{
  return self->grouping;
}

guint32
fluo_waterfall_rows_close_group (FluoWaterfallRows *self, guint32 span)
{
  FluoWaterfallGroup *group =
    self->grouping && span < self->n_spans
      ? fluo_waterfall_groups_find_member (self->groups, span)
      : NULL;

  if (group == NULL)
    return FLUO_SPAN_NONE;

  group->open = FALSE;
  rebuild (self);

  return group->first;
}

gboolean
fluo_waterfall_rows_has_children (FluoWaterfallRows *self, guint32 span)
{
  return span < self->n_spans && (self->spans[span].first_child != FLUO_SPAN_NONE ||
                                  folded_group (self, span) != NULL);
}

gboolean
fluo_waterfall_rows_is_collapsed (FluoWaterfallRows *self, guint32 span)
{
  return span < self->n_spans &&
         (test_bit (self->collapsed, span) || folded_group (self, span) != NULL);
}

void
fluo_waterfall_rows_set_collapsed (FluoWaterfallRows *self, guint32 span, gboolean collapsed)
{
  if (span >= self->n_spans)
    return;

  span = row_span (self, span);
  if (!collapsed && folded_group (self, span) != NULL)
    folded_group (self, span)->open = TRUE;
  else
    put_bit (self->collapsed, span, collapsed && self->spans[span].first_child != FLUO_SPAN_NONE);
  rebuild (self);
}

static void
collapse_range (FluoWaterfallRows *self, guint32 begin, guint32 end, gboolean collapsed)
{
  for (guint32 i = begin; i < end && i < self->n_spans; i++)
    put_bit (self->collapsed, i,
             collapsed && self->spans[i].first_child != FLUO_SPAN_NONE && is_row (self, i));
}

void
fluo_waterfall_rows_set_branch_collapsed (FluoWaterfallRows *self, guint32 span, gboolean collapsed)
{
  if (span >= self->n_spans)
    return;

  span = row_span (self, span);
  if (!collapsed && folded_group (self, span) != NULL)
    folded_group (self, span)->open = TRUE;
  collapse_range (self, span, self->spans[span].end_index, collapsed);
  rebuild (self);
}

void
fluo_waterfall_rows_show_levels (FluoWaterfallRows *self, guint levels)
{
  for (guint32 i = 0; i < self->n_spans; i++)
    put_bit (self->collapsed, i,
             self->depths[i] + 1u == levels && self->spans[i].first_child != FLUO_SPAN_NONE &&
               is_row (self, i));
  rebuild (self);
}

gboolean
fluo_waterfall_rows_reveal (FluoWaterfallRows *self, guint32 span)
{
  gboolean changed = FALSE;

  if (span >= self->n_spans)
    return FALSE;

  if (self->grouping)
    changed = fluo_waterfall_groups_reveal (self->groups, span);
  for (guint32 i = self->spans[span].parent; i < self->n_spans; i = self->spans[i].parent)
    {
      changed |= test_bit (self->collapsed, i);
      put_bit (self->collapsed, i, FALSE);
    }

  if (changed)
    rebuild (self);

  return changed;
}

guint32
fluo_waterfall_rows_next_status (FluoWaterfallRows *self, guint32 from, gboolean forward,
                                 FluoStatus least)
{
  guint32 i = from < self->n_spans ? from : (forward ? self->n_spans - 1 : 0);

  for (guint32 seen = 0; seen < self->n_spans; seen++)
    {
      if (forward)
        i = i + 1 < self->n_spans ? i + 1 : 0;
      else
        i = i > 0 ? i - 1 : self->n_spans - 1;

      if (is_row (self, i) &&
          self->spans[fluo_spans_failing (self->spans, i)].status >= least)
        return i;
    }

  return FLUO_SPAN_NONE;
}

void
fluo_waterfall_rows_copy_state (FluoWaterfallRows *self, FluoWaterfallRows *older)
{
  if (self->groups != NULL && older->groups != NULL)
    {
      self->grouping = older->grouping;
      for (guint i = 0; i < fluo_waterfall_groups_get_n (older->groups); i++)
        {
          const FluoWaterfallGroup *was = fluo_waterfall_groups_get (older->groups, i);
          guint32 first =
            was->open ? fluo_trace_find (self->trace, older->spans[was->first].id) : FLUO_SPAN_NONE;
          FluoWaterfallGroup *now =
            first < self->n_spans ? fluo_waterfall_groups_find (self->groups, first) : NULL;

          if (now != NULL)
            now->open = TRUE;
        }
    }
  for (guint32 i = 0; i < older->n_spans; i++)
    {
      guint32 span;

      if (!test_bit (older->collapsed, i))
        continue;

      span = fluo_trace_find (self->trace, older->spans[i].id);
      if (span < self->n_spans && self->spans[span].first_child != FLUO_SPAN_NONE)
        put_bit (self->collapsed, row_span (self, span), TRUE);
    }

  rebuild (self);
}

void
fluo_waterfall_rows_set_colors (FluoWaterfallRows *self, FluoServiceColors *colors)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);

  for (guint i = 0; i < self->n_services; i++)
    self->colors[i] = fluo_service_colors_lookup (colors, services[i].name, services[i].type);
}

guint
fluo_waterfall_rows_get_color (FluoWaterfallRows *self, guint32 service)
{
  return service < self->n_services ? self->colors[service] : 0;
}

FluoTimeSpan
fluo_waterfall_rows_get_extent (FluoWaterfallRows *self)
{
  return self->extent;
}

gint64
fluo_waterfall_rows_get_end_ns (FluoWaterfallRows *self)
{
  return self->end_ns;
}

const FluoTimeSpan *
fluo_waterfall_rows_get_busy (FluoWaterfallRows *self, guint32 span, guint *ret_n)
{
  *ret_n = self->busy_first[span + 1] - self->busy_first[span];

  return self->busy + self->busy_first[span];
}

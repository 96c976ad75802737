/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <stdlib.h>
#include <string.h>

/* X-Ray folds independent subsegments into what it hands back, so a document can be larger than
 * what may be sent. A whole trace is at most 500 KB there; files and our own collector may hold
 * more. */
#define ASSEMBLED_SIZE_MAX (64 * 1024 * 1024)

#define ENTRY(self, i) (&g_array_index ((self)->entries, FluoBuilderEntry, (i)))

FluoTraceBuilder *
fluo_trace_builder_new (const FluoTraceId *id)
{
  FluoTraceBuilder *self = g_new0 (FluoTraceBuilder, 1);

  self->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->entries = g_array_new (FALSE, FALSE, sizeof (FluoBuilderEntry));
  self->links = g_array_new (FALSE, FALSE, sizeof (FluoTraceLink));
  fluo_string_table_init (&self->strings);
  fluo_segment_scan_init (&self->scan);
  fluo_id_map_init (&self->documents_by_id);
  fluo_id_map_init (&self->linked_documents_by_id);
  if (id)
    {
      self->id = *id;
      self->has_id = TRUE;
    }
  return self;
}

void
fluo_trace_builder_free (FluoTraceBuilder *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->documents, g_ptr_array_unref);
  g_array_unref (self->entries);
  g_clear_pointer (&self->links, g_array_unref);
  fluo_string_table_clear (&self->strings);
  fluo_segment_scan_clear (&self->scan);
  fluo_id_map_clear (&self->documents_by_id);
  fluo_id_map_clear (&self->linked_documents_by_id);
  g_free (self);
}

static void
append_entry (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r, guint32 base,
              guint32 document, guint32 extra_flags)
{
  FluoBuilderEntry entry = { 0 };

  entry.id = r->has_id == FLUO_FIELD_VALID ? r->id : 0;
  entry.nested = r->parent != FLUO_RECORD_NONE;
  entry.parent = entry.nested ? base + r->parent : FLUO_SPAN_NONE;
  /* A nested one hangs where it stands, whatever parent_id it repeats. */
  entry.parent_id = entry.nested ? ENTRY (self, entry.parent)->id : r->parent_id;
  entry.start_ns = r->start_ns;
  entry.end_ns = r->end_ns;
  entry.document = document;
  entry.offset = r->offset;
  entry.length = r->length;
  entry.name = fluo_builder_intern_slice (self, text, r->name);
  entry.origin = fluo_builder_intern_slice (self, text, r->origin);
  entry.version = fluo_builder_intern_slice (self, text, r->version);
  entry.detail = fluo_builder_intern_detail (self, text, r, entry.name);
  entry.replaced_by = FLUO_SPAN_NONE;
  entry.flags = r->flags | extra_flags;
  entry.http_status = r->http_status;
  entry.suspect = r->suspect;
  entry.inferred = r->inferred && !entry.nested && (r->flags & FLUO_SPAN_SEGMENT);
  fluo_builder_intern_inferred (self, text, r, &entry);
  g_array_append_val (self->entries, entry);
}

/* The same document again: in progress gives way, the first complete one stays. Returns FALSE when
 * the new one is not needed. */
static gboolean
replace_document (FluoTraceBuilder *self, FluoIdMap *map, guint64 id)
{
  guint32 old = id ? fluo_id_map_get (map, id) : FLUO_MAP_NONE;
  guint32 document;

  if (old == FLUO_MAP_NONE)
    return TRUE;
  if (!(ENTRY (self, old)->flags & FLUO_SPAN_IN_PROGRESS))
    return FALSE;
  document = ENTRY (self, old)->document;
  for (guint32 i = old; i < self->entries->len && ENTRY (self, i)->document == document; i++)
    ENTRY (self, i)->dropped = TRUE;
  return TRUE;
}

static gboolean
add (FluoTraceBuilder *self, GBytes *document, gboolean linked, GError **error)
{
  FluoIdMap *map = linked ? &self->linked_documents_by_id : &self->documents_by_id;
  const FluoSegmentRecord *records;
  guint32 base = self->entries->len;
  gsize length;
  const char *text = g_bytes_get_data (document, &length);

  if (length > ASSEMBLED_SIZE_MAX)
    {
      g_set_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID,
                   "the document has %" G_GSIZE_FORMAT " bytes, more than can be opened", length);
      return FALSE;
    }
  if (!fluo_segment_scan (&self->scan, text, length, FLUO_SEGMENT_SCAN_ASSEMBLED, error))
    return FALSE;
  records = &g_array_index (self->scan.records, FluoSegmentRecord, 0);
  if (!linked && records->has_trace_id == FLUO_FIELD_VALID)
    {
      if (self->has_id && !fluo_trace_id_equal (&self->id, &self->scan.trace_id))
        {
          g_set_error_literal (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
                               "the document belongs to another trace");
          return FALSE;
        }
      self->id = self->scan.trace_id;
      self->has_id = TRUE;
    }
  if (!replace_document (self, map, records->id))
    return TRUE;
  for (guint i = 0; i < self->scan.records->len; i++)
    append_entry (self, text, &records[i], base, self->documents->len,
                  linked ? FLUO_SPAN_LINKED : 0);
  for (guint i = 0; i < self->scan.links->len; i++)
    {
      const FluoSegmentLink *found = &g_array_index (self->scan.links, FluoSegmentLink, i);
      FluoTraceLink link = { base + found->record, found->trace_id, found->id };

      g_array_append_val (self->links, link);
    }
  if (records->id)
    fluo_id_map_set (map, records->id, base);
  g_ptr_array_add (self->documents, g_bytes_ref (document));
  return TRUE;
}

gboolean
fluo_trace_builder_add (FluoTraceBuilder *self, GBytes *document, GError **error)
{
  return add (self, document, FALSE, error);
}

gboolean
fluo_trace_builder_add_linked (FluoTraceBuilder *self, GBytes *document, GError **error)
{
  return add (self, document, TRUE, error);
}

/* --- The end --------------------------------------------------------------- */

/* Earliest start and latest end. Times out of range would stretch the picture over decades: they
 * count only when there is nothing else. */
static FluoTimeSpan
find_extent (FluoTraceBuilder *self, gboolean with_suspects)
{
  FluoTimeSpan extent = { G_MAXINT64, G_MININT64 };

  for (guint32 i = 0; i < self->entries->len; i++)
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

  for (guint32 i = 0; i < self->entries->len; i++)
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

typedef struct
{
  gint64  start_ns;
  gint64  end_ns;
  guint64 id;
  guint32 entry;
} SortKey;

/* By start; among equals the longer first. The id makes the order independent of the order of
 * arrival. */
static int
compare_keys (const void *a, const void *b)
{
  const SortKey *x = a, *y = b;

  if (x->start_ns != y->start_ns)
    return x->start_ns < y->start_ns ? -1 : 1;
  if (x->end_ns != y->end_ns)
    return x->end_ns > y->end_ns ? -1 : 1;
  if (x->id != y->id)
    return x->id < y->id ? -1 : 1;
  return x->entry < y->entry ? -1 : x->entry > y->entry;
}

/* The live entries in drawing order of siblings. */
static guint32 *
sort_entries (FluoTraceBuilder *self, guint *ret_n)
{
  SortKey *keys = g_new (SortKey, self->entries->len);
  guint32 *sorted;
  guint n = 0;
  gboolean in_order = TRUE;

  for (guint32 i = 0; i < self->entries->len; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->dropped)
        continue;
      keys[n] = (SortKey) { entry->start_ns, entry->end_ns, entry->id, i };
      in_order = in_order && (n == 0 || compare_keys (&keys[n - 1], &keys[n]) < 0);
      n++;
    }
  if (!in_order)
    qsort (keys, n, sizeof *keys, compare_keys);
  sorted = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    sorted[i] = keys[i].entry;
  g_free (keys);
  *ret_n = n;
  return sorted;
}

/* 0: the trace's entries, 1: what hangs in the air, 2: linked traces. */
static guint
root_class (const FluoBuilderEntry *entry)
{
  if (entry->flags & FLUO_SPAN_LINKED)
    return 2;
  return (entry->flags & FLUO_SPAN_SEGMENT) && entry->parent_id == 0 ? 0 : 1;
}

/* The forest in preorder: span index to entry index. An explicit stack, since depth is data. */
static guint32 *
order_spans (FluoTraceBuilder *self, const guint32 *sorted, guint n)
{
  guint32 *entry_of = g_new (guint32, n), *first = g_new (guint32, self->entries->len);
  guint32 *next = g_new (guint32, self->entries->len), *stack = g_new (guint32, n);
  guint placed = 0, depth = 0;

  memset (first, 0xff, self->entries->len * sizeof *first);
  memset (next, 0xff, self->entries->len * sizeof *next);
  for (guint i = n; i > 0; i--)
    {
      guint32 parent = ENTRY (self, sorted[i - 1])->parent;

      if (parent == FLUO_SPAN_NONE)
        continue;
      next[sorted[i - 1]] = first[parent];
      first[parent] = sorted[i - 1];
    }
  for (guint class = 0; class < 3; class++)
    for (guint i = 0; i < n; i++)
      {
        if (ENTRY (self, sorted[i])->parent != FLUO_SPAN_NONE ||
            root_class (ENTRY (self, sorted[i])) != class)
          continue;
        stack[depth++] = sorted[i];
        while (depth > 0)
          {
            guint32 entry = stack[--depth];

            entry_of[placed++] = entry;
            /* The sibling waits under the child; roots have no siblings here. */
            if (next[entry] != FLUO_SPAN_NONE)
              stack[depth++] = next[entry];
            if (first[entry] != FLUO_SPAN_NONE)
              stack[depth++] = first[entry];
          }
      }
  g_assert (placed == n);
  g_free (first);
  g_free (next);
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
  span->http_status = (guint16) entry->http_status;
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
pair_calls (FluoTrace *trace)
{
  for (guint i = 0; i < trace->n_spans; i++)
    {
      FluoSpan *span = &trace->spans[i], *child;

      if ((span->flags & FLUO_SPAN_SEGMENT) ||
          !(span->flags & (FLUO_SPAN_REMOTE | FLUO_SPAN_AWS)) ||
          span->first_child == FLUO_SPAN_NONE)
        continue;
      child = &trace->spans[span->first_child];
      if ((child->flags & FLUO_SPAN_SEGMENT) && child->next_sibling == FLUO_SPAN_NONE)
        {
          span->flags |= FLUO_SPAN_CALL;
          child->flags |= FLUO_SPAN_CALLEE;
        }
    }
}

/* Whoever watches a trace waits for linked ones as well. A call and its answer count once. */
static guint
count_running (const FluoTrace *trace)
{
  guint n = 0;

  for (guint i = 0; i < trace->n_spans; i++)
    {
      const FluoSpan *span = &trace->spans[i];

      n += span->status == FLUO_STATUS_RUNNING &&
           !((span->flags & FLUO_SPAN_CALL) &&
             trace->spans[span->first_child].status == FLUO_STATUS_RUNNING);
    }
  return n;
}

/* @span_of maps entries to spans. */
static void
fill_spans (FluoTraceBuilder *self, FluoTrace *trace, const guint32 *entry_of,
            const guint32 *span_of)
{
  trace->spans = g_new0 (FluoSpan, trace->n_spans);
  for (guint32 i = 0; i < trace->n_spans; i++)
    {
      const FluoBuilderEntry *entry = ENTRY (self, entry_of[i]);
      FluoSpan *span = &trace->spans[i];

      fill_span (span, entry);
      span->end_index = i + 1;
      if (entry->parent != FLUO_SPAN_NONE)
        {
          span->parent = span_of[entry->parent];
          span->depth = (guint16) MIN (trace->spans[span->parent].depth + 1, G_MAXUINT16);
        }
      if (!(span->flags & FLUO_SPAN_LINKED))
        trace->partial =
            trace->partial || (span->flags & (FLUO_SPAN_ORPHAN | FLUO_SPAN_IN_PROGRESS));
      if ((span->flags & FLUO_SPAN_ROOT) && trace->root == FLUO_SPAN_NONE)
        trace->root = i;
    }
  /* Backwards: a subtree's end is known before its root's, and pushing to the front keeps siblings
   * in order. */
  for (guint32 i = trace->n_spans; i > 0; i--)
    {
      FluoSpan *span = &trace->spans[i - 1], *parent;

      if (span->parent == FLUO_SPAN_NONE)
        continue;
      parent = &trace->spans[span->parent];
      parent->end_index = MAX (parent->end_index, span->end_index);
      span->next_sibling = parent->first_child;
      parent->first_child = i - 1;
    }
}

/* Ids of dropped versions and mirrors lead to the span that stands for them. */
static void
map_ids (FluoTraceBuilder *self, FluoTrace *trace, const guint32 *span_of, FluoIdMap *from,
         FluoIdMap *to)
{
  for (gsize i = 0; from->values && i <= from->mask; i++)
    {
      guint32 entry = from->values[i];

      while (entry != FLUO_MAP_NONE && ENTRY (self, entry)->dropped)
        entry = ENTRY (self, entry)->replaced_by;
      if (entry != FLUO_MAP_NONE)
        fluo_id_map_set (to, from->keys[i], span_of[entry]);
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
  FluoIdMap by_id = { 0 }, linked_by_id = { 0 };
  g_autofree guint32 *mirrors = NULL, *sorted = NULL, *entry_of = NULL, *span_of = NULL;
  guint n;

  if (self->entries->len == 0)
    {
      fluo_trace_builder_free (self);
      return NULL;
    }
  trace = g_new0 (FluoTrace, 1);
  g_atomic_ref_count_init (&trace->ref_count);
  trace->id = self->id;
  trace->root = FLUO_SPAN_NONE;
  mirrors = fluo_builder_link (self, &by_id, &linked_by_id);
  trace->extent = settle_times (self, now_ns);
  sorted = sort_entries (self, &n);
  entry_of = order_spans (self, sorted, n);
  span_of = g_new (guint32, self->entries->len);
  memset (span_of, 0xff, self->entries->len * sizeof *span_of);
  for (guint32 i = 0; i < n; i++)
    span_of[entry_of[i]] = i;

  trace->n_spans = n;
  fill_spans (self, trace, entry_of, span_of);
  pair_calls (trace);
  trace->n_running = count_running (trace);
  trace->services = g_array_new (FALSE, FALSE, sizeof (FluoTraceService));
  fluo_builder_name_services (self, trace, entry_of, mirrors);
  map_ids (self, trace, span_of, &by_id, &trace->by_id);
  map_ids (self, trace, span_of, &linked_by_id, &trace->linked_by_id);
  fluo_id_map_clear (&by_id);
  fluo_id_map_clear (&linked_by_id);

  trace->links = g_array_new (FALSE, FALSE, sizeof (FluoTraceLink));
  for (guint i = 0; i < self->links->len; i++)
    {
      FluoTraceLink link = g_array_index (self->links, FluoTraceLink, i);

      link.span = span_of[link.span];
      if (link.span != FLUO_SPAN_NONE)
        g_array_append_val (trace->links, link);
    }
  trace->documents = g_steal_pointer (&self->documents);
  /* The services' names point into the block, which moves along with it. */
  trace->strings = self->strings;
  memset (&self->strings, 0, sizeof self->strings);
  fluo_trace_builder_free (self);
  set_title (trace);
  fluo_trace_compute_self_time (trace);
  fluo_trace_compute_critical_path (trace);
  return trace;
}

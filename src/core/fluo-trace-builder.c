/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <string.h>

/* X-Ray folds independent subsegments into what it hands back, so a document can be larger than
 * what may be sent. A whole trace is at most 500 KB there; files and our own collector may hold
 * more. */
#define ASSEMBLED_SIZE_MAX (64 * 1024 * 1024)

/* Segments and subsegments of an ordinary trace; more make the list grow. */
#define N_ENTRIES_USUAL 32

#define ENTRY(self, i) (&g_array_index ((self)->entries, FluoBuilderEntry, (i)))

FluoTraceBuilder *
fluo_trace_builder_new (const FluoTraceId *id)
{
  FluoTraceBuilder *self = g_new0 (FluoTraceBuilder, 1);

  self->bytes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->documents = g_array_new (FALSE, FALSE, sizeof (FluoTraceDocument));
  self->entries = g_array_sized_new (FALSE, FALSE, sizeof (FluoBuilderEntry), N_ENTRIES_USUAL);
  self->links = g_array_new (FALSE, FALSE, sizeof (FluoTraceLink));
  fluo_string_table_init (&self->strings);
  fluo_segment_scan_init (&self->scan);
  fluo_id_map_init (&self->documents_by_id);
  fluo_id_map_init (&self->linked_documents_by_id);
  self->extent = (FluoTimeSpan) { G_MAXINT64, G_MININT64 };
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
  g_clear_pointer (&self->bytes, g_ptr_array_unref);
  g_clear_pointer (&self->documents, g_array_unref);
  g_array_unref (self->entries);
  g_clear_pointer (&self->links, g_array_unref);
  fluo_string_table_clear (&self->strings);
  fluo_segment_scan_clear (&self->scan);
  fluo_id_map_clear (&self->documents_by_id);
  fluo_id_map_clear (&self->linked_documents_by_id);
  for (guint i = 0; i < G_N_ELEMENTS (self->by_id); i++)
    fluo_span_index_clear (&self->by_id[i]);
  g_free (self);
}

static void
note_entry (FluoTraceBuilder *self, const FluoBuilderEntry *entry)
{
  self->n_linked += (entry->flags & FLUO_SPAN_LINKED) != 0;
  self->has_inferred |= entry->inferred;
  self->has_odd_times |= entry->suspect || (entry->flags & FLUO_SPAN_IN_PROGRESS);
  self->extent.begin_ns = MIN (self->extent.begin_ns, entry->start_ns);
  self->extent.end_ns = MAX (self->extent.end_ns, entry->end_ns);
}

static void
append_entry (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r, guint32 base,
              guint32 document, guint32 extra_flags)
{
  FluoBuilderEntry *entry;

  g_array_set_size (self->entries, self->entries->len + 1);
  entry = ENTRY (self, self->entries->len - 1);
  memset (entry, 0, sizeof *entry);
  entry->id = r->has_id == FLUO_FIELD_VALID ? r->id : 0;
  entry->nested = r->parent != FLUO_RECORD_NONE;
  entry->parent = entry->nested ? base + r->parent : FLUO_SPAN_NONE;
  /* A nested one hangs where it stands, whatever parent_id it repeats. */
  entry->parent_id = entry->nested ? ENTRY (self, entry->parent)->id : r->parent_id;
  entry->start_ns = r->start_ns;
  entry->end_ns = r->end_ns;
  entry->document = document;
  entry->offset = r->offset;
  entry->length = r->length;
  entry->name = fluo_builder_intern_slice (self, text, r->name);
  if (r->flags & FLUO_SPAN_SEGMENT)
    {
      entry->type = fluo_builder_intern_slice (self, text, r->origin);
      entry->version = fluo_builder_intern_slice (self, text, r->version);
    }
  entry->detail = fluo_builder_intern_detail (self, text, r, entry->name);
  entry->replaced_by = FLUO_SPAN_NONE;
  entry->flags = r->flags | extra_flags;
  entry->http_status = (guint16) r->http_status;
  entry->suspect = r->suspect;
  entry->inferred = r->inferred && !entry->nested && (r->flags & FLUO_SPAN_SEGMENT);
  fluo_builder_intern_inferred (self, text, r, entry);
  note_entry (self, entry);
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
  self->has_dropped = TRUE;
  for (guint32 i = old; i < self->entries->len && ENTRY (self, i)->document == document; i++)
    ENTRY (self, i)->dropped = TRUE;
  return TRUE;
}

static void
append_document (FluoTraceBuilder *self, GBytes *bytes, gsize offset, gsize length)
{
  FluoTraceDocument document = { offset, (guint32) length, self->bytes->len };

  if (self->bytes->len > 0 && g_ptr_array_index (self->bytes, self->bytes->len - 1) == bytes)
    document.bytes--;
  else
    g_ptr_array_add (self->bytes, g_bytes_ref (bytes));
  g_array_append_val (self->documents, document);
}

static gboolean
add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset, gsize length, gboolean linked,
             const FluoSegmentScan *scan, GError **error)
{
  FluoIdMap *map = linked ? &self->linked_documents_by_id : &self->documents_by_id;
  const FluoSegmentRecord *records = &g_array_index (scan->records, FluoSegmentRecord, 0);
  guint32 base = self->entries->len;

  if (!linked && records->has_trace_id == FLUO_FIELD_VALID)
    {
      if (self->has_id && !fluo_trace_id_equal (&self->id, &scan->trace_id))
        {
          g_set_error_literal (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID_TRACE_ID,
                               "the document belongs to another trace");
          return FALSE;
        }
      self->id = scan->trace_id;
      self->has_id = TRUE;
    }
  if (!replace_document (self, map, records->id))
    return TRUE;
  for (guint i = 0; i < scan->records->len; i++)
    append_entry (self, scan->text, &records[i], base, self->documents->len,
                  linked ? FLUO_SPAN_LINKED : 0);
  for (guint i = 0; i < scan->links->len; i++)
    {
      const FluoSegmentLink *found = &g_array_index (scan->links, FluoSegmentLink, i);
      FluoTraceLink link = { base + found->record, found->trace_id, found->id };

      g_array_append_val (self->links, link);
    }
  if (records->id)
    fluo_id_map_set (map, records->id, base);
  append_document (self, bytes, offset, length);
  return TRUE;
}

static gboolean
check_length (gsize length, GError **error)
{
  if (length <= ASSEMBLED_SIZE_MAX)
    return TRUE;
  g_set_error (error, FLUO_SEGMENT_ERROR, FLUO_SEGMENT_ERROR_INVALID,
               "the document has %" G_GSIZE_FORMAT " bytes, more than can be opened", length);
  return FALSE;
}

gboolean
fluo_builder_add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset, gsize length,
                          const FluoSegmentScan *scan, GError **error)
{
  return check_length (length, error) &&
         add_scanned (self, bytes, offset, length, FALSE, scan, error);
}

static gboolean
add (FluoTraceBuilder *self, GBytes *document, gboolean linked, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (document, &length);

  return check_length (length, error) &&
         fluo_segment_scan (&self->scan, text, length, FLUO_SEGMENT_SCAN_ASSEMBLED, error) &&
         add_scanned (self, document, 0, length, linked, &self->scan, error);
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

/* --- Two builders ----------------------------------------------------------- */

/* @string of @other, here. @known: those that were moved before. */
static guint32
move_string (FluoTraceBuilder *self, const FluoTraceBuilder *other, FluoIdMap *known,
             guint32 string)
{
  guint32 here;
  const char *text;

  if (string == 0)
    return 0;
  here = fluo_id_map_get (known, string);
  if (here != FLUO_MAP_NONE)
    return here;
  text = fluo_string_table_get (&other->strings, string);
  here = fluo_string_table_intern (&self->strings, text, strlen (text));
  fluo_id_map_set (known, string, here);
  return here;
}

/* Entries [first, end) of @other, which are a document. */
static void
move_entries (FluoTraceBuilder *self, FluoTraceBuilder *other, FluoIdMap *known, guint32 first,
              guint32 end)
{
  guint32 base = self->entries->len;

  g_array_append_vals (self->entries, ENTRY (other, first), end - first);
  for (guint32 i = base; i < self->entries->len; i++)
    {
      FluoBuilderEntry *entry = ENTRY (self, i);

      if (entry->parent != FLUO_SPAN_NONE)
        entry->parent += base - first;
      entry->document = self->documents->len;
      entry->name = move_string (self, other, known, entry->name);
      entry->detail = move_string (self, other, known, entry->detail);
      entry->type = move_string (self, other, known, entry->type);
      entry->version = move_string (self, other, known, entry->version);
      entry->inferred_name = move_string (self, other, known, entry->inferred_name);
      note_entry (self, entry);
    }
}

void
fluo_builder_join (FluoTraceBuilder *self, FluoTraceBuilder *other)
{
  FluoIdMap known;
  guint32 end;
  guint link = 0;

  g_assert (other->n_linked == 0);
  fluo_id_map_init (&known);
  for (guint32 first = 0; first < other->entries->len; first = end)
    {
      const FluoBuilderEntry *entry = ENTRY (other, first);
      const FluoTraceDocument *document =
        &g_array_index (other->documents, FluoTraceDocument, entry->document);
      guint32 base = self->entries->len;
      gboolean wanted = replace_document (self, &self->documents_by_id, entry->id);

      for (end = first + 1; end < other->entries->len; end++)
        if (ENTRY (other, end)->document != entry->document)
          break;
      for (; link < other->links->len; link++)
        {
          FluoTraceLink moved = g_array_index (other->links, FluoTraceLink, link);

          if (moved.span >= end)
            break;
          moved.span += base - first;
          if (wanted)
            g_array_append_val (self->links, moved);
        }
      if (!wanted)
        continue;
      move_entries (self, other, &known, first, end);
      if (entry->id)
        fluo_id_map_set (&self->documents_by_id, entry->id, base);
      append_document (self, g_ptr_array_index (other->bytes, document->bytes), document->offset,
                       document->length);
    }
  fluo_id_map_clear (&known);
  fluo_trace_builder_free (other);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <string.h>

/* X-Ray folds independent subsegments into what it hands back, so a document can be larger than
 * what may be sent. A whole trace is at most 500 KB there; files and our own collector may hold
 * more. */
G_STATIC_ASSERT (FLUO_ASSEMBLED_SIZE_MAX < 1 << 27); /* the bits of FluoBuilderEntry.length */

#define ENTRY(self, i) (fluo_entry_list_get (&(self)->entries, (i)))

FluoTraceBuilder *
fluo_trace_builder_new (const FluoTraceId *id)
{
  FluoTraceBuilder *self = g_new0 (FluoTraceBuilder, 1);

  self->bytes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->documents = g_array_new (FALSE, FALSE, sizeof (FluoTraceDocument));
  self->heads = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->services = g_array_new (FALSE, TRUE, sizeof (FluoBuilderService));
  g_array_set_size (self->services, 1);
  self->links = g_array_new (FALSE, FALSE, sizeof (FluoTraceLink));
  fluo_string_table_init (&self->strings);
  fluo_segment_scan_init (&self->scan);
  fluo_id_map_init (&self->service_of);
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
  fluo_entry_list_clear (&self->entries);
  g_array_unref (self->heads);
  g_array_unref (self->services);
  fluo_id_map_clear (&self->service_of);
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
append_entry (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r, guint32 base,
              guint32 document, guint32 extra_flags)
{
  FluoBuilderEntry *entry = fluo_entry_list_append (&self->entries);

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
  entry->detail = fluo_builder_intern_detail (self, text, r, entry->name);
  entry->service = fluo_builder_intern_service (self, text, r, entry->name);
  entry->flags = r->flags | extra_flags;
  entry->http_status = (guint16) r->http_status;
  entry->suspect = r->suspect;
  entry->inferred = r->inferred && !entry->nested && (r->flags & FLUO_SPAN_SEGMENT);
  fluo_builder_note_entry (self, entry);
}

gboolean
fluo_builder_replace_document (FluoTraceBuilder *self, FluoIdMap *map, guint64 id)
{
  guint32 old = id ? fluo_id_map_get (map, id) : FLUO_MAP_NONE;
  guint32 document;

  if (old == FLUO_MAP_NONE)
    return TRUE;
  if (!(ENTRY (self, old)->flags & FLUO_SPAN_IN_PROGRESS))
    return FALSE;
  document = ENTRY (self, old)->document;
  self->has_dropped = TRUE;
  for (guint32 i = old; i < self->entries.n && ENTRY (self, i)->document == document; i++)
    {
      ENTRY (self, i)->dropped = TRUE;
      ENTRY (self, i)->parent = FLUO_SPAN_NONE;
    }
  return TRUE;
}

void
fluo_builder_append_document (FluoTraceBuilder *self, guint32 head, GBytes *bytes, gsize offset,
                              gsize length)
{
  FluoTraceDocument document = { offset, (guint32) length, self->bytes->len };

  if (self->bytes->len > 0 && g_ptr_array_index (self->bytes, self->bytes->len - 1) == bytes)
    document.bytes--;
  else
    g_ptr_array_add (self->bytes, g_bytes_ref (bytes));
  g_array_append_val (self->documents, document);
  g_array_append_val (self->heads, head);
}

static gboolean
add_scanned (FluoTraceBuilder *self, GBytes *bytes, gsize offset, gsize length, gboolean linked,
             const FluoSegmentScan *scan, GError **error)
{
  FluoIdMap *map = linked ? &self->linked_documents_by_id : &self->documents_by_id;
  const FluoSegmentRecord *records = &g_array_index (scan->records, FluoSegmentRecord, 0);
  guint32 base = self->entries.n;

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
  if (!fluo_builder_replace_document (self, map, records->id))
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
  fluo_builder_append_document (self, base, bytes, offset, length);
  return TRUE;
}

static gboolean
check_length (gsize length, GError **error)
{
  if (length <= FLUO_ASSEMBLED_SIZE_MAX)
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

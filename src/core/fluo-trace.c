/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-private.h"

static guint32
span_index_get (const FluoSpanIndex *self, const FluoSpan *spans, guint64 id)
{
  FluoSpanPlace at = fluo_span_index_begin (self, id);
  guint32 span = self->slots ? fluo_span_index_look (self, &at) : FLUO_MAP_NONE;

  while (span != FLUO_MAP_NONE && spans[span].id != id)
    span = fluo_span_index_look_on (self, &at);
  return span != FLUO_MAP_NONE ? span : fluo_id_map_get (&self->aliases, id);
}

FluoTrace *
fluo_trace_ref (FluoTrace *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_trace_unref (FluoTrace *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->spans);
  g_array_unref (self->services);
  g_array_unref (self->path);
  g_array_unref (self->links);
  g_ptr_array_unref (self->bytes);
  g_array_unref (self->documents);
  if (self->shares)
    fluo_trace_unref (self->shares);
  else
    fluo_string_table_clear (&self->strings);
  fluo_span_index_clear (&self->by_id);
  fluo_span_index_clear (&self->linked_by_id);
  g_free (self->title);
  g_free (self);
}

const FluoTraceId *
fluo_trace_get_id (FluoTrace *self)
{
  return &self->id;
}

const FluoSpan *
fluo_trace_get_spans (FluoTrace *self, guint *ret_n)
{
  if (ret_n)
    *ret_n = self->n_spans;
  return self->spans;
}

const char *
fluo_trace_get_string (FluoTrace *self, guint32 string)
{
  return fluo_string_table_get (&self->strings, string);
}

const FluoTraceService *
fluo_trace_get_services (FluoTrace *self, guint *ret_n)
{
  if (ret_n)
    *ret_n = self->services->len;
  return (const FluoTraceService *) (gpointer) self->services->data;
}

void
fluo_trace_count_services (FluoTrace *self, guint *ret_own, guint *ret_linked)
{
  g_autofree guint8 *seen = g_new0 (guint8, self->services->len + 1);

  *ret_own = *ret_linked = 0;
  for (guint i = 0; i < self->n_spans; i++)
    if (self->spans[i].service < self->services->len)
      seen[self->spans[i].service] |= self->spans[i].flags & FLUO_SPAN_LINKED ? 2 : 1;
  for (guint i = 0; i < self->services->len; i++)
    {
      *ret_own += seen[i] & 1;
      *ret_linked += seen[i] == 2;
    }
}

const FluoCriticalStep *
fluo_trace_get_critical_path (FluoTrace *self, guint *ret_n)
{
  if (ret_n)
    *ret_n = self->path->len;
  return (const FluoCriticalStep *) (gpointer) self->path->data;
}

const FluoTraceLink *
fluo_trace_get_links (FluoTrace *self, guint *ret_n)
{
  if (ret_n)
    *ret_n = self->links->len;
  return (const FluoTraceLink *) (gpointer) self->links->data;
}

FluoTimeSpan
fluo_trace_get_extent (FluoTrace *self)
{
  return self->extent;
}

gint64
fluo_trace_get_start_ns (FluoTrace *self)
{
  return self->start_ns;
}

/* @linked: some spans are of other traces. A trace of nothing else begins where they do. */
void
fluo_trace_find_start (FluoTrace *self, gboolean linked)
{
  gint64 start_ns = G_MAXINT64;

  for (guint32 i = 0; linked && i < self->n_spans; i++)
    if (!(self->spans[i].flags & FLUO_SPAN_LINKED))
      start_ns = MIN (start_ns, self->spans[i].start_ns);
  self->start_ns = start_ns < G_MAXINT64 ? start_ns : self->extent.begin_ns;
}

guint32
fluo_trace_get_root (FluoTrace *self)
{
  return self->root;
}

gint64
fluo_trace_get_response_ns (FluoTrace *self)
{
  if (self->root == FLUO_SPAN_NONE)
    return fluo_time_span_length (self->extent);
  return self->spans[self->root].end_ns - self->spans[self->root].start_ns;
}

FluoStatus
fluo_trace_get_status (FluoTrace *self)
{
  FluoStatus worst = FLUO_STATUS_OK;

  if (self->root != FLUO_SPAN_NONE)
    return self->spans[self->root].status;
  /* Without an entry the worst of what hangs in the air stands for the trace. */
  for (guint32 i = 0; i < self->n_spans; i = self->spans[i].end_index)
    if (!(self->spans[i].flags & FLUO_SPAN_LINKED))
      worst = MAX (worst, self->spans[i].status);
  return worst;
}

gboolean
fluo_trace_is_partial (FluoTrace *self)
{
  return self->partial;
}

guint
fluo_trace_get_n_running (FluoTrace *self)
{
  return self->n_running;
}

const char *
fluo_trace_get_title (FluoTrace *self)
{
  return self->title;
}

/* Where a document begins. */
static const char *
document_text (FluoTrace *self, const FluoTraceDocument *document)
{
  GBytes *bytes = g_ptr_array_index (self->bytes, document->bytes);

  return (const char *) g_bytes_get_data (bytes, NULL) + document->offset;
}

const char *
fluo_trace_get_raw (FluoTrace *self, guint32 span, gsize *ret_length)
{
  g_return_val_if_fail (span < self->n_spans, NULL);
  *ret_length = self->spans[span].length;
  return document_text (self, &g_array_index (self->documents, FluoTraceDocument,
                                              self->spans[span].document)) +
         self->spans[span].offset;
}

GBytes *
fluo_trace_dup_raw (FluoTrace *self, guint32 span)
{
  const FluoTraceDocument *document;

  g_return_val_if_fail (span < self->n_spans, NULL);
  document = &g_array_index (self->documents, FluoTraceDocument, self->spans[span].document);
  return g_bytes_new_from_bytes (g_ptr_array_index (self->bytes, document->bytes),
                                 document->offset + self->spans[span].offset,
                                 self->spans[span].length);
}

guint
fluo_trace_get_n_documents (FluoTrace *self)
{
  return self->documents->len;
}

const char *
fluo_trace_get_document (FluoTrace *self, guint document, gsize *ret_length)
{
  const FluoTraceDocument *found;

  g_return_val_if_fail (document < self->documents->len, NULL);
  found = &g_array_index (self->documents, FluoTraceDocument, document);
  *ret_length = found->length;
  return document_text (self, found);
}

guint32
fluo_trace_find (FluoTrace *self, guint64 id)
{
  guint32 span = span_index_get (&self->by_id, self->spans, id);

  return span != FLUO_MAP_NONE ? span : span_index_get (&self->linked_by_id, self->spans, id);
}

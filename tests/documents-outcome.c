/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents-outcome.h"

#include "core/fluo-trace-documents.h"

static void
append_trace (GString *out, FluoTrace *trace)
{
  guint n, n_links;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n_links);
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));

  g_string_append_printf (out, "%s %s, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n", id,
                          fluo_trace_get_title (trace), fluo_trace_get_extent (trace).begin_ns,
                          fluo_trace_get_extent (trace).end_ns);
  for (guint i = 0; i < n; i++)
    {
      gsize length, document_length;
      const char *raw = fluo_trace_get_raw (trace, i, &length);
      const char *document = fluo_trace_get_document (trace, spans[i].document, &document_length);

      g_string_append_printf (out, "%u: %u %u %x %s, %s, %s at %u of %u in %u\n%.*s\n", i,
                              fluo_trace_find (trace, spans[i].id), spans[i].parent, spans[i].flags,
                              fluo_trace_get_string (trace, spans[i].name),
                              fluo_trace_get_string (trace, spans[i].detail),
                              fluo_trace_get_services (trace, NULL)[spans[i].service].name,
                              spans[i].offset, (guint) document_length, spans[i].document,
                              (int) length, raw);
      g_assert_true (raw >= document && raw + length <= document + document_length);
    }
  for (guint i = 0; i < n_links; i++)
    g_string_append_printf (out, "link %u\n", links[i].span);
}

char *
documents_outcome (GBytes *bytes, guint traces_max, guint n_parts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  guint refused = 0;
  g_autoptr (GPtrArray) traces =
    fluo_trace_documents_parse_in_parts (bytes, traces_max, n_parts, &refused, &error);

  g_string_printf (out, "%u refused, %s\n", refused, error ? error->message : "no error");
  for (guint i = 0; traces && i < traces->len; i++)
    append_trace (out, g_ptr_array_index (traces, i));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <stdio.h>
#include <string.h>

#include "local/api/fluo-retrieval.h"
#include "otlp/fluo-otlp-export.h"
#include "local/store/fluo-fold.h"

/* StartTraceRetrieval, ListRetrievedTraces, GetRetrievedTracesGraph, CancelTraceRetrieval. */

/* X-Ray's own limits. */
#define TRACES_PAGE 5
#define SPANS_PAGE 100
#define SERVICES_PAGE 1000
#define LINKS_MAX 100
/* A page ends early when it holds so much. */
#define PAGE_BYTES (8 * 1024 * 1024)

/* --- What they have in common --------------------------------------------- */

static const char *
status_name (FluoRetrievalStatus status)
{
  static const char *const names[] = {
    [FLUO_RETRIEVAL_SCHEDULED] = "SCHEDULED", [FLUO_RETRIEVAL_RUNNING] = "RUNNING",
    [FLUO_RETRIEVAL_COMPLETE] = "COMPLETE",   [FLUO_RETRIEVAL_FAILED] = "FAILED",
    [FLUO_RETRIEVAL_CANCELLED] = "CANCELLED", [FLUO_RETRIEVAL_TIMEOUT] = "TIMEOUT",
  };

  return names[status];
}

static void
fail_unknown (FluoApiCall *call, const char *token)
{
  g_autoptr (GError) error = g_error_new_literal (
    FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_NOT_FOUND,
    "There is no retrieval with this token, or it is more than 60 minutes old");

  fluo_api_call_settings_failed (call, error, token);
}

/* FALSE when the call has failed. */
static gboolean
get_retrieval (FluoApiCall *call, FluoRetrieval *ret_retrieval)
{
  g_autofree char *token = fluo_api_call_dup (call, "RetrievalToken");

  if (fluo_retrievals_get (call->context->retrievals, token, ret_retrieval))
    return TRUE;
  fail_unknown (call, token);
  return FALSE;
}

/* --- StartTraceRetrieval, CancelTraceRetrieval ------------------------------ */

void
fluo_api_start_trace_retrieval (FluoApiCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autofree char *token = NULL;
  FluoJsonWriter writer;
  FluoTimeSpan span;

  if (!fluo_api_call_get_time (call, "StartTime", &span.begin_ns) ||
      !fluo_api_call_get_time (call, "EndTime", &span.end_ns) ||
      !fluo_api_call_get_trace_ids (call, G_MAXUINT, ids, NULL))
    return;
  if (span.end_ns < span.begin_ns)
    {
      fluo_api_call_invalid (call, "End time cannot be earlier than start time");
      return;
    }
  token = fluo_retrievals_start (call->context->retrievals, ids, span);
  if (!token)
    {
      fluo_api_call_invalid (call,
                             "%d retrievals are under way: wait for one, or cancel one",
                             FLUO_N_RETRIEVALS_MAX);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "RetrievalToken");
  fluo_json_writer_string (&writer, token);
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_cancel_trace_retrieval (FluoApiCall *call)
{
  g_autofree char *token = fluo_api_call_dup (call, "RetrievalToken");

  if (fluo_retrievals_cancel (call->context->retrievals, token))
    g_string_assign (call->out, "{}");
  else
    fail_unknown (call, token);
}

/* --- ListRetrievedTraces ---------------------------------------------------- */

/* A page on its way. */
typedef struct
{
  FluoApiCall    *call;
  const GArray   *ids;
  gboolean        otel;
  guint           trace;    /* the next one's index in ids */
  guint           span;     /* the next one of that trace */
  guint           n_traces; /* on the page */
  FluoJsonWriter  writer;
} Page;

/* One document of a trace. */
typedef struct
{
  guint64 id;
  GBytes *body;
} Span;

static void
span_clear (gpointer data)
{
  g_bytes_unref (((Span *) data)->body);
}

static void
add_span (GArray *spans, guint64 id, GBytes *body, const char *note_member)
{
  Span span = { id, fluo_retrieved_document (body, note_member) };

  g_array_append_val (spans, span);
}

/* X-Ray's: segments with their subsegments in them, as BatchGetTraces gives them. When one gets too
 * long that way, every document as it was sent. */
static void
list_documents (FluoStoredTrace *stored, GArray *spans)
{
  g_autoptr (GArray) folded = fluo_fold_documents (stored);
  gboolean fits = TRUE;

  for (guint i = 0; i < folded->len && fits; i++)
    fits = g_bytes_get_size (g_array_index (folded, FluoFoldedDocument, i).body) <=
           FLUO_RETRIEVED_CHARS_MAX;
  for (guint i = 0; i < folded->len && fits; i++)
    {
      FluoFoldedDocument *document = &g_array_index (folded, FluoFoldedDocument, i);

      add_span (spans, document->id, document->body, "metadata");
    }
  for (guint i = 0; i < stored->documents->len && !fits; i++)
    {
      FluoStoredDocument *document = &g_array_index (stored->documents, FluoStoredDocument, i);

      add_span (spans, document->id, document->body, "metadata");
    }
}

static void
list_otlp_spans (FluoStoredTrace *stored, GArray *spans)
{
  g_autoptr (FluoTrace) trace = fluo_stored_trace_assemble (stored);
  g_autoptr (GPtrArray) list = trace ? fluo_otlp_dup_spans_json (trace) : NULL;

  for (guint i = 0; list && i < list->len; i++)
    {
      FluoOtlpSpanJson *each = list->pdata[i];
      gsize length = strlen (each->json);
      g_autoptr (GBytes) body = g_bytes_new_take (g_steal_pointer (&each->json), length);

      add_span (spans, each->id, body, "attributes");
    }
}

/* As many spans as the page takes. */
static void
write_spans (Page *page, const GArray *spans)
{
  guint end = MIN (spans->len, page->span + SPANS_PAGE), i;

  for (i = page->span; i < end && (i == page->span || page->call->out->len < PAGE_BYTES); i++)
    {
      const Span *span = &g_array_index (spans, Span, i);
      char id[FLUO_SPAN_ID_LEN + 1];

      fluo_span_id_format (span->id, id);
      fluo_json_writer_begin (&page->writer, '{');
      fluo_json_writer_key (&page->writer, "Document");
      fluo_json_writer_strn (&page->writer, g_bytes_get_data (span->body, NULL),
                             g_bytes_get_size (span->body));
      fluo_json_writer_key (&page->writer, "Id");
      fluo_json_writer_string (&page->writer, id);
      fluo_json_writer_end (&page->writer, '}');
    }
  page->span = i < spans->len ? i : 0;
  page->trace += i < spans->len ? 0 : 1;
}

static void
write_trace (Page *page, FluoStoredTrace *stored)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (Span));
  char trace_id[FLUO_TRACE_ID_XRAY_LEN + 1];

  g_array_set_clear_func (spans, span_clear);
  if (page->otel)
    list_otlp_spans (stored, spans);
  else
    list_documents (stored, spans);
  fluo_trace_id_format_xray (&stored->id, trace_id);
  fluo_json_writer_begin (&page->writer, '{');
  fluo_json_writer_key (&page->writer, "Duration");
  fluo_json_writer_seconds (&page->writer, stored->end_ns - stored->start_ns);
  fluo_json_writer_key (&page->writer, "Id");
  fluo_json_writer_string (&page->writer, trace_id);
  fluo_json_writer_key (&page->writer, "Spans");
  fluo_json_writer_begin (&page->writer, '[');
  write_spans (page, spans);
  fluo_json_writer_end (&page->writer, ']');
  fluo_json_writer_end (&page->writer, '}');
  page->n_traces++;
}

/* A trace that was deleted since it was found is passed over. A trace of many spans ends the page
 * and begins the next. */
static gboolean
write_traces (Page *page, GError **error)
{
  while (page->trace < page->ids->len && page->n_traces < TRACES_PAGE &&
         page->call->out->len < PAGE_BYTES && (page->n_traces == 0 || page->span == 0))
    {
      g_autoptr (FluoStoredTrace) stored = NULL;
      g_autoptr (GError) local_error = NULL;
      FluoConnection *reader = fluo_store_acquire_reader (page->call->context->store, error);

      if (!reader)
        return FALSE;
      stored = fluo_stored_trace_load (
        reader, &g_array_index (page->ids, FluoTraceId, page->trace), &local_error);
      fluo_store_release_reader (page->call->context->store, reader);
      if (local_error)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (stored)
        {
          write_trace (page, stored);
        }
      else
        {
          page->trace++;
          page->span = 0;
        }
    }
  return TRUE;
}

/* Where the page begins: a trace and one of its spans. */
static gboolean
read_page_token (FluoApiCall *call, Page *page)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken");
  int length = -1;

  if (!token)
    return TRUE;
  if (strlen (token) > 20 || !g_ascii_isdigit (token[0]) ||
      sscanf (token, "%3u-%9u%n", &page->trace, &page->span, &length) != 2 ||
      length != (int) strlen (token) || page->trace >= page->ids->len)
    {
      fluo_api_call_invalid (call, "Invalid NextToken");
      return FALSE;
    }
  return TRUE;
}

void
fluo_api_list_retrieved_traces (FluoApiCall *call)
{
  g_autofree char *format = fluo_api_call_dup (call, "TraceFormat"), *next = NULL;
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_auto (FluoRetrieval) retrieval = { 0 };
  g_autoptr (GError) error = NULL;
  Page page = { .call = call, .otel = g_strcmp0 (format, "OTEL") == 0 };

  if (!get_retrieval (call, &retrieval))
    return;
  page.ids = retrieval.ids ? retrieval.ids : none;
  if (!read_page_token (call, &page))
    return;
  fluo_json_writer_init (&page.writer, call->out);
  fluo_json_writer_begin (&page.writer, '{');
  fluo_json_writer_key (&page.writer, "RetrievalStatus");
  fluo_json_writer_string (&page.writer, status_name (retrieval.status));
  fluo_json_writer_key (&page.writer, "TraceFormat");
  fluo_json_writer_string (&page.writer, page.otel ? "OTEL" : "XRAY");
  fluo_json_writer_key (&page.writer, "Traces");
  fluo_json_writer_begin (&page.writer, '[');
  if (!write_traces (&page, &error))
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  fluo_json_writer_end (&page.writer, ']');
  if (page.trace < page.ids->len)
    next = g_strdup_printf ("%u-%u", page.trace, page.span);
  fluo_json_writer_key (&page.writer, "NextToken");
  fluo_json_writer_string (&page.writer, next);
  fluo_json_writer_end (&page.writer, '}');
}

/* --- GetRetrievedTracesGraph ------------------------------------------------ */

/* The links of one node: of each trace that names others the list of those. */
static void
write_links (FluoJsonWriter *writer, const GArray *links, guint *next, guint node)
{
  guint n = 0;

  fluo_json_writer_key (writer, "Links");
  fluo_json_writer_begin (writer, '[');
  while (*next < links->len && g_array_index (links, FluoRetrievalLink, *next).node == node)
    {
      const FluoRetrievalLink *first = &g_array_index (links, FluoRetrievalLink, *next);
      char id[FLUO_TRACE_ID_XRAY_LEN + 1];
      gboolean shown = n++ < LINKS_MAX;

      if (shown)
        {
          fluo_json_writer_begin (writer, '{');
          fluo_json_writer_key (writer, "DestinationTraceIds");
          fluo_json_writer_begin (writer, '[');
        }
      for (; *next < links->len; (*next)++)
        {
          const FluoRetrievalLink *link = &g_array_index (links, FluoRetrievalLink, *next);

          if (link->node != node || !fluo_trace_id_equal (&link->source, &first->source))
            break;
          fluo_trace_id_format_xray (&link->destination, id);
          if (shown)
            fluo_json_writer_string (writer, id);
        }
      if (!shown)
        continue;
      fluo_json_writer_end (writer, ']');
      fluo_json_writer_key (writer, "ReferenceType");
      fluo_json_writer_string (writer, "parent");
      fluo_trace_id_format_xray (&first->source, id);
      fluo_json_writer_key (writer, "SourceTraceId");
      fluo_json_writer_string (writer, id);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
}

/* Nodes [first, end) with their links, as Services of a service graph would have them. */
static void
write_services (FluoJsonWriter *writer, const FluoRetrieval *retrieval,
                const FluoServiceGraph *graph, guint first, guint end)
{
  GString *text = g_string_new (NULL);
  FluoJsonWriter whole;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  guint node = 0, next = 0;

  fluo_json_writer_init (&whole, text);
  fluo_service_graph_write (graph, &whole, FALSE);
  bytes = g_string_free_to_bytes (text);
  tape = fluo_json_tape_new (bytes, NULL);
  for (guint32 i = tape ? fluo_json_tape_first (tape, 0) : FLUO_JSON_NONE;
       i != FLUO_JSON_NONE && node < end; i = fluo_json_tape_next (tape, 0, i), node++)
    {
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, i, &length);

      while (next < retrieval->links->len &&
             g_array_index (retrieval->links, FluoRetrievalLink, next).node < node)
        next++;
      if (node < first)
        continue;
      fluo_json_writer_begin (writer, '{');
      write_links (writer, retrieval->links, &next, node);
      fluo_json_writer_key (writer, "Service");
      fluo_json_writer_raw (writer, raw, length);
      fluo_json_writer_end (writer, '}');
    }
}

void
fluo_api_get_retrieved_graph (FluoApiCall *call)
{
  g_autofree char *token = fluo_api_call_dup (call, "NextToken"), *next = NULL;
  g_auto (FluoRetrieval) retrieval = { 0 };
  g_autoptr (FluoServiceGraph) graph = NULL;
  FluoJsonWriter writer;
  guint64 first = 0;
  guint end = 0;

  if (!get_retrieval (call, &retrieval))
    return;
  graph = retrieval.graph ? fluo_service_graph_from_bytes (retrieval.graph, NULL) : NULL;
  if (!graph)
    graph = fluo_service_graph_new ();
  if (token && (graph->nodes->len <= 1 ||
                !g_ascii_string_to_unsigned (token, 10, 1, graph->nodes->len - 1, &first, NULL)))
    {
      fluo_api_call_invalid (call, "Invalid NextToken");
      return;
    }
  end = MIN (graph->nodes->len, (guint) first + SERVICES_PAGE);
  if (end < graph->nodes->len)
    next = g_strdup_printf ("%u", end);
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "NextToken");
  fluo_json_writer_string (&writer, next);
  fluo_json_writer_key (&writer, "RetrievalStatus");
  fluo_json_writer_string (&writer, status_name (retrieval.status));
  fluo_json_writer_key (&writer, "Services");
  fluo_json_writer_begin (&writer, '[');
  if (retrieval.links)
    write_services (&writer, &retrieval, graph, (guint) first, end);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

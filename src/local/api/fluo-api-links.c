/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"
#include "local/store/fluo-linked.h"

/* GET /fluoroscope/v1/links?trace=ID: which traces link to this one. */

/* X-Ray's links of one trace. */
#define N_LINKS_MAX 100

static gboolean
read_id (FluoApiCall *call, FluoTraceId *ret_id)
{
  const char *text = g_uri_get_query (soup_server_message_get_uri (call->message));
  g_autoptr (GHashTable) query =
    text ? g_uri_parse_params (text, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  const char *value = query ? g_hash_table_lookup (query, "trace") : NULL;

  if (value && fluo_trace_id_parse (value, -1, ret_id))
    return TRUE;
  fluo_api_call_invalid (call, "the query must be trace=ID, with a trace id of X-Ray or W3C");
  return FALSE;
}

void
fluo_api_get_links (FluoApiCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  char text[FLUO_TRACE_ID_XRAY_LEN + 1];
  g_autoptr (GError) error = NULL;
  FluoConnection *reader;
  FluoJsonWriter writer;
  gboolean more = FALSE;
  FluoTraceId id;

  if (!read_id (call, &id))
    return;
  reader = fluo_store_acquire_reader (call->context->store, &error);
  if (reader)
    {
      fluo_linked_find_consumers (reader, &id, N_LINKS_MAX, ids, &more, &error);
      fluo_store_release_reader (call->context->store, reader);
    }
  if (error)
    {
      fluo_api_call_store_failed (call, error);
      return;
    }
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_trace_id_format_xray (&id, text);
  fluo_json_writer_key (&writer, "TraceId");
  fluo_json_writer_string (&writer, text);
  fluo_json_writer_key (&writer, "LinkedFrom");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < ids->len; i++)
    {
      fluo_trace_id_format_xray (&g_array_index (ids, FluoTraceId, i), text);
      fluo_json_writer_string (&writer, text);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_key (&writer, "More");
  fluo_json_writer_boolean (&writer, more);
  fluo_json_writer_end (&writer, '}');
}

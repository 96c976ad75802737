/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-linked.h"

/* Of consumers that are looked for; as a question for summaries. */
#define BUDGET_USEC (2500 * G_TIME_SPAN_MILLISECOND)

gboolean
fluo_linked_find_consumers (FluoConnection *reader, const FluoTraceId *id, guint n_max, GArray *ids,
                            gboolean *ret_more, GError **error)
{
  FluoQuery query = { .time = FLUO_QUERY_START,
                      .span = { 0, G_MAXINT64 },
                      .linked = id,
                      .share = 1,
                      .n_max = n_max,
                      .budget_usec = BUDGET_USEC,
                      .key_ns = G_MAXINT64,
                      .row = G_MAXINT64 };
  g_autoptr (GArray) hits = fluo_query_hits_new ();
  guint64 processed;

  if (!fluo_query_run (reader, &query, hits, ret_more, &processed, error))
    return FALSE;
  for (guint i = 0; i < hits->len; i++)
    g_array_append_val (ids, g_array_index (hits, FluoQueryHit, i).entry.id);
  return TRUE;
}

static void
add_id (GArray *ids, const FluoTraceId *id, const FluoTraceId *own)
{
  gboolean known = fluo_trace_id_equal (id, own);

  for (guint i = 0; i < ids->len && !known; i++)
    known = fluo_trace_id_equal (&g_array_index (ids, FluoTraceId, i), id);
  if (!known)
    g_array_append_vals (ids, id, 1);
}

/* What the trace's own links name. */
static void
add_producers (FluoTrace *trace, guint n_max, GArray *ids)
{
  guint n_links, n_begin = ids->len;
  const FluoTraceLink *links = fluo_trace_get_links (trace, &n_links);

  for (guint i = 0; i < n_links && ids->len - n_begin < n_max; i++)
    add_id (ids, &links[i].trace_id, fluo_trace_get_id (trace));
}

static gboolean
add_linked (FluoTraceBuilder *builder, FluoConnection *reader, const FluoTraceId *id,
            GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FluoStoredTrace) stored = fluo_stored_trace_load (reader, id, &local_error);

  for (guint i = 0; stored && i < stored->documents->len; i++)
    fluo_trace_builder_add_linked (
      builder, g_array_index (stored->documents, FluoStoredDocument, i).body, NULL);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

FluoTrace *
fluo_linked_assemble (FluoConnection *reader, FluoStoredTrace *stored, guint n_max, GError **error)
{
  g_autoptr (FluoTrace) alone = fluo_stored_trace_assemble (stored);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  FluoTraceBuilder *builder;
  gboolean more, good = TRUE;

  if (!alone)
    return NULL;
  if (!fluo_linked_find_consumers (reader, &stored->id, n_max, ids, &more, error))
    return NULL;
  add_producers (alone, n_max, ids);
  if (ids->len == 0)
    return g_steal_pointer (&alone);
  builder = fluo_trace_builder_new (&stored->id);
  for (guint i = 0; i < stored->documents->len; i++)
    fluo_trace_builder_add (builder,
                            g_array_index (stored->documents, FluoStoredDocument, i).body, NULL);
  for (guint i = 0; i < ids->len && good; i++)
    good = add_linked (builder, reader, &g_array_index (ids, FluoTraceId, i), error);
  g_clear_pointer (&alone, fluo_trace_unref);
  alone = fluo_trace_builder_end (builder, 0);
  return good ? g_steal_pointer (&alone) : NULL;
}

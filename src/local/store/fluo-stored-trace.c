/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-stored-trace.h"

#include <string.h>

#include "local/store/fluo-packer.h"

/* Below this many documents a walk is faster than a table. */
#define N_UNINDEXED_MAX 64

static void
document_clear (gpointer data)
{
  g_bytes_unref (((FluoStoredDocument *) data)->body);
}

FluoStoredTrace *
fluo_stored_trace_new (const FluoTraceId *id)
{
  FluoStoredTrace *self = g_new0 (FluoStoredTrace, 1);

  self->id = *id;
  self->documents = g_array_new (FALSE, FALSE, sizeof (FluoStoredDocument));
  g_array_set_clear_func (self->documents, document_clear);
  return self;
}

FluoStoredTrace *
fluo_stored_trace_copy (const FluoStoredTrace *self)
{
  FluoStoredTrace *copy = g_memdup2 (self, sizeof *self);

  copy->index = NULL;
  copy->documents =
    g_array_sized_new (FALSE, FALSE, sizeof (FluoStoredDocument), self->documents->len);
  g_array_set_clear_func (copy->documents, document_clear);
  g_array_append_vals (copy->documents, self->documents->data, self->documents->len);
  for (guint i = 0; i < copy->documents->len; i++)
    g_bytes_ref (g_array_index (copy->documents, FluoStoredDocument, i).body);
  return copy;
}

void
fluo_stored_trace_free (FluoStoredTrace *self)
{
  g_array_unref (self->documents);
  g_clear_pointer (&self->index, g_hash_table_unref);
  g_free (self);
}

static void
index_document (FluoStoredTrace *self, guint position)
{
  guint64 *key = g_new (guint64, 1);

  *key = g_array_index (self->documents, FluoStoredDocument, position).id;
  g_hash_table_replace (self->index, key, GUINT_TO_POINTER (position + 1));
}

FluoStoredDocument *
fluo_stored_trace_find (FluoStoredTrace *self, guint64 id)
{
  guint position;

  if (!self->index)
    {
      for (guint i = 0; i < self->documents->len; i++)
        if (g_array_index (self->documents, FluoStoredDocument, i).id == id)
          return &g_array_index (self->documents, FluoStoredDocument, i);
      return NULL;
    }
  position = GPOINTER_TO_UINT (g_hash_table_lookup (self->index, &id));
  return position ? &g_array_index (self->documents, FluoStoredDocument, position - 1) : NULL;
}

void
fluo_stored_trace_append (FluoStoredTrace *self, gint64 key, guint64 id, guint flags, GBytes *body)
{
  FluoStoredDocument document = { key, id, flags, g_bytes_ref (body) };

  g_array_append_val (self->documents, document);
  if (self->index)
    index_document (self, self->documents->len - 1);
  else if (self->documents->len > N_UNINDEXED_MAX)
    {
      self->index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      for (guint i = 0; i < self->documents->len; i++)
        index_document (self, i);
    }
}

/* Times of the trace as far as its documents tell without being assembled. */
static void
note_times (FluoStoredTrace *self, GBytes *body, gboolean first)
{
  FluoSegmentHead head;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  if (!fluo_segment_head_parse (text, length, &head, NULL, NULL))
    return;
  self->start_ns = first ? head.start_ns : MIN (self->start_ns, head.start_ns);
  self->end_ns = first ? head.end_ns : MAX (self->end_ns, head.end_ns);
}

gboolean
fluo_stored_trace_load_documents (FluoStoredTrace *self, FluoConnection *connection,
                                  GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_DOCUMENTS, error);
  int rc;

  if (!statement)
    return FALSE;
  fluo_stored_trace_drop_documents (self);
  self->bytes = 0;
  sqlite3_bind_int64 (statement, 1, FLUO_DOCUMENT_KEY (self->row, 0));
  sqlite3_bind_int64 (statement, 2, FLUO_DOCUMENT_KEY (self->row + 1, 0));
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      guint flags = (guint) sqlite3_column_int (statement, 2);
      g_autoptr (GBytes) body = fluo_packer_unpack (
        connection->packer, flags >> FLUO_STORED_DICTIONARY_SHIFT,
        sqlite3_column_blob (statement, 3), (gsize) sqlite3_column_bytes (statement, 3),
        FLUO_DOCUMENT_SIZE_MAX, error);

      if (!body)
        {
          connection->damage = FLUO_DAMAGE_CERTAIN;
          sqlite3_reset (statement);
          return FALSE;
        }
      fluo_stored_trace_append (self, sqlite3_column_int64 (statement, 0),
                                (guint64) sqlite3_column_int64 (statement, 1),
                                flags & FLUO_STORED_FLAGS, body);
      self->bytes += (gint64) g_bytes_get_size (body);
    }
  return rc == 0;
}

void
fluo_stored_trace_drop_documents (FluoStoredTrace *self)
{
  g_array_set_size (self->documents, 0);
  g_clear_pointer (&self->index, g_hash_table_unref);
}

FluoStoredTrace *
fluo_stored_trace_load_row (FluoConnection *connection, const FluoTraceId *id, gint64 row,
                            GError **error)
{
  g_autoptr (FluoStoredTrace) self = fluo_stored_trace_new (id);

  self->row = row;
  return fluo_stored_trace_load_documents (self, connection, error) ? g_steal_pointer (&self)
                                                                    : NULL;
}

typedef struct
{
  FluoConnection *connection;
  FluoTraceEntry  entry;
  gboolean        assembled;
} Search;

/* 1 = found, 0 = not in any of these blocks (gint64), -1 = @error. A block that has been sealed
 * since the reader's moment is not there for it. */
static int
search_blocks (Search *self, const FluoTraceId *id, GArray *blocks, GError **error)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if (fluo_block_find (self->connection, g_array_index (blocks, gint64, i), id, &self->entry,
                           &local_error))
        return 1;
      if (local_error)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return -1;
        }
    }
  return 0;
}

/* As things are now, which takes no time. A trace keeps its row whatever block it is in, so it does
 * not matter whether the reader sees it in the same one. */
static int
search_now (Search *self, const FluoTraceId *id, GError **error)
{
  FluoLive *live = self->connection->live;
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (gint64));
  FluoOpenTrace *open;

  fluo_live_lock (live);
  open = fluo_live_find_open (live, id);
  if (open)
    {
      self->entry = open->entry;
      self->assembled = open->facts != NULL;
    }
  else
    fluo_live_find_sealed (live, id, blocks);
  fluo_live_unlock (live);
  self->assembled |= !open;
  return open ? 1 : search_blocks (self, id, blocks, error);
}

/* As things were at the reader's moment, block by block: what it has open may have been sealed
 * since, and what it has sealed may have been joined with another. */
static int
search_then (Search *self, const FluoTraceId *id, GError **error)
{
  FluoLiveView *view = self->connection->view;
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = view->open->len; i-- > 0;)
    {
      FluoOpenBlock *block = view->open->pdata[i];
      int k = fluo_open_block_find (block, id);

      if (k >= 0)
        {
          FluoOpenTrace *open = block->traces->pdata[k];

          self->entry = open->entry;
          self->assembled = open->facts != NULL;
          return 1;
        }
    }
  fluo_live_lock (self->connection->live);
  for (guint i = 0; i < view->sealed->len; i++)
    {
      gint64 number = ((FluoSealedBlock *) view->sealed->pdata[i])->number;

      if (!fluo_live_get_sealed (self->connection->live, number))
        g_array_append_val (gone, number);
    }
  fluo_live_unlock (self->connection->live);
  return search_blocks (self, id, gone, error);
}

FluoStoredTrace *
fluo_stored_trace_load (FluoConnection *connection, const FluoTraceId *id, GError **error)
{
  g_autoptr (FluoStoredTrace) self = NULL;
  Search search = { .connection = connection };
  int found = search_now (&search, id, error);

  if (found == 0)
    found = search_then (&search, id, error);
  if (found <= 0)
    return NULL;
  self = fluo_stored_trace_load_row (connection, id, search.entry.row, error);
  if (!self || self->documents->len == 0)
    return NULL;
  self->start_ns = search.entry.start_ns;
  self->end_ns = search.entry.end_ns;
  for (guint i = 0; !search.assembled && i < self->documents->len; i++)
    note_times (self, g_array_index (self->documents, FluoStoredDocument, i).body, i == 0);
  return g_steal_pointer (&self);
}

FluoTrace *
fluo_stored_trace_assemble (FluoStoredTrace *self)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (&self->id);

  for (guint i = 0; i < self->documents->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!fluo_trace_builder_add (
            builder, g_array_index (self->documents, FluoStoredDocument, i).body, &error))
        g_debug ("a stored document is left out: %s", error->message);
    }
  /* Running spans end with the trace, so that assembling again later gives the same. */
  return fluo_trace_builder_end (builder, 0);
}

static gboolean
is_wanted (const FluoTraceEntry *entry, FluoTimeSpan span, guint32 group)
{
  gboolean member = group == 0;

  for (guint i = 0; i < entry->n_groups && !member; i++)
    member = entry->groups[i] == group;
  return member && fluo_time_span_contains (span, entry->start_ns);
}

gboolean
fluo_stored_traces_find (FluoConnection *reader, FluoTimeSpan span, guint32 group, guint n_max,
                         GArray *ret_entries, GError **error)
{
  FluoLiveView *view = reader->view;

  for (guint i = view->open->len; i-- > 0;)
    {
      FluoOpenBlock *block = view->open->pdata[i];

      for (guint k = 0; k < block->traces->len && ret_entries->len < n_max; k++)
        {
          FluoOpenTrace *trace = block->traces->pdata[k];

          if (trace->facts && is_wanted (&trace->entry, span, group))
            g_array_append_val (ret_entries, trace->entry);
        }
    }
  for (guint i = view->sealed->len; i-- > 0 && ret_entries->len < n_max;)
    {
      FluoSealedBlock *block = view->sealed->pdata[i];
      g_auto (FluoBlockContents) contents = { NULL };

      if (block->start_max < span.begin_ns || block->start_min >= span.end_ns)
        continue;
      if (!fluo_block_read (reader, block->number, FLUO_BLOCK_NO_FACTS, &contents, error))
        return FALSE;
      for (guint k = 0; k < contents.entries->len && ret_entries->len < n_max; k++)
        {
          FluoTraceEntry *entry = &g_array_index (contents.entries, FluoTraceEntry, k);

          if (is_wanted (entry, span, group) && !fluo_sealed_block_is_dead (block, entry->row))
            g_array_append_val (ret_entries, *entry);
        }
    }
  return TRUE;
}

gboolean
fluo_stored_traces_add_to_graph (FluoConnection *connection, GArray *entries,
                                 FluoServiceGraph *graph, int sign, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);
      g_autoptr (FluoStoredTrace) stored =
        fluo_stored_trace_load_row (connection, &entry->id, entry->row, error);
      g_autoptr (FluoTrace) trace = NULL;

      if (!stored)
        return FALSE;
      trace = fluo_stored_trace_assemble (stored);
      if (trace)
        fluo_service_graph_add_trace (graph, trace, sign);
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"

#include "local/store/fluo-ingest-seal-private.h"

/* What is older than it may be goes, a block at a time. */

static GHashTable *
read_pins (FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_PINS, error);
  g_autoptr (GHashTable) pins =
    g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, g_free, NULL);
  int rc;

  if (!statement)
    return NULL;
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    if (sqlite3_column_bytes (statement, 0) == sizeof (FluoTraceId))
      g_hash_table_add (pins, g_memdup2 (sqlite3_column_blob (statement, 0), sizeof (FluoTraceId)));
  return rc == 0 ? g_steal_pointer (&pins) : NULL;
}

/* The documents of one trace, or of a run of them. */
static gboolean
delete_documents (FluoConnection *connection, gint64 first_row, gint64 end_row, GError **error)
{
  sqlite3_stmt *statement =
    fluo_connection_statement (connection, FLUO_SQL_DOCUMENTS_DELETE, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, FLUO_DOCUMENT_KEY (first_row, 0));
  sqlite3_bind_int64 (statement, 2, FLUO_DOCUMENT_KEY (end_row, 0));
  return fluo_connection_step (connection, statement, error) == 0;
}

/* A pinned trace goes into the new block with what it adds to the graphs. */
static gboolean
keep_trace (FluoSealing *self, const FluoTraceEntry *entry, FluoFactsBlock *facts, guint i,
            FluoOpenBlock *scratch, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->ingest->store);
  g_autoptr (FluoStoredTrace) stored =
    fluo_stored_trace_load_row (connection, &entry->id, entry->row, error);
  g_autoptr (FluoTrace) trace = stored ? fluo_stored_trace_assemble (stored) : NULL;
  gint64 minute = fluo_rollup_minute (entry->start_ns);

  if (!stored)
    return FALSE;
  fluo_sealing_take_trace (self, entry, facts, i);
  for (guint k = 0; trace && k <= entry->n_groups; k++)
    fluo_service_graph_add_trace (
      fluo_open_block_get_graph (
        scratch, FLUO_GRAPH_KEY (k == 0 ? 0 : entry->groups[k - 1], minute)),
      trace, 1);
  return TRUE;
}

/* Sorts the block's traces: pinned ones into @sealing, the others' documents are deleted. */
static gboolean
part_with (FluoSealing *sealing, FluoBlockContents *contents, GHashTable *pins, guint *ret_deleted,
           GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (sealing->ingest->store);
  g_autoptr (FluoOpenBlock) scratch = fluo_open_block_new (0);
  gint64 first = 0, end = 0; /* a run of rows without gaps */

  for (guint i = 0; i < contents->entries->len; i++)
    {
      FluoTraceEntry *entry = &g_array_index (contents->entries, FluoTraceEntry, i);

      if (fluo_sealed_block_is_dead (sealing->old, entry->row))
        continue;
      if (g_hash_table_contains (pins, &entry->id))
        {
          if (!keep_trace (sealing, entry, fluo_block_contents_get_facts (contents, i),
                           i % FLUO_CHUNK_N, scratch, error))
            return FALSE;
          continue;
        }
      ++*ret_deleted;
      if (entry->row == end)
        {
          end++;
          continue;
        }
      if (end > first && !delete_documents (connection, first, end, error))
        return FALSE;
      first = entry->row;
      end = first + 1;
    }
  if (end > first && !delete_documents (connection, first, end, error))
    return FALSE;
  fluo_graph_parts_append (sealing->graphs, scratch->graphs);
  return TRUE;
}

/* Deletes a sealed block. Its pinned traces go on in a block of their own. */
static gboolean
delete_block (FluoIngest *self, FluoLiveView *view, FluoSealedBlock *block, guint *ret_deleted,
              GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_auto (FluoBlockContents) contents = { NULL };
  g_autoptr (GHashTable) pins = read_pins (connection, error);
  g_auto (FluoSealing) sealing;

  fluo_sealing_init (&sealing, self);
  sealing.block->flags = FLUO_BLOCK_PINNED;
  sealing.old = fluo_sealed_block_ref (block);
  if (!pins ||
      !fluo_block_read (connection, block->number, FLUO_BLOCK_ALL_FACTS, &contents, error) ||
      !fluo_ingest_begin (self, error))
    return FALSE;
  if (!part_with (&sealing, &contents, pins, ret_deleted, error) ||
      !fluo_rollup_remove_block (self->rollup, connection, block->number, view->sealed, error) ||
      !fluo_sealing_write (&sealing, NULL, error) || !fluo_sealing_commit (&sealing, NULL, error))
    return fluo_ingest_roll_back (self);
  return TRUE;
}

/* Blocks of pinned traces are looked at once after the pins have changed. */
static FluoSealedBlock *
choose_unpinned (FluoIngest *self, FluoLiveView *view, gint64 before_ns)
{
  gboolean changed;

  fluo_live_lock (self->live);
  changed = fluo_live_get_pins_changed (self->live);
  fluo_live_set_pins_changed (self->live, FALSE);
  fluo_live_unlock (self->live);
  for (guint i = 0; changed && i < view->sealed->len; i++)
    {
      FluoSealedBlock *block = view->sealed->pdata[i];

      if (block->flags & FLUO_BLOCK_PINNED)
        g_array_append_val (self->recheck, block->number);
    }
  while (self->recheck->len > 0)
    {
      gint64 number = g_array_index (self->recheck, gint64, self->recheck->len - 1);

      g_array_set_size (self->recheck, self->recheck->len - 1);
      for (guint i = 0; i < view->sealed->len; i++)
        {
          FluoSealedBlock *block = view->sealed->pdata[i];

          if (block->number == number && block->updated_max < before_ns)
            return block;
        }
    }
  return NULL;
}

/* The block that was updated longest ago. */
static FluoSealedBlock *
choose_oldest (FluoIngest *self, FluoLiveView *view, gint64 before_ns)
{
  FluoSealedBlock *oldest = choose_unpinned (self, view, before_ns);

  if (oldest)
    return oldest;

  for (guint i = 0; i < view->sealed->len; i++)
    {
      FluoSealedBlock *block = view->sealed->pdata[i];

      if (fluo_sealed_block_get_n_live (block) == 0)
        return block;
      if (!(block->flags & FLUO_BLOCK_PINNED) && block->updated_max < before_ns &&
          (!oldest || block->updated_max < oldest->updated_max))
        oldest = block;
    }
  return oldest;
}

/* Open traces that are too old already are sealed first, whatever else they wait for. */
static gboolean
seal_old (FluoIngest *self, FluoLiveView *view, gint64 before_ns, gboolean *ret_sealed,
          GError **error)
{
  *ret_sealed = FALSE;
  for (guint i = 0; i < view->open->len; i++)
    {
      FluoOpenBlock *block = view->open->pdata[i];
      gboolean old = block->traces->len > 0;

      for (guint k = 0; k < block->traces->len && old; k++)
        old = ((FluoOpenTrace *) block->traces->pdata[k])->entry.updated_ns < before_ns;
      if (old)
        return fluo_ingest_seal (self, TRUE, before_ns, ret_sealed, error);
    }
  return TRUE;
}

gboolean
fluo_ingest_expire (FluoIngest *self, gint64 before_ns, guint *ret_deleted, GError **error)
{
  g_autoptr (FluoLiveView) view = NULL;
  FluoSealedBlock *oldest;
  gboolean sealed;

  *ret_deleted = 0;
  if (!fluo_ingest_recover (self, error))
    return FALSE;
  view = fluo_live_take_view (self->live);
  oldest = choose_oldest (self, view, before_ns);
  if (!oldest)
    {
      if (!seal_old (self, view, before_ns, &sealed, error))
        return FALSE;
      if (!sealed)
        return TRUE;
      fluo_live_view_free (view);
      view = fluo_live_take_view (self->live);
      oldest = choose_oldest (self, view, before_ns);
    }
  if (!oldest)
    return TRUE;
  if (!delete_block (self, view, oldest, ret_deleted, error))
    return FALSE;
  fluo_connection_run (fluo_store_get_writer (self->store), FLUO_SQL_VACUUM, NULL);
  return TRUE;
}

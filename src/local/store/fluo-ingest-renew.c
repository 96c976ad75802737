/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#define _GNU_SOURCE
#include "fluo-config.h"

#include "local/store/fluo-ingest-private.h"

#include <string.h>

/* Facts of version 1 don't have the traces that links name, so that nobody found who links to a
 * trace; those of version 2 don't have the versions of services. Block by block, oldest first,
 * those of traces that may have either are made anew from the documents. */

/* The last block that has been looked at; in the store, as a state of this name. It ends with the
 * version of the facts, so that the next one begins again. */
#define STATE "facts-3"
/* Nothing of an older version is left, or can come. */
#define ALL G_MAXINT64

/* Blocks that need nothing are looked at so many at a time. */
#define N_LOOK 16

static gboolean
read_state (FluoConnection *connection, gint64 *ret_value, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_STATE_GET, error);
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_text (statement, 1, STATE, -1, SQLITE_STATIC);
  rc = fluo_connection_step (connection, statement, error);
  *ret_value = rc == 1 ? sqlite3_column_int64 (statement, 0) : 0;
  if (rc == 1)
    sqlite3_reset (statement);
  return rc >= 0;
}

static gboolean
write_state (FluoConnection *connection, gint64 value, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_STATE_PUT, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_text (statement, 1, STATE, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, value);
  return fluo_connection_step (connection, statement, error) == 0;
}

static gboolean
says_more (const FluoStoredTrace *stored)
{
  for (guint i = 0; i < stored->documents->len; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (
        g_array_index (stored->documents, FluoStoredDocument, i).body, &length);

      if (memmem (text, length, "\"links\"", strlen ("\"links\"")) ||
          memmem (text, length, "\"version\"", strlen ("\"version\"")))
        return TRUE;
    }
  return FALSE;
}

/* The facts anew, or NULL when those that are there have all. */
static gboolean
make_facts (FluoConnection *connection, const FluoTraceEntry *entry, FluoFactsBlock **ret_facts,
            GError **error)
{
  g_autoptr (FluoStoredTrace) stored =
    fluo_stored_trace_load_row (connection, &entry->id, entry->row, error);
  g_autoptr (FluoFactsBlock) facts = NULL;
  g_autoptr (FluoTrace) trace = NULL;
  FluoTraceFacts view;

  *ret_facts = NULL;
  if (!stored)
    return FALSE;
  trace = says_more (stored) ? fluo_stored_trace_assemble (stored) : NULL;
  if (!trace)
    return TRUE;
  facts = fluo_facts_block_from_trace (trace);
  fluo_facts_block_get (facts, 0, &view);
  *ret_facts = fluo_facts_block_with_groups (&view, entry->groups, entry->n_groups);
  return TRUE;
}

/* Of traces that have left the block documents may be gone, or be newer; nobody asks for them. */
static gboolean
rebuild (FluoIngest *self, FluoSealedBlock *block, FluoBlockContents *contents, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (FluoTraceFacts));
  g_autoptr (GPtrArray) made =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_facts_block_unref);

  for (guint i = 0; i < contents->entries->len; i++)
    {
      const FluoTraceEntry *entry = &g_array_index (contents->entries, FluoTraceEntry, i);
      FluoFactsBlock *facts = NULL;
      FluoTraceFacts view;

      if (!fluo_sealed_block_is_dead (block, entry->row) &&
          !make_facts (connection, entry, &facts, error))
        return FALSE;
      if (facts)
        {
          g_ptr_array_add (made, facts);
          fluo_facts_block_get (facts, 0, &view);
        }
      else
        fluo_facts_block_get (fluo_block_contents_get_facts (contents, i), i % FLUO_CHUNK_N, &view);
      g_array_append_val (views, view);
    }
  if (!fluo_ingest_begin (self, error) ||
      !fluo_block_replace_facts (connection, block->number, views, error) ||
      !write_state (connection, block->number, error) ||
      !fluo_connection_run (connection, FLUO_SQL_COMMIT, error))
    return fluo_ingest_roll_back (self);
  return TRUE;
}

/* The first block after that one. */
static FluoSealedBlock *
find_next (FluoLiveView *view, gint64 after)
{
  for (guint i = 0; i < view->sealed->len; i++)
    if (((FluoSealedBlock *) view->sealed->pdata[i])->number > after)
      return view->sealed->pdata[i];
  return NULL;
}

gboolean
fluo_ingest_renew_facts (FluoIngest *self, gboolean *ret_more, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (FluoLiveView) view = NULL;
  gint64 last;

  *ret_more = FALSE;
  if (self->renewed || !connection || !self->recovered)
    return TRUE;
  if (!read_state (connection, &last, error))
    return FALSE;
  view = fluo_live_take_view (self->live);
  for (guint n = 0; last != ALL && n < N_LOOK; n++)
    {
      FluoSealedBlock *block = find_next (view, last);
      g_auto (FluoBlockContents) contents = { NULL };

      *ret_more = block != NULL;
      last = block ? block->number : ALL;
      if (!block)
        continue;
      if (!fluo_block_read (connection, last, FLUO_BLOCK_ALL_FACTS, &contents, error))
        return FALSE;
      if (contents.outdated)
        return rebuild (self, block, &contents, error);
    }
  self->renewed = last == ALL;
  return write_state (connection, last, error);
}

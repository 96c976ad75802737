/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-ingest-private.h"

#include <string.h>

/* Traces kept with their documents after they were assembled: some go on. */
#define N_WARM_MAX 1024
#define WARM_BYTES_MAX (8 * 1024 * 1024)

/* --- Entries -------------------------------------------------------------- */

static void
entry_free (gpointer data)
{
  FluoEntry *entry = data;

  fluo_stored_trace_free (entry->stored);
  g_clear_pointer (&entry->open, fluo_open_trace_unref);
  g_clear_pointer (&entry->trace, fluo_trace_unref);
  g_clear_pointer (&entry->groups, fluo_groups_unref);
  g_free (entry);
}

FluoIngest *
fluo_ingest_new (FluoStore *store)
{
  FluoIngest *self = g_new0 (FluoIngest, 1);

  self->store = store;
  self->live = fluo_store_get_live (store);
  self->packer = fluo_store_get_packer (store);
  self->rollup = fluo_rollup_new ();
  self->entries =
    g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, NULL, entry_free);
  self->touched = g_ptr_array_new ();
  self->recheck = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->next_open = 1;
  self->block_bytes_max = G_MAXINT64;
  self->block_span_ns = G_MAXINT64;
  return self;
}

void
fluo_ingest_free (FluoIngest *self)
{
  g_ptr_array_unref (self->touched);
  g_array_unref (self->recheck);
  g_hash_table_unref (self->entries);
  fluo_rollup_free (self->rollup);
  g_clear_pointer (&self->groups, fluo_groups_unref);
  g_clear_pointer (&self->saved_groups, fluo_groups_unref);
  g_free (self);
}

void
fluo_ingest_set_limits (FluoIngest *self, gint64 block_bytes_max, gint64 block_span_ns)
{
  self->block_bytes_max = block_bytes_max;
  self->block_span_ns = block_span_ns;
}

void
fluo_ingest_set_groups (FluoIngest *self, FluoGroups *groups)
{
  if (groups)
    fluo_groups_ref (groups);
  g_clear_pointer (&self->groups, fluo_groups_unref);
  self->groups = groups;
}

void
fluo_ingest_reset (FluoIngest *self)
{
  FluoLiveView *view;

  g_ptr_array_set_size (self->touched, 0);
  g_queue_init (&self->waiting);
  g_queue_init (&self->warm);
  g_hash_table_remove_all (self->entries);
  fluo_rollup_clear (self->rollup);
  g_clear_pointer (&self->saved_groups, fluo_groups_unref);
  self->waiting_bytes = self->warm_bytes = 0;
  self->next_row = self->next_sealed = 0;
  self->current = 0;
  self->recovered = self->migrated = self->renewed = FALSE;
  fluo_live_lock (self->live);
  view = fluo_live_get_view (self->live);
  for (guint i = 0; i < view->open->len; i++)
    fluo_live_remove_block (self->live, ((FluoOpenBlock *) view->open->pdata[i])->number);
  fluo_live_unlock (self->live);
  fluo_live_view_free (view);
}

static void
leave_warm (FluoIngest *self, FluoEntry *entry)
{
  if (!entry->warm_link.data)
    return;
  g_queue_unlink (&self->warm, &entry->warm_link);
  entry->warm_link.data = NULL;
  self->warm_bytes -= entry->stored->bytes;
}

void
fluo_ingest_leave_waiting (FluoIngest *self, FluoEntry *entry)
{
  if (!entry->waiting)
    return;
  g_queue_unlink (&self->waiting, &entry->wait_link);
  self->waiting_bytes -= entry->loaded ? entry->stored->bytes : 0;
  entry->waiting = FALSE;
}

static void
cool (FluoEntry *entry)
{
  fluo_stored_trace_drop_documents (entry->stored);
  g_clear_pointer (&entry->trace, fluo_trace_unref);
  entry->loaded = FALSE;
}

static void
evict_warm (FluoIngest *self)
{
  while (self->warm.tail && (self->warm.length > N_WARM_MAX || self->warm_bytes > WARM_BYTES_MAX))
    {
      FluoEntry *entry = self->warm.tail->data;

      leave_warm (self, entry);
      cool (entry);
    }
}

void
fluo_ingest_keep_warm (FluoIngest *self, FluoEntry *entry)
{
  if (entry->warm_link.data)
    return;
  entry->warm_link.data = entry;
  g_queue_push_head_link (&self->warm, &entry->warm_link);
  self->warm_bytes += entry->stored->bytes;
  evict_warm (self);
}

gboolean
fluo_ingest_has_open (FluoIngest *self)
{
  return g_hash_table_size (self->entries) > 0;
}

void
fluo_ingest_trim (FluoIngest *self)
{
  while (self->warm.tail)
    {
      FluoEntry *entry = self->warm.tail->data;

      leave_warm (self, entry);
      cool (entry);
    }
  fluo_rollup_trim (self->rollup);
}

FluoEntry *
fluo_ingest_add_entry (FluoIngest *self, FluoStoredTrace *stored)
{
  FluoEntry *entry = g_new0 (FluoEntry, 1);

  entry->stored = stored;
  entry->entry.id = stored->id;
  entry->wait_link.data = entry;
  g_hash_table_replace (self->entries, &stored->id, entry);
  return entry;
}

void
fluo_ingest_drop_entry (FluoIngest *self, FluoEntry *entry)
{
  leave_warm (self, entry);
  fluo_ingest_leave_waiting (self, entry);
  g_hash_table_remove (self->entries, &entry->stored->id);
}

gboolean
fluo_ingest_load_entry (FluoIngest *self, FluoEntry *entry, GError **error)
{
  if (entry->loaded)
    return TRUE;
  if (!fluo_stored_trace_load_documents (entry->stored, fluo_store_get_writer (self->store),
                                         error))
    return FALSE;
  entry->loaded = TRUE;
  if (entry->waiting)
    self->waiting_bytes += entry->stored->bytes;
  return TRUE;
}

/* A document is about to come: documents in memory, and the trace as it was counted. */
static gboolean
warm_up (FluoIngest *self, FluoEntry *entry, GError **error)
{
  leave_warm (self, entry);
  if (!fluo_ingest_load_entry (self, entry, error))
    return FALSE;
  if (!entry->waiting && !entry->trace && entry->open && entry->open->facts)
    entry->trace = fluo_stored_trace_assemble (entry->stored);
  return TRUE;
}

/* --- Finding traces ------------------------------------------------------- */

static gboolean
take_row (FluoIngest *self, gint64 *ret_row, GError **error)
{
  static const FluoSql last[] = { FLUO_SQL_OPEN_LAST, FLUO_SQL_DOCUMENT_LAST };
  FluoConnection *connection = fluo_store_get_writer (self->store);

  for (guint i = 0; self->next_row == 0 && i < G_N_ELEMENTS (last); i++)
    {
      sqlite3_stmt *statement = fluo_connection_statement (connection, last[i], error);

      if (!statement || fluo_connection_step (connection, statement, error) != 1)
        return FALSE;
      *ret_row = MAX (i ? *ret_row : 0, sqlite3_column_int64 (statement, 0) >>
                                          (i ? FLUO_DOCUMENT_BITS : 0));
      sqlite3_reset (statement);
    }
  if (self->next_row == 0)
    self->next_row = *ret_row + 1;
  *ret_row = self->next_row++;
  return TRUE;
}

static gboolean
insert_open (FluoIngest *self, const FluoTraceEntry *entry, gboolean fixed, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement;
  gint64 set = 0;

  if (!fixed && self->groups && !fluo_ingest_save_groups (self, &set, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_OPEN_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, entry->row);
  sqlite3_bind_blob (statement, 2, entry->id.bytes, sizeof entry->id.bytes, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, entry->revision);
  sqlite3_bind_int64 (statement, 4, entry->updated_ns);
  /* Groups stay those of the first time; without any it is an empty list, not NULL. */
  if (fixed)
    sqlite3_bind_blob (statement, 5, entry->groups, (int) (entry->n_groups * sizeof (guint32)),
                       SQLITE_STATIC);
  if (set > 0)
    sqlite3_bind_int64 (statement, 6, set);
  return fluo_connection_step (connection, statement, error) == 0;
}

/* TRUE with the entry when a sealed block has the trace alive. */
static gboolean
find_sealed (FluoIngest *self, const FluoTraceId *id, FluoTraceEntry *ret_entry,
             gint64 *ret_block, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (gint64));

  fluo_live_lock (self->live);
  fluo_live_find_sealed (self->live, id, blocks);
  fluo_live_unlock (self->live);
  for (guint i = 0; i < blocks->len; i++)
    {
      gint64 number = g_array_index (blocks, gint64, i);
      FluoSealedBlock *block = fluo_live_get_sealed (self->live, number);
      g_autoptr (GError) local_error = NULL;

      if (fluo_block_find (connection, number, id, ret_entry, &local_error) &&
          !fluo_sealed_block_is_dead (block, ret_entry->row))
        {
          *ret_block = number;
          return TRUE;
        }
      if (local_error)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return FALSE;
}

/* A sealed trace opens again: out of its block's sums, and into the list of open ones. */
static gboolean
bring_back (FluoIngest *self, FluoEntry *entry, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement;

  if (!fluo_ingest_load_entry (self, entry, error))
    return FALSE;
  entry->trace = fluo_stored_trace_assemble (entry->stored);
  if (entry->trace && !fluo_rollup_take_trace (self->rollup, connection, entry->from_block,
                                               &entry->entry, entry->trace, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_DEAD_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, entry->from_block);
  sqlite3_bind_int64 (statement, 2, entry->entry.row);
  return fluo_connection_step (connection, statement, error) == 0 &&
         insert_open (self, &entry->entry, TRUE, error);
}

static FluoEntry *
get_entry (FluoIngest *self, const FluoTraceId *id, gint64 now_ns, GError **error)
{
  FluoEntry *entry = g_hash_table_lookup (self->entries, id);
  g_autoptr (GError) local_error = NULL;
  FluoTraceEntry found = { 0 };
  gint64 block = 0;
  gboolean done;

  if (entry)
    return warm_up (self, entry, error) ? entry : NULL;
  if (!find_sealed (self, id, &found, &block, &local_error))
    {
      if (local_error || !take_row (self, &found.row, &local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      found.id = *id;
      found.updated_ns = now_ns;
      found.n_groups = 0;
      found.revision = self->first_revision;
    }
  entry = fluo_ingest_add_entry (self, fluo_stored_trace_new (id));
  /* From here on a failure of this transaction drops the entry. */
  g_ptr_array_add (self->touched, entry);
  entry->touched = TRUE;
  entry->entry = found;
  entry->stored->row = found.row;
  entry->from_block = block;
  entry->fixed = entry->written = block != 0;
  if (block)
    done = bring_back (self, entry, error);
  else
    {
      entry->loaded = TRUE;
      /* Assembled later, it must not get into a group that was made meanwhile. */
      entry->groups = self->groups ? fluo_groups_ref (self->groups) : NULL;
      done = insert_open (self, &entry->entry, FALSE, error);
    }
  return done ? entry : NULL;
}

/* --- Documents ------------------------------------------------------------ */

static gboolean
write_document (FluoIngest *self, FluoEntry *entry, FluoIngestDocument *document, guint flags,
                gint64 key, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_DOCUMENT_PUT, error);
  gsize size = g_bytes_get_size (document->body);

  if (!statement)
    return FALSE;
  if (!document->packed || !fluo_packer_is_stored (self->packer, document->dictionary))
    {
      g_clear_pointer (&document->packed, g_bytes_unref);
      document->packed =
        fluo_packer_pack (self->packer, g_bytes_get_data (document->body, NULL), size,
                          &document->dictionary);
    }
  sqlite3_bind_int64 (statement, 1, key);
  sqlite3_bind_int64 (statement, 2, (gint64) document->head.id);
  sqlite3_bind_int64 (statement, 3,
                      flags | (gint64) document->dictionary << FLUO_STORED_DICTIONARY_SHIFT);
  sqlite3_bind_blob64 (statement, 4, g_bytes_get_data (document->packed, NULL),
                       g_bytes_get_size (document->packed), SQLITE_STATIC);
  fluo_packer_sample (self->packer, document->body, g_bytes_get_size (document->packed));
  return fluo_connection_step (connection, statement, error) == 0;
}

static gboolean
insert_document (FluoIngest *self, FluoEntry *entry, FluoIngestDocument *document, GError **error)
{
  FluoStoredTrace *stored = entry->stored;
  guint flags = (document->head.in_progress ? FLUO_STORED_IN_PROGRESS : 0) |
                (document->head.subsegment ? FLUO_STORED_SUBSEGMENT : 0);
  gint64 size = (gint64) g_bytes_get_size (document->body);
  FluoStoredDocument *replaced = fluo_stored_trace_find (stored, document->head.id);
  gint64 key = replaced ? replaced->key : FLUO_DOCUMENT_KEY (stored->row, stored->documents->len);

  if (!write_document (self, entry, document, flags, key, error))
    return FALSE;
  if (replaced)
    {
      size -= (gint64) g_bytes_get_size (replaced->body);
      g_bytes_unref (replaced->body);
      *replaced =
        (FluoStoredDocument){ key, document->head.id, flags, g_bytes_ref (document->body) };
    }
  else
    fluo_stored_trace_append (stored, key, document->head.id, flags, document->body);
  stored->bytes += size;
  self->waiting_bytes += entry->waiting ? size : 0;
  return TRUE;
}

static gboolean
file_document (FluoIngest *self, FluoIngestDocument *document, gint64 now_ns, GError **error)
{
  FluoEntry *entry = get_entry (self, &document->head.trace_id, now_ns, error);
  FluoStoredDocument *known;

  if (!entry)
    return FALSE;
  if (!entry->touched)
    g_ptr_array_add (self->touched, entry);
  entry->touched = TRUE;
  known = fluo_stored_trace_find (entry->stored, document->head.id);
  if (known &&
      (!(known->flags & FLUO_STORED_IN_PROGRESS) || g_bytes_equal (known->body, document->body)))
    document->result = FLUO_REFUSED_DUPLICATE;
  else if (entry->stored->bytes + (gint64) g_bytes_get_size (document->body) >
             FLUO_TRACE_BYTES_MAX ||
           entry->stored->documents->len + 1 >= 1 << FLUO_DOCUMENT_BITS)
    document->result = FLUO_REFUSED_TRACE_TOO_LARGE;
  else
    {
      document->result = FLUO_INGEST_STORED;
      entry->touched_usec = g_get_monotonic_time ();
      entry->changed = TRUE;
      entry->n_documents++;
      /* What it belongs to was decided without this document, and stays so. */
      if (entry->fixed && !entry->written && !fluo_ingest_write_groups (self, entry, error))
        return FALSE;
      return insert_document (self, entry, document, error);
    }
  return TRUE;
}

/* --- Transactions --------------------------------------------------------- */

gboolean
fluo_ingest_begin (FluoIngest *self, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (!connection)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT, "no store is open");
      return FALSE;
    }
  return fluo_connection_run (connection, FLUO_SQL_BEGIN_WRITE, error);
}

gboolean
fluo_ingest_prepare_commit (FluoIngest *self, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement;

  if (!fluo_rollup_flush (self->rollup, connection, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_STATE_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_text (statement, 1, "revision", -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) fluo_store_get_revision (self->store) + 1);
  return fluo_connection_step (connection, statement, error) == 0;
}

void
fluo_ingest_publish (FluoIngest *self)
{
  fluo_store_set_figures (self->store, fluo_store_get_revision (self->store) + 1,
                          fluo_live_count (self->live));
}

/* Traces that this transaction made or brought back are not there; those it added to are read again
 * when somebody needs them. */
gboolean
fluo_ingest_roll_back (FluoIngest *self)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (connection)
    fluo_connection_rollback (connection);
  for (guint i = 0; i < self->touched->len; i++)
    {
      FluoEntry *entry = self->touched->pdata[i];

      entry->touched = entry->changed = entry->written = FALSE;
      if (!entry->open)
        fluo_ingest_drop_entry (self, entry);
      else
        {
          if (entry->waiting && entry->loaded)
            self->waiting_bytes -= entry->stored->bytes;
          fluo_stored_trace_drop_documents (entry->stored);
          entry->loaded = FALSE;
          if (!entry->waiting)
            g_clear_pointer (&entry->trace, fluo_trace_unref);
        }
    }
  g_ptr_array_set_size (self->touched, 0);
  g_clear_pointer (&self->saved_groups, fluo_groups_unref);
  self->next_row = 0;
  fluo_rollup_clear (self->rollup);
  return FALSE;
}

guint64
fluo_ingest_get_current (FluoIngest *self)
{
  FluoOpenBlock *block = self->current ? fluo_live_get_block (self->live, self->current) : NULL;
  gint64 now_usec = g_get_monotonic_time ();

  if (!block || block->traces->len >= FLUO_BLOCK_N_MAX ||
      self->current_bytes >= self->block_bytes_max ||
      (now_usec - self->current_usec) > self->block_span_ns / FLUO_NSEC_PER_USEC)
    {
      self->current = self->next_open++;
      self->current_usec = now_usec;
      self->current_bytes = 0;
      fluo_live_add_block (self->live, self->current);
    }
  return self->current;
}

void
fluo_ingest_count_trace (FluoIngest *self, guint64 block, const FluoTraceEntry *entry,
                         FluoTrace *trace, int sign)
{
  FluoOpenBlock *open = fluo_live_get_block (self->live, block);
  gint64 minute = fluo_rollup_minute (entry->start_ns);

  for (guint i = 0; i <= entry->n_groups; i++)
    {
      gint64 key = FLUO_GRAPH_KEY (i == 0 ? 0 : entry->groups[i - 1], minute);

      fluo_service_graph_add_trace (fluo_open_block_get_graph (open, key), trace, sign);
    }
}

/* With the lock held, after the commit: the trace is seen by everybody. */
static void
open_entry (FluoIngest *self, FluoEntry *entry)
{
  g_autoptr (FluoFactsBlock) facts = NULL;

  entry->block = fluo_ingest_get_current (self);
  self->current_bytes += entry->stored->bytes;
  if (entry->from_block)
    {
      FluoSealedBlock *block = fluo_live_get_sealed (self->live, entry->from_block);
      g_autoptr (FluoSealedBlock) copy = fluo_sealed_block_copy (block);

      fluo_sealed_block_add_dead (copy, entry->entry.row);
      fluo_live_put_sealed (self->live, copy, NULL);
      entry->from_block = 0;
    }
  if (entry->trace)
    {
      facts = fluo_facts_block_from_trace (entry->trace);
      fluo_ingest_count_trace (self, entry->block, &entry->entry, entry->trace, 1);
    }
  entry->open = fluo_open_trace_new (&entry->entry, facts);
  fluo_live_put_trace (self->live, entry->block, entry->open);
}

static gboolean
commit_documents (FluoIngest *self, GError **error)
{
  gboolean done;

  if (!fluo_ingest_prepare_commit (self, error))
    return FALSE;
  fluo_live_lock (self->live);
  done = fluo_connection_run (fluo_store_get_writer (self->store), FLUO_SQL_COMMIT, error);
  for (guint i = 0; done && i < self->touched->len; i++)
    {
      FluoEntry *entry = self->touched->pdata[i];

      if (!entry->open)
        open_entry (self, entry);
    }
  if (done)
    fluo_ingest_publish (self);
  fluo_live_unlock (self->live);
  return done;
}

static void
await_settling (FluoIngest *self)
{
  for (guint i = 0; i < self->touched->len; i++)
    {
      FluoEntry *entry = self->touched->pdata[i];

      gboolean changed = entry->changed;

      entry->touched = entry->changed = FALSE;
      /* Brought back or looked at for a duplicate only. */
      if (entry->waiting || !changed)
        {
          if (!entry->waiting)
            fluo_ingest_keep_warm (self, entry);
          continue;
        }
      entry->waiting = TRUE;
      entry->first_usec = entry->touched_usec;
      self->waiting_bytes += entry->stored->bytes;
      g_queue_push_tail_link (&self->waiting, &entry->wait_link);
    }
  g_ptr_array_set_size (self->touched, 0);
}

gboolean
fluo_ingest_apply (FluoIngest *self, FluoIngestDocument **documents, guint n, gint64 now_ns,
                   GError **error)
{
  if (!fluo_ingest_recover (self, error) || !fluo_ingest_begin (self, error))
    return fluo_ingest_roll_back (self);
  for (guint i = 0; i < n; i++)
    if (!file_document (self, documents[i], now_ns, error))
      return fluo_ingest_roll_back (self);
  if (!commit_documents (self, error))
    return fluo_ingest_roll_back (self);
  await_settling (self);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-ingest-seal-private.h"

#include <string.h>

/* A full block is sealed when nothing in it has changed for a moment; one that is not full when
 * nothing has for longer, so that a computer at rest keeps nothing open. */
#define FULL_QUIET_USEC (5 * G_USEC_PER_SEC)
#define QUIET_USEC (15 * G_USEC_PER_SEC)

/* Open blocks beyond this are sealed at once: each takes some megabytes of memory. */
#define N_OPEN_MAX 16

/* Traces of which something still runs stay open for so long, since they are about to change. */
#define PARTIAL_NS (60 * FLUO_NSEC_PER_SEC)

/* --- Choosing --------------------------------------------------------------- */

/* When the last trace of the block was assembled. */
static gint64
last_change_usec (FluoIngest *self, FluoOpenBlock *block)
{
  gint64 last = 0;

  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];
      FluoEntry *entry = g_hash_table_lookup (self->entries, &trace->entry.id);

      if (entry)
        last = MAX (last, MAX (entry->settled_usec, entry->touched_usec));
    }
  return last;
}

static gboolean
must_stay (FluoEntry *entry, gboolean all, gint64 now_ns)
{
  FluoTraceFacts view;

  if (entry->waiting)
    return TRUE;
  if (all || !entry->open->facts || now_ns - entry->open->entry.updated_ns > PARTIAL_NS)
    return FALSE;
  fluo_facts_block_get (entry->open->facts, 0, &view);
  return (view.flags & FLUO_FACTS_PARTIAL) != 0;
}

/* Of a block in which all goes on there is nothing to seal. */
static gboolean
has_rested (FluoIngest *self, FluoOpenBlock *block, gint64 now_ns)
{
  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];

      if (!must_stay (g_hash_table_lookup (self->entries, &trace->entry.id), FALSE, now_ns))
        return TRUE;
    }
  return block->traces->len == 0;
}

static FluoOpenBlock *
choose_block (FluoIngest *self, FluoLiveView *view, gboolean all, gint64 now_ns)
{
  gint64 now_usec = g_get_monotonic_time ();

  for (guint i = 0; i < view->open->len; i++)
    {
      FluoOpenBlock *block = view->open->pdata[i];
      gboolean full = block->number != self->current;

      if (all ||
          (((full && view->open->len > N_OPEN_MAX) ||
            now_usec - last_change_usec (self, block) > (full ? FULL_QUIET_USEC : QUIET_USEC)) &&
           has_rested (self, block, now_ns)))
        return block;
    }
  return NULL;
}

/* --- Moving what is not at rest --------------------------------------------- */

static gboolean
move_trace (FluoIngest *self, FluoEntry *entry, GError **error)
{
  guint64 from = entry->block;

  if (entry->open->facts && !entry->trace)
    {
      if (!fluo_ingest_load_entry (self, entry, error))
        return FALSE;
      entry->trace = fluo_stored_trace_assemble (entry->stored);
    }
  fluo_live_lock (self->live);
  if (self->current == from)
    self->current = 0;
  entry->block = fluo_ingest_get_current (self);
  if (entry->trace)
    {
      fluo_ingest_count_trace (self, from, &entry->open->entry, entry->trace, -1);
      fluo_ingest_count_trace (self, entry->block, &entry->open->entry, entry->trace, 1);
    }
  fluo_live_remove_trace (self->live, from, &entry->open->entry.id);
  fluo_live_put_trace (self->live, entry->block, entry->open);
  fluo_live_unlock (self->live);
  return TRUE;
}

/* Everything that is left in the block afterwards is at rest. */
static gboolean
move_restless (FluoIngest *self, FluoOpenBlock *block, gboolean all, gint64 now_ns, GError **error)
{
  for (guint i = 0; i < block->traces->len; i++)
    {
      FluoOpenTrace *trace = block->traces->pdata[i];
      FluoEntry *entry = g_hash_table_lookup (self->entries, &trace->entry.id);

      if (all && entry->waiting && !fluo_ingest_settle_entry (self, entry, now_ns, error))
        return FALSE;
      if (must_stay (entry, all, now_ns) && !move_trace (self, entry, error))
        return FALSE;
    }
  return TRUE;
}

/* --- Sealing ---------------------------------------------------------------- */

void
fluo_sealing_init (FluoSealing *self, FluoIngest *ingest)
{
  memset (self, 0, sizeof *self);
  self->ingest = ingest;
  self->entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  self->views = g_array_new (FALSE, FALSE, sizeof (FluoTraceFacts));
  self->graphs = fluo_graph_parts_new ();
  self->block = fluo_sealed_block_new ();
  self->block->number = ingest->next_sealed++;
}

void
fluo_sealing_clear (FluoSealing *self)
{
  g_array_unref (self->entries);
  g_array_unref (self->views);
  g_array_unref (self->graphs);
  g_clear_pointer (&self->old, fluo_sealed_block_unref);
  fluo_block_contents_clear (&self->old_contents);
  fluo_sealed_block_unref (self->block);
}

void
fluo_sealing_take_trace (FluoSealing *self, const FluoTraceEntry *entry, FluoFactsBlock *facts,
                         guint i)
{
  FluoTraceFacts view;

  fluo_facts_block_get (facts, i, &view);
  g_array_append_val (self->entries, *entry);
  g_array_append_val (self->views, view);
}

static int
compare_open (gconstpointer a, gconstpointer b)
{
  const FluoOpenTrace *x = *(FluoOpenTrace *const *) a, *y = *(FluoOpenTrace *const *) b;

  return x->entry.row < y->entry.row ? -1 : x->entry.row > y->entry.row;
}

/* The last block, when it is small and both fit into one: programs that run for a moment now and
 * then would leave a block each time. */
static gboolean
take_last (FluoSealing *self, FluoLiveView *view, guint n_new, gint64 bytes_new, gint64 now_ns,
           GError **error)
{
  FluoIngest *ingest = self->ingest;
  FluoConnection *connection = fluo_store_get_writer (ingest->store);
  FluoSealedBlock *last =
    view->sealed->len > 0 ? view->sealed->pdata[view->sealed->len - 1] : NULL;

  if (!last || last->flags != 0 || fluo_sealed_block_get_n_live (last) + n_new > FLUO_BLOCK_N_MAX ||
      last->bytes + bytes_new > ingest->block_bytes_max ||
      now_ns - last->updated_min > ingest->block_span_ns)
    return TRUE;
  if (!fluo_block_read (connection, last->number, FLUO_BLOCK_ALL_FACTS, &self->old_contents,
                        error) ||
      !fluo_rollup_read_block (connection, last->number, self->graphs, error))
    return FALSE;
  self->old = fluo_sealed_block_ref (last);
  self->n_old = self->graphs->len;
  for (guint i = 0; i < self->old_contents.entries->len; i++)
    {
      FluoTraceEntry *entry = &g_array_index (self->old_contents.entries, FluoTraceEntry, i);

      if (!fluo_sealed_block_is_dead (last, entry->row))
        fluo_sealing_take_trace (self, entry,
                                 fluo_block_contents_get_facts (&self->old_contents, i),
                                 i % FLUO_CHUNK_N);
    }
  return TRUE;
}

static void
take_open (FluoSealing *self, FluoOpenBlock *block)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  for (guint i = 0; i < block->traces->len; i++)
    g_ptr_array_add (sorted, block->traces->pdata[i]);
  g_ptr_array_sort (sorted, compare_open);
  for (guint i = 0; i < sorted->len; i++)
    {
      FluoOpenTrace *trace = sorted->pdata[i];

      if (trace->facts)
        fluo_sealing_take_trace (self, &trace->entry, trace->facts, 0);
    }
  fluo_graph_parts_append (self->graphs, block->graphs);
}

static gboolean
run_for (FluoConnection *connection, FluoSql sql, gint64 value, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, sql, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, value);
  return fluo_connection_step (connection, statement, error) == 0;
}

gboolean
fluo_sealing_write (FluoSealing *self, FluoOpenBlock *open, GError **error)
{
  FluoIngest *ingest = self->ingest;
  FluoConnection *connection = fluo_store_get_writer (ingest->store);

  if (self->entries->len > 0 &&
      (!fluo_block_write (connection, self->block, self->entries, self->views, error) ||
       !fluo_rollup_add_block (ingest->rollup, connection, self->block->number, self->graphs,
                               self->n_old, error)))
    return FALSE;
  if (self->old &&
      (!fluo_rollup_forget_block (ingest->rollup, connection, self->old->number, error) ||
       !fluo_block_delete (connection, self->old->number, error)))
    return FALSE;
  for (guint i = 0; open && i < open->traces->len; i++)
    {
      FluoOpenTrace *trace = open->traces->pdata[i];

      if (!run_for (connection, FLUO_SQL_OPEN_DELETE, trace->entry.row, error))
        return FALSE;
    }
  return TRUE;
}

/* With the lock held, after the commit. */
static void
show_block (FluoSealing *self)
{
  FluoIngest *ingest = self->ingest;
  g_autofree guint8 *filter = g_malloc0 (FLUO_ID_FILTER_BYTES);

  if (self->old)
    fluo_live_remove_sealed (ingest->live, self->old->number);
  if (self->entries->len == 0)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    fluo_id_filter_add (filter, &g_array_index (self->entries, FluoTraceEntry, i).id);
  fluo_live_put_sealed (ingest->live, self->block, filter);
}

gboolean
fluo_sealing_commit (FluoSealing *self, FluoOpenBlock *open, GError **error)
{
  FluoIngest *ingest = self->ingest;
  gboolean done;

  if (!fluo_ingest_prepare_commit (ingest, error))
    return FALSE;
  fluo_live_lock (ingest->live);
  done = fluo_connection_run (fluo_store_get_writer (ingest->store), FLUO_SQL_COMMIT, error);
  if (done)
    {
      if (open)
        fluo_live_remove_block (ingest->live, open->number);
      show_block (self);
      fluo_ingest_publish (ingest);
    }
  fluo_live_unlock (ingest->live);
  return done;
}

static gboolean
seal_block (FluoIngest *self, FluoLiveView *view, FluoOpenBlock *open, gint64 now_ns,
            GError **error)
{
  g_auto (FluoSealing) sealing;
  gint64 bytes = 0;

  fluo_sealing_init (&sealing, self);
  for (guint i = 0; i < open->traces->len; i++)
    bytes += ((FluoOpenTrace *) open->traces->pdata[i])->entry.bytes;
  if (!take_last (&sealing, view, open->traces->len, bytes, now_ns, error))
    return FALSE;
  take_open (&sealing, open);
  if (!fluo_ingest_begin (self, error) || !fluo_sealing_write (&sealing, open, error) ||
      !fluo_sealing_commit (&sealing, open, error))
    return fluo_ingest_roll_back (self);
  for (guint i = 0; i < open->traces->len; i++)
    {
      FluoOpenTrace *trace = open->traces->pdata[i];
      FluoEntry *entry = g_hash_table_lookup (self->entries, &trace->entry.id);

      if (entry)
        fluo_ingest_drop_entry (self, entry);
    }
  return TRUE;
}

gboolean
fluo_ingest_seal (FluoIngest *self, gboolean all, gint64 now_ns, gboolean *ret_sealed,
                  GError **error)
{
  g_autoptr (FluoLiveView) view = NULL, moved = NULL;
  FluoOpenBlock *block;

  *ret_sealed = FALSE;
  if (!fluo_ingest_recover (self, error))
    return FALSE;
  view = fluo_live_take_view (self->live);
  block = choose_block (self, view, all, now_ns);
  if (!block)
    return TRUE;
  if (!move_restless (self, block, all, now_ns, error))
    return FALSE;
  if (self->current == block->number)
    self->current = 0;
  /* As it is without those. */
  moved = fluo_live_take_view (self->live);
  for (guint i = 0; i < moved->open->len; i++)
    {
      FluoOpenBlock *now = moved->open->pdata[i];

      if (now->number == block->number)
        {
          if (!seal_block (self, moved, now, now_ns, error))
            return FALSE;
          *ret_sealed = TRUE;
        }
    }
  return TRUE;
}

gboolean
fluo_ingest_is_crowded (FluoIngest *self)
{
  g_autoptr (FluoLiveView) view = fluo_live_take_view (self->live);

  return view->open->len > N_OPEN_MAX;
}

/* --- Housekeeping ------------------------------------------------------------ */

static gboolean
store_dictionary (FluoIngest *self, gboolean *ret_worked, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  guint32 number = 0;
  g_autoptr (GBytes) bytes = fluo_packer_take_trained (self->packer, &number);
  sqlite3_stmt *statement;

  if (!bytes)
    return TRUE;
  statement = fluo_connection_statement (connection, FLUO_SQL_DICTIONARY_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, number);
  sqlite3_bind_blob64 (statement, 2, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                       SQLITE_STATIC);
  if (fluo_connection_step (connection, statement, error) != 0)
    return FALSE;
  fluo_packer_add (self->packer, number, bytes);
  *ret_worked = TRUE;
  return TRUE;
}

gboolean
fluo_ingest_keep_house (FluoIngest *self, gboolean try_write, gint64 now_ns,
                        gboolean *ret_worked, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (try_write && (!fluo_ingest_begin (self, error) || !fluo_ingest_prepare_commit (self, error) ||
                    !fluo_connection_run (connection, FLUO_SQL_COMMIT, error)))
    return fluo_ingest_roll_back (self);

  if (!connection || !self->recovered)
    return TRUE;
  return store_dictionary (self, ret_worked, error) &&
         fluo_rollup_sum_hours (self->rollup, connection, now_ns, ret_worked, error);
}

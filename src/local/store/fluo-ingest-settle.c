/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-ingest-private.h"

#include <string.h>

/* Assembling what was filed: its facts, its groups and what it adds to the service graph. */

/* Documents that may wait in memory for being assembled. */
#define N_WAITING_MAX 12000
#define WAITING_BYTES_MAX (24 * 1024 * 1024)

/* A trace is assembled when no document has come for a moment, or when the first has waited so long
 * that somebody who watches would wonder. */
#define QUIET_USEC (250 * 1000)
#define PATIENCE_USEC (700 * 1000)

/* A trace that takes long to assemble rests for so many times its cost: else one endless trace
 * would take all of the writer's time. */
#define LARGE_COST_USEC 2000
#define REST_FACTOR 20

static gint64
rested_usec (const FluoEntry *entry)
{
  return entry->cost_usec > LARGE_COST_USEC ? entry->settled_usec + entry->cost_usec * REST_FACTOR
                                            : 0;
}

static gint64
due_usec (const FluoEntry *entry)
{
  gint64 due = MIN (entry->touched_usec + QUIET_USEC, entry->first_usec + PATIENCE_USEC);

  return MAX (due, rested_usec (entry));
}

/* --- One trace -------------------------------------------------------------- */

struct _FluoAssembly
{
  guint64          number;      /* as the entry has it while this is the last one */
  guint            n_documents; /* and that */
  FluoStoredTrace *stored;      /* the caller's, or a copy of its own */
  FluoGroups      *groups;      /* to be matched; NULL = there are none, or they are known */
  gboolean         fixed;       /* they are known */
  FluoTraceEntry   now;
  FluoTrace       *trace;       /* what comes out; NULL when no document is usable */
  FluoFactsBlock  *facts;
  gint64           cost_usec;
};

static void
assembly_clear (FluoAssembly *self)
{
  g_clear_pointer (&self->groups, fluo_groups_unref);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_clear_pointer (&self->facts, fluo_facts_block_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoAssembly, assembly_clear)

void
fluo_assembly_free (FluoAssembly *self)
{
  assembly_clear (self);
  fluo_stored_trace_free (self->stored);
  g_free (self);
}

static void
match_groups (FluoAssembly *self)
{
  g_autoptr (GArray) keys = NULL;
  FluoTraceFacts view;

  if (self->fixed)
    return;
  self->now.n_groups = 0;
  if (self->groups)
    {
      fluo_facts_block_get (self->facts, 0, &view);
      keys = fluo_groups_match (self->groups, &view);
      self->now.n_groups = MIN (keys->len, FLUO_BLOCK_GROUPS_MAX);
    }
  /* An empty array has no data. */
  if (self->now.n_groups > 0)
    memcpy (self->now.groups, keys->data, self->now.n_groups * sizeof (guint32));
}

/* The facts of the trace, with the groups it has. */
static void
make_facts (FluoAssembly *self)
{
  g_autoptr (FluoFactsBlock) facts = fluo_facts_block_from_trace (self->trace);
  FluoTraceFacts view;

  self->facts = g_steal_pointer (&facts);
  match_groups (self);
  if (self->now.n_groups == 0)
    return;
  fluo_facts_block_get (self->facts, 0, &view);
  facts = fluo_facts_block_with_groups (&view, self->now.groups, self->now.n_groups);
  fluo_facts_block_unref (self->facts);
  self->facts = g_steal_pointer (&facts);
}

void
fluo_assembly_run (FluoAssembly *self)
{
  gint64 begin_usec = g_get_monotonic_time ();

  self->trace = fluo_stored_trace_assemble (self->stored);
  self->now.bytes = self->stored->bytes;
  if (self->trace)
    {
      FluoTimeSpan extent = fluo_trace_get_extent (self->trace);

      self->now.start_ns = extent.begin_ns;
      self->now.end_ns = extent.end_ns;
      make_facts (self);
    }
  self->cost_usec = g_get_monotonic_time () - begin_usec;
}

/* @stored is the entry's own or a copy. */
static void
assembly_init (FluoAssembly *self, FluoIngest *ingest, FluoEntry *entry, FluoStoredTrace *stored)
{
  FluoGroups *groups = entry->groups ? entry->groups : ingest->groups;

  *self = (FluoAssembly){ .number = ++ingest->last_lent,
                          .n_documents = entry->n_documents,
                          .stored = stored,
                          .groups = entry->fixed || !groups ? NULL : fluo_groups_ref (groups),
                          .fixed = entry->fixed,
                          .now = entry->open->entry };
  entry->lent = self->number;
}

/* Everybody sees what came out. */
static void
show_assembly (FluoIngest *self, FluoEntry *entry, FluoAssembly *assembly, gint64 now_ns)
{
  FluoTraceEntry *now = &assembly->now;

  entry->lent = 0;
  if (assembly->facts && !entry->fixed)
    {
      entry->fixed = TRUE;
      g_clear_pointer (&entry->groups, fluo_groups_unref);
    }
  now->updated_ns = entry->recovered ? now->updated_ns : now_ns;
  now->revision++;
  entry->recovered = FALSE;

  fluo_live_lock (self->live);
  if (entry->trace)
    fluo_ingest_count_trace (self, entry->block, &entry->open->entry, entry->trace, -1);
  if (assembly->trace)
    fluo_ingest_count_trace (self, entry->block, now, assembly->trace, 1);
  fluo_open_trace_unref (entry->open);
  entry->open = fluo_open_trace_new (now, assembly->facts);
  fluo_live_put_trace (self->live, entry->block, entry->open);
  fluo_live_unlock (self->live);

  g_clear_pointer (&entry->trace, fluo_trace_unref);
  entry->trace = g_steal_pointer (&assembly->trace);
  entry->settled_usec = g_get_monotonic_time ();
}

gboolean
fluo_ingest_settle_entry (FluoIngest *self, FluoEntry *entry, gint64 now_ns, GError **error)
{
  gint64 begin_usec = g_get_monotonic_time ();
  g_auto (FluoAssembly) assembly = { 0 };

  if (!fluo_ingest_load_entry (self, entry, error))
    return FALSE;
  assembly_init (&assembly, self, entry, entry->stored);
  fluo_assembly_run (&assembly);
  show_assembly (self, entry, &assembly, now_ns);
  fluo_ingest_leave_waiting (self, entry);
  entry->cost_usec = entry->settled_usec - begin_usec;
  fluo_ingest_keep_warm (self, entry);
  return TRUE;
}

/* --- Many ------------------------------------------------------------------- */

gboolean
fluo_ingest_settle (FluoIngest *self, FluoSettleWhich which, gint64 budget_usec, gint64 now_ns,
                    gboolean *ret_settled, GError **error)
{
  gint64 now_usec = g_get_monotonic_time ();
  gint64 until_usec = budget_usec > 0 ? now_usec + budget_usec : G_MAXINT64;
  gboolean settled = FALSE;
  GList *link;

  if (!fluo_ingest_recover (self, error))
    return FALSE;
  link = self->waiting.head;
  while (link && g_get_monotonic_time () < until_usec)
    {
      FluoEntry *entry = link->data;

      /* They stand in the order of their first document, and none is due before that has rested. */
      if (which == FLUO_SETTLE_DUE && entry->first_usec + QUIET_USEC > now_usec)
        break;
      link = link->next;
      if (entry->lent && which != FLUO_SETTLE_ALL)
        continue;
      if ((which == FLUO_SETTLE_DUE && due_usec (entry) > now_usec) ||
          (which == FLUO_SETTLE_READY && rested_usec (entry) > now_usec))
        continue;
      if (!fluo_ingest_settle_entry (self, entry, now_ns, error))
        return FALSE;
      settled = TRUE;
    }
  if (settled)
    {
      fluo_live_lock (self->live);
      fluo_ingest_publish (self);
      fluo_live_unlock (self->live);
    }
  if (ret_settled)
    *ret_settled = settled;
  return TRUE;
}

gboolean
fluo_ingest_lend (FluoIngest *self, guint n_max, GQueue *ret_assemblies, GError **error)
{
  gint64 now_usec = g_get_monotonic_time ();

  for (GList *link = self->waiting.head; link && n_max > 0; link = link->next)
    {
      FluoEntry *entry = link->data;
      FluoAssembly *assembly;

      if (entry->first_usec + QUIET_USEC > now_usec)
        break;
      if (entry->lent || due_usec (entry) > now_usec)
        continue;
      if (!fluo_ingest_load_entry (self, entry, error))
        return FALSE;
      assembly = g_new (FluoAssembly, 1);
      assembly_init (assembly, self, entry, fluo_stored_trace_copy (entry->stored));
      g_queue_push_tail (ret_assemblies, assembly);
      n_max--;
    }
  return TRUE;
}

/* Documents came meanwhile: they wait as if they were the first. */
static void
wait_again (FluoIngest *self, FluoEntry *entry)
{
  FluoEntry *last = self->waiting.tail->data;

  entry->first_usec = MAX (entry->touched_usec, last->first_usec);
  g_queue_unlink (&self->waiting, &entry->wait_link);
  g_queue_push_tail_link (&self->waiting, &entry->wait_link);
}

static gboolean
take_back (FluoIngest *self, FluoAssembly *assembly, gint64 now_ns, GError **error)
{
  FluoEntry *entry = g_hash_table_lookup (self->entries, &assembly->stored->id);
  gboolean same;

  if (!entry || entry->lent != assembly->number)
    return TRUE;
  same = entry->n_documents == assembly->n_documents;
  /* After a crash its groups would be found with all documents; so they are now. */
  if (!same && !entry->fixed)
    return fluo_ingest_settle_entry (self, entry, now_ns, error);
  show_assembly (self, entry, assembly, now_ns);
  entry->cost_usec = assembly->cost_usec;
  if (!same)
    wait_again (self, entry);
  else
    {
      fluo_ingest_leave_waiting (self, entry);
      /* After a rollback its documents are not there. */
      if (entry->loaded)
        fluo_ingest_keep_warm (self, entry);
      else
        g_clear_pointer (&entry->trace, fluo_trace_unref);
    }
  return TRUE;
}

gboolean
fluo_ingest_take_back (FluoIngest *self, GQueue *assemblies, gint64 now_ns, GError **error)
{
  gboolean any = assemblies->length > 0, done = TRUE;
  FluoAssembly *assembly;

  while ((assembly = g_queue_pop_head (assemblies)))
    {
      done = done && take_back (self, assembly, now_ns, error);
      fluo_assembly_free (assembly);
    }
  if (any)
    {
      fluo_live_lock (self->live);
      fluo_ingest_publish (self);
      fluo_live_unlock (self->live);
    }
  return done;
}

guint
fluo_ingest_count_waiting (FluoIngest *self, gint64 *ret_due_usec)
{
  *ret_due_usec = G_MAXINT64;
  /* They stand in the order of their first document, and none is due before that has rested. */
  for (GList *link = self->waiting.head;
       link && ((FluoEntry *) link->data)->first_usec + QUIET_USEC < *ret_due_usec;
       link = link->next)
    if (!((FluoEntry *) link->data)->lent)
      *ret_due_usec = MIN (*ret_due_usec, due_usec (link->data));
  return self->waiting.length;
}

double
fluo_ingest_get_load (FluoIngest *self)
{
  return MAX ((double) self->waiting.length / N_WAITING_MAX,
              (double) self->waiting_bytes / WAITING_BYTES_MAX);
}

/* --- After a start -------------------------------------------------------- */

/* A set without groups has no rows. */
static FluoGroups *
take_set (GHashTable *sets, gint64 set)
{
  FluoGroups *groups = g_hash_table_lookup (sets, &set);

  return groups ? fluo_groups_ref (groups)
                : fluo_groups_new (g_ptr_array_new (),
                                   fluo_group_new (0, 0, "Default", "", "", NULL));
}

static gboolean
read_open (FluoIngest *self, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GHashTable) sets = fluo_ingest_read_groups (self, error);
  sqlite3_stmt *statement =
    sets ? fluo_connection_statement (connection, FLUO_SQL_OPEN_TRACES, error) : NULL;
  int rc;

  if (!statement)
    return FALSE;
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      FluoTraceEntry now = { 0 };
      FluoEntry *entry;

      now.row = sqlite3_column_int64 (statement, 0);
      if (sqlite3_column_bytes (statement, 1) == sizeof now.id.bytes)
        memcpy (now.id.bytes, sqlite3_column_blob (statement, 1), sizeof now.id.bytes);
      now.revision = (guint32) sqlite3_column_int64 (statement, 2);
      now.updated_ns = sqlite3_column_int64 (statement, 3);
      now.n_groups = (guint32) MIN ((gsize) sqlite3_column_bytes (statement, 4) / sizeof (guint32),
                                    FLUO_BLOCK_GROUPS_MAX);
      if (now.n_groups > 0)
        memcpy (now.groups, sqlite3_column_blob (statement, 4), now.n_groups * sizeof (guint32));
      if (g_hash_table_contains (self->entries, &now.id))
        continue;
      entry = fluo_ingest_add_entry (self, fluo_stored_trace_new (&now.id));
      entry->stored->row = now.row;
      entry->fixed = entry->written = sqlite3_column_type (statement, 4) != SQLITE_NULL;
      if (!entry->fixed && sqlite3_column_type (statement, 5) != SQLITE_NULL)
        entry->groups = take_set (sets, sqlite3_column_int64 (statement, 5));
      entry->recovered = TRUE;
      entry->waiting = TRUE;
      g_queue_push_tail_link (&self->waiting, &entry->wait_link);
      fluo_live_lock (self->live);
      entry->block = fluo_ingest_get_current (self);
      entry->open = fluo_open_trace_new (&now, NULL);
      fluo_live_put_trace (self->live, entry->block, entry->open);
      fluo_live_unlock (self->live);
    }
  return rc == 0;
}

gboolean
fluo_ingest_recover (FluoIngest *self, GError **error)
{
  FluoLiveView *view;

  if (self->recovered)
    return TRUE;
  if (!fluo_store_get_writer (self->store))
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT, "no store is open");
      return FALSE;
    }
  if (!read_open (self, error))
    return FALSE;
  view = fluo_live_take_view (self->live);
  for (guint i = 0; i < view->sealed->len; i++)
    self->next_sealed =
      MAX (self->next_sealed, ((FluoSealedBlock *) view->sealed->pdata[i])->number + 1);
  self->next_sealed = MAX (self->next_sealed, 1);
  fluo_live_view_free (view);
  self->recovered = TRUE;
  return fluo_ingest_settle (self, FLUO_SETTLE_ALL, 0, fluo_time_now_ns (), NULL, error);
}

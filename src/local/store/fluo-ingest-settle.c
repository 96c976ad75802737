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

static void
match_groups (FluoIngest *self, FluoEntry *entry, FluoTraceEntry *now, FluoFactsBlock *facts)
{
  FluoGroups *groups = entry->groups ? entry->groups : self->groups;
  g_autoptr (GArray) keys = NULL;
  FluoTraceFacts view;

  if (entry->fixed || !facts)
    return;
  entry->fixed = TRUE;
  now->n_groups = 0;
  if (groups)
    {
      fluo_facts_block_get (facts, 0, &view);
      keys = fluo_groups_match (groups, &view);
      now->n_groups = MIN (keys->len, FLUO_BLOCK_GROUPS_MAX);
    }
  /* An empty array has no data. */
  if (now->n_groups > 0)
    memcpy (now->groups, keys->data, now->n_groups * sizeof (guint32));
  g_clear_pointer (&entry->groups, fluo_groups_unref);
}

/* The facts of the trace, with the groups it has. */
static FluoFactsBlock *
make_facts (FluoIngest *self, FluoEntry *entry, FluoTraceEntry *now, FluoTrace *trace)
{
  g_autoptr (FluoFactsBlock) facts = fluo_facts_block_from_trace (trace);
  FluoTraceFacts view;

  match_groups (self, entry, now, facts);
  if (now->n_groups == 0)
    return g_steal_pointer (&facts);
  fluo_facts_block_get (facts, 0, &view);
  return fluo_facts_block_with_groups (&view, now->groups, now->n_groups);
}

gboolean
fluo_ingest_settle_entry (FluoIngest *self, FluoEntry *entry, gint64 now_ns, GError **error)
{
  gint64 begin_usec = g_get_monotonic_time ();
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (FluoFactsBlock) facts = NULL;
  FluoTraceEntry now = entry->open->entry;

  if (!fluo_ingest_load_entry (self, entry, error))
    return FALSE;
  trace = fluo_stored_trace_assemble (entry->stored);
  now.bytes = entry->stored->bytes;
  if (trace)
    {
      FluoTimeSpan extent = fluo_trace_get_extent (trace);

      now.start_ns = extent.begin_ns;
      now.end_ns = extent.end_ns;
      facts = make_facts (self, entry, &now, trace);
    }
  now.updated_ns = entry->recovered ? now.updated_ns : now_ns;
  now.revision++;
  entry->recovered = FALSE;

  fluo_live_lock (self->live);
  if (entry->trace)
    fluo_ingest_count_trace (self, entry->block, &entry->open->entry, entry->trace, -1);
  if (trace)
    fluo_ingest_count_trace (self, entry->block, &now, trace, 1);
  fluo_open_trace_unref (entry->open);
  entry->open = fluo_open_trace_new (&now, facts);
  fluo_live_put_trace (self->live, entry->block, entry->open);
  fluo_live_unlock (self->live);

  g_clear_pointer (&entry->trace, fluo_trace_unref);
  entry->trace = g_steal_pointer (&trace);
  fluo_ingest_leave_waiting (self, entry);
  entry->settled_usec = g_get_monotonic_time ();
  entry->cost_usec = entry->settled_usec - begin_usec;
  fluo_ingest_keep_warm (self, entry);
  return TRUE;
}

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

guint
fluo_ingest_count_waiting (FluoIngest *self, gint64 *ret_due_usec)
{
  *ret_due_usec = G_MAXINT64;
  /* They stand in the order of their first document, and none is due before that has rested. */
  for (GList *link = self->waiting.head;
       link && ((FluoEntry *) link->data)->first_usec + QUIET_USEC < *ret_due_usec;
       link = link->next)
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
  FluoView *view;

  if (self->recovered)
    return TRUE;
  if (!fluo_store_get_writer (self->store))
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT, "no store is open");
      return FALSE;
    }
  if (!read_open (self, error))
    return FALSE;
  fluo_live_lock (self->live);
  view = fluo_live_get_view (self->live);
  fluo_live_unlock (self->live);
  for (guint i = 0; i < view->sealed->len; i++)
    self->next_sealed =
      MAX (self->next_sealed, ((FluoSealedBlock *) view->sealed->pdata[i])->number + 1);
  self->next_sealed = MAX (self->next_sealed, 1);
  fluo_view_unref (view);
  self->recovered = TRUE;
  return fluo_ingest_settle (self, FLUO_SETTLE_ALL, 0, fluo_time_now_ns (), NULL, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-ingest.h"

#include "core/fluo-trace-summary.h"
#include "local/fluo-rollup.h"
#include "local/fluo-stored-trace.h"

/* Traces kept assembled after a commit: the rest of a trace's documents usually come within a
 * second. */
#define N_CACHED_MAX 2048
#define CACHED_BYTES_MAX (16 * 1024 * 1024)

/* A trace that takes longer than this to assemble is not assembled for every batch that touches it,
 * but after a rest of so many times its cost: else one endless trace would take all of the writer's
 * time. */
#define DEFER_COST_USEC 2000
#define DEFER_FACTOR 20

typedef struct
{
  FluoStoredTrace *stored;
  FluoTrace       *trace;        /* as the rollup counts it; NULL when it doesn't */
  gint64           cost_usec;    /* of the last assembly */
  gint64           settled_usec; /* when it was, monotonic */
  gboolean         touched;
  GList            link;         /* in lru, most recent first */
} Entry;

struct _FluoIngest
{
  FluoStore  *store;
  FluoRollup *rollup;
  GHashTable *entries;   /* FluoTraceId * in the entry → Entry */
  GQueue      lru;
  gint64      cached_bytes;
  GPtrArray  *touched;   /* Entry, borrowed, of the running transaction */
  gint64      next_row;  /* 0 = ask the store */
  gint64      n_added;   /* traces, by the running transaction */
  guint       n_stale;
  gboolean    recovered; /* no stale trace is left from an earlier run or a rollback */
};

static void
entry_free (Entry *entry)
{
  fluo_stored_trace_free (entry->stored);
  g_clear_pointer (&entry->trace, fluo_trace_unref);
  g_free (entry);
}

FluoIngest *
fluo_ingest_new (FluoStore *store)
{
  FluoIngest *self = g_new0 (FluoIngest, 1);

  self->store = store;
  self->rollup = fluo_rollup_new ();
  self->entries = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, NULL,
                                         (GDestroyNotify) entry_free);
  self->touched = g_ptr_array_new ();
  g_queue_init (&self->lru);
  return self;
}

void
fluo_ingest_free (FluoIngest *self)
{
  g_ptr_array_unref (self->touched);
  g_hash_table_unref (self->entries);
  fluo_rollup_free (self->rollup);
  g_free (self);
}

void
fluo_ingest_reset (FluoIngest *self)
{
  g_ptr_array_set_size (self->touched, 0);
  g_queue_init (&self->lru);
  g_hash_table_remove_all (self->entries);
  fluo_rollup_clear (self->rollup);
  self->cached_bytes = 0;
  self->next_row = 0;
  self->n_added = 0;
  self->n_stale = 0;
  self->recovered = FALSE;
}

static void
forget (FluoIngest *self, Entry *entry)
{
  self->cached_bytes -= entry->stored->bytes;
  g_queue_unlink (&self->lru, &entry->link);
  g_hash_table_remove (self->entries, &entry->stored->id);
}

/* Stale traces stay: the rollup's count of them can only be taken back with the trace as it was. */
static void
evict (FluoIngest *self)
{
  GList *link = self->lru.tail;

  while (link && (self->cached_bytes > CACHED_BYTES_MAX || self->lru.length > N_CACHED_MAX))
    {
      Entry *entry = link->data;

      link = link->prev;
      if (!entry->stored->stale)
        forget (self, entry);
    }
}

static Entry *
add_entry (FluoIngest *self, FluoStoredTrace *stored)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->stored = stored;
  entry->link.data = entry;
  g_hash_table_replace (self->entries, &stored->id, entry);
  g_queue_push_head_link (&self->lru, &entry->link);
  self->cached_bytes += stored->bytes;
  return entry;
}

static Entry *
get_entry (FluoIngest *self, const FluoTraceId *id, GError **error)
{
  Entry *entry = g_hash_table_lookup (self->entries, id);
  g_autoptr (GError) local_error = NULL;
  FluoStoredTrace *stored;

  if (entry)
    {
      g_queue_unlink (&self->lru, &entry->link);
      g_queue_push_head_link (&self->lru, &entry->link);
      return entry;
    }
  stored = fluo_stored_trace_load (fluo_store_get_writer (self->store), id, &local_error);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  entry = add_entry (self, stored ? stored : fluo_stored_trace_new (id));
  if (stored)
    entry->trace = fluo_stored_trace_assemble (stored);
  return entry;
}

/* --- Rows --------------------------------------------------------------- */

static gboolean
take_row (FluoIngest *self, Entry *entry, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (self->next_row == 0)
    {
      sqlite3_stmt *statement =
        fluo_connection_statement (connection, FLUO_SQL_TRACE_LAST_ROW, error);

      if (!statement || fluo_connection_step (connection, statement, error) != 1)
        return FALSE;
      self->next_row = sqlite3_column_int64 (statement, 0) + 1;
      sqlite3_reset (statement);
    }
  entry->stored->row = self->next_row++;
  self->n_added++;
  return TRUE;
}

static gboolean
insert_document (FluoIngest *self, Entry *entry, FluoIngestDocument *document, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  guint flags = (document->head.in_progress ? FLUO_STORED_IN_PROGRESS : 0) |
                (document->head.subsegment ? FLUO_STORED_SUBSEGMENT : 0);
  gint64 size = (gint64) g_bytes_get_size (document->body);
  FluoStoredDocument *replaced;
  sqlite3_stmt *statement;
  gint64 row;

  if (entry->stored->row == 0 && !take_row (self, entry, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_DOCUMENT_INSERT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, entry->stored->row);
  sqlite3_bind_int64 (statement, 2, (gint64) document->head.id);
  sqlite3_bind_int (statement, 3, (int) flags);
  sqlite3_bind_blob64 (statement, 4, g_bytes_get_data (document->body, NULL), (sqlite3_uint64) size,
                       SQLITE_STATIC);
  if (fluo_connection_step (connection, statement, error) != 0)
    return FALSE;
  row = sqlite3_last_insert_rowid (connection->db);

  replaced = fluo_stored_trace_find (entry->stored, document->head.id);
  if (replaced)
    {
      statement = fluo_connection_statement (connection, FLUO_SQL_DOCUMENT_DELETE, error);
      if (!statement)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, replaced->row);
      if (fluo_connection_step (connection, statement, error) != 0)
        return FALSE;
      size -= (gint64) g_bytes_get_size (replaced->body);
      g_bytes_unref (replaced->body);
      *replaced =
        (FluoStoredDocument){ row, document->head.id, flags, g_bytes_ref (document->body) };
    }
  else
    fluo_stored_trace_append (entry->stored, row, document->head.id, flags, document->body);
  entry->stored->bytes += size;
  self->cached_bytes += size;
  return TRUE;
}

static gboolean
file_document (FluoIngest *self, FluoIngestDocument *document, GError **error)
{
  Entry *entry = get_entry (self, &document->head.trace_id, error);
  FluoStoredDocument *known;

  if (!entry)
    return FALSE;
  known = fluo_stored_trace_find (entry->stored, document->head.id);
  if (known &&
      (!(known->flags & FLUO_STORED_IN_PROGRESS) || g_bytes_equal (known->body, document->body)))
    document->result = FLUO_REFUSED_DUPLICATE;
  else if (entry->stored->bytes + (gint64) g_bytes_get_size (document->body) > FLUO_TRACE_BYTES_MAX)
    document->result = FLUO_REFUSED_TRACE_TOO_LARGE;
  else
    {
      document->result = FLUO_INGEST_STORED;
      if (!entry->touched)
        g_ptr_array_add (self->touched, entry);
      entry->touched = TRUE;
      return insert_document (self, entry, document, error);
    }
  return TRUE;
}

static gboolean
write_row (FluoIngest *self, FluoStoredTrace *stored, FluoTrace *trace, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_REPLACE, error);
  g_autoptr (FluoTraceSummary) summary =
    trace ? fluo_trace_summary_from_trace (trace) : fluo_trace_summary_new ();
  g_autoptr (GString) json = g_string_new (NULL);
  FluoJsonWriter writer;

  if (!statement)
    return FALSE;
  summary->id = stored->id;
  summary->revision = (guint) stored->revision;
  fluo_json_writer_init (&writer, json);
  fluo_trace_summary_write (summary, &writer);
  sqlite3_bind_int64 (statement, 1, stored->row);
  sqlite3_bind_blob (statement, 2, stored->id.bytes, sizeof stored->id.bytes, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, stored->start_ns);
  sqlite3_bind_int64 (statement, 4, stored->end_ns);
  sqlite3_bind_int64 (statement, 5, stored->updated_ns);
  sqlite3_bind_int64 (statement, 6, stored->revision);
  sqlite3_bind_int64 (statement, 7, stored->bytes);
  sqlite3_bind_int64 (statement, 8, stored->minute);
  sqlite3_bind_int (statement, 9, stored->stale);
  sqlite3_bind_blob64 (statement, 10, json->str, json->len, SQLITE_STATIC);
  return fluo_connection_step (connection, statement, error) == 0;
}

/* The row's times and minute after @trace; without a trace what was there stays. */
static void
describe (FluoStoredTrace *stored, FluoTrace *trace, gint64 now_ns)
{
  if (trace)
    {
      FluoTimeSpan extent = fluo_trace_get_extent (trace);

      stored->start_ns = extent.begin_ns;
      stored->end_ns = extent.end_ns;
    }
  stored->minute = fluo_rollup_minute (stored->start_ns);
  stored->updated_ns = now_ns;
  stored->revision++;
  stored->stale = FALSE;
}

/* --- Assembling --------------------------------------------------------- */

static gboolean
settle_entry (FluoIngest *self, Entry *entry, gint64 now_ns, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  FluoStoredTrace *stored = entry->stored;
  g_autoptr (FluoTrace) trace = NULL;
  gint64 begin_usec = g_get_monotonic_time ();

  trace = fluo_stored_trace_assemble (stored);
  if (entry->trace &&
      !fluo_rollup_add (self->rollup, connection, stored->minute, entry->trace, -1, error))
    return FALSE;
  g_clear_pointer (&entry->trace, fluo_trace_unref);
  if (stored->stale)
    self->n_stale--;
  describe (stored, trace, now_ns);
  if (trace && !fluo_rollup_add (self->rollup, connection, stored->minute, trace, 1, error))
    return FALSE;
  entry->trace = g_steal_pointer (&trace);
  if (!write_row (self, stored, entry->trace, error))
    return FALSE;
  entry->settled_usec = g_get_monotonic_time ();
  entry->cost_usec = entry->settled_usec - begin_usec;
  return TRUE;
}

static gboolean
must_wait (Entry *entry)
{
  return entry->cost_usec > DEFER_COST_USEC &&
         g_get_monotonic_time () - entry->settled_usec < entry->cost_usec * DEFER_FACTOR;
}

static gboolean
defer_entry (FluoIngest *self, Entry *entry, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_MARK, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, entry->stored->row);
  sqlite3_bind_int64 (statement, 2, entry->stored->bytes);
  if (!entry->stored->stale)
    self->n_stale++;
  entry->stored->stale = TRUE;
  return fluo_connection_step (connection, statement, error) == 0;
}

/* Traces that an earlier run left stale: what the rollup counted of them is not known any more, so
 * their minutes are made anew. Runs inside the transaction. */
static gboolean
recover (FluoIngest *self, gint64 now_ns, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) minutes = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_STALE, error);
  int rc;

  if (!statement)
    return FALSE;
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 row = sqlite3_column_int64 (statement, 0);

      g_array_append_val (rows, row);
    }
  if (rc < 0)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (FluoStoredTrace) stored =
        fluo_stored_trace_load_row (connection, g_array_index (rows, gint64, i), error);
      g_autoptr (FluoTrace) trace = NULL;

      if (!stored)
        return FALSE;
      if (stored->minute != FLUO_MINUTE_NONE)
        g_array_append_val (minutes, stored->minute);
      trace = fluo_stored_trace_assemble (stored);
      describe (stored, trace, now_ns);
      g_array_append_val (minutes, stored->minute);
      if (!write_row (self, stored, trace, error))
        return FALSE;
    }
  for (guint i = 0; i < minutes->len; i++)
    if (!fluo_rollup_rebuild (self->rollup, connection, g_array_index (minutes, gint64, i), error))
      return FALSE;
  self->recovered = TRUE;
  return TRUE;
}

/* --- Transactions ------------------------------------------------------- */

static gboolean
begin (FluoIngest *self, gint64 now_ns, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (!connection)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT, "no store is open");
      return FALSE;
    }
  self->n_added = 0;
  g_ptr_array_set_size (self->touched, 0);
  return fluo_connection_run (connection, FLUO_SQL_BEGIN_WRITE, error) &&
         (self->recovered || recover (self, now_ns, error));
}

static gboolean
commit (FluoIngest *self, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  guint64 revision = fluo_store_get_revision (self->store) + 1;
  sqlite3_stmt *statement;

  if (!fluo_rollup_flush (self->rollup, connection, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_STATE_PUT, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_text (statement, 1, "revision", -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) revision);
  if (fluo_connection_step (connection, statement, error) != 0 ||
      !fluo_connection_run (connection, FLUO_SQL_COMMIT, error))
    return FALSE;
  fluo_store_set_figures (
    self->store, revision,
    (guint64) MAX ((gint64) fluo_store_get_n_traces (self->store) + self->n_added, 0));
  for (guint i = 0; i < self->touched->len; i++)
    ((Entry *) self->touched->pdata[i])->touched = FALSE;
  g_ptr_array_set_size (self->touched, 0);
  evict (self);
  return TRUE;
}

/* Always FALSE, for a tail call. What is in memory ran ahead of the store, so it goes too. */
static gboolean
roll_back (FluoIngest *self)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (connection)
    fluo_connection_rollback (connection);
  fluo_ingest_reset (self);
  return FALSE;
}

gboolean
fluo_ingest_apply (FluoIngest *self, FluoIngestDocument **documents, guint n, gint64 now_ns,
                   GError **error)
{
  if (!begin (self, now_ns, error))
    return roll_back (self);
  for (guint i = 0; i < n; i++)
    if (!file_document (self, documents[i], error))
      return roll_back (self);
  for (guint i = 0; i < self->touched->len; i++)
    {
      Entry *entry = self->touched->pdata[i];
      gboolean done = must_wait (entry) ? defer_entry (self, entry, error)
                                        : settle_entry (self, entry, now_ns, error);

      if (!done)
        return roll_back (self);
    }
  return commit (self, error) || roll_back (self);
}

gboolean
fluo_ingest_has_stale (FluoIngest *self)
{
  return self->n_stale > 0;
}

gboolean
fluo_ingest_settle (FluoIngest *self, gboolean all, gint64 now_ns, GError **error)
{
  GList *link = self->lru.head;

  if (!begin (self, now_ns, error))
    return roll_back (self);
  for (; link; link = link->next)
    {
      Entry *entry = link->data;

      if (entry->stored->stale && (all || !must_wait (entry)) &&
          !settle_entry (self, entry, now_ns, error))
        return roll_back (self);
    }
  return commit (self, error) || roll_back (self);
}

/* --- Deleting ----------------------------------------------------------- */

static gboolean
run_for_row (FluoConnection *connection, FluoSql sql, gint64 row, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, sql, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row);
  return fluo_connection_step (connection, statement, error) == 0;
}

static gboolean
delete_trace (FluoIngest *self, gint64 row, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (FluoStoredTrace) stored = fluo_stored_trace_load_row (connection, row, error);
  g_autoptr (FluoTrace) trace = NULL;
  Entry *entry;

  if (!stored)
    return FALSE;
  entry = g_hash_table_lookup (self->entries, &stored->id);
  if (entry)
    {
      trace = g_steal_pointer (&entry->trace);
      if (entry->stored->stale)
        self->n_stale--;
      forget (self, entry);
    }
  else
    trace = fluo_stored_trace_assemble (stored);
  if (trace && !fluo_rollup_add (self->rollup, connection, stored->minute, trace, -1, error))
    return FALSE;
  self->n_added--;
  return run_for_row (connection, FLUO_SQL_DOCUMENTS_DELETE, row, error) &&
         run_for_row (connection, FLUO_SQL_TRACE_DELETE, row, error);
}

gboolean
fluo_ingest_expire (FluoIngest *self, gint64 before_ns, guint n_max, guint *ret_deleted,
                    GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *statement;
  int rc;

  if (!connection)
    return begin (self, 0, error);
  statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_OLDEST, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, before_ns);
  sqlite3_bind_int64 (statement, 2, n_max);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 row = sqlite3_column_int64 (statement, 0);

      g_array_append_val (rows, row);
    }
  if (rc < 0)
    return FALSE;
  *ret_deleted = 0;
  if (rows->len == 0)
    return TRUE;
  if (!begin (self, before_ns, error))
    return roll_back (self);
  for (guint i = 0; i < rows->len; i++)
    if (!delete_trace (self, g_array_index (rows, gint64, i), error))
      return roll_back (self);
  if (!commit (self, error))
    return roll_back (self);
  *ret_deleted = rows->len;
  fluo_connection_run (connection, FLUO_SQL_VACUUM, NULL);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-ingest-private.h"

#include <string.h>

/* Traces of a store of format 1 move to the present format a few at a time, newest first, while the
 * collector works. Each step takes some out of the old tables and files their documents as if they
 * came now, but with the time of their last update; one that goes on meanwhile is joined. When the
 * old tables are empty they go. */

typedef struct
{
  gint64      row;
  FluoTraceId id;
  gint64      updated_ns;
  gint64      revision;
} OldTrace;

static gboolean
has_old_tables (FluoConnection *connection)
{
  sqlite3_stmt *statement = NULL;
  gboolean has = FALSE;

  if (sqlite3_prepare_v2 (connection->db,
                          "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'traces_1'",
                          -1, &statement, NULL) == SQLITE_OK)
    has = sqlite3_step (statement) == SQLITE_ROW;
  sqlite3_finalize (statement);
  return has;
}

static sqlite3_stmt *
prepare (FluoConnection *connection, const char *sql, gint64 parameter, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (connection->db, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   "the traces of an older version can't be read: %s",
                   sqlite3_errmsg (connection->db));
      return NULL;
    }
  sqlite3_bind_int64 (statement, 1, parameter);
  return statement;
}

static GArray *
read_old_traces (FluoConnection *connection, guint n_max, GError **error)
{
  g_autoptr (GArray) traces = g_array_new (FALSE, FALSE, sizeof (OldTrace));
  sqlite3_stmt *statement = prepare (connection,
                                     "SELECT trace, trace_id, updated_ns, revision FROM traces_1"
                                     " ORDER BY updated_ns DESC LIMIT ?1",
                                     n_max, error);
  int rc = -1;

  while (statement && (rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      OldTrace trace = { sqlite3_column_int64 (statement, 0), { { 0 } },
                         sqlite3_column_int64 (statement, 2), sqlite3_column_int64 (statement, 3) };

      if (sqlite3_column_bytes (statement, 1) == sizeof trace.id.bytes)
        memcpy (trace.id.bytes, sqlite3_column_blob (statement, 1), sizeof trace.id.bytes);
      g_array_append_val (traces, trace);
    }
  sqlite3_finalize (statement);
  return rc == 0 ? g_steal_pointer (&traces) : NULL;
}

static void
document_clear (gpointer data)
{
  FluoIngestDocument *document = data;

  g_bytes_unref (document->body);
  g_clear_pointer (&document->packed, g_bytes_unref);
}

static GArray *
read_old_documents (FluoConnection *connection, gint64 row, GError **error)
{
  g_autoptr (GArray) documents = g_array_new (FALSE, FALSE, sizeof (FluoIngestDocument));
  sqlite3_stmt *statement =
    prepare (connection, "SELECT body FROM documents_1 WHERE trace = ?1 ORDER BY document", row,
             error);
  int rc = -1;

  g_array_set_clear_func (documents, document_clear);
  while (statement && (rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      FluoIngestDocument document = { g_bytes_new (sqlite3_column_blob (statement, 0),
                                                   (gsize) sqlite3_column_bytes (statement, 0)) };
      gsize size;
      const char *text = g_bytes_get_data (document.body, &size);

      if (fluo_segment_head_parse (text, size, &document.head, NULL, NULL))
        g_array_append_val (documents, document);
      else
        document_clear (&document);
    }
  sqlite3_finalize (statement);
  return rc == 0 ? g_steal_pointer (&documents) : NULL;
}

/* Files one trace's documents and settles it with its own time and revision. */
static gboolean
move_documents (FluoIngest *self, const OldTrace *old, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) documents = read_old_documents (connection, old->row, error);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  FluoEntry *entry;
  gboolean applied, is_new;

  if (!documents)
    return FALSE;
  if (documents->len == 0)
    return TRUE;
  for (guint i = 0; i < documents->len; i++)
    g_ptr_array_add (list, &g_array_index (documents, FluoIngestDocument, i));
  is_new = !g_hash_table_contains (self->entries, &old->id);
  /* Assembling it counts as the last update. */
  self->first_revision = (guint32) MAX (old->revision - 1, 0);
  applied = fluo_ingest_apply (self, (FluoIngestDocument **) list->pdata, list->len,
                               old->updated_ns, error);
  self->first_revision = 0;
  if (!applied)
    return FALSE;
  entry = g_hash_table_lookup (self->entries, &old->id);
  if (!entry || !entry->waiting || !is_new)
    return TRUE;
  entry->recovered = TRUE;
  return fluo_ingest_settle_entry (self, entry, old->updated_ns, error);
}

static gboolean
delete_old (FluoConnection *connection, GArray *traces, GError **error)
{
  if (!fluo_connection_run (connection, FLUO_SQL_BEGIN_WRITE, error))
    return FALSE;
  for (guint i = 0; i < traces->len; i++)
    {
      gint64 row = g_array_index (traces, OldTrace, i).row;
      g_autofree char *script =
        g_strdup_printf ("DELETE FROM documents_1 WHERE trace = %" G_GINT64_FORMAT
                         "; DELETE FROM traces_1 WHERE trace = %" G_GINT64_FORMAT,
                         row, row);

      if (!fluo_connection_execute (connection, script, error))
        {
          fluo_connection_rollback (connection);
          return FALSE;
        }
    }
  return fluo_connection_run (connection, FLUO_SQL_COMMIT, error);
}

/* A trace is moved and then deleted from the old tables. When the program ends in between it is
 * moved again, and its documents are found to be there. */
gboolean
fluo_ingest_migrate (FluoIngest *self, guint n_max, gboolean *ret_more, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  g_autoptr (GArray) traces = NULL;

  *ret_more = FALSE;
  if (self->migrated || !connection)
    return TRUE;
  if (!has_old_tables (connection))
    {
      self->migrated = TRUE;
      return TRUE;
    }
  traces = read_old_traces (connection, n_max, error);
  if (!traces)
    return FALSE;
  for (guint i = 0; i < traces->len; i++)
    if (!move_documents (self, &g_array_index (traces, OldTrace, i), error))
      return FALSE;
  if (traces->len > 0)
    {
      *ret_more = TRUE;
      return delete_old (connection, traces, error);
    }
  self->migrated = TRUE;
  return fluo_connection_execute (connection, "DROP TABLE documents_1; DROP TABLE traces_1", error);
}

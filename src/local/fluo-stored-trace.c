/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-stored-trace.h"

#include <string.h>

#include "local/fluo-rollup.h"

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
  self->minute = FLUO_MINUTE_NONE;
  self->documents = g_array_new (FALSE, FALSE, sizeof (FluoStoredDocument));
  g_array_set_clear_func (self->documents, document_clear);
  return self;
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
fluo_stored_trace_append (FluoStoredTrace *self, gint64 row, guint64 id, guint flags, GBytes *body)
{
  FluoStoredDocument document = { row, id, flags, g_bytes_ref (body) };

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

static gboolean
load_documents (FluoStoredTrace *self, FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_DOCUMENTS, error);
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, self->row);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      g_autoptr (GBytes) body = g_bytes_new (sqlite3_column_blob (statement, 3),
                                             (gsize) sqlite3_column_bytes (statement, 3));

      fluo_stored_trace_append (self, sqlite3_column_int64 (statement, 0),
                                (guint64) sqlite3_column_int64 (statement, 1),
                                (guint) sqlite3_column_int (statement, 2), body);
    }
  return rc == 0;
}

static FluoStoredTrace *
load_from (FluoConnection *connection, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (FluoStoredTrace) self = NULL;
  FluoTraceId id = { { 0 } };

  if (fluo_connection_step (connection, statement, error) != 1)
    return NULL;
  if (sqlite3_column_bytes (statement, 1) == sizeof id.bytes)
    memcpy (id.bytes, sqlite3_column_blob (statement, 1), sizeof id.bytes);
  self = fluo_stored_trace_new (&id);
  self->row = sqlite3_column_int64 (statement, 0);
  self->start_ns = sqlite3_column_int64 (statement, 2);
  self->end_ns = sqlite3_column_int64 (statement, 3);
  self->updated_ns = sqlite3_column_int64 (statement, 4);
  self->revision = sqlite3_column_int64 (statement, 5);
  self->bytes = sqlite3_column_int64 (statement, 6);
  self->minute = sqlite3_column_int64 (statement, 7);
  self->stale = sqlite3_column_int (statement, 8) != 0;
  sqlite3_reset (statement);
  return load_documents (self, connection, error) ? g_steal_pointer (&self) : NULL;
}

FluoStoredTrace *
fluo_stored_trace_load (FluoConnection *connection, const FluoTraceId *id, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_BY_ID, error);

  if (!statement)
    return NULL;
  sqlite3_bind_blob (statement, 1, id->bytes, sizeof id->bytes, SQLITE_STATIC);
  return load_from (connection, statement, error);
}

FluoStoredTrace *
fluo_stored_trace_load_row (FluoConnection *connection, gint64 row, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_BY_ROW, error);

  if (!statement)
    return NULL;
  sqlite3_bind_int64 (statement, 1, row);
  return load_from (connection, statement, error);
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

gboolean
fluo_stored_traces_add_to_graph (FluoConnection *connection, FluoTimeSpan span,
                                 FluoServiceGraph *graph, int sign, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_TRACE_RANGE, error);
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, span.begin_ns);
  sqlite3_bind_int64 (statement, 2, span.end_ns);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 row = sqlite3_column_int64 (statement, 0);

      g_array_append_val (rows, row);
    }
  if (rc < 0)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (FluoStoredTrace) stored =
        fluo_stored_trace_load_row (connection, g_array_index (rows, gint64, i), &local_error);
      g_autoptr (FluoTrace) trace = NULL;

      if (local_error)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      trace = stored ? fluo_stored_trace_assemble (stored) : NULL;
      if (trace)
        fluo_service_graph_add_trace (graph, trace, sign);
    }
  return TRUE;
}

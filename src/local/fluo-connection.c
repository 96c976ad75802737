/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-connection.h"

#include <errno.h>

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (fluo-store-error-quark, fluo_store_error)

/* Waiting for another connection's lock: only a checkpoint or a quarantine ever makes one wait. */
#define BUSY_TIMEOUT_MS 5000

/* The writer's page cache; a reader gets a quarter. */
#define CACHE_KIB 8192

#define TRACE_COLUMNS \
  "trace, trace_id, start_ns, end_ns, updated_ns, revision, bytes, minute, stale"
#define SUMMARY_COLUMNS "trace, updated_ns, summary"

static const char *const sql_texts[FLUO_N_SQL] = {
  [FLUO_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
  [FLUO_SQL_BEGIN_READ] = "BEGIN",
  [FLUO_SQL_COMMIT] = "COMMIT",
  [FLUO_SQL_ROLLBACK] = "ROLLBACK",
  [FLUO_SQL_TRACE_BY_ID] = "SELECT " TRACE_COLUMNS " FROM traces WHERE trace_id = ?1",
  [FLUO_SQL_TRACE_BY_ROW] = "SELECT " TRACE_COLUMNS " FROM traces WHERE trace = ?1",
  [FLUO_SQL_TRACE_REPLACE] = "INSERT OR REPLACE INTO traces (" TRACE_COLUMNS ", summary)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
  [FLUO_SQL_TRACE_MARK] = "UPDATE traces SET bytes = ?2, stale = 1 WHERE trace = ?1",
  [FLUO_SQL_TRACE_DELETE] = "DELETE FROM traces WHERE trace = ?1",
  [FLUO_SQL_TRACE_LAST_ROW] = "SELECT max (trace) FROM traces",
  [FLUO_SQL_TRACE_COUNT] = "SELECT count (*) FROM traces",
  [FLUO_SQL_TRACE_OLDEST] =
    "SELECT trace FROM traces WHERE updated_ns < ?1 ORDER BY updated_ns LIMIT ?2",
  [FLUO_SQL_TRACE_STALE] = "SELECT trace FROM traces WHERE stale = 1 ORDER BY trace",
  [FLUO_SQL_TRACE_RANGE] = "SELECT trace FROM traces WHERE start_ns >= ?1 AND start_ns < ?2",
  [FLUO_SQL_TRACE_RANGE_COUNT] =
    "SELECT count (*) FROM traces WHERE start_ns >= ?1 AND start_ns < ?2",
  [FLUO_SQL_DOCUMENTS] =
    "SELECT document, id, flags, body FROM documents WHERE trace = ?1 ORDER BY document",
  [FLUO_SQL_DOCUMENT_INSERT] =
    "INSERT INTO documents (trace, id, flags, body) VALUES (?1, ?2, ?3, ?4)",
  [FLUO_SQL_DOCUMENT_DELETE] = "DELETE FROM documents WHERE document = ?1",
  [FLUO_SQL_DOCUMENTS_DELETE] = "DELETE FROM documents WHERE trace = ?1",
  [FLUO_SQL_MINUTE_GET] = "SELECT graph FROM graph_minutes WHERE minute = ?1",
  [FLUO_SQL_MINUTE_PUT] = "INSERT OR REPLACE INTO graph_minutes (minute, graph) VALUES (?1, ?2)",
  [FLUO_SQL_MINUTE_DELETE] = "DELETE FROM graph_minutes WHERE minute = ?1",
  [FLUO_SQL_MINUTE_RANGE] =
    "SELECT minute, graph FROM graph_minutes WHERE minute >= ?1 AND minute < ?2 ORDER BY minute",
  [FLUO_SQL_STATE_GET] = "SELECT value FROM state WHERE key = ?1",
  [FLUO_SQL_STATE_PUT] = "INSERT OR REPLACE INTO state (key, value) VALUES (?1, ?2)",
  [FLUO_SQL_SUMMARIES_BY_START] =
    "SELECT start_ns, " SUMMARY_COLUMNS " FROM traces WHERE start_ns >= ?1 AND start_ns < ?2"
    " AND (start_ns, trace) < (?3, ?4) ORDER BY start_ns DESC, trace DESC LIMIT ?5",
  [FLUO_SQL_SUMMARIES_BY_UPDATE] =
    "SELECT updated_ns, " SUMMARY_COLUMNS " FROM traces WHERE updated_ns >= ?1 AND updated_ns < ?2"
    " AND (updated_ns, trace) < (?3, ?4) ORDER BY updated_ns DESC, trace DESC LIMIT ?5",
  [FLUO_SQL_SUMMARIES_BY_END] =
    "SELECT end_ns, " SUMMARY_COLUMNS " FROM traces WHERE end_ns >= ?1 AND end_ns < ?2"
    " AND (end_ns, trace) < (?3, ?4) ORDER BY end_ns DESC, trace DESC LIMIT ?5",
  [FLUO_SQL_VACUUM] = "PRAGMA incremental_vacuum(1024)",
};

static const char writer_setup[] =
  "PRAGMA journal_mode = WAL;"
  "PRAGMA synchronous = NORMAL;"
  "PRAGMA foreign_keys = OFF;"
  "PRAGMA trusted_schema = OFF;"
  "PRAGMA cell_size_check = ON;"
  "PRAGMA mmap_size = 0;"
  "PRAGMA temp_store = MEMORY;"
  "PRAGMA wal_autocheckpoint = 1000;"
  "PRAGMA journal_size_limit = 67108864;"
  "PRAGMA cache_size = -" G_STRINGIFY (CACHE_KIB) ";";

static const char reader_setup[] =
  "PRAGMA trusted_schema = OFF;"
  "PRAGMA cell_size_check = ON;"
  "PRAGMA mmap_size = 0;"
  "PRAGMA temp_store = MEMORY;"
  "PRAGMA query_only = ON;"
  "PRAGMA cache_size = -2048;";

static gboolean
means_full (int os_error)
{
  return os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG;
}

/* SQLite reports a write that the file system refused as an I/O error; what the file system meant
 * is with the file, which is the database or its log. */
static gboolean
is_full (sqlite3 *db)
{
  sqlite3_file *log = NULL;
  int database_error = 0, log_error = 0;

  sqlite3_file_control (db, "main", SQLITE_FCNTL_LAST_ERRNO, &database_error);
  if (sqlite3_file_control (db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log &&
      log->pMethods)
    log->pMethods->xFileControl (log, SQLITE_FCNTL_LAST_ERRNO, &log_error);
  return means_full (sqlite3_system_errno (db)) || means_full (database_error) ||
         means_full (log_error);
}

static FluoStoreError
code_of (sqlite3 *db, int rc)
{
  switch (rc & 0xff)
    {
    case SQLITE_FULL:
      return FLUO_STORE_ERROR_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return FLUO_STORE_ERROR_CORRUPT;
    case SQLITE_IOERR:
      return is_full (db) ? FLUO_STORE_ERROR_FULL : FLUO_STORE_ERROR_FAILED;
    default:
      return FLUO_STORE_ERROR_FAILED;
    }
}

static void
set_error (FluoConnection *self, int rc, GError **error)
{
  FluoStoreError code = code_of (self->db, rc);

  if (code == FLUO_STORE_ERROR_FULL)
    g_set_error (error, FLUO_STORE_ERROR, code, _("the disk is full: “%s” can't grow"),
                 sqlite3_db_filename (self->db, "main"));
  else
    g_set_error (error, FLUO_STORE_ERROR, code, _("“%s”: %s"),
                 sqlite3_db_filename (self->db, "main"), sqlite3_errmsg (self->db));
}

FluoConnection *
fluo_connection_open (const char *path, gboolean writer, GError **error)
{
  g_autoptr (FluoConnection) self = g_new0 (FluoConnection, 1);
  int rc = sqlite3_open_v2 (
    path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

  if (rc != SQLITE_OK)
    {
      g_set_error (error, FLUO_STORE_ERROR,
                   self->db ? code_of (self->db, rc) : FLUO_STORE_ERROR_FAILED, _("“%s”: %s"),
                   path, self->db ? sqlite3_errmsg (self->db) : sqlite3_errstr (rc));
      return NULL;
    }
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  if (!fluo_connection_execute (self, writer ? writer_setup : reader_setup, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fluo_connection_close (FluoConnection *self)
{
  for (guint i = 0; i < FLUO_N_SQL; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->db);
  g_free (self);
}

sqlite3_stmt *
fluo_connection_statement (FluoConnection *self, FluoSql sql, GError **error)
{
  int rc;

  if (self->statements[sql])
    {
      sqlite3_reset (self->statements[sql]);
      sqlite3_clear_bindings (self->statements[sql]);
      return self->statements[sql];
    }
  rc = sqlite3_prepare_v3 (self->db, sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT,
                           &self->statements[sql], NULL);
  if (rc != SQLITE_OK)
    set_error (self, rc, error);
  return self->statements[sql];
}

int
fluo_connection_step (FluoConnection *self, sqlite3_stmt *statement, GError **error)
{
  int rc = sqlite3_step (statement);

  if (rc == SQLITE_ROW)
    return 1;
  if (rc != SQLITE_DONE)
    set_error (self, rc, error);
  sqlite3_reset (statement);
  return rc == SQLITE_DONE ? 0 : -1;
}

gboolean
fluo_connection_run (FluoConnection *self, FluoSql sql, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (self, sql, error);
  int rc = statement ? 1 : -1;

  while (rc == 1)
    rc = fluo_connection_step (self, statement, error);
  return rc == 0;
}

gboolean
fluo_connection_execute (FluoConnection *self, const char *script, GError **error)
{
  int rc = sqlite3_exec (self->db, script, NULL, NULL, NULL);

  if (rc != SQLITE_OK)
    set_error (self, rc, error);
  return rc == SQLITE_OK;
}

gint64
fluo_connection_pragma (FluoConnection *self, const char *pragma)
{
  g_autofree char *text = g_strdup_printf ("PRAGMA %s", pragma);
  sqlite3_stmt *statement = NULL;
  gint64 value = 0;

  if (sqlite3_prepare_v2 (self->db, text, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

void
fluo_connection_rollback (FluoConnection *self)
{
  for (guint i = 0; i < FLUO_N_SQL; i++)
    if (self->statements[i])
      sqlite3_reset (self->statements[i]);
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

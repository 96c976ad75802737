/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-connection.h"

#include <errno.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "local/store/fluo-sealed-vfs.h"

G_DEFINE_QUARK (fluo-store-error-quark, fluo_store_error)

/* Waiting for another connection's lock: only a checkpoint or a quarantine ever makes one wait. */
#define BUSY_TIMEOUT_MS 5000

/* The writer's page cache; a reader gets a quarter. */
#define CACHE_KIB 8192

/* A file that seems damaged is opened so many times, with a pause, before that is believed: SQLite
 * also says so of a disk that failed to read a page just then. */
#define N_DAMAGE_TRIES 4
#define DAMAGE_PAUSE_USEC (20 * 1000)

#define BLOCK_COLUMNS \
  "block, flags, n, start_min, start_max, end_min, end_max, updated_min, updated_max, bytes"

static const char *const sql_texts[FLUO_N_SQL] = {
  [FLUO_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
  [FLUO_SQL_BEGIN_READ] = "BEGIN",
  [FLUO_SQL_COMMIT] = "COMMIT",
  [FLUO_SQL_ROLLBACK] = "ROLLBACK",
  [FLUO_SQL_OPEN_TRACES] =
    "SELECT trace, trace_id, revision, updated_ns, groups, group_set FROM open_traces"
    " ORDER BY trace",
  [FLUO_SQL_OPEN_PUT] = "INSERT INTO open_traces (trace, trace_id, revision, updated_ns, groups,"
                        " group_set) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  [FLUO_SQL_OPEN_SET_GROUPS] = "UPDATE open_traces SET groups = ?2 WHERE trace = ?1",
  [FLUO_SQL_GROUP_SETS] =
    "SELECT group_set, key, expression FROM group_sets ORDER BY group_set, key",
  [FLUO_SQL_GROUP_SETS_PRUNE] =
    "DELETE FROM group_sets WHERE group_set NOT IN"
    " (SELECT group_set FROM open_traces WHERE group_set IS NOT NULL)",
  [FLUO_SQL_GROUP_SET_LAST] = "SELECT max (coalesce ((SELECT max (group_set) FROM group_sets), 0),"
                              " coalesce ((SELECT max (group_set) FROM open_traces), 0))",
  [FLUO_SQL_GROUP_SET_PUT] =
    "INSERT INTO group_sets (group_set, key, expression) VALUES (?1, ?2, ?3)",
  [FLUO_SQL_OPEN_DELETE] = "DELETE FROM open_traces WHERE trace = ?1",
  [FLUO_SQL_OPEN_LAST] = "SELECT max (trace) FROM open_traces",
  [FLUO_SQL_DOCUMENTS] = "SELECT document, id, flags, body FROM documents"
                         " WHERE document >= ?1 AND document < ?2 ORDER BY document",
  [FLUO_SQL_DOCUMENT_PUT] =
    "INSERT OR REPLACE INTO documents (document, id, flags, body) VALUES (?1, ?2, ?3, ?4)",
  [FLUO_SQL_DOCUMENTS_DELETE] = "DELETE FROM documents WHERE document >= ?1 AND document < ?2",
  [FLUO_SQL_DOCUMENT_LAST] = "SELECT max (document) FROM documents",
  [FLUO_SQL_BLOCKS] = "SELECT " BLOCK_COLUMNS ", ids FROM blocks ORDER BY block",
  [FLUO_SQL_BLOCK_PUT] = "INSERT INTO blocks (" BLOCK_COLUMNS ", ids, traces)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
  [FLUO_SQL_BLOCK_ENTRIES] = "SELECT n, traces FROM blocks WHERE block = ?1",
  [FLUO_SQL_TERMS_RANGE] =
    "SELECT chunk, terms FROM block_terms WHERE chunk >= ?1 AND chunk < ?2 ORDER BY chunk",
  [FLUO_SQL_TERMS_PUT] = "INSERT INTO block_terms (chunk, terms) VALUES (?1, ?2)",
  [FLUO_SQL_TERMS_DELETE] = "DELETE FROM block_terms WHERE chunk >= ?1 AND chunk < ?2",
  [FLUO_SQL_FACTS_READ] = "SELECT chunk, facts FROM block_facts WHERE chunk = ?1",
  [FLUO_SQL_FACTS_PUT] = "INSERT INTO block_facts (chunk, facts) VALUES (?1, ?2)",
  [FLUO_SQL_FACTS_DELETE] = "DELETE FROM block_facts WHERE chunk >= ?1 AND chunk < ?2",
  [FLUO_SQL_BLOCK_DELETE] = "DELETE FROM blocks WHERE block = ?1",
  [FLUO_SQL_DEAD] = "SELECT block, trace FROM block_dead",
  [FLUO_SQL_DEAD_PUT] = "INSERT OR IGNORE INTO block_dead (block, trace) VALUES (?1, ?2)",
  [FLUO_SQL_DEAD_DELETE] = "DELETE FROM block_dead WHERE block = ?1",
  [FLUO_SQL_BLOCK_GRAPH_GET] = "SELECT graph FROM block_graphs WHERE block = ?1 AND key = ?2",
  [FLUO_SQL_BLOCK_GRAPH_PUT] =
    "INSERT OR REPLACE INTO block_graphs (block, key, graph) VALUES (?1, ?2, ?3)",
  [FLUO_SQL_BLOCK_GRAPH_DELETE] = "DELETE FROM block_graphs WHERE block = ?1 AND key = ?2",
  [FLUO_SQL_BLOCK_GRAPHS] = "SELECT key, graph FROM block_graphs WHERE block = ?1",
  [FLUO_SQL_BLOCK_GRAPHS_DELETE] = "DELETE FROM block_graphs WHERE block = ?1",
  [FLUO_SQL_MINUTE_GET] = "SELECT graph FROM graph_minutes WHERE key = ?1",
  [FLUO_SQL_MINUTE_PUT] = "INSERT OR REPLACE INTO graph_minutes (key, graph) VALUES (?1, ?2)",
  [FLUO_SQL_MINUTE_DELETE] = "DELETE FROM graph_minutes WHERE key = ?1",
  [FLUO_SQL_MINUTE_RANGE] =
    "SELECT key, graph FROM graph_minutes WHERE key >= ?1 AND key < ?2 ORDER BY key",
  [FLUO_SQL_HOUR_GET] = "SELECT graph FROM graph_hours WHERE key = ?1",
  [FLUO_SQL_HOUR_PUT] = "INSERT OR REPLACE INTO graph_hours (key, graph) VALUES (?1, ?2)",
  [FLUO_SQL_HOUR_DELETE] = "DELETE FROM graph_hours WHERE key = ?1",
  [FLUO_SQL_DICTIONARIES] = "SELECT dictionary, bytes FROM dictionaries ORDER BY dictionary",
  [FLUO_SQL_DICTIONARY_PUT] = "INSERT INTO dictionaries (dictionary, bytes) VALUES (?1, ?2)",
  [FLUO_SQL_PINS] = "SELECT trace_id FROM pins",
  [FLUO_SQL_PIN_PUT] = "INSERT OR IGNORE INTO pins (trace_id) VALUES (?1)",
  [FLUO_SQL_PIN_DELETE] = "DELETE FROM pins WHERE trace_id = ?1",
  [FLUO_SQL_STATE_GET] = "SELECT value FROM state WHERE key = ?1",
  [FLUO_SQL_STATE_PUT] = "INSERT OR REPLACE INTO state (key, value) VALUES (?1, ?2)",
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
  "PRAGMA secure_delete = OFF;"
  "PRAGMA wal_autocheckpoint = 0;" /* the writer sees to it when nobody waits */
  "PRAGMA journal_size_limit = 67108864;"
  "PRAGMA cache_size = -" G_STRINGIFY (CACHE_KIB) ";";

static const char reader_setup[] =
  "PRAGMA trusted_schema = OFF;"
  "PRAGMA cell_size_check = ON;"
  "PRAGMA mmap_size = 0;"
  "PRAGMA temp_store = MEMORY;"
  "PRAGMA query_only = ON;"
  "PRAGMA cache_size = -2048;";

static int
count_wal_pages (void *data, sqlite3 *db, const char *name, int n_pages)
{
  ((FluoConnection *) data)->n_wal_pages = n_pages;
  return SQLITE_OK;
}

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

  if (code == FLUO_STORE_ERROR_CORRUPT)
    self->damage = MAX (self->damage, FLUO_DAMAGE_SUSPECTED);
  if (code == FLUO_STORE_ERROR_FULL)
    g_set_error (error, FLUO_STORE_ERROR, code, _("the disk is full: “%s” can't grow"),
                 sqlite3_db_filename (self->db, "main"));
  else
    g_set_error (error, FLUO_STORE_ERROR, code, _("“%s”: %s"),
                 sqlite3_db_filename (self->db, "main"), sqlite3_errmsg (self->db));
}

gboolean
fluo_connection_believe_damage (guint n_tries, const GError *error)
{
  if (n_tries >= N_DAMAGE_TRIES ||
      !g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    return TRUE;
  g_usleep (n_tries * DAMAGE_PAUSE_USEC);
  return FALSE;
}

char *
fluo_connection_move_aside (const char *path, GError **error)
{
  static const char *const suffixes[] = { "-wal", "-shm", "" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *target = g_strdup_printf ("%s.damaged-%s", path, stamp);

  /* The second one within a second must not take the place of the first. */
  for (guint i = 2; g_file_test (target, G_FILE_TEST_EXISTS); i++)
    {
      g_free (target);
      target = g_strdup_printf ("%s.damaged-%s-%u", path, stamp, i);
    }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (target, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY, "“%s”: %s", from,
                       g_strerror (errno));
          return NULL;
        }
    }
  return g_steal_pointer (&target);
}

FluoConnection *
fluo_connection_open (const char *path, gboolean writer, GError **error)
{
  g_autoptr (FluoConnection) self = g_new0 (FluoConnection, 1);
  gint64 n_pages = 0;
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
  if (writer && !fluo_connection_pragma (self, "page_count", &n_pages, error))
    return NULL;
  /* Only of a new file, and before it has a journal mode. */
  if (writer && n_pages == 0)
    fluo_connection_execute (self,
                             /* A journal of pages in the clear is never written. */
                             fluo_sealed_vfs_is_active ()
                               ? "PRAGMA journal_mode = MEMORY; PRAGMA auto_vacuum = INCREMENTAL"
                               : "PRAGMA auto_vacuum = INCREMENTAL",
                             NULL);
  if (!fluo_connection_execute (self, writer ? writer_setup : reader_setup, error))
    return NULL;
  if (writer)
    sqlite3_wal_hook (self->db, count_wal_pages, self);
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
  /* The texts are right, so it is the tables that are not what they were. */
  if (rc != SQLITE_OK)
    set_error (self, (rc & 0xff) == SQLITE_ERROR ? SQLITE_CORRUPT : rc, error);
  return self->statements[sql];
}

gboolean
fluo_connection_check_tables (FluoConnection *self, GError **error)
{
  for (guint i = 0; i < FLUO_N_SQL; i++)
    {
      if (!fluo_connection_statement (self, i, error))
        return FALSE;
      g_clear_pointer (&self->statements[i], sqlite3_finalize);
    }
  return TRUE;
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
  sqlite3_stmt *statement;
  int rc;

  /* A reader is lent out with its transaction begun. */
  if (sql == FLUO_SQL_BEGIN_READ && !sqlite3_get_autocommit (self->db))
    return TRUE;
  statement = fluo_connection_statement (self, sql, error);
  rc = statement ? 1 : -1;

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

gboolean
fluo_connection_pragma (FluoConnection *self, const char *pragma, gint64 *ret_value,
                        GError **error)
{
  g_autofree char *text = g_strdup_printf ("PRAGMA %s", pragma);
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (self->db, text, -1, &statement, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW)
    *ret_value = sqlite3_column_int64 (statement, 0);
  else
    set_error (self, rc, error);
  sqlite3_finalize (statement);
  return rc == SQLITE_ROW;
}

void
fluo_connection_trim (FluoConnection *self)
{
  for (guint i = 0; i < FLUO_N_SQL; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  sqlite3_db_release_memory (self->db);
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

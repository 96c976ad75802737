/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-store-format.h"

#include <glib/gi18n-lib.h>

#include "local/store/fluo-store.h"

/* One script for each step of the format. History: 1 first format. 2 packed documents, blocks of
 * traces; the tables of format 1 are kept under other names until their traces have moved. 3 which
 * groups there were when an open trace was stored. */
static const char schema[] =
  "CREATE TABLE documents ("
  "  document INTEGER PRIMARY KEY,"
  "  id INTEGER NOT NULL,"
  "  flags INTEGER NOT NULL,"
  "  body BLOB NOT NULL) STRICT;"
  "CREATE TABLE open_traces ("
  "  trace INTEGER PRIMARY KEY,"
  "  trace_id BLOB NOT NULL,"
  "  revision INTEGER NOT NULL,"
  "  updated_ns INTEGER NOT NULL,"
  "  groups BLOB) STRICT;"
  "CREATE TABLE blocks ("
  "  block INTEGER PRIMARY KEY,"
  "  flags INTEGER NOT NULL,"
  "  n INTEGER NOT NULL,"
  "  start_min INTEGER NOT NULL, start_max INTEGER NOT NULL,"
  "  end_min INTEGER NOT NULL, end_max INTEGER NOT NULL,"
  "  updated_min INTEGER NOT NULL, updated_max INTEGER NOT NULL,"
  "  bytes INTEGER NOT NULL,"
  "  ids BLOB NOT NULL,"
  "  traces BLOB NOT NULL) STRICT;"
  "CREATE TABLE block_terms (chunk INTEGER PRIMARY KEY, terms BLOB NOT NULL) STRICT;"
  "CREATE TABLE block_facts (chunk INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT;"
  "CREATE TABLE block_dead (block INTEGER NOT NULL, trace INTEGER NOT NULL,"
  "  PRIMARY KEY (block, trace)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE block_graphs (block INTEGER NOT NULL, key INTEGER NOT NULL, graph BLOB NOT NULL,"
  "  PRIMARY KEY (block, key)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE graph_minutes (key INTEGER PRIMARY KEY, graph BLOB NOT NULL) STRICT;"
  "CREATE TABLE graph_hours (key INTEGER PRIMARY KEY, graph BLOB NOT NULL) STRICT;"
  "CREATE TABLE dictionaries (dictionary INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
  "CREATE TABLE pins (trace_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT "
  "ROWID;";

static const char from_format_1[] = "ALTER TABLE traces RENAME TO traces_1;"
                                    "ALTER TABLE documents RENAME TO documents_1;"
                                    "DROP INDEX traces_start;"
                                    "DROP INDEX traces_end;"
                                    "DROP INDEX traces_stale;"
                                    "DROP TABLE graph_minutes;";

static const char from_format_2[] =
  "ALTER TABLE open_traces ADD COLUMN group_set INTEGER;"
  "CREATE TABLE group_sets (group_set INTEGER NOT NULL, key INTEGER NOT NULL,"
  "  expression TEXT NOT NULL, PRIMARY KEY (group_set, key)) STRICT, WITHOUT ROWID;";

gboolean
fluo_store_format_prepare (FluoConnection *connection, GError **error)
{
  gint64 format, owner, n_pages;

  if (!fluo_connection_pragma (connection, "user_version", &format, error) ||
      !fluo_connection_pragma (connection, "application_id", &owner, error) ||
      !fluo_connection_pragma (connection, "page_count", &n_pages, error))
    return FALSE;
  if (n_pages > 1 && (owner != FLUO_STORE_APPLICATION_ID || format < 1))
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   _("“%s” is not a store of traces"),
                   sqlite3_db_filename (connection->db, "main"));
      return FALSE;
    }
  if (format > FLUO_STORE_FORMAT)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_NEWER,
                   _("“%s” has format %d and this version knows %d; use the newer version, or "
                      "another directory with --data-dir"),
                   sqlite3_db_filename (connection->db, "main"), (int) format, FLUO_STORE_FORMAT);
      return FALSE;
    }
  if (format < FLUO_STORE_FORMAT)
    {
      g_autofree char *script =
        g_strdup_printf ("BEGIN IMMEDIATE; %s %s %s PRAGMA application_id = %d; PRAGMA "
                         "user_version = %d; COMMIT;",
                         format == 1 ? from_format_1 : "", format < 2 ? schema : "", from_format_2,
                         FLUO_STORE_APPLICATION_ID, FLUO_STORE_FORMAT);

      if (!fluo_connection_execute (connection, script, error))
        {
          fluo_connection_rollback (connection);
          return FALSE;
        }
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* One SQLite connection with its prepared statements. Used by one thread at a time. */

typedef enum
{
  FLUO_STORE_ERROR_FAILED,    /* reading or writing failed */
  FLUO_STORE_ERROR_DIRECTORY, /* the data directory can't be used: owner, mode, or it can't
  * be made */
  FLUO_STORE_ERROR_LOCKED,    /* another collector uses it */
  FLUO_STORE_ERROR_NEWER,     /* written by a newer version: left untouched */
  FLUO_STORE_ERROR_FULL,      /* no space left */
  FLUO_STORE_ERROR_CORRUPT    /* not a database, or a damaged one */
} FluoStoreError;

#define FLUO_STORE_ERROR (fluo_store_error_quark ())
GQuark fluo_store_error_quark (void);

typedef enum
{
  FLUO_SQL_BEGIN_WRITE,
  FLUO_SQL_BEGIN_READ,
  FLUO_SQL_COMMIT,
  FLUO_SQL_ROLLBACK,
  FLUO_SQL_OPEN_TRACES,
  FLUO_SQL_OPEN_PUT,
  FLUO_SQL_OPEN_SET_GROUPS,
  FLUO_SQL_GROUP_SETS,
  FLUO_SQL_GROUP_SETS_PRUNE,
  FLUO_SQL_GROUP_SET_LAST,
  FLUO_SQL_GROUP_SET_PUT,
  FLUO_SQL_OPEN_DELETE,
  FLUO_SQL_OPEN_LAST,
  FLUO_SQL_DOCUMENTS,
  FLUO_SQL_DOCUMENT_PUT,
  FLUO_SQL_DOCUMENTS_DELETE,
  FLUO_SQL_DOCUMENT_LAST,
  FLUO_SQL_BLOCKS,
  FLUO_SQL_BLOCK_PUT,
  FLUO_SQL_BLOCK_ENTRIES,
  FLUO_SQL_TERMS_RANGE,
  FLUO_SQL_TERMS_PUT,
  FLUO_SQL_TERMS_DELETE,
  FLUO_SQL_FACTS_READ,
  FLUO_SQL_FACTS_PUT,
  FLUO_SQL_FACTS_DELETE,
  FLUO_SQL_BLOCK_DELETE,
  FLUO_SQL_DEAD,
  FLUO_SQL_DEAD_PUT,
  FLUO_SQL_DEAD_DELETE,
  FLUO_SQL_BLOCK_GRAPH_GET,
  FLUO_SQL_BLOCK_GRAPH_PUT,
  FLUO_SQL_BLOCK_GRAPH_DELETE,
  FLUO_SQL_BLOCK_GRAPHS,
  FLUO_SQL_BLOCK_GRAPHS_DELETE,
  FLUO_SQL_MINUTE_GET,
  FLUO_SQL_MINUTE_PUT,
  FLUO_SQL_MINUTE_DELETE,
  FLUO_SQL_MINUTE_RANGE,
  FLUO_SQL_HOUR_GET,
  FLUO_SQL_HOUR_PUT,
  FLUO_SQL_HOUR_DELETE,
  FLUO_SQL_DICTIONARIES,
  FLUO_SQL_DICTIONARY_PUT,
  FLUO_SQL_PINS,
  FLUO_SQL_PIN_PUT,
  FLUO_SQL_PIN_DELETE,
  FLUO_SQL_STATE_GET,
  FLUO_SQL_STATE_PUT,
  FLUO_SQL_VACUUM,
  FLUO_N_SQL
} FluoSql;

/* Rows are numbered in the order traces come; a document's key is its trace's row and its place in
 * the trace, so that documents are appended, and those of a trace lie together without an index. */
#define FLUO_DOCUMENT_BITS 20
#define FLUO_DOCUMENT_KEY(row, place) (((gint64) (row) << FLUO_DOCUMENT_BITS) | (gint64) (place))

typedef enum
{
  FLUO_DAMAGE_NONE,
  FLUO_DAMAGE_SUSPECTED, /* SQLite says so, which it also does after a disk that failed for a
                          * moment */
  FLUO_DAMAGE_CERTAIN    /* bytes are not those that were written */
} FluoDamage;

typedef struct
{
  sqlite3      *db;
  sqlite3_stmt *statements[FLUO_N_SQL];
  int           n_wal_pages; /* writer: in the log after the last commit */
  /* The store it belongs to, and what is of that; borrowed. */
  struct _FluoStore  *store;
  struct _FluoPacker *packer;
  struct _FluoLive   *live;
  /* A reader's: what was in memory when its transaction began. */
  gpointer      view;        /* FluoLiveView */
  FluoDamage    damage;      /* what it read made no sense: the store's owner wants to know */
} FluoConnection;

/* What failed with @error, for the time @n_tries (from 1), is damaged or failed for another reason.
 * FALSE after a pause when it had better be tried once more. */
gboolean        fluo_connection_believe_damage (guint n_tries, const GError *error);
/* Gives the database, its log and index another name, which is returned; nobody may have it
 * open. */
char           *fluo_connection_move_aside (const char *path, GError **error);
/* Opens an existing file. @writer FALSE refuses every change. */
FluoConnection *fluo_connection_open      (const char *path, gboolean writer, GError **error);
void            fluo_connection_close     (FluoConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoConnection, fluo_connection_close)
/* The statement, reset and without bindings; NULL with @error when it can't be prepared. */
sqlite3_stmt   *fluo_connection_statement (FluoConnection *self, FluoSql sql, GError **error);
/* Whether the tables are those that the statements are about. */
gboolean        fluo_connection_check_tables (FluoConnection *self, GError **error);
/* Steps: 1 = a row, 0 = done (and reset), -1 = @error. */
int fluo_connection_step (FluoConnection *self, sqlite3_stmt *statement, GError **error);
/* A statement without parameters and rows. */
gboolean        fluo_connection_run       (FluoConnection *self, FluoSql sql, GError **error);
gboolean fluo_connection_execute (FluoConnection *self, const char *script, GError **error);
/* An integer. */
gboolean fluo_connection_pragma (FluoConnection *self, const char *pragma, gint64 *ret_value,
                                 GError **error);
/* Gives back cached pages and the prepared statements, none of which may be running. */
void            fluo_connection_trim      (FluoConnection *self);
/* Ends a transaction that was begun, whatever state it is in. */
void            fluo_connection_rollback  (FluoConnection *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "local/store/fluo-store-format.h"

#define LOCK_FILE_NAME "lock"

/* The revision is stored with documents, and also grows as traces are assembled: after a crash it
 * goes on beyond anything that was told. */
#define REVISION_GAP 1000

static gboolean
set_errno_error (GError **error, const char *path, int code)
{
  g_set_error (error, FLUO_STORE_ERROR,
               code == ENOSPC ? FLUO_STORE_ERROR_FULL : FLUO_STORE_ERROR_DIRECTORY, "“%s”: %s",
               path, g_strerror (code));
  return FALSE;
}

/* The traces of a program hold what its users typed: nobody else may read or plant them. */
static gboolean
prepare_directory (FluoStore *self, GError **error)
{
  struct stat info;

  if (g_mkdir_with_parents (self->directory, 0700) != 0 || stat (self->directory, &info) != 0)
    return set_errno_error (error, self->directory, errno);
  if (!S_ISDIR (info.st_mode))
    return set_errno_error (error, self->directory, ENOTDIR);
  if (info.st_uid != geteuid ())
    {
      g_set_error (
        error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY,
        _("“%s” belongs to another user; choose a directory of your own with --data-dir"),
        self->directory);
      return FALSE;
    }
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY,
                   _("others may write to “%s”; forbid it with chmod 700, or choose another "
                      "directory with --data-dir"),
                   self->directory);
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_lock (FluoStore *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, LOCK_FILE_NAME, NULL);
  g_autofree char *pid = g_strdup_printf ("%d\n", (int) getpid ());
  char holder[16] = "";

  self->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock_fd < 0)
    return set_errno_error (error, path, errno);
  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (read (self->lock_fd, holder, sizeof holder - 1) < 0)
        holder[0] = '\0';
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_LOCKED,
                   _("another collector (process %s) uses “%s”; stop it, or choose another "
                      "directory with --data-dir"),
                   holder[0] ? g_strchomp (holder) : "?", self->directory);
      return FALSE;
    }
  if (ftruncate (self->lock_fd, 0) != 0 || write (self->lock_fd, pid, strlen (pid)) < 0)
    g_debug ("%s: %s", path, g_strerror (errno));
  return TRUE;
}

/* SQLite makes its log and index files with the mode of the database, so that file is made before
 * SQLite sees it. */
static gboolean
make_file (FluoStore *self, GError **error)
{
  int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return set_errno_error (error, self->path, errno);
  if (fchmod (fd, 0600) != 0)
    g_debug ("%s: %s", self->path, g_strerror (errno));
  close (fd);
  return TRUE;
}

static gboolean
load_state (FluoStore *self, FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_STATE_GET, error);
  guint64 revision = 0;
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_text (statement, 1, "revision", -1, SQLITE_STATIC);
  rc = fluo_connection_step (connection, statement, error);
  if (rc < 0)
    return FALSE;
  if (rc == 1)
    revision = (guint64) sqlite3_column_int64 (statement, 0) + REVISION_GAP;
  sqlite3_reset (statement);
  fluo_live_lock (self->live);
  /* A store begun anew while running goes on counting: clients wait for larger revisions only. */
  fluo_store_set_figures (self, MAX (revision, self->shared.revision),
                          fluo_live_count (self->live));
  fluo_live_unlock (self->live);
  return TRUE;
}

static gboolean
load_dictionaries (FluoStore *self, FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_DICTIONARIES, error);
  int rc;

  if (!statement)
    return FALSE;
  fluo_packer_forget (self->packer);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 1),
                                              (gsize) sqlite3_column_bytes (statement, 1));

      if (!fluo_packer_add (self->packer, (guint32) sqlite3_column_int (statement, 0), bytes))
        g_warning ("a dictionary of the store can't be used");
    }
  return rc == 0;
}

/* The directory of the sealed blocks: a hundred bytes for each, and their filters of ids. */
static gboolean
load_blocks (FluoStore *self, FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_BLOCKS, error);
  int rc;

  if (!statement)
    return FALSE;
  fluo_live_clear (self->live);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      g_autoptr (FluoSealedBlock) block = fluo_sealed_block_from_row (statement);

      if (sqlite3_column_bytes (statement, 10) != FLUO_ID_FILTER_BYTES)
        {
          g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                       "block %" G_GINT64_FORMAT " of the store is damaged", block->number);
          sqlite3_reset (statement);
          return FALSE;
        }
      fluo_live_put_sealed (self->live, block, sqlite3_column_blob (statement, 10));
    }
  if (rc < 0)
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_DEAD, error);
  if (!statement)
    return FALSE;
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      FluoSealedBlock *block =
        fluo_live_get_sealed (self->live, sqlite3_column_int64 (statement, 0));

      if (block)
        fluo_sealed_block_add_dead (block, sqlite3_column_int64 (statement, 1));
    }
  return rc == 0;
}

/* Reads the smallest bit of each table, so that damage in the schema or the roots is found before
 * anybody relies on it. */
static gboolean
probe (FluoStore *self, FluoConnection *connection, GError **error)
{
  gboolean loaded;

  fluo_live_lock (self->live);
  loaded = fluo_connection_check_tables (connection, error) &&
           load_blocks (self, connection, error);
  fluo_live_unlock (self->live);
  return loaded && load_dictionaries (self, connection, error) &&
         load_state (self, connection, error) &&
         fluo_connection_execute (connection,
                                  "SELECT 1 FROM documents LIMIT 1;"
                                  "SELECT 1 FROM open_traces LIMIT 1;"
                                  "SELECT 1 FROM block_graphs LIMIT 1;"
                                  "SELECT 1 FROM graph_minutes LIMIT 1",
                                  error);
}

static FluoConnection *
open_writer (FluoStore *self, GError **error)
{
  g_autoptr (FluoConnection) connection = NULL;

  if (!make_file (self, error))
    return NULL;
  connection = fluo_connection_open (self->path, TRUE, error);
  if (!connection)
    return NULL;
  connection->packer = self->packer;
  connection->live = self->live;
  if (!fluo_store_format_prepare (connection, error) || !probe (self, connection, error))
    return NULL;
  return g_steal_pointer (&connection);
}

/* SQLite looks at every page: a minute for the largest stores. */
static gboolean
check_pages (FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (connection->db, "PRAGMA quick_check (1)", -1, &statement, NULL);
  gboolean sound = FALSE;

  if (rc != SQLITE_OK)
    g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FAILED, "“%s”: %s",
                 sqlite3_db_filename (connection->db, "main"), sqlite3_errmsg (connection->db));
  else if (fluo_connection_step (connection, statement, error) == 1)
    {
      const char *found = (const char *) sqlite3_column_text (statement, 0);

      sound = g_strcmp0 (found, "ok") == 0;
      if (!sound)
        g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT, "“%s”: %s",
                     sqlite3_db_filename (connection->db, "main"), found);
    }
  sqlite3_finalize (statement);
  return sound;
}

/* @check: only if all of it is sound. */
static FluoConnection *
open_patiently (FluoStore *self, gboolean check, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      FluoConnection *connection = open_writer (self, &local_error);

      if (connection && (!check || check_pages (connection, &local_error)))
        return connection;
      g_clear_pointer (&connection, fluo_connection_close);
      if (fluo_connection_believe_damage (i, local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }
}

static gboolean
move_aside (FluoStore *self, GError **error)
{
  g_autofree char *target = fluo_connection_move_aside (self->path, error);
  g_autofree char *message = NULL;

  if (!target)
    return FALSE;
  message =
    g_strdup_printf (_("the store was damaged: it was moved to “%s” and a new one begun"), target);
  g_warning ("%s", message);
  fluo_store_set_last_error (self, message);
  return TRUE;
}

FluoStore *
fluo_store_open (const char *directory, GError **error)
{
  g_autoptr (FluoStore) self = g_new0 (FluoStore, 1);
  g_autoptr (GError) local_error = NULL;

  self->directory = g_canonicalize_filename (directory, NULL);
  self->path = g_build_filename (self->directory, FLUO_STORE_FILE_NAME, NULL);
  self->lock_fd = -1;
  self->live = fluo_live_new ();
  self->packer = fluo_packer_new ();
  g_rw_lock_init (&self->swap_lock);
  g_mutex_init (&self->shared.lock);
  self->shared.idle_readers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_connection_close);

  if (!prepare_directory (self, error) || !take_lock (self, error))
    return NULL;
  self->writer.connection = open_patiently (self, FALSE, &local_error);
  if (g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    {
      g_message ("%s", local_error->message);
      g_clear_error (&local_error);
      if (move_aside (self, &local_error))
        self->writer.connection = open_writer (self, &local_error);
    }
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
fluo_store_free (FluoStore *self)
{
  g_clear_pointer (&self->shared.idle_readers, g_ptr_array_unref);
  if (self->writer.connection)
    {
      sqlite3_wal_checkpoint_v2 (self->writer.connection->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                 NULL, NULL);
      fluo_connection_close (self->writer.connection);
    }
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  fluo_live_free (self->live);
  fluo_packer_free (self->packer);
  g_rw_lock_clear (&self->swap_lock);
  g_mutex_clear (&self->shared.lock);
  g_free (self->shared.last_error);
  g_free (self->directory);
  g_free (self->path);
  g_free (self);
}

char *
fluo_store_dup_default_directory (void)
{
  return g_build_filename (g_get_user_data_dir (), "fluoroscope", NULL);
}

const char *
fluo_store_get_directory (FluoStore *self)
{
  return self->directory;
}

guint64
fluo_store_get_bytes (FluoStore *self)
{
  static const char *const suffixes[] = { "", "-wal" };
  guint64 bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (self->path, suffixes[i], NULL);
      struct stat info;

      if (stat (path, &info) == 0)
        bytes += (guint64) info.st_size;
    }
  return bytes;
}

FluoConnection *
fluo_store_get_writer (FluoStore *self)
{
  return self->writer.connection;
}

/* Whether what is reported may come from anything but the file itself. */
static gboolean
is_suspected (FluoStore *self)
{
  FluoConnection *writer = self->writer.connection;
  gboolean suspected;

  g_mutex_lock (&self->shared.lock);
  suspected = self->shared.damage != FLUO_DAMAGE_CERTAIN &&
              (!writer || writer->damage == FLUO_DAMAGE_SUSPECTED ||
               (writer->damage == FLUO_DAMAGE_NONE && self->shared.damage != FLUO_DAMAGE_NONE));
  self->shared.damage = FLUO_DAMAGE_NONE;
  g_mutex_unlock (&self->shared.lock);
  return suspected;
}

/* Opens what is suspected to be damaged once more, with nothing left in memory of what went before.
 * FALSE without @error when it is damaged indeed. */
static gboolean
reopen_sound (FluoStore *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->writer.connection = open_patiently (self, TRUE, &local_error);
  if (self->writer.connection)
    {
      g_message (_("the store was looked through and is sound"));
      fluo_store_set_last_error (self, NULL);
      return TRUE;
    }
  if (!g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
fluo_store_quarantine (FluoStore *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gboolean suspected;

  g_rw_lock_writer_lock (&self->swap_lock);
  suspected = is_suspected (self);
  g_ptr_array_set_size (self->shared.idle_readers, 0);
  g_clear_pointer (&self->writer.connection, fluo_connection_close);
  if (!(suspected && reopen_sound (self, &local_error)) && !local_error &&
      move_aside (self, &local_error))
    self->writer.connection = open_writer (self, &local_error);
  g_rw_lock_writer_unlock (&self->swap_lock);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return self->writer.connection != NULL;
}

FluoLive *
fluo_store_get_live (FluoStore *self)
{
  return self->live;
}

FluoPacker *
fluo_store_get_packer (FluoStore *self)
{
  return self->packer;
}

void
fluo_store_set_settle_func (FluoStore *self, void (*func) (gpointer), gpointer data)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.settle_func = func;
  self->shared.settle_data = data;
  g_mutex_unlock (&self->shared.lock);
}

void
fluo_store_set_damage_func (FluoStore *self, void (*func) (gpointer), gpointer data)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.damage_func = func;
  self->shared.damage_data = data;
  g_mutex_unlock (&self->shared.lock);
}

void
fluo_store_trim (FluoStore *self)
{
  if (self->writer.connection)
    fluo_connection_trim (self->writer.connection);
  g_mutex_lock (&self->shared.lock);
  g_ptr_array_set_size (self->shared.idle_readers, 0);
  g_mutex_unlock (&self->shared.lock);
}

guint64
fluo_store_get_revision (FluoStore *self)
{
  guint64 revision;

  g_mutex_lock (&self->shared.lock);
  revision = self->shared.revision;
  g_mutex_unlock (&self->shared.lock);
  return revision;
}

guint64
fluo_store_get_n_traces (FluoStore *self)
{
  guint64 n_traces;

  g_mutex_lock (&self->shared.lock);
  n_traces = self->shared.n_traces;
  g_mutex_unlock (&self->shared.lock);
  return n_traces;
}

void
fluo_store_set_figures (FluoStore *self, guint64 revision, guint64 n_traces)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.revision = revision;
  self->shared.n_traces = n_traces;
  g_mutex_unlock (&self->shared.lock);
}

char *
fluo_store_dup_last_error (FluoStore *self)
{
  char *message;

  g_mutex_lock (&self->shared.lock);
  message = g_strdup (self->shared.last_error);
  g_mutex_unlock (&self->shared.lock);
  return message;
}

void
fluo_store_set_last_error (FluoStore *self, const char *message)
{
  g_mutex_lock (&self->shared.lock);
  if (g_strcmp0 (self->shared.last_error, message) != 0)
    {
      g_free (self->shared.last_error);
      self->shared.last_error = g_strdup (message);
    }
  g_mutex_unlock (&self->shared.lock);
}

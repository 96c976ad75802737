/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "local/store/fluo-store.h"
#include "fluo-test-util.h"

static guint
mode_of (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 0777;
}

static void
test_private (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autofree char *nested = g_build_filename (dir, "a", "b", NULL);
  g_autoptr (GError) error = NULL;
  FluoStore *store = fluo_store_open (nested, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (mode_of (nested, "."), ==, 0700);
  g_assert_cmpuint (mode_of (nested, FLUO_STORE_FILE_NAME), ==, 0600);
  g_assert_cmpuint (mode_of (nested, FLUO_STORE_FILE_NAME "-wal"), ==, 0600);
  fluo_store_free (store);

  g_chmod (nested, 0720);
  g_assert_null (fluo_store_open (nested, &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_lock (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autoptr (GError) error = NULL;
  FluoStore *store = fluo_store_open (dir, &error);

  g_assert_no_error (error);
  g_assert_null (fluo_store_open (dir, &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_LOCKED);
  g_clear_error (&error);
  fluo_store_free (store);
  store = fluo_store_open (dir, &error);
  g_assert_no_error (error);
  fluo_store_free (store);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
execute (const char *dir, const char *script)
{
  g_autofree char *path = g_build_filename (dir, FLUO_STORE_FILE_NAME, NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, script, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

/* A store of a later version is left as it is. */
static void
test_newer (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, FLUO_STORE_FILE_NAME, NULL);
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize length_before, length_after;

  fluo_store_free (fluo_store_open (dir, NULL));
  execute (dir, "PRAGMA user_version = 99");
  before = fluo_test_read (path, &length_before);
  g_assert_null (fluo_store_open (dir, &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_NEWER);
  after = fluo_test_read (path, &length_after);
  g_assert_cmpmem (before, length_before, after, length_after);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static guint
count_aside (const char *dir)
{
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (entries)))
    n += g_str_has_prefix (name, FLUO_STORE_FILE_NAME ".damaged-");
  return n;
}

static void
check_moved_aside (const char *dir)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;
  FluoStore *store;

  g_test_expect_message ("fluo-local", G_LOG_LEVEL_MESSAGE, "*");
  g_test_expect_message ("fluo-local", G_LOG_LEVEL_WARNING, "*damaged*");
  store = fluo_store_open (dir, &error);
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  told = fluo_store_dup_last_error (store);
  g_assert_nonnull (strstr (told, "damaged"));
  g_assert_cmpuint (count_aside (dir), ==, 1);
  g_assert_cmpuint (fluo_store_get_n_traces (store), ==, 0);
  fluo_store_free (store);
}

static void
test_damaged (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, FLUO_STORE_FILE_NAME, NULL);

  g_assert_true (g_file_set_contents (path, "not a database, not at all, no", -1, NULL));
  check_moved_aside (dir);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* Another program's database is none of ours to write into. */
static void
test_foreign (void)
{
  g_autofree char *dir = fluo_test_dir_new ();

  execute (dir, "CREATE TABLE theirs (value); INSERT INTO theirs VALUES (1)");
  check_moved_aside (dir);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_reader (void)
{
  g_autofree char *dir = fluo_test_dir_new ();
  g_autoptr (GError) error = NULL;
  FluoStore *store = fluo_store_open (dir, &error);
  FluoConnection *reader = fluo_store_acquire_reader (store, &error);

  g_assert_no_error (error);
  g_assert_false (fluo_connection_execute (reader, "DELETE FROM documents", &error));
  g_assert_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FAILED);
  fluo_store_release_reader (store, reader);
  fluo_store_free (store);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/store/private", test_private);
  g_test_add_func ("/local/store/lock", test_lock);
  g_test_add_func ("/local/store/newer", test_newer);
  g_test_add_func ("/local/store/damaged", test_damaged);
  g_test_add_func ("/local/store/foreign", test_foreign);
  g_test_add_func ("/local/store/reader", test_reader);
  return g_test_run ();
}

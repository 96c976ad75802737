/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-secret-store.h"

#include <libsecret/secret.h>
#include <string.h>

#include "aws/fluo-secret-state.h"
#include "fluo-test-util.h"
#include "real-keyring.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* libsecret chooses its backend once per process, so the file keyring and the missing service are
 * two child processes. */

static void
save (const char *connection, FluoCredentials *credentials, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_secret_store_save_async (connection, credentials, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  fluo_secret_store_save_finish (result, error);
}

static FluoCredentials *
lookup (const char *connection, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_secret_store_lookup_async (connection, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_secret_store_lookup_finish (result, error);
}

static void
clear (const char *connection, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_secret_store_clear_async (connection, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  fluo_secret_store_clear_finish (result, error);
}

static void
check_stored (const char *connection, const char *access_key, const char *secret, const char *token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) found = lookup (connection, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (fluo_credentials_get_access_key (found), ==, access_key);
  g_assert_cmpstr (fluo_credentials_get_secret (found), ==, secret);
  g_assert_cmpstr (fluo_credentials_get_token (found), ==, token);
  g_assert_nonnull (strstr (fluo_credentials_get_source (found), connection));
}

static void
test_round_trip (void)
{
  g_autoptr (FluoCredentials) one = fluo_credentials_new ("AKIA1", "s+/=1", NULL, "typed in");
  g_autoptr (FluoCredentials) two = fluo_credentials_new ("ASIA2", "s2", "token==", "typed in");
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL, *path = NULL, *bytes = NULL, *options = NULL;
  gsize length;

  if (!g_test_subprocess ())
    {
      dir = fluo_test_dir_new ();
      path = g_build_filename (dir, "test.keyring", NULL);
      g_setenv ("SECRET_BACKEND", "file", TRUE);
      g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
      g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
      /* libsecret's file keyring leaks the file's entity tag at every save. */
      options = g_strdup (g_getenv ("ASAN_OPTIONS"));
      g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      if (options)
        g_setenv ("ASAN_OPTIONS", options, TRUE);
      else
        g_unsetenv ("ASAN_OPTIONS");
      g_test_trap_assert_passed ();
      bytes = fluo_test_read (path, &length);
      g_assert_null (g_strstr_len (bytes, (gssize) length, "s+/=1"));
      fluo_test_dir_free (g_steal_pointer (&dir));
      return;
    }

  g_assert_null (lookup ("aws", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  save ("aws", one, &error);
  g_assert_no_error (error);
  save ("other", two, &error);
  g_assert_no_error (error);
  check_stored ("aws", "AKIA1", "s+/=1", NULL);
  check_stored ("other", "ASIA2", "s2", "token==");
  save ("aws", two, &error);
  g_assert_no_error (error);
  check_stored ("aws", "ASIA2", "s2", "token==");
  clear ("aws", &error);
  g_assert_no_error (error);
  g_assert_null (lookup ("aws", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  clear ("aws", &error);
  g_assert_no_error (error);
  check_stored ("other", "ASIA2", "s2", "token==");
}

static void
test_no_service (void)
{
  g_autoptr (FluoCredentials) one = fluo_credentials_new ("AKIA1", "CANARY", NULL, "typed in");
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_setenv ("SECRET_BACKEND", "service", TRUE);
      g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  save ("aws", one, &error);
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "no secret service"));
  g_assert_null (strstr (error->message, "CANARY"));
  g_clear_error (&error);
  g_assert_null (lookup ("aws", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  clear ("aws", &error);
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("SECRET_BACKEND", "service", TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_cancellable_cancel (cancellable);
  fluo_secret_store_lookup_async ("aws", cancellable, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_null (fluo_secret_store_lookup_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
run_in (const char *name)
{
  g_autofree char *path = g_strconcat ("/aws/secret-store/subprocess/", name, NULL);

  g_test_message ("%s", path);
  g_test_trap_subprocess (path, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* --- A keyring's file that was cut short ---------------------------------------- */

static void
test_damaged_file (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *path = NULL, *bytes = NULL;
  g_autofree char *options = g_strdup (g_getenv ("ASAN_OPTIONS"));
  gsize length;

  path = g_build_filename (dir, "test.keyring", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
  g_assert_true (fluo_secret_state_check_file (NULL));
  g_test_trap_subprocess ("/aws/secret-store/subprocess/save", 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  bytes = fluo_test_read (path, &length);
  g_assert_true (fluo_secret_state_check_file (NULL));
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, bytes, (gssize) cut, NULL));
      g_assert_false (fluo_secret_state_check_file (&error));
      g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED);
    }
  /* libsecret alone would end the process here. */
  g_assert_true (g_file_set_contents (path, bytes, 40, NULL));
  g_test_trap_subprocess ("/aws/secret-store/subprocess/damaged", 0,
                          G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  if (options)
    g_setenv ("ASAN_OPTIONS", options, TRUE);
  else
    g_unsetenv ("ASAN_OPTIONS");
  g_unsetenv ("SECRET_FILE_TEST_PATH");
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
in_save (void)
{
  g_autoptr (FluoCredentials) one = fluo_credentials_new ("AKIA1", "CANARY", NULL, "typed in");
  g_autoptr (GError) error = NULL;

  save ("aws", one, &error);
  g_assert_no_error (error);
}

static char *
get_vault_key (gboolean create, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_secret_store_get_vault_key_async ("aws", create, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_secret_store_get_vault_key_finish (result, error);
}

/* Every call fails with @code, and says @words. */
static void
check_all_fail (int lookup_code, int code, const char *words)
{
  g_autoptr (FluoCredentials) one = fluo_credentials_new ("AKIA1", "CANARY", NULL, "typed in");
  g_autoptr (GError) error = NULL;

  g_assert_null (lookup ("aws", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, lookup_code);
  g_clear_error (&error);
  save ("aws", one, &error);
  g_test_message ("%s", error->message);
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "CANARY"));
  g_clear_error (&error);
  g_assert_null (get_vault_key (TRUE, &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, code);
}

static void
in_damaged (void)
{
  check_all_fail (FLUO_SECRET_STORE_ERROR_DAMAGED, FLUO_SECRET_STORE_ERROR_DAMAGED,
                  "is damaged; move it away");
}

/* --- A keyring's file of somebody else ---------------------------------------------- */

static void
in_vault (void)
{
  g_autoptr (GError) error = NULL;
  char *key = get_vault_key (TRUE, &error);

  g_assert_no_error (error);
  fluo_secret_store_key_free (key);
  check_stored ("aws", "AKIA1", "CANARY", NULL);
}

/* libsecret finds nothing and says nothing, and would add a second item. What is looked for is not
 * there, and nothing is made of that. */
static void
in_other_password (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lookup ("aws", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "no access key is stored for \"aws\""));
  g_clear_error (&error);
  g_assert_null (get_vault_key (FALSE, &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "the keyring has no key for this vault"));
}

/* The desktop, whose secret opens the file in a sandbox, is another one. */
static void
test_other_password (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *path = g_build_filename (dir, "k", NULL);
  g_autofree char *options = g_strdup (g_getenv ("ASAN_OPTIONS"));

  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
  run_in ("save");
  run_in ("vault");
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "other", TRUE);
  run_in ("other-password");
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  run_in ("vault");
  if (options)
    g_setenv ("ASAN_OPTIONS", options, TRUE);
  else
    g_unsetenv ("ASAN_OPTIONS");
  g_unsetenv ("SECRET_FILE_TEST_PATH");
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* --- A real keyring ------------------------------------------------------------------ */

static void
in_no_service (void)
{
  check_all_fail (FLUO_SECRET_STORE_ERROR_UNAVAILABLE, FLUO_SECRET_STORE_ERROR_UNAVAILABLE,
                  "no secret service is running");
}

static void
in_no_keyring (void)
{
  check_all_fail (FLUO_SECRET_STORE_ERROR_NOT_FOUND, FLUO_SECRET_STORE_ERROR_UNAVAILABLE,
                  "there is no keyring yet");
}

static void
in_locked (void)
{
  check_all_fail (FLUO_SECRET_STORE_ERROR_LOCKED, FLUO_SECRET_STORE_ERROR_LOCKED,
                  "the keyring is locked; unlock it");
}

/* The key of the vault is made once and stays the same, whatever happens in between. */
static void
in_unlocked (void)
{
  g_autoptr (FluoCredentials) one = fluo_credentials_new ("AKIA1", "s+/=1", "t", "typed in");
  g_autoptr (GError) error = NULL;
  const char *path = g_getenv ("FLUO_TEST_KEY_FILE");
  char *key = get_vault_key (FALSE, &error), *again;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_assert_null (key);
      g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
      g_clear_error (&error);
      key = get_vault_key (TRUE, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_set_contents (path, key, -1, NULL));
    }
  else
    {
      g_autofree char *expected = fluo_test_read (path, NULL);

      g_assert_no_error (error);
      g_assert_cmpstr (key, ==, expected);
    }
  again = get_vault_key (TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, key);
  fluo_secret_store_key_free (key);
  fluo_secret_store_key_free (again);
  save ("aws", one, &error);
  g_assert_no_error (error);
  check_stored ("aws", "AKIA1", "s+/=1", "t");
  g_assert_null (lookup ("other", &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  clear ("aws", &error);
  g_assert_no_error (error);
  save ("aws", one, &error);
  g_assert_no_error (error);
}

/* A key that is none, or one of two, is refused and stays what it is. */
static void
in_odd_keys (void)
{
  static const SecretSchema schema = {
    "io.github.fluoroscope.Fluoroscope.Vault", SECRET_SCHEMA_NONE,
    { { "connection", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
    0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  };
  g_autoptr (GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (SecretService) service = NULL;
  g_autoptr (SecretCollection) collection = NULL;
  g_autoptr (SecretItem) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *kept = NULL;
  SecretValue *value;
  char *key;

  /* Too short. */
  g_assert_true (secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, "short", "abcd",
                                             NULL, &error, "connection", "aws", NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (get_vault_key (i == 1, &error));
      g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, "is no key"));
      g_clear_error (&error);
    }
  kept = secret_password_lookup_sync (&schema, NULL, NULL, "connection", "aws", NULL);
  g_assert_cmpstr (kept, ==, "abcd");
  fluo_secret_store_clear_vault_key_async ("aws", NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  g_assert_true (fluo_secret_store_clear_vault_key_finish (result, &error));
  /* Two. */
  key = get_vault_key (TRUE, &error);
  g_assert_no_error (error);
  service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, NULL, &error);
  g_assert_no_error (error);
  collection = secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT, 0, NULL,
                                                 &error);
  g_assert_no_error (error);
  g_hash_table_insert (attributes, (gpointer) "connection", (gpointer) "aws");
  value = secret_value_new (key, -1, "text/plain");
  second = secret_item_create_sync (collection, &schema, attributes, "copy", value,
                                    SECRET_ITEM_CREATE_NONE, NULL, &error);
  g_assert_no_error (error);
  secret_value_unref (value);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (get_vault_key (i == 1, &error));
      g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, "2 keys for this vault"));
      g_clear_error (&error);
    }
  g_assert_true (secret_item_delete_sync (second, NULL, &error));
  fluo_secret_store_key_free (key);
}

/* What gnome-keyring says in its states, and what never happens: a key that is replaced. */
static void
test_keyring (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *key = g_build_filename (dir, "key", NULL);
  RealKeyring *keyring = real_keyring_new (dir);

  g_setenv ("FLUO_TEST_KEY_FILE", key, TRUE);
  run_in ("no-service");
  real_keyring_start (keyring, NULL);
  run_in ("no-keyring");
  real_keyring_stop (keyring);
  real_keyring_start (keyring, "password");
  run_in ("unlocked");
  real_keyring_lock (keyring);
  run_in ("locked");
  real_keyring_stop (keyring);
  real_keyring_start (keyring, "password");
  run_in ("unlocked");
  run_in ("odd-keys");
  real_keyring_free (keyring);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

/* Whoever is asked for the password closes the prompt: the same words as without anybody to ask,
 * nothing is made or replaced, and all is there when the keyring is open again. */
static void
test_prompt_dismissed (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *key = g_build_filename (dir, "key", NULL);
  RealKeyring *keyring = real_keyring_new (dir);
  guint n_asked;

  g_setenv ("FLUO_TEST_KEY_FILE", key, TRUE);
  real_keyring_dismiss_prompts (keyring);
  real_keyring_start (keyring, NULL);
  run_in ("no-keyring");
  n_asked = real_keyring_get_n_dismissed (keyring);
  g_assert_cmpuint (n_asked, >, 0);
  real_keyring_stop (keyring);
  real_keyring_start (keyring, "password");
  run_in ("unlocked");
  real_keyring_lock (keyring);
  run_in ("locked");
  g_assert_cmpuint (real_keyring_get_n_dismissed (keyring), >, n_asked);
  real_keyring_stop (keyring);
  real_keyring_start (keyring, "password");
  run_in ("unlocked");
  real_keyring_free (keyring);
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/secret-store/round-trip", test_round_trip);
  g_test_add_func ("/aws/secret-store/no-service", test_no_service);
  g_test_add_func ("/aws/secret-store/cancelled", test_cancelled);
  g_test_add_func ("/aws/secret-store/damaged-file", test_damaged_file);
  g_test_add_func ("/aws/secret-store/other-password", test_other_password);
  g_test_add_func ("/aws/secret-store/keyring", test_keyring);
  g_test_add_func ("/aws/secret-store/prompt-dismissed", test_prompt_dismissed);
  g_test_add_func ("/aws/secret-store/subprocess/save", in_save);
  g_test_add_func ("/aws/secret-store/subprocess/damaged", in_damaged);
  g_test_add_func ("/aws/secret-store/subprocess/vault", in_vault);
  g_test_add_func ("/aws/secret-store/subprocess/other-password", in_other_password);
  g_test_add_func ("/aws/secret-store/subprocess/no-service", in_no_service);
  g_test_add_func ("/aws/secret-store/subprocess/no-keyring", in_no_keyring);
  g_test_add_func ("/aws/secret-store/subprocess/unlocked", in_unlocked);
  g_test_add_func ("/aws/secret-store/subprocess/locked", in_locked);
  g_test_add_func ("/aws/secret-store/subprocess/odd-keys", in_odd_keys);
  return g_test_run ();
}

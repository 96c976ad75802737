/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-secret-store.h"

#include <string.h>

#include "fluo-test-util.h"

#define PATIENCE_MS 30000

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/secret-store/round-trip", test_round_trip);
  g_test_add_func ("/aws/secret-store/no-service", test_no_service);
  g_test_add_func ("/aws/secret-store/cancelled", test_cancelled);
  return g_test_run ();
}

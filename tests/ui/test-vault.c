/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "app/vault/fluo-vault.h"
#include "aws/fluo-secret-store.h"
#include "fluo-test-util.h"
#include "xray-service.h"

/* What was read is kept, with a real collector and libsecret's file keyring. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

#define ID "1-6a86d2b0-51696fd2dd2b00ce5c4b5551"
#define CONNECTION "0b8cf2d0-6f0c-4a3e-9d3a-0c1f1a2b3c4d"
#define SEGMENT                                                                                    \
  "{\"Id\":\"0000000000000001\",\"Document\":\"{\\\"id\\\":\\\"0000000000000001\\\",\\\"name\\\":" \
  "\\\"canary-service\\\",\\\"start_time\\\":1787220656,\\\"end_time\\\":1787220657.5,"            \
  "\\\"annotations\\\":{\\\"tier\\\":\\\"gold\\\"}}\"}"
#define FOUND "{\"Traces\":[{\"Id\":\"" ID "\",\"Segments\":[" SEGMENT "]}]}"
#define NONE "{\"Traces\":[]}"
#define NOBODY "{\"LinkedFrom\":[]}"
#define XRAY_ONLY "{\"Destination\":\"XRay\"}"

static FluoTrace *
get_trace (FluoXrayClient *client, gboolean *ret_from_vault, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  FluoTraceId id;
  FluoTrace *trace;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  fluo_xray_client_get_trace_async (client, &id, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  trace = fluo_xray_client_get_trace_finish (client, result, error);
  if (trace && ret_from_vault)
    *ret_from_vault = fluo_xray_client_trace_is_from_vault (result);
  return trace;
}

static FluoXrayClient *
open_vault (FluoVault *vault, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_vault_open_async (vault, FALSE, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_vault_open_finish (vault, result, error);
}

static gboolean
has_kept_one (gpointer data)
{
  return fluo_vault_get_n_kept (data) == 1;
}

static gboolean
has_lost_one (gpointer data)
{
  return fluo_vault_get_n_lost (data) == 1;
}

static char *
dup_directory (void)
{
  return g_build_filename (g_get_user_data_dir (), "fluoroscope", "vaults", CONNECTION, NULL);
}

static void
check_sealed (void)
{
  g_autofree char *path = dup_directory ();
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n_files = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *file = g_build_filename (path, name, NULL), *bytes = NULL;
      gsize length;

      bytes = fluo_test_read (file, &length);
      g_assert_null (g_strstr_len (bytes, (gssize) length, "canary-service"));
      n_files++;
    }
  g_assert_cmpuint (n_files, >, 2);
}

static void
read_one (XrayService *service)
{
  g_autoptr (FluoTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  gboolean from_vault = TRUE;

  xray_service_say (service, FOUND);
  xray_service_say (service, NOBODY);
  trace = get_trace (service->client, &from_vault, &error);
  g_assert_no_error (error);
  g_assert_false (from_vault);
}

/* Kept, found when the service has forgotten it, searched with a filter, and cleared. */
static void
keeps (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoVault) vault = fluo_vault_get (CONNECTION, FLUO_VAULT_SIZE_DEFAULT);
  g_autoptr (FluoTrace) again = NULL;
  g_autoptr (GPtrArray) found = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) search = NULL, no_search = NULL, cleared = NULL;
  g_autofree char *directory = dup_directory ();
  const FluoTimeSpan span = { 1787220000 * FLUO_NSEC_PER_SEC, 1787221000 * FLUO_NSEC_PER_SEC };
  FluoXrayClient *client;
  gboolean from_vault = FALSE;

  g_assert_false (fluo_vault_exists (CONNECTION));
  fluo_vault_attach (vault, service->client);
  read_one (service);
  g_assert_true (fluo_test_wait_until (has_kept_one, vault, PATIENCE_MS));
  g_assert_no_error (fluo_vault_get_error (vault));
  g_assert_true (fluo_vault_exists (CONNECTION));
  g_assert_cmpuint (fluo_vault_get_bytes (vault), >, 0);
  check_sealed ();

  xray_service_say (service, NONE);
  xray_service_say (service, XRAY_ONLY);
  again = get_trace (service->client, &from_vault, &error);
  g_assert_no_error (error);
  g_assert_true (from_vault);
  g_assert_cmpstr (fluo_trace_get_title (again), ==, "canary-service");

  client = open_vault (vault, &error);
  g_assert_no_error (error);
  fluo_xray_client_get_trace_summaries_async (client, span, FLUO_TIME_RANGE_TRACE_ID,
                                              "annotation.tier = \"gold\"", NULL, NULL, NULL,
                                              fluo_test_result_cb, &search);
  g_assert_true (fluo_test_wait_result (&search, PATIENCE_MS));
  found = fluo_xray_client_get_trace_summaries_finish (client, search, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 1);

  fluo_vault_clear_async (vault, fluo_test_result_cb, &cleared);
  g_assert_true (fluo_test_wait_result (&cleared, PATIENCE_MS));
  g_assert_true (fluo_vault_clear_finish (vault, cleared, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (directory, G_FILE_TEST_EXISTS));
  xray_service_say (service, NONE);
  g_assert_null (get_trace (service->client, NULL, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
  fluo_vault_stop_all ();
}

/* A vault whose key is gone stays as it is, and says so; what is read is shown all the same. */
static void
loses_its_key (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoVault) vault = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) cleared = NULL;
  g_autofree char *directory = dup_directory ();

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  vault = fluo_vault_get (CONNECTION, FLUO_VAULT_SIZE_DEFAULT);
  fluo_vault_attach (vault, service->client);
  read_one (service);
  g_assert_true (fluo_test_wait_until (has_lost_one, vault, PATIENCE_MS));
  g_assert_error (fluo_vault_get_error (vault), FLUO_SECRET_STORE_ERROR,
                  FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_assert_null (open_vault (vault, &error));
  g_assert_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND);
  g_assert_true (g_file_test (directory, G_FILE_TEST_IS_DIR));
  fluo_vault_stop_all ();
}

/* libsecret chooses its backend once per process, and the data directory is read once. */
static void
in_child (void (*test) (void))
{
  g_autofree char *dir = NULL, *path = NULL, *options = NULL;

  if (g_test_subprocess ())
    {
      test ();
      return;
    }
  dir = fluo_test_dir_new ();
  path = g_build_filename (dir, "test.keyring", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("XDG_DATA_HOME", dir, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", dir, TRUE);
  /* libsecret's file keyring leaks the file's entity tag at every save. */
  options = g_strdup (g_getenv ("ASAN_OPTIONS"));
  g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  if (options)
    g_setenv ("ASAN_OPTIONS", options, TRUE);
  else
    g_unsetenv ("ASAN_OPTIONS");
  g_test_trap_assert_passed ();
  fluo_test_dir_free (g_steal_pointer (&dir));
}

static void
test_keeps (void)
{
  in_child (keeps);
}

static void
test_loses_its_key (void)
{
  in_child (loses_its_key);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault/keeps", test_keeps);
  g_test_add_func ("/vault/loses-its-key", test_loses_its_key);
  return g_test_run ();
}

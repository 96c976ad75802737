/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "real-collector.h"

#include <signal.h>
#include <sys/wait.h>

#include "core/fluo-json.h"
#include "fluo-test-util.h"

/* Ends a test that has failed already. */
#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

struct _RealCollector
{
  char *directory;
  char *store;
  char *endpoint;
  GPid  pid;
};

RealCollector *
real_collector_new (void)
{
  RealCollector *self = g_new0 (RealCollector, 1);
  g_autofree char *program = g_build_filename (g_getenv ("FLUO_BUILD_DIR"), "src", "collector",
                                               "fluoroscoped", NULL);
  g_autofree char *ready = NULL, *text = NULL, *address = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  self->directory = fluo_test_dir_new ();
  self->store = g_build_filename (self->directory, "store", NULL);
  ready = g_build_filename (self->directory, "ready", NULL);
  {
    const char *command[] = { program,       "--data-dir",   self->store,   "--listen",
                              "127.0.0.1:0", "--udp",        "127.0.0.1:0", "--otlp",
                              "none",        "--otlp-grpc",  "none",        "--ready-file",
                              ready,         NULL };

    g_spawn_async (NULL, (char **) command, NULL,
                   G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, fluo_test_tie_child,
                   NULL, &self->pid, &error);
    g_assert_no_error (error);
  }
  for (guint ms = 0; !g_file_get_contents (ready, &text, &length, NULL); ms += 5)
    {
      g_assert_cmpint (waitpid (self->pid, NULL, WNOHANG), ==, 0);
      g_assert_cmpuint (ms, <, PATIENCE_MS);
      g_usleep (5000);
    }
  bytes = g_bytes_new (text, length);
  tape = fluo_json_tape_new (bytes, &error);
  g_assert_no_error (error);
  address = fluo_json_tape_dup (
    tape, fluo_json_tape_first (tape, fluo_json_tape_get (tape, 0, "http")));
  self->endpoint = g_strconcat ("http://", address, NULL);
  return self;
}

void
real_collector_free (RealCollector *self)
{
  kill (self->pid, SIGTERM);
  waitpid (self->pid, NULL, 0);
  g_spawn_close_pid (self->pid);
  fluo_test_dir_free (self->directory);
  g_free (self->store);
  g_free (self->endpoint);
  g_free (self);
}

const char *
real_collector_get_endpoint (RealCollector *self)
{
  return self->endpoint;
}

FluoXrayClient *
real_collector_dup_client (RealCollector *self, FluoRole role)
{
  g_autofree char *path = g_build_filename (self->store, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fluo_local_keys_load (path, role, &error);

  g_assert_no_error (error);
  return fluo_xray_client_new (self->endpoint, NULL, keys);
}

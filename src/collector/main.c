/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "collector/fluo-memory.h"
#include "collector/fluo-notify.h"
#include "collector/fluo-options.h"
#include "core/fluo-locale.h"
#include "local/store/fluo-sealed-vfs.h"
#include "local/store/fluo-store.h"

/* As in sysexits.h; told in the manual page. */
enum
{
  EXIT_CODE_OK = 0,
  EXIT_CODE_FAILED = 1,
  EXIT_CODE_USAGE = 64,
  EXIT_CODE_TAKEN = 69,      /* a port is taken */
  EXIT_CODE_DIRECTORY = 73,  /* the data directory can't be used */
  EXIT_CODE_LOCKED = 75      /* another collector uses the data directory */
};

static int
report (const GError *error)
{
  g_printerr ("fluoroscoped: %s\n", error->message);
  if (g_error_matches (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_TAKEN))
    {
      g_printerr (_("Choose another port, for example\n"
                    "  fluoroscoped --listen 127.0.0.1:2001 --udp 127.0.0.1:2001\n"
                    "and tell your programs:\n"
                    "  export AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2001\n"));
      return EXIT_CODE_TAKEN;
    }
  if (error->domain == FLUO_LISTENER_ERROR)
    return error->code == FLUO_LISTENER_ERROR_ADDRESS ? EXIT_CODE_USAGE : EXIT_CODE_FAILED;
  if (error->domain == FLUO_RELAY_ERROR)
    return EXIT_CODE_USAGE;
  if (error->domain == FLUO_STORE_ERROR && error->code == FLUO_STORE_ERROR_LOCKED)
    return EXIT_CODE_LOCKED;
  return EXIT_CODE_DIRECTORY;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
announce (FluoCollector *collector)
{
  GPtrArray *listeners = fluo_collector_get_listeners (collector);

  for (guint i = 0; i < listeners->len; i++)
    {
      FluoListener *listener = listeners->pdata[i];

      if (listener->socket)
        g_message (_("listening: %s on %s"), fluo_listener_get_protocol (listener), listener->text);
    }
}

/* The first line of the standard input is the key of the store. Read without a buffer, so that no
 * copy of it stays. */
static gboolean
read_key (GError **error)
{
  guint8 key[FLUO_SEAL_KEY_BYTES] = { 0 };
  guint n = 0;
  char digit;
  gboolean ok;

  while (read (STDIN_FILENO, &digit, 1) == 1 && g_ascii_isxdigit (digit) && n < 2 * sizeof key)
    {
      key[n / 2] = (guint8) (key[n / 2] << 4 | g_ascii_xdigit_value (digit));
      n++;
    }
  ok = n == 2 * sizeof key && digit == '\n';
  if (!ok)
    g_set_error_literal (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY,
                         _("--sealed expects 64 hexadecimal digits and a line break on the "
                           "standard input"));
  else
    ok = fluo_sealed_vfs_begin (key, error);
  explicit_bzero (key, sizeof key);
  return ok;
}

/* Whoever gave the key is gone, or wants no more. */
static gboolean
input_ended_cb (int fd, GIOCondition condition, gpointer data)
{
  char rest[256];

  if (read (fd, rest, sizeof rest) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* Serves until a signal ends it. */
static int
serve (const FluoOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (FluoCollector) collector = NULL;
  g_autoptr (GError) error = NULL;

  if (options->sealed && !read_key (&error))
    return report (error);
  collector = fluo_collector_new (&options->collector, &error);
  if (!collector)
    return report (error);
  /* Who reads the file may end the collector at once. */
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);
  if (options->sealed)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, input_ended_cb, loop);
  if (options->ready_file)
    {
      g_autofree char *ready = fluo_collector_dup_ready (collector);

      if (!g_file_set_contents_full (options->ready_file, ready, -1, G_FILE_SET_CONTENTS_CONSISTENT,
                                     0600, &error))
        return report (error);
    }
  announce (collector);
  fluo_notify ("READY=1");
  g_main_loop_run (loop);
  fluo_notify ("STOPPING=1");
  if (options->ready_file)
    g_unlink (options->ready_file);
  return EXIT_CODE_OK;
}

int
main (int argc, char **argv)
{
  FluoOptions options = { 0 };

  fluo_memory_prepare (argv);
  fluo_locale_init ();
  umask (0077);
  /* A limit on file size shall be an error of the write, which is handled, not the end of the
   * process. */
  signal (SIGXFSZ, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("fluoroscoped");

  if (!fluo_options_parse (&options, &argc, &argv))
    return EXIT_CODE_USAGE;
  if (options.version)
    {
      g_print ("fluoroscoped %s\n", FLUO_VERSION);
      return EXIT_CODE_OK;
    }
  return serve (&options);
}

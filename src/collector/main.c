/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "collector/fluo-notify.h"
#include "core/fluo-format.h"
#include "local/fluo-collector.h"
#include "local/fluo-store.h"

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

static struct
{
  char    *data_dir;
  char   **http;
  char   **udp;
  char   **otlp;
  gboolean index_all;
  char    *ready_file;
  char    *retention;
  char    *max_size;
  char    *auth;
  gboolean version;
} options;

static const GOptionEntry entries[] = {
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.data_dir,
    N_("Keep the traces in DIR ($XDG_DATA_HOME/fluoroscope)"), N_("DIR") },
  { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.http,
    N_("Serve X-Ray's API on ADDR:PORT (127.0.0.1:2000 and [::1]:2000); can be repeated, port 0 "
        "is any free one"),
    N_("ADDR:PORT") },
  { "udp", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.udp,
    N_("Receive segments on ADDR:PORT (as for --listen); can be repeated"), N_("ADDR:PORT") },
  { "otlp", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.otlp,
    N_("Receive OpenTelemetry traces over HTTP on ADDR:PORT (127.0.0.1:4318 and [::1]:4318, if "
        "they are free); can be repeated; “none” turns it off"),
    N_("ADDR:PORT") },
  { "index-all-attributes", 0, 0, G_OPTION_ARG_NONE, &options.index_all,
    N_("Make annotations of all OpenTelemetry attributes, so that they can be searched"), NULL },
  { "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &options.ready_file,
    N_("Write the addresses to FILE, as JSON, once they are served"), N_("FILE") },
  { "retention", 0, 0, G_OPTION_ARG_STRING, &options.retention,
    N_("Keep traces this long: 90s, 15m, 6h (7d)"), N_("TIME") },
  { "max-size", 0, 0, G_OPTION_ARG_STRING, &options.max_size,
    N_("Keep at most this much: 500M, 20G (5G)"), N_("SIZE") },
  { "auth", 0, 0, G_OPTION_ARG_STRING, &options.auth,
    N_(
      "Reading needs signed requests: sigv4 (the default), or none, for containers that are thrown "
      "away"),
    "sigv4|none" },
  { "version", 0, 0, G_OPTION_ARG_NONE, &options.version, N_("Print the version"), NULL },
  { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
};

static gboolean
parse_size (const char *text, guint64 *ret_bytes)
{
  static const char units[] = "KMGT";
  char *end;
  guint64 value = g_ascii_strtoull (text, &end, 10);
  const char *unit = *end ? strchr (units, g_ascii_toupper (*end)) : NULL;

  if (end == text || !g_ascii_isdigit (text[0]) || (*end && !unit))
    return FALSE;
  for (const char *step = units; unit && step <= unit; step++)
    if (!g_uint64_checked_mul (&value, value, 1024))
      return FALSE;
  if (unit)
    end++;
  if (g_ascii_strcasecmp (end, "") != 0 && g_ascii_strcasecmp (end, "B") != 0 &&
      g_ascii_strcasecmp (end, "iB") != 0)
    return FALSE;
  *ret_bytes = value;
  return value > 0;
}

static gboolean
parse_options (int *argc, char ***argv, FluoWriterLimits *limits)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
    context, _("Collects X-Ray segments on this computer and answers X-Ray's API."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("fluoroscoped: %s\n", error->message);
      return FALSE;
    }
  if (*argc > 1)
    {
      g_printerr (_("fluoroscoped: “%s” is not an option; see fluoroscoped --help\n"), (*argv)[1]);
      return FALSE;
    }
  if (options.auth && strcmp (options.auth, "sigv4") != 0 && strcmp (options.auth, "none") != 0)
    {
      g_printerr (_("fluoroscoped: --auth “%s” is neither sigv4 nor none\n"), options.auth);
      return FALSE;
    }
  if (options.retention && (!fluo_parse_duration (options.retention, &limits->retention_ns) ||
                            limits->retention_ns <= 0))
    {
      g_printerr (_("fluoroscoped: --retention “%s” is not a time such as 90s, 15m, 6h or 7d\n"),
                  options.retention);
      return FALSE;
    }
  if (options.max_size && !parse_size (options.max_size, &limits->size_max))
    {
      g_printerr (_("fluoroscoped: --max-size “%s” is not a size such as 500M or 20G\n"),
                  options.max_size);
      return FALSE;
    }
  return TRUE;
}

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

/* "none" stands for an empty list. */
static const char *const *
otlp_addresses (void)
{
  static const char *const none[] = { NULL };

  if (options.otlp && g_strv_length (options.otlp) == 1 && strcmp (options.otlp[0], "none") == 0)
    return none;
  return (const char *const *) options.otlp;
}

/* Serves until a signal ends it. */
static int
serve (const FluoWriterLimits *limits)
{
  FluoCollectorOptions wanted = {
    .data_dir = options.data_dir,
    .http = (const char *const *) options.http,
    .udp = (const char *const *) options.udp,
    .otlp = otlp_addresses (),
    .index_all_attributes = options.index_all,
    .limits = *limits,
    .open = g_strcmp0 (options.auth, "none") == 0,
  };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (FluoCollector) collector = NULL;
  g_autoptr (GError) error = NULL;

  collector = fluo_collector_new (&wanted, &error);
  if (!collector)
    return report (error);
  /* Who reads the file may end the collector at once. */
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);
  if (options.ready_file)
    {
      g_autofree char *ready = fluo_collector_dup_ready (collector);

      if (!g_file_set_contents_full (options.ready_file, ready, -1, G_FILE_SET_CONTENTS_CONSISTENT,
                                     0600, &error))
        return report (error);
    }
  announce (collector);
  fluo_notify ("READY=1");
  g_main_loop_run (loop);
  fluo_notify ("STOPPING=1");
  if (options.ready_file)
    g_unlink (options.ready_file);
  return EXIT_CODE_OK;
}

int
main (int argc, char **argv)
{
  FluoWriterLimits limits = { FLUO_DEFAULT_RETENTION_NS, FLUO_DEFAULT_SIZE_MAX };

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, FLUO_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  umask (0077);
  /* A limit on file size shall be an error of the write, which is handled, not the end of the
   * process. */
  signal (SIGXFSZ, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("fluoroscoped");

  if (!parse_options (&argc, &argv, &limits))
    return EXIT_CODE_USAGE;
  if (options.version)
    {
      g_print ("fluoroscoped %s\n", FLUO_VERSION);
      return EXIT_CODE_OK;
    }
  return serve (&limits);
}

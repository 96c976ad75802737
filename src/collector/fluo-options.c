/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include "collector/fluo-options.h"

#include <string.h>

#include <glib/gi18n.h>

#include "aws/fluo-endpoint.h"
#include "collector/fluo-daemon-config.h"
#include "collector/fluo-log.h"
#include "core/fluo-format.h"

#define BYTES_PER_MB (1024 * 1024)

/* As they were given; never freed. */
static struct
{
  char    *data_dir;
  char   **http;
  char   **udp;
  char   **otlp;
  char   **otlp_grpc;
  gboolean index_all;
  char    *ready_file;
  char    *retention;
  char    *max_size;
  char    *auth;
  gboolean relay;
  char    *relay_endpoint;
  char    *relay_sampling;
  char    *region;
  char    *role_arn;
  char    *resource_arn;
  char    *proxy;
  int      buffer_mb;
  gboolean local_mode;
  char    *config;
  char    *log_level;
  char    *log_file;
  gboolean sealed;
  gboolean version;
  FluoDaemonConfig *file; /* or NULL */
} given = { .buffer_mb = -1 };

static const GOptionEntry entries[] = {
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &given.data_dir,
    N_("Keep the traces in DIR ($XDG_DATA_HOME/fluoroscope)"), N_("DIR") },
  { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.http,
    N_("Serve X-Ray's API on ADDR:PORT (127.0.0.1:2000 and [::1]:2000); can be repeated, port 0 "
        "is any free one"),
    N_("ADDR:PORT") },
  { "udp", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.udp,
    N_("Receive segments on ADDR:PORT (as for --listen); can be repeated; “none” turns it off"),
    N_("ADDR:PORT") },
  { "otlp", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.otlp,
    N_("Receive OpenTelemetry traces over HTTP on ADDR:PORT (127.0.0.1:4318 and [::1]:4318, if "
        "they are free); can be repeated; “none” turns it off"),
    N_("ADDR:PORT") },
  { "otlp-grpc", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.otlp_grpc,
    N_("Receive OpenTelemetry traces over gRPC on ADDR:PORT (127.0.0.1:4317 and [::1]:4317, if "
        "they are free); can be repeated; “none” turns it off"),
    N_("ADDR:PORT") },
  { "index-all-attributes", 0, 0, G_OPTION_ARG_NONE, &given.index_all,
    N_("Make annotations of all OpenTelemetry attributes, so that they can be searched"), NULL },
  { "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &given.ready_file,
    N_("Write the addresses to FILE, as JSON, once they are served"), N_("FILE") },
  { "retention", 0, 0, G_OPTION_ARG_STRING, &given.retention,
    N_("Keep traces this long: 90s, 15m, 6h (7d)"), N_("TIME") },
  { "max-size", 0, 0, G_OPTION_ARG_STRING, &given.max_size,
    N_("Keep at most this much: 500M, 20G (5G)"), N_("SIZE") },
  { "auth", 0, 0, G_OPTION_ARG_STRING, &given.auth,
    N_(
      "Reading needs signed requests: sigv4 (the default), or none, for containers that are thrown "
      "away"),
    "sigv4|none" },
  { "relay", 0, 0, G_OPTION_ARG_NONE, &given.relay,
    N_("Pass everything on to AWS X-Ray too, with the AWS tools' credentials"), NULL },
  { "relay-endpoint", 0, 0, G_OPTION_ARG_STRING, &given.relay_endpoint,
    N_("Pass it on to this address instead of AWS's own"), N_("URL") },
  { "relay-sampling", 0, 0, G_OPTION_ARG_STRING, &given.relay_sampling,
    N_("With --relay: whose sampling rules programs get: aws (the default) or local"),
    "aws|local" },
  { "sealed", 0, 0, G_OPTION_ARG_NONE, &given.sealed,
    N_("Keep the traces encrypted (AES-256-GCM). The key, 64 hexadecimal digits and a line break, "
       "is read from the standard input; when that ends, so does the program"),
    NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, &given.version, N_("Print the version"), NULL },
  { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
};

/* The X-Ray daemon's own. */
static const GOptionEntry daemon_entries[] = {
  { "bind", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &given.udp, N_("The same as --udp"),
    N_("ADDR:PORT") },
  { "bind-tcp", 't', 0, G_OPTION_ARG_STRING_ARRAY, &given.http, N_("The same as --listen"),
    N_("ADDR:PORT") },
  { "region", 'n', 0, G_OPTION_ARG_STRING, &given.region, N_("The AWS region to pass traces on to"),
    N_("REGION") },
  { "local-mode", 'o', 0, G_OPTION_ARG_NONE, &given.local_mode,
    N_("Don't ask EC2 for the region"), NULL },
  { "buffer-memory", 'm', 0, G_OPTION_ARG_INT, &given.buffer_mb,
    N_("Megabytes of traces that may wait to be passed on (16)"), N_("MB") },
  { "proxy-address", 'p', 0, G_OPTION_ARG_STRING, &given.proxy,
    N_("Reach AWS through this HTTP proxy"), N_("URL") },
  { "resource-arn", 'a', 0, G_OPTION_ARG_STRING, &given.resource_arn,
    N_("Tell AWS that this resource sends the telemetry"), N_("ARN") },
  { "role-arn", 'r', 0, G_OPTION_ARG_STRING, &given.role_arn,
    N_("Pass traces on with the keys of this role"), N_("ARN") },
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &given.config,
    N_("Read the X-Ray daemon's configuration from FILE (cfg.yaml)"), N_("FILE") },
  { "log-level", 'l', 0, G_OPTION_ARG_STRING, &given.log_level,
    N_("Show messages from this level on: dev, debug, info, prod, warn, error"), N_("LEVEL") },
  { "log-file", 'f', 0, G_OPTION_ARG_FILENAME, &given.log_file, N_("Add messages to FILE"),
    N_("FILE") },
  { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
};

static gboolean G_GNUC_PRINTF (1, 2)
complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("fluoroscoped: %s\n", message);
  return FALSE;
}

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

/* --- The configuration file --------------------------------------------- */

static void
take_text (char **flag, const char *from_file)
{
  if (!*flag)
    *flag = g_strdup (from_file);
}

static void
take_address (char ***flag, const char *from_file)
{
  const char *const only[] = { from_file, NULL };

  if (!*flag && from_file)
    *flag = g_strdupv ((char **) only);
}

static gboolean
take_file (void)
{
  g_autoptr (GError) error = NULL;

  if (!given.config)
    return TRUE;
  given.file = fluo_daemon_config_load (given.config, &error);
  if (!given.file)
    return complain ("%s", error->message);
  take_address (&given.udp, given.file->udp);
  take_address (&given.http, given.file->tcp);
  take_text (&given.region, given.file->region);
  take_text (&given.relay_endpoint, given.file->endpoint);
  take_text (&given.resource_arn, given.file->resource_arn);
  take_text (&given.role_arn, given.file->role_arn);
  take_text (&given.proxy, given.file->proxy);
  take_text (&given.log_level, given.file->log_level);
  take_text (&given.log_file, given.file->log_path);
  given.local_mode |= given.file->local_mode;
  if (given.buffer_mb < 0)
    given.buffer_mb = (int) given.file->buffer_mb;
  return TRUE;
}

/* --- Checks ------------------------------------------------------------- */

static gboolean
is_one_of (const char *value, const char *first, const char *second)
{
  return !value || strcmp (value, first) == 0 || strcmp (value, second) == 0;
}

static gboolean
check_local (FluoWriterLimits *limits)
{
  if (!is_one_of (given.auth, "sigv4", "none"))
    return complain (_("--auth “%s” is neither sigv4 nor none"), given.auth);
  if (given.retention && (!fluo_parse_duration (given.retention, &limits->retention_ns) ||
                          limits->retention_ns <= 0))
    return complain (_("--retention “%s” is not a time such as 90s, 15m, 6h or 7d"),
                     given.retention);
  if (given.max_size && !parse_size (given.max_size, &limits->size_max))
    return complain (_("--max-size “%s” is not a size such as 500M or 20G"), given.max_size);
  return TRUE;
}

/* A proxy is named as "proxy:8080" too. */
static gboolean
check_proxy (void)
{
  g_autofree char *text = g_steal_pointer (&given.proxy);
  g_autofree char *full = NULL;

  if (!text || *text == '\0')
    return TRUE;
  full = strstr (text, "://") ? g_strdup (text) : g_strconcat ("http://", text, NULL);
  given.proxy = fluo_endpoint_normalize (full, NULL);
  if (!given.proxy || !g_str_has_prefix (given.proxy, "http://"))
    return complain (_("--proxy-address “%s” is not an address such as http://proxy:8080"), text);
  return TRUE;
}

static gboolean
check_relay (void)
{
  const gint64 mb_min = FLUO_RELAY_BUFFER_BYTES_MIN / BYTES_PER_MB;
  const gint64 mb_max = FLUO_RELAY_BUFFER_BYTES_MAX / BYTES_PER_MB;

  if (!is_one_of (given.relay_sampling, "aws", "local"))
    return complain (_("--relay-sampling “%s” is neither aws nor local"), given.relay_sampling);
  if (given.buffer_mb > 0 && (given.buffer_mb < mb_min || given.buffer_mb > mb_max))
    return complain (_("--buffer-memory %d: expected %d to %d megabytes, or 0 for the default"),
                     given.buffer_mb, (int) mb_min, (int) mb_max);
  if (given.region && *given.region != '\0' && !fluo_endpoint_region_is_valid (given.region))
    return complain (_("--region “%s” is not an AWS region; expected a name such as eu-west-1"),
                     given.region);
  if (!given.relay && given.relay_sampling)
    return complain (_("--relay-sampling needs --relay"));
  return check_proxy ();
}

/* Once the log is set up: what was understood and has no effect. */
static void
tell_ignored (void)
{
  for (guint i = 0; given.file && i < given.file->ignored->len; i++)
    g_warning ("%s", (const char *) given.file->ignored->pdata[i]);
  if (given.relay)
    return;
  if (given.role_arn && *given.role_arn != '\0')
    g_warning (_("--role-arn is ignored: without --relay nothing is sent to AWS"));
  if (given.relay_endpoint)
    g_warning (_("the endpoint %s is ignored: without --relay nothing is sent to AWS"),
               given.relay_endpoint);
  if (given.region || given.local_mode || given.resource_arn || given.proxy || given.buffer_mb > 0)
    g_message (_("nothing is sent to AWS; --relay would do that"));
}

static gboolean
parse (int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  GOptionGroup *group =
    g_option_group_new ("daemon", _("Options of the X-Ray daemon:"),
                        _("Show the options that the X-Ray daemon has too"), NULL, NULL);

  g_option_context_set_summary (
    context, _("Collects X-Ray segments on this computer and answers X-Ray's API."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_group_add_entries (group, daemon_entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_add_group (context, group);
  if (!g_option_context_parse (context, argc, argv, &error))
    return complain ("%s", error->message);
  if (*argc > 1)
    return complain (_("“%s” is not an option; see fluoroscoped --help"), (*argv)[1]);
  return TRUE;
}

/* "none" stands for an empty list. */
static const char *const *
addresses_or_none (char **given_addresses)
{
  static const char *const none[] = { NULL };

  if (given_addresses && g_strv_length (given_addresses) == 1 &&
      strcmp (given_addresses[0], "none") == 0)
    return none;
  return (const char *const *) given_addresses;
}

static const char *
non_empty (const char *text)
{
  return text && *text != '\0' ? text : NULL;
}

gboolean
fluo_options_parse (FluoOptions *self, int *argc, char ***argv)
{
  FluoWriterLimits limits = { FLUO_DEFAULT_RETENTION_NS, FLUO_DEFAULT_SIZE_MAX };
  g_autoptr (GError) error = NULL;

  if (!parse (argc, argv))
    return FALSE;
  self->version = given.version;
  if (given.version)
    return TRUE;
  if (!take_file () || !check_local (&limits) || !check_relay ())
    return FALSE;
  if (!fluo_log_set_up (non_empty (given.log_level), non_empty (given.log_file), &error))
    return complain ("%s", error->message);
  tell_ignored ();
  self->ready_file = given.ready_file;
  self->sealed = given.sealed;
  self->relay = (FluoRelayOptions) {
    .endpoint = non_empty (given.relay_endpoint),
    .region = non_empty (given.region),
    .resource_arn = non_empty (given.resource_arn),
    .role_arn = given.relay ? non_empty (given.role_arn) : NULL,
    .proxy = given.proxy,
    .buffer_bytes = given.buffer_mb > 0 ? (gsize) given.buffer_mb * BYTES_PER_MB : 0,
    .n_senders = given.file ? (guint) given.file->concurrency : 0,
    .local_mode = given.local_mode,
    .local_sampling = g_strcmp0 (given.relay_sampling, "local") == 0,
  };
  self->collector = (FluoCollectorOptions) {
    .data_dir = given.data_dir,
    .http = (const char *const *) given.http,
    .udp = addresses_or_none (given.udp),
    .otlp = addresses_or_none (given.otlp),
    .otlp_grpc = addresses_or_none (given.otlp_grpc),
    .index_all_attributes = given.index_all,
    .limits = limits,
    .open = g_strcmp0 (given.auth, "none") == 0,
    .relay = given.relay ? &self->relay : NULL,
  };
  return TRUE;
}

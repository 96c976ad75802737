/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "cli/fluo-cli.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-local-keys.h"
#include "aws/fluo-profile-provider.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

/* --- Options -------------------------------------------------------------- */

static void
add_common_group (FluoCli *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "endpoint", 0, 0, G_OPTION_ARG_STRING, &self->endpoint,
      N_("Ask this server instead of the local collector"), N_("URL") },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &self->profile,
      N_("Ask AWS with the credentials of this profile"), N_("NAME") },
    { "connection", 0, 0, G_OPTION_ARG_STRING, &self->connection,
      N_("Ask what this connection of the application's list leads to"), N_("NAME") },
    { "region", 0, 0, G_OPTION_ARG_STRING, &self->region, N_("Ask AWS in this region"),
      N_("REGION") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("Print JSON in the form of the X-Ray API"),
      NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionGroup *group = g_option_group_new (
    "common", _("Common options:"), _("Show the options that all commands take"), NULL, NULL);

  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_group_add_entries (group, entries);
  g_option_context_add_group (context, group);
}

static void
add_range_group (FluoCli *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "last", 0, 0, G_OPTION_ARG_STRING, &self->last,
      N_("The time up to now: 90s, 15m, 6h, 7d (default: 15m)"), N_("DURATION") },
    { "from", 0, 0, G_OPTION_ARG_STRING, &self->from,
      N_("Where the range begins: 2026-11-19T13:31:48Z, epoch seconds or -15m"), N_("TIME") },
    { "to", 0, 0, G_OPTION_ARG_STRING, &self->to,
      N_("Where the range ends, the same way (default: now)"), N_("TIME") },
    G_OPTION_ENTRY_NULL
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

gboolean
fluo_cli_parse (FluoCli *self, const char *command, const char *arguments, const char *summary,
                const GOptionEntry *entries, FluoCliParseFlags flags, int *argc, char ***argv,
                int min, int max)
{
  g_autofree char *usage = g_strdup_printf ("%s %s", command, arguments);
  g_autofree char *program = g_path_get_basename (g_get_prgname ());
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, _(summary));
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (flags & FLUO_CLI_PARSE_RANGE)
    add_range_group (self, context);
  add_common_group (self, context);

  if (!g_option_context_parse (context, argc, argv, &error))
    {
      fluo_cli_complain (_("%s. Try “%s %s --help”."), error->message, program, command);
      return FALSE;
    }
  if (*argc - 1 < min || *argc - 1 > max)
    {
      fluo_cli_complain (*argc - 1 < min ? _("“%s” needs an argument. Usage: %s %s")
                                         : _("“%s” takes fewer arguments. Usage: %s %s"),
                         command, program, usage);
      return FALSE;
    }
  return TRUE;
}

gboolean
fluo_cli_get_span (FluoCli *self, FluoTimeSpan *ret_span)
{
  FluoTimeSpan span = { 0, self->now_ns };
  gint64 length_ns;

  if (self->last != NULL && self->from != NULL)
    {
      fluo_cli_complain (_("Give either --last or --from, not both."));
      return FALSE;
    }
  if (self->to != NULL && !fluo_parse_time (self->to, self->now_ns, &span.end_ns))
    {
      fluo_cli_complain (
        _("“%s” is no time. Write it as 2026-11-19T13:31:48Z, as epoch seconds, or as -15m."),
        self->to);
      return FALSE;
    }
  if (self->from != NULL)
    {
      if (!fluo_parse_time (self->from, self->now_ns, &span.begin_ns))
        {
          fluo_cli_complain (
              _("“%s” is no time. Write it as 2026-11-19T13:31:48Z, as epoch seconds, or as -15m."),
              self->from);
          return FALSE;
        }
    }
  else
    {
      if (!fluo_parse_duration (self->last != NULL ? self->last : FLUO_CLI_DEFAULT_LAST,
                                &length_ns))
        {
          fluo_cli_complain (_("“%s” is no duration. Write it as 90s, 15m, 6h or 7d."), self->last);
          return FALSE;
        }
      span.begin_ns = span.end_ns - length_ns;
    }
  if (span.begin_ns >= span.end_ns)
    {
      fluo_cli_complain (_("The range ends before it begins. Check --from and --to."));
      return FALSE;
    }
  *ret_span = span;
  return TRUE;
}

gboolean
fluo_cli_parse_id (const char *text, FluoTraceId *ret_id)
{
  g_autofree char *shown = NULL;

  if (fluo_trace_id_parse (text, -1, ret_id))
    return TRUE;
  shown = fluo_format_untrusted (text, FLUO_CLI_TEXT_MAX);
  fluo_cli_complain (
    _("“%s” is no trace ID. It looks like 1-6afefa44-946d071d87f412683d601dea, or is 32 "
       "hexadecimal digits."),
    shown);
  return FALSE;
}

/* --- Connection ----------------------------------------------------------- */

gboolean
fluo_cli_is_aws (FluoCli *self)
{
  return self->endpoint == NULL
         && (self->profile != NULL || self->connection != NULL || self->region != NULL);
}

const char *
fluo_cli_get_endpoint (FluoCli *self)
{
  const char *variable = g_getenv ("FLUOROSCOPE_ENDPOINT");

  if (self->endpoint != NULL)
    return self->endpoint;
  if (fluo_cli_is_aws (self))
    return NULL;
  return variable != NULL && *variable != '\0' ? variable : FLUO_CLI_DEFAULT_ENDPOINT;
}

/* Keys that "fluoroscope-cli credentials" printed, for a collector elsewhere: it can't say where
 * its file is. No other keys of the environment are shown to an endpoint. */
static FluoCredentials *
take_exported_keys (const char *endpoint)
{
  const char *key = g_getenv ("AWS_ACCESS_KEY_ID"), *secret = g_getenv ("AWS_SECRET_ACCESS_KEY");
  g_autofree char *url = endpoint != NULL ? fluo_endpoint_normalize (endpoint, NULL) : NULL;

  if (url == NULL || fluo_endpoint_is_loopback (url) || key == NULL || secret == NULL ||
      !g_str_has_prefix (key, FLUO_LOCAL_KEYS_PREFIX))
    return NULL;
  return fluo_credentials_new (key, secret, NULL, "environment");
}

/* Keys that only the user can get are got at once, where there is a user. */
static FluoCliExit
sign_in_if_needed (FluoCli *self)
{
  g_autoptr (GError) error = NULL;

  if (self->asks_itself || !fluo_cli_can_ask () || fluo_cli_ensure_keys (self, FALSE, &error)
      || !g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN))
    return FLUO_CLI_OK;
  g_clear_error (&error);
  return fluo_cli_ensure_keys (self, TRUE, &error) ? FLUO_CLI_OK : fluo_cli_report (self, error);
}

static FluoCliExit
connect_to_connection (FluoCli *self)
{
  FluoCliExit code;

  if (self->endpoint != NULL || self->profile != NULL)
    {
      fluo_cli_complain (_("Give one of --endpoint, --profile and --connection."));
      return FLUO_CLI_USAGE;
    }
  code = fluo_cli_open_connection (self);
  return code == FLUO_CLI_OK ? sign_in_if_needed (self) : code;
}

FluoCliExit
fluo_cli_connect (FluoCli *self)
{
  const char *endpoint = fluo_cli_get_endpoint (self);
  g_autoptr (FluoCredentials) credentials = NULL;
  g_autoptr (FluoCredentialProvider) provider = NULL;
  g_autofree char *profile_region = NULL;
  g_autofree char *own = NULL;
  const char *region = self->region;

  if (self->client != NULL)
    return FLUO_CLI_OK;
  if (self->connection != NULL)
    return connect_to_connection (self);
  if (endpoint != NULL && !g_str_has_prefix (endpoint, "http://") &&
      !g_str_has_prefix (endpoint, "https://"))
    {
      fluo_cli_complain (_("“%s” is no address of a server. Write it as http://127.0.0.1:2000."),
                         endpoint);
      return FLUO_CLI_USAGE;
    }
  if (endpoint == NULL || self->profile != NULL)
    {
      g_autoptr (GError) error = NULL;

      provider = fluo_profile_provider_new (self->profile, &profile_region, &error);
      if (provider == NULL)
        return fluo_cli_report (self, error);
    }
  else
    credentials = take_exported_keys (endpoint);
  if (region == NULL)
    region = profile_region;
  if (endpoint == NULL && region == NULL)
    {
      fluo_cli_complain (_("No region is set for this profile. Name one with --region, for "
                            "example --region eu-central-1."));
      return FLUO_CLI_USAGE;
    }
  if (endpoint == NULL)
    {
      g_autoptr (GError) error = NULL;

      endpoint = own = fluo_endpoint_resolve (self->profile, region, &error);
      if (endpoint == NULL)
        return fluo_cli_report (self, error);
    }
  self->client =
    fluo_xray_client_new (endpoint, region != NULL ? region : "us-east-1", credentials);
  if (provider == NULL)
    return FLUO_CLI_OK;
  fluo_xray_client_set_provider (self->client, provider);
  self->provider = g_steal_pointer (&provider);
  return sign_in_if_needed (self);
}

/* --- Waiting -------------------------------------------------------------- */

void
fluo_cli_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

void
fluo_cli_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
set_true_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
fluo_cli_sleep (FluoCli *self, guint timeout_ms)
{
  gboolean over = FALSE;
  guint id = g_timeout_add (timeout_ms, set_true_cb, &over);

  while (!over && !g_cancellable_is_cancelled (self->cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (id);
  return over;
}

GPtrArray *
fluo_cli_get_summaries (FluoCli *self, FluoTimeSpan span, const char *filter, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_trace_summaries_async (self->client, span, FLUO_TIME_RANGE_TRACE_ID, filter,
                                              NULL, NULL, self->cancellable, fluo_cli_result_cb,
                                              &result);
  fluo_cli_wait (&result);
  return fluo_xray_client_get_trace_summaries_finish (self->client, result, error);
}

FluoTrace *
fluo_cli_get_trace (FluoCli *self, const FluoTraceId *id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_trace_async (self->client, id, self->cancellable, fluo_cli_result_cb,
                                    &result);
  fluo_cli_wait (&result);
  return fluo_xray_client_get_trace_finish (self->client, result, error);
}

FluoServiceGraph *
fluo_cli_get_graph (FluoCli *self, FluoTimeSpan span, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_service_graph_async (self->client, span, self->cancellable,
                                            fluo_cli_result_cb, &result);
  fluo_cli_wait (&result);
  return fluo_xray_client_get_service_graph_finish (self->client, result, error);
}

FluoCollectorStatus *
fluo_cli_get_status (FluoCli *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_status_async (self->client, self->cancellable, fluo_cli_result_cb, &result);
  fluo_cli_wait (&result);
  return fluo_xray_client_get_status_finish (self->client, result, error);
}

FluoJsonTape *
fluo_cli_call (FluoCli *self, const char *path, const char *body, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_call_async (self->client, path, body, self->cancellable, fluo_cli_result_cb,
                               &result);
  fluo_cli_wait (&result);
  return fluo_xray_client_call_finish (self->client, result, error);
}

/* Pages that are asked for before something must be wrong: X-Ray has at most 26 of what is listed
 * so. */
#define N_PAGES_MAX 20

static char *
make_page_body (const char *token)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  if (token)
    {
      fluo_json_writer_key (&writer, "NextToken");
      fluo_json_writer_string (&writer, token);
    }
  fluo_json_writer_end (&writer, '}');
  return g_strdup (out->str);
}

gboolean
fluo_cli_read_list (FluoCli *self, const char *path, const char *member, FluoCliEach each,
                    gpointer user_data, GString **ret_json, GError **error)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char *token = NULL;
  FluoJsonWriter writer;
  guint n_pages = 0;

  fluo_json_writer_init (&writer, json);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, member);
  fluo_json_writer_begin (&writer, '[');
  do
    {
      g_autofree char *body = make_page_body (token);
      g_autoptr (FluoJsonTape) tape = fluo_cli_call (self, path, body, error);
      guint32 list = tape ? fluo_json_tape_get (tape, 0, member) : FLUO_JSON_NONE;

      if (!tape)
        return FALSE;
      for (guint32 i = fluo_json_tape_first (tape, list); i != FLUO_JSON_NONE;
           i = fluo_json_tape_next (tape, list, i))
        {
          gsize length;
          const char *raw = fluo_json_tape_raw (tape, i, &length);

          fluo_json_writer_raw (&writer, raw, length);
          each (tape, i, user_data);
        }
      g_free (token);
      token = fluo_json_tape_dup_member (tape, 0, "NextToken");
    }
  while (token && ++n_pages < N_PAGES_MAX);
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  *ret_json = g_steal_pointer (&json);
  return TRUE;
}

/* --- Telling -------------------------------------------------------------- */

void
fluo_cli_complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("fluoroscope-cli: %s\n", message);
}

static FluoCliExit
xray_exit (const GError *error)
{
  switch (error->code)
    {
    case FLUO_XRAY_ERROR_NOT_FOUND:
      return FLUO_CLI_NOT_FOUND;
    case FLUO_XRAY_ERROR_UNREACHABLE:
      return FLUO_CLI_UNREACHABLE;
    case FLUO_XRAY_ERROR_ACCESS:
    case FLUO_XRAY_ERROR_EXPIRED:
      return FLUO_CLI_ACCESS;
    default:
      return FLUO_CLI_FAILED;
    }
}

/* What to do about it; NULL when the message says it all. */
static const char *
find_advice (FluoCli *self, const GError *error)
{
  if (g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN))
    return _("“fluoroscope-cli sign-in” does it here, with the same --profile or --connection.");
  if (error->domain != FLUO_XRAY_ERROR)
    return NULL;
  switch (error->code)
    {
    case FLUO_XRAY_ERROR_UNREACHABLE:
      return fluo_cli_is_aws (self) ? _("Check the network and the region.")
                                    : _("Start the collector with “fluoroscoped”, or name another "
                                         "server with --endpoint.");
    case FLUO_XRAY_ERROR_ACCESS:
      /* A collector says itself what to do. */
      return self->profile == NULL && fluo_cli_get_endpoint (self) != NULL
               ? NULL
               : _("Check that the profile's role may use X-Ray (AWSXrayReadOnlyAccess).");
    case FLUO_XRAY_ERROR_EXPIRED:
      return _("Sign in again and repeat the command.");
    case FLUO_XRAY_ERROR_THROTTLED:
      return _("Wait a moment and repeat the command with a shorter range.");
    default:
      return NULL;
    }
}

FluoCliExit
fluo_cli_report (FluoCli *self, const GError *error)
{
  g_autofree char *message = NULL;
  const char *advice;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      fluo_cli_complain (_("Interrupted."));
      return FLUO_CLI_INTERRUPTED;
    }
  message = fluo_format_untrusted (error->message, 1000);
  advice = find_advice (self, error);
  if (advice != NULL)
    fluo_cli_complain ("%s%s %s", message, g_str_has_suffix (message, ".") ? "" : ".", advice);
  else
    fluo_cli_complain ("%s%s", message, g_str_has_suffix (message, ".") ? "" : ".");

  if (error->domain == FLUO_XRAY_ERROR)
    return xray_exit (error);
  return error->domain == FLUO_CREDENTIALS_ERROR ? FLUO_CLI_ACCESS : FLUO_CLI_FAILED;
}

/* Control characters of the upper range and those that turn the direction of text: harmless in
 * JSON, not on a terminal. */
static gboolean
is_terminal_trouble (gunichar c)
{
  return (c >= 0x7f && c <= 0x9f) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

void
fluo_cli_print_json (const char *json, gsize length)
{
  g_autofree char *pretty = fluo_json_pretty (json, length);
  g_autoptr (GString) out = g_string_sized_new (length * 2);
  const char *done;

  if (pretty == NULL)
    return;
  /* They can only be inside strings, where an escape means the same. */
  done = pretty;
  for (const char *p = pretty; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c;

      if ((guchar) *p < 0x7f)
        continue;
      c = g_utf8_get_char (p);
      if (!is_terminal_trouble (c))
        continue;
      g_string_append_len (out, done, p - done);
      g_string_append_printf (out, "\\u%04x", c);
      done = g_utf8_next_char (p);
    }
  g_string_append (out, done);
  if (!g_str_has_suffix (out->str, "\n"))
    g_string_append_c (out, '\n');
  g_print ("%s", out->str);
}

char *
fluo_cli_dup_text (const char *text)
{
  return text != NULL && *text != '\0' ? fluo_format_untrusted (text, FLUO_CLI_TEXT_MAX)
                                       : g_strdup ("–");
}

char *
fluo_cli_dup_name (const char *name, const char *type)
{
  if (g_strcmp0 (type, "client") == 0)
    return g_strdup (_("Clients"));
  return fluo_cli_dup_text (fluo_kind_get_display_name (type, name));
}

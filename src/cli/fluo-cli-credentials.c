/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws/fluo-local-keys.h"
#include "cli/fluo-cli.h"

/* A collector that checks no signatures has no keys, but programs will not sign without any. */
#define OPEN_ACCESS_KEY FLUO_LOCAL_KEYS_PREFIX "OPENNOKEYSNEEDED"
#define OPEN_SECRET "thiscollectorchecksnosignatures"

typedef enum
{
  FORMAT_PROCESS,
  FORMAT_ENV,
  FORMAT_PROFILE,
  N_FORMATS
} Format;

static const char *const format_names[N_FORMATS] = { "process", "env", "profile" };

typedef struct
{
  char    *format_name;
  char    *role_name;
  char    *data_dir;
  Format   format;
  FluoRole role;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->format_name);
  g_free (self->role_name);
  g_free (self->data_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* When temporary keys end, as all tools of AWS write it; NULL for keys that don't. */
static char *
dup_expiration (const FluoCredentials *credentials)
{
  gint64 expires_s = fluo_credentials_get_expires (credentials);
  g_autoptr (GDateTime) time = expires_s > 0 ? g_date_time_new_from_unix_utc (expires_s) : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

/* The answer that a credential_process of the shared configuration gives. */
static void
print_process (const FluoCredentials *credentials)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *token = fluo_credentials_get_token (credentials);
  g_autofree char *expiration = dup_expiration (credentials);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Version");
  fluo_json_writer_int (&writer, 1);
  fluo_json_writer_key (&writer, "AccessKeyId");
  fluo_json_writer_string (&writer, fluo_credentials_get_access_key (credentials));
  fluo_json_writer_key (&writer, "SecretAccessKey");
  fluo_json_writer_string (&writer, fluo_credentials_get_secret (credentials));
  if (token != NULL)
    {
      fluo_json_writer_key (&writer, "SessionToken");
      fluo_json_writer_string (&writer, token);
    }
  if (expiration != NULL)
    {
      fluo_json_writer_key (&writer, "Expiration");
      fluo_json_writer_string (&writer, expiration);
    }
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

/* For "export $(…)": the shell splits at blanks, which no key has, and looks at nothing else. */
static void
print_env (const FluoCredentials *credentials, const char *region, const char *endpoint)
{
  g_autofree char *expiration = dup_expiration (credentials);

  g_print ("AWS_ACCESS_KEY_ID=%s\n", fluo_credentials_get_access_key (credentials));
  g_print ("AWS_SECRET_ACCESS_KEY=%s\n", fluo_credentials_get_secret (credentials));
  if (fluo_credentials_get_token (credentials) != NULL)
    g_print ("AWS_SESSION_TOKEN=%s\n", fluo_credentials_get_token (credentials));
  if (expiration != NULL)
    g_print ("AWS_CREDENTIAL_EXPIRATION=%s\n", expiration);
  if (region != NULL)
    g_print ("AWS_DEFAULT_REGION=%s\n", region);
  if (endpoint != NULL)
    g_print ("AWS_ENDPOINT_URL_XRAY=%s\n", endpoint);
}

/* A profile for ~/.aws/config that asks this program for the keys. */
static void
print_profile (FluoCli *self, const Options *options, const char *region, const char *endpoint)
{
  g_autofree char *found = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *program = g_shell_quote (found != NULL ? found : "fluoroscope-cli");

  g_print ("[profile fluoroscope]\nregion = %s\n", region);
  if (endpoint != NULL)
    g_print ("endpoint_url = %s\n", endpoint);
  g_print ("credential_process = %s", program);
  if (endpoint != NULL && strcmp (endpoint, FLUO_CLI_DEFAULT_ENDPOINT) != 0)
    {
      g_autofree char *quoted = g_shell_quote (endpoint);

      g_print (" --endpoint %s", quoted);
    }
  g_print (" credentials --role %s", fluo_role_get_name (options->role));
  if (options->data_dir != NULL)
    {
      g_autofree char *path = g_canonicalize_filename (options->data_dir, NULL);
      g_autofree char *quoted = g_shell_quote (path);

      g_print (" --data-dir %s", quoted);
    }
  g_print ("\n");
}

static FluoCredentials *
load (const char *directory, FluoRole role, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (directory, NULL);
  g_autofree char *path = g_build_filename (absolute, FLUO_LOCAL_KEYS_FILE_NAME, NULL);

  return fluo_local_keys_load (path, role, error);
}

/* From the directory that is named, else from the one of the collector that answers, else, while
 * none does, from the usual one. */
static FluoCredentials *
find_local (FluoCli *self, const Options *options, GError **error)
{
  const char *named = options->data_dir != NULL ? options->data_dir
                                                : g_getenv ("FLUOROSCOPE_DATA_DIR");
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "fluoroscope", NULL);
  g_autoptr (FluoCollectorStatus) status = NULL;
  g_autoptr (GError) local_error = NULL;
  FluoCredentials *credentials;
  const char *path;

  if (named != NULL && *named != '\0')
    return load (named, options->role, error);
  status = fluo_cli_get_status (self, &local_error);
  path = fluo_xray_client_get_keys_path (self->client);
  if (path != NULL)
    return fluo_local_keys_load (path, options->role, error);
  if (local_error == NULL)
    {
      g_printerr (_("Note: this collector checks no signatures; any keys will do.\n"));
      return fluo_credentials_new (OPEN_ACCESS_KEY, OPEN_SECRET, NULL, "local");
    }
  if (g_error_matches (local_error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_UNREACHABLE) &&
      (credentials = load (usual, options->role, NULL)) != NULL)
    return credentials;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static gboolean
parse (FluoCli *self, int argc, char **argv, Options *options)
{
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &options->format_name,
      N_("“process” for credential_process, “env” for export $(…), “profile” for ~/.aws/config "
          "(default: process)"),
      "process|env|profile" },
    { "role", 0, 0, G_OPTION_ARG_STRING, &options->role_name,
      N_("The local collector's keys that may only “read”, or change settings too: “full” "
          "(default: full)"),
      "read|full" },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->data_dir,
      N_("Take the keys of the collector that keeps its traces in DIR"), N_("DIR") },
    G_OPTION_ENTRY_NULL
  };

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Prints the credentials that requests are signed with."), entries,
                       FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FALSE;
  options->format = options->format_name != NULL ? N_FORMATS : FORMAT_PROCESS;
  for (guint i = 0; i < N_FORMATS && options->format == N_FORMATS; i++)
    if (strcmp (options->format_name, format_names[i]) == 0)
      options->format = (Format) i;
  options->role = FLUO_ROLE_FULL;
  if (options->format == N_FORMATS)
    fluo_cli_complain (_("--format takes “process”, “env” or “profile”."));
  else if (options->role_name != NULL && !fluo_role_from_name (options->role_name, &options->role))
    fluo_cli_complain (_("--role takes “read” or “full”."));
  else
    return TRUE;
  return FALSE;
}

int
fluo_cli_credentials (FluoCli *self, int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (FluoCredentials) credentials = NULL;
  g_autofree char *profile_region = NULL;
  g_autoptr (GError) error = NULL;
  const char *endpoint, *region;
  FluoCliExit code;

  if (!parse (self, argc, argv, &options))
    return FLUO_CLI_USAGE;
  endpoint = fluo_cli_get_endpoint (self);
  if (self->connection != NULL)
    {
      fluo_cli_complain (_("“credentials” takes --profile or --endpoint; the keys of a connection "
                           "stay in it."));
      return FLUO_CLI_USAGE;
    }
  if (fluo_cli_is_aws (self) || self->profile != NULL)
    credentials = fluo_credentials_resolve (self->profile, &profile_region, &error);
  else
    {
      code = fluo_cli_connect (self);
      if (code != FLUO_CLI_OK)
        return code;
      credentials = find_local (self, &options, &error);
    }
  if (credentials == NULL)
    return fluo_cli_report (self, error);

  region = self->region != NULL ? self->region : profile_region;
  if (region == NULL && endpoint != NULL)
    region = "us-east-1";
  if (options.format == FORMAT_PROFILE && endpoint == NULL)
    {
      fluo_cli_complain (
        _("“--format profile” is for the local collector; AWS has profiles already."));
      return FLUO_CLI_USAGE;
    }
  if (options.format == FORMAT_PROFILE)
    print_profile (self, &options, region, endpoint);
  else if (options.format == FORMAT_ENV && !self->json)
    print_env (credentials, region, endpoint);
  else
    print_process (credentials);
  return FLUO_CLI_OK;
}

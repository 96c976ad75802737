/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/fluo-cli.h"

/* The local collector does not check signatures in this version, but programs will not sign without
 * any keys. */
#define LOCAL_ACCESS_KEY "FLUOROSCOPELOCAL"
#define LOCAL_SECRET "local-collector-does-not-check-this"

/* The answer that a credential_process of the shared configuration gives. */
static void
print_process (const FluoCredentials *credentials)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *token = fluo_credentials_get_token (credentials);
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
  fluo_json_writer_end (&writer, '}');
  fluo_cli_print_json (out->str, out->len);
}

static void
print_export (const char *variable, const char *value)
{
  g_autofree char *quoted = g_shell_quote (value);

  g_print ("export %s=%s\n", variable, quoted);
}

static void
print_env (const FluoCredentials *credentials, const char *region, const char *endpoint)
{
  print_export ("AWS_ACCESS_KEY_ID", fluo_credentials_get_access_key (credentials));
  print_export ("AWS_SECRET_ACCESS_KEY", fluo_credentials_get_secret (credentials));
  if (fluo_credentials_get_token (credentials) != NULL)
    print_export ("AWS_SESSION_TOKEN", fluo_credentials_get_token (credentials));
  if (region != NULL)
    print_export ("AWS_DEFAULT_REGION", region);
  if (endpoint != NULL)
    print_export ("AWS_ENDPOINT_URL_XRAY", endpoint);
}

int
fluo_cli_credentials (FluoCli *self, int argc, char **argv)
{
  g_autofree char *format = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format,
      N_("“process” for credential_process, “env” for a shell (default: process)"), "process|env" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (FluoCredentials) credentials = NULL;
  g_autofree char *profile_region = NULL;
  g_autoptr (GError) error = NULL;
  const char *endpoint, *region;

  if (!fluo_cli_parse (self, argv[0], "",
                       N_("Prints the credentials that requests are signed with."), entries,
                       FLUO_CLI_PARSE_PLAIN, &argc, &argv, 0, 0))
    return FLUO_CLI_USAGE;
  if (format != NULL && strcmp (format, "process") != 0 && strcmp (format, "env") != 0)
    {
      fluo_cli_complain (_("--format takes “process” or “env”."));
      return FLUO_CLI_USAGE;
    }

  endpoint = fluo_cli_get_endpoint (self);
  if (fluo_cli_is_aws (self) || self->profile != NULL)
    credentials = fluo_credentials_resolve (self->profile, &profile_region, &error);
  else
    {
      credentials = fluo_credentials_new (LOCAL_ACCESS_KEY, LOCAL_SECRET, NULL, "local");
      g_printerr (
        _("Note: the local collector does not check signatures in this version; these keys open "
           "nothing else.\n"));
    }
  if (credentials == NULL)
    return fluo_cli_report (self, error);

  region = self->region != NULL ? self->region : profile_region;
  if (region == NULL && endpoint != NULL)
    region = "us-east-1";
  if (format != NULL && strcmp (format, "env") == 0 && !self->json)
    print_env (credentials, region, endpoint);
  else
    print_process (credentials);
  return FLUO_CLI_OK;
}

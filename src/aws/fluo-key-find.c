/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-key-find.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-process-keys.h"

#define CONTAINER_BASE "http://169.254.170.2"
#define METADATA_IPV4 "http://169.254.169.254"
#define METADATA_IPV6 "http://[fd00:ec2::254]"
#define METADATA_S_MAX 60
#define METADATA_ATTEMPTS_MAX 10

const char *
fluo_key_find_env (const char *name)
{
  const char *value = g_getenv (name);

  return value && *value != '\0' ? value : NULL;
}

static void G_GNUC_PRINTF (2, 3)
pass (GPtrArray *passed, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (passed, g_strdup_vprintf (format, args));
  va_end (args);
}

static gpointer G_GNUC_PRINTF (2, 3)
refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID, text);
  return NULL;
}

/* --- Keys that are there --------------------------------------------------- */

/* Both keys or an error that names what is missing, never a value. */
static FluoCredentials *
build (const char *access_key, const char *secret, const char *token, const char *source,
       const char *account, GError **error)
{
  if (!access_key || !secret)
    return refuse (error, _("%s has an access key without its other half: %s is missing"), source,
                   access_key ? _("the secret access key") : _("the access key id"));
  if (!fluo_credentials_is_key_text (access_key) || strchr (access_key, '/')
      || !fluo_credentials_is_key_text (secret)
      || (token && !fluo_credentials_is_key_text (token)))
    return refuse (error, _("%s has a key with blanks, control characters or letters outside "
                            "ASCII; copy it again"),
                   source);
  return fluo_credentials_new_full (access_key, secret, token, source, 0, account, NULL);
}

static FluoKeySource *
source_of_keys (FluoCredentialStepKind kind, const char *profile, const char *file,
                FluoCredentials *keys)
{
  FluoKeySource *source;

  if (!keys)
    return NULL;
  source = fluo_key_source_new (kind, profile);
  source->keys = keys;
  source->file = file;
  return source;
}

FluoKeySource *
fluo_key_find_environment (GPtrArray *passed, GError **error)
{
  const char *access_key = fluo_key_find_env ("AWS_ACCESS_KEY_ID");
  const char *secret = fluo_key_find_env ("AWS_SECRET_ACCESS_KEY");
  const char *token = fluo_key_find_env ("AWS_SESSION_TOKEN");

  if (!access_key && !secret)
    {
      pass (passed, _("environment: AWS_ACCESS_KEY_ID is not set"));
      return NULL;
    }
  return source_of_keys (FLUO_CREDENTIAL_STEP_ENVIRONMENT, NULL, NULL,
                         build (access_key, secret,
                                token ? token : fluo_key_find_env ("AWS_SECURITY_TOKEN"),
                                _("the environment"), fluo_key_find_env ("AWS_ACCOUNT_ID"),
                                error));
}

gboolean
fluo_key_find_has_static (const FluoAwsConfig *config, const char *profile)
{
  return fluo_aws_config_get_profile (config, profile, "aws_access_key_id")
         || fluo_aws_config_get_profile (config, profile, "aws_secret_access_key");
}

static FluoKeySource *
find_static (const FluoAwsConfig *config, FluoAwsFile file, const char *profile, GPtrArray *passed,
             GError **error)
{
  const char *names[] = { "aws_access_key_id", "aws_secret_access_key", "aws_session_token" };
  const char *values[G_N_ELEMENTS (names)];
  const char *word = file == FLUO_AWS_FILE_CONFIG ? "config" : "credentials";
  g_autofree char *where = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    values[i] = fluo_aws_config_get (config, file, FLUO_AWS_SECTION_PROFILE, profile, names[i],
                                     NULL);
  if (!values[0] && !values[1])
    {
      pass (passed, _("profile %s: no aws_access_key_id in the %s file"), profile, word);
      return NULL;
    }
  where = g_strdup_printf (_("profile \"%s\" in the %s file"), profile, word);
  return source_of_keys (
    FLUO_CREDENTIAL_STEP_KEYS, profile, word,
    build (values[0], values[1], values[2], where,
           fluo_aws_config_get_profile (config, profile, "aws_account_id"), error));
}

/* --- Web identity ---------------------------------------------------------- */

static const char *
get_either (const FluoAwsConfig *config, const char *profile, const char *variable,
            const char *key)
{
  const char *value = variable ? fluo_key_find_env (variable) : NULL;

  return value ? value : fluo_aws_config_get_profile (config, profile, key);
}

static FluoKeySource *
find_web_identity (const FluoAwsConfig *config, const char *profile, const char *region,
                   gboolean with_environment, GPtrArray *passed, GError **error)
{
  gboolean env = with_environment;
  const char *file = get_either (config, profile, env ? "AWS_WEB_IDENTITY_TOKEN_FILE" : NULL,
                                 "web_identity_token_file");
  const char *arn = get_either (config, profile, env ? "AWS_ROLE_ARN" : NULL, "role_arn");
  const char *session =
    get_either (config, profile, env ? "AWS_ROLE_SESSION_NAME" : NULL, "role_session_name");
  g_autoptr (FluoKeySource) source = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!file)
    {
      pass (passed, _("profile %s: no web_identity_token_file"), profile);
      return NULL;
    }
  if (!arn)
    return refuse (error, _("profile \"%s\" has a web identity token and no role_arn to use it "
                            "for"),
                   profile);
  if (!fluo_aws_role_arn_check (arn, error))
    {
      g_prefix_error (error, "profile \"%s\": ", profile);
      return NULL;
    }
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_WEB_IDENTITY, profile);
  source->role = fluo_aws_role_new (arn);
  source->role->session_name = g_strdup (session);
  source->token_file = file[0] == '~' && file[1] == '/'
                         ? g_build_filename (g_get_home_dir (), file + 2, NULL)
                         : g_strdup (file);
  source->endpoint =
    fluo_endpoint_resolve_sts (profile, region, &source->endpoint_region, &local_error);
  if (!source->endpoint)
    return refuse (error, "%s", local_error->message);
  return g_steal_pointer (&source);
}

/* --- IAM Identity Center --------------------------------------------------- */

/* The session's word, or the profile's own when there is no session. Both may say it, but not
 * differently. */
static gboolean
read_sso_key (const FluoAwsConfig *config, const char *profile, const char *session,
              const char *key, const char **ret_value, GError **error)
{
  const char *own = fluo_aws_config_get_profile (config, profile, key);
  const char *value = session ? fluo_aws_config_get (config, FLUO_AWS_FILE_CONFIG,
                                                     FLUO_AWS_SECTION_SSO_SESSION, session, key,
                                                     NULL)
                              : own;

  if (session && own && value && strcmp (own, value) != 0)
    refuse (error, _("profile \"%s\" and its SSO session \"%s\" have different values of %s"),
            profile, session, key);
  else if (!value && session)
    refuse (error, _("the SSO session \"%s\" of profile \"%s\" has no %s"), session, profile, key);
  else if (!value)
    refuse (error, _("profile \"%s\" uses IAM Identity Center and has no %s"), profile, key);
  else
    {
      *ret_value = value;
      return TRUE;
    }
  return FALSE;
}

static FluoKeySource *
find_sso (const FluoAwsConfig *config, const char *profile, GPtrArray *passed, GError **error)
{
  const char *account = fluo_aws_config_get_profile (config, profile, "sso_account_id");
  const char *role = fluo_aws_config_get_profile (config, profile, "sso_role_name");
  const char *session = fluo_aws_config_get_profile (config, profile, "sso_session");
  const char *url = NULL, *region = NULL, *scopes = NULL;
  g_autoptr (FluoKeySource) source = NULL;

  if (!account && !role)
    {
      pass (passed, session || fluo_aws_config_get_profile (config, profile, "sso_start_url")
                      ? _("profile %s: single sign-on without an account and a role; choose them")
                      : _("profile %s: no sso_account_id"),
            profile);
      return NULL;
    }
  if (!account || !role)
    return refuse (error, _("profile \"%s\" uses IAM Identity Center and has no %s"), profile,
                   account ? "sso_role_name" : "sso_account_id");
  if (!fluo_aws_account_is_valid (account))
    return refuse (error, _("profile \"%s\" has a malformed sso_account_id; expected twelve "
                            "digits"),
                   profile);
  if (session
      && !fluo_aws_config_has_section (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SSO_SESSION,
                                       session))
    return refuse (error, _("profile \"%s\" names the section [sso-session %s], which the config "
                            "file doesn't have"),
                   profile, session);
  if (!read_sso_key (config, profile, session, "sso_start_url", &url, error)
      || !read_sso_key (config, profile, session, "sso_region", &region, error))
    return NULL;
  if (session)
    scopes = fluo_aws_config_get (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SSO_SESSION,
                                  session, "sso_registration_scopes", NULL);
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_SSO, profile);
  source->sso = fluo_sso_session_new (session, url, region, scopes, profile, error);
  if (!source->sso)
    {
      g_prefix_error (error, "profile \"%s\": ", profile);
      return NULL;
    }
  source->sso_account = g_strdup (account);
  source->sso_role = g_strdup (role);
  return g_steal_pointer (&source);
}

/* --- "aws login", programs --------------------------------------------------- */

static FluoKeySource *
find_login (const FluoAwsConfig *config, const char *profile, const char *region,
            GPtrArray *passed, GError **error)
{
  const char *session = fluo_aws_config_get_profile (config, profile, "login_session");
  g_autoptr (FluoKeySource) source = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!session)
    {
      pass (passed, _("profile %s: no login_session"), profile);
      return NULL;
    }
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_LOGIN, profile);
  source->login_session = g_strdup (session);
  source->endpoint = fluo_endpoint_resolve_service (FLUO_AWS_SIGNIN, profile,
                                                    region ? region : "us-east-1", NULL,
                                                    &local_error);
  if (!source->endpoint)
    return refuse (error, "%s", local_error->message);
  return g_steal_pointer (&source);
}

static FluoKeySource *
find_process (const FluoAwsConfig *config, const char *profile, GPtrArray *passed, GError **error)
{
  const char *command = fluo_aws_config_get_profile (config, profile, "credential_process");
  FluoKeySource *source;
  char **argv;

  if (!command)
    {
      pass (passed, _("profile %s: no credential_process"), profile);
      return NULL;
    }
  argv = fluo_process_keys_split (command, error);
  if (!argv)
    {
      g_prefix_error (error, "profile \"%s\": ", profile);
      return NULL;
    }
  g_strfreev (argv);
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_PROCESS, profile);
  source->command = g_strdup (command);
  source->account = g_strdup (fluo_aws_config_get_profile (config, profile, "aws_account_id"));
  return source;
}

FluoKeySource *
fluo_key_find_profile (const FluoAwsConfig *config, const char *profile, const char *region,
                       gboolean with_environment, GPtrArray *passed, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  FluoKeySource *source =
    find_web_identity (config, profile, region, with_environment, passed, &local_error);

  if (!source && !local_error)
    source = find_sso (config, profile, passed, &local_error);
  if (!source && !local_error)
    source = find_static (config, FLUO_AWS_FILE_CREDENTIALS, profile, passed, &local_error);
  if (!source && !local_error)
    source = find_login (config, profile, region, passed, &local_error);
  if (!source && !local_error)
    source = find_process (config, profile, passed, &local_error);
  if (!source && !local_error)
    source = find_static (config, FLUO_AWS_FILE_CONFIG, profile, passed, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return source;
}

/* --- Machines ---------------------------------------------------------------- */

FluoKeySource *
fluo_key_find_container (GPtrArray *passed, GError **error)
{
  const char *relative = fluo_key_find_env ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const char *full = fluo_key_find_env ("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  g_autofree char *url = relative ? g_strconcat (CONTAINER_BASE, relative, NULL) : g_strdup (full);
  FluoKeySource *source;

  if (!url)
    {
      pass (passed, _("container: AWS_CONTAINER_CREDENTIALS_FULL_URI is not set"));
      return NULL;
    }
  if (relative && relative[0] != '/')
    return refuse (error, _("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path"));
  if (!fluo_container_url_check (url, error))
    return NULL;
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_CONTAINER, NULL);
  source->url = g_steal_pointer (&url);
  source->token = g_strdup (fluo_key_find_env ("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  source->token_file = g_strdup (fluo_key_find_env ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
  return source;
}

static guint
read_number (const char *variable, const FluoAwsConfig *config, const char *profile,
             const char *key, guint max)
{
  const char *text = get_either (config, profile, variable, key);
  guint64 value;

  if (!text || !g_ascii_string_to_unsigned (text, 10, 1, max, &value, NULL))
    return 1;
  return (guint) value;
}

FluoKeySource *
fluo_key_find_machine (const FluoAwsConfig *config, const char *profile, gboolean chosen,
                       GPtrArray *passed, GError **error)
{
  const char *disabled = fluo_key_find_env ("AWS_EC2_METADATA_DISABLED");
  const char *url = get_either (config, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                "ec2_metadata_service_endpoint");
  const char *mode = get_either (config, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                 "ec2_metadata_service_endpoint_mode");
  g_autoptr (FluoKeySource) source = NULL;
  g_autoptr (GError) local_error = NULL;

  if (disabled && g_ascii_strcasecmp (disabled, "true") == 0)
    {
      pass (passed, _("instance metadata: switched off by AWS_EC2_METADATA_DISABLED"));
      return NULL;
    }
  if (!chosen && !(disabled && g_ascii_strcasecmp (disabled, "false") == 0))
    {
      pass (passed, _("instance metadata: not chosen"));
      return NULL;
    }
  if (!url)
    url = mode && g_ascii_strcasecmp (mode, "IPv6") == 0 ? METADATA_IPV6 : METADATA_IPV4;
  source = fluo_key_source_new (FLUO_CREDENTIAL_STEP_MACHINE, NULL);
  source->machine.endpoint = fluo_endpoint_normalize (url, &local_error);
  if (!source->machine.endpoint)
    return refuse (error, _("the instance metadata service: %s"), local_error->message);
  source->machine.timeout_ms = 1000
                               * read_number ("AWS_METADATA_SERVICE_TIMEOUT", config, profile,
                                              "metadata_service_timeout", METADATA_S_MAX);
  source->machine.attempts =
    read_number ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", config, profile,
                 "metadata_service_num_attempts", METADATA_ATTEMPTS_MAX);
  return g_steal_pointer (&source);
}

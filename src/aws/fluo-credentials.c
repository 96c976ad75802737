/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-credentials.h"

#include <string.h>

#include "aws/fluo-aws-config.h"

struct _FluoCredentials
{
  gatomicrefcount ref_count;
  char           *access_key;
  char           *secret;
  char           *token;
  char           *source;
};

/* What configures a profile in a way other than static keys. The order is the AWS tools' own: those
 * before the keys of the credentials file win over them, those after win over the keys of the
 * config file. */
typedef struct
{
  const char *key;
  const char *kind;
  gboolean    before_static;
} ForeignKind;

static const ForeignKind foreign_kinds[] = {
  { "web_identity_token_file", "a web identity (web_identity_token_file)", TRUE },
  { "role_arn", "an assumed role (role_arn)", TRUE },
  { "sso_account_id", "IAM Identity Center (sso_account_id)", TRUE },
  { "sso_role_name", "IAM Identity Center (sso_role_name)", TRUE },
  { "login_session", "\"aws login\" (login_session)", FALSE },
  { "credential_process", "an external program (credential_process)", FALSE },
};

G_DEFINE_BOXED_TYPE (FluoCredentials, fluo_credentials, fluo_credentials_ref,
                     fluo_credentials_unref)
G_DEFINE_QUARK (fluo-credentials-error-quark, fluo_credentials_error)

static void
wipe (char *secret)
{
  if (!secret)
    return;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

FluoCredentials *
fluo_credentials_new (const char *access_key_id, const char *secret, const char *token,
                      const char *source)
{
  FluoCredentials *self;

  g_return_val_if_fail (access_key_id != NULL && secret != NULL, NULL);

  self = g_new0 (FluoCredentials, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->access_key = g_strdup (access_key_id);
  self->secret = g_strdup (secret);
  self->token = token && *token != '\0' ? g_strdup (token) : NULL;
  self->source = g_strdup (source ? source : "");
  return self;
}

FluoCredentials *
fluo_credentials_ref (FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_credentials_unref (FluoCredentials *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->access_key);
  wipe (self->secret);
  wipe (self->token);
  g_free (self->source);
  g_free (self);
}

const char *
fluo_credentials_get_access_key (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->access_key;
}

const char *
fluo_credentials_get_secret (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->secret;
}

const char *
fluo_credentials_get_token (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->token;
}

const char *
fluo_credentials_get_source (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->source;
}

static const char *
get_env (const char *name)
{
  const char *value = g_getenv (name);

  return value && *value != '\0' ? value : NULL;
}

/* A key goes into a header: a control character in it would begin another one. */
static gboolean
is_header_text (const char *text)
{
  for (const char *p = text; *p; p++)
    if (*p <= ' ' || *p > '~')
      return FALSE;
  return TRUE;
}

/* Both keys or an error that names what is missing, never a value. */
static FluoCredentials *
build (const char *access_key, const char *secret, const char *token, const char *source,
       GError **error)
{
  if (!access_key || !secret)
    g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                 "%s has an access key without its other half: %s is missing", source,
                 access_key ? "the secret access key" : "the access key id");
  else if (!is_header_text (access_key) || strchr (access_key, '/') || !is_header_text (secret)
           || (token && !is_header_text (token)))
    g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                 "%s has a key with blanks, control characters or letters outside ASCII; copy it "
                 "again",
                 source);
  else
    return fluo_credentials_new (access_key, secret, token, source);
  return NULL;
}

static FluoAwsConfig *
load_config (GError **error)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();

  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_autofree char *path = fluo_aws_config_dup_path (file);
      g_autoptr (GError) local_error = NULL;

      if (!fluo_aws_config_load (config, file, path, &local_error))
        {
          g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                               local_error->message);
          return NULL;
        }
    }
  return g_steal_pointer (&config);
}

static char *
describe_profiles (const FluoAwsConfig *config)
{
  g_auto (GStrv) names = fluo_aws_config_dup_profiles (config);
  g_autofree char *list = g_strjoinv ("\", \"", names);

  return names[0] ? g_strdup_printf ("there are \"%s\"", list)
                  : g_strdup ("there are no profiles yet");
}

static gboolean
check_foreign (const FluoAwsConfig *config, const char *profile, gboolean before_static,
               GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_kinds); i++)
    if (foreign_kinds[i].before_static == before_static
        && fluo_aws_config_get_profile (config, profile, foreign_kinds[i].key))
      {
        g_autofree char *quoted = g_shell_quote (profile);

        g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                     "profile \"%s\" gets its keys from %s, which this version doesn't support; "
                     "run "
                     "\"aws configure export-credentials --profile %s --format env\" and set the "
                     "variables it prints",
                     profile, foreign_kinds[i].kind, quoted);
        return FALSE;
      }
  return TRUE;
}

/* NULL without @error when the file has no key for the profile. */
static FluoCredentials *
take_static (const FluoAwsConfig *config, FluoAwsFile file, const char *profile, GError **error)
{
  const char *names[] = { "aws_access_key_id", "aws_secret_access_key", "aws_session_token" };
  const char *values[G_N_ELEMENTS (names)];
  g_autofree char *source = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    values[i] = fluo_aws_config_get (config, file, FLUO_AWS_SECTION_PROFILE, profile, names[i],
                                     NULL);
  if (!values[0] && !values[1])
    return NULL;
  source = g_strdup_printf ("profile \"%s\" in the %s file", profile,
                            file == FLUO_AWS_FILE_CONFIG ? "config" : "credentials");
  return build (values[0], values[1], values[2], source, error);
}

static FluoCredentials *
take_profile (const FluoAwsConfig *config, const char *profile, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  FluoCredentials *found;

  if (!check_foreign (config, profile, TRUE, error))
    return NULL;
  found = take_static (config, FLUO_AWS_FILE_CREDENTIALS, profile, &local_error);
  if (!found && !local_error && check_foreign (config, profile, FALSE, &local_error))
    found = take_static (config, FLUO_AWS_FILE_CONFIG, profile, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return found;
}

/* NULL without @error when neither key is set. */
static FluoCredentials *
take_environment (GError **error)
{
  const char *access_key = get_env ("AWS_ACCESS_KEY_ID"),
             *secret = get_env ("AWS_SECRET_ACCESS_KEY");
  const char *token = get_env ("AWS_SESSION_TOKEN");

  if (!access_key && !secret)
    return NULL;
  return build (access_key, secret, token ? token : get_env ("AWS_SECURITY_TOKEN"),
                "the environment", error);
}

static char *
find_region (const FluoAwsConfig *config, const char *profile)
{
  const char *region = get_env ("AWS_REGION");

  if (!region)
    region = get_env ("AWS_DEFAULT_REGION");
  if (!region && config)
    region = fluo_aws_config_get_profile (config, profile, "region");
  return g_strdup (region);
}

static void
set_none_error (const char *profile, GError **error)
{
  g_autofree char *config_path = fluo_aws_config_dup_path (FLUO_AWS_FILE_CONFIG);
  g_autofree char *credentials_path = fluo_aws_config_dup_path (FLUO_AWS_FILE_CREDENTIALS);

  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_NONE,
               "no AWS credentials: AWS_ACCESS_KEY_ID is not set, and profile \"%s\" has no keys "
               "in \"%s\" or \"%s\"; run "
               "\"aws configure\" or choose another profile",
               profile, credentials_path, config_path);
}

FluoCredentials *
fluo_credentials_resolve (const char *profile, char **ret_region, GError **error)
{
  g_autoptr (FluoAwsConfig) config = NULL;
  g_autoptr (FluoCredentials) found = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean named = profile && *profile != '\0';
  gboolean chosen = named;

  if (!named)
    {
      found = take_environment (&local_error);
      chosen = (profile = get_env ("AWS_PROFILE")) || (profile = get_env ("AWS_DEFAULT_PROFILE"));
      if (!chosen)
        profile = "default";
    }
  if (!local_error)
    {
      /* With keys from the environment the files only add a region: a broken one stops nothing. */
      config = load_config (found ? NULL : &local_error);
    }
  if (config && !found)
    {
      if (chosen && strcmp (profile, "default") != 0
          && !fluo_aws_config_has_profile (config, profile))
        {
          g_autofree char *others = describe_profiles (config);

          g_set_error (&local_error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_PROFILE,
                       "there is no AWS profile \"%s\"; %s", profile, others);
        }
      else
        found = take_profile (config, profile, &local_error);
    }
  if (!found)
    {
      if (!local_error)
        set_none_error (profile, &local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (ret_region)
    *ret_region = find_region (config, profile);
  return g_steal_pointer (&found);
}

char **
fluo_credentials_list_profiles (void)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();

  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_autofree char *path = fluo_aws_config_dup_path (file);

      /* What can't be read has no profiles to show; resolving one of them says why. */
      fluo_aws_config_load (config, file, path, NULL);
    }
  return fluo_aws_config_dup_profiles (config);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-credential-plan.h"

#include <string.h>

#include "aws/fluo-aws-config.h"
#include "aws/fluo-endpoint.h"

#define ROLES_MAX 10 /* longer chains are mistakes; the message shows the way */

/* What STS takes. */
#define ARN_LEN_MIN 20
#define ARN_LEN_MAX 2048
#define EXTERNAL_ID_LEN_MIN 2
#define EXTERNAL_ID_LEN_MAX 1224
#define SESSION_NAME_LEN_MIN 2
#define SESSION_NAME_LEN_MAX 64
#define DURATION_S_MIN 900
#define DURATION_S_MAX 43200

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
  { "sso_account_id", "IAM Identity Center (sso_account_id)", TRUE },
  { "sso_role_name", "IAM Identity Center (sso_role_name)", TRUE },
  { "login_session", "\"aws login\" (login_session)", FALSE },
  { "credential_process", "an external program (credential_process)", FALSE },
};

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

static void
set_unsupported (const char *profile, const char *kind, GError **error)
{
  g_autofree char *quoted = g_shell_quote (profile);

  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               "profile \"%s\" gets its keys from %s, which this version doesn't support; run "
               "\"aws configure export-credentials --profile %s --format env\" and set the "
               "variables it prints",
               profile, kind, quoted);
}

static gboolean
check_foreign (const FluoAwsConfig *config, const char *profile, gboolean before_static,
               GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_kinds); i++)
    if (foreign_kinds[i].before_static == before_static
        && fluo_aws_config_get_profile (config, profile, foreign_kinds[i].key))
      {
        set_unsupported (profile, foreign_kinds[i].kind, error);
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

/* --- Roles -------------------------------------------------------------- */

void
fluo_aws_role_free (FluoAwsRole *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->arn);
  g_free (self->session_name);
  g_free (self->external_id);
  g_free (self->profile);
  g_free (self);
}

/* The text goes into a form, so only its length and control characters matter; who may assume what
 * is the service's to say. */
static gboolean
has_bounds (const char *text, gsize min, gsize max)
{
  gsize length = strlen (text);

  return length >= min && length <= max && is_header_text (text);
}

gboolean
fluo_aws_role_arn_check (const char *arn, GError **error)
{
  if (has_bounds (arn, ARN_LEN_MIN, ARN_LEN_MAX) && g_str_has_prefix (arn, "arn:"))
    return TRUE;
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                       "the role is malformed; expected its ARN, such as "
                       "\"arn:aws:iam::111122223333:role/traces\"");
  return FALSE;
}

static gboolean
refuse_key (const char *profile, const char *key, const char *expected, GError **error)
{
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               "profile \"%s\" has a malformed %s; expected %s", profile, key, expected);
  return FALSE;
}

static gboolean
read_duration (const char *profile, const char *text, guint *ret_s, GError **error)
{
  guint64 value;

  if (!text)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, DURATION_S_MIN, DURATION_S_MAX, &value, NULL))
    return refuse_key (profile, "duration_seconds", "a number from 900 to 43200", error);
  *ret_s = (guint) value;
  return TRUE;
}

/* What the profile says of its role. NULL with @error. */
static FluoAwsRole *
read_role (const FluoAwsConfig *config, const char *profile, GError **error)
{
  const char *arn = fluo_aws_config_get_profile (config, profile, "role_arn");
  const char *session = fluo_aws_config_get_profile (config, profile, "role_session_name");
  const char *external_id = fluo_aws_config_get_profile (config, profile, "external_id");
  const char *duration = fluo_aws_config_get_profile (config, profile, "duration_seconds");
  FluoAwsRole *role;
  guint duration_s = 0;

  if (!fluo_aws_role_arn_check (arn, error))
    {
      g_prefix_error (error, "profile \"%s\": ", profile);
      return NULL;
    }
  if (fluo_aws_config_get_profile (config, profile, "mfa_serial"))
    {
      set_unsupported (profile, "a role that needs a one-time code (mfa_serial)", error);
      return NULL;
    }
  if (external_id && !has_bounds (external_id, EXTERNAL_ID_LEN_MIN, EXTERNAL_ID_LEN_MAX)
      && !refuse_key (profile, "external_id", "2 to 1224 characters", error))
    return NULL;
  if (session && !has_bounds (session, SESSION_NAME_LEN_MIN, SESSION_NAME_LEN_MAX)
      && !refuse_key (profile, "role_session_name", "2 to 64 letters, digits and =,.@-", error))
    return NULL;
  if (!read_duration (profile, duration, &duration_s, error))
    return NULL;

  role = g_new0 (FluoAwsRole, 1);
  role->arn = g_strdup (arn);
  role->session_name = g_strdup (session);
  role->external_id = g_strdup (external_id);
  role->duration_s = duration_s;
  role->profile = g_strdup (profile);
  return role;
}

/* The way from the profile that was asked for to its keys. */
typedef struct
{
  const FluoAwsConfig *config;
  GPtrArray           *roles; /* FluoAwsRole, the outermost first */
  GPtrArray           *names; /* const char *: profiles passed, to show and to see a circle */
} Way;

static char *
describe_way (const Way *way, const char *last)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < way->names->len; i++)
    g_string_append_printf (text, "%s → ", (const char *) way->names->pdata[i]);
  g_string_append (text, last);
  return g_string_free (text, FALSE);
}

/* Whether @name can follow. A profile may name itself when it has keys of its own, which are then
 * the source; nobody else may come twice. */
static gboolean
check_step (const Way *way, const char *name, GError **error)
{
  g_autofree char *path = NULL;

  if (!fluo_aws_config_has_profile (way->config, name))
    {
      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_PROFILE,
                   "profile \"%s\" names the source_profile \"%s\", which there isn't",
                   (const char *) way->names->pdata[way->names->len - 1], name);
      return FALSE;
    }
  if (way->names->len < ROLES_MAX
      && !g_ptr_array_find_with_equal_func (way->names, name, g_str_equal, NULL))
    return TRUE;
  path = describe_way (way, name);
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               way->names->len < ROLES_MAX ? "the profiles go round in a circle: %s"
                                           : "too many roles after each other: %s",
               path);
  return FALSE;
}

/* Either key pair of the files: as a source, they win over whatever else the profile has. */
static FluoCredentials *
take_keys (const FluoAwsConfig *config, const char *profile, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  FluoCredentials *found = take_static (config, FLUO_AWS_FILE_CREDENTIALS, profile, &local_error);

  if (!found && !local_error)
    found = take_static (config, FLUO_AWS_FILE_CONFIG, profile, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return found;
}

/* What credential_source names. Keys that a machine gives out are not looked for on a desktop. */
static FluoCredentials *
take_named_source (const char *profile, const char *source, GError **error)
{
  g_autofree char *kind = NULL;
  FluoCredentials *found;

  if (g_ascii_strcasecmp (source, "Environment") == 0)
    {
      g_autoptr (GError) local_error = NULL;

      found = take_environment (&local_error);
      if (local_error)
        g_propagate_error (error, g_steal_pointer (&local_error));
      else if (!found)
        g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                     "profile \"%s\" takes its keys from the environment, and AWS_ACCESS_KEY_ID is "
                     "not set",
                     profile);
      return found;
    }
  kind = g_strdup_printf ("a machine's own credentials (credential_source = %s)",
                          g_ascii_strcasecmp (source, "EcsContainer") == 0 ? "EcsContainer"
                          : g_ascii_strcasecmp (source, "Ec2InstanceMetadata") == 0
                            ? "Ec2InstanceMetadata"
                            : "?");
  set_unsupported (profile, kind, error);
  return NULL;
}

/* Keys of a profile that is no role. NULL without @error when there are none. */
static FluoCredentials *
take_plain (const FluoAwsConfig *config, const char *profile, GError **error)
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

static void
set_sourceless_error (const char *profile, gboolean both, GError **error)
{
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               both ? "profile \"%s\" has both source_profile and credential_source; leave one out"
                    : "profile \"%s\" has a role_arn and no source_profile that may assume it",
               profile);
}

/* From @profile through source_profile to the keys. NULL without @error when a profile without a
 * role has none. */
static FluoCredentials *
walk (Way *way, const char *profile, GError **error)
{
  const FluoAwsConfig *config = way->config;

  while (!fluo_aws_config_get_profile (config, profile, "web_identity_token_file")
         && fluo_aws_config_get_profile (config, profile, "role_arn"))
    {
      const char *next = fluo_aws_config_get_profile (config, profile, "source_profile");
      const char *source = fluo_aws_config_get_profile (config, profile, "credential_source");
      g_autoptr (GError) local_error = NULL;
      FluoAwsRole *role = read_role (config, profile, error);
      FluoCredentials *found;

      if (!role)
        return NULL;
      g_ptr_array_add (way->roles, role);
      g_ptr_array_add (way->names, (gpointer) profile);
      if (!next == !source)
        {
          set_sourceless_error (profile, next != NULL, error);
          return NULL;
        }
      if (source)
        return take_named_source (profile, source, error);
      if (strcmp (next, profile) != 0 && !check_step (way, next, error))
        return NULL;
      found = take_keys (config, next, &local_error);
      if (local_error)
        g_propagate_error (error, g_steal_pointer (&local_error));
      if (found || (error && *error))
        return found;
      if (strcmp (next, profile) == 0 && !check_step (way, next, error))
        return NULL;
      profile = next;
    }
  return take_plain (config, profile, error);
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

/* --- The plan ----------------------------------------------------------- */

void
fluo_credential_plan_free (FluoCredentialPlan *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->source, fluo_credentials_unref);
  g_ptr_array_unref (self->roles);
  g_free (self->region);
  g_free (self->sts);
  g_free (self->sts_region);
  g_free (self);
}

/* Keys and roles of a profile. FALSE with @error. */
static gboolean
take_profile (FluoCredentialPlan *self, const FluoAwsConfig *config, const char *profile,
              gboolean chosen, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) outermost_first = g_ptr_array_new ();
  g_autoptr (GError) local_error = NULL;
  Way way = { config, outermost_first, names };

  if (chosen && strcmp (profile, "default") != 0 && !fluo_aws_config_has_profile (config, profile))
    {
      g_autofree char *others = describe_profiles (config);

      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_PROFILE,
                   "there is no AWS profile \"%s\"; %s", profile, others);
      return FALSE;
    }
  self->source = walk (&way, profile, &local_error);
  for (guint i = outermost_first->len; i > 0; i--)
    g_ptr_array_add (self->roles, outermost_first->pdata[i - 1]);
  if (!self->source && !local_error)
    set_none_error (names->len > 0 ? fluo_aws_config_get_profile (
                                       config, names->pdata[names->len - 1], "source_profile")
                                   : profile,
                    &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return self->source != NULL;
}

FluoCredentialPlan *
fluo_credential_plan_new (const char *profile, const char *role_arn, const char *region,
                          GError **error)
{
  g_autoptr (FluoCredentialPlan) self = g_new0 (FluoCredentialPlan, 1);
  g_autoptr (FluoAwsConfig) config = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean named = profile && *profile != '\0';
  gboolean chosen = named;

  self->roles = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_aws_role_free);
  if (role_arn && !fluo_aws_role_arn_check (role_arn, error))
    return NULL;
  if (!named)
    {
      self->source = take_environment (&local_error);
      chosen = (profile = get_env ("AWS_PROFILE")) || (profile = get_env ("AWS_DEFAULT_PROFILE"));
      if (!chosen)
        profile = "default";
    }
  /* With keys from the environment the files only add a region: a broken one stops nothing. */
  if (!local_error)
    config = load_config (self->source ? NULL : &local_error);
  if (!local_error && !self->source)
    take_profile (self, config, profile, chosen, &local_error);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  self->region = find_region (config, profile);
  if (role_arn)
    {
      FluoAwsRole *role = g_new0 (FluoAwsRole, 1);

      role->arn = g_strdup (role_arn);
      g_ptr_array_add (self->roles, role);
    }
  if (self->roles->len > 0)
    {
      self->sts = fluo_endpoint_resolve_sts (profile, self->region ? self->region : region,
                                             &self->sts_region, error);
      if (!self->sts)
        return NULL;
    }
  return g_steal_pointer (&self);
}

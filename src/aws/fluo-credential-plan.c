/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-credential-plan.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-key-find.h"

#define ROLES_MAX 10 /* longer chains are mistakes; the message shows the way */

FluoCredentialQuestion *
fluo_credential_question_copy (const FluoCredentialQuestion *self)
{
  FluoCredentialQuestion *copy = g_new0 (FluoCredentialQuestion, 1);

  copy->profile = g_strdup (self->profile);
  copy->role_arn = g_strdup (self->role_arn);
  copy->region = g_strdup (self->region);
  copy->use_machine = self->use_machine;
  copy->keys = self->keys ? fluo_credentials_ref (self->keys) : NULL;
  copy->sso = self->sso ? fluo_sso_session_copy (self->sso) : NULL;
  copy->sso_account = g_strdup (self->sso_account);
  copy->sso_role = g_strdup (self->sso_role);
  return copy;
}

void
fluo_credential_question_free (FluoCredentialQuestion *self)
{
  g_return_if_fail (self != NULL);

  g_free ((char *) self->profile);
  g_free ((char *) self->role_arn);
  g_free ((char *) self->region);
  g_clear_pointer (&self->keys, fluo_credentials_unref);
  if (self->sso)
    fluo_sso_session_free ((FluoSsoSession *) self->sso);
  g_free ((char *) self->sso_account);
  g_free ((char *) self->sso_role);
  g_free (self);
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

  return names[0] ? g_strdup_printf (_("there are \"%s\""), list)
                  : g_strdup (_("there are no profiles yet"));
}

/* --- The way from the profile that was asked for to its keys ---------------- */

typedef struct
{
  const FluoAwsConfig *config;
  const char          *region; /* of services that give keys, or NULL */
  gboolean             with_environment;
  GPtrArray           *roles;  /* FluoAwsRole, the outermost first */
  GPtrArray           *names;  /* char *: profiles passed, to show and to see a circle */
  GPtrArray           *passed;
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
  const char *last = way->names->pdata[way->names->len - 1];
  g_autofree char *path = NULL;

  if (!fluo_aws_config_has_profile (way->config, name))
    {
      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_PROFILE,
                   _("profile \"%s\" names the source_profile \"%s\", which there isn't"),
                   last, name);
      return FALSE;
    }
  if (strcmp (name, last) == 0 && fluo_key_find_has_static (way->config, name))
    return TRUE;
  if (way->names->len < ROLES_MAX
      && !g_ptr_array_find_with_equal_func (way->names, name, g_str_equal, NULL))
    return TRUE;
  path = describe_way (way, name);
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               way->names->len < ROLES_MAX ? _("the profiles go round in a circle: %s")
                                           : _("too many roles after each other: %s"),
               path);
  return FALSE;
}

/* What credential_source names. */
static FluoKeySource *
find_named_source (const Way *way, const char *profile, const char *name, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  FluoKeySource *source = NULL;
  const char *missing;

  if (g_ascii_strcasecmp (name, "Environment") == 0)
    {
      source = fluo_key_find_environment (way->passed, &local_error);
      missing = _("the environment, and AWS_ACCESS_KEY_ID is not set");
    }
  else if (g_ascii_strcasecmp (name, "EcsContainer") == 0)
    {
      source = fluo_key_find_container (way->passed, &local_error);
      missing = _("a container's endpoint, and AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
    }
  else if (g_ascii_strcasecmp (name, "Ec2InstanceMetadata") == 0)
    {
      source = fluo_key_find_machine (way->config, profile, TRUE, way->passed, &local_error);
      missing = _("the instance's metadata, which AWS_EC2_METADATA_DISABLED switches off");
    }
  else
    missing = _("a credential_source that there isn't; expected Environment, EcsContainer or "
                "Ec2InstanceMetadata");
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (!source)
    g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                 _("profile \"%s\" takes its keys from %s"), profile, missing);
  return source;
}

static gboolean
is_role (const FluoAwsConfig *config, const char *profile)
{
  return fluo_aws_config_get_profile (config, profile, "role_arn")
         && !fluo_aws_config_get_profile (config, profile, "web_identity_token_file");
}

static FluoKeySource *
refuse_source (const char *profile, gboolean both, GError **error)
{
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               both ? _("profile \"%s\" has both source_profile and credential_source; leave one "
                        "out")
                    : _("profile \"%s\" has a role_arn and no source_profile that may assume it"),
               profile);
  return NULL;
}

/* From @profile through source_profile to the keys. NULL without @error when there are none at the
 * end; @ret_last is where that is. */
static FluoKeySource *
walk (Way *way, const char *profile, const char **ret_last, GError **error)
{
  const FluoAwsConfig *config = way->config;
  gboolean with_environment = way->with_environment;

  *ret_last = profile;
  g_ptr_array_add (way->names, g_strdup (profile));
  while (is_role (config, profile))
    {
      const char *next = fluo_aws_config_get_profile (config, profile, "source_profile");
      const char *named = fluo_aws_config_get_profile (config, profile, "credential_source");
      FluoAwsRole *role = fluo_aws_role_read (config, profile, error);

      if (!role)
        return NULL;
      g_ptr_array_add (way->roles, role);
      if (!next == !named)
        return refuse_source (profile, next != NULL, error);
      if (named)
        return find_named_source (way, profile, named, error);
      if (!check_step (way, next, error))
        return NULL;
      if (strcmp (next, profile) != 0)
        g_ptr_array_add (way->names, g_strdup (next));
      with_environment = FALSE;
      profile = *ret_last = next;
      /* A source with keys of its own is no role. */
      if (fluo_key_find_has_static (config, next))
        break;
    }
  return fluo_key_find_profile (config, profile, way->region, with_environment, way->passed, error);
}

/* --- Saying what there isn't ------------------------------------------------- */

static char *
find_region (const FluoAwsConfig *config, const char *profile)
{
  const char *region = fluo_key_find_env ("AWS_REGION");

  if (!region)
    region = fluo_key_find_env ("AWS_DEFAULT_REGION");
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
               _("no AWS credentials: AWS_ACCESS_KEY_ID is not set, and profile \"%s\" has no "
                 "keys in \"%s\" or \"%s\"; run \"aws configure\" or choose another profile"),
               profile, credentials_path, config_path);
}

/* --- The plan ----------------------------------------------------------------- */

void
fluo_credential_plan_free (FluoCredentialPlan *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->source, fluo_key_source_free);
  g_ptr_array_unref (self->roles);
  g_ptr_array_unref (self->profiles);
  g_ptr_array_unref (self->passed);
  g_free (self->region);
  g_free (self->sts);
  g_free (self->sts_region);
  g_free (self);
}

/* Keys and roles of a profile. */
static gboolean
take_profile (FluoCredentialPlan *self, const FluoCredentialQuestion *question,
              const FluoAwsConfig *config, const char *profile, gboolean chosen, GError **error)
{
  gboolean named = question->profile && *question->profile != '\0';
  g_autoptr (GPtrArray) outermost_first = g_ptr_array_new ();
  g_autoptr (GError) local_error = NULL;
  const char *last;
  Way way = { config,          self->region ? self->region : question->region,
              !named,          outermost_first,
              self->profiles,  self->passed };

  if (chosen && strcmp (profile, "default") != 0 && !fluo_aws_config_has_profile (config, profile))
    {
      g_autofree char *others = describe_profiles (config);

      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_PROFILE,
                   _("there is no AWS profile \"%s\"; %s"), profile, others);
      return FALSE;
    }
  self->source = walk (&way, profile, &last, &local_error);
  for (guint i = outermost_first->len; i > 0; i--)
    g_ptr_array_add (self->roles, outermost_first->pdata[i - 1]);
  if (!self->source && !local_error && self->roles->len == 0)
    self->source = fluo_key_find_container (self->passed, &local_error);
  if (!self->source && !local_error && self->roles->len == 0)
    self->source =
      fluo_key_find_machine (config, profile, question->use_machine, self->passed, &local_error);
  if (!self->source && !local_error)
    set_none_error (last, &local_error);
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return self->source != NULL;
}

/* What is known once the keys' source is. */
static gboolean
add_roles (FluoCredentialPlan *self, const FluoCredentialQuestion *question, const char *profile,
           GError **error)
{
  if (question->role_arn)
    g_ptr_array_add (self->roles, fluo_aws_role_new (question->role_arn));
  if (self->roles->len == 0)
    return TRUE;
  for (guint i = 0; i < self->roles->len; i++)
    if (((FluoAwsRole *) self->roles->pdata[i])->mfa_serial)
      fluo_aws_role_load_cached (self->roles->pdata[i]);
  self->sts = fluo_endpoint_resolve_sts (profile, self->region ? self->region : question->region,
                                         &self->sts_region, error);
  return self->sts != NULL;
}

/* What the user gave to us rather than to the AWS tools. */
static FluoKeySource *
take_given (const FluoCredentialQuestion *question)
{
  FluoKeySource *source = fluo_key_source_new (
    question->keys ? FLUO_CREDENTIAL_STEP_STORED : FLUO_CREDENTIAL_STEP_SSO, NULL);

  if (question->keys)
    source->keys = fluo_credentials_ref (question->keys);
  else
    {
      source->sso = fluo_sso_session_copy (question->sso);
      source->sso_account = g_strdup (question->sso_account);
      source->sso_role = g_strdup (question->sso_role);
    }
  return source;
}

FluoCredentialPlan *
fluo_credential_plan_new (const FluoCredentialQuestion *question, GError **error)
{
  g_autoptr (FluoCredentialPlan) self = g_new0 (FluoCredentialPlan, 1);
  const char *profile = question->profile;
  gboolean named = profile && *profile != '\0', chosen = named;
  g_autoptr (FluoAwsConfig) config = NULL;
  g_autoptr (GError) local_error = NULL;

  self->roles = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_aws_role_free);
  self->profiles = g_ptr_array_new_with_free_func (g_free);
  self->passed = g_ptr_array_new_with_free_func (g_free);
  if (question->role_arn && !fluo_aws_role_arn_check (question->role_arn, error))
    return NULL;
  if (question->keys || question->sso)
    {
      self->source = take_given (question);
      self->region = g_strdup (question->region);
      return add_roles (self, question, profile, error) ? g_steal_pointer (&self) : NULL;
    }
  if (named)
    g_ptr_array_add (self->passed, g_strdup (_("environment: a profile was chosen")));
  else
    {
      self->source = fluo_key_find_environment (self->passed, &local_error);
      chosen = (profile = fluo_key_find_env ("AWS_PROFILE"))
               || (profile = fluo_key_find_env ("AWS_DEFAULT_PROFILE"));
      if (!chosen)
        profile = "default";
    }
  /* With keys from the environment the files only add a region: a broken one stops nothing. */
  if (!local_error)
    config = load_config (self->source ? NULL : &local_error);
  self->region = find_region (config, profile);
  if (!local_error && !self->source)
    take_profile (self, question, config, profile, chosen, &local_error);
  if (!local_error && add_roles (self, question, profile, &local_error))
    return g_steal_pointer (&self);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

void
fluo_credential_plan_add_facts (const FluoCredentialPlan *self, FluoCredentialFacts *facts)
{
  const FluoAwsRole *last = NULL;

  for (guint i = 0; i < self->profiles->len; i++)
    fluo_credential_facts_add (facts, FLUO_CREDENTIAL_STEP_PROFILE, self->profiles->pdata[i], NULL);
  fluo_key_source_add_facts (self->source, facts);
  for (guint i = 0; i < self->roles->len; i++)
    {
      last = self->roles->pdata[i];
      fluo_credential_facts_add (facts, FLUO_CREDENTIAL_STEP_ROLE,
                                 fluo_aws_arn_get_name (last->arn), last->arn);
    }
  for (guint i = 0; i < self->passed->len; i++)
    g_ptr_array_add (facts->passed, g_strdup (self->passed->pdata[i]));
  if (!last && self->source->role)
    last = self->source->role;
  if (last && !facts->arn)
    {
      facts->arn = g_strdup (last->arn);
      g_free (facts->account);
      facts->account = fluo_aws_arn_dup_account (last->arn);
    }
}

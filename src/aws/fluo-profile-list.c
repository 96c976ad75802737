/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-profile-list.h"

#include <string.h>

#include "aws/fluo-aws-config.h"

static void
info_free (gpointer data)
{
  FluoProfileInfo *info = data;

  g_free (info->name);
  g_free (info->region);
  g_clear_pointer (&info->sso, fluo_sso_session_free);
  g_free (info);
}

void
fluo_profile_list_free (FluoProfileList *self)
{
  g_return_if_fail (self != NULL);
  g_ptr_array_unref (self->profiles);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->sessions);
  g_free (self->place);
  g_free (self);
}

/* In the order in which providers are asked. */
static FluoProfileKind
find_kind (const FluoAwsConfig *config, const char *profile)
{
  static const struct
  {
    const char *key;
    FluoProfileKind kind;
  } signs[] = {
    { "web_identity_token_file", FLUO_PROFILE_WEB_IDENTITY },
    { "role_arn", FLUO_PROFILE_ROLE },
    { "sso_session", FLUO_PROFILE_SSO },
    { "sso_start_url", FLUO_PROFILE_SSO },
    { "aws_access_key_id", FLUO_PROFILE_KEYS },
    { "login_session", FLUO_PROFILE_LOGIN },
    { "credential_process", FLUO_PROFILE_PROCESS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (fluo_aws_config_get_profile (config, profile, signs[i].key))
      return signs[i].kind;
  return FLUO_PROFILE_OTHER;
}

/* A profile that "aws sso login" takes and nothing else can use: the account and the role are to be
 * chosen. */
static FluoSsoSession *
find_open_sso (const FluoProfileList *self, const FluoAwsConfig *config, const char *profile)
{
  const char *session = fluo_aws_config_get_profile (config, profile, "sso_session");

  if (fluo_aws_config_get_profile (config, profile, "sso_account_id")
      || fluo_aws_config_get_profile (config, profile, "sso_role_name"))
    return NULL;
  for (guint i = 0; session && i < self->sessions->len; i++)
    {
      const FluoSsoSession *item = g_ptr_array_index (self->sessions, i);

      if (strcmp (item->name, session) == 0)
        return fluo_sso_session_copy (item);
    }
  return session ? NULL
                 : fluo_sso_session_new (
                     NULL, fluo_aws_config_get_profile (config, profile, "sso_start_url"),
                     fluo_aws_config_get_profile (config, profile, "sso_region"), NULL, profile,
                     NULL);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  const FluoProfileInfo *left = *(FluoProfileInfo *const *) a;
  const FluoProfileInfo *right = *(FluoProfileInfo *const *) b;
  gboolean left_first = strcmp (left->name, "default") == 0;
  gboolean right_first = strcmp (right->name, "default") == 0;

  if (left_first != right_first)
    return left_first ? -1 : 1;
  return strcmp (left->name, right->name);
}

/* "~/…" below the home directory. */
static char *
shorten (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (g_str_has_prefix (path, home) && path[length] == G_DIR_SEPARATOR)
    return g_strconcat ("~", path + length, NULL);
  return g_strdup (path);
}

/* Reads files. Never fails: a file that can't be used is a warning. */
static FluoProfileList *
load_list (void)
{
  FluoProfileList *self = g_new0 (FluoProfileList, 1);
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_auto (GStrv) names = NULL;
  GPtrArray *warnings;

  self->profiles = g_ptr_array_new_with_free_func (info_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_autofree char *path = fluo_aws_config_dup_path (file);
      g_autoptr (GError) error = NULL;

      if (file == FLUO_AWS_FILE_CONFIG)
        self->place = shorten (path);
      if (!fluo_aws_config_load (config, file, path, &error))
        g_ptr_array_add (self->warnings, g_strdup (error->message));
    }
  warnings = fluo_aws_config_get_warnings (config);
  for (guint i = 0; i < warnings->len; i++)
    g_ptr_array_add (self->warnings, g_strdup (warnings->pdata[i]));
  self->sessions = fluo_sso_session_list ();
  names = fluo_aws_config_dup_profiles (config);
  for (char **name = names; *name; name++)
    {
      FluoProfileInfo *info = g_new0 (FluoProfileInfo, 1);

      info->name = g_strdup (*name);
      info->region = g_strdup (fluo_aws_config_get_profile (config, *name, "region"));
      info->kind = find_kind (config, *name);
      if (info->kind == FLUO_PROFILE_SSO)
        info->sso = find_open_sso (self, config, *name);
      g_ptr_array_add (self->profiles, info);
    }
  g_ptr_array_sort (self->profiles, by_name);
  return self;
}

/* [worker] */
static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, load_list (), (GDestroyNotify) fluo_profile_list_free);
}

void
fluo_profile_list_load_async (GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_profile_list_load_async);
  g_task_run_in_thread (task, load_thread);
}

FluoProfileList *
fluo_profile_list_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_profile_list_load_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const FluoProfileInfo *
fluo_profile_list_find (const FluoProfileList *self, const char *name)
{
  for (guint i = 0; i < self->profiles->len; i++)
    {
      const FluoProfileInfo *info = g_ptr_array_index (self->profiles, i);

      if (strcmp (info->name, name) == 0)
        return info;
    }
  return NULL;
}

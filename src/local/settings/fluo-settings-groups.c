/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <string.h>

/* What X-Ray puts after a group's name in its ARN. */
#define ARN_SUFFIX_LEN 52
static const char arn_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Keys grow with the time they are made at, so that not even a settings file begun anew gives one
 * again: stored traces still carry the old ones. Seconds from 2020 on last until 2156. */
#define KEY_EPOCH_S FLUO_GROUP_KEY_EPOCH_S

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID, message);
  return FALSE;
}

FluoGroups *
fluo_settings_ref_groups (FluoSettings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return fluo_groups_ref (self->groups);
}

static char *
make_arn (const char *name)
{
  GString *arn = g_string_new (FLUO_ARN_PREFIX "group/");

  g_string_append_printf (arn, "%s/", name);
  for (guint i = 0; i < ARN_SUFFIX_LEN; i++)
    g_string_append_c (arn, arn_digits[g_random_int_range (0, 32)]);
  return g_string_free (arn, FALSE);
}

/* [locked] */
static guint32
take_key (FluoSettings *self)
{
  gint64 by_time = fluo_settings_now_s (self) - KEY_EPOCH_S;

  self->last_group_key = (guint32) CLAMP (by_time, (gint64) self->last_group_key + 1, G_MAXUINT32);
  return self->last_group_key;
}

static gboolean
check_name (const char *name, GError **error)
{
  for (const char *p = name; *p; p++)
    if (!g_ascii_isalnum (*p) && *p != '-')
      return fail (error, "GroupName may only hold letters, digits and hyphens");
  return TRUE;
}

/* The filter's own error becomes the operation's. */
static FluoGroup *
new_group (guint32 key, guint32 version, const char *name, const char *arn, const char *expression,
           GError **error)
{
  g_autoptr (GError) filter_error = NULL;
  FluoGroup *group = fluo_group_new (key, version, name, arn, expression, &filter_error);

  if (!group)
    g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID,
                 "Invalid FilterExpression: %s", filter_error->message);
  return group;
}

static gboolean
apply_insights (FluoGroup *group, const FluoGroupChange *change, GError **error)
{
  if (change->insights >= 0)
    group->insights = change->insights;
  if (change->notifications >= 0)
    group->notifications = change->notifications;
  /* Switching insights off takes the notifications with it. */
  if (change->insights == 0 && change->notifications < 0)
    group->notifications = FALSE;
  if (group->notifications && !group->insights)
    return fail (error, "NotificationsEnabled needs InsightsEnabled");
  return TRUE;
}

/* [locked] All groups but the one called @without, copied. */
static GPtrArray *
copy_groups (FluoSettings *self, const char *without)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_group_free);
  guint n;
  const FluoGroup *groups = fluo_groups_get (self->groups, &n);

  for (guint i = 0; i < n; i++)
    if (!without || strcmp (groups[i].name, without) != 0)
      g_ptr_array_add (copies, fluo_group_copy (&groups[i]));
  return copies;
}

/* [locked] Makes these the groups, if they can be written. Takes both. */
static FluoGroups *
replace_groups (FluoSettings *self, GPtrArray *groups, FluoGroup *by_default,
                FluoSettingsParts parts, GError **error)
{
  FluoGroups *old = self->groups;

  self->groups = fluo_groups_new (groups, by_default);
  if (!fluo_settings_file_save (self, FLUO_SETTINGS_GROUPS | parts, error))
    {
      fluo_groups_unref (self->groups);
      self->groups = old;
      return NULL;
    }
  fluo_groups_unref (old);
  return fluo_groups_ref (self->groups);
}

FluoGroups *
fluo_settings_create_group (FluoSettings *self, const FluoGroupChange *change, GHashTable *tags,
                            GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autofree char *arn = make_arn (change->name);
  g_autoptr (FluoGroup) group = NULL;
  g_autoptr (GHashTable) old_tags = NULL;
  GPtrArray *groups;
  FluoGroups *result;
  guint n;

  if (!check_name (change->name, error) || !fluo_settings_check_tags (tags, error))
    return NULL;
  if (fluo_groups_find (self->groups, change->name, NULL))
    {
      fail (error, "Group already exists.");
      return NULL;
    }
  fluo_groups_get (self->groups, &n);
  if (n + 1 >= FLUO_N_GROUPS_MAX)
    {
      fail (error, "Group limit exceeded: there are 25 groups with Default");
      return NULL;
    }
  group = new_group (take_key (self), 1, change->name, arn,
                     change->expression ? change->expression : "", error);
  if (!group || !apply_insights (group, change, error))
    return NULL;
  groups = copy_groups (self, NULL);
  g_ptr_array_add (groups, g_steal_pointer (&group));
  old_tags = self->tags;
  self->tags = fluo_settings_tags_with (self, arn, tags);
  result = replace_groups (self, groups,
                           fluo_group_copy (fluo_groups_get_default (self->groups)),
                           FLUO_SETTINGS_STATE | FLUO_SETTINGS_TAGS, error);
  if (!result)
    {
      g_hash_table_unref (self->tags);
      self->tags = g_steal_pointer (&old_tags);
    }
  return result;
}

/* [locked] The group that is meant; NULL with @error. */
static const FluoGroup *
find_group (FluoSettings *self, const char *name, const char *arn, GError **error)
{
  const FluoGroup *group = fluo_groups_find (self->groups, name, arn);

  if (!name && !arn)
    fail (error, "GroupName or GroupARN must be given");
  else if (!group)
    fail (error, "Group not found.");
  return group;
}

FluoGroups *
fluo_settings_update_group (FluoSettings *self, const FluoGroupChange *change, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const FluoGroup *old = find_group (self, change->name, change->arn, error);
  g_autoptr (FluoGroup) group = NULL;
  GPtrArray *groups;

  if (!old)
    return NULL;
  if (old->key == 0 && change->expression)
    {
      fail (error, "The Default group holds every trace: it has no FilterExpression");
      return NULL;
    }
  if (change->expression && strcmp (change->expression, old->expression) != 0)
    {
      group =
        new_group (old->key, old->version + 1, old->name, old->arn, change->expression, error);
      if (!group)
        return NULL;
      group->insights = old->insights;
      group->notifications = old->notifications;
    }
  else
    group = fluo_group_copy (old);
  if (!apply_insights (group, change, error))
    return NULL;
  if (old->key == 0)
    return replace_groups (self, copy_groups (self, NULL), g_steal_pointer (&group), 0, error);
  groups = copy_groups (self, old->name);
  g_ptr_array_add (groups, g_steal_pointer (&group));
  return replace_groups (self, groups, fluo_group_copy (fluo_groups_get_default (self->groups)), 0,
                         error);
}

gboolean
fluo_settings_delete_group (FluoSettings *self, const char *name, const char *arn, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const FluoGroup *old = find_group (self, name, arn, error);
  g_autoptr (FluoGroups) result = NULL;
  g_autoptr (GHashTable) old_tags = NULL;

  if (!old)
    return FALSE;
  if (old->key == 0)
    return fail (error, "The Default group cannot be deleted");
  old_tags = self->tags;
  self->tags = fluo_settings_tags_with (self, old->arn, NULL);
  result = replace_groups (self, copy_groups (self, old->name),
                           fluo_group_copy (fluo_groups_get_default (self->groups)),
                           FLUO_SETTINGS_TAGS, error);
  if (!result)
    {
      g_hash_table_unref (self->tags);
      self->tags = g_steal_pointer (&old_tags);
    }
  return result != NULL;
}

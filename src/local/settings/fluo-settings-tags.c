/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <string.h>

/* Keys of this kind are AWS's own. */
#define RESERVED_PREFIX "aws:"

static GHashTable *
copy_tags (GHashTable *tags)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, value;

  if (!tags)
    return copy;
  g_hash_table_iter_init (&iter, tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

GHashTable *
fluo_settings_tags_with (FluoSettings *self, const char *arn, GHashTable *tags)
{
  GHashTable *all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_hash_table_unref);
  GHashTableIter iter;
  gpointer key, value;

  /* The tables of the others are never changed, so they may be shared. */
  g_hash_table_iter_init (&iter, self->tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (all, g_strdup (key), g_hash_table_ref (value));
  if (tags && g_hash_table_size (tags) > 0)
    g_hash_table_insert (all, g_strdup (arn), copy_tags (tags));
  else
    g_hash_table_remove (all, arn);
  return all;
}

static gboolean
check_keys (GHashTable *tags, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_ascii_strncasecmp (key, RESERVED_PREFIX, strlen (RESERVED_PREFIX)) == 0)
      {
        g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID,
                     "Tag keys that begin with aws: are reserved");
        return FALSE;
      }
  return TRUE;
}

gboolean
fluo_settings_check_tags (GHashTable *tags, GError **error)
{
  if (!tags)
    return TRUE;
  if (g_hash_table_size (tags) > FLUO_N_TAGS_MAX)
    {
      g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID,
                   "A resource can have at most %d tags", FLUO_N_TAGS_MAX);
      return FALSE;
    }
  return check_keys (tags, error);
}

/* [locked] */
static gboolean
check_resource (FluoSettings *self, const char *arn, GError **error)
{
  if (fluo_groups_find (self->groups, NULL, arn))
    return TRUE;
  for (guint i = 0; i < self->rules->len; i++)
    if (strcmp (((FluoSamplingRule *) self->rules->pdata[i])->arn, arn) == 0)
      return TRUE;
  g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_NOT_FOUND,
               "There is no group and no sampling rule of this ARN");
  return FALSE;
}

GPtrArray *
fluo_settings_list_tags (FluoSettings *self, const char *arn, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GHashTable *tags = g_hash_table_lookup (self->tags, arn);
  g_autoptr (GList) keys = NULL;
  GPtrArray *list;

  if (!check_resource (self, arn, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_free);
  if (tags)
    keys = g_list_sort (g_hash_table_get_keys (tags), (GCompareFunc) strcmp);
  for (GList *l = keys; l; l = l->next)
    {
      g_ptr_array_add (list, g_strdup (l->data));
      g_ptr_array_add (list, g_strdup (g_hash_table_lookup (tags, l->data)));
    }
  return list;
}

/* [locked] */
static gboolean
replace_tags (FluoSettings *self, const char *arn, GHashTable *tags, GError **error)
{
  GHashTable *before = self->tags;

  self->tags = fluo_settings_tags_with (self, arn, tags);
  if (fluo_settings_file_save (self, FLUO_SETTINGS_TAGS, error))
    {
      g_hash_table_unref (before);
      return TRUE;
    }
  g_hash_table_unref (self->tags);
  self->tags = before;
  return FALSE;
}

gboolean
fluo_settings_tag (FluoSettings *self, const char *arn, GHashTable *tags, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GHashTable) merged = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!check_resource (self, arn, error) || !check_keys (tags, error))
    return FALSE;
  merged = copy_tags (g_hash_table_lookup (self->tags, arn));
  g_hash_table_iter_init (&iter, tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (merged, g_strdup (key), g_strdup (value));
  if (g_hash_table_size (merged) > FLUO_N_TAGS_MAX)
    {
      g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_TOO_MANY_TAGS,
                   "A resource can have at most %d tags", FLUO_N_TAGS_MAX);
      return FALSE;
    }
  return replace_tags (self, arn, merged, error);
}

gboolean
fluo_settings_untag (FluoSettings *self, const char *arn, const char *const *keys, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GHashTable) left = NULL;

  if (!check_resource (self, arn, error))
    return FALSE;
  left = copy_tags (g_hash_table_lookup (self->tags, arn));
  for (guint i = 0; keys[i]; i++)
    g_hash_table_remove (left, keys[i]);
  return replace_tags (self, arn, left, error);
}

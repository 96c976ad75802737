/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-groups.h"

#include <string.h>

struct _FluoGroups
{
  int        ref_count;
  GArray    *groups;     /* FluoGroup, sorted by key: match() gives them in that order */
  FluoGroup *by_default;
};

static guint32
no_group (const char *name_or_arn, gboolean arn, gpointer data)
{
  return 0;
}

FluoGroup *
fluo_group_new (guint32 key, guint32 version, const char *name, const char *arn,
                const char *expression, GError **error)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (expression, -1, NULL, error);
  const char *unknown = NULL;
  FluoGroup *self;

  if (!filter)
    return NULL;
  /* Which groups a trace belongs to is found out all at once, so none can build on another. */
  if (!fluo_filter_resolve_groups (filter, no_group, NULL, &unknown))
    {
      g_set_error (error, FLUO_FILTER_ERROR, FLUO_FILTER_ERROR_KEYWORD,
                   "the expression of a group can't name a group: \"%s\"", unknown);
      return NULL;
    }
  self = g_new0 (FluoGroup, 1);
  self->key = key;
  self->version = version;
  self->name = g_strdup (name);
  self->arn = g_strdup (arn);
  self->expression = g_strdup (expression);
  self->filter = g_steal_pointer (&filter);
  return self;
}

FluoGroup *
fluo_group_copy (const FluoGroup *self)
{
  FluoGroup *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->arn = g_strdup (self->arn);
  copy->expression = g_strdup (self->expression);
  copy->filter = fluo_filter_ref (self->filter);
  return copy;
}

static void
clear_group (gpointer data)
{
  FluoGroup *group = data;

  g_free ((char *) group->name);
  g_free ((char *) group->arn);
  g_free ((char *) group->expression);
  fluo_filter_unref (group->filter);
}

void
fluo_group_free (FluoGroup *self)
{
  clear_group (self);
  g_free (self);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const FluoGroup *first = a;
  const FluoGroup *second = b;

  return first->key < second->key ? -1 : first->key > second->key;
}

FluoGroups *
fluo_groups_new (GPtrArray *groups, FluoGroup *by_default)
{
  FluoGroups *self = g_new0 (FluoGroups, 1);

  self->ref_count = 1;
  self->groups = g_array_new (FALSE, FALSE, sizeof (FluoGroup));
  g_array_set_clear_func (self->groups, clear_group);
  for (guint i = 0; i < groups->len; i++)
    {
      g_array_append_vals (self->groups, groups->pdata[i], 1);
      g_free (groups->pdata[i]);
    }
  g_ptr_array_set_free_func (groups, NULL);
  g_ptr_array_unref (groups);
  g_array_sort (self->groups, compare_keys);
  self->by_default = by_default;
  return self;
}

FluoGroups *
fluo_groups_ref (FluoGroups *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
fluo_groups_unref (FluoGroups *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_array_unref (self->groups);
  fluo_group_free (self->by_default);
  g_free (self);
}

const FluoGroup *
fluo_groups_get (FluoGroups *self, guint *ret_n)
{
  *ret_n = self->groups->len;
  return (const FluoGroup *) self->groups->data;
}

const FluoGroup *
fluo_groups_get_default (FluoGroups *self)
{
  return self->by_default;
}

static gboolean
is_meant (const FluoGroup *group, const char *name, const char *arn)
{
  return (name || arn) && (!name || strcmp (group->name, name) == 0) &&
         (!arn || strcmp (group->arn, arn) == 0);
}

const FluoGroup *
fluo_groups_find (FluoGroups *self, const char *name, const char *arn)
{
  if (is_meant (self->by_default, name, arn))
    return self->by_default;
  for (guint i = 0; i < self->groups->len; i++)
    {
      const FluoGroup *group = &g_array_index (self->groups, FluoGroup, i);

      if (is_meant (group, name, arn))
        return group;
    }
  return NULL;
}

GArray *
fluo_groups_match (FluoGroups *self, const FluoTraceFacts *facts)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < self->groups->len; i++)
    {
      const FluoGroup *group = &g_array_index (self->groups, FluoGroup, i);

      if (fluo_filter_matches (group->filter, facts))
        g_array_append_val (keys, group->key);
    }
  return keys;
}

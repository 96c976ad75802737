/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-ingest-private.h"

/* Which groups a trace belongs to is decided by the groups there were when it was stored, even when
 * the process ends before it is decided: each open trace names a set of groups that the store
 * keeps. Sets are few: another one comes with each change of a group and each start. */

static gboolean
run_put (FluoConnection *connection, gint64 set, const FluoGroup *group, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_GROUP_SET_PUT, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, set);
  sqlite3_bind_int64 (statement, 2, group->key);
  sqlite3_bind_text (statement, 3, group->expression, -1, SQLITE_STATIC);
  return fluo_connection_step (connection, statement, error) == 0;
}

gboolean
fluo_ingest_save_groups (FluoIngest *self, gint64 *ret_set, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  const FluoGroup *groups;
  sqlite3_stmt *statement;
  gint64 set;
  guint n;

  if (self->saved_groups == self->groups)
    {
      *ret_set = self->saved_set;
      return TRUE;
    }
  if (!fluo_connection_run (connection, FLUO_SQL_GROUP_SETS_PRUNE, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_GROUP_SET_LAST, error);
  if (!statement || fluo_connection_step (connection, statement, error) != 1)
    return FALSE;
  set = sqlite3_column_int64 (statement, 0) + 1;
  sqlite3_reset (statement);
  groups = fluo_groups_get (self->groups, &n);
  for (guint i = 0; i < n; i++)
    if (!run_put (connection, set, &groups[i], error))
      return FALSE;
  g_clear_pointer (&self->saved_groups, fluo_groups_unref);
  self->saved_groups = fluo_groups_ref (self->groups);
  self->saved_set = set;
  *ret_set = set;
  return TRUE;
}

static void
add_set (GHashTable *sets, gint64 set, GPtrArray *groups)
{
  g_hash_table_insert (sets, g_memdup2 (&set, sizeof set),
                       fluo_groups_new (groups, fluo_group_new (0, 0, "Default", "", "", NULL)));
}

GHashTable *
fluo_ingest_read_groups (FluoIngest *self, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_GROUP_SETS, error);
  g_autoptr (GHashTable) sets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                       (GDestroyNotify) fluo_groups_unref);
  GPtrArray *groups = NULL;
  gint64 current = 0;
  int rc;

  if (!statement)
    return NULL;
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 set = sqlite3_column_int64 (statement, 0);
      g_autoptr (GError) problem = NULL;
      FluoGroup *group;

      if (groups && set != current)
        add_set (sets, current, g_steal_pointer (&groups));
      if (!groups)
        groups = g_ptr_array_new ();
      current = set;
      group = fluo_group_new ((guint32) sqlite3_column_int64 (statement, 1), 0, "", "",
                              (const char *) sqlite3_column_text (statement, 2), &problem);
      if (group)
        g_ptr_array_add (groups, group);
      else
        g_warning ("a group that traces were stored under can't be read: %s", problem->message);
    }
  if (groups)
    add_set (sets, current, groups);
  return rc == 0 ? g_steal_pointer (&sets) : NULL;
}

gboolean
fluo_ingest_write_groups (FluoIngest *self, FluoEntry *entry, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  const FluoTraceEntry *now = &entry->open->entry;
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_OPEN_SET_GROUPS, error);

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, now->row);
  /* Without any it is an empty list, not NULL. */
  sqlite3_bind_blob (statement, 2, now->groups, (int) (now->n_groups * sizeof (guint32)),
                     SQLITE_STATIC);
  if (fluo_connection_step (connection, statement, error) != 0)
    return FALSE;
  entry->written = TRUE;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* One script for each step of the format. History: 1 first format. */
static const char *const migrations[FLUO_SETTINGS_FORMAT] = {
  "CREATE TABLE trace_groups ("
  "  key INTEGER PRIMARY KEY,"
  "  version INTEGER NOT NULL,"
  "  name TEXT NOT NULL UNIQUE,"
  "  arn TEXT NOT NULL,"
  "  expression TEXT NOT NULL,"
  "  insights INTEGER NOT NULL,"
  "  notifications INTEGER NOT NULL) STRICT;"
  "CREATE TABLE rules ("
  "  name TEXT PRIMARY KEY,"
  "  rule TEXT NOT NULL,"
  "  created_s INTEGER NOT NULL,"
  "  modified_s INTEGER NOT NULL) STRICT;"
  "CREATE TABLE tags ("
  "  arn TEXT NOT NULL,"
  "  key TEXT NOT NULL,"
  "  value TEXT NOT NULL,"
  "  PRIMARY KEY (arn, key)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE policies ("
  "  name TEXT PRIMARY KEY,"
  "  document TEXT NOT NULL,"
  "  revision INTEGER NOT NULL,"
  "  updated_s INTEGER NOT NULL) STRICT;"
  "CREATE TABLE sampling_windows ("
  "  begin_s INTEGER NOT NULL,"
  "  rule TEXT NOT NULL,"
  "  requests INTEGER NOT NULL,"
  "  borrowed INTEGER NOT NULL,"
  "  sampled INTEGER NOT NULL,"
  "  PRIMARY KEY (begin_s, rule)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE state (key TEXT PRIMARY KEY, value REAL NOT NULL) STRICT, WITHOUT ROWID;",
};

/* [locked] Takes all. */
static void
add_notice (FluoSettings *self, char *notice)
{
  g_warning ("%s", notice);
  g_free (self->notice);
  self->notice = notice;
}

/* --- Statements --------------------------------------------------------- */

static sqlite3_stmt *
prepare (FluoSettings *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (self->file->db, sql, -1, &statement, NULL);

  if (rc != SQLITE_OK)
    g_set_error (error, FLUO_STORE_ERROR,
                 (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB
                   ? FLUO_STORE_ERROR_CORRUPT
                   : FLUO_STORE_ERROR_FAILED,
                 _("“%s”: %s"), self->path, sqlite3_errmsg (self->file->db));
  return statement;
}

gboolean
fluo_settings_file_run (FluoSettings *self, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = prepare (self, sql, error);
  va_list args;
  int rc;

  if (!statement)
    return FALSE;
  va_start (args, types);
  for (int i = 0; types[i]; i++)
    if (types[i] == 's')
      sqlite3_bind_text (statement, i + 1, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
    else if (types[i] == 'i')
      sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
    else
      sqlite3_bind_double (statement, i + 1, va_arg (args, double));
  va_end (args);
  do
    rc = fluo_connection_step (self->file, statement, error);
  while (rc == 1);
  sqlite3_finalize (statement);
  return rc == 0;
}

gboolean
fluo_settings_file_read (FluoSettings *self, const char *sql,
                         void (*func) (sqlite3_stmt *row, gpointer data), gpointer data,
                         GError **error)
{
  sqlite3_stmt *statement = prepare (self, sql, error);
  int rc;

  if (!statement)
    return FALSE;
  while ((rc = fluo_connection_step (self->file, statement, error)) == 1)
    func (statement, data);
  sqlite3_finalize (statement);
  return rc == 0;
}

/* --- Reading ------------------------------------------------------------ */

static const char *
text_of (sqlite3_stmt *row, int column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return text && g_utf8_validate (text, -1, NULL) ? text : "";
}

typedef struct
{
  FluoSettings *self;
  GPtrArray    *groups;
  FluoGroup    *by_default;
} Loading;

static void
load_group (sqlite3_stmt *row, gpointer data)
{
  Loading *loading = data;
  g_autoptr (GError) error = NULL;
  gint64 key = sqlite3_column_int64 (row, 0);
  FluoGroup *group =
    fluo_group_new ((guint32) key, (guint32) sqlite3_column_int64 (row, 1), text_of (row, 2),
                    text_of (row, 3), text_of (row, 4), &error);

  if (!group)
    {
      add_notice (loading->self,
                  g_strdup_printf (_("the group “%s” is left out, its filter "
                                     "expression can't be read: %s"),
                                   text_of (row, 2), error->message));
      return;
    }
  group->insights = sqlite3_column_int (row, 5) != 0;
  group->notifications = sqlite3_column_int (row, 6) != 0;
  if (key != 0)
    {
      g_ptr_array_add (loading->groups, group);
      return;
    }
  fluo_group_free (loading->by_default);
  loading->by_default = group;
}

static void
load_rule (sqlite3_stmt *row, gpointer data)
{
  FluoSettings *self = data;
  g_autoptr (FluoSamplingRule) rule = fluo_settings_make_rule (text_of (row, 0));
  const char *text = text_of (row, 1);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN ||
      fluo_sampling_rule_apply (rule, tape, 0))
    {
      add_notice (self,
                  g_strdup_printf (_("the sampling rule “%s” is left out, it can't "
                                     "be read"),
                                   rule->name));
      return;
    }
  rule->created_s = sqlite3_column_int64 (row, 2);
  rule->modified_s = sqlite3_column_int64 (row, 3);
  g_ptr_array_add (self->rules, g_steal_pointer (&rule));
}

static void
load_tag (sqlite3_stmt *row, gpointer data)
{
  FluoSettings *self = data;
  GHashTable *tags = g_hash_table_lookup (self->tags, text_of (row, 0));

  if (!tags)
    {
      tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (self->tags, g_strdup (text_of (row, 0)), tags);
    }
  g_hash_table_insert (tags, g_strdup (text_of (row, 1)), g_strdup (text_of (row, 2)));
}

static void
load_policy (sqlite3_stmt *row, gpointer data)
{
  FluoSettings *self = data;
  FluoPolicy *policy = g_new0 (FluoPolicy, 1);

  policy->name = g_strdup (text_of (row, 0));
  policy->document = g_strdup (text_of (row, 1));
  policy->revision = sqlite3_column_int64 (row, 2);
  policy->updated_s = sqlite3_column_int64 (row, 3);
  g_ptr_array_add (self->policies, policy);
}

static void
load_state (sqlite3_stmt *row, gpointer data)
{
  FluoSettings *self = data;
  const char *key = text_of (row, 0);
  double value = sqlite3_column_double (row, 1);

  if (strcmp (key, "last_group_key") == 0)
    self->last_group_key = (guint32) CLAMP (value, 0, G_MAXUINT32);
  else if (strcmp (key, "rules_modified_s") == 0)
    self->rules_modified_s = (gint64) CLAMP (value, 0, G_MAXINT32);
  else if (strcmp (key, "indexing") == 0)
    self->indexing = CLAMP (value, 0, 100);
  else if (strcmp (key, "indexing_modified_s") == 0)
    self->indexing_modified_s = (gint64) CLAMP (value, 0, G_MAXINT32);
  else if (strcmp (key, "cloudwatch") == 0)
    self->cloudwatch = value != 0;
}

static gboolean
load (FluoSettings *self, GError **error)
{
  Loading loading = { self, g_ptr_array_new (), NULL };
  gboolean good;

  loading.by_default =
    fluo_group_new (0, 1, FLUO_DEFAULT_GROUP, FLUO_DEFAULT_GROUP_ARN, "", NULL);
  /* Nothing is stored for insights and nobody pays for them here, unlike in AWS. */
  loading.by_default->insights = TRUE;
  g_ptr_array_set_size (self->rules, 0);
  g_hash_table_remove_all (self->tags);
  g_ptr_array_set_size (self->policies, 0);
  good =
    fluo_settings_file_read (self,
                             "SELECT key, version, name, arn, expression, insights, notifications"
                             " FROM trace_groups WHERE key BETWEEN 0 AND 4294967295",
                             load_group, &loading, error) &&
    fluo_settings_file_read (self, "SELECT name, rule, created_s, modified_s FROM rules", load_rule,
                             self, error) &&
    fluo_settings_file_read (self, "SELECT arn, key, value FROM tags", load_tag, self, error) &&
    fluo_settings_file_read (self,
                             "SELECT name, document, revision, updated_s FROM policies"
                             " ORDER BY name",
                             load_policy, self, error) &&
    fluo_settings_file_read (self, "SELECT key, value FROM state", load_state, self, error);
  g_ptr_array_sort (self->rules, fluo_sampling_rule_compare);
  g_clear_pointer (&self->groups, fluo_groups_unref);
  self->groups = fluo_groups_new (loading.groups, loading.by_default);
  return good;
}

/* --- Writing ------------------------------------------------------------ */

static gboolean
save_group (FluoSettings *self, const FluoGroup *group, GError **error)
{
  return fluo_settings_file_run (
    self, error, "INSERT INTO trace_groups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "iisssii",
    (gint64) group->key, (gint64) group->version, group->name, group->arn, group->expression,
    (gint64) group->insights, (gint64) group->notifications);
}

static gboolean
save_groups (FluoSettings *self, GError **error)
{
  guint n;
  const FluoGroup *groups = fluo_groups_get (self->groups, &n);

  if (!fluo_settings_file_run (self, error, "DELETE FROM trace_groups", "") ||
      !save_group (self, fluo_groups_get_default (self->groups), error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!save_group (self, &groups[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
save_rules (FluoSettings *self, GError **error)
{
  if (!fluo_settings_file_run (self, error, "DELETE FROM rules", ""))
    return FALSE;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const FluoSamplingRule *rule = self->rules->pdata[i];
      g_autoptr (GString) text = g_string_new (NULL);
      FluoJsonWriter writer;

      fluo_json_writer_init (&writer, text);
      fluo_sampling_rule_write (rule, &writer);
      if (!fluo_settings_file_run (self, error, "INSERT INTO rules VALUES (?1, ?2, ?3, ?4)", "ssii",
                                   rule->name, text->str, rule->created_s, rule->modified_s))
        return FALSE;
    }
  return TRUE;
}

static gboolean
save_tags (FluoSettings *self, GError **error)
{
  GHashTableIter arns, tags;
  gpointer arn, of_arn, key, value;

  if (!fluo_settings_file_run (self, error, "DELETE FROM tags", ""))
    return FALSE;
  g_hash_table_iter_init (&arns, self->tags);
  while (g_hash_table_iter_next (&arns, &arn, &of_arn))
    {
      g_hash_table_iter_init (&tags, of_arn);
      while (g_hash_table_iter_next (&tags, &key, &value))
        if (!fluo_settings_file_run (self, error, "INSERT INTO tags VALUES (?1, ?2, ?3)", "sss",
                                     arn, key, value))
          return FALSE;
    }
  return TRUE;
}

static gboolean
save_policies (FluoSettings *self, GError **error)
{
  if (!fluo_settings_file_run (self, error, "DELETE FROM policies", ""))
    return FALSE;
  for (guint i = 0; i < self->policies->len; i++)
    {
      const FluoPolicy *policy = self->policies->pdata[i];

      if (!fluo_settings_file_run (self, error, "INSERT INTO policies VALUES (?1, ?2, ?3, ?4)",
                                   "ssii", policy->name, policy->document, policy->revision,
                                   policy->updated_s))
        return FALSE;
    }
  return TRUE;
}

static gboolean
save_state (FluoSettings *self, GError **error)
{
  const struct
  {
    const char *key;
    double      value;
  } values[] = { { "last_group_key", self->last_group_key },
                 { "rules_modified_s", (double) self->rules_modified_s },
                 { "indexing", self->indexing },
                 { "indexing_modified_s", (double) self->indexing_modified_s },
                 { "cloudwatch", self->cloudwatch } };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (!fluo_settings_file_run (self, error, "INSERT OR REPLACE INTO state VALUES (?1, ?2)", "sd",
                                 values[i].key, values[i].value))
      return FALSE;
  return TRUE;
}

static gboolean
try_save (FluoSettings *self, FluoSettingsParts parts, GError **error)
{
  if (fluo_connection_execute (self->file, "BEGIN IMMEDIATE", error) &&
      (!(parts & FLUO_SETTINGS_GROUPS) || save_groups (self, error)) &&
      (!(parts & FLUO_SETTINGS_RULES) || save_rules (self, error)) &&
      (!(parts & FLUO_SETTINGS_TAGS) || save_tags (self, error)) &&
      (!(parts & FLUO_SETTINGS_POLICIES) || save_policies (self, error)) &&
      (!(parts & FLUO_SETTINGS_STATE) || save_state (self, error)) &&
      fluo_connection_execute (self->file, "COMMIT", error))
    return TRUE;
  fluo_connection_rollback (self->file);
  return FALSE;
}

/* --- The file ----------------------------------------------------------- */

static gboolean
set_errno_error (FluoSettings *self, int code, GError **error)
{
  g_set_error (error, FLUO_STORE_ERROR,
               code == ENOSPC ? FLUO_STORE_ERROR_FULL : FLUO_STORE_ERROR_DIRECTORY, "“%s”: %s",
               self->path, g_strerror (code));
  return FALSE;
}

static gboolean
migrate (FluoSettings *self, GError **error)
{
  gint64 format, owner, n_pages;

  if (!fluo_connection_pragma (self->file, "user_version", &format, error) ||
      !fluo_connection_pragma (self->file, "application_id", &owner, error) ||
      !fluo_connection_pragma (self->file, "page_count", &n_pages, error))
    return FALSE;
  if (n_pages > 1 && owner != FLUO_SETTINGS_APPLICATION_ID)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   _("“%s” holds no settings of Fluoroscope"), self->path);
      return FALSE;
    }
  if (format > FLUO_SETTINGS_FORMAT)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_NEWER,
                   _("“%s” has format %d and this version knows %d; use the newer version, or "
                      "another directory with --data-dir"),
                   self->path, (int) format, FLUO_SETTINGS_FORMAT);
      return FALSE;
    }
  for (gint64 step = MAX (format, 0); step < FLUO_SETTINGS_FORMAT; step++)
    {
      g_autofree char *script = g_strdup_printf (
        "BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
        migrations[step], FLUO_SETTINGS_APPLICATION_ID, (int) step + 1);

      if (!fluo_connection_execute (self->file, script, error))
        {
          fluo_connection_rollback (self->file);
          return FALSE;
        }
    }
  return TRUE;
}

/* SQLite makes its log with the mode of the database, so that is made before SQLite sees it. */
static gboolean
open_file (FluoSettings *self, GError **error)
{
  int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return set_errno_error (self, errno, error);
  if (fchmod (fd, 0600) != 0)
    g_debug ("%s: %s", self->path, g_strerror (errno));
  close (fd);
  self->file = fluo_connection_open (self->path, TRUE, error);
  if (self->file && migrate (self, error))
    return TRUE;
  g_clear_pointer (&self->file, fluo_connection_close);
  return FALSE;
}

static gboolean
move_aside (FluoSettings *self, GError **error)
{
  g_autofree char *target = NULL;

  g_clear_pointer (&self->file, fluo_connection_close);
  target = fluo_connection_move_aside (self->path, error);
  if (!target)
    return FALSE;
  add_notice (self, g_strdup_printf (_("the settings were damaged: they were moved to “%s” and "
                                       "new ones begun"),
                                     target));
  return TRUE;
}

/* Opens the file when it isn't, and reads (no @parts) or writes. */
static gboolean
open_and_do (FluoSettings *self, FluoSettingsParts parts, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if ((self->file || open_file (self, &local_error)) &&
          (parts ? try_save (self, i == 1 ? parts : FLUO_SETTINGS_ALL, &local_error)
                 : load (self, &local_error)))
        return TRUE;
      if (fluo_connection_believe_damage (i, local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      /* With nothing left in memory of what went before. */
      g_clear_pointer (&self->file, fluo_connection_close);
    }
}

gboolean
fluo_settings_file_open (FluoSettings *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (open_and_do (self, 0, &local_error))
    return TRUE;
  if (g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    {
      g_message ("%s", local_error->message);
      g_clear_error (&local_error);
      if (move_aside (self, &local_error) && open_and_do (self, 0, &local_error))
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
fluo_settings_file_save (FluoSettings *self, FluoSettingsParts parts, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  /* Without a file an earlier attempt to begin a new one has failed. */
  if (open_and_do (self, self->file ? parts : FLUO_SETTINGS_ALL, &local_error))
    return TRUE;
  if (g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    {
      g_clear_error (&local_error);
      if (move_aside (self, &local_error) &&
          open_and_do (self, FLUO_SETTINGS_ALL, &local_error))
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/settings/fluo-settings-private.h"

#include <string.h>

#include "core/fluo-time-span.h"

G_DEFINE_QUARK (fluo-settings-error-quark, fluo_settings_error)

/* The rule everybody has. AWS begins with 1 a second and 5 %; on a developer's own computer every
 * request counts. */
#define DEFAULT_RATE 1.0
#define DEFAULT_RESERVOIR 1

/* Everything that is stored can be searched. */
#define DEFAULT_INDEXING 100.0

gint64
fluo_settings_now_ns (FluoSettings *self)
{
  return self->clock ? self->clock (self->clock_data) : fluo_time_now_ns ();
}

gint64
fluo_settings_now_s (FluoSettings *self)
{
  return fluo_settings_now_ns (self) / FLUO_NSEC_PER_SEC;
}

/* A new file has no rule Default yet, and a damaged row of it is as good as none. */
static gboolean
ensure_defaults (FluoSettings *self, GError **error)
{
  FluoSamplingRule *rule;

  for (guint i = 0; i < self->rules->len; i++)
    if (fluo_sampling_rule_is_default (self->rules->pdata[i]))
      return TRUE;
  rule = fluo_settings_make_rule (FLUO_DEFAULT_RULE);
  rule->rate = DEFAULT_RATE;
  rule->reservoir = DEFAULT_RESERVOIR;
  rule->modified_s = fluo_settings_now_s (self);
  g_ptr_array_add (self->rules, rule);
  if (self->rules_modified_s == 0)
    self->rules_modified_s = rule->modified_s;
  if (self->indexing_modified_s == 0)
    self->indexing_modified_s = rule->modified_s;
  return fluo_settings_file_save (self, FLUO_SETTINGS_RULES | FLUO_SETTINGS_STATE, error);
}

FluoSettings *
fluo_settings_open (const char *directory, FluoClockFunc clock, gpointer clock_data, GError **error)
{
  g_autoptr (FluoSettings) self = g_new0 (FluoSettings, 1);

  g_mutex_init (&self->lock);
  self->path = g_build_filename (directory, FLUO_SETTINGS_FILE_NAME, NULL);
  self->clock = clock;
  self->clock_data = clock_data;
  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sampling_rule_unref);
  self->tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) g_hash_table_unref);
  self->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_policy_free);
  self->indexing = DEFAULT_INDEXING;
  if (!fluo_settings_file_open (self, error) || !ensure_defaults (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fluo_settings_free (FluoSettings *self)
{
  if (self->file)
    {
      sqlite3_wal_checkpoint_v2 (self->file->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
      fluo_connection_close (self->file);
    }
  g_clear_pointer (&self->groups, fluo_groups_unref);
  g_ptr_array_unref (self->rules);
  g_hash_table_unref (self->tags);
  g_ptr_array_unref (self->policies);
  g_mutex_clear (&self->lock);
  g_free (self->notice);
  g_free (self->path);
  g_free (self);
}

char *
fluo_settings_dup_notice (FluoSettings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->notice);
}

/* --- Single values ------------------------------------------------------ */

double
fluo_settings_get_indexing (FluoSettings *self, gint64 *ret_modified_s)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  *ret_modified_s = self->indexing_modified_s;
  return self->indexing;
}

gboolean
fluo_settings_set_indexing (FluoSettings *self, double percentage, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  double old = self->indexing;
  gint64 old_s = self->indexing_modified_s;

  if (!(percentage >= 0 && percentage <= 100))
    {
      g_set_error (error, FLUO_SETTINGS_ERROR, FLUO_SETTINGS_ERROR_INVALID,
                   "DesiredSamplingPercentage must be between 0 and 100");
      return FALSE;
    }
  self->indexing = percentage;
  self->indexing_modified_s = fluo_settings_now_s (self);
  if (fluo_settings_file_save (self, FLUO_SETTINGS_STATE, error))
    return TRUE;
  self->indexing = old;
  self->indexing_modified_s = old_s;
  return FALSE;
}

static const char *const destinations[] = { "XRay", "CloudWatchLogs" };

const char *
fluo_settings_get_destination (FluoSettings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return destinations[self->cloudwatch];
}

gboolean
fluo_settings_set_destination (FluoSettings *self, const char *destination, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean old = self->cloudwatch;

  self->cloudwatch = strcmp (destination, destinations[1]) == 0;
  if (fluo_settings_file_save (self, FLUO_SETTINGS_STATE, error))
    return TRUE;
  self->cloudwatch = old;
  return FALSE;
}

/* --- Sampling statistics ------------------------------------------------ */

gboolean
fluo_settings_save_windows (FluoSettings *self, const GArray *windows, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean good = self->file && fluo_connection_execute (self->file,
                                                         "BEGIN IMMEDIATE;"
                                                         "DELETE FROM sampling_windows",
                                                         error);

  for (guint i = 0; good && i < windows->len; i++)
    {
      const FluoSamplingWindow *window = &g_array_index (windows, FluoSamplingWindow, i);

      good = fluo_settings_file_run (self, error,
                                     "INSERT OR REPLACE INTO sampling_windows"
                                     " VALUES (?1, ?2, ?3, ?4, ?5)",
                                     "isiii", window->begin_s, window->rule, window->requests,
                                     window->borrowed, window->sampled);
    }
  good = good && fluo_connection_execute (self->file, "COMMIT", error);
  if (!good && self->file)
    fluo_connection_rollback (self->file);
  return good;
}

static void
load_window (sqlite3_stmt *row, gpointer data)
{
  GArray *windows = data;
  FluoSamplingWindow window = { 0 };
  const char *rule = (const char *) sqlite3_column_text (row, 1);

  if (!rule || !g_utf8_validate (rule, -1, NULL) || strlen (rule) >= sizeof window.rule)
    return;
  memcpy (window.rule, rule, strlen (rule));
  window.begin_s = sqlite3_column_int64 (row, 0);
  window.requests = MAX (sqlite3_column_int64 (row, 2), 0);
  window.borrowed = MAX (sqlite3_column_int64 (row, 3), 0);
  window.sampled = MAX (sqlite3_column_int64 (row, 4), 0);
  g_array_append_val (windows, window);
}

GArray *
fluo_settings_load_windows (FluoSettings *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GArray *windows = g_array_new (FALSE, FALSE, sizeof (FluoSamplingWindow));
  g_autoptr (GError) error = NULL;

  if (self->file &&
      !fluo_settings_file_read (self,
                                "SELECT begin_s, rule, requests, borrowed, sampled"
                                " FROM sampling_windows ORDER BY begin_s, rule",
                                load_window, windows, &error))
    g_message ("%s", error->message);
  return windows;
}

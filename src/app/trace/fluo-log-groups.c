/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-log-groups.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "app/fluo-settings.h"
#include "aws/fluo-logs.h"

#define GROUP "logs"
#define KEY "groups"

/* NULL-terminated, never NULL. */
static char **
load_groups (const char *connection)
{
  g_autofree char *path = fluo_settings_dup_state_path ("logs", connection);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) saved = NULL;

  /* A file that is not there, or damaged, has no names. */
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  saved = g_key_file_get_string_list (file, GROUP, KEY, NULL, NULL);
  for (guint i = 0; saved != NULL && saved[i] != NULL && i < FLUO_LOG_GROUPS_ADDED_MAX; i++)
    if (fluo_logs_is_group (saved[i]))
      g_strv_builder_add (names, saved[i]);
  return g_strv_builder_end (names);
}

static void
save_groups (const char *connection, const char *const *names)
{
  g_autofree char *path = fluo_settings_dup_state_path ("logs", connection);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  g_key_file_set_string_list (file, GROUP, KEY, names, g_strv_length ((char **) names));
  if (g_mkdir_with_parents (folder, 0700) != 0 || !g_key_file_save_to_file (file, path, &error))
    g_message ("log groups are not remembered: %s",
               error != NULL ? error->message : g_strerror (errno));
}

gboolean
fluo_log_groups_add (const char *connection, const char *name)
{
  g_auto (GStrv) names = load_groups (connection);
  g_autoptr (GStrvBuilder) more = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  if (!fluo_logs_is_group (name) || g_strv_contains ((const char *const *) names, name)
      || g_strv_length (names) >= FLUO_LOG_GROUPS_ADDED_MAX)
    return FALSE;
  g_strv_builder_addv (more, (const char **) names);
  g_strv_builder_add (more, name);
  all = g_strv_builder_end (more);
  save_groups (connection, (const char *const *) all);
  return TRUE;
}

void
fluo_log_groups_remove (const char *connection, const char *name)
{
  g_auto (GStrv) names = load_groups (connection);
  g_autoptr (GStrvBuilder) others = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    if (g_strcmp0 (names[i], name) != 0)
      g_strv_builder_add (others, names[i]);
  all = g_strv_builder_end (others);
  save_groups (connection, (const char *const *) all);
}

char **
fluo_log_groups_dup_all (const char *connection, const char *const *first)
{
  g_auto (GStrv) added = load_groups (connection);
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; first != NULL && first[i] != NULL; i++)
    g_strv_builder_add (all, first[i]);
  for (guint i = 0; added[i] != NULL; i++)
    if (first == NULL || !g_strv_contains (first, added[i]))
      g_strv_builder_add (all, added[i]);
  return g_strv_builder_end (all);
}

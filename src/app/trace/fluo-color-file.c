/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-color-file.h"

#include <string.h>

/* Enough for every service that a person tells apart; more only repeats colours. */
#define SAVED_MAX 512
#define GROUP "services"

static char *
file_path (const char *connection)
{
  g_autofree char *name = g_strdup_printf ("colors-%s.ini", connection);

  /* Connections are named by users and hosts; a file name takes no slash or dot-dot. */
  g_strcanon (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", '_');
  return g_build_filename (g_get_user_state_dir (), "fluoroscope", name, NULL);
}

void
fluo_color_file_load (FluoServiceColors *colors, const char *connection)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = file_path (connection);
  g_auto (GStrv) saved = NULL;
  gsize n;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return;
  saved = g_key_file_get_string_list (file, GROUP, "order", &n, NULL);
  if (saved && n <= SAVED_MAX)
    fluo_service_colors_load (colors, (const char *const *) saved);
}

void
fluo_color_file_save (FluoServiceColors *colors, const char *connection)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = file_path (connection);
  g_autofree char *dir = g_path_get_dirname (path);
  g_auto (GStrv) order = fluo_service_colors_save (colors);

  g_key_file_set_string_list (file, GROUP, "order", (const char *const *)order,
                              MIN (g_strv_length (order), SAVED_MAX));
  g_mkdir_with_parents (dir, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("the colours of services can't be remembered: %s", error->message);
}

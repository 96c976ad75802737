/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-color-file.h"

#include "app/fluo-settings.h"

/* Enough for every service that a person tells apart; more only repeats colours. */
#define SAVED_MAX 512
#define GROUP "services"

void
fluo_color_file_load (FluoServiceColors *colors, const char *connection)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = fluo_settings_dup_state_path ("colors", connection);
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
  g_autofree char *path = fluo_settings_dup_state_path ("colors", connection);
  g_autofree char *dir = g_path_get_dirname (path);
  g_auto (GStrv) order = fluo_service_colors_save (colors);

  g_key_file_set_string_list (file, GROUP, "order", (const char *const *)order,
                              MIN (g_strv_length (order), SAVED_MAX));
  g_mkdir_with_parents (dir, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_message ("the colours of services can't be remembered: %s", error->message);
}

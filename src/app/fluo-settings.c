/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-settings.h"

#include <string.h>

/* Of a connection in the name of a file; file systems take 255 bytes. */
#define NAME_MAX_CHARS 100

GSettings *
fluo_settings_get (void)
{
  static GSettings *settings = NULL;
  static gsize looked = 0;

  if (g_once_init_enter (&looked))
    {
      GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
      g_autoptr (GSettingsSchema)
          schema = source ? g_settings_schema_source_lookup (source, FLUO_APP_ID, TRUE) : NULL;

      /* g_settings_new() would abort the program when the schema is missing. */
      if (schema)
        settings = g_settings_new_full (schema, NULL, NULL);
      else
        g_message ("the settings schema is not installed; nothing will be remembered");
      g_once_init_leave (&looked, 1);
    }
  return settings;
}

gboolean
fluo_settings_get_boolean (const char *key, gboolean fallback)
{
  GSettings *settings = fluo_settings_get ();

  return settings ? g_settings_get_boolean (settings, key) : fallback;
}

gint64
fluo_settings_get_int64 (const char *key, gint64 fallback)
{
  GSettings *settings = fluo_settings_get ();

  return settings ? g_settings_get_int64 (settings, key) : fallback;
}

char *
fluo_settings_dup_string (const char *key, const char *fallback)
{
  GSettings *settings = fluo_settings_get ();

  return settings ? g_settings_get_string (settings, key) : g_strdup (fallback);
}

char **
fluo_settings_dup_strv (const char *key)
{
  GSettings *settings = fluo_settings_get ();

  return settings ? g_settings_get_strv (settings, key) : g_new0 (char *, 1);
}

GVariant *
fluo_settings_dup_value (const char *key)
{
  GSettings *settings = fluo_settings_get ();

  return settings ? g_settings_get_value (settings, key) : NULL;
}

void
fluo_settings_set_boolean (const char *key, gboolean value)
{
  if (fluo_settings_get ())
    g_settings_set_boolean (fluo_settings_get (), key, value);
}

void
fluo_settings_set_int64 (const char *key, gint64 value)
{
  if (fluo_settings_get ())
    g_settings_set_int64 (fluo_settings_get (), key, value);
}

void
fluo_settings_set_string (const char *key, const char *value)
{
  if (fluo_settings_get ())
    g_settings_set_string (fluo_settings_get (), key, value);
}

void
fluo_settings_set_strv (const char *key, const char *const *value)
{
  if (fluo_settings_get ())
    g_settings_set_strv (fluo_settings_get (), key, value);
}

void
fluo_settings_set_value (const char *key, GVariant *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  if (fluo_settings_get ())
    g_settings_set_value (fluo_settings_get (), key, owned);
}

char *
fluo_settings_dup_state_path (const char *kind, const char *connection)
{
  g_autofree char *plain = g_strdup (connection);
  g_autofree char *file = NULL;

  g_return_val_if_fail (kind != NULL && connection != NULL, NULL);

  /* Connections are named by users and hosts: a file name takes no slash, dot-dot or novel. Where
   * something of the name is lost, a hash of it tells it from others. */
  g_strcanon (plain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", '_');
  if (g_str_equal (plain, connection) && strlen (plain) <= NAME_MAX_CHARS)
    file = g_strdup_printf ("%s-%s.ini", kind, plain);
  else
    file = g_strdup_printf ("%s-%.*s-%08x.ini", kind, NAME_MAX_CHARS, plain,
                            g_str_hash (connection));
  return g_build_filename (g_get_user_state_dir (), "fluoroscope", file, NULL);
}

void
fluo_settings_copy_state (const char *from, const char *to)
{
  static const char *const kinds[] = { "map", "colors", "logs" };

  g_return_if_fail (from != NULL && to != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !g_str_equal (from, to); i++)
    {
      g_autofree char *path = fluo_settings_dup_state_path (kinds[i], from);
      g_autofree char *new_path = fluo_settings_dup_state_path (kinds[i], to);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GFile) new_file = g_file_new_for_path (new_path);
      g_autoptr (GError) error = NULL;

      if (!g_file_copy (file, new_file, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error)
          && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        g_message ("“%s” is not known under its connection's new name: %s", path, error->message);
    }
}

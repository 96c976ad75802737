/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-source-place.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"

#define PATH_BYTES_MAX 4096
#define PATH_CHARS_SHOWN 80

static gboolean
climbs (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  return g_strv_contains ((const char *const *) parts, "..");
}

char *
fluo_source_find (const char *path, const char *const *folders)
{
  g_autofree char *slashes = NULL;

  if (path == NULL || *path == '\0' || strlen (path) > PATH_BYTES_MAX)
    return NULL;
  slashes = g_strdelimit (g_strdup (path), "\\", '/');
  if (climbs (slashes))
    return NULL;
  if (g_path_is_absolute (slashes) && g_file_test (slashes, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&slashes);

  for (const char *end = slashes; end != NULL; end = strchr (end, '/'))
    {
      while (*end == '/')
        end++;
      if (*end == '\0')
        break;
      for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
        {
          g_autofree char *file = g_build_filename (folders[i], end, NULL);

          if (g_path_is_absolute (file) && g_file_test (file, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer (&file);
        }
    }

  return NULL;
}

char **
fluo_source_dup_command (const char *command, const char *file, gint64 line, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, MAX (1, line));
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = NULL;
  gboolean has_file = FALSE;

  if (!g_shell_parse_argv (command, NULL, &parts, error))
    return NULL;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autoptr (GString) part = g_string_new (NULL);

      for (const char *at = parts[i]; *at != '\0';)
        if (g_str_has_prefix (at, "{file}"))
          {
            g_string_append (part, file);
            at += strlen ("{file}");
            has_file = TRUE;
          }
        else if (g_str_has_prefix (at, "{line}"))
          {
            g_string_append (part, number);
            at += strlen ("{line}");
          }
        else
          g_string_append_c (part, *at++);
      g_ptr_array_add (arguments, g_strdup (part->str));
    }
  if (!has_file)
    g_ptr_array_add (arguments, g_strdup (file));
  g_ptr_array_add (arguments, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&arguments), FALSE);
}

gboolean
fluo_source_open (const char *path, gint64 line, const char *const *folders, const char *command,
                  GError **error)
{
  g_autofree char *file = fluo_source_find (path, folders);
  g_autoptr (GSubprocess) process = NULL;
  g_auto (GStrv) arguments = NULL;

  if (file == NULL)
    {
      g_autofree char *safe = fluo_format_untrusted (path != NULL ? path : "–", PATH_CHARS_SHOWN);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _("%s is not here; name the folder of its sources in Preferences"), safe);
      return FALSE;
    }
  if (*command == '\0')
    {
      g_autofree char *uri = g_filename_to_uri (file, NULL, error);
      g_autofree char *type = g_content_type_guess (file, NULL, 0, NULL);

      /* What is no text might be run rather than shown. */
      if (uri != NULL && !g_content_type_is_a (type, "text/plain"))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _("this is no text; choose an editor in Preferences"));
          return FALSE;
        }
      return uri != NULL && g_app_info_launch_default_for_uri (uri, NULL, error);
    }

  arguments = fluo_source_dup_command (command, file, line, error);
  if (arguments == NULL)
    return FALSE;
  process = g_subprocess_newv ((const char *const *) arguments, G_SUBPROCESS_FLAGS_NONE, error);

  return process != NULL;
}

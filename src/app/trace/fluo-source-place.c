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

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                             _("Nothing here opens such files; choose an editor in Preferences"));
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
launch (GTask *task, const char *file, GAppLaunchContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = g_filename_to_uri (file, NULL, &error);
  g_autofree char *type = g_content_type_guess (file, NULL, 0, NULL);

  /* What is no text might be run rather than shown. */
  if (uri == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (!g_content_type_is_a (type, "text/plain"))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                             _("this is no text; choose an editor in Preferences"));
  else
    g_app_info_launch_default_for_uri_async (uri, context, g_task_get_cancellable (task),
                                             launched_cb, g_object_ref (task));
}

static void
return_failure (GTask *task, const GError *error)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _("The editor’s command failed: %s"), error->message);
}

/* An editor that is not found by another program, or that has no terminal, says so only here. */
static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_failure (task, error);
}

static void
run (GTask *task, const char *command, const char *file, gint64 line)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = fluo_source_dup_command (command, file, line, &error);
  g_autoptr (GSubprocess) process = NULL;

  if (arguments != NULL)
    process =
      g_subprocess_newv ((const char *const *) arguments, G_SUBPROCESS_FLAGS_NONE, &error);
  if (process == NULL)
    return_failure (task, error);
  else
    g_subprocess_wait_check_async (process, g_task_get_cancellable (task), exited_cb,
                                   g_object_ref (task));
}

void
fluo_source_open_async (const char *path, gint64 line, const char *const *folders,
                        const char *command, GAppLaunchContext *context,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autofree char *file = fluo_source_find (path, folders);

  g_task_set_source_tag (task, fluo_source_open_async);
  if (file == NULL)
    {
      g_autofree char *safe = fluo_format_untrusted (path != NULL ? path : "–", PATH_CHARS_SHOWN);

      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                               _("%s is not here; name the folder of its sources in Preferences"),
                               safe);
    }
  else if (*command == '\0')
    launch (task, file, context);
  else
    run (task, command, file, line);
}

gboolean
fluo_source_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

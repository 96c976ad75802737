/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config-private.h"

#define FILE_BYTES_MAX (4 * 1024 * 1024) /* far above any real file */

G_DEFINE_QUARK (fluo-aws-config-error-quark, fluo_aws_config_error)

static void
section_free (gpointer data)
{
  FluoAwsConfigSection *section = data;

  g_hash_table_unref (section->values);
  g_free (section);
}

void
fluo_aws_config_value_free (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

void
fluo_aws_config_warn (FluoAwsConfig *self, const char *path, guint line, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (self->warnings->len >= FLUO_AWS_WARNINGS_MAX - 1)
    {
      self->n_left_out++;
      g_ptr_array_set_size (self->warnings, FLUO_AWS_WARNINGS_MAX - 1);
      g_ptr_array_add (self->warnings,
                       g_strdup_printf (_("%u more warnings left out"), self->n_left_out));
      return;
    }
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (line > 0)
    g_ptr_array_add (self->warnings, g_strdup_printf ("%s:%u: %s", path, line, text));
  else
    g_ptr_array_add (self->warnings, g_strdup_printf ("%s: %s", path, text));
}

/* Reads a regular file within the limit. Pipes and devices would block for ever, so the file is
 * opened without waiting and looked at first. @ret_text NULL when there is no such file. */
static gboolean
read_file (const char *path, char **ret_text, gsize *ret_length, gboolean *ret_exposed,
           GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  struct stat info;
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  int why = errno;

  *ret_text = NULL;
  if (fd < 0 && (why == ENOENT || why == ENOTDIR))
    return TRUE;
  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      if (fd >= 0)
        close (fd);
      g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_UNREADABLE,
                   _("can't read \"%s\": %s"), path,
                   fd < 0 ? g_strerror (why) : _("it is not a regular file"));
      return FALSE;
    }
  *ret_exposed = (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
  text = g_malloc (FILE_BYTES_MAX + 1);
  for (;;)
    {
      gssize n = read (fd, text + length, FILE_BYTES_MAX + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }
  close (fd);
  if (length > FILE_BYTES_MAX)
    {
      explicit_bzero (text, length);
      g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_TOO_LARGE,
                   _("\"%s\" is larger than %d MiB; is it the right file?"), path,
                   FILE_BYTES_MAX / (1024 * 1024));
      return FALSE;
    }
  *ret_text = g_steal_pointer (&text);
  *ret_length = length;
  return TRUE;
}

FluoAwsConfig *
fluo_aws_config_new (void)
{
  FluoAwsConfig *self = g_new0 (FluoAwsConfig, 1);

  for (guint i = 0; i < FLUO_AWS_N_FILES; i++)
    for (guint j = 0; j < FLUO_AWS_N_SECTIONS; j++)
      self->sections[i][j] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, section_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fluo_aws_config_free (FluoAwsConfig *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < FLUO_AWS_N_FILES; i++)
    for (guint j = 0; j < FLUO_AWS_N_SECTIONS; j++)
      g_hash_table_unref (self->sections[i][j]);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

char *
fluo_aws_config_dup_path (FluoAwsFile file)
{
  const char *path = g_getenv (file == FLUO_AWS_FILE_CONFIG ? "AWS_CONFIG_FILE"
                                                            : "AWS_SHARED_CREDENTIALS_FILE");

  if (!path || *path == '\0')
    return g_build_filename (g_get_home_dir (), ".aws",
                             file == FLUO_AWS_FILE_CONFIG ? "config" : "credentials", NULL);
  if (path[0] == '~' && path[1] == G_DIR_SEPARATOR)
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  return g_strdup (path);
}

gboolean
fluo_aws_config_load (FluoAwsConfig *self, FluoAwsFile file, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  gboolean exposed = FALSE, ok;

  g_return_val_if_fail (self != NULL && file < FLUO_AWS_N_FILES && path != NULL, FALSE);

  if (!read_file (path, &text, &length, &exposed, error))
    return FALSE;
  if (!text)
    return TRUE;
  if (file == FLUO_AWS_FILE_CREDENTIALS && exposed)
    fluo_aws_config_warn (self, path, 0,
                          _("other users of this computer can read the file; run \"chmod 600\" on "
                            "it"));
  ok = fluo_aws_config_parse (self, file, path, text, length, error);
  explicit_bzero (text, length);
  return ok;
}

const char *
fluo_aws_config_get (const FluoAwsConfig *self, FluoAwsFile file, FluoAwsSection section,
                     const char *name, const char *key, const char *nested)
{
  g_autofree char *full = NULL;
  const FluoAwsConfigSection *found;
  const char *value;

  g_return_val_if_fail (self != NULL && name != NULL && key != NULL, NULL);

  found = g_hash_table_lookup (self->sections[file][section], name);
  if (!found)
    return NULL;
  full = nested ? g_strconcat (key, FLUO_AWS_NESTED_SEPARATOR, nested, NULL) : g_strdup (key);
  value = g_hash_table_lookup (found->values, full);
  return value && *value != '\0' ? value : NULL;
}

const char *
fluo_aws_config_get_profile (const FluoAwsConfig *self, const char *profile, const char *key)
{
  const char *value = fluo_aws_config_get (self, FLUO_AWS_FILE_CREDENTIALS,
                                           FLUO_AWS_SECTION_PROFILE, profile, key, NULL);

  if (!value)
    value = fluo_aws_config_get (self, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_PROFILE, profile, key,
                                 NULL);
  return value;
}

gboolean
fluo_aws_config_has_section (const FluoAwsConfig *self, FluoAwsFile file, FluoAwsSection section,
                             const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  return g_hash_table_contains (self->sections[file][section], name);
}

gboolean
fluo_aws_config_has_profile (const FluoAwsConfig *self, const char *profile)
{
  return fluo_aws_config_has_section (self, FLUO_AWS_FILE_CREDENTIALS, FLUO_AWS_SECTION_PROFILE,
                                      profile)
         || fluo_aws_config_has_section (self, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_PROFILE,
                                         profile);
}

static int
string_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
fluo_aws_config_dup_profiles (const FluoAwsConfig *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_hash_table_iter_init (&iter, self->sections[file][FLUO_AWS_SECTION_PROFILE]);
      while (g_hash_table_iter_next (&iter, &name, NULL))
        if (file == 0 || !g_hash_table_contains (self->sections[0][FLUO_AWS_SECTION_PROFILE], name))
          g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, string_compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

char **
fluo_aws_config_dup_sections (const FluoAwsConfig *self, FluoAwsFile file, FluoAwsSection section)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_return_val_if_fail (self != NULL, NULL);

  g_hash_table_iter_init (&iter, self->sections[file][section]);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, string_compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

GPtrArray *
fluo_aws_config_get_warnings (const FluoAwsConfig *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->warnings;
}

char *
fluo_aws_profile_dup_quoted (const char *profile)
{
  static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.:/@%+,";

  if (*profile != '\0' && profile[strspn (profile, plain)] == '\0')
    return g_strdup (profile);
  return g_shell_quote (profile);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* Version 1: the first. A reader of version 1 leaves files of later ones alone. */
#define VERSION 1

#define LOCK_TRIES 50
#define LOCK_PAUSE_USEC 10000
/* So many damaged files beside each other are enough. */
#define ASIDE_MAX 100

G_DEFINE_QUARK (fluo-query-file-error-quark, fluo_query_file_error)

int
fluo_query_file_lock (const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  int fd;

  if (g_mkdir_with_parents (dir, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", dir,
                   g_strerror (errno));
      return -1;
    }
  fd = open (name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", name,
                   g_strerror (errno));
      return -1;
    }
  for (guint i = 0; flock (fd, LOCK_EX | LOCK_NB) != 0; i++)
    {
      if (i >= LOCK_TRIES)
        {
          close (fd);
          g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_BUSY,
                       _("another program keeps “%s” locked"), name);
          return -1;
        }
      g_usleep (LOCK_PAUSE_USEC);
    }
  return fd;
}

FluoJsonTape *
fluo_query_file_parse (GBytes *bytes, const char *format, GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autofree char *found = NULL;
  gint64 version;

  if (g_bytes_get_size (bytes) > FLUO_QUERY_FILE_BYTES_MAX)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
                   _("the file is larger than %d MB"), FLUO_QUERY_FILE_BYTES_MAX / 1024 / 1024);
      return NULL;
    }
  tape = fluo_json_tape_new (bytes, &inner);
  if (tape)
    found = fluo_json_tape_dup_member (tape, 0, "Format");
  version = tape ? fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "Version"), 0) : 0;
  if (g_strcmp0 (found, format) != 0 || version < 1)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_DAMAGED, "%s",
                   inner ? inner->message : _("this is no file of saved filters"));
      return NULL;
    }
  if (version > VERSION)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_NEWER,
                   _("the file was written by a newer Fluoroscope (version %d of the format)"),
                   (int) MIN (version, G_MAXINT));
      return NULL;
    }
  return g_steal_pointer (&tape);
}

FluoJsonTape *
fluo_query_file_read (const char *path, const char *format, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = g_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
      G_FILE_QUERY_INFO_NONE, NULL, error);
  g_autoptr (GBytes) bytes = NULL;
  char *text;
  gsize length;

  if (!info)
    return NULL;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("“%s” is no regular file"),
                   path);
      return NULL;
    }
  if (g_file_info_get_size (info) > FLUO_QUERY_FILE_BYTES_MAX)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
                   _("the file is larger than %d MB"), FLUO_QUERY_FILE_BYTES_MAX / 1024 / 1024);
      return NULL;
    }
  if (!g_file_load_contents (file, NULL, &text, &length, NULL, error))
    return NULL;
  bytes = g_bytes_new_take (text, length);
  return fluo_query_file_parse (bytes, format, error);
}

void
fluo_query_file_begin (FluoJsonWriter *writer, const char *format)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Format");
  fluo_json_writer_string (writer, format);
  fluo_json_writer_key (writer, "Version");
  fluo_json_writer_int (writer, VERSION);
}

gboolean
fluo_query_file_write (const char *path, const GString *out, gboolean durable, GError **error)
{
  /* Some keep such files elsewhere and link them here: the link stays. */
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *pretty = fluo_json_pretty (out->str, out->len);
  g_autofree char *text = g_strconcat (pretty ? pretty : out->str, "\n", NULL);

  return g_file_set_contents_full (
      real ? real : path, text, -1,
      G_FILE_SET_CONTENTS_CONSISTENT | (durable ? G_FILE_SET_CONTENTS_DURABLE : 0), 0600, error);
}

char *
fluo_query_file_move_aside (const char *path, GError **error)
{
  for (guint i = 1; i <= ASIDE_MAX; i++)
    {
      g_autofree char *name = i == 1 ? g_strconcat (path, ".damaged", NULL)
                                     : g_strdup_printf ("%s.damaged-%u", path, i);

      if (g_file_test (name, G_FILE_TEST_EXISTS))
        continue;
      if (g_rename (path, name) == 0)
        return g_steal_pointer (&name);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
               _("too many damaged files lie beside “%s”"), path);
  return NULL;
}

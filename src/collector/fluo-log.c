/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include "collector/fluo-log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* The X-Ray daemon's words; "prod" is its default. */
static const struct
{
  const char    *word;
  GLogLevelFlags least; /* the least important level that is shown */
} levels[] = {
  { "dev", G_LOG_LEVEL_DEBUG }, { "debug", G_LOG_LEVEL_DEBUG },  { "info", G_LOG_LEVEL_INFO },
  { "prod", G_LOG_LEVEL_INFO }, { "warn", G_LOG_LEVEL_WARNING }, { "error", G_LOG_LEVEL_CRITICAL },
};

/* Set before there are other threads, and only read then. */
static GLogLevelFlags least = G_LOG_LEVEL_MESSAGE;
static int log_fd = -1;

static const char *
get_mark (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "[Error]";
  if (level & G_LOG_LEVEL_WARNING)
    return "[Warn]";
  return level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO) ? "[Info]" : "[Debug]";
}

static void
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *line = NULL;
  const char *message = "";
  gssize n;

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0 && fields[i].length < 0)
      message = fields[i].value;
  line = g_strdup_printf ("%s %s %s\n", time, get_mark (level), message);
  g_strdelimit (line, "\r\n", ' ');
  line[strlen (line) - 1] = '\n';
  /* Whole lines by one call, so that threads don't mix theirs. A full disk loses them. */
  n = write (log_fd, line, strlen (line));
  (void) n;
}

/* Any thread. */
static GLogWriterOutput
log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  /* The smaller the more important. */
  if ((level & G_LOG_LEVEL_MASK) > least)
    return G_LOG_WRITER_HANDLED;
  if (log_fd >= 0)
    write_line (level, fields, n_fields);
  else if (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG))
    /* The default writer would want G_MESSAGES_DEBUG too. */
    return g_log_writer_standard_streams (level, fields, n_fields, NULL);
  else
    return g_log_writer_default (level, fields, n_fields, NULL);
  return G_LOG_WRITER_HANDLED;
}

gboolean
fluo_log_set_up (const char *level, const char *path, GError **error)
{
  gsize i = 0;

  if (!level && !path)
    return TRUE;
  while (level && i < G_N_ELEMENTS (levels) && strcmp (levels[i].word, level) != 0)
    i++;
  if (i == G_N_ELEMENTS (levels))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("the log level “%s” is none of dev, debug, info, warn, error and prod"),
                   level);
      return FALSE;
    }
  if (level)
    least = levels[i].least;
  if (path)
    log_fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (path && log_fd < 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("the log file “%s” can't be written: %s"), path, g_strerror (saved));
      return FALSE;
    }
  g_log_set_writer_func (log_cb, NULL, NULL);
  return TRUE;
}

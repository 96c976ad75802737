/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/fluo-json.h"

G_BEGIN_DECLS

/* The small JSON files of saved queries and of history: read whole, changed under a lock, written
 * whole and atomically, so that several windows and several programs can share one and a crash
 * leaves the old or the new file. Every file is one object: {"Format": …, "Version": 1, …}. */

typedef enum
{
  FLUO_QUERY_FILE_ERROR_DAMAGED, /* not this format */
  FLUO_QUERY_FILE_ERROR_NEWER,   /* written by a newer program: read by it alone */
  FLUO_QUERY_FILE_ERROR_LIMIT,   /* too large, or too many */
  FLUO_QUERY_FILE_ERROR_BUSY     /* somebody else holds the lock for long */
} FluoQueryFileError;

#define FLUO_QUERY_FILE_ERROR (fluo_query_file_error_quark ())
GQuark fluo_query_file_error_quark (void);

/* Larger is nobody's list of filters. */
#define FLUO_QUERY_FILE_BYTES_MAX (8 * 1024 * 1024)

/* A descriptor to close() when done, or -1. Makes the directory. Others are waited for half a
 * second. */
int           fluo_query_file_lock  (const char *path, GError **error);
/* G_IO_ERROR_NOT_FOUND when there is none. */
FluoJsonTape *fluo_query_file_read  (const char *path, const char *format, GError **error);
FluoJsonTape *fluo_query_file_parse (GBytes *bytes, const char *format, GError **error);
/* @out begins with what fluo_query_file_begin() wrote. The file is the user's alone. @durable: on
 * the disk when this returns. */
gboolean      fluo_query_file_write (const char *path, const GString *out, gboolean durable,
                                     GError **error);
void          fluo_query_file_begin (FluoJsonWriter *writer, const char *format);
/* Renames the file to a name that says so and is free; the new name or NULL. */
char         *fluo_query_file_move_aside (const char *path, GError **error);

G_END_DECLS

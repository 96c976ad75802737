/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* From a place in a stack, which comes from a trace and is not to be trusted, to an editor. */

/* The regular file that @path means on this computer: itself when it is absolute and there, else
 * the longest end of it that is there below one of @folders (NULL-terminated, nullable). Names that
 * climb ("..") lead nowhere. NULL when there is none. */
char    *fluo_source_find        (const char *path, const char *const *folders);
/* @command ("code --goto {file}:{line}") as arguments, with what is in braces replaced after it was
 * split: a file's name never becomes an option or another argument, and no shell sees it. Without
 * "{file}" the file comes last. NULL with @error when it can't be split. */
char   **fluo_source_dup_command (const char *command, const char *file, gint64 line,
                                  GError **error);
/* Opens the place with @command, or with what the desktop opens such files with when it is "". Ends
 * when the command does, so that one that fails can be told of: its error is a sentence. */
void     fluo_source_open_async  (const char *path, gint64 line, const char *const *folders,
                                  const char *command, GAppLaunchContext *context,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_source_open_finish (GAsyncResult *result, GError **error);

G_END_DECLS

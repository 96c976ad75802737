/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The application's GSettings, or NULL when the schema is not installed (a program run from the
 * build tree by hand): then every reader gives the fallback and every writer does nothing. Main
 * thread. */
GSettings *fluo_settings_get         (void);

gboolean   fluo_settings_get_boolean (const char *key, gboolean fallback);
gint64     fluo_settings_get_int64   (const char *key, gint64 fallback);
char      *fluo_settings_dup_string  (const char *key, const char *fallback);
char     **fluo_settings_dup_strv    (const char *key); /* never NULL */
/* The key's value, or NULL. */
GVariant  *fluo_settings_dup_value   (const char *key);

void       fluo_settings_set_boolean (const char *key, gboolean value);
void       fluo_settings_set_int64   (const char *key, gint64 value);
void       fluo_settings_set_string  (const char *key, const char *value);
void       fluo_settings_set_strv    (const char *key, const char *const *value);
void       fluo_settings_set_value   (const char *key, GVariant *value); /* sinks @value */

/* The file of what is remembered of a connection apart from the settings: @kind is "map", "colors"
 * or "logs". Two connections never share one, whatever they are called. */
char      *fluo_settings_dup_state_path (const char *kind, const char *connection);
/* The connection is about to be called @to: all of that is there under the new name, too. */
void       fluo_settings_copy_state  (const char *from, const char *to);

G_END_DECLS

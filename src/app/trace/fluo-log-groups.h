/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Log groups that a user added by name, kept for each connection in the state directory. Main
 * thread. */

#define FLUO_LOG_GROUPS_ADDED_MAX 50

/* FALSE when the name is none that a group can have, or is there already. */
gboolean fluo_log_groups_add    (const char *connection, const char *name);
void     fluo_log_groups_remove (const char *connection, const char *name);
/* @first, then what was added to the connection and is not among them. */
char **fluo_log_groups_dup_all (const char *connection,
                                const char *const *first) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

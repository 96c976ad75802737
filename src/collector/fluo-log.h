/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the program's messages go, and which. */

/* @level: "dev", "debug", "info", "warn", "error" or "prod", or NULL for what GLib does; @path: a
 * file that lines are added to, or NULL. FALSE with a G_IO_ERROR when one of them can't be used.
 * Call once, before other threads begin. */
gboolean fluo_log_set_up (const char *level, const char *path, GError **error);

G_END_DECLS

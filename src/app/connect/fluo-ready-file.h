/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a collector writes when it listens: the first address of HTTP, and that of UDP or NULL, both
 * newly allocated. FALSE, with both untouched, while the file is not there or not whole yet. */
gboolean fluo_ready_file_read (const char *path, char **ret_http, char **ret_udp);

G_END_DECLS

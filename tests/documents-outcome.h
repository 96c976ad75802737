/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Everything that comes of reading the documents in @bytes in @n_parts, as a text. */
char *documents_outcome (GBytes *bytes, guint traces_max,
                         guint n_parts) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

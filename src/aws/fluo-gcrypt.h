/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* libgcrypt wants to be begun before it is used, once in a process, by whoever comes first, which
 * may have been libsecret. Any thread. */
void fluo_gcrypt_prepare (void);

G_END_DECLS

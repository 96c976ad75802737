/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A store that only its key opens: everything SQLite writes is sealed with AES-256-GCM on the way
 * to the disk, the indexes, the ids and the log as well as the documents, so that nothing above
 * this file knows of it.
 *
 * Each 4096 bytes that SQLite writes become 4124 on the disk: a random nonce of 12, the bytes, a
 * tag of 16. What is authenticated beside them is the kind of file and the place in it, so that two
 * pages can't be exchanged. Plain are the log's headers (page numbers, sums over pages, two salts),
 * the sizes of the files, and when they change. A page that was replaced by an older one of the
 * same place is not noticed. */

#define FLUO_SEAL_KEY_BYTES 32

/* From now on every database that this process opens is sealed with @key, which is copied. Once in
 * a process, before the first database is opened. Errors are FLUO_STORE_ERROR_FAILED. */
gboolean fluo_sealed_vfs_begin     (const guint8 *key, GError **error);
gboolean fluo_sealed_vfs_is_active (void);
/* Whether @directory may be used: a sealed one needs its own key, and one with a plain store can't
 * become sealed. Makes the file that tells, when there is no store yet. To be asked before a store
 * is opened, because a store that can't be read counts as damaged and is begun anew. Errors are
 * FLUO_STORE_ERROR_DIRECTORY. */
gboolean fluo_sealed_vfs_check     (const char *directory, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Small texts packed with zstd and a dictionary that was trained on what this store holds: a
 * document of 1.5 KB alone packs to half, with the dictionary to a sixth. Any thread, except where
 * it says writer. */
typedef struct _FluoPacker FluoPacker;

FluoPacker *fluo_packer_new          (void);
void        fluo_packer_free         (FluoPacker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoPacker, fluo_packer_free)

/* @ret_dictionary is 0 when none was used. */
GBytes     *fluo_packer_pack         (FluoPacker *self, gconstpointer data, gsize size,
                                      guint32 *ret_dictionary);
/* NULL with a FLUO_STORE_ERROR_CORRUPT when the bytes are damaged, would be larger than @size_max,
 * or name a dictionary that is not there. */
GBytes     *fluo_packer_unpack       (FluoPacker *self, guint32 dictionary, gconstpointer data,
                                      gsize size, gsize size_max, GError **error);
/* Large things, without a dictionary. */
GBytes     *fluo_pack_large          (gconstpointer data, gsize size);
GBytes     *fluo_unpack_large        (gconstpointer data, gsize size, gsize size_max,
                                      GError **error);
/* Gives back what the calling thread has kept for packing. */
void        fluo_pack_trim           (void);

/* [writer] A dictionary that is in the store; the last one is packed with. FALSE when it is
 * damaged or there are too many. */
gboolean    fluo_packer_add          (FluoPacker *self, guint32 number, GBytes *bytes);
/* [writer] The store was begun anew: no dictionary is in it. */
void        fluo_packer_forget       (FluoPacker *self);
/* Whether what was packed with it can be stored. */
gboolean    fluo_packer_is_stored    (FluoPacker *self, guint32 dictionary);
/* [writer] Shows the packer a document that is being stored, and what it packed to. It keeps some
 * for training, which runs in a thread of its own. */
void        fluo_packer_sample       (FluoPacker *self, GBytes *document, gsize packed_size);
/* [writer] A dictionary that has been trained and awaits storing, with its number; or NULL. */
GBytes     *fluo_packer_take_trained (FluoPacker *self, guint32 *ret_number);

G_END_DECLS

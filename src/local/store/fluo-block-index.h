/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"

G_BEGIN_DECLS

/* Which sealed blocks may hold a trace id. An index over a million random ids in the database would
 * touch a page somewhere for every trace that comes; this costs 4 bytes of memory a trace and a
 * handful of reads a question, whatever the ids look like.
 *
 * Every block has a Bloom filter of FLUO_ID_FILTER_BITS. The filters of 64 blocks are kept turned
 * by 90 degrees: one word holds the same bit of all 64, so that one AND a probe asks them all. */
typedef struct _FluoBlockIndex FluoBlockIndex;

#define FLUO_ID_FILTER_BITS 32768
#define FLUO_ID_FILTER_BYTES (FLUO_ID_FILTER_BITS / 8)

/* Adds an id to a block's filter of FLUO_ID_FILTER_BYTES. */
void            fluo_id_filter_add     (guint8 *filter, const FluoTraceId *id);

FluoBlockIndex *fluo_block_index_new    (void);
void            fluo_block_index_free   (FluoBlockIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoBlockIndex, fluo_block_index_free)
void            fluo_block_index_add    (FluoBlockIndex *self, gint64 block, const guint8 *filter);
void            fluo_block_index_remove (FluoBlockIndex *self, gint64 block);
/* Appends the numbers of the blocks that may hold @id (of those that don't, one in
 * 170,000 is named too). */
void            fluo_block_index_find   (FluoBlockIndex *self, const FluoTraceId *id,
                                         GArray *ret_blocks);

G_END_DECLS

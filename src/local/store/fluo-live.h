/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-block-index.h"
#include "local/store/fluo-block.h"

G_BEGIN_DECLS

/* What of the store is in memory and seen by everybody: the open blocks, and a directory of the
 * sealed ones. The writer changes it, under the lock together with the commit it belongs to; a
 * reader takes a view, under the lock together with the beginning of its transaction, so that both
 * halves always fit. Taking a view copies a list of pointers; the writer copies what it changes
 * while somebody looks at it. */
typedef struct _FluoLive FluoLive;

/* One moment. Immutable. */
typedef struct
{
  GPtrArray *open;   /* FluoOpenBlock */
  GPtrArray *sealed; /* FluoSealedBlock, by number */
} FluoLiveView;

void fluo_live_view_free (FluoLiveView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLiveView, fluo_live_view_free)

FluoLive *fluo_live_new    (void);
void      fluo_live_free   (FluoLive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLive, fluo_live_free)
void      fluo_live_lock   (FluoLive *self);
void      fluo_live_unlock (FluoLive *self);
/* fluo_live_get_view() for who needs the lock for nothing else. */
FluoLiveView *fluo_live_take_view (FluoLive *self) G_GNUC_WARN_UNUSED_RESULT;

/* --- With the lock held -------------------------------------------------- */

void           fluo_live_clear      (FluoLive *self);
FluoLiveView  *fluo_live_get_view   (FluoLive *self) G_GNUC_WARN_UNUSED_RESULT;
guint64        fluo_live_count      (FluoLive *self);
/* NULL when it is not among the open ones. Borrowed. */
FluoOpenTrace *fluo_live_find_open  (FluoLive *self, const FluoTraceId *id);
/* Numbers (gint64) of the sealed blocks that may hold it, newest first. */
void           fluo_live_find_sealed (FluoLive *self, const FluoTraceId *id, GArray *ret_blocks);
FluoSealedBlock *fluo_live_get_sealed (FluoLive *self, gint64 number); /* borrowed or NULL */

/* A reader misses the sum of this hour (FLUO_GRAPH_KEY); the writer takes note when it has time. */
void           fluo_live_want       (FluoLive *self, gint64 hour);
GArray        *fluo_live_take_wanted (FluoLive *self) G_GNUC_WARN_UNUSED_RESULT;

/* The list of pinned traces is not what it was; also at the start. */
void           fluo_live_set_pins_changed (FluoLive *self, gboolean changed);
gboolean       fluo_live_get_pins_changed (FluoLive *self);

/* [writer] */
FluoOpenBlock *fluo_live_add_block    (FluoLive *self, guint64 number);
/* [writer] For changing: not what anybody looks at. NULL when there is none of that number. */
FluoOpenBlock *fluo_live_get_block    (FluoLive *self, guint64 number);
void           fluo_live_remove_block (FluoLive *self, guint64 number);
/* [writer] Puts the trace into the block, in place of the one with the same id when that is
 * there. */
void           fluo_live_put_trace    (FluoLive *self, guint64 number, FluoOpenTrace *trace);
void           fluo_live_remove_trace (FluoLive *self, guint64 number, const FluoTraceId *id);
/* [writer] Takes a reference; replaces one of the same number. @id_filter NULL keeps the one that
 * is known. */
void           fluo_live_put_sealed   (FluoLive *self, FluoSealedBlock *block,
                                       const guint8 *id_filter);
void           fluo_live_remove_sealed (FluoLive *self, gint64 number);

G_END_DECLS

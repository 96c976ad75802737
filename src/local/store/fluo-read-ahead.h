/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-store.h"
#include "local/store/fluo-block.h"

G_BEGIN_DECLS

/* Reads many sealed blocks, one after the other. Unpacking is what takes the time, so from the
 * fourth block on a second thread reads those that come next, on a connection of its own. What
 * comes out, and in which order, is the same without it. */
typedef struct _FluoReadAhead FluoReadAhead;

typedef struct
{
  gint64 block;
  guint  chunks; /* bits */
} FluoWantedBlock;

/* @wanted (FluoWantedBlock) is copied. */
FluoReadAhead *fluo_read_ahead_new  (FluoConnection *reader, GArray *wanted);
/* Drops what was read and nobody asked for. Before the reader is given back. */
void           fluo_read_ahead_free (FluoReadAhead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoReadAhead, fluo_read_ahead_free)
/* The next of the list, as fluo_block_read() does it. */
gboolean       fluo_read_ahead_next (FluoReadAhead *self, FluoBlockContents *ret_contents,
                                     GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-ingest-private.h"

G_BEGIN_DECLS

/* [writer] The contents of a sealed block that is being put together: those of an open one, or what
 * stays of an older one. */
typedef struct
{
  FluoIngest        *ingest;
  GArray            *entries; /* FluoTraceEntry */
  GArray            *views;   /* FluoTraceFacts, in the order of entries */
  GArray            *graphs;  /* FluoGraphPart */
  guint              n_old;   /* of graphs: those of the block that is taken in */
  FluoSealedBlock   *old;     /* NULL = none */
  FluoBlockContents  old_contents;
  FluoSealedBlock   *block;
} FluoSealing;

/* A new, empty block with a number of its own. */
void     fluo_sealing_init       (FluoSealing *self, FluoIngest *ingest);
void     fluo_sealing_clear      (FluoSealing *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoSealing, fluo_sealing_clear)
/* @facts, those of trace @i, stay until the block is written. */
void     fluo_sealing_take_trace (FluoSealing *self, const FluoTraceEntry *entry,
                                  FluoFactsBlock *facts, guint i);
/* In a transaction: the rows of the new block, and those it makes needless. @open may be NULL. */
gboolean fluo_sealing_write      (FluoSealing *self, FluoOpenBlock *open, GError **error);
/* Commits, and shows everybody the new block in place of what it was made of. */
gboolean fluo_sealing_commit     (FluoSealing *self, FluoOpenBlock *open, GError **error);

G_END_DECLS

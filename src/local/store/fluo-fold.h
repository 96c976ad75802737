/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-stored-trace.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 id;
  GBytes *body;
} FluoFoldedDocument;

/* A trace's documents as BatchGetTraces gives them: every independent subsegment inside its parent,
 * without type, trace_id and parent_id; a GArray of FluoFoldedDocument. What can't go into a parent
 * (it never came, it would nest deeper than FLUO_JSON_DEPTH_MAX, or the parents form a ring) stays
 * as it was stored, so that nothing is lost. */
GArray *fluo_fold_documents (FluoStoredTrace *stored);

G_END_DECLS

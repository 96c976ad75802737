/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-segment.h"
#include "core/fluo-trace.h"
#include "graph/fluo-service-graph.h"
#include "local/fluo-connection.h"

G_BEGIN_DECLS

/* One trace as the store has it: its row and its documents. A plain object of the thread that made
 * it. */

typedef enum
{
  FLUO_STORED_IN_PROGRESS = 1 << 0,
  FLUO_STORED_SUBSEGMENT  = 1 << 1
} FluoStoredFlags;

typedef struct
{
  gint64  row;
  guint64 id;     /* of the segment or subsegment */
  guint   flags;  /* FluoStoredFlags */
  GBytes *body;
} FluoStoredDocument;

typedef struct
{
  gint64      row;          /* 0 = not in the store yet */
  FluoTraceId id;
  gint64      start_ns;
  gint64      end_ns;
  gint64      updated_ns;
  gint64      revision;
  gint64      bytes;        /* of all documents */
  gint64      minute;       /* where the rollup counts it; FLUO_MINUTE_NONE = nowhere */
  gboolean    stale;        /* has documents that the summary and the rollup don't know yet */
  GArray     *documents;    /* FluoStoredDocument */
  GHashTable *index;        /* id → 1 + index, only for traces of many documents */
} FluoStoredTrace;

FluoStoredTrace *fluo_stored_trace_new      (const FluoTraceId *id);
void             fluo_stored_trace_free     (FluoStoredTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoStoredTrace, fluo_stored_trace_free)
/* Row and documents. NULL without @error when there is no such trace. */
FluoStoredTrace *fluo_stored_trace_load (FluoConnection *connection, const FluoTraceId *id,
                                         GError **error);
FluoStoredTrace *fluo_stored_trace_load_row (FluoConnection *connection, gint64 row,
                                             GError **error);
/* The document with this id, or NULL. Valid until the next change. */
FluoStoredDocument *fluo_stored_trace_find  (FluoStoredTrace *self, guint64 id);
void fluo_stored_trace_append (FluoStoredTrace *self, gint64 row, guint64 id, guint flags,
                               GBytes *body);
/* NULL when no document is usable. */
FluoTrace       *fluo_stored_trace_assemble (FluoStoredTrace *self) G_GNUC_WARN_UNUSED_RESULT;
/* Adds every stored trace that starts in @span to the graph, or takes it away. */
gboolean fluo_stored_traces_add_to_graph (FluoConnection *connection, FluoTimeSpan span,
                                          FluoServiceGraph *graph, int sign, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-segment.h"
#include "core/fluo-trace.h"
#include "graph/fluo-service-graph.h"
#include "local/store/fluo-connection.h"
#include "local/store/fluo-live.h"

G_BEGIN_DECLS

/* One trace as the store has it: its row and its documents. A plain object of the thread that made
 * it. */

typedef enum
{
  FLUO_STORED_IN_PROGRESS = 1 << 0,
  FLUO_STORED_SUBSEGMENT  = 1 << 1,
  FLUO_STORED_FLAGS       = (1 << 8) - 1
} FluoStoredFlags;

/* Above the flags the number of the dictionary that the body is packed with. */
#define FLUO_STORED_DICTIONARY_SHIFT 8

typedef struct
{
  gint64  key;
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
  gint64      bytes;        /* of all documents */
  GArray     *documents;    /* FluoStoredDocument; [i] has the key FLUO_DOCUMENT_KEY (row, i) */
  GHashTable *index;        /* id → 1 + index, only for traces of many documents */
} FluoStoredTrace;

FluoStoredTrace *fluo_stored_trace_new      (const FluoTraceId *id);
/* With the same documents, which it keeps a reference on. */
FluoStoredTrace *fluo_stored_trace_copy     (const FluoStoredTrace *self);
void             fluo_stored_trace_free     (FluoStoredTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoStoredTrace, fluo_stored_trace_free)
/* The trace with its documents, from a reader or the writer's connection. NULL without @error when
 * there is no such trace. */
FluoStoredTrace *fluo_stored_trace_load (FluoConnection *connection, const FluoTraceId *id,
                                         GError **error);
FluoStoredTrace *fluo_stored_trace_load_row (FluoConnection *connection, const FluoTraceId *id,
                                             gint64 row, GError **error);
/* Reads the documents of self->row; the times are then those of the documents. */
gboolean fluo_stored_trace_load_documents (FluoStoredTrace *self, FluoConnection *connection,
                                           GError **error);
void     fluo_stored_trace_drop_documents (FluoStoredTrace *self);
/* The document with this id, or NULL. Valid until the next change. */
FluoStoredDocument *fluo_stored_trace_find  (FluoStoredTrace *self, guint64 id);
void fluo_stored_trace_append (FluoStoredTrace *self, gint64 key, guint64 id, guint flags,
                               GBytes *body);
/* NULL when no document is usable. */
FluoTrace       *fluo_stored_trace_assemble (FluoStoredTrace *self) G_GNUC_WARN_UNUSED_RESULT;
/* Appends the traces (FluoTraceEntry) that start in @span and belong to @group (0 = any), newest
 * block first, as the reader sees them; stops after @n_max. */
gboolean fluo_stored_traces_find (FluoConnection *reader, FluoTimeSpan span, guint32 group,
                                  guint n_max, GArray *ret_entries, GError **error);
/* Adds these traces to the graph, or takes them away. */
gboolean fluo_stored_traces_add_to_graph (FluoConnection *connection, GArray *entries,
                                          FluoServiceGraph *graph, int sign, GError **error);

G_END_DECLS

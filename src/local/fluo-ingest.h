/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/fluo-counters.h"
#include "local/fluo-store.h"

G_BEGIN_DECLS

/* Turns documents into rows: files them, assembles each touched trace once, keeps its summary and
 * the rollups exact, and lets old traces go. Every call is one transaction: all of it is committed,
 * or nothing. Writer thread only. */
typedef struct _FluoIngest FluoIngest;

#define FLUO_INGEST_STORED FLUO_N_REFUSALS

/* What one trace may hold. X-Ray stops at half a megabyte; this is for the load test somebody
 * forgot to stop. */
#define FLUO_TRACE_BYTES_MAX (64 * 1024 * 1024)

typedef struct
{
  GBytes         *body;
  FluoSegmentHead head;
  guint           result; /* FLUO_INGEST_STORED or a FluoRefusedReason */
} FluoIngestDocument;

FluoIngest *fluo_ingest_new     (FluoStore *store);
void        fluo_ingest_free    (FluoIngest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoIngest, fluo_ingest_free)
/* Fills every document's result. On failure nothing was stored and the results are void. */
gboolean fluo_ingest_apply (FluoIngest *self, FluoIngestDocument **documents, guint n,
                            gint64 now_ns, GError **error);
/* Assembles the traces that were put off because they are large and change often: those whose time
 * has come, or @all. */
gboolean    fluo_ingest_settle  (FluoIngest *self, gboolean all, gint64 now_ns, GError **error);
gboolean    fluo_ingest_has_stale (FluoIngest *self);
/* Deletes up to @n_max whole traces that were last updated before @before_ns, oldest first. */
gboolean fluo_ingest_expire (FluoIngest *self, gint64 before_ns, guint n_max, guint *ret_deleted,
                             GError **error);
/* Forgets what is kept for speed; after fluo_store_quarantine() this must be called. */
void        fluo_ingest_reset   (FluoIngest *self);

G_END_DECLS

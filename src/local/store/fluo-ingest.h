/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/intake/fluo-counters.h"
#include "local/store/fluo-groups.h"
#include "local/store/fluo-store.h"

G_BEGIN_DECLS

/* Turns documents into traces. Applying files documents, and is all that happens before they are
 * acknowledged; settling assembles each trace once when its documents have stopped coming; sealing
 * packs traces that have come to rest into blocks; expiring lets blocks go. Each call that writes
 * is one transaction: all of it is committed, or nothing. Writer thread only. */
typedef struct _FluoIngest FluoIngest;

#define FLUO_INGEST_STORED FLUO_N_REFUSALS

/* What one trace may hold. X-Ray stops at half a megabyte; this is for the load test somebody
 * forgot to stop. */
#define FLUO_TRACE_BYTES_MAX (64 * 1024 * 1024)

typedef struct
{
  GBytes         *body;
  FluoSegmentHead head;
  guint           result;     /* FLUO_INGEST_STORED or a FluoRefusedReason */
  GBytes         *packed;     /* by the thread that brought it; NULL = not yet */
  guint32         dictionary; /* that it is packed with */
  FluoOrigin      origin;
} FluoIngestDocument;

FluoIngest *fluo_ingest_new     (FluoStore *store);
void        fluo_ingest_free    (FluoIngest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoIngest, fluo_ingest_free)
/* What a block may hold: bytes of documents (unpacked), and the time its traces span. Blocks expire
 * as a whole. */
void        fluo_ingest_set_limits (FluoIngest *self, gint64 block_bytes_max, gint64 block_span_ns);
/* The groups for traces that are assembled for the first time from now on; NULL = none. */
void        fluo_ingest_set_groups (FluoIngest *self, FluoGroups *groups);
/* Makes the store ready after a start: traces that were open at the end of the last run are
 * assembled. The other calls do it when nobody has. */
gboolean    fluo_ingest_recover (FluoIngest *self, GError **error);
/* Fills every document's result. On failure nothing was stored and the results are void. */
gboolean fluo_ingest_apply (FluoIngest *self, FluoIngestDocument **documents, guint n,
                            gint64 now_ns, GError **error);

typedef enum
{
  FLUO_SETTLE_DUE,   /* whose time has come */
  FLUO_SETTLE_READY, /* all but large ones that are resting */
  FLUO_SETTLE_ALL
} FluoSettleWhich;

/* Assembles traces; stops after @budget_usec (0 = none). @ret_settled (may be NULL) says whether
 * there were any. */
gboolean    fluo_ingest_settle  (FluoIngest *self, FluoSettleWhich which, gint64 budget_usec,
                                 gint64 now_ns, gboolean *ret_settled, GError **error);
/* A trace to be assembled by another thread while the writer goes on. It knows nothing of the
 * ingest, so that it may be run, and freed, by anybody. */
typedef struct _FluoAssembly FluoAssembly;

/* Appends those that are due, at most @n_max. Until they are taken back they wait as before. */
gboolean    fluo_ingest_lend      (FluoIngest *self, guint n_max, GQueue *ret_assemblies,
                                   GError **error);
/* Does the work. */
void        fluo_assembly_run     (FluoAssembly *self);
void        fluo_assembly_free    (FluoAssembly *self);
/* Takes over, and empties, those that have been run; the result of one that was overtaken is
 * dropped. */
gboolean    fluo_ingest_take_back (FluoIngest *self, GQueue *assemblies, gint64 now_ns,
                                   GError **error);
/* Number of traces that wait; when the next one's time comes (monotonic, G_MAXINT64 = none). */
guint       fluo_ingest_count_waiting (FluoIngest *self, gint64 *ret_due_usec);
/* How much of what may wait there is; above 1 some must be assembled before more is taken. */
double      fluo_ingest_get_load (FluoIngest *self);

/* Seals a block that is full or has come to rest, or any (@all). @ret_sealed FALSE: there was
 * none. */
gboolean    fluo_ingest_seal    (FluoIngest *self, gboolean all, gint64 now_ns,
                                 gboolean *ret_sealed, GError **error);
/* More blocks are open than memory is meant for. */
gboolean    fluo_ingest_is_crowded (FluoIngest *self);
/* Deletes the oldest block when all of it was last updated before @before_ns. */
gboolean    fluo_ingest_expire  (FluoIngest *self, gint64 before_ns, guint *ret_deleted,
                                 GError **error);
/* Moves up to @n_max traces from a store of format 1. @ret_more: there are others. */
gboolean    fluo_ingest_migrate (FluoIngest *self, guint n_max, gboolean *ret_more,
                                 GError **error);
/* Makes the facts of a block anew where an older version says less. @ret_more: there are other
 * blocks. */
gboolean    fluo_ingest_renew_facts (FluoIngest *self, gboolean *ret_more, GError **error);
/* Stores a dictionary that has been trained; sums hours. @try_write: writes at least something, to
 * find out whether that works again. @ret_worked: set to TRUE when there was something to do. */
gboolean    fluo_ingest_keep_house (FluoIngest *self, gboolean try_write, gint64 now_ns,
                                    gboolean *ret_worked, GError **error);
/* Traces are open that will be sealed when they have come to rest. */
gboolean    fluo_ingest_has_open (FluoIngest *self);
/* Gives back the memory that is kept for speed. */
void        fluo_ingest_trim    (FluoIngest *self);
/* Forgets everything in memory; it is read again from the store. After fluo_store_quarantine() this
 * must be called. */
void        fluo_ingest_reset   (FluoIngest *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-ingest.h"
#include "local/store/fluo-rollup.h"
#include "local/store/fluo-stored-trace.h"

G_BEGIN_DECLS

/* Shared by the files of the ingest. */

/* The writer's side of an open trace. */
typedef struct
{
  FluoStoredTrace *stored;       /* its documents are there when loaded */
  FluoOpenTrace   *open;         /* as everybody sees it; NULL before the first commit */
  FluoTrace       *trace;        /* as the open block counts it; NULL = not in memory, or nothing is
                                  * counted */
  guint64          block;        /* open block it is in */
  FluoTraceEntry   entry;        /* until it is open: what it begins with */
  FluoGroups      *groups;       /* of the moment its first document was stored; NULL once its
                                  * groups are known */
  gint64           from_block;   /* sealed block that it comes back from; 0 = none */
  gint64           first_usec;   /* when the first document came that is not assembled */
  gint64           touched_usec; /* and the last */
  gint64           settled_usec;
  gint64           cost_usec;    /* of the last assembly */
  guint64          lent;         /* number of the assembly that another thread has; 0 = none */
  guint            n_documents;  /* counts up with each that is stored */
  guint            loaded : 1;
  guint            waiting : 1;  /* has documents that facts and graphs don't know */
  guint            touched : 1;  /* by the running transaction */
  guint            changed : 1;  /* by a document of the running transaction */
  guint            fixed : 1;    /* its groups are known */
  guint            written : 1;  /* … and stand in the store's list of open traces */
  guint            recovered : 1; /* what is assembled now had been accepted before the start */
  GList            wait_link;
  GList            warm_link;    /* in warm while loaded and not waiting */
} FluoEntry;

struct _FluoIngest
{
  FluoStore   *store;
  FluoLive    *live;
  FluoPacker  *packer;
  FluoRollup  *rollup;
  FluoGroups  *groups;
  FluoGroups  *saved_groups; /* those that stand in the store as saved_set; or NULL */
  gint64       saved_set;
  GHashTable  *entries;      /* FluoTraceId * in the entry → FluoEntry */
  GQueue       waiting;      /* FluoEntry, oldest first */
  GQueue       warm;         /* FluoEntry with documents in memory for speed, latest first */
  gint64       waiting_bytes;
  gint64       warm_bytes;
  guint64      last_lent;
  GPtrArray   *touched;      /* FluoEntry, borrowed */
  gint64       next_row;     /* 0 = ask the store */
  gint64       next_sealed;  /* number of the next sealed block */
  guint64      next_open;
  guint64      current;      /* open block that new traces go to; 0 = none */
  gint64       current_usec; /* when it was begun */
  gint64       current_bytes;
  gint64       block_bytes_max;
  gint64       block_span_ns;
  guint32      first_revision; /* of traces that are new: not 0 for those of an older format */
  GArray *recheck; /* gint64: blocks of pinned traces, some of which may not be any more */
  gboolean     recovered;
  gboolean     migrated;     /* nothing of an older format is left */
  gboolean     renewed;      /* no facts of an older version are left */
};

/* In the running transaction: the number under which the store has the groups of this moment. */
gboolean   fluo_ingest_save_groups  (FluoIngest *self, gint64 *ret_set, GError **error);
/* The groups that traces were stored under in another run: of set numbers (gint64) FluoGroups. */
GHashTable *fluo_ingest_read_groups (FluoIngest *self, GError **error);
/* In the running transaction: the groups of a trace that is open and known go into the store. */
gboolean   fluo_ingest_write_groups (FluoIngest *self, FluoEntry *entry, GError **error);

FluoEntry *fluo_ingest_add_entry  (FluoIngest *self, FluoStoredTrace *stored);
void       fluo_ingest_drop_entry (FluoIngest *self, FluoEntry *entry);
/* Documents, and the trace as it is counted. */
gboolean   fluo_ingest_load_entry (FluoIngest *self, FluoEntry *entry, GError **error);
/* What the trace had waited for is done, or will never be. */
void       fluo_ingest_leave_waiting (FluoIngest *self, FluoEntry *entry);
/* Keeps the documents in memory for a while: some traces go on. */
void       fluo_ingest_keep_warm  (FluoIngest *self, FluoEntry *entry);
gboolean   fluo_ingest_settle_entry (FluoIngest *self, FluoEntry *entry, gint64 now_ns,
                                     GError **error);
/* With the lock held: the open block for traces that come now. */
guint64    fluo_ingest_get_current (FluoIngest *self);
/* With the lock held: adds the trace to its open block's graphs or takes it away. */
void       fluo_ingest_count_trace (FluoIngest *self, guint64 block, const FluoTraceEntry *entry,
                                    FluoTrace *trace, int sign);
gboolean   fluo_ingest_begin      (FluoIngest *self, GError **error);
/* Writes rollups and revision. The caller commits, with the lock held where others must not see a
 * moment in between. */
gboolean   fluo_ingest_prepare_commit (FluoIngest *self, GError **error);
/* With the lock held: the figures after a commit. */
void       fluo_ingest_publish    (FluoIngest *self);
/* Always FALSE, for a tail call. */
gboolean   fluo_ingest_roll_back  (FluoIngest *self);

G_END_DECLS

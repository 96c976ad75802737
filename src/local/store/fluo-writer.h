/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-ingest.h"

G_BEGIN_DECLS

/* The one thread that writes. Takes jobs from any thread into a bounded queue, commits them in
 * batches, and says of every document what became of it after the commit. Also lets old
 * traces go. */
typedef struct _FluoWriter FluoWriter;
typedef struct _FluoWriteJob FluoWriteJob;

/* [writer] The results are in; @error is set when nothing of the job was stored. Owns the job from
 * here on. */
typedef void (*FluoWriteFunc) (FluoWriteJob *job, const GError *error);

struct _FluoWriteJob
{
  GArray       *documents; /* FluoIngestDocument, owned */
  gsize         bytes;
  gboolean      urgent;    /* somebody waits: don't gather */
  FluoOrigin    origin;    /* of the documents that are added from here on */
  FluoWriteFunc done;      /* NULL = just free */
  gpointer      user_data;
};

FluoWriteJob *fluo_write_job_new    (void);
void          fluo_write_job_free   (FluoWriteJob *job);
/* Keeps a reference on @body. */
void          fluo_write_job_add    (FluoWriteJob *job, GBytes *body, const FluoSegmentHead *head);

typedef struct
{
  gint64  retention_ns;
  guint64 size_max;    /* bytes of the store */
} FluoWriterLimits;

FluoWriter *fluo_writer_new (FluoStore *store, FluoCounters *counters,
                             const FluoWriterLimits *limits);
void          fluo_writer_get_limits (FluoWriter *self, FluoWriterLimits *ret_limits);
/* Traces whose documents are stored and that are not assembled yet: queries may miss them for a
 * moment. Any thread; never less than what the counters call stored. */
guint         fluo_writer_count_waiting (FluoWriter *self);
/* Commits what is queued, then ends the thread. */
void          fluo_writer_free      (FluoWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoWriter, fluo_writer_free)
/* [writer] @func is called after traces changed for those who look: when some were assembled, or
 * deleted. Set before the first job. */
void fluo_writer_set_commit_func (FluoWriter *self, void (*func) (gpointer), gpointer data);
/* [writer] @func gives the groups of the moment (transfer full, may be NULL). Set before the first
 * job. */
void fluo_writer_set_groups_func (FluoWriter *self, FluoGroups *(*func) (gpointer), gpointer data);
/* [writer] What was committed: those of @documents whose result is FLUO_INGEST_STORED. Must not
 * wait for anything. */
typedef void (*FluoStoredFunc) (FluoIngestDocument **documents, guint n, gpointer data);
/* Set before the first job. */
void fluo_writer_set_stored_func (FluoWriter *self, FluoStoredFunc func, gpointer data);
/* Packs the documents, in the caller's thread. FALSE when the queue is full; the job's documents
 * are then counted as refused and the job is the caller's again. */
gboolean      fluo_writer_submit    (FluoWriter *self, FluoWriteJob *job);

G_END_DECLS

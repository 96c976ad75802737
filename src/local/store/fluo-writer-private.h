/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-assembler.h"
#include "local/store/fluo-rest.h"
#include "local/store/fluo-writer.h"

G_BEGIN_DECLS

/* Shared by the files of the writer. */

struct _FluoWriter
{
  FluoStore       *store;
  FluoCounters    *counters;
  FluoWriterLimits limits;
  GThread         *thread;
  void           (*commit_func) (gpointer);
  gpointer         commit_data;
  FluoStoredFunc   stored_func;
  gpointer         stored_data;
  FluoGroups    *(*groups_func) (gpointer);
  gpointer         groups_data;

  struct
  {
    GMutex   lock;
    GCond    wake;
    GQueue   jobs;
    guint    n_documents;
    gsize    bytes;
    guint    n_urgent;
    gint64   first_usec;  /* when the oldest job came */
    gboolean stop;
    gboolean damaged;     /* a reader says so */
    gboolean assembled;   /* the assembler has something to take back */
    /* Readers that want to see what was acknowledged. */
    GCond    settled;
    gboolean begun;       /* somebody wants something: everything is set up */
    gboolean ready;       /* what was open at the start is assembled */
    guint    n_waiting;   /* traces that are not assembled */
    guint64  n_asked;
    guint64  n_answered;
  } shared;

  struct
  {
    FluoIngest    *ingest;
    FluoAssembler *assembler;
    guint64     n_seen;      /* readers for whom all is done but what the assembler has */
    FluoRest    rest;
    gint64      next_usec;   /* the next housekeeping */
    gint64      seal_usec;   /* the next look at the open blocks */
    gint64      due_usec;    /* when the next trace is to be assembled */
    gboolean    sealing;     /* there may be another block to seal */
    gboolean    failing;     /* the last write failed */
  } writer;
};

/* --- [writer] What has happened ------------------------------------------ */

/* Says what is wrong once, not at every batch. */
void     fluo_writer_report_failure (FluoWriter *self, const GError *error);
void     fluo_writer_report_success (FluoWriter *self);
/* A damaged store is found out by whoever reads it first: then a new one is begun. */
void     fluo_writer_handle_failure (FluoWriter *self, GError *error);
/* Traces changed for those who look. */
void     fluo_writer_tell_changed   (FluoWriter *self);
/* Something was done; the memory for it will be given back after a rest. */
void     fluo_writer_note_active    (FluoWriter *self);
/* Before those who sent something hear of it: they may ask for it at once. */
void     fluo_writer_note_waiting   (FluoWriter *self);
void     fluo_writer_refresh_groups (FluoWriter *self);

/* --- [writer] What is to be done: each looks whether there is anything ---- */

/* Waits for work: until something urgent is there, or enough, or the first document has waited long
 * enough. The jobs to do now; none when it is time for something else. */
void     fluo_writer_take_jobs      (FluoWriter *self, GQueue *jobs, gboolean *ret_stop);
void     fluo_writer_write_jobs     (FluoWriter *self, GQueue *jobs);
void     fluo_writer_settle         (FluoWriter *self);
void     fluo_writer_seal           (FluoWriter *self);
void     fluo_writer_checkpoint     (FluoWriter *self);
void     fluo_writer_keep_house     (FluoWriter *self);

/* --- Others -------------------------------------------------------------- */

/* Before the thread begins. */
void     fluo_writer_limit_blocks   (FluoWriter *self);
/* [reader] What was acknowledged before a question is part of the answer, unless a flood is on:
 * then nobody waits for more than a moment. */
void     fluo_writer_await_settled  (gpointer writer);
/* [assembler] */
void     fluo_writer_note_assembled (gpointer writer);

G_END_DECLS

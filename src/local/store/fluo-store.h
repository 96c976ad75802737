/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"
#include "local/store/fluo-connection.h"
#include "local/store/fluo-live.h"
#include "local/store/fluo-packer.h"

G_BEGIN_DECLS

/* The directory with the collector's database: private to its user, locked for one collector,
 * migrated to the current format, moved aside when damaged. docs/internals/local.md describes the
 * format.
 *
 * Threads: the writing connection belongs to the writer thread. Readers are lent out, one for each
 * thread that asks. The figures (revision, number of traces, last error) may be read and set from
 * anywhere. */
typedef struct _FluoStore FluoStore;

#define FLUO_STORE_FILE_NAME "traces.db"
#define FLUO_STORE_APPLICATION_ID 0x464c554f /* "FLUO" */
#define FLUO_STORE_FORMAT 3                  /* PRAGMA user_version */

/* Makes the directory (0700) and the file (0600) when they are missing. */
FluoStore      *fluo_store_open             (const char *directory, GError **error);
void            fluo_store_free             (FluoStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoStore, fluo_store_free)
/* $XDG_DATA_HOME/fluoroscope. Newly allocated. */
char           *fluo_store_dup_default_directory (void);
const char     *fluo_store_get_directory    (FluoStore *self);
/* Bytes that database and write-ahead log take on the disk. */
guint64         fluo_store_get_bytes        (FluoStore *self);

/* [writer] */
FluoConnection *fluo_store_get_writer       (FluoStore *self);
/* [writer] Moves the damaged database aside and begins a new one; when it is only suspected and
 * turns out to be sound, opens it again instead. Waits until no reader is lent out. FALSE with
 * @error when neither works; the store then has no writer until it is called again with success. */
gboolean        fluo_store_quarantine       (FluoStore *self, GError **error);

/* A reader inside a transaction, with the view of what was in memory at the same moment
 * (reader->view). Waits a little for traces that were acknowledged but not assembled yet. NULL with
 * @error when none can be opened. Give it back soon: a read transaction keeps the log from being
 * emptied. */
FluoConnection *fluo_store_acquire_reader   (FluoStore *self, GError **error);
void            fluo_store_release_reader   (FluoStore *self, FluoConnection *reader);
/* Another one for a thread that reads sealed blocks for whoever has @reader. Its moment may be a
 * later one: blocks never change, but some may be gone. NULL when none is to be had. Both are given
 * back in the thread that has @reader, this one first. */
FluoConnection *fluo_store_acquire_helper   (FluoConnection *reader);
void            fluo_store_release_helper   (FluoConnection *reader, FluoConnection *helper);
/* [writer] @func assembles what waits, or waits for that for a moment; called by readers, in their
 * threads. */
void            fluo_store_set_settle_func (FluoStore *self, void (*func) (gpointer),
                                            gpointer data);
/* @func is told, in any thread, when a reader found the store damaged. */
void fluo_store_set_damage_func (FluoStore *self, void (*func) (gpointer), gpointer data);
FluoLive       *fluo_store_get_live         (FluoStore *self);
FluoPacker     *fluo_store_get_packer       (FluoStore *self);
/* Whether readers are kept open for the next question. */
gboolean        fluo_store_has_idle_readers (FluoStore *self);
/* [writer] Closes them, and gives back the memory that the writer's connection keeps for speed. */
void            fluo_store_trim             (FluoStore *self);

guint64 fluo_store_get_revision (FluoStore *self); /* grows with every commit that changed traces */
guint64         fluo_store_get_n_traces     (FluoStore *self);
void            fluo_store_set_figures      (FluoStore *self, guint64 revision, guint64 n_traces);
/* What went wrong last, in words; NULL when all is well. */
char           *fluo_store_dup_last_error   (FluoStore *self);
void            fluo_store_set_last_error   (FluoStore *self, const char *message);

G_END_DECLS

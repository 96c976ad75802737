/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"
#include "local/store/fluo-live.h"

G_BEGIN_DECLS

/* The service graph of every minute and group, kept exact as traces come, change and go: a trace
 * counts in the minute it starts in. Each sealed block keeps what its own traces add to each
 * minute; graph_minutes is the sum over the sealed blocks, made anew from them when a block goes.
 * What open blocks add is in memory. Hours that are over are summed once more. */
typedef struct _FluoRollup FluoRollup;

#define FLUO_MINUTE_MAX 0xffffffff

/* The minute that holds @time_ns, counted from 1970; rounds down, and 0 for all before. */
gint64      fluo_rollup_minute (gint64 time_ns);

/* --- Writing, in the writer thread and inside its transaction ------------- */

FluoRollup *fluo_rollup_new    (void);
void        fluo_rollup_free   (FluoRollup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoRollup, fluo_rollup_free)
/* Stores @graphs (FluoGraphPart) as the block's and adds those from @first_new on to the minutes;
 * the ones before are in them already. */
gboolean    fluo_rollup_add_block  (FluoRollup *self, FluoConnection *connection, gint64 block,
                                    GArray *graphs, guint first_new, GError **error);
/* The graphs of a block, appended to @graphs. */
gboolean    fluo_rollup_read_block (FluoConnection *connection, gint64 block, GArray *graphs,
                                    GError **error);
/* A trace leaves its block: takes away what it added. */
gboolean    fluo_rollup_take_trace (FluoRollup *self, FluoConnection *connection, gint64 block,
                                    const FluoTraceEntry *entry, FluoTrace *trace, GError **error);
/* Forgets the block's own graphs; the minutes keep what it added. */
gboolean    fluo_rollup_forget_block (FluoRollup *self, FluoConnection *connection, gint64 block,
                                      GError **error);
/* The block goes, and what it added: its minutes are summed anew from @sealed (FluoSealedBlock)
 * without it. */
gboolean    fluo_rollup_remove_block (FluoRollup *self, FluoConnection *connection, gint64 block,
                                      GPtrArray *sealed, GError **error);
/* Sums up hours that ended before @now_ns and have rested since. @ret_worked: set to TRUE when
 * there was one. */
gboolean    fluo_rollup_sum_hours  (FluoRollup *self, FluoConnection *connection, gint64 now_ns,
                                    gboolean *ret_worked, GError **error);
/* Writes what changed. */
gboolean    fluo_rollup_flush  (FluoRollup *self, FluoConnection *connection, GError **error);
/* Forgets everything that is only in memory: after a rollback. */
void        fluo_rollup_clear  (FluoRollup *self);
/* Forgets what can be read again. */
void        fluo_rollup_trim   (FluoRollup *self);

/* --- Reading, with a reader ------------------------------------------------ */

/* Calls @func for each minute in [@first_minute, @last_minute) that has a graph, in order, with the
 * graph of sealed and open traces; @group 0 = all traces. The graph may have nodes without calls
 * until it is pruned. */
gboolean fluo_rollup_read (FluoConnection *reader, guint32 group, gint64 first_minute,
                           gint64 last_minute,
                           void (*func) (gint64 minute, FluoServiceGraph *graph, gpointer data),
                           gpointer data, GError **error);
/* Adds the same minutes up; faster, since whole hours are stored summed. */
gboolean fluo_rollup_sum  (FluoConnection *reader, guint32 group, gint64 first_minute,
                           gint64 last_minute, FluoServiceGraph *graph, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"
#include "local/fluo-connection.h"

G_BEGIN_DECLS

/* The service graph of every minute, kept exact as traces come, change and go: a trace counts in
 * the minute it starts in. Writer thread only. */
typedef struct _FluoRollup FluoRollup;

#define FLUO_MINUTE_NONE G_MININT64

FluoRollup *fluo_rollup_new    (void);
void        fluo_rollup_free   (FluoRollup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoRollup, fluo_rollup_free)
/* The minute that holds @time_ns, counted from 1970; rounds down for negative times too. */
gint64      fluo_rollup_minute (gint64 time_ns);
/* @sign +1 adds the trace to the minute, -1 takes it away. Kept in memory until flushed. */
gboolean fluo_rollup_add (FluoRollup *self, FluoConnection *connection, gint64 minute,
                          FluoTrace *trace, int sign, GError **error);
/* Makes the minute anew from the stored traces that start in it. */
gboolean fluo_rollup_rebuild (FluoRollup *self, FluoConnection *connection, gint64 minute,
                              GError **error);
/* Writes what changed, inside the caller's transaction. */
gboolean    fluo_rollup_flush  (FluoRollup *self, FluoConnection *connection, GError **error);
/* Forgets everything: after a rollback, or to save memory (only when flushed). */
void        fluo_rollup_clear  (FluoRollup *self);

G_END_DECLS

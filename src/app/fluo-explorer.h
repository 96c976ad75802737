/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-xray-client.h"
#include "draw/fluo-palette.h"

G_BEGIN_DECLS

/* What one connection is being looked at: client, time range, live or not, and the two models every
 * page of the window shares: the service graph and the trace summaries of the range. Main thread.
 * It loads by itself whenever the range, the connection or (live) the store changes; late answers
 * of older questions are dropped. What was shown stays when reading fails; the error is kept until
 * a read succeeds. */

typedef enum
{
  FLUO_EXPLORER_CONNECTING,
  FLUO_EXPLORER_CONNECTED,
  FLUO_EXPLORER_RETRYING, /* the collector went away: tries again by itself, see retry_seconds */
  FLUO_EXPLORER_FAILED
} FluoExplorerState;

#define FLUO_TYPE_EXPLORER (fluo_explorer_get_type ())
G_DECLARE_FINAL_TYPE (FluoExplorer, fluo_explorer, FLUO, EXPLORER, GObject)

/* Signals: "graph-changed" (), "summaries-changed" (guint n_new: traces that were not there before,
 * 0 after a reload), "state-changed" () for state, loading, error, live, range and status. */

FluoExplorer        *fluo_explorer_new              (void);
void fluo_explorer_set_client (FluoExplorer *self, FluoXrayClient *client,
                               const char *name /* "Local" */,
                               const char *detail /* "this computer" */, gboolean local);
FluoXrayClient *fluo_explorer_get_client (
  FluoExplorer *self); /* borrowed, NULL before the first connection */
const char          *fluo_explorer_get_name         (FluoExplorer *self);
const char          *fluo_explorer_get_detail       (FluoExplorer *self);
gboolean             fluo_explorer_is_local         (FluoExplorer *self);
FluoExplorerState    fluo_explorer_get_state        (FluoExplorer *self);
guint                fluo_explorer_get_retry_seconds (FluoExplorer *self);
gboolean             fluo_explorer_is_loading       (FluoExplorer *self);
const GError *fluo_explorer_get_error (FluoExplorer *self); /* of the last read, or NULL */
const FluoCollectorStatus *fluo_explorer_get_status (FluoExplorer *self); /* or NULL */

/* The range as it is now: for "last 15 minutes" it moves with the clock. */
FluoTimeSpan         fluo_explorer_get_span         (FluoExplorer *self);
gint64 fluo_explorer_get_relative_ns (FluoExplorer *self); /* 0 when the range is fixed */
void                 fluo_explorer_set_relative     (FluoExplorer *self, gint64 length_ns);
void                 fluo_explorer_set_span         (FluoExplorer *self, FluoTimeSpan span);
gboolean             fluo_explorer_get_live         (FluoExplorer *self);
void                 fluo_explorer_set_live         (FluoExplorer *self, gboolean live);
void                 fluo_explorer_reload           (FluoExplorer *self);

FluoServiceGraph *fluo_explorer_get_graph (
  FluoExplorer *self); /* folded, borrowed, NULL before the first answer */
GPtrArray *fluo_explorer_get_summaries (
  FluoExplorer *self); /* FluoTraceSummary, newest first, borrowed, never NULL */
FluoServiceColors *fluo_explorer_get_colors (
  FluoExplorer *self); /* one for the connection's life */
/* Median response time of traces with this title in the range, 0 when fewer than 20: for "604 ms is
 * usual here". */
gint64               fluo_explorer_get_usual_ns     (FluoExplorer *self, const char *title);

/* The store holds no trace at all, as far as is known: then the start page shows. FALSE while
 * unknown and on AWS. */
gboolean             fluo_explorer_is_empty         (FluoExplorer *self);
/* Traces that arrived while live was off; only known for fluoroscoped. */
guint64              fluo_explorer_get_waiting      (FluoExplorer *self);
/* Tries at once instead of waiting for the countdown. */
void                 fluo_explorer_retry            (FluoExplorer *self);

G_END_DECLS

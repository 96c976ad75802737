/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "app/vault/fluo-kept.h"
#include "aws/fluo-xray-ask.h"
#include "aws/fluo-xray-client.h"
#include "draw/fluo-palette.h"
#include "filter/fluo-filter-vocabulary.h"

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
 * 0 after a reload), "state-changed" () for state, loading, error, live, range and status;
 * "filter-changed" (), "matches-changed" (guint n_new, as above), "progress-changed" (),
 * "vocabulary-changed" (), "colors-changed" () when the user chose one for a service. Without a
 * filter "matches-changed" follows every "summaries-changed". */

FluoExplorer        *fluo_explorer_new              (void);
void fluo_explorer_set_client (FluoExplorer *self, FluoXrayClient *client,
                               const char *name /* "Local" */,
                               const char *detail /* "this computer" */, gboolean local);
FluoXrayClient *fluo_explorer_get_client (
  FluoExplorer *self); /* borrowed, NULL before the first connection */
const char          *fluo_explorer_get_name         (FluoExplorer *self);
/* The same connection is called otherwise from now on. */
void                 fluo_explorer_set_name         (FluoExplorer *self, const char *name);
const char          *fluo_explorer_get_detail       (FluoExplorer *self);
gboolean             fluo_explorer_is_local         (FluoExplorer *self);
FluoExplorerState    fluo_explorer_get_state        (FluoExplorer *self);
guint                fluo_explorer_get_retry_seconds (FluoExplorer *self);
/* Between two live reads, when the budget or the service allows fewer than usual; 0 otherwise. */
guint                fluo_explorer_get_slowed_seconds (FluoExplorer *self);
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
/* Nobody looks at it: nothing is asked by itself any more. What was being read is read to its end.
 * When somebody looks again, what has changed meanwhile is read at once, and what was to be
 * connected is connected then. */
void                 fluo_explorer_set_resting      (FluoExplorer *self, gboolean resting);
gboolean             fluo_explorer_is_resting       (FluoExplorer *self);

FluoServiceGraph *fluo_explorer_get_graph (
  FluoExplorer *self); /* folded, borrowed, NULL before the first answer */
GPtrArray *fluo_explorer_get_summaries (
  FluoExplorer *self); /* FluoTraceSummary of all traffic, newest first, borrowed, never NULL */
FluoServiceColors *fluo_explorer_get_colors (
  FluoExplorer *self); /* one for all views of the connection: fluo-color-file.h */
/* Which of its traces are kept for good. Borrowed, one for the explorer's life. */
FluoKept            *fluo_explorer_get_kept         (FluoExplorer *self);
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

/* --- Asking ------------------------------------------------------------------------------ */

/* The map, its time strip, the graph and what is usual are of all traffic; what a filter lets
 * through is a list of its own, read from the server, whose answer is the truth. */

/* How far reading the matches has come. */
typedef struct
{
  gboolean running;
  gboolean stopped;     /* by fluo_explorer_stop(), or because there were enough; can go on */
  gboolean stale;       /* the matches are still those of the filter before */
  guint64 n_matching;   /* so far: the length of the matches */
  guint64 n_all;        /* traces that were looked at, matching or not */
  FluoTimeSpan span;    /* of the question */
  gint64 scanned_ns;    /* of the span: all of it when everything was looked at */
  GArray *gaps;         /* FluoTimeSpan, newest first: what was not looked at (yet); never NULL */
  const GError *error;  /* of the last part that could not be read, or NULL */
} FluoAskProgress;

/* Blank = everything. FALSE with FLUO_FILTER_ERROR, and nothing has changed, when it can't be
 * read. */
gboolean    fluo_explorer_set_filter (FluoExplorer *self, const char *expression, GError **error);
const char *fluo_explorer_get_filter (FluoExplorer *self); /* as it was given; "" = everything */
/* What the filter lets through, newest first: FluoTraceSummary, borrowed, never NULL. Without a
 * filter the same array as fluo_explorer_get_summaries(). */
GPtrArray  *fluo_explorer_get_matches (FluoExplorer *self);
/* Valid until the next signal. "1,284 of 12,930 traces" are n_matching and n_all. */
const FluoAskProgress *fluo_explorer_get_progress (FluoExplorer *self);
/* Ends reading; what came stays, and what was not looked at is in the progress. */
void        fluo_explorer_stop      (FluoExplorer *self);
/* Goes on where it was stopped, and tries again what failed. */
void        fluo_explorer_resume    (FluoExplorer *self);

/* What occurs in the traces of the range: sealed, borrowed, NULL before it was first read. With
 * @rest (an expression; may be NULL) in those that match it, as soon as that is known and of all
 * until then. Asking is what reads it: again when it is five seconds old or older; then
 * "vocabulary-changed" says that there is something better. @ret_exact (may be NULL): counted by
 * the server, and not in the summaries that were fetched. */
FluoFilterVocabulary *fluo_explorer_get_vocabulary (FluoExplorer *self, const char *rest,
                                                    gboolean *ret_exact);

/* How many traces are left after each condition (NULL-terminated; each valid on its own), over
 * @span or, when that is NULL, the range. Where the server doesn't count, the summaries at hand
 * are counted: then exact is FALSE and n_traces says how many there were. */
void fluo_explorer_count_async (FluoExplorer *self, const char *const *conditions,
                                const FluoTimeSpan *span, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
FluoFilterCounts *fluo_explorer_count_finish (FluoExplorer *self, GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

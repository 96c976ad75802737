/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-explorer.h"
#include "fluo-summary-scan.h"

G_BEGIN_DECLS

/* Shared by the files of the explorer: the object, its connection, and reading. */

/* What occurs, of everything or of what matches. */
typedef struct
{
  char                 *rest; /* NULL = of everything */
  FluoFilterVocabulary *words;
  gboolean              exact;
  gint64                read_usec;   /* 0 = never */
  GCancellable         *cancellable; /* while it is being read */
  guint                 number;      /* of the last question */
} FluoExplorerWords;

/* A list while it is being read: what was there before stands in for what was not read yet. */
typedef struct
{
  FluoSummaryScan *scan; /* NULL before the first read */
  GPtrArray       *base; /* or NULL */
  FluoTimeSpan     span;
} FluoExplorerList;

struct _FluoExplorer
{
  GObject parent_instance;

  FluoXrayClient *client;
  char *name;
  char *detail;
  gboolean local;
  /* fluoroscoped: has status and the feed of changes. */
  gboolean has_feed;

  FluoExplorerState state;
  GError *error;
  FluoCollectorStatus *status;
  guint retry_seconds;
  guint retry_delay_s;

  gint64 relative_ns;
  FluoTimeSpan fixed;
  gint64 anchor_ns; /* where the moving range ends while live is off */
  gboolean live;
  gboolean resting;
  gboolean connect_wanted; /* when it rests no more */

  FluoServiceGraph *graph;
  GPtrArray *summaries;
  FluoKept *kept;
  FluoServiceColors *colors;
  GHashTable *usual; /* title -> gint64 *; emptied when summaries change */

  /* One generation per connection, one per question; late answers of older ones are dropped. */
  guint connection;
  guint question;
  GCancellable *connection_cancellable;
  GCancellable *cancellable;
  guint n_reading;
  gboolean reading_all;
  gboolean update_wanted;
  gboolean waiting_for_change;
  gint64 read_ns;      /* when the last summaries read began */
  gint64 update_usec;  /* monotonic, of the last live read */
  guint64 revision;
  guint64 paused_traces;

  /* Of all traffic, and of what the filter lets through. */
  FluoExplorerList all, matching;
  char *filter; /* "" = everything */
  GPtrArray *matches;
  gboolean stale; /* the matches are of the filter before */
  FluoAskProgress progress;
  guint asking; /* the filter's number: late answers to questions with older ones are dropped */
  /* Of a live read with a filter: all that changed, and what of it matches. */
  GPtrArray *changed, *changed_matches;

  FluoExplorerWords words[2]; /* of everything; of what @rest lets through */

  guint update_id;
  guint retry_id;
  guint status_id;
  guint poll_id;
  gint64 poll_spent; /* nanodollars, when it was read last */
  gint64 poll_cost;  /* nanodollars, of a live read; -1 before the first */
  guint poll_s;      /* until the next live read, when that is seldomer than usual, or 0 */
};

/* Does not keep the explorer alive: a long poll would, for ever. */
typedef struct
{
  GWeakRef explorer;
  guint connection;
  guint question;
  guint asking;
  FluoTimeSpan span;
  gint64 begun_ns;
} FluoQuestion;

/* fluo-explorer.c */
void fluo_explorer_emit_filter    (FluoExplorer *self);
void fluo_explorer_emit_matches   (FluoExplorer *self, guint n_new);
void fluo_explorer_emit_progress  (FluoExplorer *self);
void fluo_explorer_emit_vocabulary (FluoExplorer *self);
void fluo_explorer_emit_state     (FluoExplorer *self);
void fluo_explorer_emit_graph     (FluoExplorer *self);
/* Takes over @summaries. */
void fluo_explorer_take_summaries (FluoExplorer *self, GPtrArray *summaries, guint n_new);

/* fluo-explorer-connect.c */
FluoQuestion *fluo_question_new   (FluoExplorer *self);
void          fluo_question_free  (FluoQuestion *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoQuestion, fluo_question_free)
/* A reference on the explorer, or NULL when nobody waits for answers of that connection any
 * more. */
FluoExplorer *fluo_question_dup_explorer (FluoQuestion *question);
gboolean      fluo_question_is_late (const FluoQuestion *question, FluoExplorer *self);
void          fluo_explorer_set_state (FluoExplorer *self, FluoExplorerState state);
void          fluo_explorer_connect (FluoExplorer *self);
/* Takes over @error. What was shown stays. */
void          fluo_explorer_fail  (FluoExplorer *self, GError *error);
void          fluo_explorer_drop_connection (FluoExplorer *self);
/* Ends every read of the shown range; the connection itself goes on. */
void          fluo_explorer_drop_questions (FluoExplorer *self);
void          fluo_explorer_ask_status (FluoExplorer *self);
void          fluo_explorer_wait_for_change (FluoExplorer *self);

/* fluo-explorer-read.c */
/* @all: the whole range; otherwise only what changed since the last read. */
void          fluo_explorer_read_range (FluoExplorer *self, gboolean all);
/* A live read, as soon as one may be. */
void          fluo_explorer_queue_update (FluoExplorer *self);

/* fluo-explorer-ask.c */
void          fluo_explorer_init_ask (FluoExplorer *self);
void          fluo_explorer_clear_ask (FluoExplorer *self);
/* Reads the whole range anew: all traffic, and what matches if there is a filter. */
void          fluo_explorer_read_all (FluoExplorer *self);
void          fluo_explorer_ask (FluoExplorer *self);
/* Ends both without a word. */
void          fluo_explorer_drop_lists (FluoExplorer *self);
/* Nothing matches any more: another connection. */
void          fluo_explorer_forget_matches (FluoExplorer *self);
/* The summaries have changed; without a filter they are the matches. */
void          fluo_explorer_follow_summaries (FluoExplorer *self, guint n_new);
/* A live read: what changed, and what of it matches, once both are known. */
void          fluo_explorer_update_summaries (FluoExplorer *self, GPtrArray *changed);
void          fluo_explorer_update_matches (FluoExplorer *self);
gboolean      fluo_explorer_has_filter (FluoExplorer *self);

/* fluo-explorer-words.c */
/* Another connection or range. */
void          fluo_explorer_forget_words (FluoExplorer *self);

G_END_DECLS

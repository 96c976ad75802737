/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter.h"
#include "local/store/fluo-live.h"

G_BEGIN_DECLS

/* Finds traces, newest first, by a time and a filter expression. Goes through the blocks in the
 * order of their latest trace, skips those whose times or terms rule them out, and ends as soon as
 * no block that is left can hold anything newer than the page's last trace. */

typedef enum
{
  FLUO_QUERY_START,   /* TimeRangeType TraceId: the trace's start */
  FLUO_QUERY_UPDATED, /* Event: its last update */
  FLUO_QUERY_END      /* Service: its end, or that of the segment which the filter names */
} FluoQueryTime;

typedef struct
{
  FluoQueryTime     time;
  FluoTimeSpan      span;
  const FluoFilter *filter;   /* NULL = every trace */
  double            share;    /* of all traces, by their ids; 1 = all */
  guint             n_max;    /* of the page */
  gint64            budget_usec; /* after which the page ends with what is there; 0 = none */
  /* The page begins with what is older than this; filled in for the next page. */
  gint64            key_ns;
  gint64            row;
  const FluoTraceId *linked; /* only traces with a link to this one; NULL = every trace */
} FluoQuery;

/* One trace of the page. */
typedef struct
{
  gint64          key_ns;
  FluoTraceEntry  entry;
  FluoFactsBlock *facts;
  guint           index; /* in facts */
} FluoQueryHit;

/* Appends the page to @hits (FluoQueryHit; has a clear function) in order; @query then says where
 * the next page begins. @ret_processed counts the traces that were looked at up to there, and those
 * that an index ruled out. */
gboolean fluo_query_run  (FluoConnection *reader, FluoQuery *query, GArray *hits,
                          gboolean *ret_more, guint64 *ret_processed, GError **error);
GArray  *fluo_query_hits_new (void);

G_END_DECLS

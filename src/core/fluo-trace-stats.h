/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace.h"

G_BEGIN_DECLS

typedef enum
{
  FLUO_TRACE_STATS_CALL,      /* of one service with one name and detail */
  FLUO_TRACE_STATS_SERVICE,
  FLUO_TRACE_STATS_ANNOTATION /* that carry one annotation with one value themselves */
} FluoTraceStatsBy;

/* Documents of annotated calls are parsed; those beyond this many are not counted. */
#define FLUO_TRACE_STATS_DOCUMENTS_MAX 200000

/* The calls of one kind in a trace. */
typedef struct
{
  char   *label;    /* "tier = gold", or NULL */
  guint32 service;  /* service index */
  guint32 span;     /* the slowest of them: gives name and detail too */
  guint   count;
  guint   faults;   /* that ended in a fault, an error or a throttle */
  gint64  total_ns; /* all of them together, also where they ran at the same time */
  gint64  own_ns;
  gint64  p50_ns, p90_ns, p99_ns, max_ns;
} FluoTraceStat;

/* Most own time first; free with g_array_unref. A call and its answer count once, as the answer;
 * what still runs is left out. Sorts each kind's times: n log n. Any thread. */
GArray *fluo_trace_dup_stats (FluoTrace *self, FluoTraceStatsBy by) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

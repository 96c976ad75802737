/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace.h"

G_BEGIN_DECLS

/* The calls of one kind in a trace: of one service, or of one service with one name and detail. */
typedef struct
{
  guint32 service;  /* service index */
  guint32 span;     /* the slowest of them: gives name and detail too */
  guint   count;
  guint   faults;   /* that ended in a fault, an error or a throttle */
  gint64  total_ns; /* all of them together, also where they ran at the same time */
  gint64  own_ns;
  gint64  p50_ns, p95_ns, max_ns;
} FluoTraceStat;

/* Most own time first; free with g_array_unref. A call and its answer count once, as the answer;
 * what still runs is left out. Sorts each kind's times: n log n. Any thread. */
GArray *fluo_trace_dup_stats (FluoTrace *self, gboolean by_call) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* When a trace of a service that tells of no changes is read again, because it may still grow.
 * Knows neither clock nor network: it is told what came, and when. All zero before the first. */

typedef struct
{
  guint        n_reads; /* so far */
  guint        n_quiet; /* of them, the last ones that brought nothing new */
  guint        n_spans, n_running;
  FluoTimeSpan extent;
} FluoTraceGrowth;

/* A trace whose parts have ended is looked at for so long: segments arrive in any order, and X-Ray
 * takes seconds to show them. */
#define FLUO_TRACE_SETTLE_NS (45 * FLUO_NSEC_PER_SEC)
/* One that lacks parts is waited for so long. */
#define FLUO_TRACE_PARTIAL_NS (10 * FLUO_NSEC_PER_MIN)
/* So many reads that brought nothing new, and what has not ended never will: 2, 4, 8 … 60 s add up
 * to seven minutes. */
#define FLUO_TRACE_QUIET_MAX 10

/* @trace was read at @now_ns: the seconds until it is to be read again, 0 when it is whole. */
guint fluo_trace_growth_tell (FluoTraceGrowth *self, FluoTrace *trace, gint64 now_ns);

G_END_DECLS

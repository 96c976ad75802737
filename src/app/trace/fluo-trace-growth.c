/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-trace-growth.h"

#define PAUSE_MIN_S 2
#define PAUSE_MAX_S 60

static gboolean
may_grow (FluoTrace *trace, gint64 now_ns)
{
  const gint64 age_ns = now_ns - fluo_trace_get_extent (trace).end_ns;

  return fluo_trace_get_n_running (trace) > 0 || age_ns < FLUO_TRACE_SETTLE_NS
         || (fluo_trace_is_partial (trace) && age_ns < FLUO_TRACE_PARTIAL_NS);
}

guint
fluo_trace_growth_tell (FluoTraceGrowth *self, FluoTrace *trace, gint64 now_ns)
{
  const guint n_running = fluo_trace_get_n_running (trace);
  const FluoTimeSpan extent = fluo_trace_get_extent (trace);
  guint n_spans;
  gboolean news;

  fluo_trace_get_spans (trace, &n_spans);
  news = self->n_reads == 0 || n_spans != self->n_spans || n_running != self->n_running
         || !fluo_time_span_equal (extent, self->extent);
  self->n_reads++;
  self->n_quiet = news ? 0 : self->n_quiet + 1;
  self->n_spans = n_spans;
  self->n_running = n_running;
  self->extent = extent;
  if (!may_grow (trace, now_ns) || self->n_quiet >= FLUO_TRACE_QUIET_MAX)
    return 0;
  return MIN (PAUSE_MIN_S << self->n_quiet, PAUSE_MAX_S);
}

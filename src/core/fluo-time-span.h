/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FLUO_NSEC_PER_USEC G_GINT64_CONSTANT (1000)
#define FLUO_NSEC_PER_MSEC G_GINT64_CONSTANT (1000000)
#define FLUO_NSEC_PER_SEC  G_GINT64_CONSTANT (1000000000)
#define FLUO_NSEC_PER_MIN  (60 * FLUO_NSEC_PER_SEC)

/* The only time-range type of the project: half-open, nanoseconds since 1970-01-01 UTC, begin_ns <=
 * end_ns. */
typedef struct
{
  gint64 begin_ns;
  gint64 end_ns;
} FluoTimeSpan;

static inline gint64
fluo_time_span_length (FluoTimeSpan span)
{
  return span.end_ns - span.begin_ns;
}

static inline gboolean
fluo_time_span_contains (FluoTimeSpan span, gint64 time_ns)
{
  return time_ns >= span.begin_ns && time_ns < span.end_ns;
}

static inline gboolean
fluo_time_span_overlaps (FluoTimeSpan a, FluoTimeSpan b)
{
  return a.begin_ns < b.end_ns && b.begin_ns < a.end_ns;
}

static inline gboolean
fluo_time_span_equal (FluoTimeSpan a, FluoTimeSpan b)
{
  return a.begin_ns == b.begin_ns && a.end_ns == b.end_ns;
}

/* The wall clock in nanoseconds. Code that tests must control takes the time as a parameter
 * instead. */
static inline gint64
fluo_time_now_ns (void)
{
  return g_get_real_time () * FLUO_NSEC_PER_USEC;
}

G_END_DECLS

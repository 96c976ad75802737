/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace.h"

G_BEGIN_DECLS

/* A host whose clock seems to be wrong: what it answered stands outside the calls that were
 * answered, and one shift for all of it would bring all of it inside. A suspicion: times are shown
 * as they were sent until somebody asks for the shift. */
typedef struct
{
  char    *host;      /* "payments", or "payments i-0abc" where it says which machine */
  guint32  service;
  guint32  span;      /* the first segment of it that stands outside its call */
  gint64   shift_ns;  /* to be added to its times */
  gint64   slack_ns;  /* so much more or less would do as well */
  guint    n_calls;   /* calls that it answered */
  guint    n_outside; /* of them, those it stands outside of */
  GArray  *segments;  /* guint32: all its segments, ascending */
} FluoTraceSkew;

/* FluoTraceSkew, as they appear in the trace; empty most of the time. The entry's clock is held to
 * be right, and a host is compared with its callers after they were put right themselves. A segment
 * must begin after the call of it does; when the caller got an answer over HTTP, it must end before
 * the call does, too. What was called without waiting says nothing about its end. Free with
 * g_ptr_array_unref. Linear, but for segments of hosts under suspicion, whose documents are read to
 * know the machine. Any thread. */
GPtrArray *fluo_trace_dup_skews (FluoTrace *self) G_GNUC_WARN_UNUSED_RESULT;

/* The same trace with the times of these hosts (FluoTraceSkew) shifted, in the order that gives,
 * with its own times and critical path. Spans keep their ids; their indexes may differ. What the
 * raw documents say stays as it was. Shares them and the strings with @self. Any thread. */
FluoTrace *fluo_trace_shift     (FluoTrace *self, GPtrArray *skews) G_GNUC_WARN_UNUSED_RESULT;
/* Likewise with all its own calls that run ending at @now_ns: as it is by then, when nothing more
 * has come of it. */
FluoTrace *fluo_trace_extend    (FluoTrace *self, gint64 now_ns) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

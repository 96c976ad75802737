/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* A trace as OpenTelemetry sees it: a segment is a server's span of its service, a subsegment with
 * a namespace a client's, any other an internal one. */

typedef struct
{
  guint64 id;
  char   *json; /* one span of OTLP's JSON with a member "resource" beside its own */
} FluoOtlpSpanJson;

/* One for each span of the trace, in the trace's order, without those of linked traces; frees them
 * with itself. Any thread. */
GPtrArray *fluo_otlp_dup_spans_json   (FluoTrace *trace) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

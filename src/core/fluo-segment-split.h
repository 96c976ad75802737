/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-id.h"

G_BEGIN_DECLS

/* A segment as X-Ray gives it back, with all its subsegments in it, can be larger than any document
 * X-Ray takes. As an SDK does that has much to send, this makes documents of it that are small
 * enough: the segment with as many of its subsegments as fit, and the others apart as independent
 * subsegments. Every document names @trace_id. The result holds GBytes; it is empty when @document
 * is not an object. A part that is too large by itself is handed on as it is, for the receiver to
 * refuse. Any thread. */
GPtrArray *fluo_segment_split (GBytes *document, const FluoTraceId *trace_id,
                               gsize size_max) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"

G_BEGIN_DECLS

/* Spans one by one, each with its "resource" and "scope" in it, as Transaction Search keeps and
 * gives them back: OTLP's JSON, or CloudWatch's form of it, in which attributes are a plain object
 * and the names of kinds and states lack their prefixes. */

/* The segment documents of @spans (GBytes), all of one trace: GBytes. What is no span is left out;
 * @ret_n_refused (may be NULL) says how many. Any thread. */
GPtrArray *fluo_otlp_spans_to_documents (GPtrArray *spans,
                                         guint *ret_n_refused) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

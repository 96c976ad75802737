/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-id.h"

G_BEGIN_DECLS

/* A trace id as people have it at hand: by itself, or in a header that was copied whole. */

typedef enum
{
  FLUO_SAMPLED_UNKNOWN, /* there was no word about it */
  FLUO_SAMPLED_NO,
  FLUO_SAMPLED_YES,
  FLUO_SAMPLED_ASKED    /* X-Ray's "?": whoever gets the request decides */
} FluoSampled;

/* Longer text is no trace id, and nobody reads on. */
#define FLUO_TRACE_ID_TEXT_MAX 1000

/* Takes an id in X-Ray's or W3C's form, X-Amzn-Trace-Id ("Root=1-…;Parent=…;Sampled=1") and
 * traceparent ("00-…-…-01"), with white space or quotes around it. FALSE with a sentence that says
 * which part is wrong in @ret_problem (newly allocated, translated). @ret_sampled may be NULL. */
gboolean fluo_trace_id_read (const char *text, FluoTraceId *ret_id, FluoSampled *ret_sampled,
                             char **ret_problem);

G_END_DECLS

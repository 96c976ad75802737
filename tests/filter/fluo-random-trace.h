/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* Traces of few names and values, so that chance often makes two of them equal: calls answered and
 * not, retries, flags, exceptions, running and orphaned segments, links, and every member that can
 * be asked for. @number makes ids distinct. */
GPtrArray *fluo_random_documents (GRand *rand, guint number); /* char *, owned */
FluoTrace *fluo_random_trace     (GRand *rand, guint number);
/* From JSON documents, NULL-terminated. */
FluoTrace *fluo_test_trace       (const char *const *documents);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-bench.h"

G_BEGIN_DECLS

/* The documents that the store and the collector's intake are measured with: segments of some
 * 1.5 KB, five a trace, spread over 24 hours. */

#define FLUO_BENCH_N_DOCUMENTS 5
#define FLUO_BENCH_BASE_S 1790000000

typedef struct
{
  guint first, n, total; /* traces */
  gboolean random_ids;
} FluoBenchPlan;

guint64 fluo_bench_mix (guint64 x);
/* Segment @k of trace @i: a web request, what it calls, what those call. */
char *fluo_bench_document (guint i, guint k, const FluoBenchPlan *plan);
/* The least that taking in could be: make the documents, scan them, pack them with a dictionary,
 * append them to a file, and wait for the disk after each batch. Seconds; @ret_making is what
 * making them took of it. */
double fluo_bench_least (const char *dir, const FluoBenchPlan *plan, guint64 *ret_bytes,
                         double *ret_making);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* An X-Ray that answers GetTraceSummaries in pages of a hundred, as AWS does, from a thread of its
 * own: whoever reads it does nothing but read. Any other operation has an empty answer. */
typedef struct _SummaryService SummaryService;

/* @n summaries, evenly over @span. */
SummaryService *summary_service_new          (guint n, FluoTimeSpan span);
void            summary_service_free         (SummaryService *self);
const char     *summary_service_get_endpoint (SummaryService *self);
guint           summary_service_get_n_pages  (SummaryService *self); /* that were answered */
/* Milliseconds that its thread has worked. */
double          summary_service_get_work_ms  (SummaryService *self);

/* One element as a service answers it, ten services and four annotations long, one of them an id:
 * the @i-th, which starts at @start_ns. */
void summary_service_append (GString *out, GRand *random, guint i, gint64 start_ns);

G_END_DECLS

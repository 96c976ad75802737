/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-logs.h"
#include "core/fluo-span-detail.h"

G_BEGIN_DECLS

/* Shared by the files on a trace's logs. */

typedef void (*FluoLogsEachSegment) (const FluoSpanDetail *detail, guint32 segment,
                                     gpointer user_data);
/* The segments of the trace itself and of those it links to, that somebody sent. */
void fluo_logs_for_each_segment (FluoTrace *trace, FluoLogsEachSegment each, gpointer user_data);
const char *fluo_logs_find_field (GArray *fields, const char *key); /* FluoDetailField; or NULL */
/* The groups a segment writes to, named or usual. NULL-terminated. */
char **fluo_logs_dup_groups_of_segment (const FluoSpanDetail *detail) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

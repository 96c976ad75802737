/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/map/fluo-inspector-data.h"

G_BEGIN_DECLS

/* Shared by fluo-inspector-data.c and fluo-inspector-requests.c: how often each request and each
 * instance occurs. */
typedef struct _FluoInspectorCounts FluoInspectorCounts;

FluoInspectorCounts *fluo_inspector_counts_new  (void);
void                 fluo_inspector_counts_free (FluoInspectorCounts *self);
void fluo_inspector_counts_add_request (FluoInspectorCounts *self, const FluoTraceSummary *summary);
void fluo_inspector_counts_add_instances (FluoInspectorCounts *self,
                                          const FluoTraceSummary *summary, gboolean failed);
/* The most frequent ones as FluoInspectorUrl, with filters that add to @node_filter (nullable). */
void fluo_inspector_counts_fill (FluoInspectorCounts *self, const char *node_filter, GArray *urls,
                                 GArray *instances);

G_END_DECLS

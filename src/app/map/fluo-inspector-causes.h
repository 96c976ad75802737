/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/map/fluo-inspector-data.h"

G_BEGIN_DECLS

/* Shared by fluo-inspector-data.c and fluo-inspector-causes.c: why calls of a node failed. */
typedef struct _FluoInspectorCauses FluoInspectorCauses;

/* For FluoInspectorCause, empty. */
GArray              *fluo_inspector_causes_array_new (void);

/* Of @node, or of one of its calls alone (@only; else G_MAXUINT); @graph must outlive it. */
FluoInspectorCauses *fluo_inspector_causes_new  (const FluoServiceGraph *graph, guint node,
                                                 guint only);
void                 fluo_inspector_causes_free (FluoInspectorCauses *self);
/* Of a trace that names the node. The worst that it tells of the node, OK when nothing. */
FluoStatus           fluo_inspector_causes_add  (FluoInspectorCauses *self,
                                                 const FluoTraceSummary *summary);
/* The most frequent causes into @data, whose counts and n_named are there: those that traces told
 * and, when these were all there are (@complete), what is known of calls that failed with a flag
 * alone. */
void                 fluo_inspector_causes_fill (FluoInspectorCauses *self,
                                                 FluoInspectorData *data, gboolean complete);

G_END_DECLS

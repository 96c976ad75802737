/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* CloudWatch's metrics of one node, small charts on the time axis of those above them. They are
 * asked for when the user opens it, as asking is paid for; from then on for every node. Hidden for
 * nodes that CloudWatch keeps nothing of. Main thread. */
#define FLUO_TYPE_METRICS_LANE (fluo_metrics_lane_get_type ())
G_DECLARE_FINAL_TYPE (FluoMetricsLane, fluo_metrics_lane, FLUO, METRICS_LANE, GtkWidget)

GtkWidget *fluo_metrics_lane_new          (void);
void       fluo_metrics_lane_set_explorer (FluoMetricsLane *self, FluoExplorer *explorer);
/* @type is X-Ray's, @resource the name of what stands behind it. NULL @type: none. */
void       fluo_metrics_lane_set_node     (FluoMetricsLane *self, const char *type,
                                           const char *resource, FluoTimeSpan span);

G_END_DECLS

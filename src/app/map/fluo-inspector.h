/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"
#include "app/map/fluo-inspector-data.h"
#include "draw/fluo-palette.h"

G_BEGIN_DECLS

/* The panel beside the map about one node or edge, 360 px wide. Its button and figures lead to the
 * traces behind them, through win.show-traces. Signals: "closed" (); "range-selected" (gint64
 * begin, gint64 end) when a part of the time is chosen. */
#define FLUO_TYPE_INSPECTOR (fluo_inspector_get_type ())
G_DECLARE_FINAL_TYPE (FluoInspector, fluo_inspector, FLUO, INSPECTOR, GtkWidget)

#define FLUO_INSPECTOR_WIDTH_PX 360

GtkWidget *fluo_inspector_new      (void);
/* Takes @data. @colors outlives the widget's showing it. */
void fluo_inspector_set_data (FluoInspector *self, FluoInspectorData *data,
                              FluoServiceColors *colors);
/* Takes @data of an edge. */
void fluo_inspector_set_edge_data (FluoInspector *self, FluoInspectorData *data,
                                   FluoServiceColors *colors);
/* Whom to ask for metrics and logs. */
void       fluo_inspector_set_explorer (FluoInspector *self, FluoExplorer *explorer);
/* The alarms of CloudWatch (FluoAlarm) that ring for the node, and why they could not be read; both
 * nullable. After the data of the node. */
void       fluo_inspector_set_alarms (FluoInspector *self, GPtrArray *alarms, const GError *error);
void       fluo_inspector_focus    (FluoInspector *self);

G_END_DECLS

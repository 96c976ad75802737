/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-collector.h"
#include "app/connect/fluo-explorer.h"
#include "app/map/fluo-insights.h"

G_BEGIN_DECLS

/* The pages of a view. Each is a GtkWidget that takes its explorer once and follows it. What a page
 * wants from the view it asks for through actions:
 * - win.open-trace (s), win.open-trace-background (s): opens or raises the trace's tab, by X-Ray id
 * - win.show-node-traces (ss): the Traces page filtered by a node: name and type ("" = none)
 * - win.show-traces (s): the same with a filter expression
 * - win.toast (s): a short message, "Trace ID copied"
 * - win.toast-preferences (s): a sentence about something to set, with a button that leads there */

/* Map with time strip and inspector (fluo-map-page.c). */
#define FLUO_TYPE_MAP_PAGE (fluo_map_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoMapPage, fluo_map_page, FLUO, MAP_PAGE, GtkWidget)
GtkWidget *fluo_map_page_new         (FluoExplorer *explorer);
/* Tells of what goes on, above the map and on the time strip. Once. */
void       fluo_map_page_set_insights (FluoMapPage *self, FluoInsights *insights);
void       fluo_map_page_find        (FluoMapPage *self); /* Ctrl F */
void       fluo_map_page_export      (FluoMapPage *self); /* Ctrl E: asks for a file */
void       fluo_map_page_select_node (FluoMapPage *self, const char *name, const char *type);
/* The selected service; NULL and NULL when there is none, or several are one. */
void       fluo_map_page_dup_selected (FluoMapPage *self, char **ret_name, char **ret_type);

/* Table and preview (fluo-traces-page.c). */
#define FLUO_TYPE_TRACES_PAGE (fluo_traces_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoTracesPage, fluo_traces_page, FLUO, TRACES_PAGE, GtkWidget)
GtkWidget *fluo_traces_page_new      (FluoExplorer *explorer);
/* Plain search over request, services, annotations, users and id. */
void       fluo_traces_page_set_search (FluoTracesPage *self, const char *text);

/* One trace: head, waterfall, details (fluo-trace-page.c). Reads the trace by itself, shows loading
 * and errors in place. */
#define FLUO_TYPE_TRACE_PAGE (fluo_trace_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoTracePage, fluo_trace_page, FLUO, TRACE_PAGE, GtkWidget)
GtkWidget  *fluo_trace_page_new          (FluoExplorer *explorer, const FluoTraceId *id);
/* A trace that came from a file: no reading. */
GtkWidget  *fluo_trace_page_new_for_trace (FluoExplorer *explorer, FluoTrace *trace);
const FluoTraceId *fluo_trace_page_get_id (FluoTracePage *self);
FluoTrace *fluo_trace_page_get_trace (
  FluoTracePage *self); /* or NULL while loading; property "trace" notifies */
/* "POST /checkout · 2.31 s · 14:31:48": property "title" notifies. */
const char *fluo_trace_page_get_title    (FluoTracePage *self);
void        fluo_trace_page_find         (FluoTracePage *self);   /* Ctrl F */
void        fluo_trace_page_export       (FluoTracePage *self);   /* Ctrl E */
void        fluo_trace_page_toggle_panel (FluoTracePage *self);   /* F9 */

/* First run (fluo-start-page.c). */
#define FLUO_TYPE_START_PAGE (fluo_start_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoStartPage, fluo_start_page, FLUO, START_PAGE, GtkWidget)
/* @collector (nullable) says what is in its way. */
GtkWidget *fluo_start_page_new (FluoExplorer *explorer, FluoCollector *collector);
/* The demo is being sent: the page stays until it is. Property "busy" notifies. */
gboolean   fluo_start_page_is_busy (FluoStartPage *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"
#include "core/fluo-trace-lines.h"

G_BEGIN_DECLS

/* The lines that the programs of a trace wrote while it ran: asked of CloudWatch Logs where the
 * connection has it, else the exceptions and events of the documents. It asks when it is first
 * shown. Signals: "jump" (guint span) when a line with a call was chosen, "hover" (guint span) for
 * the line under the pointer, "changed" () for other lines, "close" (). Main thread. */
#define FLUO_TYPE_LOGS_PANEL (fluo_logs_panel_get_type ())
G_DECLARE_FINAL_TYPE (FluoLogsPanel, fluo_logs_panel, FLUO, LOGS_PANEL, GtkWidget)

#define FLUO_LOGS_PANEL_WIDTH 440

GtkWidget *fluo_logs_panel_new (FluoExplorer *explorer);
/* A newer reading of the same trace keeps what was found. NULL empties it. */
void fluo_logs_panel_set_trace (FluoLogsPanel *self, FluoTrace *trace);
/* The newest lines of a service in @span instead of a trace's. Asks at once. */
void fluo_logs_panel_set_groups (FluoLogsPanel *self, const char *service,
                                 const char *const *groups, FluoTimeSpan span);
void fluo_logs_panel_set_title (FluoLogsPanel *self, const char *title);
/* Stands before the close button. */
void fluo_logs_panel_add_head (FluoLogsPanel *self, GtkWidget *widget);
/* The call that is selected elsewhere: its lines stand out, and the first of them is shown. */
void fluo_logs_panel_set_span (FluoLogsPanel *self, guint32 span);
/* Shows the lines of the selected call alone. */
void fluo_logs_panel_set_only_call (FluoLogsPanel *self, gboolean only_call);
/* Shows what was written in this time; also the axis. */
void fluo_logs_panel_set_visible_time (FluoLogsPanel *self, FluoTimeSpan visible);
/* What is known so far; borrowed, or NULL. */
FluoTraceLines *fluo_logs_panel_get_lines (FluoLogsPanel *self);
/* Whether the lines came from CloudWatch Logs, and are not the trace's own. */
gboolean fluo_logs_panel_has_logs (FluoLogsPanel *self);
/* Asks again, whatever was found. */
void fluo_logs_panel_read (FluoLogsPanel *self);

G_END_DECLS

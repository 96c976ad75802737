/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* The newest log lines of one service in the shown range. Where it writes is read from its newest
 * trace, or follows from what it is. Main thread. */
#define FLUO_TYPE_LOGS_WINDOW (fluo_logs_window_get_type ())
G_DECLARE_FINAL_TYPE (FluoLogsWindow, fluo_logs_window, FLUO, LOGS_WINDOW, AdwWindow)

/* @type is X-Ray's, or "". */
GtkWidget *fluo_logs_window_new (GtkWidget *owner, FluoExplorer *explorer, const char *service,
                                 const char *type);

G_END_DECLS

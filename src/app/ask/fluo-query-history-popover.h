/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-explorer.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The filters that were run, newest first, searchable. A click puts and runs one (query.use). */
GtkWidget *fluo_query_history_popover_new (FluoExplorer *explorer);

G_END_DECLS

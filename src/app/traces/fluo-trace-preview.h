/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* The panel beside the table: one trace in short. Signal "closed" (). */
#define FLUO_TYPE_TRACE_PREVIEW (fluo_trace_preview_get_type ())
G_DECLARE_FINAL_TYPE (FluoTracePreview, fluo_trace_preview, FLUO, TRACE_PREVIEW, AdwBin)

GtkWidget        *fluo_trace_preview_new         (FluoExplorer *explorer);
/* Shows what the summary says at once and reads the trace; NULL clears. The same id again only
 * refreshes. */
void fluo_trace_preview_set_summary (FluoTracePreview *self, FluoTraceSummary *summary);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/map/fluo-insights.h"

G_BEGIN_DECLS

/* The runs of trouble of the range, newest first. Asks the window with win.show-insight (s) to show
 * one on the map, and with win.show-insight-traces (s) to list its faulty traces. */
#define FLUO_TYPE_INSIGHTS_PAGE (fluo_insights_page_get_type ())
G_DECLARE_FINAL_TYPE (FluoInsightsPage, fluo_insights_page, FLUO, INSIGHTS_PAGE, GtkWidget)

GtkWidget *fluo_insights_page_new (FluoExplorer *explorer, FluoInsights *insights);

/* What the window does with an insight: a little before it, all of it, and of a closed one a little
 * after it; never less than five minutes, nor later than @now_ns. */
FluoTimeSpan fluo_insight_get_span (const FluoInsight *insight, gint64 now_ns);

G_END_DECLS

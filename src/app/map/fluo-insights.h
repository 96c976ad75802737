/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-explorer.h"
#include "aws/fluo-xray-insights.h"

G_BEGIN_DECLS

/* The insights of what an explorer looks at: read again with each full read, and while live as
 * often as the service judges anew. What was read stays when reading fails. Signal "changed" ().
 * Main thread. */
#define FLUO_TYPE_INSIGHTS (fluo_insights_get_type ())
G_DECLARE_FINAL_TYPE (FluoInsights, fluo_insights, FLUO, INSIGHTS, GObject)

FluoInsights            *fluo_insights_new        (FluoExplorer *explorer);
/* Borrowed; NULL before the first answer of this connection. */
const FluoInsightReport *fluo_insights_get_report (FluoInsights *self);
const GError            *fluo_insights_get_error  (FluoInsights *self); /* of the last read */
guint                    fluo_insights_get_n_active (FluoInsights *self);
const FluoInsight       *fluo_insights_find       (FluoInsights *self, const char *id);
/* The newest that is active, or NULL. */
const FluoInsight       *fluo_insights_get_active (FluoInsights *self);
void                     fluo_insights_reload     (FluoInsights *self);
/* Whether the group Default looks for insights; reads again when that is done. */
void                     fluo_insights_enable     (FluoInsights *self);

/* "bank.example.com" for people, or "a service" when the service named none. Newly allocated and
 * safe to show. */
char *fluo_insight_dup_cause (const FluoInsight *insight);

G_END_DECLS

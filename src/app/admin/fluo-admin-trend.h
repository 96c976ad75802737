/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "aws/fluo-xray-admin.h"

G_BEGIN_DECLS

/* What came to one sampling rule in each ten seconds, as bars: requests, and on them what was
 * sampled. */
#define FLUO_TYPE_ADMIN_TREND (fluo_admin_trend_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminTrend, fluo_admin_trend, FLUO, ADMIN_TREND, GtkBox)

typedef struct
{
  guint64 requests, sampled, borrowed;
} FluoAdminTotals;

GtkWidget *fluo_admin_trend_new (int width, int height);
/* @counts: FluoSamplingCount of all rules, oldest first; @rule's are shown. The sums are
 * returned. */
FluoAdminTotals fluo_admin_trend_set (FluoAdminTrend *self, GPtrArray *counts, const char *rule);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* A trace's waterfall at a glance, as wide as the panel: names at the left, bars at the right, no
 * interaction. The most important rows of a longer trace: services first, then what is on the
 * critical path. */
#define FLUO_TYPE_SMALL_WATERFALL (fluo_small_waterfall_get_type ())
G_DECLARE_FINAL_TYPE (FluoSmallWaterfall, fluo_small_waterfall, FLUO, SMALL_WATERFALL, GtkWidget)

GtkWidget *fluo_small_waterfall_new          (void);
void       fluo_small_waterfall_set_explorer (FluoSmallWaterfall *self, FluoExplorer *explorer);
void fluo_small_waterfall_set_trace (FluoSmallWaterfall *self, FluoTrace *trace); /* or NULL */
guint      fluo_small_waterfall_get_n_shown  (FluoSmallWaterfall *self, guint *ret_n_rows);

G_END_DECLS

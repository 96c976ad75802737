/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* Where the table would be when a filter finds nothing: what was looked at, how many are left after
 * each condition, and what to ask instead, as buttons. It asks when it is shown, and again when the
 * filter or the range is another. */

#define FLUO_TYPE_WHY_NOTHING_VIEW (fluo_why_nothing_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoWhyNothingView, fluo_why_nothing_view, FLUO, WHY_NOTHING_VIEW, GtkWidget)

GtkWidget *fluo_why_nothing_view_new    (FluoExplorer *explorer);
/* It is to be shown, or is shown and something may have changed. */
void       fluo_why_nothing_view_update (FluoWhyNothingView *self);

G_END_DECLS

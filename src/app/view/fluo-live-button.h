/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* Live: on, paused ("214 waiting"), trying again ("in 4 s"), not connected. A click switches live
 * on or off, or tries again. */
#define FLUO_TYPE_LIVE_BUTTON (fluo_live_button_get_type ())
G_DECLARE_FINAL_TYPE (FluoLiveButton, fluo_live_button, FLUO, LIVE_BUTTON, AdwBin)

GtkWidget *fluo_live_button_new        (FluoExplorer *explorer);
void       fluo_live_button_set_narrow (FluoLiveButton *self, gboolean narrow); /* the icon alone */

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* "● Local · this computer ▾": what is looked at and whether it answers; its menu changes it
 * through the actions win.connect-local, win.connect-profile (s) and win.connect-aws. */
#define FLUO_TYPE_CONNECTION_BUTTON (fluo_connection_button_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionButton, fluo_connection_button, FLUO, CONNECTION_BUTTON, AdwBin)

GtkWidget *fluo_connection_button_new (FluoExplorer *explorer);
/* Leaves out the detail when there is little room, and lets the name be cut short when there is
 * hardly any. */
void fluo_connection_button_set_narrow (FluoConnectionButton *self, gboolean narrow, gboolean tiny);

G_END_DECLS

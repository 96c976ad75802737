/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-session.h"

G_BEGIN_DECLS

/* "● Local · this computer ▾": what is looked at and whether it answers, with the connection's
 * mark; from it hangs the cockpit, which changes it through actions of the window. */
#define FLUO_TYPE_CONNECTION_BUTTON (fluo_connection_button_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionButton, fluo_connection_button, FLUO, CONNECTION_BUTTON, AdwBin)

GtkWidget *fluo_connection_button_new (FluoSession *session);
void fluo_connection_button_popup (FluoConnectionButton *self);
/* Leaves out the detail when there is little room, and lets the name be cut short when there is
 * hardly any. */
void fluo_connection_button_set_narrow (FluoConnectionButton *self, gboolean narrow, gboolean tiny);

G_END_DECLS

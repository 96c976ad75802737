/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "fluo-session.h"

G_BEGIN_DECLS

/* What hangs from the connection button: how the connection stands (the cockpit), and the others to
 * switch to. */
#define FLUO_TYPE_CONNECTION_POPOVER (fluo_connection_popover_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionPopover, fluo_connection_popover, FLUO, CONNECTION_POPOVER,
                      GtkPopover)

GtkWidget *fluo_connection_popover_new (FluoSession *session);

G_END_DECLS

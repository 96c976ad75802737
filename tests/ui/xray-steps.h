/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-explorer.h"
#include "fake-xray.h"

G_BEGIN_DECLS

/* An explorer, or a whole window, with a FakeXray behind it. */

/* Connects as to this computer; returns at once. */
void     xray_steps_connect       (FluoExplorer *explorer, FakeXray *xray);
/* It is connected, and neither reads nor counts. */
gboolean xray_steps_is_settled    (FluoExplorer *explorer);
/* It is connected, reads nothing, and has all traces that @xray has. */
gboolean xray_steps_has_all       (FluoExplorer *explorer, FakeXray *xray);
/* The one profile of AWS is "shop", whose requests go to @endpoint. */
void     xray_steps_write_profile (const char *endpoint, const char *region, const char *secret);
/* No connection is stored. */
void     xray_steps_forget_connections (void);

G_END_DECLS

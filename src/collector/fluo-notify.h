/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells the service manager how things are ("READY=1", "STOPPING=1") over $NOTIFY_SOCKET; does
 * nothing without one. The protocol: sd_notify(3). */
void fluo_notify (const char *state);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* The collector's ports, a row each: what it is for, and a light that says what came in. */
#define FLUO_TYPE_LISTENER_LIST (fluo_listener_list_get_type ())
G_DECLARE_FINAL_TYPE (FluoListenerList, fluo_listener_list, FLUO, LISTENER_LIST, AdwBin)

GtkWidget *fluo_listener_list_new    (void);
/* TRUE when something on screen changed. @status may be NULL. */
gboolean   fluo_listener_list_update (FluoListenerList *self, const FluoCollectorStatus *status);

G_END_DECLS

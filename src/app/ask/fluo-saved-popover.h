/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-explorer.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The saved filters of this connection and X-Ray's groups beside them, searchable, with how many
 * traces of the range each finds. A click runs one; what else can be done stands in its row. Part
 * of FluoQueryBar: its actions do it. */

#define FLUO_TYPE_SAVED_POPOVER (fluo_saved_popover_get_type ())
G_DECLARE_FINAL_TYPE (FluoSavedPopover, fluo_saved_popover, FLUO, SAVED_POPOVER, GtkPopover)

GtkWidget *fluo_saved_popover_new (FluoExplorer *explorer);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* Preferences; what they say about stored data is of what @explorer looks at. */
GtkWidget *fluo_preferences_new (GtkWindow *parent, FluoExplorer *explorer);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Adds a row with a switch to an AdwPreferencesGroup; texts are no markup, @subtitle may be NULL.
 * Returns the switch. */
GtkWidget *fluo_switch_row_add (GtkWidget *group, const char *title, const char *subtitle,
                                gboolean active);

G_END_DECLS

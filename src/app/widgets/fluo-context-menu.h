/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The menu of a place in a widget, for right click and Shift+F10. Main thread. */

/* A popover of @parent, which unparents it when it goes; its actions are looked for from there. */
GtkWidget *fluo_context_menu_new   (GMenuModel *model, GtkWidget *parent);
/* The same, or another model for the one there is, which may have been filled by hand. */
void       fluo_context_menu_set_model (GtkWidget **menu, GMenuModel *model, GtkWidget *parent);
/* At a point of its parent, in pixels. */
void       fluo_context_menu_popup (GtkWidget *menu, double x, double y);

G_END_DECLS

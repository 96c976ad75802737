/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-service-colors.h"

G_BEGIN_DECLS

/* The colour of a service as a submenu: the palette's twelve by name, and the automatic one. The
 * widget whose menu it is has an action of @action's name with a string, the colour's id or "" for
 * the automatic one, and gives it to fluo_color_menu_choose(). */

/* An entry called @label; nothing without @colors. What is in it comes with
 * fluo_color_menu_fill(). */
void     fluo_color_menu_append (GMenu *menu, const char *label, FluoServiceColors *colors);
/* After the popover got its model: the one that is in use is ticked. */
void     fluo_color_menu_fill   (GtkPopoverMenu *popover, const char *action,
                                 FluoServiceColors *colors, const char *name, const char *type);
/* The window tells of it and offers the way back. FALSE when nothing has changed. */
gboolean fluo_color_menu_choose (GtkWidget *widget, FluoServiceColors *colors, const char *name,
                                 const char *type, const char *id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Buttons of the bars above a trace's calls: an icon and a word. */

/* @icon NULL: none. @label is set later, as it says what is chosen. */
GtkWidget *fluo_text_tool_new_content (const char *icon, GtkLabel **label, gboolean arrow);
/* @choices: targets of @action and their words (N_()), in pairs, to NULL. */
GtkWidget *fluo_text_tool_new_menu    (const char *icon, GtkLabel **label, const char *tip,
                                       const char *action, const char *const *choices);

G_END_DECLS

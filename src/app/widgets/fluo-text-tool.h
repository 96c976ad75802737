/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the bars above pictures are made of: buttons with an icon and a word, and counts. */

/* @icon NULL: none. @label is set later, as it says what is chosen. */
GtkWidget *fluo_text_tool_new_content (const char *icon, GtkLabel **label, gboolean arrow);
/* @choices: targets of @action and their words (N_()), in pairs, to NULL. */
GtkWidget *fluo_text_tool_new_menu    (const char *icon, GtkLabel **label, const char *tip,
                                       const char *action, const char *const *choices);
/* "3 of 14", "14 found", "none": what a search says beside its field. @position 0: none of them is
 * the current one. */
char      *fluo_text_tool_dup_found (guint position, guint n) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Starts GTK for a widget test; FALSE (having printed why) when there is no display. */
gboolean           fake_ui_init           (int *argc, char ***argv);
/* The first widget of @type below @root, or @root itself, that has the style class (NULL: any); or
 * that is mapped. NULL when there is none. */
GtkWidget         *fake_ui_find           (GtkWidget *root, GType type, const char *css_class);
GtkWidget         *fake_ui_find_mapped    (GtkWidget *root, GType type);
/* Texts of all labels below @root that are shown, one a line. Newly allocated. */
char              *fake_ui_dup_text       (GtkWidget *root);
/* The button below @root that is shown and has these words, on it or as its tooltip; or NULL. */
GtkWidget         *fake_ui_find_button    (GtkWidget *root, const char *words);
/* The dialog of @parent that is on screen, or NULL. */
GtkWindow         *fake_ui_find_dialog    (GtkWindow *parent);

G_END_DECLS

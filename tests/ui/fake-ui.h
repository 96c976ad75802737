/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Starts GTK for a widget test; FALSE (having printed why) when there is no display. */
gboolean           fake_ui_init           (int *argc, char ***argv);
/* The same with a home of the test's own, which is the result: nothing that somebody keeps is found
 * or changed, profiles of AWS included. NULL when there is no display. fake_ui_run() runs the tests
 * and removes it. */
char              *fake_ui_init_home      (int *argc, char ***argv) G_GNUC_WARN_UNUSED_RESULT;
int                fake_ui_run            (char *home);
/* The application, beside any other that runs. */
GtkApplication    *fake_ui_application_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* The first widget of @type below @root, or @root itself, that has the style class (NULL: any); or
 * that is mapped. NULL when there is none. */
GtkWidget         *fake_ui_find           (GtkWidget *root, GType type, const char *css_class);
GtkWidget         *fake_ui_find_mapped    (GtkWidget *root, GType type);
/* Texts of all labels below @root that are shown, one a line. Newly allocated. */
char              *fake_ui_dup_text       (GtkWidget *root);
/* The button below @root that is shown and has these words, on it or as its tooltip; or NULL. */
GtkWidget         *fake_ui_find_button    (GtkWidget *root, const char *words);
/* For fluo_test_wait_until(): the weak pointer that @data points to is NULL. */
gboolean           fake_ui_is_gone         (gpointer data);
/* Closes the window that @window, a GtkWindow **, points to, and waits until it is gone. */
void               fake_ui_close           (gpointer window);
/* The dialog of @parent that is on screen, or NULL. */
GtkWindow         *fake_ui_find_dialog    (GtkWindow *parent);

G_END_DECLS

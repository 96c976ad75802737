/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "fluo-test-util.h"

G_BEGIN_DECLS

/* What a user does and sees, as steps that wait until they are possible and fail when they never
 * are. @root is a widget or a window. */

#define UI_PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* A label that is shown below @root holds these words. */
gboolean   ui_wait_says       (gpointer root, const char *words);
#define ui_assert_says(root, words) g_assert_true (ui_wait_says (root, words))
/* The button with exactly this label, mnemonics and all, that is shown; or NULL. */
GtkWidget *ui_find_button     (gpointer root, const char *label);
/* Clicks it as soon as it can be clicked. */
void       ui_click           (gpointer root, const char *label);
/* The dialog of @parent, as soon as it is there. */
GtkWindow *ui_wait_for_dialog (gpointer parent);
void       ui_wait_no_dialog  (gpointer parent);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What newer GTK and libadwaita have built in and GTK 4.8 with libadwaita 1.2 has not. Nothing else
 * does such a thing by hand. */

/* Opens @uri in the user's browser; errors are logged. */
void fluo_compat_open_uri       (GtkWidget *parent, const char *uri);
/* Scrolls a GtkColumnView or GtkListView to a row, without selecting it. */
void fluo_compat_scroll_to_item (GtkWidget *view, guint position);
/* What a screen reader says of the row of a GtkColumnView that @child is a cell's content in. */
void fluo_compat_name_row       (GtkWidget *child, const char *name);
/* Where a hidden column keeps its width: data of the column. */
#define FLUO_COMPAT_WIDTH_KEY "fluo-kept-width"
/* Shows or hides a column with a fixed width, or one that takes the rest. */
void fluo_compat_show_column    (GtkColumnViewColumn *column, gboolean visible);
/* Titles stand over the ends of their figures, from the column @first on. */
void fluo_compat_align_titles   (GtkColumnView *view, guint first);
/* Makes @dialog a modal dialog of @parent that closes with it. A closed dialog may live on in a
 * task; GTK would then look at a parent that is gone, so it forgets the parent as it is closed. */
void fluo_compat_set_parent     (GtkWindow *dialog, GtkWindow *parent);
/* The dialog shows the colour of the connection that @from is of, a view or a window; NULL: none.
 * Every dialog has its parent's from the beginning. */
void fluo_compat_take_mark      (GtkWindow *dialog, GtkWidget *from);
/* The same with the window that @owner is in; and the dialog is gone when @owner is, which may be a
 * view that ends before its window, or is moved to another one. */
void fluo_compat_set_owner      (GtkWindow *dialog, GtkWidget *owner);
/* Closes what pops up over @widget, and says whether there was any. */
gboolean fluo_compat_popdown_all (GtkWidget *widget);
/* The buttons in the tabs of @bar have pictures and no names. */
void fluo_compat_name_tabs      (AdwTabBar *bar);

G_END_DECLS

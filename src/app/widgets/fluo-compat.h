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
/* Makes @dialog a modal dialog of @parent that closes with it. A closed dialog may live on in a
 * task; GTK would then look at a parent that is gone, so it forgets the parent as it is closed. */
void fluo_compat_set_parent     (GtkWindow *dialog, GtkWindow *parent);

G_END_DECLS

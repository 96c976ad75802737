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

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What the small dialogs around filters have in common. */

/* A header bar with Cancel, the title, and @action, which is the suggested one. */
GtkWidget *fluo_ask_dialog_make_header (GtkWindow *self, const char *title, GtkWidget *action);
/* Over @parent (may be NULL), as wide as that or narrower where there is no room. */
void       fluo_ask_dialog_place       (GtkWindow *self, GtkWindow *parent, int width_px);

G_END_DECLS

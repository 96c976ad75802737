/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A main part, and a side right of it or below it with a size of its own. The border between the
 * two is dragged, or moved by the arrow keys; a double click, or Home, gives the usual size back.
 * A side whose size nobody chose leaves the main part the larger half; one that was chosen is only
 * made smaller where the window is. Main thread. */
#define FLUO_TYPE_SIDE_PANE (fluo_side_pane_get_type ())
G_DECLARE_FINAL_TYPE (FluoSidePane, fluo_side_pane, FLUO, SIDE_PANE, GtkWidget)

/* Takes both. Emits "resized" (int: the size along, 0 = the usual one) after the user moved the
 * border. */
GtkWidget *fluo_side_pane_new         (GtkWidget *main, GtkWidget *side);
void       fluo_side_pane_set_below   (FluoSidePane *self, gboolean below);
gboolean   fluo_side_pane_get_below   (FluoSidePane *self);
/* In px; @chosen_px 0: nobody chose one. */
void       fluo_side_pane_set_size    (FluoSidePane *self, int usual_px, int chosen_px);
/* What the side takes of @total_px: 0 while it is hidden. */
int        fluo_side_pane_get_side    (FluoSidePane *self, int total_px);

G_END_DECLS

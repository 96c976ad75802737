/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Holds one child and says how wide it may be, so that the child can be folded: the box itself
 * needs no more than its minimum width (and height, where one is set), whatever the child needs.
 * Properties "width" and "height" notify, from an idle and never inside an allocation. */

#define FLUO_TYPE_WIDTH_BOX (fluo_width_box_get_type ())
G_DECLARE_FINAL_TYPE (FluoWidthBox, fluo_width_box, FLUO, WIDTH_BOX, GtkWidget)

GtkWidget *fluo_width_box_new       (GtkWidget *child, int min_width_px);
void       fluo_width_box_set_min_height (FluoWidthBox *self, int min_height_px);
int        fluo_width_box_get_width  (FluoWidthBox *self); /* 0 before the first allocation */
int        fluo_width_box_get_height (FluoWidthBox *self);

G_END_DECLS

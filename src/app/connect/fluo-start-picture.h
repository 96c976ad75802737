/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The map that is not there yet: one node with a live dot and dotted ways to three empty ones. */
GtkWidget *fluo_start_picture_new (void);

G_END_DECLS

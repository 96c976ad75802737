/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* The palette that fits the application's style now: light or dark, normal or high contrast. */
const FluoPalette *fluo_theme_get_palette  (void);
/* Redraws @widget whenever the palette changes. */
void               fluo_theme_follow       (GtkWidget *widget);
/* How much larger than the design's the text of a widget is: 1 for the usual font, and for smaller
 * ones, 2 for text of 200 %. */
double             fluo_theme_get_text_scale (GtkWidget *widget);
/* Begins a picture in @widget's own font and the current palette. */
void               fluo_theme_begin        (FluoPainter *painter, cairo_t *cr, GtkWidget *widget);
/* An image of the status' shape in its colour. */
GtkWidget         *fluo_theme_status_image (FluoStatus status);
void               fluo_theme_set_status   (GtkImage *image, FluoStatus status);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* A widget whose picture comes from draw/: it owns the painter with its cache of texts and knows
 * the palette that goes with the style (light, dark, high contrast), and draws again when that
 * changes. */
#define FLUO_TYPE_CANVAS (fluo_canvas_get_type ())
G_DECLARE_DERIVABLE_TYPE (FluoCanvas, fluo_canvas, FLUO, CANVAS, GtkWidget)

struct _FluoCanvasClass
{
  GtkWidgetClass parent_class;

  /* The painter has begun; sizes are the picture's. */
  void (*draw) (FluoCanvas *self, FluoPainter *painter, double width, double height);
};

typedef void (*FluoCanvasDraw) (FluoPainter *painter, double width, double height,
                                gpointer user_data);

/* A canvas without a class of its own. @user_data must outlive the widget, or be its ancestor. */
GtkWidget *fluo_canvas_new (FluoCanvasDraw draw, gpointer user_data, int width, int height);
/* Its picture is so large at the usual size of text, and grows with the text from now on: draw() is
 * asked for the picture of that size, and pointers come in px of the widget. */
void               fluo_canvas_set_size    (FluoCanvas *self, int width, int height);
/* How many px of the widget one of the picture is: 1 where it does not grow. */
double             fluo_canvas_get_scale   (FluoCanvas *self);
FluoPainter       *fluo_canvas_get_painter (FluoCanvas *self);
/* The palette of the style that is on now. */
const FluoPalette *fluo_canvas_lookup_palette (void);
/* For GTK's own snapshot functions. */
GdkRGBA            fluo_color_to_rgba      (FluoColor color);

G_END_DECLS

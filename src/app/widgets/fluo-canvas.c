/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-canvas"

#include "fluo-config.h"

#include "fluo-canvas.h"

#include <adwaita.h>
#include <math.h>

#include "fluo-theme.h"

typedef struct
{
  FluoPainter   *painter;
  FluoCanvasDraw draw;
  gpointer       user_data;
  gboolean       grows;         /* with the text */
  int            width, height; /* of a picture that grows, at the usual size */
} FluoCanvasPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (FluoCanvas, fluo_canvas, GTK_TYPE_WIDGET)

const FluoPalette *
fluo_canvas_lookup_palette (void)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  const gboolean contrast = adw_style_manager_get_high_contrast (manager);

  if (adw_style_manager_get_dark (manager))
    return fluo_palette_get (contrast ? FLUO_PALETTE_DARK_CONTRAST : FLUO_PALETTE_DARK);
  return fluo_palette_get (contrast ? FLUO_PALETTE_LIGHT_CONTRAST : FLUO_PALETTE_LIGHT);
}

static void
fluo_canvas_real_draw (FluoCanvas  *self,
                       FluoPainter *painter,
                       double       width,
                       double       height)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);

  if (priv->draw)
    priv->draw (painter, width, height, priv->user_data);
}

static void
fluo_canvas_snapshot (GtkWidget   *widget,
                      GtkSnapshot *snapshot)
{
  FluoCanvas *self = FLUO_CANVAS (widget);
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);
  const double scale = fluo_canvas_get_scale (self);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_scale (cr, scale, scale);
  fluo_painter_begin (priv->painter, cr, fluo_canvas_lookup_palette ());
  FLUO_CANVAS_GET_CLASS (self)->draw (self, priv->painter, width / scale, height / scale);
  cairo_destroy (cr);
}

static void
fluo_canvas_measure (GtkWidget      *widget,
                     GtkOrientation  orientation,
                     int             for_size,
                     int            *minimum,
                     int            *natural,
                     int            *minimum_baseline,
                     int            *natural_baseline)
{
  FluoCanvas *self = FLUO_CANVAS (widget);
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);
  const int size = orientation == GTK_ORIENTATION_HORIZONTAL ? priv->width : priv->height;

  *minimum = *natural = (int) ceil (MAX (size, 0) * fluo_canvas_get_scale (self));
}

static void
fluo_canvas_finalize (GObject *object)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (FLUO_CANVAS (object));

  fluo_painter_free (priv->painter);
  G_OBJECT_CLASS (fluo_canvas_parent_class)->finalize (object);
}

static void
fluo_canvas_class_init (FluoCanvasClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_canvas_finalize;
  GTK_WIDGET_CLASS (klass)->measure = fluo_canvas_measure;
  GTK_WIDGET_CLASS (klass)->snapshot = fluo_canvas_snapshot;
  klass->draw = fluo_canvas_real_draw;
}

static void
fluo_canvas_init (FluoCanvas *self)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);
  AdwStyleManager *manager = adw_style_manager_get_default ();

  priv->painter = fluo_painter_new ();
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
}

GtkWidget *
fluo_canvas_new (FluoCanvasDraw draw,
                 gpointer       user_data,
                 int            width,
                 int            height)
{
  FluoCanvas *self = g_object_new (FLUO_TYPE_CANVAS, NULL);
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);

  priv->draw = draw;
  priv->user_data = user_data;
  gtk_widget_set_size_request (GTK_WIDGET (self), width, height);
  return GTK_WIDGET (self);
}

void
fluo_canvas_set_size (FluoCanvas *self,
                      int         width,
                      int         height)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);

  g_return_if_fail (FLUO_IS_CANVAS (self));

  if (priv->grows && priv->width == width && priv->height == height)
    return;
  priv->grows = TRUE;
  priv->width = width;
  priv->height = height;
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, -1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

double
fluo_canvas_get_scale (FluoCanvas *self)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);

  g_return_val_if_fail (FLUO_IS_CANVAS (self), 1);

  return priv->grows ? fluo_theme_get_text_scale (GTK_WIDGET (self)) : 1;
}

FluoPainter *
fluo_canvas_get_painter (FluoCanvas *self)
{
  FluoCanvasPrivate *priv = fluo_canvas_get_instance_private (self);

  g_return_val_if_fail (FLUO_IS_CANVAS (self), NULL);

  return priv->painter;
}

GdkRGBA
fluo_color_to_rgba (FluoColor color)
{
  return (GdkRGBA) { color.red, color.green, color.blue, color.alpha };
}

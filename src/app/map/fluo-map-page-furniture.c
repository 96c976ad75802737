/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-canvas.h"

#define ZOOM_STEP 1.25

static void
draw_legend (FluoPainter *painter,
             double       width,
             double       height,
             gpointer     user_data)
{
  FluoMapPage *self = user_data;
  const FluoMap *map = fluo_map_area_peek_map (self->area);

  if (map)
    fluo_map_draw_legend (painter, map, 0, 0);
}

static void
draw_minimap (FluoPainter *painter,
              double       width,
              double       height,
              gpointer     user_data)
{
  FluoMapPage *self = user_data;
  FluoMapPicture *picture = fluo_map_area_get_picture (self->area);
  const FluoMap *map = picture ? NULL : fluo_map_area_peek_map (self->area);

  if (picture)
    fluo_map_picture_draw_minimap (picture, painter, fluo_map_area_get_view (self->area));
  else if (map)
    fluo_map_draw_minimap (painter, map, 0, 0);
}

static void
draw_loading (FluoPainter *painter,
              double       width,
              double       height,
              gpointer     user_data)
{
  static const double places[][2] = { { -290, 0 }, { -100, 0 },  { 90, -70 },
                                      { 90, 70 },  { 280, -70 }, { 280, 70 } };
  static const guint links[][2] = { { 0, 1 }, { 1, 2 }, { 1, 3 }, { 2, 4 }, { 3, 5 } };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, palette->view);
  cairo_paint (cr);
  cairo_translate (cr, width / 2, height / 2 - 20);
  fluo_color_set (cr, palette->grid);
  cairo_set_line_width (cr, 4);
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      const double *a = places[links[i][0]];
      const double *b = places[links[i][1]];

      cairo_move_to (cr, a[0] + 27, a[1]);
      cairo_curve_to (cr, (a[0] + b[0]) / 2, a[1], (a[0] + b[0]) / 2, b[1], b[0] - 30, b[1]);
    }
  cairo_stroke (cr);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      cairo_arc (cr, places[i][0], places[i][1], 25, 0, 2 * G_PI);
      cairo_fill (cr);
      fluo_painter_rounded (painter, places[i][0] - 34, places[i][1] + 36, 68, 9, 4);
      fluo_painter_rounded (painter, places[i][0] - 50, places[i][1] + 53, 100, 8, 4);
      cairo_fill (cr);
    }
}

static void
minimap_to (FluoMapPage *self,
            double       x,
            double       y)
{
  FluoMapPicture *picture = fluo_map_area_get_picture (self->area);
  const FluoMap *map = picture ? NULL : fluo_map_area_peek_map (self->area);
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->minimap));
  FluoMapPoint point;

  x /= scale;
  y /= scale;
  if (picture)
    point = fluo_map_picture_minimap_point (picture, fluo_map_area_get_view (self->area), x, y);
  else if (map)
    point = fluo_map_minimap_point (map, x, y);
  else
    return;
  fluo_map_area_center_on (self->area, point.x, point.y);
}

static void
minimap_begin_cb (GtkGestureDrag *gesture,
                  double          x,
                  double          y,
                  FluoMapPage    *self)
{
  minimap_to (self, x, y);
}

static void
minimap_drag_cb (GtkGestureDrag *gesture,
                 double          dx,
                 double          dy,
                 FluoMapPage    *self)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    minimap_to (self, x + dx, y + dy);
}

static void
zoom_in_cb (FluoMapPage *self)
{
  fluo_map_area_zoom (self->area, ZOOM_STEP);
}

static void
zoom_out_cb (FluoMapPage *self)
{
  fluo_map_area_zoom (self->area, 1 / ZOOM_STEP);
}

static void
fit_cb (FluoMapPage *self)
{
  fluo_map_area_fit (self->area);
}

static GtkWidget *
make_zoom_button (FluoMapPage *self,
                  const char  *icon,
                  const char  *tooltip,
                  GCallback    clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

GtkWidget *
fluo_map_page_make_furniture (FluoMapPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, FURNITURE_MARGIN_PX);
  GtkWidget *zoom = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_add_css_class (zoom, "card");
  gtk_widget_add_css_class (zoom, "map-zoom");
  gtk_widget_set_valign (zoom, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (zoom), make_zoom_button (self, "fluoroscope-plus-symbolic",
                                                    _("Zoom In"), G_CALLBACK (zoom_in_cb)));
  gtk_box_append (GTK_BOX (zoom), make_zoom_button (self, "fluoroscope-minus-symbolic",
                                                    _("Zoom Out"), G_CALLBACK (zoom_out_cb)));
  gtk_box_append (GTK_BOX (zoom), make_zoom_button (self, "fluoroscope-fit-symbolic",
                                                    _("Show All"), G_CALLBACK (fit_cb)));
  gtk_box_append (GTK_BOX (zoom), fluo_map_page_make_compare_button (self));
  self->minimap = fluo_canvas_new (draw_minimap, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (self->minimap), FLUO_MAP_MINIMAP_WIDTH_PX,
                        FLUO_MAP_MINIMAP_HEIGHT_PX);
  gtk_widget_set_valign (self->minimap, GTK_ALIGN_END);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (minimap_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (minimap_drag_cb), self);
  gtk_widget_add_controller (self->minimap, GTK_EVENT_CONTROLLER (drag));
  gtk_box_append (GTK_BOX (box), zoom);
  gtk_box_append (GTK_BOX (box), self->minimap);
  gtk_widget_set_halign (box, GTK_ALIGN_END);
  gtk_widget_set_valign (box, GTK_ALIGN_END);
  gtk_widget_set_margin_end (box, FURNITURE_MARGIN_PX);
  gtk_widget_set_margin_bottom (box, FURNITURE_MARGIN_PX);
  return box;
}

GtkWidget *
fluo_map_page_make_legend (FluoMapPage *self)
{
  self->legend = fluo_canvas_new (draw_legend, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (self->legend), FLUO_MAP_LEGEND_WIDTH_PX,
                        FLUO_MAP_LEGEND_HEIGHT_PX);
  gtk_widget_set_halign (self->legend, GTK_ALIGN_START);
  gtk_widget_set_valign (self->legend, GTK_ALIGN_END);
  gtk_widget_set_margin_start (self->legend, FURNITURE_MARGIN_PX);
  gtk_widget_set_margin_bottom (self->legend, FURNITURE_MARGIN_PX);
  gtk_widget_set_can_target (self->legend, FALSE);
  return self->legend;
}

GtkWidget *
fluo_map_page_make_loading (FluoMapPage *self)
{
  return fluo_canvas_new (draw_loading, self, -1, -1);
}

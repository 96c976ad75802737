/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-start-picture.h"

#include "app/widgets/fluo-theme.h"

#define WIDTH_PX 84
#define HEIGHT_PX 84

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  static const double ys[] = { 16, 42, 68 };
  const FluoPalette *palette = fluo_theme_get_palette ();
  const double dots[] = { 0.1, 5.4 };

  fluo_color_set (cr, palette->line2);
  cairo_set_line_width (cr, 3);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < G_N_ELEMENTS (ys); i++)
    {
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_new_path (cr);
      cairo_arc (cr, 68, ys[i], 9, 0, 2 * G_PI);
      cairo_stroke (cr);
      cairo_set_dash (cr, dots, 2, 0);
      cairo_move_to (cr, 27, 42);
      cairo_curve_to (cr, 40, 42, 34, ys[i], 53, ys[i]);
      cairo_stroke (cr);
    }
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_new_path (cr);
  cairo_arc (cr, 14, 42, 9, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_new_path (cr);
  cairo_arc (cr, 14, 42, 4.5, 0, 2 * G_PI);
  fluo_color_set (cr, palette->live);
  cairo_fill (cr);
}

GtkWidget *
fluo_start_picture_new (void)
{
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), WIDTH_PX);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), HEIGHT_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, NULL, NULL);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  fluo_theme_follow (area);
  return area;
}

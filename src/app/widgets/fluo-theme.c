/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-theme.h"

const FluoPalette *
fluo_theme_get_palette (void)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (manager);

  if (adw_style_manager_get_high_contrast (manager))
    return fluo_palette_get (dark ? FLUO_PALETTE_DARK_CONTRAST : FLUO_PALETTE_LIGHT_CONTRAST);
  return fluo_palette_get (dark ? FLUO_PALETTE_DARK : FLUO_PALETTE_LIGHT);
}

void
fluo_theme_follow (GtkWidget *widget)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), widget,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw),
                           widget, G_CONNECT_SWAPPED);
}

double
fluo_theme_get_text_scale (GtkWidget *widget)
{
  g_autofree char *name = NULL;
  PangoFontDescription *font;
  int dpi = 0;
  double scale;

  /* What a rem is in the style, so that words in labels and drawn ones grow alike. */
  g_object_get (gtk_widget_get_settings (widget), "gtk-font-name", &name, "gtk-xft-dpi", &dpi,
                NULL);
  font = pango_font_description_from_string (name != NULL ? name : "");
  scale = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  if (pango_font_description_get_size_is_absolute (font))
    scale /= 11.0 * 96 / 72;
  else
    scale *= (dpi > 0 ? dpi / 1024.0 : 96) / 96 / 11; /* the design's is 11 pt */
  pango_font_description_free (font);

  /* Next to nothing would only blur what lies on whole pixels. */
  return scale > 1.04 ? MIN (scale, 3) : 1;
}

void
fluo_theme_begin (FluoPainter *painter, cairo_t *cr, GtkWidget *widget)
{
  const PangoFontDescription *font = pango_context_get_font_description (
      gtk_widget_get_pango_context (widget));

  fluo_painter_set_families (painter, font ? pango_font_description_get_family (font) : NULL, NULL);
  fluo_painter_begin (painter, cr, fluo_theme_get_palette ());
}

/* "fluoroscope-status-fault-symbolic". Static. */
static const char *
status_icon (FluoStatus status)
{
  static const char *const icons[FLUO_N_STATUSES] = {
    [FLUO_STATUS_OK] = "fluoroscope-status-ok-symbolic",
    [FLUO_STATUS_RUNNING] = "fluoroscope-status-progress-symbolic",
    [FLUO_STATUS_ERROR] = "fluoroscope-status-error-symbolic",
    [FLUO_STATUS_THROTTLE] = "fluoroscope-status-throttle-symbolic",
    [FLUO_STATUS_FAULT] = "fluoroscope-status-fault-symbolic",
  };

  g_return_val_if_fail (status < FLUO_N_STATUSES, icons[0]);
  return icons[status];
}

void
fluo_theme_set_status (GtkImage *image, FluoStatus status)
{
  for (int i = 0; i < FLUO_N_STATUSES; i++)
    gtk_widget_remove_css_class (GTK_WIDGET (image), fluo_status_to_word (i));
  gtk_widget_add_css_class (GTK_WIDGET (image), fluo_status_to_word (status));
  gtk_image_set_from_icon_name (image, status_icon (status));
}

GtkWidget *
fluo_theme_status_image (FluoStatus status)
{
  GtkWidget *image = gtk_image_new ();

  gtk_widget_add_css_class (image, "status-icon");
  fluo_theme_set_status (GTK_IMAGE (image), status);
  return image;
}

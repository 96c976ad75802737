/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-resources.h"

#include "fluo-resource-data.h"

void
fluo_app_register_resources (void)
{
  static gsize registered = 0;

  if (g_once_init_enter (&registered))
    {
      fluo_data_register_resource ();
      g_once_init_leave (&registered, 1);
    }
}

void
fluo_app_load_resources (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  g_return_if_fail (GDK_IS_DISPLAY (display));
  fluo_app_register_resources ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    FLUO_RESOURCE_PATH "/icons");
  gtk_css_provider_load_from_resource (provider, FLUO_RESOURCE_PATH "/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

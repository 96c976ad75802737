/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-text-tool.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

GtkWidget *
fluo_text_tool_new_content (const char *icon, GtkLabel **label, gboolean arrow)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  if (icon != NULL)
    {
      GtkWidget *image = gtk_image_new_from_icon_name (icon);

      gtk_image_set_pixel_size (GTK_IMAGE (image), 14);
      gtk_box_append (GTK_BOX (box), image);
    }
  *label = GTK_LABEL (gtk_label_new (NULL));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (*label));
  if (arrow)
    {
      GtkWidget *down = gtk_image_new_from_icon_name ("fluoroscope-down-symbolic");

      gtk_image_set_pixel_size (GTK_IMAGE (down), 11);
      gtk_widget_add_css_class (down, "dim-label");
      gtk_box_append (GTK_BOX (box), down);
    }

  return box;
}

GtkWidget *
fluo_text_tool_new_menu (const char *icon, GtkLabel **label, const char *tip, const char *action,
                         const char *const *choices)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; choices[2 * i] != NULL; i++)
    {
      g_autofree char *detailed = g_strdup_printf ("%s::%s", action, choices[2 * i]);

      g_menu_append (menu, _(choices[2 * i + 1]), detailed);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_child (GTK_MENU_BUTTON (button),
                             fluo_text_tool_new_content (icon, label, TRUE));
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "text-tool");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);

  return button;
}

char *
fluo_text_tool_dup_found (guint position, guint n)
{
  g_autofree char *count = fluo_format_count (n), *at = fluo_format_count (position);

  if (n == 0)
    return g_strdup (_("none"));
  return position == 0 ? g_strdup_printf (_("%s found"), count)
                       : g_strdup_printf (_("%s of %s"), at, count);
}

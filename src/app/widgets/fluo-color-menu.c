/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-color-menu.h"

#include <glib/gi18n.h>

#define CUSTOM_ID "colors"
#define N_COLUMNS 2
#define N_ROWS (FLUO_N_SERVICE_COLORS / N_COLUMNS)

void
fluo_color_menu_append (GMenu *menu, const char *label, FluoServiceColors *colors)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
  g_autoptr (GMenu) submenu = g_menu_new ();

  if (colors == NULL)
    return;
  g_menu_item_set_attribute (item, "custom", "s", CUSTOM_ID);
  g_menu_append_item (submenu, item);
  g_menu_append_submenu (menu, label, G_MENU_MODEL (submenu));
}

/* A menu item with a picture beside its words is not to be had of GTK's own. */
static GtkWidget *
make_item (const char *action, const char *id, const char *label, guint color, gboolean current)
{
  GtkWidget *button = g_object_new (GTK_TYPE_BUTTON, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_MENU_ITEM_RADIO, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *swatch = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *words = gtk_label_new (label);
  GtkWidget *tick = gtk_image_new_from_icon_name ("object-select-symbolic");
  g_autofree char *class = g_strdup_printf ("service-%u", color % FLUO_N_SERVICE_COLORS + 1);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "color-item");
  gtk_widget_add_css_class (swatch, "swatch");
  gtk_widget_add_css_class (swatch, class);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_widget_set_hexpand (words, TRUE);
  /* Its place is kept, so that the columns don't depend on what is chosen. */
  gtk_widget_set_opacity (tick, current ? 1 : 0);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), tick);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_CHECKED,
                               current ? GTK_ACCESSIBLE_TRISTATE_TRUE
                                       : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  return button;
}

void
fluo_color_menu_fill (GtkPopoverMenu *popover, const char *action, FluoServiceColors *colors,
                      const char *name, const char *type)
{
  GtkWidget *grid;
  guint choice;

  if (colors == NULL)
    return;
  choice = fluo_service_colors_get_choice (colors, name, type);
  grid = gtk_grid_new ();
  gtk_widget_add_css_class (grid, "color-grid");
  gtk_grid_attach (GTK_GRID (grid),
                   make_item (action, "", _("Automatic"),
                              fluo_service_colors_get_automatic (colors, name, type),
                              choice == FLUO_SERVICE_COLOR_AUTOMATIC),
                   0, 0, N_COLUMNS, 1);
  for (guint i = 0; i < FLUO_N_SERVICE_COLORS; i++)
    gtk_grid_attach (GTK_GRID (grid),
                     make_item (action, fluo_service_color_to_id (i),
                                fluo_service_color_to_label (i), i, choice == i),
                     (int) (i / N_ROWS), 1 + (int) (i % N_ROWS), 1, 1);
  for (GtkWidget *item = gtk_widget_get_first_child (grid); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    g_signal_connect_object (item, "clicked", G_CALLBACK (gtk_popover_popdown), popover,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  if (!gtk_popover_menu_add_child (popover, grid, CUSTOM_ID))
    g_object_unref (g_object_ref_sink (grid));
}

gboolean
fluo_color_menu_choose (GtkWidget *widget, FluoServiceColors *colors, const char *name,
                        const char *type, const char *id)
{
  const guint before = fluo_service_colors_get_choice (colors, name, type);

  if (!fluo_service_colors_choose (colors, name, type, fluo_service_color_from_id (id)))
    return FALSE;
  gtk_widget_activate_action (
    widget, "win.color-chosen", "(sss)", name != NULL ? name : "", type != NULL ? type : "",
    before != FLUO_SERVICE_COLOR_AUTOMATIC ? fluo_service_color_to_id (before) : "");
  return TRUE;
}

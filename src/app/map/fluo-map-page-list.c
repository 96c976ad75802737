/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/fluo-settings.h"

/* The map as a list: the switch between both, and what either tells the other. */

#define LIST_KEY "map-as-list"

const char *
fluo_map_page_get_view (FluoMapPage *self)
{
  return self->as_list ? "list" : "map";
}

void
fluo_map_page_focus_view (FluoMapPage *self)
{
  gtk_widget_grab_focus (self->as_list ? GTK_WIDGET (self->list) : GTK_WIDGET (self->area));
}

/* Of each node on screen, for the list; NULL where none rings. */
static GPtrArray *
dup_alarms (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->area);
  GPtrArray *names;

  if (!graph || !self->alarms.list || self->alarms.list->len == 0)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < graph->nodes->len; i++)
    g_ptr_array_add (names, fluo_map_area_dup_alarm_names (self->area, i));
  return names;
}

/* What the map shows, the list shows; while nobody sees it, it may wait. */
void
fluo_map_page_follow_list (FluoMapPage *self)
{
  const FluoGraphDifference *difference = fluo_map_area_get_difference (self->area);
  const FluoGraphDifference *usual = fluo_map_area_get_usual (self->area);

  if (!self->as_list)
    return;
  fluo_map_list_set_graph (self->list, fluo_map_area_get_graph (self->area),
                           fluo_map_area_get_span (self->area),
                           difference ? difference : usual,
                           difference ? _("Change") : _("Than usual"), dup_alarms (self));
  fluo_map_list_select (self->list, fluo_map_area_get_node (self->area),
                        fluo_map_area_get_edge (self->area));
}

static void
selected_cb (FluoMapPage *self,
             guint        node,
             guint        edge)
{
  fluo_map_area_select (self->area, node, edge);
}

static void
show_view (FluoMapPage *self,
           gboolean     as_list)
{
  const gboolean focused = self->as_list
                             ? gtk_widget_get_focus_child (GTK_WIDGET (self->list)) != NULL
                             : gtk_widget_is_focus (GTK_WIDGET (self->area));

  if (self->as_list == as_list)
    return;
  self->as_list = as_list;
  fluo_settings_set_boolean (LIST_KEY, as_list);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->view_buttons[as_list]), TRUE);
  fluo_map_page_follow_list (self);
  fluo_map_page_update_state (self);
  if (focused)
    fluo_map_page_focus_view (self);
}

static void
toggled_cb (GtkToggleButton *button,
            FluoMapPage     *self)
{
  show_view (self, gtk_toggle_button_get_active (button));
}

void
fluo_map_page_toggle_list_cb (GtkWidget  *widget,
                              const char *action,
                              GVariant   *parameter)
{
  show_view (FLUO_MAP_PAGE (widget), !FLUO_MAP_PAGE (widget)->as_list);
  fluo_map_page_focus_view (FLUO_MAP_PAGE (widget));
}

GtkWidget *
fluo_map_page_make_list (FluoMapPage *self)
{
  self->list = FLUO_MAP_LIST (fluo_map_list_new ());
  g_signal_connect_object (self->list, "selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "inspect", G_CALLBACK (fluo_map_page_inspect), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->list), FALSE);
  return GTK_WIDGET (self->list);
}

GtkWidget *
fluo_map_page_make_views (FluoMapPage *self)
{
  static const struct
  {
    const char *icon, *tooltip;
  } views[] = {
    { "fluoroscope-map-symbolic", N_("Show as Map (V)") },
    { "fluoroscope-list-symbolic", N_("Show as List (V)") },
  };

  self->views = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->views, "segmented");
  gtk_widget_add_css_class (self->views, "map-traffic");
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      self->view_buttons[i] = gtk_toggle_button_new ();
      gtk_button_set_icon_name (GTK_BUTTON (self->view_buttons[i]), views[i].icon);
      gtk_widget_set_tooltip_text (self->view_buttons[i], _(views[i].tooltip));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->view_buttons[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _(views[i].tooltip), -1);
      gtk_box_append (GTK_BOX (self->views), self->view_buttons[i]);
    }
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->view_buttons[1]),
                               GTK_TOGGLE_BUTTON (self->view_buttons[0]));
  self->as_list = fluo_settings_get_boolean (LIST_KEY, FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->view_buttons[self->as_list]), TRUE);
  g_signal_connect_object (self->view_buttons[1], "toggled", G_CALLBACK (toggled_cb), self, 0);
  return self->views;
}

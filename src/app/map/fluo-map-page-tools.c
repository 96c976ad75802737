/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-text-tool.h"
#include "core/fluo-format.h"
#include "fluo-map-match.h"

/* Over the map: all traffic or matches only, what is left out, and the search. */

#define MARGIN_PX 12
#define ROWS_TOP_PX 6
#define ROWS_GAP_PX 4
/* The height of a row of one line. */
#define ROW_PX (FLUO_MAP_TOOLS_PX - ROWS_TOP_PX)
#define SEARCH_WIDTH_CHARS 22

/* --- All traffic or matching only ----------------------------------------- */

static gboolean
has_filter (FluoMapPage *self)
{
  return *fluo_explorer_get_filter (self->explorer) != '\0';
}

/* The graph that the map shows of @graph; a new reference. */
FluoServiceGraph *
fluo_map_page_dup_shown_graph (FluoMapPage      *self,
                               FluoServiceGraph *graph)
{
  /* The graph of the matches has no times, and the other range has all traffic. */
  if (!has_filter (self) || !self->only_matching || self->compare.before)
    return fluo_service_graph_ref (graph);
  return fluo_map_match_graph (graph, fluo_explorer_get_matches (self->explorer));
}

void
fluo_map_page_update_matching (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_explorer_get_graph (self->explorer);
  const gboolean dims = graph && has_filter (self) && !self->only_matching;

  gtk_widget_set_visible (self->traffic, has_filter (self) && !self->compare.before);
  fluo_map_area_set_matching (
    self->area,
    dims ? fluo_map_match_keys (graph, fluo_explorer_get_matches (self->explorer)) : NULL);
}

static void
traffic_cb (GtkToggleButton *button,
            FluoMapPage     *self)
{
  self->only_matching = gtk_toggle_button_get_active (button);
  fluo_map_page_follow_graph (self);
}

static GtkWidget *
make_traffic (FluoMapPage *self)
{
  GtkWidget *all = gtk_toggle_button_new_with_label (_("All traffic"));
  GtkWidget *only = gtk_toggle_button_new_with_label (_("Matching only"));

  self->traffic = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->traffic, "segmented");
  gtk_widget_add_css_class (self->traffic, "map-traffic");
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (only), GTK_TOGGLE_BUTTON (all));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (all), TRUE);
  g_signal_connect_object (only, "toggled", G_CALLBACK (traffic_cb), self, 0);
  gtk_box_append (GTK_BOX (self->traffic), all);
  gtk_box_append (GTK_BOX (self->traffic), only);
  gtk_widget_set_visible (self->traffic, FALSE);
  return self->traffic;
}

/* --- What is left out ----------------------------------------------------- */

void
fluo_map_page_update_rules (FluoMapPage *self)
{
  g_autofree char *words = fluo_map_area_dup_rules_words (self->area);

  gtk_widget_set_visible (self->rules, words != NULL);
  gtk_widget_set_visible (self->tidy, fluo_map_area_has_pins (self->area));
  if (words)
    gtk_label_set_text (self->rules_label, words);
}

static void
show_all_cb (FluoMapPage *self)
{
  fluo_map_area_show_all (self->area);
}

static GtkWidget *
make_rules (FluoMapPage *self)
{
  GtkWidget *button = gtk_button_new_with_label (_("Show all"));

  self->rules = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->rules_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (self->rules, "card");
  gtk_widget_add_css_class (self->rules, "map-rules");
  gtk_widget_add_css_class (button, "flat");
  gtk_box_append (GTK_BOX (self->rules), GTK_WIDGET (self->rules_label));
  gtk_box_append (GTK_BOX (self->rules), button);
  g_signal_connect_object (button, "clicked", G_CALLBACK (show_all_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (self->rules, FALSE);
  return self->rules;
}

/* --- Search --------------------------------------------------------------- */

static void
search (FluoMapPage *self,
        gboolean     next)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->find_entry));
  guint position = 0;
  const guint n = fluo_map_area_search (self->area, text, next, &position);
  g_autofree char *words = *text ? fluo_text_tool_dup_found (position, n) : NULL;

  gtk_label_set_text (self->find_count, words ? words : "");
}

static void
search_changed_cb (FluoMapPage *self)
{
  search (self, FALSE);
}

static void
search_next_cb (FluoMapPage *self)
{
  search (self, TRUE);
}

static void
search_stop_cb (FluoMapPage *self)
{
  guint position;

  gtk_editable_set_text (GTK_EDITABLE (self->find_entry), "");
  gtk_widget_set_visible (self->find, FALSE);
  fluo_map_area_search (self->area, NULL, FALSE, &position);
  fluo_map_page_focus_view (self);
}

void
fluo_map_page_find (FluoMapPage *self)
{
  g_return_if_fail (FLUO_IS_MAP_PAGE (self));

  gtk_widget_set_visible (self->find, TRUE);
  gtk_widget_grab_focus (self->find_entry);
}

static GtkWidget *
make_search (FluoMapPage *self)
{
  self->find = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->find_entry = gtk_search_entry_new ();
  self->find_count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->find_count), "dim-label");
  gtk_widget_add_css_class (self->find, "card");
  gtk_widget_add_css_class (self->find, "map-rules");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->find_entry), SEARCH_WIDTH_CHARS);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->find_entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find a service on the map"), -1);
  g_object_set (self->find_entry, "placeholder-text", _("Find a service on the map"), NULL);
  g_signal_connect_object (self->find_entry, "search-changed", G_CALLBACK (search_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_entry, "activate", G_CALLBACK (search_next_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_entry, "next-match", G_CALLBACK (search_next_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->find_entry, "stop-search", G_CALLBACK (search_stop_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->find), self->find_entry);
  gtk_box_append (GTK_BOX (self->find), GTK_WIDGET (self->find_count));
  gtk_widget_set_visible (self->find, FALSE);
  return self->find;
}

static void
tidy_cb (FluoMapPage *self)
{
  fluo_map_area_tidy (self->area);
}

/* --- Places --------------------------------------------------------------- */

/* Everything at the top stands in rows that break where the window is narrow: first the tools, then
 * the notice, which is in the middle of the map while there is room. Fills @ret_place where @child
 * is among them. Returns where what is shown of them ends. */
static int
place_rows (FluoMapPage  *self,
            int           all,
            GtkWidget    *child,
            GdkRectangle *ret_place)
{
  GtkWidget *const widgets[] = { self->views,  self->traffic, self->list_compare,
                                 self->compare.card, self->picked, self->rules,
                                 self->find,   self->tidy,    self->notice };
  const int room = all - 2 * MARGIN_PX;
  int x = 0;
  int y = ROWS_TOP_PX;
  int row = ROW_PX;

  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    {
      const gboolean shown = widgets[i] == self->notice
                               ? gtk_widget_get_can_target (self->notice)
                               : gtk_widget_get_visible (widgets[i]);
      int minimum, width, height;

      if (!shown && widgets[i] != child)
        continue;
      gtk_widget_measure (widgets[i], GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &width, NULL, NULL);
      width = MAX (MIN (width, room), minimum);
      gtk_widget_measure (widgets[i], GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
      if (x > 0 && x + width > room)
        {
          x = 0;
          y += row + ROWS_GAP_PX;
          row = ROW_PX;
        }
      if (widgets[i] == self->notice)
        x = MAX (x, (room - width) / 2);
      if (widgets[i] == child)
        *ret_place = (GdkRectangle){ MARGIN_PX + x, y + MAX (0, (ROW_PX - height) / 2), width,
                                     height };
      if (!shown)
        break;
      x += width + MARGIN_PX;
      row = MAX (row, height);
    }
  return y + row;
}

static gboolean
place_cb (GtkOverlay   *overlay,
          GtkWidget    *child,
          GdkRectangle *ret_place,
          FluoMapPage  *self)
{
  const int all = gtk_widget_get_width (GTK_WIDGET (overlay));
  const int height = gtk_widget_get_height (GTK_WIDGET (overlay));
  GdkRectangle place = { 0, 0, -1, -1 };
  int y = place_rows (self, all, child, &place);

  /* It is there even where it says nothing, and comes last. */
  if (child == self->notice && self->tools_px != y)
    {
      self->tools_px = y;
      fluo_map_page_queue_furniture (self);
    }
  if (child == GTK_WIDGET (self->list))
    {
      y += ROWS_TOP_PX;
      place = (GdkRectangle){ 0, y, all, MAX (height - y, 0) };
    }
  if (place.width < 0)
    return FALSE;
  *ret_place = place;
  return TRUE;
}

void
fluo_map_page_add_tools (FluoMapPage *self,
                         GtkOverlay  *overlay)
{
  self->tidy = gtk_button_new_with_label (_("Tidy"));
  gtk_widget_set_tooltip_text (self->tidy,
                               _("Forget where nodes were put, and arrange them anew (T)"));
  gtk_widget_add_css_class (self->tidy, "map-rules");
  gtk_widget_add_css_class (self->tidy, "card");
  gtk_widget_set_visible (self->tidy, FALSE);
  g_signal_connect_object (self->tidy, "clicked", G_CALLBACK (tidy_cb), self, G_CONNECT_SWAPPED);
  self->list_compare = fluo_map_page_make_compare_button (self);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->list_compare), GTK_ARROW_DOWN);
  gtk_overlay_add_overlay (overlay, fluo_map_page_make_views (self));
  gtk_overlay_add_overlay (overlay, make_traffic (self));
  gtk_overlay_add_overlay (overlay, self->list_compare);
  gtk_overlay_add_overlay (overlay, fluo_map_page_make_comparison (self));
  gtk_overlay_add_overlay (overlay, fluo_map_page_make_picked (self));
  gtk_overlay_add_overlay (overlay, make_rules (self));
  gtk_overlay_add_overlay (overlay, make_search (self));
  gtk_overlay_add_overlay (overlay, self->tidy);
  gtk_overlay_add_overlay (overlay, fluo_map_page_make_notice (self));
  g_signal_connect_object (overlay, "get-child-position", G_CALLBACK (place_cb), self, 0);
}

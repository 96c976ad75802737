/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/map/fluo-inspector-data.h"
#include "core/fluo-format.h"

/* The card on several nodes: how many there are, and what can be done with all of them. */

/* "service(…) OR service(…)"; NULL when none of them has traces of its own. */
static char *
dup_filter (FluoMapPage *self,
            const char  *operator)
{
  g_autoptr (GArray) picked = fluo_map_area_dup_picked (self->area);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < picked->len; i++)
    {
      g_autofree char *one =
        fluo_map_area_dup_filter (self->area, g_array_index (picked, guint, i), FALSE);

      if (one)
        g_string_append_printf (text, "%s%s", text->len > 0 ? operator : "", one);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static void
show_traces (FluoMapPage *self,
             const char  *operator)
{
  g_autofree char *filter = dup_filter (self, operator);

  if (filter)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-traces", "s", filter);
}

static void
any_cb (FluoMapPage *self)
{
  show_traces (self, " OR ");
}

static void
all_cb (FluoMapPage *self)
{
  show_traces (self, " AND ");
}

static void
hide_cb (FluoMapPage *self)
{
  fluo_map_area_hide_picked (self->area);
  fluo_map_page_focus_view (self);
}

static void
fold_cb (FluoMapPage *self)
{
  fluo_map_area_fold_picked (self->area);
  fluo_map_page_focus_view (self);
}

static void
close_cb (FluoMapPage *self)
{
  fluo_map_area_clear_picked (self->area);
  fluo_map_page_focus_view (self);
}

static void
picked_changed_cb (FluoMapPage *self)
{
  g_autoptr (GArray) picked = fluo_map_area_dup_picked (self->area);
  g_autofree char *filter = dup_filter (self, " OR ");
  g_autofree char *text =
    g_strdup_printf (ngettext ("%u service", "%u services", picked->len), picked->len);

  gtk_widget_set_visible (self->picked, picked->len > 0);
  gtk_label_set_text (self->picked_label, text);
  gtk_widget_set_sensitive (self->picked_traces[0], filter != NULL);
  gtk_widget_set_sensitive (self->picked_traces[1], filter != NULL);
  gtk_widget_queue_resize (self->picked);
}

static GtkWidget *
add_button (FluoMapPage *self,
            const char  *label,
            const char  *tooltip,
            GCallback    clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->picked), button);
  return button;
}

GtkWidget *
fluo_map_page_make_picked (FluoMapPage *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");

  self->picked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->picked_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->picked_label), "numeric");
  gtk_widget_add_css_class (self->picked, "card");
  gtk_widget_add_css_class (self->picked, "map-rules");
  gtk_box_append (GTK_BOX (self->picked), GTK_WIDGET (self->picked_label));
  self->picked_traces[0] = add_button (self, _("Traces of Any"),
                                       _("Traces that touch one of them"), G_CALLBACK (any_cb));
  self->picked_traces[1] = add_button (self, _("Traces of All"),
                                       _("Traces that touch every one of them"),
                                       G_CALLBACK (all_cb));
  add_button (self, _("Hide"), _("Leave them out of the map"), G_CALLBACK (hide_cb));
  add_button (self, _("Fold"), _("Show them as one"), G_CALLBACK (fold_cb));
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "close");
  gtk_widget_set_tooltip_text (close, _("Select nothing"));
  g_signal_connect_object (close, "clicked", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->picked), close);
  gtk_widget_set_visible (self->picked, FALSE);
  g_signal_connect_object (self->area, "picked-changed", G_CALLBACK (picked_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self->picked;
}

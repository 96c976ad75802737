/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

/* The line above the map that tells of an insight that goes on, until it is closed or ends. */

static void
update_notice (FluoMapPage *self)
{
  const FluoInsight *insight = self->insights ? fluo_insights_get_active (self->insights) : NULL;
  gboolean shown = insight && g_strcmp0 (insight->id, self->notice_hidden) != 0;

  fluo_time_strip_set_mark (self->strip, insight ? insight->begin_ns : 0);
  if (shown)
    {
      g_autofree char *cause = fluo_insight_dup_cause (insight);
      g_autofree char *cause_markup = g_markup_escape_text (cause, -1);
      g_autofree char *begin = fluo_format_clock (insight->begin_ns, FLUO_CLOCK_MINUTES, NULL);
      /* Translators: a service and a time of day. */
      g_autofree char *text = g_strdup_printf (
        _("Faults at <b>%s</b> have been high since <b>%s</b>"), cause_markup, begin);

      gtk_label_set_markup (self->notice_label, text);
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->notice), shown);
  gtk_widget_set_can_target (self->notice, shown);
  gtk_widget_queue_resize (self->notice);
}

static void
close_cb (FluoMapPage *self)
{
  const FluoInsight *insight = fluo_insights_get_active (self->insights);

  g_free (self->notice_hidden);
  self->notice_hidden = insight ? g_strdup (insight->id) : NULL;
  update_notice (self);
}

GtkWidget *
fluo_map_page_make_notice (FluoMapPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *show = gtk_button_new_with_label (_("Show insight"));
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");

  self->notice_label = GTK_LABEL (label);
  /* On a narrow window the sentence takes up to three lines. */
  gtk_label_set_wrap (self->notice_label, TRUE);
  gtk_label_set_wrap_mode (self->notice_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (self->notice_label, 3);
  gtk_label_set_ellipsize (self->notice_label, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->notice_label, 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Insight"), -1);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (show), "win.page::insights");
  gtk_widget_add_css_class (show, "flat");
  gtk_widget_add_css_class (show, "show");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "close");
  gtk_widget_set_tooltip_text (close, _("Hide until another begins"));
  g_signal_connect_object (close, "clicked", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (box, "map-notice");
  gtk_box_append (GTK_BOX (box),
                  gtk_image_new_from_icon_name ("fluoroscope-status-fault-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), show);
  gtk_box_append (GTK_BOX (box), close);

  self->notice = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (self->notice),
                                    GTK_REVEALER_TRANSITION_TYPE_CROSSFADE);
  gtk_revealer_set_child (GTK_REVEALER (self->notice), box);
  gtk_widget_set_can_target (self->notice, FALSE);
  return self->notice;
}

void
fluo_map_page_set_insights (FluoMapPage  *self,
                            FluoInsights *insights)
{
  g_return_if_fail (FLUO_IS_MAP_PAGE (self));
  g_return_if_fail (FLUO_IS_INSIGHTS (insights) && !self->insights);

  self->insights = g_object_ref (insights);
  g_signal_connect_object (insights, "changed", G_CALLBACK (update_notice), self,
                           G_CONNECT_SWAPPED);
  update_notice (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-range-button.h"
#include "core/fluo-format.h"

/* What stands where the map would when nothing was sent: in which range, and the ways out. */

#define RANGE_WIDE_NS (6 * 3600 * FLUO_NSEC_PER_SEC)
#define RANGE_WIDEST_NS (7 * 24 * 3600 * FLUO_NSEC_PER_SEC)

void
fluo_map_page_update_empty (FluoMapPage *self)
{
  const gint64 relative = fluo_explorer_get_relative_ns (self->explorer);
  const FluoCollectorStatus *status = fluo_explorer_get_status (self->explorer);
  g_autofree char *range = NULL;
  g_autofree char *title = NULL;
  g_autofree char *description = NULL;

  if (relative > 0)
    {
      range = fluo_range_dup_label (relative);
      /* Translators: "Last 15 minutes: no traces". */
      title = g_strdup_printf (_("%s: no traces"), range);
    }
  else
    {
      range = fluo_format_range (fluo_explorer_get_span (self->explorer), NULL);
      title = g_strdup_printf (_("No traces from %s"), range);
    }
  if (status && status->traces > 0)
    {
      g_autofree char *count = fluo_format_count ((guint64) status->traces);

      description = g_strdup_printf (
        ngettext ("%s trace is stored. Look further back or choose another range.",
                  "%s traces are stored. Look further back or choose another range.",
                  status->traces),
        count);
    }
  else
    description = g_strdup (_("Look further back, or send something."));
  adw_status_page_set_title (self->empty, title);
  adw_status_page_set_description (self->empty, description);
}

static void
wide_cb (FluoMapPage *self)
{
  fluo_explorer_set_relative (self->explorer, RANGE_WIDE_NS);
}

static void
widest_cb (FluoMapPage *self)
{
  fluo_explorer_set_relative (self->explorer, RANGE_WIDEST_NS);
}

GtkWidget *
fluo_map_page_make_empty (FluoMapPage *self)
{
  GtkWidget *ways = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *wide = gtk_button_new_with_label (_("Last 6 hours"));
  GtkWidget *widest = gtk_button_new_with_label (_("Last 7 days"));
  GtkWidget *why = gtk_button_new_with_label (_("Why is it missing?"));

  self->empty = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->empty, "fluoroscope-map-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self->empty), "compact");
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (why, _("Say what became of a trace"));
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (why), "win.explain-missing::");
  g_signal_connect_object (wide, "clicked", G_CALLBACK (wide_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (widest, "clicked", G_CALLBACK (widest_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (buttons), wide);
  gtk_box_append (GTK_BOX (buttons), widest);
  gtk_widget_set_halign (why, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (ways), buttons);
  gtk_box_append (GTK_BOX (ways), why);
  adw_status_page_set_child (self->empty, ways);
  return GTK_WIDGET (self->empty);
}

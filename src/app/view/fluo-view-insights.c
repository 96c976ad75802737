/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/map/fluo-insights-page.h"
#include "app/traces/fluo-traces-page.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter.h"

/* The line in the traces' chart where an insight that goes on began. */
void
fluo_view_mark_insight (FluoView *self)
{
  const FluoInsight *active = fluo_insights_get_active (self->insights);

  if (self->traces_page)
    fluo_traces_charts_set_insight (
      fluo_traces_page_get_charts (FLUO_TRACES_PAGE (self->traces_page)),
      active ? active->begin_ns : 0);
}

static void
changed_cb (FluoView *self)
{
  guint n = fluo_insights_get_n_active (self->insights);
  g_autofree char *count = fluo_format_count (n);

  for (guint i = 0; i < G_N_ELEMENTS (self->insight_counts); i++)
    {
      gtk_label_set_text (self->insight_counts[i], count);
      gtk_widget_set_visible (GTK_WIDGET (self->insight_counts[i]), n > 0);
    }
  fluo_view_mark_insight (self);
}

void
fluo_view_add_insights (FluoView *self)
{
  self->insights = fluo_insights_new (self->explorer);
  g_signal_connect_object (self->insights, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/* The button that leads to the page, with the number of insights that go on. */
GtkWidget *
fluo_view_make_insight_switch (FluoView *self, guint switcher)
{
  GtkBox *box;
  GtkWidget *button = fluo_view_make_switch ("insights", "fluoroscope-insight-symbolic",
                                               _("Insights"), &box);
  GtkWidget *count = gtk_label_new (NULL);

  self->insight_counts[switcher] = GTK_LABEL (count);
  gtk_widget_add_css_class (count, "count-badge");
  gtk_widget_set_valign (count, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (count, FALSE);
  gtk_widget_set_tooltip_text (button, _("Services that fail more than they usually do"));
  gtk_box_append (box, count);
  return button;
}

GtkWidget *
fluo_view_ensure_insights (FluoView *self)
{
  if (!self->insights_page)
    {
      self->insights_page = fluo_insights_page_new (self->explorer, self->insights);
      gtk_stack_add_named (GTK_STACK (self->explore), self->insights_page, "insights");
    }
  return self->insights_page;
}

/* win.show-insight, win.show-insight-traces: the time in which it was, and the service that is its
 * likely cause, on the map; or that service's faulty traces. */
void
fluo_view_show_insight_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoView *self = FLUO_VIEW (widget);
  const FluoInsight *insight = fluo_insights_find (self->insights,
                                                   g_variant_get_string (parameter, NULL));
  gint64 now_ns = g_get_real_time () * 1000;
  g_autofree char *cause_name = NULL;
  g_autofree char *cause_type = NULL;
  FluoTimeSpan span;

  if (!insight)
    {
      fluo_view_toast (self, _("This insight is no longer there"));
      return;
    }
  /* A changed range asks anew, and what is borrowed here may go with the answer. */
  cause_name = g_strdup (insight->cause.name);
  cause_type = g_strdup (insight->cause.type);
  span = fluo_insight_get_span (insight, now_ns);
  /* One that goes on and is in sight is looked at as it goes on. */
  if (!insight->active || fluo_explorer_get_span (self->explorer).begin_ns > insight->begin_ns)
    fluo_explorer_set_span (self->explorer, span);
  if (g_str_has_suffix (name, "traces"))
    {
      g_autofree char *filter =
        cause_name ? fluo_filter_dup_service (cause_name, cause_type, "fault") : NULL;

      gtk_widget_activate_action (widget, "win.show-traces", "s", filter ? filter : "fault");
      return;
    }
  fluo_view_show_page (self, "map");
  if (cause_name && self->map_page)
    fluo_map_page_select_node (FLUO_MAP_PAGE (self->map_page), cause_name, cause_type);
  fluo_view_focus_page (self);
}

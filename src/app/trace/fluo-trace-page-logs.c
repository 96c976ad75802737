/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-trace-page-private.h"
#include "app/trace/fluo-waterfall-view-private.h"

/* The log lines in place of the details, tied to the waterfall: its selection, its visible time,
 * and what is pointed at. */

#define WHOLE_ZOOM 1.0001

static void
jump_cb (FluoLogsPanel *logs, guint span, FluoTracePage *self)
{
  /* The keyboard stays with the lines. */
  fluo_waterfall_view_select (self->waterfall, span);
}

static void
hover_cb (FluoLogsPanel *logs, guint span, FluoTracePage *self)
{
  fluo_waterfall_view_set_hover (self->waterfall, span);
}

static void
changed_cb (FluoTracePage *self)
{
  fluo_span_panel_set_lines (self->panel, fluo_logs_panel_get_lines (self->logs));
  /* The trace's own words are found in its documents. */
  fluo_waterfall_view_set_lines (self->waterfall, fluo_logs_panel_has_logs (self->logs)
                                                    ? fluo_logs_panel_get_lines (self->logs)
                                                    : NULL);
}

static void
close_cb (FluoTracePage *self)
{
  fluo_trace_page_set_logs (self, FALSE);
  gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
}

static void
make_logs (FluoTracePage *self)
{
  if (self->logs != NULL)
    return;
  self->logs = FLUO_LOGS_PANEL (fluo_logs_panel_new (self->explorer));
  g_signal_connect_object (self->logs, "jump", G_CALLBACK (jump_cb), self, 0);
  g_signal_connect_object (self->logs, "hover", G_CALLBACK (hover_cb), self, 0);
  g_signal_connect_object (self->logs, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->logs, "close", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->side, GTK_WIDGET (self->logs), "logs");
}

void
fluo_trace_page_update_logs (FluoTracePage *self)
{
  FluoTimeSpan visible = { 0, 0 };

  if (self->logs == NULL)
    return;
  if (fluo_waterfall_view_get_zoom (self->waterfall) > WHOLE_ZOOM)
    visible = fluo_waterfall_view_get_visible (self->waterfall);
  fluo_logs_panel_set_trace (self->logs, self->trace);
  fluo_logs_panel_set_span (self->logs, fluo_waterfall_view_get_selected (self->waterfall));
  fluo_logs_panel_set_visible_time (self->logs, visible);
}

void
fluo_trace_page_set_logs (FluoTracePage *self, gboolean shown)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "logs");

  if (shown == self->logs_shown)
    return;
  self->logs_shown = shown;
  if (shown)
    {
      make_logs (self);
      fluo_trace_page_update_logs (self);
    }
  gtk_stack_set_visible_child (self->side, shown ? GTK_WIDGET (self->logs)
                                                 : GTK_WIDGET (self->panel));
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (shown));
  fluo_trace_page_place_panel (self);
}

void
fluo_trace_page_show_call_logs (FluoTracePage *self)
{
  fluo_trace_page_set_logs (self, TRUE);
  fluo_logs_panel_set_only_call (self->logs, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->logs));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-logs-panel-private.h"
#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "draw/fluo-waterfall.h"

/* When the lines were written, and the line under the pointer. */

#define NAME_CHARS_MAX 80
#define STRIP_MARGIN 10

FluoColor
fluo_logs_panel_get_color (guint32 service, gpointer panel)
{
  FluoLogsPanel *self = panel;
  const FluoPalette *palette = fluo_theme_get_palette ();

  return service < self->colors->len
           ? fluo_waterfall_get_color (palette, g_array_index (self->colors, guint, service))
           : palette->bar_base;
}

/* Without a choice the axis is as long as what there is. */
static FluoTimeSpan
get_axis (FluoLogsPanel *self)
{
  FluoTimeSpan axis = self->visible;
  const GPtrArray *lines = self->lines != NULL ? self->lines->lines : NULL;

  if (axis.end_ns > axis.begin_ns)
    return axis;
  axis = self->trace != NULL ? fluo_trace_get_extent (self->trace) : self->ask.range;
  if (lines != NULL && lines->len > 0)
    {
      const FluoTraceLine *first = g_ptr_array_index (lines, 0),
                          *last = g_ptr_array_index (lines, lines->len - 1);

      axis.begin_ns = MIN (axis.begin_ns, first->time_ns);
      axis.end_ns = MAX (axis.end_ns, last->time_ns);
    }
  return axis;
}

static void
draw_strip (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoLogsPanel *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  guint n = 0;
  const FluoSpan *spans = self->trace != NULL ? fluo_trace_get_spans (self->trace, &n) : NULL;
  const guint32 selected = fluo_logs_panel_get_selected_line (self);

  fluo_log_strip_layout (self->strip, self->lines, self->shown, fluo_logs_panel_get_color, self,
                         get_axis (self),
                         spans != NULL ? fluo_trace_get_start_ns (self->trace) : 0, width);
  if (self->span < n)
    {
      const FluoSpan *span = &spans[self->span];
      g_autofree char *name =
        fluo_format_untrusted (fluo_trace_get_string (self->trace, span->name), NAME_CHARS_MAX);

      fluo_log_strip_set_call (self->strip, name, (FluoTimeSpan) { span->start_ns, span->end_ns },
                               fluo_logs_panel_get_color (span->service, self));
    }
  else
    fluo_log_strip_set_call (self->strip, NULL, (FluoTimeSpan) { 0, 0 }, palette->fg3);
  fluo_log_strip_draw (painter, self->strip, self->hot != G_MAXUINT32 ? self->hot : selected,
                       palette->sidebar);
}

void
fluo_logs_panel_set_hot (FluoLogsPanel *self, guint32 line)
{
  guint32 span = FLUO_SPAN_NONE;

  if (line == self->hot)
    return;
  self->hot = line;
  gtk_widget_queue_draw (self->strip_area);
  if (self->lines != NULL && line < self->lines->lines->len)
    span = ((FluoTraceLine *) g_ptr_array_index (self->lines->lines, line))->span;
  g_signal_emit_by_name (self, "hover", (guint) span);
}

static void
strip_motion_cb (GtkEventControllerMotion *motion, double x, double y, FluoLogsPanel *self)
{
  fluo_logs_panel_set_hot (self, fluo_log_strip_hit (self->strip, x));
}

static void
strip_leave_cb (GtkEventControllerMotion *motion, FluoLogsPanel *self)
{
  fluo_logs_panel_set_hot (self, G_MAXUINT32);
}

static void
strip_click_cb (GtkGestureClick *click, int n_press, double x, double y, FluoLogsPanel *self)
{
  const guint32 line = fluo_log_strip_hit (self->strip, x);
  const guint position = line != G_MAXUINT32 ? fluo_logs_panel_find_line (self, line)
                                             : GTK_INVALID_LIST_POSITION;

  if (position == GTK_INVALID_LIST_POSITION)
    return;
  gtk_single_selection_set_selected (self->selection, position);
  fluo_logs_panel_scroll_to (self, position);
}

GtkWidget *
fluo_logs_panel_make_strip (FluoLogsPanel *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->strip = fluo_log_strip_new ();
  self->strip_area = fluo_canvas_new (draw_strip, self, -1, FLUO_LOG_STRIP_HEIGHT_PX);
  gtk_widget_set_margin_start (self->strip_area, STRIP_MARGIN);
  gtk_widget_set_margin_end (self->strip_area, STRIP_MARGIN);
  gtk_widget_set_margin_bottom (self->strip_area, 6);
  gtk_widget_set_hexpand (self->strip_area, TRUE);
  g_signal_connect (motion, "motion", G_CALLBACK (strip_motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (strip_leave_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (strip_click_cb), self);
  gtk_widget_add_controller (self->strip_area, motion);
  gtk_widget_add_controller (self->strip_area, GTK_EVENT_CONTROLLER (click));
  return self->strip_area;
}

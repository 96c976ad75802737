/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-charts-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* Shorter drags are clicks. */
#define DRAG_MIN_PX 4.0
/* A drag along one axis may stray so far along the other. */
#define STRAY_PX 14.0
/* A step of the keyboard. */
#define STEP_PX 6.0
/* An edge dragged this near to the end of the axis is open there. */
#define OPEN_PX 3.0

/* --- Brush under the pointer ------------------------------------------------------------- */

static gint64
value_at (FluoTracesCharts *self, double y)
{
  double left, right, top, bottom;

  fluo_scatter_get_plot (self->scatter, &left, &right, &top, &bottom);
  if (y <= top + OPEN_PX)
    return G_MAXINT64;
  if (y >= bottom - OPEN_PX)
    return 0;
  return fluo_scatter_round_value (self->scatter, fluo_scatter_get_value (self->scatter, y));
}

static gint64
time_at (FluoTracesCharts *self, double x)
{
  return CLAMP (fluo_scatter_round_time (self->scatter, fluo_scatter_get_time (self->scatter, x)),
                self->span.begin_ns, self->span.end_ns);
}

static void
set_values (FluoBrush *brush, gint64 a, gint64 b)
{
  brush->from_ns = MIN (a, b);
  brush->to_ns = MAX (a, b);
}

static void
set_times (FluoBrush *brush, gint64 a, gint64 b)
{
  brush->span = (FluoTimeSpan) { MIN (a, b), MAX (a, b) };
}

/* A new brush between where the drag began and @x, @y. */
static FluoBrush
draw_brush (FluoTracesCharts *self, double x, double y)
{
  FluoBrush brush = FLUO_BRUSH_NONE;
  const gboolean across = fabs (x - self->drag_x) > STRAY_PX;
  const gboolean along = fabs (y - self->drag_y) > STRAY_PX;

  /* Whoever moved up or down means values, whoever moved sideways means times, both a rectangle. */
  if (self->drag == FLUO_SCATTER_HIT_HISTOGRAM || along || !across)
    set_values (&brush, value_at (self, self->drag_y), value_at (self, y));
  if (self->drag == FLUO_SCATTER_HIT_PLOT && across)
    set_times (&brush, time_at (self, self->drag_x), time_at (self, x));
  return brush;
}

static FluoBrush
move_brush (FluoTracesCharts *self, double x, double y)
{
  FluoBrush brush = self->drag_brush;
  FluoScatter *scatter = self->scatter;

  if (fluo_brush_has_values (&brush))
    {
      const double dy = y - self->drag_y;
      const gint64 from = value_at (self, fluo_scatter_get_y (scatter, brush.from_ns) + dy);

      if (brush.to_ns == G_MAXINT64)
        brush.from_ns = MIN (from, G_MAXINT64 - 1);
      else
        set_values (&brush, from,
                    value_at (self, fluo_scatter_get_y (scatter, brush.to_ns) + dy));
    }
  if (fluo_brush_has_span (&brush))
    {
      const gint64 shift = CLAMP (time_at (self, x) - time_at (self, self->drag_x),
                                  self->span.begin_ns - brush.span.begin_ns,
                                  MAX (self->span.end_ns - brush.span.end_ns,
                                       self->span.begin_ns - brush.span.begin_ns));

      brush.span.begin_ns += shift;
      brush.span.end_ns += shift;
    }
  return brush;
}

static FluoBrush
resize_brush (FluoTracesCharts *self, double x, double y)
{
  FluoBrush brush = self->drag_brush;

  switch (self->drag)
    {
    case FLUO_SCATTER_HIT_FROM:
      set_values (&brush, value_at (self, y), brush.to_ns);
      break;
    case FLUO_SCATTER_HIT_TO:
      set_values (&brush, brush.from_ns, value_at (self, y));
      break;
    case FLUO_SCATTER_HIT_BEGIN:
      set_times (&brush, time_at (self, x), brush.span.end_ns);
      break;
    case FLUO_SCATTER_HIT_END:
      set_times (&brush, brush.span.begin_ns, time_at (self, x));
      break;
    case FLUO_SCATTER_HIT_BRUSH:
      return move_brush (self, x, y);
    case FLUO_SCATTER_HIT_PLOT:
    case FLUO_SCATTER_HIT_HISTOGRAM:
    case FLUO_SCATTER_HIT_AXIS:
    case FLUO_SCATTER_HIT_NOTHING:
    default:
      return draw_brush (self, x, y);
    }
  return brush;
}

static double
scale_of (FluoTracesCharts *self)
{
  return fluo_canvas_get_scale (FLUO_CANVAS (self->canvas));
}

/* --- Mouse ------------------------------------------------------------------------------- */

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, FluoTracesCharts *self)
{
  gtk_widget_grab_focus (self->canvas);
  fluo_traces_charts_layout (self);
  self->drag_x = x / scale_of (self);
  self->drag_y = y / scale_of (self);
  fluo_scatter_hit (self->scatter, &self->state.brush, self->drag_x, self->drag_y,
                    &self->drag_hit);
  self->drag = self->drag_hit.part;
  self->drag_brush = self->state.brush;
  self->moved = FALSE;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, FluoTracesCharts *self)
{
  FluoBrush brush;

  if (self->drag == FLUO_SCATTER_HIT_NOTHING || self->drag == FLUO_SCATTER_HIT_AXIS)
    return;
  if (!self->moved && hypot (dx, dy) < DRAG_MIN_PX)
    return;
  self->moved = TRUE;
  brush = resize_brush (self, self->drag_x + dx / scale_of (self),
                        self->drag_y + dy / scale_of (self));
  fluo_traces_charts_take_brush (self, &brush, FALSE);
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, FluoTracesCharts *self)
{
  const FluoScatterPart part = self->drag;
  FluoBrush brush = self->state.brush;

  self->drag = FLUO_SCATTER_HIT_NOTHING;
  if (self->moved)
    {
      /* One that was dragged shut is gone. */
      if (fluo_brush_is_empty (&brush)
          || (brush.from_ns <= 0 && brush.to_ns == G_MAXINT64 && !fluo_brush_has_span (&brush)))
        brush = FLUO_BRUSH_NONE;
      else if (brush.from_ns <= 0 && brush.to_ns == G_MAXINT64)
        brush.from_ns = brush.to_ns = 0;
      fluo_traces_charts_take_brush (self, &brush, TRUE);
      return;
    }
  if (self->drag_hit.point != G_MAXUINT)
    g_signal_emit_by_name (self, "point-picked", self->drag_hit.point);
  else if ((part == FLUO_SCATTER_HIT_PLOT || part == FLUO_SCATTER_HIT_HISTOGRAM
            || part == FLUO_SCATTER_HIT_NOTHING)
           && !fluo_brush_is_empty (&self->state.brush))
    {
      brush = FLUO_BRUSH_NONE;
      fluo_traces_charts_take_brush (self, &brush, TRUE);
    }
}

/* Twice: to what is selected, else to all but the slowest hundredth; again: back. */
static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoTracesCharts *self)
{
  const FluoBrush *brush = &self->drag_brush;
  gint64 quantiles[3];

  if (n_press != 2 || fluo_traces_charts_unzoom (self))
    return;
  fluo_scatter_get_quantiles (self->scatter, quantiles);
  if (fluo_brush_has_values (brush))
    {
      gint64 low, high;

      fluo_scatter_get_axis (self->scatter, &low, &high);
      fluo_traces_charts_zoom (self, MAX (brush->from_ns, low), MIN (brush->to_ns, high));
    }
  else if (quantiles[2] > 0)
    fluo_traces_charts_zoom (self, 0, quantiles[2]);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, FluoTracesCharts *self)
{
  static const char *const cursors[] = {
    [FLUO_SCATTER_HIT_NOTHING] = NULL,        [FLUO_SCATTER_HIT_PLOT] = "crosshair",
    [FLUO_SCATTER_HIT_HISTOGRAM] = "crosshair", [FLUO_SCATTER_HIT_AXIS] = NULL,
    [FLUO_SCATTER_HIT_BRUSH] = "grab",        [FLUO_SCATTER_HIT_FROM] = "row-resize",
    [FLUO_SCATTER_HIT_TO] = "row-resize",     [FLUO_SCATTER_HIT_BEGIN] = "col-resize",
    [FLUO_SCATTER_HIT_END] = "col-resize",
  };
  FluoScatterHit hit;

  fluo_traces_charts_layout (self);
  fluo_scatter_hit (self->scatter, &self->state.brush, x / scale_of (self), y / scale_of (self),
                    &hit);
  gtk_widget_set_cursor_from_name (self->canvas,
                                   hit.point != G_MAXUINT ? "pointer" : cursors[hit.part]);
  if (hit.point == self->state.hover)
    return;
  self->state.hover = hit.point;
  gtk_widget_queue_draw (self->canvas);
}

static void
leave_cb (GtkEventControllerMotion *controller, FluoTracesCharts *self)
{
  self->state.hover = G_MAXUINT;
  gtk_widget_queue_draw (self->canvas);
}

/* --- Card -------------------------------------------------------------------------------- */

static char *
dup_point_words (FluoTracesCharts *self, const FluoScatterHit *hit)
{
  const FluoTraceSummary *summary = g_ptr_array_index (self->summaries, hit->point);
  g_autofree char *clock = fluo_format_clock (summary->start_ns, FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *duration = fluo_format_duration (fluo_trace_summary_get_time_ns (summary));
  g_autofree char *request = fluo_trace_summary_dup_request (summary);
  g_autofree char *safe = fluo_format_untrusted (request, 120);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s\n%s · %s · %s", safe, clock, duration,
                          fluo_status_to_label (summary->status));
  if (summary->http_status > 0)
    g_string_append_printf (text, " %d", summary->http_status);
  if (summary->causes->len > 0)
    {
      const FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, 0);
      g_autofree char *where = fluo_format_untrusted (cause->service, 60);
      g_autofree char *what = fluo_format_untrusted (cause->exception ? cause->exception : "", 60);

      g_string_append_printf (text, "\n%s%s%s", where, *what ? ": " : "", what);
    }
  if (hit->count > 1)
    {
      g_autofree char *count = fluo_format_count (hit->count - 1);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("and %s more trace here", "and %s more traces here",
                                              hit->count - 1),
                              count);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
query_tooltip_cb (GtkWidget *canvas, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  FluoTracesCharts *self)
{
  g_autofree char *text = NULL;
  FluoScatterHit hit;

  if (keyboard)
    return FALSE;
  fluo_traces_charts_layout (self);
  fluo_scatter_hit (self->scatter, &self->state.brush, x / scale_of (self), y / scale_of (self),
                    &hit);
  if (hit.point >= self->summaries->len)
    return FALSE;
  text = dup_point_words (self, &hit);
  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { x - 6, y - 6, 12, 12 });
  return TRUE;
}

/* --- Keyboard ---------------------------------------------------------------------------- */

/* Up and Down move the lower edge, with Shift the upper; Left and Right where the time begins, with
 * Shift where it ends. The first key makes a brush: the slowest tenth. */
static FluoBrush
step_values (FluoTracesCharts *self, double dy, gboolean upper)
{
  FluoBrush brush = self->state.brush;
  double left, right, top, bottom;
  gint64 quantiles[3];

  fluo_scatter_get_plot (self->scatter, &left, &right, &top, &bottom);
  fluo_scatter_get_quantiles (self->scatter, quantiles);
  if (!fluo_brush_has_values (&brush))
    {
      set_values (&brush, fluo_scatter_round_value (self->scatter, quantiles[1]), G_MAXINT64);
      return brush;
    }
  if (upper)
    {
      const double y = brush.to_ns == G_MAXINT64
                         ? top : fluo_scatter_get_y (self->scatter, brush.to_ns);
      const gint64 to = value_at (self, y + dy);

      brush.to_ns = to > brush.from_ns ? to : brush.to_ns;
    }
  else
    {
      const double y = brush.from_ns <= 0
                         ? bottom : fluo_scatter_get_y (self->scatter, brush.from_ns);
      const gint64 from = value_at (self, y + dy);

      brush.from_ns = from < brush.to_ns ? from : brush.from_ns;
    }
  return brush;
}

static FluoBrush
step_times (FluoTracesCharts *self, double dx, gboolean end)
{
  FluoBrush brush = self->state.brush;
  gint64 *edge = end ? &brush.span.end_ns : &brush.span.begin_ns;
  gint64 before;

  if (!fluo_brush_has_span (&brush))
    brush.span = self->span;
  before = *edge;
  *edge = time_at (self, fluo_scatter_get_x (self->scatter, *edge) + dx);
  if (!fluo_brush_has_span (&brush))
    *edge = before;
  return brush;
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
        FluoTracesCharts *self)
{
  const gboolean shift = (state & GDK_SHIFT_MASK) != 0;
  FluoBrush brush = FLUO_BRUSH_NONE;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  fluo_traces_charts_layout (self);
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      brush = step_values (self, -STEP_PX, shift);
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      brush = step_values (self, STEP_PX, shift);
      break;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      brush = step_times (self, -STEP_PX, shift);
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      brush = step_times (self, STEP_PX, shift);
      break;
    case GDK_KEY_Escape:
      if (fluo_brush_is_empty (&self->state.brush))
        return fluo_traces_charts_unzoom (self);
      break;
    case GDK_KEY_z:
      pressed_cb (NULL, 2, 0, 0, self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  self->drag_brush = brush;
  fluo_traces_charts_take_brush (self, &brush, TRUE);
  return GDK_EVENT_STOP;
}

void
fluo_traces_charts_add_input (FluoTracesCharts *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_set_has_tooltip (self->canvas, TRUE);
  g_signal_connect_object (self->canvas, "query-tooltip", G_CALLBACK (query_tooltip_cb), self, 0);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self, 0);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (drag_update_cb), self, 0);
  g_signal_connect_object (drag, "drag-end", G_CALLBACK (drag_end_cb), self, 0);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, 0);
  g_signal_connect_object (motion, "motion", G_CALLBACK (motion_cb), self, 0);
  g_signal_connect_object (motion, "leave", G_CALLBACK (leave_cb), self, 0);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, 0);
  gtk_widget_add_controller (self->canvas, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (self->canvas, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (self->canvas, motion);
  gtk_widget_add_controller (self->canvas, keys);
}

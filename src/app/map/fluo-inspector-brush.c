/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"

/* What is chosen on the inspector's charts: a range of response times, whose traces the button then
 * shows, and a part of the time, which narrows the window's range. */

/* A press that moves less chooses nothing. */
#define DRAG_THRESHOLD_PX 4

const FluoHistogram *
fluo_inspector_get_times (FluoInspector *self)
{
  return self->other_side ? &self->data->callers : &self->data->histogram;
}

static gint64
count_between (const FluoHistogram *histogram,
               gint64               begin_ns,
               gint64               end_ns)
{
  gint64 count = 0;

  for (guint i = 0; histogram->entries && i < histogram->entries->len; i++)
    {
      const FluoHistogramEntry *entry = &g_array_index (histogram->entries, FluoHistogramEntry, i);
      const gint64 middle = fluo_histogram_bucket_ns (entry->bucket);

      count += middle >= begin_ns && middle < end_ns ? entry->count : 0;
    }
  return count;
}

static gboolean
has_brush (FluoInspector *self)
{
  return self->data && self->brush_end_ns > self->brush_begin_ns;
}

/* Own times are a condition on the node or call itself, the other side's on the calls to it, or on
 * what it calls. */
char *
fluo_inspector_dup_brush_filter (FluoInspector *self)
{
  if (!self->data)
    return NULL;
  if (!has_brush (self))
    return fluo_inspector_data_dup_filter (self->data);
  return fluo_inspector_data_dup_times_filter (self->data, self->other_side, self->brush_begin_ns,
                                               self->brush_end_ns);
}

/* What is usual for it, where the chart says what is. */
static void
say_usual (FluoInspector *self)
{
  const FluoInspectorData *data = self->data;
  const gboolean known =
    data->compared && data->usual && data->change.before.p50_ns > 0 && !self->other_side;
  g_autofree char *p50 = NULL;
  g_autofree char *p99 = NULL;
  g_autofree char *text = NULL;

  if (known)
    {
      p50 = fluo_format_duration (data->change.before.p50_ns);
      p99 = fluo_format_duration (data->change.before.p99_ns);
      /* Translators: the usual p50 and p99 of a service. */
      text = g_strdup_printf (_("usual %s · %s"), p50, p99);
    }
  gtk_label_set_text (self->times_note, text ? text : "");
  if (known && data->change.pace > 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->times_note), "worse");
}

/* What the brush says, or else what is usual. */
void
fluo_inspector_update_brush (FluoInspector *self)
{
  g_autofree char *text = NULL;
  g_autofree char *count = NULL;
  g_autofree char *share = NULL;
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;
  g_autofree char *button = NULL;
  const FluoHistogram *times;
  gint64 n;

  gtk_widget_remove_css_class (GTK_WIDGET (self->times_note), "worse");
  if (!has_brush (self))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->times_note), "chosen");
      gtk_widget_set_tooltip_text (self->traces_button, NULL);
      say_usual (self);
      return;
    }
  times = fluo_inspector_get_times (self);
  n = count_between (times, self->brush_begin_ns, self->brush_end_ns);
  count = fluo_format_count ((guint64) n);
  share = fluo_format_share (times->count > 0 ? n / (double) times->count : 0);
  begin = fluo_format_duration (self->brush_begin_ns);
  end = fluo_format_duration (self->brush_end_ns);
  text = self->brush_end_ns == G_MAXINT64
           ? g_strdup_printf (_("%s and up: %s (%s)"), begin, count, share)
           : g_strdup_printf (_("%s to %s: %s (%s)"), begin, end, count, share);
  gtk_label_set_text (self->times_note, text);
  gtk_widget_add_css_class (GTK_WIDGET (self->times_note), "chosen");
  button = self->brush_end_ns == G_MAXINT64
             ? g_strdup_printf (_("View Traces from %s"), begin)
             : g_strdup_printf (_("View Traces, %s to %s"), begin, end);
  /* In its label the panel would grow with it. */
  gtk_widget_set_tooltip_text (self->traces_button, button);
}

static void
set_brush (FluoInspector *self,
           gint64         begin_ns,
           gint64         end_ns)
{
  self->brush_begin_ns = begin_ns;
  self->brush_end_ns = end_ns;
  fluo_inspector_update_brush (self);
  gtk_widget_queue_draw (self->times);
}

/* --- Response times ---------------------------------------------------------- */

static void
times_begin_cb (GtkGestureDrag *gesture,
                double          x,
                double          y,
                FluoInspector  *self)
{
  gtk_widget_grab_focus (self->times);
  set_brush (self, 0, 0);
}

static void
times_drag_cb (GtkGestureDrag *gesture,
               double          dx,
               double          dy,
               FluoInspector  *self)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->times));
  FluoHistogramChart chart;
  gint64 begin, end;
  double x, y;

  if (!self->data || fabs (dx) < DRAG_THRESHOLD_PX ||
      !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  fluo_inspector_layout_times (self, &chart);
  begin = fluo_histogram_chart_hit (&chart, MIN (x, x + dx) / scale);
  end = fluo_histogram_chart_hit (&chart, MAX (x, x + dx) / scale);
  /* At the right end: everything from there, also what lies behind the axis. */
  set_brush (self, begin, end >= chart.max_ns ? G_MAXINT64 : end);
}

/* Left and right move where the slow ones begin; without a brush they begin at p90. */
static gboolean
times_key_cb (GtkEventControllerKey *controller,
              guint                  keyval,
              guint                  keycode,
              GdkModifierType        state,
              FluoInspector         *self)
{
  FluoHistogramChart chart;
  gint64 step;

  if (!self->data || (state & gtk_accelerator_get_default_mod_mask ()))
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Escape && has_brush (self))
    {
      set_brush (self, 0, 0);
      return GDK_EVENT_STOP;
    }
  if (keyval != GDK_KEY_Left && keyval != GDK_KEY_Right)
    return GDK_EVENT_PROPAGATE;
  fluo_inspector_layout_times (self, &chart);
  step = MAX (chart.max_ns / FLUO_HISTOGRAM_CHART_BINS, 1);
  if (!has_brush (self))
    set_brush (self, chart.quantiles[1] / step * step, G_MAXINT64);
  else
    set_brush (self,
               CLAMP (self->brush_begin_ns + (keyval == GDK_KEY_Right ? step : -step), 0,
                      chart.max_ns - step),
               G_MAXINT64);
  return GDK_EVENT_STOP;
}

/* --- Requests over time ------------------------------------------------------ */

static gboolean
series_span (FluoInspector  *self,
             GtkGestureDrag *gesture,
             double          dx,
             FluoTimeSpan   *ret_span)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->series));
  FluoTimeChart chart;
  double x, y;

  if (!self->data || !self->data->series.buckets || fabs (dx) < DRAG_THRESHOLD_PX ||
      !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return FALSE;
  fluo_inspector_layout_series (self, &chart);
  fluo_time_chart_hit (&chart, MIN (x, x + dx) / scale, y / scale, &ret_span->begin_ns);
  fluo_time_chart_hit (&chart, MAX (x, x + dx) / scale, y / scale, &ret_span->end_ns);
  return ret_span->begin_ns < ret_span->end_ns;
}

static void
series_drag_cb (GtkGestureDrag *gesture,
                double          dx,
                double          dy,
                FluoInspector  *self)
{
  FluoTimeSpan span = { 0, 0 };

  if (!series_span (self, gesture, dx, &span))
    span = (FluoTimeSpan){ 0, 0 };
  self->series_brush = span;
  gtk_widget_queue_draw (self->series);
}

static void
series_end_cb (GtkGestureDrag *gesture,
               double          dx,
               double          dy,
               FluoInspector  *self)
{
  const FluoTimeSpan span = self->series_brush;

  self->series_brush = (FluoTimeSpan){ 0, 0 };
  gtk_widget_queue_draw (self->series);
  if (fluo_time_span_length (span) > 0)
    g_signal_emit_by_name (self, "range-selected", span.begin_ns, span.end_ns);
}

void
fluo_inspector_add_brushes (FluoInspector *self)
{
  GtkGesture *times = gtk_gesture_drag_new ();
  GtkGesture *series = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (times, "drag-begin", G_CALLBACK (times_begin_cb), self);
  g_signal_connect (times, "drag-update", G_CALLBACK (times_drag_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (times_key_cb), self);
  gtk_widget_add_controller (self->times, GTK_EVENT_CONTROLLER (times));
  gtk_widget_add_controller (self->times, keys);
  gtk_widget_set_focusable (self->times, TRUE);
  gtk_widget_set_tooltip_text (self->times, _("Drag, or Left and Right, to choose response times"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->times), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Response time"), -1);
  gtk_widget_set_cursor_from_name (self->times, "crosshair");
  g_signal_connect (series, "drag-update", G_CALLBACK (series_drag_cb), self);
  g_signal_connect (series, "drag-end", G_CALLBACK (series_end_cb), self);
  gtk_widget_add_controller (self->series, GTK_EVENT_CONTROLLER (series));
  gtk_widget_set_tooltip_text (self->series, _("Drag to look at a part of the time"));
  gtk_widget_set_cursor_from_name (self->series, "crosshair");
}

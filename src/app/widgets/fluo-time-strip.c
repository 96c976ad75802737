/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-time-strip.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"
#include "draw/fluo-chart.h"

#define BUCKETS_MAX 64
/* A drag under this is a click. */
#define BRUSH_MIN_PX 5.0

struct _FluoTimeStrip
{
  FluoCanvas parent_instance;

  FluoTimeSeries series;
  FluoTimeSpan   span;
  FluoTimeSpan   brush;    /* empty = none */
  gboolean       live;
  guint          n_traces, n_faults;
  gint64         mark_ns;  /* 0 = none */

  FluoChartHit   drag;     /* what is being dragged */
  double         drag_x;
  gint64         drag_time;
  FluoTimeSpan   drag_brush;
};

enum
{
  SIGNAL_RANGE_SELECTED,
  SIGNAL_RANGE_CLEARED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTimeStrip, fluo_time_strip, FLUO_TYPE_CANVAS)

static double
scale_of (FluoTimeStrip *self)
{
  return fluo_canvas_get_scale (FLUO_CANVAS (self));
}

static void
layout_chart (FluoTimeStrip *self,
              FluoTimeChart *chart)
{
  fluo_time_chart_layout (chart, &self->series, self->span, &fluo_time_chart_strip,
                          gtk_widget_get_width (GTK_WIDGET (self)) / scale_of (self),
                          FLUO_TIME_STRIP_HEIGHT_PX);
  chart->style.live = self->live && fluo_time_span_length (self->brush) == 0;
  chart->brush = self->brush;
  chart->mark_ns = self->mark_ns;
}

static void
fluo_time_strip_draw (FluoCanvas  *canvas,
                      FluoPainter *painter,
                      double       width,
                      double       height)
{
  FluoTimeStrip *self = FLUO_TIME_STRIP (canvas);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoTimeChart chart;

  fluo_color_set (cr, palette->window);
  cairo_paint (cr);
  fluo_color_set (cr, palette->line);
  cairo_rectangle (cr, 0, 0, width, 1);
  cairo_fill (cr);
  if (!self->series.buckets)
    return;
  layout_chart (self, &chart);
  fluo_time_chart_draw (painter, &chart, palette->window);
}

static void
describe (FluoTimeStrip *self)
{
  g_autofree char *range = fluo_format_range (self->span, NULL);
  g_autofree char *traces = fluo_format_count (self->n_traces);
  g_autofree char *faults = fluo_format_count (self->n_faults);
  g_autofree char *label = NULL;

  /* Translators: number of traces, number of traces with faults, range of time. */
  label =
    g_strdup_printf (_("Traces over time: %s traces, %s with faults, %s"), traces, faults, range);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

void
fluo_time_strip_set_mark (FluoTimeStrip *self,
                          gint64         mark_ns)
{
  g_return_if_fail (FLUO_IS_TIME_STRIP (self));

  if (self->mark_ns == mark_ns)
    return;
  self->mark_ns = mark_ns;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Brush ---------------------------------------------------------------- */

void
fluo_time_strip_set_brush (FluoTimeStrip *self,
                           FluoTimeSpan   brush)
{
  const gboolean was = FLUO_IS_TIME_STRIP (self) && fluo_time_span_length (self->brush) > 0;

  g_return_if_fail (FLUO_IS_TIME_STRIP (self));

  if (fluo_time_span_length (brush) <= 0)
    brush = (FluoTimeSpan) { 0, 0 };
  self->brush = brush;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (fluo_time_span_length (brush) > 0)
    g_signal_emit (self, signals[SIGNAL_RANGE_SELECTED], 0, brush.begin_ns, brush.end_ns);
  else if (was)
    g_signal_emit (self, signals[SIGNAL_RANGE_CLEARED], 0);
}

static void
drag_begin_cb (GtkGestureDrag *gesture,
               double          x,
               double          y,
               FluoTimeStrip  *self)
{
  FluoTimeChart chart;

  self->drag = FLUO_CHART_HIT_NOTHING;
  if (!self->series.buckets)
    return;
  layout_chart (self, &chart);
  self->drag = fluo_time_chart_hit (&chart, x / scale_of (self), y / scale_of (self),
                                    &self->drag_time);
  self->drag_x = x;
  self->drag_brush = self->brush;
}

static void
drag_update_cb (GtkGestureDrag *gesture,
                double          dx,
                double          dy,
                FluoTimeStrip  *self)
{
  FluoTimeChart chart;
  gint64 time;
  gint64 shift;

  if (self->drag == FLUO_CHART_HIT_NOTHING || fabs (dx) < BRUSH_MIN_PX)
    return;
  layout_chart (self, &chart);
  fluo_time_chart_hit (&chart, (self->drag_x + dx) / scale_of (self), 0, &time);
  switch (self->drag)
    {
    case FLUO_CHART_HIT_PLOT:
      self->brush = (FluoTimeSpan) { MIN (self->drag_time, time), MAX (self->drag_time, time) };
      break;
    case FLUO_CHART_HIT_BRUSH_BEGIN:
      self->brush.begin_ns = MIN (time, self->drag_brush.end_ns - FLUO_NSEC_PER_SEC);
      break;
    case FLUO_CHART_HIT_BRUSH_END:
      self->brush.end_ns = MAX (time, self->drag_brush.begin_ns + FLUO_NSEC_PER_SEC);
      break;
    case FLUO_CHART_HIT_BRUSH:
      shift = CLAMP (time - self->drag_time, self->span.begin_ns - self->drag_brush.begin_ns,
                     self->span.end_ns - self->drag_brush.end_ns);
      self->brush =
        (FluoTimeSpan){ self->drag_brush.begin_ns + shift, self->drag_brush.end_ns + shift };
      break;
    case FLUO_CHART_HIT_NOTHING:
    default:
      break;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (GtkGestureDrag *gesture,
             double          dx,
             double          dy,
             FluoTimeStrip  *self)
{
  if (self->drag != FLUO_CHART_HIT_NOTHING && !fluo_time_span_equal (self->brush, self->drag_brush))
    fluo_time_strip_set_brush (self, self->brush);
  self->drag = FLUO_CHART_HIT_NOTHING;
}

static void
pressed_cb (GtkGestureClick *gesture,
            int              n_press,
            double           x,
            double           y,
            FluoTimeStrip   *self)
{
  if (n_press == 2)
    fluo_time_strip_set_brush (self, (FluoTimeSpan) { 0, 0 });
}

static void
motion_cb (GtkEventControllerMotion *controller,
           double                    x,
           double                    y,
           FluoTimeStrip            *self)
{
  static const char *const cursors[] = { NULL, "crosshair", "grab", "col-resize", "col-resize" };
  const double scale = scale_of (self);
  FluoTimeChart chart;

  if (!self->series.buckets)
    return;
  layout_chart (self, &chart);
  gtk_widget_set_cursor_from_name (
    GTK_WIDGET (self), cursors[fluo_time_chart_hit (&chart, x / scale, y / scale, NULL)]);
}

/* --- Object --------------------------------------------------------------- */

static void
fluo_time_strip_finalize (GObject *object)
{
  fluo_time_series_clear (&FLUO_TIME_STRIP (object)->series);
  G_OBJECT_CLASS (fluo_time_strip_parent_class)->finalize (object);
}

static void
fluo_time_strip_class_init (FluoTimeStripClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_time_strip_finalize;
  FLUO_CANVAS_CLASS (klass)->draw = fluo_time_strip_draw;
  signals[SIGNAL_RANGE_SELECTED] =
    g_signal_new ("range-selected", FLUO_TYPE_TIME_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
  signals[SIGNAL_RANGE_CLEARED] = g_signal_new (
    "range-cleared", FLUO_TYPE_TIME_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fluo_time_strip_init (FluoTimeStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  fluo_canvas_set_size (FLUO_CANVAS (self), 0, FLUO_TIME_STRIP_HEIGHT_PX);
  gtk_widget_set_hexpand (widget, TRUE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, motion);
}

GtkWidget *
fluo_time_strip_new (void)
{
  return g_object_new (FLUO_TYPE_TIME_STRIP, NULL);
}

FluoTimeSpan
fluo_time_strip_get_brush (FluoTimeStrip *self)
{
  g_return_val_if_fail (FLUO_IS_TIME_STRIP (self), ((FluoTimeSpan) { 0, 0 }));

  return self->brush;
}

void
fluo_time_strip_set_data (FluoTimeStrip *self,
                          GPtrArray     *summaries,
                          FluoTimeSpan   span,
                          gboolean       live)
{
  g_return_if_fail (FLUO_IS_TIME_STRIP (self));

  self->live = live;
  if (fluo_time_span_length (self->brush) > 0 && fluo_time_span_equal (span, self->brush))
    return;
  self->brush = (FluoTimeSpan) { 0, 0 };
  self->drag = FLUO_CHART_HIT_NOTHING;
  self->span = span;
  self->n_traces = summaries ? summaries->len : 0;
  self->n_faults = 0;
  fluo_time_series_clear (&self->series);
  fluo_time_series_init (&self->series, span, BUCKETS_MAX);
  for (guint i = 0; i < self->n_traces; i++)
    {
      const FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      /* A trace counts as faulty when anything in it failed, as the map does. */
      fluo_time_series_add (&self->series, summary->start_ns,
                            summary->has_fault ? FLUO_STATUS_FAULT : FLUO_STATUS_OK);
      self->n_faults += summary->has_fault;
    }
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

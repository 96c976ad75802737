/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <math.h>

#include "app/trace/fluo-waterfall-view-private.h"

/* What part of the trace is shown, and how it looks. */

/* --- Time ------------------------------------------------------------------------------------- */

FluoTimeSpan
fluo_waterfall_view_get_visible (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), ((FluoTimeSpan) { 0, 0 }));

  return self->view.visible;
}

void
fluo_waterfall_view_set_visible (FluoWaterfallView *self, FluoTimeSpan visible)
{
  FluoTimeSpan extent;
  gint64 length;

  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->rows == NULL)
    return;

  extent = fluo_waterfall_rows_get_extent (self->rows);
  length = CLAMP (fluo_time_span_length (visible),
                  MIN (FLUO_WATERFALL_ZOOM_MIN_NS, fluo_time_span_length (extent)),
                  fluo_time_span_length (extent));
  visible.begin_ns = CLAMP (visible.begin_ns, extent.begin_ns, extent.end_ns - length);
  visible.end_ns = visible.begin_ns + length;
  if (fluo_time_span_equal (visible, self->view.visible))
    return;

  self->view.visible = visible;
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_waterfall_view_emit_changed (self);
}

double
fluo_waterfall_view_get_zoom (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), 1);

  if (self->rows == NULL || fluo_time_span_length (self->view.visible) <= 0)
    return 1;

  return (double) fluo_time_span_length (fluo_waterfall_rows_get_extent (self->rows)) /
         (double) fluo_time_span_length (self->view.visible);
}

void
fluo_waterfall_view_zoom_at (FluoWaterfallView *self, double factor, double x)
{
  gint64 at, length;
  double share;
  FluoTimeSpan visible;

  if (self->rows == NULL || !(factor > 0))
    return;

  fluo_waterfall_view_ensure_layout (self);
  x = CLAMP (x, self->layout->time_x, self->layout->time_x + self->layout->time_width);
  at = fluo_waterfall_layout_time (self->layout, x);
  share = (x - self->layout->time_x) / self->layout->time_width;
  length = (gint64) CLAMP ((double) fluo_time_span_length (self->view.visible) / factor,
                           FLUO_WATERFALL_ZOOM_MIN_NS, 9e18);
  visible.begin_ns = at - (gint64) ((double) length * share);
  visible.end_ns = visible.begin_ns + length;
  fluo_waterfall_view_set_visible (self, visible);
}

void
fluo_waterfall_view_zoom (FluoWaterfallView *self, double factor)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  fluo_waterfall_view_zoom_at (self, factor, self->layout->time_x + self->layout->time_width / 2);
}

void
fluo_waterfall_view_pan (FluoWaterfallView *self, double px)
{
  gint64 by;
  FluoTimeSpan visible = self->view.visible;

  if (self->rows == NULL)
    return;

  fluo_waterfall_view_ensure_layout (self);
  by = (gint64) (px / self->layout->time_width * (double) fluo_time_span_length (visible));
  visible.begin_ns += by;
  visible.end_ns += by;
  fluo_waterfall_view_set_visible (self, visible);
}

void
fluo_waterfall_view_fit (FluoWaterfallView *self)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->rows != NULL)
    fluo_waterfall_view_set_visible (self, fluo_waterfall_rows_get_extent (self->rows));
}

void
fluo_waterfall_view_zoom_to_span (FluoWaterfallView *self, guint32 index)
{
  const FluoSpan *span;
  FluoTimeSpan visible;
  gint64 margin;

  if (self->rows == NULL || index == FLUO_SPAN_NONE)
    return;

  /* A tenth of its length stays free on each side, so that both ends are seen. */
  span = &fluo_trace_get_spans (fluo_waterfall_rows_get_trace (self->rows), NULL)[index];
  margin = MAX ((span->end_ns - span->start_ns) / 10, FLUO_WATERFALL_ZOOM_MIN_NS);
  visible = (FluoTimeSpan) { span->start_ns - margin, span->end_ns + margin };
  fluo_waterfall_view_set_visible (self, visible);
}

void
fluo_waterfall_view_zoom_to_selection (FluoWaterfallView *self)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  fluo_waterfall_view_zoom_to_span (self, self->view.selected);
}

/* --- Looks ------------------------------------------------------------------------------------ */

gboolean
fluo_waterfall_view_get_critical (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), FALSE);

  return self->view.critical;
}

void
fluo_waterfall_view_set_critical (FluoWaterfallView *self, gboolean critical)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->view.critical == critical)
    return;

  self->view.critical = critical;
  fluo_waterfall_view_emit_changed (self);
}

gboolean
fluo_waterfall_view_get_fold (FluoWaterfallView *self)
{
  g_return_val_if_fail (FLUO_IS_WATERFALL_VIEW (self), FALSE);

  return self->view.fold;
}

void
fluo_waterfall_view_set_fold (FluoWaterfallView *self, gboolean fold)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (self->view.fold == fold)
    return;

  self->view.fold = fold;
  fluo_waterfall_view_emit_changed (self);
}

void
fluo_waterfall_view_set_color (FluoWaterfallView *self, FluoWaterfallColor color)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  self->view.color = color;
  fluo_waterfall_view_emit_changed (self);
}

void
fluo_waterfall_view_set_clock (FluoWaterfallView *self, FluoWaterfallClock clock)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  self->view.clock = clock;
  fluo_waterfall_view_emit_changed (self);
}

void
fluo_waterfall_view_set_lanes (FluoWaterfallView *self, GPtrArray *lanes)
{
  g_return_if_fail (FLUO_IS_WATERFALL_VIEW (self));

  if (lanes != NULL)
    g_ptr_array_ref (lanes);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  self->lanes = lanes;
  fluo_waterfall_view_changed (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self)); /* the scroll bar begins below them */
}

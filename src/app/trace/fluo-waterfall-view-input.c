/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <math.h>

#include "app/fluo-settings.h"
#include "app/trace/fluo-waterfall-view-private.h"

#define MEASURE_PX_MIN 3

/* --- Pointer ---------------------------------------------------------------------------------- */

static const char *
cursor_of (FluoWaterfallPart part)
{
  switch (part)
    {
    case FLUO_WATERFALL_DIVIDER:
      return "col-resize";
    case FLUO_WATERFALL_OVERVIEW_BEGIN:
    case FLUO_WATERFALL_OVERVIEW_END:
      return "ew-resize";
    case FLUO_WATERFALL_OVERVIEW_BRUSH:
      return "grab";
    case FLUO_WATERFALL_RULER:
      return "crosshair";
    case FLUO_WATERFALL_NOTHING:
    case FLUO_WATERFALL_OVERVIEW:
    case FLUO_WATERFALL_DISCLOSURE:
    case FLUO_WATERFALL_TREE:
    case FLUO_WATERFALL_BAR:
    case FLUO_WATERFALL_TIME:
    default:
      return NULL;
    }
}

static FluoWaterfallHit
hit_at (FluoWaterfallView *self, double x, double y)
{
  fluo_waterfall_view_ensure_layout (self);

  return fluo_waterfall_hit (self->layout, x, y);
}

static gboolean
hover (GtkWidget *widget, double x, double y)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);
  FluoWaterfallHit hit;

  if (x < 0)
    fluo_waterfall_view_set_hover (self, FLUO_SPAN_NONE);
  if (x < 0 || self->drag.kind != FLUO_DRAG_NONE)
    return FALSE;

  hit = hit_at (self, x, y);
  fluo_waterfall_view_set_hover (self, hit.span);
  if (!self->canvas.space_down)
    gtk_widget_set_cursor_from_name (widget, cursor_of (hit.part));

  return hit.span != FLUO_SPAN_NONE &&
         (hit.part == FLUO_WATERFALL_BAR || hit.part == FLUO_WATERFALL_TREE);
}

static void
scrolled (GtkWidget *widget, double first_row)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);

  if (fabs (first_row - self->view.scroll) < 1e-6)
    return;

  self->view.scroll = first_row;
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_waterfall_view_changed (self);
}

static void
zoom (GtkWidget *widget, double factor, double x)
{
  fluo_waterfall_view_zoom_at (FLUO_WATERFALL_VIEW (widget), factor, x);
}

static void
pan (GtkWidget *widget, double px)
{
  fluo_waterfall_view_pan (FLUO_WATERFALL_VIEW (widget), px);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoWaterfallView *self)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  FluoWaterfallHit hit;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  fluo_time_canvas_hide_card (&self->canvas);
  if (self->rows == NULL || self->canvas.space_down)
    return;

  hit = hit_at (self, x, y);
  switch (hit.part)
    {
    case FLUO_WATERFALL_DISCLOSURE:
      fluo_waterfall_view_set_collapsed (self, hit.span,
                                         !fluo_waterfall_rows_is_collapsed (self->rows, hit.span),
                                         (state & GDK_SHIFT_MASK) != 0);
      break;
    case FLUO_WATERFALL_BAR:
      if (n_press == 2)
        fluo_waterfall_view_zoom_to_span (self, hit.span);
      else
        fluo_waterfall_view_select (self, hit.span);
      break;
    case FLUO_WATERFALL_TREE:
      if (n_press == 2 && fluo_waterfall_rows_has_children (self->rows, hit.span))
        fluo_waterfall_view_set_collapsed (
          self, hit.span, !fluo_waterfall_rows_is_collapsed (self->rows, hit.span), FALSE);
      else
        fluo_waterfall_view_select (self, hit.span);
      break;
    case FLUO_WATERFALL_TIME:
      if (n_press == 2)
        fluo_waterfall_view_fit (self);
      else if (hit.span != FLUO_SPAN_NONE)
        fluo_waterfall_view_select (self, hit.span);
      break;
    case FLUO_WATERFALL_OVERVIEW_BRUSH:
      if (n_press == 2)
        fluo_waterfall_view_fit (self);
      break;
    case FLUO_WATERFALL_NOTHING:
    case FLUO_WATERFALL_OVERVIEW:
    case FLUO_WATERFALL_OVERVIEW_BEGIN:
    case FLUO_WATERFALL_OVERVIEW_END:
    case FLUO_WATERFALL_RULER:
    case FLUO_WATERFALL_DIVIDER:
    default:
      break;
    }
}

/* --- Drag ------------------------------------------------------------------------------------- */

static FluoWaterfallDrag
drag_of (FluoWaterfallView *self, FluoWaterfallPart part)
{
  switch (part)
    {
    case FLUO_WATERFALL_RULER:
      return FLUO_DRAG_RULER;
    case FLUO_WATERFALL_DIVIDER:
      return FLUO_DRAG_DIVIDER;
    case FLUO_WATERFALL_OVERVIEW:
    case FLUO_WATERFALL_OVERVIEW_BRUSH:
      return FLUO_DRAG_BRUSH;
    case FLUO_WATERFALL_OVERVIEW_BEGIN:
      return FLUO_DRAG_BRUSH_BEGIN;
    case FLUO_WATERFALL_OVERVIEW_END:
      return FLUO_DRAG_BRUSH_END;
    case FLUO_WATERFALL_NOTHING:
    case FLUO_WATERFALL_DISCLOSURE:
    case FLUO_WATERFALL_TREE:
    case FLUO_WATERFALL_BAR:
    case FLUO_WATERFALL_TIME:
    default:
      return FLUO_DRAG_NONE;
    }
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, FluoWaterfallView *self)
{
  FluoWaterfallHit hit;

  if (self->rows == NULL)
    return;

  hit = hit_at (self, x, y);
  self->drag.kind = self->canvas.space_down ? FLUO_DRAG_NONE : drag_of (self, hit.part);
  if (self->drag.kind == FLUO_DRAG_NONE)
    {
      /* Nothing to drag: the click goes on to select, or the canvas pans. */
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  self->drag.x = self->drag.last_x = x;
  self->drag.visible = self->view.visible;
  self->drag.tree_width = self->view.tree_width;
  fluo_time_canvas_hide_card (&self->canvas);

  /* Beside the brush: it jumps so that the pointer is in its middle, then follows. */
  if (hit.part == FLUO_WATERFALL_OVERVIEW)
    {
      gint64 middle = fluo_waterfall_layout_overview_time (self->layout, x);
      gint64 half = fluo_time_span_length (self->view.visible) / 2;

      fluo_waterfall_view_set_visible (self, (FluoTimeSpan) { middle - half, middle + half });
      self->drag.visible = self->view.visible;
    }
}

static void
drag_brush (FluoWaterfallView *self, double x)
{
  FluoTimeSpan visible = self->drag.visible, extent = fluo_waterfall_rows_get_extent (self->rows);
  gint64 by = (gint64) ((x - self->drag.x) / self->layout->time_width *
                        (double) fluo_time_span_length (extent));

  if (self->drag.kind == FLUO_DRAG_BRUSH_BEGIN)
    visible.begin_ns =
      CLAMP (visible.begin_ns + by, extent.begin_ns, visible.end_ns - FLUO_WATERFALL_ZOOM_MIN_NS);
  else if (self->drag.kind == FLUO_DRAG_BRUSH_END)
    visible.end_ns =
      CLAMP (visible.end_ns + by, visible.begin_ns + FLUO_WATERFALL_ZOOM_MIN_NS, extent.end_ns);
  else
    {
      visible.begin_ns += by;
      visible.end_ns += by;
    }
  fluo_waterfall_view_set_visible (self, visible);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, FluoWaterfallView *self)
{
  double x = self->drag.x + offset_x, most;

  if (self->rows == NULL)
    return;

  switch (self->drag.kind)
    {
    case FLUO_DRAG_RULER:
      self->drag.last_x = x;
      gtk_widget_queue_draw (GTK_WIDGET (self));
      break;
    case FLUO_DRAG_DIVIDER:
      most = MIN (FLUO_WATERFALL_TREE_MAX, self->view.width - 120);
      self->tree_width =
        CLAMP (self->drag.tree_width + offset_x, FLUO_WATERFALL_TREE_MIN * self->style.scale,
               MAX (most, FLUO_WATERFALL_TREE_MIN) * self->style.scale) /
        self->style.scale;
      fluo_waterfall_view_changed (self);
      break;
    case FLUO_DRAG_BRUSH:
    case FLUO_DRAG_BRUSH_BEGIN:
    case FLUO_DRAG_BRUSH_END:
      drag_brush (self, x);
      break;
    case FLUO_DRAG_NONE:
    default:
      break;
    }
}

static void
drag_end_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, FluoWaterfallView *self)
{
  FluoWaterfallDrag kind = self->drag.kind;

  self->drag.kind = FLUO_DRAG_NONE;
  if (kind == FLUO_DRAG_DIVIDER)
    fluo_settings_set_int64 ("tree-width", llround (self->tree_width));
  if (kind == FLUO_DRAG_RULER && self->rows != NULL && fabs (offset_x) >= MEASURE_PX_MIN)
    {
      gint64 a = fluo_waterfall_layout_time (self->layout, self->drag.x);
      gint64 b = fluo_waterfall_layout_time (self->layout, self->drag.x + offset_x);

      fluo_waterfall_view_set_visible (self, (FluoTimeSpan) { MIN (a, b), MAX (a, b) });
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Keys ------------------------------------------------------------------------------------- */

static void
move_by (FluoWaterfallView *self, int rows)
{
  guint n = fluo_waterfall_rows_get_n (self->rows);
  guint32 row = self->view.selected == FLUO_SPAN_NONE
                  ? FLUO_SPAN_NONE
                  : fluo_waterfall_rows_find (self->rows, self->view.selected);
  gint64 to;

  if (n == 0)
    return;

  to = row == FLUO_SPAN_NONE ? (rows >= 0 ? 0 : (gint64) n - 1) : (gint64) row + rows;
  fluo_waterfall_view_select (
    self, fluo_waterfall_rows_get_span (self->rows, (guint) CLAMP (to, 0, (gint64) n - 1)));
}

/* Left closes, then goes to the parent; right opens, then goes to the first child. */
static void
close_or_up (FluoWaterfallView *self)
{
  guint32 span = self->view.selected;

  if (span == FLUO_SPAN_NONE)
    return;
  if (fluo_waterfall_rows_has_children (self->rows, span) &&
      !fluo_waterfall_rows_is_collapsed (self->rows, span))
    fluo_waterfall_view_set_collapsed (self, span, TRUE, FALSE);
  else
    {
      guint32 group = fluo_waterfall_rows_close_group (self->rows, span);

      if (group != FLUO_SPAN_NONE)
        fluo_waterfall_view_select (self, group);
      else
        fluo_waterfall_view_select_parent (self);
    }
}

static void
open_or_down (FluoWaterfallView *self)
{
  guint32 span = self->view.selected;

  if (span == FLUO_SPAN_NONE || !fluo_waterfall_rows_has_children (self->rows, span))
    return;
  if (fluo_waterfall_rows_is_collapsed (self->rows, span))
    fluo_waterfall_view_set_collapsed (self, span, FALSE, FALSE);
  else
    move_by (self, 1);
}

static gboolean
move_key (FluoWaterfallView *self, guint keyval)
{
  int page = MAX (1, (int) fluo_waterfall_layout_rows_shown (self->layout) - 1);

  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      move_by (self, -1);
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      move_by (self, 1);
      return TRUE;
    case GDK_KEY_Page_Up:
      move_by (self, -page);
      return TRUE;
    case GDK_KEY_Page_Down:
      move_by (self, page);
      return TRUE;
    case GDK_KEY_Home:
      move_by (self, -G_MAXINT / 2);
      return TRUE;
    case GDK_KEY_End:
      move_by (self, G_MAXINT / 2);
      return TRUE;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      close_or_up (self);
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      open_or_down (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
key (GtkWidget *widget, guint keyval, gboolean shift)
{
  FluoWaterfallView *self = FLUO_WATERFALL_VIEW (widget);

  fluo_waterfall_view_ensure_layout (self);
  if (move_key (self, keyval))
    return TRUE;

  switch (gdk_keyval_to_lower (keyval))
    {
    case GDK_KEY_z:
      fluo_waterfall_view_zoom_to_selection (self);
      return TRUE;
    case GDK_KEY_n:
      fluo_waterfall_view_select_fault (self, !shift);
      return TRUE;
    case GDK_KEY_p:
      fluo_waterfall_view_select_parent (self);
      return TRUE;
    case GDK_KEY_g:
      fluo_waterfall_view_toggle_grouping (self);
      return TRUE;
    case GDK_KEY_f:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.view", "s", "flame");
      return TRUE;
    case GDK_KEY_v:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.metrics", NULL);
      return TRUE;
    case GDK_KEY_b:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.step-color", "i", shift ? -1 : 1);
      return TRUE;
    case GDK_KEY_w:
      fluo_waterfall_view_set_fold (self, !self->view.fold);
      return TRUE;
    case GDK_KEY_c:
      fluo_waterfall_view_set_critical (self, !self->view.critical);
      return TRUE;
    case GDK_KEY_asterisk:
    case GDK_KEY_KP_Multiply:
      fluo_waterfall_view_show_levels (self, G_MAXUINT);
      return TRUE;
    case GDK_KEY_1:
    case GDK_KEY_2:
    case GDK_KEY_3:
    case GDK_KEY_4:
    case GDK_KEY_5:
    case GDK_KEY_6:
    case GDK_KEY_7:
    case GDK_KEY_8:
    case GDK_KEY_9:
      fluo_waterfall_view_show_levels (self, keyval - GDK_KEY_0);
      return TRUE;
    default:
      return FALSE;
    }
}

/* --- Set-up ----------------------------------------------------------------------------------- */

void
fluo_waterfall_view_add_controllers (FluoWaterfallView *self)
{
  static const FluoTimeCanvasActions actions = { hover, scrolled, zoom, pan, key };
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *gesture;

  fluo_time_canvas_init (&self->canvas, widget, &actions);

  gesture = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_PRIMARY);
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));

  gesture = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_PRIMARY);
  g_signal_connect (gesture, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (gesture, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (gesture, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
  fluo_waterfall_view_add_menu (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <math.h>

#include "app/fluo-settings.h"
#include "app/trace/fluo-waterfall-view-private.h"

#define WHEEL_ROWS 3
#define WHEEL_TIME_PX 60
#define WHEEL_ZOOM 1.25
#define KEY_PAN_PX 60
/* The card comes when the pointer rests; DESIGN.md section 5. */
#define CARD_DELAY_MS 350
#define MEASURE_PX_MIN 3

/* --- Pointer ---------------------------------------------------------------------------------- */

void
fluo_waterfall_view_hide_card (FluoWaterfallView *self)
{
  g_clear_handle_id (&self->card_source, g_source_remove);
  if (self->card_shown)
    {
      self->card_shown = FALSE;
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}

static gboolean
card_cb (gpointer user_data)
{
  FluoWaterfallView *self = user_data;

  self->card_source = 0;
  self->card_shown = self->view.hover != FLUO_SPAN_NONE;
  gtk_widget_queue_draw (GTK_WIDGET (self));

  return G_SOURCE_REMOVE;
}

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

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, FluoWaterfallView *self)
{
  FluoWaterfallHit hit;

  if (self->rows == NULL || (x == self->pointer_x && y == self->pointer_y))
    return;

  self->pointer_x = x;
  self->pointer_y = y;
  if (self->drag.kind != FLUO_DRAG_NONE)
    return;

  hit = hit_at (self, x, y);
  fluo_waterfall_view_hide_card (self);
  fluo_waterfall_view_set_hover (self, hit.span);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), cursor_of (hit.part));
  if (hit.part == FLUO_WATERFALL_BAR || hit.part == FLUO_WATERFALL_TREE)
    self->card_source = g_timeout_add (CARD_DELAY_MS, card_cb, self);
}

static void
leave_cb (GtkEventControllerMotion *controller, FluoWaterfallView *self)
{
  self->pointer_x = self->pointer_y = -1;
  fluo_waterfall_view_hide_card (self);
  fluo_waterfall_view_set_hover (self, FLUO_SPAN_NONE);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoWaterfallView *self)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  FluoWaterfallHit hit;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  fluo_waterfall_view_hide_card (self);
  if (self->rows == NULL || self->space_down)
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
  self->drag.kind = drag_of (self, hit.part);
  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_MIDDLE ||
      self->space_down)
    self->drag.kind = FLUO_DRAG_PAN;

  if (self->drag.kind == FLUO_DRAG_NONE)
    {
      /* Nothing to drag: the click goes on to select. */
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  self->drag.x = self->drag.last_x = x;
  self->drag.y = y;
  self->drag.scroll = self->view.scroll;
  self->drag.visible = self->view.visible;
  self->drag.tree_width = self->view.tree_width;
  fluo_waterfall_view_hide_card (self);

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
drag_pan (FluoWaterfallView *self, double x, double y)
{
  gint64 by = (gint64) ((self->drag.x - x) / self->layout->time_width *
                        (double) fluo_time_span_length (self->drag.visible));

  fluo_waterfall_view_set_visible (
    self, (FluoTimeSpan) { self->drag.visible.begin_ns + by, self->drag.visible.end_ns + by });
  gtk_adjustment_set_value (self->vadjustment,
                            self->drag.scroll + (self->drag.y - y) / self->view.style->row_height);
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
      self->tree_width = CLAMP (self->drag.tree_width + offset_x, FLUO_WATERFALL_TREE_MIN,
                                MAX (most, FLUO_WATERFALL_TREE_MIN));
      fluo_waterfall_view_changed (self);
      break;
    case FLUO_DRAG_BRUSH:
    case FLUO_DRAG_BRUSH_BEGIN:
    case FLUO_DRAG_BRUSH_END:
      drag_brush (self, x);
      break;
    case FLUO_DRAG_PAN:
      drag_pan (self, x, self->drag.y + offset_y);
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

/* --- Wheel and pinch -------------------------------------------------------------------------- */

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, FluoWaterfallView *self)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  double x =
    self->pointer_x >= 0 ? self->pointer_x : self->layout->time_x + self->layout->time_width / 2;

  if (self->rows == NULL)
    return GDK_EVENT_PROPAGATE;

  if (state & GDK_CONTROL_MASK)
    {
      fluo_waterfall_view_zoom_at (self, pow (WHEEL_ZOOM, wheel ? -dy : -dy / 20), x);
      return GDK_EVENT_STOP;
    }
  if (state & GDK_SHIFT_MASK)
    {
      dx = dx != 0 ? dx : dy;
      dy = 0;
    }
  if (dx != 0)
    fluo_waterfall_view_pan (self, wheel ? dx * WHEEL_TIME_PX : dx);
  if (dy != 0)
    fluo_waterfall_view_scroll_rows (self,
                                     wheel ? dy * WHEEL_ROWS : dy / self->view.style->row_height);

  return GDK_EVENT_STOP;
}

static void
zoom_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, FluoWaterfallView *self)
{
  self->zoom_begin_scale = 1;
}

static void
scale_changed_cb (GtkGestureZoom *gesture, double scale, FluoWaterfallView *self)
{
  double x, y;

  if (self->rows == NULL || !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y) ||
      !(self->zoom_begin_scale > 0))
    return;

  fluo_waterfall_view_zoom_at (self, scale / self->zoom_begin_scale, x);
  self->zoom_begin_scale = scale;
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
move_key (FluoWaterfallView *self, guint keyval, gboolean shift)
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
      if (shift)
        fluo_waterfall_view_pan (self, -KEY_PAN_PX);
      else
        close_or_up (self);
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      if (shift)
        fluo_waterfall_view_pan (self, KEY_PAN_PX);
      else
        open_or_down (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FluoWaterfallView *self)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;

  /* Letters act only alone: with Ctrl or Alt they belong to the window. */
  if (self->rows == NULL ||
      (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)))
    return GDK_EVENT_PROPAGATE;

  fluo_waterfall_view_ensure_layout (self);
  fluo_waterfall_view_hide_card (self);
  if (move_key (self, keyval, shift))
    return GDK_EVENT_STOP;

  switch (gdk_keyval_to_lower (keyval))
    {
    case GDK_KEY_z:
      fluo_waterfall_view_zoom_to_selection (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_n:
      fluo_waterfall_view_select_fault (self, !shift);
      return GDK_EVENT_STOP;
    case GDK_KEY_p:
      fluo_waterfall_view_select_parent (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_g:
      fluo_waterfall_view_toggle_grouping (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_f:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.view", "s", "flame");
      return GDK_EVENT_STOP;
    case GDK_KEY_s:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.shift-clock", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_l:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.call-logs", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_m:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.compare", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_w:
      fluo_waterfall_view_set_fold (self, !self->view.fold);
      return GDK_EVENT_STOP;
    case GDK_KEY_c:
      fluo_waterfall_view_set_critical (self, !self->view.critical);
      return GDK_EVENT_STOP;
    case GDK_KEY_asterisk:
    case GDK_KEY_KP_Multiply:
      fluo_waterfall_view_show_levels (self, G_MAXUINT);
      return GDK_EVENT_STOP;
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
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
      self->space_down = TRUE;
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grab");
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
key_released_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                 GdkModifierType state, FluoWaterfallView *self)
{
  if (keyval != GDK_KEY_space)
    return;

  self->space_down = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

static void
focus_cb (GtkEventControllerFocus *controller, FluoWaterfallView *self)
{
  self->space_down = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Set-up ----------------------------------------------------------------------------------- */

static void
add_drag (FluoWaterfallView *self, guint button)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

void
fluo_waterfall_view_add_controllers (FluoWaterfallView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller;
  GtkGesture *gesture;

  controller = gtk_event_controller_motion_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (controller, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (focus_cb), self);
  gtk_widget_add_controller (widget, controller);

  gesture = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_PRIMARY);
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
  add_drag (self, GDK_BUTTON_PRIMARY);
  add_drag (self, GDK_BUTTON_MIDDLE);

  gesture = gtk_gesture_zoom_new ();
  g_signal_connect (gesture, "begin", G_CALLBACK (zoom_begin_cb), self);
  g_signal_connect (gesture, "scale-changed", G_CALLBACK (scale_changed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
}

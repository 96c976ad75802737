/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-time-canvas.h"

#include <math.h>

#define WHEEL_ROWS 3
#define WHEEL_TIME_PX 60
#define WHEEL_ZOOM 1.25
/* What a touchpad scrolls for as much zoom as one notch of a wheel. */
#define SURFACE_PX 20
#define KEY_PAN_PX 60
/* The card comes when the pointer rests; DESIGN.md section 5. */
#define CARD_DELAY_MS 350

/* --- Pointer ---------------------------------------------------------------------------------- */

void
fluo_time_canvas_hide_card (FluoTimeCanvas *self)
{
  g_clear_handle_id (&self->card_source, g_source_remove);
  if (!self->card_shown)
    return;

  self->card_shown = FALSE;
  gtk_widget_queue_draw (self->widget);
}

static gboolean
card_cb (gpointer user_data)
{
  FluoTimeCanvas *self = user_data;

  self->card_source = 0;
  self->card_shown = self->ready;
  gtk_widget_queue_draw (self->widget);

  return G_SOURCE_REMOVE;
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, FluoTimeCanvas *self)
{
  /* A change of the picture under a resting pointer comes as a motion too. */
  if (!self->ready || (x == self->pointer_x && y == self->pointer_y))
    return;

  self->pointer_x = x;
  self->pointer_y = y;
  fluo_time_canvas_hide_card (self);
  if (self->actions->hover (self->widget, x, y))
    self->card_source = g_timeout_add (CARD_DELAY_MS, card_cb, self);
}

static void
leave_cb (GtkEventControllerMotion *controller, FluoTimeCanvas *self)
{
  self->pointer_x = self->pointer_y = -1;
  fluo_time_canvas_hide_card (self);
  self->actions->hover (self->widget, -1, -1);
}

/* --- Wheel, pinch and drag -------------------------------------------------------------------- */

static void
scroll_by (FluoTimeCanvas *self, double rows)
{
  gtk_adjustment_set_value (self->vadjustment,
                            gtk_adjustment_get_value (self->vadjustment) + rows);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, FluoTimeCanvas *self)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;

  if (!self->ready)
    return GDK_EVENT_PROPAGATE;

  if (state & GDK_CONTROL_MASK)
    {
      self->actions->zoom (self->widget, pow (WHEEL_ZOOM, wheel ? -dy : -dy / SURFACE_PX),
                           self->pointer_x >= 0 ? self->pointer_x : self->center_x);
      return GDK_EVENT_STOP;
    }
  if (state & GDK_SHIFT_MASK)
    {
      dx = dx != 0 ? dx : dy;
      dy = 0;
    }
  if (dx != 0)
    self->actions->pan (self->widget, wheel ? dx * WHEEL_TIME_PX : dx);
  if (dy != 0)
    scroll_by (self, wheel ? dy * WHEEL_ROWS : dy / self->row_px);

  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, FluoTimeCanvas *self)
{
  self->pinch_scale = 1;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, FluoTimeCanvas *self)
{
  double x, y;

  if (!self->ready || !(self->pinch_scale > 0) ||
      !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;

  self->actions->zoom (self->widget, scale / self->pinch_scale, x);
  self->pinch_scale = scale;
}

/* With the middle button, or with any while Space is down. */
static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, FluoTimeCanvas *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (!self->ready || (button != GDK_BUTTON_MIDDLE && !self->space_down))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  self->drag_x = self->drag_y = 0;
  fluo_time_canvas_hide_card (self);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double x, double y, FluoTimeCanvas *self)
{
  if (!self->ready)
    return;

  if (x != self->drag_x)
    self->actions->pan (self->widget, self->drag_x - x);
  if (y != self->drag_y)
    scroll_by (self, (self->drag_y - y) / self->row_px);
  self->drag_x = x;
  self->drag_y = y;
}

static void
scrolled_cb (GtkAdjustment *adjustment, FluoTimeCanvas *self)
{
  self->actions->scrolled (self->widget, gtk_adjustment_get_value (adjustment));
}

/* --- Keys ------------------------------------------------------------------------------------- */

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FluoTimeCanvas *self)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;

  /* Letters act only alone: with Ctrl or Alt they belong to the window. */
  if (!self->ready || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)))
    return GDK_EVENT_PROPAGATE;

  fluo_time_canvas_hide_card (self);
  switch (gdk_keyval_to_lower (keyval))
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      if (!shift)
        break;
      self->actions->pan (self->widget, keyval == GDK_KEY_Left || keyval == GDK_KEY_KP_Left
                                          ? -KEY_PAN_PX
                                          : KEY_PAN_PX);
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
      self->space_down = TRUE;
      gtk_widget_set_cursor_from_name (self->widget, "grab");
      return GDK_EVENT_STOP;
    case GDK_KEY_s:
      gtk_widget_activate_action (self->widget, "trace.shift-clock", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_l:
      gtk_widget_activate_action (self->widget, "trace.call-logs", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_m:
      gtk_widget_activate_action (self->widget, "trace.compare", NULL);
      return GDK_EVENT_STOP;
    default:
      break;
    }

  return self->actions->key (self->widget, keyval, shift) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

static void
key_released_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                 GdkModifierType state, FluoTimeCanvas *self)
{
  if (keyval != GDK_KEY_space)
    return;

  self->space_down = FALSE;
  gtk_widget_set_cursor (self->widget, NULL);
}

static void
focus_cb (GtkEventControllerFocus *controller, FluoTimeCanvas *self)
{
  self->space_down = FALSE;
  gtk_widget_queue_draw (self->widget);
}

/* --- Picture and scroll bar ------------------------------------------------------------------- */

void
fluo_time_canvas_changed (FluoTimeCanvas *self)
{
  g_clear_pointer (&self->content, gsk_render_node_unref);
  gtk_widget_queue_draw (self->widget);
}

cairo_t *
fluo_time_canvas_begin (FluoTimeCanvas *self, const graphene_rect_t *bounds,
                        const FluoPalette *palette)
{
  if (self->content != NULL && self->content_palette == palette)
    return NULL;

  g_clear_pointer (&self->content, gsk_render_node_unref);
  self->content = gsk_cairo_node_new (bounds);
  self->content_palette = palette;

  return gsk_cairo_node_get_draw_context (self->content);
}

void
fluo_time_canvas_set_rows (FluoTimeCanvas *self, double first, double n_rows, double n_shown)
{
  gboolean needed = n_rows > n_shown;

  g_object_freeze_notify (G_OBJECT (self->vadjustment));
  gtk_adjustment_configure (self->vadjustment, first, 0, MAX (n_shown, n_rows), 1,
                            MAX (1, n_shown - 1), n_shown);
  g_object_thaw_notify (G_OBJECT (self->vadjustment));
  /* One that comes back must get its place before it is drawn. */
  if (needed && !gtk_widget_get_child_visible (self->scrollbar))
    gtk_widget_queue_allocate (self->widget);
  gtk_widget_set_child_visible (self->scrollbar, needed);
}

void
fluo_time_canvas_allocate (FluoTimeCanvas *self, int width, int height, int top, int bottom)
{
  GtkAllocation bar;
  int natural;

  gtk_widget_measure (self->scrollbar, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  bar = (GtkAllocation) { width - natural, top, natural, MAX (0, height - top - bottom) };
  gtk_widget_size_allocate (self->scrollbar, &bar, -1);
}

/* --- Set-up ----------------------------------------------------------------------------------- */

static void
add_drag (FluoTimeCanvas *self, guint button)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (self->widget, GTK_EVENT_CONTROLLER (drag));
}

static void
add_controllers (FluoTimeCanvas *self)
{
  GtkEventController *controller;
  GtkGesture *gesture;

  controller = gtk_event_controller_motion_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (self->widget, controller);

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (self->widget, controller);

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (controller, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (self->widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (focus_cb), self);
  gtk_widget_add_controller (self->widget, controller);

  gesture = gtk_gesture_zoom_new ();
  g_signal_connect (gesture, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (gesture, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (self->widget, GTK_EVENT_CONTROLLER (gesture));
}

void
fluo_time_canvas_init (FluoTimeCanvas *self, GtkWidget *widget,
                       const FluoTimeCanvasActions *actions)
{
  self->widget = widget;
  self->actions = actions;
  self->pointer_x = self->pointer_y = -1;
  self->row_px = 1;

  self->vadjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 1, 1, 1, 1));
  g_signal_connect (self->vadjustment, "value-changed", G_CALLBACK (scrolled_cb), self);
  self->scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, self->vadjustment);
  gtk_widget_add_css_class (self->scrollbar, "overlay-indicator");
  gtk_widget_set_parent (self->scrollbar, widget);

  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  add_controllers (self);
  add_drag (self, GDK_BUTTON_PRIMARY);
  add_drag (self, GDK_BUTTON_MIDDLE);
}

void
fluo_time_canvas_dispose (FluoTimeCanvas *self)
{
  g_clear_handle_id (&self->card_source, g_source_remove);
  if (self->vadjustment != NULL)
    g_signal_handlers_disconnect_by_data (self->vadjustment, self);
  g_clear_pointer (&self->scrollbar, gtk_widget_unparent);
  g_clear_object (&self->vadjustment);
  g_clear_pointer (&self->content, gsk_render_node_unref);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <math.h>

#include "app/trace/fluo-flame-view-private.h"

#define WHEEL_LEVELS 3
#define WHEEL_PX 60
#define WHEEL_ZOOM 1.25
#define KEY_PAN_PX 60
/* The card comes when the pointer rests; DESIGN.md section 5. */
#define CARD_DELAY_MS 350

/* --- Pointer ------------------------------------------------------------------------------ */

void
fluo_flame_view_hide_card (FluoFlameView *self)
{
  g_clear_handle_id (&self->card_source, g_source_remove);
  if (!self->card_shown)
    return;

  self->card_shown = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
card_cb (gpointer user_data)
{
  FluoFlameView *self = user_data;

  self->card_source = 0;
  self->card_shown = self->view.hover != FLUO_FLAME_NONE;
  gtk_widget_queue_draw (GTK_WIDGET (self));

  return G_SOURCE_REMOVE;
}

static const FluoFlameBox *
hit_at (FluoFlameView *self, double x, double y)
{
  if (self->flame == NULL)
    return NULL;
  fluo_flame_view_ensure_layout (self);

  return fluo_flame_hit (self->layout, x, y);
}

static void
set_hover (FluoFlameView *self, guint32 frame)
{
  if (frame == self->view.hover)
    return;

  self->view.hover = frame;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, FluoFlameView *self)
{
  const FluoFlameBox *box;

  if (x == self->pointer_x && y == self->pointer_y)
    return;

  self->pointer_x = x;
  self->pointer_y = y;
  box = hit_at (self, x, y);
  fluo_flame_view_hide_card (self);
  set_hover (self, box != NULL ? box->frame : FLUO_FLAME_NONE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), box != NULL ? "pointer" : NULL);
  if (box != NULL)
    self->card_source = g_timeout_add (CARD_DELAY_MS, card_cb, self);
}

static void
leave_cb (GtkEventControllerMotion *controller, FluoFlameView *self)
{
  self->pointer_x = self->pointer_y = -1;
  fluo_flame_view_hide_card (self);
  set_hover (self, FLUO_FLAME_NONE);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoFlameView *self)
{
  const FluoFlameBox *box;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  fluo_flame_view_hide_card (self);
  if (n_press > 1)
    return;
  box = hit_at (self, x, y);
  if (box == NULL)
    return;

  if (box->n > 1)
    {
      /* Which of them is meant can be told from nearer. */
      fluo_flame_view_zoom_at (self, WHEEL_ZOOM * 8, x);
      return;
    }
  else
    {
      guint32 frame = box->frame;

      fluo_flame_view_select_frame (self, frame);
      fluo_flame_view_zoom_to (self, frame);
    }
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, FluoFlameView *self)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  double x = self->pointer_x >= 0 ? self->pointer_x : self->view.width / 2;

  if (self->flame == NULL)
    return GDK_EVENT_PROPAGATE;

  if (state & GDK_CONTROL_MASK)
    {
      fluo_flame_view_zoom_at (self, pow (WHEEL_ZOOM, wheel ? -dy : -dy / 20), x);
      return GDK_EVENT_STOP;
    }
  if (state & GDK_SHIFT_MASK)
    {
      dx = dx != 0 ? dx : dy;
      dy = 0;
    }
  if (dx != 0)
    fluo_flame_view_pan (self, wheel ? dx * WHEEL_PX : dx);
  if (dy != 0)
    gtk_adjustment_set_value (self->vadjustment,
                              self->view.scroll +
                                (wheel ? dy * WHEEL_LEVELS : dy / FLUO_FLAME_ROW_PX));

  return GDK_EVENT_STOP;
}

static void
zoom_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, FluoFlameView *self)
{
  self->zoom_begin_scale = 1;
}

static void
scale_changed_cb (GtkGestureZoom *gesture, double scale, FluoFlameView *self)
{
  double x, y;

  if (!gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y) ||
      !(self->zoom_begin_scale > 0))
    return;

  fluo_flame_view_zoom_at (self, scale / self->zoom_begin_scale, x);
  self->zoom_begin_scale = scale;
}

/* --- Keys --------------------------------------------------------------------------------- */

static gboolean
move_key (FluoFlameView *self, guint keyval)
{
  guint n;
  const FluoFlameFrame *frames = fluo_flame_get_frames (self->flame, &n);
  guint32 at = self->view.selected, to = FLUO_FLAME_NONE;

  if (n == 0)
    return FALSE;

  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
    case GDK_KEY_p:
      to = at < n ? frames[at].parent : 0;
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      to = at >= n ? 0 : frames[at].n_children > 0 ? frames[at].first_child : FLUO_FLAME_NONE;
      break;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      to = at < n ? fluo_flame_get_beside (self->flame, at, -1) : 0;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      to = at < n ? fluo_flame_get_beside (self->flame, at, 1) : 0;
      break;
    case GDK_KEY_Home:
      to = 0;
      break;
    case GDK_KEY_n:
    case GDK_KEY_N:
      to = fluo_flame_next_failed (self->flame, at, keyval == GDK_KEY_n);
      break;
    default:
      return FALSE;
    }
  if (to != FLUO_FLAME_NONE)
    fluo_flame_view_select_frame (self, to);
  else
    gtk_widget_error_bell (GTK_WIDGET (self));

  return TRUE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FluoFlameView *self)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;

  /* Letters act only alone: with Ctrl or Alt they belong to the window. */
  if (self->flame == NULL ||
      (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)))
    return GDK_EVENT_PROPAGATE;

  fluo_flame_view_hide_card (self);
  if (shift && (keyval == GDK_KEY_Left || keyval == GDK_KEY_Right))
    {
      fluo_flame_view_pan (self, keyval == GDK_KEY_Left ? -KEY_PAN_PX : KEY_PAN_PX);
      return GDK_EVENT_STOP;
    }
  if (move_key (self, keyval))
    return GDK_EVENT_STOP;

  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_z:
      fluo_flame_view_zoom_to (self, self->view.selected);
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace:
    case GDK_KEY_Escape:
      return fluo_flame_view_back (self) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
    case GDK_KEY_f:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.view", "s", "waterfall");
      return GDK_EVENT_STOP;
    case GDK_KEY_s:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.shift-clock", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_m:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.compare", NULL);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
focus_cb (GtkEventControllerFocus *controller, FluoFlameView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fluo_flame_view_add_controllers (FluoFlameView *self)
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
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect (controller, "leave", G_CALLBACK (focus_cb), self);
  gtk_widget_add_controller (widget, controller);

  gesture = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_PRIMARY);
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));

  gesture = gtk_gesture_zoom_new ();
  g_signal_connect (gesture, "begin", G_CALLBACK (zoom_begin_cb), self);
  g_signal_connect (gesture, "scale-changed", G_CALLBACK (scale_changed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
}

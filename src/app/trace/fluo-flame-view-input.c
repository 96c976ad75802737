/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <math.h>

#include "app/trace/fluo-flame-view-private.h"

/* A click on what cannot be told apart goes so much nearer. */
#define CLICK_ZOOM 10

/* --- Pointer ------------------------------------------------------------------------------ */

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

static gboolean
hover (GtkWidget *widget, double x, double y)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (widget);
  const FluoFlameBox *box = x < 0 ? NULL : hit_at (self, x, y);

  set_hover (self, box != NULL ? box->frame : FLUO_FLAME_NONE);
  if (!self->canvas.space_down)
    gtk_widget_set_cursor_from_name (widget, box != NULL ? "pointer" : NULL);

  return box != NULL;
}

static void
scrolled (GtkWidget *widget, double first_row)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (widget);

  if (fabs (first_row - self->view.scroll) < 1e-6)
    return;

  self->view.scroll = first_row;
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_flame_view_changed (self);
}

static void
zoom (GtkWidget *widget, double factor, double x)
{
  fluo_flame_view_zoom_at (FLUO_FLAME_VIEW (widget), factor, x);
}

static void
pan (GtkWidget *widget, double px)
{
  fluo_flame_view_pan (FLUO_FLAME_VIEW (widget), px);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoFlameView *self)
{
  const FluoFlameBox *box;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  fluo_time_canvas_hide_card (&self->canvas);
  if (n_press > 1 || self->canvas.space_down)
    return;
  box = hit_at (self, x, y);
  if (box == NULL)
    return;

  if (box->n > 1)
    {
      /* Which of them is meant can be told from nearer. */
      fluo_flame_view_zoom_at (self, CLICK_ZOOM, x);
      return;
    }
  else
    {
      guint32 frame = box->frame;

      fluo_flame_view_select_frame (self, frame);
      fluo_flame_view_zoom_to (self, frame);
    }
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
key (GtkWidget *widget, guint keyval, gboolean shift)
{
  FluoFlameView *self = FLUO_FLAME_VIEW (widget);

  if (move_key (self, keyval))
    return TRUE;

  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_z:
      fluo_flame_view_zoom_to (self, self->view.selected);
      return TRUE;
    case GDK_KEY_BackSpace:
    case GDK_KEY_Escape:
      return fluo_flame_view_back (self);
    case GDK_KEY_b:
    case GDK_KEY_B:
      gtk_widget_activate_action (widget, "trace.step-color", "i", keyval == GDK_KEY_B ? -1 : 1);
      return TRUE;
    case GDK_KEY_f:
      gtk_widget_activate_action (GTK_WIDGET (self), "trace.view", "s", "waterfall");
      return TRUE;
    default:
      return FALSE;
    }
}

void
fluo_flame_view_add_controllers (FluoFlameView *self)
{
  static const FluoTimeCanvasActions actions = { hover, scrolled, zoom, pan, key };
  GtkGesture *gesture;

  fluo_time_canvas_init (&self->canvas, GTK_WIDGET (self), &actions);

  gesture = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_PRIMARY);
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (gesture));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-side-pane.h"

#include <glib/gi18n.h>

/* Of the whole: what a side takes that nobody made larger, and what it may be made. */
#define SHARE_USUAL 0.45
#define SHARE_MAX 0.8
#define HANDLE_PX 9
#define STEP_PX 24

struct _FluoSidePane
{
  GtkWidget parent_instance;

  GtkWidget *main, *side;
  GtkWidget *handle; /* lies over the border */
  gboolean   below;
  int        usual_px, chosen_px;
};

G_DEFINE_FINAL_TYPE (FluoSidePane, fluo_side_pane, GTK_TYPE_WIDGET)

enum
{
  RESIZED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GtkOrientation
get_along (FluoSidePane *self)
{
  return self->below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
}

static int
get_total (FluoSidePane *self)
{
  return self->below ? gtk_widget_get_height (GTK_WIDGET (self))
                     : gtk_widget_get_width (GTK_WIDGET (self));
}

static int
measure_min (FluoSidePane *self, GtkWidget *child)
{
  int least;

  gtk_widget_measure (child, get_along (self), -1, &least, NULL, NULL, NULL);

  return least;
}

int
fluo_side_pane_get_side (FluoSidePane *self, int total_px)
{
  int least, most, wanted = self->chosen_px > 0 ? self->chosen_px : self->usual_px;

  g_return_val_if_fail (FLUO_IS_SIDE_PANE (self), 0);

  if (!gtk_widget_get_visible (self->side))
    return 0;

  least = measure_min (self, self->side);
  most = (int) (total_px * (self->chosen_px > 0 ? SHARE_MAX : SHARE_USUAL));
  most = MIN (most, total_px - measure_min (self, self->main));

  return MAX (MIN (wanted, most), least);
}

/* --- Moving ----------------------------------------------------------------------------------- */

static void
update_value (FluoSidePane *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->handle),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  (double) fluo_side_pane_get_side (self, get_total (self)),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) get_total (self), -1);
}

static void
choose (FluoSidePane *self, int size_px)
{
  self->chosen_px = size_px > 0 ? size_px : 0;
  /* What there is no room for is not kept: the next step would seem to do nothing. */
  if (size_px > 0)
    self->chosen_px = fluo_side_pane_get_side (self, get_total (self));
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  update_value (self);
}

static void
drag_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, FluoSidePane *self)
{
  double x, y, at_x, at_y;

  /* The border moves with the pointer, so its place is asked of the whole. */
  if (gtk_gesture_drag_get_start_point (gesture, &x, &y) &&
      gtk_widget_translate_coordinates (self->handle, GTK_WIDGET (self), x + offset_x,
                                        y + offset_y, &at_x, &at_y))
    choose (self, MAX (1, get_total (self) - (int) (self->below ? at_y : at_x)));
}

static void
drag_end_cb (GtkGestureDrag *gesture, double offset_x, double offset_y, FluoSidePane *self)
{
  if ((self->below ? offset_y : offset_x) != 0)
    g_signal_emit (self, signals[RESIZED], 0, self->chosen_px);
}

static void
reset (FluoSidePane *self)
{
  choose (self, 0);
  g_signal_emit (self, signals[RESIZED], 0, 0);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoSidePane *self)
{
  if (n_press == 2)
    reset (self);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
        FluoSidePane *self)
{
  int step = 0;

  if (keyval == GDK_KEY_Home)
    {
      reset (self);
      return GDK_EVENT_STOP;
    }
  if (keyval == (self->below ? GDK_KEY_Up : GDK_KEY_Left))
    step = STEP_PX;
  else if (keyval == (self->below ? GDK_KEY_Down : GDK_KEY_Right))
    step = -STEP_PX;
  else
    return GDK_EVENT_PROPAGATE;

  choose (self, MAX (1, fluo_side_pane_get_side (self, get_total (self)) + step));
  g_signal_emit (self, signals[RESIZED], 0, self->chosen_px);

  return GDK_EVENT_STOP;
}

/* --- Widget ----------------------------------------------------------------------------------- */

static void
fluo_side_pane_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  FluoSidePane *self = FLUO_SIDE_PANE (widget);
  int least = 0, usual = 0;

  gtk_widget_measure (self->main, orientation, -1, minimum, natural, NULL, NULL);
  if (gtk_widget_get_visible (self->side))
    gtk_widget_measure (self->side, orientation, -1, &least, &usual, NULL, NULL);
  if (orientation == get_along (self))
    {
      *minimum += least;
      *natural += MAX (least, self->usual_px);
    }
  else
    {
      *minimum = MAX (*minimum, least);
      *natural = MAX (*natural, usual);
    }
}

static void
place (GtkWidget *child, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation) { x, y, width, height }, -1);
}

static void
fluo_side_pane_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoSidePane *self = FLUO_SIDE_PANE (widget);
  int side = fluo_side_pane_get_side (self, self->below ? height : width);
  int at = (self->below ? height : width) - side;

  gtk_widget_set_child_visible (self->handle, side > 0);
  if (side == 0)
    {
      place (self->main, 0, 0, width, height);
      return;
    }
  if (self->below)
    {
      place (self->main, 0, 0, width, at);
      place (self->side, 0, at, width, side);
      place (self->handle, 0, at - HANDLE_PX / 2, width, HANDLE_PX);
    }
  else
    {
      place (self->main, 0, 0, at, height);
      place (self->side, at, 0, side, height);
      place (self->handle, at - HANDLE_PX / 2, 0, HANDLE_PX, height);
    }
}

static void
fluo_side_pane_dispose (GObject *object)
{
  FluoSidePane *self = FLUO_SIDE_PANE (object);

  g_clear_pointer (&self->main, gtk_widget_unparent);
  g_clear_pointer (&self->side, gtk_widget_unparent);
  g_clear_pointer (&self->handle, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_side_pane_parent_class)->dispose (object);
}

static void
fluo_side_pane_class_init (FluoSidePaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_side_pane_dispose;
  widget_class->measure = fluo_side_pane_measure;
  widget_class->size_allocate = fluo_side_pane_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "sidepane");
  signals[RESIZED] = g_signal_new ("resized", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
add_handle (FluoSidePane *self)
{
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->handle = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_SEPARATOR,
                               "css-name", "sidehandle", "focusable", TRUE, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->handle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Size of the panel"), -1);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->handle, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (self->handle, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (self->handle, keys);
  gtk_widget_set_parent (self->handle, GTK_WIDGET (self));
}

static void
fluo_side_pane_init (FluoSidePane *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
fluo_side_pane_new (GtkWidget *main, GtkWidget *side)
{
  FluoSidePane *self = g_object_new (FLUO_TYPE_SIDE_PANE, NULL);

  self->main = main;
  self->side = side;
  gtk_widget_set_parent (main, GTK_WIDGET (self));
  gtk_widget_set_parent (side, GTK_WIDGET (self));
  add_handle (self); /* last: it is over both */
  fluo_side_pane_set_below (self, FALSE);

  return GTK_WIDGET (self);
}

void
fluo_side_pane_set_below (FluoSidePane *self, gboolean below)
{
  g_return_if_fail (FLUO_IS_SIDE_PANE (self));

  self->below = below;
  gtk_widget_set_cursor_from_name (self->handle, below ? "row-resize" : "col-resize");
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

gboolean
fluo_side_pane_get_below (FluoSidePane *self)
{
  g_return_val_if_fail (FLUO_IS_SIDE_PANE (self), FALSE);

  return self->below;
}

void
fluo_side_pane_set_size (FluoSidePane *self, int usual_px, int chosen_px)
{
  g_return_if_fail (FLUO_IS_SIDE_PANE (self));

  if (self->usual_px == usual_px && self->chosen_px == chosen_px)
    return;

  self->usual_px = usual_px;
  self->chosen_px = chosen_px;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-width-box.h"

struct _FluoWidthBox
{
  GtkWidget parent_instance;

  GtkWidget *child;
  int min_width_px;
  int min_height_px; /* 0: what the child needs */
  int width_px;
  int notified_px;
  int height_px;
  int notified_height_px;
  guint notify_id;
};

enum
{
  PROP_0,
  PROP_WIDTH,
  PROP_HEIGHT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FluoWidthBox, fluo_width_box, GTK_TYPE_WIDGET)

static gboolean
notify_cb (gpointer data)
{
  FluoWidthBox *self = data;

  self->notify_id = 0;
  if (self->notified_px != self->width_px)
    {
      self->notified_px = self->width_px;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WIDTH]);
    }
  if (self->notified_height_px != self->height_px)
    {
      self->notified_height_px = self->height_px;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HEIGHT]);
    }
  return G_SOURCE_REMOVE;
}

static GtkSizeRequestMode
fluo_width_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void
fluo_width_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  FluoWidthBox *self = FLUO_WIDTH_BOX (widget);

  gtk_widget_measure (self->child, orientation, -1, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = MIN (*minimum, self->min_width_px);
  else if (self->min_height_px > 0)
    *minimum = MIN (*minimum, self->min_height_px);
}

static void
fluo_width_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FluoWidthBox *self = FLUO_WIDTH_BOX (widget);
  int min_width;
  int min_height;

  /* Until the child has been folded it may need more than there is; it is cut off for that one
   * frame. */
  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, NULL, NULL, NULL);
  gtk_widget_measure (self->child, GTK_ORIENTATION_VERTICAL, MAX (width, min_width), &min_height,
                      NULL, NULL, NULL);
  gtk_widget_allocate (self->child, MAX (width, min_width), MAX (height, min_height), baseline,
                       NULL);
  self->width_px = width;
  self->height_px = height;
  if ((self->notified_px != width || self->notified_height_px != height) && self->notify_id == 0)
    self->notify_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, notify_cb, self, NULL);
}

static void
fluo_width_box_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FluoWidthBox *self = FLUO_WIDTH_BOX (object);

  switch (id)
    {
    case PROP_WIDTH:
      g_value_set_int (value, self->notified_px);
      break;
    case PROP_HEIGHT:
      g_value_set_int (value, self->notified_height_px);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fluo_width_box_dispose (GObject *object)
{
  FluoWidthBox *self = FLUO_WIDTH_BOX (object);

  g_clear_handle_id (&self->notify_id, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_width_box_parent_class)->dispose (object);
}

static void
fluo_width_box_class_init (FluoWidthBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fluo_width_box_get_property;
  object_class->dispose = fluo_width_box_dispose;
  widget_class->get_request_mode = fluo_width_box_get_request_mode;
  widget_class->measure = fluo_width_box_measure;
  widget_class->size_allocate = fluo_width_box_size_allocate;
  properties[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 0, G_MAXINT, 0,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, 0, G_MAXINT, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fluo_width_box_init (FluoWidthBox *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
fluo_width_box_new (GtkWidget *child, int min_width_px)
{
  FluoWidthBox *self = g_object_new (FLUO_TYPE_WIDTH_BOX, NULL);

  self->child = child;
  self->min_width_px = min_width_px;
  gtk_widget_set_parent (child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

void
fluo_width_box_set_min_height (FluoWidthBox *self, int min_height_px)
{
  g_return_if_fail (FLUO_IS_WIDTH_BOX (self));

  self->min_height_px = min_height_px;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

int
fluo_width_box_get_width (FluoWidthBox *self)
{
  g_return_val_if_fail (FLUO_IS_WIDTH_BOX (self), 0);
  return self->notified_px;
}

int
fluo_width_box_get_height (FluoWidthBox *self)
{
  g_return_val_if_fail (FLUO_IS_WIDTH_BOX (self), 0);
  return self->notified_height_px;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-sampling-private.h"

#include <glib/gi18n.h>

#include "fluo-admin-dialog.h"
#include "fluo-admin-order.h"

/* Rules change places by pointer and by keys. */

FluoSamplingRow *
fluo_sampling_row_of (GtkWidget *widget)
{
  return g_object_get_data (
    G_OBJECT (gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_BOX_ROW)), "fluo-row");
}

static void
move (FluoAdminSampling *self, guint from, guint to)
{
  GPtrArray *changes = fluo_admin_move_rule (self->rules, from, to);

  g_free (self->moved);
  self->moved = g_strdup (((FluoSamplingRule *) g_ptr_array_index (self->rules, from))->name);
  if (changes->len > 0)
    fluo_admin_dialog_confirm (fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self)),
                               _("Change the Order"), _("_Change Order"), FALSE,
                               _("Rules are tried from the lowest priority on, and the first that "
                                 "matches a request is used."),
                               changes);
  else
    g_ptr_array_unref (changes);
}

gboolean
fluo_sampling_row_is_movable (const FluoSamplingRow *row)
{
  return !fluo_sampling_rule_is_default (row->rule) &&
         fluo_admin_pane_may_change (FLUO_ADMIN_PANE (row->pane));
}

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, GtkWidget *widget)
{
  FluoSamplingRow *row = fluo_sampling_row_of (widget);

  return fluo_sampling_row_is_movable (row)
           ? gdk_content_provider_new_typed (G_TYPE_UINT, row->index) : NULL;
}

static void
drag_begin_cb (GtkDragSource *source, GdkDrag *drag, GtkWidget *widget)
{
  g_autoptr (GdkPaintable) picture =
    gtk_widget_paintable_new (gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_BOX_ROW));

  gtk_drag_source_set_icon (source, picture, 20, 20);
}

static void
mark_drop (GtkWidget *widget, int place)
{
  gtk_widget_remove_css_class (widget, "drop-before");
  gtk_widget_remove_css_class (widget, "drop-after");
  if (place != 0)
    gtk_widget_add_css_class (widget, place < 0 ? "drop-before" : "drop-after");
}

/* Before it in its upper half; nothing comes after Default. */
static gboolean
is_before (GtkWidget *widget, double y)
{
  return fluo_sampling_rule_is_default (fluo_sampling_row_of (widget)->rule) ||
         y < gtk_widget_get_height (widget) / 2.0;
}

static GdkDragAction
motion_cb (GtkDropTarget *target, double x, double y, GtkWidget *widget)
{
  mark_drop (widget, is_before (widget, y) ? -1 : 1);
  return GDK_ACTION_MOVE;
}

static void
leave_cb (GtkDropTarget *target, GtkWidget *widget)
{
  mark_drop (widget, 0);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, GtkWidget *widget)
{
  FluoSamplingRow *row = fluo_sampling_row_of (widget);
  guint from = g_value_get_uint (value);
  guint gap = row->index + (is_before (widget, y) ? 0 : 1);

  mark_drop (widget, 0);
  move (row->pane, from, gap > from ? gap - 1 : gap);
  return TRUE;
}

gboolean
fluo_admin_sampling_key_cb (FluoAdminSampling *self, guint keyval, guint keycode,
                            GdkModifierType held)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = gtk_root_get_focus (root);
  GtkWidget *widget = focus ? gtk_widget_get_ancestor (focus, GTK_TYPE_LIST_BOX_ROW) : NULL;
  FluoSamplingRow *row = widget ? fluo_sampling_row_of (widget) : NULL;
  gboolean up = keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up;

  if (!row || !(held & GDK_ALT_MASK) ||
      (!up && keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down))
    return GDK_EVENT_PROPAGATE;
  if (fluo_sampling_row_is_movable (row) &&
      (up ? row->index > 0 : row->index + 2 < self->rules->len))
    move (self, row->index, up ? row->index - 1 : row->index + 1);
  return GDK_EVENT_STOP;
}

void
fluo_sampling_row_add_drag (GtkWidget *handle, GtkWidget *row)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_UINT, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), handle);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin_cb), handle);
  gtk_widget_add_controller (handle, GTK_EVENT_CONTROLLER (source));
  g_signal_connect (target, "motion", G_CALLBACK (motion_cb), row);
  g_signal_connect (target, "leave", G_CALLBACK (leave_cb), row);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), row);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}

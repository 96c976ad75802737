/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <math.h>

/* Pointer and keys of the map. */

#define CARD_DELAY_MS 350
#define ZOOM_STEP 1.15
#define KEY_ZOOM_STEP 1.25
/* A press that moves less is a click. */
#define DRAG_THRESHOLD_PX 4.0
/* A smooth scroll event is this many px per unit where the device does not say px itself. */
#define SCROLL_PX 1.0
/* A node that got the focus keeps at least this distance from the edge of the picture. */
#define FOCUS_MARGIN_PX 90.0

/* --- Pointer -------------------------------------------------------------- */

/* From px of the widget to px of the view, which are larger for larger text. */
static void
to_view (FluoMapArea *self,
         double      *x,
         double      *y)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self));

  *x /= scale;
  *y /= scale;
}

static gboolean
card_cb (gpointer data)
{
  FluoMapArea *self = data;

  self->card_id = 0;
  /* Beside an open menu it would be in the way. */
  self->card_shown =
    (self->view.hover_node != FLUO_MAP_NONE || self->view.hover_edge != FLUO_MAP_NONE) &&
    !(self->menu && gtk_widget_get_visible (self->menu));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static void
point_at (FluoMapArea *self,
          double       x,
          double       y)
{
  guint index = FLUO_MAP_NONE;
  const FluoMapHit hit = fluo_map_area_hit (self, x, y, &index);
  const guint node = hit == FLUO_MAP_HIT_NODE ? index : FLUO_MAP_NONE;
  const guint edge = hit == FLUO_MAP_HIT_EDGE ? index : FLUO_MAP_NONE;

  self->pointer_x = x;
  self->pointer_y = y;
  if (node == self->view.hover_node && edge == self->view.hover_edge)
    return;
  fluo_map_area_hide_card (self);
  self->view.hover_node = node;
  self->view.hover_edge = edge;
  if (hit != FLUO_MAP_HIT_NOTHING)
    self->card_id = g_timeout_add (CARD_DELAY_MS, card_cb, self);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   hit == FLUO_MAP_HIT_NOTHING ? NULL : "pointer");
  fluo_map_area_restate (self);
}

static void
motion_cb (GtkEventControllerMotion *controller,
           double                    x,
           double                    y,
           FluoMapArea              *self)
{
  to_view (self, &x, &y);
  /* The map moved, not the pointer: whoever is at the keyboard wants no card. */
  if (x != self->pointer_x || y != self->pointer_y)
    point_at (self, x, y);
}

static void
leave_cb (GtkEventControllerMotion *controller,
          FluoMapArea              *self)
{
  fluo_map_area_hide_card (self);
  self->view.hover_node = FLUO_MAP_NONE;
  self->view.hover_edge = FLUO_MAP_NONE;
  fluo_map_area_restate (self);
}

/* The ring is for those at the keyboard; whoever points knows where they are. */
static void
take_focus (FluoMapArea *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (GTK_IS_WINDOW (root))
    gtk_window_set_focus_visible (GTK_WINDOW (root), FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->view.focus_node = FLUO_MAP_NONE;
}

static void
released_cb (GtkGestureClick *gesture,
             int              n_press,
             double           x,
             double           y,
             FluoMapArea     *self)
{
  guint index = FLUO_MAP_NONE;
  FluoMapHit hit;

  take_focus (self);
  if (n_press == 2)
    {
      if (self->clicked_node != FLUO_MAP_NONE
          && fluo_map_area_unfold (self, self->clicked_node))
        return;
      fluo_map_area_show_traces (self, self->clicked_node, self->clicked_edge);
      return;
    }
  to_view (self, &x, &y);
  hit = fluo_map_area_hit (self, x, y, &index);
  if (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) &
      GDK_CONTROL_MASK)
    {
      if (hit == FLUO_MAP_HIT_NODE)
        fluo_map_area_toggle_picked (self, index);
      return;
    }
  fluo_map_area_clear_picked (self);
  self->clicked_node = hit == FLUO_MAP_HIT_NODE ? index : FLUO_MAP_NONE;
  self->clicked_edge = hit == FLUO_MAP_HIT_EDGE ? index : FLUO_MAP_NONE;
  fluo_map_area_select (self, self->clicked_node, self->clicked_edge);
}

static void
drag_begin_cb (GtkGestureDrag *gesture,
               double          x,
               double          y,
               FluoMapArea    *self)
{
  guint index = FLUO_MAP_NONE;

  to_view (self, &x, &y);
  self->drag_pan_x = self->view.pan_x;
  self->drag_pan_y = self->view.pan_y;
  self->drag_node = FLUO_MAP_NONE;
  self->banding = FALSE;
  if (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) &
      GDK_SHIFT_MASK)
    {
      self->banding = TRUE;
      self->band = (FluoMapBox){ x, y, 0, 0 };
      return;
    }
  /* A ring is taken along; its label and everything else move the map. */
  if (self->layout && !self->to_layout &&
      fluo_map_area_hit (self, x, y, &index) == FLUO_MAP_HIT_NODE)
    {
      const FluoLayoutPlace *place = &self->layout->places[self->topology->ranks[index]];
      const double away = hypot (x - self->view.pan_x - place->x * self->view.zoom,
                                 y - self->view.pan_y - place->y * self->view.zoom);

      if (away > self->map->nodes[index].radius + 3)
        return;
      self->drag_node = index;
      self->drag_x = place->x;
      self->drag_y = place->y;
    }
}

static void
drag_node_to (FluoMapArea *self,
              double       x,
              double       y)
{
  FluoGraphLayout *layout;

  if (!self->still)
    self->still = fluo_graph_layout_ref (self->layout);
  layout = fluo_map_drag (self->topology, self->still, self->topology->ranks[self->drag_node],
                          self->drag_x + x / self->view.zoom, self->drag_y + y / self->view.zoom);
  g_clear_pointer (&self->layout, fluo_graph_layout_free);
  self->layout = layout;
}

static void
drag_update_cb (GtkGestureDrag *gesture,
                double          x,
                double          y,
                FluoMapArea    *self)
{
  const gboolean claimed =
    gtk_gesture_get_sequence_state (
      GTK_GESTURE (gesture), gtk_gesture_get_last_updated_sequence (GTK_GESTURE (gesture))) ==
    GTK_EVENT_SEQUENCE_CLAIMED;

  if (!self->layout || (!claimed && hypot (x, y) < DRAG_THRESHOLD_PX))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  to_view (self, &x, &y);
  fluo_map_area_hide_card (self);
  if (self->banding)
    {
      double begin_x = 0, begin_y = 0;

      gtk_gesture_drag_get_start_point (gesture, &begin_x, &begin_y);
      to_view (self, &begin_x, &begin_y);
      self->band = (FluoMapBox){ MIN (begin_x, begin_x + x), MIN (begin_y, begin_y + y), fabs (x),
                                 fabs (y) };
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  self->placed = TRUE;
  if (self->drag_node != FLUO_MAP_NONE)
    {
      drag_node_to (self, x, y);
      fluo_map_area_invalidate (self);
      return;
    }
  self->view.pan_x = self->drag_pan_x + x;
  self->view.pan_y = self->drag_pan_y + y;
  fluo_map_view_clamp (&self->view, self->layout);
  fluo_map_area_moved (self);
}

static void
drag_end_cb (GtkGestureDrag *gesture,
             double          x,
             double          y,
             FluoMapArea    *self)
{
  const guint node = self->drag_node;

  to_view (self, &x, &y);
  self->drag_node = FLUO_MAP_NONE;
  if (self->banding)
    {
      self->banding = FALSE;
      if (self->band.width > 0 || self->band.height > 0)
        fluo_map_area_pick_box (self, &self->band);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  if (!self->still || node == FLUO_MAP_NONE)
    {
      /* Labels that came into sight get their halos. */
      if (self->placed && !fluo_map_area_is_large (self))
        fluo_map_area_invalidate (self);
      return;
    }
  fluo_map_area_pin (self, node, self->drag_x + x / self->view.zoom,
                     self->drag_y + y / self->view.zoom);
  /* It glides from under the pointer to its column. */
  g_clear_pointer (&self->still, fluo_graph_layout_free);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           FluoMapArea              *self)
{
  const GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  const gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;

  if (!self->layout)
    return GDK_EVENT_PROPAGATE;
  fluo_map_area_hide_card (self);
  self->placed = TRUE;
  if (wheel && (state & GDK_SHIFT_MASK))
    self->view.pan_x -= (dx + dy) * 60;
  else if (wheel || (state & GDK_CONTROL_MASK))
    fluo_map_view_zoom_at (&self->view, self->view.zoom * pow (ZOOM_STEP, wheel ? -dy : -dy / 20),
                           self->pointer_x, self->pointer_y);
  else
    {
      to_view (self, &dx, &dy);
      self->view.pan_x -= dx * SCROLL_PX;
      self->view.pan_y -= dy * SCROLL_PX;
    }
  fluo_map_view_clamp (&self->view, self->layout);
  fluo_map_area_moved (self);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture       *gesture,
                GdkEventSequence *sequence,
                FluoMapArea      *self)
{
  self->pinch_zoom = self->view.zoom;
}

static void
pinch_cb (GtkGestureZoom *gesture,
          double          scale,
          FluoMapArea    *self)
{
  double x = self->view.width / 2;
  double y = self->view.height / 2;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    to_view (self, &x, &y);
  self->placed = TRUE;
  fluo_map_view_zoom_at (&self->view, self->pinch_zoom * scale, x, y);
  fluo_map_area_moved (self);
}

static void
secondary_cb (GtkGestureClick *gesture,
              int              n_press,
              double           x,
              double           y,
              FluoMapArea     *self)
{
  guint index = FLUO_MAP_NONE;
  FluoMapHit hit;

  to_view (self, &x, &y);
  hit = fluo_map_area_hit (self, x, y, &index);
  if (hit != FLUO_MAP_HIT_NODE && hit != FLUO_MAP_HIT_EDGE)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  /* Ctrl+Z afterwards is for the map. */
  take_focus (self);
  if (hit == FLUO_MAP_HIT_NODE)
    fluo_map_area_popup_menu (self, index);
  else
    fluo_map_area_popup_edge_menu (self, index, x, y);
}

/* --- Keys ----------------------------------------------------------------- */

static guint
focus_start (FluoMapArea *self)
{
  guint first = FLUO_MAP_NONE;

  if (self->view.selected_node != FLUO_MAP_NONE)
    return self->view.selected_node;
  for (guint i = 0; i < self->map->n_nodes; i++)
    if (first == FLUO_MAP_NONE || self->map->nodes[i].x < self->map->nodes[first].x)
      first = i;
  return first;
}

/* Along an edge: the neighbour that is nearest in height. */
static guint
neighbour (FluoMapArea *self,
           guint        node,
           gboolean     callee)
{
  guint best = FLUO_MAP_NONE;

  for (guint i = 0; i < self->graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, i);
      const guint here = callee ? edge->from : edge->to;
      const guint there = callee ? edge->to : edge->from;

      if (here != node || there == node)
        continue;
      if (best == FLUO_MAP_NONE || fabs (self->map->nodes[there].y - self->map->nodes[node].y) <
                                     fabs (self->map->nodes[best].y - self->map->nodes[node].y))
        best = there;
    }
  return best;
}

/* The next one above or below in the same column, or else the nearest in that direction. */
static guint
sibling (FluoMapArea *self,
         guint        node,
         int          direction)
{
  const FluoMapNode *here = &self->map->nodes[node];
  double best_cost = INFINITY;
  guint best = FLUO_MAP_NONE;

  for (guint i = 0; i < self->map->n_nodes; i++)
    {
      const double dx = fabs (self->map->nodes[i].x - here->x);
      const double dy = (self->map->nodes[i].y - here->y) * direction;

      /* A column costs more than any number of rows in sight. */
      if (i != node && dy > 1 && dy + dx * 20 < best_cost)
        {
          best_cost = dy + dx * 20;
          best = i;
        }
    }
  return best;
}

static void
bring_into_view (FluoMapArea *self,
                 guint        node)
{
  const FluoMapNode *box = &self->map->nodes[node];
  const double margin_x = MIN (FOCUS_MARGIN_PX, self->view.width / 3);
  const double margin_y = MIN (FOCUS_MARGIN_PX, self->view.height / 3);
  const double dx = MAX (0, margin_x - box->x) - MAX (0, box->x - (self->view.width - margin_x));
  const double dy = MAX (0, margin_y - box->y) - MAX (0, box->y - (self->view.height - margin_y));
  const gboolean out =
    box->x < 0 || box->y < 0 || box->x > self->view.width || box->y > self->view.height;

  if (!out)
    return;
  self->placed = TRUE;
  self->view.pan_x += dx;
  self->view.pan_y += dy;
  fluo_map_area_moved (self);
}

static void
move_focus (FluoMapArea *self,
            guint        keyval)
{
  const guint node = self->view.focus_node;
  guint next;

  if (node == FLUO_MAP_NONE)
    next = focus_start (self);
  else if (keyval == GDK_KEY_Left || keyval == GDK_KEY_Right)
    next = neighbour (self, node, keyval == GDK_KEY_Right);
  else
    next = sibling (self, node, keyval == GDK_KEY_Down ? 1 : -1);
  if (next == FLUO_MAP_NONE)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }
  fluo_map_area_set_focus_node (self, next);
  bring_into_view (self, next);
}

/* Of what the keyboard is at, or of what is selected. */
static void
popup_menu_from_keys (FluoMapArea *self)
{
  const guint edge = self->view.selected_edge;

  if (self->view.focus_node == FLUO_MAP_NONE && self->view.selected_node == FLUO_MAP_NONE)
    for (guint i = 0; i < self->map->n_edges; i++)
      if (self->map->edges[i].edge == edge && edge != FLUO_MAP_NONE)
        fluo_map_area_popup_edge_menu (self, edge, self->map->edges[i].middle_x,
                                       self->map->edges[i].middle_y);
  fluo_map_area_popup_menu (self, self->view.focus_node != FLUO_MAP_NONE
                                    ? self->view.focus_node
                                    : self->view.selected_node);
}

static gboolean
key_cb (GtkEventControllerKey *controller,
        guint                  keyval,
        guint                  keycode,
        GdkModifierType        state,
        FluoMapArea           *self)
{
  const GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();

  /* Everything may be hidden. */
  if (keyval == GDK_KEY_z && modifiers == GDK_CONTROL_MASK)
    {
      if (!fluo_map_area_undo (self))
        gtk_widget_error_bell (GTK_WIDGET (self));
      return GDK_EVENT_STOP;
    }
  if (!fluo_map_area_get_map (self) || self->map->n_nodes == 0 || (modifiers & GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_Right:
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      move_focus (self, keyval);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      if (modifiers == GDK_CONTROL_MASK && keyval == GDK_KEY_space &&
          self->view.focus_node != FLUO_MAP_NONE)
        {
          fluo_map_area_toggle_picked (self, self->view.focus_node);
          return GDK_EVENT_STOP;
        }
      if (modifiers != 0)
        return GDK_EVENT_PROPAGATE;
      fluo_map_area_clear_picked (self);
      if (self->view.focus_node != FLUO_MAP_NONE)
        fluo_map_area_select (self, self->view.focus_node, FLUO_MAP_NONE);
      g_signal_emit_by_name (self, "inspect");
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      if (g_hash_table_size (self->picked) > 0)
        {
          fluo_map_area_clear_picked (self);
          return GDK_EVENT_STOP;
        }
      if (self->view.selected_node == FLUO_MAP_NONE && self->view.selected_edge == FLUO_MAP_NONE)
        return GDK_EVENT_PROPAGATE;
      fluo_map_area_select (self, FLUO_MAP_NONE, FLUO_MAP_NONE);
      return GDK_EVENT_STOP;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      fluo_map_area_zoom (self, KEY_ZOOM_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      fluo_map_area_zoom (self, 1 / KEY_ZOOM_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      fluo_map_area_fit (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_t:
      if (modifiers != 0)
        return GDK_EVENT_PROPAGATE;
      fluo_map_area_tidy (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Menu:
    case GDK_KEY_F10:
      if (keyval == GDK_KEY_F10 && !(modifiers & GDK_SHIFT_MASK))
        return GDK_EVENT_PROPAGATE;
      popup_menu_from_keys (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* Coming by Tab shows where the keyboard is; coming by a click does not. */
static void
enter_cb (GtkEventControllerFocus *controller,
          FluoMapArea             *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (fluo_map_area_get_map (self) && GTK_IS_WINDOW (root) &&
      gtk_window_get_focus_visible (GTK_WINDOW (root)))
    fluo_map_area_set_focus_node (self, focus_start (self));
}

static void
focus_leave_cb (GtkEventControllerFocus *controller,
                FluoMapArea             *self)
{
  self->view.focus_node = FLUO_MAP_NONE;
  fluo_map_area_restate (self);
}

void
fluo_map_area_add_input (FluoMapArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *secondary = gtk_gesture_click_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect (focus, "enter", G_CALLBACK (enter_cb), self);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect (secondary, "pressed", G_CALLBACK (secondary_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, key);
  gtk_widget_add_controller (widget, focus);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (secondary));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

/* What is on screen, for others, and where one looks: zoom and place. */

/* Panning moves the boxes along; another zoom needs others. */
void
fluo_map_area_follow_map (FluoMapArea *self)
{
  FluoMap *map = self->map;

  if (!map || map->view.zoom != self->view.zoom)
    return;
  fluo_map_translate (map, self->view.pan_x - map->view.pan_x, self->view.pan_y - map->view.pan_y);
  map->view.width = self->view.width;
  map->view.height = self->view.height;
  fluo_map_set_state (map, &self->view);
}

void
fluo_map_area_restate (FluoMapArea *self)
{
  fluo_map_area_follow_map (self);
  fluo_map_area_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fluo_map_area_invalidate (FluoMapArea *self)
{
  g_clear_pointer (&self->map, fluo_map_free);
  self->pictures.wanted++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "view-changed");
}

/* What the pointer was on may have gone from under it; the card would tell of something else. */
static void
check_hover (FluoMapArea *self)
{
  const guint node = self->view.hover_node;
  const guint edge = self->view.hover_edge;
  guint index = FLUO_MAP_NONE;
  FluoMapHit hit;

  if (node == FLUO_MAP_NONE && edge == FLUO_MAP_NONE)
    return;
  hit = fluo_map_area_hit (self, self->pointer_x, self->pointer_y, &index);
  if ((hit == FLUO_MAP_HIT_NODE && index == node) || (hit == FLUO_MAP_HIT_EDGE && index == edge))
    return;
  fluo_map_area_hide_card (self);
  self->view.hover_node = self->view.hover_edge = FLUO_MAP_NONE;
  fluo_map_area_follow_map (self);
}

void
fluo_map_area_moved (FluoMapArea *self)
{
  if (!fluo_map_area_is_large (self) && self->map && self->map->view.zoom != self->view.zoom)
    g_clear_pointer (&self->map, fluo_map_free);
  else if (self->map && self->map->view.zoom != self->view.zoom)
    fluo_map_area_wait_for_rest (self);
  fluo_map_area_follow_map (self);
  check_hover (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "view-changed");
}

void
fluo_map_area_ensure_map (FluoMapArea *self)
{
  if (self->map && self->map->view.zoom == self->view.zoom)
    fluo_map_area_follow_map (self);
  else
    g_clear_pointer (&self->map, fluo_map_free);
  if (self->map || !self->graph || !self->layout || self->view.width <= 0)
    return;
  self->view.margin = fluo_map_area_is_large (self) ? self->view.width / 2 : INFINITY;
  self->view.matching = self->found ? self->found : self->shown;
  self->view.alarmed = self->alarmed;
  self->map = fluo_map_layout (fluo_canvas_get_painter (FLUO_CANVAS (self)), self->graph,
                               self->topology, self->layout, self->colors, &self->view);
  self->view.matching = self->view.alarmed = NULL;
}

FluoServiceGraph *
fluo_map_area_get_graph (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return self->graph;
}

FluoTimeSpan
fluo_map_area_get_span (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), ((FluoTimeSpan) { 0, 0 }));

  return self->span;
}

const FluoMap *
fluo_map_area_get_map (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  fluo_map_area_ensure_map (self);
  return self->map;
}

const FluoMap *
fluo_map_area_peek_map (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  if (!fluo_map_area_is_large (self))
    fluo_map_area_ensure_map (self);
  return self->map;
}

FluoServiceGraph *
fluo_map_area_get_full_graph (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return self->full_graph;
}

const FluoMapView *
fluo_map_area_get_view (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return &self->view;
}

FluoMapHit
fluo_map_area_hit (FluoMapArea *self,
                   double       x,
                   double       y,
                   guint       *ret_index)
{
  const FluoMap *map = fluo_map_area_peek_map (self);
  double ratio;

  if (!map)
    return FLUO_MAP_HIT_NOTHING;
  fluo_map_area_follow_map (self);
  ratio = map->view.zoom / self->view.zoom;
  return fluo_map_hit (map, map->view.pan_x + (x - self->view.pan_x) * ratio,
                       map->view.pan_y + (y - self->view.pan_y) * ratio, ret_index);
}

gboolean
fluo_map_area_is_arranging (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FALSE);

  return self->next_graph != NULL;
}

guint
fluo_map_area_get_node (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FLUO_MAP_NONE);

  return self->view.selected_node;
}

guint
fluo_map_area_get_edge (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FLUO_MAP_NONE);

  return self->view.selected_edge;
}

void
fluo_map_area_zoom (FluoMapArea *self,
                    double       factor)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  self->placed = TRUE;
  fluo_map_view_zoom_at (&self->view, self->view.zoom * factor, self->view.width / 2,
                         self->view.height / 2);
  fluo_map_area_moved (self);
}

void
fluo_map_area_set_furniture (FluoMapArea *self,
                             double       top,
                             double       left_width,
                             double       right_width,
                             double       height)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self));
  gboolean aside;

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  top /= scale;
  left_width /= scale;
  right_width /= scale;
  height /= scale;
  if (self->view.top == top && self->view.corner_left == left_width &&
      self->view.corner_right == right_width && self->view.corner_height == height)
    return;
  /* A row of tools or a notice that comes moves things no further than it must. */
  aside = self->view.top > 0 && top > self->view.top;
  self->view.top = top;
  self->view.corner_left = left_width;
  self->view.corner_right = right_width;
  self->view.corner_height = height;
  if (self->placed)
    return;
  if (aside && self->layout && fluo_map_view_nudge (&self->view, self->layout))
    fluo_map_area_moved (self);
  else
    fluo_map_area_fit (self);
}

void
fluo_map_area_fit (FluoMapArea *self)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  self->placed = FALSE;
  if (self->layout)
    fluo_map_view_fit (&self->view, self->layout);
  fluo_map_area_moved (self);
}

void
fluo_map_area_center_on (FluoMapArea *self,
                         double       x,
                         double       y)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  self->placed = TRUE;
  self->view.pan_x += self->view.width / 2 - x;
  self->view.pan_y += self->view.height / 2 - y;
  if (self->layout)
    fluo_map_view_clamp (&self->view, self->layout);
  fluo_map_area_moved (self);
}

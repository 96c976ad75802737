/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-map-picture.h"
#include "draw/fluo-map-private.h"

/* 64 MB. A window on a dense screen gets less ground around it. */
#define PIXELS_MAX (16 * 1024 * 1024)
/* Graphics memory takes no larger side. */
#define SIDE_MAX_PX 8192.0

struct _FluoMapPicture
{
  gatomicrefcount ref_count;

  /* What is to be drawn. */
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoServiceColors *colors; /* a copy: the connection's belong to the main thread */
  FluoMapView        view;
  guint8            *matching, *alarmed, *picked;
  const FluoPalette *palette;
  double             scale;
  double             margin;

  /* What was drawn. */
  FluoMap         *map;
  FluoMapBox       extent; /* of the map in its view */
  FluoMapBox       box;    /* of the image in its view; whole px */
  cairo_surface_t *surface;
  cairo_surface_t *minimap;
};

FluoMapPicture *
fluo_map_picture_new (FluoServiceGraph  *graph,
                      FluoMapTopology   *topology,
                      FluoGraphLayout   *layout,
                      FluoServiceColors *colors,
                      const FluoMapView *view,
                      const FluoPalette *palette,
                      double             scale,
                      double             margin)
{
  FluoMapPicture *self;

  g_return_val_if_fail (graph && topology && layout && view && palette && scale > 0, NULL);

  self = g_new0 (FluoMapPicture, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->graph = fluo_service_graph_ref (graph);
  self->topology = fluo_map_topology_ref (topology);
  self->layout = fluo_graph_layout_ref (layout);
  self->view = *view;
  self->view.hover_node = FLUO_MAP_NONE;
  self->view.hover_edge = FLUO_MAP_NONE;
  self->view.margin = margin * MAX (view->width, view->height);
  self->matching = view->matching ? g_memdup2 (view->matching, graph->nodes->len) : NULL;
  self->view.matching = self->matching;
  self->alarmed = view->alarmed ? g_memdup2 (view->alarmed, graph->nodes->len) : NULL;
  self->view.alarmed = self->alarmed;
  self->picked = view->picked ? g_memdup2 (view->picked, graph->nodes->len) : NULL;
  self->view.picked = self->picked;
  if (view->difference)
    fluo_graph_difference_ref (view->difference);
  if (view->usual)
    fluo_graph_difference_ref (view->usual);
  self->palette = palette;
  self->scale = scale;
  self->margin = margin;
  if (colors)
    {
      fluo_map_register_colors (graph, topology, colors);
      self->colors = fluo_service_colors_copy (colors);
    }
  return self;
}

FluoMapPicture *
fluo_map_picture_ref (FluoMapPicture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_map_picture_unref (FluoMapPicture *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_clear_pointer (&self->minimap, cairo_surface_destroy);
  fluo_map_free (self->map);
  g_clear_object (&self->colors);
  fluo_graph_layout_free (self->layout);
  fluo_map_topology_free (self->topology);
  fluo_service_graph_unref (self->graph);
  fluo_graph_difference_unref (self->view.difference);
  fluo_graph_difference_unref (self->view.usual);
  g_free (self->matching);
  g_free (self->alarmed);
  g_free (self->picked);
  g_free (self);
}

/* The view and the ground around it, as far as there is anything on it, in whole px. */
static FluoMapBox
image_box (FluoMapPicture *self)
{
  const double width = self->view.width;
  const double height = self->view.height;
  const FluoMapBox *extent = &self->extent;
  double x = self->margin * width;
  double y = self->margin * height;
  double left, top, right, bottom;

  while (x + y > 2 && (width + 2 * x) * (height + 2 * y) * self->scale * self->scale > PIXELS_MAX)
    {
      x *= .8;
      y *= .8;
    }
  x = CLAMP (x, 0, MAX (0, (SIDE_MAX_PX / self->scale - width) / 2 - 1));
  y = CLAMP (y, 0, MAX (0, (SIDE_MAX_PX / self->scale - height) / 2 - 1));
  left = floor (MIN (0, MAX (-x, extent->x)));
  top = floor (MIN (0, MAX (-y, extent->y)));
  right = ceil (MAX (width, MIN (width + x, extent->x + extent->width)));
  bottom = ceil (MAX (height, MIN (height + y, extent->y + extent->height)));
  return (FluoMapBox) { left, top, MAX (right - left, 1), MAX (bottom - top, 1) };
}

gboolean
fluo_map_picture_render (FluoMapPicture *self,
                         FluoPainter    *painter)
{
  cairo_t *cr;

  g_return_val_if_fail (self != NULL && painter != NULL && !self->surface, FALSE);

  self->map = fluo_map_layout (painter, self->graph, self->topology, self->layout, self->colors,
                               &self->view);
  self->extent = self->map->extent;
  self->box = image_box (self);
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32,
                                              (int) ceil (self->box.width * self->scale),
                                              (int) ceil (self->box.height * self->scale));
  if (cairo_surface_status (self->surface) != CAIRO_STATUS_SUCCESS)
    return FALSE;
  cairo_surface_set_device_scale (self->surface, self->scale, self->scale);
  cr = cairo_create (self->surface);
  cairo_translate (cr, -self->box.x, -self->box.y);
  fluo_painter_begin (painter, cr, self->palette);
  fluo_map_draw (painter, self->map, &self->box);
  cairo_destroy (cr);

  self->minimap = cairo_image_surface_create (
    CAIRO_FORMAT_ARGB32, (int) ceil (FLUO_MAP_MINIMAP_WIDTH_PX * self->scale),
    (int) ceil (FLUO_MAP_MINIMAP_HEIGHT_PX * self->scale));
  cairo_surface_set_device_scale (self->minimap, self->scale, self->scale);
  cr = cairo_create (self->minimap);
  fluo_painter_begin (painter, cr, self->palette);
  fluo_map_draw_minimap_content (painter, self->map);
  /* The painter outlives this and would keep the image. */
  fluo_painter_end (painter);
  cairo_destroy (cr);
  cairo_surface_flush (self->surface);
  cairo_surface_flush (self->minimap);
  return TRUE;
}

const FluoMapView *
fluo_map_picture_get_view (FluoMapPicture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->view;
}

cairo_surface_t *
fluo_map_picture_get_surface (FluoMapPicture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->surface;
}

gboolean
fluo_map_picture_is_whole (FluoMapPicture *self)
{
  const FluoMapBox *image = &self->box;
  const FluoMapBox *extent = &self->extent;

  g_return_val_if_fail (self != NULL, FALSE);

  return image->x <= extent->x && image->y <= extent->y &&
         image->x + image->width >= extent->x + extent->width &&
         image->y + image->height >= extent->y + extent->height;
}

FluoGraphLayout *
fluo_map_picture_get_layout (FluoMapPicture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->layout;
}

FluoMap *
fluo_map_picture_steal_map (FluoMapPicture *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_steal_pointer (&self->map);
}

/* From the picture's own view to another: x * ratio + dx. */
static FluoMapBox
move_box (FluoMapPicture    *self,
          const FluoMapBox  *box,
          const FluoMapView *view)
{
  const double ratio = view->zoom / self->view.zoom;

  return (FluoMapBox) { view->pan_x + (box->x - self->view.pan_x) * ratio,
                        view->pan_y + (box->y - self->view.pan_y) * ratio, box->width * ratio,
                        box->height * ratio };
}

FluoMapBox
fluo_map_picture_place (FluoMapPicture    *self,
                        const FluoMapView *view)
{
  FluoMapBox place;

  g_return_val_if_fail (self != NULL && view != NULL, ((FluoMapBox) { 0 }));

  place = move_box (self, &self->box, view);
  if (view->zoom == self->view.zoom)
    {
      place.x = self->box.x + round (place.x - self->box.x);
      place.y = self->box.y + round (place.y - self->box.y);
    }
  return place;
}

gboolean
fluo_map_picture_covers (FluoMapPicture    *self,
                         const FluoMapView *view,
                         double             ahead)
{
  FluoMapBox image, extent;
  double left, top, right, bottom;

  g_return_val_if_fail (self != NULL && view != NULL, FALSE);

  image = move_box (self, &self->box, view);
  extent = move_box (self, &self->extent, view);
  left = MAX (-ahead * view->width, extent.x);
  top = MAX (-ahead * view->height, extent.y);
  right = MIN ((1 + ahead) * view->width, extent.x + extent.width);
  bottom = MIN ((1 + ahead) * view->height, extent.y + extent.height);
  /* A px of rounding. */
  return left >= right || top >= bottom ||
         (image.x <= left + 1 && image.y <= top + 1 && image.x + image.width >= right - 1 &&
          image.y + image.height >= bottom - 1);
}

void
fluo_map_picture_draw_minimap (FluoMapPicture    *self,
                               FluoPainter       *painter,
                               const FluoMapView *view)
{
  FluoMapPoint selected = { NAN, NAN };

  g_return_if_fail (self != NULL && self->minimap && painter != NULL && view != NULL);

  if (view->selected_node < self->topology->n_nodes)
    {
      const FluoLayoutPlace *place =
        &self->layout->places[self->topology->ranks[view->selected_node]];

      selected = (FluoMapPoint){ view->pan_x + place->x * view->zoom,
                                 view->pan_y + place->y * view->zoom };
    }
  fluo_map_draw_minimap_image (painter, self->minimap, move_box (self, &self->extent, view), view,
                               isfinite (selected.x) && isfinite (selected.y) ? &selected : NULL);
}

FluoMapPoint
fluo_map_picture_minimap_point (FluoMapPicture    *self,
                                const FluoMapView *view,
                                double             x,
                                double             y)
{
  g_return_val_if_fail (self != NULL && view != NULL, ((FluoMapPoint) { 0, 0 }));

  return fluo_map_minimap_point_in (move_box (self, &self->extent, view), view, x, y);
}

void
fluo_map_picture_paint (FluoMapPicture    *self,
                        cairo_t           *cr,
                        const FluoMapView *view)
{
  FluoMapBox place;

  g_return_if_fail (self != NULL && cr != NULL && view != NULL);

  if (!self->surface)
    return;
  place = fluo_map_picture_place (self, view);
  cairo_save (cr);
  cairo_rectangle (cr, place.x, place.y, place.width, place.height);
  cairo_clip (cr);
  cairo_translate (cr, place.x, place.y);
  cairo_scale (cr, place.width / self->box.width, place.height / self->box.height);
  cairo_set_source_surface (cr, self->surface, 0, 0);
  /* A moment's blur; sharp is what is drawn once the zoom rests. */
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_FAST);
  cairo_paint (cr);
  cairo_restore (cr);
}

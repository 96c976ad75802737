/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-map.h"

G_BEGIN_DECLS

/* A map that was drawn once, with some ground around the view, so that a frame of panning or
 * zooming only moves or scales an image. A large map takes a tenth of a second to draw, a frame has
 * 16 ms.
 *
 * Everything that is needed is taken by new() on the main thread; render() runs in any thread, and
 * may run once. After that a picture no longer changes. At the zoom it was made for it is, pixel by
 * pixel, what fluo_map_draw() draws without hover: that is drawn over it. Reference counted
 * atomically. */
typedef struct _FluoMapPicture FluoMapPicture;

/* Ground for a second of panning; more would make the image slow to draw and to hand over. */
#define FLUO_MAP_PICTURE_MARGIN 0.25

/* Keeps references to @graph, @topology and @layout, which must not change any more, and copies the
 * rest. @scale: device px per px. @margin: the part of the view's sides that is drawn around it. */
FluoMapPicture *fluo_map_picture_new (FluoServiceGraph *graph, FluoMapTopology *topology,
                                      FluoGraphLayout *layout, FluoServiceColors *colors,
                                      const FluoMapView *view, const FluoPalette *palette,
                                      double scale, double margin);
FluoMapPicture *fluo_map_picture_ref   (FluoMapPicture *self);
void            fluo_map_picture_unref (FluoMapPicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMapPicture, fluo_map_picture_unref)

/* [worker] @painter is used by one thread at a time. FALSE when there is no memory for it. */
gboolean fluo_map_picture_render (FluoMapPicture *self, FluoPainter *painter);

/* The view it was made for. */
const FluoMapView *fluo_map_picture_get_view    (FluoMapPicture *self);
cairo_surface_t   *fluo_map_picture_get_surface (FluoMapPicture *self);
/* Boxes of what is drawn; the caller's from now on. NULL the second time. */
FluoMap           *fluo_map_picture_steal_map   (FluoMapPicture *self);

/* Where the image lies in @view. At its own zoom that is a whole number of px from where it was. */
FluoMapBox fluo_map_picture_place  (FluoMapPicture *self, const FluoMapView *view);
/* Whether @view, and @ahead of its sides around it, shows nothing of the map that is not on the
 * image. */
gboolean   fluo_map_picture_covers (FluoMapPicture *self, const FluoMapView *view, double ahead);
/* As fluo_map_draw_minimap() and fluo_map_minimap_point(). */
void fluo_map_picture_draw_minimap (FluoMapPicture *self, FluoPainter *painter,
                                    const FluoMapView *view);
FluoMapPoint fluo_map_picture_minimap_point (FluoMapPicture *self, const FluoMapView *view,
                                             double x, double y);
/* The whole map is on it. */
gboolean   fluo_map_picture_is_whole (FluoMapPicture *self);
/* The layout that it shows. Borrowed. */
FluoGraphLayout *fluo_map_picture_get_layout (FluoMapPicture *self);
/* Paints it as it looks in @view; scaled the quick way where the zoom differs. */
void       fluo_map_picture_paint  (FluoMapPicture *self, cairo_t *cr, const FluoMapView *view);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <math.h>

/* A large map is not drawn in a frame: a worker draws it with some ground around the view, and
 * frames move and scale that picture. Where it does not reach, an older one of the whole map shows,
 * however coarse. Hover, and a selection that the picture does not have yet, are drawn over it. */

/* Nodes and edges that are drawn within a few ms; more get a picture. */
#define DIRECT_MAX 120
/* The next picture is begun while there is so much of the view's sides left around it. */
#define AHEAD 0.08
/* While the zoom moves, the picture is scaled up to so much before it is drawn anew. */
#define SCALE_MAX 1.7
/* A zoom that did not move for so long rests. */
#define SETTLE_MS 90

gboolean
fluo_map_area_is_large (FluoMapArea *self)
{
  return self->graph && self->graph->nodes->len + self->graph->edges->len > DIRECT_MAX;
}

static void
drop_image (FluoMapAreaImage *image)
{
  g_clear_pointer (&image->picture, fluo_map_picture_unref);
  g_clear_object (&image->texture);
}

static void
set_image (FluoMapAreaImage *image,
           FluoMapPicture   *picture)
{
  fluo_map_picture_ref (picture);
  drop_image (image);
  image->picture = picture;
}

/* The same state as far as it is part of a picture. */
static gboolean
same_state (const FluoMapView *a,
            const FluoMapView *b)
{
  return a->selected_node == b->selected_node && a->selected_edge == b->selected_edge &&
         a->focus_node == b->focus_node && a->picked_serial == b->picked_serial &&
         a->inactive == b->inactive;
}

static gboolean
settled_cb (gpointer data)
{
  FluoMapArea *self = data;

  self->pictures.settle_id = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

/* The zoom moved: it is drawn sharp once it rests. */
void
fluo_map_area_wait_for_rest (FluoMapArea *self)
{
  g_clear_handle_id (&self->pictures.settle_id, g_source_remove);
  self->pictures.settle_id = g_timeout_add (SETTLE_MS, settled_cb, self);
}

void
fluo_map_area_clear_pictures (FluoMapArea *self)
{
  g_clear_handle_id (&self->pictures.settle_id, g_source_remove);
  drop_image (&self->pictures.near);
  drop_image (&self->pictures.far);
}

/* --- Drawing anew --------------------------------------------------------- */

typedef struct
{
  GWeakRef        area;    /* a closed window does not wait for its last picture */
  FluoMapPicture *picture;
  FluoPainter    *painter; /* the area's, and this one's alone while it works */
  guint           serial;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_weak_ref_clear (&job->area);
  fluo_map_picture_unref (job->picture);
  fluo_painter_free (job->painter);
  g_free (job);
}

/* [worker] */
static void
render_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  Job *job = data;

  g_task_return_boolean (task, fluo_map_picture_render (job->picture, job->painter));
}

static void
rendered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  const gboolean done = g_task_propagate_boolean (G_TASK (result), NULL);
  g_autoptr (FluoMapArea) self = g_weak_ref_get (&job->area);

  if (!self)
    return;
  self->pictures.busy = FALSE;
  if (!self->pictures.painter)
    self->pictures.painter = g_steal_pointer (&job->painter);
  if (!done || job->serial < self->pictures.oldest || !self->graph)
    {
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  set_image (&self->pictures.near, job->picture);
  self->pictures.serial = job->serial;
  if (job->serial == self->pictures.wanted)
    {
      g_clear_pointer (&self->map, fluo_map_free);
      self->map = fluo_map_picture_steal_map (job->picture);
      fluo_map_area_follow_map (self);
    }
  if (fluo_map_picture_is_whole (job->picture))
    set_image (&self->pictures.far, job->picture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "view-changed");
}

static void
render (FluoMapArea       *self,
        const FluoPalette *palette)
{
  g_autoptr (GTask) task = NULL;
  Job *job = g_new0 (Job, 1);

  g_weak_ref_init (&job->area, self);
  self->view.matching = self->found ? self->found : self->shown;
  self->view.alarmed = self->alarmed;
  job->picture = fluo_map_picture_new (self->graph, self->topology, self->layout, self->colors,
                                       &self->view, palette,
                                       gtk_widget_get_scale_factor (GTK_WIDGET (self)) *
                                         fluo_canvas_get_scale (FLUO_CANVAS (self)),
                                       FLUO_MAP_PICTURE_MARGIN);
  self->view.matching = self->view.alarmed = NULL;
  job->serial = self->pictures.wanted;
  job->painter = g_steal_pointer (&self->pictures.painter);
  if (!job->painter)
    job->painter = fluo_painter_new ();
  self->pictures.palette = palette;
  self->pictures.busy = TRUE;
  task = g_task_new (NULL, NULL, rendered_cb, NULL);
  g_task_set_source_tag (task, render);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, render_thread);
}

static gboolean
wants_render (FluoMapArea       *self,
              const FluoPalette *palette)
{
  FluoMapPicture *picture = self->pictures.near.picture;
  const FluoMapView *made;
  double ratio;

  if (!picture || self->pictures.serial != self->pictures.wanted
      || self->pictures.palette != palette)
    return TRUE;
  made = fluo_map_picture_get_view (picture);
  if (!same_state (made, &self->view) || !fluo_map_picture_covers (picture, &self->view, AHEAD))
    return TRUE;
  ratio = self->view.zoom / made->zoom;
  return ratio != 1 &&
         (!self->pictures.settle_id || ratio > SCALE_MAX || ratio < 1 / SCALE_MAX);
}

/* --- Frames --------------------------------------------------------------- */

static void
release_surface (gpointer data)
{
  cairo_surface_destroy (data);
}

static GdkTexture *
ensure_texture (FluoMapAreaImage *image)
{
  cairo_surface_t *surface = fluo_map_picture_get_surface (image->picture);
  g_autoptr (GBytes) bytes = NULL;
  int height, stride;

  if (image->texture)
    return image->texture;
  height = cairo_image_surface_get_height (surface);
  stride = cairo_image_surface_get_stride (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize) stride * (gsize) height, release_surface,
                                      cairo_surface_reference (surface));
  image->texture = gdk_memory_texture_new (cairo_image_surface_get_width (surface), height,
                                           GDK_MEMORY_DEFAULT, bytes, (gsize) stride);
  return image->texture;
}

/* A graphics card keeps the texture; a renderer without one would copy it for every frame. */
static void
append_image (FluoMapArea       *self,
              GtkSnapshot       *snapshot,
              FluoMapAreaImage  *image,
              const FluoMapView *view)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  FluoMapBox place;

  if (!image->picture)
    return;
  if (!native || GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (native)))
    {
      cairo_t *cr = gtk_snapshot_append_cairo (
        snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height));

      fluo_map_picture_paint (image->picture, cr, view);
      cairo_destroy (cr);
      return;
    }
  place = fluo_map_picture_place (image->picture, view);
  gtk_snapshot_append_texture (snapshot, ensure_texture (image),
                               &GRAPHENE_RECT_INIT ((float) place.x, (float) place.y,
                                                    (float) place.width, (float) place.height));
}

/* Until the map that was arranged anew is drawn, the one before stays where it was. */
static const FluoMapView *
picture_view (FluoMapArea    *self,
              FluoMapPicture *picture)
{
  const gboolean same = fluo_map_picture_get_layout (picture) == self->layout;

  return same || self->still ? &self->view : fluo_map_picture_get_view (picture);
}

void
fluo_map_area_snapshot_picture (FluoMapArea *self,
                                GtkSnapshot *snapshot)
{
  const FluoPalette *palette = fluo_canvas_lookup_palette ();
  const FluoColor *ground = &palette->view;
  FluoMapPicture *picture;

  if (!self->pictures.busy && self->layout && wants_render (self, palette))
    render (self, palette);
  gtk_snapshot_append_color (
    snapshot, &(GdkRGBA){ ground->red, ground->green, ground->blue, 1 },
    &GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height));
  picture = self->pictures.near.picture;
  if (!picture)
    return;
  if (self->pictures.far.picture && !fluo_map_picture_covers (picture, &self->view, 0) &&
      fluo_map_picture_get_layout (self->pictures.far.picture) == self->layout)
    append_image (self, snapshot, &self->pictures.far, &self->view);
  append_image (self, snapshot, &self->pictures.near, picture_view (self, picture));
}

/* Whether the picture lacks what the view has selected. */
gboolean
fluo_map_area_picture_lacks_state (FluoMapArea *self)
{
  FluoMapPicture *picture = self->pictures.near.picture;

  return picture && self->pictures.serial == self->pictures.wanted &&
         !same_state (fluo_map_picture_get_view (picture), &self->view);
}

FluoMapPicture *
fluo_map_area_get_picture (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return fluo_map_area_is_large (self) ? self->pictures.near.picture : NULL;
}

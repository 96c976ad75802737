/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-flame-private.h"

/* Frames narrower than this share a box with their neighbours. */
#define ALONE_PX_MIN 1.5
#define SHARED_PX 2.0
#define FOOT_PX 28
/* Own work is told from the rest where it can be seen. */
#define OWN_PX_MIN 1.0

FluoFlameLayout *
fluo_flame_layout_new (void)
{
  FluoFlameLayout *self = g_new0 (FluoFlameLayout, 1);

  self->boxes = g_array_new (FALSE, FALSE, sizeof (FluoFlameBox));

  return self;
}

void
fluo_flame_layout_free (FluoFlameLayout *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->boxes);
  g_free (self);
}

static double
scroll_max (const FluoFlameLayout *self)
{
  return MAX (0, fluo_flame_get_n_levels (self->flame) - self->body_height / self->row_px);
}

static double
x_of (const FluoFlameLayout *self, double work)
{
  return (work - self->view.begin) * self->px_per_work;
}

double
fluo_flame_layout_work (const FluoFlameLayout *self, double x)
{
  return self->view.begin + x / self->px_per_work;
}

/* The first frame of [low, high) that ends after @work; they are in order and never overlap. */
static guint32
frame_after (const FluoFlameFrame *frames, guint32 low, guint32 high, double work)
{
  guint32 step = 1, first = low;

  /* Most of the time it is near. */
  while (first + step < high && frames[first + step].begin + frames[first + step].work <= work)
    {
      low = first + step;
      step *= 2;
    }
  high = MIN (high, first + step + 1);
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (frames[middle].begin + frames[middle].work <= work)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
add_box (FluoFlameLayout *self, const FluoFlameFrame *frames, guint32 first, guint32 end, double y)
{
  const FluoFlameFrame *frame = &frames[first], *last = &frames[end - 1];
  double x0 = x_of (self, frame->begin), x1 = x_of (self, last->begin + last->work);
  double children = 0;
  FluoFlameBox box = { first, end - first, MAX (x0, 0), MIN (x1, self->view.width), y };

  if (frame->n_children > 0)
    {
      const FluoFlameFrame *youngest = &frames[frame->first_child + frame->n_children - 1];

      children = youngest->begin + youngest->work - frame->begin;
    }
  /* What runs below stands under the left part, own work is what nothing hangs from. */
  box.own_x = CLAMP (x_of (self, frame->begin + MIN (children + (double) frame->way_ns,
                                                     frame->work)),
                     box.x0, box.x1);
  if (end - first > 1)
    box.own_x = box.x0;
  else if (box.x1 - box.own_x < OWN_PX_MIN)
    box.own_x = box.x1;
  box.worst = (guint8) (end - first > 1 ? fluo_flame_get_worst (self->flame, first, end)
                                        : (FluoStatus) frame->worst);
  box.found = (guint8) fluo_flame_has_found (self->flame, first, end);
  box.around = end - first == 1 && frame->begin <= self->view.begin &&
               frame->begin + frame->work >= self->view.begin + self->view.length &&
               frame->work > self->view.length;
  g_array_append_val (self->boxes, box);
}

/* At most a box for every px and a half, whatever the number of frames. */
static void
lay_out_level (FluoFlameLayout *self, guint level)
{
  const FluoFlameFrame *frames = fluo_flame_get_frames (self->flame, NULL);
  double y = self->body_y + ((double) level - self->view.scroll) * self->row_px;
  double right = self->view.begin + self->view.length;
  guint32 end, i = fluo_flame_get_level (self->flame, level, &end);

  for (i = frame_after (frames, i, end, self->view.begin); i < end && frames[i].begin < right;)
    {
      guint32 next = i + 1;

      if (frames[i].work * self->px_per_work < ALONE_PX_MIN)
        {
          next = frame_after (frames, i, end,
                              frames[i].begin + SHARED_PX / self->px_per_work);
          next = MAX (next, i + 1);
          /* One that reaches out of the box by itself is on its own. */
          if (next > i + 1 && frames[next - 1].work * self->px_per_work >= ALONE_PX_MIN)
            next--;
        }
      add_box (self, frames, i, next, y);
      i = next;
    }
}

void
fluo_flame_layout_update (FluoFlameLayout *self, FluoFlame *flame, FluoWaterfallRows *rows,
                          const FluoFlameViewport *view)
{
  double work = fluo_flame_get_work (flame);
  guint first, last;

  g_return_if_fail (flame != NULL && rows != NULL && view != NULL);

  self->flame = flame;
  self->rows = rows;
  self->view = *view;
  g_array_set_size (self->boxes, 0);
  if (!(self->view.length > 0) || self->view.length > work)
    self->view.length = work;
  self->view.begin = CLAMP (self->view.begin, 0, work - self->view.length);
  self->px_per_work = MAX (1, self->view.width) / self->view.length;
  if (!(self->view.scale > 0) || view->paper)
    self->view.scale = 1;
  self->row_px = view->paper ? FLUO_FLAME_PAPER_ROW_PX : FLUO_FLAME_ROW_PX * self->view.scale;
  self->body_y = view->paper ? FLUO_FLAME_PAPER_HEAD_PX : FLUO_FLAME_HEAD_PX * self->view.scale;
  self->body_height =
    MAX (0, view->height - self->body_y - (view->paper ? 0 : FOOT_PX * self->view.scale));
  self->view.scroll = CLAMP (view->scroll, 0, scroll_max (self));

  first = (guint) self->view.scroll;
  last = MIN (fluo_flame_get_n_levels (flame),
              (guint) ceil (self->view.scroll + self->body_height / self->row_px));
  for (guint level = first; level < last; level++)
    lay_out_level (self, level);
}

const FluoFlameBox *
fluo_flame_hit (const FluoFlameLayout *self, double x, double y)
{
  guint low = 0, high = self->boxes->len;
  double top;

  if (y < self->body_y || y >= self->body_y + self->body_height || x < 0 || x >= self->view.width)
    return NULL;

  /* Boxes are in order of their level and, within it, from left to right. */
  top = self->body_y +
        (floor ((y - self->body_y) / self->row_px + self->view.scroll) - self->view.scroll) *
          self->row_px;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const FluoFlameBox *box = &g_array_index (self->boxes, FluoFlameBox, middle);

      if (box->y < top - 0.5 || (box->y < top + 0.5 && box->x1 <= x))
        low = middle + 1;
      else
        high = middle;
    }
  if (low < self->boxes->len)
    {
      const FluoFlameBox *box = &g_array_index (self->boxes, FluoFlameBox, low);

      if (fabs (box->y - top) < 0.5 && x >= box->x0 && x < box->x1)
        return box;
    }

  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-flame-view-private.h"

/* Which part of the work is shown: zooming into a frame, back again, by hand and by wheel. */

#define ZOOM_MS 250
/* Levels above a frame that was zoomed into: where one came from. */
#define CONTEXT_LEVELS 3
/* The closest view is a nanosecond of work: nothing is smaller. */
#define LENGTH_MIN 1.0

static void
show_part (FluoFlameView *self, FluoFlamePart part)
{
  self->view.begin = part.begin;
  self->view.length = part.length;
  self->view.scroll = part.scroll;
  self->view.zoomed = part.zoomed;
  fluo_flame_view_changed (self);
  g_signal_emit_by_name (self, "view-changed");
}

static void
animate_cb (double value, gpointer user_data)
{
  FluoFlameView *self = user_data;
  FluoFlamePart part = self->to;

  part.begin = self->from.begin + (self->to.begin - self->from.begin) * value;
  part.length = self->from.length + (self->to.length - self->from.length) * value;
  part.scroll = self->from.scroll + (self->to.scroll - self->from.scroll) * value;
  show_part (self, part);
}

static FluoFlamePart
get_part (FluoFlameView *self)
{
  double work = self->flame != NULL ? fluo_flame_get_work (self->flame) : 1;

  return (FluoFlamePart) { self->view.begin, self->view.length > 0 ? self->view.length : work,
                           self->view.scroll, self->view.zoomed };
}

void
fluo_flame_view_stop_moving (FluoFlameView *self)
{
  if (self->animation != NULL)
    adw_animation_pause (self->animation);
  g_clear_object (&self->animation);
}

/* With reduced motion it is there at once. */
static void
go_to (FluoFlameView *self, FluoFlamePart part)
{
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_flame_view_stop_moving (self);
  self->from = get_part (self);
  self->to = part;
  self->animation =
    adw_timed_animation_new (GTK_WIDGET (self), 0, 1, ZOOM_MS,
                             adw_callback_animation_target_new (animate_cb, self, NULL));
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->animation), ADW_EASE_OUT_CUBIC);
  adw_animation_play (self->animation);
}

static double
scroll_for (FluoFlameView *self, guint32 frame, double context)
{
  const FluoFlameFrame *frames = fluo_flame_get_frames (self->flame, NULL);

  return MAX (0, (double) frames[frame].depth - context);
}

void
fluo_flame_view_zoom_to (FluoFlameView *self, guint32 index)
{
  const FluoFlameFrame *frames;
  FluoFlamePart part = get_part (self), to;
  guint n;

  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  if (self->flame == NULL)
    return;

  frames = fluo_flame_get_frames (self->flame, &n);
  if (index >= n || (part.zoomed == index && part.length == frames[index].work))
    return;

  g_array_append_val (self->history, part);
  to = (FluoFlamePart) { frames[index].begin, frames[index].work,
                         scroll_for (self, index, CONTEXT_LEVELS), index };
  go_to (self, to);
}

gboolean
fluo_flame_view_back (FluoFlameView *self)
{
  FluoFlamePart part;

  g_return_val_if_fail (FLUO_IS_FLAME_VIEW (self), FALSE);

  if (self->flame == NULL)
    return FALSE;
  if (self->history->len > 0)
    {
      part = g_array_index (self->history, FluoFlamePart, self->history->len - 1);
      g_array_set_size (self->history, self->history->len - 1);
      go_to (self, part);
      return TRUE;
    }
  if (fluo_flame_view_get_zoom (self) <= 1)
    return FALSE;
  fluo_flame_view_fit (self);

  return TRUE;
}

double
fluo_flame_view_get_zoom (FluoFlameView *self)
{
  g_return_val_if_fail (FLUO_IS_FLAME_VIEW (self), 1);

  return self->flame != NULL && self->view.length > 0
           ? fluo_flame_get_work (self->flame) / self->view.length
           : 1;
}

void
fluo_flame_view_zoom_at (FluoFlameView *self, double factor, double x)
{
  double at, share, work;

  if (self->flame == NULL || !(factor > 0))
    return;

  fluo_flame_view_stop_moving (self);
  fluo_flame_view_ensure_layout (self);
  work = fluo_flame_get_work (self->flame);
  at = fluo_flame_layout_work (self->layout, x);
  share = self->view.width > 0 ? x / self->view.width : 0.5;
  self->view.length = CLAMP (self->layout->view.length / factor, MIN (LENGTH_MIN, work), work);
  self->view.begin = CLAMP (at - share * self->view.length, 0, work - self->view.length);
  self->view.zoomed = FLUO_FLAME_NONE;
  g_array_set_size (self->history, 0);
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_flame_view_changed (self);
  g_signal_emit_by_name (self, "view-changed");
}

void
fluo_flame_view_zoom (FluoFlameView *self, double factor)
{
  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  fluo_flame_view_zoom_at (self, factor, self->view.width / 2);
}

void
fluo_flame_view_fit (FluoFlameView *self)
{
  g_return_if_fail (FLUO_IS_FLAME_VIEW (self));

  if (self->flame == NULL)
    return;

  g_array_set_size (self->history, 0);
  go_to (self, (FluoFlamePart) { 0, fluo_flame_get_work (self->flame), 0, FLUO_FLAME_NONE });
}

void
fluo_flame_view_pan (FluoFlameView *self, double px)
{
  double work;

  if (self->flame == NULL)
    return;

  fluo_flame_view_stop_moving (self);
  fluo_flame_view_ensure_layout (self);
  work = fluo_flame_get_work (self->flame);
  self->view.begin = CLAMP (self->view.begin + px / self->layout->px_per_work, 0,
                            work - self->layout->view.length);
  fluo_time_canvas_hide_card (&self->canvas);
  fluo_flame_view_changed (self);
}

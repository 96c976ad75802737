/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include <math.h>

#include "draw/fluo-waterfall-private.h"

static FluoWaterfallPart
hit_overview (const FluoWaterfallLayout *self, double x)
{
  double to_begin = fabs (x - self->overview_x0 + 4), to_end = fabs (x - self->overview_x1 - 4);

  if (MIN (to_begin, to_end) <= FLUO_WATERFALL_HANDLE_PX)
    return to_begin <= to_end ? FLUO_WATERFALL_OVERVIEW_BEGIN : FLUO_WATERFALL_OVERVIEW_END;
  if (x >= self->overview_x0 && x <= self->overview_x1)
    return FLUO_WATERFALL_OVERVIEW_BRUSH;

  return FLUO_WATERFALL_OVERVIEW;
}

FluoWaterfallHit
fluo_waterfall_hit (const FluoWaterfallLayout *self, double x, double y)
{
  const FluoWaterfallStyle *style = self->view.style;
  FluoWaterfallHit hit = { FLUO_WATERFALL_NOTHING, FLUO_SPAN_NONE, FLUO_SPAN_NONE };
  const FluoWaterfallBox *box;
  double at;

  if (x < 0 || y < 0 || x >= self->view.width || y >= self->body_y + self->body_height)
    return hit;

  if (style->controls && fabs (x - self->view.tree_width) <= FLUO_WATERFALL_DIVIDER_PX)
    {
      hit.part = FLUO_WATERFALL_DIVIDER;
      return hit;
    }
  if (y < self->body_y)
    {
      if (x > self->view.tree_width)
        hit.part = y < style->overview_height ? hit_overview (self, x) : FLUO_WATERFALL_RULER;
      return hit;
    }

  hit.part = x < self->view.tree_width ? FLUO_WATERFALL_NOTHING : FLUO_WATERFALL_TIME;
  if (self->boxes->len == 0)
    return hit;

  at = (y - g_array_index (self->boxes, FluoWaterfallBox, 0).y) / style->row_height;
  if (at < 0 || at >= self->boxes->len)
    return hit;

  box = &g_array_index (self->boxes, FluoWaterfallBox, (guint) at);
  hit.row = box->row;
  hit.span = box->span;
  if (x < self->view.tree_width)
    {
      double tree_x = style->tree_left + fluo_waterfall_indent (self, box->depth);

      hit.part = style->controls && box->has_children &&
                     x >= tree_x + 6 * style->scale - FLUO_WATERFALL_TARGET_PX / 2 &&
                     x < tree_x + 6 * style->scale + FLUO_WATERFALL_TARGET_PX / 2 - 3
                   ? FLUO_WATERFALL_DISCLOSURE
                   : FLUO_WATERFALL_TREE;
    }
  else if (box->has_bar && x >= box->x0 - FLUO_WATERFALL_SLACK_PX &&
           x <= box->x1 + FLUO_WATERFALL_SLACK_PX)
    hit.part = FLUO_WATERFALL_BAR;

  return hit;
}

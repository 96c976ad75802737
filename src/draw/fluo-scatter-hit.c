/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-scatter-private.h"

/* A point is pointed at within this, an edge within that. */
#define POINT_REACH_PX 7
#define EDGE_REACH_PX 5.0

static const FluoScatterMark *
nearest_mark (const FluoScatter *self, double x, double y)
{
  const int reach = (int) ceil (POINT_REACH_PX / (double) self->cell);
  const int column = (int) floor ((x - self->left) / self->cell);
  const int row = (int) floor ((y - self->top) / self->cell);
  const FluoScatterMark *best = NULL;
  double best_distance = G_MAXDOUBLE;

  for (int r = MAX (row - reach, 0); r <= MIN (row + reach, (int) self->n_rows - 1); r++)
    for (int c = MAX (column - reach, 0); c <= MIN (column + reach, (int) self->n_columns - 1); c++)
      {
        const guint32 at = self->grid[(guint) r * self->n_columns + (guint) c];
        const FluoScatterMark *mark;
        double mark_x;
        double mark_y;
        double distance;

        if (at == 0)
          continue;
        mark = &g_array_index (self->marks, FluoScatterMark, at - 1);
        fluo_scatter_mark_xy (self, mark, &mark_x, &mark_y);
        distance = hypot (mark_x - x, mark_y - y);
        /* Of two that are as near the worse is meant, and the later drawn. */
        if (distance > POINT_REACH_PX || distance > best_distance
            || (distance == best_distance && best && mark->status <= best->status))
          continue;
        best = mark;
        best_distance = distance;
      }
  return best;
}

static FluoScatterPart
edge_at (const FluoScatter *self, const FluoBrush *brush, double x, double y, gboolean in_plot)
{
  const gboolean values = fluo_brush_has_values (brush);
  const gboolean span = fluo_brush_has_span (brush);
  const double from = values ? fluo_scatter_get_y (self, brush->from_ns) : self->bottom;
  const double to = !values || brush->to_ns == G_MAXINT64
                      ? self->top : fluo_scatter_get_y (self, brush->to_ns);
  const double begin = span ? fluo_scatter_get_x (self, brush->span.begin_ns) : self->left;
  const double end = span ? fluo_scatter_get_x (self, brush->span.end_ns) : self->right;
  const gboolean beside = !in_plot || (x >= begin - EDGE_REACH_PX && x <= end + EDGE_REACH_PX);

  if (values && beside && brush->from_ns > self->low_ns && fabs (y - from) <= EDGE_REACH_PX
      && fabs (y - from) <= fabs (y - to))
    return FLUO_SCATTER_HIT_FROM;
  if (values && beside && brush->to_ns < self->high_ns && fabs (y - to) <= EDGE_REACH_PX)
    return FLUO_SCATTER_HIT_TO;
  if (!in_plot)
    return values && y < from && y > to ? FLUO_SCATTER_HIT_BRUSH : FLUO_SCATTER_HIT_HISTOGRAM;
  if (span && y <= from + EDGE_REACH_PX && y >= to - EDGE_REACH_PX)
    {
      if (fabs (x - begin) <= EDGE_REACH_PX && fabs (x - begin) <= fabs (x - end))
        return FLUO_SCATTER_HIT_BEGIN;
      if (fabs (x - end) <= EDGE_REACH_PX)
        return FLUO_SCATTER_HIT_END;
    }
  return x > begin && x < end && y < from && y > to ? FLUO_SCATTER_HIT_BRUSH
                                                    : FLUO_SCATTER_HIT_PLOT;
}

void
fluo_scatter_hit (const FluoScatter *self, const FluoBrush *brush, double x, double y,
                  FluoScatterHit *ret_hit)
{
  const FluoScatterMark *mark = NULL;
  const gboolean high_enough = y >= self->top - EDGE_REACH_PX && y <= self->bottom + EDGE_REACH_PX;
  const gboolean in_plot = x >= self->left - EDGE_REACH_PX && x <= self->right + EDGE_REACH_PX;

  *ret_hit = (FluoScatterHit){ .part = FLUO_SCATTER_HIT_NOTHING, .point = G_MAXUINT };
  ret_hit->time_ns = fluo_scatter_get_time (self, x);
  ret_hit->value_ns = fluo_scatter_get_value (self, y);
  if (!high_enough)
    return;
  if (x < self->left - EDGE_REACH_PX && x >= 0)
    {
      ret_hit->part = FLUO_SCATTER_HIT_AXIS;
      return;
    }
  if (!in_plot && (x < self->bars_left || x > self->bars_right))
    return;
  ret_hit->part = FLUO_SCATTER_HIT_PLOT;
  if (!in_plot)
    ret_hit->part = FLUO_SCATTER_HIT_HISTOGRAM;
  if (!fluo_brush_is_empty (brush))
    ret_hit->part = edge_at (self, brush, x, y, in_plot);
  if (in_plot)
    mark = nearest_mark (self, x, y);
  if (!mark)
    return;
  ret_hit->point = mark->point;
  ret_hit->count = mark->count;
}

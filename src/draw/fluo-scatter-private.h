/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-scatter.h"

G_BEGIN_DECLS

/* fluo-scatter-layout.c, -points.c, -draw.c and -hit.c alone. */

/* A dot is a pixel's; density is drawn in squares of this. */
#define FLUO_SCATTER_HEAT_CELL_PX 4

struct _FluoScatter
{
  GArray *points;      /* FluoScatterPoint */
  gint64  quantiles[3];
  gint64  least_ns, most_ns;

  FluoScatterView view;
  gboolean laid_out;
  double left, right, top, bottom;
  double bars_left, bars_right;
  gboolean heat, log, root;
  gint64 low_ns, high_ns;
  double log_low, log_high;
  guint  n_ticks;
  gint64 ticks[FLUO_SCATTER_TICKS_MAX];
  gint64 tick_step_ns;  /* digits of the labels */
  gint64 time_step_ns;

  guint   cell;         /* px of a mark */
  guint   n_columns, n_rows;
  guint32 *grid;        /* column-major by row: mark + 1, 0 = nothing */
  GArray  *marks;       /* FluoScatterMark */
  guint   most;         /* points of one mark */
  guint   n_bars;
  FluoScatterBar bars[FLUO_SCATTER_BARS_MAX];
  guint   most_bar;

  /* Points as images in device px, without and with the brush; for this palette. */
  cairo_surface_t   *images[2];
  const FluoPalette *images_palette;
};

/* The middle of a mark, in CSS px. */
static inline void
fluo_scatter_mark_xy (const FluoScatter *self, const FluoScatterMark *mark, double *ret_x,
                      double *ret_y)
{
  *ret_x = self->left + (mark->column + .5) * self->cell;
  *ret_y = self->top + (mark->row + .5) * self->cell;
}

void fluo_scatter_drop_images (FluoScatter *self);
/* fluo-scatter-points.c */
void fluo_scatter_draw_points (FluoPainter *painter, FluoScatter *self, gboolean picked);

G_END_DECLS

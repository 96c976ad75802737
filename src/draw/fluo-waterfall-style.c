/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw/fluo-waterfall.h"

/* Sizes in px, as in the design: a comfortable and a dense screen, and paper. */

const FluoWaterfallStyle fluo_waterfall_style_screen = {
  .overview_height = 44,
  .ruler_height = 24,
  .legend_height = 28,
  .row_height = 26,
  .bar_inset = 6,
  .bar_height = 14,
  .bar_radius = 2.5,
  .bar_min = 2.5,
  .pad_left = 10,
  .pad_right = 14,
  .tree_left = 14,
  .indent = 15,
  .stripe_width = 4,
  .stripe_inset = 5,
  .stripe_radius = 1.5,
  .name_gap = 26,
  .duration_right = 12,
  .status_right = 88,
  .status_size = 13,
  .name_px = 13,
  .detail_px = 12.5,
  .duration_px = 12.5,
  .label_px = 12,
  .axis_px = 11,
  .head_px = 12,
  .critical_width = 2,
  .critical_bottom = 4.5,
  .scale = 1,
  .controls = TRUE,
};

const FluoWaterfallStyle fluo_waterfall_style_compact = {
  .overview_height = 44,
  .ruler_height = 24,
  .legend_height = 28,
  .row_height = 20,
  .bar_inset = 4,
  .bar_height = 11,
  .bar_radius = 2,
  .bar_min = 2.5,
  .pad_left = 10,
  .pad_right = 14,
  .tree_left = 14,
  .indent = 15,
  .stripe_width = 4,
  .stripe_inset = 3,
  .stripe_radius = 1.5,
  .name_gap = 26,
  .duration_right = 12,
  .status_right = 88,
  .status_size = 12,
  .name_px = 12,
  .detail_px = 12,
  .duration_px = 12,
  .label_px = 11,
  .axis_px = 11,
  .head_px = 12,
  .critical_width = 2,
  .critical_bottom = 3,
  .scale = 1,
  .controls = TRUE,
};

const FluoWaterfallStyle fluo_waterfall_style_print = {
  .overview_height = 0,
  .ruler_height = 18,
  .legend_height = 0,
  .row_height = 15.6,
  .bar_inset = 3,
  .bar_height = 9,
  .bar_radius = 1.5,
  .bar_min = 2,
  .pad_left = 8,
  .pad_right = 8,
  .tree_left = 2,
  .indent = 11,
  .stripe_width = 3,
  .stripe_inset = 2.5,
  .stripe_radius = 0,
  .name_gap = 8,
  .duration_right = 6,
  .status_right = 62,
  .status_size = 10,
  .name_px = 10.5,
  .detail_px = 10,
  .duration_px = 10.5,
  .label_px = 9.5,
  .axis_px = 9.5,
  .head_px = 9.5,
  .critical_width = 1.5,
  .critical_bottom = 2.4,
  .scale = 1,
  .controls = FALSE,
};

FluoWaterfallStyle
fluo_waterfall_style_scaled (const FluoWaterfallStyle *style, double scale)
{
  FluoWaterfallStyle result = *style;
  double *const sizes[] = {
    &result.overview_height, &result.ruler_height,  &result.legend_height, &result.row_height,
    &result.bar_inset,       &result.bar_height,    &result.pad_left,      &result.pad_right,
    &result.tree_left,       &result.indent,        &result.stripe_width,  &result.stripe_inset,
    &result.name_gap,        &result.duration_right, &result.status_right, &result.status_size,
    &result.name_px,         &result.detail_px,     &result.duration_px,   &result.label_px,
    &result.axis_px,         &result.head_px,       &result.critical_bottom, &result.scale,
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    *sizes[i] *= scale;

  return result;
}

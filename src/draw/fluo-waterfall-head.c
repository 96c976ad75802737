/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* Above the rows: the overview of the whole trace, and the ruler with its grid and end mark. */

/* Ticks this near the end mark give way to it. */
#define END_LABEL_CLEAR 34
#define HEAD_X 16

static void
draw_handle (FluoPainter *painter, const FluoWaterfallStyle *style, double x)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_painter_rounded (painter, x - 3, style->overview_height / 2 - 8, 6, 16, 3);
  fluo_color_set (cr, fluo_painter_get_palette (painter)->accent);
  cairo_fill (cr);
}

void
fluo_waterfall_draw_overview (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (layout->rows));
  gint64 begin = layout->view.visible.begin_ns - zero, end = layout->view.visible.end_ns - zero;
  double right = layout->time_x + layout->time_width;
  g_autofree char *from = begin == 0 ? g_strdup ("0") : fluo_format_duration (begin);
  g_autofree char *to = fluo_format_duration (end);
  g_autofree char *showing = NULL;

  /* Far in, the usual digits do not tell the two ends apart. */
  if (g_str_equal (from, to))
    {
      gint64 step = fluo_format_axis_step (MAX (1, (end - begin) / 10));

      g_free (from);
      g_free (to);
      from = fluo_format_axis (begin, step);
      to = fluo_format_axis (end, step);
    }
  showing = g_strdup_printf (_("Showing %s to %s"), from, to);
  fluo_waterfall_fill (painter, 0, 0, layout->view.width, style->overview_height, palette->window);
  for (guint i = 0; i < layout->minis->len; i++)
    {
      const FluoWaterfallMini *mini = &g_array_index (layout->minis, FluoWaterfallMini, i);
      FluoColor color = mini->status == FLUO_STATUS_FAULT
                          ? palette->status[FLUO_STATUS_FAULT].mark
                          : fluo_waterfall_bar_color (painter, layout, mini->span);

      fluo_color_set_alpha (cr, color, mini->waiting ? 0.5 : 1);
      cairo_rectangle (cr, mini->x0, mini->y, MIN (mini->x1, right) - mini->x0, mini->height);
      cairo_fill (cr);
    }

  /* What is outside the view steps back, so that the brush is seen at every size. */
  fluo_color_set_alpha (cr, palette->window, 0.6);
  cairo_rectangle (cr, layout->time_x - 4, 0, layout->overview_x0 - layout->time_x,
                   style->overview_height);
  cairo_rectangle (cr, layout->overview_x1 + 4, 0, right - layout->overview_x1,
                   style->overview_height);
  cairo_fill (cr);

  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 1.5);
  fluo_painter_rounded (painter, layout->overview_x0 - 4, 2.5,
                        layout->overview_x1 - layout->overview_x0 + 8, style->overview_height - 5,
                        5);
  cairo_stroke (cr);
  draw_handle (painter, style, layout->overview_x0 - 4);
  draw_handle (painter, style, layout->overview_x1 + 4);

  fluo_painter_text (painter, HEAD_X, 19 * style->scale, _("Whole trace"),
                     FLUO_SANS (style->head_px, 700), palette->fg, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, HEAD_X, 35 * style->scale, showing,
                     FLUO_FIGURES (style->head_px, 400), palette->fg2, FLUO_ALIGN_START,
                     layout->view.tree_width - HEAD_X - 8, NULL);
}

gboolean
fluo_waterfall_end_is_visible (const FluoWaterfallLayout *layout)
{
  return layout->end_x > layout->time_x && layout->end_x <= layout->time_x + layout->time_width + 1;
}

static char *
dup_end_label (const FluoWaterfallLayout *layout)
{
  return fluo_format_duration (
    fluo_trace_get_response_ns (fluo_waterfall_rows_get_trace (layout->rows)));
}

void
fluo_waterfall_draw_end_label (FluoPainter *painter, const FluoWaterfallLayout *layout, double top)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  g_autofree char *label = dup_end_label (layout);
  double width = fluo_painter_measure (painter, label, FLUO_FIGURES (style->axis_px, 600)) +
                 (style->controls ? 10 : 8);
  double height = style->controls ? 16 * style->scale : 13, x = layout->end_x + 2 - width;

  x = MAX (x, layout->time_x);
  fluo_painter_rounded (painter, x, top, width, height, style->controls ? 4 : 3);
  fluo_color_set (fluo_painter_get_cr (painter), palette->fg);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_text (painter, x + width / 2,
                     top + height - (style->controls ? 4 * style->scale : 3), label,
                     FLUO_FIGURES (style->axis_px, 600), palette->view, FLUO_ALIGN_MIDDLE, 0, NULL);
}

static gboolean
meets_fold (const FluoWaterfallLayout *layout, double x0, double x1)
{
  for (guint i = 0; i < layout->folds->len; i++)
    {
      const FluoWaterfallFold *fold = &g_array_index (layout->folds, FluoWaterfallFold, i);

      if (x1 > fold->x0 - 4 && x0 < fold->x1 + 4)
        return TRUE;
    }

  return FALSE;
}

void
fluo_waterfall_draw_ruler (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  double top = style->overview_height, bottom = top + style->ruler_height;
  double baseline = style->controls ? top + 16 * style->scale : top + 10,
         right = layout->time_x + layout->time_width;
  double end_width = 2 * END_LABEL_CLEAR;

  if (fluo_waterfall_end_is_visible (layout))
    {
      g_autofree char *label = dup_end_label (layout);

      end_width = fluo_painter_measure (painter, label, FLUO_FIGURES (style->axis_px, 600)) + 20;
    }

  for (guint i = 0; i < layout->ticks->len; i++)
    {
      const FluoWaterfallTick *tick = &g_array_index (layout->ticks, FluoWaterfallTick, i);
      double width =
        fluo_painter_measure (painter, tick->label, FLUO_FIGURES (style->axis_px, 400));
      double x = CLAMP (tick->x - width / 2, layout->time_x,
                        MAX (layout->time_x, layout->view.width - width - 2));

      if (fluo_waterfall_end_is_visible (layout) && x < layout->end_x + 8 &&
          x + width > layout->end_x - end_width + 8)
        continue;
      if (tick->x > right + 1 || meets_fold (layout, x, x + width))
        continue;
      fluo_painter_text (painter, x, baseline, tick->label, FLUO_FIGURES (style->axis_px, 400),
                         palette->fg2, FLUO_ALIGN_START, 0, NULL);
    }

  fluo_waterfall_draw_fold_labels (painter, layout);
  fluo_painter_text (painter, style->controls ? HEAD_X : 0, baseline, _("Service and call"),
                     FLUO_SANS (style->head_px, style->controls ? 700 : 400),
                     style->controls ? palette->fg : palette->fg2, FLUO_ALIGN_START, 0, NULL);
  if (fluo_waterfall_shows_durations (layout))
    fluo_painter_text (painter, layout->view.tree_width - style->duration_right, baseline,
                       _("Duration"), FLUO_SANS (style->head_px, 400), palette->fg2,
                       FLUO_ALIGN_END, 0, NULL);
  if (style->controls)
    {
      fluo_waterfall_stroke (painter, 0, layout->view.width, top + 0.5, palette->line);
      fluo_waterfall_stroke (painter, 0, layout->view.width, bottom - 0.5, palette->line);
    }
}

void
fluo_waterfall_draw_grid (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);
  double top = style->overview_height + (style->controls ? 6 : style->ruler_height - 4);

  fluo_color_set (cr, style->controls ? palette->grid : palette->line);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < layout->ticks->len; i++)
    {
      double x = floor (g_array_index (layout->ticks, FluoWaterfallTick, i).x) + 0.5;

      cairo_move_to (cr, x, top);
      cairo_line_to (cr, x, layout->body_y + layout->body_height);
    }
  cairo_stroke (cr);
}

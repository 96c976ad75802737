/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "draw/fluo-waterfall-private.h"

typedef enum
{
  MARK_OWN,
  MARK_WAIT,
  MARK_CRITICAL,
  MARK_RUNNING,
  MARK_GAP,
  MARK_EVENT,
  MARK_FAULT,
  MARK_ERROR,
  MARK_THROTTLE,
  MARK_STILL
} Mark;

static void
draw_mark (FluoPainter *painter, Mark mark, FluoColor example, double x, double y, double width,
           double height)
{
  static const double dashes[] = { 3, 3 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  switch (mark)
    {
    case MARK_OWN:
    case MARK_WAIT:
      fluo_painter_rounded (painter, x, y - height / 2, width, height, 2);
      fluo_color_set_alpha (cr, example, mark == MARK_OWN ? 1 : palette->wait_alpha);
      cairo_fill (cr);
      break;
    case MARK_RUNNING:
      cairo_rectangle (cr, x, y - height / 2, width, height);
      fluo_painter_fill_hatch (painter, palette->service[10]);
      break;
    case MARK_CRITICAL:
    case MARK_GAP:
      cairo_save (cr);
      fluo_color_set (cr, mark == MARK_GAP ? palette->fg2 : palette->critical);
      cairo_set_line_width (cr, mark == MARK_GAP ? 1.3 : 1.7);
      if (mark == MARK_GAP)
        cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + width, y);
      cairo_stroke (cr);
      cairo_restore (cr);
      break;
    case MARK_EVENT:
      fluo_waterfall_draw_diamond (painter, x + width / 2, y, height - 1);
      break;
    case MARK_FAULT:
    case MARK_ERROR:
    case MARK_THROTTLE:
    case MARK_STILL:
    default:
      fluo_painter_status (painter,
                           mark == MARK_FAULT      ? FLUO_STATUS_FAULT
                           : mark == MARK_ERROR    ? FLUO_STATUS_ERROR
                           : mark == MARK_THROTTLE ? FLUO_STATUS_THROTTLE
                                                   : FLUO_STATUS_RUNNING,
                           x, y - width / 2, width, palette->view);
      break;
    }
}

typedef struct
{
  Mark        mark;
  const char *text;
} LegendEntry;

/* Draws the entries that fit from @x on; returns where the last one ends. */
static double
draw_entries (FluoPainter *painter, const LegendEntry *entries, guint n_entries,
              FluoColor example, double x, double y, double limit, double size_px, double gap,
              double shape, double height)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  for (guint i = 0; i < n_entries; i++)
    {
      double width = entries[i].mark >= MARK_FAULT ? shape : 20;
      const char *text = _(entries[i].text);
      double text_width = fluo_painter_measure (painter, text, FLUO_SANS (size_px, 400));

      if (x + width + 6 + text_width > limit)
        break;

      draw_mark (painter, entries[i].mark, example, x, y, width, height);
      fluo_painter_text (painter, x + width + 6, y + size_px * 0.35, text, FLUO_SANS (size_px, 400),
                         palette->fg2, FLUO_ALIGN_START, 0, NULL);
      x += width + 6 + text_width + gap;
    }

  return x - gap;
}

static double
measure_entries (FluoPainter *painter, const LegendEntry *entries, guint n_entries, double size_px,
                 double gap, double shape)
{
  double width = -gap;

  for (guint i = 0; i < n_entries; i++)
    width += (entries[i].mark >= MARK_FAULT ? shape : 20) + 6 +
             fluo_painter_measure (painter, _(entries[i].text), FLUO_SANS (size_px, 400)) + gap;

  return MAX (0, width);
}

double
fluo_waterfall_draw_legend (FluoPainter *painter, const FluoWaterfallStyle *style,
                            FluoWaterfallRows *rows, FluoWaterfallColor by, double x, double y,
                            double width)
{
  static const LegendEntry bars[] = {
    { MARK_OWN, N_("own work") },
    { MARK_WAIT, N_("waits for a call") },
    { MARK_CRITICAL, N_("critical path") },
    { MARK_RUNNING, N_("still running") },
    { MARK_GAP, N_("gap") },
    { MARK_EVENT, N_("log line or event") },
  };
  static const LegendEntry shapes[] = {
    { MARK_FAULT, N_("fault") },
    { MARK_ERROR, N_("error") },
    { MARK_THROTTLE, N_("throttled") },
  };
  static const LegendEntry paper_shapes[] = {
    { MARK_FAULT, N_("fault, 5xx") },
    { MARK_ERROR, N_("error, 4xx") },
    { MARK_THROTTLE, N_("throttled, 429") },
    { MARK_STILL, N_("still running") },
  };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  /* Where colours mean something else than services, no service's stands for all. */
  FluoColor example =
    by == FLUO_WATERFALL_COLOR_SERVICE ? palette->service[0] : palette->bar_base;
  double size = style->controls ? 11.5 * style->scale : 9.5, end, shapes_width, limit = x + width;

  if (style->controls)
    {
      end = fluo_waterfall_draw_color_key (painter, rows, by, size, x, y, limit);
      end = draw_entries (painter, bars, G_N_ELEMENTS (bars), example, end, y, limit, size, 20, 12,
                          10);
      return draw_entries (painter, shapes, G_N_ELEMENTS (shapes), example, end + 20, y, limit,
                           size, 20, 12, 10) -
             x;
    }

  shapes_width = measure_entries (painter, paper_shapes, G_N_ELEMENTS (paper_shapes), size, 16, 11);
  end = fluo_waterfall_draw_color_key (painter, rows, by, size, x, y, limit - shapes_width - 16);
  draw_entries (painter, bars, G_N_ELEMENTS (bars) - 2, example, end, y, limit - shapes_width - 16,
                size, 16, 11, 9);
  draw_entries (painter, paper_shapes, G_N_ELEMENTS (paper_shapes), example, limit - shapes_width,
                y, limit + 1, size, 16, 11, 9);

  return width;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-span-detail.h"
#include "draw/fluo-waterfall-private.h"

/* What happened at one time while a call ran: marks on its bar. */

#define MARK_PX 9.0
#define MARK_PAPER_PX 6.5
#define MARKS_MAX 64 /* of one row */

void
fluo_waterfall_lay_out_events (FluoWaterfallLayout *self, const FluoWaterfallBox *box)
{
  GArray *events =
    box->group == NULL ? fluo_waterfall_rows_get_events (self->rows, box->span) : NULL;
  const FluoWaterfallStyle *style = self->view.style;
  guint n_marks = 0;

  for (guint i = 0; events != NULL && i < events->len && n_marks < MARKS_MAX; i++)
    {
      gint64 time_ns = g_array_index (events, FluoSpanEvent, i).time_ns;
      FluoWaterfallEvent mark = { fluo_waterfall_layout_x (self, time_ns),
                                  box->y + style->bar_inset + style->bar_height / 2, box->span, i,
                                  1 };
      FluoWaterfallEvent *last =
        n_marks > 0 ? &g_array_index (self->events, FluoWaterfallEvent, self->events->len - 1)
                    : NULL;

      if (mark.x < self->time_x - 1 || mark.x > self->time_x + self->time_width + 1)
        continue;
      if (last != NULL && mark.x - last->x < MARK_PX - 1)
        {
          last->n = i + 1 - last->first;
          continue;
        }
      g_array_append_val (self->events, mark);
      n_marks++;
    }
}

void
fluo_waterfall_draw_diamond (FluoPainter *painter, double x, double y, double size)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_move_to (cr, x, y - size / 2);
  cairo_line_to (cr, x + size / 2, y);
  cairo_line_to (cr, x, y + size / 2);
  cairo_line_to (cr, x - size / 2, y);
  cairo_close_path (cr);
  fluo_color_set (cr, palette->view);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, palette->fg);
  cairo_set_line_width (cr, 1.4);
  cairo_stroke (cr);
}

void
fluo_waterfall_draw_events (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  double size = layout->view.style->controls ? MARK_PX : MARK_PAPER_PX;

  for (guint i = 0; i < layout->events->len; i++)
    {
      const FluoWaterfallEvent *mark = &g_array_index (layout->events, FluoWaterfallEvent, i);

      fluo_waterfall_draw_diamond (painter, mark->x, mark->y, size);
    }
}

const FluoWaterfallEvent *
fluo_waterfall_hit_event (const FluoWaterfallLayout *layout, double x, double y)
{
  for (guint i = 0; i < layout->events->len; i++)
    {
      const FluoWaterfallEvent *mark = &g_array_index (layout->events, FluoWaterfallEvent, i);

      if (fabs (mark->x - x) <= MARK_PX / 2 + 2 &&
          fabs (mark->y - y) <= layout->view.style->row_height / 2)
        return mark;
    }

  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-span-detail.h"
#include "draw/fluo-waterfall-rows-private.h"

/* What happened, or was written, at one time while a call ran: marks on its bar. */

#define MARK_PX 9.0
#define MARK_PAPER_PX 6.5
#define MARKS_MAX 64 /* of one row */

static GArray *
marks_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (FluoSpanEvent));
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const FluoSpanEvent *left = a, *right = b;

  return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

/* Where both are, they are told by time. */
static void
join_events (FluoWaterfallRows *self)
{
  GHashTableIter iter;
  gpointer span, marks;

  g_hash_table_iter_init (&iter, self->marks);
  while (g_hash_table_iter_next (&iter, &span, &marks))
    {
      GArray *events = fluo_waterfall_rows_get_events (self, GPOINTER_TO_UINT (span));

      if (events != NULL)
        g_array_append_vals (marks, events->data, events->len);
      g_array_sort (marks, compare_times);
    }
}

void
fluo_waterfall_rows_set_lines (FluoWaterfallRows *self, FluoTraceLines *lines)
{
  if (lines != NULL)
    fluo_trace_lines_ref (lines);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->marks, g_hash_table_unref);
  self->lines = lines;
  if (lines == NULL)
    return;

  self->marks = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  for (guint i = 0; i < lines->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (lines->lines, i);
      const guint32 row = fluo_waterfall_rows_get_shown (self, line->span);
      GArray *marks = g_hash_table_lookup (self->marks, GUINT_TO_POINTER (row));
      FluoSpanEvent mark = { line->time_ns, line->text };

      if (row == FLUO_SPAN_NONE)
        continue;
      if (marks == NULL)
        g_hash_table_insert (self->marks, GUINT_TO_POINTER (row), marks = marks_new ());
      mark.time_ns += fluo_waterfall_rows_get_shift (self, line->span);
      g_array_append_val (marks, mark);
    }
  join_events (self);
}

GArray *
fluo_waterfall_rows_get_marks (FluoWaterfallRows *self, guint32 span)
{
  GArray *marks =
    self->marks != NULL ? g_hash_table_lookup (self->marks, GUINT_TO_POINTER (span)) : NULL;

  return marks != NULL ? marks : fluo_waterfall_rows_get_events (self, span);
}

void
fluo_waterfall_lay_out_events (FluoWaterfallLayout *self, const FluoWaterfallBox *box)
{
  GArray *events =
    box->group == NULL ? fluo_waterfall_rows_get_marks (self->rows, box->span) : NULL;
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

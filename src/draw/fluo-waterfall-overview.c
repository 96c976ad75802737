/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-waterfall-private.h"

#define EDGE_PX 5          /* above the first line and below the last */
#define LINE_PX 1.65       /* distance of two lines while all rows have their own */
#define MINI_HEIGHT 1.35
#define MINI_WIDTH_MIN 1.5

/* The whole trace in a few lines. With more rows than lines, rows that share a line are merged: per
 * px column the worst status wins, and among equals the span that reaches furthest, so that neither
 * the longest nor the worst gets lost. The cost is one pass over the spans, and only when the trace
 * or the width change. */

typedef struct
{
  float
    end; /* how far the longest span that begins in this column reaches, in columns; < 0 = none */
  guint32 span;
} Longest;

static double
overview_x (FluoWaterfallLayout *self, FluoTimeSpan extent, gint64 time_ns)
{
  return (double) (time_ns - extent.begin_ns) / (double) fluo_time_span_length (extent) *
         self->time_width;
}

static void
append_mini (FluoWaterfallLayout *self, const FluoSpan *spans, guint32 index, double x0, double x1,
             double y, double height)
{
  FluoWaterfallMini mini = { 0 };
  const FluoSpan *span = &spans[index];

  mini.span = index;
  mini.x0 = self->time_x + x0;
  mini.x1 = self->time_x + MAX (x1, x0 + MINI_WIDTH_MIN);
  mini.y = y;
  mini.height = height;
  mini.status = spans[fluo_spans_failing (spans, index)].status;
  mini.waiting = span->first_child != FLUO_SPAN_NONE;
  g_array_append_val (self->minis, mini);
}

static void
lay_out_singly (FluoWaterfallLayout *self, const FluoSpan *spans, guint n_spans,
                FluoTimeSpan extent, double pitch)
{
  double y = EDGE_PX;

  for (guint i = 0; i < n_spans; i++)
    {
      if ((spans[i].flags & FLUO_SPAN_CALL) && spans[i].first_child != FLUO_SPAN_NONE)
        continue;

      append_mini (self, spans, i, overview_x (self, extent, spans[i].start_ns),
                   overview_x (self, extent, spans[i].end_ns), y, MIN (MINI_HEIGHT, pitch));
      y += pitch;
    }
}

/* One line's columns from left to right: of all spans still going on, the worst. */
static void
sweep_line (FluoWaterfallLayout *self, const FluoSpan *spans, Longest *columns, guint width,
            double y)
{
  Longest active[FLUO_N_STATUSES];
  guint32 shown = FLUO_SPAN_NONE;
  guint begin = 0;

  for (guint s = 0; s < FLUO_N_STATUSES; s++)
    active[s] = (Longest) { -1, FLUO_SPAN_NONE };

  for (guint x = 0; x <= width; x++)
    {
      guint32 best = FLUO_SPAN_NONE;

      for (guint s = 0; s < FLUO_N_STATUSES && x < width; s++)
        {
          const Longest *here = &columns[s * width + x];

          if (here->end >= 0 && here->end > active[s].end)
            active[s] = *here;
          if (active[s].end >= (float) x)
            best = active[s].span;
        }

      if (best == shown)
        continue;
      if (shown != FLUO_SPAN_NONE)
        append_mini (self, spans, shown, begin, x, y, MINI_HEIGHT);
      shown = best;
      begin = x;
    }
}

static void
lay_out_merged (FluoWaterfallLayout *self, const FluoSpan *spans, guint n_spans, guint n_rows,
                FluoTimeSpan extent, guint n_lines)
{
  guint width = (guint) MAX (1, floor (self->time_width));
  gsize n_columns = (gsize) width * FLUO_N_STATUSES;
  g_autofree Longest *columns = g_new (Longest, n_columns);
  guint32 i = 0;
  guint row = 0;

  for (guint line = 0; line < n_lines; line++)
    {
      guint row_end = (guint) ((guint64) n_rows * (line + 1) / n_lines);

      for (gsize c = 0; c < n_columns; c++)
        columns[c] = (Longest) { -1, FLUO_SPAN_NONE };

      for (; row < row_end && i < n_spans; i++)
        {
          const FluoSpan *span = &spans[i];
          double x0, x1;
          guint status;
          Longest *slot;

          if ((span->flags & FLUO_SPAN_CALL) && span->first_child != FLUO_SPAN_NONE)
            continue;

          row++;
          x0 = CLAMP (overview_x (self, extent, span->start_ns), 0, width - 1);
          x1 = CLAMP (overview_x (self, extent, span->end_ns), x0, width);
          status = spans[fluo_spans_failing (spans, i)].status;
          slot = &columns[MIN (status, FLUO_N_STATUSES - 1) * width + (guint) x0];
          if (x1 > slot->end)
            *slot = (Longest) { (float) x1, i };
        }

      sweep_line (self, spans, columns, width, EDGE_PX + line * LINE_PX);
    }
}

void
fluo_waterfall_lay_out_overview (FluoWaterfallLayout *self)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  FluoTimeSpan extent = fluo_waterfall_rows_get_extent (self->rows);
  const FluoSpan *spans;
  guint n_spans, n_rows = 0, n_lines;

  if (self->minis_of.trace == trace && self->minis_of.width == self->view.width &&
      self->minis_of.tree_width == self->view.tree_width)
    return;

  self->minis_of.trace = trace;
  self->minis_of.width = self->view.width;
  self->minis_of.tree_width = self->view.tree_width;
  g_array_set_size (self->minis, 0);

  spans = fluo_trace_get_spans (trace, &n_spans);
  for (guint i = 0; i < n_spans; i++)
    n_rows += !((spans[i].flags & FLUO_SPAN_CALL) && spans[i].first_child != FLUO_SPAN_NONE);

  n_lines = (guint) ((self->view.style->overview_height - 2 * EDGE_PX) / LINE_PX);
  if (n_rows <= n_lines + 1)
    lay_out_singly (self, spans, n_spans, extent, LINE_PX);
  else
    lay_out_merged (self, spans, n_spans, n_rows, extent, n_lines);
}

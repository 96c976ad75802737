/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* Folded waits. A stretch is folded when it is more than a fifth of the view, nothing begins or
 * ends in it, and at most one call without further calls runs through it. The time axis is then
 * made of straight pieces: shares of the rest of the view, and a fixed width for what is folded. */

#define FOLD_PX 132
#define FOLD_SHARE 0.2
/* Left unfolded at both ends of a stretch, so that what begins and ends there is seen. */
#define FOLD_EDGE_PX 12
/* A stretch over a fifth of the view holds at least four of so many points. */
#define FOLD_PROBES 20
#define FOLD_BINS 512
#define FOLD_CACHE_MAX 64
#define REST_PX_MIN 120

#define ZIGZAG_PX 5
#define ZIGZAG_STEP_PX 6

/* A step of the critical path and the longest part of it in which nothing begins or ends. */
typedef struct
{
  guint        step;
  FluoTimeSpan quiet; /* empty: none that can be folded */
} FluoWaterfallQuiet;

static void
mark (guint8 *bins, const FluoCriticalStep *step, gint64 time_ns)
{
  if (time_ns > step->begin_ns && time_ns < step->end_ns)
    bins[(guint) ((double) (time_ns - step->begin_ns) /
                  (double) (step->end_ns - step->begin_ns) * FOLD_BINS)] = 1;
}

/* One pass over the spans; its result is kept, since the same steps come with every frame. */
static FluoTimeSpan
find_quiet (FluoTrace *trace, const FluoCriticalStep *step)
{
  guint8 bins[FOLD_BINS + 1] = { 0 };
  double bin_ns = (double) (step->end_ns - step->begin_ns) / FOLD_BINS;
  guint best = 0, best_at = 0, run = 0, n_spans, n_leaves = 0;
  FluoTimeSpan quiet;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n_spans);

  for (guint i = 0; i < n_spans; i++)
    {
      mark (bins, step, spans[i].start_ns);
      mark (bins, step, spans[i].end_ns);
    }
  for (guint i = 0; i < FOLD_BINS; i++)
    {
      run = bins[i] ? 0 : run + 1;
      if (run > best)
        {
          best = run;
          best_at = i + 1 - run;
        }
    }
  quiet.begin_ns = step->begin_ns + (gint64) ceil (best_at * bin_ns);
  quiet.end_ns = step->begin_ns + (gint64) floor ((best_at + best) * bin_ns);
  for (guint i = 0; i < n_spans && n_leaves < 2; i++)
    n_leaves += spans[i].first_child == FLUO_SPAN_NONE && spans[i].start_ns <= quiet.begin_ns &&
                spans[i].end_ns >= quiet.end_ns;
  if (n_leaves > 1)
    quiet.end_ns = quiet.begin_ns;

  return quiet;
}

static FluoTimeSpan
get_quiet (FluoWaterfallLayout *self, FluoTrace *trace, const FluoCriticalStep *steps, guint step)
{
  FluoWaterfallQuiet found;

  if (self->quiet_of != trace || self->quiet->len >= FOLD_CACHE_MAX)
    g_array_set_size (self->quiet, 0);
  self->quiet_of = trace;
  for (guint i = 0; i < self->quiet->len; i++)
    if (g_array_index (self->quiet, FluoWaterfallQuiet, i).step == step)
      return g_array_index (self->quiet, FluoWaterfallQuiet, i).quiet;

  found = (FluoWaterfallQuiet) { step, find_quiet (trace, &steps[step]) };
  g_array_append_val (self->quiet, found);

  return found.quiet;
}

GArray *
fluo_waterfall_new_quiet (void)
{
  return g_array_new (FALSE, FALSE, sizeof (FluoWaterfallQuiet));
}

/* What of the view can be folded, in order of time. */
static void
find_folds (FluoWaterfallLayout *self)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  FluoTimeSpan visible = self->view.visible;
  gint64 length = fluo_time_span_length (visible);
  guint n_steps, last = G_MAXUINT;
  const FluoCriticalStep *steps = fluo_trace_get_critical_path (trace, &n_steps);

  for (guint i = 0; i <= FOLD_PROBES; i++)
    {
      gint64 at = visible.begin_ns + (gint64) ((double) length * i / FOLD_PROBES);
      guint step = fluo_waterfall_step_after (steps, n_steps, at);
      FluoWaterfallFold fold = { 0 };
      FluoTimeSpan quiet;

      if (step >= n_steps || step == last ||
          (double) (MIN (steps[step].end_ns, visible.end_ns) -
                    MAX (steps[step].begin_ns, visible.begin_ns)) <
            FOLD_SHARE * (double) length)
        continue;
      last = step;
      quiet = get_quiet (self, trace, steps, step);
      fold.begin_ns = MAX (quiet.begin_ns, visible.begin_ns);
      fold.end_ns = MIN (quiet.end_ns, visible.end_ns);
      if ((double) (fold.end_ns - fold.begin_ns) > FOLD_SHARE * (double) length)
        g_array_append_val (self->folds, fold);
    }
}

void
fluo_waterfall_lay_out_folds (FluoWaterfallLayout *self)
{
  double rest_ns, rest_px, x = self->time_x;
  gint64 at = self->view.visible.begin_ns;

  g_array_set_size (self->folds, 0);
  rest_ns = (double) fluo_time_span_length (self->view.visible);
  self->px_per_ns = self->time_width / rest_ns;
  if (!self->view.fold)
    return;

  find_folds (self);
  rest_px = self->time_width - FOLD_PX * (double) self->folds->len;
  if (self->folds->len == 0 || rest_px < REST_PX_MIN)
    {
      g_array_set_size (self->folds, 0);
      return;
    }

  /* Where all that is left is folded the edges have their width and there is no scale to ask. */
  for (guint i = 0; i < self->folds->len; i++)
    rest_ns -= (double) fluo_time_span_length (
      ((FluoTimeSpan) { g_array_index (self->folds, FluoWaterfallFold, i).begin_ns,
                        g_array_index (self->folds, FluoWaterfallFold, i).end_ns }));
  for (guint i = 0; i < self->folds->len; i++)
    {
      FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, i);
      double length = (double) (fold->end_ns - fold->begin_ns);
      double edge = MIN (rest_ns * FOLD_EDGE_PX / rest_px, length / 10);

      edge = MAX (edge, length / 400);
      fold->begin_ns += (gint64) edge;
      fold->end_ns -= (gint64) edge;
    }
  rest_ns = (double) fluo_time_span_length (self->view.visible);
  for (guint i = 0; i < self->folds->len; i++)
    rest_ns -= (double) (g_array_index (self->folds, FluoWaterfallFold, i).end_ns -
                         g_array_index (self->folds, FluoWaterfallFold, i).begin_ns);
  self->px_per_ns = rest_px / MAX (rest_ns, 1);
  for (guint i = 0; i < self->folds->len; i++)
    {
      FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, i);

      fold->x0 = x + (double) (fold->begin_ns - at) * self->px_per_ns;
      fold->x1 = fold->x0 + FOLD_PX;
      x = fold->x1;
      at = fold->end_ns;
    }
}

double
fluo_waterfall_layout_x (const FluoWaterfallLayout *self, gint64 time_ns)
{
  double x = self->time_x;
  gint64 at = self->view.visible.begin_ns;

  for (guint i = 0; i < self->folds->len; i++)
    {
      const FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, i);

      if (time_ns <= fold->begin_ns)
        break;
      if (time_ns < fold->end_ns)
        return fold->x0 + (double) (time_ns - fold->begin_ns) /
                            (double) (fold->end_ns - fold->begin_ns) * (fold->x1 - fold->x0);
      x = fold->x1;
      at = fold->end_ns;
    }

  return x + (double) (time_ns - at) * self->px_per_ns;
}

gint64
fluo_waterfall_layout_time (const FluoWaterfallLayout *self, double x)
{
  double from = self->time_x;
  gint64 at = self->view.visible.begin_ns;

  for (guint i = 0; i < self->folds->len; i++)
    {
      const FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, i);

      if (x <= fold->x0)
        break;
      if (x < fold->x1)
        return fold->begin_ns + (gint64) llround ((x - fold->x0) / (fold->x1 - fold->x0) *
                                                  (double) (fold->end_ns - fold->begin_ns));
      from = fold->x1;
      at = fold->end_ns;
    }

  return at + (gint64) llround ((x - from) / self->px_per_ns);
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void
zigzag (cairo_t *cr, double x, double top, double bottom)
{
  double side = 1;

  cairo_move_to (cr, x - ZIGZAG_PX / 2.0, top);
  for (double y = top + ZIGZAG_STEP_PX; y < bottom + ZIGZAG_STEP_PX; y += ZIGZAG_STEP_PX)
    {
      cairo_line_to (cr, x + side * ZIGZAG_PX / 2, y);
      side = -side;
    }
}

/* The torn edges over the rows. */
void
fluo_waterfall_draw_folds (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double width = layout->view.style->controls ? 5 : 3.5;

  for (guint i = 0; i < layout->folds->len; i++)
    {
      const FluoWaterfallFold *fold = &g_array_index (layout->folds, FluoWaterfallFold, i);

      for (guint side = 0; side < 2; side++)
        {
          double x = side ? fold->x1 : fold->x0;

          cairo_set_line_join (cr, CAIRO_LINE_JOIN_MITER);
          zigzag (cr, x, layout->body_y, layout->body_y + layout->body_height);
          fluo_color_set (cr, palette->line2);
          cairo_set_line_width (cr, width + 1.6);
          cairo_stroke_preserve (cr);
          fluo_color_set (cr, palette->view);
          cairo_set_line_width (cr, width);
          cairo_stroke (cr);
        }
    }
}

/* The tinted part of the ruler with the true length in words. */
void
fluo_waterfall_draw_fold_labels (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  double top = style->overview_height, size = style->axis_px;

  for (guint i = 0; i < layout->folds->len; i++)
    {
      const FluoWaterfallFold *fold = &g_array_index (layout->folds, FluoWaterfallFold, i);
      g_autofree char *length = fluo_format_duration (fold->end_ns - fold->begin_ns);
      g_autofree char *label = g_strdup_printf (_("%s folded"), length);

      fluo_painter_rounded (painter, fold->x0, top + (style->controls ? 1 : 0),
                            fold->x1 - fold->x0, style->ruler_height - (style->controls ? 2 : 5),
                            style->controls ? 4 : 2);
      fluo_color_set (fluo_painter_get_cr (painter),
                      fluo_color_over (palette->fg, 0.09f, palette->view));
      cairo_fill (fluo_painter_get_cr (painter));
      fluo_painter_text (painter, (fold->x0 + fold->x1) / 2, top + (style->controls ? 16 : 10),
                         label, FLUO_FIGURES (size, 600), palette->fg, FLUO_ALIGN_MIDDLE,
                         fold->x1 - fold->x0 - 8, NULL);
    }
}

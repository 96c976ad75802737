/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-waterfall-private.h"

/* A step of the critical path narrower than this, on a row with children, is skipped: the line
 * would only flicker up and down between the parent and its children. */
#define STEP_PX 2.2
/* Two marks of own time closer than this are one. */
#define PIECE_PX 1.0
/* Where the path has more steps than pixels, the search goes on this far to the right. */
#define STEP_ADVANCE_PX 0.75

static void
box_clear (gpointer data)
{
  g_free (((FluoWaterfallBox *) data)->label);
}

static void
gap_clear (gpointer data)
{
  g_free (((FluoWaterfallGap *) data)->label);
}

static void
tick_clear (gpointer data)
{
  g_free (((FluoWaterfallTick *) data)->label);
}

FluoWaterfallLayout *
fluo_waterfall_layout_new (void)
{
  FluoWaterfallLayout *self = g_new0 (FluoWaterfallLayout, 1);

  self->boxes = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallBox));
  self->pieces = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallPiece));
  self->steps = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallStep));
  self->gaps = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallGap));
  self->ticks = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallTick));
  self->events = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallEvent));
  self->minis = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallMini));
  self->folds = g_array_new (FALSE, TRUE, sizeof (FluoWaterfallFold));
  self->quiet = fluo_waterfall_new_quiet ();
  g_array_set_clear_func (self->boxes, box_clear);
  g_array_set_clear_func (self->gaps, gap_clear);
  g_array_set_clear_func (self->ticks, tick_clear);

  return self;
}

void
fluo_waterfall_layout_free (FluoWaterfallLayout *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->boxes);
  g_array_unref (self->pieces);
  g_array_unref (self->steps);
  g_array_unref (self->gaps);
  g_array_unref (self->ticks);
  g_array_unref (self->events);
  g_array_unref (self->minis);
  g_array_unref (self->folds);
  g_array_unref (self->quiet);
  g_free (self);
}

gint64
fluo_waterfall_layout_overview_time (const FluoWaterfallLayout *self, double x)
{
  FluoTimeSpan extent = fluo_waterfall_rows_get_extent (self->rows);

  return extent.begin_ns + (gint64) llround ((x - self->time_x) / self->time_width *
                                             (double) fluo_time_span_length (extent));
}

double
fluo_waterfall_layout_rows_shown (const FluoWaterfallLayout *self)
{
  return self->body_height / self->view.style->row_height;
}

static double
scroll_max (const FluoWaterfallLayout *self)
{
  return MAX (0, fluo_waterfall_rows_get_n (self->rows) - fluo_waterfall_layout_rows_shown (self));
}

/* --- Bars ------------------------------------------------------------------------------------- */

double
fluo_waterfall_clip_x (const FluoWaterfallLayout *self, double x)
{
  return CLAMP (x, self->time_x - self->view.style->pad_left,
                self->time_x + self->time_width + self->view.style->pad_right);
}

/* The first merged interval that ends after @time_ns. */
static guint
busy_after (const FluoTimeSpan *busy, guint n, gint64 time_ns)
{
  guint low = 0, high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (busy[middle].end_ns <= time_ns)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* Own time of a bar as pieces at least one px wide; the longest stretch between two of them goes to
 * @wait. After a piece the search jumps a whole px ahead, so that a bar costs at most its width
 * whatever its number of children. */
static void
lay_out_pieces (FluoWaterfallLayout *self, FluoWaterfallBox *box, const FluoSpan *span,
                FluoWaterfallPiece *wait)
{
  const FluoTimeSpan *busy;
  gint64 time, end;
  double last_x = box->x0;
  guint i, n;

  *wait = (FluoWaterfallPiece) { box->x0, box->x0 };
  box->first_piece = self->pieces->len;
  busy = fluo_waterfall_rows_get_busy (self->rows, box->span, &n);
  if (n == 0)
    {
      FluoWaterfallPiece piece = { box->x0, box->x1 };

      g_array_append_val (self->pieces, piece);
      box->n_pieces = 1;
      *wait = (FluoWaterfallPiece) { 0, 0 };
      return;
    }

  time = MAX (span->start_ns, fluo_waterfall_layout_time (self, box->x0));
  end = MIN (span->end_ns, fluo_waterfall_layout_time (self, box->x1));
  i = busy_after (busy, n, time);
  while (time < end)
    {
      gint64 gap_end = i < n ? MIN (busy[i].begin_ns, end) : end;

      if (gap_end > time)
        {
          FluoWaterfallPiece piece = { MAX (fluo_waterfall_layout_x (self, time), last_x), 0 };

          piece.x1 =
            MIN (MAX (fluo_waterfall_layout_x (self, gap_end), piece.x0 + PIECE_PX), box->x1);
          piece.x0 = MIN (piece.x0, piece.x1 - PIECE_PX);
          if (piece.x0 - last_x > wait->x1 - wait->x0)
            *wait = (FluoWaterfallPiece) { last_x, piece.x0 };
          g_array_append_val (self->pieces, piece);
          last_x = piece.x1;
        }

      if (i >= n)
        break;

      time = busy[i++].end_ns;
      if (i < n && fluo_waterfall_layout_x (self, busy[i].begin_ns) < last_x + PIECE_PX)
        {
          time = MAX (time, fluo_waterfall_layout_time (self, last_x + PIECE_PX));
          i = busy_after (busy, n, time);
          if (i < n && busy[i].begin_ns <= time)
            time = busy[i++].end_ns;
        }
    }

  if (box->x1 - last_x > wait->x1 - wait->x0)
    *wait = (FluoWaterfallPiece) { last_x, box->x1 };
  box->n_pieces = self->pieces->len - box->first_piece;
}

/* A group's pieces are when any of its members ran. */
static void
lay_out_group_pieces (FluoWaterfallLayout *self, FluoWaterfallBox *box, FluoWaterfallPiece *wait)
{
  const FluoTimeSpan *busy = (const FluoTimeSpan *) (void *) box->group->busy->data;
  guint n = box->group->busy->len;
  double last_x = box->x0;

  *wait = (FluoWaterfallPiece) { box->x0, box->x0 };
  box->first_piece = self->pieces->len;
  for (guint i = busy_after (busy, n, fluo_waterfall_layout_time (self, box->x0)); i < n;)
    {
      FluoWaterfallPiece piece = { MAX (fluo_waterfall_layout_x (self, busy[i].begin_ns), last_x),
                                   0 };

      if (piece.x0 >= box->x1)
        break;
      piece.x1 = MIN (MAX (fluo_waterfall_layout_x (self, busy[i].end_ns), piece.x0 + PIECE_PX),
                      box->x1);
      if (piece.x0 - last_x > wait->x1 - wait->x0)
        *wait = (FluoWaterfallPiece) { last_x, piece.x0 };
      g_array_append_val (self->pieces, piece);
      last_x = piece.x1;
      /* What begins within the same px is not told apart. */
      i = MAX (i + 1, busy_after (busy, n, fluo_waterfall_layout_time (self, last_x)));
    }
  if (box->x1 - last_x > wait->x1 - wait->x0)
    *wait = (FluoWaterfallPiece) { last_x, box->x1 };
  box->n_pieces = self->pieces->len - box->first_piece;
}

static void
lay_out_bar (FluoWaterfallLayout *self, FluoWaterfallBox *box, const FluoSpan *spans,
             FluoWaterfallPiece *wait)
{
  const FluoSpan *span = &spans[box->span];
  double left = self->time_x - self->view.style->pad_left;
  double right = self->time_x + self->time_width + self->view.style->pad_right;
  double x0 = fluo_waterfall_layout_x (self, box->group != NULL ? box->group->begin_ns
                                                                : span->start_ns);
  double x1 =
    fluo_waterfall_layout_x (self, box->group != NULL ? box->group->end_ns : span->end_ns);

  *wait = (FluoWaterfallPiece) { 0, 0 };
  box->running = box->group == NULL && (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;
  if (box->running && x1 >= self->time_x + self->time_width - 1)
    x1 = right;

  x1 = MAX (x1, x0 + self->view.style->bar_min);
  if (x1 <= left || x0 >= right)
    return;

  box->has_bar = TRUE;
  box->cut_left = x0 < left;
  box->cut_right = x1 > right;
  box->x0 = MAX (x0, left);
  box->x1 = MIN (x1, right);
  box->whisker_x0 = box->x0;
  box->whisker_x1 = box->x1;

  if (box->group != NULL)
    {
      lay_out_group_pieces (self, box, wait);
      return;
    }
  if ((span->flags & FLUO_SPAN_CALLEE) && span->parent != FLUO_SPAN_NONE)
    {
      box->whisker_x0 =
        fluo_waterfall_clip_x (self, fluo_waterfall_layout_x (self, spans[span->parent].start_ns));
      box->whisker_x1 =
        fluo_waterfall_clip_x (self, fluo_waterfall_layout_x (self, spans[span->parent].end_ns));
    }

  if (!box->running)
    lay_out_pieces (self, box, span, wait);
}

static void
lay_out_boxes (FluoWaterfallLayout *self, FluoPainter *painter)
{
  const FluoWaterfallStyle *style = self->view.style;
  const FluoSpan *spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (self->rows), NULL);
  guint first = (guint) MAX (0, floor (self->view.scroll));
  guint last = (guint) MAX (0, ceil (self->view.scroll + fluo_waterfall_layout_rows_shown (self)));

  last = MIN (last, fluo_waterfall_rows_get_n (self->rows));
  for (guint row = first; row < last; row++)
    {
      FluoWaterfallBox box = { .row = row };
      FluoWaterfallPiece wait;

      box.span = fluo_waterfall_rows_get_span (self->rows, row);
      box.y = self->body_y + ((double) row - self->view.scroll) * style->row_height;
      box.depth = fluo_waterfall_rows_get_depth (self->rows, box.span);
      box.group = fluo_waterfall_rows_get_group (self->rows, box.span);
      box.has_children = fluo_waterfall_rows_has_children (self->rows, box.span);
      box.collapsed = fluo_waterfall_rows_is_collapsed (self->rows, box.span);
      lay_out_bar (self, &box, spans, &wait);
      fluo_waterfall_lay_out_events (self, &box);
      fluo_waterfall_place_label (self, &box, wait, painter);
      g_array_append_val (self->boxes, box);
    }
}

/* --- Critical path ---------------------------------------------------------------------------- */

/* The first step that ends after @time_ns: steps are in order of time. */
guint
fluo_waterfall_step_after (const FluoCriticalStep *steps, guint n, gint64 time_ns)
{
  guint low = 0, high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (steps[middle].end_ns <= time_ns)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
lay_out_steps (FluoWaterfallLayout *self)
{
  const FluoWaterfallStyle *style = self->view.style;
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
  const FluoCriticalStep *steps;
  double bottom = self->body_y + self->body_height, last_x = 0, last_y = 0;
  gboolean have_last = FALSE;
  guint n;

  steps = fluo_trace_get_critical_path (trace, &n);
  for (guint i = fluo_waterfall_step_after (steps, n, self->view.visible.begin_ns); i < n; i++)
    {
      FluoWaterfallStep step = { 0 };
      double x0, x1;
      guint32 row;

      if (steps[i].begin_ns >= self->view.visible.end_ns)
        break;

      x0 = fluo_waterfall_layout_x (self, steps[i].begin_ns);
      x1 = fluo_waterfall_layout_x (self, steps[i].end_ns);
      if (have_last && x1 < last_x + STEP_ADVANCE_PX)
        {
          gint64 next_ns = fluo_waterfall_layout_time (self, last_x + STEP_ADVANCE_PX);

          i = fluo_waterfall_step_after (steps, n, next_ns);
          i = i > 0 ? i - 1 : 0; /* the loop goes on with the next */
          last_x += STEP_ADVANCE_PX;
          continue;
        }
      if (x1 - x0 < STEP_PX && spans[steps[i].span].first_child != FLUO_SPAN_NONE &&
          !(spans[steps[i].span].flags & FLUO_SPAN_CALL))
        continue;

      row = fluo_waterfall_rows_find_nearest (self->rows, steps[i].span);
      if (row == FLUO_SPAN_NONE)
        continue;

      step.y = self->body_y + ((double) row + 1 - self->view.scroll) * style->row_height -
               style->critical_bottom;
      step.x0 = fluo_waterfall_clip_x (self, have_last ? last_x : x0);
      step.x1 = fluo_waterfall_clip_x (self, MAX (x1, step.x0 + 1.2));
      step.line = step.y > self->body_y && step.y < bottom;
      step.connector = have_last && fabs (last_y - step.y) > 1;
      step.from_y = CLAMP (last_y, self->body_y, bottom);
      last_x = MAX (x1, have_last ? last_x : x0);
      last_y = step.y;
      have_last = TRUE;

      /* Both ends above or both below the view: nothing of it can be seen. */
      if (!step.line && (!step.connector || CLAMP (step.y, self->body_y, bottom) == step.from_y))
        continue;
      g_array_append_val (self->steps, step);
    }
}

/* A trace may nest 65,535 deep; the tree is not that wide, so deep rows stop moving right where a
 * name would not fit. */
double
fluo_waterfall_indent (const FluoWaterfallLayout *self, guint depth)
{
  double most =
    MAX (0, self->view.tree_width - self->view.style->status_right - FLUO_WATERFALL_NAME_MIN_PX);

  return MIN (depth * self->view.style->indent, most);
}

void
fluo_waterfall_layout_update (FluoWaterfallLayout *self, FluoWaterfallRows *rows,
                              const FluoWaterfallViewport *view, FluoPainter *painter)
{
  FluoTimeSpan extent;

  g_return_if_fail (rows != NULL && view != NULL && view->style != NULL);

  self->rows = rows;
  self->view = *view;
  if (fluo_time_span_length (self->view.visible) <= 0)
    self->view.visible.end_ns = self->view.visible.begin_ns + 1;

  g_array_set_size (self->boxes, 0);
  g_array_set_size (self->pieces, 0);
  g_array_set_size (self->steps, 0);
  g_array_set_size (self->gaps, 0);
  g_array_set_size (self->ticks, 0);
  g_array_set_size (self->events, 0);

  self->time_x = view->tree_width + view->style->pad_left;
  self->time_width =
    MAX (1, view->width - view->tree_width - view->style->pad_left - view->style->pad_right);
  self->body_y = view->style->overview_height + view->style->ruler_height +
                 fluo_waterfall_lanes_height (view);
  self->body_height = MAX (0, view->height - self->body_y - view->style->legend_height);
  self->view.scroll = CLAMP (view->scroll, 0, scroll_max (self));
  fluo_waterfall_lay_out_folds (self);
  self->end_x = fluo_waterfall_layout_x (self, fluo_waterfall_rows_get_end_ns (rows));

  extent = fluo_waterfall_rows_get_extent (rows);
  self->overview_x0 = self->time_x + (double) (self->view.visible.begin_ns - extent.begin_ns) /
                                       (double) fluo_time_span_length (extent) * self->time_width;
  self->overview_x1 = self->time_x + (double) (self->view.visible.end_ns - extent.begin_ns) /
                                       (double) fluo_time_span_length (extent) * self->time_width;
  self->overview_x0 = CLAMP (self->overview_x0, self->time_x, self->time_x + self->time_width);
  self->overview_x1 = CLAMP (self->overview_x1, self->time_x, self->time_x + self->time_width);

  lay_out_boxes (self, painter);
  if (view->critical)
    lay_out_steps (self);
  fluo_waterfall_lay_out_ticks (self);
  fluo_waterfall_lay_out_gaps (self);
  if (view->style->overview_height > 0)
    fluo_waterfall_lay_out_overview (self);
}

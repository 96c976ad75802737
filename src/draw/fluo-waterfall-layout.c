/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* A step of the critical path narrower than this, on a row with children, is skipped: the line
 * would only flicker up and down between the parent and its children. */
#define STEP_PX 2.2
/* Two marks of own time closer than this are one. */
#define PIECE_PX 1.0
/* Where the path has more steps than pixels, the search goes on this far to the right. */
#define STEP_ADVANCE_PX 0.75
#define LABEL_GAP 7
#define SHAPE_GAP 4

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

double
fluo_waterfall_layout_scroll_max (const FluoWaterfallLayout *self)
{
  return MAX (0, fluo_waterfall_rows_get_n (self->rows) - fluo_waterfall_layout_rows_shown (self));
}

double
fluo_waterfall_measure (FluoPainter *painter, const char *text, double size_px, int weight)
{
  /* Without a painter: the mean advance of the interface font is a little over half its size. */
  if (painter == NULL)
    return (double) g_utf8_strlen (text, -1) * size_px * 0.55;

  return fluo_painter_measure (painter, text, FLUO_SANS (size_px, weight));
}

/* --- Bars ------------------------------------------------------------------------------------- */

typedef struct
{
  double x0, x1;
} Stretch;

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
                Stretch *wait)
{
  const FluoTimeSpan *busy;
  gint64 time, end;
  double last_x = box->x0;
  guint i, n;

  *wait = (Stretch) { box->x0, box->x0 };
  box->first_piece = self->pieces->len;
  busy = fluo_waterfall_rows_get_busy (self->rows, box->span, &n);
  if (n == 0)
    {
      FluoWaterfallPiece piece = { box->x0, box->x1 };

      g_array_append_val (self->pieces, piece);
      box->n_pieces = 1;
      *wait = (Stretch) { 0, 0 };
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
            *wait = (Stretch) { last_x, piece.x0 };
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
    *wait = (Stretch) { last_x, box->x1 };
  box->n_pieces = self->pieces->len - box->first_piece;
}

/* A group's pieces are when any of its members ran. */
static void
lay_out_group_pieces (FluoWaterfallLayout *self, FluoWaterfallBox *box, Stretch *wait)
{
  const FluoTimeSpan *busy = (const FluoTimeSpan *) (void *) box->group->busy->data;
  guint n = box->group->busy->len;
  double last_x = box->x0;

  *wait = (Stretch) { box->x0, box->x0 };
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
        *wait = (Stretch) { last_x, piece.x0 };
      g_array_append_val (self->pieces, piece);
      last_x = piece.x1;
      /* What begins within the same px is not told apart. */
      i = MAX (i + 1, busy_after (busy, n, fluo_waterfall_layout_time (self, last_x)));
    }
  if (box->x1 - last_x > wait->x1 - wait->x0)
    *wait = (Stretch) { last_x, box->x1 };
  box->n_pieces = self->pieces->len - box->first_piece;
}

static void
lay_out_bar (FluoWaterfallLayout *self, FluoWaterfallBox *box, const FluoSpan *spans, Stretch *wait)
{
  const FluoSpan *span = &spans[box->span];
  double left = self->time_x - self->view.style->pad_left;
  double right = self->time_x + self->time_width + self->view.style->pad_right;
  double x0 = fluo_waterfall_layout_x (self, box->group != NULL ? box->group->begin_ns
                                                                : span->start_ns);
  double x1 =
    fluo_waterfall_layout_x (self, box->group != NULL ? box->group->end_ns : span->end_ns);

  *wait = (Stretch) { 0, 0 };
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

/* --- Labels ----------------------------------------------------------------------------------- */

char *
fluo_waterfall_dup_text (const FluoWaterfallLayout *self, const char *text)
{
  g_autofree char *replaced = NULL;

  if (self->view.text_func != NULL)
    text = replaced = self->view.text_func (text, self->view.text_data);

  return fluo_format_untrusted (text, FLUO_WATERFALL_TEXT_MAX);
}

/* What went wrong, in a word. */
static char *
dup_status_label (FluoWaterfallLayout *self, const FluoSpan *span, guint32 index)
{
  if (span->status == FLUO_STATUS_THROTTLE)
    return g_strdup (_("throttled"));

  if (span->status == FLUO_STATUS_FAULT || span->status == FLUO_STATUS_ERROR)
    {
      const char *exception = fluo_waterfall_rows_get_exception (self->rows, index);

      if (span->http_status >= 400)
        return g_strdup_printf ("%d", span->http_status);
      if (*exception != '\0')
        return fluo_waterfall_dup_text (self, exception);
    }

  return NULL;
}

/* What a reader could miss: a second try, work beside the calls below. */
static char *
dup_note_label (FluoWaterfallLayout *self, const FluoSpan *spans, guint32 index)
{
  const FluoSpan *span = &spans[index];
  gint64 pause = 0;
  guint try_number = fluo_waterfall_rows_get_try (self->rows, index, &pause);

  if (try_number > 0)
    {
      g_autofree char *duration = fluo_format_duration (pause);

      return g_strdup_printf (_("try %u after %s pause"), try_number, duration);
    }

  if (!(span->flags & (FLUO_SPAN_CRITICAL | FLUO_SPAN_LINKED)) &&
      span->first_child == FLUO_SPAN_NONE && span->next_sibling != FLUO_SPAN_NONE &&
      span->parent != FLUO_SPAN_NONE && (spans[span->parent].flags & FLUO_SPAN_CRITICAL) &&
      spans[span->next_sibling].start_ns < span->end_ns)
    return g_strdup (_("runs beside the calls below"));

  return NULL;
}

/* A solid bar with most of the time in it says so. */
static char *
dup_share_label (FluoWaterfallLayout *self, const FluoSpan *span)
{
  gint64 response = fluo_trace_get_response_ns (fluo_waterfall_rows_get_trace (self->rows));
  g_autofree char *share = NULL;

  if (response <= 0 || span->first_child != FLUO_SPAN_NONE || !(span->flags & FLUO_SPAN_CRITICAL) ||
      span->end_ns - span->start_ns < response / 3)
    return NULL;

  share = fluo_format_share_parts ((double) (span->end_ns - span->start_ns) / (double) response);

  return g_strdup_printf (_("%s of the trace"), share);
}

/* "each 2.0 ms to 9.1 ms, median 3.0 ms". */
static char *
dup_group_label (const FluoWaterfallGroup *group)
{
  g_autofree char *least = fluo_format_duration (group->min_ns);
  g_autofree char *most = fluo_format_duration (group->max_ns);
  g_autofree char *median = fluo_format_duration (group->median_ns);

  if (g_str_equal (least, most))
    return g_strdup_printf (_("each %s"), least);

  return g_strdup_printf (_("each %s to %s, median %s"), least, most, median);
}

/* A label at @x within @wait, moved to the left where a torn edge would run through it. */
static double
clear_of_folds (const FluoWaterfallLayout *self, Stretch wait, double x, double width)
{
  double clear = x;

  for (guint i = 2 * self->folds->len; i > 0; i--)
    {
      const FluoWaterfallFold *fold = &g_array_index (self->folds, FluoWaterfallFold, (i - 1) / 2);
      double edge = i % 2 == 0 ? fold->x1 : fold->x0;

      if (clear < edge + LABEL_GAP && clear + width > edge - LABEL_GAP)
        clear = edge - LABEL_GAP - width;
    }

  return clear > wait.x0 + LABEL_GAP ? clear : x;
}

static void
place_label (FluoWaterfallLayout *self, FluoWaterfallBox *box, const FluoSpan *spans, Stretch wait,
             FluoPainter *painter)
{
  const FluoWaterfallStyle *style = self->view.style;
  const FluoSpan *span = &spans[box->span];
  double shape, width, right = self->time_x + self->time_width;

  if (!box->has_bar || box->running)
    return;

  box->label = box->group != NULL ? NULL : dup_share_label (self, span);
  if (box->label != NULL)
    {
      width = fluo_waterfall_measure (painter, box->label, style->label_px, 600);
      if (box->x1 - box->x0 > width + 24)
        {
          box->label_place = FLUO_LABEL_CENTER;
          box->label_x = (box->x0 + box->x1 - width) / 2;
          return;
        }
      g_clear_pointer (&box->label, g_free);
    }

  if (box->group != NULL)
    box->label = dup_group_label (box->group);
  else
    box->label = dup_status_label (self, span, box->span);
  box->label_status = box->label != NULL && box->group == NULL ? span->status : FLUO_STATUS_OK;
  if (box->label == NULL)
    box->label = dup_note_label (self, spans, box->span);
  if (box->label == NULL)
    return;

  shape = box->label_status != FLUO_STATUS_OK ? style->status_size + SHAPE_GAP : 0;
  width =
    fluo_waterfall_measure (painter, box->label, style->label_px, shape > 0 ? 600 : 400) + shape;

  if (wait.x1 - wait.x0 > width + 3 * LABEL_GAP)
    {
      box->label_place = FLUO_LABEL_INSIDE;
      box->label_x = clear_of_folds (self, wait, wait.x1 - width - 8, width);
    }
  else if (box->x1 + LABEL_GAP + width < right || box->x0 - LABEL_GAP - width < self->time_x)
    {
      box->label_place = FLUO_LABEL_RIGHT;
      box->label_x = MAX (box->x1, box->whisker_x1) + LABEL_GAP;
    }
  else
    {
      box->label_place = FLUO_LABEL_LEFT;
      box->label_x =
        (box->whisker_x1 > box->whisker_x0 ? MIN (box->x0, box->whisker_x0) : box->x0) - LABEL_GAP -
        width;
    }
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
      Stretch wait;

      box.span = fluo_waterfall_rows_get_span (self->rows, row);
      box.y = self->body_y + ((double) row - self->view.scroll) * style->row_height;
      box.depth = fluo_waterfall_rows_get_depth (self->rows, box.span);
      box.group = fluo_waterfall_rows_get_group (self->rows, box.span);
      box.has_children = fluo_waterfall_rows_has_children (self->rows, box.span);
      box.collapsed = fluo_waterfall_rows_is_collapsed (self->rows, box.span);
      lay_out_bar (self, &box, spans, &wait);
      place_label (self, &box, spans, wait, painter);
      fluo_waterfall_lay_out_events (self, &box);
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
  self->body_y = view->style->overview_height + view->style->ruler_height;
  self->body_height = MAX (0, view->height - self->body_y - view->style->legend_height);
  self->view.scroll = CLAMP (view->scroll, 0, fluo_waterfall_layout_scroll_max (self));
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* What bars say, and where: on the longest tinted stretch, else right of the bar, else left. */

#define LABEL_GAP 7
#define SHAPE_GAP 4
#define MARK_CLEAR 12 /* from the middle of a mark */

double
fluo_waterfall_measure (FluoPainter *painter, const char *text, double size_px, int weight)
{
  /* Without a painter: the mean advance of the interface font is a little over half its size. */
  if (painter == NULL)
    return (double) g_utf8_strlen (text, -1) * size_px * 0.55;

  return fluo_painter_measure (painter, text, FLUO_SANS (size_px, weight));
}

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
clear_of_folds (const FluoWaterfallLayout *self, FluoWaterfallPiece wait, double x, double width)
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

/* The same with the marks of its bar, which were laid out last: to the left of one, else to the
 * right where @room ends later; -1 when there is no place. */
static double
clear_of_marks (const FluoWaterfallLayout *self, guint32 span, FluoWaterfallPiece room, double x,
                double width)
{
  double left = x, right = x;
  guint first = self->events->len;

  for (; first > 0; first--)
    {
      const FluoWaterfallEvent *mark =
        &g_array_index (self->events, FluoWaterfallEvent, first - 1);

      if (mark->span != span)
        break;
      if (left < mark->x + MARK_CLEAR && left + width > mark->x - MARK_CLEAR)
        left = mark->x - MARK_CLEAR - width;
    }
  if (left >= room.x0)
    return left;

  for (guint i = first; i < self->events->len; i++)
    {
      const FluoWaterfallEvent *mark = &g_array_index (self->events, FluoWaterfallEvent, i);

      if (right < mark->x + MARK_CLEAR && right + width > mark->x - MARK_CLEAR)
        right = mark->x + MARK_CLEAR;
    }

  return right + width <= room.x1 ? right : -1;
}

void
fluo_waterfall_place_label (FluoWaterfallLayout *self, FluoWaterfallBox *box,
                            FluoWaterfallPiece wait, FluoPainter *painter)
{
  const FluoWaterfallStyle *style = self->view.style;
  const FluoSpan *spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (self->rows), NULL);
  const FluoSpan *span = &spans[box->span];
  const guint32 failing = fluo_spans_failing (spans, box->span);
  double shape, width, clear, right = self->time_x + self->time_width;

  if (!box->has_bar || box->running)
    return;

  box->label =
    box->group != NULL || failing != box->span ? NULL : dup_share_label (self, span);
  if (box->label != NULL)
    {
      width = fluo_waterfall_measure (painter, box->label, style->label_px, 600);
      if (box->x1 - box->x0 > width + 24)
        {
          box->label_place = FLUO_LABEL_CENTER;
          box->label_x =
            clear_of_marks (self, box->span,
                            (FluoWaterfallPiece) { box->x0 + LABEL_GAP, box->x1 - LABEL_GAP },
                            (box->x0 + box->x1 - width) / 2, width);
          if (box->label_x >= 0)
            return;
        }
      g_clear_pointer (&box->label, g_free);
    }

  if (box->group != NULL)
    box->label = dup_group_label (box->group);
  else
    box->label = dup_status_label (self, &spans[failing], failing);
  box->label_status =
    box->label != NULL && box->group == NULL ? spans[failing].status : FLUO_STATUS_OK;
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
      clear = clear_of_marks (self, box->span, wait, box->label_x, width);
      if (clear >= 0)
        box->label_x = clear;
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

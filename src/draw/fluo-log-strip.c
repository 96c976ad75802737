/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-log-strip.h"

#include <math.h>

#include "core/fluo-format.h"

#define NAME_Y 11.0
#define CALL_Y 16.0
#define CALL_HEIGHT 6.0
#define SHAPE_Y 25.0
#define SHAPE_PX 12.0
#define MARK_Y 39.0
#define MARK_HEIGHT 11.0
#define AXIS_Y 64.0
#define TICK_PITCH_PX 76.0
#define HIT_PX 6.0
#define SIDE_PX 4.0 /* left and right of the axis */

FluoLogStrip *
fluo_log_strip_new (void)
{
  FluoLogStrip *self = g_new0 (FluoLogStrip, 1);

  self->marks = g_array_new (FALSE, FALSE, sizeof (FluoLogMark));
  return self;
}

void
fluo_log_strip_free (FluoLogStrip *self)
{
  g_array_unref (self->marks);
  g_free (self->call_name);
  g_free (self);
}

FluoStatus
fluo_log_level_get_status (FluoLogLevel level)
{
  return level == FLUO_LOG_ERROR     ? FLUO_STATUS_FAULT
         : level == FLUO_LOG_WARNING ? FLUO_STATUS_ERROR
                                     : FLUO_STATUS_OK;
}

static double
get_x (const FluoLogStrip *self, gint64 time_ns)
{
  const double length = (double) MAX (fluo_time_span_length (self->span), 1);

  return SIDE_PX + (double) (time_ns - self->span.begin_ns) / length * (self->width - 2 * SIDE_PX);
}

static void
add_mark (FluoLogStrip *self, const FluoLogMark *mark)
{
  FluoLogMark *last =
    self->marks->len > 0 ? &g_array_index (self->marks, FluoLogMark, self->marks->len - 1) : NULL;

  if (last != NULL && floor (last->x) == floor (mark->x))
    {
      if (mark->level > last->level)
        *last = *mark;
      return;
    }
  g_array_append_val (self->marks, *mark);
}

/* The worst first, then those that still have room. */
static void
place_shapes (FluoLogStrip *self)
{
  for (int level = FLUO_LOG_ERROR; level >= FLUO_LOG_WARNING; level--)
    for (guint i = 0; i < self->marks->len; i++)
      {
        FluoLogMark *mark = &g_array_index (self->marks, FluoLogMark, i);
        gboolean room = mark->level == (FluoLogLevel) level;

        for (guint k = i; room && k-- > 0;)
          {
            const FluoLogMark *other = &g_array_index (self->marks, FluoLogMark, k);

            if (mark->x - other->x > SHAPE_PX)
              break;
            room = !other->shape;
          }
        for (guint k = i + 1; room && k < self->marks->len; k++)
          {
            const FluoLogMark *other = &g_array_index (self->marks, FluoLogMark, k);

            if (other->x - mark->x > SHAPE_PX)
              break;
            room = !other->shape;
          }
        mark->shape |= room;
      }
}

void
fluo_log_strip_layout (FluoLogStrip *self, const FluoTraceLines *lines, const GArray *indexes,
                       FluoLogColorFunc color, gpointer user_data, FluoTimeSpan span,
                       gint64 zero_ns, double width)
{
  g_return_if_fail (self != NULL);

  self->width = MAX (width, 2 * SIDE_PX + 1);
  self->span = span;
  self->zero_ns = zero_ns;
  g_array_set_size (self->marks, 0);
  self->tick_ns = fluo_format_axis_step (
    (gint64) (TICK_PITCH_PX / self->width * (double) MAX (fluo_time_span_length (span), 1)));
  for (guint i = 0; lines != NULL && i < indexes->len; i++)
    {
      const guint32 index = g_array_index (indexes, guint32, i);
      const FluoTraceLine *line = g_ptr_array_index (lines->lines, index);
      FluoLogMark mark = { 0 };

      if (line->time_ns < span.begin_ns || line->time_ns > span.end_ns)
        continue;
      mark.x = get_x (self, line->time_ns);
      mark.line = index;
      mark.level = line->level;
      mark.color = color (line->service, user_data);
      add_mark (self, &mark);
    }
  place_shapes (self);
}

void
fluo_log_strip_set_call (FluoLogStrip *self, const char *name, FluoTimeSpan call, FluoColor color)
{
  g_return_if_fail (self != NULL);

  g_free (self->call_name);
  self->call_name = g_strdup (name);
  self->call = name != NULL ? call : (FluoTimeSpan) { 0, 0 };
  self->call_color = color;
}

/* --- Drawing --------------------------------------------------------------------------------- */

static void
draw_call (FluoPainter *painter, const FluoLogStrip *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoFont font = { FLUO_FONT_SANS, 11, 400, FALSE };
  double x0, x1, width;

  if (self->call_name == NULL)
    return;
  x0 = CLAMP (get_x (self, self->call.begin_ns), 0, self->width);
  x1 = CLAMP (get_x (self, self->call.end_ns), 0, self->width);
  if (x1 <= 0 || x0 >= self->width)
    return;
  x1 = MAX (x1, x0 + 2);
  fluo_painter_rounded (painter, x0, CALL_Y, x1 - x0, CALL_HEIGHT, 2);
  fluo_color_set_alpha (cr, self->call_color, 0.55);
  cairo_fill (cr);
  width = MIN (fluo_painter_measure (painter, self->call_name, font), self->width);
  fluo_painter_text (painter, CLAMP ((x0 + x1) / 2, width / 2, self->width - width / 2), NAME_Y,
                     self->call_name, font, palette->fg2, FLUO_ALIGN_MIDDLE, self->width, NULL);
}

static void
draw_axis (FluoPainter *painter, const FluoLogStrip *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoFont font = { FLUO_FONT_SANS, 10.5, 400, TRUE };
  const gint64 begin = self->span.begin_ns - self->zero_ns;
  const gint64 end = self->span.end_ns - self->zero_ns;
  const FluoClockPrecision precision = self->tick_ns < FLUO_NSEC_PER_SEC ? FLUO_CLOCK_MILLISECONDS
                                       : self->tick_ns < 60 * FLUO_NSEC_PER_SEC
                                         ? FLUO_CLOCK_SECONDS
                                         : FLUO_CLOCK_MINUTES;
  const gint64 step = self->tick_ns;
  gint64 value = begin <= 0 ? -(-begin / step) : (begin + step - 1) / step;

  fluo_color_set (cr, palette->line2);
  cairo_rectangle (cr, 0, MARK_Y + MARK_HEIGHT + 1, self->width, 1);
  cairo_fill (cr);
  for (; value * self->tick_ns <= end; value++)
    {
      const double x = get_x (self, self->zero_ns + value * self->tick_ns);
      g_autofree char *label =
        self->zero_ns != 0 ? fluo_format_axis (value * self->tick_ns, self->tick_ns)
                           : fluo_format_clock (value * self->tick_ns, precision, NULL);
      const double width = fluo_painter_measure (painter, label, font);

      fluo_painter_text (painter, CLAMP (x, width / 2, self->width - width / 2), AXIS_Y, label,
                         font, palette->fg3, FLUO_ALIGN_MIDDLE, 0, NULL);
    }
}

void
fluo_log_strip_draw (FluoPainter *painter, const FluoLogStrip *self, guint32 hot,
                     FluoColor background)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  draw_call (painter, self);
  draw_axis (painter, self);
  for (guint i = 0; i < self->marks->len; i++)
    {
      const FluoLogMark *mark = &g_array_index (self->marks, FluoLogMark, i);
      const gboolean is_hot = mark->line == hot;

      fluo_color_set (cr, is_hot ? palette->accent : mark->color);
      cairo_rectangle (cr, floor (mark->x) - (is_hot ? 1 : 0), MARK_Y - (is_hot ? 4 : 0),
                       is_hot ? 4 : 2, MARK_HEIGHT + (is_hot ? 4 : 0));
      cairo_fill (cr);
    }
  for (guint i = 0; i < self->marks->len; i++)
    {
      const FluoLogMark *mark = &g_array_index (self->marks, FluoLogMark, i);

      if (mark->shape)
        fluo_painter_status (painter, fluo_log_level_get_status (mark->level),
                             CLAMP (mark->x - SHAPE_PX / 2 + 1, 0, self->width - SHAPE_PX), SHAPE_Y,
                             SHAPE_PX, background);
    }
}

guint32
fluo_log_strip_hit (const FluoLogStrip *self, double x)
{
  guint32 found = G_MAXUINT32;
  double best = HIT_PX;

  for (guint i = 0; i < self->marks->len; i++)
    {
      const FluoLogMark *mark = &g_array_index (self->marks, FluoLogMark, i);
      const double apart = fabs (mark->x + 1 - x);

      if (apart <= best)
        {
          best = apart;
          found = mark->line;
        }
    }
  return found;
}

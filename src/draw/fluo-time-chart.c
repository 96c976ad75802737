/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-chart.h"

/* Distances of ticks at least; the panel is narrow and has a chart to itself. */
#define TICK_PITCH_PX 150.0
#define TICK_PITCH_PANEL_PX 62.0
#define HANDLE_REACH_PX 5.0
#define BUCKETS_MAX 1000

#define SECONDS(n) ((n) * FLUO_NSEC_PER_SEC)

/* Round lengths of buckets and distances of ticks. */
static const gint64 steps[] = {
  SECONDS (1),      SECONDS (2),     SECONDS (5),     SECONDS (10),    SECONDS (15),
  SECONDS (30),     SECONDS (60),    SECONDS (120),   SECONDS (180),   SECONDS (300),
  SECONDS (600),    SECONDS (900),   SECONDS (1800),  SECONDS (3600),  SECONDS (7200),
  SECONDS (10800),  SECONDS (21600), SECONDS (43200), SECONDS (86400), SECONDS (172800),
  SECONDS (604800),
};

const FluoTimeChartStyle fluo_time_chart_strip = {
  .label_width = 96,
  .right_margin = 14,
  .total_y = 27,
  .total_height = 21,
  .trouble_y = 46,
  .trouble_height = 15,
  .total_label = N_("Traces"),
  .trouble_label = N_("Faults"),
};

const FluoTimeChartStyle fluo_time_chart_panel = {
  .total_y = 40,
  .total_height = 34,
  .trouble_y = 68,
  .trouble_height = 22,
  .errors = TRUE,
};

const FluoTimeChartStyle fluo_time_chart_panel_alarm = {
  .total_y = 40 + FLUO_TIME_CHART_ALARM_PX,
  .total_height = 34,
  .trouble_y = 68 + FLUO_TIME_CHART_ALARM_PX,
  .trouble_height = 22,
  .errors = TRUE,
};

static gint64
step_for (gint64 length_ns,
          guint  n_max)
{
  gint64 step = steps[G_N_ELEMENTS (steps) - 1];

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    /* One bucket more, because the first and the last may be cut. */
    if (length_ns / steps[i] + 1 <= n_max)
      return steps[i];
  while (length_ns / step + 1 > n_max)
    step *= 2;
  return step;
}

void
fluo_time_series_init (FluoTimeSeries *self,
                       FluoTimeSpan    span,
                       guint           n_max)
{
  g_return_if_fail (self != NULL);

  n_max = CLAMP (n_max, 2, BUCKETS_MAX);
  span.end_ns = MAX (span.end_ns, span.begin_ns + 1);
  self->step_ns = step_for (fluo_time_span_length (span), n_max);
  self->span.begin_ns = span.begin_ns - span.begin_ns % self->step_ns;
  self->n_buckets =
    (guint) ((span.end_ns - self->span.begin_ns + self->step_ns - 1) / self->step_ns);
  self->span.end_ns = self->span.begin_ns + self->n_buckets * self->step_ns;
  self->buckets = g_new0 (FluoTimeBucket, self->n_buckets);
}

void
fluo_time_series_clear (FluoTimeSeries *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->buckets, g_free);
  self->n_buckets = 0;
}

void
fluo_time_series_add (FluoTimeSeries *self,
                      gint64          time_ns,
                      FluoStatus      status)
{
  FluoTimeBucket *bucket;

  g_return_if_fail (self != NULL);

  if (!self->buckets || !fluo_time_span_contains (self->span, time_ns))
    return;
  bucket = &self->buckets[(time_ns - self->span.begin_ns) / self->step_ns];
  bucket->total++;
  bucket->fault += status == FLUO_STATUS_FAULT;
  bucket->error += status == FLUO_STATUS_ERROR;
  bucket->throttle += status == FLUO_STATUS_THROTTLE;
}

void
fluo_time_chart_layout (FluoTimeChart            *self,
                        const FluoTimeSeries     *series,
                        FluoTimeSpan              span,
                        const FluoTimeChartStyle *style,
                        double                    width,
                        double                    height)
{
  const double pitch = style && style->label_width > 0 ? TICK_PITCH_PX : TICK_PITCH_PANEL_PX;

  g_return_if_fail (self != NULL && series != NULL && style != NULL);

  *self = (FluoTimeChart) {
    .series = series,
    .style = *style,
    .span = fluo_time_span_length (span) > 0 ? span : series->span,
    .width = width,
    .height = height,
    .left = style->label_width,
    .right = MAX (width - style->right_margin, style->label_width + 1),
  };
  for (guint i = 0; i < series->n_buckets; i++)
    {
      const FluoTimeBucket *bucket = &series->buckets[i];

      self->total_max = MAX (self->total_max, bucket->total);
      self->trouble_max = MAX (
        self->trouble_max, bucket->fault + (style->errors ? bucket->error + bucket->throttle : 0));
    }
  self->tick_ns = step_for (fluo_time_span_length (self->span),
                            (guint) CLAMP ((self->right - self->left) / pitch + 1, 2, 60));
}

double
fluo_time_chart_get_x (const FluoTimeChart *self,
                       gint64               time_ns)
{
  const double share =
    (time_ns - self->span.begin_ns) / (double) fluo_time_span_length (self->span);

  return self->left + CLAMP (share, 0, 1) * (self->right - self->left);
}

FluoChartHit
fluo_time_chart_hit (const FluoTimeChart *self,
                     double               x,
                     double               y,
                     gint64              *ret_time)
{
  g_return_val_if_fail (self != NULL, FLUO_CHART_HIT_NOTHING);

  if (ret_time)
    *ret_time =
      self->span.begin_ns + (gint64) (CLAMP ((x - self->left) / (self->right - self->left), 0, 1) *
                                      fluo_time_span_length (self->span));
  if (fluo_time_span_length (self->brush) > 0 && y >= 0 && y < self->height)
    {
      const double begin = fluo_time_chart_get_x (self, self->brush.begin_ns);
      const double end = fluo_time_chart_get_x (self, self->brush.end_ns);

      if (fabs (x - begin) <= HANDLE_REACH_PX && fabs (x - begin) <= fabs (x - end))
        return FLUO_CHART_HIT_BRUSH_BEGIN;
      if (fabs (x - end) <= HANDLE_REACH_PX)
        return FLUO_CHART_HIT_BRUSH_END;
      if (x > begin && x < end)
        return FLUO_CHART_HIT_BRUSH;
    }
  return x >= self->left && x < self->right && y >= 0 && y < self->height ? FLUO_CHART_HIT_PLOT
                                                                          : FLUO_CHART_HIT_NOTHING;
}

/* --- Drawing -------------------------------------------------------------- */

/* A stack of one bucket in one lane: returns its new top. */
static double
draw_piece (FluoPainter *painter,
            double       x,
            double       width,
            double       y,
            double       height,
            FluoStatus   status)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (height <= 0)
    return y;
  cairo_new_path (cr);
  cairo_rectangle (cr, x, y - height, width, height);
  fluo_painter_fill_status (painter, status);
  return y - height;
}

static void
draw_buckets (FluoPainter         *painter,
              const FluoTimeChart *self)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoTimeChartStyle *style = &self->style;
  const FluoTimeSeries *series = self->series;

  for (guint i = 0; i < series->n_buckets; i++)
    {
      const FluoTimeBucket *bucket = &series->buckets[i];
      const double x0 = fluo_time_chart_get_x (self, series->span.begin_ns + i * series->step_ns);
      const double x1 =
        fluo_time_chart_get_x (self, series->span.begin_ns + (i + 1) * series->step_ns);
      const double gap = x1 - x0 > 3 ? .6 : 0;
      const double width = x1 - x0 - 2 * gap;
      const double unit = self->trouble_max > 0 ? style->trouble_height / self->trouble_max : 0;
      double y = style->trouble_y;

      if (width <= 0 || bucket->total == 0)
        continue;
      fluo_color_set (cr, palette->bar_rest);
      cairo_rectangle (cr, x0 + gap,
                       style->total_y -
                         bucket->total * style->total_height / MAX (self->total_max, 1),
                       width, bucket->total * style->total_height / MAX (self->total_max, 1));
      cairo_fill (cr);
      y = draw_piece (painter, x0 + gap, width, y, bucket->fault * unit, FLUO_STATUS_FAULT);
      if (!style->errors)
        continue;
      y = draw_piece (painter, x0 + gap, width, y, bucket->throttle * unit, FLUO_STATUS_THROTTLE);
      draw_piece (painter, x0 + gap, width, y, bucket->error * unit, FLUO_STATUS_ERROR);
    }
}

/* "14:23 insight" on the axis, and the dashed line above it. */
typedef struct
{
  char  *text; /* NULL = no mark */
  double x;
  double start, end; /* of the text */
} FluoMark;

static FluoFont
mark_font (void)
{
  return FLUO_FIGURES (11, 400);
}

static void
mark_init (FluoMark            *mark,
           FluoPainter         *painter,
           const FluoTimeChart *self,
           FluoClockPrecision   precision)
{
  g_autofree char *clock = NULL;
  double width;

  if (self->mark_name || !fluo_time_span_contains (self->span, self->mark_ns))
    return;
  clock = fluo_format_clock (self->mark_ns, precision, NULL);
  /* Translators: a time of day at which an insight begins, on an axis. */
  mark->text = g_strdup_printf (_("%s insight"), clock);
  mark->x = floor (fluo_time_chart_get_x (self, self->mark_ns)) + .5;
  width = fluo_painter_measure (painter, mark->text, mark_font ());
  mark->start = CLAMP (mark->x - width / 2, 0, MAX (self->right - width, 0));
  mark->end = mark->start + width;
}

/* Also clears it. */
static void
mark_draw (FluoMark            *mark,
           FluoPainter         *painter,
           const FluoTimeChart *self)
{
  static const double dashes[] = { 2, 2 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (!mark->text)
    return;
  cairo_save (cr);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, mark->x, self->style.total_y - self->style.total_height - 2);
  cairo_line_to (cr, mark->x, self->style.trouble_y + 4);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_painter_text (painter, mark->start, self->style.trouble_y + 14, mark->text, mark_font (),
                     palette->status[FLUO_STATUS_FAULT].text, FLUO_ALIGN_START, 0, NULL);
  g_clear_pointer (&mark->text, g_free);
}

static void
draw_time_axis (FluoPainter         *painter,
                const FluoTimeChart *self)
{
  const FluoFont font = { FLUO_FONT_SANS, self->style.label_width > 0 ? 11 : 10.5, 400, TRUE };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoClockPrecision precision =
    self->tick_ns < SECONDS (60) ? FLUO_CLOCK_SECONDS : FLUO_CLOCK_MINUTES;
  cairo_t *cr = fluo_painter_get_cr (painter);
  const double y = self->style.trouble_y;
  FluoMark mark = { 0 };
  double used = -1;

  mark_init (&mark, painter, self, precision);
  fluo_color_set (cr, palette->line2);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, self->left, self->style.total_y + .5);
  cairo_line_to (cr, self->right, self->style.total_y + .5);
  cairo_move_to (cr, self->left, y + .5);
  cairo_line_to (cr, self->right, y + .5);
  cairo_stroke (cr);
  for (gint64 time = self->span.begin_ns + self->tick_ns - 1 -
                     (self->span.begin_ns + self->tick_ns - 1) % self->tick_ns;
       time <= self->span.end_ns; time += self->tick_ns)
    {
      g_autofree char *text = fluo_format_clock (time, precision, NULL);
      const double width = fluo_painter_measure (painter, text, font);
      const double x = floor (fluo_time_chart_get_x (self, time)) + .5;
      const double start =
        CLAMP (x - width / 2, self->left > 0 ? 0 : self->left, MAX (self->right - width, 0));

      fluo_color_set (cr, palette->line2);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x, y + 5);
      cairo_stroke (cr);
      if (start < used || (mark.text && start < mark.end + 12 && start + width + 12 > mark.start))
        continue;
      fluo_painter_text (painter, start, y + 14, text, font, palette->fg3, FLUO_ALIGN_START, 0,
                         NULL);
      used = start + width + 12;
    }
  mark_draw (&mark, painter, self);
}

/* The bell, the alarm's name, and where it began; one that rang before the axis begins stands at
 * its left end. */
static void
draw_alarm (FluoPainter         *painter,
            const FluoTimeChart *self)
{
  static const double dashes[] = { 2, 2 };
  const double bell = 11;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoColor color = palette->status[FLUO_STATUS_FAULT].text;
  const double x =
    self->mark_ns > self->span.begin_ns
      ? floor (fluo_time_chart_get_x (self, MIN (self->mark_ns, self->span.end_ns))) + .5
      : self->left + .5;
  const double width =
    MIN (fluo_painter_measure (painter, self->mark_name, mark_font ()), self->right - bell - 4);
  const double start = CLAMP (x - bell - 4 - width - 5, 0, MAX (self->right - width - bell - 4, 0));
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_save (cr);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, x, 1);
  cairo_line_to (cr, x, self->style.trouble_y);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_painter_icon (painter, "bell", start, 1, bell, color);
  fluo_painter_text (painter, start + bell + 4, 10, self->mark_name, mark_font (), color,
                     FLUO_ALIGN_START, width + 1, NULL);
}

static void
draw_lane_label (FluoPainter         *painter,
                 const FluoTimeChart *self,
                 const char          *label,
                 guint                largest,
                 double               y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autofree char *text = fluo_format_count (largest);
  const FluoFont small = { FLUO_FONT_SANS, 11, 400, TRUE };
  double width;

  width = fluo_painter_text (painter, self->left - 8, y, text, small, palette->fg3, FLUO_ALIGN_END,
                             0, NULL);
  fluo_painter_text (painter, 14, y, _(label), FLUO_SANS (11.5, 400), palette->fg2,
                     FLUO_ALIGN_START, MAX (1, self->left - 8 - width - 18), NULL);
}

static void
draw_brush (FluoPainter         *painter,
            const FluoTimeChart *self)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double begin = fluo_time_chart_get_x (self, self->brush.begin_ns);
  const double end = fluo_time_chart_get_x (self, self->brush.end_ns);
  const double top = self->style.total_y - self->style.total_height - 2;
  const double bottom = self->style.trouble_y + 1;

  fluo_color_set (cr, palette->accent_soft);
  cairo_rectangle (cr, begin, top, end - begin, bottom - top);
  cairo_fill (cr);
  fluo_color_set (cr, palette->accent);
  for (guint i = 0; i < 2; i++)
    {
      const double x = i ? end : begin;

      cairo_rectangle (cr, x - .8, top, 1.6, bottom - top);
      cairo_fill (cr);
      fluo_painter_rounded (painter, x - 3, (top + bottom) / 2 - 8, 6, 16, 3);
      cairo_fill (cr);
    }
}

void
fluo_time_chart_draw (FluoPainter         *painter,
                      const FluoTimeChart *self,
                      FluoColor            background)
{
  const FluoPalette *palette;
  cairo_t *cr;

  g_return_if_fail (painter != NULL && self != NULL && self->series != NULL);

  cr = fluo_painter_get_cr (painter);
  palette = fluo_painter_get_palette (painter);
  cairo_new_path (cr);
  draw_buckets (painter, self);
  draw_time_axis (painter, self);
  if (self->style.label_width > 0)
    {
      draw_lane_label (painter, self, self->style.total_label, self->total_max,
                       self->style.total_y - 7);
      draw_lane_label (painter, self, self->style.trouble_label, self->trouble_max,
                       self->style.trouble_y - 3);
    }
  else if (self->total_max > 0)
    {
      g_autofree char *text = fluo_format_count (self->total_max);

      fluo_painter_text (painter, self->right, self->style.total_y - self->style.total_height + 4,
                         text, FLUO_FIGURES (10.5, 400), palette->fg3, FLUO_ALIGN_END, 0,
                         &background);
    }
  if (self->mark_name)
    draw_alarm (painter, self);
  if (fluo_time_span_length (self->brush) > 0)
    draw_brush (painter, self);
  if (self->style.live)
    {
      fluo_color_set (cr, palette->live);
      cairo_rectangle (cr, self->right - 1, 4, 2, self->style.trouble_y - 3);
      cairo_fill (cr);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-histogram.h"
#include "draw/fluo-scatter-private.h"

/* Design: plot from 52, histogram 244 of 1080 wide, 26 between, 18 behind. */
#define LEFT_PX 52.0
#define RIGHT_PX 18.0
#define GAP_PX 26.0
#define TOP_PX 6.0
#define BOTTOM_PX 26.0
#define BARS_SHARE .226
#define BARS_MIN_PX 150.0
#define BARS_MAX_PX 300.0
/* Under this the histogram goes. */
#define BARS_WINDOW_PX 620.0
#define BAR_PITCH_PX 3.75
#define TICK_PITCH_PX 26.0
#define TIME_PITCH_PX 96.0
/* Beyond so many times p99 the slowest point squeezes the others. */
#define OUTLIER_FACTOR 4
/* The longest bar this many times the mean of all: then by the square root. */
#define ROOT_FACTOR 9
#define COLUMNS_MAX 16384

FluoScatter *
fluo_scatter_new (void)
{
  FluoScatter *self = g_new0 (FluoScatter, 1);

  self->points = g_array_new (FALSE, FALSE, sizeof (FluoScatterPoint));
  self->marks = g_array_new (FALSE, FALSE, sizeof (FluoScatterMark));
  return self;
}

void
fluo_scatter_drop_images (FluoScatter *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->images); i++)
    g_clear_pointer (&self->images[i], cairo_surface_destroy);
  self->images_palette = NULL;
}

void
fluo_scatter_free (FluoScatter *self)
{
  if (!self)
    return;
  fluo_scatter_drop_images (self);
  g_array_unref (self->points);
  g_array_unref (self->marks);
  g_free (self->grid);
  g_free (self);
}

/* --- Points ------------------------------------------------------------------------------ */

static int
compare_values (const void *a, const void *b)
{
  const gint64 x = *(const gint64 *) a;
  const gint64 y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

void
fluo_scatter_set_points (FluoScatter *self, GArray *points)
{
  static const double shares[] = { .5, .9, .99 };
  g_autofree gint64 *values = NULL;

  g_return_if_fail (self != NULL && points != NULL);

  if (self->points != points)
    {
      g_array_unref (self->points);
      self->points = g_array_ref (points);
    }
  self->laid_out = FALSE;
  memset (self->quantiles, 0, sizeof self->quantiles);
  self->least_ns = self->most_ns = 0;
  if (points->len == 0)
    return;
  values = g_new (gint64, points->len);
  for (guint i = 0; i < points->len; i++)
    values[i] = g_array_index (points, FluoScatterPoint, i).value_ns;
  qsort (values, points->len, sizeof *values, compare_values);
  for (guint i = 0; i < 3; i++)
    self->quantiles[i] = fluo_percentile (values, points->len, shares[i]);
  self->least_ns = values[0];
  self->most_ns = values[points->len - 1];
}

/* --- Axis -------------------------------------------------------------------------------- */

static gint64
round_step (double least)
{
  static const double steps[] = { 1, 2, 4, 5, 10 };
  const double unit = pow (10, floor (log10 (MAX (least, 1))));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * unit >= least * .999999)
      return (gint64) (steps[i] * unit);
  return (gint64) (10 * unit);
}

static void
make_linear_axis (FluoScatter *self, gint64 low, gint64 high)
{
  const double rows = MAX (floor ((self->bottom - self->top) / TICK_PITCH_PX), 1);
  gint64 step = round_step ((high - low) / rows);

  /* An axis that begins just above nothing begins at nothing. */
  if (low < (high - low) / 4)
    {
      low = 0;
      step = round_step (high / rows);
    }
  low -= low % step;
  high = (high + step - 1) / step * step;
  self->low_ns = low;
  self->high_ns = MAX (high, low + step);
  while ((self->high_ns - low) / step + 1 > FLUO_SCATTER_TICKS_MAX)
    step *= 2;
  self->tick_step_ns = step;
  for (gint64 at = low; at <= self->high_ns && self->n_ticks < FLUO_SCATTER_TICKS_MAX; at += step)
    self->ticks[self->n_ticks++] = at;
}

/* The largest 1, 2 or 5 of a decade that is not over @value, and the next one. */
static gint64
decade_step (double value, gboolean up)
{
  static const double steps[] = { 1, 2, 5, 10 };
  const double unit = pow (10, floor (log10 (MAX (value, 1)) + 1e-9));
  guint i = 0;

  while (i < 2 && steps[i + 1] * unit <= value * 1.000001)
    i++;
  if (up && steps[i] * unit < value * .999999)
    i++;
  return (gint64) (steps[i] * unit + .5);
}

static void
make_log_axis (FluoScatter *self, gint64 low, gint64 high)
{
  const guint rows = (guint) MAX ((self->bottom - self->top) / TICK_PITCH_PX, 1);
  guint n = 0;
  guint every;

  self->low_ns = decade_step (MAX (low, 1000), FALSE);
  self->high_ns = MAX (decade_step (MAX (high, 1000), TRUE), 10 * self->low_ns);
  self->log_low = log10 ((double) self->low_ns);
  self->log_high = log10 ((double) self->high_ns);
  for (gint64 at = self->low_ns; at <= self->high_ns; at = decade_step (at * 1.01, TRUE))
    n++;
  every = MIN (rows, FLUO_SCATTER_TICKS_MAX) >= n ? 1 : 3;
  n = 0;
  for (gint64 at = self->low_ns; at <= self->high_ns; at = decade_step (at * 1.01, TRUE), n++)
    {
      /* With too many, decades only; with still too many, every second of them. */
      const double decade = log10 ((double) at);
      const gboolean is_decade = fabs (decade - round (decade)) < 1e-6;
      const guint decades = (guint) (self->log_high - self->log_low) + 1;

      if (every > 1 && (!is_decade || (decades > rows && (int) round (decade) % 2)))
        continue;
      if (self->n_ticks < FLUO_SCATTER_TICKS_MAX)
        self->ticks[self->n_ticks++] = at;
    }
}

static void
make_axis (FluoScatter *self)
{
  const gboolean zoomed = self->view.high_ns > self->view.low_ns;
  gint64 low = zoomed ? self->view.low_ns : self->least_ns;
  gint64 high = zoomed ? self->view.high_ns : self->most_ns;

  if (self->points->len == 0 && !zoomed)
    high = FLUO_NSEC_PER_SEC;
  /* Values that are all but the same are not looked at with a microscope, whose ticks would read
   * the same too: the axis is at least a tenth of them long, unless somebody zoomed in. */
  if (!zoomed && high - low < high / 10)
    {
      const gint64 more = high / 10 - (high - low);

      low -= more / 2;
      high += more - more / 2;
    }
  high = MAX (high, low + 1000);
  self->n_ticks = 0;
  self->log = self->view.axis == FLUO_SCATTER_AXIS_LOG
              || (self->view.axis == FLUO_SCATTER_AXIS_AUTO && !zoomed
                  && self->most_ns > OUTLIER_FACTOR * MAX (self->quantiles[2], 1000));
  if (self->log)
    make_log_axis (self, low, high);
  else
    make_linear_axis (self, low, high);
}

/* --- Places ------------------------------------------------------------------------------ */

double
fluo_scatter_get_x (const FluoScatter *self, gint64 time_ns)
{
  const gint64 length = MAX (fluo_time_span_length (self->view.span), 1);

  return self->left
         + (time_ns - self->view.span.begin_ns) / (double) length * (self->right - self->left);
}

gint64
fluo_scatter_get_time (const FluoScatter *self, double x)
{
  const double share = CLAMP ((x - self->left) / MAX (self->right - self->left, 1), 0, 1);

  return self->view.span.begin_ns
         + (gint64) (share * fluo_time_span_length (self->view.span));
}

static double
value_share (const FluoScatter *self, gint64 value_ns)
{
  if (self->log)
    return (log10 (MAX (value_ns, 1)) - self->log_low) / (self->log_high - self->log_low);
  return (value_ns - self->low_ns) / (double) (self->high_ns - self->low_ns);
}

double
fluo_scatter_get_y (const FluoScatter *self, gint64 value_ns)
{
  return self->bottom - value_share (self, value_ns) * (self->bottom - self->top);
}

gint64
fluo_scatter_get_value (const FluoScatter *self, double y)
{
  const double share = CLAMP ((self->bottom - y) / MAX (self->bottom - self->top, 1), 0, 1);

  if (self->log)
    return (gint64) (pow (10, self->log_low + share * (self->log_high - self->log_low)) + .5);
  return self->low_ns + (gint64) (share * (self->high_ns - self->low_ns) + .5);
}

static gint64
round_to (gint64 value, gint64 step)
{
  return (value + step / 2) / step * step;
}

gint64
fluo_scatter_round_value (const FluoScatter *self, gint64 value_ns)
{
  const double y = fluo_scatter_get_y (self, value_ns);
  const gint64 pixel = MAX (fluo_scatter_get_value (self, y - 1) - value_ns,
                            value_ns - fluo_scatter_get_value (self, y + 1));

  return round_to (value_ns, MAX (round_step (MAX (pixel, 1)), 1));
}

gint64
fluo_scatter_round_time (const FluoScatter *self, gint64 time_ns)
{
  const double pixel = fluo_time_span_length (self->view.span)
                       / MAX (self->right - self->left, 1);

  return round_to (time_ns, fluo_format_axis_step ((gint64) MAX (pixel, 1)));
}

/* --- Bins -------------------------------------------------------------------------------- */

static void
add_to_mark (FluoScatter *self, guint column, guint row, guint32 at,
             const FluoScatterPoint *point)
{
  guint32 *cell = &self->grid[row * self->n_columns + column];
  FluoScatterMark *mark;

  if (*cell == 0)
    {
      const FluoScatterMark fresh = { at, 1, (guint16) column, (guint16) row,
                                      (guint8) point->status };

      g_array_append_val (self->marks, fresh);
      *cell = self->marks->len;
      return;
    }
  mark = &g_array_index (self->marks, FluoScatterMark, *cell - 1);
  mark->count++;
  if (point->status > mark->status
      || (point->status == mark->status
          && point->value_ns
               > g_array_index (self->points, FluoScatterPoint, mark->point).value_ns))
    {
      mark->point = at;
      mark->status = (guint8) point->status;
    }
}

static void
add_to_bar (FluoScatterBar *bar, FluoStatus status)
{
  bar->total++;
  bar->fault += status == FLUO_STATUS_FAULT;
  bar->error += status == FLUO_STATUS_ERROR || status == FLUO_STATUS_THROTTLE;
}

/* Points outside the axes are not shown; the edges belong to the outermost pixels. */
static void
make_bins (FluoScatter *self)
{
  const double width = self->right - self->left;
  const double height = self->bottom - self->top;
  const gint64 length = fluo_time_span_length (self->view.span);
  const double columns = self->n_columns / (double) MAX (length, 1);

  memset (self->grid, 0, (gsize) self->n_columns * self->n_rows * sizeof *self->grid);
  memset (self->bars, 0, sizeof self->bars);
  g_array_set_size (self->marks, 0);
  if (width < 1 || height < 1 || length <= 0)
    return;
  for (guint i = 0; i < self->points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (self->points, FluoScatterPoint, i);
      const double share = CLAMP (value_share (self, point->value_ns), 0, 1);

      if (point->value_ns > self->high_ns
          || (point->value_ns < self->low_ns && self->view.high_ns > self->view.low_ns))
        continue;
      add_to_bar (&self->bars[MIN ((guint) (share * self->n_bars), self->n_bars - 1)],
                  point->status);
      if (point->time_ns < self->view.span.begin_ns || point->time_ns > self->view.span.end_ns)
        continue;
      add_to_mark (self,
                   MIN ((guint) ((point->time_ns - self->view.span.begin_ns) * columns),
                        self->n_columns - 1),
                   MIN ((guint) ((1 - share) * self->n_rows), self->n_rows - 1), i, point);
    }
}

static void
measure_bins (FluoScatter *self)
{
  guint used = 0;
  guint sum = 0;

  self->most = self->most_bar = 0;
  for (guint i = 0; i < self->marks->len; i++)
    self->most = MAX (self->most, g_array_index (self->marks, FluoScatterMark, i).count);
  for (guint i = 0; i < self->n_bars; i++)
    {
      self->most_bar = MAX (self->most_bar, self->bars[i].total);
      sum += self->bars[i].total;
      used += self->bars[i].total > 0;
    }
  self->root = used > 0 && self->most_bar > ROOT_FACTOR * (sum / used);
}

void
fluo_scatter_measure (double width, double *ret_left, double *ret_right, double *ret_bars_left,
                      double *ret_bars_right)
{
  const gboolean bars = width >= BARS_WINDOW_PX;

  *ret_left = LEFT_PX;
  *ret_bars_right = MAX (width - RIGHT_PX, LEFT_PX + 1);
  *ret_bars_left = *ret_bars_right;
  if (bars)
    *ret_bars_left -= CLAMP (floor (width * BARS_SHARE), BARS_MIN_PX, BARS_MAX_PX);
  *ret_right = bars ? *ret_bars_left - GAP_PX : *ret_bars_right;
}

static void
place (FluoScatter *self)
{
  fluo_scatter_measure (self->view.width, &self->left, &self->right, &self->bars_left,
                        &self->bars_right);
  self->top = TOP_PX;
  self->bottom = MAX (self->view.height - BOTTOM_PX, TOP_PX + 1);
}

static gboolean
view_equal (const FluoScatterView *a, const FluoScatterView *b)
{
  return a->width == b->width && a->height == b->height && a->scale == b->scale
         && fluo_time_span_equal (a->span, b->span) && a->axis == b->axis && a->low_ns == b->low_ns
         && a->high_ns == b->high_ns;
}

void
fluo_scatter_layout (FluoScatter *self, const FluoScatterView *view)
{
  g_return_if_fail (self != NULL && view != NULL);

  if (self->laid_out && view_equal (&self->view, view))
    return;
  self->view = *view;
  place (self);
  make_axis (self);
  self->heat = self->points->len > FLUO_SCATTER_HEAT_MIN;
  self->cell = self->heat ? FLUO_SCATTER_HEAT_CELL_PX : 1;
  self->n_columns = (guint) CLAMP (ceil ((self->right - self->left) / self->cell), 1, COLUMNS_MAX);
  self->n_rows = (guint) CLAMP (ceil ((self->bottom - self->top) / self->cell), 1, COLUMNS_MAX);
  self->n_bars =
    (guint) CLAMP ((self->bottom - self->top) / BAR_PITCH_PX, 1, FLUO_SCATTER_BARS_MAX);
  self->time_step_ns = fluo_format_axis_step (
      (gint64) (fluo_time_span_length (view->span) * TIME_PITCH_PX
                / MAX (self->right - self->left, TIME_PITCH_PX)));
  self->grid = g_renew (guint32, self->grid, (gsize) self->n_columns * self->n_rows);
  make_bins (self);
  measure_bins (self);
  fluo_scatter_drop_images (self);
  self->laid_out = TRUE;
}

/* --- What it made ------------------------------------------------------------------------ */

const FluoScatterMark *
fluo_scatter_get_marks (const FluoScatter *self, guint *ret_n)
{
  *ret_n = self->marks->len;
  return (const FluoScatterMark *) (void *) self->marks->data;
}

const FluoScatterBar *
fluo_scatter_get_bars (const FluoScatter *self, guint *ret_n)
{
  *ret_n = self->n_bars;
  return self->bars;
}

gboolean
fluo_scatter_is_heat (const FluoScatter *self)
{
  return self->heat;
}

gboolean
fluo_scatter_is_log (const FluoScatter *self)
{
  return self->log;
}

void
fluo_scatter_get_plot (const FluoScatter *self, double *ret_left, double *ret_right,
                       double *ret_top, double *ret_bottom)
{
  *ret_left = self->left;
  *ret_right = self->right;
  *ret_top = self->top;
  *ret_bottom = self->bottom;
}

void
fluo_scatter_get_histogram (const FluoScatter *self, double *ret_left, double *ret_right)
{
  *ret_left = self->bars_left;
  *ret_right = self->bars_right;
}

void
fluo_scatter_get_axis (const FluoScatter *self, gint64 *ret_low_ns, gint64 *ret_high_ns)
{
  *ret_low_ns = self->low_ns;
  *ret_high_ns = self->high_ns;
}

void
fluo_scatter_get_quantiles (const FluoScatter *self, gint64 ret_ns[3])
{
  memcpy (ret_ns, self->quantiles, sizeof self->quantiles);
}

guint
fluo_scatter_count (const FluoScatter *self, const FluoBrush *brush,
                    guint ret_statuses[FLUO_N_STATUSES])
{
  guint sum = 0;

  memset (ret_statuses, 0, FLUO_N_STATUSES * sizeof *ret_statuses);
  for (guint i = 0; i < self->points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (self->points, FluoScatterPoint, i);

      if (!fluo_brush_contains (brush, point->time_ns, point->value_ns))
        continue;
      ret_statuses[point->status]++;
      sum++;
    }
  return sum;
}

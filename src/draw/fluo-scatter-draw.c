/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-scatter-private.h"

#define HANDLE_PX 22.0
#define HANDLE_THICK_PX 6.0
#define RING_PX 7.0

static const FluoFont axis_font = { FLUO_FONT_SANS, 11, 400, TRUE };
static const FluoFont axis_bold = { FLUO_FONT_SANS, 11, 600, TRUE };

/* What the brush covers of the plot; without a part it reaches over all of it. */
typedef struct
{
  double left, right, top, bottom;
} Area;

static Area
brush_area (const FluoScatter *self, const FluoBrush *brush)
{
  Area area = { self->left, self->right, self->top, self->bottom };

  if (fluo_brush_has_span (brush))
    {
      area.left = CLAMP (fluo_scatter_get_x (self, brush->span.begin_ns), self->left, self->right);
      area.right = CLAMP (fluo_scatter_get_x (self, brush->span.end_ns), self->left, self->right);
    }
  if (fluo_brush_has_values (brush))
    {
      area.bottom = CLAMP (fluo_scatter_get_y (self, brush->from_ns), self->top, self->bottom);
      area.top = brush->to_ns == G_MAXINT64
                   ? self->top
                   : CLAMP (fluo_scatter_get_y (self, brush->to_ns), self->top, self->bottom);
    }
  return area;
}

static void
line (cairo_t *cr, double x1, double y1, double x2, double y2)
{
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x2, y2);
}

/* --- Axes -------------------------------------------------------------------------------- */

static void
draw_values (FluoPainter *painter, const FluoScatter *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const gboolean bars = self->bars_right > self->bars_left;
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < self->n_ticks; i++)
    {
      const double y = floor (fluo_scatter_get_y (self, self->ticks[i])) + .5;
      g_autofree char *text = self->log ? fluo_format_duration (self->ticks[i])
                                        : fluo_format_axis (self->ticks[i], self->tick_step_ns);

      fluo_color_set (cr, self->ticks[i] > self->low_ns ? palette->grid : palette->line2);
      line (cr, self->left, y, self->right, y);
      if (bars)
        line (cr, self->bars_left, y, self->bars_right, y);
      cairo_stroke (cr);
      fluo_painter_text (painter, self->left - 8, y + 3.5, text, axis_font, palette->fg3,
                         FLUO_ALIGN_END, self->left - 10, NULL);
    }
}

static void
draw_times (FluoPainter *painter, const FluoScatter *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const gint64 step = self->time_step_ns;
  const gint64 first = (self->view.span.begin_ns + step - 1) / step * step;
  const FluoClockPrecision precision =
    step < FLUO_NSEC_PER_SEC    ? FLUO_CLOCK_MILLISECONDS
    : step < FLUO_NSEC_PER_MIN  ? FLUO_CLOCK_SECONDS
                                : FLUO_CLOCK_MINUTES;
  double used = 0;

  for (gint64 at = first; at <= self->view.span.end_ns; at += step)
    {
      g_autofree char *text = fluo_format_clock (at, precision, NULL);
      const double width = fluo_painter_measure (painter, text, axis_font);
      const double x = MIN (fluo_scatter_get_x (self, at) - width / 2, self->right - width);

      if (x < used)
        continue;
      fluo_painter_text (painter, x, self->bottom + 15, text, axis_font, palette->fg3,
                         FLUO_ALIGN_START, 0, NULL);
      used = x + width + 12;
    }
}

/* --- Histogram --------------------------------------------------------------------------- */

static double
bar_length (const FluoScatter *self, guint count)
{
  const double share = self->most_bar > 0 ? count / (double) self->most_bar : 0;
  const double room = self->bars_right - self->bars_left - 10;

  return count > 0 ? MAX ((self->root ? sqrt (share) : share) * room, 1) : 0;
}

static void
draw_bars (FluoPainter *painter, const FluoScatter *self, const FluoBrush *brush)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double pitch = (self->bottom - self->top) / self->n_bars;
  const gboolean brushed = fluo_brush_has_values (brush);
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint i = 0; i < self->n_bars; i++)
    {
      const FluoScatterBar *bar = &self->bars[i];
      const double y = self->bottom - (i + 1) * pitch;
      const gint64 middle = fluo_scatter_get_value (self, y + pitch / 2);
      const gboolean picked = brushed && middle >= brush->from_ns && middle < brush->to_ns;
      const double length = bar_length (self, bar->total);
      double fault;
      double error;

      if (bar->total == 0)
        continue;
      /* The parts share the bar as the counts do, but are seen whenever they are there. */
      fault = bar->fault > 0 ? MAX (length * bar->fault / bar->total, 1.5) : 0;
      error = bar->error > 0 ? MAX (length * bar->error / bar->total, 1.5) : 0;
      fluo_color_set (cr, picked ? palette->accent : palette->bar_base);
      cairo_rectangle (cr, self->bars_left, y + .4, length, pitch - .8);
      cairo_fill (cr);
      fluo_color_set (cr, palette->error_fill);
      cairo_rectangle (cr, self->bars_left + fault, y + .4, error, pitch - .8);
      cairo_fill (cr);
      fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
      cairo_rectangle (cr, self->bars_left, y + .4, fault, pitch - .8);
      cairo_fill (cr);
    }
}

/* Nothing is written over a line of another quantile, or over its label. */
static gboolean
is_free (const FluoScatter *self, guint own, double baseline, double used)
{
  if (baseline > used - 12)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    {
      const double y = fluo_scatter_get_y (self, self->quantiles[i]);

      if (i != own && y > baseline - 9 && y < baseline + 2)
        return FALSE;
    }
  return TRUE;
}

static void
draw_quantiles (FluoPainter *painter, const FluoScatter *self, FluoColor background)
{
  static const char *const names[] = { "p50", "p90", "p99" };
  static const double dashes[] = { 2.0, 2.0 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double used = self->bottom + 20;

  for (guint i = 0; i < 3 && self->points->len > 0; i++)
    {
      const double y = floor (fluo_scatter_get_y (self, self->quantiles[i])) + .5;
      g_autofree char *value = fluo_format_duration (self->quantiles[i]);
      double width;
      double baseline;

      if (y < self->top || y > self->bottom)
        continue;
      cairo_save (cr);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_set_line_width (cr, 1);
      fluo_color_set (cr, palette->fg);
      line (cr, self->bars_left, y, self->bars_right, y);
      cairo_stroke (cr);
      cairo_restore (cr);
      /* Above its line, or else below. */
      baseline = y - 3;
      if (baseline < self->top + 8 || !is_free (self, i, baseline, used))
        baseline = y + 11;
      if (!is_free (self, i, baseline, used))
        continue;
      width = fluo_painter_text (painter, self->bars_right, baseline, value, axis_bold,
                                 palette->fg, FLUO_ALIGN_END, 0, &background);
      fluo_painter_text (painter, self->bars_right - width - 4, baseline, names[i], axis_font,
                         palette->fg2, FLUO_ALIGN_END, 0, &background);
      used = baseline;
    }
}

static void
draw_scale_words (FluoPainter *painter, const FluoScatter *self)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  if (self->root && self->bars_right > self->bars_left)
    fluo_painter_text (painter, self->bars_right, self->bottom + 15, _("√ scale"), axis_font,
                       palette->fg3, FLUO_ALIGN_END, 0, NULL);
  if (self->log)
    fluo_painter_text (painter, self->bars_right > self->bars_left ? self->bars_left : self->left,
                       self->bottom + 15, _("log scale"), axis_font, palette->fg3,
                       self->bars_right > self->bars_left ? FLUO_ALIGN_START : FLUO_ALIGN_END, 0,
                       NULL);
}

/* --- Brush ------------------------------------------------------------------------------- */

static void
draw_tint (FluoPainter *painter, const FluoScatter *self, const FluoBrush *brush, Area area)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, palette->accent_soft);
  cairo_rectangle (cr, area.left, area.top, area.right - area.left, area.bottom - area.top);
  if (fluo_brush_has_values (brush) && self->bars_right > self->bars_left)
    cairo_rectangle (cr, self->bars_left, area.top, self->bars_right - self->bars_left,
                     area.bottom - area.top);
  cairo_fill (cr);
}

static void
draw_level (FluoPainter *painter, double left, double right, double y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_rectangle (cr, left, y - .8, right - left, 1.6);
  cairo_fill (cr);
  fluo_painter_rounded (painter, (left + right - HANDLE_PX) / 2, y - HANDLE_THICK_PX / 2, HANDLE_PX,
                        HANDLE_THICK_PX, HANDLE_THICK_PX / 2);
  cairo_fill (cr);
}

static void
draw_edges (FluoPainter *painter, const FluoScatter *self, const FluoBrush *brush, Area area)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double levels[] = { area.bottom, area.top };
  const double sides[] = { area.left, area.right };
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, palette->accent);
  for (guint i = 0; i < 2; i++)
    {
      /* An open end has no edge. */
      if (fluo_brush_has_values (brush)
          && (i == 0 ? brush->from_ns > self->low_ns : brush->to_ns < self->high_ns))
        {
          draw_level (painter, area.left, area.right, levels[i]);
          if (self->bars_right > self->bars_left)
            draw_level (painter, self->bars_left, self->bars_right, levels[i]);
        }
      if (!fluo_brush_has_span (brush))
        continue;
      cairo_rectangle (cr, sides[i] - .8, area.top, 1.6, area.bottom - area.top);
      cairo_fill (cr);
      fluo_painter_rounded (painter, sides[i] - HANDLE_THICK_PX / 2,
                            (area.top + area.bottom - HANDLE_PX) / 2, HANDLE_THICK_PX, HANDLE_PX,
                            HANDLE_THICK_PX / 2);
      cairo_fill (cr);
    }
}

/* --- All --------------------------------------------------------------------------------- */

static void
draw_ring (FluoPainter *painter, const FluoScatter *self, guint index, double width)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const FluoScatterPoint *point;
  double x;
  double y;

  if (index >= self->points->len)
    return;
  point = &g_array_index (self->points, FluoScatterPoint, index);
  x = fluo_scatter_get_x (self, point->time_ns);
  y = fluo_scatter_get_y (self, point->value_ns);
  if (x < self->left || x > self->right || y < self->top - 1 || y > self->bottom + 1)
    return;
  fluo_color_set (cr, palette->fg);
  cairo_set_line_width (cr, width);
  cairo_new_path (cr);
  cairo_arc (cr, x, y, RING_PX, 0, 2 * G_PI);
  cairo_stroke (cr);
}

static void
draw_insight (FluoPainter *painter, const FluoScatter *self, gint64 begin_ns, FluoColor background)
{
  static const double dashes[] = { 3.0, 2.0 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double x = floor (fluo_scatter_get_x (self, begin_ns)) + .5;
  g_autofree char *clock = fluo_format_clock (begin_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *text = g_strdup_printf (_("insight starts %s"), clock);
  cairo_t *cr = fluo_painter_get_cr (painter);
  const double width = fluo_painter_measure (painter, text, axis_font);

  if (x < self->left || x > self->right)
    return;
  cairo_save (cr);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_set_line_width (cr, 1);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  line (cr, x, self->top - 2, x, self->bottom);
  cairo_stroke (cr);
  cairo_restore (cr);
  fluo_painter_text (painter, x - 5 - width > self->left ? x - 5 : x + 5 + width, self->top + 9,
                     text, axis_font, palette->status[FLUO_STATUS_FAULT].text, FLUO_ALIGN_END, 0,
                     &background);
}

/* Dots of the edge may hang over it by their half. */
static void
clip_area (cairo_t *cr, const FluoScatter *self, Area area)
{
  const double left = area.left > self->left ? area.left : self->left - 6;
  const double right = area.right < self->right ? area.right : self->right + 6;
  const double top = area.top > self->top ? area.top : self->top - 6;
  const double bottom = area.bottom < self->bottom ? area.bottom : self->bottom + 6;

  cairo_rectangle (cr, left, top, right - left, bottom - top);
}

static void
draw_all_points (FluoPainter *painter, FluoScatter *self, const FluoBrush *brush, Area area)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (fluo_brush_is_empty (brush))
    {
      fluo_scatter_draw_points (painter, self, FALSE);
      return;
    }
  /* Outside: everything but the brush's rectangle. */
  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_rectangle (cr, 0, 0, self->view.width, self->view.height);
  clip_area (cr, self, area);
  cairo_clip (cr);
  fluo_scatter_draw_points (painter, self, FALSE);
  cairo_restore (cr);
  cairo_save (cr);
  clip_area (cr, self, area);
  cairo_clip (cr);
  fluo_scatter_draw_points (painter, self, TRUE);
  cairo_restore (cr);
}

void
fluo_scatter_draw (FluoPainter *painter, FluoScatter *self, const FluoScatterState *state,
                   FluoColor background)
{
  const FluoPalette *palette;
  cairo_t *cr;
  Area area;

  g_return_if_fail (painter != NULL && self != NULL && self->laid_out && state != NULL);

  cr = fluo_painter_get_cr (painter);
  palette = fluo_painter_get_palette (painter);
  area = brush_area (self, &state->brush);
  cairo_new_path (cr);
  draw_values (painter, self);
  draw_times (painter, self);
  if (!fluo_brush_is_empty (&state->brush))
    draw_tint (painter, self, &state->brush, area);
  draw_all_points (painter, self, &state->brush, area);
  if (state->insight_ns > 0)
    draw_insight (painter, self, state->insight_ns, background);
  draw_ring (painter, self, state->selected, 1.6);
  if (state->hover != state->selected)
    draw_ring (painter, self, state->hover, 1.2);
  if (self->bars_right > self->bars_left)
    draw_bars (painter, self, &state->brush);
  if (!fluo_brush_is_empty (&state->brush))
    draw_edges (painter, self, &state->brush, area);
  if (self->bars_right > self->bars_left)
    draw_quantiles (painter, self, background);
  draw_scale_words (painter, self);
  if (!state->focused)
    return;
  fluo_color_set (cr, palette->accent);
  cairo_set_line_width (cr, 2);
  fluo_painter_rounded (painter, self->left - 4, self->top - 4, self->right - self->left + 8,
                        self->bottom - self->top + 8, 6);
  cairo_stroke (cr);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-compare-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"

/* Of the whole difference. */
#define BAR_PX 56

static void
fill (FluoPainter *painter, double x, double y, double width, double height, FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, color);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static FluoColor
row_color (FluoPainter *painter, FluoCompareTable *self, const FluoCompareRow *row)
{
  gboolean in_a = row->a != FLUO_SPAN_NONE;
  const FluoSpan *spans =
    fluo_trace_get_spans (in_a ? self->comparison->a : self->comparison->b, NULL);
  guint32 service = spans[in_a ? row->a : row->b].service;

  return fluo_waterfall_get_color (fluo_painter_get_palette (painter),
                                   (in_a ? self->colors_a : self->colors_b)[service]);
}

static char *
dup_text (const FluoCompareLayout *layout, const char *text)
{
  g_autofree char *replaced = layout->view.text_func != NULL
                                ? layout->view.text_func (text, layout->view.text_data)
                                : NULL;

  return fluo_format_untrusted (replaced != NULL ? replaced : text, FLUO_COMPARE_NAME_CHARS_MAX);
}

static void
draw_tree (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box,
           const FluoCompareRow *row)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoTraceComparison *comparison = layout->table->comparison;
  FluoTrace *trace = row->a != FLUO_SPAN_NONE ? comparison->a : comparison->b;
  const FluoSpan *span =
    &fluo_trace_get_spans (trace, NULL)[row->a != FLUO_SPAN_NONE ? row->a : row->b];
  gboolean service = (span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) != 0;
  double x = 10 + fluo_compare_indent (layout, row->depth);
  double middle = box->y + FLUO_COMPARE_ROW_PX / 2.0;
  double limit = layout->tree_width - 6;
  g_autofree char *name =
    dup_text (layout, fluo_trace_comparison_get_name (comparison, box->row));
  g_autofree char *detail =
    dup_text (layout, fluo_compare_table_get_detail (layout->table, box->row));

  if (row->end > box->row + 1)
    fluo_painter_icon (painter, layout->table->collapsed[box->row] ? "right" : "down", x,
                       middle - 6, 12, palette->fg2);
  fluo_painter_rounded (painter, x + 17, middle - 8, 4, 16, 1.5);
  fluo_color_set (fluo_painter_get_cr (painter), row_color (painter, layout->table, row));
  cairo_fill (fluo_painter_get_cr (painter));
  x += 26;
  x += fluo_painter_text (painter, x, middle + 4.5, name, FLUO_SANS (13, service ? 600 : 400),
                          palette->fg, FLUO_ALIGN_START, limit - x, NULL) +
       6;
  if (limit - x > 24)
    fluo_painter_text (painter, x, middle + 4.5, detail, FLUO_SANS (12.5, 400), palette->fg2,
                       FLUO_ALIGN_START, limit - x, NULL);
}

/* Of the whole difference, and so of interest. */
static gboolean
is_large (const FluoCompareLayout *layout, const FluoCompareRow *row)
{
  gint64 total = ABS (layout->table->comparison->difference_ns);

  return total > 0 && ABS (row->difference_ns) * 20 >= total;
}

static void
draw_figures (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box,
              const FluoCompareRow *row)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoTraceComparison *comparison = layout->table->comparison;
  double baseline = box->y + FLUO_COMPARE_ROW_PX / 2.0 + 4.5, x = layout->tree_width;
  gint64 most = MAX (1, MAX (ABS (comparison->difference_ns), 1));
  g_autofree char *a = fluo_compare_dup_length (comparison->a, row->a);
  g_autofree char *b = fluo_compare_dup_length (comparison->b, row->b);
  g_autofree char *difference = fluo_compare_dup_difference (row);
  double length =
    MIN (1, (double) ABS (row->difference_ns) / (double) most) * BAR_PX, bar_x = x + 132 + 76;
  const gboolean has_a = row->a != FLUO_SPAN_NONE, has_b = row->b != FLUO_SPAN_NONE;

  fluo_painter_text (painter, x + 60, baseline, a,
                     FLUO_FIGURES (has_a ? 13 : 12, has_a ? 600 : 400),
                     has_a ? palette->fg : palette->fg2, FLUO_ALIGN_END, 72, NULL);
  fluo_painter_text (painter, x + 128, baseline, b, FLUO_FIGURES (has_b ? 13 : 12, 400),
                     palette->fg2, FLUO_ALIGN_END, 66, NULL);
  fluo_painter_text (painter, bar_x - 8, baseline, difference,
                     FLUO_FIGURES (13, is_large (layout, row) ? 600 : 400), palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  /* A bar that is cut off says something else. */
  if (bar_x + BAR_PX > layout->view.width)
    return;
  fill (painter, bar_x, box->y + 7, 1, FLUO_COMPARE_ROW_PX - 14, palette->line2);
  if (length >= 0.5)
    fill (painter, bar_x, box->y + 11, MAX (length, 1), FLUO_COMPARE_ROW_PX - 22,
          row->difference_ns >= 0 ? palette->fg2 : palette->status[FLUO_STATUS_OK].mark);
}

static void
draw_bar_a (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box,
            const FluoCompareRow *row)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoSpan *span = &fluo_trace_get_spans (layout->table->comparison->a, NULL)[row->a];
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_painter_rounded (painter, box->a_x0, box->y + 4, box->a_x1 - box->a_x0, 10,
                        MIN (2, (box->a_x1 - box->a_x0) / 2));
  fluo_color_set_alpha (cr, row_color (painter, layout->table, row),
                        span->first_child == FLUO_SPAN_NONE ? 1 : palette->wait_alpha);
  cairo_fill (cr);
  if (span->status != FLUO_STATUS_OK)
    fluo_painter_status (painter, span->status, box->a_x1 + 6, box->y + 3, 12, palette->view);
}

static void
draw_bar_b (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box,
            const FluoCompareRow *row)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoSpan *span = &fluo_trace_get_spans (layout->table->comparison->b, NULL)[row->b];
  cairo_t *cr = fluo_painter_get_cr (painter);
  double width = box->b_x1 - box->b_x0;

  cairo_save (cr);
  fluo_painter_rounded (painter, box->b_x0 + 0.5, box->y + 18.5, MAX (1, width - 1), 8,
                        MIN (2, width / 2));
  if (width > 5)
    {
      cairo_path_t *path = cairo_copy_path (cr);

      fluo_painter_fill_hatch (painter, palette->bar_rest);
      cairo_new_path (cr);
      cairo_append_path (cr, path);
      cairo_path_destroy (path);
    }
  fluo_color_set (cr, palette->fg2);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
  if (span->status != FLUO_STATUS_OK)
    fluo_painter_status (painter, span->status, box->b_x1 + 6, box->y + 17, 12, palette->view);
}

/* From B's end to A's, with the difference: on the rows that hold most of it. */
static void
draw_arrow (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box,
            const FluoCompareRow *row)
{
  static const double dashes[] = { 2, 3 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  g_autofree char *label = fluo_format_difference (row->difference_ns);
  double x0 = box->b_x1 + 3, x1 = box->a_x1 - 2, y = box->y + 22.5, width;

  width = fluo_painter_measure (painter, label, FLUO_FIGURES (11.5, 600));
  if (x1 - x0 < width + 40)
    return;

  fluo_color_set (cr, palette->fg2);
  cairo_save (cr);
  cairo_set_line_width (cr, 1.2);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, x0, y);
  cairo_line_to (cr, x1 - 2, y);
  cairo_stroke (cr);
  cairo_restore (cr);
  cairo_set_line_width (cr, 1.3);
  cairo_move_to (cr, x1 - 5, y - 4);
  cairo_line_to (cr, x1, y);
  cairo_line_to (cr, x1 - 5, y + 4);
  cairo_stroke (cr);
  fluo_painter_text (painter, (x0 + x1) / 2, y + 4, label, FLUO_FIGURES (11.5, 600), palette->fg,
                     FLUO_ALIGN_MIDDLE, 0, &palette->view);
}

static void
draw_row (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoCompareRow *row = fluo_compare_peek (layout->table, box->row);
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (box->row == layout->view.selected)
    {
      fill (painter, 0, box->y, layout->view.width, FLUO_COMPARE_ROW_PX,
            layout->view.backdrop ? palette->selected : palette->accent_soft);
      if (!layout->view.backdrop)
        fill (painter, 0, box->y, 3, FLUO_COMPARE_ROW_PX, palette->accent);
      if (layout->view.focus)
        {
          fluo_color_set (cr, palette->accent);
          cairo_set_line_width (cr, 2);
          cairo_rectangle (cr, 1, box->y + 1, layout->view.width - 2, FLUO_COMPARE_ROW_PX - 2);
          cairo_stroke (cr);
        }
    }
  else if (box->row == layout->view.hover)
    fill (painter, 0, box->y, layout->view.width, FLUO_COMPARE_ROW_PX, palette->hover);
  fill (painter, 0, box->y + FLUO_COMPARE_ROW_PX - 1, layout->view.width, 1, palette->grid);

  draw_tree (painter, layout, box, row);
  draw_figures (painter, layout, box, row);
  if (!layout->has_bars)
    return;
  if (row->a != FLUO_SPAN_NONE)
    draw_bar_a (painter, layout, box, row);
  if (row->b != FLUO_SPAN_NONE)
    draw_bar_b (painter, layout, box, row);
  if (row->a != FLUO_SPAN_NONE && row->b != FLUO_SPAN_NONE &&
      (box->row == layout->view.selected ||
       ABS (row->difference_ns) * 2 >= ABS (layout->table->comparison->difference_ns)) &&
      row->difference_ns > 0 && row->depth > 0)
    draw_arrow (painter, layout, box, row);
}

static void
draw_head (FluoPainter *painter, const FluoCompareLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  double baseline = FLUO_COMPARE_HEAD_PX / 2.0 + 4.5, x = layout->tree_width;
  gint64 step = fluo_format_axis_step (
    (gint64) ceil ((double) layout->length_ns * 90 / MAX (layout->time_width, 90)));

  fill (painter, 0, 0, layout->view.width, FLUO_COMPARE_HEAD_PX, palette->view);
  fluo_painter_text (painter, 16, baseline, _("Service and call"), FLUO_SANS (12, 700), palette->fg,
                     FLUO_ALIGN_START, layout->tree_width - 20, NULL);
  fluo_painter_text (painter, x + 60, baseline, "A", FLUO_SANS (12, 700), palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x + 128, baseline, "B", FLUO_SANS (12, 400), palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x + 200, baseline, _("A minus B"), FLUO_SANS (12, 400), palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  for (gint64 i = 0; layout->has_bars && i * step <= layout->length_ns; i++)
    {
      double tick_x = floor (fluo_compare_axis_x (layout, i * step)) + 0.5;
      g_autofree char *label = fluo_format_axis (i * step, step);

      fill (painter, tick_x - 0.5, FLUO_COMPARE_HEAD_PX, 1,
            layout->view.height - FLUO_COMPARE_HEAD_PX, palette->grid);
      fluo_painter_text (painter, MAX (tick_x, layout->time_x + 4), baseline, label,
                         FLUO_FIGURES (11, 400), palette->fg2, FLUO_ALIGN_MIDDLE, 0, NULL);
    }
  fill (painter, 0, FLUO_COMPARE_HEAD_PX - 1, layout->view.width, 1, palette->line);
}

void
fluo_compare_draw (FluoPainter *painter, const FluoCompareLayout *layout)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  draw_head (painter, layout);
  cairo_save (cr);
  cairo_rectangle (cr, 0, FLUO_COMPARE_HEAD_PX, layout->view.width,
                   MAX (0, layout->view.height - FLUO_COMPARE_HEAD_PX));
  cairo_clip (cr);
  for (guint i = 0; i < layout->boxes->len; i++)
    draw_row (painter, layout, &g_array_index (layout->boxes, FluoCompareBox, i));
  cairo_restore (cr);
}

double
fluo_compare_draw_legend (FluoPainter *painter, double x, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_painter_rounded (painter, x, y - 5, 22, 10, 2);
  fluo_color_set (cr, palette->service[0]);
  cairo_fill (cr);
  fluo_painter_text (painter, x + 30, y + 4, "A", FLUO_SANS (12, 400), palette->fg2,
                     FLUO_ALIGN_START, 0, NULL);
  fluo_painter_rounded (painter, x + 50.5, y - 4.5, 21, 9, 2);
  fluo_painter_fill_hatch (painter, palette->bar_rest);
  fluo_painter_rounded (painter, x + 50.5, y - 4.5, 21, 9, 2);
  fluo_color_set (cr, palette->fg2);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  fluo_painter_text (painter, x + 80, y + 4, "B", FLUO_SANS (12, 400), palette->fg2,
                     FLUO_ALIGN_START, 0, NULL);

  return 94;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-waterfall-private.h"

/* WCAG 2.1, 1.4.3. */
#define LABEL_CONTRAST_MIN 4.5
/* Of the plate behind a label on a dark bar. */
#define PLATE_ALPHA 0.72

/* On paper narrower bars have square corners: they cannot be told from round ones, and those would
 * be most of the file of a large trace. */
#define PAPER_ROUND_MIN 5

#define HEAD_X 16

void
fluo_waterfall_fill (FluoPainter *painter, double x, double y, double width, double height,
                     FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, color);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

void
fluo_waterfall_stroke (FluoPainter *painter, double x0, double x1, double y, FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, color);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x0, y);
  cairo_line_to (cr, x1, y);
  cairo_stroke (cr);
}

static void
clip_to (FluoPainter *painter, double x, double y, double width, double height)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_save (cr);
  cairo_rectangle (cr, x, y, MAX (0, width), MAX (0, height));
  cairo_clip (cr);
}

/* --- Bars ------------------------------------------------------------------------------------- */

static void
draw_running (FluoPainter *painter, const FluoWaterfallStyle *style, const FluoWaterfallBox *box,
              double y, FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  /* Round at the left, open at the right: it goes on. */
  cairo_new_path (cr);
  cairo_move_to (cr, box->x1, y);
  cairo_line_to (cr, box->x1, y + style->bar_height);
  cairo_line_to (cr, box->x0 + style->bar_radius, y + style->bar_height);
  cairo_arc (cr, box->x0 + style->bar_radius, y + style->bar_height - style->bar_radius,
             style->bar_radius, G_PI_2, G_PI);
  cairo_arc (cr, box->x0 + style->bar_radius, y + style->bar_radius, style->bar_radius, G_PI,
             3 * G_PI_2);
  cairo_close_path (cr);
  fluo_painter_fill_hatch (painter, color);
  if (!box->cut_left)
    fluo_waterfall_fill (painter, box->x0 - 0.75, y, 1.5, style->bar_height, color);
}

static void
draw_whiskers (FluoPainter *painter, const FluoWaterfallBox *box, double middle, FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (box->whisker_x0 >= box->x0 - 0.5 && box->whisker_x1 <= box->x1 + 0.5)
    return;

  fluo_color_set_alpha (cr, color, 0.75);
  cairo_set_line_width (cr, 1);
  if (box->whisker_x0 < box->x0 - 0.5)
    {
      cairo_move_to (cr, box->whisker_x0 + 0.5, middle - 3);
      cairo_line_to (cr, box->whisker_x0 + 0.5, middle + 3);
      cairo_move_to (cr, box->whisker_x0, middle);
      cairo_line_to (cr, box->x0, middle);
    }
  if (box->whisker_x1 > box->x1 + 0.5)
    {
      cairo_move_to (cr, box->x1, middle);
      cairo_line_to (cr, box->whisker_x1, middle);
      cairo_move_to (cr, box->whisker_x1 - 0.5, middle - 3);
      cairo_line_to (cr, box->whisker_x1 - 0.5, middle + 3);
    }
  cairo_stroke (cr);
}

static void
draw_bar (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  const FluoSpan *span =
    &fluo_trace_get_spans (fluo_waterfall_rows_get_trace (layout->rows), NULL)[box->span];
  FluoColor color = fluo_waterfall_bar_color (painter, layout, box->span);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double y = box->y + style->bar_inset, width = box->x1 - box->x0;
  double radius = style->controls || width >= PAPER_ROUND_MIN ? MIN (style->bar_radius, width / 2)
                                                              : 0;

  if (!box->has_bar)
    return;

  if (box->running)
    {
      draw_running (painter, style, box, y, color);
      return;
    }

  draw_whiskers (painter, box, y + style->bar_height / 2, color);
  fluo_painter_rounded (painter, box->x0, y, width, style->bar_height, radius);
  if (span->first_child == FLUO_SPAN_NONE && box->group == NULL)
    {
      fluo_color_set (cr, color);
      cairo_fill (cr);
      return;
    }

  fluo_color_set_alpha (cr, color, palette->wait_alpha);
  cairo_fill (cr);
  fluo_color_set (cr, color);
  for (guint i = 0; i < box->n_pieces; i++)
    {
      const FluoWaterfallPiece *piece =
        &g_array_index (layout->pieces, FluoWaterfallPiece, box->first_piece + i);

      fluo_painter_rounded_part (painter, box->x0, y, width, style->bar_height, radius, piece->x0,
                                 piece->x1);
    }
  cairo_fill (cr);
}

/* @text, or as much nearer the palette's text colour as it takes to be read on a bar tinted with
 * @solid. */
static FluoColor
readable_on_tint (const FluoPalette *palette, FluoColor text, FluoColor solid)
{
  FluoColor ground = fluo_color_over (solid, palette->wait_alpha, palette->view), color = text;

  if (palette->dark)
    ground = fluo_color_over (palette->view, PLATE_ALPHA, ground);
  for (guint i = 1; i <= 10 && fluo_color_contrast (color, ground) < LABEL_CONTRAST_MIN; i++)
    color = fluo_color_over (palette->fg, i / 10.0, text);

  return color;
}

/* A label in the middle of a solid bar has the same colour on all of them. Where that could not be
 * read, the bar is deepened under it as far as it takes. Returns the text's colour. */
static FluoColor
draw_solid_plate (FluoPainter *painter, const FluoWaterfallLayout *layout,
                  const FluoWaterfallBox *box, FluoColor solid)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  FluoColor text = palette->on_service, ground = solid;
  FluoColor away = palette->dark ? (FluoColor) { 1, 1, 1, 1 } : (FluoColor) { 0, 0, 0, 1 };
  double width;

  for (guint i = 1; i <= 10 && fluo_color_contrast (text, ground) < LABEL_CONTRAST_MIN; i++)
    ground = fluo_color_over (away, i / 10.0, solid);
  if (fluo_color_contrast (text, solid) >= LABEL_CONTRAST_MIN)
    return text;

  width = fluo_painter_measure (painter, box->label, FLUO_FIGURES (style->label_px, 600));
  fluo_painter_rounded (painter, box->label_x - 6, box->y + style->bar_inset, width + 12,
                        style->bar_height, 3);
  fluo_color_set (fluo_painter_get_cr (painter), ground);
  cairo_fill (fluo_painter_get_cr (painter));

  return text;
}

static void
draw_bar_label (FluoPainter *painter, const FluoWaterfallLayout *layout,
                const FluoWaterfallBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  double middle = box->y + style->row_height / 2 - (style->controls ? 0 : 0.3), x = box->label_x;
  gboolean halo = box->label_place == FLUO_LABEL_LEFT || box->label_place == FLUO_LABEL_RIGHT;
  FluoColor color = palette->fg2, solid;
  int weight = 400;

  if (box->label == NULL || box->label_place == FLUO_LABEL_NONE)
    return;

  solid = fluo_waterfall_bar_color (painter, layout, box->span);
  if (box->label_status != FLUO_STATUS_OK)
    color = palette->status[box->label_status].text;
  if (box->label_place == FLUO_LABEL_INSIDE)
    color = readable_on_tint (palette, color, solid);
  /* Light colours tint a dark bar so much that no red on it could be told from grey. */
  if (box->label_place == FLUO_LABEL_INSIDE && palette->dark)
    {
      double width =
        fluo_painter_measure (painter, box->label, FLUO_FIGURES (style->label_px, 600)) +
        style->status_size + 4;

      fluo_painter_rounded (painter, x - 5, box->y + style->bar_inset, width + 10,
                            style->bar_height, 3);
      fluo_color_set_alpha (fluo_painter_get_cr (painter), palette->view, PLATE_ALPHA);
      cairo_fill (fluo_painter_get_cr (painter));
    }

  if (box->label_place == FLUO_LABEL_CENTER)
    {
      color = draw_solid_plate (painter, layout, box, solid);
      weight = 600;
    }
  else if (box->label_status != FLUO_STATUS_OK)
    {
      fluo_painter_status (painter, box->label_status, x, middle - style->status_size / 2,
                           style->status_size, palette->view);
      x += style->status_size + 4;
      weight = 600;
    }

  fluo_painter_text (painter, x, middle + style->label_px * 0.35, box->label,
                     FLUO_FIGURES (style->label_px, weight), color, FLUO_ALIGN_START, 0,
                     halo ? &palette->view : NULL);
}

static void
draw_critical (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  fluo_color_set_alpha (cr, palette->critical, style->controls ? 0.38 : 0.45);
  cairo_set_line_width (cr, style->controls ? 0.9 : 0.6);
  for (guint i = 0; i < layout->steps->len; i++)
    {
      const FluoWaterfallStep *step = &g_array_index (layout->steps, FluoWaterfallStep, i);

      if (!step->connector)
        continue;
      cairo_move_to (cr, step->x0, step->from_y);
      cairo_line_to (cr, step->x0,
                     CLAMP (step->y, layout->body_y, layout->body_y + layout->body_height));
    }
  cairo_stroke (cr);

  fluo_color_set (cr, palette->critical);
  cairo_set_line_width (cr, style->critical_width);
  for (guint i = 0; i < layout->steps->len; i++)
    {
      const FluoWaterfallStep *step = &g_array_index (layout->steps, FluoWaterfallStep, i);

      if (!step->line)
        continue;
      cairo_move_to (cr, step->x0, step->y);
      cairo_line_to (cr, step->x1, step->y);
    }
  cairo_stroke (cr);
}

/* Before the line, where it covers nothing; above it where what comes before is too narrow. */
static void
draw_gap_label (FluoPainter *painter, const FluoWaterfallLayout *layout,
                const FluoWaterfallGap *gap)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  FluoFont font = FLUO_FIGURES (style->label_px, 400);
  double room = gap->x0 - 6 - layout->view.tree_width;

  if (fluo_painter_measure (painter, gap->label, font) <= room)
    fluo_painter_text (painter, gap->x0 - 6, gap->y1 + style->label_px * 0.35, gap->label, font,
                       palette->fg2, FLUO_ALIGN_END, 0, &palette->view);
  else
    fluo_painter_text (painter, gap->x0 + 6, gap->y1 - 4, gap->label, font, palette->fg2,
                       FLUO_ALIGN_START, 0, &palette->view);
}

static void
draw_gaps (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  static const double dashes[] = { 3, 3 };
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint i = 0; i < layout->gaps->len; i++)
    {
      const FluoWaterfallGap *gap = &g_array_index (layout->gaps, FluoWaterfallGap, i);

      fluo_color_set (cr, palette->fg2);
      cairo_save (cr);
      cairo_set_line_width (cr, style->controls ? 1.3 : 1);
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_move_to (cr, gap->x0, gap->y0);
      cairo_line_to (cr, gap->x0, gap->y1);
      cairo_line_to (cr, gap->x1 - 3, gap->y1);
      cairo_stroke (cr);
      cairo_restore (cr);

      cairo_move_to (cr, gap->x1 - 6, gap->y1 - 3.5);
      cairo_line_to (cr, gap->x1 - 1, gap->y1);
      cairo_line_to (cr, gap->x1 - 6, gap->y1 + 3.5);
      cairo_close_path (cr);
      cairo_fill (cr);
      if (gap->label != NULL)
        draw_gap_label (painter, layout, gap);
    }
}

static void
draw_end_line (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);
  double x = floor (layout->end_x) + 0.5;

  if (!fluo_waterfall_end_is_visible (layout))
    return;

  fluo_color_set (cr, palette->fg);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, style->overview_height + style->ruler_height - (style->controls ? 6 : 4));
  cairo_line_to (cr, x, layout->body_y + layout->body_height);
  cairo_stroke (cr);
  fluo_waterfall_draw_end_label (painter, layout,
                                 style->overview_height + (style->controls ? 4 : 0));
}

static void
draw_foot (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  double y = layout->body_y + layout->body_height;

  fluo_waterfall_fill (painter, 0, y, layout->view.width, style->legend_height, palette->window);
  fluo_waterfall_stroke (painter, 0, layout->view.width, y + 0.5, palette->line);
  fluo_waterfall_draw_legend (painter, style, layout->rows, layout->view.color, HEAD_X,
                              y + style->legend_height / 2, layout->view.width - 2 * HEAD_X);
}

/* --- Whole ------------------------------------------------------------------------------------ */

void
fluo_waterfall_draw_highlight (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);

  clip_to (painter, 0, layout->body_y, layout->view.width, layout->body_height);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);

      if (box->span == layout->view.selected)
        {
          fluo_waterfall_fill (painter, 0, box->y, layout->view.width, style->row_height,
                          layout->view.backdrop ? palette->selected : palette->accent_soft);
          if (!layout->view.backdrop)
            fluo_waterfall_fill (painter, 0, box->y, 3, style->row_height, palette->accent);
          if (layout->view.focus)
            {
              fluo_color_set (cr, palette->accent);
              cairo_set_line_width (cr, 2);
              cairo_rectangle (cr, 1, box->y + 1, layout->view.width - 2, style->row_height - 2);
              cairo_stroke (cr);
            }
        }
      else if (box->span == layout->view.hover)
        fluo_waterfall_fill (painter, 0, box->y, layout->view.width, style->row_height,
                             palette->hover);
    }
  cairo_restore (cr);
}

/* Every other row of the tree is tinted, all of them in one. */
static void
draw_zebra (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoColor zebra = { 0.969f, 0.969f, 0.973f, 1 };

  fluo_color_set (cr, zebra);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (layout->boxes, FluoWaterfallBox, i);

      if (box->row % 2 == 0)
        cairo_rectangle (cr, 0, box->y, layout->view.tree_width - 2,
                         layout->view.style->row_height);
    }
  cairo_fill (cr);
}

static void
draw_rows (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);

  clip_to (painter, 0, layout->body_y, layout->view.tree_width, layout->body_height);
  if (!style->controls)
    draw_zebra (painter, layout);
  for (guint i = 0; i < layout->boxes->len; i++)
    fluo_waterfall_draw_tree_row (painter, layout,
                                  &g_array_index (layout->boxes, FluoWaterfallBox, i));
  cairo_restore (cr);

  clip_to (painter, layout->view.tree_width, layout->body_y,
           layout->view.width - layout->view.tree_width, layout->body_height);
  for (guint i = 0; i < layout->boxes->len; i++)
    draw_bar (painter, layout, &g_array_index (layout->boxes, FluoWaterfallBox, i));
  draw_critical (painter, layout);
  fluo_waterfall_draw_folds (painter, layout);
  draw_gaps (painter, layout);
  fluo_waterfall_draw_events (painter, layout);
  for (guint i = 0; i < layout->boxes->len; i++)
    draw_bar_label (painter, layout, &g_array_index (layout->boxes, FluoWaterfallBox, i));
  cairo_restore (cr);

  if (!style->controls)
    {
      fluo_waterfall_stroke (painter, 0, layout->view.width, layout->body_y - 3.5, palette->fg);
      fluo_waterfall_stroke (painter, 0, layout->view.width,
                             layout->body_y + layout->body_height - 0.5, palette->fg);
    }
}

void
fluo_waterfall_draw (FluoPainter *painter, const FluoWaterfallLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_waterfall_draw_grid (painter, layout);
  if (style->overview_height > 0)
    fluo_waterfall_draw_overview (painter, layout);
  fluo_waterfall_draw_ruler (painter, layout);
  fluo_waterfall_draw_lanes (painter, layout);
  draw_rows (painter, layout);
  draw_end_line (painter, layout);
  if (style->controls)
    {
      fluo_color_set (cr, palette->line);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, layout->view.tree_width + 0.5, 0);
      cairo_line_to (cr, layout->view.tree_width + 0.5, layout->body_y + layout->body_height);
      cairo_stroke (cr);
    }
  if (style->legend_height > 0)
    draw_foot (painter, layout);
}

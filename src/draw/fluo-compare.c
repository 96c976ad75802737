/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-compare.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-export-private.h"

#define TREE_PX 262
#define TREE_MIN_PX 150
/* Widths of the columns of A, B and their difference; DESIGN.md section 1. */
#define FIGURES_PX (66 + 66 + 142)
#define PAD_PX 10
#define BAR_MIN_PX 2
#define TARGET_PX 26
#define INDENT_PX 15
#define NAME_CHARS_MAX 200

struct _FluoCompareTable
{
  FluoTraceComparison *comparison;
  gint64               threshold_ns;
  guint8              *shown;      /* by row: not hidden by the threshold */
  guint8              *collapsed;
  GArray              *places;     /* guint32 rows */
  guint               *colors_a, *colors_b; /* by service */
  guint                n_hidden;
};

/* --- Rows ------------------------------------------------------------------------------------- */

static const FluoCompareRow *
get_row (FluoCompareTable *self, guint32 row)
{
  return &g_array_index (self->comparison->rows, FluoCompareRow, row);
}

static gboolean
differs (FluoCompareTable *self, const FluoCompareRow *row)
{
  if (row->a == FLUO_SPAN_NONE || row->b == FLUO_SPAN_NONE || self->threshold_ns <= 0)
    return TRUE;

  return ABS (row->difference_ns) > self->threshold_ns ||
         fluo_trace_get_spans (self->comparison->a, NULL)[row->a].status !=
           fluo_trace_get_spans (self->comparison->b, NULL)[row->b].status;
}

static void
update (FluoCompareTable *self)
{
  guint n = self->comparison->rows->len;

  self->n_hidden = 0;
  for (guint32 i = 0; i < n; i++)
    self->shown[i] = differs (self, get_row (self, i)) || get_row (self, i)->depth == 0;
  /* Backwards: what is shown is shown with all above it. */
  for (guint32 i = n; i > 0; i--)
    {
      guint32 parent = get_row (self, i - 1)->parent;

      if (self->shown[i - 1] && parent != FLUO_SPAN_NONE)
        self->shown[parent] = TRUE;
      self->n_hidden += !self->shown[i - 1];
    }
  g_array_set_size (self->places, 0);
  for (guint32 i = 0; i < n;)
    {
      if (self->shown[i])
        g_array_append_val (self->places, i);
      i = self->collapsed[i] ? get_row (self, i)->end : i + 1;
    }
}

static guint *
number_colors (FluoTrace *trace, FluoServiceColors *colors)
{
  const FluoTraceService *services;
  guint n, *numbers;

  services = fluo_trace_get_services (trace, &n);
  numbers = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++)
    numbers[i] =
      colors != NULL ? fluo_service_colors_lookup (colors, services[i].name, services[i].type) : i;

  return numbers;
}

FluoCompareTable *
fluo_compare_table_new (FluoTraceComparison *comparison, FluoServiceColors *colors)
{
  FluoCompareTable *self = g_new0 (FluoCompareTable, 1);
  guint n = comparison->rows->len;

  self->comparison = comparison;
  self->shown = g_new0 (guint8, n + 1);
  self->collapsed = g_new0 (guint8, n + 1);
  self->places = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->colors_a = number_colors (comparison->a, colors);
  self->colors_b = number_colors (comparison->b, colors);
  update (self);

  return self;
}

void
fluo_compare_table_free (FluoCompareTable *self)
{
  if (self == NULL)
    return;

  fluo_trace_comparison_free (self->comparison);
  g_array_unref (self->places);
  g_free (self->shown);
  g_free (self->collapsed);
  g_free (self->colors_a);
  g_free (self->colors_b);
  g_free (self);
}

FluoTraceComparison *
fluo_compare_table_get_comparison (FluoCompareTable *self)
{
  return self->comparison;
}

void
fluo_compare_table_set_threshold (FluoCompareTable *self, gint64 threshold_ns)
{
  self->threshold_ns = threshold_ns;
  update (self);
}

void
fluo_compare_table_set_collapsed (FluoCompareTable *self, guint32 row, gboolean collapsed)
{
  if (row >= self->comparison->rows->len)
    return;

  self->collapsed[row] = collapsed && get_row (self, row)->end > row + 1;
  update (self);
}

gboolean
fluo_compare_table_is_collapsed (FluoCompareTable *self, guint32 row)
{
  return row < self->comparison->rows->len && self->collapsed[row];
}

guint
fluo_compare_table_get_n (FluoCompareTable *self)
{
  return self->places->len;
}

guint32
fluo_compare_table_get_row (FluoCompareTable *self, guint place)
{
  return place < self->places->len ? g_array_index (self->places, guint32, place) : FLUO_SPAN_NONE;
}

guint
fluo_compare_table_get_n_hidden (FluoCompareTable *self)
{
  return self->n_hidden;
}

static gint64
length_of (FluoTrace *trace, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  return span == FLUO_SPAN_NONE ? 0 : spans[span].end_ns - spans[span].start_ns;
}

char *
fluo_compare_table_dup_description (FluoCompareTable *self, guint32 index)
{
  const FluoCompareRow *row;
  g_autofree char *name = NULL, *a = NULL, *b = NULL, *by = NULL;

  if (index >= self->comparison->rows->len)
    return g_strdup ("");

  row = get_row (self, index);
  name = fluo_format_untrusted (fluo_trace_comparison_get_name (self->comparison, index),
                                NAME_CHARS_MAX);
  a = fluo_format_duration (length_of (self->comparison->a, row->a));
  b = fluo_format_duration (length_of (self->comparison->b, row->b));
  if (row->a == FLUO_SPAN_NONE)
    return g_strdup_printf (_("%s, not called in A, in B %s"), name, b);
  if (row->b == FLUO_SPAN_NONE)
    return g_strdup_printf (_("%s, %s, not called in B"), name, a);

  by = fluo_format_duration (ABS (row->difference_ns));
  return g_strdup_printf (row->difference_ns >= 0 ? _("%s, %s, in B %s, %s longer")
                                                  : _("%s, %s, in B %s, %s shorter"),
                          name, a, b, by);
}

/* --- Layout ----------------------------------------------------------------------------------- */

FluoCompareLayout *
fluo_compare_layout_new (void)
{
  FluoCompareLayout *self = g_new0 (FluoCompareLayout, 1);

  self->boxes = g_array_new (FALSE, TRUE, sizeof (FluoCompareBox));

  return self;
}

void
fluo_compare_layout_free (FluoCompareLayout *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->boxes);
  g_free (self);
}

double
fluo_compare_layout_scroll_max (const FluoCompareLayout *self)
{
  return MAX (0, (double) fluo_compare_table_get_n (self->table) * FLUO_COMPARE_ROW_PX -
                   MAX (0, self->view.height - FLUO_COMPARE_HEAD_PX));
}

static double
axis_x (const FluoCompareLayout *self, gint64 offset_ns)
{
  return self->time_x + (double) offset_ns / (double) self->length_ns * self->time_width;
}

static void
lay_out_bar (const FluoCompareLayout *self, FluoTrace *trace, guint32 span, gint64 zero_ns,
             double *x0, double *x1)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);

  *x0 = *x1 = 0;
  if (span == FLUO_SPAN_NONE)
    return;

  *x0 = CLAMP (axis_x (self, spans[span].start_ns - zero_ns), self->time_x,
               self->time_x + self->time_width);
  *x1 = CLAMP (axis_x (self, spans[span].end_ns - zero_ns), *x0,
               self->time_x + self->time_width + PAD_PX);
  *x1 = MAX (*x1, *x0 + BAR_MIN_PX);
}

void
fluo_compare_layout_update (FluoCompareLayout *self, FluoCompareTable *table,
                            const FluoCompareViewport *view)
{
  FluoTraceComparison *comparison = table->comparison;
  FluoTimeSpan extent_a = fluo_trace_get_extent (comparison->a);
  FluoTimeSpan extent_b = fluo_trace_get_extent (comparison->b);
  guint first, last;

  self->table = table;
  self->view = *view;
  self->tree_width = CLAMP (view->width - FIGURES_PX - 160, TREE_MIN_PX, TREE_PX);
  self->time_x = self->tree_width + FIGURES_PX + PAD_PX;
  self->time_width = MAX (1, view->width - self->time_x - 2 * PAD_PX - 16);
  self->length_ns = MAX (1, MAX (fluo_trace_get_response_ns (comparison->a),
                                 fluo_trace_get_response_ns (comparison->b)));
  self->view.scroll = CLAMP (view->scroll, 0, fluo_compare_layout_scroll_max (self));
  g_array_set_size (self->boxes, 0);

  first = (guint) (self->view.scroll / FLUO_COMPARE_ROW_PX);
  last = (guint) ceil ((self->view.scroll + MAX (0, view->height - FLUO_COMPARE_HEAD_PX)) /
                       FLUO_COMPARE_ROW_PX);
  for (guint place = first; place < MIN (last, table->places->len); place++)
    {
      FluoCompareBox box = { fluo_compare_table_get_row (table, place) };
      const FluoCompareRow *row = get_row (table, box.row);
      gint64 zero_b = extent_b.begin_ns;

      /* Lined up call by call, B's row begins where A's does. */
      if (view->each_call && row->a != FLUO_SPAN_NONE && row->b != FLUO_SPAN_NONE)
        zero_b = fluo_trace_get_spans (comparison->b, NULL)[row->b].start_ns -
                 (fluo_trace_get_spans (comparison->a, NULL)[row->a].start_ns - extent_a.begin_ns);
      box.y = FLUO_COMPARE_HEAD_PX + place * (double) FLUO_COMPARE_ROW_PX - self->view.scroll;
      lay_out_bar (self, comparison->a, row->a, extent_a.begin_ns, &box.a_x0, &box.a_x1);
      lay_out_bar (self, comparison->b, row->b, zero_b, &box.b_x0, &box.b_x1);
      g_array_append_val (self->boxes, box);
    }
}

static double
indent (const FluoCompareLayout *self, guint depth)
{
  return MIN (depth * INDENT_PX, self->tree_width - 120);
}

guint32
fluo_compare_hit (const FluoCompareLayout *self, double x, double y, gboolean *ret_disclosure)
{
  double place = (y - FLUO_COMPARE_HEAD_PX + self->view.scroll) / FLUO_COMPARE_ROW_PX;
  const FluoCompareRow *row;
  guint32 index;

  if (ret_disclosure != NULL)
    *ret_disclosure = FALSE;
  if (x < 0 || x >= self->view.width || y < FLUO_COMPARE_HEAD_PX || y >= self->view.height ||
      place < 0)
    return FLUO_SPAN_NONE;

  index = fluo_compare_table_get_row (self->table, (guint) place);
  if (index == FLUO_SPAN_NONE)
    return index;
  row = get_row (self->table, index);
  if (ret_disclosure != NULL)
    *ret_disclosure = row->end > index + 1 &&
                      fabs (x - (16 + indent (self, row->depth))) <= TARGET_PX / 2.0;

  return index;
}

/* --- Drawing ---------------------------------------------------------------------------------- */

#define SANS(px, w) ((FluoFont) { FLUO_FONT_SANS, (px), (w), FALSE })
#define FIGURES(px, w) ((FluoFont) { FLUO_FONT_SANS, (px), (w), TRUE })

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
  double x = 10 + indent (layout, row->depth), middle = box->y + FLUO_COMPARE_ROW_PX / 2.0;
  double limit = layout->tree_width - 6;
  g_autofree char *name = fluo_format_untrusted (
    fluo_trace_comparison_get_name (comparison, box->row), NAME_CHARS_MAX);
  g_autofree char *detail =
    fluo_format_untrusted (fluo_trace_get_string (trace, span->detail), NAME_CHARS_MAX);

  if (row->end > box->row + 1)
    fluo_painter_icon (painter, layout->table->collapsed[box->row] ? "right" : "down", x,
                       middle - 6, 12, palette->fg2);
  fluo_painter_rounded (painter, x + 17, middle - 8, 4, 16, 1.5);
  fluo_color_set (fluo_painter_get_cr (painter), row_color (painter, layout->table, row));
  cairo_fill (fluo_painter_get_cr (painter));
  x += 26;
  x += fluo_painter_text (painter, x, middle + 4.5, name, SANS (13, service ? 600 : 400),
                          palette->fg, FLUO_ALIGN_START, limit - x, NULL) +
       6;
  if (limit - x > 24)
    fluo_painter_text (painter, x, middle + 4.5, detail, SANS (12.5, 400), palette->fg2,
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
  g_autofree char *a = NULL, *b = NULL, *difference = fluo_format_difference (row->difference_ns);
  double length =
    MIN (1, (double) ABS (row->difference_ns) / (double) most) * 56, bar_x = x + 132 + 76;
  const char *none = _("not called");

  a = row->a == FLUO_SPAN_NONE ? NULL : fluo_format_duration (length_of (comparison->a, row->a));
  b = row->b == FLUO_SPAN_NONE ? NULL : fluo_format_duration (length_of (comparison->b, row->b));
  fluo_painter_text (painter, x + 60, baseline, a != NULL ? a : none,
                     FIGURES (a != NULL ? 13 : 12, a != NULL ? 600 : 400),
                     a != NULL ? palette->fg : palette->fg2, FLUO_ALIGN_END, 72, NULL);
  fluo_painter_text (painter, x + 128, baseline, b != NULL ? b : none,
                     FIGURES (b != NULL ? 13 : 12, 400), palette->fg2, FLUO_ALIGN_END, 66, NULL);
  fluo_painter_text (painter, bar_x - 8, baseline, difference,
                     FIGURES (13, is_large (layout, row) ? 600 : 400), palette->fg, FLUO_ALIGN_END,
                     0, NULL);
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

  width = fluo_painter_measure (painter, label, FIGURES (11.5, 600));
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
  fluo_painter_text (painter, (x0 + x1) / 2, y + 4, label, FIGURES (11.5, 600), palette->fg,
                     FLUO_ALIGN_MIDDLE, 0, &palette->view);
}

static void
draw_row (FluoPainter *painter, const FluoCompareLayout *layout, const FluoCompareBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoCompareRow *row = get_row (layout->table, box->row);
  cairo_t *cr = fluo_painter_get_cr (painter);

  if (box->row == layout->view.selected)
    {
      fill (painter, 0, box->y, layout->view.width, FLUO_COMPARE_ROW_PX,
            layout->view.backdrop ? palette->selected : palette->accent_soft);
      if (!layout->view.backdrop)
        fill (painter, 0, box->y, 3, FLUO_COMPARE_ROW_PX, palette->accent);
      if (layout->view.focus)
        {
          fluo_color_set (cr, palette->accent_mid);
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
  fluo_painter_text (painter, 16, baseline, _("Service and call"), SANS (12, 700), palette->fg,
                     FLUO_ALIGN_START, layout->tree_width - 20, NULL);
  fluo_painter_text (painter, x + 60, baseline, "A", SANS (12, 700), palette->fg, FLUO_ALIGN_END, 0,
                     NULL);
  fluo_painter_text (painter, x + 128, baseline, "B", SANS (12, 400), palette->fg2, FLUO_ALIGN_END,
                     0, NULL);
  fluo_painter_text (painter, x + 200, baseline, _("A minus B"), SANS (12, 400), palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  for (gint64 i = 0; i * step <= layout->length_ns; i++)
    {
      double tick_x = floor (axis_x (layout, i * step)) + 0.5;
      g_autofree char *label = fluo_format_axis (i * step, step);

      fill (painter, tick_x - 0.5, FLUO_COMPARE_HEAD_PX, 1,
            layout->view.height - FLUO_COMPARE_HEAD_PX, palette->grid);
      fluo_painter_text (painter, MAX (tick_x, layout->time_x + 4), baseline, label,
                         FIGURES (11, 400), palette->fg2, FLUO_ALIGN_MIDDLE, 0, NULL);
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
  fluo_painter_text (painter, x + 30, y + 4, "A", SANS (12, 400), palette->fg2, FLUO_ALIGN_START, 0,
                     NULL);
  fluo_painter_rounded (painter, x + 50.5, y - 4.5, 21, 9, 2);
  fluo_painter_fill_hatch (painter, palette->bar_rest);
  fluo_painter_rounded (painter, x + 50.5, y - 4.5, 21, 9, 2);
  fluo_color_set (cr, palette->fg2);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  fluo_painter_text (painter, x + 80, y + 4, "B", SANS (12, 400), palette->fg2, FLUO_ALIGN_START, 0,
                     NULL);

  return 94;
}

/* --- Markdown --------------------------------------------------------------------------------- */

#define MARKDOWN_ROWS_MAX 200

static void
append_duration (GString *out, FluoTrace *trace, guint32 span)
{
  g_autofree char *text =
    span == FLUO_SPAN_NONE ? NULL : fluo_format_duration (length_of (trace, span));

  g_string_append (out, text != NULL ? text : _("not called"));
}

GBytes *
fluo_compare_to_markdown (FluoCompareTable *self)
{
  FluoTraceComparison *comparison = self->comparison;
  g_autoptr (FluoSentence) sentence = fluo_trace_comparison_dup_sentence (comparison);
  g_autofree char *id_a = fluo_trace_id_to_string (fluo_trace_get_id (comparison->a));
  g_autofree char *id_b = fluo_trace_id_to_string (fluo_trace_get_id (comparison->b));
  GString *out = g_string_new (NULL);

  fluo_markdown_append (out, sentence->text);
  g_string_append_printf (out, "\n\n- A: `%s`\n- B: `%s`\n\n| %s | A | B | %s |\n"
                               "|---|---:|---:|---:|\n",
                          id_a, id_b, _("Service and call"), _("A minus B"));
  for (guint i = 0; i < MIN (self->places->len, MARKDOWN_ROWS_MAX); i++)
    {
      const FluoCompareRow *row = get_row (self, fluo_compare_table_get_row (self, i));
      g_autofree char *difference = fluo_format_difference (row->difference_ns);

      g_string_append (out, "| ");
      for (guint d = 0; d < MIN (row->depth, 20); d++)
        g_string_append (out, "&nbsp;&nbsp;");
      fluo_markdown_append (
        out, fluo_trace_comparison_get_name (comparison, fluo_compare_table_get_row (self, i)));
      g_string_append (out, " | ");
      append_duration (out, comparison->a, row->a);
      g_string_append (out, " | ");
      append_duration (out, comparison->b, row->b);
      g_string_append_printf (out, " | %s |\n", difference);
    }
  if (comparison->facts->len > 0)
    g_string_append_printf (out, "\n| %s | A | B |\n|---|---|---|\n", _("What else differs"));
  for (guint i = 0; i < comparison->facts->len; i++)
    {
      const FluoCompareFact *fact = &g_array_index (comparison->facts, FluoCompareFact, i);

      g_string_append (out, "| ");
      fluo_markdown_append (out, fact->key);
      g_string_append (out, " | ");
      fluo_markdown_append (out, fact->a != NULL ? fact->a : _("none"));
      g_string_append (out, " | ");
      fluo_markdown_append (out, fact->b != NULL ? fact->b : _("none"));
      g_string_append (out, " |\n");
    }

  return g_string_free_to_bytes (out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-compare-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"

/* The names have so much of the width: 262 px beside the log lines, as in DESIGN.md section 1. */
#define TREE_SHARE 0.26
#define TREE_MAX_PX 420
#define TREE_MIN_PX 150
/* Less says nothing, and the names have the room. */
#define BARS_MIN_PX 160
/* Widths of the columns of A, B and their difference; DESIGN.md section 1. */
#define FIGURES_PX (66 + 66 + 142)
#define BAR_MIN_PX 2
#define TARGET_PX 26
#define INDENT_PX 15

/* --- Rows ------------------------------------------------------------------------------------- */

const char *
fluo_compare_table_get_detail (FluoCompareTable *self, guint32 index)
{
  const FluoCompareRow *row = fluo_compare_peek (self, index);
  FluoTrace *trace = row->a != FLUO_SPAN_NONE ? self->comparison->a : self->comparison->b;
  guint32 span = row->a != FLUO_SPAN_NONE ? row->a : row->b;

  return fluo_trace_get_string (trace, fluo_trace_get_spans (trace, NULL)[span].detail);
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
    {
      const FluoCompareRow *row = fluo_compare_peek (self, i);

      self->shown[i] = differs (self, row) || row->depth == 0;
    }
  /* Backwards: what is shown is shown with all above it. */
  for (guint32 i = n; i > 0; i--)
    {
      guint32 parent = fluo_compare_peek (self, i - 1)->parent;

      if (self->shown[i - 1] && parent != FLUO_SPAN_NONE)
        self->shown[parent] = TRUE;
      self->n_hidden += !self->shown[i - 1];
    }
  g_array_set_size (self->places, 0);
  for (guint32 i = 0; i < n;)
    {
      guint32 row = self->sorted != NULL ? self->sorted[i] : i;

      if (self->shown[row])
        g_array_append_val (self->places, row);
      /* What is under a row follows it in any order. */
      i += self->collapsed[row] ? fluo_compare_peek (self, row)->end - row : 1;
    }
}

static int
compare_differences (gconstpointer a, gconstpointer b, gpointer user_data)
{
  FluoCompareTable *self = user_data;
  gint64 in_a = ABS (fluo_compare_peek (self, *(const guint32 *) a)->difference_ns);
  gint64 in_b = ABS (fluo_compare_peek (self, *(const guint32 *) b)->difference_ns);

  return in_a < in_b ? 1 : in_a > in_b ? -1 : 0;
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  FluoCompareTable *self = user_data;
  const guint32 row_a = *(const guint32 *) a, row_b = *(const guint32 *) b;
  int order = g_ascii_strcasecmp (fluo_trace_comparison_get_name (self->comparison, row_a),
                                  fluo_trace_comparison_get_name (self->comparison, row_b));

  return order != 0 ? order
                    : g_ascii_strcasecmp (fluo_compare_table_get_detail (self, row_a),
                                          fluo_compare_table_get_detail (self, row_b));
}

/* Callers before what they call: each takes its place, then those it called, which are found in the
 * stretch of rows under it. What nobody called stays in order: the entry is first. */
static guint32 *
sort_rows (FluoCompareTable *self, GCompareDataFunc compare)
{
  const guint32 n = self->comparison->rows->len;
  guint32 *sorted = g_new (guint32, n + 1), n_sorted = 0;
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) siblings = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 from = 0, until = n;

  for (;;)
    {
      g_array_set_size (siblings, 0);
      for (guint32 i = from; i < until; i = fluo_compare_peek (self, i)->end)
        g_array_append_val (siblings, i);
      if (from > 0)
        g_array_sort_with_data (siblings, compare, self);
      for (guint i = siblings->len; i > 0; i--)
        g_array_append_val (stack, g_array_index (siblings, guint32, i - 1));
      if (stack->len == 0)
        return sorted;
      from = g_array_index (stack, guint32, stack->len - 1);
      until = fluo_compare_peek (self, from)->end;
      g_array_set_size (stack, stack->len - 1);
      sorted[n_sorted++] = from++;
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

void
fluo_compare_table_set_colors (FluoCompareTable *self, FluoServiceColors *colors)
{
  g_free (self->colors_a);
  g_free (self->colors_b);
  self->colors_a = number_colors (self->comparison->a, colors);
  self->colors_b = number_colors (self->comparison->b, colors);
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
  fluo_compare_table_set_colors (self, colors);
  update (self);

  return self;
}

void
fluo_compare_table_free (FluoCompareTable *self)
{
  if (self == NULL)
    return;

  fluo_trace_comparison_unref (self->comparison);
  g_array_unref (self->places);
  g_free (self->shown);
  g_free (self->sorted);
  g_free (self->collapsed);
  g_free (self->colors_a);
  g_free (self->colors_b);
  g_free (self);
}

FluoCompareTable *
fluo_compare_table_copy (FluoCompareTable *self)
{
  const guint n = self->comparison->rows->len;
  FluoCompareTable *copy = g_new0 (FluoCompareTable, 1);
  guint n_a, n_b;

  fluo_trace_get_services (self->comparison->a, &n_a);
  fluo_trace_get_services (self->comparison->b, &n_b);
  *copy = *self;
  copy->comparison = fluo_trace_comparison_ref (self->comparison);
  copy->shown = g_memdup2 (self->shown, n + 1);
  copy->collapsed = g_memdup2 (self->collapsed, n + 1);
  copy->sorted =
    self->sorted != NULL ? g_memdup2 (self->sorted, (n + 1) * sizeof *self->sorted) : NULL;
  copy->places = g_array_copy (self->places);
  copy->colors_a = g_memdup2 (self->colors_a, (n_a + 1) * sizeof *self->colors_a);
  copy->colors_b = g_memdup2 (self->colors_b, (n_b + 1) * sizeof *self->colors_b);

  return copy;
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
fluo_compare_table_set_order (FluoCompareTable *self, FluoCompareOrder order)
{
  g_clear_pointer (&self->sorted, g_free);
  if (order == FLUO_COMPARE_BY_DIFFERENCE)
    self->sorted = sort_rows (self, compare_differences);
  else if (order == FLUO_COMPARE_BY_NAME)
    self->sorted = sort_rows (self, compare_names);
  update (self);
}

void
fluo_compare_table_set_collapsed (FluoCompareTable *self, guint32 row, gboolean collapsed)
{
  if (row >= self->comparison->rows->len)
    return;

  self->collapsed[row] = collapsed && fluo_compare_peek (self, row)->end > row + 1;
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

char *
fluo_compare_dup_length (FluoTrace *trace, guint32 index)
{
  const FluoSpan *span;

  if (index == FLUO_SPAN_NONE)
    return g_strdup (_("not called"));
  span = &fluo_trace_get_spans (trace, NULL)[index];
  if (span->status == FLUO_STATUS_RUNNING)
    return g_strdup (_("running"));
  return fluo_format_duration (span->end_ns - span->start_ns);
}

char *
fluo_compare_dup_difference (const FluoCompareRow *row)
{
  return row->running ? g_strdup ("–") : fluo_format_difference (row->difference_ns);
}

char *
fluo_compare_table_dup_call (FluoCompareTable *self, guint32 index)
{
  const char *detail = fluo_compare_table_get_detail (self, index);
  g_autofree char *call =
    g_strdup_printf ("%s%s%s", fluo_trace_comparison_get_name (self->comparison, index),
                     *detail != '\0' ? " " : "", detail);

  return fluo_format_untrusted (call, FLUO_COMPARE_NAME_CHARS_MAX);
}

char *
fluo_compare_table_dup_description (FluoCompareTable *self, guint32 index)
{
  const FluoCompareRow *row;
  g_autofree char *name = NULL, *a = NULL, *b = NULL, *by = NULL;

  if (index >= self->comparison->rows->len)
    return g_strdup ("");

  row = fluo_compare_peek (self, index);
  name = fluo_compare_table_dup_call (self, index);
  a = fluo_compare_dup_length (self->comparison->a, row->a);
  b = fluo_compare_dup_length (self->comparison->b, row->b);
  if (row->a == FLUO_SPAN_NONE)
    return g_strdup_printf (_("%s, not called in A, in B %s"), name, b);
  if (row->b == FLUO_SPAN_NONE)
    return g_strdup_printf (_("%s, %s, not called in B"), name, a);
  if (row->running)
    return g_strdup_printf (_("%s, %s, in B %s"), name, a, b);

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

double
fluo_compare_axis_x (const FluoCompareLayout *self, gint64 offset_ns)
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

  *x0 = CLAMP (fluo_compare_axis_x (self, spans[span].start_ns - zero_ns), self->time_x,
               self->time_x + self->time_width);
  *x1 = CLAMP (fluo_compare_axis_x (self, spans[span].end_ns - zero_ns), *x0,
               self->time_x + self->time_width + FLUO_COMPARE_PAD_PX);
  *x1 = MAX (*x1, *x0 + BAR_MIN_PX);
}

void
fluo_compare_layout_update (FluoCompareLayout *self, FluoCompareTable *table,
                            const FluoCompareViewport *view)
{
  FluoTraceComparison *comparison = table->comparison;
  const gint64 begin_a = fluo_trace_get_start_ns (comparison->a);
  const gint64 begin_b = fluo_trace_get_start_ns (comparison->b);
  guint first, last;

  self->table = table;
  self->view = *view;
  self->has_bars = view->width - TREE_MIN_PX - FIGURES_PX >= BARS_MIN_PX;
  if (self->has_bars)
    self->tree_width = CLAMP (view->width * TREE_SHARE, TREE_MIN_PX, TREE_MAX_PX);
  else
    self->tree_width = MAX (TREE_MIN_PX, view->width - FIGURES_PX);
  self->time_x = self->tree_width + FIGURES_PX + FLUO_COMPARE_PAD_PX;
  self->time_width = MAX (1, view->width - self->time_x - 2 * FLUO_COMPARE_PAD_PX - 16);
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
      const FluoCompareRow *row = fluo_compare_peek (table, box.row);
      gint64 zero_b = begin_b;

      /* Lined up call by call, B's row begins where A's does. */
      if (view->each_call && row->a != FLUO_SPAN_NONE && row->b != FLUO_SPAN_NONE)
        zero_b = fluo_trace_get_spans (comparison->b, NULL)[row->b].start_ns -
                 (fluo_trace_get_spans (comparison->a, NULL)[row->a].start_ns - begin_a);
      box.y = FLUO_COMPARE_HEAD_PX + place * (double) FLUO_COMPARE_ROW_PX - self->view.scroll;
      lay_out_bar (self, comparison->a, row->a, begin_a, &box.a_x0, &box.a_x1);
      lay_out_bar (self, comparison->b, row->b, zero_b, &box.b_x0, &box.b_x1);
      g_array_append_val (self->boxes, box);
    }
}

double
fluo_compare_indent (const FluoCompareLayout *self, guint depth)
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
  row = fluo_compare_peek (self->table, index);
  if (ret_disclosure != NULL)
    *ret_disclosure = row->end > index + 1 &&
                      fabs (x - (16 + fluo_compare_indent (self, row->depth))) <= TARGET_PX / 2.0;

  return index;
}

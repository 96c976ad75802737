/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-small-waterfall.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "draw/fluo-waterfall.h"

#define ROWS_MAX 12
#define ROW_PX 20
#define AXIS_PX 20
#define NAMES_PX 128
#define INDENT_PX 7
#define DEPTH_MAX 6

typedef struct
{
  guint32 span;
  guint depth;
} Row;

struct _FluoSmallWaterfall
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  FluoPainter *painter;
  FluoTrace *trace;
  GArray *rows;
  guint n_rows;
};

G_DEFINE_FINAL_TYPE (FluoSmallWaterfall, fluo_small_waterfall, GTK_TYPE_WIDGET)

/* Rank of a span for being among the few rows: lower is better. */
static guint
importance (FluoWaterfallRows *rows, const FluoSpan *spans, guint32 index)
{
  const FluoSpan *span = &spans[index];

  if (index == fluo_trace_get_root (fluo_waterfall_rows_get_trace (rows)))
    return 0;
  if (spans[fluo_spans_failing (spans, index)].status == FLUO_STATUS_FAULT &&
      (span->flags & FLUO_SPAN_CRITICAL))
    return 1;
  if (fluo_waterfall_rows_is_service (rows, index))
    return 2 + MIN (fluo_waterfall_rows_get_depth (rows, index), 8);
  return span->flags & FLUO_SPAN_CRITICAL ? 6 : 12;
}

static void
choose_rows (FluoSmallWaterfall *self)
{
  g_autoptr (FluoWaterfallRows) rows = fluo_waterfall_rows_new (self->trace);
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);
  guint counts[16] = { 0 };
  guint limit = 0;
  guint room = ROWS_MAX;

  self->n_rows = fluo_waterfall_rows_get_n (rows);
  for (guint i = 0; i < self->n_rows; i++)
    {
      guint32 span = fluo_waterfall_rows_get_span (rows, i);

      counts[importance (rows, spans, span)]++;
    }
  /* As many ranks as fit whole; of the next one the first rows fill up the rest. */
  while (limit < G_N_ELEMENTS (counts) && counts[limit] <= room)
    room -= counts[limit++];
  g_array_set_size (self->rows, 0);
  for (guint i = 0; i < self->n_rows && self->rows->len < ROWS_MAX; i++)
    {
      Row row = { .span = fluo_waterfall_rows_get_span (rows, i) };
      guint rank = importance (rows, spans, row.span);

      if (rank > limit || (rank == limit && room == 0))
        continue;
      if (rank == limit)
        room--;
      row.depth = fluo_waterfall_rows_get_depth (rows, row.span);
      g_array_append_val (self->rows, row);
    }
}

static FluoColor
service_color (FluoSmallWaterfall *self, const FluoPalette *palette, guint32 index)
{
  const FluoTraceService *service = &fluo_trace_get_services (self->trace, NULL)[index];
  FluoServiceColors *colors = self->explorer ? fluo_explorer_get_colors (self->explorer) : NULL;
  guint color = colors ? fluo_service_colors_lookup (colors, service->name, service->type) : index;

  return palette->service[color % FLUO_N_SERVICE_COLORS];
}

static void
draw_row (FluoSmallWaterfall *self, const FluoPalette *palette, const Row *row, double y,
          double width, FluoTimeSpan extent)
{
  static const FluoFont plain = { FLUO_FONT_SANS, 11.5, 400, TRUE };
  static const FluoFont strong = { FLUO_FONT_SANS, 11.5, 600, TRUE };
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL), *span = &spans[row->span];
  const FluoStatus status = spans[fluo_spans_failing (spans, row->span)].status;
  const FluoTraceService *service = &fluo_trace_get_services (self->trace, NULL)[span->service];
  const char *name = span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)
                         ? fluo_kind_get_display_name (service->type, service->name)
                         : fluo_trace_get_string (self->trace, span->name);
  cairo_t *cr = fluo_painter_get_cr (self->painter);
  FluoColor color = service_color (self, palette, span->service);
  double length_ns = MAX (fluo_time_span_length (extent), 1);
  double area = width - NAMES_PX;
  double x0 = NAMES_PX + area * (span->start_ns - extent.begin_ns) / length_ns;
  double x1 = NAMES_PX + area * (span->end_ns - extent.begin_ns) / length_ns;
  double indent = MIN (row->depth, DEPTH_MAX) * INDENT_PX;
  gboolean fault = status == FLUO_STATUS_FAULT && (span->flags & FLUO_SPAN_CRITICAL);

  cairo_rectangle (cr, indent, y + 3, 3, ROW_PX - 6);
  fluo_color_set (cr, color);
  cairo_fill (cr);
  fluo_painter_text (self->painter, indent + 8, y + 14, name, fault ? strong : plain, palette->fg,
                     FLUO_ALIGN_START, NAMES_PX - indent - 14, NULL);
  x0 = CLAMP (x0, NAMES_PX, width - 1.5);
  x1 = CLAMP (x1, x0 + 1.5, width);
  fluo_painter_rounded (self->painter, x0, y + 5, x1 - x0, 10, 1.5);
  /* Own work is solid, waiting is pale: told apart by which of the two the span mostly did. */
  if (span->self_ns * 2 >= span->end_ns - span->start_ns)
    fluo_color_set (cr, color);
  else
    fluo_color_set_alpha (cr, color, palette->wait_alpha);
  cairo_fill (cr);
  if (status >= FLUO_STATUS_ERROR)
    fluo_painter_status (self->painter, status, MIN (x1, width) - 12, y + 4, 12,
                         palette->sidebar);
}

static void
draw_axis (FluoSmallWaterfall *self, const FluoPalette *palette, double y, double width,
           gint64 length_ns)
{
  static const FluoFont font = { FLUO_FONT_SANS, 10.5, 400, TRUE };
  cairo_t *cr = fluo_painter_get_cr (self->painter);
  /* At most three steps. */
  gint64 step_ns = fluo_format_axis_step (length_ns / 3 + 1);
  double area = width - NAMES_PX;

  cairo_rectangle (cr, NAMES_PX, y, area, 1);
  fluo_color_set (cr, palette->line2);
  cairo_fill (cr);
  for (gint64 at = 0; at <= length_ns; at += step_ns)
    {
      g_autofree char *text = fluo_format_axis (at, step_ns);
      double x = NAMES_PX + area * at / MAX (length_ns, 1);
      FluoAlign align = at == 0          ? FLUO_ALIGN_START
                        : x > width - 16 ? FLUO_ALIGN_END
                                         : FLUO_ALIGN_MIDDLE;

      fluo_painter_text (self->painter, x, y + 14, text, font, palette->fg3, align, 0, NULL);
    }
}

static void
fluo_small_waterfall_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FluoSmallWaterfall *self = FLUO_SMALL_WATERFALL (widget);
  const FluoPalette *palette = fluo_theme_get_palette ();
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  FluoTimeSpan extent;
  cairo_t *cr;

  if (!self->trace || width <= NAMES_PX)
    return;
  extent = fluo_trace_get_extent (self->trace);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  fluo_theme_begin (self->painter, cr, widget);
  for (guint i = 0; i < self->rows->len; i++)
    draw_row (self, palette, &g_array_index (self->rows, Row, i), i * ROW_PX, width, extent);
  draw_axis (self, palette, self->rows->len * ROW_PX + 2, width, fluo_time_span_length (extent));
  cairo_destroy (cr);
}

static void
fluo_small_waterfall_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
  FluoSmallWaterfall *self = FLUO_SMALL_WATERFALL (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = NAMES_PX + 100;
  else
    *minimum = *natural = self->rows->len * ROW_PX + AXIS_PX;
}

static void
fluo_small_waterfall_dispose (GObject *object)
{
  FluoSmallWaterfall *self = FLUO_SMALL_WATERFALL (object);

  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_small_waterfall_parent_class)->dispose (object);
}

static void
fluo_small_waterfall_finalize (GObject *object)
{
  FluoSmallWaterfall *self = FLUO_SMALL_WATERFALL (object);

  fluo_painter_free (self->painter);
  g_array_unref (self->rows);
  G_OBJECT_CLASS (fluo_small_waterfall_parent_class)->finalize (object);
}

static void
fluo_small_waterfall_class_init (FluoSmallWaterfallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_small_waterfall_dispose;
  object_class->finalize = fluo_small_waterfall_finalize;
  widget_class->snapshot = fluo_small_waterfall_snapshot;
  widget_class->measure = fluo_small_waterfall_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fluo_small_waterfall_init (FluoSmallWaterfall *self)
{
  self->painter = fluo_painter_new ();
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Waterfall of the trace"), -1);
  fluo_theme_follow (GTK_WIDGET (self));
}

GtkWidget *
fluo_small_waterfall_new (void)
{
  return g_object_new (FLUO_TYPE_SMALL_WATERFALL, NULL);
}

void
fluo_small_waterfall_set_explorer (FluoSmallWaterfall *self, FluoExplorer *explorer)
{
  g_return_if_fail (FLUO_IS_SMALL_WATERFALL (self));
  if (!g_set_object (&self->explorer, explorer) || !explorer)
    return;
  g_signal_connect_object (explorer, "colors-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

void
fluo_small_waterfall_set_trace (FluoSmallWaterfall *self, FluoTrace *trace)
{
  g_return_if_fail (FLUO_IS_SMALL_WATERFALL (self));
  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_array_set_size (self->rows, 0);
  self->n_rows = 0;
  if (trace)
    {
      self->trace = fluo_trace_ref (trace);
      choose_rows (self);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

guint
fluo_small_waterfall_get_n_shown (FluoSmallWaterfall *self, guint *ret_n_rows)
{
  g_return_val_if_fail (FLUO_IS_SMALL_WATERFALL (self), 0);
  if (ret_n_rows)
    *ret_n_rows = self->n_rows;
  return self->rows->len;
}

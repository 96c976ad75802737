/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-cell.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

#define CELL_HEIGHT_PX 22
#define DOT_RADIUS_PX 4
#define CHIP_HEIGHT_PX 20
#define CHIP_CHARS_MAX 18
/* Cut to less than this a chip says nothing. */
#define CHIP_CUT_MIN_PX 70
#define DURATION_TEXT_PX 50
/* The pin of what is kept for good, after the status. */
#define KEPT_X_PX 49
#define KEPT_PX 12

struct _FluoTraceCell
{
  GtkWidget parent_instance;

  FluoTraceScale *scale;
  FluoTraceCellKind kind;
  FluoTraceSummary *summary;
};

G_DEFINE_FINAL_TYPE (FluoTraceCell, fluo_trace_cell, GTK_TYPE_WIDGET)

static const FluoFont font_normal = { FLUO_FONT_SANS, 13, 400, TRUE };
static const FluoFont font_strong = { FLUO_FONT_SANS, 13, 600, TRUE };
static const FluoFont font_chip = { FLUO_FONT_SANS, 12, 400, TRUE };

static gboolean
is_kept (FluoTraceCell *self)
{
  return fluo_kept_has (fluo_trace_scale_get_kept (self->scale), &self->summary->id);
}

static FluoColor
bar_color (const FluoPalette *palette, FluoStatus status)
{
  return status == FLUO_STATUS_OK ? palette->bar_base : palette->status[status].mark;
}

static void
draw_status (FluoTraceCell *self, FluoPainter *painter, const FluoPalette *palette, double width,
             double height)
{
  char code[16] = "–";

  if (self->summary->http_status > 0)
    g_snprintf (code, sizeof code, "%d", self->summary->http_status);
  fluo_painter_status (painter, self->summary->status, 0, (height - 14) / 2, 14, palette->view);
  fluo_painter_text (painter, 20, height / 2 + 4.5, code, font_normal, palette->fg,
                     FLUO_ALIGN_START, 0, NULL);
  if (is_kept (self) && width >= KEPT_X_PX + KEPT_PX)
    fluo_painter_icon (painter, "pin", KEPT_X_PX, (height - KEPT_PX) / 2, KEPT_PX, palette->fg2);
}

static void
draw_duration (FluoTraceCell *self, FluoPainter *painter, const FluoPalette *palette, double width,
               double height)
{
  gint64 time_ns = fluo_trace_summary_get_time_ns (self->summary);
  g_autofree char *text = self->summary->duration_ns < 0 && self->summary->response_ns < 0
                            ? g_strdup (_("running"))
                            : fluo_format_duration (time_ns);
  double room = width - DURATION_TEXT_PX - 8;
  double length = room * MIN ((double) time_ns / fluo_trace_scale_get_max (self->scale), 1);
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_painter_text (painter, DURATION_TEXT_PX, height / 2 + 4.5, text, font_strong, palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  if (room < 8 || time_ns <= 0)
    return;
  fluo_painter_rounded (painter, DURATION_TEXT_PX + 8, height / 2 - 3, MAX (length, 1.5), 6, 1.5);
  if (self->summary->status == FLUO_STATUS_ERROR)
    fluo_color_set (cr, palette->error_fill);
  else
    fluo_color_set (cr, bar_color (palette, self->summary->status));
  cairo_fill (cr);
}

static void
draw_services (FluoTraceCell *self, FluoPainter *painter, const FluoPalette *palette, double height)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  double y = height / 2;

  for (guint i = 0; i < self->summary->services->len; i++)
    {
      const FluoSummaryService *service = &g_array_index (self->summary->services,
                                                          FluoSummaryService, i);
      double x;

      if (!fluo_trace_scale_get_place (self->scale, service->name, &x))
        continue;
      if (service->status == FLUO_STATUS_OK)
        {
          guint color = fluo_trace_scale_get_color (self->scale, service->name, service->type);

          cairo_new_path (cr);
          cairo_arc (cr, x, y, DOT_RADIUS_PX, 0, 2 * G_PI);
          fluo_color_set (cr, palette->service[color]);
          cairo_fill (cr);
        }
      else
        fluo_painter_status (painter, service->status, x - 5.5, y - 5.5, 11, palette->view);
    }
}

/* Returns the x after the chip, or a negative number when it does not fit before @limit. The first
 * one is cut rather than left out. */
static double
draw_chip (FluoPainter *painter, const FluoPalette *palette, double x, double limit, double height,
           const FluoSummaryAnnotation *annotation)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  g_autofree char *key = fluo_format_untrusted (annotation->key, CHIP_CHARS_MAX);
  g_autofree char *value = fluo_format_untrusted (annotation->value, CHIP_CHARS_MAX);
  double key_width = fluo_painter_measure (painter, key, font_chip);
  double value_width = fluo_painter_measure (painter, value, font_chip);
  double width = key_width + value_width + 17;
  double baseline = height / 2 + 4.2;

  if (x + width > limit)
    {
      if (x > 0 || limit < CHIP_CUT_MIN_PX)
        return -1;
      width = limit - x;
      key_width = MIN (key_width, floor ((width - 17) / 2));
      value_width = width - 17 - key_width;
    }
  fluo_painter_rounded (painter, x, (height - CHIP_HEIGHT_PX) / 2, width, CHIP_HEIGHT_PX, 6);
  fluo_color_set (cr, palette->field);
  cairo_fill (cr);
  fluo_painter_text (painter, x + 6, baseline, key, font_chip, palette->fg2, FLUO_ALIGN_START,
                     key_width, NULL);
  fluo_painter_text (painter, x + 11 + key_width, baseline, value, font_chip, palette->fg,
                     FLUO_ALIGN_START, value_width, NULL);
  return x + width;
}

static void
draw_annotations (FluoTraceCell *self, FluoPainter *painter, const FluoPalette *palette,
                  double width, double height)
{
  guint n = self->summary->annotations->len;
  guint n_drawn = 0;
  double x = 0;

  /* One that is too long leaves its place to a shorter one. */
  for (guint i = 0; i < n; i++)
    {
      double limit = n_drawn + 1 < n ? width - 24 : width;
      double after = draw_chip (
          painter, palette, x, limit, height,
          &g_array_index (self->summary->annotations, FluoSummaryAnnotation, i));

      if (after < 0)
        continue;
      n_drawn++;
      x = after + 6;
    }
  if (n_drawn < n)
    {
      char rest[16];

      g_snprintf (rest, sizeof rest, "+%u", n - n_drawn);
      fluo_painter_text (painter, x, height / 2 + 4.2, rest, font_chip, palette->fg2,
                         FLUO_ALIGN_START, 0, NULL);
    }
}

/* "POST /checkout" with the method in the second colour. */
static void
draw_request (FluoTraceCell *self, FluoPainter *painter, const FluoPalette *palette, double width,
              double height)
{
  g_autofree char *request = fluo_trace_summary_dup_request (self->summary);
  g_autofree char *safe = fluo_format_untrusted (request, 200);
  const char *method = self->summary->http_method;
  double baseline = height / 2 + 4.5;
  double x = 0;
  const char *rest = safe;

  if (method && g_str_has_prefix (safe, method) && safe[strlen (method)] == ' ')
    {
      g_autofree char *word = g_strndup (safe, strlen (method));

      x = fluo_painter_text (painter, 0, baseline, word, font_normal, palette->fg2,
                             FLUO_ALIGN_START, width, NULL)
          + 4;
      rest = safe + strlen (method) + 1;
    }
  if (width - x > 8)
    fluo_painter_text (painter, x, baseline, rest, font_normal, palette->fg, FLUO_ALIGN_START,
                       width - x, NULL);
}

static void
fluo_trace_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FluoTraceCell *self = FLUO_TRACE_CELL (widget);
  FluoPainter *painter = fluo_trace_scale_get_painter (self->scale);
  const FluoPalette *palette = fluo_theme_get_palette ();
  const double scale = fluo_theme_get_text_scale (widget);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  cairo_t *cr;

  if (!self->summary || width < 1 || height < 1)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  /* Drawn as on a screen where everything is so much larger. */
  cairo_scale (cr, scale, scale);
  width /= scale;
  height /= scale;
  fluo_theme_begin (painter, cr, widget);
  switch (self->kind)
    {
    case FLUO_TRACE_CELL_STATUS:
      draw_status (self, painter, palette, width, height);
      break;
    case FLUO_TRACE_CELL_DURATION:
      draw_duration (self, painter, palette, width, height);
      break;
    case FLUO_TRACE_CELL_REQUEST:
      draw_request (self, painter, palette, width, height);
      break;
    case FLUO_TRACE_CELL_SERVICES:
      draw_services (self, painter, palette, height);
      break;
    case FLUO_TRACE_CELL_ANNOTATIONS:
      draw_annotations (self, painter, palette, width, height);
      break;
    default:
      g_assert_not_reached ();
    }
  cairo_destroy (cr);
}

static void
fluo_trace_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL
                          ? (int) (CELL_HEIGHT_PX * fluo_theme_get_text_scale (widget))
                          : 0;
}

/* The names a screen reader and the tooltip say. */
static char *
dup_words (FluoTraceCell *self)
{
  FluoTraceSummary *summary = self->summary;
  g_autoptr (GString) text = g_string_new (NULL);

  switch (self->kind)
    {
    case FLUO_TRACE_CELL_STATUS:
      g_string_append (text, fluo_status_to_label (summary->status));
      if (summary->http_status > 0)
        g_string_append_printf (text, " %d", summary->http_status);
      if (is_kept (self))
        g_string_append_printf (text, ", %s", _("kept for good"));
      break;
    case FLUO_TRACE_CELL_DURATION:
      {
        g_autofree char *duration = fluo_format_duration (fluo_trace_summary_get_time_ns (summary));

        g_string_append (text, duration);
        break;
      }
    case FLUO_TRACE_CELL_REQUEST:
      {
        g_autofree char *request = fluo_trace_summary_dup_request (summary);

        g_string_append (text, request);
        break;
      }
    case FLUO_TRACE_CELL_SERVICES:
      for (guint i = 0; i < summary->services->len; i++)
        {
          const FluoSummaryService *service = &g_array_index (summary->services, FluoSummaryService,
                                                              i);

          g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                                  fluo_kind_get_display_name (service->type, service->name));
          if (service->status != FLUO_STATUS_OK)
            g_string_append_printf (text, " (%s)", fluo_status_to_label (service->status));
        }
      break;
    case FLUO_TRACE_CELL_ANNOTATIONS:
      for (guint i = 0; i < summary->annotations->len; i++)
        {
          const FluoSummaryAnnotation *annotation = &g_array_index (summary->annotations,
                                                                    FluoSummaryAnnotation, i);

          g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", annotation->key,
                                  annotation->value);
        }
      break;
    default:
      g_assert_not_reached ();
    }
  return fluo_format_untrusted (text->str, 400);
}

static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  gpointer data)
{
  FluoTraceCell *self = FLUO_TRACE_CELL (widget);
  g_autofree char *text = NULL;

  if (!self->summary || self->kind < FLUO_TRACE_CELL_REQUEST)
    return FALSE;
  text = dup_words (self);
  gtk_tooltip_set_text (tooltip, text);
  return *text != '\0';
}

static void
fluo_trace_cell_dispose (GObject *object)
{
  FluoTraceCell *self = FLUO_TRACE_CELL (object);

  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  g_clear_object (&self->scale);
  G_OBJECT_CLASS (fluo_trace_cell_parent_class)->dispose (object);
}

static void
fluo_trace_cell_class_init (FluoTraceCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_trace_cell_dispose;
  widget_class->snapshot = fluo_trace_cell_snapshot;
  widget_class->measure = fluo_trace_cell_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fluo_trace_cell_init (FluoTraceCell *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_FILL);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  fluo_theme_follow (GTK_WIDGET (self));
}

static void
update_words (FluoTraceCell *self)
{
  g_autofree char *words = NULL;

  if (self->summary)
    {
      words = dup_words (self);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                      -1);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
fluo_trace_cell_new (FluoTraceScale *scale, FluoTraceCellKind kind)
{
  FluoTraceCell *self = g_object_new (FLUO_TYPE_TRACE_CELL, NULL);

  if (kind == FLUO_TRACE_CELL_STATUS)
    g_signal_connect_object (fluo_trace_scale_get_kept (scale), "changed",
                             G_CALLBACK (update_words), self, G_CONNECT_SWAPPED);
  self->scale = g_object_ref (scale);
  self->kind = kind;
  if (kind == FLUO_TRACE_CELL_DURATION || kind == FLUO_TRACE_CELL_SERVICES)
    g_signal_connect_object (scale, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
fluo_trace_cell_set_summary (FluoTraceCell *self, FluoTraceSummary *summary)
{
  g_return_if_fail (FLUO_IS_TRACE_CELL (self));
  if (self->summary == summary)
    return;
  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  if (summary)
    self->summary = fluo_trace_summary_ref (summary);
  update_words (self);
}

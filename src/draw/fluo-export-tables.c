/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "draw/fluo-export-private.h"

/* Under the waterfall: the slowest calls, and where the time went. */

#define SHARES_WIDTH 404.0
#define COLUMN_GAP 36.0
#define SHARES_SHOWN 8
#define LEFT FLUO_PAGE_SIDE
#define RIGHT (FLUO_PAGE_WIDTH - FLUO_PAGE_SIDE)

static void
swatch (FluoPainter *painter, double x, double y, FluoColor color)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_painter_rounded (painter, x, y, 8, 8, 2);
  fluo_color_set (cr, color);
  cairo_fill (cr);
}

static FluoColor
service_color (FluoPainter *painter, FluoExportDocument *self, guint32 service)
{
  return fluo_waterfall_get_color (fluo_painter_get_palette (painter),
                                   fluo_waterfall_rows_get_color (self->all, service));
}

/* Right edges of the figures' columns, measured from the table's right edge. */
#define COLUMN_OWN 212.0
#define COLUMN_SHARE 150.0
#define COLUMN_STARTED 70.0
#define COLUMN_RESULT 60.0

static void
draw_slow_row (FluoPainter *painter, FluoExportDocument *self, guint32 index, double x1,
               double baseline)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL), *span = &spans[index];
  const FluoStatus status = spans[fluo_spans_failing (spans, index)].status;
  const FluoTraceService *services;
  gint64 response = fluo_trace_get_response_ns (self->trace);
  const char *call = fluo_trace_get_string (self->trace, span->name);
  g_autofree char *own = fluo_format_duration (span->self_ns);
  g_autofree char *offset =
    fluo_format_offset (span->start_ns - fluo_trace_get_start_ns (self->trace));
  g_autofree char *share = NULL, *service = NULL, *what = NULL;
  FluoFont plain = FLUO_FIGURES (11, 400);
  guint n_services;

  services = fluo_trace_get_services (self->trace, &n_services);
  service = fluo_export_document_text (
    span->service < n_services ? fluo_kind_get_display_name (services[span->service].type,
                                                             services[span->service].name)
                               : "–",
    self);
  if (fluo_waterfall_rows_is_service (self->all, index) &&
      *fluo_trace_get_string (self->trace, span->detail) != '\0')
    call = fluo_trace_get_string (self->trace, span->detail);
  what = fluo_export_document_text (call, self);
  share = !(span->flags & FLUO_SPAN_CRITICAL) || response <= 0
            ? g_strdup (_("beside"))
            : fluo_format_share_parts ((double) span->self_ns / (double) response);

  swatch (painter, LEFT, baseline - 8, service_color (painter, self, span->service));
  fluo_painter_text (painter, LEFT + 14, baseline, service, plain, palette->fg, FLUO_ALIGN_START,
                     150, NULL);
  fluo_painter_text (painter, LEFT + 172, baseline, what, plain, palette->fg, FLUO_ALIGN_START, 170,
                     NULL);
  fluo_painter_text (painter, x1 - COLUMN_OWN, baseline, own, FLUO_FIGURES (11, 700), palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_SHARE, baseline, share, plain, palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_STARTED, baseline, offset, plain, palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
  if (status == FLUO_STATUS_OK)
    fluo_painter_text (painter, x1 - COLUMN_RESULT, baseline,
                       fluo_status_to_label (status), plain, palette->fg, FLUO_ALIGN_START,
                       0, NULL);
  else
    {
      fluo_painter_status (painter, status, x1 - COLUMN_RESULT, baseline - 9, 10,
                           palette->view);
      fluo_painter_text (painter, x1 - COLUMN_RESULT + 13, baseline,
                         fluo_status_to_label (status), FLUO_SANS (11, 700),
                         palette->status[status].text, FLUO_ALIGN_START, 0, NULL);
    }
}

void
fluo_export_draw_slowest (FluoPainter *painter, FluoExportDocument *self, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoFont head = FLUO_SANS (10, 400);
  double x1 = RIGHT - SHARES_WIDTH - COLUMN_GAP, baseline = y + 31;

  fluo_painter_text (painter, LEFT, y + 11, _("Slowest calls by own time"), FLUO_SANS (11.5, 700),
                     palette->fg, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, LEFT, baseline, _("Service"), head, palette->fg2, FLUO_ALIGN_START,
                     0, NULL);
  fluo_painter_text (painter, LEFT + 172, baseline, _("Call"), head, palette->fg2,
                     FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_OWN, baseline, _("Own time"), head, palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_SHARE, baseline, _("Share"), head, palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_STARTED, baseline, _("Started"), head, palette->fg2,
                     FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x1 - COLUMN_RESULT, baseline, _("Result"), head, palette->fg2,
                     FLUO_ALIGN_START, 0, NULL);
  y += 37;
  fluo_export_rule (painter, LEFT, x1, y + 0.5, palette->fg, 1);
  for (guint i = 0; i < self->n_slowest; i++)
    {
      draw_slow_row (painter, self, self->slowest[i], x1, y + 14.5);
      y += 20.8;
      fluo_export_rule (painter, LEFT, x1, y + 0.5, palette->grid, 1);
    }
}

static void
draw_share (FluoPainter *painter, FluoExportDocument *self, const FluoTraceShare *share, double x,
            double width, double baseline)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoTraceService *services;
  g_autofree char *duration = fluo_format_duration (share->time_ns);
  g_autofree char *part = fluo_format_share_parts (share->share);
  g_autofree char *name = NULL;
  guint n_services;

  services = fluo_trace_get_services (self->trace, &n_services);
  name = fluo_export_document_text (share->service < n_services
                                      ? fluo_kind_get_display_name (services[share->service].type,
                                                                    services[share->service].name)
                                      : "–",
                                    self);
  swatch (painter, x, baseline - 8, service_color (painter, self, share->service));
  fluo_painter_text (painter, x + 14, baseline, name, FLUO_SANS (11, 400), palette->fg,
                     FLUO_ALIGN_START, width - 14 - 88, NULL);
  fluo_painter_text (painter, x + width - 46, baseline, duration, FLUO_FIGURES (11, 400),
                     palette->fg2, FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, x + width, baseline, part, FLUO_FIGURES (11, 700), palette->fg,
                     FLUO_ALIGN_END, 0, NULL);
}

static void
draw_usual (FluoPainter *painter, FluoExportDocument *self, double x, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  gint64 difference = fluo_trace_get_response_ns (self->trace) - self->options.usual_ns;
  g_autofree char *usual = fluo_format_duration (self->options.usual_ns);
  g_autofree char *by = fluo_format_duration (ABS (difference));
  g_autoptr (FluoSentence) sentence = fluo_sentence_new ();
  g_autofree char *begin = NULL, *bold = NULL;

  begin = g_strdup_printf (_("%s is usual (p50). This one took "), usual);
  bold = g_strdup_printf (difference >= 0 ? _("%s longer") : _("%s less"), by);
  fluo_sentence_append (sentence, begin, FALSE);
  fluo_sentence_append (sentence, bold, TRUE);
  fluo_sentence_append (sentence, ".", FALSE);
  fluo_painter_text (painter, x, y + 11, _("Compared with the usual"), FLUO_SANS (11.5, 700),
                     palette->fg, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_sentence (painter, x, y + 19, SHARES_WIDTH, sentence, FLUO_FIGURES (11, 400),
                         palette->fg);
}

void
fluo_export_draw_shares (FluoPainter *painter, FluoExportDocument *self, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  g_autofree char *total = fluo_format_duration (fluo_trace_get_response_ns (self->trace));
  g_autofree char *heading =
    g_strdup_printf (_("Where the %s went, along the critical path"), total);
  double x0 = RIGHT - SHARES_WIDTH, x = x0;
  guint shown = MIN (self->shares->len, SHARES_SHOWN), half = (shown + 1) / 2;

  fluo_painter_text (painter, x0, y + 11, heading, FLUO_SANS (11.5, 700), palette->fg,
                     FLUO_ALIGN_START, SHARES_WIDTH, NULL);
  for (guint i = 0; i < self->shares->len; i++)
    {
      const FluoTraceShare *share = &g_array_index (self->shares, FluoTraceShare, i);
      double width = CLAMP (share->share, 0, 1) * SHARES_WIDTH;

      fluo_color_set (cr, service_color (painter, self, share->service));
      cairo_rectangle (cr, x, y + 19, MAX (0.8, width - 0.8), 11);
      cairo_fill (cr);
      x = MIN (x + width, RIGHT - 0.8);
    }

  for (guint i = 0; i < shown; i++)
    draw_share (painter, self, &g_array_index (self->shares, FluoTraceShare, i),
                i < half ? x0 : x0 + 214, i < half ? 196 : 190, y + 47 + (i % MAX (half, 1)) * 16);

  if (self->options.usual_ns > 0)
    draw_usual (painter, self, x0, y + 36 + half * 16 + 14);
}

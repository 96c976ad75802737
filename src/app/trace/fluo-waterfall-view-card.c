/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/trace/fluo-call-card.h"
#include "app/trace/fluo-waterfall-view-private.h"
#include "app/widgets/fluo-canvas.h"
#include "core/fluo-format.h"
#include "core/fluo-span-detail.h"

#define EVENT_CHARS_MAX 80

static void
card_fill (FluoCallCard *card, FluoWaterfallView *self, const FluoPalette *palette)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[self->view.hover];
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (self->rows));
  g_autofree char *own = fluo_format_duration (span->self_ns);
  g_autofree char *begin = fluo_format_offset (span->start_ns - zero);
  g_autofree char *end = fluo_format_offset (span->end_ns - zero);
  GString *facts = g_string_new (NULL);
  gboolean running = (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;

  card->name = fluo_waterfall_rows_get_name (self->rows, self->view.hover);
  card->detail = fluo_trace_get_string (trace, span->detail);
  card->color =
    fluo_waterfall_get_color (palette, fluo_waterfall_rows_get_color (self->rows, span->service));
  if (fluo_waterfall_rows_is_service (self->rows, self->view.hover))
    card->icon = fluo_kind_get_icon (fluo_trace_get_services (trace, NULL)[span->service].kind);

  card->first =
    running ? g_strdup (_("running")) : fluo_format_duration (span->end_ns - span->start_ns);
  if (span->first_child != FLUO_SPAN_NONE && !running)
    g_string_append_printf (facts, _(" · own work %s"), own);
  if (span->http_status > 0)
    g_string_append_printf (facts, " · %d", span->http_status);
  if (*fluo_waterfall_rows_get_exception (self->rows, self->view.hover) != '\0')
    g_string_append_printf (facts, " · %s",
                            fluo_waterfall_rows_get_exception (self->rows, self->view.hover));
  card->facts = g_string_free (facts, FALSE);
  card->second = running ? g_strdup_printf (_("since %s"), begin)
                         : g_strdup_printf (_("%s to %s"), begin, end);
}

static const FluoWaterfallBox *
find_box (FluoWaterfallView *self, guint32 span)
{
  for (guint i = 0; i < self->layout->boxes->len; i++)
    {
      const FluoWaterfallBox *box = &g_array_index (self->layout->boxes, FluoWaterfallBox, i);

      if (box->span == span)
        return box;
    }

  return NULL;
}

/* Over a mark the card tells of what happened, or was written, there. */
static void
card_fill_event (FluoCallCard *card, FluoWaterfallView *self)
{
  const FluoWaterfallEvent *mark =
    fluo_waterfall_hit_event (self->layout, self->canvas.pointer_x, self->canvas.pointer_y);
  GArray *events =
    mark != NULL ? fluo_waterfall_rows_get_marks (self->rows, mark->span) : NULL;
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (self->rows));
  const FluoSpanEvent *event;
  g_autofree char *offset = NULL, *text = NULL;

  if (events == NULL || mark->first >= events->len)
    return;

  event = &g_array_index (events, FluoSpanEvent, mark->first);
  offset = fluo_format_offset (event->time_ns - zero);
  text = fluo_format_untrusted (event->name, EVENT_CHARS_MAX);
  g_free (card->second);
  card->second =
    mark->n > 1
      ? g_strdup_printf (_("%s: %s, and %u more"), offset, text, mark->n - 1)
      : g_strdup_printf ("%s: %s", offset, text);
}

void
fluo_waterfall_view_snapshot_card (FluoWaterfallView *self, GtkSnapshot *snapshot,
                                   const FluoPalette *palette)
{
  const FluoWaterfallBox *box = self->canvas.card_shown ? find_box (self, self->view.hover) : NULL;
  FluoCallCard card = { 0 };

  if (box == NULL)
    return;

  card_fill (&card, self, palette);
  card_fill_event (&card, self);
  fluo_call_card_snapshot (&card, snapshot, self->painter, palette,
                           self->canvas.pointer_x + 16, box->y,
                           box->y + self->view.style->row_height, self->view.width,
                           self->view.height);
  fluo_call_card_clear (&card);
}

/* While the ruler is dragged: the stretch, tinted, with its length. */
void
fluo_waterfall_view_snapshot_measure (FluoWaterfallView *self, GtkSnapshot *snapshot,
                                      const FluoPalette *palette)
{
  double x0 = MIN (self->drag.x, self->drag.last_x), x1 = MAX (self->drag.x, self->drag.last_x);
  double top = self->view.style->overview_height,
         bottom = self->layout->body_y + self->layout->body_height;
  double left = self->layout->time_x, right = left + self->layout->time_width;
  g_autofree char *length = NULL;
  graphene_rect_t rect;
  GdkRGBA tint = fluo_color_to_rgba (palette->accent_soft);
  cairo_t *cr;

  if (self->drag.kind != FLUO_DRAG_RULER || x1 - x0 < 1)
    return;

  x0 = CLAMP (x0, left, right);
  x1 = CLAMP (x1, left, right);
  graphene_rect_init (&rect, (float) x0, (float) top, (float) (x1 - x0), (float) (bottom - top));
  gtk_snapshot_append_color (snapshot, &tint, &rect);
  length = fluo_format_duration_exact (fluo_waterfall_layout_time (self->layout, x1) -
                                       fluo_waterfall_layout_time (self->layout, x0));
  graphene_rect_init (&rect, 0, (float) top, (float) self->view.width,
                      (float) self->view.style->ruler_height + 24);
  cr = gtk_snapshot_append_cairo (snapshot, &rect);
  fluo_painter_begin (self->painter, cr, palette);
  fluo_painter_text (self->painter, (x0 + x1) / 2, top + self->view.style->ruler_height + 15,
                     length, FLUO_FIGURES (12, 700), palette->accent_text, FLUO_ALIGN_MIDDLE, 0,
                     &palette->view);
  cairo_destroy (cr);
}

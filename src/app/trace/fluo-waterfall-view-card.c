/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/trace/fluo-waterfall-view-private.h"
#include "core/fluo-format.h"

#define CARD_PADDING 12
#define CARD_LINE 18
#define CARD_WIDTH_MAX 380
#define CARD_RADIUS 10
#define CARD_MARGIN 8

#define SANS(px, w) ((FluoFont) { FLUO_FONT_SANS, (px), (w), TRUE })

static GdkRGBA
to_rgba (FluoColor color)
{
  return (GdkRGBA) { color.red, color.green, color.blue, color.alpha };
}

typedef struct
{
  const char *name, *detail; /* of the trace */
  const char *icon;          /* or NULL */
  FluoColor   color;
  char       *duration;
  char       *facts;         /* "· own work 16 ms · 200" */
  char       *offsets;       /* "+2.232 s to +2.271 s" */
} Card;

static void
card_clear (Card *card)
{
  g_free (card->duration);
  g_free (card->facts);
  g_free (card->offsets);
}

static void
card_fill (Card *card, FluoWaterfallView *self, const FluoPalette *palette)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (self->rows);
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[self->view.hover];
  gint64 zero = fluo_waterfall_rows_get_extent (self->rows).begin_ns;
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

  card->duration =
    running ? g_strdup (_("running")) : fluo_format_duration (span->end_ns - span->start_ns);
  if (span->first_child != FLUO_SPAN_NONE && !running)
    g_string_append_printf (facts, _(" · own work %s"), own);
  if (span->http_status > 0)
    g_string_append_printf (facts, " · %d", span->http_status);
  if (*fluo_waterfall_rows_get_exception (self->rows, self->view.hover) != '\0')
    g_string_append_printf (facts, " · %s",
                            fluo_waterfall_rows_get_exception (self->rows, self->view.hover));
  card->facts = g_string_free (facts, FALSE);
  card->offsets = running ? g_strdup_printf (_("since %s"), begin)
                          : g_strdup_printf (_("%s to %s"), begin, end);
}

static double
card_width (FluoWaterfallView *self, const Card *card)
{
  double first = (card->icon != NULL ? 19 : 0) +
                 fluo_painter_measure (self->painter, card->name, SANS (12.5, 700)) + 6 +
                 fluo_painter_measure (self->painter, card->detail, SANS (12.5, 400));
  double second = fluo_painter_measure (self->painter, card->duration, SANS (12.5, 700)) +
                  fluo_painter_measure (self->painter, card->facts, SANS (12.5, 400));
  double third = fluo_painter_measure (self->painter, card->offsets, SANS (12.5, 400));

  return MIN (CARD_WIDTH_MAX, ceil (MAX (first, MAX (second, third))) + 2 * CARD_PADDING);
}

static void
card_draw (FluoWaterfallView *self, const Card *card, const FluoPalette *palette, double x,
           double y, double width)
{
  double room = width - 2 * CARD_PADDING, at = x + CARD_PADDING, end = x + width - CARD_PADDING;

  if (card->icon != NULL)
    {
      fluo_painter_icon (self->painter, card->icon, at, y + 10.5, 13, card->color);
      at += 19;
    }
  at += fluo_painter_text (self->painter, at, y + 21, card->name, SANS (12.5, 700), palette->fg,
                           FLUO_ALIGN_START, end - at, NULL) +
        6;
  if (end - at > 16)
    fluo_painter_text (self->painter, at, y + 21, card->detail, SANS (12.5, 400), palette->fg2,
                       FLUO_ALIGN_START, end - at, NULL);

  at = x + CARD_PADDING;
  at += fluo_painter_text (self->painter, at, y + 39, card->duration, SANS (12.5, 700), palette->fg,
                           FLUO_ALIGN_START, 0, NULL);
  if (end - at > 16)
    fluo_painter_text (self->painter, at, y + 39, card->facts, SANS (12.5, 400), palette->fg2,
                       FLUO_ALIGN_START, end - at, NULL);
  fluo_painter_text (self->painter, x + CARD_PADDING, y + 57, card->offsets, SANS (12.5, 400),
                     palette->fg2, FLUO_ALIGN_START, room, NULL);
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

/* Above the row, or below where there is no room: never over what it speaks of. */
void
fluo_waterfall_view_snapshot_card (FluoWaterfallView *self, GtkSnapshot *snapshot,
                                   const FluoPalette *palette)
{
  const FluoWaterfallBox *box = self->card_shown ? find_box (self, self->view.hover) : NULL;
  double height = 3 * CARD_LINE + 17, width, x, y;
  GdkRGBA background = to_rgba (palette->popover), near = { 0, 0, 0.02f, 0.09f },
          far = { 0, 0, 0.02f, 0.14f };
  GdkRGBA edge = palette->dark ? (GdkRGBA) { 1, 1, 1, 0.07f } : (GdkRGBA) { 0, 0, 0.02f, 0.07f };
  graphene_rect_t rect;
  GskRoundedRect rounded;
  Card card = { 0 };
  cairo_t *cr;

  if (box == NULL)
    return;

  card_fill (&card, self, palette);
  width = card_width (self, &card);
  x = CLAMP (self->pointer_x + 16, CARD_MARGIN,
             MAX (CARD_MARGIN, self->view.width - width - CARD_MARGIN - 12));
  y = box->y + self->view.style->row_height + 4;
  if (y + height > self->view.height - CARD_MARGIN)
    y = box->y - height - 4;

  graphene_rect_init (&rect, (float) x, (float) y, (float) width, (float) height);
  gsk_rounded_rect_init_from_rect (&rounded, &rect, CARD_RADIUS);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &far, 0, 6, 0, 22);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &near, 0, 1, 0, 5);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &edge, 0, 0, 1, 0);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &background, &rect);
  cr = gtk_snapshot_append_cairo (snapshot, &rect);
  fluo_painter_begin (self->painter, cr, palette);
  card_draw (self, &card, palette, x, y, width);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  card_clear (&card);
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
  GdkRGBA tint = to_rgba (palette->accent_soft);
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
                     length, SANS (12, 700), palette->accent_text, FLUO_ALIGN_MIDDLE, 0,
                     &palette->view);
  cairo_destroy (cr);
}

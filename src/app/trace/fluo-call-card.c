/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-call-card.h"

#include <math.h>

#include "app/widgets/fluo-canvas.h"

#define CARD_PADDING 12
#define CARD_LINE 18
#define CARD_WIDTH_MAX 380
#define CARD_RADIUS 10
#define CARD_MARGIN 8

static const FluoFont bold = { FLUO_FONT_SANS, 12.5, 700, TRUE };
static const FluoFont plain = { FLUO_FONT_SANS, 12.5, 400, TRUE };

void
fluo_call_card_clear (FluoCallCard *self)
{
  g_free (self->first);
  g_free (self->facts);
  g_free (self->second);
}

static const char *
text (const char *string)
{
  return string != NULL ? string : "";
}

static double
measure (const FluoCallCard *self, FluoPainter *painter)
{
  double one = (self->icon != NULL ? 19 : 0) +
               fluo_painter_measure (painter, text (self->name), bold) + 6 +
               fluo_painter_measure (painter, text (self->detail), plain);
  double two = fluo_painter_measure (painter, text (self->first), bold) +
               fluo_painter_measure (painter, text (self->facts), plain);
  double three = fluo_painter_measure (painter, text (self->second), plain);

  return MIN (CARD_WIDTH_MAX, ceil (MAX (one, MAX (two, three))) + 2 * CARD_PADDING);
}

static void
draw (const FluoCallCard *self, FluoPainter *painter, const FluoPalette *palette, double x,
      double y, double width)
{
  double room = width - 2 * CARD_PADDING, at = x + CARD_PADDING, end = x + width - CARD_PADDING;

  if (self->icon != NULL)
    {
      fluo_painter_icon (painter, self->icon, at, y + 10.5, 13, self->color);
      at += 19;
    }
  at += fluo_painter_text (painter, at, y + 21, text (self->name), bold, palette->fg,
                           FLUO_ALIGN_START, end - at, NULL) +
        6;
  if (end - at > 16)
    fluo_painter_text (painter, at, y + 21, text (self->detail), plain, palette->fg2,
                       FLUO_ALIGN_START, end - at, NULL);

  at = x + CARD_PADDING;
  at += fluo_painter_text (painter, at, y + 39, text (self->first), bold, palette->fg,
                           FLUO_ALIGN_START, 0, NULL);
  if (end - at > 16)
    fluo_painter_text (painter, at, y + 39, text (self->facts), plain, palette->fg2,
                       FLUO_ALIGN_START, end - at, NULL);
  fluo_painter_text (painter, x + CARD_PADDING, y + 57, text (self->second), plain, palette->fg2,
                     FLUO_ALIGN_START, room, NULL);
}

void
fluo_call_card_snapshot (const FluoCallCard *self, GtkSnapshot *snapshot, FluoPainter *painter,
                         const FluoPalette *palette, double x, double top, double bottom,
                         double view_width, double view_height)
{
  double height = 3 * CARD_LINE + 17, width = measure (self, painter), y;
  GdkRGBA background = fluo_color_to_rgba (palette->popover), near = { 0, 0, 0.02f, 0.09f },
          far = { 0, 0, 0.02f, 0.14f };
  GdkRGBA edge = palette->dark ? (GdkRGBA) { 1, 1, 1, 0.07f } : (GdkRGBA) { 0, 0, 0.02f, 0.07f };
  graphene_rect_t rect;
  GskRoundedRect rounded;
  cairo_t *cr;

  x = CLAMP (x, CARD_MARGIN, MAX (CARD_MARGIN, view_width - width - CARD_MARGIN - 12));
  y = bottom + 4;
  if (y + height > view_height - CARD_MARGIN)
    y = top - height - 4;

  graphene_rect_init (&rect, (float) x, (float) y, (float) width, (float) height);
  gsk_rounded_rect_init_from_rect (&rounded, &rect, CARD_RADIUS);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &far, 0, 6, 0, 22);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &near, 0, 1, 0, 5);
  gtk_snapshot_append_outset_shadow (snapshot, &rounded, &edge, 0, 0, 1, 0);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &background, &rect);
  gtk_snapshot_pop (snapshot);
  /* Outside of the rounded clip: cairo 1.16 writes to memory that it must not when a clip of boxes
   * misses one of another shape. */
  cr = gtk_snapshot_append_cairo (snapshot, &rect);
  fluo_painter_begin (painter, cr, palette);
  draw (self, painter, palette, x, y, width);
  cairo_destroy (cr);
}

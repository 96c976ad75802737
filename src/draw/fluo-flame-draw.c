/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-flame-private.h"

#define LABEL_PX_MIN 40
/* More names than these are no help, and each costs as much as fifty frames. */
#define LABELS_MAX 220
#define LABEL_PAD 6
#define SHAPE_PX 12
#define SHAPE_ROOM 30
#define WORD_GAP 6
#define TOTAL_ROOM 60
#define STRIP_PX 3
#define GAP_PX 1
#define GAP_FROM_PX 4
#define HEAD_X 16
#define NOT_FOUND_ALPHA 0.32
#define AROUND_ALPHA 0.55

/* --- Colours ------------------------------------------------------------------------------ */

static FluoColor
frame_color (const FluoPalette *palette, const FluoFlameLayout *layout, const FluoFlameBox *box)
{
  const FluoFlameFrame *frame = &fluo_flame_get_frames (layout->flame, NULL)[box->frame];

  switch (layout->view.color)
    {
    case FLUO_WATERFALL_COLOR_STATUS:
      return palette->status[MIN (box->worst, FLUO_N_STATUSES - 1)].mark;
    case FLUO_WATERFALL_COLOR_OWN:
      return fluo_waterfall_share_color (palette, (double) frame->own_ns /
                                                    fluo_flame_get_work (layout->flame));
    case FLUO_WATERFALL_COLOR_SERVICE:
    case FLUO_WATERFALL_COLOR_KIND:
    case FLUO_WATERFALL_COLOR_VERSION:
    case FLUO_N_WATERFALL_COLORS:
    default:
      return fluo_waterfall_span_color (palette, layout->rows, layout->view.color, frame->span);
    }
}

/* Rectangles of one colour are one path: a fill each would cost more than all the rest. */
typedef struct
{
  FluoColor color;
  GArray   *rectangles; /* cairo_rectangle_t */
} Bucket;

typedef struct
{
  GArray *buckets;
  guint   last;
} Buckets;

static void
bucket_clear (gpointer data)
{
  g_array_unref (((Bucket *) data)->rectangles);
}

static gboolean
is_color (const FluoColor *a, const FluoColor *b)
{
  return a->red == b->red && a->green == b->green && a->blue == b->blue && a->alpha == b->alpha;
}

static void
put (Buckets *self, FluoColor color, double x0, double x1, double y, double height)
{
  cairo_rectangle_t rectangle = { x0, y, x1 - x0, height };
  Bucket fresh = { color, NULL };

  if (x1 <= x0)
    return;
  if (self->last >= self->buckets->len ||
      !is_color (&g_array_index (self->buckets, Bucket, self->last).color, &color))
    {
      for (self->last = 0; self->last < self->buckets->len; self->last++)
        if (is_color (&g_array_index (self->buckets, Bucket, self->last).color, &color))
          break;
      if (self->last == self->buckets->len)
        {
          fresh.rectangles = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_t));
          g_array_append_val (self->buckets, fresh);
        }
    }
  g_array_append_val (g_array_index (self->buckets, Bucket, self->last).rectangles, rectangle);
}

static void
fill_buckets (Buckets *self, cairo_t *cr)
{
  for (guint i = 0; i < self->buckets->len; i++)
    {
      const Bucket *bucket = &g_array_index (self->buckets, Bucket, i);

      fluo_color_set (cr, bucket->color);
      for (guint k = 0; k < bucket->rectangles->len; k++)
        {
          const cairo_rectangle_t *r = &g_array_index (bucket->rectangles, cairo_rectangle_t, k);

          cairo_rectangle (cr, r->x, r->y, r->width, r->height);
        }
      cairo_fill (cr);
    }
}

/* --- Frames ------------------------------------------------------------------------------- */

/* Whole pixels, with a line of the ground between neighbours where there is room for one. */
static void
get_edges (const FluoFlameLayout *layout, const FluoFlameBox *box, double *x0, double *x1)
{
  if (layout->view.paper)
    {
      *x0 = box->x0;
      *x1 = MAX (box->x1 - 0.5, box->x0 + 0.3);
      return;
    }
  *x0 = round (box->x0);
  *x1 = MAX (round (box->x1), *x0 + 1);
  if (*x1 - *x0 >= GAP_FROM_PX)
    *x1 -= GAP_PX;
}

static void
draw_frames (FluoPainter *painter, const FluoFlameLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  Buckets buckets = { g_array_new (FALSE, FALSE, sizeof (Bucket)), 0 };
  Buckets strips = { g_array_new (FALSE, FALSE, sizeof (Bucket)), 0 };
  double height = layout->row_px - GAP_PX;

  g_array_set_clear_func (buckets.buckets, bucket_clear);
  g_array_set_clear_func (strips.buckets, bucket_clear);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);
      FluoColor color = frame_color (palette, layout, box), tint;
      double x0, x1, own, y = layout->view.paper ? box->y : round (box->y);

      get_edges (layout, box, &x0, &x1);
      own = CLAMP (layout->view.paper ? box->own_x : round (box->own_x), x0, x1);
      if (layout->view.searching && !box->found)
        color = fluo_color_over (color, NOT_FOUND_ALPHA, palette->view);
      else if (box->around)
        color = fluo_color_over (color, AROUND_ALPHA, palette->view);
      tint = fluo_color_over (color, palette->wait_alpha, palette->view);
      put (&buckets, box->found ? palette->found : tint, x0, own, y, height);
      put (&buckets, box->found ? palette->found_now : color, own, x1, y, height);
      if (box->worst >= FLUO_STATUS_ERROR)
        put (&strips, palette->status[box->worst].mark, x0, x1, y + height - STRIP_PX, STRIP_PX);
    }
  fill_buckets (&buckets, fluo_painter_get_cr (painter));
  fill_buckets (&strips, fluo_painter_get_cr (painter));
  g_array_unref (buckets.buckets);
  g_array_unref (strips.buckets);
}

static void
draw_running (FluoPainter *painter, const FluoFlameLayout *layout)
{
  const FluoFlameFrame *frames = fluo_flame_get_frames (layout->flame, NULL);
  cairo_t *cr = fluo_painter_get_cr (painter);

  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);
      double x0, x1;

      get_edges (layout, box, &x0, &x1);
      if (box->n > 1 || !frames[box->frame].running || x1 - MAX (x0, box->own_x) < 6 || box->found)
        continue;
      fluo_waterfall_fill (painter, MAX (x0, round (box->own_x)), box->y,
                           x1 - MAX (x0, round (box->own_x)), layout->row_px - GAP_PX,
                           fluo_painter_get_palette (painter)->view);
      cairo_rectangle (cr, MAX (x0, round (box->own_x)), box->y,
                       x1 - MAX (x0, round (box->own_x)), layout->row_px - GAP_PX);
      fluo_painter_fill_hatch (
        painter, frame_color (fluo_painter_get_palette (painter), layout, box));
    }
}

/* --- Names -------------------------------------------------------------------------------- */

static char *
dup_text (const FluoFlameLayout *layout, const char *text)
{
  g_autofree char *replaced = NULL;

  if (layout->view.text_func != NULL)
    text = replaced = layout->view.text_func (text, layout->view.text_data);

  return fluo_format_untrusted (text, FLUO_WATERFALL_TEXT_MAX);
}

/* Where a name is read best: on what is tinted, or on what is solid when that is wider. */
static void
place_label (const FluoPalette *palette, const FluoFlameLayout *layout, const FluoFlameBox *box,
             double *x0, double *x1, FluoColor *color)
{
  double from, to, own;

  get_edges (layout, box, &from, &to);
  own = CLAMP (box->own_x, from, to);
  *x0 = own - from >= to - own ? from : own;
  *x1 = own - from >= to - own ? own : to;
  /* A name begins at the left where the tint leaves it most of its room. */
  *color = palette->fg;
  if (*x0 > from || own <= from)
    {
      FluoColor solid = frame_color (palette, layout, box);

      if (layout->view.searching && !box->found)
        solid = fluo_color_over (solid, NOT_FOUND_ALPHA, palette->view);
      else if (box->around)
        solid = fluo_color_over (solid, AROUND_ALPHA, palette->view);
      *color =
        fluo_palette_get_text_on (palette, box->found ? palette->found_now : solid);
    }
}

/* Is this part of the frame hatched? Then a name needs a ground. */
static gboolean
is_hatched (const FluoFlameLayout *layout, const FluoFlameBox *box, double x)
{
  return fluo_flame_get_frames (layout->flame, NULL)[box->frame].running && !box->found &&
         x >= box->own_x - 0.5;
}

static double
draw_shape (FluoPainter *painter, const FluoFlameLayout *layout, const FluoFlameBox *box, double x)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  double y = box->y + layout->row_px / 2 - SHAPE_PX / 2;

  /* It has a ground of its own, so it can be seen on any colour. */
  fluo_painter_rounded (painter, x - 2, y - 2.5, SHAPE_PX + 4, SHAPE_PX + 4, 4);
  fluo_color_set (fluo_painter_get_cr (painter), palette->view);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_status (painter, box->worst, x, y - 0.5, SHAPE_PX, palette->view);

  return SHAPE_PX + 5;
}

/* Draws what there is room for and returns the room that is left. */
static double
draw_word (FluoPainter *painter, const char *text, FluoFont font, FluoColor color, double *x,
           double x1, double baseline, double room_min)
{
  if (*text != '\0' && x1 - *x > room_min)
    *x += fluo_painter_text (painter, *x, baseline, text, font, color, FLUO_ALIGN_START, x1 - *x,
                             NULL) +
          WORD_GAP;

  return x1 - *x;
}

static void
draw_label (FluoPainter *painter, const FluoFlameLayout *layout, const FluoFlameBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoTrace *trace = fluo_flame_get_trace (layout->flame);
  const FluoFlameFrame *frame = &fluo_flame_get_frames (layout->flame, NULL)[box->frame];
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[frame->span];
  gboolean service = fluo_waterfall_rows_is_service (layout->rows, frame->span);
  double size = layout->view.paper ? 9.5 : 12 * layout->view.scale, x0, x1, baseline;
  g_autofree char *name = NULL, *detail = NULL, *total = NULL;
  FluoFont strong = FLUO_SANS (size, service ? 600 : 400), weak = FLUO_FIGURES (size - 0.5, 400);
  FluoColor color;

  place_label (palette, layout, box, &x0, &x1, &color);
  x0 += LABEL_PAD;
  x1 -= LABEL_PAD;
  baseline = box->y + (layout->row_px - GAP_PX) / 2 + size * 0.35;
  name = dup_text (layout, fluo_waterfall_rows_get_name (layout->rows, frame->span));
  if (is_hatched (layout, box, x0 - LABEL_PAD))
    {
      fluo_painter_rounded (painter, x0 - 3, box->y + 4,
                            MIN (x1 - x0, fluo_painter_measure (painter, name, strong)) + 6,
                            layout->row_px - GAP_PX - 8, 3);
      fluo_color_set_alpha (fluo_painter_get_cr (painter), palette->view, 0.88);
      cairo_fill (fluo_painter_get_cr (painter));
      draw_word (painter, name, strong, palette->fg, &x0, x1, baseline, 12);
      return;
    }
  if (box->worst >= FLUO_STATUS_ERROR && x1 - x0 > SHAPE_ROOM && !layout->view.paper)
    x0 += draw_shape (painter, layout, box, x0);

  /* Nothing is shown of a word for which there is no room after the ones before it. */
  if (draw_word (painter, name, strong, color, &x0, x1, baseline, 12) < 24)
    return;
  if (frame->count > 1)
    {
      g_autofree char *count = fluo_format_count (frame->count);
      g_autofree char *times = g_strdup_printf ("×%s", count);

      draw_word (painter, times, FLUO_FIGURES (size - 0.5, 600), color, &x0, x1, baseline, 24);
    }
  total = fluo_format_duration (frame->total_ns);
  if (x1 - x0 > TOTAL_ROOM)
    x1 -= fluo_painter_text (painter, x1, baseline, total, weak, color, FLUO_ALIGN_END, 0, NULL) +
          WORD_GAP;
  detail = dup_text (layout, fluo_trace_get_string (trace, span->detail));
  draw_word (painter, detail, weak, color, &x0, x1, baseline, 24);
}

static int
compare_widths (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x < y) - (x > y);
}

/* Names for the widest frames, when there are more than anyone reads. */
static double
label_width_min (const FluoFlameLayout *layout)
{
  g_autofree double *widths = g_new (double, layout->boxes->len + 1);
  guint n = 0;

  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);

      if (box->n == 1 && box->x1 - box->x0 >= LABEL_PX_MIN)
        widths[n++] = box->x1 - box->x0;
    }
  if (n <= LABELS_MAX)
    return LABEL_PX_MIN;
  qsort (widths, n, sizeof *widths, compare_widths);

  return widths[LABELS_MAX - 1];
}

/* --- Head and foot ------------------------------------------------------------------------ */

static char *
dup_head (const FluoFlameLayout *layout)
{
  guint n;
  const FluoFlameFrame *frames = fluo_flame_get_frames (layout->flame, &n), *frame;
  g_autofree char *total = NULL, *own = NULL, *share = NULL, *name = NULL, *count = NULL;

  if (layout->view.zoomed >= n)
    {
      guint calls = fluo_flame_get_n_calls (layout->flame);

      total = fluo_format_duration ((gint64) MIN (fluo_flame_get_work (layout->flame), 9e18));
      count = fluo_format_count (calls);
      return g_strdup_printf (
        ngettext ("%s of work in %s call", "%s of work in %s calls", calls), total, count);
    }

  frame = &frames[layout->view.zoomed];
  total = fluo_format_duration (frame->total_ns);
  own = fluo_format_duration (frame->own_ns);
  share = fluo_format_share (frame->work / fluo_flame_get_work (layout->flame));
  name = dup_text (layout, fluo_waterfall_rows_get_name (layout->rows, frame->span));
  count = fluo_format_count (frame->count);

  return g_strdup_printf (
    ngettext ("%s: %s call, %s, own work %s, %s of all work",
              "%s: %s calls, %s together, own work %s, %s of all work", frame->count),
    name, count, total, own, share);
}

static void
draw_head (FluoPainter *painter, const FluoFlameLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autofree char *head = dup_head (layout);
  gboolean whole = layout->view.length >= fluo_flame_get_work (layout->flame);
  const char *title = whole ? _("Whole trace") : _("Part of the trace");
  double scale = layout->view.scale;
  double size = layout->view.paper ? 9.5 : 12 * scale, x = layout->view.paper ? 0 : HEAD_X,
         baseline = layout->view.paper ? 11 : 19 * scale, right = layout->view.width - x;
  FluoColor line = layout->view.paper ? palette->fg : palette->line;

  if (!layout->view.paper)
    fluo_waterfall_fill (painter, 0, 0, layout->view.width, layout->body_y, palette->window);
  fluo_waterfall_fill (painter, 0, layout->body_y - (layout->view.paper ? 3.5 : 1),
                       layout->view.width, 1, line);
  x += fluo_painter_text (painter, x, baseline, title, FLUO_SANS (size, 700), palette->fg,
                          FLUO_ALIGN_START, 0, NULL) +
       10;
  if (!whole && !layout->view.paper)
    right -= fluo_painter_text (painter, right, baseline, _("Esc goes back"),
                                FLUO_SANS (size, 400), palette->fg3, FLUO_ALIGN_END, 0, NULL) +
             16;
  if (right - x > 40)
    fluo_painter_text (painter, x, baseline, head, FLUO_FIGURES (size, 400), palette->fg2,
                       FLUO_ALIGN_START, right - x, NULL);
}

void
fluo_flame_draw_legend (FluoPainter *painter, const FluoFlameLayout *layout, double x, double y,
                        double size)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  static const struct
  {
    FluoStatus  status;
    const char *text;
  } shapes[] = { { FLUO_STATUS_FAULT, N_("fault") },
                 { FLUO_STATUS_ERROR, N_("error") },
                 { FLUO_STATUS_THROTTLE, N_("throttled") } };
  FluoColor example = layout->view.color == FLUO_WATERFALL_COLOR_SERVICE ? palette->service[0]
                                                                         : palette->bar_base;
  const struct
  {
    FluoColor   color;
    const char *text;
  } fills[] = { { example, N_("own work") },
                { fluo_color_over (example, palette->wait_alpha, palette->view),
                  N_("work of the calls below") } };
  double limit = layout->view.width - x;

  x = fluo_waterfall_draw_color_key (painter, layout->rows, layout->view.color, size, x, y, limit);
  for (guint i = 0; i < G_N_ELEMENTS (fills); i++)
    {
      const char *text = _(fills[i].text);
      double width = 26 + fluo_painter_measure (painter, text, FLUO_SANS (size, 400));

      if (x + width > limit)
        break;
      fluo_painter_rounded (painter, x, y - 5, 20, 10, 2);
      fluo_color_set (fluo_painter_get_cr (painter), fills[i].color);
      cairo_fill (fluo_painter_get_cr (painter));
      fluo_painter_text (painter, x + 26, y + size * 0.35, text, FLUO_SANS (size, 400),
                         palette->fg2, FLUO_ALIGN_START, 0, NULL);
      x += width + 20;
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const char *text = _(shapes[i].text);
      double width = fluo_painter_measure (painter, text, FLUO_SANS (size, 400));

      if (x + width + 18 > limit)
        break;
      fluo_painter_status (painter, shapes[i].status, x, y - 6, 12, palette->view);
      fluo_painter_text (painter, x + 18, y + size * 0.35, text, FLUO_SANS (size, 400),
                         palette->fg2, FLUO_ALIGN_START, 0, NULL);
      x += width + 38;
    }
}

static void
draw_foot (FluoPainter *painter, const FluoFlameLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  double scale = layout->view.scale, top = layout->body_y + layout->body_height;

  fluo_waterfall_fill (painter, 0, top, layout->view.width, 28 * scale, palette->window);
  fluo_waterfall_fill (painter, 0, top, layout->view.width, 1, palette->line);
  fluo_flame_draw_legend (painter, layout, HEAD_X, top + 14 * scale, 11.5 * scale);
}

/* --- Whole -------------------------------------------------------------------------------- */

void
fluo_flame_draw (FluoPainter *painter, const FluoFlameLayout *layout)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  double least = label_width_min (layout);

  cairo_save (cr);
  cairo_rectangle (cr, 0, layout->body_y, layout->view.width, layout->body_height);
  cairo_clip (cr);
  draw_frames (painter, layout);
  draw_running (painter, layout);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);

      if (box->n == 1 && box->x1 - box->x0 >= least)
        draw_label (painter, layout, box);
    }
  cairo_restore (cr);
  draw_head (painter, layout);
  if (!layout->view.paper)
    draw_foot (painter, layout);
}

void
fluo_flame_draw_highlight (FluoPainter *painter, const FluoFlameLayout *layout)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_save (cr);
  cairo_rectangle (cr, 0, layout->body_y, layout->view.width, layout->body_height);
  cairo_clip (cr);
  for (guint i = 0; i < layout->boxes->len; i++)
    {
      const FluoFlameBox *box = &g_array_index (layout->boxes, FluoFlameBox, i);
      double x0, x1, y = round (box->y);

      get_edges (layout, box, &x0, &x1);
      if (layout->view.selected - box->frame < box->n)
        {
          fluo_color_set (cr, layout->view.backdrop ? palette->line2
                              : layout->view.focus  ? palette->accent
                                                    : palette->fg);
          cairo_set_line_width (cr, layout->view.focus ? 3 : 2);
          cairo_rectangle (cr, x0 + 1, y + 1, MAX (1, x1 - x0 - 2), layout->row_px - GAP_PX - 2);
          cairo_stroke (cr);
        }
      else if (layout->view.hover - box->frame < box->n)
        {
          fluo_color_set_alpha (cr, palette->fg, 0.14);
          cairo_rectangle (cr, x0, y, x1 - x0, layout->row_px - GAP_PX);
          cairo_fill (cr);
        }
    }
  cairo_restore (cr);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-private.h"

/* The left side: names, status shapes and durations. */

/* As large as the text beside them. */
#define DISCLOSURE_PX (12 * style->scale)
#define KIND_PX (14 * style->scale)
#define DURATION_GAP 10
#define DURATIONS_TREE_MIN 150
#define HITS_WIDTH_MIN (18 * style->scale)
#define HITS_HEIGHT (17 * style->scale)
#define HITS_PAD (5 * style->scale)
#define DETAIL_GAP 7

/* A tint behind each place the search text is found; text was cut by the same rules before it was
 * laid out. */
static void
draw_found (FluoPainter *painter, const FluoWaterfallLayout *layout, const char *text,
            FluoFont font, double x, double limit, double middle, gboolean current)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const char *hit = fluo_waterfall_find_in (text, layout->view.find);
  g_autofree char *before = NULL, *match = NULL;
  double x0, width;

  if (hit == NULL)
    return;

  before = g_strndup (text, hit - text);
  match = g_strndup (hit, strlen (layout->view.find));
  x0 = x + fluo_painter_measure (painter, before, font);
  width = fluo_painter_measure (painter, match, font);
  if (x0 >= limit)
    return;

  fluo_painter_rounded (painter, x0 - 1.5, middle - 9, MIN (width, limit - x0) + 3, 17, 3);
  fluo_color_set (fluo_painter_get_cr (painter), current ? palette->found_now : palette->found);
  cairo_fill (fluo_painter_get_cr (painter));
}

/* Text with its search mark; returns the width drawn. */
static double
draw_marked (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallBox *box,
             const char *text, FluoFont font, FluoColor color, double x, double baseline,
             double room)
{
  if (room < 8 || *text == '\0')
    return 0;

  if (layout->view.find != NULL && *layout->view.find != '\0')
    draw_found (painter, layout, text, font, x, x + room, baseline - 4.5,
                box->span == layout->view.find_current);

  return fluo_painter_text (painter, x, baseline, text, font, color, FLUO_ALIGN_START, room, NULL);
}

/* Of a group: all its members together. */
static char *
dup_duration (const FluoSpan *span, const FluoWaterfallGroup *group)
{
  if (group != NULL)
    return fluo_format_duration (group->total_ns);
  if (span->flags & FLUO_SPAN_IN_PROGRESS)
    return g_strdup (_("running"));

  return fluo_format_duration (span->end_ns - span->start_ns);
}

/* A name that may be meant to be taken for another. */
static gboolean
has_lookalike (const FluoWaterfallLayout *layout, const FluoWaterfallBox *box)
{
  return box->group == NULL
         && fluo_text_mixes_alphabets (fluo_waterfall_rows_get_name (layout->rows, box->span),
                                       FLUO_WATERFALL_TEXT_MAX);
}

static gboolean
is_badge (const FluoWaterfallLayout *layout, const FluoWaterfallBox *box, const FluoSpan *span,
          const char *note)
{
  g_autofree char *clock = NULL;

  if (note == NULL)
    return FALSE;
  if ((span->flags & (FLUO_SPAN_ORPHAN | FLUO_SPAN_CYCLE)) || has_lookalike (layout, box))
    return TRUE;
  clock = fluo_waterfall_rows_dup_clock (layout->rows, box->span);

  return g_strcmp0 (clock, note) == 0;
}

static char *
dup_note (const FluoWaterfallLayout *layout, const FluoWaterfallBox *box, const FluoSpan *span)
{
  gint64 pause;
  guint try_number = fluo_waterfall_rows_get_try (layout->rows, box->span, &pause);

  if (box->group != NULL)
    {
      g_autofree char *count = fluo_format_count (box->group->count);

      return g_strdup_printf ("×%s", count);
    }

  if (try_number > 0)
    return g_strdup_printf (_("try %u"), try_number);
  if (span->flags & FLUO_SPAN_ORPHAN)
    return g_strdup (_("caller missing"));
  if (span->flags & FLUO_SPAN_CYCLE)
    return g_strdup (_("caller loop"));
  if (has_lookalike (layout, box))
    return g_strdup (_("mixed alphabets"));
  if ((span->flags & FLUO_SPAN_LINKED) && span->parent == FLUO_SPAN_NONE)
    return g_strdup (_("linked trace"));
  /* Its subsegments have the same clock; once is enough. */
  if (span->flags & FLUO_SPAN_SEGMENT)
    return fluo_waterfall_rows_dup_clock (layout->rows, box->span);

  return NULL;
}

/* A badge for what the trace lacks; returns its width with the gap. */
static double
draw_badge (FluoPainter *painter, const FluoWaterfallStyle *style, const char *text, double x,
            double middle, double room)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  double size = style->detail_px - 1.5,
         width = MIN (fluo_painter_measure (painter, text, FLUO_SANS (size, 600)), room - 10);

  if (width < 20)
    return 0;

  fluo_painter_rounded (painter, x, middle - 8, width + 10, 16, 4);
  fluo_color_set (fluo_painter_get_cr (painter), palette->status[FLUO_STATUS_ERROR].soft);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_text (painter, x + 5, middle + 4, text, FLUO_SANS (size, 600),
                     palette->status[FLUO_STATUS_ERROR].text, FLUO_ALIGN_START, width, NULL);

  return width + 10 + DETAIL_GAP;
}

static void
draw_name (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallBox *box,
           const FluoSpan *span, double x, double limit)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  FluoTrace *trace = fluo_waterfall_rows_get_trace (layout->rows);
  gboolean service = fluo_waterfall_rows_is_service (layout->rows, box->span);
  double middle = box->y + style->row_height / 2, baseline = middle + style->name_px * 0.35;
  g_autofree char *name =
    fluo_waterfall_dup_text (layout, fluo_waterfall_rows_get_name (layout->rows, box->span));
  g_autofree char *detail =
    fluo_waterfall_dup_text (layout, fluo_trace_get_string (trace, span->detail));
  g_autofree char *note = dup_note (layout, box, span);
  double note_width =
    note != NULL
      ? fluo_painter_measure (painter, note, FLUO_SANS (style->detail_px - 0.5, 400)) + DETAIL_GAP
      : 0;
  gboolean badge = is_badge (layout, box, span, note);

  x += draw_marked (painter, layout, box, name,
                    FLUO_SANS (style->name_px, service ? (style->controls ? 600 : 700) : 400),
                    palette->fg, x, baseline, limit - x) +
       (style->controls ? DETAIL_GAP : 5);
  if (badge)
    {
      draw_badge (painter, style, note, x, middle, limit - x);
      return;
    }

  if (limit - x - note_width > 24)
    {
      double width = draw_marked (painter, layout, box, detail, FLUO_SANS (style->detail_px, 400),
                                  palette->fg2, x, baseline, limit - x - note_width);

      x += width > 0 ? width + DETAIL_GAP : 0;
    }
  if (note != NULL && limit - x > 20)
    fluo_painter_text (painter, x, baseline, note, FLUO_SANS (style->detail_px - 0.5, 400),
                       span->flags & FLUO_SPAN_LINKED ? palette->fg2 : palette->fg3,
                       FLUO_ALIGN_START, limit - x, NULL);
}

static gboolean
shows_find (const FluoWaterfallLayout *layout, const FluoWaterfallBox *box)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (layout->rows);
  const FluoSpan *span = &fluo_trace_get_spans (trace, NULL)[box->span];
  const char *name = fluo_waterfall_rows_get_name (layout->rows, box->span),
             *detail = fluo_trace_get_string (trace, span->detail);

  return fluo_waterfall_find_in (name, layout->view.find) != NULL ||
         fluo_waterfall_find_in (detail, layout->view.find) != NULL;
}

/* In how many places that no row shows the text was found: in the call, and in those that are
 * closed below it. */
static guint
count_hits (const FluoWaterfallLayout *layout, const FluoWaterfallBox *box)
{
  const FluoSpan *spans =
    fluo_trace_get_spans (fluo_waterfall_rows_get_trace (layout->rows), NULL);
  const GArray *found = layout->view.found;
  guint32 end = box->collapsed ? spans[box->span].end_index : box->span + 1;
  guint hits = 0;

  for (guint i = fluo_waterfall_found_from (found, box->span); i < found->len; i++)
    {
      const FluoWaterfallFound *here = &g_array_index (found, FluoWaterfallFound, i);

      if (here->span >= end)
        break;
      if (here->span != box->span)
        hits += MAX (here->hits, 1);
      else if (!shows_find (layout, box))
        hits += here->hits;
    }

  return hits;
}

/* Ends at @right; returns where the name has to end, which was @limit. */
static double
draw_hits (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallBox *box,
           double right, double middle, double limit)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  const FluoFont font = FLUO_FIGURES (style->detail_px - 0.5, 700);
  guint hits = layout->view.found != NULL ? count_hits (layout, box) : 0;
  g_autofree char *text = NULL;
  double width, height = HITS_HEIGHT;

  if (hits == 0)
    return limit;

  text = fluo_format_count (hits);
  width = MAX (HITS_WIDTH_MIN, fluo_painter_measure (painter, text, font) + 2 * HITS_PAD);
  fluo_painter_rounded (painter, right - width, middle - height / 2, width, height, 4);
  fluo_color_set (fluo_painter_get_cr (painter), box->span == layout->view.find_current
                                                   ? palette->found_now
                                                   : palette->found);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_text (painter, right - width / 2, middle + style->detail_px * 0.35, text, font,
                     palette->fg, FLUO_ALIGN_MIDDLE, 0, NULL);

  return right - width - HITS_PAD;
}

/* Where there is hardly room for names, as on a telephone with large text, those come first. */
gboolean
fluo_waterfall_shows_durations (const FluoWaterfallLayout *layout)
{
  return layout->view.tree_width >= DURATIONS_TREE_MIN * layout->view.style->scale;
}

static void
draw_stripe (FluoPainter *painter, const FluoWaterfallLayout *layout, const FluoWaterfallBox *box,
             const FluoSpan *span, double x)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  guint color = fluo_waterfall_rows_get_color (layout->rows, span->service);
  double y = box->y + style->stripe_inset, height = style->row_height - 2 * style->stripe_inset;

  fluo_painter_rounded (painter, x, y, style->stripe_width, height, style->stripe_radius);
  fluo_color_set (fluo_painter_get_cr (painter), fluo_waterfall_get_color (palette, color));
  cairo_fill (fluo_painter_get_cr (painter));

  /* The thirteenth service and on reuse the twelve colours; a notch tells them apart. */
  if (color >= FLUO_N_SERVICE_COLORS)
    fluo_waterfall_fill (painter, x, y + height / 2 - 1.5, style->stripe_width, 3, palette->view);
}

void
fluo_waterfall_draw_tree_row (FluoPainter *painter, const FluoWaterfallLayout *layout,
                              const FluoWaterfallBox *box)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoWaterfallStyle *style = layout->view.style;
  FluoTrace *trace = fluo_waterfall_rows_get_trace (layout->rows);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL), *span = &spans[box->span];
  const FluoTraceService *services = fluo_trace_get_services (trace, NULL);
  guint color = fluo_waterfall_rows_get_color (layout->rows, span->service);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double x = style->tree_left + fluo_waterfall_indent (layout, box->depth),
         middle = box->y + style->row_height / 2;
  double right = layout->view.tree_width - style->duration_right, name_x = x + style->name_gap,
         width, limit, status_x;
  gboolean strong = box->span == layout->view.selected && style->controls;
  FluoStatus status = box->group != NULL ? box->group->worst
                                          : spans[fluo_spans_failing (spans, box->span)].status;
  g_autofree char *duration = dup_duration (span, box->group);

  if (style->controls)
    {
      fluo_color_set (cr, palette->line);
      cairo_set_line_width (cr, 1);
      for (guint d = 0; d < box->depth &&
                        fluo_waterfall_indent (layout, d) < fluo_waterfall_indent (layout, d + 1);
           d++)
        {
          cairo_move_to (cr, style->tree_left + 6.5 * style->scale + d * style->indent, box->y);
          cairo_line_to (cr, style->tree_left + 6.5 * style->scale + d * style->indent,
                         box->y + style->row_height);
        }
      cairo_stroke (cr);
      if (box->has_children)
        fluo_painter_icon (painter, box->collapsed ? "right" : "down", x,
                           middle - DISCLOSURE_PX / 2, DISCLOSURE_PX, palette->fg2);
    }

  draw_stripe (painter, layout, box, span, style->controls ? x + 16 * style->scale : x);
  if (style->controls && fluo_waterfall_rows_is_service (layout->rows, box->span))
    {
      fluo_painter_icon (painter, fluo_kind_get_icon (services[span->service].kind), name_x,
                         middle - KIND_PX / 2, KIND_PX, fluo_waterfall_get_color (palette, color));
      name_x += KIND_PX + 5;
    }

  limit = right;
  status_x = right - style->status_size;
  if (fluo_waterfall_shows_durations (layout))
    {
      width = fluo_painter_text (painter, right, middle + style->name_px * 0.35, duration,
                                 FLUO_FIGURES (style->duration_px, strong ? 700 : 400),
                                 palette->fg, FLUO_ALIGN_END, 0, NULL);
      limit = right - width - DURATION_GAP;
      status_x = MIN (layout->view.tree_width - style->status_right, limit - style->status_size);
    }
  if (status != FLUO_STATUS_OK)
    {
      fluo_painter_status (painter, status, status_x, middle - style->status_size / 2 - 0.5,
                           style->status_size, palette->view);
      limit = status_x - 6;
    }
  limit = draw_hits (painter, layout, box, status_x - 4, middle, limit);

  draw_name (painter, layout, box, span, name_x, limit);
}

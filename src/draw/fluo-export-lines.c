/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-export-private.h"

/* What the programs wrote, in the export: numbered, with the number at its time on the bar of its
 * call. */

#define LEFT FLUO_PAGE_SIDE
#define HEAD_PX 20
#define TEXT_CHARS_MAX 300
#define MARK_PX 5.2        /* half of a number's circle */
#define COLUMN_TIME 84     /* right edge */
#define COLUMN_LEVEL 94
#define COLUMN_CALL 140
#define COLUMN_TEXT 352

static FluoLogLevel
get_least (FluoExportLines lines)
{
  switch (lines)
    {
    case FLUO_EXPORT_LINES_ERRORS:
      return FLUO_LOG_ERROR;
    case FLUO_EXPORT_LINES_WARNINGS:
      return FLUO_LOG_WARNING;
    case FLUO_EXPORT_LINES_NONE:
    case FLUO_EXPORT_LINES_ALL:
    default:
      return FLUO_LOG_DEBUG;
    }
}

void
fluo_export_collect_lines (FluoExportDocument *self)
{
  FluoLogLevel least = get_least (self->options.lines);

  self->lines = g_ptr_array_new ();
  if (self->options.lines == FLUO_EXPORT_LINES_NONE)
    return;

  self->all_lines = self->options.trace_lines != NULL
                      ? fluo_trace_lines_ref (self->options.trace_lines)
                      : fluo_trace_lines_new_of_trace (self->trace);
  for (guint i = 0; i < self->all_lines->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (self->all_lines->lines, i);

      if (line->level < least || (self->options.visible_only &&
                                  (line->time_ns < self->visible.begin_ns ||
                                   line->time_ns >= self->visible.end_ns)))
        continue;
      if (self->lines->len < FLUO_EXPORT_LINES_MAX)
        g_ptr_array_add (self->lines, (gpointer) line);
      else
        self->n_lines_left_out++;
    }
}

guint
fluo_export_lines_on_first (const FluoExportDocument *self)
{
  return MIN (self->lines->len, FLUO_EXPORT_LINES_FIRST);
}

double
fluo_export_lines_height (guint n)
{
  return n > 0 ? HEAD_PX + n * FLUO_EXPORT_LINE_PX + 12 : 0;
}

char *
fluo_export_dup_line_call (FluoExportDocument *self, const FluoTraceLine *line)
{
  const FluoTraceService *services;
  const char *service = "", *call = "";
  guint n, n_spans;

  services = fluo_trace_get_services (self->trace, &n);
  fluo_trace_get_spans (self->trace, &n_spans);
  if (line->service < n)
    service = fluo_kind_get_display_name (services[line->service].type,
                                          services[line->service].name);
  if (line->span < n_spans)
    call = fluo_waterfall_rows_get_name (self->all, line->span);
  if (*service == '\0' || *call == '\0' || g_str_equal (service, call))
    return fluo_export_document_text (*service != '\0' ? service : call, self);

  {
    g_autofree char *both = g_strdup_printf ("%s · %s", service, call);

    return fluo_export_document_text (both, self);
  }
}

const char *
fluo_export_line_level (const FluoTraceLine *line)
{
  return line->level == FLUO_LOG_ERROR     ? _("Error")
         : line->level == FLUO_LOG_WARNING ? _("Warning")
                                           : "";
}

static FluoColor
mark_color (const FluoPalette *palette, const FluoTraceLine *line)
{
  return line->level == FLUO_LOG_ERROR     ? palette->status[FLUO_STATUS_FAULT].mark
         : line->level == FLUO_LOG_WARNING ? palette->status[FLUO_STATUS_ERROR].mark
                                           : palette->fg2;
}

static void
draw_mark (FluoPainter *painter, const FluoTraceLine *line, guint number, double x, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autofree char *text = g_strdup_printf ("%u", number);
  FluoFont font = FLUO_FIGURES (7.5, 700);
  double half = MAX (MARK_PX, fluo_painter_measure (painter, text, font) / 2 + 2.4);

  fluo_painter_rounded (painter, x - half - 1, y - MARK_PX - 1, 2 * half + 2, 2 * MARK_PX + 2,
                        MARK_PX + 1);
  fluo_color_set (fluo_painter_get_cr (painter), palette->view);
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_rounded (painter, x - half, y - MARK_PX, 2 * half, 2 * MARK_PX, MARK_PX);
  fluo_color_set (fluo_painter_get_cr (painter), mark_color (palette, line));
  cairo_fill (fluo_painter_get_cr (painter));
  fluo_painter_text (painter, x, y + 2.7, text, font, palette->view, FLUO_ALIGN_MIDDLE, 0, NULL);
}

/* Numbers of one row that would lie on each other are one: that of the first. */
void
fluo_export_draw_line_marks (FluoPainter *painter, FluoExportDocument *self,
                             FluoWaterfallRows *rows)
{
  const FluoWaterfallLayout *layout = self->layout;
  g_autoptr (GHashTable) last = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  for (guint i = 0; i < self->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (self->lines, i);
      guint32 row = fluo_waterfall_rows_find (rows, line->span);
      double x = fluo_waterfall_layout_x (layout, line->time_ns);
      double *before;

      if (row == FLUO_SPAN_NONE || x < layout->time_x - 1 ||
          x > layout->time_x + layout->time_width + 1)
        continue;
      before = g_hash_table_lookup (last, GUINT_TO_POINTER (row + 1));
      if (before != NULL && x - *before < 2 * MARK_PX + 3)
        continue;
      draw_mark (painter, line, i + 1, x,
                 layout->body_y + (row + 0.5) * layout->view.style->row_height);
      g_hash_table_insert (last, GUINT_TO_POINTER (row + 1), g_memdup2 (&x, sizeof x));
    }
}

static void
draw_line (FluoPainter *painter, FluoExportDocument *self, guint index, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoTraceLine *line = g_ptr_array_index (self->lines, index);
  gint64 zero = fluo_trace_get_start_ns (self->trace);
  g_autofree char *offset = fluo_format_offset (line->time_ns - zero);
  g_autofree char *call = fluo_export_dup_line_call (self, line);
  g_autofree char *safe = fluo_format_untrusted (line->text, TEXT_CHARS_MAX);
  g_autofree char *text = fluo_export_document_text (safe, self);
  double baseline = y + 11;

  draw_mark (painter, line, index + 1, LEFT + 8, y + 7.5);
  fluo_painter_text (painter, LEFT + COLUMN_TIME, baseline, offset, FLUO_FIGURES (10, 400),
                     palette->fg2, FLUO_ALIGN_END, 0, NULL);
  fluo_painter_text (painter, LEFT + COLUMN_LEVEL, baseline, fluo_export_line_level (line),
                     FLUO_SANS (10, 700),
                     line->level == FLUO_LOG_ERROR ? palette->status[FLUO_STATUS_FAULT].text
                                                   : palette->status[FLUO_STATUS_ERROR].text,
                     FLUO_ALIGN_START, COLUMN_CALL - COLUMN_LEVEL - 4, NULL);
  fluo_painter_text (painter, LEFT + COLUMN_CALL, baseline, call, FLUO_SANS (10, 600), palette->fg,
                     FLUO_ALIGN_START, COLUMN_TEXT - COLUMN_CALL - 8, NULL);
  fluo_painter_text (painter, LEFT + COLUMN_TEXT, baseline, text, FLUO_MONO (9.5, 400),
                     palette->fg, FLUO_ALIGN_START, FLUO_PAGE_CONTENT - COLUMN_TEXT, NULL);
}

double
fluo_export_draw_lines (FluoPainter *painter, FluoExportDocument *self, guint first, guint n,
                        double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  guint all = self->lines->len + self->n_lines_left_out;
  g_autofree char *shown = fluo_format_count (n), *total = fluo_format_count (all);
  g_autofree char *count = NULL;

  if (n == 0)
    return y;

  fluo_painter_text (painter, LEFT, y + 11, _("What the programs wrote"), FLUO_SANS (11.5, 700),
                     palette->fg, FLUO_ALIGN_START, 0, NULL);
  if (n < all)
    {
      count = first == 0 && self->options.format == FLUO_EXPORT_PDF
                ? g_strdup_printf (_("%s of %s lines; the others are on the last pages"), shown,
                                   total)
                : g_strdup_printf (_("%s of %s lines"), shown, total);
      fluo_painter_text (painter, FLUO_PAGE_WIDTH - FLUO_PAGE_SIDE, y + 11, count,
                         FLUO_FIGURES (9.5, 400), palette->fg2, FLUO_ALIGN_END, 0, NULL);
    }
  y += HEAD_PX;
  fluo_export_rule (painter, LEFT, FLUO_PAGE_WIDTH - FLUO_PAGE_SIDE, y - 3.5, palette->fg, 1);
  for (guint i = first; i < first + n; i++, y += FLUO_EXPORT_LINE_PX)
    draw_line (painter, self, i, y);

  return y + 12;
}

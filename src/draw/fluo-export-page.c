/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"
#include "draw/fluo-export-private.h"

#define TREE_WIDTH 292.0
#define ANNOTATIONS_SHOWN 4
#define LEFT FLUO_PAGE_SIDE
#define RIGHT (FLUO_PAGE_WIDTH - FLUO_PAGE_SIDE)

void
fluo_export_rule (FluoPainter *painter, double x0, double x1, double y, FluoColor color,
                  double width)
{
  cairo_t *cr = fluo_painter_get_cr (painter);

  fluo_color_set (cr, color);
  cairo_set_line_width (cr, width);
  cairo_move_to (cr, x0, y);
  cairo_line_to (cr, x1, y);
  cairo_stroke (cr);
}

/* --- Head ------------------------------------------------------------------------------------- */

FluoSentence *
fluo_export_sentence (const FluoSentence *sentence, FluoWaterfallTextFunc func, gpointer user_data)
{
  FluoSentence *result = fluo_sentence_new ();
  gsize length = strlen (sentence->text);
  guint at = 0;

  for (guint i = 0; i <= sentence->bold->len; i++)
    {
      FluoSentenceRange range = i < sentence->bold->len
                                  ? g_array_index (sentence->bold, FluoSentenceRange, i)
                                  : (FluoSentenceRange) { (guint) length, 0 };
      g_autofree char *plain = NULL, *bold = NULL, *plain_text = NULL, *bold_text = NULL;

      if (range.start < at || range.start + range.length > length)
        continue;
      plain = g_strndup (sentence->text + at, range.start - at);
      bold = g_strndup (sentence->text + range.start, range.length);
      plain_text = func (plain, user_data);
      bold_text = func (bold, user_data);
      fluo_sentence_append (result, plain_text, FALSE);
      if (*bold_text != '\0')
        fluo_sentence_append (result, bold_text, TRUE);
      at = range.start + range.length;
    }
  if (!g_str_has_suffix (result->text, "."))
    fluo_sentence_append (result, ".", FALSE);

  return result;
}

double
fluo_export_draw_head (FluoPainter *painter, const FluoExportOptions *options, double indent,
                       const char *title, const FluoSentence *sentence, gint64 day_ns)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (day_ns / FLUO_NSEC_PER_SEC);
  /* Translators: the date on an exported page: "19 November 2026". */
  g_autofree char *day = date != NULL ? g_date_time_format (date, _("%-d %B %Y")) : g_strdup ("");
  double y = FLUO_PAGE_TOP, right = y + (options->event != NULL ? 26 : 12), height = 20;
  double x = LEFT + indent;

  fluo_painter_text (painter, x, y + 21, title, FLUO_SANS (22, 800), palette->fg, FLUO_ALIGN_START,
                     RIGHT - x - 150, NULL);
  if (sentence != NULL)
    height = fluo_painter_sentence (painter, x, y + 30, RIGHT - x - 150, sentence,
                                    FLUO_FIGURES (14, 400), palette->fg);

  if (options->event != NULL)
    fluo_painter_text (painter, RIGHT, y + 11, options->event, FLUO_SANS (11, 700), palette->fg,
                       FLUO_ALIGN_END, 140, NULL);
  fluo_painter_text (painter, RIGHT, right, day, FLUO_SANS (11, 400), palette->fg2, FLUO_ALIGN_END,
                     0, NULL);

  return y + 30 + MAX (20, MIN (height, 40));
}

static double
draw_head (FluoPainter *painter, FluoExportDocument *self)
{
  g_autoptr (FluoSentence) sentence =
    self->cause != NULL ? fluo_export_sentence (self->cause, fluo_export_document_text, self)
                        : NULL;

  fluo_painter_status (painter, fluo_trace_get_status (self->trace), LEFT, FLUO_PAGE_TOP, 26,
                       fluo_painter_get_palette (painter)->view);

  return fluo_export_draw_head (painter, &self->options, 38, self->title, sentence,
                                fluo_trace_get_start_ns (self->trace));
}

typedef struct
{
  char    *label;
  char    *value;
  gboolean mono;
} Fact;

char *
fluo_export_dup_started (FluoTrace *trace)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  gint64 start = fluo_trace_get_start_ns (trace);
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (start / FLUO_NSEC_PER_SEC);
  g_autofree char *here = fluo_format_clock (start, FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *there = fluo_format_clock (start, FLUO_CLOCK_MILLISECONDS, utc);

  if (local == NULL || g_date_time_get_utc_offset (local) == 0)
    return g_strdup_printf ("%s UTC", there);

  return g_strdup_printf ("%s %s (%s UTC)", here, g_date_time_get_timezone_abbreviation (local),
                          there);
}

static gboolean
is_left_out (FluoExportDocument *self, const char *key)
{
  return self->options.redact_keys != NULL && g_strv_contains (self->options.redact_keys, key);
}

static char *
dup_annotations (FluoExportDocument *self)
{
  GString *text = g_string_new (NULL);
  GArray *annotations = self->summary->annotations;
  guint shown = 0;

  for (guint i = 0; annotations != NULL && i < annotations->len && shown < ANNOTATIONS_SHOWN; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (annotations, FluoSummaryAnnotation, i);
      g_autofree char *pair = NULL, *safe = NULL;

      if (is_left_out (self, annotation->key))
        {
          self->removed++;
          continue;
        }
      pair = g_strdup_printf ("%s %s", annotation->key, annotation->value);
      safe = fluo_export_document_text (pair, self);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", safe);
      shown++;
    }
  if (text->len == 0)
    g_string_append (text, "–");

  return g_string_free (text, FALSE);
}

/* Segments say which services took part; linked traces count apart. */
static char *
dup_services (FluoExportDocument *self)
{
  guint n_own, n_linked;

  fluo_trace_count_services (self->trace, &n_own, &n_linked);
  if (n_linked > 0)
    return g_strdup_printf (_("%u, and %u linked"), n_own, n_linked);

  return g_strdup_printf ("%u", n_own);
}

static void
add_fact (GArray *facts, const char *label, char *value, gboolean mono)
{
  Fact fact = { g_strdup (label), value, mono };

  g_array_append_val (facts, fact);
}

static void
fact_clear (gpointer data)
{
  Fact *fact = data;

  g_free (fact->label);
  g_free (fact->value);
}

/* Four columns, two rows, column by column. */
static GArray *
collect_facts (FluoExportDocument *self)
{
  const FluoTraceService *services;
  const FluoSpan *spans;
  guint32 root = fluo_trace_get_root (self->trace), cause = fluo_trace_get_cause_span (self->trace);
  guint n_spans, n_services;
  GArray *facts = g_array_new (FALSE, TRUE, sizeof (Fact));
  guint32 versioned = FLUO_SPAN_NONE;

  g_array_set_clear_func (facts, fact_clear);
  spans = fluo_trace_get_spans (self->trace, &n_spans);
  services = fluo_trace_get_services (self->trace, &n_services);

  add_fact (facts, _("Started"), fluo_export_dup_started (self->trace), FALSE);
  add_fact (facts, _("Trace"), fluo_trace_id_to_string (fluo_trace_get_id (self->trace)), TRUE);
  add_fact (facts, _("Entry"),
            root < n_spans
              ? fluo_export_document_text (fluo_waterfall_rows_get_name (self->all, root), self)
              : g_strdup ("–"),
            FALSE);
  add_fact (facts, _("Services"), dup_services (self), FALSE);
  add_fact (facts, _("Answer"),
            root < n_spans && spans[root].http_status > 0
              ? g_strdup_printf ("%d", spans[root].http_status)
              : g_strdup ("–"),
            FALSE);
  add_fact (facts, _("Calls"), fluo_format_count (fluo_waterfall_rows_get_n (self->all)), FALSE);

  /* The version of the service that the time was spent in, or of the nearest one around it that
   * says its version. */
  for (guint32 at = cause < n_spans ? cause : root; at < n_spans && versioned == FLUO_SPAN_NONE;
       at = spans[at].parent)
    if (spans[at].service < n_services && services[spans[at].service].version != NULL)
      versioned = spans[at].service;
  if (versioned != FLUO_SPAN_NONE)
    {
      g_autofree char *label =
        g_strdup_printf (_("%s version"), fluo_kind_get_display_name (services[versioned].type,
                                                                      services[versioned].name));

      add_fact (facts, label, fluo_export_document_text (services[versioned].version, self), FALSE);
    }
  else
    add_fact (facts, _("Version"), g_strdup ("–"), FALSE);
  add_fact (facts, _("Annotations"), dup_annotations (self), FALSE);

  return facts;
}

static double
fact_width (FluoPainter *painter, const Fact *fact)
{
  return fluo_painter_measure (painter, fact->label, FLUO_SANS (11, 400)) + 7 +
         fluo_painter_measure (painter, fact->value,
                               fact->mono ? FLUO_MONO (10.5, 400) : FLUO_FIGURES (11, 400));
}

static double
draw_facts (FluoPainter *painter, FluoExportDocument *self, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autoptr (GArray) facts = collect_facts (self);
  double widths[4] = { 0 }, total = 0, x = LEFT, gap;

  for (guint i = 0; i < facts->len; i++)
    widths[i / 2] = MAX (widths[i / 2], fact_width (painter, &g_array_index (facts, Fact, i)));
  /* One long column (annotations, usually the last) must not push the others off the page. */
  widths[3] = MIN (widths[3], RIGHT - LEFT - widths[0] - widths[1] - widths[2] - 3 * 20);
  for (guint c = 0; c < G_N_ELEMENTS (widths); c++)
    total += widths[c];
  gap = (RIGHT - LEFT - total) / 3;

  fluo_export_rule (painter, LEFT, RIGHT, y + 0.5, palette->fg, 1);
  for (guint i = 0; i < facts->len; i++)
    {
      const Fact *fact = &g_array_index (facts, Fact, i);
      double baseline = y + 20 + (i % 2) * 18;
      double width =
        fluo_painter_text (painter, x, baseline, fact->label, FLUO_SANS (11, 400), palette->fg2,
                           FLUO_ALIGN_START, MIN (140, widths[i / 2]), NULL);

      fluo_painter_text (painter, x + width + 7, baseline, fact->value,
                         fact->mono ? FLUO_MONO (10.5, 400) : FLUO_FIGURES (11, 400), palette->fg,
                         FLUO_ALIGN_START, MAX (20, widths[i / 2] - width - 6), NULL);
      if (i % 2 == 1)
        x += widths[i / 2] + gap;
    }
  fluo_export_rule (painter, LEFT, RIGHT, y + 51.5, palette->line2, 1);

  return y + 52 + 12;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static double
draw_rows (FluoPainter *painter, FluoExportDocument *self, FluoWaterfallRows *rows, double y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  guint n = fluo_waterfall_rows_get_n (rows);
  FluoWaterfallViewport view = {
    .style = &fluo_waterfall_style_print,
    .width = FLUO_PAGE_CONTENT,
    .height =
      fluo_waterfall_style_print.ruler_height + n * fluo_waterfall_style_print.row_height + 4,
    .tree_width = TREE_WIDTH,
    .visible = self->visible,
    .critical = TRUE,
    .fold = self->options.fold,
    .color = self->options.color,
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .find_current = FLUO_SPAN_NONE,
    .text_func = fluo_export_document_text,
    .text_data = self,
  };

  if (self->options.colors != NULL)
    fluo_waterfall_rows_set_colors (rows, self->options.colors);
  fluo_waterfall_layout_update (self->layout, rows, &view, painter);
  cairo_save (cr);
  cairo_translate (cr, LEFT, y);
  fluo_waterfall_draw (painter, self->layout);
  fluo_export_draw_line_marks (painter, self, rows);
  cairo_restore (cr);
  y += view.height + 11;
  fluo_waterfall_draw_legend (painter, &fluo_waterfall_style_print, self->all, view.color, LEFT, y,
                              FLUO_PAGE_CONTENT);

  return y + 8;
}

static double
draw_levels (FluoPainter *painter, FluoExportDocument *self, const FluoExportPage *page, double y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoFlameViewport view = {
    .width = FLUO_PAGE_CONTENT,
    .height = FLUO_FLAME_PAPER_HEAD_PX + page->n_rows * FLUO_FLAME_PAPER_ROW_PX,
    .scroll = page->first_row,
    .begin = self->options.visible_only ? self->options.flame_begin : 0,
    .length = self->options.visible_only ? self->options.flame_length : 0,
    .color = self->options.color,
    .zoomed = FLUO_FLAME_NONE,
    .selected = FLUO_FLAME_NONE,
    .hover = FLUO_FLAME_NONE,
    .paper = TRUE,
    .text_func = fluo_export_document_text,
    .text_data = self,
  };

  fluo_flame_layout_update (self->flame_layout, self->flame, self->all, &view);
  cairo_save (cr);
  cairo_translate (cr, LEFT, y);
  fluo_flame_draw (painter, self->flame_layout);
  if (page->tables)
    fluo_flame_draw_legend (painter, self->flame_layout, 0, view.height + 11, 9.5);
  cairo_restore (cr);

  return y + view.height + (page->tables ? 22 : 8);
}

static FluoWaterfallRows *
page_rows (FluoExportDocument *self, const FluoExportPage *page)
{
  g_autofree guint32 *spans = g_new (guint32, page->n_rows + 1);

  for (guint i = 0; i < page->n_rows; i++)
    spans[i] = fluo_waterfall_rows_get_span (self->all, page->first_row + i);
  if (self->page_rows == NULL)
    self->page_rows = fluo_waterfall_rows_new_subset (self->trace, spans, page->n_rows);
  else
    fluo_waterfall_rows_set_subset (self->page_rows, spans, page->n_rows);

  return self->page_rows;
}

/* --- Foot ------------------------------------------------------------------------------------- */

void
fluo_export_draw_foot (FluoPainter *painter, const FluoExportOptions *options,
                       const FluoExportSubject *subjects, guint n_subjects, guint removed,
                       guint page, guint n_pages, double height)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autofree char *where = options->format == FLUO_EXPORT_PDF
                             ? g_strdup_printf (_("Fluoroscope %s · page %u of %u"), FLUO_VERSION,
                                                page + 1, n_pages)
                             : g_strdup ("Fluoroscope " FLUO_VERSION);
  double y = height - FLUO_PAGE_BOTTOM, x = LEFT;
  FluoFont font = FLUO_FIGURES (9.5, 400);

  if (options->format == FLUO_EXPORT_PDF)
    fluo_export_rule (painter, LEFT, RIGHT, y - FLUO_PAGE_FOOT + 0.5, palette->line2, 1);
  for (guint i = 0; i < n_subjects; i++)
    {
      g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (subjects[i].trace));

      x += fluo_painter_text (painter, x, y - 3, subjects[i].label, font, palette->fg2,
                              FLUO_ALIGN_START, 0, NULL) +
           4;
      x += fluo_painter_text (painter, x, y - 3, id, FLUO_MONO (9, 400), palette->fg2,
                              FLUO_ALIGN_START, 0, NULL) +
           16;
    }
  if (fluo_time_span_length (options->range) > 0)
    {
      g_autofree char *range = fluo_format_range (options->range, NULL);
      g_autofree char *text = g_strdup_printf (_("Range %s"), range);

      x +=
        fluo_painter_text (painter, x, y - 3, text, font, palette->fg2, FLUO_ALIGN_START, 0, NULL) +
        16;
    }
  if (removed > 0)
    {
      g_autofree char *count = fluo_format_count (removed);
      g_autofree char *text = g_strdup_printf (_("Removed before export: %s"), count);

      fluo_painter_text (painter, x, y - 3, text, font, palette->fg2, FLUO_ALIGN_START, 0, NULL);
    }
  fluo_painter_text (painter, RIGHT, y - 3, where, font, palette->fg2, FLUO_ALIGN_END, 0, NULL);
}

static void
draw_foot (FluoPainter *painter, FluoExportDocument *self, guint page)
{
  const FluoExportSubject subject = { _("Trace"), self->trace };

  fluo_export_draw_foot (painter, &self->options, &subject, 1, self->removed, page,
                         self->pages->len, FLUO_PAGE_HEIGHT);
}

/* --- Pages ------------------------------------------------------------------------------------ */

static double
draw_choice_note (FluoPainter *painter, FluoExportDocument *self, double y)
{
  g_autofree char *shown = fluo_format_count (fluo_waterfall_rows_get_n (self->choice));
  g_autofree char *all = fluo_format_count (fluo_waterfall_rows_get_n (self->all));
  g_autofree char *text = NULL;

  if (self->options.format == FLUO_EXPORT_PDF)
    text = g_strdup_printf (
      _("%s of %s rows: the critical path and the slowest calls. All rows are on the next pages."),
      shown, all);
  else
    text =
      g_strdup_printf (_("%s of %s rows: the critical path and the slowest calls."), shown, all);
  fluo_painter_text (painter, LEFT, y + 10, text, FLUO_FIGURES (9.5, 600),
                     fluo_painter_get_palette (painter)->fg2, FLUO_ALIGN_START, 0, NULL);

  return y + 16;
}

static double
draw_continued (FluoPainter *painter, FluoExportDocument *self, const FluoExportPage *page,
                gboolean last)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autofree char *all = fluo_format_count (
    self->flame != NULL ? fluo_flame_get_n_levels (self->flame)
                        : fluo_waterfall_rows_get_n (self->all));
  g_autofree char *first = fluo_format_count (page->first_row + 1);
  g_autofree char *end = fluo_format_count (page->first_row + page->n_rows);
  g_autofree char *text = NULL;

  fluo_painter_text (painter, LEFT, FLUO_PAGE_TOP + 13, self->title, FLUO_SANS (13, 700),
                     palette->fg, FLUO_ALIGN_START, FLUO_PAGE_CONTENT - 260, NULL);
  if (page->n_rows > 0)
    {
      text = g_strdup_printf (self->flame != NULL ? _("Levels %s to %s of %s")
                                                  : _("Rows %s to %s of %s"),
                              first, end, all);
      if (last && self->n_left_out > 0)
        {
          g_autofree char *left_out = fluo_format_count (self->n_left_out);
          char *more = g_strdup_printf (_("%s; the last %s are left out"), text, left_out);

          g_free (text);
          text = more;
        }
      fluo_painter_text (painter, RIGHT, FLUO_PAGE_TOP + 13, text, FLUO_FIGURES (11, 400),
                         palette->fg2, FLUO_ALIGN_END, 0, NULL);
    }

  return FLUO_PAGE_TOP + 30;
}

void
fluo_export_document_draw (FluoPainter *painter, guint index, double width, double height,
                           gpointer user_data)
{
  FluoExportDocument *self = user_data;
  const FluoExportPage *page =
    &g_array_index (self->pages, FluoExportPage, MIN (index, self->pages->len - 1));
  double y;

  if (self->options.colors != NULL)
    fluo_waterfall_rows_set_colors (self->all, self->options.colors);

  if (index == 0)
    {
      y = draw_facts (painter, self, draw_head (painter, self) + 11);
      if (self->choice != NULL)
        y = draw_choice_note (painter, self, y - 4) + 2;
      if (self->flame != NULL)
        y = draw_levels (painter, self, page, y);
      else
        y = draw_rows (painter, self,
                       self->choice != NULL ? self->choice : page_rows (self, page), y);
    }
  else
    {
      y = draw_continued (painter, self, page,
                          index + 1 == self->pages->len || page[1].n_lines > 0);
      if (page->n_rows > 0 && self->flame != NULL)
        y = draw_levels (painter, self, page, y);
      else if (page->n_rows > 0)
        y = draw_rows (painter, self, page_rows (self, page), y);
    }

  if (page->n_lines > 0)
    fluo_export_draw_lines (painter, self, page->first_line, page->n_lines, y);
  if (page->lines)
    y = fluo_export_draw_lines (painter, self, 0, fluo_export_lines_on_first (self), y + 10) - 10;
  if (page->tables)
    {
      fluo_export_draw_slowest (painter, self, y + 10);
      fluo_export_draw_shares (painter, self, y + 10);
    }
  draw_foot (painter, self, index);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"
#include "draw/fluo-compare-private.h"

/* A comparison on paper: what is said of it, both traces, its rows, and what else differs. */

#define LEFT FLUO_PAGE_SIDE
#define RIGHT (FLUO_PAGE_WIDTH - FLUO_PAGE_SIDE)
/* The table is that of the window, drawn smaller: its text has 9.4 px. */
#define TABLE_SCALE 0.72
#define ROW_PX (FLUO_COMPARE_ROW_PX * TABLE_SCALE)
#define TABLE_HEAD_PX (FLUO_COMPARE_HEAD_PX * TABLE_SCALE)
/* Heights of a page's parts; a little is left for a second line of the sentence. */
#define HEAD_PX 140.0
#define CONTINUED_PX 34.0
#define LEGEND_PX 26.0
#define FACTS_HEAD_PX 30.0
#define FACT_PX 16.0
#define KEY_PX 190.0
/* A picture of one page tells no more rows. */
#define PICTURE_ROWS_MAX 100
#define TITLE_CHARS_MAX 120
#define NAME_CHARS_MAX 48
#define PART_CHARS_MAX 80
#define TEXT_CHARS_MAX 200

typedef struct
{
  guint first_row, n_rows, first_fact, n_facts;
} Page;

/* --- Texts ------------------------------------------------------------------------------------ */

char *
fluo_compare_document_text (const char *text, gpointer document)
{
  FluoCompareDocument *self = document;

  return fluo_export_redact (text, self->options->redact, &self->removed);
}

/* A name leaves room for what is said of it. */
static char *
dup_name (FluoCompareDocument *self, const char *text)
{
  g_autofree char *kept = fluo_compare_document_text (text, self);

  return fluo_format_untrusted (kept, NAME_CHARS_MAX);
}

/* Of a sentence's parts only a name may be so long. */
static char *
dup_part (const char *text, gpointer document)
{
  g_autofree char *kept = fluo_compare_document_text (text, document);

  return g_utf8_strlen (kept, -1) > PART_CHARS_MAX ? fluo_format_untrusted (kept, PART_CHARS_MAX)
                                                   : g_steal_pointer (&kept);
}

static char *
dup_length (FluoTrace *trace)
{
  return fluo_trace_get_status (trace) == FLUO_STATUS_RUNNING
           ? g_strdup (_("running"))
           : fluo_format_duration (fluo_trace_get_response_ns (trace));
}

static char *
dup_title (FluoCompareDocument *self)
{
  FluoTraceComparison *comparison = self->table->comparison;
  g_autofree char *a = dup_length (comparison->a), *b = dup_length (comparison->b);
  g_autofree char *request = dup_name (self, fluo_trace_get_title (comparison->a));
  g_autofree char *other = dup_name (self, fluo_trace_get_title (comparison->b));
  g_autofree char *title = NULL;

  if (self->options->title != NULL && *self->options->title != '\0')
    title = g_strdup (self->options->title);
  else if (comparison->same_kind)
    /* Translators: "POST /checkout: 2.31 s compared with 604 ms". */
    title = g_strdup_printf (_("%s: %s compared with %s"), request, a, b);
  else
    title = g_strdup_printf (_("%s compared with %s"), request, other);

  return fluo_format_untrusted (title, TITLE_CHARS_MAX);
}

char *
fluo_compare_document_dup_side (FluoCompareDocument *self, gboolean is_a)
{
  FluoTrace *trace = is_a ? self->table->comparison->a : self->table->comparison->b;
  g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (trace);
  g_autofree char *length = dup_length (trace), *started = fluo_export_dup_started (trace);

  return summary->http_status > 0
           ? g_strdup_printf ("%s · %d · %s", length, summary->http_status, started)
           : g_strdup_printf ("%s · %s", length, started);
}

char *
fluo_compare_document_dup_usual (FluoCompareDocument *self)
{
  g_autofree char *count = fluo_format_count (self->options->n_usual);

  return self->options->n_usual > 0 ? g_strdup_printf (_("usual, p50 of %s"), count) : NULL;
}

char *
fluo_compare_document_dup_hidden (FluoCompareDocument *self)
{
  const guint n = self->table->n_hidden;
  g_autofree char *count = fluo_format_count (n);

  if (n == 0)
    return NULL;
  return g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%s row hidden: same result, and 5 ms or less apart",
                 "%s rows hidden: same result, and 5 ms or less apart", n),
    count);
}

/* --- Document --------------------------------------------------------------------------------- */

static void
collect_facts (FluoCompareDocument *self)
{
  GArray *facts = self->table->comparison->facts;

  for (guint i = 0; i < facts->len; i++)
    {
      const FluoCompareFact *fact = &g_array_index (facts, FluoCompareFact, i);
      const char *const texts[] = { fact->key, fact->a, fact->b };

      for (guint k = 0; k < G_N_ELEMENTS (texts); k++)
        g_ptr_array_add (self->facts, texts[k] != NULL
                                        ? fluo_compare_document_text (texts[k], self)
                                        : g_strdup (_("none")));
    }
}

static guint
count_facts (const FluoCompareDocument *self)
{
  return self->facts->len / 3;
}

static guint
fit (double room, double size)
{
  return room > 0 ? (guint) floor (room / size) : 0;
}

static double
body_height (void)
{
  return FLUO_PAGE_HEIGHT - FLUO_PAGE_TOP - FLUO_PAGE_BOTTOM - FLUO_PAGE_FOOT;
}

/* Rows, then facts, each as many as there is room for; a page that holds neither ends it. */
static void
paginate (FluoCompareDocument *self)
{
  const guint n_facts = count_facts (self);
  guint row = 0, fact = 0;

  do
    {
      Page page = { .first_row = row, .first_fact = fact };
      double room = body_height () - (self->pages->len == 0 ? HEAD_PX : CONTINUED_PX);

      page.n_rows = MIN (self->n_rows - row, fit (room - TABLE_HEAD_PX - LEGEND_PX, ROW_PX));
      if (page.n_rows > 0)
        room -= TABLE_HEAD_PX + LEGEND_PX + page.n_rows * ROW_PX;
      row += page.n_rows;
      if (row == self->n_rows)
        page.n_facts = MIN (n_facts - fact, fit (room - FACTS_HEAD_PX, FACT_PX));
      fact += page.n_facts;
      g_array_append_val (self->pages, page);
    }
  while ((row < self->n_rows || fact < n_facts) && self->pages->len < FLUO_EXPORT_PAGES_MAX);
  self->n_rows = row;
}

FluoCompareDocument *
fluo_compare_document_new (FluoCompareTable *table, const FluoExportOptions *options)
{
  FluoCompareDocument *self = g_new0 (FluoCompareDocument, 1);
  g_autoptr (FluoSentence) sentence = fluo_trace_comparison_dup_sentence (table->comparison);

  self->table = table;
  self->options = options;
  self->facts = g_ptr_array_new_with_free_func (g_free);
  self->pages = g_array_new (FALSE, TRUE, sizeof (Page));
  self->layout = fluo_compare_layout_new ();
  self->n_rows = table->places->len;
  self->sentence = fluo_export_sentence (sentence, dup_part, self);
  self->title = dup_title (self);
  collect_facts (self);
  if (options->format == FLUO_EXPORT_PDF)
    paginate (self);
  else
    {
      Page page = { 0, MIN (self->n_rows, PICTURE_ROWS_MAX), 0, count_facts (self) };

      g_array_append_val (self->pages, page);
      self->n_rows = page.n_rows;
    }

  return self;
}

void
fluo_compare_document_free (FluoCompareDocument *self)
{
  if (self == NULL)
    return;

  fluo_sentence_free (self->sentence);
  fluo_compare_layout_free (self->layout);
  g_ptr_array_unref (self->facts);
  g_array_unref (self->pages);
  g_free (self->title);
  g_free (self);
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void
draw_badge (FluoPainter *painter, double x, double y, gboolean is_a)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);

  cairo_new_path (cr);
  cairo_arc (cr, x + 7, y, is_a ? 7 : 6.4, 0, 2 * G_PI);
  fluo_color_set (cr, palette->fg);
  if (is_a)
    cairo_fill (cr);
  else
    {
      cairo_set_line_width (cr, 1.2);
      cairo_stroke (cr);
    }
  fluo_painter_text (painter, x + 7, y + 3.4, is_a ? "A" : "B", FLUO_SANS (9.5, 800),
                     is_a ? palette->view : palette->fg, FLUO_ALIGN_MIDDLE, 0, NULL);
}

/* Both traces, a line each: letter, status, how long and when, which, and what tells them apart. */
static double
draw_sides (FluoPainter *painter, FluoCompareDocument *self, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  FluoTraceComparison *comparison = self->table->comparison;
  g_auto (GStrv) sides = g_new0 (char *, 3);
  double width = 0;

  for (guint i = 0; i < 2; i++)
    {
      sides[i] = fluo_compare_document_dup_side (self, i == 0);
      width = MAX (width, fluo_painter_measure (painter, sides[i], FLUO_FIGURES (11, 600)));
    }
  fluo_export_rule (painter, LEFT, RIGHT, y + 0.5, palette->fg, 1);
  for (guint i = 0; i < 2; i++)
    {
      FluoTrace *trace = i == 0 ? comparison->a : comparison->b;
      g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
      g_autofree char *said = fluo_trace_comparison_dup_marks (comparison, i == 0);
      g_autofree char *kept = fluo_compare_document_text (said, self);
      g_autofree char *marks = fluo_format_untrusted (kept, TEXT_CHARS_MAX);
      g_autofree char *usual = i == 1 ? fluo_compare_document_dup_usual (self) : NULL;
      double baseline = y + 21 + i * 19, x = LEFT;

      draw_badge (painter, x, baseline - 4, i == 0);
      x += 22;
      fluo_painter_status (painter, fluo_trace_get_status (trace), x, baseline - 10.5, 13,
                           palette->view);
      x += 20;
      fluo_painter_text (painter, x, baseline, sides[i], FLUO_FIGURES (11, 600), palette->fg,
                         FLUO_ALIGN_START, 0, NULL);
      x += width + 24;
      x += fluo_painter_text (painter, x, baseline, id, FLUO_MONO (10.5, 400), palette->fg,
                              FLUO_ALIGN_START, 0, NULL) +
           24;
      if (usual != NULL)
        x += fluo_painter_text (painter, x, baseline, usual, FLUO_FIGURES (11, 600), palette->fg,
                                FLUO_ALIGN_START, 0, NULL) +
             24;
      fluo_painter_text (painter, x, baseline, marks, FLUO_SANS (11, 400), palette->fg2,
                         FLUO_ALIGN_START, MAX (20, RIGHT - x), NULL);
    }
  fluo_export_rule (painter, LEFT, RIGHT, y + 52.5, palette->line2, 1);

  return y + 53 + 10;
}

static double
draw_table (FluoPainter *painter, FluoCompareDocument *self, const Page *page, double y)
{
  cairo_t *cr = fluo_painter_get_cr (painter);
  FluoCompareViewport view = {
    .width = FLUO_PAGE_CONTENT / TABLE_SCALE,
    .height = FLUO_COMPARE_HEAD_PX + page->n_rows * (double) FLUO_COMPARE_ROW_PX,
    .scroll = page->first_row * (double) FLUO_COMPARE_ROW_PX,
    .selected = FLUO_SPAN_NONE,
    .hover = FLUO_SPAN_NONE,
    .text_func = fluo_compare_document_text,
    .text_data = self,
  };

  fluo_compare_layout_update (self->layout, self->table, &view);
  cairo_save (cr);
  cairo_translate (cr, LEFT, y);
  cairo_scale (cr, TABLE_SCALE, TABLE_SCALE);
  fluo_compare_draw (painter, self->layout);
  cairo_restore (cr);

  return y + view.height * TABLE_SCALE;
}

/* What the marks mean, and what of the rows is not there. */
static double
draw_legend (FluoPainter *painter, FluoCompareDocument *self, gboolean last, double y)
{
  const guint n_left_out = self->table->places->len - self->n_rows;
  g_autofree char *hidden = fluo_compare_document_dup_hidden (self);
  FluoColor color = fluo_painter_get_palette (painter)->fg2;
  cairo_t *cr = fluo_painter_get_cr (painter);
  double x = LEFT;

  cairo_save (cr);
  cairo_translate (cr, LEFT, y + 13);
  cairo_scale (cr, TABLE_SCALE, TABLE_SCALE);
  x += fluo_compare_draw_legend (painter, 0, 0) * TABLE_SCALE + 16;
  cairo_restore (cr);
  if (hidden != NULL)
    x += fluo_painter_text (painter, x, y + 16, hidden, FLUO_FIGURES (9.5, 400), color,
                            FLUO_ALIGN_START, 0, NULL) +
         16;
  if (last && n_left_out > 0)
    {
      g_autofree char *count = fluo_format_count (n_left_out);
      g_autofree char *text = g_strdup_printf (_("The last %s rows are left out"), count);

      fluo_painter_text (painter, x, y + 16, text, FLUO_FIGURES (9.5, 600), color,
                         FLUO_ALIGN_START, 0, NULL);
    }

  return y + LEGEND_PX;
}

static void
draw_facts (FluoPainter *painter, FluoCompareDocument *self, const Page *page, double y)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const double column = (FLUO_PAGE_CONTENT - KEY_PX) / 2;
  g_autofree char *keys = fluo_trace_comparison_dup_same (self->table->comparison);
  g_autofree char *same = NULL, *safe = fluo_format_untrusted (keys, TEXT_CHARS_MAX);
  double x;

  x = LEFT + fluo_painter_text (painter, LEFT, y + 19, _("What else differs"), FLUO_SANS (12, 700),
                                palette->fg, FLUO_ALIGN_START, 0, NULL) + 12;
  if (*safe != '\0')
    {
      same = g_strdup_printf (_("the same: %s"), safe);
      fluo_painter_text (painter, x, y + 19, same, FLUO_SANS (9.5, 400), palette->fg2,
                         FLUO_ALIGN_START, RIGHT - x, NULL);
    }
  y += FACTS_HEAD_PX;
  for (guint i = 0; i < page->n_facts; i++)
    {
      double baseline = y + i * FACT_PX + 10.5;

      for (guint k = 0; k < 3; k++)
        {
          const char *text = g_ptr_array_index (self->facts, 3 * (page->first_fact + i) + k);
          g_autofree char *shown = fluo_format_untrusted (text, TEXT_CHARS_MAX);

          fluo_painter_text (painter, k == 0 ? LEFT : LEFT + KEY_PX + (k - 1) * column, baseline,
                             shown, FLUO_FIGURES (10.5, k == 1 ? 600 : 400),
                             k == 0 ? palette->fg2 : palette->fg, FLUO_ALIGN_START,
                             (k == 0 ? KEY_PX : column) - 14, NULL);
        }
      fluo_export_rule (painter, LEFT, RIGHT, y + (i + 1) * FACT_PX - 0.5, palette->line, 1);
    }
}

static void
draw_page (FluoPainter *painter, guint index, double width, double height, gpointer user_data)
{
  FluoCompareDocument *self = user_data;
  const Page *page = &g_array_index (self->pages, Page, MIN (index, self->pages->len - 1));
  FluoTraceComparison *comparison = self->table->comparison;
  const FluoExportSubject subjects[] = { { "A", comparison->a }, { "B", comparison->b } };
  double y;

  if (index == 0)
    y = draw_sides (painter, self,
                    fluo_export_draw_head (painter, self->options, 0, self->title, self->sentence,
                                           fluo_trace_get_start_ns (comparison->a)) + 11);
  else
    {
      fluo_painter_text (painter, LEFT, FLUO_PAGE_TOP + 13, self->title, FLUO_SANS (13, 700),
                         fluo_painter_get_palette (painter)->fg, FLUO_ALIGN_START,
                         FLUO_PAGE_CONTENT, NULL);
      y = FLUO_PAGE_TOP + 26;
    }
  if (page->n_rows > 0)
    {
      y = draw_table (painter, self, page, y);
      y = draw_legend (painter, self, page->first_row + page->n_rows == self->n_rows, y);
    }
  if (page->n_facts > 0)
    draw_facts (painter, self, page, y);
  fluo_export_draw_foot (painter, self->options, subjects, G_N_ELEMENTS (subjects), self->removed,
                         index, self->pages->len, height);
}

/* --- Entry points ----------------------------------------------------------------------------- */

/* PDF has the pages of paper; a picture ends where its content ends. */
static FluoExportPicture
make_picture (FluoCompareDocument *self)
{
  const Page *page = &g_array_index (self->pages, Page, 0);
  FluoExportPicture picture = { FLUO_PAGE_WIDTH, FLUO_PAGE_HEIGHT, self->pages->len,
                                self->options->scale, self->title, self->options->sans,
                                self->options->mono };

  picture.progress = self->options->progress;
  picture.progress_data = self->options->progress_data;
  if (self->options->format != FLUO_EXPORT_PDF)
    picture.height = FLUO_PAGE_TOP + HEAD_PX + TABLE_HEAD_PX + page->n_rows * ROW_PX + LEGEND_PX +
                     (page->n_facts > 0 ? FACTS_HEAD_PX + page->n_facts * FACT_PX : 0) +
                     FLUO_PAGE_FOOT + FLUO_PAGE_BOTTOM;

  return picture;
}

GBytes *
fluo_compare_export_to_bytes (FluoCompareTable *self, const FluoExportOptions *options,
                              GError **error)
{
  g_autoptr (FluoCompareDocument) document = NULL;
  FluoExportPicture picture;

  g_return_val_if_fail (self != NULL && options != NULL, NULL);

  document = fluo_compare_document_new (self, options);
  if (options->format == FLUO_EXPORT_MARKDOWN)
    return fluo_compare_document_to_markdown (document);
  picture = make_picture (document);

  return fluo_export_surface_to_bytes (options->format, &picture, draw_page, document, error);
}

cairo_surface_t *
fluo_compare_export_preview (FluoCompareTable *self, const FluoExportOptions *options, int width,
                             guint *ret_n_pages, GError **error)
{
  g_autoptr (FluoCompareDocument) document = fluo_compare_document_new (self, options);
  FluoExportPicture picture = make_picture (document);

  *ret_n_pages = document->pages->len;

  return fluo_export_surface_preview (&picture, draw_page, document, width, error);
}

char *
fluo_compare_export_suggest_name (FluoCompareTable *self, FluoExportFormat format)
{
  g_autofree char *name = fluo_export_suggest_name (self->comparison->a, format);
  const char *ending = strrchr (name, '.');

  return g_strdup_printf ("%.*s-compared%s", (int) (ending - name), name, ending);
}

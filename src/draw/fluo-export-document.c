/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"
#include "draw/fluo-export-private.h"

/* Heights of a page's parts in px. The head takes 50 and the facts 73; a little more is left for a
 * second line. */
#define HEAD_HEIGHT 135.0
#define CONTINUED_HEIGHT 34.0
#define LEGEND_HEIGHT 22.0
#define NOTE_HEIGHT 16.0
#define TABLES_HEIGHT 200.0
#define TITLE_CHARS_MAX 120
#define NAME_BYTES_MAX 80

char *
fluo_export_document_text (const char *text, gpointer user_data)
{
  FluoExportDocument *self = user_data;

  return fluo_export_redact (text, self->options.redact, &self->removed);
}

/* --- Choice of rows --------------------------------------------------------------------------- */

typedef struct
{
  guint32 span;
  gint64  weight;
} Candidate;

static gint
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *one = a, *other = b;

  if (one->weight != other->weight)
    return one->weight > other->weight ? -1 : 1;

  return one->span < other->span ? -1 : one->span > other->span;
}

static gint
compare_spans (gconstpointer a, gconstpointer b)
{
  const guint32 *one = a, *other = b;

  return *one < *other ? -1 : *one > *other;
}

static GArray *
collect_candidates (FluoTrace *trace, FluoWaterfallRows *all)
{
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
  guint n = fluo_waterfall_rows_get_n (all);
  GArray *candidates = g_array_sized_new (FALSE, FALSE, sizeof (Candidate), n);

  for (guint i = 0; i < n; i++)
    {
      Candidate candidate = { fluo_waterfall_rows_get_span (all, i), 0 };
      const FluoSpan *span = &spans[candidate.span];

      /* Own time ranks; being on the critical path, having failed or being the root goes before all
       * own time. */
      candidate.weight = MIN (span->self_ns, G_MAXINT64 / 8);
      if (span->flags & FLUO_SPAN_CRITICAL)
        candidate.weight += G_MAXINT64 / 8;
      if (spans[fluo_spans_failing (spans, candidate.span)].status >= FLUO_STATUS_ERROR &&
          span->first_child == FLUO_SPAN_NONE)
        candidate.weight += G_MAXINT64 / 8;
      if (span->flags & FLUO_SPAN_ROOT)
        candidate.weight += G_MAXINT64 / 2;
      g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);

  return candidates;
}

/* The rows of the first page out of many: the critical path and the slowest branches with all that
 * they hang from. */
static FluoWaterfallRows *
choose_rows (FluoTrace *trace, FluoWaterfallRows *all, guint n_rows)
{
  g_autoptr (GArray) candidates = collect_candidates (trace, all);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < candidates->len && chosen->len < n_rows; i++)
    {
      guint32 span = g_array_index (candidates, Candidate, i).span;
      guint needed = 0;

      for (guint32 at = span; at != FLUO_SPAN_NONE && needed <= n_rows &&
                              !g_hash_table_contains (taken, GUINT_TO_POINTER (at));
           at = fluo_waterfall_rows_get_parent (all, at))
        needed++;
      if (chosen->len + needed > n_rows)
        continue;

      for (guint32 at = span;
           at != FLUO_SPAN_NONE && g_hash_table_add (taken, GUINT_TO_POINTER (at));
           at = fluo_waterfall_rows_get_parent (all, at))
        g_array_append_val (chosen, at);
    }
  g_array_sort (chosen, compare_spans);

  return fluo_waterfall_rows_new_subset (trace, (const guint32 *) chosen->data, chosen->len);
}

/* --- Document --------------------------------------------------------------------------------- */

static const char *
title_format (FluoStatus status)
{
  switch (status)
    {
    case FLUO_STATUS_FAULT:
      /* Translators: "POST /checkout failed after 2.31 s". */
      return _("%s failed after %s");
    case FLUO_STATUS_ERROR:
      return _("%s ended with an error after %s");
    case FLUO_STATUS_THROTTLE:
      return _("%s was throttled after %s");
    case FLUO_STATUS_RUNNING:
      return _("%s is still running after %s");
    case FLUO_STATUS_OK:
    case FLUO_N_STATUSES:
    default:
      return _("%s took %s");
    }
}

static char *
dup_title (FluoExportDocument *self)
{
  g_autofree char *duration = fluo_format_duration (fluo_trace_get_response_ns (self->trace));
  g_autofree char *name = fluo_export_document_text (fluo_trace_get_title (self->trace), self);
  g_autofree char *title = NULL;

  if (self->options.title != NULL && *self->options.title != '\0')
    title = g_strdup (self->options.title);
  else
    title = g_strdup_printf (title_format (fluo_trace_get_status (self->trace)), name, duration);

  return fluo_format_untrusted (title, TITLE_CHARS_MAX);
}

static FluoWaterfallRows *
collect_rows (FluoExportDocument *self)
{
  FluoWaterfallRows *all = fluo_waterfall_rows_new (self->trace);
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);
  g_autoptr (GArray) shown = NULL;
  FluoWaterfallRows *some;

  /* Pages are cut out of the rows, so each is one call. */
  fluo_waterfall_rows_set_grouping (all, FALSE);
  if (!self->options.visible_only)
    return all;

  shown = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < fluo_waterfall_rows_get_n (all); i++)
    {
      guint32 span = fluo_waterfall_rows_get_span (all, i);

      if (spans[span].start_ns < self->visible.end_ns &&
          spans[span].end_ns >= self->visible.begin_ns)
        g_array_append_val (shown, span);
    }
  some = fluo_waterfall_rows_new_subset (self->trace, (const guint32 *) shown->data, shown->len);
  fluo_waterfall_rows_free (all);

  return some;
}

/* The few spans with the most own time, largest first: one pass, inserting into a short list. */
static void
find_slowest (FluoExportDocument *self)
{
  const FluoSpan *spans;
  guint n;

  spans = fluo_trace_get_spans (self->trace, &n);
  for (guint32 i = 0; i < n; i++)
    {
      guint at;

      if (spans[i].self_ns <= 0 || (spans[i].flags & (FLUO_SPAN_IN_PROGRESS | FLUO_SPAN_LINKED)))
        continue;

      for (at = self->n_slowest; at > 0 && spans[self->slowest[at - 1]].self_ns < spans[i].self_ns;
           at--)
        if (at < FLUO_EXPORT_SLOWEST)
          self->slowest[at] = self->slowest[at - 1];
      if (at < FLUO_EXPORT_SLOWEST)
        {
          self->slowest[at] = i;
          self->n_slowest = MIN (self->n_slowest + 1, FLUO_EXPORT_SLOWEST);
        }
    }
}

static guint
rows_in (double height)
{
  return (guint) MAX (1, floor ((height - fluo_waterfall_style_print.ruler_height - 4) /
                                fluo_waterfall_style_print.row_height));
}

static void
add_page (FluoExportDocument *self, guint first, guint n, gboolean lines, gboolean tables)
{
  FluoExportPage page = { first, n, lines, tables, 0, 0 };

  g_array_append_val (self->pages, page);
}

/* What stands below the rows: lines and tables. */
static double
tables_height (FluoExportDocument *self)
{
  return TABLES_HEIGHT + fluo_export_lines_height (fluo_export_lines_on_first (self));
}

/* All lines once more where they are more than the tables have room for. */
static void
paginate_lines (FluoExportDocument *self)
{
  double body = FLUO_PAGE_HEIGHT - FLUO_PAGE_TOP - FLUO_PAGE_BOTTOM - FLUO_PAGE_FOOT;
  guint room = (guint) ((body - CONTINUED_HEIGHT - fluo_export_lines_height (1)) /
                        FLUO_EXPORT_LINE_PX);

  if (self->options.format != FLUO_EXPORT_PDF || self->lines->len <= FLUO_EXPORT_LINES_FIRST)
    return;
  for (guint at = 0; at < self->lines->len && self->pages->len < FLUO_EXPORT_PAGES_MAX; at += room)
    {
      FluoExportPage page = { .first_line = at, .n_lines = MIN (self->lines->len - at, room) };

      g_array_append_val (self->pages, page);
    }
}

/* What the first page had no room for: on the last one that has rows, or one of its own. */
static void
place_tables (FluoExportDocument *self, double body)
{
  const FluoExportPage *first = &g_array_index (self->pages, FluoExportPage, 0);
  FluoExportPage *last = &g_array_index (self->pages, FluoExportPage, self->pages->len - 1);
  double wanted = tables_height (self) - (first->lines ? tables_height (self) - TABLES_HEIGHT : 0);
  double used = CONTINUED_HEIGHT + LEGEND_HEIGHT +
                last->n_rows * fluo_waterfall_style_print.row_height + 22;

  if (first->tables)
    return;
  if (last == first || used + wanted > body)
    {
      add_page (self, last->first_row + last->n_rows, 0, !first->lines, TRUE);
      return;
    }
  last->lines = !first->lines;
  last->tables = TRUE;
}

/* First page: head, rows, and lines and tables where they fit; then the rest of the rows, or with
 * many rows all of them. */
static void
paginate (FluoExportDocument *self)
{
  double body = FLUO_PAGE_HEIGHT - FLUO_PAGE_TOP - FLUO_PAGE_BOTTOM - FLUO_PAGE_FOOT;
  double room = body - HEAD_HEIGHT - LEGEND_HEIGHT;
  guint n = fluo_waterfall_rows_get_n (self->all), at;
  guint with_tables = rows_in (room - tables_height (self));
  guint with_lines = rows_in (room - (tables_height (self) - TABLES_HEIGHT));
  guint next = rows_in (body - CONTINUED_HEIGHT - LEGEND_HEIGHT);

  if (n > FLUO_EXPORT_ROWS_DIRECT || self->options.format != FLUO_EXPORT_PDF)
    {
      if (n > with_tables)
        self->choice = choose_rows (self->trace, self->all,
                                    rows_in (room - tables_height (self) - NOTE_HEIGHT));
      add_page (self, 0, n, TRUE, TRUE);
      at = 0;
    }
  else
    {
      at = MIN (n, rows_in (room));
      add_page (self, 0, at, n <= with_lines, n <= with_tables);
    }

  if (self->options.format != FLUO_EXPORT_PDF || (self->choice == NULL && at == 0))
    return;

  while (at < n && self->pages->len < FLUO_EXPORT_PAGES_MAX)
    {
      guint count = MIN (n - at, next);

      add_page (self, at, count, FALSE, FALSE);
      at += count;
    }
  self->n_left_out = n - at;
  place_tables (self, body);
}

/* A flame graph's levels go on from page to page; with pictures of one page the deepest are left
 * out. */
static void
paginate_flame (FluoExportDocument *self)
{
  double body = FLUO_PAGE_HEIGHT - FLUO_PAGE_TOP - FLUO_PAGE_BOTTOM - FLUO_PAGE_FOOT;
  double first =
    body - HEAD_HEIGHT - LEGEND_HEIGHT - tables_height (self) - FLUO_FLAME_PAPER_HEAD_PX;
  double next = body - CONTINUED_HEIGHT - FLUO_FLAME_PAPER_HEAD_PX;
  guint n = fluo_flame_get_n_levels (self->flame), at;

  at = MIN (n, (guint) floor (first / FLUO_FLAME_PAPER_ROW_PX));
  add_page (self, 0, at, TRUE, TRUE);
  while (self->options.format == FLUO_EXPORT_PDF && at < n &&
         self->pages->len < FLUO_EXPORT_PAGES_MAX)
    {
      guint count = MIN (n - at, (guint) floor (next / FLUO_FLAME_PAPER_ROW_PX));

      add_page (self, at, count, FALSE, FALSE);
      at += count;
    }
  self->n_left_out = n - at;
}

static FluoExportDocument *
document_new (FluoTrace *trace, const FluoExportOptions *options)
{
  FluoExportDocument *self = g_new0 (FluoExportDocument, 1);

  self->trace = fluo_trace_ref (trace);
  self->options = *options;
  self->summary = fluo_trace_summary_from_trace (trace);
  self->cause = fluo_trace_dup_root_cause (trace, options->usual_ns);
  self->shares = fluo_trace_dup_shares (trace);
  self->layout = fluo_waterfall_layout_new ();
  self->pages = g_array_new (FALSE, TRUE, sizeof (FluoExportPage));
  self->visible = options->visible;
  self->all = collect_rows (self);
  if (!options->visible_only || fluo_time_span_length (self->visible) <= 0)
    self->visible = fluo_waterfall_rows_get_extent (self->all);
  fluo_export_collect_lines (self);
  self->title = dup_title (self);
  find_slowest (self);
  if (options->flame && options->format != FLUO_EXPORT_MARKDOWN)
    {
      self->flame = fluo_flame_new (trace);
      self->flame_layout = fluo_flame_layout_new ();
      paginate_flame (self);
    }
  else
    paginate (self);
  paginate_lines (self);

  return self;
}

void
fluo_export_document_free (FluoExportDocument *self)
{
  if (self == NULL)
    return;

  fluo_trace_summary_unref (self->summary);
  g_clear_pointer (&self->cause, fluo_sentence_free);
  g_clear_pointer (&self->shares, g_array_unref);
  g_clear_pointer (&self->choice, fluo_waterfall_rows_free);
  g_clear_pointer (&self->page_rows, fluo_waterfall_rows_free);
  fluo_waterfall_layout_free (self->layout);
  fluo_flame_layout_free (self->flame_layout);
  fluo_flame_free (self->flame);
  fluo_waterfall_rows_free (self->all);
  g_array_unref (self->pages);
  g_ptr_array_unref (self->lines);
  g_clear_pointer (&self->all_lines, fluo_trace_lines_unref);
  g_free (self->title);
  fluo_trace_unref (self->trace);
  g_free (self);
}

/* --- Entry points ----------------------------------------------------------------------------- */

GBytes *
fluo_export_trace_to_bytes (FluoTrace *trace, const FluoExportOptions *options, GError **error)
{
  g_autoptr (FluoExportDocument) document = NULL;
  FluoExportPicture picture = { FLUO_PAGE_WIDTH, FLUO_PAGE_HEIGHT };

  g_return_val_if_fail (trace != NULL && options != NULL, NULL);

  document = document_new (trace, options);
  if (options->format == FLUO_EXPORT_MARKDOWN)
    return fluo_export_document_to_markdown (document);

  picture.n_pages = document->pages->len;
  picture.scale = options->scale;
  picture.title = document->title;
  picture.sans = options->sans;
  picture.mono = options->mono;
  picture.progress = options->progress;
  picture.progress_data = options->progress_data;

  return fluo_export_surface_to_bytes (options->format, &picture, fluo_export_document_draw,
                                       document, error);
}

gboolean
fluo_export_trace (FluoTrace *trace, const FluoExportOptions *options, const char *path,
                   GError **error)
{
  g_autoptr (GBytes) bytes = fluo_export_trace_to_bytes (trace, options, error);

  return bytes != NULL && fluo_export_write (path, bytes, error);
}

guint
fluo_export_count_pages (FluoTrace *trace, const FluoExportOptions *options)
{
  g_autoptr (FluoExportDocument) document = document_new (trace, options);

  return document->pages->len;
}

cairo_surface_t *
fluo_export_trace_preview (FluoTrace *trace, const FluoExportOptions *options, int width,
                           GError **error)
{
  g_autoptr (FluoExportDocument) document = NULL;
  FluoExportPicture picture = { FLUO_PAGE_WIDTH, FLUO_PAGE_HEIGHT };

  document = document_new (trace, options);
  picture.sans = options->sans;
  picture.mono = options->mono;

  return fluo_export_surface_preview (&picture, fluo_export_document_draw, document, width, error);
}

char *
fluo_export_suggest_name (FluoTrace *trace, FluoExportFormat format)
{
  static const char *const endings[] = {
    [FLUO_EXPORT_PNG] = "png", [FLUO_EXPORT_PDF] = "pdf", [FLUO_EXPORT_SVG] = "svg",
    [FLUO_EXPORT_MARKDOWN] = "md"
  };
  g_autoptr (GDateTime) start =
    g_date_time_new_from_unix_utc (fluo_trace_get_start_ns (trace) / FLUO_NSEC_PER_SEC);
  g_autofree char *when =
    start != NULL ? g_date_time_format (start, "%Y-%m-%dT%H%M%SZ") : g_strdup ("trace");
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
  const char *title = fluo_trace_get_title (trace);
  GString *name = g_string_new (when);
  gsize room;
  gboolean gap = TRUE;

  g_string_append_c (name, '_');
  room = NAME_BYTES_MAX - MIN (NAME_BYTES_MAX, name->len + strlen (id) + 1);
  for (gsize i = 0; title[i] != '\0' && room > 0; i++)
    {
      if (g_ascii_isalnum (title[i]))
        {
          g_string_append_c (name, g_ascii_tolower (title[i]));
          gap = FALSE;
          room--;
        }
      else if (!gap)
        {
          g_string_append_c (name, '-');
          gap = TRUE;
          room--;
        }
    }
  if (name->str[name->len - 1] == '-')
    g_string_truncate (name, name->len - 1);
  if (name->str[name->len - 1] != '_')
    g_string_append_c (name, '_');
  g_string_append_printf (name, "%s.%s", id, endings[format]);

  return g_string_free (name, FALSE);
}

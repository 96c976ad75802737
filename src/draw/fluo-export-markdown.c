/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-trace-summary.h"
#include "draw/fluo-export-private.h"

/* The trace as text for an incident review: what happened, along which path, and what was slow. */

#define STEPS_MAX 60
#define CELL_CHARS_MAX 120

/* Text of a trace as text of a Markdown table: nothing in it is markup, a link or HTML. */
void
fluo_markdown_append (GString *out, const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, CELL_CHARS_MAX);

  for (const char *p = safe; *p != '\0'; p++)
    {
      if (*p == '<')
        g_string_append (out, "&lt;");
      else if (*p == '&')
        g_string_append (out, "&amp;");
      else
        {
          if (strchr ("\\`*_[]|#~!>", *p) != NULL)
            g_string_append_c (out, '\\');
          g_string_append_c (out, *p);
        }
    }
}

static void
append_text (GString *out, FluoExportDocument *self, const char *text)
{
  g_autofree char *kept = fluo_export_document_text (text, self);

  fluo_markdown_append (out, kept);
}

void
fluo_markdown_append_sentence (GString *out, const FluoSentence *sentence,
                               FluoWaterfallTextFunc func, gpointer user_data)
{
  g_autoptr (FluoSentence) kept = fluo_export_sentence (sentence, func, user_data);
  guint at = 0;

  for (guint i = 0; i < kept->bold->len; i++)
    {
      const FluoSentenceRange *range = &g_array_index (kept->bold, FluoSentenceRange, i);
      g_autofree char *before = g_strndup (kept->text + at, range->start - at);
      g_autofree char *bold = g_strndup (kept->text + range->start, range->length);

      fluo_markdown_append (out, before);
      g_string_append (out, "**");
      fluo_markdown_append (out, bold);
      g_string_append (out, "**");
      at = range->start + range->length;
    }
  fluo_markdown_append (out, kept->text + at);
}

/* "bank.example.com POST /v2/charge" as two cells, and the status behind the figures. */
static void
append_call (GString *out, FluoExportDocument *self, guint32 span)
{
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);
  const FluoTraceService *services;
  guint n;

  services = fluo_trace_get_services (self->trace, &n);
  g_string_append (out, "| ");
  if (spans[span].service < n)
    append_text (out, self,
                 fluo_kind_get_display_name (services[spans[span].service].type,
                                             services[spans[span].service].name));
  g_string_append (out, " | ");
  append_text (out, self, fluo_waterfall_rows_get_name (self->all, span));
  if (*fluo_trace_get_string (self->trace, spans[span].detail) != '\0')
    {
      g_string_append_c (out, ' ');
      append_text (out, self, fluo_trace_get_string (self->trace, spans[span].detail));
    }
}

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a, other = *(const gint64 *) b;

  return one < other ? 1 : one > other ? -1 : 0;
}

/* So long is the @nth longest step. */
static gint64
nth_length (const FluoCriticalStep *steps, guint n, guint nth)
{
  g_autoptr (GArray) lengths = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);

  for (guint i = 0; i < n; i++)
    {
      gint64 length = steps[i].end_ns - steps[i].begin_ns;

      g_array_append_val (lengths, length);
    }
  g_array_sort (lengths, compare_lengths);
  return g_array_index (lengths, gint64, nth - 1);
}

static void
append_path (GString *out, FluoExportDocument *self)
{
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);
  gint64 zero = fluo_trace_get_start_ns (self->trace);
  gint64 response = fluo_trace_get_response_ns (self->trace), least = 0;
  const FluoCriticalStep *steps;
  guint n, n_shown = 0;

  steps = fluo_trace_get_critical_path (self->trace, &n);
  if (n == 0)
    return;

  /* Of a long path its longest steps. */
  if (n > STEPS_MAX)
    least = nth_length (steps, n, STEPS_MAX);
  g_string_append_printf (out, "## %s\n\n| %s | %s | %s | %s | %s | %s |\n"
                               "|---|---|---:|---:|---:|---|\n",
                          _("Critical path"), _("Service"), _("Call"), _("Started"), _("Time"),
                          _("Share"), _("Result"));
  for (guint i = 0; i < n && n_shown < STEPS_MAX; i++)
    {
      gint64 length = steps[i].end_ns - steps[i].begin_ns;
      g_autofree char *offset = fluo_format_offset (steps[i].begin_ns - zero);
      g_autofree char *time = fluo_format_duration (length);
      g_autofree char *share =
        fluo_format_share_parts (response > 0 ? (double) length / (double) response : 0);

      if (length < least)
        continue;
      n_shown++;
      append_call (out, self, steps[i].span);
      g_string_append_printf (out, " | %s | %s | %s | %s |\n", offset, time, share,
                              fluo_status_to_label (spans[steps[i].span].status));
    }
  if (n_shown < n)
    {
      g_autofree char *shown = fluo_format_count (n_shown), *all = fluo_format_count (n);

      g_string_append_c (out, '\n');
      g_string_append_printf (out, _("%s of %s steps: the longer ones."), shown, all);
      g_string_append_c (out, '\n');
    }
  g_string_append_c (out, '\n');
}

static void
append_slowest (GString *out, FluoExportDocument *self)
{
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);

  if (self->n_slowest == 0)
    return;

  g_string_append_printf (out, "## %s\n\n| %s | %s | %s | %s | %s |\n|---|---|---:|---:|---|\n",
                          _("Slowest calls by own time"), _("Service"), _("Call"), _("Own time"),
                          _("Duration"), _("Result"));
  for (guint i = 0; i < self->n_slowest; i++)
    {
      const FluoSpan *span = &spans[self->slowest[i]];
      g_autofree char *own = fluo_format_duration (span->self_ns);
      g_autofree char *whole = fluo_format_duration (span->end_ns - span->start_ns);

      append_call (out, self, self->slowest[i]);
      g_string_append_printf (out, " | %s | %s | %s |\n", own, whole,
                              fluo_status_to_label (
                                spans[fluo_spans_failing (spans, self->slowest[i])].status));
    }
  g_string_append_c (out, '\n');
}

static void
append_shares (GString *out, FluoExportDocument *self)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);
  g_autofree char *total = fluo_format_duration (fluo_trace_get_response_ns (self->trace));

  if (self->shares->len == 0)
    return;

  g_string_append (out, "## ");
  g_string_append_printf (out, _("Where the %s went, along the critical path"), total);
  g_string_append_printf (out, "\n\n| %s | %s | %s |\n|---|---:|---:|\n", _("Service"), _("Time"),
                          _("Share"));
  for (guint i = 0; i < self->shares->len; i++)
    {
      const FluoTraceShare *share = &g_array_index (self->shares, FluoTraceShare, i);
      g_autofree char *time = fluo_format_duration (share->time_ns);
      g_autofree char *part = fluo_format_share_parts (share->share);

      g_string_append (out, "| ");
      append_text (out, self,
                   fluo_kind_get_display_name (services[share->service].type,
                                               services[share->service].name));
      g_string_append_printf (out, " | %s | %s |\n", time, part);
    }
  g_string_append_c (out, '\n');
}

static void
append_lines (GString *out, FluoExportDocument *self)
{
  gint64 zero = fluo_trace_get_start_ns (self->trace);

  if (self->lines->len == 0)
    return;

  g_string_append_printf (out, "## %s\n\n| %s | %s | %s | %s |\n|---:|---|---|---|\n",
                          _("What the programs wrote"), _("Time"), _("Level"), _("Call"),
                          _("Line"));
  for (guint i = 0; i < self->lines->len; i++)
    {
      const FluoTraceLine *line = g_ptr_array_index (self->lines, i);
      g_autofree char *offset = fluo_format_offset (line->time_ns - zero);
      g_autofree char *call = fluo_export_dup_line_call (self, line);

      g_string_append_printf (out, "| %s | %s | ", offset, fluo_export_line_level (line));
      fluo_markdown_append (out, call);
      g_string_append (out, " | ");
      append_text (out, self, line->text);
      g_string_append (out, " |\n");
    }
  if (self->n_lines_left_out > 0)
    {
      g_autofree char *shown = fluo_format_count (self->lines->len);
      g_autofree char *all = fluo_format_count (self->lines->len + self->n_lines_left_out);

      g_string_append_c (out, '\n');
      g_string_append_printf (out, _("%s of %s lines"), shown, all);
      g_string_append_c (out, '\n');
    }
  g_string_append_c (out, '\n');
}

static gboolean
is_left_out (FluoExportDocument *self, const char *key)
{
  return self->options.redact_keys != NULL && g_strv_contains (self->options.redact_keys, key);
}

static void
append_facts (GString *out, FluoExportDocument *self)
{
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (self->trace));
  g_autofree char *start =
    fluo_format_date_time_utc (fluo_trace_get_start_ns (self->trace));
  g_autofree char *duration = fluo_format_duration (fluo_trace_get_response_ns (self->trace));

  g_string_append_printf (out, "- %s: `%s`\n- %s: %s\n- %s: %s\n", _("Trace ID"), id, _("Start"),
                          start, _("Duration"), duration);
  if (self->options.usual_ns > 0)
    {
      g_autofree char *usual = fluo_format_duration (self->options.usual_ns);

      g_string_append_printf (out, "- %s: %s\n", _("Usual (p50)"), usual);
    }
  for (guint i = 0; i < self->summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (self->summary->annotations, FluoSummaryAnnotation, i);

      if (is_left_out (self, annotation->key))
        continue;
      g_string_append (out, "- ");
      append_text (out, self, annotation->key);
      g_string_append (out, ": ");
      append_text (out, self, annotation->value);
      g_string_append_c (out, '\n');
    }
  g_string_append_c (out, '\n');
}

GBytes *
fluo_export_document_to_markdown (FluoExportDocument *self)
{
  g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (self->trace));
  GString *out = g_string_new ("# ");

  fluo_markdown_append (out, self->title);
  g_string_append (out, "\n\n");
  if (self->options.event != NULL)
    {
      fluo_markdown_append (out, self->options.event);
      g_string_append (out, "\n\n");
    }
  fluo_markdown_append_sentence (out, self->cause, fluo_export_document_text, self);
  g_string_append (out, "\n\n");
  append_facts (out, self);
  append_path (out, self);
  append_slowest (out, self);
  append_shares (out, self);
  append_lines (out, self);
  g_string_append_printf (out, "---\n\n%s `fluoroscope-cli trace %s`\n", _("To look at it again:"),
                          id);
  if (self->removed > 0)
    {
      g_string_append_c (out, '\n');
      g_string_append_printf (out, ngettext ("%u place was removed.", "%u places were removed.",
                                             self->removed),
                              self->removed);
      g_string_append_c (out, '\n');
    }

  return g_string_free_to_bytes (out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "draw/fluo-compare-private.h"

/* A comparison as text, for a review or an issue. */

#define ROWS_MAX 200
#define INDENT_MAX 20

static void
append_text (GString *out, FluoCompareDocument *self, const char *text)
{
  g_autofree char *kept = fluo_compare_document_text (text, self);

  fluo_markdown_append (out, kept);
}

static void
append_rows (GString *out, FluoCompareDocument *self)
{
  FluoCompareTable *table = self->table;
  g_autofree char *hidden = fluo_compare_document_dup_hidden (self);
  const guint n = MIN (table->places->len, ROWS_MAX);

  g_string_append_printf (out, "| %s | A | B | %s |\n|---|---:|---:|---:|\n",
                          _("Service and call"), _("A minus B"));
  for (guint i = 0; i < n; i++)
    {
      const guint32 index = fluo_compare_table_get_row (table, i);
      const FluoCompareRow *row = fluo_compare_peek (table, index);
      const char *detail = fluo_compare_table_get_detail (table, index);
      g_autofree char *a = fluo_compare_dup_length (table->comparison->a, row->a);
      g_autofree char *b = fluo_compare_dup_length (table->comparison->b, row->b);
      g_autofree char *difference = fluo_compare_dup_difference (row);

      g_string_append (out, "| ");
      for (guint d = 0; d < MIN (row->depth, INDENT_MAX); d++)
        g_string_append (out, "&nbsp;&nbsp;");
      append_text (out, self, fluo_trace_comparison_get_name (table->comparison, index));
      if (*detail != '\0')
        {
          g_string_append_c (out, ' ');
          append_text (out, self, detail);
        }
      g_string_append_printf (out, " | %s | %s | %s |\n", a, b, difference);
    }
  if (hidden != NULL)
    g_string_append_printf (out, "\n%s\n", hidden);
  if (n < table->places->len)
    {
      g_autofree char *count = fluo_format_count (table->places->len - n);

      g_string_append_c (out, '\n');
      g_string_append_printf (out, _("The last %s rows are left out"), count);
      g_string_append_c (out, '\n');
    }
}

static void
append_facts (GString *out, FluoCompareDocument *self)
{
  if (self->facts->len == 0)
    return;
  g_string_append_printf (out, "\n| %s | A | B |\n|---|---|---|\n", _("What else differs"));
  for (guint i = 0; i < self->facts->len; i++)
    {
      g_string_append (out, i % 3 == 0 ? "| " : " | ");
      fluo_markdown_append (out, g_ptr_array_index (self->facts, i));
      if (i % 3 == 2)
        g_string_append (out, " |\n");
    }
}

GBytes *
fluo_compare_document_to_markdown (FluoCompareDocument *self)
{
  FluoTraceComparison *comparison = self->table->comparison;
  GString *out = g_string_new ("# ");

  fluo_markdown_append (out, self->title);
  g_string_append (out, "\n\n");
  fluo_markdown_append_sentence (out, self->sentence, fluo_compare_document_text, self);
  g_string_append (out, "\n\n");
  for (guint i = 0; i < 2; i++)
    {
      FluoTrace *trace = i == 0 ? comparison->a : comparison->b;
      g_autofree char *id = fluo_trace_id_to_string (fluo_trace_get_id (trace));
      g_autofree char *usual = i == 1 ? fluo_compare_document_dup_usual (self) : NULL;
      g_autofree char *side = fluo_compare_document_dup_side (self, i == 0);

      g_string_append_printf (out, "- %s: %s, `%s`%s%s\n", i == 0 ? "A" : "B", side, id,
                              usual != NULL ? ", " : "", usual != NULL ? usual : "");
    }
  g_string_append_c (out, '\n');
  append_rows (out, self);
  append_facts (out, self);
  if (self->removed > 0)
    {
      g_autofree char *count = fluo_format_count (self->removed);

      g_string_append_c (out, '\n');
      g_string_append_printf (out, _("Removed before export: %s"), count);
      g_string_append_c (out, '\n');
    }

  return g_string_free_to_bytes (out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-brush-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/fluo-format.h"

static void
append_seconds (GString *text, const char *operator, gint64 value_ns)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.9f", value_ns / 1e9);
  /* "1.200000000" is 1.2. */
  for (gsize length = strlen (number); number[length - 1] == '0' || number[length - 1] == '.';)
    {
      const gboolean point = number[--length] == '.';

      number[length] = '\0';
      if (point)
        break;
    }
  g_string_append_printf (text, "%sresponsetime %s %s", text->len > 0 ? " AND " : "", operator,
                          number);
}

char *
fluo_brush_dup_expression (const FluoBrush *brush)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!fluo_brush_has_values (brush))
    return NULL;
  if (brush->from_ns > 0)
    append_seconds (text, ">=", brush->from_ns);
  if (brush->to_ns < G_MAXINT64)
    append_seconds (text, "<", brush->to_ns);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

char *
fluo_brush_dup_words (const FluoBrush *brush)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (fluo_brush_has_values (brush))
    {
      g_autofree char *from = fluo_format_duration (brush->from_ns);
      g_autofree char *to = fluo_format_duration (brush->to_ns);

      if (brush->to_ns == G_MAXINT64)
        g_string_append_printf (text, _("%s and up"), from);
      else if (brush->from_ns <= 0)
        g_string_append_printf (text, _("under %s"), to);
      else
        g_string_append_printf (text, _("%s to %s"), from, to);
    }
  if (fluo_brush_has_span (brush))
    {
      g_autofree char *range = fluo_format_range (brush->span, NULL);

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", range);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

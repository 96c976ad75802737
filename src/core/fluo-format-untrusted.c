/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-format.h"

/* More marks than this on one base are decoration; thousands of them cost Pango seconds. */
#define MARKS_MAX 4
#define REPLACEMENT 0xfffd

static gboolean
is_mark (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  /* Joiners count too: Persian and emoji need one here and there, never a run of them. */
  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK ||
         type == G_UNICODE_SPACING_MARK || c == 0x200c || c == 0x200d;
}

/* Scripts written from right to left; such text is set apart so that it can't reorder what stands
 * beside it. */
static gboolean
is_right_to_left (gunichar c)
{
  return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
         (c >= 0xfe70 && c <= 0xfefe) || (c >= 0x10800 && c <= 0x10fff) ||
         (c >= 0x1e800 && c <= 0x1efff);
}

/* What to show for @c. */
static gunichar
visible (gunichar c)
{
  if (c == '\n' || c == '\r' || c == '\t' || c == 0x85 || c == 0x2028 || c == 0x2029)
    return ' ';
  if (c < 0x20)
    return 0x2400 + c;
  if (c == 0x7f)
    return 0x2421;
  if (c < 0xa0 && c >= 0x80)
    return REPLACEMENT;
  if (c == 0x200c || c == 0x200d || (c >= 0x600 && c <= 0x605) || c == 0x6dd)
    return c;
  /* Format characters: bidirectional overrides, embeddings, isolates and marks, tags, the byte
   * order mark. */
  if (g_unichar_type (c) == G_UNICODE_FORMAT)
    return REPLACEMENT;
  return c;
}

char *
fluo_format_untrusted (const char *text, gsize max_chars)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize n = 0, cut = 0;
  guint marks = 0;
  gboolean right_to_left = FALSE;

  for (const char *p = text ? text : ""; *p;)
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          c = REPLACEMENT;
          p++;
        }
      else
        p = c == '\r' && p[1] == '\n' ? p + 2 : g_utf8_next_char (p);
      marks = is_mark (c) ? marks + 1 : 0;
      if (marks > MARKS_MAX)
        continue;
      if (n == max_chars)
        {
          g_string_truncate (out, cut);
          if (max_chars > 0)
            g_string_append (out, "…");
          break;
        }
      if (n + 1 == max_chars)
        cut = out->len;
      right_to_left |= is_right_to_left (c);
      g_string_append_unichar (out, visible (c));
      n++;
    }
  if (right_to_left)
    {
      g_string_prepend (out, "\342\201\250");
      g_string_append (out, "\342\201\251");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

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
  /* Not characters at all: UTF-8 holds them, cairo draws no page that does. */
  if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
    return REPLACEMENT;
  if (c == 0x200c || c == 0x200d || (c >= 0x600 && c <= 0x605) || c == 0x6dd)
    return c;
  /* Format characters: bidirectional overrides, embeddings, isolates and marks, tags, the byte
   * order mark. */
  if (g_unichar_type (c) == G_UNICODE_FORMAT)
    return REPLACEMENT;
  return c;
}

/* --- Isolates ------------------------------------------------------------- */

/* Text that was made safe before goes into larger text, which is made safe again: what this
 * function puts around right-to-left text must come through it unchanged. Pairs that hold such
 * text, or what a cut has left of it, can't reorder anything outside, whoever wrote them; all
 * others are shown as replaced. Nothing comes out nested deeper than two. */
#define ISOLATE 0x2068
#define ISOLATE_END 0x2069
#define ELLIPSIS 0x2026
#define N_NESTED_MAX 2

typedef struct
{
  gunichar c;
  guint32  match; /* of an isolate: 1 + the index of its other half; 0 = it has none */
  gboolean keeps; /* of an isolate's beginning: holds what it is for */
} Piece;

#define PIECE(pieces, i) (&g_array_index ((pieces), Piece, (i)))

/* As much of @text as can matter. */
static GArray *
decode (const char *text, gsize max_chars, gboolean *ret_cut)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  gsize n = 0, n_isolates = 0;
  guint marks = 0;

  for (const char *p = text ? text : ""; *p && n <= max_chars && n_isolates / 4 <= n + 1;)
    {
      Piece piece = { g_utf8_get_char_validated (p, -1), 0, FALSE };

      if (piece.c == (gunichar) -1 || piece.c == (gunichar) -2)
        {
          piece.c = REPLACEMENT;
          p++;
        }
      else
        p = piece.c == '\r' && p[1] == '\n' ? p + 2 : g_utf8_next_char (p);
      marks = is_mark (piece.c) ? marks + 1 : 0;
      if (marks > MARKS_MAX)
        continue;
      if (piece.c == ISOLATE || piece.c == ISOLATE_END)
        n_isolates++;
      else
        n++;
      g_array_append_val (pieces, piece);
    }
  *ret_cut = n > max_chars;
  return pieces;
}

/* Those that are open where the text is cut end there. */
static void
match_isolates (GArray *pieces, gboolean is_cut)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < pieces->len; i++)
    {
      Piece *piece = PIECE (pieces, i);
      guint32 last = open->len > 0 ? g_array_index (open, guint32, open->len - 1) : 0;

      if (piece->c == ISOLATE)
        g_array_append_val (open, i);
      else if (open->len > 0 && (is_right_to_left (piece->c) || piece->c == ELLIPSIS))
        PIECE (pieces, last)->keeps = TRUE;
      else if (open->len > 0 && piece->c == ISOLATE_END)
        {
          g_array_set_size (open, open->len - 1);
          if (!PIECE (pieces, last)->keeps)
            continue;
          PIECE (pieces, last)->match = i + 1;
          piece->match = last + 1;
          if (open->len > 0)
            PIECE (pieces, g_array_index (open, guint32, open->len - 1))->keeps = TRUE;
        }
    }
  for (guint i = 0; is_cut && i < open->len; i++)
    if (PIECE (pieces, g_array_index (open, guint32, i))->keeps)
      PIECE (pieces, g_array_index (open, guint32, i))->match = pieces->len + 1;
}

/* Is there right-to-left text that no isolate holds? */
static gboolean
has_bare_text (const GArray *pieces)
{
  guint depth = 0;

  for (guint32 i = 0; i < pieces->len; i++)
    {
      const Piece *piece = PIECE (pieces, i);

      if (piece->match)
        depth = piece->c == ISOLATE ? depth + 1 : depth - 1;
      else if (depth == 0 && is_right_to_left (piece->c))
        return TRUE;
    }
  return FALSE;
}

static void
append_ends (GString *out, guint n)
{
  while (n-- > 0)
    g_string_append_unichar (out, ISOLATE_END);
}

char *
fluo_format_untrusted (const char *text, gsize max_chars)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean bare, is_cut;
  g_autoptr (GArray) pieces = decode (text, max_chars, &is_cut);
  gsize n = 0, cut = 0;
  guint depth = 0, cut_depth = 0, n_nested_max;

  match_isolates (pieces, is_cut);
  bare = has_bare_text (pieces);
  n_nested_max = bare ? N_NESTED_MAX - 1 : N_NESTED_MAX;
  for (guint32 i = 0; i < pieces->len; i++)
    {
      const Piece *piece = PIECE (pieces, i);
      gboolean begins = piece->match && piece->c == ISOLATE;
      guint level = begins ? depth + 1 : depth;

      if (piece->match)
        {
          depth = begins ? depth + 1 : depth - 1;
          if (level <= n_nested_max)
            g_string_append_unichar (out, piece->c);
          continue;
        }
      if (n == max_chars)
        {
          g_string_truncate (out, cut);
          if (max_chars > 0)
            g_string_append_unichar (out, ELLIPSIS);
          append_ends (out, MIN (cut_depth, n_nested_max));
          break;
        }
      if (n + 1 == max_chars)
        {
          cut = out->len;
          cut_depth = depth;
        }
      g_string_append_unichar (out, visible (piece->c));
      n++;
    }
  if (bare && out->len > 0)
    {
      g_string_prepend_unichar (out, ISOLATE);
      g_string_append_unichar (out, ISOLATE_END);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- Letters that look alike ------------------------------------------------------------------ */

/* "Δt" and "λ-api" are honest names. */
static gboolean
is_latin_like_greek (gunichar c)
{
  return g_unichar_get_script (c) == G_UNICODE_SCRIPT_GREEK
         && g_utf8_strchr ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορικυ", -1, c) != NULL;
}

gboolean
fluo_text_mixes_alphabets (const char *text, gsize max_chars)
{
  enum { LATIN = 1, GREEK = 2, CYRILLIC = 4 };
  guint seen = 0;

  for (gsize n = 0; *text != '\0' && n < max_chars; text = g_utf8_next_char (text), n++)
    {
      gunichar c = g_utf8_get_char (text);

      if (c < 0x80)
        seen = g_ascii_isalpha (c) ? seen | LATIN : g_ascii_isdigit (c) ? seen : 0;
      else if (!g_unichar_isalpha (c))
        seen = is_mark (c) ? seen : 0;
      else if (is_latin_like_greek (c))
        seen |= GREEK;
      else if (g_unichar_get_script (c) == G_UNICODE_SCRIPT_CYRILLIC)
        seen |= CYRILLIC;
      else if (g_unichar_get_script (c) == G_UNICODE_SCRIPT_LATIN)
        seen |= LATIN;
      if ((seen & (seen - 1)) != 0)
        return TRUE;
    }

  return FALSE;
}

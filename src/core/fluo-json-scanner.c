/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-json-private.h"

#include <math.h>
#include <string.h>

G_STATIC_ASSERT (FLUO_JSON_DEPTH_MAX <= 64); /* one bit a level in FluoJsonScanner.is_object */

G_DEFINE_QUARK (fluo-json-error-quark, fluo_json_error)

void
fluo_json_scanner_init (FluoJsonScanner *self, const char *text, gsize length)
{
  memset (self, 0, sizeof *self);
  self->text = text;
  self->length = length;
  self->state = FLUO_JSON_STATE_VALUE;
}

static FluoJsonToken
fail (FluoJsonScanner *self, FluoJsonError error, gsize offset)
{
  self->error = error;
  self->error_offset = MIN (offset, self->length);
  self->state |= FLUO_JSON_STATE_FAILED;
  return FLUO_JSON_INVALID;
}

/* A byte that does not fit, or the text's end where one was needed. */
static FluoJsonToken
fail_at (FluoJsonScanner *self, gsize offset)
{
  return fail (self, offset >= self->length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_SYNTAX,
               offset);
}

static inline gsize
skip_space (const FluoJsonScanner *self, gsize i)
{
  while (i < self->length && (self->text[i] == ' ' || self->text[i] == '\n' ||
                              self->text[i] == '\r' || self->text[i] == '\t'))
    i++;
  return i;
}

/* Length of the UTF-8 sequence at @p, or 0 when it is overlong, a surrogate, out of range or
 * cut. */
static inline guint
utf8_length (const guint8 *p, gsize left)
{
  guint8 lead = p[0];

  if (lead >= 0xc2 && lead <= 0xdf)
    return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef)
    {
      guint8 low = lead == 0xe0 ? 0xa0 : 0x80, high = lead == 0xed ? 0x9f : 0xbf;

      return left >= 3 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 ? 3 : 0;
    }
  if (lead >= 0xf0 && lead <= 0xf4)
    {
      guint8 low = lead == 0xf0 ? 0x90 : 0x80, high = lead == 0xf4 ? 0x8f : 0xbf;

      return left >= 4 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 &&
                     (p[3] & 0xc0) == 0x80
               ? 4
               : 0;
    }
  return 0;
}


/* Bytes of the escape at @i (on the backslash), or 0. A surrogate counts only as a whole pair. */
static guint
escape_length (const FluoJsonScanner *self, gsize i)
{
  const char *p = self->text + i;
  gsize left = self->length - i;
  guint unit, low;

  if (left < 2)
    return 0;
  switch (p[1])
    {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
      return 2;
    case 'u':
      break;
    default:
      return 0;
    }
  if (!fluo_json_hex4 (p + 2, left - 2, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
    return 0;
  if (unit < 0xd800 || unit > 0xdbff)
    return 6;
  if (left < 12 || p[6] != '\\' || p[7] != 'u' || !fluo_json_hex4 (p + 8, left - 8, &low) ||
      low < 0xdc00 || low > 0xdfff)
    return 0;
  return 12;
}

static inline gboolean
is_plain (char c)
{
  return c >= 0x20 && c != '"' && c != '\\' && (guint8) c < 0x80;
}

/* How many of the eight bytes at @p are plain before the first that is not: none below 0x20, none
 * above 0x7f, no quote and no backslash. A subtraction borrows only from bytes behind one that is
 * flagged itself, so the first flag is always right. */
static inline guint
count_plain8 (const char *p)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), highs = ones << 7;
  guint64 w = fluo_json_word (p), quote, slash, flags;

  quote = w ^ (ones * '"');
  slash = w ^ (ones * '\\');
  flags = ((w - ones * 0x20) | (quote - ones) | (slash - ones) | w) & highs;
  return flags ? (guint) __builtin_ctzll (flags) / 8 : 8;
}

static inline gsize
skip_plain (const char *text, gsize i, gsize length)
{
  while (i + 8 <= length)
    {
      guint n = count_plain8 (text + i);

      i += n;
      if (n < 8)
        return i;
    }
  while (i < length && is_plain (text[i]))
    i++;
  return i;
}

/* @i is the byte after the opening quote. Fills start, end and escaped; returns FALSE after
 * fail(). */
static gboolean
scan_string (FluoJsonScanner *self, gsize i)
{
  const char *text = self->text;
  gsize length = self->length;

  self->start = i;
  self->escaped = FALSE;
  while (TRUE)
    {
      guint n;

      i = skip_plain (text, i, length);
      if (i >= length)
        return fail (self, FLUO_JSON_ERROR_TRUNCATED, i), FALSE;
      if (text[i] == '"')
        break;
      if (text[i] == '\\')
        {
          if ((n = escape_length (self, i)) == 0)
            return fail (self, FLUO_JSON_ERROR_ESCAPE, i), FALSE;
          self->escaped = TRUE;
        }
      else if ((guint8) text[i] < 0x20)
        return fail (self, FLUO_JSON_ERROR_SYNTAX, i), FALSE;
      else if ((n = utf8_length ((const guint8 *) text + i, length - i)) == 0)
        return fail (self, FLUO_JSON_ERROR_UTF8, i), FALSE;
      i += n;
    }
  self->end = i;
  self->offset = i + 1;
  return TRUE;
}


static inline gboolean
ends_value (char c)
{
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline gsize
skip_digits (const char *text, gsize i, gsize length)
{
  while (i + 8 <= length)
    {
      guint64 flags = fluo_json_no_digits8 (fluo_json_word (text + i));

      if (flags)
        return i + (gsize) __builtin_ctzll (flags) / 8;
      i += 8;
    }
  while (i < length && fluo_json_is_digit (text[i]))
    i++;
  return i;
}

static FluoJsonToken
scan_number (FluoJsonScanner *self, gsize i)
{
  const char *text = self->text;
  gsize length = self->length, digits;
  gboolean exponent = FALSE;

  self->start = i;
  if (text[i] == '-')
    i++;
  digits = i;
  i = skip_digits (text, i, length);
  if (i > digits + 1 && text[digits] == '0')
    return fail (self, FLUO_JSON_ERROR_NUMBER, digits + 1);
  if (i == digits)
    return fail (self, i >= length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_NUMBER, i);
  if (i < length && text[i] == '.')
    {
      digits = ++i;
      i = skip_digits (text, i, length);
      if (i == digits)
        return fail (self, i >= length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_NUMBER, i);
    }
  if (i < length && (text[i] == 'e' || text[i] == 'E'))
    {
      exponent = TRUE;
      i++;
      if (i < length && (text[i] == '+' || text[i] == '-'))
        i++;
      digits = i;
      i = skip_digits (text, i, length);
      if (i == digits)
        return fail (self, i >= length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_NUMBER, i);
    }
  /* A number runs until something that can follow a value; "012", "0x10" and "1a" end here with
   * their own error. */
  if (i < length && !ends_value (text[i]))
    return fail (self, FLUO_JSON_ERROR_NUMBER, i);
  if ((exponent || i - self->start > 300) &&
      !isfinite (fluo_json_to_double (text + self->start, i - self->start)))
    return fail (self, FLUO_JSON_ERROR_NUMBER, self->start);
  self->end = i;
  self->offset = i;
  self->state = FLUO_JSON_STATE_AFTER;
  return FLUO_JSON_NUMBER;
}

static FluoJsonToken
scan_word (FluoJsonScanner *self, gsize i, const char *word, FluoJsonToken token)
{
  gsize n = strlen (word);

  for (gsize k = 0; k < n; k++)
    if (i + k >= self->length || self->text[i + k] != word[k])
      return fail_at (self, i + k);
  self->start = i;
  self->end = self->offset = i + n;
  self->state = FLUO_JSON_STATE_AFTER;
  return token;
}

static FluoJsonToken
open_bracket (FluoJsonScanner *self, gsize i, gboolean object)
{
  if (self->depth >= FLUO_JSON_DEPTH_MAX)
    return fail (self, FLUO_JSON_ERROR_DEPTH, i);
  if (object)
    self->is_object |= G_GUINT64_CONSTANT (1) << self->depth;
  else
    self->is_object &= ~(G_GUINT64_CONSTANT (1) << self->depth);
  self->depth++;
  self->start = i;
  self->end = self->offset = i + 1;
  self->state = object ? FLUO_JSON_STATE_FIRST_KEY : FLUO_JSON_STATE_FIRST_ELEMENT;
  return object ? FLUO_JSON_OBJECT_BEGIN : FLUO_JSON_ARRAY_BEGIN;
}

static FluoJsonToken
close_bracket (FluoJsonScanner *self, gsize i)
{
  self->depth--;
  self->start = i;
  self->end = self->offset = i + 1;
  self->state = FLUO_JSON_STATE_AFTER;
  return self->text[i] == '}' ? FLUO_JSON_OBJECT_END : FLUO_JSON_ARRAY_END;
}

static FluoJsonToken
scan_value (FluoJsonScanner *self, gsize i)
{
  switch (self->text[i])
    {
    case '{':
      return open_bracket (self, i, TRUE);
    case '[':
      return open_bracket (self, i, FALSE);
    case '"':
      if (!scan_string (self, i + 1))
        return FLUO_JSON_INVALID;
      self->state = FLUO_JSON_STATE_AFTER;
      return FLUO_JSON_STRING;
    case 't':
      return scan_word (self, i, "true", FLUO_JSON_TRUE);
    case 'f':
      return scan_word (self, i, "false", FLUO_JSON_FALSE);
    case 'n':
      return scan_word (self, i, "null", FLUO_JSON_NULL);
    default:
      if (self->text[i] == '-' || g_ascii_isdigit (self->text[i]))
        return scan_number (self, i);
      return fail (self, FLUO_JSON_ERROR_SYNTAX, i);
    }
}

static FluoJsonToken
scan_key (FluoJsonScanner *self, gsize i)
{
  gsize colon;

  if (self->text[i] != '"')
    return fail (self, FLUO_JSON_ERROR_SYNTAX, i);
  if (!scan_string (self, i + 1))
    return FLUO_JSON_INVALID;
  colon = skip_space (self, self->offset);
  if (colon >= self->length || self->text[colon] != ':')
    return fail_at (self, colon);
  self->offset = colon + 1;
  self->state = FLUO_JSON_STATE_VALUE;
  return FLUO_JSON_KEY;
}

FluoJsonToken
fluo_json_scanner_next (FluoJsonScanner *self)
{
  gsize i;
  gboolean in_object;

  /* Nearly half of all tokens: the value behind a key. */
  if (self->state == FLUO_JSON_STATE_VALUE && self->depth > 0)
    {
      self->offset = i = skip_space (self, self->offset);
      return i < self->length ? scan_value (self, i)
                              : fail (self, FLUO_JSON_ERROR_TRUNCATED, i);
    }
  if (self->state & FLUO_JSON_STATE_FAILED)
    return FLUO_JSON_INVALID;
  i = skip_space (self, self->offset);
  self->offset = i;
  if (self->depth == 0 && self->state != FLUO_JSON_STATE_VALUE)
    {
      if (i < self->length)
        return fail (self, FLUO_JSON_ERROR_TRAILING, i);
      self->state = FLUO_JSON_STATE_END;
      return FLUO_JSON_END;
    }
  if (i >= self->length)
    return fail (self, self->depth == 0 ? FLUO_JSON_ERROR_EMPTY : FLUO_JSON_ERROR_TRUNCATED, i);
  in_object = self->depth > 0 && (self->is_object >> (self->depth - 1) & 1);
  if (self->state == FLUO_JSON_STATE_AFTER)
    {
      if (self->text[i] == (in_object ? '}' : ']'))
        return close_bracket (self, i);
      if (self->text[i] != ',')
        return fail (self, FLUO_JSON_ERROR_SYNTAX, i);
      self->state = in_object ? FLUO_JSON_STATE_NEXT_KEY : FLUO_JSON_STATE_VALUE;
      i = skip_space (self, i + 1);
      if (i >= self->length)
        return fail (self, FLUO_JSON_ERROR_TRUNCATED, i);
    }
  switch (self->state)
    {
    case FLUO_JSON_STATE_FIRST_KEY:
      return self->text[i] == '}' ? close_bracket (self, i) : scan_key (self, i);
    case FLUO_JSON_STATE_NEXT_KEY:
      return scan_key (self, i);
    case FLUO_JSON_STATE_FIRST_ELEMENT:
      return self->text[i] == ']' ? close_bracket (self, i) : scan_value (self, i);
    default:
      return scan_value (self, i);
    }
}

gboolean
fluo_json_scanner_skip (FluoJsonScanner *self, FluoJsonToken token)
{
  guint outside = self->depth - 1;

  if (token != FLUO_JSON_OBJECT_BEGIN && token != FLUO_JSON_ARRAY_BEGIN)
    return token != FLUO_JSON_INVALID;
  do
    token = fluo_json_scanner_next (self);
  while (token != FLUO_JSON_INVALID && self->depth > outside);
  return token != FLUO_JSON_INVALID;
}

/* --- Errors and whole texts ------------------------------------------------ */

static const char *
explain (const FluoJsonScanner *self)
{
  switch (self->error)
    {
    case FLUO_JSON_ERROR_EMPTY:
      return "the text is empty, a JSON value was expected";
    case FLUO_JSON_ERROR_TRAILING:
      return "something follows the value, only white space was expected";
    case FLUO_JSON_ERROR_DEPTH:
      return "more than " G_STRINGIFY (FLUO_JSON_DEPTH_MAX) " levels of brackets";
    case FLUO_JSON_ERROR_UTF8:
      return "bytes that are not UTF-8";
    case FLUO_JSON_ERROR_ESCAPE:
      return "an unknown escape or half of a surrogate pair";
    case FLUO_JSON_ERROR_NUMBER:
      return "not a JSON number, or one too large";
    case FLUO_JSON_ERROR_SYNTAX:
    case FLUO_JSON_ERROR_TRUNCATED:
    default:
      break;
    }
  switch (self->state & FLUO_JSON_STATE_MASK)
    {
    case FLUO_JSON_STATE_VALUE:
      return "a value was expected";
    case FLUO_JSON_STATE_FIRST_ELEMENT:
      return "a value or ']' was expected";
    case FLUO_JSON_STATE_FIRST_KEY:
      return "a key with ':' after it, or '}', was expected";
    case FLUO_JSON_STATE_NEXT_KEY:
      return "a key with ':' after it was expected";
    default:
      return "',' or a closing bracket was expected";
    }
}

void
fluo_json_scanner_set_error (const FluoJsonScanner *self, GError **error)
{
  gsize line = 1, column = 1;

  for (gsize i = 0; i < self->error_offset; i++)
    {
      column = self->text[i] == '\n' ? 1 : column + 1;
      line += self->text[i] == '\n';
    }
  g_set_error (error, FLUO_JSON_ERROR, (gint) self->error,
               "line %" G_GSIZE_FORMAT ", column %" G_GSIZE_FORMAT ": %s%s", line, column,
               self->error == FLUO_JSON_ERROR_TRUNCATED ? "the text ends too early, " : "",
               explain (self));
}

gboolean
fluo_json_validate (const char *text, gsize length, GError **error)
{
  FluoJsonScanner scanner;
  FluoJsonToken token;

  fluo_json_scanner_init (&scanner, text, length);
  do
    token = fluo_json_scanner_next (&scanner);
  while (token != FLUO_JSON_END && token != FLUO_JSON_INVALID);
  if (token == FLUO_JSON_INVALID)
    fluo_json_scanner_set_error (&scanner, error);
  return token == FLUO_JSON_END;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-json.h"

#include <math.h>
#include <string.h>

/* What the grammar allows next. The scanner is a pull tokenizer: between two calls this and the bit
 * stack of open brackets are all it remembers, so depth costs a bit and never a stack frame. */
typedef enum
{
  STATE_VALUE,         /* a value */
  STATE_FIRST_ELEMENT, /* a value or ']' */
  STATE_FIRST_KEY,     /* a key or '}' */
  STATE_NEXT_KEY,      /* a key */
  STATE_AFTER,         /* ',' or the closing bracket */
  STATE_END,
  STATE_MASK = 0xff,
  STATE_FAILED = 0x100
} ScannerState;

/* Numbers longer than this are cut to their first significant digits before they become doubles; a
 * double holds 17. */
#define NUMBER_DIGITS_MAX 40
#define NUMBER_TEXT_MAX 64
#define EXPONENT_MAX 100000

G_STATIC_ASSERT (FLUO_JSON_DEPTH_MAX <= 64); /* one bit a level in FluoJsonScanner.is_object */

/* A decimal number taken apart: 0.DIGITS x 10^exponent, where leading zeros are not digits. */
typedef struct
{
  const char *first;    /* first significant digit, NULL when the value is zero */
  const char *end;      /* one past the mantissa */
  gint64      exponent;
  gboolean    negative;
} Decimal;

G_DEFINE_QUARK (fluo-json-error-quark, fluo_json_error)

void
fluo_json_scanner_init (FluoJsonScanner *self, const char *text, gsize length)
{
  memset (self, 0, sizeof *self);
  self->text = text;
  self->length = length;
  self->state = STATE_VALUE;
}

static FluoJsonToken
fail (FluoJsonScanner *self, FluoJsonError error, gsize offset)
{
  self->error = error;
  self->error_offset = MIN (offset, self->length);
  self->state |= STATE_FAILED;
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

static gboolean
hex4 (const char *p, gsize left, guint *value)
{
  guint v = 0;

  if (left < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        return FALSE;
      v = v << 4 | (guint) g_ascii_xdigit_value (p[i]);
    }
  *value = v;
  return TRUE;
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
  if (!hex4 (p + 2, left - 2, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
    return 0;
  if (unit < 0xd800 || unit > 0xdbff)
    return 6;
  if (left < 12 || p[6] != '\\' || p[7] != 'u' || !hex4 (p + 8, left - 8, &low) || low < 0xdc00 ||
      low > 0xdfff)
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
  guint64 w, quote, slash, flags;

  memcpy (&w, p, sizeof w);
  w = GUINT64_FROM_LE (w);
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

static void
take_apart (const char *text, gsize length, Decimal *out)
{
  const char *p = text, *stop = text + length;
  gint64 whole = 0, exponent = 0;
  gboolean point = FALSE, exponent_negative = FALSE;

  memset (out, 0, sizeof *out);
  if (p < stop && *p == '-')
    {
      out->negative = TRUE;
      p++;
    }
  for (; p < stop && *p != 'e' && *p != 'E'; p++)
    {
      if (*p == '.')
        point = TRUE;
      else
        {
          if (!out->first && *p != '0')
            out->first = p;
          if (!point && out->first)
            whole++;
          else if (point && !out->first)
            whole--;
        }
    }
  out->end = p;
  if (p < stop)
    {
      p++;
      if (p < stop && (*p == '+' || *p == '-'))
        exponent_negative = *p++ == '-';
      for (; p < stop; p++)
        exponent =
            MIN (exponent * 10 + (*p - '0'), EXPONENT_MAX + G_MAXUINT16 * (gint64) G_MAXUINT16);
    }
  out->exponent = whole + (exponent_negative ? -exponent : exponent);
}

static double
decimal_to_double (const char *text, gsize length)
{
  char buffer[NUMBER_TEXT_MAX + 32];
  Decimal decimal;
  gsize n = 0;

  if (length <= NUMBER_TEXT_MAX)
    {
      memcpy (buffer, text, length);
      buffer[length] = '\0';
      return g_ascii_strtod (buffer, NULL);
    }
  take_apart (text, length, &decimal);
  if (!decimal.first)
    return decimal.negative ? -0.0 : 0.0;
  if (decimal.negative)
    buffer[n++] = '-';
  buffer[n++] = '.';
  for (const char *p = decimal.first; p < decimal.end && n < NUMBER_DIGITS_MAX; p++)
    if (*p != '.')
      buffer[n++] = *p;
  g_snprintf (buffer + n, sizeof buffer - n, "e%d",
              (int) CLAMP (decimal.exponent, -EXPONENT_MAX, EXPONENT_MAX));
  return g_ascii_strtod (buffer, NULL);
}

static inline gboolean
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static inline gboolean
ends_value (char c)
{
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
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
  while (i < length && is_digit (text[i]))
    i++;
  if (i > digits + 1 && text[digits] == '0')
    return fail (self, FLUO_JSON_ERROR_NUMBER, digits + 1);
  if (i == digits)
    return fail (self, i >= length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_NUMBER, i);
  if (i < length && text[i] == '.')
    {
      digits = ++i;
      while (i < length && is_digit (text[i]))
        i++;
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
      while (i < length && is_digit (text[i]))
        i++;
      if (i == digits)
        return fail (self, i >= length ? FLUO_JSON_ERROR_TRUNCATED : FLUO_JSON_ERROR_NUMBER, i);
    }
  /* A number runs until something that can follow a value; "012", "0x10" and "1a" end here with
   * their own error. */
  if (i < length && !ends_value (text[i]))
    return fail (self, FLUO_JSON_ERROR_NUMBER, i);
  if ((exponent || i - self->start > 300) &&
      !isfinite (decimal_to_double (text + self->start, i - self->start)))
    return fail (self, FLUO_JSON_ERROR_NUMBER, self->start);
  self->end = i;
  self->offset = i;
  self->state = STATE_AFTER;
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
  self->state = STATE_AFTER;
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
  self->state = object ? STATE_FIRST_KEY : STATE_FIRST_ELEMENT;
  return object ? FLUO_JSON_OBJECT_BEGIN : FLUO_JSON_ARRAY_BEGIN;
}

static FluoJsonToken
close_bracket (FluoJsonScanner *self, gsize i)
{
  self->depth--;
  self->start = i;
  self->end = self->offset = i + 1;
  self->state = STATE_AFTER;
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
      self->state = STATE_AFTER;
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
  self->state = STATE_VALUE;
  return FLUO_JSON_KEY;
}

FluoJsonToken
fluo_json_scanner_next (FluoJsonScanner *self)
{
  gsize i;
  gboolean in_object;

  if (self->state & STATE_FAILED)
    return FLUO_JSON_INVALID;
  i = skip_space (self, self->offset);
  self->offset = i;
  if (self->depth == 0 && self->state != STATE_VALUE)
    {
      if (i < self->length)
        return fail (self, FLUO_JSON_ERROR_TRAILING, i);
      self->state = STATE_END;
      return FLUO_JSON_END;
    }
  if (i >= self->length)
    return fail (self, self->depth == 0 ? FLUO_JSON_ERROR_EMPTY : FLUO_JSON_ERROR_TRUNCATED, i);
  in_object = self->depth > 0 && (self->is_object >> (self->depth - 1) & 1);
  if (self->state == STATE_AFTER)
    {
      if (self->text[i] == (in_object ? '}' : ']'))
        return close_bracket (self, i);
      if (self->text[i] != ',')
        return fail (self, FLUO_JSON_ERROR_SYNTAX, i);
      self->state = in_object ? STATE_NEXT_KEY : STATE_VALUE;
      i = skip_space (self, i + 1);
      if (i >= self->length)
        return fail (self, FLUO_JSON_ERROR_TRUNCATED, i);
    }
  switch (self->state)
    {
    case STATE_FIRST_KEY:
      return self->text[i] == '}' ? close_bracket (self, i) : scan_key (self, i);
    case STATE_NEXT_KEY:
      return scan_key (self, i);
    case STATE_FIRST_ELEMENT:
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

/* --- Values ---------------------------------------------------------------- */

/* The next piece of a string that is known to be valid: copies it to @out (4 bytes of room),
 * returns its length. */
static guint
unescape (const char **p, char *out)
{
  guint unit = 0, low = 0;

  if (**p != '\\')
    {
      *out = *(*p)++;
      return 1;
    }
  (*p)++;
  switch (*(*p)++)
    {
    case 'b': *out = '\b'; return 1;
    case 'f': *out = '\f'; return 1;
    case 'n': *out = '\n'; return 1;
    case 'r': *out = '\r'; return 1;
    case 't': *out = '\t'; return 1;
    case 'u':
      hex4 (*p, 4, &unit);
      *p += 4;
      if (unit >= 0xd800 && unit <= 0xdbff)
        {
          hex4 (*p + 2, 4, &low);
          *p += 6;
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
      return (guint) g_unichar_to_utf8 (unit ? unit : 0xfffd, out);
    default:
      *out = (*p)[-1];
      return 1;
    }
}

/* How many of the eight bytes at @p come before the first backslash. */
static inline guint
count_unescaped8 (const char *p)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), highs = ones << 7;
  guint64 w, flags;

  memcpy (&w, p, sizeof w);
  w = GUINT64_FROM_LE (w) ^ (ones * '\\');
  flags = (w - ones) & ~w & highs;
  return flags ? (guint) __builtin_ctzll (flags) / 8 : 8;
}

/* @nul_is_kept: U+0000 comes out as a byte of zero instead of U+FFFD. */
static char *
dup_unescaped (const FluoJsonScanner *self, gboolean nul_is_kept, gsize *ret_length)
{
  const char *p = self->text + self->start, *end = self->text + self->end;
  char *result, *out;

  if (!self->escaped)
    {
      *ret_length = (gsize) (end - p);
      return g_strndup (p, *ret_length);
    }
  /* An escape is never shorter than what it stands for, so eight bytes written at once find room
   * wherever eight are left to read. */
  result = out = g_malloc ((gsize) (end - p) + 5);
  while (p < end)
    if (end - p >= 8 && *p != '\\')
      {
        guint n = count_unescaped8 (p);

        memcpy (out, p, 8); /* what is behind the backslash is written over */
        p += n;
        out += n;
      }
    else if (nul_is_kept && end - p >= 6 && memcmp (p, "\\u0000", 6) == 0)
      {
        *out++ = '\0';
        p += 6;
      }
    else
      out += unescape (&p, out);
  *out = '\0';
  *ret_length = (gsize) (out - result);
  return result;
}

char *
fluo_json_scanner_dup (const FluoJsonScanner *self)
{
  gsize length;

  return dup_unescaped (self, FALSE, &length);
}

char *
fluo_json_scanner_dup_exact (const FluoJsonScanner *self, gsize *ret_length)
{
  return dup_unescaped (self, TRUE, ret_length);
}

gboolean
fluo_json_scanner_equal (const FluoJsonScanner *self, const char *literal)
{
  const char *p = self->text + self->start, *end = self->text + self->end;
  char piece[8];

  if (!self->escaped)
    {
      gsize length = (gsize) (end - p);

      return strlen (literal) == length && memcmp (p, literal, length) == 0;
    }
  while (p < end)
    {
      guint n = unescape (&p, piece);

      if (strncmp (literal, piece, n) != 0)
        return FALSE;
      literal += n;
    }
  return *literal == '\0';
}

gboolean
fluo_json_scanner_is_one_of (const FluoJsonScanner *self, const char *const *literals,
                             guint *ret_index)
{
  char first = self->text[self->start];

  for (guint i = 0; literals[i]; i++)
    if ((self->escaped || *literals[i] == first) && fluo_json_scanner_equal (self, literals[i]))
      {
        if (ret_index)
          *ret_index = i;
        return TRUE;
      }
  return FALSE;
}

double
fluo_json_scanner_double (const FluoJsonScanner *self)
{
  return decimal_to_double (self->text + self->start, self->end - self->start);
}

/* The number times 10^@scale as an integer. Digits below one round half away from zero when @round,
 * else they fail. */
static gboolean
decimal_to_int64 (const char *text, gsize length, gint64 scale, gboolean round, gint64 *ret)
{
  Decimal decimal;
  guint64 value = 0;
  gint64 left;
  const char *p;

  take_apart (text, length, &decimal);
  if (!decimal.first)
    {
      *ret = 0;
      return TRUE;
    }
  left = decimal.exponent + scale;
  if (left > 19)
    return FALSE;
  for (p = decimal.first; left > 0; left--)
    {
      if (p < decimal.end && *p == '.')
        p++;
      /* Nineteen digits always fit 64 bits without a sign. */
      value = value * 10 + (p < decimal.end ? (guint64) (*p++ - '0') : 0);
    }
  if (p < decimal.end && *p == '.')
    p++;
  if (round)
    value += left == 0 && p < decimal.end && *p >= '5';
  else
    for (; p < decimal.end; p++)
      if (*p != '0' && *p != '.')
        return FALSE;
  if (value > (guint64) G_MAXINT64)
    return FALSE;
  *ret = decimal.negative ? -(gint64) value : (gint64) value;
  return TRUE;
}

gboolean
fluo_json_scanner_int64 (const FluoJsonScanner *self, gint64 *ret_value)
{
  const char *text = self->text + self->start;
  gsize length = self->end - self->start, i = 0;
  gint64 value = 0;

  /* Eighteen digits and no sign always fit; that is what nearly all look like. */
  for (; i < length && length <= 18 && is_digit (text[i]); i++)
    value = value * 10 + (text[i] - '0');
  if (i == length)
    {
      *ret_value = value;
      return TRUE;
    }
  return decimal_to_int64 (self->text + self->start, self->end - self->start, 0, FALSE, ret_value);
}

/* "1795095108.214000": digits, and at most nine more behind a point. What nearly all times look
 * like; FALSE for all others, which the long way reads. */
static gboolean
plain_seconds (const char *text, gsize length, gint64 *ret_ns)
{
  guint64 value = 0;
  gsize i = 0, point = length;
  guint behind = 0;

  if (length > 19)
    return FALSE;
  for (; i < length; i++)
    if (text[i] >= '0' && text[i] <= '9')
      value = value * 10 + (guint64) (text[i] - '0');
    else if (text[i] == '.' && point == length)
      point = i;
    else
      return FALSE;
  if (point < length)
    behind = (guint) (length - point - 1);
  if (behind > 9)
    return FALSE;
  for (; behind < 9; behind++)
    if (value > (guint64) G_MAXINT64 / 10)
      return FALSE;
    else
      value *= 10;
  *ret_ns = (gint64) value;
  return TRUE;
}

gboolean
fluo_json_scanner_seconds (const FluoJsonScanner *self, gint64 *ret_ns)
{
  if (plain_seconds (self->text + self->start, self->end - self->start, ret_ns))
    return TRUE;
  return decimal_to_int64 (self->text + self->start, self->end - self->start, 9, TRUE, ret_ns);
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
  switch (self->state & STATE_MASK)
    {
    case STATE_VALUE:
      return "a value was expected";
    case STATE_FIRST_ELEMENT:
      return "a value or ']' was expected";
    case STATE_FIRST_KEY:
      return "a key with ':' after it, or '}', was expected";
    case STATE_NEXT_KEY:
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

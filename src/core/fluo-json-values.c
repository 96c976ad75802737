/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-json-private.h"

#include <string.h>

/* What the scanner's tokens stand for: strings without their escapes, numbers of several kinds. */

/* Numbers longer than this are cut to their first significant digits before they become doubles; a
 * double holds 17. */
#define NUMBER_DIGITS_MAX 40
#define NUMBER_TEXT_MAX 64
#define EXPONENT_MAX 100000

/* A decimal number taken apart: 0.DIGITS x 10^exponent, where leading zeros are not digits. */
typedef struct
{
  const char *first;    /* first significant digit, NULL when the value is zero */
  const char *end;      /* one past the mantissa */
  gint64      exponent;
  gboolean    negative;
} Decimal;

/* --- Strings ---------------------------------------------------------------- */

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
      fluo_json_hex4 (*p, 4, &unit);
      *p += 4;
      if (unit >= 0xd800 && unit <= 0xdbff)
        {
          fluo_json_hex4 (*p + 2, 4, &low);
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
  guint64 w = fluo_json_word (p) ^ (ones * '\\'), flags;

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

/* --- Numbers ---------------------------------------------------------------- */

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

double
fluo_json_to_double (const char *text, gsize length)
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

double
fluo_json_scanner_double (const FluoJsonScanner *self)
{
  return fluo_json_to_double (self->text + self->start, self->end - self->start);
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
  for (; i < length && length <= 18 && fluo_json_is_digit (text[i]); i++)
    value = value * 10 + (text[i] - '0');
  if (i == length)
    {
      *ret_value = value;
      return TRUE;
    }
  return decimal_to_int64 (self->text + self->start, self->end - self->start, 0, FALSE, ret_value);
}

/* The number that eight digits stand for, the first the lowest byte. Neighbours become pairs, pairs
 * fours, fours the whole. */
static inline guint64
join_digits8 (guint64 w)
{
  w -= G_GUINT64_CONSTANT (0x3030303030303030);
  w = (w * 10 + (w >> 8)) & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff);
  w = (w * 100 + (w >> 16)) & G_GUINT64_CONSTANT (0x0000ffff0000ffff);
  return (guint32) (w * 10000 + (w >> 32));
}

#define SECONDS_DIGITS 10 /* of now, and until the year 2286 */

/* "1795095108.214000": ten digits, a point and at most nine more. What nearly all times look like;
 * FALSE for all others, which the long way reads. */
static gboolean
plain_seconds (const char *text, gsize length, gint64 *ret_ns)
{
  static const guint32 scale[] = { 1000000000, 100000000, 10000000, 1000000, 100000,
                                   10000,      1000,      100,      10,      1 };
  const gsize behind = length - SECONDS_DIGITS - 1;
  guint64 first, last, value;

  if (length <= SECONDS_DIGITS + 1 || behind > 9 || text[SECONDS_DIGITS] != '.' ||
      fluo_json_no_digits8 (fluo_json_word (text)) != 0 || !fluo_json_is_digit (text[8]) ||
      !fluo_json_is_digit (text[9]))
    return FALSE;
  first = join_digits8 (fluo_json_word (text));
  first = first * 100 + (guint64) (text[8] - '0') * 10 + (guint64) (text[9] - '0');
  /* The eight bytes at the end, where zeros take the place of what is not behind the point. */
  last = fluo_json_word (text + length - 8);
  if (behind < 8)
    {
      const guint bits = (guint) (8 - behind) * 8;
      const guint64 zeros = G_GUINT64_CONSTANT (0x3030303030303030);

      last = (last >> bits << bits) | (zeros >> (64 - bits));
    }
  else if (behind == 9 && !fluo_json_is_digit (text[SECONDS_DIGITS + 1]))
    return FALSE;
  if (fluo_json_no_digits8 (last) != 0)
    return FALSE;
  value = join_digits8 (last);
  if (behind == 9)
    value += (guint64) (text[SECONDS_DIGITS + 1] - '0') * 100000000;
  value = first * scale[0] + value * scale[behind];
  if (value > (guint64) G_MAXINT64)
    return FALSE;
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

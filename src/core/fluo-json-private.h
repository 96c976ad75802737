/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"

#include <string.h>

G_BEGIN_DECLS

/* What the tokens' scanner, the reading of their values and the readers of documents share. */

/* What the grammar allows next. The scanner is a pull tokenizer: between two calls this and the bit
 * stack of open brackets are all it remembers, so depth costs a bit and never a stack frame. */
typedef enum
{
  FLUO_JSON_STATE_VALUE,         /* a value */
  FLUO_JSON_STATE_FIRST_ELEMENT, /* a value or ']' */
  FLUO_JSON_STATE_FIRST_KEY,     /* a key or '}' */
  FLUO_JSON_STATE_NEXT_KEY,      /* a key */
  FLUO_JSON_STATE_AFTER,         /* ',' or the closing bracket */
  FLUO_JSON_STATE_END,
  FLUO_JSON_STATE_MASK = 0xff,
  FLUO_JSON_STATE_FAILED = 0x100
} FluoJsonState;

static inline gboolean
fluo_json_is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* Eight bytes, the first the lowest. */
static inline guint64
fluo_json_word (const char *p)
{
  guint64 w;

  memcpy (&w, p, sizeof w);
  return GUINT64_FROM_LE (w);
}

/* The highest bit of each of these bytes that is no digit. */
static inline guint64
fluo_json_no_digits8 (guint64 w)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), highs = ones << 7;

  w ^= ones * '0';
  return (((w & ~highs) + ones * (0x80 - 10)) | w) & highs;
}

static inline gboolean
fluo_json_hex4 (const char *p, gsize left, guint *value)
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

#define FLUO_JSON_IS_SAME(type, a, b, n)                                                           \
  (memcmp ((a), (b), sizeof (type)) == 0 &&                                                        \
   memcmp ((a) + (n) - sizeof (type), (b) + (n) - sizeof (type), sizeof (type)) == 0)

/* Keys are short: two words that may overlap are compared faster than a call takes. */
static inline gboolean
fluo_json_is_same (const char *a, const char *b, gsize n)
{
  if (n > 16)
    return memcmp (a, b, n) == 0;
  if (n >= 8)
    return FLUO_JSON_IS_SAME (guint64, a, b, n);
  if (n >= 4)
    return FLUO_JSON_IS_SAME (guint32, a, b, n);
  if (n >= 2)
    return FLUO_JSON_IS_SAME (guint16, a, b, n);
  return n == 0 || *a == *b;
}

/* TRUE when the next token is the key in @member, such as ,"id": with all that is around it, and no
 * white space is there: then it was read as by fluo_json_scanner_next(). FALSE: nothing was read.
 * Inside of an object only. Documents of one writer have their keys in one order, so who remembers
 * it reads most keys by one comparison. */
static inline gboolean
fluo_json_scanner_guess_key (FluoJsonScanner *self, const char *member, gsize length)
{
  gsize is_first = self->state == FLUO_JSON_STATE_FIRST_KEY;

  length -= is_first;
  if ((self->state != FLUO_JSON_STATE_AFTER && !is_first) ||
      self->length - self->offset < length ||
      !fluo_json_is_same (self->text + self->offset, member + is_first, length))
    return FALSE;
  self->start = self->offset + 2 - is_first;
  self->offset += length;
  self->end = self->offset - 2;
  self->escaped = FALSE;
  self->state = FLUO_JSON_STATE_VALUE;
  return TRUE;
}

/* @text in JSON's grammar of numbers. Infinite when it is too large. */
double fluo_json_to_double (const char *text, gsize length);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-id.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

#define HEX_DIGIT 0x10 /* set in the value of a hex digit, in nothing else */
#define DIGIT(c, value) [c] = HEX_DIGIT | (value)
#define LETTER(c, value) DIGIT (c, value), [(c) + 'a' - 'A'] = HEX_DIGIT | (value)

static const guint8 hex_values[256] = {
  DIGIT ('0', 0), DIGIT ('1', 1), DIGIT ('2', 2), DIGIT ('3', 3), DIGIT ('4', 4), DIGIT ('5', 5),
  DIGIT ('6', 6), DIGIT ('7', 7), DIGIT ('8', 8), DIGIT ('9', 9), LETTER ('A', 10),
  LETTER ('B', 11), LETTER ('C', 12), LETTER ('D', 13), LETTER ('E', 14), LETTER ('F', 15)
};

/* @n hex digits into @n / 2 bytes. */
static gboolean
read_hex (const char *text, guint n, guint8 *bytes)
{
  guint all = HEX_DIGIT;

  for (guint i = 0; i < n; i += 2)
    {
      guint high = hex_values[(guint8) text[i]], low = hex_values[(guint8) text[i + 1]];

      all &= high & low;
      bytes[i / 2] = (guint8) (high << 4 | (low & 15));
    }
  return all == HEX_DIGIT;
}

static char *
write_hex (const guint8 *bytes, guint n, char *text)
{
  for (guint i = 0; i < n; i++)
    {
      *text++ = digits[bytes[i] >> 4];
      *text++ = digits[bytes[i] & 15];
    }
  return text;
}

gboolean
fluo_trace_id_parse (const char *text, gssize length, FluoTraceId *id)
{
  FluoTraceId parsed = { 0 };
  gsize n;

  g_return_val_if_fail (text != NULL, FALSE);
  n = length < 0 ? strlen (text) : (gsize) length;
  if (n == FLUO_TRACE_ID_W3C_LEN)
    {
      if (!read_hex (text, 32, parsed.bytes))
        return FALSE;
    }
  else if (n != FLUO_TRACE_ID_XRAY_LEN || text[0] != '1' || text[1] != '-' || text[10] != '-' ||
           !read_hex (text + 2, 8, parsed.bytes) || !read_hex (text + 11, 24, parsed.bytes + 4))
    return FALSE;
  *id = parsed;
  return TRUE;
}

void
fluo_trace_id_format_xray (const FluoTraceId *id, char *text)
{
  *text++ = '1';
  *text++ = '-';
  text = write_hex (id->bytes, 4, text);
  *text++ = '-';
  *write_hex (id->bytes + 4, 12, text) = '\0';
}

void
fluo_trace_id_format_w3c (const FluoTraceId *id, char *text)
{
  *write_hex (id->bytes, 16, text) = '\0';
}

char *
fluo_trace_id_to_string (const FluoTraceId *id)
{
  char text[FLUO_TRACE_ID_XRAY_LEN + 1];

  fluo_trace_id_format_xray (id, text);
  return g_strdup (text);
}

guint
fluo_trace_id_hash (gconstpointer id)
{
  guint64 words[2];

  /* The bytes come from outside and may be chosen; mixing both halves keeps equal tails from
   * colliding. */
  memcpy (words, ((const FluoTraceId *) id)->bytes, sizeof words);
  words[1] ^= words[0] * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  words[1] *= G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  return (guint) (words[1] ^ words[1] >> 32);
}

gboolean
fluo_trace_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FluoTraceId)) == 0;
}

gboolean
fluo_span_id_parse (const char *text, gssize length, guint64 *id)
{
  guint64 value = 0;
  guint all = HEX_DIGIT;

  g_return_val_if_fail (text != NULL, FALSE);
  if ((length < 0 ? strlen (text) : (gsize) length) != FLUO_SPAN_ID_LEN)
    return FALSE;
  for (guint i = 0; i < FLUO_SPAN_ID_LEN; i++)
    {
      guint digit = hex_values[(guint8) text[i]];

      all &= digit;
      value = value << 4 | (digit & 15);
    }
  if (all != HEX_DIGIT)
    return FALSE;
  *id = value;
  return TRUE;
}

void
fluo_span_id_format (guint64 id, char *text)
{
  for (guint i = 0; i < 16; i++)
    text[i] = digits[id >> (60 - 4 * i) & 15];
  text[16] = '\0';
}

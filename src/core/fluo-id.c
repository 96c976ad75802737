/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-id.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

/* 0 to 15, or 16 for what is no hex digit. */
static inline guint
hex_value (char c)
{
  guint digit = (guint) c - '0', letter = ((guint) c | 0x20) - 'a';

  return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

/* @n hex digits into @n / 2 bytes. */
static gboolean
read_hex (const char *text, guint n, guint8 *bytes)
{
  for (guint i = 0; i < n; i += 2)
    {
      guint high = hex_value (text[i]), low = hex_value (text[i + 1]);

      if ((high | low) > 15)
        return FALSE;
      bytes[i / 2] = (guint8) (high << 4 | low);
    }
  return TRUE;
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
  guint8 bytes[8];
  guint64 value = 0;

  g_return_val_if_fail (text != NULL, FALSE);
  if ((length < 0 ? strlen (text) : (gsize) length) != FLUO_SPAN_ID_LEN ||
      !read_hex (text, 16, bytes))
    return FALSE;
  for (guint i = 0; i < 8; i++)
    value = value << 8 | bytes[i];
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-core"
#include "fluo-config.h"

#include "core/fluo-leb128.h"

void
fluo_leb128_put (GByteArray *out, guint64 value)
{
  guint8 bytes[10];
  guint n = 0;

  do
    {
      bytes[n] = (guint8) ((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
      value >>= 7;
      n++;
    }
  while (value != 0);
  g_byte_array_append (out, bytes, n);
}

void
fluo_leb128_put_signed (GByteArray *out, gint64 value)
{
  fluo_leb128_put (out, ((guint64) value << 1) ^ (value < 0 ? G_MAXUINT64 : 0));
}

guint64
fluo_leb128_get_long (FluoLeb128Reader *self)
{
  guint64 value = 0;

  for (guint shift = 0; shift < 64 && !self->failed && self->offset < self->size; shift += 7)
    {
      guint8 byte = self->data[self->offset++];

      if (shift == 63 && byte > 1)
        break;
      value |= (guint64) (byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return value;
    }
  self->failed = TRUE;
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers as bytes, small ones as few: LEB128, seven bits a byte with the lowest first, as in DWARF
 * and protobuf. Signed numbers are folded (0, -1, 1, -2 …) so that small ones of either sign stay
 * short. Any thread, as long as it is one at a time. */

void fluo_leb128_put        (GByteArray *out, guint64 value);
void fluo_leb128_put_signed (GByteArray *out, gint64 value);

/* Reads from bytes that stay the caller's. What is missing or too large for 64 bits makes @failed
 * TRUE; it stays so, and every later read gives zero, so that asking once at the end will do. */
typedef struct
{
  const guint8 *data;
  gsize         size;
  gsize         offset;
  gboolean      failed;
} FluoLeb128Reader;

guint64 fluo_leb128_get_long (FluoLeb128Reader *self);

static inline guint64
fluo_leb128_get (FluoLeb128Reader *self)
{
  /* Most numbers are one byte. */
  if (!self->failed && self->offset < self->size && self->data[self->offset] < 0x80)
    return self->data[self->offset++];
  return fluo_leb128_get_long (self);
}

static inline gint64
fluo_leb128_get_signed (FluoLeb128Reader *self)
{
  guint64 value = fluo_leb128_get (self);

  return (gint64) ((value >> 1) ^ (value & 1 ? G_MAXUINT64 : 0));
}

G_END_DECLS

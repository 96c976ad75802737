/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-table-private.h"

#include <string.h>

#define FIRST_SIZE 64
/* Strings past this stay out of the table: offsets are 32 bits and a trace has no such amount of
 * names. */
#define BLOCK_MAX (G_MAXUINT32 - 16 * 1024 * 1024)

static guint64
seed (void)
{
  static gsize value = 0;

  if (g_once_init_enter (&value))
    {
      gsize made = (gsize) g_random_int () << 32 | g_random_int () | 1;

      g_once_init_leave (&value, made);
    }
  return value;
}

static inline guint64
mix (guint64 a, guint64 b)
{
  unsigned __int128 product =
      (unsigned __int128) (a ^ G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) * (b | 1);

  return (guint64) product ^ (guint64) (product >> 64);
}

gsize
fluo_id_hash (guint64 id)
{
  return (gsize) mix (id, seed ());
}

void
fluo_id_map_init (FluoIdMap *self)
{
  memset (self, 0, sizeof *self);
}

void
fluo_id_map_clear (FluoIdMap *self)
{
  g_clear_pointer (&self->keys, g_free);
  g_clear_pointer (&self->values, g_free);
  memset (self, 0, sizeof *self);
}

static gsize
id_slot (const FluoIdMap *self, guint64 key)
{
  gsize i = (gsize) mix (key, seed ()) & self->mask;

  while (self->values[i] != FLUO_MAP_NONE && self->keys[i] != key)
    i = (i + 1) & self->mask;
  return i;
}

guint32
fluo_id_map_get (const FluoIdMap *self, guint64 key)
{
  return self->count > 0 ? self->values[id_slot (self, key)] : FLUO_MAP_NONE;
}

static void
id_map_resize (FluoIdMap *self, gsize size)
{
  FluoIdMap old = *self;

  self->keys = g_new (guint64, size);
  self->values = g_new (guint32, size);
  self->mask = size - 1;
  memset (self->values, 0xff, size * sizeof (guint32));
  for (gsize i = 0; old.values && i <= old.mask; i++)
    if (old.values[i] != FLUO_MAP_NONE)
      {
        gsize slot = id_slot (self, old.keys[i]);

        self->keys[slot] = old.keys[i];
        self->values[slot] = old.values[i];
      }
  g_free (old.keys);
  g_free (old.values);
}

void
fluo_id_map_set (FluoIdMap *self, guint64 key, guint32 value)
{
  gsize slot;

  if (!self->values || self->count * 2 > self->mask)
    id_map_resize (self, self->values ? (self->mask + 1) * 2 : FIRST_SIZE);
  slot = id_slot (self, key);
  self->count += self->values[slot] == FLUO_MAP_NONE;
  self->keys[slot] = key;
  self->values[slot] = value;
}

void
fluo_string_table_init (FluoStringTable *self)
{
  memset (self, 0, sizeof *self);
  self->block = g_string_sized_new (256);
  g_string_append_c (self->block, '\0');
}

void
fluo_string_table_clear (FluoStringTable *self)
{
  if (self->block)
    g_string_free (self->block, TRUE);
  g_free (self->slots);
  g_free (self->hashes);
  memset (self, 0, sizeof *self);
}

const char *
fluo_string_table_get (const FluoStringTable *self, guint32 string)
{
  return self->block->str + (string < self->block->len ? string : 0);
}

/* Up to eight bytes as a number; which, together with how many they are, says what they are. */
static inline guint64
read_word (const char *text, gsize length)
{
  guint32 first, last;
  guint64 word = 0;

  if (length >= 4)
    {
      memcpy (&first, text, sizeof first);
      memcpy (&last, text + length - sizeof last, sizeof last);
      return (guint64) first << 32 | last;
    }
  for (gsize i = 0; i < length; i++)
    word = word << 8 | (guint8) text[i];
  return word;
}

static guint32
hash_text (const char *text, gsize length)
{
  guint64 h = seed () + length, w;

  for (; length > 8; text += 8, length -= 8)
    {
      memcpy (&w, text, 8);
      h = mix (h, w ^ seed ());
    }
  h = mix (h, read_word (text, length) ^ seed ());
  return (guint32) (h ^ h >> 32);
}

static void
string_table_resize (FluoStringTable *self)
{
  gsize old_size = self->slots ? self->mask + 1 : 0, size = old_size ? old_size * 2 : FIRST_SIZE;
  guint32 *slots = g_new0 (guint32, size), *hashes = g_new (guint32, size);

  for (gsize i = 0; i < old_size; i++)
    if (self->slots[i])
      {
        gsize k = self->hashes[i] & (size - 1);

        while (slots[k])
          k = (k + 1) & (size - 1);
        slots[k] = self->slots[i];
        hashes[k] = self->hashes[i];
      }
  g_free (self->slots);
  g_free (self->hashes);
  self->slots = slots;
  self->hashes = hashes;
  self->mask = size - 1;
}

guint32
fluo_string_table_intern (FluoStringTable *self, const char *text, gsize length)
{
  guint32 hash;
  gsize i;

  if (length == 0 || self->block->len + length > BLOCK_MAX)
    return 0;
  if (!self->slots || self->count * 2 > self->mask)
    string_table_resize (self);
  hash = hash_text (text, length);
  for (i = hash & self->mask; self->slots[i]; i = (i + 1) & self->mask)
    {
      guint32 offset = self->slots[i] - 1;

      if (self->hashes[i] == hash && offset + length < self->block->len &&
          memcmp (self->block->str + offset, text, length) == 0 &&
          self->block->str[offset + length] == '\0')
        return offset;
    }
  self->slots[i] = (guint32) self->block->len + 1;
  self->hashes[i] = hash;
  self->count++;
  g_string_append_len (self->block, text, (gssize) length);
  g_string_append_c (self->block, '\0');
  return self->slots[i] - 1;
}

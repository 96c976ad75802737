/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FLUO_MAP_NONE G_MAXUINT32

/* 64-bit keys to indices, open addressing. Keys come from outside, so the hash is seeded per
 * process: nobody can choose ids that collide. FLUO_MAP_NONE can't be stored. */
typedef struct
{
  guint64 *keys;
  guint32 *values;
  gsize    mask;
  gsize    count;
} FluoIdMap;

gsize    fluo_id_hash       (guint64 id);  /* the seeded hash, for tables of another shape */
void     fluo_id_map_init   (FluoIdMap *self);
void     fluo_id_map_clear  (FluoIdMap *self);
guint32  fluo_id_map_get    (const FluoIdMap *self, guint64 key); /* FLUO_MAP_NONE when absent */
void     fluo_id_map_set    (FluoIdMap *self, guint64 key, guint32 value);

/* Strings interned one after the other in a single block; a string is its offset there. Offset 0 is
 * "". */
typedef struct
{
  GString *block;
  guint32 *slots;  /* offset + 1, 0 = free */
  guint32 *hashes;
  gsize    mask;
  gsize    count;
} FluoStringTable;

void        fluo_string_table_init   (FluoStringTable *self);
void        fluo_string_table_clear  (FluoStringTable *self);
guint32     fluo_string_table_intern (FluoStringTable *self, const char *text, gsize length);
const char *fluo_string_table_get    (const FluoStringTable *self, guint32 string);

G_END_DECLS

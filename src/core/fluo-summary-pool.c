/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-summary-pool.h"

#include <string.h>

typedef struct
{
  gpointer      array;   /* GArray or GPtrArray; both begin with data and length */
  gboolean      pointers;
  gconstpointer data;
  gsize         size;    /* of the data in bytes */
  guint         hash;
  guint         n_users;
} Entry;

static GMutex lock;
static GHashTable *by_content; /* Entry */
static GHashTable *by_array;   /* array -> Entry */

static guint
entry_hash (gconstpointer data)
{
  return ((const Entry *) data)->hash;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->pointers == y->pointers && x->size == y->size
         && (x->size == 0 || memcmp (x->data, y->data, x->size) == 0);
}

static guint
hash_bytes (gconstpointer data, gsize size)
{
  const guint8 *bytes = data;
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325) + size;

  for (gsize i = 0; i + 8 <= size; i += 8)
    {
      guint64 word;

      memcpy (&word, bytes + i, sizeof word);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      hash ^= hash >> 29;
    }
  return (guint) (hash ^ hash >> 32);
}

/* What else is in the pool is @fresh itself, or the one that it equals. */
static gpointer
share (const Entry *fresh)
{
  Entry *entry;

  g_mutex_lock (&lock);
  if (!by_content)
    {
      by_content = g_hash_table_new_full (entry_hash, entry_equal, NULL, g_free);
      by_array = g_hash_table_new (g_direct_hash, g_direct_equal);
    }
  entry = g_hash_table_lookup (by_content, fresh);
  if (!entry)
    {
      entry = g_memdup2 (fresh, sizeof *fresh);
      g_hash_table_add (by_content, entry);
      g_hash_table_insert (by_array, entry->array, entry);
    }
  entry->n_users++;
  g_mutex_unlock (&lock);
  return entry->array;
}

GArray *
fluo_summary_pool_share_array (GArray *array)
{
  const gsize size = (gsize) array->len * g_array_get_element_size (array);
  const Entry fresh = { .array = array, .data = array->data, .size = size,
                        .hash = hash_bytes (array->data, size) };
  GArray *kept = share (&fresh);

  if (kept != array)
    g_array_unref (array);
  return kept;
}

GPtrArray *
fluo_summary_pool_share_ptr_array (GPtrArray *array)
{
  const gsize size = (gsize) array->len * sizeof (gpointer);
  const Entry fresh = { .array = array, .pointers = TRUE, .data = array->pdata, .size = size,
                        .hash = hash_bytes (array->pdata, size) };
  GPtrArray *kept = share (&fresh);

  if (kept != array)
    g_ptr_array_unref (array);
  return kept;
}

void
fluo_summary_pool_release (gpointer array)
{
  Entry *entry;
  gboolean pointers = FALSE;
  gboolean last = FALSE;

  g_mutex_lock (&lock);
  entry = g_hash_table_lookup (by_array, array);
  if (entry && --entry->n_users == 0)
    {
      last = TRUE;
      pointers = entry->pointers;
      g_hash_table_remove (by_array, array);
      g_hash_table_remove (by_content, entry);
    }
  g_mutex_unlock (&lock);
  if (last && pointers)
    g_ptr_array_unref (array);
  else if (last)
    g_array_unref (array);
}

guint
fluo_summary_pool_get_size (void)
{
  guint n;

  g_mutex_lock (&lock);
  n = by_array ? g_hash_table_size (by_array) : 0;
  g_mutex_unlock (&lock);
  return n;
}

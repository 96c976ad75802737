/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-shared-string.h"

#include <stddef.h>
#include <string.h>

typedef struct
{
  gint     ref_count;
  gboolean shared; /* is in the table */
  char     text[];
} Shared;

/* Text in a Shared → itself. A count goes from one to zero under the lock only, so what is found
 * in the table is alive. */
static GHashTable *table;
G_LOCK_DEFINE_STATIC (table);

static Shared *
from_text (char *text)
{
  return (Shared *) (void *) (text - offsetof (Shared, text));
}

static Shared *
make (const char *text, gboolean shared)
{
  gsize size = strlen (text) + 1;
  Shared *self = g_malloc (sizeof (Shared) + size);

  self->ref_count = 1;
  self->shared = shared;
  memcpy (self->text, text, size);
  return self;
}

char *
fluo_shared_string_new (const char *text)
{
  char *found;

  G_LOCK (table);
  if (!table)
    table = g_hash_table_new (g_str_hash, g_str_equal);
  found = g_hash_table_lookup (table, text);
  if (found)
    g_atomic_int_inc (&from_text (found)->ref_count);
  else
    {
      found = make (text, TRUE)->text;
      g_hash_table_add (table, found);
    }
  G_UNLOCK (table);
  return found;
}

char *
fluo_shared_string_new_own (const char *text)
{
  return make (text, FALSE)->text;
}

void
fluo_shared_string_unref (char *text)
{
  Shared *self = from_text (text);
  gint n = g_atomic_int_get (&self->ref_count);

  while (n > 1)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, n, n - 1))
        return;
      n = g_atomic_int_get (&self->ref_count);
    }
  if (!self->shared)
    {
      if (g_atomic_int_dec_and_test (&self->ref_count))
        g_free (self);
      return;
    }
  G_LOCK (table);
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_hash_table_remove (table, text);
  else
    self = NULL;
  G_UNLOCK (table);
  g_free (self);
}

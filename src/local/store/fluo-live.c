/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-live.h"

/* Hours noted between two rounds of housekeeping; there is a next time. */
#define N_WANTED_MAX 1000

struct _FluoLive
{
  GMutex          lock;
  GPtrArray      *open;
  GPtrArray      *sealed;    /* never changed once a view has it */
  gboolean        sealed_is_shared;
  GHashTable     *by_id;     /* FluoTraceId * in the trace → FluoOpenTrace */
  FluoBlockIndex *index;
  GArray         *wanted;    /* gint64 */
  gboolean        pins_changed;
};

void
fluo_live_view_free (FluoLiveView *self)
{
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->sealed);
  g_free (self);
}

static GPtrArray *
new_open (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_open_block_unref);
}

static GPtrArray *
new_sealed (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sealed_block_unref);
}

FluoLive *
fluo_live_new (void)
{
  FluoLive *self = g_new0 (FluoLive, 1);

  g_mutex_init (&self->lock);
  self->open = new_open ();
  self->sealed = new_sealed ();
  self->by_id = g_hash_table_new_full (fluo_trace_id_hash, fluo_trace_id_equal, NULL,
                                       (GDestroyNotify) fluo_open_trace_unref);
  self->index = fluo_block_index_new ();
  self->wanted = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->pins_changed = TRUE;
  return self;
}

void
fluo_live_free (FluoLive *self)
{
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->sealed);
  g_hash_table_unref (self->by_id);
  fluo_block_index_free (self->index);
  g_array_unref (self->wanted);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fluo_live_lock (FluoLive *self)
{
  g_mutex_lock (&self->lock);
}

void
fluo_live_unlock (FluoLive *self)
{
  g_mutex_unlock (&self->lock);
}

void
fluo_live_clear (FluoLive *self)
{
  g_ptr_array_set_size (self->open, 0);
  g_ptr_array_unref (self->sealed);
  self->sealed = new_sealed ();
  self->sealed_is_shared = FALSE;
  g_hash_table_remove_all (self->by_id);
  fluo_block_index_free (self->index);
  self->index = fluo_block_index_new ();
}

FluoLiveView *
fluo_live_get_view (FluoLive *self)
{
  FluoLiveView *view = g_new0 (FluoLiveView, 1);

  view->open = new_open ();
  for (guint i = 0; i < self->open->len; i++)
    g_ptr_array_add (view->open, fluo_open_block_ref (self->open->pdata[i]));
  view->sealed = g_ptr_array_ref (self->sealed);
  self->sealed_is_shared = TRUE;
  return view;
}

FluoLiveView *
fluo_live_take_view (FluoLive *self)
{
  FluoLiveView *view;

  fluo_live_lock (self);
  view = fluo_live_get_view (self);
  fluo_live_unlock (self);
  return view;
}

guint64
fluo_live_count (FluoLive *self)
{
  guint64 n = g_hash_table_size (self->by_id);

  for (guint i = 0; i < self->sealed->len; i++)
    n += fluo_sealed_block_get_n_live (self->sealed->pdata[i]);
  return n;
}

FluoOpenTrace *
fluo_live_find_open (FluoLive *self, const FluoTraceId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

static int
compare_newest (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x > y ? -1 : x < y;
}

void
fluo_live_find_sealed (FluoLive *self, const FluoTraceId *id, GArray *ret_blocks)
{
  fluo_block_index_find (self->index, id, ret_blocks);
  if (ret_blocks->len > 1)
    g_array_sort (ret_blocks, compare_newest);
}

/* Position of the block, or where it belongs. */
static guint
find_sealed (FluoLive *self, gint64 number)
{
  guint low = 0, high = self->sealed->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (((FluoSealedBlock *) self->sealed->pdata[middle])->number < number)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

FluoSealedBlock *
fluo_live_get_sealed (FluoLive *self, gint64 number)
{
  guint i = find_sealed (self, number);
  FluoSealedBlock *block = i < self->sealed->len ? self->sealed->pdata[i] : NULL;

  return block && block->number == number ? block : NULL;
}

void
fluo_live_want (FluoLive *self, gint64 hour)
{
  if (self->wanted->len < N_WANTED_MAX)
    g_array_append_val (self->wanted, hour);
}

GArray *
fluo_live_take_wanted (FluoLive *self)
{
  GArray *wanted = self->wanted;

  self->wanted = g_array_new (FALSE, FALSE, sizeof (gint64));
  return wanted;
}

void
fluo_live_set_pins_changed (FluoLive *self, gboolean changed)
{
  self->pins_changed = changed;
}

gboolean
fluo_live_get_pins_changed (FluoLive *self)
{
  return self->pins_changed;
}

/* --- Changing ----------------------------------------------------------- */

FluoOpenBlock *
fluo_live_add_block (FluoLive *self, guint64 number)
{
  FluoOpenBlock *block = fluo_open_block_new (number);

  g_ptr_array_add (self->open, block);
  return block;
}

static guint
find_block (FluoLive *self, guint64 number)
{
  guint i = 0;

  while (i < self->open->len && ((FluoOpenBlock *) self->open->pdata[i])->number != number)
    i++;
  return i;
}

FluoOpenBlock *
fluo_live_get_block (FluoLive *self, guint64 number)
{
  guint i = find_block (self, number);
  FluoOpenBlock *block;

  if (i == self->open->len)
    return NULL;
  block = self->open->pdata[i];
  if (!g_atomic_ref_count_compare (&block->ref_count, 1))
    {
      self->open->pdata[i] = fluo_open_block_copy (block);
      fluo_open_block_unref (block);
    }
  return self->open->pdata[i];
}

void
fluo_live_remove_block (FluoLive *self, guint64 number)
{
  guint i = find_block (self, number);
  FluoOpenBlock *block;

  if (i == self->open->len)
    return;
  block = self->open->pdata[i];
  for (guint k = 0; k < block->traces->len; k++)
    g_hash_table_remove (self->by_id, &((FluoOpenTrace *) block->traces->pdata[k])->entry.id);
  g_ptr_array_remove_index (self->open, i);
}

void
fluo_live_put_trace (FluoLive *self, guint64 number, FluoOpenTrace *trace)
{
  FluoOpenBlock *block = fluo_live_get_block (self, number);
  gboolean known = g_hash_table_contains (self->by_id, &trace->entry.id);
  int i = known ? fluo_open_block_find (block, &trace->entry.id) : -1;

  if (i >= 0)
    {
      fluo_open_trace_unref (block->traces->pdata[i]);
      block->traces->pdata[i] = fluo_open_trace_ref (trace);
    }
  else
    g_ptr_array_add (block->traces, fluo_open_trace_ref (trace));
  g_hash_table_replace (self->by_id, &trace->entry.id, fluo_open_trace_ref (trace));
}

void
fluo_live_remove_trace (FluoLive *self, guint64 number, const FluoTraceId *id)
{
  FluoOpenBlock *block = fluo_live_get_block (self, number);
  int i = block ? fluo_open_block_find (block, id) : -1;

  g_hash_table_remove (self->by_id, id);
  if (i >= 0)
    g_ptr_array_remove_index_fast (block->traces, (guint) i);
}

static GPtrArray *
get_own_sealed (FluoLive *self)
{
  GPtrArray *copy;

  if (!self->sealed_is_shared)
    return self->sealed;
  copy = new_sealed ();
  for (guint i = 0; i < self->sealed->len; i++)
    g_ptr_array_add (copy, fluo_sealed_block_ref (self->sealed->pdata[i]));
  g_ptr_array_unref (self->sealed);
  self->sealed = copy;
  self->sealed_is_shared = FALSE;
  return copy;
}

void
fluo_live_put_sealed (FluoLive *self, FluoSealedBlock *block, const guint8 *id_filter)
{
  guint i = find_sealed (self, block->number);
  gboolean known = fluo_live_get_sealed (self, block->number) != NULL;
  GPtrArray *sealed = get_own_sealed (self);

  if (known)
    {
      fluo_sealed_block_unref (sealed->pdata[i]);
      sealed->pdata[i] = fluo_sealed_block_ref (block);
    }
  else
    g_ptr_array_insert (sealed, (gint) i, fluo_sealed_block_ref (block));
  if (!id_filter)
    return;
  if (known)
    fluo_block_index_remove (self->index, block->number);
  fluo_block_index_add (self->index, block->number, id_filter);
}

void
fluo_live_remove_sealed (FluoLive *self, gint64 number)
{
  guint i = find_sealed (self, number);

  if (!fluo_live_get_sealed (self, number))
    return;
  g_ptr_array_remove_index (get_own_sealed (self), i);
  fluo_block_index_remove (self->index, number);
}

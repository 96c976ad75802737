/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"

#include "local/store/fluo-store-private.h"

/* Readers kept open for the next query. */
#define N_IDLE_READERS_MAX 3

/* With the swap lock held for reading, so that what is told is told of this file and not of the one
 * that is begun after it. */
static void
note_damage (FluoStore *self, FluoDamage damage)
{
  void (*func) (gpointer);
  gpointer data;

  g_mutex_lock (&self->shared.lock);
  self->shared.damage = MAX (self->shared.damage, damage);
  func = self->shared.damage_func;
  data = self->shared.damage_data;
  g_mutex_unlock (&self->shared.lock);
  if (func)
    func (data);
}

/* The view and the transaction of one moment: nothing is committed in between. */
static gboolean
begin_reading (FluoStore *self, FluoConnection *reader, GError **error)
{
  sqlite3_stmt *statement;
  gboolean begun;

  fluo_live_lock (self->live);
  begun = fluo_connection_run (reader, FLUO_SQL_BEGIN_READ, error);
  /* BEGIN alone does not choose the moment, the first read does. */
  statement = begun ? fluo_connection_statement (reader, FLUO_SQL_STATE_GET, error) : NULL;
  if (statement)
    {
      sqlite3_bind_text (statement, 1, "revision", -1, SQLITE_STATIC);
      begun = fluo_connection_step (reader, statement, error) >= 0;
      sqlite3_reset (statement);
    }
  if (begun && statement)
    reader->view = fluo_live_get_view (self->live);
  fluo_live_unlock (self->live);
  return reader->view != NULL;
}

/* With the swap lock held for reading. */
static FluoConnection *
get_reader (FluoStore *self, GError **error)
{
  FluoConnection *reader = NULL;

  g_mutex_lock (&self->shared.lock);
  if (self->shared.idle_readers->len > 0)
    reader =
      g_ptr_array_steal_index_fast (self->shared.idle_readers, self->shared.idle_readers->len - 1);
  g_mutex_unlock (&self->shared.lock);
  if (!reader)
    reader = fluo_connection_open (self->path, FALSE, error);
  if (!reader)
    return NULL;
  reader->store = self;
  reader->packer = self->packer;
  reader->live = self->live;
  if (begin_reading (self, reader, error))
    return reader;
  if (reader->damage != FLUO_DAMAGE_NONE)
    note_damage (self, reader->damage);
  fluo_connection_close (reader);
  return NULL;
}

FluoConnection *
fluo_store_acquire_reader (FluoStore *self, GError **error)
{
  FluoConnection *reader;
  void (*settle_func) (gpointer);
  gpointer settle_data;

  g_mutex_lock (&self->shared.lock);
  settle_func = self->shared.settle_func;
  settle_data = self->shared.settle_data;
  g_mutex_unlock (&self->shared.lock);
  if (settle_func)
    settle_func (settle_data);
  g_rw_lock_reader_lock (&self->swap_lock);
  reader = get_reader (self, error);
  if (!reader)
    g_rw_lock_reader_unlock (&self->swap_lock);
  return reader;
}

FluoConnection *
fluo_store_acquire_helper (FluoConnection *reader)
{
  FluoStore *self = reader->store;
  FluoConnection *helper;

  /* Somebody who waits to swap the file would wait for @reader, and this call for him. */
  if (!g_rw_lock_reader_trylock (&self->swap_lock))
    return NULL;
  helper = get_reader (self, NULL);
  if (!helper)
    g_rw_lock_reader_unlock (&self->swap_lock);
  return helper;
}

void
fluo_store_release_helper (FluoConnection *reader, FluoConnection *helper)
{
  fluo_store_release_reader (reader->store, helper);
}

void
fluo_store_release_reader (FluoStore *self, FluoConnection *reader)
{
  fluo_live_view_free (g_steal_pointer (&reader->view));
  fluo_connection_rollback (reader);
  if (reader->damage != FLUO_DAMAGE_NONE)
    note_damage (self, reader->damage);
  g_mutex_lock (&self->shared.lock);
  if (reader->damage == FLUO_DAMAGE_NONE && self->shared.idle_readers->len < N_IDLE_READERS_MAX)
    g_ptr_array_add (self->shared.idle_readers, g_steal_pointer (&reader));
  g_mutex_unlock (&self->shared.lock);
  g_clear_pointer (&reader, fluo_connection_close);
  g_rw_lock_reader_unlock (&self->swap_lock);
}

gboolean
fluo_store_has_idle_readers (FluoStore *self)
{
  gboolean any;

  g_mutex_lock (&self->shared.lock);
  any = self->shared.idle_readers->len > 0;
  g_mutex_unlock (&self->shared.lock);
  return any;
}

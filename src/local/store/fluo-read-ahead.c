/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-read-ahead.h"

/* Beginning a thread is not worth it for fewer. */
#define N_ALONE 3

/* A block takes up to some megabytes when it is unpacked. */
#define N_AHEAD 4

typedef enum
{
  SLOT_FREE,
  SLOT_READING,
  SLOT_READY,
  SLOT_FAILED, /* whoever asks finds out why */
  SLOT_TAKEN
} SlotState;

typedef struct
{
  FluoWantedBlock   wanted;
  SlotState         state;
  FluoBlockContents contents; /* while it is ready */
} Slot;

struct _FluoReadAhead
{
  FluoConnection *reader;
  FluoConnection *helper; /* the thread's; NULL = there is none, or none yet */
  GThread        *thread;
  gboolean        tried;
  guint           n;

  struct
  {
    GMutex   lock;
    GCond    changed;
    Slot    *slots;
    guint    next; /* that will be asked for */
    gboolean stop;
  } shared;
};

/* With the lock held. NULL when there is nothing to do at the moment. */
static Slot *
find_free (FluoReadAhead *self)
{
  for (guint i = self->shared.next; i < MIN (self->shared.next + N_AHEAD, self->n); i++)
    if (self->shared.slots[i].state == SLOT_FREE)
      return &self->shared.slots[i];
  return NULL;
}

/* With the lock held, which is let go meanwhile. */
static void
fill (FluoReadAhead *self, Slot *slot, FluoConnection *connection)
{
  FluoBlockContents contents = { NULL };
  gboolean done;

  slot->state = SLOT_READING;
  g_mutex_unlock (&self->shared.lock);
  done = fluo_block_read (connection, slot->wanted.block, slot->wanted.chunks, &contents, NULL);
  g_mutex_lock (&self->shared.lock);
  slot->contents = contents;
  slot->state = done ? SLOT_READY : SLOT_FAILED;
  g_cond_signal (&self->shared.changed);
}

/* [helper] */
static gpointer
helper_thread (gpointer data)
{
  FluoReadAhead *self = data;

  g_mutex_lock (&self->shared.lock);
  while (!self->shared.stop && self->shared.next < self->n)
    {
      Slot *slot = find_free (self);

      if (slot)
        fill (self, slot, self->helper);
      else
        g_cond_wait (&self->shared.changed, &self->shared.lock);
    }
  g_mutex_unlock (&self->shared.lock);
  return NULL;
}

static void
begin_helper (FluoReadAhead *self)
{
  self->tried = TRUE;
  self->helper = fluo_store_acquire_helper (self->reader);
  if (self->helper)
    self->thread = g_thread_new ("reader", helper_thread, self);
}

FluoReadAhead *
fluo_read_ahead_new (FluoConnection *reader, GArray *wanted)
{
  FluoReadAhead *self = g_new0 (FluoReadAhead, 1);

  self->reader = reader;
  self->n = wanted->len;
  self->shared.slots = g_new0 (Slot, wanted->len);
  for (guint i = 0; i < wanted->len; i++)
    self->shared.slots[i].wanted = g_array_index (wanted, FluoWantedBlock, i);
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.changed);
  return self;
}

void
fluo_read_ahead_free (FluoReadAhead *self)
{
  if (self->thread)
    {
      g_mutex_lock (&self->shared.lock);
      self->shared.stop = TRUE;
      g_cond_signal (&self->shared.changed);
      g_mutex_unlock (&self->shared.lock);
      g_thread_join (self->thread);
    }
  if (self->helper)
    fluo_store_release_helper (self->reader, self->helper);
  for (guint i = 0; i < self->n; i++)
    fluo_block_contents_clear (&self->shared.slots[i].contents);
  g_free (self->shared.slots);
  g_mutex_clear (&self->shared.lock);
  g_cond_clear (&self->shared.changed);
  g_free (self);
}

gboolean
fluo_read_ahead_next (FluoReadAhead *self, FluoBlockContents *ret_contents, GError **error)
{
  gboolean ready;
  Slot *slot;

  g_return_val_if_fail (self->shared.next < self->n, FALSE);

  if (!self->tried && self->shared.next >= N_ALONE && self->n > self->shared.next + 1)
    begin_helper (self);
  g_mutex_lock (&self->shared.lock);
  slot = &self->shared.slots[self->shared.next++];
  /* While the helper is at it, the one after that. */
  while (slot->state == SLOT_READING)
    {
      Slot *other = find_free (self);

      if (other)
        fill (self, other, self->reader);
      else
        g_cond_wait (&self->shared.changed, &self->shared.lock);
    }
  ready = slot->state == SLOT_READY;
  slot->state = SLOT_TAKEN;
  g_cond_signal (&self->shared.changed);
  g_mutex_unlock (&self->shared.lock);
  if (!ready)
    return fluo_block_read (self->reader, slot->wanted.block, slot->wanted.chunks, ret_contents,
                            error);
  *ret_contents = slot->contents;
  slot->contents = (FluoBlockContents){ NULL };
  return TRUE;
}

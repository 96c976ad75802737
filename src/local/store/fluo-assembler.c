/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-assembler.h"

/* The writer hears of so many at a time, or of the last: waking it costs as much as a trace. */
#define N_DONE 32

struct _FluoAssembler
{
  void   (*done) (gpointer);
  gpointer data;

  struct
  {
    GThread *thread; /* NULL while there is nothing to do */
    guint    n;
  } writer;

  struct
  {
    GMutex   lock;
    GCond    wake;
    GQueue   waiting; /* FluoAssembly */
    GQueue   ready;
    gboolean stop;
  } shared;
};

/* [assembler] */
static FluoAssembly *
next_assembly (FluoAssembler *self)
{
  FluoAssembly *assembly = NULL;

  g_mutex_lock (&self->shared.lock);
  while (!self->shared.stop && self->shared.waiting.length == 0)
    g_cond_wait (&self->shared.wake, &self->shared.lock);
  if (!self->shared.stop)
    assembly = g_queue_pop_head (&self->shared.waiting);
  g_mutex_unlock (&self->shared.lock);
  return assembly;
}

static gpointer
assembler_thread (gpointer data)
{
  FluoAssembler *self = data;
  FluoAssembly *assembly;

  while ((assembly = next_assembly (self)))
    {
      gboolean tell;

      fluo_assembly_run (assembly);
      g_mutex_lock (&self->shared.lock);
      g_queue_push_tail (&self->shared.ready, assembly);
      tell = self->shared.waiting.length == 0 || self->shared.ready.length == N_DONE;
      g_mutex_unlock (&self->shared.lock);
      if (tell)
        self->done (self->data);
    }
  return NULL;
}

FluoAssembler *
fluo_assembler_new (void (*done) (gpointer data), gpointer data)
{
  FluoAssembler *self = g_new0 (FluoAssembler, 1);

  self->done = done;
  self->data = data;
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.wake);
  g_queue_init (&self->shared.waiting);
  g_queue_init (&self->shared.ready);
  return self;
}

static void
free_assembly (gpointer data)
{
  fluo_assembly_free (data);
}

void
fluo_assembler_free (FluoAssembler *self)
{
  fluo_assembler_rest (self);
  g_queue_clear_full (&self->shared.waiting, free_assembly);
  g_queue_clear_full (&self->shared.ready, free_assembly);
  g_mutex_clear (&self->shared.lock);
  g_cond_clear (&self->shared.wake);
  g_free (self);
}

void
fluo_assembler_push (FluoAssembler *self, GQueue *assemblies)
{
  FluoAssembly *assembly;

  if (assemblies->length == 0)
    return;
  self->writer.n += assemblies->length;
  g_mutex_lock (&self->shared.lock);
  while ((assembly = g_queue_pop_head (assemblies)))
    g_queue_push_tail (&self->shared.waiting, assembly);
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
  if (!self->writer.thread)
    self->writer.thread = g_thread_new ("assembler", assembler_thread, self);
}

void
fluo_assembler_take (FluoAssembler *self, GQueue *ret_assemblies)
{
  FluoAssembly *assembly;

  g_mutex_lock (&self->shared.lock);
  while ((assembly = g_queue_pop_head (&self->shared.ready)))
    {
      g_queue_push_tail (ret_assemblies, assembly);
      self->writer.n--;
    }
  g_mutex_unlock (&self->shared.lock);
}

guint
fluo_assembler_get_n (FluoAssembler *self)
{
  return self->writer.n;
}

void
fluo_assembler_rest (FluoAssembler *self)
{
  if (!self->writer.thread)
    return;
  g_mutex_lock (&self->shared.lock);
  self->shared.stop = TRUE;
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
  g_thread_join (g_steal_pointer (&self->writer.thread));
  self->shared.stop = FALSE;
}

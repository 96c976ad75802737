/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-writer-private.h"

/* The groups are set right after the thread begins; it waits for the first job, the first reader,
 * or so long. */
#define BEGIN_USEC (50 * 1000)

/* [writer] */
void
fluo_writer_report_failure (FluoWriter *self, const GError *error)
{
  g_autofree char *last = fluo_store_dup_last_error (self->store);

  if (g_strcmp0 (last, error->message) != 0)
    g_warning ("%s", error->message);
  fluo_store_set_last_error (self->store, error->message);
  self->writer.failing = TRUE;
}

/* [writer] */
void
fluo_writer_report_success (FluoWriter *self)
{
  if (self->writer.failing)
    fluo_store_set_last_error (self->store, NULL);
  self->writer.failing = FALSE;
}

/* [writer] */
void
fluo_writer_refresh_groups (FluoWriter *self)
{
  g_autoptr (FluoGroups) groups =
    self->groups_func ? self->groups_func (self->groups_data) : NULL;

  fluo_ingest_set_groups (self->writer.ingest, groups);
}

/* [writer] */
void
fluo_writer_tell_changed (FluoWriter *self)
{
  if (self->commit_func)
    self->commit_func (self->commit_data);
}

/* [writer] */
void
fluo_writer_handle_failure (FluoWriter *self, GError *error)
{
  g_autoptr (GError) local_error = NULL;

  fluo_writer_report_failure (self, error);
  if (!g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    return;
  fluo_ingest_reset (self->writer.ingest);
  if (fluo_store_quarantine (self->store, &local_error))
    self->writer.failing = FALSE;
  else
    fluo_writer_report_failure (self, local_error);
}

/* [writer] What a reader stumbled over would be in everybody's way until it expires. */
static void
see_to_damage (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean damaged;

  g_mutex_lock (&self->shared.lock);
  damaged = self->shared.damaged;
  g_mutex_unlock (&self->shared.lock);
  if (!damaged)
    return;
  g_set_error (&error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
               "what is in the store can't be read");
  fluo_writer_handle_failure (self, error);
  g_mutex_lock (&self->shared.lock);
  self->shared.damaged = FALSE;
  g_mutex_unlock (&self->shared.lock);
  fluo_writer_note_waiting (self);
  fluo_writer_tell_changed (self);
}

/* [writer] What is open at a clean end is sealed, so that the next start has nothing to do. */
static void
finish (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean settled = FALSE, sealed = TRUE;

  fluo_writer_refresh_groups (self);
  if (fluo_ingest_settle (self->writer.ingest, FLUO_SETTLE_ALL, 0, fluo_time_now_ns (), &settled,
                          &error))
    while (sealed && fluo_ingest_seal (self->writer.ingest, TRUE, fluo_time_now_ns (), &sealed,
                                       &error))
      ;
  if (error)
    g_warning ("%s", error->message);
  if (settled)
    fluo_writer_tell_changed (self);
}

/* [writer] */
static void
start (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gint64 until_usec = g_get_monotonic_time () + BEGIN_USEC;

  g_mutex_lock (&self->shared.lock);
  while (!self->shared.begun &&
         g_cond_wait_until (&self->shared.wake, &self->shared.lock, until_usec))
    ;
  g_mutex_unlock (&self->shared.lock);
  fluo_writer_refresh_groups (self);
  if (!fluo_ingest_recover (self->writer.ingest, &error))
    fluo_writer_handle_failure (self, error);
  fluo_writer_note_waiting (self);
  g_mutex_lock (&self->shared.lock);
  self->shared.ready = TRUE;
  g_cond_broadcast (&self->shared.settled);
  g_mutex_unlock (&self->shared.lock);
}

static gpointer
writer_thread (gpointer data)
{
  FluoWriter *self = data;
  gboolean stop = FALSE;

  start (self);
  while (!stop)
    {
      GQueue jobs = G_QUEUE_INIT;

      fluo_writer_take_jobs (self, &jobs, &stop);
      see_to_damage (self);
      if (jobs.length > 0)
        fluo_writer_write_jobs (self, &jobs);
      fluo_writer_settle (self);
      fluo_writer_seal (self);
      fluo_writer_checkpoint (self);
      if (!stop && g_get_monotonic_time () >= self->writer.next_usec)
        fluo_writer_keep_house (self);
    }
  finish (self);
  return NULL;
}

/* [reader] */
static void
note_damage (gpointer data)
{
  FluoWriter *self = data;

  g_mutex_lock (&self->shared.lock);
  self->shared.damaged = TRUE;
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
}

/* --- Public ------------------------------------------------------------- */

FluoWriter *
fluo_writer_new (FluoStore *store, FluoCounters *counters, const FluoWriterLimits *limits)
{
  FluoWriter *self = g_new0 (FluoWriter, 1);

  self->store = store;
  self->counters = counters;
  self->limits = *limits;
  self->writer.ingest = fluo_ingest_new (store);
  self->writer.assembler = fluo_assembler_new (fluo_writer_note_assembled, self);
  fluo_rest_note_asked (&self->writer.rest, g_get_monotonic_time ());
  self->writer.due_usec = G_MAXINT64;
  fluo_writer_limit_blocks (self);
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.wake);
  g_cond_init (&self->shared.settled);
  g_queue_init (&self->shared.jobs);
  self->thread = g_thread_new ("writer", writer_thread, self);
  fluo_store_set_settle_func (store, fluo_writer_await_settled, self);
  fluo_store_set_damage_func (store, note_damage, self);
  return self;
}

void
fluo_writer_free (FluoWriter *self)
{
  fluo_store_set_settle_func (self->store, NULL, NULL);
  fluo_store_set_damage_func (self->store, NULL, NULL);
  g_mutex_lock (&self->shared.lock);
  self->shared.stop = self->shared.begun = TRUE;
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
  g_thread_join (self->thread);
  fluo_assembler_free (self->writer.assembler);
  fluo_ingest_free (self->writer.ingest);
  g_cond_clear (&self->shared.wake);
  g_cond_clear (&self->shared.settled);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

void
fluo_writer_get_limits (FluoWriter *self, FluoWriterLimits *ret_limits)
{
  *ret_limits = self->limits;
}

guint
fluo_writer_count_waiting (FluoWriter *self)
{
  guint n;

  g_mutex_lock (&self->shared.lock);
  n = self->shared.n_waiting;
  g_mutex_unlock (&self->shared.lock);
  return n;
}

void
fluo_writer_set_commit_func (FluoWriter *self, void (*func) (gpointer), gpointer data)
{
  self->commit_func = func;
  self->commit_data = data;
}

void
fluo_writer_set_groups_func (FluoWriter *self, FluoGroups *(*func) (gpointer), gpointer data)
{
  self->groups_func = func;
  self->groups_data = data;
}

void
fluo_writer_set_stored_func (FluoWriter *self, FluoStoredFunc func, gpointer data)
{
  self->stored_func = func;
  self->stored_data = data;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-writer-private.h"

/* Assembling traces, alone or with the assembler, and those who wait for it. */

/* How long traces are assembled before the next documents get their turn: while somebody waits for
 * an answer, the less time the fewer traces there are; that it is so is looked at this often. */
#define SETTLE_USEC (15 * 1000)
#define SETTLE_STEP_USEC 1000
/* When that failed, for instance because the disk can't be read, it is tried again after so
 * long. */
#define RETRY_USEC G_USEC_PER_SEC

/* When so many traces wait, a thread beside the writer assembles them; of these it has so many at a
 * time. Fewer are done sooner than handed over. */
#define N_ALONE_MAX 64
#define N_LENT_MAX 192

/* What a reader waits for traces that were acknowledged just now: until they are assembled; when
 * they are so many that a flood is on, only a moment. */
#define READER_WAIT_USEC G_USEC_PER_SEC
#define READER_FLOOD_USEC (20 * 1000)
#define N_FLOOD 2500
/* And after a start, for those of the run before. */
#define READER_START_USEC (10 * G_USEC_PER_SEC)

/* [writer] */
static gboolean
is_awaited (FluoWriter *self)
{
  gboolean awaited;

  g_mutex_lock (&self->shared.lock);
  awaited = self->shared.n_urgent > 0;
  g_mutex_unlock (&self->shared.lock);
  return awaited;
}

/* [writer] Step by step, until nothing is left or the time is over. TRUE when there was
 * something. */
static gboolean
settle_steps (FluoWriter *self, gboolean asked, gint64 begin_usec, GError **error)
{
  gint64 hurry_usec = (gint64) (SETTLE_USEC * fluo_ingest_get_load (self->writer.ingest));
  FluoSettleWhich which = asked ? FLUO_SETTLE_READY : FLUO_SETTLE_DUE;
  gboolean settled, any = FALSE;
  gint64 spent_usec;

  do
    {
      if (!fluo_ingest_settle (self->writer.ingest, which, SETTLE_STEP_USEC, fluo_time_now_ns (),
                               &settled, error))
        return any;
      any |= settled;
      spent_usec = g_get_monotonic_time () - begin_usec;
    }
  while (settled && spent_usec < SETTLE_USEC &&
         (asked || spent_usec < hurry_usec || !is_awaited (self)));
  return any;
}

/* [writer] Gives what is due to the assembler, when it has nearly nothing left. */
static gboolean
lend (FluoWriter *self, GError **error)
{
  guint n = fluo_assembler_get_n (self->writer.assembler);
  GQueue assemblies = G_QUEUE_INIT;
  gboolean done = TRUE;

  if (n <= N_LENT_MAX / 2)
    done = fluo_ingest_lend (self->writer.ingest, N_LENT_MAX - n, &assemblies, error);
  fluo_assembler_push (self->writer.assembler, &assemblies);
  return done;
}

/* [writer] TRUE when there was something. */
static gboolean
take_back (FluoWriter *self, GError **error)
{
  GQueue assemblies = G_QUEUE_INIT;
  gboolean any;

  fluo_assembler_take (self->writer.assembler, &assemblies);
  any = assemblies.length > 0;
  fluo_ingest_take_back (self->writer.ingest, &assemblies, fluo_time_now_ns (), error);
  return any;
}

/* [assembler] */
void
fluo_writer_note_assembled (gpointer data)
{
  FluoWriter *self = data;

  g_mutex_lock (&self->shared.lock);
  self->shared.assembled = TRUE;
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
}

/* [writer] Readers who asked before are answered, unless the time was over before all was
 * done. */
static void
answer_readers (FluoWriter *self, guint64 n_asked, gboolean all)
{
  if (all)
    self->writer.n_seen = n_asked;
  g_mutex_lock (&self->shared.lock);
  if (all && fluo_assembler_get_n (self->writer.assembler) == 0)
    self->shared.n_answered = n_asked;
  g_cond_broadcast (&self->shared.settled);
  g_mutex_unlock (&self->shared.lock);
}

/* [writer] Assembles what is due, or all when a reader asks; a little at a time while documents
 * come, as much as there is when memory runs out. */
void
fluo_writer_settle (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean behind = fluo_ingest_get_load (self->writer.ingest) > 1, settled, asked, assembled;
  gint64 begin_usec = g_get_monotonic_time ();
  guint64 n_asked;

  g_mutex_lock (&self->shared.lock);
  n_asked = self->shared.n_asked;
  asked = n_asked > self->shared.n_answered;
  assembled = self->shared.assembled;
  self->shared.assembled = FALSE;
  g_mutex_unlock (&self->shared.lock);
  if (!asked && !behind && !assembled && self->writer.due_usec > begin_usec)
    return;
  fluo_writer_refresh_groups (self);
  settled = take_back (self, &error);
  if (!error && !asked &&
      fluo_ingest_count_waiting (self->writer.ingest, &self->writer.due_usec) > N_ALONE_MAX)
    lend (self, &error);
  else if (!error)
    settled |= settle_steps (self, asked, begin_usec, &error);
  if (error)
    fluo_writer_handle_failure (self, error);
  while (!error && fluo_ingest_get_load (self->writer.ingest) > 1)
    if (!fluo_ingest_settle (self->writer.ingest, FLUO_SETTLE_READY, SETTLE_USEC,
                             fluo_time_now_ns (), NULL, &error))
      fluo_writer_handle_failure (self, error);
  fluo_writer_note_waiting (self);
  if (error)
    self->writer.due_usec = MAX (self->writer.due_usec, begin_usec + RETRY_USEC);
  answer_readers (self, n_asked,
                  error || g_get_monotonic_time () - begin_usec < SETTLE_USEC);
  if (settled)
    fluo_writer_tell_changed (self);
}

/* [reader] */
void
fluo_writer_await_settled (gpointer data)
{
  FluoWriter *self = data;
  gint64 now_usec = g_get_monotonic_time ();
  guint64 mine;

  g_mutex_lock (&self->shared.lock);
  if (!self->shared.ready)
    {
      self->shared.begun = TRUE;
      g_cond_signal (&self->shared.wake);
    }
  while (!self->shared.ready &&
         g_cond_wait_until (&self->shared.settled, &self->shared.lock,
                            now_usec + READER_START_USEC))
    ;
  if (self->shared.n_waiting > 0)
    {
      gboolean flood = self->shared.n_waiting > N_FLOOD;

      mine = ++self->shared.n_asked;
      g_cond_signal (&self->shared.wake);
      while (self->shared.n_answered < mine &&
             g_cond_wait_until (&self->shared.settled, &self->shared.lock,
                                now_usec + (flood ? READER_FLOOD_USEC : READER_WAIT_USEC)))
        ;
    }
  g_mutex_unlock (&self->shared.lock);
}

/* [writer] */
void
fluo_writer_note_waiting (FluoWriter *self)
{
  guint n = fluo_ingest_count_waiting (self->writer.ingest, &self->writer.due_usec);

  /* The assembler will say when it has room. */
  if (fluo_assembler_get_n (self->writer.assembler) > N_LENT_MAX / 2)
    self->writer.due_usec = G_MAXINT64;
  g_mutex_lock (&self->shared.lock);
  self->shared.n_waiting = n;
  g_mutex_unlock (&self->shared.lock);
}

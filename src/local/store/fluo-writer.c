/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-writer.h"

#include <malloc.h>

#include "local/store/fluo-assembler.h"
#include "local/store/fluo-packer.h"

/* What may wait: several seconds of a busy program, and no more memory than the collector has
 * promised. */
#define N_QUEUED_MAX 65536
#define QUEUED_BYTES_MAX (48 * 1024 * 1024)

/* One transaction. Long ones delay those who wait for an answer; short ones assemble the same trace
 * again and again. */
#define N_BATCH_MAX 2000
#define GATHER_USEC 50000

/* What is too old is looked for this often. */
#define HOUSEKEEPING_USEC G_USEC_PER_SEC
#define HOUSEKEEPING_IDLE_USEC (30 * G_USEC_PER_SEC) /* or an eighth of what is kept for less */
#define EXPIRE_USEC (100 * 1000)

/* Blocks are looked at for sealing this often. */
#define SEAL_USEC (200 * 1000)

/* The groups are set right after the thread begins; it waits for the first job, the first reader,
 * or so long. */
#define BEGIN_USEC (50 * 1000)

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

/* Pages of the log after which they are moved into the database, when nobody waits for an
 * answer. */
#define CHECKPOINT_PAGES 2000

/* Traces of an older format are moved so many at a time. */
#define N_MIGRATE_STEP 100

/* A block is at most this part of what the store may hold, and of how long it keeps it: blocks go
 * as a whole. */
#define BLOCK_PART 8
#define BLOCK_BYTES_MAX (64 * 1024 * 1024)
#define BLOCK_SPAN_MAX_NS (60 * FLUO_NSEC_PER_MIN)

/* Rest after which memory kept for speed is given back. Whatever is done later, as sealing what has
 * come to rest, makes it be given back once more. */
#define IDLE_USEC (3 * G_USEC_PER_SEC)

struct _FluoWriter
{
  FluoStore       *store;
  FluoCounters    *counters;
  FluoWriterLimits limits;
  GThread         *thread;
  void           (*commit_func) (gpointer);
  gpointer         commit_data;
  FluoStoredFunc   stored_func;
  gpointer         stored_data;
  FluoGroups    *(*groups_func) (gpointer);
  gpointer         groups_data;

  struct
  {
    GMutex   lock;
    GCond    wake;
    GQueue   jobs;
    guint    n_documents;
    gsize    bytes;
    guint    n_urgent;
    gint64   first_usec;  /* when the oldest job came */
    gboolean stop;
    gboolean damaged;     /* a reader says so */
    gboolean assembled;   /* the assembler has something to take back */
    /* Readers that want to see what was acknowledged. */
    GCond    settled;
    gboolean begun;       /* somebody wants something: everything is set up */
    gboolean ready;       /* what was open at the start is assembled */
    guint    n_waiting;   /* traces that are not assembled */
    guint64  n_asked;
    guint64  n_answered;
  } shared;

  struct
  {
    FluoIngest    *ingest;
    FluoAssembler *assembler;
    guint64     n_seen;      /* readers for whom all is done but what the assembler has */
    gint64      active_usec; /* the last commit */
    gint64      next_usec;   /* the next housekeeping */
    gint64      seal_usec;   /* the next look at the open blocks */
    gint64      due_usec;    /* when the next trace is to be assembled */
    gboolean    sealing;     /* there may be another block to seal */
    gboolean    trimmed;
    gboolean    failing;     /* the last write failed */
  } writer;
};

static void
ingest_document_clear (gpointer data)
{
  FluoIngestDocument *document = data;

  g_bytes_unref (document->body);
  g_clear_pointer (&document->packed, g_bytes_unref);
}

FluoWriteJob *
fluo_write_job_new (void)
{
  FluoWriteJob *job = g_new0 (FluoWriteJob, 1);

  job->documents = g_array_new (FALSE, FALSE, sizeof (FluoIngestDocument));
  g_array_set_clear_func (job->documents, ingest_document_clear);
  return job;
}

void
fluo_write_job_free (FluoWriteJob *job)
{
  g_array_unref (job->documents);
  g_free (job);
}

void
fluo_write_job_add (FluoWriteJob *job, GBytes *body, const FluoSegmentHead *head)
{
  FluoIngestDocument document = {
    g_bytes_ref (body), *head, FLUO_INGEST_STORED, NULL, 0, job->origin,
  };

  g_array_append_val (job->documents, document);
  job->bytes += g_bytes_get_size (body);
}

/* --- The thread --------------------------------------------------------- */

/* [writer] Waits for work: until something urgent is there, or enough, or the first document has
 * waited long enough. Returns the jobs to do now; an empty queue when it is time
 * for housekeeping. */
static void
take_jobs (FluoWriter *self, GQueue *jobs, gboolean *ret_stop)
{
  guint n = 0;

  g_mutex_lock (&self->shared.lock);
  for (;;)
    {
      gboolean ready = self->shared.n_urgent > 0 || self->shared.n_documents >= N_BATCH_MAX ||
                       self->shared.stop || self->shared.damaged || self->shared.assembled ||
                       self->shared.n_asked >
                         MAX (self->shared.n_answered, self->writer.n_seen);
      gint64 until = MIN (self->writer.next_usec, self->writer.due_usec);

      if (self->shared.jobs.length > 0)
        until = MIN (until, self->shared.first_usec + GATHER_USEC);
      if (self->writer.sealing)
        until = 0;
      if (ready || !g_cond_wait_until (&self->shared.wake, &self->shared.lock, until))
        break;
    }
  while (self->shared.jobs.length > 0 && n < N_BATCH_MAX)
    {
      FluoWriteJob *job = g_queue_pop_head (&self->shared.jobs);

      n += job->documents->len;
      self->shared.n_documents -= job->documents->len;
      self->shared.bytes -= job->bytes;
      self->shared.n_urgent -= job->urgent;
      g_queue_push_tail (jobs, job);
    }
  self->shared.first_usec = g_get_monotonic_time ();
  *ret_stop = self->shared.stop && jobs->length == 0;
  g_mutex_unlock (&self->shared.lock);
}

/* [writer] Says what is wrong once, not at every batch. */
static void
report_failure (FluoWriter *self, const GError *error)
{
  g_autofree char *last = fluo_store_dup_last_error (self->store);

  if (g_strcmp0 (last, error->message) != 0)
    g_warning ("%s", error->message);
  fluo_store_set_last_error (self->store, error->message);
  self->writer.failing = TRUE;
}

/* [writer] */
static void
report_success (FluoWriter *self)
{
  if (self->writer.failing)
    fluo_store_set_last_error (self->store, NULL);
  self->writer.failing = FALSE;
}

/* [writer] A damaged store is moved aside and the same is tried once more on a new one. */
static gboolean
apply (FluoWriter *self, FluoIngestDocument **documents, guint n, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (fluo_ingest_apply (self->writer.ingest, documents, n, fluo_time_now_ns (), &local_error))
    return TRUE;
  if (g_error_matches (local_error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    {
      g_warning ("%s", local_error->message);
      g_clear_error (&local_error);
      fluo_ingest_reset (self->writer.ingest);
      if (fluo_store_quarantine (self->store, &local_error) &&
          fluo_ingest_apply (self->writer.ingest, documents, n, fluo_time_now_ns (), &local_error))
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
refuse (FluoWriter *self, const FluoIngestDocument *document, guint reason, const char *problem)
{
  FluoLoss loss = { .origin = document->origin, .head = &document->head, .problem = problem };

  loss.text = g_bytes_get_data (document->body, &loss.length);
  fluo_counters_refuse_one (self->counters, reason, &loss);
}

static void
count_results (FluoWriter *self, FluoIngestDocument **documents, guint n)
{
  guint64 n_stored = 0;

  for (guint i = 0; i < n; i++)
    if (documents[i]->result == FLUO_INGEST_STORED)
      n_stored++;
    else
      refuse (self, documents[i], documents[i]->result, NULL);
  fluo_counters_stored (self->counters, n_stored);
}

/* [writer] Before those who sent something hear of it: they may ask for it at once. */
static void
note_waiting (FluoWriter *self)
{
  guint n = fluo_ingest_count_waiting (self->writer.ingest, &self->writer.due_usec);

  /* The assembler will say when it has room. */
  if (fluo_assembler_get_n (self->writer.assembler) > N_LENT_MAX / 2)
    self->writer.due_usec = G_MAXINT64;
  g_mutex_lock (&self->shared.lock);
  self->shared.n_waiting = n;
  g_mutex_unlock (&self->shared.lock);
}

/* [writer] Something was done; the memory for it will be given back after a rest. */
static void
note_active (FluoWriter *self)
{
  self->writer.active_usec = g_get_monotonic_time ();
  if (self->writer.trimmed)
    self->writer.next_usec = self->writer.active_usec + HOUSEKEEPING_USEC;
  self->writer.trimmed = FALSE;
}

/* [writer] */
static void
refresh_groups (FluoWriter *self)
{
  g_autoptr (FluoGroups) groups =
    self->groups_func ? self->groups_func (self->groups_data) : NULL;

  fluo_ingest_set_groups (self->writer.ingest, groups);
}

/* [writer] */
static void
write_jobs (FluoWriter *self, GQueue *jobs)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  FluoWriteJob *job;
  gboolean stored;

  for (GList *link = jobs->head; link; link = link->next)
    {
      job = link->data;
      for (guint i = 0; i < job->documents->len; i++)
        g_ptr_array_add (documents, &g_array_index (job->documents, FluoIngestDocument, i));
    }
  refresh_groups (self);
  stored = apply (self, (FluoIngestDocument **) documents->pdata, documents->len, &error);
  note_waiting (self);
  if (stored)
    {
      count_results (self, (FluoIngestDocument **) documents->pdata, documents->len);
      report_success (self);
      if (self->stored_func)
        self->stored_func ((FluoIngestDocument **) documents->pdata, documents->len,
                           self->stored_data);
    }
  else
    {
      gboolean full = g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FULL);

      for (guint i = 0; i < documents->len; i++)
        refuse (self, documents->pdata[i],
                full ? FLUO_REFUSED_STORE_FULL : FLUO_REFUSED_STORE_ERROR, error->message);
      report_failure (self, error);
    }
  while ((job = g_queue_pop_head (jobs)))
    if (job->done)
      job->done (job, error);
    else
      fluo_write_job_free (job);
  note_active (self);
}

/* [writer] */
static void
tell_changed (FluoWriter *self)
{
  if (self->commit_func)
    self->commit_func (self->commit_data);
}

/* [writer] A damaged store is found out by whoever reads it first. */
static void
handle_failure (FluoWriter *self, GError *error)
{
  g_autoptr (GError) local_error = NULL;

  report_failure (self, error);
  if (!g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT))
    return;
  fluo_ingest_reset (self->writer.ingest);
  if (fluo_store_quarantine (self->store, &local_error))
    self->writer.failing = FALSE;
  else
    report_failure (self, local_error);
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
  handle_failure (self, error);
  g_mutex_lock (&self->shared.lock);
  self->shared.damaged = FALSE;
  g_mutex_unlock (&self->shared.lock);
  note_waiting (self);
  tell_changed (self);
}

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
static void
note_assembled (gpointer data)
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
static void
settle (FluoWriter *self)
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
  refresh_groups (self);
  settled = take_back (self, &error);
  if (!error && !asked &&
      fluo_ingest_count_waiting (self->writer.ingest, &self->writer.due_usec) > N_ALONE_MAX)
    lend (self, &error);
  else if (!error)
    settled |= settle_steps (self, asked, begin_usec, &error);
  if (error)
    handle_failure (self, error);
  while (!error && fluo_ingest_get_load (self->writer.ingest) > 1)
    if (!fluo_ingest_settle (self->writer.ingest, FLUO_SETTLE_READY, SETTLE_USEC,
                             fluo_time_now_ns (), NULL, &error))
      handle_failure (self, error);
  note_waiting (self);
  if (error)
    self->writer.due_usec = MAX (self->writer.due_usec, begin_usec + RETRY_USEC);
  answer_readers (self, n_asked,
                  error || g_get_monotonic_time () - begin_usec < SETTLE_USEC);
  if (settled)
    tell_changed (self);
}

/* [writer] */
static void
seal (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed = FALSE;

  self->writer.sealing = FALSE;
  if (self->writer.failing || g_get_monotonic_time () < self->writer.seal_usec)
    return;
  /* A batch can fill two blocks, so that one at a time would not be enough. */
  do
    if (!fluo_ingest_seal (self->writer.ingest, FALSE, fluo_time_now_ns (), &sealed, &error))
      handle_failure (self, error);
  while (sealed && !error && fluo_ingest_is_crowded (self->writer.ingest));
  self->writer.sealing = sealed;
  self->writer.seal_usec = g_get_monotonic_time () + (sealed ? 0 : SEAL_USEC);
  if (sealed)
    note_active (self);
}

/* [writer] */
static void
checkpoint (FluoWriter *self)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (!connection || connection->n_wal_pages < CHECKPOINT_PAGES)
    return;
  sqlite3_wal_checkpoint_v2 (connection->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  connection->n_wal_pages = 0;
}

/* [writer] Bytes in use, not those of free pages that the next traces will fill. */
static gboolean
is_too_large (FluoWriter *self, gboolean *ret_too_large, GError **error)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);
  gint64 n_pages, n_free, page_size;

  *ret_too_large = FALSE;
  if (!connection)
    return TRUE;
  if (!fluo_connection_pragma (connection, "page_count", &n_pages, error) ||
      !fluo_connection_pragma (connection, "freelist_count", &n_free, error) ||
      !fluo_connection_pragma (connection, "page_size", &page_size, error))
    return FALSE;
  *ret_too_large = (guint64) ((n_pages - n_free) * page_size) > self->limits.size_max;
  return TRUE;
}

/* [writer] Deletes for a while what is too old or too much. TRUE when there is more. */
static gboolean
expire (FluoWriter *self, gboolean *ret_deleted, GError **error)
{
  gint64 until_usec = g_get_monotonic_time () + EXPIRE_USEC;
  gboolean too_large;
  guint n_deleted;

  do
    {
      gint64 before_ns = fluo_time_now_ns () - self->limits.retention_ns;

      if (!is_too_large (self, &too_large, error) ||
          !fluo_ingest_expire (self->writer.ingest, too_large ? G_MAXINT64 : before_ns, &n_deleted,
                               error))
        return FALSE;
      *ret_deleted |= n_deleted > 0;
    }
  while (n_deleted > 0 && g_get_monotonic_time () < until_usec);
  return n_deleted > 0;
}

/* [writer] Gives back what was kept for speed. */
static void
trim (FluoWriter *self)
{
  if (fluo_store_get_writer (self->store))
    sqlite3_wal_checkpoint_v2 (fluo_store_get_writer (self->store)->db, NULL,
                               SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  fluo_ingest_trim (self->writer.ingest);
  if (fluo_assembler_get_n (self->writer.assembler) == 0)
    fluo_assembler_rest (self->writer.assembler);
  fluo_store_trim (self->store);
  fluo_pack_trim ();
  malloc_trim (0);
}

/* Somebody who keeps traces for seconds only also wants them gone after seconds. */
static gint64
idle_usec (FluoWriter *self)
{
  return CLAMP (self->limits.retention_ns / FLUO_NSEC_PER_USEC / BLOCK_PART, HOUSEKEEPING_USEC,
                HOUSEKEEPING_IDLE_USEC);
}

/* [writer] */
static void
keep_house (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean deleted = FALSE, more = FALSE, moved = FALSE, idle;

  /* After a failure this is also the attempt that finds out that the disk has room again. */
  if (fluo_ingest_keep_house (self->writer.ingest, self->writer.failing, fluo_time_now_ns (),
                              &error))
    {
      report_success (self);
      more = expire (self, &deleted, &error);
    }
  if (!error)
    fluo_ingest_migrate (self->writer.ingest, N_MIGRATE_STEP, &moved, &error);
  /* A block takes a moment in which nobody should wait for an answer. */
  if (!error && !moved &&
      g_get_monotonic_time () - self->writer.active_usec > HOUSEKEEPING_USEC)
    fluo_ingest_renew_facts (self->writer.ingest, &moved, &error);
  if (error)
    handle_failure (self, error);
  note_waiting (self);
  if (deleted)
    tell_changed (self);

  more |= moved;
  idle = g_get_monotonic_time () - self->writer.active_usec > IDLE_USEC && !more;
  if (idle && (!self->writer.trimmed || fluo_store_has_idle_readers (self->store)))
    trim (self);
  self->writer.trimmed = idle;
  idle = idle && !self->writer.failing && !fluo_ingest_has_open (self->writer.ingest);
  self->writer.next_usec = g_get_monotonic_time () +
                           (more ? 0 : idle ? idle_usec (self) : HOUSEKEEPING_USEC);
}

/* [writer] What is open at a clean end is sealed, so that the next start has nothing to do. */
static void
finish (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean settled = FALSE, sealed = TRUE;

  refresh_groups (self);
  if (fluo_ingest_settle (self->writer.ingest, FLUO_SETTLE_ALL, 0, fluo_time_now_ns (), &settled,
                          &error))
    while (sealed && fluo_ingest_seal (self->writer.ingest, TRUE, fluo_time_now_ns (), &sealed,
                                       &error))
      ;
  if (error)
    g_warning ("%s", error->message);
  if (settled)
    tell_changed (self);
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
  refresh_groups (self);
  if (!fluo_ingest_recover (self->writer.ingest, &error))
    handle_failure (self, error);
  note_waiting (self);
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

      take_jobs (self, &jobs, &stop);
      see_to_damage (self);
      if (jobs.length > 0)
        write_jobs (self, &jobs);
      settle (self);
      seal (self);
      checkpoint (self);
      if (!stop && g_get_monotonic_time () >= self->writer.next_usec)
        keep_house (self);
    }
  finish (self);
  return NULL;
}

/* [reader] What was acknowledged before a question is part of the answer, unless a flood is on:
 * then nobody waits for more than a moment. */
static void
await_settled (gpointer data)
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

/* [any] In the thread that brings the documents, so that the writer need not. */
static void
pack_documents (FluoWriter *self, FluoWriteJob *job)
{
  FluoPacker *packer = fluo_store_get_packer (self->store);

  for (guint i = 0; i < job->documents->len; i++)
    {
      FluoIngestDocument *document = &g_array_index (job->documents, FluoIngestDocument, i);
      gsize size;
      gconstpointer data = g_bytes_get_data (document->body, &size);

      if (document->packed)
        continue;
      document->packed = fluo_packer_pack (packer, data, size, &document->dictionary);
      job->bytes += g_bytes_get_size (document->packed);
    }
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
  self->writer.assembler = fluo_assembler_new (note_assembled, self);
  self->writer.active_usec = g_get_monotonic_time ();
  self->writer.due_usec = G_MAXINT64;
  fluo_ingest_set_limits (
    self->writer.ingest,
    (gint64) MIN (limits->size_max / BLOCK_PART, (guint64) BLOCK_BYTES_MAX),
    MIN (limits->retention_ns / BLOCK_PART, BLOCK_SPAN_MAX_NS));
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.wake);
  g_cond_init (&self->shared.settled);
  g_queue_init (&self->shared.jobs);
  self->thread = g_thread_new ("writer", writer_thread, self);
  fluo_store_set_settle_func (store, await_settled, self);
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

/* With the lock held. */
static gboolean
has_room (FluoWriter *self, FluoWriteJob *job)
{
  return !self->shared.stop && self->shared.n_documents + job->documents->len <= N_QUEUED_MAX &&
         self->shared.bytes + job->bytes <= QUEUED_BYTES_MAX;
}

void
fluo_writer_set_stored_func (FluoWriter *self, FluoStoredFunc func, gpointer data)
{
  self->stored_func = func;
  self->stored_data = data;
}

gboolean
fluo_writer_submit (FluoWriter *self, FluoWriteJob *job)
{
  gboolean room;

  g_mutex_lock (&self->shared.lock);
  room = has_room (self, job);
  g_mutex_unlock (&self->shared.lock);
  /* At a flood no work is put into what is refused. */
  if (room)
    pack_documents (self, job);
  g_mutex_lock (&self->shared.lock);
  room = room && has_room (self, job);
  self->shared.begun = TRUE;
  if (room)
    {
      if (self->shared.jobs.length == 0)
        self->shared.first_usec = g_get_monotonic_time ();
      self->shared.n_documents += job->documents->len;
      self->shared.bytes += job->bytes;
      self->shared.n_urgent += job->urgent;
      g_queue_push_tail (&self->shared.jobs, job);
      /* Gathering ends by itself; waking the thread for every datagram would only cost time. */
      if (job->urgent || self->shared.jobs.length == 1 || self->shared.n_documents >= N_BATCH_MAX)
        g_cond_signal (&self->shared.wake);
    }
  g_mutex_unlock (&self->shared.lock);
  for (guint i = 0; !room && i < job->documents->len; i++)
    refuse (self, &g_array_index (job->documents, FluoIngestDocument, i), FLUO_REFUSED_QUEUE_FULL,
            NULL);
  return room;
}

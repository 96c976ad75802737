/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-writer.h"

#include <malloc.h>

/* What may wait: several seconds of a busy program, and no more memory than the collector has
 * promised. */
#define N_QUEUED_MAX 65536
#define QUEUED_BYTES_MAX (48 * 1024 * 1024)

/* One transaction. Long ones delay those who wait for an answer; short ones assemble the same trace
 * again and again. */
#define N_BATCH_MAX 2000
#define GATHER_USEC 50000

/* Expiry and put-off traces are looked at this often; a step of deletion takes some 10 ms. */
#define HOUSEKEEPING_USEC G_USEC_PER_SEC
#define HOUSEKEEPING_IDLE_USEC (30 * G_USEC_PER_SEC)
#define N_EXPIRE_STEP 50
#define EXPIRE_USEC (100 * 1000)

/* Rest after which memory kept for speed is given back. */
#define IDLE_USEC (20 * G_USEC_PER_SEC)

struct _FluoWriter
{
  FluoStore       *store;
  FluoCounters    *counters;
  FluoWriterLimits limits;
  GThread         *thread;
  void           (*commit_func) (gpointer);
  gpointer         commit_data;

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
  } shared;

  struct
  {
    FluoIngest *ingest;
    gint64      active_usec; /* the last commit */
    gint64      next_usec;   /* the next housekeeping */
    gboolean    trimmed;
    gboolean    failing;     /* the last write failed */
  } writer;
};

static void
ingest_document_clear (gpointer data)
{
  g_bytes_unref (((FluoIngestDocument *) data)->body);
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
  FluoIngestDocument document = { g_bytes_ref (body), *head, FLUO_INGEST_STORED };

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
      gboolean ready =
        self->shared.n_urgent > 0 || self->shared.n_documents >= N_BATCH_MAX || self->shared.stop;
      gint64 until = self->writer.next_usec;

      if (self->shared.jobs.length > 0)
        until = MIN (until, self->shared.first_usec + GATHER_USEC);
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
count_results (FluoWriter *self, FluoIngestDocument **documents, guint n)
{
  guint64 n_stored = 0;

  for (guint i = 0; i < n; i++)
    if (documents[i]->result == FLUO_INGEST_STORED)
      n_stored++;
    else
      fluo_counters_refuse (self->counters, documents[i]->result, 1);
  fluo_counters_stored (self->counters, n_stored);
}

/* [writer] */
static void
write_jobs (FluoWriter *self, GQueue *jobs)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  FluoWriteJob *job;

  for (GList *link = jobs->head; link; link = link->next)
    {
      job = link->data;
      for (guint i = 0; i < job->documents->len; i++)
        g_ptr_array_add (documents, &g_array_index (job->documents, FluoIngestDocument, i));
    }
  if (apply (self, (FluoIngestDocument **) documents->pdata, documents->len, &error))
    {
      count_results (self, (FluoIngestDocument **) documents->pdata, documents->len);
      report_success (self);
    }
  else
    {
      gboolean full = g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FULL);

      fluo_counters_refuse (
        self->counters, full ? FLUO_REFUSED_STORE_FULL : FLUO_REFUSED_STORE_ERROR, documents->len);
      report_failure (self, error);
    }
  while ((job = g_queue_pop_head (jobs)))
    if (job->done)
      job->done (job, error);
    else
      fluo_write_job_free (job);
  self->writer.active_usec = g_get_monotonic_time ();
  if (self->writer.trimmed)
    self->writer.next_usec = g_get_monotonic_time () + HOUSEKEEPING_USEC;
  self->writer.trimmed = FALSE;
  if (!error && self->commit_func)
    self->commit_func (self->commit_data);
}

/* [writer] Bytes in use, not those of free pages that the next traces will fill. */
static guint64
used_bytes (FluoWriter *self)
{
  FluoConnection *connection = fluo_store_get_writer (self->store);

  if (!connection)
    return 0;
  return (guint64) ((fluo_connection_pragma (connection, "page_count") -
                     fluo_connection_pragma (connection, "freelist_count")) *
                    fluo_connection_pragma (connection, "page_size"));
}

/* [writer] Deletes for a while what is too old or too much. TRUE when there is more. */
static gboolean
expire (FluoWriter *self, gboolean *ret_deleted, GError **error)
{
  gint64 until_usec = g_get_monotonic_time () + EXPIRE_USEC;
  guint n_deleted;

  do
    {
      gboolean too_much = used_bytes (self) > self->limits.size_max;
      gint64 before_ns = too_much ? G_MAXINT64 : fluo_time_now_ns () - self->limits.retention_ns;

      if (!fluo_ingest_expire (self->writer.ingest, before_ns, N_EXPIRE_STEP, &n_deleted, error))
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
  if (!fluo_ingest_has_stale (self->writer.ingest))
    fluo_ingest_reset (self->writer.ingest);
  if (fluo_store_get_writer (self->store))
    sqlite3_db_release_memory (fluo_store_get_writer (self->store)->db);
  fluo_store_trim (self->store);
  malloc_trim (0);
}

/* [writer] */
static void
keep_house (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean settled = FALSE, deleted = FALSE, more = FALSE, idle;

  /* After a failure this is also the attempt that finds out that the disk has room again. */
  if (self->writer.failing || fluo_ingest_has_stale (self->writer.ingest))
    settled = fluo_ingest_settle (self->writer.ingest, FALSE, fluo_time_now_ns (), &error);
  if (!error)
    more = expire (self, &deleted, &error);
  if (error)
    report_failure (self, error);
  else if (settled)
    report_success (self);
  if ((settled || deleted) && self->commit_func)
    self->commit_func (self->commit_data);

  idle = g_get_monotonic_time () - self->writer.active_usec > IDLE_USEC && !more;
  if (idle && !self->writer.trimmed)
    trim (self);
  self->writer.trimmed = idle;
  idle = idle && !self->writer.failing && !fluo_ingest_has_stale (self->writer.ingest);
  self->writer.next_usec = g_get_monotonic_time () +
                           (more ? 0 : idle ? HOUSEKEEPING_IDLE_USEC : HOUSEKEEPING_USEC);
}

static gpointer
writer_thread (gpointer data)
{
  FluoWriter *self = data;
  gboolean stop = FALSE;

  while (!stop)
    {
      GQueue jobs = G_QUEUE_INIT;

      take_jobs (self, &jobs, &stop);
      if (jobs.length > 0)
        write_jobs (self, &jobs);
      if (!stop && g_get_monotonic_time () >= self->writer.next_usec)
        keep_house (self);
    }
  if (fluo_ingest_has_stale (self->writer.ingest))
    fluo_ingest_settle (self->writer.ingest, TRUE, fluo_time_now_ns (), NULL);
  return NULL;
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
  self->writer.active_usec = g_get_monotonic_time ();
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.wake);
  g_queue_init (&self->shared.jobs);
  self->thread = g_thread_new ("writer", writer_thread, self);
  return self;
}

void
fluo_writer_free (FluoWriter *self)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.stop = TRUE;
  g_cond_signal (&self->shared.wake);
  g_mutex_unlock (&self->shared.lock);
  g_thread_join (self->thread);
  fluo_ingest_free (self->writer.ingest);
  g_cond_clear (&self->shared.wake);
  g_mutex_clear (&self->shared.lock);
  g_free (self);
}

void
fluo_writer_set_commit_func (FluoWriter *self, void (*func) (gpointer), gpointer data)
{
  self->commit_func = func;
  self->commit_data = data;
}

gboolean
fluo_writer_submit (FluoWriter *self, FluoWriteJob *job)
{
  gboolean room;

  g_mutex_lock (&self->shared.lock);
  room = !self->shared.stop && self->shared.n_documents + job->documents->len <= N_QUEUED_MAX &&
         self->shared.bytes + job->bytes <= QUEUED_BYTES_MAX;
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
  if (!room)
    fluo_counters_refuse (self->counters, FLUO_REFUSED_QUEUE_FULL, job->documents->len);
  return room;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-writer-private.h"

#include "local/store/fluo-packer.h"

/* What comes in: the queue, and the batches that are committed. */

/* What may wait: several seconds of a busy program, and no more memory than the collector has
 * promised. */
#define N_QUEUED_MAX 65536
#define QUEUED_BYTES_MAX (48 * 1024 * 1024)

/* One transaction. Long ones delay those who wait for an answer; short ones assemble the same trace
 * again and again. */
#define N_BATCH_MAX 2000
#define GATHER_USEC 50000

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

/* [writer] */
void
fluo_writer_take_jobs (FluoWriter *self, GQueue *jobs, gboolean *ret_stop)
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

/* [writer] */
void
fluo_writer_write_jobs (FluoWriter *self, GQueue *jobs)
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
  fluo_writer_refresh_groups (self);
  stored = apply (self, (FluoIngestDocument **) documents->pdata, documents->len, &error);
  fluo_writer_note_waiting (self);
  if (stored)
    {
      count_results (self, (FluoIngestDocument **) documents->pdata, documents->len);
      fluo_writer_report_success (self);
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
      fluo_writer_report_failure (self, error);
    }
  while ((job = g_queue_pop_head (jobs)))
    if (job->done)
      job->done (job, error);
    else
      fluo_write_job_free (job);
  fluo_writer_note_active (self);
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

/* With the lock held. */
static gboolean
has_room (FluoWriter *self, FluoWriteJob *job)
{
  return !self->shared.stop && self->shared.n_documents + job->documents->len <= N_QUEUED_MAX &&
         self->shared.bytes + job->bytes <= QUEUED_BYTES_MAX;
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

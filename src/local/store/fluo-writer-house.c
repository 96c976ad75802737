/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-writer-private.h"

#include <malloc.h>

#include "core/fluo-trace-facts.h"
#include "local/store/fluo-packer.h"

/* What is done when nobody waits: sealing, letting go, giving memory back. */

/* What is too old is looked for this often. */
#define HOUSEKEEPING_USEC G_USEC_PER_SEC
#define HOUSEKEEPING_IDLE_USEC (30 * G_USEC_PER_SEC) /* or an eighth of what is kept for less */
#define EXPIRE_USEC (100 * 1000)

/* Blocks are looked at for sealing this often. */
#define SEAL_USEC (200 * 1000)

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

void
fluo_writer_limit_blocks (FluoWriter *self)
{
  const FluoWriterLimits *limits = &self->limits;

  fluo_ingest_set_limits (
    self->writer.ingest,
    (gint64) MIN (limits->size_max / BLOCK_PART, (guint64) BLOCK_BYTES_MAX),
    MIN (limits->retention_ns / BLOCK_PART, BLOCK_SPAN_MAX_NS));
}

/* [writer] */
void
fluo_writer_note_active (FluoWriter *self)
{
  gint64 now_usec = g_get_monotonic_time ();

  if (self->writer.rest.resting)
    self->writer.next_usec = now_usec + HOUSEKEEPING_USEC;
  fluo_rest_note_asked (&self->writer.rest, now_usec);
}

/* [writer] */
void
fluo_writer_seal (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean sealed = FALSE;

  self->writer.sealing = FALSE;
  if (self->writer.failing || g_get_monotonic_time () < self->writer.seal_usec)
    return;
  /* A batch can fill two blocks, so that one at a time would not be enough. */
  do
    if (!fluo_ingest_seal (self->writer.ingest, FALSE, fluo_time_now_ns (), &sealed, &error))
      fluo_writer_handle_failure (self, error);
  while (sealed && !error && fluo_ingest_is_crowded (self->writer.ingest));
  self->writer.sealing = sealed;
  self->writer.seal_usec = g_get_monotonic_time () + (sealed ? 0 : SEAL_USEC);
  if (sealed)
    fluo_writer_note_active (self);
}

/* [writer] */
void
fluo_writer_checkpoint (FluoWriter *self)
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
  fluo_facts_trim ();
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
void
fluo_writer_keep_house (FluoWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean worked = FALSE, deleted = FALSE, more = FALSE, moved = FALSE, idle, begins;

  /* After a failure this is also the attempt that finds out that the disk has room again. */
  if (fluo_ingest_keep_house (self->writer.ingest, self->writer.failing, fluo_time_now_ns (),
                              &worked, &error))
    {
      fluo_writer_report_success (self);
      more = expire (self, &deleted, &error);
    }
  if (!error)
    fluo_ingest_migrate (self->writer.ingest, N_MIGRATE_STEP, &moved, &error);
  /* A block takes a moment in which nobody should wait for an answer. */
  if (!error && !moved &&
      fluo_rest_is_left_alone (&self->writer.rest, g_get_monotonic_time (), HOUSEKEEPING_USEC))
    fluo_ingest_renew_facts (self->writer.ingest, &moved, &error);
  if (error)
    fluo_writer_handle_failure (self, error);
  fluo_writer_note_waiting (self);
  if (deleted)
    fluo_writer_tell_changed (self);

  more |= moved;
  /* Hours are summed and traces expire minutes after the last document came. */
  if (worked || deleted || more)
    fluo_rest_note_work (&self->writer.rest, g_get_monotonic_time ());
  idle = fluo_rest_look (&self->writer.rest, g_get_monotonic_time (), &begins);
  if (begins || (idle && fluo_store_has_idle_readers (self->store)))
    trim (self);
  idle = idle && !self->writer.failing && !fluo_ingest_has_open (self->writer.ingest);
  self->writer.next_usec = g_get_monotonic_time () +
                           (more ? 0 : idle ? idle_usec (self) : HOUSEKEEPING_USEC);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/relay/fluo-relay-buffer.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Distinct codes that are counted apart. X-Ray has some fifteen; what goes beyond is "Other". */
#define N_CODES_MAX 32
#define OTHER_CODE "Other"

struct _FluoRelayBuffer
{
  GMutex          lock;
  gsize           bytes_max;
  GQueue          queue;        /* FluoRelayDocument nobody is sending, oldest first */
  gsize           queued_bytes; /* of their texts */
  FluoRelayCounts counts;
  GHashTable     *codes;        /* code → guint64 */
};

static const struct
{
  const char *word;
  const char *meaning;
} drops[FLUO_N_RELAY_DROPS] = {
  [FLUO_RELAY_DROP_BUFFER_FULL] = { "BufferFull",
                                    N_("the oldest made room: AWS took less than came") },
  [FLUO_RELAY_DROP_REFUSED] = { "Refused", N_("AWS refused the request that it was in") },
  [FLUO_RELAY_DROP_ENDED] = { "Ended", N_("still waiting when the collector ended") },
};

static gsize
size_of (const FluoRelayDocument *document)
{
  return document->length + FLUO_RELAY_DOCUMENT_OVERHEAD;
}

FluoRelayBuffer *
fluo_relay_buffer_new (gsize bytes_max)
{
  FluoRelayBuffer *self = g_new0 (FluoRelayBuffer, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->queue);
  self->bytes_max = bytes_max;
  self->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
fluo_relay_buffer_free (FluoRelayBuffer *self)
{
  g_queue_clear_full (&self->queue, g_free);
  g_hash_table_unref (self->codes);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gsize
fluo_relay_buffer_get_size (FluoRelayBuffer *self)
{
  return self->bytes_max;
}

/* With the lock. The document is no longer waiting. */
static void
leave (FluoRelayBuffer *self, FluoRelayDocument *document)
{
  self->counts.waiting--;
  self->counts.waiting_bytes -= size_of (document);
  g_free (document);
}

/* With the lock. FALSE when the queue is empty. */
static gboolean
drop_oldest (FluoRelayBuffer *self, FluoRelayDrop why)
{
  FluoRelayDocument *document = g_queue_pop_head (&self->queue);

  if (!document)
    return FALSE;
  self->queued_bytes -= document->length;
  self->counts.dropped[why]++;
  leave (self, document);
  return TRUE;
}

void
fluo_relay_buffer_add (FluoRelayBuffer *self, guint64 id, const char *text, gsize length)
{
  FluoRelayDocument *document = g_malloc (sizeof *document + length);

  *document = (FluoRelayDocument) { .id = id, .length = length };
  memcpy (document->text, text, length);
  g_mutex_lock (&self->lock);
  self->counts.accepted++;
  self->counts.waiting++;
  self->counts.waiting_bytes += size_of (document);
  self->queued_bytes += length;
  g_queue_push_tail (&self->queue, document);
  /* When all else is on its way to the service, the new one itself is the oldest. */
  while (self->counts.waiting_bytes > self->bytes_max &&
         drop_oldest (self, FLUO_RELAY_DROP_BUFFER_FULL))
    ;
  g_mutex_unlock (&self->lock);
}

GPtrArray *
fluo_relay_buffer_take (FluoRelayBuffer *self, guint n_max, gsize bytes_max)
{
  GPtrArray *taken = NULL;
  gsize bytes = 0;

  g_mutex_lock (&self->lock);
  while (self->queue.length > 0 && (!taken || taken->len < n_max))
    {
      FluoRelayDocument *document = g_queue_peek_head (&self->queue);

      if (taken && bytes + document->length > bytes_max)
        break;
      if (!taken)
        taken = g_ptr_array_new ();
      bytes += document->length;
      g_ptr_array_add (taken, g_queue_pop_head (&self->queue));
    }
  self->queued_bytes -= bytes;
  g_mutex_unlock (&self->lock);
  return taken;
}

/* With the lock. */
static void
count_code (FluoRelayBuffer *self, const char *code)
{
  guint64 *n = g_hash_table_lookup (self->codes, code);

  if (!n && g_hash_table_size (self->codes) >= N_CODES_MAX)
    {
      code = OTHER_CODE;
      n = g_hash_table_lookup (self->codes, code);
    }
  if (!n)
    {
      n = g_new0 (guint64, 1);
      g_hash_table_insert (self->codes, g_strdup (code), n);
    }
  ++*n;
  self->counts.unprocessed++;
}

void
fluo_relay_buffer_settle (FluoRelayBuffer *self, GPtrArray *documents)
{
  g_mutex_lock (&self->lock);
  /* From the end, so that those that go back to the head keep their order. */
  for (guint i = documents->len; i > 0; i--)
    {
      FluoRelayDocument *document = documents->pdata[i - 1];

      switch (document->fate)
        {
        case FLUO_RELAY_FATE_SENT:
          self->counts.sent++;
          break;
        case FLUO_RELAY_FATE_UNPROCESSED:
          count_code (self, document->code);
          break;
        case FLUO_RELAY_FATE_REFUSED:
          self->counts.dropped[FLUO_RELAY_DROP_REFUSED]++;
          break;
        case FLUO_RELAY_FATE_ENDED:
          self->counts.dropped[FLUO_RELAY_DROP_ENDED]++;
          break;
        case FLUO_RELAY_FATE_AGAIN:
        default:
          self->queued_bytes += document->length;
          g_queue_push_head (&self->queue, document);
          continue;
        }
      leave (self, document);
    }
  g_mutex_unlock (&self->lock);
  g_ptr_array_unref (documents);
}

guint64
fluo_relay_buffer_end (FluoRelayBuffer *self)
{
  guint64 n = 0;

  g_mutex_lock (&self->lock);
  while (drop_oldest (self, FLUO_RELAY_DROP_ENDED))
    n++;
  g_mutex_unlock (&self->lock);
  return n;
}

guint
fluo_relay_buffer_get_queued (FluoRelayBuffer *self, gsize *ret_bytes)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->queue.length;
  *ret_bytes = self->queued_bytes;
  g_mutex_unlock (&self->lock);
  return n;
}

void
fluo_relay_buffer_read (FluoRelayBuffer *self, FluoRelayCounts *counts)
{
  g_mutex_lock (&self->lock);
  *counts = self->counts;
  g_mutex_unlock (&self->lock);
}

static void
write_count (FluoJsonWriter *writer, const char *key, guint64 n)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_int (writer, (gint64) n);
}

void
fluo_relay_buffer_write (FluoRelayBuffer *self, FluoJsonWriter *writer)
{
  GHashTableIter iter;
  gpointer code, n;

  g_mutex_lock (&self->lock);
  write_count (writer, "Accepted", self->counts.accepted);
  write_count (writer, "Sent", self->counts.sent);
  write_count (writer, "Waiting", self->counts.waiting);
  write_count (writer, "WaitingBytes", self->counts.waiting_bytes);
  write_count (writer, "BufferBytes", self->bytes_max);
  fluo_json_writer_key (writer, "Unprocessed");
  fluo_json_writer_begin (writer, '{');
  g_hash_table_iter_init (&iter, self->codes);
  while (g_hash_table_iter_next (&iter, &code, &n))
    write_count (writer, code, *(guint64 *) n);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_key (writer, "Dropped");
  fluo_json_writer_begin (writer, '{');
  for (guint i = 0; i < FLUO_N_RELAY_DROPS; i++)
    if (self->counts.dropped[i] > 0)
      {
        fluo_json_writer_key (writer, drops[i].word);
        fluo_json_writer_begin (writer, '{');
        write_count (writer, "Count", self->counts.dropped[i]);
        fluo_json_writer_key (writer, "Meaning");
        fluo_json_writer_string (writer, _(drops[i].meaning));
        fluo_json_writer_end (writer, '}');
      }
  fluo_json_writer_end (writer, '}');
  g_mutex_unlock (&self->lock);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-vault"

#include "fluo-config.h"

#include "fluo-vault-private.h"

#include <string.h>

#include "core/fluo-segment-split.h"
#include "core/fluo-segment.h"

/* From a trace that was read to the vault's collector: taken apart into documents by a worker, and
 * put there in calls of fifty. */

/* What may wait to be kept: more than a minute of somebody paging through large traces. */
#define WAITING_BYTES_MAX (64 * 1024 * 1024)
/* One call; PutTraceSegments takes 50 documents of 64 KB. */
#define PUT_DOCUMENTS_MAX 50

static void put_next (FluoVault *self);

static void
lose_waiting (FluoVault *self)
{
  self->n_lost += self->waiting.length;
  g_queue_clear_full (&self->waiting, g_free);
  self->waiting_bytes = 0;
}

/* One PutTraceSegments. */
typedef struct
{
  FluoVault *vault;
  guint n;
} Put;

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Put *put = user_data;
  g_autoptr (FluoVault) self = put->vault;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) refused = fluo_xray_client_put_trace_segments_finish (
      FLUO_XRAY_CLIENT (source), result, &error);
  const guint n_lost = refused ? MIN (refused->len, put->n) : put->n;

  self->is_putting = FALSE;
  self->n_kept += put->n - n_lost;
  self->n_lost += n_lost;
  fluo_vault_set_error (self, error);
  fluo_vault_changed (self);
  /* A store whose damage shows now was moved aside meanwhile. */
  if (self->client && g_queue_is_empty (&self->waiting))
    fluo_vault_look (self);
  put_next (self);
}

static void
open_to_put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoVault) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_putting = FALSE;
  if (fluo_vault_open_finish (self, result, &error))
    {
      put_next (self);
      return;
    }
  g_message ("what is read can't be kept: %s", error->message);
  lose_waiting (self);
  fluo_vault_changed (self);
}

static void
put_next (FluoVault *self)
{
  g_autoptr (GPtrArray) documents = NULL;
  Put *put;

  if (self->is_putting || g_queue_is_empty (&self->waiting))
    return;
  self->is_putting = TRUE;
  if (!self->client)
    {
      fluo_vault_open_async (self, TRUE, NULL, open_to_put_cb, g_object_ref (self));
      return;
    }
  documents = g_ptr_array_new_with_free_func (g_free);
  while (documents->len < PUT_DOCUMENTS_MAX && !g_queue_is_empty (&self->waiting))
    {
      char *document = g_queue_pop_head (&self->waiting);

      self->waiting_bytes -= strlen (document);
      g_ptr_array_add (documents, document);
    }
  put = g_new (Put, 1);
  put->vault = g_object_ref (self);
  put->n = documents->len;
  fluo_xray_client_put_trace_segments_async (self->client, documents, NULL, put_cb, put);
}

/* A trace that was read, on its way through the worker that makes documents of it. */
typedef struct
{
  FluoTraceId id;
  GPtrArray *documents; /* GBytes */
} Read;

static void
read_free (gpointer data)
{
  Read *read = data;

  g_ptr_array_unref (read->documents);
  g_free (read);
}

/* [worker] */
static void
split_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Read *read = data;
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < read->documents->len; i++)
    {
      g_autoptr (GPtrArray) parts = fluo_segment_split (g_ptr_array_index (read->documents, i),
                                                        &read->id, FLUO_DOCUMENT_SIZE_MAX);

      for (guint j = 0; j < parts->len; j++)
        {
          gsize length;
          const char *text = g_bytes_get_data (g_ptr_array_index (parts, j), &length);

          g_ptr_array_add (texts, g_strndup (text, length));
        }
    }
  g_task_return_pointer (task, texts, (GDestroyNotify) g_ptr_array_unref);
}

static void
split_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoVault *self = FLUO_VAULT (source);
  g_autoptr (GPtrArray) texts = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; i < texts->len; i++)
    {
      char *text = g_ptr_array_index (texts, i);
      const gsize length = strlen (text);

      if (self->waiting_bytes + length > WAITING_BYTES_MAX)
        {
          self->n_lost++;
          continue;
        }
      g_queue_push_tail (&self->waiting, g_strdup (text));
      self->waiting_bytes += length;
    }
  put_next (self);
}

void
fluo_vault_keep_cb (const FluoTraceId *id, GPtrArray *documents, gpointer user_data)
{
  FluoVault *self = user_data;
  g_autoptr (GTask) task = g_task_new (self, NULL, split_cb, NULL);
  Read *read = g_new (Read, 1);

  read->id = *id;
  read->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < documents->len; i++)
    g_ptr_array_add (read->documents, g_bytes_ref (g_ptr_array_index (documents, i)));
  g_task_set_source_tag (task, fluo_vault_keep_cb);
  g_task_set_task_data (task, read, read_free);
  g_task_run_in_thread (task, split_thread);
}

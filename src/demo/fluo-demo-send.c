/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "demo/fluo-demo.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>

#define DATAGRAM_HEADER "{\"format\": \"json\", \"version\": 1}\n"
#define DEFAULT_PER_SECOND 6000
/* Datagrams between two looks at the clock: well under what a receiver's buffer holds. */
#define PACE_BATCH 100
#define FLOW_PATIENCE_US (10 * G_USEC_PER_SEC)
#define FLOW_STEP_US (50 * 1000)
#define PROGRESS_INTERVAL_US (100 * 1000)
/* Asked for; the kernel gives what it allows. */
#define SEND_BUFFER_BYTES (1024 * 1024)

struct _FluoDemoFlow
{
  gatomicrefcount ref_count;
  struct
  {
    GMutex  lock;
    GCond   changed;
    guint64 acknowledged;
  } shared;
};

typedef struct
{
  FluoDemo        *demo;
  FluoDemoFlow    *flow;      /* or NULL */
  char            *address;
  guint            per_second;
  FluoDemoProgress progress;
  gpointer         progress_data;
  GMainContext    *context;   /* where progress is told */
  guint            n_datagrams;
} SendData;

typedef struct
{
  FluoDemoProgress progress;
  gpointer         progress_data;
  guint            done;
  guint            total;
} ProgressCall;

/* --- Flow ----------------------------------------------------------------- */

FluoDemoFlow *
fluo_demo_flow_new (void)
{
  FluoDemoFlow *self = g_new0 (FluoDemoFlow, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->shared.lock);
  g_cond_init (&self->shared.changed);
  return self;
}

static FluoDemoFlow *
flow_ref (FluoDemoFlow *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_demo_flow_unref (FluoDemoFlow *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->shared.lock);
  g_cond_clear (&self->shared.changed);
  g_free (self);
}

void
fluo_demo_flow_acknowledge (FluoDemoFlow *self, guint64 n)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->shared.lock);
  self->shared.acknowledged = MAX (self->shared.acknowledged, n);
  g_cond_broadcast (&self->shared.changed);
  g_mutex_unlock (&self->shared.lock);
}

/* [worker] Waits until another datagram after @n_sent may go. */
static gboolean
flow_wait (FluoDemoFlow *self, guint64 n_sent, GCancellable *cancellable, GError **error)
{
  gint64 give_up_us = g_get_monotonic_time () + FLOW_PATIENCE_US;
  guint64 seen;
  gboolean go = TRUE;

  g_mutex_lock (&self->shared.lock);
  seen = self->shared.acknowledged;
  while (n_sent >= self->shared.acknowledged + FLUO_DEMO_WINDOW)
    {
      gint64 now_us = g_get_monotonic_time ();

      if (self->shared.acknowledged != seen)
        give_up_us = now_us + FLOW_PATIENCE_US;
      seen = self->shared.acknowledged;
      if (g_cancellable_is_cancelled (cancellable) || now_us >= give_up_us)
        {
          go = FALSE;
          break;
        }
      g_cond_wait_until (&self->shared.changed, &self->shared.lock, now_us + FLOW_STEP_US);
    }
  g_mutex_unlock (&self->shared.lock);
  if (!go && !g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 _("the receiver has taken nothing for %d seconds"),
                 (int) (FLOW_PATIENCE_US / G_USEC_PER_SEC));
  return go;
}

/* --- Sending -------------------------------------------------------------- */

static void
send_data_free (gpointer data)
{
  SendData *self = data;

  fluo_demo_free (self->demo);
  g_clear_pointer (&self->flow, fluo_demo_flow_unref);
  g_free (self->address);
  g_main_context_unref (self->context);
  g_free (self);
}

gboolean
fluo_demo_send_document (GSocket *socket, GSocketAddress *address, const char *document,
                         GError **error)
{
  GOutputVector vectors[2];
  gssize sent;

  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (document != NULL, FALSE);

  vectors[0].buffer = DATAGRAM_HEADER;
  vectors[0].size = strlen (DATAGRAM_HEADER);
  vectors[1].buffer = document;
  vectors[1].size = strlen (document);
  sent = g_socket_send_message (socket, address, vectors, G_N_ELEMENTS (vectors), NULL, 0,
                                G_SOCKET_MSG_NONE, NULL, error);
  return sent >= 0;
}

static gboolean
tell_progress_cb (gpointer data)
{
  ProgressCall *call = data;

  call->progress (call->done, call->total, call->progress_data);
  return G_SOURCE_REMOVE;
}

static void
tell_progress (SendData *data, guint done)
{
  ProgressCall *call;

  if (data->progress == NULL)
    return;
  call = g_new (ProgressCall, 1);
  call->progress = data->progress;
  call->progress_data = data->progress_data;
  call->done = done;
  call->total = fluo_demo_get_n_traces (data->demo);
  /* The task's own priority, so that no progress is told after the end. */
  g_main_context_invoke_full (data->context, G_PRIORITY_DEFAULT, tell_progress_cb, call, g_free);
  /* cppcheck-suppress memleak; the context frees the call when it was made. */
}

/* Waits until @n_sent datagrams are due, counted from @begin_us. */
static void
keep_pace (guint64 n_sent, guint per_second, gint64 begin_us)
{
  gint64 due_us = begin_us + (gint64) (n_sent * G_USEC_PER_SEC / per_second);
  gint64 early_us = due_us - g_get_monotonic_time ();

  if (early_us > 0)
    g_usleep ((gulong) early_us);
}

/* [worker] */
static gboolean
send_traces (SendData *data, GSocket *socket, GSocketAddress *address, GCancellable *cancellable,
             GError **error)
{
  gint64 begin_us = g_get_monotonic_time ();
  gint64 told_us = begin_us;
  guint n_traces = fluo_demo_get_n_traces (data->demo);

  for (guint i = 0; i < n_traces; i++)
    {
      g_autoptr (GPtrArray) documents = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      documents = fluo_demo_dup_trace (data->demo, i);
      for (guint j = 0; j < documents->len; j++)
        {
          if (data->flow != NULL && !flow_wait (data->flow, data->n_datagrams, cancellable, error))
            return FALSE;
          if (!fluo_demo_send_document (socket, address, g_ptr_array_index (documents, j), error))
            return FALSE;
          if (++data->n_datagrams % PACE_BATCH == 0 && data->per_second > 0)
            keep_pace (data->n_datagrams, data->per_second, begin_us);
        }
      if (g_get_monotonic_time () - told_us > PROGRESS_INTERVAL_US)
        {
          told_us = g_get_monotonic_time ();
          tell_progress (data, i + 1);
        }
    }
  tell_progress (data, n_traces);
  return TRUE;
}

/* [worker] */
static void
send_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  SendData *data = task_data;
  g_autoptr (GSocketConnectable) host = NULL;
  g_autoptr (GSocketAddressEnumerator) enumerator = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  GError *error = NULL;

  host = g_network_address_parse (data->address, 2000, &error);
  if (host != NULL)
    {
      enumerator = g_socket_connectable_enumerate (host);
      address = g_socket_address_enumerator_next (enumerator, cancellable, &error);
      if (address == NULL && error == NULL)
        error = g_error_new (G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, _("“%s” has no address"),
                             data->address);
    }
  if (address != NULL)
    socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_DATAGRAM,
                           G_SOCKET_PROTOCOL_UDP, &error);
  if (socket == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES, NULL);

  if (send_traces (data, socket, address, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fluo_demo_send_async (FluoDemo *self, const char *address, guint per_second,
                      FluoDemoFlow *flow, FluoDemoProgress progress, gpointer progress_data,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  SendData *data;

  g_return_if_fail (self != NULL);
  g_return_if_fail (address != NULL);

  data = g_new0 (SendData, 1);
  data->demo = fluo_demo_ref (self);
  data->flow = flow != NULL ? flow_ref (flow) : NULL;
  data->address = g_strdup (address);
  data->per_second = per_second > 0 || flow != NULL ? per_second : DEFAULT_PER_SECOND;
  data->progress = progress;
  data->progress_data = progress_data;
  data->context = g_main_context_ref_thread_default ();

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_demo_send_async);
  g_task_set_task_data (task, data, send_data_free);
  g_task_run_in_thread (task, send_thread);
}

gboolean
fluo_demo_send_finish (FluoDemo *self, GAsyncResult *result, guint *ret_datagrams, GError **error)
{
  SendData *data;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  data = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (ret_datagrams != NULL)
    *ret_datagrams = data->n_datagrams;
  return TRUE;
}

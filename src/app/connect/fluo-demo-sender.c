/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-demo-sender.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

/* The collector is asked this often how far it is: at its usual pace well under a window. */
#define ASK_INTERVAL_MS 20
/* How long the last datagrams may take to be stored. */
#define SETTLE_USEC (20 * G_USEC_PER_SEC)

typedef struct
{
  FluoXrayClient *client;
  char *udp;
  FluoDemo *demo;
  FluoDemoFlow *flow;
  FluoDemoProgress progress;
  gpointer progress_data;
  GCancellable *sending;     /* ends the sender when the collector goes away */
  gulong cancel_id;
  gboolean asked;            /* the numbers before are known */
  guint64 done_before;
  guint64 stored_before;
  gboolean sent;
  guint n_datagrams;
  gint64 sent_usec;
  GError *error;             /* why the counting ended; the sender is waited for */
} Run;

static void ask (GTask *task);

static void
run_free (Run *run)
{
  g_object_unref (run->client);
  g_free (run->udp);
  fluo_demo_free (run->demo);
  fluo_demo_flow_unref (run->flow);
  g_object_unref (run->sending);
  g_clear_error (&run->error);
  g_free (run);
}

static guint64
count_done (const FluoCollectorStatus *status)
{
  guint64 done = status->stored;

  for (guint i = 0; i < status->refused->len; i++)
    done += ((const FluoRefusal *) g_ptr_array_index (status->refused, i))->count;
  return done;
}

static void
finish (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable)
    g_cancellable_disconnect (cancellable, run->cancel_id);
  if (run->error)
    g_task_return_error (task, g_steal_pointer (&run->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  run->sent = TRUE;
  run->sent_usec = g_get_monotonic_time ();
  if (!fluo_demo_send_finish (run->demo, result, &run->n_datagrams, &error) && !run->error)
    run->error = g_steal_pointer (&error);
}

/* What the collector has done with, one way or the other, may be followed by as much again. */
static void
follow (GTask *task, const FluoCollectorStatus *status)
{
  Run *run = g_task_get_task_data (task);
  guint64 done = count_done (status) - run->done_before;
  guint64 stored = status->stored - run->stored_before;

  fluo_demo_flow_acknowledge (run->flow, done);
  if (!run->sent || run->error || stored >= run->n_datagrams)
    return;
  if (done >= run->n_datagrams || g_get_monotonic_time () - run->sent_usec > SETTLE_USEC)
    {
      g_autofree char *got = fluo_format_count (stored);
      g_autofree char *all = fluo_format_count (run->n_datagrams);

      run->error = g_error_new (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                                _("the collector stored %s of %s datagrams"), got, all);
    }
}

static gboolean
is_over (Run *run, const FluoCollectorStatus *status)
{
  return run->sent
         && (run->error
             || (status->stored - run->stored_before >= run->n_datagrams
                 && (status->assembling == 0
                     || g_get_monotonic_time () - run->sent_usec > SETTLE_USEC)));
}

static gboolean
ask_cb (gpointer data)
{
  ask (data);
  return G_SOURCE_REMOVE;
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCollectorStatus) status = NULL;

  status = fluo_xray_client_get_status_finish (run->client, result, &error);
  if (!status)
    {
      if (!run->error)
        run->error = g_steal_pointer (&error);
      g_cancellable_cancel (run->sending);
      if (run->sent || !run->asked)
        {
          finish (task);
          return;
        }
    }
  else if (!run->asked)
    {
      run->asked = TRUE;
      run->done_before = count_done (status);
      run->stored_before = status->stored;
      fluo_demo_send_async (run->demo, run->udp, 0, run->flow, run->progress,
                            run->progress_data, run->sending, sent_cb, g_object_ref (task));
    }
  else
    {
      follow (task, status);
      if (is_over (run, status))
        {
          finish (task);
          return;
        }
    }
  g_timeout_add_full (G_PRIORITY_DEFAULT, ASK_INTERVAL_MS, ask_cb, g_object_ref (task),
                      g_object_unref);
}

static void
ask (GTask *task)
{
  Run *run = g_task_get_task_data (task);

  /* Once the counting has failed only the sender's end is waited for. */
  if (run->error && run->sent)
    finish (task);
  else
    fluo_xray_client_get_status_async (run->client, run->sending, told_cb, g_object_ref (task));
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

void
fluo_demo_sender_run_async (FluoXrayClient *client, const char *udp, const FluoDemoOptions *options,
                            FluoDemoProgress progress, gpointer progress_data,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Run *run;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (client));
  g_return_if_fail (udp != NULL);

  run = g_new0 (Run, 1);
  run->client = g_object_ref (client);
  run->udp = g_strdup (udp);
  run->demo = fluo_demo_new (options);
  run->flow = fluo_demo_flow_new ();
  run->progress = progress;
  run->progress_data = progress_data;
  run->sending = g_cancellable_new ();
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_demo_sender_run_async);
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  if (cancellable)
    run->cancel_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                            g_object_ref (run->sending), g_object_unref);
  ask (task);
}

gboolean
fluo_demo_sender_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

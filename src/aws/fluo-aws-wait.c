/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-aws-wait.h"

#define PAUSE_MAX_MS 20000

/* Whichever comes first ends the pause. */
typedef struct
{
  GTask   *task;
  GSource *timer;
  GSource *cancel; /* or NULL */
} Wait;

static GTask *
wait_end (Wait *self)
{
  GTask *task = self->task;

  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  if (self->cancel)
    {
      g_source_destroy (self->cancel);
      g_source_unref (self->cancel);
    }
  g_free (self);
  return task;
}

static gboolean
time_passed_cb (gpointer user_data)
{
  g_autoptr (GTask) task = wait_end (user_data);

  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = wait_end (user_data);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
fluo_aws_wait_async (guint milliseconds, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Wait *self = g_new0 (Wait, 1);

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, fluo_aws_wait_async);
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->timer, time_passed_cb, self, NULL);
  g_source_attach (self->timer, g_task_get_context (self->task));
  if (cancellable)
    {
      self->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancel, g_task_get_context (self->task));
    }
}

gboolean
fluo_aws_wait_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_aws_wait_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

guint
fluo_aws_wait_pick (guint attempt, gboolean throttled)
{
  guint limit;

  g_return_val_if_fail (attempt >= 2, 0);
  limit = (throttled ? 1000u : 50u) << MIN (attempt - 2, 16u);
  return (guint) g_random_int_range (0, (gint32) MIN (limit, PAUSE_MAX_MS) + 1);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-client-private.h"

#include <glib/gi18n-lib.h>

#define PAGES_MAX \
  1000 /* a hundred thousand summaries and more; a service that goes on beyond that is stuck */

/* Shared with the worker, which may outlive a cancelled call. */
typedef struct
{
  gatomicrefcount  ref_count;
  FluoXrayReadPage read_page;
  gpointer         state;
  GDestroyNotify   state_free;
} Shared;

typedef struct
{
  Shared       *shared;
  FluoJsonTape *tape;
} ReadJob;

/* One reference for every operation under way. Lives in the caller's context. */
typedef struct
{
  GTask           *task; /* NULL once it has returned */
  GCancellable    *cancellable;
  FluoXrayClient  *client;
  Shared          *shared;
  FluoXrayPageDone page_done;
  FluoAwsService   service;
  char            *action; /* of X-Ray its path */
  char            *params;
  GHashTable      *tokens;
  FluoJsonTape    *waiting; /* a page that came while the one before is still being read */
  gboolean         is_requesting;
  gboolean         is_reading;
} Pages;

static void request_page (Pages *self, const char *token);

static Shared *
shared_ref (Shared *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
shared_unref (Shared *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->state)
    self->state_free (self->state);
  g_free (self);
}

static void
read_job_free (gpointer data)
{
  ReadJob *job = data;

  shared_unref (job->shared);
  fluo_json_tape_free (job->tape);
  g_free (job);
}

static void
pages_clear (gpointer data)
{
  Pages *self = data;

  g_assert (self->task == NULL);
  g_clear_object (&self->cancellable);
  g_object_unref (self->client);
  shared_unref (self->shared);
  g_free (self->action);
  g_free (self->params);
  g_hash_table_unref (self->tokens);
  g_clear_pointer (&self->waiting, fluo_json_tape_free);
}

static void
pages_unref (Pages *self)
{
  g_rc_box_release_full (self, pages_clear);
}

static void
fail (Pages *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_task_return_error (task, error);
}

static void
succeed (Pages *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_task_return_pointer (task, g_steal_pointer (&self->shared->state), self->shared->state_free);
}

/* [worker] */
static void
read_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  ReadJob *job = task_data;
  GError *error = NULL;

  if (job->shared->read_page (job->tape, job->shared->state, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void read_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_page (Pages *self, FluoJsonTape *tape)
{
  g_autoptr (GTask) worker = g_task_new (NULL, self->cancellable, read_cb, g_rc_box_acquire (self));
  ReadJob *job = g_new (ReadJob, 1);

  job->shared = shared_ref (self->shared);
  job->tape = tape;
  self->is_reading = TRUE;
  g_task_set_source_tag (worker, read_page);
  g_task_set_task_data (worker, job, read_job_free);
  g_task_set_return_on_cancel (worker, TRUE);
  g_task_run_in_thread (worker, read_thread);
}

/* Asks for the page after @tape. FALSE when the call has failed. */
static gboolean
follow (Pages *self, const FluoJsonTape *tape)
{
  g_autofree char *token = fluo_json_tape_dup_member (tape, 0, "NextToken");

  if (!token || *token == '\0')
    return TRUE;
  if (g_hash_table_contains (self->tokens, token))
    fail (self, g_error_new_literal (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                                     _("the service gave the same NextToken twice; the list "
                                       "would never end")));
  else if (g_hash_table_size (self->tokens) + 1 >= PAGES_MAX)
    fail (self, g_error_new (FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                             self->service == FLUO_AWS_XRAY
                               ? _("the answer has more than %d pages; choose a shorter time "
                                   "range")
                               : _("the answer has more than %d pages"),
                             PAGES_MAX));
  else
    {
      request_page (self, token);
      g_hash_table_add (self->tokens, g_steal_pointer (&token));
      return TRUE;
    }
  return FALSE;
}

static void
advance (Pages *self)
{
  if (self->waiting && !self->is_reading)
    {
      FluoJsonTape *tape = g_steal_pointer (&self->waiting);

      if (!follow (self, tape))
        {
          fluo_json_tape_free (tape);
          return;
        }
      read_page (self, tape);
    }
  else if (!self->is_reading && !self->is_requesting)
    succeed (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pages *self = user_data;
  GError *error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);

  self->is_reading = FALSE;
  if (!self->task)
    g_clear_error (&error);
  else if (!ok)
    fail (self, error);
  else
    {
      if (self->page_done)
        self->page_done (self->shared->state);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, &error))
        fail (self, error);
      else
        advance (self);
    }
  pages_unref (self);
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pages *self = user_data;
  GError *error = NULL;
  FluoJsonTape *tape = fluo_xray_client_call_service_finish (self->client, result, &error);

  self->is_requesting = FALSE;
  if (!self->task)
    {
      g_clear_pointer (&tape, fluo_json_tape_free);
      g_clear_error (&error);
    }
  else if (!tape)
    fail (self, error);
  else
    {
      self->waiting = tape;
      advance (self);
    }
  pages_unref (self);
}

static void
request_page (Pages *self, const char *token)
{
  g_autoptr (GString) body = g_string_new (self->params);

  if (token)
    {
      FluoJsonWriter writer;

      /* The members before it, if there are any, are text already, so the comma is ours. */
      fluo_json_writer_init (&writer, body);
      if (body->str[body->len - 1] != '{')
        g_string_append_c (body, ',');
      fluo_json_writer_key (&writer, "NextToken");
      fluo_json_writer_string (&writer, token);
    }
  g_string_append_c (body, '}');
  self->is_requesting = TRUE;
  fluo_xray_client_call_service_async (self->client, self->service, self->action, body->str,
                                       self->cancellable, page_cb, g_rc_box_acquire (self));
}

void
fluo_service_pages_async (FluoXrayClient *client, FluoAwsService service, const char *action,
                          const char *params, FluoXrayReadPage read, FluoXrayPageDone page_done,
                          gpointer state, GDestroyNotify state_free, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  Pages *self = g_rc_box_new0 (Pages);

  self->shared = g_new0 (Shared, 1);
  g_atomic_ref_count_init (&self->shared->ref_count);
  self->shared->read_page = read;
  self->shared->state = state;
  self->shared->state_free = state_free;
  self->task = g_task_new (client, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, fluo_service_pages_async);
  self->cancellable = cancellable ? g_object_ref (cancellable) : NULL;
  self->client = g_object_ref (client);
  self->page_done = page_done;
  self->service = service;
  self->action = g_strdup (action);
  self->params = g_strdup (params);
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  request_page (self, NULL);
  pages_unref (self);
}

void
fluo_xray_pages_async (FluoXrayClient *client, const char *path, const char *params,
                       FluoXrayReadPage read, FluoXrayPageDone page_done, gpointer state,
                       GDestroyNotify state_free, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  fluo_service_pages_async (client, FLUO_AWS_XRAY, path, params, read, page_done, state, state_free,
                            cancellable, callback, user_data);
}

gpointer
fluo_xray_pages_finish (FluoXrayClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_service_pages_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

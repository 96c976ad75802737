/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-http.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define READ_BYTES (64 * 1024)

/* Owned by the one libsoup or stream operation that is under way. The task may return before that
 * operation ends: cancelling libsoup takes as long as the network likes, and nobody should wait for
 * it. */
typedef struct
{
  GTask         *task; /* NULL once it has returned */
  SoupMessage   *message;
  FluoHttpLimits limits;
  GCancellable  *inner;
  GInputStream  *stream;
  GByteArray    *body;
  GSource       *cancel_source;
  GSource       *idle_source;
  GSource       *total_source;
  guint8         buffer[READ_BYTES];
} Exchange;

static void read_more (Exchange *self);

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GTask *
exchange_stop (Exchange *self)
{
  clear_source (&self->cancel_source);
  clear_source (&self->idle_source);
  clear_source (&self->total_source);
  return g_steal_pointer (&self->task);
}

static void
exchange_free (Exchange *self)
{
  g_assert (self->task == NULL);
  g_object_unref (self->message);
  g_object_unref (self->inner);
  g_clear_object (&self->stream);
  g_byte_array_unref (self->body);
  g_free (self);
}

/* Returns early; the operation under way frees the exchange when it ends. */
static void
exchange_abandon (Exchange *self, int code, const char *message)
{
  g_autoptr (GTask) task = exchange_stop (self);

  g_cancellable_cancel (self->inner);
  g_task_return_new_error (task, G_IO_ERROR, code, "%s", message);
}

static void
exchange_fail (Exchange *self, GError *error)
{
  g_autoptr (GTask) task = exchange_stop (self);

  exchange_free (self);
  g_task_return_error (task, error);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  exchange_abandon (user_data, G_IO_ERROR_CANCELLED, _("the request was cancelled"));
  return G_SOURCE_REMOVE;
}

static gboolean
idle_time_passed_cb (gpointer user_data)
{
  Exchange *self = user_data;
  g_autofree char *text =
    g_strdup_printf (_("no answer within %u s"), self->limits.idle_ms / 1000);

  exchange_abandon (self, G_IO_ERROR_TIMED_OUT, text);
  return G_SOURCE_REMOVE;
}

static gboolean
total_time_passed_cb (gpointer user_data)
{
  Exchange *self = user_data;
  g_autofree char *text = g_strdup_printf (_("the answer was not complete within %u s"),
                                           self->limits.total_ms / 1000);

  exchange_abandon (self, G_IO_ERROR_TIMED_OUT, text);
  return G_SOURCE_REMOVE;
}

static char *
dup_header (SoupMessageHeaders *headers, const char *name)
{
  return g_strdup (soup_message_headers_get_one (headers, name));
}

/* Whole milliseconds; what is something else asks for nothing. */
static guint
read_retry_after (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "x-amz-retry-after");
  guint64 value;

  if (!text || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &value, NULL))
    return 0;
  return (guint) value;
}

static void
exchange_succeed (Exchange *self)
{
  g_autoptr (GTask) task = exchange_stop (self);
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  FluoHttpResponse *response = g_new0 (FluoHttpResponse, 1);
  const char *date = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) time = date ? soup_date_time_new_from_http_string (date) : NULL;

  response->status = soup_message_get_status (self->message);
  response->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  self->body = g_byte_array_new ();
  response->content_type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  response->error_type = dup_header (headers, "x-amzn-errortype");
  response->server = dup_header (headers, "Server");
  response->keys_path = dup_header (headers, "x-fluoroscope-credentials");
  response->request_id = dup_header (headers, "x-amzn-requestid");
  if (!response->request_id)
    response->request_id = dup_header (headers, "x-amz-request-id");
  response->retry_after_ms = read_retry_after (headers);
  if (time)
    response->date_s = g_date_time_to_unix (time);
  exchange_free (self);
  g_task_return_pointer (task, response, (GDestroyNotify) fluo_http_response_free);
}

/* TRUE when the exchange has returned already: the operation that ends now was only cleaning up. */
static gboolean
was_abandoned (Exchange *self)
{
  if (self->task)
    return FALSE;
  exchange_free (self);
  return TRUE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exchange *self = user_data;
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (was_abandoned (self))
    {
      g_clear_error (&error);
      return;
    }
  if (n < 0)
    {
      exchange_fail (self, error);
      return;
    }
  if (n == 0)
    {
      /* At the end closing waits for nothing, and gives the connection back for reuse. */
      g_input_stream_close (self->stream, NULL, NULL);
      exchange_succeed (self);
      return;
    }
  if (self->body->len + (guint64) n > self->limits.body_max)
    {
      g_cancellable_cancel (self->inner);
      exchange_fail (self, g_error_new (G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                                        _("the answer is larger than %u MiB"),
                                        (guint) (self->limits.body_max / (1024 * 1024))));
      return;
    }
  g_byte_array_append (self->body, self->buffer, (guint) n);
  g_source_set_ready_time (self->idle_source,
                           g_get_monotonic_time () + (gint64) self->limits.idle_ms * 1000);
  read_more (self);
}

static void
read_more (Exchange *self)
{
  g_input_stream_read_async (self->stream, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT,
                             self->inner, read_cb, self);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exchange *self = user_data;
  GError *error = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (was_abandoned (self))
    {
      g_clear_error (&error);
      return;
    }
  if (!self->stream)
    {
      exchange_fail (self, error);
      return;
    }
  read_more (self);
}

static GSource *
attach (Exchange *self, GSource *source, GSourceFunc callback)
{
  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, g_task_get_context (self->task));
  return source;
}

void
fluo_http_exchange_async (SoupSession *session, SoupMessage *message, const FluoHttpLimits *limits,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Exchange *self;

  g_return_if_fail (SOUP_IS_SESSION (session) && SOUP_IS_MESSAGE (message) && limits != NULL);

  self = g_new0 (Exchange, 1);
  self->task = g_task_new (session, NULL, callback, user_data);
  g_task_set_source_tag (self->task, fluo_http_exchange_async);
  self->message = g_object_ref (message);
  self->limits = *limits;
  self->inner = g_cancellable_new ();
  self->body = g_byte_array_new ();
  if (cancellable)
    self->cancel_source = attach (self, g_cancellable_source_new (cancellable),
                                  G_SOURCE_FUNC (cancelled_cb));
  self->idle_source = attach (self, g_timeout_source_new (limits->idle_ms), idle_time_passed_cb);
  self->total_source = attach (self, g_timeout_source_new (limits->total_ms), total_time_passed_cb);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, self->inner, sent_cb, self);
}

FluoHttpResponse *
fluo_http_exchange_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_http_exchange_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fluo_http_response_free (FluoHttpResponse *self)
{
  g_return_if_fail (self != NULL);

  g_bytes_unref (self->body);
  g_free (self->content_type);
  g_free (self->error_type);
  g_free (self->server);
  g_free (self->keys_path);
  g_free (self->request_id);
  g_free (self);
}

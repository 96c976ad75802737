/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xray-service.h"

#include <string.h>

#include "fluo-test-util.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static void
request_free (gpointer data)
{
  XrayRequest *request = data;

  g_free (request->method);
  g_free (request->path);
  g_free (request->body);
  g_hash_table_unref (request->headers);
  g_free (request);
}

static void
write_down (XrayService *self, SoupServerMessage *message)
{
  XrayRequest *request = g_new0 (XrayRequest, 1);
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  request->method = g_strdup (soup_server_message_get_method (message));
  request->path = g_strconcat (g_uri_get_path (uri), g_uri_get_query (uri) ? "?" : "",
                               g_uri_get_query (uri) ? g_uri_get_query (uri) : "", NULL);
  request->body = g_strndup (body->data ? body->data : "", (gsize) body->length);
  request->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_hash_table_replace (request->headers, g_ascii_strdown (name, -1), g_strdup (value));
  request->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  g_ptr_array_add (self->requests, request);
}

static void
say_raw (SoupServerMessage *message, const char *raw)
{
  GIOStream *stream = soup_server_message_steal_connection (message);

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), raw, strlen (raw), NULL, NULL,
                             NULL);
  g_io_stream_close (stream, NULL, NULL);
  g_object_unref (stream);
}

static void
handle_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer user_data)
{
  XrayService *self = user_data;
  const XrayAnswer *answer = g_queue_pop_head (&self->answers);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *date = NULL;
  const char *type;

  write_down (self, message);
  if (!answer)
    {
      soup_server_message_set_status (message, 418, "nobody expected this request");
      return;
    }
  if (answer->hang)
    {
      soup_server_message_pause (message);
      g_ptr_array_add (self->hanging, g_object_ref (message));
      return;
    }
  if (answer->raw)
    {
      say_raw (message, answer->raw);
      return;
    }
  soup_server_message_set_status (message, answer->status ? answer->status : 200, NULL);
  soup_message_headers_replace (headers, "x-amzn-RequestId", "req-1");
  if (answer->error_type)
    soup_message_headers_replace (headers, "x-amzn-errortype", answer->error_type);
  now = g_date_time_new_from_unix_utc (self->now_s);
  date = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  soup_message_headers_replace (headers, "Date", answer->date ? answer->date : date);
  if (answer->location)
    soup_message_headers_replace (headers, "Location", answer->location);
  type = answer->content_type ? answer->content_type : "application/json";
  if (!answer->body || *answer->body != '\0')
    soup_server_message_set_response (message, *type ? type : "x", SOUP_MEMORY_COPY,
                                      answer->body ? answer->body : "{}",
                                      answer->body ? strlen (answer->body) : 2);
  if (*type == '\0')
    soup_message_headers_remove (headers, "Content-Type");
}

static gint64
clock_cb (gpointer user_data)
{
  return ((XrayService *) user_data)->now_s;
}

/* No time passes in tests; what a pause would be is only counted. */
static guint
pause_cb (guint attempt, gboolean throttled, gpointer user_data)
{
  XrayService *self = user_data;

  g_array_append_val (self->pauses, attempt);
  self->throttled = throttled;
  self->now_s += 60;
  if (self->cancel_in_pause)
    {
      g_cancellable_cancel (self->cancel_in_pause);
      return G_MAXINT;
    }
  return 0;
}

XrayService *
xray_service_new (FluoCredentials *credentials)
{
  XrayService *self = g_new0 (XrayService, 1);
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->server = soup_server_new ("server-header", "test", NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  soup_server_add_handler (self->server, NULL, handle_cb, self, NULL);
  uris = soup_server_get_uris (self->server);
  self->url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_queue_init (&self->answers);
  self->requests = g_ptr_array_new_with_free_func (request_free);
  self->hanging = g_ptr_array_new_with_free_func (g_object_unref);
  self->pauses = g_array_new (FALSE, FALSE, sizeof (guint));
  self->now_s = 1787220672;
  self->client = fluo_xray_client_new (self->url, "eu-west-1", credentials);
  fluo_xray_client_set_seams (self->client, clock_cb, pause_cb, self);
  return self;
}

XrayService *
xray_service_new_with_services (void)
{
  g_autoptr (FluoCredentials) keys =
    fluo_credentials_new ("AKIDEXAMPLE", "secret", "token", "test");
  XrayService *service = xray_service_new (keys);

  fluo_xray_client_set_service_endpoint (service->client, FLUO_AWS_LOGS, service->url);
  fluo_xray_client_set_service_endpoint (service->client, FLUO_AWS_CLOUDWATCH, service->url);
  service->client->poll_ms = 0;
  return service;
}

static gboolean
is_gone (gpointer data)
{
  return *(FluoXrayClient **) data == NULL;
}

void
xray_service_free (XrayService *self)
{
  /* What a cancelled call left in a worker still holds the client, but not for ever. */
  g_object_add_weak_pointer (G_OBJECT (self->client), (gpointer *) &self->client);
  g_object_unref (self->client);
  g_assert_true (fluo_test_wait_until (is_gone, &self->client, PATIENCE_MS));
  soup_server_disconnect (self->server);
  /* Cancelled exchanges end in the main context. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_ptr_array_unref (self->hanging);
  g_object_unref (self->server);
  g_queue_clear (&self->answers);
  g_ptr_array_unref (self->requests);
  g_array_unref (self->pauses);
  g_free (self->url);
  g_free (self);
}

void
xray_service_answer (XrayService *self, const XrayAnswer *answer)
{
  g_queue_push_tail (&self->answers, (gpointer) answer);
}

/* Answers of plain text live as long as the test program. */
void
xray_service_say (XrayService *self, const char *body)
{
  static GPtrArray *kept;
  XrayAnswer *answer = g_new0 (XrayAnswer, 1);

  if (!kept)
    kept = g_ptr_array_new ();
  g_ptr_array_add (kept, answer);
  answer->body = body;
  xray_service_answer (self, answer);
}

const XrayRequest *
xray_service_request (XrayService *self, guint index)
{
  g_assert_cmpuint (index, <, self->requests->len);
  return g_ptr_array_index (self->requests, index);
}

const char *
xray_request_header (const XrayRequest *request, const char *name)
{
  return g_hash_table_lookup (request->headers, name);
}

FluoJsonTape *
xray_service_call (XrayService *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_call_async (self->client, path, NULL, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_call_finish (self->client, result, error);
}

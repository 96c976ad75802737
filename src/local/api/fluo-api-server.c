/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-server.h"

#include <string.h>

#include "local/api/fluo-api-checks.h"
#include "local/api/fluo-api-shapes.h"
#include "local/intake/fluo-http-guard.h"

/* Queries at once; more only compete for the disk. */
#define N_WORKERS 2

#define LONG_POLL_USEC (25 * G_USEC_PER_SEC)
#define N_WAITING_MAX 32

typedef struct
{
  FluoApiCall *call;
  guint64      after;
  gint64       deadline_usec;
} Waiting;

struct _FluoApiServer
{
  const FluoApiContext *context;
  FluoAccessControl    *access;
  SoupServer           *soup;
  FluoHttpGuard        *guard;
  GThreadPool          *pool;
  GArray               *waiting;   /* Waiting */
  guint                 waiting_id;
  guint                 n_calls;
  int                   changed;   /* atomic: an idle for it is under way */
  gboolean              stopped;
};

/* --- Calls -------------------------------------------------------------- */

void
fluo_api_call_fail (FluoApiCall *call, guint status, const char *type, const char *message)
{
  FluoJsonWriter writer;

  g_string_truncate (call->out, 0);
  call->status = status;
  call->error_type = type;
  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Message");
  fluo_json_writer_string (&writer, message);
  /* X-Ray spells it small where the error is not of its model; clients look for either. */
  if (g_str_equal (type, "ValidationException") || g_str_equal (type, "SerializationException") ||
      g_str_equal (type, "InternalFailure"))
    {
      fluo_json_writer_key (&writer, "message");
      fluo_json_writer_string (&writer, message);
    }
  fluo_json_writer_end (&writer, '}');
}

void
fluo_api_call_invalid (FluoApiCall *call, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  fluo_api_call_fail (call, 400, "InvalidRequestException", message);
}

void
fluo_api_call_missing (FluoApiCall *call, const char *member)
{
  g_autofree char *message = g_strdup_printf (
    "1 validation error detected: Value null at '%s' failed to satisfy constraint: "
    "Member must not be null",
    member);

  fluo_api_call_fail (call, 400, "ValidationException", message);
}

void
fluo_api_call_store_failed (FluoApiCall *call, const GError *error)
{
  gboolean full = g_error_matches (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FULL);

  fluo_api_call_fail (call, 503, "ServiceUnavailable", error->message);
  call->retry_after = full ? 10 : 1;
}

gboolean
fluo_api_call_get_time (FluoApiCall *call, const char *key, gint64 *ret_ns)
{
  guint32 node = fluo_json_tape_get (call->tape, 0, key);
  g_autofree char *member = g_strdup (key);
  gint64 time_ns;

  if (fluo_json_tape_type (call->tape, node) == FLUO_JSON_NULL)
    {
      member[0] = g_ascii_tolower (member[0]);
      fluo_api_call_missing (call, member);
      return FALSE;
    }
  if (!fluo_json_tape_seconds (call->tape, node, &time_ns))
    {
      fluo_api_call_fail (call, 400, "SerializationException",
                          "times are numbers: seconds since 1970");
      return FALSE;
    }
  /* Nothing is stored beyond; the margin keeps sums of a minute from overflowing. */
  *ret_ns = CLAMP (time_ns, 0, G_MAXINT64 - 2 * FLUO_NSEC_PER_MIN);
  return TRUE;
}

gboolean
fluo_api_call_refuse (FluoApiCall *call, const char *key, const char *message)
{
  if (fluo_json_tape_type (call->tape, fluo_json_tape_get (call->tape, 0, key)) == FLUO_JSON_NULL)
    return FALSE;
  fluo_api_call_invalid (call, "%s", message);
  return TRUE;
}

static void
set_common_headers (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *request_id = g_uuid_string_random ();

  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Cross-Origin-Resource-Policy", "same-origin");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "x-amzn-RequestId", request_id);
}

/* A program of the same user can take the keys from the file and ask again. */
static void
tell_where_keys_are (FluoApiCall *call, SoupMessageHeaders *headers)
{
  const char *path = fluo_access_control_get_path (call->server->access);

  if (call->status == 403 && path && call->listener && call->listener->loopback)
    soup_message_headers_replace (headers, FLUO_ACCESS_HEADER, path);
}

static void
finished_cb (SoupServerMessage *message, FluoApiCall *call)
{
  call->gone = TRUE;
}

/* The port of a sender elsewhere is no key to a process here. */
static FluoOrigin
origin_of (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  FluoOrigin origin = { FLUO_ORIGIN_HTTP, 0 };

  if (G_IS_INET_SOCKET_ADDRESS (address) &&
      g_inet_address_get_is_loopback (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))))
    origin.port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return origin;
}

/* A request with documents that nobody will read: it counts as one. */
static void
count_unread (FluoApiCall *call, GBytes *body, const char *problem)
{
  FluoLoss loss = { .origin = call->origin, .problem = problem };

  if (body)
    loss.text = g_bytes_get_data (body, &loss.length);
  fluo_counters_refuse_one (call->context->counters, FLUO_REFUSED_REQUEST, &loss);
}

static FluoApiCall *
call_new (FluoApiServer *self, SoupServerMessage *message, FluoListener *listener)
{
  FluoApiCall *call = g_new0 (FluoApiCall, 1);

  call->server = self;
  call->context = self->context;
  call->listener = listener;
  call->origin = origin_of (message);
  call->message = g_object_ref (message);
  call->out = g_string_new (NULL);
  call->status = 200;
  call->finished_id = g_signal_connect (message, "finished", G_CALLBACK (finished_cb), call);
  self->n_calls++;
  return call;
}

static void
call_free (FluoApiCall *call)
{
  call->server->n_calls--;
  g_signal_handler_disconnect (call->message, call->finished_id);
  g_object_unref (call->message);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_clear_pointer (&call->tape, fluo_json_tape_free);
  if (call->out)
    g_string_free (call->out, TRUE);
  g_free (call);
}

/* Main thread. */
static void
send_answer (FluoApiCall *call)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (call->message);
  gsize length = call->out->len;

  if (!call->gone)
    {
      set_common_headers (call->message);
      if (call->error_type)
        soup_message_headers_replace (headers, "x-amzn-errortype", call->error_type);
      tell_where_keys_are (call, headers);
      if (call->retry_after > 0)
        {
          g_autofree char *seconds = g_strdup_printf ("%u", call->retry_after);

          soup_message_headers_replace (headers, "Retry-After", seconds);
        }
      soup_server_message_set_status (call->message, call->status, NULL);
      soup_server_message_set_response (call->message, "application/json", SOUP_MEMORY_TAKE,
                                        g_string_free (g_steal_pointer (&call->out), FALSE),
                                        length);
      soup_server_message_unpause (call->message);
    }
  call_free (call);
}

static gboolean
answer_cb (gpointer data)
{
  send_answer (data);
  return G_SOURCE_REMOVE;
}

void
fluo_api_call_answer (FluoApiCall *call)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_cb, call, NULL);
}

/* TRUE when the call may go on; else it has failed. Any thread, while the message is paused. */
static gboolean
authorize (FluoApiCall *call)
{
  const FluoRoute *route =
    fluo_route_find (g_uri_get_path (soup_server_message_get_uri (call->message)));
  FluoAccessRefusal refusal = { 0 };

  if (fluo_access_control_check_message (call->server->access, route, call->message, call->body,
                                         &call->role, &refusal))
    return TRUE;
  fluo_api_call_fail (call, refusal.status, refusal.type, refusal.message);
  g_free (refusal.message);
  return FALSE;
}

/* [worker] */
static void
work (gpointer data, gpointer user_data)
{
  FluoApiCall *call = data;
  g_autoptr (GError) error = NULL;

  if (!authorize (call))
    {
      fluo_api_call_answer (call);
      return;
    }
  if (g_bytes_get_size (call->body) == 0)
    {
      g_bytes_unref (call->body);
      call->body = g_bytes_new_static ("{}", 2);
    }
  call->tape = fluo_json_tape_new (call->body, &error);
  if (!call->tape)
    {
      fluo_api_call_fail (call, 400, "SerializationException", error->message);
      if (call->func == fluo_api_put_trace_segments)
        count_unread (call, call->body, error->message);
    }
  else if (fluo_json_tape_type (call->tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    {
      fluo_api_call_fail (call, 400, "SerializationException", "the body must be a JSON object");
      if (call->func == fluo_api_put_trace_segments)
        count_unread (call, call->body, "the body must be a JSON object");
    }
  else if (fluo_api_shapes_check (call))
    {
      gboolean async = call->async;

      /* An asynchronous call may be answered and freed before this returns. */
      call->func (call);
      if (async)
        return;
    }
  fluo_api_call_answer (call);
}

/* --- The long poll ------------------------------------------------------ */

static void
answer_revision (FluoApiCall *call)
{
  g_string_append_printf (call->out, "{\"Revision\":%" G_GUINT64_FORMAT "}",
                          fluo_store_get_revision (call->context->store));
  send_answer (call);
}

static gboolean
check_waiting_cb (gpointer data)
{
  FluoApiServer *self = data;
  guint64 revision = fluo_store_get_revision (self->context->store);
  gint64 now_usec = g_get_monotonic_time ();

  for (guint i = self->waiting->len; i > 0; i--)
    {
      Waiting waiting = g_array_index (self->waiting, Waiting, i - 1);

      if (!self->stopped && !waiting.call->gone && revision <= waiting.after &&
          now_usec < waiting.deadline_usec && !fluo_http_guard_client_left (waiting.call->message))
        continue;
      g_array_remove_index_fast (self->waiting, i - 1);
      answer_revision (waiting.call);
    }
  if (self->waiting->len > 0)
    return G_SOURCE_CONTINUE;
  self->waiting_id = 0;
  return G_SOURCE_REMOVE;
}

static void
check_waiting (FluoApiServer *self)
{
  guint id = self->waiting_id;

  if (id && !check_waiting_cb (self))
    g_source_remove (id);
}

static gboolean
changed_cb (gpointer data)
{
  FluoApiServer *self = data;

  g_atomic_int_set (&self->changed, 0);
  check_waiting (self);
  return G_SOURCE_REMOVE;
}

void
fluo_api_server_changed (FluoApiServer *self)
{
  if (g_atomic_int_compare_and_exchange (&self->changed, 0, 1))
    g_idle_add_full (G_PRIORITY_DEFAULT, changed_cb, self, NULL);
}

static void
wait_for_change (FluoApiServer *self, FluoApiCall *call, GHashTable *query)
{
  const char *after = query ? g_hash_table_lookup (query, "after") : NULL;
  Waiting waiting = { call, 0, g_get_monotonic_time () + LONG_POLL_USEC };

  if (after && !g_ascii_string_to_unsigned (after, 10, 0, G_MAXUINT64, &waiting.after, NULL))
    {
      fluo_api_call_invalid (call, "after must be a whole number");
      send_answer (call);
    }
  else if (self->stopped || self->waiting->len >= N_WAITING_MAX ||
           fluo_store_get_revision (self->context->store) > waiting.after)
    answer_revision (call);
  else
    {
      g_array_append_val (self->waiting, waiting);
      if (!self->waiting_id)
        self->waiting_id = g_timeout_add_seconds (1, check_waiting_cb, self);
    }
}

/* --- Requests ----------------------------------------------------------- */

static FluoListener *
find_listener (FluoApiServer *self, SoupServerMessage *message, GInetAddress **ret_address)
{
  return fluo_listener_find (self->context->listeners, FLUO_LISTENER_HTTP,
                             soup_server_message_get_local_address (message), ret_address);
}

/* After the headers, before the body. */
static void
early_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  FluoApiServer *self = user_data;
  GInetAddress *local = NULL;
  FluoListener *listener = find_listener (self, message, &local);
  const FluoRoute *route = NULL;
  FluoApiRefusal refusal =
    fluo_api_check (soup_server_message_get_method (message), soup_server_message_get_uri (message),
                    soup_server_message_get_request_headers (message), listener, local, &route);
  FluoApiCall *call;

  if (listener)
    fluo_listener_count (listener, 1, route && route->sampling && !refusal.status);
  if (!refusal.status)
    return;
  if (refusal.raw)
    {
      fluo_http_guard_reject (message, refusal.raw);
      return;
    }
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  call = call_new (self, message, listener);
  fluo_api_call_fail (call, refusal.status, refusal.type, refusal.message);
  route = fluo_route_find (g_uri_get_path (soup_server_message_get_uri (message)));
  if (route && route->func == fluo_api_put_trace_segments &&
      strcmp (soup_server_message_get_method (message), "POST") == 0)
    count_unread (call, NULL, refusal.message);
  set_common_headers (message);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "x-amzn-errortype", refusal.type);
  soup_server_message_set_status (message, refusal.status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, call->out->str,
                                    call->out->len);
  call_free (call);
}

/* The whole request is here, and early_cb() had nothing against it. */
static void
request_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  FluoApiServer *self = user_data;
  GInetAddress *local = NULL;
  const FluoRoute *route = fluo_route_find (g_uri_get_path (soup_server_message_get_uri (message)));
  FluoApiCall *call;

  if (!route || self->stopped)
    {
      soup_server_message_set_status (message, route ? 503 : 404, NULL);
      return;
    }
  call = call_new (self, message, find_listener (self, message, &local));
  soup_server_message_pause (message);
  switch (route->kind)
    {
    case FLUO_ROUTE_CHANGES:
      if (authorize (call))
        wait_for_change (self, call, query);
      else
        send_answer (call);
      break;
    case FLUO_ROUTE_WORKER:
    case FLUO_ROUTE_ASYNC:
    default:
      call->func = route->func;
      call->operation = route->operation;
      call->async = route->kind == FLUO_ROUTE_ASYNC;
      call->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
      /* The message would keep the body until its answer is sent. */
      soup_message_body_truncate (soup_server_message_get_request_body (message));
      g_thread_pool_push (self->pool, call, NULL);
      break;
    }
}

/* --- Public ------------------------------------------------------------- */

FluoApiServer *
fluo_api_server_new (const FluoApiContext *context, FluoAccessControl *access, GError **error)
{
  g_autoptr (FluoApiServer) self = g_new0 (FluoApiServer, 1);

  self->context = context;
  self->access = access;
  self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  self->pool = g_thread_pool_new (work, self, N_WORKERS, FALSE, NULL);
  self->soup = soup_server_new ("server-header", "fluoroscoped", NULL);
  self->guard = fluo_http_guard_new (self->soup, FLUO_API_BODY_MAX);
  soup_server_add_early_handler (self->soup, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, request_cb, self, NULL);
  fluo_http_guard_listen (self->guard, context->listeners, FLUO_LISTENER_HTTP);
  return g_steal_pointer (&self);
}

FluoAccessControl *
fluo_api_server_get_access (FluoApiServer *self)
{
  return self->access;
}

void
fluo_api_server_stop (FluoApiServer *self)
{
  self->stopped = TRUE;
  check_waiting (self);
}

gboolean
fluo_api_server_is_busy (FluoApiServer *self)
{
  return self->n_calls > 0 || fluo_http_guard_is_busy (self->guard);
}

void
fluo_api_server_free (FluoApiServer *self)
{
  fluo_api_server_stop (self);
  fluo_http_guard_stop (self->guard);
  soup_server_disconnect (self->soup);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  while (self->n_calls > 0 || g_atomic_int_get (&self->changed))
    g_main_context_iteration (NULL, TRUE);
  fluo_http_guard_free (self->guard);
  g_object_unref (self->soup);
  g_array_unref (self->waiting);
  g_free (self);
}

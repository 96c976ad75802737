/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-server.h"

#include <string.h>

#include "local/api/fluo-api-checks.h"
#include "local/intake/fluo-http-guard.h"
#include "otlp/fluo-otlp-model.h"

/* One decodes while the other's spans are written. */
#define N_WORKERS 2

#define TRACES_PATH "/v1/traces"

struct _FluoOtlpServer
{
  const FluoApiContext *context;
  FluoOtlpIntake        intake;
  SoupServer           *soup;
  FluoHttpGuard        *guard;
  GThreadPool          *pool;
  guint                 n_calls;
  gboolean              stopped;
};

/* One request on its way through a worker and the writer, and back. */
typedef struct
{
  FluoOtlpServer    *server;
  SoupServerMessage *message;
  GBytes            *body;
  FluoOtlpFormat     format;
  gboolean           gzip;
  guint16            port;
  guint              status;
  GBytes            *answer;
  gboolean           gone;       /* main thread: the client has left */
  gulong             finished_id;
} Call;

/* What is said before, or instead of, reading the body. */
typedef struct
{
  guint        status;
  FluoOtlpCode code;
  const char  *message;
} Refusal;

/* --- Answers ------------------------------------------------------------ */

static void
set_answer (SoupServerMessage *message, guint status, FluoOtlpFormat format, GBytes *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gsize length;
  const char *data = g_bytes_get_data (body, &length);

  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Cross-Origin-Resource-Policy", "same-origin");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  if (status == 503)
    soup_message_headers_replace (headers, "Retry-After", "1");
  if (status == 405)
    soup_message_headers_replace (headers, "Allow", "POST");
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (
    message, format == FLUO_OTLP_PROTOBUF ? "application/x-protobuf" : "application/json",
    SOUP_MEMORY_COPY, data, length);
}

static void
set_refusal (SoupServerMessage *message, const Refusal *refusal, FluoOtlpFormat format)
{
  FluoOtlpResult result = { refusal->code, 0, (char *) refusal->message };
  g_autoptr (GBytes) body = fluo_otlp_result_to_body (&result, format);

  set_answer (message, refusal->status, format, body);
}

static guint
status_of (FluoOtlpCode code)
{
  switch (code)
    {
    case FLUO_OTLP_CODE_OK:
      return 200;
    case FLUO_OTLP_CODE_INVALID_ARGUMENT:
      return 400;
    case FLUO_OTLP_CODE_RESOURCE_EXHAUSTED:
      return 413;
    default:
      return 503;
    }
}

static gboolean
answer_cb (gpointer data)
{
  Call *call = data;

  if (!call->gone)
    {
      set_answer (call->message, call->status, call->format, call->answer);
      soup_server_message_unpause (call->message);
    }
  call->server->n_calls--;
  g_signal_handler_disconnect (call->message, call->finished_id);
  g_object_unref (call->message);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_bytes_unref (call->answer);
  g_free (call);
  return G_SOURCE_REMOVE;
}

/* [worker or writer] */
static void
taken (gpointer data, const FluoOtlpResult *result)
{
  Call *call = data;

  call->status = status_of (result->code);
  call->answer = fluo_otlp_result_to_body (result, call->format);
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_cb, call, NULL);
}

/* The port of a sender elsewhere is no key to a process here. */
static guint16
port_of (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  if (!G_IS_INET_SOCKET_ADDRESS (address) ||
      !g_inet_address_get_is_loopback (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))))
    return 0;
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

/* [worker] */
static void
work (gpointer data, gpointer user_data)
{
  FluoOtlpServer *self = user_data;
  Call *call = data;

  fluo_otlp_intake_take (&self->intake, g_steal_pointer (&call->body), call->gzip, call->format,
                         call->port, taken, call);
}

/* --- Requests ----------------------------------------------------------- */

/* FALSE for a type that OTLP doesn't have. */
static gboolean
get_format (SoupMessageHeaders *headers, FluoOtlpFormat *ret_format)
{
  g_autoptr (GHashTable) parameters = NULL;
  const char *type = soup_message_headers_get_content_type (headers, &parameters);
  const char *charset = parameters ? g_hash_table_lookup (parameters, "charset") : NULL;

  *ret_format = FLUO_OTLP_JSON_FORMAT;
  if (!type)
    return FALSE;
  if (g_ascii_strcasecmp (type, "application/x-protobuf") == 0)
    *ret_format = FLUO_OTLP_PROTOBUF;
  else if (g_ascii_strcasecmp (type, "application/json") != 0)
    return FALSE;
  return !charset || g_ascii_strcasecmp (charset, "utf-8") == 0;
}

/* FALSE for an encoding that isn't taken; more than one layer never is. */
static gboolean
get_encoding (SoupMessageHeaders *headers, gboolean *ret_gzip)
{
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");

  *ret_gzip = encoding && g_ascii_strcasecmp (encoding, "gzip") == 0;
  return !encoding || *ret_gzip || g_ascii_strcasecmp (encoding, "identity") == 0;
}

static Refusal
check_request (SoupServerMessage *message, FluoOtlpFormat *ret_format)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  const char *method = soup_server_message_get_method (message);
  gboolean known_type = get_format (headers, ret_format);
  gboolean gzip;

  if (strcmp (method, "OPTIONS") == 0)
    return (Refusal){ 403, FLUO_OTLP_CODE_PERMISSION_DENIED,
                      "requests from web pages are not served" };
  if (strcmp (path, "/v1/metrics") == 0)
    return (Refusal){ 404, FLUO_OTLP_CODE_UNIMPLEMENTED,
                      "metrics are not collected here, only traces; set "
                      "OTEL_METRICS_EXPORTER=none to stop sending them" };
  if (strcmp (path, "/v1/logs") == 0)
    return (Refusal){ 404, FLUO_OTLP_CODE_UNIMPLEMENTED,
                      "logs are not collected here, only traces; set OTEL_LOGS_EXPORTER=none to "
                      "stop sending them" };
  if (strcmp (path, TRACES_PATH) != 0)
    return (Refusal){ 404, FLUO_OTLP_CODE_NOT_FOUND,
                      "traces are taken at " TRACES_PATH "; the exporters add this path to "
                      "OTEL_EXPORTER_OTLP_ENDPOINT by themselves" };
  if (strcmp (method, "POST") != 0)
    return (Refusal) { 405, FLUO_OTLP_CODE_UNIMPLEMENTED, "use POST" };
  if (!known_type)
    return (Refusal){ 415, FLUO_OTLP_CODE_INVALID_ARGUMENT,
                      "the body must be application/x-protobuf or application/json" };
  if (!get_encoding (headers, &gzip))
    return (Refusal){ 415, FLUO_OTLP_CODE_INVALID_ARGUMENT,
                      "the body may be compressed once, with gzip, or not at all" };
  return (Refusal) { 0 };
}

/* After the headers, before the body. */
static void
early_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  FluoOtlpServer *self = user_data;
  GInetAddress *local = NULL;
  FluoListener *listener = fluo_listener_find (self->context->listeners, FLUO_LISTENER_OTLP,
                                               soup_server_message_get_local_address (message),
                                               &local);
  FluoApiRefusal caller = fluo_api_check_caller (
    soup_server_message_get_uri (message), soup_server_message_get_request_headers (message),
    listener, local, FLUO_OTLP_BODY_MAX);
  FluoOtlpFormat format;
  Refusal refusal = check_request (message, &format);

  if (listener)
    fluo_listener_count (listener, 1, FALSE);
  if (caller.raw)
    {
      fluo_http_guard_reject (message, caller.raw);
      return;
    }
  if (caller.status)
    refusal = (Refusal) { caller.status, FLUO_OTLP_CODE_PERMISSION_DENIED, caller.message };
  if (!refusal.status)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (strcmp (path, TRACES_PATH) == 0 &&
      strcmp (soup_server_message_get_method (message), "POST") == 0)
    fluo_otlp_intake_count_unread (&self->intake, port_of (message), refusal.message);
  set_refusal (message, &refusal, format);
}

static void
finished_cb (SoupServerMessage *message, Call *call)
{
  call->gone = TRUE;
}

/* The whole request is here, and early_cb() had nothing against it. */
static void
request_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  FluoOtlpServer *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  FluoOtlpFormat format;
  Call *call;

  get_format (headers, &format);
  if (self->stopped)
    {
      Refusal refusal = { 503, FLUO_OTLP_CODE_UNAVAILABLE, "the collector is ending" };

      set_refusal (message, &refusal, format);
      return;
    }
  call = g_new0 (Call, 1);
  call->server = self;
  call->message = g_object_ref (message);
  call->port = port_of (message);
  call->format = format;
  get_encoding (headers, &call->gzip);
  call->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  call->finished_id = g_signal_connect (message, "finished", G_CALLBACK (finished_cb), call);
  /* The message would keep the body until its answer is sent. */
  soup_message_body_truncate (soup_server_message_get_request_body (message));
  self->n_calls++;
  soup_server_message_pause (message);
  g_thread_pool_push (self->pool, call, NULL);
}

/* --- Public ------------------------------------------------------------- */

FluoOtlpServer *
fluo_otlp_server_new (const FluoApiContext *context, gboolean index_all)
{
  FluoOtlpServer *self = g_new0 (FluoOtlpServer, 1);

  self->context = context;
  self->intake = (FluoOtlpIntake) { context->writer, context->counters, index_all };
  self->pool = g_thread_pool_new (work, self, N_WORKERS, FALSE, NULL);
  self->soup = soup_server_new ("server-header", "fluoroscoped", NULL);
  self->guard = fluo_http_guard_new (self->soup, FLUO_OTLP_BODY_MAX);
  soup_server_add_early_handler (self->soup, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, request_cb, self, NULL);
  fluo_http_guard_listen (self->guard, context->listeners, FLUO_LISTENER_OTLP);
  return g_steal_pointer (&self);
}

void
fluo_otlp_server_stop (FluoOtlpServer *self)
{
  self->stopped = TRUE;
}

gboolean
fluo_otlp_server_is_busy (FluoOtlpServer *self)
{
  return self->n_calls > 0 || fluo_http_guard_is_busy (self->guard);
}

void
fluo_otlp_server_join (FluoOtlpServer *self)
{
  self->stopped = TRUE;
  if (self->pool)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  self->pool = NULL;
}

void
fluo_otlp_server_free (FluoOtlpServer *self)
{
  fluo_otlp_server_join (self);
  fluo_http_guard_stop (self->guard);
  soup_server_disconnect (self->soup);
  while (self->n_calls > 0)
    g_main_context_iteration (NULL, TRUE);
  fluo_http_guard_free (self->guard);
  g_object_unref (self->soup);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-grpc-private.h"

#include <string.h>

#include "local/api/fluo-api-checks.h"
#include "local/otlp/fluo-otlp-grpc-words.h"

#define SERVICES "/opentelemetry.proto.collector."
#define EXPORT_PATH SERVICES "trace.v1.TraceService/Export"
#define METRICS_PATH SERVICES "metrics.v1.MetricsService/Export"
#define LOGS_PATH SERVICES "logs.v1.LogsService/Export"

/* All requests being received or worked on together: a part of the memory the collector has
 * promised to stay within. */
#define ALL_BODIES_MAX (64 * 1024 * 1024)

/* Bytes that HTTP/2 counts for each header beside its name and value. */
#define HEADER_BYTES 32

typedef struct
{
  FluoOtlpCode code;
  const char  *status;  /* of HTTP; NULL = 200 */
  const char  *message; /* NULL = the request is not refused */
} Refusal;

FluoGrpcStream *
fluo_grpc_stream_new (FluoGrpcConnection *connection, int32_t id)
{
  FluoGrpcStream *self = g_new0 (FluoGrpcStream, 1);

  self->connection = connection;
  self->id = id;
  self->since_usec = g_get_monotonic_time ();
  self->caller = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  return self;
}

static void
drop_body (FluoGrpcStream *self)
{
  if (!self->body)
    return;
  self->connection->server->all_bodies -= self->body->len;
  g_clear_pointer (&self->body, g_byte_array_unref);
}

/* What a worker or the writer has is stored all the same: the sender asks again, or has ended. */
static void
leave_call (FluoGrpcStream *self)
{
  if (self->call)
    self->call->stream = NULL;
  self->call = NULL;
  if (self->timeout_id)
    g_source_remove (self->timeout_id);
  self->timeout_id = 0;
}

void
fluo_grpc_stream_free (FluoGrpcStream *self)
{
  leave_call (self);
  drop_body (self);
  soup_message_headers_unref (self->caller);
  g_free (self->method);
  g_free (self->path);
  g_free (self->type);
  g_free (self->encoding);
  g_free (self->timeout);
  g_free (self->answer);
  g_free (self->message);
  g_free (self);
}

static void
enter (FluoGrpcStream *self, FluoGrpcState state)
{
  self->state = state;
  self->since_usec = g_get_monotonic_time ();
}

/* --- Answers ------------------------------------------------------------ */

static nghttp2_nv
pair (const char *name, const char *value)
{
  /* The library copies both. */
  return (nghttp2_nv) { (uint8_t *) name, (uint8_t *) value, strlen (name), strlen (value),
                        NGHTTP2_NV_FLAG_NONE };
}

static size_t
add_outcome (FluoGrpcStream *self, nghttp2_nv *pairs, size_t n, char code[static 4])
{
  g_snprintf (code, 4, "%d", (int) self->code);
  pairs[n++] = pair ("grpc-status", code);
  if (self->message)
    pairs[n++] = pair ("grpc-message", self->message);
  return n;
}

/* The response's message, and after it the trailers. */
static ssize_t
read_answer (nghttp2_session *session, int32_t id, uint8_t *buffer, size_t length, uint32_t *flags,
             nghttp2_data_source *source, void *data)
{
  FluoGrpcStream *self = source->ptr;
  gsize n = MIN (length, self->answer_length - self->answer_at);
  nghttp2_nv pairs[2];
  char code[4];

  memcpy (buffer, self->answer + self->answer_at, n);
  self->answer_at += n;
  if (self->answer_at == self->answer_length)
    {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      if (nghttp2_submit_trailer (session, id, pairs, add_outcome (self, pairs, 0, code)) != 0)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
  return (ssize_t) n;
}

static void
answer (FluoGrpcStream *self, const char *status, FluoOtlpCode code, const char *message,
        GBytes *body)
{
  nghttp2_data_provider provider = { { .ptr = self }, read_answer };
  nghttp2_nv pairs[6];
  size_t n = 0;
  char number[4];
  int result;

  leave_call (self);
  drop_body (self);
  enter (self, FLUO_GRPC_ANSWER);
  self->code = code;
  self->message = message ? fluo_grpc_encode_text (message) : NULL;
  pairs[n++] = pair (":status", status);
  pairs[n++] = pair ("content-type", "application/grpc");
  pairs[n++] = pair ("grpc-accept-encoding", "identity,gzip");
  if (strcmp (status, "405") == 0)
    pairs[n++] = pair ("allow", "POST");
  if (body)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (body, &length);

      self->answer_length = FLUO_GRPC_PREFIX_BYTES + length;
      self->answer = g_malloc (self->answer_length);
      fluo_grpc_write_prefix (self->answer, (guint32) length);
      if (length > 0)
        memcpy (self->answer + FLUO_GRPC_PREFIX_BYTES, data, length);
    }
  else
    n = add_outcome (self, pairs, n, number);
  result = nghttp2_submit_response (self->connection->session, self->id, pairs, n,
                                    body ? &provider : NULL);
  /* The client has closed the stream in the meantime, or the connection ends. */
  if (result != 0)
    g_debug ("an answer can't be sent: %s", nghttp2_strerror (result));
}

void
fluo_grpc_stream_answer (FluoGrpcStream *self, FluoOtlpCode code, const char *message, GBytes *body)
{
  answer (self, "200", code, message, body);
}

/* A request that its client will not have read: answers, and counts it. */
static void
refuse (FluoGrpcStream *self, FluoOtlpCode code, const char *message)
{
  fluo_grpc_count_unread (self->connection, message);
  answer (self, "200", code, message, NULL);
}

/* --- Headers ------------------------------------------------------------ */

static void
take (FluoGrpcStream *self, char **field, const char *value)
{
  if (*field)
    self->twice = TRUE;
  else
    *field = g_strdup (value);
}

static void
take_caller (FluoGrpcStream *self, const char *name, const char *value)
{
  const char *before = soup_message_headers_get_one (self->caller, name);

  /* A client may say :authority and host, if both say the same. */
  if (!before || strcmp (before, value) != 0)
    soup_message_headers_append (self->caller, name, value);
}

void
fluo_grpc_stream_header (FluoGrpcStream *self, const char *name, const char *value, gsize length)
{
  self->n_headers++;
  self->n_header_bytes += length + HEADER_BYTES;
  if (self->n_headers > FLUO_GRPC_N_HEADERS_MAX || self->n_header_bytes > FLUO_GRPC_HEADERS_MAX)
    return;
  if (strcmp (name, ":authority") == 0 || strcmp (name, "host") == 0)
    take_caller (self, "Host", value);
  else if (strcmp (name, "origin") == 0)
    take_caller (self, "Origin", value);
  else if (strcmp (name, "sec-fetch-site") == 0)
    take_caller (self, "Sec-Fetch-Site", value);
  else if (strcmp (name, ":method") == 0)
    take (self, &self->method, value);
  else if (strcmp (name, ":path") == 0)
    take (self, &self->path, value);
  else if (strcmp (name, "content-type") == 0)
    take (self, &self->type, value);
  else if (strcmp (name, "grpc-encoding") == 0)
    take (self, &self->encoding, value);
  else if (strcmp (name, "grpc-timeout") == 0)
    take (self, &self->timeout, value);
}

static Refusal
check_caller (FluoGrpcStream *self)
{
  g_autoptr (GUri) uri = g_uri_build (G_URI_FLAGS_NONE, "http", NULL, NULL, -1, "/", NULL, NULL);
  FluoApiRefusal refusal =
    fluo_api_check_caller (uri, self->caller, self->connection->listener, self->connection->local,
                           FLUO_OTLP_BODY_MAX);

  if (refusal.status == 0)
    return (Refusal) { 0 };
  return (Refusal) { refusal.status == 403 ? FLUO_OTLP_CODE_PERMISSION_DENIED
                                           : FLUO_OTLP_CODE_INVALID_ARGUMENT,
                     NULL, refusal.message };
}

static Refusal
check_path (const char *path)
{
  if (strcmp (path, EXPORT_PATH) == 0)
    return (Refusal) { 0 };
  if (strcmp (path, METRICS_PATH) == 0)
    return (Refusal){ FLUO_OTLP_CODE_UNIMPLEMENTED, NULL,
                      "metrics are not collected here, only traces; set "
                      "OTEL_METRICS_EXPORTER=none to stop sending them" };
  if (strcmp (path, LOGS_PATH) == 0)
    return (Refusal){ FLUO_OTLP_CODE_UNIMPLEMENTED, NULL,
                      "logs are not collected here, only traces; set OTEL_LOGS_EXPORTER=none to "
                      "stop sending them" };
  return (Refusal){ FLUO_OTLP_CODE_UNIMPLEMENTED, NULL,
                    "only OpenTelemetry's TraceService/Export is offered here" };
}

static Refusal
check_headers (FluoGrpcStream *self, guint *ret_timeout_ms)
{
  Refusal refusal;

  if (self->n_headers > FLUO_GRPC_N_HEADERS_MAX || self->n_header_bytes > FLUO_GRPC_HEADERS_MAX)
    return (Refusal){ FLUO_OTLP_CODE_RESOURCE_EXHAUSTED, NULL,
                      "the request's metadata is too large: at most 100 entries and 16 KiB" };
  refusal = check_caller (self);
  if (refusal.message)
    return refusal;
  if (g_strcmp0 (self->method, "POST") != 0)
    return (Refusal) { FLUO_OTLP_CODE_UNIMPLEMENTED, "405", "use POST" };
  if (!self->type || !fluo_grpc_type_is_known (self->type))
    return (Refusal){ FLUO_OTLP_CODE_INVALID_ARGUMENT, "415",
                      "the content-type must be application/grpc" };
  refusal = check_path (self->path ? self->path : "");
  if (refusal.message)
    return refusal;
  if (self->twice)
    return (Refusal){ FLUO_OTLP_CODE_INVALID_ARGUMENT, NULL,
                      "content-type, grpc-encoding and grpc-timeout may be there once" };
  if (self->encoding && strcmp (self->encoding, "identity") != 0 &&
      strcmp (self->encoding, "gzip") != 0)
    return (Refusal){ FLUO_OTLP_CODE_UNIMPLEMENTED, NULL,
                      "messages may be compressed with gzip, or not at all" };
  if (self->timeout && !fluo_grpc_parse_timeout (self->timeout, ret_timeout_ms))
    return (Refusal){ FLUO_OTLP_CODE_INVALID_ARGUMENT, NULL,
                      "grpc-timeout must be up to eight digits and one of H, M, S, m, u, n" };
  if (self->connection->server->stopped)
    return (Refusal) { FLUO_OTLP_CODE_UNAVAILABLE, NULL, "the collector is ending" };
  return (Refusal) { 0 };
}

static gboolean
timeout_cb (gpointer data)
{
  FluoGrpcStream *self = data;

  self->timeout_id = 0;
  if (self->state == FLUO_GRPC_BODY)
    refuse (self, FLUO_OTLP_CODE_DEADLINE_EXCEEDED,
            "the request was not whole within its grpc-timeout");
  else
    fluo_grpc_stream_answer (self, FLUO_OTLP_CODE_DEADLINE_EXCEEDED,
                             "the spans were not stored within the grpc-timeout", NULL);
  fluo_grpc_connection_flush (self->connection);
  return G_SOURCE_REMOVE;
}

void
fluo_grpc_stream_headers_end (FluoGrpcStream *self)
{
  guint timeout_ms = 0;
  Refusal refusal = check_headers (self, &timeout_ms);

  fluo_listener_count (self->connection->listener, 1, FALSE);
  if (refusal.message)
    {
      if (g_strcmp0 (self->path, EXPORT_PATH) == 0 && g_strcmp0 (self->method, "POST") == 0)
        fluo_grpc_count_unread (self->connection, refusal.message);
      answer (self, refusal.status ? refusal.status : "200", refusal.code, refusal.message, NULL);
      return;
    }
  enter (self, FLUO_GRPC_BODY);
  self->body = g_byte_array_new ();
  if (self->timeout)
    self->timeout_id = g_timeout_add (timeout_ms, timeout_cb, self);
}

/* --- The body ----------------------------------------------------------- */

void
fluo_grpc_stream_data (FluoGrpcStream *self, const guint8 *data, gsize length)
{
  guint32 size;
  guint8 flag;

  if (self->state != FLUO_GRPC_BODY)
    return;
  self->connection->server->all_bodies += length;
  g_byte_array_append (self->body, data, (guint) length);
  if (fluo_grpc_read_prefix (self->body->data, self->body->len, &flag, &size))
    {
      if (size > FLUO_OTLP_BODY_MAX)
        refuse (self, FLUO_OTLP_CODE_RESOURCE_EXHAUSTED,
                "the message is larger than 20 MiB; send fewer spans at once");
      else if (self->body->len - FLUO_GRPC_PREFIX_BYTES > size)
        refuse (self, FLUO_OTLP_CODE_UNIMPLEMENTED,
                "Export takes exactly one message");
    }
  if (self->state == FLUO_GRPC_BODY && self->connection->server->all_bodies > ALL_BODIES_MAX)
    refuse (self, FLUO_OTLP_CODE_UNAVAILABLE,
            "more spans at once than can be taken; try again");
}

/* What is wrong with the framing of a request that is whole; the rest was seen as it came. */
static Refusal
check_body (FluoGrpcStream *self, gboolean *ret_gzip)
{
  gboolean gzip = self->encoding && strcmp (self->encoding, "gzip") == 0;
  guint32 size;
  guint8 flag;

  if (self->body->len == 0)
    return (Refusal){ FLUO_OTLP_CODE_UNIMPLEMENTED, NULL, "Export takes exactly one message" };
  if (!fluo_grpc_read_prefix (self->body->data, self->body->len, &flag, &size) ||
      self->body->len - FLUO_GRPC_PREFIX_BYTES < size)
    return (Refusal){ FLUO_OTLP_CODE_INTERNAL, NULL, "the message ends too early" };
  if (flag > 1)
    return (Refusal){ FLUO_OTLP_CODE_INTERNAL, NULL,
                      "the first byte of a message says 0, not compressed, or 1, compressed" };
  if (flag == 1 && !gzip)
    return (Refusal){ FLUO_OTLP_CODE_INTERNAL, NULL,
                      "the message is compressed, and grpc-encoding doesn't say how" };
  *ret_gzip = flag == 1;
  return (Refusal) { 0 };
}

void
fluo_grpc_stream_end (FluoGrpcStream *self)
{
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) body = NULL;
  gboolean gzip = FALSE;
  Refusal refusal;

  self->ended = TRUE;
  if (self->state != FLUO_GRPC_BODY)
    return;
  refusal = check_body (self, &gzip);
  if (refusal.message)
    {
      refuse (self, refusal.code, refusal.message);
      return;
    }
  /* The call counts these bytes from here on. */
  self->connection->server->all_bodies -= self->body->len;
  whole = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  body = g_bytes_new_from_bytes (whole, FLUO_GRPC_PREFIX_BYTES,
                                 g_bytes_get_size (whole) - FLUO_GRPC_PREFIX_BYTES);
  if (fluo_grpc_call_start (self, body, gzip))
    enter (self, FLUO_GRPC_CALL);
  else
    refuse (self, FLUO_OTLP_CODE_UNAVAILABLE,
            "the collector can't take more at the moment; try again");
}

/* --- Deadlines ---------------------------------------------------------- */

gboolean
fluo_grpc_stream_sweep (FluoGrpcStream *self, gint64 now_usec)
{
  gint64 age_usec = now_usec - self->since_usec;

  switch (self->state)
    {
    case FLUO_GRPC_HEADERS:
      return age_usec <= FLUO_GRPC_HEADERS_USEC;
    case FLUO_GRPC_BODY:
      if (age_usec > FLUO_GRPC_BODY_USEC)
        refuse (self, FLUO_OTLP_CODE_DEADLINE_EXCEEDED,
                "the request was not whole within 30 seconds");
      break;
    case FLUO_GRPC_CALL:
      if (age_usec > FLUO_GRPC_ANSWER_USEC)
        fluo_grpc_stream_answer (self, FLUO_OTLP_CODE_UNAVAILABLE,
                                 "the spans could not be stored in time; try again", NULL);
      break;
    case FLUO_GRPC_ANSWER:
      if (age_usec > FLUO_GRPC_HEADERS_USEC)
        nghttp2_submit_rst_stream (self->connection->session, NGHTTP2_FLAG_NONE, self->id,
                                   NGHTTP2_CANCEL);
      break;
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-grpc-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes that the client may send of one request, and of all of them, before it is told to go on. */
#define STREAM_WINDOW (1024 * 1024)
#define CONNECTION_WINDOW (4 * 1024 * 1024)

#define READ_BYTES (64 * 1024)
/* Reads in a row before others get their turn. */
#define N_READS_MAX 4
/* Frames are gathered to this size before they are sent. */
#define OUT_BYTES (64 * 1024)

/* Frames that carry nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA) are cheap for the
 * sender and work for us. A connection may send this many, more with time, and more with each
 * request, so that no honest client meets the limit, however busy. A stream that is reset, by
 * whichever side, was work for nothing, and costs more: 200 in a burst, 20 a second. */
#define BUDGET_MAX 1000
#define BUDGET_PER_SECOND 100
#define BUDGET_PER_REQUEST 10
#define COST_FRAME 1
#define COST_RESET 5

/* From when on a connection makes way for a new one, where there is no room. */
#define SLOW_HEAD_USEC (G_USEC_PER_SEC / 2)
#define SLOW_BODY_USEC (2 * G_USEC_PER_SEC)

#define HTTP1_TEXT                                                                                 \
  "this port takes OTLP over gRPC; OTLP over HTTP has a port of its own, 4318 unless it was "      \
  "configured"

static gboolean ready_cb (GSocket *socket, GIOCondition condition, gpointer data);

/* The connection is gone afterwards. */
static void
destroy (FluoGrpcConnection *self)
{
  g_hash_table_remove (self->server->connections, self);
}

/* --- Frames ------------------------------------------------------------- */

static void
spend (FluoGrpcConnection *self, double cost)
{
  gint64 now_usec = g_get_monotonic_time ();
  double earned = (double) (now_usec - self->budget_usec) / G_USEC_PER_SEC * BUDGET_PER_SECOND;

  self->budget = MIN (self->budget + earned, BUDGET_MAX) - cost;
  self->budget_usec = now_usec;
  if (self->budget < 0)
    nghttp2_session_terminate_session (self->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* Of every frame, those too that the library takes no notice of. */
static int
begin_frame_cb (nghttp2_session *session, const nghttp2_frame_hd *head, void *data)
{
  FluoGrpcConnection *self = data;

  if (head->type == NGHTTP2_RST_STREAM)
    spend (self, COST_RESET);
  else if (head->type > NGHTTP2_HEADERS && head->type != NGHTTP2_CONTINUATION)
    spend (self, COST_FRAME);
  return 0;
}

static FluoGrpcStream *
get_stream (FluoGrpcConnection *self, int32_t id)
{
  return id > 0 ? nghttp2_session_get_stream_user_data (self->session, id) : NULL;
}

static int
begin_headers_cb (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  FluoGrpcConnection *self = data;
  FluoGrpcStream *stream;

  if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
    return 0;
  stream = fluo_grpc_stream_new (self, frame->hd.stream_id);
  g_hash_table_add (self->streams, stream);
  nghttp2_session_set_stream_user_data (session, frame->hd.stream_id, stream);
  return 0;
}

/* The library ends name and value with a NUL, and lets none in between. */
static int
header_cb (nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
           size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
  FluoGrpcStream *stream = get_stream (data, frame->hd.stream_id);

  /* Trailers are none of our business. */
  if (stream && stream->state == FLUO_GRPC_HEADERS)
    fluo_grpc_stream_header (stream, (const char *) name, (const char *) value,
                             name_length + value_length);
  return 0;
}

static int
data_chunk_cb (nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
               size_t length, void *data)
{
  FluoGrpcStream *stream = get_stream (data, id);

  if (stream)
    fluo_grpc_stream_data (stream, bytes, length);
  return 0;
}

static void
end_of_request (FluoGrpcConnection *self, FluoGrpcStream *stream)
{
  fluo_grpc_stream_end (stream);
  if (stream->state == FLUO_GRPC_CALL)
    self->budget += BUDGET_PER_REQUEST;
}

static int
frame_received_cb (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  FluoGrpcConnection *self = data;
  FluoGrpcStream *stream = get_stream (self, frame->hd.stream_id);
  gboolean end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

  switch (frame->hd.type)
    {
    case NGHTTP2_HEADERS:
      if (stream && stream->state == FLUO_GRPC_HEADERS)
        fluo_grpc_stream_headers_end (stream);
      if (stream && end)
        end_of_request (self, stream);
      break;
    case NGHTTP2_DATA:
      if (stream && end)
        end_of_request (self, stream);
      else if (frame->hd.length == frame->data.padlen)
        spend (self, COST_FRAME);
      break;
    case NGHTTP2_SETTINGS:
      if (!self->greeted)
        self->since_usec = g_get_monotonic_time ();
      self->greeted = TRUE;
      break;
    default:
      break;
    }
  return 0;
}

static int
frame_sent_cb (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  FluoGrpcConnection *self = data;
  FluoGrpcStream *stream = get_stream (self, frame->hd.stream_id);

  if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
    spend (self, COST_RESET);
  /* All is said, whatever the client still wanted to send. */
  if (stream && frame->hd.type == NGHTTP2_HEADERS &&
      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && !stream->ended)
    nghttp2_submit_rst_stream (session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
  return 0;
}

static int
stream_closed_cb (nghttp2_session *session, int32_t id, uint32_t code, void *data)
{
  FluoGrpcConnection *self = data;
  FluoGrpcStream *stream = get_stream (self, id);

  if (!stream)
    return 0;
  nghttp2_session_set_stream_user_data (session, id, NULL);
  g_hash_table_remove (self->streams, stream);
  if (g_hash_table_size (self->streams) == 0)
    self->since_usec = g_get_monotonic_time ();
  return 0;
}

/* --- Sending ------------------------------------------------------------ */

static void
watch (FluoGrpcConnection *self)
{
  /* A client that doesn't read isn't listened to. */
  GIOCondition condition = self->out->len > self->out_at ? G_IO_OUT : G_IO_IN;

  if (self->source && self->watched == condition)
    return;
  if (self->source)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  self->source = g_socket_create_source (self->socket, condition, NULL);
  self->watched = condition;
  g_source_set_callback (self->source, G_SOURCE_FUNC (ready_cb), self, NULL);
  g_source_attach (self->source, NULL);
}

/* FALSE when there is nothing to be sent. */
static gboolean
gather (FluoGrpcConnection *self)
{
  if (self->out_at < self->out->len)
    return TRUE;
  g_byte_array_set_size (self->out, 0);
  self->out_at = 0;
  /* Until its first frames have come, the client may be one of HTTP/1. */
  while (self->greeted && self->farewell_usec == 0 && self->out->len < OUT_BYTES)
    {
      const uint8_t *frames;
      ssize_t n = nghttp2_session_mem_send (self->session, &frames);

      if (n <= 0)
        break;
      g_byte_array_append (self->out, frames, (guint) n);
    }
  return self->out->len > 0;
}

static void
say_goodbye (FluoGrpcConnection *self)
{
  self->farewell_usec = g_get_monotonic_time ();
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
}

void
fluo_grpc_connection_flush (FluoGrpcConnection *self)
{
  g_autoptr (GError) error = NULL;

  while (gather (self))
    {
      gssize n = g_socket_send (self->socket, (const char *) self->out->data + self->out_at,
                                self->out->len - self->out_at, NULL, &error);

      if (n <= 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          destroy (self);
          return;
        }
      if (n <= 0)
        break;
      self->out_at += (gsize) n;
    }
  if (self->out_at < self->out->len)
    {
      if (self->blocked_usec == 0)
        self->blocked_usec = g_get_monotonic_time ();
    }
  else
    {
      self->blocked_usec = 0;
      if (self->farewell_usec == 0 && self->greeted &&
          !nghttp2_session_want_read (self->session) && !nghttp2_session_want_write (self->session))
        say_goodbye (self);
    }
  watch (self);
}

/* --- Receiving ---------------------------------------------------------- */

/* Somebody has taken the wrong port, which is told where it can be. */
static void
refuse_http1 (FluoGrpcConnection *self, const char *data, gsize length)
{
  static const char answer[] = "HTTP/1.1 400 Bad Request\r\n"
                               "Content-Type: text/plain; charset=utf-8\r\n"
                               "Connection: close\r\n\r\n" HTTP1_TEXT "\n";

  if (length >= 5 && memcmp (data, "POST ", 5) == 0)
    fluo_grpc_count_unread (self, HTTP1_TEXT);
  if (length > 0 && g_ascii_isupper (data[0]))
    g_byte_array_append (self->out, (const guint8 *) answer, sizeof answer - 1);
  while (self->out_at < self->out->len)
    {
      gssize n = g_socket_send (self->socket, (const char *) self->out->data + self->out_at,
                                self->out->len - self->out_at, NULL, NULL);

      if (n <= 0)
        break;
      self->out_at += (gsize) n;
    }
  self->out_at = self->out->len;
  say_goodbye (self);
}

/* FALSE when the connection can't go on. */
static gboolean
receive (FluoGrpcConnection *self)
{
  for (guint i = 0; i < N_READS_MAX; i++)
    {
      char buffer[READ_BYTES];
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error);
      ssize_t used;

      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return TRUE;
      if (n <= 0)
        return FALSE;
      if (self->farewell_usec > 0)
        continue;
      used = nghttp2_session_mem_recv (self->session, (const uint8_t *) buffer, (size_t) n);
      if (used == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
        refuse_http1 (self, buffer, (gsize) n);
      else if (used < 0)
        {
          g_debug ("a gRPC connection is given up: %s", nghttp2_strerror ((int) used));
          return FALSE;
        }
      else if (!self->greeted && !nghttp2_session_want_read (self->session))
        return FALSE;
      /* Answers leave before more questions are heard. */
      if (nghttp2_session_want_write (self->session))
        return TRUE;
    }
  return TRUE;
}

static gboolean
ready_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  FluoGrpcConnection *self = data;

  if ((condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0 && !receive (self))
    destroy (self);
  else
    fluo_grpc_connection_flush (self);
  return G_SOURCE_CONTINUE;
}

/* --- From outside ------------------------------------------------------- */

static gboolean
has_input (FluoGrpcConnection *self)
{
  char byte;

  return recv (g_socket_get_fd (self->socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

guint
fluo_grpc_connection_rank (FluoGrpcConnection *self, gint64 now_usec)
{
  GHashTableIter iter;
  gpointer value;

  if (self->farewell_usec > 0)
    return 4;
  if (!self->greeted)
    return now_usec - self->since_usec > SLOW_HEAD_USEC ? 2 : 0;
  if (g_hash_table_size (self->streams) == 0)
    return has_input (self) ? 0 : 3;
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    {
      FluoGrpcStream *stream = value;

      if (stream->state > FLUO_GRPC_BODY || now_usec - stream->since_usec <= SLOW_BODY_USEC)
        return 0;
    }
  return 1;
}

gboolean
fluo_grpc_connection_is_busy (FluoGrpcConnection *self)
{
  GHashTableIter iter;
  gpointer value;

  if (self->out->len > self->out_at)
    return TRUE;
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    if (((FluoGrpcStream *) value)->state == FLUO_GRPC_ANSWER)
      return TRUE;
  return FALSE;
}

void
fluo_grpc_connection_stop (FluoGrpcConnection *self)
{
  if (g_hash_table_size (self->streams) == 0)
    nghttp2_session_terminate_session (self->session, NGHTTP2_NO_ERROR);
  else
    nghttp2_submit_goaway (self->session, NGHTTP2_FLAG_NONE,
                           nghttp2_session_get_last_proc_stream_id (self->session),
                           NGHTTP2_NO_ERROR, NULL, 0);
  fluo_grpc_connection_flush (self);
}

static gboolean
is_late (FluoGrpcConnection *self, gint64 now_usec)
{
  if (self->farewell_usec > 0)
    return now_usec - self->farewell_usec > FLUO_GRPC_FAREWELL_USEC;
  if (self->blocked_usec > 0 && now_usec - self->blocked_usec > FLUO_GRPC_HEADERS_USEC)
    return TRUE;
  return !self->greeted && now_usec - self->since_usec > FLUO_GRPC_HEADERS_USEC;
}

void
fluo_grpc_connection_sweep (FluoGrpcConnection *self, gint64 now_usec)
{
  GHashTableIter iter;
  gpointer value;

  if (is_late (self, now_usec))
    {
      destroy (self);
      return;
    }
  if (self->farewell_usec > 0)
    return;
  if (g_hash_table_size (self->streams) == 0 && now_usec - self->since_usec > FLUO_GRPC_IDLE_USEC)
    nghttp2_session_terminate_session (self->session, NGHTTP2_NO_ERROR);
  /* Streams only go when frames are sent or received. */
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    if (!fluo_grpc_stream_sweep (value, now_usec))
      nghttp2_session_terminate_session (self->session, NGHTTP2_ENHANCE_YOUR_CALM);
  fluo_grpc_connection_flush (self);
}

/* --- Beginning and end -------------------------------------------------- */

static gboolean
open_session (FluoGrpcConnection *self)
{
  static const nghttp2_settings_entry settings[] = {
    { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, FLUO_GRPC_STREAMS_MAX },
    { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
    { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, FLUO_GRPC_HEADERS_MAX },
    { NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
  };
  nghttp2_session_callbacks *callbacks;
  int result;

  if (nghttp2_session_callbacks_new (&callbacks) != 0)
    return FALSE;
  nghttp2_session_callbacks_set_on_begin_frame_callback (callbacks, begin_frame_cb);
  nghttp2_session_callbacks_set_on_begin_headers_callback (callbacks, begin_headers_cb);
  nghttp2_session_callbacks_set_on_header_callback (callbacks, header_cb);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback (callbacks, data_chunk_cb);
  nghttp2_session_callbacks_set_on_frame_recv_callback (callbacks, frame_received_cb);
  nghttp2_session_callbacks_set_on_frame_send_callback (callbacks, frame_sent_cb);
  nghttp2_session_callbacks_set_on_stream_close_callback (callbacks, stream_closed_cb);
  result = nghttp2_session_server_new (&self->session, callbacks, self);
  nghttp2_session_callbacks_del (callbacks);
  return result == 0 &&
         nghttp2_submit_settings (self->session, NGHTTP2_FLAG_NONE, settings,
                                  G_N_ELEMENTS (settings)) == 0 &&
         nghttp2_session_set_local_window_size (self->session, NGHTTP2_FLAG_NONE, 0,
                                                CONNECTION_WINDOW) == 0;
}

FluoGrpcConnection *
fluo_grpc_connection_new (FluoOtlpGrpc *server, FluoListener *listener, GSocket *socket)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (socket, NULL);
  FluoGrpcConnection *self;

  if (!local || !peer)
    return NULL;
  self = g_new0 (FluoGrpcConnection, 1);
  self->server = server;
  self->listener = listener;
  self->local = g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
  /* The port of a sender elsewhere is no key to a process here. */
  if (g_inet_address_get_is_loopback (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer))))
    self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (peer));
  self->socket = g_object_ref (socket);
  self->streams =
    g_hash_table_new_full (NULL, NULL, (GDestroyNotify) fluo_grpc_stream_free, NULL);
  self->out = g_byte_array_new ();
  self->since_usec = self->budget_usec = g_get_monotonic_time ();
  self->budget = BUDGET_MAX;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  if (!open_session (self))
    {
      fluo_grpc_connection_free (self);
      return NULL;
    }
  watch (self);
  return self;
}

void
fluo_grpc_connection_free (FluoGrpcConnection *self)
{
  if (self->source)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  g_hash_table_unref (self->streams);
  nghttp2_session_del (self->session);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->local);
  g_byte_array_unref (self->out);
  g_free (self);
}

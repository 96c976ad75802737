/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-http-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "local/intake/fluo-http-stream.h"
#include "local/intake/fluo-port.h"

/* A program's SDK uses one or two connections; a whole desktop of them stays far below. */
#define N_CONNECTIONS_MAX 128

/* All bodies being received together: a part of the memory the collector has promised to stay
 * within. */
#define ALL_BODIES_MAX (48 * 1024 * 1024)

/* Absolute, so that a byte now and then doesn't prolong them. */
#define HEADERS_USEC (10 * G_USEC_PER_SEC)
#define BODY_USEC (30 * G_USEC_PER_SEC)
#define ANSWER_USEC (120 * G_USEC_PER_SEC)
#define IDLE_USEC (60 * G_USEC_PER_SEC)
/* From when on a connection makes way for a new one, where there is no room. */
#define SLOW_HEAD_USEC (G_USEC_PER_SEC / 2)
#define SLOW_BODY_USEC (2 * G_USEC_PER_SEC)
/* For a refused client to read why. */
#define REFUSED_USEC (2 * G_USEC_PER_SEC)

/* Connections that were dropped for others and are not closed yet: they keep their descriptors for
 * a turn of the main loop. */
#define N_LEAVING_MAX 1

/* Where a peer's address keeps what SoupServer doesn't tell. */
#define STREAM_KEY "fluo-http-stream"
#define SOCKET_KEY "fluo-http-socket"

typedef enum
{
  STATE_HEADERS, /* from the accept, or the first byte of a further request */
  STATE_BODY,
  STATE_ANSWER,
  STATE_IDLE
} State;

static const gint64 allowed_usec[] = { HEADERS_USEC, BODY_USEC, ANSWER_USEC, IDLE_USEC };

typedef struct
{
  FluoHttpGuard *guard;
  GSocket       *socket; /* not owned: the guard follows it with a weak reference */
  State          state;
  gint64         since_usec;
  gsize          body;   /* bytes of the body so far */
  FluoHttpStream *stream; /* weak: it has a reference on the socket */
} Connection;

struct _FluoHttpGuard
{
  SoupServer *server;
  gsize       body_max;
  gsize       all_bodies;
  GHashTable *connections; /* GSocket → Connection */
  GHashTable *leaving;     /* GSocket: dropped, and the server has yet to close it */
  GPtrArray  *ports;       /* FluoPort */
  guint       sweep_id;
};

static void socket_gone_cb (gpointer data, GObject *socket);

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  g_clear_weak_pointer (&connection->stream);
  g_free (connection);
}

static void
enter (Connection *connection, State state)
{
  if (state != STATE_BODY)
    {
      connection->guard->all_bodies -= connection->body;
      connection->body = 0;
    }
  connection->state = state;
  connection->since_usec = g_get_monotonic_time ();
}

static void
socket_gone_cb (gpointer data, GObject *socket)
{
  FluoHttpGuard *self = data;
  Connection *connection = g_hash_table_lookup (self->connections, socket);

  if (connection)
    self->all_bodies -= connection->body;
  g_hash_table_remove (self->connections, socket);
}

static gpointer
get_of_peer (SoupServerMessage *message, const char *key)
{
  GSocketAddress *peer = soup_server_message_get_remote_address (message);

  return peer ? g_object_get_data (G_OBJECT (peer), key) : NULL;
}

void
fluo_http_guard_reject (SoupServerMessage *message, const char *status)
{
  FluoHttpStream *stream = get_of_peer (message, STREAM_KEY);

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (stream && !fluo_http_stream_has_refused (stream))
    fluo_http_stream_refuse (stream, status);
}

static Connection *
find (FluoHttpGuard *self, SoupServerMessage *message)
{
  GSocket *socket = get_of_peer (message, SOCKET_KEY);

  return socket ? g_hash_table_lookup (self->connections, socket) : NULL;
}

static void
got_headers_cb (SoupServerMessage *message, FluoHttpGuard *self)
{
  Connection *connection = find (self, message);

  if (connection)
    enter (connection, STATE_BODY);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, FluoHttpGuard *self)
{
  Connection *connection = find (self, message);
  gsize was, size = g_bytes_get_size (chunk);

  if (!connection)
    return;
  was = connection->body;
  connection->body += size;
  self->all_bodies += size;
  if (was <= self->body_max && connection->body > self->body_max)
    {
      soup_message_body_truncate (soup_server_message_get_request_body (message));
      fluo_http_guard_reject (message, "413 Content Too Large");
    }
  else if (self->all_bodies > ALL_BODIES_MAX)
    fluo_http_guard_reject (message, "503 Service Unavailable");
}

static void
got_body_cb (SoupServerMessage *message, FluoHttpGuard *self)
{
  Connection *connection = find (self, message);

  if (connection)
    enter (connection, STATE_ANSWER);
}

static gboolean
peer_closed (GSocket *socket)
{
  char byte;
  ssize_t n;

  if (g_socket_is_closed (socket))
    return TRUE;
  n = recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* A head that doesn't get whole, be it of the first request or a further one, or a client that
 * stays after it was refused. */
static gboolean
stream_is_late (FluoHttpStream *stream, gint64 now_usec)
{
  gint64 since_usec = stream ? fluo_http_stream_get_since (stream) : 0;

  return since_usec > 0
         && now_usec - since_usec
              > (fluo_http_stream_has_refused (stream) ? REFUSED_USEC : HEADERS_USEC);
}

/* Ends what takes too long. */
static void
sweep (FluoHttpGuard *self)
{
  gint64 now_usec = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;

      if (now_usec - connection->since_usec > allowed_usec[connection->state]
          || stream_is_late (connection->stream, now_usec))
        g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
    }
}

static gboolean
has_input (Connection *connection)
{
  char byte;

  return (connection->stream && fluo_http_stream_has_input (connection->stream))
         || recv (g_socket_get_fd (connection->socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* How gladly a connection is given up for a new one, 0 = not at all: rather an idle one, then one
 * whose head or body comes too slowly to be from a program that wants something. */
static guint
rank (Connection *connection, gint64 now_usec)
{
  gint64 age_usec = now_usec - connection->since_usec;

  if (connection->state == STATE_IDLE && !has_input (connection))
    return 3;
  if (connection->state == STATE_HEADERS && age_usec > SLOW_HEAD_USEC)
    return 2;
  return connection->state == STATE_BODY && age_usec > SLOW_BODY_USEC ? 1 : 0;
}

static void
leaving_gone_cb (gpointer data, GObject *socket)
{
  FluoHttpGuard *self = data;

  g_hash_table_remove (self->leaving, socket);
}

/* The server sees the end of the connection, and closes it when the main loop turns. */
static void
drop (FluoHttpGuard *self, GSocket *socket)
{
  g_object_ref (socket);
  g_object_weak_unref (G_OBJECT (socket), socket_gone_cb, self);
  socket_gone_cb (self, G_OBJECT (socket));
  g_socket_shutdown (socket, TRUE, TRUE, NULL);
  g_hash_table_add (self->leaving, socket);
  g_object_weak_ref (G_OBJECT (socket), leaving_gone_cb, self);
  g_object_unref (socket);
}

/* FALSE when every connection is in the middle of a request that gets on. Else the least useful one
 * makes way, of several the oldest: its client opens another when it wants to say something
 * again. */
static gboolean
make_room (FluoHttpGuard *self)
{
  gint64 now_usec = g_get_monotonic_time ();
  Connection *victim = NULL;
  guint best = 0;
  GHashTableIter iter;
  gpointer value;

  sweep (self);
  if (g_hash_table_size (self->connections) < N_CONNECTIONS_MAX)
    return TRUE;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;
      guint gladly = rank (connection, now_usec);

      if (gladly > best
          || (gladly > 0 && gladly == best && connection->since_usec < victim->since_usec))
        {
          victim = connection;
          best = gladly;
        }
    }
  if (!victim)
    return FALSE;
  drop (self, victim->socket);
  return TRUE;
}

static void
request_started_cb (SoupServer *server, SoupServerMessage *message, FluoHttpGuard *self)
{
  Connection *connection = find (self, message);

  if (!connection)
    return;
  enter (connection, STATE_HEADERS);
  g_signal_connect (message, "got-headers", G_CALLBACK (got_headers_cb), self);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), self);
  g_signal_connect (message, "got-body", G_CALLBACK (got_body_cb), self);
}

static void
request_ended_cb (SoupServer *server, SoupServerMessage *message, FluoHttpGuard *self)
{
  Connection *connection = find (self, message);

  if (connection)
    enter (connection, STATE_IDLE);
}

gboolean
fluo_http_guard_client_left (SoupServerMessage *message)
{
  GSocket *socket = get_of_peer (message, SOCKET_KEY);

  return !socket || peer_closed (socket);
}

/* --- Taking connections ------------------------------------------------- */

static void
serve (FluoHttpGuard *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (socket, NULL);
  GSocketConnection *plain = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GInputStream) input = fluo_http_stream_new (socket, self->body_max);
  g_autoptr (GIOStream) stream =
    g_simple_io_stream_new (input, g_io_stream_get_output_stream (G_IO_STREAM (plain)));
  g_autoptr (GError) error = NULL;
  Connection *connection;

  /* It closes the socket when it goes. */
  g_object_set_data_full (G_OBJECT (stream), SOCKET_KEY, plain, g_object_unref);
  /* The client may have left already. */
  if (!local || !peer)
    return;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_object_set_data_full (G_OBJECT (peer), STREAM_KEY, g_object_ref (input), g_object_unref);
  g_object_set_data_full (G_OBJECT (peer), SOCKET_KEY, g_object_ref (socket), g_object_unref);
  connection = g_new0 (Connection, 1);
  connection->guard = self;
  connection->socket = socket;
  g_set_weak_pointer (&connection->stream, FLUO_HTTP_STREAM (input));
  enter (connection, STATE_HEADERS);
  g_hash_table_insert (self->connections, socket, connection);
  g_object_weak_ref (G_OBJECT (socket), socket_gone_cb, self);
  if (!soup_server_accept_iostream (self->server, stream, local, peer, &error))
    g_warning ("a connection can't be served: %s", error->message);
}

static gboolean
take_cb (GSocket *socket, gpointer data)
{
  FluoHttpGuard *self = data;

  if (g_hash_table_size (self->connections) >= N_CONNECTIONS_MAX && !make_room (self))
    return FALSE;
  serve (self, socket);
  return TRUE;
}

static gboolean
is_ready_cb (gpointer data)
{
  FluoHttpGuard *self = data;

  return g_hash_table_size (self->leaving) < N_LEAVING_MAX;
}

static void
failed_cb (gpointer data)
{
  sweep (data);
}

void
fluo_http_guard_listen (FluoHttpGuard *self, GPtrArray *listeners, FluoListenerProtocol protocol)
{
  static const FluoPortFuncs funcs = { take_cb, is_ready_cb, failed_cb };

  for (guint i = 0; i < listeners->len; i++)
    {
      FluoListener *listener = listeners->pdata[i];

      if (listener->protocol == protocol && listener->socket)
        g_ptr_array_add (self->ports, fluo_port_new (listener->socket, &funcs, self, NULL));
    }
}

void
fluo_http_guard_stop (FluoHttpGuard *self)
{
  g_ptr_array_set_size (self->ports, 0);
}

static gboolean
sweep_cb (gpointer data)
{
  sweep (data);
  return G_SOURCE_CONTINUE;
}

/* A socket that listens, on a name that the kernel chooses. */
static int
listen_somewhere (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address.sun_family) == 0
      && listen (fd, 0) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* SoupServer ends each connection after one answer unless it listens itself. What it is given to
 * listen on becomes a socket without a name at once, so nobody ever gets there. */
static void
keep_connections (SoupServer *server)
{
  int fd = listen_somewhere (), nameless = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_autoptr (GSocket) socket_of_server = fd >= 0 ? g_socket_new_from_fd (fd, NULL) : NULL;

  if (!socket_of_server || !soup_server_listen_socket (server, socket_of_server, 0, NULL)
      || nameless < 0 || dup2 (nameless, fd) < 0 || fcntl (fd, F_SETFD, FD_CLOEXEC) != 0)
    g_warning ("each request will need a connection of its own");
  if (nameless >= 0)
    close (nameless);
}

FluoHttpGuard *
fluo_http_guard_new (SoupServer *server, gsize body_max)
{
  FluoHttpGuard *self = g_new0 (FluoHttpGuard, 1);

  self->server = g_object_ref (server);
  keep_connections (server);
  self->body_max = body_max;
  self->ports = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_port_free);
  self->leaving = g_hash_table_new (NULL, NULL);
  self->connections = g_hash_table_new_full (NULL, NULL, NULL, connection_free);
  g_signal_connect (server, "request-started", G_CALLBACK (request_started_cb), self);
  g_signal_connect (server, "request-finished", G_CALLBACK (request_ended_cb), self);
  g_signal_connect (server, "request-aborted", G_CALLBACK (request_ended_cb), self);
  self->sweep_id = g_timeout_add_seconds (1, sweep_cb, self);
  return self;
}

void
fluo_http_guard_free (FluoHttpGuard *self)
{
  GHashTableIter iter;
  gpointer socket;

  g_ptr_array_unref (self->ports);
  g_source_remove (self->sweep_id);
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &socket, NULL))
    g_object_weak_unref (socket, socket_gone_cb, self);
  g_hash_table_unref (self->connections);
  g_hash_table_iter_init (&iter, self->leaving);
  while (g_hash_table_iter_next (&iter, &socket, NULL))
    g_object_weak_unref (socket, leaving_gone_cb, self);
  g_hash_table_unref (self->leaving);
  g_object_unref (self->server);
  g_free (self);
}

gboolean
fluo_http_guard_is_busy (FluoHttpGuard *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Connection *) value)->state == STATE_ANSWER)
      return TRUE;
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-http-guard.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A program's SDK uses one or two connections; a whole desktop of them stays far below. */
#define N_CONNECTIONS_MAX 128

/* All bodies being received together: a part of the memory the collector has promised to stay
 * within. */
#define ALL_BODIES_MAX (64 * 1024 * 1024)

/* Absolute, so that a byte now and then doesn't prolong them. */
#define HEADERS_USEC (10 * G_USEC_PER_SEC)
#define BODY_USEC (30 * G_USEC_PER_SEC)
#define ANSWER_USEC (120 * G_USEC_PER_SEC)
#define IDLE_USEC (60 * G_USEC_PER_SEC)

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
} Connection;

struct _FluoHttpGuard
{
  SoupServer *server;
  gsize       body_max;
  gsize       all_bodies;
  GHashTable *connections; /* GSocket → Connection */
  guint       sweep_id;
};

static void socket_gone_cb (gpointer data, GObject *socket);

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

void
fluo_http_guard_reject (SoupServerMessage *message, const char *status)
{
  GSocket *socket = soup_server_message_get_socket (message);
  g_autofree char *answer =
    g_strdup_printf ("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status);

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (!socket)
    return;
  g_socket_send (socket, answer, strlen (answer), NULL, NULL);
  g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static Connection *
find (FluoHttpGuard *self, SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

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

/* Ends a connection that no request is using. */
static void
close_idle (FluoHttpGuard *self, GSocket *socket)
{
  g_object_ref (socket);
  g_object_weak_unref (G_OBJECT (socket), socket_gone_cb, self);
  socket_gone_cb (self, G_OBJECT (socket));
  g_socket_close (socket, NULL);
  g_object_unref (socket);
}

/* Ends what clients left behind and what takes too long. */
static void
sweep (FluoHttpGuard *self)
{
  g_autoptr (GPtrArray) over = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now_usec = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;
      gboolean late = now_usec - connection->since_usec > allowed_usec[connection->state];

      /* In the middle of a request a closed sending side is no farewell: the client may
       * still read. */
      if (late || (connection->state == STATE_IDLE && peer_closed (connection->socket)))
        g_ptr_array_add (over, g_object_ref (connection->socket));
    }
  for (guint i = 0; i < over->len; i++)
    {
      Connection *connection = g_hash_table_lookup (self->connections, over->pdata[i]);

      if (connection && connection->state == STATE_IDLE)
        close_idle (self, over->pdata[i]);
      else
        g_socket_shutdown (over->pdata[i], TRUE, TRUE, NULL);
    }
}

static gboolean
has_input (GSocket *socket)
{
  char byte;

  return recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* FALSE when every connection is in the middle of a request. Else the one that has been idle for
 * longest makes way: its client opens another when it wants to say something again. */
static gboolean
make_room (FluoHttpGuard *self)
{
  Connection *oldest = NULL;
  GHashTableIter iter;
  gpointer value;

  sweep (self);
  if (g_hash_table_size (self->connections) <= N_CONNECTIONS_MAX)
    return TRUE;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;

      if (connection->state == STATE_IDLE && !has_input (connection->socket) &&
          (!oldest || connection->since_usec < oldest->since_usec))
        oldest = connection;
    }
  if (oldest)
    close_idle (self, oldest->socket);
  return oldest != NULL;
}

static void
request_started_cb (SoupServer *server, SoupServerMessage *message, FluoHttpGuard *self)
{
  GSocket *socket = soup_server_message_get_socket (message);
  Connection *connection = find (self, message);

  if (!socket)
    return;
  if (!connection)
    {
      connection = g_new0 (Connection, 1);
      connection->guard = self;
      connection->socket = socket;
      g_hash_table_insert (self->connections, socket, connection);
      g_object_weak_ref (G_OBJECT (socket), socket_gone_cb, self);
    }
  enter (connection, STATE_HEADERS);
  g_signal_connect (message, "got-headers", G_CALLBACK (got_headers_cb), self);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), self);
  g_signal_connect (message, "got-body", G_CALLBACK (got_body_cb), self);
  if (g_hash_table_size (self->connections) > N_CONNECTIONS_MAX && !make_room (self))
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
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
  GSocket *socket = soup_server_message_get_socket (message);

  return !socket || peer_closed (socket);
}

static gboolean
sweep_cb (gpointer data)
{
  sweep (data);
  return G_SOURCE_CONTINUE;
}

FluoHttpGuard *
fluo_http_guard_new (SoupServer *server, gsize body_max)
{
  FluoHttpGuard *self = g_new0 (FluoHttpGuard, 1);

  self->server = g_object_ref (server);
  self->body_max = body_max;
  self->connections = g_hash_table_new_full (NULL, NULL, NULL, g_free);
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

  g_source_remove (self->sweep_id);
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &socket, NULL))
    g_object_weak_unref (socket, socket_gone_cb, self);
  g_hash_table_unref (self->connections);
  g_object_unref (self->server);
  g_free (self);
}

guint
fluo_http_guard_n_connections (FluoHttpGuard *self)
{
  return g_hash_table_size (self->connections);
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

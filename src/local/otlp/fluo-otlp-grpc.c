/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-grpc-private.h"

#include "local/intake/fluo-port.h"
#include "otlp/fluo-otlp-model.h"

/* One decodes while the other's spans are written. */
#define N_WORKERS 2

/* A program has one connection; a whole desktop of them stays far below. */
#define N_CONNECTIONS_MAX 128
/* Requests waiting for a worker or the writer: beyond, clients shall wait themselves. */
#define N_CALLS_MAX 1024

/* An address that connections come to. */
typedef struct
{
  FluoOtlpGrpc *server;
  FluoListener *listener;
} Address;

/* --- Calls -------------------------------------------------------------- */

void
fluo_grpc_count_unread (FluoGrpcConnection *connection, const char *problem)
{
  FluoLoss loss = { .origin = { FLUO_ORIGIN_OTLP, connection->port }, .problem = problem };

  fluo_counters_refuse_one (connection->server->context->counters, FLUO_REFUSED_REQUEST, &loss);
}

static gboolean
answer_cb (gpointer data)
{
  FluoGrpcCall *call = data;

  call->server->all_bodies -= call->n_bytes;
  call->server->n_calls--;
  if (call->stream)
    {
      FluoGrpcConnection *connection = call->stream->connection;

      fluo_grpc_stream_answer (call->stream, call->code, call->message, call->answer);
      fluo_grpc_connection_flush (connection);
    }
  g_clear_pointer (&call->answer, g_bytes_unref);
  g_free (call->message);
  g_free (call);
  return G_SOURCE_REMOVE;
}

/* [worker or writer] */
static void
taken (gpointer data, const FluoOtlpResult *result)
{
  FluoGrpcCall *call = data;

  call->code = result->code;
  if (result->code == FLUO_OTLP_CODE_OK)
    call->answer = fluo_otlp_result_to_body (result, FLUO_OTLP_PROTOBUF);
  else
    call->message = g_strdup (result->message);
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_cb, call, NULL);
}

/* [worker] */
static void
work (gpointer data, gpointer user_data)
{
  FluoOtlpGrpc *self = user_data;
  FluoGrpcCall *call = data;

  fluo_otlp_intake_take (&self->intake, g_steal_pointer (&call->body), call->gzip,
                         FLUO_OTLP_PROTOBUF, call->port, taken, call);
}

gboolean
fluo_grpc_call_start (FluoGrpcStream *stream, GBytes *body, gboolean gzip)
{
  FluoOtlpGrpc *self = stream->connection->server;
  FluoGrpcCall *call;

  if (self->n_calls >= N_CALLS_MAX || self->stopped)
    return FALSE;
  call = g_new0 (FluoGrpcCall, 1);
  call->server = self;
  call->stream = stream;
  call->body = g_bytes_ref (body);
  call->n_bytes = g_bytes_get_size (body);
  call->gzip = gzip;
  call->port = stream->connection->port;
  stream->call = call;
  self->all_bodies += call->n_bytes;
  self->n_calls++;
  g_thread_pool_push (self->pool, call, NULL);
  return TRUE;
}

/* --- Connections -------------------------------------------------------- */

/* The connections as they are now: what is done to one may end it, but no other. */
static void
each_connection (FluoOtlpGrpc *self, void (*func) (FluoGrpcConnection *connection, gint64 now_usec))
{
  g_autoptr (GList) connections = g_hash_table_get_keys (self->connections);
  gint64 now_usec = g_get_monotonic_time ();

  for (GList *item = connections; item; item = item->next)
    func (item->data, now_usec);
}

static gboolean
sweep_cb (gpointer data)
{
  each_connection (data, fluo_grpc_connection_sweep);
  return G_SOURCE_CONTINUE;
}

/* FALSE when every connection is in the middle of a request that gets on. Else the least useful one
 * makes way, of several the oldest: its client opens another when it wants to say something
 * again. */
static gboolean
make_room (FluoOtlpGrpc *self)
{
  gint64 now_usec = g_get_monotonic_time ();
  FluoGrpcConnection *victim = NULL;
  guint best = 0;
  GHashTableIter iter;
  gpointer key;

  if (g_hash_table_size (self->connections) < N_CONNECTIONS_MAX)
    return TRUE;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      FluoGrpcConnection *connection = key;
      guint gladly = fluo_grpc_connection_rank (connection, now_usec);

      if (gladly > best ||
          (gladly > 0 && gladly == best && connection->since_usec < victim->since_usec))
        {
          victim = connection;
          best = gladly;
        }
    }
  return victim && g_hash_table_remove (self->connections, victim);
}

static gboolean
take_cb (GSocket *socket, gpointer data)
{
  Address *address = data;
  FluoOtlpGrpc *self = address->server;
  FluoGrpcConnection *connection = NULL;

  if (make_room (self))
    connection = fluo_grpc_connection_new (self, address->listener, socket);
  if (connection)
    g_hash_table_add (self->connections, connection);
  return connection != NULL;
}

static void
listen_on (FluoOtlpGrpc *self, FluoListener *listener)
{
  static const FluoPortFuncs funcs = { take_cb, NULL, NULL };
  Address *address = g_new (Address, 1);

  *address = (Address) { self, listener };
  g_ptr_array_add (self->ports, fluo_port_new (listener->socket, &funcs, address, g_free));
}

/* --- Public ------------------------------------------------------------- */

FluoOtlpGrpc *
fluo_otlp_grpc_new (const FluoApiContext *context, gboolean index_all)
{
  FluoOtlpGrpc *self = g_new0 (FluoOtlpGrpc, 1);

  self->context = context;
  self->intake = (FluoOtlpIntake) { context->writer, context->counters, index_all };
  self->pool = g_thread_pool_new (work, self, N_WORKERS, FALSE, NULL);
  self->ports = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_port_free);
  self->connections =
    g_hash_table_new_full (NULL, NULL, (GDestroyNotify) fluo_grpc_connection_free, NULL);
  self->sweep_id = g_timeout_add_seconds (1, sweep_cb, self);
  for (guint i = 0; i < context->listeners->len; i++)
    {
      FluoListener *listener = context->listeners->pdata[i];

      if (listener->protocol == FLUO_LISTENER_OTLP_GRPC && listener->socket)
        listen_on (self, listener);
    }
  return self;
}

static void
stop_connection (FluoGrpcConnection *connection, gint64 now_usec)
{
  fluo_grpc_connection_stop (connection);
}

void
fluo_otlp_grpc_stop (FluoOtlpGrpc *self)
{
  if (self->stopped)
    return;
  self->stopped = TRUE;
  g_ptr_array_set_size (self->ports, 0);
  each_connection (self, stop_connection);
}

gboolean
fluo_otlp_grpc_is_busy (FluoOtlpGrpc *self)
{
  GHashTableIter iter;
  gpointer key;

  if (self->n_calls > 0)
    return TRUE;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (fluo_grpc_connection_is_busy (key))
      return TRUE;
  return FALSE;
}

void
fluo_otlp_grpc_join (FluoOtlpGrpc *self)
{
  fluo_otlp_grpc_stop (self);
  if (self->pool)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  self->pool = NULL;
}

void
fluo_otlp_grpc_free (FluoOtlpGrpc *self)
{
  fluo_otlp_grpc_join (self);
  while (self->n_calls > 0)
    g_main_context_iteration (NULL, TRUE);
  g_hash_table_unref (self->connections);
  g_ptr_array_unref (self->ports);
  g_source_remove (self->sweep_id);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (fluo-listener-error-quark, fluo_listener_error)

/* Connections the kernel holds until they are accepted; the default of 10 loses some of a burst. */
#define BACKLOG 128

/* What is asked for; the kernel gives what net.core.rmem_max allows. A burst of a thousand 4 KB
 * datagrams fits. */
#define UDP_BUFFER_BYTES (8 * 1024 * 1024)

#define TCP_STATE_LISTEN 10

static gboolean
set_address_error (GError **error, const char *text)
{
  g_set_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_ADDRESS,
               _("“%s” is not an address with a port, such as 127.0.0.1:2000 or [::1]:2000"),
               text);
  return FALSE;
}

static gboolean
parse_address (const char *text, GInetSocketAddress **ret_address, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  GSocketAddress *address;
  guint64 port;
  gsize length;

  if (!colon || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return set_address_error (error, text);
  length = (gsize) (colon - text);
  if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
    host = g_strndup (text + 1, length - 2);
  else if (memchr (text, ':', length) == NULL)
    host = g_strndup (text, length);
  else
    return set_address_error (error, text);
  address = g_inet_socket_address_new_from_string (
    g_ascii_strcasecmp (host, "localhost") == 0 ? "127.0.0.1" : host, (guint) port);
  if (!address)
    return set_address_error (error, text);
  *ret_address = G_INET_SOCKET_ADDRESS (address);
  return TRUE;
}

static char *
address_to_text (GInetSocketAddress *address)
{
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (address));

  return g_strdup_printf (strchr (host, ':') ? "[%s]:%u" : "%s:%u", host,
                          g_inet_socket_address_get_port (address));
}

FluoListener *
fluo_listener_new (FluoListenerProtocol protocol, const char *text, GError **error)
{
  GInetSocketAddress *address;
  FluoListener *self;

  if (!parse_address (text, &address, error))
    return NULL;
  self = g_new0 (FluoListener, 1);
  self->protocol = protocol;
  self->address = address;
  self->text = address_to_text (address);
  self->loopback = g_inet_address_get_is_loopback (g_inet_socket_address_get_address (address));
  g_mutex_init (&self->shared.lock);
  return self;
}

void
fluo_listener_free (FluoListener *self)
{
  g_clear_object (&self->socket);
  g_clear_object (&self->address);
  g_mutex_clear (&self->shared.lock);
  g_free (self->detail);
  g_free (self->text);
  g_free (self);
}

static void
prepare_socket (FluoListener *self, GSocket *socket)
{
  int fd = g_socket_get_fd (socket);
  int on = 1, bytes = UDP_BUFFER_BYTES;

  /* The IPv4 address has its own socket. */
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
  if (self->protocol != FLUO_LISTENER_UDP)
    return;
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt (fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
}

static gboolean
set_bind_error (FluoListener *self, GError *cause, GError **error)
{
  static const char *const words[] = { "UDP", "TCP", "OTLP", "OTLP/gRPC" };
  g_autofree char *holder = NULL;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      holder = fluo_listener_dup_holder (self->protocol, self->address);
      self->detail = holder ? g_strdup_printf (_("held by %s"), holder)
                            : g_strdup (_("held by a process of another user"));
      g_set_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_TAKEN,
                   _("%s port %s is taken: %s"),
                   words[self->protocol], self->text, self->detail);
    }
  else if (g_inet_socket_address_get_port (self->address) < 1024 &&
           g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_FAILED,
                 _("“%s”: ports below 1024 are for root"), self->text);
  else
    g_set_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_UNAVAILABLE, _("“%s”: %s"),
                 self->text, cause->message);
  return FALSE;
}

gboolean
fluo_listener_bind (FluoListener *self, GError **error)
{
  gboolean udp = self->protocol == FLUO_LISTENER_UDP;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GSocket) socket = NULL;
  GSocketAddress *local;

  socket = g_socket_new (g_socket_address_get_family (G_SOCKET_ADDRESS (self->address)),
                         udp ? G_SOCKET_TYPE_DATAGRAM : G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_DEFAULT, &local_error);
  if (!socket)
    return set_bind_error (self, local_error, error);
  prepare_socket (self, socket);
  g_socket_set_listen_backlog (socket, BACKLOG);
  /* Two UDP sockets with address reuse would share one port without a word. */
  if (!g_socket_bind (socket, G_SOCKET_ADDRESS (self->address), !udp, &local_error) ||
      (!udp && !g_socket_listen (socket, &local_error)))
    return set_bind_error (self, local_error, error);
  local = g_socket_get_local_address (socket, &local_error);
  if (!local)
    return set_bind_error (self, local_error, error);
  g_set_object (&self->address, G_INET_SOCKET_ADDRESS (local));
  g_object_unref (local);
  g_free (self->text);
  self->text = address_to_text (self->address);
  self->socket = g_steal_pointer (&socket);
  return TRUE;
}

FluoListener *
fluo_listener_find (GPtrArray *listeners, FluoListenerProtocol protocol, GSocketAddress *local,
                    GInetAddress **ret_address)
{
  guint port;

  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return NULL;
  *ret_address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  for (guint i = 0; i < listeners->len; i++)
    {
      FluoListener *listener = listeners->pdata[i];
      GInetAddress *address = g_inet_socket_address_get_address (listener->address);

      if (listener->protocol == protocol && listener->socket &&
          g_inet_socket_address_get_port (listener->address) == port &&
          (g_inet_address_get_is_any (address) || g_inet_address_equal (address, *ret_address)))
        return listener;
    }
  return NULL;
}

const char *
fluo_listener_get_protocol (FluoListener *self)
{
  static const char *const words[] = { "udp", "http", "otlp", "otlp_grpc" };

  return words[self->protocol];
}

void
fluo_listener_count (FluoListener *self, guint64 n, gboolean sampling)
{
  g_mutex_lock (&self->shared.lock);
  self->shared.received += n;
  self->shared.sampling_requests += sampling;
  self->shared.last_usec = g_get_real_time ();
  g_mutex_unlock (&self->shared.lock);
}

void
fluo_listener_write (FluoListener *self, FluoJsonWriter *writer)
{
  guint64 received, sampling_requests;
  gint64 last_usec;

  g_mutex_lock (&self->shared.lock);
  received = self->shared.received;
  sampling_requests = self->shared.sampling_requests;
  last_usec = self->shared.last_usec;
  g_mutex_unlock (&self->shared.lock);

  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Protocol");
  fluo_json_writer_string (writer, fluo_listener_get_protocol (self));
  fluo_json_writer_key (writer, "Address");
  fluo_json_writer_string (writer, self->text);
  fluo_json_writer_key (writer, "State");
  fluo_json_writer_string (writer, self->socket ? "listening" : "taken");
  fluo_json_writer_key (writer, "Detail");
  fluo_json_writer_string (writer, self->detail);
  fluo_json_writer_key (writer, "Received");
  fluo_json_writer_int (writer, (gint64) received);
  fluo_json_writer_key (writer, "LastReceived");
  if (last_usec > 0)
    fluo_json_writer_seconds (writer, last_usec * 1000);
  else
    fluo_json_writer_null (writer);
  fluo_json_writer_key (writer, "SamplingRequests");
  fluo_json_writer_int (writer, (gint64) sampling_requests);
  fluo_json_writer_end (writer, '}');
}

/* --- Who has the port --------------------------------------------------- */

static gboolean
parse_proc_line (const char *line, FluoProcSocket *socket)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GPtrArray) filled = g_ptr_array_new ();
  const char *colon;

  words = g_strsplit_set (line, " \t", -1);
  for (guint i = 0; words[i]; i++)
    if (words[i][0])
      g_ptr_array_add (filled, words[i]);
  /* sl local remote st queues timer retransmits uid timeout inode [ref pointer drops] */
  if (filled->len < 10 || !(colon = strrchr (filled->pdata[1], ':')))
    return FALSE;
  socket->port = (guint) g_ascii_strtoull (colon + 1, NULL, 16);
  socket->state = (guint) g_ascii_strtoull (filled->pdata[3], NULL, 16);
  socket->inode = g_ascii_strtoull (filled->pdata[9], NULL, 10);
  socket->drops = filled->len > 12 ? g_ascii_strtoull (filled->pdata[12], NULL, 10) : 0;
  return socket->inode != 0;
}

void
fluo_proc_sockets_each (const char *table,
                        gboolean (*visit) (const FluoProcSocket *socket, gpointer data),
                        gpointer data)
{
  g_autofree char *path = g_build_filename ("/proc/net", table, NULL);
  FILE *file = fopen (path, "re");
  gboolean stop = FALSE;
  char line[512];

  if (!file)
    return;
  while (!stop && fgets (line, sizeof line, file))
    {
      FluoProcSocket socket;

      if (parse_proc_line (line, &socket))
        stop = visit (&socket, data);
    }
  fclose (file);
}

typedef struct
{
  guint    port;
  gboolean listening; /* only such sockets */
  GArray  *inodes;    /* guint64 */
} HolderSearch;

static gboolean
collect_inode (const FluoProcSocket *socket, gpointer data)
{
  HolderSearch *search = data;

  if (socket->port == search->port && (!search->listening || socket->state == TCP_STATE_LISTEN))
    g_array_append_val (search->inodes, socket->inode);
  return FALSE;
}

static gboolean
process_has_inode (const char *pid, GArray *inodes)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *link = g_build_filename (path, name, NULL);
      char target[64];
      ssize_t length = readlink (link, target, sizeof target - 1);
      unsigned long long inode;

      if (length <= 0)
        continue;
      target[length] = '\0';
      if (sscanf (target, "socket:[%llu]", &inode) == 1)
        for (guint i = 0; i < inodes->len; i++)
          if (g_array_index (inodes, guint64, i) == inode)
            return TRUE;
    }
  return FALSE;
}

static char *
find_process (gboolean tcp, gboolean listening, guint port)
{
  g_autoptr (GArray) inodes = g_array_new (FALSE, FALSE, sizeof (guint64));
  HolderSearch search = { port, listening, inodes };
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  fluo_proc_sockets_each (tcp ? "tcp" : "udp", collect_inode, &search);
  fluo_proc_sockets_each (tcp ? "tcp6" : "udp6", collect_inode, &search);
  while (proc && inodes->len > 0 && (pid = g_dir_read_name (proc)))
    if (g_ascii_isdigit (pid[0]) && process_has_inode (pid, inodes))
      {
        g_autofree char *path = g_build_filename ("/proc", pid, "comm", NULL);
        g_autofree char *name = NULL;

        if (g_file_get_contents (path, &name, NULL, NULL))
          return g_strdup_printf (_("%s (process %s)"), g_strchomp (name), pid);
      }
  return NULL;
}

char *
fluo_listener_dup_holder (FluoListenerProtocol protocol, GInetSocketAddress *address)
{
  gboolean tcp = protocol != FLUO_LISTENER_UDP;

  return find_process (tcp, tcp, g_inet_socket_address_get_port (address));
}

char *
fluo_listener_dup_peer (gboolean tcp, guint port)
{
  return find_process (tcp, FALSE, port);
}

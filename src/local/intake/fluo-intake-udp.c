/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#define _GNU_SOURCE
#include "fluo-config.h"

#include "local/intake/fluo-intake-udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Datagrams taken in one call. */
#define N_MESSAGES 64

/* The largest UDP payload, and one byte more so that a longer one would show. */
#define DATAGRAM_MAX 65536

/* A header line is 30 bytes; a longer one is no header. */
#define HEADER_MAX 256

#define DROP_POLL_MSEC 1000

/* Calls in a row before the thread looks up: at drops, and whether it shall stop. */
#define N_CALLS_MAX 64

struct _FluoIntakeUdp
{
  FluoListener *listener;
  FluoWriter   *writer;
  FluoCounters *counters;
  GThread      *thread;
  int           stop_fd;
  guint64       inode;

  struct
  {
    char
      *buffers; /* N_MESSAGES × DATAGRAM_MAX; touched as far as datagrams come together */
    struct mmsghdr          headers[N_MESSAGES];
    struct iovec            vectors[N_MESSAGES];
    struct sockaddr_storage names[N_MESSAGES];
    char                    controls[N_MESSAGES][CMSG_SPACE (sizeof (guint32))];
  } receiver;

  struct
  {
    GMutex  lock;
    guint64 drops;
  } shared;
};

gsize
fluo_intake_udp_parse_header (const char *text, gsize length)
{
  const char *end = memchr (text, '\n', MIN (length, HEADER_MAX));
  FluoJsonScanner scanner;
  gboolean format = FALSE, version = FALSE;
  FluoJsonToken token;
  gint64 number;

  if (!end)
    return 0;
  fluo_json_scanner_init (&scanner, text, (gsize) (end - text));
  if (fluo_json_scanner_next (&scanner) != FLUO_JSON_OBJECT_BEGIN)
    return 0;
  while ((token = fluo_json_scanner_next (&scanner)) == FLUO_JSON_KEY)
    {
      gboolean is_format = fluo_json_scanner_equal (&scanner, "format");
      gboolean is_version = fluo_json_scanner_equal (&scanner, "version");

      token = fluo_json_scanner_next (&scanner);
      if (is_format)
        format = token == FLUO_JSON_STRING && scanner.end - scanner.start == 4 &&
                 g_ascii_strncasecmp (text + scanner.start, "json", 4) == 0;
      else if (is_version)
        version =
          token == FLUO_JSON_NUMBER && fluo_json_scanner_int64 (&scanner, &number) && number == 1;
      else if (!fluo_json_scanner_skip (&scanner, token))
        return 0;
    }
  if (token != FLUO_JSON_OBJECT_END || fluo_json_scanner_next (&scanner) != FLUO_JSON_END ||
      !format || !version)
    return 0;
  return (gsize) (end - text) + 1;
}

/* The kernel's number only ever grows; whoever sees it first counts the difference. */
static void
note_drops (FluoIntakeUdp *self, guint64 drops)
{
  guint64 n = 0;

  g_mutex_lock (&self->shared.lock);
  if (drops > self->shared.drops)
    {
      n = drops - self->shared.drops;
      self->shared.drops = drops;
    }
  g_mutex_unlock (&self->shared.lock);
  if (n > 0)
    fluo_counters_refuse (self->counters, FLUO_REFUSED_KERNEL_DROP, n);
}

typedef struct
{
  guint64 inode;
  guint64 drops;
} DropSearch;

static gboolean
find_drops (const FluoProcSocket *socket, gpointer data)
{
  DropSearch *search = data;

  if (socket->inode != search->inode)
    return FALSE;
  search->drops = socket->drops;
  return TRUE;
}

void
fluo_intake_udp_poll_drops (FluoIntakeUdp *self)
{
  DropSearch search = { self->inode, 0 };
  gboolean ipv6 = g_socket_get_family (self->listener->socket) == G_SOCKET_FAMILY_IPV6;

  fluo_proc_sockets_each (ipv6 ? "udp6" : "udp", find_drops, &search);
  note_drops (self, search.drops);
}

/* Nobody can send from port 0 by a socket of one's own, so such a source is made up. */
static gboolean
is_loopback (const struct sockaddr_storage *name)
{
  const struct sockaddr_in *v4 = (const void *) name;
  const struct sockaddr_in6 *v6 = (const void *) name;

  if (name->ss_family == AF_INET)
    return (ntohl (v4->sin_addr.s_addr) >> 24) == 127 && v4->sin_port != 0;
  return name->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&v6->sin6_addr) && v6->sin6_port != 0;
}

static void
note_overflow (FluoIntakeUdp *self, struct msghdr *header)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (header); control;
       control = CMSG_NXTHDR (header, control))
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
      {
        guint32 drops;

        memcpy (&drops, CMSG_DATA (control), sizeof drops);
        note_drops (self, drops);
      }
}

/* [worker] */
static void
refuse (FluoIntakeUdp *self, guint reason, FluoOrigin origin, const char *text, gsize length,
        const char *problem)
{
  FluoLoss loss = { .origin = origin, .text = text, .length = length, .problem = problem };

  fluo_counters_refuse_one (self->counters, reason, &loss);
}

static FluoOrigin
origin_of (const struct sockaddr_storage *name)
{
  FluoOrigin origin = { FLUO_ORIGIN_UDP, 0 };

  /* The port of a sender elsewhere is no key to a process here. */
  if (is_loopback (name))
    origin.port = ntohs (name->ss_family == AF_INET
                           ? ((const struct sockaddr_in *) (const void *) name)->sin_port
                           : ((const struct sockaddr_in6 *) (const void *) name)->sin6_port);
  return origin;
}

/* [worker] One datagram: into the job, or counted. */
static void
take_datagram (FluoIntakeUdp *self, FluoWriteJob *job, const char *text, gsize length,
               const struct sockaddr_storage *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  FluoOrigin origin = origin_of (name);
  FluoSegmentHead head;
  gsize offset;

  if (self->listener->loopback && !is_loopback (name))
    {
      refuse (self, FLUO_REFUSED_FOREIGN_SOURCE, origin, text, length, NULL);
      return;
    }
  offset = fluo_intake_udp_parse_header (text, length);
  if (offset == 0)
    {
      refuse (self, FLUO_REFUSED_HEADER, origin, text, length, NULL);
      return;
    }
  if (!fluo_segment_head_parse (text + offset, length - offset, &head, NULL, &error))
    {
      g_debug ("a datagram is refused: %s", error->message);
      refuse (self,
              error->domain == FLUO_SEGMENT_ERROR ? (guint) error->code : FLUO_SEGMENT_ERROR_PARSE,
              origin, text + offset, length - offset, error->message);
      return;
    }
  body = g_bytes_new (text + offset, length - offset);
  job->origin = origin;
  fluo_write_job_add (job, body, &head);
}

/* [worker] Reads what is there, at most N_MESSAGES. */
static int
receive (FluoIntakeUdp *self)
{
  FluoWriteJob *job;
  int n;

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      self->receiver.vectors[i] =
        (struct iovec){ self->receiver.buffers + (gsize) i * DATAGRAM_MAX, DATAGRAM_MAX };
      self->receiver.headers[i].msg_hdr = (struct msghdr){
        .msg_name = &self->receiver.names[i],
        .msg_namelen = sizeof self->receiver.names[i],
        .msg_iov = &self->receiver.vectors[i],
        .msg_iovlen = 1,
        .msg_control = self->receiver.controls[i],
        .msg_controllen = sizeof self->receiver.controls[i],
      };
    }
  n = recvmmsg (g_socket_get_fd (self->listener->socket), self->receiver.headers, N_MESSAGES,
                MSG_DONTWAIT, NULL);
  if (n <= 0)
    return n;
  fluo_listener_count (self->listener, (guint64) n, FALSE);
  job = fluo_write_job_new ();
  for (int i = 0; i < n; i++)
    {
      note_overflow (self, &self->receiver.headers[i].msg_hdr);
      take_datagram (self, job, self->receiver.vectors[i].iov_base,
                     self->receiver.headers[i].msg_len, &self->receiver.names[i]);
    }
  if (job->documents->len == 0 || !fluo_writer_submit (self->writer, job))
    fluo_write_job_free (job);
  return n;
}

static gpointer
receive_thread (gpointer data)
{
  FluoIntakeUdp *self = data;
  struct pollfd polled[2] = { { g_socket_get_fd (self->listener->socket), POLLIN, 0 },
                              { self->stop_fd, POLLIN, 0 } };
  gint64 polled_usec = 0, received_usec = 0;

  while (!polled[1].revents)
    {
      /* Losses come with traffic: without any there is nothing to look for, and no reason
       * to wake. */
      gboolean watch = g_get_monotonic_time () - received_usec < 5 * G_USEC_PER_SEC;

      if (poll (polled, 2, watch ? DROP_POLL_MSEC : -1) < 0 && errno != EINTR)
        break;
      for (guint i = 0; i < N_CALLS_MAX && receive (self) > 0; i++)
        received_usec = g_get_monotonic_time ();
      if (watch && g_get_monotonic_time () - polled_usec >= DROP_POLL_MSEC * 1000)
        {
          fluo_intake_udp_poll_drops (self);
          polled_usec = g_get_monotonic_time ();
        }
    }
  return NULL;
}

FluoIntakeUdp *
fluo_intake_udp_new (FluoListener *listener, FluoWriter *writer, FluoCounters *counters)
{
  FluoIntakeUdp *self = g_new0 (FluoIntakeUdp, 1);
  struct stat info;

  self->listener = listener;
  self->writer = writer;
  self->counters = counters;
  self->stop_fd = eventfd (0, EFD_CLOEXEC);
  if (fstat (g_socket_get_fd (listener->socket), &info) == 0)
    self->inode = (guint64) info.st_ino;
  self->receiver.buffers = g_malloc ((gsize) N_MESSAGES * DATAGRAM_MAX);
  g_mutex_init (&self->shared.lock);
  self->thread = g_thread_new ("udp", receive_thread, self);
  return self;
}

void
fluo_intake_udp_free (FluoIntakeUdp *self)
{
  guint64 one = 1;

  if (write (self->stop_fd, &one, sizeof one) != (ssize_t) sizeof one)
    g_warning ("the receiving thread can't be told to stop: %s", g_strerror (errno));
  g_thread_join (self->thread);
  fluo_intake_udp_poll_drops (self);
  close (self->stop_fd);
  g_mutex_clear (&self->shared.lock);
  g_free (self->receiver.buffers);
  g_free (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-http-stream.h"

#include <string.h>

#include "local/intake/fluo-http-scan.h"

/* One read; also the most that is kept of a request that the server has not asked for yet. */
#define READ_BYTES (16 * 1024)

struct _FluoHttpStream
{
  GInputStream parent_instance;
  GSocket     *socket;
  FluoHttpScan scan;
  GByteArray  *kept;      /* read, and not passed on yet */
  gsize        n_passing; /* of these, how many may be */
  gsize        n_shown;   /* of these, how many the scan has seen in vain */
  gint64       since_usec;
  gboolean     is_between; /* the server has all of one request and waits for another */
  gboolean     has_ended;  /* … in vain, and has been told so */
};

static void pollable_iface_init (gpointer iface, gpointer data);

G_DEFINE_FINAL_TYPE_WITH_CODE (FluoHttpStream, fluo_http_stream, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

/* Half of the connection stays open, so that the answer is not lost over what the client is still
 * sending. */
void
fluo_http_stream_refuse (FluoHttpStream *self, const char *status)
{
  g_autofree char *answer =
    g_strdup_printf ("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status);

  self->scan.state = FLUO_HTTP_SCAN_REFUSED;
  g_byte_array_set_size (self->kept, 0);
  self->n_passing = self->n_shown = 0;
  self->since_usec = g_get_monotonic_time ();
  g_socket_send (self->socket, answer, strlen (answer), NULL, NULL);
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
}

gboolean
fluo_http_stream_has_input (FluoHttpStream *self)
{
  return self->kept->len > 0;
}

gint64
fluo_http_stream_get_since (FluoHttpStream *self)
{
  return self->since_usec;
}

gboolean
fluo_http_stream_has_refused (FluoHttpStream *self)
{
  return self->scan.state == FLUO_HTTP_SCAN_REFUSED;
}

/* Finds out how much of what is kept may be passed on. TRUE when something may. */
static gboolean
scan (FluoHttpStream *self)
{
  const char *bytes = (const char *) self->kept->data;

  if (self->n_passing > 0)
    return TRUE;
  if (self->scan.state != FLUO_HTTP_SCAN_REFUSED)
    self->is_between = self->scan.state == FLUO_HTTP_SCAN_HEAD;
  if (self->kept->len == self->n_shown)
    return FALSE;
  if (self->scan.state == FLUO_HTTP_SCAN_HEAD)
    self->n_passing = fluo_http_scan_head (&self->scan, bytes, self->kept->len);
  else if (self->scan.state == FLUO_HTTP_SCAN_BODY)
    self->n_passing = fluo_http_scan_body (&self->scan, bytes, self->kept->len);
  self->n_shown = self->n_passing > 0 ? 0 : self->kept->len;
  if (self->scan.state == FLUO_HTTP_SCAN_REFUSED)
    fluo_http_stream_refuse (self, self->scan.refusal);
  else if (self->n_passing > 0)
    self->since_usec = 0;
  else if (self->since_usec == 0)
    self->since_usec = g_get_monotonic_time ();
  return self->n_passing > 0;
}

static gssize
pass_on (FluoHttpStream *self, void *buffer, gsize count)
{
  gsize n = MIN (count, self->n_passing);

  memcpy (buffer, self->kept->data, n);
  g_byte_array_remove_range (self->kept, 0, (guint) n);
  self->n_passing -= n;
  self->is_between = FALSE;
  return (gssize) n;
}

static gssize
receive (FluoHttpStream *self, char *bytes, gsize count, GError **error)
{
  return g_socket_receive_with_blocking (self->socket, bytes, count, FALSE, NULL, error);
}

/* Reads what there is and throws it away; the end when the client has ended too. */
static gssize
discard (FluoHttpStream *self, GError **error)
{
  char bytes[READ_BYTES];
  gssize n = receive (self, bytes, sizeof bytes, error);

  if (n <= 0)
    return n;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "refused");
  return -1;
}

static gssize
read_some (FluoHttpStream *self, void *buffer, gsize count, GError **error)
{
  gsize plain, start;
  gssize n;

  while (!scan (self))
    {
      if (fluo_http_stream_has_refused (self))
        return discard (self, error);
      plain = fluo_http_scan_get_plain (&self->scan);
      if (plain > 0 && self->kept->len == 0)
        {
          n = receive (self, buffer, MIN (count, plain), error);
          if (n > 0)
            fluo_http_scan_body (&self->scan, buffer, (gsize) n);
          return n;
        }
      start = self->kept->len;
      g_byte_array_set_size (self->kept, (guint) start + READ_BYTES);
      n = receive (self, (char *) self->kept->data + start, READ_BYTES, error);
      g_byte_array_set_size (self->kept, (guint) start + (guint) MAX (n, 0));
      if (n <= 0)
        return n;
    }
  return pass_on (self, buffer, count);
}

/* SoupServer before 3.4 keeps all it has of a connection, 17 KB, when it ends between two requests,
 * but not when it ends within one. So it gets the first byte of another; the answer to that goes
 * nowhere. */
static gssize
read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  FluoHttpStream *self = FLUO_HTTP_STREAM (stream);
  g_autoptr (GError) local_error = NULL;
  gssize n = self->has_ended ? 0 : read_some (self, buffer, count, &local_error);

  if (n <= 0 && self->is_between && !self->has_ended && count > 0 &&
      !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      self->has_ended = TRUE;
      g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
      *(char *) buffer = '-';
      return 1;
    }
  if (local_error)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return n;
}

static gboolean
is_readable (GPollableInputStream *stream)
{
  FluoHttpStream *self = FLUO_HTTP_STREAM (stream);

  return self->n_passing > 0 || self->kept->len > self->n_shown
         || (g_socket_condition_check (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR) != 0);
}

static GSource *
create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  FluoHttpStream *self = FLUO_HTTP_STREAM (stream);
  g_autoptr (GSource) child = NULL;

  if (self->n_passing > 0 || self->kept->len > self->n_shown)
    {
      child = g_timeout_source_new (0);
      return g_pollable_source_new_full (stream, child, cancellable);
    }
  child = g_socket_create_source (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
pollable_iface_init (gpointer iface, gpointer data)
{
  GPollableInputStreamInterface *pollable = iface;

  pollable->is_readable = is_readable;
  pollable->create_source = create_source;
  pollable->read_nonblocking = read_nonblocking;
}

/* SoupServer polls; nobody else reads here. */
static gssize
read_blocking (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable,
               GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "this stream is polled");
  return -1;
}

static gboolean
close_socket (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  return g_socket_close (FLUO_HTTP_STREAM (stream)->socket, error);
}

static void
fluo_http_stream_finalize (GObject *object)
{
  FluoHttpStream *self = FLUO_HTTP_STREAM (object);

  g_byte_array_unref (self->kept);
  g_object_unref (self->socket);
  G_OBJECT_CLASS (fluo_http_stream_parent_class)->finalize (object);
}

static void
fluo_http_stream_class_init (FluoHttpStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_http_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = read_blocking;
  G_INPUT_STREAM_CLASS (klass)->close_fn = close_socket;
}

static void
fluo_http_stream_init (FluoHttpStream *self)
{
  self->kept = g_byte_array_new ();
}

GInputStream *
fluo_http_stream_new (GSocket *socket, gsize body_max)
{
  FluoHttpStream *self = g_object_new (FLUO_TYPE_HTTP_STREAM, NULL);

  self->socket = g_object_ref (socket);
  fluo_http_scan_init (&self->scan, body_max);
  return G_INPUT_STREAM (self);
}

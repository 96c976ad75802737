/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The receiving side of a connection, between the socket and SoupServer, which is lenient about
 * what it reads: a head is passed on when it is whole and good, a body as far as it belongs to the
 * request, and nothing of the next request before the server asks for it. What is refused is
 * answered here, and the server sees the end of the connection. Main thread; never blocks. */

#define FLUO_TYPE_HTTP_STREAM (fluo_http_stream_get_type ())
G_DECLARE_FINAL_TYPE (FluoHttpStream, fluo_http_stream, FLUO, HTTP_STREAM, GInputStream)

/* Takes over @socket's reading; closing the stream closes it. */
GInputStream *fluo_http_stream_new         (GSocket *socket,
                                            gsize body_max) G_GNUC_WARN_UNUSED_RESULT;
/* Something was read that the server hasn't asked for yet. */
gboolean      fluo_http_stream_has_input   (FluoHttpStream *self);
/* When the first byte came of a head that isn't whole yet, or when the client was refused, in
 * microseconds of the monotonic clock; 0 when neither is the case. */
gint64        fluo_http_stream_get_since   (FluoHttpStream *self);
/* The client has been refused, and what it still sends is thrown away. */
gboolean      fluo_http_stream_has_refused (FluoHttpStream *self);
/* Answers "413 Content Too Large" and the like instead of the server. */
void          fluo_http_stream_refuse      (FluoHttpStream *self, const char *status);

G_END_DECLS

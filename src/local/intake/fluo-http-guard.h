/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "local/intake/fluo-listener.h"

G_BEGIN_DECLS

/* What a SoupServer lacks: a ceiling on connections and bodies, deadlines for slow clients,
 * refusing requests that can be read in two ways (fluo-http-scan.h), and closing what clients left
 * behind. Main thread. */
typedef struct _FluoHttpGuard FluoHttpGuard;

/* Watches the messages of @server that come over fluo_http_guard_listen(). @body_max is what the
 * largest body may have. */
FluoHttpGuard *fluo_http_guard_new           (SoupServer *server, gsize body_max);
void           fluo_http_guard_free          (FluoHttpGuard *self);
/* Takes connections from those of @listeners that have the protocol, and has the server answer
 * them. */
void           fluo_http_guard_listen        (FluoHttpGuard *self, GPtrArray *listeners,
                                              FluoListenerProtocol protocol);
/* Takes no more. */
void           fluo_http_guard_stop          (FluoHttpGuard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoHttpGuard, fluo_http_guard_free)
/* Some answer is still on its way. */
gboolean       fluo_http_guard_is_busy       (FluoHttpGuard *self);
/* Answers without reading the body, and closes: for requests whose framing can't be trusted.
 * @status "413 Content Too Large". */
void           fluo_http_guard_reject        (SoupServerMessage *message, const char *status);
/* A check to be made once a second and for the client of a waiting message: has it gone? */
gboolean       fluo_http_guard_client_left   (SoupServerMessage *message);

G_END_DECLS

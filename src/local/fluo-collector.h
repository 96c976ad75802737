/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/intake/fluo-listener.h"
#include "local/relay/fluo-relay.h"
#include "local/store/fluo-writer.h"

G_BEGIN_DECLS

/* X-Ray on this computer: store, writer, UDP and HTTP in one. Main thread, default main context. */
typedef struct _FluoCollector FluoCollector;

#define FLUO_DEFAULT_RETENTION_NS (7 * 24 * 60 * FLUO_NSEC_PER_MIN)
#define FLUO_DEFAULT_SIZE_MAX (G_GUINT64_CONSTANT (5) * 1024 * 1024 * 1024)

typedef struct
{
  const char        *data_dir; /* NULL = the default one */
  const char *const *http;     /* NULL = 127.0.0.1:2000 and, where there is IPv6, [::1]:2000 */
  const char *const *udp;      /* likewise */
  const char *const *otlp;     /* NULL = 127.0.0.1:4318 and [::1]:4318, as far as they are free; a
                                * list without any = none */
  const char *const *otlp_grpc; /* likewise, with port 4317 */
  gboolean           index_all_attributes; /* of OTLP spans: they become annotations */
  FluoWriterLimits   limits;
  gboolean           open;     /* serve everybody, without signatures */
  const FluoRelayOptions *relay; /* NULL = nothing is passed on to AWS */
} FluoCollectorOptions;

/* Opens, binds, and serves. NULL with a FLUO_STORE_ERROR, FLUO_LISTENER_ERROR or
 * FLUO_RELAY_ERROR; nothing listens then. */
FluoCollector *fluo_collector_new   (const FluoCollectorOptions *options, GError **error);
/* Takes nothing more, writes what has come, sends the answers that are due, empties the log into
 * the database. */
void           fluo_collector_free  (FluoCollector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCollector, fluo_collector_free)
/* {"http":["127.0.0.1:2000"],"udp":[…],"otlp":[],"otlp_grpc":[],"credentials":"/…"}: the addresses
 * that are listened on, and the file with the key pairs (null when none are needed). Newly
 * allocated. */
char          *fluo_collector_dup_ready (FluoCollector *self);
/* All listeners, FluoListener; borrowed. */
GPtrArray     *fluo_collector_get_listeners (FluoCollector *self);

G_END_DECLS

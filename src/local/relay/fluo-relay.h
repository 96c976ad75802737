/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"
#include "local/store/fluo-ingest.h"

G_BEGIN_DECLS

/* Passes stored documents on to AWS X-Ray, as the X-Ray daemon does. It has a thread of its own and
 * a bounded buffer: whatever AWS or the network does, handing a document over costs a copy and
 * waits for nothing. */

typedef struct
{
  const char *endpoint;     /* NULL: as the environment and the shared files say, else AWS's own */
  const char *region;       /* NULL: environment, profile, endpoint, EC2 */
  const char *resource_arn; /* told in telemetry, or NULL */
  const char *role_arn;     /* the role to assume, or NULL */
  const char *proxy;        /* "http://proxy:8080", or NULL: as the environment says */
  gsize       buffer_bytes; /* 0 = FLUO_RELAY_BUFFER_BYTES */
  guint       n_senders;    /* requests at a time; 0 = FLUO_RELAY_N_SENDERS */
  gboolean    local_mode;   /* ask no EC2 metadata */
  gboolean    local_sampling; /* GetSamplingRules and GetSamplingTargets are answered here */
} FluoRelayOptions;

/* About ten seconds of 1,000 segments of 1.5 KB; the daemon's own floor is 3 MB. */
#define FLUO_RELAY_BUFFER_BYTES (16 * 1024 * 1024)
#define FLUO_RELAY_BUFFER_BYTES_MIN (3 * 1024 * 1024)
#define FLUO_RELAY_BUFFER_BYTES_MAX (1024 * 1024 * 1024)
#define FLUO_RELAY_N_SENDERS 8
#define FLUO_RELAY_N_SENDERS_MAX 64

typedef enum
{
  FLUO_RELAY_ERROR_REGION,   /* none is known */
  FLUO_RELAY_ERROR_ENDPOINT, /* malformed, or the collector itself */
  FLUO_RELAY_ERROR_ROLE,     /* malformed */
} FluoRelayError;
#define FLUO_RELAY_ERROR (fluo_relay_error_quark ())
GQuark     fluo_relay_error_quark (void);

/* @listeners are the collector's own: it refuses to pass anything on to itself. Missing
 * credentials are no error but a warning: they are looked for again. May ask EC2's metadata for a
 * second. */
FluoRelay *fluo_relay_new         (const FluoRelayOptions *options, GPtrArray *listeners,
                                   GError **error);
/* Tries once, for a few seconds, to send what is left; the rest is counted and logged. Documents
 * and calls that come later are refused at once. */
void       fluo_relay_stop        (FluoRelay *self);
void       fluo_relay_free        (FluoRelay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoRelay, fluo_relay_free)

/* Any thread. Those of @documents that were stored are copied. */
void       fluo_relay_add         (FluoRelay *self, FluoIngestDocument **documents, guint n);
/* Any thread. The member Relay of the status. */
void       fluo_relay_write       (FluoRelay *self, FluoJsonWriter *writer);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-profile-provider.h"
#include "aws/fluo-xray-exchange.h"
#include "local/relay/fluo-relay-buffer.h"
#include "local/relay/fluo-relay.h"

G_BEGIN_DECLS

/* Shared by the relay's files and its test. */

/* How a request to AWS can fail before it is answered as it should be; the members of
 * BackendConnectionErrors. */
typedef enum
{
  FLUO_RELAY_FAILURE_TIMEOUT,
  FLUO_RELAY_FAILURE_REFUSED,
  FLUO_RELAY_FAILURE_4XX,
  FLUO_RELAY_FAILURE_5XX,
  FLUO_RELAY_FAILURE_UNKNOWN_HOST,
  FLUO_RELAY_FAILURE_OTHER,
  FLUO_N_RELAY_FAILURES
} FluoRelayFailureKind;

/* Seams for tests; NULL stands for these. */
typedef struct
{
  guint          linger_ms;    /* how long fewer documents than a batch may wait for more */
  guint          telemetry_ms; /* between two records */
  guint          farewell_ms;  /* for all that is left at the end */
  FluoHttpLimits limits;       /* of one request */
  gint64       (*now_ns) (gpointer data);
  guint        (*pause_ms) (guint n_failures, gboolean throttled, gpointer data);
  gpointer       data;
} FluoRelayTimes;

typedef struct _FluoRelayTelemetry FluoRelayTelemetry;

struct _FluoRelay
{
  char            *endpoint; /* normalized */
  char            *region;
  char            *resource_arn;
  char            *proxy;
  char            *role_arn;
  guint            n_senders;
  gboolean         local_sampling;
  FluoRelayTimes   times;
  FluoRelayBuffer *buffer;
  GMainContext    *context;
  GThread         *thread;
  int              woken;        /* atomic: a wake-up is under way */

  struct
  {
    GMutex   lock;
    char    *credentials;  /* where they come from, or NULL */
    char    *last_error;   /* NULL while all is well */
    gint64   last_sent_ns; /* 0 = nothing yet */
    guint64  failures[FLUO_N_RELAY_FAILURES];
    GQueue   calls;        /* FluoApiCall, to be proxied */
    guint    n_calls;      /* those on their way included */
    gboolean stopped;      /* takes nothing more */
  } shared;

  /* The relay's own thread. */
  struct
  {
    GMainLoop      *loop;
    GCancellable   *cancellable;
    FluoXrayClient *client;
    FluoCredentialProvider *provider; /* of the client's keys */
    gint64          renewed_ns; /* when keys that were refused were last replaced at once */
    GQueue          parts;     /* GPtrArray: halves of a batch that was refused as a whole */
    guint           n_flights; /* requests with documents */
    guint           n_others;  /* telemetry and proxied calls */
    guint           n_failures; /* in a row */
    GSource        *pause;     /* nothing is sent until it fires */
    GSource        *linger;
    GSource        *ticker;    /* telemetry */
    gboolean        flush;     /* what waits has waited long enough */
    gboolean        draining;  /* the end has begun */
    gboolean        gave_up;   /* … and nothing more is tried */
    gboolean        farewell_sent;
    FluoRelayTelemetry *telemetry;
  } own;
};

FluoRelay *fluo_relay_new_with_times (const FluoRelayOptions *options, GPtrArray *listeners,
                                      const FluoRelayTimes *times, GError **error);
/* Full jitter: between nothing and a limit that doubles with each failure in a row. @random is in
 * [0, 1). */
guint      fluo_relay_pause_for      (guint n_failures, gboolean throttled, double random);

/* Any thread: something is due. */
void       fluo_relay_wake           (FluoRelay *self);

/* Everything below: [relay] */

GSource   *fluo_relay_timeout   (FluoRelay *self, guint ms, GSourceFunc func);
void       fluo_relay_clear_source (GSource **source);
/* Sends what is due, as far as senders are free; ends the thread when all is done. */
void       fluo_relay_pump      (FluoRelay *self);
/* The client and where its keys come from. */
void       fluo_relay_make_client   (FluoRelay *self);
/* So that a mistake in the configuration shows before there is anything to send. */
void       fluo_relay_look_for_keys (FluoRelay *self);
/* Where the keys come from, for the status. */
void       fluo_relay_set_source    (FluoRelay *self, const char *source);
/* The service refused the keys, and others are looked for. TRUE when it makes sense to send again
 * without a pause. */
gboolean   fluo_relay_renew_keys    (FluoRelay *self);
/* Nothing was sent, because there are no keys. */
gboolean   fluo_relay_is_about_keys (const GError *error);
void       fluo_relay_count_failure (FluoRelay *self, const FluoHttpResponse *response,
                                     const GError *error);
void       fluo_relay_set_error (FluoRelay *self, const char *message);

FluoRelayTelemetry *fluo_relay_telemetry_new  (void);
void                fluo_relay_telemetry_free (FluoRelayTelemetry *self);
/* A record of what happened since the last one, and all that are kept are sent. */
void       fluo_relay_telemetry_tick (FluoRelay *self);
/* Proxies the calls that wait. */
void       fluo_relay_proxy_calls    (FluoRelay *self);
/* Any thread. */
void       fluo_relay_refuse_call    (FluoApiCall *call, const char *message);

/* The region of the EC2 instance that this runs on, or NULL. Takes a second at most. */
char      *fluo_relay_ec2_region (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

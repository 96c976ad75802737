/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-credential-provider.h"
#include "aws/fluo-meter.h"
#include "core/fluo-time-span.h"
#include "core/fluo-trace-summary.h"
#include "core/fluo-trace.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* The one client of X-Ray's public HTTP API, for AWS and for fluoroscoped alike; only the endpoint
 * differs. Main-thread object; answers are parsed in a worker, results arrive on the caller's main
 * context. Cancelling returns at once with G_IO_ERROR_CANCELLED. Errors are FLUO_XRAY_ERROR,
 * G_IO_ERROR, or FLUO_CREDENTIALS_ERROR with a provider. */

typedef enum
{
  FLUO_XRAY_ERROR_FAILED,          /* anything without a better value */
  FLUO_XRAY_ERROR_INVALID_REQUEST, /* InvalidRequestException, ValidationException: the text says
                                      what */
  FLUO_XRAY_ERROR_ACCESS,  /* AccessDenied, UnrecognizedClient, InvalidSignature, missing token */
  FLUO_XRAY_ERROR_EXPIRED, /* credentials are no longer valid */
  FLUO_XRAY_ERROR_THROTTLED,
  FLUO_XRAY_ERROR_NOT_FOUND,  /* ResourceNotFound, unknown operation, trace gone */
  FLUO_XRAY_ERROR_SERVICE,    /* 5xx */
  FLUO_XRAY_ERROR_PROTOCOL,   /* not JSON, over the response cap, redirect */
  FLUO_XRAY_ERROR_UNREACHABLE, /* nobody answers: refused, no route, time-out */
  FLUO_XRAY_ERROR_BUDGET      /* nothing was asked: it would pass what may be spent in an hour */
} FluoXrayError;

#define FLUO_XRAY_ERROR (fluo_xray_error_quark ())
GQuark fluo_xray_error_quark (void);

#define FLUO_TYPE_XRAY_CLIENT (fluo_xray_client_get_type ())
G_DECLARE_FINAL_TYPE (FluoXrayClient, fluo_xray_client, FLUO, XRAY_CLIENT, GObject)

/* @endpoint: "http://127.0.0.1:2000" or NULL for AWS's own of @region. @credentials NULL: those
 * of the collector on this computer, if it has any; else requests are not signed. */
FluoXrayClient *fluo_xray_client_new (const char *endpoint, const char *region,
                                      FluoCredentials *credentials);
/* Keys that are renewed while the client lives; they replace those it was made with. */
void fluo_xray_client_set_provider (FluoXrayClient *self, FluoCredentialProvider *provider);
/* Counts what is asked, and says when it is too much; NULL, as at first: nobody does. */
void            fluo_xray_client_set_meter    (FluoXrayClient *self, FluoMeter *meter);
FluoMeter      *fluo_xray_client_get_meter    (FluoXrayClient *self);
const char     *fluo_xray_client_get_endpoint (FluoXrayClient *self);
/* A collector on this computer says where its keys are when it refuses an unsigned request. A
 * client without credentials of its own takes them from there, if the file is the user's, and asks
 * again. The file's name, or NULL before that has happened. */
const char     *fluo_xray_client_get_keys_path (FluoXrayClient *self);

typedef enum
{
  FLUO_TIME_RANGE_TRACE_ID, /* by the trace's start */
  FLUO_TIME_RANGE_EVENT     /* by when it was last updated: the live feed */
} FluoTimeRangeType;

/* Called on the main context for every page while the call runs: @summaries holds FluoTraceSummary
 * (borrowed array),
 * @processed the traces scanned so far. */
typedef void (*FluoSummaryPageFunc) (GPtrArray *summaries, guint64 processed, gpointer user_data);

/* Follows NextToken to the end (empty pages included, a repeated token is an error). The result
 * holds all summaries (GPtrArray of FluoTraceSummary, transfer full), newest first. @filter and
 * @page_func may be NULL. */
void fluo_xray_client_get_trace_summaries_async (FluoXrayClient *self, FluoTimeSpan span,
                                                 FluoTimeRangeType type, const char *filter,
                                                 FluoSummaryPageFunc page_func, gpointer page_data,
                                                 GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_xray_client_get_trace_summaries_finish (FluoXrayClient *self, GAsyncResult *result,
                                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One assembled trace (BatchGetTraces), its linked traces included. FLUO_XRAY_ERROR_NOT_FOUND when
 * it is gone. */
void fluo_xray_client_get_trace_async (FluoXrayClient *self, const FluoTraceId *id,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
FluoTrace *fluo_xray_client_get_trace_finish (FluoXrayClient *self, GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a successful finish: whether the trace came out of the vault. */
gboolean fluo_xray_client_trace_is_from_vault (GAsyncResult *result);

/* --- What was read is kept --- */

/* Called on the main context with the documents of each trace that was read from the service:
 * GBytes, borrowed, as X-Ray gave them. */
typedef void (*FluoXrayKeepFunc) (const FluoTraceId *id, GPtrArray *documents, gpointer user_data);
void fluo_xray_client_set_keep_func (FluoXrayClient *self, FluoXrayKeepFunc keep,
                                     gpointer user_data, GDestroyNotify user_data_free);
/* A collector that has what was read before: asked for a trace that the service doesn't have (any
 * more), or when the service can't be asked. NULL: none. */
void fluo_xray_client_set_vault (FluoXrayClient *self, FluoXrayClient *vault);
FluoXrayClient *fluo_xray_client_get_vault (FluoXrayClient *self);

void fluo_xray_client_get_service_graph_async (FluoXrayClient *self, FluoTimeSpan span,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
FluoServiceGraph *fluo_xray_client_get_service_graph_finish (
  FluoXrayClient *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void fluo_xray_client_get_trace_graph_async (FluoXrayClient *self, const FluoTraceId *id,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
FluoServiceGraph *fluo_xray_client_get_trace_graph_finish (
  FluoXrayClient *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* PutTraceSegments in batches of 50. The result: one FluoUnprocessed per refused document (possibly
 * none). */
typedef struct
{
  char *id;   /* or NULL */
  char *code; /* "ParseError" */
  char *message;
} FluoUnprocessed;
void fluo_xray_client_put_trace_segments_async (FluoXrayClient *self,
                                                GPtrArray *documents /* char * */,
                                                GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_xray_client_put_trace_segments_finish (FluoXrayClient *self, GAsyncResult *result,
                                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Any operation by its path ("/GetSamplingRules", "/SamplingTargets", "/Groups") with a JSON body
 * (NULL: "{}"); paths that begin with "/fluoroscope/" are read with GET, but for those that take a
 * question or change something: simulator, counts, vocabulary, pins. The answer as a tape. This is
 * what the typed calls above are made of. */
#define FLUO_XRAY_SIMULATE_PATH "/fluoroscope/v1/sampling/simulate"
void fluo_xray_client_call_async (FluoXrayClient *self, const char *path, const char *body,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
FluoJsonTape *fluo_xray_client_call_finish (FluoXrayClient *self, GAsyncResult *result,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- What only fluoroscoped offers; FLUO_XRAY_ERROR_NOT_FOUND elsewhere --- */

typedef struct
{
  char   *protocol;      /* "udp", "http", "otlp", "otlp_grpc" */
  char   *address;       /* "127.0.0.1:2000" */
  char   *state;         /* "listening" or "taken" */
  char   *detail;        /* "held by xray-daemon (1234)", or NULL */
  guint64 received;      /* datagrams or requests */
  gint64  last_ns;       /* 0 = nothing yet */
  guint64 sampling_requests;
} FluoListenerStatus;

typedef struct
{
  char   *reason;  /* "ParseError" */
  char   *meaning; /* in words */
  guint64 count;
} FluoRefusal;

/* What a collector passes on to AWS. accepted = sent + waiting + the sum of lost. */
typedef struct
{
  char      *endpoint;
  char      *region;
  guint64    accepted, sent, waiting;
  guint64    waiting_bytes, buffer_bytes;
  GPtrArray *lost;       /* FluoRefusal; the meaning of AWS's own codes is NULL */
  char      *last_error; /* NULL while it works */
} FluoRelayStatus;

typedef struct
{
  char      *version;
  gint64     pid;
  char      *data_dir;
  gboolean   read_only;   /* the keys that asked may change nothing */
  gboolean   sealed;      /* what is stored is encrypted */
  guint64    store_bytes;
  guint64    traces;
  guint64    revision;    /* grows with every commit */
  guint64    received, stored;
  guint64    assembling;  /* traces that are stored and can't be found for a moment yet */
  GPtrArray *refused;     /* FluoRefusal */
  GPtrArray *listeners;   /* FluoListenerStatus */
  FluoRelayStatus *relay; /* NULL = nothing is passed on */
  char      *last_error;  /* "the disk is full: …" or NULL */
} FluoCollectorStatus;
void fluo_collector_status_free (FluoCollectorStatus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCollectorStatus, fluo_collector_status_free)

void fluo_xray_client_get_status_async (FluoXrayClient *self, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
FluoCollectorStatus *fluo_xray_client_get_status_finish (FluoXrayClient *self, GAsyncResult *result,
                                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Returns as soon as the store's revision is greater than @after, or after 25 s with the same
 * one. */
void fluo_xray_client_wait_async (FluoXrayClient *self, guint64 after, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_xray_client_wait_finish (FluoXrayClient *self, GAsyncResult *result,
                                       guint64 *ret_revision, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-service.h"
#include "aws/fluo-credential-provider.h"
#include "aws/fluo-http.h"
#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-retrieval.h"
#include "core/fluo-json.h"

G_BEGIN_DECLS

/* Shared by the client's files; not for other folders. */

/* Seams for tests. The clock gives unix seconds. The pause before attempt @attempt (2, 3, …) is in
 * milliseconds. */
typedef gint64 (*FluoXrayClock) (gpointer user_data);
typedef guint  (*FluoXrayPause) (guint attempt, gboolean throttled, gpointer user_data);

struct _FluoXrayClient
{
  GObject          parent_instance;
  SoupSession     *session;
  char            *endpoint;     /* normalized; "" when setup_error is set */
  char            *region;       /* of the signature */
  FluoCredentials *credentials;  /* or NULL; of the provider, once it was asked */
  FluoCredentialProvider *provider; /* or NULL */
  FluoCredentials
    *local_keys; /* of a collector on this computer, found when it asked for them; or NULL */
  char *service_endpoints[FLUO_AWS_N_SERVICES]; /* as set; NULL: AWS's own */
  FluoMeter       *meter;        /* or NULL */
  GError          *setup_error;  /* reported by every call */
  gboolean         is_loopback;
  gboolean         is_aws;
  gint64 skew_s; /* what the service's clock is ahead of ours, once it refused ours */
  FluoHttpLimits   limits;       /* of ordinary calls */
  guint            retry_tokens; /* what further attempts are paid with */
  FluoXrayKeepFunc keep;        /* or NULL */
  gpointer         keep_data;
  GDestroyNotify   keep_data_free;
  FluoXrayClient  *vault;       /* or NULL */
  FluoDestination  destination;
  gboolean         destination_known; /* asked for, whatever came of it */
  guint            poll_ms;      /* between looks at a job that runs at the service */
  FluoXrayClock    clock;
  FluoXrayPause    pause;
  gpointer         seam_data;
};

void fluo_xray_client_set_seams (FluoXrayClient *self, FluoXrayClock clock, FluoXrayPause pause,
                                 gpointer user_data);
void fluo_xray_client_set_limits (FluoXrayClient *self, const FluoHttpLimits *limits);

#define FLUO_XRAY_RETRY_TOKENS_MAX 500

#define FLUO_XRAY_SUMMARIES_PATH "/TraceSummaries"
#define FLUO_XRAY_TRACES_PATH "/Traces"
#define FLUO_XRAY_LOCAL_PREFIX "/fluoroscope/"
#define FLUO_XRAY_CHANGES_PATH "/fluoroscope/v1/changes"
#define FLUO_XRAY_COUNTS_PATH "/fluoroscope/v1/filter/counts"
#define FLUO_XRAY_VOCABULARY_PATH "/fluoroscope/v1/vocabulary"
#define FLUO_XRAY_PINNED_PATH "/fluoroscope/v1/pinned"
#define FLUO_XRAY_PINS_PATH "/fluoroscope/v1/pins"
#define FLUO_XRAY_STATUS_PATH "/fluoroscope/v1/status"

/* A message for @path, not signed yet. NULL never happens for a normalized endpoint and a path of
 * ours. */
SoupMessage *fluo_xray_message_new  (FluoXrayClient *self, const char *path, GBytes *body);
/* What requests are signed with, or NULL. Borrowed. */
FluoCredentials *fluo_xray_client_get_keys (FluoXrayClient *self);
/* What the provider has is what requests are signed with from now on. TRUE when that is so without
 * waiting, or when there is no provider. */
gboolean fluo_xray_client_take_keys (FluoXrayClient *self);
/* When it isn't. @callback gets the client. */
void fluo_xray_client_wait_for_keys_async (FluoXrayClient *self, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_xray_client_wait_for_keys_finish (FluoXrayClient *self, GAsyncResult *result,
                                                GError **error);
/* Replaces whatever signature the message had. */
gboolean fluo_xray_message_sign (FluoXrayClient *self, SoupMessage *message, GBytes *body,
                                 const char *service, GError **error);

/* Where the client finds @service, newly allocated. */
char *fluo_aws_service_dup_endpoint (FluoXrayClient *self, FluoAwsService service, GError **error);
/* A request of another service than X-Ray, not signed yet. NULL when @endpoint is no URL. */
SoupMessage *fluo_aws_service_message_new (const char *endpoint, FluoAwsService service,
                                           const char *action, GBytes *body);

/* An object that a worker fills page by page. */
typedef gboolean (*FluoXrayReadPage) (const FluoJsonTape *tape, gpointer state,
                                      GError **error); /* [worker] */
typedef void (*FluoXrayPageDone) (gpointer state); /* caller's context */

/* Follows NextToken; a token that comes again, and more pages than anybody has, are errors.
 * @params is a JSON object's text without its closing brace. @state goes to @read_page, one page
 * after the other, and comes out of finish; it is freed when the call fails. While a page is being
 * read, the next is on its way. */
void fluo_xray_pages_async (FluoXrayClient *self, const char *path, const char *params,
                            FluoXrayReadPage read_page, FluoXrayPageDone page_done, gpointer state,
                            GDestroyNotify state_free, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
gpointer fluo_xray_pages_finish (FluoXrayClient *self, GAsyncResult *result,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of any service; @action as in fluo_xray_client_call_service_async(). Ends with
 * fluo_xray_pages_finish(). */
void fluo_service_pages_async (FluoXrayClient *self, FluoAwsService service, const char *action,
                               const char *params, FluoXrayReadPage read_page,
                               FluoXrayPageDone page_done, gpointer state,
                               GDestroyNotify state_free, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);

/* A segment document as an answer brought it. */
typedef struct
{
  FluoTraceId trace_id;
  GBytes     *text;
} FluoXrayDocument;

GArray *fluo_xray_documents_new  (void); /* FluoXrayDocument */
void    fluo_xray_documents_free (gpointer array);
/* Adds those of an answer's Traces; @list is the member of a trace that they are in: "Segments",
 * "Spans". */
void    fluo_xray_documents_read (GArray *documents, const FluoJsonTape *tape, const char *list);

/* StartTraceRetrieval and all that comes of it: the documents of those traces that are there.
 * Cancelling ends the job at the service, too. */
void    fluo_xray_client_retrieve_async  (FluoXrayClient *self, const FluoTraceId *ids, guint n,
                                          FluoTimeSpan span, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
GArray *fluo_xray_client_retrieve_finish (FluoXrayClient *self, GAsyncResult *result,
                                          GError **error);

/* "{"TraceIds":["1-…"" */
char    *fluo_xray_trace_ids_params (const FluoTraceId *ids, guint n);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "local/fluo-counters.h"
#include "local/fluo-intake-udp.h"
#include "local/fluo-listener.h"
#include "local/fluo-store.h"
#include "local/fluo-writer.h"

G_BEGIN_DECLS

/* Private to src/local: what the files with operations share with the server. */

#define FLUO_API_BODY_MAX (4 * 1024 * 1024)

/* What the operations work on. Borrowed; outlives the server. */
typedef struct
{
  FluoStore    *store;
  FluoWriter   *writer;
  FluoCounters *counters;
  GPtrArray    *listeners; /* FluoListener, UDP and HTTP */
  GPtrArray    *intakes;   /* FluoIntakeUdp */
  gint64        start_ns;
} FluoApiContext;

typedef struct _FluoApiServer FluoApiServer;
typedef struct _FluoApiCall   FluoApiCall;
typedef struct _FluoSampling  FluoSampling;

/* [worker] Reads call->tape, fills call->out or fails; an asynchronous one also sees to
 * fluo_api_call_answer(). */
typedef void (*FluoApiFunc) (FluoApiCall *call);

/* One request on its way through a worker and back to the main thread, where it is answered and
 * freed. */
struct _FluoApiCall
{
  FluoApiServer        *server;
  const FluoApiContext *context;
  FluoSampling         *sampling;
  FluoListener         *listener;
  SoupServerMessage    *message;
  FluoApiFunc           func;
  gboolean              async;      /* func answers by itself, maybe later */
  GBytes               *body;
  FluoJsonTape         *tape;       /* of the body; an empty body reads as {} */
  GString              *out;        /* the answer */
  guint                 status;
  const char           *error_type; /* NULL = success */
  guint                 retry_after;
  gboolean              gone;       /* main thread: the client has left */
  gulong                finished_id;
};

/* The answer becomes an error. @type is static. */
void fluo_api_call_fail (FluoApiCall *call, guint status, const char *type, const char *message);
/* InvalidRequestException, as X-Ray says it. */
void     fluo_api_call_invalid    (FluoApiCall *call, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* ValidationException: "Value null at 'startTime' …". */
void     fluo_api_call_missing    (FluoApiCall *call, const char *member);
/* InternalFailure or, when the store is full, ServiceUnavailable. */
void     fluo_api_call_store_failed (FluoApiCall *call, const GError *error);
/* Any thread: hands the call back to the main thread; it is not the caller's any more. */
void     fluo_api_call_answer     (FluoApiCall *call);
/* A required time in seconds; FALSE when it is missing or no number, and the call has
 * failed then. */
gboolean fluo_api_call_get_time   (FluoApiCall *call, const char *key, gint64 *ret_ns);
/* TRUE when the member is there and not null; the call has failed then with @message. */
gboolean fluo_api_call_refuse     (FluoApiCall *call, const char *key, const char *message);

/* Operations, one function each. */
void     fluo_api_put_trace_segments  (FluoApiCall *call);
void     fluo_api_get_trace_summaries (FluoApiCall *call);
void     fluo_api_batch_get_traces    (FluoApiCall *call);
void     fluo_api_get_service_graph   (FluoApiCall *call);
void     fluo_api_get_trace_graph     (FluoApiCall *call);
void     fluo_api_get_groups          (FluoApiCall *call);
void     fluo_api_get_sampling_rules  (FluoApiCall *call);
void     fluo_api_get_sampling_targets (FluoApiCall *call);
void     fluo_api_get_status          (FluoApiCall *call);

FluoSampling *fluo_sampling_new       (gint64 now_ns);
void          fluo_sampling_free      (FluoSampling *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-local-keys.h"
#include "local/api/fluo-retrieval.h"
#include "local/intake/fluo-counters.h"
#include "local/intake/fluo-intake-udp.h"
#include "local/intake/fluo-listener.h"
#include "local/settings/fluo-sampling.h"
#include "local/settings/fluo-settings.h"
#include "local/store/fluo-store.h"
#include "local/store/fluo-writer.h"

G_BEGIN_DECLS

/* Private to src/local: what the files with operations share with the server. */

#define FLUO_API_BODY_MAX (4 * 1024 * 1024)

typedef struct _FluoRelay FluoRelay;

/* What the operations work on. Borrowed; outlives the server. */
typedef struct
{
  FluoStore    *store;
  FluoWriter   *writer;
  FluoCounters *counters;
  GPtrArray    *listeners; /* FluoListener, UDP and HTTP */
  GPtrArray    *intakes;   /* FluoIntakeUdp */
  FluoSettings *settings;
  FluoSampling *sampling;
  FluoRetrievals *retrievals;
  FluoRelay    *relay;     /* NULL = nothing is passed on */
  gint64        start_ns;
} FluoApiContext;

typedef struct _FluoApiServer FluoApiServer;
typedef struct _FluoApiCall   FluoApiCall;

/* [worker] Reads call->tape, fills call->out or fails; an asynchronous one also sees to
 * fluo_api_call_answer(). */
typedef void (*FluoApiFunc) (FluoApiCall *call);

/* One request on its way through a worker and back to the main thread, where it is answered and
 * freed. */
struct _FluoApiCall
{
  FluoApiServer        *server;
  const FluoApiContext *context;
  const char           *operation;  /* its name in X-Ray's model, or ours */
  FluoListener         *listener;
  FluoOrigin            origin;
  SoupServerMessage    *message;
  FluoApiFunc           func;
  gboolean              async;      /* func answers by itself, maybe later */
  FluoRole              role;       /* of whoever asks */
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
/* The member TraceIds, each id once; @ret_repeated (may be NULL) becomes TRUE when one came again.
 * FALSE when there are none, more than @n_max or bad ones, and the call has failed then. */
gboolean fluo_api_call_get_trace_ids (FluoApiCall *call, guint n_max, GArray *ids,
                                      gboolean *ret_repeated);

/* The exception that @error, of FLUO_SETTINGS_ERROR or FLUO_STORE_ERROR, stands for. @resource may
 * be NULL. */
void fluo_api_call_settings_failed (FluoApiCall *call, const GError *error, const char *resource);
/* Seconds since 1970 as X-Ray spells them: 1.790159305E9. */
void     fluo_api_write_time      (FluoJsonWriter *writer, const char *key, gint64 time_s);
/* A string of the request, NULL when it is not there. Newly allocated. */
char    *fluo_api_call_dup        (FluoApiCall *call, const char *key);
/* A list of Tag as key → value; NULL when a key is there twice, and the call has failed then. */
GHashTable *fluo_api_call_get_tags (FluoApiCall *call, const char *key);

/* The group of GroupName and GroupARN, Default when neither is given. NULL when the call has
 * failed. */
FluoGroup *fluo_api_call_dup_group (FluoApiCall *call) G_GNUC_WARN_UNUSED_RESULT;

/* Counts the strings of @list, of a PutTraceSegments that is refused as a whole; one, when there
 * are none to be counted. */
void     fluo_api_refuse_documents (FluoApiCall *call, guint32 list, const char *problem);

/* Operations, one function each. */
void     fluo_api_put_trace_segments  (FluoApiCall *call);
void     fluo_api_get_trace_summaries (FluoApiCall *call);
void     fluo_api_batch_get_traces    (FluoApiCall *call);
void     fluo_api_get_service_graph   (FluoApiCall *call);
void     fluo_api_get_trace_graph     (FluoApiCall *call);
void     fluo_api_get_status          (FluoApiCall *call);
void     fluo_api_get_links           (FluoApiCall *call);
void     fluo_api_explain_missing     (FluoApiCall *call);
void     fluo_api_count_conditions    (FluoApiCall *call);
void     fluo_api_get_vocabulary      (FluoApiCall *call);
void     fluo_api_get_pins            (FluoApiCall *call);
void     fluo_api_change_pins         (FluoApiCall *call);

void     fluo_api_create_group        (FluoApiCall *call);
void     fluo_api_get_group           (FluoApiCall *call);
void     fluo_api_get_groups          (FluoApiCall *call);
void     fluo_api_update_group        (FluoApiCall *call);
void     fluo_api_delete_group        (FluoApiCall *call);
void     fluo_api_create_sampling_rule (FluoApiCall *call);
void     fluo_api_update_sampling_rule (FluoApiCall *call);
void     fluo_api_delete_sampling_rule (FluoApiCall *call);
void     fluo_api_get_sampling_rules  (FluoApiCall *call);
void     fluo_api_get_sampling_targets (FluoApiCall *call);
/* The same two, asked of AWS where the relay does that. */
void     fluo_api_relay_sampling_rules (FluoApiCall *call);
void     fluo_api_relay_sampling_targets (FluoApiCall *call);
void     fluo_api_get_sampling_statistics (FluoApiCall *call);
void     fluo_api_simulate_sampling   (FluoApiCall *call);
void     fluo_api_tag_resource        (FluoApiCall *call);
void     fluo_api_untag_resource      (FluoApiCall *call);
void     fluo_api_list_tags           (FluoApiCall *call);
void     fluo_api_put_resource_policy (FluoApiCall *call);
void     fluo_api_delete_resource_policy (FluoApiCall *call);
void     fluo_api_list_resource_policies (FluoApiCall *call);
void     fluo_api_get_encryption_config (FluoApiCall *call);
void     fluo_api_put_encryption_config (FluoApiCall *call);
void     fluo_api_get_indexing_rules  (FluoApiCall *call);
void     fluo_api_update_indexing_rule (FluoApiCall *call);
void     fluo_api_get_segment_destination (FluoApiCall *call);
void     fluo_api_update_segment_destination (FluoApiCall *call);
void     fluo_api_put_telemetry_records (FluoApiCall *call);
void     fluo_api_get_time_series     (FluoApiCall *call);
void     fluo_api_get_insight         (FluoApiCall *call);
void     fluo_api_get_insight_events  (FluoApiCall *call);
void     fluo_api_get_insight_summaries (FluoApiCall *call);
void     fluo_api_get_insight_impact_graph (FluoApiCall *call);
void     fluo_api_start_trace_retrieval (FluoApiCall *call);
void     fluo_api_cancel_trace_retrieval (FluoApiCall *call);
void     fluo_api_list_retrieved_traces (FluoApiCall *call);
void     fluo_api_get_retrieved_graph (FluoApiCall *call);

G_END_DECLS

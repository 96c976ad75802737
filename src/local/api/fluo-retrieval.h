/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"
#include "local/settings/fluo-settings.h"
#include "local/store/fluo-store.h"

G_BEGIN_DECLS

/* Retrievals of traces by their ids (StartTraceRetrieval): each is a job in the background that
 * finds which of the traces are there, and their graph; the documents are read when they are asked
 * for. In memory only: the tokens are worth nothing after a restart. Any thread. */
typedef struct _FluoRetrievals FluoRetrievals;

/* X-Ray's own. */
#define FLUO_RETRIEVAL_IDS_MAX 100
#define FLUO_RETRIEVAL_LIFE_NS (60 * FLUO_NSEC_PER_MIN)
/* At once; the oldest one that is over makes way. */
#define FLUO_N_RETRIEVALS_MAX 20
/* Of one job. */
#define FLUO_RETRIEVAL_JOB_NS FLUO_NSEC_PER_MIN
#define FLUO_RETRIEVAL_LINKS_MAX 10000

typedef enum
{
  FLUO_RETRIEVAL_SCHEDULED,
  FLUO_RETRIEVAL_RUNNING,
  FLUO_RETRIEVAL_COMPLETE,
  FLUO_RETRIEVAL_FAILED,    /* the store could not be read */
  FLUO_RETRIEVAL_CANCELLED,
  FLUO_RETRIEVAL_TIMEOUT    /* the job took longer than FLUO_RETRIEVAL_JOB_NS */
} FluoRetrievalStatus;

/* A trace names another one in a segment of a service. */
typedef struct
{
  guint       node;        /* of the graph */
  FluoTraceId source;
  FluoTraceId destination;
} FluoRetrievalLink;

/* Immutable once complete. */
typedef struct
{
  FluoRetrievalStatus status;
  GArray             *ids;    /* FluoTraceId of the traces that are there; NULL until complete */
  GBytes             *graph;  /* of fluo_service_graph_to_bytes(); NULL until complete */
  GArray             *links;  /* FluoRetrievalLink by node and source; NULL until complete */
} FluoRetrieval;

void fluo_retrieval_clear (FluoRetrieval *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoRetrieval, fluo_retrieval_clear)

/* @store outlives it. @clock NULL = the real one. Without a @background thread jobs wait for
 * fluo_retrievals_run(). */
FluoRetrievals *fluo_retrievals_new  (FluoStore *store, gboolean background, FluoClockFunc clock,
                                      gpointer clock_data);
/* Waits for the job that runs, which ends soon. */
void            fluo_retrievals_free (FluoRetrievals *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoRetrievals, fluo_retrievals_free)
/* Of the traces (FluoTraceId) that are under way in @span, both ends included. The token, newly
 * allocated; NULL when too many are under way. */
char    *fluo_retrievals_start  (FluoRetrievals *self, const GArray *ids, FluoTimeSpan span);
/* Nothing happens to one that is over. FALSE: no such token, or too old. */
gboolean fluo_retrievals_cancel (FluoRetrievals *self, const char *token);
gboolean fluo_retrievals_get    (FluoRetrievals *self, const char *token,
                                 FluoRetrieval *ret_retrieval);
/* Does the next job. FALSE when there is none. */
gboolean fluo_retrievals_run    (FluoRetrievals *self);

/* --- Documents ------------------------------------------------------------- */

/* X-Ray's own: characters of one document. */
#define FLUO_RETRIEVED_CHARS_MAX 204800

/* @document itself when it is short enough, otherwise what remains of it without its largest
 * members; their names are in @note_member ("metadata" of a segment, "attributes" of a span), which
 * is left out as well. */
GBytes *fluo_retrieved_document (GBytes     *document,
                                 const char *note_member) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

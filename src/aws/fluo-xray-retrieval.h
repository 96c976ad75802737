/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Transaction Search: an account may have X-Ray keep its spans in CloudWatch Logs, of which only a
 * share (1 % unless it says otherwise) can be found and read the usual ways. The rest is retrieved
 * by id, with a job that runs at the service. Main thread, as the client. */

typedef enum
{
  FLUO_DESTINATION_UNKNOWN, /* not asked yet, or we may not know */
  FLUO_DESTINATION_XRAY,
  FLUO_DESTINATION_LOGS     /* Transaction Search */
} FluoDestination;

/* What was learned of the account so far. */
FluoDestination fluo_xray_client_get_destination (FluoXrayClient *self);
/* GetTraceSegmentDestination, once for the client's life. FLUO_DESTINATION_UNKNOWN, and no error,
 * when the account or the service refuses to say. */
void fluo_xray_client_read_destination_async (FluoXrayClient *self, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
/* FALSE only when it was cancelled or nobody answers. */
gboolean fluo_xray_client_read_destination_finish (FluoXrayClient *self, GAsyncResult *result,
                                                   FluoDestination *ret_destination,
                                                   GError **error);

/* Where spans of a trace with this id are looked for: around the time that is in it, or, when that
 * is none (ids of W3C need not have one), in the last week. */
FluoTimeSpan fluo_xray_retrieval_span (const FluoTraceId *id, gint64 now_ns);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-endpoint.h"
#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* The services beside X-Ray that a connection asks, CloudWatch (JSON 1.0) and Logs (JSON 1.1): same
 * keys, same attempts, same limits, another host and another protocol. Main thread, as the
 * client. */

/* Whether the connection has the service: every account of AWS has all; elsewhere those whose
 * endpoint was set. */
gboolean    fluo_xray_client_has_service          (FluoXrayClient *self, FluoAwsService service);
/* NULL: AWS's own beside the X-Ray of the client. A URL that is none is reported by every call. */
void        fluo_xray_client_set_service_endpoint (FluoXrayClient *self, FluoAwsService service,
                                                   const char *url);
/* @action is the operation's name, "GetMetricData"; of X-Ray its path, as
 * fluo_xray_client_call_async() takes it. */
void          fluo_xray_client_call_service_async (FluoXrayClient *self, FluoAwsService service,
                                                   const char *action, const char *body,
                                                   GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
FluoJsonTape *fluo_xray_client_call_service_finish (
  FluoXrayClient *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

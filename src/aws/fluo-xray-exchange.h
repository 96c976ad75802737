/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-http.h"
#include "aws/fluo-xray-client.h"
#include "aws/fluo-xray-error.h"

G_BEGIN_DECLS

/* One signed attempt and its raw answer, for programs with a queue of their own, which decide
 * themselves what to send again and when. Everything else calls fluo_xray_client_call_async(). */

/* POSTs @body to @path, signed with the client's keys. Any status is a response; errors are those
 * of fluo_http_exchange_async(), or FLUO_XRAY_ERROR and FLUO_CREDENTIALS_ERROR when nothing could
 * be sent. The callback comes
 * in the caller's thread-default context. */
void fluo_xray_client_exchange_async (FluoXrayClient *self, const char *path, GBytes *body,
                                      const FluoHttpLimits *limits, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
FluoHttpResponse *fluo_xray_client_exchange_finish (FluoXrayClient *self, GAsyncResult *result,
                                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE when @failure blames our clock and the service's, told in @response, is now used for
 * signatures; another attempt makes sense then. */
gboolean fluo_xray_client_take_their_clock (FluoXrayClient *self, const FluoXrayFailure *failure,
                                            const FluoHttpResponse *response);
/* Requests go through the HTTP proxy @url ("http://proxy:8080") instead of the one that the
 * environment names; loopback endpoints never do. */
void fluo_xray_client_set_proxy (FluoXrayClient *self, const char *url);
/* Where the keys of the last request come from, or NULL. */
const char *fluo_xray_client_get_keys_source (FluoXrayClient *self);
/* The service doesn't take them: the provider, if there is one, looks for others. */
void fluo_xray_client_refuse_keys (FluoXrayClient *self);

G_END_DECLS

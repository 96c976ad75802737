/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Traces that are kept whatever their age and the store's size: only fluoroscoped has such. Both
 * calls fail with FLUO_XRAY_ERROR_NOT_FOUND elsewhere, and give all pinned ids: FluoTraceId. */

#define FLUO_XRAY_PINS_MAX 100 /* in one change */

void fluo_xray_client_get_pins_async (FluoXrayClient *self, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
/* @n: at most FLUO_XRAY_PINS_MAX. @pinned FALSE: they may go again. */
void fluo_xray_client_pin_async (FluoXrayClient *self, const FluoTraceId *ids, guint n,
                                 gboolean pinned, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* Of either. */
GArray *fluo_xray_client_pins_finish (FluoXrayClient *self, GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

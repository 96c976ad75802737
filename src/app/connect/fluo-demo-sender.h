/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"
#include "demo/fluo-demo.h"

G_BEGIN_DECLS

/* Sends the demo's traces to the UDP address @udp of the collector that @client talks to. The
 * collector's own counts set the pace, so nothing is lost, and the call ends when all of it is
 * stored. Main thread; @progress is told there too. */
void     fluo_demo_sender_run_async  (FluoXrayClient *client, const char *udp,
                                      const FluoDemoOptions *options, FluoDemoProgress progress,
                                      gpointer progress_data, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_demo_sender_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS

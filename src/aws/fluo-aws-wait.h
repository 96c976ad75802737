/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A pause that cancelling ends at once. The callback comes in the caller's main context. */
void     fluo_aws_wait_async  (guint milliseconds, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_aws_wait_finish (GAsyncResult *result, GError **error);

/* Milliseconds before attempt @attempt (2 is the second), with full jitter: anywhere between
 * nothing and 50, doubling with each attempt (1,000 after throttling), at most 20,000, so that
 * clients that failed together don't come back together. From GLib's random numbers. */
guint    fluo_aws_wait_pick   (guint attempt, gboolean throttled);

G_END_DECLS

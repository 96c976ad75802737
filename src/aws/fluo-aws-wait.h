/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A pause that cancelling ends at once. The callback comes in the caller's main context. */
void     fluo_aws_wait_async  (guint milliseconds, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_aws_wait_finish (GAsyncResult *result, GError **error);

G_END_DECLS

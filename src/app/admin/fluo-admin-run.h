/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-change.h"

G_BEGIN_DECLS

/* Changes one after the other. The first that fails ends it; what was done before stays done. */
void     fluo_admin_run_async  (FluoXrayClient *client, GPtrArray *changes /* FluoXrayChange */,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
/* @ret_n_done is how many were done, also when it fails. */
gboolean fluo_admin_run_finish (FluoXrayClient *client, GAsyncResult *result, guint *ret_n_done,
                                GError **error);
/* What takes @n of them back, in the order to do it; empty when nothing does. Transfer full. */
GPtrArray *fluo_admin_dup_undo (GPtrArray *changes, guint n) G_GNUC_WARN_UNUSED_RESULT;
/* "Group “slow” was changed": what was done, in words. */
char      *fluo_admin_dup_done_words (GPtrArray *changes);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-connection-open.h"

G_BEGIN_DECLS

/* Whose keys a connection has, which those of a file or of the keyring don't say: STS is asked,
 * which takes no permission and costs nothing. Main context. */

/* FALSE where nobody is asked: the endpoint is not AWS's, and no other STS is configured. */
gboolean fluo_caller_can_ask    (const FluoOpenConnection *open);
/* @open may go while it runs. Nobody is asked to sign in. */
void     fluo_caller_ask_async  (const FluoOpenConnection *open, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* An ARN; its account goes to @ret_account. */
char    *fluo_caller_ask_finish (GAsyncResult *result, char **ret_account,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

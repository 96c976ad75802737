/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-key-context.h"

G_BEGIN_DECLS

/* Keys of a session that "aws login" began (login_session). They live for a quarter of an hour and
 * are renewed here from the tool's own cache, which is written back, because each renewal replaces
 * what the next one needs. Beginning a session is the tool's: who may be asked is told the command,
 * and a session that it began is taken up within a second. */

/* The cache's file: in AWS_LOGIN_CACHE_DIRECTORY or ~/.aws/login/cache. */
char *fluo_login_keys_dup_path (const char *login_session) G_GNUC_WARN_UNUSED_RESULT;

/* @endpoint is the sign-in service's. FLUO_CREDENTIALS_ERROR_SIGN_IN when only "aws login"
 * helps. */
void fluo_login_keys_async (const char *login_session, const char *endpoint,
                            const FluoKeyContext *context, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_login_keys_finish (GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

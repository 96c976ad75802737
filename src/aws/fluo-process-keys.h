/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-request.h"
#include "aws/fluo-key-json.h"

G_BEGIN_DECLS

/* Keys that a program of the user prints (credential_process). It runs without a shell, in the home
 * directory, in a process group of its own that is killed when it is silent for too long, prints
 * too much, or nobody waits any more. */

#define FLUO_PROCESS_KEYS_MS 60000
#define FLUO_PROCESS_KEYS_BYTES (64 * 1024)

/* The words of the command, or NULL with FLUO_CREDENTIALS_ERROR_INVALID. */
char **fluo_process_keys_split (const char *command, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @timeout_ms 0: FLUO_PROCESS_KEYS_MS. Errors are FLUO_CREDENTIALS_ERROR; what the program printed
 * to its error output is told without what may be secret in it. */
void fluo_process_keys_async (const char *command, const FluoKeyOrigin *origin,
                              const FluoAwsSeams *seams, guint timeout_ms,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
FluoCredentials *fluo_process_keys_finish (GAsyncResult *result,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

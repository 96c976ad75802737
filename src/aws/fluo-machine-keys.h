/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-request.h"
#include "aws/fluo-key-json.h"

G_BEGIN_DECLS

/* Keys that a machine gives to what runs on it: a container's endpoint (ECS, EKS) and an instance's
 * metadata service (EC2, version 2 alone). Never asked unless somebody chose it: on a desk the
 * address of the metadata service belongs to whoever is on the same network. */

/* Checks the URL of a container's endpoint: https, or a host that can't be elsewhere. NULL with
 * FLUO_CREDENTIALS_ERROR_INVALID. */
gboolean fluo_container_url_check (const char *url, GError **error);

/* @token (nullable) and what is in @token_file (nullable, wins, read each time) go into the
 * Authorization header. */
void fluo_container_keys_async (const char *url, const char *token, const char *token_file,
                                SoupSession *session, const FluoAwsSeams *seams,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
FluoCredentials *fluo_container_keys_finish (GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  char *endpoint; /* "http://169.254.169.254", normalized */
  guint timeout_ms;
  guint attempts;
} FluoMachineSetup;

void fluo_machine_keys_async (const FluoMachineSetup *setup, SoupSession *session,
                              const FluoAwsSeams *seams, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_machine_keys_finish (GAsyncResult *result,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A secret that a program put into a file, without the line's end; regular files of at most 20,000
 * characters. NULL with FLUO_CREDENTIALS_ERROR_SOURCE, which names the file and no content. */
char *fluo_token_file_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-connection.h"
#include "aws/fluo-sso.h"
#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* From what the user set up to a client. Files are read in a worker, and a key pair is looked for
 * in the keyring; no service is asked, so an expired session shows with the first question. */

typedef struct
{
  FluoXrayClient         *client;
  FluoCredentialProvider *provider; /* NULL for a key pair without a role */
  char                   *region;
  char                   *endpoint;
  char                   *sts;      /* that knows these keys; NULL: nobody does */
  char                   *sts_region;
  FluoCredentials        *keys;     /* without a provider; else NULL */
} FluoOpenConnection;

void fluo_open_connection_free (FluoOpenConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOpenConnection, fluo_open_connection_free)

/* @keys (nullable): a key pair that was typed in just now; else the keyring is asked. Errors are
 * G_IO_ERROR_INVALID_ARGUMENT when no region is named anywhere, those of the shared files, and
 * FLUO_SECRET_STORE_ERROR. */
void fluo_connection_open_async (const FluoConnection *connection, FluoCredentials *keys,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
FluoOpenConnection *fluo_connection_open_finish (GAsyncResult *result,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where a connection of FLUO_CONNECTION_SSO signs in. Reads files. */
FluoSsoSession     *fluo_connection_dup_sso     (const FluoConnection *connection,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* Access keys that the user typed in, kept by the desktop's secret service (or its sandboxed
 * replacement), one per connection. The name is stored readable by any program of the user, the
 * keys are not. The service may ask the user to unlock the keyring, so every call takes a
 * cancellable and may take minutes. */

typedef enum
{
  FLUO_SECRET_STORE_ERROR_UNAVAILABLE, /* no secret service here: a normal state, keys then last
                                          until the program ends */
  FLUO_SECRET_STORE_ERROR_LOCKED,      /* the keyring is locked and was not unlocked */
  FLUO_SECRET_STORE_ERROR_NOT_FOUND, /* nothing is stored: the keyring was not locked */
  FLUO_SECRET_STORE_ERROR_DAMAGED    /* what is stored is no access key, or the keyring's file was
                                        cut short */
} FluoSecretStoreError;
#define FLUO_SECRET_STORE_ERROR (fluo_secret_store_error_quark ())
GQuark           fluo_secret_store_error_quark   (void);

/* Replaces what is stored for @connection. */
void fluo_secret_store_save_async (const char *connection, FluoCredentials *credentials,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean         fluo_secret_store_save_finish   (GAsyncResult *result, GError **error);
void             fluo_secret_store_lookup_async  (const char *connection, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_secret_store_lookup_finish (GAsyncResult *result,
                                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What is stored for @from, for @to too. */
void             fluo_secret_store_copy_async    (const char *from, const char *to,
                                                  GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean         fluo_secret_store_copy_finish   (GAsyncResult *result, GError **error);
/* Clearing what isn't there succeeds. */
void             fluo_secret_store_clear_async   (const char *connection, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean         fluo_secret_store_clear_finish  (GAsyncResult *result, GError **error);

/* --- The key of a vault -------------------------------------------------------------------- */

/* What a connection's vault is encrypted with: 64 hexadecimal digits, made when there is none and
 * @create says so; FLUO_SECRET_STORE_ERROR_NOT_FOUND otherwise. A key that could not be stored is
 * not given out, because nobody would open the vault again. Wiped when freed with
 * fluo_secret_store_key_free(). */
void  fluo_secret_store_get_vault_key_async   (const char *connection, gboolean create,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
char *fluo_secret_store_get_vault_key_finish  (GAsyncResult *result,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void  fluo_secret_store_clear_vault_key_async (const char *connection, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_secret_store_clear_vault_key_finish (GAsyncResult *result, GError **error);
void  fluo_secret_store_key_free              (gpointer key);

G_END_DECLS

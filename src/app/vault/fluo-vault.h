/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* What was read of one connection to AWS, kept on this computer in a store that is encrypted with a
 * key of the secret service. A collector of our own holds the store and answers as any X-Ray does,
 * so that whatever looks at traces looks at these, too. It is started when the first trace is kept,
 * or when there is something to look at. Main thread. Signals: "changed" (): the counts, or what is
 * wrong; "notice" (words): something the user has to know now: the store was damaged, or nothing
 * can be kept. */

#define FLUO_TYPE_VAULT (fluo_vault_get_type ())
G_DECLARE_FINAL_TYPE (FluoVault, fluo_vault, FLUO, VAULT, GObject)

#define FLUO_VAULT_SIZE_DEFAULT (G_GUINT64_CONSTANT (1) << 30)

/* The one of @connection (an id); several windows share it. @size_max: bytes, for all of them from
 * now on. */
FluoVault *fluo_vault_get (const char *connection, guint64 size_max) G_GNUC_WARN_UNUSED_RESULT;
/* Whether anything was ever kept of @connection. */
gboolean   fluo_vault_exists (const char *connection);
/* Keeps what @client reads from now on, and lets it find here what its service no longer has. */
void       fluo_vault_attach (FluoVault *self, FluoXrayClient *client);

/* Neither any longer. */
void       fluo_vault_detach (FluoVault *self, FluoXrayClient *client);

/* The client of what is kept: borrowed, as long as the vault. Fails with FLUO_SECRET_STORE_ERROR
 * when there is no key to be had, and as the collector does. @create FALSE: only when there is a
 * vault already. */
void            fluo_vault_open_async  (FluoVault *self, gboolean create, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
FluoXrayClient *fluo_vault_open_finish (FluoVault *self, GAsyncResult *result, GError **error);
/* The same, or NULL while it is not open. */
FluoXrayClient *fluo_vault_get_client  (FluoVault *self);
/* Deletes everything, the key included. */
void     fluo_vault_clear_async  (FluoVault *self, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean fluo_vault_clear_finish (FluoVault *self, GAsyncResult *result, GError **error);

guint64 fluo_vault_get_n_kept    (FluoVault *self); /* documents, since the program began */
guint64 fluo_vault_get_n_lost    (FluoVault *self); /* documents that could not be kept */
guint64 fluo_vault_get_bytes     (FluoVault *self); /* on the disk, now */
const GError *fluo_vault_get_error (FluoVault *self); /* why keeping fails, or NULL */
const char   *fluo_vault_get_notice (FluoVault *self); /* what was told last, or NULL */
/* Ends the collectors of all vaults; at the end of the program. */
void    fluo_vault_stop_all      (void);

G_END_DECLS

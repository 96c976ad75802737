/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What libsecret doesn't say: whether "nothing found" means that the keyring is locked, and whether
 * a keyring's file would end the process. */

/* libsecret keeps secrets in a file of its own here, not with a service. */
gboolean fluo_secret_state_uses_file (void);
/* FALSE with FLUO_SECRET_STORE_ERROR_DAMAGED for a keyring's file that was cut short or is none:
 * libsecret ends the process over the one and loses what is in the other. TRUE where there is no
 * such file. */
gboolean fluo_secret_state_check_file (GError **error);

/* libsecret holds on to a session of a secret service that was started anew since, and fails from
 * then on. After this it is told to begin another. */
void     fluo_secret_state_watch (void);

/* Whether nothing found is nothing there: fails with FLUO_SECRET_STORE_ERROR_LOCKED when the
 * keyring is locked, after asking for it to be unlocked when @unlock says so. */
void     fluo_secret_state_prove_open_async  (gboolean unlock, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_secret_state_prove_open_finish (GAsyncResult *result, GError **error);

G_END_DECLS

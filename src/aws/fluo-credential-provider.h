/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-credential-facts.h"
#include "aws/fluo-credentials.h"
#include "aws/fluo-sign-in.h"

G_BEGIN_DECLS

/* Keys that last: who signs asks for them each time, and they are renewed before they expire. The
 * class keeps what was fetched, decides when it is old, and fetches once for all who wait; a
 * subclass says where keys come from. Used in one main context; making one does nothing that needs
 * it.
 *
 * Keys that live for longer than 30 minutes are renewed beside their use from 15 minutes before
 * their end and waited for from 10 minutes before; shorter ones from a half and a quarter of their
 * life. A renewal that fails while the old keys are good keeps the old ones.
 *
 * Nobody is asked anything by surprise: keys that only the user can get fail with
 * FLUO_CREDENTIALS_ERROR_SIGN_IN, until somebody calls fluo_credential_provider_sign_in_async().
 *
 * Signal "changed": a fetch ended, so fluo_credential_provider_dup_facts() may say something
 * else. */

#define FLUO_TYPE_CREDENTIAL_PROVIDER (fluo_credential_provider_get_type ())
G_DECLARE_DERIVABLE_TYPE (FluoCredentialProvider, fluo_credential_provider, FLUO,
                          CREDENTIAL_PROVIDER, GObject)

struct _FluoCredentialProviderClass
{
  GObjectClass parent_class;

  /* Gets new keys. Never called while a fetch is under way. Required. */
  void (*fetch_async) (FluoCredentialProvider *self, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data);
  FluoCredentials *(*fetch_finish) (FluoCredentialProvider *self, GAsyncResult *result,
                                    GError **error);
  /* Adds how it comes by its keys; optional. */
  void (*add_facts) (FluoCredentialProvider *self, FluoCredentialFacts *facts);
};

/* Keys that can be used now, or NULL when there are none without waiting. Borrowed until the main
 * context runs again. A renewal that is due is begun. */
FluoCredentials *fluo_credential_provider_peek (FluoCredentialProvider *self);

/* Cancelling ends the waiting, not a fetch that others wait for too. Errors are
 * FLUO_CREDENTIALS_ERROR, FLUO_XRAY_ERROR or G_IO_ERROR. */
void fluo_credential_provider_get_async (FluoCredentialProvider *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_credential_provider_get_finish (FluoCredentialProvider *self,
                                                      GAsyncResult *result,
                                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For workers and command-line tools: waits in a main context of its own. Not for a provider that
 * is used otherwise too. */
FluoCredentials *fluo_credential_provider_get_sync (FluoCredentialProvider *self,
                                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gets keys for which the user may be asked; @ask is called as often as there is something to do.
 * Who waits for keys meanwhile waits for the user too. Cancelling ends the asking. Ends as
 * fluo_credential_provider_get_async() does. A second call joins the first and uses its @ask. With
 * keys that are good the user wants to sign in again: others are fetched without what is kept, and
 * when that fails the good ones stay. */
void fluo_credential_provider_sign_in_async (FluoCredentialProvider *self, FluoSignInFunc ask,
                                             gpointer ask_data, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_credential_provider_sign_in_finish (FluoCredentialProvider *self,
                                                          GAsyncResult *result,
                                                          GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* For a fetch: whom to ask, or NULL when nobody may be asked. */
FluoSignInFunc fluo_credential_provider_get_ask (FluoCredentialProvider *self, gpointer *ret_data);
/* … and whether what is kept of an earlier answer must not be used. */
gboolean fluo_credential_provider_is_asked_anew (FluoCredentialProvider *self);
/* How it comes by its keys and how they stand, for showing. Reads nothing. */
FluoCredentialFacts *fluo_credential_provider_dup_facts (FluoCredentialProvider *self)
  G_GNUC_WARN_UNUSED_RESULT;

/* A service refused these keys: they are not given out again, and the next question fetches.
 * Temporary ones that are less than a minute old stay: getting others would not help. */
void fluo_credential_provider_refuse (FluoCredentialProvider *self,
                                      const FluoCredentials *refused);
/* Ends a fetch that is under way; those who wait get G_IO_ERROR_CANCELLED. */
void fluo_credential_provider_stop (FluoCredentialProvider *self);

/* For tests: unix seconds. */
void fluo_credential_provider_set_clock (FluoCredentialProvider *self, gint64 (*clock) (gpointer),
                                         gpointer data);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-sso.h"
#include "core/fluo-json.h"

G_BEGIN_DECLS

/* Asks the user, through @context, and gets a token. PKCE for sessions, the device's way for those
 * known by their start URL alone. */
void fluo_sso_sign_in_async (const FluoSsoSession *session, const FluoKeyContext *context,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
FluoSsoToken *fluo_sso_sign_in_finish (GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* POST to @oidc with a JSON body, which is taken and wiped. Ends as fluo_aws_request_async(). */
void fluo_sso_oidc_async (const FluoSsoSession *session, const FluoKeyContext *context,
                          const char *path, GString *body, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
/* Takes "accessToken", "refreshToken" and "expiresIn" of an answer over into @token. FALSE with
 * FLUO_XRAY_ERROR_PROTOCOL. */
gboolean fluo_sso_token_take (FluoSsoToken *token, const FluoAwsAnswer *answer, gint64 now_s,
                              GError **error);
/* So many random bytes, at most 64, in the letters that a URL takes as they are; NULL when the
 * computer has no randomness to give, which is not to be gone on with. */
char    *fluo_sso_dup_random (gsize n_bytes) G_GNUC_WARN_UNUSED_RESULT;
/* What is told beforehand of a verifier (PKCE, S256). */
char    *fluo_sso_dup_challenge (const char *verifier) G_GNUC_WARN_UNUSED_RESULT;
/* https at a host of AWS: may be opened in a browser. */
gboolean fluo_sso_url_is_safe (const char *url);

/* Waits at 127.0.0.1 for the browser to come back with a code. */
#define FLUO_TYPE_SSO_CALLBACK (fluo_sso_callback_get_type ())
G_DECLARE_FINAL_TYPE (FluoSsoCallback, fluo_sso_callback, FLUO, SSO_CALLBACK, GObject)

/* @code NULL: refused, and @error says why (FLUO_CREDENTIALS_ERROR_SIGN_IN). Once. */
typedef void (*FluoSsoCallbackFunc) (const char *code, const GError *error, gpointer user_data);

FluoSsoCallback *fluo_sso_callback_new (const char *state, FluoSsoCallbackFunc func, gpointer data,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "http://127.0.0.1:PORT/oauth/callback" */
const char      *fluo_sso_callback_get_uri (FluoSsoCallback *self);
/* Listens no more, and calls nobody. */
void             fluo_sso_callback_stop (FluoSsoCallback *self);

G_END_DECLS

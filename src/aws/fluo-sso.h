/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-key-context.h"
#include "aws/fluo-sso-cache.h"

G_BEGIN_DECLS

/* IAM Identity Center: who signed in once has a token, and the token gets keys for every account
 * and role that an administrator assigned. The token is in the AWS tools' own cache, so "aws sso
 * login" and signing in here are the same thing. Main context; files are read and written in
 * workers. */

/* Where one signs in. */
typedef struct
{
  char *name;      /* of [sso-session NAME]; NULL: known by its start URL alone */
  char *start_url;
  char *region;
  char *scopes;    /* separated by commas; NULL: "sso:account:access" */
  char *portal;    /* endpoints */
  char *oidc;
} FluoSsoSession;

/* A start URL with https and a host, and a region: the text alone, asks nobody. FALSE with
 * FLUO_CREDENTIALS_ERROR_INVALID. */
gboolean        fluo_sso_check (const char *start_url, const char *region, GError **error);
/* Twelve digits. */
gboolean        fluo_aws_account_is_valid (const char *account);

#define FLUO_TYPE_SSO_SESSION (fluo_sso_session_get_type ())
GType           fluo_sso_session_get_type (void);
/* Checks both; @profile (nullable) is whose endpoints and switches count. NULL with
 * FLUO_CREDENTIALS_ERROR_INVALID. Reads files. */
FluoSsoSession *fluo_sso_session_new (const char *name, const char *start_url, const char *region,
                                      const char *scopes, const char *profile,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoSsoSession *fluo_sso_session_copy (const FluoSsoSession *self);
void            fluo_sso_session_free (FluoSsoSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSsoSession, fluo_sso_session_free)
/* As the config file has it, scopes and all, where that knows @name (nullable) for the same place;
 * else a new one. Reads files. */
FluoSsoSession *fluo_sso_session_find (const char *name, const char *start_url, const char *region,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Both are the same sign-in. */
gboolean        fluo_sso_session_equal (const FluoSsoSession *a, const FluoSsoSession *b);
/* The name, else the start URL. */
const char     *fluo_sso_session_get_title (const FluoSsoSession *self);
/* FluoSsoSession: what the config file has, by name. Reads files. */
GPtrArray      *fluo_sso_session_list (void) G_GNUC_WARN_UNUSED_RESULT;

/* A token that is good now: the one in the cache, a renewed one, or a new one when @context says
 * whom to ask. @refused (nullable) is one that the portal didn't take. Fails with
 * FLUO_CREDENTIALS_ERROR_SIGN_IN when only the user can help. The token is newly allocated; free it
 * with fluo_key_text_clear(). */
void  fluo_sso_get_token_async (const FluoSsoSession *session, const FluoKeyContext *context,
                                const char *refused, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
char *fluo_sso_get_token_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keys of a role in an account. */
void fluo_sso_get_keys_async (const FluoSsoSession *session, const char *account, const char *role,
                              const FluoKeyContext *context, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_sso_get_keys_finish (GAsyncResult *result,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  char *id; /* twelve digits */
  char *name;
  char *email; /* or NULL */
} FluoSsoAccount;

FluoSsoAccount *fluo_sso_account_copy (const FluoSsoAccount *self);
void            fluo_sso_account_free (FluoSsoAccount *self);

/* What one may choose from: GPtrArray of FluoSsoAccount, by name. */
void       fluo_sso_list_accounts_async (const FluoSsoSession *session,
                                         const FluoKeyContext *context, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_sso_list_accounts_finish (GAsyncResult *result,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* … and the roles in an account: GPtrArray of char *, sorted. */
void       fluo_sso_list_roles_async (const FluoSsoSession *session, const char *account,
                                      const FluoKeyContext *context, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_sso_list_roles_finish (GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-role.h"
#include "aws/fluo-credential-facts.h"
#include "aws/fluo-key-context.h"
#include "aws/fluo-machine-keys.h"
#include "aws/fluo-sso.h"

G_BEGIN_DECLS

/* Where the first keys come from, before any role is assumed with them. Made from the environment
 * and the files in a worker; then only read. */
typedef struct
{
  FluoCredentialStepKind kind;
  char *profile;           /* that says so, or NULL */
  FluoCredentials *keys;   /* of ENVIRONMENT, KEYS, STORED: at hand already */
  const char *file;        /* of KEYS: "credentials" or "config" */
  FluoSsoSession *sso;     /* of SSO, with the role that is wanted */
  char *sso_account, *sso_role;
  FluoAwsRole *role;       /* of WEB_IDENTITY */
  char *token_file;        /* of WEB_IDENTITY and CONTAINER; or NULL there */
  char *login_session;     /* of LOGIN */
  char *command;           /* of PROCESS */
  char *account;           /* that the profile says, or NULL */
  char *url;               /* of CONTAINER */
  char *token;             /* of CONTAINER, or NULL; secret */
  FluoMachineSetup machine; /* of MACHINE */
  char *endpoint;          /* STS for WEB_IDENTITY, the sign-in service for LOGIN */
  char *endpoint_region;
} FluoKeySource;

FluoKeySource *fluo_key_source_new  (FluoCredentialStepKind kind, const char *profile)
  G_GNUC_WARN_UNUSED_RESULT;
void           fluo_key_source_free (FluoKeySource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoKeySource, fluo_key_source_free)
void           fluo_key_source_add_facts (const FluoKeySource *self, FluoCredentialFacts *facts);

/* @self must live until the call has ended. */
void fluo_key_source_get_async (const FluoKeySource *self, const FluoKeyContext *context,
                                guint process_ms, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
FluoCredentials *fluo_key_source_get_finish (GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

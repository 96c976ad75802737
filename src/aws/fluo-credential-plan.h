/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-role.h"
#include "aws/fluo-key-source.h"

G_BEGIN_DECLS

/* What the environment and the shared files say about keys, before anybody is asked anything: where
 * the first keys come from, and the roles to assume with them one after the other. Reads files,
 * sends nothing. Any thread. */

typedef struct
{
  const char *profile;  /* NULL: AWS_PROFILE, else "default"; a name beats the environment's keys */
  const char *role_arn; /* assumed after all that the profile says, or NULL */
  const char *region;   /* where STS is asked unless environment or profile say it, or NULL */
  gboolean    use_machine; /* an instance's metadata may be asked when nothing else is there */
  /* A connection that needs no profile: either of these instead of environment and files. */
  FluoCredentials      *keys; /* typed in */
  const FluoSsoSession *sso;
  const char           *sso_account, *sso_role;
} FluoCredentialQuestion;

/* Both deep. */
FluoCredentialQuestion *fluo_credential_question_copy (const FluoCredentialQuestion *self);
void fluo_credential_question_free (FluoCredentialQuestion *self);

typedef struct
{
  FluoKeySource *source;
  GPtrArray     *roles;      /* FluoAwsRole, in the order in which they are assumed */
  GPtrArray     *profiles;   /* char *: passed on the way to the source, the asked for first */
  GPtrArray     *passed;     /* char *: what was looked at before the source, and what it lacked */
  char          *region;     /* that the environment or the profile names, or NULL */
  char          *sts;        /* STS's endpoint; NULL without roles */
  char          *sts_region; /* of the signatures for it */
} FluoCredentialPlan;

/* Environment, then the shared files (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE or ~/.aws), then
 * a container's endpoint where the environment names one, then the instance's metadata where that
 * was chosen: by the question, or by AWS_EC2_METADATA_DISABLED=false. The order within is
 * botocore's. */
FluoCredentialPlan *fluo_credential_plan_new (const FluoCredentialQuestion *question,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void fluo_credential_plan_free (FluoCredentialPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCredentialPlan, fluo_credential_plan_free)
/* Steps, what was passed, and what is known of the account and the role. */
void fluo_credential_plan_add_facts (const FluoCredentialPlan *self, FluoCredentialFacts *facts);

G_END_DECLS

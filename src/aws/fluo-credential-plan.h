/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* What the environment and the shared files say about keys, before anybody is asked anything: a
 * key pair to begin with, and the roles to assume one after the other. Reads files, sends nothing.
 * Any thread. */

/* One AssumeRole. */
typedef struct
{
  char *arn;
  char *session_name; /* NULL: made up */
  char *external_id;  /* or NULL */
  guint duration_s;   /* 0: the service's default, an hour */
  char *profile;      /* that names it, or NULL */
} FluoAwsRole;
void fluo_aws_role_free (FluoAwsRole *self);

typedef struct
{
  FluoCredentials *source;
  GPtrArray       *roles;      /* FluoAwsRole, in the order in which they are assumed */
  char            *region;     /* that the environment or the profile names, or NULL */
  char            *sts;        /* STS's endpoint; NULL without roles */
  char            *sts_region; /* of the signatures for it */
} FluoCredentialPlan;

/* Environment, then the shared files (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE or ~/.aws).
 * @profile NULL: AWS_PROFILE, else "default"; a profile named here beats the environment's keys.
 * @role_arn (nullable) is assumed after all that the profile says. @region (nullable) is where STS
 * is asked unless the environment or the profile says otherwise. */
FluoCredentialPlan *fluo_credential_plan_new (const char *profile, const char *role_arn,
                                              const char *region,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void fluo_credential_plan_free (FluoCredentialPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCredentialPlan, fluo_credential_plan_free)

/* FALSE with FLUO_CREDENTIALS_ERROR_INVALID for what no role can be called. */
gboolean fluo_aws_role_arn_check (const char *arn, GError **error);

G_END_DECLS

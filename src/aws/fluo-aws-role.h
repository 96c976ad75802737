/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-config.h"
#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* A role to assume, as a profile says it. */
typedef struct
{
  char            *arn;
  char            *session_name; /* NULL: made up */
  char            *external_id;  /* or NULL */
  char            *mfa_serial;   /* or NULL: no code is needed */
  guint            duration_s;   /* 0: the service's default, an hour */
  char            *profile;      /* that names it, or NULL */
  FluoCredentials *cached;       /* the AWS CLI's own of this role, perhaps expired; or NULL */
} FluoAwsRole;

FluoAwsRole *fluo_aws_role_new  (const char *arn) G_GNUC_WARN_UNUSED_RESULT;
void         fluo_aws_role_free (FluoAwsRole *self);
/* FALSE with FLUO_CREDENTIALS_ERROR_INVALID for what no role can be called. */
gboolean     fluo_aws_role_arn_check (const char *arn, GError **error);
/* The role of a profile that has a role_arn; NULL with FLUO_CREDENTIALS_ERROR_INVALID. */
FluoAwsRole *fluo_aws_role_read (const FluoAwsConfig *config, const char *profile,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Two of them lead to the same keys. */
gboolean     fluo_aws_role_equal (const FluoAwsRole *a, const FluoAwsRole *b);

/* Where the AWS CLI keeps the keys of this role. */
char        *fluo_aws_role_dup_cache_path (const FluoAwsRole *self) G_GNUC_WARN_UNUSED_RESULT;
/* Reads them into @self->cached: whoever gave a code to the AWS CLI need not give another one. A
 * file that can't be used is none. Blocks. */
void         fluo_aws_role_load_cached (FluoAwsRole *self);

G_END_DECLS

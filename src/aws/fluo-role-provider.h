/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credential-provider.h"
#include "aws/fluo-sts.h"

G_BEGIN_DECLS

/* A role that is taken on with whatever keys another provider has, or with a key pair. */

#define FLUO_TYPE_ROLE_PROVIDER (fluo_role_provider_get_type ())
G_DECLARE_FINAL_TYPE (FluoRoleProvider, fluo_role_provider, FLUO, ROLE_PROVIDER,
                      FluoCredentialProvider)

/* Either @base or @keys. @profile (nullable) may say where STS is; @region is where it is asked
 * otherwise. Reads nothing yet. */
FluoCredentialProvider *fluo_role_provider_new (FluoCredentialProvider *base, FluoCredentials *keys,
                                                const char *profile, const char *role_arn,
                                                const char *region);
void fluo_role_provider_set_seams (FluoRoleProvider *self, const FluoStsSeams *seams);

G_END_DECLS

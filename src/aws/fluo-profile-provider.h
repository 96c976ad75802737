/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credential-plan.h"
#include "aws/fluo-credential-provider.h"
#include "aws/fluo-sts.h"

G_BEGIN_DECLS

/* Keys as the environment and the shared files say: of the environment, of a profile, or of the
 * roles that a profile leads to. Each fetch reads the files again, in a worker. */

#define FLUO_TYPE_PROFILE_PROVIDER (fluo_profile_provider_get_type ())
G_DECLARE_FINAL_TYPE (FluoProfileProvider, fluo_profile_provider, FLUO, PROFILE_PROVIDER,
                      FluoCredentialProvider)

/* Reads the files now, so that mistakes in them show at once: call from a worker or a command-line
 * tool. @profile and @ret_region (nullable) are those of fluo_credential_plan_new(). */
FluoCredentialProvider *fluo_profile_provider_new (const char *profile, char **ret_region,
                                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, and in the end assumes @role_arn (nullable), asking STS in @region unless the
 * environment or the profile says otherwise. Reads nothing yet. @proxy (nullable): see
 * fluo_xray_client_set_proxy(). */
FluoCredentialProvider *fluo_profile_provider_new_for_role (const char *role_arn,
                                                            const char *region, const char *proxy);

void fluo_profile_provider_set_seams (FluoProfileProvider *self, const FluoStsSeams *seams);

G_END_DECLS

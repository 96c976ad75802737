/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credential-plan.h"
#include "aws/fluo-credential-provider.h"

G_BEGIN_DECLS

/* Keys as the environment and the shared files say, whatever the kind: keys, roles, IAM Identity
 * Center, web identity, a program, "aws login", a machine's own. Each fetch reads the files again,
 * in a worker. */

#define FLUO_TYPE_PROFILE_PROVIDER (fluo_profile_provider_get_type ())
G_DECLARE_FINAL_TYPE (FluoProfileProvider, fluo_profile_provider, FLUO, PROFILE_PROVIDER,
                      FluoCredentialProvider)

/* Reads the files now, so that mistakes in them show at once: call from a worker or a command-line
 * tool. @ret_region (nullable) gets what the environment or the profile names, or NULL. */
FluoCredentialProvider *fluo_profile_provider_new (const char *profile, char **ret_region,
                                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with everything that can be asked; also for keys that were typed in, which then may
 * assume a role, and for an account and a role of IAM Identity Center without a profile. @proxy
 * (nullable): see fluo_xray_client_set_proxy(). */
FluoCredentialProvider *fluo_profile_provider_new_full (const FluoCredentialQuestion *question,
                                                        const char *proxy, char **ret_region,
                                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads nothing yet: mistakes are the first fetch's. */
FluoCredentialProvider *fluo_profile_provider_new_later (const FluoCredentialQuestion *question,
                                                         const char *proxy);

/* For tests. @process_ms and @second_ms 0: as usual. */
void fluo_profile_provider_set_seams (FluoProfileProvider *self, const FluoAwsSeams *seams,
                                      guint process_ms, guint second_ms);

G_END_DECLS

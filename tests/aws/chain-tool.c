/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-credential-plan.h"

#include <stdio.h>
#include <string.h>

#include "aws/fluo-region.h"

/* Says where keys would come from, for comparing with another implementation: the number of roles,
 * the kind of the source, and its access key where that is in a file. The profile is the first
 * argument, if there is one; all else is the environment's. With --regions alone it says which
 * regions can be chosen, and their partitions. */

static const char *const names[] = {
  [FLUO_CREDENTIAL_STEP_ENVIRONMENT] = "env",
  [FLUO_CREDENTIAL_STEP_KEYS] = "file",
  [FLUO_CREDENTIAL_STEP_SSO] = "sso",
  [FLUO_CREDENTIAL_STEP_WEB_IDENTITY] = "assume-role-with-web-identity",
  [FLUO_CREDENTIAL_STEP_LOGIN] = "login",
  [FLUO_CREDENTIAL_STEP_PROCESS] = "custom-process",
  [FLUO_CREDENTIAL_STEP_CONTAINER] = "container-role",
  [FLUO_CREDENTIAL_STEP_MACHINE] = "iam-role",
};

static int
say_regions (void)
{
  guint n;
  const FluoRegion *regions = fluo_regions_get (&n);

  for (guint i = 0; i < n; i++)
    printf ("%s %s\n", regions[i].name, fluo_region_get_partition (regions[i].name));
  return 0;
}

int
main (int argc, char **argv)
{
  const FluoCredentialQuestion question = { .profile = argc > 1 ? argv[1] : NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentialPlan) plan = fluo_credential_plan_new (&question, &error);
  const char *kind;

  if (g_strcmp0 (question.profile, "--regions") == 0)
    return say_regions ();
  if (!plan)
    {
      puts (g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_NONE)
              ? "none"
              : "error");
      return 0;
    }
  kind = plan->source->kind == FLUO_CREDENTIAL_STEP_KEYS
           ? (strcmp (plan->source->file, "config") == 0 ? "config-file"
                                                         : "shared-credentials-file")
           : names[plan->source->kind];
  printf ("%u %s %s\n", plan->roles->len, kind,
          plan->source->keys ? fluo_credentials_get_access_key (plan->source->keys) : "-");
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-key-source.h"

G_BEGIN_DECLS

/* The single places where keys may be configured. Each returns NULL without @error where nothing is
 * configured, and says into @passed (char *) what it missed. */

FluoKeySource *fluo_key_find_environment (GPtrArray *passed, GError **error);
/* A profile that is no role, in botocore's order: web identity, IAM Identity Center, keys in the
 * credentials file, "aws login", a program, keys in the config file. @region (nullable) is the
 * region of services to ask; @with_environment: a web identity of the environment counts. */
FluoKeySource *fluo_key_find_profile (const FluoAwsConfig *config, const char *profile,
                                      const char *region, gboolean with_environment,
                                      GPtrArray *passed, GError **error);
FluoKeySource *fluo_key_find_container (GPtrArray *passed, GError **error);
/* @chosen: somebody said so; else the environment must. */
FluoKeySource *fluo_key_find_machine (const FluoAwsConfig *config, const char *profile,
                                      gboolean chosen, GPtrArray *passed, GError **error);
/* Any of the two keys is in one of the files. */
gboolean       fluo_key_find_has_static (const FluoAwsConfig *config, const char *profile);
/* An environment variable that is set and not empty, else NULL. */
const char    *fluo_key_find_env (const char *name);

G_END_DECLS

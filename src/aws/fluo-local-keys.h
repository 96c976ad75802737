/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-credentials.h"

G_BEGIN_DECLS

/* The two key pairs of a collector on this computer. They are in a file of its data directory, in
 * the form of the AWS tools' shared credentials file with a profile for each role, readable by its
 * user alone. Whoever can read the file may read the traces: it proves that a program is run by the
 * same user. */

typedef enum
{
  FLUO_ROLE_READ, /* asks */
  FLUO_ROLE_FULL, /* asks and changes settings */
  FLUO_N_ROLES
} FluoRole;

#define FLUO_LOCAL_KEYS_FILE_NAME "credentials"
/* Every access key begins so, and none of AWS's does. */
#define FLUO_LOCAL_KEYS_PREFIX "FLUO"

/* "read", "full": also the profile's name in the file. */
const char      *fluo_role_get_name     (FluoRole role);
gboolean         fluo_role_from_name    (const char *name, FluoRole *ret_role);

/* One pair of the file at @path, an absolute name that ends in FLUO_LOCAL_KEYS_FILE_NAME. It may
 * come from a program that isn't trusted, so only a regular file is read that belongs to the user
 * and that nobody else may read, and only pairs that a collector has made are taken from it. Errors
 * are FLUO_CREDENTIALS_ERROR. */
FluoCredentials *fluo_local_keys_load (const char *path, FluoRole role,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For the collector: both pairs of the file in @directory, which are made when there is no file.
 * One that can't be used, or that others could read, is moved to "credentials.old" and new ones are
 * made. @ret_keys has room for FLUO_N_ROLES. */
gboolean fluo_local_keys_ensure (const char *directory, FluoCredentials **ret_keys, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A snapshot of one key pair. Immutable, atomic reference count; the secret is wiped when the last
 * reference goes. */
typedef struct _FluoCredentials FluoCredentials;

#define FLUO_TYPE_CREDENTIALS (fluo_credentials_get_type ())
GType            fluo_credentials_get_type       (void);
FluoCredentials *fluo_credentials_new (const char *access_key_id, const char *secret,
                                       const char *token /* or NULL */,
                                       const char *source /* where it came from, in words */);
FluoCredentials *fluo_credentials_ref            (FluoCredentials *self);
void             fluo_credentials_unref          (FluoCredentials *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCredentials, fluo_credentials_unref)
const char      *fluo_credentials_get_access_key (const FluoCredentials *self);
const char      *fluo_credentials_get_secret     (const FluoCredentials *self);
const char      *fluo_credentials_get_token      (const FluoCredentials *self);
const char      *fluo_credentials_get_source     (const FluoCredentials *self);

typedef enum
{
  FLUO_CREDENTIALS_ERROR_NONE,    /* nothing is configured: says where was looked */
  FLUO_CREDENTIALS_ERROR_PROFILE, /* no such profile: lists the ones there are */
  FLUO_CREDENTIALS_ERROR_INVALID  /* configured but incomplete or of a kind not supported yet: stops
                                     the chain */
} FluoCredentialsError;
#define FLUO_CREDENTIALS_ERROR (fluo_credentials_error_quark ())
GQuark           fluo_credentials_error_quark    (void);

/* Environment, then the shared files (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE or ~/.aws).
 * @profile NULL: AWS_PROFILE, else "default"; a profile named here beats the environment's keys.
 * @ret_region (nullable) gets the profile's or AWS_REGION's region or NULL. Reads files: call from
 * a worker or a command-line tool. */
FluoCredentials *fluo_credentials_resolve (const char *profile, char **ret_region,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Names of all profiles in both files, sorted, NULL-terminated. */
char           **fluo_credentials_list_profiles  (void);

G_END_DECLS

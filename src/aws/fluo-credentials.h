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
/* The same for keys of which more is known. @account and @arn (nullable) are whose they are. */
FluoCredentials *fluo_credentials_new_full (const char *access_key_id, const char *secret,
                                            const char *token, const char *source,
                                            gint64 expires_s, const char *account,
                                            const char *arn);
FluoCredentials *fluo_credentials_ref            (FluoCredentials *self);
void             fluo_credentials_unref          (FluoCredentials *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCredentials, fluo_credentials_unref)
const char      *fluo_credentials_get_access_key (const FluoCredentials *self);
const char      *fluo_credentials_get_secret     (const FluoCredentials *self);
const char      *fluo_credentials_get_token      (const FluoCredentials *self);
const char      *fluo_credentials_get_source     (const FluoCredentials *self);
gint64           fluo_credentials_get_expires    (const FluoCredentials *self); /* 0 = never */
/* Of twelve digits, or NULL: not every source of keys says it. */
const char      *fluo_credentials_get_account    (const FluoCredentials *self);
/* Who the keys are, or NULL. */
const char      *fluo_credentials_get_arn        (const FluoCredentials *self);

/* A key or a token goes into a header: one word of ASCII, where a control character would begin
 * another header. FALSE for NULL and "". */
gboolean         fluo_credentials_is_key_text    (const char *text);

typedef enum
{
  FLUO_CREDENTIALS_ERROR_NONE,    /* nothing is configured: says where was looked */
  FLUO_CREDENTIALS_ERROR_PROFILE, /* no such profile: lists the ones there are */
  FLUO_CREDENTIALS_ERROR_INVALID, /* configured but incomplete or contradictory: stops the chain */
  FLUO_CREDENTIALS_ERROR_SIGN_IN, /* only the user can get them: with a code, or in a browser; see
                                     fluo_credential_provider_sign_in_async() */
  FLUO_CREDENTIALS_ERROR_SOURCE,  /* what should give the keys failed: a program, an endpoint */
  FLUO_CREDENTIALS_ERROR_CODE     /* the code of a device was not taken; the next one may be */
} FluoCredentialsError;
#define FLUO_CREDENTIALS_ERROR (fluo_credentials_error_quark ())
GQuark           fluo_credentials_error_quark    (void);

/* The keys of one moment; see fluo_profile_provider_new() for where they come from, and use that
 * where they have to last. @ret_region (nullable) gets the profile's or AWS_REGION's region or
 * NULL. Reads files, and asks STS for a role's keys: call from a worker or a command-line tool.
 * Besides FLUO_CREDENTIALS_ERROR, what STS refused comes as FLUO_XRAY_ERROR. */
FluoCredentials *fluo_credentials_resolve (const char *profile, char **ret_region,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

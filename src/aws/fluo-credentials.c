/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-credentials.h"

#include <string.h>

#include "aws/fluo-aws-config.h"
#include "aws/fluo-profile-provider.h"

struct _FluoCredentials
{
  gatomicrefcount ref_count;
  char           *access_key;
  char           *secret;
  char           *token;
  char           *source;
  gint64          expires_s; /* unix time; 0 = never */
  char           *account;   /* or NULL */
  char           *arn;       /* or NULL */
};

G_DEFINE_BOXED_TYPE (FluoCredentials, fluo_credentials, fluo_credentials_ref,
                     fluo_credentials_unref)
G_DEFINE_QUARK (fluo-credentials-error-quark, fluo_credentials_error)

static void
wipe (char *secret)
{
  if (!secret)
    return;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

FluoCredentials *
fluo_credentials_new (const char *access_key_id, const char *secret, const char *token,
                      const char *source)
{
  FluoCredentials *self;

  g_return_val_if_fail (access_key_id != NULL && secret != NULL, NULL);

  self = g_new0 (FluoCredentials, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->access_key = g_strdup (access_key_id);
  self->secret = g_strdup (secret);
  self->token = token && *token != '\0' ? g_strdup (token) : NULL;
  self->source = g_strdup (source ? source : "");
  return self;
}

FluoCredentials *
fluo_credentials_new_full (const char *access_key_id, const char *secret, const char *token,
                           const char *source, gint64 expires_s, const char *account,
                           const char *arn)
{
  FluoCredentials *self = fluo_credentials_new (access_key_id, secret, token, source);

  if (!self)
    return NULL;
  self->expires_s = expires_s;
  self->account = g_strdup (account);
  self->arn = g_strdup (arn);
  return self;
}

FluoCredentials *
fluo_credentials_ref (FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_credentials_unref (FluoCredentials *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->access_key);
  wipe (self->secret);
  wipe (self->token);
  g_free (self->source);
  g_free (self->account);
  g_free (self->arn);
  g_free (self);
}

const char *
fluo_credentials_get_access_key (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->access_key;
}

const char *
fluo_credentials_get_secret (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->secret;
}

const char *
fluo_credentials_get_token (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->token;
}

const char *
fluo_credentials_get_source (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->source;
}

gint64
fluo_credentials_get_expires (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->expires_s;
}

const char *
fluo_credentials_get_account (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->account;
}

const char *
fluo_credentials_get_arn (const FluoCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->arn;
}

gboolean
fluo_credentials_is_key_text (const char *text)
{
  if (!text || *text == '\0')
    return FALSE;
  for (const char *p = text; *p; p++)
    if (*p <= ' ' || *p > '~')
      return FALSE;
  return TRUE;
}

FluoCredentials *
fluo_credentials_resolve (const char *profile, char **ret_region, GError **error)
{
  g_autofree char *region = NULL;
  g_autoptr (FluoCredentialProvider) provider = fluo_profile_provider_new (profile, &region, error);
  FluoCredentials *found;

  if (!provider)
    return NULL;
  found = fluo_credential_provider_get_sync (provider, error);
  if (found && ret_region)
    *ret_region = g_steal_pointer (&region);
  return found;
}

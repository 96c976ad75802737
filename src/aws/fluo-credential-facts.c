/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-credential-facts.h"

#include <string.h>

#define ACCOUNT_DIGITS 12
#define ASSUMED "assumed-role/"

static void
step_free (gpointer data)
{
  FluoCredentialStep *step = data;

  g_free (step->name);
  g_free (step->detail);
  g_free (step);
}

FluoCredentialFacts *
fluo_credential_facts_new (void)
{
  FluoCredentialFacts *self = g_new0 (FluoCredentialFacts, 1);

  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->passed = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fluo_credential_facts_free (FluoCredentialFacts *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->passed);
  g_free (self->account);
  g_free (self->arn);
  g_free (self->access_key);
  g_free (self->problem);
  g_free (self);
}

void
fluo_credential_facts_add (FluoCredentialFacts *self, FluoCredentialStepKind kind, const char *name,
                           const char *detail)
{
  FluoCredentialStep *step = g_new0 (FluoCredentialStep, 1);

  step->kind = kind;
  step->name = g_strdup (name);
  step->detail = g_strdup (detail);
  g_ptr_array_add (self->steps, step);
}

/* "arn:aws:sts::111122223333:assumed-role/ROLE/SESSION"; our own sessions' names say nothing. */
static char *
dup_assumed (const char *arn)
{
  const char *kind = strstr (arn, ":" ASSUMED);
  const char *role = kind ? kind + strlen (":" ASSUMED) : NULL;
  const char *session = role ? strchr (role, '/') : NULL;

  if (!session || session == role)
    return NULL;
  if (session[1] == '\0' || g_str_has_prefix (session + 1, "fluoroscope-"))
    return g_strndup (role, (gsize) (session - role));
  return g_strdup_printf ("%.*s (%s)", (int) (session - role), role, session + 1);
}

void
fluo_credential_facts_complete (FluoCredentialFacts *self, const char *arn, const char *account)
{
  g_return_if_fail (self != NULL);

  if (!self->arn)
    self->arn = g_strdup (arn);
  if (!self->account)
    self->account = g_strdup (account);
}

char *
fluo_credential_facts_dup_who (const FluoCredentialFacts *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->arn)
    {
      char *assumed = dup_assumed (self->arn);

      return assumed ? assumed : g_strdup (fluo_aws_arn_get_name (self->arn));
    }
  for (guint i = self->steps->len; i > 0; i--)
    {
      const FluoCredentialStep *step = self->steps->pdata[i - 1];

      if (step->kind == FLUO_CREDENTIAL_STEP_SSO)
        return g_strdup (step->detail);
      if (step->kind == FLUO_CREDENTIAL_STEP_LOGIN)
        return step->name ? dup_assumed (step->name) : NULL;
    }
  return NULL;
}

char *
fluo_aws_arn_dup_account (const char *arn)
{
  g_auto (GStrv) parts = g_strsplit (arn ? arn : "", ":", 6);

  if (g_strv_length (parts) < 6 || strcmp (parts[0], "arn") != 0
      || strlen (parts[4]) != ACCOUNT_DIGITS
      || strspn (parts[4], "0123456789") != ACCOUNT_DIGITS)
    return NULL;
  return g_strdup (parts[4]);
}

const char *
fluo_aws_arn_get_name (const char *arn)
{
  const char *slash = strrchr (arn, '/');

  return slash && slash[1] != '\0' ? slash + 1 : arn;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-connection.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-credential-plan.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-sso.h"

#define BUDGET_MAX_MICROUSD (G_GINT64_CONSTANT (1000000) * 1000000)

G_DEFINE_BOXED_TYPE (FluoConnection, fluo_connection, fluo_connection_copy, fluo_connection_free)

static const char *const accents[FLUO_N_ACCENTS] = { "none",  "red",  "orange",
                                                     "green", "blue", "purple" };

FluoConnection *
fluo_connection_new (FluoConnectionKind kind)
{
  FluoConnection *self = g_new0 (FluoConnection, 1);

  self->id = g_uuid_string_random ();
  self->kind = kind;
  self->name = g_strdup ("");
  self->profile = g_strdup ("");
  self->access_key = g_strdup ("");
  self->sso_start_url = g_strdup ("");
  self->sso_region = g_strdup ("");
  self->sso_session = g_strdup ("");
  self->sso_account = g_strdup ("");
  self->sso_role = g_strdup ("");
  self->region = g_strdup ("");
  self->endpoint = g_strdup ("");
  self->role_arn = g_strdup ("");
  self->badge = g_strdup ("");
  self->use_metrics = self->use_logs = TRUE;
  self->vault_mb = FLUO_CONNECTION_VAULT_MB;
  return self;
}

FluoConnection *
fluo_connection_copy (const FluoConnection *self)
{
  FluoConnection *copy;

  g_return_val_if_fail (self != NULL, NULL);
  copy = g_new (FluoConnection, 1);
  *copy = *self;
  copy->id = g_strdup (self->id);
  copy->name = g_strdup (self->name);
  copy->profile = g_strdup (self->profile);
  copy->access_key = g_strdup (self->access_key);
  copy->sso_start_url = g_strdup (self->sso_start_url);
  copy->sso_region = g_strdup (self->sso_region);
  copy->sso_session = g_strdup (self->sso_session);
  copy->sso_account = g_strdup (self->sso_account);
  copy->sso_role = g_strdup (self->sso_role);
  copy->region = g_strdup (self->region);
  copy->endpoint = g_strdup (self->endpoint);
  copy->role_arn = g_strdup (self->role_arn);
  copy->badge = g_strdup (self->badge);
  return copy;
}

void
fluo_connection_free (FluoConnection *self)
{
  g_return_if_fail (self != NULL);
  g_free (self->id);
  g_free (self->name);
  g_free (self->profile);
  g_free (self->access_key);
  g_free (self->sso_start_url);
  g_free (self->sso_region);
  g_free (self->sso_session);
  g_free (self->sso_account);
  g_free (self->sso_role);
  g_free (self->region);
  g_free (self->endpoint);
  g_free (self->role_arn);
  g_free (self->badge);
  g_free (self);
}

void
fluo_connection_set (char **field, const char *value)
{
  char *text = g_strdup (value ? value : "");

  g_free (*field);
  *field = text;
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, what);
  return FALSE;
}

static gboolean
check_sso (const FluoConnection *self, GError **error)
{
  if (!fluo_sso_check (self->sso_start_url, self->sso_region, error))
    return FALSE;
  if (!fluo_aws_account_is_valid (self->sso_account))
    return refuse (error, _("no account is chosen; expected twelve digits"));
  if (*self->sso_role == '\0' || g_utf8_strlen (self->sso_role, -1) > FLUO_CONNECTION_ROLE_MAX)
    return refuse (error, _("no role is chosen"));
  if (*self->region == '\0')
    return refuse (error, _("single sign-on needs a region to read from"));
  return TRUE;
}

gboolean
fluo_connection_check (const FluoConnection *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  if (*self->name == '\0' || g_utf8_strlen (self->name, -1) > FLUO_CONNECTION_NAME_MAX)
    return refuse (error, _("a connection needs a name of at most 60 characters"));
  if (self->kind == FLUO_CONNECTION_PROFILE && *self->profile == '\0')
    return refuse (error, _("no profile is chosen"));
  if (self->kind == FLUO_CONNECTION_KEYS && *self->access_key == '\0')
    return refuse (error, _("no access key is given"));
  if (*self->region && !fluo_endpoint_region_is_valid (self->region))
    return refuse (error, _("the region is malformed; expected a name such as \"eu-west-1\""));
  if (self->kind == FLUO_CONNECTION_KEYS && *self->region == '\0')
    return refuse (error, _("a key pair needs a region"));
  if (self->kind == FLUO_CONNECTION_SSO && !check_sso (self, error))
    return FALSE;
  if (*self->endpoint)
    {
      g_autofree char *url = fluo_endpoint_normalize (self->endpoint, error);

      if (!url)
        return FALSE;
      if (self->fips || self->dual_stack)
        return refuse (error, _("an endpoint of your own can't be combined with FIPS or dual "
                                "stack"));
    }
  if (*self->role_arn && !fluo_aws_role_arn_check (self->role_arn, error))
    return FALSE;
  if (self->budget_microusd < 0 || self->budget_microusd > BUDGET_MAX_MICROUSD)
    return refuse (error, _("the budget is out of range"));
  if (self->vault_mb < 0 || self->vault_mb > FLUO_CONNECTION_VAULT_MB_MAX)
    return refuse (error, _("the size of the vault is out of range"));
  return TRUE;
}

gboolean
fluo_connection_same_target (const FluoConnection *a, const FluoConnection *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);
  return a->kind == b->kind && strcmp (a->profile, b->profile) == 0
         && strcmp (a->access_key, b->access_key) == 0
         && strcmp (a->sso_start_url, b->sso_start_url) == 0
         && strcmp (a->sso_region, b->sso_region) == 0
         && strcmp (a->sso_account, b->sso_account) == 0
         && strcmp (a->sso_role, b->sso_role) == 0 && strcmp (a->region, b->region) == 0
         && strcmp (a->endpoint, b->endpoint) == 0 && strcmp (a->role_arn, b->role_arn) == 0
         && a->fips == b->fips && a->dual_stack == b->dual_stack;
}

const char *
fluo_accent_get_name (FluoAccent accent)
{
  return accent < FLUO_N_ACCENTS ? accents[accent] : accents[FLUO_ACCENT_NONE];
}

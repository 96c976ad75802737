/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-role-provider.h"

#include "aws/fluo-endpoint.h"

struct _FluoRoleProvider
{
  FluoCredentialProvider  parent_instance;
  FluoCredentialProvider *base; /* or NULL */
  FluoCredentials        *keys; /* or NULL */
  char                   *profile;
  char                   *region;
  FluoAwsRole            *role;
  SoupSession            *session; /* made when it is first needed, where it is used */
  FluoStsSeams            seams;
};

G_DEFINE_FINAL_TYPE (FluoRoleProvider, fluo_role_provider, FLUO_TYPE_CREDENTIAL_PROVIDER)

/* One fetch: the keys to ask with, then where STS is, then the role. */
typedef struct
{
  FluoCredentials *source;
  char            *profile, *asked_region; /* for the worker */
  char            *endpoint, *region;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_clear_pointer (&fetch->source, fluo_credentials_unref);
  g_free (fetch->profile);
  g_free (fetch->asked_region);
  g_free (fetch->endpoint);
  g_free (fetch->region);
  g_free (fetch);
}

static void
assumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoCredentials *found = fluo_sts_assume_role_finish (result, &error);

  if (found)
    g_task_return_pointer (task, found, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoRoleProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;
  FluoSts sts;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (!self->session)
    {
      self->session = soup_session_new_with_options ("user-agent", "Fluoroscope/" FLUO_VERSION,
                                                     "timeout", 0, "idle-timeout", 5, NULL);
      soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
      if (fluo_endpoint_is_loopback (fetch->endpoint))
        soup_session_set_proxy_resolver (self->session, NULL);
    }
  sts = (FluoSts) { self->session, fetch->endpoint, fetch->region, self->seams };
  fluo_sts_assume_role_async (&sts, self->role, fetch->source, g_task_get_cancellable (task),
                              assumed_cb, g_object_ref (task));
}

/* [worker] It has the fetch to itself until it is done. */
static void
resolve_thread (GTask *worker, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Fetch *fetch = task_data;
  GError *error = NULL;

  fetch->endpoint = fluo_endpoint_resolve_sts (fetch->profile, fetch->asked_region, &fetch->region,
                                               &error);
  if (error)
    g_task_return_error (worker, error);
  else
    g_task_return_boolean (worker, TRUE);
}

/* Takes the reference on @task. */
static void
resolve (GTask *task, FluoCredentials *source)
{
  FluoRoleProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_new0 (Fetch, 1);
  g_autoptr (GTask) worker = NULL;

  fetch->source = source;
  fetch->profile = g_strdup (self->profile);
  fetch->asked_region = g_strdup (self->region);
  g_task_set_task_data (task, fetch, fetch_free);
  worker = g_task_new (NULL, NULL, resolved_cb, task);
  g_task_set_source_tag (worker, resolve);
  g_task_set_task_data (worker, fetch, NULL);
  g_task_run_in_thread (worker, resolve_thread);
}

static void
got_base_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoCredentials *keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  if (keys)
    resolve (g_steal_pointer (&task), keys);
  else
    g_task_return_error (task, error);
}

static void
signed_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoCredentials *keys =
    fluo_credential_provider_sign_in_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  if (keys)
    resolve (g_steal_pointer (&task), keys);
  else
    g_task_return_error (task, error);
}

static void
fluo_role_provider_fetch_async (FluoCredentialProvider *provider, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  FluoRoleProvider *self = FLUO_ROLE_PROVIDER (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  gpointer data = NULL;
  FluoSignInFunc ask = fluo_credential_provider_get_ask (provider, &data);

  g_task_set_source_tag (task, fluo_role_provider_fetch_async);
  if (!self->base)
    resolve (task, fluo_credentials_ref (self->keys));
  else if (ask)
    fluo_credential_provider_sign_in_async (self->base, ask, data, cancellable, signed_in_cb, task);
  else
    fluo_credential_provider_get_async (self->base, cancellable, got_base_cb, task);
}

static FluoCredentials *
fluo_role_provider_fetch_finish (FluoCredentialProvider *provider, GAsyncResult *result,
                                 GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fluo_role_provider_add_facts (FluoCredentialProvider *provider, FluoCredentialFacts *facts)
{
  FluoRoleProvider *self = FLUO_ROLE_PROVIDER (provider);

  if (self->base)
    {
      FluoCredentialProviderClass *base_class = FLUO_CREDENTIAL_PROVIDER_GET_CLASS (self->base);

      if (base_class->add_facts)
        base_class->add_facts (self->base, facts);
    }
  else
    fluo_credential_facts_add (facts, FLUO_CREDENTIAL_STEP_STORED, NULL, NULL);
  fluo_credential_facts_add (facts, FLUO_CREDENTIAL_STEP_ROLE,
                             fluo_aws_arn_get_name (self->role->arn), self->role->arn);
}

static void
fluo_role_provider_finalize (GObject *object)
{
  FluoRoleProvider *self = FLUO_ROLE_PROVIDER (object);

  g_clear_object (&self->base);
  g_clear_pointer (&self->keys, fluo_credentials_unref);
  g_clear_object (&self->session);
  g_free (self->profile);
  g_free (self->region);
  fluo_aws_role_free (self->role);
  G_OBJECT_CLASS (fluo_role_provider_parent_class)->finalize (object);
}

static void
fluo_role_provider_class_init (FluoRoleProviderClass *klass)
{
  FluoCredentialProviderClass *provider_class = FLUO_CREDENTIAL_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fluo_role_provider_finalize;
  provider_class->fetch_async = fluo_role_provider_fetch_async;
  provider_class->fetch_finish = fluo_role_provider_fetch_finish;
  provider_class->add_facts = fluo_role_provider_add_facts;
}

static void
fluo_role_provider_init (FluoRoleProvider *self)
{
}

FluoCredentialProvider *
fluo_role_provider_new (FluoCredentialProvider *base, FluoCredentials *keys, const char *profile,
                        const char *role_arn, const char *region)
{
  FluoRoleProvider *self = g_object_new (FLUO_TYPE_ROLE_PROVIDER, NULL);

  g_return_val_if_fail (base || keys, NULL);
  if (base)
    self->base = g_object_ref (base);
  else
    self->keys = fluo_credentials_ref (keys);
  self->profile = g_strdup (profile && *profile ? profile : NULL);
  self->region = g_strdup (region);
  self->role = g_new0 (FluoAwsRole, 1);
  self->role->arn = g_strdup (role_arn);
  return FLUO_CREDENTIAL_PROVIDER (self);
}

void
fluo_role_provider_set_seams (FluoRoleProvider *self, const FluoStsSeams *seams)
{
  g_return_if_fail (FLUO_IS_ROLE_PROVIDER (self));

  self->seams = *seams;
}

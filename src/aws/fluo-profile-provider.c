/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-profile-provider.h"

#include "aws/fluo-endpoint.h"

struct _FluoProfileProvider
{
  FluoCredentialProvider parent_instance;
  char                  *profile;  /* or NULL */
  char                  *role_arn; /* assumed in the end, or NULL */
  char                  *region;   /* of STS where nothing else says, or NULL */
  char                  *proxy;
  FluoCredentialPlan    *plan;     /* read already, for the next fetch; or NULL */
  SoupSession           *session;  /* made when it is first needed, where it is used */
  FluoStsSeams           seams;
};

G_DEFINE_FINAL_TYPE (FluoProfileProvider, fluo_profile_provider, FLUO_TYPE_CREDENTIAL_PROVIDER)

/* --- A fetch: the plan, then one role after the other -------------------- */

typedef struct
{
  FluoCredentialPlan *plan;
  guint               next; /* role */
  FluoCredentials    *keys; /* of what came before */
} Fetch;

static void assume_next (GTask *task);

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_clear_pointer (&fetch->plan, fluo_credential_plan_free);
  g_clear_pointer (&fetch->keys, fluo_credentials_unref);
  g_free (fetch);
}

static SoupSession *
get_session (FluoProfileProvider *self, const char *endpoint)
{
  if (self->session)
    return self->session;
  self->session = soup_session_new_with_options ("user-agent", "Fluoroscope/" FLUO_VERSION,
                                                 "timeout", 0, "idle-timeout", 5, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  if (fluo_endpoint_is_loopback (endpoint))
    soup_session_set_proxy_resolver (self->session, NULL);
  else if (self->proxy)
    {
      g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (self->proxy, NULL);

      soup_session_set_proxy_resolver (self->session, resolver);
    }
  return self->session;
}

static void
assumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;
  FluoCredentials *keys = fluo_sts_assume_role_finish (result, &error);

  if (!keys)
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&fetch->keys, fluo_credentials_unref);
  fetch->keys = keys;
  assume_next (g_steal_pointer (&task));
}

/* Takes the reference on @task. */
static void
assume_next (GTask *task)
{
  FluoProfileProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  FluoSts sts;

  if (fetch->next == fetch->plan->roles->len)
    {
      g_task_return_pointer (task, g_steal_pointer (&fetch->keys),
                             (GDestroyNotify) fluo_credentials_unref);
      g_object_unref (task);
      return;
    }
  sts = (FluoSts) { get_session (self, fetch->plan->sts), fetch->plan->sts,
                    fetch->plan->sts_region, self->seams };
  fluo_sts_assume_role_async (&sts, fetch->plan->roles->pdata[fetch->next++], fetch->keys,
                              g_task_get_cancellable (task), assumed_cb, task);
}

/* Takes the reference on @task. */
static void
begin (GTask *task, FluoCredentialPlan *plan)
{
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->plan = plan;
  fetch->keys = fluo_credentials_ref (plan->source);
  g_task_set_task_data (task, fetch, fetch_free);
  assume_next (task);
}

typedef struct
{
  char *profile;
  char *role_arn;
  char *region;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->profile);
  g_free (question->role_arn);
  g_free (question->region);
  g_free (question);
}

/* [worker] */
static void
plan_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Question *question = task_data;
  GError *error = NULL;
  FluoCredentialPlan *plan =
    fluo_credential_plan_new (question->profile, question->role_arn, question->region, &error);

  if (plan)
    g_task_return_pointer (task, plan, (GDestroyNotify) fluo_credential_plan_free);
  else
    g_task_return_error (task, error);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  FluoCredentialPlan *plan = g_task_propagate_pointer (G_TASK (result), &error);

  if (plan)
    begin (g_steal_pointer (&task), plan);
  else
    g_task_return_error (task, error);
}

static void
fluo_profile_provider_fetch_async (FluoCredentialProvider *provider, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  FluoProfileProvider *self = FLUO_PROFILE_PROVIDER (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) worker = NULL;
  Question *question;

  g_task_set_source_tag (task, fluo_profile_provider_fetch_async);
  if (self->plan)
    {
      begin (task, g_steal_pointer (&self->plan));
      return;
    }
  question = g_new0 (Question, 1);
  question->profile = g_strdup (self->profile);
  question->role_arn = g_strdup (self->role_arn);
  question->region = g_strdup (self->region);
  /* Without a source object, so that the provider is never finalized in a worker. */
  worker = g_task_new (NULL, cancellable, planned_cb, task);
  g_task_set_source_tag (worker, fluo_profile_provider_fetch_async);
  g_task_set_task_data (worker, question, question_free);
  g_task_set_return_on_cancel (worker, TRUE);
  g_task_run_in_thread (worker, plan_thread);
}

static FluoCredentials *
fluo_profile_provider_fetch_finish (FluoCredentialProvider *provider, GAsyncResult *result,
                                    GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Class -------------------------------------------------------------- */

static void
fluo_profile_provider_finalize (GObject *object)
{
  FluoProfileProvider *self = FLUO_PROFILE_PROVIDER (object);

  g_free (self->profile);
  g_free (self->role_arn);
  g_free (self->region);
  g_free (self->proxy);
  g_clear_pointer (&self->plan, fluo_credential_plan_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fluo_profile_provider_parent_class)->finalize (object);
}

static void
fluo_profile_provider_class_init (FluoProfileProviderClass *klass)
{
  FluoCredentialProviderClass *provider_class = FLUO_CREDENTIAL_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fluo_profile_provider_finalize;
  provider_class->fetch_async = fluo_profile_provider_fetch_async;
  provider_class->fetch_finish = fluo_profile_provider_fetch_finish;
}

static void
fluo_profile_provider_init (FluoProfileProvider *self)
{
}

FluoCredentialProvider *
fluo_profile_provider_new (const char *profile, char **ret_region, GError **error)
{
  g_autoptr (FluoCredentialPlan) plan = fluo_credential_plan_new (profile, NULL, NULL, error);
  FluoProfileProvider *self;

  if (!plan)
    return NULL;
  if (ret_region)
    *ret_region = g_strdup (plan->region);
  self = g_object_new (FLUO_TYPE_PROFILE_PROVIDER, NULL);
  self->profile = g_strdup (profile);
  self->plan = g_steal_pointer (&plan);
  return FLUO_CREDENTIAL_PROVIDER (self);
}

FluoCredentialProvider *
fluo_profile_provider_new_for_role (const char *role_arn, const char *region, const char *proxy)
{
  FluoProfileProvider *self = g_object_new (FLUO_TYPE_PROFILE_PROVIDER, NULL);

  self->role_arn = g_strdup (role_arn);
  self->region = g_strdup (region);
  self->proxy = g_strdup (proxy);
  return FLUO_CREDENTIAL_PROVIDER (self);
}

void
fluo_profile_provider_set_seams (FluoProfileProvider *self, const FluoStsSeams *seams)
{
  g_return_if_fail (FLUO_IS_PROFILE_PROVIDER (self));

  self->seams = *seams;
}

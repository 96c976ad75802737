/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-profile-provider.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-sts.h"

/* Keys of a role that took a code are kept until this is left of them: a code can't be renewed
 * beside their use. */
#define KEPT_LEFT_S 60
/* What the AWS CLI has kept counts for as long as it does there. */
#define CACHED_LEFT_S (15 * 60)

/* Keys that took a code. */
typedef struct
{
  FluoAwsRole     *role;
  FluoCredentials *keys;
} Kept;

struct _FluoProfileProvider
{
  FluoCredentialProvider  parent_instance;
  FluoCredentialQuestion *question;
  char                   *proxy;
  FluoCredentialPlan     *plan;    /* read already, for the next fetch; or NULL */
  FluoCredentialFacts    *known;   /* of the last plan, or NULL */
  GPtrArray              *kept;    /* Kept */
  SoupSession            *session; /* made when it is first needed, where it is used */
  FluoAwsSeams            seams;
  guint                   process_ms, second_ms;
};

G_DEFINE_FINAL_TYPE (FluoProfileProvider, fluo_profile_provider, FLUO_TYPE_CREDENTIAL_PROVIDER)

/* --- A fetch: the plan, its first keys, then one role after the other -------- */

typedef struct
{
  FluoCredentialPlan *plan;
  guint               next;     /* role */
  FluoCredentials    *keys;     /* of what came before */
  FluoSignIn         *question; /* while the user is asked for a code */
  GTask              *waiting;  /* owned while nothing is under way but the user */
  GSource            *cancel;
} Fetch;

static void assume_next (GTask *task);
static void ask_for_code (GTask *task, const FluoAwsRole *role, gboolean again);

static void
stop_asking (Fetch *fetch)
{
  if (fetch->question)
    fluo_sign_in_close (fetch->question);
  g_clear_object (&fetch->question);
  if (fetch->cancel)
    g_source_destroy (fetch->cancel);
  g_clear_pointer (&fetch->cancel, g_source_unref);
}

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  stop_asking (fetch);
  g_clear_pointer (&fetch->plan, fluo_credential_plan_free);
  g_clear_pointer (&fetch->keys, fluo_credentials_unref);
  g_free (fetch);
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  fluo_aws_role_free (kept->role);
  fluo_credentials_unref (kept->keys);
  g_free (kept);
}

static SoupSession *
get_session (FluoProfileProvider *self)
{
  if (!self->session)
    self->session = fluo_aws_session_new (self->proxy);
  return self->session;
}

static FluoKeyContext
get_context (FluoProfileProvider *self, const Fetch *fetch)
{
  FluoKeyContext context = { .session = get_session (self), .seams = self->seams,
                             .profile = fetch->plan->source->profile,
                             .second_ms = self->second_ms };

  context.ask =
    fluo_credential_provider_get_ask (FLUO_CREDENTIAL_PROVIDER (self), &context.ask_data);
  context.anew = fluo_credential_provider_is_asked_anew (FLUO_CREDENTIAL_PROVIDER (self));
  return context;
}

/* --- Roles that take a code --------------------------------------------------- */

/* Good keys of the role, from an earlier code given here or to the AWS CLI; or NULL. */
static FluoCredentials *
find_kept (FluoProfileProvider *self, const FluoAwsRole *role)
{
  gint64 now_s = fluo_aws_seams_now (&self->seams);

  if (fluo_credential_provider_is_asked_anew (FLUO_CREDENTIAL_PROVIDER (self)))
    return NULL;
  for (guint i = 0; i < self->kept->len; i++)
    {
      const Kept *kept = self->kept->pdata[i];

      if (fluo_aws_role_equal (kept->role, role)
          && fluo_credentials_get_expires (kept->keys) - now_s >= KEPT_LEFT_S)
        return kept->keys;
    }
  if (role->cached && fluo_credentials_get_expires (role->cached) - now_s >= CACHED_LEFT_S)
    return role->cached;
  return NULL;
}

static void
keep (FluoProfileProvider *self, const FluoAwsRole *role, FluoCredentials *keys)
{
  Kept *kept;

  for (guint i = self->kept->len; i > 0; i--)
    if (fluo_aws_role_equal (((Kept *) self->kept->pdata[i - 1])->role, role))
      g_ptr_array_remove_index (self->kept, i - 1);
  kept = g_new0 (Kept, 1);
  kept->role = fluo_aws_role_new (role->arn);
  kept->role->session_name = g_strdup (role->session_name);
  kept->role->external_id = g_strdup (role->external_id);
  kept->role->mfa_serial = g_strdup (role->mfa_serial);
  kept->role->duration_s = role->duration_s;
  kept->keys = fluo_credentials_ref (keys);
  g_ptr_array_add (self->kept, kept);
}

/* --- Assuming ------------------------------------------------------------------ */

static void
assumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoProfileProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  const FluoAwsRole *role = fetch->plan->roles->pdata[fetch->next - 1];
  GError *error = NULL;
  FluoCredentials *keys = fluo_sts_assume_role_finish (result, &error);

  stop_asking (fetch);
  /* One digit that was mistyped, or a code that was used already: the next one may be right. */
  if (g_error_matches (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_CODE)
      && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      g_error_free (error);
      fetch->next--;
      ask_for_code (g_steal_pointer (&task), role, TRUE);
      return;
    }
  if (!keys)
    {
      g_task_return_error (task, error);
      return;
    }
  if (role->mfa_serial)
    keep (self, role, keys);
  g_clear_pointer (&fetch->keys, fluo_credentials_unref);
  fetch->keys = keys;
  assume_next (g_steal_pointer (&task));
}

/* Takes the reference on @task. */
static void
assume (GTask *task, const char *code)
{
  FluoProfileProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  FluoSts sts = { get_session (self), fetch->plan->sts, fetch->plan->sts_region, self->seams };

  fluo_sts_assume_role_async (&sts, fetch->plan->roles->pdata[fetch->next++], code, fetch->keys,
                              g_task_get_cancellable (task), assumed_cb, task);
}

static void
end_waiting (Fetch *fetch)
{
  g_autoptr (GTask) task = g_steal_pointer (&fetch->waiting);

  if (!task)
    return;
  stop_asking (fetch);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("signing in was cancelled"));
}

static void
replied_cb (FluoSignInReply reply, const char *code, gpointer user_data)
{
  Fetch *fetch = user_data;

  if (reply != FLUO_SIGN_IN_ANSWERED)
    end_waiting (fetch);
  else if (fetch->waiting)
    assume (g_steal_pointer (&fetch->waiting), code);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  end_waiting (user_data);
  return G_SOURCE_REMOVE;
}

/* Takes the reference on @task. @again: a code was refused. */
static void
ask_for_code (GTask *task, const FluoAwsRole *role, gboolean again)
{
  FluoProfileProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_task_get_task_data (task);
  FluoKeyContext context = get_context (self, fetch);

  if (!context.ask)
    {
      g_task_return_new_error (task, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                               _("the role %s needs a code of the device %s; sign in"), role->arn,
                               role->mfa_serial);
      g_object_unref (task);
      return;
    }
  fetch->waiting = task;
  fetch->cancel = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (fetch->cancel, G_SOURCE_FUNC (cancelled_cb), fetch, NULL);
  g_source_attach (fetch->cancel, g_task_get_context (task));
  fetch->question = fluo_sign_in_new (FLUO_SIGN_IN_CODE, role->profile, role->mfa_serial, NULL,
                                      NULL, 0, replied_cb, fetch);
  fluo_sign_in_set_again (fetch->question, again);
  context.ask (fetch->question, context.ask_data);
}

/* Takes the reference on @task. */
static void
assume_next (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);
  const FluoAwsRole *role;

  if (fetch->next == fetch->plan->roles->len)
    {
      g_task_return_pointer (task, g_steal_pointer (&fetch->keys),
                             (GDestroyNotify) fluo_credentials_unref);
      g_object_unref (task);
      return;
    }
  role = fetch->plan->roles->pdata[fetch->next];
  if (role->mfa_serial)
    ask_for_code (task, role, FALSE);
  else
    assume (task, NULL);
}

static void
got_first_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;

  fetch->keys = fluo_key_source_get_finish (result, &error);
  if (fetch->keys)
    assume_next (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/* Takes the reference on @task. */
static void
begin (GTask *task, FluoCredentialPlan *plan)
{
  FluoProfileProvider *self = g_task_get_source_object (task);
  Fetch *fetch = g_new0 (Fetch, 1);
  FluoKeyContext context;

  fetch->plan = plan;
  g_task_set_task_data (task, fetch, fetch_free);
  g_clear_pointer (&self->known, fluo_credential_facts_free);
  self->known = fluo_credential_facts_new ();
  fluo_credential_plan_add_facts (plan, self->known);
  /* What is before the last role whose keys are at hand need not be gone through again. */
  for (guint i = plan->roles->len; i > 0 && !fetch->keys; i--)
    {
      const FluoAwsRole *role = plan->roles->pdata[i - 1];
      FluoCredentials *kept = role->mfa_serial ? find_kept (self, role) : NULL;

      if (kept)
        {
          fetch->keys = fluo_credentials_ref (kept);
          fetch->next = i;
        }
    }
  if (fetch->keys)
    {
      assume_next (task);
      return;
    }
  context = get_context (self, fetch);
  fluo_key_source_get_async (plan->source, &context, self->process_ms,
                             g_task_get_cancellable (task), got_first_keys_cb, task);
}

/* --- Reading the plan ------------------------------------------------------------ */

/* [worker] */
static void
plan_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  FluoCredentialPlan *plan = fluo_credential_plan_new (task_data, &error);

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

  g_task_set_source_tag (task, fluo_profile_provider_fetch_async);
  if (self->plan)
    {
      begin (task, g_steal_pointer (&self->plan));
      return;
    }
  /* Without a source object, so that the provider is never finalized in a worker. */
  worker = g_task_new (NULL, cancellable, planned_cb, task);
  g_task_set_source_tag (worker, fluo_profile_provider_fetch_async);
  g_task_set_task_data (worker, fluo_credential_question_copy (self->question),
                        (GDestroyNotify) fluo_credential_question_free);
  g_task_set_return_on_cancel (worker, TRUE);
  g_task_run_in_thread (worker, plan_thread);
}

static FluoCredentials *
fluo_profile_provider_fetch_finish (FluoCredentialProvider *provider, GAsyncResult *result,
                                    GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fluo_profile_provider_add_facts (FluoCredentialProvider *provider, FluoCredentialFacts *facts)
{
  FluoProfileProvider *self = FLUO_PROFILE_PROVIDER (provider);

  if (self->plan)
    fluo_credential_plan_add_facts (self->plan, facts);
  if (self->plan || !self->known)
    return;
  for (guint i = 0; i < self->known->steps->len; i++)
    {
      const FluoCredentialStep *step = self->known->steps->pdata[i];

      fluo_credential_facts_add (facts, step->kind, step->name, step->detail);
    }
  for (guint i = 0; i < self->known->passed->len; i++)
    g_ptr_array_add (facts->passed, g_strdup (self->known->passed->pdata[i]));
  if (!facts->account)
    facts->account = g_strdup (self->known->account);
  if (!facts->arn)
    facts->arn = g_strdup (self->known->arn);
}

/* --- Class ------------------------------------------------------------------------ */

static void
fluo_profile_provider_finalize (GObject *object)
{
  FluoProfileProvider *self = FLUO_PROFILE_PROVIDER (object);

  fluo_credential_question_free (self->question);
  g_free (self->proxy);
  g_clear_pointer (&self->plan, fluo_credential_plan_free);
  g_clear_pointer (&self->known, fluo_credential_facts_free);
  g_ptr_array_unref (self->kept);
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
  provider_class->add_facts = fluo_profile_provider_add_facts;
}

static void
fluo_profile_provider_init (FluoProfileProvider *self)
{
  self->kept = g_ptr_array_new_with_free_func (kept_free);
}

FluoCredentialProvider *
fluo_profile_provider_new_later (const FluoCredentialQuestion *question, const char *proxy)
{
  FluoProfileProvider *self = g_object_new (FLUO_TYPE_PROFILE_PROVIDER, NULL);

  self->question = fluo_credential_question_copy (question);
  self->proxy = g_strdup (proxy);
  return FLUO_CREDENTIAL_PROVIDER (self);
}

FluoCredentialProvider *
fluo_profile_provider_new_full (const FluoCredentialQuestion *question, const char *proxy,
                                char **ret_region, GError **error)
{
  g_autoptr (FluoCredentialPlan) plan = fluo_credential_plan_new (question, error);
  FluoCredentialProvider *self;

  if (!plan)
    return NULL;
  if (ret_region)
    *ret_region = g_strdup (plan->region);
  self = fluo_profile_provider_new_later (question, proxy);
  FLUO_PROFILE_PROVIDER (self)->plan = g_steal_pointer (&plan);
  return self;
}

FluoCredentialProvider *
fluo_profile_provider_new (const char *profile, char **ret_region, GError **error)
{
  const FluoCredentialQuestion question = { .profile = profile };

  return fluo_profile_provider_new_full (&question, NULL, ret_region, error);
}

void
fluo_profile_provider_set_seams (FluoProfileProvider *self, const FluoAwsSeams *seams,
                                 guint process_ms, guint second_ms)
{
  g_return_if_fail (FLUO_IS_PROFILE_PROVIDER (self));

  self->seams = *seams;
  self->process_ms = process_ms;
  self->second_ms = second_ms;
}

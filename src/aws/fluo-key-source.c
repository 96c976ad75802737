/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-key-source.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-login-keys.h"
#include "aws/fluo-process-keys.h"
#include "aws/fluo-sts.h"

FluoKeySource *
fluo_key_source_new (FluoCredentialStepKind kind, const char *profile)
{
  FluoKeySource *self = g_new0 (FluoKeySource, 1);

  self->kind = kind;
  self->profile = g_strdup (profile);
  return self;
}

void
fluo_key_source_free (FluoKeySource *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->profile);
  g_clear_pointer (&self->keys, fluo_credentials_unref);
  g_clear_pointer (&self->sso, fluo_sso_session_free);
  g_free (self->sso_account);
  g_free (self->sso_role);
  g_clear_pointer (&self->role, fluo_aws_role_free);
  g_free (self->token_file);
  g_free (self->login_session);
  g_free (self->command);
  g_free (self->account);
  g_free (self->url);
  fluo_key_text_clear (&self->token);
  g_free (self->machine.endpoint);
  g_free (self->endpoint);
  g_free (self->endpoint_region);
  g_free (self);
}

/* The program alone: what follows it may be secret. */
static char *
dup_program (const char *command)
{
  g_auto (GStrv) argv = fluo_process_keys_split (command, NULL);

  return argv ? g_path_get_basename (argv[0]) : NULL;
}

static char *
dup_host (const char *url)
{
  g_autoptr (GUri) uri = url ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;

  return uri ? g_strdup (g_uri_get_host (uri)) : NULL;
}

void
fluo_key_source_add_facts (const FluoKeySource *self, FluoCredentialFacts *facts)
{
  g_autofree char *name = NULL, *detail = NULL;

  switch (self->kind)
    {
    case FLUO_CREDENTIAL_STEP_KEYS:
      name = g_strdup (self->file);
      break;
    case FLUO_CREDENTIAL_STEP_SSO:
      name = g_strdup (fluo_sso_session_get_title (self->sso));
      detail = g_strdup (self->sso_role);
      break;
    case FLUO_CREDENTIAL_STEP_WEB_IDENTITY:
      name = g_strdup (self->token_file);
      detail = g_strdup (fluo_aws_arn_get_name (self->role->arn));
      break;
    case FLUO_CREDENTIAL_STEP_LOGIN:
      name = g_strdup (self->login_session);
      break;
    case FLUO_CREDENTIAL_STEP_PROCESS:
      name = dup_program (self->command);
      break;
    case FLUO_CREDENTIAL_STEP_CONTAINER:
      name = dup_host (self->url);
      break;
    case FLUO_CREDENTIAL_STEP_MACHINE:
      name = dup_host (self->machine.endpoint);
      break;
    case FLUO_CREDENTIAL_STEP_PROFILE:
    case FLUO_CREDENTIAL_STEP_ENVIRONMENT:
    case FLUO_CREDENTIAL_STEP_STORED:
    case FLUO_CREDENTIAL_STEP_ROLE:
    default:
      break;
    }
  fluo_credential_facts_add (facts, self->kind, name, detail);
  if (!facts->account)
    facts->account = g_strdup (self->sso_account ? self->sso_account : self->account);
}

/* --- Getting --------------------------------------------------------------- */

typedef FluoCredentials *(*FinishFunc) (GAsyncResult *result, GError **error);

static void
got_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FinishFunc finish = (FinishFunc) g_object_get_data (G_OBJECT (task), "finish");
  GError *error = NULL;
  FluoCredentials *keys = finish (result, &error);

  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

/* Which of the _finish functions belongs to what was begun. */
static void
set_finish (GTask *task, FinishFunc finish)
{
  g_object_set_data (G_OBJECT (task), "finish", (gpointer) finish);
}

static void
get_web_identity (const FluoKeySource *self, const FluoKeyContext *context, GTask *task)
{
  FluoSts sts = { context->session, self->endpoint, self->endpoint_region, context->seams };
  GError *error = NULL;
  char *token = fluo_token_file_read (self->token_file, &error);

  if (!token)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  set_finish (task, fluo_sts_assume_role_finish);
  fluo_sts_assume_role_with_web_identity_async (&sts, self->role, token,
                                                g_task_get_cancellable (task), got_cb, task);
  fluo_key_text_clear (&token);
}

static void
get_from_process (const FluoKeySource *self, const FluoKeyContext *context, guint process_ms,
                  GTask *task)
{
  g_autofree char *program = dup_program (self->command);
  g_autofree char *source = g_strdup_printf (_("the program \"%s\" of profile \"%s\""),
                                             program ? program : "", self->profile);
  const FluoKeyOrigin origin = { source, self->account, NULL };

  set_finish (task, fluo_process_keys_finish);
  fluo_process_keys_async (self->command, &origin, &context->seams, process_ms,
                           g_task_get_cancellable (task), got_cb, task);
}

void
fluo_key_source_get_async (const FluoKeySource *self, const FluoKeyContext *context,
                           guint process_ms, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, fluo_key_source_get_async);
  switch (self->kind)
    {
    case FLUO_CREDENTIAL_STEP_SSO:
      set_finish (task, fluo_sso_get_keys_finish);
      fluo_sso_get_keys_async (self->sso, self->sso_account, self->sso_role, context, cancellable,
                               got_cb, task);
      break;
    case FLUO_CREDENTIAL_STEP_WEB_IDENTITY:
      get_web_identity (self, context, task);
      break;
    case FLUO_CREDENTIAL_STEP_LOGIN:
      set_finish (task, fluo_login_keys_finish);
      fluo_login_keys_async (self->login_session, self->endpoint, context, cancellable, got_cb,
                             task);
      break;
    case FLUO_CREDENTIAL_STEP_PROCESS:
      get_from_process (self, context, process_ms, task);
      break;
    case FLUO_CREDENTIAL_STEP_CONTAINER:
      set_finish (task, fluo_container_keys_finish);
      fluo_container_keys_async (self->url, self->token, self->token_file, context->session,
                                 &context->seams, cancellable, got_cb, task);
      break;
    case FLUO_CREDENTIAL_STEP_MACHINE:
      set_finish (task, fluo_machine_keys_finish);
      fluo_machine_keys_async (&self->machine, context->session, &context->seams, cancellable,
                               got_cb, task);
      break;
    case FLUO_CREDENTIAL_STEP_PROFILE:
    case FLUO_CREDENTIAL_STEP_ENVIRONMENT:
    case FLUO_CREDENTIAL_STEP_KEYS:
    case FLUO_CREDENTIAL_STEP_STORED:
    case FLUO_CREDENTIAL_STEP_ROLE:
    default:
      g_task_return_pointer (task, fluo_credentials_ref (self->keys),
                             (GDestroyNotify) fluo_credentials_unref);
      g_object_unref (task);
      break;
    }
}

FluoCredentials *
fluo_key_source_get_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_key_source_get_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

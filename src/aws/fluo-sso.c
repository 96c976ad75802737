/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-sso.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config.h"
#include "aws/fluo-endpoint.h"
#include "aws/fluo-key-json.h"
#include "aws/fluo-sso-private.h"
#include "aws/fluo-xray-client.h"

#define RENEW_S (15 * 60) /* before a token's end, as the AWS tools */
#define URL_LEN_MAX 2048
#define ACCOUNT_DIGITS 12

G_DEFINE_BOXED_TYPE (FluoSsoSession, fluo_sso_session, fluo_sso_session_copy, fluo_sso_session_free)

/* --- Sessions ------------------------------------------------------------- */

static FluoSsoSession *
refuse (GError **error, const char *what)
{
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID, what);
  return NULL;
}

gboolean
fluo_sso_check (const char *start_url, const char *region, GError **error)
{
  g_autoptr (GUri) uri = start_url && strlen (start_url) <= URL_LEN_MAX
                           ? g_uri_parse (start_url, G_URI_FLAGS_NONE, NULL)
                           : NULL;

  if (!uri || !g_uri_get_host (uri) || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri)
      || strcmp (g_uri_get_scheme (uri), "https") != 0)
    refuse (error, _("the SSO start URL is malformed; expected one such as "
                     "\"https://d-1234567890.awsapps.com/start\""));
  else if (!region || !fluo_endpoint_region_is_valid (region))
    refuse (error, _("the SSO region is malformed or missing; expected a name such as "
                     "\"eu-west-1\""));
  else
    return TRUE;
  return FALSE;
}

gboolean
fluo_aws_account_is_valid (const char *account)
{
  return strlen (account) == ACCOUNT_DIGITS && strspn (account, "0123456789") == ACCOUNT_DIGITS;
}

FluoSsoSession *
fluo_sso_session_new (const char *name, const char *start_url, const char *region,
                      const char *scopes, const char *profile, GError **error)
{
  g_autoptr (FluoSsoSession) self = g_new0 (FluoSsoSession, 1);
  g_autoptr (GError) local_error = NULL;

  if (!fluo_sso_check (start_url, region, error))
    return NULL;
  self->name = g_strdup (name);
  self->start_url = g_strdup (start_url);
  self->region = g_strdup (region);
  self->scopes = g_strdup (scopes);
  self->portal =
    fluo_endpoint_resolve_service (FLUO_AWS_SSO, profile, region, NULL, &local_error);
  if (self->portal)
    self->oidc =
      fluo_endpoint_resolve_service (FLUO_AWS_SSO_OIDC, profile, region, NULL, &local_error);
  if (local_error)
    return refuse (error, local_error->message);
  return g_steal_pointer (&self);
}

FluoSsoSession *
fluo_sso_session_copy (const FluoSsoSession *self)
{
  FluoSsoSession *copy = g_new0 (FluoSsoSession, 1);

  copy->name = g_strdup (self->name);
  copy->start_url = g_strdup (self->start_url);
  copy->region = g_strdup (self->region);
  copy->scopes = g_strdup (self->scopes);
  copy->portal = g_strdup (self->portal);
  copy->oidc = g_strdup (self->oidc);
  return copy;
}

void
fluo_sso_session_free (FluoSsoSession *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->name);
  g_free (self->start_url);
  g_free (self->region);
  g_free (self->scopes);
  g_free (self->portal);
  g_free (self->oidc);
  g_free (self);
}

const char *
fluo_sso_session_get_title (const FluoSsoSession *self)
{
  return self->name ? self->name : self->start_url;
}

GPtrArray *
fluo_sso_session_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_sso_session_free);
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_autofree char *path = fluo_aws_config_dup_path (FLUO_AWS_FILE_CONFIG);
  g_auto (GStrv) names = NULL;

  /* What can't be read has no sessions to show. */
  fluo_aws_config_load (config, FLUO_AWS_FILE_CONFIG, path, NULL);
  names = fluo_aws_config_dup_sections (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SSO_SESSION);
  for (guint i = 0; names[i]; i++)
    {
      const char *values[3], *keys[] = { "sso_start_url", "sso_region", "sso_registration_scopes" };
      FluoSsoSession *session;

      for (gsize j = 0; j < G_N_ELEMENTS (keys); j++)
        values[j] = fluo_aws_config_get (config, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_SSO_SESSION,
                                         names[i], keys[j], NULL);
      session = fluo_sso_session_new (names[i], values[0], values[1], values[2], NULL, NULL);
      if (session)
        g_ptr_array_add (list, session);
    }
  return list;
}

FluoSsoSession *
fluo_sso_session_find (const char *name, const char *start_url, const char *region,
                       GError **error)
{
  g_autoptr (GPtrArray) list = fluo_sso_session_list ();
  g_autoptr (FluoSsoSession) wanted =
    fluo_sso_session_new (name, start_url, region, NULL, NULL, error);

  for (guint i = 0; wanted && i < list->len; i++)
    if (fluo_sso_session_equal (wanted, list->pdata[i]))
      return fluo_sso_session_copy (list->pdata[i]);
  return g_steal_pointer (&wanted);
}

gboolean
fluo_sso_session_equal (const FluoSsoSession *a, const FluoSsoSession *b)
{
  return g_strcmp0 (a->name, b->name) == 0 && strcmp (a->start_url, b->start_url) == 0
         && strcmp (a->region, b->region) == 0;
}

/* --- The sign-in service -------------------------------------------------- */

void
fluo_sso_oidc_async (const FluoSsoSession *session, const FluoKeyContext *context, const char *path,
                     GString *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autofree char *url = g_strconcat (session->oidc, path, NULL);
  g_autoptr (GBytes) bytes = fluo_aws_bytes_new_wiped (body);
  FluoAwsRequest request = { .session = context->session, .url = url,
                             .content_type = "application/json", .body = bytes,
                             .seams = context->seams };

  fluo_aws_request_async (&request, cancellable, callback, user_data);
}

/* --- A token that is good now ---------------------------------------------- */

typedef struct
{
  FluoSsoSession *session;
  FluoKeyContext  context;
  char           *refused;
  FluoSsoToken   *token; /* of the cache, or the new one */
  GError         *error; /* of reading the cache */
} TokenCall;

static void
token_call_free (gpointer data)
{
  TokenCall *self = data;

  fluo_sso_session_free (self->session);
  fluo_key_context_clear (&self->context);
  fluo_key_text_clear (&self->refused);
  g_clear_pointer (&self->token, fluo_sso_token_free);
  g_clear_error (&self->error);
  g_free (self);
}

static void
return_token (GTask *task)
{
  TokenCall *self = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&self->token->access_token), g_free);
  g_object_unref (task);
}

/* What a worker needs; it owns what it works on. */
typedef struct
{
  char         *key;
  FluoSsoToken *token; /* to save */
} FileWork;

static void
file_work_free (gpointer data)
{
  FileWork *work = data;

  g_free (work->key);
  g_clear_pointer (&work->token, fluo_sso_token_free);
  g_free (work);
}

static void
in_worker (GTask *task, FluoSsoToken *token, GTaskThreadFunc func, GAsyncReadyCallback callback)
{
  TokenCall *self = g_task_get_task_data (task);
  g_autoptr (GTask) worker = g_task_new (NULL, NULL, callback, task);
  FileWork *work = g_new0 (FileWork, 1);

  work->key = g_strdup (fluo_sso_session_get_title (self->session));
  work->token = token;
  g_task_set_task_data (worker, work, file_work_free);
  g_task_run_in_thread (worker, func);
}

/* [worker] */
static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FileWork *work = data;
  g_autoptr (GError) error = NULL;

  /* The token is good all the same, only others don't know it. */
  if (!fluo_sso_token_save (work->key, work->token, &error))
    g_message ("the SSO token can't be kept for the AWS tools: %s", error->message);
  g_task_return_pointer (task, g_steal_pointer (&work->token),
                         (GDestroyNotify) fluo_sso_token_free);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  TokenCall *self = g_task_get_task_data (task);

  /* One of the cache may be there still, where a new sign-in was asked for. */
  g_clear_pointer (&self->token, fluo_sso_token_free);
  self->token = g_task_propagate_pointer (G_TASK (result), NULL);
  return_token (task);
}

static void
signed_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  FluoSsoToken *token = fluo_sso_sign_in_finish (result, &error);

  if (token)
    in_worker (task, token, save_thread, saved_cb);
  else
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
}

/* The cache and what can be done without the user are of no help. */
static void
need_user (GTask *task)
{
  TokenCall *self = g_task_get_task_data (task);
  const char *title = fluo_sso_session_get_title (self->session);
  g_autofree char *how = NULL;

  if (self->context.ask)
    {
      fluo_sso_sign_in_async (self->session, &self->context, g_task_get_cancellable (task),
                              signed_in_cb, task);
      return;
    }
  if (self->context.profile)
    {
      g_autofree char *quoted = fluo_aws_profile_dup_quoted (self->context.profile);

      how = g_strdup_printf (_(", for example with \"aws sso login --profile %s\""), quoted);
    }
  g_task_return_new_error (task, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                           self->token ? _("the SSO session \"%s\" has expired; sign in again%s")
                                       : _("nobody is signed in to the SSO session \"%s\"; sign "
                                           "in%s"),
                           title, how ? how : "");
  g_object_unref (task);
}

static gint64
get_left (const TokenCall *self)
{
  if (!self->token || g_strcmp0 (self->token->access_token, self->refused) == 0)
    return 0;
  return self->token->expires_s - fluo_aws_seams_now (&self->context.seams);
}

static void
renewed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  TokenCall *self = g_task_get_task_data (task);
  guint status = 0;
  g_autofree char *code = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, &status, &code, &error);

  if (answer
      && fluo_sso_token_take (self->token, answer, fluo_aws_seams_now (&self->context.seams),
                              &error))
    {
      in_worker (task, g_steal_pointer (&self->token), save_thread, saved_cb);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (get_left (self) > 0)
    return_token (task);
  /* A service that refuses wants the user; one that isn't reached may be later. */
  else if (status >= 400 && status < 500 && status != 429)
    need_user (task);
  else
    {
      g_prefix_error (&error, _("the SSO session \"%s\" can't be renewed: "),
                      fluo_sso_session_get_title (self->session));
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
    }
}

static void
renew (GTask *task)
{
  TokenCall *self = g_task_get_task_data (task);
  GString *body = g_string_new (NULL);
  FluoJsonWriter writer;
  const char *members[][2] = { { "clientId", self->token->client_id },
                               { "clientSecret", self->token->client_secret },
                               { "grantType", "refresh_token" },
                               { "refreshToken", self->token->refresh_token } };

  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      fluo_json_writer_key (&writer, members[i][0]);
      fluo_json_writer_string (&writer, members[i][1]);
    }
  fluo_json_writer_end (&writer, '}');
  fluo_sso_oidc_async (self->session, &self->context, "/token", body,
                       g_task_get_cancellable (task), renewed_cb, task);
}

static gboolean
can_renew (const TokenCall *self)
{
  const FluoSsoToken *token = self->token;

  return token && token->refresh_token && token->client_id && token->client_secret
         && token->registration_expires_s > fluo_aws_seams_now (&self->context.seams);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  TokenCall *self = g_task_get_task_data (task);

  self->token = g_task_propagate_pointer (G_TASK (result), &self->error);
  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (self->error)
    {
      g_task_return_error (task, g_steal_pointer (&self->error));
      g_object_unref (task);
    }
  else if (self->context.anew)
    need_user (task);
  else if (get_left (self) >= RENEW_S)
    return_token (task);
  else if (can_renew (self))
    renew (task);
  else if (get_left (self) > 0)
    return_token (task);
  else
    need_user (task);
}

/* [worker] */
static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FileWork *work = data;
  GError *error = NULL;
  FluoSsoToken *token = fluo_sso_token_load (work->key, &error);

  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, token, (GDestroyNotify) fluo_sso_token_free);
}

void
fluo_sso_get_token_async (const FluoSsoSession *session, const FluoKeyContext *context,
                          const char *refused, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  TokenCall *self = g_new0 (TokenCall, 1);

  g_task_set_source_tag (task, fluo_sso_get_token_async);
  self->session = fluo_sso_session_copy (session);
  fluo_key_context_copy (&self->context, context);
  self->refused = g_strdup (refused);
  g_task_set_task_data (task, self, token_call_free);
  in_worker (task, NULL, load_thread, loaded_cb);
}

char *
fluo_sso_get_token_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sso_get_token_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

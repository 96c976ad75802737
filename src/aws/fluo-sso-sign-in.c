/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-wait.h"
#include "aws/fluo-key-json.h"
#include "aws/fluo-sso-private.h"

/* Getting a token from the user: registering as a client, then either a browser on this computer
 * that comes back with a code (PKCE), or a code to type in a browser anywhere (the device's way),
 * while we ask again and again whether it was. */

#define CLIENT_NAME "Fluoroscope"
#define SCOPES_DEFAULT "sso:account:access"
#define REDIRECT "http://127.0.0.1/oauth/callback" /* any port of it */
#define BROWSER_S 600
#define INTERVAL_S 5
#define INTERVAL_S_MAX 60
#define SLOWER_S 5
#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"
#define VERIFIER_BYTES 48 /* 64 letters */
#define STATE_BYTES 24

typedef struct
{
  FluoSsoSession  *session;
  FluoKeyContext   context;
  FluoSsoToken    *token;       /* as far as it is known */
  gboolean         use_device;
  gboolean         was_cancelled;
  GCancellable    *inner;       /* what is under way */
  GSource         *cancel;      /* watches the caller's cancellable */
  GSource         *timer;       /* of the browser's way */
  GTask           *waiting;     /* owned while nothing is under way but the user */
  FluoSignIn      *question;
  FluoSsoCallback *callback;
  char            *verifier;
  char            *device_code;
  guint            interval_s;
  gint64           ends_s;      /* of the device's code */
} SignIn;

static void register_client (GTask *task);

static void
close_question (SignIn *self)
{
  if (self->callback)
    fluo_sso_callback_stop (self->callback);
  g_clear_object (&self->callback);
  if (self->timer)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  if (self->question)
    fluo_sign_in_close (self->question);
  g_clear_object (&self->question);
}

static void
sign_in_free (gpointer data)
{
  SignIn *self = data;

  close_question (self);
  if (self->cancel)
    g_source_destroy (self->cancel);
  g_clear_pointer (&self->cancel, g_source_unref);
  fluo_sso_session_free (self->session);
  fluo_key_context_clear (&self->context);
  g_clear_pointer (&self->token, fluo_sso_token_free);
  g_object_unref (self->inner);
  fluo_key_text_clear (&self->verifier);
  fluo_key_text_clear (&self->device_code);
  g_free (self);
}

/* Ends it; takes the references on @task and @error. */
static void
fail (GTask *task, GError *error)
{
  SignIn *self = g_task_get_task_data (task);

  if (self->was_cancelled)
    {
      g_clear_error (&error);
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("signing in was "
                                                                       "cancelled"));
    }
  close_question (self);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
succeed (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);

  close_question (self);
  g_task_return_pointer (task, g_steal_pointer (&self->token),
                         (GDestroyNotify) fluo_sso_token_free);
  g_object_unref (task);
}

static void
cancel (SignIn *self)
{
  self->was_cancelled = TRUE;
  g_cancellable_cancel (self->inner);
  if (self->waiting)
    fail (g_steal_pointer (&self->waiting), NULL);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* --- Pieces --------------------------------------------------------------- */

static GString *
begin_body (FluoJsonWriter *writer, const SignIn *self)
{
  GString *body = g_string_new (NULL);

  fluo_json_writer_init (writer, body);
  fluo_json_writer_begin (writer, '{');
  if (self->token->client_id)
    {
      fluo_json_writer_key (writer, "clientId");
      fluo_json_writer_string (writer, self->token->client_id);
      fluo_json_writer_key (writer, "clientSecret");
      fluo_json_writer_string (writer, self->token->client_secret);
    }
  return body;
}

static void
write_member (FluoJsonWriter *writer, const char *name, const char *value)
{
  fluo_json_writer_key (writer, name);
  fluo_json_writer_string (writer, value);
}

static void
write_list (FluoJsonWriter *writer, const char *name, char **values)
{
  fluo_json_writer_key (writer, name);
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; values[i]; i++)
    if (*g_strstrip (values[i]) != '\0')
      fluo_json_writer_string (writer, values[i]);
  fluo_json_writer_end (writer, ']');
}

static void
post (GTask *task, const char *path, FluoJsonWriter *writer, GString *body,
      GAsyncReadyCallback callback)
{
  SignIn *self = g_task_get_task_data (task);

  fluo_json_writer_end (writer, '}');
  fluo_sso_oidc_async (self->session, &self->context, path, body, self->inner, callback, task);
}

static GError *
protocol_error (const char *what)
{
  return g_error_new (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                      _("the sign-in service's answer to %s lacks something or is malformed"),
                      what);
}

gboolean
fluo_sso_token_take (FluoSsoToken *token, const FluoAwsAnswer *answer, gint64 now_s,
                     GError **error)
{
  char *access = fluo_aws_answer_dup (answer, "accessToken");
  char *refresh = fluo_aws_answer_dup (answer, "refreshToken");
  gint64 life_s = fluo_json_tape_int (answer->tape,
                                      fluo_json_tape_get (answer->tape, 0, "expiresIn"), 0);

  if (!access || !fluo_credentials_is_key_text (access) || life_s <= 0 || life_s > G_MAXINT32)
    {
      g_propagate_error (error, protocol_error (_("the request for a token")));
      fluo_key_text_clear (&access);
      fluo_key_text_clear (&refresh);
      return FALSE;
    }
  fluo_key_text_clear (&token->access_token);
  token->access_token = access;
  token->expires_s = now_s + life_s;
  if (refresh)
    {
      fluo_key_text_clear (&token->refresh_token);
      token->refresh_token = refresh;
    }
  return TRUE;
}

/* --- The user's replies --------------------------------------------------- */

static void
replied_cb (FluoSignInReply reply, const char *code, gpointer user_data)
{
  SignIn *self = user_data;
  GTask *task;

  if (reply == FLUO_SIGN_IN_CANCELLED)
    cancel (self);
  else if (reply == FLUO_SIGN_IN_WANTS_DEVICE && self->waiting)
    {
      task = g_steal_pointer (&self->waiting);
      close_question (self);
      self->use_device = TRUE;
      register_client (task);
    }
}

static void
ask (SignIn *self, FluoSignInKind kind, const char *url, const char *user_code, gint64 ends_s)
{
  self->question =
    fluo_sign_in_new (kind, self->context.profile, fluo_sso_session_get_title (self->session), url,
                      user_code, ends_s, replied_cb, self);
  self->context.ask (self->question, self->context.ask_data);
}

/* --- The browser's way ---------------------------------------------------- */

static void
got_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, NULL, NULL, &error);

  if (answer
      && fluo_sso_token_take (self->token, answer, fluo_aws_seams_now (&self->context.seams),
                              &error))
    succeed (task);
  else
    fail (task, error);
}

static void
came_back_cb (const char *code, const GError *error, gpointer user_data)
{
  SignIn *self = user_data;
  GTask *task = g_steal_pointer (&self->waiting);
  FluoJsonWriter writer;
  GString *body;

  if (!code)
    {
      fail (task, g_error_copy (error));
      return;
    }
  body = begin_body (&writer, self);
  write_member (&writer, "grantType", "authorization_code");
  write_member (&writer, "code", code);
  write_member (&writer, "codeVerifier", self->verifier);
  write_member (&writer, "redirectUri", fluo_sso_callback_get_uri (self->callback));
  post (task, "/token", &writer, body, got_token_cb);
}

static gboolean
browser_time_over_cb (gpointer user_data)
{
  SignIn *self = user_data;

  if (self->waiting)
    fail (g_steal_pointer (&self->waiting),
          g_error_new_literal (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                               _("nobody signed in within ten minutes; try again")));
  return G_SOURCE_REMOVE;
}

static char *
write_authorize_url (SignIn *self, const char *state)
{
  const char *scopes = self->session->scopes ? self->session->scopes : SCOPES_DEFAULT;
  g_autofree char *challenge = fluo_sso_dup_challenge (self->verifier);
  g_auto (GStrv) words = g_strsplit_set (scopes, ", ", -1);
  g_autofree char *id = g_uri_escape_string (self->token->client_id, NULL, FALSE);
  g_autofree char *redirect =
    g_uri_escape_string (fluo_sso_callback_get_uri (self->callback), NULL, FALSE);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  for (guint i = 0; words[i]; i++)
    if (*words[i] != '\0')
      g_string_append_printf (list, "%s%s", list->len > 0 ? " " : "", words[i]);
  escaped = g_uri_escape_string (list->str, NULL, FALSE);
  return g_strdup_printf ("%s/authorize?response_type=code&client_id=%s&redirect_uri=%s&state=%s"
                          "&code_challenge_method=S256&scopes=%s&code_challenge=%s",
                          self->session->oidc, id, redirect, state, escaped, challenge);
}

static void
begin_browser (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);
  g_autofree char *state = fluo_sso_dup_random (STATE_BYTES), *url = NULL;
  GError *error = NULL;

  fluo_key_text_clear (&self->verifier);
  self->verifier = fluo_sso_dup_random (VERIFIER_BYTES);
  if (state && self->verifier)
    self->callback = fluo_sso_callback_new (state, came_back_cb, self, &error);
  if (!self->callback)
    {
      if (!error)
        error = g_error_new_literal (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                                     _("the computer has no random numbers to give"));
      g_prefix_error (&error, _("can't wait for the browser: "));
      fail (task, error);
      return;
    }
  url = write_authorize_url (self, state);
  self->waiting = task;
  self->timer = g_timeout_source_new_seconds (BROWSER_S);
  g_source_set_callback (self->timer, browser_time_over_cb, self, NULL);
  g_source_attach (self->timer, g_task_get_context (task));
  ask (self, FLUO_SIGN_IN_BROWSER, url, NULL,
       fluo_aws_seams_now (&self->context.seams) + BROWSER_S);
}

/* --- The device's way ----------------------------------------------------- */

static void poll (GTask *task);

static gboolean
is_one_of (const char *code, const char *a, const char *b)
{
  return code && (strcmp (code, a) == 0 || strcmp (code, b) == 0);
}

static void
polled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SignIn *self = g_task_get_task_data (task);
  gint64 now_s = fluo_aws_seams_now (&self->context.seams);
  g_autofree char *code = NULL;
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, NULL, &code, &error);
  const char *end = NULL;

  if (answer)
    {
      if (fluo_sso_token_take (self->token, answer, now_s, &error))
        succeed (task);
      else
        fail (task, error);
      return;
    }
  if (is_one_of (code, "slow_down", "SlowDownException"))
    self->interval_s = MIN (self->interval_s + SLOWER_S, INTERVAL_S_MAX);
  else if (is_one_of (code, "expired_token", "ExpiredTokenException"))
    end = _("nobody signed in before the code expired; try again");
  else if (is_one_of (code, "access_denied", "AccessDeniedException"))
    end = _("signing in was refused in the browser");
  else if (!is_one_of (code, "authorization_pending", "AuthorizationPendingException"))
    {
      fail (task, error);
      return;
    }
  if (!end && now_s >= self->ends_s)
    end = _("nobody signed in before the code expired; try again");
  g_error_free (error);
  if (end)
    fail (task, g_error_new_literal (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN, end));
  else
    poll (task);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SignIn *self = g_task_get_task_data (task);
  FluoJsonWriter writer;
  GError *error = NULL;
  GString *body;

  if (!fluo_aws_wait_finish (result, &error))
    {
      fail (task, error);
      return;
    }
  body = begin_body (&writer, self);
  write_member (&writer, "grantType", DEVICE_GRANT);
  write_member (&writer, "deviceCode", self->device_code);
  post (task, "/token", &writer, body, polled_cb);
}

static void
poll (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);
  guint second_ms = self->context.second_ms > 0 ? self->context.second_ms : 1000;

  fluo_aws_wait_async (self->interval_s * second_ms, self->inner, waited_cb, task);
}

static void
got_device_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, NULL, NULL, &error);
  g_autofree char *user_code = NULL, *url = NULL, *plain = NULL;
  gint64 life_s, interval_s;

  if (!answer)
    {
      fail (task, error);
      return;
    }
  fluo_key_text_clear (&self->device_code);
  self->device_code = fluo_aws_answer_dup (answer, "deviceCode");
  user_code = fluo_aws_answer_dup (answer, "userCode");
  url = fluo_aws_answer_dup (answer, "verificationUriComplete");
  plain = fluo_aws_answer_dup (answer, "verificationUri");
  life_s = fluo_json_tape_int (answer->tape, fluo_json_tape_get (answer->tape, 0, "expiresIn"),
                               BROWSER_S);
  interval_s = fluo_json_tape_int (answer->tape, fluo_json_tape_get (answer->tape, 0, "interval"),
                                   INTERVAL_S);
  if (!self->device_code || !user_code || strlen (user_code) > 64
      || !fluo_credentials_is_key_text (user_code) || !fluo_sso_url_is_safe (url ? url : plain))
    {
      fail (task, protocol_error (_("the request for a device's code")));
      return;
    }
  self->interval_s = (guint) CLAMP (interval_s, 1, INTERVAL_S_MAX);
  self->ends_s = fluo_aws_seams_now (&self->context.seams) + CLAMP (life_s, 1, 3600);
  ask (self, FLUO_SIGN_IN_DEVICE, url ? url : plain, user_code, self->ends_s);
  poll (task);
}

static void
begin_device (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);
  FluoJsonWriter writer;
  GString *body = begin_body (&writer, self);

  write_member (&writer, "startUrl", self->session->start_url);
  post (task, "/device_authorization", &writer, body, got_device_cb);
}

/* --- Registering ---------------------------------------------------------- */

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, NULL, NULL, &error);

  if (!answer)
    {
      fail (task, error);
      return;
    }
  self->token->client_id = fluo_aws_answer_dup (answer, "clientId");
  self->token->client_secret = fluo_aws_answer_dup (answer, "clientSecret");
  if (!fluo_key_json_read_time (answer->tape,
                                fluo_json_tape_get (answer->tape, 0, "clientSecretExpiresAt"),
                                &self->token->registration_expires_s))
    self->token->registration_expires_s = 0;
  if (!self->token->client_id || !self->token->client_secret)
    fail (task, protocol_error (_("the registration")));
  else if (self->use_device)
    begin_device (task);
  else
    begin_browser (task);
}

/* Takes the reference on @task. */
static void
register_client (GTask *task)
{
  SignIn *self = g_task_get_task_data (task);
  const char *scopes = self->session->scopes ? self->session->scopes : SCOPES_DEFAULT;
  g_auto (GStrv) words = g_strsplit (scopes, ",", -1);
  g_auto (GStrv) grants = g_strsplit ("authorization_code refresh_token", " ", -1);
  g_auto (GStrv) redirects = g_strsplit (REDIRECT, " ", -1);
  FluoJsonWriter writer;
  GString *body;

  g_clear_pointer (&self->token->client_id, g_free);
  fluo_key_text_clear (&self->token->client_secret);
  body = begin_body (&writer, self);
  write_member (&writer, "clientName", CLIENT_NAME);
  write_member (&writer, "clientType", "public");
  write_list (&writer, "scopes", words);
  if (!self->use_device)
    {
      write_list (&writer, "grantTypes", grants);
      write_list (&writer, "redirectUris", redirects);
      write_member (&writer, "issuerUrl", self->session->start_url);
    }
  post (task, "/client/register", &writer, body, registered_cb);
}

void
fluo_sso_sign_in_async (const FluoSsoSession *session, const FluoKeyContext *context,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  SignIn *self = g_new0 (SignIn, 1);

  g_task_set_source_tag (task, fluo_sso_sign_in_async);
  self->session = fluo_sso_session_copy (session);
  fluo_key_context_copy (&self->context, context);
  self->inner = g_cancellable_new ();
  self->use_device = session->name == NULL;
  self->token = g_new0 (FluoSsoToken, 1);
  self->token->start_url = g_strdup (session->start_url);
  self->token->region = g_strdup (session->region);
  g_task_set_task_data (task, self, sign_in_free);
  if (cancellable)
    {
      self->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancel, g_task_get_context (task));
    }
  register_client (task);
}

FluoSsoToken *
fluo_sso_sign_in_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_sso_sign_in_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-login-keys.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config.h"
#include "aws/fluo-aws-wait.h"
#include "aws/fluo-dpop.h"
#include "aws/fluo-key-json.h"
#include "aws/fluo-sso-cache.h"
#include "aws/fluo-xray-client.h"

#define RENEW_S (5 * 60)
#define LOCK_TRIES 50
#define LOCK_PAUSE_MS 100
#define LIFE_S_MAX (12 * 3600)
/* How long the user has for the command. */
#define COMMAND_S 600

typedef struct
{
  char           *login_session;
  char           *url; /* where a renewal goes */
  FluoKeyContext  context;
  char           *path;
  int             lock;   /* held while a renewal is under way, or -1 */
  GBytes         *cached; /* the file's text, secret */
  char           *account;
  char           *refresh_token;
  FluoCredentials *keys;  /* as renewed */
  GStatBuf        seen;   /* the file as it was last read; all zero: none */
  FluoSignIn     *question; /* while the user is to run the command */
  gboolean        was_cancelled;
} Login;

static void load (GTask *task);

static void
login_free (gpointer data)
{
  Login *self = data;

  g_free (self->login_session);
  g_free (self->url);
  fluo_key_context_clear (&self->context);
  g_free (self->path);
  if (self->lock >= 0)
    close (self->lock);
  g_clear_pointer (&self->cached, fluo_aws_cache_free);
  g_free (self->account);
  fluo_key_text_clear (&self->refresh_token);
  g_clear_pointer (&self->keys, fluo_credentials_unref);
  if (self->question)
    fluo_sign_in_close (self->question);
  g_clear_object (&self->question);
  g_free (self);
}

char *
fluo_login_keys_dup_path (const char *login_session)
{
  const char *dir = g_getenv ("AWS_LOGIN_CACHE_DIRECTORY");
  g_autofree char *usual = g_build_filename (g_get_home_dir (), ".aws", "login", "cache", NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, login_session, -1);
  g_autofree char *name = g_strconcat (sum, ".json", NULL);

  return g_build_filename (dir && *dir != '\0' ? dir : usual, name, NULL);
}

static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* --- What only the user can do ---------------------------------------------- */

static gboolean
same_file (const GStatBuf *a, const GStatBuf *b)
{
  return a->st_ino == b->st_ino && a->st_size == b->st_size
         && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void wait_for_command (GTask *task);

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Login *self = g_task_get_task_data (task);
  GStatBuf now = { 0 };
  GError *error = NULL;

  if (!fluo_aws_wait_finish (result, &error))
    fail (task, error);
  else if (self->was_cancelled)
    fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                     _("signing in was cancelled")));
  else if (fluo_sign_in_get_expires (self->question) <= fluo_aws_seams_now (&self->context.seams))
    fail (task, g_error_new_literal (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                                     _("nobody ran the command within ten minutes; try again")));
  else if (g_stat (self->path, &now) == 0 && !same_file (&now, &self->seen))
    load (task);
  else
    wait_for_command (task);
}

static void
wait_for_command (GTask *task)
{
  Login *self = g_task_get_task_data (task);

  fluo_aws_wait_async (self->context.second_ms > 0 ? self->context.second_ms : 1000,
                       g_task_get_cancellable (task), waited_cb, task);
}

static void
replied_cb (FluoSignInReply reply, const char *code, gpointer user_data)
{
  ((Login *) user_data)->was_cancelled = TRUE;
}

/* The session is of no use: the tool has to begin another one. A file that is still no good while
 * it is waited for is being written. */
static void
fail_for_good (GTask *task, const char *what)
{
  Login *self = g_task_get_task_data (task);
  const char *profile = self->context.profile;
  g_autofree char *quoted = fluo_aws_profile_dup_quoted (profile ? profile : "default");
  g_autofree char *command = g_strdup_printf ("aws login --profile %s", quoted);

  if (self->question)
    {
      wait_for_command (task);
      return;
    }
  if (!self->context.ask)
    {
      fail (task, g_error_new (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SIGN_IN,
                               _("the \"aws login\" session %s; run \"%s\""), what, command));
      return;
    }
  /* Nobody is kept from writing while the user is at it. */
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
  self->question =
    fluo_sign_in_new (FLUO_SIGN_IN_COMMAND, profile, self->login_session, NULL, command,
                      fluo_aws_seams_now (&self->context.seams) + COMMAND_S, replied_cb, self);
  self->context.ask (self->question, self->context.ask_data);
  wait_for_command (task);
}

static void
return_keys (GTask *task, FluoCredentials *keys)
{
  g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  g_object_unref (task);
}

/* --- Writing back --------------------------------------------------------- */

static char *
write_access_token (const Login *self)
{
  g_autoptr (GDateTime) end =
    g_date_time_new_from_unix_utc (fluo_credentials_get_expires (self->keys));
  g_autofree char *expires = g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ");
  GString *text = g_string_new (NULL);
  const char *members[][2] = {
    { "accessKeyId", fluo_credentials_get_access_key (self->keys) },
    { "secretAccessKey", fluo_credentials_get_secret (self->keys) },
    { "sessionToken", fluo_credentials_get_token (self->keys) },
    { "accountId", self->account },
    { "expiresAt", expires },
  };
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, text);
  fluo_json_writer_begin (&writer, '{');
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i][1])
      {
        fluo_json_writer_key (&writer, members[i][0]);
        fluo_json_writer_string (&writer, members[i][1]);
      }
  fluo_json_writer_end (&writer, '}');
  return g_string_free (text, FALSE);
}

/* [worker] The caller waits for it before it looks at @data again. */
static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Login *self = data;
  char *access_token = write_access_token (self);
  const FluoAwsCacheMember members[] = {
    { "accessToken", access_token, TRUE },
    { "refreshToken", self->refresh_token, FALSE },
  };
  g_autoptr (GError) error = NULL;

  if (!fluo_aws_cache_save (self->path, members, G_N_ELEMENTS (members), &error))
    g_message ("the renewed \"aws login\" session can't be kept: %s", error->message);
  fluo_key_text_clear (&access_token);
  g_task_return_boolean (task, TRUE);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Login *self = g_task_get_task_data (task);

  return_keys (task, g_steal_pointer (&self->keys));
}

/* --- Renewing -------------------------------------------------------------- */

/* The answer's keys, with the end that it tells in seconds from now. */
static FluoCredentials *
read_answer (Login *self, const FluoAwsAnswer *answer, GError **error)
{
  gint64 now_s = fluo_aws_seams_now (&self->context.seams);
  g_autofree char *source = g_strdup_printf (_("\"aws login\" session %s"), self->login_session);
  const FluoKeyOrigin origin = { source, self->account, self->login_session };
  guint32 object = fluo_json_tape_get (answer->tape, 0, "accessToken");
  gint64 life_s = fluo_json_tape_int (answer->tape,
                                      fluo_json_tape_get (answer->tape, 0, "expiresIn"), 0);
  g_autoptr (FluoCredentials) keys = NULL;

  if (fluo_json_tape_type (answer->tape, object) == FLUO_JSON_OBJECT_BEGIN && life_s > 0
      && life_s <= LIFE_S_MAX)
    keys = fluo_key_json_read (answer->tape, object, &origin, now_s, error);
  else
    g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                 _("%s gave no keys"), source);
  if (!keys)
    return NULL;
  return fluo_credentials_new_full (fluo_credentials_get_access_key (keys),
                                    fluo_credentials_get_secret (keys),
                                    fluo_credentials_get_token (keys), source, now_s + life_s,
                                    fluo_credentials_get_account (keys), self->login_session);
}

static void
renewed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Login *self = g_task_get_task_data (task);
  g_autofree char *code = NULL;
  GError *error = NULL;
  g_autoptr (FluoAwsAnswer) answer = fluo_aws_request_finish_json (result, NULL, &code, &error);
  g_autoptr (GTask) worker = NULL;
  char *refresh_token;

  if (!answer && code
      && (strcmp (code, "TOKEN_EXPIRED") == 0 || strcmp (code, "AUTHCODE_EXPIRED") == 0
          || strcmp (code, "USER_CREDENTIALS_CHANGED") == 0))
    {
      gboolean changed = strcmp (code, "USER_CREDENTIALS_CHANGED") == 0;

      g_error_free (error);
      fail_for_good (task, changed ? _("ended because the user's password changed")
                                   : _("is over"));
      return;
    }
  if (answer)
    self->keys = read_answer (self, answer, &error);
  if (!self->keys)
    {
      if (error->domain == FLUO_XRAY_ERROR)
        g_prefix_error (&error, _("the \"aws login\" session can't be renewed: "));
      fail (task, error);
      return;
    }
  refresh_token = fluo_aws_answer_dup (answer, "refreshToken");
  if (refresh_token)
    {
      fluo_key_text_clear (&self->refresh_token);
      self->refresh_token = refresh_token;
    }
  worker = g_task_new (NULL, NULL, saved_cb, task);
  g_task_set_task_data (worker, self, NULL);
  g_task_run_in_thread (worker, save_thread);
}

static void
renew (GTask *task, const FluoJsonTape *tape)
{
  Login *self = g_task_get_task_data (task);
  char *pem = fluo_json_tape_dup_member (tape, 0, "dpopKey");
  g_autofree char *client = fluo_json_tape_dup_member (tape, 0, "clientId");
  g_autofree char *id = g_uuid_string_random (), *proof = NULL;
  const char *headers[] = { "DPoP", NULL, NULL };
  GString *body;
  FluoJsonWriter writer;
  GError *error = NULL;
  FluoAwsRequest request;

  self->refresh_token = fluo_json_tape_dup_member (tape, 0, "refreshToken");
  if (!pem || !client || !self->refresh_token)
    {
      fluo_key_text_clear (&pem);
      fail_for_good (task, _("is incomplete"));
      return;
    }
  proof = fluo_dpop_write (pem, self->url, fluo_aws_seams_now (&self->context.seams), id, &error);
  fluo_key_text_clear (&pem);
  if (!proof)
    {
      fail (task, error);
      return;
    }
  headers[1] = proof;
  body = g_string_new (NULL);
  fluo_json_writer_init (&writer, body);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "clientId");
  fluo_json_writer_string (&writer, client);
  fluo_json_writer_key (&writer, "grantType");
  fluo_json_writer_string (&writer, "refresh_token");
  fluo_json_writer_key (&writer, "refreshToken");
  fluo_json_writer_string (&writer, self->refresh_token);
  fluo_json_writer_end (&writer, '}');
  request = (FluoAwsRequest) { .session = self->context.session, .url = self->url,
                               .content_type = "application/json", .headers = headers,
                               .body = fluo_aws_bytes_new_wiped (body),
                               /* The proof is good for one request. */
                               .attempts = 1, .seams = self->context.seams };
  fluo_aws_request_async (&request, g_task_get_cancellable (task), renewed_cb, task);
  g_bytes_unref (request.body);
}

/* --- Reading --------------------------------------------------------------- */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Login *self = g_task_get_task_data (task);
  gint64 now_s = fluo_aws_seams_now (&self->context.seams);
  g_autofree char *where = g_strdup_printf (_("\"aws login\" session %s"), self->login_session);
  FluoKeyOrigin origin = { where, NULL, self->login_session };
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  FluoCredentials *keys = NULL;
  guint32 object;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (error)
    {
      fail (task, g_steal_pointer (&error));
      return;
    }
  if (!self->cached)
    {
      fail_for_good (task, _("has no cache on this computer"));
      return;
    }
  tape = fluo_json_tape_new (self->cached, NULL);
  object = fluo_json_tape_get (tape, 0, "accessToken");
  if (fluo_json_tape_type (tape, object) != FLUO_JSON_OBJECT_BEGIN)
    {
      fail_for_good (task, _("is incomplete"));
      return;
    }
  self->account = fluo_json_tape_dup_member (tape, object, "accountId");
  keys = fluo_key_json_read (tape, object, &origin, now_s, NULL);
  if (keys && fluo_credentials_get_expires (keys) - now_s > RENEW_S)
    return_keys (task, keys);
  else
    {
      g_clear_pointer (&keys, fluo_credentials_unref);
      renew (task, tape);
    }
}

/* Waits for another renewal on this computer to end, for a few seconds. */
static int
take_lock (const char *path)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  int fd = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  for (guint i = 0; fd >= 0 && i < LOCK_TRIES && flock (fd, LOCK_EX | LOCK_NB) != 0; i++)
    g_usleep (LOCK_PAUSE_MS * 1000);
  return fd;
}

/* [worker] The caller waits for it before it looks at @data again. */
static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Login *self = data;
  GError *error = NULL;

  if (g_stat (self->path, &self->seen) == 0)
    self->lock = take_lock (self->path);
  else
    memset (&self->seen, 0, sizeof self->seen);
  self->cached = fluo_aws_cache_load (self->path, &error);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Reads the file, for the first time or anew. Takes the reference on @task. */
static void
load (GTask *task)
{
  Login *self = g_task_get_task_data (task);
  g_autoptr (GTask) worker = g_task_new (NULL, NULL, loaded_cb, task);

  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
  g_clear_pointer (&self->cached, fluo_aws_cache_free);
  g_clear_pointer (&self->account, g_free);
  fluo_key_text_clear (&self->refresh_token);
  g_task_set_task_data (worker, self, NULL);
  g_task_run_in_thread (worker, load_thread);
}

void
fluo_login_keys_async (const char *login_session, const char *endpoint,
                       const FluoKeyContext *context, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Login *self = g_new0 (Login, 1);

  g_task_set_source_tag (task, fluo_login_keys_async);
  self->lock = -1;
  self->login_session = g_strdup (login_session);
  self->url = g_strconcat (endpoint, "/v1/token", NULL);
  fluo_key_context_copy (&self->context, context);
  self->path = fluo_login_keys_dup_path (login_session);
  g_task_set_task_data (task, self, login_free);
  load (task);
}

FluoCredentials *
fluo_login_keys_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_login_keys_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-machine-keys.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-endpoint.h"
#include "aws/fluo-xray-client.h"

#define TOKEN_CHARS_MAX 20000
#define URL_LEN_MAX 2048
#define CONTAINER_MS 2000
#define CONTAINER_ATTEMPTS 3
#define TOKEN_LIFE_S "21600" /* six hours, as all SDKs ask for */
#define ROLE_CHARS_MAX 64
#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"

/* --- Token files -------------------------------------------------------- */

static char *
read_small_file (int fd, gsize *ret_length)
{
  char *text = g_malloc (TOKEN_CHARS_MAX + 2);
  gsize length = 0;

  for (;;)
    {
      gssize n = read (fd, text + length, TOKEN_CHARS_MAX + 1 - length);

      if (n <= 0)
        break;
      length += (gsize) n;
    }
  text[length] = '\0';
  *ret_length = length;
  return text;
}

char *
fluo_token_file_read (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  const char *problem = NULL;
  struct stat info;
  char *text = NULL;
  gsize length = 0;

  if (fd < 0)
    problem = _("can't be read");
  else if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    problem = _("is not a regular file");
  else
    {
      text = read_small_file (fd, &length);
      while (length > 0 && g_ascii_isspace (text[length - 1]))
        text[--length] = '\0';
      if (length == 0)
        problem = _("is empty");
      else if (length > TOKEN_CHARS_MAX)
        problem = _("is longer than 20,000 characters");
      else if (strlen (text) != length || !fluo_credentials_is_key_text (text))
        problem = _("holds more than one word of ASCII");
    }
  if (fd >= 0)
    close (fd);
  if (!problem)
    return text;
  fluo_key_text_clear (&text);
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
               _("the token file \"%s\" %s"), path, problem);
  return NULL;
}

/* --- A container's endpoint ----------------------------------------------- */

gboolean
fluo_container_url_check (const char *url, GError **error)
{
  static const char *const hosts[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                       "localhost", NULL };
  g_autoptr (GUri) uri = strlen (url) <= URL_LEN_MAX && g_str_is_ascii (url)
                           ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL)
                           : NULL;
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  g_autoptr (GInetAddress) address = host ? g_inet_address_new_from_string (host) : NULL;

  if (host && *host != '\0' && !g_uri_get_userinfo (uri) && !g_uri_get_fragment (uri)
      && (strcmp (g_uri_get_scheme (uri), "https") == 0
          || (strcmp (g_uri_get_scheme (uri), "http") == 0
              && (g_strv_contains (hosts, host)
                  || (address && g_inet_address_get_is_loopback (address))))))
    return TRUE;
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                       _("AWS_CONTAINER_CREDENTIALS_FULL_URI names no host that may give out "
                         "keys; expected https, this computer, 169.254.170.2, 169.254.170.23 or "
                         "fd00:ec2::23"));
  return FALSE;
}

static void
container_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoAwsSeams *seams = g_task_get_task_data (task);
  const FluoKeyOrigin origin = { _("the container's endpoint"), NULL, NULL };
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);
  FluoCredentials *keys = NULL;

  if (response)
    {
      keys =
        fluo_key_json_read_text (response->body, &origin, fluo_aws_seams_now (seams), &error);
      fluo_aws_response_free (response);
    }
  else if (error->domain == FLUO_XRAY_ERROR)
    g_prefix_error (&error, _("the container's endpoint gave no keys: "));
  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_error (task, error);
}

void
fluo_container_keys_async (const char *url, const char *token, const char *token_file,
                           SoupSession *session, const FluoAwsSeams *seams,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  char *own = token_file ? fluo_token_file_read (token_file, &error) : g_strdup (token);
  const char *headers[] = { "Accept", "application/json", own ? "Authorization" : NULL, own, NULL };
  FluoAwsRequest request = { .session = session, .method = "GET", .url = url, .headers = headers,
                             .attempts = CONTAINER_ATTEMPTS, .total_ms = CONTAINER_MS,
                             .seams = *seams };

  g_task_set_source_tag (task, fluo_container_keys_async);
  g_task_set_task_data (task, g_memdup2 (seams, sizeof *seams), g_free);
  if (!error && own && !fluo_credentials_is_key_text (own)
      && strpbrk (own, "\r\n"))
    error = g_error_new_literal (FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                                 _("AWS_CONTAINER_AUTHORIZATION_TOKEN holds more than one line"));
  if (!error && fluo_container_url_check (url, &error))
    fluo_aws_request_async (&request, cancellable, container_answered_cb, task);
  else
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  fluo_key_text_clear (&own);
}

FluoCredentials *
fluo_container_keys_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_container_keys_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- An instance's metadata ------------------------------------------------ */

/* A token, the role's name, its keys: three questions after each other. */
typedef struct
{
  char        *endpoint;
  guint        timeout_ms, attempts;
  SoupSession *session;
  FluoAwsSeams seams;
  char        *token;
  char        *role;
} Machine;

static void
machine_free (gpointer data)
{
  Machine *self = data;

  g_free (self->endpoint);
  g_object_unref (self->session);
  fluo_key_text_clear (&self->token);
  g_free (self->role);
  g_free (self);
}

static void
machine_ask (GTask *task, const char *method, const char *path, GAsyncReadyCallback callback)
{
  Machine *self = g_task_get_task_data (task);
  g_autofree char *url = g_strconcat (self->endpoint, path, NULL);
  const char *with[] = { "x-aws-ec2-metadata-token", self->token, NULL };
  const char *without[] = { "x-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFE_S, NULL };
  FluoAwsRequest request = { .session = self->session, .method = method, .url = url,
                             .headers = self->token ? with : without,
                             .attempts = self->attempts, .total_ms = self->timeout_ms,
                             .seams = self->seams };

  fluo_aws_request_async (&request, g_task_get_cancellable (task), callback, task);
}

static void
machine_fail (GTask *task, GError *error)
{
  if (error->domain == FLUO_XRAY_ERROR)
    g_prefix_error (&error, _("the instance's metadata service gave no keys: "));
  g_task_return_error (task, error);
}

/* The first word of an answer of text, or NULL with @error. */
static char *
dup_word (FluoHttpResponse *response, gsize chars_max, const char *what, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (response->body, &length);
  g_autofree char *line = g_strndup (text ? text : "", MIN (length, chars_max + 1));

  line[strcspn (line, "\r\n")] = '\0';
  if (strlen (line) <= chars_max && *line != '\0' && fluo_credentials_is_key_text (line))
    return g_steal_pointer (&line);
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
               _("the instance's metadata service gave no %s"), what);
  explicit_bzero (line, strlen (line));
  return NULL;
}

static void
machine_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Machine *self = g_task_get_task_data (task);
  g_autofree char *where = g_strdup_printf (_("the instance's role %s"), self->role);
  const FluoKeyOrigin origin = { where, NULL, NULL };
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);
  g_autoptr (FluoJsonTape) tape = response ? fluo_json_tape_new (response->body, NULL) : NULL;
  g_autofree char *code = NULL;
  FluoCredentials *keys = NULL;

  if (tape)
    code = fluo_json_tape_dup_member (tape, 0, "Code");
  if (response && g_strcmp0 (code, "Success") == 0)
    keys = fluo_key_json_read (tape, 0, &origin, fluo_aws_seams_now (&self->seams), &error);
  else if (response)
    g_set_error (&error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                 _("the instance's metadata service has no keys for the role %s"), self->role);
  g_clear_pointer (&tape, fluo_json_tape_free);
  g_clear_pointer (&response, fluo_aws_response_free);
  if (keys)
    g_task_return_pointer (task, keys, (GDestroyNotify) fluo_credentials_unref);
  else
    machine_fail (task, error);
}

static void
machine_role_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Machine *self = g_task_get_task_data (task);
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);
  g_autofree char *path = NULL, *escaped = NULL;

  if (response)
    {
      self->role = dup_word (response, ROLE_CHARS_MAX, _("role; does the instance have one?"),
                             &error);
      fluo_aws_response_free (response);
    }
  if (!self->role)
    {
      machine_fail (task, error);
      return;
    }
  escaped = g_uri_escape_string (self->role, NULL, FALSE);
  path = g_strconcat (ROLES_PATH, escaped, NULL);
  machine_ask (g_steal_pointer (&task), "GET", path, machine_keys_cb);
}

static void
machine_token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Machine *self = g_task_get_task_data (task);
  GError *error = NULL;
  FluoHttpResponse *response = fluo_aws_request_finish (result, NULL, NULL, &error);

  if (response)
    {
      self->token = dup_word (response, TOKEN_CHARS_MAX, "token", &error);
      fluo_aws_response_free (response);
    }
  if (self->token)
    machine_ask (g_steal_pointer (&task), "GET", ROLES_PATH, machine_role_cb);
  else
    machine_fail (task, error);
}

void
fluo_machine_keys_async (const FluoMachineSetup *setup, SoupSession *session,
                         const FluoAwsSeams *seams, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Machine *self = g_new0 (Machine, 1);

  g_task_set_source_tag (task, fluo_machine_keys_async);
  self->endpoint = g_strdup (setup->endpoint);
  self->timeout_ms = setup->timeout_ms;
  self->attempts = setup->attempts;
  self->session = g_object_ref (session);
  self->seams = *seams;
  g_task_set_task_data (task, self, machine_free);
  machine_ask (task, "PUT", "/latest/api/token", machine_token_cb);
}

FluoCredentials *
fluo_machine_keys_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_machine_keys_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

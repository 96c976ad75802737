/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-sso-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-key-json.h"
#include "core/fluo-json.h"

#define FILE_BYTES_MAX (1024 * 1024)

/* Between looks at a file that another program is writing. */
static const guint pauses_ms[] = { 50, 200, 500 };

void
fluo_aws_cache_free (GBytes *text)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (text, &length);

  if (length > 0)
    explicit_bzero ((gpointer) data, length);
  g_bytes_unref (text);
}

/* NULL without @error when there is no file. */
static GBytes *
read_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  const char *problem = NULL;
  struct stat info;
  gsize length = 0;
  char *text;

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return NULL;
  if (fd < 0)
    problem = g_strerror (errno);
  else if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    problem = _("it is not a regular file");
  else if (info.st_uid != geteuid ())
    problem = _("it belongs to another user");
  else if (info.st_size > FILE_BYTES_MAX)
    problem = _("it is larger than 1 MiB");
  if (problem)
    {
      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                   _("can't use \"%s\": %s; remove it and sign in again"), path, problem);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  text = g_malloc (FILE_BYTES_MAX);
  for (;;)
    {
      gssize n = read (fd, text + length, FILE_BYTES_MAX - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }
  close (fd);
  return g_bytes_new_take (g_realloc (text, MAX (length, 1)), length);
}

GBytes *
fluo_aws_cache_load (const char *path, GError **error)
{
  for (gsize i = 0;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      GBytes *text = read_file (path, &local_error);
      g_autoptr (FluoJsonTape) tape = text ? fluo_json_tape_new (text, NULL) : NULL;

      if (local_error)
        g_propagate_error (error, g_steal_pointer (&local_error));
      if (!text)
        return NULL;
      if (tape && fluo_json_tape_type (tape, 0) == FLUO_JSON_OBJECT_BEGIN)
        return text;
      g_clear_pointer (&tape, fluo_json_tape_free);
      fluo_aws_cache_free (text);
      if (i == G_N_ELEMENTS (pauses_ms))
        return NULL;
      g_usleep (pauses_ms[i] * 1000);
    }
}

static const FluoAwsCacheMember *
find_member (const FluoAwsCacheMember *members, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (members[i].name, name) == 0)
      return &members[i];
  return NULL;
}

/* What the file holds and nobody here knows. */
static void
write_others (FluoJsonWriter *writer, const FluoJsonTape *tape, const FluoAwsCacheMember *members,
              gsize n_members)
{
  for (guint32 node = fluo_json_tape_first (tape, 0); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, 0, node))
    {
      g_autofree char *key = fluo_json_tape_dup_key (tape, node);
      gsize length;
      const char *raw = fluo_json_tape_raw (tape, node, &length);

      if (find_member (members, n_members, key))
        continue;
      fluo_json_writer_key (writer, key);
      fluo_json_writer_raw (writer, raw, length);
    }
}

gboolean
fluo_aws_cache_save (const char *path, const FluoAwsCacheMember *members, gsize n_members,
                     GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  GBytes *old = read_file (path, NULL);
  g_autoptr (FluoJsonTape) tape = old ? fluo_json_tape_new (old, NULL) : NULL;
  GString *text = g_string_new (NULL);
  FluoJsonWriter writer;
  gboolean ok;

  fluo_json_writer_init (&writer, text);
  fluo_json_writer_begin (&writer, '{');
  for (gsize i = 0; i < n_members; i++)
    if (members[i].value)
      {
        fluo_json_writer_key (&writer, members[i].name);
        if (members[i].is_raw)
          fluo_json_writer_raw (&writer, members[i].value, strlen (members[i].value));
        else
          fluo_json_writer_string (&writer, members[i].value);
      }
  if (tape && fluo_json_tape_type (tape, 0) == FLUO_JSON_OBJECT_BEGIN)
    write_others (&writer, tape, members, n_members);
  fluo_json_writer_end (&writer, '}');
  g_clear_pointer (&tape, fluo_json_tape_free);
  g_clear_pointer (&old, fluo_aws_cache_free);
  g_mkdir_with_parents (dir, 0700);
  ok = g_file_set_contents_full (path, text->str, (gssize) text->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 error);
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  return ok;
}

/* --- Tokens of IAM Identity Center --------------------------------------- */

void
fluo_sso_token_free (FluoSsoToken *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->start_url);
  g_free (self->region);
  fluo_key_text_clear (&self->access_token);
  fluo_key_text_clear (&self->refresh_token);
  g_free (self->client_id);
  fluo_key_text_clear (&self->client_secret);
  g_free (self);
}

char *
fluo_sso_token_dup_path (const char *key)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA1, key, -1);
  g_autofree char *name = g_strconcat (sum, ".json", NULL);

  return g_build_filename (g_get_home_dir (), ".aws", "sso", "cache", name, NULL);
}

static char *
dup_member (const FluoJsonTape *tape, const char *name)
{
  return fluo_json_tape_dup_member (tape, 0, name);
}

FluoSsoToken *
fluo_sso_token_load (const char *key, GError **error)
{
  g_autofree char *path = fluo_sso_token_dup_path (key);
  GBytes *text = fluo_aws_cache_load (path, error);
  g_autoptr (FluoSsoToken) self = NULL;
  FluoJsonTape *tape;

  if (!text)
    return NULL;
  tape = fluo_json_tape_new (text, NULL);
  self = g_new0 (FluoSsoToken, 1);
  self->start_url = dup_member (tape, "startUrl");
  self->region = dup_member (tape, "region");
  self->access_token = dup_member (tape, "accessToken");
  self->refresh_token = dup_member (tape, "refreshToken");
  self->client_id = dup_member (tape, "clientId");
  self->client_secret = dup_member (tape, "clientSecret");
  if (!fluo_key_json_read_time (tape, fluo_json_tape_get (tape, 0, "expiresAt"), &self->expires_s))
    self->expires_s = 0;
  if (!fluo_key_json_read_time (tape, fluo_json_tape_get (tape, 0, "registrationExpiresAt"),
                                &self->registration_expires_s))
    self->registration_expires_s = 0;
  fluo_json_tape_free (tape);
  fluo_aws_cache_free (text);
  /* It goes into a header. */
  if (!self->access_token || !fluo_credentials_is_key_text (self->access_token))
    return NULL;
  return g_steal_pointer (&self);
}

static char *
format_time (gint64 unix_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_s);

  return time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

gboolean
fluo_sso_token_save (const char *key, const FluoSsoToken *self, GError **error)
{
  g_autofree char *path = fluo_sso_token_dup_path (key);
  g_autofree char *expires = format_time (self->expires_s);
  g_autofree char *registration =
    self->registration_expires_s > 0 ? format_time (self->registration_expires_s) : NULL;
  const FluoAwsCacheMember members[] = {
    { "startUrl", self->start_url, FALSE },
    { "region", self->region, FALSE },
    { "accessToken", self->access_token, FALSE },
    { "expiresAt", expires, FALSE },
    { "clientId", self->client_id, FALSE },
    { "clientSecret", self->client_secret, FALSE },
    { "registrationExpiresAt", registration, FALSE },
    { "refreshToken", self->refresh_token, FALSE },
  };

  return fluo_aws_cache_save (path, members, G_N_ELEMENTS (members), error);
}

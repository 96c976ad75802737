/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"
#include "fluo-config.h"

#include "aws/fluo-local-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* Two pairs and the comment take some 400 bytes. */
#define FILE_BYTES_MAX (64 * 1024)

/* As long as AWS's own, whose lengths some tools check. 12 letters of 32 name the pair; 40 of 62
 * are 238 bits. */
#define ACCESS_KEY_RANDOM_LEN 12
#define SECRET_LEN 40

#define KEY_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define SECRET_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char *const role_names[FLUO_N_ROLES] = { "read", "full" };
/* In the middle of the access key, so that one sees which pair is in use. */
static const char *const role_marks[FLUO_N_ROLES] = { "READ", "FULL" };

const char *
fluo_role_get_name (FluoRole role)
{
  g_return_val_if_fail (role < FLUO_N_ROLES, NULL);

  return role_names[role];
}

gboolean
fluo_role_from_name (const char *name, FluoRole *ret_role)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (guint role = 0; role < FLUO_N_ROLES; role++)
    if (strcmp (name, role_names[role]) == 0)
      {
        *ret_role = (FluoRole) role;
        return TRUE;
      }
  return FALSE;
}

static gboolean
fail (GError **error, int code, const char *path, const char *reason)
{
  g_set_error (error, FLUO_CREDENTIALS_ERROR, code, "“%s”: %s", path, reason);
  return FALSE;
}

/* --- Reading -------------------------------------------------------------- */

static void
wipe_and_free (char *text)
{
  if (text)
    explicit_bzero (text, strlen (text));
  g_free (text);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (char, wipe_and_free)

static gboolean
check_private (int fd, const char *path, GError **error)
{
  const char *reason = NULL;
  struct stat info;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > FILE_BYTES_MAX)
    reason = _("not a file of key pairs");
  else if (info.st_uid != geteuid ())
    reason = _("it belongs to another user");
  else if (info.st_mode & (S_IRWXG | S_IRWXO))
    reason = _("others may read it; expected mode 600");
  return !reason || fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path, reason);
}

/* The file's text, zero-terminated. FLUO_CREDENTIALS_ERROR_NONE when there is no file. */
static char *
read_private (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  g_autoptr (char) text = NULL;
  gboolean ok;

  if (fd < 0)
    {
      fail (error,
            errno == ENOENT ? FLUO_CREDENTIALS_ERROR_NONE : FLUO_CREDENTIALS_ERROR_INVALID, path,
            g_strerror (errno));
      return NULL;
    }
  ok = check_private (fd, path, error);
  if (ok)
    {
      text = g_malloc0 (FILE_BYTES_MAX + 1);
      ok = read (fd, text, FILE_BYTES_MAX) >= 0
           || fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path, g_strerror (errno));
    }
  close (fd);
  return ok ? g_steal_pointer (&text) : NULL;
}

static gboolean
is_made_of (const char *text, const char *letters)
{
  return *text && strspn (text, letters) == strlen (text);
}

static FluoCredentials *
take (GKeyFile *file, const char *path, FluoRole role, GError **error)
{
  g_autoptr (char) key = g_key_file_get_string (file, role_names[role], "aws_access_key_id", NULL);
  g_autoptr (char) secret =
    g_key_file_get_string (file, role_names[role], "aws_secret_access_key", NULL);

  if (!key || !secret || !g_str_has_prefix (key, FLUO_LOCAL_KEYS_PREFIX) || strlen (key) > 128
      || strlen (secret) > 128 || !is_made_of (key, KEY_LETTERS "0189")
      || !is_made_of (secret, SECRET_LETTERS "+/="))
    {
      fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path,
            _("it has no key pair of a collector; remove it and start fluoroscoped again"));
      return NULL;
    }
  return fluo_credentials_new (key, secret, NULL, path);
}

/* NULL with a FLUO_CREDENTIALS_ERROR. */
static GKeyFile *
read_file (const char *path, GError **error)
{
  g_autoptr (char) text = read_private (path, error);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!text)
    return NULL;
  if (*text && !g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL))
    {
      fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path, _("not a file of key pairs"));
      return NULL;
    }
  return g_steal_pointer (&file);
}

FluoCredentials *
fluo_local_keys_load (const char *path, FluoRole role, GError **error)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (path != NULL && role < FLUO_N_ROLES, NULL);

  name = g_path_get_basename (path);
  if (!g_path_is_absolute (path) || strcmp (name, FLUO_LOCAL_KEYS_FILE_NAME) != 0)
    {
      fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path, _("not a file of key pairs"));
      return NULL;
    }
  file = read_file (path, error);
  return file ? take (file, path, role, error) : NULL;
}

/* --- Making --------------------------------------------------------------- */

/* Letters at random, each equally likely. */
static gboolean
append_random (GString *out, gsize length, const char *letters, GError **error)
{
  gsize n_letters = strlen (letters);
  guint8 fair_max = (guint8) (256 / n_letters * n_letters - 1);

  while (length > 0)
    {
      guint8 byte;

      if (getrandom (&byte, 1, 0) != 1)
        {
          g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                       _("no random numbers: %s"), g_strerror (errno));
          return FALSE;
        }
      if (byte > fair_max)
        continue;
      g_string_append_c (out, letters[byte % n_letters]);
      length--;
    }
  return TRUE;
}

static gboolean
append_pair (GString *out, FluoRole role, GError **error)
{
  g_string_append_printf (out, "\n[%s]\naws_access_key_id = " FLUO_LOCAL_KEYS_PREFIX "%s",
                          role_names[role], role_marks[role]);
  if (!append_random (out, ACCESS_KEY_RANDOM_LEN, KEY_LETTERS, error))
    return FALSE;
  g_string_append (out, "\naws_secret_access_key = ");
  if (!append_random (out, SECRET_LEN, SECRET_LETTERS, error))
    return FALSE;
  g_string_append_c (out, '\n');
  return TRUE;
}

static gboolean
make_file (const char *path, GError **error)
{
  /* Large enough for the whole, so that no copy is left behind by growing. */
  GString *text = g_string_sized_new (1024);
  g_autoptr (GError) local_error = NULL;
  gboolean ok;

  g_string_append (
    text, "# Key pairs of Fluoroscope's collector. Whoever has them may read its traces (read)\n"
          "# and change its settings (full). Remove this file and start fluoroscoped again to\n"
          "# get new ones.\n");
  ok = append_pair (text, FLUO_ROLE_READ, error) && append_pair (text, FLUO_ROLE_FULL, error);
  if (ok && !g_file_set_contents_full (path, text->str, (gssize) text->len,
                                       G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                       0600, &local_error))
    ok = fail (error, FLUO_CREDENTIALS_ERROR_INVALID, path, local_error->message);
  explicit_bzero (text->str, text->len);
  g_string_free (text, TRUE);
  return ok;
}

static gboolean
take_all (const char *path, FluoCredentials **ret_keys, GError **error)
{
  g_autoptr (GKeyFile) file = read_file (path, error);
  FluoCredentials *keys[FLUO_N_ROLES] = { NULL };
  gboolean ok = file != NULL;

  for (guint role = 0; role < FLUO_N_ROLES && ok; role++)
    ok = (keys[role] = take (file, path, (FluoRole) role, error)) != NULL;
  for (guint role = 0; role < FLUO_N_ROLES; role++)
    if (ok)
      ret_keys[role] = keys[role];
    else
      g_clear_pointer (&keys[role], fluo_credentials_unref);
  return ok;
}

gboolean
fluo_local_keys_ensure (const char *directory, FluoCredentials **ret_keys, GError **error)
{
  g_autofree char *path = g_build_filename (directory, FLUO_LOCAL_KEYS_FILE_NAME, NULL);
  g_autofree char *old = g_strconcat (path, ".old", NULL);
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (directory != NULL && ret_keys != NULL, FALSE);

  if (take_all (path, ret_keys, &local_error))
    return TRUE;
  if (!g_error_matches (local_error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_NONE))
    {
      if (g_rename (path, old) != 0)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      g_warning (_("new key pairs are made, the old ones moved to “%s”: %s"), old,
                 local_error->message);
    }
  return make_file (path, error) && take_all (path, ret_keys, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-secret-state.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>

#include "aws/fluo-secret-store.h"

/* The file of libsecret's own keyring: this, two bytes of version, and one value of this type, its
 * numbers little-endian: length of the salt, salt, iterations, time, uses, items. */
#define FILE_MAGIC "GnomeKeyring\n\r\0\n"
#define FILE_MAGIC_LEN 16
#define FILE_HEADER_LEN (FILE_MAGIC_LEN + 2)
#define FILE_TYPE "(uayutua(a{say}ay))"

gboolean
fluo_secret_state_uses_file (void)
{
  const char *backend = g_getenv ("SECRET_BACKEND");

  if (backend && *backend != '\0')
    return strcmp (backend, "file") == 0;
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_getenv ("SNAP_NAME");
}

static char *
dup_file_path (void)
{
  const char *path = g_getenv ("SECRET_FILE_TEST_PATH");

  return path ? g_strdup (path)
              : g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
}

/* Anything cut off makes a value that is not in its normal form. */
static gboolean
is_whole (const char *bytes, gsize length)
{
  g_autoptr (GBytes) rest = NULL;
  g_autoptr (GVariant) value = NULL, salt = NULL;
  guint32 salt_length;
  gsize n;

  if (length < FILE_HEADER_LEN || memcmp (bytes, FILE_MAGIC, FILE_MAGIC_LEN) != 0)
    return FALSE;
  rest = g_bytes_new (bytes + FILE_HEADER_LEN, length - FILE_HEADER_LEN);
  value = g_variant_ref_sink (
    g_variant_new_from_bytes (G_VARIANT_TYPE (FILE_TYPE), rest, FALSE));
  if (!g_variant_is_normal_form (value))
    return FALSE;
  g_variant_get_child (value, 0, "u", &salt_length);
  salt = g_variant_get_child_value (value, 1);
  g_variant_get_fixed_array (salt, &n, 1);
  return n > 0 && n == GUINT32_FROM_LE (salt_length);
}

gboolean
fluo_secret_state_check_file (GError **error)
{
  g_autofree char *path = NULL, *bytes = NULL;
  gsize length;

  if (!fluo_secret_state_uses_file ())
    return TRUE;
  path = dup_file_path ();
  if (!g_file_get_contents (path, &bytes, &length, NULL) || is_whole (bytes, length))
    return TRUE;
  g_set_error (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
               _("the keyring's file \"%s\" is damaged; move it away and enter the key again"),
               path);
  return FALSE;
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer user_data)
{
  secret_service_disconnect ();
}

void
fluo_secret_state_watch (void)
{
  static guint watch;

  if (watch == 0 && !fluo_secret_state_uses_file ())
    watch = g_bus_watch_name (G_BUS_TYPE_SESSION, "org.freedesktop.secrets",
                              G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, vanished_cb, NULL, NULL);
}

/* --- Locked or empty --------------------------------------------------------- */

typedef struct
{
  gboolean          unlock;
  SecretService    *service;
  SecretCollection *collection;
} Proof;

static void
proof_free (gpointer data)
{
  Proof *self = data;

  g_clear_object (&self->service);
  g_clear_object (&self->collection);
  g_free (self);
}

static void
return_locked (GTask *task)
{
  g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_LOCKED,
                           _("the keyring is locked; unlock it and try again"));
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GList *unlocked = NULL;
  gboolean is_open =
    secret_service_unlock_finish (SECRET_SERVICE (source), result, &unlocked, NULL) > 0;

  g_list_free_full (unlocked, g_object_unref);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (is_open)
    g_task_return_boolean (task, TRUE);
  else
    return_locked (task);
}

static void
got_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Proof *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->collection = secret_collection_for_alias_finish (result, &error);
  if (g_task_return_error_if_cancelled (task))
    return;
  /* Without a keyring nothing can be in it. */
  if (!self->collection || !secret_collection_get_locked (self->collection))
    g_task_return_boolean (task, TRUE);
  else if (!self->unlock)
    return_locked (task);
  else
    {
      GList one = { self->collection, NULL, NULL };

      secret_service_unlock (self->service, &one, g_task_get_cancellable (task), unlocked_cb,
                             g_object_ref (task));
    }
}

static void
got_service_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Proof *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->service = secret_service_get_finish (result, &error);
  if (!self->service)
    {
      g_task_return_error (task, error);
      return;
    }
  secret_collection_for_alias (self->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                               g_task_get_cancellable (task), got_collection_cb,
                               g_object_ref (task));
}

void
fluo_secret_state_prove_open_async (gboolean unlock, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Proof *self = g_new0 (Proof, 1);

  g_task_set_source_tag (task, fluo_secret_state_prove_open_async);
  self->unlock = unlock;
  g_task_set_task_data (task, self, proof_free);
  /* A file is open, or reading it failed. */
  if (fluo_secret_state_uses_file ())
    g_task_return_boolean (task, TRUE);
  else
    secret_service_get (SECRET_SERVICE_OPEN_SESSION, cancellable, got_service_cb,
                        g_object_ref (task));
}

gboolean
fluo_secret_state_prove_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_state_prove_open_async),
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-vault"

#include "fluo-config.h"

#include "fluo-vault-private.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "aws/fluo-secret-store.h"

enum
{
  SIGNAL_CHANGED,
  SIGNAL_NOTICE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GHashTable *vaults; /* connection -> FluoVault, strong until fluo_vault_stop_all() */

G_DEFINE_FINAL_TYPE (FluoVault, fluo_vault, G_TYPE_OBJECT)

void
fluo_vault_changed (FluoVault *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
fluo_vault_set_error (FluoVault *self, const GError *error)
{
  g_clear_error (&self->error);
  if (error)
    self->error = g_error_copy (error);
}

/* That nothing can be kept without a secret service is no news on the second connection, and holds
 * for all of them: it is told once, afterwards by the cockpit alone. */
static gboolean
is_told (const GError *error)
{
  static gboolean told = FALSE;
  const gboolean before = told;

  if (!g_error_matches (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE))
    return FALSE;
  told = TRUE;
  return before;
}

/* The same twice is told once. Where the vault lies is for the cockpit, which has room for it. */
static void
say (FluoVault *self, const char *format, const char *words)
{
  g_autofree char *notice = g_strdup_printf (format, words);
  g_autofree char *place = g_strconcat (self->directory, G_DIR_SEPARATOR_S, NULL);
  g_autoptr (GString) brief = NULL;

  if (g_strcmp0 (self->notice, notice) == 0)
    return;
  g_free (self->notice);
  self->notice = g_steal_pointer (&notice);
  brief = g_string_new (self->notice);
  g_string_replace (brief, place, "", 0);
  g_signal_emit (self, signals[SIGNAL_NOTICE], 0, brief->str);
}

/* A connection's id is a UUID, but it comes out of a file. */
static char *
dup_directory (const char *connection)
{
  g_autofree char *name = g_uuid_string_is_valid (connection)
                              ? g_strdup (connection)
                              : g_compute_checksum_for_string (G_CHECKSUM_SHA256, connection, -1);

  return g_build_filename (g_get_user_data_dir (), "fluoroscope", "vaults", name, NULL);
}

static void
close_collector (FluoVault *self)
{
  if (self->collector)
    fluo_collector_stop (self->collector);
  g_clear_object (&self->collector);
  g_clear_object (&self->client);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoVault) self = user_data;
  FluoCollectorStatus *status =
      fluo_xray_client_get_status_finish (FLUO_XRAY_CLIENT (source), result, NULL);

  if (status && status->last_error && self->client == FLUO_XRAY_CLIENT (source))
    {
      say (self, _("The vault: %s"), status->last_error);
      fluo_vault_changed (self);
    }
  g_clear_pointer (&status, fluo_collector_status_free);
}

void
fluo_vault_look (FluoVault *self)
{
  fluo_xray_client_get_status_async (self->client, NULL, looked_cb, g_object_ref (self));
}

/* --- Opening ----------------------------------------------------------------------------- */

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
tell_attached (FluoVault *self)
{
  for (guint i = 0; i < self->attached->len; i++)
    {
      g_autoptr (FluoXrayClient) client = g_weak_ref_get (g_ptr_array_index (self->attached, i));

      if (client)
        fluo_xray_client_set_vault (client, self->client);
    }
}

/* Answers all who wait; takes over @error (NULL: success). */
static void
opened (FluoVault *self, GError *error)
{
  g_autoptr (GPtrArray) opening = g_steal_pointer (&self->opening);

  self->opening = g_ptr_array_new_with_free_func (g_object_unref);
  self->is_opening = FALSE;
  for (guint i = 0; i < opening->len; i++)
    {
      GTask *task = g_ptr_array_index (opening, i);

      if (error)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_pointer (task, self->client, NULL);
    }
  fluo_vault_set_error (self, error);
  if (!error)
    fluo_vault_look (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
           && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !is_told (error))
    say (self, _("Nothing is kept: %s"), error->message);
  g_clear_error (&error);
  fluo_vault_changed (self);
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoVault) self = user_data;
  FluoCollector *collector = FLUO_COLLECTOR (source);
  GError *error = NULL;
  const char *endpoint;

  if (fluo_collector_ensure_finish (collector, result, &error) && collector != self->collector)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                 _("nothing of this connection was kept yet")); /* cleared */
  if (error)
    {
      opened (self, error);
      return;
    }
  endpoint = fluo_collector_get_endpoint (collector);
  if (!self->client || g_strcmp0 (fluo_xray_client_get_endpoint (self->client), endpoint) != 0)
    {
      g_clear_object (&self->client);
      self->client = fluo_xray_client_new (endpoint, NULL, NULL);
      tell_attached (self);
    }
  opened (self, NULL);
}

static void
ensure (FluoVault *self)
{
  fluo_collector_ensure_async (self->collector, NULL, ready_cb, g_object_ref (self));
}

static void
got_key_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoVault) self = user_data;
  GError *error = NULL;
  char *key = fluo_secret_store_get_vault_key_finish (result, &error);

  if (!key)
    {
      opened (self, error);
      return;
    }
  g_mkdir_with_parents (self->directory, 0700);
  self->collector = fluo_collector_new_sealed (self->directory, key, self->size_max);
  fluo_secret_store_key_free (key);
  ensure (self);
}

void
fluo_vault_open_async (FluoVault *self, gboolean create, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (FLUO_IS_VAULT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_vault_open_async);
  g_ptr_array_add (self->opening, task);
  self->create |= create;
  if (self->is_opening)
    return;
  self->is_opening = TRUE;
  if (self->collector)
    ensure (self);
  else if (!create && !g_file_test (self->directory, G_FILE_TEST_IS_DIR))
    opened (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                       _("nothing of this connection was kept yet")));
  else
    /* A vault without its key is no vault: nothing is lost by making another key only when there
     * is no store. */
    fluo_secret_store_get_vault_key_async (self->connection,
                                           self->create
                                               && !g_file_test (self->directory,
                                                                G_FILE_TEST_IS_DIR),
                                           cancellable, got_key_cb, g_object_ref (self));
}

FluoXrayClient *
fluo_vault_open_finish (FluoVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Attaching --------------------------------------------------------------------------- */

static void
opened_for_attached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!fluo_vault_open_finish (FLUO_VAULT (source), result, &error))
    g_debug ("no vault: %s", error->message);
}

void
fluo_vault_attach (FluoVault *self, FluoXrayClient *client)
{
  GWeakRef *ref;

  g_return_if_fail (FLUO_IS_VAULT (self));
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (client));
  fluo_xray_client_set_keep_func (client, fluo_vault_keep_cb, g_object_ref (self), g_object_unref);
  ref = g_new (GWeakRef, 1);
  g_weak_ref_init (ref, client);
  g_ptr_array_add (self->attached, ref);
  if (self->client)
    fluo_xray_client_set_vault (client, self->client);
  else if (g_file_test (self->directory, G_FILE_TEST_IS_DIR))
    fluo_vault_open_async (self, FALSE, NULL, opened_for_attached_cb, NULL);
}

void
fluo_vault_detach (FluoVault *self, FluoXrayClient *client)
{
  g_return_if_fail (FLUO_IS_VAULT (self));
  g_return_if_fail (FLUO_IS_XRAY_CLIENT (client));
  for (guint i = self->attached->len; i > 0; i--)
    {
      g_autoptr (FluoXrayClient) one = g_weak_ref_get (self->attached->pdata[i - 1]);

      if (!one || one == client)
        g_ptr_array_remove_index (self->attached, i - 1);
    }
  fluo_xray_client_set_vault (client, NULL);
  fluo_xray_client_set_keep_func (client, NULL, NULL, NULL);
}

/* --- Clearing ---------------------------------------------------------------------------- */

/* [worker] Links are not followed. */
static void
delete_all (GFile *file)
{
  g_autoptr (GFileEnumerator) children = g_file_enumerate_children (
      file, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);

  while (children)
    {
      GFile *child;

      if (!g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) || !child)
        break;
      /* A store's directory has no directories in it. */
      g_file_delete (child, NULL, NULL);
    }
}

static void
delete_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GFile) directory = g_file_new_for_path (data);
  GError *error = NULL;

  delete_all (directory);
  if (g_file_delete (directory, NULL, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, error);
}

static void
key_cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  /* Without a secret service there is no key either. */
  if (!fluo_secret_store_clear_vault_key_finish (result, &error)
      && !g_error_matches (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
  g_clear_error (&error);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoVault *self = FLUO_VAULT (source);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->n_kept = self->n_lost = 0;
  g_clear_pointer (&self->notice, g_free);
  fluo_vault_set_error (self, NULL);
  fluo_vault_changed (self);
  fluo_secret_store_clear_vault_key_async (self->connection, NULL, key_cleared_cb,
                                           g_steal_pointer (&task));
}

void
fluo_vault_clear_async (FluoVault *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) worker = NULL;
  GTask *task;

  g_return_if_fail (FLUO_IS_VAULT (self));
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, fluo_vault_clear_async);
  g_queue_clear_full (&self->waiting, g_free);
  self->waiting_bytes = 0;
  close_collector (self);
  self->create = FALSE;
  tell_attached (self);
  worker = g_task_new (self, NULL, deleted_cb, task);
  g_task_set_source_tag (worker, fluo_vault_clear_async);
  g_task_set_task_data (worker, g_strdup (self->directory), g_free);
  g_task_run_in_thread (worker, delete_thread);
}

gboolean
fluo_vault_clear_finish (FluoVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_vault_dispose (GObject *object)
{
  FluoVault *self = FLUO_VAULT (object);

  close_collector (self);
  G_OBJECT_CLASS (fluo_vault_parent_class)->dispose (object);
}

static void
fluo_vault_finalize (GObject *object)
{
  FluoVault *self = FLUO_VAULT (object);

  g_free (self->connection);
  g_free (self->directory);
  g_ptr_array_unref (self->opening);
  g_ptr_array_unref (self->attached);
  g_queue_clear_full (&self->waiting, g_free);
  g_clear_error (&self->error);
  g_free (self->notice);
  G_OBJECT_CLASS (fluo_vault_parent_class)->finalize (object);
}

static void
fluo_vault_class_init (FluoVaultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_vault_dispose;
  object_class->finalize = fluo_vault_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_NOTICE] = g_signal_new ("notice", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
fluo_vault_init (FluoVault *self)
{
  g_queue_init (&self->waiting);
  self->opening = g_ptr_array_new_with_free_func (g_object_unref);
  self->attached = g_ptr_array_new_with_free_func (weak_ref_free);
}

/* The collector is told when it starts; it is started again when the vault is next opened. */
static void
set_size (FluoVault *self, guint64 size_max)
{
  if (self->size_max == size_max)
    return;
  self->size_max = size_max;
  if (!self->collector || self->is_opening)
    return;
  close_collector (self);
  tell_attached (self);
}

FluoVault *
fluo_vault_get (const char *connection, guint64 size_max)
{
  FluoVault *self;

  g_return_val_if_fail (connection != NULL && *connection != '\0', NULL);
  if (!vaults)
    vaults = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self = g_hash_table_lookup (vaults, connection);
  if (!self)
    {
      self = g_object_new (FLUO_TYPE_VAULT, NULL);
      self->connection = g_strdup (connection);
      self->directory = dup_directory (connection);
      self->size_max = size_max;
      g_hash_table_insert (vaults, g_strdup (connection), self);
    }
  else
    set_size (self, size_max);
  return g_object_ref (self);
}

gboolean
fluo_vault_exists (const char *connection)
{
  g_autofree char *directory = dup_directory (connection);

  return g_file_test (directory, G_FILE_TEST_IS_DIR);
}

FluoXrayClient *
fluo_vault_get_client (FluoVault *self)
{
  g_return_val_if_fail (FLUO_IS_VAULT (self), NULL);
  return self->client;
}

guint64
fluo_vault_get_n_kept (FluoVault *self)
{
  g_return_val_if_fail (FLUO_IS_VAULT (self), 0);
  return self->n_kept;
}

guint64
fluo_vault_get_n_lost (FluoVault *self)
{
  g_return_val_if_fail (FLUO_IS_VAULT (self), 0);
  return self->n_lost;
}

guint64
fluo_vault_get_bytes (FluoVault *self)
{
  g_autoptr (GDir) dir = NULL;
  guint64 bytes = 0;
  const char *name;

  g_return_val_if_fail (FLUO_IS_VAULT (self), 0);
  dir = g_dir_open (self->directory, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (self->directory, name, NULL);
      GStatBuf info;

      if (g_stat (path, &info) == 0)
        bytes += (guint64) info.st_size;
    }
  return bytes;
}

const GError *
fluo_vault_get_error (FluoVault *self)
{
  g_return_val_if_fail (FLUO_IS_VAULT (self), NULL);
  return self->error;
}

const char *
fluo_vault_get_notice (FluoVault *self)
{
  g_return_val_if_fail (FLUO_IS_VAULT (self), NULL);
  return self->notice;
}

void
fluo_vault_stop_all (void)
{
  GHashTableIter iter;
  gpointer vault;

  if (!vaults)
    return;
  g_hash_table_iter_init (&iter, vaults);
  while (g_hash_table_iter_next (&iter, NULL, &vault))
    g_object_run_dispose (G_OBJECT (vault));
  g_clear_pointer (&vaults, g_hash_table_unref);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-secret-store.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>
#include <sys/random.h>

#include "aws/fluo-secret-state.h"

/* The secret's text, version 1: "1", access key id, secret access key and session token (maybe
 * empty), a line each. */
#define FORMAT_VERSION "1"
#define CONTENT_TYPE "text/plain"

static const SecretSchema schema = {
  "io.github.fluoroscope.Fluoroscope.Credentials",
  SECRET_SCHEMA_NONE,
  { { "connection", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
  0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
};

G_DEFINE_QUARK (fluo-secret-store-error-quark, fluo_secret_store_error)

/* The schema's name is told: libsecret's file keyring goes by attributes alone, so that a
 * connection's vault key would take the place of its access key. */
static GHashTable *
attributes_new (const SecretSchema *kind, const char *connection)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (attributes, (gpointer) "xdg:schema", g_strdup (kind->name));
  g_hash_table_insert (attributes, (gpointer) "connection", g_strdup (connection));
  return attributes;
}

/* libsecret's errors come from its own domain, from D-Bus and from the bus's launcher; only two
 * states matter. */
static GError *
translate (GError *error)
{
  GError *own;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;
  if (g_error_matches (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    own = g_error_new_literal (FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_LOCKED,
                               _("the keyring is locked; unlock it and try again"));
  else if (g_error_matches (error, SECRET_ERROR, SECRET_ERROR_INVALID_FILE_FORMAT))
    own = g_error_new_literal (FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
                               _("the keyring's file is damaged; remove it and enter the key "
                                 "again"));
  else if (error->domain == FLUO_SECRET_STORE_ERROR)
    return error;
  else if (error->domain == G_DBUS_ERROR && strstr (error->message, "/collection/"))
    own = g_error_new_literal (FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE,
                               _("there is no keyring yet; make one in the desktop's password "
                                 "manager"));
  else
    own = g_error_new (FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE,
                       fluo_secret_state_uses_file ()
                         ? _("the desktop's keyring does not open for this application, so access "
                             "keys can't be kept: %s")
                         : _("no secret service is running, so access keys can't be kept: %s"),
                       error->message);
  g_error_free (error);
  return own;
}

/* TRUE when the task has returned: libsecret would end the process over the keyring's file. */
static gboolean
refuse_damaged (GTask *task)
{
  GError *error = NULL;

  fluo_secret_state_watch ();
  if (fluo_secret_state_check_file (&error))
    return FALSE;
  g_task_return_error (task, error);
  g_object_unref (task);
  return TRUE;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (secret_password_store_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, translate (error));
}

static void
free_wiped (gpointer text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

void
fluo_secret_store_save_async (const char *connection, FluoCredentials *credentials,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GHashTable) attributes = NULL;
  g_autofree char *label = NULL;
  const char *token;
  SecretValue *value;
  char *text;
  GTask *task;

  g_return_if_fail (connection != NULL && credentials != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_secret_store_save_async);
  if (refuse_damaged (task))
    return;
  token = fluo_credentials_get_token (credentials);
  text = g_strjoin ("\n", FORMAT_VERSION, fluo_credentials_get_access_key (credentials),
                    fluo_credentials_get_secret (credentials), token ? token : "", NULL);
  value = secret_value_new_full (text, (gssize) strlen (text), CONTENT_TYPE, free_wiped);
  attributes = attributes_new (&schema, connection);
  label = g_strdup_printf (_("Fluoroscope: access key of \"%s\""), connection);
  secret_password_storev_binary (&schema, attributes, SECRET_COLLECTION_DEFAULT, label, value,
                                 cancellable, saved_cb, task);
  secret_value_unref (value);
}

gboolean
fluo_secret_store_save_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_save_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* NULL for anything that save did not write. */
static FluoCredentials *
parse_value (SecretValue *value, const char *connection)
{
  g_autofree char *source = g_strdup_printf (_("the keyring, for \"%s\""), connection);
  FluoCredentials *credentials = NULL;
  g_auto (GStrv) lines = NULL;
  const char *text;
  gsize length;

  text = secret_value_get (value, &length);
  if (memchr (text, '\0', length) == NULL)
    {
      char *copy = g_strndup (text, length);

      lines = g_strsplit (copy, "\n", 5);
      free_wiped (copy);
      if (g_strv_length (lines) == 4 && strcmp (lines[0], FORMAT_VERSION) == 0 && *lines[1] != '\0'
          && *lines[2] != '\0')
        credentials = fluo_credentials_new (lines[1], lines[2], lines[3], source);
      for (guint i = 0; lines[i]; i++)
        explicit_bzero (lines[i], strlen (lines[i]));
    }
  return credentials;
}

/* Nothing was found: because nothing is there, or because the keyring is locked? */
static void
proved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (fluo_secret_state_prove_open_finish (result, &error))
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND,
                             _("no access key is stored for \"%s\""),
                             (const char *) g_task_get_task_data (task));
  else
    g_task_return_error (task, translate (error));
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *connection = g_task_get_task_data (task);
  GError *error = NULL;
  SecretValue *value = secret_password_lookup_binary_finish (result, &error);
  FluoCredentials *credentials;

  if (error)
    {
      g_task_return_error (task, translate (error));
      return;
    }
  if (!value)
    {
      fluo_secret_state_prove_open_async (FALSE, g_task_get_cancellable (task), proved_cb,
                                          g_object_ref (task));
      return;
    }
  credentials = parse_value (value, connection);
  secret_value_unref (value);
  if (credentials)
    g_task_return_pointer (task, credentials, (GDestroyNotify) fluo_credentials_unref);
  else
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
                             _("what is stored for \"%s\" is no access key; enter it again"),
                             connection);
}

void
fluo_secret_store_lookup_async (const char *connection, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GHashTable) attributes = NULL;
  GTask *task;

  g_return_if_fail (connection != NULL);

  attributes = attributes_new (&schema, connection);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_secret_store_lookup_async);
  g_task_set_task_data (task, g_strdup (connection), g_free);
  if (refuse_damaged (task))
    return;
  secret_password_lookupv (&schema, attributes, cancellable, found_cb, task);
}

FluoCredentials *
fluo_secret_store_lookup_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_lookup_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
copy_saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (fluo_secret_store_save_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
copy_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoCredentials) credentials = fluo_secret_store_lookup_finish (result, &error);

  if (credentials)
    fluo_secret_store_save_async (g_task_get_task_data (task), credentials,
                                  g_task_get_cancellable (task), copy_saved_cb,
                                  g_object_ref (task));
  else
    g_task_return_error (task, error);
}

void
fluo_secret_store_copy_async (const char *from, const char *to, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (from != NULL && to != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_secret_store_copy_async);
  g_task_set_task_data (task, g_strdup (to), g_free);
  fluo_secret_store_lookup_async (from, cancellable, copy_found_cb, task);
}

gboolean
fluo_secret_store_copy_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_copy_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  secret_password_clear_finish (result, &error);
  if (error)
    g_task_return_error (task, translate (error));
  else
    g_task_return_boolean (task, TRUE);
}

/* What @kind keeps for a connection; @tag is whose call it is. */
static void
clear (const SecretSchema *kind, const char *connection, GCancellable *cancellable,
       GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  g_autoptr (GHashTable) attributes = attributes_new (kind, connection);
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (!refuse_damaged (task))
    secret_password_clearv (kind, attributes, cancellable, cleared_cb, task);
}

void
fluo_secret_store_clear_async (const char *connection, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (connection != NULL);

  clear (&schema, connection, cancellable, callback, user_data, fluo_secret_store_clear_async);
}

gboolean
fluo_secret_store_clear_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_clear_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- The key of a vault ---------------------------------------------------------------------- */

#define VAULT_KEY_BYTES 32
#define VAULT_KEY_CHARS (2 * VAULT_KEY_BYTES)

static const SecretSchema vault_schema = {
  "io.github.fluoroscope.Fluoroscope.Vault",
  SECRET_SCHEMA_NONE,
  { { "connection", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
  0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
};

typedef struct
{
  char    *connection;
  gboolean create;
  gboolean is_proved; /* the keyring is open: nothing found is nothing there */
  char    *key;       /* made, and being stored */
  char    *found;     /* while it is made sure that there is no other */
} VaultKey;

static void look_for_key (GTask *task);

void
fluo_secret_store_key_free (gpointer key)
{
  if (key)
    free_wiped (key);
}

static void
vault_key_free (gpointer data)
{
  VaultKey *self = data;

  g_free (self->connection);
  fluo_secret_store_key_free (self->key);
  fluo_secret_store_key_free (self->found);
  g_free (self);
}

static char *
make_key (GError **error)
{
  guint8 bytes[VAULT_KEY_BYTES];
  char *key;

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    {
      g_set_error_literal (error, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_UNAVAILABLE,
                           _("the system gives no random numbers for a key"));
      return NULL;
    }
  key = g_malloc (VAULT_KEY_CHARS + 1);
  for (guint i = 0; i < sizeof bytes; i++)
    g_snprintf (key + 2 * i, 3, "%02x", bytes[i]);
  explicit_bzero (bytes, sizeof bytes);
  return key;
}

static void
vault_key_saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VaultKey *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!secret_password_store_finish (result, &error))
    {
      g_task_return_error (task, translate (error));
      return;
    }
  /* Read back before anything is encrypted with it. */
  self->create = FALSE;
  look_for_key (g_steal_pointer (&task));
}

static void
vault_proved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  VaultKey *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (fluo_secret_state_prove_open_finish (result, &error))
    {
      self->is_proved = TRUE;
      look_for_key (task);
      return;
    }
  g_task_return_error (task, translate (error));
  g_object_unref (task);
}

/* Takes the reference on @task. */
static void
save_new_key (GTask *task)
{
  VaultKey *self = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = attributes_new (&vault_schema, self->connection);
  g_autofree char *label = NULL;
  SecretValue *value;
  GError *error = NULL;

  self->key = make_key (&error);
  if (!self->key)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  label = g_strdup_printf (_("Fluoroscope: vault of \"%s\""), self->connection);
  value = secret_value_new_full (g_strdup (self->key), VAULT_KEY_CHARS, CONTENT_TYPE, free_wiped);
  secret_password_storev_binary (&vault_schema, attributes, SECRET_COLLECTION_DEFAULT, label, value,
                                 g_task_get_cancellable (task), vault_key_saved_cb, task);
  secret_value_unref (value);
}

/* Which of two would be the vault's can't be told, and the wrong one must not write into it. */
static void
vault_keys_counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VaultKey *self = g_task_get_task_data (task);
  GError *error = NULL;
  GList *items = secret_password_search_finish (result, &error);
  guint n = g_list_length (items);

  g_list_free_full (items, g_object_unref);
  if (error)
    g_task_return_error (task, translate (error));
  else if (n > 1)
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
                             _("the keyring has %u keys for this vault; remove all but the first "
                               "in the desktop's password manager"),
                             n);
  else
    g_task_return_pointer (task, g_steal_pointer (&self->found), fluo_secret_store_key_free);
}

/* Takes the reference on @task. */
static void
count_keys (GTask *task)
{
  const VaultKey *self = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = attributes_new (&vault_schema, self->connection);

  secret_password_searchv (&vault_schema, attributes, SECRET_SEARCH_ALL,
                           g_task_get_cancellable (task), vault_keys_counted_cb, task);
}

static void
vault_key_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  VaultKey *self = g_task_get_task_data (task);
  GError *error = NULL;
  SecretValue *value = secret_password_lookup_binary_finish (result, &error);
  gsize length = 0;
  const char *text = value ? secret_value_get (value, &length) : NULL;

  /* A key that a locked keyring hides must not be replaced. */
  if (!value && !error && !self->is_proved)
    {
      fluo_secret_state_prove_open_async (self->create, g_task_get_cancellable (task),
                                          vault_proved_cb, task);
      return;
    }
  if (!value && !error && self->create)
    {
      save_new_key (task);
      return;
    }
  if (error)
    g_task_return_error (task, translate (error));
  else if (!value)
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_NOT_FOUND,
                             _("the keyring has no key for this vault"));
  else if (length != VAULT_KEY_CHARS || strspn (text, "0123456789abcdef") != VAULT_KEY_CHARS)
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
                             _("what the keyring has for this vault is no key"));
  else if (self->key && strncmp (self->key, text, length) != 0)
    g_task_return_new_error (task, FLUO_SECRET_STORE_ERROR, FLUO_SECRET_STORE_ERROR_DAMAGED,
                             _("the keyring gives back another key than it was given"));
  else
    {
      self->found = g_strndup (text, length);
      count_keys (g_object_ref (task));
    }
  g_clear_pointer (&value, secret_value_unref);
  g_object_unref (task);
}

/* Takes the reference on @task. */
static void
look_for_key (GTask *task)
{
  const VaultKey *self = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = attributes_new (&vault_schema, self->connection);

  secret_password_lookupv (&vault_schema, attributes, g_task_get_cancellable (task),
                           vault_key_found_cb, task);
}

void
fluo_secret_store_get_vault_key_async (const char *connection, gboolean create,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  VaultKey *self;
  GTask *task;

  g_return_if_fail (connection != NULL);

  self = g_new0 (VaultKey, 1);
  self->connection = g_strdup (connection);
  self->create = create;
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_secret_store_get_vault_key_async);
  g_task_set_task_data (task, self, vault_key_free);
  if (!refuse_damaged (task))
    look_for_key (task);
}

char *
fluo_secret_store_get_vault_key_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_get_vault_key_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fluo_secret_store_clear_vault_key_async (const char *connection, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (connection != NULL);

  clear (&vault_schema, connection, cancellable, callback, user_data,
         fluo_secret_store_clear_vault_key_async);
}

gboolean
fluo_secret_store_clear_vault_key_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_secret_store_clear_vault_key_async),
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

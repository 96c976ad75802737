/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-connection.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>
#include <glib/gi18n-lib.h>

/* The file, version 1: a group "connections" with Version and Order (ids), and a group
 * "connection ID" for each. Keys are those of fluo-connection.h in camel case; what is missing has
 * its default. A reader of version 1 leaves files of later ones alone. */
#define VERSION 1
#define GROUP "connections"
#define GROUP_PREFIX "connection "
#define FILE_BYTES_MAX (4 * 1024 * 1024)
#define RELOAD_DELAY_MS 100 /* an editor writes in several steps */

struct _FluoConnectionList
{
  GObject parent_instance;

  char *path;
  GPtrArray *items; /* FluoConnection */
  GError *error;
  GFileMonitor *monitor;
  guint reload_id;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoConnectionList, fluo_connection_list, G_TYPE_OBJECT)
G_DEFINE_QUARK (fluo-connection-list-error-quark, fluo_connection_list_error)

/* Where each text and each switch lies, in the file and in the struct. */
static const struct
{
  const char *key;
  gsize offset;
} texts[] = {
  { "Name", G_STRUCT_OFFSET (FluoConnection, name) },
  { "Profile", G_STRUCT_OFFSET (FluoConnection, profile) },
  { "AccessKey", G_STRUCT_OFFSET (FluoConnection, access_key) },
  { "SsoStartUrl", G_STRUCT_OFFSET (FluoConnection, sso_start_url) },
  { "SsoRegion", G_STRUCT_OFFSET (FluoConnection, sso_region) },
  { "SsoSession", G_STRUCT_OFFSET (FluoConnection, sso_session) },
  { "SsoAccount", G_STRUCT_OFFSET (FluoConnection, sso_account) },
  { "SsoRole", G_STRUCT_OFFSET (FluoConnection, sso_role) },
  { "Region", G_STRUCT_OFFSET (FluoConnection, region) },
  { "Endpoint", G_STRUCT_OFFSET (FluoConnection, endpoint) },
  { "RoleArn", G_STRUCT_OFFSET (FluoConnection, role_arn) },
  { "Badge", G_STRUCT_OFFSET (FluoConnection, badge) },
}, switches[] = {
  { "Fips", G_STRUCT_OFFSET (FluoConnection, fips) },
  { "DualStack", G_STRUCT_OFFSET (FluoConnection, dual_stack) },
  { "Metrics", G_STRUCT_OFFSET (FluoConnection, use_metrics) },
  { "Logs", G_STRUCT_OFFSET (FluoConnection, use_logs) },
};

static const char *const kinds[FLUO_CONNECTION_N_KINDS] = { "profile", "keys", "sso" };

/* --- Reading and writing ------------------------------------------------------------------- */

static guint
find_name (const char *const *names, guint n, const char *name)
{
  for (guint i = 0; name && i < n; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return n;
}

static FluoConnection *
read_connection (GKeyFile *file, const char *id)
{
  g_autofree char *group = g_strconcat (GROUP_PREFIX, id, NULL);
  g_autofree char *kind = g_key_file_get_string (file, group, "Kind", NULL);
  g_autofree char *accent = g_key_file_get_string (file, group, "Accent", NULL);
  g_autoptr (FluoConnection) self = NULL;
  guint which = find_name (kinds, FLUO_CONNECTION_N_KINDS, kind);

  if (which == FLUO_CONNECTION_N_KINDS)
    return NULL;
  self = fluo_connection_new (which);
  fluo_connection_set (&self->id, id);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = g_key_file_get_string (file, group, texts[i].key, NULL);

      fluo_connection_set ((char **) ((char *) self + texts[i].offset), text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      gboolean *field = (gboolean *) ((char *) self + switches[i].offset);
      g_autoptr (GError) error = NULL;
      gboolean on = g_key_file_get_boolean (file, group, switches[i].key, &error);

      if (!error)
        *field = on;
    }
  for (guint i = 0; i < FLUO_N_ACCENTS; i++)
    if (g_strcmp0 (accent, fluo_accent_get_name (i)) == 0)
      self->accent = i;
  self->budget_microusd = g_key_file_get_int64 (file, group, "BudgetMicroUsd", NULL);
  /* A list of the time before there was a vault says nothing of it. */
  if (g_key_file_has_key (file, group, "VaultMB", NULL))
    self->vault_mb = g_key_file_get_int64 (file, group, "VaultMB", NULL);
  if (!fluo_connection_check (self, NULL))
    return NULL;
  return g_steal_pointer (&self);
}

static void
write_connection (GKeyFile *file, const FluoConnection *self)
{
  g_autofree char *group = g_strconcat (GROUP_PREFIX, self->id, NULL);

  g_key_file_set_string (file, group, "Kind", kinds[self->kind]);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = *(char *const *) ((const char *) self + texts[i].offset);

      if (*text)
        g_key_file_set_string (file, group, texts[i].key, text);
      else
        g_key_file_remove_key (file, group, texts[i].key, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    g_key_file_set_boolean (file, group, switches[i].key,
                            *(const gboolean *) ((const char *) self + switches[i].offset));
  g_key_file_set_string (file, group, "Accent", fluo_accent_get_name (self->accent));
  g_key_file_set_int64 (file, group, "BudgetMicroUsd", self->budget_microusd);
  g_key_file_set_int64 (file, group, "VaultMB", self->vault_mb);
}

/* An empty one when there is none. NULL with @error when it can't be used. */
static GKeyFile *
load_file (FluoConnectionList *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local_error = NULL;
  GStatBuf info;

  if (g_stat (self->path, &info) == 0
      && (info.st_size > FILE_BYTES_MAX || !S_ISREG (info.st_mode)))
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
                   _("\"%s\" is no file of connections"), self->path);
      return NULL;
    }
  if (!g_key_file_load_from_file (file, self->path, G_KEY_FILE_KEEP_COMMENTS, &local_error)
      && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (g_key_file_get_integer (file, GROUP, "Version", NULL) > VERSION)
    {
      g_set_error (error, FLUO_CONNECTION_LIST_ERROR, FLUO_CONNECTION_LIST_ERROR_NEWER,
                   _("\"%s\" was written by a newer Fluoroscope"), self->path);
      return NULL;
    }
  return g_steal_pointer (&file);
}

static GPtrArray *
read_items (GKeyFile *file)
{
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_connection_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) order = g_key_file_get_string_list (file, GROUP, "Order", NULL, NULL);

  for (guint i = 0; order && order[i] && items->len < FLUO_CONNECTION_LIST_MAX; i++)
    {
      FluoConnection *item =
        g_hash_table_add (seen, order[i]) ? read_connection (file, order[i]) : NULL;

      if (item)
        g_ptr_array_add (items, item);
    }
  return items;
}

static void
move_aside (FluoConnectionList *self)
{
  g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);

  if (g_rename (self->path, aside) != 0)
    g_warning ("can't rename \"%s\": %s", self->path, g_strerror (errno));
}

/* A file that can't be read is moved aside, so that the next change doesn't destroy it. */
static void
load (FluoConnectionList *self)
{
  g_autoptr (GKeyFile) file = NULL;

  g_clear_error (&self->error);
  file = load_file (self, &self->error);
  if (self->error && self->error->domain == G_KEY_FILE_ERROR)
    move_aside (self);
  g_ptr_array_unref (self->items);
  self->items = file ? read_items (file)
                     : g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_connection_free);
}

/* The ids in @items, in their order. Groups that are not in it any more are dropped only when
 * @removed names them: others may hold what this program doesn't understand. */
static gboolean
save (FluoConnectionList *self, GKeyFile *file, GPtrArray *items, const char *removed,
      GError **error)
{
  g_autofree char *dir = g_path_get_dirname (self->path);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      FluoConnection *item = g_ptr_array_index (items, i);

      write_connection (file, item);
      g_ptr_array_add (order, item->id);
    }
  if (removed)
    {
      g_autofree char *group = g_strconcat (GROUP_PREFIX, removed, NULL);

      g_key_file_remove_group (file, group, NULL);
    }
  g_key_file_set_integer (file, GROUP, "Version", VERSION);
  g_key_file_set_string_list (file, GROUP, "Order", (const char *const *) order->pdata, order->len);
  if (g_mkdir_with_parents (dir, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "\"%s\": %s", dir,
                   g_strerror (errno));
      return FALSE;
    }
  return g_key_file_save_to_file (file, self->path, error);
}

static void
take_items (FluoConnectionList *self, GPtrArray *items)
{
  g_ptr_array_unref (self->items);
  self->items = items;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static int
index_of (GPtrArray *items, const char *id)
{
  for (guint i = 0; i < items->len; i++)
    if (g_strcmp0 (((FluoConnection *) g_ptr_array_index (items, i))->id, id) == 0)
      return (int) i;
  return -1;
}

/* --- Watching ------------------------------------------------------------------------------ */

static gboolean
reload_cb (gpointer data)
{
  FluoConnectionList *self = data;

  self->reload_id = 0;
  load (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
file_changed_cb (FluoConnectionList *self)
{
  if (self->reload_id == 0)
    self->reload_id = g_timeout_add (RELOAD_DELAY_MS, reload_cb, self);
}

static void
fluo_connection_list_finalize (GObject *object)
{
  FluoConnectionList *self = FLUO_CONNECTION_LIST (object);

  g_clear_handle_id (&self->reload_id, g_source_remove);
  g_clear_object (&self->monitor);
  g_ptr_array_unref (self->items);
  g_clear_error (&self->error);
  g_free (self->path);
  G_OBJECT_CLASS (fluo_connection_list_parent_class)->finalize (object);
}

static void
fluo_connection_list_class_init (FluoConnectionListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_connection_list_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_connection_list_init (FluoConnectionList *self)
{
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_connection_free);
}

/* --- Public -------------------------------------------------------------------------------- */

FluoConnectionList *
fluo_connection_list_new (const char *path)
{
  FluoConnectionList *self = g_object_new (FLUO_TYPE_CONNECTION_LIST, NULL);
  g_autoptr (GFile) file = NULL;

  self->path = path ? g_strdup (path)
                    : g_build_filename (g_get_user_config_dir (), "fluoroscope",
                                        "connections.ini", NULL);
  load (self);
  file = g_file_new_for_path (self->path);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (file_changed_cb), self,
                             G_CONNECT_SWAPPED);
  return self;
}

FluoConnectionList *
fluo_connection_list_get_default (void)
{
  static FluoConnectionList *list = NULL;

  if (!list)
    list = fluo_connection_list_new (NULL);
  return list;
}

guint
fluo_connection_list_get_n (FluoConnectionList *self)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), 0);
  return self->items->len;
}

const FluoConnection *
fluo_connection_list_get (FluoConnectionList *self, guint index)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), NULL);
  g_return_val_if_fail (index < self->items->len, NULL);
  return g_ptr_array_index (self->items, index);
}

int
fluo_connection_list_index (FluoConnectionList *self, const char *id)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), -1);
  return index_of (self->items, id);
}

const FluoConnection *
fluo_connection_list_find (FluoConnectionList *self, const char *id)
{
  int index = fluo_connection_list_index (self, id);

  return index < 0 ? NULL : g_ptr_array_index (self->items, index);
}

const GError *
fluo_connection_list_get_error (FluoConnectionList *self)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), NULL);
  return self->error;
}

gboolean
fluo_connection_list_put (FluoConnectionList *self, const FluoConnection *connection, int position,
                          GError **error)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autoptr (GPtrArray) items = NULL;
  int index;

  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), FALSE);
  if (!fluo_connection_check (connection, error) || !(file = load_file (self, error)))
    return FALSE;
  items = read_items (file);
  index = index_of (items, connection->id);
  if (index >= 0)
    {
      fluo_connection_free (items->pdata[index]);
      items->pdata[index] = fluo_connection_copy (connection);
    }
  else if (items->len >= FLUO_CONNECTION_LIST_MAX)
    {
      g_set_error (error, FLUO_CONNECTION_LIST_ERROR, FLUO_CONNECTION_LIST_ERROR_FULL,
                   _("there are %d connections already; remove one first"),
                   FLUO_CONNECTION_LIST_MAX);
      return FALSE;
    }
  else
    g_ptr_array_insert (items, MIN (position, (int) items->len), fluo_connection_copy (connection));
  if (!save (self, file, items, NULL, error))
    return FALSE;
  take_items (self, g_steal_pointer (&items));
  return TRUE;
}

gboolean
fluo_connection_list_remove (FluoConnectionList *self, const char *id, GError **error)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autofree char *removed = g_strdup (id);
  int index;

  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), FALSE);
  if (!(file = load_file (self, error)))
    return FALSE;
  items = read_items (file);
  index = index_of (items, removed);
  if (index < 0)
    return TRUE;
  g_ptr_array_remove_index (items, (guint) index);
  if (!save (self, file, items, removed, error))
    return FALSE;
  take_items (self, g_steal_pointer (&items));
  return TRUE;
}

gboolean
fluo_connection_list_move (FluoConnectionList *self, const char *id, guint position, GError **error)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autoptr (GPtrArray) items = NULL;
  int index;
  gpointer item;

  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), FALSE);
  if (!(file = load_file (self, error)))
    return FALSE;
  items = read_items (file);
  index = index_of (items, id);
  if (index < 0)
    return TRUE;
  item = g_ptr_array_steal_index (items, (guint) index);
  g_ptr_array_insert (items, (int) MIN (position, items->len), item);
  if (!save (self, file, items, NULL, error))
    return FALSE;
  take_items (self, g_steal_pointer (&items));
  return TRUE;
}

static gboolean
has_name (FluoConnectionList *self, const char *name)
{
  for (guint i = 0; i < self->items->len; i++)
    if (strcmp (((FluoConnection *) g_ptr_array_index (self->items, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

char *
fluo_connection_list_dup_free_name (FluoConnectionList *self, const char *name)
{
  /* Room for the number. */
  g_autofree char *base = g_utf8_substring (
    name, 0, MIN (g_utf8_strlen (name, -1), FLUO_CONNECTION_NAME_MAX - 4));

  g_return_val_if_fail (FLUO_IS_CONNECTION_LIST (self), NULL);
  if (!has_name (self, base))
    return g_steal_pointer (&base);
  for (guint i = 2;; i++)
    {
      g_autofree char *candidate = g_strdup_printf ("%s %u", base, i);

      if (!has_name (self, candidate))
        return g_steal_pointer (&candidate);
    }
}

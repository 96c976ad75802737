/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-color-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app/fluo-settings.h"

/* Enough for every service that a person tells apart; more only repeats colours. */
#define SAVED_MAX 512
/* Nobody chooses so many by hand. */
#define CHOSEN_MAX 4096
/* Names are at most some hundred bytes each. What is larger is none of ours. */
#define FILE_BYTES_MAX (4 * 1024 * 1024)

#define GROUP "services"
#define ORDER "order"
#define CHOSEN "chosen"
#define DATA "fluo-color-file"

/* Lives as long as its colours. */
typedef struct
{
  FluoServiceColors *colors; /* whose it is */
  char *connection;
  guint n_saved;  /* of the services, those that the file has */
  GError *error;  /* of the last save, or NULL */
} ColorFile;

/* connection -> ColorFile, both borrowed. */
static GHashTable *opened;

static void
forget (ColorFile *self)
{
  if (g_hash_table_lookup (opened, self->connection) == self)
    g_hash_table_remove (opened, self->connection);
}

static void
color_file_free (gpointer data)
{
  ColorFile *self = data;

  forget (self);
  g_free (self->connection);
  g_clear_error (&self->error);
  g_free (self);
}

static ColorFile *
get_file (FluoServiceColors *colors)
{
  return g_object_get_data (G_OBJECT (colors), DATA);
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* A key file with one line that is none is refused as a whole; here the other lines count. */
static gboolean
load_lines (GKeyFile *file, const char *text)
{
  g_autoptr (GString) good = g_string_new ("[" GROUP "]\n");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GKeyFile) one = g_key_file_new ();
      g_autofree char *alone =
        lines[i][0] == '[' ? g_strdup (lines[i]) : g_strconcat ("[" GROUP "]\n", lines[i], NULL);

      if (g_key_file_load_from_data (one, alone, (gsize) -1, G_KEY_FILE_NONE, NULL))
        g_string_append_printf (good, "%s\n", lines[i]);
    }
  return g_key_file_load_from_data (file, good->str, good->len, G_KEY_FILE_NONE, NULL);
}

/* FALSE when there is more in it than could be read. */
static gboolean
load_list (GKeyFile *file, const char *key, gsize n_max, char ***ret_list)
{
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  *ret_list = g_key_file_get_string_list (file, GROUP, key, &n, &error);
  if (error != NULL)
    return g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND)
           || g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND);
  if (n <= n_max)
    return TRUE;
  for (gsize i = n_max; i < n; i++)
    g_clear_pointer (&(*ret_list)[i], g_free);
  return FALSE;
}

static gboolean
load (FluoServiceColors *colors, const char *path, const char *text)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) order = NULL, chosen = NULL;
  gboolean whole = TRUE;
  guint n_foreign;

  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, &error))
    {
      whole = FALSE;
      load_lines (file, text);
    }
  whole = load_list (file, ORDER, SAVED_MAX, &order) && whole;
  whole = load_list (file, CHOSEN, CHOSEN_MAX, &chosen) && whole;
  fluo_service_colors_load (colors, (const char *const *) order);
  n_foreign = fluo_service_colors_load_choices (colors, (const char *const *) chosen);
  /* They stay in the file, for a version that knows them. */
  if (n_foreign > 0)
    g_message ("“%s” names %u colours that are not known; those services have their automatic ones",
               path, n_foreign);
  return whole;
}

static void
read_file (FluoServiceColors *colors, const char *path)
{
  g_autofree char *text = NULL, *aside = g_strconcat (path, ".damaged", NULL);
  GStatBuf info;
  gsize length = 0;

  if (g_stat (path, &info) != 0)
    return;
  if (info.st_size <= FILE_BYTES_MAX && g_file_get_contents (path, &text, &length, NULL)
      && strlen (text) == length && load (colors, path, text))
    return;
  /* The next save writes what was understood; this is for whoever wants the rest. */
  if (g_rename (path, aside) == 0)
    g_message ("“%s” is damaged; what could be read of it is used, and the file is now “%s”", path,
               aside);
  else
    g_message ("“%s” is damaged, and can't be put aside: %s", path, g_strerror (errno));
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void
save (ColorFile *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = fluo_settings_dup_state_path ("colors", self->connection);
  g_autofree char *dir = g_path_get_dirname (path);
  g_auto (GStrv) order = fluo_service_colors_save (self->colors);
  g_auto (GStrv) chosen = fluo_service_colors_save_choices (self->colors);
  const guint n = MIN (g_strv_length (order), SAVED_MAX);

  g_clear_error (&self->error);
  g_key_file_set_string_list (file, GROUP, ORDER, (const char *const *) order, n);
  if (*chosen != NULL)
    g_key_file_set_string_list (file, GROUP, CHOSEN, (const char *const *) chosen,
                                g_strv_length (chosen));
  g_mkdir_with_parents (dir, 0700);
  if (!g_key_file_save_to_file (file, path, &self->error))
    g_message ("the colours of services can't be remembered: %s", self->error->message);
  self->n_saved = n;
}

/* --- Public ----------------------------------------------------------------------------------- */

FluoServiceColors *
fluo_color_file_open (const char *connection)
{
  g_autofree char *path = NULL;
  ColorFile *self;

  g_return_val_if_fail (connection != NULL, NULL);

  if (opened == NULL)
    opened = g_hash_table_new (g_str_hash, g_str_equal);
  self = g_hash_table_lookup (opened, connection);
  if (self != NULL)
    return g_object_ref (self->colors);
  self = g_new0 (ColorFile, 1);
  self->colors = fluo_service_colors_new ();
  self->connection = g_strdup (connection);
  path = fluo_settings_dup_state_path ("colors", connection);
  read_file (self->colors, path);
  self->n_saved = fluo_service_colors_get_n (self->colors);
  g_signal_connect_swapped (self->colors, "changed", G_CALLBACK (save), self);
  g_object_set_data_full (G_OBJECT (self->colors), DATA, self, color_file_free);
  g_hash_table_insert (opened, self->connection, self);
  return self->colors;
}

void
fluo_color_file_keep (FluoServiceColors *colors)
{
  ColorFile *self = get_file (colors);

  g_return_if_fail (self != NULL);

  if (MIN (fluo_service_colors_get_n (colors), SAVED_MAX) > self->n_saved)
    save (self);
}

void
fluo_color_file_rename (FluoServiceColors *colors, const char *connection)
{
  ColorFile *self = get_file (colors);

  g_return_if_fail (connection != NULL);

  /* Nothing is kept of it yet, or another window that shows it has done so. */
  if (self == NULL || g_str_equal (self->connection, connection))
    return;
  forget (self);
  g_free (self->connection);
  self->connection = g_strdup (connection);
  if (!g_hash_table_contains (opened, connection))
    g_hash_table_insert (opened, self->connection, self);
  save (self);
}

const GError *
fluo_color_file_get_error (FluoServiceColors *colors)
{
  ColorFile *self = get_file (colors);

  return self != NULL ? self->error : NULL;
}

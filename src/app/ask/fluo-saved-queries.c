/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-saved-queries.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "filter/fluo-filter.h"
#include "fluo-query-file.h"

#define FORMAT "fluoroscope-queries"

struct _FluoSavedQueries
{
  GObject parent_instance;

  char *path;
  GPtrArray *queries;
  GFileMonitor *monitor;
  char *notice;
  gboolean frozen; /* a newer program's file, or one that can't be read: not to be written over */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSavedQueries, fluo_saved_queries, G_TYPE_OBJECT)

/* --- One of them ------------------------------------------------------------------------- */

FluoSavedQuery *
fluo_saved_query_new (const char *id, const char *name, const char *text, const char *connection,
                      gboolean starred)
{
  FluoSavedQuery *self = g_new0 (FluoSavedQuery, 1);

  g_ref_count_init (&self->ref_count);
  self->id = id ? g_strdup (id) : g_uuid_string_random ();
  self->name = g_strdup (name);
  self->text = g_strdup (text);
  self->connection = g_strdup (connection ? connection : "");
  self->starred = !!starred;
  return self;
}

FluoSavedQuery *
fluo_saved_query_ref (FluoSavedQuery *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_saved_query_unref (FluoSavedQuery *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;
  g_free (self->id);
  g_free (self->name);
  g_free (self->text);
  g_free (self->connection);
  g_free (self);
}

static gboolean
is_query_good (const char *name, const char *text)
{
  return name && *name && g_utf8_strlen (name, -1) <= FLUO_SAVED_NAME_CHARS_MAX && text
         && strlen (text) <= FLUO_FILTER_LENGTH_MAX;
}

/* --- File -------------------------------------------------------------------------------- */

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_saved_query_unref);
}

static guint
find_index (GPtrArray *queries, const char *id)
{
  for (guint i = 0; i < queries->len; i++)
    if (g_str_equal (((FluoSavedQuery *) g_ptr_array_index (queries, i))->id, id))
      return i;
  return G_MAXUINT;
}

/* The entries of a file; what makes no sense is counted and left out. */
static GPtrArray *
read_tape (const FluoJsonTape *tape, guint *ret_bad)
{
  GPtrArray *queries = new_list ();
  guint32 list = fluo_json_tape_get (tape, 0, "Queries");
  guint bad = fluo_json_tape_type (tape, list) == FLUO_JSON_ARRAY_BEGIN ? 0 : 1;

  for (guint32 node = bad ? FLUO_JSON_NONE : fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE; node = fluo_json_tape_next (tape, list, node))
    {
      g_autofree char *id = fluo_json_tape_dup_member (tape, node, "Id");
      g_autofree char *name = fluo_json_tape_dup_member (tape, node, "Name");
      g_autofree char *text = fluo_json_tape_dup_member (tape, node, "Filter");
      g_autofree char *connection = fluo_json_tape_dup (
          tape, fluo_json_tape_get (tape, node, "Connection"));
      gboolean starred = fluo_json_tape_boolean (
          tape, fluo_json_tape_get (tape, node, "Starred"), FALSE);

      if (queries->len < FLUO_SAVED_QUERIES_MAX && is_query_good (name, text)
          && !(id && *id && find_index (queries, id) != G_MAXUINT))
        g_ptr_array_add (queries, fluo_saved_query_new (id && *id ? id : NULL, name, text,
                                                        connection, starred));
      else
        bad++;
    }
  *ret_bad = bad;
  return queries;
}

static void
write_list (GPtrArray *queries, GString *out)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_query_file_begin (&writer, FORMAT);
  fluo_json_writer_key (&writer, "Queries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < queries->len; i++)
    {
      const FluoSavedQuery *query = g_ptr_array_index (queries, i);

      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Id");
      fluo_json_writer_string (&writer, query->id);
      fluo_json_writer_key (&writer, "Name");
      fluo_json_writer_string (&writer, query->name);
      fluo_json_writer_key (&writer, "Filter");
      fluo_json_writer_string (&writer, query->text);
      fluo_json_writer_key (&writer, "Starred");
      fluo_json_writer_boolean (&writer, query->starred);
      if (*query->connection)
        {
          fluo_json_writer_key (&writer, "Connection");
          fluo_json_writer_string (&writer, query->connection);
        }
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

static void
take_notice (FluoSavedQueries *self, char *notice)
{
  g_free (self->notice);
  self->notice = notice;
}

/* Moves the file out of the way, keeping what of it was good. */
static void
set_aside (FluoSavedQueries *self, const char *problem, guint n_kept)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *aside = fluo_query_file_move_aside (self->path, &error);
  g_autofree char *base = aside ? g_path_get_basename (aside) : NULL;

  self->frozen = aside == NULL;
  if (!aside)
    take_notice (self, g_strdup_printf (_("The saved filters can’t be read (%s), and the file "
                                          "can’t be moved: %s"),
                                        problem, error->message));
  else if (n_kept > 0)
    take_notice (self, g_strdup_printf (ngettext (
        "A part of the saved filters could not be read. %u was kept; the old file is now “%s”.",
        "A part of the saved filters could not be read. %u were kept; the old file is now “%s”.",
        n_kept), n_kept, base));
  else
    take_notice (self, g_strdup_printf (
        _("The saved filters could not be read (%s). The file is now “%s”, and a new one begins."),
        problem, base));
}

/* What the file has now. Under the lock, unless it is a mere look: then nothing is moved. */
static GPtrArray *
read_file (FluoSavedQueries *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_query_file_read (self->path, FORMAT, &error);
  GPtrArray *queries;
  guint bad = 0;

  self->frozen = FALSE;
  if (!tape)
    {
      if (g_error_matches (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_DAMAGED))
        set_aside (self, error->message, 0);
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        {
          self->frozen = TRUE;
          take_notice (self, g_strdup_printf (_("The saved filters can’t be read: %s"),
                                              error->message));
        }
      return new_list ();
    }
  queries = read_tape (tape, &bad);
  if (bad > 0)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GError) unwritten = NULL;

      set_aside (self, _("entries without a name or a filter"), queries->len);
      write_list (queries, out);
      if (!self->frozen && !fluo_query_file_write (self->path, out, TRUE, &unwritten))
        g_message ("the saved filters can't be written: %s", unwritten->message);
    }
  return queries;
}

static void
take_list (FluoSavedQueries *self, GPtrArray *queries)
{
  g_ptr_array_unref (self->queries);
  self->queries = queries;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
load (FluoSavedQueries *self)
{
  /* Without a lock (a directory that can't be written) it can still be read. */
  int fd = g_file_test (self->path, G_FILE_TEST_EXISTS) ? fluo_query_file_lock (self->path, NULL)
                                                        : -1;

  take_list (self, read_file (self));
  if (fd >= 0)
    close (fd);
}

static void
file_changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                 FluoSavedQueries *self)
{
  /* A file that is made anew is told of as well while it is still empty. */
  if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_RENAMED
      || event == G_FILE_MONITOR_EVENT_MOVED_IN)
    load (self);
}

/* A change in the making: the lock, and the entries as they are now. */
typedef struct
{
  int fd;
  GPtrArray *queries;
} Change;

static gboolean
begin_change (FluoSavedQueries *self, Change *change, GError **error)
{
  change->fd = fluo_query_file_lock (self->path, error);
  if (change->fd < 0)
    return FALSE;
  change->queries = read_file (self);
  if (self->frozen)
    {
      close (change->fd);
      g_ptr_array_unref (change->queries);
      g_set_error_literal (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_NEWER, self->notice);
      return FALSE;
    }
  return TRUE;
}

static gboolean
end_change (FluoSavedQueries *self, Change *change, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean good = TRUE;

  if (change->queries->len > FLUO_SAVED_QUERIES_MAX)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
                   _("at most %d filters can be saved"), FLUO_SAVED_QUERIES_MAX);
      good = FALSE;
    }
  else
    {
      write_list (change->queries, out);
      good = fluo_query_file_write (self->path, out, TRUE, error);
    }
  close (change->fd);
  if (good)
    take_list (self, g_steal_pointer (&change->queries));
  g_clear_pointer (&change->queries, g_ptr_array_unref);
  return good;
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_saved_queries_finalize (GObject *object)
{
  FluoSavedQueries *self = FLUO_SAVED_QUERIES (object);

  if (self->monitor)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  g_ptr_array_unref (self->queries);
  g_free (self->path);
  g_free (self->notice);
  G_OBJECT_CLASS (fluo_saved_queries_parent_class)->finalize (object);
}

static void
fluo_saved_queries_class_init (FluoSavedQueriesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_saved_queries_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_saved_queries_init (FluoSavedQueries *self)
{
  self->queries = new_list ();
}

FluoSavedQueries *
fluo_saved_queries_new (const char *path)
{
  FluoSavedQueries *self = g_object_new (FLUO_TYPE_SAVED_QUERIES, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  self->path = g_strdup (path);
  load (self);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (file_changed_cb), self, 0);
  return self;
}

FluoSavedQueries *
fluo_saved_queries_get_default (void)
{
  static FluoSavedQueries *only = NULL;

  if (!only)
    {
      g_autofree char *path = g_build_filename (g_get_user_data_dir (), "fluoroscope",
                                                "queries.json", NULL);

      only = fluo_saved_queries_new (path);
    }
  return only;
}

GPtrArray *
fluo_saved_queries_get_all (FluoSavedQueries *self)
{
  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), NULL);
  return self->queries;
}

FluoSavedQuery *
fluo_saved_queries_find (FluoSavedQueries *self, const char *id)
{
  guint index;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), NULL);
  index = find_index (self->queries, id);
  return index == G_MAXUINT ? NULL : g_ptr_array_index (self->queries, index);
}

static gboolean
has_words (const FluoSavedQuery *query, char **words)
{
  g_autofree char *both = g_strdup_printf ("%s\n%s", query->name, query->text);
  g_autofree char *folded = g_utf8_casefold (both, -1);

  for (guint i = 0; words[i]; i++)
    if (!strstr (folded, words[i]))
      return FALSE;
  return TRUE;
}

GPtrArray *
fluo_saved_queries_search (FluoSavedQueries *self, const char *connection, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (words ? words : "", -1);
  g_auto (GStrv) split = g_strsplit_set (folded, " \t", 16);
  GPtrArray *found;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), NULL);
  found = new_list ();
  for (int starred = TRUE; starred >= FALSE; starred--)
    for (guint i = 0; i < self->queries->len; i++)
      {
        FluoSavedQuery *query = g_ptr_array_index (self->queries, i);

        if (query->starred == starred
            && (!*query->connection || g_strcmp0 (query->connection, connection) == 0)
            && has_words (query, split))
          g_ptr_array_add (found, fluo_saved_query_ref (query));
      }
  return found;
}

const char *
fluo_saved_queries_get_notice (FluoSavedQueries *self)
{
  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), NULL);
  return self->notice;
}

gboolean
fluo_saved_queries_insert (FluoSavedQueries *self, FluoSavedQuery *query, guint index,
                           GError **error)
{
  Change change;
  guint known;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), FALSE);
  if (!is_query_good (query->name, query->text))
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_LIMIT,
                   _("a name of 1 to %d characters is needed"), FLUO_SAVED_NAME_CHARS_MAX);
      return FALSE;
    }
  if (!begin_change (self, &change, error))
    return FALSE;
  known = find_index (change.queries, query->id);
  if (known != G_MAXUINT)
    {
      g_ptr_array_remove_index (change.queries, known);
      index = known;
    }
  g_ptr_array_insert (change.queries, MIN (index, change.queries->len),
                      fluo_saved_query_ref (query));
  return end_change (self, &change, error);
}

gboolean
fluo_saved_queries_put (FluoSavedQueries *self, FluoSavedQuery *query, GError **error)
{
  return fluo_saved_queries_insert (self, query, G_MAXUINT, error);
}

gboolean
fluo_saved_queries_remove (FluoSavedQueries *self, const char *id, guint *ret_index,
                           GError **error)
{
  Change change;
  guint known;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), FALSE);
  if (!begin_change (self, &change, error))
    return FALSE;
  known = find_index (change.queries, id);
  if (known != G_MAXUINT)
    g_ptr_array_remove_index (change.queries, known);
  if (ret_index)
    *ret_index = known;
  return end_change (self, &change, error);
}

static gboolean
has_name (GPtrArray *queries, const char *name, const char *connection)
{
  for (guint i = 0; i < queries->len; i++)
    {
      const FluoSavedQuery *query = g_ptr_array_index (queries, i);

      if (g_str_equal (query->name, name) && g_str_equal (query->connection, connection))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_same (GPtrArray *queries, const FluoSavedQuery *other)
{
  for (guint i = 0; i < queries->len; i++)
    {
      const FluoSavedQuery *query = g_ptr_array_index (queries, i);

      if (g_str_equal (query->name, other->name) && g_str_equal (query->text, other->text)
          && g_str_equal (query->connection, other->connection))
        return TRUE;
    }
  return FALSE;
}

/* Two of one name could not be told apart: "Slow payments (2)". */
static FluoSavedQuery *
dup_with_own_name (GPtrArray *queries, FluoSavedQuery *query)
{
  g_autofree char *name = g_strdup (query->name);

  for (guint i = 2; has_name (queries, name, query->connection); i++)
    {
      g_autofree char *number = g_strdup_printf (" (%u)", i);
      g_autofree char *base = g_utf8_substring (
          query->name, 0, MIN (g_utf8_strlen (query->name, -1),
                               FLUO_SAVED_NAME_CHARS_MAX - (glong) strlen (number)));

      g_free (name);
      name = g_strconcat (base, number, NULL);
    }
  return fluo_saved_query_new (query->id, name, query->text, query->connection, query->starred);
}

GBytes *
fluo_saved_queries_export (FluoSavedQueries *self)
{
  GString *out;
  char *pretty;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), NULL);
  out = g_string_new (NULL);
  write_list (self->queries, out);
  pretty = fluo_json_pretty (out->str, out->len);
  g_string_assign (out, pretty);
  g_string_append_c (out, '\n');
  g_free (pretty);
  return g_string_free_to_bytes (out);
}

gboolean
fluo_saved_queries_import (FluoSavedQueries *self, GBytes *bytes, guint *ret_added,
                           guint *ret_replaced, GError **error)
{
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GPtrArray) queries = NULL;
  Change change;
  guint bad = 0;
  guint added = 0;

  g_return_val_if_fail (FLUO_IS_SAVED_QUERIES (self), FALSE);
  tape = fluo_query_file_parse (bytes, FORMAT, error);
  if (!tape)
    return FALSE;
  queries = read_tape (tape, &bad);
  if (bad > 0)
    {
      g_set_error (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_DAMAGED,
                   ngettext ("%u entry of the file has no name or no filter",
                             "%u entries of the file have no name or no filter", bad),
                   bad);
      return FALSE;
    }
  if (!begin_change (self, &change, error))
    return FALSE;
  for (guint i = 0; i < queries->len; i++)
    {
      FluoSavedQuery *query = g_ptr_array_index (queries, i);
      guint known = find_index (change.queries, query->id);

      if (known == G_MAXUINT && has_same (change.queries, query))
        continue;
      if (known != G_MAXUINT)
        g_ptr_array_remove_index (change.queries, known);
      else
        added++;
      g_ptr_array_insert (change.queries, known != G_MAXUINT ? (int) known : -1,
                          dup_with_own_name (change.queries, query));
    }
  if (!end_change (self, &change, error))
    return FALSE;
  *ret_added = added;
  *ret_replaced = queries->len - added;
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-history.h"

#include <unistd.h>

#include "core/fluo-time-span.h"
#include "fluo-query-file.h"

#define FORMAT "fluoroscope-query-history"

struct _FluoQueryHistory
{
  GObject parent_instance;

  char *path;
  GPtrArray *visits;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoQueryHistory, fluo_query_history, G_TYPE_OBJECT)

static void
visit_free (FluoQueryVisit *visit)
{
  g_free (visit->text);
  g_free (visit->connection);
  g_free (visit);
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) visit_free);
}

static GPtrArray *
read_file (FluoQueryHistory *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_query_file_read (self->path, FORMAT, &error);
  GPtrArray *visits = new_list ();
  guint32 list;

  if (!tape)
    {
      if (g_error_matches (error, FLUO_QUERY_FILE_ERROR, FLUO_QUERY_FILE_ERROR_DAMAGED))
        {
          g_autofree char *aside = fluo_query_file_move_aside (self->path, NULL);

          g_message ("the history of filters was damaged (%s) and moved to %s", error->message,
                     aside ? aside : "nowhere");
        }
      return visits;
    }
  list = fluo_json_tape_get (tape, 0, "Queries");
  for (guint32 node = fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE && visits->len < FLUO_QUERY_HISTORY_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoQueryVisit *visit;
      char *text = fluo_json_tape_dup_member (tape, node, "Filter");

      if (!text)
        continue;
      visit = g_new0 (FluoQueryVisit, 1);
      visit->text = text;
      visit->connection = fluo_json_tape_dup_member (tape, node, "Connection");
      visit->time_ns = CLAMP (fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "Time"), 0),
                              0, G_MAXINT64 / FLUO_NSEC_PER_SEC)
                       * FLUO_NSEC_PER_SEC;
      visit->matching = fluo_json_tape_int (tape, fluo_json_tape_get (tape, node, "Matching"), -1);
      g_ptr_array_add (visits, visit);
    }
  return visits;
}

static void
write_list (GPtrArray *visits, GString *out)
{
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_query_file_begin (&writer, FORMAT);
  fluo_json_writer_key (&writer, "Queries");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; i < visits->len; i++)
    {
      const FluoQueryVisit *visit = g_ptr_array_index (visits, i);

      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Filter");
      fluo_json_writer_string (&writer, visit->text);
      fluo_json_writer_key (&writer, "Connection");
      fluo_json_writer_string (&writer, visit->connection);
      fluo_json_writer_key (&writer, "Time");
      fluo_json_writer_int (&writer, visit->time_ns / FLUO_NSEC_PER_SEC);
      if (visit->matching >= 0)
        {
          fluo_json_writer_key (&writer, "Matching");
          fluo_json_writer_int (&writer, visit->matching);
        }
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
}

/* With what others wrote meanwhile; @visit (may be NULL: everything goes) is consumed. */
static void
change (FluoQueryHistory *self, FluoQueryVisit *visit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  int fd = fluo_query_file_lock (self->path, &error);

  /* Where nothing can be written it is kept for this program's life. */
  if (fd >= 0)
    {
      g_ptr_array_unref (self->visits);
      self->visits = read_file (self);
    }
  if (!visit)
    g_ptr_array_set_size (self->visits, 0);
  for (guint i = 0; visit && i < self->visits->len; i++)
    if (g_str_equal (((FluoQueryVisit *) g_ptr_array_index (self->visits, i))->text, visit->text))
      g_ptr_array_remove_index (self->visits, i--);
  if (visit)
    g_ptr_array_insert (self->visits, 0, visit);
  if (self->visits->len > FLUO_QUERY_HISTORY_MAX)
    g_ptr_array_set_size (self->visits, FLUO_QUERY_HISTORY_MAX);
  write_list (self->visits, out);
  if (fd < 0 || !fluo_query_file_write (self->path, out, FALSE, &error))
    g_message ("the history of filters can't be written: %s", error->message);
  if (fd >= 0)
    close (fd);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
fluo_query_history_finalize (GObject *object)
{
  FluoQueryHistory *self = FLUO_QUERY_HISTORY (object);

  g_ptr_array_unref (self->visits);
  g_free (self->path);
  G_OBJECT_CLASS (fluo_query_history_parent_class)->finalize (object);
}

static void
fluo_query_history_class_init (FluoQueryHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_query_history_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_query_history_init (FluoQueryHistory *self)
{
  self->visits = new_list ();
}

FluoQueryHistory *
fluo_query_history_new (const char *path)
{
  FluoQueryHistory *self = g_object_new (FLUO_TYPE_QUERY_HISTORY, NULL);

  self->path = g_strdup (path);
  g_ptr_array_unref (self->visits);
  self->visits = read_file (self);
  return self;
}

FluoQueryHistory *
fluo_query_history_get_default (void)
{
  static FluoQueryHistory *only = NULL;

  if (!only)
    {
      g_autofree char *path = g_build_filename (g_get_user_state_dir (), "fluoroscope",
                                                "query-history.json", NULL);

      only = fluo_query_history_new (path);
    }
  return only;
}

GPtrArray *
fluo_query_history_get_all (FluoQueryHistory *self)
{
  g_return_val_if_fail (FLUO_IS_QUERY_HISTORY (self), NULL);
  return self->visits;
}

void
fluo_query_history_add (FluoQueryHistory *self, const char *text, const char *connection,
                        gint64 time_ns, gint64 matching)
{
  FluoQueryVisit *visit;

  g_return_if_fail (FLUO_IS_QUERY_HISTORY (self));
  visit = g_new0 (FluoQueryVisit, 1);
  visit->text = g_strdup (text);
  visit->connection = g_strdup (connection);
  visit->time_ns = time_ns;
  visit->matching = matching;
  change (self, visit);
}

void
fluo_query_history_clear (FluoQueryHistory *self)
{
  g_return_if_fail (FLUO_IS_QUERY_HISTORY (self));
  change (self, NULL);
}

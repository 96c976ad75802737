/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/fluo-rollup.h"

#include "local/fluo-stored-trace.h"

/* Minutes kept in memory between commits. Traces come in for the last few minutes; a back-fill
 * walks through an hour. */
#define N_MINUTES_MAX 16

typedef struct
{
  gint64            minute;
  FluoServiceGraph *graph;
  gboolean          dirty;
  guint64           used; /* the clock at the last use */
} Minute;

struct _FluoRollup
{
  GHashTable *minutes; /* gint64 * in the value → Minute */
  guint64     clock;
};

static void
minute_free (Minute *minute)
{
  fluo_service_graph_unref (minute->graph);
  g_free (minute);
}

FluoRollup *
fluo_rollup_new (void)
{
  FluoRollup *self = g_new0 (FluoRollup, 1);

  self->minutes =
    g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) minute_free);
  return self;
}

void
fluo_rollup_free (FluoRollup *self)
{
  g_hash_table_unref (self->minutes);
  g_free (self);
}

gint64
fluo_rollup_minute (gint64 time_ns)
{
  return time_ns / FLUO_NSEC_PER_MIN - (time_ns % FLUO_NSEC_PER_MIN < 0);
}

static Minute *
remember (FluoRollup *self, gint64 number, FluoServiceGraph *graph)
{
  Minute *minute = g_new0 (Minute, 1);

  minute->minute = number;
  minute->graph = graph;
  minute->used = ++self->clock;
  g_hash_table_replace (self->minutes, &minute->minute, minute);
  return minute;
}

/* Damage ends at the minute it is in: what can't be read is made anew from the traces. */
static Minute *
load (FluoRollup *self, FluoConnection *connection, gint64 number, GError **error)
{
  Minute *minute = g_hash_table_lookup (self->minutes, &number);
  sqlite3_stmt *statement;
  int rc;

  if (minute)
    {
      minute->used = ++self->clock;
      return minute;
    }
  statement = fluo_connection_statement (connection, FLUO_SQL_MINUTE_GET, error);
  if (!statement)
    return NULL;
  sqlite3_bind_int64 (statement, 1, number);
  rc = fluo_connection_step (connection, statement, error);
  if (rc < 0)
    return NULL;
  if (rc == 1)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 0),
                                              (gsize) sqlite3_column_bytes (statement, 0));
      FluoServiceGraph *graph = fluo_service_graph_from_bytes (bytes, &local_error);

      sqlite3_reset (statement);
      if (graph)
        return remember (self, number, graph);
      g_warning ("the service graph of minute %" G_GINT64_FORMAT " is made anew: %s", number,
                 local_error->message);
      if (!fluo_rollup_rebuild (self, connection, number, error))
        return NULL;
      return g_hash_table_lookup (self->minutes, &number);
    }
  return remember (self, number, fluo_service_graph_new ());
}

gboolean
fluo_rollup_add (FluoRollup *self, FluoConnection *connection, gint64 number, FluoTrace *trace,
                 int sign, GError **error)
{
  Minute *minute = load (self, connection, number, error);

  if (!minute)
    return FALSE;
  fluo_service_graph_add_trace (minute->graph, trace, sign);
  minute->dirty = TRUE;
  return TRUE;
}

gboolean
fluo_rollup_rebuild (FluoRollup *self, FluoConnection *connection, gint64 number, GError **error)
{
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();
  FluoTimeSpan span = { number * FLUO_NSEC_PER_MIN, (number + 1) * FLUO_NSEC_PER_MIN };

  if (!fluo_stored_traces_add_to_graph (connection, span, graph, 1, error))
    return FALSE;
  remember (self, number, g_steal_pointer (&graph))->dirty = TRUE;
  return TRUE;
}

static gboolean
write_minute (FluoConnection *connection, Minute *minute, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  sqlite3_stmt *statement;

  fluo_service_graph_prune (minute->graph);
  statement = fluo_connection_statement (
    connection, minute->graph->nodes->len > 0 ? FLUO_SQL_MINUTE_PUT : FLUO_SQL_MINUTE_DELETE,
    error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, minute->minute);
  if (minute->graph->nodes->len > 0)
    {
      bytes = fluo_service_graph_to_bytes (minute->graph);
      sqlite3_bind_blob64 (statement, 2, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                           SQLITE_STATIC);
    }
  return fluo_connection_step (connection, statement, error) == 0;
}

static void
evict (FluoRollup *self)
{
  while (g_hash_table_size (self->minutes) > N_MINUTES_MAX)
    {
      GHashTableIter iter;
      gpointer value;
      Minute *oldest = NULL;

      g_hash_table_iter_init (&iter, self->minutes);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (!oldest || ((Minute *) value)->used < oldest->used)
          oldest = value;
      g_hash_table_remove (self->minutes, &oldest->minute);
    }
}

gboolean
fluo_rollup_flush (FluoRollup *self, FluoConnection *connection, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->minutes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Minute *minute = value;

      if (minute->dirty && !write_minute (connection, minute, error))
        return FALSE;
      minute->dirty = FALSE;
    }
  evict (self);
  return TRUE;
}

void
fluo_rollup_clear (FluoRollup *self)
{
  g_hash_table_remove_all (self->minutes);
}

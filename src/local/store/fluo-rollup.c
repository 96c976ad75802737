/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-rollup-private.h"

#include "local/store/fluo-packer.h"

/* Graphs kept in memory between commits: blocks are sealed in the order traces come, so the last
 * few minutes are wanted again and again. */
#define N_KEPT_MAX 32

/* An hour is summed when nothing has changed in it for so long. */
#define HOUR_REST_USEC (2 * 60 * G_USEC_PER_SEC)

/* A bound for damaged rows only. */
#define GRAPH_BYTES_MAX (256 * 1024 * 1024)

typedef struct
{
  FluoRollupId      id;
  FluoServiceGraph *graph;
  gboolean          dirty;
  guint64           used; /* the clock at the last use */
} Slot;

struct _FluoRollup
{
  GHashTable *slots; /* FluoRollupId * in the value → Slot */
  GHashTable *hours; /* gint64 * key of an hour → gint64 * when it changed, monotonic */
  guint64     clock;
};

static guint
slot_hash (gconstpointer data)
{
  const FluoRollupId *id = data;

  return g_int64_hash (&id->key) ^ g_int64_hash (&id->block) * 31;
}

static gboolean
slot_equal (gconstpointer a, gconstpointer b)
{
  const FluoRollupId *x = a, *y = b;

  return x->block == y->block && x->key == y->key;
}

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  fluo_service_graph_unref (slot->graph);
  g_free (slot);
}

FluoRollup *
fluo_rollup_new (void)
{
  FluoRollup *self = g_new0 (FluoRollup, 1);

  self->slots = g_hash_table_new_full (slot_hash, slot_equal, NULL, slot_free);
  self->hours = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

void
fluo_rollup_free (FluoRollup *self)
{
  g_hash_table_unref (self->slots);
  g_hash_table_unref (self->hours);
  g_free (self);
}

gint64
fluo_rollup_minute (gint64 time_ns)
{
  return CLAMP (time_ns / FLUO_NSEC_PER_MIN, 0, FLUO_MINUTE_MAX);
}

static gint64
hour_of (gint64 key)
{
  gint64 hour = FLUO_GRAPH_KEY_MINUTE (key) / FLUO_MINUTES_PER_HOUR;

  return FLUO_GRAPH_KEY (FLUO_GRAPH_KEY_GROUP (key), hour);
}

/* --- Graphs in the database ----------------------------------------------- */

FluoServiceGraph *
fluo_rollup_get_graph (sqlite3_stmt *statement, int column, GError **error)
{
  g_autoptr (GBytes) bytes =
    fluo_unpack_large (sqlite3_column_blob (statement, column),
                       (gsize) sqlite3_column_bytes (statement, column), GRAPH_BYTES_MAX, error);

  return bytes ? fluo_service_graph_from_bytes (bytes, error) : NULL;
}

int
fluo_rollup_find_graph (FluoConnection *connection, FluoSql sql, const FluoRollupId *id,
                        FluoServiceGraph **ret_graph, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, sql, error);
  g_autoptr (GError) local_error = NULL;
  int rc;

  if (!statement)
    return -1;
  if (sql == FLUO_SQL_BLOCK_GRAPH_GET)
    sqlite3_bind_int64 (statement, 1, id->block);
  sqlite3_bind_int64 (statement, sql == FLUO_SQL_BLOCK_GRAPH_GET ? 2 : 1, id->key);
  rc = fluo_connection_step (connection, statement, error);
  if (rc != 1)
    return rc;
  *ret_graph = fluo_rollup_get_graph (statement, 0, &local_error);
  if (local_error)
    g_debug ("%s", local_error->message);
  sqlite3_reset (statement);
  return 1;
}

static gboolean
delete_key (FluoConnection *connection, FluoSql sql, const FluoRollupId *id, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, sql, error);

  if (!statement)
    return FALSE;
  if (sql == FLUO_SQL_BLOCK_GRAPH_DELETE)
    sqlite3_bind_int64 (statement, 1, id->block);
  sqlite3_bind_int64 (statement, sql == FLUO_SQL_BLOCK_GRAPH_DELETE ? 2 : 1, id->key);
  return fluo_connection_step (connection, statement, error) == 0;
}

static gboolean
write_graph (FluoConnection *connection, FluoSql sql, const FluoRollupId *id,
             FluoServiceGraph *graph, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, sql, error);
  g_autoptr (GBytes) plain = fluo_service_graph_to_bytes (graph);
  g_autoptr (GBytes) bytes =
    fluo_pack_large (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));
  int column = 1;

  if (!statement)
    return FALSE;
  if (sql == FLUO_SQL_BLOCK_GRAPH_PUT)
    sqlite3_bind_int64 (statement, column++, id->block);
  sqlite3_bind_int64 (statement, column++, id->key);
  sqlite3_bind_blob64 (statement, column, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                       SQLITE_STATIC);
  return fluo_connection_step (connection, statement, error) == 0;
}

/* --- Writing -------------------------------------------------------------- */

static Slot *
add_slot (FluoRollup *self, const FluoRollupId *id, FluoServiceGraph *graph)
{
  Slot *slot = g_new0 (Slot, 1);

  slot->id = *id;
  slot->graph = graph;
  slot->used = ++self->clock;
  g_hash_table_replace (self->slots, &slot->id, slot);
  return slot;
}

FluoServiceGraph *
fluo_rollup_sum_blocks (FluoConnection *connection, gint64 key, GPtrArray *sealed, gint64 without,
                        GError **error)
{
  g_autoptr (FluoServiceGraph) sum = fluo_service_graph_new ();
  gint64 minute = FLUO_GRAPH_KEY_MINUTE (key);

  for (guint i = 0; i < sealed->len; i++)
    {
      FluoSealedBlock *block = sealed->pdata[i];
      FluoRollupId id = { block->number, key };
      g_autoptr (FluoServiceGraph) part = NULL;

      if (block->number == without || fluo_rollup_minute (block->start_min) > minute ||
          fluo_rollup_minute (block->start_max) < minute)
        continue;
      if (fluo_rollup_find_graph (connection, FLUO_SQL_BLOCK_GRAPH_GET, &id, &part, error) < 0)
        return NULL;
      if (part)
        fluo_service_graph_merge (sum, part);
    }
  return g_steal_pointer (&sum);
}

/* Damage ends at the minute it is in: what can't be read is summed anew. */
static Slot *
load_slot (FluoRollup *self, FluoConnection *connection, const FluoRollupId *id, GError **error)
{
  Slot *slot = g_hash_table_lookup (self->slots, id);
  FluoServiceGraph *graph = NULL;
  int rc;

  if (slot)
    {
      slot->used = ++self->clock;
      return slot;
    }
  rc = fluo_rollup_find_graph (connection,
                               id->block ? FLUO_SQL_BLOCK_GRAPH_GET : FLUO_SQL_MINUTE_GET, id,
                               &graph, error);
  if (rc < 0)
    return NULL;
  if (rc == 1 && !graph && id->block == 0)
    {
      g_autoptr (FluoLiveView) view = NULL;

      g_warning ("the service graph of minute %" G_GINT64_FORMAT " is made anew",
                 FLUO_GRAPH_KEY_MINUTE (id->key));
      view = fluo_live_take_view (connection->live);
      graph = fluo_rollup_sum_blocks (connection, id->key, view->sealed, 0, error);
      if (!graph)
        return NULL;
    }
  return add_slot (self, id, graph ? graph : fluo_service_graph_new ());
}

gboolean
fluo_rollup_add_block (FluoRollup *self, FluoConnection *connection, gint64 block, GArray *graphs,
                       guint first_new, GError **error)
{
  for (guint i = 0; i < graphs->len; i++)
    {
      FluoGraphPart *part = &g_array_index (graphs, FluoGraphPart, i);
      FluoRollupId own = { block, part->key }, sum = { 0, part->key };
      Slot *slot = load_slot (self, connection, &own, error);

      if (!slot)
        return FALSE;
      fluo_service_graph_merge (slot->graph, part->graph);
      slot->dirty = TRUE;
      if (i < first_new)
        continue;
      slot = load_slot (self, connection, &sum, error);
      if (!slot)
        return FALSE;
      fluo_service_graph_merge (slot->graph, part->graph);
      slot->dirty = TRUE;
    }
  return TRUE;
}

gboolean
fluo_rollup_read_block (FluoConnection *connection, gint64 block, GArray *graphs, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_BLOCK_GRAPHS, error);
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, block);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      FluoGraphPart part = { sqlite3_column_int64 (statement, 0),
                             fluo_rollup_get_graph (statement, 1, error) };

      if (!part.graph)
        {
          sqlite3_reset (statement);
          return FALSE;
        }
      g_array_append_val (graphs, part);
    }
  return rc == 0;
}

gboolean
fluo_rollup_take_trace (FluoRollup *self, FluoConnection *connection, gint64 block,
                        const FluoTraceEntry *entry, FluoTrace *trace, GError **error)
{
  gint64 minute = fluo_rollup_minute (entry->start_ns);

  for (guint i = 0; i <= entry->n_groups; i++)
    {
      gint64 key = FLUO_GRAPH_KEY (i == 0 ? 0 : entry->groups[i - 1], minute);
      const FluoRollupId ids[] = { { block, key }, { 0, key } };

      for (guint k = 0; k < G_N_ELEMENTS (ids); k++)
        {
          Slot *slot = load_slot (self, connection, &ids[k], error);

          if (!slot)
            return FALSE;
          fluo_service_graph_add_trace (slot->graph, trace, -1);
          slot->dirty = TRUE;
        }
    }
  return TRUE;
}

/* A hash table function: slots of one block. */
static gboolean
is_of_block (gpointer key, gpointer value, gpointer data)
{
  return ((const FluoRollupId *) key)->block == *(const gint64 *) data;
}

gboolean
fluo_rollup_forget_block (FluoRollup *self, FluoConnection *connection, gint64 block,
                          GError **error)
{
  sqlite3_stmt *statement =
    fluo_connection_statement (connection, FLUO_SQL_BLOCK_GRAPHS_DELETE, error);

  if (!statement)
    return FALSE;
  g_hash_table_foreach_remove (self->slots, is_of_block, &block);
  sqlite3_bind_int64 (statement, 1, block);
  return fluo_connection_step (connection, statement, error) == 0;
}

gboolean
fluo_rollup_remove_block (FluoRollup *self, FluoConnection *connection, gint64 block,
                          GPtrArray *sealed, GError **error)
{
  sqlite3_stmt *statement;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (gint64));
  int rc;

  /* What is changed in memory only is about to be read from the database. */
  if (!fluo_rollup_flush (self, connection, error))
    return FALSE;
  statement = fluo_connection_statement (connection, FLUO_SQL_BLOCK_GRAPHS, error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, block);
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      gint64 key = sqlite3_column_int64 (statement, 0);

      g_array_append_val (keys, key);
    }
  if (rc < 0 || !fluo_rollup_forget_block (self, connection, block, error))
    return FALSE;
  for (guint i = 0; i < keys->len; i++)
    {
      FluoRollupId id = { 0, g_array_index (keys, gint64, i) };
      FluoServiceGraph *sum = fluo_rollup_sum_blocks (connection, id.key, sealed, block, error);

      if (!sum)
        return FALSE;
      add_slot (self, &id, sum)->dirty = TRUE;
    }
  return TRUE;
}

static gboolean
flush_slot (FluoRollup *self, FluoConnection *connection, Slot *slot, GError **error)
{
  gboolean own = slot->id.block != 0, empty;
  FluoRollupId hour = { 0, hour_of (slot->id.key) };

  fluo_service_graph_prune (slot->graph);
  empty = slot->graph->nodes->len == 0;
  if (!own)
    {
      gint64 now_usec = g_get_monotonic_time ();

      if (!g_hash_table_contains (self->hours, &hour.key) &&
          !delete_key (connection, FLUO_SQL_HOUR_DELETE, &hour, error))
        return FALSE;
      g_hash_table_replace (self->hours, g_memdup2 (&hour.key, sizeof hour.key),
                            g_memdup2 (&now_usec, sizeof now_usec));
    }
  if (empty)
    return delete_key (connection, own ? FLUO_SQL_BLOCK_GRAPH_DELETE : FLUO_SQL_MINUTE_DELETE,
                       &slot->id, error);
  return write_graph (connection, own ? FLUO_SQL_BLOCK_GRAPH_PUT : FLUO_SQL_MINUTE_PUT, &slot->id,
                      slot->graph, error);
}

static void
evict (FluoRollup *self)
{
  while (g_hash_table_size (self->slots) > N_KEPT_MAX)
    {
      GHashTableIter iter;
      gpointer value;
      Slot *oldest = NULL;

      g_hash_table_iter_init (&iter, self->slots);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (!oldest || ((Slot *) value)->used < oldest->used)
          oldest = value;
      g_hash_table_remove (self->slots, &oldest->id);
    }
}

gboolean
fluo_rollup_flush (FluoRollup *self, FluoConnection *connection, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Slot *slot = value;

      if (slot->dirty && !flush_slot (self, connection, slot, error))
        return FALSE;
      slot->dirty = FALSE;
    }
  evict (self);
  return TRUE;
}

void
fluo_rollup_clear (FluoRollup *self)
{
  g_hash_table_remove_all (self->slots);
  g_hash_table_remove_all (self->hours);
}

static gboolean
is_clean (gpointer key, gpointer value, gpointer data)
{
  return !((Slot *) value)->dirty;
}

void
fluo_rollup_trim (FluoRollup *self)
{
  g_hash_table_foreach_remove (self->slots, is_clean, NULL);
}

static gboolean
sum_hour (FluoConnection *connection, gint64 hour_key, GError **error)
{
  guint32 group = FLUO_GRAPH_KEY_GROUP (hour_key);
  gint64 first = FLUO_GRAPH_KEY_MINUTE (hour_key) * FLUO_MINUTES_PER_HOUR;
  g_autoptr (FluoServiceGraph) sum = fluo_service_graph_new ();
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_MINUTE_RANGE, error);
  FluoRollupId id = { 0, hour_key };
  int rc;

  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, FLUO_GRAPH_KEY (group, first));
  sqlite3_bind_int64 (statement, 2, FLUO_GRAPH_KEY (group, first + FLUO_MINUTES_PER_HOUR));
  while ((rc = fluo_connection_step (connection, statement, error)) == 1)
    {
      g_autoptr (FluoServiceGraph) part = fluo_rollup_get_graph (statement, 1, NULL);

      /* An hour with a damaged minute stays unsummed. */
      if (!part)
        {
          sqlite3_reset (statement);
          return TRUE;
        }
      fluo_service_graph_merge (sum, part);
    }
  if (rc < 0)
    return FALSE;
  return sum->nodes->len == 0 ||
         write_graph (connection, FLUO_SQL_HOUR_PUT, &id, sum, error);
}

gboolean
fluo_rollup_sum_hours (FluoRollup *self, FluoConnection *connection, gint64 now_ns,
                       gboolean *ret_worked, GError **error)
{
  gint64 now_hour = fluo_rollup_minute (now_ns) / FLUO_MINUTES_PER_HOUR;
  g_autoptr (GArray) wanted = NULL;
  GHashTableIter iter;
  gpointer key, value;

  fluo_live_lock (connection->live);
  wanted = fluo_live_take_wanted (connection->live);
  fluo_live_unlock (connection->live);
  for (guint i = 0; i < wanted->len; i++)
    if (!g_hash_table_contains (self->hours, &g_array_index (wanted, gint64, i)))
      g_hash_table_insert (self->hours,
                           g_memdup2 (&g_array_index (wanted, gint64, i), sizeof (gint64)),
                           g_new0 (gint64, 1));

  g_hash_table_iter_init (&iter, self->hours);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      gint64 hour = *(const gint64 *) key;

      if (FLUO_GRAPH_KEY_MINUTE (hour) == now_hour ||
          g_get_monotonic_time () - *(const gint64 *) value < HOUR_REST_USEC)
        continue;
      if (!sum_hour (connection, hour, error))
        return FALSE;
      *ret_worked = TRUE;
      g_hash_table_iter_remove (&iter);
    }
  return TRUE;
}

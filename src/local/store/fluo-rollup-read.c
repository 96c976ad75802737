/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"

#include "local/store/fluo-rollup-private.h"

/* Minutes and their sums as a reader sees them: what is stored, and what its view has of open
 * blocks. */

/* Adds what the open blocks have of the key. */
static void
merge_open (FluoLiveView *view, gint64 key, FluoServiceGraph *graph)
{
  for (guint i = 0; i < view->open->len; i++)
    {
      FluoOpenBlock *block = view->open->pdata[i];

      for (guint k = 0; k < block->graphs->len; k++)
        if (g_array_index (block->graphs, FluoGraphPart, k).key == key)
          fluo_service_graph_merge (graph, g_array_index (block->graphs, FluoGraphPart, k).graph);
    }
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* The keys in [begin, end) that open blocks have graphs of, sorted, each once. */
static GArray *
list_open_keys (FluoLiveView *view, gint64 begin, gint64 end)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint n = 0;

  for (guint i = 0; i < view->open->len; i++)
    {
      FluoOpenBlock *block = view->open->pdata[i];

      for (guint k = 0; k < block->graphs->len; k++)
        {
          gint64 key = g_array_index (block->graphs, FluoGraphPart, k).key;

          if (key >= begin && key < end)
            g_array_append_val (keys, key);
        }
    }
  g_array_sort (keys, compare_keys);
  for (guint i = 0; i < keys->len; i++)
    if (i == 0 || g_array_index (keys, gint64, i) != g_array_index (keys, gint64, n - 1))
      g_array_index (keys, gint64, n++) = g_array_index (keys, gint64, i);
  g_array_set_size (keys, n);
  return keys;
}

typedef struct
{
  FluoConnection *reader;
  GArray         *open_keys;
  guint           next; /* of open_keys */
  void          (*func) (gint64 minute, FluoServiceGraph *graph, gpointer data);
  gpointer        data;
} Walk;

/* Hands out the minutes before @end that only open blocks have. */
static void
walk_open (Walk *walk, gint64 end)
{
  while (walk->next < walk->open_keys->len &&
         g_array_index (walk->open_keys, gint64, walk->next) < end)
    {
      gint64 key = g_array_index (walk->open_keys, gint64, walk->next++);
      g_autoptr (FluoServiceGraph) graph = fluo_service_graph_new ();

      merge_open (walk->reader->view, key, graph);
      walk->func (FLUO_GRAPH_KEY_MINUTE (key), graph, walk->data);
    }
}

static gboolean
walk_row (Walk *walk, sqlite3_stmt *statement, GError **error)
{
  FluoLiveView *view = walk->reader->view;
  gint64 key = sqlite3_column_int64 (statement, 0);
  g_autoptr (FluoServiceGraph) graph = fluo_rollup_get_graph (statement, 1, NULL);

  walk_open (walk, key);
  if (!graph)
    graph = fluo_rollup_sum_blocks (walk->reader, key, view->sealed, 0, error);
  if (!graph)
    return FALSE;
  if (walk->next < walk->open_keys->len &&
      g_array_index (walk->open_keys, gint64, walk->next) == key)
    {
      merge_open (view, key, graph);
      walk->next++;
    }
  walk->func (FLUO_GRAPH_KEY_MINUTE (key), graph, walk->data);
  return TRUE;
}

gboolean
fluo_rollup_read (FluoConnection *reader, guint32 group, gint64 first_minute, gint64 last_minute,
                  void (*func) (gint64 minute, FluoServiceGraph *graph, gpointer data),
                  gpointer data, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (reader, FLUO_SQL_MINUTE_RANGE, error);
  gint64 begin = FLUO_GRAPH_KEY (group, CLAMP (first_minute, 0, FLUO_MINUTE_MAX));
  gint64 end = FLUO_GRAPH_KEY (group, CLAMP (last_minute, 0, FLUO_MINUTE_MAX));
  g_autoptr (GArray) open_keys = NULL;
  Walk walk = { reader, NULL, 0, func, data };
  int rc;

  if (!statement)
    return FALSE;
  walk.open_keys = open_keys = list_open_keys (reader->view, begin, end);
  sqlite3_bind_int64 (statement, 1, begin);
  sqlite3_bind_int64 (statement, 2, end);
  while ((rc = fluo_connection_step (reader, statement, error)) == 1)
    if (!walk_row (&walk, statement, error))
      {
        sqlite3_reset (statement);
        return FALSE;
      }
  walk_open (&walk, end);
  return rc == 0;
}

static void
add_minute (gint64 minute, FluoServiceGraph *graph, gpointer data)
{
  fluo_service_graph_merge (data, graph);
}

/* 1 = the stored sum was added, 0 = there is none. */
static int
sum_stored_hour (FluoConnection *reader, guint32 group, gint64 hour, FluoServiceGraph *graph,
                 GError **error)
{
  FluoRollupId id = { 0, FLUO_GRAPH_KEY (group, hour) };
  g_autoptr (FluoServiceGraph) sum = NULL;
  g_autoptr (GArray) open_keys = NULL;
  int rc = fluo_rollup_find_graph (reader, FLUO_SQL_HOUR_GET, &id, &sum, error);

  if (rc < 0)
    return rc;
  if (!sum)
    {
      /* The next one who asks will find it. */
      fluo_live_lock (reader->live);
      fluo_live_want (reader->live, id.key);
      fluo_live_unlock (reader->live);
      return 0;
    }
  fluo_service_graph_merge (graph, sum);
  open_keys = list_open_keys (reader->view, FLUO_GRAPH_KEY (group, hour * FLUO_MINUTES_PER_HOUR),
                              FLUO_GRAPH_KEY (group, (hour + 1) * FLUO_MINUTES_PER_HOUR));
  for (guint i = 0; i < open_keys->len; i++)
    merge_open (reader->view, g_array_index (open_keys, gint64, i), graph);
  return 1;
}

gboolean
fluo_rollup_sum (FluoConnection *reader, guint32 group, gint64 first_minute, gint64 last_minute,
                 FluoServiceGraph *graph, GError **error)
{
  gint64 minute = first_minute;

  while (minute < last_minute)
    {
      gint64 next = MIN ((minute / FLUO_MINUTES_PER_HOUR + 1) * FLUO_MINUTES_PER_HOUR, last_minute);
      int rc = 0;

      if (next - minute == FLUO_MINUTES_PER_HOUR)
        rc = sum_stored_hour (reader, group, minute / FLUO_MINUTES_PER_HOUR, graph, error);
      if (rc < 0 ||
          (rc == 0 && !fluo_rollup_read (reader, group, minute, next, add_minute, graph, error)))
        return FALSE;
      minute = next;
    }
  return TRUE;
}

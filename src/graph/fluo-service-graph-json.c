/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-graph"

#include "fluo-service-graph-private.h"


/* Counts above this are no counts: they would lose digits in JSON's doubles. */
#define COUNT_MAX (G_GINT64_CONSTANT (1) << 53)

/* Calls in one answer's histogram. Buckets count in 32 bits; this leaves room to sum a few
 * answers. */
#define HISTOGRAM_COUNT_MAX (1 << 28)

/* --- Writing -------------------------------------------------------------- */

static void
write_null (FluoJsonWriter *writer,
            const char     *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_null (writer);
}

static void
write_int (FluoJsonWriter *writer,
           const char     *key,
           gint64          value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_int (writer, value);
}

static void
write_string (FluoJsonWriter *writer,
              const char     *key,
              const char     *value)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, value);
}

static void
write_names (FluoJsonWriter *writer,
             const char     *first,
             const char     *second)
{
  fluo_json_writer_key (writer, "Names");
  fluo_json_writer_begin (writer, '[');
  fluo_json_writer_string (writer, first);
  if (second != NULL && g_strcmp0 (first, second) != 0)
    fluo_json_writer_string (writer, second);
  fluo_json_writer_end (writer, ']');
}

void
fluo_call_stats_write (const FluoCallStats *stats, FluoJsonWriter *writer, const char *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "ErrorStatistics");
  fluo_json_writer_begin (writer, '{');
  write_int (writer, "OtherCount", stats->error);
  write_int (writer, "ThrottleCount", stats->throttle);
  write_int (writer, "TotalCount", stats->error + stats->throttle);
  fluo_json_writer_end (writer, '}');
  fluo_json_writer_key (writer, "FaultStatistics");
  fluo_json_writer_begin (writer, '{');
  write_int (writer, "OtherCount", stats->fault);
  write_int (writer, "TotalCount", stats->fault);
  fluo_json_writer_end (writer, '}');
  write_int (writer, "OkCount", stats->ok);
  write_int (writer, "TotalCount", fluo_call_stats_total (stats));
  fluo_json_writer_key (writer, "TotalResponseTime");
  fluo_json_writer_seconds (writer, stats->histogram.sum_ns);
  fluo_json_writer_end (writer, '}');
}

/* Times are whole seconds: the first one with data, and the one after the last. */
static void
write_time (FluoJsonWriter      *writer,
            const char          *key,
            const FluoGraphNode *node,
            gboolean             end,
            gboolean             times)
{
  gint64 second = (end ? node->last_ns : node->first_ns) / FLUO_NSEC_PER_SEC + (end ? 1 : 0);

  fluo_json_writer_key (writer, key);
  if (!times || (node->first_ns == 0 && node->last_ns == 0))
    fluo_json_writer_null (writer);
  else
    fluo_json_writer_seconds (writer, second * FLUO_NSEC_PER_SEC);
}

/* An edge carries its source's times, as X-Ray's do. */
static void
write_edge (FluoJsonWriter      *writer,
            const FluoGraphEdge *edge,
            const FluoGraphNode *source,
            gboolean             times)
{
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "Aliases");
  fluo_json_writer_begin (writer, '[');
  if (edge->alias != NULL)
    {
      fluo_json_writer_begin (writer, '{');
      write_string (writer, "Name", edge->alias);
      write_names (writer, edge->alias, NULL);
      write_string (writer, "Type", edge->alias_type);
      fluo_json_writer_end (writer, '}');
    }
  fluo_json_writer_end (writer, ']');
  if (edge->linked)
    write_string (writer, "EdgeType", "link");
  write_time (writer, "EndTime", source, TRUE, times);
  if (edge->linked)
    fluo_histogram_write (&edge->stats.histogram, writer, "ReceivedEventAgeHistogram");
  write_int (writer, "ReferenceId", edge->to);
  if (!edge->linked)
    fluo_histogram_write (&edge->stats.histogram, writer, "ResponseTimeHistogram");
  write_time (writer, "StartTime", source, FALSE, times);
  fluo_call_stats_write (&edge->stats, writer, "SummaryStatistics");
  fluo_json_writer_end (writer, '}');
}

static void
write_empty_object (FluoJsonWriter *writer,
                    const char     *key)
{
  fluo_json_writer_key (writer, key);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_end (writer, '}');
}

static void
write_node (const FluoServiceGraph *self,
            FluoJsonWriter         *writer,
            guint                   index,
            const guint            *edges,
            guint                   n_edges,
            gboolean                times)
{
  const FluoGraphNode *node = fluo_graph_node_at (self, index);
  gboolean client = fluo_graph_node_is_client (node);

  fluo_json_writer_begin (writer, '{');
  write_string (writer, "AccountId", node->account);
  if (client)
    write_null (writer, "DurationHistogram");
  else
    fluo_histogram_write (&node->stats.histogram, writer, "DurationHistogram");
  fluo_json_writer_key (writer, "Edges");
  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < n_edges; i++)
    write_edge (writer, fluo_graph_edge_at (self, edges[i]), node, times);
  fluo_json_writer_end (writer, ']');
  write_time (writer, "EndTime", node, TRUE, times);
  write_empty_object (writer, "HostedIn");
  write_empty_object (writer, "KeyAttributes");
  write_string (writer, "Name", node->name);
  write_names (writer, node->name, NULL);
  write_int (writer, "ReferenceId", index);
  write_null (writer, "Region");
  if (client)
    write_null (writer, "ResponseTimeHistogram");
  else
    fluo_histogram_write (&node->stats.histogram, writer, "ResponseTimeHistogram");
  /* X-Ray says true or nothing. */
  fluo_json_writer_key (writer, "Root");
  if (node->root)
    fluo_json_writer_boolean (writer, TRUE);
  else
    fluo_json_writer_null (writer);
  write_time (writer, "StartTime", node, FALSE, times);
  write_string (writer, "State", client || node->inferred ? "unknown" : "active");
  if (client)
    write_null (writer, "SummaryStatistics");
  else
    fluo_call_stats_write (&node->stats, writer, "SummaryStatistics");
  write_string (writer, "Type", node->type);
  fluo_json_writer_end (writer, '}');
}

void
fluo_service_graph_write (const FluoServiceGraph *self,
                          FluoJsonWriter         *writer,
                          gboolean                times)
{
  g_autofree guint *start = NULL, *edges = NULL;

  g_return_if_fail (self != NULL && writer != NULL);

  /* Edges by source, in the order they were seen. */
  start = g_new0 (guint, self->nodes->len + 2);
  edges = g_new (guint, MAX (self->edges->len, 1));
  for (guint i = 0; i < self->edges->len; i++)
    start[fluo_graph_edge_at (self, i)->from + 2]++;
  for (guint i = 2; i < self->nodes->len + 2; i++)
    start[i] += start[i - 1];
  for (guint i = 0; i < self->edges->len; i++)
    edges[start[fluo_graph_edge_at (self, i)->from + 1]++] = i;

  fluo_json_writer_begin (writer, '[');
  for (guint i = 0; i < self->nodes->len; i++)
    write_node (self, writer, i, edges + start[i], start[i + 1] - start[i], times);
  fluo_json_writer_end (writer, ']');
}

/* --- Reading -------------------------------------------------------------- */

typedef struct
{
  FluoServiceGraph   *graph;
  const FluoJsonTape *tape;
  GHashTable         *nodes; /* ReferenceId → index + 1 */
} Reading;

static guint32
get (const Reading *self,
     guint32        object,
     const char    *key)
{
  return fluo_json_tape_get (self->tape, object, key);
}

static gint64
get_count (const Reading *self,
           guint32        object,
           const char    *key)
{
  double value = fluo_json_tape_double (self->tape, get (self, object, key), 0);

  return value > 0 && value <= (double) COUNT_MAX ? (gint64) value : 0;
}

static gint64
get_time (const Reading *self,
          guint32        object,
          const char    *key)
{
  gint64 time_ns = 0;

  if (!fluo_json_tape_seconds (self->tape, get (self, object, key), &time_ns))
    return 0;
  return CLAMP (time_ns, 0, G_MAXINT64 - 2 * FLUO_NSEC_PER_SEC);
}

static void
read_histogram (const Reading *self,
                guint32        list,
                FluoHistogram *histogram)
{
  if (fluo_json_tape_type (self->tape, list) != FLUO_JSON_ARRAY_BEGIN)
    return;
  for (guint32 entry = fluo_json_tape_first (self->tape, list); entry != FLUO_JSON_NONE;
       entry = fluo_json_tape_next (self->tape, list, entry))
    {
      gint64 count = MIN (get_count (self, entry, "Count"), HISTOGRAM_COUNT_MAX - histogram->count),
             value_ns;

      if (count > 0 && fluo_json_tape_seconds (self->tape, get (self, entry, "Value"), &value_ns) &&
          value_ns >= 0)
        fluo_histogram_add (histogram, value_ns, (gint32) count);
    }
}

/* Buckets round; the sum that came with them is exact and replaces theirs. */
static void
read_stats (const Reading *self,
            guint32        object,
            const char    *histogram_key,
            FluoCallStats *stats)
{
  guint32 summary = get (self, object, "SummaryStatistics");
  guint32 errors = get (self, summary, "ErrorStatistics"),
          faults = get (self, summary, "FaultStatistics");
  guint32 total = get (self, summary, "TotalResponseTime");
  FluoCallStats read;
  gint64 sum_ns;

  fluo_call_stats_init (&read);
  read.ok = get_count (self, summary, "OkCount");
  read.error = get_count (self, errors, "OtherCount");
  read.throttle = get_count (self, errors, "ThrottleCount");
  read.fault = get_count (self, faults, "TotalCount");
  read_histogram (self, get (self, object, histogram_key), &read.histogram);
  if (fluo_json_tape_seconds (self->tape, total, &sum_ns) && sum_ns >= 0)
    read.histogram.sum_ns = sum_ns;
  fluo_call_stats_merge (stats, &read);
  fluo_call_stats_clear (&read);
}

/* A ReferenceId as a key; whole and not negative, else -1. */
static gint64
get_reference (const Reading *self,
               guint32        object)
{
  gint64 reference = fluo_json_tape_int (self->tape, get (self, object, "ReferenceId"), -1);

  return reference >= 0 && reference < G_MAXINT32 ? reference : -1;
}

static void
read_node (const Reading *self,
           guint32        object)
{
  g_autofree char *name = fluo_json_tape_dup (self->tape, get (self, object, "Name"));
  g_autofree char *type = fluo_json_tape_dup (self->tape, get (self, object, "Type"));
  g_autofree char *account = fluo_json_tape_dup (self->tape, get (self, object, "AccountId"));
  g_autofree char *state = fluo_json_tape_dup (self->tape, get (self, object, "State"));
  gint64 start_ns = get_time (self, object, "StartTime"),
         end_ns = get_time (self, object, "EndTime");
  gint64 reference = get_reference (self, object);
  FluoGraphNode *node;
  guint i;

  /* A service that has lost its name in some view is still a node. */
  if (name == NULL)
    name = fluo_json_tape_dup (self->tape,
                               fluo_json_tape_first (self->tape, get (self, object, "Names")));
  i = fluo_service_graph_take_node (self->graph, name != NULL ? name : "", type, account, TRUE);
  if (i == G_MAXUINT)
    return;
  node = fluo_graph_node_at (self->graph, i);
  if (g_strcmp0 (state, "active") == 0)
    node->inferred = FALSE;
  node->root |= fluo_json_tape_boolean (self->tape, get (self, object, "Root"), FALSE);
  if (start_ns > 0)
    fluo_service_graph_add_times (
      self->graph, node, start_ns,
      end_ns - FLUO_NSEC_PER_SEC >= start_ns ? end_ns - FLUO_NSEC_PER_SEC : start_ns);
  if (!fluo_graph_node_is_client (node))
    read_stats (self, object, "ResponseTimeHistogram", &node->stats);
  if (reference >= 0)
    g_hash_table_insert (self->nodes, GINT_TO_POINTER ((gint) reference), GUINT_TO_POINTER (i + 1));
}

static void
read_edge (const Reading *self,
           guint          from,
           guint32        object)
{
  guint32 alias = fluo_json_tape_first (self->tape, get (self, object, "Aliases"));
  g_autofree char *edge_type = fluo_json_tape_dup (self->tape, get (self, object, "EdgeType"));
  g_autofree char *alias_name = NULL, *alias_type = NULL;
  gboolean linked = edge_type != NULL && g_ascii_strcasecmp (edge_type, "link") == 0;
  gint64 reference = get_reference (self, object);
  guint to =
    reference < 0
      ? 0
      : GPOINTER_TO_UINT (g_hash_table_lookup (self->nodes, GINT_TO_POINTER ((gint) reference)));
  FluoGraphEdge *edge;

  if (to == 0)
    return;
  edge = fluo_service_graph_take_edge (self->graph, from, to - 1, linked, TRUE);
  read_stats (self, object, linked ? "ReceivedEventAgeHistogram" : "ResponseTimeHistogram",
              &edge->stats);
  if (alias == FLUO_JSON_NONE)
    return;
  alias_name = fluo_json_tape_dup (self->tape, get (self, alias, "Name"));
  alias_type = fluo_json_tape_dup (self->tape, get (self, alias, "Type"));
  fluo_graph_edge_add_alias (edge, alias_name, alias_type);
}

gboolean
fluo_service_graph_read (FluoServiceGraph   *self,
                         const FluoJsonTape *tape,
                         guint32             services,
                         GError            **error)
{
  g_autoptr(GHashTable) nodes = g_hash_table_new (NULL, NULL);
  Reading reading = { self, tape, nodes };

  g_return_val_if_fail (self != NULL && tape != NULL, FALSE);

  if (services == FLUO_JSON_NONE || fluo_json_tape_type (tape, services) != FLUO_JSON_ARRAY_BEGIN)
    {
      g_set_error_literal (error, FLUO_GRAPH_ERROR, FLUO_GRAPH_ERROR_SHAPE,
                           "the answer holds no \"Services\" list; is this the endpoint of X-Ray?");
      return FALSE;
    }
  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    if (fluo_json_tape_type (tape, s) == FLUO_JSON_OBJECT_BEGIN)
      read_node (&reading, s);
  for (guint32 s = fluo_json_tape_first (tape, services); s != FLUO_JSON_NONE;
       s = fluo_json_tape_next (tape, services, s))
    {
      guint32 edges = get (&reading, s, "Edges");
      gint64 reference = get_reference (&reading, s);
      guint from =
        reference < 0
          ? 0
          : GPOINTER_TO_UINT (g_hash_table_lookup (nodes, GINT_TO_POINTER ((gint) reference)));

      if (from == 0)
        continue;
      for (guint32 e = fluo_json_tape_first (tape, edges); e != FLUO_JSON_NONE;
           e = fluo_json_tape_next (tape, edges, e))
        read_edge (&reading, from - 1, e);
    }
  return TRUE;
}

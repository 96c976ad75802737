/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-petshop.h"

typedef struct
{
  const char *name;
  const char *type;
  gint64      ok, error, throttle, fault;
  gint64      p50_us, p90_us, p99_us;
} Stats;

/* In the order that gives each service the colour it has in the pictures. */
static const Stats nodes[] = {
  { "checkout", "AWS::ECS::Container", 5442, 93, 0, 69, 53872, 778813, 2191540 },
  { "search", "AWS::ECS::Container", 7286, 35, 0, 5, 30776, 51596, 84759 },
  { "payments", "AWS::Lambda::Function", 2771, 42, 9, 69, 472442, 923161, 2147929 },
  { "SES", "AWS::SES", 2268, 0, 6, 0, 68043, 113842, 172886 },
  { "emails", "AWS::SQS::Queue", 2274, 0, 0, 0, 7789, 11418, 16346 },
  { "orders@orders-db", "Database::SQL", 2994, 0, 0, 0, 12419, 24101, 40929 },
  { "inventory", "AWS::EKS::Container", 4766, 34, 0, 0, 20513, 30853, 79867 },
  { "orders", "AWS::EC2::Instance", 2977, 17, 0, 0, 22187, 34010, 51839 },
  { "bank.example.com", "remote", 2163, 42, 0, 69, 492996, 1032846, 2124327 },
  { "stock", "AWS::DynamoDB::Table", 6990, 0, 86, 0, 6763, 11398, 17585 },
  { "mailer", "AWS::Lambda::Function", 2274, 0, 0, 0, 94504, 158114, 240119 },
  { "petshop/prod", "AWS::ApiGateway::Stage", 12728, 128, 0, 74, 41974, 578472, 1630184 },
  { "catalog", "AWS::OpenSearch::Domain", 7286, 0, 0, 5, 20891, 41501, 75883 },
  { "Clients", "client", 0, 0, 0, 0, 0, 0, 0 },
};

static const struct
{
  guint    from, to;
  gboolean linked;
} edges[] = {
  { 13, 11, FALSE }, { 11, 0, FALSE }, { 11, 1, FALSE }, { 0, 2, FALSE }, { 0, 6, FALSE },
  { 0, 7, FALSE },   { 0, 4, FALSE },  { 2, 8, FALSE },  { 6, 9, FALSE }, { 7, 5, FALSE },
  { 4, 10, TRUE },   { 10, 3, FALSE }, { 1, 12, FALSE },
};

/* Counts by quantile: 60 % of the calls took the median, and so on, which gives exactly these
 * quantiles. */
static void
fill_stats (FluoCallStats *stats,
            const Stats   *from)
{
  const gint32 total = (gint32) (from->ok + from->error + from->throttle + from->fault);
  const gint32 median = total * 6 / 10;
  const gint32 tail = total / 20;

  fluo_histogram_init (&stats->histogram);
  stats->ok = from->ok;
  stats->error = from->error;
  stats->throttle = from->throttle;
  stats->fault = from->fault;
  if (total == 0)
    return;
  fluo_histogram_add (&stats->histogram, from->p50_us * FLUO_NSEC_PER_USEC, median);
  fluo_histogram_add (&stats->histogram, from->p90_us * FLUO_NSEC_PER_USEC, total - median - tail);
  fluo_histogram_add (&stats->histogram, from->p99_us * FLUO_NSEC_PER_USEC, tail);
}

static guint
add_node (FluoServiceGraph *graph,
          const Stats      *stats)
{
  FluoGraphNode *node = g_new0 (FluoGraphNode, 1);

  node->name = g_strdup (stats->name);
  node->type = g_strdup (stats->type);
  fill_stats (&node->stats, stats);
  g_ptr_array_add (graph->nodes, node);
  return graph->nodes->len - 1;
}

static void
add_edge (FluoServiceGraph *graph,
          guint             from,
          guint             to,
          gboolean          linked,
          const Stats      *stats)
{
  FluoGraphEdge *edge = g_new0 (FluoGraphEdge, 1);

  edge->from = from;
  edge->to = to;
  edge->linked = linked;
  fill_stats (&edge->stats, stats);
  g_ptr_array_add (graph->edges, edge);
}

FluoServiceGraph *
fluo_petshop_graph_new (void)
{
  FluoServiceGraph *graph = fluo_service_graph_new ();

  graph->span.begin_ns = G_GINT64_CONSTANT (1795094220) * FLUO_NSEC_PER_SEC;
  graph->span.end_ns = graph->span.begin_ns + 15 * 60 * FLUO_NSEC_PER_SEC;
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    add_node (graph, &nodes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    add_edge (graph, edges[i].from, edges[i].to, edges[i].linked, &nodes[edges[i].to]);
  return graph;
}

FluoServiceGraph *
fluo_chain_graph_new (guint n)
{
  FluoServiceGraph *graph = fluo_service_graph_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name =
        g_strdup_printf ("service-with-a-rather-long-name-that-does-not-fit-%u", i);
      const Stats stats = { name,  i % 3 ? "AWS::Lambda::Function" : NULL,
                            1000,  i % 5,
                            i % 7, i % 4 ? 0 : 20,
                            12000, 40000,
                            90000 };

      add_node (graph, &stats);
      if (i > 0)
        add_edge (graph, (i - 1) / 2, i, FALSE, &stats);
    }
  return graph;
}

FluoServiceGraph *
fluo_web_graph_new (guint n,
                    guint n_edges)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  FluoServiceGraph *graph = fluo_service_graph_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("team-%u-service-%u", i % 17, i);
      const Stats stats = {
        name, i % 4 ? "AWS::ECS::Container" : "AWS::DynamoDB::Table",
        1000, i % 50 ? 0 : 30,
        0,    i % 90 ? 0 : 20,
        12000, 40000, 90000,
      };

      add_node (graph, &stats);
    }
  for (guint i = 0; i < n_edges && n > 1; i++)
    {
      const guint from = i < n - 1 ? i : (guint) g_rand_int_range (rand, 0, (gint32) n - 1);
      const guint to =
        (guint) g_rand_int_range (rand, (gint32) from + 1, (gint32) MIN (n, from + 80));
      const Stats stats = { NULL, NULL, 100, 0, 0, i % 120 ? 0 : 3, 12000, 40000, 90000 };

      if (g_hash_table_add (known, GUINT_TO_POINTER (from * n + to)))
        add_edge (graph, from, to, FALSE, &stats);
    }
  return graph;
}

FluoServiceGraph *
fluo_hostile_graph_new (guint n,
                        guint n_edges)
{
  static const Stats kinds[] = {
    { NULL, NULL, 0, 0, 0, 0, 0, 0, 0 },           /* shares of nothing */
    { NULL, NULL, 1000, 0, 0, 10, 0, 0, 0 },       /* no time, and no place on a logarithmic axis */
    { NULL, NULL, 0, 0, 0, 3, 1, 1, 1 },
    { NULL, NULL, 100000, 5, 5, 5, 12000, 40000, 3600000000000 / 1000 },
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (57);
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  FluoServiceGraph *graph = fluo_service_graph_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("service-%u", i % 50);
      g_autofree char *type = i < 50 ? NULL : g_strdup_printf ("AWS::Kind%u", i / 50);
      Stats stats = kinds[i % G_N_ELEMENTS (kinds)];

      stats.name = name;
      stats.type = type;
      add_node (graph, &stats);
    }
  for (guint i = 0; i < n_edges; i++)
    {
      const guint from = i < n ? i : (guint) g_rand_int_range (rand, 0, (gint32) n);
      const guint to = i < n                                 ? (i + 1) % n
                       : i < n + n / 10                      ? from
                                                             : (guint) g_rand_int_range (rand, 0,
                                                                                 (gint32) n);

      if (g_hash_table_add (known, GUINT_TO_POINTER (from * n + to)))
        add_edge (graph, from, to, i % 11 == 3, &kinds[i % G_N_ELEMENTS (kinds)]);
    }
  return graph;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/map/fluo-map-match.h"
#include "core/fluo-shared-string.h"
#include "fluo-petshop.h"

/* The graph of the traces that a filter lets through, counted from their summaries. */

static FluoTraceSummary *
make_summary (const char *const *services,
              FluoStatus         status)
{
  FluoTraceSummary *summary = fluo_trace_summary_new ();

  summary->status = status;
  for (guint i = 0; services[i]; i += 2)
    {
      FluoSummaryService service = { fluo_shared_string_new (services[i]),
                                     fluo_shared_string_new (services[i + 1]),
                                     services[i + 2] ? FLUO_STATUS_OK : status };

      g_array_append_val (summary->services, service);
    }
  return summary;
}

static const char *const cart[] = { "petshop/prod", "AWS::ApiGateway::Stage", "checkout",
                                    "AWS::ECS::Container", NULL };
static const char *const paid[] = { "petshop/prod",
                                    "AWS::ApiGateway::Stage",
                                    "checkout",
                                    "AWS::ECS::Container",
                                    "payments",
                                    "AWS::Lambda",
                                    NULL };

static GPtrArray *
make_matches (void)
{
  GPtrArray *matches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);

  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (matches, make_summary (cart, FLUO_STATUS_OK));
  g_ptr_array_add (matches, make_summary (paid, FLUO_STATUS_FAULT));
  return matches;
}

static const FluoGraphNode *
node_named (const FluoServiceGraph *graph,
            const char             *name)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name))
      return g_ptr_array_index (graph->nodes, i);
  return NULL;
}

static const FluoGraphEdge *
edge_between (const FluoServiceGraph *graph,
              const char             *from,
              const char             *to)
{
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      if (g_ptr_array_index (graph->nodes, edge->from) == node_named (graph, from) &&
          g_ptr_array_index (graph->nodes, edge->to) == node_named (graph, to))
        return edge;
    }
  return NULL;
}

static void
test_counts (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autoptr (GPtrArray) matches = make_matches ();
  g_autoptr (FluoServiceGraph) left = fluo_map_match_graph (graph, matches);

  g_assert_cmpint (fluo_call_stats_total (&node_named (left, "checkout")->stats), ==, 4);
  /* The two entries of Lambda are one node of the map. */
  g_assert_cmpint (fluo_call_stats_total (&node_named (left, "payments")->stats), ==, 1);
  g_assert_cmpint (node_named (left, "payments")->stats.fault, ==, 1);
  /* What no match touches is not there, and neither are its calls. */
  g_assert_null (node_named (left, "search"));
  g_assert_null (node_named (left, "bank.example.com"));
  g_assert_null (edge_between (left, "checkout", "orders"));
  g_assert_cmpint (fluo_call_stats_total (&edge_between (left, "checkout", "payments")->stats), ==,
                   1);
  /* Clients called the entry once a trace, and fared as the trace did. */
  g_assert_cmpint (fluo_call_stats_total (&edge_between (left, "Clients", "petshop/prod")->stats),
                   ==, 4);
  g_assert_cmpint (edge_between (left, "Clients", "petshop/prod")->stats.fault, ==, 1);
  /* Nothing is claimed of response times. */
  for (guint i = 0; i < left->nodes->len; i++)
    g_assert_cmpint (
      ((FluoGraphNode *) g_ptr_array_index (left->nodes, i))->stats.histogram.count, ==, 0);
  /* The graph of all traffic is as it was. */
  g_assert_nonnull (node_named (graph, "search"));
  g_assert_cmpint (fluo_call_stats_total (&node_named (graph, "checkout")->stats), ==, 5604);
}

/* A service that occurs twice in a trace, and one that the graph does not have. */
static void
test_odd (void)
{
  static const char *const odd[] = { "checkout", "AWS::ECS::Container", "checkout",
                                     "AWS::ECS::Container", "nobody", "remote", NULL };
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autoptr (GPtrArray) matches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autoptr (FluoServiceGraph) left = NULL;
  g_autoptr (FluoServiceGraph) none = NULL;

  g_ptr_array_add (matches, make_summary (odd, FLUO_STATUS_OK));
  left = fluo_map_match_graph (graph, matches);
  g_assert_cmpuint (left->nodes->len, ==, 1);
  g_assert_cmpint (fluo_call_stats_total (&node_named (left, "checkout")->stats), ==, 1);
  none = fluo_map_match_graph (graph, NULL);
  g_assert_cmpuint (none->nodes->len, ==, 0);
}

/* Two services that matches name are joined only by a call that one of these made. */
static void
test_apart (void)
{
  static const char *const checkout[] = { "checkout", "AWS::ECS::Container", NULL };
  static const char *const orders[] = { "orders", "AWS::EC2::Instance", NULL };
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autoptr (GPtrArray) matches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  g_autoptr (FluoServiceGraph) left = NULL;

  g_ptr_array_add (matches, make_summary (checkout, FLUO_STATUS_OK));
  g_ptr_array_add (matches, make_summary (orders, FLUO_STATUS_OK));
  left = fluo_map_match_graph (graph, matches);
  g_assert_nonnull (node_named (left, "checkout"));
  g_assert_nonnull (node_named (left, "orders"));
  g_assert_null (edge_between (left, "checkout", "orders"));
}

static void
test_keys (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autoptr (GPtrArray) matches = make_matches ();
  g_autoptr (GHashTable) keys = fluo_map_match_keys (graph, matches);
  g_autofree char *checkout = fluo_graph_node_dup_key (node_named (graph, "checkout"));
  g_autofree char *clients = fluo_graph_node_dup_key (node_named (graph, "Clients"));
  g_autofree char *search = fluo_graph_node_dup_key (node_named (graph, "search"));

  g_assert_true (g_hash_table_contains (keys, checkout));
  g_assert_true (g_hash_table_contains (keys, clients));
  g_assert_false (g_hash_table_contains (keys, search));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-match/counts", test_counts);
  g_test_add_func ("/map-match/odd", test_odd);
  g_test_add_func ("/map-match/apart", test_apart);
  g_test_add_func ("/map-match/keys", test_keys);
  return g_test_run ();
}

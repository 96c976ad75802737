/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/fluo-time-span.h"
#include "graph/fluo-graph-difference.h"

/* What changed between two ranges, and what is only chance. */

static const FluoTimeSpan quarter = { 0, 15 * 60 * FLUO_NSEC_PER_SEC };

static guint
add_node (FluoServiceGraph *graph,
          GString          *json,
          const char       *name,
          const char       *type)
{
  g_assert_nonnull (graph);
  g_string_append_printf (json, "%s{\"ReferenceId\":%u,\"Name\":\"%s\",\"Type\":\"%s\"",
                          json->len > 1 ? "," : "", (guint) graph->nodes->len, name, type);
  return graph->nodes->len;
}

/* @n calls of @ms milliseconds, of which @faults failed. */
static void
count (FluoCallStats *stats,
       guint          n,
       guint          faults,
       guint          ms)
{
  stats->ok += n - faults;
  stats->fault += faults;
  fluo_histogram_add (&stats->histogram, ms * FLUO_NSEC_PER_MSEC, (gint32) n);
}

typedef struct
{
  const char *name;
  guint       n, faults, ms;
} Service;

/* A client that calls every service. */
static FluoServiceGraph *
make_graph (const Service *services,
            guint          n)
{
  FluoServiceGraph *graph = fluo_service_graph_new ();
  g_autoptr (GString) json = g_string_new ("[");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;

  add_node (graph, json, "Clients", "client");
  g_string_append (json, ",\"Edges\":[");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (json, "%s{\"ReferenceId\":%u}", i ? "," : "", i + 1);
  g_string_append (json, "]}");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (
      json, ",{\"ReferenceId\":%u,\"Name\":\"%s\",\"Type\":\"AWS::ECS::Container\"}", i + 1,
      services[i].name);
  g_string_append (json, "]");
  bytes = g_bytes_new (json->str, json->len);
  tape = fluo_json_tape_new (bytes, NULL);
  g_assert_true (fluo_service_graph_read (graph, tape, 0, NULL));
  for (guint i = 0; i < n; i++)
    {
      const guint node = fluo_service_graph_find (graph, services[i].name, "AWS::ECS::Container");

      count (&((FluoGraphNode *) g_ptr_array_index (graph->nodes, node))->stats, services[i].n,
             services[i].faults, services[i].ms);
      for (guint k = 0; k < graph->edges->len; k++)
        {
          FluoGraphEdge *edge = g_ptr_array_index (graph->edges, k);

          if (edge->to == node)
            count (&edge->stats, services[i].n, services[i].faults, services[i].ms);
        }
    }
  return graph;
}

typedef struct
{
  FluoServiceGraph    *before, *after;
  FluoGraphDifference *difference;
} Pair;

static void
pair_init (Pair          *self,
           const Service *before,
           guint          n_before,
           const Service *after,
           guint          n_after)
{
  g_autoptr (FluoServiceGraph) old = make_graph (before, n_before);
  g_autoptr (FluoServiceGraph) new = make_graph (after, n_after);

  fluo_service_graph_align (old, new, &self->before, &self->after);
  self->difference = fluo_graph_difference_new (self->before, self->after, quarter, quarter);
}

static void
pair_clear (Pair *self)
{
  fluo_service_graph_unref (self->before);
  fluo_service_graph_unref (self->after);
  fluo_graph_difference_unref (self->difference);
}

static const FluoGraphChange *
change_of (Pair       *self,
           const char *name)
{
  const guint node = fluo_service_graph_find (self->after, name, "AWS::ECS::Container");

  g_assert_cmpuint (node, <, self->difference->n_nodes);
  return &self->difference->nodes[node];
}

static void
test_changes (void)
{
  static const Service before[] = {
    { "same", 900, 9, 100 }, { "slow", 900, 0, 100 },  { "fast", 900, 0, 100 },
    { "bad", 900, 9, 100 },  { "good", 900, 90, 100 }, { "old", 900, 0, 100 },
  };
  static const Service after[] = {
    { "same", 930, 12, 104 }, { "slow", 900, 0, 140 }, { "fast", 900, 0, 60 },
    { "bad", 900, 60, 100 },  { "good", 900, 9, 100 }, { "new", 450, 0, 20 },
  };
  Pair pair;
  const FluoGraphChange *change;

  pair_init (&pair, before, G_N_ELEMENTS (before), after, G_N_ELEMENTS (after));
  g_assert_cmpuint (pair.difference->n_nodes, ==, 8);
  g_assert_cmpuint (pair.difference->n_edges, ==, 7);
  g_assert_false (fluo_graph_change_is_change (change_of (&pair, "same")));
  g_assert_cmpint (change_of (&pair, "slow")->pace, ==, 1);
  g_assert_cmpint (change_of (&pair, "fast")->pace, ==, -1);
  g_assert_cmpint (change_of (&pair, "bad")->faults, ==, 1);
  g_assert_cmpint (change_of (&pair, "bad")->pace, ==, 0);
  g_assert_cmpint (change_of (&pair, "good")->faults, ==, -1);
  g_assert_cmpint (change_of (&pair, "old")->presence, ==, FLUO_GRAPH_GONE);
  change = change_of (&pair, "new");
  g_assert_cmpint (change->presence, ==, FLUO_GRAPH_APPEARED);
  g_assert_cmpfloat_with_epsilon (change->after.rate, 30, .001);
  g_assert_cmpfloat_with_epsilon (change->before.rate, 0, .001);
  g_assert_cmpuint (pair.difference->n_appeared, ==, 1);
  g_assert_cmpuint (pair.difference->n_gone, ==, 1);
  g_assert_cmpuint (pair.difference->n_slower, ==, 1);
  g_assert_cmpuint (pair.difference->n_faster, ==, 1);
  g_assert_cmpuint (pair.difference->n_more_faults, ==, 1);
  g_assert_cmpuint (pair.difference->n_fewer_faults, ==, 1);
  /* The call to it came and went with it. */
  for (guint i = 0; i < pair.difference->n_edges; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (pair.after->edges, i);

      g_assert_cmpint (pair.difference->edges[i].presence, ==,
                       pair.difference->nodes[edge->to].presence);
    }
  pair_clear (&pair);
}

/* Few calls, small times and small shares are no news. */
static void
test_chance (void)
{
  static const Service before[] = {
    { "few", 10, 0, 100 }, { "quick", 900, 0, 1 }, { "rare", 40, 0, 100 }, { "tiny", 90000, 0, 9 },
  };
  static const Service after[] = {
    { "few", 10, 5, 900 }, { "quick", 900, 0, 1 }, { "rare", 40, 2, 100 }, { "tiny", 90000, 90, 9 },
  };
  Pair pair;

  pair_init (&pair, before, G_N_ELEMENTS (before), after, G_N_ELEMENTS (after));
  for (guint i = 0; i < pair.difference->n_nodes; i++)
    g_assert_false (fluo_graph_change_is_change (&pair.difference->nodes[i]));
  pair_clear (&pair);
}

/* The same rules leave the same nodes of both, with the sums of either. */
static void
test_reduced (void)
{
  static const Service before[] = {
    { "a-1", 100, 0, 100 }, { "a-2", 100, 0, 100 }, { "b", 50, 0, 9 }
  };
  static const Service after[] = {
    { "a-1", 100, 0, 300 }, { "a-3", 100, 0, 300 }, { "c", 50, 0, 9 }
  };
  g_autoptr (FluoGraphRules) rules = fluo_graph_rules_new ();
  g_autoptr (FluoServiceGraph) old = NULL;
  g_autoptr (FluoServiceGraph) new = NULL;
  g_autoptr (FluoGraphDifference) difference = NULL;
  guint n_folded = 0;
  Pair pair;

  pair_init (&pair, before, G_N_ELEMENTS (before), after, G_N_ELEMENTS (after));
  fluo_graph_rules_add_fold (rules, FLUO_GRAPH_FOLD_PREFIX, "a-");
  old = fluo_service_graph_reduce (pair.before, rules, NULL);
  new = fluo_service_graph_reduce (pair.after, rules, NULL);
  difference = fluo_graph_difference_new (old, new, quarter, quarter);
  for (guint i = 0; i < new->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (new->nodes, i);

      g_assert_cmpstr (node->name, ==, ((FluoGraphNode *) g_ptr_array_index (old->nodes, i))->name);
      if (node->n_folded == 0)
        continue;
      n_folded++;
      g_assert_cmpint (difference->nodes[i].before.total, ==, 200);
      g_assert_cmpint (difference->nodes[i].after.total, ==, 200);
      g_assert_cmpint (difference->nodes[i].pace, ==, 1);
    }
  g_assert_cmpuint (n_folded, ==, 1);
  pair_clear (&pair);
}

/* A call that ended between services that are still there is gone by itself: no service says it. */
static void
test_call_gone (void)
{
  static const Service services[] = { { "a", 300, 0, 40 }, { "b", 300, 0, 40 } };
  g_autoptr (FluoServiceGraph) old = make_graph (services, 2);
  g_autoptr (FluoServiceGraph) new = make_graph (services, 2);
  g_autoptr (FluoServiceGraph) before = NULL;
  g_autoptr (FluoServiceGraph) after = NULL;
  g_autoptr (FluoGraphDifference) difference = NULL;
  const guint b = fluo_service_graph_find (new, "b", "AWS::ECS::Container");

  for (guint i = 0; i < new->edges->len; i++)
    {
      FluoGraphEdge *edge = g_ptr_array_index (new->edges, i);

      if (edge->to == b)
        edge->stats.ok = 0;
    }
  fluo_service_graph_align (old, new, &before, &after);
  difference = fluo_graph_difference_new (before, after, quarter, quarter);
  for (guint i = 0; i < difference->n_nodes; i++)
    g_assert_cmpint (difference->nodes[i].presence, ==, FLUO_GRAPH_STAYED);
  g_assert_cmpuint (difference->n_gone, ==, 1);
  g_assert_cmpuint (difference->n_appeared, ==, 0);
}

/* One side has nothing at all. */
static void
test_nothing (void)
{
  static const Service after[] = { { "a", 100, 0, 100 } };
  Pair pair;

  pair_init (&pair, NULL, 0, after, 1);
  g_assert_cmpint (change_of (&pair, "a")->presence, ==, FLUO_GRAPH_APPEARED);
  g_assert_cmpuint (pair.difference->n_appeared, ==, 1);
  pair_clear (&pair);
}

/* Services of the graph on screen against another time: whoever is new is not called so, and who is
 * gone is not there. */
static void
test_usual (void)
{
  static const Service then[] = { { "steady", 300, 0, 40 }, { "slow", 300, 0, 40 },
                                  { "faulty", 400, 0, 40 }, { "gone", 300, 0, 40 } };
  static const Service now[] = { { "faulty", 400, 60, 40 }, { "new", 300, 0, 40 },
                                 { "slow", 300, 0, 80 }, { "steady", 300, 0, 41 } };
  g_autoptr (FluoServiceGraph) usual = make_graph (then, G_N_ELEMENTS (then));
  g_autoptr (FluoServiceGraph) graph = make_graph (now, G_N_ELEMENTS (now));
  const FluoTimeSpan six_hours = { -360 * FLUO_NSEC_PER_MIN, 0 };
  g_autoptr (FluoGraphDifference) self =
    fluo_graph_difference_new_usual (usual, graph, six_hours, quarter);

  g_assert_cmpuint (self->n_nodes, ==, graph->nodes->len);
  g_assert_cmpuint (self->n_edges, ==, 0);
  g_assert_cmpint (self->before.begin_ns, ==, six_hours.begin_ns);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);
      const FluoGraphChange *change = &self->nodes[i];

      g_assert_cmpint (change->presence, ==, FLUO_GRAPH_STAYED);
      g_assert_cmpint (change->pace, ==, g_str_equal (node->name, "slow"));
      g_assert_cmpint (change->faults, ==, g_str_equal (node->name, "faulty"));
      g_assert_cmpint (change->before.total > 0, ==,
                       !g_str_equal (node->name, "new") && !g_str_equal (node->name, "Clients"));
    }
  g_assert_cmpuint (self->n_slower, ==, 1);
  g_assert_cmpuint (self->n_more_faults, ==, 1);
  g_assert_cmpuint (self->n_appeared, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/difference/changes", test_changes);
  g_test_add_func ("/difference/chance", test_chance);
  g_test_add_func ("/difference/reduced", test_reduced);
  g_test_add_func ("/difference/usual", test_usual);
  g_test_add_func ("/difference/call-gone", test_call_gone);
  g_test_add_func ("/difference/nothing", test_nothing);
  return g_test_run ();
}

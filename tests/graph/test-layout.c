/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-test-petshop.h"
#include "fluo-test-util.h"

#include "fluo-drawn-crossings.h"

#include "core/fluo-json.h"
#include "graph/fluo-graph-layout.h"

#include <math.h>
#include <string.h>

#define SAMPLES 16 /* of one cubic */

static const FluoLayoutOptions options = { 180, 132 };

typedef struct
{
  GArray *nodes;
  GArray *edges;
} Graph;

static void
graph_init (Graph *graph)
{
  graph->nodes = g_array_new (FALSE, TRUE, sizeof (FluoLayoutNode));
  graph->edges = g_array_new (FALSE, TRUE, sizeof (FluoLayoutEdge));
}

static void
graph_clear (Graph *graph)
{
  g_array_unref (graph->nodes);
  g_array_unref (graph->edges);
}

static void
add_node (Graph *graph, double width, double height, double importance)
{
  FluoLayoutNode node = { width, height, importance };

  g_array_append_val (graph->nodes, node);
}

static void
add_edge (Graph *graph, guint from, guint to, double weight)
{
  FluoLayoutEdge edge = { from, to, weight };

  g_array_append_val (graph->edges, edge);
}

static FluoGraphLayout *
lay_out (const Graph *graph)
{
  return fluo_graph_layout_new ((const FluoLayoutNode *) graph->nodes->data, graph->nodes->len,
                                (const FluoLayoutEdge *) graph->edges->data, graph->edges->len,
                                &options);
}

/* One of the shared graphs: {"nodes": [{id, w, h}], "edges": [{from, to}]}. */
static void
graph_load (Graph *graph, const char *name)
{
  g_autofree char *path = fluo_test_data (name);
  gsize length;
  char *text = fluo_test_read (path, &length);
  g_autoptr(GBytes) bytes = g_bytes_new_take (text, length);
  g_autoptr(GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  guint32 list;

  g_assert_nonnull (tape);
  graph_init (graph);
  list = fluo_json_tape_get (tape, 0, "nodes");
  for (guint32 n = fluo_json_tape_first (tape, list); n != FLUO_JSON_NONE;
       n = fluo_json_tape_next (tape, list, n))
    {
      g_hash_table_insert (ids, fluo_json_tape_dup (tape, fluo_json_tape_get (tape, n, "id")),
                           GUINT_TO_POINTER (graph->nodes->len));
      add_node (graph, fluo_json_tape_double (tape, fluo_json_tape_get (tape, n, "w"), 0),
                fluo_json_tape_double (tape, fluo_json_tape_get (tape, n, "h"), 0), 0);
    }
  list = fluo_json_tape_get (tape, 0, "edges");
  for (guint32 e = fluo_json_tape_first (tape, list); e != FLUO_JSON_NONE;
       e = fluo_json_tape_next (tape, list, e))
    {
      g_autofree char *from = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, e, "from"));
      g_autofree char *to = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, e, "to"));

      add_edge (graph, GPOINTER_TO_UINT (g_hash_table_lookup (ids, from)),
                GPOINTER_TO_UINT (g_hash_table_lookup (ids, to)), 1);
    }
}

/* --- What must hold for every layout -------------------------------------- */

typedef struct
{
  double x0, y0, x1, y1;
  guint  node;
} Box;

static Box
box_of (const Graph *graph, const FluoGraphLayout *layout, guint i)
{
  const FluoLayoutNode *node = &g_array_index (graph->nodes, FluoLayoutNode, i);
  const FluoLayoutPlace *place = &layout->places[i];
  double above = fluo_layout_node_above (node);

  return (Box) { place->x - node->width / 2, place->y - above, place->x + node->width / 2,
                 place->y - above + node->height, i };
}

static int
compare_box (gconstpointer a, gconstpointer b)
{
  const Box *x = a, *y = b;

  return x->x0 < y->x0 ? -1 : x->x0 > y->x0 ? 1 : x->y0 < y->y0 ? -1 : x->y0 > y->y0;
}

static void
check_boxes (const Graph *graph, const FluoGraphLayout *layout)
{
  g_autofree Box *boxes = g_new (Box, layout->n_nodes + 1);

  for (guint i = 0; i < layout->n_nodes; i++)
    {
      boxes[i] = box_of (graph, layout, i);
      g_assert_true (isfinite (boxes[i].x0) && isfinite (boxes[i].y0));
      g_assert_cmpfloat (boxes[i].x0, >=, -0.001);
      g_assert_cmpfloat (boxes[i].y0, >=, -0.001);
      g_assert_cmpfloat (boxes[i].x1, <=, layout->width + 0.001);
      g_assert_cmpfloat (boxes[i].y1, <=, layout->height + 0.001);
    }
  qsort (boxes, layout->n_nodes, sizeof (Box), compare_box);
  for (guint i = 0; i < layout->n_nodes; i++)
    for (guint k = i + 1; k < layout->n_nodes && boxes[k].x0 < boxes[i].x1 - 0.001; k++)
      g_assert_false (boxes[i].y0 < boxes[k].y1 - 0.001 && boxes[k].y0 < boxes[i].y1 - 0.001);
}

static double
cubic (const double *p, double t)
{
  double u = 1 - t;

  return u * u * u * p[0] + 3 * u * u * t * p[2] + 3 * u * t * t * p[4] + t * t * t * p[6];
}

/* Points along a route: pairs of x, y. */
static GArray *
sample (const GArray *points)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (double));
  const double *p = (const double *) points->data;

  for (guint i = 0; i + 7 < points->len; i += 6)
    for (guint k = i == 0 ? 0 : 1; k <= SAMPLES; k++)
      {
        double x = cubic (p + i, k / (double) SAMPLES), y = cubic (p + i + 1, k / (double) SAMPLES);

        g_array_append_val (out, x);
        g_array_append_val (out, y);
      }
  return out;
}

static void
check_routes (const Graph *graph, const FluoGraphLayout *layout)
{
  for (guint e = 0; e < layout->n_edges; e++)
    {
      const FluoLayoutEdge *edge = &g_array_index (graph->edges, FluoLayoutEdge, e);
      const FluoLayoutRoute *route = &layout->routes[e];
      const FluoLayoutPlace *from = &layout->places[edge->from], *to = &layout->places[edge->to];
      const double *p = (const double *) route->points->data;
      g_autoptr(GArray) way = NULL;

      g_assert_cmpuint (route->points->len % 6, ==, 2);
      g_assert_cmpuint (route->points->len, >=, 8);
      g_assert_cmpfloat (fabs (p[0] - from->x), <, 0.001);
      g_assert_cmpfloat (fabs (p[1] - from->y), <, FLUO_LAYOUT_RING_RADIUS / 2);
      g_assert_cmpfloat (fabs (p[route->points->len - 2] - to->x), <, 0.001);
      g_assert_cmpfloat (fabs (p[route->points->len - 1] - to->y), <, FLUO_LAYOUT_RING_RADIUS / 2);
      if (edge->from != edge->to)
        g_assert_cmpint (route->reversed, ==, to->x < from->x);

      way = sample (route->points);
      for (guint i = 0; i < way->len; i += 2)
        {
          double x = g_array_index (way, double, i), y = g_array_index (way, double, i + 1);

          g_assert_true (x >= -0.001 && x <= layout->width + 0.001);
          g_assert_true (y >= -0.001 && y <= layout->height + 0.001);
          for (guint n = 0; n < layout->n_nodes; n++)
            {
              Box box = box_of (graph, layout, n);

              g_assert_false (n != edge->from && n != edge->to && x > box.x0 && x < box.x1 &&
                              y > box.y0 && y < box.y1);
            }
        }
    }
}

static guint
count_drawn_crossings (const FluoGraphLayout *layout)
{
  DrawnCurves curves;
  guint n;

  drawn_curves_init (&curves);
  for (guint i = 0; i < layout->n_edges; i++)
    drawn_curves_add (&curves, (double *) layout->routes[i].points->data,
                      layout->routes[i].points->len / 2, FLUO_LAYOUT_RING_RADIUS);
  n = drawn_curves_count (&curves);
  drawn_curves_clear (&curves);
  return n;
}

/* --- Tests ---------------------------------------------------------------- */

static void
test_petshop (void)
{
  g_autoptr (FluoGraphLayout) layout =
    fluo_graph_layout_new (petshop_nodes, N_PETSHOP, petshop_edges, N_PETSHOP_EDGES, &options);
  static const guint columns[N_PETSHOP] = { 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 3 };
  static const guint rows[] = { PAYMENTS, INVENTORY, ORDERS, EMAILS, CATALOG };
  static const guint straight[][2] = { { CLIENTS, PROD },    { PAYMENTS, BANK },
                                       { INVENTORY, STOCK }, { ORDERS, ORDERS_DB },
                                       { EMAILS, MAILER },   { MAILER, SES },
                                       { SEARCH, CATALOG } };
  const FluoLayoutPlace *p = layout->places;

  g_assert_cmpuint (layout->crossings, ==, 0);
  g_assert_cmpuint (count_drawn_crossings (layout), ==, 0);
  for (guint i = 0; i < N_PETSHOP; i++)
    g_assert_cmpuint (p[i].column, ==, columns[i]);
  for (guint i = 0; i + 1 < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat (p[rows[i + 1]].y - p[rows[i]].y, >=, options.row_pitch - 0.001);
  for (guint i = 0; i < G_N_ELEMENTS (straight); i++)
    g_assert_cmpfloat (fabs (p[straight[i][0]].y - p[straight[i][1]].y), <, 0.001);
  /* Callers stand before what they call. */
  g_assert_true (p[CHECKOUT].y > p[PAYMENTS].y && p[CHECKOUT].y < p[EMAILS].y);
  g_assert_true (p[PROD].y > p[CHECKOUT].y && p[PROD].y < p[SEARCH].y);
}

static void
test_shared_graphs (gconstpointer name)
{
  g_autoptr(FluoGraphLayout) layout = NULL;
  Graph graph;

  graph_load (&graph, name);
  layout = lay_out (&graph);
  check_boxes (&graph, layout);
  check_routes (&graph, layout);
  graph_clear (&graph);
}

static void
test_deterministic (void)
{
  g_autoptr(FluoGraphLayout) a = NULL, b = NULL;
  Graph graph;

  graph_load (&graph, "graphs/g100.json");
  a = lay_out (&graph);
  b = lay_out (&graph);
  for (guint i = 0; i < a->n_nodes; i++)
    g_assert_true (a->places[i].x == b->places[i].x && a->places[i].y == b->places[i].y);
  for (guint i = 0; i < a->n_edges; i++)
    {
      g_assert_cmpuint (a->routes[i].points->len, ==, b->routes[i].points->len);
      g_assert_cmpmem (a->routes[i].points->data, a->routes[i].points->len * sizeof (double),
                       b->routes[i].points->data, b->routes[i].points->len * sizeof (double));
    }
  graph_clear (&graph);
}

static void
test_random (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);

  for (guint round = 0; round < 120; round++)
    {
      guint n = g_rand_int_range (rand, 1, 40), m = g_rand_int_range (rand, 0, 2 * n + 1);
      g_autoptr(FluoGraphLayout) layout = NULL;
      Graph graph;

      graph_init (&graph);
      for (guint i = 0; i < n; i++)
        add_node (&graph, g_rand_double_range (rand, 0, 240), g_rand_double_range (rand, 0, 160),
                  g_rand_double (rand));
      for (guint i = 0; i < m; i++)
        add_edge (&graph, g_rand_int_range (rand, 0, n), g_rand_int_range (rand, 0, n),
                  g_rand_double (rand));
      layout = lay_out (&graph);
      check_boxes (&graph, layout);
      check_routes (&graph, layout);
      graph_clear (&graph);
    }
}

static void
test_small (void)
{
  g_autoptr(FluoGraphLayout) none = fluo_graph_layout_new (NULL, 0, NULL, 0, &options);
  g_autoptr(FluoGraphLayout) one = NULL, many = NULL;
  Graph graph;

  g_assert_cmpuint (none->n_nodes, ==, 0);
  g_assert_cmpfloat (none->width, ==, 0);
  graph_init (&graph);
  add_node (&graph, 120, 100, 0);
  one = lay_out (&graph);
  check_boxes (&graph, one);
  g_assert_cmpfloat (one->width, ==, 120);
  g_assert_cmpfloat (one->height, ==, 100);
  /* Nodes without edges fill rows, not one endless column. */
  for (guint i = 0; i < 99; i++)
    add_node (&graph, 120, 100, 0);
  many = lay_out (&graph);
  check_boxes (&graph, many);
  g_assert_cmpfloat (many->height, <, many->width * 1.5);
  graph_clear (&graph);
}

static void
test_cycle_turns_lightest (void)
{
  for (guint light = 0; light < 4; light++)
    {
      g_autoptr(FluoGraphLayout) layout = NULL;
      Graph graph;

      graph_init (&graph);
      for (guint i = 0; i < 4; i++)
        add_node (&graph, 120, 100, 0);
      for (guint i = 0; i < 4; i++)
        add_edge (&graph, i, (i + 1) % 4, i == light ? 1 : 10);
      layout = lay_out (&graph);
      for (guint i = 0; i < 4; i++)
        g_assert_cmpint (layout->routes[i].reversed, ==, i == light);
      check_boxes (&graph, layout);
      check_routes (&graph, layout);
      graph_clear (&graph);
    }
}

static void
test_loops_and_doubles (void)
{
  g_autoptr(FluoGraphLayout) layout = NULL;
  const double *a, *b;
  Graph graph;

  graph_init (&graph);
  add_node (&graph, 120, 100, 0);
  add_node (&graph, 120, 100, 0);
  add_edge (&graph, 0, 0, 1);
  add_edge (&graph, 0, 1, 1);
  add_edge (&graph, 0, 1, 1);
  add_edge (&graph, 1, 0, 0.5);
  layout = lay_out (&graph);
  check_boxes (&graph, layout);
  check_routes (&graph, layout);
  g_assert_true (layout->routes[3].reversed);
  g_assert_false (layout->routes[1].reversed || layout->routes[2].reversed ||
                  layout->routes[0].reversed);
  /* The loop rises over the ring. */
  a = (const double *) layout->routes[0].points->data;
  g_assert_cmpfloat (cubic (a + 1, 0.5), <, layout->places[0].y - FLUO_LAYOUT_RING_RADIUS);
  /* Two edges between the same nodes can be told apart. */
  a = (const double *) layout->routes[1].points->data;
  b = (const double *) layout->routes[2].points->data;
  g_assert_cmpfloat (fabs (a[1] - b[1]), >, 3);
  graph_clear (&graph);
}

static void
test_columns (void)
{
  g_autoptr(FluoGraphLayout) layout = NULL;
  Graph graph;

  graph_init (&graph);
  for (guint i = 0; i < 5; i++)
    add_node (&graph, i == 1 ? 400 : 100, 100, 0);
  add_edge (&graph, 0, 1, 1);
  add_edge (&graph, 1, 2, 1);
  add_edge (&graph, 2, 3, 1);
  add_edge (&graph, 4, 3, 1);
  layout = lay_out (&graph);
  /* Wide labels widen their columns only. */
  g_assert_cmpfloat (layout->places[1].x - layout->places[0].x, >=, 250);
  g_assert_cmpfloat (layout->places[3].x - layout->places[2].x, ==, options.column_pitch);
  /* A second entry stands right before what it calls. */
  g_assert_cmpuint (layout->places[4].column, ==, 2);
  graph_clear (&graph);
}

static void
test_importance (void)
{
  for (guint worst = 0; worst < 4; worst++)
    {
      g_autoptr(FluoGraphLayout) layout = NULL;
      Graph graph;

      graph_init (&graph);
      add_node (&graph, 120, 100, 0);
      for (guint i = 0; i < 4; i++)
        add_node (&graph, 120, 100, i == worst ? 5 : 1);
      for (guint i = 1; i < 5; i++)
        add_edge (&graph, 0, i, 1);
      layout = lay_out (&graph);
      for (guint i = 0; i < 4; i++)
        if (i != worst)
          g_assert_cmpfloat (layout->places[1 + worst].y, <, layout->places[1 + i].y);
      graph_clear (&graph);
    }
}

/* The worst node is deep in one branch: that branch as a whole is on top. */
static void
test_worst_path (void)
{
  for (guint worst = 0; worst < 3; worst++)
    {
      g_autoptr(FluoGraphLayout) layout = NULL;
      Graph graph;

      graph_init (&graph);
      add_node (&graph, 120, 100, 0);
      for (guint i = 0; i < 9; i++)
        add_node (&graph, 120, 100, i == 6 + worst ? 5 : 1);
      for (guint i = 0; i < 3; i++)
        {
          add_edge (&graph, 0, 1 + i, 1);
          add_edge (&graph, 1 + i, 4 + i, 1);
          add_edge (&graph, 4 + i, 7 + i, 1);
        }
      layout = lay_out (&graph);
      for (guint i = 0; i < 3; i++)
        if (i != worst)
          for (guint step = 1; step <= 7; step += 3)
            g_assert_cmpfloat (layout->places[step + worst].y, <, layout->places[step + i].y);
      g_assert_cmpuint (layout->crossings, ==, 0);
      graph_clear (&graph);
    }
}

/* A tangle stays readable: no more crossings, as drawn, than Graphviz's dot has on the same graphs.
 * And what is drawn has hardly any that the order of the columns doesn't ask for. */
static void
test_crossings (void)
{
  static const struct
  {
    const char *name;
    guint most;
  } cases[] = { { "graphs/g30.json", 149 },
                { "graphs/g100.json", 1199 },
                { "graphs/g300.json", 13824 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(FluoGraphLayout) layout = NULL;
      Graph graph;

      graph_load (&graph, cases[i].name);
      layout = lay_out (&graph);
      g_assert_cmpuint (count_drawn_crossings (layout), <=, cases[i].most);
      g_assert_cmpfloat (count_drawn_crossings (layout), <=, 1.03 * layout->crossings);
      graph_clear (&graph);
    }
}

/* Only the work per step is bounded, so this says no more than that it ends, and well. */
static void
test_large (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (3);
  g_autoptr(FluoGraphLayout) layout = NULL;
  Graph graph;

  graph_init (&graph);
  for (guint i = 0; i < 5000; i++)
    add_node (&graph, 120, 100, 0);
  for (guint i = 0; i < 100000; i++)
    add_edge (&graph, g_rand_int_range (rand, 0, 5000), g_rand_int_range (rand, 0, 5000), 1);
  layout = lay_out (&graph);
  check_boxes (&graph, layout);
  graph_clear (&graph);
}

/* Many leaves would make one thin column; no branch crosses another for being put further on. What
 * is not tall keeps the columns of its longest paths. */
static void
test_trees (void)
{
  for (guint n = 20; n <= 1000; n = n * 5 / 2)
    for (guint spread = 1; spread <= 8; spread++)
      {
        g_autoptr(GRand) rand = g_rand_new_with_seed (n + spread);
        g_autoptr(FluoGraphLayout) layout = NULL;
        g_autoptr(FluoGraphLayout) again = NULL;
        Graph graph;

        graph_init (&graph);
        for (guint i = 0; i < n; i++)
          add_node (&graph, 150, 112, i % 30 == 7);
        /* From a hub with nothing but leaves to one that is deep. */
        for (guint i = 1; i < n; i++)
          add_edge (&graph, (guint) g_rand_int_range (rand, 0, (gint32) MAX (1, i * spread / 8)), i,
                    1);
        layout = lay_out (&graph);
        check_boxes (&graph, layout);
        check_routes (&graph, layout);
        g_assert_cmpuint (layout->crossings, ==, 0);
        for (guint i = 0; i < graph.edges->len; i++)
          {
            const FluoLayoutEdge *edge = &g_array_index (graph.edges, FluoLayoutEdge, i);

            g_assert_cmpuint (layout->places[edge->from].column, <,
                              layout->places[edge->to].column);
          }
        g_assert_cmpfloat (layout->height, <, MAX (4 * layout->width, 30 * 132.0));
        again = lay_out (&graph);
        g_assert_cmpmem (layout->places, n * sizeof (FluoLayoutPlace), again->places,
                         n * sizeof (FluoLayoutPlace));
        graph_clear (&graph);
      }
}

static void
test_chain (void)
{
  g_autoptr(FluoGraphLayout) layout = NULL;
  Graph graph;

  graph_init (&graph);
  for (guint i = 0; i < 20000; i++)
    add_node (&graph, 120, 100, 0);
  for (guint i = 0; i + 1 < 20000; i++)
    add_edge (&graph, i, i + 1, 1);
  layout = lay_out (&graph);
  check_boxes (&graph, layout);
  g_assert_cmpuint (layout->places[19999].column, ==, 19999);
  g_assert_cmpuint (layout->crossings, ==, 0);
  graph_clear (&graph);
}

/* --- A layout that follows another ---------------------------------------- */

#define REPLAY_NODES 60
#define REPLAY_EDGES 110
#define REPLAY_STEPS 60 /* an hour, a refresh a minute */

/* What of a fixed set of services and calls is there in one minute. */
typedef struct
{
  Graph graph;
  guint index[REPLAY_NODES]; /* by service; G_MAXUINT: not there */
  guint edge[REPLAY_EDGES];
} Minute;

static void
minute_init (Minute *self, const FluoLayoutEdge *calls, const gboolean *there)
{
  graph_init (&self->graph);
  for (guint i = 0; i < REPLAY_NODES; i++)
    {
      self->index[i] = there[i] ? self->graph.nodes->len : G_MAXUINT;
      if (there[i])
        add_node (&self->graph, 150, 112, 0);
    }
  for (guint i = 0; i < REPLAY_EDGES; i++)
    {
      const FluoLayoutEdge *call = &calls[i];

      self->edge[i] = G_MAXUINT;
      if (!there[call->from] || !there[call->to])
        continue;
      self->edge[i] = self->graph.edges->len;
      add_edge (&self->graph, self->index[call->from], self->index[call->to], 1);
    }
}

static FluoGraphLayout *
follow (const Minute *before, const FluoGraphLayout *layout, const Minute *now)
{
  g_autofree FluoLayoutHint *hints = g_new0 (FluoLayoutHint, REPLAY_NODES);
  g_autofree guint *edges = g_new0 (guint, REPLAY_EDGES);

  for (guint i = 0; i < REPLAY_NODES; i++)
    if (now->index[i] != G_MAXUINT)
      hints[now->index[i]].node = before->index[i];
  for (guint i = 0; i < REPLAY_EDGES; i++)
    if (now->edge[i] != G_MAXUINT)
      edges[now->edge[i]] = before->edge[i];
  return fluo_graph_layout_update (
    (FluoLayoutNode *) now->graph.nodes->data, now->graph.nodes->len,
    (FluoLayoutEdge *) now->graph.edges->data, now->graph.edges->len, &options, layout, hints,
    edges);
}

/* Over an hour in which services come and go, none that was there a minute before moves at all, and
 * every picture keeps what must hold for a picture. */
static void
test_replay (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  FluoLayoutEdge calls[REPLAY_EDGES];
  gboolean there[REPLAY_NODES];
  g_autoptr (FluoGraphLayout) layout = NULL;
  Minute before;
  double movement = 0;

  for (guint i = 0; i < REPLAY_EDGES; i++)
    {
      guint from = g_rand_int_range (rand, 0, REPLAY_NODES - 1);

      calls[i] = (FluoLayoutEdge) { from, g_rand_int_range (rand, from, REPLAY_NODES), 1 };
    }
  for (guint i = 0; i < REPLAY_NODES; i++)
    there[i] = g_rand_int_range (rand, 0, 4) > 0;
  minute_init (&before, calls, there);
  layout = lay_out (&before.graph);
  for (guint step = 0; step < REPLAY_STEPS; step++)
    {
      FluoGraphLayout *next;
      Minute now;

      for (guint k = 0; k < 2; k++)
        {
          guint node = g_rand_int_range (rand, 0, REPLAY_NODES);

          there[node] = !there[node];
        }
      minute_init (&now, calls, there);
      next = follow (&before, layout, &now);
      g_assert_nonnull (next);
      check_boxes (&now.graph, next);
      check_routes (&now.graph, next);
      for (guint i = 0; i < REPLAY_NODES; i++)
        if (before.index[i] != G_MAXUINT && now.index[i] != G_MAXUINT)
          movement += hypot (next->places[now.index[i]].x - layout->places[before.index[i]].x,
                             next->places[now.index[i]].y - layout->places[before.index[i]].y);
      fluo_graph_layout_free (layout);
      layout = next;
      graph_clear (&before.graph);
      before = now;
    }
  graph_clear (&before.graph);
  g_assert_cmpfloat (movement, ==, 0);
}

/* The Petshop as @before, with one node put somewhere and so pinned. */
static FluoGraphLayout *
put (const FluoGraphLayout *before, guint node, double x, double y)
{
  FluoLayoutHint hints[N_PETSHOP] = { 0 };
  guint edges[N_PETSHOP_EDGES];
  FluoGraphLayout *layout;
  Graph graph;

  graph_init (&graph);
  g_array_append_vals (graph.nodes, petshop_nodes, N_PETSHOP);
  g_array_append_vals (graph.edges, petshop_edges, N_PETSHOP_EDGES);
  for (guint i = 0; i < N_PETSHOP; i++)
    hints[i].node = i;
  for (guint i = 0; i < N_PETSHOP_EDGES; i++)
    edges[i] = i;
  hints[node] = (FluoLayoutHint) { node, TRUE, x, y };
  layout = fluo_graph_layout_update (petshop_nodes, N_PETSHOP, petshop_edges, N_PETSHOP_EDGES,
                                     &options, before, hints, edges);
  g_assert_nonnull (layout);
  check_boxes (&graph, layout);
  check_routes (&graph, layout);
  graph_clear (&graph);
  return layout;
}

/* A pinned node stands where it was put, or as near as there is room; whoever stood there yields,
 * and nobody but the node that was put moves by more than a row. */
static void
test_pin (void)
{
  g_autoptr (FluoGraphLayout) layout =
    fluo_graph_layout_new (petshop_nodes, N_PETSHOP, petshop_edges, N_PETSHOP_EDGES, &options);
  g_autoptr (FluoGraphLayout) pinned =
    put (layout, SEARCH, layout->places[BANK].x + 20, layout->places[BANK].y);

  g_assert_cmpfloat (pinned->places[SEARCH].x, ==, layout->places[BANK].x);
  g_assert_cmpfloat (pinned->places[SEARCH].y, ==, layout->places[BANK].y);
  g_assert_cmpfloat (pinned->places[BANK].y, !=, layout->places[BANK].y);
  for (guint i = 0; i < N_PETSHOP; i++)
    if (i != SEARCH)
      {
        g_assert_cmpfloat (pinned->places[i].x, ==, layout->places[i].x);
        g_assert_cmpfloat (fabs (pinned->places[i].y - layout->places[i].y), <=,
                           options.row_pitch);
      }
}

/* Put a little over its neighbour, a node pushes it aside by no more than that, and all others in
 * the column less. Where nobody can be pushed over the top, the neighbour goes around to the other
 * side, no further. The same pin again moves nobody. */
static void
test_pin_a_little (void)
{
  g_autoptr (FluoGraphLayout) layout =
    fluo_graph_layout_new (petshop_nodes, N_PETSHOP, petshop_edges, N_PETSHOP_EDGES, &options);

  for (guint node = 0; node < N_PETSHOP; node++)
    for (double by = -46; by <= 46; by += 23)
      {
        FluoLayoutPlace to = { layout->places[node].x + 27,
                               MAX (layout->places[node].y + by,
                                    fluo_layout_node_above (&petshop_nodes[node])) };
        g_autoptr (FluoGraphLayout) pinned = put (layout, node, to.x, to.y);
        g_autoptr (FluoGraphLayout) again = put (pinned, node, to.x, to.y);

        g_assert_cmpfloat (pinned->places[node].y, ==, to.y);
        for (guint i = 0; i < N_PETSHOP; i++)
          {
            double moved = fabs (pinned->places[i].y - layout->places[i].y);

            g_assert_cmpfloat (pinned->places[i].x, ==, layout->places[i].x);
            g_assert_cmpfloat (moved, <=, by >= 0 ? by : 2 * options.row_pitch);
          }
        g_assert_cmpmem (again->places, N_PETSHOP * sizeof (FluoLayoutPlace), pinned->places,
                         N_PETSHOP * sizeof (FluoLayoutPlace));
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/petshop", test_petshop);
  g_test_add_data_func ("/layout/g30", "graphs/g30.json", test_shared_graphs);
  g_test_add_data_func ("/layout/g100", "graphs/g100.json", test_shared_graphs);
  g_test_add_func ("/layout/deterministic", test_deterministic);
  g_test_add_func ("/layout/random", test_random);
  g_test_add_func ("/layout/small", test_small);
  g_test_add_func ("/layout/cycle-turns-lightest", test_cycle_turns_lightest);
  g_test_add_func ("/layout/loops-and-doubles", test_loops_and_doubles);
  g_test_add_func ("/layout/columns", test_columns);
  g_test_add_func ("/layout/importance", test_importance);
  g_test_add_func ("/layout/worst-path", test_worst_path);
  g_test_add_func ("/layout/crossings", test_crossings);
  g_test_add_func ("/layout/large", test_large);
  g_test_add_func ("/layout/trees", test_trees);
  g_test_add_func ("/layout/chain", test_chain);
  g_test_add_func ("/layout/replay", test_replay);
  g_test_add_func ("/layout/pin", test_pin);
  g_test_add_func ("/layout/pin-a-little", test_pin_a_little);
  return g_test_run ();
}

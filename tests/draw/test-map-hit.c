/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/fluo-json.h"
#include "draw/fluo-map.h"
#include "fluo-petshop.h"

/* What is under the pointer is what is drawn there, and the other way around. */

#define WIDTH 1080
#define HEIGHT 742

typedef struct
{
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoServiceColors *colors;
  FluoPainter       *painter;
  FluoMapView        view;
  FluoMap           *map;
} Fixture;

static void
fixture_layout (Fixture *self)
{
  g_clear_pointer (&self->map, fluo_map_free);
  self->map = fluo_map_layout (self->painter, self->graph, self->topology, self->layout,
                               self->colors, &self->view);
}

static void
fixture_init (Fixture *self, FluoServiceGraph *graph)
{
  *self = (Fixture) { .graph = graph };
  self->topology = fluo_map_topology_new (graph);
  self->layout = fluo_map_topology_arrange (self->topology);
  self->colors = fluo_service_colors_new ();
  self->painter = fluo_painter_new ();
  fluo_map_view_init (&self->view, WIDTH, HEIGHT, graph->span);
  fluo_map_view_fit (&self->view, self->layout);
  fixture_layout (self);
}

static void
fixture_clear (Fixture *self)
{
  fluo_map_free (self->map);
  fluo_painter_free (self->painter);
  g_object_unref (self->colors);
  fluo_graph_layout_free (self->layout);
  fluo_map_topology_free (self->topology);
  fluo_service_graph_unref (self->graph);
}

static void
check_hits (Fixture *self)
{
  for (guint i = 0; i < self->map->n_nodes; i++)
    {
      const FluoMapNode *node = &self->map->nodes[i];
      guint index = FLUO_MAP_NONE;

      g_assert_cmpint (fluo_map_hit (self->map, node->x, node->y, &index), ==, FLUO_MAP_HIT_NODE);
      g_assert_cmpuint (index, ==, i);
      g_assert_cmpint (
        fluo_map_hit (self->map, node->x - node->radius * .7, node->y - node->radius * .7, &index),
        ==, FLUO_MAP_HIT_NODE);
      g_assert_cmpuint (index, ==, i);
    }
  for (guint i = 0; i < self->map->n_edges; i++)
    {
      const FluoMapEdge *edge = &self->map->edges[i];
      guint index = FLUO_MAP_NONE;
      const FluoMapHit hit = fluo_map_hit (self->map, edge->middle_x, edge->middle_y, &index);

      g_assert_cmpint (hit, ==, FLUO_MAP_HIT_EDGE);
      g_assert_cmpuint (index, ==, edge->edge);
    }
}

static void
test_hit_inverse (void)
{
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  check_hits (&fixture);
  /* Zoomed about a corner, everything is still found where it is drawn. */
  fluo_map_view_zoom_at (&fixture.view, 2.5, 3, 4);
  fixture_layout (&fixture);
  check_hits (&fixture);
  g_assert_cmpint (fluo_map_hit (fixture.map, -1e6, 1e6, NULL), ==, FLUO_MAP_HIT_NOTHING);
  fixture_clear (&fixture);
}

#define CURVE_POINTS 12

static double
cubic (double a, double b, double c, double d, double t)
{
  const double u = 1 - t;

  return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
}

/* The place at @k of CURVE_POINTS on one of an edge's curves. */
static FluoMapPoint
on_curve (const FluoMap *map, const FluoMapEdge *edge, guint curve, guint k)
{
  const FluoMapPoint *p =
    &g_array_index (map->points, FluoMapPoint, edge->first_point + 3 * curve);
  const double t = k / (double) CURVE_POINTS;

  return (FluoMapPoint) { cubic (p[0].x, p[1].x, p[2].x, p[3].x, t),
                          cubic (p[0].y, p[1].y, p[2].y, p[3].y, t) };
}

/* From the middle of the line, as far as points on it tell. */
static double
distance_to (const FluoMap *map, const FluoMapEdge *edge, double x, double y)
{
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < edge->n_curves; i++)
    for (guint k = 0; k <= CURVE_POINTS; k++)
      {
        const FluoMapPoint p = on_curve (map, edge, i, k);

        nearest = MIN (nearest, hypot (p.x - x, p.y - y));
      }
  return nearest;
}

/* Which of the edges it is in the picture. */
static const FluoMapEdge *
find_edge (const FluoMap *map, guint edge)
{
  for (guint i = 0; i < map->n_edges; i++)
    if (map->edges[i].edge == edge)
      return &map->edges[i];
  g_assert_not_reached ();
}

/* Whatever is drawn is hit: on every curve that edge, or one that is as near, or a node over it. */
static void
check_drawn_is_hit (const FluoMap *map)
{
  for (guint e = 0; e < map->n_edges; e++)
    for (guint i = 0; i < map->edges[e].n_curves; i++)
      for (guint k = 0; k <= CURVE_POINTS; k++)
        {
          const FluoMapPoint p = on_curve (map, &map->edges[e], i, k);
          guint index = FLUO_MAP_NONE;
          const FluoMapHit hit = fluo_map_hit (map, p.x, p.y, &index);

          g_assert_cmpint (hit, !=, FLUO_MAP_HIT_NOTHING);
          if (hit == FLUO_MAP_HIT_EDGE && index != map->edges[e].edge)
            {
              const FluoMapEdge *other = find_edge (map, index);
              const FluoMapBox *box = &other->bounds;

              g_assert_true (p.x >= box->x - 8 && p.x <= box->x + box->width + 8 &&
                             p.y >= box->y - 8 && p.y <= box->y + box->height + 8);
            }
        }
  for (guint i = 0; i < map->n_nodes; i++)
    {
      guint index = FLUO_MAP_NONE;

      g_assert_cmpint (fluo_map_hit (map, map->nodes[i].x, map->nodes[i].y, &index), ==,
                       FLUO_MAP_HIT_NODE);
      g_assert_cmpfloat (hypot (map->nodes[index].x - map->nodes[i].x,
                                map->nodes[index].y - map->nodes[i].y), <=,
                         map->nodes[index].radius + 3);
    }
}

/* And what is hit is drawn there. */
static void
check_hit_is_drawn (const FluoMap *map, GRand *rand)
{
  for (guint i = 0; i < 2000; i++)
    {
      const double x = map->extent.x + g_rand_double (rand) * map->extent.width;
      const double y = map->extent.y + g_rand_double (rand) * map->extent.height;
      guint index = FLUO_MAP_NONE;
      const FluoMapHit hit = fluo_map_hit (map, x, y, &index);

      if (hit == FLUO_MAP_HIT_NODE)
        {
          const FluoMapBox *box = &map->nodes[index].bounds;

          g_assert_true (x >= box->x - 4 && x <= box->x + box->width + 4 && y >= box->y - 4 &&
                         y <= box->y + box->height + 4);
          continue;
        }
      for (guint k = 0; k < map->n_nodes; k++)
        g_assert_cmpfloat (hypot (map->nodes[k].x - x, map->nodes[k].y - y), >,
                           map->nodes[k].radius);
      if (hit == FLUO_MAP_HIT_NOTHING)
        for (guint e = 0; e < map->n_edges; e++)
          g_assert_cmpfloat (distance_to (map, &map->edges[e], x, y), >=,
                             map->edges[e].width / 2);
    }
}

/* The same of tangles, of calls to oneself, and of services that share their name, at any zoom. */
static void
test_hit_inverse_of_webs (void)
{
  static const struct
  {
    guint nodes, edges;
    gboolean hostile;
  } webs[] = { { 6, 12, FALSE }, { 30, 80, FALSE }, { 60, 150, TRUE }, { 120, 200, TRUE } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);

  for (guint i = 0; i < G_N_ELEMENTS (webs); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, webs[i].hostile
                                ? fluo_hostile_graph_new (webs[i].nodes, webs[i].edges)
                                : fluo_web_graph_new (webs[i].nodes, webs[i].edges));
      for (guint turn = 0; turn < 4; turn++)
        {
          check_drawn_is_hit (fixture.map);
          check_hit_is_drawn (fixture.map, rand);
          fluo_map_view_zoom_at (&fixture.view, 1.7, 300, 200);
          fixture_layout (&fixture);
        }
      fixture_clear (&fixture);
    }
}

#define N_SELF 50
#define N_DOUBLE 10000

static FluoServiceGraph *
read_graph (const GString *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new (json->str, json->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, &error);
  FluoServiceGraph *graph = fluo_service_graph_new ();

  g_assert_no_error (error);
  g_assert_true (fluo_service_graph_read (graph, tape, 0, &error));
  g_assert_no_error (error);
  return graph;
}

static void
check_graph (FluoServiceGraph *graph, guint n_nodes, guint n_edges)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  Fixture fixture;

  fixture_init (&fixture, graph);
  g_assert_cmpuint (fixture.map->n_nodes, ==, n_nodes);
  g_assert_cmpuint (fixture.map->n_edges, ==, n_edges);
  for (guint i = 0; i < n_nodes; i++)
    g_assert_true (isfinite (fixture.map->nodes[i].x + fixture.map->nodes[i].y
                             + fixture.map->nodes[i].radius));
  check_drawn_is_hit (fixture.map);
  check_hit_is_drawn (fixture.map, rand);
  fixture_clear (&fixture);
}

/* What a server may answer: services that call nobody but themselves; ten thousand edges between
 * the same two; names that are empty, and alike but for their types; counts and times that make no
 * sense. */
static void
test_odd_answers (void)
{
  g_autoptr (GString) selves = g_string_new ("["), doubles = g_string_new ("[");
  static const char alike[] =
    "[{\"Name\":\"a\",\"Type\":\"AWS::SQS::Queue\",\"ReferenceId\":0,\"Edges\":["
    "{\"ReferenceId\":1},{\"ReferenceId\":2},{\"ReferenceId\":3}]},"
    "{\"Name\":\"a\",\"Type\":\"AWS::SNS\",\"ReferenceId\":1,\"SummaryStatistics\":{"
    "\"OkCount\":-9,\"TotalCount\":1,\"TotalResponseTime\":-1e308,\"FaultStatistics\":{"
    "\"TotalCount\":9000000000000000000}},\"ResponseTimeHistogram\":[{\"Value\":-5,\"Count\":-3},"
    "{\"Value\":1e300,\"Count\":7},{\"Value\":0,\"Count\":2}]},"
    "{\"Name\":\"a\",\"ReferenceId\":2},{\"Name\":\"\",\"ReferenceId\":3}]";
  g_autoptr (GString) names = g_string_new (alike);

  for (guint i = 0; i < N_SELF; i++)
    g_string_append_printf (selves,
                            "%s{\"Name\":\"s%u\",\"ReferenceId\":%u,\"Edges\":[{\"ReferenceId\":%u,"
                            "\"SummaryStatistics\":{\"OkCount\":1}}]}",
                            i ? "," : "", i, i, i);
  g_string_append_c (selves, ']');
  g_string_append (doubles, "{\"Name\":\"b\",\"ReferenceId\":1},{\"Name\":\"a\","
                            "\"ReferenceId\":0,\"Edges\":[");
  for (guint i = 0; i < N_DOUBLE; i++)
    g_string_append_printf (doubles, "%s{\"ReferenceId\":1,\"SummaryStatistics\":{\"OkCount\":1}}",
                            i ? "," : "");
  g_string_append (doubles, "]}]");
  check_graph (read_graph (selves), N_SELF, N_SELF);
  check_graph (read_graph (doubles), 2, 1);
  check_graph (read_graph (names), 4, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-hit/inverse", test_hit_inverse);
  g_test_add_func ("/map-hit/webs", test_hit_inverse_of_webs);
  g_test_add_func ("/map-hit/odd-answers", test_odd_answers);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "draw/fluo-map-picture.h"
#include "fluo-petshop.h"

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
  cairo_surface_t   *surface;
  cairo_t           *cr;
} Fixture;

static void
fixture_layout (Fixture *self)
{
  g_clear_pointer (&self->map, fluo_map_free);
  self->map = fluo_map_layout (self->painter, self->graph, self->topology, self->layout,
                               self->colors, &self->view);
}

static void
fixture_init (Fixture          *self,
              FluoServiceGraph *graph)
{
  self->graph = graph;
  self->topology = fluo_map_topology_new (graph);
  self->layout = fluo_map_topology_arrange (self->topology);
  self->colors = fluo_service_colors_new ();
  self->painter = fluo_painter_new ();
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  self->cr = cairo_create (self->surface);
  fluo_map_view_init (&self->view, WIDTH, HEIGHT, graph->span);
  fluo_map_view_fit (&self->view, self->layout);
  self->map = NULL;
  fixture_layout (self);
}

static void
fixture_clear (Fixture *self)
{
  g_assert_cmpint (cairo_status (self->cr), ==, CAIRO_STATUS_SUCCESS);
  fluo_map_free (self->map);
  fluo_painter_free (self->painter);
  g_object_unref (self->colors);
  fluo_graph_layout_free (self->layout);
  fluo_map_topology_free (self->topology);
  fluo_service_graph_unref (self->graph);
  cairo_destroy (self->cr);
  cairo_surface_destroy (self->surface);
}

static void
fixture_draw (Fixture        *self,
              FluoPaletteKind kind)
{
  fluo_painter_begin (self->painter, self->cr, fluo_palette_get (kind));
  fluo_map_draw (self->painter, self->map, NULL);
  fluo_map_draw_legend (self->painter, self->map, 12, HEIGHT - 12 - FLUO_MAP_LEGEND_HEIGHT_PX);
  fluo_map_draw_minimap (self->painter, self->map, WIDTH - 12 - FLUO_MAP_MINIMAP_WIDTH_PX,
                         HEIGHT - 12 - FLUO_MAP_MINIMAP_HEIGHT_PX);
  cairo_surface_flush (self->surface);
}

static guint
find (Fixture    *self,
      const char *name)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->name, name))
      return i;
  g_assert_not_reached ();
}

static gboolean
is_color (Fixture  *self,
          int       x,
          int       y,
          FluoColor color,
          int       tolerance)
{
  const guchar *row;
  guint32 pixel;

  if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT)
    return FALSE;
  row = cairo_image_surface_get_data (self->surface) +
        y * cairo_image_surface_get_stride (self->surface);
  pixel = ((const guint32 *) row)[x];
  return ABS ((int) (pixel >> 16 & 0xff) - (int) lround (color.red * 255)) <= tolerance &&
         ABS ((int) (pixel >> 8 & 0xff) - (int) lround (color.green * 255)) <= tolerance &&
         ABS ((int) (pixel & 0xff) - (int) lround (color.blue * 255)) <= tolerance;
}

static guint
count_near (Fixture  *self,
            double    x,
            double    y,
            double    radius,
            FluoColor color)
{
  guint n = 0;

  for (int py = (int) (y - radius); py <= (int) (y + radius); py++)
    for (int px = (int) (x - radius); px <= (int) (x + radius); px++)
      n += is_color (self, px, py, color, 12);
  return n;
}

/* --- Tests ---------------------------------------------------------------- */

static void
test_labels (void)
{
  Fixture fixture;
  const FluoMapNode *node;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  node = &fixture.map->nodes[find (&fixture, "checkout")];
  g_assert_cmpstr (node->name, ==, "checkout");
  g_assert_cmpstr (node->badge_text, ==, "1.2%");
  g_assert_nonnull (strstr (node->numbers, "374/min"));
  g_assert_nonnull (strstr (node->numbers, " · "));
  node = &fixture.map->nodes[find (&fixture, "Clients")];
  g_assert_cmpstr (node->numbers, ==, "862/min");
  g_assert_null (node->badge_text);
  /* 0.6 % faults get no badge, but an arc that can be seen. */
  node = &fixture.map->nodes[find (&fixture, "petshop/prod")];
  g_assert_null (node->badge_text);
  g_assert_cmpfloat (node->arcs[0], >=, .018);
  fixture_clear (&fixture);
}

static void
test_edges (void)
{
  Fixture fixture;
  guint n_faulty = 0;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_assert_cmpuint (fixture.map->n_edges, ==, 13);
  for (guint i = 0; i < fixture.map->n_edges; i++)
    {
      const FluoMapEdge *edge = &fixture.map->edges[i];
      const FluoMapNode *from = &fixture.map->nodes[edge->from];
      const FluoMapNode *to = &fixture.map->nodes[edge->to];
      const FluoMapPoint *points =
        &g_array_index (fixture.map->points, FluoMapPoint, edge->first_point);
      const FluoMapPoint *last = points + 3 * edge->n_curves;

      n_faulty += edge->status == FLUO_STATUS_FAULT;
      /* The worst are drawn last, over the others. */
      if (n_faulty > 0)
        g_assert_cmpint (edge->status, ==, FLUO_STATUS_FAULT);
      /* From ring to ring, with room for the arrow head. */
      g_assert_cmpfloat (hypot (points->x - from->x, points->y - from->y), >=, from->radius);
      g_assert_cmpfloat (hypot (points->x - from->x, points->y - from->y), <=, from->radius + 6);
      g_assert_cmpfloat (hypot (last->x - to->x, last->y - to->y), >=, to->radius + 4);
      g_assert_cmpfloat (hypot (last->x - to->x, last->y - to->y), <=, to->radius + 12);
      g_assert_cmpfloat (edge->width, >=, 1.2 * .9);
      g_assert_cmpfloat (edge->width, <=, 6.8);
    }
  g_assert_cmpuint (n_faulty, ==, 3);
  fixture_clear (&fixture);
}

static void
test_zoom_keeps_point (void)
{
  Fixture fixture;
  const guint node = 2;
  double x, y;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  x = fixture.map->nodes[node].x;
  y = fixture.map->nodes[node].y;
  fluo_map_view_zoom_at (&fixture.view, 1.7, x, y);
  fixture_layout (&fixture);
  g_assert_cmpfloat_with_epsilon (fixture.map->nodes[node].x, x, .01);
  g_assert_cmpfloat_with_epsilon (fixture.map->nodes[node].y, y, .01);
  fluo_map_view_zoom_at (&fixture.view, 1e9, x, y);
  g_assert_cmpfloat (fixture.view.zoom, ==, FLUO_MAP_ZOOM_MAX);
  fluo_map_view_zoom_at (&fixture.view, 0, x, y);
  g_assert_cmpfloat (fixture.view.zoom, ==, FLUO_MAP_ZOOM_MIN);
  fluo_map_view_zoom_at (&fixture.view, NAN, x, y);
  g_assert_cmpfloat (fixture.view.zoom, ==, FLUO_MAP_ZOOM_MIN);
  /* Panned far away, a corner stays in sight. */
  fixture.view.pan_x = -1e7;
  fluo_map_view_clamp (&fixture.view, fixture.layout);
  fixture_layout (&fixture);
  g_assert_cmpfloat (fixture.map->extent.x + fixture.map->extent.width, >, 40);
  fixture_clear (&fixture);
}

static void
test_semantic_zoom (void)
{
  static const struct
  {
    double        zoom;
    FluoMapDetail detail;
  } levels[] = { { .3, FLUO_MAP_DETAIL_DOTS },
                 { .5, FLUO_MAP_DETAIL_NAMES },
                 { .6, FLUO_MAP_DETAIL_FULL },
                 { 3, FLUO_MAP_DETAIL_FULL } };
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      fixture.view.zoom = levels[i].zoom;
      fixture_layout (&fixture);
      g_assert_cmpint (fixture.map->detail, ==, levels[i].detail);
      for (guint n = 0; levels[i].detail != FLUO_MAP_DETAIL_DOTS && n < fixture.map->n_nodes; n++)
        g_assert_nonnull (fixture.map->nodes[n].name);
      g_assert_true (!!fixture.map->nodes[0].numbers == (levels[i].detail == FLUO_MAP_DETAIL_FULL));
      fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
    }
  fixture_clear (&fixture);
}

static gboolean
lies_over (const FluoMapBox *a,
           const FluoMapBox *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
         b->y < a->y + a->height;
}

/* Dots have the names that there is room for, those of what fails first; none lies over another
 * or over a dot. */
static void
test_dot_names (void)
{
  static const double zooms[] = { .39, .3, .2, .1, .03 };
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      const FluoMap *map;
      guint n_named = 0;

      fixture.view.zoom = zooms[i];
      fixture_layout (&fixture);
      map = fixture.map;
      for (guint a = 0; a < map->n_nodes; a++)
        {
          const FluoMapNode *node = &map->nodes[a];

          g_assert_nonnull (node->name);
          n_named += node->label.width > 0;
          for (guint b = 0; node->label.width > 0 && b < map->n_nodes; b++)
            {
              const FluoMapNode *other = &map->nodes[b];
              const FluoMapBox dot = { other->x - other->radius, other->y - other->radius,
                                       2 * other->radius, 2 * other->radius };

              g_assert_false (lies_over (&node->label, &dot));
              g_assert_false (a != b && other->label.width > 0 &&
                              lies_over (&node->label, &other->label));
            }
        }
      /* Two of those of which one call in forty failed stand side by side. */
      if (zooms[i] >= .2)
        g_assert_true (map->nodes[2].label.width > 0 || map->nodes[8].label.width > 0);
      if (zooms[i] >= .3)
        g_assert_cmpuint (n_named, >=, map->n_nodes / 2);
      if (zooms[i] < .05)
        g_assert_cmpuint (n_named, <=, 2);
      fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
    }
  fixture_clear (&fixture);
}

static void
test_pixels (void)
{
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  for (guint dark = 0; dark < 2; dark++)
    {
      const FluoPalette *palette = fluo_palette_get (dark ? FLUO_PALETTE_DARK : FLUO_PALETTE_LIGHT);
      const FluoColor fault = palette->status[FLUO_STATUS_FAULT].mark;
      const FluoMapNode *bank = &fixture.map->nodes[find (&fixture, "bank.example.com")];
      const FluoMapNode *orders = &fixture.map->nodes[find (&fixture, "orders@orders-db")];

      fixture_draw (&fixture, dark ? FLUO_PALETTE_DARK : FLUO_PALETTE_LIGHT);
      g_assert_true (is_color (&fixture, 2, 2, palette->view, 1));
      g_assert_true (is_color (&fixture, WIDTH - 3, 2, palette->view, 1));
      /* Red at the faulty node, in its badge and on its ring; none at the healthy one. */
      g_assert_cmpuint (count_near (&fixture, bank->x, bank->y, bank->radius + 4, fault), >, 20);
      g_assert_cmpuint (
        count_near (&fixture, bank->badge.x + bank->badge.width / 2, bank->badge.y + 9, 8, fault),
        >, 20);
      g_assert_cmpuint (count_near (&fixture, orders->x, orders->y, orders->radius + 4, fault), ==,
                        0);
      g_assert_cmpuint (count_near (&fixture, orders->x, orders->y, orders->radius + 4,
                                    palette->status[FLUO_STATUS_OK].mark),
                        >, 200);
    }
  fixture_clear (&fixture);
}

static void
test_state (void)
{
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  Fixture fixture;
  const FluoMapNode *node;
  guint before;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  node = &fixture.map->nodes[find (&fixture, "inventory")];
  fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
  before = count_near (&fixture, node->x, node->y, node->radius + 12, palette->accent);
  g_assert_cmpuint (before, ==, 0);
  fixture.view.selected_node = node->node;
  fluo_map_set_state (fixture.map, &fixture.view);
  fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
  g_assert_cmpuint (count_near (&fixture, node->x, node->y, node->radius + 12, palette->accent), >,
                    100);
  /* In a window that is not active the selection is grey. */
  fixture.view.inactive = TRUE;
  fluo_map_set_state (fixture.map, &fixture.view);
  fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
  g_assert_cmpuint (count_near (&fixture, node->x, node->y, node->radius + 12, palette->accent), ==,
                    0);
  fixture_clear (&fixture);
}

static void
test_matching (void)
{
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  const FluoColor ok = palette->status[FLUO_STATUS_OK].mark;
  guint8 matching[64] = { 0 };
  Fixture fixture;
  guint stock, orders;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  stock = find (&fixture, "stock");
  orders = find (&fixture, "orders@orders-db");
  matching[orders] = 1;
  fixture.view.matching = matching;
  fixture_layout (&fixture);
  fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
  g_assert_cmpuint (
    count_near (&fixture, fixture.map->nodes[orders].x, fixture.map->nodes[orders].y, 30, ok), >,
    200);
  g_assert_cmpuint (
    count_near (&fixture, fixture.map->nodes[stock].x, fixture.map->nodes[stock].y, 30, ok), ==, 0);
  fixture_clear (&fixture);
}

static void
check_finite (const FluoMap *map)
{
  for (guint i = 0; i < map->n_nodes; i++)
    {
      g_assert_true (isfinite (map->nodes[i].x) && isfinite (map->nodes[i].y) &&
                     isfinite (map->nodes[i].bounds.width));
      g_assert_cmpfloat (map->nodes[i].arcs[0] + map->nodes[i].arcs[1] + map->nodes[i].arcs[2], <=,
                         1.0000001);
    }
  for (guint i = 0; i < map->points->len; i++)
    g_assert_true (isfinite (g_array_index (map->points, FluoMapPoint, i).x) &&
                   isfinite (g_array_index (map->points, FluoMapPoint, i).y));
  for (guint i = 0; i < map->n_edges; i++)
    g_assert_true (isfinite (map->edges[i].middle_x) && isfinite (map->edges[i].angle) &&
                   isfinite (map->edges[i].width));
}

static void
test_sizes (void)
{
  static const guint sizes[] = { 0, 1, 2, 60, 300 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, fluo_chain_graph_new (sizes[i]));
      g_assert_cmpuint (fixture.map->n_nodes, ==, sizes[i]);
      check_finite (fixture.map);
      fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
      fluo_map_view_zoom_at (&fixture.view, 3, 0, 0);
      fixture_layout (&fixture);
      check_finite (fixture.map);
      fixture_draw (&fixture, FLUO_PALETTE_DARK);
      if (sizes[i] > 0)
        {
          /* Long names lose their middle and keep both ends. */
          g_assert_true (g_str_has_prefix (fixture.map->nodes[0].name, "service-"));
          g_assert_true (g_str_has_suffix (fixture.map->nodes[0].name, "-0"));
          fluo_map_view_zoom_at (&fixture.view, 1, 0, 0);
          fixture_layout (&fixture);
          g_assert_nonnull (strstr (fixture.map->nodes[0].name, "…"));
          g_assert_true (g_str_has_suffix (fixture.map->nodes[0].name, "-0"));
        }
      fixture_clear (&fixture);
    }
}

/* The same services and calls in another order give the same picture. */
static void
test_stable (void)
{
  Fixture one, other;
  FluoServiceGraph *graph = fluo_petshop_graph_new ();
  g_autofree guint *places = g_new (guint, graph->nodes->len);
  gpointer *data = graph->nodes->pdata;
  const guint n = graph->nodes->len;

  for (guint i = 0; i < n / 2; i++)
    {
      gpointer swap = data[i];

      data[i] = data[n - 1 - i];
      data[n - 1 - i] = swap;
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      edge->from = n - 1 - edge->from;
      edge->to = n - 1 - edge->to;
    }
  fixture_init (&one, fluo_petshop_graph_new ());
  fixture_init (&other, graph);
  g_assert_true (fluo_map_topology_equal (one.topology, other.topology));
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpfloat_with_epsilon (one.map->nodes[i].x, other.map->nodes[n - 1 - i].x, .001);
      g_assert_cmpfloat_with_epsilon (one.map->nodes[i].y, other.map->nodes[n - 1 - i].y, .001);
    }
  fixture_clear (&one);
  fixture_clear (&other);
  fixture_init (&one, fluo_petshop_graph_new ());
  fixture_init (&other, fluo_chain_graph_new (14));
  g_assert_false (fluo_map_topology_equal (one.topology, other.topology));
  fixture_clear (&one);
  fixture_clear (&other);
}

static void
test_words (void)
{
  g_autoptr (FluoServiceGraph) graph = fluo_petshop_graph_new ();
  g_autofree char *node = fluo_map_dup_node_sentence (graph, 2, graph->span);
  g_autofree char *client = fluo_map_dup_node_sentence (graph, 13, graph->span);
  g_autofree char *edge = fluo_map_dup_edge_sentence (graph, 10, graph->span);

  g_assert_true (
    g_str_has_prefix (node, "payments, Lambda function, 193 requests a minute, p50 4"));
  g_assert_nonnull (strstr (node, " milliseconds, p99 2."));
  g_assert_nonnull (strstr (node, " seconds, 2.4 percent faults"));
  g_assert_true (g_str_has_suffix (client, ", 862 requests a minute"));
  g_assert_true (g_str_has_prefix (edge, "emails to mailer, linked, 152 requests a minute"));
}

static void
test_minimap (void)
{
  Fixture fixture;
  FluoMapPoint a, b;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  a = fluo_map_minimap_point (fixture.map, 0, 0);
  b = fluo_map_minimap_point (fixture.map, FLUO_MAP_MINIMAP_WIDTH_PX, FLUO_MAP_MINIMAP_HEIGHT_PX);
  /* Its corners are the map's: empty ground leads to no empty view, … */
  g_assert_cmpfloat (a.x, ==, fixture.map->extent.x);
  g_assert_cmpfloat (a.y, ==, fixture.map->extent.y);
  g_assert_cmpfloat (b.x, ==, fixture.map->extent.x + fixture.map->extent.width);
  g_assert_cmpfloat (b.y, ==, fixture.map->extent.y + fixture.map->extent.height);
  /* … and what is in between is in between. */
  a = fluo_map_minimap_point (fixture.map, FLUO_MAP_MINIMAP_WIDTH_PX * .4,
                              FLUO_MAP_MINIMAP_HEIGHT_PX * .5);
  g_assert_cmpfloat (a.x, >, fixture.map->extent.x);
  g_assert_cmpfloat (a.x, <, b.x);
  fixture_clear (&fixture);
}

/* --- The picture of a large map --------------------------------------------- */

static guint
count_other_pixels (cairo_surface_t *one,
                    cairo_surface_t *other)
{
  const int stride = cairo_image_surface_get_stride (one);
  guint n = 0;

  cairo_surface_flush (one);
  cairo_surface_flush (other);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        const guchar *a = cairo_image_surface_get_data (one) + y * stride + 4 * x;
        const guchar *b = cairo_image_surface_get_data (other) + y * stride + 4 * x;

        n += abs (a[0] - b[0]) > 2 || abs (a[1] - b[1]) > 2 || abs (a[2] - b[2]) > 2;
      }
  return n;
}

/* At rest, and panned, the picture is what is drawn without one: labels, halos and selection
 * included. */
static void
test_picture (void)
{
  static const double zooms[] = { 0, .25, .5, 1 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  g_autoptr (FluoPainter) worker = fluo_painter_new ();
  Fixture fixture;

  fixture_init (&fixture, fluo_web_graph_new (300, 700));
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    for (guint dark = 0; dark < 2; dark++)
      {
        const FluoPalette *palette =
          fluo_palette_get (dark ? FLUO_PALETTE_DARK : FLUO_PALETTE_LIGHT);
        g_autoptr (FluoMapPicture) picture = NULL;
        cairo_t *cr;

        fluo_map_view_fit (&fixture.view, fixture.layout);
        if (zooms[i] > 0)
          fluo_map_view_zoom_at (&fixture.view, zooms[i], 400, 300);
        fixture.view.selected_node = 7;
        picture = fluo_map_picture_new (fixture.graph, fixture.topology, fixture.layout,
                                        fixture.colors, &fixture.view, palette, 1,
                                        FLUO_MAP_PICTURE_MARGIN);
        g_assert_true (fluo_map_picture_render (picture, worker));
        fixture.view.pan_x += 40;
        fixture.view.pan_y -= 25;
        g_assert_true (fluo_map_picture_covers (picture, &fixture.view, 0));
        fixture_layout (&fixture);
        fluo_painter_begin (fixture.painter, fixture.cr, palette);
        fluo_map_draw (fixture.painter, fixture.map, NULL);
        cr = cairo_create (surface);
        fluo_color_set (cr, palette->view);
        cairo_paint (cr);
        fluo_map_picture_paint (picture, cr, &fixture.view);
        cairo_destroy (cr);
        g_assert_cmpuint (count_other_pixels (fixture.surface, surface), <, 40);
      }
  cairo_surface_destroy (surface);
  fixture_clear (&fixture);
}

static guint
node_color (const FluoMap *map, const FluoServiceGraph *graph, const char *name)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name) == 0)
      return map->nodes[i].color;
  g_assert_not_reached ();
}

/* The worker's picture has the colour that was chosen when it was begun. */
static void
test_picture_colors (void)
{
  g_autoptr (FluoPainter) worker = fluo_painter_new ();
  g_autoptr (FluoMapPicture) picture = NULL;
  g_autoptr (FluoMap) map = NULL;
  Fixture fixture;
  guint other;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  other = node_color (fixture.map, fixture.graph, "checkout");
  fluo_service_colors_choose (fixture.colors, "payments", "AWS::Lambda::Function", 8);
  picture = fluo_map_picture_new (fixture.graph, fixture.topology, fixture.layout, fixture.colors,
                                  &fixture.view, fluo_palette_get (FLUO_PALETTE_LIGHT), 1,
                                  FLUO_MAP_PICTURE_MARGIN);
  fluo_service_colors_choose (fixture.colors, "payments", "AWS::Lambda::Function", 3);
  g_assert_true (fluo_map_picture_render (picture, worker));
  map = fluo_map_picture_steal_map (picture);
  g_assert_cmpuint (node_color (map, fixture.graph, "payments"), ==, 8);
  g_assert_cmpuint (node_color (map, fixture.graph, "checkout"), ==, other);
  fixture_layout (&fixture);
  g_assert_cmpuint (node_color (fixture.map, fixture.graph, "payments"), ==, 3);
  g_assert_cmpuint (node_color (fixture.map, fixture.graph, "checkout"), ==, other);
  fixture_clear (&fixture);
}

/* What the picture covers, and where a point of the map is on it, whatever the view. */
static void
test_picture_place (void)
{
  g_autoptr (FluoPainter) worker = fluo_painter_new ();
  g_autoptr (FluoMapPicture) picture = NULL;
  g_autoptr (FluoMap) map = NULL;
  FluoMapView view;
  FluoMapBox before, after;
  Fixture fixture;

  fixture_init (&fixture, fluo_web_graph_new (300, 700));
  fluo_map_view_zoom_at (&fixture.view, 1, 400, 300);
  picture = fluo_map_picture_new (fixture.graph, fixture.topology, fixture.layout, fixture.colors,
                                  &fixture.view, fluo_palette_get (FLUO_PALETTE_LIGHT), 2,
                                  FLUO_MAP_PICTURE_MARGIN);
  g_assert_true (fluo_map_picture_render (picture, worker));
  map = fluo_map_picture_steal_map (picture);
  g_assert_nonnull (map);
  g_assert_null (fluo_map_picture_steal_map (picture));
  g_assert_true (fluo_map_picture_covers (picture, &fixture.view, .2));
  g_assert_false (fluo_map_picture_covers (picture, &fixture.view, 1.5));
  view = fixture.view;
  before = fluo_map_picture_place (picture, &view);
  fluo_map_view_zoom_at (&view, 1.5, 200, 100);
  after = fluo_map_picture_place (picture, &view);
  g_assert_cmpfloat_with_epsilon (after.width, before.width * 1.5, .001);
  g_assert_cmpfloat_with_epsilon (after.x, 200 + (before.x - 200) * 1.5, .001);
  g_assert_true (fluo_map_picture_covers (picture, &view, 0));
  fluo_map_view_fit (&view, fixture.layout);
  g_assert_false (fluo_map_picture_covers (picture, &view, 0));
  g_assert_false (fluo_map_picture_is_whole (picture));
  fixture_clear (&fixture);
}

/* In a window that the map fills, nothing of it is under the row of tools at the top: neither a
 * ring nor the signs on it. */
static void
test_fit_under_tools (void)
{
  const double tools = 42;
  Fixture fixture;
  double highest = HEIGHT;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  fixture.view.height = 680;
  fixture.view.top = tools;
  fluo_map_view_fit (&fixture.view, fixture.layout);
  fixture_layout (&fixture);
  for (guint i = 0; i < fixture.map->n_nodes; i++)
    highest = MIN (highest, fixture.map->nodes[i].y - fixture.map->nodes[i].radius);
  /* The signs stand out by half a line. */
  g_assert_cmpfloat (highest, >=, tools + 10);
  fixture_clear (&fixture);
}

/* A line may pass far below the last service. */
static void
test_fit_lines (void)
{
  Fixture fixture;
  GArray *points;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  points = fixture.layout->routes[0].points;
  for (guint i = 3; i + 2 < points->len; i += 2)
    g_array_index (points, double, i) += 3000;
  fluo_map_view_fit (&fixture.view, fixture.layout);
  for (guint i = 1; i < points->len; i += 2)
    g_assert_cmpfloat (
      fixture.view.pan_y + g_array_index (points, double, i) * fixture.view.zoom, <=,
      fixture.view.height);
  fixture_clear (&fixture);
}

/* Where there is room beside a legend, the map goes there instead of getting smaller. */
static void
test_fit_aside (void)
{
  Fixture fixture;
  FluoMapView *view = &fixture.view;
  double zoom, left = INFINITY;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  view->width = 2200;
  view->height = 640;
  fluo_map_view_fit (view, fixture.layout);
  zoom = view->zoom;
  view->corner_left = view->pan_x + 400 * zoom;
  view->corner_height = 100;
  fluo_map_view_fit (view, fixture.layout);
  g_assert_cmpfloat_with_epsilon (view->zoom, zoom, 1e-9);
  fixture_layout (&fixture);
  for (guint i = 0; i < fixture.map->n_nodes; i++)
    {
      const FluoMapBox *label = &fixture.map->nodes[i].label;

      if (label->y + label->height > view->height - view->corner_height)
        left = MIN (left, label->x);
    }
  g_assert_cmpfloat (left, >=, view->corner_left);
  g_assert_true (isfinite (left));
  g_assert_true (fluo_map_view_shows_all (view, fixture.layout));
  fixture_clear (&fixture);
}

/* On a telephone it fills the width: it goes up from the buttons, though not under the tools. */
static void
test_fit_above_buttons (void)
{
  Fixture fixture;
  FluoMapView *view = &fixture.view;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  view->width = 360;
  view->height = 440;
  view->top = 104;
  view->corner_right = 54;
  view->corner_height = 165;
  fluo_map_view_fit (view, fixture.layout);
  fixture_layout (&fixture);
  for (guint i = 0; i < fixture.map->n_nodes; i++)
    {
      const FluoMapNode *node = &fixture.map->nodes[i];

      g_assert_cmpfloat (node->y - node->radius, >=, view->top);
      g_assert_true (node->y + node->radius <= view->height - view->corner_height ||
                     node->x + node->radius <= view->width - view->corner_right);
    }
  fixture_clear (&fixture);
}

/* A map that only moves aside for the inspector is not moved under buttons and minimap. */
static void
test_nudge (void)
{
  guint n_moved = 0, n_refused = 0;

  for (guint width = 700; width < 1440; width += 20)
    {
      Fixture fixture;
      FluoMapView *view = &fixture.view;

      fixture_init (&fixture, fluo_petshop_graph_new ());
      view->width = 1440;
      view->height = 760;
      view->corner_left = 100;
      view->corner_right = 120;
      view->corner_height = 230;
      fluo_map_view_fit (view, fixture.layout);
      view->width = width;
      if (!fluo_map_view_nudge (view, fixture.layout))
        {
          n_refused++;
          fixture_clear (&fixture);
          continue;
        }
      n_moved++;
      fixture_layout (&fixture);
      for (guint i = 0; i < fixture.map->n_nodes; i++)
        {
          const FluoMapBox *label = &fixture.map->nodes[i].label;

          if (label->y + label->height < view->height - view->corner_height)
            continue;
          g_assert_cmpfloat (label->x, >=, view->corner_left);
          g_assert_cmpfloat (label->x + label->width, <=, width - view->corner_right);
        }
      fixture_clear (&fixture);
    }
  g_assert_cmpuint (n_moved, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

/* Where no response times are known, none are claimed. */
static void
test_no_times (void)
{
  g_autoptr (FluoServiceGraph) full = fluo_petshop_graph_new ();
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  g_assert_true (fixture.map->has_times);
  fixture_clear (&fixture);
  fixture_init (&fixture, fluo_service_graph_copy_empty (full));
  ((FluoGraphNode *) g_ptr_array_index (fixture.graph->nodes, 3))->stats.ok = 60;
  fixture_layout (&fixture);
  g_assert_false (fixture.map->has_times);
  g_assert_null (strstr (fixture.map->nodes[3].numbers, "s"));
  g_assert_nonnull (strstr (fixture.map->nodes[3].numbers, "/min"));
  fixture_clear (&fixture);
}

/* What an alarm rings for has a bell that is part of the node, in every detail, and the legend says
 * what it means. */
static void
test_alarm (void)
{
  static const double zooms[] = { 1, .5, .3 };
  guint8 alarmed[64] = { 0 };
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      const FluoMapNode *node;
      guint hit = FLUO_MAP_NONE;
      double height;

      fluo_map_view_zoom_at (&fixture.view, zooms[i], 500, 300);
      fixture.view.alarmed = NULL;
      fixture_layout (&fixture);
      height = fluo_map_legend_height (fixture.map);
      g_assert_cmpuint (fixture.map->n_alarmed, ==, 0);
      alarmed[3] = 1;
      fixture.view.alarmed = alarmed;
      fixture_layout (&fixture);
      node = &fixture.map->nodes[3];
      g_assert_cmpuint (fixture.map->n_alarmed, ==, 1);
      g_assert_cmpfloat (node->bell.width, >=, 10);
      g_assert_cmpfloat (fixture.map->nodes[4].bell.width, ==, 0);
      g_assert_cmpfloat (fluo_map_legend_height (fixture.map), >, height);
      g_assert_cmpint (fluo_map_hit (fixture.map, node->bell.x + node->bell.width - 1,
                                     node->bell.y + node->bell.height - 1, &hit), ==,
                       FLUO_MAP_HIT_NODE);
      g_assert_cmpuint (hit, ==, 3);
    }
  fixture.view.alarmed = NULL;
  fixture_clear (&fixture);
}

/* The legend explains what the zoom shows: numbers only where there are some. It stays as high. */
static void
test_legend (void)
{
  static const struct
  {
    double      zoom;
    const char *text;
  } levels[] = {
    { FLUO_MAP_ZOOM_NUMBERS, "Under each name: p50 · p99 · requests per minute" },
    { FLUO_MAP_ZOOM_NUMBERS - .01, "Numbers under each name from a zoom of 60%" },
    { FLUO_MAP_ZOOM_NAMES, "Numbers under each name from a zoom of 60%" },
    { FLUO_MAP_ZOOM_NAMES - .01, "All names from a zoom of 40%, numbers from 60%" },
  };
  Fixture fixture;

  fixture_init (&fixture, fluo_petshop_graph_new ());
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_autofree char *text = NULL;

      fixture.view.zoom = levels[i].zoom;
      fixture_layout (&fixture);
      text = fluo_map_dup_numbers_legend (fixture.map);
      g_assert_cmpstr (text, ==, levels[i].text);
      g_assert_cmpint (strstr (text, "p50") != NULL, ==, fixture.map->nodes[3].numbers != NULL);
      g_assert_cmpfloat (fluo_map_legend_height (fixture.map), ==, FLUO_MAP_LEGEND_HEIGHT_PX);
      fixture_draw (&fixture, FLUO_PALETTE_LIGHT);
    }
  fixture_clear (&fixture);
}

/* However large a map is, all of it can be seen, and no dot lies on another. */
static void
test_fit_any (void)
{
  static const guint sizes[] = { 60, 300, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, fluo_web_graph_new (sizes[i], sizes[i] * 5 / 2));
      for (guint n = 0; n < fixture.map->n_nodes; n++)
        {
          const FluoMapNode *node = &fixture.map->nodes[n];

          g_assert_cmpfloat (node->x - node->radius, >=, 0);
          g_assert_cmpfloat (node->y - node->radius, >=, 0);
          g_assert_cmpfloat (node->x + node->radius, <=, WIDTH);
          g_assert_cmpfloat (node->y + node->radius, <=, HEIGHT);
          for (guint k = 0; k < n; k++)
            g_assert_cmpfloat (
              hypot (node->x - fixture.map->nodes[k].x, node->y - fixture.map->nodes[k].y), >=,
              node->radius + fixture.map->nodes[k].radius);
        }
      /* Zooming out ends there, or at 25 %. */
      fluo_map_view_zoom_at (&fixture.view, .0001, 10, 10);
      g_assert_cmpfloat (fixture.view.zoom, ==, fixture.view.zoom_min);
      g_assert_cmpfloat (fixture.view.zoom, <=, FLUO_MAP_ZOOM_MIN);
      fixture_clear (&fixture);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map/labels", test_labels);
  g_test_add_func ("/map/edges", test_edges);
  g_test_add_func ("/map/zoom-keeps-point", test_zoom_keeps_point);
  g_test_add_func ("/map/semantic-zoom", test_semantic_zoom);
  g_test_add_func ("/map/dot-names", test_dot_names);
  g_test_add_func ("/map/pixels", test_pixels);
  g_test_add_func ("/map/state", test_state);
  g_test_add_func ("/map/matching", test_matching);
  g_test_add_func ("/map/sizes", test_sizes);
  g_test_add_func ("/map/stable", test_stable);
  g_test_add_func ("/map/words", test_words);
  g_test_add_func ("/map/minimap", test_minimap);
  g_test_add_func ("/map/picture", test_picture);
  g_test_add_func ("/map/picture-colors", test_picture_colors);
  g_test_add_func ("/map/picture-place", test_picture_place);
  g_test_add_func ("/map/fit-under-tools", test_fit_under_tools);
  g_test_add_func ("/map/fit-lines", test_fit_lines);
  g_test_add_func ("/map/fit-aside", test_fit_aside);
  g_test_add_func ("/map/fit-above-buttons", test_fit_above_buttons);
  g_test_add_func ("/map/nudge", test_nudge);
  g_test_add_func ("/map/no-times", test_no_times);
  g_test_add_func ("/map/alarm", test_alarm);
  g_test_add_func ("/map/legend", test_legend);
  g_test_add_func ("/map/fit-any", test_fit_any);
  return g_test_run ();
}

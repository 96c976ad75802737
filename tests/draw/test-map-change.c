/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "core/fluo-time-span.h"
#include "draw/fluo-map.h"
#include "fluo-petshop.h"

/* The map of a difference: signs and signed numbers. */

#define WIDTH 1080
#define HEIGHT 742

static FluoGraphNode *
node_named (FluoServiceGraph *graph,
            const char       *name)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (graph->nodes, i))->name, name))
      return g_ptr_array_index (graph->nodes, i);
  g_assert_not_reached ();
}

static void
set_times (FluoGraphNode *node,
           gint64         ms)
{
  const gint32 n = (gint32) node->stats.histogram.count;

  fluo_histogram_clear (&node->stats.histogram);
  fluo_histogram_init (&node->stats.histogram);
  fluo_histogram_add (&node->stats.histogram, ms * FLUO_NSEC_PER_MSEC, n);
}

typedef struct
{
  FluoServiceGraph    *before, *after;
  FluoGraphDifference *difference;
  FluoMapTopology     *topology;
  FluoGraphLayout     *layout;
  FluoPainter         *painter;
  cairo_surface_t     *surface;
  cairo_t             *cr;
  FluoMap             *map;
} Fixture;

/* Since then payments became slow and fails more, search became fast, mail is gone. */
static void
fixture_init (Fixture *self)
{
  g_autoptr (FluoServiceGraph) old = fluo_petshop_graph_new ();
  g_autoptr (FluoServiceGraph) new = fluo_petshop_graph_new ();
  FluoMapView view;

  set_times (node_named (old, "payments"), 200);
  set_times (node_named (new, "payments"), 500);
  node_named (new, "payments")->stats.fault += 400;
  set_times (node_named (old, "search"), 90);
  set_times (node_named (new, "search"), 30);
  {
    g_autoptr (FluoGraphRules) rules = fluo_graph_rules_new ();
    g_autoptr (FluoServiceGraph) all = g_steal_pointer (&new);

    g_ptr_array_add (rules->hidden, fluo_graph_node_dup_key (node_named (all, "SES")));
    new = fluo_service_graph_reduce (all, rules, NULL);
  }
  fluo_service_graph_align (old, new, &self->before, &self->after);
  self->difference = fluo_graph_difference_new (self->before, self->after, old->span, old->span);
  self->topology = fluo_map_topology_new (self->after);
  self->layout = fluo_map_topology_arrange (self->topology);
  self->painter = fluo_painter_new ();
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  self->cr = cairo_create (self->surface);
  fluo_map_view_init (&view, WIDTH, HEIGHT, old->span);
  view.difference = self->difference;
  fluo_map_view_fit (&view, self->layout);
  self->map =
    fluo_map_layout (self->painter, self->after, self->topology, self->layout, NULL, &view);
}

static void
fixture_clear (Fixture *self)
{
  fluo_map_free (self->map);
  fluo_painter_free (self->painter);
  fluo_graph_layout_free (self->layout);
  fluo_map_topology_free (self->topology);
  fluo_graph_difference_unref (self->difference);
  fluo_service_graph_unref (self->before);
  fluo_service_graph_unref (self->after);
  cairo_destroy (self->cr);
  cairo_surface_destroy (self->surface);
}

static const FluoMapNode *
box_named (Fixture    *self,
           const char *name)
{
  for (guint i = 0; i < self->map->n_nodes; i++)
    if (g_str_equal (((FluoGraphNode *) g_ptr_array_index (self->after->nodes, i))->name, name))
      return &self->map->nodes[i];
  g_assert_not_reached ();
}

static void
test_signs (void)
{
  Fixture fixture;
  const FluoMapNode *payments;
  g_autofree char *words = NULL;
  guint index;

  fixture_init (&fixture);
  payments = box_named (&fixture, "payments");
  g_assert_true (g_str_has_prefix (payments->sign_text, "+1"));
  g_assert_true (g_str_has_suffix (payments->badge_text, "pts"));
  g_assert_true (g_ascii_strtod (payments->numbers + 1, NULL) > 290);
  g_assert_cmpint (payments->numbers[0], ==, '+');
  g_assert_true (g_str_has_prefix (box_named (&fixture, "search")->sign_text, "−"));
  g_assert_true (g_str_has_prefix (box_named (&fixture, "search")->numbers, "−"));
  g_assert_cmpstr (box_named (&fixture, "SES")->sign_text, ==, "gone");
  g_assert_true (g_str_has_prefix (box_named (&fixture, "SES")->numbers, "was "));
  g_assert_null (box_named (&fixture, "stock")->sign_text);
  g_assert_cmpstr (box_named (&fixture, "stock")->numbers, ==, "no change");
  words = fluo_map_dup_change_sentence (payments->change);
  g_assert_true (g_str_has_prefix (words, "slower: p50 "));
  g_assert_nonnull (strstr (words, "more faults: "));
  /* A sign belongs to its node. */
  g_assert_cmpint (fluo_map_hit (fixture.map, payments->sign.x + 4, payments->sign.y + 4, &index),
                   ==, FLUO_MAP_HIT_NODE);
  g_assert_cmpuint (index, ==, payments->node);
  fixture_clear (&fixture);
}

static guint
count_near (Fixture  *self,
            double    x,
            double    y,
            double    reach,
            FluoColor color)
{
  guint n = 0;

  cairo_surface_flush (self->surface);
  for (int row = (int) (y - reach); row < y + reach; row++)
    for (int column = (int) (x - reach); column < x + reach; column++)
      {
        const guchar *p = cairo_image_surface_get_data (self->surface) +
                          row * cairo_image_surface_get_stride (self->surface) + 4 * column;

        n += ABS (p[2] - color.red * 255) < 12 && ABS (p[1] - color.green * 255) < 12 &&
             ABS (p[0] - color.blue * 255) < 12;
      }
  return n;
}

/* What is gone has no ring of what went well, in any zoom and palette; the legend is another. */
static void
test_drawing (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  for (guint kind = 0; kind < FLUO_N_PALETTES; kind++)
    {
      const FluoPalette *palette = fluo_palette_get (kind);
      const FluoMapNode *gone = box_named (&fixture, "SES");
      const FluoMapNode *stock = box_named (&fixture, "stock");
      const FluoColor ok = palette->status[FLUO_STATUS_OK].mark;

      fluo_painter_begin (fixture.painter, fixture.cr, palette);
      fluo_map_draw (fixture.painter, fixture.map, NULL);
      g_assert_cmpuint (count_near (&fixture, stock->x, stock->y, stock->radius + 2, ok), >, 100);
      g_assert_cmpuint (count_near (&fixture, gone->x, gone->y, gone->radius + 2, ok), ==, 0);
      fluo_map_draw_legend (fixture.painter, fixture.map, 12, HEIGHT - 92);
    }
  fixture_clear (&fixture);
}

/* As a file in every format, with the ranges in it. */
static void
test_export (void)
{
  static const char *const names[] = { "map.svg", "map.png", "map.pdf", "map.md" };
  g_autofree char *dir = g_dir_make_tmp ("fluo-map-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  FluoMapExport map;
  Fixture fixture;

  fixture_init (&fixture);
  map = (FluoMapExport) { .graph = fixture.after, .topology = fixture.topology,
                          .layout = fixture.layout, .difference = fixture.difference,
                          .span = fixture.after->span };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      g_autofree char *text = NULL;
      gsize length = 0;

      g_assert_true (fluo_map_export (&map, path, 1, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      g_assert_cmpuint (length, >, i < 3 ? 2000 : 200);
      if (i == 3)
        g_assert_nonnull (strstr (text, "compared with"));
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_false (fluo_map_export (&map, "/nowhere/map.txt", 1, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
  fixture_clear (&fixture);
}

/* The sign is of the time that made it slower: here the 99th percentile doubled, while the median
 * moved by less than what counts. */
static void
test_which_time (void)
{
  FluoGraphChange change = { .pace = 1 };
  g_autofree char *sign = NULL, *faster = NULL;

  change.before.p50_ns = 100 * FLUO_NSEC_PER_MSEC;
  change.after.p50_ns = 115 * FLUO_NSEC_PER_MSEC;
  change.before.p99_ns = 200 * FLUO_NSEC_PER_MSEC;
  change.after.p99_ns = 400 * FLUO_NSEC_PER_MSEC;
  sign = fluo_map_dup_change_sign (&change);
  g_assert_cmpstr (sign, ==, "+100%");
  change.pace = -1;
  change.after.p50_ns = 70 * FLUO_NSEC_PER_MSEC;
  faster = fluo_map_dup_change_sign (&change);
  g_assert_cmpstr (faster, ==, "−30%");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-change/signs", test_signs);
  g_test_add_func ("/map-change/which-time", test_which_time);
  g_test_add_func ("/map-change/drawing", test_drawing);
  g_test_add_func ("/map-change/export", test_export);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <math.h>

#include "app/fluo-resources.h"
#include "app/map/fluo-map-area.h"
#include "fluo-petshop.h"
#include "fluo-test-util.h"
#include "ui-watchdog.h"

/* A map of 1,000 nodes and 2,500 edges, drawn by a worker while the main thread goes on. */

#define NODES 1000
#define EDGES 2500
#define STEPS 12

typedef struct
{
  GtkWidget         *window;
  FluoMapArea       *area;
  FluoServiceGraph  *graph;
  FluoServiceGraph  *next; /* a later answer, or NULL */
  FluoServiceColors *colors;
  double             drag_x;
} Fixture;

static gboolean
has_picture (gpointer data)
{
  Fixture *self = data;

  return !fluo_map_area_is_arranging (self->area) && fluo_map_area_get_picture (self->area) &&
         fluo_map_area_peek_map (self->area);
}

/* Sharp: drawn for the zoom that is on screen. */
static gboolean
is_sharp (gpointer data)
{
  Fixture *self = data;

  return has_picture (data) &&
         fluo_map_picture_get_view (fluo_map_area_get_picture (self->area))->zoom ==
           fluo_map_area_get_view (self->area)->zoom;
}

static gboolean
is_settled (gpointer data)
{
  return !fluo_map_area_is_arranging (((Fixture *) data)->area);
}

/* Takes @graph. */
static void
fixture_init_with (Fixture          *self,
                   FluoServiceGraph *graph)
{
  *self = (Fixture){ .graph = graph, .colors = fluo_service_colors_new () };
  self->window = gtk_window_new ();
  self->area = FLUO_MAP_AREA (fluo_map_area_new ());
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1200, 800);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->area));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
fixture_init (Fixture *self)
{
  fixture_init_with (self, fluo_web_graph_new (NODES, EDGES));
  fluo_map_area_set_graph (self->area, self->graph, self->graph->span, self->colors);
  g_assert_true (fluo_test_wait_until (has_picture, self, FLUO_TEST_PATIENCE_MS));
}

static void
fixture_clear (Fixture *self)
{
  g_object_add_weak_pointer (G_OBJECT (self->area), (gpointer *) &self->area);
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_assert_null (self->area);
  fluo_service_graph_unref (self->graph);
  g_clear_pointer (&self->next, fluo_service_graph_unref);
  g_object_unref (self->colors);
}

static GtkEventController *
find_controller (GtkWidget *widget,
                 GType      type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type) &&
          (!GTK_IS_GESTURE_CLICK (controller) ||
           gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == GDK_BUTTON_PRIMARY))
        return controller;
    }
  g_assert_not_reached ();
}

/* --- Watchdog ------------------------------------------------------------- */

static void
set_graph (gpointer data)
{
  Fixture *self = data;

  fluo_map_area_set_graph (self->area, self->graph, self->graph->span, self->colors);
}

static void
set_next (gpointer data)
{
  Fixture *self = data;

  fluo_map_area_set_graph (self->area, self->next, self->next->span, self->colors);
}

static void
zoom_by (Fixture *self, double factor, double scroll)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion",
    300 + 100 * factor, 400.);
  fluo_map_area_zoom (self->area, factor);
  g_signal_emit_by_name (
    find_controller (GTK_WIDGET (self->area), GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", 0.,
    scroll, &handled);
}

static void
zoom_in (gpointer data)
{
  zoom_by (data, 1.25, -1);
}

static void
zoom_out (gpointer data)
{
  zoom_by (data, 1 / 1.12, 1);
}

static void
drag_by (Fixture *self, double dx)
{
  self->drag_x += dx;
  g_signal_emit_by_name (find_controller (GTK_WIDGET (self->area), GTK_TYPE_GESTURE_DRAG),
                         "drag-update", self->drag_x, self->drag_x / 2);
}

static void
drag_on (gpointer data)
{
  drag_by (data, 40);
}

static void
drag_back (gpointer data)
{
  drag_by (data, -20);
}

static void
test_watchdog (void)
{
  Fixture fixture;
  GtkEventController *drag;
  UiWatchdog dog;

  ui_watchdog_init (&dog);
  fixture_init (&fixture);
  fixture.next = fluo_web_graph_new (NODES, EDGES);
  for (guint i = 0; i < STEPS; i++)
    ui_watchdog_watch (&dog, "zoom", fixture.window, zoom_in, zoom_out, NULL, &fixture);
  drag = find_controller (GTK_WIDGET (fixture.area), GTK_TYPE_GESTURE_DRAG);
  g_signal_emit_by_name (drag, "drag-begin", 20., 20.);
  for (guint i = 0; i < STEPS; i++)
    ui_watchdog_watch (&dog, "drag", fixture.window, drag_on, drag_back, NULL, &fixture);
  g_signal_emit_by_name (drag, "drag-end", fixture.drag_x, fixture.drag_x / 2);
  ui_watchdog_watch (&dog, "sharp", fixture.window, zoom_in, zoom_out, is_sharp, &fixture);
  ui_watchdog_watch (&dog, "another answer with the same services", fixture.window, set_next,
                     set_graph, has_picture, &fixture);
  fixture_clear (&fixture);
}

static void
select_one (gpointer data)
{
  Fixture *self = data;

  fluo_map_area_select (self->area, 4321, FLUO_MAP_NONE);
  fluo_map_area_zoom (self->area, 4);
}

static void
select_none (gpointer data)
{
  Fixture *self = data;

  fluo_map_area_select (self->area, FLUO_MAP_NONE, FLUO_MAP_NONE);
  fluo_map_area_zoom (self->area, .25);
}

/* 5,000 services of 50 names, 100,000 calls in circles and to themselves, shares of nothing and
 * calls that took no time: all of it is laid out and drawn, and the window goes on. */
static void
test_hostile (void)
{
  const FluoMap *map;
  Fixture fixture;
  UiWatchdog dog;

  ui_watchdog_init (&dog);
  fixture_init_with (&fixture, fluo_hostile_graph_new (5000, 100000));
  fixture.next = fluo_hostile_graph_new (500, 2000);
  ui_watchdog_watch (&dog, "few services, and many", fixture.window, set_next, set_graph,
                     has_picture, &fixture);
  map = fluo_map_area_peek_map (fixture.area);
  g_assert_cmpuint (map->n_nodes, ==, 5000);
  for (guint i = 0; i < map->n_nodes; i++)
    g_assert_true (isfinite (map->nodes[i].x) && isfinite (map->nodes[i].y) &&
                   isfinite (map->nodes[i].arcs[0] + map->nodes[i].arcs[1]));
  ui_watchdog_watch (&dog, "selecting", fixture.window, select_one, select_none, NULL, &fixture);
  /* A worker holds the map as long as it works. */
  g_assert_true (fluo_test_wait_until (is_settled, &fixture, FLUO_TEST_PATIENCE_MS));
  fixture_clear (&fixture);
}

/* --- What is seen --------------------------------------------------------- */

/* It fits; zoomed in it is blurred for a moment and then drawn anew. A click meets what is there,
 * also while the picture is that of another zoom. */
static void
test_zoom (void)
{
  Fixture fixture;
  GtkEventController *click;
  const FluoMapView *view;
  const FluoMap *map;
  double x, y;

  fixture_init (&fixture);
  view = fluo_map_area_get_view (fixture.area);
  g_assert_cmpfloat (view->zoom, <, FLUO_MAP_ZOOM_MIN);
  g_assert_true (fluo_map_picture_is_whole (fluo_map_area_get_picture (fixture.area)));
  fluo_map_area_zoom (fixture.area, 5);
  g_assert_false (is_sharp (&fixture));
  map = fluo_map_area_peek_map (fixture.area);
  x = view->pan_x + (map->nodes[10].x - map->view.pan_x) * view->zoom / map->view.zoom;
  y = view->pan_y + (map->nodes[10].y - map->view.pan_y) * view->zoom / map->view.zoom;
  click = find_controller (GTK_WIDGET (fixture.area), GTK_TYPE_GESTURE_CLICK);
  g_signal_emit_by_name (click, "released", 1, x, y);
  g_assert_cmpuint (fluo_map_area_get_node (fixture.area), ==, 10);
  g_assert_true (fluo_test_wait_until (is_sharp, &fixture, FLUO_TEST_PATIENCE_MS));
  g_assert_cmpuint (
    fluo_map_picture_get_view (fluo_map_area_get_picture (fixture.area))->selected_node, ==, 10);
  fluo_map_area_fit (fixture.area);
  g_assert_true (fluo_test_wait_until (is_sharp, &fixture, FLUO_TEST_PATIENCE_MS));
  fixture_clear (&fixture);
}

/* Closing the window does not wait for the worker. */
static void
test_close (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  fluo_map_area_zoom (fixture.area, 3);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  fixture_clear (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return 77;
    }
  adw_init ();
  fluo_app_load_resources (gdk_display_get_default ());
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/map-large/watchdog", test_watchdog);
  g_test_add_func ("/map-large/hostile", test_hostile);
  g_test_add_func ("/map-large/zoom", test_zoom);
  g_test_add_func ("/map-large/close", test_close);
  return g_test_run ();
}

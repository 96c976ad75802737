/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <math.h>
#include <string.h>

#include "draw/fluo-map.h"

/* One frame of the service map of 1,000 nodes while it is panned and zoomed, all that is drawn by
 * ourselves: boxes and picture. */

#define NODES 1000
#define EDGES 2500
#define FRAMES 40 /* a run is the mean of so many: one frame alone is mostly chance */
#define FRAME_MAX_MS 6.0

typedef struct
{
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoServiceColors *colors;
  FluoPainter       *painter;
  cairo_surface_t   *surface;
  FluoMapView        view;
} Frame;

/* A graph as an answer of the API gives it. */
static FluoServiceGraph *
make_graph (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  FluoServiceGraph *graph = fluo_service_graph_new ();
  const char *stats = "{\"OkCount\":9,\"ErrorStatistics\":{\"TotalCount\":0},\"FaultStatistics\":"
                      "{\"TotalCount\":1},\"TotalCount\":10,\"TotalResponseTime\":3}";

  for (guint i = 0; i < NODES; i++)
    {
      g_string_append_printf (text,
                              "%s{\"ReferenceId\":%u,\"Name\":\"service-%u\",\"Type\":"
                              "\"AWS::ECS::Container\",\"SummaryStatistics\":%s,\"Edges\":[",
                              i ? "," : "", i, i, stats);
      for (guint k = 0; k < EDGES / NODES + i % 2 && i + 1 < NODES; k++)
        g_string_append_printf (text, "%s{\"ReferenceId\":%d,\"SummaryStatistics\":%s}",
                                k ? "," : "",
                                g_rand_int_range (rand, (gint32) i + 1, MIN (NODES, i + 80)),
                                stats);
      g_string_append (text, "]}");
    }
  g_string_append (text, "]");
  bytes = g_bytes_new (text->str, text->len);
  tape = fluo_json_tape_new (bytes, NULL);
  g_assert_true (fluo_service_graph_read (graph, tape, 0, NULL));
  return graph;
}

static double
draw_frame (Frame *frame, FluoMap *map)
{
  cairo_t *cr = cairo_create (frame->surface);
  double since = fluo_bench_now (), spent;

  fluo_painter_begin (frame->painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  fluo_map_draw (frame->painter, map, NULL);
  cairo_surface_flush (frame->surface);
  spent = (fluo_bench_now () - since) * 1000;
  cairo_destroy (cr);
  return spent;
}

static FluoMap *
lay_out (Frame *frame)
{
  return fluo_map_layout (frame->painter, frame->graph, frame->topology, frame->layout,
                          frame->colors, &frame->view);
}

static double
run_pan (gpointer data)
{
  Frame *frame = data;
  g_autoptr (FluoMap) map = lay_out (frame);
  double spent = 0;

  for (guint i = 0; i < FRAMES; i++)
    {
      double since = fluo_bench_now ();

      fluo_map_translate (map, i < FRAMES / 2 ? -14 : 14, i < FRAMES / 2 ? -9 : 9);
      spent += (fluo_bench_now () - since) * 1000 + draw_frame (frame, map);
    }
  return spent / FRAMES;
}

static double
run_zoom (gpointer data)
{
  Frame *frame = data;
  double since = fluo_bench_now ();
  g_autoptr (FluoMap) map = lay_out (frame);
  double spent = (fluo_bench_now () - since) * 1000;

  return spent + draw_frame (frame, map);
}

static void
bench_zoom (FluoBench *bench, Frame *frame, const char *name, double zoom)
{
  g_autofree char *figure = g_strconcat ("map/pan-1000-", name, NULL);
  g_autofree char *zoom_figure = g_strconcat ("map/zoom-1000-", name, NULL);

  fluo_map_view_init (&frame->view, 1600, 1000, (FluoTimeSpan) { 0, 0 });
  fluo_map_view_fit (&frame->view, frame->layout);
  fluo_map_view_zoom_at (&frame->view, zoom, 800, 500);
  fluo_bench_run_vs (bench, figure, "ms", run_pan, frame, FRAME_MAX_MS, "a frame's limit");
  fluo_bench_run_vs (bench, zoom_figure, "ms", run_zoom, frame, FRAME_MAX_MS, "a frame's limit");
}

void
fluo_bench_map (FluoBench *bench)
{
  Frame frame = { .graph = make_graph (), .colors = fluo_service_colors_new () };

  frame.topology = fluo_map_topology_new (frame.graph);
  frame.layout = fluo_map_topology_arrange (frame.topology);
  frame.painter = fluo_painter_new ();
  frame.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1600, 1000);
  bench_zoom (bench, &frame, "dots", FLUO_MAP_ZOOM_MIN);
  bench_zoom (bench, &frame, "names", .5);
  bench_zoom (bench, &frame, "full", 1.0);
  cairo_surface_destroy (frame.surface);
  fluo_painter_free (frame.painter);
  fluo_graph_layout_free (frame.layout);
  fluo_map_topology_free (frame.topology);
  fluo_service_colors_free (frame.colors);
  fluo_service_graph_unref (frame.graph);
}

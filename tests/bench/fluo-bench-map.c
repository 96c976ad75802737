/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <math.h>
#include <string.h>

#include "draw/fluo-map-picture.h"

/* One frame of the service map of 1,000 nodes while it is panned and zoomed, and how long a worker
 * takes to draw it anew. */

#define NODES 1000
#define EDGES 2500
#define FRAMES 40 /* a run is the mean of so many: one frame alone is mostly chance */
#define FRAME_MAX_MS 6.0
#define SHARP_MAX_MS 200.0

typedef struct
{
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoServiceColors *colors;
  FluoPainter       *painter;
  FluoPainter       *worker_painter;
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

static FluoMapPicture *
make_picture (Frame *frame)
{
  FluoMapPicture *picture =
    fluo_map_picture_new (frame->graph, frame->topology, frame->layout, frame->colors, &frame->view,
                          fluo_palette_get (FLUO_PALETTE_LIGHT), 1, FLUO_MAP_PICTURE_MARGIN);

  g_assert_true (fluo_map_picture_render (picture, frame->worker_painter));
  return picture;
}

/* What the main thread does for a frame, where the image is not left to the graphics card. */
static double
draw_frame (Frame          *frame,
            FluoMapPicture *picture)
{
  const double since = fluo_bench_work_ms ();
  cairo_t *cr = cairo_create (frame->surface);

  fluo_painter_begin (frame->painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  fluo_color_set (cr, fluo_painter_get_palette (frame->painter)->view);
  cairo_paint (cr);
  fluo_map_picture_paint (picture, cr, &frame->view);
  fluo_map_picture_draw_minimap (picture, frame->painter, &frame->view);
  fluo_painter_end (frame->painter);
  cairo_surface_flush (frame->surface);
  cairo_destroy (cr);
  return fluo_bench_work_ms () - since;
}

static double
run_pan (gpointer data)
{
  Frame *frame = data;
  const FluoMapView before = frame->view;
  g_autoptr (FluoMapPicture) picture = make_picture (frame);
  double spent = 0;

  for (guint i = 0; i < FRAMES; i++)
    {
      frame->view.pan_x += i < FRAMES / 2 ? -14 : 14;
      frame->view.pan_y += i < FRAMES / 2 ? -9 : 9;
      spent += draw_frame (frame, picture);
    }
  frame->view = before;
  return spent / FRAMES;
}

static double
run_zoom (gpointer data)
{
  Frame *frame = data;
  const FluoMapView before = frame->view;
  g_autoptr (FluoMapPicture) picture = make_picture (frame);
  double spent = 0;

  for (guint i = 0; i < FRAMES; i++)
    {
      fluo_map_view_zoom_at (&frame->view, frame->view.zoom * (i < FRAMES / 2 ? 1.02 : 1 / 1.02),
                             700, 300);
      spent += draw_frame (frame, picture);
    }
  frame->view = before;
  return spent / FRAMES;
}

/* How long the worker takes until it is sharp again. */
static double
run_sharp (gpointer data)
{
  const double since = fluo_bench_work_ms ();

  fluo_map_picture_unref (make_picture (data));
  return fluo_bench_work_ms () - since;
}

static void
bench_zoom (FluoBench *bench, Frame *frame, const char *name, double zoom)
{
  g_autofree char *pan_figure = g_strconcat ("map/pan-1000-", name, NULL);
  g_autofree char *zoom_figure = g_strconcat ("map/zoom-1000-", name, NULL);
  g_autofree char *sharp_figure = g_strconcat ("map/sharp-1000-", name, NULL);

  fluo_map_view_init (&frame->view, 1600, 1000, (FluoTimeSpan) { 0, 0 });
  fluo_map_view_fit (&frame->view, frame->layout);
  if (zoom > 0)
    fluo_map_view_zoom_at (&frame->view, zoom, 800, 500);
  fluo_bench_run_vs (bench, pan_figure, "ms", run_pan, frame, FRAME_MAX_MS, "a frame's limit");
  fluo_bench_run_vs (bench, zoom_figure, "ms", run_zoom, frame, FRAME_MAX_MS, "a frame's limit");
  fluo_bench_run_vs (bench, sharp_figure, "ms", run_sharp, frame, SHARP_MAX_MS,
                     "what is noticed");
}

void
fluo_bench_map (FluoBench *bench)
{
  Frame frame = { .graph = make_graph (), .colors = fluo_service_colors_new () };

  frame.topology = fluo_map_topology_new (frame.graph);
  frame.layout = fluo_map_topology_arrange (frame.topology);
  frame.painter = fluo_painter_new ();
  frame.worker_painter = fluo_painter_new ();
  frame.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1600, 1000);
  bench_zoom (bench, &frame, "all", 0);
  bench_zoom (bench, &frame, "dots", FLUO_MAP_ZOOM_MIN);
  bench_zoom (bench, &frame, "names", .5);
  bench_zoom (bench, &frame, "full", 1.0);
  cairo_surface_destroy (frame.surface);
  fluo_painter_free (frame.painter);
  fluo_painter_free (frame.worker_painter);
  fluo_graph_layout_free (frame.layout);
  fluo_map_topology_free (frame.topology);
  g_object_unref (frame.colors);
  fluo_service_graph_unref (frame.graph);
}

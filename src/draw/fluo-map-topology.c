/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "draw/fluo-map-private.h"

/* Pitches of DESIGN.md section 1, between their limits of 170 to 194 and 132 to 140. */
#define COLUMN_PITCH_PX 188.0
#define ROW_PITCH_PX 136.0
/* Node and label together. Longer names are cut, so no node is wider than a column. */
#define NODE_WIDTH_MIN_PX 142.0
#define NODE_WIDTH_MAX_PX 170.0
#define NODE_HEIGHT_PX 112.0
#define NAME_CHAR_PX 7.4
/* Trouble spreads this many calls upstream when rows are ordered; deeper maps only lose some of the
 * ordering. */
#define IMPORTANCE_ROUNDS 12
/* What is drawn around the outermost ring centres: half a label to the sides, badge above, labels
 * below. */
#define MARGIN_X_PX 78.0
#define MARGIN_TOP_PX 52.0
#define MARGIN_BOTTOM_PX 90.0
#define ROUTE_MARGIN_PX 24.0
/* A map of 10,000 nodes in the smallest window; under this a ring is less than a px. */
#define ZOOM_FIT_MIN 0.002
/* A whole map with names keeps clear of the corners. */
#define FIT_ASIDE_ZOOM_MIN 0.45
#define FIT_STEP_PX 8.0
/* As much of the map as panning leaves in sight. */
#define KEEP_IN_SIGHT_PX 80.0

typedef struct
{
  char **keys; /* by index in the graph */
} SortData;

static int
compare_nodes (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  const SortData *data = user_data;
  const guint one = *(const guint *) a;
  const guint other = *(const guint *) b;
  const int order = strcmp (data->keys[one], data->keys[other]);

  return order ? order : (one > other) - (one < other);
}

/* A graph of 100,000 edges is sorted between two frames: by numbers, not by names. */
typedef struct
{
  guint64 ends; /* ranks of the nodes, then whether it is linked */
  guint   edge;
} KeyedEdge;

static int
compare_edges (gconstpointer a,
               gconstpointer b)
{
  const KeyedEdge *one = a;
  const KeyedEdge *other = b;

  if (one->ends != other->ends)
    return one->ends < other->ends ? -1 : 1;
  return (one->edge > other->edge) - (one->edge < other->edge);
}

/* The nodes have their ranks. */
static void
fill_edges (FluoMapTopology        *self,
            const FluoServiceGraph *graph)
{
  g_autofree KeyedEdge *keyed = g_new (KeyedEdge, graph->edges->len + 1);

  self->n_edges = graph->edges->len;
  self->edges = g_new (guint, self->n_edges);
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);

      keyed[i] = (KeyedEdge){ (guint64) self->ranks[edge->from] << 33 |
                                (guint64) self->ranks[edge->to] << 1 | !!edge->linked,
                              i };
    }
  qsort (keyed, self->n_edges, sizeof (KeyedEdge), compare_edges);
  for (guint i = 0; i < self->n_edges; i++)
    self->edges[i] = keyed[i].edge;
}

/* The part of all calls that enter the map: the clients' calls, else the entries' own, else the
 * busiest edge. */
static double
entry_traffic (const FluoServiceGraph *graph)
{
  gint64 clients = 0;
  gint64 roots = 0;
  gint64 most = 0;

  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, i);
      const FluoGraphNode *from = g_ptr_array_index (graph->nodes, edge->from);
      const gint64 total = fluo_call_stats_total (&edge->stats);

      if (g_strcmp0 (from->type, "client") == 0)
        clients += total;
      most = MAX (most, total);
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      if (node->root)
        roots += fluo_call_stats_total (&node->stats);
    }
  return MAX (1.0, clients > 0 ? clients : MAX (roots, most));
}

/* The worst path first: a node is as important as the highest fault rate that it or anything it
 * calls has; among healthy ones traffic decides. */
static void
rate_importance (FluoMapTopology        *self,
                 const FluoServiceGraph *graph)
{
  const double entry = entry_traffic (graph);

  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, self->nodes[i]);
      const double rate = fluo_call_stats_fault_rate (&node->stats);

      /* Below one percent is noise that must not shuffle rows. */
      self->sizes[i].importance = rate >= .01 ? rate * 100 : 0;
    }
  for (guint round = 0; round < IMPORTANCE_ROUNDS; round++)
    for (guint i = 0; i < self->n_edges; i++)
      {
        const FluoLayoutEdge *link = &self->links[i];

        self->sizes[link->from].importance =
          MAX (self->sizes[link->from].importance, self->sizes[link->to].importance);
      }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, self->nodes[i]);

      self->sizes[i].importance += MIN (1.0, fluo_call_stats_total (&node->stats) / entry);
    }
}

static void
fill_nodes (FluoMapTopology        *self,
            const FluoServiceGraph *graph,
            SortData               *data)
{
  self->n_nodes = graph->nodes->len;
  self->nodes = g_new (guint, self->n_nodes);
  self->ranks = g_new (guint, self->n_nodes);
  self->keys = g_new0 (char *, self->n_nodes + 1);
  self->sizes = g_new0 (FluoLayoutNode, self->n_nodes);
  for (guint i = 0; i < self->n_nodes; i++)
    self->nodes[i] = i;
  g_qsort_with_data (self->nodes, (int) self->n_nodes, sizeof (guint), compare_nodes, data);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, self->nodes[i]);
      const double width =
        g_utf8_strlen (fluo_kind_get_display_name (node->type, node->name), 64) * NAME_CHAR_PX;

      self->ranks[self->nodes[i]] = i;
      self->keys[i] = g_steal_pointer (&data->keys[self->nodes[i]]);
      self->sizes[i].width = CLAMP (width, NODE_WIDTH_MIN_PX, NODE_WIDTH_MAX_PX);
      self->sizes[i].height = NODE_HEIGHT_PX;
    }
}

FluoMapTopology *
fluo_map_topology_new (const FluoServiceGraph *graph)
{
  FluoMapTopology *self;
  SortData data = { NULL };
  double entry;

  g_return_val_if_fail (graph != NULL, NULL);

  self = g_new0 (FluoMapTopology, 1);
  g_atomic_ref_count_init (&self->ref_count);
  data.keys = g_new0 (char *, graph->nodes->len + 1);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (graph->nodes, i);

      data.keys[i] = fluo_graph_node_dup_key (node);
    }
  fill_nodes (self, graph, &data);
  fill_edges (self, graph);
  g_free (data.keys);

  self->links = g_new0 (FluoLayoutEdge, self->n_edges);
  entry = entry_traffic (graph);
  for (guint i = 0; i < self->n_edges; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (graph->edges, self->edges[i]);

      self->links[i].from = self->ranks[edge->from];
      self->links[i].to = self->ranks[edge->to];
      self->links[i].weight = MIN (1.0, fluo_call_stats_total (&edge->stats) / entry);
    }
  rate_importance (self, graph);
  return self;
}

FluoMapTopology *
fluo_map_topology_ref (FluoMapTopology *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
fluo_map_topology_free (FluoMapTopology *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_nodes; i++)
    g_free (self->keys[i]);
  g_free (self->keys);
  g_free (self->nodes);
  g_free (self->ranks);
  g_free (self->sizes);
  g_free (self->edges);
  g_free (self->links);
  g_free (self);
}

gboolean
fluo_map_topology_equal (const FluoMapTopology *a,
                         const FluoMapTopology *b)
{
  if (!a || !b || a->n_nodes != b->n_nodes || a->n_edges != b->n_edges)
    return FALSE;
  for (guint i = 0; i < a->n_nodes; i++)
    if (!g_str_equal (a->keys[i], b->keys[i]))
      return FALSE;
  for (guint i = 0; i < a->n_edges; i++)
    if (a->links[i].from != b->links[i].from || a->links[i].to != b->links[i].to)
      return FALSE;
  return TRUE;
}

static const FluoLayoutOptions options = { .column_pitch = COLUMN_PITCH_PX,
                                           .row_pitch = ROW_PITCH_PX };

/* [worker] */
FluoGraphLayout *
fluo_map_topology_follow (const FluoMapTopology *self,
                          const FluoGraphLayout *previous,
                          const FluoLayoutHint  *hints,
                          const guint           *edges)
{
  return fluo_graph_layout_update (self->sizes, self->n_nodes, self->links, self->n_edges, &options,
                                   previous, hints, edges);
}

/* [worker] */
FluoGraphLayout *
fluo_map_topology_arrange (const FluoMapTopology *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return fluo_graph_layout_new (self->sizes, self->n_nodes, self->links, self->n_edges, &options);
}

/* --- View ----------------------------------------------------------------- */

void
fluo_map_view_init (FluoMapView *self,
                    double       width,
                    double       height,
                    FluoTimeSpan span)
{
  g_return_if_fail (self != NULL);

  *self = (FluoMapView) {
    .width = width,
    .height = height,
    .zoom = 1.0,
    .zoom_min = FLUO_MAP_ZOOM_MIN,
    .margin = INFINITY,
    .span = span,
    .selected_node = FLUO_MAP_NONE,
    .selected_edge = FLUO_MAP_NONE,
    .focus_node = FLUO_MAP_NONE,
    .hover_node = FLUO_MAP_NONE,
    .hover_edge = FLUO_MAP_NONE,
  };
}

/* Lines pass above the first node and below the last one too. */
static void
extend_by_routes (const FluoGraphLayout *layout,
                  double                *top,
                  double                *bottom)
{
  for (guint i = 0; i < layout->n_edges; i++)
    {
      const GArray *points = layout->routes[i].points;

      for (guint j = 1; points && j < points->len; j += 2)
        {
          const double y = g_array_index (points, double, j);

          *top = MIN (*top, y - ROUTE_MARGIN_PX);
          *bottom = MAX (*bottom, y + ROUTE_MARGIN_PX);
        }
    }
}

/* At 100 %, with what is drawn around the rings. */
static FluoMapBox
layout_extent (const FluoGraphLayout *layout)
{
  double left = INFINITY;
  double top = INFINITY;
  double right = -INFINITY;
  double bottom = -INFINITY;

  for (guint i = 0; i < layout->n_nodes; i++)
    {
      const FluoLayoutPlace *place = &layout->places[i];

      if (!isfinite (place->x) || !isfinite (place->y))
        continue;
      left = MIN (left, place->x);
      right = MAX (right, place->x);
      top = MIN (top, place->y);
      bottom = MAX (bottom, place->y);
    }
  if (left > right)
    return (FluoMapBox) { 0, 0, 0, 0 };
  top -= MARGIN_TOP_PX;
  bottom += MARGIN_BOTTOM_PX;
  extend_by_routes (layout, &top, &bottom);
  return (FluoMapBox) { left - MARGIN_X_PX, top, right - left + 2 * MARGIN_X_PX, bottom - top };
}

static double
fit_zoom (const FluoMapView *self,
          const FluoMapBox  *extent)
{
  if (extent->width <= 0 || self->width <= 0 || self->height <= 0)
    return 1;
  return CLAMP (MIN (self->width / extent->width, self->height / extent->height), ZOOM_FIT_MIN, 1);
}

void
fluo_map_view_limit (FluoMapView           *self,
                     const FluoGraphLayout *layout)
{
  FluoMapBox extent;

  g_return_if_fail (self != NULL && layout != NULL);

  extent = layout_extent (layout);
  self->zoom_min = MIN (FLUO_MAP_ZOOM_MIN, fit_zoom (self, &extent));
}

static void
fit_between (FluoMapView      *self,
             const FluoMapBox *extent,
             double            top,
             double            bottom)
{
  FluoMapView view = *self;

  view.height = bottom - top;
  self->zoom = fit_zoom (&view, extent);
  self->pan_x = (self->width - extent->width * self->zoom) / 2 - extent->x * self->zoom;
  self->pan_y = top + (view.height - extent->height * self->zoom) / 2 - extent->y * self->zoom;
}

/* Slides the whole layout sideways or else up, as little as it takes, until no node or label lies
 * under what is over the lower corners. FALSE where there is no such place. */
static gboolean
dodge_corners (FluoMapView           *self,
               const FluoGraphLayout *layout,
               const FluoMapBox      *extent)
{
  const double top = self->height - self->corner_height;
  const double aside = MARGIN_X_PX * self->zoom;
  const double left = self->pan_x + extent->x * self->zoom;
  const double below = self->zoom < FIT_ASIDE_ZOOM_MIN ? 1.5 * FLUO_MAP_RADIUS_PX
                                                       : MARGIN_BOTTOM_PX - FLUO_MAP_RADIUS_PX / 2;
  const double room = self->pan_y + extent->y * self->zoom - MIN (self->top, self->height / 2);
  double least = -left;
  double most = self->width - left - extent->width * self->zoom;
  double lift = 0;

  for (guint i = 0; i < layout->n_nodes; i++)
    {
      const double x = self->pan_x + layout->places[i].x * self->zoom;
      const double y = self->pan_y + layout->places[i].y * self->zoom;
      const double under = y + below * self->zoom - top;

      if (under <= 0)
        continue;
      least = MAX (least, self->corner_left - (x - aside));
      most = MIN (most, self->width - self->corner_right - (x + aside));
      if (x - aside < self->corner_left || x + aside > self->width - self->corner_right)
        lift = MAX (lift, under);
    }
  /* What fits exactly may miss by a rounding. */
  if (least <= most + 0.01)
    self->pan_x += MAX (MIN (0, most), least);
  else if (lift <= room)
    self->pan_y -= lift;
  else
    return FALSE;
  return TRUE;
}

void
fluo_map_view_fit (FluoMapView           *self,
                   const FluoGraphLayout *layout)
{
  FluoMapBox extent;
  double top, bottom;

  g_return_if_fail (self != NULL && layout != NULL);

  fluo_map_view_limit (self, layout);
  extent = layout_extent (layout);
  top = MIN (self->top, self->height / 2);
  /* Names are worth more than a place clear of what lies over the corners, and dots are small
   * enough to be found behind it. What lies over the top may be as wide as the map. */
  fit_between (self, &extent, top, self->height);
  bottom = self->height;
  while (self->height > 2 * self->corner_height && !dodge_corners (self, layout, &extent))
    {
      /* Only as much smaller as it takes: often one label touches a button. */
      bottom = MAX (bottom - FIT_STEP_PX, self->height - self->corner_height);
      fit_between (self, &extent, top, bottom);
      if (bottom <= self->height - self->corner_height)
        break;
    }
  if (self->zoom < FIT_ASIDE_ZOOM_MIN)
    {
      fit_between (self, &extent, top, self->height);
      dodge_corners (self, layout, &extent);
    }
}

gboolean
fluo_map_view_shows_all (const FluoMapView     *self,
                         const FluoGraphLayout *layout)
{
  FluoMapBox extent;
  double x, y;

  g_return_val_if_fail (self != NULL && layout != NULL, FALSE);

  extent = layout_extent (layout);
  x = self->pan_x + extent.x * self->zoom;
  y = self->pan_y + extent.y * self->zoom;
  return x >= 0 && y >= 0 && x + extent.width * self->zoom <= self->width &&
         y + extent.height * self->zoom <= self->height;
}

gboolean
fluo_map_view_nudge (FluoMapView           *self,
                     const FluoGraphLayout *layout)
{
  FluoMapView moved;
  FluoMapBox extent;
  double width, height, top;

  g_return_val_if_fail (self != NULL && layout != NULL, FALSE);

  extent = layout_extent (layout);
  width = extent.width * self->zoom;
  height = extent.height * self->zoom;
  top = MIN (self->top, self->height / 2);
  if (width > self->width || height > self->height - top)
    return FALSE;
  moved = *self;
  moved.pan_x = CLAMP (self->pan_x, -extent.x * self->zoom,
                       self->width - width - extent.x * self->zoom);
  moved.pan_y = CLAMP (self->pan_y, top - extent.y * self->zoom,
                       self->height - height - extent.y * self->zoom);
  if (!dodge_corners (&moved, layout, &extent))
    return FALSE;
  self->pan_x = moved.pan_x;
  self->pan_y = moved.pan_y;
  return TRUE;
}

void
fluo_map_view_zoom_at (FluoMapView *self,
                       double       zoom,
                       double       x,
                       double       y)
{
  double ratio;

  g_return_if_fail (self != NULL);

  if (!isfinite (zoom) || self->zoom <= 0)
    return;
  zoom = CLAMP (zoom, self->zoom_min, FLUO_MAP_ZOOM_MAX);
  ratio = zoom / self->zoom;
  self->pan_x = x - (x - self->pan_x) * ratio;
  self->pan_y = y - (y - self->pan_y) * ratio;
  self->zoom = zoom;
}

void
fluo_map_view_clamp (FluoMapView           *self,
                     const FluoGraphLayout *layout)
{
  FluoMapBox extent;
  double left, top, keep_x, keep_y;

  g_return_if_fail (self != NULL && layout != NULL);

  extent = layout_extent (layout);
  if (extent.width <= 0)
    return;
  left = self->pan_x + extent.x * self->zoom;
  top = self->pan_y + extent.y * self->zoom;
  keep_x = MIN (KEEP_IN_SIGHT_PX, self->width / 2);
  keep_y = MIN (KEEP_IN_SIGHT_PX, self->height / 2);
  self->pan_x +=
    MAX (0, keep_x - (left + extent.width * self->zoom)) - MAX (0, left - (self->width - keep_x));
  self->pan_y +=
    MAX (0, keep_y - (top + extent.height * self->zoom)) - MAX (0, top - (self->height - keep_y));
}

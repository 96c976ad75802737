/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-paint.h"
#include "graph/fluo-graph-difference.h"
#include "graph/fluo-graph-layout.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* The service map as a picture: topology → layout → boxes → draw and hit. Coordinates of boxes are
 * CSS px of the picture, (0, 0) at its top left; coordinates of the layout are px at 100 % zoom. To
 * draw a graph once:
 *
 *   g_autoptr (FluoMapTopology) topology = fluo_map_topology_new (graph);
 *   g_autoptr (FluoGraphLayout) layout = fluo_map_topology_arrange (topology);
 *   FluoMapView view;
 *   fluo_map_view_init (&view, width, height, span);
 *   fluo_map_view_fit (&view, layout);
 *   g_autoptr (FluoMap) map = fluo_map_layout (painter, graph, topology, layout, colors, &view);
 *   fluo_map_draw (painter, map, NULL);
 */

#define FLUO_MAP_NONE G_MAXUINT
#define FLUO_MAP_ZOOM_MIN 0.25
#define FLUO_MAP_ZOOM_MAX 3.0
/* Under these the labels keep the name only, and the nodes become dots. */
#define FLUO_MAP_ZOOM_NUMBERS 0.6
#define FLUO_MAP_ZOOM_NAMES 0.4
#define FLUO_MAP_RADIUS_PX 25.0

/* --- Which nodes and edges there are -------------------------------------- */

/* The nodes and edges of a graph in an order that depends on their names only, so that the same set
 * gives the same layout however the answer listed it. Owns its strings; may go to a worker.
 * Reference counted atomically; does not change once it is made. */
typedef struct
{
  gatomicrefcount ref_count;
  guint           n_nodes;
  guint          *nodes;   /* rank -> index in the graph */
  guint          *ranks;   /* index in the graph -> rank */
  char          **keys;    /* by rank */
  FluoLayoutNode *sizes;   /* by rank */
  guint           n_edges;
  guint          *edges;   /* rank -> index in the graph */
  FluoLayoutEdge *links;   /* by rank; from and to are ranks of nodes */
} FluoMapTopology;

FluoMapTopology *fluo_map_topology_new     (const FluoServiceGraph *graph);
FluoMapTopology *fluo_map_topology_ref     (FluoMapTopology *self);
/* Drops a reference. */
void             fluo_map_topology_free    (FluoMapTopology *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMapTopology, fluo_map_topology_free)
/* The same nodes joined by the same edges: a layout of one serves the other. */
gboolean         fluo_map_topology_equal   (const FluoMapTopology *a, const FluoMapTopology *b);
/* Any thread. Never NULL. */
FluoGraphLayout *fluo_map_topology_arrange (const FluoMapTopology *self);

/* --- Arranging ------------------------------------------------------------ */

/* Where the user put a node, in px of the layout. */
typedef struct
{
  double x, y;
} FluoMapPin;

/* A layout to be made: everything a worker needs. */
typedef struct _FluoMapArrangement FluoMapArrangement;

/* Takes @topology. With @previous and its @layout (both nullable) what was there stays where it
 * was; without, everything is arranged anew. @pins (nullable): FluoMapPin by key. */
FluoMapArrangement *fluo_map_arrangement_new  (FluoMapTopology *topology,
                                               FluoMapTopology *previous,
                                               FluoGraphLayout *layout, GHashTable *pins);
void                fluo_map_arrangement_free (FluoMapArrangement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMapArrangement, fluo_map_arrangement_free)
/* Once, in any thread. Never NULL. */
FluoGraphLayout    *fluo_map_arrangement_run  (FluoMapArrangement *self);
/* On the way from one layout of the same nodes and edges to another: @t from 0 to 1. */
FluoGraphLayout    *fluo_map_blend (const FluoMapTopology *topology, const FluoGraphLayout *from,
                                    const FluoGraphLayout *to, double t);
/* The layout with one node at another place, as while it is being dragged. */
FluoGraphLayout    *fluo_map_drag  (const FluoMapTopology *topology, const FluoGraphLayout *layout,
                                    guint rank, double x, double y);

/* --- View ----------------------------------------------------------------- */

typedef struct
{
  double        width, height;    /* of the picture */
  double        zoom;             /* 1 = 100 % */
  double        zoom_min;         /* at which the whole layout shows; at most FLUO_MAP_ZOOM_MIN */
  double        pan_x, pan_y;     /* picture position of the layout's origin */
  /* What lies over the lower corners of the picture, in px: fit() keeps clear where it can. */
  double        corner_left, corner_right, corner_height;
  double        top;              /* px of the tools and the notice over it, likewise */
  double        margin;           /* px around the picture that are laid out with it, or INFINITY:
                                     everything. What lies further out has a ring and no text. */
  FluoTimeSpan  span;             /* for rates a minute; empty = the graph's own */
  /* Indexes in the graph or FLUO_MAP_NONE. */
  guint         selected_node, selected_edge;
  guint         focus_node;       /* has a keyboard focus ring */
  guint         hover_node, hover_edge;
  const guint8 *picked;           /* one byte per node: selected with others; NULL: none. Borrowed
                                     until layout or set_state return */
  guint         picked_serial;    /* grows with every change of it */
  gboolean      inactive;         /* the window is not active: the selection is grey */
  /* The map shows what changed between two ranges; NULL: what is. Of the graph's nodes and edges;
     borrowed until layout returns. */
  FluoGraphDifference *difference;
  /* The map shows what is, and which nodes are slower than is usual for them; NULL: not known. Of
     the graph's nodes; borrowed as above. */
  FluoGraphDifference *usual;
  const guint8 *matching; /* one byte per node of the graph, or NULL: all match. Borrowed until
                             layout returns */
  const guint8 *alarmed;  /* likewise: an alarm rings for the node; NULL: for none */
} FluoMapView;

/* 100 %, nothing selected. */
void fluo_map_view_init    (FluoMapView *self, double width, double height, FluoTimeSpan span);
/* Zooms and pans so that the whole layout with its labels shows, at most at 100 %; a large one
 * needs less than FLUO_MAP_ZOOM_MIN. */
void fluo_map_view_fit     (FluoMapView *self, const FluoGraphLayout *layout);
/* Pans as little as possible so that the whole layout shows at the zoom there is, clear of what
 * lies over the corners; FALSE when it does not fit. */
gboolean fluo_map_view_nudge (FluoMapView *self, const FluoGraphLayout *layout);
/* Whether no part of the layout is beyond the edges of the picture. */
gboolean fluo_map_view_shows_all (const FluoMapView *self, const FluoGraphLayout *layout);
/* How far out one can zoom: whenever the size or the layout is another. fit() does it, too. */
void fluo_map_view_limit   (FluoMapView *self, const FluoGraphLayout *layout);
/* Keeps the point (@x, @y) of the picture where it is; @zoom is clamped. */
void fluo_map_view_zoom_at (FluoMapView *self, double zoom, double x, double y);
/* Keeps at least a corner of the layout inside the picture. */
void fluo_map_view_clamp   (FluoMapView *self, const FluoGraphLayout *layout);

/* --- Boxes ---------------------------------------------------------------- */

typedef struct
{
  double x, y, width, height;
} FluoMapBox;

typedef enum
{
  FLUO_MAP_DETAIL_DOTS,   /* under FLUO_MAP_ZOOM_NAMES */
  FLUO_MAP_DETAIL_NAMES,  /* under FLUO_MAP_ZOOM_NUMBERS */
  FLUO_MAP_DETAIL_FULL
} FluoMapDetail;

typedef struct
{
  guint       node;          /* index in the graph */
  double      x, y, radius;  /* the ring */
  FluoMapBox  bounds;        /* of all that is drawn */
  FluoMapBox  label;         /* name, type and numbers; width 0 = none */
  FluoMapBox  badge;         /* width 0 = none */
  char       *name;          /* cut in the middle where it is long */
  char       *type;
  char       *numbers;       /* "472 ms · 2.15 s · 193/min" */
  char       *badge_text;    /* "2.4%" or NULL */
  const char *icon;          /* static */
  double      arcs[3];       /* of the ring: fault, throttle, error; 0..1 */
  const FluoGraphChange *change; /* or NULL; the map's */
  const FluoGraphChange *usual;  /* against what is usual for it, or NULL; the map's */
  FluoMapBox  sign;          /* of what changed, or is slower than usual; width 0 = none */
  char       *sign_text;     /* "new", "gone", "+38%" or NULL */
  guint       color;         /* service colour */
  gboolean    client;
  gboolean    dimmed;        /* does not match */
  gboolean    picked;        /* selected with others */
  FluoMapBox  bell;          /* an alarm rings for it; width 0 = none */
  gboolean    crossed;       /* an edge runs behind the label, which then needs a halo */
} FluoMapNode;

typedef struct
{
  guint       edge;          /* index in the graph */
  guint       from, to;      /* indexes in the graph */
  guint       first_point;   /* in FluoMap.points: 1 + 3 n of cubic Béziers */
  guint       n_curves;
  double      width;
  double      middle_x, middle_y;
  double      angle;         /* of the arrow head, at the last point */
  FluoMapBox  bounds;
  FluoStatus  status;        /* FAULT, ERROR or OK; of a change: what became more frequent */
  const FluoGraphChange *change; /* or NULL; the map's */
  gboolean    linked;
  gboolean    dimmed;
  char       *rate;          /* "152/min" */
  char       *trouble;       /* "3.0% faults", "+2.1 pts faults" or NULL */
} FluoMapEdge;

typedef struct
{
  double x, y;
} FluoMapPoint;

typedef struct
{
  FluoMapView   view;        /* its borrowed lists are NULL here; holds references to its
                                differences */
  FluoMapDetail detail;
  double        text_scale;
  FluoMapBox    extent;      /* of the whole layout, in the picture */
  double        rate_min, rate_max; /* of the edges, a minute: for the legend */
  double        legend_width; /* px */
  guint         n_nodes;
  guint         n_alarmed;   /* of them */
  gboolean      has_times;   /* any of them has response times */
  FluoMapNode  *nodes;       /* by index in the graph */
  guint         n_edges;
  FluoMapEdge  *edges;       /* in drawing order: the worst last */
  GArray       *points;      /* FluoMapPoint */
} FluoMap;

/* Measures text through @painter. @colors (nullable) gives new services their colour, in the order
 * in which they appeared. */
FluoMap *fluo_map_layout (FluoPainter *painter, const FluoServiceGraph *graph,
                          const FluoMapTopology *topology, const FluoGraphLayout *layout,
                          FluoServiceColors *colors, const FluoMapView *view);
void     fluo_map_free      (FluoMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMap, fluo_map_free)
/* Moves everything by so many px, as panning does: far cheaper than a new layout, which is only
 * needed for the halos of labels that come into sight. */
void     fluo_map_translate (FluoMap *self, double dx, double dy);
/* Takes over selection, focus, hover and inactive from @view: what is cheaper than a new layout. */
void     fluo_map_set_state (FluoMap *self, const FluoMapView *view);

/* Draws background, edges and nodes; @clip (nullable) limits what is visited. */
void     fluo_map_draw      (FluoPainter *painter, const FluoMap *self, const FluoMapBox *clip);

/* What hover adds, over a picture that was drawn without it; with @selection also what is selected
 * and focused. */
void     fluo_map_draw_overlay (FluoPainter *painter, const FluoMap *self, gboolean selection);
/* A box that is being drawn around nodes. */
void     fluo_map_draw_band (FluoPainter *painter, const FluoMapBox *box);
/* A ring that leaves the node; @t from 0 to 1. */
void     fluo_map_draw_pulse (FluoPainter *painter, const FluoMap *self, guint node, double t);

typedef enum
{
  FLUO_MAP_HIT_NOTHING,
  FLUO_MAP_HIT_NODE,
  FLUO_MAP_HIT_EDGE
} FluoMapHit;

/* What is at (@x, @y); @ret_index (nullable) is an index in the graph. Nodes win over edges. */
FluoMapHit fluo_map_hit     (const FluoMap *self, double x, double y, guint *ret_index);
/* The nodes whose rings lie in @box, as bytes: 1 per node, the caller's. */
guint8    *fluo_map_dup_nodes_in (const FluoMap *self, const FluoMapBox *box);

/* --- Export --------------------------------------------------------------- */

/* What a file shows of a map. All borrowed; @colors is the caller's alone where it is another
 * thread. */
typedef struct
{
  const FluoServiceGraph *graph;
  const FluoMapTopology  *topology;
  const FluoGraphLayout  *layout;
  FluoServiceColors      *colors;     /* nullable */
  FluoGraphDifference    *difference; /* of @graph, or NULL */
  FluoGraphDifference    *usual;      /* likewise: slower than usual is marked */
  const guint8           *matching;   /* one byte per node, or NULL: all match */
  FluoTimeSpan            span;
  const char             *filter;     /* that the traces match; NULL or "" = none */
} FluoMapExport;

/* Writes the whole map with legend, day and range to @path, which ends in .png, .svg, .pdf or .md
 * (tables of what it shows); for paper, whatever the screen looks like. Any thread. */
gboolean fluo_map_export (const FluoMapExport *self, const char *path, double scale,
                          GError **error);

/* --- Furniture ------------------------------------------------------------ */

#define FLUO_MAP_LEGEND_WIDTH_PX 322.0
/* Where words are longer. */
#define FLUO_MAP_LEGEND_WIDEST_PX 440.0
#define FLUO_MAP_MINIMAP_WIDTH_PX 176.0
#define FLUO_MAP_MINIMAP_HEIGHT_PX 112.0
#define FLUO_MAP_LEGEND_HEIGHT_PX 80.0
#define FLUO_MAP_LEGEND_ROW_PX 22.0

/* How high the legend of that map is, in px: with a row more where something is slower than
 * usual or an alarm rings. */
double fluo_map_legend_height (const FluoMap *self);
/* NULL: as narrow as it can be. */
double fluo_map_legend_width  (const FluoMap *self);
void fluo_map_draw_legend (FluoPainter *painter, const FluoMap *self, double x, double y);
/* The legend's line about the numbers under the names: what they are, or, where the zoom shows
 * none, from which zoom on there are some. Always one line: were the legend's height to follow the
 * zoom, the room kept clear for it would too, and with that the zoom that fits. Newly allocated. */
char *fluo_map_dup_numbers_legend (const FluoMap *self);
void fluo_map_draw_minimap (FluoPainter *painter, const FluoMap *self, double x, double y);
/* The point of the picture under (@x, @y) of the minimap, or the map's nearest to it: who goes
 * there sees the map. */
FluoMapPoint fluo_map_minimap_point  (const FluoMap *self, double x, double y);

/* --- Words ---------------------------------------------------------------- */

/* "payments, Lambda function, 193 requests a minute, p50 472 milliseconds, p99 2.15 seconds, 2.4
 * percent faults". Newly allocated. */
char *fluo_map_dup_node_sentence (const FluoServiceGraph *graph, guint node, FluoTimeSpan span);
char *fluo_map_dup_edge_sentence (const FluoServiceGraph *graph, guint edge, FluoTimeSpan span);
/* "slower: p50 472 milliseconds, was 300 milliseconds"; "new"; NULL when nothing changed. */
char *fluo_map_dup_change_sentence (const FluoGraphChange *change);
/* "+210 ms · +1.2 s · −12/min": what stands under a name of a map of changes. */
char *fluo_map_dup_change_numbers (const FluoGraphChange *change);
/* "new", "gone", "+38%" for by how much it is slower or faster; NULL: neither. */
char *fluo_map_dup_change_sign (const FluoGraphChange *change);
/* "slower +38% · +2.4 pts faults"; "" when nothing changed. */
char *fluo_map_dup_change_brief (const FluoGraphChange *change);
/* "+2.4 pts": the difference of two shares in percentage points. */
char *fluo_map_format_points (double difference);
/* Calls a minute: a client's are those of its edges. */
double fluo_map_node_rate (const FluoServiceGraph *graph, guint node, FluoTimeSpan span);
double fluo_map_edge_rate (const FluoServiceGraph *graph, guint edge, FluoTimeSpan span);
/* "193/min" for such a rate; "3 calls" where neither @span nor the graph's has a length, as of one
 * trace. */
char *fluo_map_dup_traffic (const FluoServiceGraph *graph, FluoTimeSpan span, double rate);

G_END_DECLS

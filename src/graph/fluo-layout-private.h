/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-graph-layout.h"

G_BEGIN_DECLS

/* The steps of the layout, each a pure function over one connected part of the graph. They run in
 * the order of their prototypes below; every step fills the fields that name it. */

/* More lanes for long edges than this would cost memory and time out of proportion to what an eye
 * can follow; the longest edges beyond it share one lane below their part. */
#define FLUO_LAYOUT_LANES_MAX 120000

/* Half of this is kept free on either side between the boxes of two columns, so that a steep edge
 * has a gap to run in. */
#define FLUO_LAYOUT_COLUMN_GAP 44.0

/* Room that the loop of a self edge takes above the ring. */
#define FLUO_LAYOUT_LOOP_HEIGHT 22.0

/* The height that the edges of one link may take on their lane. */
#define FLUO_LAYOUT_LANE_SPAN 12.0

/* The height that the ports of one node may take, however flat its box is. */
#define FLUO_LAYOUT_PORT_SPAN 22.0

/* Distance between two lanes, and between a lane and a box. */
#define FLUO_LAYOUT_LANE_PITCH 16.0

/* All edges between one pair of nodes, after cycles were broken: rank (from) < rank (to). */
typedef struct
{
  guint    from;
  guint    to;
  double   weight;
  guint    n_edges;    /* how many edges are drawn for it */
  guint first_lane; /* its lanes are the nodes first_lane … first_lane + n_lanes - 1, one a rank */
  guint    n_lanes;
  gboolean overflow;   /* no lanes of its own: runs below the part */
} FluoLayoutLink;

/* One edge as it will be drawn: its link, and how far its ports are from the ends' centres. */
typedef struct
{
  guint  link;
  guint  edge;         /* in the caller's array */
  double offset_from;  /* at the left end */
  double offset_to;
  double offset_lane;  /* from the lanes that it shares with other edges of its link */
  guint  first_piece;  /* its pieces, one a gap between columns, from left to right */
} FluoLayoutWire;

/* How a wire passes one gap between two columns. */
typedef struct _FluoLayoutPiece FluoLayoutPiece;

/* A link's piece between two neighbouring ranks. */
typedef struct
{
  guint  from;
  guint  to;
  double weight;
  guint  n_edges;
} FluoLayoutSegment;

/* Compressed rows: the neighbours of node i are item[start[i]] … item[start[i + 1] - 1]. */
typedef struct
{
  guint *start;
  guint *item;
  guint *edges; /* of the segments to them */
} FluoLayoutRows;

typedef struct
{
  guint              n_real;     /* nodes 0 … n_real - 1 are real, the others lanes of long edges */
  guint              n;
  guint             *input;      /* n_real: index in the caller's array */
  double            *half_width; /* n; 0 for lanes */
  double            *above;      /* n: room over the centre */
  double            *below;
  double            *importance; /* n: the worst of the path below, see fluo_layout_rank_part() */
  FluoLayoutLink    *links;
  guint              n_links;
  FluoLayoutSegment *segments;
  guint              n_segments;
  guint             *rank;       /* n */
  guint              n_ranks;
  guint             *layer;      /* n: node ids, rank after rank in drawing order */
  guint             *layer_start; /* n_ranks + 1 */
  guint             *pos;        /* n: place within its layer */
  guint              crossings;
  double            *y;          /* n */
  double             height;
  double             lane_y;     /* of the overflow lane */
  GArray            *wires;      /* FluoLayoutWire */
  FluoLayoutPiece   *pieces;     /* of all wires */
} FluoLayoutPart;

/* Where edges between two columns end in the second. */
typedef struct
{
  guint pos;
  guint edges;
} FluoLayoutEnd;

/* Sorts by place. Returns how many pairs of edges change their order, which is how many cross.
 * @scratch: as many. */
guint64 fluo_layout_sort_ends (FluoLayoutEnd *ends, FluoLayoutEnd *scratch, guint n);
/* Cheap for what is nearly in order. @scratch: as many. */
void fluo_layout_sort_keys (guint64 *keys, guint64 *scratch, guint n);

void fluo_layout_rows_init (FluoLayoutRows *self, const FluoLayoutSegment *segments,
                            guint n_segments, guint n_nodes, gboolean by_target,
                            gboolean store_index);
void   fluo_layout_rows_clear  (FluoLayoutRows *self);
/* Sorts one row by place. Cheap where it is nearly in order, and rows stay as they were sorted. */
void   fluo_layout_rows_sort   (FluoLayoutRows *self, guint row, const guint *pos);

/* Room that a node takes over and under its place, and on either side of it. The ring is there even
 * when the label is shorter. */
static inline double
fluo_layout_box_above (const FluoLayoutNode *node, gboolean looped)
{
  return looped ? FLUO_LAYOUT_RING_RADIUS + FLUO_LAYOUT_LOOP_HEIGHT
                : fluo_layout_node_above (node);
}

static inline double
fluo_layout_box_below (const FluoLayoutNode *node)
{
  return MAX (0, node->height) - fluo_layout_node_above (node);
}

static inline double
fluo_layout_box_half (const FluoLayoutNode *node)
{
  return MAX (node->width / 2, FLUO_LAYOUT_RING_RADIUS);
}

/* Turns the order of cubics around. */
void fluo_layout_reverse_points (GArray *points);

/* Sets @reversed for a set of edges, light ones first, without which the graph has no cycle. Self
 * edges are left alone. */
void fluo_layout_break_cycles (const FluoLayoutNode *nodes, guint n_nodes,
                               const FluoLayoutEdge *edges, guint n_edges, gboolean *reversed);
void   fluo_layout_shorten_ranks (const FluoLayoutLink *links, guint n_links, guint n,
                                  guint *rank);
void   fluo_layout_rank_part   (FluoLayoutPart *part);
/* Spreads branches over more columns, where the part would be tall and thin. @order is
 * topological; rank and n_ranks are changed. */
void   fluo_layout_widen_ranks (FluoLayoutPart *part, const FluoLayoutRows *out,
                                const FluoLayoutRows *in, const guint *order);
void   fluo_layout_order_part  (FluoLayoutPart *part);
/* Says which nodes and lanes have edges that cross others. */
void   fluo_layout_find_crossed (const FluoLayoutPart *part, const FluoLayoutRows *succ,
                                 guint8 *crossed);
/* Reduce crossings: all lanes of an edge move as one, and then each on its own. */
void   fluo_layout_sift_edges  (FluoLayoutPart *part, const guint8 *crossed);
void   fluo_layout_sift_lanes  (FluoLayoutPart *part, FluoLayoutRows *succ, FluoLayoutRows *pred,
                                const guint8 *crossed);
double fluo_layout_separation (const FluoLayoutPart *part, guint upper, guint lower,
                               double row_pitch);
void   fluo_layout_place_part  (FluoLayoutPart *part, double row_pitch);
/* Fans the wires out over the rings at both of their ends. */
void fluo_layout_spread_ports (FluoLayoutPart *part);
/* Fills pieces from wires: @columns are the x and @half_widths the box half-widths of the
 * columns. */
void fluo_layout_bend_wires (FluoLayoutPart *part, const double *columns,
                             const double *half_widths);
/* Appends the curve of one wire, @top lower than it is in the part. */
void fluo_layout_route_wire (const FluoLayoutPart *part, const FluoLayoutWire *wire,
                             const double *columns, double top, GArray *points);
void   fluo_layout_route_loop  (double x, double y, GArray *points);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A layered left-to-right layout, our own (after Sugiyama, Tagawa, Toda 1981; how each step is done
 * stands in docs/internals/graph.md). Deterministic: the same input gives the same output. Pure
 * function over arrays, any thread. */

typedef struct
{
  double width;      /* of node and label together, px */
  double height;
  double importance; /* larger goes nearer the top among equals: the worst path first */
} FluoLayoutNode;

typedef struct
{
  guint  from;
  guint  to;
  double weight; /* share of traffic: heavy edges are kept straight and are the last to be turned
                    around */
} FluoLayoutEdge;

/* A place is the ring's centre. The box of a node, ring and label, reaches this far above it, or
 * half the height for boxes flatter than the ring, and the rest of the height below. */
#define FLUO_LAYOUT_RING_RADIUS 25.0

static inline double
fluo_layout_node_above (const FluoLayoutNode *node)
{
  return CLAMP (node->height / 2, 0.0, FLUO_LAYOUT_RING_RADIUS);
}

typedef struct
{
  double column_pitch; /* 170 to 194 */
  double row_pitch;    /* 132 to 140 */
} FluoLayoutOptions;

typedef struct
{
  double x;          /* centre of the ring */
  double y;
  guint  column;
} FluoLayoutPlace;

typedef struct
{
  gboolean reversed;   /* runs right to left: it closed a cycle */
  GArray  *points;     /* pairs of double x, y: one cubic Bézier after another (1 + 3 n points) */
} FluoLayoutRoute;

/* Reference counted atomically; does not change once it is made. */
typedef struct
{
  gatomicrefcount  ref_count;
  guint            n_nodes;
  FluoLayoutPlace *places;
  guint            n_edges;
  FluoLayoutRoute
    *routes; /* from ring centre column to ring centre column; the drawing trims at the rings */
  double           width;
  double           height;
  guint            n_columns;
  double          *columns;     /* their x */
  double          *half_widths; /* of their widest boxes */
  guint            crossings; /* between adjacent columns, for tests and benchmarks */
} FluoGraphLayout;

/* What is known about a node when a layout follows another. */
typedef struct
{
  guint    node;   /* which node of the other layout it was, or G_MAXUINT */
  gboolean pinned; /* the user put it near (x, y): the nearest column, the nearest free height */
  double   x;
  double   y;
} FluoLayoutHint;

/* Self edges get a small loop. */
FluoGraphLayout *fluo_graph_layout_new (const FluoLayoutNode *nodes, guint n_nodes,
                                        const FluoLayoutEdge *edges, guint n_edges,
                                        const FluoLayoutOptions *options);
FluoGraphLayout *fluo_graph_layout_update (const FluoLayoutNode *nodes, guint n_nodes,
                                           const FluoLayoutEdge *edges, guint n_edges,
                                           const FluoLayoutOptions *options,
                                           const FluoGraphLayout *previous,
                                           const FluoLayoutHint *hints,
                                           const guint *previous_edges);
FluoGraphLayout *fluo_graph_layout_ref (FluoGraphLayout *self);
/* An empty one of that many places and routes, to be filled. */
FluoGraphLayout *fluo_graph_layout_alloc (guint n_nodes, guint n_edges);
/* Drops a reference. */
void             fluo_graph_layout_free (FluoGraphLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGraphLayout, fluo_graph_layout_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-map.h"

G_BEGIN_DECLS

/* Shared by the layout and the drawing of the map. */

/* A curve as straight pieces, for lengths and distances. */
#define FLUO_MAP_PIECES 24

FluoFont     fluo_map_font      (const FluoMap *self, double size, int weight, gboolean tabular);
/* @p is four points; @t runs from 0 to 1. */
FluoMapPoint fluo_map_bezier    (const FluoMapPoint *p, double t);
/* A box of no width is nothing. */
FluoMapBox   fluo_map_box_union (FluoMapBox a, FluoMapBox b);

/* A layout that follows @previous, or NULL where there is none. */
FluoGraphLayout *fluo_map_topology_follow (const FluoMapTopology *self,
                                           const FluoGraphLayout *previous,
                                           const FluoLayoutHint *hints, const guint *edges);

/* There is no time to count by: of one trace. */
gboolean     fluo_map_is_one_trace (const FluoServiceGraph *graph, FluoTimeSpan span);
/* How many minutes @span is, or the graph's own where it is empty. */
double       fluo_map_span_minutes (const FluoServiceGraph *graph, FluoTimeSpan span);
/* fluo-map-nodes.c: fills the box of one node. */
void         fluo_map_layout_node  (FluoMap *self, FluoPainter *painter,
                                    const FluoServiceGraph *graph,
                                    const FluoMapTopology *topology,
                                    const FluoGraphLayout *layout, FluoServiceColors *colors,
                                    guint index);
/* The name as a label that is at most so wide under the node; frees what stood there. */
void         fluo_map_layout_name  (FluoMap *self, FluoPainter *painter,
                                    const FluoServiceGraph *graph, FluoMapNode *box,
                                    double max_width);
/* fluo-map-names.c: of dots, names the most important ones that have room. */
void         fluo_map_layout_names (FluoMap *self, FluoPainter *painter,
                                    const FluoServiceGraph *graph);
/* An alarm rings for it. */
void         fluo_map_layout_bell  (FluoMap *self, FluoMapNode *box);
/* Fills edges, points and the range of rates; the nodes are laid out. */
void         fluo_map_layout_edges (FluoMap *self, const FluoServiceGraph *graph,
                                    const FluoMapTopology *topology,
                                    const FluoGraphLayout *layout);
/* Sets how wide the legend is: the range of rates is known. */
void         fluo_map_measure_legend (FluoMap *self, FluoPainter *painter);
/* Colours go to services in the order in which they appeared. Main thread. */
void         fluo_map_register_colors (const FluoServiceGraph *graph,
                                       const FluoMapTopology *topology,
                                       FluoServiceColors *colors);
/* The view with its margin; without one, what is wholly laid out. */
gboolean     fluo_map_in_reach     (const FluoMap *self, const FluoMapBox *box);
/* Edges and nodes of the minimap, filling it. */
void         fluo_map_draw_minimap_content (FluoPainter *painter, const FluoMap *self);
/* The minimap with that as its content; @selected (nullable) is a place in the picture. */
void         fluo_map_draw_minimap_image (FluoPainter *painter, cairo_surface_t *content,
                                          FluoMapBox extent, const FluoMapView *view,
                                          const FluoMapPoint *selected);
FluoMapPoint fluo_map_minimap_point_in (FluoMapBox extent, const FluoMapView *view, double x,
                                        double y);
/* fluo-map-draw-edges.c */
void         fluo_map_draw_edge         (FluoPainter *painter, const FluoMap *self,
                                         const FluoMapEdge *edge, const FluoMapBox *clip);
/* What stands half way when there are no numbers, and the numbers. */
void         fluo_map_draw_edge_marks   (FluoPainter *painter, const FluoMap *self,
                                         const FluoMapEdge *edge);
void         fluo_map_draw_edge_numbers (FluoPainter *painter, const FluoMap *self,
                                         const FluoMapEdge *edge);
gboolean     fluo_map_edge_has_numbers  (const FluoMap *self, const FluoMapEdge *edge);
gboolean     fluo_map_edge_selected     (const FluoMap *self, const FluoMapEdge *edge);
/* fluo-map-draw-nodes.c */
void         fluo_map_draw_node         (FluoPainter *painter, const FluoMap *self,
                                         const FluoMapNode *node);
/* fluo-map-change.c: what the map of a difference has instead of and beside other things. */
void         fluo_map_layout_node_change (FluoMap *self, FluoPainter *painter, FluoMapNode *box);
/* The sign of @change at the node. */
void         fluo_map_layout_node_sign   (FluoMap *self, FluoPainter *painter, FluoMapNode *box,
                                          const FluoGraphChange *change);
void         fluo_map_layout_edge_change (FluoMapEdge *box);
void         fluo_map_draw_sign          (FluoPainter *painter, const FluoMap *self,
                                          const FluoMapNode *node);
/* A dot: what changed is large and in its colour, the rest is grey. */
void         fluo_map_draw_change_dot    (FluoPainter *painter, const FluoMapNode *node);
/* The sign of a call that is new or gone, slower or faster. */
void         fluo_map_draw_edge_sign     (FluoPainter *painter, const FluoMap *self,
                                          const FluoMapEdge *edge);
/* The mark of what is slower, and @text, at the base line @y. */
void         fluo_map_draw_slower_legend (FluoPainter *painter, double x, double y,
                                          const char *text, FluoFont font);
/* The bell of what an alarm rings for, likewise. */
void         fluo_map_draw_alarm_legend  (FluoPainter *painter, double x, double y,
                                          const char *text, FluoFont font);
void         fluo_map_draw_change_legend (FluoPainter *painter, const FluoMap *self, double x,
                                          double y, double width);
/* fluo-map-export.c: with the day, in local time and UTC */
char        *fluo_map_export_dup_title (const FluoGraphDifference *difference, FluoTimeSpan span);
/* fluo-map-markdown.c */
GBytes      *fluo_map_to_markdown (const FluoMapExport *self,
                                   const char *note) G_GNUC_WARN_UNUSED_RESULT;
gboolean     fluo_map_box_overlaps (const FluoMapBox *a, const FluoMapBox *b);

G_END_DECLS

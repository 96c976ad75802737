/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-map-area.h"

G_BEGIN_DECLS

/* Shared by fluo-map-area.c (what is shown) and fluo-map-area-input.c (pointer and keys). */
struct _FluoMapArea
{
  FluoCanvas parent_instance;

  /* What is on screen. */
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoTimeSpan       span;
  FluoServiceColors *colors;    /* borrowed, lives as long as the connection */
  FluoMap           *map;       /* NULL: lay out before drawing */
  FluoMapView        view;
  gboolean           placed;    /* the user moved the view: don't fit by itself any more */

  /* What is being laid out. */
  FluoServiceGraph  *next_graph;
  FluoTimeSpan       next_span;
  GCancellable      *cancellable;
  guint              generation;

  /* Selection by name: indexes change with every answer. */
  char              *node_name;
  char              *node_type;
  char              *edge_from, *edge_to;
  char              *focus_key;

  /* Pointer. */
  double             pointer_x, pointer_y;
  double             drag_pan_x, drag_pan_y;
  double             pinch_zoom;
  guint clicked_node,
    clicked_edge; /* by the first of two presses: the map may move before the second */
  guint              card_id;
  gboolean           card_shown;
  GtkWidget         *menu;
  guint              menu_node;
};

void fluo_map_area_add_input        (FluoMapArea *self);
void fluo_map_area_install_actions  (GtkWidgetClass *widget_class);
/* Selects by index; both FLUO_MAP_NONE clears. */
void fluo_map_area_select           (FluoMapArea *self, guint node, guint edge);
void fluo_map_area_set_focus_node   (FluoMapArea *self, guint node);
/* The view moved: lay out anew at the next frame. */
void fluo_map_area_invalidate       (FluoMapArea *self);
/* Selection, hover or focus changed: same boxes. */
void fluo_map_area_restate          (FluoMapArea *self);
void fluo_map_area_hide_card        (FluoMapArea *self);
void fluo_map_area_draw_card        (FluoMapArea *self, FluoPainter *painter);

G_END_DECLS

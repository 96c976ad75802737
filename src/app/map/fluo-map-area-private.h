/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/map/fluo-map-area.h"

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

  /* What there is, and what of it is shown where. */
  FluoServiceGraph  *full_graph;
  char              *connection;
  FluoGraphRules    *rules;
  guint              n_hidden;
  GHashTable        *pins;      /* FluoMapPin by key */
  GHashTable        *matching;  /* keys, or NULL: all */
  guint8            *shown;     /* of the graph on screen: what is not dimmed, or NULL */
  guint8            *found;     /* of the graph on screen, or NULL: no search */

  /* What is being laid out. */
  FluoServiceGraph  *next_graph;
  guint              next_hidden;
  FluoTimeSpan       next_span;
  GCancellable      *cancellable;
  guint              generation;

  /* Selection by name: indexes change with every answer. */
  char              *node_name;
  char              *node_type;
  char              *edge_from, *edge_to;
  char              *focus_key;

  /* On the way to another layout, or with a node under the pointer. */
  AdwAnimation      *animation;
  FluoGraphLayout   *from_layout, *to_layout;
  guint              drag_node;
  double             drag_x, drag_y; /* of its ring, in px of the layout, when the drag began */
  FluoGraphLayout   *still;    /* the layout before the drag */

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
/* The view moved without zooming: the boxes are moved along. */
void fluo_map_area_panned           (FluoMapArea *self);
/* Selection, hover or focus changed: same boxes. */
void fluo_map_area_restate          (FluoMapArea *self);
/* Puts the rules and pins on the whole graph again. @anew: nothing stays where it was, and things
 * glide there. */
void fluo_map_area_arrange          (FluoMapArea *self, gboolean anew);
void fluo_map_area_pin              (FluoMapArea *self, guint node, double x, double y);
/* What the node's name begins with and shares with others, or NULL. */
char *fluo_map_area_dup_prefix      (FluoMapArea *self, guint node);
void fluo_map_area_hide_card        (FluoMapArea *self);
void fluo_map_area_draw_card        (FluoMapArea *self, FluoPainter *painter);

G_END_DECLS

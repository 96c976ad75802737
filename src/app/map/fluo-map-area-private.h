/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/map/fluo-map-area.h"
#include "draw/fluo-map-picture.h"

G_BEGIN_DECLS

/* Shared by the files of the map's widget: fluo-map-area.c (the widget), -arrange (from graph and
 * rules to what is on screen), -select, -pick (several), -view (where one looks), -rules (what is
 * left out), -search, -undo, -input (pointer and keys), -menu, -card, -picture (large maps) and
 * -export. */

typedef struct
{
  FluoMapPicture *picture;
  GdkTexture     *texture; /* made when it is first shown */
} FluoMapAreaImage;

struct _FluoMapArea
{
  FluoCanvas parent_instance;

  /* What is on screen. */
  FluoServiceGraph  *graph;
  FluoMapTopology   *topology;
  FluoGraphLayout   *layout;
  FluoTimeSpan       span;
  FluoServiceColors *colors;    /* the connection's, or NULL */
  FluoMap           *map;       /* of another view, perhaps: see fluo_map_area_get_map() */
  FluoMapView        view;
  gboolean           live;      /* new traces pulse */
  gboolean           placed;    /* the user moved the view: don't fit by itself any more */

  /* What there is, and what of it is shown where. */
  FluoServiceGraph  *full_graph;
  FluoServiceGraph  *before;    /* or NULL: what is compared with */
  FluoTimeSpan       before_span;
  FluoGraphDifference *difference; /* of the graph on screen, or NULL */
  FluoServiceGraph  *usual_graph; /* or NULL: what is usual is not known */
  FluoTimeSpan       usual_span;
  FluoGraphDifference *usual;   /* of the graph on screen, or NULL */
  char              *connection;
  FluoGraphRules    *rules;
  guint              n_hidden;
  GHashTable        *pins;      /* FluoMapPin by key */
  GHashTable        *matching;  /* keys, or NULL: all */
  guint8            *shown;     /* of the graph on screen: what is not dimmed, or NULL */
  char              *search;    /* casefolded, or NULL: no search */
  guint8            *found;     /* of the graph on screen, or NULL: no search */
  GHashTable        *alarms;    /* GPtrArray of FluoAlarm by key, or NULL: none rings */
  GHashTable        *alarms_now; /* of the graph on screen: GPtrArray of FluoAlarm by index */
  guint8            *alarmed;   /* likewise, or NULL */

  /* fluo-map-area-undo.c */
  struct
  {
    GPtrArray *steps;           /* Step, the newest last */
    gpointer   now;             /* Step: what is kept now */
  } undo;

  /* A large map: fluo-map-area-picture.c. */
  struct
  {
    FluoMapAreaImage   near, far; /* drawn last; the last one with the whole map on it */
    FluoPainter       *painter;   /* the worker's; NULL while it works */
    const FluoPalette *palette;   /* of the picture drawn last */
    gboolean           busy;
    guint              serial;    /* of what near shows */
    guint              wanted;    /* grows with every change but those of the view */
    guint              oldest;    /* what is older must not be shown */
    guint              settle_id; /* the zoom moves */
  } pictures;

  /* What is being laid out. */
  FluoServiceGraph  *next_graph;
  FluoMapTopology   *next_topology;
  guint              next_hidden;
  FluoGraphDifference *next_difference;
  FluoTimeSpan       next_span;
  GCancellable      *cancellable;
  guint              generation;

  /* Selection by name: indexes change with every answer. */
  char              *node_name;
  char              *node_type;
  char              *node_key;   /* or NULL: any of that name and type */
  char              *edge_from, *edge_to;
  gboolean           edge_linked;
  char              *focus_key;
  GHashTable        *picked;     /* keys of the nodes that are selected together; or empty */
  guint8            *picked_now; /* of the graph on screen, or NULL */

  /* On the way to another layout, or with a node under the pointer. */
  AdwAnimation      *animation;
  FluoGraphLayout   *from_layout, *to_layout;
  guint              drag_node;
  double             drag_x, drag_y; /* of its ring, in px of the layout, when the drag began */
  FluoGraphLayout   *still;    /* the layout before the drag */

  /* A box around nodes, and nodes that just got traces. */
  gboolean           banding;
  FluoMapBox         band;
  GArray            *pulses;     /* guint: nodes of the graph on screen */
  gint64             pulse_begin_usec;
  guint              pulse_tick;

  /* Pointer. */
  double             pointer_x, pointer_y;
  double             drag_pan_x, drag_pan_y;
  double             pinch_zoom;
  guint clicked_node,
    clicked_edge; /* by the first of two presses: the map may move before the second */
  guint              card_id;
  guint              sized_id; /* its size is to be told of */
  gboolean           card_shown;
  GtkWidget         *menu;
  guint              menu_node, menu_edge; /* one of them is FLUO_MAP_NONE */
};

void fluo_map_area_add_input        (FluoMapArea *self);
/* fluo-map-area-menu.c */
void fluo_map_area_install_actions  (GtkWidgetClass *widget_class);
void fluo_map_area_popup_menu       (FluoMapArea *self, guint node);
/* At a point of the view. */
void fluo_map_area_popup_edge_menu  (FluoMapArea *self, guint edge, double x, double y);
/* In the table: those of a node, else of an edge. */
void fluo_map_area_show_traces      (FluoMapArea *self, guint node, guint edge);
void fluo_map_area_set_focus_node   (FluoMapArea *self, guint node);
/* fluo-map-area-select.c: the graph on screen is another than that of @before (nullable: there was
 * none), so that indexes mean other things. */
void fluo_map_area_resolve_names    (FluoMapArea *self, const FluoMapTopology *before);
/* fluo-map-area-search.c: what is found in the graph on screen. */
guint fluo_map_area_mark_found      (FluoMapArea *self);
/* What a screen reader says of the map and of what is selected. */
void fluo_map_area_describe         (FluoMapArea *self);
/* fluo-map-area-view.c: makes the boxes of what is on screen, where they are not there yet. */
void fluo_map_area_ensure_map       (FluoMapArea *self);
/* What the map shows changed: lay out anew at the next frame. */
void fluo_map_area_invalidate       (FluoMapArea *self);
/* The view moved. */
void fluo_map_area_moved            (FluoMapArea *self);
/* What is at (@x, @y) of the view, by the boxes there are. */
FluoMapHit fluo_map_area_hit        (FluoMapArea *self, double x, double y, guint *ret_index);

/* Whether the map is drawn by a worker. */
gboolean fluo_map_area_is_large     (FluoMapArea *self);
void fluo_map_area_snapshot_picture (FluoMapArea *self, GtkSnapshot *snapshot);
gboolean fluo_map_area_picture_lacks_state (FluoMapArea *self);
void fluo_map_area_wait_for_rest    (FluoMapArea *self);
void fluo_map_area_clear_pictures   (FluoMapArea *self);
/* The boxes came with a picture: they take over view and state. */
void fluo_map_area_follow_map       (FluoMapArea *self);

/* Selection, hover or focus changed: same boxes. */
void fluo_map_area_restate          (FluoMapArea *self);
/* fluo-map-area-arrange.c: puts the rules and pins on the whole graph again. @anew: nothing stays
 * where it was, and things glide there. */
void fluo_map_area_arrange          (FluoMapArea *self, gboolean anew);
void fluo_map_area_pin              (FluoMapArea *self, guint node, double x, double y);
/* The same, with everything where it stood in another layout (both nullable). */
void fluo_map_area_return_to        (FluoMapArea *self, FluoMapTopology *topology,
                                     FluoGraphLayout *layout);
/* Ends a glide or a drag. */
void fluo_map_area_stop_moving      (FluoMapArea *self);
/* fluo-map-area-rules.c: the keys of the nodes that @node on screen stands for: its own, or those
 * of its group. New reference. */
GPtrArray *fluo_map_area_dup_keys   (FluoMapArea *self, guint node);
/* Keeps pins and rules for the connection. */
void fluo_map_area_save             (FluoMapArea *self);
/* fluo-map-area-undo.c: rules or pins changed, are to be kept and may be taken back; or they are
 * another connection's. */
void fluo_map_area_note_change      (FluoMapArea *self);
/* The same of a service's colour, which was @before (see fluo_service_colors_get_choice()). */
void fluo_map_area_note_color       (FluoMapArea *self, const char *name, const char *type,
                                     guint before);
void fluo_map_area_forget_changes   (FluoMapArea *self);
void fluo_map_area_drop_changes     (FluoMapArea *self);
/* fluo-map-area-pick.c */
void fluo_map_area_toggle_picked    (FluoMapArea *self, guint node);
/* The nodes in the box go with those picked before. */
void fluo_map_area_pick_box         (FluoMapArea *self, const FluoMapBox *box);
/* The graph on screen is another. */
void fluo_map_area_find_picked      (FluoMapArea *self);
/* What @before did not have yet pulses. */
void fluo_map_area_pulse            (FluoMapArea *self, const FluoServiceGraph *before);
void fluo_map_area_stop_pulse       (FluoMapArea *self);
/* Band and pulses. */
gboolean fluo_map_area_has_marks    (FluoMapArea *self);
void fluo_map_area_draw_marks       (FluoMapArea *self, FluoPainter *painter);
char *fluo_map_area_dup_node_words  (FluoMapArea *self, guint node);
/* What the node's name begins with and shares with others, or NULL. */
char *fluo_map_area_dup_prefix      (FluoMapArea *self, guint node, guint *ret_n);
void fluo_map_area_hide_card        (FluoMapArea *self);
void fluo_map_area_draw_card        (FluoMapArea *self, FluoPainter *painter);

G_END_DECLS

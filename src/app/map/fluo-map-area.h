/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/widgets/fluo-canvas.h"
#include "draw/fluo-map-picture.h"

G_BEGIN_DECLS

/* The service map as a widget: pans, zooms, selects, shows a card on what is pointed at, and is
 * walked along by the arrow keys. Layout runs in a worker; meanwhile the last picture stays. As
 * long as the set of nodes and edges is the same, nothing moves. Main thread.
 *
 * Signals: "selection-changed" (), "inspect" () when the user asks for details of the selection
 * (Enter), "view-changed" () when what the map shows moved or changed. */
#define FLUO_TYPE_MAP_AREA (fluo_map_area_get_type ())
G_DECLARE_FINAL_TYPE (FluoMapArea, fluo_map_area, FLUO, MAP_AREA, FluoCanvas)

GtkWidget        *fluo_map_area_new             (void);
/* @graph (nullable) is kept as it is: it must not change any more. */
void fluo_map_area_set_graph (FluoMapArea *self, FluoServiceGraph *graph, FluoTimeSpan span,
                              FluoServiceColors *colors);
/* Shows what changed since another range instead of what is, as soon as it is arranged. NULL: no
 * more. @before is kept as it is. */
void fluo_map_area_set_comparison (FluoMapArea *self, FluoServiceGraph *before, FluoTimeSpan span);
/* What is usual for these services: the same connection at another time, to tell what is slower
 * now. NULL: not known. @usual is kept as it is. */
void fluo_map_area_set_usual (FluoMapArea *self, FluoServiceGraph *usual, FluoTimeSpan span);
/* Of the nodes on screen against that, or NULL. Borrowed until the next change. */
FluoGraphDifference *fluo_map_area_get_usual (FluoMapArea *self);
/* Of the nodes and edges on screen, or NULL. Borrowed until the next change. */
FluoGraphDifference *fluo_map_area_get_difference (FluoMapArea *self);
/* Draws all that is on screen, where it is, on paper of its own, in a worker. @filter is told
 * beside it. */
void     fluo_map_area_export_async  (FluoMapArea *self, const char *path, const char *filter,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean fluo_map_area_export_finish (FluoMapArea *self, GAsyncResult *result, GError **error);
/* The graph on screen: an older one while a layout runs. Borrowed or NULL. */
FluoServiceGraph *fluo_map_area_get_graph       (FluoMapArea *self);
/* What the rules leave that of. Borrowed or NULL. */
FluoServiceGraph *fluo_map_area_get_full_graph  (FluoMapArea *self);
FluoTimeSpan      fluo_map_area_get_span        (FluoMapArea *self);
/* The nodes of the whole graph that a group on screen stands for, as bytes: 1 per node, the
 * caller's; NULL: it is none. */
guint8           *fluo_map_area_dup_members     (FluoMapArea *self, guint node);
/* The filter of the traces of a node on screen or of all in a group, or of those without; NULL when
 * there are none. */
char             *fluo_map_area_dup_filter      (FluoMapArea *self, guint node,
                                                 gboolean leave_out);
/* Boxes of what is on screen, or NULL. Borrowed until the next change. Lays out a large map, which
 * takes longer than a frame. */
const FluoMap    *fluo_map_area_get_map         (FluoMapArea *self);
/* Those there are: of a large map perhaps for another zoom, or none. */
const FluoMap    *fluo_map_area_peek_map        (FluoMapArea *self);
const FluoMapView *fluo_map_area_get_view       (FluoMapArea *self);
/* The picture of a large map, or NULL. Borrowed until the next change. */
FluoMapPicture   *fluo_map_area_get_picture     (FluoMapArea *self);
gboolean          fluo_map_area_is_arranging    (FluoMapArea *self);

/* Indexes in the graph or FLUO_MAP_NONE. */
guint             fluo_map_area_get_node        (FluoMapArea *self);
guint             fluo_map_area_get_edge        (FluoMapArea *self);
/* Selects by index; both FLUO_MAP_NONE clears. */
void              fluo_map_area_select          (FluoMapArea *self, guint node, guint edge);
/* Remembered by name, so that the node is selected as soon as it appears. NULL clears. */
void fluo_map_area_select_node (FluoMapArea *self, const char *name, const char *type);

/* Several nodes, selected with Ctrl or a box: their indexes (guint) in the graph; empty when fewer
 * than two are. Signal "picked-changed" (). */
GArray           *fluo_map_area_dup_picked      (FluoMapArea *self);
void              fluo_map_area_clear_picked    (FluoMapArea *self);
void              fluo_map_area_hide_picked     (FluoMapArea *self);
void              fluo_map_area_fold_picked     (FluoMapArea *self);
/* New traces make their nodes pulse. */
void              fluo_map_area_set_live        (FluoMapArea *self, gboolean live);

void fluo_map_area_zoom (FluoMapArea *self, double factor); /* about the middle */
void              fluo_map_area_fit             (FluoMapArea *self);
/* Brings a point of the picture to the middle. */
void              fluo_map_area_center_on       (FluoMapArea *self, double x, double y);

/* Reads where the user put things and what is left out on that connection (NULL: nowhere kept).
 * Before the connection's first graph. */
void     fluo_map_area_set_connection (FluoMapArea *self, const char *connection);
/* Which nodes of the whole graph match, by fluo_graph_node_dup_key(); the others are dimmed. NULL:
 * all. Takes @keys. */
void     fluo_map_area_set_matching   (FluoMapArea *self, GHashTable *keys);

/* Which alarms ring for which nodes of the whole graph: GPtrArray of FluoAlarm by
 * fluo_graph_node_dup_key(). NULL: none. Takes @alarms. */
void     fluo_map_area_set_alarms     (FluoMapArea *self, GHashTable *alarms);
/* Of a node on screen: FluoAlarm, borrowed until the next change; or NULL. */
GPtrArray *fluo_map_area_get_alarms   (FluoMapArea *self, guint node);
/* Their names, "payments-throttles, payments-errors", safe to lay out; or NULL. */
char    *fluo_map_area_dup_alarm_names (FluoMapArea *self, guint node);

/* Forgets where the user put things, and arranges everything anew. */
void     fluo_map_area_tidy           (FluoMapArea *self);
gboolean fluo_map_area_has_pins       (FluoMapArea *self);
/* Takes back what was last put somewhere, hidden or folded. FALSE: there is nothing. */
gboolean fluo_map_area_undo           (FluoMapArea *self);
/* What lies over the top and the lower corners of the map: a whole map keeps clear of it where it
 * can. */
void     fluo_map_area_set_furniture  (FluoMapArea *self, double top, double left_width,
                                       double right_width, double height);
void     fluo_map_area_hide           (FluoMapArea *self, guint node);
void     fluo_map_area_fold           (FluoMapArea *self, guint node, FluoGraphFoldKind kind);
/* FALSE when the node is not folded. */
gboolean fluo_map_area_unfold         (FluoMapArea *self, guint node);
/* Shows only what is at most so many calls away. */
void     fluo_map_area_focus_on       (FluoMapArea *self, guint node, guint hops);
void     fluo_map_area_show_all       (FluoMapArea *self);
/* What is left out, in words, or NULL. */
char    *fluo_map_area_dup_rules_words (FluoMapArea *self);
/* Marks the nodes whose names have @text in them, selects one and brings it to the middle: the
 * first, or with @next the one after the selected one, which @ret_position tells, from 1; 0 when
 * there is none. Returns how many there are. */
guint    fluo_map_area_search         (FluoMapArea *self, const char *text, gboolean next,
                                       guint *ret_position);

G_END_DECLS

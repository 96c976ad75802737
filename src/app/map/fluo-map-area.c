/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>
#include <math.h>

enum
{
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_INSPECT,
  SIGNAL_VIEW_CHANGED,
  SIGNAL_FILTER,
  SIGNAL_PICKED_CHANGED,
  N_SIGNALS
};

/* How long things take to their new places (DESIGN.md section 7). */
#define GLIDE_MS 250

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoMapArea, fluo_map_area, FLUO_TYPE_CANVAS)

/* --- What is selected ----------------------------------------------------- */

static const FluoGraphNode *
graph_node (FluoMapArea *self,
            guint        node)
{
  return g_ptr_array_index (self->graph->nodes, node);
}

static char *
node_key (FluoMapArea *self,
          guint        node)
{
  const FluoGraphNode *item = graph_node (self, node);

  return g_strconcat (item->name ? item->name : "", "\n", item->type ? item->type : "", NULL);
}

static guint
find_key (FluoMapArea *self,
          const char  *key)
{
  for (guint i = 0; key && self->graph && i < self->graph->nodes->len; i++)
    {
      g_autofree char *candidate = node_key (self, i);

      if (g_str_equal (candidate, key))
        return i;
    }
  return FLUO_MAP_NONE;
}

/* A type of "" or NULL means any. */
static guint
find_node (FluoMapArea *self,
           const char  *name,
           const char  *type)
{
  for (guint i = 0; name && self->graph && i < self->graph->nodes->len; i++)
    {
      const FluoGraphNode *node = graph_node (self, i);

      if (g_strcmp0 (node->name, name) == 0 &&
          (!type || !*type || g_strcmp0 (node->type, type) == 0))
        return i;
    }
  return FLUO_MAP_NONE;
}

static guint
find_edge (FluoMapArea *self)
{
  for (guint i = 0; self->edge_from && self->graph && i < self->graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, i);
      g_autofree char *from = node_key (self, edge->from);
      g_autofree char *to = node_key (self, edge->to);

      if (g_str_equal (from, self->edge_from) && g_str_equal (to, self->edge_to))
        return i;
    }
  return FLUO_MAP_NONE;
}

static void
compare_with_usual (FluoMapArea *self)
{
  g_clear_pointer (&self->usual, fluo_graph_difference_unref);
  if (self->usual_graph && self->graph)
    self->usual = fluo_graph_difference_new_usual (self->usual_graph, self->graph,
                                                   self->usual_span, self->span);
  self->view.usual = self->usual;
}

/* With what changed, where changes are shown, or how it differs from what is usual for it. */
char *
fluo_map_area_dup_node_words (FluoMapArea *self,
                              guint        node)
{
  g_autofree char *sentence = fluo_map_dup_node_sentence (self->graph, node, self->span);
  const FluoGraphDifference *than = self->difference ? self->difference : self->usual;
  g_autofree char *change =
    than && node < than->n_nodes ? fluo_map_dup_change_sentence (&than->nodes[node]) : NULL;

  if (!change)
    return g_steal_pointer (&sentence);
  return g_strconcat (sentence, ", ", than == self->usual ? _("than usual: ") : "", change, NULL);
}

static void
describe (FluoMapArea *self)
{
  g_autofree char *label = NULL;
  g_autofree char *sentence = NULL;
  const guint n = self->graph ? self->graph->nodes->len : 0;
  const guint node =
    self->view.focus_node != FLUO_MAP_NONE ? self->view.focus_node : self->view.selected_node;

  label = g_strdup_printf (
    g_dngettext (NULL, "Service map, %u service", "Service map, %u services", n), n);
  if (node != FLUO_MAP_NONE)
    sentence = fluo_map_area_dup_node_words (self, node);
  else if (self->view.selected_edge != FLUO_MAP_NONE)
    sentence = fluo_map_dup_edge_sentence (self->graph, self->view.selected_edge, self->span);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, sentence ? sentence : "",
                                  -1);
}

/* Indexes of another graph mean other things. */
static void
resolve_names (FluoMapArea *self)
{
  self->view.selected_node = find_node (self, self->node_name, self->node_type);
  self->view.selected_edge = find_edge (self);
  self->view.focus_node =
    gtk_widget_is_focus (GTK_WIDGET (self)) ? find_key (self, self->focus_key) : FLUO_MAP_NONE;
  self->view.hover_node = FLUO_MAP_NONE;
  self->view.hover_edge = FLUO_MAP_NONE;
  self->clicked_node = FLUO_MAP_NONE;
  self->clicked_edge = FLUO_MAP_NONE;
  self->menu_node = FLUO_MAP_NONE;
  self->card_shown = FALSE;
}

/* Panning moves the boxes along; another zoom needs others. */
void
fluo_map_area_follow_map (FluoMapArea *self)
{
  FluoMap *map = self->map;

  if (!map || map->view.zoom != self->view.zoom)
    return;
  fluo_map_translate (map, self->view.pan_x - map->view.pan_x, self->view.pan_y - map->view.pan_y);
  map->view.width = self->view.width;
  map->view.height = self->view.height;
  fluo_map_set_state (map, &self->view);
}

void
fluo_map_area_restate (FluoMapArea *self)
{
  fluo_map_area_follow_map (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fluo_map_area_invalidate (FluoMapArea *self)
{
  g_clear_pointer (&self->map, fluo_map_free);
  self->pictures.wanted++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SIGNAL_VIEW_CHANGED], 0);
}

void
fluo_map_area_moved (FluoMapArea *self)
{
  if (!fluo_map_area_is_large (self) && self->map && self->map->view.zoom != self->view.zoom)
    g_clear_pointer (&self->map, fluo_map_free);
  else if (self->map && self->map->view.zoom != self->view.zoom)
    fluo_map_area_wait_for_rest (self);
  fluo_map_area_follow_map (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SIGNAL_VIEW_CHANGED], 0);
}

void
fluo_map_area_select (FluoMapArea *self,
                      guint        node,
                      guint        edge)
{
  if (self->view.selected_node == node && self->view.selected_edge == edge)
    return;
  g_clear_pointer (&self->node_name, g_free);
  g_clear_pointer (&self->node_type, g_free);
  g_clear_pointer (&self->edge_from, g_free);
  g_clear_pointer (&self->edge_to, g_free);
  self->view.selected_node = node;
  self->view.selected_edge = edge;
  if (node != FLUO_MAP_NONE)
    {
      self->node_name = g_strdup (graph_node (self, node)->name);
      self->node_type = g_strdup (graph_node (self, node)->type);
    }
  else if (edge != FLUO_MAP_NONE)
    {
      const FluoGraphEdge *item = g_ptr_array_index (self->graph->edges, edge);

      self->edge_from = node_key (self, item->from);
      self->edge_to = node_key (self, item->to);
    }
  fluo_map_area_restate (self);
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

void
fluo_map_area_set_focus_node (FluoMapArea *self,
                              guint        node)
{
  g_free (self->focus_key);
  self->focus_key = node == FLUO_MAP_NONE ? NULL : node_key (self, node);
  self->view.focus_node = node;
  fluo_map_area_restate (self);
}

/* --- Layout --------------------------------------------------------------- */

/* Which nodes on screen are dimmed, by what matches and by what is searched for. */
static void
mark_nodes (FluoMapArea *self)
{
  g_clear_pointer (&self->shown, g_free);
  if (!self->matching || !self->graph)
    return;
  self->shown = g_new0 (guint8, self->graph->nodes->len + 1);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      const FluoGraphNode *node = graph_node (self, i);
      g_autofree char *key = fluo_graph_node_dup_key (node);

      self->shown[i] = node->n_folded > 0 || g_hash_table_contains (self->matching, key);
    }
}

void
fluo_map_area_set_matching (FluoMapArea *self,
                            GHashTable  *keys)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!self->matching && !keys)
    return;
  g_clear_pointer (&self->matching, g_hash_table_unref);
  self->matching = keys;
  mark_nodes (self);
  fluo_map_area_invalidate (self);
}

static void
set_layout (FluoMapArea     *self,
            FluoGraphLayout *layout)
{
  g_clear_pointer (&self->map, fluo_map_free);
  g_clear_pointer (&self->layout, fluo_graph_layout_free);
  self->layout = layout;
  fluo_map_view_limit (&self->view, layout);
}

static void
stop_moving (FluoMapArea *self)
{
  if (self->animation)
    adw_animation_skip (self->animation);
  g_clear_object (&self->animation);
  g_clear_pointer (&self->from_layout, fluo_graph_layout_free);
  g_clear_pointer (&self->to_layout, fluo_graph_layout_free);
  if (self->still)
    set_layout (self, g_steal_pointer (&self->still));
  self->drag_node = FLUO_MAP_NONE;
}

static void
glide_cb (double   value,
          gpointer data)
{
  FluoMapArea *self = data;

  if (!self->from_layout)
    return;
  set_layout (self, value >= 1 ? fluo_graph_layout_ref (self->to_layout)
                               : fluo_map_blend (self->topology, self->from_layout,
                                                 self->to_layout, value));
  if (!self->placed)
    fluo_map_view_fit (&self->view, self->layout);
  fluo_map_area_invalidate (self);
}

/* From the layout on screen to @layout (taken) of the same nodes. */
static void
glide (FluoMapArea     *self,
       FluoGraphLayout *layout)
{
  self->from_layout = fluo_graph_layout_ref (self->layout);
  self->to_layout = layout;
  self->animation =
    adw_timed_animation_new (GTK_WIDGET (self), 0, 1, GLIDE_MS,
                             adw_callback_animation_target_new (glide_cb, self, NULL));
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->animation), ADW_EASE_OUT_CUBIC);
  adw_animation_play (self->animation);
}

static void
show_graph (FluoMapArea      *self,
            FluoServiceGraph *graph,
            FluoTimeSpan      span,
            FluoMapTopology  *topology,
            FluoGraphLayout  *layout)
{
  const guint selected = self->view.selected_node;
  const guint edge = self->view.selected_edge;
  const gboolean same = fluo_map_topology_equal (topology, self->topology);
  g_autoptr (FluoServiceGraph) before =
    self->live && self->graph && self->graph != graph ? fluo_service_graph_ref (self->graph) : NULL;

  g_clear_pointer (&self->map, fluo_map_free);
  if (layout || !same)
    stop_moving (self);
  if (self->graph != graph)
    {
      g_clear_pointer (&self->graph, fluo_service_graph_unref);
      self->graph = fluo_service_graph_ref (graph);
    }
  g_clear_pointer (&self->topology, fluo_map_topology_free);
  self->topology = topology;
  g_clear_pointer (&self->difference, fluo_graph_difference_unref);
  self->difference = g_steal_pointer (&self->next_difference);
  self->view.difference = self->difference;
  /* Every step of the way would be a picture of its own. */
  if (layout && same && self->layout && !fluo_map_area_is_large (self))
    glide (self, layout);
  else if (layout)
    {
      set_layout (self, layout);
      if (!self->placed && self->view.width > 0)
        fluo_map_view_fit (&self->view, self->layout);
    }
  self->span = span;
  self->view.span = span;
  compare_with_usual (self);
  g_clear_pointer (&self->found, g_free);
  mark_nodes (self);
  fluo_map_area_stop_pulse (self);
  resolve_names (self);
  fluo_map_area_find_picked (self);
  describe (self);
  fluo_map_area_invalidate (self);
  if (before)
    fluo_map_area_pulse (self, before);
  if (self->view.selected_node != selected || self->view.selected_edge != edge ||
      selected != FLUO_MAP_NONE || edge != FLUO_MAP_NONE)
    g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

/* [worker] */
static void
arrange_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  g_task_return_pointer (task, fluo_map_arrangement_run (data),
                         (GDestroyNotify) fluo_graph_layout_free);
}

static void
arranged_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  FluoMapArea *self = FLUO_MAP_AREA (source);
  g_autoptr (FluoGraphLayout) layout = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (FluoServiceGraph) graph = NULL;

  if (!layout || GPOINTER_TO_UINT (user_data) != self->generation)
    return;
  graph = g_steal_pointer (&self->next_graph);
  g_clear_object (&self->cancellable);
  self->n_hidden = self->next_hidden;
  show_graph (self, graph, self->next_span, g_steal_pointer (&self->next_topology),
              g_steal_pointer (&layout));
}

/* What the rules leave of the graph, and how that differs from what they leave of the other one. */
static FluoServiceGraph *
dup_graph (FluoMapArea *self,
           guint       *ret_hidden)
{
  g_autoptr (FluoServiceGraph) all_before = NULL;
  g_autoptr (FluoServiceGraph) all_after = NULL;
  g_autoptr (FluoServiceGraph) before = NULL;
  FluoServiceGraph *graph;

  g_clear_pointer (&self->next_difference, fluo_graph_difference_unref);
  if (!self->before && fluo_graph_rules_is_empty (self->rules))
    {
      *ret_hidden = 0;
      return fluo_service_graph_ref (self->full_graph);
    }
  if (!self->before)
    return fluo_service_graph_reduce (self->full_graph, self->rules, ret_hidden);
  fluo_service_graph_align (self->before, self->full_graph, &all_before, &all_after);
  before = fluo_service_graph_reduce (all_before, self->rules, NULL);
  graph = fluo_service_graph_reduce (all_after, self->rules, ret_hidden);
  self->next_difference =
    fluo_graph_difference_new (before, graph, self->before_span, self->next_span);
  return graph;
}

/* A layout that @layout of @topology is followed to (both NULL: everything anew). @again: even
 * where the same nodes are shown. */
static void
arrange (FluoMapArea     *self,
         gboolean         again,
         FluoMapTopology *previous,
         FluoGraphLayout *layout)
{
  g_autoptr (FluoServiceGraph) graph = NULL;
  g_autoptr (FluoMapTopology) topology = NULL;
  g_autoptr (GTask) task = NULL;
  FluoMapArrangement *arrangement;
  guint n_hidden;

  self->generation++;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->next_graph, fluo_service_graph_unref);
  graph = dup_graph (self, &n_hidden);
  topology = fluo_map_topology_new (graph);
  if (!again && self->layout && fluo_map_topology_equal (topology, self->topology))
    {
      self->n_hidden = n_hidden;
      show_graph (self, graph, self->next_span, g_steal_pointer (&topology), NULL);
      return;
    }
  g_clear_pointer (&self->next_topology, fluo_map_topology_free);
  self->next_topology = fluo_map_topology_ref (topology);
  arrangement =
    fluo_map_arrangement_new (g_steal_pointer (&topology), previous, layout, self->pins);
  self->next_graph = g_steal_pointer (&graph);
  self->next_hidden = n_hidden;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, arranged_cb, GUINT_TO_POINTER (self->generation));
  g_task_set_source_tag (task, arrange);
  g_task_set_task_data (task, arrangement, (GDestroyNotify) fluo_map_arrangement_free);
  g_task_run_in_thread (task, arrange_thread);
}

/* What is shown, or will be in a moment. */
static FluoGraphLayout *
last_layout (FluoMapArea *self)
{
  return self->to_layout ? self->to_layout : self->still ? self->still : self->layout;
}

void
fluo_map_area_arrange (FluoMapArea *self,
                       gboolean     anew)
{
  if (self->full_graph)
    arrange (self, TRUE, anew ? NULL : self->topology, last_layout (self));
}

void
fluo_map_area_return_to (FluoMapArea     *self,
                         FluoMapTopology *topology,
                         FluoGraphLayout *layout)
{
  if (self->full_graph)
    arrange (self, TRUE, topology ? topology : self->topology,
             layout ? layout : last_layout (self));
}

void
fluo_map_area_set_comparison (FluoMapArea      *self,
                              FluoServiceGraph *before,
                              FluoTimeSpan      span)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!before && !self->before)
    return;
  if (before)
    fluo_service_graph_ref (before);
  g_clear_pointer (&self->before, fluo_service_graph_unref);
  self->before = before;
  self->before_span = span;
  if (self->full_graph)
    arrange (self, FALSE, self->topology, last_layout (self));
}

void
fluo_map_area_set_usual (FluoMapArea      *self,
                         FluoServiceGraph *usual,
                         FluoTimeSpan      span)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (!usual && !self->usual_graph)
    return;
  if (usual)
    fluo_service_graph_ref (usual);
  g_clear_pointer (&self->usual_graph, fluo_service_graph_unref);
  self->usual_graph = usual;
  self->usual_span = span;
  compare_with_usual (self);
  describe (self);
  fluo_map_area_invalidate (self);
  if (self->view.selected_node != FLUO_MAP_NONE)
    g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

FluoGraphDifference *
fluo_map_area_get_usual (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return self->usual;
}

FluoGraphDifference *
fluo_map_area_get_difference (FluoMapArea *self)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return self->difference;
}

void
fluo_map_area_set_graph (FluoMapArea       *self,
                         FluoServiceGraph  *graph,
                         FluoTimeSpan       span,
                         FluoServiceColors *colors)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  self->colors = colors;
  if (graph)
    fluo_service_graph_ref (graph);
  g_clear_pointer (&self->full_graph, fluo_service_graph_unref);
  self->full_graph = graph;
  self->next_span = span;
  if (graph)
    {
      arrange (self, FALSE, self->topology, last_layout (self));
      return;
    }
  self->generation++;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->next_graph, fluo_service_graph_unref);
  stop_moving (self);
  g_clear_pointer (&self->map, fluo_map_free);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->topology, fluo_map_topology_free);
  g_clear_pointer (&self->layout, fluo_graph_layout_free);
  g_clear_pointer (&self->difference, fluo_graph_difference_unref);
  g_clear_pointer (&self->next_difference, fluo_graph_difference_unref);
  self->view.difference = NULL;
  compare_with_usual (self);
  fluo_map_area_clear_pictures (self);
  self->n_hidden = 0;
  mark_nodes (self);
  g_clear_pointer (&self->found, g_free);
  fluo_map_area_stop_pulse (self);
  resolve_names (self);
  fluo_map_area_find_picked (self);
  fluo_map_area_invalidate (self);
  self->pictures.oldest = self->pictures.wanted;
}

void
fluo_map_area_ensure_map (FluoMapArea *self)
{
  if (self->map && self->map->view.zoom == self->view.zoom)
    fluo_map_area_follow_map (self);
  else
    g_clear_pointer (&self->map, fluo_map_free);
  if (self->map || !self->graph || !self->layout || self->view.width <= 0)
    return;
  self->view.margin = fluo_map_area_is_large (self) ? self->view.width / 2 : INFINITY;
  self->view.matching = self->found ? self->found : self->shown;
  self->map = fluo_map_layout (fluo_canvas_get_painter (FLUO_CANVAS (self)), self->graph,
                               self->topology, self->layout, self->colors, &self->view);
  self->view.matching = NULL;
}

/* --- Widget --------------------------------------------------------------- */

static void
fluo_map_area_draw (FluoCanvas  *canvas,
                    FluoPainter *painter,
                    double       width,
                    double       height)
{
  FluoMapArea *self = FLUO_MAP_AREA (canvas);

  fluo_map_area_ensure_map (self);
  if (!self->map)
    {
      fluo_color_set (fluo_painter_get_cr (painter), fluo_painter_get_palette (painter)->view);
      cairo_paint (fluo_painter_get_cr (painter));
      return;
    }
  fluo_map_draw (painter, self->map, NULL);
  fluo_map_area_draw_marks (self, painter);
  if (self->card_shown)
    fluo_map_area_draw_card (self, painter);
}

static void
draw_overlay (FluoMapArea *self,
              GtkSnapshot *snapshot)
{
  const gboolean selection = fluo_map_area_picture_lacks_state (self);
  const gboolean hover =
    self->view.hover_node != FLUO_MAP_NONE || self->view.hover_edge != FLUO_MAP_NONE;
  FluoPainter *painter = fluo_canvas_get_painter (FLUO_CANVAS (self));
  cairo_t *cr;

  /* What is being dragged is where the pointer is, not where the worker is. */
  if (self->still || self->card_shown)
    fluo_map_area_ensure_map (self);
  if (!self->map || self->map->view.zoom != self->view.zoom ||
      (!hover && !selection && !fluo_map_area_has_marks (self)))
    return;
  cr = gtk_snapshot_append_cairo (
    snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height));
  fluo_painter_begin (painter, cr, fluo_canvas_lookup_palette ());
  fluo_map_draw_overlay (painter, self->map, selection);
  fluo_map_area_draw_marks (self, painter);
  if (self->card_shown)
    fluo_map_area_draw_card (self, painter);
  fluo_painter_end (painter);
  cairo_destroy (cr);
}

static void
fluo_map_area_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);

  if (!fluo_map_area_is_large (self))
    {
      GTK_WIDGET_CLASS (fluo_map_area_parent_class)->snapshot (widget, snapshot);
      return;
    }
  fluo_map_area_snapshot_picture (self, snapshot);
  draw_overlay (self, snapshot);
}

static void
fluo_map_area_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);
  gboolean narrower;

  if (self->menu)
    gtk_popover_present (GTK_POPOVER (self->menu));
  if (self->view.width == width && self->view.height == height)
    return;
  /* What is selected stays under the pointer while the inspector comes, where there is room. */
  narrower = width < self->view.width && height == self->view.height;
  self->view.width = width;
  self->view.height = height;
  if (self->layout)
    fluo_map_view_limit (&self->view, self->layout);
  if (self->layout && !self->placed && !(narrower && fluo_map_view_nudge (&self->view,
                                                                          self->layout)))
    fluo_map_view_fit (&self->view, self->layout);
  else if (self->layout)
    fluo_map_view_clamp (&self->view, self->layout);
  if (!fluo_map_area_is_large (self))
    g_clear_pointer (&self->map, fluo_map_free);
  fluo_map_area_follow_map (self);
  g_signal_emit (self, signals[SIGNAL_VIEW_CHANGED], 0);
}

static void
active_cb (FluoMapArea *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  self->view.inactive = GTK_IS_WINDOW (root) && !gtk_window_is_active (GTK_WINDOW (root));
  fluo_map_area_restate (self);
}

static void
fluo_map_area_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (fluo_map_area_parent_class)->root (widget);
  if (GTK_IS_WINDOW (gtk_widget_get_root (widget)))
    g_signal_connect_object (gtk_widget_get_root (widget), "notify::is-active",
                             G_CALLBACK (active_cb), widget, G_CONNECT_SWAPPED);
}

static void
fluo_map_area_unroot (GtkWidget *widget)
{
  if (gtk_widget_get_root (widget))
    g_signal_handlers_disconnect_by_func (gtk_widget_get_root (widget), active_cb, widget);
  GTK_WIDGET_CLASS (fluo_map_area_parent_class)->unroot (widget);
}

static void
fluo_map_area_dispose (GObject *object)
{
  FluoMapArea *self = FLUO_MAP_AREA (object);

  self->generation++;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->card_id, g_source_remove);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  stop_moving (self);
  fluo_map_area_clear_pictures (self);
  fluo_map_area_stop_pulse (self);
  G_OBJECT_CLASS (fluo_map_area_parent_class)->dispose (object);
}

static void
fluo_map_area_finalize (GObject *object)
{
  FluoMapArea *self = FLUO_MAP_AREA (object);

  g_clear_pointer (&self->map, fluo_map_free);
  fluo_painter_free (self->pictures.painter);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->next_graph, fluo_service_graph_unref);
  g_clear_pointer (&self->next_topology, fluo_map_topology_free);
  g_clear_pointer (&self->full_graph, fluo_service_graph_unref);
  g_clear_pointer (&self->before, fluo_service_graph_unref);
  g_clear_pointer (&self->difference, fluo_graph_difference_unref);
  g_clear_pointer (&self->next_difference, fluo_graph_difference_unref);
  g_clear_pointer (&self->usual_graph, fluo_service_graph_unref);
  g_clear_pointer (&self->usual, fluo_graph_difference_unref);
  g_clear_pointer (&self->topology, fluo_map_topology_free);
  g_clear_pointer (&self->layout, fluo_graph_layout_free);
  fluo_map_area_drop_changes (self);
  g_clear_pointer (&self->rules, fluo_graph_rules_free);
  g_clear_pointer (&self->pins, g_hash_table_unref);
  g_clear_pointer (&self->matching, g_hash_table_unref);
  g_free (self->connection);
  g_free (self->shown);
  g_free (self->found);
  g_free (self->node_name);
  g_free (self->node_type);
  g_free (self->edge_from);
  g_free (self->edge_to);
  g_free (self->focus_key);
  g_hash_table_unref (self->picked);
  g_free (self->picked_now);
  g_array_unref (self->pulses);
  G_OBJECT_CLASS (fluo_map_area_parent_class)->finalize (object);
}

static void
fluo_map_area_class_init (FluoMapAreaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_map_area_dispose;
  object_class->finalize = fluo_map_area_finalize;
  widget_class->size_allocate = fluo_map_area_size_allocate;
  widget_class->snapshot = fluo_map_area_snapshot;
  widget_class->root = fluo_map_area_root;
  widget_class->unroot = fluo_map_area_unroot;
  FLUO_CANVAS_CLASS (klass)->draw = fluo_map_area_draw;

  signals[SIGNAL_SELECTION_CHANGED] =
    g_signal_new ("selection-changed", FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
  signals[SIGNAL_INSPECT] = g_signal_new ("inspect", FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_VIEW_CHANGED] = g_signal_new (
    "view-changed", FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FILTER] = g_signal_new ("filter", FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BOOLEAN);
  signals[SIGNAL_PICKED_CHANGED] =
    g_signal_new ("picked-changed", FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
  fluo_map_area_install_actions (widget_class);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "servicemap");
}

static void
fluo_map_area_init (FluoMapArea *self)
{
  fluo_map_view_init (&self->view, 0, 0, (FluoTimeSpan) { 0, 0 });
  self->rules = fluo_graph_rules_new ();
  self->pins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->picked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pulses = g_array_new (FALSE, FALSE, sizeof (guint));
  fluo_map_area_forget_changes (self);
  self->drag_node = FLUO_MAP_NONE;
  self->menu_node = FLUO_MAP_NONE;
  self->clicked_node = FLUO_MAP_NONE;
  self->clicked_edge = FLUO_MAP_NONE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  fluo_map_area_add_input (self);
  describe (self);
}

GtkWidget *
fluo_map_area_new (void)
{
  return g_object_new (FLUO_TYPE_MAP_AREA, NULL);
}

void
fluo_map_area_set_live (FluoMapArea *self,
                        gboolean     live)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  self->live = live;
  if (!live)
    fluo_map_area_stop_pulse (self);
}

void
fluo_map_area_select_node (FluoMapArea *self,
                           const char  *name,
                           const char  *type)
{
  const guint node = FLUO_IS_MAP_AREA (self) ? find_node (self, name, type) : FLUO_MAP_NONE;
  g_autofree char *name_copy = NULL;
  g_autofree char *type_copy = NULL;

  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  name_copy = g_strdup (name);
  type_copy = g_strdup (type);
  fluo_map_area_select (self, node, FLUO_MAP_NONE);
  /* Not there yet: it may come with the next answer. */
  if (node == FLUO_MAP_NONE && name)
    {
      g_free (self->node_name);
      g_free (self->node_type);
      self->node_name = g_steal_pointer (&name_copy);
      self->node_type = g_steal_pointer (&type_copy);
    }
}

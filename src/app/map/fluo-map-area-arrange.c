/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include "aws/fluo-cloudwatch.h"

/* From the whole graph to what is on screen: what the rules leave of it, its layout, made by a
 * worker, and the way from the layout before. */

/* How long things take to their new places (DESIGN.md section 7). */
#define GLIDE_MS 250

static void
compare_with_usual (FluoMapArea *self)
{
  g_clear_pointer (&self->usual, fluo_graph_difference_unref);
  if (self->usual_graph && self->graph)
    self->usual = fluo_graph_difference_new_usual (self->usual_graph, self->graph,
                                                   self->usual_span, self->span);
  self->view.usual = self->usual;
}

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
      g_autoptr (GPtrArray) keys = fluo_map_area_dup_keys (self, i);

      for (guint k = 0; !self->shown[i] && k < keys->len; k++)
        self->shown[i] = g_hash_table_contains (self->matching, g_ptr_array_index (keys, k));
    }
}

/* Which alarms ring for which node on screen. */
static void
mark_alarms (FluoMapArea *self)
{
  g_clear_pointer (&self->alarmed, g_free);
  g_clear_pointer (&self->alarms_now, g_hash_table_unref);
  if (!self->alarms || !self->graph)
    return;
  self->alarmed = g_new0 (guint8, self->graph->nodes->len + 1);
  self->alarms_now =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      g_autoptr (GPtrArray) keys = fluo_map_area_dup_keys (self, i);
      g_autoptr (GPtrArray) all =
        g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_alarm_unref);

      for (guint k = 0; k < keys->len; k++)
        {
          GPtrArray *some = g_hash_table_lookup (self->alarms, g_ptr_array_index (keys, k));

          for (guint n = 0; some && n < some->len; n++)
            if (!g_ptr_array_find (all, g_ptr_array_index (some, n), NULL))
              g_ptr_array_add (all, fluo_alarm_ref (g_ptr_array_index (some, n)));
        }
      self->alarmed[i] = all->len > 0;
      if (all->len > 0)
        g_hash_table_insert (self->alarms_now, GUINT_TO_POINTER (i), g_steal_pointer (&all));
    }
}

/* The same alarms for the same nodes. */
static gboolean
alarms_equal (GHashTable *a,
              GHashTable *b)
{
  GHashTableIter iter;
  gpointer key, value;

  if (!a || !b || g_hash_table_size (a) != g_hash_table_size (b))
    return a == b;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const GPtrArray *one = value;
      const GPtrArray *other = g_hash_table_lookup (b, key);

      if (!other || one->len != other->len ||
          memcmp (one->pdata, other->pdata, one->len * sizeof (gpointer)) != 0)
        return FALSE;
    }
  return TRUE;
}

void
fluo_map_area_set_alarms (FluoMapArea *self,
                          GHashTable  *alarms)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  /* They are matched with every graph, but change once a minute. */
  if (alarms_equal (self->alarms, alarms))
    {
      g_clear_pointer (&alarms, g_hash_table_unref);
      return;
    }
  g_clear_pointer (&self->alarms, g_hash_table_unref);
  self->alarms = alarms;
  mark_alarms (self);
  fluo_map_area_describe (self);
  fluo_map_area_invalidate (self);
  if (self->view.selected_node != FLUO_MAP_NONE)
    g_signal_emit_by_name (self, "selection-changed");
}

GPtrArray *
fluo_map_area_get_alarms (FluoMapArea *self,
                          guint        node)
{
  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  return self->alarms_now ? g_hash_table_lookup (self->alarms_now, GUINT_TO_POINTER (node)) : NULL;
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

void
fluo_map_area_stop_moving (FluoMapArea *self)
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
  g_autoptr (FluoMapTopology) previous = g_steal_pointer (&self->topology);
  const gboolean same = previous && fluo_map_topology_equal (topology, previous);
  g_autoptr (FluoServiceGraph) before =
    self->live && self->graph && self->graph != graph ? fluo_service_graph_ref (self->graph) : NULL;

  g_clear_pointer (&self->map, fluo_map_free);
  if (layout || !same)
    fluo_map_area_stop_moving (self);
  if (self->graph != graph)
    {
      g_clear_pointer (&self->graph, fluo_service_graph_unref);
      self->graph = fluo_service_graph_ref (graph);
    }
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
  fluo_map_area_mark_found (self);
  mark_nodes (self);
  mark_alarms (self);
  fluo_map_area_stop_pulse (self);
  fluo_map_area_resolve_names (self, previous);
  fluo_map_area_find_picked (self);
  fluo_map_area_describe (self);
  fluo_map_area_invalidate (self);
  if (before)
    fluo_map_area_pulse (self, before);
  if (self->view.selected_node != selected || self->view.selected_edge != edge ||
      selected != FLUO_MAP_NONE || edge != FLUO_MAP_NONE)
    g_signal_emit_by_name (self, "selection-changed");
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
  fluo_map_area_describe (self);
  fluo_map_area_invalidate (self);
  if (self->view.selected_node != FLUO_MAP_NONE)
    g_signal_emit_by_name (self, "selection-changed");
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

  fluo_service_colors_hold (&self->colors, colors, G_CALLBACK (fluo_map_area_invalidate), self);
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
  fluo_map_area_stop_moving (self);
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
  mark_alarms (self);
  fluo_map_area_mark_found (self);
  fluo_map_area_stop_pulse (self);
  fluo_map_area_resolve_names (self, NULL);
  fluo_map_area_find_picked (self);
  fluo_map_area_invalidate (self);
  self->pictures.oldest = self->pictures.wanted;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>

#include "aws/fluo-cloudwatch.h"
#include "core/fluo-format.h"

#define ALARM_CHARS_MAX 200

/* What is selected and has the focus: kept by name, as indexes change with every answer. */

static const FluoGraphNode *
graph_node (FluoMapArea *self,
            guint        node)
{
  return g_ptr_array_index (self->graph->nodes, node);
}

/* The group in which that one is now. */
static guint
find_group (FluoMapArea *self,
            const char  *key)
{
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      g_autoptr (GPtrArray) keys = NULL;

      if (graph_node (self, i)->n_folded == 0)
        continue;
      keys = fluo_map_area_dup_keys (self, i);
      if (g_ptr_array_find_with_equal_func (keys, key, g_str_equal, NULL))
        return i;
    }
  return FLUO_MAP_NONE;
}

static guint
find_key (FluoMapArea *self,
          const char  *key)
{
  for (guint i = 0; key && self->graph && i < self->graph->nodes->len; i++)
    {
      g_autofree char *candidate = fluo_graph_node_dup_key (graph_node (self, i));

      if (g_str_equal (candidate, key))
        return i;
    }
  return key && self->graph ? find_group (self, key) : FLUO_MAP_NONE;
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
      g_autofree char *from = fluo_graph_node_dup_key (graph_node (self, edge->from));
      g_autofree char *to = fluo_graph_node_dup_key (graph_node (self, edge->to));

      if (g_str_equal (from, self->edge_from) && g_str_equal (to, self->edge_to) &&
          edge->linked == self->edge_linked)
        return i;
    }
  return FLUO_MAP_NONE;
}

char *
fluo_map_area_dup_alarm_names (FluoMapArea *self,
                               guint        node)
{
  GPtrArray *alarms = fluo_map_area_get_alarms (self, node);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; alarms && i < alarms->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ((FluoAlarm *) g_ptr_array_index (alarms, i))->name);
  return names->len > 0 ? fluo_format_untrusted (names->str, ALARM_CHARS_MAX) : NULL;
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

  g_autofree char *alarms = fluo_map_area_dup_alarm_names (self, node);
  GString *words = g_string_new (sentence);

  if (change)
    g_string_append_printf (words, ", %s%s", than == self->usual ? _("than usual: ") : "", change);
  if (alarms)
    {
      g_string_append (words, ", ");
      g_string_append_printf (words, _("alarm: %s"), alarms);
    }
  return g_string_free (words, FALSE);
}

void
fluo_map_area_describe (FluoMapArea *self)
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

/* Where a node of the graph before is now. */
static guint
follow_node (FluoMapArea           *self,
             const FluoMapTopology *before,
             guint                  node)
{
  const char *key = before && node < before->n_nodes ? before->keys[before->ranks[node]] : NULL;

  for (guint rank = 0; key && rank < self->topology->n_nodes; rank++)
    if (g_str_equal (self->topology->keys[rank], key))
      return self->topology->nodes[rank];
  return FLUO_MAP_NONE;
}

static guint
follow_edge (FluoMapArea           *self,
             const FluoMapTopology *before,
             guint                  edge)
{
  if (before && fluo_map_topology_equal (before, self->topology))
    for (guint rank = 0; rank < before->n_edges; rank++)
      if (before->edges[rank] == edge)
        return self->topology->edges[rank];
  return FLUO_MAP_NONE;
}

/* In the map or in its menu, which gives it back: what it was opened for keeps it. */
static gboolean
has_focus_within (FluoMapArea *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  return focus && (focus == GTK_WIDGET (self) || gtk_widget_is_ancestor (focus, GTK_WIDGET (self)));
}

/* Indexes of another graph mean other things. What the user is doing goes on: pointing, pressing
 * twice, choosing from a menu. */
void
fluo_map_area_resolve_names (FluoMapArea           *self,
                             const FluoMapTopology *before)
{
  self->view.selected_node = self->node_key
                               ? find_key (self, self->node_key)
                               : find_node (self, self->node_name, self->node_type);
  self->view.selected_edge = find_edge (self);
  self->view.focus_node =
    has_focus_within (self) ? find_key (self, self->focus_key) : FLUO_MAP_NONE;
  self->view.hover_node = follow_node (self, before, self->view.hover_node);
  self->view.hover_edge = follow_edge (self, before, self->view.hover_edge);
  self->clicked_node = follow_node (self, before, self->clicked_node);
  self->clicked_edge = follow_edge (self, before, self->clicked_edge);
  self->menu_node = follow_node (self, before, self->menu_node);
  self->menu_edge = follow_edge (self, before, self->menu_edge);
  self->drag_node = follow_node (self, before, self->drag_node);
  self->card_shown &=
    self->view.hover_node != FLUO_MAP_NONE || self->view.hover_edge != FLUO_MAP_NONE;
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
  g_clear_pointer (&self->node_key, g_free);
  g_clear_pointer (&self->edge_from, g_free);
  g_clear_pointer (&self->edge_to, g_free);
  self->view.selected_node = node;
  self->view.selected_edge = edge;
  if (node != FLUO_MAP_NONE)
    {
      self->node_name = g_strdup (graph_node (self, node)->name);
      self->node_type = g_strdup (graph_node (self, node)->type);
      self->node_key = fluo_graph_node_dup_key (graph_node (self, node));
    }
  else if (edge != FLUO_MAP_NONE)
    {
      const FluoGraphEdge *item = g_ptr_array_index (self->graph->edges, edge);

      self->edge_from = fluo_graph_node_dup_key (graph_node (self, item->from));
      self->edge_to = fluo_graph_node_dup_key (graph_node (self, item->to));
      self->edge_linked = item->linked;
    }
  fluo_map_area_restate (self);
  g_signal_emit_by_name (self, "selection-changed");
}

void
fluo_map_area_set_focus_node (FluoMapArea *self,
                              guint        node)
{
  g_free (self->focus_key);
  self->focus_key =
    node == FLUO_MAP_NONE ? NULL : fluo_graph_node_dup_key (graph_node (self, node));
  self->view.focus_node = node;
  fluo_map_area_restate (self);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>

/* What is selected and has the focus: kept by name, as indexes change with every answer. */

static const FluoGraphNode *
graph_node (FluoMapArea *self,
            guint        node)
{
  return g_ptr_array_index (self->graph->nodes, node);
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
      g_autofree char *from = fluo_graph_node_dup_key (graph_node (self, edge->from));
      g_autofree char *to = fluo_graph_node_dup_key (graph_node (self, edge->to));

      if (g_str_equal (from, self->edge_from) && g_str_equal (to, self->edge_to))
        return i;
    }
  return FLUO_MAP_NONE;
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

/* Indexes of another graph mean other things. */
void
fluo_map_area_resolve_names (FluoMapArea *self)
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

      self->edge_from = fluo_graph_node_dup_key (graph_node (self, item->from));
      self->edge_to = fluo_graph_node_dup_key (graph_node (self, item->to));
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <glib/gi18n.h>

#include "app/map/fluo-inspector-data.h"
#include "app/widgets/fluo-color-menu.h"
#include "app/widgets/fluo-context-menu.h"
#include "core/fluo-format.h"

/* What can be done with a node or an edge: their menus, and the actions behind them. */

char *
fluo_map_area_dup_filter (FluoMapArea *self,
                          guint        node,
                          gboolean     leave_out)
{
  g_autofree guint8 *members = NULL;
  g_autoptr (GPtrArray) filters = NULL;
  g_autofree char *joined = NULL;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), NULL);

  if (!self->graph || node >= self->graph->nodes->len)
    return NULL;
  members = fluo_map_area_dup_members (self, node);
  if (members)
    filters = fluo_inspector_dup_group_filters (self->full_graph, members);
  else
    joined = fluo_inspector_dup_node_filter (self->graph, node);
  if (!members)
    return joined && leave_out ? g_strconcat ("!", joined, NULL) : g_steal_pointer (&joined);
  if (filters->len == 0)
    return NULL;
  g_ptr_array_add (filters, NULL);
  joined = g_strjoinv (leave_out ? " AND !" : " OR ", (char **) filters->pdata);
  return leave_out ? g_strconcat ("!", joined, NULL) : g_strdup_printf ("(%s)", joined);
}

void
fluo_map_area_show_traces (FluoMapArea *self,
                           guint        node,
                           guint        edge)
{
  g_autofree char *filter = NULL;

  if (self->graph && node < self->graph->nodes->len)
    filter = fluo_map_area_dup_filter (self, node, FALSE);
  else if (self->graph && edge < self->graph->edges->len)
    filter = fluo_inspector_dup_edge_filter (self->graph, edge);
  if (filter)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-traces", "s", filter);
}

static guint
count_of_type (FluoMapArea *self,
               const char  *type)
{
  guint n = 0;

  for (guint i = 0; type && i < self->graph->nodes->len; i++)
    n += g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->type, type) == 0;
  return n;
}

static guint
count_of_account (FluoMapArea *self,
                  const char  *account)
{
  guint n = 0;

  for (guint i = 0; account && i < self->graph->nodes->len; i++)
    n += g_strcmp0 (((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, i))->account,
                    account) == 0;
  return n;
}

/* Those that call nobody, and that nobody else calls. */
static guint
count_leaves (FluoMapArea *self,
              guint        node)
{
  const guint n_nodes = self->graph->nodes->len;
  g_autofree guint8 *leaf = g_new0 (guint8, n_nodes);
  guint n = 0;

  for (guint i = 0; i < self->graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, i);

      if (edge->from == node && edge->to != node)
        leaf[edge->to] = TRUE;
    }
  for (guint i = 0; i < self->graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = g_ptr_array_index (self->graph->edges, i);

      if (edge->from == edge->to)
        continue;
      leaf[edge->from] = FALSE;
      leaf[edge->to] &= edge->from == node;
    }
  for (guint i = 0; i < n_nodes; i++)
    n += leaf[i];
  return n;
}

/* To the traces of a node or an edge. */
static GMenu *
make_traces (void)
{
  GMenu *traces = g_menu_new ();

  g_menu_append (traces, _("View Traces"), "map.view-traces");
  g_menu_append (traces, _("Add to Filter"), "map.add-to-filter");
  g_menu_append (traces, _("Leave Out of Filter"), "map.leave-out");
  return traces;
}

/* What would change nothing is not offered. */
static void
append_fold (GMenu      *menu,
             const char *words,
             guint       n,
             const char *action)
{
  g_autofree char *label = g_strdup_printf ("%s ×%u", words, n);

  if (n >= 2)
    g_menu_append (menu, label, action);
}

static GMenuModel *
make_menu (FluoMapArea *self)
{
  const FluoGraphNode *node = g_ptr_array_index (self->graph->nodes, self->menu_node);
  guint n_prefix = 0;
  g_autofree char *prefix = fluo_map_area_dup_prefix (self, self->menu_node, &n_prefix);
  g_autofree char *filter = fluo_map_area_dup_filter (self, self->menu_node, FALSE);
  /* Clients have no traces of their own. */
  g_autoptr (GMenu) traces = filter ? make_traces () : g_menu_new ();
  g_autoptr (GMenu) show = g_menu_new ();
  g_autoptr (GMenu) fold = g_menu_new ();
  g_autoptr (GMenu) rest = g_menu_new ();
  GMenu *menu = g_menu_new ();

  if (filter && node->n_folded == 0 && fluo_inspector_has_log (node->type))
    g_menu_insert (traces, 1, _("View Logs"), "map.view-logs");
  g_menu_append (show, _("Hide"), "map.hide");
  g_menu_append (show, _("Show Only the Next Calls"), "map.focus(1)");
  g_menu_append (show, _("Show Only Three Calls Around"), "map.focus(3)");
  if (node->n_folded > 0)
    g_menu_append (fold, _("Unfold"), "map.unfold");
  else
    {
      if (prefix)
        {
          g_autofree char *safe = fluo_format_untrusted (prefix, 40);
          g_auto (GStrv) parts = g_strsplit (safe, "_", -1);
          g_autofree char *escaped = g_strjoinv ("__", parts);
          g_autofree char *label = g_strdup_printf (_("Fold All “%s…”"), escaped);

          append_fold (fold, label, n_prefix, "map.fold(0)");
        }
      append_fold (fold, _("Fold All of This Type"), count_of_type (self, node->type),
                   "map.fold(1)");
      append_fold (fold, _("Fold All of This Account"), count_of_account (self, node->account),
                   "map.fold(2)");
      append_fold (fold, _("Fold What Only It Calls"), count_leaves (self, self->menu_node),
                   "map.fold(3)");
    }
  /* Clients are grey everywhere. */
  if (g_strcmp0 (node->type, "client") != 0)
    fluo_color_menu_append (rest, _("Colour"), self->colors);
  g_menu_append (rest, _("Copy Name"), "map.copy-name");
  if (node->n_folded == 0 && node->name)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (_("Open in AWS Console"), NULL);

      g_menu_item_set_action_and_target (item, "win.open-node-in-console", "(ss)", node->name,
                                         node->type ? node->type : "");
      g_menu_item_set_attribute (item, "hidden-when", "s", "action-disabled");
      g_menu_append_item (rest, item);
    }
  g_menu_append (rest, _("Tidy"), "map.tidy");
  if (self->undo.steps->len > 0)
    g_menu_append (rest, _("Undo"), "map.undo");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (traces));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (show));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (fold));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (rest));
  return G_MENU_MODEL (menu);
}

static void
popup (FluoMapArea *self,
       GMenuModel  *model)
{
  fluo_context_menu_set_model (&self->menu, model, GTK_WIDGET (self));
  fluo_map_area_hide_card (self);
}

void
fluo_map_area_popup_edge_menu (FluoMapArea *self,
                               guint        edge,
                               double       x,
                               double       y)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self));
  g_autofree char *filter = fluo_inspector_dup_edge_filter (self->graph, edge);
  g_autoptr (GMenu) model = NULL;

  /* Of a group there is no expression. */
  if (!filter)
    return;
  self->menu_node = FLUO_MAP_NONE;
  self->menu_edge = edge;
  model = make_traces ();
  popup (self, G_MENU_MODEL (model));
  fluo_context_menu_popup (self->menu, x * scale, y * scale);
}

void
fluo_map_area_popup_menu (FluoMapArea *self,
                          guint        node)
{
  const FluoMap *map = fluo_map_area_get_map (self);
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self));
  g_autoptr (GMenuModel) model = NULL;
  const FluoGraphNode *item;

  if (!map || node == FLUO_MAP_NONE)
    return;
  self->menu_node = node;
  self->menu_edge = FLUO_MAP_NONE;
  model = make_menu (self);
  popup (self, model);
  item = g_ptr_array_index (self->graph->nodes, node);
  fluo_color_menu_fill (GTK_POPOVER_MENU (self->menu), "map.color", self->colors, item->name,
                        item->type);
  fluo_context_menu_popup (self->menu, map->nodes[node].x * scale,
                           (map->nodes[node].y + map->nodes[node].radius) * scale);
}

static void
view_traces_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);

  fluo_map_area_show_traces (self, self->menu_node, self->menu_edge);
}

static void
view_logs_cb (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);
  const FluoGraphNode *node = self->graph && self->menu_node < self->graph->nodes->len
                                ? g_ptr_array_index (self->graph->nodes, self->menu_node)
                                : NULL;

  if (node && node->name)
    gtk_widget_activate_action (widget, "win.show-node-logs", "(ss)", node->name,
                                node->type ? node->type : "");
}

static void
copy_name_cb (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);

  if (self->graph && self->menu_node < self->graph->nodes->len)
    gdk_clipboard_set_text (
      gtk_widget_get_clipboard (widget),
      ((FluoGraphNode *) g_ptr_array_index (self->graph->nodes, self->menu_node))->name);
}

static void
color_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);
  const FluoGraphNode *node;
  guint before;

  if (!self->graph || self->menu_node >= self->graph->nodes->len || !self->colors)
    return;
  node = g_ptr_array_index (self->graph->nodes, self->menu_node);
  before = fluo_service_colors_get_choice (self->colors, node->name, node->type);
  if (fluo_color_menu_choose (widget, self->colors, node->name, node->type,
                              g_variant_get_string (parameter, NULL)))
    fluo_map_area_note_color (self, node->name, node->type, before);
}

static void
hide_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  fluo_map_area_hide (FLUO_MAP_AREA (widget), FLUO_MAP_AREA (widget)->menu_node);
}

static void
focus_on_cb (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  fluo_map_area_focus_on (FLUO_MAP_AREA (widget), FLUO_MAP_AREA (widget)->menu_node,
                          (guint) CLAMP (g_variant_get_int32 (parameter), 1, 99));
}

static void
fold_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  fluo_map_area_fold (FLUO_MAP_AREA (widget), FLUO_MAP_AREA (widget)->menu_node,
                      (FluoGraphFoldKind) CLAMP (g_variant_get_int32 (parameter),
                                                 FLUO_GRAPH_FOLD_PREFIX, FLUO_GRAPH_FOLD_LEAVES));
}

static void
unfold_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  fluo_map_area_unfold (FLUO_MAP_AREA (widget), FLUO_MAP_AREA (widget)->menu_node);
}

static void
tidy_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  fluo_map_area_tidy (FLUO_MAP_AREA (widget));
}

static void
undo_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  fluo_map_area_undo (FLUO_MAP_AREA (widget));
}

static void
filter_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);

  const gboolean leave_out = g_str_equal (action, "map.leave-out");
  g_autofree char *edge = NULL, *filter = NULL;

  if (self->graph && self->menu_edge < self->graph->edges->len)
    {
      edge = fluo_inspector_dup_edge_filter (self->graph, self->menu_edge);
      filter = edge ? g_strconcat (leave_out ? "!" : "", edge, NULL) : NULL;
    }
  else
    filter = fluo_map_area_dup_filter (self, self->menu_node, leave_out);
  if (filter)
    gtk_widget_activate_action (widget, "win.filter-add", "s", filter);
}

void
fluo_map_area_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "map.view-traces", NULL, view_traces_cb);
  gtk_widget_class_install_action (widget_class, "map.view-logs", NULL, view_logs_cb);
  gtk_widget_class_install_action (widget_class, "map.color", "s", color_cb);
  gtk_widget_class_install_action (widget_class, "map.copy-name", NULL, copy_name_cb);
  gtk_widget_class_install_action (widget_class, "map.hide", NULL, hide_cb);
  gtk_widget_class_install_action (widget_class, "map.focus", "i", focus_on_cb);
  gtk_widget_class_install_action (widget_class, "map.fold", "i", fold_cb);
  gtk_widget_class_install_action (widget_class, "map.unfold", NULL, unfold_cb);
  gtk_widget_class_install_action (widget_class, "map.tidy", NULL, tidy_cb);
  gtk_widget_class_install_action (widget_class, "map.undo", NULL, undo_cb);
  gtk_widget_class_install_action (widget_class, "map.add-to-filter", NULL, filter_cb);
  gtk_widget_class_install_action (widget_class, "map.leave-out", NULL, filter_cb);
}

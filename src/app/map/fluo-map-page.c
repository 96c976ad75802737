/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include "aws/fluo-cloudwatch.h"

/* Where less than this would be left, the inspector slides over the map instead of pushing it
 * aside. */
#define BESIDE_MIN_PX 480
/* Under these, what only helps the eye gives way. */
#define LEGEND_MIN_PX 720
#define MINIMAP_MIN_PX 960
/* Nothing moves on a read that is quicker. */
#define LOADING_DELAY_MS 300

G_DEFINE_FINAL_TYPE (FluoMapPage, fluo_map_page, GTK_TYPE_WIDGET)

/* The furniture grows with the text. */
static double
text_scale (FluoMapPage *self)
{
  return fluo_canvas_get_scale (FLUO_CANVAS (self->legend));
}

/* From which width on there is a legend. A larger one would lie over the map at once. */
static double
legend_min (FluoMapPage *self)
{
  const double scale = text_scale (self);

  return scale > 1 ? MINIMAP_MIN_PX * scale : LEGEND_MIN_PX;
}

static void
view_changed_cb (FluoMapPage *self)
{
  /* While a large map is drawn anew there are no boxes to tell of. */
  if (fluo_map_area_peek_map (self->area))
    {
      const int width = (int) fluo_map_legend_width (fluo_map_area_peek_map (self->area));
      const int height = (int) fluo_map_legend_height (fluo_map_area_peek_map (self->area));

      fluo_canvas_set_size (FLUO_CANVAS (self->legend), width, height);
      gtk_widget_queue_draw (self->legend);
      if (self->legend_px != height)
        fluo_map_page_queue_furniture (self);
      self->legend_px = height;
    }
  gtk_widget_queue_draw (self->minimap);
  fluo_map_page_update_rules (self);
  fluo_map_page_follow_list (self);
  if (self->compare.before && !self->compare.cancellable)
    fluo_map_page_update_comparison (self);
}

/* --- Following the explorer ----------------------------------------------- */

static gboolean
loading_cb (gpointer data)
{
  FluoMapPage *self = data;

  self->loading_id = 0;
  if (!fluo_map_area_get_graph (self->area))
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "loading");
  return G_SOURCE_REMOVE;
}

void
fluo_map_page_update_state (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_explorer_get_graph (self->explorer);
  const gboolean empty =
    graph && graph->nodes->len == 0 && !fluo_explorer_is_loading (self->explorer);
  const gboolean has_map = graph && graph->nodes->len > 0;

  if (!graph && fluo_explorer_is_loading (self->explorer))
    {
      gtk_widget_set_visible (self->furniture, FALSE);
      if (!self->loading_id)
        self->loading_id = g_timeout_add (LOADING_DELAY_MS, loading_cb, self);
      return;
    }
  g_clear_handle_id (&self->loading_id, g_source_remove);
  if (empty)
    fluo_map_page_update_empty (self);
  /* While it reads again, what was there before stays. */
  if (empty || has_map || !graph)
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                      empty ? "empty" : fluo_map_page_get_view (self));
  gtk_widget_set_visible (self->furniture, has_map && !self->as_list);
  gtk_widget_set_visible (self->legend, has_map && !self->as_list &&
                                          gtk_widget_get_width (self->main) >= legend_min (self));
  gtk_widget_set_visible (self->views, has_map);
  gtk_widget_set_visible (GTK_WIDGET (self->list), has_map && self->as_list);
  gtk_widget_set_visible (self->list_compare, has_map && self->as_list);
}

/* Whether CloudWatch may have alarms on the node. */
static gboolean
is_watched (const FluoServiceGraph *graph,
            guint                   node)
{
  const FluoGraphNode *item =
    node < graph->nodes->len ? g_ptr_array_index (graph->nodes, node) : NULL;
  g_autoptr (GPtrArray) metrics =
    item && item->name ? fluo_metrics_for_node (item->type, item->name) : NULL;

  return metrics && metrics->len > 0;
}

void
fluo_map_page_update_inspector (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_map_area_get_graph (self->area);
  const FluoTimeSpan span = fluo_map_area_get_span (self->area);
  const guint node = fluo_map_area_get_node (self->area);
  const guint edge = fluo_map_area_get_edge (self->area);
  const FluoGraphDifference *difference = fluo_map_area_get_difference (self->area);
  const FluoGraphDifference *usual = fluo_map_area_get_usual (self->area);
  GPtrArray *summaries = fluo_explorer_get_summaries (self->explorer);
  const gboolean complete = !fluo_explorer_is_loading (self->explorer);
  g_autofree guint8 *members = fluo_map_area_dup_members (self->area, node);
  FluoInspectorData *data = NULL;

  if (graph && node != FLUO_MAP_NONE)
    data = fluo_inspector_data_new (graph, node, summaries, complete, span);
  else if (graph && edge != FLUO_MAP_NONE)
    data = fluo_inspector_data_new_edge (graph, edge, summaries, complete, span);
  if (data && members)
    fluo_inspector_data_set_members (data, fluo_map_area_get_full_graph (self->area), members);
  if (data && difference)
    fluo_inspector_data_set_change (
      data, node != FLUO_MAP_NONE ? &difference->nodes[node] : &difference->edges[edge],
      difference->before, FALSE);
  else if (data && self->compare.cancellable)
    fluo_inspector_data_set_comparing (data, self->compare.span);
  else if (data && usual && node != FLUO_MAP_NONE && usual->nodes[node].before.total > 0)
    fluo_inspector_data_set_change (data, &usual->nodes[node], usual->before, TRUE);
  if (data && node != FLUO_MAP_NONE)
    fluo_inspector_set_data (self->inspector, data, fluo_explorer_get_colors (self->explorer));
  else if (data)
    fluo_inspector_set_edge_data (self->inspector, data,
                                  fluo_explorer_get_colors (self->explorer));
  if (data)
    fluo_inspector_set_alarms (self->inspector, fluo_map_area_get_alarms (self->area, node),
                               is_watched (graph, node) ? self->alarms.error : NULL);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer),
                                 node != FLUO_MAP_NONE || edge != FLUO_MAP_NONE);
}

void
fluo_map_page_follow_graph (FluoMapPage *self)
{
  FluoServiceGraph *graph = fluo_explorer_get_graph (self->explorer);
  g_autoptr (FluoServiceGraph) shown = NULL;

  /* Another connection has other services. */
  if (self->compare.client && self->compare.client != fluo_explorer_get_client (self->explorer))
    {
      self->compare.client = NULL;
      fluo_map_page_stop_comparison (self);
    }
  shown =
    graph && graph->nodes->len > 0 ? fluo_map_page_dup_shown_graph (self, graph) : NULL;

  fluo_map_area_set_connection (self->area, fluo_explorer_get_name (self->explorer));
  fluo_map_area_set_graph (self->area, shown, fluo_explorer_get_span (self->explorer),
                           fluo_explorer_get_colors (self->explorer));
  fluo_map_page_update_matching (self);
  fluo_map_page_follow_usual (self);
  fluo_map_page_follow_alarms (self);
  fluo_map_page_update_state (self);
}

static void
graph_changed_cb (FluoMapPage *self)
{
  fluo_map_page_follow_graph (self);
}

static void
matches_changed_cb (FluoMapPage *self)
{
  if (*fluo_explorer_get_filter (self->explorer) && self->only_matching)
    fluo_map_page_follow_graph (self);
  else
    fluo_map_page_update_matching (self);
}

static void
update_strip (FluoMapPage *self)
{
  fluo_time_strip_set_data (self->strip, fluo_explorer_get_summaries (self->explorer),
                            fluo_explorer_get_span (self->explorer),
                            fluo_explorer_get_live (self->explorer));
}

static void
summaries_changed_cb (FluoMapPage *self)
{
  update_strip (self);
  fluo_map_page_update_inspector (self);
}

static void
state_changed_cb (FluoMapPage *self)
{
  fluo_map_area_set_live (self->area, fluo_explorer_get_live (self->explorer));
  update_strip (self);
  fluo_map_page_update_state (self);
}

/* --- What the user does --------------------------------------------------- */

static void
selection_changed_cb (FluoMapPage *self)
{
  fluo_map_page_update_inspector (self);
  gtk_widget_queue_draw (self->minimap);
  if (self->as_list)
    fluo_map_list_select (self->list, fluo_map_area_get_node (self->area),
                          fluo_map_area_get_edge (self->area));
}

static void
closed_cb (FluoMapPage *self)
{
  fluo_map_area_select_node (self->area, NULL, NULL);
  fluo_map_page_focus_view (self);
}

void
fluo_map_page_inspect (FluoMapPage *self)
{
  /* A panel that is only now being opened can't have the focus yet. */
  self->focus_waits = !gtk_widget_get_mapped (GTK_WIDGET (self->inspector));
  if (!self->focus_waits)
    fluo_inspector_focus (self->inspector);
}

static void
inspector_mapped_cb (FluoMapPage *self)
{
  if (self->focus_waits)
    fluo_inspector_focus (self->inspector);
  self->focus_waits = FALSE;
}

static void
range_selected_cb (FluoMapPage *self,
                   gint64       begin_ns,
                   gint64       end_ns)
{
  /* Moving the edges keeps what there was before the first choice. */
  if (fluo_time_span_length (self->span_before) == 0)
    {
      self->relative_before_ns = fluo_explorer_get_relative_ns (self->explorer);
      self->span_before = fluo_explorer_get_span (self->explorer);
    }
  fluo_explorer_set_span (self->explorer, (FluoTimeSpan) { begin_ns, end_ns });
}

static void
range_cleared_cb (FluoMapPage *self)
{
  const FluoTimeSpan span = self->span_before;

  self->span_before = (FluoTimeSpan) { 0, 0 };
  if (fluo_time_span_length (span) == 0)
    return;
  if (self->relative_before_ns > 0)
    fluo_explorer_set_relative (self->explorer, self->relative_before_ns);
  else
    fluo_explorer_set_span (self->explorer, span);
}

/* --- Making --------------------------------------------------------------- */

static void
draw_ground (FluoPainter *painter,
             double       width,
             double       height,
             gpointer     user_data)
{
  fluo_color_set (fluo_painter_get_cr (painter), fluo_painter_get_palette (painter)->view);
  cairo_paint (fluo_painter_get_cr (painter));
}

static void
make_main (FluoMapPage *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->main = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->stack = gtk_stack_new ();
  self->area = FLUO_MAP_AREA (fluo_map_area_new ());
  gtk_stack_add_named (GTK_STACK (self->stack), GTK_WIDGET (self->area), "map");
  /* The list itself lies below the tools, which the map lies under. */
  gtk_stack_add_named (GTK_STACK (self->stack), fluo_canvas_new (draw_ground, self, -1, -1),
                       "list");
  gtk_stack_add_named (GTK_STACK (self->stack), fluo_map_page_make_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), fluo_map_page_make_loading (self),
                       "loading");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->stack);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), fluo_map_page_make_list (self));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), fluo_map_page_make_legend (self));
  self->furniture = fluo_map_page_make_furniture (self);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->furniture);
  fluo_map_page_add_tools (self, GTK_OVERLAY (overlay));
  self->strip = FLUO_TIME_STRIP (fluo_time_strip_new ());
  gtk_widget_set_vexpand (overlay, TRUE);
  gtk_box_append (GTK_BOX (self->main), overlay);
  gtk_box_append (GTK_BOX (self->main), GTK_WIDGET (self->strip));
  gtk_widget_set_parent (self->main, GTK_WIDGET (self));
  g_signal_connect_object (self->area, "view-changed", G_CALLBACK (view_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->area, "selection-changed", G_CALLBACK (selection_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->area, "inspect", G_CALLBACK (fluo_map_page_inspect), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "range-selected", G_CALLBACK (range_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "range-cleared", G_CALLBACK (range_cleared_cb), self,
                           G_CONNECT_SWAPPED);
}

/* --- Widget --------------------------------------------------------------- */

static void
fluo_map_page_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);
  int side_minimum, side_natural;

  gtk_widget_measure (self->main, orientation, -1, minimum, natural, NULL, NULL);
  gtk_widget_measure (self->revealer, orientation, -1, &side_minimum, &side_natural, NULL, NULL);
  /* The inspector may lie over the map, so it adds no width. */
  *minimum = MAX (*minimum, side_minimum);
  *natural = MAX (*natural, side_natural);
}

/* The tools and the notice, the legend and, beside the buttons, the minimap. */
static void
keep_clear (FluoMapPage *self)
{
  const int width = gtk_widget_get_width (self->main);
  const int top = MAX (self->tools_px, FLUO_MAP_TOOLS_PX);
  const double scale = text_scale (self);
  int right, height, legend;

  gtk_widget_measure (self->furniture, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &right, NULL, NULL);
  gtk_widget_measure (self->furniture, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  gtk_widget_measure (self->legend, GTK_ORIENTATION_VERTICAL, -1, NULL, &legend, NULL, NULL);
  if (width >= legend_min (self))
    fluo_map_area_set_furniture (self->area, top,
                                 scale * fluo_map_legend_width (
                                           fluo_map_area_peek_map (self->area)) +
                                   FURNITURE_MARGIN_PX,
                                 right, MAX (height, legend));
  else
    fluo_map_area_set_furniture (self->area, top, 0, right, height);
}

static gboolean
furniture_cb (gpointer data)
{
  FluoMapPage *self = data;

  self->furniture_id = 0;
  fluo_map_list_set_width (self->list,
                           (int) (gtk_widget_get_width (self->main) / text_scale (self)));
  gtk_widget_set_visible (self->minimap, gtk_widget_get_width (self->main) >=
                                           MINIMAP_MIN_PX * text_scale (self));
  keep_clear (self);
  return G_SOURCE_REMOVE;
}

void
fluo_map_page_queue_furniture (FluoMapPage *self)
{
  /* Nothing may be asked for anew in the middle of an allocation. */
  if (!self->furniture_id)
    self->furniture_id = g_idle_add (furniture_cb, self);
}

static void
fluo_map_page_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);
  const int was = gtk_widget_get_width (self->main);
  const double scale = text_scale (self);
  int side, whole;
  int rest = width;

  gtk_widget_measure (self->revealer, GTK_ORIENTATION_HORIZONTAL, height, NULL, &side, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self->inspector), GTK_ORIENTATION_HORIZONTAL, height, NULL,
                      &whole, NULL, NULL);
  side = MIN (side, width);
  if (width - whole >= BESIDE_MIN_PX)
    rest -= side;
  gtk_widget_set_child_visible (self->revealer, side > 0);
  gtk_widget_size_allocate (self->main, &(GtkAllocation) { 0, 0, rest, height }, -1);
  gtk_widget_size_allocate (self->revealer, &(GtkAllocation) { width - side, 0, side, height }, -1);
  gtk_widget_set_opacity (self->legend, rest >= legend_min (self));
  if (gtk_widget_get_visible (self->minimap) != (rest >= MINIMAP_MIN_PX * scale) || rest != was)
    fluo_map_page_queue_furniture (self);
}

static void
fluo_map_page_dispose (GObject *object)
{
  FluoMapPage *self = FLUO_MAP_PAGE (object);

  g_clear_handle_id (&self->loading_id, g_source_remove);
  g_clear_handle_id (&self->furniture_id, g_source_remove);
  g_clear_pointer (&self->main, gtk_widget_unparent);
  g_clear_pointer (&self->revealer, gtk_widget_unparent);
  g_cancellable_cancel (self->compare.cancellable);
  g_clear_object (&self->compare.cancellable);
  g_cancellable_cancel (self->usual.cancellable);
  g_clear_object (&self->usual.cancellable);
  g_clear_pointer (&self->compare.before, fluo_service_graph_unref);
  fluo_map_page_stop_alarms (self);
  g_clear_object (&self->chooser);
  g_clear_object (&self->insights);
  g_clear_object (&self->explorer);
  g_clear_pointer (&self->notice_hidden, g_free);
  G_OBJECT_CLASS (fluo_map_page_parent_class)->dispose (object);
}

static gboolean
fluo_map_page_grab_focus (GtkWidget *widget)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);

  GtkWidget *view = self->as_list ? GTK_WIDGET (self->list) : GTK_WIDGET (self->area);

  return gtk_widget_get_mapped (view) && gtk_widget_grab_focus (view);
}

static void
fluo_map_page_class_init (FluoMapPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_map_page_dispose;
  widget_class->grab_focus = fluo_map_page_grab_focus;
  widget_class->measure = fluo_map_page_measure;
  widget_class->size_allocate = fluo_map_page_size_allocate;
  gtk_widget_class_install_action (widget_class, "map-page.compare", "i",
                                   fluo_map_page_compare_cb);
  gtk_widget_class_install_action (widget_class, "map-page.compare-range", NULL,
                                   fluo_map_page_compare_range_cb);
  gtk_widget_class_install_action (widget_class, "map-page.compare-stop", NULL,
                                   fluo_map_page_compare_stop_cb);
  gtk_widget_class_install_action (widget_class, "map-page.export", NULL,
                                   fluo_map_page_export_cb);
  gtk_widget_class_install_action (widget_class, "map-page.toggle-list", NULL,
                                   fluo_map_page_toggle_list_cb);
  gtk_widget_class_install_action (widget_class, "map-page.read-alarms", NULL,
                                   fluo_map_page_read_alarms_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, 0, "map-page.toggle-list", NULL);
  gtk_widget_class_set_css_name (widget_class, "mappage");
}

static void
fluo_map_page_init (FluoMapPage *self)
{
  make_main (self);
  self->inspector = FLUO_INSPECTOR (fluo_inspector_new ());
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (self->revealer),
                                    GTK_REVEALER_TRANSITION_TYPE_SLIDE_LEFT);
  gtk_revealer_set_transition_duration (GTK_REVEALER (self->revealer), 200);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), GTK_WIDGET (self->inspector));
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
  g_signal_connect_object (self->inspector, "map", G_CALLBACK (inspector_mapped_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->inspector, "closed", G_CALLBACK (closed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inspector, "range-selected", G_CALLBACK (range_selected_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
fluo_map_page_new (FluoExplorer *explorer)
{
  FluoMapPage *self;

  g_return_val_if_fail (FLUO_IS_EXPLORER (explorer), NULL);

  self = g_object_new (FLUO_TYPE_MAP_PAGE, NULL);
  self->explorer = g_object_ref (explorer);
  fluo_inspector_set_explorer (self->inspector, explorer);
  g_signal_connect_object (explorer, "graph-changed", G_CALLBACK (graph_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "summaries-changed", G_CALLBACK (summaries_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "matches-changed", G_CALLBACK (matches_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "filter-changed", G_CALLBACK (fluo_map_page_follow_graph),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  graph_changed_cb (self);
  summaries_changed_cb (self);
  return GTK_WIDGET (self);
}

void
fluo_map_page_select_node (FluoMapPage *self,
                           const char  *name,
                           const char  *type)
{
  g_return_if_fail (FLUO_IS_MAP_PAGE (self));

  fluo_map_area_select_node (self->area, name, type);
}

void
fluo_map_page_dup_selected (FluoMapPage *self,
                            char       **ret_name,
                            char       **ret_type)
{
  const FluoServiceGraph *graph;
  const FluoGraphNode *node;
  guint selected;

  g_return_if_fail (FLUO_IS_MAP_PAGE (self));

  graph = fluo_map_area_get_graph (self->area);
  selected = fluo_map_area_get_node (self->area);
  node = graph && selected < graph->nodes->len ? g_ptr_array_index (graph->nodes, selected) : NULL;
  *ret_name = node && node->n_folded == 0 ? g_strdup (node->name) : NULL;
  *ret_type = *ret_name ? g_strdup (node->type) : NULL;
}

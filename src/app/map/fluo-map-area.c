/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

G_DEFINE_FINAL_TYPE (FluoMapArea, fluo_map_area, FLUO_TYPE_CANVAS)

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
  const float scale = (float) fluo_canvas_get_scale (FLUO_CANVAS (self));

  if (!fluo_map_area_is_large (self))
    {
      GTK_WIDGET_CLASS (fluo_map_area_parent_class)->snapshot (widget, snapshot);
      return;
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, scale, scale);
  fluo_map_area_snapshot_picture (self, snapshot);
  draw_overlay (self, snapshot);
  gtk_snapshot_restore (snapshot);
}

static gboolean
sized_cb (gpointer data)
{
  FluoMapArea *self = data;

  self->sized_id = 0;
  g_signal_emit_by_name (self, "view-changed");
  return G_SOURCE_REMOVE;
}

static void
fluo_map_area_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self));
  const double view_width = width / scale, view_height = height / scale;
  gboolean narrower, whole;

  if (self->menu)
    gtk_popover_present (GTK_POPOVER (self->menu));
  if (self->view.width == view_width && self->view.height == view_height)
    return;
  /* What is selected stays under the pointer while the inspector comes, where there is room. */
  narrower = view_width < self->view.width && view_height == self->view.height;
  whole = self->layout && (!self->placed || fluo_map_view_shows_all (&self->view, self->layout));
  self->view.width = view_width;
  self->view.height = view_height;
  if (self->layout)
    fluo_map_view_limit (&self->view, self->layout);
  if (narrower && whole)
    {
      if (!fluo_map_view_nudge (&self->view, self->layout))
        fluo_map_view_fit (&self->view, self->layout);
    }
  else if (self->layout && !self->placed)
    fluo_map_view_fit (&self->view, self->layout);
  else if (self->layout)
    fluo_map_view_clamp (&self->view, self->layout);
  if (!fluo_map_area_is_large (self))
    g_clear_pointer (&self->map, fluo_map_free);
  fluo_map_area_follow_map (self);
  /* What others show or hide now would have no place in this frame, nor get one later. */
  if (self->sized_id == 0)
    self->sized_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, sized_cb, self, NULL);
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
  g_clear_handle_id (&self->sized_id, g_source_remove);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  fluo_map_area_stop_moving (self);
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
  g_clear_object (&self->colors);
  g_clear_pointer (&self->rules, fluo_graph_rules_free);
  g_clear_pointer (&self->pins, g_hash_table_unref);
  g_clear_pointer (&self->matching, g_hash_table_unref);
  g_clear_pointer (&self->alarms, g_hash_table_unref);
  g_clear_pointer (&self->alarms_now, g_hash_table_unref);
  g_free (self->alarmed);
  g_free (self->connection);
  g_free (self->shown);
  g_free (self->found);
  g_free (self->search);
  g_free (self->node_name);
  g_free (self->node_type);
  g_free (self->node_key);
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
  static const char *const plain[] = { "selection-changed", "inspect", "view-changed",
                                       "picked-changed" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_map_area_dispose;
  object_class->finalize = fluo_map_area_finalize;
  widget_class->size_allocate = fluo_map_area_size_allocate;
  widget_class->snapshot = fluo_map_area_snapshot;
  widget_class->root = fluo_map_area_root;
  widget_class->unroot = fluo_map_area_unroot;
  FLUO_CANVAS_CLASS (klass)->draw = fluo_map_area_draw;

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_signal_new (plain[i], FLUO_TYPE_MAP_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                  0);
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
  self->menu_node = self->menu_edge = FLUO_MAP_NONE;
  self->clicked_node = FLUO_MAP_NONE;
  self->clicked_edge = FLUO_MAP_NONE;
  fluo_canvas_set_size (FLUO_CANVAS (self), 0, 0);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  fluo_map_area_add_input (self);
  fluo_map_area_describe (self);
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

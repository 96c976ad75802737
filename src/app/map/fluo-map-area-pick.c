/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

/* Several nodes at once, and the pulse of nodes that got traces. */

#define PULSE_USEC (600 * G_TIME_SPAN_MILLISECOND)
#define PULSES_MAX 12

/* --- Several nodes ----------------------------------------------------------- */

static char *
key_of (FluoMapArea *self,
        guint        node)
{
  return fluo_graph_node_dup_key (g_ptr_array_index (self->graph->nodes, node));
}

static void
picks_changed (FluoMapArea *self)
{
  fluo_map_area_find_picked (self);
  fluo_map_area_restate (self);
  g_signal_emit_by_name (self, "picked-changed");
}

void
fluo_map_area_find_picked (FluoMapArea *self)
{
  g_clear_pointer (&self->picked_now, g_free);
  if (self->graph && g_hash_table_size (self->picked) > 0)
    {
      self->picked_now = g_new0 (guint8, self->graph->nodes->len + 1);
      for (guint i = 0; i < self->graph->nodes->len; i++)
        {
          g_autofree char *key = key_of (self, i);

          self->picked_now[i] = g_hash_table_contains (self->picked, key);
        }
    }
  self->view.picked = self->picked_now;
  self->view.picked_serial++;
}

/* One alone is an ordinary selection, with its inspector. */
static void
settle (FluoMapArea *self)
{
  guint last = FLUO_MAP_NONE;

  if (g_hash_table_size (self->picked) >= 2)
    {
      fluo_map_area_select (self, FLUO_MAP_NONE, FLUO_MAP_NONE);
      picks_changed (self);
      return;
    }
  fluo_map_area_find_picked (self);
  for (guint i = 0; self->picked_now && i < self->graph->nodes->len; i++)
    if (self->picked_now[i])
      last = i;
  g_hash_table_remove_all (self->picked);
  picks_changed (self);
  fluo_map_area_select (self, last, FLUO_MAP_NONE);
}

void
fluo_map_area_toggle_picked (FluoMapArea *self,
                             guint        node)
{
  char *key;

  if (!self->graph || node >= self->graph->nodes->len)
    return;
  /* What was selected alone comes along. */
  if (self->view.selected_node != FLUO_MAP_NONE)
    g_hash_table_add (self->picked, key_of (self, self->view.selected_node));
  key = key_of (self, node);
  if (g_hash_table_contains (self->picked, key))
    {
      g_hash_table_remove (self->picked, key);
      g_free (key);
    }
  else
    g_hash_table_add (self->picked, key);
  settle (self);
}

void
fluo_map_area_pick_box (FluoMapArea      *self,
                        const FluoMapBox *box)
{
  const FluoMap *map = fluo_map_area_get_map (self);
  g_autofree guint8 *found = NULL;

  if (!map)
    return;
  found = fluo_map_dup_nodes_in (map, box);
  if (self->view.selected_node != FLUO_MAP_NONE)
    g_hash_table_add (self->picked, key_of (self, self->view.selected_node));
  for (guint i = 0; i < map->n_nodes; i++)
    if (found[i])
      g_hash_table_add (self->picked, key_of (self, i));
  settle (self);
}

void
fluo_map_area_clear_picked (FluoMapArea *self)
{
  g_return_if_fail (FLUO_IS_MAP_AREA (self));

  if (g_hash_table_size (self->picked) == 0)
    return;
  g_hash_table_remove_all (self->picked);
  picks_changed (self);
}

GArray *
fluo_map_area_dup_picked (FluoMapArea *self)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (guint));

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), nodes);

  for (guint i = 0; self->picked_now && i < self->graph->nodes->len; i++)
    if (self->picked_now[i])
      g_array_append_val (nodes, i);
  if (nodes->len < 2)
    g_array_set_size (nodes, 0);
  return nodes;
}

/* --- Pulse --------------------------------------------------------------------- */

static gboolean
tick_cb (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  FluoMapArea *self = FLUO_MAP_AREA (widget);
  const gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (self->pulse_begin_usec == 0)
    self->pulse_begin_usec = now;
  gtk_widget_queue_draw (widget);
  if (now - self->pulse_begin_usec < PULSE_USEC)
    return G_SOURCE_CONTINUE;
  self->pulse_tick = 0;
  g_array_set_size (self->pulses, 0);
  return G_SOURCE_REMOVE;
}

void
fluo_map_area_stop_pulse (FluoMapArea *self)
{
  if (self->pulse_tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->pulse_tick);
  self->pulse_tick = 0;
  g_array_set_size (self->pulses, 0);
}

/* One wave at a time: what comes during it pulses with the next answer. */
void
fluo_map_area_pulse (FluoMapArea            *self,
                     const FluoServiceGraph *before)
{
  if (self->pulse_tick || !adw_get_enable_animations (GTK_WIDGET (self)) ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  for (guint i = 0; i < self->graph->nodes->len && self->pulses->len < PULSES_MAX; i++)
    {
      const FluoGraphNode *node = g_ptr_array_index (self->graph->nodes, i);
      const guint old = fluo_service_graph_find (before, node->name, node->type);

      if (old < before->nodes->len &&
          node->last_ns > ((FluoGraphNode *) g_ptr_array_index (before->nodes, old))->last_ns)
        g_array_append_val (self->pulses, i);
    }
  if (self->pulses->len == 0)
    return;
  self->pulse_begin_usec = 0;
  self->pulse_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

gboolean
fluo_map_area_has_marks (FluoMapArea *self)
{
  return self->banding || self->pulses->len > 0;
}

void
fluo_map_area_draw_marks (FluoMapArea *self,
                          FluoPainter *painter)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));
  const gint64 now = clock ? gdk_frame_clock_get_frame_time (clock) : 0;
  const double t = self->pulse_begin_usec > 0 ? (now - self->pulse_begin_usec) / (double) PULSE_USEC
                                              : 0;

  for (guint i = 0; self->map && i < self->pulses->len; i++)
    {
      const guint node = g_array_index (self->pulses, guint, i);

      if (node < self->map->n_nodes && t < 1)
        fluo_map_draw_pulse (painter, self->map, node, CLAMP (t, 0, 1));
    }
  if (self->banding)
    fluo_map_draw_band (painter, &self->band);
}

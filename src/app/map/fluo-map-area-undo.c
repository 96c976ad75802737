/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

/* What the user put somewhere, hid, folded or gave a colour, and taking it back: nodes return to
 * where they stood. */

/* A map is not a text; nobody goes back further. */
#define STEPS_MAX 50

/* Of a colour: only name, type and color, for colours are not the map's alone and others may have
 * been chosen since. Of anything else: how all of it was. */
typedef struct
{
  char            *name, *type; /* or name is NULL: no colour */
  guint            color;
  FluoGraphRules  *rules;
  GHashTable      *pins;
  FluoMapTopology *topology; /* and layout: as they were shown; or NULL */
  FluoGraphLayout *layout;
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->name);
  g_free (step->type);
  g_clear_pointer (&step->rules, fluo_graph_rules_free);
  g_clear_pointer (&step->pins, g_hash_table_unref);
  fluo_map_topology_free (step->topology);
  fluo_graph_layout_free (step->layout);
  g_free (step);
}

static GHashTable *
copy_pins (GHashTable *pins)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, pin;

  g_hash_table_iter_init (&iter, pins);
  while (g_hash_table_iter_next (&iter, &key, &pin))
    g_hash_table_insert (copy, g_strdup (key), g_memdup2 (pin, sizeof (FluoMapPin)));
  return copy;
}

static Step *
step_new (FluoMapArea *self)
{
  Step *step = g_new0 (Step, 1);

  step->rules = fluo_graph_rules_copy (self->rules);
  step->pins = copy_pins (self->pins);
  return step;
}

void
fluo_map_area_drop_changes (FluoMapArea *self)
{
  g_clear_pointer (&self->undo.now, step_free);
  g_clear_pointer (&self->undo.steps, g_ptr_array_unref);
}

void
fluo_map_area_forget_changes (FluoMapArea *self)
{
  fluo_map_area_drop_changes (self);
  self->undo.steps = g_ptr_array_new_with_free_func (step_free);
  self->undo.now = step_new (self);
}

static void
push (FluoMapArea *self,
      Step        *step)
{
  g_ptr_array_add (self->undo.steps, step);
  if (self->undo.steps->len > STEPS_MAX)
    g_ptr_array_remove_index (self->undo.steps, 0);
}

void
fluo_map_area_note_color (FluoMapArea *self,
                          const char  *name,
                          const char  *type,
                          guint        before)
{
  Step *step = g_new0 (Step, 1);

  step->name = g_strdup (name ? name : "");
  step->type = g_strdup (type);
  step->color = before;
  push (self, step);
}

void
fluo_map_area_note_change (FluoMapArea *self)
{
  FluoGraphLayout *layout = self->still       ? self->still
                            : self->to_layout ? self->to_layout
                                              : self->layout;
  Step *before = self->undo.now;

  if (layout && self->topology)
    {
      before->topology = fluo_map_topology_ref (self->topology);
      before->layout = fluo_graph_layout_ref (layout);
    }
  push (self, before);
  self->undo.now = step_new (self);
  fluo_map_area_save (self);
}

/* Takes @step. FALSE when it has that colour already: it was taken back where the window told of
 * it. */
static gboolean
undo_color (FluoMapArea *self,
            Step        *step)
{
  const gboolean changed =
    self->colors && fluo_service_colors_choose (self->colors, step->name, step->type, step->color);

  step_free (step);
  return changed;
}

gboolean
fluo_map_area_undo (FluoMapArea *self)
{
  Step *step;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), FALSE);

  for (;;)
    {
      if (self->undo.steps->len == 0)
        return FALSE;
      step = g_ptr_array_steal_index (self->undo.steps, self->undo.steps->len - 1);
      if (!step->name)
        break;
      if (undo_color (self, step))
        return TRUE;
    }
  fluo_graph_rules_free (self->rules);
  self->rules = fluo_graph_rules_copy (step->rules);
  g_hash_table_unref (self->pins);
  self->pins = copy_pins (step->pins);
  fluo_map_area_save (self);
  fluo_map_area_return_to (self, step->topology, step->layout);
  g_clear_pointer (&self->undo.now, step_free);
  self->undo.now = step;
  g_clear_pointer (&step->topology, fluo_map_topology_free);
  g_clear_pointer (&step->layout, fluo_graph_layout_free);
  return TRUE;
}

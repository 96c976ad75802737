/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-area-private.h"

#include <string.h>

/* Looking for services by name: what is found stays bright and is gone to, one after the other. */

/* Under this, labels are short or missing. */
#define FOUND_ZOOM_MIN 0.6

static gboolean
name_has (const FluoGraphNode *node,
          const char          *folded)
{
  g_autofree char *name = g_utf8_casefold (node->name ? node->name : "", -1);

  return strstr (name, folded) != NULL;
}

guint
fluo_map_area_mark_found (FluoMapArea *self)
{
  guint n = 0;

  g_clear_pointer (&self->found, g_free);
  if (!self->search || !self->graph)
    return 0;
  self->found = g_new0 (guint8, self->graph->nodes->len + 1);
  for (guint i = 0; i < self->graph->nodes->len; i++)
    {
      self->found[i] = name_has (g_ptr_array_index (self->graph->nodes, i), self->search);
      n += self->found[i];
    }
  return n;
}

/* The first by name, or the one after what is selected; with @next not that itself. */
static guint
choose_found (FluoMapArea *self,
              gboolean     next)
{
  const guint current = self->view.selected_node;
  guint first = FLUO_MAP_NONE;

  for (guint rank = 0; rank < self->topology->n_nodes; rank++)
    {
      const guint node = self->topology->nodes[rank];

      if (!self->found[node])
        continue;
      if (current != FLUO_MAP_NONE && (rank > self->topology->ranks[current] ||
                                       (!next && rank == self->topology->ranks[current])))
        return node;
      if (first == FLUO_MAP_NONE)
        first = node;
    }
  return first;
}

/* The how manyth of those that were found it is, by name. */
static guint
position_of (FluoMapArea *self,
             guint        node)
{
  guint position = 0;

  for (guint rank = 0; rank <= self->topology->ranks[node]; rank++)
    position += self->found[self->topology->nodes[rank]];
  return position;
}

guint
fluo_map_area_search (FluoMapArea *self,
                      const char  *text,
                      gboolean     next,
                      guint       *ret_position)
{
  const FluoMap *map;
  guint n, node;

  g_return_val_if_fail (FLUO_IS_MAP_AREA (self), 0);

  *ret_position = 0;

  g_clear_pointer (&self->search, g_free);
  if (text && *text)
    self->search = g_utf8_casefold (text, -1);
  n = fluo_map_area_mark_found (self);
  fluo_map_area_invalidate (self);
  if (n == 0)
    return 0;
  node = choose_found (self, next);
  *ret_position = position_of (self, node);
  /* What was found has to be readable. */
  if (self->view.zoom < FOUND_ZOOM_MIN)
    fluo_map_area_zoom (self, 1.0 / self->view.zoom);
  map = fluo_map_area_get_map (self);
  fluo_map_area_select (self, node, FLUO_MAP_NONE);
  if (map)
    fluo_map_area_center_on (self, map->nodes[node].x, map->nodes[node].y);
  return n;
}

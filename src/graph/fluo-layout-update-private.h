/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-layout-private.h"

G_BEGIN_DECLS

/* A layout that follows another, while it is made: first all places, then the routes. */
typedef struct
{
  const FluoLayoutNode   *nodes;
  guint                   n_nodes;
  const FluoLayoutEdge   *edges;
  guint                   n_edges;
  FluoLayoutOptions       options;
  const FluoGraphLayout  *previous;
  const FluoLayoutHint   *hints;
  gboolean               *looped;
  gboolean               *placed;
  gboolean               *moved;   /* not where it was, or new */
  FluoLayoutPlace        *places;  /* of the result */
  GArray                 *columns; /* double */
  GArray                 *halves;  /* double */
  GPtrArray              *members; /* GArray of guint a column, by height */
  GPtrArray              *lanes;   /* GArray of double a column: heights that are taken */
} FluoLayoutUpdate;

static inline double
fluo_layout_update_above (const FluoLayoutUpdate *self, guint node)
{
  return fluo_layout_box_above (&self->nodes[node], self->looped[node]);
}

static inline double
fluo_layout_update_below (const FluoLayoutUpdate *self, guint node)
{
  return fluo_layout_box_below (&self->nodes[node]);
}

static inline double
fluo_layout_update_half (const FluoLayoutUpdate *self, guint node)
{
  return fluo_layout_box_half (&self->nodes[node]);
}

/* Fills the routes of @result: those of @previous_edges where they still serve, the others anew. */
void fluo_layout_update_route (FluoLayoutUpdate *self, FluoGraphLayout *result,
                               const guint *previous_edges);

G_END_DECLS
